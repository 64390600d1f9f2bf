import Catalog
import Declaration
import Foundation
import Kernel
import Ledger
import Storage
import TestKit
import Testing

@testable import House

/// The workshop of nine people declares on a phone, the county accepts, an institution that may and one that may not test it.
@Suite struct DeclareTests {
    private struct Stage {
        let visitor: Visitor
        let workshop, county, city, tester: Visitor.Guest

        init(_ kind: Dialect, isCentral: Bool = false) async throws {
            visitor = try await Visitor.open(kind)
            let house = visitor.house
            try await house.ledger.load(DemoWorkshop.versions(today: house.ledger.clock.today), by: .house, door: "demo")
            if isCentral {
                var draft = Draft(try #require(house.ledger.kinds["employer"]), id: DemoWorkshop.employer, ["central": "1"])
                draft.seen = 1
                _ = try await house.ledger.submit([draft], Submission(by: .house, door: "test"))
            }
            workshop = try await visitor.guest("workshop", .organisation, organisation: DemoWorkshop.employer)
            tester = try await visitor.guest("tester", .organisation, organisation: DemoWorkshop.tester)
            county = try await visitor.guest("county", .officer, division: "330402")
            city = try await visitor.guest("city", .officer, division: "330400")
        }

        /// Answers a question as its page asks: the hidden fields with what is given.
        func answer(_ question: String, _ given: [String: String], go: String = "next") async throws -> Visitor.Answer {
            let page = await visitor.get("/declare/questions/\(question)", as: workshop)
            #expect(page.status == 200, "\(question)")
            var form = given
            for name in ["draft", "version"] { form[name] = try #require(hidden(name, page.body)) }
            form["go"] = go
            return await visitor.post("/declare/questions/\(question)", form, as: workshop)
        }
        func hidden(_ name: String, _ body: String) -> String? {
            guard let range = body.range(of: "name=\"\(name)\" value=\"") else { return nil }
            return String(body[range.upperBound...].prefix { $0 != "\"" })
        }

        static let answers: [(String, [String: String])] = [
            ("unit", ["unit_name": "嘉兴南湖青瓷坊陶艺有限公司", "workplace_address": "新丰镇工业路18号", "phone": "13800000330"]),
            ("people", ["headcount": "9", "labour": "9"]),
            ("products", ["_product.0": "仿古地砖", "_output.0": "12", "_unit.0": "万平方米"]),
            ("hazards", ["factors": "A001"]),
            ("posts", ["_post.0": DemoWorkshop.post("batching"), "_place.0": "原料配料岗", "_persons.0": "2", "_at.0": "A001"]),
            ("exposed", ["_unknown": "1"]), ("tested", ["tested": "0"]), ("examined", ["examined": ""]),
            ("trained", ["principal_trained": "1", "managers_trained": "", "workers_trained": ""]),
            ("contact", ["head": "沈阿林", "manager": "沈阿林"]),
        ]
        func send() async throws -> Visitor.Answer {
            for (question, given) in Stage.answers {
                let answer = try await answer(question, given)
                #expect(answer.status == 303, "\(question) \(answer.text.suffix(400))")
            }
            let summary = await visitor.get("/declare/summary", as: workshop)
            #expect(summary.status == 200)
            return await visitor.post(
                "/declare/sending", ["draft": try #require(hidden("draft", summary.body)), "true": "1"], as: workshop)
        }
        func all() async throws -> [Record] {
            try await visitor.house.ledger.store.read { [ledger = visitor.house.ledger] db in
                try ledger.records(db, Filing.kind, naming: DemoWorkshop.employer)
            }
        }
        /// The only one.
        func last() async throws -> Record {
            let filings = try await all()
            return try #require(filings.last)
        }
    }

    @Test func noMoreThanTenQuestionsAreAsked() {
        #expect(GuidedDeclaration.Question.allCases.count <= 10)
        #expect(Set(Stage.answers.map(\.0)) == Set(GuidedDeclaration.Question.allCases.map(\.rawValue)))
    }

    @Test(arguments: Stores.kinds) func thePhoneFormMakesTheRecordsOfTheWholeForm(_ kind: Dialect) async throws {
        let stage = try await Stage(kind)
        let visitor = stage.visitor
        #expect(await visitor.get("/declare", as: stage.workshop).text.contains("还没有申报过"))
        #expect(await visitor.get("/declare", as: stage.county).status == 404)
        #expect(await visitor.get("/declare", as: stage.tester).status == 404)
        #expect(await visitor.post("/declare/drafts", ["type": "initial"], as: stage.workshop).location == "/declare/questions/unit")
        // What is on record is filled in already; what is missing is asked for in words.
        let first = await visitor.get("/declare/questions/unit", as: stage.workshop).text
        #expect(first.contains("value=\"嘉兴南湖青瓷坊陶艺有限公司\""))
        #expect(try await stage.answer("people", ["headcount": "", "labour": ""]).text.contains("不清楚就勾选"))
        #expect(try await stage.answer("people", ["headcount": "九", "labour": "9"]).status == 422)
        #expect(try await stage.answer("hazards", [:]).text.contains("请至少选一样"))
        // A factor is found by its sound; the census is offered.
        let found = try await stage.answer("hazards", ["q": "xichen"], go: "find").text
        #expect(found.contains("value=\"A001\"") && found.contains("登记中已有的") && found.contains("职业病危害严重的行业"))
        // Left and found again.
        #expect(try await stage.answer("unit", ["unit_name": "青瓷坊"], go: "later").location == "/declare?done=kept")
        #expect(await visitor.get("/declare", as: stage.workshop).text.contains("接着填（第 1 题）"))

        #expect(try await stage.send().location == "/declare?done=sent")
        let filing = try await stage.last()
        #expect(filing.state == .submitted && filing[Filing.type] == "initial" && filing[Filing.received] == Day("2022-06-30"))
        #expect(filing[Filing.industry] == "C3074" && filing[Filing.labour] == 9 && filing[Filing.tested] == false)
        // What is not known stays blank.
        #expect(filing[Filing.exposed] == nil && filing[Filing.examined] == nil && filing[Filing.managersTrained] == nil)
        let parts = try await visitor.house.ledger.store.read { [ledger = visitor.house.ledger] db in
            (
                try ledger.records(db, FilingFactor.kind, naming: filing.id),
                try ledger.records(db, FilingCategory.kind, naming: filing.id),
                try ledger.records(db, FilingProduct.kind, naming: filing.id)
            )
        }
        #expect(parts.0.map { $0[FilingFactor.exposed] } == [2] && parts.0.first?[FilingFactor.post] == DemoWorkshop.post("batching"))
        #expect(parts.1.count == 12 && parts.2.first?[FilingProduct.output] == 12)
        let present = parts.1.filter { $0[FilingCategory.present] == true }.compactMap { $0[FilingCategory.category] }
        #expect(Set(present) == ["dust", "silica"])
        // Before accepting the officer reads what other records say: noise of the census, five people by their exposure records.
        let page = await visitor.get("/record/\(filing.id)", as: stage.county).text
        #expect(page.contains("噪声：登记的危害中有，申报没有") && page.contains("申报接触 2 人，劳动者接害记录中有 5 人"))
        #expect(await visitor.get("/declare/questions/unit", as: stage.workshop).location == "/declare", "nothing is begun while it waits")
        try await visitor.isWhole()
    }

    @Test(arguments: Stores.kinds) func whatIsReturnedIsMendedAndWhatIsAcceptedIsRepeatedWithOneClick(_ kind: Dialect) async throws {
        let stage = try await Stage(kind)
        let visitor = stage.visitor
        _ = await visitor.post("/declare/drafts", ["type": "initial"], as: stage.workshop)
        _ = try await stage.send()
        let id = try await stage.last().id
        let returned = await visitor.post("/record/\(id)/steps/return", ["version": "1", "remark": "球磨岗还有噪声"], as: stage.county)
        #expect(returned.status == 303)
        #expect(await visitor.get("/declare", as: stage.workshop).text.contains("球磨岗还有噪声"))
        _ = await visitor.post("/declare/drafts", [:], as: stage.workshop)
        #expect(await visitor.get("/declare/questions/products", as: stage.workshop).text.contains("仿古地砖"))
        #expect(try await stage.send().location == "/declare?done=sent")
        #expect(try await stage.last().id == id, "it is the same declaration")
        let lines = try await visitor.house.ledger.store.read { [ledger = visitor.house.ledger] db in
            try ledger.records(db, FilingFactor.kind, naming: id).count
        }
        #expect(lines == 1, "the parts of before are gone")
        let version = try await stage.last().version
        #expect(await visitor.post("/record/\(id)/steps/accept", ["version": "\(version)"], as: stage.county).status == 303)
        let home = await visitor.get("/declare", as: stage.workshop).text
        #expect(home.contains("已受理") && home.contains("申报受理〔2022〕330402-00001号") && home.contains("declare-unchanged"))
        #expect(await visitor.post("/declare/unchanged", [:], as: stage.workshop).status == 422, "it is confirmed first")
        #expect(await visitor.get("/declare/unchanged", as: stage.workshop).text.contains("原料配料岗: 2 人 · 矽尘"))
        #expect(await visitor.post("/declare/unchanged", ["true": "1"], as: stage.workshop).location == "/declare?done=sent")
        let yearly = try await stage.all().first { $0.id != id }
        #expect(yearly?[Filing.type] == "yearly" && yearly?[Filing.labour] == 9 && yearly?.state == .submitted)
        try await visitor.isWhole()
    }

    @Test func aCentralEnterpriseDeclaresToTheCity() async throws {
        let stage = try await Stage(.sqlite, isCentral: true)
        _ = await stage.visitor.post("/declare/drafts", ["type": "initial"], as: stage.workshop)
        _ = try await stage.send()
        let id = try await stage.last().id
        #expect(await stage.visitor.get("/declare", as: stage.workshop).text.contains("嘉兴市（设区的市）"))
        #expect(await stage.visitor.post("/record/\(id)/steps/accept", ["version": "1"], as: stage.county).status == 403)
        #expect(await stage.visitor.post("/record/\(id)/steps/accept", ["version": "1"], as: stage.city).status == 303)
    }

    // Tests

    @Test(arguments: Stores.kinds) func aReportIsTakenOnlyOfWhoMayTestOnTheDay(_ kind: Dialect) async throws {
        let stage = try await Stage(kind)
        let visitor = stage.visitor
        let good = [
            "employer": DemoWorkshop.employer, "institution": DemoWorkshop.tester, "type": "periodic", "sampled": "2022-06-29",
            "sampler": DemoWorkshop.staff[0], "second_sampler": DemoWorkshop.staff[1], "analyst": DemoWorkshop.staff[2],
        ]
        func report(_ changes: [String: String], as guest: Visitor.Guest) async -> Visitor.Answer {
            await visitor.post("/records/test_report", good.merging(changes) { $1 }, as: guest)
        }
        // The commission: the institution accepts it, nobody else does; one that may not test is not asked.
        let asked = [
            "employer": DemoWorkshop.employer, "institution": DemoWorkshop.tester, "type": "periodic", "asked": "2022-06-28",
            "planned": "2022-06-29", "posts": "原料配料岗", "factors": "A001",
        ]
        let lapsed = await visitor.post(
            "/records/test_commission", asked.merging(["institution": DemoWorkshop.lapsedTester]) { $1 }, as: stage.workshop)
        #expect(lapsed.status == 422 && lapsed.text.contains("没有有效的职业卫生技术服务资质"))
        let narrow = await visitor.post(
            "/records/test_commission", asked.merging(["institution": DemoWorkshop.narrowTester]) { $1 }, as: stage.workshop)
        #expect(narrow.status == 422 && narrow.text.contains("资质范围不包括：矽尘"))
        let commission = await visitor.post("/records/test_commission", asked, as: stage.workshop)
        #expect(commission.status == 303)
        let path = String(commission.location.prefix { $0 != "?" })
        #expect(await visitor.get("/duties", as: stage.tester).text.contains("检测委托的答复和报告"))
        #expect(await visitor.post(path + "/steps/accept", ["version": "1"], as: stage.county).status == 403)
        #expect(await visitor.post(path + "/steps/accept", ["version": "1"], as: stage.tester).status == 303)

        #expect(await report(["second_sampler": ""], as: stage.tester).text.contains("现场采样测量不少于两人"))
        #expect(await report(["second_sampler": DemoWorkshop.staff[0]], as: stage.tester).text.contains("是同一人"))
        #expect(await report(["analyst": DemoWorkshop.staff[1]], as: stage.tester).text.contains("登记的岗位不包括：实验室检测"))
        #expect(await report(["sampler": DemoWorkshop.staff[3], "sampled": "2022-06-27"], as: stage.tester).text.contains("才培训合格"))
        #expect(await report(["exception": "补录"], as: stage.tester).status == 403, "no institution excuses itself")
        // An authority that enters an old paper report says why; disproved it is refused as well.
        let old = ["institution": DemoWorkshop.lapsedTester, "sampler": "", "second_sampler": "", "analyst": ""]
        let refused = await report(old, as: stage.county)
        #expect(refused.status == 422 && refused.text.contains("资质有效至 2022-05-30"))
        #expect(await report(old.merging(["exception": "纸质报告补录"]) { $1 }, as: stage.county).status == 303)

        let taken = await report([:], as: stage.tester)
        #expect(taken.status == 303, "\(taken.text.suffix(600))")
        let id = String(taken.location.dropFirst("/record/".count).prefix { $0 != "?" })
        let result = [
            "report": id, "post": DemoWorkshop.post("batching"), "limit_type": "twa", "value": "2.1", "unit": "mg/m3", "silica": "40",
        ]
        let radiation = try #require(visitor.house.catalog.tables["factor"]?.entries.first { $0.group == "radiation" }?.code)
        let outside = await visitor.post("/records/test_result", result.merging(["factor": radiation]) { $1 }, as: stage.tester)
        #expect(outside.status == 422 && outside.text.contains("资质范围不包括"))
        let silica = await visitor.post("/records/test_result", result.merging(["factor": "A001"]) { $1 }, as: stage.tester)
        #expect(silica.status == 303, "\(silica.text.suffix(600))")
        #expect(await visitor.get(silica.location, as: stage.workshop).text.contains("超过"))
        // The signs: what the post needs, that the mask is needed now, that the result is not public yet.
        let signs = await visitor.get("/employers/\(DemoWorkshop.employer)/signs", as: stage.workshop).text
        #expect(signs.contains("注意防尘") && signs.contains("戴防尘口罩") && signs.contains("还没有公布") && signs.contains("PC-TWA"))
        #expect(await visitor.get("/employers/\(DemoWorkshop.employer)/signs", as: stage.tester).status == 404)
        try await visitor.isWhole()
    }
}
