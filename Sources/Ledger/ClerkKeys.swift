import Catalog
import Kernel
import Storage

/// The keys by which one record is one record: which of them a draft changes, and that no two have the same.
extension Clerk {
    /// The record that a draft changes: named by id, or by a key where changes are allowed.
    mutating func existing(_ draft: Draft, _ cells: [(FieldSpec, Value?)]) throws -> Record? {
        if let id = draft.id {
            guard let record = try ledger.record(db, id) else {
                // Ids given by demonstration data and moves are new ones, and so are those of a file from another house.
                if draft.recordedAt != nil, !draft.isWithdrawal { return nil }
                if draft.row != nil, try db.row("SELECT id FROM record WHERE id = \(id)") == nil { return nil }
                throw Refusal("record.missing", ["value": id])
            }
            guard record.kind.name == draft.kind.name else { throw kindRefusal(id, draft.kind) }
            // What the submitter may not see is not there for them: not its version, and not whether it says what was sent.
            guard mayDo(submission.person, .see, at: try place(of: record)) else {
                // A new form's own id tells only that it is taken.
                if draft.seen == 0 { throw Refusal("version.conflict", ["value": "1", "expected": "0"]) }
                throw Refusal("record.missing", ["value": id])
            }
            if draft.row != nil { try checkChange(record, cells, draft, "id:\(id)") }
            return record
        }
        var probe = Record(draft.kind, id: "", home: draft.home ?? submission.home ?? "")
        for (field, value) in cells { probe[field] = value }
        guard let home = try? home(of: probe, draft) else { return nil }
        probe = try settled(probe, home: home)
        for key in Clerk.keys(of: probe) {
            guard let row = try db.row("SELECT id FROM directory WHERE kind = \(draft.kind.name) AND key = \(key)") else { continue }
            guard let record = try ledger.record(db, try row.get("id")) else { continue }
            guard mayDo(submission.person, .see, at: try place(of: record)) else {
                let (name, value) = Clerk.parts(of: key)
                throw Refusal("key.exists", field: name, ["value": value])
            }
            try checkChange(record, cells, draft, key)
            return record
        }
        return nil
    }

    /// Refuses a row that would change a record where changes are not asked for, or that an earlier row of the file has named already.
    mutating func checkChange(_ record: Record, _ cells: [(FieldSpec, Value?)], _ draft: Draft, _ key: String) throws {
        var candidate = record
        for (field, value) in cells { candidate[field] = value }
        guard !candidate.hasSameContent(as: record) else { return }
        let (name, value) = Clerk.parts(of: key)
        if let row = draft.row, let first = keysSeen[record.kind.name, key], first != row {
            throw Refusal("key.repeated", field: name, ["value": value, "expected": String(first)])
        }
        guard !submission.updates else { return }
        // Only who may see the record is told its name: a number alone must not tell whose it is.
        let isSeen = mayDo(submission.person, .see, at: try place(of: record))
        throw Refusal("key.exists", field: name, ["value": isSeen ? record.title : value])
    }
    mutating func note(_ keys: [String], _ draft: Draft) {
        guard let row = draft.row else { return }
        for key in keys where keysSeen[draft.kind.name, key] == nil { keysSeen[draft.kind.name, key] = row }
    }
    /// The field and the value that a key begins with.
    static func parts(of key: String) -> (name: String, value: String) {
        let value = key.drop { $0 != "=" && $0 != ":" }.dropFirst()
        // A reference number carries the county in which it is one.
        let isCode = key.hasPrefix("code:")
        return (String(key.prefix { $0 != "=" && $0 != ":" }), String(isCode ? value.drop { $0 != ":" }.dropFirst() : value))
    }

    /// Keys that name one record: the reference number within its county, and the kind's own.
    static func keys(of record: Record) -> [String] {
        var keys: [String] = []
        if let code = record[record.kind.code].map(plainText) { keys.append("code:\(record.home):\(code)") }
        for key in record.kind.keys {
            let parts = key.compactMap { field in record[field].map { "\(field.name)=\(plainText($0))" } }
            if parts.count == key.count { keys.append(parts.joined(separator: "|")) }
        }
        return keys + record.kind.numbers.compactMap { numbering in record[numbering.field].flatMap(String.read).map(numbering.entry) }
    }

    /// - Parameter isNew: whether no live version of the record holds keys that it might give up now.
    mutating func claimKeys(_ record: Record, _ draft: Draft, isNew: Bool) throws {
        let keys = Clerk.keys(of: record)
        for key in keys {
            let (name, value) = Clerk.parts(of: key)
            if let row = draft.row {
                if let first = keysSeen[record.kind.name, key], first != row {
                    throw Refusal("key.repeated", field: name, ["value": value, "expected": String(first)])
                }
            }
            if let holder = try db.row("SELECT id FROM directory WHERE kind = \(record.kind.name) AND key = \(key)"),
                try holder.get("id", as: String.self) != record.id
            {
                throw Refusal("key.exists", field: name, ["value": value])
            }
        }
        note(keys + ["id:\(record.id)"], draft)
        if !isNew { try db.run("DELETE FROM directory WHERE id = \(record.id)") }
        try db.insert(
            into: "directory", ["kind", "key", "id", "home"],
            keys.map { [.text(record.kind.name), .text($0), .text(record.id), .text(record.home)] })
    }
}
