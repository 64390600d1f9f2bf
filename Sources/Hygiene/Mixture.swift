import Catalog
import Kernel

/// Several substances that act together 混合接触: the sum of the ratios to their limits must not exceed 1, for averages and for short-term
/// values by themselves (GBZ 2.1-2019, Appendix A). Each substance must comply on its own besides.
public struct Mixture: Sendable {
    public struct Part: Sendable {
        public let limit: ExposureLimit
        /// C-TWA and C-STE in the unit of the limit; nil where not known.
        public let average, shortTerm: Double?
        public init(_ limit: ExposureLimit, average: Double? = nil, shortTerm: Double? = nil) {
            (self.limit, self.average, self.shortTerm) = (limit, average, shortTerm)
        }
    }
    public let parts: [Part]
    /// Why they are added: the organ or the effect that they share, as the one who judges states it.
    public let sharedEffect: String

    /// - Parameter sharedEffect: which organ they harm or what effect they share; it cannot be guessed from the names.
    /// - Throws: `Refusal("mixture.effect")` without a shared effect, `Refusal("mixture.parts")` for fewer than two substances or one
    ///   twice, `Refusal("concentration.negative")`, `Refusal("number.format")`.
    public init(_ parts: [Part], sharedEffect: String?) throws(Refusal) {
        let effect = sharedEffect?.trimmingPrefix { $0 == " " } ?? ""
        guard !effect.isEmpty else { throw Refusal("mixture.effect", field: "effect") }
        guard parts.count > 1, Set(parts.map(\.limit.key)).count == parts.count else {
            throw Refusal("mixture.parts", field: "substance", ["value": "\(parts.count)"])
        }
        for part in parts {
            for value in [part.average, part.shortTerm].compactMap({ $0 }) {
                guard value.isFinite else { throw Refusal("number.format", field: "concentration", ["value": "\(value)"]) }
                guard value >= 0 else {
                    throw Refusal("concentration.negative", field: "concentration", ["value": Rounding.plain(value)])
                }
            }
        }
        (self.parts, self.sharedEffect) = (parts, String(effect))
    }

    /// I of the averages, and I of the short-term values where any substance has a PC-STEL.
    public func judge() -> [Judgement] {
        let average = sum("I-TWA", "PC-TWA", limit: { $0.limit.twa }, value: { $0.average })
        guard parts.contains(where: { $0.limit.stel != nil }) else { return [average] }
        return [average, sum("I-STE", "PC-STEL", limit: { $0.limit.stel }, value: { $0.shortTerm })]
    }

    private func sum(_ name: String, _ kind: String, limit: (Part) -> Double?, value: (Part) -> Double?) -> Judgement {
        var total = 0.0
        var terms: [String] = []
        var missing: [Refusal] = []
        for part in parts {
            guard let bound = limit(part) else {
                missing.append(Refusal("mixture.limit", field: "limit", ["value": part.limit.name.zh, "expected": kind]))
                continue
            }
            guard let figure = value(part) else {
                missing.append(Refusal("mixture.value", field: "concentration", ["value": part.limit.name.zh, "expected": kind]))
                continue
            }
            total += figure / bound
            terms.append("\(Rounding.plain(figure))/\(Rounding.plain(bound))")
        }
        // The worked example of the standard prints two decimals.
        let isAbove = Rounding.round(total, decimals: 2) > 1
        let sum = terms.joined(separator: " + ")
        let shown = Rounding.text(total, decimals: 2)
        let effect = Bilingual("共同的健康效应（由评价人认定）：\(sharedEffect)", "Shared effect, as stated by the one who judges: \(sharedEffect)")
        let formula = Bilingual(same: "\(name) = ΣC/\(kind) = \(sum) = \(shown) \(isAbove ? ">" : "≤") 1")
        let provenance = parts.map(\.limit.provenance).max { $0.confidence < $1.confidence } ?? .chemicalRule("附录A")
        return Judgement(
            Bilingual("\(name) 混合接触比值", "\(name) of a mixture"), value: total, shown: shown, limit: 1, unit: "1",
            // What is missing can only add to the sum.
            verdict: isAbove ? .exceeds : missing.isEmpty ? .complies : .undecided, missing: isAbove ? [] : missing, provenance: provenance,
            rules: [.chemicalRule("附录A")], working: [effect, formula])
    }
}
