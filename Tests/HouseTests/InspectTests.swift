import Attachments
import Catalog
import Enforcement
import Exposure
import Foundation
import HTTPTypes
import Kernel
import Ledger
import Storage
import TestKit
import Testing

@testable import House

/// Enforcement in the field: an exceedance, the inspection that takes it over, the order, the evidence, the check and the end; and the files.
@Suite struct InspectTests {
    /// An employer with silica dust above its limit, two officers, and those who look at it.
    struct Place {
        let visitor: Visitor
        let officer, viewer, neighbour, employer, other: Visitor.Guest
        let ids: [String: String]
        subscript(_ name: String) -> String { ids[name] ?? "" }
    }
    private func place(_ store: Dialect) async throws -> Place {
        let visitor = try await Visitor.open(store, at: "2026-04-10 09:00")
        var ids: [String: String] = [:]
        let employers = try await visitor.store(
            "employer",
            [
                ["name": "甲陶瓷厂", "division": "450204", "hazards": "1", "headcount": "9"],
                ["name": "乙厂", "division": "450204", "hazards": "1"],
            ])
        (ids["employer"], ids["other"]) = (employers[0], employers[1])
        let officers = try await visitor.store("officer", ["张三", "李四"].map { ["name": $0, "division": "450204", "from": "2020-01-01"] })
        (ids["first"], ids["second"]) = (officers[0], officers[1])
        ids["hazard"] = try await visitor.store("employer_hazard", [["employer": employers[0], "factor": "A001", "from": "2020-01-01"]])[0]
        ids["report"] = try await visitor.store(
            "test_report", [["employer": employers[0], "type": "periodic", "sampled": "2026-03-01", "issued": "2026-03-20"]])[0]
        try await visitor.store(
            "test_result", [["report": ids["report"] ?? "", "factor": "A001", "verdict": "exceed", "value": "2", "limit": "1"]])
        return Place(
            visitor: visitor, officer: try await visitor.guest("officer", .officer, division: "450204"),
            viewer: try await visitor.guest("viewer", .viewer, division: "450200"),
            neighbour: try await visitor.guest("neighbour", .officer, division: "450205"),
            employer: try await visitor.guest("employer", .organisation, organisation: employers[0]),
            other: try await visitor.guest("other", .organisation, organisation: employers[1]), ids: ids)
    }
    private func key(_ page: String) throws -> String {
        let part = try #require(page.components(separatedBy: "name=\"_key\" value=\"").dropFirst().first)
        return String(part.prefix(26))
    }
    private func version(_ page: String) throws -> String {
        String(try #require(page.components(separatedBy: "name=\"version\" value=\"").dropFirst().first).prefix { $0 != "\"" })
    }
    private func inspection(_ place: Place, _ key: String, _ more: [String: String] = [:]) -> [String: String] {
        [
            "_key": key, "employer": place["employer"], "day": "2026-04-10", "cause": "handover", "mode": "special",
            "inspector": place["first"],
            "inspector_2": place["second"], "report": place["report"], "party": "王五", "signed": "signed",
        ].merging(more) { $1 }
    }

    @Test(arguments: Stores.kinds) func theWholeChain(_ store: Dialect) async throws {
        let place = try await place(store)
        let visitor = place.visitor
        // The exceedance stands on the officer's list, with its clause and the form that meets it; for others there is no such page.
        let list = await visitor.get("/inspect", as: place.officer)
        #expect(list.status == 200 && list.text.contains("甲陶瓷厂") && list.text.contains("超标结果移交检查") && list.text.contains("第26条"))
        #expect(list.text.contains("/inspect/new?employer=\(place["employer"])&report=\(place["report"])"))
        for guest in [place.viewer, place.employer] { #expect(await visitor.get("/inspect", as: guest).status == 404) }
        #expect(await visitor.get("/inspect", as: place.neighbour).text.contains("甲陶瓷厂") == false)

        // One inspector alone is refused, and nothing is stored; so is an item that fails without words.
        let form = await visitor.get("/inspect/new?employer=\(place["employer"])&report=\(place["report"])", as: place.officer)
        #expect(form.status == 200 && form.text.contains("张三") && form.text.contains("第72条（一）"))
        let first = try key(form.body)
        let alone = await visitor.post("/inspect", inspection(place, first, ["inspector_2": ""]), as: place.officer)
        #expect(alone.status == 422 && alone.text.contains("两名以上"))
        let silent = await visitor.post(
            "/inspect", inspection(place, first, ["result.E72-1": "no", "result.E71-1": "yes"]), as: place.officer)
        #expect(silent.status == 422 && silent.text.contains("写明发现的情况"))
        #expect(try await visitor.count("inspection") == 0)
        #expect(try await visitor.count("inspection_item") == 0)
        let refusing = await visitor.post("/inspect", inspection(place, first, ["signed": "refused"]), as: place.officer)
        #expect(refusing.status == 422)

        // Sent twice, because the net broke off, it is one inspection.
        let found = ["result.E72-1": "no", "note.E72-1": "成型岗位矽尘超标", "result.E72-8": "no", "note.E72-8": "没有警示标识", "result.E71-1": "yes"]
        for _ in 0..<2 {
            let taken = await visitor.post("/inspect", inspection(place, first, found), as: place.officer)
            #expect(taken.status == 303 && taken.location.hasPrefix("/inspections/\(first)"))
        }
        #expect(try await visitor.count("inspection") == 1)
        #expect(try await visitor.count("inspection_item") == 3)
        #expect(await visitor.get("/inspect", as: place.officer).text.contains("超标结果移交检查") == false)

        // The order takes over what failed, and is numbered.
        let page = await visitor.get("/inspections/\(first)", as: place.officer)
        #expect(page.status == 200 && page.text.contains("成型岗位矽尘超标") && page.text.contains("签发责令改正通知书"))
        let orderKey = try key(page.body)
        let issued = await visitor.send(
            .post, "/inspections/\(first)/order", place.officer, type: "application/x-www-form-urlencoded",
            Array(
                "csrf=\(place.officer.csrf)&_key=\(orderKey)&issued=2026-04-10&due=2026-04-20&items=E72-1&items=E72-8&facts=\(Visitor.escaped("矽尘超标，限期改正"))"
                    .utf8))
        #expect(issued.status == 303 && issued.location.hasPrefix("/orders/\(orderKey)"))
        let order = await visitor.get("/orders/\(orderKey)", as: place.officer)
        #expect(order.text.contains("责令改正〔2026〕450204-00001号") && order.text.contains("第72条（八）"))
        #expect(
            await visitor.post(
                "/orders/\(orderKey)/service",
                ["served": "2026-04-10", "manner": "direct", "receiver": "王五", "version": try version(order.body)], as: place.officer
            ).status == 303)

        // The employer sees it, owes it, and hands in evidence with a photo; nobody else's employer does, and it serves or closes nothing.
        let own = await visitor.get("/orders/\(orderKey)", as: place.employer)
        #expect(own.status == 200 && own.text.contains("提交整改材料") && !own.text.contains("登记送达") && !own.text.contains("转立案"))
        #expect(await visitor.get("/duties", as: place.employer).text.contains("按期改正"))
        for guest in [place.other, place.neighbour] { #expect(await visitor.get("/orders/\(orderKey)", as: guest).status == 404) }
        #expect(
            await visitor.post(
                "/orders/\(orderKey)/closure", ["closed": "2026-04-10", "closing": "rectified", "version": "2"], as: place.employer
            ).status == 403)
        let hand = ["_key": try key(own.body), "day": "2026-04-10", "text": "已加装除尘", "report": ""]
        #expect(await visitor.post("/orders/\(orderKey)/evidence", hand, as: place.employer).status == 303)
        let evidence = try #require(hand["_key"])
        let photo = await visitor.upload(
            "/record/\(evidence)/files", ["field": "photo"], file: "../../整改.png", InspectTests.picture, as: place.employer)
        #expect(photo.status == 303)
        #expect(await visitor.get("/orders/\(orderKey)", as: place.officer).text.contains("整改.png"))
        #expect(
            await visitor.upload("/record/\(orderKey)/files", ["field": "photo"], file: "x.png", InspectTests.picture, as: place.employer)
                .status == 403)

        // A re-test below the limit, and the check on site: before and after stand side by side.
        let retest = try await visitor.store(
            "test_report", [["employer": place["employer"], "type": "periodic", "sampled": "2026-04-10", "issued": "2026-04-10"]])[0]
        try await visitor.store("test_result", [["report": retest, "factor": "A001", "verdict": "pass", "value": "0.4", "limit": "1"]])
        let check = await visitor.get("/inspect/new?employer=\(place["employer"])&order=\(orderKey)", as: place.officer)
        #expect(check.text.contains("责令改正的项目"))
        let second = try key(check.body)
        let again = inspection(
            place, second, ["order": orderKey, "report": "", "cause": "recheck", "result.E72-1": "yes", "result.E72-8": "yes"])
        #expect(await visitor.post("/inspect", again, as: place.officer).status == 303)
        #expect(await visitor.post("/record/\(evidence)/edit", ["report": retest, "version": "1"], as: place.employer).status == 303)
        let checked = await visitor.get("/orders/\(orderKey)", as: place.officer)
        #expect(checked.text.contains("已改正") && checked.text.contains("整改前后检测结果") && checked.text.contains("合格"))
        let closing = ["closed": "2026-04-10", "closing": "rectified", "version": try version(checked.body)]
        #expect(await visitor.post("/orders/\(orderKey)/closure", closing, as: place.officer).status == 303)
        #expect(await visitor.get("/duties", as: place.employer).text.contains("按期改正") == false)
        try await visitor.isWhole()
    }

    @Test(arguments: Stores.kinds) func anOrderNotObeyedBecomesACase(_ store: Dialect) async throws {
        let place = try await place(store)
        let visitor = place.visitor
        let order = try await visitor.store(
            "order", [["employer": place["employer"], "issued": "2026-03-01", "due": "2026-03-20", "items": "E72-1", "facts": "矽尘超标"]])[0]
        #expect(await visitor.get("/duties", as: place.employer).text.contains("按期改正"))
        let page = await visitor.get("/orders/\(order)", as: place.officer)
        let cells = ["_key": try key(page.body), "version": try version(page.body), "severity": "general"]
        let referred = await visitor.post("/orders/\(order)/case", cells, as: place.officer)
        #expect(referred.status == 303, "\(referred.text.prefix(400))")
        #expect(try await visitor.count("violation_case") == 1)
        let after = await visitor.get("/orders/\(order)", as: place.officer)
        #expect(after.text.contains("逾期不改正，转立案"))
        // What was seen before is no longer the newest: a second referral makes no second case.
        _ = await visitor.post("/orders/\(order)/case", cells, as: place.officer)
        #expect(try await visitor.count("violation_case") == 1)
        try await visitor.isWhole()
    }

    /// A small picture with a text chunk in it.
    static let picture = Array(
        Data(
            base64Encoded:
                "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==") ?? Data())

    @Test(arguments: Stores.kinds) func files(_ store: Dialect) async throws {
        let place = try await place(store)
        let visitor = place.visitor
        let inspection = try await visitor.store(
            "inspection",
            [["employer": place["employer"], "day": "2026-04-01", "inspector": place["first"], "inspector_2": place["second"]]])[0]
        func add(_ bytes: [UInt8], _ field: String = "photo", as guest: Visitor.Guest, csrf: Bool = true) async -> Visitor.Answer {
            await visitor.upload("/record/\(inspection)/files", ["field": field], file: "a.jpg", bytes, as: guest, csrf: csrf)
        }
        // Whoever may not change the record adds nothing; whoever may not see it does not learn that it is there.
        #expect(await add(InspectTests.picture, as: place.viewer).status == 403)
        #expect(await add(InspectTests.picture, as: place.employer).status == 403)
        #expect(await add(InspectTests.picture, as: place.other).status == 404)
        #expect(await add(InspectTests.picture, as: place.neighbour).status == 404)
        #expect(await add(InspectTests.picture, as: place.officer, csrf: false).status == 403)
        // A page named .jpg, an archive, a picture with an archive behind it.
        for bad in [Array("<html><script>alert(1)</script>".utf8), [0x50, 0x4B, 3, 4, 0], InspectTests.picture + [0x50, 0x4B, 3, 4, 0]] {
            let answer = await add(bad, as: place.officer)
            #expect(answer.status == 422 && (answer.text.contains("不是图片") || answer.text.contains("另一个文件")))
        }
        #expect(await add(InspectTests.picture, "../x", as: place.officer).status == 422)
        let lines = try await visitor.auditLines()
        #expect(await add(InspectTests.picture, as: place.officer).status == 303)
        #expect(await add(InspectTests.picture, as: place.officer).status == 303)
        #expect(try await visitor.auditLines() == lines + 1)
        #expect(await add(InspectTests.picture, "signature.party", as: place.officer).status == 303)
        let stored = try await visitor.house.ledger.store.read { [ledger = visitor.house.ledger] db in
            // Both came at one moment of the test's clock: their order is not told.
            try Attachments(ledger).all(db, of: inspection).sorted { $0.field < $1.field }
        }
        #expect(stored.map(\.field) == ["photo", "signature.party"])
        let (photo, signature) = (stored[0].id, stored[1].id)

        // Who may look at it: the record's readers; at a signature only those who may see personal data.
        for (guest, photoStatus, signatureStatus) in [
            (place.officer, 200, 200), (place.viewer, 200, 404), (place.employer, 200, 200), (place.other, 404, 404),
            (place.neighbour, 404, 404),
        ] {
            #expect(await visitor.get("/file/\(photo)", as: guest).status == photoStatus)
            #expect(await visitor.get("/file/\(signature)", as: guest).status == signatureStatus)
        }
        #expect(await visitor.get("/file/\(photo)").status == 303)
        let answer = await visitor.get("/file/\(photo)", as: place.officer)
        #expect(answer.headers[.contentType] == "image/png" && answer.headers[.contentSecurityPolicy] == "default-src 'none'; sandbox")
        #expect((answer.headers[.contentDisposition] ?? "").hasPrefix("attachment; filename*=UTF-8''a.png"))
        #expect(answer.headers[try #require(.init("X-Content-Type-Options"))] == "nosniff")

        // Withdrawn, it is shown to nobody, and who took it back and why stays.
        #expect(await visitor.post("/file/\(photo)/withdrawal", ["reason": ""], as: place.officer).status == 422)
        #expect(await visitor.post("/file/\(photo)/withdrawal", ["reason": "误传"], as: place.other).status == 404)
        #expect(await visitor.post("/file/\(photo)/withdrawal", ["reason": "误传"], as: place.employer).status == 403)
        #expect(
            await visitor.post("/file/\(photo)/withdrawal", ["reason": "误传", "back": "//evil.example"], as: place.officer).location
                .hasPrefix("/record/"))
        #expect(await visitor.get("/file/\(photo)", as: place.officer).status == 404)
        #expect(await visitor.get("/record/\(inspection)", as: place.officer).text.contains("误传"))
        try await visitor.isWhole()
    }

    /// A file of 20 MB is kept in pieces and read back in parts on both databases; one more byte is too much.
    @Test(arguments: Stores.kinds) func largeFiles(_ store: Dialect) async throws {
        let place = try await place(store)
        let ledger = place.visitor.house.ledger
        let attachments = Attachments(ledger)
        let head = Array("%PDF-1.4\n%".utf8)
        let tail = Array("\n%%EOF".utf8)
        let body = head + [UInt8](repeating: 0x41, count: Attachments.largest - head.count - tail.count) + tail
        let id = try await attachments.add(body, named: "a.pdf", as: "scan", to: place["report"], by: .house)
        try await ledger.store.read { db in
            let file = try #require(try attachments.find(db, id))
            #expect(file.size == Attachments.largest)
            #expect(try attachments.bytes(db, of: file) == body)
            for range in [0..<1, 393_215..<393_217, 5_000_000..<5_900_000, (file.size - 7)..<file.size] {
                #expect(try attachments.bytes(db, of: file, in: range) == Array(body[range]))
            }
        }
        await #expect(throws: Refusal.self) {
            try await attachments.add(body + [10], named: "b.pdf", as: "scan", to: place["report"], by: .house)
        }
        // A piece that somebody changed is told.
        try await ledger.store.write { db in
            try db.run(
                "UPDATE attachment_chunk SET body = \(Data([1, 2, 3]).base64EncodedString()) WHERE attachment = \(id) AND sequence = 3")
        }
        try await ledger.store.read { db in
            let file = try #require(try attachments.find(db, id))
            #expect(throws: Refusal.self) { try attachments.bytes(db, of: file) }
        }
    }

    @Test func classes() async throws {
        let place = try await place(.sqlite)
        let visitor = place.visitor
        let path = "/employers/\(place["employer"])/class"
        let page = await visitor.get(path, as: place.officer)
        // Silica dust above its limit at nine people: severe and exceeding is Ⅲ.
        #expect(page.status == 200 && page.text.contains("Ⅲ") && page.text.contains("职业健康分类分级"))
        #expect(await visitor.get(path, as: place.other).status == 404)
        #expect(await visitor.post(path, ["scheme": "450204.grading", "level": "IV"], as: place.employer).status == 403)
        #expect(await visitor.post(path, ["scheme": "450204.grading", "level": "IV"], as: place.officer).status == 303)
        #expect(await visitor.post(path, ["scheme": "national", "management": "B"], as: place.officer).status == 303)
        #expect(await visitor.post(path, ["scheme": "national"], as: place.officer).status == 422)
        #expect(await visitor.post(path, ["scheme": "nowhere"], as: place.officer).status == 422)
        #expect(try await visitor.count("grade") == 2)
        let after = await visitor.get(path, as: place.officer)
        #expect(after.text.contains("甲") && after.text.contains("丙"))
        // The level has no period in any jurisdiction's file: unknown, and on the list.
        #expect(await visitor.get("/inspect", as: place.officer).text.contains("按风险等级开展检查"))
        try await visitor.isWhole()
    }

    /// A period that a county sets in its own file counts there and nowhere else, and not before its day.
    @Test func localPeriods() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
            "zhifang-\(Identifier.make(at: Moment(microseconds: 1)))")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let data = folder.appendingPathComponent("Data")
        try FileManager.default.copyItem(at: Repository.root.appendingPathComponent("Data"), to: data)
        let home = data.appendingPathComponent("standards/local")
        try FileManager.default.createDirectory(at: home, withIntermediateDirectories: true)
        func write(_ text: String) throws {
            try text.write(to: home.appendingPathComponent("450204.yaml"), atomically: true, encoding: .utf8)
        }
        try write(
            "division: '450204'\nparameters:\n  handover.days:\n    - {value: 15, from: '2026-01-01', clause: 第三条, source: 试验用, confidence: own}\n"
        )
        let parameter = try #require(try Catalog(folder: data).parameters["handover.days"])
        func setting(_ place: String, _ day: String) throws -> String? { parameter.setting(in: place, on: try #require(Day(day)))?.value }
        #expect(try setting("450204", "2026-01-01") == "15" && setting("450204003", "2026-05-01") == "15")
        #expect(try setting("450204", "2025-12-31") == nil && setting("450205", "2026-05-01") == nil)
        for bad in [
            "  case.days:\n    - {value: 5, source: x}\n", "  handover.days:\n    - {value: 5}\n",
            "  no.such:\n    - {value: 5, source: x}\n",
        ] {
            try write("division: '450204'\nparameters:\n\(bad)")
            #expect(throws: Refusal.self) { try Catalog(folder: data) }
        }
    }
}
