import Foundation
import Kernel

/// What EN 689:2018 says of a group and a limit: the preliminary test 初步检验 with three to five results, the statistical test 统计检验 from six.
///
/// Carried over from knowledge of the standard, not read in its text: `confidence` is `KH`, and the working ends with it.
public struct Compliance: Hashable, Sendable {
    public enum Outcome: String, Hashable, Sendable {
        case complies, doesNotComply = "does-not-comply"
        /// Neither can be said: `missing` says what is wanted.
        case undecided
    }
    public enum Stage: String, Hashable, Sendable {
        /// Fewer than three results: no test is made.
        case none
        case preliminary, statistical
    }
    public let outcome: Outcome
    public let stage: Stage
    public let limit: Double
    /// The fraction of the limit that every result must lie below, in the preliminary test.
    public let fraction: Double?
    /// UTL95,70, wherever the group allows one.
    public let upper: PercentileLimit?
    /// Why nothing can be said; codes of `refusal.<code>`.
    public let missing: [Refusal]
    public let working: [Bilingual]

    public static let edition = "EN 689:2018"
    /// The preliminary and the statistical test; Annex F has the figures of the latter.
    public static let clause = "5.5.2, 5.5.3, Annex F"
    /// Knowledge, high confidence; not read in the standard's own text.
    public static let confidence = "KH"

    /// The fewest results of the statistical test.
    public static let statisticalCount = 6
    /// The number of results of the preliminary test and the fraction of the limit that all must lie below.
    public static let preliminaryFractions = [3: 0.1, 4: 0.15, 5: 0.2]
}

extension ExposureGroup {
    /// The tests of EN 689:2018 in their order. A result above the limit settles it at any number of results; a result below a limit of
    /// quantification is never taken for less than is known of it.
    /// - Throws: `exposure.limit`.
    public func compliance(with limit: Double) throws(Refusal) -> Compliance {
        _ = try logarithm(ofLimit: limit)
        let upper = Result { () throws(Refusal) in try percentile(0.95, confidence: 0.70) }
        let finding = finding(limit, upper)
        let words =
            switch finding.outcome {
            case .complies: Bilingual("判定：符合。", "Decision: complies.")
            case .doesNotComply: Bilingual("判定：不符合。", "Decision: does not comply.")
            case .undecided: Bilingual("判定：尚不能作出，不得视为符合。", "Decision: none yet; this must not be taken as complying.")
            }
        let lines = [
            Bilingual(
                "\(count)个结果，其中\(censoredCount)个低于定量下限；限值\(figure(limit)) \(unit)。",
                "\(count) results, \(censoredCount) of them below their limit of quantification; limit \(figure(limit)) \(unit)."),
            Bilingual(
                "依据：\(Compliance.edition) \(Compliance.clause)（未核对标准原文，可信度\(Compliance.confidence)）。",
                "By \(Compliance.edition), \(Compliance.clause) (not checked against the standard's own text; confidence \(Compliance.confidence))."
            ),
        ]
        return Compliance(
            outcome: finding.outcome, stage: finding.stage, limit: limit, fraction: finding.fraction, upper: try? upper.get(),
            missing: finding.missing, working: lines + finding.lines + [words])
    }

    private struct Finding {
        let outcome: Compliance.Outcome
        let stage: Compliance.Stage
        var fraction: Double?
        var missing: [Refusal] = []
        let lines: [Bilingual]
    }

    private func finding(_ limit: Double, _ upper: Result<PercentileLimit, Refusal>) -> Finding {
        if let highest = results.compactMap(\.quantified).max(), highest > limit {
            let line = Bilingual(
                "有结果超过限值：\(figure(highest)) > \(figure(limit))。", "A result lies above the limit: \(figure(highest)) > \(figure(limit)).")
            let stage: Compliance.Stage = count < Compliance.statisticalCount ? .preliminary : .statistical
            return Finding(outcome: .doesNotComply, stage: stage, lines: [line])
        }
        if count < Self.fewest {
            return Finding(
                outcome: .undecided, stage: .none,
                missing: [Refusal("exposure.too-few", ["value": "\(count)", "limit": "\(Self.fewest)"])],
                lines: [Bilingual("少于3个结果，不作检验。", "With fewer than three results no test is made.")])
        }
        if let fraction = Compliance.preliminaryFractions[count] { return preliminary(limit, fraction) }
        switch upper {
        case .success(let upper): return statistical(limit, upper)
        case .failure(let refusal):
            // Any three of them would have passed the strictest row of the preliminary test; anything above that stays open.
            let first = preliminary(limit, 0.1)
            let line = Bilingual(
                "统计检验无法进行：不同的定量结果不足两个。", "The statistical test cannot be made: there are not two different quantified results.")
            return Finding(
                outcome: first.outcome, stage: .preliminary, fraction: 0.1, missing: first.outcome == .complies ? [] : [refusal],
                lines: [line, first.lines[0]])
        }
    }

    private func preliminary(_ limit: Double, _ fraction: Double) -> Finding {
        let bound = fraction * limit
        let isBelow = results.allSatisfy { $0.isKnown(below: bound) }
        let line = Bilingual(
            "初步检验：\(count)个结果须全部低于限值的\(figure(fraction))倍，即\(figure(bound)) \(unit)：\(isBelow ? "是" : "不能确认")。",
            "Preliminary test: all \(count) must lie below \(figure(fraction)) of the limit, \(figure(bound)) \(unit): \(isBelow ? "they do" : "not shown")."
        )
        if isBelow { return Finding(outcome: .complies, stage: .preliminary, fraction: fraction, lines: [line]) }
        let advice = Bilingual(
            "至少补测到\(Compliance.statisticalCount)个结果后作统计检验。",
            "Measure on, to at least \(Compliance.statisticalCount) results, for the statistical test.")
        let wanted = Refusal("exposure.more-needed", ["value": "\(count)", "limit": "\(Compliance.statisticalCount)"])
        return Finding(outcome: .undecided, stage: .preliminary, fraction: fraction, missing: [wanted], lines: [line, advice])
    }

    private func statistical(_ limit: Double, _ upper: PercentileLimit) -> Finding {
        var lines = upper.working
        if upper.method == .noncentralT {
            let reached = (log(limit) - upper.fit.mu) / upper.fit.sigma
            let wanted = ToleranceFactor.exact(count: count, confidence: upper.confidence)
            lines.append(
                Bilingual(
                    "U_R = (ln限值 − μ) / σ = \(figure(reached))；\(count)个结果须不小于U_T = \(figure(wanted))。",
                    "U_R = (ln limit − μ) / σ = \(figure(reached)); with \(count) results it must be at least U_T = \(figure(wanted))."))
        }
        let complies = upper.upper <= limit
        lines.append(
            Bilingual(
                "UTL95,70 = \(figure(upper.upper)) \(complies ? "≤" : ">") \(figure(limit)) \(unit)：\(complies ? "有" : "没有")70 %的把握认为超过限值的接触少于5 %。",
                "UTL95,70 = \(figure(upper.upper)) \(complies ? "≤" : ">") \(figure(limit)) \(unit): with 70 % confidence fewer than 5 % of exposures exceed the limit\(complies ? "" : ", which is not shown")."
            ))
        if let test = try? lognormality(), !test.isPlausible { lines.append(test.caution) }
        return Finding(outcome: complies ? .complies : .doesNotComply, stage: .statistical, lines: lines)
    }
}

extension ExposureResult {
    /// The value, where there is one.
    var quantified: Double? {
        if case .quantified(let value) = self { value } else { nil }
    }
    /// Whether it is certain that the exposure lay below a bound. A tenth of 3 is 0.30000000000000004 to a computer: what differs by less
    /// than a millionth of a millionth is the same figure.
    func isKnown(below bound: Double) -> Bool {
        switch self {
        case .quantified(let value): value < bound * (1 - 1e-12)
        case .below(let level): level <= bound * (1 + 1e-12)
        }
    }
}
