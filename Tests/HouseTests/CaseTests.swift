import Accounts
import Foundation
import HTTPTypes
import Kernel
import Ledger
import Storage
import TestKit
import Testing
import Web

@testable import House

/// Cases, lists and complaints through their own pages, by everybody whom they concern, on both databases.
@Suite struct CaseTests {
    /// A house in 2026 whose clock the test moves, with a ceramics workshop, a worker whose name must not get out, and officers.
    struct Town {
        let visitor: Visitor
        let clock: MovingClock
        let employer, worker, file: String
        static let canary = "欧阳探雀"
        static let phone = "13912345678"

        init(_ store: Dialect) async throws {
            clock = MovingClock()
            clock.set(try #require(Moment("2026-03-02 09:00")))
            visitor = try await Visitor.over(
                try await House.open(try await Stores.fresh(store), catalog: Hand.catalog, clock: clock.clock))
            employer = try await visitor.store(
                "employer", [["name": "明德陶瓷厂", "division": "330402", "hazards": "1", "since": "2020-01-01"]])[0]
            worker = try await visitor.store("worker", [["name": Self.canary]])[0]
            try await visitor.store("employment", [["worker": worker, "employer": employer, "from": "2021-01-01"]])
            file = try await visitor.store(
                "violation_case", [["employer": employer, "division": "330402", "found": "2026-02-10", "severity": "severe"]])[0]
        }
        func guest(
            _ name: String, _ role: Person.Role, _ functions: [String] = [], division: String = "", organisation: String = ""
        ) async throws
            -> Visitor.Guest
        {
            try await visitor.house.accounts.add(
                name: name, display: name, password: Visitor.password, role: role, functions: functions, division: division,
                organisation: organisation, by: .house)
            return try await again(name)
        }
        /// Signs in anew: sessions end while the test's days pass.
        func again(_ name: String) async throws -> Visitor.Guest {
            let answer = await visitor.post("/sign-in", ["name": name, "password": Visitor.password])
            let cookie = try #require(answer.headers[.setCookie]?.split(separator: ";").first?.split(separator: "=").last)
            let session = try #require(try await visitor.house.accounts.session(String(cookie)))
            return Visitor.Guest(token: String(cookie), csrf: session.csrf)
        }
        func officer(_ name: String, _ division: String = "330402") async throws -> Visitor.Guest {
            try await guest(name, .officer, ["health"], division: division)
        }
        func go(to moment: String) throws { clock.set(try #require(Moment(moment))) }
        func record(_ id: String) async throws -> Record? {
            try await visitor.house.ledger.store.read { [ledger = visitor.house.ledger] in try ledger.record($0, id) }
        }
        func text(_ id: String, _ field: String) async throws -> String {
            guard let record = try await record(id), let spec = record.kind.field(named: field) else { return "" }
            return record[spec].map(plainText) ?? ""
        }
        func version(_ id: String) async throws -> String { try await record(id).map { String($0.version) } ?? "" }
    }

    static let weighing = [
        "item": "72.1", "overdue": "1", "factor.harm": "house.harm.risk", "factor.duration": "house.duration.medium",
        "factor.workers": "house.workers.few", "factor.repeated": "house.repeated.first", "factor.cooperation": "house.cooperation.normal",
    ]
    /// Art. 72 (1), ordinary: 95,000 to 155,000 yuan.
    private func proposal(_ amount: String, reason: String = "") -> [String: String] {
        Self.weighing.merging(
            [
                "means": "fine", "amount": amount, "reason": reason, "facts": "陶瓷二车间矽尘浓度超标，\(Town.canary)在岗", "proposed": "2026-03-02",
                "notice": "2026-03-02",
            ]
        ) { $1 }
    }

    /// From filing to publication and annulment, with who may do what at each step.
    @Test(arguments: Stores.kinds) func aCaseFromFilingToAnnulment(_ store: Dialect) async throws {
        let town = try await Town(store)
        let visitor = town.visitor
        let (one, two) = (try await town.officer("one"), try await town.officer("two"))
        let tax = try await town.guest("tax", .officer, ["tax"], division: "330402")
        let firm = try await town.guest("firm", .organisation, organisation: town.employer)
        // The file is the authority's: its party and other departments are told nothing of it.
        #expect(await visitor.get("/cases/\(town.file)", as: one).status == 200)
        for other in [firm, tax] {
            for path in ["/cases/\(town.file)", "/record/\(town.file)"] { #expect(await visitor.get(path, as: other).status == 404) }
            #expect(!(await visitor.get("/records/violation_case", as: other).body.contains(town.file)))
        }
        // Nothing is proposed before the case is filed.
        let early = await visitor.post("/cases/\(town.file)/proposal", proposal("100000"), as: one)
        #expect(early.status == 422 && early.text.contains("案件尚未立案"))
        let filing = ["filed": "2026-02-12", "facts": "超标", "investigators": "甲、乙", "version": "1"]
        #expect(await visitor.post("/cases/\(town.file)/filing", filing, as: one).status == 303)
        let query = Self.weighing.map { "\($0.key)=\($0.value)" }.joined(separator: "&")
        let range = await visitor.get("/cases/\(town.file)/proposal?\(query)", as: one)
        #expect(range.text.contains("50000 + 150000 × 30–70% = 95000–155000 元"))
        // Outside the law: refused. Outside the scheme: only with a reason.
        for (amount, words) in [("49999", "不在法定幅度 50000–200000"), ("200001", "不在法定幅度"), ("60000", "须写明理由")] {
            let refused = await visitor.post("/cases/\(town.file)/proposal", proposal(amount), as: one)
            #expect(refused.status == 422 && refused.text.contains(words), "\(amount)")
        }
        #expect(try await visitor.count("penalty_decision") == 0)
        let proposed = await visitor.post("/cases/\(town.file)/proposal", proposal("100000"), as: one)
        let id = String(try #require(proposed.location.split(separator: "/").last))
        #expect(proposed.status == 303 && proposed.location == "/decisions/\(id)")
        // The party reads it and states its case; the tax office does not see it.
        #expect(await visitor.get("/decisions/\(id)", as: tax).status == 404)
        #expect(await visitor.get("/decisions/\(id)", as: firm).status == 200)
        let stated = await visitor.post("/decisions/\(id)/statements", ["type": "statement", "text": "已经整改"], as: firm)
        #expect(stated.status == 303)
        #expect(await visitor.post("/decisions/\(id)/decision", ["version": "1"], as: firm).status == 403)
        // Four eyes, notice, answer to the statement: each in its turn.
        func decide(_ guest: Visitor.Guest) async throws -> Visitor.Answer {
            await visitor.post("/decisions/\(id)/decision", ["version": try await town.version(id)], as: guest)
        }
        #expect(try await decide(one).text.contains("告知书尚未送达") == false)
        #expect(try await decide(one).status == 422)
        #expect(try await decide(two).text.contains("事先告知书尚未送达"))
        let served = ["notice_served": "2026-03-02", "version": try await town.version(id)]
        #expect(await visitor.post("/decisions/\(id)/proceedings", served, as: one).status == 303)
        #expect(try await decide(two).text.contains("须先复核答复"))
        let answered = ["statement_answer": "不予采纳", "version": try await town.version(id)]
        #expect(await visitor.post("/decisions/\(id)/proceedings", answered, as: one).status == 303)
        #expect(await visitor.post("/decisions/\(id)/publication", ["summary": "x", "version": "3"], as: one).status == 422)
        #expect(try await decide(two).status == 303)
        #expect(try await town.text(id, "number") == "职卫罚〔2026〕330402-00001号")
        #expect(try await town.text(id, "decided") == "2026-03-02")
        // What was decided stays: only annulment is left.
        let ledger = visitor.house.ledger
        let kind = try #require(ledger.kinds["penalty_decision"])
        let fixed = try await ledger.submit([Draft(kind, id: id, ["amount": "120000"])], Submission(by: .house, door: "test"))
        guard case .refused(let why)? = fixed.first?.fate else { throw Refusal("internal", ["value": "changed"]) }
        #expect(why.map(\.code) == ["decision.fixed"])
        // Published without the worker's name and number.
        #expect(await visitor.get("/public/decisions/\(id)").status == 404)
        let summary = ["summary": "二车间超标，\(Town.canary)（\(Town.phone)）在岗", "version": try await town.version(id)]
        #expect(await visitor.post("/decisions/\(id)/publication", summary, as: one).status == 303)
        for path in ["/public/decisions", "/public/decisions/\(id)", "/public/decisions?q=明德"] {
            let page = await visitor.get(path)
            #expect(page.status == 200 && page.text.contains("明德陶瓷厂") && page.text.contains("100,000"), "\(path)")
            #expect(!page.text.contains(Town.canary) && !page.text.contains(Town.phone) && !page.text.contains("甲、乙"), "\(path)")
        }
        #expect(await visitor.get("/public/decisions?q=别家").text.contains("明德") == false)
        // Annulled, it is gone from there.
        let annulled = ["annulment": "证据不足", "version": try await town.version(id)]
        #expect(await visitor.post("/decisions/\(id)/annulment", annulled, as: two).status == 303)
        #expect(await visitor.get("/public/decisions/\(id)").status == 404)
        #expect(!(await visitor.get("/public/decisions").text.contains("明德陶瓷厂")))
        try await visitor.isWhole()
    }

    /// A departure from the scheme: a reason, the legal review, the county and then the city, three different people.
    @Test(arguments: Stores.kinds) func aDepartureIsApprovedTwice(_ store: Dialect) async throws {
        let town = try await Town(store)
        let visitor = town.visitor
        let (one, two, city) = (try await town.officer("one"), try await town.officer("two"), try await town.officer("city", "330400"))
        _ = await visitor.post(
            "/cases/\(town.file)/filing", ["filed": "2026-02-12", "facts": "超标", "investigators": "甲、乙", "version": "1"], as: one)
        let proposed = await visitor.post("/cases/\(town.file)/proposal", proposal("60000", reason: "首违且及时改正"), as: one)
        let id = String(try #require(proposed.location.split(separator: "/").last))
        let served = ["notice_served": "2026-03-02", "version": try await town.version(id)]
        _ = await visitor.post("/decisions/\(id)/proceedings", served, as: one)
        func decide(_ guest: Visitor.Guest) async throws -> Visitor.Answer {
            await visitor.post("/decisions/\(id)/decision", ["version": try await town.version(id)], as: guest)
        }
        #expect(try await decide(two).text.contains("法制审核"))
        let reviewed = ["reviewed": "2026-03-02", "reviewer": "丙", "version": try await town.version(id)]
        _ = await visitor.post("/decisions/\(id)/proceedings", reviewed, as: one)
        #expect(try await decide(two).status == 303)
        #expect(try await town.text(id, "decided") == "")
        #expect(try await town.text(id, "number") == "")
        // The county has said yes; it is the city's turn and not the same officer's.
        #expect(try await decide(two).status >= 400)
        #expect(try await decide(one).status >= 400)
        #expect(try await decide(city).status == 303)
        #expect(try await town.text(id, "decided") == "2026-03-02")
        #expect(try await town.text(id, "number").hasSuffix("-00001号"))
        try await visitor.isWhole()
    }

    /// Intention, objection, listing, publication, notice with receipt, repair.
    @Test(arguments: Stores.kinds) func aListingFromIntentionToRepair(_ store: Dialect) async throws {
        let town = try await Town(store)
        let visitor = town.visitor
        var (one, two) = (try await town.officer("one"), try await town.officer("two"))
        var tax = try await town.guest("tax", .officer, ["tax"], division: "330402")
        var market = try await town.guest("market", .officer, ["market_supervision"], division: "330402")
        var firm = try await town.guest("firm", .organisation, organisation: town.employer)
        let intention = [
            "list": "blacklist", "criterion": "repeated", "reason": "一年内再犯", "notice": "2026-03-02", "object_until": "2026-03-12",
            "until": "2027-03-12",
        ]
        #expect(await visitor.post("/credit/\(town.employer)/listings", intention, as: tax).status >= 400)
        let intended = await visitor.post("/credit/\(town.employer)/listings", intention, as: one)
        #expect(intended.status == 303)
        let id = String(try #require(intended.location.split(separator: "/").last))
        #expect(!(await visitor.get("/public/blacklist").text.contains("明德陶瓷厂")))
        // The employer objects; the objection stands in the way, then is returned.
        #expect(await visitor.post("/listings/\(id)/requests", ["type": "objection", "text": "没有再犯"], as: firm).status == 303)
        func list(_ guest: Visitor.Guest) async throws -> Visitor.Answer {
            await visitor.post("/listings/\(id)/decision", ["version": try await town.version(id)], as: guest)
        }
        #expect(try await list(two).text.contains("异议尚未答复"))
        let objection = try await visitor.house.ledger.store.read { [ledger = visitor.house.ledger] in
            try ledger.mentions($0, of: id, kinds: ["credit_request"]).map(\.id)
        }
        let denial = ["answer": "return", "remark": "两次处罚属实", "version": "1"]
        #expect(await visitor.post("/credit-requests/\(objection[0])/decision", denial, as: two).status == 303)
        #expect(try await list(two).text.contains("2026-03-12"))
        try town.go(to: "2026-03-13 09:00")
        (one, two, firm) = (try await town.again("one"), try await town.again("two"), try await town.again("firm"))
        (tax, market) = (try await town.again("tax"), try await town.again("market"))
        #expect(try await list(one).status == 422)
        #expect(try await list(two).status == 303)
        #expect(try await town.text(id, "number") == "职卫信〔2026〕330402-00001号")
        #expect(await visitor.get("/public/blacklist").text.contains("明德陶瓷厂"))
        // Notified departments see what is addressed to them, confirm it, and nobody confirms for them.
        let sent = await visitor.post("/listings/\(id)/notices", ["functions": "tax", "due": "2026-03-20"], as: one)
        #expect(sent.status == 303)
        let notices = try await visitor.house.ledger.store.read { [ledger = visitor.house.ledger] in
            try ledger.mentions($0, of: id, kinds: ["credit_notice"]).map(\.id)
        }
        let notice = "/credit-notices/\(notices[0])"
        #expect(await visitor.get(notice, as: tax).text.contains("明德陶瓷厂"))
        for other in [market, firm] { #expect(await visitor.get(notice, as: other).status == 404) }
        #expect(await visitor.get("/records/credit_notice", as: tax).text.contains("明德陶瓷厂"))
        #expect(!(await visitor.get("/records/credit_notice", as: market).text.contains("明德陶瓷厂")))
        #expect(await visitor.get("/listings/\(id)", as: tax).status == 404)
        #expect(await visitor.get("/duties", as: tax).text.contains("签收信用通报"))
        #expect(!(await visitor.get("/duties", as: market).text.contains("签收信用通报")))
        #expect(await visitor.post("\(notice)/receipt", ["measures": "x"], as: one).status >= 400)
        #expect(await visitor.post("\(notice)/receipt", ["measures": "限制享受优惠"], as: tax).status == 303)
        #expect(try await visitor.count("credit_receipt") == 1)
        #expect(await visitor.get("/listings/\(id)", as: one).text.contains("限制享受优惠"))
        // Repair: applied for, granted, gone from the public list, kept in the credit file.
        #expect(await visitor.post("/listings/\(id)/requests", ["type": "repair", "text": "已整改"], as: firm).status == 303)
        let repair = try await visitor.house.ledger.store.read { [ledger = visitor.house.ledger] in
            try ledger.mentions($0, of: id, kinds: ["credit_request"]).map(\.id).filter { $0 != objection[0] }
        }
        let grant = ["answer": "accept", "remark": "核实", "version": "1"]
        #expect(await visitor.post("/credit-requests/\(repair[0])/decision", grant, as: two).status == 303)
        #expect(try await town.text(id, "removal") == "repaired")
        #expect(!(await visitor.get("/public/blacklist").text.contains("明德陶瓷厂")))
        #expect(await visitor.get("/credit/\(town.employer)", as: firm).text.contains("提前移出"))
        try await visitor.isWhole()
    }

    static let complaint = [
        "division": "330402", "topics": "hazard", "against": "明德陶瓷厂", "text": "二车间粉尘很大，没有口罩。", "worker": "1",
        "_code": "ABCDEFGH2345",
    ]
    private func key(_ last: Int) -> String { "01kb0000000000000000000" + String(100 + last) }

    /// Without an account: taken once, asked for with number and code, never told apart from what does not exist.
    @Test(arguments: Stores.kinds) func aComplaintWithoutAnAccount(_ store: Dialect) async throws {
        let town = try await Town(store)
        let visitor = town.visitor
        #expect(await visitor.get("/public/complaints/new").status == 200)
        let sent = Self.complaint.merging(["_key": key(1), "name": Town.canary, "contact": Town.phone]) { $1 }
        let first = await visitor.post("/public/complaints", sent)
        #expect(first.status == 200 && first.text.contains("职卫诉〔2026〕330402-00001号") && first.text.contains("ABCDEFGH2345"))
        // The browser goes back and sends it again: the same number, no second complaint.
        #expect(await visitor.post("/public/complaints", sent).text.contains("330402-00001号"))
        #expect(try await visitor.count("complaint") == 1)
        // A program fills the hidden field: refused, and the words are still there.
        let robot = await visitor.post("/public/complaints", sent.merging(["_key": key(2), "website": "http://x"]) { $1 })
        #expect(robot.status == 422 && robot.text.contains("二车间粉尘很大"))
        // Blank required fields: told, nothing lost.
        let blank = await visitor.post("/public/complaints", sent.merging(["_key": key(3), "against": ""]) { $1 })
        #expect(blank.status == 422 && blank.text.contains("二车间粉尘很大"))
        #expect(try await visitor.count("complaint") == 1)
        // The code opens it; anything else is one and the same answer.
        let number = "职卫诉〔2026〕330402-00001号"
        let open = await visitor.post("/public/complaints/query", ["number": number, "code": "abcd-efgh-2345"])
        #expect(open.text.contains("待受理") && !open.text.contains(Town.canary) && !open.text.contains(Town.phone))
        func stranger(_ number: String, _ code: String) async -> String {
            await visitor.post("/public/complaints/query", ["number": number, "code": code]).body.replacing(
                Visitor.escaped(number), with: ""
            )
            .replacing(number, with: "")
        }
        let (wrong, none) = (await stranger(number, "ABCDEFGH2346"), await stranger("职卫诉〔2026〕330402-00002号", "ABCDEFGH2345"))
        #expect(wrong == none && wrong.contains("编号或者查询码不正确"))
        let stored = try await id(town)
        #expect(try await town.text(stored, "digest") != "ABCDEFGH2345")
        // Scripts in what was written stay text.
        let script = Self.complaint.merging(["_key": key(4), "text": "<script>alert(1)</script>"]) { $1 }
        #expect(await visitor.post("/public/complaints", script).status == 200)
        let one = try await town.officer("one")
        let second = try await ids(town)[1]
        let shown = await visitor.get("/complaints/\(second)", as: one)
        #expect(shown.status == 200 && shown.text.contains("<script>alert") && !shown.body.contains("<script>alert"))
        // Too many from one source: told so, with the words kept.
        var answers: [Visitor.Answer] = []
        for index in 5..<30 {
            answers.append(await visitor.post("/public/complaints", Self.complaint.merging(["_key": key(index)]) { $1 }))
        }
        let last = try #require(answers.last)
        #expect(last.status == 429 && last.text.contains("二车间粉尘很大"))
        try town.go(to: "2026-03-02 11:00")
        #expect(await visitor.post("/public/complaints", Self.complaint.merging(["_key": key(90)]) { $1 }).status == 200)
        try await visitor.isWhole()
    }
    private func ids(_ town: Town) async throws -> [String] {
        try await town.visitor.house.ledger.store.read {
            try $0.rows("SELECT id FROM record WHERE kind = 'complaint' ORDER BY id").map { try $0.get("id", as: String.self) }
        }
    }
    private func id(_ town: Town) async throws -> String { try #require(try await ids(town).first) }

    /// Whoever may complain finds the way to it, and to what became of it, on the first page that they see.
    @Test func theWayToComplainIsOnEveryFirstPage() async throws {
        let visitor = try await Visitor.open()
        _ = try await visitor.guest("admin", .system)
        let worker = try await visitor.store("worker", [["name": "工甲", "code": "W1"]])[0]
        let guests = [
            try await visitor.guest("w", .worker, worker: worker), try await visitor.guest("c", .citizen),
        ]
        for guest in guests {
            let page = await visitor.get("/", as: guest).body
            #expect(page.contains("href=\"/complaints\"") && page.contains("href=\"/public/complaints/new\""))
        }
        #expect(await visitor.get("/").location == "/public")
        let home = await visitor.get("/public").body
        #expect(home.contains("href=\"/public/complaints/new\"") && home.contains("href=\"/public/complaints/query\""))
        #expect(await visitor.get("/sign-in").body.contains("href=\"/public/complaints/new\""))
        let officer = try await visitor.guest("o", .officer, division: "450204")
        #expect(await visitor.get("/", as: officer).body.contains("href=\"/complaints\""))
        let other = try await visitor.guest("p", .officer, division: "450204", functions: ["propaganda"])
        #expect(await !visitor.get("/", as: other).body.contains("href=\"/complaints\""))
    }

    /// Who sees a complaint: the county's officers and whoever handed it in; the employer nothing, other departments what is handed to them.
    @Test(arguments: Stores.kinds) func aComplaintIsSealed(_ store: Dialect) async throws {
        let town = try await Town(store)
        let visitor = town.visitor
        let one = try await town.officer("one")
        let elsewhere = try await town.officer("elsewhere", "330411")
        let tax = try await town.guest("tax", .officer, ["tax"], division: "330402")
        let security = try await town.guest("hr", .officer, ["hr_social_security"], division: "330402")
        let firm = try await town.guest("firm", .organisation, organisation: town.employer)
        let citizen = try await town.guest("citizen", .citizen)
        let stranger = try await town.guest("stranger", .citizen)
        _ = await visitor.post(
            "/public/complaints", Self.complaint.merging(["_key": key(1), "name": Town.canary, "contact": Town.phone]) { $1 }, as: citizen)
        let id = try await id(town)
        let path = "/complaints/\(id)"
        // Identified as the employer's: still nothing for it.
        let triage = ["triage": "accepted", "due": "2026-04-01", "employer": town.employer, "version": "1", "division": "330402"]
        #expect(await visitor.post("\(path)/triage", triage, as: one).status == 303)
        for other in [firm, tax, security, elsewhere, stranger] {
            for address in [path, "/record/\(id)"] { #expect(await visitor.get(address, as: other).status == 404) }
            for list in ["/records/complaint", "/complaints", "/duties", "/records"] {
                let page = await visitor.get(list, as: other)
                #expect(!page.body.contains(id) && !page.text.contains("职卫诉"), "\(list)")
            }
            #expect(await visitor.post("\(path)/answer", ["answer": "x", "version": "2"], as: other).status >= 400)
        }
        for list in ["/employers/\(town.employer)", "/credit/\(town.employer)"] {
            let page = await visitor.get(list, as: firm)
            #expect(page.status == 200 && !page.text.contains("投诉举报核查") && !page.body.contains(id), "\(list)")
        }
        // The officer sees the matter, and the person only masked.
        let page = await visitor.get(path, as: one)
        #expect(page.status == 200 && page.text.contains("二车间粉尘很大"))
        #expect(!page.text.contains(Town.canary) && !page.text.contains(Town.phone))
        // The complainant follows it, without the authority's notes.
        let own = await visitor.get(path, as: citizen)
        #expect(own.status == 200 && own.text.contains("办理中") && !own.text.contains("核对后的用人单位"))
        #expect(await visitor.get("/complaints", as: citizen).text.contains("职卫诉"))
        // Handed over to social security, which then sees it, answers it and is the one who owes it.
        let handed = [
            "triage": "handed", "function": "hr_social_security", "triage_reason": "工伤待遇属人社部门", "version": "2", "division": "330402",
            "employer": town.employer, "due": "2026-04-01",
        ]
        #expect(await visitor.post("\(path)/triage", handed, as: one).status == 303)
        #expect(await visitor.get(path, as: security).status == 200)
        #expect(await visitor.get(path, as: tax).status == 404)
        #expect(await visitor.get("/duties", as: security).text.contains("答复投诉举报"))
        let answer = ["answer": "已责令发放口罩并检测。", "version": try await town.version(id)]
        #expect(await visitor.post("\(path)/answer", answer, as: security).status == 303)
        #expect(await visitor.get(path, as: citizen).text.contains("已责令发放口罩"))
        #expect(await visitor.post("\(path)/satisfaction", ["satisfaction": "satisfied"], as: stranger).status == 404)
        #expect(await visitor.post("\(path)/satisfaction", ["satisfaction": "satisfied"], as: citizen).status == 303)
        #expect(try await town.text(id, "satisfaction") == "satisfied")
        // The complainant cannot write the authority's answer.
        let kind = try #require(visitor.house.ledger.kinds["complaint"])
        let forged = try await visitor.house.ledger.submit(
            [Draft(kind, id: id, ["answer": "好"])], Submission(by: Person(name: "citizen", role: .citizen), door: "test"))
        guard case .refused(let why)? = forged.first?.fate else { throw Refusal("internal", ["value": "forged"]) }
        #expect(why.map(\.code) == ["access.denied"])
        // Handed to another county: out of this one's sight, in the other's.
        try await visitor.isWhole()
    }

    /// Decision numbers have no gaps although proposals are refused and returned in between.
    @Test(arguments: Stores.kinds) func numbersWithoutGaps(_ store: Dialect) async throws {
        let town = try await Town(store)
        let ledger = town.visitor.house.ledger
        let complaint = try #require(ledger.kinds["complaint"])
        let one = Person(name: "one", role: .officer, functions: ["health"], division: DivisionCode("330402"))
        var numbers: [String] = []
        for index in 0..<12 {
            var cells = ["division": "330402", "received": "2026-03-01", "channel": "phone", "topics": "ppe", "against": "厂", "text": "无"]
            if index % 3 == 1 { cells["text"] = "" }
            let receipts = try await ledger.submit([Draft(complaint, cells)], Submission(by: one, door: "test"))
            if let id = receipts.first?.fate.id { numbers.append(try await town.text(id, "number")) }
        }
        #expect(numbers == (1...8).map { "职卫诉〔2026〕330402-0000\($0)号" })
    }
}
