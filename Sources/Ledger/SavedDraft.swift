import Kernel
import Storage

/// Unfinished input 草稿: the cells of a form as they were left, kept for the account that left them until it hands them in or throws
/// them away. It outlives sessions; it is no record and in no figure.
public struct SavedDraft: Sendable {
    public let id, kind: String
    /// The record that it would change, at the version that its author saw; nil for a new one.
    public let record: String?
    public let seen: Int
    public let cells: [String: String]
    /// Counts the times it was saved, so that two windows do not overwrite each other.
    public let version: Int
    public let savedAt: Moment
}

extension Ledger {
    static let draftsPerAccount = 500

    /// Saves cells as they are; nothing is checked but that they belong to fields of the kind.
    /// - Parameters:
    ///   - id: the draft to go on with; nil for a new one.
    ///   - version: the version of it that was seen. Where another window saved a newer one, both are kept: this one becomes a new draft.
    /// - Returns: the draft's id and version.
    @discardableResult public func saveDraft(
        _ kind: Kind, _ cells: [String: String], id: String? = nil, version: Int = 0, record: String? = nil, seen: Int = 0,
        by person: Person
    ) async throws -> (id: String, version: Int) {
        guard person.role != .nobody, kind.entered.count > 0 else { throw Refusal("access.denied", ["value": kind.zh]) }
        // What begins with `_` belongs to a form of its own, such as the answers of a guided one.
        let known = cells.filter { (kind.field(named: $0.key) != nil || $0.key.hasPrefix("_")) && !$0.value.isEmpty }
        guard known.values.reduce(0, { $0 + $1.utf8.count }) <= 1 << 20 else { throw Refusal("request.too-large", ["limit": "1 MB"]) }
        return try await store.write { [self] db in
            let now = clock.now()
            if let id,
                let row = try db.row("SELECT version FROM draft WHERE id = \(id) AND account = \(person.name) AND kind = \(kind.name)"),
                try row.get("version", as: Int.self) == version
            {
                let body = try SavedDraft.encode(known, kind, id, keys)
                try db.run("UPDATE draft SET cells = \(body), version = \(version + 1), saved_at = \(now) WHERE id = \(id)")
                return (id, version + 1)
            }
            let count: Int = try db.row("SELECT count(*) AS total FROM draft WHERE account = \(person.name)")?.get("total") ?? 0
            guard count < Ledger.draftsPerAccount else { throw Refusal("draft.too-many", ["limit": String(Ledger.draftsPerAccount)]) }
            let fresh = Identifier.make(at: now)
            let body = try SavedDraft.encode(known, kind, fresh, keys)
            let home = person.division.map { String($0.text.prefix(6)) } ?? "000000"
            try db.run(
                """
                INSERT INTO draft (home, id, account, kind, record, seen, cells, version, created_at, saved_at)
                VALUES (\(home), \(fresh), \(person.name), \(kind.name), \(record ?? ""), \(seen), \(body), 1, \(now), \(now))
                """)
            return (fresh, 1)
        }
    }

    /// The drafts of an account, the newest first.
    public func drafts(_ db: any Connection, of person: Person) throws -> [SavedDraft] {
        try db.rows("SELECT * FROM draft WHERE account = \(person.name) ORDER BY saved_at DESC, id").map { try SavedDraft($0, self) }
    }
    /// One draft of an account; nobody else's can be had.
    public func draft(_ db: any Connection, _ id: String, of person: Person) throws -> SavedDraft? {
        try db.row("SELECT * FROM draft WHERE id = \(id) AND account = \(person.name)").map { try SavedDraft($0, self) }
    }
    /// Throws a draft away.
    /// - Throws: `record.missing` where the account has none of this id.
    public func discardDraft(_ id: String, by person: Person) async throws {
        let count = try await store.write { try $0.run("DELETE FROM draft WHERE id = \(id) AND account = \(person.name)") }
        guard count == 1 else { throw Refusal("record.missing", ["value": id]) }
    }
}

extension SavedDraft {
    init(_ row: SQLRow, _ ledger: Ledger) throws {
        let record: String = try row.get("record")
        let (id, name): (String, String) = (try row.get("id"), try row.get("kind"))
        (self.id, kind) = (id, name)
        self.record = record.isEmpty ? nil : record
        seen = try row.get("seen")
        let kept = try Body.texts(try row.get("cells")).map { field, text in
            let isOpen = ledger.kinds[name]?.field(named: field)?.sensitivity == .open
            return (field, isOpen ? text : try ledger.keys.open(text, owner: Body.owner(id, field)))
        }
        cells = Dictionary(kept, uniquingKeysWith: { first, _ in first })
        version = try row.get("version")
        savedAt = try row.get("saved_at")
    }

    static func encode(_ cells: [String: String], _ kind: Kind, _ id: String, _ keys: KeyRing) throws -> String {
        Body.pack(
            try cells.sorted { $0.key < $1.key }.map { name, text in
                let isOpen = kind.field(named: name)?.sensitivity == .open
                return (name, isOpen ? text : try keys.seal(text, owner: Body.owner(id, name)))
            })
    }
}
