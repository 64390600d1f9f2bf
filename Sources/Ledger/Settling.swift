import Catalog
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
        let roots = try neighbourhood.roots(touchedBy: changed)
        for part in chunks(roots.sorted(), of: 200) {
            let book = try neighbourhood.book(of: Set(part), divisions: divisions)
            var fresh: [String: [(gauge: String, stretch: Stretch)]] = [:]
            var homes: [String: String] = [:]
            for id in part {
                if let record = book.records[id] { homes[id] = record.home }
                guard let file = book.file(id) else { continue }
                var rows: [(String, Stretch)] = []
                for gauge in gauges { rows += gauge.stretches(of: file).map { (gauge.name, $0) } }
                fresh[id] = rows
            }
            for id in part { try replace(db, root: id, home: homes[id], with: fresh[id] ?? []) }
        }
        try settleUnits(db, changed, roots, gauges, neighbourhood, divisions)
        try db.run("UPDATE house_state SET value = value + 1 WHERE name = 'version'")
    }

    private func settleUnits(
        _ db: any Connection, _ changed: [Record], _ roots: Set<String>, _ gauges: [Gauge], _ neighbourhood: Neighbourhood, _ divisions: [Record]
    ) throws {
        var codes: Set<String> = []
        for record in changed { if let code = record.text("division") { codes.insert(code) } }
        for record in try records(db, roots.sorted()) { if let code = record.text("division") { codes.insert(code) } }
        guard !codes.isEmpty else { return }
        let base = Book(divisions, divisions: catalog.divisions).divisions
        let kindsChanged = Set(changed.map(\.kind.name))
        var inherited: [DivisionCode: [String]] = [:]
        for gauge in gauges {
            guard let unit = gauge.measure.unit, !inputs(of: unit.kinds).isDisjoint(with: kindsChanged) else { continue }
            for division in gauge.units(touchedBy: codes, divisions: base) {
                let codes = inherited[division] ?? base.codes(everInside: division).filter { !division.contains($0) }
                inherited[division] = codes
                let book = try neighbourhood.book(of: division, inheriting: codes, kinds: unit.kinds, divisions: divisions)
                let rows = gauge.stretches(of: division, in: book).map { (gauge.name, $0) }
                try replace(db, root: "unit/\(gauge.name)/\(division)", home: String(division.text.prefix(6)), with: rows)
            }
        }
    }

    /// Kinds whose records can change a unit: those named, and every kind that is part of their files.
    private func inputs(of kinds: [Kind]) -> Set<String> {
        var names = Set(kinds.map(\.name))
        var grew = true
        while grew {
            let more = self.kinds.values.filter { kind in !names.contains(kind.name) && kind.parents.contains { names.contains($0.target ?? "") } }
            grew = !more.isEmpty
            names.formUnion(more.map(\.name))
        }
        return names.union(["merge"])
    }

    func divisionRecords(_ db: any Connection) throws -> [Record] {
        let ids = try db.rows("SELECT id FROM record WHERE kind = 'division' AND live = 1").map { try $0.get("id", as: String.self) }
        return try records(db, ids)
    }

    /// Puts the rows of one root in place of those that stand, and moves the tallies by the difference.
    private func replace(_ db: any Connection, root: String, home: String?, with fresh: [(gauge: String, stretch: Stretch)]) throws {
        var old: [(gauge: String, stretch: Stretch)] = []
        var oldHome: String?
        let rows = try db.rows(
            home == nil
                ? "SELECT * FROM stretch WHERE root = \(root) ORDER BY gauge, sequence"
                : "SELECT * FROM stretch WHERE home = \(home) AND root = \(root) ORDER BY gauge, sequence")
        for row in rows {
            oldHome = try row.get("home", as: String.self)
            old.append((try row.get("gauge"), try Ledger.stretch(row)))
        }
        guard let home = home ?? oldHome else { return }
        let sorted = fresh.sorted { ($0.gauge, $0.stretch.subject, $0.stretch.from) < ($1.gauge, $1.stretch.subject, $1.stretch.from) }
        if old.count == sorted.count, zip(old, sorted).allSatisfy({ $0.gauge == $1.gauge && $0.stretch == $1.stretch }) { return }
        try db.run("DELETE FROM stretch WHERE home = \(home) AND root = \(root)")
        try insert(db, sorted.map { (root, home, $0.gauge, $0.stretch) })
        var moves: [TallyKey: Count] = [:]
        for (gauge, stretch) in old { Ledger.count(stretch, home, gauge, -1, into: &moves) }
        for (gauge, stretch) in sorted { Ledger.count(stretch, home, gauge, 1, into: &moves) }
        try move(db, moves)
    }

    struct TallyKey: Hashable {
        let home, gauge, division, cell: String
        let day: Day
    }

    static func count(_ stretch: Stretch, _ home: String, _ gauge: String, _ sign: Int, into moves: inout [TallyKey: Count]) {
        let start = TallyKey(home: home, gauge: gauge, division: stretch.division, cell: stretch.cell, day: stretch.from)
        moves[start, default: Count()].add(stretch, sign)
        if stretch.until < .distantFuture {
            let end = TallyKey(home: home, gauge: gauge, division: stretch.division, cell: stretch.cell, day: stretch.until)
            moves[end, default: Count()].add(stretch, -sign)
        }
    }

    static let tallyColumns = [
        "home", "gauge", "division", "cell", "day", "met", "unmet", "unknown", "pending", "scope_met", "scope_unmet", "scope_unknown", "numerator",
        "denominator", "contributions",
    ]

    private func move(_ db: any Connection, _ moves: [TallyKey: Count]) throws {
        for (key, count) in moves where !count.isEmpty {
            try db.run(
                """
                INSERT INTO tally (home, gauge, division, cell, day, met, unmet, unknown, pending, scope_met, scope_unmet, scope_unknown,
                    numerator, denominator, contributions)
                VALUES (\(key.home), \(key.gauge), \(key.division), \(key.cell), \(key.day), \(count.met), \(count.unmet), \(count.unknown),
                    \(count.pending), \(count.scopeMet), \(count.scopeUnmet), \(count.scopeUnknown), \(count.numerator), \(count.denominator),
                    \(count.contributions))
                ON CONFLICT (home, gauge, division, cell, day) DO UPDATE SET met = tally.met + excluded.met, unmet = tally.unmet + excluded.unmet,
                    unknown = tally.unknown + excluded.unknown, pending = tally.pending + excluded.pending,
                    scope_met = tally.scope_met + excluded.scope_met, scope_unmet = tally.scope_unmet + excluded.scope_unmet,
                    scope_unknown = tally.scope_unknown + excluded.scope_unknown, numerator = tally.numerator + excluded.numerator,
                    denominator = tally.denominator + excluded.denominator, contributions = tally.contributions + excluded.contributions
                """)
        }
    }

    private func insert(_ db: any Connection, _ rows: [(root: String, home: String, gauge: String, stretch: Stretch)]) throws {
        let columns = [
            "home", "root", "gauge", "sequence", "subject", "from_day", "until_day", "verdict", "reason", "record", "debtor", "division", "cell",
            "numerator", "denominator",
        ]
        var sequence = 0
        var last = ("", "")
        for part in chunks(rows, of: 20_000) {
            let tuples: [[SQLValue]] = part.map { row in
                sequence = (row.root, row.gauge) == last ? sequence + 1 : 0
                last = (row.root, row.gauge)
                let stretch = row.stretch
                return [
                    .text(row.home), .text(row.root), .text(row.gauge), .integer(Int64(sequence)), .text(stretch.subject), stretch.from.sqlValue,
                    stretch.until.sqlValue, .text(stretch.verdict.rawValue), .text(stretch.reason), .text(stretch.record), .text(stretch.debtor),
                    .text(stretch.division), .text(stretch.cell), .integer(Int64(stretch.numerator)), .integer(Int64(stretch.denominator)),
                ]
            }
            try db.insert(into: "stretch", columns, tuples)
        }
    }

    public static func stretch(_ row: SQLRow) throws -> Stretch {
        Stretch(
            subject: try row.get("subject"), debtor: try row.get("debtor"), division: try row.get("division"), cell: try row.get("cell"),
            reason: try row.get("reason"), record: try row.get("record"), verdict: Stretch.Verdict(rawValue: try row.get("verdict")) ?? .unknown,
            from: try row.get("from_day"), until: try row.get("until_day"), numerator: try row.get("numerator"), denominator: try row.get("denominator"))
    }

    /// Every row of some gauges from a book, in the order in which they are kept.
    func computed(_ gauges: [Gauge], in book: Book) -> [(root: String, home: String, gauge: String, stretch: Stretch)] {
        var rows: [(root: String, home: String, gauge: String, stretch: Stretch)] = []
        for root in book.roots() {
            guard let file = book.file(root.id) else { continue }
            for gauge in gauges { rows += gauge.stretches(of: file).map { (root.id, root.home, gauge.name, $0) } }
        }
        for gauge in gauges where gauge.measure.unit != nil {
            for division in gauge.allUnits(book.divisions) {
                rows += gauge.stretches(of: division, in: book).map { ("unit/\(gauge.name)/\(division)", String(division.text.prefix(6)), gauge.name, $0) }
            }
        }
        return rows.sorted { ($0.root, $0.gauge, $0.stretch.subject, $0.stretch.from) < ($1.root, $1.gauge, $1.stretch.subject, $1.stretch.from) }
    }

    /// Computes gauges anew from all live records: a new edition of a plan, a changed division, a repaired database.
    func rebuild(_ db: any Connection, _ gauges: [Gauge]) throws {
        for gauge in gauges {
            try db.run("DELETE FROM stretch WHERE gauge = \(gauge.name)")
            try db.run("DELETE FROM tally WHERE gauge = \(gauge.name)")
        }
        let rows = computed(gauges, in: try book(db))
        var moves: [TallyKey: Count] = [:]
        for row in rows { Ledger.count(row.stretch, row.home, row.gauge, 1, into: &moves) }
        try insert(db, rows)
        let tallies: [[SQLValue]] = moves.filter { !$0.value.isEmpty }.map { key, count in
            let counts = [
                count.met, count.unmet, count.unknown, count.pending, count.scopeMet, count.scopeUnmet, count.scopeUnknown, count.numerator,
                count.denominator, count.contributions,
            ]
            return [.text(key.home), .text(key.gauge), .text(key.division), .text(key.cell), key.day.sqlValue] + counts.map { .integer(Int64($0)) }
        }
        for part in chunks(tallies, of: 20_000) { try db.insert(into: "tally", Ledger.tallyColumns, part) }
        try db.run("UPDATE house_state SET value = value + 1 WHERE name = 'version'")
    }

    /// A difference between what is kept and what a full computation gives.
    public struct Discrepancy: Sendable, CustomStringConvertible {
        public let description: String
    }

    /// Computes everything anew and compares it with the rows and tallies that are kept. Empty means equal.
    public func verify() async throws -> [Discrepancy] {
        try await store.read { [self] db in
            var problems: [Discrepancy] = []
            let rows = computed(try gauges(db), in: try book(db))
            var expected: [String: Int] = [:]
            var moves: [TallyKey: Count] = [:]
            for row in rows {
                expected["\(row.home) \(row.root) \(row.gauge) \(row.stretch)", default: 0] += 1
                Ledger.count(row.stretch, row.home, row.gauge, 1, into: &moves)
            }
            try db.each("SELECT * FROM stretch") { row in
                let key = "\(try row.get("home", as: String.self)) \(try row.get("root", as: String.self)) \(try row.get("gauge", as: String.self)) \(try Ledger.stretch(row))"
                expected[key, default: 0] -= 1
            }
            for (key, times) in expected where times != 0 { problems.append(Discrepancy(description: "\(times > 0 ? "missing" : "left over"): \(key)")) }
            try db.each("SELECT * FROM tally") { row in
                let columns = Ledger.tallyColumns.map { $0 }
                let key = TallyKey(home: try row.get("home"), gauge: try row.get("gauge"), division: try row.get("division"), cell: try row.get("cell"), day: try row.get("day"))
                var count = Count()
                let numbers = try columns.dropFirst(5).map { try row.get($0, as: Int.self) }
                (count.met, count.unmet, count.unknown, count.pending, count.scopeMet) = (numbers[0], numbers[1], numbers[2], numbers[3], numbers[4])
                (count.scopeUnmet, count.scopeUnknown, count.numerator, count.denominator, count.contributions) = (numbers[5], numbers[6], numbers[7], numbers[8], numbers[9])
                moves[key, default: Count()].add(count, -1)
            }
            for (key, count) in moves where !count.isEmpty { problems.append(Discrepancy(description: "tally \(key.gauge) \(key.division) \(key.cell) \(key.day): \(count)")) }
            return problems.sorted { $0.description < $1.description }
        }
    }
}
