import Institutions
import Kernel
import Ledger
import Registry
import Surveillance
import TestKit
import Testing

/// The clock of examination reports, with days worked out by hand.
@Suite struct ExamReportClockTests {
    private func answer(_ cells: [String: String], on day: String) throws -> Hand.Answer {
        let measure = try #require(Surveillance.feature.measures.first { $0.name == "exam_report" })
        #expect(measure.isClock && measure.clause != nil)
        let records = [
            Hand.record(Employer.kind, "E1", ["name": "甲", "division": "330402"]),
            Hand.record(Institution.kind, "I1", ["name": "体检中心", "division": "330411"]),
            Hand.record(ExamReport.kind, "N1", ["employer": "E1", "institution": "I1"].merging(cells) { $1 }),
        ]
        return Hand().count(measure, records, on: day)
    }
    private func states(_ cells: [String: String], on day: String) throws -> [String] {
        try answer(cells, on: day).stretches.map { "\($0.debtor) \($0.verdict.rawValue) \($0.reason)" }
    }

    /// Ended on Friday 26 September 2025. 28, 29, 30 September; 9, 10, 11 October; then four weeks of five: 26 are over on 7 November,
    /// the thirtieth is the 13th.
    @Test func acrossNationalDay() throws {
        #expect(try states(["ended": "2025-09-26"], on: "2025-11-13") == ["I1 pending "])
        #expect(try states(["ended": "2025-09-26"], on: "2025-11-14") == ["I1 unmet clock.overdue"])
        #expect(try states(["ended": "2025-09-26", "delivered": "2025-11-13"], on: "2025-11-13") == ["I1 met "])
        #expect(try states(["ended": "2025-09-26", "delivered": "2025-11-14"], on: "2025-11-14") == ["I1 unmet clock.late"])
    }

    /// Until the order of 2015 thirty calendar days.
    @Test func olderOrder() throws {
        #expect(try states(["ended": "2015-04-30"], on: "2015-05-30") == ["I1 pending "])
        #expect(try states(["ended": "2015-04-30"], on: "2015-05-31") == ["I1 unmet clock.overdue"])
        // 1 May 2015 was off until the 3rd: thirty working days from it are until 12 June.
        #expect(try states(["ended": "2015-05-01"], on: "2015-06-12") == ["I1 pending "])
        #expect(try states(["ended": "2015-05-01"], on: "2015-06-13") == ["I1 unmet clock.overdue"])
    }

    @Test func unknownEnd() throws {
        #expect(try states([:], on: "2025-06-01") == ["I1 unknown clock.start-unknown"])
        #expect(try states(["delivered": "2025-05-05"], on: "2025-06-01") == ["I1 unknown clock.start-unknown"])
    }
}
