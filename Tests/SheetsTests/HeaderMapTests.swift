import Foundation
import Kernel
import Sheets
import TestKit
import Testing

@Suite("A user's own layout") struct HeaderMapTests {
    @Test("merged headings of several rows are joined without repeats")
    func headings() {
        let rows = [
            SheetRow(number: 1, cells: ["姓名", "体检", "体检", " 单位 "]), SheetRow(number: 2, cells: ["姓名", "日期", "结论", "", "备注"]),
        ]
        #expect(Layout.headings(rows: rows) == ["姓名", "体检 / 日期", "体检 / 结论", "单位", "备注"])
        #expect(Layout.headings(rows: []).isEmpty)
    }

    @Test("merged cells of a real workbook give the same")
    func merged() throws {
        let row1 =
            "<row r='1'><c r='A1' t='inlineStr'><is><t>姓名</t></is></c><c r='B1' t='inlineStr'><is><t>体检</t></is></c>"
            + "<c r='C1'/></row>"
        let row2 =
            "<row r='2'><c r='B2' t='inlineStr'><is><t>日期</t></is></c><c r='C2' t='inlineStr'><is><t>结论</t></is></c></row>"
        let file = try Handmade.book(
            rows: row1 + row2, after: "<mergeCells count='2'><mergeCell ref='A1:A2'/><mergeCell ref='B1:C1'/></mergeCells>")
        #expect(try file.cells() == [["姓名", "体检", "体检"], ["姓名", "日期", "结论"]])
        #expect(try Layout.headings(rows: file.rows()) == ["姓名", "体检 / 日期", "体检 / 结论"])
    }

    @Test("headings are compared without width, spaces, asterisks and case")
    func normalised() {
        #expect(HeaderMap.normalised(" ＊ＩＤ　Ｎｕｍｂｅｒ（必填） * ") == "idnumber(必填)")
        #expect(HeaderMap.normalised("身份证\n号码*") == "身份证号码")
    }

    @Test("fields find their columns")
    func mapping() {
        let layout = Layout(columns: ["姓名*": "name", "体检 / 日期": "day", "无此列": "other"])
        let map = HeaderMap(layout, headings: ["备注", "姓 名", "体检/日期", "", "姓名"])
        #expect(map.columns == ["name": 1, "day": 2])
        #expect(map.missing == ["无此列"])
        #expect(map.unknown == ["备注"])
        let row = SheetRow(number: 3, cells: ["", "张三"])
        #expect(map.value("name", in: row) == "张三")
        #expect(map.value("day", in: row) == "")
        #expect(map.value("other", in: row) == nil)
    }

    @Test("a kept layout reads back, with defaults for what it leaves out")
    func codable() throws {
        let layout = Layout(sheet: "表", skippedRows: 1, headerRows: 2, columns: ["a / b": "x"], dateOrder: .dayMonthYear)
        #expect(try JSONDecoder().decode(Layout.self, from: JSONEncoder().encode(layout)) == layout)
        #expect(try JSONDecoder().decode(Layout.self, from: Data("{\"columns\":{\"a\":\"b\"}}".utf8)) == Layout(columns: ["a": "b"]))
        #expect(layout.isHeading(SheetRow(number: 3, cells: [])) && !layout.isHeading(SheetRow(number: 4, cells: [])))
        #expect(!layout.isHeader(SheetRow(number: 1, cells: [])) && layout.isHeader(SheetRow(number: 2, cells: [])))
    }

    @Test("dates in the user's order")
    func dates() {
        #expect(Layout(dateOrder: .dayMonthYear).day("3/6/2020") == Day(2020, 6, 3))
        #expect(Layout(dateOrder: .monthDayYear).day("3/6/2020") == Day(2020, 3, 6))
        #expect(Layout(dateOrder: .monthDayYear).day("2020年3月6日") == Day(2020, 3, 6))
        #expect(Layout().day("3/6/2020") == nil)
    }
}
