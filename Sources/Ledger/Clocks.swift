import Catalog
import Kernel

/// One run of a statutory clock 法定时限 over a file: the day that started it, the day that stopped it, and how it stands on every day.
///
/// Pending until the last day in time; met or late from the act on, until that calendar year ends; overdue while nothing is done. What
/// cannot be told (no first day, no rule to hand, no holiday table) is unknown and never met. A right that lapses is out: nobody owes it.
public struct ClockRun: Sendable {
    public let name: String
    public var start, done: Day?
    /// A day before which the run cannot have started: shows a run whose first day is not recorded, and proves an act in time that is
    /// in time even counted from there.
    public var notBefore: Day?
    /// The records that start and stop it.
    public var record, doneBy: String
    /// The day by which the edition is chosen, where that is not the first day.
    public var reference: Day?

    public init(
        _ name: String, from start: Day?, done: Day?, notBefore: Day? = nil, record: String = "", doneBy: String = "", reference: Day? = nil
    ) {
        (self.name, self.start, self.done, self.notBefore) = (name, start, done, notBefore)
        (self.record, self.doneBy, self.reference) = (record, doneBy, reference)
    }

    public func standing(_ terms: Terms) -> Timeline<Standing> {
        let clock = terms.catalog.clocks[name]
        guard let start else { return unstarted(clock, terms) }
        guard let edition = clock?.edition(on: reference ?? start) else {
            if let clock, clock.setsNothing(on: reference ?? start) { return Timeline(.out) }
            return ending(Timeline(.out, [.init(start, .unknown("clock.edition-unknown", record))]))
        }
        let deadline = Deadline(from: start, edition, terms.catalog.calendar)
        let done = self.done.map { max($0, start) }
        var changes: [Timeline<Standing>.Change] = [.init(start, .pending)]
        let overdue: Standing =
            clock?.isRight == true
            ? .out : deadline.missingYears.isEmpty ? .unmet("clock.overdue", record) : .unknown("clock.holidays-unknown", record)
        if done.map({ $0 > deadline.last }) ?? true { changes.append(.init(deadline.last + 1, overdue)) }
        if let done { changes.append(.init(done, verdict(deadline, done: done, isRight: clock?.isRight == true))) }
        return ending(Timeline(.out, changes))
    }

    /// What an act of a day is worth.
    private func verdict(_ deadline: Deadline, done: Day, isRight: Bool) -> Standing {
        switch deadline.edition.unit {
        case .workday where !deadline.missingYears.isEmpty:
            // So many calendar days are never more than as many working days.
            return done <= deadline.start + deadline.edition.length ? .met(doneBy) : .unknown("clock.holidays-unknown", doneBy)
        case .hour where done > deadline.start && done <= deadline.last: return .unknown("clock.hours-unknown", doneBy)
        default: return done <= deadline.last ? .met(doneBy) : isRight ? .out : .unmet("clock.late", doneBy)
        }
    }

    /// A run whose first day is not recorded.
    private func unstarted(_ clock: StatutoryClock?, _ terms: Terms) -> Timeline<Standing> {
        let unknown = Standing.unknown("clock.start-unknown", record)
        guard let notBefore else { return ending(Timeline(unknown)) }
        if let clock, clock.setsNothing(on: reference ?? done ?? notBefore) { return Timeline(.out) }
        var changes: [Timeline<Standing>.Change] = [.init(notBefore, unknown)]
        if let done, let earliest = clock?.edition(on: reference ?? notBefore), let latest = clock?.edition(on: reference ?? done),
            earliest.provenance.force == latest.provenance.force
        {
            let standing = verdict(Deadline(from: notBefore, earliest, terms.catalog.calendar), done: done, isRight: false)
            if standing.verdict == .met { changes.append(.init(done, standing)) }
        }
        return ending(Timeline(.out, changes))
    }

    /// What was done stays on show until its calendar year ends.
    private func ending(_ standing: Timeline<Standing>) -> Timeline<Standing> {
        guard let done else { return standing }
        let last = Day.firstDay(of: max(done, start ?? done).year + 1)
        return standing.with(Timeline(true, [.init(last, false)])) { $1 ? $0 : .out }
    }
}

extension Measure {
    /// A duty rule that a statutory clock of the same name sets.
    public static func clock(
        _ name: String, _ zh: String, _ en: String, clause: String, owedBy: [String] = Measure.authority, reads: [String] = [],
        files: [(Kind, @Sendable (File, Terms) -> [Strand])]
    ) -> Measure {
        Measure(
            name, zh, en, .rate, numerator: ("在法定时限内办理的事项", "matters dealt with within the statutory period"),
            denominator: ("法定时限已届满或已办理的事项", "matters dealt with or past the statutory period"), clause: clause, isClock: true,
            owedBy: owedBy,
            reads: reads, files: files)
    }
}
