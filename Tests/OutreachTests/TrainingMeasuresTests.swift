import Kernel
import Ledger
import Registry
import TestKit
import Testing

@testable import Outreach

/// Training of principals and managers, with small files whose counts are worked out by hand: [met, unmet, unknown].
@Suite struct TrainingMeasuresTests {
    private func answer(_ name: String, _ records: [Record], on day: String, with overrides: [String: String] = [:]) throws -> Hand.Answer {
        let measure = try #require(trainingMeasures.first { $0.name == name })
        return Hand().count(measure, records, on: day, with: overrides)
    }
    private func employer(_ id: String, _ cells: [String: String] = [:]) -> Record {
        Hand.record(Employer.kind, id, ["name": id, "division": "330402", "hazards": "1"].merging(cells) { $1 })
    }
    private func role(_ id: String, at employer: String, _ role: String, _ from: String, until: String? = nil) -> Record {
        var cells = ["employer": employer, "name": id, "role": role, "from": from]
        cells["until"] = until
        return Hand.record(PersonRole.kind, id, cells)
    }
    private func training(_ id: String, of person: String, _ day: String, until: String? = nil) -> Record {
        var cells = ["person": person, "day": day]
        cells["until"] = until
        return Hand.record(Training.kind, id, cells)
    }

    /// P1, principal from 2020, is trained on 2020-05-10 (valid through 2021-05-09) and replaced by P2 on 2021-02-01: untrained again,
    /// although P1 remains in office beside, until P2 is trained on 2021-03-01 with a certificate until 2023-03-01.
    @Test func principals() throws {
        let records = [
            employer("E1"), role("P1", at: "E1", "principal", "2020-01-01"), training("T1", of: "P1", "2020-05-10"),
            role("P2", at: "E1", "principal", "2021-02-01"), training("T2", of: "P2", "2021-03-01", until: "2023-03-01"),
        ]
        func ask(_ day: String) throws -> Hand.Answer { try answer("principal_training_rate", records, on: day) }
        #expect(try ask("2019-12-31").stretches.map(\.reason) == ["principal.none"])
        #expect(try ask("2020-05-09").stretches.map { [$0.reason, $0.record] } == [["training.none", "P1"]])
        #expect(try ask("2020-05-10").columns == [1, 0, 0])
        #expect(try ask("2021-01-31").columns == [1, 0, 0])
        let replaced = try ask("2021-02-01")
        #expect(replaced.columns == [0, 1, 0])
        #expect(replaced.stretches.map { [$0.subject, $0.reason, $0.record] } == [["E1", "training.none", "P2"]])
        #expect(try ask("2021-03-01").columns == [1, 0, 0])
        #expect(try ask("2023-02-28").columns == [1, 0, 0])
        #expect(try ask("2023-03-01").stretches.map(\.reason) == ["training.expired"])
        // Without a replacement the twelve months end on 2021-05-10; a plan that counts 36 months goes on.
        let first = Array(records.prefix(3))
        #expect(try answer("principal_training_rate", first, on: "2021-05-09").columns == [1, 0, 0])
        #expect(try answer("principal_training_rate", first, on: "2021-05-10").columns == [0, 1, 0])
        #expect(try answer("principal_training_rate", first, on: "2021-05-10", with: ["training.valid_months": "36"]).columns == [1, 0, 0])
        // Of two who began on one day the greater id counts.
        let two = [
            employer("E1"), role("P1", at: "E1", "principal", "2020-01-01"), role("P2", at: "E1", "principal", "2020-01-01"),
            training("T1", of: "P1", "2020-05-10"),
        ]
        #expect(try answer("principal_training_rate", two, on: "2020-06-01").columns == [0, 1, 0])
    }

    /// Unknown, out and closed employers; nobody to count.
    @Test func population() throws {
        let records = [
            employer("E1", ["until": "2021-06-01"]), employer("E2", ["hazards": "0"]),
            Hand.record(Employer.kind, "E3", ["name": "E3", "division": "330402"]),
        ]
        for name in ["principal_training_rate", "manager_training_rate"] {
            #expect(try answer(name, records, on: "2021-05-31").columns == [0, 1, 1])
            #expect(try answer(name, records, on: "2021-06-01").columns == [0, 0, 1])
            #expect(try answer(name, records, on: "2021-06-01").subjects(.unknown) == ["E3"])
            #expect(Figure(.rate, try answer(name, [employer("E2", ["hazards": "0"])], on: "2021-06-01").count).state == .notApplicable)
        }
    }

    /// M1 (trained 2021-01-20) and M2 (never) manage E1; M2 leaves on 2021-07-01 and M1 on 2021-09-01. E2, merged into E1 later, has M3.
    @Test func managers() throws {
        let records = [
            employer("E1"), role("M1", at: "E1", "oh_manager", "2020-01-01", until: "2021-09-01"), training("T1", of: "M1", "2021-01-20"),
            role("M2", at: "E1", "oh_manager", "2020-01-01", until: "2021-07-01"),
        ]
        func ask(_ day: String) throws -> Hand.Answer { try answer("manager_training_rate", records, on: day) }
        #expect(try ask("2021-01-19").columns == [0, 2, 0])
        let trained = try ask("2021-01-20")
        #expect(trained.columns == [1, 1, 0])
        #expect(trained.subjects(.met) == ["M1"] && trained.subjects(.unmet) == ["M2"])
        #expect(trained.stretches.allSatisfy { $0.debtor == "E1" })
        #expect(try ask("2021-06-30").columns == [1, 1, 0])
        #expect(try ask("2021-07-01").columns == [1, 0, 0])
        let none = try ask("2021-09-01")
        #expect(none.stretches.map { [$0.subject, $0.reason] } == [["E1", "manager.none"]])
        let merged =
            records + [
                employer("E2"), role("M3", at: "E2", "oh_manager", "2020-01-01"),
                Hand.record(Merge.kind, "X1", ["employer_kept": "E1", "employer_dropped": "E2", "reason": "同一单位"]),
            ]
        #expect(try answer("manager_training_rate", merged, on: "2021-09-01").subjects(.unmet) == ["M3"])
        // While nobody knows of hazards, the employer is the one unknown subject, whatever managers it has.
        let unknown = [Hand.record(Employer.kind, "E1", ["name": "E1", "division": "330402"])] + records.dropFirst()
        #expect(try answer("manager_training_rate", unknown, on: "2021-06-30").subjects(.unknown) == ["E1"])
        #expect(try answer("manager_training_rate", unknown, on: "2021-06-30").columns == [0, 0, 1])
    }
}

extension Hand.Answer {
    /// [met, unmet, unknown]
    fileprivate var columns: [Int] { [count.met, count.unmet, count.unknown] }
}
