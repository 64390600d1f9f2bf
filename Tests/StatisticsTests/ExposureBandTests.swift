import Foundation
import Kernel
import Testing

@testable import Statistics

@Suite struct ExposureBandTests {
    /// Against a slow second way: two thousand by two thousand midpoints, nothing clever about them.
    @Test(arguments: ["0.05 0.2 0.11", "<0.1 <0.1 0.3 0.12 <0.2", "<0.1 <0.05", "0.02 0.9 3 0.4 <0.1 0.7 0.8"])
    func slowly(_ text: String) throws {
        let group = try ExposureGroup(text)
        let steps = 1200
        let (lowMu, highMu, lowSigma, highSigma) = (log(0.0005), log(5.0), log(1.05), log(4.0))
        var masses = [Double](repeating: 0, count: 5)
        for row in 0..<steps {
            let sigma = lowSigma + (highSigma - lowSigma) * (Double(row) + 0.5) / Double(steps)
            for column in 0..<steps {
                let mu = lowMu + (highMu - lowMu) * (Double(column) + 0.5) / Double(steps)
                var value = 0.0
                for result in group.results {
                    switch result {
                    case .quantified(let x): value -= log(sigma) + pow((log(x) - mu) / sigma, 2) / 2
                    case .below(let x): value += log(erfc((mu - log(x)) / sigma / 2.0.squareRoot()) / 2)
                    }
                }
                let percentile = exp(mu + 1.6448536269514722 * sigma)
                masses[[0.01, 0.1, 0.5, 1].count { $0 <= percentile }] += exp(value)
            }
        }
        let sum = masses.reduce(0, +)
        let bands = try group.bands(limit: 1)
        for (ours, theirs) in zip(bands.probabilities, masses) { #expect(abs(ours - theirs / sum) < 2e-3, "\(bands.probabilities)") }
        #expect(isNear(bands.probabilities.reduce(0, +), 1, 1e-14))
    }

    /// The band follows the results, whatever the unit; the more results, the surer.
    @Test func follows() throws {
        var random = SeededGenerator(seed: 29)
        for (percentile, band) in [
            (0.005, ExposureBand.trivial), (0.05, .highlyControlled), (0.3, .wellControlled), (0.8, .controlled), (3, .poorlyControlled),
        ] {
            let mu = log(percentile) - 1.6448536269514722 * 0.4
            var sure = 0.0
            for count in [6, 60, 1500] {
                let group = try ExposureGroup(ExposureGroup.drawn(count, mu: mu, sigma: 0.4, levels: [exp(mu)], with: &random))
                let bands = try group.bands(limit: 1)
                if count > 6 { #expect(bands.band == band) }
                sure = bands.probability(band)
                let scaled = try group.scaled(0.001).bands(limit: 0.001)
                for (one, other) in zip(bands.probabilities, scaled.probabilities) { #expect(isNear(one, other, 1e-9)) }
            }
            #expect(sure > 0.99)
        }
    }

    /// With panels of half the width, and a prior cut in two whose parts must sum to the whole, nothing changes: the integral has converged.
    @Test func converged() throws {
        for text in ["0.05 0.2 0.11 0.3 <0.1", "0.9 1.1 1.05 0.97 1.2 0.88 1 1.3 0.7", "<0.1 <0.1 <0.1"] {
            let group = try ExposureGroup(text)
            let whole = try group.bands(limit: 1)
            // One result that says nothing (below a level above everything possible) halves no probability but narrows every panel.
            let more = try ExposureGroup(group.results + (0..<9).map { _ in .below(1e9) }).bands(limit: 1)
            for (one, other) in zip(whole.probabilities, more.probabilities) { #expect(isNear(one, other, 1e-10), "\(text)") }
        }
    }

    /// One result can be asked, and is told to be mostly the prior's.
    @Test func words() throws {
        let bands = try ExposureGroup("<0.1").bands(limit: 1)
        #expect(bands.working.last?.en.contains("mostly the prior") == true)
        #expect(bands.working.first?.en.contains("GM 0.0005–5 mg/m3, GSD 1.05–4") == true)
        let worse = BandProbabilities(limit: 1, unit: "", count: 3, censoredCount: 0, prior: .usual, probabilities: [0, 0, 0.5, 0.5, 0])
        #expect(worse.band == .controlled)
    }
}
