import Kernel

/// Where the rows of a table lie once the tables are spread over several machines.
public enum Spread: Hashable, Sendable, CustomStringConvertible {
    /// By a column, which every unique index of the table holds.
    case by(String)
    /// A whole copy on every machine: small, seldom written.
    case everywhere
    /// On the coordinator alone.
    case coordinator

    public var description: String {
        switch self {
        case .by(let column): column
        case .everywhere: "reference"
        case .coordinator: "local"
        }
    }
}

/// The layout of a schema over the machines of a Citus cluster, and what is needed to bring it about.
public struct Distribution: Sendable {
    public let layout: [String: Spread]
    public init(_ layout: [String: Spread]) { self.layout = layout }

    /// What keeps a table from being spread as the layout says, read from the schema as the server has it.
    public struct Flaw: Hashable, Sendable, CustomStringConvertible {
        public enum Kind: String, Sendable {
            /// In no layout, listed and not there, without the column or with nulls in it.
            case unlisted, missing, column
            /// A unique index without the column; a foreign key; a sequence.
            case unique, reference, sequence
        }
        public let kind: Kind
        public let table, name: String
        public var description: String { "\(kind.rawValue) \(table)\(name.isEmpty ? "" : " \(name)")" }
    }

    /// - Parameter db: of PostgreSQL.
    public func flaws(_ db: any Connection) throws -> [Flaw] {
        let shapes = try TableShape.all(db, .postgres)
        let there = Set(shapes.map(\.name))
        var flaws = shapes.filter { layout[$0.name] == nil }.map { Flaw(kind: .unlisted, table: $0.name, name: "") }
        flaws += layout.keys.filter { !there.contains($0) }.map { Flaw(kind: .missing, table: $0, name: "") }
        let filled = try pairs(
            db,
            """
            SELECT c.relname::text, a.attname::text FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
            WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r' AND a.attnum > 0 AND a.attnotnull
            """)
        for (table, spread) in layout where there.contains(table) {
            if case .by(let column) = spread, !filled.contains([table, column]) {
                flaws.append(Flaw(kind: .column, table: table, name: column))
            }
        }
        let unique = try db.rows(
            """
            SELECT c.relname::text, x.relname::text, array_to_string(ARRAY(
                SELECT a.attname::text FROM unnest(i.indkey) AS k (number) JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.number), ' ')
            FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid JOIN pg_class x ON x.oid = i.indexrelid
            WHERE c.relnamespace = current_schema()::regnamespace AND (i.indisunique OR i.indisexclusion)
            """)
        for row in unique {
            let (table, index, columns): (String, String, String) = (try row.get(0), try row.get(1), try row.get(2))
            guard case .by(let column) = layout[table] else { continue }
            if !columns.split(separator: " ").contains(Substring(column)) { flaws.append(Flaw(kind: .unique, table: table, name: index)) }
        }
        let foreign = try pairs(
            db,
            """
            SELECT c.relname::text, k.conname::text FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
            WHERE c.relnamespace = current_schema()::regnamespace AND k.contype = 'f'
            """)
        flaws += foreign.map { Flaw(kind: .reference, table: $0[0], name: $0[1]) }
        let sequences = try pairs(
            db, "SELECT relname::text, '' FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind = 'S'")
        flaws += sequences.map { Flaw(kind: .sequence, table: $0[0], name: "") }
        return flaws.sorted { $0.description < $1.description }
    }
    private func pairs(_ db: any Connection, _ query: SQL) throws -> Set<[String]> {
        Set(try db.rows(query).map { [try $0.get(0), try $0.get(1)] })
    }

    /// How tables are spread now; none on a server without the extension.
    static func state(_ db: any Connection) throws -> [String: Spread] {
        guard try db.row("SELECT 1 AS one FROM pg_extension WHERE extname = 'citus'") != nil else { return [:] }
        var state: [String: Spread] = [:]
        for row in try db.rows(
            """
            SELECT c.relname::text, p.partmethod::text, coalesce(column_to_column_name(p.logicalrelid, p.partkey), '')
            FROM pg_dist_partition p JOIN pg_class c ON c.oid = p.logicalrelid WHERE c.relnamespace = current_schema()::regnamespace
            """)
        {
            let (table, method, column): (String, String, String) = (try row.get(0), try row.get(1), try row.get(2))
            state[table] = method == "h" ? .by(column) : .everywhere
        }
        return state
    }

    /// Spreads what is not yet spread, in one transaction. Done again it does nothing.
    /// - Returns: the tables that were spread now.
    /// - Throws: `distribute.engine`, `distribute.extension`, `distribute.workers`, `distribute.layout` with what stands in the way,
    ///   `distribute.different` where a table is spread otherwise already.
    public func spread(_ store: any Store) async throws -> [String] {
        guard store.dialect == .postgres else { throw Refusal("distribute.engine") }
        return try await store.write { db in
            guard try db.row("SELECT 1 AS one FROM pg_extension WHERE extname = 'citus'") != nil else {
                throw Refusal("distribute.extension")
            }
            guard try db.row("SELECT 1 AS one FROM pg_dist_node WHERE isactive AND shouldhaveshards AND noderole = 'primary'") != nil else {
                throw Refusal("distribute.workers")
            }
            let flaws = try flaws(db)
            guard flaws.isEmpty else { throw Refusal("distribute.layout", ["value": flaws.map(\.description).joined(separator: "; ")]) }
            let state = try Distribution.state(db)
            // One connection to each machine: what is spread in one transaction must be seen by the next statement of it.
            try db.script("SET LOCAL citus.multi_shard_modify_mode = 'sequential'")
            var done: [String] = []
            var first: [String: String] = [:]
            for (table, spread) in layout.sorted(by: { rank($0) < rank($1) }) {
                if let now = state[table], now != spread {
                    throw Refusal("distribute.different", ["value": table, "expected": "\(spread)"])
                }
                if case .by(let column) = spread, column == Distribution.shared, first[column] == nil { first[column] = table }
                guard state[table] == nil else { continue }
                switch spread {
                case .coordinator: continue
                case .everywhere: _ = try db.rows("SELECT create_reference_table(\(table)::regclass)::text")
                case .by(let column):
                    // What has a home lies with everything else of that home, and is joined there.
                    let beside = first[column].flatMap { $0 == table ? nil : $0 } ?? "none"
                    _ = try db.rows("SELECT create_distributed_table(\(table)::regclass, \(column), colocate_with => \(beside))::text")
                }
                done.append(table)
            }
            return done
        }
    }
    private static let shared = "home"
    /// Copies first, then what has a home, by name.
    private func rank(_ entry: (key: String, value: Spread)) -> String {
        switch entry.value {
        case .everywhere: "0 \(entry.key)"
        case .by: "1 \(entry.key)"
        case .coordinator: "2 \(entry.key)"
        }
    }
}
