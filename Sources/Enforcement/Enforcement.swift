import Kernel
import Ledger

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
public let kinds: [Kind] = [
    Inspection.kind, InspectionItem.kind, Handover.kind, Order.kind, Rectification.kind, Case.kind, Grade.kind, Incident.kind,
]
