import Catalog
import Kernel
import Storage

/// What a cell of a submission means: divisions that are known, and the one record that a text names.
extension Clerk {
    /// References looked up, divisions known.
    mutating func complete(_ value: Value?, _ field: FieldSpec, _ draft: Draft) throws -> Value? {
        guard case .text(let text)? = value else { return value }
        switch field.type {
        case .reference(let kind): return .text(try resolve(text, kind, field))
        case .division:
            guard try isKnownDivision(text) else { throw Refusal("division.unknown", field: field.name, ["value": text]) }
            return value
        default: return value
        }
    }

    mutating func isKnownDivision(_ code: String) throws -> Bool {
        if ledger.catalog.divisions[code] != nil { return true }
        if let known = divisionCodes[code] { return known }
        let known = try db.row("SELECT id FROM directory WHERE kind = 'division' AND key = \("division=\(code)")") != nil
        divisionCodes[code] = known
        return known
    }

    /// What a cell of a reference means: an id, a credit code, an identity number, a reference number or a full name, if only one record has it.
    mutating func resolve(_ text: String, _ kind: String, _ field: FieldSpec) throws -> String {
        let memo = kind + "\u{0}" + text
        if let id = resolved[memo] { return id }
        var ids = try db.rows("SELECT id FROM record WHERE id = \(text) AND kind = \(kind) AND live = 1").map {
            try $0.get("id", as: String.self)
        }
        if ids.isEmpty {
            let key = Clerk.lookupKey(kind, CellReader.trimmed(text))
            // Of personal texts only an identity number means a record; a phone number does not.
            let identities = (ledger.kinds[kind]?.fields ?? []).filter { $0.type == .residentID && $0.sensitivity != .open }.map {
                "find." + $0.name
            }
            // A condition that is never true would cost SQLite the index: it would read every record.
            let found: SQL =
                identities.isEmpty
                ? "l.target = \(key)"
                : "(l.target = \(key) OR l.kind = \(kind) AND l.field IN \(list: identities) AND l.target IN \(list: ledger.finds(text)))"
            ids = try db.rows(
                """
                SELECT l.id FROM link l JOIN record r ON r.home = l.home AND r.id = l.id
                WHERE \(found) AND r.live = 1
                """
            ).map { try $0.get("id", as: String.self) }
        }
        if kind == "worker", submission.person.role.isOutside { ids = try ids.filter { try isNameable($0, text) } }
        let unique = Set(ids)
        if unique.count > 1 {
            // Doubles that were merged mean the record that counts.
            let aliases = try Neighbourhood(ledger: ledger, db: db).merges(around: unique)
            let heads = Set(unique.map { Book.follow($0, aliases.merged) })
            guard heads.count == 1, let only = heads.first else {
                throw Refusal(
                    "ref.ambiguous", field: field.name, names(kind).merging(["value": text, "limit": String(unique.count)]) { $1 })
            }
            resolved[memo] = only
            return only
        }
        guard let id = unique.first else { throw Refusal("ref.missing", field: field.name, names(kind).merging(["value": text]) { $1 }) }
        resolved[memo] = id
        return id
    }

    /// A name that only one person in the whole house has must not make a stranger part of somebody's file, whose file would then tell more
    /// of them: who hands in from outside names people whom they see or entered, or by the identity number.
    private mutating func isNameable(_ id: String, _ text: String) throws -> Bool {
        guard let record = try ledger.record(db, id) else { return false }
        let isByNumber = record.kind.fields.contains { field in
            field.type == .residentID && record[field].map(plainText) == CellReader.trimmed(text).uppercased()
        }
        return try isByNumber || isOwn(record) || mayDo(submission.person, .see, at: place(of: record))
    }

    /// What a refusal calls a kind, in both languages.
    func names(_ kind: String) -> [String: String] {
        ["expected": ledger.kinds[kind]?.zh ?? kind, "expected_en": ledger.kinds[kind]?.en.lowercased() ?? kind]
    }
    func kindRefusal(_ id: String, _ kind: Kind) -> Refusal { Refusal("ref.kind", names(kind.name).merging(["value": id]) { $1 }) }

    static func lookupKey(_ kind: String, _ text: String) -> String { "key:\(kind):\(text.uppercased())" }
}
