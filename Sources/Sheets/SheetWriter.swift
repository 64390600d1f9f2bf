import CXLSXWriter
import Foundation
import Kernel

/// Writes a workbook (XLSX) row by row; rows go to a temporary file as they come, and the workbook is put together at `close`.
///
/// One at a time: sheets are begun one after another, and rows go to the sheet begun last. Refusals: `file.unwritable`,
/// `file.too-large` (more rows than a sheet holds), `file.line-too-long` (a cell beyond 32,767 characters), `row.width`.
public final class SheetWriter {
    /// A column of a sheet.
    public struct Column: Sendable {
        public enum Kind: Sendable { case text, number, integer, day }

        public let title: String
        /// In characters of the standard font; a Chinese character takes two.
        public let width: Double
        public let kind: Kind
        /// What a cell may hold, offered as a list and enforced by the table program; none for anything.
        public let choices: [String]
        /// Shown as a comment on the heading.
        public let note: String?

        /// Without a width the column is as wide as its title asks, between 10 and 40.
        public init(_ title: String, width: Double? = nil, kind: Kind = .text, choices: [String] = [], note: String? = nil) {
            let asked = Double(title.unicodeScalars.reduce(0) { $0 + ($1.value > 0x2E7F ? 2 : 1) }) + 4
            (self.title, self.kind, self.choices, self.note) = (title, kind, choices, note)
            self.width = width ?? min(max(asked, kind == .day ? 12 : 10), 40)
        }
    }

    /// The heading of the column of messages.
    public static let errorTitle = "错误 / Error"
    private static let lastRow: UInt32 = 1_048_575

    private var book: UnsafeMutablePointer<lxw_workbook>?
    private let path: String
    private let formats: Formats
    private var sheet: UnsafeMutablePointer<lxw_worksheet>?
    private var columns: [Column] = []
    private var title: [String] = []
    private var hasErrors = false
    private var row: UInt32 = 0
    private var header: UInt32?
    private var names: Set<String> = ["codes"]
    private var lists = ChoiceLists()

    /// Begins a workbook at a path; a file that is there is replaced at `close`. Throws `file.unwritable`.
    public init(_ url: URL) throws {
        path = url.path
        var options = lxw_workbook_options()
        options.constant_memory = 1
        guard let book = workbook_new_opt(path, &options) else { throw Refusal("file.unwritable", ["value": url.lastPathComponent]) }
        self.book = book
        formats = Formats(book)
    }

    deinit { if let book { lxw_workbook_free(book) } }

    /// Begins a sheet. Characters that a sheet's name cannot have become `_`, long names are cut at 31, repeated ones numbered.
    ///
    /// `errors` adds the column of messages at the end; `landscape` prints across.
    public func addSheet(_ name: String, columns: [Column], landscape: Bool = false, errors: Bool = false) throws {
        try finishSheet()
        guard columns.count < 1000 else { throw Refusal("row.width", ["limit": "999", "value": String(columns.count)]) }
        guard let book, let sheet = workbook_add_worksheet(book, uniqueName(name)) else { throw unwritable }
        (self.sheet, self.columns, title, hasErrors, row, header) = (sheet, columns, [], errors, 0, nil)
        worksheet_set_paper(sheet, 9)
        worksheet_fit_to_pages(sheet, 1, 0)
        worksheet_set_margins(sheet, 0.4, 0.4, 0.5, 0.6)
        worksheet_set_footer(sheet, "&C&P / &N")
        if landscape { worksheet_set_landscape(sheet) }
        for (index, column) in columns.enumerated() {
            worksheet_set_column(sheet, UInt16(index), UInt16(index), column.width, formats.column(column.kind))
        }
        if errors { worksheet_set_column(sheet, UInt16(columns.count), UInt16(columns.count), 60, nil) }
    }

    /// Puts lines above the heading of the sheet begun last, the first as its title. To be called before its first row.
    public func setTitle(_ lines: [String]) throws {
        guard sheet != nil, header == nil else { throw unwritable }
        title = lines
    }

    /// Writes one row. Text stays text whatever it begins with; a day column takes days (`2020-06-30` and what `Day.read` knows), number
    /// columns numbers of up to 15 digits; what does not fit its column's kind is written as text.
    ///
    /// `marks` says what is wrong, by zero-based column: that cell is filled red and the message put in the last column. A column that
    /// the sheet does not have (-1) marks the row.
    public func write(_ cells: [String], marks: [Int: String] = [:]) throws {
        try writeHeader()
        guard let sheet else { throw unwritable }
        guard row <= Self.lastRow else { throw Refusal("file.too-large", row: Int(row), ["limit": String(Self.lastRow + 1)]) }
        guard cells.count <= columns.count else {
            throw Refusal("row.width", row: Int(row) + 1, ["limit": String(columns.count), "value": String(cells.count)])
        }
        for (index, column) in columns.enumerated() {
            let cell = index < cells.count ? cells[index] : ""
            let isMarked = marks[index] != nil
            if cell.isEmpty, !isMarked { continue }
            try put(cell, column.kind, on: sheet, at: UInt16(index), isMarked: isMarked)
        }
        if !marks.isEmpty {
            let messages = marks.sorted { $0.key < $1.key }.map { index, words in
                columns.indices.contains(index) ? "\(columns[index].title): \(words)" : words
            }
            let message = CText.cell(messages.joined(separator: "; "))
            try check(worksheet_write_string(sheet, row, UInt16(columns.count), message, formats.message))
        }
        row += 1
    }

    /// Finishes the workbook and writes the file. Throws `file.unwritable`. The writer takes nothing more.
    public func close() throws {
        guard let book else { throw unwritable }
        if sheet == nil { try addSheet("Sheet1", columns: []) }
        try finishSheet()
        try writeLists(book)
        self.book = nil
        try check(workbook_close(book))
    }

    private var unwritable: Refusal { Refusal("file.unwritable", ["value": URL(fileURLWithPath: path).lastPathComponent]) }

    private func check(_ error: lxw_error) throws {
        if error == LXW_NO_ERROR { return }
        if error == LXW_ERROR_MAX_STRING_LENGTH_EXCEEDED {
            throw Refusal("file.line-too-long", row: Int(row) + 1, ["limit": "32767"])
        }
        throw Refusal("file.unwritable", ["value": lxw_strerror(error).map { String(cString: $0) } ?? ""])
    }

    private func put(
        _ cell: String, _ kind: Column.Kind, on sheet: UnsafeMutablePointer<lxw_worksheet>, at column: UInt16, isMarked: Bool
    ) throws {
        let format = isMarked ? formats.marked(kind) : formats.column(kind)
        if cell.isEmpty {
            try check(worksheet_write_blank(sheet, row, column, format))
        } else if let number = CText.number(cell, kind) {
            try check(worksheet_write_number(sheet, row, column, number, format))
        } else {
            try check(worksheet_write_string(sheet, row, column, CText.cell(cell), format))
        }
    }

    private func writeHeader() throws {
        guard let sheet else { throw unwritable }
        guard header == nil else { return }
        let last = UInt16(max(0, columns.count + (hasErrors ? 1 : 0) - 1))
        for (index, line) in title.enumerated() {
            let format = index == 0 ? formats.title : formats.subtitle
            if last > 0 {
                try check(worksheet_merge_range(sheet, row, 0, row, last, CText.cell(line), format))
            } else {
                try check(worksheet_write_string(sheet, row, 0, CText.cell(line), format))
            }
            row += 1
        }
        header = row
        for (index, column) in columns.enumerated() {
            try check(worksheet_write_string(sheet, row, UInt16(index), CText.cell(column.title), formats.header))
            if let note = column.note, !note.isEmpty {
                try check(worksheet_write_comment(sheet, row, UInt16(index), CText.clean(note)))
            }
            let choices = column.choices.filter { !$0.isEmpty }
            if !choices.isEmpty { try offer(choices, on: sheet, at: UInt16(index)) }
        }
        if hasErrors { try check(worksheet_write_string(sheet, row, last, Self.errorTitle, formats.header)) }
        try check(worksheet_repeat_rows(sheet, row, row))
        worksheet_freeze_panes(sheet, row + 1, 0)
        row += 1
    }

    private func finishSheet() throws {
        guard sheet != nil else { return }
        try writeHeader()
        guard let sheet, let header, !columns.isEmpty else { return }
        let last = columns.count + (hasErrors ? 1 : 0) - 1
        try check(worksheet_autofilter(sheet, header, 0, max(header, row - 1), UInt16(last)))
    }

    private func offer(_ choices: [String], on sheet: UnsafeMutablePointer<lxw_worksheet>, at column: UInt16) throws {
        var rule = lxw_data_validation()
        rule.ignore_blank = UInt8(LXW_VALIDATION_ON.rawValue)
        let isShort = choices.joined(separator: ",").utf16.count <= 255 && !choices.contains { $0.contains(",") || $0.contains("\"") }
        let (from, to) = (row + 1, Self.lastRow)
        if isShort {
            rule.validate = UInt8(LXW_VALIDATION_TYPE_LIST.rawValue)
            try CText.withList(choices.map(CText.clean)) { list in
                rule.value_list = list
                try check(worksheet_data_validation_range(sheet, from, column, to, column, &rule))
            }
        } else {
            rule.validate = UInt8(LXW_VALIDATION_TYPE_LIST_FORMULA.rawValue)
            var formula = Array(lists.reference(to: choices).utf8CString)
            try formula.withUnsafeMutableBufferPointer { text in
                rule.value_formula = text.baseAddress
                try check(worksheet_data_validation_range(sheet, from, column, to, column, &rule))
            }
        }
    }

    private func writeLists(_ book: UnsafeMutablePointer<lxw_workbook>) throws {
        guard !lists.all.isEmpty else { return }
        guard let sheet = workbook_add_worksheet(book, ChoiceLists.sheet) else { throw unwritable }
        for place in 0..<lists.longest {
            for (column, list) in lists.all.enumerated() where place < list.count {
                try check(worksheet_write_string(sheet, UInt32(place), UInt16(column), CText.cell(list[place]), nil))
            }
        }
        worksheet_hide(sheet)
    }

    private func uniqueName(_ name: String) -> String {
        let safe = String(name.map { "[]:*?/\\".contains($0) || $0.isNewline || $0 == "\0" ? "_" : $0 }).trimmingCharacters(in: ["'", " "])
        let stem = CText.cut(safe.isEmpty ? "Sheet" : safe, 31)
        var (unique, count) = (stem, 1)
        while !names.insert(unique.lowercased()).inserted {
            count += 1
            unique = CText.cut(stem, 31 - " \(count)".count) + " \(count)"
        }
        return unique
    }
}
