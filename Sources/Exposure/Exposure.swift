import Kernel
import Ledger

/// A report of workplace testing 工作场所职业病危害因素检测 (Order 5 of 2021, Art. 20).
public enum TestReport {
    public static let employer = Field.reference("employer", "用人单位", "Employer", to: "employer", .part, .required)
    public static let institution = Field.reference("institution", "检测机构", "Institution", to: "institution", .mention)
    public static let type = Field.code("type", "检测类型", "Type", of: "test_type", .required)
    public static let sampled = Field.day("sampled", "采样日期", "Sampled on", .required)
    public static let issued = Field.day("issued", "报告日期", "Issued on")
    public static let kind = Kind(
        "test_report", "检测报告", "Test report", fields: [employer.spec, institution.spec, type.spec, sampled.spec, issued.spec],
        day: sampled.spec,
        title: [type.spec, sampled.spec]
    ) { Refusal.order($0[sampled], $0[issued], field: "issued") }
}

/// One result of a test report 检测结果: a factor at a post, with the verdict of the institution or the figures to judge by.
public enum TestResult {
    public static let report = Field.reference("report", "检测报告", "Report", to: "test_report", .part, .required)
    public static let post = Field.reference("post", "岗位", "Post", to: "post", .mention)
    public static let factor = Field.code("factor", "危害因素", "Factor", of: "factor", .required)
    public static let limitType = Field.code("limit_type", "限值类型", "Limit type", of: "limit_type")
    public static let value = Field.decimal("value", "检测值", "Value", 0...1e12)
    public static let limit = Field.decimal("limit", "限值", "Limit", 0...1e12)
    public static let unit = Field.text("unit", "单位", "Unit", max: 20)
    public static let verdict = Field.code("verdict", "判定", "Verdict", of: "test_verdict")
    public static let kind = Kind(
        "test_result", "检测结果", "Test result",
        fields: [report.spec, post.spec, factor.spec, limitType.spec, value.spec, limit.spec, unit.spec, verdict.spec], title: [factor.spec]
    )
}
public let kinds: [Kind] = [TestReport.kind, TestResult.kind]
