import Kernel
import Ledger

/// A violation case 违法案件: from its filing to the end. Which breach, which penalty and what became of it stand in its decision; the file
/// itself is the authority's and no party reads it.
public enum Case {
    public static let employer = Field.reference("employer", "用人单位", "Employer", to: "employer", .mention)
    public static let institution = Field.reference("institution", "服务机构", "Institution", to: "institution", .mention)
    public static let division = Field.division("division", "立案县区", "County", .required)
    public static let found = Field.day("found", "发现日期", "Found on", .required)
    public static let severity = Field.code("severity", "案件严重程度", "Severity", of: "case_severity")
    public static let source = Field.code("source", "案件来源", "Source", of: "case_source")
    public static let decided = Field.day("decided", "处理决定日期", "Decided on")
    public static let outcome = Field.code("outcome", "处理结果", "Outcome", of: "case_outcome")
    public static let filed = Field.day("filed", "立案日期", "Filed on", source: "行政处罚法（2021修订）第54条")
    public static let inspection = Field.reference("inspection", "监督检查", "Inspection", to: "inspection", .mention)
    public static let facts = Field.text("facts", "主要违法事实", "Facts", max: 4000)
    public static let investigators = Field.text(
        "investigators", "承办人（两名以上）", "Investigators (two or more)", max: 120, source: "行政处罚法（2021修订）第42条")
    public static let kind = Kind(
        "violation_case", "违法案件", "Violation case",
        fields: [
            employer.spec, institution.spec, division.spec, found.spec, severity.spec, source.spec, decided.spec, outcome.spec, filed.spec,
            inspection.spec, facts.spec, investigators.spec,
        ],
        day: found.spec, title: [found.spec]
    ) { record in
        var refusals =
            Refusal.order(record[found], record[decided], field: "decided") + Refusal.order(record[found], record[filed], field: "filed")
        if record[decided] != nil, record[outcome] == nil { refusals.append(Refusal("field.required", field: "outcome")) }
        return refusals
    }
}

/// What the party says in a case 陈述申辩、听证要求: written by the employer or institution itself.
public enum CaseStatement {
    public static let decision = Field.reference(
        "decision", "行政处罚", "Penalty decision", to: "penalty_decision", .part, .required)
    public static let type = Field.code("type", "意见类型", "Type", of: "statement_type", .required)
    public static let day = Field.day("day", "提出日期", "Day", .required)
    public static let text = Field.text("text", "内容", "Text", max: 4000)
    public static let kind = Kind(
        "case_statement", "当事人意见", "Party's statement", fields: [decision.spec, type.spec, day.spec, text.spec], day: day.spec,
        title: [type.spec, day.spec]
    ) { record in
        record[type] == "statement" && record[text] == nil ? [Refusal("field.required", field: "text")] : []
    }
}
