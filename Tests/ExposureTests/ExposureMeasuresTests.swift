import Catalog
import Exposure
import Institutions
import Kernel
import Ledger
import Registry
import TestKit
import Testing

/// Periodic testing and pass rates, with small files whose counts are worked out by hand: [met, unmet, unknown].
@Suite struct ExposureMeasuresTests {
    private func answer(
        _ name: String, _ records: [Record], on day: String, unit: String? = nil, with overrides: [String: String] = [:],
        features: [Feature] = []
    ) throws -> Hand.Answer {
        let measure = try #require(Exposure.feature.measures.first { $0.name == name })
        return Hand([Exposure.feature] + features).count(measure, records, on: day, unit: unit, with: overrides)
    }
    private func employer(_ id: String, _ cells: [String: String] = [:]) -> Record {
        Hand.record(Employer.kind, id, ["name": id, "division": "330402"].merging(cells) { $1 })
    }
    private func hazard(
        _ id: String, of employer: String, _ factor: String, at post: String? = nil, _ cells: [String: String] = [:]
    ) -> Record {
        var all = ["employer": employer, "factor": factor].merging(cells) { $1 }
        all["post"] = post
        return Hand.record(EmployerHazard.kind, id, all)
    }
    private func report(
        _ id: String, of employer: String, _ sampled: String, by institution: String? = "I1", _ type: String = "periodic"
    ) -> Record {
        var all = ["employer": employer, "type": type, "sampled": sampled]
        all["institution"] = institution
        return Hand.record(TestReport.kind, id, all)
    }
    private func result(
        _ id: String, of report: String, _ factor: String, at post: String? = nil, _ cells: [String: String] = ["verdict": "pass"]
    ) -> Record {
        var all = ["report": report, "factor": factor].merging(cells) { $1 }
        all["post"] = post
        return Hand.record(TestResult.kind, id, all)
    }
    /// I1 is qualified from 2019-01-01 until 2024-01-01; I2 never was.
    private var institutions: [Record] {
        [
            Hand.record(Institution.kind, "I1", ["name": "I1", "division": "330402"]),
            Hand.record(Qualification.kind, "Q1", ["institution": "I1", "type": "testing", "from": "2019-01-01", "until": "2024-01-01"]),
            Hand.record(Institution.kind, "I2", ["name": "I2", "division": "330402"]),
        ]
    }

    /// E1, severe, with dust at P1 since always: tested by I1 on 2021-03-10, so met through 2022-03-09.
    @Test func severeCycle() throws {
        let records =
            institutions + [
                employer("E1", ["severity": "severe"]), hazard("H1", of: "E1", "A001", at: "P1"), report("R1", of: "E1", "2021-03-10"),
                result("T1", of: "R1", "A001", at: "P1"),
            ]
        func ask(_ day: String) throws -> Hand.Answer { try answer("periodic_testing_rate", records, on: day) }
        #expect(try ask("2021-03-09").columns == [0, 1, 0])
        #expect(try ask("2021-03-09").stretches.map(\.reason) == ["testing.none"])
        #expect(try ask("2021-03-10").columns == [1, 0, 0])
        #expect(try ask("2021-03-10").stretches.map(\.record) == ["R1"])
        #expect(try ask("2022-03-09").columns == [1, 0, 0])
        let overdue = try ask("2022-03-10")
        #expect(overdue.columns == [0, 1, 0])
        #expect(overdue.stretches.map { [$0.subject, $0.debtor, $0.reason, $0.record] } == [["E1", "E1", "testing.overdue", "R1"]])
        // Of general severity the cycle is 36 months: through 2024-03-09. A change of severity on 2023-01-01 changes the cycle that day.
        let changed = records + [Hand.record(EmployerChange.kind, "C1", ["employer": "E1", "day": "2023-01-01", "severity": "general"])]
        #expect(try answer("periodic_testing_rate", changed, on: "2022-12-31").columns == [0, 1, 0])
        #expect(try answer("periodic_testing_rate", changed, on: "2023-01-01").columns == [1, 0, 0])
        #expect(try answer("periodic_testing_rate", changed, on: "2024-03-09").columns == [1, 0, 0])
        #expect(try answer("periodic_testing_rate", changed, on: "2024-03-10").columns == [0, 1, 0])
    }

    /// Blank severity: after 12 months the cycles differ and nothing can be told, after 36 both say no.
    @Test func unknownSeverity() throws {
        let records =
            institutions + [
                employer("E1"), hazard("H1", of: "E1", "A001"), report("R1", of: "E1", "2021-03-10"),
                result("T1", of: "R1", "A001", at: "P9"),
            ]
        func ask(_ day: String) throws -> Hand.Answer { try answer("periodic_testing_rate", records, on: day) }
        #expect(try ask("2022-03-09").columns == [1, 0, 0])
        #expect(try ask("2022-03-10").columns == [0, 0, 1])
        #expect(try ask("2022-03-10").stretches.map(\.reason) == ["severity.unknown"])
        #expect(try ask("2024-03-09").columns == [0, 0, 1])
        #expect(try ask("2024-03-10").columns == [0, 1, 0])
    }

    /// Dust at P1 and noise at P2, general. R1 tests dust at P1, R2 noise without a post (all posts). Units: 1 employer, 2 posts, 2 pairs.
    @Test func parts() throws {
        let records =
            institutions + [
                employer("E1", ["severity": "general"]), hazard("H1", of: "E1", "A001", at: "P1"), hazard("H2", of: "E1", "C001", at: "P2"),
                report("R1", of: "E1", "2021-03-10"), result("T1", of: "R1", "A001", at: "P1"), result("T2", of: "R1", "C001", at: "P1"),
                report("R2", of: "E1", "2021-05-10", by: "I1", "evaluation"), result("T3", of: "R2", "C001"),
            ]
        // Noise at P1 says nothing of P2.
        #expect(try answer("periodic_testing_rate", records, on: "2021-05-09").columns == [0, 1, 0])
        #expect(try answer("periodic_testing_rate", records, on: "2021-05-09", unit: "post").subjects(.met) == ["P1"])
        #expect(try answer("periodic_testing_rate", records, on: "2021-05-09", unit: "post-factor").subjects(.unmet) == ["P2|C001"])
        #expect(try answer("periodic_testing_rate", records, on: "2021-05-10").columns == [1, 0, 0])
        #expect(try answer("periodic_testing_rate", records, on: "2021-05-10", unit: "post-factor").columns == [2, 0, 0])
        // A part without a post is named by the employer.
        let anywhere = institutions + [employer("E1", ["severity": "general"]), hazard("H1", of: "E1", "A001")]
        #expect(try answer("periodic_testing_rate", anywhere, on: "2021-05-10", unit: "post-factor").subjects(.unmet) == ["E1|A001"])
        #expect(try answer("periodic_testing_rate", anywhere, on: "2021-05-10", unit: "post").subjects(.unmet) == ["E1"])
        // Gone on 2021-06-01: nothing is left to test, and the attribute says that there are no hazards.
        let gone =
            institutions + [
                employer("E1", ["severity": "general", "hazards": "0"]), hazard("H1", of: "E1", "A001", at: "P1", ["until": "2021-06-01"]),
            ]
        #expect(try answer("periodic_testing_rate", gone, on: "2021-05-31").columns == [0, 1, 0])
        #expect(try answer("periodic_testing_rate", gone, on: "2021-06-01").columns == [0, 0, 0])
    }

    /// A hazard from 2021-01-15, severe: nothing is owed before 2022-01-15. A blank institution makes it unknown, an unqualified one unmet.
    @Test func graceAndInstitutions() throws {
        let base =
            institutions + [employer("E1", ["severity": "severe"]), hazard("H1", of: "E1", "A001", at: "P1", ["from": "2021-01-15"])]
        #expect(try answer("periodic_testing_rate", base, on: "2021-01-14").count.pending == 0)
        let pending = try answer("periodic_testing_rate", base, on: "2022-01-14")
        #expect(pending.columns == [0, 0, 0] && pending.count.pending == 1)
        #expect(try answer("periodic_testing_rate", base, on: "2022-01-15").columns == [0, 1, 0])
        let blank = base + [report("R1", of: "E1", "2022-02-01", by: nil), result("T1", of: "R1", "A001", at: "P1")]
        #expect(try answer("periodic_testing_rate", blank, on: "2022-01-31").columns == [0, 1, 0])
        let unknown = try answer("periodic_testing_rate", blank, on: "2022-02-01")
        #expect(unknown.columns == [0, 0, 1])
        #expect(unknown.stretches.map { [$0.reason, $0.record] } == [["institution.unknown", "R1"]])
        let other = blank + [report("R2", of: "E1", "2022-03-01"), result("T2", of: "R2", "A001")]
        #expect(try answer("periodic_testing_rate", other, on: "2022-03-01").columns == [1, 0, 0])
        let unqualified = base + [report("R1", of: "E1", "2022-02-01", by: "I2"), result("T1", of: "R1", "A001", at: "P1")]
        #expect(try answer("periodic_testing_rate", unqualified, on: "2022-02-01").stretches.map(\.reason) == ["testing.unqualified"])
        // I1's qualification ended on 2024-01-01: a sample of that day does not count, one of the day before does.
        for (day, counts) in [("2023-12-31", [1, 0, 0]), ("2024-01-01", [0, 1, 0])] {
            let late = base + [report("R1", of: "E1", day), result("T1", of: "R1", "A001", at: "P1")]
            #expect(try answer("periodic_testing_rate", late, on: "2024-02-01").columns == counts)
        }
        // Supervision tests are not the employer's own.
        let supervision = base + [report("R1", of: "E1", "2022-02-01", by: "I1", "supervision"), result("T1", of: "R1", "A001", at: "P1")]
        #expect(try answer("periodic_testing_rate", supervision, on: "2022-02-01").columns == [0, 1, 0])
    }

    /// E1 has hazards by its attribute only, E2 nobody knows, E3 none, E4 with dust is merged into E1 on paper.
    @Test func unknownFactors() throws {
        let records =
            institutions + [
                employer("E1", ["hazards": "1"]), employer("E2"), employer("E3", ["hazards": "0"]), employer("E4"),
                hazard("H4", of: "E4", "A001"),
            ]
        let answer1 = try answer("periodic_testing_rate", records, on: "2021-06-01")
        #expect(answer1.columns == [0, 1, 2])
        #expect(answer1.stretches.filter { $0.verdict == .unknown }.map(\.reason).sorted() == ["factors.unknown", "hazards.unknown"])
        let merged = records + [Hand.record(Merge.kind, "M1", ["employer_kept": "E1", "employer_dropped": "E4", "reason": "同一单位"])]
        #expect(try answer("periodic_testing_rate", merged, on: "2021-06-01").columns == [0, 1, 1])
        let closed = records + [Hand.record(EmployerChange.kind, "C1", ["employer": "E1", "day": "2021-06-01", "closed": "1"])]
        #expect(try answer("periodic_testing_rate", closed, on: "2021-05-31").columns == [0, 1, 2])
        #expect(try answer("periodic_testing_rate", closed, on: "2021-06-01").columns == [0, 1, 1])
    }

    /// 2021-03-10: dust at P1 twice (one by figures, exceeding), noise at P1 passes, a factor of the employer without figures.
    /// 2021-09-01: dust at P1 passes and replaces March. From 2022 nothing of the year is there.
    private var tested: [Record] {
        [
            employer("E1", ["hazards": "0"]), report("R1", of: "E1", "2021-03-10", by: nil, "daily"),
            result("T1", of: "R1", "A001", at: "P1"),
            result("T2", of: "R1", "A001", at: "P1", ["value": "1.01", "limit": "1"]),
            result("T3", of: "R1", "C001", at: "P1", ["value": "85", "limit": "85"]),
            result("T4", of: "R1", "B001", at: nil, ["value": "3"]), report("R2", of: "E1", "2021-09-01"),
            result("T5", of: "R2", "A001", at: "P1"),
        ]
    }
    @Test func testingPassRate() throws {
        func ask(_ day: String, _ unit: String? = nil) throws -> Hand.Answer {
            try answer("testing_pass_rate", tested, on: day, unit: unit)
        }
        #expect(try ask("2021-03-09").columns == [0, 0, 0])
        let spring = try ask("2021-03-10")
        #expect(spring.columns == [1, 1, 1])
        #expect(spring.subjects(.met) == ["P1|C001"] && spring.subjects(.unmet) == ["P1|A001"] && spring.subjects(.unknown) == ["E1|B001"])
        #expect(spring.stretches.first { $0.verdict == .unmet }.map { [$0.reason, $0.record] } == ["exceeds", "T2"])
        #expect(try ask("2021-08-31").columns == [1, 1, 1])
        #expect(try ask("2021-09-01").columns == [2, 0, 1])
        #expect(try ask("2021-12-31").columns == [2, 0, 1])
        #expect(try ask("2022-01-01").columns == [0, 0, 0])
        #expect(Figure(.rate, try ask("2022-01-01").count).state == .notApplicable)
        // Each result: T1 T3 pass, T2 exceeds, T4 unknown; from September T5 stands for T1 and T2.
        #expect(try ask("2021-03-10", "point").columns == [2, 1, 1])
        #expect(try ask("2021-09-01", "point").subjects(.met) == ["T3", "T5"])
        // The employer: exceeds in March, unknown from September.
        #expect(try ask("2021-03-10", "employer").columns == [0, 1, 0])
        #expect(try ask("2021-09-01", "employer").columns == [0, 0, 1])
        // Closed from 2021-10-01.
        let closed = tested + [Hand.record(EmployerChange.kind, "C1", ["employer": "E1", "day": "2021-10-01", "closed": "1"])]
        #expect(try answer("testing_pass_rate", closed, on: "2021-09-30").columns == [2, 0, 1])
        #expect(try answer("testing_pass_rate", closed, on: "2021-10-01").columns == [0, 0, 0])
    }

    /// Of the same file, E1 in the campaign from 2021-04-01: dust fails at P1 until September, noise passes, the chemical is unknown.
    @Test func postPassRate() throws {
        let since = try #require(Day("2021-04-01"))
        let campaign = Feature(
            "Stub", kinds: [],
            findings: [
                FindingRule("improvement.in-campaign", in: Employer.kind) { file, _ in
                    file.id == "E1" ? [Finding(Span(since), record: "G1")] : []
                }
            ])
        func ask(_ day: String, _ group: String, everyone: Bool = false) throws -> [Int] {
            let with = everyone ? ["group": group, "everyone": "true"] : ["group": group]
            return try answer("post_pass_rate", tested, on: day, with: with, features: [campaign]).columns
        }
        #expect(try ask("2021-03-31", "dust") == [0, 0, 0])
        #expect(try ask("2021-03-31", "dust", everyone: true) == [0, 1, 0])
        #expect(try ask("2021-04-01", "dust") == [0, 1, 0])
        #expect(try ask("2021-09-01", "dust") == [1, 0, 0])
        #expect(try ask("2021-04-01", "noise") == [1, 0, 0])
        #expect(try ask("2021-04-01", "chemical") == [0, 0, 1])
        #expect(try ask("2022-01-01", "dust") == [0, 0, 0])
        let dust = try answer("post_pass_rate", tested, on: "2021-09-01", with: ["group": "dust"], features: [campaign])
        #expect(dust.subjects(.met) == ["P1"] && dust.groups.keys.sorted() == ["dust"])
        #expect(try answer("post_pass_rate", tested, on: "2021-09-01", features: [campaign]).columns == [0, 0, 0])
        // Two dusts at one post: both must pass.
        let two = tested + [result("T6", of: "R2", "A002", at: "P1", ["verdict": "exceed"])]
        #expect(try answer("post_pass_rate", two, on: "2021-09-01", with: ["group": "dust"], features: [campaign]).columns == [0, 1, 0])
    }

    /// Exceedances last from the sampling day for 36 months, of dust, chemical factors and noise only.
    @Test func exceedances() throws {
        let records = [
            employer("E1"), report("R1", of: "E1", "2021-03-10"), result("T1", of: "R1", "A001", at: "P1", ["verdict": "exceed"]),
            result("T2", of: "R1", "B001", at: "P1", ["value": "2", "limit": "1"]),
            result("T3", of: "R1", "C001", at: "P1", ["verdict": "exceed"]),
            result("T4", of: "R1", "C002", at: "P1", ["verdict": "exceed"]), result("T5", of: "R1", "A002", at: "P1"),
        ]
        let rules = Dictionary(uniqueKeysWithValues: Exposure.feature.findings.map { ($0.name, $0) })
        let file = try #require(Book(records, divisions: Hand.catalog.divisions, findings: rules).file("E1"))
        let found = file.findings("exposure.exceedance", Terms(catalog: Hand.catalog))
        #expect(found.map(\.record) == ["T1", "T2", "T3"])
        #expect(found.map(\.code) == ["A001", "B001", "C001"])
        #expect(found.first?.span == Span(try #require(Day("2021-03-10")), try #require(Day("2024-03-10"))))
    }
}

extension Hand.Answer {
    /// [met, unmet, unknown]
    fileprivate var columns: [Int] { [count.met, count.unmet, count.unknown] }
}
