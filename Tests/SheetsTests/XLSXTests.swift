import CZip
import Foundation
import Kernel
import TestKit
import Testing

@testable import Sheets

@Suite("Workbooks are read as their users see them") struct XLSXTests {
    @Test("shared strings with runs and phonetics, inline strings, booleans, errors, escapes, gaps")
    func kinds() throws {
        let strings =
            "<si><t>plain</t></si><si><r><t>rich </t></r><r><t xml:space='preserve'>text</t></r><rPh><t>phon</t></rPh></si>"
            + "<si><t>a_x000D_b_x005F_x0041_</t></si><si/>"
        let file = try Handmade.book(
            rows: """
                <row r="2"><c r="A2" t="s"><v>0</v></c><c r="B2" t="s"><v>1</v></c>
                <c r="D2" t="inlineStr"><is><r><t> in</t></r><r><t>line </t></r></is></c>
                <c r="E2" t="b"><v>1</v></c><c r="F2" t="b"><v>0</v></c>
                <c r="G2" t="e"><v>#N/A</v></c><c r="H2" t="s"><v>2</v></c><c r="I2" s="1"/></row>
                <row r="4"/><row><c><v>7</v></c><c t="s"><v>3</v></c><c t="str"><f>A1</f><v>text</v></c></row>
                """, strings: strings)
        #expect(
            try file.rows() == [
                SheetRow(number: 2, cells: ["plain", "rich text", "", " inline ", "1", "0", "#N/A", "a\rb_x0041_"]),
                SheetRow(number: 5, cells: ["7", "", "text"]),
            ])
    }

    @Test("formulas give their cached value, or themselves where they have none")
    func formulas() throws {
        let file = try Handmade.book(
            rows:
                "<row><c><f>1+1</f><v>2</v></c><c><f>A1&amp;\"x\"</f></c><c t='str'><f>A1</f><v></v></c>"
                + "<c><f>B1</f><v/></c><c t='str'><f>\"y\"</f><v>y</v></c></row>"
        )
        #expect(try file.cells() == [["2", "=A1&\"x\"", "", "=B1", "y"]])
    }

    @Test(
        "numbers as the shortest text",
        arguments: [
            ("1", "1"), ("1.0", "1"), ("-0.50", "-0.5"), ("1E-3", "0.001"), ("1.1000000000000001", "1.1"), ("0.30000000000000004", "0.3"),
            ("110101199003071234", "110101199003071234"),
            ("1.1010119900307001E+17", "110101199003070010"), ("1.10101199003071E+17", "110101199003071000"),
            ("13800138000", "13800138000"), ("1.3800138000E10", "13800138000"), ("-1.5e-7", "-0.00000015"), ("1e300", "1e300"),
            ("abc", "abc"),
            ("-0.0", "0"), ("123456.789", "123456.789"), ("1e400", "1e400"), ("nan", "nan"),
        ])
    func numbers(stored: String, text: String) { #expect(NumberText.shortest(stored) == text) }

    @Test("dates of both systems and their leap year that never was")
    func dates() throws {
        let styles = """
            <numFmts><numFmt numFmtId="164" formatCode="yyyy&quot;年&quot;m&quot;月&quot;"/><numFmt numFmtId="165" formatCode="0.0&quot;day&quot;"/></numFmts>
            <cellStyleXfs><xf numFmtId="14"/></cellStyleXfs>
            <cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="164"/><xf numFmtId="165"/><xf numFmtId="31"/></cellXfs>
            """
        let rows =
            "<row><c s='1'><v>44012</v></c><c s='2'><v>61</v></c><c s='1'><v>60</v></c><c s='4'><v>59</v></c><c s='1'><v>1</v></c>"
            + "<c s='3'><v>44012</v></c><c><v>44012</v></c><c s='1'><v>44012.5</v></c><c s='1'><v>0.5</v></c><c s='1'><v>-4</v></c>"
            + "<c s='99'><v>3</v></c><c t='d'><v>2020-06-30T00:00:00</v></c><c s='1' t='str'><v>44012</v></c></row>"
        let expected = [
            "2020-06-30", "1900-03-01", "1900-02-29", "1900-02-28", "1900-01-01", "44012", "44012", "2020-06-30 12:00:00", "12:00:00", "-4",
            "3",
            "2020-06-30", "44012",
        ]
        #expect(try Handmade.book(rows: rows, styles: styles).cells() == [expected])
        let old = try Handmade.book(
            rows: "<row><c s='1'><v>42550</v></c><c s='1'><v>0</v></c></row>", styles: styles, properties: "<workbookPr date1904='1'/>")
        #expect(try old.cells() == [["2020-06-30", "1904-01-01"]])
    }

    @Test(
        "which number formats are dates",
        arguments: [
            ("yyyy-mm-dd", true), ("[$-804]yyyy\"年\"m\"月\"d\"日\";@", true), ("General", false), ("0.00", false), ("@", false),
            ("0\"dm\"", false),
            ("[Red]0.0", false), ("\\d0", false), ("[h]:mm:ss", false), ("h:mm", true), ("#,##0_d", false), ("[=0]\"\";yyyy/m/d", true),
            ("", false),
        ])
    func formats(format: String, isDate: Bool) { #expect(Serial.isDate(format: format) == isDate) }

    @Test("merged cells repeat the value of their first, clipped to the width that a row may have")
    func merges() throws {
        let file = try Handmade.book(
            rows: "<row r='1'><c r='A1'><v>1</v></c></row><row r='2'><c r='C2'><v>2</v></c></row><row r='3'><c r='A3'><v>9</v></c></row>",
            after:
                "<mergeCells><mergeCell ref='A1:B2'/><mergeCell ref='C2:XFD2'/><mergeCell ref='bad'/><mergeCell ref='B9:A1'/></mergeCells>")
        let cells = try file.cells()
        #expect(cells[0] == ["1", "1"])
        #expect(cells[1].count == 1000 && cells[1].prefix(3) == ["1", "1", "2"] && cells[1].last == "2")
        #expect(cells[2] == ["9"])
        let over = String(repeating: "<mergeCell ref='A1:A9'/>", count: 1001)
        #expect(try Handmade.book(rows: "<row r='1'><c r='A1'><v>1</v></c></row>", after: over).refusal()?.code == "file.bomb")
    }

    @Test("sheets by name, the first visible by default")
    func sheets() throws {
        var parts = Handmade.parts(sheet: "<sheetData><row><c><v>1</v></c></row></sheetData>")
        parts[2].1 =
            "<x:workbook xmlns:x='\(Handmade.main)' xmlns:r='\(Handmade.office)'><x:sheets>"
            + "<x:sheet name='gone' state='veryHidden' r:id='rId2'/><x:sheet name='一月' r:id='rId1'/></x:sheets></x:workbook>"
        parts[3].1 = parts[3].1.replacingOccurrences(
            of: "</Relationships>",
            with: "<Relationship Id='rId2' Type='x/worksheet' Target='worksheets/../worksheets/two.xml'/></Relationships>")
        let rows = "<x:sheetData><x:row><x:c><x:v>2</x:v></x:c></x:row></x:sheetData>"
        parts.append(("xl/worksheets/two.xml", "<x:worksheet xmlns:x='\(Handmade.main)'>\(rows)</x:worksheet>"))
        let file = try Handmade.zip(parts)
        #expect(try file.cells() == [["1"]])
        #expect(try file.cells("gone") == [["2"]])
        #expect(try SheetReader.sheets(file.url) == ["一月"])
        let refusal = file.refusal("二月")
        #expect(refusal == Refusal("sheet.missing", ["value": "二月", "expected": "一月"]))
    }

    @Test("places in A1 notation")
    func places() {
        #expect(CellPlace("A1")?.column == 0 && CellPlace("$XFD$1048576")?.column == 16_383)
        for bad in ["", "A", "1", "A0", "XFE1", "AAAA1", "A1048577", "A1B", "一1"] { #expect(CellPlace(bad) == nil) }
    }
}

@Suite("Damaged and hostile workbooks are refused") struct HostileTests {
    private let row = "<row r='1'><c r='A1'><v>1</v></c></row>"

    @Test("a workbook cut anywhere is truncated")
    func cut() throws {
        let whole = try Handmade.book(rows: row).bytes()
        for part in [8, 60, whole.count / 2, whole.count - 30, whole.count - 1] {
            #expect(try Scratch(whole.prefix(part)).refusal()?.code == "file.truncated", "cut at \(part)")
        }
    }

    @Test("missing parts, XML cut, rows out of order, strings that are not there")
    func broken() throws {
        var parts = Handmade.parts(sheet: "<sheetData>\(row)</sheetData>")
        parts.removeLast()
        #expect(try Handmade.zip(parts).refusal()?.code == "file.truncated")
        parts.append(("xl/worksheets/sheet1.xml", "<worksheet><sheetData>\(row)<row r='2'><c"))
        #expect(try Handmade.zip(parts).refusal()?.code == "file.truncated")
        #expect(try Handmade.zip(parts).refusal()?.row == 2)
        #expect(try Handmade.book(rows: row + row).refusal()?.code == "file.truncated")
        #expect(try Handmade.book(rows: "<row><c t='s'><v>4</v></c></row>").refusal()?.code == "file.truncated")
        #expect(try Handmade.book(rows: "<row><c r='A99999999'><v>4</v></c></row>").refusal()?.code == "file.truncated")
        #expect(try Handmade.zip([("content.xml", "<x/>"), ("mimetype", "ods")]).refusal()?.details["value"] == "ods")
        #expect(try Handmade.zip([("word/document.xml", "<x/>")]).refusal()?.code == "file.binary")
        #expect(try Handmade.zip([("xl/workbook.bin", "x")]).refusal()?.details["value"] == "xlsb")
        #expect(try Handmade.book(rows: "").refusal()?.code == "file.empty")
    }

    @Test("document types are refused before they can define an entity")
    func doctype() throws {
        let bomb = "<!DOCTYPE x [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;&a;'>]>"
        #expect(try Handmade.book(rows: row, prologue: bomb).refusal()?.code == "file.doctype")
        #expect(try Handmade.book(rows: row, prologue: "<!DOCTYPE x SYSTEM 'file:///etc/passwd'>").refusal()?.code == "file.doctype")
    }

    @Test("a part that swells beyond reason is a bomb")
    func bomb() throws {
        let spaces = String(repeating: " ", count: 3 << 20)
        let file = try Handmade.book(rows: row + spaces)
        #expect(file.refusal() == nil)
        var limits = SheetLimits()
        limits.ratioFloor = 1 << 20
        #expect(file.refusal(limits: limits)?.details["limit"] == "200:1")
        limits = SheetLimits()
        limits.uncompressedBytes = 2 << 20
        #expect(file.refusal(limits: limits)?.code == "file.bomb")
        limits = SheetLimits()
        limits.sharedStrings = 1000
        let strings = String(repeating: "<si><t>abc</t></si>", count: 200)
        #expect(try Handmade.book(rows: row, strings: strings).refusal(limits: limits)?.code == "file.bomb")
        limits.parts = 4
        #expect(file.refusal(limits: limits)?.code == "file.bomb")
    }

    @Test("deep nesting, endless tokens and floods of names are bombs")
    func floods() throws {
        #expect(try Handmade.book(rows: row + String(repeating: "<a>", count: 1000)).refusal()?.code == "file.bomb")
        let long = "<row r='2' x='" + String(repeating: "y", count: 2 << 20) + "'/>"
        #expect(try Handmade.book(rows: row + long).refusal()?.code == "file.bomb")
        let names = (0..<3000).map { "<row z\($0)='1'/>" }.joined()
        #expect(try Handmade.book(rows: row + names).refusal()?.code == "file.bomb")
        let elements = (0..<3000).map { "<z\($0)/>" }.joined()
        #expect(try Handmade.book(rows: row + elements).refusal()?.code == "file.bomb")
    }

    @Test("cells and rows beyond the limits, with their row; blank styled cells do not count")
    func limits() throws {
        let wide = try Handmade.book(rows: row + "<row r='7'><c r='ALM7'><v>1</v></c></row>")
        #expect(wide.refusal() == Refusal("row.width", row: 7, ["limit": "1000", "value": "1001"]))
        #expect(try Handmade.book(rows: row + "<row r='7'><c r='XFD7' s='1'/></row>").cells() == [["1"]])
        for count in [32_767, 32_768, 300_000] {
            let text = "<row r='3'><c t='inlineStr'><is><t>\(String(repeating: "中", count: count))</t></is></c></row>"
            let refusal = try Handmade.book(rows: text).refusal()
            #expect(refusal?.code == (count == 32_767 ? nil : "file.line-too-long") && refusal?.row == (count == 32_767 ? nil : 3))
        }
    }

    @Test("2,000 workbooks and 2,000 text tables with random bytes changed never crash")
    func fuzz() throws {
        let styles = "<cellXfs><xf numFmtId='14'/></cellXfs>"
        let rows =
            row + "<row r='2'><c t='s'><v>0</v></c><c t='inlineStr'><is><t>职业</t></is></c>"
            + "<c s='0'><v>4.4E4</v></c><c><f>A1</f></c></row>"
        let after = "<mergeCells><mergeCell ref='A1:B2'/></mergeCells>"
        let book = try Handmade.book(rows: rows, after: after, strings: "<si><t>text</t></si>", styles: styles)
        let table = try Scratch(text: "姓名,工种\r\n张三,\"电,焊\"\"工\"\r\n李四,=1+1\r\n")
        let sheet = Handmade.parts(sheet: "<sheetData>\(rows)</sheetData>\(after)", strings: "<si><t>text</t></si>", styles: styles)
        var random = SeededGenerator(seed: 20_260_101)
        var seen: [String: Int] = [:]
        func mutate(_ bytes: [UInt8]) -> [UInt8] {
            var bytes = bytes
            for _ in 0..<Int.random(in: 1...6, using: &random) {
                bytes[Int.random(in: bytes.indices, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            return bytes
        }
        let whole = [try book.bytes(), try table.bytes()]
        for turn in 0..<4000 {
            let file: Scratch
            if turn % 4 == 0 {
                // Behind the checksums of the archive: the XML itself is changed.
                let part = Int.random(in: 1..<sheet.count, using: &random)
                var parts = sheet
                parts[part].1 = String(decoding: mutate(Array(parts[part].1.utf8)), as: UTF8.self)
                file = try Handmade.zip(parts)
            } else {
                file = try Scratch(mutate(whole[turn % 2]))
            }
            do {
                try SheetReader.read(file.url) { _ in }
                seen["read", default: 0] += 1
            } catch let refusal as Refusal { seen[refusal.code, default: 0] += 1 }
        }
        #expect(seen.values.reduce(0, +) == 4000)
        #expect(seen.count > 3)
    }
}
