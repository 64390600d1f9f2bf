import Foundation
import Kernel

/// A lognormal distribution 对数正态分布 fitted to a group.
public struct LognormalFit: Hashable, Sendable {
    public enum Method: String, Hashable, Sendable {
        /// Mean and standard deviation (n − 1) of the logarithms: what EN 689 and AIHA use where every result is quantified.
        case moments
        /// Greatest likelihood 极大似然, results below their limit of quantification taken as just that.
        case maximumLikelihood = "maximum-likelihood"
    }
    public let method: Method
    public let count, censoredCount: Int
    /// Mean and standard deviation of the natural logarithms.
    public let mu, sigma: Double
    /// ln L of the logarithms at this fit.
    public let logLikelihood: Double
    /// Newton's steps that it took; none where the answer is closed.
    public let steps: Int
    public let unit: String

    /// GM 几何均值, the median exposure.
    public var geometricMean: Double { exp(mu) }
    /// GSD 几何标准差.
    public var geometricDeviation: Double { exp(sigma) }
    /// The mean of the fitted distribution 算术均值估计, exp(μ + σ²/2).
    public var arithmeticMean: Double { exp(mu + sigma * sigma / 2) }
    /// The exposure below which a share lies.
    public func percentile(_ share: Double) -> Double { exp(mu + Normal.quantile(share) * sigma) }
    /// The share of exposures above a limit 超限率.
    public func exceedance(of limit: Double) -> Double { Normal.cumulative((mu - log(limit)) / sigma) }

    public var working: [Bilingual] {
        var lines: [Bilingual] = []
        switch method {
        case .moments:
            lines.append(
                Bilingual(
                    "\(count)个结果全部定量；取自然对数，均值\(figure(mu))，标准差（n−1）\(figure(sigma))。",
                    "All \(count) results are quantified; their natural logarithms have mean \(figure(mu)) and standard deviation (n − 1) \(figure(sigma))."
                ))
        case .maximumLikelihood:
            lines.append(
                Bilingual(
                    "\(count)个结果，其中\(censoredCount)个低于定量下限，只按“低于该下限”计入，不代以任何数值；"
                        + "似然最大处：对数均值\(figure(mu))，对数标准差\(figure(sigma))。",
                    "\(count) results, \(censoredCount) of them below their limit of quantification and taken as just that, no value put in their place; "
                        + "the likelihood is greatest at log mean \(figure(mu)) and log standard deviation \(figure(sigma))."))
        }
        lines.append(
            Bilingual(
                "几何均值GM = e^\(figure(mu)) = \(figure(geometricMean)) \(unit)；几何标准差GSD = e^\(figure(sigma)) = \(figure(geometricDeviation))。",
                "GM = e^\(figure(mu)) = \(figure(geometricMean)) \(unit); GSD = e^\(figure(sigma)) = \(figure(geometricDeviation))."))
        lines.append(
            Bilingual(
                "算术均值估计 = e^(μ + σ²/2) = \(figure(arithmeticMean)) \(unit)。",
                "Estimated arithmetic mean = e^(μ + σ²/2) = \(figure(arithmeticMean)) \(unit)."))
        return lines
    }
}

extension ExposureGroup {
    /// The exact maximum likelihood, with or without results below their limits of quantification.
    /// - Throws: `exposure.too-few`, `exposure.all-censored`, `exposure.no-spread` (not two different quantified values).
    public func maximumLikelihood() throws(Refusal) -> LognormalFit {
        try requireSpread()
        let best = likelihood.maximum()
        return LognormalFit(
            method: .maximumLikelihood, count: count, censoredCount: censoredCount, mu: best.mu, sigma: best.sigma,
            logLikelihood: best.logLikelihood, steps: best.steps, unit: unit)
    }

    /// Mean and standard deviation (n − 1) of the logarithms.
    /// - Throws: as `maximumLikelihood`, and `exposure.censored` where a result is not quantified.
    public func moments() throws(Refusal) -> LognormalFit {
        if isCensored { throw Refusal("exposure.censored", ["value": "\(censoredCount)"]) }
        try requireSpread()
        let sigma = (likelihood.squares / (likelihood.count - 1)).squareRoot()
        return LognormalFit(
            method: .moments, count: count, censoredCount: 0, mu: likelihood.mean, sigma: sigma,
            logLikelihood: likelihood.value(mu: likelihood.mean, sigma: sigma), steps: 0, unit: unit)
    }

    /// The estimate that the limits of this room go with: moments where every result is quantified, else maximum likelihood.
    /// - Throws: as `maximumLikelihood`.
    public func fit() throws(Refusal) -> LognormalFit {
        isCensored ? try maximumLikelihood() : try moments()
    }
}
