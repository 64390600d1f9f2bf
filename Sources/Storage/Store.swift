import Foundation
import Kernel

/// A connection inside a transaction. It is lent for the length of a closure and must not be kept.
public protocol Connection {
    /// Whether this is one committed state of the database, read and never written: what is read of it may be kept as long as that stands.
    var isSnapshot: Bool { get }
    func rows(_ sql: SQL) throws -> [SQLRow]
    /// Rows one at a time, in constant memory on SQLite.
    func each(_ sql: SQL, _ body: (SQLRow) throws -> Void) throws
    @discardableResult func run(_ sql: SQL) throws -> Int
    func script(_ text: String) throws
    /// Inserts many rows of one shape. Columns are the house's own names.
    func insert(into table: String, _ columns: [String], _ rows: [[SQLValue]]) throws
    /// Inserts rows of counts; where a row with the same first `key` columns stands, the others are added to it. No two rows share a key.
    func add(to table: String, _ columns: [String], key: Int, _ rows: [[SQLValue]]) throws
    /// Runs a statement whose answer nobody waits for. It is done before the next one; what it throws may come only then, or at the end.
    func post(_ sql: SQL) throws
    /// Waits for what was posted.
    func flush() throws
}

extension Connection {
    public func row(_ sql: SQL) throws -> SQLRow? { try rows(sql).first }

    public func post(_ sql: SQL) throws { try run(sql) }
    public func flush() throws {}
    public func add(to table: String, _ columns: [String], key: Int, _ rows: [[SQLValue]]) throws {
        let sums = columns[key...].map { "\($0) = \(table).\($0) + excluded.\($0)" }.joined(separator: ", ")
        let head = SQL(trusted: "INSERT INTO \(table) (\(columns.joined(separator: ", "))) VALUES (")
        let tail = SQL(trusted: ") ON CONFLICT (\(columns[..<key].joined(separator: ", "))) DO UPDATE SET \(sums)")
        for row in rows { try run("\(head)\(values: row)\(tail)") }
    }

    /// Runs `body`; what it wrote is undone if it throws, and the transaction goes on.
    public func savepoint<T>(_ name: String = "step", _ body: () throws -> T) throws -> T {
        let (open, close) = (SQL(trusted: "SAVEPOINT \(name)"), SQL(trusted: "RELEASE SAVEPOINT \(name)"))
        try post(open)
        do {
            let value = try body()
            try flush()
            try post(close)
            return value
        } catch {
            // What was posted and not yet done may fail as well: it is undone with the rest. An engine that ended the transaction by itself
            // has no savepoint to go back to: the first error is the one to tell.
            try? flush()
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
    /// Which committed state stands; nil where only a question to the database tells.
    var stamp: CommitStamp? { get }
    func read<T: Sendable>(_ body: @escaping @Sendable (any Connection) throws -> T) async throws -> T
    func write<T: Sendable>(_ body: @escaping @Sendable (any Connection) throws -> T) async throws -> T
}

extension Store {
    public var stamp: CommitStamp? { nil }
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
        // Where nothing is to be done nothing is tried: whoever serves need not be allowed to change tables.
        let isThere = try await store.read { db in
            guard try TableShape.has("schema_step", db, dialect) else { return false }
            let done = try db.rows("SELECT name, digest FROM schema_step ORDER BY name").map {
                [try $0.get(0, as: String.self), try $0.get(1)]
            }
            return done == steps.map { [$0.name, Digest.sha256($0.sql)] }.sorted { $0[0] < $1[0] }
        }
        if isThere { return }
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
public func openStore(_ address: String, _ settings: ServerSettings = ServerSettings()) throws -> any Store {
    address.hasPrefix("postgres://") || address.hasPrefix("postgresql://")
        ? try PostgresStore(url: address, settings: settings) : try SQLiteStore(path: address)
}
