import Catalog
import Foundation
import Kernel
import Storage
import Synchronization

/// The records of the house and everything that follows from them, over one store.
public final class Ledger: Sendable {
    public let store: any Store
    public let catalog: Catalog
    public let clock: Clock
    /// What personal and medical fields are sealed with.
    public let keys: KeyRing
    /// The published heads of the audit.
    public let heads: AuditHeads
    public let features: [Feature]
    public let kinds: [String: Kind]
    public let measures: [String: Measure]
    private let below: [String: Set<String>]
    /// The kinds of document whose lines records of a kind are.
    let documents: [String: [Kind]]
    let findings: [String: FindingRule]
    let listener: Listener?
    private let peopleSource: People
    private let gaugesOfPlan: @Sendable (String) throws -> [Gauge]
    private let gaugeCache = Mutex<(digests: [String: String], gauges: [Gauge])>(([:], []))
    private let duties: [Gauge]
    let past = Mutex<(version: Int, tallies: [String: [String: GaugeTally]])>((-1, [:]))
    let lastCheck = Mutex<(result: AuditCheck.Result, at: Moment)?>(nil)
    private let shelf = TallyShelf()
    private let records = RecordShelf()
    let planShelf = StateShelf<Sole, [PlanEdition]>()
    let divisionShelf = StateShelf<Sole, Divisions>()

    /// - Parameters:
    ///   - listener: is told of every version that a submission stores, in its transaction; not of what is loaded in bulk.
    ///   - people: who works for whom; given by the room Accounts.
    ///   - gaugesOfPlan: reads a plan's text into its gauges; given by the room Planning.
    /// - Throws: `Refusal("finding.unpublished")` where a measure reads a finding that no room publishes.
    public init(
        store: any Store, catalog: Catalog, features: [Feature], clock: Clock = .system,
        keys: KeyRing = .ephemeral, heads: AuditHeads = AuditHeads(), listener: Listener? = nil,
        people: @escaping People = { _, _ in [] }, gaugesOfPlan: @escaping @Sendable (String) throws -> [Gauge]
    ) throws {
        (self.store, self.catalog, self.features, self.clock, self.gaugesOfPlan) = (store, catalog, features, clock, gaugesOfPlan)
        (self.keys, self.heads, self.listener, peopleSource) = (keys, heads, listener, people)
        kinds = Dictionary(uniqueKeysWithValues: features.flatMap(\.kinds).map { ($0.name, $0) })
        below = Ledger.below(kinds.values)
        let contents = kinds.values.sorted { $0.name < $1.name }.flatMap { kind in
            (kind.flow?.contents ?? []).map { (line: $0, kind: kind) }
        }
        documents = Dictionary(grouping: contents, by: \.line).mapValues { $0.map(\.kind) }
        measures = Dictionary(uniqueKeysWithValues: features.flatMap(\.measures).map { ($0.name, $0) })
        findings = Dictionary(uniqueKeysWithValues: features.flatMap(\.findings).map { ($0.name, $0) })
        for measure in measures.values {
            for name in measure.reads where findings[name] == nil {
                throw Refusal("finding.unpublished", ["value": name, "measure": measure.name])
            }
        }
        let law = catalog.parameters["duty.law_in_force"]?.edition(on: clock.today).flatMap { Day($0.value) } ?? .distantPast
        duties = measures.values.filter { $0.clause != nil }.sorted { $0.name < $1.name }.map {
            Gauge("duty/\($0.name)", $0, terms: Terms(catalog: catalog), force: Span(law))
        }
    }

    /// Everybody whose account is not closed, with the functions that they have today and what was handed over to them.
    public func people(_ db: any Connection) throws -> [Known] { try peopleSource(self, db) }

    public static func schema() throws -> Schema {
        guard let folder = Bundle.module.resourceURL?.appendingPathComponent("Schema") else {
            throw Refusal("catalog.file", ["value": "Schema"])
        }
        return try Schema(folder: folder)
    }

    /// Every gauge in force: the law's duties and the indicators of the newest edition of each plan.
    func gauges(_ db: any Connection) throws -> [Gauge] {
        var newest: [String: (digest: String, edition: Int)] = [:]
        for row in try db.rows("SELECT plan, edition, digest FROM plan_edition ORDER BY plan, edition") {
            newest[try row.get("plan")] = (try row.get("digest"), try row.get("edition"))
        }
        let digests = newest.mapValues(\.digest)
        if let kept = gaugeCache.withLock({ $0.digests == digests && !$0.gauges.isEmpty ? $0.gauges : nil }) { return kept }
        var all: [String: [Gauge]] = [:]
        for (plan, entry) in newest {
            guard let row = try db.row("SELECT body FROM plan_edition WHERE plan = \(plan) AND edition = \(entry.edition)") else {
                continue
            }
            all[plan] = try gaugesOfPlan(try row.get("body"))
        }
        let found = duties + all.sorted { $0.key < $1.key }.flatMap(\.value)
        gaugeCache.withLock { $0 = (digests, found) }
        return found
    }

    /// The live records as known at a moment, all of them.
    public func book(_ db: any Connection, knownAt moment: Moment? = nil) throws -> Book {
        var records: [Record] = []
        let query: SQL =
            if let moment {
                """
                SELECT v.home, v.id, v.version, v.kind, v.live, v.body, v.recorded_at, v.state, v.stage FROM record_version v
                WHERE v.version = (SELECT max(w.version) FROM record_version w WHERE w.home = v.home AND w.id = v.id AND w.recorded_at <= \(moment))
                """
            } else {
                """
                SELECT v.home, v.id, v.version, v.kind, v.live, v.body, v.recorded_at, v.state, v.stage FROM record r
                JOIN record_version v ON v.home = r.home AND v.id = r.id AND v.version = r.version WHERE r.live = 1
                """
            }
        try db.each(query) { row in if let record = try record(from: row) { records.append(record) } }
        return Book(records, divisions: catalog.divisions, findings: findings)
    }

    /// A live record of a version row; nil for a withdrawn version or a kind that the house does not have.
    func record(from row: SQLRow) throws -> Record? { try kept(row)?.opened(keys) }
    private func kept(_ row: SQLRow) throws -> RecordShelf.Kept? {
        guard try row.get("live", as: Bool.self), let kind = kinds[try row.get("kind")] else { return nil }
        var record = Record(
            kind, id: try row.get("id"), home: try row.get("home"), version: try row.get("version"), recordedAt: try row.get("recorded_at"))
        let sealed = Body.decode(try row.get("body"), into: &record)
        try record.stand(row)
        return RecordShelf.Kept(record: record, sealed: sealed)
    }

    /// Live records by id.
    public func records(_ db: any Connection, _ ids: some Collection<String>) throws -> [Record] {
        var result: [Record] = []
        for part in chunks(Array(ids)) {
            var standing: [(id: String, version: Int)] = []
            try db.each("SELECT id, version FROM record WHERE live = 1 AND id IN \(list: part)") {
                standing.append((try $0.get(0), try $0.get(1)))
            }
            let found = records.find(standing)
            let missing = zip(standing, found).filter { $1 == nil }.map(\.0.id)
            let read = try missing.isEmpty ? [] : read(db, missing)
            // What this transaction wrote itself may never come to be.
            if db.isSnapshot { records.keep(read) }
            for kept in found.compactMap(\.self) + read { result.append(try kept.opened(keys)) }
        }
        return result
    }
    private func read(_ db: any Connection, _ ids: [String]) throws -> [RecordShelf.Kept] {
        try db.rows(
            """
            SELECT v.home, v.id, v.version, v.kind, v.live, v.body, v.recorded_at, v.state, v.stage FROM record r
            JOIN record_version v ON v.home = r.home AND v.id = r.id AND v.version = r.version WHERE r.live = 1 AND r.id IN \(list: ids)
            """
        ).compactMap(kept)
    }
    public func record(_ db: any Connection, _ id: String) throws -> Record? { try records(db, [id]).first }

    /// Computes everything anew where the kept rows were made under other rules or another catalogue: a newer program on an older
    /// database shows its own figures from the first page.
    /// - Parameter rules: names the program's rules and the catalogue that they read.
    public func bring(rules: String) async throws {
        let digest = Ledger.number(of: rules)
        @Sendable func isKept(_ db: any Connection) throws -> Bool {
            try db.row("SELECT value FROM house_state WHERE name = 'rules'")?.get("value", as: Int.self) == digest
        }
        // Whoever only looks does not wait for a writer.
        if try await store.read({ try isKept($0) }) { return }
        try await store.write { [self] db in
            guard try !isKept(db) else { return }
            let hasRecords = try db.row("SELECT id FROM record LIMIT 1") != nil
            if hasRecords {
                try settleStates(db)
                try rebuild(db, try gauges(db))
            }
            try setRules(db, digest)
        }
    }
    static func number(of rules: String) -> Int { Int(Digest.sha256(rules).prefix(15), radix: 16) ?? 0 }
    /// Under which rules the kept rows were made; 0 for rows that are not those of the records.
    func setRules(_ db: any Connection, _ number: Int) throws {
        try db.run(
            "INSERT INTO house_state (name, value) VALUES ('rules', \(number)) ON CONFLICT (name) DO UPDATE SET value = excluded.value")
    }

    /// Those of the gauges that may say something else when records of some kinds change: a room's rules read its own records, those of the
    /// rooms below, and findings by name.
    func gauges(_ all: [Gauge], reading changed: Set<String>) -> [Gauge] {
        let changed = inputs(of: changed)
        let touched = features.filter { $0.kinds.contains { changed.contains($0.name) } }
        let readers = features.filter { feature in touched.contains(where: feature.reads) }
        let names = Set(readers.flatMap { $0.measures.map(\.name) })
        return all.filter { names.contains($0.measure.name) || !$0.measure.reads.isEmpty }
    }

    /// Some kinds with every kind whose records are part of theirs.
    func inputs(of names: Set<String>) -> Set<String> { names.reduce(into: names) { $0.formUnion(below[$1] ?? []) } }

    /// By kind, the kinds whose records are part of its own, directly or through others.
    private static func below(_ kinds: some Collection<Kind>) -> [String: Set<String>] {
        var below: [String: Set<String>] = [:]
        for kind in kinds {
            var names: Set<String> = [kind.name]
            var grew = true
            while grew {
                let more = kinds.filter { part in !names.contains(part.name) && part.parents.contains { names.contains($0.target ?? "") } }
                grew = !more.isEmpty
                names.formUnion(more.map(\.name))
            }
            below[kind.name] = names
        }
        return below
    }

    /// How far the database has moved; grows with every committed change.
    public func version(_ db: any Connection) throws -> Int {
        try db.row("SELECT value FROM house_state WHERE name = 'version'")?.get("value") ?? 0
    }

    /// Which state of the database a reader sees: every transaction that moves tallies leaves a mark of its own.
    func mark(_ db: any Connection) throws -> Int {
        try db.row("SELECT value FROM house_state WHERE name = 'tallies'")?.get("value") ?? 0
    }

    /// Marks the tallies as moved.
    /// - Parameter changes: by how much; nil where they were computed anew or written past the rules.
    public func markTallies(_ db: any Connection, _ changes: [TallyRow]?) throws {
        let (before, after) = (try mark(db), Int.random(in: 1...Int.max))
        try db.run(
            "INSERT INTO house_state (name, value) VALUES ('tallies', \(after)) ON CONFLICT (name) DO UPDATE SET value = excluded.value")
        try db.run("UPDATE house_state SET value = value + 1 WHERE name = 'version'")
        if let changes { shelf.note(after, after: before, changes) }
    }

    /// The tallies of gauges whose names begin with a prefix, kept in memory and moved on by what changes.
    func tallies(_ db: any Connection, prefix: String) throws -> [String: GaugeTally] {
        let now = try mark(db)
        if let kept = shelf.tallies(now, prefix) { return kept }
        // In the order of the primary key, home by home: what belongs together comes together, and no other index is needed.
        var making: [String: GaugeTally.Making] = [:]
        for home in try Ledger.homes(db, of: "tally") {
            try db.each(
                """
                SELECT \(SQL(trusted: TallyRow.columns)) FROM tally
                WHERE home = \(home) AND gauge >= \(prefix) AND gauge < \(prefix + "\u{10FFFF}") ORDER BY gauge, division, cell, day
                """
            ) {
                let row = try TallyRow($0)
                making[row.gauge, default: GaugeTally.Making()].add(division: row.division, cell: row.cell, row.day, row.change)
            }
        }
        let found = making.mapValues(GaugeTally.init)
        shelf.keep(found, now, prefix)
        return found
    }
}

/// A dated change of a gauge's counts in one division and cell.
public struct TallyRow: Sendable {
    public let gauge, division, cell: String
    public let day: Day
    public let change: Count

    static let columns = Ledger.tallyColumns.dropFirst().joined(separator: ", ")

    /// - Parameter row: `columns`.
    init(_ row: SQLRow) throws {
        (gauge, division, cell, day) = (try row.get(0), try row.get(1), try row.get(2), try row.get(3))
        change = try Count { try row.get($0 + 4) }
    }
    public init(gauge: String, division: String, cell: String, day: Day, change: Count) {
        (self.gauge, self.division, self.cell, self.day, self.change) = (gauge, division, cell, day, change)
    }
}

func chunks<Element>(_ all: [Element], of size: Int = 400) -> [[Element]] {
    stride(from: 0, to: all.count, by: size).map { Array(all[$0..<min($0 + size, all.count)]) }
}
