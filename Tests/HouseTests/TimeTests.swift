import Catalog
import Foundation
import Kernel
import Ledger
import Planning
import Storage
import TestKit
import Testing

@testable import House

/// Any date: as of a day, as known at a moment, frozen.
@Suite struct TimeTests {
    static let plan = """
        format: 1
        id: T-2018-2020
        name: {zh: 试验规划, en: Trial}
        jurisdiction: {code: '450204', level: county, name: {zh: 柳南区, en: Liunan}}
        period: {start: 2018, end: 2020}
        indicators:
          - {id: T1, measure: declaration_rate, name: {zh: 申报率, en: Declaration}, target: {operator: gte, value: 60}}
          - {id: T2, measure: supervision_coverage, name: {zh: 监督覆盖率, en: Supervision}, target: {operator: gte, value: 50}}
        """

    /// Two employers, open since 2010; one declared on 1 March 2019; both inspected in 2018, one in 2020.
    private func house(_ kind: Dialect) async throws -> (House, MovingClock) {
        let moving = MovingClock()
        moving.set(try #require(Moment("2018-01-05 09:00")))
        let house = try await House.open(try await Stores.fresh(kind), catalog: Hand.catalog, clock: moving.clock)
        try await house.add(plan: Self.plan, by: .house)
        for name in ["A", "B"] {
            _ = try await put(house, "employer", ["code": name, "name": name, "division": "450204", "hazards": "1", "since": "2010-01-01"])
        }
        moving.set(try #require(Moment("2018-09-01 09:00")))
        for name in ["A", "B"] { _ = try await put(house, "inspection", ["employer": name, "day": "2018-08-01"]) }
        moving.set(try #require(Moment("2019-03-02 09:00")))
        _ = try await put(house, "declaration", ["employer": "A", "type": "initial", "submitted": "2019-02-20", "accepted": "2019-03-01"])
        moving.set(try #require(Moment("2020-06-01 09:00")))
        _ = try await put(house, "inspection", ["employer": "A", "day": "2020-05-20"])
        moving.set(try #require(Moment("2021-01-10 09:00")))
        return (house, moving)
    }
    private func put(_ house: House, _ kind: String, _ cells: [String: String]) async throws -> String {
        let receipts = try await house.ledger.submit(
            [Draft(try #require(house.ledger.kinds[kind]), cells)], Submission(by: .house, door: "test", home: "450204"))
        guard let id = receipts[0].fate.id else { throw Refusal("refused", ["value": "\(receipts[0].fate)"]) }
        return id
    }
    private func values(_ house: House, on day: String, knownAt moment: String? = nil) async throws -> [Double?] {
        try await house.ledger.store.read { [boards = house.boards] db in
            let known = moment.flatMap { Moment($0) }
            let (plan, edition) = try boards.plan(db, "T-2018-2020", knownAt: known)
            return try boards.board(db, plan, edition: edition.edition, on: Day(day) ?? .distantPast, knownAt: known).states.map(
                \.figure.value)
        }
    }

    @Test(arguments: Stores.kinds) func yearsDifferAndLaterDaysMoveNothing(_ kind: Dialect) async throws {
        let (house, _) = try await house(kind)
        // 2018: none of two declared, both inspected; 2019: one of two, none; 2020: one of two, one.
        #expect(try await values(house, on: "2018-12-31") == [0, 100])
        #expect(try await values(house, on: "2019-12-31") == [50, 0])
        #expect(try await values(house, on: "2020-12-31") == [50, 50])
        // A record about a later day moves no earlier one.
        _ = try await put(house, "declaration", ["employer": "B", "type": "initial", "submitted": "2020-12-30", "accepted": "2021-01-02"])
        #expect(try await values(house, on: "2020-12-31") == [50, 50])
        #expect(try await values(house, on: "2021-01-02")[0] == 100)
        #expect(try await house.ledger.verify().isEmpty)
    }

    @Test(arguments: Stores.kinds) func aLateReportMovesWhatIsKnownNowAndNothingElse(_ kind: Dialect) async throws {
        let (house, moving) = try await house(kind)
        let evaluations = Evaluations(house.boards)
        let frozen = try await evaluations.freeze(plan: "T-2018-2020", title: "2018", on: try #require(Day("2018-12-31")), by: .house)
        moving.set(try #require(Moment("2021-03-01 09:00")))
        _ = try await put(house, "declaration", ["employer": "B", "type": "initial", "submitted": "2018-05-01", "accepted": "2018-05-10"])
        #expect(try await values(house, on: "2018-12-31")[0] == 50)
        #expect(try await values(house, on: "2018-12-31", knownAt: "2020-12-31")[0] == 0)
        #expect(try await values(house, on: "2020-12-31", knownAt: "2021-02-28")[0] == 50)
        #expect(try await values(house, on: "2020-12-31")[0] == 100)
        let (rows, subjects, intact) = try await house.ledger.store.read { db in
            let (rows, intact) = try evaluations.indicators(db, frozen)
            return (rows, try evaluations.subjects(db, frozen, "T1"), intact)
        }
        #expect(rows.map(\.value) == [0, 100] && intact)
        #expect(subjects.count == 2 && subjects.allSatisfy { $0.verdict == "unmet" && $0.reason == "declaration.none" })
        // An edited freeze is told from the one that was hashed.
        try await house.ledger.store.write { db in
            try db.run(
                "UPDATE evaluation_line SET body = replace(body, 'unmet', 'met') WHERE evaluation = \(frozen.id) AND sequence = 1 AND indicator = 'T1'"
            )
        }
        #expect(try await house.ledger.store.read { try evaluations.indicators($0, frozen).isIntact } == false)
    }

    @Test(arguments: Stores.kinds) func correctionsWithdrawalsAndMergesKeepThePast(_ kind: Dialect) async throws {
        let (house, moving) = try await house(kind)
        moving.set(try #require(Moment("2021-04-01 09:00")))
        // The same employer entered twice: three count, one declared. Merged: two count again, and the past with them.
        let double = try await put(
            house, "employer", ["code": "C", "name": "A 重复", "division": "450204", "hazards": "1", "since": "2010-01-01"])
        #expect(try await values(house, on: "2020-12-31")[0] == 1.0 / 3 * 100)
        moving.set(try #require(Moment("2021-05-01 09:00")))
        let merge = try await put(house, "merge", ["employer_kept": "A", "employer_dropped": double, "reason": "重复登记"])
        #expect(try await values(house, on: "2020-12-31")[0] == 50)
        #expect(try await values(house, on: "2020-12-31", knownAt: "2021-04-15")[0] == 1.0 / 3 * 100)
        var undo = Draft(try #require(house.ledger.kinds["merge"]), id: merge)
        undo.isWithdrawal = true
        moving.set(try #require(Moment("2021-06-01 09:00")))
        _ = try await house.ledger.submit([undo], Submission(by: .house, door: "test"))
        #expect(try await values(house, on: "2020-12-31")[0] == 1.0 / 3 * 100)
        #expect(try await house.ledger.verify().isEmpty)
    }

    @Test(arguments: Stores.kinds) func aSavedChangeIsOnTheNextBoardRead(_ kind: Dialect) async throws {
        let (house, _) = try await house(kind)
        let before = try await values(house, on: "2020-12-31")
        _ = try await put(house, "inspection", ["employer": "B", "day": "2020-10-01"])
        let after = try await values(house, on: "2020-12-31")
        #expect(before[1] == 50 && after[1] == 100)
    }

    @Test(arguments: Stores.kinds) func randomWorldsVerifyOnBothEngines(_ kind: Dialect) async throws {
        for seed in UInt64(70)..<(kind == .sqlite ? 72 : 71) {
            var lived = try await LivedHouse(try await Stores.fresh(kind), seed: seed, entries: 120, changes: 40)
            try await lived.world.endDivision()
            #expect(try await lived.house.ledger.verify().isEmpty)
            #expect(lived.world.taken > 125)
        }
    }
}
