import Catalog
import Kernel
import Storage

/// One transaction's worth of drafts.
struct Clerk {
    let ledger: Ledger
    let db: any Connection
    let submission: Submission
    let reader: CellReader
    let now: Moment
    /// Keys of this submission's rows, so that a file that names one record twice is told.
    var keysSeen = SeenKeys()
    var changed: [Record] = []
    var told: [Change] = []
    var auditLines: [String: [(subject: String, detail: String)]] = [:]
    var resolved: [String: String] = [:]
    /// What the references of this submission were found to mean, all at once, by kind and text.
    var found: [String: [String: Set<String>]] = [:]
    var places: [String: Place] = [:]
    /// Homes and kinds of records that were asked for: neither ever changes.
    var homes: [String: String] = [:]
    var kindsOf: [String: String] = [:]
    var divisionCodes: [String: Bool] = [:]
    /// For whom the submitter acts, by record: the audit names both.
    var principals: [String: String] = [:]

    init(ledger: Ledger, db: any Connection, submission: Submission) {
        (self.ledger, self.db, self.submission) = (ledger, db, submission)
        now = ledger.clock.now()
        reader = CellReader(catalog: ledger.catalog, today: now.day)
        // Another process may have added a key; a ring that cannot be read now goes on with the keys that it has.
        try? ledger.keys.refresh()
    }

    mutating func take(_ drafts: [Draft]) throws -> [Receipt] {
        var receipts: [Receipt] = []
        try lookUp(drafts)
        for draft in drafts {
            do {
                receipts.append(try take(draft))
            } catch let refusal as Refusal {
                receipts.append(Receipt(row: draft.row, title: "", fate: .refused([refusal.at(row: draft.row)])))
            } catch let refusals as Refusals {
                receipts.append(Receipt(row: draft.row, title: "", fate: .refused(refusals.all.map { $0.at(row: draft.row) })))
            }
        }
        return receipts
    }

    mutating func finish() throws {
        for (home, lines) in auditLines.sorted(by: { $0.key < $1.key }) {
            try Audit(db).append(home: home, at: now, by: submission.person.name, door: submission.door, lines)
        }
        auditLines = [:]
        try ledger.settle(db, changed)
        changed = []
        if let listener = ledger.listener, !told.isEmpty { try listener(ledger, db, told) }
        told = []
    }

    private mutating func take(_ draft: Draft) throws -> Receipt {
        // A row that was no row tells nothing by its cells.
        guard draft.flaws.isEmpty else { throw Refusals(draft.flaws) }
        var flaws: [Refusal] = []
        var cells: [(FieldSpec, Value?)] = []
        for (name, text) in draft.cells {
            guard let field = draft.kind.field(named: name) else {
                flaws.append(Refusal("field.unknown", field: name, ["value": name]))
                continue
            }
            // A file that was exported carries them; what they say is worked out anew, or stays.
            if field.isDerived, try !carries(field, draft) { continue }
            do { cells.append((field, try complete(try reader.read(text, as: field), field, draft))) } catch let refusal as Refusal {
                flaws.append(refusal)
            }
        }
        var before: Record?
        do { before = try existing(draft, cells) } catch let refusal as Refusal where refusal.field != nil { flaws.append(refusal) }
        var record = before ?? Record(draft.kind, id: draft.id ?? Identifier.make(at: now), home: "", version: 0)
        for (field, value) in cells { record[field] = value }
        if draft.isWithdrawal {
            guard let before else { throw Refusal("record.missing", ["value": draft.id ?? ""]) }
            try permit(before)
            try checkSettled(before, from: before, isWithdrawal: true)
            try write(before, live: false, version: before.version + 1, at: draft.recordedAt ?? now)
            changed.append(before)
            return Receipt(row: draft.row, title: before.title, fate: .withdrawn(id: before.id))
        }
        let action: Action = draft.step.map { $0 == .submit ? .change : .accept } ?? .change
        // The lock is asked before anything is said of what stands behind it: how far it is, what it lacks, its version.
        if let before { try permit(before, action) }
        let flawed = Set(flaws.compactMap(\.field))
        for field in draft.kind.fields where field.required && record[field] == nil && !flawed.contains(field.name) {
            flaws.append(Refusal("field.required", field: field.name))
        }
        if flaws.isEmpty { flaws += draft.kind.check(record) }
        guard flaws.isEmpty else { throw Refusals(flaws.sorted { ($0.field ?? "", $0.code) < ($1.field ?? "", $1.code) }) }
        if let complete = draft.kind.complete, try !isDecidedElsewhere(draft) { try complete(&record, taking(before)) }
        try advance(&record, from: before, draft)

        // The same form sent twice changes nothing; the same content from somebody who had not seen it is a conflict: both may have
        // meant to add one.
        if let before, before.hasSameContent(as: record), (before.state, before.stage) == (record.state, record.stage),
            try draft.seen == nil || draft.seen == before.version || isOwn(before)
        {
            note(Clerk.keys(of: record) + ["id:\(record.id)"], draft)
            try discard(draft)
            return Receipt(row: draft.row, title: record.title, fate: .unchanged(id: record.id))
        }
        if let seen = draft.seen, let before, before.version != seen {
            throw Refusal("version.conflict", ["value": String(before.version), "expected": String(seen)])
        }
        if before == nil {
            record = try settled(record, home: try home(of: record, draft))
            // A withdrawn record that is submitted again goes on with its versions, in its old home, by whoever might change it then.
            if let id = draft.id, let last = try ledger.history(db, id).last {
                guard let old = last.record, old.kind.name == draft.kind.name else { throw kindRefusal(id, draft.kind) }
                if let seen = draft.seen, seen != old.version {
                    throw Refusal("version.conflict", ["value": String(old.version), "expected": String(seen)])
                }
                try permit(old)
                record = try settled(record, home: old.home)
                record.version = old.version
            }
        }
        // What may be accepted hangs on where it stood: acceptance itself moves it on.
        if action == .change || before == nil { try permit(record, action) }
        try checkSettled(record, from: before)
        // What the house fills in their name by a step of the course is no statement of theirs.
        let reserved = Submitters.reserved(of: record.kind)
        if submission.person.role.isOutside,
            let name = cells.first(where: { reserved.contains($0.0.name) && $0.1 != nil && $0.1 != before?[$0.0] })?.0.name
        {
            throw Refusal("access.denied", field: name, ["value": record.kind.zh])
        }
        try claimKeys(record, draft, isNew: before == nil)
        try number(&record)
        let moment = draft.recordedAt ?? now
        record.version += 1
        record.recordedAt = moment
        let isCancelled = record.state == .cancelled
        try write(record, live: !isCancelled, version: record.version, at: moment)
        try discard(draft)
        if !isCancelled { changed.append(record) }
        if let before { changed.append(before) }
        return Receipt(
            row: draft.row, title: record.title,
            fate: before == nil ? .created(id: record.id) : .changed(id: record.id, version: record.version))
    }

    /// The county where a new record is created: its own division's, its parent's, the submission's.
    mutating func home(of record: Record, _ draft: Draft) throws -> String {
        if let home = draft.home { return home }
        if let code = record.text("division"), code.utf8.count >= 6 { return String(code.prefix(6)) }
        for field in record.kind.parents {
            guard let target = record.target(of: field) else { continue }
            if let known = homes[target] { return known }
            guard let row = try db.row("SELECT home FROM record WHERE id = \(target)") else { continue }
            let home: String = try row.get("home")
            homes[target] = home
            return home
        }
        return submission.home ?? submission.person.division?.text ?? "000000"
    }
    func settled(_ record: Record, home: String) throws -> Record {
        var moved = Record(record.kind, id: record.id, home: home, version: record.version)
        moved.values = record.values
        (moved.state, moved.stage) = (record.state, record.stage)
        return moved
    }

    /// Whether the submitter wrote the stored version of a record.
    func isOwn(_ record: Record) throws -> Bool {
        let row = try db.row(
            "SELECT recorded_by FROM record_version WHERE home = \(record.home) AND id = \(record.id) AND version = \(record.version)")
        return try row?.get("recorded_by", as: String.self) == submission.person.name
    }
    /// What a kind may read while it completes a record.
    func taking(_ before: Record?) -> Taking {
        Taking(
            catalog: ledger.catalog, before: before, isOwn: submission.person.role == .organisation,
            naming: { [ledger, db] id, kind in try ledger.records(db, kind, naming: id) }
        ) { [ledger, db] in try ledger.record(db, $0) }
    }
    /// The draft that a record was made from goes with it.
    func discard(_ draft: Draft) throws {
        guard let id = draft.saved else { return }
        try db.run("DELETE FROM draft WHERE id = \(id) AND account = \(submission.person.name)")
    }
}
