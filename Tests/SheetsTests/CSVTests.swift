import Foundation
import Kernel
import TestKit
import Testing

@testable import Sheets

@Suite("Text tables are read as they were written") struct CSVTests {
    @Test("quotes, doubled quotes, line breaks within quotes, spaces kept")
    func quotes() throws {
        let file = try Scratch(text: "a,\"b,c\",\"say \"\"hi\"\"\"\r\n\"two\r\nlines\", x ,\"\"\r\n")
        #expect(try file.cells() == [["a", "b,c", "say \"hi\""], ["two\r\nlines", " x ", ""]])
    }

    @Test("line endings CRLF, LF and CR, with and without one at the end", arguments: ["\r\n", "\n", "\r"])
    func endings(ending: String) throws {
        for tail in ["", ending] {
            let rows = try Scratch(text: "a,b\(ending)c,d\(ending)\(ending)e,\(tail)").rows()
            #expect(rows.map(\.cells) == [["a", "b"], ["c", "d"], ["e", ""]])
            #expect(rows.map(\.number) == [1, 2, 4])
        }
    }

    @Test("comma, semicolon and tab are told from the first line", arguments: [",", ";", "\t"])
    func delimiters(delimiter: String) throws {
        let file = try Scratch(text: "姓名\(delimiter)\"x,;,;y\"\(delimiter)c\n1\(delimiter)2\(delimiter)3\n")
        #expect(try file.cells() == [["姓名", "x,;,;y", "c"], ["1", "2", "3"]])
    }

    @Test("UTF-8 with its mark, UTF-16 of both orders, GB18030 with four-byte characters")
    func encodings() throws {
        let text = "姓名,工种\n张㐀三,电焊工\n"
        let expected = [["姓名", "工种"], ["张㐀三", "电焊工"]]
        #expect(try Scratch(text: text).cells() == expected)
        #expect(try Scratch(text: "\u{FEFF}" + text).cells() == expected)
        #expect(try Scratch([0xFF, 0xFE] + text.utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }).cells() == expected)
        #expect(try Scratch([0xFE, 0xFF] + text.utf16.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] }).cells() == expected)
        let name: [UInt8] = [0xD0, 0xD5, 0xC3, 0xFB]  // 姓名
        let trade: [UInt8] = [0xB5, 0xE7, 0xBA, 0xB8, 0xB9, 0xA4]  // 电焊工
        let rare: [UInt8] = [0xD5, 0xC5, 0x81, 0x39, 0xEE, 0x39, 0xC8, 0xFD]  // 张㐀三
        let gb: [UInt8] = name + [0x2C] + [0xB9, 0xA4, 0xD6, 0xD6, 0x0A] + rare + [0x2C] + trade + [0x0A]
        #expect(try Scratch(gb).cells() == expected)
    }

    @Test("GB18030 is found however late it begins, and characters cut by a chunk are put together")
    func longFiles() throws {
        let ascii = Array(repeating: Array("plain,ascii,line\n".utf8), count: 20_000).flatMap { $0 }
        let gb: [UInt8] = [0xB5, 0xE7, 0xBA, 0xB8, 0xB9, 0xA4]
        #expect(try Scratch(ascii + gb).cells().last == ["电焊工"])
        let pairs: [[UInt8]] = [Array(repeating: gb, count: 5000).flatMap { $0 }, Array("电焊工".utf8)]
        for (index, bytes) in pairs.enumerated() {
            let line = (index == 0 ? bytes : Array(repeating: bytes, count: 5000).flatMap { $0 }) + [0x0A]
            let rows = try Scratch([0x78] + Array(repeating: line, count: 20).flatMap { $0 }).cells()
            #expect(rows.count == 20)
            #expect(rows.dropFirst().allSatisfy { $0 == [String(repeating: "电焊工", count: 5000)] })
        }
    }

    @Test("a formula is plain text")
    func formulas() throws {
        #expect(try Scratch(text: "=1+1,+2,-3,@x\n").cells() == [["=1+1", "+2", "-3", "@x"]])
    }

    @Test(
        "malformed files are refused with their code and row",
        arguments: [
            ("", "file.empty", nil), ("\u{FEFF}", "file.empty", nil), ("\n\n,,\r\n", "file.empty", nil),
            ("a,b\nc,\"d\ne,f\n", "file.quote", 2), ("\"", "file.quote", 1), ("a\nb\u{0}c\n", "file.binary", 2),
            ("%PDF-1.4 x", "file.binary", 1), ("  <HTML><table>", "file.binary", 1), ("<?xml version='1.0'?>", "file.binary", 1),
            ("a\n" + String(repeating: ",", count: 1000), "row.width", 2),
            ("a\n" + String(repeating: "x", count: 32_768), "file.line-too-long", 2),
            ("a\n" + String(repeating: "𠀀", count: 16_384), "file.line-too-long", 2),
            ("a\n" + String(repeating: String(repeating: "x", count: 2000) + ",", count: 600), "file.line-too-long", 2),
            ("a\nb,\"" + String(repeating: "line\n", count: 30_000), "file.quote", 2),
        ] as [(String, String, Int?)])
    func malformed(text: String, code: String, row: Int?) throws {
        let refusal = try Scratch(text: text).refusal()
        #expect(refusal?.code == code)
        #expect(refusal?.row == row)
    }

    @Test("bytes that are no text are refused")
    func bytes() throws {
        #expect(try Scratch([0x61, 0x0A, 0xFF, 0xFF, 0x0A]).refusal() == Refusal("file.encoding", row: 2, ["expected": "UTF-8, GB18030"]))
        #expect(try Scratch([0x61, 0x0A, 0xB5]).refusal()?.code == "file.encoding")
        #expect(try Scratch([0xEF, 0xBB, 0xBF, 0x61, 0xB5, 0xE7]).refusal()?.code == "file.encoding")
        #expect(try Scratch([0xD0, 0xCF, 0x11, 0xE0, 0xA1]).refusal()?.details["value"] == "xls")
        #expect(try Scratch([0xFF, 0xFE, 0x61, 0x00, 0x62]).refusal()?.code == "file.encoding")
        // A UTF-8 file cut within a character is damaged; as GB18030 it would be rubbish.
        let cut = Array(String(repeating: "职业健康,检查\n", count: 50).utf8) + [0xE4, 0xB8]
        #expect(try Scratch(cut).refusal() == Refusal("file.encoding", row: 51, ["expected": "UTF-8, GB18030"]))
        #expect(Scratch().refusal()?.code == "file.missing")
        var small = SheetLimits()
        small.fileBytes = 3
        #expect(try Scratch(text: "a,b\n").refusal(limits: small)?.code == "file.too-large")
        let directory = FileManager.default.temporaryDirectory
        #expect(throws: Refusal.self) { try SheetReader.read(directory) { _ in } }
    }

    @Test("the limits hold to the character")
    func edges() throws {
        let cell = String(repeating: "中", count: 32_767)
        #expect(try Scratch(text: "\(cell),\"\(cell)\"\n").cells() == [[cell, cell]])
        #expect(try Scratch(text: String(repeating: ",", count: 998) + "x").cells().first?.count == 999)
        #expect(try Scratch(text: String(repeating: ",", count: 999) + "x").cells().first?.count == 1000)
    }

    @Test("a line of 100 MB is refused without being held in memory")
    func hugeLine() throws {
        let file = Scratch()
        try Data("head\n".utf8).write(to: file.url)
        let handle = try FileHandle(forWritingTo: file.url)
        try handle.seekToEnd()
        let block = Data(repeating: 0x78, count: 1 << 20)
        for _ in 0..<100 { try handle.write(contentsOf: block) }
        try handle.close()
        #expect(file.refusal() == Refusal("file.line-too-long", row: 2, ["limit": "32767", "value": "131067"]))
        // The scanner gives up within the first chunks and never sees the rest.
        let source = try TextSource(ByteFile(file.url, limits: .standard))
        var scanner = CSVScanner(limits: .standard)
        var scanned = 0
        #expect(throws: Refusal.self) {
            var isOpen = true
            while isOpen {
                isOpen = try source.next { chunk in
                    scanned += chunk.count
                    try scanner.feed(chunk) { _ in }
                }
            }
        }
        #expect(scanned <= 1 << 18)
    }

    @Test("what the body throws comes out as it is, and head stops early")
    func stopping() throws {
        struct Stop: Error {}
        let file = try Scratch(text: "a\nb\nc\nd,\"open\n")
        #expect(throws: Stop.self) { try SheetReader.read(file.url) { _ in throw Stop() } }
        #expect(try SheetReader.head(file.url, rows: 2).map(\.cells) == [["a"], ["b"]])
        #expect(try SheetReader.sheets(file.url).isEmpty)
    }
}

@Suite("Text tables are written so that they read back") struct CSVWriterTests {
    @Test("a round trip through a file, with the mark")
    func roundTrip() throws {
        let rows = [["姓名", "note"], ["a,b", "say \"hi\""], ["two\r\nlines", " x "], ["=1+1", "-5"], ["", "x"]]
        let file = Scratch()
        try Data().write(to: file.url)
        let handle = try FileHandle(forWritingTo: file.url)
        var writer = CSVWriter(handle)
        for row in rows { try writer.write(row) }
        try writer.finish()
        try handle.close()
        #expect(try file.bytes().starts(with: CSVWriter.mark))
        #expect(try file.cells() == rows)
    }

    @Test("many rows reach the closure in chunks, none lost")
    func chunks() throws {
        var (bytes, calls): ([UInt8], Int) = ([], 0)
        var writer = CSVWriter(mark: false, delimiter: ";") {
            bytes += $0
            calls += 1
        }
        for index in 0..<50_000 { try writer.write([String(index), "a;b", ""]) }
        try writer.finish()
        #expect(calls > 5)
        let cells = try Scratch(bytes).cells()
        #expect(cells.count == 50_000)
        #expect(cells.last == ["49999", "a;b", ""])
    }

    @Test("formulas are guarded only where asked for, numbers never")
    func guards() {
        let cells = ["=1+1", "+a", "-5", "-5.2", "@x", "\tx", "a"]
        let plain = CSVWriter(mark: false) { _ in }
        let guarded = CSVWriter(mark: false, guardsFormulas: true) { _ in }
        #expect(plain.line(cells) == Array("=1+1,+a,-5,-5.2,@x,\tx,a\r\n".utf8))
        #expect(guarded.line(cells) == Array("'=1+1,'+a,-5,-5.2,'@x,'\tx,a\r\n".utf8))
        #expect(plain.line([""]) == Array("\"\"\r\n".utf8))
    }
}
