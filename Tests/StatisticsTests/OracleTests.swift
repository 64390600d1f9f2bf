import Foundation
import Kernel
import TestKit
import Testing

@testable import Statistics

/// Every figure equal to SciPy's: Tests/statistics/oracle.py, which shares nothing with the room but docs/statistics.md.
@Suite struct OracleTests {
    struct Asked: Encodable {
        let values: [Double]
        let below: [Bool]
        let limit: Double
        init(_ group: ExposureGroup, limit: Double) {
            (values, below, self.limit) = (group.results.map(\.figure), group.results.map { $0.quantified == nil }, limit)
        }
    }
    struct Answer: Decodable {
        let mu, sigma, log_likelihood, mean, plain9595, p95, exceedance, utl9595, utl9570, exceedance_upper, exceedance_lower: Double
        let moment_mu, moment_sigma, w, p: Double?
        let bands: [Double]
    }

    /// 240 groups of 3 to 60 results: a third all quantified, the others with one to three limits of quantification, up to four fifths
    /// censored.
    static func groups() -> [(group: ExposureGroup, limit: Double)] {
        var random = SeededGenerator(seed: 2026)
        var groups: [(ExposureGroup, Double)] = []
        while groups.count < 240 {
            let count = groups.count % 8 == 0 ? Int.random(in: 30...60, using: &random) : Int.random(in: 3...20, using: &random)
            let (mu, sigma) = (random.uniform(-4...3), random.uniform(0.15...1.5))
            let levels = (0..<(groups.count % 3 == 0 ? 0 : 1 + groups.count % 4)).map { _ in exp(mu + sigma * random.uniform(-1.5...0.8)) }
            let results = ExposureGroup.drawn(count, mu: mu, sigma: sigma, levels: levels, with: &random)
            guard let group = try? ExposureGroup(results), (try? group.fit()) != nil, group.isCensored == !levels.isEmpty else { continue }
            groups.append((group, exp(mu + sigma * random.uniform(-0.5...4))))
        }
        return groups
    }

    @Test func figuresEqualSciPy() throws {
        let groups = Self.groups()
        let answers: [Answer] = try Python.ask("Tests/statistics/oracle.py", groups.map { Asked($0.group, limit: $0.limit) })
        try #require(answers.count == groups.count)
        var worst: [String: Double] = [:]
        var outcomes: Set<String> = []
        for ((group, limit), answer) in zip(groups, answers) {
            /// Relative where large, absolute where small.
            func compare(_ name: String, _ ours: Double?, _ theirs: Double?, _ tolerance: Double) {
                guard let ours, let theirs else {
                    #expect(ours == nil && theirs == nil, "\(name)")
                    return
                }
                let off = abs(ours - theirs) / max(1, abs(theirs))
                worst[name] = max(worst[name] ?? 0, off)
                #expect(off <= tolerance, "\(name): ours \(ours), SciPy \(theirs): \(group.results)")
            }
            let best = try group.maximumLikelihood()
            compare("mu", best.mu, answer.mu, 1e-11)
            compare("sigma", best.sigma, answer.sigma, 1e-11)
            compare("ln L", best.logLikelihood, answer.log_likelihood, 1e-12)
            compare("mean", log(best.arithmeticMean), log(answer.mean), 1e-11)
            let moments = group.isCensored ? nil : try group.moments()
            compare("moments mu", moments?.mu, answer.moment_mu, 1e-12)
            compare("moments sigma", moments?.sigma, answer.moment_sigma, 1e-12)
            compare("P95", log(try group.percentile().value), log(answer.p95), 1e-11)
            // SciPy's own quantile of the noncentral t and its search for the profile are what limits these.
            compare("UTL95,95", log(try group.percentile().upper), log(answer.utl9595), 1e-9)
            compare("UTL95,70", log(try group.percentile(confidence: 0.7).upper), log(answer.utl9570), 1e-9)
            compare("plain UTL95,95", log(try group.percentile(method: .plainProfile).upper), log(answer.plain9595), 1e-9)
            let above = try group.exceedance(of: limit)
            compare("exceedance", above.value, answer.exceedance, 1e-12)
            compare("exceedance upper", above.upper, answer.exceedance_upper, 1e-9)
            compare("exceedance lower", above.lower, answer.exceedance_lower, 1e-9)
            let shape = group.isCensored ? nil : try group.lognormality()
            compare("W", shape?.w, answer.w, 1e-7)
            compare("p", shape?.p, answer.p, 1e-7)
            let bands = try group.bands(limit: limit)
            for (ours, theirs) in zip(bands.probabilities, answer.bands) { compare("bands", ours, theirs, 1e-8) }
            // And the decision that follows from SciPy's figures alone.
            let compliance = try group.compliance(with: limit)
            outcomes.insert(compliance.outcome.rawValue + " " + compliance.stage.rawValue)
            if compliance.stage == .statistical {
                let highest = zip(group.results, group.results.map(\.quantified)).compactMap(\.1).max() ?? 0
                #expect((compliance.outcome == .complies) == (highest <= limit && answer.utl9570 <= limit))
            }
        }
        print(
            "worst differences from SciPy:",
            worst.sorted { $0.key < $1.key }.map { "\($0.key) \(String(format: "%.1e", $0.value))" }.joined(separator: ", "))
        #expect(
            outcomes.isSuperset(of: [
                "complies statistical", "does-not-comply statistical", "undecided preliminary", "does-not-comply preliminary",
            ]))
    }

    enum Item: Encodable {
        case text(String)
        case number(Double)
        func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            switch self {
            case .text(let text): try container.encode(text)
            case .number(let number): try container.encode(number)
            }
        }
    }

    @Test func distributionsEqualSciPy() throws {
        var random = SeededGenerator(seed: 99)
        var cases: [(name: String, arguments: [Double], ours: Double, tolerance: Double)] = []
        for _ in 0..<150 {
            let (z, share) = (random.uniform(-9...9), random.uniform(1e-6...0.999999))
            let (freedom, shift) = (random.uniform(1...60).rounded(), random.uniform(-5...12))
            let t = shift + random.uniform(-3...6)
            let (central, noncentral) = (NoncentralT(freedom: freedom, shift: 0), NoncentralT(freedom: freedom, shift: shift))
            cases += [
                ("normal", [z], Normal.cumulative(z), 1e-14), ("normal_quantile", [share], Normal.quantile(share), 1e-12),
                ("t", [z, freedom], central.cumulative(z), 1e-12), ("t_upper", [z, freedom], central.upper(z), 1e-12),
                ("t_quantile", [share, freedom], central.quantile(share), 1e-11),
                ("nct", [t, freedom, shift], noncentral.cumulative(t), 1e-12),
                ("nct_upper", [t, freedom, shift], noncentral.upper(t), 1e-12),
                ("nct_quad", [t, freedom, shift], noncentral.cumulative(t), 1e-12),
                ("nct_quantile", [0.95, freedom, shift], noncentral.quantile(0.95), 1e-11),
            ]
        }
        let asked = cases.map { [Item.text($0.name)] + $0.arguments.map { Item.number($0) } }
        let answers: [Double] = try Python.ask("Tests/statistics/oracle.py", asked, options: ["--points"])
        try #require(answers.count == cases.count)
        var worst: [String: Double] = [:]
        for (item, theirs) in zip(cases, answers) {
            let off = abs(item.ours - theirs) / max(1, abs(theirs))
            worst[item.name] = max(worst[item.name] ?? 0, off)
            #expect(off <= item.tolerance, "\(item.name) \(item.arguments): ours \(item.ours), SciPy \(theirs)")
        }
        print(
            "worst differences from SciPy:",
            worst.sorted { $0.key < $1.key }.map { "\($0.key) \(String(format: "%.1e", $0.value))" }.joined(separator: ", "))
    }
}
