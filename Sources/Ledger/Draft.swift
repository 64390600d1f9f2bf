import Catalog
import Kernel

/// Something that somebody submits: cells by field name, not yet a record.
public struct Draft: Sendable {
    public let kind: Kind
    /// The record that it changes; nil for a new one, or where its keys decide.
    public var id: String?
    /// Fields that are absent keep what a changed record has; empty ones clear it.
    public var cells: [String: String]
    /// Row in the user's file.
    public var row: Int?
    /// The record is to be withdrawn.
    public var isWithdrawal = false
    /// The step that it takes in its kind's course; nil for plain input.
    public var step: Flow.Step?
    /// The saved draft that it was made from, which goes when it is stored.
    public var saved: String?
    /// Version that the submitter saw; nil where they saw none.
    public var seen: Int?
    /// A moment other than now, for demonstration data and moves between databases.
    public var recordedAt: Moment?
    public var home: String?
    /// What was wrong with the row before its cells were read: it is refused for that alone.
    public var flaws: [Refusal] = []

    public init(_ kind: Kind, id: String? = nil, row: Int? = nil, home: String? = nil, _ cells: [String: String] = [:]) {
        (self.kind, self.id, self.row, self.home, self.cells) = (kind, id, row, home, cells)
    }
}

/// Reads one cell as its field wants it. Pure: references and divisions are looked up elsewhere.
public struct CellReader: Sendable {
    let catalog: Catalog
    let today: Day
    public init(catalog: Catalog, today: Day) { (self.catalog, self.today) = (catalog, today) }

    /// - Returns: the value, nil for a blank cell.
    /// - Throws: `Refusal` with the field and the rule.
    public func read(_ raw: String, as field: FieldSpec) throws -> Value? {
        let text = CellReader.trimmed(raw)
        guard !text.isEmpty else { return nil }
        func refuse(_ code: String, _ details: [String: String] = [:]) -> Refusal {
            Refusal(code, field: field.name, details.merging(["value": String(text.prefix(80))]) { first, _ in first })
        }
        // Long texts have lines of their own; nothing else may hold what nobody sees.
        if case .text(let limit) = field.type, limit > 200 {
            let lines = text.replacing("\r\n", with: "\n")
            guard !lines.unicodeScalars.contains(where: { $0 != "\n" && $0 != "\t" && CellReader.isHidden($0) }) else {
                throw refuse("text.control")
            }
            guard lines.count <= limit else { throw refuse("text.too-long", ["limit": String(limit)]) }
            return .text(lines)
        }
        guard !text.unicodeScalars.contains(where: CellReader.isHidden) else { throw refuse("text.control") }
        switch field.type {
        case .text(let limit):
            guard text.count <= limit else { throw refuse("text.too-long", ["limit": String(limit)]) }
            return .text(text)
        case .integer(let range):
            guard let number = CellReader.number(text) else { throw refuse("number.format") }
            let isHuge = abs(number) >= 9e15
            guard isHuge || number == number.rounded() else { throw refuse("number.whole") }
            guard !isHuge, range.contains(Int(number)) else {
                throw refuse("number.range", ["limit": "\(range.lowerBound)…\(range.upperBound)"])
            }
            return .integer(Int(number))
        case .decimal(let range):
            guard let number = CellReader.number(text) else { throw refuse("number.format") }
            let limit = "\(plainText(.real(range.lowerBound)))…\(plainText(.real(range.upperBound)))"
            guard range.contains(number) else { throw refuse("number.range", ["limit": limit]) }
            return .real(number)
        case .day(let future):
            guard let day = Day.read(CellReader.narrowed(text)) else { throw refuse("day.format") }
            if !future, day > today { throw refuse("day.future", ["limit": today.description]) }
            if day.year < 1900 { throw refuse("day.past", ["limit": "1900-01-01"]) }
            if day.year > 2199 { throw refuse("day.future", ["limit": "2199-12-31"]) }
            return .day(day)
        case .flag:
            switch CellReader.narrowed(text).lowercased() {
            case "1", "是", "有", "y", "yes", "true", "√", "✓": return .flag(true)
            case "0", "否", "无", "n", "no", "false", "×", "✗": return .flag(false)
            default: throw refuse("flag.format")
            }
        case .code(let table): return .text(try code(text, table, refuse))
        case .codes(let table):
            let parts = text.split(whereSeparator: { ";；、,，|".contains($0) }).map { CellReader.trimmed(String($0)) }.filter { !$0.isEmpty }
            // A name may hold a separator of its own ("铅、汞"): the whole text is tried first.
            if let whole = catalog.tables[table]?.code(for: text) { return .list([whole]) }
            return .list(Array(Set(try parts.map { try code($0, table, refuse) })).sorted())
        case .reference: return .text(text)
        case .division(let township):
            let text = CellReader.narrowed(text)
            guard let code = DivisionCode(text) else { throw refuse("division.format", ["expected": township ? "9" : "6"]) }
            if township, code.text.utf8.count != 9 { throw refuse("division.format", ["expected": "9"]) }
            return .text(text)
        case .creditCode:
            let code = CellReader.narrowed(text).uppercased().filter { $0 != " " && $0 != "-" }
            if let flaw = CreditCode.flaw(in: code) { throw refuse(flaw.rawValue) }
            return .text(code)
        case .residentID:
            let number = CellReader.narrowed(text).uppercased().filter { $0 != " " }
            if let flaw = ResidentID.flaw(in: number) { throw refuse(flaw.rawValue) }
            return .text(number)
        }
    }

    private func code(_ text: String, _ table: String, _ refuse: (String, [String: String]) -> Refusal) throws -> String {
        guard let known = catalog.tables[table] else { throw refuse("code.unknown", ["table": table]) }
        if let code = known.code(for: text) ?? known.code(for: CellReader.narrowed(text)) { return code }
        // Cells of our own templates read `code 名称`.
        if let head = text.split(separator: " ").first, known[String(head)] != nil { return String(head) }
        throw refuse("code.unknown", ["table": known.zh, "table_en": known.en])
    }

    /// Spaces of every width cut off both ends.
    public static func trimmed(_ text: String) -> String {
        guard let first = text.utf8.first, let last = text.utf8.last, first <= 32 || last <= 32 || first >= 0xC2 || last >= 0x80 else {
            return text
        }
        var view = Substring(text)
        func isSpace(_ character: Character) -> Bool { character.isWhitespace || character == "\u{FEFF}" || character == "\u{200B}" }
        while let character = view.first, isSpace(character) { view.removeFirst() }
        while let character = view.last, isSpace(character) { view.removeLast() }
        return String(view)
    }

    /// Whether a character is one that nobody sees and that would make two equal texts differ: controls, invisible spaces, marks that
    /// turn the direction of writing. Those that some scripts cannot do without (Mongolian's, joiners) are none of them.
    static func isHidden(_ scalar: UnicodeScalar) -> Bool {
        switch scalar.value {
        case 0..<32, 127..<160, 0x200B, 0x200E, 0x200F, 0x2028...0x202E, 0x2066...0x2069, 0xFEFF, 0xFFFE, 0xFFFF: true
        default: false
        }
    }

    /// Full-width letters, digits and signs as an input method leaves them, made half-width.
    static func narrowed(_ text: String) -> String {
        guard text.utf8.contains(0xEF) else { return text }
        return String(
            String.UnicodeScalarView(
                text.unicodeScalars.map { scalar in
                    (0xFF01...0xFF5E).contains(scalar.value) ? UnicodeScalar(UInt8(scalar.value - 0xFEE0)) : scalar
                }))
    }

    /// A number with full-width digits and thousands separators allowed; percent signs and units are not, nor a comma that parts
    /// anything but thousands: `0,5` is half of one in other countries.
    static func number(_ text: String) -> Double? {
        var plain = narrowed(text)
        if plain.contains(",") {
            let groups = plain.prefix { $0 != "." }.split(separator: ",", omittingEmptySubsequences: false)
            guard groups.dropFirst().allSatisfy({ $0.utf8.count == 3 }), groups[0].drop(while: { "+-".contains($0) }).utf8.count < 4,
                groups[0].contains(where: \.isNumber),
                plain.lastIndex(of: ",").map({ $0 < (plain.firstIndex(of: ".") ?? plain.endIndex) }) ?? true
            else { return nil }
            plain.removeAll { $0 == "," }
        }
        guard let first = plain.utf8.first, first == 45 || first == 43 || first == 46 || (first >= 48 && first <= 57) else { return nil }
        guard plain.utf8.allSatisfy({ ($0 >= 48 && $0 <= 57) || [43, 45, 46, 69, 101].contains($0) }), let number = Double(plain) else {
            return nil
        }
        return number
    }
}
