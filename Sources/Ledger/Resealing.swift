import Kernel
import Storage

/// A column elsewhere that keeps sealed texts, so that rotation reaches it too.
struct SealedColumn: Sendable {
    let table, key, column: String
    /// Whether every text of it is personal: one that an older program kept in clear is sealed when the database is opened.
    let isPersonal: Bool
    let owner: @Sendable (String) -> String
    init(table: String, key: String, column: String, isPersonal: Bool = false, owner: @escaping @Sendable (String) -> String) {
        (self.table, self.key, self.column, self.isPersonal, self.owner) = (table, key, column, isPersonal, owner)
    }
}

extension Ledger {
    /// Sealed texts outside records and drafts.
    static let sealedColumns: [SealedColumn] = [
        SealedColumn(table: "idempotency", key: "account || ' ' || key", column: "answer") { "idempotency/\($0)" },
        SealedColumn(table: "idempotency", key: "account || ' ' || key", column: "digest") { "idempotency/\($0) digest" },
        SealedColumn(table: "import_part", key: "import || '/' || sequence", column: "refusals") { "import/\($0)" },
        SealedColumn(table: "account", key: "name", column: "secret") { "account/\($0)/secret" },
        SealedColumn(table: "claim", key: "id", column: "phone", isPersonal: true) { "claim/\($0)/phone" },
        SealedColumn(table: "attachment_chunk", key: "attachment || '/' || sequence", column: "body") { "attachment/\($0)" },
    ]

    /// Those of them that the database has: rooms bring their own tables.
    private func sealedColumns(_ db: any Connection) throws -> [SealedColumn] {
        try Ledger.sealedColumns.filter { column in
            let found: SQL =
                store.dialect == .sqlite
                ? "SELECT name FROM pragma_table_info(\(column.table)) WHERE name = \(column.column)"
                : """
                SELECT column_name FROM information_schema.columns
                WHERE table_schema = current_schema() AND table_name = \(column.table) AND column_name = \(column.column)
                """
            return try db.row(found) != nil
        }
    }

    /// What is kept under which key.
    public struct SealState: Sendable {
        /// Texts by the key that seals them; links by the key that digests them.
        public var counts: [String: Int] = [:]
        /// Personal and medical texts that no key seals.
        public var clear = 0
    }
    public func sealState() async throws -> SealState {
        try await store.read { [self] db in
            var state = SealState()
            func count(_ body: String, _ kind: Kind?) {
                for (name, text) in Body.pairs(body) {
                    if let key = KeyRing.key(of: text) {
                        state.counts[key, default: 0] += 1
                    } else if let field = kind?.field(named: name), field.sensitivity != .open {
                        state.clear += 1
                    }
                }
            }
            try db.each("SELECT kind, body FROM record_version WHERE kind IN \(list: sealedKinds)") {
                count(try $0.get(1), kinds[try $0.get(0)])
            }
            try db.each("SELECT kind, cells FROM draft") { count(try $0.get(1), kinds[try $0.get(0)]) }
            for column in try sealedColumns(db) {
                let name = SQL(trusted: column.column)
                try db.each("SELECT substr(\(name), 1, 40) FROM \(SQL(trusted: column.table)) WHERE \(name) LIKE 'enc:seal-%'") { row in
                    if let key = KeyRing.key(of: try row.get(0)) { state.counts[key, default: 0] += 1 }
                }
                guard column.isPersonal else { continue }
                let clear = try db.row(
                    """
                    SELECT count(*) AS total FROM \(SQL(trusted: column.table)) WHERE \(name) <> '' AND \(name) NOT LIKE 'enc:seal-%'
                    """)
                state.clear += try clear?.get("total") ?? 0
            }
            try db.each("SELECT target FROM link WHERE target >= 'find:' AND target < 'find;'") { row in
                let target: String = try row.get(0)
                state.counts[String(target.dropFirst(5).prefix { $0 != ":" }), default: 0] += 1
            }
            return state
        }
    }
    private var sealedKinds: [String] { kinds.values.filter(\.isSealed).map(\.name).sorted() }

    /// Adds keys of the purposes named and brings everything under them, in transactions of bounded size, while others read and write.
    /// No version, no moment and no audit line of a record changes.
    /// - Returns: how many texts and records were written anew.
    public func rotateKeys(
        _ purposes: [KeyRing.Purpose], by person: Person, progress: @Sendable (Int) -> Void = { _ in }
    ) async throws -> Int {
        guard person == .house else { throw Refusal("access.denied", ["value": "keys"]) }
        try keys.add(purposes, today: clock.today)
        try await bringKeys()
        // A server that runs beside looks at the ring once a second: what it still writes under the old key is met by the second pass.
        if keys.url != nil { try await Task.sleep(for: .seconds(KeyRing.lookEvery * 2)) }
        var count = 0
        for _ in 0..<2 { count += try await reseal(digests: purposes.contains(.index), progress: progress) }
        let (names, total) = (purposes.compactMap { keys.current($0)?.id }.joined(separator: " "), count)
        try await store.write { [clock] db in
            try Audit(db).append(
                home: "000000", at: clock.now(), by: person.name, door: "keys", [("keys", "rotated to \(names), \(total) sealed anew")])
        }
        return count
    }

    /// Takes a key off the ring and the database.
    /// - Throws: `Refusal("keys.used")` while something is kept under it or it is the newest of its purpose; signatures are checked for ever.
    public func dropKey(_ id: String, by person: Person) async throws {
        guard person == .house else { throw Refusal("access.denied", ["value": "keys"]) }
        guard let key = keys.keys.first(where: { $0.id == id }) else { throw Refusal("keys.unknown", ["value": id]) }
        let state = try await sealState()
        guard key.purpose != .sign, keys.current(key.purpose)?.id != id, state.counts[id] == nil else {
            throw Refusal("keys.used", ["value": id])
        }
        try await store.write { [self] db in
            try db.run("DELETE FROM key_use WHERE id = \(id)")
            try Audit(db).append(home: "000000", at: clock.now(), by: person.name, door: "keys", [("keys", "dropped \(id)")])
            try keys.drop([id])
        }
    }

    /// Brings everything under the newest keys. What is so already stays as it is.
    /// - Parameter digests: whether titles, search texts and links are made anew too.
    func reseal(digests: Bool, chunk: Int = 500, progress: @Sendable (Int) -> Void = { _ in }) async throws -> Int {
        var count = 0
        var mark: (home: String, id: String, version: Int)? = ("", "", -1)
        while let from = mark {
            let (done, next) = try await store.write { try self.resealVersions($0, after: from, chunk) }
            (count, mark) = (count + done, next)
            progress(count)
        }
        count += try await store.write { try self.resealDrafts($0) }
        for column in try await store.read({ try self.sealedColumns($0) }) {
            while let done = try await store.write({ try self.reseal($0, column, 20) }) {
                count += done
                progress(count)
            }
        }
        guard digests else { return count }
        var place: (home: String, id: String)? = ("", "")
        while let from = place {
            let (done, next) = try await store.write { try self.redigest($0, after: from, chunk) }
            (count, place) = (count + done, next)
            progress(count)
        }
        return count
    }

    private func resealVersions(
        _ db: any Connection, after mark: (home: String, id: String, version: Int), _ limit: Int
    ) throws -> (Int, (home: String, id: String, version: Int)?) {
        let rows = try db.rows(
            """
            SELECT home, id, version, kind, body FROM record_version
            WHERE (home, id, version) > (\(mark.home), \(mark.id), \(mark.version)) AND kind IN \(list: sealedKinds)
            ORDER BY home, id, version LIMIT \(limit)
            """)
        var count = 0
        for row in rows {
            let (home, id, version): (String, String, Int) = (try row.get(0), try row.get(1), try row.get(2))
            guard let kind = kinds[try row.get(3)], let body = try Body.reseal(try row.get(4), id, kind, keys) else { continue }
            try db.run("UPDATE record_version SET body = \(body) WHERE home = \(home) AND id = \(id) AND version = \(version)")
            count += 1
        }
        guard let last = rows.last, rows.count == limit else { return (count, nil) }
        return (count, (try last.get(0), try last.get(1), try last.get(2)))
    }

    /// Drafts are few; one that its author saves meanwhile is sealed by that.
    private func resealDrafts(_ db: any Connection) throws -> Int {
        var count = 0
        for row in try db.rows("SELECT id, kind, cells FROM draft") {
            let (id, cells): (String, String) = (try row.get(0), try row.get(2))
            guard let kind = kinds[try row.get(1)], let body = try Body.reseal(cells, id, kind, keys) else { continue }
            count += try db.run("UPDATE draft SET cells = \(body) WHERE id = \(id) AND cells = \(cells)")
        }
        return count
    }
    /// Some of a column's texts; nil when none is left.
    private func reseal(_ db: any Connection, _ column: SealedColumn, _ limit: Int) throws -> Int? {
        let (table, key, name) = (SQL(trusted: column.table), SQL(trusted: column.key), SQL(trusted: column.column))
        let newest = keys.current(.seal)?.id ?? ""
        let kept: SQL = column.isPersonal ? "\(name) <> ''" : "\(name) LIKE 'enc:seal-%'"
        let rows = try db.rows(
            """
            SELECT \(key) AS owner, \(name) AS body FROM \(table)
            WHERE \(kept) AND \(name) NOT LIKE \("enc:" + newest + ":%") LIMIT \(limit)
            """)
        for row in rows {
            let (id, text): (String, String) = (try row.get(0), try row.get(1))
            let plain = KeyRing.isSealed(text) ? try keys.openBytes(text, owner: column.owner(id)) : Array(text.utf8)
            let sealed = try keys.seal(plain, owner: column.owner(id))
            try db.run("UPDATE \(table) SET \(name) = \(sealed) WHERE \(key) = \(id) AND \(name) = \(text)")
        }
        return rows.isEmpty ? nil : rows.count
    }

    private func redigest(
        _ db: any Connection, after mark: (home: String, id: String), _ limit: Int
    ) throws -> (Int, (home: String, id: String)?) {
        let rows = try db.rows(
            """
            SELECT v.home, v.id, v.version, v.kind, v.live, v.body FROM record r
            JOIN record_version v ON v.home = r.home AND v.id = r.id AND v.version = r.version
            WHERE (r.home, r.id) > (\(mark.home), \(mark.id)) AND r.kind IN \(list: sealedKinds) ORDER BY r.home, r.id LIMIT \(limit)
            """)
        var count = 0
        for row in rows {
            let (home, id, version): (String, String, Int) = (try row.get(0), try row.get(1), try row.get(2))
            guard let kind = kinds[try row.get(3)] else { continue }
            var record = Record(kind, id: id, home: home, version: version)
            try Body.decode(try row.get(5), into: &record, keys)
            let folded = Clerk.folded(Clerk.searchText(record))
            // A record that somebody changes meanwhile is digested by that.
            guard
                try db.run(
                    """
                    UPDATE record SET title = \(record.title), folded = \(folded)
                    WHERE home = \(home) AND id = \(id) AND version = \(version)
                    """) == 1
            else { continue }
            // Links of personal fields that an older program kept in clear go too.
            let names = kind.fields.filter { $0.sensitivity != .open }.flatMap { ["find." + $0.name, "key." + $0.name] }
            try db.run("DELETE FROM link WHERE home = \(home) AND id = \(id) AND field IN \(list: names)")
            if try row.get(4, as: Bool.self) {
                try db.insert(
                    into: "link", ["home", "id", "field", "target", "kind", "part"],
                    Clerk.finds(of: record, keys).map {
                        [.text(home), .text(id), .text($0.field), .text($0.target), .text(kind.name), .integer(0)]
                    })
            }
            count += 1
        }
        guard let last = rows.last, rows.count == limit else { return (count, nil) }
        return (count, (try last.get(0), try last.get(1)))
    }

    /// Seals what a program before sealing kept in clear, once, and leaves none of it in the file's free pages.
    func sealOnce() async throws {
        // Counts up with every column that is sealed since.
        let edition = 2
        let done: Int? = try await store.read { try $0.row("SELECT value FROM house_state WHERE name = 'sealed'")?.get("value") }
        guard done ?? 0 < edition else { return }
        if try await reseal(digests: true) > 0 { try await (store as? SQLiteStore)?.vacuum() }
        try await store.write { db in
            try db.run(
                "INSERT INTO house_state (name, value) VALUES ('sealed', \(edition)) ON CONFLICT (name) DO UPDATE SET value = excluded.value"
            )
        }
    }
}
