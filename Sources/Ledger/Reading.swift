import Catalog
import Kernel
import Storage
import Synchronization

/// One line of the list behind a figure.
public struct Subject: Sendable {
    public let root: String
    public let stretch: Stretch
}

extension Ledger {
    /// The tallies of some gauges by name: kept ones for what is known now, computed ones for what was known at a moment.
    public func tallies(
        _ db: any Connection, prefix: String, gauges: @autoclosure () -> [Gauge], knownAt moment: Moment?, edition: String
    ) throws -> [String: GaugeTally] {
        guard let moment else { return try tallies(db, prefix: prefix) }
        let now = try version(db)
        let key = "\(prefix) \(moment.microseconds) \(edition)"
        if let kept = past.withLock({ $0.version == now ? $0.tallies[key] : nil }) { return kept }
        var moves: [TallyKey: Count] = [:]
        for row in computed(gauges(), in: try book(db, knownAt: moment)) { Ledger.count(row.stretch, "", row.gauge, 1, into: &moves) }
        let tallies = Dictionary(grouping: Ledger.changes(moves), by: \.gauge).mapValues(GaugeTally.init)
        past.withLock { kept in
            // What was known then changes only with the plan or a correction of the clock; a dozen moments are kept at once.
            if kept.version != now || kept.tallies.count >= 12 { kept = (now, [:]) }
            kept.tallies[key] = tallies
        }
        return tallies
    }

    /// The subjects of a gauge on a day, in the order of division and subject.
    /// - Parameter knownAt: nil for what is known now, from the kept rows; otherwise everything is computed from the versions of that moment.
    public func subjects(
        _ db: any Connection, of gauge: Gauge, on day: Day, verdicts: [Stretch.Verdict], in division: DivisionCode? = nil,
        knownAt moment: Moment? = nil,
        limit: Int = .max, offset: Int = 0
    ) throws -> [Subject] {
        if let moment {
            let rows = computed([gauge], in: try book(db, knownAt: moment)).filter { row in
                row.stretch.from <= day && day < row.stretch.until && verdicts.contains(row.stretch.verdict)
                    && (division.map { $0.contains(row.stretch.division) } ?? true)
            }
            let sorted = rows.sorted { ($0.stretch.division, $0.stretch.subject) < ($1.stretch.division, $1.stretch.subject) }
            return sorted.dropFirst(offset).prefix(limit).map { Subject(root: $0.root, stretch: $0.stretch) }
        }
        let prefix = division?.prefix ?? ""
        let rows = try db.rows(
            """
            SELECT * FROM stretch WHERE gauge = \(gauge.name) AND verdict IN \(list: verdicts.map(\.rawValue)) AND from_day <= \(day) AND until_day > \(day)
            AND division >= \(prefix) AND division < \(prefix + ":") ORDER BY division, subject LIMIT \(min(limit, 10_000_000)) OFFSET \(offset)
            """)
        return try rows.map { Subject(root: try $0.get("root"), stretch: try Ledger.stretch($0)) }
    }

    /// A duty as it stands on a day, with the days on which it began and will end so.
    public struct Duty: Sendable {
        public let measure: Measure
        public let root: String
        public let stretch: Stretch
    }

    /// What is owed on a day: by a debtor, or by everybody in a division.
    public func duties(
        _ db: any Connection, on day: Day, debtor: String? = nil, root: String? = nil, in division: DivisionCode? = nil,
        verdicts: [Stretch.Verdict] = [.unmet, .pending, .unknown], limit: Int = 2000
    ) throws -> [Duty] {
        let who: SQL =
            if let debtor { "debtor = \(debtor)" } else if let root { "root = \(root)" } else {
                "division >= \(division?.prefix ?? "") AND division < \((division?.prefix ?? "") + ":")"
            }
        let rows = try db.rows(
            """
            SELECT * FROM stretch WHERE \(who) AND gauge >= 'duty/' AND gauge < 'duty0' AND verdict IN \(list: verdicts.map(\.rawValue))
            AND from_day <= \(day) AND until_day > \(day) ORDER BY from_day, subject LIMIT \(limit)
            """)
        return try rows.compactMap { row in
            let gauge: String = try row.get("gauge")
            guard let measure = measures[String(gauge.dropFirst(5))] else { return nil }
            return Duty(measure: measure, root: try row.get("root"), stretch: try Ledger.stretch(row))
        }
    }

    /// Every gauge that has an opinion of a file, as kept.
    /// - Parameter home: the root's home where it is known: with it the rows are found by their key.
    public func stretches(_ db: any Connection, root: String, home: String? = nil) throws -> [(gauge: String, stretch: Stretch)] {
        let condition: SQL = if let home { "home = \(home) AND root = \(root)" } else { "root = \(root)" }
        return try db.rows("SELECT * FROM stretch WHERE \(condition) ORDER BY gauge, subject, from_day").map {
            (try $0.get("gauge"), try Ledger.stretch($0))
        }
    }

    /// A version of a record as somebody entered it.
    public struct HistoryLine: Sendable {
        public let version: Int
        public let isWithdrawn: Bool
        public let recordedAt: Moment
        public let by, reason: String
        public let record: Record?
    }
    public func history(_ db: any Connection, _ id: String) throws -> [HistoryLine] {
        // The key begins with the home: by the id alone every version of the house would be read.
        let rows = try db.rows(
            "SELECT * FROM record_version WHERE home = (SELECT home FROM record WHERE id = \(id)) AND id = \(id) ORDER BY version")
        return try rows.map { row in
            let live: Bool = try row.get("live")
            var record: Record?
            if let kind = kinds[try row.get("kind")] {
                var version = Record(
                    kind, id: id, home: try row.get("home"), version: try row.get("version"), recordedAt: try row.get("recorded_at"))
                try Body.decode(try row.get("body"), into: &version, keys)
                try version.stand(row)
                record = version
            }
            return HistoryLine(
                version: try row.get("version"), isWithdrawn: !live, recordedAt: try row.get("recorded_at"), by: try row.get("recorded_by"),
                reason: try row.get("reason"), record: record)
        }
    }

    /// One version of a record, withdrawn or not; nil where there is none.
    public func version(_ db: any Connection, of record: Record, _ number: Int) throws -> Record? {
        let row = try db.row("SELECT * FROM record_version WHERE home = \(record.home) AND id = \(record.id) AND version = \(number)")
        guard let row else { return nil }
        var version = Record(
            record.kind, id: record.id, home: record.home, version: number, recordedAt: try row.get("recorded_at"))
        try Body.decode(try row.get("body"), into: &version, keys)
        try version.stand(row)
        return version
    }

    /// Words as records are searched for: lower case, full-width forms narrowed. Every sign means itself.
    public static func searched(_ text: String) -> String { Clerk.folded(text) }

    /// A page of a kind's live records behind an id, those whose title, number or keys contain the words.
    public func list(
        _ db: any Connection, _ kind: Kind, search: String = "", homes: String = "", after id: String = "", limit: Int = 50
    ) throws -> [Record] {
        let words = Ledger.searched(search)
        let ids = try db.rows(
            """
            SELECT id FROM record WHERE kind = \(kind.name) AND live = 1 AND id > \(id) AND folded LIKE \(containing: words)
            AND home >= \(homes) AND home < \(homes + ":") ORDER BY id LIMIT \(limit)
            """
        ).map { try $0.get("id", as: String.self) }
        return try records(db, ids).sorted { $0.id < $1.id }
    }

    /// Live records that name another, by kind.
    public func mentions(_ db: any Connection, of id: String, kinds names: [String]? = nil, limit: Int = 500) throws -> [Record] {
        let ids = try db.rows("SELECT DISTINCT id FROM link WHERE target = \(id) ORDER BY id LIMIT \(limit)").map {
            try $0.get("id", as: String.self)
        }
        return try records(db, ids).filter { names?.contains($0.kind.name) ?? true }.sorted {
            ($0.kind.name, $0.id) < ($1.kind.name, $1.id)
        }
    }

    /// Live records of one kind that name another record, however many.
    public func records(_ db: any Connection, _ kind: Kind, naming id: String) throws -> [Record] {
        let ids = try db.rows("SELECT DISTINCT id FROM link WHERE target = \(id) AND kind = \(kind.name)").map {
            try $0.get("id", as: String.self)
        }
        return try records(db, ids).sorted { $0.id < $1.id }
    }

    /// The file of a root as it stands, with the profiles that it mentions.
    public func file(_ db: any Connection, _ id: String) throws -> File? {
        try Neighbourhood(ledger: self, db: db).book(of: [id], divisions: try divisionRecords(db)).file(id)
    }

    /// Titles of records by id, for lists.
    public func titles(_ db: any Connection, _ ids: Set<String>) throws -> [String: (kind: String, title: String)] {
        var result: [String: (kind: String, title: String)] = [:]
        for part in chunks(ids.sorted()) {
            for row in try db.rows("SELECT id, kind, title FROM record WHERE id IN \(list: part)") {
                result[try row.get("id")] = (try row.get("kind"), try row.get("title"))
            }
        }
        return result
    }

    /// Where some records lie, in their order: what they have in common is read once.
    public func places(_ db: any Connection, of records: [Record]) throws -> [Place] {
        var clerk = Clerk(ledger: self, db: db, submission: Submission(by: .house, door: ""))
        return try records.map { try clerk.place(of: $0) }
    }

    /// Where a record lies and whose it is, for the decision of access.
    public func place(_ db: any Connection, of record: Record) throws -> Place {
        var clerk = Clerk(ledger: self, db: db, submission: Submission(by: .house, door: ""))
        return try clerk.place(of: record)
    }

    // Plans

    public struct PlanEdition: Sendable {
        public let plan: String
        public let edition: Int
        public let digest, text: String
        public let recordedAt: Moment
        public let by: String
    }

    /// The newest edition of each plan, or the newest known at a moment.
    public func plans(_ db: any Connection, knownAt moment: Moment? = nil) throws -> [PlanEdition] {
        try moment == nil ? planShelf.value(self, db) { try readPlans(db, knownAt: nil) } : readPlans(db, knownAt: moment)
    }
    private func readPlans(_ db: any Connection, knownAt moment: Moment?) throws -> [PlanEdition] {
        var newest: [String: PlanEdition] = [:]
        for row in try db.rows("SELECT * FROM plan_edition ORDER BY plan, edition") {
            let edition = PlanEdition(
                plan: try row.get("plan"), edition: try row.get("edition"), digest: try row.get("digest"), text: try row.get("body"),
                recordedAt: try row.get("recorded_at"), by: try row.get("recorded_by"))
            // Before its first edition was entered a plan is asked by that one: there is no older definition to ask.
            if let moment, edition.recordedAt > moment, newest[edition.plan] != nil { continue }
            newest[edition.plan] = edition
        }
        return newest.values.sorted { $0.plan < $1.plan }
    }

    /// Stores an edition of a plan and computes its gauges beside the rest, in one transaction; the old ones vanish with it.
    /// - Returns: the edition; the newest one unchanged where the text is the same.
    public func add(plan: String, home: String, text: String, gauges: [Gauge], by person: Person) async throws -> Int {
        guard mayDo(person, .administer, at: .common) else { throw Refusal("access.denied", ["value": plan]) }
        return try await store.write { [self] db in
            let digest = Digest.sha256(text)
            let newest = try db.row("SELECT edition, digest FROM plan_edition WHERE plan = \(plan) ORDER BY edition DESC LIMIT 1")
            if let newest, try newest.get("digest", as: String.self) == digest { return try newest.get("edition") }
            let edition = try (newest?.get("edition", as: Int.self) ?? 0) + 1
            let now = clock.now()
            try db.run(
                """
                INSERT INTO plan_edition (home, plan, edition, digest, body, recorded_at, recorded_by)
                VALUES (\(home), \(plan), \(edition), \(digest), \(text), \(now), \(person.name))
                """)
            try Audit(db).append(home: home, at: now, by: person.name, door: "plan", [("plan/\(plan)", "edition \(edition) \(digest)")])
            try db.run("DELETE FROM stretch WHERE gauge >= \(plan + "/") AND gauge < \(plan + "0")")
            for home in try Ledger.homes(db, of: "tally") {
                try db.run("DELETE FROM tally WHERE home = \(home) AND gauge >= \(plan + "/") AND gauge < \(plan + "0")")
            }
            try rebuild(db, gauges)
            return edition
        }
    }
}

extension Ledger {
    /// The divisions with the records that correct and extend the national table, as known at a moment.
    public func divisions(_ db: any Connection, knownAt moment: Moment? = nil) throws -> Divisions {
        guard let kind = kinds["division"] else { return catalog.divisions }
        func read() throws -> Divisions { Book(try all(db, kind, knownAt: moment), divisions: catalog.divisions).divisions }
        return try moment == nil ? divisionShelf.value(self, db, read) : read()
    }

    /// All live records of a kind of which there are few, as known at a moment.
    public func all(_ db: any Connection, _ kind: Kind, knownAt moment: Moment? = nil) throws -> [Record] {
        guard let moment else {
            return try records(
                db, try db.rows("SELECT id FROM record WHERE kind = \(kind.name) AND live = 1").map { try $0.get("id", as: String.self) })
        }
        let rows = try db.rows(
            """
            SELECT v.home, v.id, v.version, v.kind, v.live, v.body, v.recorded_at, v.state, v.stage FROM record r JOIN record_version v ON v.home = r.home AND v.id = r.id
            WHERE r.kind = \(kind.name) AND v.recorded_at <= \(moment) ORDER BY v.id, v.version
            """)
        var newest: [String: Record?] = [:]
        for row in rows { newest[try row.get("id")] = .some(try record(from: row)) }
        return newest.values.compactMap { $0 }
    }
}
