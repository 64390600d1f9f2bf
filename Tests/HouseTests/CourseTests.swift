import Accounts
import Foundation
import HTTPTypes
import Kernel
import Ledger
import Storage
import TestKit
import Testing

@testable import House

/// The course of a declaration through the pages of those whom it concerns; drafts; many editors at once.
@Suite struct CourseTests {
    static let hazards = ["name": "甲陶瓷厂", "division": "450204", "industry": "C3071", "hazards": "1"]

    @Test func aDeclarationIsReturnedMendedAndAcceptedThroughThePages() async throws {
        let visitor = try await Visitor.open()
        let employer = try #require(try await visitor.store("employer", [CourseTests.hazards]).first)
        let workshop = try await visitor.guest("workshop", .organisation, organisation: employer)
        let officer = try await visitor.guest("officer", .officer, division: "450204")
        let neighbour = try await visitor.guest("neighbour", .officer, division: "450203")
        let sent = await visitor.post(
            "/records/declaration", ["employer": employer, "type": "initial", "submitted": "2022-06-30"], as: workshop)
        #expect(sent.status == 303)
        let path = String(sent.location.prefix { $0 != "?" })
        #expect(await visitor.get(sent.location, as: workshop).text.contains("已提交，等待办理"))
        // Its author sees no buttons, a neighbouring county does not see it at all.
        #expect(!(await visitor.get(path, as: workshop)).body.contains("data-step"))
        #expect(await visitor.post(path + "/steps/accept", ["version": "1"], as: workshop).status == 403)
        #expect(await visitor.get(path, as: neighbour).status == 404)
        #expect(await visitor.post(path + "/steps/accept", ["version": "1"], as: neighbour).status == 404)
        let page = await visitor.get(path, as: officer)
        #expect(page.body.contains("data-step=\"accept\"") && page.body.contains("data-step=\"return\""))
        #expect(await visitor.post(path + "/steps/return", ["version": "1"], as: officer).text.contains("必须写明原因"))
        #expect(await visitor.post(path + "/steps/return", ["version": "1", "remark": "请列出危害因素 <b>"], as: officer).status == 303)
        let returned = await visitor.get(path, as: workshop)
        #expect(returned.text.contains("已退回") && returned.body.contains("请列出危害因素 &lt;b&gt;"))
        // An acceptance of what was seen before it changed says who changed it.
        let mended = await visitor.post(
            path + "/edit", ["type": "initial", "submitted": "2022-06-30", "factors": "A001", "version": "2"], as: workshop)
        #expect(mended.status == 303)
        let late = await visitor.post(path + "/steps/accept", ["version": "2"], as: officer)
        #expect(late.status == 409 && late.text.contains("已由 workshop 于"))
        #expect(await visitor.post(path + "/steps/accept", ["version": "3"], as: officer).status == 303)
        let accepted = await visitor.get(path, as: workshop)
        #expect(accepted.text.contains("已受理") && accepted.text.contains("申报受理〔2022〕450204-00001号"))
        try await visitor.isWhole()
    }

    /// What a declaration lists stands still once it was accepted, for its author and for the authority; declaring a change opens it again.
    @Test(arguments: Stores.kinds) func theLinesOfAnAcceptedDeclarationStand(_ store: Dialect) async throws {
        let visitor = try await Visitor.open(store)
        let ledger = visitor.house.ledger
        let employer = try #require(try await visitor.store("employer", [CourseTests.hazards]).first)
        let workshop = Person(name: "workshop", role: .organisation, organisation: employer)
        let officer = Person(name: "officer", role: .officer, functions: ["health"], division: DivisionCode("450204"))
        func kind(_ name: String) throws -> Kind { try #require(ledger.kinds[name]) }
        func take(_ draft: Draft, _ person: Person, _ reason: String = "") async throws -> (id: String?, code: String?) {
            let fate = try await ledger.submit([draft], Submission(by: person, door: "test", reason: reason))[0].fate
            if case .refused(let refusals) = fate { return (nil, refusals.first?.code) }
            return (fate.id, nil)
        }
        func step(_ id: String, _ step: Flow.Step, _ person: Person) async throws -> String? {
            var draft = Draft(try kind("declaration"), id: id)
            draft.step = step
            return try await take(draft, person).code
        }
        func without(_ name: String, _ id: String) throws -> Draft {
            var draft = Draft(try kind(name), id: id)
            draft.isWithdrawal = true
            return draft
        }
        let cause = try #require(
            try await take(
                Draft(try kind("declaration_cause"), ["employer": employer, "cause": "process", "day": "2022-06-01"]), workshop
            ).id)
        let cells = ["employer": employer, "type": "initial", "submitted": "2022-06-20", "cause": cause]
        let id = try #require(try await take(Draft(try kind("declaration"), cells), workshop).id)
        func line(_ factor: String) throws -> Draft {
            Draft(try kind("declaration_factor"), ["declaration": id, "factor": factor, "exposed": "3"])
        }
        let factor = try #require(try await take(try line("A001"), workshop).id)
        let product = try #require(
            try await take(Draft(try kind("declaration_product"), ["declaration": id, "product": "瓷砖", "output": "12"]), workshop).id)
        // While it waits, its author may still put it right.
        #expect(try await take(Draft(try kind("declaration_factor"), id: factor, ["exposed": "4"]), workshop).code == nil)
        #expect(try await step(id, .accept, officer) == nil)

        for person in [workshop, officer] {
            let acts = [
                try line("B002"), Draft(try kind("declaration_factor"), id: factor, ["exposed": "1"]),
                Draft(try kind("declaration_product"), id: product, ["output": "1"]), try without("declaration_factor", factor),
                Draft(try kind("declaration_cause"), id: cause, ["day": "2022-06-15"]), try without("declaration_cause", cause),
            ]
            for (index, act) in acts.enumerated() {
                #expect(try await take(act, person, "更正").code == "flow.settled", "act \(index) of \(person.name)")
            }
        }
        #expect(try await take(try without("declaration", id), workshop, "撤回").code == "flow.settled")
        // A line of another declaration cannot be moved into it either.
        let other = try #require(
            try await take(Draft(try kind("declaration"), cells.merging(["type": "change"]) { $1 }), workshop).id)
        let moving = try #require(
            try await take(Draft(try kind("declaration_product"), ["declaration": other, "product": "地砖"]), workshop).id)
        #expect(try await take(Draft(try kind("declaration_product"), id: moving, ["declaration": id]), workshop).code == "flow.settled")

        // A declared change opens it; acceptance closes it again.
        let change = Draft(try kind("declaration"), id: id, ["change_reason": "增加工艺"])
        #expect(try await take(change, workshop).code == nil)
        #expect(try await take(try line("B002"), workshop).code == nil)
        #expect(try await step(id, .accept, officer) == nil)
        #expect(try await take(try line("C001"), workshop).code == "flow.settled")

        // What an authority entered and accepted in one is its own to correct; nobody else's.
        let old = try #require(
            try await take(Draft(try kind("declaration"), cells.merging(["accepted": "2022-06-22", "cause": ""]) { $1 }), officer).id)
        func entry(_ factor: String) throws -> Draft { Draft(try kind("declaration_factor"), ["declaration": old, "factor": factor]) }
        #expect(try await take(try entry("A001"), officer).code == nil)
        #expect(try await take(try entry("A002"), workshop).code == "flow.settled")
    }

    /// Whoever hands in for an employer does not accept it as well; a colleague does.
    @Test(arguments: Stores.kinds) func nobodyAcceptsWhatTheyHandedIn(_ store: Dialect) async throws {
        let visitor = try await Visitor.open(store)
        let employer = try #require(try await visitor.store("employer", [CourseTests.hazards]).first)
        let one = try await visitor.guest("one", .officer, division: "450204")
        let two = try await visitor.guest("two", .officer, division: "450204")
        let sent = await visitor.post(
            "/records/declaration", ["employer": employer, "type": "initial", "submitted": "2022-06-20"], as: one)
        #expect(sent.status == 303)
        let path = String(sent.location.prefix { $0 != "?" })
        let own = await visitor.post(path + "/steps/accept", ["version": "1"], as: one)
        #expect(own.status == 422 && own.text.contains("提交人不能受理自己提交的内容"))
        #expect(await visitor.post(path + "/steps/accept", ["version": "1"], as: two).status == 303)
        #expect(await visitor.get(path, as: one).text.contains("已受理"))
    }

    @Test func manyAreAcceptedAtOnceAndTheRestIsTold() async throws {
        let visitor = try await Visitor.open()
        let employers = try await visitor.store("employer", (0..<5).map { CourseTests.hazards.merging(["name": "厂\($0)"]) { $1 } })
        let ids = try await visitor.store("declaration", employers.map { ["employer": $0, "type": "initial", "submitted": "2022-06-01"] })
        let officer = try await visitor.guest("officer", .officer, division: "450204")
        let list = await visitor.get("/records/declaration?state=submitted", as: officer)
        #expect(list.body.components(separatedBy: "form=\"bulk\"").count == 6)
        _ = await visitor.post("/record/\(ids[0])/steps/return", ["version": "1", "remark": "补充"], as: officer)
        let chosen = (ids + ["nothing"]).map { "id=\($0)" }.joined(separator: "&") + "&csrf=\(officer.csrf)"
        let answer = await visitor.send(
            .post, "/records/declaration/steps/accept", officer, type: "application/x-www-form-urlencoded", Array(chosen.utf8))
        #expect(answer.status == 303)
        let told = await visitor.get(answer.location, as: officer)
        #expect(told.text.contains("办理完成 4 条，未办理 2 条") && told.text.contains("现在的状态不能这样办理"))
        #expect(await visitor.get("/records/declaration?state=accepted", as: officer).body.components(separatedBy: "<tr").count == 6)
    }

    @Test func aDraftIsFoundAgainAfterTheSessionEnded() async throws {
        let visitor = try await Visitor.open()
        let employer = try #require(try await visitor.store("employer", [CourseTests.hazards]).first)
        let workshop = try await visitor.guest("workshop", .organisation, organisation: employer)
        let other = try await visitor.guest("other", .officer, division: "450204")
        let saved = await visitor.post("/records/training/drafts", ["course": "半份<script>"], as: workshop)
        #expect(saved.status == 303 && saved.location.hasPrefix("/drafts"))
        _ = await visitor.post("/sign-out", as: workshop)
        let again = await visitor.post("/sign-in", ["name": "workshop", "password": Visitor.password])
        let cookie = try #require(again.headers[.setCookie]?.split(separator: ";").first?.split(separator: "=").last)
        let session = try #require(try await visitor.house.accounts.session(String(cookie)))
        let back = Visitor.Guest(token: String(cookie), csrf: session.csrf)
        let drafts = try await visitor.house.ledger.store.read { try visitor.house.ledger.drafts($0, of: session.account.person) }
        let id = try #require(drafts.first?.id)
        #expect(await visitor.get("/drafts", as: back).body.contains("/drafts/\(id)"))
        #expect(await visitor.get("/drafts/\(id)", as: back).status == 200)
        #expect(await visitor.get("/drafts/\(id)", as: other).status == 404)
        #expect(await visitor.post("/drafts/\(id)/discard", as: other).status == 404)
        #expect(await visitor.get("/drafts", as: back).status == 200)
    }

    /// A hundred people change the same fifty employers and accept the same fifty declarations at once, over a file as in use.
    @Test func aHundredEditorsLoseNothing() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("editors-\(Digest.hex(Digest.random(6)))")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let clock = Clock.fixed(try #require(Moment("2022-06-30 12:00")))
        let store = try SQLiteStore(path: folder.appendingPathComponent("house.sqlite").path)
        let visitor = try await Visitor.over(try await House.open(store, catalog: Hand.catalog, clock: clock))
        let employers = try await visitor.store(
            "employer", (0..<50).map { CourseTests.hazards.merging(["name": "厂\($0)", "headcount": "1"]) { $1 } })
        let filings = try await visitor.store(
            "declaration", employers.map { ["employer": $0, "type": "initial", "submitted": "2022-06-01"] })
        let guests = try await withThrowingTaskGroup(of: Visitor.Guest.self) { group in
            for index in 0..<100 { group.addTask { try await visitor.guest("editor\(index)", .officer, division: "450204") } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        struct Outcome: Sendable { var changed = 0, accepted = 0, conflicts = 0; var strange: [String] = [] }
        let ledger = visitor.house.ledger
        let outcomes = try await withThrowingTaskGroup(of: Outcome.self) { group in
            for (index, guest) in guests.enumerated() {
                group.addTask {
                    var outcome = Outcome()
                    var random = SeededGenerator(seed: UInt64(index) + 1)
                    for _ in 0..<10 {
                        let at = Int(random.next() % 50)
                        let record = try #require(try await ledger.store.read { try ledger.record($0, employers[at]) })
                        let headcount = Int(plainText(record[try #require(record.kind.field(named: "headcount"))] ?? .integer(0))) ?? 0
                        let answer = await visitor.post(
                            "/record/\(employers[at])/edit",
                            CourseTests.hazards.merging(
                                ["name": "厂\(at)", "headcount": String(headcount + 1), "version": String(record.version)]) { $1 }, as: guest
                        )
                        switch answer.status {
                        case 303: outcome.changed += 1
                        case 409 where answer.text.contains("您打开之后别人"): outcome.conflicts += 1
                        default: outcome.strange.append("\(answer.status) \(answer.text.suffix(300))")
                        }
                        let filing = await visitor.post("/record/\(filings[at])/steps/accept", ["version": "1"], as: guest)
                        switch filing.status {
                        case 303: outcome.accepted += 1
                        case 409 where filing.text.contains("请看过最新内容再办理"), 422 where filing.text.contains("不能这样办理"): outcome.conflicts += 1
                        default: outcome.strange.append("\(filing.status) \(filing.text.suffix(300))")
                        }
                    }
                    return outcome
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(outcomes.flatMap(\.strange).isEmpty)
        #expect(outcomes.reduce(0) { $0 + $1.conflicts } > 0, "nobody met anybody: the test proves nothing")
        // Every acknowledged change added one, and is a version of its own; none was lost or written over.
        let changed = outcomes.reduce(0) { $0 + $1.changed }
        let (sum, versions, numbers, live) = try await store.read { db in
            let records = try ledger.records(db, employers)
            let headcounts = records.compactMap { record in record.kind.field(named: "headcount").flatMap { record[$0].map(plainText) } }
            let sum = headcounts.compactMap { Int($0) }.reduce(0, +)
            let filed = try ledger.records(db, filings)
            let numbers = filed.compactMap { record in record.kind.field(named: "receipt_number").flatMap { record[$0].map(plainText) } }
            return (sum, records.reduce(0) { $0 + $1.version }, numbers.sorted(), filed.filter { $0.state == .accepted }.count)
        }
        #expect(sum == 50 + changed && versions == 50 + changed)
        let accepted = outcomes.reduce(0) { $0 + $1.accepted }
        #expect(accepted == live && accepted > 0)
        #expect(numbers.count == accepted && Set(numbers).count == accepted && numbers.last?.hasSuffix("\(accepted)号") == true)
        try await visitor.isWhole()
    }
}
