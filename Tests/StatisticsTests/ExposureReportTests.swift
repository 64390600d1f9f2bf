import Foundation
import Kernel
import TestKit
import Testing

@testable import Statistics

@Suite struct ExposureReportTests {
    /// What can be answered is answered, the rest refused by itself.
    @Test func partsStandAlone() throws {
        let report = try ExposureGroup("<0.1 <0.1 <0.1").report(limit: 1)
        #expect(refusal { _ = try report.fit.get() } == "exposure.all-censored")
        #expect(refusal { _ = try report.percentile.get() } == "exposure.all-censored")
        #expect(refusal { _ = try report.lognormality.get() } == "exposure.censored")
        #expect(report.compliance.outcome == .complies && report.advice.further == .decided)
        #expect(isNear(report.bands.probabilities.reduce(0, +), 1, 1e-14))
    }

    /// The figures in a working are the figures of the answer, in both languages, and everything has one.
    @Test func workings() throws {
        for text in ["0.2 0.5 0.9 1.4 0.3 0.35 2.2", "0.2 0.5 <0.3 1.4 0.3 <0.1 2.2"] {
            let report = try ExposureGroup(text, unit: "f/mL").report(limit: 3)
            let (fit, percentile, exceedance) = (try report.fit.get(), try report.percentile.get(), try report.exceedance.get())
            func expect(_ working: [Bilingual], _ figures: [String]) {
                for language in [working.map(\.zh), working.map(\.en)] {
                    for figure in figures { #expect(language.joined(separator: "\n").contains(figure), "\(figure) in \(language)") }
                }
            }
            expect(fit.working, [figure(fit.geometricMean) + " f/mL", figure(fit.geometricDeviation), figure(fit.arithmeticMean)])
            expect(percentile.working, [figure(percentile.value), figure(percentile.upper), "95 %"])
            expect(exceedance.working, [percent(exceedance.value), percent(exceedance.lower), percent(exceedance.upper)])
            expect(report.bands.working, report.bands.probabilities.map(percent))
            expect(report.compliance.working, ["EN 689:2018", "KH", figure(report.compliance.upper?.upper ?? 0)])
            #expect(report.advice.working.count == 2)
        }
    }

    /// Every refusal of the room has its words in both languages, with the same parameters.
    @Test func words() throws {
        let folder = Repository.root.appendingPathComponent("Sources")
        let files = try FileManager.default.contentsOfDirectory(
            at: folder.appendingPathComponent("Statistics"), includingPropertiesForKeys: nil)
        let code = try files.filter { $0.pathExtension == "swift" }.map { try String(contentsOf: $0, encoding: .utf8) }.joined()
        let used = Set(code.matches(of: /"(exposure\.[a-z-]+)"/).map { String($0.output.1) })
        func words(_ language: String) throws -> [String: Set<String>] {
            let text = try String(
                contentsOf: folder.appendingPathComponent("Web/Words/\(language)-statistics.yaml"), encoding: .utf8)
            let pairs = text.matches(of: /(?m)^refusal\.([a-z.-]+): (.+)$/).map { match in
                (String(match.output.1), Set(match.output.2.matches(of: /\{\{([a-z]+)\}\}/).map { String($0.output.1) }))
            }
            return Dictionary(uniqueKeysWithValues: pairs)
        }
        let (zh, en) = (try words("zh"), try words("en"))
        #expect(used.count == 10 && Set(zh.keys) == used && zh == en, "\(used.symmetricDifference(zh.keys))")
    }
}
