import Kernel
import Ledger

/// Suspected occupational disease 疑似职业病.
public enum Suspected {
    public static let worker = Field.reference("worker", "劳动者", "Worker", to: "worker", .part, .required)
    public static let employer = Field.reference("employer", "用人单位", "Employer", to: "employer", .part)
    public static let day = Field.day("day", "发现日期", "Found on", .required)
    public static let disease = Field.code("disease", "疑似病名", "Disease", of: "disease", sensitivity: .medical)
    public static let reported = Field.day("reported", "报告日期", "Reported on")
    public static let institution = Field.reference("institution", "发现机构", "Institution that found it", to: "institution", .mention)
    public static let informed = Field.day("informed", "告知用人单位日期", "Employer informed on")
    public static let arranged = Field.day("arranged", "安排诊断日期", "Diagnosis arranged on")
    public static let kind = Kind(
        "suspected_case", "疑似职业病", "Suspected case",
        fields: [worker.spec, employer.spec, day.spec, disease.spec, reported.spec, institution.spec, informed.spec, arranged.spec],
        day: day.spec, title: [day.spec]
    ) {
        Refusal.order($0[day], $0[reported], field: "reported") + Refusal.order($0[day], $0[informed], field: "informed")
            + Refusal.order($0[day], $0[arranged], field: "arranged")
    }
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

/// The course of an application for diagnosis 职业病诊断申请 (Order 6 of 2021, ch. 3), day by day. What is blank has not happened, or
/// nobody wrote it down.
public enum DiagnosisCase {
    public static let worker = Field.reference("worker", "劳动者", "Worker", to: "worker", .part, .required)
    public static let employer = Field.reference("employer", "用人单位", "Employer", to: "employer", .part)
    public static let institution = Field.reference("institution", "诊断机构", "Institution", to: "institution", .part)
    public static let division = Field.division("division", "所属县区", "County of the case", .required)
    public static let suspected = Field.reference("suspected", "疑似职业病", "Suspected case", to: "suspected_case", .mention)
    public static let applied = Field.day("applied", "申请日期", "Applied on", .required)
    public static let accepted = Field.day("accepted", "受理日期", "Accepted on")
    public static let materials = Field.day("materials", "材料齐全日期", "Materials complete on")
    public static let decided = Field.day("decided", "作出结论、出具证明书日期", "Decided and certified on")
    public static let delivered = Field.day("delivered", "证明书送达劳动者日期", "Certificate delivered to the worker on")
    public static let diagnosis = Field.reference("diagnosis", "诊断", "Diagnosis", to: "diagnosis", .mention)
    public static let kind = Kind(
        "diagnosis_case", "职业病诊断申请", "Application for diagnosis",
        fields: [
            worker.spec, employer.spec, institution.spec, division.spec, suspected.spec, applied.spec, accepted.spec, materials.spec,
            decided.spec, delivered.spec, diagnosis.spec,
        ], day: applied.spec, title: [applied.spec]
    ) { Refusal.course($0, [applied, accepted, decided, delivered]) + Refusal.course($0, [applied, materials, decided]) }
}

/// An appraisal of a diagnosis 职业病诊断鉴定 (Order 6 of 2021, ch. 4): the first by the prefecture, the second by the province.
public enum Appraisal {
    public static let dossier = Field.reference("case", "诊断申请", "Application for diagnosis", to: "diagnosis_case", .part, .required)
    public static let level = Field.code("level", "鉴定级别", "Level", of: "appraisal_level", .required)
    public static let applied = Field.day("applied", "申请日期", "Applied on", .required)
    public static let accepted = Field.day("accepted", "受理日期", "Accepted on")
    public static let requested = Field.day("requested", "通知调阅资料日期", "Materials requested on")
    public static let handed = Field.day("handed", "资料移交日期", "Materials handed over on")
    public static let concluded = Field.day("concluded", "鉴定结论日期", "Concluded on")
    public static let issued = Field.day("issued", "鉴定书出具日期", "Made out on")
    public static let delivered = Field.day("delivered", "鉴定书送达日期", "Delivered on")
    public static let kind = Kind(
        "appraisal", "职业病鉴定", "Appraisal",
        fields: [
            dossier.spec, level.spec, applied.spec, accepted.spec, requested.spec, handed.spec, concluded.spec, issued.spec, delivered.spec,
        ], day: applied.spec, title: [level.spec, applied.spec]
    ) {
        Refusal.course($0, [applied, accepted, concluded, issued, delivered]) + Refusal.order($0[requested], $0[handed], field: "handed")
    }
}

extension Refusal {
    /// Refuses a step that lies before one that comes earlier; steps that are blank are passed over.
    fileprivate static func course(_ record: Record, _ steps: [Field<Day>]) -> [Refusal] {
        var refusals: [Refusal] = []
        var last: Day?
        for step in steps {
            guard let day = record[step] else { continue }
            refusals += Refusal.order(last, day, field: step.spec.name)
            last = max(day, last ?? day)
        }
        return refusals
    }
}

public let kinds: [Kind] = [Suspected.kind, Diagnosed.kind, ReportCard.kind, DiagnosisCase.kind, Appraisal.kind]
