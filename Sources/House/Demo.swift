import Catalog
import Kernel
import Ledger
import Planning

/// An indicator of a plan, as far as the demonstration needs to know it: judgements and baselines name it.
public struct DemoIndicator: Sendable {
    /// What `Judgement.indicator` and `Baseline.indicator` hold.
    public let id: String
    /// The metric's key of `docs/measures.md`, such as `declaration_rate`.
    public let metric: String
    /// The operator of its target, such as `gte` or `controlled`.
    public let target: String
    public let title: String

    public init(id: String, metric: String, target: String, title: String = "") {
        (self.id, self.metric, self.target, self.title) = (id, metric, target, title)
    }
}

/// A place with its plan, for which records are made.
public struct DemoJurisdiction: Sendable {
    /// Six digits of GB/T 2260.
    public let code: String
    public let level: DivisionCode.Level
    public let planStart, planEnd: Int
    /// `KZHQ`, `FX`, `MTG`, `JX` or `LN`; another one gets a mixture of trades and rates of its own.
    public let prefix: String
    /// What `Judgement.plan` and `Baseline.plan` hold.
    public let plan: String
    public let indicators: [DemoIndicator]
    /// Multiplies the number of workers of an employer whose records are made.
    public var crowd = 1.0

    public init(
        code: String, level: DivisionCode.Level, planStart: Int, planEnd: Int, prefix: String, plan: String, indicators: [DemoIndicator]
    ) {
        (self.code, self.level, self.planStart, self.planEnd) = (code, level, planStart, planEnd)
        (self.prefix, self.plan, self.indicators) = (prefix, plan, indicators)
    }
    /// A plan's own place, or a part of it.
    init(_ plan: Plan, code: DivisionCode, prefix: String) {
        self.init(
            code: code.text, level: code.level, planStart: plan.years.lowerBound, planEnd: plan.years.upperBound, prefix: prefix,
            plan: plan.id,
            indicators: plan.indicators.map {
                DemoIndicator(id: $0.id, metric: $0.measure.name, target: $0.target.operator.rawValue, title: $0.name.zh)
            })
    }
}

/// The code tables and places that the demonstration draws from, so that its records hold codes of the tables in use.
public struct DemoCatalog: Sendable {
    public struct Entry: Sendable {
        public let code, name, group: String
        public init(code: String, name: String, group: String = "") { (self.code, self.name, self.group) = (code, name, group) }
    }
    /// `industry`, `factor` (group: category), `disease` (group: group) and every table of `codes.yaml`, by name.
    public var tables: [String: [Entry]]
    /// Counties (six digits) and townships (nine) with their names.
    public var places: [Entry]

    /// What judges results and grades work.
    let rules: Catalog

    /// What the house's catalogue holds, with the divisions in force on a day.
    public init(_ catalog: Catalog, on day: Day) {
        rules = catalog
        tables = catalog.tables.mapValues { table in table.entries.map { Entry(code: $0.code, name: $0.zh, group: $0.group) } }
        places = catalog.divisions.codes.compactMap { code in
            guard let entry = catalog.divisions[code], entry.force.contains(day) else { return nil }
            return Entry(code: code, name: entry.name)
        }
    }

    /// The code with a name: the exact name, else the shortest that begins with it; of several the longest code.
    func code(_ table: String, named name: String) -> String? {
        let entries = tables[table] ?? []
        let exact = entries.filter { $0.name == name }.max { $0.code.utf8.count < $1.code.utf8.count }
        return exact?.code ?? entries.filter { $0.name.hasPrefix(name) }.min { $0.name.count < $1.name.count }?.code
    }

    func has(_ code: String, in table: String) -> Bool { tables[table].map { $0.contains { $0.code == code } } ?? true }

    func codes(_ table: String) -> [String] { (tables[table] ?? []).map(\.code) }

    /// The counties of a jurisdiction: itself, if it is one.
    func counties(of jurisdiction: DemoJurisdiction) -> [Entry] {
        guard let code = DivisionCode(jurisdiction.code) else { return [] }
        let inside = places.filter { entry in
            guard let place = DivisionCode(entry.code), place.level == .county, code.contains(entry.code) else { return false }
            return entry.name != "市辖区" && entry.name != "县"
        }
        return inside.isEmpty ? [Entry(code: jurisdiction.code, name: jurisdiction.code)] : inside
    }

    func townships(of county: String) -> [Entry] { places.filter { $0.code.utf8.count == 9 && $0.code.hasPrefix(county) } }
}

/// Records of five invented years in five real places 演示数据: repeatable from a seed, plausible where it matters, true nowhere but
/// in the facts that the plans print (`DemoFacts`). Every reference points to a record emitted, and recorded, before.
public struct Demo: Sendable {
    let seed: UInt64
    let scale: Double
    let catalog: DemoCatalog
    let today: Day

    /// - Parameter scale: multiplies the number of employers; 1 gives about 2,500 over the five plans.
    /// - Parameter today: nothing lies after this day.
    public init(seed: UInt64, scale: Double, catalog: DemoCatalog, today: Day) {
        (self.seed, self.scale, self.catalog, self.today) = (seed, scale, catalog, today)
    }

    /// The records of one jurisdiction, some ten thousand versions at a time and those of a record together, made as they are asked for.
    /// `recordedAt` is not in order across files.
    func parts(of jurisdiction: DemoJurisdiction) -> some Sequence<[Version]> {
        let world = DemoWorld(demo: self, jurisdiction: jurisdiction)
        return sequence(state: world) { world in
            var part: [Version] = []
            while part.count < 10_000, world.advance() { part += world.scribe.drain() }
            return part.isEmpty ? nil : part
        }
    }
}

/// Facts that the plans print and the demonstration keeps exactly, whatever the scale.
enum DemoFacts {
    /// 嘉兴 2015–2017: 123 confirmed diagnoses, over 90 % of them pneumoconiosis, noise deafness or chemical poisoning.
    static let jiaxingBefore: [Int: DemoCases] = [
        2015: DemoCases(dust: 25, noise: 6, poisoning: 4, other: 3),
        2016: DemoCases(dust: 26, noise: 8, poisoning: 5, other: 3),
        2017: DemoCases(dust: 27, noise: 8, poisoning: 5, other: 3),
    ]
    /// 嘉兴: officers on the roster of 2018.
    static let jiaxingOfficers = 21
}

/// Confirmed diagnoses of a year, by group.
struct DemoCases {
    var dust = 0, noise = 0, poisoning = 0, biological = 0, other = 0
    var total: Int { dust + noise + poisoning + biological + other }
}
