import Foundation
import Kernel

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
    private let entries: [String: Entry]
    /// In order: what lies inside a division stands together.
    public let codes: [String]
    /// Those that end with a successor: a few of thousands.
    private let succeeded: [Entry]

    public init(_ entries: [Entry]) {
        self.entries = Dictionary(entries.map { ($0.code, $0) }, uniquingKeysWith: { _, last in last })
        codes = self.entries.keys.sorted()
        succeeded = self.entries.values.filter { $0.successor != nil }
    }

    /// The table with entries that correct or extend it.
    public func adding(_ more: [Entry]) -> Divisions { Divisions(self, more) }
    /// A house whose divisions were corrected does this with every change: what stays is taken over as it is.
    private init(_ before: Divisions, _ more: [Entry]) {
        var all = before.entries
        for entry in more { all[entry.code] = entry }
        let given = Dictionary(more.map { ($0.code, $0) }, uniquingKeysWith: { _, last in last })
        let new = given.keys.filter { before.entries[$0] == nil }
        entries = all
        codes = new.isEmpty ? before.codes : (before.codes + new).sorted()
        succeeded = before.succeeded.filter { given[$0.code] == nil } + given.values.filter { $0.successor != nil }
    }
    public subscript(code: String) -> Entry? { entries[code] }
    /// Those inside a division, itself among them.
    private func codes(inside outer: DivisionCode) -> ArraySlice<String> {
        let prefix = outer.prefix
        var (low, high) = (0, codes.count)
        while low < high {
            let middle = (low + high) / 2
            if codes[middle] < prefix { low = middle + 1 } else { high = middle }
        }
        return codes[low...].prefix { $0.hasPrefix(prefix) }
    }
    public func name(_ code: String) -> String { entries[code]?.name ?? code }

    /// Divisions of a level inside another, those in force on a day, in the order of their codes.
    public func units(of level: DivisionCode.Level, in outer: DivisionCode, on day: Day) -> [String] {
        codes(inside: outer).filter { code in
            guard let entry = entries[code], !entry.isHeading, entry.force.contains(day) else { return false }
            return DivisionCode(code)?.level == level
        }
    }

    /// Every code that counts, on some day, as one inside a division: its own, and those that ended into it.
    public func codes(everInside outer: DivisionCode) -> [String] {
        var result = Set(codes(inside: outer))
        var isGrowing = true
        while isGrowing {
            let more = succeeded.filter { entry in
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

extension Divisions {
    /// The tables `divisions.csv` and, where there is one, `townships.csv`.
    init(standards: URL) throws {
        var entries = try Table(standards.appendingPathComponent("divisions.csv"), needed: Divisions.columns).rows.map(Entry.init)
        let townships = standards.appendingPathComponent("townships.csv")
        if FileManager.default.fileExists(atPath: townships.path) {
            entries += try Table(townships, needed: Divisions.columns).rows.map(Entry.init)
        }
        self.init(entries)
    }
    static let columns = ["code", "name", "from", "until", "successor"]
}

extension Divisions.Entry {
    init(_ row: Table.Row) throws {
        self.init(
            code: try row.required("code"), name: row["name"], force: try row.force(),
            successor: row["successor"].isEmpty ? nil : row["successor"], isHeading: row["status"] == "heading")
    }
}
