import Declaration
import Kernel
import Registry
import TestKit
import Testing

@testable import Ledger

/// The clocks of declaration, with days worked out by hand: a verdict and its reason for each subject on a day.
@Suite struct DeclarationClocksTests {
    private func states(_ name: String, _ records: [Record], on day: String, features: [Feature] = []) throws -> [String] {
        let measure = try #require(Declaration.feature.measures.first { $0.name == name })
        #expect(measure.isClock && measure.clause != nil)
        let found = Hand(features).count(measure, records, on: day).stretches.sorted { $0.subject < $1.subject }
        return found.map { ["\($0.subject) \($0.verdict.rawValue)", $0.reason].filter { !$0.isEmpty }.joined(separator: " ") }
    }
    private let employer = Hand.record(Employer.kind, "E1", ["name": "甲", "division": "330402", "hazards": "1"])
    private func cause(_ kind: String, _ day: String?, id: String = "U1") -> Record {
        var cells = ["employer": "E1", "cause": kind]
        cells["day"] = day
        return Hand.record(DeclarationCause.kind, id, cells)
    }
    private func filing(_ id: String, _ type: String, _ submitted: String, _ cells: [String: String] = [:]) -> Record {
        Hand.record(Filing.kind, id, ["employer": "E1", "type": type, "submitted": submitted].merging(cells) { $1 })
    }

    /// A project accepted on 20 January 2026: thirty days are until 19 February, in the Spring Festival, and not moved.
    @Test func project() throws {
        let name = "declaration_project"
        let bare = [employer, cause("project", "2026-01-20")]
        #expect(try states(name, bare, on: "2026-01-19") == [])
        #expect(try states(name, bare, on: "2026-01-20") == ["U1 pending"])
        #expect(try states(name, bare, on: "2026-02-19") == ["U1 pending"])
        #expect(try states(name, bare, on: "2026-02-20") == ["U1 unmet clock.overdue"])
        #expect(try states(name, bare, on: "2030-01-01") == ["U1 unmet clock.overdue"])
        let timely = bare + [filing("F1", "change", "2026-02-19")]
        #expect(try states(name, timely, on: "2026-02-18") == ["U1 pending"])
        #expect(try states(name, timely, on: "2026-02-19") == ["U1 met"])
        #expect(try states(name, timely, on: "2026-12-31") == ["U1 met"])
        #expect(try states(name, timely, on: "2027-01-01") == [])
        let late = bare + [filing("F1", "change", "2026-02-20")]
        #expect(try states(name, late, on: "2026-02-20") == ["U1 unmet clock.late"])
        #expect(try states(name, late, on: "2027-01-01") == [])
        let later = bare + [filing("F1", "change", "2026-03-01")]
        #expect(try states(name, later, on: "2026-02-28") == ["U1 unmet clock.overdue"])
        // Another cause is another clock; a declaration before the event answers nothing, nor does a cancellation.
        #expect(try states("declaration_process", timely, on: "2026-02-19") == [])
        #expect(try states(name, bare + [filing("F1", "change", "2026-01-19")], on: "2026-02-20") == ["U1 unmet clock.overdue"])
        #expect(try states(name, bare + [filing("F1", "cancellation", "2026-02-01")], on: "2026-02-20") == ["U1 unmet clock.overdue"])
    }

    /// Fifteen days for a change of process and of identity; thirty for the first declaration.
    @Test func otherCauses() throws {
        func last(_ name: String, _ kind: String, _ pending: String, _ overdue: String) throws {
            let records = [employer, cause(kind, "2026-02-10")]
            #expect(try states(name, records, on: pending) == ["U1 pending"])
            #expect(try states(name, records, on: overdue) == ["U1 unmet clock.overdue"])
        }
        try last("declaration_process", "process", "2026-02-25", "2026-02-26")
        try last("declaration_identity", "identity", "2026-02-25", "2026-02-26")
        try last("declaration_differing_test", "differing_test", "2026-02-25", "2026-02-26")
        try last("declaration_termination", "termination", "2026-02-25", "2026-02-26")
        try last("declaration_initial", "commencement", "2026-03-12", "2026-03-13")
    }

    /// Order 21 gave thirty days for a change of process; between it and Order 48 nothing is to hand.
    @Test func editions() throws {
        let name = "declaration_process"
        #expect(try states(name, [employer, cause("process", "2008-03-03")], on: "2008-04-02") == ["U1 pending"])
        #expect(try states(name, [employer, cause("process", "2008-03-03")], on: "2008-04-03") == ["U1 unmet clock.overdue"])
        let between = [employer, cause("process", "2010-05-04")]
        #expect(try states(name, between, on: "2010-05-04") == ["U1 unknown clock.edition-unknown"])
        #expect(
            try states(name, between + [filing("F1", "change", "2010-05-05")], on: "2010-05-06") == ["U1 unknown clock.edition-unknown"])
        #expect(try states(name, [employer, cause("process", "2012-06-01")], on: "2012-06-17") == ["U1 unmet clock.overdue"])
    }

    /// A cause without a day is unknown, whatever was declared, and never met.
    @Test func unknownStart() throws {
        let name = "declaration_process"
        let bare = [employer, cause("process", nil)]
        #expect(try states(name, bare, on: "2026-02-10") == ["U1 unknown clock.start-unknown"])
        let answered = bare + [filing("F1", "change", "2026-02-10", ["cause": "U1"])]
        #expect(try states(name, answered, on: "2026-02-10") == ["U1 unknown clock.start-unknown"])
        #expect(try states(name, answered, on: "2027-01-01") == [])
    }

    /// A declaration that names a cause answers that one and no other.
    @Test func namedCauses() throws {
        let records = [
            employer, cause("process", "2026-02-10"), cause("process", "2026-02-12", id: "U2"),
            filing("F1", "change", "2026-02-20", ["cause": "U2"]),
        ]
        #expect(try states("declaration_process", records, on: "2026-02-28") == ["U1 unmet clock.overdue", "U2 met"])
        #expect(
            try states("declaration_process", records + [filing("F2", "change", "2026-02-21")], on: "2026-02-28") == ["U1 met", "U2 met"])
    }

    /// Closed on 1 March 2026: cancelled until the 16th, unless it reopens; who never declared has nothing to cancel.
    @Test func termination() throws {
        let name = "declaration_termination"
        let closing = Hand.record(EmployerChange.kind, "C1", ["employer": "E1", "day": "2026-03-01", "closed": "1"])
        let declared = [employer, closing, filing("F1", "initial", "2020-05-06")]
        #expect(try states(name, declared, on: "2026-02-28") == [])
        #expect(try states(name, declared, on: "2026-03-16") == ["C1 pending"])
        #expect(try states(name, declared, on: "2026-03-17") == ["C1 unmet clock.overdue"])
        #expect(try states(name, declared + [filing("F2", "cancellation", "2026-03-16")], on: "2026-03-17") == ["C1 met"])
        #expect(try states(name, declared + [filing("F2", "cancellation", "2026-03-17")], on: "2026-03-17") == ["C1 unmet clock.late"])
        #expect(try states(name, [employer, closing], on: "2026-03-17") == [])
        // Cancelled before it closed: nothing stands any more.
        #expect(try states(name, declared + [filing("F2", "cancellation", "2026-01-05")], on: "2026-03-17") == [])
        let reopening = Hand.record(EmployerChange.kind, "C2", ["employer": "E1", "day": "2026-03-20", "closed": "0"])
        #expect(try states(name, declared + [reopening], on: "2026-03-19") == ["C1 unmet clock.overdue"])
        #expect(try states(name, declared + [reopening], on: "2026-03-20") == [])
        // Recorded as a cause with its own day: that day counts, once.
        let recorded = declared + [cause("termination", "2026-02-20")]
        #expect(try states(name, recorded, on: "2026-03-07") == ["U1 pending"])
        #expect(try states(name, recorded, on: "2026-03-08") == ["U1 unmet clock.overdue"])
        // The end of the employer's own record closes it as well.
        let ended = Hand.record(
            Employer.kind, "E1", ["name": "甲", "division": "330402", "hazards": "1", "until": "2026-03-01"])
        #expect(try states(name, [ended, filing("F1", "initial", "2020-05-06")], on: "2026-03-17") == ["E1 unmet clock.overdue"])
    }

    /// Received on Friday 13 February 2026: 14 (worked), 24, 25, 26 and 27 February are the five working days.
    @Test func receipt() throws {
        let name = "declaration_receipt"
        func filed(_ cells: [String: String]) -> [Record] { [employer, filing("F1", "initial", "2026-02-12", cells)] }
        let received = ["received": "2026-02-13"]
        #expect(try states(name, filed(received), on: "2026-02-12") == [])
        #expect(try states(name, filed(received), on: "2026-02-27") == ["F1 pending"])
        #expect(try states(name, filed(received), on: "2026-02-28") == ["F1 unmet clock.overdue"])
        #expect(try states(name, filed(received.merging(["receipt": "2026-02-27"]) { $1 }), on: "2026-02-27") == ["F1 met"])
        #expect(try states(name, filed(received.merging(["receipt": "2026-02-28"]) { $1 }), on: "2026-02-28") == ["F1 unmet clock.late"])
        // The authority owes it.
        let measure = try #require(Declaration.feature.measures.first { $0.name == name })
        #expect(Hand().count(measure, filed(received), on: "2026-02-27").stretches.map(\.debtor) == [""])
        // Not recorded when it was received: in time for certain where it is so from the day of submission, else unknown.
        #expect(try states(name, filed([:]), on: "2026-03-20") == ["F1 unknown clock.start-unknown"])
        #expect(try states(name, filed(["accepted": "2026-02-26"]), on: "2026-03-20") == ["F1 met"])
        #expect(try states(name, filed(["accepted": "2026-02-27"]), on: "2026-03-20") == ["F1 unknown clock.start-unknown"])
        #expect(try states(name, filed(["accepted": "2026-02-27"]), on: "2027-01-01") == [])
    }

    /// 2027's holidays are not to hand: five calendar days are in time for certain, nothing else can be told.
    @Test func receiptWithoutATable() throws {
        let name = "declaration_receipt"
        func filed(_ receipt: String?) -> [Record] {
            var cells = ["received": "2027-03-01"]
            cells["receipt"] = receipt
            return [employer, filing("F1", "initial", "2027-03-01", cells)]
        }
        #expect(try states(name, filed(nil), on: "2027-03-08") == ["F1 pending"])
        #expect(try states(name, filed(nil), on: "2027-03-09") == ["F1 unknown clock.holidays-unknown"])
        #expect(try states(name, filed("2027-03-06"), on: "2027-03-06") == ["F1 met"])
        #expect(try states(name, filed("2027-03-08"), on: "2027-03-08") == ["F1 unknown clock.holidays-unknown"])
        #expect(try states(name, filed("2027-03-15"), on: "2027-03-15") == ["F1 unknown clock.holidays-unknown"])
    }

    /// A test received on 10 February 2026 found benzene where dust alone was declared: declared anew until the 25th.
    @Test func differingTest() throws {
        let name = "declaration_differing_test"
        func room(_ rule: String, _ factors: [String]) -> [Feature] {
            let day = Day("2026-02-10") ?? .distantPast
            let rule = FindingRule(rule, in: Employer.kind) { _, _ in factors.map { Finding(Span(day), record: "R1", code: $0) } }
            return [Feature("Tests", kinds: [], findings: [rule])]
        }
        let received = room("exposure.tested", ["A001", "B028"])
        let declared = [employer, filing("F1", "initial", "2020-01-10", ["factors": "A001"])]
        #expect(try states(name, declared, on: "2026-02-25", features: received) == ["R1 pending"])
        #expect(try states(name, declared, on: "2026-02-26", features: received) == ["R1 unmet clock.overdue"])
        let answer = filing("F2", "change", "2026-02-25", ["factors": "A001;B028"])
        #expect(try states(name, declared + [answer], on: "2026-02-26", features: received) == ["R1 met"])
        // A declaration of something else is no answer; one that names nothing may be one.
        let other = filing("F2", "yearly", "2026-02-20", ["factors": "A001"])
        #expect(try states(name, declared + [other], on: "2026-02-26", features: received) == ["R1 unmet clock.overdue"])
        let silent = filing("F2", "yearly", "2026-02-20")
        #expect(try states(name, declared + [silent], on: "2026-02-26", features: received) == ["R1 unknown declaration.factors-unknown"])
        // Nothing differs; nothing was declared; nobody knows what was.
        #expect(try states(name, declared, on: "2026-02-26", features: room("exposure.tested", ["A001"])) == [])
        #expect(try states(name, [employer], on: "2026-02-26", features: received) == [])
        let unlisted = [employer, filing("F1", "initial", "2020-01-10")]
        #expect(try states(name, unlisted, on: "2026-02-20", features: received) == ["R1 unknown declaration.factors-unknown"])
        #expect(try states(name, unlisted + [answer], on: "2026-02-26", features: received) == ["R1 met"])
        // The day of receipt is not recorded: unknown, unless it is in time even from the day of the report.
        let unreceived = room("exposure.tested-unreceived", ["B028"])
        #expect(try states(name, declared, on: "2026-04-01", features: unreceived) == ["R1 unknown clock.start-unknown"])
        #expect(try states(name, declared + [answer], on: "2026-04-01", features: unreceived) == ["R1 met"])
        let late = filing("F2", "change", "2026-02-26", ["factors": "A001;B028"])
        #expect(try states(name, declared + [late], on: "2026-04-01", features: unreceived) == ["R1 unknown clock.start-unknown"])
    }

    /// Steps in an order that cannot be are refused.
    @Test func orderOfDays() throws {
        func codes(_ cells: [String: String]) -> [String] {
            Filing.kind.check(filing("F1", "initial", "2026-02-12", cells)).map { "\($0.code) \($0.field ?? "")" }
        }
        #expect(codes(["received": "2026-02-11"]) == ["day.order received"])
        #expect(codes(["received": "2026-02-13", "receipt": "2026-02-12"]) == ["day.order receipt"])
        #expect(codes(["receipt": "2026-02-11"]) == ["day.order receipt"])
        #expect(codes(["received": "2026-02-13", "receipt": "2026-02-13"]) == [])
    }
}
