import Kernel
import Ledger

/// Examination card 职业健康检查个案卡 (GBZ 188): one worker, one occasion, the factors that its items cover.
public enum Exam {
    public static let worker = Field.reference("worker", "劳动者", "Worker", to: "worker", .part, .required)
    public static let employer = Field.reference("employer", "用人单位", "Employer", to: "employer", .mention, .required)
    public static let institution = Field.reference("institution", "检查机构", "Institution", to: "institution", .mention)
    public static let day = Field.day("day", "检查日期", "Day", .required)
    public static let stage = Field.code("stage", "检查类别", "Stage", of: "exam_stage", .required)
    public static let factors = Field.codes("factors", "检查涵盖的危害因素", "Factors covered", of: "factor")
    public static let conclusion = Field.code("conclusion", "检查结论", "Conclusion", of: "exam_conclusion", sensitivity: .medical)
    public static let items = Field.codes("items", "已做检查项目", "Items done", of: "exam_item", sensitivity: .medical)
    /// Blank where none was found, or nobody entered it: the conclusion tells which.
    public static let contraindications = Field.codes(
        "contraindications", "有职业禁忌证的危害因素", "Factors contraindicated", of: "factor", sensitivity: .medical)
    public static let suspected = Field.codes("suspected", "疑似职业病", "Suspected diseases", of: "disease", sensitivity: .medical)
    public static let kind = Kind(
        "exam", "职业健康检查", "Health examination",
        fields: [
            worker.spec, employer.spec, institution.spec, day.spec, stage.spec, factors.spec, conclusion.spec, items.spec,
            contraindications.spec, suspected.spec,
        ], day: day.spec, title: [stage.spec, day.spec])
}

public let kinds: [Kind] = [Exam.kind, HearingTest.kind]
