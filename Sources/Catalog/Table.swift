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

    private static func cells(_ bytes: Data) -> [[String]] {
        var rows: [[String]] = []
        var row: [String] = []
        var cell: [UInt8] = []
        var quoted = false
        var previousWasQuote = false
        func closeCell() {
            row.append(String(decoding: cell, as: UTF8.self))
            cell.removeAll(keepingCapacity: true)
        }
        bytes.withUnsafeBytes { buffer in
            for byte in buffer {
                if quoted {
                    if byte == 34 {
                        quoted = false
                        previousWasQuote = true
                    } else {
                        cell.append(byte)
                    }
                    continue
                }
                switch byte {
                case 34:
                    if previousWasQuote { cell.append(34) }
                    quoted = true
                case 44: closeCell()
                case 10:
                    closeCell()
                    rows.append(row)
                    row.removeAll(keepingCapacity: true)
                case 13: break
                default: cell.append(byte)
                }
                previousWasQuote = false
            }
        }
        if !cell.isEmpty || !row.isEmpty {
            closeCell()
            rows.append(row)
        }
        return rows
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
