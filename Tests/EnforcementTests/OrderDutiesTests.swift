import Enforcement
import Exposure
import Kernel
import Ledger
import Registry
import TestKit
import Testing

/// Hand-overs, orders and inspection by risk level: worked examples whose days are counted by hand.
@Suite struct OrderDutiesTests {
    private let employer = Hand.record(Employer.kind, "E1", ["name": "E1", "division": "330402", "hazards": "1"])

    /// What stands on a day: verdict, reason and record of each subject, in the order of subjects.
    private func ask(_ name: String, _ records: [Record], on day: String, with terms: [String: String] = [:]) throws -> [[String]] {
        let measure = try #require(Enforcement.feature.measures.first { $0.name == name })
        let answer = Hand([Enforcement.feature, Exposure.feature]).count(measure, [employer] + records, on: day, with: terms)
        return answer.stretches.sorted { $0.subject < $1.subject }.map { [$0.subject, $0.verdict.rawValue, $0.reason, $0.record] }
    }
    private func report(_ issued: String?, _ verdict: String = "exceed") -> [Record] {
        var cells = ["employer": "E1", "type": "periodic", "sampled": "2026-03-01"]
        cells["issued"] = issued
        return [
            Hand.record(TestReport.kind, "T1", cells),
            Hand.record(TestResult.kind, "R1", ["report": "T1", "factor": "A001", "verdict": verdict]),
        ]
    }
    private func inspection(_ id: String, _ day: String, _ more: [String: String] = [:], _ items: [String: String] = [:]) -> [Record] {
        let own = Hand.record(Inspection.kind, id, ["employer": "E1", "day": day].merging(more) { $1 })
        return [own]
            + items.map {
                Hand.record(InspectionItem.kind, "\(id)-\($0.key)", ["inspection": id, "item": $0.key, "result": $0.value, "note": "x"])
            }
    }

    /// Issued on 2026-03-10, 15 days: the last is 2026-03-25.
    @Test func handover() throws {
        let terms = ["handover.days": "15"]
        func ask(_ day: String, _ more: [Record] = [], _ own: [String: String] = ["handover.days": "15"]) throws -> [[String]] {
            try self.ask("exceedance_handover", report("2026-03-10") + more, on: day, with: own)
        }
        #expect(try ask("2026-03-09") == [])
        #expect(try ask("2026-03-10") == [["T1", "pending", "", ""]])
        #expect(try ask("2026-03-25") == [["T1", "pending", "", ""]])
        #expect(try ask("2026-03-26") == [["T1", "unmet", "clock.overdue", "T1"]])
        // An inspection that names the report, in time and late; one that does not, and one before the report, are none.
        #expect(try ask("2026-03-25", inspection("I1", "2026-03-25", ["report": "T1"])) == [["T1", "met", "", "I1"]])
        #expect(try ask("2026-03-26", inspection("I1", "2026-03-26", ["report": "T1"])) == [["T1", "unmet", "clock.late", "I1"]])
        #expect(try ask("2026-03-26", inspection("I1", "2026-03-20")) == [["T1", "unmet", "clock.overdue", "T1"]])
        #expect(try ask("2026-03-26", inspection("I1", "2026-03-05", ["report": "T1"])) == [["T1", "unmet", "clock.overdue", "T1"]])
        #expect(try ask("2027-01-01", inspection("I1", "2026-03-25", ["report": "T1"])) == [])
        // A reason on record serves; that it is to be inspected is no inspection yet.
        func handled(_ how: String) -> [Record] {
            [Hand.record(Handover.kind, "H1", ["report": "T1", "day": "2026-03-20", "disposition": how, "reason": "复测合格"])]
        }
        #expect(try ask("2026-03-26", handled("retested")) == [["T1", "met", "", "H1"]])
        #expect(try ask("2026-03-26", handled("inspection")) == [["T1", "unmet", "clock.overdue", "T1"]])
        // Where nobody set a period, nobody can tell; what was done is done.
        #expect(try ask("2026-03-10", [], [:]) == [["T1", "unknown", "term.unset", "T1"]])
        #expect(try ask("2026-12-31", [], [:]) == [["T1", "unknown", "term.unset", "T1"]])
        #expect(try ask("2026-05-01", inspection("I1", "2026-05-01", ["report": "T1"]), [:]) == [["T1", "met", "", "I1"]])
        // A report that does not say when it was issued cannot be late, and one without an exceedance is none.
        #expect(
            try self.ask("exceedance_handover", report(nil), on: "2026-06-01", with: terms) == [
                ["T1", "unknown", "clock.start-unknown", "T1"]
            ])
        #expect(try self.ask("exceedance_handover", report("2026-03-10", "pass"), on: "2026-06-01", with: terms) == [])
    }

    private func order(_ more: [String: String] = [:]) -> [Record] {
        let cells = [
            "employer": "E1", "issued": "2026-04-01", "due": "2026-05-01", "items": "E72-1;E72-4", "facts": "粉尘超标",
        ]
        return [Hand.record(Order.kind, "O1", cells.merging(more) { $1 })]
    }
    private func evidence(_ id: String, _ day: String) -> [Record] {
        [Hand.record(Rectification.kind, id, ["order": "O1", "day": day, "text": "已加装除尘"])]
    }
    private func check(_ id: String, _ day: String, _ first: String, _ second: String? = "yes") -> [Record] {
        var items = ["E72-1": first]
        items["E72-4"] = second
        return inspection(id, day, ["order": "O1"], items)
    }

    @Test func rectification() throws {
        func ask(_ day: String, _ more: [Record] = [], _ own: [String: String] = [:]) throws -> [String] {
            let rows = try self.ask("order_rectification", order(own) + more, on: day)
            #expect(rows.count < 2)
            return Array(rows.first?.dropFirst() ?? [])
        }
        #expect(try ask("2026-03-31") == [])
        #expect(try ask("2026-05-01") == ["pending", "", ""])
        #expect(try ask("2026-05-02") == ["unmet", "order.overdue", "O1"])
        #expect(try ask("2026-05-02", evidence("R1", "2026-05-01")) == ["met", "", "R1"])
        #expect(try ask("2026-05-03", evidence("R1", "2026-05-02")) == ["unmet", "clock.late", "R1"])
        // A check that finds one item failing undoes the evidence; before the deadline there is time left.
        let refuted = evidence("R1", "2026-04-10") + check("I1", "2026-04-20", "no")
        #expect(try ask("2026-04-19", refuted) == ["met", "", "R1"])
        #expect(try ask("2026-04-20", refuted) == ["pending", "", ""])
        #expect(try ask("2026-05-02", refuted) == ["unmet", "order.unrectified", "I1"])
        #expect(try ask("2026-05-02", refuted + evidence("R2", "2026-04-30")) == ["met", "", "R2"])
        // Not all items looked at: neither confirms nor refutes. All of them: confirmed, and over with the year.
        #expect(try ask("2026-05-02", check("I1", "2026-04-20", "yes", nil)) == ["unmet", "order.overdue", "O1"])
        #expect(try ask("2026-05-02", check("I1", "2026-04-20", "yes", "not_applicable")) == ["met", "", "I1"])
        #expect(try ask("2027-01-01", check("I1", "2026-04-20", "yes")) == [])
        // After the deadline: evidence in time, found wanting.
        let wanting = evidence("R1", "2026-04-30") + check("I1", "2026-05-10", "no")
        #expect(try ask("2026-05-09", wanting) == ["met", "", "R1"])
        #expect(try ask("2026-05-10", wanting) == ["unmet", "order.unrectified", "I1"])
        // Referred to a case or revoked: nothing is owed under the order any more.
        #expect(try ask("2026-05-20", wanting, ["closed": "2026-05-20", "closing": "case", "case": "C1"]) == [])
        #expect(try ask("2026-04-20", [], ["closed": "2026-04-20", "closing": "withdrawn"]) == [])
        #expect(try ask("2026-05-02", [], ["closed": "2026-04-30", "closing": "rectified"]) == ["met", "", "O1"])
    }

    @Test func rechecksAndEscalation() throws {
        let terms = ["order.recheck_days": "10", "order.escalation_days": "7"]
        func ask(_ name: String, _ day: String, _ more: [Record] = [], _ own: [String: String] = [:]) throws -> [[String]] {
            try self.ask(name, order(own) + more, on: day, with: terms)
        }
        // Nothing handed in: the check falls due after the deadline.
        #expect(try ask("order_recheck", "2026-05-01") == [])
        #expect(try ask("order_recheck", "2026-05-02") == [["O1", "pending", "", ""]])
        #expect(try ask("order_recheck", "2026-05-13") == [["O1", "unmet", "clock.overdue", "O1"]])
        #expect(try ask("order_recheck", "2026-05-13", check("I1", "2026-05-12", "no")) == [["O1", "met", "", "I1"]])
        // Each piece of evidence asks for a check of its own.
        let two = evidence("R1", "2026-04-10") + check("I1", "2026-04-20", "no") + evidence("R2", "2026-04-28")
        #expect(try ask("order_recheck", "2026-05-09", two) == [["O1|R1", "met", "", "I1"], ["O1|R2", "unmet", "clock.overdue", "R2"]])
        #expect(try ask("order_recheck", "2026-05-20", check("I1", "2026-04-20", "yes")) == [])
        // Not obeyed after the deadline: a case within the period.
        let failed = check("I1", "2026-05-10", "no")
        #expect(try ask("order_escalation", "2026-05-17", failed) == [["O1", "pending", "", ""]])
        #expect(try ask("order_escalation", "2026-05-18", failed) == [["O1", "unmet", "clock.overdue", "I1"]])
        let referred = ["closed": "2026-05-17", "closing": "case", "case": "C1"]
        #expect(try ask("order_escalation", "2026-05-18", failed, referred) == [["O1", "met", "", "O1"]])
        #expect(try ask("order_escalation", "2026-05-18", check("I1", "2026-04-30", "no")) == [])
        #expect(try self.ask("order_escalation", order() + failed, on: "2026-05-18") == [["O1", "unknown", "term.unset", "I1"]])
    }

    /// Level IV every 6 months, II every 24: a changed grade moves the day.
    @Test func frequency() throws {
        func grade(_ id: String, _ level: String?, _ from: String, _ until: String? = nil, label: String = "甲") -> Record {
            var cells = ["employer": "E1", "scheme": "own", "label": label, "from": from]
            (cells["level"], cells["until"]) = (level, until)
            return Hand.record(Grade.kind, id, cells)
        }
        func ask(
            _ day: String, _ records: [Record], _ own: [String: String] = ["inspection.months": "IV=6;II=24;own/丙=36"]
        ) throws -> [String] {
            Array(try self.ask("inspection_due", records, on: day, with: own).first?.dropFirst() ?? [])
        }
        let fourth = [grade("G1", "IV", "2026-01-10")]
        #expect(try ask("2026-01-09", fourth) == [])
        #expect(try ask("2026-07-10", fourth) == ["pending", "", ""])
        #expect(try ask("2026-07-11", fourth) == ["unmet", "inspection.overdue", "G1"])
        let inspected = fourth + inspection("I1", "2026-05-20")
        #expect(try ask("2026-11-20", inspected) == ["met", "", "I1"])
        #expect(try ask("2026-11-21", inspected) == ["unmet", "inspection.overdue", "G1"])
        // From IV to II on 2026-06-01: due two years after the inspection. From II to IV on 2027-03-01: long past, due at once.
        let milder = inspected + [grade("G2", "II", "2026-06-01")]
        #expect(try ask("2026-11-21", milder) == ["met", "", "I1"])
        #expect(try ask("2028-05-20", milder) == ["met", "", "I1"])
        #expect(try ask("2028-05-21", milder) == ["unmet", "inspection.overdue", "G2"])
        let harder = milder + [grade("G3", "IV", "2027-03-01")]
        #expect(try ask("2027-02-28", harder) == ["met", "", "I1"])
        #expect(try ask("2027-03-01", harder) == ["met", "", "I1"])
        #expect(try ask("2027-03-02", harder) == ["unmet", "inspection.overdue", "G3"])
        // A class of a scheme before the level; a grade that ended; a level of which nothing was set; nothing set at all.
        #expect(try ask("2028-12-31", [grade("G1", "IV", "2026-01-10", label: "丙")]) == ["pending", "", ""])
        #expect(try ask("2026-03-01", [grade("G1", "IV", "2026-01-10", "2026-02-01")]) == [])
        #expect(try ask("2026-03-01", [grade("G1", "I", "2026-01-10")]) == ["unknown", "term.unset", "G1"])
        #expect(try ask("2026-03-01", fourth, [:]) == ["unknown", "term.unset", "G1"])
    }
}
