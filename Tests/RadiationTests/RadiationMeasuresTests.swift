import Kernel
import Ledger
import Radiation
import Registry
import TestKit
import Testing

/// Counts worked out by hand: [met, unmet, unknown, pending] of the medical and of the non-medical measure.
@Suite struct RadiationMeasuresTests {
    private func counts(_ records: [Record], on day: String, with overrides: [String: String] = [:]) throws -> [[Int]] {
        try ["medical_dose_rate", "nonmedical_dose_rate"].map { name in
            let measure = try #require(Radiation.feature.measures.first { $0.name == name })
            let count = Hand().count(measure, records, on: day, with: overrides).count
            return [count.met, count.unmet, count.unknown, count.pending]
        }
    }
    private let met = [1, 0, 0, 0]
    private let unmet = [0, 1, 0, 0]
    private let unknown = [0, 0, 1, 0]
    private let none = [0, 0, 0, 0]

    private func post(_ sector: String = "medical", from: String = "2020-01-01", until: String? = nil) -> [Record] {
        var employer = ["name": "医院", "division": "330402"]
        employer["sector"] = sector.isEmpty ? nil : sector
        var cells = ["worker": "W1", "employer": "E1", "from": from]
        cells["until"] = until
        return [
            Hand.record(Worker.kind, "W1", ["name": "甲"]), Hand.record(Employer.kind, "E1", employer),
            Hand.record(RadiationWorker.kind, "R1", cells),
        ]
    }
    private func dose(_ id: String, _ from: String, _ until: String, _ cells: [String: String] = ["dose": "0.2"]) -> Record {
        Hand.record(Dose.kind, id, ["radiation_worker": "R1", "from": from, "until": until].merging(cells) { $1 })
    }

    /// 2020: the first quarter ends on 31 March and is asked for from 30 April, the second (30 June) from 30 July.
    @Test func quarters() throws {
        let records = post() + [dose("D1", "2020-01-01", "2020-04-01")]
        #expect(try counts(records, on: "2020-04-29") == [none, none])
        #expect(try counts(records, on: "2020-04-30") == [met, none])
        #expect(try counts(records, on: "2020-07-29") == [met, none])
        #expect(try counts(records, on: "2020-07-30") == [unmet, none])
        #expect(try counts(records, on: "2020-12-31") == [unmet, none])
        // A new year: nothing is asked for before 30 April 2021. The fourth quarter is never due within its year.
        #expect(try counts(records, on: "2021-01-01") == [none, none])
        #expect(try counts(records, on: "2021-04-30") == [unmet, none])
        let full = records + [dose("D2", "2020-04-01", "2020-07-01"), dose("D3", "2020-07-01", "2020-10-01")]
        #expect(try counts(full, on: "2020-12-31") == [met, none])
        // With no days for reports the fourth quarter is due on 31 December itself.
        #expect(try counts(full, on: "2020-12-30", with: ["dose.report_days": "0"]) == [met, none])
        #expect(try counts(full, on: "2020-12-31", with: ["dose.report_days": "0"]) == [unmet, none])
    }

    /// Medical, enterprise, unknown; and a hospital that was an enterprise until 2020-06-01.
    @Test func sectors() throws {
        let worn = dose("D1", "2020-01-01", "2020-04-01")
        #expect(try counts(post("medical") + [worn], on: "2020-05-01") == [met, none])
        #expect(try counts(post("enterprise") + [worn], on: "2020-05-01") == [none, met])
        #expect(try counts(post("other") + [worn], on: "2020-05-01") == [none, met])
        #expect(try counts(post("") + [worn], on: "2020-05-01") == [unknown, unknown])
        #expect(try counts(post("") + [worn], on: "2020-04-29") == [none, none])
        let change = Hand.record(EmployerChange.kind, "C1", ["employer": "E1", "day": "2020-06-01", "sector": "medical"])
        #expect(try counts(post("enterprise") + [worn, change], on: "2020-05-31") == [none, met])
        #expect(try counts(post("enterprise") + [worn, change], on: "2020-06-01") == [met, none])
    }

    /// The first quarter of 2020 has 91 days: 46 are more than half, 45 are not. Two records of 45 days do not add up.
    @Test func moreThanHalf() throws {
        // 2020-01-01 + 46 = 2020-02-16.
        #expect(try counts(post() + [dose("D1", "2020-01-01", "2020-02-16")], on: "2020-05-01") == [met, none])
        #expect(try counts(post() + [dose("D1", "2020-01-01", "2020-02-15")], on: "2020-05-01") == [unmet, none])
        #expect(
            try counts(post() + [dose("D1", "2020-01-01", "2020-02-15"), dose("D2", "2020-02-15", "2020-03-31")], on: "2020-05-01") == [
                unmet, none,
            ])
        // 2021: 90 days, of which 45 are exactly half.
        #expect(try counts(post() + [dose("D1", "2021-01-01", "2021-02-15")], on: "2021-05-01") == [unmet, none])
        #expect(try counts(post() + [dose("D1", "2021-01-01", "2021-02-16")], on: "2021-05-01") == [met, none])
        // A period that ends after the day is not known yet on it.
        #expect(try counts(post() + [dose("D1", "2020-01-01", "2020-05-10")], on: "2020-05-09") == [unmet, none])
        #expect(try counts(post() + [dose("D1", "2020-01-01", "2020-05-10")], on: "2020-05-10") == [met, none])
    }

    /// Whole cycles only: from 2 January the first quarter does not count; until 30 June the second does not.
    @Test func wholeCycles() throws {
        #expect(try counts(post(from: "2020-01-02"), on: "2020-05-01") == [none, none])
        #expect(try counts(post(from: "2020-01-02"), on: "2020-07-30") == [unmet, none])
        let first = dose("D1", "2020-01-01", "2020-04-01")
        #expect(try counts(post(until: "2020-06-30") + [first], on: "2020-08-01") == [met, none])
        #expect(try counts(post(until: "2020-07-01") + [first], on: "2020-08-01") == [unmet, none])
        #expect(try counts(post(until: "2020-07-01") + [first], on: "2021-08-01") == [none, none])
    }

    /// Nominal and approved: met. No value and no word on it: unknown, unless another cycle is missing altogether.
    @Test func nominalDoses() throws {
        func first(_ cells: [String: String]) -> [Record] { post() + [dose("D1", "2020-01-01", "2020-04-01", cells)] }
        #expect(try counts(first(["nominal": "1", "approved": "1"]), on: "2020-05-01") == [met, none])
        #expect(try counts(first(["nominal": "1", "approved": "0"]), on: "2020-05-01") == [unmet, none])
        #expect(try counts(first(["nominal": "1"]), on: "2020-05-01") == [unknown, none])
        #expect(try counts(first([:]), on: "2020-05-01") == [unknown, none])
        #expect(try counts(first([:]), on: "2020-07-30") == [unmet, none])
    }

    /// The post was entered for a second record of the person.
    @Test func mergedWorkers() throws {
        let records = post() + [dose("D1", "2020-01-01", "2020-04-01"), Hand.record(Worker.kind, "W0", ["name": "甲"])]
        let merge = Hand.record(Merge.kind, "G1", ["worker_kept": "W0", "worker_dropped": "W1", "reason": "同一人"])
        #expect(try counts(records, on: "2020-05-01") == [met, none])
        #expect(try counts(records + [merge], on: "2020-05-01") == [met, none])
    }
}
