import Foundation
import Kernel

/// How the uncertainty of a figure was worked out.
public enum LimitMethod: String, Hashable, Sendable {
    /// Exact for lognormal exposures, every result quantified.
    case noncentralT = "noncentral-t"
    /// Profile likelihood 剖面似然, its threshold the one that gives exactly the noncentral t with as many quantified results. With few results
    /// the plain threshold is too easy and lets groups pass that should not; `.plainProfile` has it for comparison.
    case calibratedProfile = "calibrated-profile"
    /// Profile likelihood with the large-sample threshold z².
    case plainProfile = "plain-profile"

    var words: Bilingual {
        switch self {
        case .noncentralT: Bilingual("非中心t分布（对数正态时精确）", "the noncentral t distribution (exact for lognormal exposures)")
        case .calibratedProfile:
            Bilingual("剖面似然，阈值按样本数校准至与非中心t一致", "the profile likelihood, its threshold calibrated to the noncentral t of as many results")
        case .plainProfile: Bilingual("剖面似然，大样本阈值", "the profile likelihood with its large-sample threshold")
        }
    }
}

/// A percentile of the exposures and its one-sided upper confidence limit, the upper tolerance limit UTL: of the 95th percentile with 95 %
/// confidence UTL95,95, with 70 % (the test of EN 689) UTL95,70, also written UTL70,95.
public struct PercentileLimit: Hashable, Sendable {
    public let share, confidence: Double
    public let fit: LognormalFit
    public let value, upper: Double
    public let method: LimitMethod

    public var working: [Bilingual] {
        let z = figure(Normal.quantile(share), 5)
        let name = figure(100 * share, 4)
        let factor = figure((log(upper) - fit.mu) / fit.sigma, 5)
        return fit.working + [
            Bilingual(
                "第\(name)百分位数 = e^(μ + \(z)σ) = \(figure(value)) \(fit.unit)。",
                "Percentile \(name) = e^(μ + \(z)σ) = \(figure(value)) \(fit.unit)."),
            Bilingual(
                "其单侧\(percent(confidence))置信上限 = e^(μ + \(factor)σ) = \(figure(upper)) \(fit.unit)；方法：\(method.words.zh)。",
                "Its one-sided \(percent(confidence)) upper confidence limit = e^(μ + \(factor)σ) = \(figure(upper)) \(fit.unit), from \(method.words.en)."
            ),
        ]
    }
}

/// The share of exposures above a limit 超限率, with a one-sided lower and a one-sided upper confidence limit (each with `confidence`).
public struct Exceedance: Hashable, Sendable {
    public let limit, confidence: Double
    public let fit: LognormalFit
    public let value, lower, upper: Double
    public let method: LimitMethod

    public var working: [Bilingual] {
        let score = (log(limit) - fit.mu) / fit.sigma
        return fit.working + [
            Bilingual(
                "(ln \(figure(limit)) − μ) / σ = \(figure(score))；超过\(figure(limit)) \(fit.unit)的比例 = 1 − Φ(\(figure(score))) = \(percent(value))。",
                "(ln \(figure(limit)) − μ) / σ = \(figure(score)); the share above \(figure(limit)) \(fit.unit) = 1 − Φ(\(figure(score))) = \(percent(value))."
            ),
            Bilingual(
                "单侧\(percent(confidence))置信限：下限\(percent(lower))，上限\(percent(upper))；方法：\(method.words.zh)。",
                "One-sided \(percent(confidence)) confidence limits: lower \(percent(lower)), upper \(percent(upper)), from \(method.words.en)."
            ),
        ]
    }
}

/// Factors of the one-sided tolerance limit 单侧容许限 of a normal distribution.
public enum ToleranceFactor {
    /// The k with which mean + k·s (n − 1) lies above a share of the distribution, with a confidence.
    /// - Precondition: at least two results; share and confidence between 0 and 1.
    public static func exact(count: Int, share: Double = 0.95, confidence: Double) -> Double {
        exact(count: count, z: Normal.quantile(share), confidence: confidence)
    }

    static func exact(count: Int, z: Double, confidence: Double) -> Double {
        let root = Double(count).squareRoot()
        return NoncentralT(freedom: Double(count - 1), shift: root * z).quantile(confidence) / root
    }

    /// What the signed root of the profile likelihood is at the exact limit where all results are quantified: it depends on their number
    /// alone, and stands for the large-sample threshold where some are not.
    static func signedRoot(count: Int, z: Double, confidence: Double) -> Double {
        let n = Double(count)
        // In units where the mean is 0 and the standard deviation (n) is 1; θ solves the profile's quadratic equation.
        let point = exact(count: count, z: z, confidence: confidence) * (n / (n - 1)).squareRoot()
        let square = 1 + point * point
        let theta = (z * point + (z * point * z * point + 4 * square).squareRoot()) / (2 * square)
        let residual = theta * point - z
        let ratio = n * (theta * theta + residual * residual - 1 - 2 * log(theta))
        return max(0, ratio).squareRoot() * (point < z ? -1 : 1)
    }
}

extension ExposureGroup {
    static let shares = 0.001...0.999
    static let confidences = 0.5...0.9999

    /// A percentile with its upper confidence limit.
    /// - Parameter method: for censored groups; where every result is quantified nil is the noncentral t, else the calibrated profile.
    /// - Throws: as `fit`; `number.range` for a share outside 0.001–0.999 or a confidence outside 0.5–0.9999; `exposure.censored` where
    ///   the noncentral t is asked of a censored group.
    public func percentile(
        _ share: Double = 0.95, confidence: Double = 0.95, method: LimitMethod? = nil
    ) throws(Refusal) -> PercentileLimit {
        try require(share, within: Self.shares, field: "share")
        try require(confidence, within: Self.confidences, field: "confidence")
        let (fit, method) = try prepared(method)
        let z = Normal.quantile(share)
        let upper: Double
        if method == .noncentralT {
            upper = fit.mu + ToleranceFactor.exact(count: count, z: z, confidence: confidence) * fit.sigma
        } else {
            let best = likelihood.maximum()
            let threshold = threshold(method, z: z, confidence: confidence)
            let start = best.mu + z * best.sigma
            upper = root(from: start, step: best.sigma / 2) { signedRoot(best, point: $0, z: z) - threshold } ?? .nan
        }
        return PercentileLimit(
            share: share, confidence: confidence, fit: fit, value: fit.percentile(share), upper: exp(upper), method: method)
    }

    /// The share of exposures above a limit, with confidence limits.
    /// - Throws: as `percentile`, and `exposure.limit`.
    public func exceedance(of limit: Double, confidence: Double = 0.95, method: LimitMethod? = nil) throws(Refusal) -> Exceedance {
        let point = try logarithm(ofLimit: limit)
        try require(confidence, within: Self.confidences, field: "confidence")
        let (fit, method) = try prepared(method)
        /// The z at which the limit is just the upper confidence limit of that percentile.
        func z(_ confidence: Double) -> Double {
            if method == .noncentralT {
                // Beyond a thousand deviations no figure of any use changes.
                let score = min(max((point - fit.mu) / fit.sigma, -1000), 1000)
                let scale = Double(count).squareRoot()
                let found = root(from: scale * score, step: 1) { shift in
                    let t = NoncentralT(freedom: Double(count - 1), shift: shift)
                    return t.cumulative(scale * score) - confidence
                }
                return (found ?? .nan) / scale
            }
            let best = likelihood.maximum()
            let score = (point - best.mu) / best.sigma
            let found = root(from: min(max(score, -1000), 1000), step: 0.5) { z in
                signedRoot(best, point: point, z: z) - threshold(method, z: z, confidence: confidence)
            }
            return found ?? .nan
        }
        return Exceedance(
            limit: limit, confidence: confidence, fit: fit, value: fit.exceedance(of: limit),
            lower: Normal.cumulative(-z(1 - confidence)), upper: Normal.cumulative(-z(confidence)), method: method)
    }

    private func prepared(_ method: LimitMethod?) throws(Refusal) -> (LognormalFit, LimitMethod) {
        let method = method ?? (isCensored ? .calibratedProfile : .noncentralT)
        if method == .noncentralT { return (try moments(), method) }
        // The fit that is shown goes with the method: a profile is one about the maximum.
        return (try maximumLikelihood(), method)
    }

    private func threshold(_ method: LimitMethod, z: Double, confidence: Double) -> Double {
        method == .plainProfile
            ? Normal.quantile(confidence) : ToleranceFactor.signedRoot(count: count, z: z, confidence: confidence)
    }

    /// The signed root of twice what ln L loses where μ + zσ is held at a point: standard normal in large samples, rising in the point.
    private func signedRoot(_ best: CensoredLikelihood.Maximum, point: Double, z: Double) -> Double {
        let loss = max(0, 2 * (best.logLikelihood - likelihood.profile(point: point, z: z)))
        return point < best.mu + z * best.sigma ? -loss.squareRoot() : loss.squareRoot()
    }
}
