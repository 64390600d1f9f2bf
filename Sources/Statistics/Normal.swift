import Foundation

/// The standard normal distribution 标准正态分布.
public enum Normal {
    /// ln √(2π).
    static let logRootTwoPi = 0.918938533204672741780329736406

    public static func density(_ z: Double) -> Double { exp(-z * z / 2 - logRootTwoPi) }
    /// Φ(z), the share below z; `cumulative(-z)` is the share above it, without loss of digits.
    public static func cumulative(_ z: Double) -> Double { erfc(-z * 0.5.squareRoot()) / 2 }

    /// ln Φ(z) and φ(z)/Φ(z), also where Φ itself is too small to be written.
    static func tail(_ z: Double) -> (logCumulative: Double, hazard: Double) {
        if z > -25 {
            let cumulative = cumulative(z)
            return (log(cumulative), density(z) / cumulative)
        }
        // Φ(z) = φ(z)/|z| · (1 − 1/z² + 1·3/z⁴ − 1·3·5/z⁶ …): eight terms are exact to the last digit this far out.
        var (term, series) = (1.0, 1.0)
        for odd in stride(from: 1.0, through: 15, by: 2) {
            term *= -odd / (z * z)
            series += term
        }
        return (log(series / -z) - z * z / 2 - logRootTwoPi, -z / series)
    }

    /// The z below which a share lies; infinite for 0 and 1, not a number outside.
    public static func quantile(_ share: Double) -> Double {
        if share > 0.5 { return -quantile(1 - share) }
        guard share > 0 else { return share == 0 ? -.infinity : .nan }
        if share == 0.5 { return 0 }
        // ln Φ is concave and rising: Newton's steps from the left never overshoot. This start lies left, by Φ(-z) ≤ exp(-z²/2)/2.
        let target = log(share)
        var z = -(-2 * log(2 * share)).squareRoot()
        for _ in 0..<60 {
            let (value, slope) = tail(z)
            let step = (target - value) / slope
            z += step
            if abs(step) <= 1e-15 * abs(z) { break }
        }
        return z
    }
}
