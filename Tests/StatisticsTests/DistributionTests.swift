import Foundation
import Testing

@testable import Statistics

@Suite struct DistributionTests {
    /// Shares and quantiles as every table of the normal distribution prints them, here to the last digit of a Double.
    @Test func normal() {
        #expect(isWithin(Normal.quantile(0.95), 1.6448536269514722, 1e-15))
        #expect(isWithin(Normal.quantile(0.975), 1.959963984540054, 1e-15))
        #expect(isWithin(Normal.quantile(1e-10), -6.361340902404056, 1e-14))
        #expect(isWithin(Normal.cumulative(-10), 7.61985302416047e-24, 1e-12))
        #expect(Normal.quantile(0.5) == 0 && Normal.quantile(0) == -.infinity && Normal.quantile(1) == .infinity)
        #expect(Normal.quantile(-0.1).isNaN && Normal.quantile(1.1).isNaN)
        for z in stride(from: -35.0, through: 6, by: 0.37) {
            #expect(isNear(Normal.quantile(Normal.cumulative(z)), z, 1e-8), "\(z)")
        }
    }

    /// ln Φ and φ/Φ go on smoothly where the series takes over from erfc, and the hazard is the slope of ln Φ.
    @Test func tail() {
        let (near, far) = (Normal.tail(-24.999999999), Normal.tail(-25.000000001))
        #expect(isWithin(near.logCumulative, far.logCumulative, 1e-9) && isWithin(near.hazard, far.hazard, 1e-9))
        for z in [-1e6, -300, -40, -25.5, -24.5, -3, 0, 2, 8] {
            let step = 1e-4 * max(1, abs(z))
            let slope = (Normal.tail(z + step).logCumulative - Normal.tail(z - step).logCumulative) / (2 * step)
            #expect(isNear(Normal.tail(z).hazard, slope, 1e-6), "\(z)")
        }
    }

    /// Student's t of the textbooks: t(0.975; 1) = 12.706, t(0.95; 5) = 2.015, t(0.975; 30) = 2.042.
    @Test func student() {
        func quantile(_ share: Double, _ freedom: Double) -> Double { NoncentralT(freedom: freedom, shift: 0).quantile(share) }
        #expect(isWithin(quantile(0.975, 1), tan(0.475 * .pi), 1e-12))
        #expect(isWithin(quantile(0.95, 5), 2.015048, 3e-7))
        #expect(isWithin(quantile(0.975, 30), 2.042272, 3e-7))
        // One degree of freedom is Cauchy's distribution: ½ + arctan(t)/π.
        for t in [-100.0, -2, -0.3, 0, 1, 17] {
            #expect(isNear(NoncentralT(freedom: 1, shift: 0).cumulative(t), 0.5 + atan(t) / .pi, 1e-13), "\(t)")
        }
    }

    /// Both tails sum to one; mirrored shifts mirror; at zero the share is Φ(−shift); the quantile undoes the share.
    @Test func noncentral() {
        for freedom in [1.0, 2, 5, 29, 400] {
            for shift in [-6.0, 0, 2.85, 4.03, 40] {
                let distribution = NoncentralT(freedom: freedom, shift: shift)
                #expect(isWithin(distribution.cumulative(0), Normal.cumulative(-shift), 1e-13))
                for t in [-3.0, 0.5, 4, 9, 60] {
                    let share = distribution.cumulative(t)
                    #expect(isNear(share + distribution.upper(t), 1, 1e-14))
                    #expect(isNear(NoncentralT(freedom: freedom, shift: -shift).upper(-t), share, 1e-14))
                    if share > 1e-12, share < 1 - 1e-9 {
                        #expect(isNear(distribution.quantile(share), t, 1e-6), "\(freedom) \(shift) \(t)")
                    }
                }
                #expect(isNear(distribution.cumulative(distribution.quantile(0.95)), 0.95, 1e-13))
            }
        }
    }

    /// Against a slow second way: the density of χ from the gamma function, Simpson's rule in two hundred thousand steps.
    @Test func noncentralSlowly() {
        func slow(_ t: Double, _ freedom: Double, _ shift: Double) -> Double {
            let logFactor = log(2) + freedom / 2 * log(freedom / 2) - lgamma(freedom / 2)
            let (steps, end) = (200_000, 12.0)
            let width = end / Double(steps)
            var sum = 0.0
            for index in 0...steps {
                let s = Double(index) * width
                if s == 0 { continue }
                let density = exp(logFactor + (freedom - 1) * log(s) - freedom * s * s / 2)
                let weight = index == steps ? 1.0 : index.isMultiple(of: 2) ? 2 : 4
                sum += weight * density * erfc((shift - t * s) / 2.0.squareRoot()) / 2
            }
            return sum * width / 3
        }
        for (t, freedom, shift) in [(7.0, 5.0, 4.03), (2, 11, 5.7), (-1, 4, 1), (13.2, 3, 3.3), (9, 29, 9)] {
            #expect(
                isNear(NoncentralT(freedom: freedom, shift: shift).cumulative(t), slow(t, freedom, shift), 1e-11),
                "\(t) \(freedom) \(shift)")
        }
    }
}
