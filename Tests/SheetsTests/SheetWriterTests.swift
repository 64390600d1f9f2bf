import CZip
import Foundation
import Kernel
import TestKit
import Testing

@testable import Sheets

@Suite("Workbooks are written so that they read back") struct SheetWriterTests {
    private func part(_ name: String, of file: Scratch) throws -> String {
        var bytes: [UInt8] = []
        try Archive(ByteFile(file.url, limits: .standard), limits: .standard).stream(name) { bytes += $0 }
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test("text stays text, days are dates, numbers numbers; what does not fit is text")
    func roundTrip() throws {
        let file = Scratch("out.xlsx")
        let writer = try SheetWriter(file.url)
        try writer.addSheet("名单", columns: [.init("姓名"), .init("日期", kind: .day), .init("数值", kind: .number), .init("年龄", kind: .integer)])
        let rows = [
            ["=1+1", "2020-06-30", "1.5", "42"], ["110101199003071234", "1899-01-01", "110101199003071234", "007"],
            [" spaces ", "not a day", "-0.25", ""], ["a_x000D_b_x_\r\nc\td", "", "nan", "0"], ["<&>\"'", "2020/6/3", "1e3", "0x10"],
            ["", "", "", "7"],
            ["bad\u{0}\u{FFFF}\u{1}", "", "", ""],
        ]
        for row in rows { try writer.write(row) }
        try writer.close()
        var expected = rows
        expected[2].removeLast()
        expected[4][1] = "2020-06-03"
        expected[4][2] = "1000"
        expected[6] = ["bad\u{FFFD}\u{FFFD}\u{1}"]
        let cells = try file.cells()
        #expect(cells[0] == ["姓名", "日期", "数值", "年龄"])
        #expect(Array(cells.dropFirst()) == expected)
        let sheet = try part("xl/worksheets/sheet1.xml", of: file)
        #expect(!sheet.contains("<f>"))
        #expect(sheet.contains("<v>44012</v>"))
        for setting in ["paperSize=\"9\"", "fitToPage=\"1\"", "state=\"frozen\"", "<autoFilter ref=\"A1:D8\"/>", "fitToHeight=\"0\""] {
            #expect(sheet.contains(setting), "\(setting)")
        }
        #expect(try part("xl/workbook.xml", of: file).contains("_xlnm.Print_Titles"))
    }

    @Test("choices short and long, notes, titles, marks and several sheets")
    func furniture() throws {
        let file = Scratch("out.xlsx")
        let long = (1...300).map { "选项 \($0)" }
        let writer = try SheetWriter(file.url)
        try writer.addSheet(
            "a/b", columns: [.init("性别", choices: ["男", "女"], note: "必填"), .init("工种", choices: long), .init("工种二", choices: long)],
            landscape: true, errors: true)
        try writer.setTitle(["某单位劳动者名单", "2026-01-01"])
        try writer.write(["男", "选项 1", ""])
        try writer.write(["x", "", "y"], marks: [0: "不在值域", 2: "格式", -1: "重复"])
        try writer.addSheet("A/B", columns: [.init("only")])
        try writer.setTitle(["one"])
        try writer.addSheet("codes", columns: [])
        try writer.close()
        #expect(try SheetReader.sheets(file.url) == ["a_b", "A_B 2", "codes 2"])
        let cells = try file.cells()
        #expect(cells[0] == Array(repeating: "某单位劳动者名单", count: 4))
        #expect(cells[2] == ["性别", "工种", "工种二", "错误 / Error"])
        #expect(cells[3] == ["男", "选项 1"])
        #expect(cells[4] == ["x", "", "y", "重复; 性别: 不在值域; 工种二: 格式"])
        #expect(try file.cells("A_B 2") == [["one"], ["only"]])
        #expect(try file.cells("codes") == long.map { [$0] })
        let sheet = try part("xl/worksheets/sheet1.xml", of: file)
        #expect(sheet.contains("<formula1>\"男,女\"</formula1>") && sheet.contains("<formula1>codes!$A$1:$A$300</formula1>"))
        #expect(sheet.contains("orientation=\"landscape\"") && sheet.contains("<autoFilter ref=\"A3:D5\"/>"))
        #expect(try part("xl/comments1.xml", of: file).contains("必填"))
    }

    @Test("what cannot be written is refused, and an unfinished workbook leaves nothing")
    func refusals() throws {
        let nowhere = URL(fileURLWithPath: "/nonexistent/out.xlsx")
        #expect(throws: Refusal.self) {
            let writer = try SheetWriter(nowhere)
            try writer.close()
        }
        let file = Scratch("out.xlsx")
        do {
            let writer = try SheetWriter(file.url)
            #expect(throws: Refusal("file.unwritable", ["value": file.url.lastPathComponent])) { try writer.write(["x"]) }
            try writer.addSheet("s", columns: [.init("a")])
            try writer.write(["x"])
            #expect(throws: Refusal.self) { try writer.setTitle(["late"]) }
            #expect(throws: Refusal("row.width", row: 3, ["limit": "1", "value": "2"])) { try writer.write(["x", "y"]) }
            let long = String(repeating: "x", count: 32_768)
            #expect(throws: Refusal("file.line-too-long", row: 3, ["limit": "32767"])) { try writer.write([long]) }
        }
        #expect(!FileManager.default.fileExists(atPath: file.url.path))
    }

    @Test("20,000 rows go through in order")
    func many() throws {
        let file = Scratch("out.xlsx")
        let writer = try SheetWriter(file.url)
        try writer.addSheet("s", columns: [.init("n", kind: .integer), .init("t")])
        for index in 0..<20_000 { try writer.write([String(index), "行 \(index)"]) }
        try writer.close()
        var next = -1
        try SheetReader.read(file.url) { row in
            if next >= 0 { #expect(row.cells == [String(next), "行 \(next)"] && row.number == next + 2) }
            next += 1
        }
        #expect(next == 20_000)
    }
}
