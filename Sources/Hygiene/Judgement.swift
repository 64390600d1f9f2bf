import Catalog
import Kernel

/// What the rules of the field say of one quantity 判定: the value, the limit, their ratio, the verdict, and how anybody gets the same
/// by hand. A quantity that cannot be judged says what is missing; it is never taken as complying.
public struct Judgement: Sendable, Hashable {
    public enum Verdict: String, Sendable {
        case complies = "pass", exceeds = "exceed", undecided = "unknown"

        /// Over several quantities: one excess is an excess; else one left open leaves the whole open. None at all is undecided.
        public static func overall(_ verdicts: some Sequence<Verdict>) -> Verdict {
            let all = Set(verdicts)
            return all.contains(.exceeds) ? .exceeds : all == [.complies] ? .complies : .undecided
        }
    }

    /// What was judged: `C-TWA 时间加权平均浓度`, `LEX,8h`, `WBGT`.
    public let quantity: Bilingual
    /// In `unit`, not rounded; nil where it cannot be worked out.
    public let value: Double?
    /// The value as the report prints it: rounded (GBZ 331-2024, Appendix G), `<0.6` below the limit of quantification.
    public let shown: String
    /// The limit that it was held against, adjusted where the rules adjust it; nil where none applies.
    public let limit: Double?
    public let unit: String
    public let verdict: Verdict
    /// What is missing or wrong, for `undecided`; codes of `refusal.<code>`.
    public let missing: [Refusal]
    /// The edition and clause of the limit, with its confidence.
    public let provenance: Provenance
    /// The editions and clauses of the rules applied to it.
    public let rules: [Provenance]
    /// Step by step, in words and figures.
    public let working: [Bilingual]

    public init(
        _ quantity: Bilingual, value: Double?, shown: String, limit: Double?, unit: String, verdict: Verdict, missing: [Refusal] = [],
        provenance: Provenance, rules: [Provenance] = [], working: [Bilingual]
    ) {
        (self.quantity, self.value, self.shown, self.limit, self.unit) = (quantity, value, shown, limit, unit)
        (self.verdict, self.missing, self.provenance, self.rules, self.working) = (verdict, missing, provenance, rules, working)
    }

    /// Value over limit 接触比值; nil where either is missing.
    public var ratio: Double? {
        guard let value, let limit, limit > 0 else { return nil }
        return value / limit
    }

    /// The least sure of the facts that it rests on.
    public var confidence: Confidence { (rules + [provenance]).map(\.confidence).max() ?? provenance.confidence }

    /// The same quantity left undecided, with what is missing.
    public func undecided(_ refusals: [Refusal], _ working: [Bilingual] = []) -> Judgement {
        Judgement(
            quantity, value: value, shown: shown, limit: limit, unit: unit, verdict: .undecided, missing: missing + refusals,
            provenance: provenance, rules: rules, working: self.working + working)
    }
}

/// The levels of exposure by ratio to the limit 接触水平 (GBZ 2.1-2019, Table 5). Level III begins at the action level 行动水平, half of
/// the limit.
public enum ExposureLevel: Int, Sendable, CaseIterable, Comparable {
    case none = 0, low, moderate, considerable, excessive

    /// - Parameter ratio: value over limit.
    public init(ratio: Double) {
        switch ratio {
        case ...0.01: self = .none
        case ...0.1: self = .low
        case ...0.5: self = .moderate
        case ...1: self = .considerable
        default: self = .excessive
        }
    }
    /// As the table prints it: 0, Ⅰ, Ⅱ, Ⅲ, Ⅳ.
    public var numeral: String { ["0", "Ⅰ", "Ⅱ", "Ⅲ", "Ⅳ"][rawValue] }
    public static func < (left: ExposureLevel, right: ExposureLevel) -> Bool { left.rawValue < right.rawValue }
}

extension Provenance {
    /// A rule of GBZ 2.1-2019, read in the text.
    static func chemicalRule(_ clause: String) -> Provenance {
        Provenance(edition: "GBZ 2.1-2019", clause: clause, source: "docs/exposure.md", confidence: .verified)
    }
    /// A rule of GBZ 331-2024, Appendix G, read in the text.
    static func reportRule(_ clause: String = "附录G") -> Provenance {
        Provenance(edition: "GBZ 331-2024", clause: clause, source: "docs/exposure.md", confidence: .verified)
    }
    /// Where no source to hand decides and we had to.
    static func ownRule(_ clause: String) -> Provenance {
        Provenance(edition: "Zhifang", clause: clause, source: "docs/exposure.md", confidence: .own)
    }
}
