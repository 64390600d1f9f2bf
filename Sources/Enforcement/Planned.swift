import Kernel
import Ledger

/// A planned inspection 计划检查: drawn by double random or otherwise fixed beforehand, owed by the authority until an inspection meets it;
/// its result is published.
public enum PlannedInspection {
    public static let employer = Field.reference("employer", "用人单位", "Employer", to: "employer", .part)
    public static let institution = Field.reference("institution", "服务机构", "Institution", to: "institution", .part)
    public static let mode = Field.code("mode", "检查方式", "Mode", of: "inspection_mode", .required)
    public static let draw = Field.text("draw", "抽查批次", "Draw", max: 40)
    public static let officers = Field.text("officers", "检查人员", "Inspectors", max: 200)
    public static let items = Field.text("items", "检查事项", "Matters inspected", max: 2000)
    public static let from = Field.day("from", "计划日期", "Planned on", .required)
    public static let due = Field.day("due", "完成期限", "To be done by", .required, future: true)
    public static let result = Field.code("result", "检查结果", "Result", of: "inspection_result")
    public static let published = Field.day("published", "结果公示日期", "Result published on")
    public static let kind = Kind(
        "inspection_plan", "计划检查", "Planned inspection",
        fields: [
            employer.spec, institution.spec, mode.spec, draw.spec, officers.spec, items.spec, from.spec, due.spec, result.spec,
            published.spec,
        ],
        keys: [[draw.spec, employer.spec], [draw.spec, institution.spec]], day: from.spec, title: [mode.spec, due.spec]
    ) { record in
        var refusals =
            Refusal.order(record[from], record[due], field: "due") + Refusal.order(record[from], record[published], field: "published")
        if (record[employer] == nil) == (record[institution] == nil) { refusals.append(Refusal("inspection.subject", field: "employer")) }
        if record[published] != nil, record[result] == nil { refusals.append(Refusal("field.required", field: "result")) }
        return refusals
    }
}

/// An officer who must not inspect somebody 回避, and why: kinship, former employment, an interest. Draws leave the pair out.
public enum Recusal {
    public static let officer = Field.reference("officer", "监管人员", "Officer", to: "officer", .mention, .required)
    public static let employer = Field.reference("employer", "用人单位", "Employer", to: "employer", .part)
    public static let institution = Field.reference("institution", "服务机构", "Institution", to: "institution", .part)
    public static let reason = Field.text("reason", "回避事由", "Reason", .required, max: 200)
    public static let from = Field.day("from", "起始日期", "From", .required)
    public static let until = Field.day("until", "终止日期", "Until", future: true)
    public static let kind = Kind(
        "recusal", "执法回避", "Recusal", fields: [officer.spec, employer.spec, institution.spec, reason.spec, from.spec, until.spec],
        day: from.spec, title: [reason.spec]
    ) { record in
        Refusal.order(record[from], record[until], field: "until")
            + ((record[employer] == nil) == (record[institution] == nil) ? [Refusal("inspection.subject", field: "employer")] : [])
    }
}
