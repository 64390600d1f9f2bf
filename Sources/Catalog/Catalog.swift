import Foundation
import Kernel
import Yams

/// A table of codes 代码表 with names in both languages and where each comes from.
public struct CodeTable: Sendable {
    public struct Entry: Sendable {
        public let code, zh, en: String
        /// What sorts the code into a group: a factor's category, a disease's group. Empty where there is none.
        public let group: String
        public let source, confidence: String
        /// Days in force; an entry of a superseded edition ends.
        public let force: Span
    }
    public let name, zh, en: String
    public let entries: [Entry]
    private let positions: [String: Int]
    private let byName: [String: String]

    public init(name: String, zh: String, en: String, entries: [Entry]) {
        (self.name, self.zh, self.en, self.entries) = (name, zh, en, entries)
        positions = Dictionary(entries.enumerated().map { ($1.code, $0) }, uniquingKeysWith: { first, _ in first })
        byName = Dictionary(entries.flatMap { [($0.zh, $0.code), ($0.en.lowercased(), $0.code)] }, uniquingKeysWith: { first, _ in first })
    }
    public subscript(code: String) -> Entry? { positions[code].map { entries[$0] } }
    /// The code that a cell means: the code itself or either name.
    public func code(for cell: String) -> String? { positions[cell] != nil ? cell : byName[cell] ?? byName[cell.lowercased()] }
}

/// A parameter of a rule 参数 with its editions: what the plans do not print and the law or practice fixes.
public struct Parameter: Sendable {
    public struct Edition: Sendable {
        public let value: String
        public let force: Span
        public let clause, source, confidence: String
    }
    public let name, zh, en, unit: String
    public let editions: [Edition]
    /// The edition in force on a day; before the first dated one, the first.
    public func edition(on day: Day) -> Edition? { editions.last { $0.force.contains(day) } ?? editions.first }
}

/// Divisions 行政区划 with dated successors. Codes roll up by prefix.
public struct Divisions: Sendable {
    public struct Entry: Sendable, Equatable {
        public let code, name: String
        public let force: Span
        public let successor: String?
        /// A heading of the national table (市辖区, 县), not a place.
        public let isHeading: Bool
        public init(code: String, name: String, force: Span = Span(.distantPast), successor: String? = nil, isHeading: Bool = false) {
            (self.code, self.name, self.force, self.successor, self.isHeading) = (code, name, force, successor, isHeading)
        }
    }
    private var entries: [String: Entry]
    public init(_ entries: [Entry]) { self.entries = Dictionary(entries.map { ($0.code, $0) }, uniquingKeysWith: { _, last in last }) }

    /// The table with entries that correct or extend it.
    public func adding(_ more: [Entry]) -> Divisions {
        var copy = self
        for entry in more { copy.entries[entry.code] = entry }
        return copy
    }
    public subscript(code: String) -> Entry? { entries[code] }
    public var codes: [String] { entries.keys.sorted() }
    public func name(_ code: String) -> String { entries[code]?.name ?? code }

    /// Divisions of a level inside another, those in force on a day, in the order of their codes.
    public func units(of level: DivisionCode.Level, in outer: DivisionCode, on day: Day) -> [String] {
        entries.values.filter { entry in
            guard !entry.isHeading, outer.contains(entry.code), entry.force.contains(day) else { return false }
            return DivisionCode(entry.code)?.level == level
        }.map(\.code).sorted()
    }

    /// Every code that counts, on some day, as one inside a division: its own, and those that ended into it.
    public func codes(everInside outer: DivisionCode) -> [String] {
        var result = Set(entries.keys.filter(outer.contains))
        var isGrowing = true
        while isGrowing {
            let more = entries.values.filter { entry in
                entry.successor.map { result.contains($0) || outer.contains($0) } ?? false && !result.contains(entry.code)
            }
            isGrowing = !more.isEmpty
            result.formUnion(more.map(\.code))
        }
        return result.sorted()
    }

    /// The code that a code counts as, day by day: itself until it ends, then its successor; after an end without one the division
    /// above, so that nobody vanishes from the city because a county was dissolved.
    public func timeline(of code: String) -> Timeline<String?> {
        var changes: [Timeline<String?>.Change] = []
        var current = code
        var seen: Set<String> = [code]
        var from = Day.distantPast
        while let end = end(of: current) {
            let day = max(end.day, from)
            let heir = end.successor ?? Divisions.parent(of: current)
            changes.append(.init(day, heir))
            guard let next = heir, seen.insert(next).inserted else { break }
            (current, from) = (next, day)
        }
        return Timeline(code, changes)
    }

    /// The division above: a township's county, a county's prefecture, a prefecture's province.
    static func parent(of code: String) -> String? {
        if code.utf8.count > 6 { return String(code.prefix(code.utf8.count - 3)) }
        if code.hasSuffix("0000") { return nil }
        return code.hasSuffix("00") ? String(code.prefix(2)) + "0000" : String(code.prefix(4)) + "00"
    }

    /// When a code ends: its own end, or that of the county that a township lies in.
    private func end(of code: String) -> (day: Day, successor: String?)? {
        if let entry = entries[code], entry.force.until < .distantFuture { return (entry.force.until, entry.successor) }
        if code.utf8.count > 6, let county = entries[String(code.prefix(6))], county.force.until < .distantFuture {
            return (county.force.until, county.successor)
        }
        return nil
    }
}

/// The reference data of the house: code tables, parameters and divisions, read from `Data/standards` once and immutable.
public struct Catalog: Sendable {
    public let tables: [String: CodeTable]
    public let parameters: [String: Parameter]
    public let divisions: Divisions
    /// Occupational exposure limits 职业接触限值.
    public let limits: ExposureLimits
    /// Working days 工作日, by the notices of which the years are to hand.
    public let calendar: WorkdayCalendar
    /// Statutory periods 法定时限 by name.
    public let clocks: [String: StatutoryClock]
    /// Of the files it was read from: two catalogues of one digest give one figure.
    public let digest: String

    public init(
        tables: [String: CodeTable], parameters: [String: Parameter], divisions: Divisions, limits: ExposureLimits = ExposureLimits(),
        calendar: WorkdayCalendar = WorkdayCalendar(), clocks: [String: StatutoryClock] = [:], digest: String = ""
    ) {
        (self.tables, self.parameters, self.divisions, self.digest) = (tables, parameters, divisions, digest)
        (self.limits, self.calendar, self.clocks) = (limits, calendar, clocks)
    }

    /// - Parameter folder: the repository's `Data` folder or another of its layout.
    /// - Throws: `Refusal("catalog.file")` naming the file and the flaw.
    public init(folder: URL) throws {
        let standards = folder.appendingPathComponent("standards")
        var tables: [String: CodeTable] = [:]
        func csv(_ name: String) throws -> [[String: String]] { try Catalog.csv(standards.appendingPathComponent(name)) }
        func force(_ row: [String: String]) -> Span {
            Span(row["from"].flatMap { Day($0) } ?? .distantPast, row["until"].flatMap { Day($0) } ?? .distantFuture)
        }
        let codes = try Catalog.yaml(standards.appendingPathComponent("codes.yaml"))
        for (name, body) in codes["tables"]?.mapping ?? [:] {
            guard let name = name.string, let table = body.mapping else { continue }
            var entries: [CodeTable.Entry] = []
            let source = table["source"]?.text ?? ""
            let confidence = table["confidence"]?.text ?? ""
            for (code, words) in table["codes"]?.mapping ?? [:] {
                guard let code = code.text, let words = words.mapping else { continue }
                let zh = words["zh"]?.text ?? code
                let en = words["en"]?.text ?? code
                let group = words["group"]?.text ?? ""
                entries.append(
                    .init(code: code, zh: zh, en: en, group: group, source: source, confidence: confidence, force: Span(.distantPast)))
            }
            tables[name] = CodeTable(name: name, zh: table["zh"]?.text ?? name, en: table["en"]?.text ?? name, entries: entries)
        }
        func table(_ name: String, _ zh: String, _ en: String, _ file: String, group: String) throws {
            var entries: [CodeTable.Entry] = []
            for row in try csv(file) {
                let zh = row["name"] ?? ""
                let en = row["name_en"] ?? zh
                let source = row["source"] ?? ""
                let confidence = row["confidence"] ?? ""
                let kind = row[group] ?? ""
                entries.append(
                    .init(code: row["code"] ?? "", zh: zh, en: en, group: kind, source: source, confidence: confidence, force: force(row)))
            }
            tables[name] = CodeTable(name: name, zh: zh, en: en, entries: entries)
        }
        try table("industry", "国民经济行业分类", "Industry classification", "industries.csv", group: "level")
        try table("factor", "职业病危害因素", "Hazard factor", "factors.csv", group: "category")
        try table("disease", "职业病", "Occupational disease", "diseases.csv", group: "group")
        self.tables = tables

        var parameters: [String: Parameter] = [:]
        for (name, body) in try Catalog.yaml(standards.appendingPathComponent("parameters.yaml")) {
            guard let name = name.string, let body = body.mapping, let values = body["values"]?.sequence else { continue }
            let editions = values.compactMap(Catalog.edition)
            let zh = body["zh"]?.text ?? name
            let en = body["en"]?.text ?? name
            parameters[name] = Parameter(name: name, zh: zh, en: en, unit: body["unit"]?.text ?? "", editions: editions)
        }
        self.parameters = parameters

        var entries = try csv("divisions.csv").map(Catalog.division)
        if FileManager.default.fileExists(atPath: standards.appendingPathComponent("townships.csv").path) {
            entries += try csv("townships.csv").map(Catalog.division)
        }
        divisions = Divisions(entries)
        limits = try ExposureLimits(standards: standards)
        calendar = try WorkdayCalendar(standards: standards)
        clocks = try StatutoryClock.read(standards: standards)
        let names = [
            ExposureLimits.file, WorkdayCalendar.file, StatutoryClock.file,
            "codes.yaml", "parameters.yaml", "industries.csv", "factors.csv", "diseases.csv", "divisions.csv", "townships.csv",
        ]
        let all = names.map { name -> String in
            guard let bytes = try? Data(contentsOf: standards.appendingPathComponent(name)) else { return "" }
            return Digest.hex(Digest.sha256([UInt8](bytes)))
        }
        digest = Digest.sha256(all.joined(separator: ","))
    }

    public func title(_ table: String, _ code: String, english: Bool = false) -> String {
        guard let entry = tables[table]?[code] else { return code }
        return english ? entry.en : entry.zh
    }

    private static func edition(_ node: Yams.Node) -> Parameter.Edition? {
        guard let node = node.mapping else { return nil }
        func day(_ key: String) -> Day? { node[key]?.text.flatMap { Day($0) } }
        func word(_ key: String) -> String { node[key]?.text ?? "" }
        let listed = node["value"]?.sequence?.compactMap(\.text).joined(separator: ";")
        let force = Span(day("from") ?? .distantPast, day("until") ?? .distantFuture)
        return .init(
            value: listed ?? word("value"), force: force, clause: word("clause"), source: word("source"), confidence: word("confidence"))
    }

    private static func division(_ row: [String: String]) -> Divisions.Entry {
        Divisions.Entry(
            code: row["code"] ?? "", name: row["name"] ?? "",
            force: Span(row["from"].flatMap { Day($0) } ?? .distantPast, row["until"].flatMap { Day($0) } ?? .distantFuture),
            successor: row["successor"].flatMap { $0.isEmpty ? nil : $0 }, isHeading: row["status"] == "heading")
    }

    static func yaml(_ url: URL) throws -> Yams.Node.Mapping {
        guard let text = try? String(contentsOf: url, encoding: .utf8), let mapping = try Yams.compose(yaml: text)?.mapping else {
            throw Refusal("catalog.file", ["value": url.lastPathComponent])
        }
        return mapping
    }

    /// Our own tables: a header row, quotes doubled, no surprises. Users' files are read by the room Sheets.
    static func csv(_ url: URL) throws -> [[String: String]] {
        guard let bytes = try? Data(contentsOf: url) else { throw Refusal("catalog.file", ["value": url.lastPathComponent]) }
        var rows: [[String]] = []
        var row: [String] = []
        var cell: [UInt8] = []
        var quoted = false
        func closeCell() {
            row.append(String(decoding: cell, as: UTF8.self))
            cell.removeAll(keepingCapacity: true)
        }
        var previousWasQuote = false
        for byte in bytes {
            if quoted {
                if byte == 34 { quoted = false; previousWasQuote = true } else { cell.append(byte) }
                continue
            }
            switch byte {
            case 34:
                if previousWasQuote { cell.append(34) }
                quoted = true
            case 44: closeCell()
            case 10:
                closeCell()
                rows.append(row)
                row = []
            case 13: break
            default: cell.append(byte)
            }
            previousWasQuote = false
        }
        if !cell.isEmpty || !row.isEmpty { closeCell(); rows.append(row) }
        guard var header = rows.first else { return [] }
        if header[0].hasPrefix("\u{FEFF}") { header[0].removeFirst() }
        return rows.dropFirst().filter { $0.count > 1 || $0.first != "" }.map { cells in
            Dictionary(zip(header, cells), uniquingKeysWith: { first, _ in first })
        }
    }
}

extension Yams.Node {
    /// A scalar as text, nil for null and for everything that is no scalar.
    public var text: String? {
        guard case .scalar(let scalar) = self else { return nil }
        return scalar.style == .plain && ["", "null", "~"].contains(scalar.string) ? nil : scalar.string
    }
}

/// The configuration file: one flat mapping of the names of docs/configuration.md. An unknown name is an error, not a silence.
public struct Settings: Sendable {
    public static let names: Set<String> = ["database", "listen", "port", "data", "log-level", "language"]
    private let values: [String: String]

    /// - Throws: `Refusal("field.unknown")` with the line of a name that is none.
    public init(file: URL) throws {
        var values: [String: String] = [:]
        for (key, value) in try Catalog.yaml(file) {
            guard let name = key.text, Settings.names.contains(name) else {
                throw Refusal("field.unknown", row: key.mark?.line, field: key.text ?? "", ["value": key.text ?? ""])
            }
            values[name] = value.text
        }
        self.values = values
    }
    public subscript(name: String) -> String? { values[name] }
}
