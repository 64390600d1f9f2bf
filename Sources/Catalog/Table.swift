import Foundation
import Kernel

/// One of our own tables: a header, then rows of cells, quotes doubled, no surprises. Users' files are read by the room Sheets.
///
/// A flaw is told with file, row (as a text editor counts lines, where no cell holds a line break) and column.
struct Table {
    let file: String
    let columns: [String: Int]
    let rows: [Row]

    struct Row {
        let file: String
        /// One-based, the header counted.
        let line: Int
        fileprivate let columns: [String: Int]
        let cells: [String]
    }

    /// - Throws: `Refusal("catalog.file")` where the file cannot be read, `Refusal("catalog.columns")` where a row has not the cells of
    ///   the header, `Refusal("catalog.column")` where one of `needed` is missing.
    /// - Parameter name: how refusals call the file; its last component where not given.
    init(_ url: URL, named name: String? = nil, needed: [String] = []) throws {
        let file = name ?? url.lastPathComponent
        guard let bytes = try? Data(contentsOf: url) else { throw Refusal("catalog.file", ["value": file]) }
        var lines = Table.cells(bytes)
        guard !lines.isEmpty else { throw Refusal("catalog.file", ["value": file]) }
        var header = lines.removeFirst()
        if header[0].hasPrefix("\u{FEFF}") { header[0].removeFirst() }
        var columns: [String: Int] = [:]
        for (index, name) in header.enumerated() { columns[name] = index }
        for name in needed where columns[name] == nil {
            throw Refusal("catalog.column", row: 1, field: name, ["file": file, "value": name])
        }
        var rows: [Row] = []
        rows.reserveCapacity(lines.count)
        for (index, cells) in lines.enumerated() where cells.count > 1 || cells.first != "" {
            guard cells.count == header.count else {
                throw Refusal(
                    "catalog.columns", row: index + 2, ["file": file, "value": "\(cells.count)", "expected": "\(header.count)"])
            }
            rows.append(Row(file: file, line: index + 2, columns: columns, cells: cells))
        }
        (self.file, self.columns, self.rows) = (file, columns, rows)
    }

    /// The cells of every line. A cell equal to the one above it is shared with it: most columns repeat.
    private static func cells(_ bytes: Data) -> [[String]] {
        bytes.withUnsafeBytes { buffer in
            var rows: [[String]] = []
            var row: [String] = []
            var index = 0
            while index < buffer.count {
                var end = index
                if buffer[index] == 34 {
                    let cell = quoted(buffer, at: &end)
                    row.append(cell)
                } else {
                    while end < buffer.count, buffer[end] != 44, buffer[end] != 10 { end += 1 }
                    let stop = end > index && buffer[end - 1] == 13 ? end - 1 : end
                    let slice = UnsafeRawBufferPointer(rebasing: buffer[index..<stop])
                    if let above = rows.last, row.count < above.count, above[row.count].utf8.elementsEqual(slice) {
                        row.append(above[row.count])
                    } else {
                        row.append(String(decoding: slice, as: UTF8.self))
                    }
                }
                if end >= buffer.count || buffer[end] == 10 {
                    rows.append(row)
                    row = []
                    row.reserveCapacity(rows[0].count)
                } else if end == buffer.count - 1 {
                    // A comma ends the file: an empty cell behind it.
                    rows.append(row + [""])
                }
                index = end + 1
            }
            return rows
        }
    }

    /// A cell in quotes, doubled within.
    /// - Parameter index: of the opening quote; afterwards of the separator behind the cell.
    private static func quoted(_ buffer: UnsafeRawBufferPointer, at index: inout Int) -> String {
        var cell: [UInt8] = []
        var isOpen = false
        while index < buffer.count {
            let byte = buffer[index]
            if byte == 34 {
                if isOpen, index + 1 < buffer.count, buffer[index + 1] == 34 {
                    cell.append(34)
                    index += 1
                } else {
                    isOpen.toggle()
                }
            } else if !isOpen, byte == 44 || byte == 10 {
                break
            } else if isOpen || byte != 13 {
                cell.append(byte)
            }
            index += 1
        }
        return String(decoding: cell, as: UTF8.self)
    }
}

extension Table.Row {
    /// The cell of a column; empty where the table has no such column.
    subscript(column: String) -> String { columns[column].map { cells[$0] } ?? "" }

    /// The items of a cell that holds several, separated by semicolons.
    func list(_ column: String) -> [String] {
        self[column].split(separator: ";").map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
    }
    func flag(_ column: String) -> Bool { self[column] == "1" }

    func refusal(_ code: String, _ column: String, _ details: [String: String] = [:]) -> Refusal {
        Refusal(code, row: line, field: column, details.merging(["file": file, "value": self[column]]) { given, _ in given })
    }
    func required(_ column: String) throws -> String {
        guard !self[column].isEmpty else { throw refusal("catalog.empty", column) }
        return self[column]
    }
    /// - Returns: nil for an empty cell.
    func number(_ column: String) throws -> Double? {
        let text = self[column]
        if text.isEmpty { return nil }
        guard let value = Double(text), value.isFinite else { throw refusal("catalog.number", column) }
        return value
    }
    func integer(_ column: String) throws -> Int? {
        let text = self[column]
        if text.isEmpty { return nil }
        guard let value = Int(text) else { throw refusal("catalog.number", column) }
        return value
    }
    /// - Returns: nil for an empty cell.
    func day(_ column: String) throws -> Day? {
        let text = self[column]
        if text.isEmpty { return nil }
        guard let day = Day(text) else { throw refusal("catalog.day", column) }
        return day
    }
    /// The days in force of the columns `from` and `until`; empty is open.
    func force() throws -> Span {
        let span = Span(try day("from") ?? .distantPast, try day("until") ?? .distantFuture)
        guard !span.isEmpty else { throw refusal("catalog.span", "until", ["limit": span.from.description]) }
        return span
    }
    func confidence() throws -> Confidence {
        guard let found = Confidence(rawValue: self["confidence"]) else { throw refusal("catalog.confidence", "confidence") }
        return found
    }
    func provenance() throws -> Provenance {
        Provenance(
            edition: self["edition"], clause: self["clause"], source: try required("source"), confidence: try confidence(),
            force: try force())
    }
}
