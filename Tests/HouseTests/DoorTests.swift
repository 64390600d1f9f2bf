import Accounts
import Catalog
import Draws
import Exchange
import Foundation
import Glibc
import HTTPTypes
import Kernel
import Planning
import Portal
import Sheets
import Storage
import TestKit
import Testing
import Web

@testable import House
@testable import Ledger

/// The doors of the house: what comes in by any of them counts alike, what goes out comes back the same, and who may open what.
@Suite struct DoorTests {
    enum Way: String, CaseIterable { case csv, gb18030, xlsx, forms }
    struct Entry: CustomTestStringConvertible {
        let store: Dialect
        let way: Way
        var testDescription: String { "\(way.rawValue) on \(store.rawValue)" }
    }
    static let entries = Stores.kinds.flatMap { store in Way.allCases.map { Entry(store: store, way: $0) } }

    static let plan = """
        format: 1
        id: DOOR-2021-2025
        name: {zh: 门, en: Door}
        jurisdiction: {code: '450204', level: county, name: {zh: 柳南区, en: Liunan}}
        period: {start: 2021, end: 2025}
        indicators:
          - {id: D1, measure: declaration_rate, name: {zh: 申报率, en: Declared}, target: {operator: gte, value: 80}}
        """

    static let names = (1...10).map { "第\($0)厂" }
    static let credits = (1...10).map { CreditCode.completing("9145020420\(1_000_000 + $0)") }
    static let employers =
        [["单位名称", "统一社会信用代码", "县区代码", "存在职业病危害", "开业日期"]] + zip(names, credits).map { [$0, $1, "450204", "是", "2020-01-01"] }
    static let filings =
        [["用人单位", "申报类型", "申报日期", "受理日期"]] + (0..<6).map { [$0 % 2 == 0 ? names[$0] : credits[$0], "初次申报", "2021-03-01", "2021-03-05"] }

    /// Enters a table by one of the ways.
    private func enter(_ table: [[String]], _ kind: String, _ way: Way, _ visitor: Visitor, _ officer: Visitor.Guest) async throws {
        let ledger = visitor.house.ledger
        let kind = try #require(ledger.kinds[kind])
        let folder = try BadInputTests.Folder()
        let text = table.map { $0.joined(separator: ",") }.joined(separator: "\r\n")
        let file: URL
        switch way {
        case .csv: file = try folder.bytes([0xEF, 0xBB, 0xBF] + Array(text.utf8))
        case .gb18030: file = try folder.bytes(try DoorTests.gb18030(text))
        case .xlsx: file = try folder.book(table)
        case .forms:
            for row in table.dropFirst() {
                var form: [String: String] = [:]
                for (title, cell) in zip(table[0], row) { form[try #require(kind.fields.first { $0.zh == title }).name] = cell }
                #expect(await visitor.post("/records/\(kind.name)", form, as: officer).status == 303)
            }
            return
        }
        let result = try await Importer(ledger).run(kind, file, Submission(by: .house, door: way.rawValue, home: "450204"))
        #expect(result.created == table.count - 1 && result.refused == 0, "\(result.refusals)")
    }

    static func gb18030(_ text: String) throws -> [UInt8] {
        let converter = try #require(iconv_open("GB18030", "UTF-8"))
        defer { iconv_close(converter) }
        var input = Array(text.utf8CString)
        var output = [CChar](repeating: 0, count: input.count * 2)
        var (left, room) = (input.count - 1, output.count)
        let total = room
        input.withUnsafeMutableBufferPointer { from in
            output.withUnsafeMutableBufferPointer { to in
                var (source, target) = (from.baseAddress, to.baseAddress)
                _ = iconv(converter, &source, &left, &target, &room)
            }
        }
        return output.prefix(total - room).map { UInt8(bitPattern: $0) }
    }

    /// The figure and the names of those who miss it, as of a day.
    private func declared(_ visitor: Visitor, on day: String) async throws -> (figure: Figure, count: Count, unmet: [String]) {
        let house = visitor.house
        let day = try #require(Day(day))
        return try await house.ledger.store.read { [boards = house.boards, ledger = house.ledger] db in
            let (plan, edition) = try boards.plan(db, "DOOR-2021-2025")
            let state = try #require(try boards.board(db, plan, edition: edition.edition, on: day).states.first)
            let gauge = try #require(plan.gauges(ledger.catalog).first)
            let unmet = try ledger.subjects(db, of: gauge, on: day, verdicts: [.unmet])
            return (state.figure, state.count, try ledger.records(db, unmet.map(\.root)).map(\.title).sorted())
        }
    }

    /// Ten employers with hazards, six declarations: 60 %, and the four names. One of the four closes: six of nine from that day.
    @Test(arguments: entries) func tenEmployersSixDeclarations(_ entry: Entry) async throws {
        let visitor = try await Visitor.open(entry.store)
        try await visitor.house.add(plan: DoorTests.plan, by: .house)
        let officer = try await visitor.guest("officer", .officer, division: "450204")
        try await enter(DoorTests.employers, "employer", entry.way, visitor, officer)
        try await enter(DoorTests.filings, "declaration", entry.way, visitor, officer)
        let four = ["第10厂", "第7厂", "第8厂", "第9厂"]
        let now = try await declared(visitor, on: "2022-05-31")
        #expect(now.figure.value == 60 && now.count.met == 6 && now.count.unmet == 4 && now.count.unknown == 0)
        #expect(now.unmet == four)
        #expect(await visitor.get("/plans/DOOR-2021-2025?as_of=2022-05-31", as: officer).text.contains("60%"))
        let page = await visitor.get("/plans/DOOR-2021-2025/D1?as_of=2022-05-31&verdict=unmet", as: officer)
        for name in four { #expect(page.text.contains(name), "\(name) is not on the indicator's page") }

        let closing = [["用人单位", "变更日期", "停业"], ["第8厂", "2022-06-01", "是"]]
        try await enter(closing, "employer_change", entry.way, visitor, officer)
        let after = try await declared(visitor, on: "2022-06-01")
        #expect(after.count.met == 6 && after.count.unmet == 3 && abs((after.figure.value ?? 0) - 200.0 / 3) < 1e-6)
        #expect(after.unmet == four.filter { $0 != "第8厂" })
        let before = try await declared(visitor, on: "2022-05-31")
        #expect(before.figure.value == 60 && before.unmet == four)
        try await visitor.isWhole()
    }

    /// A saved change is in the board that is opened next.
    @Test(arguments: Stores.kinds) func aSavedChangeIsOnTheBoardAtOnce(_ store: Dialect) async throws {
        let visitor = try await Visitor.open(store)
        try await visitor.house.add(plan: DoorTests.plan, by: .house)
        let officer = try await visitor.guest("officer", .officer, division: "450204")
        try await enter(DoorTests.employers, "employer", .csv, visitor, officer)
        let board = "/plans/DOOR-2021-2025"
        #expect(await visitor.get(board, as: officer).text.contains("0 / 10"))
        for number in 1...3 {
            let form = ["employer": DoorTests.credits[number], "type": "initial", "submitted": "2022-01-01", "accepted": "2022-01-02"]
            let saved = await visitor.post("/records/declaration", form, as: officer)
            #expect(saved.status == 303)
            #expect(await visitor.get(board, as: officer).text.contains("\(number) / 10"))
            if number == 3 {
                // Withdrawn again, it is gone from there again.
                let record = try #require(saved.location.split(separator: "?").first)
                #expect(await visitor.post("\(record)/withdrawal", ["reason": "误录", "version": "1"], as: officer).status == 303)
                #expect(await visitor.get(board, as: officer).text.contains("2 / 10"))
            }
        }
    }

    // A user's own workbook

    /// A title over all columns, two heading rows with merged cells both ways, headings of the user's own, days as text in another order.
    private func ownWorkbook(_ folder: BadInputTests.Folder, _ rows: [[String]]) throws -> URL {
        let all =
            [
                ["柳南区企业名单（2022年）", "", "", "", ""], ["企业", "", "所在区", "情况", ""], ["全称", "税号", "", "有毒有害", "何时开办"],
            ] + rows
        let xml = all.enumerated().map { number, row in
            let cells = row.enumerated().filter { !$0.element.isEmpty }.map { column, text in
                "<c r=\"\(["A", "B", "C", "D", "E"][column])\(number + 1)\" t=\"inlineStr\"><is><t>\(text)</t></is></c>"
            }
            return "<row r=\"\(number + 1)\">\(cells.joined())</row>"
        }
        let merges = ["A1:E1", "A2:B2", "C2:C3", "D2:E2"].map { "<mergeCell ref=\"\($0)\"/>" }.joined()
        return try folder.handmade(xml.joined(), after: "<mergeCells>\(merges)</mergeCells>")
    }
    private static let ownRows = [["外一厂", credits[0], "450204", "有", "31/12/2015"], ["外二厂", credits[1], "450204", "无", "01/02/2016"]]

    @Test(arguments: Stores.kinds) func anOwnLayoutIsMappedOnceAndUsedByName(_ store: Dialect) async throws {
        let visitor = try await Visitor.open(store)
        let (ledger, folder) = (visitor.house.ledger, try BadInputTests.Folder())
        let importer = Importer(ledger)
        let kind = try #require(ledger.kinds["employer"])
        let layout = Layout(
            skippedRows: 1, headerRows: 2,
            columns: ["企业 / 全称": "name", "企业 / 税号": "credit_code", "所在区": "division", "情况 / 有毒有害": "hazards", "情况 / 何时开办": "since"],
            dateOrder: .dayMonthYear)
        let person = Person(name: "officer", role: .officer, functions: ["health"], division: DivisionCode("450204"))
        try await importer.save(layout: layout, named: "柳南台账", for: kind, by: person)
        let saved = try #require(try await importer.layouts(for: kind).first { $0.name == "柳南台账" }).layout
        #expect(saved == layout)
        let file = try ownWorkbook(folder, DoorTests.ownRows + [["坏厂", "", "450204", "有", "31/02/2016"]])
        let plan = try importer.plan(kind, file, layout: saved)
        #expect(plan.headings == ["企业 / 全称", "企业 / 税号", "所在区", "情况 / 有毒有害", "情况 / 何时开办"])
        let result = try await importer.run(kind, file, layout: saved, Submission(by: person, door: "xlsx"))
        #expect(result.created == 2)
        #expect(result.refusals.map { BadInputTests.Place($0) } == [.init("day.format", 6, "since")])
        let records = try await ledger.store.read { try ledger.all($0, kind) }
        let since = try #require(kind.field(named: "since"))
        #expect(records.compactMap { $0[since].map(plainText) }.sorted() == ["2015-12-31", "2016-02-01"])
        // The marked workbook has the heading in one row.
        let marked = folder.path("xlsx")
        try importer.annotate(kind, file, layout: saved, result, to: marked) { $0.code }
        #expect(try SheetReader.head(marked, rows: 4).last?.cells.last == "情况 / 何时开办: day.format")
    }

    /// The same on the page: the heading row is found below the title, the columns are named once, the order of the dates is read from
    /// them, and the next file of that kind goes straight in.
    @Test func anOwnWorkbookOnThePage() async throws {
        let visitor = try await Visitor.open()
        let folder = try BadInputTests.Folder()
        let officer = try await visitor.guest("officer", .officer, division: "450204")
        let file = try Data(contentsOf: try ownWorkbook(folder, DoorTests.ownRows))
        let sent = await visitor.upload("/import", ["kind": "employer"], file: "台账.xlsx", [UInt8](file), as: officer)
        #expect(sent.status == 303)
        let mapping = await visitor.get(sent.location, as: officer)
        for heading in ["全称", "税号", "所在区", "有毒有害", "何时开办"] { #expect(mapping.text.contains(heading)) }
        // Without the columns that must be there the page comes back.
        #expect(await visitor.post(sent.location, ["c0": "name"], as: officer).status == 422)
        let columns = ["c0": "name", "c1": "credit_code", "c2": "division", "c3": "hazards", "c4": "since"]
        #expect(await visitor.post(sent.location, columns, as: officer).status == 303)
        try await ended(visitor, sent.location, officer)
        let kind = try #require(visitor.house.ledger.kinds["employer"])
        let since = try #require(kind.field(named: "since"))
        let records = try await visitor.house.ledger.store.read { [ledger = visitor.house.ledger] in try ledger.all($0, kind) }
        #expect(records.compactMap { $0[since].map(plainText) }.sorted() == ["2015-12-31", "2016-02-01"])
        let next = try Data(contentsOf: try ownWorkbook(folder, [["外三厂", DoorTests.credits[2], "450204", "有", "13/02/2016"]]))
        let again = await visitor.upload("/import", ["kind": "employer"], file: "台账.xlsx", [UInt8](next), as: officer)
        try await ended(visitor, again.location, officer)
        #expect(try await visitor.count("employer") == 3)
    }
    private func ended(_ visitor: Visitor, _ job: String, _ guest: Visitor.Guest) async throws {
        for _ in 0..<600 {
            if await visitor.get(job + "/status", as: guest).body.contains("\"href\"") { return }
            try await Task.sleep(for: .milliseconds(50))
        }
        Issue.record("the import does not end")
    }

    // Who may open what

    /// Every route with real things in its path.
    private func addresses(_ visitor: Visitor, _ guest: Visitor.Guest) async throws -> [(route: Route, path: String)] {
        let employer = try await visitor.store("employer", [["name": "某厂", "division": "450204"]])[0]
        let worker = try await visitor.store("worker", [["name": "某人", "identity": ResidentID.completing("45020419700101123")]])[0]
        try await visitor.store("employment", [["worker": worker, "employer": employer, "from": "2020-01-01"]])
        let file = try await visitor.store(
            "violation_case", [["employer": employer, "division": "450204", "found": "2022-01-04", "filed": "2022-01-05"]])[0]
        let levels = ["harm.none", "duration.short", "workers.few", "repeated.first", "cooperation.normal"].map { "house." + $0 }
        let decision = try await visitor.store(
            "penalty_decision",
            [
                [
                    "case": file, "item": "72.1", "facts": "超标", "means": "warning;correction", "factors": levels.joined(separator: ";"),
                    "proposed": "2022-02-01", "notice": "2022-02-01",
                ]
            ])[0]
        let listing = try await visitor.store(
            "credit_listing",
            [
                [
                    "employer": employer, "list": "blacklist", "criterion": "repeated", "reason": "再犯", "notice": "2022-02-01",
                    "object_until": "2022-02-10", "until": "2023-02-10",
                ]
            ])[0]
        let complaint = try await visitor.store(
            "complaint",
            [["division": "450204", "received": "2022-02-01", "channel": "phone", "topics": "ppe", "against": "甲厂", "text": "无口罩"]])[0]
        let own = ["/cases": file, "/decisions": decision, "/listings": listing, "/complaints": complaint]
        let evaluation = await visitor.post(
            "/plans/DOOR-2021-2025/evaluations", ["name": "年度", "type": "annual", "day": "2022-05-31"], as: guest)
        let frozen = evaluation.location.split(separator: "?").first?.split(separator: "/").last.map(String.init) ?? "none"
        let table = Array("单位名称,县区代码\n坏厂,4502\n".utf8)
        let job = await visitor.upload("/import", ["kind": "employer", "dryRun": "1"], file: "a.csv", table, as: guest).location
        try await ended(visitor, job, guest)
        let draw = try await draw(visitor, of: employer)
        let invitation = try await visitor.house.accounts.invite(Seat(.viewer, division: "450204"), display: "", by: .house)
        let claim = try await visitor.house.accounts.claim(
            creditCode: DoorTests.credits[0], name: "要账号的单位", county: "450204", contact: "张", phone: "1", password: Visitor.password)
        // A draw's file comes with its result: DrawPageTests.
        return visitor.site.routes.filter { !$0.path.hasSuffix("/draw.txt") }.map { route in
            var path = route.sign == "GET /api/judge" ? "/api/judge?kind=noise-week&level=80" : route.path
            let id =
                own.first { path.hasPrefix($0.key) }?.value
                ?? (path.hasPrefix("/calculate") ? "shift" : path.hasPrefix("/workers") ? worker : employer)
            for (name, value) in [
                ":evaluation": frozen, ":plan": "DOOR-2021-2025", ":indicator": "D1", ":kind": "employer", ":table": "industry",
                ":key": "12", ":code": route.path.contains("factor") ? "B028" : "D001", ":edition": "2025", ":clause": "5.1",
                ":name": "officer", ":token": route.path.hasPrefix("/register") ? claim : invitation,
                ":job": job.split(separator: "/").last.map(String.init) ?? "", ":draw": draw, ":id": id,
            ] { path = path.replacingOccurrences(of: name, with: value) }
            return (route, path)
        }
    }

    /// A draw that is committed to and awaits its source: everybody sees that, nobody sees of whom.
    private func draw(_ visitor: Visitor, of employer: String) async throws -> String {
        let person = Person(name: "drawer", role: .officer, functions: ["health"], division: DivisionCode("450204"))
        let inputs = DrawInputs(
            id: "draw-1", jurisdiction: "450204", place: "柳南区", title: "抽查", weights: "1", each: 1,
            quotas: [.init(stratum: "all", count: 1)],
            objects: [.init(id: employer, name: "某厂", stratum: "all", weight: 1)],
            inspectors: [.init(id: "i1", name: "证1", department: "health")])
        let source = DrawFile.Source(name: "开奖", url: "https://example.org", expected: try #require(Moment("2022-07-30 21:00")))
        let due = try #require(Day("2022-09-30"))
        return try await DrawRegister(visitor.house.ledger).commit(inputs, source: source, due: due, by: person).id
    }

    @Test(arguments: Stores.kinds) func strangersAndBareFormsGetNothing(_ store: Dialect) async throws {
        let visitor = try await Visitor.open(store)
        try await visitor.house.add(plan: DoorTests.plan, by: .house)
        _ = try await visitor.guest("admin", .system)
        let officer = try await visitor.guest("officer", .officer, division: "450204", isManager: true)
        let auditor = try await visitor.guest("auditor", .audit)
        let all = try await addresses(visitor, officer)
        #expect(all.count > 40)
        let versions = try await visitor.versions()
        for (route, path) in all {
            let audit = try await visitor.auditLines()
            let stranger = await visitor.send(route.method, path, .stranger, type: "application/x-www-form-urlencoded")
            // The standards are for everybody; what they are asked changes nothing and tells nothing of anybody.
            let open = [
                "/lookup", "/calculate", "/catalog/check", "/audit/heads", "/api", "/public", "/register", "/invitation", "/verify",
                "/calendar",
            ]
            let isPublic = route.needs == .anyone && open.contains { route.path == $0 || route.path.hasPrefix($0 + "/") }
            let isOpen = isPublic || ["GET /sign-in", "GET /setup"].contains(route.sign)
            // Nothing is published or notified here: these answer as if it did not exist.
            let isNowhere = ["/public/decisions/:id", "/credit-notices/:id", "/verify/:id/:document/:code"].contains(route.path)
            switch (route.method, stranger.status) {
            case (.get, 404) where isNowhere: break
            case (.get, 200): #expect(isOpen, "\(path) is open to strangers")
            case (.get, 303):
                let isHome = path == "/" && stranger.location == "/public" || isPublic && stranger.location.hasPrefix("/calculate/")
                let isDoor = stranger.location.hasPrefix("/sign-in") || isHome
                #expect(isDoor, "\(path) leads a stranger to \(stranger.location)")
            // The secret in a calendar's address is the key; any other is as if there were none.
            case (.get, 404) where route.path == "/calendar/:token": break
            // Programs are told, people are led.
            case (.get, 401) where route.path.hasPrefix("/api/"): break
            case (.get, _): Issue.record("\(path) answers a stranger with \(stranger.status)")
            case _ where isPublic: #expect(stranger.status == 422, "\(path) takes a form without anything: \(stranger.status)")
            default: #expect([401, 403].contains(stranger.status), "POST \(path) answers a stranger with \(stranger.status)")
            }
            // What an indicator is called is published with its figure.
            let isFigure = route.path.hasPrefix("/public/plans/")
            for secret in ["某厂", "某人"] + (isFigure ? [] : ["申报率"]) {
                #expect(!stranger.body.contains(secret), "\(path) tells a stranger of \(secret)")
            }
            if route.changes {
                let bare = await visitor.send(
                    route.method, path, officer, type: "application/x-www-form-urlencoded",
                    Array("name=x&division=450204&reason=x&version=1".utf8))
                #expect(bare.status == 403, "POST \(path) takes a form without its token: \(bare.status)")
                #expect(bare.text.contains("页面已过期"))
            } else {
                var answer = await visitor.get(path, as: officer)
                if answer.status == 403 { answer = await visitor.get(path, as: auditor) }
                // An id of something else is not there; who may open what is there, RouteMatrixTests tell.
                let isSecret =
                    route.path == "/calendar/:token"
                    || answer.status == 404 && (route.path.contains(":") || route.path.hasPrefix("/declare"))
                #expect(isSecret ? answer.status == 404 : [200, 303].contains(answer.status), "\(path): \(answer.status)")
                if answer.headers[.contentType]?.hasPrefix("text/html") == true { #expect(!answer.body.contains("{{"), "\(path)") }
            }
            #expect(try await visitor.auditLines() == audit, "\(route.sign) wrote to the audit")
        }
        #expect(try await visitor.versions() == versions)
        let headers = await visitor.get("/plans", as: officer).headers
        for name in ["Content-Security-Policy", "X-Content-Type-Options", "Referrer-Policy"] {
            #expect(HTTPField.Name(name).flatMap { headers[$0] } != nil, "\(name) is not set")
        }
        try await visitor.isWhole()
    }

    // A copy of the whole house

    @Test func aBackupIsTheSameHouse() async throws {
        let folder = try BadInputTests.Folder()
        let store = try SQLiteStore(path: folder.url.appendingPathComponent("house.db").path)
        var lived = try await LivedHouse(store, seed: 5, entries: 120)
        let house = lived.house
        let copy = folder.url.appendingPathComponent("copy.db").path
        let before = try await bodies(house)
        try store.backup(to: copy)
        // The house goes on; the copy does not move with it.
        try await lived.world.fill(24)
        let restored = try await House.open(copy, data: Repository.data, clock: lived.clock.clock, keys: nil, heads: nil)
        #expect(try await bodies(restored) == before)
        #expect(try await bodies(house) != before)
        #expect(try await restored.ledger.verify().isEmpty)
        #expect(try await restored.ledger.store.read { try Audit($0).breaks() }.isEmpty)
        // Whoever touches a copy is found out.
        try await restored.ledger.store.write { db in
            try db.run("UPDATE audit SET detail = 'nothing' WHERE sequence = 2")
            try db.run("UPDATE stretch SET verdict = 'met' WHERE verdict = 'unmet'")
        }
        #expect(try await !restored.ledger.store.read { try Audit($0).breaks() }.isEmpty)
        #expect(try await !restored.ledger.verify().isEmpty)
    }
}
