import Accounts
import Catalog
import Draws
import Enforcement
import Foundation
import Kernel
import Portal
import Storage
import TestKit
import Testing

@testable import House
@testable import Ledger

/// The story of the demonstration: each stage of supervision is there, marked, to be seen by those whom it concerns.
@Suite struct DemoStoryTests {
    @Test func everyStageIsThereAndSeen() async throws {
        let moment = try #require(Moment("2026-11-20 12:00"))
        let catalog = try Catalog(folder: Repository.data, isDemonstration: true)
        // What the demonstration shows is no rule of anybody: without it nothing is set.
        let place = ("450204", moment.day)
        #expect(Hand.catalog.parameters["handover.days"]?.setting(in: place.0, on: place.1) == nil)
        let shown = try #require(catalog.parameters["handover.days"]?.setting(in: place.0, on: place.1))
        #expect(shown.source.contains("演示") && shown.confidence == "own")
        #expect(catalog.parameters["handover.days"]?.setting(in: "330402", on: place.1) == nil)
        #expect(catalog.digest != Hand.catalog.digest)

        let house = try await House.open(try await Stores.fresh(.sqlite), catalog: catalog, clock: .fixed(moment))
        let plan = Repository.data.appendingPathComponent("plans/450204.yaml")
        try await house.add(plan: try String(contentsOf: plan, encoding: .utf8), by: .house)
        _ = try await house.demonstrate(seed: 2026, scale: 0.1) { _ in }
        #expect(try await house.tellDemoStory())
        _ = try await house.addDemoAccounts()
        let visitor = try await Visitor.over(house)
        func guest(_ name: String) async throws -> Visitor.Guest {
            let token = try await house.accounts.signIn(name: name, password: House.demoPassword)
            return Visitor.Guest(token: token, csrf: try await house.accounts.session(token)?.csrf ?? "")
        }
        // Cases: opened, proposed, decided, published; none is lost from a list, each decided by a second person.
        let decisions = try await house.ledger.store.read { try house.ledger.all($0, PenaltyDecision.kind) }
        #expect(decisions.count == 3 && decisions.count { $0.state == .accepted } == 2)
        #expect(Set(decisions.compactMap { $0.text("number") }).count == 2)
        let open = await visitor.get("/public/decisions")
        #expect(open.text.contains("100,000"))
        let officer = try await guest("officer450204")
        for name in ["caseone", "casetwo", "casethree", "casefour"] {
            let page = await visitor.get("/cases/\(DemoStory.id(name))", as: officer)
            #expect(page.status == 200 && page.text.contains("【演示】"), "\(name): \(page.status)")
        }
        // The order waits for its re-check: on the officer's first page, with a day; its employer sees it, another does not.
        let home = await visitor.get("/", as: officer)
        #expect(home.text.contains("责令改正复查"))
        let order = "/record/\(DemoStory.id("order"))"
        #expect(await visitor.get(order, as: try await guest("firm450204")).text.contains("【演示】"))
        let recheck = try await house.ledger.store.read { db in
            try db.rows(
                "SELECT verdict FROM stretch WHERE gauge = 'duty/order_recheck' AND subject LIKE \(beginning: DemoStory.id("order"))"
            ).map {
                try $0.get("verdict", as: String.self)
            }
        }
        #expect(recheck.contains("pending"), "\(recheck)")
        // Credit: listed in public, another department has to confirm the notice.
        #expect(await visitor.get("/public/blacklist").status == 200)
        #expect(
            try await house.ledger.store.read { try house.ledger.all($0, CreditListing.kind) }.map(\.state).count { $0 == .accepted } == 1)
        #expect(await visitor.get("/", as: try await guest("department450204")).text.contains("通报"))
        // Complaints: one answered, for who spoke, one open.
        #expect(await visitor.get("/complaints", as: officer).text.contains("【演示】"))
        #expect(await visitor.get("/complaints", as: try await guest("citizen")).text.contains("【演示】"))
        // Draws: one held, which anybody recomputes, one committed to.
        let register = DrawRegister(house.ledger)
        let (held, next) = try await house.ledger.store.read {
            (try register.find($0, DemoStory.id("drawheld")), try register.find($0, DemoStory.id("drawnext")))
        }
        let drawn = try #require(try held.file().result).outcome.drawn
        let firms = try await DemoStory(over: house).employers().count
        #expect(drawn.count == min(20, firms) && drawn.allSatisfy { $0.inspectors.count == 2 })
        #expect(next.entered == nil)
        #expect(try next.file().result == nil)
        let list = await visitor.get("/public/draws").text
        #expect(list.contains("【演示】双随机抽查：已抽取") && list.contains("【演示】双随机抽查：已承诺"))
        // All of it went through the doors: figures agree with the records, numbers have no gaps, the audit is whole.
        #expect(try await house.ledger.verify().isEmpty)
        #expect(try await house.ledger.checkAudit().isWhole)
        #expect(try await house.isDemo())
    }
}
