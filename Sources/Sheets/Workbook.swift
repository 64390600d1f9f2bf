import Foundation
import Kernel

/// An XLSX file: which sheets it has and what their cells need to be read.
final class Workbook {
    struct Sheet {
        let name: String
        let part: String
        let isHidden: Bool
    }

    let sheets: [Sheet]
    private let archive: Archive
    private let limits: SheetLimits
    private let relations: Relations
    private let startsIn1904: Bool

    init(_ file: ByteFile, limits: SheetLimits) throws {
        archive = try Archive(file, limits: limits)
        self.limits = limits
        try Self.recognise(archive.names)
        let part = try Relations(of: "", in: archive).first("officeDocument") ?? "xl/workbook.xml"
        let contents = WorkbookContents()
        try XMLStream.parse(part, of: archive, with: contents)
        let relations = try Relations(of: part, in: archive)
        self.relations = relations
        startsIn1904 = contents.startsIn1904
        sheets = contents.sheets.compactMap { sheet in
            guard let target = relations.byID[sheet.relation], target.kind == "worksheet" else { return nil }
            return Sheet(name: sheet.name, part: target.part, isHidden: sheet.isHidden)
        }
    }

    /// Gives the rows of a sheet, of the first visible one where none is named, leaving out blank rows.
    func read(_ name: String?, _ body: (SheetRow) throws -> Void) throws {
        guard let sheet = sheets.first(where: { name == nil ? !$0.isHidden : $0.name == name }) else {
            let names = sheets.filter { !$0.isHidden }.map(\.name).joined(separator: ", ")
            throw Refusal("sheet.missing", ["value": name ?? "", "expected": names])
        }
        let styles = NumberStyles()
        if let part = relations.first("styles") { try XMLStream.parse(part, of: archive, with: styles) }
        let strings = SharedStrings(limits: limits)
        if let part = relations.first("sharedStrings") { try XMLStream.parse(part, of: archive, with: strings) }
        let merges = MergedRanges(limits: limits)
        // The ranges stand behind the rows that they change, so a sheet that has them is read twice. This pass also finds a broken
        // part before the first row is given.
        if try mentionsMerges(sheet.part) { try XMLStream.parse(sheet.part, of: archive, with: merges) }
        merges.sort()
        try withoutActuallyEscaping(body) { body in
            var rows = WorksheetRows(
                isDate: styles.isDate, startsIn1904: startsIn1904, strings: strings, merges: merges, limits: limits, body)
            do {
                do { try XMLStream.parseRows(sheet.part, of: archive, with: rows) } catch is RowScanner.Stop {
                    merges.rewind()
                    rows = WorksheetRows(
                        isDate: styles.isDate, startsIn1904: startsIn1904, strings: strings, merges: merges, limits: limits,
                        after: rows.last, body)
                    try XMLStream.parse(sheet.part, of: archive, with: rows)
                }
            } catch let refusal as Refusal where refusal.row == nil && refusal.code.hasPrefix("file.") && rows.row > 0 {
                throw refusal.at(row: rows.row)
            }
        }
    }

    private func mentionsMerges(_ part: String) throws -> Bool {
        var search = ByteSearch(Array("mergeCell".utf8))
        var (found, isFirst) = (0, true)
        try archive.stream(part) { chunk in
            // In UTF-16, which XML allows, the word cannot be looked for.
            if isFirst, chunk.starts(with: [0xFF, 0xFE]) || chunk.starts(with: [0xFE, 0xFF]) { found = 1 }
            isFirst = false
            found += search.count(in: chunk)
        }
        return found > 0
    }

    /// Tells archives that are no workbook, or one of the binary kind, from workbooks with parts missing.
    private static func recognise(_ names: [String]) throws {
        let lower = names.map { $0.lowercased() }
        if lower.contains("xl/workbook.bin") { throw Refusal("file.binary", ["value": "xlsb"]) }
        if lower.contains(where: { $0.hasPrefix("xl/") || $0.hasSuffix("workbook.xml") }) { return }
        throw Refusal("file.binary", ["value": lower.contains("content.xml") ? "ods" : "zip"])
    }
}

/// A cell's place in A1 notation, one-based row and zero-based column.
struct CellPlace {
    let row: Int
    let column: Int

    /// nil outside the 1,048,576 rows and 16,384 columns of a sheet.
    init?(_ text: some StringProtocol) {
        var (row, column, letters) = (0, 0, 0)
        for byte in text.utf8 {
            switch byte {
            case 0x24: continue
            case 0x41...0x5A where row == 0, 0x61...0x7A where row == 0:
                column = column * 26 + Int(byte & 0x1F)
                letters += 1
                guard letters <= 3 else { return nil }
            case 0x30...0x39 where letters > 0:
                row = row * 10 + Int(byte - 0x30)
                guard row <= 1_048_576 else { return nil }
            default: return nil
            }
        }
        guard row > 0, column > 0, column <= 16_384 else { return nil }
        (self.row, self.column) = (row, column - 1)
    }
}

/// The merged ranges of a sheet; fills the value of the top left cell into every cell of its range, row by row.
final class MergedRanges: XMLReading {
    private struct Range {
        let rows: ClosedRange<Int>
        let columns: ClosedRange<Int>
        var value = ""
    }

    private let limits: SheetLimits
    private var waiting: [Range] = []
    private var next = 0
    private var open: [Range] = []

    init(limits: SheetLimits) { self.limits = limits }

    func opened(_ name: XMLName, _ attributes: XMLAttributes) throws {
        guard name == .mergeCell, let reference = attributes["ref"] else { return }
        let corners = reference.split(separator: ":").map { CellPlace($0) }
        guard corners.count == 2, let first = corners[0], let last = corners[1], first.row <= last.row, first.column <= last.column,
            first.column < limits.cells
        else { return }
        waiting.append(Range(rows: first.row...last.row, columns: first.column...min(last.column, limits.cells - 1)))
        guard waiting.count <= limits.merges else {
            throw Refusal("file.bomb", ["value": "mergeCells", "limit": String(limits.merges)])
        }
    }

    func sort() { waiting.sort { $0.rows.lowerBound < $1.rows.lowerBound } }

    /// Begins again, for a sheet that is read from its first row.
    func rewind() { (next, open) = (0, []) }

    /// Fills one row; rows come in their order.
    func fill(_ row: Int, _ cells: inout [String]) throws {
        if !open.isEmpty { open.removeAll { $0.rows.upperBound < row } }
        while next < waiting.count, waiting[next].rows.lowerBound <= row {
            var range = waiting[next]
            next += 1
            guard range.rows.contains(row) else { continue }
            if range.rows.lowerBound == row, range.columns.lowerBound < cells.count { range.value = cells[range.columns.lowerBound] }
            open.append(range)
        }
        // Ranges of a sound sheet do not overlap, so that no more than one stands over each column.
        guard open.count <= limits.cells else {
            throw Refusal("file.bomb", row: row, ["value": "mergeCells", "limit": String(limits.cells)])
        }
        for range in open where !range.value.isEmpty {
            while cells.count <= range.columns.upperBound { cells.append("") }
            for column in range.columns { cells[column] = range.value }
        }
    }
}
