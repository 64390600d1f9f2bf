import Foundation
import Kernel
import Testing

@testable import Statistics

/// EN 689:2018, 5.5.2 and 5.5.3, against a limit of 1, or of 3 where rounding in binary would tell.
@Suite struct ComplianceTests {
    @Test(arguments: [
        // Three results below a tenth, four below 0.15, five below a fifth; what only reaches it does not pass.
        ("0.09 0.05 0.02", 1.0, "complies", "preliminary"), ("0.1 0.05 0.02", 1, "undecided", "preliminary"),
        ("0.3 0.05 0.02", 3, "undecided", "preliminary"), ("0.29 0.05 0.02", 3, "complies", "preliminary"),
        ("0.14 0.05 0.02 0.1", 1, "complies", "preliminary"), ("0.15 0.05 0.02 0.1", 1, "undecided", "preliminary"),
        ("0.19 0.05 0.02 0.1 0.12", 1, "complies", "preliminary"), ("0.2 0.05 0.02 0.1 0.12", 1, "undecided", "preliminary"),
        // A limit of quantification at the fraction is low enough, a higher one is not.
        ("<0.1 <0.1 <0.1", 1, "complies", "preliminary"), ("<0.3 <0.3 <0.3", 3, "complies", "preliminary"),
        ("<0.11 <0.1 <0.1", 1, "undecided", "preliminary"), ("<2 <0.1 <0.1", 1, "undecided", "preliminary"),
        // A result above the limit settles it, at the limit it does not.
        ("1.01 0.01 0.01", 1, "does-not-comply", "preliminary"), ("1 0.01 0.01", 1, "undecided", "preliminary"),
        ("1.01 0.01", 1, "does-not-comply", "preliminary"), ("0.01 0.01", 1, "undecided", "none"),
        ("1.01 0.01 0.01 0.01 0.02 0.01 0.02", 1, "does-not-comply", "statistical"),
        // From six on by the statistical test.
        ("0.1 0.12 0.15 0.11 0.09 0.2", 1, "complies", "statistical"), ("0.1 0.9 0.3 0.05 0.7 0.4", 1, "does-not-comply", "statistical"),
        ("0.1 0.12 0.15 <0.1 0.09 0.2", 1, "complies", "statistical"),
        // Where it cannot be made, the strictest row of the preliminary test is all there is.
        ("<0.1 <0.1 <0.1 <0.1 <0.1 <0.1", 1, "complies", "preliminary"), ("<0.2 <0.1 <0.1 <0.1 <0.1 <0.1", 1, "undecided", "preliminary"),
        ("0.5 0.5 0.5 0.5 0.5 0.5", 1, "undecided", "preliminary"),
    ])
    func decisions(_ text: String, _ limit: Double, _ outcome: String, _ stage: String) throws {
        let compliance = try ExposureGroup(text).compliance(with: limit)
        #expect(compliance.outcome.rawValue == outcome && compliance.stage.rawValue == stage, "\(compliance.working)")
        #expect((compliance.outcome == .undecided) == !compliance.missing.isEmpty)
    }

    /// The boundary of the statistical test is U_R = U_T: six results whose logarithms have mean 0 and standard deviation s.
    @Test func boundary() throws {
        let logs = [-2.5, -1.5, -0.5, 0.5, 1.5, 2.5].map { $0 / 3.5.squareRoot() * 0.5 }
        let group = try ExposureGroup(logs.map { .quantified(exp($0)) })
        let factor = ToleranceFactor.exact(count: 6, confidence: 0.70)
        #expect(try group.compliance(with: exp(0.5 * factor) * 1.0000001).outcome == .complies)
        #expect(try group.compliance(with: exp(0.5 * factor) * 0.9999999).outcome == .doesNotComply)
    }

    /// A higher limit never turns complying into not; a result written as below a limit above it never helps.
    @Test func monotone() throws {
        var random = SeededGenerator(seed: 23)
        let rank: [Compliance.Outcome: Int] = [.doesNotComply: 0, .undecided: 1, .complies: 2]
        for index in 0..<150 {
            let results = ExposureGroup.drawn(
                3 + index % 8, mu: -2, sigma: 0.9, levels: index.isMultiple(of: 2) ? [0.05] : [], with: &random)
            let group = try ExposureGroup(results)
            let ranks = try [0.1, 0.2, 0.4, 0.8, 1.6, 5, 50].map { rank[try group.compliance(with: $0).outcome] ?? -1 }
            #expect(ranks == ranks.sorted(), "\(results)")
        }
    }

    @Test func words() throws {
        let compliance = try ExposureGroup("0.1 0.12 0.15 0.11 0.09 0.2").compliance(with: 1)
        let (zh, en) = (compliance.working.map(\.zh).joined(), compliance.working.map(\.en).joined())
        #expect(zh.contains("判定：符合") && zh.contains("U_T = 2.187") && zh.contains("可信度KH"))
        #expect(en.contains("Decision: complies") && en.contains("U_T = 2.187") && en.contains("confidence KH"))
        #expect(compliance.working.last?.zh == "判定：符合。")
    }

    @Test(arguments: [
        ("0.1 0.2", SampleAdvice.Worth.nothing, SampleAdvice.Further.unknown(4)), ("0.05 0.01 0.02", .preliminary, .decided),
        ("<0.5 <0.5 <0.5 <0.5", .preliminary, .unknown(2)), ("0.1 0.9 0.3 0.05 0.7 0.4", .statistical, .pointless),
        ("0.1 0.12 0.15 0.11 0.09 0.2", .statistical, .decided), ("1.5 0.1", .nothing, .decided),
        ("0.3 0.2 0.25 0.35", .preliminary, .more(2)),
    ])
    func advice(_ text: String, _ worth: SampleAdvice.Worth, _ further: SampleAdvice.Further) throws {
        let advice = try ExposureGroup(text).advice(limit: 1)
        #expect(advice.worth == worth && advice.further == further, "\(advice)")
        #expect(advice.working.count == 2)
    }

    /// The number advised is the smallest that is enough: the same mean and spread with as many results passes, with one fewer does not.
    @Test func adviceIsTheLeast() throws {
        func group(_ count: Int) throws -> ExposureGroup {
            let scores = (0..<count).map { Double($0) - Double(count - 1) / 2 }
            let spread = (scores.reduce(0) { $0 + $1 * $1 } / Double(count - 1)).squareRoot()
            return try ExposureGroup(scores.map { .quantified(exp($0 / spread)) })
        }
        let limit = exp(1.9)
        let advice = try group(6).advice(limit: limit)
        guard case .more(let more) = advice.further else {
            Issue.record("\(advice)")
            return
        }
        #expect(try group(6 + more).compliance(with: limit).outcome == .complies)
        #expect(try group(5 + more).compliance(with: limit).outcome == .doesNotComply)
        #expect(try group(6).advice(limit: exp(1.66)).further == .impractical)
    }
}
