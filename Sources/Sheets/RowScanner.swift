import Foundation
import Glibc

/// Rows in the form in which table programs write them, read byte by byte; expat gets what stands around them. Whatever is written otherwise, well
/// formed or not (another encoding, prefixes, formulas, comments), is `Stop.unusual`: the part is then read from its beginning by expat alone.
struct RowScanner {
    enum Stop: Error { case more, unusual }
    private enum State { case head, rows, tail }

    private static let longestHead = 1 << 16
    private static let longestRow = 1 << 22

    private var state = State.head
    private var kept: [UInt8] = []

    /// - Parameter others: takes what is no row.
    mutating func feed(
        _ chunk: UnsafeRawBufferPointer, _ rows: WorksheetRows, others: (UnsafeRawBufferPointer) throws -> Void
    ) throws {
        switch state {
        case .tail: try others(chunk)
        case .head:
            kept.append(contentsOf: chunk)
            guard let end = try RowScanner.head(kept) else {
                guard kept.count <= RowScanner.longestHead else { throw Stop.unusual }
                return
            }
            let bytes = kept
            kept = []
            try bytes.withUnsafeBytes { bytes in
                try others(UnsafeRawBufferPointer(rebasing: bytes[..<end]))
                guard rows.isInRows else { throw Stop.unusual }
                state = .rows
                try scan(UnsafeRawBufferPointer(rebasing: bytes[end...]), rows, others)
            }
        case .rows where kept.isEmpty: try scan(chunk, rows, others)
        case .rows:
            kept.append(contentsOf: chunk)
            guard kept.count <= RowScanner.longestRow else { throw Stop.unusual }
            let bytes = kept
            kept = []
            try bytes.withUnsafeBytes { try scan($0, rows, others) }
        }
    }

    /// At the end of the part.
    func finish() throws { if state != .tail { throw Stop.unusual } }

    /// Where the rows begin; nil where that is not there yet.
    private static func head(_ bytes: [UInt8]) throws(Stop) -> Int? {
        let tag = Array("<sheetData>".utf8)
        let found = Data(bytes).range(of: Data(tag))?.lowerBound
        guard let found else { return nil }
        let text = String(decoding: bytes[..<found], as: UTF8.self)
        let encoding = text.range(of: "encoding=").map { text[$0.upperBound...].dropFirst().prefix(5).lowercased() }
        guard !text.contains("<!"), encoding == nil || encoding == "utf-8" else { throw .unusual }
        return found + tag.count
    }

    /// A whole number of up to nine digits.
    @inline(__always) static func number(_ bytes: UnsafeBufferPointer<UInt8>) throws(Stop) -> Int {
        guard (1...9).contains(bytes.count) else { throw .unusual }
        var number = 0
        for byte in bytes {
            guard byte >= 0x30, byte <= 0x39 else { throw .unusual }
            number = number * 10 + Int(byte - 0x30)
        }
        return number
    }

    private mutating func scan(
        _ bytes: UnsafeRawBufferPointer, _ rows: WorksheetRows, _ others: (UnsafeRawBufferPointer) throws -> Void
    ) throws {
        guard let base = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return }
        var cursor = RowCursor(base, end: base + bytes.count)
        var done = base
        do {
            while true {
                cursor.skipBlanks()
                done = cursor.place
                if try cursor.takes("</sheetData>") {
                    state = .tail
                    try others(UnsafeRawBufferPointer(start: done, count: bytes.count - (done - base)))
                    return
                }
                try cursor.row(rows)
            }
        } catch Stop.more {
            kept.append(contentsOf: UnsafeBufferPointer(start: done, count: bytes.count - (done - base)))
        }
    }
}

/// A place in the bytes of rows. What it reads is either whole and of the usual form, or thrown as `RowScanner.Stop`.
private struct RowCursor {
    private(set) var place: UnsafePointer<UInt8>
    private let end: UnsafePointer<UInt8>

    init(_ place: UnsafePointer<UInt8>, end: UnsafePointer<UInt8>) { (self.place, self.end) = (place, end) }

    @inline(__always) private func peek() throws(RowScanner.Stop) -> UInt8 {
        guard place < end else { throw .more }
        return place.pointee
    }
    @inline(__always) mutating func skipBlanks() {
        while place < end, place.pointee == 0x20 || place.pointee == 0x0A || place.pointee == 0x0D || place.pointee == 0x09 { place += 1 }
    }
    /// Whether these bytes stand here; they are behind the cursor then.
    @inline(__always) mutating func takes(_ text: StaticString) throws(RowScanner.Stop) -> Bool {
        let count = min(text.utf8CodeUnitCount, end - place)
        guard memcmp(place, text.utf8Start, count) == 0 else { return false }
        guard count == text.utf8CodeUnitCount else { throw .more }
        place += count
        return true
    }
    @inline(__always) private mutating func take(_ text: StaticString) throws(RowScanner.Stop) {
        guard try takes(text) else { throw .unusual }
    }

    /// The next attribute of an element, or nil at its end, `isEmpty` where that is `/>`.
    @inline(__always) private mutating func attribute(
        _ isEmpty: inout Bool
    ) throws(RowScanner.Stop) -> (name: UnsafeBufferPointer<UInt8>, value: UnsafeBufferPointer<UInt8>)? {
        var byte = try peek()
        guard byte == 0x20 else {
            isEmpty = byte == 0x2F
            if isEmpty { try take("/>") } else { try take(">") }
            return nil
        }
        while byte == 0x20 {
            place += 1
            byte = try peek()
        }
        if byte == 0x2F || byte == 0x3E { return try attribute(&isEmpty) }
        let name = place
        while byte != 0x3D {
            guard byte > 0x3E || byte == 0x3A || byte >= 0x30 && byte <= 0x39 else { throw .unusual }
            place += 1
            byte = try peek()
        }
        let length = place - name
        try take("=\"")
        let value = place
        byte = try peek()
        while byte != 0x22 {
            guard byte >= 0x20, byte < 0x80, byte != 0x26, byte != 0x3C else { throw .unusual }
            place += 1
            byte = try peek()
        }
        place += 1
        return (UnsafeBufferPointer(start: name, count: length), UnsafeBufferPointer(start: value, count: place - 1 - value))
    }

    /// A row with its cells, given to `rows` when it is whole.
    mutating func row(_ rows: WorksheetRows) throws {
        try take("<row")
        var (number, seen, isEmpty) = (Int?.none, UInt16(0), false)
        while let (name, value) = try attribute(&isEmpty) {
            guard let index = RowCursor.known.firstIndex(where: { RowCursor.equal(name, $0) }), seen & 1 << index == 0 else {
                throw RowScanner.Stop.unusual
            }
            seen |= 1 << index
            if index == 0 { number = try RowScanner.number(value) }
        }
        try rows.begin(number)
        while !isEmpty {
            skipBlanks()
            if try takes("<c") { try cell(rows) } else { try take("</row>"); break }
        }
        try rows.end()
    }
    /// What a row may say of itself; anything else, and anything said twice, is left to expat.
    private static let known: [StaticString] = [
        "r", "spans", "s", "customFormat", "ht", "hidden", "customHeight", "outlineLevel", "collapsed", "thickTop", "thickBot",
        "x14ac:dyDescent",
    ]

    private mutating func cell(_ rows: WorksheetRows) throws {
        var (style, type, column) = (0, WorksheetRows.CellType.n, Int?.none)
        var (seen, isEmpty) = (UInt8(0), false)
        while let (name, value) = try attribute(&isEmpty) {
            guard name.count == 1, let letter = name.first else { throw RowScanner.Stop.unusual }
            let bit: UInt8
            switch letter {
            case 0x72: (column, bit) = (try RowCursor.column(value), 1)
            case 0x73: (style, bit) = (try RowScanner.number(value), 2)
            case 0x74: (type, bit) = (try RowCursor.type(value), 4)
            default: throw RowScanner.Stop.unusual
            }
            guard seen & bit == 0 else { throw RowScanner.Stop.unusual }
            seen |= bit
        }
        rows.place(column)
        if isEmpty { return }
        if try takes("<v>") {
            try text(rows, type, style)
            try take("</v>")
        } else if try takes("<is>") {
            if try !takes("<t>") { try take("<t xml:space=\"preserve\">") }
            try text(rows, type, style)
            try take("</t></is>")
        }
        try take("</c>")
    }

    /// The text up to the next tag, put into the cell.
    private mutating func text(_ rows: WorksheetRows, _ type: WorksheetRows.CellType, _ style: Int) throws {
        let start = place
        var (isPlain, hasEntity, hasEscape) = (true, false, false)
        var byte = try peek()
        while byte != 0x3C {
            if byte >= 0x80 {
                isPlain = false
            } else if byte == 0x26 {
                hasEntity = true
            } else if byte == 0x5F {
                hasEscape = true
            } else if byte == 0x3E || byte < 0x20 && byte != 0x0A && byte != 0x09 {
                throw RowScanner.Stop.unusual
            }
            place += 1
            byte = try peek()
        }
        let bytes = UnsafeBufferPointer(start: start, count: place - start)
        if !isPlain || hasEntity {
            guard let text = RowCursor.decoded(bytes, hasEntity) else { throw RowScanner.Stop.unusual }
            var whole = text
            try whole.withUTF8 { try rows.put($0, type, style, hasEscape: hasEscape, text: text) }
        } else {
            try rows.put(bytes, type, style, hasEscape: hasEscape, text: nil)
        }
    }

    /// Valid UTF-8 without what XML forbids, its five entities put in; nil for anything else.
    private static func decoded(_ bytes: UnsafeBufferPointer<UInt8>, _ hasEntity: Bool) -> String? {
        guard hasEntity else {
            for index in bytes.indices
            where bytes[index] == 0xEF && index + 2 < bytes.count && bytes[index + 1] == 0xBF && bytes[index + 2] >= 0xBE {
                return nil
            }
            return String(validating: bytes, as: UTF8.self)
        }
        var (result, index) = ([UInt8](), 0)
        outer: while index < bytes.count {
            guard bytes[index] == 0x26 else {
                result.append(bytes[index])
                index += 1
                continue
            }
            for (entity, letter) in entities where bytes[index...].starts(with: entity) {
                result.append(letter)
                index += entity.count
                continue outer
            }
            return nil
        }
        return result.withUnsafeBufferPointer { decoded($0, false) }
    }
    private static let entities: [([UInt8], UInt8)] = [
        (Array("&amp;".utf8), 0x26), (Array("&lt;".utf8), 0x3C), (Array("&gt;".utf8), 0x3E), (Array("&quot;".utf8), 0x22),
        (Array("&apos;".utf8), 0x27),
    ]

    private static func equal(_ bytes: UnsafeBufferPointer<UInt8>, _ text: StaticString) -> Bool {
        bytes.elementsEqual(UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }
    /// The zero-based column of a place such as `AB12`.
    @inline(__always) private static func column(_ bytes: UnsafeBufferPointer<UInt8>) throws(RowScanner.Stop) -> Int {
        var (column, index) = (0, 0)
        while index < bytes.count, bytes[index] >= 0x41, bytes[index] <= 0x5A {
            column = column * 26 + Int(bytes[index] & 0x1F)
            index += 1
        }
        let row = try RowScanner.number(UnsafeBufferPointer(rebasing: bytes[index...]))
        guard index > 0, index <= 3, column <= 16_384, row > 0, row <= 1_048_576 else { throw .unusual }
        return column - 1
    }
    @inline(__always) private static func type(_ bytes: UnsafeBufferPointer<UInt8>) throws(RowScanner.Stop) -> WorksheetRows.CellType {
        switch bytes.count {
        case 1 where bytes[0] == 0x73: return .s
        case 1 where bytes[0] == 0x6E: return .n
        case 3 where equal(bytes, "str"): return .str
        case 9 where equal(bytes, "inlineStr"): return .inlineStr
        default: throw .unusual
        }
    }
}
