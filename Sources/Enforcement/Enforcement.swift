import Kernel
import Ledger

/// An inspection 监督检查 of an employer or of an institution.
public enum Inspection {
    public static let employer = Field.reference("employer", "用人单位", "Employer", to: "employer", .part)
    public static let institution = Field.reference("institution", "服务机构", "Institution", to: "institution", .part)
    public static let day = Field.day("day", "检查日期", "Day", .required)
    public static let mode = Field.code("mode", "检查方式", "Mode", of: "inspection_mode")
    public static let findings = Field.text("findings", "检查发现", "Findings", max: 2000)
    public static let kind = Kind(
        "inspection", "监督检查", "Inspection", fields: [employer.spec, institution.spec, day.spec, mode.spec, findings.spec], day: day.spec,
        title: [day.spec]
    ) { record in
        (record[employer] == nil) == (record[institution] == nil) ? [Refusal("inspection.subject", field: "employer")] : []
    }
}

/// A violation case 违法案件 and how it was handled.
public enum Case {
    public static let employer = Field.reference("employer", "用人单位", "Employer", to: "employer", .mention)
    public static let institution = Field.reference("institution", "服务机构", "Institution", to: "institution", .mention)
    public static let division = Field.division("division", "立案县区", "County", .required)
    public static let found = Field.day("found", "发现日期", "Found on", .required)
    public static let severity = Field.code("severity", "案件严重程度", "Severity", of: "case_severity")
    public static let source = Field.code("source", "案件来源", "Source", of: "case_source")
    public static let decided = Field.day("decided", "处理决定日期", "Decided on")
    public static let outcome = Field.code("outcome", "处理结果", "Outcome", of: "case_outcome")
    public static let kind = Kind(
        "violation_case", "违法案件", "Violation case",
        fields: [employer.spec, institution.spec, division.spec, found.spec, severity.spec, source.spec, decided.spec, outcome.spec],
        day: found.spec, title: [found.spec]
    ) { record in
        var refusals = Refusal.order(record[found], record[decided], field: "decided")
        if record[decided] != nil, record[outcome] == nil { refusals.append(Refusal("field.required", field: "outcome")) }
        return refusals
    }
}

/// A class given to an employer 分级分类结果: a neutral risk level and the label of the jurisdiction's scheme.
public enum Grade {
    public static let employer = Field.reference("employer", "用人单位", "Employer", to: "employer", .part, .required)
    public static let scheme = Field.text("scheme", "分级方案", "Scheme", .required, max: 60)
    public static let level = Field.code("level", "风险等级", "Risk level", of: "risk_level")
    public static let label = Field.text("label", "类别", "Class", .required, max: 10)
    public static let from = Field.day("from", "评定日期", "From", .required)
    public static let until = Field.day("until", "失效日期", "Until", future: true)
    public static let kind = Kind(
        "grade", "分级分类", "Grade", fields: [employer.spec, scheme.spec, level.spec, label.spec, from.spec, until.spec], day: from.spec,
        title: [label.spec, from.spec]
    ) { Refusal.order($0[from], $0[until], field: "until") }
}

/// An acute occupational-hazard incident 急性职业病危害事故.
public enum Incident {
    public static let employer = Field.reference("employer", "用人单位", "Employer", to: "employer", .mention)
    public static let division = Field.division("division", "发生县区", "County", .required)
    public static let day = Field.day("day", "发生日期", "Day", .required)
    public static let level = Field.code("level", "事故等级", "Class", of: "incident_level")
    public static let harmed = Field.integer("harmed", "中毒或患病人数", "Persons harmed", 0...100_000)
    public static let died = Field.integer("died", "死亡人数", "Deaths", 0...100_000)
    public static let kind = Kind(
        "incident", "急性危害事故", "Acute incident", fields: [employer.spec, division.spec, day.spec, level.spec, harmed.spec, died.spec],
        day: day.spec, title: [day.spec])
}
public let kinds: [Kind] = [Inspection.kind, Case.kind, Grade.kind, Incident.kind]
