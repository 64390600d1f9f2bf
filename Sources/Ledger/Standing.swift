import Catalog
import Kernel

/// Where and what a subject is on a day: the attributes that scopes ask for and that boards break figures down by.
/// Blank means unknown.
public struct Locus: Hashable, Sendable {
    public var division: String?
    public var industry, size, ownership, severity, sector: String?
    public var headcount: Int?
    public init(
        division: String? = nil, industry: String? = nil, size: String? = nil, ownership: String? = nil, severity: String? = nil,
        sector: String? = nil, headcount: Int? = nil
    ) {
        (self.division, self.industry, self.size, self.ownership) = (division, industry, size, ownership)
        (self.severity, self.sector, self.headcount) = (severity, sector, headcount)
    }
}

/// How a duty stands, or whether a subject counts, on a day.
public struct Standing: Hashable, Sendable {
    public enum Verdict: String, Sendable { case out, pending, met, unmet, unknown }
    public var verdict: Verdict
    /// A code of the words catalogue (`reason.…`): why it is not met or cannot be told.
    public var reason = ""
    /// Whether the subject counts at all cannot be told, whatever a plan's scope says: the measure itself lacks an attribute.
    public var isScopeUnknown = false
    /// The id of the record that decides, where one does.
    public var record = ""
    /// What a measure of weights adds up: amounts, shares, cases.
    public var numerator = 0.0
    public var denominator = 0.0

    public static let out = Standing(verdict: .out)
    public static let pending = Standing(verdict: .pending)
    public static func met(_ record: String = "") -> Standing { Standing(verdict: .met, record: record) }
    public static func unmet(_ reason: String, _ record: String = "") -> Standing {
        Standing(verdict: .unmet, reason: reason, record: record)
    }
    public static func unknown(_ reason: String, _ record: String = "") -> Standing {
        Standing(verdict: .unknown, reason: reason, record: record)
    }
    /// A contribution to a sum.
    public static func amount(_ numerator: Double, over denominator: Double = 0, _ record: String = "") -> Standing {
        Standing(verdict: .met, record: record, numerator: numerator, denominator: denominator)
    }

    /// Of a subject's parts: unmet if one is, else unknown if one is, else met; pending only where nothing else counts.
    public static func together(_ left: Standing, _ right: Standing) -> Standing {
        let order: [Verdict] = [.unmet, .unknown, .met, .pending, .out]
        let (first, second) = (order.firstIndex(of: left.verdict) ?? 4, order.firstIndex(of: right.verdict) ?? 4)
        if first != second { return first < second ? left : right }
        return (left.reason, left.record) <= (right.reason, right.record) ? left : right
    }
}

/// One subject of a measure over all days: what stands, where it is, who owes it.
public struct Strand: Sendable {
    /// The id of the record that the duty is about, or two ids or an id and a code joined by `|`.
    public let subject: String
    /// The id of the record that owes; an employer, an institution, or empty where an authority does.
    public let debtor: String
    /// A breakdown of the measure's own: the service of an institution, the factor group of a post.
    public let group: String
    public let standing: Timeline<Standing>
    public let locus: Timeline<Locus>
    public init(_ subject: String, debtor: String = "", group: String = "", _ standing: Timeline<Standing>, at locus: Timeline<Locus>) {
        (self.subject, self.debtor, self.group, self.standing, self.locus) = (subject, debtor, group, standing, locus)
    }
}

/// A plan's predicate over a locus, three-valued: an unknown attribute leaves what depends on it unknown.
public indirect enum Scope: Hashable, Sendable {
    case always
    case all([Scope]), any([Scope]), not(Scope)
    /// Prefixes of GB/T 4754 codes.
    case industry([String])
    case size([String]), ownership([String]), severity([String]), sector([String])
    case headcount(ClosedRange<Int>)

    public func holds(at locus: Locus) -> Truth {
        switch self {
        case .always: .yes
        case .all(let parts): parts.reduce(.yes) { $0.and($1.holds(at: locus)) }
        case .any(let parts): parts.reduce(.no) { $0.or($1.holds(at: locus)) }
        case .not(let part): part.holds(at: locus).negated
        case .industry(let prefixes): Truth(locus.industry.map { code in prefixes.contains { code.hasPrefix($0) } })
        case .size(let codes): Truth(locus.size.map(codes.contains))
        case .ownership(let codes): Truth(locus.ownership.map(codes.contains))
        case .severity(let codes): Truth(locus.severity.map(codes.contains))
        case .sector(let codes): Truth(locus.sector.map(codes.contains))
        case .headcount(let range): Truth(locus.headcount.map(range.contains))
        }
    }
}

/// The parameters that a measure is asked with: the catalogue's editions in force, under a plan's overrides.
public struct Terms: Sendable {
    public let catalog: Catalog
    /// A plan's `with:`, lists joined by `;`.
    public let overrides: [String: String]
    public let unit: String?
    /// The division whose plan asks, or nil for the law's own duties.
    public let jurisdiction: DivisionCode?
    /// The target's number where the measure itself needs it (a minimum per unit).
    public let target: Double?
    let day: Day

    public init(
        catalog: Catalog, overrides: [String: String] = [:], unit: String? = nil, jurisdiction: DivisionCode? = nil, target: Double? = nil,
        day: Day = .distantPast
    ) {
        (self.catalog, self.overrides, self.unit, self.jurisdiction, self.target, self.day) = (
            catalog, overrides, unit, jurisdiction, target, day
        )
    }
    func on(_ day: Day) -> Terms {
        Terms(catalog: catalog, overrides: overrides, unit: unit, jurisdiction: jurisdiction, target: target, day: day)
    }
    public func text(_ name: String) -> String? {
        if let override = overrides[name] { return override }
        return catalog.parameters[name]?.edition(on: day).flatMap { $0.value.isEmpty ? nil : $0.value }
    }
    public func list(_ name: String) -> [String]? { text(name)?.split(separator: ";").map(String.init) }
    public func flag(_ name: String) -> Bool { ["true", "1", "yes"].contains(text(name) ?? "") }
    /// The number of a parameter; `standard` where neither a plan nor the catalogue has one.
    public func integer(_ name: String, _ standard: Int) -> Int { text(name).flatMap { Int($0) } ?? standard }
    public func number(_ name: String, _ standard: Double) -> Double { text(name).flatMap { Double($0) } ?? standard }
    public func optional(_ name: String) -> Int? { text(name).flatMap { Int($0) } }

    /// The days on which an edition of any of the parameters begins or ends: between them the terms stay the same.
    func boundaries(of parameters: [String]) -> [Day] {
        var days: Set<Day> = []
        for name in parameters where overrides[name] == nil {
            guard let editions = catalog.parameters[name]?.editions, Set(editions.map(\.value)).count > 1 else { continue }
            for edition in editions { days.formUnion([edition.force.from, edition.force.until]) }
        }
        return days.filter { $0 > .distantPast && $0 < .distantFuture }.sorted()
    }
    public func group(of factor: String) -> String { catalog.tables["factor"]?[factor]?.group ?? "" }
    public func group(ofDisease disease: String) -> String { catalog.tables["disease"]?[disease]?.group ?? "" }
}
