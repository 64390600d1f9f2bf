import Catalog
import Kernel
import Storage

/// A version, its links, its search text and its line of the audit.
extension Clerk {
    mutating func write(_ record: Record, live: Bool, version: Int, at moment: Moment) throws {
        let kind = record.kind
        let isNew = version == 1
        // A text may mean this record now, or no longer.
        found[kind.name] = nil
        // What lies where may have changed with it: a new record is in nobody's place yet, but a new employment moves its worker.
        if !isNew || kind.name == "employment" { places = [:] }
        let title = record.title
        let folded = Clerk.folded(Clerk.searchText(record))
        let state = record.state?.rawValue ?? ""
        if isNew {
            try db.insert(
                into: "record", ["home", "id", "kind", "version", "live", "title", "folded", "day", "recorded_at", "state", "stage"],
                [
                    [
                        .text(record.home), .text(record.id), .text(kind.name), .integer(Int64(version)), live.sqlValue, .text(title),
                        .text(folded), record.day?.sqlValue ?? .null, moment.sqlValue, .text(state), .integer(Int64(record.stage)),
                    ]
                ])
        } else {
            let count = try db.run(
                """
                UPDATE record SET version = \(version), live = \(live), title = \(title), folded = \(folded), day = \(record.day), recorded_at = \(moment),
                state = \(state), stage = \(record.stage)
                WHERE home = \(record.home) AND id = \(record.id) AND version = \(version - 1)
                """)
            guard count == 1 else { throw Refusal("version.conflict", ["value": String(version), "expected": String(version - 1)]) }
        }
        let (body, digest) = try Body.seal(record, ledger.keys)
        try db.insert(
            into: "record_version",
            ["home", "id", "version", "kind", "live", "body", "recorded_at", "recorded_by", "reason", "state", "stage"],
            [
                [
                    .text(record.home), .text(record.id), .integer(Int64(version)), .text(kind.name), live.sqlValue, .text(body),
                    moment.sqlValue, .text(submission.person.name), .text(submission.reason), .text(state), .integer(Int64(record.stage)),
                ]
            ])
        if !isNew { try db.run("DELETE FROM link WHERE home = \(record.home) AND id = \(record.id)") }
        if live {
            try db.insert(
                into: "link", ["home", "id", "field", "target", "kind", "part"],
                Clerk.links(of: record, ledger.keys).map {
                    [
                        .text(record.home), .text(record.id), .text($0.field), .text($0.target), .text(kind.name),
                        .integer($0.isPart ? 1 : 0),
                    ]
                })
        } else {
            try db.run("DELETE FROM directory WHERE id = \(record.id)")
        }
        told.append(Change(record: record, isLive: live, by: submission.person, door: submission.door, at: moment))
        auditLines[record.home, default: []].append(
            (
                record.id,
                "\(kind.name) v\(version)\(record.state.map { " " + $0.rawValue } ?? "")\(live ? "" : " withdrawn")\(principals[record.id].map { " for \($0)" } ?? "") \(digest)"
            ))
    }

    /// What a live record can be reached by: what it names, its division, and the texts by which a cell may mean it.
    static func links(of record: Record, _ keys: KeyRing) -> [(field: String, target: String, isPart: Bool)] {
        var links = finds(of: record, keys).map { (field: $0.field, target: $0.target, isPart: false) }
        for (field, value) in zip(record.kind.fields, record.values) {
            // Personal texts are found by their keyed digests; an id tells nothing by itself.
            guard field.sensitivity == .open || field.target != nil, case .text(let text)? = value else { continue }
            switch field.type {
            case .reference: links.append((field.name, text, field.tie == .part))
            case .division: links.append((field.name, text, false))
            case .creditCode, .residentID: links.append(("key." + field.name, lookupKey(record.kind.name, text), false))
            case .code("function"):
                if Submitters.sealed.contains(record.kind.name) { links.append((field.name, "function:" + text, false)) }
            default:
                if field === record.kind.code { links.append(("key.code", lookupKey(record.kind.name, text), false)) }
            }
        }
        if record.kind.parents.isEmpty, let name = record.text("name") {
            links.append(("key.name", lookupKey(record.kind.name, name), false))
        }
        return links
    }

    /// Title, reference number and keys: what a record is found by.
    static func searchText(_ record: Record) -> String {
        let keys = ([record.kind.code] + record.kind.keys.flatMap { $0 }).filter { $0.sensitivity == .open }.compactMap {
            record[$0].map(plainText)
        }
        return ([record.title] + keys).joined(separator: " ")
    }

    /// Text as it is searched: lower case, full-width forms narrowed.
    static func folded(_ text: String) -> String {
        String(
            String.UnicodeScalarView(
                text.unicodeScalars.map { scalar in
                    (0xFF01...0xFF5E).contains(scalar.value) ? UnicodeScalar(UInt8(scalar.value - 0xFEE0)) : scalar
                })
        ).lowercased()
    }
}
