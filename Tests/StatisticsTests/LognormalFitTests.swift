import Foundation
import Kernel
import Testing

@testable import Statistics

@Suite struct LognormalFitTests {
    /// By hand: the logarithms of e⁰, e¹, e² have mean 1 and standard deviation 1 (n − 1), √⅔ (n).
    @Test func moments() throws {
        let group = try ExposureGroup([0, 1, 2].map { .quantified(exp($0)) })
        let moments = try group.moments()
        #expect(isNear(moments.geometricMean, M_E, 1e-14) && isNear(moments.geometricDeviation, M_E, 1e-14))
        #expect(isNear(moments.arithmeticMean, exp(1.5), 1e-14))
        let best = try group.maximumLikelihood()
        #expect(isNear(best.mu, 1, 1e-14) && isNear(best.sigma, (2.0 / 3).squareRoot(), 1e-14) && best.steps == 0)
        #expect(try group.fit() == moments)
    }

    /// Cohen's table of λ (Technometrics 3, 1961, table 1), for one level x₀: μ = x̄ − λ(x̄ − x₀), σ² = s² + λ(x̄ − x₀)², λ by the share
    /// censored h and s²/(x̄ − x₀)².
    @Test(arguments: [(0.05, 0.10, 0.11431), (0.05, 0.20, 0.25033), (0.05, 0.05, 0.054670), (0.05, 0.15, 0.17935)])
    func cohen(_ ratio: Double, _ censored: Double, _ lambda: Double) throws {
        let count = 40
        let below = Int((censored * Double(count)).rounded())
        let quantified = count - below
        // Half of them above the mean of 1 by the standard deviation, half below; the level is 0.
        let values = (0..<quantified).map { 1 + ($0.isMultiple(of: 2) ? 1 : -1) * ratio.squareRoot() }
        let group = try ExposureGroup(values.map { .quantified(exp($0)) } + (0..<below).map { _ in .below(1) })
        let fit = try group.maximumLikelihood()
        #expect(isNear(1 - fit.mu, lambda, 6e-6), "\(1 - fit.mu)")
        #expect(isNear(fit.sigma * fit.sigma - ratio, lambda, 6e-6))
    }

    /// Against a slow second way: the likelihood written down anew, climbed by trying ever smaller steps in every direction.
    @Test func slowly() throws {
        var random = SeededGenerator(seed: 3)
        for index in 0..<40 {
            let results = ExposureGroup.drawn(
                6 + index % 15, mu: random.uniform(-3...3), sigma: random.uniform(0.2...1.6), levels: [exp(random.uniform(-2...1)), 0.5],
                with: &random)
            let group = try ExposureGroup(results)
            guard let fit = try? group.maximumLikelihood() else { continue }
            func value(_ mu: Double, _ sigma: Double) -> Double {
                results.reduce(0) {
                    switch $1 {
                    case .quantified(let x): $0 - log(sigma) - pow((log(x) - mu) / sigma, 2) / 2 - log(2 * .pi) / 2
                    case .below(let x): $0 + log(max(erfc((mu - log(x)) / sigma / 2.0.squareRoot()) / 2, 1e-300))
                    }
                }
            }
            var (mu, logSigma, step) = (0.0, 0.0, 1.0)
            var best = value(mu, exp(logSigma))
            while step > 1e-9 {
                var isBetter = false
                for direction in 0..<16 {
                    let angle = Double(direction) * .pi / 8
                    let (a, b) = (mu + step * cos(angle), logSigma + step * sin(angle))
                    let tried = value(a, exp(b))
                    if tried > best { (mu, logSigma, best, isBetter) = (a, b, tried, true) }
                }
                if !isBetter { step /= 2 }
            }
            #expect(isNear(fit.logLikelihood, best, 1e-11), "\(index)")
            #expect(isNear(fit.mu, mu, 1e-5) && isNear(fit.sigma, exp(logSigma), 1e-5), "\(index): \(fit.mu) \(mu)")
        }
    }

    /// Order is irrelevant; another unit multiplies GM and leaves GSD; a level below every value and far from it changes nothing.
    @Test func properties() throws {
        var random = SeededGenerator(seed: 5)
        for _ in 0..<200 {
            let sigma = random.uniform(0.1...2)
            let results = ExposureGroup.drawn(12, mu: random.uniform(-2...2), sigma: sigma, levels: [0.2, 0.5, 1], with: &random)
            let group = try ExposureGroup(results)
            guard let fit = try? group.maximumLikelihood() else { continue }
            #expect(fit.steps < 30)
            let shuffled = try ExposureGroup(results.shuffled(using: &random)).maximumLikelihood()
            #expect(isNear(shuffled.mu, fit.mu, 1e-11) && isNear(shuffled.sigma, fit.sigma, 1e-11))
            let scaled = try group.scaled(1000).maximumLikelihood()
            #expect(isWithin(scaled.geometricMean, 1000 * fit.geometricMean, 1e-11) && isNear(scaled.sigma, fit.sigma, 1e-11))
            // What is only known to lie below a level pulls the estimate down when the level falls.
            let lower = try ExposureGroup(
                results.map { if case .below(let level) = $0 { .below(level / 2) } else { $0 } }
            ).maximumLikelihood()
            #expect(lower.mu <= fit.mu + 1e-12)
        }
    }

    /// Shapes that stop a careless search: nearly all censored, quantified values nearly equal, levels above or far below all values.
    @Test(arguments: [
        "1 1.1 <0.9 <0.9 <0.9 <0.9 <0.9 <0.9 <0.9 <0.9 <0.9 <0.9 <0.9 <0.9 <0.9 <0.9 <0.9 <0.9 <0.9 <0.9", "100 100.0000001 <0.001",
        "1 2 <50 <1000", "0.000000001 1000000000 <1", "1 1.0000000000001 <0.99 <0.5", "5 6 7 <0.000001 <0.000001 <0.000001",
        "1 1 1 1 1.01 <1 <1",
    ])
    func hardShapes(_ text: String) throws {
        let group = try ExposureGroup(text)
        let fit = try group.maximumLikelihood()
        // At the maximum no neighbour is better.
        for (a, b) in [(1.0, 0.0), (-1, 0), (0, 1), (0, -1)] {
            let near = group.likelihood.value(mu: fit.mu + a * 1e-4 * fit.sigma, sigma: fit.sigma * (1 + b * 1e-4))
            #expect(near <= fit.logLikelihood + 1e-10 * abs(fit.logLikelihood))
        }
        #expect(isNear(group.likelihood.value(mu: fit.mu, sigma: fit.sigma), fit.logLikelihood, 1e-10))
        let limit = try group.percentile()
        #expect(limit.upper.isFinite && limit.upper > limit.value)
    }

    @Test func refusals() throws {
        #expect(refusal { _ = try ExposureGroup([ExposureResult]()) } == "exposure.empty@0")
        #expect(
            refusal {
                _ = try ExposureGroup([.quantified(-1), .quantified(1), .below(0), .quantified(.nan), .below(.infinity), .quantified(1e12)])
            }
                == "exposure.not-positive@1 exposure.not-positive@3 number.format@4 number.format@5 number.range@6")
        #expect(refusal { _ = try ExposureGroup("1 2").fit() } == "exposure.too-few")
        #expect(refusal { _ = try ExposureGroup("<1 <2 <3").fit() } == "exposure.all-censored")
        #expect(refusal { _ = try ExposureGroup("2 <1 <1 <1").fit() } == "exposure.no-spread")
        #expect(refusal { _ = try ExposureGroup("2 2 2 <1").fit() } == "exposure.no-spread")
        #expect(refusal { _ = try ExposureGroup("2 3 4 <1").moments() } == "exposure.censored")
        #expect(refusal { _ = try ExposureResult("<abc") } == "number.format")
        #expect(refusal { _ = try ExposureResult("ND") } == "number.format")
        #expect(try ExposureResult(" ＜0.6 ") == .below(0.6))
        let group = try ExposureGroup("1 2 3 4")
        #expect(refusal { _ = try group.exceedance(of: 0) } == "exposure.limit")
        #expect(refusal { _ = try group.bands(limit: .nan) } == "exposure.limit")
        #expect(refusal { _ = try group.percentile(confidence: 95) } == "number.range")
        #expect(refusal { _ = try group.percentile(1) } == "number.range")
        #expect(refusal { _ = try group.report(limit: 1, confidence: 0) } == "number.range")
        let backwards = ExposurePrior(median: 0...5, deviation: 1.05...4)
        #expect(refusal { _ = try group.bands(limit: 1, prior: backwards) } == "exposure.prior")
        #expect(refusal { _ = try ExposureGroup("1 2 3 <0.5").percentile(method: .noncentralT) } == "exposure.censored")
    }
}
