import Foundation
import Kernel

/// The bands of AIHA by where the 95th percentile lies against the limit 接触分级.
public enum ExposureBand: Int, CaseIterable, Hashable, Sendable {
    case trivial = 0, highlyControlled, wellControlled, controlled, poorlyControlled

    /// The upper bounds of all bands but the last, as fractions of the limit.
    public static let bounds = [0.01, 0.1, 0.5, 1]
    public var name: Bilingual {
        switch self {
        case .trivial: Bilingual("0级：极低（<限值的1 %）", "0 trivial (below 1 % of the limit)")
        case .highlyControlled: Bilingual("1级：控制很好（1 %～10 %）", "1 highly controlled (1–10 %)")
        case .wellControlled: Bilingual("2级：控制良好（10 %～50 %）", "2 well controlled (10–50 %)")
        case .controlled: Bilingual("3级：受控（50 %～100 %）", "3 controlled (50–100 %)")
        case .poorlyControlled: Bilingual("4级：控制不足（>100 %）", "4 poorly controlled (above 100 %)")
        }
    }
}

/// What is held possible before the first result: uniform over ln GM and ln GSD between bounds.
public struct ExposurePrior: Hashable, Sendable {
    /// Of the GM, as multiples of the limit.
    public let median: ClosedRange<Double>
    /// Of the GSD.
    public let deviation: ClosedRange<Double>
    /// GM of 0.0005 to 5 limits and GSD of 1.05 to 4, as Bayesian decision analysis after Hewett et al. (2006) is usually run. From knowledge,
    /// uncertain (`KU`): a jurisdiction may set its own.
    public static let usual = ExposurePrior(median: 0.0005...5, deviation: 1.05...4)
    public static let usualConfidence = "KU"

    public init(median: ClosedRange<Double>, deviation: ClosedRange<Double>) { (self.median, self.deviation) = (median, deviation) }
}

/// How probable each band is after the results.
public struct BandProbabilities: Hashable, Sendable {
    public let limit: Double
    public let unit: String
    public let count, censoredCount: Int
    public let prior: ExposurePrior
    /// By band, from 0 to 4; their sum is 1.
    public let probabilities: [Double]

    public func probability(_ band: ExposureBand) -> Double { probabilities[band.rawValue] }
    /// The most probable band; of two alike the worse.
    public var band: ExposureBand { ExposureBand.allCases.reversed().max { probability($0) < probability($1) } ?? .poorlyControlled }
    /// The probability that the 95th percentile lies above the limit.
    public var overexposure: Double { probability(.poorlyControlled) }

    public var working: [Bilingual] {
        let (low, high) = (prior.median.lowerBound * limit, prior.median.upperBound * limit)
        var lines = [
            Bilingual(
                "先验：ln GM和ln GSD各自均匀，GM \(figure(low))～\(figure(high)) \(unit)，GSD \(figure(prior.deviation.lowerBound))～\(figure(prior.deviation.upperBound))；"
                    + "\(count)个结果（其中\(censoredCount)个低于定量下限）以似然计入。",
                "Prior: ln GM and ln GSD uniform, GM \(figure(low))–\(figure(high)) \(unit), GSD \(figure(prior.deviation.lowerBound))–\(figure(prior.deviation.upperBound)); "
                    + "\(count) results (\(censoredCount) of them below their limit of quantification) enter through their likelihood.")
        ]
        for band in ExposureBand.allCases {
            lines.append(
                Bilingual("\(band.name.zh)：\(percent(probability(band)))", "\(band.name.en): \(percent(probability(band)))"))
        }
        lines.append(Bilingual("最可能：\(band.name.zh)。", "Most probable: \(band.name.en)."))
        if count < ExposureGroup.fewest {
            lines.append(
                Bilingual("结果少于3个，上述概率主要反映先验。", "With fewer than three results these probabilities are mostly the prior's."))
        }
        return lines
    }
}

extension ExposureGroup {
    /// The posterior probabilities of the bands 贝叶斯估计, at any number of results and also where all are below their limits of quantification.
    ///
    /// The posterior is integrated by Gauss and Legendre in panels that end where a band or the prior ends, so that every piece is smooth
    /// and the answer holds to about ten digits; nothing in it is random.
    /// - Throws: `exposure.limit`; `exposure.prior` where its bounds are no positive range.
    public func bands(limit: Double, prior: ExposurePrior = .usual) throws(Refusal) -> BandProbabilities {
        let point = try logarithm(ofLimit: limit)
        let (median, deviation) = (prior.median, prior.deviation)
        guard median.lowerBound > 0, median.lowerBound < median.upperBound, deviation.lowerBound > 1,
            deviation.lowerBound < deviation.upperBound, median.upperBound.isFinite, deviation.upperBound.isFinite
        else { throw Refusal("exposure.prior", field: "prior", ["value": "GM \(median), GSD \(deviation)"]) }
        let masses = Posterior(
            likelihood: likelihood, mu: point + log(median.lowerBound)...point + log(median.upperBound),
            sigma: log(deviation.lowerBound)...log(deviation.upperBound), cuts: ExposureBand.bounds.map { point + log($0) }
        ).masses()
        let sum = masses.reduce(0, +)
        return BandProbabilities(
            limit: limit, unit: unit, count: count, censoredCount: censoredCount, prior: prior, probabilities: masses.map { $0 / sum })
    }
}

/// The posterior over mean and standard deviation of the logarithms, within a rectangle.
private struct Posterior {
    let likelihood: CensoredLikelihood
    let mu, sigma: ClosedRange<Double>
    /// The logarithms at which the 95th percentile passes from band to band.
    let cuts: [Double]
    let z = Normal.quantile(0.95)

    /// What lies e^-40 below the top counts for nothing.
    private static let depth = 40.0

    /// The mass of each band, up to a common factor.
    func masses() -> [Double] {
        // In ln σ the likelihood is about as wide everywhere: 1/√(2n).
        let width = min(0.25, 1 / likelihood.total.squareRoot())
        var outer: [(sigma: Double, weight: Double, mode: Double, top: Double)] = []
        for (from, until) in zip(edges, edges.dropFirst()) {
            GaussLegendre.twelve.walk(log(from), log(until), width: width) { logSigma, weight in
                let sigma = exp(logSigma)
                let mode = mode(sigma)
                outer.append((sigma, weight * sigma, mode, likelihood.value(mu: mode, sigma: sigma)))
            }
        }
        let top = outer.map(\.top).max() ?? 0
        var masses = [Double](repeating: 0, count: cuts.count + 1)
        for node in outer where node.top > top - Self.depth {
            // The quantified results alone curve the logarithm by count/σ²; without any it may stay flat down to the lower edge.
            let reach = likelihood.count > 0 ? node.sigma * (2 * Self.depth / likelihood.count).squareRoot() : .infinity
            let (low, high) = (max(mu.lowerBound, node.mode - reach), min(mu.upperBound, node.mode + reach))
            let bounds = [low] + cuts.map { min(max($0 - z * node.sigma, low), high) } + [high]
            let width = 2 * node.sigma / likelihood.total.squareRoot()
            for band in masses.indices {
                var mass = 0.0
                GaussLegendre.twelve.walk(bounds[band], bounds[band + 1], width: width) { mu, weight in
                    mass += weight * exp(likelihood.value(mu: mu, sigma: node.sigma) - top)
                }
                masses[band] += node.weight * mass
            }
        }
        return masses
    }

    /// The range of σ, cut where a band passes the edge of the range of μ: between such points every mass is smooth in σ.
    private var edges: [Double] {
        let crossings = cuts.flatMap { cut in [mu.lowerBound, mu.upperBound].map { (cut - $0) / z } }
        return ([sigma.lowerBound, sigma.upperBound] + crossings.filter { sigma.lowerBound < $0 && $0 < sigma.upperBound }).sorted()
    }

    /// The most probable mean at a standard deviation, within the range; the logarithm of the likelihood is concave in it.
    private func mode(_ sigma: Double) -> Double {
        func slope(_ mu: Double) -> (first: Double, second: Double) {
            var first = likelihood.count * (likelihood.mean - mu) / sigma
            var second = likelihood.count
            for level in likelihood.levels {
                let z = (level.log - mu) / sigma
                let hazard = Normal.tail(z).hazard
                first -= level.count * hazard
                second += level.count * hazard * (z + hazard)
            }
            return (first, second)
        }
        var (low, high) = (mu.lowerBound, mu.upperBound)
        if slope(low).first <= 0 { return low }
        if slope(high).first >= 0 { return high }
        // Newton's steps, halves where they would leave the bracket. The mode only centres the range: a rough one will do.
        var middle = min(max(likelihood.mean, low), high)
        for _ in 0..<100 {
            let at = slope(middle)
            if at.first > 0 { low = middle } else { high = middle }
            var next = middle + at.first / at.second * sigma
            if !(low < next && next < high) { next = (low + high) / 2 }
            if abs(next - middle) < 1e-6 * sigma { return next }
            middle = next
        }
        return middle
    }
}
