import Catalog
import Kernel
import Storage
import TestKit
import Testing

@testable import Ledger

/// The course of a record: handed in, returned, accepted, changed, cancelled; numbered without gaps; drafts kept.
@Suite struct FlowTests {
    static let name = Field.text("name", "名称", "Name", .required)
    static let accepted = Field.day("accepted", "受理日期", "Accepted on")
    static let number = Field.text("number", "编号", "Number")
    static let division = Field.division("division", "县区", "County", .required)
    static let level = Field.text("level", "层级", "Levels")
    static let kind = Kind(
        "notice", "申报", "Filing", fields: [name.spec, division.spec, level.spec, accepted.spec, number.spec], title: [name.spec],
        flow: Flow(
            accepted: accepted, fourEyes: true,
            levels: { record, _ in (record[level] ?? "").split(separator: ";").compactMap { DivisionCode.Level(rawValue: String($0)) } }),
        numbers: [Numbering(number, series: "filing", word: "受", on: .accepted)])

    struct House {
        let ledger: Ledger
        let clock: MovingClock
        func person(_ name: String, _ role: Person.Role = .officer, division: String = "330402", functions: [String] = ["health"]) -> Person
        {
            Person(name: name, role: role, functions: functions, division: DivisionCode(division))
        }
        func take(_ drafts: [Draft], by person: Person, why reason: String = "") async throws -> [Fate] {
            try await ledger.submit(drafts, Submission(by: person, door: "test", reason: reason)).map(\.fate)
        }
        func step(_ step: Flow.Step, _ id: String, by person: Person, why reason: String = "", seen: Int? = nil) async throws -> Fate {
            var draft = Draft(FlowTests.kind, id: id)
            (draft.step, draft.seen) = (step, seen)
            return try await take([draft], by: person, why: reason)[0]
        }
        func make(_ name: String, level: String = "", by person: Person) async throws -> String {
            let fates = try await take([Draft(FlowTests.kind, ["name": name, "division": "330402", "level": level])], by: person)
            return try #require(fates[0].id)
        }
        func record(_ id: String) async throws -> Record? { try await ledger.store.read { try ledger.record($0, id) } }
    }

    func house(_ dialect: Dialect) async throws -> House {
        let store = try await Stores.fresh(dialect)
        try await Ledger.schema().bring(upToDate: store)
        let clock = MovingClock()
        clock.set(try #require(Moment("2026-03-02 10:00")))
        let ledger = try Ledger(
            store: store, catalog: try Catalog(folder: Repository.data), features: [Feature("Test", kinds: [FlowTests.kind])],
            clock: clock.clock
        ) { _ in [] }
        return House(ledger: ledger, clock: clock)
    }

    func refusal(_ fate: Fate) -> String? { if case .refused(let refusals) = fate { refusals.first?.code } else { nil } }

    @Test(arguments: Stores.kinds) func theWholeCourseIsKeptWithWhoWhenAndWhy(_ dialect: Dialect) async throws {
        let house = try await house(dialect)
        let (clerk, head) = (house.person("clerk"), house.person("head"))
        let id = try await house.make("甲", by: clerk)
        #expect(try await house.record(id)?.state == .submitted)
        #expect(refusal(try await house.step(.sendBack, id, by: head)) == "flow.remark")
        _ = try await house.step(.sendBack, id, by: head, why: "缺少岗位")
        #expect(try await house.record(id)?.state == .returned)
        #expect(refusal(try await house.step(.accept, id, by: head)) == "flow.state")
        var again = Draft(FlowTests.kind, id: id, ["name": "甲（补）"])
        again.step = .submit
        _ = try await house.take([again], by: clerk)
        #expect(refusal(try await house.step(.accept, id, by: clerk)) == "flow.four-eyes")
        _ = try await house.step(.accept, id, by: head)
        let record = try #require(try await house.record(id))
        #expect(record.state == .accepted && record[FlowTests.accepted] == Day("2026-03-02"))
        #expect(record[FlowTests.number] == "受〔2026〕330402-00001号")
        let history = try await house.ledger.store.read { try house.ledger.history($0, id) }
        #expect(history.map { $0.record?.state } == [.submitted, .returned, .submitted, .accepted])
        #expect(history.map(\.by) == ["clerk", "head", "clerk", "head"] && history[1].reason == "缺少岗位")
        #expect(try await house.ledger.store.read { try Audit($0).breaks() }.isEmpty)
    }

    @Test(arguments: Stores.kinds) func cancelledRecordsCountNoMoreAndStayReadable(_ dialect: Dialect) async throws {
        let house = try await house(dialect)
        let id = try await house.make("乙", by: house.person("clerk"))
        _ = try await house.step(.accept, id, by: house.person("head"))
        _ = try await house.step(.cancel, id, by: house.person("head"), why: "虚假材料")
        #expect(try await house.record(id) == nil)
        let history = try await house.ledger.store.read { try house.ledger.history($0, id) }
        #expect(history.last?.isWithdrawn == true && history.last?.record?.state == .cancelled && history.last?.reason == "虚假材料")
    }

    @Test(arguments: Stores.kinds) func levelsAcceptOneAfterAnother(_ dialect: Dialect) async throws {
        let house = try await house(dialect)
        let county = house.person("county")
        let city = house.person("city", division: "330400")
        let stranger = house.person("stranger", division: "330411")
        let id = try await house.make("丙", level: "county;prefecture", by: house.person("clerk"))
        // Who may not see it is not told that it is there.
        #expect(refusal(try await house.step(.accept, id, by: stranger)) == "record.missing")
        _ = try await house.step(.accept, id, by: county)
        #expect(try await house.record(id)?.state == .submitted)
        #expect(try await house.record(id)?[FlowTests.accepted] == nil)
        #expect(refusal(try await house.step(.accept, id, by: house.person("second"))) == "access.denied")
        _ = try await house.step(.accept, id, by: city)
        #expect(try await house.record(id)?.state == .accepted)
    }

    @Test(arguments: Stores.kinds) func numbersHaveNoGapsWhateverIsRefused(_ dialect: Dialect) async throws {
        let house = try await house(dialect)
        let (clerk, head) = (house.person("clerk"), house.person("head"))
        var ids: [String] = []
        for index in 0..<12 { ids.append(try await house.make("戊\(index)", level: index % 4 == 3 ? "prefecture" : "", by: clerk)) }
        let drafts = ids.map { id in
            var draft = Draft(FlowTests.kind, id: id)
            draft.step = .accept
            return draft
        }
        // A trial takes no number either.
        _ = try await house.ledger.submit(drafts, Submission(by: head, door: "test", isTrial: true))
        let fates = try await house.take(drafts, by: head)
        #expect(fates.filter { refusal($0) == "access.denied" }.count == 3)
        var numbers: [String] = []
        for id in ids { if let number = try await house.record(id)?[FlowTests.number] { numbers.append(number) } }
        #expect(numbers.sorted() == (1...9).map { "受〔2026〕330402-0000\($0)号" })
    }

    @Test(arguments: Stores.kinds) func whoSawAnOlderVersionIsTold(_ dialect: Dialect) async throws {
        let house = try await house(dialect)
        let id = try await house.make("己", by: house.person("clerk"))
        _ = try await house.take([Draft(FlowTests.kind, id: id, ["name": "己二"])], by: house.person("clerk"))
        #expect(refusal(try await house.step(.accept, id, by: house.person("head"), seen: 1)) == "version.conflict")
        #expect(try await house.record(id)?.state == .submitted)
    }

    @Test(arguments: Stores.kinds) func draftsOutliveSessionsAndAreNobodyElses(_ dialect: Dialect) async throws {
        let house = try await house(dialect)
        let (clerk, head) = (house.person("clerk"), house.person("head"))
        let cells = ["name": "半份 \"引号\"\n两行", "accepted": "2026-13-45", "nonsense": "x"]
        let first = try await house.ledger.saveDraft(FlowTests.kind, cells, by: clerk)
        let kept = try #require(try await house.ledger.store.read { try house.ledger.draft($0, first.id, of: clerk) })
        #expect(kept.cells == ["name": "半份 \"引号\"\n两行", "accepted": "2026-13-45"])
        #expect(try await house.ledger.store.read { try house.ledger.draft($0, first.id, of: head) } == nil)
        // Two windows on one draft: the second saves beside the first, and nothing is lost.
        _ = try await house.ledger.saveDraft(FlowTests.kind, ["name": "窗口一"], id: first.id, version: 1, by: clerk)
        let second = try await house.ledger.saveDraft(FlowTests.kind, ["name": "窗口二"], id: first.id, version: 1, by: clerk)
        #expect(second.id != first.id)
        #expect(try await house.ledger.store.read { try house.ledger.drafts($0, of: clerk) }.count == 2)
        // Handed in, it is gone; refused, it stays.
        var draft = Draft(FlowTests.kind, ["name": "窗口一"])
        draft.saved = first.id
        #expect(refusal(try await house.take([draft], by: clerk)[0]) == "field.required")
        #expect(try await house.ledger.store.read { try house.ledger.drafts($0, of: clerk) }.count == 2)
        draft.cells["division"] = "330402"
        _ = try await house.take([draft], by: clerk)
        #expect(try await house.ledger.store.read { try house.ledger.drafts($0, of: clerk) }.map(\.id) == [second.id])
        await #expect(throws: Refusal.self) { try await house.ledger.discardDraft(second.id, by: head) }
        try await house.ledger.discardDraft(second.id, by: clerk)
    }
}
