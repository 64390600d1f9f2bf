import Accounts
import Foundation
import HTTPTypes
import Kernel
import Ledger
import Messages
import Storage
import TestKit
import Testing
import Web

@testable import House

/// Duties reach people: reminders once each, what stays undone goes up, what happens is told, and nobody reads another's.
@Suite struct MessageTests {
    /// An employer with hazards in Liunan, one who declares nothing; officers of the county and the city.
    struct Town {
        let visitor: Visitor
        let clock: MovingClock
        let employer, other: String

        init(_ store: Dialect, at moment: String = "2022-06-30 12:00") async throws {
            clock = MovingClock()
            clock.set(try #require(Moment(moment)))
            visitor = try await Visitor.over(
                try await House.open(try await Stores.fresh(store), catalog: Hand.catalog, clock: clock.clock))
            _ = try await visitor.guest("admin", .system)
            let ids = try await visitor.store(
                "employer",
                [
                    ["name": "柳南陶瓷作坊", "division": "450204", "hazards": "1", "since": "2022-06-20"],
                    ["name": "别家工厂", "division": "450204", "hazards": "1", "since": "2022-06-20"],
                ])
            (employer, other) = (ids[0], ids[1])
            _ = try await visitor.guest("boss", .organisation, organisation: employer)
            _ = try await visitor.guest("colleague", .organisation, organisation: employer)
            _ = try await visitor.guest("stranger", .organisation, organisation: other)
            _ = try await visitor.guest("county", .officer, division: "450204")
            _ = try await visitor.guest("city", .officer, division: "450200")
        }
        /// Signs in at the clock's time: sessions end while tests travel.
        func guest(_ name: String) async throws -> Visitor.Guest {
            let token = try await visitor.house.accounts.signIn(name: name, password: Visitor.password)
            return Visitor.Guest(token: token, csrf: try await visitor.house.accounts.session(token)?.csrf ?? "")
        }
        var boss: Visitor.Guest { get async throws { try await guest("boss") } }
        var colleague: Visitor.Guest { get async throws { try await guest("colleague") } }
        var stranger: Visitor.Guest { get async throws { try await guest("stranger") } }
        var county: Visitor.Guest { get async throws { try await guest("county") } }
        var city: Visitor.Guest { get async throws { try await guest("city") } }
        var messages: Messages { visitor.house.messages }
        func inbox(_ person: Person) async throws -> [Messages.Received] {
            try await visitor.house.ledger.store.read { [messages] in try messages.inbox($0, of: person, limit: 5000) }
        }
        var bossPerson: Person { Person(name: "boss", role: .organisation, organisation: employer) }
        var strangerPerson: Person { Person(name: "stranger", role: .organisation, organisation: other) }
        var countyPerson: Person { officer("county", "450204") }
        var cityPerson: Person { officer("city", "450200") }
        func officer(_ name: String, _ division: String) -> Person {
            Person(name: name, role: .officer, functions: ["health"], division: DivisionCode(division))
        }
        func words(_ person: Person, duty: String) async throws -> [String] {
            try await inbox(person).filter { $0.message.details["duty"] == duty }.map(\.message.word)
        }
        func go(to moment: String) throws { clock.set(try #require(Moment(moment))) }
        /// A cause that must be declared within fifteen days: due on the fifteenth day after it.
        func cause(_ day: String, employer id: String? = nil) async throws -> String {
            try await visitor.store(
                "declaration_cause", [["employer": id ?? employer, "cause": "process", "day": day]])[0]
        }
    }

    @Test(arguments: Stores.kinds) func aDutyIsToldOnceAtEachThresholdAndNeverAfterItIsMet(_ store: Dialect) async throws {
        // given: due on 2022-07-05
        let town = try await Town(store, at: "2022-06-21 08:00")
        let cause = try await town.cause("2022-06-20")
        var seen: [String: [String]] = [:]
        // when: the round is gone each day, twice
        for day in 21...30 { seen["06-\(day)"] = try await newWords(town, "2022-06-\(day)") }
        for day in 1...20 { seen["07-\(day)"] = try await newWords(town, "2022-07-\(day < 10 ? "0" : "")\(day)") }
        // then: thirty days ahead at once, seven days ahead, on the day, seven days after; fifteen days after the county is told
        #expect(
            seen.filter { !$0.value.isEmpty } == [
                "06-21": ["reminder.before"], "06-28": ["reminder.before"], "07-5": ["reminder.today"], "07-12": ["reminder.after"],
                "07-20": ["reminder.superior"],
            ])
        #expect(try await town.words(town.countyPerson, duty: "declaration_process") == ["reminder.superior"])
        #expect(try await town.words(town.cityPerson, duty: "declaration_process").isEmpty)
        // given: it is met
        try town.go(to: "2022-07-21 08:00")
        try await town.visitor.store(
            "declaration", [["employer": town.employer, "type": "change", "submitted": "2022-07-21", "cause": cause]])
        // then: nobody is told any more, though later thresholds pass
        for day in ["2022-07-22", "2022-08-04", "2022-09-30"] { #expect(try await newWords(town, day) == [], "\(day)") }
        try await town.visitor.isWhole()
    }

    /// The words of the process duty's messages that a day's rounds bring.
    private func newWords(_ town: Town, _ day: String) async throws -> [String] {
        try town.go(to: day + " 08:00")
        func count() async throws -> [String] {
            try await town.visitor.house.ledger.store.read { db in
                try db.rows("SELECT word FROM message WHERE details LIKE '%declaration_process%' ORDER BY id").map { try $0.get("word") }
            }
        }
        let before = try await count()
        let trial = try await town.messages.remind(isTrial: true)
        let round = try await town.messages.remind()
        #expect(trial.sent == round.sent && trial.told == round.told)
        #expect(try await town.messages.remind().total == 0, "told twice on \(day)")
        return Array(try await count().dropFirst(before.count))
    }

    @Test(arguments: Stores.kinds) func whatStaysUndoneGoesUpLevelByLevelAndItsPageShowsTheChain(_ store: Dialect) async throws {
        let town = try await Town(store)
        _ = try await town.cause("2022-06-20")
        try town.go(to: "2022-09-01 08:00")
        try await town.messages.remind()
        #expect(try await town.words(town.countyPerson, duty: "declaration_process") == ["reminder.superior"])
        #expect(try await town.words(town.cityPerson, duty: "declaration_process") == ["reminder.superior"])
        let levels = try await town.inbox(town.cityPerson).filter { $0.message.details["duty"] == "declaration_process" }
        #expect(levels.map { $0.message.details["level"] } == ["2"])
        // The page of the duty, from the message of whoever owes it.
        let own = try #require(try await town.inbox(town.bossPerson).first { $0.message.details["duty"] == "declaration_process" })
        let opened = try await town.visitor.post("/messages/\(own.message.id)/reading", as: await town.boss)
        #expect(opened.status == 303 && opened.location.hasPrefix("/duty?"))
        let page = try await town.visitor.get(opened.location, as: await town.boss)
        #expect(page.status == 200)
        for text in ["工艺、设备、材料变化后申报", "2022-07-05", "上报第 1 级", "上报第 2 级", "柳南区主管部门", "第71条（一）", "五万元以上十万元以下"] {
            #expect(page.text.contains(text), "\(text)")
        }
        // Another employer neither reads the message nor opens the page.
        #expect(try await town.visitor.post("/messages/\(own.message.id)/reading", as: await town.stranger).status == 404)
        #expect(try await town.visitor.get(opened.location, as: await town.stranger).status == 404)
    }

    @Test(arguments: Stores.kinds) func roundsAtOnceTellNothingTwice(_ store: Dialect) async throws {
        let town = try await Town(store)
        for day in 20...29 { _ = try await town.cause("2022-06-\(day)", employer: day % 2 == 0 ? town.employer : town.other) }
        try town.go(to: "2022-08-01 08:00")
        // One of two rounds may give way; the next finds what is left.
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<4 { group.addTask { _ = try? await town.messages.remind() } }
        }
        try await town.messages.remind()
        let (rows, distinct) = try await town.visitor.house.ledger.store.read { db in
            let all = try db.rows("SELECT gauge, root, subject, due, step, message FROM reminder")
            let keys = try all.map { row in
                try ["gauge", "root", "subject", "step"].map { try row.get($0, as: String.self) }.joined(separator: " ")
            }
            let told = try Set(all.map { try $0.get("message", as: String.self) })
            let sent = try Set(db.rows("SELECT id FROM message").map { try $0.get("id", as: String.self) })
            #expect(told == sent, "a message without its mark, or a mark without its message")
            return (keys.count, Set(keys).count)
        }
        #expect(rows == distinct && rows > 20)
        #expect(try await town.visitor.house.ledger.store.read { try Audit($0).breaks() }.isEmpty)
    }

    @Test(arguments: Stores.kinds) func aCourseIsToldToTheOtherSideAndNobodyElse(_ store: Dialect) async throws {
        let town = try await Town(store)
        let kind = try #require(town.visitor.house.ledger.kinds["declaration"])
        func submit(_ draft: Draft, _ person: Person, reason: String = "") async throws -> String {
            let receipts = try await town.visitor.house.ledger.submit(
                [draft], Submission(by: person, door: "page", reason: reason, updates: true))
            if case .refused(let refusals) = receipts[0].fate { Issue.record("\(refusals)") }
            return try #require(receipts[0].fate.id)
        }
        func words(_ person: Person) async throws -> [String] { try await town.inbox(person).map(\.message.word) }
        let id = try await submit(Draft(kind, ["employer": town.employer, "type": "initial", "submitted": "2022-06-29"]), town.bossPerson)
        #expect(try await words(town.countyPerson) == ["notice.declared"])
        #expect(try await words(town.bossPerson) == [])
        var back = Draft(kind, id: id)
        back.step = .sendBack
        _ = try await submit(back, town.countyPerson, reason: "缺危害因素，请联系张三 13800000000")
        #expect(try await words(town.bossPerson) == ["notice.declaration-returned"])
        var again = Draft(kind, id: id, ["submitted": "2022-06-30"])
        again.step = .submit
        _ = try await submit(again, town.bossPerson)
        var accept = Draft(kind, id: id)
        accept.step = .accept
        _ = try await submit(accept, town.countyPerson)
        #expect(try await words(town.bossPerson).sorted() == ["notice.declaration-accepted", "notice.declaration-returned"])
        #expect(try await words(town.countyPerson) == ["notice.declared", "notice.declared"])
        #expect(try await words(town.strangerPerson) == [])
        // Nothing that a person wrote is in a message.
        let stored = try await town.visitor.house.ledger.store.read { db in
            try db.rows("SELECT details, word FROM message").map { try $0.get("details", as: String.self) }.joined()
        }
        for secret in ["张三", "13800000000", "柳南陶瓷"] { #expect(!stored.contains(secret)) }
        // The pages: the counter, the list, marking in bulk.
        let page = try await town.visitor.get("/messages", as: await town.boss)
        #expect(page.text.contains("危害项目申报被退回") && page.text.contains("危害项目申报已受理"))
        #expect(page.body.contains("id=\"unread\">2<"))
        _ = try await town.visitor.post("/messages", ["do": "all"], as: await town.boss)
        #expect(try await !(town.visitor.get("/messages", as: await town.boss)).body.contains("id=\"unread\""))
        // A colleague has their own eyes.
        #expect(try await town.visitor.get("/messages", as: await town.colleague).body.contains("id=\"unread\">2<"))
        #expect(try await !(town.visitor.get("/messages", as: await town.stranger)).text.contains("申报"))
    }

    @Test(arguments: Stores.kinds) func theFirstPageIsWhatIsOwed(_ store: Dialect) async throws {
        let town = try await Town(store)
        let cause = try await town.cause("2022-06-20")
        try town.go(to: "2022-08-01 08:00")
        let boss = try await town.visitor.get("/", as: await town.boss)
        #expect(boss.status == 200)
        for text in ["今天要做的事", "已逾期，请先办", "工艺、设备、材料变化后申报", "不办的后果", "五万元以上十万元以下", "新增危害项目申报"] {
            #expect(boss.text.contains(text), "\(text)")
        }
        // What carries a penalty comes before what carries none.
        let text = boss.text
        let heavy = try #require(text.range(of: "工艺、设备、材料变化后申报")), light = try #require(text.range(of: "建立完整的职业卫生档案"))
        #expect(heavy.lowerBound < light.lowerBound)
        #expect(!boss.text.contains("别家工厂"))
        // The officer: the receipt is the county's to issue, not the city's; both see who has most overdue.
        let kind = try #require(town.visitor.house.ledger.kinds["declaration"])
        _ = try await town.visitor.house.ledger.submit(
            [
                Draft(
                    kind,
                    ["employer": town.employer, "type": "change", "submitted": "2022-07-20", "received": "2022-07-20", "cause": cause])
            ],
            Submission(by: .house, door: "test", home: "450204"))
        let county = try await town.visitor.get("/", as: await town.county)
        #expect(county.text.contains("出具申报回执") && county.text.contains("等待本单位受理") && county.text.contains("柳南陶瓷作坊"))
        let city = try await town.visitor.get("/", as: await town.city)
        #expect(!city.text.contains("出具申报回执") && city.text.contains("下级未按期办理") && city.text.contains("逾期最多的单位"))
        for (guest, role) in [(try await town.boss, "employer"), (try await town.county, "county"), (try await town.city, "city")] {
            var english = guest
            english.language = .english
            let page = try await town.visitor.get("/", as: english)
            #expect(page.status == 200 && !page.body.contains("{{") && !page.body.contains("home."), "\(role)")
        }
        #expect(try await town.visitor.get("/").location == "/public")
    }

    @Test(arguments: Stores.kinds) func aDutyIsGivenToAColleagueAndGoesOverWhenTheyLeave(_ store: Dialect) async throws {
        let town = try await Town(store)
        _ = try await town.cause("2022-06-20")
        let list = try await town.visitor.get("/duties?rule=declaration_process", as: await town.boss)
        let key = try #require(list.text.firstMatch(of: /name="key" value="([^"]+)"/)?.1).description
        // Nobody gives another's duty, and none to people of another unit.
        #expect(
            try await town.visitor.post("/duties/assignment", ["key": key, "account": "stranger"], as: await town.stranger).status == 404)
        #expect(try await town.visitor.post("/duties/assignment", ["key": key, "account": "county"], as: await town.boss).status == 422)
        #expect(try await town.visitor.post("/duties/assignment", ["account": "colleague"], as: await town.boss).status == 422)
        #expect(try await town.visitor.post("/duties/assignment", ["key": key, "account": "colleague"], as: await town.boss).status == 303)
        #expect(try await town.visitor.get("/", as: await town.colleague).text.contains("分派给我的"))
        #expect(try await town.visitor.get("/duties?owner=assigned", as: await town.colleague).text.contains("工艺、设备、材料变化后申报"))
        #expect(try await !(town.visitor.get("/duties?owner=assigned", as: await town.boss)).text.contains("工艺、设备、材料变化后申报"))
        // Reminders go to whoever sees to it.
        try await town.messages.remind()
        let colleague = Person(name: "colleague", role: .organisation, organisation: town.employer)
        #expect(try await town.words(colleague, duty: "declaration_process").sorted() == ["duty.assigned", "reminder.before"])
        #expect(try await town.words(town.bossPerson, duty: "declaration_process") == [])
        // The colleague leaves: what was open goes to the boss, and both are told.
        try await town.visitor.house.accounts.close("colleague", successor: "boss", by: .house)
        let received = try await town.inbox(town.bossPerson).map(\.message)
        let told = received.map(\.word)
        #expect(told.contains("handover.received") && told.contains("reminder.before"))
        let over = received.first { $0.word == "handover.received" }?.details
        #expect(over?["messages"] == "2" && over?["count"] == "1")
        #expect(try await town.inbox(colleague).map(\.message.word).contains("handover.given"))
        #expect(try await town.visitor.get("/", as: await town.boss).text.contains("分派给我的"))
        #expect(try await town.visitor.house.ledger.store.read { try Audit($0).breaks() }.isEmpty)
    }

    /// Where nobody follows, what the leaver was named for is the unit's again: the next reminder reaches everybody of it.
    @Test(arguments: Stores.kinds) func aDutyOfWhoLeavesWithoutSuccessorIsTheUnitsAgain(_ store: Dialect) async throws {
        let town = try await Town(store)
        _ = try await town.cause("2022-06-20")
        let list = try await town.visitor.get("/duties?rule=declaration_process", as: await town.boss)
        let key = try #require(list.text.firstMatch(of: /name="key" value="([^"]+)"/)?.1).description
        _ = try await town.visitor.post("/duties/assignment", ["key": key, "account": "colleague"], as: await town.boss)
        try await town.visitor.house.accounts.close("colleague", successor: "", by: .house)
        try await town.messages.remind()
        #expect(try await town.words(town.bossPerson, duty: "declaration_process") == ["reminder.before"])
        #expect(try await town.visitor.house.ledger.store.read { try Audit($0).breaks() }.isEmpty)
    }

    @Test(arguments: Stores.kinds) func aCalendarShowsOwnDutiesUnderASecretOnly(_ store: Dialect) async throws {
        let town = try await Town(store)
        _ = try await town.cause("2022-06-20")
        let made = try await town.visitor.post("/messages/calendar", as: await town.boss)
        let token = try #require(made.text.firstMatch(of: /\/calendar\/([0-9a-f]+)\.ics/)?.1).description
        let calendar = try await town.visitor.get("/calendar/\(token).ics")
        #expect(calendar.status == 200 && calendar.headers[.contentType]?.hasPrefix("text/calendar") == true)
        let read: [CalendarRead] = try Python.ask("Tests/messages/feed.py", [calendar.body])
        let event = try #require(read[0].events.first { $0.title.contains("工艺、设备、材料变化后申报") })
        #expect(event.day == "2022-07-05" && event.alarm == 7 && event.description.contains("第71条（一）"))
        #expect(!calendar.body.contains("别家"))
        // The same duty keeps its name when the calendar is read again later.
        try town.go(to: "2022-07-02 08:00")
        let later: [CalendarRead] = try Python.ask("Tests/messages/feed.py", [try await town.visitor.get("/calendar/\(token).ics").body])
        #expect(later[0].events.contains { $0.uid == event.uid })
        // Wrong, cut, revoked: as if there were nothing.
        for wrong in ["/calendar/\(token)", "/calendar/x.ics", "/calendar/\(token.dropLast()).ics", "/calendar/.ics"] {
            if wrong.split(separator: "/").count == 2 { #expect(try await town.visitor.get(wrong).status == 404, "\(wrong)") }
        }
        _ = try await town.visitor.post("/messages/calendar", as: await town.boss)
        #expect(try await town.visitor.get("/calendar/\(token).ics").status == 404)
        let stored = try await town.visitor.house.ledger.store.read {
            try $0.rows("SELECT token FROM calendar_feed").map { try $0.get("token", as: String.self) }
        }
        #expect(stored.count == 1 && !stored.contains(token))
    }
    @Test(arguments: Stores.kinds) func mailIsTriedAgainAndGivenUpAndNamesNobody(_ store: Dialect) async throws {
        // given: an address that is confirmed by the link that was sent there
        let town = try await Town(store)
        let host = try MailHost()
        let server = MailServer(host: "localhost", port: host.port, from: "zhifang@example.com", security: .none, timeout: 10)
        let pages = try Visitor.pages.get()
        func room(_ server: MailServer) -> Mailroom {
            Mailroom(town.visitor.house.ledger, pages: pages, server: server, site: "https://zhifang.example.com/")
        }
        for wrong in ["boss", "boss@example.com\r\nBcc: x@y.cn", "a@b.cn, c@d.cn"] {
            #expect(try await town.visitor.post("/messages/address", ["address": wrong], as: await town.boss).status == 422)
        }
        #expect(try await town.visitor.post("/messages/address", ["address": "boss@example.com"], as: await town.boss).status == 303)
        #expect(try await town.visitor.post("/messages/address", ["address": "boss@example.com"], as: await town.boss).status == 422)
        #expect(try await room(server).deliver() == (1, 0, 0))
        let link = try #require(
            try host.taken().first?.text.firstMatch(of: /https:\/\/zhifang\.example\.com(\/messages\/confirm\/[0-9a-f]+)/)?.1)
        // Another account's link confirms nothing; looking at it does not either.
        #expect(try await town.visitor.post(String(link), as: await town.stranger).status == 422)
        #expect(try await town.visitor.get(String(link), as: await town.boss).status == 200)
        _ = try await town.cause("2022-06-20")
        try await town.messages.remind()
        #expect(try await room(server).deliver() == (0, 0, 0), "nothing before the address is confirmed")
        #expect(try await town.visitor.post(String(link), as: await town.boss).status == 303)
        #expect(try await town.visitor.post(String(link), as: await town.boss).status == 422, "a link works once")
        // when: a topic is not wanted, another is
        _ = try await town.visitor.post("/messages/topics", ["topic": "duty"], as: await town.boss)
        _ = try await town.cause("2022-06-21")
        try await town.messages.remind()
        // then: the server is down, and the letter waits
        host.end()
        #expect(try await room(server).deliver() == (0, 1, 0))
        #expect(try await room(server).deliver() == (0, 0, 0))
        try town.go(to: "2022-06-30 12:02")
        let again = try MailHost()
        var other = server
        other.port = again.port
        #expect(try await room(other).deliver() == (1, 0, 0))
        let letter = try #require(try again.taken().first)
        #expect(letter.to == ["boss@example.com"] && letter.headers["Subject"] == "[职防] 待办提醒")
        #expect(letter.text.contains("工艺、设备、材料变化后申报") && letter.text.contains("2022-07-06"))
        for secret in ["柳南陶瓷", "boss ", town.employer] { #expect(!letter.text.contains(secret)) }
        // A letter that never gets through is dead in the end, and the administrator sees it.
        _ = try await town.cause("2022-06-22")
        try await town.messages.remind()
        again.end()
        var attempts = 0
        for hour in 0..<200 where try await room(other).deliver().dead == 0 {
            attempts += 1
            try town.go(to: "2022-07-\(hour / 24 + 10) \(hour % 24 < 10 ? "0" : "")\(hour % 24):59")
        }
        try await town.visitor.house.accounts.resetFactor("admin", by: .house)
        let page = try await town.visitor.get("/", as: try await town.visitor.signIn("admin"))
        #expect(page.text.contains("发送失败") && page.text.contains("boss"))
        let counts = try await town.visitor.house.ledger.store.read { try town.messages.mailCounts($0) }
        #expect(counts == ["sent": 2, "dead": 1])
    }
    struct CalendarRead: Decodable {
        struct Event: Decodable {
            let uid, day, title, description: String
            let alarm: Int?
        }
        let events: [Event]
    }
}
