import Institutions
import Kernel
import Ledger
import Registry

/// What a listing asks of others: receipts of the departments notified, answers to objections and repairs. No period of law is to hand; a
/// receipt is due by the day that the notice names and owed by the function that it names, an answer stays open until it is given.
let creditDuties: [Measure] = [
    creditDuty("credit_receipt_due", "签收信用通报", "Confirm the notice of a listing", owedBy: [], receiptStrands),
    creditDuty("credit_request_answer", "答复异议或者信用修复申请", "Answer the objection or repair", requestStrands),
]

private func creditDuty(
    _ name: String, _ zh: String, _ en: String, owedBy: [String] = Measure.authority,
    _ strands: @escaping @Sendable (File, Terms) -> [Strand]
) -> Measure {
    .clock(
        name, zh, en, clause: "MTG-47; JX-40; FX-41; LN-46; KZHQ-07", owedBy: owedBy,
        files: [(Employer.kind, strands), (Institution.kind, strands)])
}

extension File {
    /// Where the listed unit is.
    fileprivate var place: Timeline<Locus> {
        root.kind.name == Employer.kind.name ? EmployerProfile(self).locus : Timeline(Locus(division: root[Institution.division]))
    }
}

/// Each notice, owed by the department that it is addressed to: pending until its day, then overdue; met by the receipt.
func receiptStrands(_ file: File, _ terms: Terms) -> [Strand] {
    file.all(CreditNotice.kind).compactMap { notice in
        guard let sent = notice[CreditNotice.sent], let due = notice[CreditNotice.due] else { return nil }
        let receipts = file.all(CreditReceipt.kind, of: CreditReceipt.notice, notice.id)
        let first = receipts.min { ($0[CreditReceipt.day] ?? .distantFuture, $0.id) < ($1[CreditReceipt.day] ?? .distantFuture, $1.id) }
        let standing = promised(from: sent, until: due, done: first?[CreditReceipt.day], record: notice.id, doneBy: first?.id ?? "")
        return Strand(notice.id, group: notice[CreditNotice.function] ?? "", standing, at: file.place)
    }
}

/// Each objection and repair until it is granted or returned with reasons.
func requestStrands(_ file: File, _ terms: Terms) -> [Strand] {
    file.all(CreditRequest.kind).compactMap { request in
        guard let day = request[CreditRequest.day], request.state?.waits ?? true else { return nil }
        return Strand(request.id, group: "health", Timeline(.out, [.init(day, .pending)]), at: file.place)
    }
}

/// A run whose last day was promised: pending, overdue, met or late until the calendar year of the act ends.
func promised(from start: Day, until due: Day?, done: Day?, record: String, doneBy: String) -> Timeline<Standing> {
    var changes: [Timeline<Standing>.Change] = [.init(start, .pending)]
    if let due, done.map({ $0 > due }) ?? true { changes.append(.init(due + 1, .unmet("clock.overdue", record))) }
    if let done {
        let act = max(done, start)
        changes.append(.init(act, due.map { act > $0 } ?? false ? .unmet("clock.late", doneBy) : .met(doneBy)))
        changes.append(.init(.firstDay(of: act.year + 1), .out))
    }
    return Timeline(.out, changes)
}
