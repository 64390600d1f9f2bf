import Catalog
import Foundation
import HTTPTypes
import Kernel
import Ledger
import Print
import Storage
import TestKit
import Testing
import Web

@testable import House
@testable import Portal

/// What an office prints, by whom it may be printed, and what stands on it, read again by poppler.
@Suite struct PrintingTests {
    /// Text of a PDF without white space.
    private func read(_ bytes: [UInt8], pages: Bool = false) throws -> String {
        let kept = ProcessInfo.processInfo.environment["ZHIFANG_PRINTS"]
        let folder = kept.map { URL(fileURLWithPath: $0) } ?? FileManager.default.temporaryDirectory
        let url = folder.appendingPathComponent("house-\(UUID().uuidString).pdf")
        try Data(bytes).write(to: url)
        defer { try? FileManager.default.removeItem(at: url) }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = pages ? ["pdfinfo", url.path] : ["pdftotext", "-raw", url.path, "-"]
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let data = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0)
        return String(decoding: data, as: UTF8.self).filter { pages || !$0.isWhitespace }
    }
    private func keep(_ bytes: [UInt8], _ name: String) throws {
        guard let folder = ProcessInfo.processInfo.environment["ZHIFANG_PRINTS"] else { return }
        try Data(bytes).write(to: URL(fileURLWithPath: folder).appendingPathComponent(name + ".pdf"))
    }

    /// A ceramics workshop with two posts, a declaration that was accepted, a test with an exceedance, an inspection and an order.
    private struct World {
        let visitor: Visitor
        let employer, other, post, filing, waiting, report, inspection, order: String
    }
    private func world(_ kind: Dialect) async throws -> World {
        let visitor = try await Visitor.open(kind)
        let credit = CreditCode.completing("91450204201000001")
        let ids = try await visitor.store(
            "employer",
            [
                [
                    "code": "E1", "name": "柳南甲陶瓷厂", "credit_code": credit, "division": "450204", "hazards": "1", "since": "2018-01-01",
                    "address": "柳邕路1号",
                    "phone": "13800138000", "central": "0",
                ], ["code": "E2", "name": "乙五金厂", "division": "450204", "hazards": "1", "since": "2018-01-01"],
            ])
        let posts = try await visitor.store(
            "post", [["code": "P1", "employer": ids[0], "name": "成型"], ["code": "P2", "employer": ids[0], "name": "喷釉"]])
        try await visitor.store(
            "employer_hazard",
            [
                ["employer": ids[0], "post": posts[0], "factor": "A001", "from": "2020-01-01"],
                ["employer": ids[0], "post": posts[0], "factor": "C001", "from": "2020-01-01"],
                ["employer": ids[0], "post": posts[0], "factor": "A002", "from": "2020-01-01", "until": "2021-01-01"],
            ])
        try await visitor.store("warning_sign", [["employer": ids[0], "post": posts[0], "category": "dust", "installed": "2020-02-01"]])
        let filings = try await visitor.store(
            "declaration",
            [
                [
                    "code": "D1", "employer": ids[0], "type": "initial", "submitted": "2022-03-01", "accepted": "2022-03-03",
                    "receipt": "2022-03-03", "factors": "A001;C001",
                ],
                ["code": "D2", "employer": ids[1], "type": "initial", "submitted": "2022-05-01", "factors": "A001"],
            ])
        let institution = try await visitor.store("institution", [["code": "I1", "name": "丙检测公司", "division": "450204"]])
        try await visitor.store(
            "qualification",
            [["institution": institution[0], "type": "testing", "from": "2015-01-01", "categories": "dust;physical;chemical"]])
        let report = try await visitor.store(
            "test_report",
            [
                [
                    "code": "T1", "employer": ids[0], "institution": institution[0], "type": "periodic", "sampled": "2022-04-01",
                    "issued": "2022-04-20",
                ]
            ])
        try await visitor.store(
            "test_result",
            [
                [
                    "report": report[0], "post": posts[0], "factor": "A001", "limit_type": "twa", "value": "2.4", "limit": "1",
                    "unit": "mg/m3", "verdict": "exceed",
                ],
                [
                    "report": report[0], "post": posts[1], "factor": "A001", "limit_type": "twa", "value": "0.4", "limit": "1",
                    "unit": "mg/m3", "verdict": "pass",
                ],
            ])
        let inspection = try await visitor.store(
            "inspection", [["code": "N1", "employer": ids[0], "day": "2022-05-10", "mode": "special", "findings": "成型岗位矽尘超标。\n未设置局部排风。"]])
        let items = try #require(visitor.house.ledger.catalog.tables["checklist_item"]).entries.map(\.code)
        try await visitor.store(
            "inspection_item",
            items.prefix(3).enumerated().map { index, item in
                ["inspection": inspection[0], "item": item, "result": index == 0 ? "no" : "yes", "note": index == 0 ? "现场没有" : ""]
            })
        let order = try await visitor.store(
            "order",
            [
                [
                    "employer": ids[0], "inspection": inspection[0], "issued": "2022-05-11",
                    "items": items.prefix(2).joined(separator: ";"), "facts": "成型岗位矽尘超过限值。", "due": "2022-06-11",
                ]
            ])
        return World(
            visitor: visitor, employer: ids[0], other: ids[1], post: posts[0], filing: filings[0], waiting: filings[1], report: report[0],
            inspection: inspection[0], order: order[0])
    }

    @Test(arguments: Stores.kinds) func documents(_ kind: Dialect) async throws {
        let world = try await world(kind)
        let visitor = world.visitor
        let officer = try await visitor.guest("officer", .officer, division: "450204")
        let owner = try await visitor.guest("owner", .organisation, organisation: world.employer)
        let rival = try await visitor.guest("rival", .organisation, organisation: world.other)
        let far = try await visitor.guest("far", .officer, division: "330402")
        let papers: [(path: String, name: String, words: [String])] = [
            (world.filing, "receipt", ["职业病危害项目申报回执", "柳南甲陶瓷厂", "柳邕路1号", "矽尘", "噪声", "2022年3月3日", "柳南区卫生健康行政部门", "存根"]),
            (
                world.post, "card",
                ["矽尘", "噪声", "柳南甲陶瓷厂", "成型", "健康危害", "理化特性", "应急处理", "防护措施", "GBZ2.1-2019", "GBZ2.2-2007", "120", "手工填写"]
            ),
            (world.post, "signs", ["注意防尘", "戴防尘口罩", "噪声有害", "戴护耳器", "已登记设置"]),
            (world.employer, "signs", ["柳南甲陶瓷厂", "成型", "注意防尘"]),
            (world.report, "test-report", ["丙检测公司", "柳南甲陶瓷厂", "2.4", "0.4", "▲", "2项结果，其中1项超过", "PC-TWA"]),
            (world.inspection, "inspection", ["现场检查笔录", "未设置局部排风。", "■不符合", "□不符合", "现场没有", "2022年5月10日"]),
            (world.order, "order", ["责令限期改正通知书", "责令改正〔2022〕450204-00001号", "成型岗位矽尘超过限值。", "2022年6月11日", "送达回证", "2022年5月11日"]),
        ]
        for paper in papers {
            let path = "/record/\(paper.path)/print/\(paper.name).pdf"
            let answer = await visitor.get(path, as: officer)
            #expect(answer.status == 200, "\(path) \(answer.text.prefix(300))")
            #expect(answer.headers[.contentType] == "application/pdf")
            guard answer.status == 200 else { continue }
            try keep(answer.bytes, "house-\(paper.name)-\(paper.path.suffix(3))")
            let text = try read(answer.bytes)
            for word in paper.words { #expect(text.contains(word), "\(paper.name) lacks \(word): \(text)") }
            // One version, one file, whoever prints it of those who see the same.
            #expect(await visitor.get(path, as: officer).bytes == answer.bytes)
            let english = await visitor.get(path + "?lang=en", as: officer)
            #expect(english.status == 200 && english.bytes != answer.bytes)
            try keep(english.bytes, "house-\(paper.name)-\(paper.path.suffix(3))-en")
            #expect(try read(english.bytes).contains("ofenglish") == false)
            // Nobody else learns that there is such a thing.
            for guest in [rival, far] { #expect(await visitor.get(path, as: guest).status == 404) }
            #expect(await visitor.get(path).status != 200)
            let page = await visitor.get(paper.path == world.employer ? "/employers/\(paper.path)" : "/record/\(paper.path)", as: officer)
            #expect(page.body.contains(path), "no button for \(path)")
        }
        #expect(await visitor.get("/record/\(world.filing)/print/receipt", as: owner).status == 200)
        // What is no more present is not warned of.
        let card = try read(await visitor.get("/record/\(world.post)/print/card.pdf", as: owner).bytes)
        #expect(!card.contains("煤尘"))
        // No receipt before there was an acceptance, no document of another kind.
        #expect(await visitor.get("/record/\(world.waiting)/print/receipt.pdf", as: officer).status == 404)
        #expect(await visitor.get("/record/\(world.order)/print/receipt.pdf", as: officer).status == 404)
        #expect(await visitor.get("/record/\(world.order)/print/nothing.pdf", as: officer).status == 404)
    }

    /// The code on a paper is confirmed to anybody who holds it, tells of a newer version, and of nothing to anybody else.
    @Test(arguments: Stores.kinds) func verification(_ kind: Dialect) async throws {
        let world = try await world(kind)
        let visitor = world.visitor
        let officer = try await visitor.guest("officer", .officer, division: "450204")
        let text = try read(await visitor.get("/record/\(world.order)/print/order.pdf", as: officer).bytes)
        let code = String(try #require(text.firstMatch(of: /核验码([0-9a-f]{32})/)).1)
        let path = "/verify/\(world.order)/order/\(code)"
        let answer = await visitor.get(path)
        #expect(answer.status == 200 && answer.text.contains("文书与系统中现在的记录一致"))
        #expect(!answer.text.contains("柳南甲陶瓷厂"))
        let wrong = await visitor.get("/verify/\(world.order)/order/" + String(code.reversed()))
        let stranger = await visitor.get("/verify/\(world.order.dropLast())/order/" + code)
        #expect(wrong.text.contains("未通过") && stranger.text.contains("未通过"))
        #expect(await visitor.get("/verify/\(world.order)/receipt/" + code).text.contains("未通过"))
        let kind = try #require(visitor.house.ledger.kinds["order"])
        _ = try await visitor.house.ledger.submit(
            [Draft(kind, id: world.order, ["facts": "另有事实。"])], Submission(by: .house, door: "test", home: "450204"))
        #expect(await visitor.get(path).text.contains("较早的版本"))
        var withdrawal = Draft(kind, id: world.order)
        withdrawal.isWithdrawal = true
        _ = try await visitor.house.ledger.submit([withdrawal], Submission(by: .house, door: "test", reason: "误", home: "450204"))
        #expect(await visitor.get(path).text.contains("文书不再有效"))
        #expect(await visitor.get("/record/\(world.order)/print/order.pdf", as: officer).status == 404)
    }

    /// A paper whose parts were corrected since is told as such; what was added later does not make an older paper a stranger.
    @Test(arguments: Stores.kinds) func aPaperWhosePartsChangedIsToldAsChanged(_ kind: Dialect) async throws {
        let clock = MovingClock()
        func go(_ moment: String) throws { clock.set(try #require(Moment(moment))) }
        try go("2022-06-01 09:00")
        let visitor = try await Visitor.over(
            try await House.open(try await Stores.fresh(kind), catalog: Hand.catalog, clock: clock.clock))
        let employer = try await visitor.store(
            "employer", [["code": "E1", "name": "甲厂", "division": "450204", "hazards": "1", "since": "2018-01-01"]])[0]
        let report = try await visitor.store(
            "test_report", [["code": "R1", "employer": employer, "type": "periodic", "sampled": "2022-05-01", "issued": "2022-05-20"]])[0]
        try go("2022-06-01 10:00")
        let result = try await visitor.store("test_result", [["report": "R1", "factor": "A001", "verdict": "exceed"]])[0]
        let officer = try await visitor.guest("officer", .officer, division: "450204")
        func code() async throws -> String {
            let printable = try #require(Printable.all.first { $0.kinds.contains("test_report") })
            return try await visitor.house.ledger.store.read { [ledger = visitor.house.ledger] db in
                let record = try #require(try ledger.record(db, report))
                return "/verify/\(report)/\(printable.name)/"
                    + printable.code(of: record, with: try printable.companions(of: record, ledger, db))
            }
        }
        let first = try await code()
        #expect(await visitor.get(first).text.contains("文书与系统中现在的记录一致"))
        try go("2022-06-02 10:00")
        let ledger = visitor.house.ledger
        _ = try await ledger.submit(
            [Draft(try #require(ledger.kinds["test_result"]), id: result, ["verdict": "pass"])],
            Submission(by: .house, door: "test", reason: "更正", home: "450204"))
        let second = try await code()
        #expect(first != second)
        #expect(await visitor.get(second).text.contains("文书与系统中现在的记录一致"))
        let changed = await visitor.get(first).text
        #expect(changed.contains("已有变化") && changed.contains("2022-06-02 10:00"))
        try go("2022-06-03 10:00")
        try await visitor.store("test_result", [["report": "R1", "factor": "C001", "verdict": "pass"]])
        #expect(await visitor.get(second).text.contains("2022-06-03 10:00"))
        #expect(await visitor.get(first).text.contains("已有变化"))
        #expect(await visitor.get(String(first.dropLast(4)) + "0000").text.contains("未通过"))
        // The report's page offers no unmasked paper where nothing is masked; an examination's does, beside the reason.
        #expect(!(await visitor.get("/record/\(report)", as: officer).body.contains("formaction")))
    }

    /// Medical findings are printed masked; in clear only with a reason, which the audit keeps.
    @Test func masks() async throws {
        let visitor = try await Visitor.open()
        let employer = try await visitor.store(
            "employer", [["code": "E1", "name": "甲厂", "division": "450204", "hazards": "1", "since": "2018-01-01"]])
        let worker = try await visitor.store("worker", [["code": "W1", "name": "王小明"]])
        let exam = try await visitor.store(
            "exam",
            [
                [
                    "code": "X1", "worker": worker[0], "employer": employer[0], "day": "2022-04-01", "stage": "in_service",
                    "factors": "A001", "conclusion": "recheck",
                ]
            ])
        let officer = try await visitor.guest("officer", .officer, division: "450204")
        let path = "/record/\(exam[0])/print/exam-notice.pdf"
        let masked = await visitor.get(path, as: officer)
        #expect(masked.status == 200)
        #expect(await visitor.get("/record/\(exam[0])", as: officer).body.contains("formaction=\"\(path)\""))
        let title = visitor.house.ledger.catalog.title("exam_conclusion", "recheck")
        #expect(!(try read(masked.bytes)).contains(title))
        #expect(await visitor.post(path, ["reason": ""], as: officer).status == 422)
        let before = try await visitor.auditLines()
        let clear = await visitor.post(path, ["reason": "告知本人"], as: officer)
        #expect(clear.status == 200)
        #expect(try read(clear.bytes).contains(title))
        try keep(clear.bytes, "house-exam")
        #expect(try await visitor.auditLines() == before + 1)
    }

    /// A decision and its prior notice name party, facts, clause, sum and periods; before it is decided there is no decision to print. The
    /// answer to a complaint tells who complained only to those who may see it.
    @Test(arguments: Stores.kinds) func cases(_ kind: Dialect) async throws {
        let clock = Clock.fixed(try #require(Moment("2026-03-02 09:00")))
        let visitor = try await Visitor.over(try await House.open(try await Stores.fresh(kind), catalog: Hand.catalog, clock: clock))
        let ledger = visitor.house.ledger
        let employer = try await visitor.store(
            "employer", [["name": "明德陶瓷厂", "division": "330402", "hazards": "1", "since": "2020-01-01"]])[0]
        let file = try await visitor.store(
            "violation_case",
            [
                [
                    "employer": employer, "division": "330402", "found": "2026-02-10", "severity": "severe", "filed": "2026-02-12",
                    "facts": "超标", "investigators": "甲、乙",
                ]
            ])[0]
        let levels = ["harm.risk", "duration.medium", "workers.few", "repeated.first", "cooperation.normal"].map { "house.\($0)" }
        let decision = try await visitor.store(
            "penalty_decision",
            [
                [
                    "case": file, "item": "72.1", "overdue": "1", "factors": levels.joined(separator: ";"), "means": "fine",
                    "amount": "100300",
                    "facts": "陶瓷二车间矽尘浓度超标。", "evidence": "检测报告。", "proposed": "2026-03-02", "notice": "2026-03-02",
                    "notice_served": "2026-03-02",
                ]
            ])[0]
        let officer = try await visitor.guest("officer", .officer, division: "330402")
        let firm = try await visitor.guest("firm", .organisation, organisation: employer)
        let notice = await visitor.get("/record/\(decision)/print/prior-notice.pdf", as: officer)
        #expect(notice.status == 200)
        try keep(notice.bytes, "house-prior-notice")
        let told = try read(notice.bytes)
        for word in ["行政处罚事先告知书", "明德陶瓷厂", "陶瓷二车间矽尘浓度超标。", "100,300元", "壹拾万零叁佰元整", "陈述和申辩", "送达回证"] {
            #expect(told.contains(word), "\(word): \(told)")
        }
        let path = "/record/\(decision)/print/decision.pdf"
        #expect(await visitor.get(path, as: officer).status == 404)
        var acceptance = Draft(try #require(ledger.kinds["penalty_decision"]), id: decision)
        acceptance.step = .accept
        let second = Person(name: "two", role: .officer, functions: ["health"], division: DivisionCode("330402"))
        for receipt in try await ledger.submit([acceptance], Submission(by: second, door: "test")) {
            if case .refused(let why) = receipt.fate { Issue.record("\(why)") }
        }
        let decided = await visitor.get(path, as: officer)
        #expect(decided.status == 200)
        try keep(decided.bytes, "house-decision")
        let text = try read(decided.bytes)
        for word in [
            "行政处罚决定书", "职业病防治法（2018修正）第72条（一）", "职卫罚〔2026〕330402-00001号", "明德陶瓷厂", "检测报告。", "罚款人民币100,300元", "15日内（行政处罚法（2021修订）第六十七条）",
            "60日内",
            "2026年3月2日", "南湖区",
        ] { #expect(text.contains(word), "\(word): \(text)") }
        #expect(await visitor.get(path, as: firm).status == 200)
        let english = await visitor.get(path + "?lang=en", as: officer)
        try keep(english.bytes, "house-decision-en")
        #expect(try read(english.bytes).contains("DecisiononanAdministrativePenalty"))

        let tables = ledger.catalog.tables
        let channel = try #require(tables["complaint_channel"]?.entries.first?.code)
        let topic = try #require(tables["complaint_topic"]?.entries.first?.code)
        let complaint = try await visitor.store(
            "complaint",
            [
                [
                    "division": "330402", "received": "2026-02-20", "channel": channel, "topics": topic, "against": "明德陶瓷厂", "text": "粉尘很大",
                    "name": "欧阳探雀",
                    "triaged": "2026-02-21", "triage": "accepted", "employer": employer, "confirmed": "1", "answered": "2026-03-01",
                    "answer": "已责令改正。",
                ]
            ])[0]
        let answer = await visitor.get("/record/\(complaint)/print/answer.pdf", as: officer)
        #expect(answer.status == 200)
        try keep(answer.bytes, "house-answer")
        let said = try read(answer.bytes)
        #expect(said.contains("已责令改正。") && said.contains("经核查，所反映的情况属实。") && !said.contains("欧阳探雀"))
        #expect(await visitor.get("/record/\(complaint)/print/answer.pdf", as: firm).status == 404)
    }

    /// The evaluation report on paper says what its page says.
    @Test func report() async throws {
        let world = try await world(.sqlite)
        let visitor = world.visitor
        let plan = try String(contentsOf: Repository.data.appendingPathComponent("plans/450204.yaml"), encoding: .utf8)
        try await visitor.house.add(plan: plan, by: .house)
        let officer = try await visitor.guest("officer", .officer, division: "450204")
        let listed = await visitor.get("/plans", as: officer)
        let id = String(try #require(listed.body.firstMatch(of: /href="\/plans\/([A-Za-z0-9-]+)/)).1)
        let query = "?as_of=2022-06-30&known_at=2022-06-30"
        let answer = await visitor.get("/plans/\(id)/report.pdf" + query, as: officer)
        #expect(answer.status == 200, "\(answer.text.prefix(300))")
        try keep(answer.bytes, "house-report")
        #expect(await visitor.get("/plans/\(id)/report.pdf" + query, as: officer).bytes == answer.bytes)
        let text = try read(answer.bytes)
        let page = await visitor.get("/plans/\(id)/report" + query, as: officer)
        let names = page.text.matches(of: /<span class="id">([A-Za-z0-9-]+)<\/span>/).map { String($0.1) }
        #expect(names.count > 10)
        for name in Set(names) { #expect(text.contains(name), "\(name) is not in the report") }
        #expect(page.text.contains("/plans/\(id)/report.pdf"))
    }
}
