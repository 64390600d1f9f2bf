import Foundation
import Kernel
import Synchronization
import TestKit
import Testing

@testable import Storage

/// What PostgreSQL alone can do to us: lost connections, commits without an answer, deadlocks, queues. Each test in a database of its own, which
/// can be closed to everybody.
@Suite(.enabled(if: Stores.kinds.contains(.postgres))) struct PostgresTests {
    private static let url = ProcessInfo.processInfo.environment["ZHIFANG_TEST_POSTGRES"] ?? ""
    private let owner: PostgresStore

    init() throws { owner = try PostgresStore(url: PostgresTests.url, settings: ServerSettings(connections: 1)) }

    /// - Returns: the URL of a new database, and its name.
    private func database(_ how: String = "") async throws -> (url: String, name: String) {
        let name = "d" + Digest.hex(Digest.random(8))
        let maker = try PostgresSession(PostgresAddress(PostgresTests.url), ServerSettings())
        try maker.script("CREATE DATABASE \(name) \(how)")
        let end = try #require(PostgresTests.url.lastIndex(of: "/"))
        return (PostgresTests.url[...end] + name, name)
    }
    private func store(_ url: String, _ settings: ServerSettings = ServerSettings(connections: 2)) async throws -> PostgresStore {
        let store = try PostgresStore(url: url, settings: settings)
        try await store.write { try $0.script("CREATE TABLE IF NOT EXISTS thing (n BIGINT PRIMARY KEY, v BIGINT NOT NULL)") }
        return store
    }
    private func end(_ name: String) async throws {
        _ = try await owner.read { try $0.rows("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = \(name)") }
    }
    private func count(_ store: PostgresStore) async throws -> Int {
        try await store.read { try $0.row("SELECT count(*) AS n FROM thing")?.get("n", as: Int.self) ?? -1 }
    }

    @Test func aConnectionThatWasLostIsOpenedAnew() async throws {
        let (url, name) = try await database()
        let store = try await store(url)
        #expect(try await count(store) == 0)
        try await end(name)
        #expect(try await count(store) == 0)
        try await end(name)
        try await store.write { try $0.run("INSERT INTO thing VALUES (1, 1)") }
        // In the middle of a write: nothing of it was committed, so it is done once more, and once.
        let tries = Mutex(0)
        try await store.write { [self] db in
            try db.run("INSERT INTO thing VALUES (2, 2)")
            if tries.withLock({
                $0 += 1; return $0
            }) == 1 {
                let gone = DispatchSemaphore(value: 0)
                Task {
                    try await end(name)
                    gone.signal()
                }
                gone.wait()
            }
            try db.run("INSERT INTO thing VALUES (3, 3)")
        }
        #expect(tries.withLock { $0 } == 2)
        #expect(try await count(store) == 3)
    }

    @Test func aServerThatIsGoneIsARefusalAndItsReturnIsNoticed() async throws {
        let (url, name) = try await database()
        let store = try await store(url)
        try await owner.write { try $0.script("ALTER DATABASE \(name) ALLOW_CONNECTIONS false") }
        try await end(name)
        for _ in 0..<3 {
            await #expect(throws: Refusal("database.unavailable")) { try await count(store) }
            await #expect(throws: Refusal("database.unavailable")) {
                try await store.write { try $0.run("INSERT INTO thing VALUES (1, 1)") }
            }
        }
        try await owner.write { try $0.script("ALTER DATABASE \(name) ALLOW_CONNECTIONS true") }
        try await store.write { try $0.run("INSERT INTO thing VALUES (1, 1)") }
        #expect(try await count(store) == 1)
    }

    /// Whoever has inserted something meets this when they commit.
    private func atCommit(_ store: any Store, _ statements: String) async throws {
        try await store.write { db in
            try db.script(
                """
                CREATE FUNCTION late() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \(statements) RETURN NULL; END $$;
                CREATE CONSTRAINT TRIGGER late AFTER INSERT ON thing DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION late();
                """)
        }
    }

    /// The session dies while it commits: whether the change is kept nobody can tell, so it is not tried again.
    @Test func aCommitWithoutAnAnswerIsNeverTriedAgain() async throws {
        let (url, _) = try await database()
        let store = try await store(url)
        try await atCommit(store, "PERFORM pg_terminate_backend(pg_backend_pid()); PERFORM pg_sleep(1);")
        let tries = Mutex(0)
        await #expect(throws: Refusal("commit.unknown")) {
            try await store.write { db in
                tries.withLock { $0 += 1 }
                try db.run("INSERT INTO thing VALUES (1, 1)")
            }
        }
        #expect(tries.withLock { $0 } == 1)
        #expect(try await count(store) == 0)
    }

    /// A server that ends the wait for its standby says so in a warning, with success: that is not what durable means.
    @Test func aCommitWithAWarningIsNotAcknowledged() async throws {
        let (url, _) = try await database()
        let store = try await store(url)
        try await atCommit(store, "RAISE WARNING 'canceling wait for synchronous replication due to user request';")
        await #expect(throws: Refusal("commit.unknown")) { try await store.write { try $0.run("INSERT INTO thing VALUES (1, 1)") } }
    }

    @Test(arguments: ["40001", "40P01"]) func whatTheServerAsksToRepeatIsRepeated(_ code: String) async throws {
        let (url, _) = try await database()
        let store = try await store(url)
        let tries = Mutex(0)
        let raise = "DO $$ BEGIN RAISE EXCEPTION 'again' USING ERRCODE = '\(code)'; END $$"
        try await store.write { db in
            let now = tries.withLock {
                $0 += 1; return $0
            }
            try db.run("INSERT INTO thing VALUES (\(now), 1)")
            if now < 4 { try db.script(raise) }
        }
        #expect(tries.withLock { $0 } == 4)
        #expect(try await store.read { try $0.rows("SELECT n FROM thing").map { try $0.get(0, as: Int.self) } } == [4])
        // Not for ever.
        await #expect(throws: PostgresError.self) { try await store.write { try $0.script(raise) } }
    }

    /// A true deadlock: two houses in one database, each with its own lock of writers, over the same two rows in opposite order.
    @Test func aDeadlockIsResolved() async throws {
        let (url, _) = try await database()
        let first = try await store(url)
        try await first.write { db in
            try db.run("INSERT INTO thing VALUES (1, 0), (2, 0)")
            try db.script("CREATE SCHEMA other")
        }
        let second = try PostgresStore(url: url + "?options=-csearch_path%3Dother,public", settings: ServerSettings(connections: 1))
        let meeting = Meeting()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (store, rows) in [(first, [1, 2]), (second, [2, 1])] {
                group.addTask {
                    let tries = Mutex(0)
                    try await store.write { db in
                        try db.run("UPDATE public.thing SET v = v + 1 WHERE n = \(rows[0])")
                        if tries.withLock({
                            $0 += 1; return $0
                        }) == 1 {
                            meeting.meet()
                        }
                        try db.run("UPDATE public.thing SET v = v + 1 WHERE n = \(rows[1])")
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(try await first.read { try $0.rows("SELECT v FROM thing ORDER BY n").map { try $0.get(0, as: Int.self) } } == [2, 2])
    }

    @Test func whoeverWaitsTooLongIsTold() async throws {
        let (url, _) = try await database()
        let store = try await store(url, ServerSettings(connections: 1, wait: 1))
        let door = Door()
        async let long: Void = store.write { _ in door.enterAndWait() }
        await door.entered()
        await #expect(throws: Refusal("database.busy")) { try await count(store) }
        door.open()
        try await long
        #expect(try await count(store) == 0)
    }

    /// However many write, whoever reads finds a connection.
    @Test func writersLeaveReadersTheirConnections() async throws {
        let (url, _) = try await database()
        let store = try await store(url, ServerSettings(connections: 2, wait: 20))
        let door = Door()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for n in 0..<4 {
                group.addTask {
                    try await store.write { db in
                        try db.run("INSERT INTO thing VALUES (\(n), 0)")
                        door.enterAndWait()
                    }
                }
            }
            await door.entered()
            #expect(try await count(store) == 0)
            door.open()
            try await group.waitForAll()
        }
        #expect(try await count(store) == 4)
    }

    @Test func timeOutsAreSet() async throws {
        let (url, _) = try await database()
        let slow = try await store(url, ServerSettings(connections: 2, statement: 1, lock: 1, idle: 77))
        await #expect(throws: Refusal("database.timeout")) { try await slow.read { try $0.script("SELECT pg_sleep(3)") } }
        let other = try await store(url)
        let door = Door()
        async let long: Void = other.write { db in
            _ = try db.row("SELECT 1 AS one")
            door.enterAndWait()
        }
        await door.entered()
        let hasty = try PostgresStore(url: url, settings: ServerSettings(connections: 1, statement: 9, lock: 1))
        await #expect(throws: Refusal("database.busy")) { try await hasty.write { try $0.run("INSERT INTO thing VALUES (1, 1)") } }
        door.open()
        try await long
        let idle = try await slow.read {
            try $0.row("SELECT current_setting('idle_in_transaction_session_timeout') AS s")?.get(0, as: String.self)
        }
        #expect(idle == "77s")
    }

    @Test func anAddressMayNameSeveralHosts() async throws {
        let (url, _) = try await database()
        let at = try #require(url.firstIndex(of: "@"))
        // Nobody listens on port 1.
        let several = url[...at] + "127.0.0.1:1," + url[url.index(after: at)...]
        #expect(try await count(try await store(String(several))) == 0)
        // A database that takes no writes is none.
        await #expect(throws: Refusal("database.unavailable")) {
            try PostgresStore(url: url + "?options=-cdefault_transaction_read_only%3Don", settings: ServerSettings(connections: 1))
        }
    }

    /// The roles of docs/operations.md: whoever serves can neither change nor drop what the owner made.
    @Test func whoServesNeedNotOwnTheTables() async throws {
        let (url, name) = try await database()
        let roles = ["owner", "serve"].map { $0 + name }
        let superuser = try PostgresSession(PostgresAddress(url), ServerSettings())
        let text = try String(contentsOf: Repository.root.appendingPathComponent("docs/operations.md"), encoding: .utf8)
        let statements = try #require(text.firstMatch(of: /```sql\n((?:.|\n)*?)```/)?.1)
        try superuser.script(
            statements.replacing("zhifang_owner", with: roles[0]).replacing("zhifang_serve", with: roles[1])
                + roles.map { "ALTER ROLE \($0) PASSWORD 'secret';" }.joined())
        let start = try #require(url.range(of: "://")?.upperBound)
        let host = url[try #require(url.firstIndex(of: "@"))...]
        func store(_ role: String) throws -> PostgresStore {
            try PostgresStore(url: url[..<start] + role + ":secret" + host, settings: ServerSettings(connections: 2))
        }
        let (owner, serve) = (try store(roles[0]), try store(roles[1]))
        let first = Schema.Step(name: "1", sql: "CREATE TABLE IF NOT EXISTS things (n INTEGER NOT NULL, PRIMARY KEY (n)) STRICT;")
        await #expect(throws: Refusal("database.permission")) { try await Schema([first]).bring(upToDate: serve) }
        try await Schema([first]).bring(upToDate: owner)
        try await Schema([first]).bring(upToDate: serve)
        try await serve.write { try $0.run("INSERT INTO things (n) VALUES (1)") }
        #expect(try await serve.read { try $0.row("SELECT count(*) AS n FROM things")?.get("n", as: Int.self) } == 1)
        for change in ["DROP TABLE things", "ALTER TABLE things ADD COLUMN more BIGINT", "CREATE TABLE mine (n BIGINT)", "TRUNCATE things"]
        {
            await #expect(throws: Refusal("database.permission"), "\(change)") { try await serve.write { try $0.script(change) } }
        }
        let second = Schema.Step(name: "2", sql: "CREATE TABLE others (n INTEGER NOT NULL, PRIMARY KEY (n)) STRICT;")
        await #expect(throws: Refusal("database.permission")) { try await Schema([first, second]).bring(upToDate: serve) }
        try await Schema([first, second]).bring(upToDate: owner)
        try await Schema([first, second]).bring(upToDate: serve)
    }

    @Test func whatCannotBeUsedIsRefusedAtTheStart() async throws {
        await #expect(throws: Refusal("database.address")) { try PostgresStore(url: "postgresql://host:port:port/%zz") }
        await #expect(throws: Refusal("database.unavailable")) { try PostgresStore(url: "postgresql://127.0.0.1:1/none") }
        let (url, _) = try await database("ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0")
        await #expect(throws: Refusal("database.encoding")) { try PostgresStore(url: url) }
        let (sorted, _) = try await database("LOCALE_PROVIDER icu ICU_LOCALE 'zh' TEMPLATE template0")
        #expect(throws: Refusal("database.collation", ["value": "icu"])) { try PostgresStore(url: sorted) }
    }
}

/// Where a thread stands until it is let through.
private final class Door: Sendable {
    private let state = Mutex((entered: false, isOpen: false))
    func enterAndWait() {
        state.withLock { $0.entered = true }
        while !state.withLock({ $0.isOpen }) { Thread.sleep(forTimeInterval: 0.01) }
    }
    func entered() async {
        while !state.withLock({ $0.entered }) { try? await Task.sleep(for: .milliseconds(10)) }
    }
    func open() { state.withLock { $0.isOpen = true } }
}

/// Where two threads wait for each other.
private final class Meeting: Sendable {
    private let here = Mutex(0)
    func meet() {
        here.withLock { $0 += 1 }
        while here.withLock({ $0 }) < 2 { Thread.sleep(forTimeInterval: 0.01) }
    }
}
