import Catalog
import Foundation
import Hygiene
import Kernel
import Ledger
import Registry
import TestKit
import Testing

@testable import Radiation

let doseRules: DoseRules = {
    do { return DoseRules(try DoseTables(standards: Repository.standards)) } catch {
        fatalError("dose.yaml cannot be read: \(error)")
    }
}()

/// Worked by hand. Doses in mSv.
@Suite struct DoseRulesTests {
    private typealias Period = DoseHistory.Period
    private let rules = doseRules

    private func day(_ text: String) throws -> Day { try #require(Day(text)) }
    private func span(_ from: String, _ until: String) throws -> Span { Span(try day(from), try day(until)) }

    /// Four quarters of a year with these outcomes, in a post without end.
    private func quarters(_ year: Int, _ outcomes: [DoseHistory.Outcome]) -> [Period] {
        outcomes.enumerated().map { index, outcome in
            let from = Day.firstDay(of: year).adding(months: index * 3)
            return Period(Span(from, from.adding(months: 3)), outcome)
        }
    }
    private func history(_ periods: [Period], post: Span? = nil, _ quantity: DoseTables.Quantity = .effective) throws -> DoseHistory {
        let days = try post ?? span("2021-01-01", "2022-01-01")
        return DoseHistory(quantity, posts: [try .init(days, periods)])
    }

    /// 0.21 + 0.3 + 0.04 × 0.5 + 0.25 = 0.78 mSv, of 50 (GB 18871-2002 B1.1.1.1 b; below the MDL: GBZ 128-2019).
    @Test func yearWithBelowDetection() throws {
        let year = quarters(2021, [.measured(0.21), .measured(0.3), .belowDetection(mdl: 0.04, recorded: nil), .measured(0.25)])
        let judged = rules.year(try history(year), 2021)
        #expect(abs(try #require(judged.value) - 0.78) < 1e-12)
        #expect(judged.verdict == .complies && judged.limit == 50 && judged.missing.isEmpty)
        #expect(judged.provenance.edition == "GB 18871-2002" && judged.provenance.confidence == .secondary)
        #expect(judged.working.contains { $0.zh.contains("0.04 × 0.5 = 0.02 mSv") && $0.en.contains("0.04 × 0.5 = 0.02 mSv") })
        #expect(judged.shown == "0.78")
    }

    /// Exactly 50 complies, a thousandth more does not; tenths that add up to 50 are 50.
    @Test func atTheLimitOfTheYear() throws {
        func verdict(_ doses: [Double]) throws -> String {
            rules.year(try history(quarters(2021, doses.map { .measured($0) })), 2021).verdict.rawValue
        }
        #expect(try verdict([12.5, 12.5, 12.5, 12.5]) == "pass")
        #expect(try verdict([12.5, 12.5, 12.5, 12.501]) == "exceed")
        #expect(try verdict([0.1, 0.2, 0.3, 49.4]) == "pass")
    }

    /// Third quarter without a record: at least 0.7, no bound above; with 51 in the others the limit is exceeded all the same.
    @Test func gapsAreUnknownNotNothing() throws {
        var year = quarters(2021, [.measured(0.2), .measured(0.3), .unknown, .measured(0.2)])
        year.remove(at: 2)
        let judged = rules.year(try history(year), 2021)
        #expect(judged.verdict == .undecided && judged.value == nil && judged.shown == "≥ 0.7")
        #expect(judged.missing == [Refusal("dose.gap", ["value": "2021-07-01/2021-09-30"])])
        let high = [Period(try span("2021-01-01", "2021-04-01"), .measured(51))]
        #expect(rules.year(try history(high), 2021).verdict == .exceeds)
        // A year without any dosemeter at all.
        let nothing = rules.year(try history([]), 2021)
        #expect(nothing.verdict == .undecided && nothing.missing.map(\.code) == ["dose.gap"])
    }

    /// One day between two periods is the exchange of the dosemeter (or the last day written inclusively); two days are a gap.
    @Test func dayOfExchange() throws {
        func year(_ until: String) throws -> [Period] {
            [Period(try span("2021-01-01", until), .measured(1)), Period(try span("2021-07-01", "2022-01-01"), .measured(1))]
        }
        #expect(rules.year(try history(try year("2021-06-30")), 2021).verdict == .complies)
        #expect(rules.year(try history(try year("2021-06-29")), 2021).verdict == .undecided)
    }

    /// Nominal: counted when approved, unknown otherwise; never silently.
    @Test func nominalDoses() throws {
        func judged(_ outcome: DoseHistory.Outcome) throws -> (String, [String], Double?) {
            let found = rules.year(try history(quarters(2021, [.measured(1), .measured(1), .measured(1), outcome])), 2021)
            return (found.verdict.rawValue, found.missing.map(\.code), found.value)
        }
        #expect(try judged(.nominal(2, method: "colleagues", approved: true)) == ("pass", [], 5))
        #expect(try judged(.nominal(2, method: nil, approved: false)) == ("unknown", ["dose.nominal-unapproved"], nil))
        #expect(try judged(.nominal(2, method: nil, approved: nil)) == ("unknown", ["dose.nominal-unapproved"], nil))
        #expect(try judged(.nominal(nil, method: nil, approved: true)) == ("unknown", ["dose.nominal-missing"], nil))
        #expect(try judged(.unknown) == ("unknown", ["dose.value-missing"], nil))
        #expect(try judged(.belowDetection(mdl: nil, recorded: nil)) == ("unknown", ["dose.mdl-missing"], nil))
        #expect(try judged(.belowDetection(mdl: nil, recorded: 0.02)) == ("pass", [], 3.02))
    }

    /// 100 mSv in five years is 20 a year and complies; 100.5 is 20.1. One year of 50 among them is allowed by the average.
    @Test func fiveYears() throws {
        func history(_ doses: [Double]) throws -> DoseHistory {
            let periods = doses.enumerated().map { Period(.year(2021 + $0.offset), .measured($0.element)) }
            return DoseHistory(posts: [try .init(try span("2021-01-01", "2026-01-01"), periods)])
        }
        let full = rules.fiveYears(try history([50, 10, 10, 10, 20]), from: 2021)
        #expect(full.verdict == .complies && full.value == 20 && full.limit == 20)
        let more = rules.fiveYears(try history([50, 10, 10, 10, 20.5]), from: 2021)
        #expect(more.verdict == .exceeds)
        #expect(abs(try #require(more.value) - 20.1) < 1e-12)
        // The five years that begin in 2022 lack the year 2026, in which there was no post: 50.5 ÷ 5.
        #expect(abs(try #require(rules.fiveYears(try history([50, 10, 10, 10, 20.5]), from: 2022).value) - 10.1) < 1e-12)
    }

    /// A period over the new year adds between nothing and all of it to either year.
    @Test func periodOverTheNewYear() throws {
        let periods = [
            Period(try span("2021-01-01", "2021-12-01"), .measured(5)), Period(try span("2021-12-01", "2022-03-01"), .measured(46)),
        ]
        let history = DoseHistory(posts: [try .init(try span("2021-01-01", "2022-03-01"), periods)])
        let first = rules.year(history, 2021)
        #expect(first.verdict == .undecided && first.shown == "5–51" && first.missing.map(\.code) == ["dose.straddles"])
        // 46 at most in 2022: it complies whichever way it falls.
        #expect(rules.year(history, 2022).verdict == .complies && rules.year(history, 2022).shown == "0–46")
    }

    /// Two records of one time: at least the larger (1+1+1+3), at most both (7). A third record over two of them takes nothing away:
    /// 1 + 1 lie apart from one another, 1.5 lies over both. Two posts at once: both.
    @Test func overlaps() throws {
        let twice =
            quarters(2021, [.measured(1), .measured(1), .measured(1), .measured(1)]) + [
                Period(try span("2021-01-01", "2021-04-01"), .measured(3))
            ]
        let judged = rules.year(try history(twice), 2021)
        #expect(judged.shown == "6–7" && judged.verdict == .complies)
        let bridge = [
            Period(try span("2021-01-01", "2021-07-01"), .measured(1)), Period(try span("2021-07-01", "2022-01-01"), .measured(1)),
            Period(try span("2021-06-01", "2021-08-01"), .measured(1.5)),
        ]
        #expect(rules.year(try history(bridge), 2021).shown == "2–3.5")
        let year = try span("2021-01-01", "2022-01-01")
        let posts = DoseHistory(posts: [try .init(year, [Period(year, .measured(30))]), try .init(year, [Period(year, .measured(30))])])
        #expect(rules.year(posts, 2021).value == 60 && rules.year(posts, 2021).verdict == .exceeds)
    }

    /// A year still running cannot comply yet, but can be exceeded.
    @Test func yearStillRunning() throws {
        let half = [Period(try span("2021-01-01", "2021-07-01"), .measured(4))]
        let judged = rules.year(try history(half), 2021, asOf: try day("2021-06-30"))
        #expect(judged.verdict == .undecided && judged.missing.map(\.code) == ["dose.still-open"])
        let over = [Period(try span("2021-01-01", "2021-07-01"), .measured(50.1))]
        #expect(rules.year(try history(over), 2021, asOf: try day("2021-06-30")).verdict == .exceeds)
    }

    /// Apprentices 6, lens 150, skin 500; the ICRP figure for the lens only where it is named.
    @Test func otherLimits() throws {
        let seven = quarters(2021, [.measured(2), .measured(2), .measured(2), .measured(1)])
        #expect(rules.year(try history(seven), 2021, person: .apprentice).verdict == .exceeds)
        #expect(rules.year(try history(seven), 2021, person: .apprentice).provenance.confidence == .knowledge)
        let lens = try history(quarters(2021, [.measured(40), .measured(40), .measured(40), .measured(30)]), .lens)
        #expect(rules.year(lens, 2021).verdict == .complies && rules.year(lens, 2021).limit == 150)
        let icrp = try #require(rules.tables.recommendations.first { $0.quantity == .lens && $0.duration == .year })
        #expect(rules.year(lens, 2021, limit: icrp).verdict == .exceeds)
        #expect(rules.year(lens, 2021, limit: icrp).provenance.edition == "ICRP 118")
        let skin = try history(quarters(2021, [.measured(200), .measured(200), .measured(50), .measured(50.5)]), .skin)
        #expect(rules.year(skin, 2021).verdict == .exceeds)
        let pregnancy = try span("2021-04-01", "2021-10-01")
        let quarter = try history(quarters(2021, [.measured(9), .measured(0.4), .measured(0.5), .measured(9)]))
        #expect(rules.pregnancy(quarter, pregnancy).verdict == .complies)
        #expect(rules.pregnancy(quarter, pregnancy).provenance.confidence == .uncertain)
        #expect(rules.tables.limit(.lens, .pregnant, .pregnancy, on: pregnancy.from) == nil)
    }

    /// 90 days are allowed, 91 are not (Order 55, Art. 11).
    @Test func lengthOfAPeriod() throws {
        let from = try day("2021-01-01")
        #expect(rules.length(of: Period(Span(from, from + 90), .unknown)).verdict == .complies)
        let longer = rules.length(of: Period(Span(from, from + 91), .unknown))
        #expect(longer.verdict == .exceeds && longer.value == 91 && longer.provenance.confidence == .verified)
        // The order is of November 2007.
        let before = rules.length(of: Period(try span("2007-08-01", "2007-11-01"), .unknown))
        #expect(before.verdict == .undecided && before.missing.map(\.code) == ["dose.edition-missing"])
    }

    /// 73 days: 5 × 73 ÷ 365 = 1 mSv.
    @Test func investigationLevel() throws {
        let from = try day("2021-01-01")
        let at = rules.investigation(of: Period(Span(from, from + 73), .measured(1)))
        #expect(at.verdict == .complies && at.limit == 1)
        #expect(rules.investigation(of: Period(Span(from, from + 73), .measured(1.01))).verdict == .exceeds)
        #expect(rules.investigation(of: Period(Span(from, from + 73), .unknown)).verdict == .undecided)
    }

    /// The edition of the day on which the period ends: half the MDL from knowledge before April 2020, no edition before November 2016.
    @Test func editionsOfMonitoring() throws {
        func recorded(_ until: String) throws -> (DoseRules.Bounds, [String]) {
            let end = try day(until)
            let found = rules.recorded(Period(Span(end - 30, end), .belowDetection(mdl: 0.1, recorded: nil)))
            return (found.bounds, found.missing.map(\.code))
        }
        #expect(try recorded("2020-04-02") == (.init(0.05, 0.05), []))
        #expect(try recorded("2016-11-02") == (.init(0.05, 0.05), []))
        #expect(try recorded("2016-11-01") == (.init(0, 0.1), ["dose.edition-missing"]))
        let end = try day("2020-04-01")
        #expect(rules.tables.detectionShare(on: end)?.provenance.edition == "GBZ 128-2019")
        #expect(rules.tables.detectionShare(on: end - 1)?.provenance.confidence == .uncertain)
    }

    /// Limits of GB 18871-2002 hold from 1 April 2003: the year 2003 has one on its last day, 2002 has none.
    @Test func editionOfLimits() throws {
        let old = DoseHistory(posts: [try .init(.year(2002), [Period(.year(2002), .measured(1))])])
        let judged = rules.year(old, 2002)
        #expect(judged.verdict == .undecided && judged.missing.map(\.code) == ["dose.edition-missing"])
        let next = DoseHistory(posts: [try .init(.year(2003), [Period(.year(2003), .measured(1))])])
        #expect(rules.year(next, 2003).verdict == .complies)
    }

    /// Colleagues 0.2, 0.3, 0.1: mean 0.2. The year before: 3.65 × 91 ÷ 365 = 0.91.
    @Test func nominalProposals() throws {
        let period = try span("2022-01-01", "2022-04-02")
        let colleagues = try rules.nominal(colleagues: [0.2, 0.3, 0.1], in: period)
        #expect(abs(colleagues.value - 0.2) < 1e-12 && colleagues.method == "colleagues")
        #expect(colleagues.provenance.confidence == .knowledge)
        let full = try history(quarters(2021, [.measured(1), .measured(1), .measured(1), .measured(0.65)]))
        #expect(abs(try rules.nominal(previousYearOf: full, in: period).value - 0.91) < 1e-12)
        #expect(throws: Refusal("dose.colleagues-missing")) { try rules.nominal(colleagues: [], in: period) }
        #expect(throws: Refusal("number.range", field: "dose", ["value": "-1.0", "limit": "0–10000"])) {
            try rules.nominal(colleagues: [-1], in: period)
        }
        let gap = try history(quarters(2021, [.measured(1), .measured(1), .measured(1), .unknown]))
        #expect(throws: Refusal("dose.previous-year-open", ["value": "2021"])) { try rules.nominal(previousYearOf: gap, in: period) }
        let part = try history([Period(try span("2021-07-01", "2022-01-01"), .measured(1))], post: try span("2021-07-01", "2023-01-01"))
        #expect(throws: Refusal("dose.previous-year-open", ["value": "2021"])) { try rules.nominal(previousYearOf: part, in: period) }
    }

    @Test func badInput() throws {
        let year = try span("2021-01-01", "2022-01-01")
        #expect(throws: Refusal.self) { try DoseHistory.Post(year, [Period(year, .measured(-0.1))]) }
        #expect(throws: Refusal.self) { try DoseHistory.Post(year, [Period(year, .measured(.nan))]) }
        #expect(throws: Refusal.self) { try DoseHistory.Post(year, [Period(year, .belowDetection(mdl: .infinity, recorded: nil))]) }
        #expect(throws: Refusal("day.order", field: "until", ["value": "2021-01-01", "limit": "2021-01-01"])) {
            try DoseHistory.Post(year, [Period(Span(year.from, year.from), .measured(1))])
        }
    }

    /// A file with a flaw is refused with its field.
    @Test func flawedFiles() throws {
        let standards = Repository.standards
        let text = try String(contentsOf: standards.appendingPathComponent("dose.yaml"), encoding: .utf8)
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("dose-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        func field(_ old: String, _ new: String) throws -> String? {
            #expect(text.contains(old))
            try text.replacingOccurrences(of: old, with: new).write(
                to: folder.appendingPathComponent("dose.yaml"), atomically: true, encoding: .utf8)
            do {
                _ = try DoseTables(standards: folder)
                return nil
            } catch let refusal as Refusal { return refusal.field }
        }
        #expect(try field("limit: 150, edition", "limit: high, edition") == "limit")
        #expect(try field("quantity: lens, person: apprentice", "quantity: eye, person: apprentice") == "quantity")
        #expect(try field("person: pregnant", "person: nobody") == "person")
        #expect(try field("confidence: V2", "confidence: X") == "confidence")
        #expect(try field("usual: 30, ", "") == "usual")
        #expect(try field("limits:", "bounds:") == "limits")
    }

    /// A worker's file: two posts, one quantity at a time, a blank quantity being Hp(10).
    @Test func fromRecords() throws {
        func record(_ id: String, _ post: String, _ from: String, _ until: String, _ cells: [String: String]) -> Record {
            Hand.record(Dose.kind, id, ["radiation_worker": post, "from": from, "until": until].merging(cells) { $1 })
        }
        func post(_ id: String, _ from: String, _ until: String) -> Record {
            Hand.record(RadiationWorker.kind, id, ["worker": "W1", "employer": "E1", "from": from, "until": until])
        }
        let records = [
            Hand.record(Worker.kind, "W1", ["name": "甲"]), post("R1", "2021-01-01", "2021-07-01"), post("R2", "2021-07-01", "2022-01-01"),
            record("D1", "R1", "2021-01-01", "2021-04-01", ["dose": "0.5"]),
            record("D2", "R1", "2021-04-01", "2021-07-01", ["below_mdl": "1", "mdl": "0.1", "quantity": "hp10"]),
            record(
                "D3", "R2", "2021-07-01", "2021-10-01", ["dose": "0.7", "nominal": "1", "approved": "1", "nominal_method": "colleagues"]),
            record("D4", "R2", "2021-10-01", "2022-01-01", ["dose": "0.2", "nominal": "0", "device": "TLD-17"]),
            record("D5", "R2", "2021-07-01", "2022-01-01", ["dose": "3", "quantity": "hp3"]),
        ]
        let file = try #require(Book(records, divisions: Hand.catalog.divisions).file("W1"))
        let judged = rules.year(try DoseHistory(file), 2021)
        #expect(abs(try #require(judged.value) - 1.45) < 1e-12 && judged.verdict == .complies)
        #expect(judged.working.contains { $0.zh.contains("名义剂量 0.7 mSv（已批准；同一周期相同工作人员的平均剂量）") })
        // The lens was looked at in the second half only.
        let lens = rules.year(try DoseHistory(file, .lens), 2021)
        #expect(lens.shown == "≥ 3" && lens.verdict == .undecided && lens.missing.map(\.code) == ["dose.gap"])
        // In 2020 there was no post: nothing is known, and nothing complies.
        let before = rules.year(try DoseHistory(file), 2020)
        #expect(before.verdict == .undecided && before.missing == [Refusal("dose.no-post", ["value": "2020-01-01/2020-12-31"])])
    }
}
