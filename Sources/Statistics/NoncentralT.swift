import Foundation

/// The noncentral t distribution 非中心t分布: of (Z + shift)/√(χ²/freedom). With no shift it is Student's.
///
/// The share below t is the mean of Φ(t·S − shift) over S = √(χ²/freedom). In u = ln S the integrand is analytic and dies out on
/// both sides, so that the plain trapezoid is exact to rounding once its step is small against the narrower of the two factors; the
/// sum is divided by that of the density on the same grid, which needs no gamma function and loses no digit at any freedom.
public struct NoncentralT: Sendable, Hashable {
    public let freedom, shift: Double
    private let step: Double

    /// - Precondition: `freedom` is above zero.
    public init(freedom: Double, shift: Double) {
        precondition(freedom > 0 && shift.isFinite, "a noncentral t has freedom above zero and a finite shift")
        (self.freedom, self.shift) = (freedom, shift)
        step = min(0.1, 0.4 / (freedom + shift * shift / 2 + 1).squareRoot())
    }

    /// The share below t.
    public func cumulative(_ t: Double) -> Double { mean { Normal.cumulative(t * $0 - shift) } }
    /// The share above t, without loss of digits.
    public func upper(_ t: Double) -> Double { mean { Normal.cumulative(shift - t * $0) } }

    /// The t below which a share lies; not a number outside 0…1, infinite at its ends.
    public func quantile(_ share: Double) -> Double {
        guard share > 0, share < 1 else { return share == 0 ? -.infinity : share == 1 ? .infinity : .nan }
        // The smaller tail is the one that is held to the last digit.
        let start = shift + Normal.quantile(share)
        let isLow = share < 0.5
        let target = log(isLow ? share : 1 - share)
        let found = root(from: start, step: 1) { t in
            let off = max(log(isLow ? cumulative(t) : upper(t)), -700) - target
            return isLow ? off : -off
        }
        return found ?? .nan
    }

    /// The mean of a function of S.
    private func mean(_ function: (Double) -> Double) -> Double {
        var (sum, weights) = (0.0, 0.0)
        for direction in [step, -step] {
            var index = direction > 0 ? 0.0 : 1.0
            while true {
                let u = index * direction
                let exponent = freedom * (u - expm1(2 * u) / 2)
                // What lies beyond is below 1e-26 of the whole.
                if exponent < -60 { break }
                let weight = exp(exponent)
                sum += weight * function(exp(u))
                weights += weight
                index += 1
            }
        }
        return sum / weights
    }
}
