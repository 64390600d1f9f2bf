import Care
import Kernel
import Ledger
import Registry
import TestKit
import Testing

/// Counts worked out by hand: [met, unmet, unknown, pending].
@Suite struct CareMeasuresTests {
    private func answer(
        _ name: String, _ records: [Record], on day: String, with overrides: [String: String] = [:], in place: String = "330400"
    ) throws -> Hand.Answer {
        let measure = try #require(Care.feature.measures.first { $0.name == name })
        return Hand().count(measure, records, on: day, with: overrides, in: place)
    }
    private func employer(_ id: String, _ division: String, hazards: String? = "1") -> Record {
        var cells = ["name": id, "division": division]
        cells["hazards"] = hazards
        return Hand.record(Employer.kind, id, cells)
    }
    private func employment(_ id: String, _ worker: String, _ employer: String, _ from: String, _ until: String? = nil) -> Record {
        var cells = ["worker": worker, "employer": employer, "from": from]
        cells["until"] = until
        return Hand.record(Employment.kind, id, cells)
    }

    /// W1 at E1 with hazards; W2 at E2 without; W3 at E3 of which nobody knows; W4 at E3 and, from 2020, at E1.
    @Test func insurance() throws {
        func four(_ records: [Record], on day: String, with overrides: [String: String] = [:], in place: String = "330400") throws -> [Int]
        {
            try answer("injury_insurance_coverage", records, on: day, with: overrides, in: place).four
        }
        let records =
            (1...4).map { Hand.record(Worker.kind, "W\($0)", ["name": "甲\($0)"]) } + [
                employer("E1", "330402"), employer("E2", "330402", hazards: "0"), employer("E3", "330411", hazards: nil),
                employment("M1", "W1", "E1", "2018-01-01", "2021-01-01"), employment("M2", "W2", "E2", "2018-01-01"),
                employment("M3", "W3", "E3", "2018-01-01"),
                employment("M4", "W4", "E3", "2018-01-01"), employment("M5", "W4", "E1", "2020-01-01"),
                Hand.record(Insured.kind, "S1", ["worker": "W1", "from": "2018-06-01", "until": "2019-06-01"]),
                Hand.record(Insured.kind, "S3", ["worker": "W3", "employer": "E3", "from": "2018-01-01"]),
            ]
        #expect(try four(records, on: "2017-12-31") == [0, 0, 0, 0])
        // W1 not yet insured; W2 out; W3 and W4 unknown, insured or not.
        #expect(try four(records, on: "2018-05-31") == [0, 1, 2, 0])
        #expect(try four(records, on: "2018-06-01") == [1, 0, 2, 0])
        #expect(try four(records, on: "2019-05-31") == [1, 0, 2, 0])
        #expect(try four(records, on: "2019-06-01") == [0, 1, 2, 0])
        // From 2020 W4 counts at E1 (330402), not at E3, though E3's id is the greater.
        let later = try answer("injury_insurance_coverage", records, on: "2020-01-01")
        #expect(later.four == [0, 2, 1, 0] && later.subjects(.unmet) == ["W1", "W4"] && later.subjects(.unknown) == ["W3"])
        #expect(try four(records, on: "2020-01-01", in: "330402") == [0, 2, 0, 0])
        #expect(try four(records, on: "2020-12-31") == [0, 2, 1, 0])
        #expect(try four(records, on: "2021-01-01") == [0, 1, 1, 0])
        // Everyone: W1, W2, W4 uninsured, W3 insured; W4's place is now E3.
        #expect(try four(records, on: "2020-01-01", with: ["everyone": "true"]) == [1, 3, 0, 0])
        #expect(try four(records, on: "2020-01-01", with: ["everyone": "true"], in: "330411") == [1, 1, 0, 0])
        // W1 and W3 are one person: insured, at E1 with hazards.
        let merge = Hand.record(Merge.kind, "G1", ["worker_kept": "W1", "worker_dropped": "W3", "reason": "同一人"])
        #expect(try four(records + [merge], on: "2020-01-01") == [1, 1, 0, 0])
        // E1 closes.
        let closed = Hand.record(EmployerChange.kind, "C1", ["employer": "E1", "day": "2019-01-01", "closed": "1"])
        #expect(try four(records + [closed], on: "2018-12-31") == [1, 0, 2, 0])
        #expect(try four(records + [closed], on: "2019-01-01") == [0, 0, 2, 0])
    }

    /// Two counties reported for 2019 and 2020, the prefecture itself for 2020; a year's figure stands from its 31 December.
    @Test func headcount() throws {
        func total(_ id: String, _ division: String, _ year: Int, _ persons: Int) -> Record {
            Hand.record(InsuredTotal.kind, id, ["division": division, "year": String(year), "persons": String(persons), "source": "人社局"])
        }
        let records = [
            total("T1", "330402", 2019, 1000), total("T2", "330411", 2019, 500), total("T3", "330402", 2020, 1100),
            total("T4", "330400", 2020, 1700),
            total("T5", "330102", 2019, 99),
        ]
        func level(_ day: String, in place: String = "330400") throws -> Figure {
            Figure(.level, try answer("injury_insured_headcount", records, on: day, in: place).count)
        }
        #expect(try level("2019-12-30").state == .unreported)
        #expect(try level("2019-12-31").value == 1500)
        #expect(try level("2020-12-30").value == 1500)
        // The prefecture's own figure wins over the 1100 of its county; of the province both prefectures count.
        #expect(try level("2020-12-31").value == 1700)
        #expect(try level("2019-12-31", in: "330000").value == 1599)
        #expect(try level("2020-12-31", in: "330402").value == 1100)
        #expect(try level("2021-12-30").value == 1700)
        #expect(try level("2021-12-31").state == .unreported)
        #expect(try level("2020-06-01", in: "330424").state == .unreported)
    }

    /// Three patients make a township here: 阜新镇 from 2020-01-03 (the third) until one dies on 2022-06-01. 东梁镇 has two.
    @Test func rehabilitation() throws {
        func patient(_ id: String, _ township: String, _ registered: String, died: String? = nil, pneumoconiosis: String = "1") -> Record {
            var cells = ["worker": "W1", "division": township, "pneumoconiosis": pneumoconiosis, "registered": registered]
            cells["died"] = died
            return Hand.record(Patient.kind, id, cells)
        }
        func four(_ records: [Record], on day: String, threshold: Int = 3) throws -> [Int] {
            try answer("rehab_township_coverage", records, on: day, with: ["rehab.threshold": String(threshold)], in: "210900").four
        }
        let people = [
            Hand.record(Worker.kind, "W1", ["name": "甲"]), patient("P1", "210921100", "2020-01-01"),
            patient("P2", "210921100", "2020-01-02"),
            patient("P3", "210921100", "2020-01-03", died: "2022-06-01"), patient("P4", "210921100", "2020-01-01", pneumoconiosis: "0"),
            patient("P5", "210921102", "2020-01-01"), patient("P6", "210921102", "2020-01-01"),
        ]
        #expect(try four(people, on: "2020-01-02") == [0, 0, 0, 0])
        #expect(try four(people, on: "2020-01-03") == [0, 1, 0, 0])
        #expect(try four(people, on: "2022-05-31") == [0, 1, 0, 0])
        #expect(try four(people, on: "2022-06-01") == [0, 0, 0, 0])
        #expect(try four(people, on: "2020-06-01", threshold: 2) == [0, 2, 0, 0])
        #expect(Figure(.rate, try answer("rehab_township_coverage", people, on: "2020-06-01", in: "210900").count).state == .notApplicable)
        // A station from 2020-03-01, its service on 2020-05-10 counts for a year, and not longer than the station.
        let station = Hand.record(
            Station.kind, "S1", ["name": "康复站", "division": "210921100", "from": "2020-03-01", "until": "2021-02-01"])
        let service = Hand.record(Service.kind, "V1", ["station": "S1", "division": "210921100", "day": "2020-05-10"])
        let idle = try answer("rehab_township_coverage", people + [station], on: "2020-06-01", with: ["rehab.threshold": "3"], in: "210900")
        #expect(idle.four == [0, 1, 0, 0] && idle.stretches[0].reason == "service.none" && idle.stretches[0].subject == "210921100")
        #expect(try four(people + [station, service], on: "2020-05-09") == [0, 1, 0, 0])
        #expect(try four(people + [station, service], on: "2020-05-10") == [1, 0, 0, 0])
        #expect(try four(people + [station, service], on: "2021-01-31") == [1, 0, 0, 0])
        #expect(try four(people + [station, service], on: "2021-02-01") == [0, 1, 0, 0])
        let open = Hand.record(Station.kind, "S1", ["name": "康复站", "division": "210921100", "from": "2020-03-01"])
        #expect(try four(people + [open, service], on: "2021-05-09") == [1, 0, 0, 0])
        #expect(try four(people + [open, service], on: "2021-05-10") == [0, 1, 0, 0])
        // A station elsewhere does not help: of the two townships with two patients one is met.
        #expect(try four(people + [open, service], on: "2020-06-01", threshold: 2) == [1, 1, 0, 0])
    }

    /// Insurance refuses on 2020-02-01, medical insurance pays on 2020-03-01, and takes it back on 2020-04-01 (no code: not a result).
    @Test func payers() throws {
        func entry(_ id: String, _ payer: String, _ day: String, _ outcome: String) -> Record {
            Hand.record(PayerEntry.kind, id, ["patient": "P1", "payer": payer, "day": day, "outcome": outcome])
        }
        let cells = ["worker": "W1", "division": "330402001", "pneumoconiosis": "1", "registered": "2020-01-01", "died": "2021-01-01"]
        let records = [
            Hand.record(Worker.kind, "W1", ["name": "甲"]), Hand.record(Patient.kind, "P1", cells),
            entry("N1", "injury_insurance", "2020-02-01", "refused"),
            entry("N2", "basic_medical", "2020-03-01", "paid"),
        ]
        let two = ["payers": "injury_insurance;basic_medical"]
        func four(_ records: [Record], on day: String, with overrides: [String: String]) throws -> [Int] {
            try answer("payer_linkage", records, on: day, with: overrides).four
        }
        #expect(try four(records, on: "2019-12-31", with: two) == [0, 0, 0, 0])
        #expect(try four(records, on: "2020-02-29", with: two) == [0, 1, 0, 0])
        #expect(try four(records, on: "2020-03-01", with: two) == [1, 0, 0, 0])
        #expect(try four(records, on: "2020-12-31", with: two) == [1, 0, 0, 0])
        #expect(try four(records, on: "2021-01-01", with: two) == [0, 0, 0, 0])
        // Of all payers of the table four have not come to a result.
        #expect(try four(records, on: "2020-03-01", with: [:]) == [0, 1, 0, 0])
        // The last entry of a payer counts: a step without a result after it opens the case again.
        var open = entry("N3", "basic_medical", "2020-04-01", "paid")
        open[PayerEntry.outcome] = "pending"
        #expect(try four(records + [open], on: "2020-03-31", with: two) == [1, 0, 0, 0])
        #expect(try four(records + [open], on: "2020-04-01", with: two) == [0, 1, 0, 0])
    }
}

extension Hand.Answer {
    fileprivate var four: [Int] { [count.met, count.unmet, count.unknown, count.pending] }
}
