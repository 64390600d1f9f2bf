import Foundation

/// Writes a text table in UTF-8 after RFC 4180, with CRLF. Holds at most one chunk (64 KiB) before it hands it on.
public struct CSVWriter {
    /// The mark at the front of the file by which Excel knows UTF-8.
    public static let mark: [UInt8] = [0xEF, 0xBB, 0xBF]

    private let sink: ([UInt8]) throws -> Void
    private let style: Style
    private var buffer: [UInt8] = []

    /// Writes to a closure of bytes, called with each full chunk and what is left at `finish`. What it throws, `write` throws.
    ///
    /// `guardsFormulas` puts an apostrophe before cells that a table program would take for a formula (`=`, `+`, `-`, `@`, tab, return)
    /// and that are no plain number. It changes the data, so it is off where a file is to be read back.
    public init(mark: Bool = true, delimiter: Character = ",", guardsFormulas: Bool = false, _ sink: @escaping ([UInt8]) throws -> Void) {
        self.sink = sink
        style = Style(delimiter: delimiter.asciiValue ?? 0x2C, guardsFormulas: guardsFormulas)
        if mark { buffer = Self.mark }
    }

    /// Writes to an open file, which the caller closes after `finish`.
    public init(_ file: FileHandle, mark: Bool = true, delimiter: Character = ",", guardsFormulas: Bool = false) {
        self.init(mark: mark, delimiter: delimiter, guardsFormulas: guardsFormulas) { try file.write(contentsOf: Data($0)) }
    }

    /// Writes one row.
    public mutating func write(_ cells: [String]) throws {
        style.append(cells, to: &buffer)
        guard buffer.count >= ByteFile.chunk else { return }
        try sink(buffer)
        buffer.removeAll(keepingCapacity: true)
    }

    /// Hands on what is still held. Call it once, at the end.
    public mutating func finish() throws {
        if !buffer.isEmpty { try sink(buffer) }
        buffer = []
    }

    /// The bytes of one row with its line ending, for whoever streams by other means.
    public func line(_ cells: [String]) -> [UInt8] {
        var bytes: [UInt8] = []
        style.append(cells, to: &bytes)
        return bytes
    }
}

/// How a row becomes bytes; apart from the buffer, so that appending to it does not copy it.
private struct Style {
    let delimiter: UInt8
    let guardsFormulas: Bool

    func append(_ cells: [String], to bytes: inout [UInt8]) {
        // A row of one empty cell would be a blank line.
        if cells == [""] { bytes += [0x22, 0x22] }
        for (index, cell) in cells.enumerated() {
            if index > 0 { bytes.append(delimiter) }
            append(guardsFormulas && Self.isFormula(cell) ? "'" + cell : cell, to: &bytes)
        }
        bytes += [0x0D, 0x0A]
    }

    private func append(_ cell: String, to bytes: inout [UInt8]) {
        let needsQuotes = cell.utf8.contains { $0 == delimiter || $0 == 0x22 || $0 == 0x0D || $0 == 0x0A }
        guard needsQuotes else {
            bytes.append(contentsOf: cell.utf8)
            return
        }
        bytes.append(0x22)
        for byte in cell.utf8 {
            if byte == 0x22 { bytes.append(byte) }
            bytes.append(byte)
        }
        bytes.append(0x22)
    }

    private static func isFormula(_ cell: String) -> Bool {
        guard let first = cell.utf8.first, "=+-@\t\r".utf8.contains(first) else { return false }
        let isNumber = cell.utf8.dropFirst().allSatisfy { (48...57).contains($0) || $0 == 46 } && Double(cell) != nil
        return !isNumber
    }
}
