import Foundation
import Kernel
import Storage
import TestKit
import Testing

/// One text, two engines, the same answers.
@Suite struct StoreTests {
    @Test(arguments: Stores.kinds) func oneTextMeansOneThing(_ kind: Dialect) async throws {
        let store = try await Stores.fresh(kind)
        try await Schema([
            .init(
                name: "1", sql: "CREATE TABLE thing (id TEXT NOT NULL, amount INTEGER, share REAL, PRIMARY KEY (id)) STRICT, WITHOUT ROWID;"
            )
        ]).bring(upToDate: store)
        let hostile = "'; DROP TABLE thing; -- \"\\ 职业病"
        try await store.write { db in
            try db.insert(
                into: "thing", ["id", "amount", "share"],
                [[.text(hostile), .integer(3), .real(0.5)], [.text("b"), .null, .null], [.text("c"), .integer(4), .real(1)]])
            try db.run("INSERT INTO thing (id, amount) VALUES (\("b"), \(9)) ON CONFLICT (id) DO UPDATE SET amount = excluded.amount")
        }
        try await store.read { db in
            let row = try #require(try db.row("SELECT id, amount, share FROM thing WHERE id = \(hostile)"))
            #expect(try row.get("id", as: String.self) == hostile)
            #expect(try row.get("share", as: Double.self) == 0.5)
            #expect(try db.row("SELECT sum(amount) AS total FROM thing")?.get("total", as: Int.self) == 16)
            #expect(
                try db.rows("SELECT id FROM thing WHERE id IN \(list: ["b", "c", "z"]) ORDER BY id").map {
                    try $0.get("id", as: String.self)
                } == ["b", "c"])
            #expect(try db.rows("SELECT id FROM thing WHERE id IN \(list: [String]())").isEmpty)
            #expect(try db.row("SELECT share FROM thing WHERE id = 'b'")?.find("share", as: Double.self) == nil)
        }
    }

    /// A search finds what has the text, letter by letter: the signs that `LIKE` reads are letters like others.
    @Test(arguments: Stores.kinds) func everySignOfASearchMeansItself(_ kind: Dialect) async throws {
        let store = try await Stores.fresh(kind)
        try await Schema([.init(name: "1", sql: "CREATE TABLE thing (id TEXT NOT NULL, PRIMARY KEY (id)) STRICT;")]).bring(upToDate: store)
        let names = ["100%棉", "100棉", "a_b", "axb", "c\\d", "cd", "%", "_", "\\", "'", "职业", "%_\\%"]
        try await store.write { try $0.insert(into: "thing", ["id"], names.map { [.text($0)] }) }
        for text in ["%", "_", "\\", "100%", "a_", "%_", "'", "职", "", "\\%", "_\\"] {
            let (inside, ahead) = try await store.read { db in
                (
                    try db.rows("SELECT id FROM thing WHERE id LIKE \(containing: text)").map { try $0.get("id", as: String.self) },
                    try db.rows("SELECT id FROM thing WHERE id LIKE \(beginning: text)").map { try $0.get("id", as: String.self) }
                )
            }
            #expect(Set(inside) == Set(names.filter { text.isEmpty || $0.contains(text) }), "\(text)")
            #expect(Set(ahead) == Set(names.filter { $0.hasPrefix(text) }), "\(text)")
        }
    }

    /// A stamp is another after each commit, also one of another program, and the same after looks, what was undone, and refusals.
    @Test func aStampTellsCommittedStatesApart() async throws {
        #expect(try await Stores.fresh(.sqlite).stamp == nil)
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("zhifang-stamp-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appendingPathComponent("a.sqlite").path
        let store = try SQLiteStore(path: path)
        try await Schema([.init(name: "1", sql: "CREATE TABLE thing (id TEXT NOT NULL, PRIMARY KEY (id)) STRICT;")]).bring(upToDate: store)
        let other = try SQLiteStore(path: path)
        var seen: [CommitStamp] = []
        for number in 0..<40 {
            let writer = number % 3 == 1 ? other : store
            try await writer.write { try $0.insert(into: "thing", ["id"], [[.text("\(number)")]]) }
            let stamp = try #require(store.stamp)
            #expect(!seen.contains(stamp) && other.stamp == stamp, "\(number)")
            seen.append(stamp)
            for reader in [store, other] {
                let count = try await reader.read { try $0.row("SELECT count(*) AS count FROM thing")?.get("count", as: Int.self) }
                #expect(count == number + 1)
            }
            await #expect(throws: Refusal.self) {
                try await writer.write { db in
                    try db.insert(into: "thing", ["id"], [[.text("undone")]])
                    throw Refusal("internal")
                }
            }
            #expect(store.stamp == stamp && other.stamp == stamp, "\(number)")
            // A log that begins anew may be another state or the same, never one of before.
            if number % 10 == 9 {
                try await store.vacuum()
                #expect(store.stamp.map { !seen.dropLast().contains($0) } ?? true)
            }
        }
    }

    /// A failure behind a commit does not say that nothing was saved; one with nothing before it says so.
    @Test(arguments: Stores.kinds) func aFailureBehindACommitIsUnknown(_ kind: Dialect) async throws {
        let store = try await Stores.fresh(kind)
        try await Schema([.init(name: "1", sql: "CREATE TABLE thing (id TEXT NOT NULL, PRIMARY KEY (id)) STRICT;")]).bring(upToDate: store)
        @Sendable func failing(_ code: String) async throws { try await store.read { _ in throw Refusal(code) } }
        for code in ["database.unavailable", "disk.failed"] {
            await Committed.$current.withValue(Committed()) {
                await #expect(throws: Refusal(code)) { try await failing(code) }
                await #expect(throws: Refusal(code)) { try await store.write { _ in throw Refusal(code) } }
                await #expect(throws: Never.self) { try await store.write { try $0.run("INSERT INTO thing VALUES (\(code))") } }
                await #expect(throws: Refusal("commit.unknown")) { try await failing(code) }
                await #expect(throws: Refusal("commit.unknown")) { try await store.write { _ in throw Refusal(code) } }
                await #expect(throws: Refusal("record.missing")) { try await failing("record.missing") }
            }
            await #expect(throws: Refusal(code)) { try await failing(code) }
        }
    }

    @Test(arguments: Stores.kinds) func whatThrowsLeavesNothing(_ kind: Dialect) async throws {
        struct Stop: Error {}
        let store = try await Stores.fresh(kind)
        try await Schema([.init(name: "1", sql: "CREATE TABLE thing (id TEXT NOT NULL, PRIMARY KEY (id)) STRICT;")]).bring(upToDate: store)
        await #expect(throws: Stop.self) {
            try await store.write { db in
                try db.run("INSERT INTO thing (id) VALUES ('a')")
                throw Stop()
            }
        }
        try await store.write { db in
            try db.run("INSERT INTO thing (id) VALUES ('b')")
            try? db.savepoint {
                try db.run("INSERT INTO thing (id) VALUES ('c')")
                throw Stop()
            }
        }
        #expect(try await store.read { try $0.rows("SELECT id FROM thing").map { try $0.get("id", as: String.self) } } == ["b"])
    }

    /// Ten writers that read and then write end at exactly ten: writes are one after another on both engines.
    @Test(arguments: Stores.kinds) func writersDoNotOverwriteEachOther(_ kind: Dialect) async throws {
        let store = try await Stores.fresh(kind)
        try await Schema([.init(name: "1", sql: "CREATE TABLE counter (n INTEGER NOT NULL) STRICT; INSERT INTO counter (n) VALUES (0);")])
            .bring(upToDate: store)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<10 {
                group.addTask {
                    try await store.write { db in
                        let now: Int = try db.row("SELECT n FROM counter")?.get("n") ?? -100
                        try db.run("UPDATE counter SET n = \(now + 1)")
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(try await store.read { try $0.row("SELECT n FROM counter")?.get("n", as: Int.self) } == 10)
    }

    @Test(arguments: Stores.kinds) func schemaStepsRunOnceAndAreNeverEdited(_ kind: Dialect) async throws {
        let store = try await Stores.fresh(kind)
        let first = Schema.Step(name: "1", sql: "CREATE TABLE thing (id TEXT NOT NULL, PRIMARY KEY (id)) STRICT;")
        try await Schema([first]).bring(upToDate: store)
        try await Schema([first, .init(name: "2", sql: "CREATE TABLE other (id TEXT NOT NULL, PRIMARY KEY (id)) STRICT;")]).bring(
            upToDate: store)
        await #expect(throws: Refusal("schema.changed", ["value": "1"])) {
            try await Schema([.init(name: "1", sql: "CREATE TABLE thing (id TEXT) STRICT;"), .init(name: "2", sql: "")]).bring(
                upToDate: store)
        }
        await #expect(throws: Refusal("schema.newer", ["value": "2"])) { try await Schema([first]).bring(upToDate: store) }
    }

    /// What GRDB sets with WAL would answer a write before it is on disk.
    @Test func everyCommitOfAFileIsSynced() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("zhifang-\(Digest.hex(Digest.random(8)))")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let store = try SQLiteStore(path: folder.appendingPathComponent("house.sqlite").path)
        let (level, mode) = try await store.write { db in
            (try db.row("PRAGMA synchronous")?.values.first, try db.row("PRAGMA journal_mode")?.values.first)
        }
        #expect(level == .integer(2))
        #expect(mode == .text("wal"))
    }

    /// What the engine says of a disk reaches nobody in its own words; nothing of the work stays, and the next one is done.
    @Test func aFullDiskIsARefusalOfEverythingAsked() async throws {
        let store = try SQLiteStore(path: ":memory:")
        try await Schema([.init(name: "1", sql: "CREATE TABLE thing (body TEXT NOT NULL) STRICT;")]).bring(upToDate: store)
        let fill: @Sendable (any Connection) throws -> Void = { db in
            for _ in 0..<40 { try db.run("INSERT INTO thing (body) VALUES (\(String(repeating: "x", count: 4000)))") }
        }
        for (before, after, code) in [
            ("PRAGMA max_page_count = 8", "PRAGMA max_page_count = 100000", "disk.full"),
            ("PRAGMA query_only = 1", "PRAGMA query_only = 0", "disk.read-only"),
        ] {
            await #expect(throws: Refusal(code)) {
                try await store.write { db in
                    try db.script(before)
                    defer { try? db.script(after) }
                    try fill(db)
                }
            }
            // A transaction that the engine has given up does nothing more, not even this.
            try await store.write { try $0.script(after) }
            let left = try await store.read { try $0.row("SELECT count(*) AS total FROM thing")?.get("total", as: Int.self) }
            #expect(left == 0)
        }
        try await store.write { try fill($0) }
        // A flaw of ours is none of the disk's.
        await #expect(throws: (any Error).self) { try await store.write { try $0.script("SELECT nothing") } }
        do { try await store.write { try $0.script("SELECT nothing") } } catch { #expect(!(error is Refusal)) }
    }
}
