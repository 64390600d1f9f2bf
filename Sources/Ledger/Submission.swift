import Catalog
import Kernel
import Storage

/// What became of one draft.
public enum Fate: Sendable {
    case created(id: String), changed(id: String, version: Int), unchanged(id: String), withdrawn(id: String)
    case refused([Refusal])
    public var id: String? {
        switch self {
        case .created(let id), .changed(let id, _), .unchanged(let id), .withdrawn(let id): id
        case .refused: nil
        }
    }
}

/// The answer to one draft, in the order in which they were given.
public struct Receipt: Sendable {
    public let row: Int?
    public let title: String
    public let fate: Fate
}

/// How a submission is to be taken.
public struct Submission: Sendable {
    public var person: Person
    /// The door that it came in by, for the audit: `page`, `csv`, `api`, `demo` …
    public var door: String
    public var reason: String
    /// Whether a draft whose keys name a record changes it; otherwise it is refused as existing.
    public var updates: Bool
    /// Whether everything is undone at the end: the receipts say what would happen.
    public var isTrial: Bool
    /// The county in which new records without a division of their own are created.
    public var home: String?
    public init(by person: Person, door: String, reason: String = "", updates: Bool = false, isTrial: Bool = false, home: String? = nil) {
        (self.person, self.door, self.reason, self.updates, self.isTrial, self.home) = (person, door, reason, updates, isTrial, home)
    }
}

private struct TrialEnded: Error { let receipts: [Receipt] }

extension Ledger {
    /// Takes drafts in one transaction: each is stored whole or refused with all its flaws; good ones do not wait for bad ones.
    /// Rules run and tallies move before it commits, so that whoever is told of success finds it in the figures.
    public func submit(_ drafts: [Draft], _ submission: Submission) async throws -> [Receipt] {
        do {
            return try await store.write { [self] db in
                var clerk = Clerk(ledger: self, db: db, submission: submission)
                let receipts = try clerk.take(drafts)
                if submission.isTrial { throw TrialEnded(receipts: receipts) }
                try clerk.finish()
                return receipts
            }
        } catch let trial as TrialEnded {
            return trial.receipts
        }
    }

    /// Takes any number of drafts in transactions of at most `size`, telling after each how far it is. A trial keeps its rows in one
    /// transaction, so that later rows may refer to earlier ones.
    public func submit(
        _ drafts: [Draft], _ submission: Submission, chunk size: Int, progress: @Sendable (Int) -> Void
    ) async throws -> [Receipt] {
        if submission.isTrial { return try await submit(drafts, submission) }
        var receipts: [Receipt] = []
        var seen: [String: Int] = [:]
        for part in chunks(drafts, of: size) {
            let before = seen
            let (more, keys) = try await store.write { [self] db in
                var clerk = Clerk(ledger: self, db: db, submission: submission)
                clerk.keysSeen = before
                let receipts = try clerk.take(part)
                try clerk.finish()
                return (receipts, clerk.keysSeen)
            }
            receipts += more
            seen = keys
            progress(receipts.count)
        }
        return receipts
    }
}

/// One transaction's worth of drafts.
struct Clerk {
    let ledger: Ledger
    let db: any Connection
    let submission: Submission
    let reader: CellReader
    let now: Moment
    /// Keys of this submission's rows, so that a file that names one record twice is told.
    var keysSeen: [String: Int] = [:]
    private var changed: [Record] = []
    private var told: [Change] = []
    private var auditLines: [String: [(subject: String, detail: String)]] = [:]
    private var resolved: [String: String] = [:]
    private var places: [String: Place] = [:]
    private var divisionCodes: [String: Bool] = [:]
    /// For whom the submitter acts, by record: the audit names both.
    private var principals: [String: String] = [:]

    init(ledger: Ledger, db: any Connection, submission: Submission) {
        (self.ledger, self.db, self.submission) = (ledger, db, submission)
        now = ledger.clock.now()
        reader = CellReader(catalog: ledger.catalog, today: now.day)
        // Another process may have added a key; a ring that cannot be read now goes on with the keys that it has.
        try? ledger.keys.refresh()
    }

    mutating func take(_ drafts: [Draft]) throws -> [Receipt] {
        var receipts: [Receipt] = []
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
            if field.isDerived { continue }
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
            try write(before, live: false, version: before.version + 1, at: draft.recordedAt ?? now)
            changed.append(before)
            return Receipt(row: draft.row, title: before.title, fate: .withdrawn(id: before.id))
        }
        let flawed = Set(flaws.compactMap(\.field))
        for field in draft.kind.fields where field.required && record[field] == nil && !flawed.contains(field.name) {
            flaws.append(Refusal("field.required", field: field.name))
        }
        if flaws.isEmpty { flaws += draft.kind.check(record) }
        guard flaws.isEmpty else { throw Refusals(flaws.sorted { ($0.field ?? "", $0.code) < ($1.field ?? "", $1.code) }) }
        if let complete = draft.kind.complete { try complete(&record, taking(before)) }
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
        let action: Action = draft.step.map { $0 == .submit ? .change : .accept } ?? .change
        // What may be accepted hangs on where it stood: acceptance itself moves it on.
        if action == .change || before == nil { try permit(record, action) }
        if let before { try permit(before, action) }
        // What the house fills in their name by a step of the course is no statement of theirs.
        let reserved = Submitters.reserved(of: record.kind)
        if submission.person.role.isOutside,
            let name = cells.first(where: { reserved.contains($0.0.name) && $0.1 != nil && $0.1 != before?[$0.0] })?.0.name
        {
            throw Refusal("access.denied", field: name, ["value": record.kind.zh])
        }
        try claimKeys(record, draft)
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

    /// References looked up, divisions known.
    private mutating func complete(_ value: Value?, _ field: FieldSpec, _ draft: Draft) throws -> Value? {
        guard case .text(let text)? = value else { return value }
        switch field.type {
        case .reference(let kind): return .text(try resolve(text, kind, field))
        case .division:
            guard try isKnownDivision(text) else { throw Refusal("division.unknown", field: field.name, ["value": text]) }
            return value
        default: return value
        }
    }

    private mutating func isKnownDivision(_ code: String) throws -> Bool {
        if ledger.catalog.divisions[code] != nil { return true }
        if let known = divisionCodes[code] { return known }
        let known = try db.row("SELECT id FROM directory WHERE kind = 'division' AND key = \("division=\(code)")") != nil
        divisionCodes[code] = known
        return known
    }

    /// What a cell of a reference means: an id, a credit code, an identity number, a reference number or a full name, if only one record has it.
    private mutating func resolve(_ text: String, _ kind: String, _ field: FieldSpec) throws -> String {
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
            let found: SQL =
                identities.isEmpty
                ? "1 = 0" : "l.kind = \(kind) AND l.field IN \(list: identities) AND l.target IN \(list: ledger.finds(text))"
            ids = try db.rows(
                """
                SELECT l.id FROM link l JOIN record r ON r.home = l.home AND r.id = l.id
                WHERE (l.target = \(key) OR \(found)) AND r.live = 1
                """
            ).map { try $0.get("id", as: String.self) }
        }
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

    /// What a refusal calls a kind, in both languages.
    private func names(_ kind: String) -> [String: String] {
        ["expected": ledger.kinds[kind]?.zh ?? kind, "expected_en": ledger.kinds[kind]?.en.lowercased() ?? kind]
    }
    private func kindRefusal(_ id: String, _ kind: Kind) -> Refusal { Refusal("ref.kind", names(kind.name).merging(["value": id]) { $1 }) }

    static func lookupKey(_ kind: String, _ text: String) -> String { "key:\(kind):\(text.uppercased())" }

    /// The record that a draft changes: named by id, or by a key where changes are allowed.
    private mutating func existing(_ draft: Draft, _ cells: [(FieldSpec, Value?)]) throws -> Record? {
        if let id = draft.id {
            guard let record = try ledger.record(db, id) else {
                // Ids given by demonstration data and moves are new ones, and so are those of a file from another house.
                if draft.recordedAt != nil, !draft.isWithdrawal { return nil }
                if draft.row != nil, try db.row("SELECT id FROM record WHERE id = \(id)") == nil { return nil }
                throw Refusal("record.missing", ["value": id])
            }
            guard record.kind.name == draft.kind.name else { throw kindRefusal(id, draft.kind) }
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
            try checkChange(record, cells, draft, key)
            return record
        }
        return nil
    }

    /// Refuses a row that would change a record where changes are not asked for, or that an earlier row of the file has named already.
    private mutating func checkChange(_ record: Record, _ cells: [(FieldSpec, Value?)], _ draft: Draft, _ key: String) throws {
        var candidate = record
        for (field, value) in cells { candidate[field] = value }
        guard !candidate.hasSameContent(as: record) else { return }
        let (name, value) = Clerk.parts(of: key)
        if let row = draft.row, let first = keysSeen["\(record.kind.name) \(key)"], first != row {
            throw Refusal("key.repeated", field: name, ["value": value, "expected": String(first)])
        }
        guard !submission.updates else { return }
        // Only who may see the record is told its name: a number alone must not tell whose it is.
        let isSeen = mayDo(submission.person, .see, at: try place(of: record))
        throw Refusal("key.exists", field: name, ["value": isSeen ? record.title : value])
    }
    private mutating func note(_ keys: [String], _ draft: Draft) {
        guard let row = draft.row else { return }
        for key in keys where keysSeen["\(draft.kind.name) \(key)"] == nil { keysSeen["\(draft.kind.name) \(key)"] = row }
    }
    /// The field and the value that a key begins with.
    private static func parts(of key: String) -> (name: String, value: String) {
        let value = key.drop { $0 != "=" && $0 != ":" }.dropFirst()
        // A reference number carries the county in which it is one.
        let isCode = key.hasPrefix("code:")
        return (String(key.prefix { $0 != "=" && $0 != ":" }), String(isCode ? value.drop { $0 != ":" }.dropFirst() : value))
    }

    /// The county where a new record is created: its own division's, its parent's, the submission's.
    private func home(of record: Record, _ draft: Draft) throws -> String {
        if let home = draft.home { return home }
        if let code = record.text("division"), code.utf8.count >= 6 { return String(code.prefix(6)) }
        for field in record.kind.parents {
            guard let target = record.target(of: field) else { continue }
            if let row = try db.row("SELECT home FROM record WHERE id = \(target)") { return try row.get("home") }
        }
        return submission.home ?? submission.person.division?.text ?? "000000"
    }
    private func settled(_ record: Record, home: String) throws -> Record {
        var moved = Record(record.kind, id: record.id, home: home, version: record.version)
        moved.values = record.values
        (moved.state, moved.stage) = (record.state, record.stage)
        return moved
    }

    /// Keys that name one record: the reference number within its county, and the kind's own.
    static func keys(of record: Record) -> [String] {
        var keys: [String] = []
        if let code = record[record.kind.code].map(plainText) { keys.append("code:\(record.home):\(code)") }
        for key in record.kind.keys {
            let parts = key.compactMap { field in record[field].map { "\(field.name)=\(plainText($0))" } }
            if parts.count == key.count { keys.append(parts.joined(separator: "|")) }
        }
        return keys
    }

    private mutating func claimKeys(_ record: Record, _ draft: Draft) throws {
        let keys = Clerk.keys(of: record)
        for key in keys {
            let (name, value) = Clerk.parts(of: key)
            if let row = draft.row {
                if let first = keysSeen["\(record.kind.name) \(key)"], first != row {
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
        try db.run("DELETE FROM directory WHERE id = \(record.id)")
        try db.insert(
            into: "directory", ["kind", "key", "id", "home"],
            keys.map { [.text(record.kind.name), .text($0), .text(record.id), .text(record.home)] })
    }

    /// Whether the submitter may change this record where it lies.
    private mutating func permit(_ record: Record, _ action: Action = .change) throws {
        let place = try place(of: record)
        guard mayDo(submission.person, action, at: place) else { throw Refusal("access.denied", ["value": record.kind.zh]) }
        principals[record.id] = submission.person.principal(action, at: place)
    }
    mutating func place(of record: Record) throws -> Place {
        var divisions: [String] = ["township", "division"].compactMap { record.text($0) }.prefix(1).map { $0 }
        var organisations: [String] = []
        var (workers, posts): ([String], [String]) = ([], [])
        if record.kind.name == "post" { posts.append(record.id) }
        if record.kind.name == "worker" {
            workers.append(record.id)
            // A person lies where their employers are, and belongs to the files of each.
            let rows = try db.rows(
                """
                SELECT DISTINCT e.target FROM link w JOIN link e ON e.home = w.home AND e.id = w.id AND e.field = 'employer'
                WHERE w.target = \(record.id) AND w.field = 'worker' AND w.kind = 'employment'
                """)
            for row in rows {
                let employer = try placeOfStored(try row.get(0))
                divisions += employer.divisions
                organisations += employer.organisations
            }
            divisions.append(record.home)
        }
        if record.kind.parents.isEmpty, ["employer", "institution"].contains(record.kind.name) { organisations.append(record.id) }
        let isOfOneEmployer = record.kind.references.contains { field in
            ["employer", "institution"].contains(field.target ?? "") && record.target(of: field) != nil
        }
        for field in record.kind.references {
            guard let target = record.target(of: field) else { continue }
            let above = try places[target] ?? placeOfStored(target)
            places[target] = above
            if field.tie == .part || field.target == "worker" { workers += above.workers }
            if field.tie == .part || field.target == "post" { posts += above.posts }
            if field.tie == .part || ["employer", "institution"].contains(field.target ?? "") {
                divisions += above.divisions
                // What one employer recorded of a worker is not the file of the worker's other employers.
                if !(isOfOneEmployer && field.target == "worker") { organisations += above.organisations }
            }
        }
        if divisions.isEmpty { divisions = [record.home] }
        let receiver = record.kind.flow?.receiver.flatMap { record.target(of: $0) }
        return Place(
            divisions: divisions, organisations: organisations, authors: try authors(of: record, organisations), workers: workers,
            posts: posts, people: record.text("account").map { [$0] } ?? [], kind: record.kind.name,
            receivers: receiver.map { [$0] } ?? [], level: try level(of: record),
            functions: try functions(of: record))
    }
    /// The functions of authority that a record, or the record that it is part of, is addressed to.
    private func functions(of record: Record) throws -> [String] {
        guard Submitters.sealed.contains(record.kind.name) else { return [] }
        if let function = record.text("function") { return [function] }
        for field in record.kind.parents {
            guard let above = try record.target(of: field).flatMap({ try ledger.record(db, $0) }),
                let function = above.text("function")
            else { continue }
            return [function]
        }
        return []
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
    private func discard(_ draft: Draft) throws {
        guard let id = draft.saved else { return }
        try db.run("DELETE FROM draft WHERE id = \(id) AND account = \(submission.person.name)")
    }
    /// The organisations of a record's place that submit its kind: employers or institutions; of proceedings whoever is party.
    private func authors(of record: Record, _ organisations: [String]) throws -> [String] {
        let name = record.kind.name
        var kinds: [String] = []
        if Submitters.employer.contains(name) { kinds.append("employer") }
        if Submitters.institution.contains(name) { kinds.append("institution") }
        guard !kinds.isEmpty, !organisations.isEmpty else { return [] }
        return try ledger.titles(db, Set(organisations)).filter { kinds.contains($0.value.kind) }.map(\.key)
    }
    private mutating func placeOfStored(_ id: String) throws -> Place {
        guard let record = try ledger.record(db, id) else { return Place() }
        return try place(of: record)
    }

    private mutating func write(_ record: Record, live: Bool, version: Int, at moment: Moment) throws {
        let kind = record.kind
        let isNew = version == 1
        let title = record.title
        let folded = Clerk.folded(Clerk.searchText(record))
        let state = record.state?.rawValue ?? ""
        if isNew {
            try db.run(
                """
                INSERT INTO record (home, id, kind, version, live, title, folded, day, recorded_at, state, stage)
                VALUES (\(record.home), \(record.id), \(kind.name), \(version), \(live), \(title), \(folded), \(record.day), \(moment), \(state), \(record.stage))
                """)
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
        try db.run(
            """
            INSERT INTO record_version (home, id, version, kind, live, body, recorded_at, recorded_by, reason, state, stage)
            VALUES (\(record.home), \(record.id), \(version), \(kind.name), \(live), \(body), \(moment), \(submission.person.name), \(submission.reason), \(state), \(record.stage))
            """)
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
