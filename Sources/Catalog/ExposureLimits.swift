import Foundation
import Kernel

/// The occupational exposure limits 职业接触限值 in all editions that are to hand: GBZ 2.1-2019, tables 1 to 3, and its amendments.
///
/// A day before the first edition to hand has no limits: no earlier value is taken for it and none is taken as complied with.
public struct ExposureLimits: Sendable {
    /// In the order of the file; an amended row follows the one that it amends.
    public let all: [ExposureLimit]
    private let byKey: [String: [Int]]
    private let byCAS: [String: [Int]]
    private let byName: [String: [Int]]

    /// - Parameter all: a key may come several times, once an edition.
    public init(_ all: [ExposureLimit] = []) {
        self.all = all
        var keys: [String: [Int]] = [:]
        var numbers: [String: [Int]] = [:]
        var names: [String: [Int]] = [:]
        for (index, limit) in all.enumerated() {
            keys[limit.key, default: []].append(index)
            for number in limit.cas { numbers[number, default: []].append(index) }
            for name in Set([limit.name.zh, limit.name.en] + limit.aliases) {
                names[ExposureLimits.folded(name), default: []].append(index)
            }
        }
        (byKey, byCAS, byName) = (keys, numbers, names)
    }

    /// The first day on which any limit is to hand; nil where there is none.
    public var firstDay: Day? { all.map(\.provenance.force.from).min() }

    /// Every edition of a row, oldest first.
    public func editions(of key: String) -> [ExposureLimit] {
        (byKey[key] ?? []).map { all[$0] }.sorted { $0.provenance.force.from < $1.provenance.force.from }
    }

    /// The row that a day is judged by: of the editions in force the latest; where that one's first day is not verified, the stricter of
    /// it and the one that it amends.
    public func limit(_ key: String, on day: Day) -> ExposureLimit? {
        let open = editions(of: key).filter { $0.provenance.force.contains(day) }
        guard let last = open.last, last.isDateUnverified, let before = open.dropLast().last else { return open.last }
        return before.isStricter(than: last) ? before : last
    }

    /// The other edition that may hold on the day instead, because a first day is not verified; nil where there is no doubt.
    public func alternative(to limit: ExposureLimit, on day: Day) -> ExposureLimit? {
        let open = editions(of: limit.key).filter { $0.provenance.force.contains(day) }
        guard open.last?.isDateUnverified == true else { return nil }
        return open.last { $0 != limit }
    }

    /// All rows of a day, one a key, in the order of the file.
    public func limits(on day: Day) -> [ExposureLimit] { limits(at: Array(all.indices), on: day) }
    /// The rows that name a registry number.
    public func limits(cas: CASNumber, on day: Day) -> [ExposureLimit] { limits(at: byCAS[cas.text] ?? [], on: day) }
    /// The rows of a name in either language or an alias, spelled in full; case, width and spaces do not matter.
    public func limits(named name: String, on day: Day) -> [ExposureLimit] {
        limits(at: byName[ExposureLimits.folded(name)] ?? [], on: day)
    }
    /// The rows of some keys, in the order of the file.
    public func limits(keys: some Sequence<String>, on day: Day) -> [ExposureLimit] {
        limits(at: Set(keys).flatMap { byKey[$0] ?? [] }.sorted(), on: day)
    }
    public func contains(key: String) -> Bool { byKey[key] != nil }

    private func limits(at indices: [Int], on day: Day) -> [ExposureLimit] {
        var seen: Set<String> = []
        return indices.compactMap { index in
            let key = all[index].key
            return seen.insert(key).inserted ? limit(key, on: day) : nil
        }
    }

    /// Full-width letters, figures and brackets as plain ones, lower case, no spaces.
    static func folded(_ name: String) -> String {
        let scalars = name.unicodeScalars.compactMap { scalar -> Unicode.Scalar? in
            if scalar == " " || scalar == "\u{3000}" || scalar == "\u{A0}" { return nil }
            return (0xFF01...0xFF5E).contains(scalar.value) ? Unicode.Scalar(scalar.value - 0xFEE0) : scalar
        }
        return String(String.UnicodeScalarView(scalars)).lowercased()
    }
}

extension ExposureLimit {
    /// Whether some limit is lower than the other's and none is higher or missing.
    func isStricter(than other: ExposureLimit) -> Bool {
        let pairs = [(mac, other.mac), (twa, other.twa), (stel, other.stel), (respirable, other.respirable)]
        var isLower = false
        for (mine, its) in pairs {
            guard let its else { continue }
            guard let mine, mine <= its else { return false }
            isLower = isLower || mine < its
        }
        return isLower
    }
}

extension ExposureLimits {
    static let file = "limits.csv"
    static let columns = [
        "key", "family", "name", "name_en", "aliases", "cas", "mac", "twa", "stel", "respirable", "unit", "skin", "sensitiser", "iarc",
        "notation", "effect", "condition", "condition_en", "silica", "edition", "clause", "source", "confidence", "from", "until", "date",
        "note",
    ]

    /// - Parameters:
    ///   - standards: the folder `Data/standards`.
    ///   - settled: first days that a jurisdiction has settled, by edition (docs/catalogue.md).
    /// - Throws: `Refusal` with file, row and column.
    public init(standards: URL, settled: [String: Day] = [:]) throws {
        let table = try Table(standards.appendingPathComponent(ExposureLimits.file), needed: ExposureLimits.columns)
        let limits = try table.rows.map { try ExposureLimit($0, settled: settled) }
        self.init(ExposureLimits.closing(limits))
    }

    /// Ends each edition on the first day of the next where both days are known and the earlier was left open.
    private static func closing(_ limits: [ExposureLimit]) -> [ExposureLimit] {
        var firstDays: [String: [Day]] = [:]
        for limit in limits where !limit.isDateUnverified { firstDays[limit.key, default: []].append(limit.provenance.force.from) }
        return limits.map { limit in
            let force = limit.provenance.force
            guard force.until == .distantFuture, let next = firstDays[limit.key]?.filter({ $0 > force.from }).min() else { return limit }
            return limit.inForce(Span(force.from, next))
        }
    }
}

extension ExposureLimit {
    /// One row of `limits.csv`.
    init(_ row: Table.Row, settled: [String: Day]) throws {
        guard let family = Family(rawValue: row["family"]) else { throw row.refusal("catalog.choice", "family") }
        guard ["", "unverified"].contains(row["date"]) else { throw row.refusal("catalog.choice", "date") }
        let provenance = try row.provenance()
        var force = provenance.force
        var isUnverified = row["date"] == "unverified"
        if isUnverified, let day = settled[provenance.edition] {
            force = Span(day, force.until)
            isUnverified = false
        }
        let condition = row["condition"]
        let numbers = row.list("cas")
        for number in numbers {
            if let flaw = CASNumber.flaw(in: number) { throw row.refusal(flaw.rawValue, "cas", ["value": number]) }
        }
        let name = try row.required("name")
        let values = try ["mac", "twa", "stel", "respirable"].map { try row.number($0) }
        guard values.contains(where: { $0 != nil }) else { throw row.refusal("catalog.empty", "twa") }
        self.init(
            key: try row.required("key"), family: family, name: Bilingual(name, row["name_en"].isEmpty ? name : row["name_en"]),
            aliases: row.list("aliases"), cas: numbers, mac: values[0], twa: values[1],
            stel: values[2], respirable: values[3], unit: try row.required("unit"),
            isSkin: row.flag("skin"), isSensitiser: row.flag("sensitiser"), iarc: row["iarc"], notation: row["notation"],
            effect: row["effect"], condition: condition.isEmpty ? nil : Bilingual(condition, row["condition_en"]),
            silica: try ExposureLimit.SilicaBand(row), provenance: provenance.inForce(force), isDateUnverified: isUnverified,
            note: row["note"])
    }

    fileprivate func inForce(_ force: Span) -> ExposureLimit {
        ExposureLimit(
            key: key, family: family, name: name, aliases: aliases, cas: cas, mac: mac, twa: twa, stel: stel, respirable: respirable,
            unit: unit, isSkin: isSkin, isSensitiser: isSensitiser, iarc: iarc, notation: notation, effect: effect, condition: condition,
            silica: silica, provenance: provenance.inForce(force), isDateUnverified: isDateUnverified, note: note)
    }
}

extension ExposureLimit.SilicaBand {
    /// `[10,50]`, `(50,80]`, `[0,10)`: a square bracket includes the bound.
    init?(_ row: Table.Row) throws {
        let text = row["silica"]
        if text.isEmpty { return nil }
        let bounds = text.dropFirst().dropLast().split(separator: ",").map { Double($0) }
        guard text.hasPrefix("[") || text.hasPrefix("("), text.hasSuffix("]") || text.hasSuffix(")"), bounds.count == 2,
            let low = bounds[0], let high = bounds[1], low < high
        else { throw row.refusal("catalog.number", "silica") }
        self.init(low: low, high: high, includesLow: text.hasPrefix("["), includesHigh: text.hasSuffix("]"))
    }
}
