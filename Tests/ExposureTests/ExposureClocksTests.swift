import Catalog
import Exposure
import Institutions
import Kernel
import Ledger
import Registry
import TestKit
import Testing

/// Cycles of evaluation and of highly toxic workplaces, and what follows a report, with days worked out by hand.
@Suite struct ExposureClocksTests {
    private func answer(_ name: String, _ records: [Record], on day: String) throws -> Hand.Answer {
        let measure = try #require(Exposure.feature.measures.first { $0.name == name })
        #expect(measure.isClock && measure.clause != nil)
        return Hand().count(measure, records, on: day)
    }
    private func states(_ name: String, _ records: [Record], on day: String) throws -> [String] {
        try answer(name, records, on: day).stretches.sorted { $0.subject < $1.subject }.map {
            ["\($0.subject) \($0.verdict.rawValue)", $0.reason].filter { !$0.isEmpty }.joined(separator: " ")
        }
    }
    private func employer(_ cells: [String: String]) -> Record {
        Hand.record(Employer.kind, "E1", ["name": "甲", "division": "330402"].merging(cells) { $1 })
    }
    private func hazard(_ factor: String, _ from: String?, id: String = "H1") -> Record {
        var cells = ["employer": "E1", "factor": factor, "post": "P1"]
        cells["from"] = from
        return Hand.record(EmployerHazard.kind, id, cells)
    }
    private func report(_ id: String, _ type: String, _ sampled: String, _ cells: [String: String] = ["institution": "I1"]) -> Record {
        Hand.record(TestReport.kind, id, ["employer": "E1", "type": type, "sampled": sampled].merging(cells) { $1 })
    }
    private func result(of report: String, _ factor: String) -> Record {
        Hand.record(TestResult.kind, "T-\(report)", ["report": report, "factor": factor, "post": "P1", "verdict": "pass"])
    }
    private let institution = [
        Hand.record(Institution.kind, "I1", ["name": "检测公司", "division": "330402"]),
        Hand.record(Qualification.kind, "L1", ["institution": "I1", "type": "testing", "from": "2015-01-01"]),
        Hand.record(Institution.kind, "I2", ["name": "无资质公司", "division": "330402"]),
    ]

    /// A tested post owes its results to the workers from the report on, without a last day, until they are put up there.
    @Test func resultsArePublishedToTheWorkers() throws {
        let name = "result_publication"
        func notice(_ id: String, _ type: String, _ day: String, post: String = "P1") -> Record {
            Hand.record(Notice.kind, id, ["employer": "E1", "post": post, "type": type, "day": day])
        }
        let tested =
            institution + [
                employer([:]), Hand.record(Post.kind, "P1", ["employer": "E1", "name": "岗"]),
                report("R1", "periodic", "2022-03-01", ["institution": "I1", "issued": "2022-03-20"]), result(of: "R1", "A001"),
            ]
        #expect(try states(name, tested, on: "2022-03-19") == [])
        #expect(try states(name, tested, on: "2022-03-20") == ["P1 pending"])
        #expect(try states(name, tested, on: "2030-01-01") == ["P1 pending"])
        // Another notice, another post, and one from before the report tell nobody of these results.
        let others = [
            notice("N1", "bulletin", "2022-04-01"), notice("N2", "test_result", "2022-03-19"),
            notice("N3", "test_result", "2022-04-01", post: "P2"),
        ]
        #expect(try states(name, tested + others, on: "2022-05-01") == ["P1 pending"])
        let told = tested + [notice("N4", "test_result", "2022-04-02")]
        #expect(try states(name, told, on: "2022-04-01") == ["P1 pending"])
        #expect(try states(name, told, on: "2022-04-02") == ["P1 met"])
        #expect(try states(name, told, on: "2023-01-01") == [])
        // The next report asks anew; a report that was not issued, or that names no post, asks nothing.
        let again = told + [report("R2", "periodic", "2022-09-01", ["issued": "2022-09-30"]), result(of: "R2", "A001")]
        #expect(try states(name, again, on: "2022-09-29") == ["P1 met"])
        #expect(try states(name, again, on: "2022-09-30") == ["P1 pending"])
        #expect(
            try states(
                name, institution + [employer([:]), report("R3", "periodic", "2022-03-01"), result(of: "R3", "A001")], on: "2023-01-01")
                == [])
    }

    /// Severe hazards from 1 May 2022: the first evaluation within three years, then one every three years.
    @Test func statusEvaluation() throws {
        let name = "status_evaluation"
        let bare = institution + [employer(["severity": "severe"]), hazard("A001", "2022-05-01")]
        #expect(try states(name, bare, on: "2022-04-30") == ["E1 unknown hazards.unknown"])
        #expect(try states(name, bare, on: "2025-04-30") == ["E1 pending"])
        #expect(try states(name, bare, on: "2025-05-01") == ["E1 unmet evaluation.none"])
        let evaluated = bare + [report("R1", "evaluation", "2023-06-15")]
        #expect(try states(name, evaluated, on: "2023-06-15") == ["E1 met"])
        #expect(try states(name, evaluated, on: "2026-06-14") == ["E1 met"])
        #expect(try states(name, evaluated, on: "2026-06-15") == ["E1 unmet evaluation.overdue"])
        // A periodic test is no evaluation; an institution must be named and qualified.
        #expect(try states(name, bare + [report("R1", "periodic", "2025-04-01")], on: "2025-06-01") == ["E1 unmet evaluation.none"])
        let unqualified = bare + [report("R1", "evaluation", "2025-05-15", ["institution": "I2"])]
        #expect(try states(name, unqualified, on: "2025-06-01") == ["E1 unmet testing.unqualified"])
        #expect(
            try states(name, bare + [report("R1", "evaluation", "2025-05-15", [:])], on: "2025-06-01") == ["E1 unknown institution.unknown"]
        )
    }

    @Test func statusEvaluationBySeverity() throws {
        let name = "status_evaluation"
        let hazards = institution + [hazard("A001", nil)]
        #expect(try states(name, hazards + [employer(["severity": "general"])], on: "2025-06-01") == [])
        #expect(try states(name, hazards + [employer([:])], on: "2025-06-01") == ["E1 unknown severity.unknown"])
        #expect(try states(name, hazards + [employer([:]), report("R1", "evaluation", "2025-05-15")], on: "2025-06-01") == ["E1 met"])
        // Always hazardous and severe: Order 47 of 2012 began the first three years.
        let always = hazards + [employer(["severity": "severe"])]
        #expect(try states(name, always, on: "2012-05-31") == [])
        #expect(try states(name, always, on: "2015-05-31") == ["E1 pending"])
        #expect(try states(name, always, on: "2015-06-01") == ["E1 unmet evaluation.none"])
        // Severe since 10 January 2024.
        let change = Hand.record(EmployerChange.kind, "C1", ["employer": "E1", "day": "2024-01-10", "severity": "severe"])
        let became = hazards + [employer(["severity": "general"]), change]
        #expect(try states(name, became, on: "2024-01-09") == [])
        #expect(try states(name, became, on: "2027-01-09") == ["E1 pending"])
        #expect(try states(name, became, on: "2027-01-10") == ["E1 unmet evaluation.none"])
        #expect(try states(name, [employer(["severity": "severe", "hazards": "0"])], on: "2025-06-01") == [])
    }

    /// Benzene (B028) is highly toxic: a test a month, of any kind, at the post and of the factor. Of the anilines (B041) only some are.
    @Test func highToxicTest() throws {
        let name = "high_toxic_test"
        let benzene = institution + [employer([:]), hazard("B028", "2026-01-01")]
        #expect(try states(name, benzene, on: "2026-01-31") == ["P1|B028 pending"])
        #expect(try states(name, benzene, on: "2026-02-01") == ["P1|B028 unmet testing.none"])
        let tested = benzene + [report("R1", "daily", "2026-01-31"), result(of: "R1", "B028")]
        #expect(try states(name, tested, on: "2026-02-27") == ["P1|B028 met"])
        #expect(try states(name, tested, on: "2026-02-28") == ["P1|B028 unmet testing.overdue"])
        let other = benzene + [report("R1", "daily", "2026-01-31"), result(of: "R1", "A001")]
        #expect(try states(name, other, on: "2026-02-27") == ["P1|B028 unmet testing.none"])
        let aniline = [employer([:]), hazard("B041", "2026-01-01")]
        #expect(try states(name, aniline, on: "2026-02-01") == ["P1|B041 unknown high-toxic.unknown"])
        // Dust is not on the list.
        #expect(try states(name, [employer([:]), hazard("A001", "2026-01-01")], on: "2026-02-01") == [])
        // Closed: nothing is owed.
        #expect(try states(name, [employer(["until": "2026-01-20"]), hazard("B028", "2026-01-01")], on: "2026-02-01") == [])
    }

    @Test func highToxicEvaluation() throws {
        let name = "high_toxic_evaluation"
        let benzene = institution + [employer([:]), hazard("B028", "2026-01-01")]
        #expect(try states(name, benzene, on: "2026-06-30") == ["E1 pending"])
        #expect(try states(name, benzene, on: "2026-07-01") == ["E1 unmet evaluation.none"])
        #expect(try states(name, benzene + [report("R1", "evaluation", "2026-03-10")], on: "2026-09-09") == ["E1 met"])
        #expect(try states(name, benzene + [report("R1", "evaluation", "2026-03-10")], on: "2026-09-10") == ["E1 unmet evaluation.overdue"])
        let aniline = institution + [employer([:]), hazard("B041", "2026-01-01")]
        #expect(try states(name, aniline, on: "2026-07-01") == ["E1 unknown high-toxic.unknown"])
        // With benzene from March on it is certain.
        let both = aniline + [hazard("B028", "2026-03-01", id: "H2")]
        #expect(try states(name, both, on: "2026-08-31") == ["E1 pending"])
        #expect(try states(name, both, on: "2026-09-01") == ["E1 unmet evaluation.none"])
    }

    /// Issued on Friday 13 February 2026: fifteen working days end on 12 March, twenty on the 19th. Owed by the institution.
    @Test func stepsAfterAReport() throws {
        func issued(_ day: String?, _ steps: [(String, String)] = []) -> [Record] {
            var cells = ["institution": "I1"]
            cells["issued"] = day
            let following = steps.map { step, day in
                Hand.record(ReportStep.kind, "Z-\(step)", ["report": "R1", "step": step, "day": day])
            }
            return institution + [employer([:]), report("R1", "periodic", "2025-02-01", cells)] + following
        }
        #expect(try states("test_information", issued("2026-02-13"), on: "2026-03-12") == ["R1 pending"])
        #expect(try states("test_information", issued("2026-02-13"), on: "2026-03-13") == ["R1 unmet clock.overdue"])
        #expect(try states("test_publication", issued("2026-02-13"), on: "2026-03-19") == ["R1 pending"])
        #expect(try states("test_publication", issued("2026-02-13"), on: "2026-03-20") == ["R1 unmet clock.overdue"])
        #expect(try answer("test_publication", issued("2026-02-13"), on: "2026-03-20").stretches.map(\.debtor) == ["I1"])
        let published = issued("2026-02-13", [("publication", "2026-03-19")])
        #expect(try states("test_publication", published, on: "2026-03-19") == ["R1 met"])
        #expect(try states("test_information", published, on: "2026-03-19") == ["R1 unmet clock.overdue"])
        // Before the standard no period was set; not issued, nothing is owed; published without a day of issue, nobody knows.
        #expect(try states("test_publication", issued("2025-04-30"), on: "2026-03-20") == [])
        #expect(try states("test_publication", issued(nil), on: "2026-03-20") == [])
        #expect(
            try states("test_publication", issued(nil, [("publication", "2026-03-19")]), on: "2026-03-19")
                == ["R1 unknown clock.start-unknown"])
    }

    /// What a declaration is compared with: the factors of periodic tests and evaluations, from the day of their delivery.
    @Test func testedFactors() throws {
        let rules = Dictionary(uniqueKeysWithValues: Exposure.feature.findings.map { ($0.name, $0) })
        func found(_ name: String, _ records: [Record]) throws -> [String] {
            let file = try #require(Book(records, divisions: Hand.catalog.divisions, findings: rules).file("E1"))
            return file.findings(name, Terms(catalog: Hand.catalog)).map { "\($0.record) \($0.code) \($0.span.from)" }
        }
        let records = [
            employer([:]), report("R1", "periodic", "2026-01-20", ["issued": "2026-02-03"]), result(of: "R1", "B028"),
            report("R2", "supervision", "2026-01-20"), result(of: "R2", "A001"),
        ]
        let delivered = Hand.record(ReportStep.kind, "Z1", ["report": "R1", "step": "delivered", "day": "2026-02-10"])
        #expect(try found("exposure.tested", records) == [])
        #expect(try found("exposure.tested-unreceived", records) == ["R1 B028 2026-02-03"])
        #expect(try found("exposure.tested", records + [delivered]) == ["R1 B028 2026-02-10"])
        #expect(try found("exposure.tested-unreceived", records + [delivered]) == [])
    }
}
