import Enforcement
import Institutions
import Kernel
import Ledger
import Registry
import TestKit
import Testing

/// Inspections, cases, grades and incidents, with small files whose counts are worked out by hand: [met, unmet, unknown].
@Suite struct EnforcementMeasuresTests {
    private func answer(
        _ name: String, _ records: [Record], on day: String, with overrides: [String: String] = [:], in place: String = "330400",
        features: [Feature] = []
    ) throws -> Hand.Answer {
        let measure = try #require(Enforcement.feature.measures.first { $0.name == name })
        return Hand([Enforcement.feature] + features).count(measure, records, on: day, with: overrides, in: place)
    }
    private func employer(_ id: String, _ cells: [String: String] = [:]) -> Record {
        Hand.record(Employer.kind, id, ["name": id, "division": "330402"].merging(cells) { $1 })
    }
    private func inspection(_ id: String, of employer: String, _ day: String) -> Record {
        Hand.record(Inspection.kind, id, ["employer": employer, "day": day])
    }

    /// E1 hazards, inspected 2021-04-10; E2 hazards, never; E3 and E4 unknown, E4 inspected the same day; E5 none, inspected: out.
    @Test func supervision() throws {
        let records = [
            employer("E1", ["hazards": "1"]), employer("E2", ["hazards": "1", "until": "2021-11-01"]), employer("E3"), employer("E4"),
            employer("E5", ["hazards": "0"]), inspection("N1", of: "E1", "2021-04-10"), inspection("N4", of: "E4", "2021-04-10"),
            inspection("N5", of: "E5", "2021-04-10"),
            Hand.record(Institution.kind, "I1", ["name": "I1", "division": "330402", "until": "2021-12-01"]),
            Hand.record(Inspection.kind, "N6", ["institution": "I1", "day": "2021-06-01"]),
        ]
        for name in ["supervision_coverage", "enforcement_coverage_trend"] {
            #expect(try answer(name, records, on: "2021-04-09").columns == [0, 2, 2])
            let spring = try answer(name, records, on: "2021-04-10")
            #expect(spring.columns == [2, 1, 1])
            #expect(spring.stretches.map(\.reason).sorted() == ["", "", "hazards.unknown", "inspection.none"])
            #expect(spring.stretches.allSatisfy { $0.debtor.isEmpty })
            #expect(try answer(name, records, on: "2021-11-01").columns == [2, 0, 1])
            #expect(try answer(name, records, on: "2021-12-31").columns == [2, 0, 1])
            #expect(try answer(name, records, on: "2022-01-01").columns == [0, 1, 2])
            // With institutions: I1 stands from always until 2021-12-01, inspected on 2021-06-01.
            let too = ["institutions": "true"]
            #expect(try answer(name, records, on: "2021-05-31", with: too).columns == [2, 2, 1])
            #expect(try answer(name, records, on: "2021-06-01", with: too).columns == [3, 1, 1])
            #expect(try answer(name, records, on: "2021-12-01", with: too).columns == [2, 0, 1])
        }
        // An inspection of a merged employer is the kept one's.
        let merged = records + [Hand.record(Merge.kind, "M1", ["employer_kept": "E2", "employer_dropped": "E1", "reason": "同一单位"])]
        #expect(try answer("supervision_coverage", merged, on: "2021-04-10").columns == [2, 0, 1])
        #expect(
            Figure(.rate, try answer("supervision_coverage", [employer("E5", ["hazards": "0"])], on: "2021-04-10").count).state
                == .notApplicable)
    }

    /// New cases at E1 on 2021-03-01 and 2021-10-20; 90 days end on 2021-05-30 and in 2022. Inspected never, on the last day, a day late.
    @Test func newCases() throws {
        let days = try ["2021-03-01", "2021-10-20"].map { try #require(Day($0)) }
        let diagnosis = Feature(
            "Stub", kinds: [],
            findings: [
                FindingRule("diagnosis.new-case", in: Employer.kind) { file, _ in
                    days.map { Finding(Span($0, .firstDay(of: 2022)), record: "D\($0.month)") }
                }
            ])
        func ask(_ day: String, _ inspections: [Record] = []) throws -> Hand.Answer {
            try answer("newcase_employer_enforcement", [employer("E1", ["hazards": "0"])] + inspections, on: day, features: [diagnosis])
        }
        #expect(try ask("2021-02-28").stretches.isEmpty)
        #expect(try ask("2021-03-01").count.pending == 1)
        let last = try ask("2021-05-30")
        #expect(last.columns == [0, 0, 0] && last.count.pending == 1)
        let late = try ask("2021-05-31")
        #expect(late.columns == [0, 1, 0])
        #expect(late.stretches.map { [$0.reason, $0.record] } == [["newcase.uninspected", "D3"]])
        #expect(try ask("2022-01-01").stretches.isEmpty)
        let onLastDay = [inspection("N1", of: "E1", "2021-05-30")]
        #expect(try ask("2021-05-29", onLastDay).columns == [0, 0, 0])
        #expect(try ask("2021-05-30", onLastDay).columns == [1, 0, 0])
        // The second case is not yet due and does not count; the first still stands for the employer.
        #expect(try ask("2021-10-20", onLastDay).columns == [1, 0, 0])
        #expect(try ask("2021-05-31", [inspection("N1", of: "E1", "2021-05-31")]).columns == [0, 1, 0])
        #expect(try ask("2021-03-01", [inspection("N1", of: "E1", "2021-02-28")]).count.pending == 1)
        // With a delay of 10 days the second case is overdue from 2021-10-31.
        let short = ["newcase.delay_days": "10"]
        let files = [employer("E1"), inspection("N1", of: "E1", "2021-03-11")]
        #expect(
            try answer("newcase_employer_enforcement", files, on: "2021-10-30", with: short, features: [diagnosis]).columns == [1, 0, 0])
        #expect(
            try answer("newcase_employer_enforcement", files, on: "2021-10-31", with: short, features: [diagnosis]).columns == [0, 1, 0])
    }

    /// E1 graded by scheme A from 2021-02-01 until 2022-02-01, E2 hazards ungraded, E3 unknown.
    @Test func grades() throws {
        let records = [
            employer("E1", ["hazards": "1"]), employer("E2", ["hazards": "1"]), employer("E3"),
            Hand.record(Grade.kind, "G1", ["employer": "E1", "scheme": "A", "label": "甲", "from": "2021-02-01", "until": "2022-02-01"]),
        ]
        #expect(try answer("grading_coverage", records, on: "2021-01-31").columns == [0, 2, 1])
        #expect(try answer("grading_coverage", records, on: "2021-02-01").columns == [1, 1, 1])
        #expect(try answer("grading_coverage", records, on: "2022-01-31").columns == [1, 1, 1])
        #expect(try answer("grading_coverage", records, on: "2022-02-01").columns == [0, 2, 1])
        #expect(try answer("grading_coverage", records, on: "2021-02-01", with: ["grade.scheme": "A"]).columns == [1, 1, 1])
        #expect(try answer("grading_coverage", records, on: "2021-02-01", with: ["grade.scheme": "B"]).columns == [0, 2, 1])
    }

    /// Found 2021-03-01, due 2021-05-30 (90 days).
    @Test func cases() throws {
        func violation(_ found: String, _ decided: String? = nil, severity: String? = "general", division: String = "330402") -> Record {
            var cells = ["division": division, "found": found]
            (cells["decided"], cells["outcome"], cells["severity"]) = (decided, decided == nil ? nil : "penalty", severity)
            return Hand.record(Case.kind, "V1", cells)
        }
        func ask(_ record: Record, _ day: String, _ name: String = "violation_case_handling_rate") throws -> [Int] {
            try answer(name, [record], on: day).columns
        }
        let open = violation("2021-03-01")
        #expect(try answer("violation_case_handling_rate", [open], on: "2021-05-29").count.pending == 1)
        #expect(try ask(open, "2021-05-29") == [0, 0, 0])
        #expect(try ask(open, "2021-05-30") == [0, 1, 0])
        #expect(try ask(open, "2021-12-31") == [0, 1, 0])
        #expect(try ask(open, "2022-01-01") == [0, 0, 0])
        // Decided before the period ends: counts from then. Decided late: unmet until then.
        #expect(try ask(violation("2021-03-01", "2021-04-10"), "2021-04-09") == [0, 0, 0])
        #expect(try ask(violation("2021-03-01", "2021-04-10"), "2021-04-10") == [1, 0, 0])
        #expect(try ask(violation("2021-03-01", "2021-07-10"), "2021-07-09") == [0, 1, 0])
        #expect(try ask(violation("2021-03-01", "2021-07-10"), "2021-07-10") == [1, 0, 0])
        #expect(try ask(violation("2021-03-01", "2022-02-01"), "2021-12-31") == [0, 1, 0])
        #expect(try ask(violation("2021-03-01", "2022-02-01"), "2022-02-01") == [0, 0, 0])
        // Found 2020-12-01, due 2021-03-01: decided in December it counts in 2020 only, decided in January in 2021.
        #expect(try ask(violation("2020-12-01", "2020-12-20"), "2020-12-31") == [1, 0, 0])
        #expect(try ask(violation("2020-12-01", "2020-12-20"), "2021-03-01") == [0, 0, 0])
        #expect(try ask(violation("2020-12-01", "2021-01-05"), "2021-01-05") == [1, 0, 0])
        #expect(try ask(violation("2020-12-01"), "2020-12-31") == [0, 0, 0])
        // Another city's case is not ours.
        #expect(try ask(violation("2021-03-01", division: "330502"), "2021-06-01") == [0, 0, 0])
        // Severe: general is out, blank cannot be told.
        #expect(try ask(open, "2021-06-01", "severe_case_handling_rate") == [0, 0, 0])
        #expect(try ask(violation("2021-03-01", severity: "severe"), "2021-06-01", "severe_case_handling_rate") == [0, 1, 0])
        let blank = try answer("severe_case_handling_rate", [violation("2021-03-01", severity: nil)], on: "2021-06-01")
        #expect(blank.count.met == 0 && blank.count.unmet == 0 && blank.count.scopeUnmet == 1)
        #expect(blank.stretches.map(\.reason) == ["severity.unknown"])
        #expect(Figure(.rate, try answer("severe_case_handling_rate", [open], on: "2021-06-01").count).state == .notApplicable)
    }

    /// I1 may test (all of 2021) and examine (to 2021-07-01) and is inspected on 2021-05-01; I2 may only rehabilitate.
    @Test func institutions() throws {
        func qualification(_ id: String, _ institution: String, _ type: String, _ until: String? = nil) -> Record {
            var cells = ["institution": institution, "type": type, "from": "2021-01-01"]
            cells["until"] = until
            return Hand.record(Qualification.kind, id, cells)
        }
        let records = [
            Hand.record(Institution.kind, "I1", ["name": "I1", "division": "330402", "until": "2021-12-01"]),
            Hand.record(Institution.kind, "I2", ["name": "I2", "division": "330402"]), qualification("Q1", "I1", "testing"),
            qualification("Q2", "I1", "exam", "2021-07-01"), qualification("Q3", "I2", "rehab"),
            Hand.record(Inspection.kind, "N1", ["institution": "I1", "day": "2021-05-01"]),
        ]
        func ask(_ day: String) throws -> Hand.Answer { try answer("institution_inspection_coverage", records, on: day) }
        #expect(try ask("2020-12-31").columns == [0, 0, 0])
        #expect(try ask("2021-04-30").columns == [0, 2, 0])
        let inspected = try ask("2021-05-01")
        #expect(inspected.columns == [2, 0, 0])
        #expect(inspected.subjects(.met) == ["I1|exam", "I1|testing"])
        #expect(inspected.groups["exam"]?.met == 1 && inspected.groups["testing"]?.met == 1)
        #expect(try ask("2021-07-01").columns == [1, 0, 0])
        #expect(try ask("2021-11-30").columns == [1, 0, 0])
        #expect(try ask("2021-12-01").columns == [0, 0, 0])
    }

    /// One major, one extraordinary, one general and one of unknown level in 2021: 2, at most 3.
    @Test func incidents() throws {
        func incident(_ id: String, _ day: String, _ level: String?) -> Record {
            var cells = ["division": "330411", "day": day]
            cells["level"] = level
            return Hand.record(Incident.kind, id, cells)
        }
        let records = [
            incident("A1", "2021-02-01", "major"), incident("A2", "2021-06-01", "extraordinary"), incident("A3", "2021-06-01", "general"),
            incident("A4", "2021-06-01", nil),
        ]
        func figure(_ day: String) throws -> Figure { Figure(.count, try answer("major_acute_incidents", records, on: day).count) }
        #expect(try figure("2021-01-31").value == 0)
        #expect(try figure("2021-02-01") == Figure(state: .known, value: 1, low: 1, high: 1))
        #expect(try figure("2021-06-01") == Figure(state: .known, value: 2, low: 2, high: 3))
        #expect(try figure("2022-01-01").high == 0)
    }
}

extension Hand.Answer {
    /// [met, unmet, unknown]
    fileprivate var columns: [Int] { [count.met, count.unmet, count.unknown] }
}
