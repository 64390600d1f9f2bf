import Catalog
import Kernel
import Storage

/// What one root's file says, by gauge.
struct FileRows {
    let root: String
    let home: String?
    let rows: [String: [Stretch]]
}

/// Some gauges over every file of the database, home by home and a few hundred files at a time: of a province no more is held than of a county.
struct Sweep {
    let ledger: Ledger
    let db: any Connection
    let gauges: [Gauge]
    /// All records, where somebody has them in memory; nil to read what each part needs.
    var book: Book?
    private let neighbourhood: Neighbourhood
    private let divisions: [Record]
    private let rootKinds: [String]
    private static let most = 400

    init(_ ledger: Ledger, _ db: any Connection, _ gauges: [Gauge], book: Book? = nil) throws {
        (self.ledger, self.db, self.gauges, self.book) = (ledger, db, gauges, book)
        neighbourhood = Neighbourhood(ledger: ledger, db: db)
        divisions = book == nil ? try ledger.divisionRecords(db) : []
        rootKinds = ledger.kinds.values.filter(\.parents.isEmpty).map(\.name).sorted()
    }

    /// The files whose roots lie in a home, in the order of their roots; a merged one says nothing.
    func files(in home: String, _ each: ([FileRows]) throws -> Void) throws {
        let asked = gauges.filter { !$0.measure.files.isEmpty }
        guard !asked.isEmpty else { return }
        let kinds = Set(asked.flatMap(\.measure.files.keys)).intersection(rootKinds).sorted()
        var last = ""
        while true {
            let roots = try db.rows(
                """
                SELECT id FROM record WHERE home = \(home) AND id > \(last) AND live = 1 AND kind IN \(list: kinds) ORDER BY id LIMIT \(Sweep.most)
                """
            ).map { try $0.get("id", as: String.self) }
            guard let final = roots.last else { return }
            last = final
            let book = try self.book ?? neighbourhood.book(of: Set(roots), divisions: divisions)
            try each(zip(roots, ledger.rows(of: asked, for: roots, in: book)).map { FileRows(root: $0, home: home, rows: $1) })
            if let book = self.book { for root in roots { book.forget(root) } }
        }
    }

    /// What the gauges say that count units, such as a county, as a whole.
    func units(_ each: (FileRows) throws -> Void) throws {
        let base = book?.divisions ?? Book(divisions, divisions: ledger.catalog.divisions).divisions
        for gauge in gauges {
            guard let unit = gauge.measure.unit else { continue }
            for division in gauge.allUnits(base) {
                try each(
                    try book.map { gauge.rows(of: division, in: $0) }
                        ?? neighbourhood.rows(of: gauge, unit, in: division, base: base, divisions: divisions))
            }
        }
    }
}

extension Gauge {
    /// Under what root and home the rows of a unit are kept.
    func root(of division: DivisionCode) -> String { "unit/\(name)/\(division)" }
    func home(of division: DivisionCode) -> String { String(division.text.prefix(6)) }
    func rows(of division: DivisionCode, in book: Book) -> FileRows {
        FileRows(root: root(of: division), home: home(of: division), rows: [name: stretches(of: division, in: book)])
    }
}

extension Ledger {
    /// Every home that has rows in one of some tables, in order.
    public static func homes(_ db: any Connection, of tables: String...) throws -> [String] {
        var homes: Set<String> = []
        for table in tables {
            var last = ""
            // From one home to the next by the primary key: there are few of them, with many rows each.
            while let home: String = try db.row("SELECT home FROM \(SQL(trusted: table)) WHERE home > \(last) ORDER BY home LIMIT 1")?.get(
                0)
            {
                homes.insert(home)
                last = home
            }
        }
        return homes.sorted()
    }

    /// Computes gauges anew from all live records: a new edition of a plan, a changed division, a repaired database.
    func rebuild(_ db: any Connection, _ gauges: [Gauge]) throws {
        try clear(db, gauges)
        let sweep = try Sweep(self, db, gauges)
        for home in try Ledger.homes(db, of: "record") { try rebuild(sweep, home) }
        try rebuildUnits(sweep)
        try markTallies(db, nil)
    }

    /// Computes every figure anew after bulk loads, a home at a time, so that no transaction grows with the country.
    /// - Parameter rules: as `bring` was told. Where this does not come to its end, the next start of the program does it.
    public func settleAll(rules: String) async throws {
        let homes = try await store.write { [self] db in
            try setRules(db, 0)
            try clear(db, try gauges(db))
            return try Ledger.homes(db, of: "record")
        }
        for home in homes { try await store.write { [self] db in try rebuild(Sweep(self, db, gauges(db)), home) } }
        try await store.write { [self] db in
            try rebuildUnits(Sweep(self, db, gauges(db)))
            try markTallies(db, nil)
            try setRules(db, Ledger.number(of: rules))
        }
    }

    private func clear(_ db: any Connection, _ gauges: [Gauge]) throws {
        let homes = try Ledger.homes(db, of: "tally")
        for gauge in gauges {
            try db.run("DELETE FROM stretch WHERE gauge = \(gauge.name)")
            for home in homes { try db.run("DELETE FROM tally WHERE home = \(home) AND gauge = \(gauge.name)") }
        }
    }
    private func rebuild(_ sweep: Sweep, _ home: String) throws {
        var moves: [TallyKey: Count] = [:]
        try sweep.files(in: home) { files in
            try sweep.db.insert(into: "stretch", Ledger.stretchColumns, files.flatMap { Ledger.kept($0, &moves) })
        }
        for part in chunks(Ledger.tallyRows(moves), of: 20_000) { try sweep.db.insert(into: "tally", Ledger.tallyColumns, part) }
    }
    private func rebuildUnits(_ sweep: Sweep) throws {
        var moves: [TallyKey: Count] = [:]
        try sweep.units { unit in try sweep.db.insert(into: "stretch", Ledger.stretchColumns, Ledger.kept(unit, &moves)) }
        try sweep.db.add(to: "tally", Ledger.tallyColumns, key: 5, Ledger.tallyRows(moves))
    }
    /// The rows of a file as they are kept, counted in `moves`.
    private static func kept(_ file: FileRows, _ moves: inout [TallyKey: Count]) -> [[SQLValue]] {
        guard let home = file.home else { return [] }
        var kept: [[SQLValue]] = []
        for (gauge, rows) in file.rows.sorted(by: { $0.key < $1.key }) {
            for (sequence, stretch) in rows.sorted(by: { ($0.subject, $0.from) < ($1.subject, $1.from) }).enumerated() {
                kept.append(values(home, file.root, gauge, sequence, stretch))
                count(stretch, home, gauge, 1, into: &moves)
            }
        }
        return kept
    }

    /// A difference between what is kept and what a full computation gives.
    public struct Discrepancy: Sendable, CustomStringConvertible {
        public let description: String
    }
    /// Up to so many records are held at once by `verify`.
    private static let mostAtOnce = 200_000

    /// Computes everything anew and compares it with the rows and tallies that are kept. Empty means equal.
    /// - Parameter isWhole: whether all records are held at once, so that how the parts of a large database are read is checked too; nil where
    ///   there are not too many of them.
    public func verify(whole isWhole: Bool? = nil) async throws -> [Discrepancy] {
        try await store.read { [self] db in
            let isWhole =
                try isWhole ?? (db.rows("SELECT 1 AS one FROM record LIMIT 1 OFFSET \(Ledger.mostAtOnce)").isEmpty)
            let sweep = try Sweep(self, db, gauges(db), book: isWhole ? book(db) : nil)
            var comparison = Comparison(db: db)
            try sweep.units { try comparison.expect(unit: $0) }
            for home in Set(try Ledger.homes(db, of: "record", "stretch", "tally")).union(comparison.unitHomes).sorted() {
                var last = ""
                try sweep.files(in: home) { files in
                    guard let final = files.last?.root else { return }
                    try comparison.compare(files, home: home, after: last, until: final)
                    last = final
                }
                try comparison.compare([], home: home, after: last, until: nil)
                try comparison.compareTallies(home)
            }
            return comparison.problems.sorted { $0.description < $1.description }
        }
    }

    /// What is expected against what is kept, a part at a time.
    private struct Comparison {
        let db: any Connection
        var problems: [Discrepancy] = []
        private var units: [String: [FileRows]] = [:]
        private var moves: [TallyKey: Count] = [:]

        init(db: any Connection) { self.db = db }
        var unitHomes: Set<String> { Set(units.keys) }

        mutating func expect(unit: FileRows) throws { units[unit.home ?? "", default: []].append(unit) }

        private static func line(_ root: String, _ gauge: String, _ stretch: Stretch) -> String { "\(root) \(gauge) \(stretch)" }

        /// The kept rows of a home whose roots lie behind one and not behind another, where nil is the end: there the units are too.
        mutating func compare(_ files: [FileRows], home: String, after: String, until: String?) throws {
            var expected: [String: Int] = [:]
            for file in files + (until == nil ? units[home] ?? [] : []) {
                for (gauge, rows) in file.rows {
                    for stretch in rows {
                        expected[Comparison.line(file.root, gauge, stretch), default: 0] += 1
                        Ledger.count(stretch, home, gauge, 1, into: &moves)
                    }
                }
            }
            let place: SQL =
                if let until { "root > \(after) AND root <= \(until)" } else { "(root > \(after) OR root >= 'unit/' AND root < 'unit0')" }
            try db.each("SELECT * FROM stretch WHERE home = \(home) AND \(place)") { row in
                let root: String = try row.get("root")
                if until != nil, root.hasPrefix("unit/") { return }
                expected[Comparison.line(root, try row.get("gauge"), try Ledger.stretch(row)), default: 0] -= 1
            }
            for (line, times) in expected where times != 0 {
                problems.append(Discrepancy(description: "\(times > 0 ? "missing" : "left over"): \(home) \(line)"))
            }
        }

        mutating func compareTallies(_ home: String) throws {
            try db.each("SELECT home, \(SQL(trusted: TallyRow.columns)) FROM tally WHERE home = \(home)") { row in
                let key = TallyKey(
                    home: try row.get(0), gauge: try row.get(1), division: try row.get(2), cell: try row.get(3), day: try row.get(4))
                moves[key, default: Count()].add(try Count { try row.get($0 + 5) }, -1)
            }
            for (key, count) in moves where !count.isEmpty {
                problems.append(Discrepancy(description: "tally \(key.gauge) \(key.division) \(key.cell) \(key.day): \(count)"))
            }
            moves = [:]
        }
    }
}
