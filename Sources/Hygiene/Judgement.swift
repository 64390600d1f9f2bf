import Catalog
import Kernel

/// What the rules of the field say of one quantity 判定: the value, the limit, their ratio, the verdict, and how anybody gets the same
/// by hand. A quantity that cannot be judged says what is missing; it is never taken as complying.
public struct Judgement: Sendable, Hashable {
    public enum Verdict: String, Sendable { case complies = "pass", exceeds = "exceed", undecided = "unknown" }

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
    /// The edition and clause judged by, with its confidence.
    public let provenance: Provenance
    /// Step by step, in words and figures.
    public let working: [Bilingual]

    public init(
        _ quantity: Bilingual, value: Double?, shown: String, limit: Double?, unit: String, verdict: Verdict, missing: [Refusal] = [],
        provenance: Provenance, working: [Bilingual]
    ) {
        (self.quantity, self.value, self.shown, self.limit, self.unit) = (quantity, value, shown, limit, unit)
        (self.verdict, self.missing, self.provenance, self.working) = (verdict, missing, provenance, working)
    }

    /// Value over limit 超标倍数's base; nil where either is missing.
    public var ratio: Double? {
        guard let value, let limit, limit > 0 else { return nil }
        return value / limit
    }
}
