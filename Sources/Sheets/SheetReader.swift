import Foundation
import Glibc
import Kernel

/// Reads workbooks (XLSX) and text tables (CSV) row by row in bounded memory. What the file is, its content tells, not its name.
///
/// Every flaw of a file is a `Refusal` with `details` (`limit`, `value`, …) and the row where one is known:
/// `file.missing`, `file.empty`, `file.binary`, `file.encoding`, `file.truncated`, `file.bomb`, `file.doctype`, `file.too-large`,
/// `file.line-too-long`, `file.quote`, `sheet.missing`, `row.width`.
public enum SheetReader {
    /// Gives `body` every row that is not wholly blank, in the order of the file.
    ///
    /// `sheet` names the sheet of a workbook; without it the first visible sheet is read. A text table has no sheets and ignores it.
    /// Throws a `Refusal`, or what `body` throws. The flaw may lie behind rows already given: whoever catches it drops them.
    public static func read(
        _ url: URL, sheet: String? = nil, limits: SheetLimits = .standard, _ body: (SheetRow) throws -> Void
    ) throws {
        let file = try ByteFile(url, limits: limits)
        var isEmpty = true
        let counted: (SheetRow) throws -> Void = { row in
            isEmpty = false
            try body(row)
        }
        if try file.isArchive() {
            try Workbook(file, limits: limits).read(sheet, counted)
        } else {
            try readText(file, limits: limits, counted)
        }
        if isEmpty { throw Refusal("file.empty", ["value": url.lastPathComponent]) }
    }

    /// The first `count` rows that are not blank, to show a user or to lay out a mapping. Refuses as `read` does.
    public static func head(
        _ url: URL, sheet: String? = nil, rows count: Int, limits: SheetLimits = .standard
    ) throws -> [SheetRow] {
        struct Enough: Error {}
        var rows: [SheetRow] = []
        do {
            try read(url, sheet: sheet, limits: limits) { row in
                rows.append(row)
                if rows.count >= count { throw Enough() }
            }
        } catch is Enough {}
        return rows
    }

    /// The names of the visible sheets of a workbook in their order; none for a text table. Refuses as `read` does.
    public static func sheets(_ url: URL, limits: SheetLimits = .standard) throws -> [String] {
        let file = try ByteFile(url, limits: limits)
        return try file.isArchive() ? Workbook(file, limits: limits).sheets.filter { !$0.isHidden }.map(\.name) : []
    }

    /// Gives `body` the rows of UTF-8 text as they arrive through an open descriptor: a pipe, standard input, a file. Nothing is read twice
    /// and no more than a row is held, so the text may be endless.
    public static func stream(_ descriptor: Int32, limits: SheetLimits = .standard, _ body: (ByteRow) throws -> Void) throws {
        var scanner = CSVScanner(limits: limits)
        var buffer = [UInt8](repeating: 0, count: 1 << 18)
        var isFirst = true
        var hasRows = false
        func counted(_ row: ByteRow) throws {
            hasRows = true
            try body(row)
        }
        while true {
            let count = buffer.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw Refusal("file.missing", ["value": String(cString: strerror(errno))]) }
            if count == 0 { break }
            try buffer.withUnsafeBufferPointer { bytes in
                let isMarked = isFirst && bytes[..<count].starts(with: [0xEF, 0xBB, 0xBF])
                try scanner.feed(bytes: UnsafeBufferPointer(rebasing: bytes[(isMarked ? 3 : 0)..<count]), counted)
            }
            isFirst = false
        }
        try scanner.finish(bytes: counted)
        if !hasRows { throw Refusal("file.empty", ["value": "-"]) }
    }

    private static func readText(_ file: ByteFile, limits: SheetLimits, _ body: (SheetRow) throws -> Void) throws {
        let source = try TextSource(file)
        var scanner = CSVScanner(limits: limits)
        var isOpen = true
        while isOpen {
            do {
                isOpen = try source.next { try scanner.feed($0, body) }
            } catch let refusal as Refusal where refusal.code == "file.encoding" && refusal.row == nil {
                throw refusal.at(row: scanner.row + 1)
            }
        }
        try scanner.finish(body)
    }
}
