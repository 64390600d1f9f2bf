import Catalog
import Institutions
import Kernel
import Ledger
import Registry

/// Cycles of evaluation and of tests by severity and toxicity 评价与高毒检测周期. Definitions: docs/clocks.md. The cycle of periodic tests
/// is the measure `periodic_testing_rate`.
let cycleClocks: [Measure] = [
    .clock(
        "status_evaluation", "开展职业病危害现状评价", "Have the status evaluated", clause: "国家卫生健康委令第5号 第20条",
        files: [(Employer.kind, statusEvaluationStrands)]),
    .clock(
        "high_toxic_test", "每月检测高毒作业场所", "Test the highly toxic workplace each month", clause: "国务院令第352号 第26条",
        files: [(Employer.kind, highToxicTestStrands)]),
    .clock(
        "high_toxic_evaluation", "每半年评价高毒作业场所", "Evaluate the highly toxic workplace each half-year", clause: "国务院令第352号 第26条",
        files: [(Employer.kind, highToxicEvaluationStrands)]),
]

/// Something that must be done again and again, each time within a period of the time before.
private struct Cycle {
    let clock: StatutoryClock
    let calendar: WorkdayCalendar
    let none, overdue: String

    init?(_ name: String, _ terms: Terms, none: String, overdue: String) {
        guard let clock = terms.catalog.clocks[name], !clock.editions.isEmpty else { return nil }
        (self.clock, self.none, self.overdue) = (clock, none, overdue)
        calendar = terms.catalog.calendar
    }

    /// What was done on a day and is worth.
    struct Done {
        let day: Day
        let standing: Standing
    }

    /// Days from one that was done until the next is overdue are covered by it; of several by the one that serves better, of equals
    /// by the later. Pending for one period from the beginning; out before there was a period.
    func standing(since: Timeline<Day?>, done: [Done]) -> Timeline<Standing> {
        let each = done.sorted { ($0.day, $0.standing.record) < ($1.day, $1.standing.record) }.map { done -> Timeline<Standing> in
            let record = done.standing.record
            guard let deadline = clock.deadline(from: done.day, calendar) else {
                return Timeline(.unmet(none), [.init(done.day, .unknown("clock.edition-unknown", record))])
            }
            return Timeline(.unmet(none), [.init(done.day, done.standing), .init(deadline.last, .unmet(overdue, record))])
        }
        let covered = Timeline.joined(each, .unmet(none)) { Cycle.rank($1) >= Cycle.rank($0) ? $1 : $0 }
        let law = clock.editions[0].provenance.force.from
        return since.expand { from in
            guard let from else { return Timeline(.out) }
            let begin = max(from, law)
            let end = clock.deadline(from: begin, calendar)?.last ?? begin
            return covered.grace(during: [Span(begin, end)]).during([Span(begin)])
        }
    }

    private static func rank(_ standing: Standing) -> Int {
        switch standing.verdict {
        case .met: 3
        case .unknown: 2
        default: standing.record.isEmpty ? 0 : 1
        }
    }
}

// MARK: Status evaluation

/// An employer of severe hazards (Order 5 of 2021, Art. 20; before it Order 47): evaluated by a qualified institution within three years.
func statusEvaluationStrands(_ file: File, _ terms: Terms) -> [Strand] {
    guard let cycle = Cycle("status_evaluation", terms, none: "evaluation.none", overdue: "evaluation.overdue") else { return [] }
    let profile = EmployerProfile(file)
    let severity = profile.locus.map(\.severity)
    guard severity.changes.contains(where: { $0.value == nil || $0.value == "severe" }) else { return [] }
    let owes = severity.with(profile.hazardous) { ($0 == nil || $0 == "severe") && $1 == .yes }
    let since = Timeline<Day?>(nil, owes.spans.flatMap { span, owes in [.init(span.from, owes ? span.from : nil)] })
    let evaluated = cycle.standing(since: since, done: evaluations(file))
    let standing = profile.whileHazardous(evaluated).with(severity) { standing, severity -> Standing in
        switch (severity, standing.verdict) {
        case ("severe"?, _), (nil, .met), (nil, .out), (nil, .pending): standing
        case (nil, _): .unknown(standing.reason == "hazards.unknown" ? "hazards.unknown" : "severity.unknown", standing.record)
        default: .out
        }
    }
    return [Strand(file.id, debtor: file.id, standing, at: profile.locus)]
}

/// The evaluations of an employer: nothing worth by an institution without a qualification, unknown where none is named.
private func evaluations(_ file: File) -> [Cycle.Done] {
    file.all(TestReport.kind).compactMap { report in
        guard report[TestReport.type] == "evaluation", let sampled = report[TestReport.sampled] else { return nil }
        let isQualified = file.id(TestReport.institution, of: report).map { file.profile($0)?.holds("testing", on: sampled) ?? false }
        switch isQualified {
        case nil: return .init(day: sampled, standing: .unknown("institution.unknown", report.id))
        case true?: return .init(day: sampled, standing: .met(report.id))
        case false?: return .init(day: sampled, standing: .unmet("testing.unqualified", report.id))
        }
    }
}

// MARK: High toxicity

/// Each post and highly toxic factor: a test of any kind within a month. Where only a part of what the factor names is highly toxic,
/// a missing test is unknown.
func highToxicTestStrands(_ file: File, _ terms: Terms) -> [Strand] {
    guard let cycle = Cycle("high_toxic_test", terms, none: "testing.none", overdue: "testing.overdue") else { return [] }
    let hazards = toxicHazards(file, terms)
    guard !hazards.isEmpty else { return [] }
    let profile = EmployerProfile(file)
    let results = Dictionary(grouping: file.all(TestResult.kind)) { file.id(TestResult.report, of: $0) ?? "" }
        .mapValues { Set($0.map(Place.init(result:))) }
    let tests = file.all(TestReport.kind).compactMap { report in report[TestReport.sampled].map { (report.id, $0) } }
    return Place.grouped(hazards.map(\.record), by: Place.init(hazard:)).map { place, records in
        let covering = tests.filter { id, _ in results[id]?.contains(where: place.isCovered) ?? false }
        let standing = cycle.standing(since: earliestFrom(records), done: covering.map { .init(day: $1, standing: .met($0)) })
        let isCertain = terms.catalog.standards.highlyToxic.isHighlyToxic(factor: place.factor) == .yes
        return Strand(
            place.subject(by: "post-factor", of: file.id), debtor: file.id,
            (isCertain ? standing : standing.doubted).whenever(profile.operating), at: profile.locus)
    }
}

/// The employer: an evaluation within half a year while a highly toxic factor is present.
func highToxicEvaluationStrands(_ file: File, _ terms: Terms) -> [Strand] {
    guard let cycle = Cycle("high_toxic_evaluation", terms, none: "evaluation.none", overdue: "evaluation.overdue") else { return [] }
    let hazards = toxicHazards(file, terms)
    guard !hazards.isEmpty else { return [] }
    let profile = EmployerProfile(file)
    func standing(_ toxicity: Truth) -> Timeline<Standing> {
        cycle.standing(since: earliestFrom(hazards.filter { $0.toxicity == toxicity }.map(\.record)), done: evaluations(file))
    }
    let combined = standing(.yes).with(standing(.unknown).doubted) { $0.verdict == .out ? $1 : $0 }
    return [Strand(file.id, debtor: file.id, combined.whenever(profile.operating), at: profile.locus)]
}

/// The hazards of an employer whose factor is on the list of highly toxic substances 高毒物品目录, or in part.
private func toxicHazards(_ file: File, _ terms: Terms) -> [(record: Record, toxicity: Truth)] {
    let list = terms.catalog.standards.highlyToxic
    return file.all(EmployerHazard.kind).compactMap { hazard in
        let toxicity = list.isHighlyToxic(factor: hazard[EmployerHazard.factor] ?? "")
        return toxicity == .no ? nil : (hazard, toxicity)
    }
}

extension Timeline where Value == Standing {
    /// The same where it is not certain that it is owed: what is missing is unknown.
    fileprivate var doubted: Timeline {
        map { $0.verdict == .unmet ? .unknown("high-toxic.unknown", $0.record) : $0 }
    }
}
