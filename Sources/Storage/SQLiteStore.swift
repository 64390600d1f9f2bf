import Foundation
import GRDB
import GRDBSQLite
import Kernel
import Logging

/// SQLite through GRDB as a driver: one file in WAL mode, one writer, a pool of readers, every commit synced.
public final class SQLiteStore: Store {
    public let dialect = Dialect.sqlite
    private let writer: any DatabaseWriter
    private let header: WALIndexHeader?
    private let queue = WriteQueue()
    private static let log = Logger(label: "sqlite")
    /// So long one process waits for another that writes.
    private static let busySeconds = 15

    /// - Throws: `disk.read-only`, `disk.full`, `disk.failed` where the file cannot be opened for writing.
    public init(path: String) throws {
        var configuration = Configuration()
        configuration.foreignKeysEnabled = true
        // Asked often instead of ever more seldom, as SQLite's own does: a server that writes without end rests for a few milliseconds only.
        configuration.busyMode = .callback { tries in
            guard tries < SQLiteStore.busySeconds * 500 else { return false }
            usleep(2000)
            return true
        }
        configuration.prepareDatabase { db in
            // Kibibytes a connection. The machine keeps the file's pages anyway: what each of several connections keeps besides is the
            // memory of a server that grows for hours.
            try db.execute(sql: "PRAGMA cache_size = -16384")
            try db.execute(sql: "PRAGMA temp_store = MEMORY")
        }
        let settings = configuration
        (writer, header) = try SQLiteStore.telling {
            let writer: any DatabaseWriter =
                try path == ":memory:" ? DatabaseQueue(configuration: settings) : DatabasePool(path: path, configuration: settings)
            // Here and not where the connection is prepared: behind that GRDB sets NORMAL with WAL, and a commit would not be on disk when
            // it is answered.
            try writer.writeWithoutTransaction { try $0.execute(sql: "PRAGMA synchronous = FULL") }
            return (writer, path == ":memory:" ? nil : try writer.writeWithoutTransaction { WALIndexHeader($0) })
        }
    }

    public var stamp: CommitStamp? { header?.stamp() }

    public func read<T: Sendable>(_ body: @escaping @Sendable (any Connection) throws -> T) async throws -> T {
        do { return try await writer.read { try body(SQLiteConnection(database: $0, isSnapshot: true)) } } catch {
            throw Committed.told(SQLiteStore.told(error))
        }
    }
    public func write<T: Sendable>(_ body: @escaping @Sendable (any Connection) throws -> T) async throws -> T {
        do {
            let value = try await queue.write(body) { [writer] serve in
                try await writer.writeWithoutTransaction { serve(SQLiteConnection(database: $0)) }
            }
            Committed.note()
            return value
        } catch { throw Committed.told(SQLiteStore.told(error)) }
    }

    /// The refusal that an error of the engine means to whoever asked; its own words go to the log. Not inside a transaction: there a refusal
    /// would be one of a row, and the rest would go on.
    private static func told(_ error: any Error) -> any Error {
        guard let error = error as? DatabaseError else { return error }
        let code: String? =
            switch (error.resultCode, error.extendedResultCode) {
            // The commit stands in the file and nobody knows whether it is on disk.
            case (_, .SQLITE_IOERR_FSYNC): "commit.unknown"
            case (.SQLITE_FULL, _): "disk.full"
            case (.SQLITE_READONLY, _): "disk.read-only"
            // What goes on in a transaction that the engine has given up is aborted.
            case (.SQLITE_IOERR, _), (.SQLITE_CANTOPEN, _), (.SQLITE_ABORT, _): "disk.failed"
            case (.SQLITE_BUSY, _): "database.busy"
            default: nil
            }
        guard let code else { return error }
        log.error("database", metadata: ["refusal": "\(code)", "code": "\(error.extendedResultCode.rawValue)", "reason": "\(error)"])
        return Refusal(code)
    }
    private static func telling<T>(_ body: () throws -> T) throws -> T {
        do { return try body() } catch { throw told(error) }
    }

    /// Writes the file anew, so that nothing deleted or overwritten is left in its free pages.
    public func vacuum() async throws {
        do {
            try await writer.writeWithoutTransaction { db in
                try db.execute(sql: "VACUUM")
                try db.execute(sql: "PRAGMA wal_checkpoint(TRUNCATE)")
            }
        } catch { throw SQLiteStore.told(error) }
    }

    /// A consistent copy of the database while it is in use.
    public func backup(to path: String) throws {
        try SQLiteStore.telling {
            let target = try DatabaseQueue(path: path)
            try writer.backup(to: target)
            try target.close()
        }
    }
}

/// Statements are GRDB's, kept by their text; values go in and out by SQLite's own calls, which costs half of what boxed ones do.
private struct SQLiteConnection: Transacting {
    let database: Database
    var isSnapshot = false

    func begin() throws { try script("BEGIN IMMEDIATE") }
    func commit() throws { try script("COMMIT") }
    func rollback() { if isInTransaction { try? script("ROLLBACK") } }
    var isInTransaction: Bool { database.isInsideTransaction }
    /// Twice what another process sleeps between its tries.
    var rest: Duration { .milliseconds(5) }
    func isPassing(_ error: any Error) -> Bool { false }
    /// A commit whose sync failed stands in the file, and nobody knows whether it is on disk.
    func isUndone(_ error: any Error) -> Bool { (error as? DatabaseError)?.extendedResultCode != .SQLITE_IOERR_FSYNC }

    func rows(_ sql: SQL) throws -> [SQLRow] {
        var result: [SQLRow] = []
        try each(sql) { result.append($0) }
        return result
    }
    func each(_ sql: SQL, _ body: (SQLRow) throws -> Void) throws {
        let (text, values) = sql.rendered { _ in "?" }
        let statement = try prepared(text)
        defer { finish(statement) }
        let columns = statement.columnNames
        bind(values, statement)
        while try step(statement) { try body(SQLRow(columns: columns, values: row(statement.sqliteStatement, columns.count))) }
    }
    func run(_ sql: SQL) throws -> Int {
        let (text, values) = sql.rendered { _ in "?" }
        let statement = try prepared(text)
        defer { finish(statement) }
        bind(values, statement)
        while try step(statement) {}
        return database.changesCount
    }
    func script(_ text: String) throws { try database.execute(sql: text) }

    func insert(into table: String, _ columns: [String], _ rows: [[SQLValue]]) throws { try insert(into: table, columns, rows, "") }
    func add(to table: String, _ columns: [String], key: Int, _ rows: [[SQLValue]]) throws {
        let sums = columns[key...].map { "\($0) = \(table).\($0) + excluded.\($0)" }.joined(separator: ", ")
        try insert(into: table, columns, rows, "ON CONFLICT (\(columns[..<key].joined(separator: ", "))) DO UPDATE SET \(sums)")
    }
    private func insert(into table: String, _ columns: [String], _ rows: [[SQLValue]], _ conflict: String) throws {
        guard !rows.isEmpty else { return }
        let marks = Array(repeating: "?", count: columns.count).joined(separator: ", ")
        let text = "INSERT INTO \(table) (\(columns.joined(separator: ", "))) VALUES (\(marks)) \(conflict)"
        let statement = try prepared(text)
        for row in rows {
            defer { finish(statement) }
            bind(row, statement)
            while try step(statement) {}
        }
    }

    /// A statement that nobody steps through now. Texts with lists of many values would fill the cache, each being a text of its own.
    private func prepared(_ text: String) throws -> Statement {
        if text.utf8.count <= 1500 {
            let kept = try database.cachedStatement(sql: text)
            if sqlite3_stmt_busy(kept.sqliteStatement) == 0 { return kept }
        }
        return try database.makeStatement(sql: text)
    }
    private func finish(_ statement: Statement) {
        sqlite3_reset(statement.sqliteStatement)
        sqlite3_clear_bindings(statement.sqliteStatement)
    }
    /// Whether there is a row.
    private func step(_ statement: Statement) throws -> Bool {
        switch sqlite3_step(statement.sqliteStatement) {
        case SQLITE_ROW: return true
        case SQLITE_DONE: return false
        case let code:
            throw DatabaseError(
                resultCode: ResultCode(rawValue: code), message: String(cString: sqlite3_errmsg(database.sqliteConnection)),
                sql: statement.sql)
        }
    }
    private func bind(_ values: [SQLValue], _ statement: Statement) {
        let handle = statement.sqliteStatement
        for (index, value) in zip(Int32(1)..., values) {
            switch value {
            case .null: sqlite3_bind_null(handle, index)
            case .integer(let number): sqlite3_bind_int64(handle, index, number)
            case .real(let number): sqlite3_bind_double(handle, index, number)
            case .text(var text):
                // An empty text may have no address, and no address would mean NULL.
                guard !text.isEmpty else { sqlite3_bind_text(handle, index, "", 0, transient); continue }
                text.withUTF8 { bytes in
                    bytes.withMemoryRebound(to: CChar.self) {
                        _ = sqlite3_bind_text(handle, index, $0.baseAddress, Int32($0.count), transient)
                    }
                }
            }
        }
    }
    private func row(_ handle: OpaquePointer, _ width: Int) -> [SQLValue] {
        [SQLValue](unsafeUninitializedCapacity: width) { values, count in
            for column in 0..<width { values.initializeElement(at: column, to: value(handle, Int32(column))) }
            count = width
        }
    }
    private func value(_ handle: OpaquePointer, _ column: Int32) -> SQLValue {
        switch sqlite3_column_type(handle, column) {
        case SQLITE_INTEGER: return .integer(sqlite3_column_int64(handle, column))
        case SQLITE_FLOAT: return .real(sqlite3_column_double(handle, column))
        case SQLITE_NULL: return .null
        default:
            guard let text = sqlite3_column_text(handle, column) else { return .text("") }
            return .text(
                String(decoding: UnsafeBufferPointer(start: text, count: Int(sqlite3_column_bytes(handle, column))), as: UTF8.self))
        }
    }
}

private let transient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
