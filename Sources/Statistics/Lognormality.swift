import Foundation
import Kernel

/// The test of Shapiro and Wilk on the logarithms, in Royston's approximation (1995, AS R94): could these results be lognormal?
public struct Lognormality: Hashable, Sendable {
    public let count: Int
    /// Near 1 for lognormal results.
    public let w: Double
    /// How often lognormal results would look this odd or odder.
    public let p: Double
    /// Not refuted at 5 %. Small groups hardly ever are: it proves nothing.
    public var isPlausible: Bool { p >= 0.05 }

    var caution: Bilingual {
        Bilingual(
            "注意：结果不像对数正态（p = \(figure(p, 3))），可能混有不同的接触组；以上数字须谨慎使用。",
            "Mind: the results do not look lognormal (p = \(figure(p, 3))); two groups may be mixed. Use these figures with care.")
    }
    public var working: [Bilingual] {
        let line = Bilingual(
            "\(count)个结果的对数，Shapiro–Wilk检验（Royston 1995）：W = \(figure(w))，p = \(figure(p, 3))。",
            "Shapiro–Wilk test (Royston 1995) on the logarithms of \(count) results: W = \(figure(w)), p = \(figure(p, 3)).")
        let plausible = Bilingual(
            "与对数正态无明显矛盾；样本少时检验很难发现偏离。", "Nothing speaks against lognormal exposures; with few results little could.")
        return [line, isPlausible ? plausible : caution]
    }
}

extension ExposureGroup {
    /// The most results that Royston's approximation is made for.
    public static let mostForLognormality = 5000

    /// - Throws: `exposure.censored` (the test needs every value), `exposure.too-few`, `exposure.no-spread`, `exposure.too-many`.
    public func lognormality() throws(Refusal) -> Lognormality {
        if isCensored { throw Refusal("exposure.censored", ["value": "\(censoredCount)"]) }
        try requireSpread()
        if count > Self.mostForLognormality {
            throw Refusal("exposure.too-many", ["value": "\(count)", "limit": "\(Self.mostForLognormality)"])
        }
        let x = logs.map { $0 - likelihood.mean }.sorted()
        let weights = Self.weights(count)
        let between = weights.enumerated().reduce(0) { $0 + $1.element * (x[count - 1 - $1.offset] - x[$1.offset]) }
        let w = min(1, between * between / likelihood.squares)
        return Lognormality(count: count, w: w, p: Self.share(w, count))
    }

    /// The weights of the outer order statistics towards the middle, by half.
    private static func weights(_ count: Int) -> [Double] {
        if count == 3 { return [sqrt(0.5)] }
        let n = Double(count)
        let scores = (1...count / 2).map { Normal.quantile((Double($0) - 0.375) / (n + 0.25)) }
        let square = 2 * scores.reduce(0) { $0 + $1 * $1 }
        let u = 1 / n.squareRoot()
        let first = polynomial([0, 0.221157, -0.147981, -2.071190, 4.434685, -2.706056], u) - scores[0] / square.squareRoot()
        var weights = [first]
        var (left, room) = (square - 2 * scores[0] * scores[0], 1 - 2 * first * first)
        if count > 5 {
            let second = polynomial([0, 0.042981, -0.293762, -1.752461, 5.682633, -3.582633], u) - scores[1] / square.squareRoot()
            weights.append(second)
            left -= 2 * scores[1] * scores[1]
            room -= 2 * second * second
        }
        let scale = (left / room).squareRoot()
        return weights + scores.dropFirst(weights.count).map { -$0 / scale }
    }

    /// The share of lognormal groups with a smaller W.
    private static func share(_ w: Double, _ count: Int) -> Double {
        let n = Double(count)
        // Three values: exact.
        if count == 3 { return max(0, 6 / Double.pi * (asin(sqrt(w)) - asin(sqrt(0.75)))) }
        guard w < 1 else { return 1 }
        let y = log(1 - w)
        let mean, deviation, score: Double
        if count <= 11 {
            let gamma = polynomial([-2.273, 0.459], n)
            guard y < gamma else { return 0 }
            score = -log(gamma - y)
            mean = polynomial([0.5440, -0.39978, 0.025054, -6.714e-4], n)
            deviation = exp(polynomial([1.3822, -0.77857, 0.062767, -0.0020322], n))
        } else {
            score = y
            mean = polynomial([-1.5861, -0.31082, -0.083751, 0.0038915], log(n))
            deviation = exp(polynomial([-0.4803, -0.082676, 0.0030302], log(n)))
        }
        return Normal.cumulative((mean - score) / deviation)
    }

    /// Coefficients ascending.
    private static func polynomial(_ coefficients: [Double], _ x: Double) -> Double {
        coefficients.reversed().reduce(0) { $0 * x + $1 }
    }
}
