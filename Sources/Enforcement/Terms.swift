import Catalog
import Kernel
import Ledger
import Registry

/// A period that no statute to hand fixes and a jurisdiction sets 由本地规定的期限: so many days from an event until an act. Until it is
/// set, nobody can tell whether the act was in time.
struct Term {
    let name: String
    let start: Day
    /// The act, and the record that is it.
    var done: Day?
    var doneBy = ""
    /// The record that starts it.
    let record: String

    /// Pending until the last day, overdue after it; met or late from the act on, until its calendar year ends.
    func standing(_ terms: Terms, in division: String?) -> Timeline<Standing> {
        let length = terms.setting(name, in: division, on: start).flatMap { Int($0) }
        let done = self.done.map { max($0, start) }
        var changes: [Timeline<Standing>.Change] = []
        if let length {
            let last = start + length
            changes.append(.init(start, .pending))
            if done.map({ $0 > last }) ?? true { changes.append(.init(last + 1, .unmet("clock.overdue", record))) }
            if let done { changes.append(.init(done, done <= last ? .met(doneBy) : .unmet("clock.late", doneBy))) }
        } else {
            changes.append(.init(start, .unknown("term.unset", record)))
            // What was done without a period cannot be late.
            if let done { changes.append(.init(done, .met(doneBy))) }
        }
        if let done { changes.append(.init(.firstDay(of: done.year + 1), .out)) }
        return Timeline(.out, changes)
    }
}

extension Terms {
    /// What a plan says, else what the nearest jurisdiction set for the day, else the law's value; nil where nobody set one.
    func setting(_ name: String, in division: String?, on day: Day) -> String? {
        overrides[name] ?? catalog.parameters[name]?.setting(in: division, on: day)?.value
    }
}
