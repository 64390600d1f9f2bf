import Kernel

/// Reads the rows of a sheet part and gives those that are not blank.
final class WorksheetRows: XMLReading {
    /// The row being read, or the last one read; 0 before the first.
    private(set) var row = 0
    /// The last row that was read whole.
    private(set) var last = 0
    /// Rows up to this one were given already.
    private let given: Int
    private let isDate: [Bool]
    private let startsIn1904: Bool
    private let strings: SharedStrings
    private let merges: MergedRanges
    private let limits: SheetLimits
    private let body: (SheetRow) throws -> Void

    private var cells: [String] = []
    private var column = -1
    private var type = CellType.n
    private var style = 0
    private(set) var isInRows = false
    private var (isInPhonetic, hasFormula, hasValue) = (false, false, false)
    /// Days by their serial, which sheets repeat.
    private var days: [Int: String] = [:]
    private var collecting = Part.nothing
    private var (value, formula): ([UInt8], [UInt8]) = ([], [])

    /// The types of cells as the format names them; any other is taken as its text.
    enum CellType: String { case n, s, str, inlineStr, d, other }
    private enum Part { case nothing, value, formula, inline }

    init(
        isDate: [Bool], startsIn1904: Bool, strings: SharedStrings, merges: MergedRanges, limits: SheetLimits,
        after given: Int = 0, _ body: @escaping (SheetRow) throws -> Void
    ) {
        self.given = given
        (self.isDate, self.startsIn1904, self.strings) = (isDate, startsIn1904, strings)
        (self.merges, self.limits, self.body) = (merges, limits, body)
    }

    func opened(_ name: XMLName, _ attributes: XMLAttributes) throws {
        guard isInRows else {
            isInRows = name == .sheetData
            return
        }
        switch name {
        case .c: try openCell(attributes)
        case .v:
            collecting = .value
            hasValue = true
        case .f:
            collecting = .formula
            hasFormula = true
        case .t: collecting = isInPhonetic ? .nothing : .inline
        case .rPh: isInPhonetic = true
        case .row: try openRow(attributes)
        default: break
        }
    }

    func closed(_ name: XMLName) throws {
        guard isInRows else { return }
        switch name {
        case .v, .f, .t: collecting = .nothing
        case .c: try closeCell()
        case .rPh: isInPhonetic = false
        case .row: try closeRow()
        case .sheetData: isInRows = false
        default: break
        }
    }

    func text(_ bytes: UnsafeBufferPointer<UInt8>) throws {
        switch collecting {
        case .nothing: return
        case .formula: formula.append(contentsOf: bytes)
        case .value, .inline: value.append(contentsOf: bytes)
        }
        // Escapes (`_x000D_`) take seven bytes for a character.
        if max(value.count, formula.count) > limits.cellCharacters * 7 { throw tooLong(max(value.count, formula.count)) }
    }

    private func openRow(_ attributes: XMLAttributes) throws {
        try begin(attributes["r"].map { Int($0) ?? 0 })
    }

    private func openCell(_ attributes: XMLAttributes) throws {
        if let reference = attributes["r"] {
            guard let place = CellPlace(reference) else { throw Refusal("file.truncated", row: row, ["value": reference]) }
            column = place.column
        } else {
            column += 1
        }
        type = attributes["t"].map { CellType(rawValue: $0) ?? .other } ?? .n
        style = attributes["s"].flatMap { Int($0) } ?? 0
        (hasFormula, hasValue) = (false, false)
        value.removeAll(keepingCapacity: true)
        formula.removeAll(keepingCapacity: true)
    }

    private func closeCell() throws {
        try store(try cellText())
    }
    private func store(_ text: String) throws {
        if text.isEmpty { return }
        guard column < limits.cells else {
            throw Refusal("row.width", row: row, ["limit": String(limits.cells), "value": String(column + 1)])
        }
        if text.utf8.count > limits.cellCharacters, text.utf16.count > limits.cellCharacters { throw tooLong(text.utf16.count) }
        while cells.count <= column { cells.append("") }
        cells[column] = text
    }

    private func closeRow() throws { try end() }

    private func cellText() throws -> String {
        if hasFormula, value.isEmpty, !hasValue || type != .str { return "=" + String(decoding: formula, as: UTF8.self) }
        if value.isEmpty { return "" }
        let isText = type == .str || type == .inlineStr
        let stored = value.withUnsafeBufferPointer { isText ? Escapes.text($0) : String(decoding: $0, as: UTF8.self) }
        switch type {
        case .s:
            guard let text = Int(stored).flatMap({ strings[$0] }) else {
                throw Refusal("file.truncated", row: row, ["value": "sharedStrings.xml \(stored)"])
            }
            return text
        case .n:
            if isDate.indices.contains(style), isDate[style], let number = Double(stored),
                let date = Serial.text(number, startsIn1904: startsIn1904)
            {
                return date
            }
            return NumberText.shortest(stored)
        case .d: return date(stored)
        case .str, .inlineStr, .other: return stored
        }
    }

    /// A date stored as text, without the midnight that writers add to it.
    private func date(_ text: String) -> String {
        let parts = text.split(separator: "T", maxSplits: 1)
        guard parts.count == 2, Day(parts[0]) != nil else { return text }
        let clock = parts[1].prefix { $0 != "." && $0 != "Z" }
        return clock.allSatisfy { $0 == "0" || $0 == ":" } ? String(parts[0]) : "\(parts[0]) \(clock)"
    }

    private func tooLong(_ count: Int) -> Refusal {
        Refusal("file.line-too-long", row: row, ["limit": String(limits.cellCharacters), "value": String(count)])
    }
}

// What the scanner of rows gives: the same cells, without events.
extension WorksheetRows {
    /// Begins a row, the next one where it has no number; again from its beginning where it was not read whole.
    func begin(_ number: Int?) throws {
        let number = number ?? last + 1
        guard number > last, number <= 1_048_576 else { throw Refusal("file.truncated", row: row, ["value": "row \(number)"]) }
        row = number
        column = -1
        cells.removeAll(keepingCapacity: true)
    }
    /// Gives the row.
    func end() throws {
        last = row
        try merges.fill(row, &cells)
        if !cells.isEmpty, row > given { try body(SheetRow(number: row, cells: cells)) }
    }
    /// Goes to a column, the next one where the cell names none.
    func place(_ column: Int?) { self.column = column ?? self.column + 1 }

    /// - Parameter text: the bytes as text, where somebody had to make one; they are ASCII else.
    func put(_ bytes: UnsafeBufferPointer<UInt8>, _ type: CellType, _ style: Int, hasEscape: Bool, text: String?) throws {
        if bytes.isEmpty { return }
        guard bytes.count <= limits.cellCharacters * 7 else { throw tooLong(bytes.count) }
        switch type {
        case .n: try store(number(bytes, style))
        case .s:
            guard let index = try? RowScanner.number(bytes), let text = strings[index] else {
                throw Refusal("file.truncated", row: row, ["value": "sharedStrings.xml \(String(decoding: bytes, as: UTF8.self))"])
            }
            try store(text)
        default: try store(hasEscape ? Escapes.text(bytes) : text ?? String(decoding: bytes, as: UTF8.self))
        }
    }
    private func number(_ bytes: UnsafeBufferPointer<UInt8>, _ style: Int) -> String {
        guard isDate.indices.contains(style), isDate[style] else {
            let stored = String(decoding: bytes, as: UTF8.self)
            return NumberText.isShortest(bytes) ? stored : NumberText.shortest(stored)
        }
        let serial = try? RowScanner.number(bytes)
        if let day = serial.flatMap({ days[$0] }) { return day }
        let stored = String(decoding: bytes, as: UTF8.self)
        guard let number = Double(stored), let date = Serial.text(number, startsIn1904: startsIn1904) else {
            return NumberText.shortest(stored)
        }
        if let serial, days.count < 10_000 { days[serial] = date }
        return date
    }
}
