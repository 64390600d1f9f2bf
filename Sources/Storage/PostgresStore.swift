import Dispatch
import Foundation
import Kernel
import Logging

/// How a database server is used. Times are whole seconds; 0 switches a time-out off.
public struct ServerSettings: Sendable {
    /// Connections held, one of them for writing.
    public var connections: Int
    /// How long somebody waits for a free connection before `database.busy`.
    public var wait: Int
    /// How long the server works on one statement, waits for a lock, and bears an open transaction in which nothing happens.
    public var statement, lock, idle: Int
    public init(connections: Int = 8, wait: Int = 30, statement: Int = 300, lock: Int = 60, idle: Int = 900) {
        (self.connections, self.wait, self.statement, self.lock, self.idle) = (connections, wait, statement, lock, idle)
    }
}

/// PostgreSQL through libpq: connections, each used by one closure at a time on a thread of its own, opened when they are needed and
/// opened anew after they were lost. Writers are ordered by one advisory lock, so that a rule that reads and then writes means the same as
/// on SQLite; those of one process wait in line for one connection, so that readers always find others.
public final class PostgresStore: Store {
    public let dialect = Dialect.postgres
    private let readers, writers: PostgresPool
    private let queue: WriteQueue
    private let log = Logger(label: "postgres")
    private static let mostTries = 6

    /// - Parameter url: as libpq reads it, several hosts and TLS included. Of several hosts the one that takes writes is used.
    /// - Throws: `database.address` for no such URL, `database.encoding` and `database.collation` for a database that is not in UTF8 or does not
    ///   compare texts byte by byte, `database.unavailable`.
    public init(url: String, settings: ServerSettings = ServerSettings()) throws {
        let address = try PostgresAddress(url)
        let seats = (0..<max(1, settings.connections)).map { PostgresSeat(address: address, settings: settings, number: $0) }
        do { try seats[0].session().checkCollation() } catch let error as PostgresError { throw PostgresStore.told(error, log) }
        writers = PostgresPool([seats[0]], wait: settings.wait)
        queue = WriteQueue(wait: settings.wait)
        readers = seats.count == 1 ? writers : PostgresPool(Array(seats.dropFirst()), wait: settings.wait)
    }

    public func read<T: Sendable>(_ body: @escaping @Sendable (any Connection) throws -> T) async throws -> T {
        do {
            return try await attempt(readers) { session in
                try session.transaction(["BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"], isWrite: false, body)
            }
        } catch { throw Committed.told(error) }
    }
    public func write<T: Sendable>(_ body: @escaping @Sendable (any Connection) throws -> T) async throws -> T {
        do {
            let value = try await queue.write(body) { [writers] serve in try await writers.use { serve(PostgresWriter(seat: $0)) } }
            Committed.note()
            return value
        } catch let error as PostgresError { throw Committed.told(PostgresStore.told(error, log)) } catch { throw Committed.told(error) }
    }

    /// Runs work whose transaction is undone when it throws. What may be tried again is: serialization failures and deadlocks with growing
    /// pauses, a lost connection once on a new one. A commit that got no answer is never tried again: nobody knows what became of it.
    private func attempt<T: Sendable>(_ pool: PostgresPool, _ work: @escaping @Sendable (PostgresSession) throws -> T) async throws -> T {
        let log = log
        return try await pool.use { seat in
            var (tries, losses) = (0, 0)
            while true {
                do { return try work(try seat.session()) } catch let error as PostgresError {
                    if error.isTransient, tries < PostgresStore.mostTries {
                        tries += 1
                        if error.isStale { seat.drop() }
                        Thread.sleep(forTimeInterval: Double.random(in: 0.5...1) * 0.004 * Double(1 << tries))
                    } else if error.isLoss, error.code != PostgresError.unknownCommit {
                        seat.drop()
                        // Where no connection can be had at all, another attempt would only take longer.
                        losses += error.code == "08001" ? 2 : 1
                        if losses > 1 { throw PostgresStore.told(error, log) }
                    } else {
                        if error.isLoss { seat.drop() }
                        throw PostgresStore.told(error, log)
                    }
                }
            }
        }
    }

    /// The refusal that an error of the server means to whoever asked; the server's own words go to the log.
    private static func told(_ error: PostgresError, _ log: Logger) -> any Error {
        guard let code = error.refusal else { return error }
        log.error("database", metadata: ["refusal": "\(code)", "code": "\(error.code)", "reason": "\(error.description)"])
        return Refusal(code)
    }
}

/// The writer's place in the pool: a transaction at a time, on a new connection where the last one was lost.
private final class PostgresWriter: Transacting {
    private let seat: PostgresSeat
    private var session: PostgresSession?
    private var waits = 0
    var isSnapshot: Bool { false }
    init(seat: PostgresSeat) { self.seat = seat }

    func begin() throws {
        let session = try seat.session()
        session.open(
            ["BEGIN ISOLATION LEVEL READ COMMITTED", "SELECT pg_advisory_xact_lock(hashtext(current_schema())) AS locked"], isReading: false
        )
        self.session = session
    }
    func commit() throws {
        try open().close(isWrite: true)
        waits = 0
    }
    func rollback() { session?.abandon() }
    var isInTransaction: Bool { session?.isInTransaction ?? false }
    var rest: Duration { .zero }

    /// Serialization failures and deadlocks, after a pause that grows; a lost connection, on a new one. A commit that got no answer is never
    /// tried again: nobody knows what became of it.
    func isPassing(_ error: any Error) -> Bool {
        guard let error = error as? PostgresError, error.code != PostgresError.unknownCommit else { return false }
        if error.isStale || error.isLoss { seat.drop() }
        // Where no connection can be had at all, another attempt would only take longer.
        guard error.isTransient || (error.isLoss && error.code != "08001") else { return false }
        waits = min(waits + 1, 6)
        Thread.sleep(forTimeInterval: Double.random(in: 0.5...1) * 0.004 * Double(1 << waits))
        return true
    }
    func isUndone(_ error: any Error) -> Bool { (error as? PostgresError)?.code != PostgresError.unknownCommit }

    private func open() throws -> PostgresSession {
        guard let session else { throw PostgresError(code: "08003", description: "no connection") }
        return session
    }
    func rows(_ sql: SQL) throws -> [SQLRow] { try open().rows(sql) }
    func each(_ sql: SQL, _ body: (SQLRow) throws -> Void) throws { try open().each(sql, body) }
    func run(_ sql: SQL) throws -> Int { try open().run(sql) }
    func script(_ text: String) throws { try open().script(text) }
    func post(_ sql: SQL) throws { try open().post(sql) }
    func flush() throws { try open().flush() }
    func insert(into table: String, _ columns: [String], _ rows: [[SQLValue]]) throws { try open().insert(into: table, columns, rows) }
    func add(to table: String, _ columns: [String], key: Int, _ rows: [[SQLValue]]) throws {
        try open().add(to: table, columns, key: key, rows)
    }
}

/// An error of the server or of the way to it, by its SQLSTATE.
public struct PostgresError: Error, CustomStringConvertible {
    public let code, description: String
    /// A commit that was sent and never answered, or of which the server said that a standby may not have it.
    static let unknownCommit = "08007"

    /// Serialization failures, deadlocks, stale statements: the same work can be tried again.
    var isTransient: Bool { code == "40001" || code == "40P01" || isStale }
    /// A statement was prepared before the tables were changed, or somewhere else.
    var isStale: Bool { code == "26000" || (code == "0A000" && description.contains("cached plan")) }
    /// The connection is gone, or leads to a server that takes no writes (any more).
    var isLoss: Bool { code.hasPrefix("08") || code.hasPrefix("57P") || code == "25006" || code == "25P03" || code == "53300" }

    /// The stable code of what users are told; nil for what is a fault of ours.
    var refusal: String? {
        switch code {
        case PostgresError.unknownCommit: "commit.unknown"
        case "55P03": "database.busy"
        case "57014": "database.timeout"
        case "22021": "text.control"
        case "42501": "database.permission"
        default: isLoss ? "database.unavailable" : nil
        }
    }
}

/// Connections and who waits for one, first come first served.
actor PostgresPool {
    private var idle: [PostgresSeat]
    private var waiting: [(ticket: Int, seat: CheckedContinuation<PostgresSeat, any Error>)] = []
    private var tickets = 0
    private let wait: Int

    /// - Parameter wait: seconds that somebody waits at most; 0 for as long as it takes.
    init(_ seats: [PostgresSeat], wait: Int) { (idle, self.wait) = (seats, wait) }

    /// - Throws: `database.busy` where no connection came free in time.
    func use<T: Sendable>(_ work: @escaping @Sendable (PostgresSeat) throws -> T) async throws -> T {
        let seat = try await take()
        defer { give(back: seat) }
        return try await withCheckedThrowingContinuation { answer in
            seat.queue.async { answer.resume(with: Result { try work(seat) }) }
        }
    }
    private func take() async throws -> PostgresSeat {
        if let seat = idle.popLast() { return seat }
        tickets += 1
        let ticket = tickets
        let patience: Task<Void, Never>? =
            wait == 0
            ? nil
            : Task { [wait] in
                if (try? await Task.sleep(for: .seconds(wait))) != nil { giveUp(ticket) }
            }
        defer { patience?.cancel() }
        return try await withCheckedThrowingContinuation { waiting.append((ticket, $0)) }
    }
    private func giveUp(_ ticket: Int) {
        guard let index = waiting.firstIndex(where: { $0.ticket == ticket }) else { return }
        waiting.remove(at: index).seat.resume(throwing: Refusal("database.busy"))
    }
    private func give(back seat: PostgresSeat) {
        if waiting.isEmpty { idle.append(seat) } else { waiting.removeFirst().seat.resume(returning: seat) }
    }
}

/// A place in the pool: a thread, and a session while there is one. `@unchecked Sendable`: only work on its queue touches it.
final class PostgresSeat: @unchecked Sendable {
    let queue: DispatchQueue
    private let address: PostgresAddress
    private let settings: ServerSettings
    private var open: PostgresSession?

    init(address: PostgresAddress, settings: ServerSettings, number: Int) {
        (self.address, self.settings, queue) = (address, settings, DispatchQueue(label: "postgres.\(number)"))
    }
    /// The session, opened where there is none or the last one broke.
    func session() throws -> PostgresSession {
        if let open, !open.isBroken { return open }
        open = nil
        let session = try PostgresSession(address, settings)
        open = session
        return session
    }
    func drop() { open = nil }
}
