import Accounts
import Catalog
import Foundation
import Kernel
import Ledger
import Messages
import Planning
import Storage
import TestKit
import Testing
import Web

@testable import House

/// Who is told of which step: by the rules of `notices.yaml`, among the people whom the accounts, the plans' tables and delegations name.
@Suite struct NoticeTests {
    typealias Town = MessageTests.Town

    /// What a rule names is there: kind, field, topic, words of both languages; and no rule tells an organisation of what is not its own to know.
    @Test func everyRuleNamesWhatThereIs() throws {
        let pages = try Visitor.pages.get()
        let kinds = Dictionary(uniqueKeysWithValues: House.features.flatMap(\.kinds).map { ($0.name, $0) })
        let outside: Set<NoticeRule.Receiver> = [.employer, .institution, .worker]
        for rule in Hand.catalog.reminders.notices {
            #expect(rule.kind == "*" || kinds[rule.kind] != nil, "\(rule.kind)")
            if let name = rule.filled { #expect(kinds[rule.kind]?.field(named: name) != nil, "\(rule.kind).\(name)") }
            #expect(Message.Topic(rawValue: rule.topic) != nil, "\(rule.topic)")
            #expect(!Submitters.isSecret(rule.kind) || outside.isDisjoint(with: rule.receivers), "\(rule.kind) \(rule.word)")
            let steps = ["create", "withdraw"]
            if let kind = kinds[rule.kind] { #expect(kind.flow == nil || !steps.contains(rule.step) || kind.name == "declaration") }
            for language in Language.allCases {
                for key in ["notice.\(rule.word)", "notice.\(rule.word).many"] {
                    #expect(pages.has(key, in: language), "\(key) in \(language)")
                }
            }
        }
    }

    private func submit(_ town: Town, _ draft: Draft, _ person: Person, reason: String = "") async throws -> String {
        let receipts = try await town.visitor.house.ledger.submit(
            [draft], Submission(by: person, door: "page", reason: reason, updates: true))
        if case .refused(let refusals) = receipts[0].fate { Issue.record("\(refusals)") }
        return try #require(receipts[0].fate.id)
    }
    private func kind(_ town: Town, _ name: String) throws -> Kind { try #require(town.visitor.house.ledger.kinds[name]) }
    private func words(_ town: Town, _ person: Person) async throws -> [String] { try await town.inbox(person).map(\.message.word) }

    /// Order, evidence and closing go to the other side, each once; what is added to what stands is told as an addition.
    @Test(arguments: Stores.kinds) func anOrderIsToldFromItsIssueToItsEnd(_ store: Dialect) async throws {
        let town = try await Town(store)
        let item = try #require(town.visitor.house.catalog.tables["checklist_item"]?.entries.first?.code)
        let order = try await submit(
            town,
            Draft(
                try kind(town, "order"),
                ["employer": town.employer, "issued": "2022-06-01", "items": item, "facts": "粉尘超标", "due": "2022-06-20"]), town.countyPerson
        )
        #expect(try await words(town, town.bossPerson) == ["notice.ordered"])
        _ = try await submit(
            town, Draft(try kind(town, "order"), id: order, ["served": "2022-06-02", "manner": "direct"]), town.countyPerson)
        _ = try await submit(
            town, Draft(try kind(town, "rectification"), ["order": order, "day": "2022-06-10", "text": "已整改"]), town.bossPerson)
        #expect(try await words(town, town.countyPerson) == ["notice.rectified"])
        _ = try await submit(
            town, Draft(try kind(town, "order"), id: order, ["closed": "2022-06-21", "closing": "rectified"]), town.countyPerson)
        #expect(try await words(town, town.bossPerson).sorted() == ["notice.order-changed", "notice.order-closed", "notice.ordered"])
        #expect(try await words(town, town.strangerPerson) == [])
        // A case file is the authority's alone.
        _ = try await submit(
            town,
            Draft(
                try kind(town, "violation_case"),
                ["employer": town.employer, "division": "450204", "found": "2022-06-22", "severity": "general"]), town.countyPerson)
        #expect(try await words(town, town.bossPerson).count == 3)
    }

    /// A declaration that is returned says so in its own words; what an authority adds to an accepted one is no second acceptance.
    @Test(arguments: Stores.kinds) func anAcceptedDeclarationIsToldOnce(_ store: Dialect) async throws {
        let town = try await Town(store)
        let declaration = try kind(town, "declaration")
        let id = try await submit(
            town, Draft(declaration, ["employer": town.employer, "type": "initial", "submitted": "2022-06-29"]), town.bossPerson)
        var accept = Draft(declaration, id: id)
        accept.step = .accept
        _ = try await submit(town, accept, town.countyPerson)
        _ = try await submit(town, Draft(declaration, id: id, ["received": "2022-06-29"]), town.countyPerson)
        #expect(try await words(town, town.bossPerson) == ["notice.declaration-accepted"])
    }

    /// A complaint is told to the authority, its course to whoever spoke, and nothing of it to the organisation that it is about.
    @Test(arguments: Stores.kinds) func aComplaintIsToldToWhoSpokeAndWhoDealsWithIt(_ store: Dialect) async throws {
        let town = try await Town(store)
        let citizen = Person(name: "citizen", role: .citizen)
        let complaint = try kind(town, "complaint")
        let tax = Person(name: "tax", role: .officer, functions: ["work_safety"], division: DivisionCode("450204"))
        _ = try await town.visitor.guest("tax", .officer, division: "450204", functions: ["work_safety"])
        let id = try await submit(
            town,
            Draft(
                complaint,
                [
                    "division": "450204", "received": "2022-06-20", "channel": "web", "topics": "ppe", "against": "柳南陶瓷作坊", "text": "没有口罩",
                    "account": "citizen",
                ]), .house)
        #expect(try await words(town, town.countyPerson) == ["notice.complained"])
        _ = try await submit(
            town,
            Draft(
                complaint, id: id,
                [
                    "triaged": "2022-06-21", "triage": "handed", "triage_reason": "由安监办理", "function": "work_safety",
                    "employer": town.employer,
                ]), town.countyPerson)
        #expect(try await words(town, citizen) == ["notice.complaint-triaged"])
        #expect(try await words(town, tax) == ["notice.complaint-handed"])
        _ = try await submit(town, Draft(complaint, id: id, ["answered": "2022-06-30", "answer": "已责令配发口罩"]), tax)
        #expect(try await words(town, citizen).sorted() == ["notice.complaint-answered", "notice.complaint-triaged"])
        #expect(try await words(town, town.bossPerson) == [])
    }

    /// The functions of a department are those of the plan's table on the day: before the reform the one unit is told, after it the other.
    @Test(arguments: Stores.kinds) func whoIsToldFollowsThePlansTable(_ store: Dialect) async throws {
        let town = try await Town(store, at: "2022-06-30 12:00")
        let plan = DoorTests.plan.replacingOccurrences(
            of: "indicators:",
            with: """
                departments:
                  - {function: finance, name: {zh: 卫健局, en: Health}, role: member, from: null, until: 2022-07-10}
                  - {function: health, name: {zh: 卫健局, en: Health}, role: lead, from: 2022-07-10, until: null}
                indicators:
                """)
        try await town.visitor.house.add(plan: plan, by: .house)
        let house = town.visitor.house
        // The county's officer leaves; their colleague has functions from the plan alone.
        try await house.accounts.close("county", successor: "", by: .house)
        try await house.accounts.add(
            name: "dated", display: "乡", password: Visitor.password, role: .officer, division: "450204", department: "DOOR-2021-2025/卫健局",
            by: .house)
        func declare() async throws {
            _ = try await submit(
                town, Draft(try kind(town, "declaration"), ["employer": town.employer, "type": "initial", "submitted": "2022-06-29"]),
                town.bossPerson)
        }
        try await declare()
        #expect(try await words(town, town.cityPerson) == ["notice.declared"])
        try town.go(to: "2022-07-11 09:00")
        try await declare()
        #expect(try await words(town, town.cityPerson) == ["notice.declared"])
        let dated = try #require(try await house.accounts.find("dated")).person
        #expect(dated.functions == ["health"])
        #expect(try await words(town, dated) == ["notice.declared"])
    }

    /// A deputy owes what the unit owes for which they act, as long as they act for it, and can be named for its duties.
    @Test(arguments: Stores.kinds) func aDeputyIsToldWhatTheUnitIsTold(_ store: Dialect) async throws {
        let town = try await Town(store)
        let house = town.visitor.house
        let deputy = try await town.visitor.guest("deputy", .officer, division: "450200", functions: ["finance"])
        func whole() async throws -> (directory: Directory, person: Person) {
            let person = try #require(try await house.accounts.find("deputy")).person
            return (try await house.ledger.store.read { try Directory(house.ledger, $0) }, person)
        }
        let unit = Party.unit(division: "450204", function: "health")
        #expect(try await whole().directory.accounts(of: unit) == ["county"])
        try await house.accounts.delegate(
            from: town.countyPerson, to: "deputy", functions: ["health"], from: try #require(Day("2022-06-30")),
            until: try #require(Day("2022-07-05")), reason: "休假")
        let now = try await whole()
        #expect(now.directory.accounts(of: unit) == ["county", "deputy"])
        #expect(Messages.colleagues(now.directory, of: town.countyPerson).map(\.person.name) == ["county", "deputy"])
        let measure = try #require(house.ledger.measures.values.first { $0.clause != nil && $0.owedBy == Measure.authority })
        #expect(Messages.own(now.person, measure, now.directory) != nil)
        // What the county owes is found as the deputy's own, beside what is addressed to their own function.
        try await town.visitor.store(
            "declaration", [["employer": town.employer, "type": "initial", "submitted": "2022-06-29", "received": "2022-06-29"]])
        let receipt = try #require(house.ledger.measures["declaration_receipt"])
        let own = try #require(Messages.own(now.person, receipt, now.directory))
        let owed: Int? = try await house.ledger.store.read { db in
            try db.row("SELECT count(*) AS total FROM stretch s WHERE s.gauge = 'duty/declaration_receipt' AND \(own)")?.get("total")
        }
        #expect((owed ?? 0) > 0)
        #expect(await town.visitor.get("/duties?owner=mine", as: deputy).status == 200)
        try town.go(to: "2022-07-06 09:00")
        let after = try await whole()
        #expect(after.directory.accounts(of: unit) == ["county"])
    }

    /// What a deputy freezes names for whom, on the page and in the audit.
    @Test(arguments: Stores.kinds) func anEvaluationNamesForWhomItWasFrozen(_ store: Dialect) async throws {
        let town = try await Town(store)
        let house = town.visitor.house
        try await house.add(plan: DoorTests.plan, by: .house)
        let deputy = try await town.visitor.guest("deputy", .officer, division: "450204001")
        let form = ["name": "年中", "type": "annual", "day": "2022-05-31"]
        let path = "/plans/DOOR-2021-2025/evaluations"
        #expect(await town.visitor.post(path, form, as: deputy).status != 303)
        #expect(try await house.ledger.store.read { try Evaluations(house.boards).list($0) }.isEmpty)
        try await house.accounts.delegate(
            from: town.countyPerson, to: "deputy", functions: [], from: try #require(Day("2022-06-30")),
            until: try #require(Day("2022-07-05")), reason: "休假")
        let frozen = await town.visitor.post(path, form, as: deputy)
        #expect(frozen.status == 303)
        #expect(await town.visitor.get(frozen.location, as: deputy).text.contains("deputy（代county）"))
        #expect(await town.visitor.get(path, as: deputy).text.contains("deputy（代county）"))
        let lines = try await house.ledger.store.read { try Audit($0).lines(limit: 400).filter { $0.door == "evaluation" } }
        #expect(lines.count == 1 && lines[0].detail.contains(" for county "))
        _ = await town.visitor.post(path, form, as: try await town.county)
        let all = try await house.ledger.store.read { try Evaluations(house.boards).list($0) }
        #expect(all.map(\.principal) == [nil, "county"] || all.map(\.principal) == ["county", nil])
    }
}
