import Draws
import Foundation
import HTTPTypes
import Kernel
import Ledger
import Storage
import Synchronization
import TestKit
import Testing
import Web

@testable import House
@testable import Portal

/// A double-random draw through the pages: prepared by one officer, drawn by another, read and recomputed by everybody.
@Suite struct DrawPageTests {
    /// A clock that a test sets on.
    final class Hands: Sendable {
        private let moment: Mutex<Moment>
        init(_ text: String) throws { moment = Mutex(try #require(Moment(text))) }
        func set(_ text: String) throws {
            let later = try #require(Moment(text))
            moment.withLock { $0 = later }
        }
        var clock: Clock { Clock { self.moment.withLock { $0 } } }
    }
    struct Answered: Decodable {
        let why: String?
        let drawn: [[String]]
        let accepted: [Int]
    }
    struct Asked: Encodable { let file, commitment: String }

    struct Stage {
        let visitor: Visitor
        let hands: Hands
        let list, other, outside, viewer, employer: Visitor.Guest
        let employers, officers: [String]
        /// The same people, signed in anew: a session does not last over the hours until the source is public.
        func signedInAgain() async throws -> Stage {
            Stage(
                visitor: visitor, hands: hands, list: try await visitor.signIn("list"), other: try await visitor.signIn("other"),
                outside: try await visitor.signIn("outside"), viewer: try await visitor.signIn("viewer"),
                employer: try await visitor.signIn("factory"), employers: employers, officers: officers)
        }
    }

    static func stage(_ kind: Dialect, employers count: Int = 60, officers number: Int = 9) async throws -> Stage {
        let hands = try Hands("2022-03-01 09:00")
        let house = try await House.open(try await Stores.fresh(kind), catalog: Hand.catalog, clock: hands.clock)
        let visitor = try await Visitor.over(house)
        let ids = try await visitor.store(
            "employer",
            (0..<count).map {
                [
                    "name": "第\($0)陶瓷厂 <\($0)>", "division": "330402", "hazards": "1", "since": "2019-01-01",
                    "industry": $0 % 4 == 0 ? "C30" : "C17",
                ]
            })
        try await visitor.store(
            "grade",
            ids.enumerated().filter { $0.offset % 5 != 0 }.map { index, id in
                ["employer": id, "scheme": "s", "level": ["I", "II", "III", "IV"][index % 4], "label": "乙", "from": "2021-01-01"]
            })
        // Another county, one that closed and one without hazards: nobody of them may be drawn.
        try await visitor.store(
            "employer",
            [
                ["name": "外县厂", "division": "330411", "hazards": "1", "since": "2019-01-01"],
                ["name": "停业厂", "division": "330402", "hazards": "1", "since": "2019-01-01", "until": "2021-01-01"],
                ["name": "无害厂", "division": "330402", "hazards": "0", "since": "2019-01-01"],
            ])
        let officers = try await visitor.store(
            "officer",
            (0..<number).map {
                [
                    "code": "证\($0)", "name": "监督员\($0)", "division": "330402", "from": "2020-01-01",
                    "department": $0 % 3 == 0 ? "work_safety" : "health",
                ]
            })
        try await visitor.store(
            "recusal", [["officer": officers[0], "employer": ids[1], "reason": "亲属", "from": "2021-01-01"]])
        return Stage(
            visitor: visitor, hands: hands, list: try await visitor.guest("list", .officer, division: "330402"),
            other: try await visitor.guest("other", .officer, division: "330402"),
            outside: try await visitor.guest("outside", .officer, division: "330411"),
            viewer: try await visitor.guest("viewer", .viewer, division: "330402"),
            employer: try await visitor.guest("factory", .organisation, organisation: ids[0]), employers: ids, officers: officers)
    }

    static func form(_ page: Visitor.Answer, _ more: [String: String]) throws -> [(String, String)] {
        // What the page itself carries: hidden fields and the boxes that are ticked.
        var pairs: [(String, String)] = []
        let body = page.body[try #require(page.body.range(of: "id=\"draw-commit\"")).lowerBound...]
        for match in body.matches(of: /<input type="hidden" name="([^"]+)" value="([^"]*)">/) where match.1 != "csrf" {
            pairs.append((String(match.1), String(match.2)))
        }
        for match in body.matches(of: /<input type="checkbox" name="inspector" value="([^"]+)" checked>/) {
            pairs.append(("inspector", String(match.1)))
        }
        return pairs + more.map { ($0.key, $0.value) }
    }
    static func post(_ stage: Stage, _ path: String, _ pairs: [(String, String)], as guest: Visitor.Guest) async -> Visitor.Answer {
        let all = pairs + [("csrf", guest.csrf)]
        let body = all.map { "\(Visitor.escaped($0.0))=\(Visitor.escaped($0.1))" }.joined(separator: "&")
        return await stage.visitor.send(.post, path, guest, type: "application/x-www-form-urlencoded", Array(body.utf8))
    }
    static let fields = [
        "go": "1", "title": "2022年第一次双随机抽查", "each": "2", "load": "10", "names": "number", "due": "2022-06-30", "quota.I": "2",
        "quota.II": "3",
        "quota.III": "3", "quota.IV": "2", "quota.none": "0", "joint": "work_safety", "source": "双色球2022023期",
        "url": "https://www.cwl.gov.cn/",
        "expected_day": "2022-03-01", "expected_time": "11:30",
    ]

    @Test(arguments: Stores.kinds) func aDrawFromListToResult(_ kind: Dialect) async throws {
        var stage = try await DrawPageTests.stage(kind)
        let visitor = stage.visitor
        // Whoever may not plan inspections here finds no form.
        for guest in [stage.viewer, stage.employer] { #expect(await visitor.get("/draws/new", as: guest).status == 403) }
        #expect(await visitor.get("/draws/new").status == 303)
        let page = await visitor.get("/draws/new", as: stage.list)
        #expect(page.status == 200 && page.text.contains("<b id=\"draw-objects\">60</b>"))
        #expect(page.text.contains("监督员0 × 第1陶瓷厂"))
        #expect(await visitor.get("/draws/new?industry=C30", as: stage.list).text.contains("<b id=\"draw-objects\">15</b>"))
        #expect(await visitor.get("/draws/new?division=330411", as: stage.list).status == 422)

        // A list that changed after it was looked at is shown again.
        let stale = try DrawPageTests.form(page, DrawPageTests.fields)
        try await visitor.store("employer", [["name": "新厂", "division": "330402", "hazards": "1", "since": "2019-01-01"]])
        let changed = await DrawPageTests.post(stage, "/draws", stale, as: stage.list)
        #expect(changed.status == 422 && changed.text.contains("名单有变化"))
        let fresh = await visitor.get("/draws/new", as: stage.list)
        for (name, value) in [
            ("quota.I", "99"), ("load", "1"), ("expected_time", "08:00"), ("due", "2022-03-01"), ("title", ""), ("expected_time", "25"),
        ] {
            var fields = DrawPageTests.fields
            fields[name] = value
            let answer = await DrawPageTests.post(stage, "/draws", try DrawPageTests.form(fresh, fields), as: stage.list)
            #expect(answer.status == 422 && answer.text.contains("role=\"alert\""), "\(name)=\(value)")
        }
        #expect(
            await DrawPageTests.post(stage, "/draws", try DrawPageTests.form(fresh, DrawPageTests.fields), as: stage.viewer).status == 403)
        let lines = try await visitor.auditLines()
        let committed = await DrawPageTests.post(stage, "/draws", try DrawPageTests.form(fresh, DrawPageTests.fields), as: stage.list)
        #expect(committed.status == 303)
        #expect(try await visitor.auditLines() == lines + 1)
        let path = committed.location
        let id = String(path.split(separator: "/").last ?? "")

        // The commitment is for everybody; the lists are not, until they are drawn from.
        let before = await visitor.get(path)
        let commitment = try #require(before.body.firstMatch(of: /<code id="commitment">([0-9a-f]{64})<\/code>/)?.1)
        #expect(!before.text.contains("陶瓷厂") && !before.text.contains("draw-file"))
        #expect(await visitor.get(path + "/draw.txt").status == 404)
        #expect(!(await visitor.get("/api/draws/\(id)").body.contains("陶瓷厂")))
        #expect(await visitor.get("/public/draws").text.contains(String(commitment)))
        let value = ["value": "03 08 12 20 27 31 + 05", "evidence": "公告 2022-03-01"]
        // Too early; then by whoever made the list; then by strangers to the county.
        #expect(!(await visitor.get(path, as: stage.other).text.contains("draw-source")))
        #expect(await visitor.post("/draws/\(id)/source", value, as: stage.other).text.contains("现在不能录入"))
        try stage.hands.set("2022-03-01 12:00")
        stage = try await stage.signedInAgain()
        #expect(await visitor.post("/draws/\(id)/source", value, as: stage.list).text.contains("另一人录入"))
        #expect(await visitor.post("/draws/\(id)/source", value, as: stage.outside).status == 403)
        #expect(await visitor.post("/draws/\(id)/source", value, as: stage.employer).status == 403)
        #expect(await visitor.get(path, as: stage.other).text.contains("id=\"draw-source\""))
        #expect(await visitor.post("/draws/\(id)/source", ["value": "", "evidence": "x"], as: stage.other).status == 422)
        #expect(await visitor.post("/draws/\(id)/source", value, as: stage.other).status == 303)
        #expect(await visitor.post("/draws/\(id)/source", ["value": "1", "evidence": "x"], as: stage.other).text.contains("已经抽取"))

        // Everybody recomputes it: from the page, from the file, in another language.
        let drawn = await visitor.get(path)
        let file = await visitor.get(path + "/draw.txt")
        let read = try DrawFile.verified(Array(file.body.utf8), commitment: String(commitment))
        #expect(try DrawFile.verified(Array(drawn.body.utf8), commitment: String(commitment)) == read)
        let answers: [Answered] = try Python.ask(
            "Tests/draws/oracle.py", [file.body, drawn.body].map { Asked(file: $0, commitment: String(commitment)) })
        let outcome = try #require(read.result?.outcome.drawn)
        #expect(answers.allSatisfy { $0.why == nil && $0.drawn.count == 10 } && outcome.count == 10)
        #expect(outcome.allSatisfy { $0.inspectors.contains { $0.inspector.department == "work_safety" } })
        #expect(outcome.allSatisfy { $0.inspectors.allSatisfy { $0.inspector.name.hasPrefix("证") } })
        #expect(!drawn.text.contains("监督员") && drawn.text.contains(outcome[0].object.name))
        let json = try #require(
            try JSONSerialization.jsonObject(with: Data(await visitor.get("/api/draws/\(id)").body.utf8)) as? [String: Any])
        #expect(json["file"] as? String == file.body && (json["drawn"] as? [Any])?.count == 10)

        // Each is planned, owed by the authority, met by an inspection, published with its result.
        #expect(try await visitor.count("inspection_plan") == 10)
        func duty(_ name: String, _ object: String) async throws -> [String] {
            try await visitor.house.ledger.store.read { [ledger = visitor.house.ledger] db in
                try ledger.duties(db, on: ledger.clock.today, root: object, verdicts: Stretch.Verdict.allCases).filter {
                    $0.measure.name == name
                }
                .map(\.stretch.verdict.rawValue)
            }
        }
        let first = outcome[0].object.id
        #expect(try await duty("planned_inspection", first) == ["pending"])
        #expect(await visitor.get("/duties", as: stage.other).text.contains("开展计划检查"))
        try stage.hands.set("2022-07-02 10:00")
        stage = try await stage.signedInAgain()
        #expect(try await duty("planned_inspection", first) == ["unmet"])
        let plans = try await visitor.house.ledger.store.read { [ledger = visitor.house.ledger] db in
            try ledger.mentions(db, of: first, kinds: ["inspection_plan"])
        }
        let plan = try #require(plans.first)
        try await visitor.store("inspection", [["employer": first, "day": "2022-06-01", "mode": "random", "planned": plan.id]])
        #expect(try await duty("planned_inspection", first) == ["met"])
        #expect(try await duty("inspection_publication", first) == ["unmet"])
        #expect(await visitor.get(path).text.contains("2022-06-01"))
        func result(_ cells: [String: String]) async throws {
            let kind = try #require(visitor.house.ledger.kinds["inspection_plan"])
            _ = try await visitor.house.ledger.submit(
                [Draft(kind, id: plan.id, cells)], Submission(by: .house, door: "test", updates: true))
        }
        try await result(["result": "ordered"])
        #expect(!(await visitor.get(path).text.contains("已责令改正")))
        try await result(["published": "2022-06-10"])
        #expect(await visitor.get(path).text.contains("发现问题，已责令改正 (2022-06-10)"))
        #expect(await visitor.get("/api/draws/\(id)").body.contains("\"ordered\""))
        try await visitor.isWhole()
    }

    /// Somebody with the database in their hands changes what is stored: a weight, the list, the seed, the result.
    @Test(arguments: Stores.kinds) func whatIsStoredCannotBeChangedUnseen(_ kind: Dialect) async throws {
        var stage = try await DrawPageTests.stage(kind, employers: 12, officers: 6)
        let visitor = stage.visitor
        let page = await visitor.get("/draws/new?strata=none", as: stage.list)
        let form = try DrawPageTests.form(page, DrawPageTests.fields.merging(["quota.all": "4", "load": "0"]) { $1 })
        let path = await DrawPageTests.post(stage, "/draws", form, as: stage.list).location
        let id = String(path.split(separator: "/").last ?? "")
        let store = visitor.house.ledger.store
        let body: String = try await store.read { try #require(try $0.row("SELECT body FROM draw WHERE id = \(id)")).get("body") }
        let object = try #require(body.split(separator: "\n").first { $0.hasPrefix("object\t") })
        let changed = body.replacing(object, with: object.dropLast() + (object.hasSuffix("9") ? "8" : "9"))
        try await store.write { try $0.run("UPDATE draw SET body = \(changed) WHERE id = \(id)") }
        #expect(await visitor.get(path).text.contains("与承诺不符"))
        #expect(await visitor.get("/api/draws/\(id)").status == 422)
        try stage.hands.set("2022-03-01 12:00")
        stage = try await stage.signedInAgain()
        #expect(await visitor.post("/draws/\(id)/source", ["value": "1", "evidence": "x"], as: stage.other).status == 422)
        #expect(try await visitor.count("inspection_plan") == 0)
        try await store.write { try $0.run("UPDATE draw SET body = \(body) WHERE id = \(id)") }
        #expect(await visitor.post("/draws/\(id)/source", ["value": "1", "evidence": "x"], as: stage.other).status == 303)
        let file: String = try await store.read { try #require(try $0.row("SELECT body FROM draw_result WHERE draw = \(id)")).get("body") }
        var random = SeededGenerator(seed: 9)
        for _ in 0..<40 {
            var bytes = Array(file.utf8)
            let place = Int.random(in: bytes.indices, using: &random)
            // Another letter of the same kind, so that the database takes it.
            guard bytes[place] < 128, bytes[place] != 10, bytes[place] != 9 else { continue }
            bytes[place] = bytes[place] == 49 ? 50 : 49
            let forged = String(decoding: bytes, as: UTF8.self)
            try await store.write { try $0.run("UPDATE draw_result SET body = \(forged) WHERE draw = \(id)") }
            #expect(await visitor.get(path).text.contains("与承诺不符"), "byte \(place)")
        }
    }
}
