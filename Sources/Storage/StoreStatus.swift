import Kernel

/// What a database is: engine, size, schema, and where its tables lie.
public struct StoreStatus: Sendable {
    public struct Table: Sendable {
        public let name: String
        /// Bytes with indexes; nil where the engine does not tell by table.
        public let bytes: Int?
        /// How it is spread; nil on a single machine.
        public let spread: Spread?
    }
    public let engine: String
    public let bytes: Int
    public let steps: [String]
    public let tables: [Table]
    /// The extension's version and how many machines hold rows; nil where there is none.
    public let cluster: (version: String, machines: Int)?

    public init(of store: any Store) async throws {
        let dialect = store.dialect
        self = try await store.read { try StoreStatus($0, dialect) }
    }

    private init(_ db: any Connection, _ dialect: Dialect) throws {
        let shapes = try TableShape.all(db, dialect)
        steps =
            shapes.contains { $0.name == "schema_step" }
            ? try db.rows("SELECT name FROM schema_step ORDER BY name").map { try $0.get(0) } : []
        guard dialect == .postgres else {
            engine = "SQLite \(try db.row("SELECT sqlite_version() AS v")?.get(0, as: String.self) ?? "")"
            bytes = try db.row("SELECT page_count * page_size AS bytes FROM pragma_page_count(), pragma_page_size()")?.get(0) ?? 0
            tables = shapes.map { Table(name: $0.name, bytes: nil, spread: nil) }
            cluster = nil
            return
        }
        engine = "PostgreSQL \(try db.row("SELECT current_setting('server_version') AS v")?.get(0, as: String.self) ?? "")"
        let version: String? = try db.row("SELECT extversion::text FROM pg_extension WHERE extname = 'citus'")?.get(0)
        let state = try Distribution.state(db)
        cluster = try version.map { version in
            (
                version,
                try db.row("SELECT count(*) AS n FROM pg_dist_node WHERE isactive AND shouldhaveshards AND noderole = 'primary'")?.get(0)
                    ?? 0
            )
        }
        let isCluster = version != nil
        tables = try shapes.map { shape in
            let measure: SQL = isCluster && state[shape.name] != nil ? "citus_total_relation_size" : "pg_total_relation_size"
            return Table(
                name: shape.name, bytes: try db.row("SELECT \(measure)(\(shape.name)::text::regclass) AS bytes")?.get(0),
                spread: isCluster ? state[shape.name] ?? .coordinator : nil)
        }
        bytes = tables.reduce(0) { $0 + ($1.bytes ?? 0) }
    }
}
