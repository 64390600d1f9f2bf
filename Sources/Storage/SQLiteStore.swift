import Foundation
import GRDB
import Kernel

/// SQLite through GRDB as a driver: one file in WAL mode, one writer, a pool of readers, every commit synced.
public final class SQLiteStore: Store {
    public let dialect = Dialect.sqlite
    private let writer: any DatabaseWriter

    public init(path: String) throws {
        var configuration = Configuration()
        configuration.foreignKeysEnabled = true
        configuration.busyMode = .timeout(10)
        configuration.prepareDatabase { db in
            try db.execute(sql: "PRAGMA cache_size = -65536")
            try db.execute(sql: "PRAGMA temp_store = MEMORY")
        }
        writer =
            try path == ":memory:" ? DatabaseQueue(configuration: configuration) : DatabasePool(path: path, configuration: configuration)
        // Here and not where the connection is prepared: behind that GRDB sets NORMAL with WAL, and a commit would not be on disk when it
        // is answered.
        try writer.writeWithoutTransaction { try $0.execute(sql: "PRAGMA synchronous = FULL") }
    }

    public func read<T: Sendable>(_ body: @escaping @Sendable (any Connection) throws -> T) async throws -> T {
        try await writer.read { try body(SQLiteConnection(database: $0)) }
    }
    public func write<T: Sendable>(_ body: @escaping @Sendable (any Connection) throws -> T) async throws -> T {
        try await writer.write { try body(SQLiteConnection(database: $0)) }
    }

    /// Writes the file anew, so that nothing deleted or overwritten is left in its free pages.
    public func vacuum() async throws {
        try await writer.writeWithoutTransaction { db in
            try db.execute(sql: "VACUUM")
            try db.execute(sql: "PRAGMA wal_checkpoint(TRUNCATE)")
        }
    }

    /// A consistent copy of the database while it is in use.
    public func backup(to path: String) throws {
        let target = try DatabaseQueue(path: path)
        try writer.backup(to: target)
        try target.close()
    }
}

private struct SQLiteConnection: Connection {
    let database: Database

    func rows(_ sql: SQL) throws -> [SQLRow] {
        var result: [SQLRow] = []
        try each(sql) { result.append($0) }
        return result
    }
    func each(_ sql: SQL, _ body: (SQLRow) throws -> Void) throws {
        let (text, values) = sql.rendered { _ in "?" }
        let statement = try prepared(text)
        let columns = statement.columnNames
        let cursor = try Row.fetchCursor(statement, arguments: StatementArguments(values.map(\.databaseValue)))
        while let row = try cursor.next() {
            try body(SQLRow(columns: columns, values: row.databaseValues.map(SQLValue.init(databaseValue:))))
        }
    }
    func run(_ sql: SQL) throws -> Int {
        let (text, values) = sql.rendered { _ in "?" }
        try prepared(text).execute(arguments: StatementArguments(values.map(\.databaseValue)))
        return database.changesCount
    }
    func script(_ text: String) throws { try database.execute(sql: text) }

    func insert(into table: String, _ columns: [String], _ rows: [[SQLValue]]) throws {
        guard !rows.isEmpty else { return }
        let marks = Array(repeating: "?", count: columns.count).joined(separator: ", ")
        let statement = try database.cachedStatement(sql: "INSERT INTO \(table) (\(columns.joined(separator: ", "))) VALUES (\(marks))")
        for row in rows {
            statement.setUncheckedArguments(StatementArguments(row.map(\.databaseValue)))
            try statement.execute()
        }
    }

    /// Statements with lists of many values would fill the cache, each being a text of its own.
    private func prepared(_ text: String) throws -> Statement {
        text.utf8.count > 1500 ? try database.makeStatement(sql: text) : try database.cachedStatement(sql: text)
    }
}

extension SQLValue {
    fileprivate var databaseValue: DatabaseValue {
        switch self {
        case .null: .null
        case .integer(let number): number.databaseValue
        case .real(let number): number.databaseValue
        case .text(let text): text.databaseValue
        }
    }
    fileprivate init(databaseValue: DatabaseValue) {
        switch databaseValue.storage {
        case .null: self = .null
        case .int64(let number): self = .integer(number)
        case .double(let number): self = .real(number)
        case .string(let text): self = .text(text)
        case .blob(let bytes): self = .text(String(decoding: bytes, as: UTF8.self))
        }
    }
}
