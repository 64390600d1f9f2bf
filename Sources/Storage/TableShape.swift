import Kernel

/// A table as an engine itself describes it.
struct TableShape: Hashable, Sendable {
    struct Column: Hashable, Sendable { let name, type: String }
    let name: String
    let columns: [Column]
    /// Columns of the primary key, in its order.
    let key: [String]

    /// Every table of a database, by name.
    static func all(_ db: any Connection, _ dialect: Dialect) throws -> [TableShape] {
        let names: SQL =
            dialect == .sqlite
            ? "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY name"
            : "SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema() AND table_type = 'BASE TABLE' ORDER BY table_name"
        return try db.rows(names).map { try shape(of: try $0.get(0), db, dialect) }.sorted { $0.name < $1.name }
    }

    static func has(_ name: String, _ db: any Connection, _ dialect: Dialect) throws -> Bool {
        let query: SQL =
            dialect == .sqlite
            ? "SELECT name FROM sqlite_master WHERE type = 'table' AND name = \(name)"
            : "SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema() AND table_name = \(name)"
        return try db.row(query) != nil
    }

    private static func shape(of name: String, _ db: any Connection, _ dialect: Dialect) throws -> TableShape {
        let columns: SQL =
            dialect == .sqlite
            ? "SELECT name, type FROM pragma_table_info(\(name)) ORDER BY cid"
            : """
            SELECT column_name, upper(data_type) FROM information_schema.columns
            WHERE table_schema = current_schema() AND table_name = \(name) ORDER BY ordinal_position
            """
        let key: SQL =
            dialect == .sqlite
            ? "SELECT name FROM pragma_table_info(\(name)) WHERE pk > 0 ORDER BY pk"
            : """
            SELECT a.attname::text FROM pg_index i CROSS JOIN LATERAL unnest(i.indkey) WITH ORDINALITY AS k (number, place)
            JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.number
            WHERE i.indisprimary AND i.indrelid = (quote_ident(current_schema()) || '.' || quote_ident(\(name)))::regclass ORDER BY k.place
            """
        // Both engines in the words of schema files.
        let words = ["BIGINT": "INTEGER", "DOUBLE PRECISION": "REAL"]
        return TableShape(
            name: name,
            columns: try db.rows(columns).map { row in
                let type: String = try row.get(1)
                return Column(name: try row.get(0), type: words[type] ?? type)
            },
            key: try db.rows(key).map { try $0.get(0) })
    }

    /// Table and key of a row with a text that has a NUL in it, which SQLite keeps and reads no further than that.
    func placeOfNul(_ db: any Connection) throws -> String? {
        let texts = columns.filter { $0.type == "TEXT" }.map { "instr(\($0.name), char(0)) > 0" }.joined(separator: " OR ")
        guard !texts.isEmpty else { return nil }
        let row = try db.row(
            "SELECT \(SQL(trusted: key.joined(separator: ", "))) FROM \(SQL(trusted: name)) WHERE \(SQL(trusted: texts)) LIMIT 1")
        return try row.map { row in
            let keys: [String] = try key.indices.map { place in
                if case .integer(let number) = row.values[place] { String(number) } else { try row.get(place) }
            }
            return ([name] + keys).joined(separator: " ")
        }
    }

    /// All rows in the order of the key, in pages of a few megabytes.
    func pages(_ db: any Connection, _ body: ([[SQLValue]]) throws -> Void) throws {
        let list = columns.map(\.name).joined(separator: ", ")
        let order = key.joined(separator: ", ")
        let places = key.compactMap { name in columns.firstIndex { $0.name == name } }
        var size = TableShape.firstPage
        var last: [SQLValue]?
        while true {
            let after: SQL = if let last { "WHERE (\(SQL(trusted: order))) > (\(values: last))" } else { "" }
            var (rows, bytes): ([[SQLValue]], Int) = ([], 0)
            try db.each("SELECT \(SQL(trusted: list)) FROM \(SQL(trusted: name)) \(after) ORDER BY \(SQL(trusted: order)) LIMIT \(size)") {
                row in
                rows.append(row.values)
                for case .text(let text) in row.values { bytes += text.utf8.count }
            }
            guard let end = rows.last else { return }
            try body(rows)
            if rows.count < size { return }
            last = places.map { end[$0] }
            size = max(16, min(TableShape.largestPage, TableShape.pageBytes * rows.count / max(1, bytes)))
        }
    }
    static let firstPage = 64, largestPage = 5000, pageBytes = 2 << 20
}

/// A digest of rows that does not depend on their order: how many, and the sum of their SHA-256 in four words.
public struct RowsDigest: Hashable, Sendable, CustomStringConvertible {
    public private(set) var count = 0
    private var sum: SIMD4<UInt64> = .zero
    public init() {}

    /// Adds a row: each value by its type, its length and its bytes.
    mutating func add(_ row: [SQLValue]) {
        var bytes: [UInt8] = []
        func append(_ mark: UInt8, _ number: UInt64) {
            bytes.append(mark)
            withUnsafeBytes(of: number.littleEndian) { bytes.append(contentsOf: $0) }
        }
        for value in row {
            switch value {
            case .null: bytes.append(0)
            case .integer(let number): append(1, UInt64(bitPattern: number))
            case .real(let number): append(2, number.bitPattern)
            case .text(let text):
                append(3, UInt64(text.utf8.count))
                bytes.append(contentsOf: text.utf8)
            }
        }
        let digest = Digest.sha256(bytes)
        for word in 0..<4 { sum[word] &+= digest[(word * 8)..<(word * 8 + 8)].reduce(0) { $0 << 8 | UInt64($1) } }
        count += 1
    }
    public var description: String {
        (0..<4).map { word in Digest.hex(withUnsafeBytes(of: sum[word].bigEndian) { Array($0) }) }.joined()
    }
}
