import Foundation
import Kernel
import Testing

@testable import Statistics

@Suite struct LognormalityTests {
    /// The weights of eleven men in Shapiro and Wilk (1965): W = 0.79; R's shapiro.test gives W = 0.78881, p = 0.006704.
    @Test func weights() throws {
        let weights = [148.0, 154, 158, 160, 161, 162, 166, 170, 182, 195, 236]
        let test = try ExposureGroup(weights.map { .quantified(exp($0 / 100)) }).lognormality()
        #expect(abs(test.w - 0.78881) < 5e-6 && abs(test.p - 0.006704) < 5e-7 && !test.isPlausible)
    }

    /// Three values have an exact answer: evenly spaced logarithms have W = 1 and p = 1; two alike have W = ¾ and p = 0.
    @Test func three() throws {
        let even = try ExposureGroup("1 10 100").lognormality()
        #expect(isNear(even.w, 1, 1e-14) && isNear(even.p, 1, 1e-6))
        let odd = try ExposureGroup("1 1 100").lognormality()
        #expect(isNear(odd.w, 0.75, 1e-14) && odd.p < 1e-6)
    }

    /// Unit and a power of the values (location and scale of the logarithms) change nothing; true lognormal groups are refuted as
    /// often as the level says; two groups mixed are found out.
    @Test func properties() throws {
        var random = SeededGenerator(seed: 31)
        var refuted = 0
        for _ in 0..<2000 {
            let results = ExposureGroup.drawn(10, mu: 0, sigma: 0.7, levels: [], with: &random)
            let group = try ExposureGroup(results)
            let test = try group.lognormality()
            if !test.isPlausible { refuted += 1 }
            #expect(isNear(try group.scaled(250).lognormality().p, test.p, 1e-9))
        }
        #expect((0.035...0.065).contains(Double(refuted) / 2000))
        let mixed =
            ExposureGroup.drawn(15, mu: 0, sigma: 0.2, levels: [], with: &random)
            + ExposureGroup.drawn(15, mu: 4, sigma: 0.2, levels: [], with: &random)
        #expect(try ExposureGroup(mixed).lognormality().p < 1e-4)
    }

    @Test func refusals() throws {
        #expect(refusal { _ = try ExposureGroup("1 2 3 <1").lognormality() } == "exposure.censored")
        #expect(refusal { _ = try ExposureGroup("1 2").lognormality() } == "exposure.too-few")
        #expect(refusal { _ = try ExposureGroup((1...5001).map { .quantified(Double($0)) }).lognormality() } == "exposure.too-many")
    }
}
