import Hygiene
import Institutions
import Kernel
import Ledger
import Registry

/// Workplace testing and what it found. Definitions: docs/measures.md, `periodic_testing_rate` and *Rates over test results*.
let measures: [Measure] = [periodicTesting, testingPass, postPass] + reportClocks + cycleClocks

private let periodicTesting = Measure(
    "periodic_testing_rate", "职业病危害因素定期检测率", "Periodic testing rate", .rate,
    numerator: ("在检测周期内按危害因素完成检测的对象", "subjects whose hazards were all tested within the cycle"),
    denominator: ("存在职业病危害的单位（或其岗位、岗位危害因素）", "hazard employers (or their posts, or posts and factors)"),
    parameters: ["testing.cycle_severe_months", "testing.cycle_general_months"], clause: "职业病防治法 第26条；国家卫生健康委令第5号 第20条",
    files: [(Employer.kind, periodicTestingStrands)])

private let testingPass = Measure(
    "testing_pass_rate", "职业病危害因素检测合格率", "Pass rate of workplace tests", .rate,
    numerator: ("当年最近一次检测结果全部合格的对象", "subjects whose latest results of the year all pass"),
    denominator: ("当年有检测结果的岗位危害因素（或检测点、单位）", "posts and factors (or results, or employers) tested in the year"),
    clause: "职业病防治法 第15条、第26条", files: [(Employer.kind, testingPassStrands)])

private let postPass = Measure(
    "post_pass_rate", "岗位合格率", "Pass rate of posts", .rate,
    numerator: ("该类危害因素最近一次检测结果全部合格的岗位", "posts whose latest results of the factor group all pass"),
    denominator: ("当年检测了该类危害因素的岗位", "posts tested for the factor group in the year"), parameters: ["group", "everyone"],
    reads: ["improvement.in-campaign"], files: [(Employer.kind, postPassStrands)])

/// Periodic testing (Law Art. 26; Order 5 of 2021, Art. 20): the factors present at posts, each within the cycle of the employer's
/// severity, together by the counting unit.
func periodicTestingStrands(_ file: File, _ terms: Terms) -> [Strand] {
    let profile = EmployerProfile(file)
    let cycles = (severe: terms.integer("testing.cycle_severe_months", 12), general: terms.integer("testing.cycle_general_months", 36))
    let tests = PeriodicTests(file)
    let severity = profile.locus.map(\.severity)
    let unit = terms.unit ?? "employer"
    var parts: [String: [Timeline<Standing>]] = [file.id: [unlistedHazards(profile)]]
    for (place, hazards) in Place.grouped(profile.hazardRecords, by: Place.init(hazard:)) {
        let since = earliestFrom(hazards)
        let severe = tests.standing(of: place, since: since, cycle: cycles.severe)
        let general = tests.standing(of: place, since: since, cycle: cycles.general)
        let either = severe.with(general) { $0.verdict == $1.verdict ? $1 : .unknown("severity.unknown") }
        let standing = severity.expand { $0 == nil ? either : $0 == "severe" ? severe : general }
        parts[place.subject(by: unit, of: file.id), default: []].append(standing)
    }
    return parts.keys.sorted().map { subject in
        let standing = Timeline.together(parts[subject] ?? []).whenever(profile.operating)
        return Strand(subject, debtor: file.id, standing, at: profile.locus)
    }
}

/// The employer as one unknown part: nobody knows whether it has hazards, or which.
private func unlistedHazards(_ profile: EmployerProfile) -> Timeline<Standing> {
    let listed = Timeline(false, true, during: profile.hazardRecords.map { $0.span(EmployerHazard.from, EmployerHazard.until) })
    return profile.whileHazardous(listed.map { $0 ? .out : .unknown("factors.unknown") })
}

/// The first day of the hazards present on each day: nil where none is, `distantPast` where a beginning is not known.
func earliestFrom(_ hazards: [Record]) -> Timeline<Day?> {
    let each = hazards.map { hazard in
        let span = hazard.span(EmployerHazard.from, EmployerHazard.until)
        return Timeline<Day?>(nil, span.from, during: [span])
    }
    return Timeline.joined(each, nil) { left, right in [left, right].compactMap { $0 }.min() }
}

/// A post and a factor; a blank post is the employer as a whole.
struct Place: Hashable {
    let post: String?
    let factor: String
    init(hazard: Record) { (post, factor) = (hazard[EmployerHazard.post], hazard[EmployerHazard.factor] ?? "") }
    init(result: Record) { (post, factor) = (result[TestResult.post], result[TestResult.factor] ?? "") }

    /// Records by their place, always in the same order.
    static func grouped(_ records: [Record], by place: (Record) -> Place) -> [(place: Place, records: [Record])] {
        Dictionary(grouping: records, by: place).sorted { ($0.key.post ?? "", $0.key.factor) < ($1.key.post ?? "", $1.key.factor) }
            .map { ($0.key, $0.value) }
    }

    /// Whether a result at `place` tells of this part: a blank post on either side stands for every post.
    func isCovered(by place: Place) -> Bool { factor == place.factor && (post == nil || place.post == nil || post == place.post) }

    /// The subject of a counting unit: `employer`, `post` or `post-factor`.
    func subject(by unit: String, of employer: String) -> String {
        switch unit {
        case "employer": employer
        case "post": post ?? employer
        default: "\(post ?? employer)|\(factor)"
        }
    }
}

/// The periodic tests and evaluations of an employer, in the order of sampling.
private struct PeriodicTests {
    struct Test {
        let id: String
        let sampled: Day
        let places: Set<Place>
        /// Whether the institution held a testing qualification on the sampling day; nil where no institution is named.
        let isQualified: Bool?
    }
    let tests: [Test]

    init(_ file: File) {
        let results = Dictionary(grouping: file.all(TestResult.kind)) { file.id(TestResult.report, of: $0) ?? "" }
        let places = results.mapValues { Set($0.map(Place.init(result:))) }
        tests = file.all(TestReport.kind).filter { ["periodic", "evaluation"].contains($0[TestReport.type]) }.compactMap { report in
            guard let sampled = report[TestReport.sampled], let places = places[report.id] else { return nil }
            let isQualified = file.id(TestReport.institution, of: report).map { file.profile($0)?.holds("testing", on: sampled) ?? false }
            return Test(id: report.id, sampled: sampled, places: places, isQualified: isQualified)
        }.sorted { ($0.sampled, $0.id) < ($1.sampled, $1.id) }
    }

    /// Whether a part has been tested within the cycle, on days on which it is present; pending for a cycle from its beginning.
    func standing(of place: Place, since: Timeline<Day?>, cycle: Int) -> Timeline<Standing> {
        let covering = tests.filter { $0.places.contains(where: place.isCovered) }
        let tested = Timeline.joined(covering.map { $0.standing(cycle: cycle) }, .unmet("testing.none"), PeriodicTests.better)
        return since.expand { from in
            guard let from else { return Timeline(.out) }
            return from > .distantPast ? tested.grace(during: [Span(from, from.adding(months: cycle))]) : tested
        }
    }

    /// Of two tests the one that serves better, of equals the later.
    private static func better(_ earlier: Standing, _ later: Standing) -> Standing {
        func rank(_ standing: Standing) -> Int {
            switch standing.verdict {
            case .met: 3
            case .unknown: 2
            default: standing.record.isEmpty ? 0 : 1
            }
        }
        return rank(later) >= rank(earlier) ? later : earlier
    }
}

extension PeriodicTests.Test {
    /// What the test proves: nothing before its sampling day, and after its cycle that the next is overdue.
    fileprivate func standing(cycle: Int) -> Timeline<Standing> {
        let current: Standing =
            switch isQualified {
            case nil: .unknown("institution.unknown", id)
            case true?: .met(id)
            case false?: .unmet("testing.unqualified", id)
            }
        return Timeline(
            .unmet("testing.none"), [.init(sampled, current), .init(sampled.adding(months: cycle), .unmet("testing.overdue", id))])
    }
}

extension File {
    /// Whether this institution holds a qualification for a service on a day.
    func holds(_ service: String, on day: Day) -> Bool {
        all(Qualification.kind).contains {
            $0[Qualification.type] == service && $0.span(Qualification.from, Qualification.until).contains(day)
        }
    }
}

/// What a test result says: the verdict that it states, else the house's own, else the value against the limit that it states.
public enum ResultVerdict: Sendable {
    case pass, exceed, unknown
    public init(_ result: Record) {
        switch result[TestResult.verdict] {
        case "pass"?: self = .pass
        case "exceed"?: self = .exceed
        case .some: self = .unknown
        case nil:
            if let own = result[TestResult.assessment], own != Judgement.Verdict.undecided.rawValue {
                self = own == Judgement.Verdict.complies.rawValue ? .pass : .exceed
                return
            }
            guard let value = result[TestResult.value], let limit = result[TestResult.limit] else { self = .unknown; return }
            self = value <= limit ? .pass : .exceed
        }
    }
    func standing(_ result: Record) -> Standing {
        switch self {
        case .pass: .met(result.id)
        case .exceed: .unmet("exceeds", result.id)
        case .unknown: .unknown("verdict.unknown", result.id)
        }
    }
}

/// The results of a post and factor on one sampling day, and the days on which they are the latest of their year.
private struct Sampling {
    let place: Place
    let span: Span
    let results: [Record]
    /// All limit types of the day together: every result must pass.
    var standing: Timeline<Standing> { standing(results) }
    func standing(_ results: [Record]) -> Timeline<Standing> {
        let verdict = results.map { ResultVerdict($0).standing($0) }.reduce(.out, Standing.together)
        return Timeline(verdict).during([span])
    }

    /// All samplings of an employer, each until the next of its post and factor or the end of its year.
    static func all(in file: File) -> [Sampling] {
        let days = Dictionary(file.all(TestReport.kind).compactMap { report in report[TestReport.sampled].map { (report.id, $0) } }) {
            first, _ in first
        }
        func sampled(_ result: Record) -> Day? { file.id(TestResult.report, of: result).flatMap { days[$0] } }
        return Place.grouped(file.all(TestResult.kind), by: Place.init(result:)).flatMap { place, results in
            let byDay = Dictionary(grouping: results.filter { sampled($0) != nil }) { sampled($0) ?? .distantPast }
            let order = byDay.keys.sorted()
            return zip(order, order.dropFirst() + [.distantFuture]).map { day, next in
                Sampling(place: place, span: Span(day, min(next, .firstDay(of: day.year + 1))), results: byDay[day] ?? [])
            }
        }
    }
}

/// Pass rate of tests (Law Art. 15(1), 26): the latest results of the year of each post and factor, by post and factor, result or employer.
func testingPassStrands(_ file: File, _ terms: Terms) -> [Strand] {
    let profile = EmployerProfile(file)
    let unit = terms.unit ?? "post-factor"
    var parts: [String: [Timeline<Standing>]] = [:]
    for sampling in Sampling.all(in: file) {
        if unit == "point" {
            for result in sampling.results { parts[result.id, default: []].append(sampling.standing([result])) }
        } else {
            parts[sampling.place.subject(by: unit, of: file.id), default: []].append(sampling.standing)
        }
    }
    return strands(of: parts, while: profile.operating, file, profile)
}

/// Pass rate of posts: the latest results of the year of every factor of one group at a post, of employers in the campaign's ledger.
func postPassStrands(_ file: File, _ terms: Terms) -> [Strand] {
    guard let group = terms.text("group") else { return [] }
    let profile = EmployerProfile(file)
    var parts: [String: [Timeline<Standing>]] = [:]
    for sampling in Sampling.all(in: file) where terms.isFactor(sampling.place.factor, of: group) {
        parts[sampling.place.subject(by: "post", of: file.id), default: []].append(sampling.standing)
    }
    let inCampaign = Timeline(false, true, during: file.findings("improvement.in-campaign", terms).map(\.span))
    let counted = terms.flag("everyone") ? profile.operating : profile.operating.with(inCampaign) { $0 && $1 }
    return strands(of: parts, while: counted, group: group, file, profile)
}

private func strands(
    of parts: [String: [Timeline<Standing>]], while counted: Timeline<Bool>, group: String = "", _ file: File, _ profile: EmployerProfile
) -> [Strand] {
    parts.keys.sorted().map { subject in
        let standing = Timeline.together(parts[subject] ?? []).whenever(counted)
        return Strand(subject, debtor: file.id, group: group, standing, at: profile.locus)
    }
}

extension Terms {
    /// Whether a factor is of a group: a category of the catalogue, or `noise`, which is one factor.
    func isFactor(_ factor: String, of group: String) -> Bool { group == "noise" ? factor == "C001" : self.group(of: factor) == group }
}
