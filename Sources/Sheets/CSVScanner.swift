import Kernel

/// Cuts UTF-8 bytes into rows and cells after RFC 4180, with the endings CRLF, LF and CR and the delimiters comma, semicolon and tab.
/// Holds one row at a time. A quote inside an unquoted cell and text behind a closing quote are taken as they stand, as Excel does.
struct CSVScanner {
    /// Rows behind us, blank ones counted.
    private(set) var row = 0
    private let limits: SheetLimits
    private var delimiter: UInt8?
    private var state = State.start
    private var afterReturn = false
    /// The bytes of the row without its quotes and delimiters, and where each cell but the open one ends.
    private var bytes: [UInt8] = []
    private var ends: [Int] = []

    /// At the start of a cell, in an open one, between quotes, or behind a quote that may close or be doubled.
    private enum State { case start, plain, quoted, quote }

    init(limits: SheetLimits) { self.limits = limits }

    mutating func feed(_ chunk: UnsafeBufferPointer<UInt8>, _ body: (SheetRow) throws -> Void) throws {
        try feed(bytes: chunk) { try body(SheetRow($0)) }
    }
    mutating func finish(_ body: (SheetRow) throws -> Void) throws { try finish(bytes: { try body(SheetRow($0)) }) }

    mutating func feed(bytes chunk: UnsafeBufferPointer<UInt8>, _ body: (ByteRow) throws -> Void) throws {
        if chunk.isEmpty { return }
        let delimiter = delimiter ?? Self.delimiter(of: chunk)
        self.delimiter = delimiter
        var index = 0
        while index < chunk.count {
            let byte = chunk[index]
            if state == .quoted {
                if byte == 0x22 {
                    state = .quote
                    index += 1
                } else {
                    index = try take(chunk, from: index) { $0 == 0x22 }
                }
                continue
            }
            if afterReturn {
                afterReturn = false
                if byte == 0x0A {
                    index += 1
                    continue
                }
            }
            switch byte {
            case delimiter:
                try endCell()
                index += 1
            case 0x0A, 0x0D:
                afterReturn = byte == 0x0D
                try endRow(body)
                index += 1
            case 0x22 where state == .start:
                state = .quoted
                index += 1
            case 0x22 where state == .quote:
                bytes.append(byte)
                state = .quoted
                index += 1
            default:
                state = .plain
                index = try take(chunk, from: index) { $0 == delimiter || $0 == 0x0A || $0 == 0x0D }
            }
        }
    }

    /// Ends the last row, which need not have a line ending.
    mutating func finish(bytes body: (ByteRow) throws -> Void) throws {
        if state == .quoted { throw Refusal("file.quote", row: row + 1) }
        if state != .start || !ends.isEmpty { try endRow(body) }
    }

    /// Appends the bytes up to the first that ends the run and returns its index.
    private mutating func take(_ chunk: UnsafeBufferPointer<UInt8>, from start: Int, until isEnd: (UInt8) -> Bool) throws -> Int {
        var end = start
        while end < chunk.count, !isEnd(chunk[end]) {
            if chunk[end] == 0 { throw Refusal("file.binary", row: row + 1, ["value": "NUL"]) }
            end += 1
        }
        bytes.append(contentsOf: UnsafeBufferPointer(rebasing: chunk[start..<end]))
        if bytes.count - (ends.last ?? 0) > limits.cellBytes { throw tooLong(from: ends.last ?? 0) }
        guard bytes.count <= limits.lineBytes else {
            throw Refusal("file.line-too-long", row: row + 1, ["limit": String(limits.lineBytes), "value": String(bytes.count)])
        }
        return end
    }

    private mutating func endCell() throws {
        let start = ends.last ?? 0
        if bytes.count - start > limits.cellCharacters, wide(bytes[start...]) > limits.cellCharacters { throw tooLong(from: start) }
        ends.append(bytes.count)
        state = .start
        guard ends.count <= limits.cells else {
            throw Refusal("row.width", row: row + 1, ["limit": String(limits.cells), "value": String(ends.count)])
        }
    }

    private mutating func endRow(_ body: (ByteRow) throws -> Void) throws {
        try endCell()
        row += 1
        if !bytes.isEmpty {
            try bytes.withUnsafeBufferPointer { bytes in
                try ends.withUnsafeBufferPointer { try body(ByteRow(number: row, bytes: bytes, ends: $0)) }
            }
        }
        bytes.removeAll(keepingCapacity: true)
        ends.removeAll(keepingCapacity: true)
    }

    /// A cell that never ends: lines swallowed by a quote that nobody closed, or too much text.
    private func tooLong(from start: Int) -> Refusal {
        if state == .quoted, bytes[start...].contains(where: { $0 == 0x0A || $0 == 0x0D }) { return Refusal("file.quote", row: row + 1) }
        let details = ["limit": String(limits.cellCharacters), "value": String(wide(bytes[start...]))]
        return Refusal("file.line-too-long", row: row + 1, details)
    }

    /// The commonest of the three delimiters in the first line outside quotes; a comma where there is none.
    private static func delimiter(of chunk: UnsafeBufferPointer<UInt8>) -> UInt8 {
        var (commas, semicolons, tabs, isQuoted) = (0, 0, 0, false)
        line: for byte in chunk {
            switch byte {
            case 0x22: isQuoted.toggle()
            case _ where isQuoted: continue
            case 0x2C: commas += 1
            case 0x3B: semicolons += 1
            case 0x09: tabs += 1
            case 0x0A, 0x0D: break line
            default: continue
            }
        }
        if tabs > commas, tabs >= semicolons { return 0x09 }
        return semicolons > commas ? 0x3B : 0x2C
    }
}

/// The length of UTF-8 in UTF-16, as Excel counts characters.
func wide(_ bytes: some Sequence<UInt8>) -> Int {
    bytes.reduce(0) { $0 + ($1 & 0xC0 == 0x80 ? 0 : $1 >= 0xF0 ? 2 : 1) }
}
