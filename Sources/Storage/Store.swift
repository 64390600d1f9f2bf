import Foundation
import Kernel

/// A connection inside a transaction. It is lent for the length of a closure and must not be kept.
public protocol Connection {
    func rows(_ sql: SQL) throws -> [SQLRow]
    /// Rows one at a time, in constant memory on SQLite.
    func each(_ sql: SQL, _ body: (SQLRow) throws -> Void) throws
    @discardableResult func run(_ sql: SQL) throws -> Int
    func script(_ text: String) throws
    /// Inserts many rows of one shape. Columns are the house's own names.
    /// - Parameter conflict: what to do with a row that is there, `ON CONFLICT …`; no two of the rows may have one key then.
    func insert(into table: String, _ columns: [String], _ rows: [[SQLValue]], _ conflict: String) throws
}

extension Connection {
    public func insert(into table: String, _ columns: [String], _ rows: [[SQLValue]]) throws { try insert(into: table, columns, rows, "") }

    public func row(_ sql: SQL) throws -> SQLRow? { try rows(sql).first }

    /// Runs `body`; what it wrote is undone if it throws, and the transaction goes on.
    public func savepoint<T>(_ name: String = "step", _ body: () throws -> T) throws -> T {
        try script("SAVEPOINT \(name)")
        do {
            let value = try body()
            try script("RELEASE SAVEPOINT \(name)")
            return value
        } catch {
            // An engine that ended the transaction by itself has no savepoint to go back to: the first error is the one to tell.
            try? script("ROLLBACK TO SAVEPOINT \(name)")
            try? script("RELEASE SAVEPOINT \(name)")
            throw error
        }
    }
}

/// Where the records are kept. Two stores exist: SQLite and PostgreSQL.
/// Both give a closure the same thing: one snapshot for a read, one transaction for a write, durable when it returns.
public protocol Store: Sendable {
    var dialect: Dialect { get }
    func read<T: Sendable>(_ body: @escaping @Sendable (any Connection) throws -> T) async throws -> T
    func write<T: Sendable>(_ body: @escaping @Sendable (any Connection) throws -> T) async throws -> T
}

public enum Dialect: String, Sendable, CaseIterable {
    case sqlite, postgres

    /// Schema files are written in SQLite's STRICT words; PostgreSQL reads them with four words changed.
    func schema(_ text: String) -> String {
        guard self == .postgres else { return text }
        let words = ["INTEGER": "BIGINT", "REAL": "DOUBLE PRECISION", "STRICT, WITHOUT ROWID": "", "STRICT": ""]
        return words.sorted { $0.key.count > $1.key.count }.reduce(text) { $0.replacingOccurrences(of: $1.key, with: $1.value) }
    }
}

/// Brings a store to the newest schema. Steps run once, in the order given, and are never edited once released.
public struct Schema: Sendable {
    public struct Step: Sendable {
        public let name, sql: String
        public init(name: String, sql: String) { (self.name, self.sql) = (name, sql) }
    }
    public let steps: [Step]
    public init(_ steps: [Step]) { self.steps = steps }

    /// The numbered `.sql` files of a folder, in the order of their names.
    public init(folder: URL) throws {
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".sql") }.sorted()
        steps = try names.map { Step(name: $0, sql: try String(contentsOf: folder.appendingPathComponent($0), encoding: .utf8)) }
    }

    /// - Throws: `Refusal("schema.newer")` where the database was made by a newer version, `schema.changed` where a released step was edited.
    public func bring(upToDate store: any Store) async throws {
        let steps = steps
        let dialect = store.dialect
        try await store.write { db in
            try db.script(dialect.schema("CREATE TABLE IF NOT EXISTS schema_step (name TEXT PRIMARY KEY, digest TEXT NOT NULL) STRICT"))
            var done: [String: String] = [:]
            for row in try db.rows("SELECT name, digest FROM schema_step") {
                done[try row.get("name")] = try row.get("digest", as: String.self)
            }
            let known = Set(steps.map(\.name))
            if let newer = done.keys.filter({ !known.contains($0) }).max() { throw Refusal("schema.newer", ["value": newer]) }
            for step in steps {
                let digest = Digest.sha256(step.sql)
                if let before = done[step.name] {
                    if before != digest { throw Refusal("schema.changed", ["value": step.name]) }
                    continue
                }
                try db.script(dialect.schema(step.sql))
                try db.run("INSERT INTO schema_step (name, digest) VALUES (\(step.name), \(digest))")
            }
        }
    }
}

/// Opens the store that an address names: `postgres://…` or a file's path (`:memory:` for none).
public func openStore(_ address: String) throws -> any Store {
    address.hasPrefix("postgres://") || address.hasPrefix("postgresql://")
        ? try PostgresStore(url: address) : try SQLiteStore(path: address)
}
