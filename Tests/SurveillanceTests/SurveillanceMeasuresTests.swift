import Institutions
import Kernel
import Ledger
import Registry
import Surveillance
import TestKit
import Testing

/// Counts worked out by hand: [met, unmet, unknown, pending].
@Suite struct SurveillanceMeasuresTests {
    private func answer(
        _ name: String, _ records: [Record], on day: String, unit: String? = nil, with overrides: [String: String] = [:],
        in place: String = "330400"
    ) throws -> Hand.Answer {
        let measure = try #require(Surveillance.feature.measures.first { $0.name == name })
        return Hand().count(measure, records, on: day, unit: unit, with: overrides, in: place)
    }
    private func examined(_ records: [Record], on day: String, unit: String? = nil, in place: String = "330400") throws -> [Int] {
        try answer("in_service_exam_rate", records, on: day, unit: unit, in: place).four
    }
    private func filed(_ records: [Record], on day: String) throws -> [Int] { try answer("worker_file_rate", records, on: day).four }

    /// Worker W1 at employers E1 (330402) and E2 (330411), institution I1 qualified for examinations from 2015-01-01.
    private let base = [
        Hand.record(Worker.kind, "W1", ["name": "甲"]),
        Hand.record(Employer.kind, "E1", ["name": "一厂", "division": "330402", "since": "2010-01-01"]),
        Hand.record(Employer.kind, "E2", ["name": "二厂", "division": "330411", "since": "2010-01-01"]),
        Hand.record(Institution.kind, "I1", ["name": "体检中心", "division": "330402"]),
        Hand.record(Qualification.kind, "Q1", ["institution": "I1", "type": "exam", "from": "2015-01-01"]),
    ]
    private func work(
        _ id: String, at employer: String = "E1", _ factors: String, from: String, until: String = "", worker: String = "W1"
    ) -> [Record] {
        let span = ["worker": worker, "employer": employer, "from": from, "until": until]
        var exposure = span.merging(["factors": factors]) { $1 }.filter { !$0.value.isEmpty }
        exposure["factors"] = factors.isEmpty ? nil : factors
        let employment = ["worker": worker, "employer": employer, "from": from.isEmpty ? "2000-01-01" : from, "until": until].filter {
            !$0.value.isEmpty
        }
        return [Hand.record(Employment.kind, "M\(id)", employment), Hand.record(Exposed.kind, "X\(id)", exposure)]
    }
    private func exam(
        _ id: String, _ day: String, _ factors: String, stage: String = "in_service", at institution: String = "I1", worker: String = "W1"
    ) -> Record {
        let cells = ["worker": worker, "employer": "E1", "day": day, "stage": stage, "factors": factors, "institution": institution]
        return Hand.record(Exam.kind, id, cells.filter { !$0.value.isEmpty })
    }

    /// Dust and noise from 2018-01-01. Dust is examined on 2020-03-10, noise not before 2020-09-01: one of two is not enough.
    @Test func oneOfTwoFactors() throws {
        let records =
            base + work("1", "A001;C001", from: "2018-01-01") + [exam("K1", "2020-03-10", "A001"), exam("K2", "2020-09-01", "C001")]
        #expect(try examined(records, on: "2017-12-31") == [0, 0, 0, 0])
        #expect(try examined(records, on: "2018-01-01") == [0, 0, 0, 1])
        #expect(try examined(records, on: "2018-12-31") == [0, 0, 0, 1])
        let due = try answer("in_service_exam_rate", records, on: "2019-01-01")
        #expect(due.four == [0, 1, 0, 0] && due.stretches[0].reason == "exam.none")
        let half = try answer("in_service_exam_rate", records, on: "2020-08-31")
        #expect(half.four == [0, 1, 0, 0] && half.stretches[0].reason == "exam.factor-missing" && half.stretches[0].debtor == "E1")
        #expect(try examined(records, on: "2020-09-01") == [1, 0, 0, 0])
        // The dust examination of 2020-03-10 holds until 2021-03-10 and not on it.
        #expect(try examined(records, on: "2021-03-09") == [1, 0, 0, 0])
        #expect(try examined(records, on: "2021-03-10") == [0, 1, 0, 0])
        let late = try answer("in_service_exam_rate", records, on: "2021-09-01")
        #expect(late.stretches[0].reason == "exam.overdue")
        // With a cycle of 24 months both hold on that day: 2022-03-10 is the first without.
        #expect(try answer("in_service_exam_rate", records, on: "2022-03-09", with: ["exam.cycle_months": "24"]).four == [1, 0, 0, 0])
    }

    /// Factors blank; a covering examination without institution; one with blank factors; one before the qualification began.
    @Test func whatCannotBeTold() throws {
        let blank = base + work("1", "", from: "2019-01-01") + [exam("K1", "2020-03-10", "A001")]
        let unknown = try answer("in_service_exam_rate", blank, on: "2020-06-01")
        #expect(unknown.four == [0, 0, 1, 0] && unknown.stretches[0].reason == "factors.unknown")
        let dust = base + work("1", "A001", from: "2013-01-01")
        let nowhere = try answer("in_service_exam_rate", dust + [exam("K1", "2020-03-10", "A001", at: "")], on: "2020-06-01")
        #expect(nowhere.four == [0, 0, 1, 0] && nowhere.stretches[0].reason == "institution.unknown")
        let open = try answer("in_service_exam_rate", dust + [exam("K1", "2020-03-10", "")], on: "2020-06-01")
        #expect(open.four == [0, 0, 1, 0] && open.stretches[0].reason == "exam.factors-unknown")
        // Another examination meets it: then nothing is unknown.
        #expect(try examined(dust + [exam("K1", "2020-03-10", ""), exam("K2", "2020-04-01", "A001")], on: "2020-06-01") == [1, 0, 0, 0])
        let early = try answer("in_service_exam_rate", dust + [exam("K1", "2014-12-31", "A001")], on: "2015-06-01")
        #expect(early.four == [0, 1, 0, 0] && early.stretches[0].reason == "qualification.none")
        #expect(try examined(dust + [exam("K1", "2015-01-01", "A001")], on: "2015-06-01") == [1, 0, 0, 0])
        // A leaving examination does not count.
        #expect(try examined(dust + [exam("K1", "2020-03-10", "A001", stage: "leaving")], on: "2020-06-01") == [0, 1, 0, 0])
        // Blank from: always before, so no grace.
        #expect(try examined(base + work("1", "A001", from: ""), on: "2001-01-01", in: "330402") == [0, 0, 0, 0])
        #expect(try examined(base + work("1", "A001", from: ""), on: "2010-01-01", in: "330402") == [0, 1, 0, 0])
    }

    /// Before employment on 2019-12-15, exposed from 2020-01-01: met until 2020-12-14, then pending to the end of the first cycle.
    @Test func beforeEmployment() throws {
        let records = base + work("1", "A001", from: "2020-01-01") + [exam("K1", "2019-12-15", "A001", stage: "pre_employment")]
        #expect(try examined(records, on: "2020-01-01") == [1, 0, 0, 0])
        #expect(try examined(records, on: "2020-12-14") == [1, 0, 0, 0])
        #expect(try examined(records, on: "2020-12-15") == [0, 0, 0, 1])
        #expect(try examined(records, on: "2021-01-01") == [0, 1, 0, 0])
        // A late one, on 2020-06-01, stands for the first cycle only, which ends with 2020-12-31.
        let late = base + work("1", "A001", from: "2020-01-01") + [exam("K1", "2020-06-01", "A001", stage: "pre_employment")]
        #expect(try examined(late, on: "2020-12-31") == [1, 0, 0, 0])
        #expect(try examined(late, on: "2021-01-01") == [0, 1, 0, 0])
    }

    /// At E1 dust, at E2 noise, both from 2018; E2 until 2021-07-01. The place is E2 (greatest id) while exposed there, then E1.
    @Test func twoEmployers() throws {
        let records =
            base + work("1", "A001", from: "2018-01-01") + work("2", at: "E2", "C001", from: "2018-01-01", until: "2021-07-01")
            + [exam("K1", "2021-01-10", "C001")]
        // Noise examined, dust not: the person is unmet, at E2's place, and E1 owes.
        let person = try answer("in_service_exam_rate", records, on: "2021-06-30")
        #expect(person.four == [0, 1, 0, 0])
        #expect(
            person.stretches.map(\.division) == ["330411"] && person.stretches.map(\.debtor) == ["E1"]
                && person.stretches.map(\.subject) == ["W1"])
        #expect(try examined(records, on: "2021-06-30", in: "330402") == [0, 0, 0, 0])
        #expect(try examined(records, on: "2021-07-01", in: "330402") == [0, 1, 0, 0])
        // Each pair for itself: E2 met, E1 unmet; after E2's end only E1.
        #expect(try examined(records, on: "2021-06-30", unit: "worker-employer") == [1, 1, 0, 0])
        #expect(try examined(records, on: "2021-07-01", unit: "worker-employer") == [0, 1, 0, 0])
        // An exposure without an employment, and one at an employer that has closed, do not count.
        let unemployed = records.filter { $0.id != "M1" }
        #expect(try examined(unemployed, on: "2021-06-30") == [1, 0, 0, 0])
        let closed = records + [Hand.record(EmployerChange.kind, "C1", ["employer": "E1", "day": "2021-03-01", "closed": "1"])]
        #expect(try examined(closed, on: "2021-02-28") == [0, 1, 0, 0])
        #expect(try examined(closed, on: "2021-03-01") == [1, 0, 0, 0])
    }

    /// The examination was entered for W2, a second record of the same person; merged it counts, parted it does not.
    @Test func mergedWorkers() throws {
        let merge = Hand.record(Merge.kind, "G1", ["worker_kept": "W1", "worker_dropped": "W2", "reason": "同一人"])
        let records =
            base + work("1", "A001", from: "2018-01-01")
            + [Hand.record(Worker.kind, "W2", ["name": "甲"]), exam("K1", "2020-03-10", "A001", worker: "W2")]
        #expect(try examined(records, on: "2020-06-01") == [0, 1, 0, 0])
        #expect(try examined(records + [merge], on: "2020-06-01") == [1, 0, 0, 0])
        // Both records exposed at E1: still one person, one pair.
        let both = records + work("2", "C001", from: "2018-01-01", worker: "W2")
        // Parted: W1 unexamined for dust, W2 (examined for dust) for noise.
        #expect(try examined(both, on: "2020-06-01") == [0, 2, 0, 0])
        #expect(try examined(both + [merge], on: "2020-06-01") == [0, 1, 0, 0])
        #expect(try examined(both + [merge], on: "2020-06-01", unit: "worker-employer") == [0, 1, 0, 0])
    }

    /// Nobody exposed: no subject, no value.
    @Test func nobody() throws {
        let none = try answer("in_service_exam_rate", base, on: "2020-06-01")
        #expect(none.four == [0, 0, 0, 0] && Figure(.rate, none.count).state == .notApplicable)
    }

    /// Files of the pair (W1, E1), exposed from 2018-01-01 until 2021-01-01.
    @Test func surveillanceFiles() throws {
        let all = "history;exposure;results;treatment"
        func file(_ id: String, _ day: String, _ parts: String, at employer: String = "E1") -> Record {
            let cells = ["worker": "W1", "employer": employer, "day": day, "parts": parts].filter { !$0.value.isEmpty }
            return Hand.record(SurveillanceFile.kind, id, cells)
        }
        let records = base + work("1", "A001", from: "2018-01-01", until: "2021-01-01")
        let none = try answer("worker_file_rate", records, on: "2018-01-01")
        #expect(none.four == [0, 1, 0, 0] && none.stretches[0].reason == "file.none" && none.stretches[0].subject == "W1|E1")
        // Blank parts from 2018-05-01: unknown; three of four: unmet; all from 2019-02-01: met, until the exposure ends.
        let kept = records + [file("S1", "2018-05-01", ""), file("S2", "2019-02-01", all)]
        #expect(try filed(kept, on: "2018-04-30") == [0, 1, 0, 0])
        #expect(try filed(kept, on: "2018-05-01") == [0, 0, 1, 0])
        #expect(try filed(kept, on: "2019-01-31") == [0, 0, 1, 0])
        #expect(try filed(kept, on: "2019-02-01") == [1, 0, 0, 0])
        #expect(try filed(kept, on: "2020-12-31") == [1, 0, 0, 0])
        #expect(try filed(kept, on: "2021-01-01") == [0, 0, 0, 0])
        let short = try answer("worker_file_rate", records + [file("S1", "2018-05-01", "history;exposure;results")], on: "2018-06-01")
        #expect(short.four == [0, 1, 0, 0] && short.stretches[0].reason == "file.incomplete")
        // A file at another employer is none of this pair's: E1 unmet, E2 met.
        let two = records + work("2", at: "E2", "C001", from: "2018-01-01") + [file("S1", "2018-05-01", all, at: "E2")]
        #expect(try filed(two, on: "2018-06-01") == [1, 1, 0, 0])
    }
}

extension Hand.Answer {
    fileprivate var four: [Int] { [count.met, count.unmet, count.unknown, count.pending] }
}
