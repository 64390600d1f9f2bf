import Institutions
import Kernel
import Ledger
import Registry

/// The clocks of a violation case 案件时限. Definitions: docs/clocks.md, *Cases*.
let caseClocks: [Measure] = [
    .clock(
        "case_decision", "作出行政处罚决定", "Decide the violation case", clause: "行政处罚法（2021修订） 第60条",
        files: [(Case.kind, caseDecisions)]),
    decisionClock("hearing_request", "要求听证（当事人的权利）", "Ask for a hearing (a right)", "行政处罚法（2021修订） 第64条", isParty: true) { file, decision in
        let asked = file.statements(decision).filter { $0[CaseStatement.type] == "hearing" }.compactMap { $0[CaseStatement.day] }.min()
        guard decision[PenaltyDecision.hearingRight] == true, let served = decision[PenaltyDecision.noticeServed] else { return nil }
        return (served, asked ?? decision[PenaltyDecision.hearingHeld])
    },
    decisionClock("decision_service", "送达行政处罚决定书", "Serve the decision", "行政处罚法（2021修订） 第61条") { _, decision in
        decision[PenaltyDecision.decided].map { ($0, decision[PenaltyDecision.served]) }
    },
    decisionClock("decision_publication", "公开行政处罚决定", "Publish the decision", "国办发〔2018〕118号") { _, decision in
        decision[PenaltyDecision.decided].map { ($0, decision[PenaltyDecision.published]) }
    },
    decisionClock("fine_payment", "缴纳罚款", "Pay the fine", "行政处罚法（2021修订） 第67条", isParty: true) { _, decision in
        guard decision[PenaltyDecision.amount] ?? 0 > 0, let served = decision[PenaltyDecision.served] else { return nil }
        return (served, decision[PenaltyDecision.paidOn])
    },
    decisionClock(
        "reconsideration_request", "申请行政复议（当事人的权利）", "Apply for reconsideration (a right)", "行政复议法（2023修订） 第20条", isParty: true
    ) { _, decision in decision[PenaltyDecision.served].map { ($0, decision[PenaltyDecision.reconsidered]) } },
    decisionClock(
        "litigation_request", "提起行政诉讼（当事人的权利）", "Bring an action before the court (a right)", "行政诉讼法（2014修正） 第46条", isParty: true
    ) { _, decision in decision[PenaltyDecision.served].map { ($0, decision[PenaltyDecision.sued]) } },
]

extension File {
    fileprivate var decisions: [Record] { all(PenaltyDecision.kind) }
    fileprivate func statements(_ decision: Record) -> [Record] { all(CaseStatement.kind, of: CaseStatement.decision, decision.id) }
    fileprivate var seat: Timeline<Locus> { Timeline(Locus(division: root[Case.division])) }
    fileprivate func party(of decision: Record) -> String {
        id(PenaltyDecision.employer, of: decision) ?? id(PenaltyDecision.institution, of: decision) ?? ""
    }
}

/// A case that was filed, until it is decided: by a penalty, or otherwise as the case itself says.
func caseDecisions(_ file: File, _ terms: Terms) -> [Strand] {
    guard let filed = file.root[Case.filed] else { return [] }
    let decided = file.decisions.compactMap { decision in decision[PenaltyDecision.decided].map { ($0, decision.id) } }.min { $0.0 < $1.0 }
    let other = file.root[Case.decided].map { ($0, file.id) }
    let first = [decided, other].compactMap { $0 }.min { $0.0 < $1.0 }
    let run = ClockRun("case_decision", from: filed, done: first?.0, record: file.id, doneBy: first?.1 ?? "")
    return [Strand(file.id, group: "health", run.standing(terms), at: file.seat)]
}

/// A clock of each decision of a case: its first day and the act that stops it, nil where it does not run. What was annulled owes no more;
/// a payment that was deferred is due on that day.
private func decisionClock(
    _ name: String, _ zh: String, _ en: String, _ clause: String, isParty: Bool = false,
    _ days: @escaping @Sendable (File, Record) -> (start: Day, done: Day?)?
) -> Measure {
    let strands: @Sendable (File, Terms) -> [Strand] = { file, terms in
        file.decisions.compactMap { decision in
            guard let (start, done) = days(file, decision) else { return nil }
            let run = ClockRun(name, from: start, done: done, record: decision.id, doneBy: decision.id)
            var standing = run.standing(terms)
            if name == "fine_payment", let until = decision[PenaltyDecision.deferred] {
                standing = standing.grace(during: [Span(start, until + 1)])
            }
            standing = standing.during([Span(.distantPast, decision[PenaltyDecision.annulled] ?? .distantFuture)])
            return Strand(
                decision.id, debtor: isParty ? file.party(of: decision) : "", group: isParty ? "" : "health", standing, at: file.seat)
        }
    }
    return .clock(name, zh, en, clause: clause, files: [(Case.kind, strands)])
}
