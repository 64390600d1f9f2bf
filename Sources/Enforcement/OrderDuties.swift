import Kernel
import Ledger
import Registry

/// What an order makes owed: the employer rectifies by its deadline; the authority checks again, and refers what was not obeyed to a case.
let orderDuties = [
    Measure.clock(
        "order_rectification", "按期改正", "Rectify as ordered", clause: "职业病防治法 第69至75条（责令限期改正）",
        files: [(Employer.kind, { @Sendable file, terms in orderStrands(file) { [OrderCourse($0, file).rectification] } })]),
    Measure.clock(
        "order_recheck", "责令改正复查", "Check an order again", clause: "职业病防治法 第69至75条（逾期不改正的，处罚）",
        files: [(Employer.kind, { @Sendable file, terms in orderStrands(file) { OrderCourse($0, file).rechecks(terms) } })]),
    Measure.clock(
        "order_escalation", "逾期不改正转立案", "Refer an order not obeyed to a case", clause: "职业病防治法 第69至75条（逾期不改正的，处罚）",
        files: [(Employer.kind, { @Sendable file, terms in orderStrands(file) { OrderCourse($0, file).escalation(terms) } })]),
]

private func orderStrands(_ file: File, _ strands: (Record) -> [Strand]) -> [Strand] { file.all(Order.kind).flatMap(strands) }

/// What happened after an order, in the order of days.
private struct OrderCourse {
    let order: Record
    let issued, due: Day
    /// Evidence handed in, and inspections that name the order with what they found of its items.
    let evidence: [(day: Day, id: String)]
    let checks: [(day: Day, id: String, found: Recheck)]
    let closed: (day: Day, how: String)?
    let debtor: String
    let locus: Timeline<Locus>

    init(_ order: Record, _ file: File) {
        self.order = order
        issued = order[Order.issued] ?? .distantPast
        due = order[Order.due] ?? .distantFuture
        evidence = file.all(Rectification.kind, of: Rectification.order, order.id)
            .compactMap { record in record[Rectification.day].map { ($0, record.id) } }.sorted { ($0.0, $0.1) < ($1.0, $1.1) }
        let items = order[Order.items] ?? []
        checks = file.all(Inspection.kind).filter { file.id(Inspection.order, of: $0) == order.id }
            .compactMap { record in record[Inspection.day].map { ($0, record.id, file.recheck(record, of: items)) } }
            .sorted { ($0.0, $0.1) < ($1.0, $1.1) }
        closed = order[Order.closed].map { ($0, order[Order.closing] ?? "") }
        debtor = file.id
        locus = EmployerProfile(file).locus
    }

    /// What stands after the order is closed: done until the year ends where it was obeyed, nothing where it went on as a case.
    private func ending(_ changes: [Timeline<Standing>.Change], confirmed: Day?) -> Timeline<Standing> {
        var changes = changes
        if let closed, closed.how != "rectified" { changes = changes.filter { $0.day < closed.day } + [.init(closed.day, .out)] }
        let last = [confirmed, closed?.how == "rectified" ? closed?.day : nil].compactMap { $0 }.max()
        let standing = Timeline(.out, changes)
        guard let last, closed?.how ?? "rectified" == "rectified" else { return standing }
        return standing.with(Timeline(true, [.init(.firstDay(of: max(last, issued).year + 1), false)])) { $1 ? $0 : .out }
    }

    /// The employer's: pending until the deadline, met by evidence or by a check that found everything rectified, unless a later check
    /// found that it was not.
    var rectification: Strand {
        enum Event { case evidence, passed, failed, closed }
        var events: [(day: Day, id: String, what: Event)] = evidence.map { (max($0.day, issued), $0.id, .evidence) }
        events += checks.compactMap { check in
            check.found == .open ? nil : (max(check.day, issued), check.id, check.found == .passed ? .passed : .failed)
        }
        if let closed, closed.how == "rectified" { events.append((max(closed.day, issued), order.id, .closed)) }
        // On one day the evidence comes before the check of it.
        func rank(_ event: Event) -> Int { event == .evidence ? 0 : event == .failed ? 1 : 2 }
        events.sort { ($0.day, rank($0.what), $0.id) < ($1.day, rank($1.what), $1.id) }
        var changes: [Timeline<Standing>.Change] = [.init(issued, .pending)]
        /// What stands when the deadline passes.
        var atDeadline = Standing.unmet("order.overdue", order.id)
        var inTime = false
        var confirmed: Day?
        var crossed = false
        func cross() {
            if !crossed { changes.append(.init(due + 1, atDeadline)) }
            crossed = true
        }
        for event in events {
            if event.day > due { cross() }
            switch event.what {
            case .evidence, .passed, .closed:
                inTime = inTime || event.day <= due
                if event.what != .evidence { confirmed = event.day }
                let standing = inTime ? Standing.met(event.id) : .unmet("clock.late", event.id)
                changes.append(.init(event.day, standing))
                if event.day <= due { atDeadline = standing }
            case .failed:
                inTime = false
                confirmed = nil
                let unmet = Standing.unmet("order.unrectified", event.id)
                changes.append(.init(event.day, event.day <= due ? .pending : unmet))
                if event.day <= due { atDeadline = unmet }
            }
        }
        cross()
        return Strand(order.id, debtor: debtor, ending(changes, confirmed: confirmed), at: locus)
    }

    /// The authority's: after each piece of evidence, and after a deadline that passed without any, the first check from then on.
    func rechecks(_ terms: Terms) -> [Strand] {
        var starts = evidence
        if !evidence.contains(where: { $0.day <= due }) { starts.insert((due + 1, order.id), at: 0) }
        let strands = starts.compactMap { start -> Strand? in
            let check = checks.first { $0.day >= start.day }
            // A check that found everything rectified before the deadline leaves nothing to check.
            if start.id == order.id, checks.contains(where: { $0.found == .passed && $0.day <= due }) { return nil }
            if let closed, closed.day <= start.day, check == nil { return nil }
            let done = [check.map { ($0.day, $0.id) }, closed.map { ($0.day, order.id) }].compactMap { $0 }.min { $0.0 < $1.0 }
            let term = Term(name: "order.recheck_days", start: start.day, done: done?.0, doneBy: done?.1 ?? "", record: start.id)
            let subject = start.id == order.id ? order.id : "\(order.id)|\(start.id)"
            return Strand(subject, term.standing(terms, in: locus[start.day].division), at: locus)
        }
        return strands
    }

    /// The authority's: from the first check after the deadline that found the order not obeyed, until it is closed or found obeyed.
    func escalation(_ terms: Terms) -> [Strand] {
        guard let failed = checks.first(where: { $0.day > due && $0.found == .failed }) else { return [] }
        let passed = checks.first { $0.day > failed.day && $0.found == .passed }
        let done = [passed.map { ($0.day, $0.id) }, closed.map { ($0.day, order.id) }].compactMap { $0 }.min { $0.0 < $1.0 }
        let term = Term(name: "order.escalation_days", start: failed.day, done: done?.0, doneBy: done?.1 ?? "", record: failed.id)
        return [Strand(order.id, term.standing(terms, in: locus[failed.day].division), at: locus)]
    }
}
