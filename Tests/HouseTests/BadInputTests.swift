import CZip
import Exchange
import Foundation
import Kernel
import Ledger
import Sheets
import Storage
import TestKit
import Testing
import Web

@testable import House

/// Bad inputs, each through the door that it comes by: the exact refusal and its place, what the user reads, that nothing of it is
/// stored, what became of the good rows beside it, and that the house stands afterwards.
@Suite struct BadInputTests {
    struct Place: Equatable, CustomStringConvertible {
        let code: String
        var row: Int?
        var field: String?
        init(_ code: String, _ row: Int? = nil, _ field: String? = nil) { (self.code, self.row, self.field) = (code, row, field) }
        init(_ refusal: Refusal) { self.init(refusal.code, refusal.row, refusal.field) }
        var description: String { "\(code) row \(row.map(String.init) ?? "–") \(field ?? "–")" }
    }

    /// One file and what becomes of it.
    struct Case {
        let name: String
        var kind = "employer"
        let file: URL
        var layout: Layout?
        var updates = false
        /// The flaw that the whole file is refused for, or those of its rows.
        var flaw: Place?
        var refusals: [Place] = []
        var created = 0, changed = 0, unchanged = 0
    }

    /// Files that live as long as a test.
    final class Folder {
        let url: URL
        private var count = 0
        init() throws {
            url = FileManager.default.temporaryDirectory.appendingPathComponent("zhifang-bad-\(UUID().uuidString)")
            try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        }
        deinit { try? FileManager.default.removeItem(at: url) }
        func path(_ ending: String = "csv") -> URL {
            count += 1
            return url.appendingPathComponent("\(count).\(ending)")
        }
        func bytes(_ bytes: some Sequence<UInt8>, _ ending: String = "csv") throws -> URL {
            let url = path(ending)
            try Data(bytes).write(to: url)
            return url
        }
        func lines(_ lines: String...) throws -> URL { try bytes((lines.joined(separator: "\r\n") + "\r\n").utf8) }
        func book(_ rows: [[String]]) throws -> URL {
            let url = path("xlsx")
            let writer = try SheetWriter(url)
            try writer.addSheet("表", columns: rows[0].map { .init($0) })
            for row in rows.dropFirst() { try writer.write(row) }
            try writer.close()
            return url
        }
        /// A workbook of one sheet made by hand, so that it can hold what no writer writes.
        func handmade(_ sheet: String, after: String = "", prologue: String = "") throws -> URL {
            let url = path("xlsx")
            let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
            let office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
            func relation(_ kind: String, _ target: String) -> String {
                "<Relationships><Relationship Id=\"rId1\" Type=\"\(office)/\(kind)\" Target=\"\(target)\"/></Relationships>"
            }
            let parts = [
                ("[Content_Types].xml", "<Types/>"), ("_rels/.rels", relation("officeDocument", "xl/workbook.xml")),
                (
                    "xl/workbook.xml",
                    "<workbook xmlns=\"\(main)\" xmlns:r=\"\(office)\"><sheets><sheet name=\"one\" sheetId=\"1\" r:id=\"rId1\"/></sheets></workbook>"
                ),
                ("xl/_rels/workbook.xml.rels", relation("worksheet", "worksheets/sheet1.xml")),
                ("xl/worksheets/sheet1.xml", prologue + "<worksheet xmlns=\"\(main)\"><sheetData>\(sheet)</sheetData>\(after)</worksheet>"),
            ]
            var code: Int32 = 0
            let archive = try #require(zip_open(url.path, ZIP_CREATE, &code))
            var kept: [UnsafeMutableRawBufferPointer] = []
            defer { for bytes in kept { bytes.deallocate() } }
            for (name, content) in parts {
                let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: content.utf8.count, alignment: 1)
                bytes.copyBytes(from: content.utf8)
                kept.append(bytes)
                try #require(
                    zip_file_add(archive, name, zip_source_buffer(archive, bytes.baseAddress, zip_uint64_t(bytes.count), 0), 0) >= 0)
            }
            try #require(zip_close(archive) == 0)
            return url
        }
    }

    static let head = "单位名称,统一社会信用代码,县区代码,乡镇街道代码,行业（GB/T 4754）,从业人员数,存在职业病危害,开业日期,停业日期"
    static func employer(
        _ name: String, code: String = "", division: String = "450204", township: String = "", industry: String = "",
        headcount: String = "12",
        hazards: String = "是", since: String = "2015-01-01", until: String = ""
    ) -> String { [name, code, division, township, industry, headcount, hazards, since, until].joined(separator: ",") }
    static func credit(_ number: Int) -> String { CreditCode.completing("91450204\(100_000_000 + number)") }
    static func wrong(_ code: String) -> String { String(code.dropLast()) + (code.last == "7" ? "8" : "7") }

    /// Writes the table of inputs and messages to the file that `ZHIFANG_BAD_INPUTS` names.
    static func keep(_ lines: [String]) throws {
        guard let path = ProcessInfo.processInfo.environment["ZHIFANG_BAD_INPUTS"] else { return }
        let old = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
        try (old + lines.joined(separator: "\n") + "\n").write(toFile: path, atomically: true, encoding: .utf8)
    }

    /// What the cases refer to: two employers of one name, one of its own, a worker, an institution.
    static func ground(_ visitor: Visitor) async throws {
        try await visitor.store(
            "employer",
            [
                ["name": "同名厂", "division": "450204", "credit_code": credit(1)],
                ["name": "同名厂", "division": "450204", "credit_code": credit(2)],
                [
                    "name": "独名厂", "division": "450204", "credit_code": credit(3), "hazards": "1", "since": "2015-01-01",
                    "phone": "13877212345",
                ],
            ])
        try await visitor.store("worker", [["name": "老工人", "identity": ResidentID.completing("45020419700101123")]])
        try await visitor.store("institution", [["name": "检测机构", "division": "450204"]])
    }

    // Files

    static func cases(_ folder: Folder, isFirst: Bool) throws -> [Case] {
        let good = { (number: Int) in employer("好厂\(number)") }
        var cases: [Case] = []
        func rows(
            _ name: String, _ lines: [String], _ refusals: [Place], created: Int = 1, changed: Int = 0, unchanged: Int = 0,
            updates: Bool = false
        ) throws {
            let file = try folder.bytes(([head] + lines).joined(separator: "\n").utf8)
            cases.append(
                Case(name: name, file: file, updates: updates, refusals: refusals, created: created, changed: changed, unchanged: unchanged)
            )
        }
        func flawed(_ name: String, _ file: URL, _ flaw: Place, layout: Layout? = nil) {
            cases.append(Case(name: name, file: file, layout: layout, flaw: flaw))
        }
        let titles = head.split(separator: ",").map(String.init)
        func cells(_ row: String) -> [String] { row.split(separator: ",", omittingEmptySubsequences: false).map(String.init) }

        // The file itself
        let whole = [UInt8](try Data(contentsOf: try folder.book([titles] + (0..<200).map { cells(employer("坏整\($0)")) })))
        flawed("a workbook cut in half", try folder.bytes(whole.prefix(whole.count / 2), "xlsx"), Place("file.truncated"))
        flawed(
            "Latin-1 bytes",
            try folder.bytes(Array("Name,County-level division\nAcme,450204\nCaf".utf8) + [0xE9] + Array(",450204\n".utf8)),
            Place("file.encoding", 3))
        let twoBytes = "Name,County-level division\n坏,450204\n".data(using: .utf16LittleEndian) ?? Data()
        flawed("UTF-16 cut within a character", try folder.bytes([0xFF, 0xFE] + twoBytes + [0x4E]), Place("file.encoding", 3))
        flawed(
            "UTF-8 cut within a character", try folder.bytes(Array((head + "\n" + employer("坏尾")).utf8.dropLast(30)) + [0xE5, 0x8E]),
            Place("file.encoding", 2))
        flawed("a NUL byte", try folder.bytes(Array((head + "\n坏").utf8) + [0] + Array("厂,,450204\n".utf8)), Place("file.binary", 2))
        flawed("a quote that nobody closes", try folder.lines(head, good(1), employer("\"坏引号"), good(2)), Place("file.quote", 3))
        flawed("a required column missing", try folder.lines("单位名称,从业人员数", "坏厂,3"), Place("header.missing", 1, "division"))
        flawed("no known column at all", try folder.lines("甲,乙,丙", "坏厂,3,4"), Place("header.missing", 1))
        flawed("a column twice", try folder.lines("单位名称,县区代码,单位名称", "坏厂,450204,坏二厂"), Place("header.repeated", 1))
        flawed("a column under two of its names", try folder.lines("单位名称,县区代码,Name", "坏厂,450204,坏二厂"), Place("header.repeated", 1, "name"))
        flawed("an empty file", try folder.bytes([]), Place("file.empty"))
        flawed("blank lines only", try folder.lines("", "", ""), Place("file.empty"))
        flawed("only a header", try folder.lines(head), Place("file.no-rows"))
        flawed("a PDF renamed .xlsx", try folder.bytes(Array("%PDF-1.7\n1 0 obj\n".utf8), "xlsx"), Place("file.binary", 1))
        flawed(
            "a web page saved as .xls", try folder.bytes(Array("<html><table><tr><td>坏</td></tr></table></html>".utf8), "xls"),
            Place("file.binary", 1))
        flawed(
            "an old .xls", try folder.bytes([0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1] + [UInt8](repeating: 0, count: 600)),
            Place("file.binary", 1))
        flawed(
            "a workbook with entities to swell", try folder.handmade("<row r=\"1\"/>", prologue: "<!DOCTYPE x [<!ENTITY a \"坏\">]>"),
            Place("file.doctype"))
        flawed(
            "a sheet that the layout wants and the workbook lacks", try folder.book([titles, cells(employer("坏厂"))]),
            Place("sheet.missing"),
            layout: Layout(sheet: "二月", columns: ["单位名称": "name", "县区代码": "division"]))
        flawed(
            "a cell beyond 32,767 characters", try folder.lines(head, employer("坏" + String(repeating: "长", count: 33_000))),
            Place("file.line-too-long", 2))
        flawed("a row of 1,200 cells", try folder.lines(head, employer("坏厂") + String(repeating: ",", count: 1200)), Place("row.width", 2))
        if isFirst {
            flawed("a zip bomb", try folder.handmade(String(repeating: " ", count: 40 << 20)), Place("file.bomb"))
            let url = folder.path()
            try Data((head + "\n坏").utf8).write(to: url)
            let handle = try FileHandle(forWritingTo: url)
            try handle.seekToEnd()
            for _ in 0..<100 { try handle.write(contentsOf: Data(repeating: 0x61, count: 1 << 20)) }
            try handle.close()
            flawed("a line of 100 MB", url, Place("file.line-too-long", 2))
        }

        // Cells
        try rows(
            "credit code, wrong check character", [good(10), employer("坏码", code: wrong(credit(50)))],
            [Place("credit.check", 3, "credit_code")])
        try rows(
            "credit code, one character short", [employer("坏码", code: String(credit(51).dropLast())), good(11)],
            [Place("credit.length", 2, "credit_code")])
        try rows(
            "credit code, letter O", [good(12), employer("坏码", code: String(credit(52).dropLast()) + "O")],
            [Place("credit.character", 3, "credit_code")])
        try rows("a day in 2099", [good(13), employer("坏日", since: "2099-01-01")], [Place("day.future", 3, "since")])
        try rows("30 February", [good(14), employer("坏日", since: "2019-02-30")], [Place("day.format", 3, "since")])
        try rows("a day in words", [good(15), employer("坏日", since: "去年夏天")], [Place("day.format", 3, "since")])
        try rows(
            "a day of which nobody knows the month", [good(16), employer("坏日", since: "03/04/2019")], [Place("day.format", 3, "since")])
        try rows("a day in 1066", [good(17), employer("坏日", since: "1066-10-14")], [Place("day.past", 3, "since")])
        try rows("an end before its beginning", [good(18), employer("坏期", until: "2014-12-31")], [Place("day.order", 3, "until")])
        try rows("minus five people", [good(19), employer("坏数", headcount: "-5")], [Place("number.range", 3, "headcount")])
        try rows(
            "huge numbers", [good(20), employer("坏数", headcount: "99999999999999999999"), employer("坏数", headcount: "1e400")],
            [Place("number.range", 3, "headcount"), Place("number.range", 4, "headcount")])
        try rows("half a person", [good(21), employer("坏数", headcount: "1.5")], [Place("number.whole", 3, "headcount")])
        try rows("a number with its unit", [good(22), employer("坏数", headcount: "12人")], [Place("number.format", 3, "headcount")])
        try rows("a decimal comma", [good(23), employer("坏数", headcount: "\"1,5\"")], [Place("number.format", 3, "headcount")])
        try rows("neither yes nor no", [good(24), employer("坏旗", hazards: "也许")], [Place("flag.format", 3, "hazards")])
        try rows("a code not in its table", [good(25), employer("坏业", industry: "Z9999")], [Place("code.unknown", 3, "industry")])
        try rows(
            "a township of another county", [good(26), employer("坏镇", township: "330402007")], [Place("township.outside", 3, "township")])
        try rows("a county as township", [good(27), employer("坏镇", township: "450204")], [Place("division.format", 3, "township")])
        try rows("a division that never was", [good(28), employer("坏县", division: "459999")], [Place("division.unknown", 3, "division")])
        try rows("four digits of a division", [good(29), employer("坏县", division: "4502")], [Place("division.format", 3, "division")])
        try rows("no name", [good(30), employer("", code: credit(53))], [Place("field.required", 3, "name")])
        try rows(
            "a name of 201 characters", [good(31), employer("坏" + String(repeating: "名", count: 200))], [Place("text.too-long", 3, "name")])
        try rows("a bell in a name", [good(32), employer("坏\u{07}厂")], [Place("text.control", 3, "name")])
        try rows(
            "marks that turn or hide writing", [good(33), employer("坏\u{202E}厂"), employer("坏\u{200B}厂")],
            [Place("text.control", 3, "name"), Place("text.control", 4, "name")])
        try rows(
            "four flaws in one row", [good(34), employer("", code: wrong(credit(54)), headcount: "-1", since: "2099-01-01")],
            [
                Place("credit.check", 3, "credit_code"), Place("number.range", 3, "headcount"), Place("field.required", 3, "name"),
                Place("day.future", 3, "since"),
            ])
        try rows("a comma that shifts the cells behind it", [good(35), employer("坏厂, 有限公司")], [Place("row.width", 3)])

        // Keys
        try rows(
            "a key twice in a file, with other content", [employer("好厂40", code: credit(60)), employer("坏厂40", code: credit(60))],
            [Place("key.repeated", 3, "credit_code")])
        try rows(
            "a key twice in a file, with the same content", [employer("好厂41", code: credit(61)), employer("好厂41", code: credit(61))], [],
            created: 1, unchanged: 1)
        try rows("the same file again", [employer("好厂41", code: credit(61))], [], created: 0, unchanged: 1)
        try rows(
            "a key of an earlier file, with other content", [employer("坏厂41", code: credit(61)), good(42)],
            [Place("key.exists", 2, "credit_code")])
        try rows("the same where changes are asked for", [employer("改厂41", code: credit(61))], [], created: 0, changed: 1, updates: true)
        try rows(
            "one key changed by two rows", [employer("改厂41", code: credit(61)), employer("坏厂41", code: credit(61))],
            [Place("key.repeated", 3, "credit_code")], created: 0, unchanged: 1, updates: true)
        try rows(
            "a known key and another flaw", [employer("坏厂41", code: credit(61), headcount: "-1")],
            [Place("key.exists", 2, "credit_code"), Place("number.range", 2, "headcount")], created: 0)

        // References and what fields say together
        let filing = "用人单位,申报类型,申报日期,受理日期"
        func kind(_ kind: String, _ name: String, _ lines: [String], _ refusals: [Place], created: Int = 0) throws {
            let file = try folder.bytes(lines.joined(separator: "\n").utf8)
            cases.append(Case(name: name, kind: kind, file: file, refusals: refusals, created: created))
        }
        try kind(
            "declaration", "a reference to nothing", [filing, "无此单位,initial,2021-03-01,2021-03-02", "独名厂,initial,2021-03-01,2021-03-02"],
            [Place("ref.missing", 2, "employer")], created: 1)
        try kind(
            "declaration", "a reference to two of one name",
            [filing, "同名厂,initial,2021-03-01,2021-03-02", "\(credit(1)),initial,2021-03-01,"],
            [Place("ref.ambiguous", 2, "employer")], created: 1)
        try kind(
            "declaration", "a reference to another kind", [filing, "检测机构,initial,2021-03-01,"], [Place("ref.missing", 2, "employer")])
        try kind(
            "inspection", "an inspection of nobody and one of both",
            ["用人单位,服务机构,检查日期", ",,2021-01-01", "独名厂,检测机构,2021-01-01", "独名厂,,2021-01-01"],
            [Place("inspection.subject", 2, "employer"), Place("inspection.subject", 3, "employer")], created: 1)
        try kind(
            "merge", "a merge with itself, and of one alone",
            ["employer_kept,employer_dropped,reason", "独名厂,独名厂,坏", "独名厂,,坏"], [Place("merge.same", 2, nil), Place("merge.pair", 3, nil)])
        try kind(
            "worker", "identity numbers: check, birth, length, letters",
            [
                "姓名,身份证号码", "坏一,\(wrong(ResidentID.completing("45020419800101123")))", "坏二,\(ResidentID.completing("45020419800230123"))",
                "坏三,450204800101123", "坏四,45020419800101ABCD", "好工人,\(ResidentID.completing("45020419810101123"))",
            ],
            [
                Place("identity.check", 2, "identity"), Place("identity.birth", 3, "identity"), Place("identity.length", 4, "identity"),
                Place("identity.character", 5, "identity"),
            ], created: 1)

        let id = "01aaaaaaaaaaaaaaaaaaaaaaaa"
        try kind("employer", "an id of another house", ["id,单位名称,县区代码", "\(id),外来厂,450204"], [], created: 1)
        try kind("employer", "its id again, with other content", ["id,单位名称,县区代码", "\(id),坏厂,450204"], [Place("key.exists", 2, "id")])
        try kind("worker", "its id for another kind", ["id,姓名", "\(id),坏人"], [Place("ref.kind", 2)])
        try kind("employer", "numbers of the user's own under ID", ["ID,单位名称,县区代码", "1,序号厂,450204", "2,序号厂,450204"], [], created: 2)

        // Odd, and good
        try rows("a formula is text", [employer("=1+1"), employer("=HYPERLINK(0)")], [], created: 2)
        try rows("markup is text", [employer("<script>alert(1)</script>")], [], created: 1)
        try rows(
            "full-width figures", [employer("全角厂", code: wide(credit(70)), headcount: "１２", hazards: "１", since: "２０１５－０１－０１")], [],
            created: 1)
        let unknown = try folder.lines("单位名称,县区代码,吉祥物", "多列厂,450204,熊猫")
        cases.append(Case(name: "an unknown column", file: unknown, created: 1))
        let masked = try folder.lines("单位名称,统一社会信用代码,县区代码,联系电话", "独名厂,\(credit(3)),450204,138********")
        cases.append(Case(name: "what a masked export hides", file: masked, updates: true, unchanged: 1))
        return cases
    }
    private static func wide(_ text: String) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.compactMap { UnicodeScalar($0.value + 0xFEE0) }))
    }

    @Test(arguments: Stores.kinds) func filesAreRefusedOrTakenRowByRow(_ store: Dialect) async throws {
        let visitor = try await Visitor.open(store)
        try await BadInputTests.ground(visitor)
        let folder = try Folder()
        let importer = Importer(visitor.house.ledger)
        var table: [String] = []
        for one in try BadInputTests.cases(folder, isFirst: store == .sqlite) {
            let kind = try #require(visitor.house.ledger.kinds[one.kind])
            let before = try await visitor.count(one.kind)
            let versions = try await visitor.versions()
            let submission = Submission(by: .house, door: "csv", updates: one.updates, home: "450204")
            var told: [Refusal] = []
            var fate = ""
            let began = ContinuousClock.now
            do {
                let result = try await importer.run(kind, one.file, layout: one.layout, submission)
                #expect(one.flaw == nil, "\(one.name): taken, though it has a flaw")
                #expect(result.refusals.map { Place($0) } == one.refusals, "\(one.name)")
                let counts = (result.created, result.changed, result.unchanged)
                #expect(counts.0 == one.created && counts.1 == one.changed && counts.2 == one.unchanged, "\(one.name): \(counts)")
                #expect(result.refused == Set(one.refusals.map(\.row)).count, "\(one.name)")
                told = result.refusals
                fate = "\(result.created) created, \(result.changed) changed, \(result.unchanged) unchanged, \(result.refused) refused"
            } catch let refusal as Refusal {
                #expect(Place(refusal) == one.flaw, "\(one.name): \(refusal)")
                (told, fate) = ([refusal], "nothing stored")
            }
            #expect(ContinuousClock.now - began < .seconds(60), "\(one.name) took its time")
            #expect(try await visitor.count(one.kind) == before + one.created, "\(one.name)")
            #expect(try await visitor.versions() == versions + one.created + one.changed, "\(one.name)")
            for refusal in told {
                let words = try Told(refusal)
                table.append(
                    "| \(one.name) | `\(refusal.code)` | \(refusal.row.map(String.init) ?? "") | \(refusal.field ?? "") | \(words.zh) | \(words.en) | \(fate) |"
                )
            }
            if told.isEmpty { table.append("| \(one.name) | | | | | | \(fate) |") }
        }
        // Not one bad row is anywhere, in any version.
        let bad = try await visitor.house.ledger.store.read {
            try $0.rows("SELECT body FROM record_version WHERE body LIKE '%坏%'").map { try $0.get("body", as: String.self) }
        }
        #expect(bad.isEmpty)
        try await oddOnesAreWhatTheyWere(visitor)
        try await visitor.isWhole()
        if store == .sqlite { try BadInputTests.keep(table) }
    }

    /// What was odd and good stands as it was written.
    private func oddOnesAreWhatTheyWere(_ visitor: Visitor) async throws {
        let ledger = visitor.house.ledger
        let kind = try #require(ledger.kinds["employer"])
        let all = try await ledger.store.read { db in try ledger.all(db, kind) }
        func find(_ name: String) throws -> Record { try #require(all.first { $0.title == name }, "\(name)") }
        _ = try find("=1+1")
        _ = try find("=HYPERLINK(0)")
        let wide = try find("全角厂")
        func text(_ record: Record, _ name: String) -> String? { kind.field(named: name).flatMap { record[$0] }.map(plainText) }
        #expect(
            text(wide, "headcount") == "12" && text(wide, "since") == "2015-01-01" && text(wide, "credit_code") == BadInputTests.credit(70))
        #expect(text(try find("独名厂"), "phone") == "13877212345")
        let folder = try Folder()
        let plan = try Importer(ledger).plan(kind, try folder.lines("单位名称,县区代码,吉祥物", "甲,450204,熊猫"))
        #expect(plan.ignored == ["吉祥物"])
        // A workbook keeps formulas as text too: none is made of what begins with a sign.
        for format in FileFormat.allCases {
            let url = folder.path(format.rawValue)
            try await Exporter(ledger).export(kind, as: format, to: url)
            var seen = false
            try SheetReader.read(url) { if $0.cells.contains("=1+1") { seen = true } }
            #expect(seen)
        }
        let officer = try await visitor.guest("witness", .officer, division: "450204")
        let script = try find("<script>alert(1)</script>")
        for path in ["/employers/\(script.id)", "/record/\(script.id)", "/record/\(script.id)/edit", "/records/employer?q=script"] {
            let page = await visitor.get(path, as: officer)
            #expect(page.status == 200)
            #expect(page.body.contains("&lt;script&gt;alert(1)") && !page.body.contains("<script>alert"), "\(path)")
        }
    }

    // The site

    /// A request that is refused, in both languages: its status and what the page says.
    private struct Turned {
        let name, code: String
        let status: Int
        let ask: (Visitor.Guest) async -> Visitor.Answer
    }

    private func check(_ turned: Turned, _ guest: Visitor.Guest, _ visitor: Visitor) async throws -> String {
        let pages = try Visitor.pages.get()
        let before = try await visitor.versions()
        var said: [String] = []
        for language in Language.allCases {
            var guest = guest
            guest.language = language
            let answer = await turned.ask(guest)
            #expect(answer.status == turned.status, "\(turned.name)")
            // The word as a pattern: what it names may be anything but nothing.
            let word = pages.word("refusal.\(turned.code)", in: language)
            let pieces = word.split(separator: /\{\{[a-z]+\}\}/, omittingEmptySubsequences: false).map {
                NSRegularExpression.escapedPattern(for: String($0))
            }
            let found = answer.text.range(of: pieces.joined(separator: "[^<>\n]{1,200}?"), options: .regularExpression)
            #expect(found != nil, "\(turned.name): “\(word)” is not on the page: \(answer.body.prefix(4000))")
            #expect(!answer.body.contains("{{") && !answer.body.contains("refusal."), "\(turned.name)")
            said.append(found.map { String(answer.text[$0]) } ?? "")
        }
        #expect(try await visitor.versions() == before, "\(turned.name): something was stored")
        return "| \(turned.name) | `\(turned.code)` | | | \(said[0]) | \(said[1]) | \(turned.status), nothing stored |"
    }

    @Test(arguments: Stores.kinds) func formsAndRequestsAreRefused(_ store: Dialect) async throws {
        let visitor = try await Visitor.open(store, fileBytes: 6 << 20)
        try await BadInputTests.ground(visitor)
        try await visitor.house.add(plan: DoorTests.plan, by: .house)
        let ids = try await visitor.store(
            "employer",
            [
                ["name": "甲厂", "division": "450204", "credit_code": BadInputTests.credit(80)],
                ["name": "乙厂", "division": "450204", "credit_code": BadInputTests.credit(81)],
                ["name": "远厂", "division": "330402", "credit_code": BadInputTests.credit(82)],
            ])
        let filings = try await visitor.store(
            "declaration",
            [
                ["employer": ids[1], "type": "initial", "submitted": "2021-01-01"],
                ["employer": ids[1], "type": "yearly", "submitted": "2022-01-01"],
            ])
        let officer = try await visitor.guest("officer", .officer, division: "450204")
        let own = try await visitor.guest("own", .organisation, organisation: ids[0])
        let file = Array((BadInputTests.head + "\n" + BadInputTests.employer("坏厂")).utf8)
        let new = ["name": "坏厂", "division": "450204"]
        func post(
            _ name: String, _ code: String, _ status: Int, _ path: String, _ form: [String: String] = [:], csrf: Bool = true
        ) -> Turned {
            Turned(name: name, code: code, status: status) { await visitor.post(path, form, as: $0, csrf: csrf) }
        }
        func get(_ name: String, _ code: String, _ status: Int, _ path: String) -> Turned {
            Turned(name: name, code: code, status: status) { await visitor.get(path, as: $0) }
        }
        func upload(
            _ name: String, _ code: String, _ status: Int, _ form: [String: String] = ["kind": "employer"], file title: String = "a.csv",
            of content: [UInt8],
            csrf: Bool = true, cut: Int = 0
        ) -> Turned {
            Turned(name: name, code: code, status: status) {
                await visitor.upload("/import", form, file: title, content, as: $0, csrf: csrf, cut: cut)
            }
        }
        let byOfficer = [
            post("a form without its token", "csrf.missing", 403, "/records/employer", new, csrf: false),
            post(
                "a form with another's token", "csrf.missing", 403, "/records/employer", new.merging(["csrf": own.csrf]) { $1 }, csrf: false
            ),
            post("a form of a kind that is none", "kind.unknown", 404, "/records/nonsense", new),
            get("a list of a kind that is none", "kind.unknown", 404, "/records/nonsense"),
            post(
                "a form: wrong check character", "credit.check", 422, "/records/employer",
                new.merging(["credit_code": BadInputTests.wrong(BadInputTests.credit(83))]) { $1 }),
            post(
                "a form: a code that is taken", "key.exists", 409, "/records/employer",
                new.merging(["credit_code": BadInputTests.credit(81)]) { $1 }),
            post("a form: a day in 2099", "day.future", 422, "/records/employer", new.merging(["since": "2099-01-01"]) { $1 }),
            post("a form: no name", "field.required", 422, "/records/employer", ["division": "450204"]),
            post("a form: NUL in a name", "text.control", 422, "/records/employer", new.merging(["name": "坏\0厂"]) { $1 }),
            post(
                "a form: a reference to nothing", "ref.missing", 422, "/records/declaration",
                ["employer": "坏", "type": "initial", "submitted": "2021-01-01"]),
            post(
                "a form: an ambiguous reference", "ref.ambiguous", 422, "/records/declaration",
                ["employer": "同名厂", "type": "initial", "submitted": "2021-01-01"]),
            post("a record of another county", "access.denied", 403, "/records/employer", ["name": "坏厂", "division": "330402"]),
            post("an edit of another county's record", "record.missing", 404, "/record/\(ids[2])/edit", ["name": "坏厂"]),
            post(
                "a form whose id is another kind's record", "ref.kind", 422, "/records/employer", new.merging(["_key": filings[0]]) { $1 }),
            post(
                "a form of more than 4 MB", "request.too-large", 413, "/records/employer",
                new.merging(["address": String(repeating: "坏", count: 1 << 20)]) { $1 }),
            upload("a file without the form's token", "csrf.missing", 403, of: file, csrf: false),
            upload("a file of a kind that is none", "kind.unknown", 404, ["kind": "nonsense"], of: file),
            upload("a file over the limit", "request.too-large", 413, of: file + [UInt8](repeating: 10, count: 7 << 20)),
            upload("an upload that was cut", "request.format", 422, of: file, cut: 20),
            upload("no file chosen", "file.none", 422, file: "", of: []),
            upload("an empty file chosen", "file.empty", 422, of: []),
            upload("a PDF uploaded as .xlsx", "file.binary", 422, file: "表.xlsx", of: Array("%PDF-1.7\n".utf8)),
            upload("another county's records for its own", "division.unknown", 422, ["kind": "employer", "division": "330402"], of: file),
            get("a day that is none in an address", "day.format", 422, "/employers/\(ids[0])?as_of=2020-02-30"),
            get("a record that is none", "record.missing", 404, "/record/nobody"),
            get("a plan that is none", "plan.unknown", 404, "/plans/nonsense"),
        ]
        var table: [String] = []
        for turned in byOfficer { table.append(try await check(turned, officer, visitor)) }
        let byOrganisation = [
            post(
                "another organisation's declaration", "access.denied", 403, "/records/declaration",
                ["employer": ids[1], "type": "initial", "submitted": "2021-01-01"]),
            post(
                "an edit of another organisation's record", "record.missing", 404, "/record/\(filings[0])/edit",
                ["type": "change", "version": "1"]),
            post(
                "a withdrawal of another organisation's record", "record.missing", 404, "/record/\(filings[0])/withdrawal",
                ["reason": "坏", "version": "1"]),
            get("another organisation's record", "record.missing", 404, "/record/\(filings[0])"),
            get("another organisation's file", "record.missing", 404, "/employers/\(ids[1])"),
        ]
        for turned in byOrganisation { table.append(try await check(turned, own, visitor)) }
        for (name, status) in [("'; DROP TABLE record; --", 200), ("%' OR 1=1 --", 200), ("\0", 200), ("𝕊\u{202E}", 200), ("\\", 200)] {
            let words = Visitor.escaped(name)
            for path in [
                "/records?q=\(words)", "/records/employer?q=\(words)", "/records/employer/lookup?q=\(words)", "/records/worker?of=\(words)",
                "/duties?q=\(words)",
            ] {
                #expect(await visitor.get(path, as: officer).status == status, "\(path)")
            }
        }
        #expect(try await visitor.count("employer") == 6)
        table.append("| SQL, NUL and wildcards in a search | | | | | | 200, nothing found, nothing harmed |")
        for path in [
            "/record/%00", "/employers/%00", "/plans/%00", "/import/%00", "/workers/%2e%2e%2f", "/records/employer?after=%00&from=x",
        ] {
            #expect([200, 404].contains(await visitor.get(path, as: officer).status), "\(path)")
        }
        table += try await staleAndWithdrawn(visitor, officer, filings)
        table += try await aWithdrawnRecordIsNotTakenOver(visitor, own, filings[0], ids[0])
        try await visitor.isWhole()
        if store == .sqlite { try BadInputTests.keep(table) }
    }

    /// Two people in one record: the second is told, and told what changed. Withdrawing twice finds nothing the second time.
    private func staleAndWithdrawn(_ visitor: Visitor, _ officer: Visitor.Guest, _ filings: [String]) async throws -> [String] {
        let edit = "/record/\(filings[1])/edit"
        #expect(await visitor.post(edit, ["submitted": "2022-01-02", "version": "1"], as: officer).status == 303)
        let stale = Turned(name: "an edit of a version that is no more", code: "version.conflict", status: 409) {
            await visitor.post(edit, ["submitted": "2022-01-03", "version": "1"], as: $0)
        }
        var table = [try await check(stale, officer, visitor)]
        let withdrawal = "/record/\(filings[0])/withdrawal"
        let mute = Turned(name: "a withdrawal without its reason", code: "field.required", status: 422) {
            await visitor.post(withdrawal, ["version": "1"], as: $0)
        }
        table.append(try await check(mute, officer, visitor))
        #expect(await visitor.post(withdrawal, ["reason": "误录", "version": "1"], as: officer).status == 303)
        let again = Turned(name: "a withdrawal sent twice", code: "version.conflict", status: 409) {
            await visitor.post(withdrawal, ["reason": "误录", "version": "1"], as: $0)
        }
        table.append(try await check(again, officer, visitor))
        let twice = Turned(name: "a withdrawal of what is withdrawn", code: "record.missing", status: 404) {
            await visitor.post(withdrawal, ["reason": "误录", "version": "2"], as: $0)
        }
        table.append(try await check(twice, officer, visitor))
        return table
    }

    /// A form's own id must not bring back, or take over, a record that was withdrawn: what is sent becomes another record.
    private func aWithdrawnRecordIsNotTakenOver(
        _ visitor: Visitor, _ own: Visitor.Guest, _ withdrawn: String, _ employer: String
    ) async throws -> [String] {
        let form = ["employer": employer, "type": "initial", "submitted": "2021-05-05", "_key": withdrawn]
        let answer = await visitor.post("/records/declaration", form, as: own)
        #expect(answer.status == 303 && !answer.location.contains(withdrawn))
        let lines = try await visitor.house.ledger.store.read { [ledger = visitor.house.ledger] in try ledger.history($0, withdrawn) }
        #expect(lines.count == 2 && lines.last?.isWithdrawn == true)
        return [
            "| a form with the id of another's withdrawn record | | | | | | stored as a record of its own; the withdrawn one untouched |"
        ]
    }

    /// Bad rows through the page: the receipt, the marked workbook, and that the mended workbook goes in.
    @Test func theReceiptTellsAndTheMarkedWorkbookComesBack() async throws {
        let visitor = try await Visitor.open()
        let officer = try await visitor.guest("officer", .officer, division: "450204")
        let head = BadInputTests.head
        let lines = [head, BadInputTests.employer("好厂"), BadInputTests.employer("坏<b>厂", headcount: "-5", since: "2019-02-30")]
        let name = "..\\..\\../../etc/pass\u{3C}b\u{3E}wd.csv"
        let answer = await visitor.upload(
            "/import", ["kind": "employer"], file: name, Array(lines.joined(separator: "\n").utf8), as: officer)
        #expect(answer.status == 303)
        let receipt = try await finished(visitor, answer.location, officer)
        #expect(receipt.text.contains("“2019-02-30”不是日期。请写成 2024-05-31。"))
        #expect(receipt.text.contains("-5 不在允许的范围 0…2000000 内。请核对数值和单位。"))
        #expect(!receipt.body.contains("pass<b>") && !receipt.text.contains("etc/pass") && !receipt.text.contains("../"))
        #expect(receipt.text.contains("pass<b>wd.csv"))
        #expect(try await visitor.count("employer") == 1)
        for ending in ["csv", "xlsx"] {
            #expect(await visitor.get("\(answer.location)/errors.\(ending)", as: officer).status == 200)
        }
        // Another's job is nobody else's.
        let other = try await visitor.guest("other", .officer, division: "450204")
        #expect(await visitor.get(answer.location, as: other).status == 404)

        // The marked workbook, mended, goes in: what was taken before is unchanged.
        let folder = try BadInputTests.Folder()
        let importer = Importer(visitor.house.ledger)
        let kind = try #require(visitor.house.ledger.kinds["employer"])
        let source = try folder.bytes(lines.joined(separator: "\n").utf8)
        let result = try await importer.run(kind, source, Submission(by: .house, door: "csv", isTrial: true, home: "450204"))
        let marked = folder.path("xlsx")
        try importer.annotate(kind, source, result, to: marked) { $0.code }
        var rows: [[String]] = []
        try SheetReader.read(marked) { rows.append($0.cells) }
        #expect(rows[2].last == "从业人员数: number.range; 开业日期: day.format")
        for (column, text) in [(0, "修厂"), (5, "5"), (7, "2019-02-28")] { rows[2][column] = text }
        let again = try await importer.run(kind, try folder.book(rows), Submission(by: .house, door: "xlsx", updates: true, home: "450204"))
        #expect(again.refused == 0)
        try await visitor.isWhole()
    }

    private func finished(_ visitor: Visitor, _ job: String, _ guest: Visitor.Guest) async throws -> Visitor.Answer {
        for _ in 0..<600 {
            if await visitor.get(job + "/status", as: guest).body.contains("\"href\"") { return await visitor.get(job, as: guest) }
            try await Task.sleep(for: .milliseconds(50))
        }
        Issue.record("the import does not end")
        return await visitor.get(job, as: guest)
    }
}
