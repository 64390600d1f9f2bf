import Draws
import Enforcement
import Kernel
import Ledger
import Storage

/// The draws of the house 双随机抽取登记: committed, then drawn, never changed. Each step is in the audit.
public struct DrawRegister: Sendable {
    let ledger: Ledger
    public init(_ ledger: Ledger) { self.ledger = ledger }

    /// A draw as lists show it.
    public struct Entry: Sendable {
        public let home, id, title, jurisdiction, commitment, committedBy: String
        public let objects, drawn: Int
        public let committed, expected: Moment
        public let due: Day
        /// Who entered the source, and when; nil while it is awaited.
        public let entered: (at: Moment, by: String)?
        /// The published file, or before the draw what was committed to.
        let text, nonce: String
        /// The commitment as the audit's chain has it; nil in lists.
        var audited: String?

        /// What the stored text says, worked out anew: a changed byte is refused.
        public func file() throws -> DrawFile {
            let file = try DrawFile.read(Array(text.utf8))
            guard file.commitment == commitment, audited == nil || audited == commitment else {
                throw Refusal("draw.other-commitment", ["value": file.commitment, "expected": audited ?? commitment])
            }
            guard entered == nil || file.result != nil else { throw Refusal("draw.not-drawn", ["value": file.source.expected.drawText]) }
            return file
        }
    }

    public func list(_ db: any Connection, id: String? = nil, in division: DivisionCode? = nil) throws -> [Entry] {
        let which: SQL = if let id { "d.id = \(id)" } else { "1 = 1" }
        let prefix = division?.prefix ?? ""
        return try db.rows(
            """
            SELECT d.home, d.id, d.title, d.jurisdiction, d.commitment, d.committed_by, d.objects, d.drawn, d.committed_at, d.expected_at,
            d.due_day, d.body, d.nonce, r.body AS result, r.entered_at, r.entered_by
            FROM draw d LEFT JOIN draw_result r ON r.home = d.home AND r.draw = d.id
            WHERE \(which) AND d.jurisdiction >= \(prefix) AND d.jurisdiction < \(prefix + ":") ORDER BY d.committed_at DESC, d.id
            """
        ).map { row in
            let at: Moment? = try row.find("entered_at")
            let by: String? = try row.find("entered_by")
            let result: String? = try row.find("result")
            return Entry(
                home: try row.get("home"), id: try row.get("id"), title: try row.get("title"), jurisdiction: try row.get("jurisdiction"),
                commitment: try row.get("commitment"), committedBy: try row.get("committed_by"), objects: try row.get("objects"),
                drawn: try row.get("drawn"), committed: try row.get("committed_at"), expected: try row.get("expected_at"),
                due: try row.get("due_day"), entered: at.flatMap { at in by.map { (at, $0) } }, text: try result ?? row.get("body"),
                nonce: try row.get("nonce"))
        }
    }
    public func find(_ db: any Connection, _ id: String) throws -> Entry {
        guard var entry = try list(db, id: id).first else { throw Refusal("record.missing", ["value": String(id.prefix(40))]) }
        let line = try Audit(db).lines(.init(subject: "draw/\(id)")).first { $0.detail.hasPrefix("committed ") }
        entry.audited = line.map { String($0.detail.dropFirst(10).prefix(64)) } ?? ""
        return entry
    }

    /// Where a draw of a division lies for the decision of access: whoever plans inspections there holds draws there.
    public static func place(_ division: String) -> Place { Place(divisions: [division], kind: PlannedInspection.kind.name) }

    /// Binds the lists, the weights and the source to come.
    /// - Parameters:
    ///   - due: the day by which the drawn are to be inspected.
    ///   - nonce: random; only demonstrations, which are the same every time, give their own.
    public func commit(
        _ inputs: DrawInputs, source: DrawFile.Source, due: Day, by person: Person, nonce: String = DrawFile.nonce()
    ) async throws -> Entry {
        guard mayDo(person, .change, at: DrawRegister.place(inputs.jurisdiction)) else {
            throw Refusal("access.denied", ["value": PlannedInspection.kind.zh])
        }
        let now = ledger.clock.now()
        let file = try DrawFile(inputs, source: source, secret: DrawFile.secret(of: nonce), at: now)
        guard due > source.expected.day else {
            throw Refusal("draw.due", field: "due", ["value": due.description, "limit": source.expected.day.description])
        }
        return try await ledger.store.write { [self] db in
            let home = String(inputs.jurisdiction.prefix(6))
            try db.run(
                """
                INSERT INTO draw (home, id, title, jurisdiction, objects, drawn, expected_at, due_day, commitment, body, nonce, committed_at, committed_by)
                VALUES (\(home), \(inputs.id), \(inputs.title), \(inputs.jurisdiction), \(inputs.objects.count), \(inputs.drawn),
                \(source.expected), \(due), \(file.commitment), \(file.text), \(nonce), \(now), \(person.name))
                """)
            try Audit(db).append(
                home: home, at: now, by: person.name, door: "draw",
                [("draw/\(inputs.id)", "committed \(file.commitment) inputs \(file.inputsDigest) until \(source.expected.drawText)")])
            return try find(db, inputs.id)
        }
    }

    /// Enters the value of the public source, by somebody other than who made the lists 四眼, and draws.
    public func enter(_ id: String, value: String, evidence: String, by person: Person) async throws -> Entry {
        let entry = try await ledger.store.write { [self] db in
            let entry = try find(db, id)
            guard mayDo(person, .change, at: DrawRegister.place(entry.jurisdiction)) else {
                throw Refusal("access.denied", ["value": PlannedInspection.kind.zh])
            }
            guard entry.entered == nil else { throw Refusal("draw.entered", ["value": entry.title]) }
            guard person.name != entry.committedBy else { throw Refusal("draw.four-eyes", ["value": entry.committedBy]) }
            let now = ledger.clock.now()
            let drawn = try entry.file().drawing(value: value, evidence: evidence, nonce: entry.nonce, at: now)
            let digest = Digest.sha256(drawn.text)
            try db.run(
                """
                INSERT INTO draw_result (home, draw, body, digest, entered_at, entered_by)
                VALUES (\(entry.home), \(id), \(drawn.text), \(digest), \(now), \(person.name))
                """)
            try Audit(db).append(
                home: entry.home, at: now, by: person.name, door: "draw",
                [("draw/\(id)", "drawn seed \(drawn.result?.seed ?? "") file \(digest)")])
            return try find(db, id)
        }
        try await plan(entry, by: person)
        return entry
    }

    /// Makes a planned inspection of each drawn object that has none yet: a duty of the authority. Done again it changes nothing.
    public func plan(_ entry: Entry, by person: Person) async throws {
        guard let entered = entry.entered, let drawn = try entry.file().result?.outcome.drawn else { return }
        let (kinds, known) = try await ledger.store.read { [self] db in
            (try ledger.titles(db, Set(drawn.map(\.object.id))).mapValues(\.kind), Set(try planned(db, entry).keys))
        }
        let drafts = drawn.filter { !known.contains($0.object.id) }.compactMap { one -> Draft? in
            guard let kind = kinds[one.object.id], ["employer", "institution"].contains(kind) else { return nil }
            return Draft(
                PlannedInspection.kind,
                [
                    kind: one.object.id, "mode": "random", "draw": entry.id,
                    "officers": String(one.inspectors.map(\.inspector.name).joined(separator: "、").prefix(200)),
                    "from": entered.at.day.description, "due": entry.due.description,
                ])
        }
        let receipts = try await ledger.submit(drafts, Submission(by: person, door: "draw", reason: entry.title, home: entry.home))
        for receipt in receipts { if case .refused(let refusals) = receipt.fate { throw Refusals(refusals) } }
    }

    /// The planned inspections of a draw by whom they are of, with the inspection that carried each out.
    func planned(_ db: any Connection, _ entry: Entry) throws -> [String: (plan: Record, inspected: Day?)] {
        guard entry.entered != nil, let drawn = try? entry.file().result?.outcome.drawn else { return [:] }
        let ids = drawn.map(\.object.id)
        var records: [Record] = []
        for start in stride(from: 0, to: ids.count, by: 400) {
            let rows = try db.rows(
                """
                SELECT DISTINCT id FROM link WHERE kind = \(PlannedInspection.kind.name) AND target IN \(list: Array(ids[start..<min(start + 400, ids.count)]))
                """)
            records += try ledger.records(db, try rows.map { try $0.get("id", as: String.self) })
        }
        var result: [String: (plan: Record, inspected: Day?)] = [:]
        for record in records where record[PlannedInspection.draw] == entry.id {
            guard let object = record[PlannedInspection.employer] ?? record[PlannedInspection.institution] else { continue }
            let met = try db.row(
                """
                SELECT record, verdict, from_day FROM stretch WHERE root = \(object) AND gauge = 'duty/planned_inspection' AND subject = \(record.id)
                AND verdict IN ('met', 'unmet') AND reason <> 'inspection.planned-missing' AND record <> \(record.id) ORDER BY from_day DESC LIMIT 1
                """)
            let inspection = try met.flatMap { try ledger.record(db, try $0.get("record", as: String.self)) }
            result[object] = (record, inspection?[Inspection.day])
        }
        return result
    }
}
