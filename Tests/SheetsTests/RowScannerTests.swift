import Foundation
import Kernel
import TestKit
import Testing

@testable import Sheets

@Suite("Rows of the usual form are read as expat reads them") struct RowScannerTests {
    private static let strings = "<si><t>甲</t></si><si><t>a_x000D_b</t></si><si><t xml:space=\"preserve\"> b &amp; c </t></si>"
    private static let styles = "<cellXfs><xf numFmtId=\"0\"/><xf numFmtId=\"14\"/></cellXfs>"

    /// A comment among the rows sends the part to expat from its first row on.
    private func both(_ rows: String, after: String = "") throws -> (scanned: [SheetRow], parsed: [SheetRow]) {
        func book(_ rows: String) throws -> [SheetRow] {
            try Handmade.book(rows: rows, after: after, strings: RowScannerTests.strings, styles: RowScannerTests.styles).rows()
        }
        return (try book(rows), try book("<!-- -->" + rows))
    }
    /// Whether the scanner took all rows by itself.
    private func isUsual(_ rows: String) throws -> Bool {
        let file = try Handmade.book(rows: rows, strings: RowScannerTests.strings)
        let strings = SharedStrings(limits: .standard)
        let archive = try Archive(try ByteFile(file.url, limits: .standard), limits: .standard)
        try XMLStream.parse("xl/sharedStrings.xml", of: archive, with: strings)
        let reader = WorksheetRows(
            isDate: [], startsIn1904: false, strings: strings, merges: MergedRanges(limits: .standard), limits: .standard
        ) { _ in }
        do { try XMLStream.parseRows("xl/worksheets/sheet1.xml", of: archive, with: reader) } catch is RowScanner.Stop { return false }
        return true
    }

    @Test("random rows of every usual kind of cell, by both ways the same")
    func random() throws {
        var chance = SystemRandomNumberGenerator()
        let cells = [
            "t=\"s\"><v>0</v></c>", "t=\"s\"><v>1</v></c>", "t=\"s\"><v>2</v></c>", "><v>12</v></c>", "><v>-0.50</v></c>",
            "><v>1E-3</v></c>",
            "><v>44012.5</v></c>", "s=\"1\"><v>44012</v></c>", "s=\"1\"><v>44012.25</v></c>", "s=\"1\"><v>-4</v></c>", "/>", "></c>",
            "t=\"inlineStr\"><is><t>职业&lt;病&gt; &amp;amp; _x0041_</t></is></c>",
            "t=\"inlineStr\"><is><t xml:space=\"preserve\">  a\nb </t></is></c>",
            "t=\"str\"><v>\u{10FFFD}é&quot;&apos;</v></c>", "t=\"n\"><v> 5</v></c>", "><v>110101199003071234</v></c>",
            "t=\"str\"><v></v></c>",
        ]
        var rows = ""
        for row in 1...3000 {
            // Some rows name neither themselves nor their cells, some columns are left out.
            let isNamed = Bool.random(using: &chance)
            rows += isNamed ? "<row r=\"\(row)\" spans=\"1:9\" ht=\"15.75\">" : "<row>"
            for column in 0..<9 where Int.random(in: 0..<4, using: &chance) > 0 {
                let place = isNamed ? "r=\"\(["A", "B", "C", "D", "Z", "AA", "AB", "ALK", "ALL"][column])\(row)\" " : ""
                rows += "<c \(place)" + (cells.randomElement(using: &chance) ?? "/>")
            }
            rows += "</row>" + (Bool.random(using: &chance) ? "\n" : "")
        }
        let (scanned, parsed) = try both(rows)
        #expect(scanned == parsed && scanned.count > 2000)
        #expect(try isUsual(rows))
    }

    @Test("what is written otherwise is left to expat, and no row comes twice")
    func otherwise() throws {
        let usual = (1...2000).map { "<row r=\"\($0)\"><c r=\"A\($0)\"><v>\($0)</v></c></row>" }
        for odd in [
            "<c r=\"B1001\"><f>1+1</f><v>2</v></c>", "<c r='B1001'><v>2</v></c>", "<c r=\"B1001\" t=\"b\"><v>1</v></c>",
            "<c r=\"B1001\"><v>&#50;</v></c>", "<x:c r=\"B1001\"><v>2</v></x:c>", "<c r=\"B1001\"><v><![CDATA[2]]></v></c>",
            "<c r=\"B1001\"><!-- a --><v>2</v></c>", "<c r=\"B1001\" t=\"inlineStr\"><is><r><t>run</t></r></is></c>",
        ] {
            var rows = usual
            rows[1000] = "<row r=\"1001\"><c r=\"A1001\"><v>1001</v></c>\(odd)</row>"
            let (scanned, parsed) = try both(rows.joined())
            #expect(scanned == parsed && scanned.count == 2000 && scanned[1000].cells.count == 2, "\(odd)")
            #expect(try !isUsual(rows.joined()), "\(odd)")
        }
    }

    @Test("what expat refuses is refused, wherever it stands")
    func refused() throws {
        for odd in [
            "<row r=\"7\"><c r=\"A7\"><v>1</v></c></row", "<row r=\"7\" r=\"7\"></row>", "<row r=\"7\"><c r=\"A7\" s=\"0\" s=\"0\"/></row>",
            "<row r=\"7\"><c r=\"A7\"><v>a]]>b</v></c></row>", "<row r=\"7\"><c r=\"A7\"><v>a\u{1}b</v></c></row>",
            "<row r=\"7\"><c r=\"A7\"><v>a&nbsp;b</v></c></row>", "<row r=\"7\"><c r=\"A7\" t=\"str\"><v>a\u{FFFE}</v></c></row>",
            "<row r=\"7\"><c r=\"A7\"s=\"0\"/></row>", "<row r=\"7\"><c r=\"A7\"><v>1</c></v></row>", "<row r=\"1\"/>",
            "<row r=\"7\"><c r=\"ZZZ7\"><v>1</v></c></row>", "<row r=\"7\"><c r=\"A7\" t=\"s\"><v>99</v></c></row>",
        ] {
            let first = "<row r=\"1\"><c r=\"A1\"><v>1</v></c></row>"
            func refusal(_ rows: String) throws -> Refusal? { try Handmade.book(rows: rows, strings: RowScannerTests.strings).refusal() }
            let (scanned, parsed) = (try refusal(first + odd), try refusal("<!-- -->" + first + odd))
            #expect(
                scanned != nil && scanned?.code == parsed?.code && scanned?.row == parsed?.row, "\(odd): \(String(describing: scanned))")
        }
    }

    @Test("merged cells are filled by both ways")
    func merged() throws {
        let rows = (1...6).map { "<row r=\"\($0)\"><c r=\"A\($0)\"><v>\($0)</v></c><c r=\"C\($0)\"><v>0</v></c></row>" }
        let merges = "<mergeCells><mergeCell ref=\"A1:B3\"/><mergeCell ref=\"A5:B5\"/></mergeCells>"
        let (scanned, parsed) = try both(rows.joined(), after: merges)
        #expect(scanned == parsed && scanned[2].cells == ["1", "1", "0"] && scanned[4].cells == ["5", "5", "0"])
        // Expat begins again after three rows were given.
        var odd = rows
        odd[3] = "<row r=\"4\"><c r=\"A4\"><f>1</f><v>4</v></c><c r=\"C4\"><v>0</v></c></row>"
        let again = try both(odd.joined(), after: merges)
        #expect(again.scanned == again.parsed && again.scanned == scanned)
    }

    @Test("a number that the short cut leaves as it is, the long way leaves too")
    func shortest() {
        var chance = SystemRandomNumberGenerator()
        var taken = 0
        for _ in 0..<20_000 {
            let digits = String(UInt64.random(in: 0..<10_000_000_000_000_000, using: &chance) >> UInt64.random(in: 0..<50, using: &chance))
            let point = Int.random(in: 0...digits.count, using: &chance)
            let text =
                (Bool.random(using: &chance) ? "-" : "") + String(digits.prefix(point)) + (Bool.random(using: &chance) ? "." : "")
                + digits.dropFirst(point)
            guard Array(text.utf8).withUnsafeBufferPointer(NumberText.isShortest) else { continue }
            taken += 1
            #expect(NumberText.shortest(text) == text)
        }
        #expect(taken > 1000)
    }
}
