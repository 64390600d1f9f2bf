import Kernel
import Ledger

/// A hazard factor as the catalogue knows it, with the limit of the demonstration.
struct DemoFactor {
    let name, code, category: String
}

struct DemoPost {
    let id: String
    let from: Day
    let factors: [DemoFactor]
}

/// What later records need to know of an employer that was written.
struct DemoEmployer {
    let id: String
    let name: String
    let county: String
    let township: String?
    let since: Day
    let until: Day?
    /// 0 micro, 1 small, 2 medium, 3 large.
    let size: Int
    let headcount: Int
    let trade: DemoTrade
    let hasHazards: Bool
    let isSevere: Bool
    var posts: [DemoPost] = []
    /// First day of a result over the limit.
    var exceeded: Day?

    var lastDay: Day { until.map { $0 - 1 } ?? .distantFuture }
    func operates(on day: Day) -> Bool { since <= day && day <= lastDay }
}

/// One jurisdiction in the making. It advances employer by employer, so that little is held at a time; `scribe` holds what the last
/// step wrote.
final class DemoWorld {
    let demo: Demo
    let place: DemoJurisdiction
    let profile: DemoProfile
    let scribe: DemoScribe
    let plan: ClosedRange<Int>
    /// The last day on which things happen: the plan's end, or today where the plan has just ended or still runs.
    let horizon: Day
    let counties: [DemoCatalog.Entry]
    let townships: [String: [DemoCatalog.Entry]]
    private let metrics: Set<String>
    private let mixture: [(String, Int)]
    private let factors: [String: DemoFactor]
    private let industries: [String: String]
    private let target: Int

    var employers: [DemoEmployer] = []
    var testers: [DemoInstitution] = []
    var examiners: [DemoInstitution] = []
    var diagnosers: [DemoInstitution] = []
    /// Those given to a person so far.
    var identities: Set<String> = []
    /// Numbers of reports given so far.
    var workCount = 0
    private var step = 0

    init(demo: Demo, jurisdiction: DemoJurisdiction) {
        (self.demo, place) = (demo, jurisdiction)
        profile = DemoProfile.of(jurisdiction.prefix)
        plan = jurisdiction.planStart...max(jurisdiction.planStart, jurisdiction.planEnd)
        let end = Day.lastDay(of: plan.upperBound)
        horizon = min(demo.today - 20, demo.today.year - plan.upperBound <= 1 ? demo.today - 20 : end)
        scribe = DemoScribe(seed: demo.seed, prefix: jurisdiction.prefix, opening: .firstDay(of: plan.lowerBound) + 4, today: demo.today)
        counties = demo.catalog.counties(of: jurisdiction)
        townships = Dictionary(uniqueKeysWithValues: counties.map { ($0.code, demo.catalog.townships(of: $0.code)) })
        metrics = Set(jurisdiction.indicators.map(\.metric))
        mixture = DemoTrades.mixture(of: jurisdiction.prefix)
        target = max(8, Int((Double(profile.employers) * demo.scale).rounded()))
        var factors: [String: DemoFactor] = [:]
        var industries: [String: String] = [:]
        let groups = Dictionary((demo.catalog.tables["factor"] ?? []).map { ($0.code, $0.group) }) { first, _ in first }
        for trade in DemoTrades.all.values {
            industries[trade.industry] = demo.catalog.code("industry", named: trade.industry)
            for name in trade.posts.flatMap(\.factors) where factors[name] == nil {
                guard let code = demo.catalog.code("factor", named: name) else { continue }
                factors[name] = DemoFactor(name: name, code: code, category: groups[code] ?? "other")
            }
        }
        (self.factors, self.industries) = (factors, industries)
    }

    /// Does the next piece of work; false when all is done.
    func advance() -> Bool {
        defer { step += 1 }
        switch step {
        case 0: institutions()
        case 1: officers()
        case 2...(target + 1): employer(number: step - 2)
        case (target + 2)...(target + 1 + caseYears.count): diagnoses(in: caseYears[step - target - 2])
        default:
            let rest = [patients, radiography, enforcement, improvement, outreach, planning, judgements]
            let index = step - target - 2 - caseYears.count
            guard index < rest.count else { return false }
            rest[index]()
        }
        return true
    }

    /// The years with diagnoses: the plan's up to the horizon, and for Jiaxing the three before that the plan counts.
    private var caseYears: [Int] {
        let years = Array(plan.lowerBound...max(plan.upperBound, horizon.year))
        return place.prefix == "JX" ? DemoFacts.jiaxingBefore.keys.sorted() + years : years
    }

    // MARK: - What everything asks

    /// Whether the plan has an indicator of one of these metrics; what no indicator counts is recorded thinly.
    func counts(_ wanted: String...) -> Bool { wanted.contains { metrics.contains($0) } }
    func chance(_ share: Double) -> Bool { scribe.random.chance(share) }
    func int(_ range: ClosedRange<Int>) -> Int { scribe.random.int(range) }
    func day(_ from: Day, _ to: Day) -> Day { scribe.random.day(from, to) }
    /// A code, if its table has it or is not known.
    func code(_ table: String, _ code: String) -> String? { demo.catalog.has(code, in: table) ? code : nil }
    func industry(of trade: DemoTrade) -> String? { industries[trade.industry] }
    func factor(_ name: String) -> DemoFactor? { factors[name] }
    func disease(_ name: String) -> String? { demo.catalog.code("disease", named: name) }
    /// How many years one test covers for an employer of a class: until February 2021 everyone tested yearly.
    func cycle(isSevere: Bool, in year: Int) -> Int { isSevere || year < 2021 ? 1 : 2 }
    func drawTrade() -> DemoTrade? { DemoTrades.all[scribe.random.pick(weighted: mixture)] }
    var years: ClosedRange<Int> { plan.lowerBound...max(plan.upperBound, horizon.year) }

    /// The first year in which an employer fulfils a duty that, once begun, is kept up; the year before the plan where it always did.
    /// Small ones lag: of ten that fail, nine are micro or small.
    func beginning(of duty: DemoDuty, size: Int) -> Int? {
        let luck = scribe.random.real()
        let year = plan.first { luck >= miss(duty, in: $0, size: size) }
        return year == plan.lowerBound ? plan.lowerBound - 1 : year
    }
    func fulfils(_ duty: DemoDuty, in year: Int, size: Int) -> Bool { scribe.random.real() >= miss(duty, in: year, size: size) }
    private func miss(_ duty: DemoDuty, in year: Int, size: Int) -> Double {
        let lag = [1.18, 0.66, 0.28, 0.12][size]
        return min(0.97, (1 - profile.rate(duty, in: year, of: plan)) * lag)
    }

    /// A day of a year on which an employer is at work, within the horizon.
    func workday(of employer: DemoEmployer, in year: Int) -> Day? {
        let from = max(employer.since, .firstDay(of: year) + 6)
        let to = min(employer.lastDay, .lastDay(of: year) - 5, horizon)
        return from <= to ? day(from, to) : nil
    }

    /// An employer for a case: one whose posts have a factor of some names, or of a category.
    func employer(with names: Set<String>, category: String? = nil, since latest: Day) -> DemoEmployer? {
        guard !employers.isEmpty else { return nil }
        var best: DemoEmployer?
        for _ in 0..<60 {
            let candidate = scribe.random.pick(employers)
            let fits = candidate.posts.contains { post in post.factors.contains { names.contains($0.name) || $0.category == category } }
            guard fits, candidate.until == nil else { continue }
            if candidate.since <= latest { return candidate }
            if best.map({ candidate.since < $0.since }) ?? true { best = candidate }
        }
        return best
    }
}
