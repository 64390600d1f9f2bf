import Catalog
import Kernel
import Ledger

/// What a complaint asks of the authority: to decide who deals with it, and to answer. The law says *in time* and no number; the parameters
/// `complaint.triage_days` and `complaint.answer_days` (working days) are for the jurisdiction to set. Until then triage is open without a
/// last day, and the answer is due on the day that was promised.
let complaintDuties: [Measure] = [
    complaintDuty("complaint_triage_due", "决定投诉举报由谁办理", "Decide who deals with the complaint", triageStrands),
    complaintDuty("complaint_answer_due", "答复投诉举报", "Answer the complaint", answerStrands),
]

private func complaintDuty(
    _ name: String, _ zh: String, _ en: String, _ strands: @escaping @Sendable (File, Terms) -> [Strand]
) -> Measure {
    // Owed by the function that each complaint is with.
    .clock(name, zh, en, clause: "职业病防治法（2018修正） 第13条", owedBy: [], files: [(Complaint.kind, strands)])
}

/// So many working days after a day; nil where the parameter has no value.
private func deadline(_ parameter: String, from day: Day, _ terms: Terms) -> Day? {
    terms.optional(parameter).map { terms.catalog.calendar.adding(workdays: $0, to: day).value }
}

func triageStrands(_ file: File, _ terms: Terms) -> [Strand] {
    let complaint = file.root
    guard let received = complaint[Complaint.received] else { return [] }
    let standing = promised(
        from: received, until: deadline("complaint.triage_days", from: received, terms), done: complaint[Complaint.triaged],
        record: file.id,
        doneBy: file.id)
    return [Strand(file.id, group: "health", standing, at: Timeline(Locus(division: complaint[Complaint.division])))]
}

/// What was accepted or handed over, until it is answered; owed by the function in charge.
func answerStrands(_ file: File, _ terms: Terms) -> [Strand] {
    let complaint = file.root
    guard let triaged = complaint[Complaint.triaged], ["accepted", "handed"].contains(complaint[Complaint.triage]) else { return [] }
    let due = complaint[Complaint.due] ?? deadline("complaint.answer_days", from: triaged, terms)
    let standing = promised(from: triaged, until: due, done: complaint[Complaint.answered], record: file.id, doneBy: file.id)
    let function = complaint[Complaint.function] ?? "health"
    return [Strand(file.id, group: function, standing, at: Timeline(Locus(division: complaint[Complaint.division])))]
}
