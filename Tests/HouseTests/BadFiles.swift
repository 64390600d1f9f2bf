import Exchange
import Foundation
import Kernel
import Ledger
import Sheets
import TestKit
import Testing

@testable import House

/// The files that are bad, and what they are to be refused for.
extension BadInputTests {
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
            try Handmade.zip(
                Handmade.parts(sheet: "<sheetData>\(sheet)</sheetData>\(after)", prologue: prologue), to: url)
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
}
