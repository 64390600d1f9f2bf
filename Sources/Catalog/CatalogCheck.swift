import Foundation
import Kernel
import Yams

/// Proves the tables of a folder: that each can be read, holds as many rows as its source, names nothing that does not exist, and has no
/// gap and no overlap in its days; and lists every row that nobody should rely on unseen. `zhifang catalog check`.
///
/// It reads the files themselves rather than a `Catalog`, so that one fault does not hide the others.
public struct CatalogCheck: Sendable {
    /// A count of rows, and what the source counts.
    public struct Count: Sendable {
        public let name: Bilingual
        public let file: String
        public let expected, found: Int
        public var isRight: Bool { expected == found }
    }
    /// A row of low confidence.
    public struct Doubt: Sendable {
        public let file: String
        public let row: Int
        /// What the row is about: its key and name.
        public let subject: String
        public let confidence: Confidence
        public let note: String
    }

    public let counts: [Count]
    /// Faults, each with file, row and column.
    public let problems: [Refusal]
    /// Rows of the confidence KH, KU and own, by file and row.
    public let doubts: [Doubt]
    /// What the sources misprint, known and kept as printed.
    public let misprints: [Refusal]

    /// Whether every count is right and no fault was found. Doubts are no faults.
    public var isSound: Bool { problems.isEmpty && counts.allSatisfy(\.isRight) }

    /// - Parameter folder: the repository's `Data` folder or another of its layout.
    public init(folder: URL) {
        let checker = CatalogChecker(folder.appendingPathComponent("standards"))
        checker.run()
        // What no row shows, the catalogue itself tells: the files of other rooms' tables, the jurisdiction's additions.
        checker.attempt { _ = try Catalog(folder: folder) }
        counts = checker.counts
        problems = checker.distinctProblems
        doubts = checker.doubts.sorted { ($0.file, $0.row) < ($1.file, $1.row) }
        misprints = checker.misprints
    }
}

/// Works through the files of one folder.
final class CatalogChecker {
    private let home: URL
    private var tables: [String: Table] = [:]
    private(set) var counts: [CatalogCheck.Count] = []
    private(set) var problems: [Refusal] = []
    private(set) var doubts: [CatalogCheck.Doubt] = []
    private(set) var misprints: [Refusal] = []
    /// Editions that YAML files name, with their place.
    private var editions: [(edition: String, file: String, row: Int?)] = []

    init(_ home: URL) { self.home = home }

    func run() {
        guard let names = try? TableFiles.names(in: home), !names.isEmpty else {
            problems = [Refusal("catalog.file", ["value": home.path])]
            return
        }
        for name in names {
            attempt {
                let url = home.appendingPathComponent(name)
                if name.hasSuffix(".csv") {
                    tables[name] = try Table(url, named: name, needed: CatalogChecker.columns[name] ?? [])
                } else if name.hasSuffix(".yaml") {
                    doubt(try Catalog.yaml(url), file: name)
                }
            }
        }
        for name in CatalogChecker.columns.keys.sorted() where !names.contains(name) {
            problems.append(Refusal("catalog.file", ["value": name]))
        }
        readRows()
        for name in tables.keys.sorted() { if let table = tables[name] { look(table) } }
        checkReferences()
        checkDays()
        attempt { counts = try count() }
    }

    /// The columns of the tables that this room reads.
    private static let columns: [String: [String]] = [
        ExposureLimits.file: ExposureLimits.columns, HazardFactor.file: HazardFactor.columns, FactorLimit.file: FactorLimit.columns,
        BiologicalLimit.file: BiologicalLimit.columns, Disease.file: Disease.columns, HighlyToxic.file: HighlyToxic.columns,
        ConstructionRisk.file: ConstructionRisk.columns, SizeBound.file: SizeBound.columns, Penalty.file: Penalty.columns,
        ExchangeField.file: ExchangeField.columns, DeclarationField.file: DeclarationField.columns,
        "divisions.csv": Divisions.columns, "industries.csv": ["code", "name", "level", "parent"],
    ]

    /// Runs a step; a refusal becomes a problem.
    func attempt(_ step: () throws -> Void) {
        do { try step() } catch let refusal as Refusal { problems.append(refusal) } catch let refusals as Refusals {
            problems += refusals.all
        } catch { problems.append(Refusal("catalog.file", ["value": "\(error)"])) }
    }

    /// Each once, by file and row: the catalogue tells the first flaw again that the rows have told.
    var distinctProblems: [Refusal] {
        var seen: Set<String> = []
        return problems.sorted { $0.place < $1.place }.filter { problem in
            seen.insert("\(problem.code) \(problem.place) \(problem.field ?? "") \(problem.details["value"] ?? "")").inserted
        }
    }
}

extension Refusal {
    /// File and row, for sorting.
    fileprivate var place: String {
        let digits = row.map(String.init) ?? ""
        return (details["file"] ?? "") + " " + String(repeating: "0", count: max(0, 8 - digits.count)) + digits
    }
}

extension CatalogChecker {
    /// Reads every row as the catalogue does, and tells every flaw rather than the first.
    private func readRows() {
        func read<Value: TableValue>(_ type: Value.Type) { read(type.file) { _ = try Value($0) } }
        func read(_ file: String, _ make: (Table.Row) throws -> Void) {
            for row in tables[file]?.rows ?? [] { attempt { try make(row) } }
        }
        read(ExposureLimits.file) { _ = try ExposureLimit($0, settled: [:]) }
        read(HazardFactor.self)
        read(FactorLimit.self)
        read(BiologicalLimit.self)
        read(Disease.self)
        read(HighlyToxic.self)
        read(ConstructionRisk.self)
        read(SizeBound.self)
        read(Penalty.self)
        read(ExchangeField.self)
        read(DeclarationField.self)
        read("divisions.csv") { _ = try Divisions.Entry($0) }
    }

    /// What every table is looked at for, whoever reads it: confidence, days, numbers, keys.
    private func look(_ table: Table) {
        for row in table.rows {
            for column in table.columns.keys.sorted() where column == "confidence" || column.hasPrefix("confidence_") {
                let text = row[column]
                if text.isEmpty, column != "confidence" { continue }
                guard let confidence = Confidence(rawValue: text) else {
                    problems.append(row.refusal("catalog.confidence", column))
                    continue
                }
                if confidence.isLow { doubts.append(CatalogCheck.Doubt(row, confidence, column)) }
            }
            if table.columns["from"] != nil { attempt { _ = try row.force() } }
            let misprinted = row.list("cas_flaw")
            for number in row.list("cas") where number.contains("-") {
                guard let flaw = CASNumber.flaw(in: number) else {
                    if misprinted.contains(number) { problems.append(row.refusal("catalog.no-flaw", "cas_flaw", ["value": number])) }
                    continue
                }
                let refusal = row.refusal(flaw.rawValue, "cas", ["value": number])
                if misprinted.contains(number) { misprints.append(refusal) } else { problems.append(refusal) }
            }
        }
        guard let key = CatalogChecker.keys[table.file] else { return }
        var seen: Set<[String]> = []
        for row in table.rows where !seen.insert(key.map { row[$0] }).inserted {
            problems.append(row.refusal("catalog.twice", key[0], ["value": key.map { row[$0] }.joined(separator: " ")]))
        }
    }

    /// What no two rows of a table share.
    private static let keys: [String: [String]] = [
        ExposureLimits.file: ["key", "edition"], HazardFactor.file: ["code"], FactorLimit.file: ["factor", "limit"],
        BiologicalLimit.file: ["key", "edition"], Disease.file: ["code"], HighlyToxic.file: ["no", "edition"],
        ConstructionRisk.file: ["industry", "part", "edition"], SizeBound.file: ["industry", "quantity", "edition"],
        Penalty.file: ["article", "item", "case", "edition"], ExchangeField.file: ["no"], DeclarationField.file: ["no"],
        "divisions.csv": ["code"], "industries.csv": ["code"], "townships.csv": ["code"],
    ]

    /// Every mapping with a confidence, at whatever depth.
    private func doubt(_ mapping: Yams.Node.Mapping, file: String, path: [String] = []) {
        if let edition = mapping["edition"], let text = edition.text, file != CatalogChecker.expectations {
            editions.append((text, file, edition.mark?.line))
        }
        for (key, node) in mapping where key.text == "confidence" || key.text == "dates" {
            guard let text = node.text else { continue }
            guard let confidence = Confidence(rawValue: text) else {
                problems.append(
                    Refusal("catalog.confidence", row: node.mark?.line, field: "confidence", ["file": file, "value": text]))
                continue
            }
            guard confidence.isLow else { continue }
            let name = ["code", "edition", "value", "zh"].compactMap { mapping[$0]?.text }.first
            let note = [key.text == "dates" ? "dates" : nil, mapping["note"]?.text, mapping["clause"]?.text].compactMap { $0 }
            doubts.append(
                CatalogCheck.Doubt(
                    file: file, row: node.mark?.line ?? 0, subject: (path + [name].compactMap { $0 }).joined(separator: " / "),
                    confidence: confidence, note: note.joined(separator: "; ")))
        }
        for (key, node) in mapping { doubt(node, file: file, path: path + [key.text ?? ""]) }
    }
    private func doubt(_ node: Yams.Node, file: String, path: [String]) {
        if let mapping = node.mapping { doubt(mapping, file: file, path: path) }
        for item in node.sequence ?? [] { doubt(item, file: file, path: path) }
    }
}

extension CatalogCheck.Doubt {
    fileprivate init(_ row: Table.Row, _ confidence: Confidence, _ column: String) {
        let heads = [
            ["key", "code", "no", "factor", "industry", "article", "clause"], ["limit", "quantity", "item"],
            ["name", "agent", "violation"],
        ]
        let words = heads.compactMap { columns in columns.lazy.map { row[$0] }.first { !$0.isEmpty } }
        let place = column == "confidence" ? nil : column
        self.init(
            file: row.file, row: row.line, subject: words.joined(separator: " "), confidence: confidence,
            note: [place, row["note"].isEmpty ? nil : row["note"]].compactMap { $0 }.joined(separator: "; "))
    }
}

extension CatalogChecker {
    private func values(_ file: String, _ column: String) -> Set<String> { Set((tables[file]?.rows ?? []).map { $0[column] }) }

    private func checkReferences() {
        let factors = values(HazardFactor.file, "code")
        let limits = values(ExposureLimits.file, "key")
        let industries = values("industries.csv", "code")
        let divisions = values("divisions.csv", "code")
        let diseases = values(Disease.file, "code")
        expect(FactorLimit.file, "factor", in: factors, of: HazardFactor.file)
        expect(FactorLimit.file, "limit", in: limits, of: ExposureLimits.file)
        expect(HighlyToxic.file, "factors", in: factors, of: HazardFactor.file)
        expect(BiologicalLimit.file, "factors", in: factors, of: HazardFactor.file)
        expect(ConstructionRisk.file, "industry", in: industries, of: "industries.csv")
        expect(SizeBound.file, "scope", in: industries, of: "industries.csv")
        expect("industries.csv", "parent", in: industries, of: "industries.csv")
        expect("divisions.csv", "parent", in: divisions, of: "divisions.csv")
        expect("divisions.csv", "successor", in: divisions, of: "divisions.csv")
        expect("divisions.csv", "split_into", in: divisions, of: "divisions.csv", separator: " ")
        expect("townships.csv", "parent", in: divisions, of: "divisions.csv")
        expect(Disease.file, "successors", in: diseases, of: Disease.file)
        expect("exams/factor-map.csv", "factor", in: factors, of: HazardFactor.file)
        expect("exams/targets.csv", "diseases", in: diseases, of: Disease.file)
        // The map is whole: a factor or limit that it leaves out would pass for one without counterpart.
        let mapped = values(FactorLimit.file, "factor")
        for row in tables[HazardFactor.file]?.rows ?? [] where !mapped.contains(row["code"]) {
            problems.append(row.refusal("catalog.unmapped", "code", ["expected": FactorLimit.file]))
        }
        let used = values(FactorLimit.file, "limit")
        for row in tables[ExposureLimits.file]?.rows ?? [] where !used.contains(row["key"]) {
            problems.append(row.refusal("catalog.unmapped", "key", ["expected": FactorLimit.file]))
        }
        attempt {
            let instruments = try Instruments(standards: home)
            let codes = Set(instruments.all.map(\.code))
            for file in [
                ExposureLimits.file, BiologicalLimit.file, HighlyToxic.file, ConstructionRisk.file, SizeBound.file, Penalty.file,
                PhysicalLimits.file,
            ] { expect(file, "edition", in: codes, of: Instruments.file) }
            for named in editions where !codes.contains(named.edition) {
                problems.append(
                    Refusal(
                        "catalog.reference", row: named.row, field: "edition",
                        ["file": named.file, "value": named.edition, "expected": Instruments.file]))
            }
            for instrument in instruments.all {
                for code in instrument.replaces where !codes.contains(code) {
                    problems.append(
                        Refusal(
                            "catalog.reference", field: "replaces",
                            ["file": Instruments.file, "value": code, "expected": Instruments.file]))
                }
            }
        }
    }

    /// Every code of a column is one of another table's.
    private func expect(_ file: String, _ column: String, in known: Set<String>, of other: String, separator: Character = ";") {
        for row in tables[file]?.rows ?? [] {
            for code in row[column].split(separator: separator).map(String.init) where !known.contains(code) {
                problems.append(row.refusal("catalog.reference", column, ["value": code, "expected": other]))
            }
        }
    }
}

extension CatalogChecker {
    /// The editions of one key follow each other without gap and without overlap. An edition whose first day is not verified may run
    /// beside the one that it amends.
    private func checkDays() {
        for table in tables.values where table.columns["key"] != nil && table.columns["from"] != nil {
            for rows in Dictionary(grouping: table.rows, by: { $0["key"] }).values where rows.count > 1 {
                let dated = rows.compactMap { row in (try? row.force()).map { (row: row, force: $0) } }
                let ordered = dated.sorted { $0.force.from < $1.force.from }
                for (earlier, later) in zip(ordered, ordered.dropFirst()) where later.row["date"] != "unverified" {
                    compare(earlier.force, later.force) { code, details in later.row.refusal(code, "from", details) }
                }
            }
        }
        attempt {
            let file = "parameters.yaml"
            for (key, node) in try Catalog.yaml(home.appendingPathComponent(file)) {
                let values = node.mapping?["values"]?.sequence ?? []
                let spans = try values.map { value -> (line: Int?, force: Span) in
                    func day(_ key: String) throws -> Day? {
                        guard let text = value.mapping?[key]?.text else { return nil }
                        guard let day = Day(text) else {
                            throw Refusal("catalog.day", row: value.mark?.line, field: key, ["file": file, "value": text])
                        }
                        return day
                    }
                    return (value.mark?.line, Span(try day("from") ?? .distantPast, try day("until") ?? .distantFuture))
                }
                let ordered = spans.sorted { $0.force.from < $1.force.from }
                for (earlier, later) in zip(ordered, ordered.dropFirst()) {
                    compare(earlier.force, later.force) { code, details in
                        Refusal(
                            code, row: later.line, field: key.text, details.merging(["file": file]) { given, _ in given })
                    }
                }
            }
        }
    }

    private func compare(_ earlier: Span, _ later: Span, _ refusal: (String, [String: String]) -> Refusal) {
        let details = ["value": later.from.description, "limit": earlier.until.description]
        if earlier.until < later.from { problems.append(refusal("catalog.gap", details)) }
        if earlier.until > later.from { problems.append(refusal("catalog.overlap", details)) }
    }
}

extension CatalogChecker {
    private static let expectations = "expected.yaml"
    private static let keysOfCount: Set<String> = ["zh", "en", "file", "where", "distinct", "list", "expected"]

    private func count() throws -> [CatalogCheck.Count] {
        let entries = try Catalog.yaml(home.appendingPathComponent(CatalogChecker.expectations))["counts"]?.sequence ?? []
        return try entries.map { node in
            func refusal(_ code: String, _ key: String, _ value: String) -> Refusal {
                Refusal(code, row: node.mark?.line, field: key, ["file": CatalogChecker.expectations, "value": value])
            }
            guard let body = node.mapping else { throw refusal("catalog.empty", "file", "") }
            for (key, _) in body where !CatalogChecker.keysOfCount.contains(key.text ?? "") {
                throw refusal("catalog.key", key.text ?? "", key.text ?? "")
            }
            guard let file = body["file"]?.text, let zh = body["zh"]?.text, let en = body["en"]?.text else {
                throw refusal("catalog.empty", "file", "")
            }
            guard let text = body["expected"]?.text, let expected = Int(text) else {
                throw refusal("catalog.number", "expected", body["expected"]?.text ?? "")
            }
            if let list = body["list"]?.text {
                let found = try Catalog.yaml(home.appendingPathComponent(file))[list]?.sequence?.count ?? 0
                return CatalogCheck.Count(name: Bilingual(zh, en), file: file, expected: expected, found: found)
            }
            let wanted = try (body["where"]?.mapping ?? [:]).map { key, value -> (String, Set<String>?) in
                guard let column = key.text, tables[file]?.columns[column] != nil || tables[file] == nil else {
                    throw refusal("catalog.column", "where", key.text ?? "")
                }
                if value.text == "any" { return (column, nil) }
                return (column, Set(value.sequence?.compactMap(\.text) ?? [value.text ?? ""]))
            }
            let rows = (tables[file]?.rows ?? []).filter { row in
                wanted.allSatisfy { column, values in values.map { $0.contains(row[column]) } ?? !row[column].isEmpty }
            }
            guard let columns = body["distinct"]?.sequence?.compactMap(\.text) else {
                return CatalogCheck.Count(name: Bilingual(zh, en), file: file, expected: expected, found: rows.count)
            }
            for column in columns where tables[file]?.columns[column] == nil && tables[file] != nil {
                throw refusal("catalog.column", "distinct", column)
            }
            let found = Set(rows.map { row in columns.map { row[$0] } }).count
            return CatalogCheck.Count(name: Bilingual(zh, en), file: file, expected: expected, found: found)
        }
    }
}
