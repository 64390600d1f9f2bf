import Catalog
import Dispatch
import Kernel
import Storage

extension Ledger {
    /// Runs the rules of every file that the changed versions reach and moves the tallies by the difference, inside the
    /// transaction of the change. Afterwards the rows are what a full computation would give; `verify` proves it.
    func settle(_ db: any Connection, _ changed: [Record]) throws {
        guard !changed.isEmpty else { return }
        let gauges = try gauges(db)
        if changed.contains(where: { $0.kind.name == "division" }) {
            // A division that ends moves everybody in it: rare, and simpler done whole than cleverly.
            try rebuild(db, gauges)
            return
        }
        let neighbourhood = Neighbourhood(ledger: self, db: db)
        let divisions = try divisionRecords(db)
        let changed = try changed + neighbourhood.dependents(of: changed)
        let reading = self.gauges(gauges, reading: Set(changed.map(\.kind.name)))
        let roots = try neighbourhood.roots(touchedBy: changed)
        // A withdrawn root is in no book, but its rows lie where it did.
        let known = Dictionary(changed.map { ($0.id, $0.home) }, uniquingKeysWith: { first, _ in first })
        var moves: [TallyKey: Count] = [:]
        for part in chunks(roots.sorted(), of: 200) {
            let book = try neighbourhood.book(of: Set(part), divisions: divisions)
            let fresh = rows(of: reading, for: part, in: book)
            let files = zip(part, fresh).map { FileRows(root: $0, home: book.records[$0]?.home ?? known[$0], rows: $1) }
            try replace(db, files, of: reading, &moves)
        }
        try settleUnits(db, changed, roots, gauges, neighbourhood, divisions, &moves)
        try db.add(to: "tally", Ledger.tallyColumns, key: 5, Ledger.tallyRows(moves))
        try markTallies(db, Ledger.changes(moves))
    }

    private func settleUnits(
        _ db: any Connection, _ changed: [Record], _ roots: Set<String>, _ gauges: [Gauge], _ neighbourhood: Neighbourhood,
        _ divisions: [Record],
        _ moves: inout [TallyKey: Count]
    ) throws {
        var codes: Set<String> = []
        for record in changed { if let code = record.text("division") { codes.insert(code) } }
        for record in try records(db, roots.sorted()) { if let code = record.text("division") { codes.insert(code) } }
        guard !codes.isEmpty else { return }
        let base = Book(divisions, divisions: catalog.divisions).divisions
        let kindsChanged = Set(changed.map(\.kind.name))
        for gauge in gauges {
            guard let unit = gauge.measure.unit, !inputs(of: Set(unit.kinds.map(\.name))).union(["merge"]).isDisjoint(with: kindsChanged)
            else { continue }
            for division in gauge.units(touchedBy: codes, divisions: base) {
                let rows = try neighbourhood.rows(of: gauge, unit, in: division, base: base, divisions: divisions)
                try replace(db, [rows], of: [gauge], &moves)
            }
        }
    }

    func divisionRecords(_ db: any Connection) throws -> [Record] {
        let ids = try db.rows("SELECT id FROM record WHERE kind = 'division' AND live = 1").map { try $0.get("id", as: String.self) }
        return try records(db, ids)
    }

    /// What each root's file says by gauge, in the order of the roots. Rules are pure: several files are asked at once.
    func rows(of gauges: [Gauge], for roots: [String], in book: Book) -> [[String: [Stretch]]] {
        @Sendable func rows(_ id: String) -> [String: [Stretch]] {
            guard let file = book.file(id) else { return [:] }
            var rows: [String: [Stretch]] = [:]
            for gauge in gauges {
                let found = gauge.stretches(of: file)
                if !found.isEmpty { rows[gauge.name] = found }
            }
            return rows
        }
        guard roots.count > 8 else { return roots.map(rows) }
        return [[String: [Stretch]]](unsafeUninitializedCapacity: roots.count) { buffer, count in
            nonisolated(unsafe) let places = buffer
            DispatchQueue.concurrentPerform(iterations: roots.count) { places.initializeElement(at: $0, to: rows(roots[$0])) }
            count = roots.count
        }
    }

    /// Puts the rows of some roots in place of those that stand, gauge by gauge where they differ, and adds the difference to `moves`.
    private func replace(
        _ db: any Connection, _ all: [FileRows], of gauges: [Gauge],
        _ moves: inout [TallyKey: Count]
    ) throws {
        let names = gauges.map(\.name)
        guard !names.isEmpty else { return }
        var old: [String: (home: String, rows: [String: [Stretch]])] = [:]
        func take(_ row: SQLRow) throws {
            let stretch = Stretch(
                subject: try row.get(3), debtor: try row.get(8), division: try row.get(9), cell: try row.get(10), reason: try row.get(7),
                record: try row.get(11),
                verdict: Stretch.Verdict(rawValue: try row.get(6)) ?? .unknown, from: try row.get(4), until: try row.get(5),
                numerator: try row.get(12),
                denominator: try row.get(13))
            let (home, root, gauge): (String, String, String) = (try row.get(0), try row.get(1), try row.get(2))
            old[root, default: (home, [:])].rows[gauge, default: []].append(stretch)
        }
        let columns: SQL =
            "home, root, gauge, subject, from_day, until_day, verdict, reason, debtor, division, cell, record, numerator, denominator"
        for (home, part) in Dictionary(grouping: all, by: \.home) {
            for some in chunks(part.map(\.root)) {
                let place: SQL = if let home { "home = \(home) AND root IN \(list: some)" } else { "root IN \(list: some)" }
                try db.each(
                    "SELECT \(columns) FROM stretch WHERE \(place) AND gauge IN \(list: names) ORDER BY root, gauge, sequence", take)
            }
        }
        var inserted: [[SQLValue]] = []
        for file in all {
            let (root, rows, before) = (file.root, file.rows, old[file.root])
            guard let home = file.home ?? before?.home else { continue }
            for gauge in Set(rows.keys).union(before?.rows.keys ?? [:].keys).sorted() {
                let fresh = (rows[gauge] ?? []).sorted { ($0.subject, $0.from) < ($1.subject, $1.from) }
                let kept = before?.rows[gauge] ?? []
                // Most changes are at the end: what comes before stays where it is.
                let same = zip(kept, fresh).prefix { $0 == $1 }.count
                if same < kept.count {
                    try db.run("DELETE FROM stretch WHERE home = \(home) AND root = \(root) AND gauge = \(gauge) AND sequence >= \(same)")
                }
                for stretch in kept[same...] { Ledger.count(stretch, home, gauge, -1, into: &moves) }
                for (sequence, stretch) in zip(same..., fresh[same...]) {
                    Ledger.count(stretch, home, gauge, 1, into: &moves)
                    inserted.append(Ledger.values(home, root, gauge, sequence, stretch))
                }
            }
        }
        try db.insert(into: "stretch", Ledger.stretchColumns, inserted)
    }

    struct TallyKey: Hashable {
        let home, gauge, division, cell: String
        let day: Day
    }

    static func count(_ stretch: Stretch, _ home: String, _ gauge: String, _ sign: Int, into moves: inout [TallyKey: Count]) {
        let cell = stretch.breakdown
        let start = TallyKey(home: home, gauge: gauge, division: stretch.division, cell: cell, day: stretch.from)
        moves[start, default: Count()].add(stretch, sign)
        if stretch.until < .distantFuture {
            let end = TallyKey(home: home, gauge: gauge, division: stretch.division, cell: cell, day: stretch.until)
            moves[end, default: Count()].add(stretch, -sign)
        }
    }

    /// Of the table of tallies: five of the key, then `Count.numbers`.
    public static let tallyColumns = [
        "home", "gauge", "division", "cell", "day", "met", "unmet", "unknown", "pending", "scope_met", "scope_unmet", "scope_unknown",
        "numerator",
        "denominator", "contributions",
    ]

    static func changes(_ moves: [TallyKey: Count]) -> [TallyRow] {
        moves.filter { !$0.value.isEmpty }.map {
            TallyRow(gauge: $0.key.gauge, division: $0.key.division, cell: $0.key.cell, day: $0.key.day, change: $0.value)
        }
    }
    static func tallyRows(_ moves: [TallyKey: Count]) -> [[SQLValue]] {
        moves.filter { !$0.value.isEmpty }.map { key, count in
            [.text(key.home), .text(key.gauge), .text(key.division), .text(key.cell), key.day.sqlValue]
                + count.numbers.map { .integer(Int64($0)) }
        }
    }

    static let stretchColumns = [
        "home", "root", "gauge", "sequence", "subject", "from_day", "until_day", "verdict", "reason", "record", "debtor", "division",
        "cell",
        "numerator", "denominator",
    ]
    static func values(_ home: String, _ root: String, _ gauge: String, _ sequence: Int, _ stretch: Stretch) -> [SQLValue] {
        [
            .text(home), .text(root), .text(gauge), .integer(Int64(sequence)), .text(stretch.subject), stretch.from.sqlValue,
            stretch.until.sqlValue,
            .text(stretch.verdict.rawValue), .text(stretch.reason), .text(stretch.record), .text(stretch.debtor), .text(stretch.division),
            .text(stretch.cell), .integer(Int64(stretch.numerator)), .integer(Int64(stretch.denominator)),
        ]
    }

    public static func stretch(_ row: SQLRow) throws -> Stretch {
        Stretch(
            subject: try row.get("subject"), debtor: try row.get("debtor"), division: try row.get("division"), cell: try row.get("cell"),
            reason: try row.get("reason"), record: try row.get("record"),
            verdict: Stretch.Verdict(rawValue: try row.get("verdict")) ?? .unknown,
            from: try row.get("from_day"), until: try row.get("until_day"), numerator: try row.get("numerator"),
            denominator: try row.get("denominator"))
    }

    /// Every row of some gauges from a book, in the order in which they are kept.
    func computed(_ gauges: [Gauge], in book: Book) -> [(root: String, home: String, gauge: String, stretch: Stretch)] {
        var rows: [(root: String, home: String, gauge: String, stretch: Stretch)] = []
        for root in book.roots() {
            guard let file = book.file(root.id) else { continue }
            for gauge in gauges { rows += gauge.stretches(of: file).map { (root.id, root.home, gauge.name, $0) } }
            book.forget(root.id)
        }
        for gauge in gauges where gauge.measure.unit != nil {
            for division in gauge.allUnits(book.divisions) {
                rows += gauge.stretches(of: division, in: book).map {
                    (gauge.root(of: division), gauge.home(of: division), gauge.name, $0)
                }
            }
        }
        return rows.sorted {
            ($0.root, $0.gauge, $0.stretch.subject, $0.stretch.from) < ($1.root, $1.gauge, $1.stretch.subject, $1.stretch.from)
        }
    }
}
