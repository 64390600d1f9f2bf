import Catalog
import Hygiene
import Kernel
import Ledger

/// A report of workplace testing 工作场所职业病危害因素检测 (Order 5 of 2021, Art. 20).
public enum TestReport {
    public static let employer = Field.reference("employer", "用人单位", "Employer", to: "employer", .part, .required)
    public static let institution = Field.reference("institution", "检测机构", "Institution", to: "institution", .mention)
    public static let type = Field.code("type", "检测类型", "Type", of: "test_type", .required)
    public static let sampled = Field.day("sampled", "采样日期", "Sampled on", .required)
    public static let issued = Field.day("issued", "报告日期", "Issued on")
    public static let commission = Field.reference("commission", "检测委托", "Commission", to: "test_commission", .mention)
    /// At least two of the institution's staff sample on site (GBZ 331-2024).
    public static let sampler = Field.reference(
        "sampler", "采样测量人员", "Sampled by", to: "staff", .mention, source: "GBZ 331-2024（现场采样不少于2人）")
    public static let secondSampler = Field.reference("second_sampler", "采样测量人员（第二人）", "Sampled by (second)", to: "staff", .mention)
    public static let analyst = Field.reference("analyst", "实验室检测人员", "Analysed by", to: "staff", .mention)
    /// Why a report is taken whose institution or staff are not proved to cover it: an authority's statement, never the institution's.
    public static let exception = Field.text("exception", "资质、人员不能证实而收录的理由", "Taken without proof because", max: 300)

    public static let kind = Kind(
        "test_report", "检测报告", "Test report",
        fields: [
            employer.spec, institution.spec, type.spec, sampled.spec, issued.spec, commission.spec, sampler.spec, secondSampler.spec,
            analyst.spec, exception.spec,
        ], day: sampled.spec, title: [type.spec, sampled.spec],
        check: { Refusal.order($0[sampled], $0[issued], field: "issued") }, complete: complete)

    /// What the coverage is decided by: while these stay, nothing is asked again.
    static let coveredBy: [FieldSpec] = [
        employer.spec, institution.spec, type.spec, sampled.spec, sampler.spec, secondSampler.spec, analyst.spec, exception.spec,
    ]

    private static func complete(_ record: inout Record, _ taking: Taking) throws {
        guard !taking.keeps(coveredBy, of: record) else { return }
        let results = try taking.records(TestResult.kind, naming: record.id).compactMap { $0[TestResult.factor] }
        try ReportCoverage(record, taking).check(factors: Set(results).sorted())
    }
}

/// One result of a test report 检测结果: a factor at a post, with the verdict of the institution, the figures to judge by, or the raw
/// samples. Where there is something to judge, the house judges it by the edition in force on the day of sampling, and the result keeps
/// that edition until what it was judged by is changed.
public enum TestResult {
    public static let report = Field.reference("report", "检测报告", "Report", to: "test_report", .part, .required)
    public static let post = Field.reference("post", "岗位", "Post", to: "post", .mention)
    public static let factor = Field.code("factor", "危害因素", "Factor", of: "factor", .required)
    public static let limitType = Field.code("limit_type", "限值类型", "Limit type", of: "limit_type")
    public static let value = Field.decimal("value", "检测值", "Value", 0...1e12)
    public static let limit = Field.decimal("limit", "限值", "Limit", 0...1e12)
    public static let unit = Field.text("unit", "单位", "Unit", max: 20)
    public static let verdict = Field.code("verdict", "判定", "Verdict", of: "test_verdict")

    public static let samples = Field.text(
        "samples", "样品记录（读数@分钟；以分号隔开）", "Samples (reading@minutes; …)", max: 8000,
        source: "08:00 400@180; 60@120; stel:350@15; mac:1.2@5; <0.6@60 · GBZ 159-2004")
    public static let fraction = Field.code("fraction", "粉尘种类", "Dust fraction", of: "dust_fraction", source: "GBZ 2.1-2019 表2")
    public static let silica = Field.decimal("silica", "游离二氧化硅含量（%）", "Free silica (%)", 0...100, source: "GBZ 2.1-2019 表2")
    public static let shiftHours = Field.decimal("shift_hours", "日工作时间（h）", "Hours a day", 0...24, source: "GBZ 2.1-2019 附录A")
    public static let weekDays = Field.decimal("week_days", "周工作天数", "Days a week", 0...7, source: "GBZ 2.1-2019 附录A")
    public static let altitude = Field.decimal("altitude", "海拔（m）", "Altitude (m)", -500...9000, source: "GBZ 2.1-2019 表1 313")
    public static let molarMass = Field.decimal("molar_mass", "摩尔质量（g/mol）", "Molar mass (g/mol)", 1...2000)
    public static let steady = Field.flag("steady", "接触水平稳定", "Steady exposure", source: "GBZ 2.1-2019 附录A")
    public static let labour = Field.code("labour", "体力劳动强度", "Labour intensity", of: "labour_class", source: "GBZ 2.2-2007")
    public static let exposureRate = Field.decimal(
        "exposure_rate", "接触时间率（%）", "Exposure time rate (%)", 0...100, source: "GBZ 2.2-2007")
    public static let designTemperature = Field.decimal(
        "design_temperature", "室外通风设计温度（℃）", "Outdoor design temperature (℃)", -60...60, source: "GBZ 2.2-2007")

    public static let assessment = Field.code("assessment", "平台判定", "Judged", of: "assessment").derived
    public static let assessedValue = Field.decimal("assessed_value", "平台判定值", "Judged value", 0...1e15).derived
    public static let assessedLimit = Field.decimal("assessed_limit", "平台所用限值", "Limit judged by", 0...1e15).derived
    public static let assessedUnit = Field.text("assessed_unit", "平台判定单位", "Unit judged in", max: 20).derived
    public static let edition = Field.text("edition", "判定依据版本", "Edition judged by", max: 60).derived
    public static let clause = Field.text("clause", "判定依据条款", "Clause judged by", max: 120).derived
    public static let missing = Field.text("missing", "不能判定的原因", "Why undecided", max: 60).derived

    /// What decides the verdict: while these stay, so does the edition.
    static let judgedBy: [FieldSpec] = [
        report.spec, factor.spec, limitType.spec, value.spec, unit.spec, samples.spec, fraction.spec, silica.spec, shiftHours.spec,
        weekDays.spec, altitude.spec, molarMass.spec, steady.spec, labour.spec, exposureRate.spec,
        designTemperature.spec,
    ]
    static let derived: [FieldSpec] = [
        assessment.spec, assessedValue.spec, assessedLimit.spec, assessedUnit.spec, edition.spec, clause.spec, missing.spec,
    ]

    public static let kind = Kind(
        "test_result", "检测结果", "Test result",
        fields: [
            report.spec, post.spec, factor.spec, limitType.spec, value.spec, limit.spec, unit.spec, verdict.spec, samples.spec,
            fraction.spec, silica.spec, shiftHours.spec, weekDays.spec, altitude.spec, molarMass.spec, steady.spec, labour.spec,
            exposureRate.spec, designTemperature.spec,
        ] + derived, title: [factor.spec],
        columns: [
            report.spec, post.spec, limitType.spec, assessedValue.spec, assessedLimit.spec, assessedUnit.spec, assessment.spec,
            verdict.spec,
        ],
        check: { record in
            // Days alone do not say how long the week is.
            record[weekDays] != nil && record[shiftHours] == nil ? [Refusal("field.required", field: shiftHours.spec.name)] : []
        }, complete: complete)

    /// The raw samples; nil where there are none.
    /// - Throws: as ``SampleText/read(_:)``.
    public static func samples(of record: Record) throws(Refusals) -> [Sample]? {
        guard let text = record[samples] else { return nil }
        return try SampleText.read(text)
    }

    private static func complete(_ record: inout Record, _ taking: Taking) throws {
        if !taking.keeps([report.spec, factor.spec], of: record), let factor = record[factor],
            let report = try taking.target(of: report, in: record)
        {
            try ReportCoverage(report, taking).check(factors: [factor])
        }
        if taking.keeps(judgedBy, of: record), let before = taking.before, before[edition] != nil {
            for field in derived { record[field] = before[field] }
            return
        }
        guard let day = try taking.target(of: report, in: record)?[TestReport.sampled] else { return }
        try derive(&record, on: day, taking.catalog)
    }

    /// Fills the derived fields by the editions of a day; for data that comes in by no door.
    public static func derive(_ record: inout Record, on day: Day, _ catalog: Catalog) throws {
        for field in derived { record[field] = nil }
        if let assessed = try Assessor(catalog).assess(record, on: day) { keep(assessed, in: &record) }
    }

    /// Writes an assessment into the derived fields.
    static func keep(_ assessed: Assessment, in record: inout Record) {
        record[assessment] = assessed.verdict.rawValue
        record[missing] = assessed.verdict == .undecided ? assessed.missing.first?.code : nil
        guard let leading = assessed.leading else { return }
        record[assessedValue] = leading.value
        record[assessedLimit] = leading.limit
        record[assessedUnit] = leading.unit
        record[edition] = leading.provenance.edition
        record[clause] = String(leading.provenance.clause.prefix(120))
    }
}
public let kinds: [Kind] = [TestCommission.kind, TestReport.kind, TestResult.kind, WorkGrade.kind]
