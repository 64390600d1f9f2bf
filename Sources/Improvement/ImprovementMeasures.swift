import Catalog
import Kernel
import Ledger
import Registry

/// Special treatment, healthy and demonstration enterprises. Definitions: docs/measures.md, `campaign_scope_coverage`, *Other measures*.
let measures: [Measure] = [campaignScope, campaignSelections, healthyApplications, healthyTotal, demonstrations]

private let campaignScope = Measure(
    "campaign_scope_coverage", "专项治理台账覆盖率", "Special-treatment ledger coverage", .rate,
    numerator: ("已列入专项治理台账的单位", "employers in the ledger"),
    denominator: (
        "从业人员达到规定人数、检测超标的采矿、制造、电力燃气及水生产供应业单位",
        "mining, manufacturing and utility employers of the headcount with an exceedance"
    ), parameters: ["campaign.min_headcount", "campaign.lookback_months"], reads: ["exposure.exceedance"],
    files: [(Employer.kind, campaignScopeStrands)])

private let campaignSelections = Measure(
    "campaign_selections", "专项治理选定的行业或危害因素数", "Industries or factors selected for treatment", .count,
    numerator: ("当年选定的行业或危害因素", "industries or factors selected for the year"), units: { _ in nil }, of: [Selection.kind],
    strands: selectionStrands)

private let healthyApplications = Measure(
    "healthy_applications", "完成健康企业申报的单位数", "Healthy-enterprise applications", .count,
    numerator: ("当年完成健康企业申报的单位", "employers with an application completed in the year"),
    files: [(Employer.kind, healthyApplicationStrands)])

private let healthyTotal = Measure(
    "healthy_total", "健康企业总数", "Healthy enterprises", .count, numerator: ("持有健康企业称号的单位", "employers holding the title"),
    files: [(Employer.kind, healthyTitleStrands)])

private let demonstrations = Measure(
    "demo_enterprises", "示范企业数", "Demonstration enterprises", .leastUnit,
    numerator: ("计入各单位的示范企业", "demonstration enterprises counted for each unit"), files: [(Employer.kind, demonstrationStrands)])

/// The base ledger: operating employers of sections B, C and D of enough people where a test exceeded; met while in the ledger.
func campaignScopeStrands(_ file: File, _ terms: Terms) -> [Strand] {
    let exceedances = file.findings("exposure.exceedance", terms)
    guard !exceedances.isEmpty else { return [] }
    let profile = EmployerProfile(file)
    let least = terms.integer("campaign.min_headcount", 10)
    let entered = Timeline.met(
        by: Evidence.lasting(file.all(LedgerEntry.kind), LedgerEntry.from, LedgerEntry.until), else: .unmet("ledger.missing"))
    let standing = profile.locus.map { Membership($0, least) }.with(entered) { membership, entered in membership.standing(entered) }
    return [Strand(file.id, standing.during(exceedances.map(\.span)).whenever(profile.operating), at: profile.locus)]
}

/// Whether an employer of a locus is one that the special treatment is about.
private struct Membership: Equatable, Sendable {
    let isOfIndustry: Truth
    let isLargeEnough: Truth
    init(_ locus: Locus, _ least: Int) {
        isOfIndustry = Scope.industry(["B", "C", "D"]).holds(at: locus)
        isLargeEnough = Truth(locus.headcount.map { $0 >= least })
    }
    func standing(_ entered: Standing) -> Standing {
        switch isOfIndustry.and(isLargeEnough) {
        case .yes: entered
        case .no: .out
        case .unknown: .unknown(isOfIndustry == .unknown ? "industry.unknown" : "headcount.unknown")
        }
    }
}

/// Selections of a year in the jurisdiction, each item once, during that year.
func selectionStrands(_ unit: UnitFile, _ terms: Terms) -> [Strand] {
    let place = Timeline(Locus(division: unit.division.text))
    return Dictionary(grouping: unit.all(Selection.kind)) { YearItem(year: $0[Selection.year], item: $0[Selection.item]) }.compactMap {
        key, records in
        guard let year = key.year, let first = records.map(\.id).min() else { return nil }
        return Strand(first, Timeline(.amount(1, first)).during([.year(year)]), at: place)
    }.sorted { $0.subject < $1.subject }
}
private struct YearItem: Hashable {
    let year: Int?
    let item: String?
}

/// Employers with an application completed: one each, from its day until its year ends.
func healthyApplicationStrands(_ file: File, _ terms: Terms) -> [Strand] {
    counted(file, Evidence.yearly(file.all(Application.kind), on: Application.day))
}

/// Employers holding the title of healthy enterprise: one each while it holds.
func healthyTitleStrands(_ file: File, _ terms: Terms) -> [Strand] { counted(file, titles(file, "healthy").map(\.held)) }

/// An employer counted once on the days of any evidence.
private func counted(_ file: File, _ evidence: [Evidence]) -> [Strand] {
    guard !evidence.isEmpty else { return [] }
    let standing = Timeline.met(by: evidence, else: .out).map { $0.verdict == .met ? Standing.amount(1, $0.record) : .out }
    return [Strand(file.id, standing, at: EmployerProfile(file).locus)]
}

/// A demonstration enterprise counts once for each unit that its titles name; a title that names none is for the county of the day.
func demonstrationStrands(_ file: File, _ terms: Terms) -> [Strand] {
    let titles = titles(file, "demonstration")
    guard !titles.isEmpty else { return [] }
    let profile = EmployerProfile(file)
    let county = profile.locus.map(\.division)
    let held = titles.map { title -> (unit: Timeline<String?>, evidence: Evidence) in
        let code = title.unit.map { Timeline<String?>($0) } ?? county
        let unit = code.expand { $0.map(file.book.divisions.timeline(of:)) ?? Timeline(nil) }.map { $0.map { String($0.prefix(6)) } }
        return (unit, title.held)
    }
    let units = Set(held.flatMap { $0.unit.changes.compactMap(\.value) })
    return units.sorted().map { unit in
        let evidence = held.flatMap { title in
            title.unit.spans { $0 == unit }.map { Evidence($0.intersection(title.evidence.span), record: title.evidence.record) }
        }
        let standing = Timeline.met(by: evidence, else: .out).map { $0.verdict == .met ? Standing.amount(1, $0.record) : .out }
        let locus = profile.locus.map { locus in
            var placed = locus
            placed.division = unit
            return placed
        }
        return Strand("\(file.id)|\(unit)", standing, at: locus)
    }
}

private func titles(_ file: File, _ type: String) -> [(held: Evidence, unit: String?)] {
    file.all(Title.kind).filter { $0[Title.type] == type }.map { (Evidence($0.span(Title.from, Title.until), $0), $0[Title.unit]) }
}
