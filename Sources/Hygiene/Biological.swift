import Catalog
import Kernel

/// A biological indicator 生物监测指标 held against its limit 生物接触限值 (GBZ 2.1-2019, Table 4), once both are numbers in one unit.
public enum Biological {
    /// Judges one result.
    /// - Parameters:
    ///   - indicator: what was measured where, `尿中镉`.
    ///   - isFloor: the figure must not fall below the limit, as the activity of cholinesterase 胆碱酯酶活性.
    ///   - takenAsAsked: whether the sample was taken when the table asks, `工作班末`; nil where nobody says.
    /// - Throws: `Refusals` of `concentration.negative`, `number.format`, `unit.differs`.
    public static func judge(
        _ reading: Reading, unit: String, indicator: Bilingual, limit: Double, limitUnit: String, isFloor: Bool = false,
        takenAsAsked: Bool?, provenance: Provenance
    ) throws(Refusals) -> Judgement {
        let figure = reading.figure
        guard figure.isFinite else {
            throw Refusals([Refusal("number.format", field: "concentration", ["value": "\(figure)"])])
        }
        guard figure >= 0 else {
            throw Refusals([Refusal("concentration.negative", field: "concentration", ["value": Rounding.plain(figure)])])
        }
        func folded(_ unit: String) -> String { unit.replacing("µ", with: "μ").replacing(" ", with: "").lowercased() }
        guard folded(unit) == folded(limitUnit) else {
            throw Refusals([Refusal("unit.differs", field: "unit", ["value": unit, "expected": limitUnit])])
        }
        let decimals = Rounding.resultDecimals(for: limit)
        let rounded = Rounding.round(figure, decimals: decimals)
        let isBeyond = isFloor ? rounded < limit : rounded > limit
        let shown = (reading.isBelow ? "<" : "") + (reading.isBelow ? Rounding.plain(figure) : Rounding.text(figure, decimals: decimals))
        var missing: [Refusal] = []
        var verdict: Judgement.Verdict = isBeyond ? .exceeds : .complies
        if reading.isBelow, isBeyond || isFloor {
            missing.append(Refusal("judge.loq-above-limit", field: "loq", ["value": indicator.zh]))
            verdict = .undecided
        }
        if takenAsAsked != true {
            missing.append(Refusal("biological.sampling-time", field: "sampling_time", ["value": indicator.zh]))
            verdict = .undecided
        }
        let sign = isFloor ? (isBeyond ? "<" : "≥") : (isBeyond ? ">" : "≤")
        return Judgement(
            indicator, value: figure, shown: shown, limit: limit, unit: limitUnit, verdict: verdict, missing: missing,
            provenance: provenance, rules: [.reportRule()],
            working: [Bilingual(same: "\(shown) \(sign) \(Rounding.plain(limit)) \(limitUnit)")])
    }
}
