import Catalog
import Kernel
import Ledger

/// A listing 失信、黑名单列入 of an employer or institution: intention with notice, objection, decision by a second person, publication,
/// expiry or repair. Criteria, lists and periods are data (KZHQ-07, FX-41, MTG-47, JX-40, LN-46).
public enum CreditListing {
    public static let employer = Field.reference("employer", "用人单位", "Employer", to: "employer", .part)
    public static let institution = Field.reference("institution", "服务机构", "Institution", to: "institution", .part)
    public static let list = Field.code("list", "名单", "List", of: "credit_list", .required)
    public static let criterion = Field.code("criterion", "列入情形", "Criterion", of: "credit_criterion", .required)
    public static let decision = Field.reference("decision", "依据的处罚决定", "Decision behind it", to: "penalty_decision", .mention)
    public static let reason = Field.text("reason", "事实和理由", "Facts and reasons", .required, max: 1000)
    public static let notice = Field.day("notice", "拟列入告知日期", "Notice of the intention", .required)
    public static let objectUntil = Field.day("object_until", "异议截止日期", "Objections until", .required, future: true)
    public static let until = Field.day("until", "列入期限至", "Listed until", .required, future: true)
    public static let number = Field.text("number", "列入决定文号", "Listing number", max: 60)
    public static let listed = Field.day("listed", "列入日期", "Listed on").derived
    public static let removed = Field.day("removed", "移出日期", "Removed on")
    public static let removal = Field.code("removal", "移出原因", "Reason of the removal", of: "credit_removal")
    public static let kind = Kind(
        "credit_listing", "信用名单列入", "Credit listing",
        fields: [
            employer.spec, institution.spec, list.spec, criterion.spec, decision.spec, reason.spec, notice.spec, objectUntil.spec,
            until.spec,
            number.spec, listed.spec, removed.spec, removal.spec,
        ], day: notice.spec, title: [list.spec, notice.spec],
        flow: Flow(accepted: listed, fourEyes: true, ready: { try ready($0, $1, $2, $3) }),
        numbers: [Numbering(number, series: "listing", word: "职卫信", on: .accepted)],
        check: { check($0) })

    private static func check(_ record: Record) -> [Refusal] {
        var refusals = Refusal.order(record[notice], record[objectUntil], field: "object_until")
        refusals += Refusal.order(record[objectUntil], record[until], field: "until")
        refusals += Refusal.order(record[listed], record[removed], field: "removed")
        if (record[employer] == nil) == (record[institution] == nil) { refusals.append(Refusal("credit.subject", field: "employer")) }
        if record[removed] != nil, record[removal] == nil { refusals.append(Refusal("field.required", field: "removal")) }
        if record[removed] != nil, record[listed] == nil { refusals.append(Refusal("credit.unlisted", field: "removed")) }
        return refusals
    }

    /// Nobody is listed while they may still object, or before their objection is answered; an objection that was upheld ends it.
    private static func ready(_ record: Record, _ next: Flow.Step, _ today: Day, _ taking: Taking) throws {
        guard next == .accept else { return }
        let objections = try taking.records(CreditRequest.kind, naming: record).filter { $0[CreditRequest.type] == "objection" }
        if objections.contains(where: { $0.state == .accepted }) { throw Refusal("credit.objection-upheld") }
        if objections.contains(where: { $0.state?.waits ?? true }) { throw Refusal("credit.objection-open") }
        if let last = record[objectUntil], today <= last { throw Refusal("credit.objection-period", ["limit": last.description]) }
    }
}

/// An objection 异议 to a listing, or an application for repair 信用修复, by the listed unit; the authority accepts it or returns it with reasons.
public enum CreditRequest {
    public static let listing = Field.reference("listing", "信用名单列入", "Credit listing", to: "credit_listing", .part, .required)
    public static let type = Field.code("type", "申请类型", "Type", of: "credit_request_type", .required)
    public static let day = Field.day("day", "申请日期", "Day", .required)
    public static let text = Field.text("text", "事实、理由和整改情况", "Facts, reasons and what was put right", .required, max: 4000)
    public static let decided = Field.day("decided", "同意日期", "Granted on").derived
    public static let kind = Kind(
        "credit_request", "异议与信用修复申请", "Objection or repair", fields: [listing.spec, type.spec, day.spec, text.spec, decided.spec],
        day: day.spec, title: [type.spec, day.spec], columns: [text.spec, decided.spec], flow: Flow(accepted: decided),
        complete: { try complete($0, $1) })

    private static func complete(_ record: Record, _ taking: Taking) throws {
        guard let listing = try taking.target(of: listing, in: record), taking.before == nil, let day = record[day] else { return }
        switch record[type] {
        case "objection":
            if let last = listing[CreditListing.objectUntil], day > last {
                throw Refusal("credit.objection-late", field: "day", ["limit": last.description])
            }
        default:
            guard let listed = listing[CreditListing.listed], listed <= day else { throw Refusal("credit.unlisted", field: "listing") }
        }
    }
}

/// Notice of a listing to another department 通报: its officers confirm receipt by a day and report what they did.
public enum CreditNotice {
    public static let listing = Field.reference("listing", "信用名单列入", "Credit listing", to: "credit_listing", .part, .required)
    public static let function = Field.code("function", "被通报部门职能", "Function notified", of: "function", .required)
    public static let sent = Field.day("sent", "通报日期", "Sent on", .required)
    public static let due = Field.day("due", "签收期限", "Receipt due by", .required, future: true)
    public static let unit = Field.text("unit", "名单单位", "Unit listed", max: 200).derived
    public static let summary = Field.text("summary", "通报内容", "What is notified", max: 500).derived
    public static let kind = Kind(
        "credit_notice", "信用通报", "Notice of a listing",
        fields: [listing.spec, function.spec, sent.spec, due.spec, unit.spec, summary.spec],
        keys: [[listing.spec, function.spec]], day: sent.spec, title: [unit.spec, function.spec],
        check: { Refusal.order($0[sent], $0[due], field: "due") }, complete: { try complete(&$0, $1) })

    private static func complete(_ record: inout Record, _ taking: Taking) throws {
        guard let listing = try taking.target(of: listing, in: record) else { return }
        guard let listed = listing[CreditListing.listed] else { throw Refusal("credit.unlisted", field: "listing") }
        // What the department needs stands in the notice itself: it sees nothing else of the file.
        let unit = try taking.target(of: CreditListing.employer, in: listing) ?? taking.target(of: CreditListing.institution, in: listing)
        record[CreditNotice.unit] = unit?.title
        let list = taking.catalog.title("credit_list", listing[CreditListing.list] ?? "")
        let criterion = taking.catalog.title("credit_criterion", listing[CreditListing.criterion] ?? "")
        record[summary] =
            "\(list)；\(criterion)；\(listing[CreditListing.number] ?? "")；\(listed)–\(listing[CreditListing.until]?.description ?? "")"
    }
}

/// Receipt of a notice by the department that it is addressed to, and the measures 联合惩戒措施 that it reports back.
public enum CreditReceipt {
    public static let notice = Field.reference("notice", "信用通报", "Notice of a listing", to: "credit_notice", .part, .required)
    public static let day = Field.day("day", "签收日期", "Received on", .required)
    public static let measures = Field.text("measures", "采取的措施", "Measures taken", max: 1000)
    public static let kind = Kind(
        "credit_receipt", "通报签收", "Receipt of a notice", fields: [notice.spec, day.spec, measures.spec], keys: [[notice.spec]],
        day: day.spec, title: [day.spec])
}

/// How a listing stands on a day.
public enum CreditStanding: String, Sendable, CaseIterable {
    /// 拟列入; 已列入; 期满移出; 提前移出; 未列入.
    case intended, listed, expired, removed, dropped
    public init(_ listing: Record, on day: Day) {
        guard let listed = listing[CreditListing.listed], listed <= day else {
            self = listing.state == .cancelled || listing.state == .returned ? .dropped : .intended
            return
        }
        if let removed = listing[CreditListing.removed], removed <= day { self = .removed; return }
        self = listing[CreditListing.until].map { day > $0 } ?? false ? .expired : .listed
    }
}
