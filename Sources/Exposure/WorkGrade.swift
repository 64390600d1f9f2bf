import Catalog
import Grading
import Kernel
import Ledger

/// The grade of hazardous work 职业病危害作业分级 at a post for a factor (GBZ/T 229, GBZ/T 342): the figures that it is read from, and the
/// grade by the edition in force on the day, which the record keeps until its figures change.
public enum WorkGrade {
    public static let employer = Field.reference("employer", "用人单位", "Employer", to: "employer", .part, .required)
    public static let post = Field.reference("post", "岗位", "Post", to: "post", .mention)
    public static let factor = Field.code("factor", "危害因素", "Factor", of: "factor")
    public static let day = Field.day("day", "检测日期", "Day of the test", .required)
    public static let method = Field.code("method", "分级标准", "Method", of: "grading_method", .required)
    public static let inputs = Field.text(
        "inputs", "分级参数（名称=值；以分号隔开）", "Figures (name=value; …)", .required, max: 500, source: "docs/grading.md")
    public static let grade = Field.text("grade", "分级结果", "Grade", max: 60).derived
    public static let gradeEnglish = Field.text("grade_en", "分级结果（英文）", "Grade in English", max: 120).derived
    public static let rank = Field.integer("rank", "级别序号（0 最轻）", "Rank (0 the least)", 0...20).derived
    public static let index = Field.decimal("index", "分级指数", "Index", -1e9...1e9).derived
    public static let edition = Field.text("edition", "判定依据版本", "Edition graded by", max: 60).derived
    public static let clause = Field.text("clause", "判定依据条款", "Clause graded by", max: 120).derived
    public static let missing = Field.text("missing", "不能分级的原因", "Why undecided", max: 60).derived

    static let gradedBy: [FieldSpec] = [day.spec, method.spec, inputs.spec]
    static let derived: [FieldSpec] = [grade.spec, gradeEnglish.spec, rank.spec, index.spec, edition.spec, clause.spec, missing.spec]

    public static let kind = Kind(
        "work_grade", "作业分级", "Work grade",
        fields: [employer.spec, post.spec, factor.spec, day.spec, method.spec, inputs.spec] + derived, day: day.spec,
        title: [method.spec, day.spec], check: { _ in [] }, complete: complete)

    /// The figures of a record, as the rules read them.
    /// - Throws: `Refusals` of the field `inputs`: `inputs.format` for a part that is no `name=value`, else those of `GradingInputs`.
    public static func inputs(of record: Record) throws(Refusals) -> GradingInputs {
        guard let method = record[method].flatMap(GradingTables.Method.init(rawValue:)) else {
            throw Refusals([Refusal("field.required", field: WorkGrade.method.spec.name)])
        }
        var texts: [String: String] = [:]
        for part in (record[inputs] ?? "").split(whereSeparator: { ";；\n".contains($0) }) {
            let sides = part.split(separator: "=", maxSplits: 1).map(String.init)
            guard sides.count == 2, texts[CellReader.trimmed(sides[0])] == nil else {
                throw Refusals([Refusal("inputs.format", field: inputs.spec.name, ["value": String(part)])])
            }
            texts[CellReader.trimmed(sides[0])] = CellReader.trimmed(sides[1])
        }
        do throws(Refusals) {
            return try GradingInputs(method, texts: texts, on: record[day])
        } catch {
            let expected = method.inputs.map(\.name).joined(separator: ", ")
            throw Refusals(
                error.all.map { flaw in
                    Refusal(
                        flaw.code, field: inputs.spec.name,
                        flaw.details.merging(["value": "\(flaw.field ?? "")=\(flaw.details["value"] ?? "")", "expected": expected]) { $1 })
                })
        }
    }

    private static func complete(_ record: inout Record, _ taking: Taking) throws {
        let inputs = try inputs(of: record)
        if taking.keeps(gradedBy, of: record), let before = taking.before, before[edition] != nil {
            for field in derived { record[field] = before[field] }
            return
        }
        keep(Grading(taking.catalog.grading).grade(inputs), in: &record)
    }

    /// Fills the derived fields by the edition of the day; for data that comes in by no door.
    public static func derive(_ record: inout Record, _ catalog: Catalog) throws {
        keep(Grading(catalog.grading).grade(try inputs(of: record)), in: &record)
    }

    /// Writes a grade into the derived fields.
    static func keep(_ found: Grade, in record: inout Record) {
        record[grade] = found.rank == nil ? nil : found.label.zh
        record[gradeEnglish] = found.rank == nil ? nil : found.label.en
        record[rank] = found.rank
        record[index] = found.index
        record[edition] = found.provenance.edition
        record[clause] = String(found.provenance.clause.prefix(120))
        record[missing] = found.rank == nil ? found.missing.first?.code ?? "grading.open" : nil
    }
}
