import Kernel
import Ledger

/// Suspected occupational disease 疑似职业病.
public enum Suspected {
    public static let worker = Field.reference("worker", "劳动者", "Worker", to: "worker", .part, .required)
    public static let employer = Field.reference("employer", "用人单位", "Employer", to: "employer", .part)
    public static let day = Field.day("day", "发现日期", "Found on", .required)
    public static let disease = Field.code("disease", "疑似病名", "Disease", of: "disease", sensitivity: .medical)
    public static let reported = Field.day("reported", "报告日期", "Reported on")
    public static let kind = Kind(
        "suspected_case", "疑似职业病", "Suspected case", fields: [worker.spec, employer.spec, day.spec, disease.spec, reported.spec],
        day: day.spec,
        title: [day.spec]
    ) { Refusal.order($0[day], $0[reported], field: "reported") }
}

/// Conclusion of a diagnosis 职业病诊断 (Order 6 of 2021). Part of the worker's file, of the liable employer's and of the
/// diagnosing institution's.
public enum Diagnosed {
    public static let worker = Field.reference("worker", "劳动者", "Worker", to: "worker", .part, .required)
    public static let employer = Field.reference("employer", "责任用人单位", "Liable employer", to: "employer", .part)
    public static let institution = Field.reference("institution", "诊断机构", "Institution", to: "institution", .part)
    public static let division = Field.division("division", "病例所属县区", "County of the case", .required)
    public static let day = Field.day("day", "诊断日期", "Diagnosed on", .required)
    public static let disease = Field.code("disease", "病名", "Disease", of: "disease", .required, sensitivity: .medical)
    public static let confirmed = Field.flag("confirmed", "诊断为职业病", "Occupational disease", .required)
    public static let acute = Field.flag("acute", "急性", "Acute")
    public static let dustYears = Field.decimal("dust_years", "接尘工龄（年）", "Dust-exposure years stated", 0...80)
    public static let kind = Kind(
        "diagnosis", "职业病诊断", "Diagnosis",
        fields: [
            worker.spec, employer.spec, institution.spec, division.spec, day.spec, disease.spec, confirmed.spec, acute.spec, dustYears.spec,
        ], day: day.spec, title: [day.spec])
}

/// Report card of a case 职业病报告卡 in the national network, with the findings of its quality check.
public enum ReportCard {
    public static let diagnosis = Field.reference("diagnosis", "诊断", "Diagnosis", to: "diagnosis", .part, .required)
    public static let reported = Field.day("reported", "报告日期", "Reported on", .required)
    public static let complete = Field.flag("complete", "完整", "Complete")
    public static let accurate = Field.flag("accurate", "准确", "Accurate")
    public static let kind = Kind(
        "report_card", "职业病报告卡", "Report card", fields: [diagnosis.spec, reported.spec, complete.spec, accurate.spec], day: reported.spec,
        title: [reported.spec])
}
public let kinds: [Kind] = [Suspected.kind, Diagnosed.kind, ReportCard.kind]
