import Catalog
import Grading
import Hygiene
import Kernel
import Ledger

/// What was said of a record, by one edition.
public struct Verdict: Sendable {
    /// `符合`, `Ⅱ级`; nil where undecided.
    public let text: Bilingual?
    /// A code of the table `assessment` for what is judged; nil for a grade.
    public let code: String?
    public let figures: [(label: Bilingual, value: String)]
    public let edition, clause: String
    /// How sure the facts are that it rests on; nil where the edition of then is no longer to hand.
    public let confidence: Confidence?
    public let missing: [Refusal]
    /// Nil where it was not kept and cannot be worked out again by the edition of then.
    public let working: [Bilingual]?
}

/// The verdict that a record keeps beside the one by the editions of another day: two people who disagree see both, each with its working.
public struct VerdictPair: Sendable {
    /// Nil where nothing was judged when the record was taken.
    public let kept: Verdict?
    /// By the editions in force on the day asked for; nil where there is nothing to judge.
    public let other: Verdict?
    /// The day whose editions the record was judged by.
    public let day: Day

    /// The kinds that are judged.
    public static func isJudged(_ kind: Kind) -> Bool { [TestResult.kind.name, WorkGrade.kind.name].contains(kind.name) }

    /// - Parameters:
    ///   - report: of a test result.
    ///   - other: the day whose editions the second verdict is by.
    /// - Returns: nil for a record of another kind, or one whose day is not known.
    public init?(_ record: Record, report: Record?, _ catalog: Catalog, by other: Day) throws(Refusals) {
        switch record.kind.name {
        case TestResult.kind.name:
            guard let sampled = report?[TestReport.sampled] else { return nil }
            day = sampled
            let assessor = Assessor(catalog)
            let then = try assessor.assess(record, on: sampled)
            self.other = try assessor.assess(record, on: other).map { Verdict($0, catalog) }
            // Only while the catalogue still has the edition of then is the working that of then.
            let isSame = then?.leading?.provenance.edition == record[TestResult.edition]
            kept = record[TestResult.assessment].map { Verdict(kept: record, $0, isSame ? then : nil, catalog) }
        case WorkGrade.kind.name:
            guard let tested = record[WorkGrade.day] else { return nil }
            day = tested
            let grading = Grading(catalog.grading)
            let inputs = try WorkGrade.inputs(of: record)
            let then = grading.grade(inputs)
            self.other = Verdict(grading.grade(GradingInputs(inputs.method, inputs.values.mapValues(Optional.some), on: other)))
            kept = record[WorkGrade.edition].map { edition in
                Verdict(kept: record, edition, then.provenance.edition == edition ? then : nil)
            }
        default: return nil
        }
    }
}

extension Verdict {
    init(_ assessed: Assessment, _ catalog: Catalog) {
        let leading = assessed.leading
        let code = assessed.verdict.rawValue
        self.init(
            text: Verdict.name(code, catalog), code: code,
            figures: assessed.judgements.map { ($0.quantity, Verdict.figure($0.shown, $0.limit, $0.unit)) },
            edition: leading?.provenance.edition ?? "", clause: leading?.provenance.clause ?? "", confidence: leading?.confidence,
            missing: assessed.missing,
            working: assessed.judgements.flatMap(\.working))
    }

    fileprivate init(kept record: Record, _ code: String, _ then: Assessment?, _ catalog: Catalog) {
        let label = Bilingual("判定值", "Judged value")
        let value = record[TestResult.assessedValue].map {
            Verdict.figure(Rounding.plain($0), record[TestResult.assessedLimit], record[TestResult.assessedUnit] ?? "")
        }
        self.init(
            text: Verdict.name(code, catalog), code: code, figures: value.map { [(label, $0)] } ?? [],
            edition: record[TestResult.edition] ?? "", clause: record[TestResult.clause] ?? "", confidence: then?.leading?.confidence,
            missing: then?.missing ?? record[TestResult.missing].map { [Refusal($0)] } ?? [],
            working: then?.judgements.flatMap(\.working))
    }

    fileprivate init(_ grade: Grade) {
        self.init(
            text: grade.rank == nil ? nil : grade.label, code: nil, figures: Verdict.index(grade.index), edition: grade.provenance.edition,
            clause: grade.provenance.clause, confidence: grade.provenance.confidence, missing: grade.missing, working: grade.working)
    }

    fileprivate init(kept record: Record, _ edition: String, _ then: Grade?) {
        let label = record[WorkGrade.grade].map { Bilingual($0, record[WorkGrade.gradeEnglish] ?? $0) }
        self.init(
            text: label, code: nil, figures: Verdict.index(record[WorkGrade.index]), edition: edition,
            clause: record[WorkGrade.clause] ?? "", confidence: then?.provenance.confidence,
            missing: then?.missing ?? record[WorkGrade.missing].map { [Refusal($0)] } ?? [], working: then?.working)
    }

    private static func index(_ index: Double?) -> [(label: Bilingual, value: String)] {
        index.map { [(Bilingual("分级指数", "Index"), Rounding.plain($0))] } ?? []
    }
    private static func figure(_ shown: String, _ limit: Double?, _ unit: String) -> String {
        shown + (limit.map { " / \(Rounding.plain($0))" } ?? "") + (unit.isEmpty ? "" : " \(unit)")
    }
    private static func name(_ code: String, _ catalog: Catalog) -> Bilingual {
        Bilingual(catalog.title("assessment", code), catalog.title("assessment", code, english: true))
    }
}
