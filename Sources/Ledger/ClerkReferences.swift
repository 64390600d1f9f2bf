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
        var ids = try Array(found[kind]?[text] ?? meant([text], kind)[text] ?? [])
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

    /// The live records of a kind that each of some texts may mean: by id, else by credit code, identity number, reference number or full name.
    private func meant(_ texts: [String], _ kind: String) throws -> [String: Set<String>] {
        var meant: [String: Set<String>] = [:]
        for part in chunks(texts) {
            for row in try db.rows("SELECT id FROM record WHERE id IN \(list: part) AND kind = \(kind) AND live = 1") {
                let id: String = try row.get("id")
                meant[id] = [id]
            }
        }
        var byKey: [String: [String]] = [:]
        for text in texts where meant[text] == nil {
            byKey[Clerk.lookupKey(kind, CellReader.trimmed(text)), default: []].append(text)
        }
        // Of personal texts only an identity number means a record; a phone number does not.
        let identities = (ledger.kinds[kind]?.fields ?? []).filter { $0.type == .residentID && $0.sensitivity != .open }.map {
            "find." + $0.name
        }
        var byDigest: [String: [String]] = [:]
        if !identities.isEmpty {
            for text in texts where meant[text] == nil { for digest in ledger.finds(text) { byDigest[digest, default: []].append(text) } }
        }
        func take(_ keys: [String: [String]], _ condition: SQL?) throws {
            for part in chunks(keys.keys.sorted()) {
                // A condition that is never true would cost SQLite the index: it would read every record.
                let only: SQL = condition.map { "AND \($0)" } ?? ""
                let rows = try db.rows(
                    """
                    SELECT l.id, l.target FROM link l JOIN record r ON r.home = l.home AND r.id = l.id
                    WHERE l.target IN \(list: part) AND r.live = 1 \(only)
                    """)
                for row in rows { for text in keys[try row.get("target")] ?? [] { meant[text, default: []].insert(try row.get("id")) } }
            }
        }
        try take(byKey, nil)
        try take(byDigest, "l.kind = \(kind) AND l.field IN \(list: identities)")
        return meant
    }

    /// Looks up what the references of many drafts mean, a kind at a time. What one of them adds is looked up when it is asked for.
    mutating func lookUp(_ drafts: [Draft]) throws {
        guard drafts.count > 8 else { return }
        var texts: [String: Set<String>] = [:]
        for draft in drafts where draft.flaws.isEmpty {
            for field in draft.kind.references {
                guard let target = field.target, let text = draft.cells[field.name].map(CellReader.trimmed), !text.isEmpty else { continue }
                texts[target, default: []].insert(text)
            }
        }
        for (kind, texts) in texts { found[kind] = try meant(texts.sorted(), kind).filter { !$0.value.isEmpty } }
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
