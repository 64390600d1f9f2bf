import Diagnosis
import Institutions
import Kernel
import Ledger
import Planning
import Registry
import TestKit
import Testing

/// Counts worked out by hand.
@Suite struct PlanningMeasuresTests {
    private func answer(
        _ name: String, _ records: [Record], on day: String, with overrides: [String: String] = [:], in place: String = "330400"
    ) throws -> Hand.Answer {
        let measure = try #require(Planning.feature.measures.first { $0.name == name })
        return Hand().count(measure, records, on: day, with: overrides, in: place)
    }

    private func assignment(_ id: String, _ division: String, _ year: Int, _ completed: String?, _ disease: String = "尘肺病") -> Record {
        var cells = ["division": division, "year": String(year), "disease": disease]
        cells["completed"] = completed
        return Hand.record(Assignment.kind, id, cells)
    }

    /// Seven counties of Fuxin, [met, unmet, unknown]: at 95 % six of seven are not enough.
    @Test func monitoring() throws {
        let counties = ["210902", "210903", "210904", "210905", "210911", "210921"]
        let six = counties.map { assignment("A\($0)", $0, 2023, "2023-10-01") }
        func three(_ records: [Record], on day: String, in place: String = "210900") throws -> [Int] {
            let count = try answer("key_disease_monitoring_coverage", records, on: day, in: place).count
            return [count.met, count.unmet, count.unknown]
        }
        // 210922 has no assignment: unknown. The six are unmet until 30 September, met from 1 October, unknown in 2024.
        #expect(try three(six, on: "2022-12-31") == [0, 0, 7])
        #expect(try three(six, on: "2023-01-01") == [0, 6, 1])
        #expect(try three(six, on: "2023-09-30") == [0, 6, 1])
        #expect(try three(six, on: "2023-10-01") == [6, 0, 1])
        #expect(try three(six, on: "2023-12-31") == [6, 0, 1])
        #expect(try three(six, on: "2024-01-01") == [0, 0, 7])
        // The seventh has two assignments, one of a township of its own, open: 6 of 7; completed on 1 December: 7 of 7.
        let open = six + [assignment("B1", "210922", 2023, "2023-05-01"), assignment("B2", "210922100", 2023, nil, "布鲁氏菌病")]
        #expect(try three(open, on: "2023-12-31") == [6, 1, 0])
        let value = try #require(
            Figure(.rate, try answer("key_disease_monitoring_coverage", open, on: "2023-12-31", in: "210900").count).value)
        #expect(value < 95)
        let done = six + [assignment("B1", "210922", 2023, "2023-05-01"), assignment("B2", "210922100", 2023, "2023-12-01", "布鲁氏菌病")]
        #expect(try three(done, on: "2023-11-30") == [6, 1, 0])
        #expect(try three(done, on: "2023-12-01") == [7, 0, 0])
        // The county's own plan: itself is the unit.
        #expect(try three(done, on: "2023-12-01", in: "210922") == [1, 0, 0])
    }

    /// A county that was merged into another on 2021-01-01 is one unit less from then.
    @Test func mergedCounty() throws {
        let end = Hand.record(Division.kind, "Z1", ["division": "210922", "name": "彰武县", "until": "2021-01-01", "successor": "210921"])
        let records = [end, assignment("A1", "210902", 2020, "2020-05-01"), assignment("A2", "210902", 2021, "2021-01-01")]
        func two(_ day: String) throws -> [Int] {
            let count = try answer("key_disease_monitoring_coverage", records, on: day, in: "210900").count
            return [count.met, count.unknown]
        }
        #expect(try two("2020-12-31") == [1, 6])
        #expect(try two("2021-01-01") == [1, 5])
    }

    /// Lines of 2022 (300 + 200) and 2023 (600, and one blank): a year's sum stands from its 31 December.
    @Test func budget() throws {
        func line(_ id: String, _ year: Int, _ category: String, _ spent: Int?, in division: String = "330402") -> Record {
            var cells = ["division": division, "year": String(year), "category": category]
            cells["spent"] = spent.map(String.init)
            return Hand.record(BudgetLine.kind, id, cells)
        }
        let records = [
            line("L1", 2022, "监测", 300), line("L2", 2022, "监测", 200, in: "330400"), line("L3", 2022, "监测", 7, in: "330102"),
            line("L4", 2023, "监测", 600), line("L5", 2023, "执法", nil),
        ]
        func level(_ day: String) throws -> Figure { Figure(.level, try answer("budget_growth", records, on: day).count) }
        #expect(try level("2022-12-30").state == .unreported)
        #expect(try level("2022-12-31").value == 500)
        #expect(try level("2023-12-30").value == 500)
        let blank = try answer("budget_growth", records, on: "2023-12-31")
        #expect(Figure(.level, blank.count).state == .unreported && blank.stretches.map(\.reason) == ["budget.unknown"])
        #expect(try answer("budget_growth", records, on: "2024-12-31").stretches.map(\.reason) == ["budget.none"])
    }

    @Test func milestonesAreJudged() throws {
        let measure = try #require(Planning.feature.measures.first { $0.name == "milestone" })
        #expect(measure.style == .judged)
        #expect(Figure(measure.style, try answer("milestone", [], on: "2023-12-31").count).state == .judged)
    }

    /// 2023 in 330400. Testing: I1 can do 2, asked for by E1 (severe, 1) and E2 (general, 12/36): 2 / 1.333… = 1.5.
    /// Exams: capacity 3 for the pairs (W1, E1), (W1, E2), (W2, E1) = 1.0. Diagnosis: capacity 5 for two = 2.5. The least is 1.0.
    @Test func capacity() throws {
        func employer(_ id: String, _ severity: String?, hazards: String? = "1") -> Record {
            var cells = ["name": id, "division": "330402"]
            cells["severity"] = severity
            cells["hazards"] = hazards
            return Hand.record(Employer.kind, id, cells)
        }
        func exposed(_ id: String, _ worker: String, _ employer: String) -> [Record] {
            let cells = ["worker": worker, "employer": employer, "from": "2020-01-01"]
            return [
                Hand.record(Employment.kind, "M\(id)", cells),
                Hand.record(Exposed.kind, "X\(id)", cells.merging(["factors": "A001"]) { $1 }),
            ]
        }
        func able(_ service: String, _ amount: Int, year: Int = 2023, from: String = "2020-01-01", until: String? = nil) -> [Record] {
            var held = ["institution": "I1", "type": service, "from": from]
            held["until"] = until
            let cells = ["institution": "I1", "type": service, "year": String(year), "amount": String(amount)]
            return [Hand.record(Qualification.kind, "Q\(service)", held), Hand.record(Capacity.kind, "K\(service)", cells)]
        }
        func diagnosis(_ id: String, _ day: String, confirmed: String) -> Record {
            let cells = ["worker": "W1", "division": "330402", "day": day, "disease": "D001", "confirmed": confirmed]
            return Hand.record(Diagnosed.kind, id, cells)
        }
        let demand =
            [
                Hand.record(Worker.kind, "W1", ["name": "甲"]), Hand.record(Worker.kind, "W2", ["name": "乙"]), employer("E1", "severe"),
                employer("E2", "general"), diagnosis("D1", "2023-02-01", confirmed: "1"), diagnosis("D2", "2023-03-01", confirmed: "0"),
            ] + exposed("1", "W1", "E1") + exposed("2", "W1", "E2") + exposed("3", "W2", "E1")
        let institution = [Hand.record(Institution.kind, "I1", ["name": "中心", "division": "330411"])]
        let records = demand + institution + able("testing", 2, until: "2023-10-01") + able("exam", 3) + able("diagnosis", 5)
        func figure(_ records: [Record], on day: String, with overrides: [String: String] = [:]) throws -> Figure {
            let answer = try answer("capacity_adequacy", records, on: day, with: overrides)
            return Figure(.leastRatio, answer.count, groups: answer.groups.sorted { $0.key < $1.key }.map(\.value))
        }
        let groups = try answer("capacity_adequacy", records, on: "2023-06-01").groups
        #expect(groups.keys.sorted() == ["diagnosis", "exam", "testing"])
        #expect(groups["testing"].map { [$0.numerator, $0.denominator] } == [2_000_000, 1_333_333])
        #expect(groups["exam"].map { [$0.numerator, $0.denominator] } == [3_000_000, 3_000_000])
        #expect(groups["diagnosis"].map { [$0.numerator, $0.denominator] } == [5_000_000, 2_000_000])
        #expect(try figure(records, on: "2023-06-01").value == 1)
        // Before the diagnoses there is no demand for any: the other ratios stand.
        #expect(try answer("capacity_adequacy", records, on: "2023-01-31").groups["diagnosis"]?.denominator == 0)
        #expect(try figure(records, on: "2023-01-31").value == 1)
        // From 1 October the qualification is gone: nobody can test.
        #expect(try figure(records, on: "2023-09-30").value == 1)
        #expect(try figure(records, on: "2023-10-01").value == 0)
        #expect(try figure(records, on: "2023-10-01", with: ["services": "exam;diagnosis"]).value == 1)
        // 2024: nothing was reported.
        #expect(try figure(records, on: "2024-01-01").value == 0)
        // E3 without severity: assumed general (2 / 1.666… = 1.2), and unknown; E4 of unknown hazards is unknown too.
        let open = try answer(
            "capacity_adequacy", records + [employer("E3", nil), employer("E4", "severe", hazards: nil)], on: "2023-06-01")
        #expect(open.groups["testing"].map { [$0.numerator, $0.denominator, $0.unknown] } == [2_000_000, 1_666_666, 2])
        #expect(Set(open.stretches.filter { $0.verdict == .unknown }.map(\.reason)) == ["severity.unknown", "hazards.unknown"])
        // A cycle of 24 months halves the demand for examinations.
        let slower = try #require(try figure(records, on: "2023-06-01", with: ["exam.cycle_months": "24"]).value)
        #expect(abs(slower - 1.5) < 1e-5)
        #expect(try figure([], on: "2023-06-01").state == .notApplicable)
    }
}
