import Kernel
import Ledger

/// A class given to an employer 分级分类结果: a neutral risk level and the label of the jurisdiction's scheme.
public enum Grade {
    public static let employer = Field.reference("employer", "用人单位", "Employer", to: "employer", .part, .required)
    public static let scheme = Field.text("scheme", "分级方案", "Scheme", .required, max: 60)
    public static let level = Field.code("level", "风险等级", "Risk level", of: "risk_level")
    public static let label = Field.text("label", "类别", "Class", .required, max: 10)
    public static let from = Field.day("from", "评定日期", "From", .required)
    public static let until = Field.day("until", "失效日期", "Until", future: true)
    /// How it was reached, where the house reached it: edition and working, as they were then.
    public static let edition = Field.text("edition", "评定依据", "Graded by", max: 120)
    public static let working = Field.text("working", "评定过程", "Working", max: 4000)
    public static let kind = Kind(
        "grade", "分级分类", "Grade",
        fields: [employer.spec, scheme.spec, level.spec, label.spec, from.spec, until.spec, edition.spec, working.spec], day: from.spec,
        title: [label.spec, from.spec]
    ) { Refusal.order($0[from], $0[until], field: "until") }
}
