import Foundation
import Kernel
import Testing

@testable import Catalog

@Suite("Our own tables")
struct TableTests {
    private func table(_ text: String) throws -> Table {
        let url = FileManager.default.temporaryDirectory.appendingPathComponent("table-" + UUID().uuidString + ".csv")
        defer { try? FileManager.default.removeItem(at: url) }
        try Data(text.utf8).write(to: url)
        return try Table(url)
    }
    private func cells(_ text: String) throws -> [[String]] { try table(text).rows.map(\.cells) }

    @Test(
        "Cells as written: quotes, commas, line breaks in quotes, empty ends, carriage returns, a mark at the beginning",
        arguments: [
            ("a,b\n1,2\n", [["1", "2"]]), ("a,b\n1,2", [["1", "2"]]), ("a,b\r\n1,2\r\n", [["1", "2"]]),
            ("\u{FEFF}a,b\n1,2\n", [["1", "2"]]),
            ("a,b\n,\n", [["", ""]]), ("a,b\n1,", [["1", ""]]), ("a,b\n\"1,\"\"x\"\"\",2\n", [["1,\"x\"", "2"]]),
            ("a,b\n\"1\n2\",\"\"\n", [["1\n2", ""]]), ("a,b\n\"1\"x,\"2\"\r\n", [["1x", "2"]]),
            ("a,b\n1,2\n\n3,4\n", [["1", "2"], ["3", "4"]]),
            ("a,b\n同,同\n同,异\n", [["同", "同"], ["同", "异"]]),
        ])
    func written(text: String, expected: [[String]]) throws { #expect(try cells(text) == expected) }

    @Test("A row is named by its line, a cell by its column, and read as what it should be")
    func typed() throws {
        let row = try #require(try table("n,d,from,until,c\n1.5,2020-02-30,2021-01-01,2020-01-01,x\n").rows.first)
        #expect(row.line == 2 && row["n"] == "1.5" && row["none"] == "")
        #expect(try row.number("n") == 1.5)
        for (code, column, step) in [
            ("catalog.day", "d", { _ = try row.day("d") }), ("catalog.number", "d", { _ = try row.number("d") }),
            ("catalog.span", "until", { _ = try row.force() }), ("catalog.empty", "none", { _ = try row.required("none") }),
            ("catalog.number", "n", { _ = try row.integer("n") }), ("catalog.confidence", "confidence", { _ = try row.confidence() }),
        ] as [(String, String, () throws -> Void)] {
            let refusal = #expect(throws: Refusal.self) { try step() }
            #expect(refusal?.code == code && refusal?.field == column && refusal?.row == 2)
        }
    }

    @Test("A row of another length is refused")
    func length() throws {
        let refusal = #expect(throws: Refusal.self) { try table("a,b\n1,2\n1,2,3\n") }
        #expect(refusal?.code == "catalog.columns" && refusal?.row == 3)
    }
}
