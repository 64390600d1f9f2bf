import Catalog
import Kernel
import Ledger

/// A penalty decision 行政处罚决定: proposed with its prior notice by the investigator, decided by somebody else. The house reads from the
/// item of the law which penalties and amounts it allows, weighs the breach by the jurisdiction's scheme, and refuses what lies outside.
public enum PenaltyDecision {
    public static let file = Field.reference("case", "违法案件", "Violation case", to: "violation_case", .part, .required)
    public static let employer = Field.reference("employer", "用人单位", "Employer", to: "employer", .part).derived
    public static let institution = Field.reference("institution", "服务机构", "Institution", to: "institution", .part).derived
    // What is proposed
    public static let item = Field.code("item", "违反条款与罚则", "Item of the penalties", of: "penalty_item", .required)
    public static let facts = Field.text("facts", "认定的违法事实", "Facts found", .required, max: 2000)
    public static let evidence = Field.text("evidence", "证据", "Evidence", max: 2000)
    public static let overdue = Field.flag("overdue", "责令限期改正后逾期未改正", "Ordered to correct, and not corrected in time")
    public static let severe = Field.flag("severe", "情节严重", "Circumstances grave")
    public static let income = Field.decimal("income", "违法所得（元）", "Illegal income (yuan)", 0...1e12)
    public static let factors = Field.codes("factors", "裁量情节", "Discretion levels", of: "discretion_level")
    public static let means = Field.codes("means", "处罚种类和责令措施", "Penalties and orders", of: "penalty_means", .required)
    public static let amount = Field.integer("amount", "罚款金额（元）", "Fine (yuan)", 0...1_000_000_000)
    public static let reason = Field.text("reason", "偏离裁量基准的理由", "Reason for departing from the scheme", max: 1000)
    public static let proposed = Field.day("proposed", "拟处罚日期", "Proposed on", .required)
    public static let notice = Field.day(
        "notice", "事先告知书日期", "Prior notice of", .required, source: "行政处罚法（2021修订）第44条")
    // What the house works out
    public static let scheme = Field.text("scheme", "裁量基准", "Discretion scheme", max: 60).derived
    public static let step = Field.text("step", "裁量等次", "Step of the scheme", max: 60).derived
    public static let least = Field.integer("least", "法定罚款下限（元）", "Statutory minimum (yuan)", 0...1_000_000_000_000).derived
    public static let most = Field.integer("most", "法定罚款上限（元）", "Statutory maximum (yuan)", 0...1_000_000_000_000).derived
    public static let advisedLeast = Field.integer("advised_least", "裁量下限（元）", "Lower bound of the step (yuan)", 0...1_000_000_000_000)
        .derived
    public static let advisedMost = Field.integer("advised_most", "裁量上限（元）", "Upper bound of the step (yuan)", 0...1_000_000_000_000)
        .derived
    public static let departs = Field.flag("departs", "偏离裁量基准", "Departs from the scheme").derived
    public static let hearingRight = Field.flag("hearing_right", "有权要求听证", "May ask for a hearing", source: "行政处罚法（2021修订）第63条")
    // The proceedings before the decision
    public static let noticeServed = Field.day("notice_served", "事先告知书送达日期", "Prior notice served on")
    public static let statementAnswer = Field.text("statement_answer", "对陈述申辩的复核意见", "Answer to the party's statement", max: 2000)
    public static let hearingHeld = Field.day("hearing_held", "听证日期", "Hearing held on")
    public static let reviewed = Field.day("reviewed", "法制审核日期", "Legal review on", source: "行政处罚法（2021修订）第58条")
    public static let reviewer = Field.text("reviewer", "法制审核人员", "Reviewed by", max: 60)
    public static let discussed = Field.day("discussed", "集体讨论日期", "Discussed collectively on", source: "行政处罚法（2021修订）第57条")
    // The decision and after
    public static let number = Field.text("number", "决定书文号", "Decision number", max: 60)
    public static let decided = Field.day("decided", "决定日期", "Decided on").derived
    public static let served = Field.day("served", "决定书送达日期", "Decision served on")
    public static let paid = Field.integer("paid", "已缴罚款（元）", "Paid (yuan)", 0...1_000_000_000)
    public static let paidOn = Field.day("paid_on", "缴清日期", "Paid in full on")
    public static let deferred = Field.day("deferred", "暂缓或者分期缴纳至", "Payment deferred until", future: true, source: "行政处罚法（2021修订）第66条")
    public static let enforced = Field.day("enforced", "申请强制执行日期", "Enforcement applied for on")
    public static let reconsidered = Field.day("reconsidered", "申请行政复议日期", "Reconsideration applied for on")
    public static let reconsideration = Field.code("reconsideration", "行政复议结果", "Result of the reconsideration", of: "review_result")
    public static let sued = Field.day("sued", "提起行政诉讼日期", "Action brought on")
    public static let judgement = Field.code("judgement", "行政诉讼结果", "Result of the action", of: "review_result")
    public static let annulled = Field.day("annulled", "撤销日期", "Annulled on")
    public static let annulment = Field.text("annulment", "撤销原因", "Reason of the annulment", max: 500)
    public static let closed = Field.day("closed", "结案日期", "Closed on")
    // Publication
    public static let published = Field.day("published", "公示日期", "Published on", source: "行政处罚法（2021修订）第48条")
    public static let summary = Field.text("summary", "公示的违法事实摘要", "Published facts in short", max: 500)
    public static let publishedUntil = Field.day("published_until", "公示至", "Published until", future: true)

    public static let kind = Kind(
        "penalty_decision", "行政处罚", "Penalty decision",
        fields: [
            file.spec, employer.spec, institution.spec, item.spec, facts.spec, evidence.spec, overdue.spec, severe.spec, income.spec,
            factors.spec, means.spec, amount.spec, reason.spec, proposed.spec, notice.spec, scheme.spec, step.spec, least.spec, most.spec,
            advisedLeast.spec, advisedMost.spec, departs.spec, hearingRight.spec, noticeServed.spec, statementAnswer.spec, hearingHeld.spec,
            reviewed.spec, reviewer.spec, discussed.spec, number.spec, decided.spec, served.spec, paid.spec, paidOn.spec, deferred.spec,
            enforced.spec, reconsidered.spec, reconsideration.spec, sued.spec, judgement.spec, annulled.spec, annulment.spec, closed.spec,
            published.spec, summary.spec, publishedUntil.spec,
        ], day: proposed.spec, title: [item.spec, proposed.spec],
        columns: [employer.spec, means.spec, amount.spec, number.spec, decided.spec],
        flow: Flow(accepted: decided, fourEyes: true, levels: { approvers($0, $1) }, ready: { try ready($0, $1, $2, $3) }),
        numbers: [Numbering(number, series: "decision", word: "职卫罚", on: .accepted)], check: { check($0) },
        complete: { try complete(&$0, $1) })

    /// What departs from the scheme is approved twice, by the levels that the scheme names.
    private static func approvers(_ record: Record, _ taking: Taking) -> [DivisionCode.Level] {
        let code = record[scheme]
        guard record[departs] == true, let used = taking.catalog.discretion.all.first(where: { $0.code == code }) else { return [] }
        return used.deviation
    }

    /// Days in the order in which things can happen, and what each needs.
    private static func check(_ record: Record) -> [Refusal] {
        var refusals = Refusal.order(record[proposed], record[notice], field: "notice")
        refusals += Refusal.order(record[notice], record[noticeServed], field: "notice_served")
        refusals += Refusal.order(record[noticeServed] ?? record[notice], record[hearingHeld], field: "hearing_held")
        if let decided = record[decided] {
            for field in [served, published, reconsidered, sued, annulled, closed, enforced] {
                refusals += Refusal.order(decided, record[field], field: field.spec.name)
            }
            refusals += Refusal.order(record[served] ?? decided, record[paidOn], field: "paid_on")
        } else {
            // Nothing that follows a decision before there is one.
            for field in [served, published, reconsidered, sued, annulled, closed, enforced, paidOn] where record[field] != nil {
                refusals.append(Refusal("decision.undecided", field: field.spec.name))
            }
        }
        if record[reviewed] != nil, record[reviewer] == nil { refusals.append(Refusal("field.required", field: "reviewer")) }
        if record[annulled] != nil, record[annulment] == nil { refusals.append(Refusal("field.required", field: "annulment")) }
        if record[published] != nil, record[summary] == nil { refusals.append(Refusal("field.required", field: "summary")) }
        return refusals
    }

    /// What a decided penalty holds on to.
    private static let substance: [FieldSpec] = [
        file.spec, item.spec, facts.spec, overdue.spec, severe.spec, income.spec, factors.spec, means.spec, amount.spec, proposed.spec,
        notice.spec,
    ]

    private static func complete(_ record: inout Record, _ taking: Taking) throws {
        if let before = taking.before, before[decided] != nil {
            if let changed = substance.first(where: { before[$0] != record[$0] }) { throw Refusal("decision.fixed", field: changed.name) }
            return
        }
        guard let dossier = try taking.target(of: file, in: record) else { throw Refusal("ref.missing", field: "case") }
        guard let filed = dossier[Case.filed] else { throw Refusal("decision.unfiled", field: "case") }
        if let flaw = Refusal.order(filed, record[proposed], field: "proposed").first { throw flaw }
        (record[employer], record[institution]) = (dossier[Case.employer], dossier[Case.institution])
        guard record[employer] != nil || record[institution] != nil else { throw Refusal("decision.nobody", field: "case") }
        let weighed = try Discretion(
            item: record[item] ?? "", division: dossier[Case.division] ?? "", on: record[proposed] ?? filed,
            isOverdue: record[overdue] == true,
            isSevere: record[severe] == true, income: record[income], levels: record[factors] ?? [], catalog: taking.catalog)
        let departs = try weighed.judge(means: record[means] ?? [], amount: record[amount])
        if departs, record[reason] == nil { throw Refusal("penalty.reason", field: "reason", weighed.details) }
        record[scheme] = weighed.scheme.code
        record[step] = weighed.step.name.zh
        record[PenaltyDecision.departs] = departs
        (record[least], record[most]) = (weighed.statutory?.lowerBound, weighed.statutory?.upperBound)
        (record[advisedLeast], record[advisedMost]) = (weighed.advised?.lowerBound, weighed.advised?.upperBound)
        if weighed.givesHearing(means: record[means] ?? [], amount: record[amount]) { record[hearingRight] = true }
    }

    /// Refuses a decision before its time (Administrative Penalty Law 2021, Arts 44, 45, 57, 58, 63, 64).
    private static func ready(_ record: Record, _ next: Flow.Step, _ today: Day, _ taking: Taking) throws {
        guard next == .accept else { return }
        guard let servedOn = record[noticeServed] else { throw Refusal("decision.notice", field: "notice_served") }
        let statements = try taking.records(CaseStatement.kind, naming: record)
        let types = Set(statements.compactMap { $0[CaseStatement.type] })
        if types.contains("statement"), record[statementAnswer] == nil { throw Refusal("decision.statement", field: "statement_answer") }
        if record[hearingRight] == true, record[hearingHeld] == nil {
            if types.contains("hearing") { throw Refusal("decision.hearing", field: "hearing_held") }
            let clock = taking.catalog.clocks["hearing_request"]
            if !types.contains("waiver"), let last = clock?.deadline(from: servedOn, taking.catalog.calendar)?.last, today <= last {
                throw Refusal("decision.hearing-open", field: "hearing_held", ["limit": last.description])
            }
        }
        let needsReview = record[hearingRight] == true || record[PenaltyDecision.departs] == true
        if needsReview, record[reviewed] == nil { throw Refusal("decision.review", field: "reviewed") }
    }
}
