import Enforcement
import Kernel
import Ledger
import Registry
import TestKit
import Testing

/// The clocks of a case, of lists and complaints, with days worked out by hand.
@Suite struct CaseClocksTests {
    private func verdict(_ name: String, _ records: [Record], on day: String) throws -> String {
        let measure = try #require(Enforcement.feature.measures.first { $0.name == name })
        let rows = Hand([Enforcement.feature]).count(measure, records, on: day).stretches
        return rows.map { "\($0.verdict.rawValue)\($0.reason.isEmpty ? "" : " " + $0.reason)\($0.debtor.isEmpty ? "" : " " + $0.debtor)" }
            .joined(
                separator: ";")
    }
    private var employer: Record { Hand.record(Employer.kind, "E1", ["name": "陶瓷厂", "division": "330402"]) }
    private func file(_ cells: [String: String] = [:]) -> Record {
        Hand.record(
            Case.kind, "V1", ["employer": "E1", "division": "330402", "found": "2026-01-05", "filed": "2026-01-12"].merging(cells) { $1 })
    }
    private func decision(_ cells: [String: String]) -> Record {
        Hand.record(
            PenaltyDecision.kind, "D1",
            [
                "case": "V1", "employer": "E1", "item": "72.1", "facts": "超标", "means": "fine", "amount": "60000", "proposed": "2026-02-02",
                "notice": "2026-02-02",
            ].merging(cells) { $1 })
    }

    /// Filed 2026-01-12: ninety days end on 2026-04-12. Decided by the penalty, or by the case's own outcome.
    @Test func ninetyDays() throws {
        #expect(try verdict("case_decision", [employer, file()], on: "2026-01-11") == "")
        #expect(try verdict("case_decision", [employer, file()], on: "2026-04-12") == "pending")
        #expect(try verdict("case_decision", [employer, file()], on: "2026-04-13") == "unmet clock.overdue")
        let decided = [employer, file(), decision(["decided": "2026-04-12"])]
        #expect(try verdict("case_decision", decided, on: "2026-04-12") == "met")
        #expect(try verdict("case_decision", decided, on: "2027-01-01") == "")
        let closed = [employer, file(["decided": "2026-04-20", "outcome": "no_penalty"])]
        #expect(try verdict("case_decision", closed, on: "2026-04-19") == "unmet clock.overdue")
        #expect(try verdict("case_decision", closed, on: "2026-04-20") == "unmet clock.late")
        // Before the law of 2021 no period is to hand.
        let old = file(["found": "2020-01-02", "filed": "2020-01-03"])
        #expect(try verdict("case_decision", [employer, old], on: "2020-06-01") == "unknown clock.edition-unknown")
    }

    /// The plan's own measure: a penalty decides the case as its own entry would.
    @Test func thePlansFigure() throws {
        let name = "violation_case_handling_rate"
        #expect(try verdict(name, [employer, file()], on: "2026-04-04") == "pending")
        #expect(try verdict(name, [employer, file()], on: "2026-04-05") == "unmet case.undecided")
        #expect(try verdict(name, [employer, file(), decision(["decided": "2026-03-30"])], on: "2026-03-30") == "met")
        #expect(try verdict(name, [employer, file(["decided": "2026-03-30", "outcome": "penalty"])], on: "2026-03-30") == "met")
    }

    /// Notice served on Friday 2026-02-13; Spring Festival until the 23rd, the 14th and 28th are worked: the fifth working day is the 27th.
    @Test func hearing() throws {
        let served = decision(["hearing_right": "1", "notice_served": "2026-02-13"])
        #expect(try verdict("hearing_request", [employer, file(), served], on: "2026-02-27") == "pending E1")
        #expect(try verdict("hearing_request", [employer, file(), served], on: "2026-02-28") == "")
        let asked = Hand.record(CaseStatement.kind, "S1", ["decision": "D1", "type": "hearing", "day": "2026-02-26"])
        #expect(try verdict("hearing_request", [employer, file(), served, asked], on: "2026-02-26") == "met E1")
        #expect(try verdict("hearing_request", [employer, file(), decision(["notice_served": "2026-02-13"])], on: "2026-02-20") == "")
    }

    /// Decided on Friday 2026-02-13: the seventh working day is Monday 2 March.
    @Test func serviceAndPublication() throws {
        let decided = decision(["decided": "2026-02-13"])
        for name in ["decision_service", "decision_publication"] {
            #expect(try verdict(name, [employer, file(), decided], on: "2026-03-02") == "pending")
            #expect(try verdict(name, [employer, file(), decided], on: "2026-03-03") == "unmet clock.overdue")
        }
        let done = decision(["decided": "2026-02-13", "served": "2026-03-02", "published": "2026-03-03", "summary": "超标"])
        #expect(try verdict("decision_service", [employer, file(), done], on: "2026-03-04") == "met")
        #expect(try verdict("decision_publication", [employer, file(), done], on: "2026-03-04") == "unmet clock.late")
    }

    /// Served on 2026-03-02: fifteen days to pay end on the 17th; reconsideration sixty days later, an action six months.
    @Test func paymentAndRemedies() throws {
        let served = decision(["decided": "2026-02-27", "served": "2026-03-02"])
        #expect(try verdict("fine_payment", [employer, file(), served], on: "2026-03-17") == "pending E1")
        #expect(try verdict("fine_payment", [employer, file(), served], on: "2026-03-18") == "unmet clock.overdue E1")
        let deferred = decision(["decided": "2026-02-27", "served": "2026-03-02", "deferred": "2026-06-30"])
        #expect(try verdict("fine_payment", [employer, file(), deferred], on: "2026-06-30") == "pending E1")
        #expect(try verdict("fine_payment", [employer, file(), deferred], on: "2026-07-01") == "unmet clock.overdue E1")
        let paid = decision(["decided": "2026-02-27", "served": "2026-03-02", "paid_on": "2026-03-17"])
        #expect(try verdict("fine_payment", [employer, file(), paid], on: "2026-03-18") == "met E1")
        let annulled = decision(["decided": "2026-02-27", "served": "2026-03-02", "annulled": "2026-03-20", "annulment": "证据不足"])
        #expect(try verdict("fine_payment", [employer, file(), annulled], on: "2026-03-20") == "")
        #expect(try verdict("reconsideration_request", [employer, file(), served], on: "2026-05-01") == "pending E1")
        #expect(try verdict("reconsideration_request", [employer, file(), served], on: "2026-05-02") == "")
        #expect(try verdict("litigation_request", [employer, file(), served], on: "2026-09-02") == "pending E1")
        #expect(try verdict("litigation_request", [employer, file(), served], on: "2026-09-03") == "")
    }

    /// A department confirms by the day that the notice names.
    @Test func receipts() throws {
        let listing = Hand.record(
            CreditListing.kind, "L1",
            [
                "employer": "E1", "list": "blacklist", "criterion": "repeated", "reason": "再犯", "notice": "2026-01-05",
                "object_until": "2026-01-15", "until": "2027-01-15", "listed": "2026-01-16",
            ])
        let notice = Hand.record(
            CreditNotice.kind, "N1", ["listing": "L1", "function": "tax", "sent": "2026-01-20", "due": "2026-01-30"])
        let name = "credit_receipt_due"
        #expect(try verdict(name, [employer, listing, notice], on: "2026-01-30") == "pending")
        #expect(try verdict(name, [employer, listing, notice], on: "2026-01-31") == "unmet clock.overdue")
        let receipt = Hand.record(CreditReceipt.kind, "R1", ["notice": "N1", "day": "2026-01-30"])
        #expect(try verdict(name, [employer, listing, notice, receipt], on: "2026-02-10") == "met")
        let days = try ["2026-01-15", "2026-01-16", "2027-01-15", "2027-01-16"].map { try #require(Day($0)) }
        #expect(days.map { CreditStanding(listing, on: $0) } == [.intended, .listed, .listed, .expired])
    }

    /// No period of triage is to hand: open without a last day, never overdue. The answer is due on the day promised.
    @Test func complaints() throws {
        func complaint(_ cells: [String: String]) -> Record {
            Hand.record(
                Complaint.kind, "C1",
                [
                    "division": "330402", "received": "2026-01-05", "channel": "web", "topics": "hazard", "against": "陶瓷厂", "text": "粉尘大",
                ].merging(cells) { $1 })
        }
        #expect(try verdict("complaint_triage_due", [complaint([:])], on: "2026-12-31") == "pending")
        #expect(try verdict("complaint_answer_due", [complaint([:])], on: "2026-01-05") == "")
        let accepted = ["triaged": "2026-01-07", "triage": "accepted", "due": "2026-02-06", "function": "health"]
        #expect(try verdict("complaint_triage_due", [complaint(accepted)], on: "2026-01-07") == "met")
        #expect(try verdict("complaint_answer_due", [complaint(accepted)], on: "2026-02-06") == "pending")
        #expect(try verdict("complaint_answer_due", [complaint(accepted)], on: "2026-02-07") == "unmet clock.overdue")
        let answered = accepted.merging(["answered": "2026-02-09", "answer": "已责令整改"]) { $1 }
        #expect(try verdict("complaint_answer_due", [complaint(answered)], on: "2026-02-09") == "unmet clock.late")
        let refused = ["triaged": "2026-01-07", "triage": "refused", "triage_reason": "不属于职业病防治事项"]
        #expect(try verdict("complaint_answer_due", [complaint(refused)], on: "2026-03-01") == "")
        // A jurisdiction that sets its own: five working days from 2026-01-05 end on the 12th.
        let measure = try #require(Enforcement.feature.measures.first { $0.name == "complaint_triage_due" })
        let own = ["complaint.triage_days": "5"]
        let hand = Hand([Enforcement.feature])
        #expect(hand.count(measure, [complaint([:])], on: "2026-01-12", with: own).stretches.map(\.verdict) == [.pending])
        #expect(hand.count(measure, [complaint([:])], on: "2026-01-13", with: own).stretches.map(\.verdict) == [.unmet])
    }
}
