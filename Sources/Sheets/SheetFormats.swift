import CXLSXWriter
import Foundation
import Kernel

/// The cell formats of one workbook.
struct Formats {
    typealias Format = UnsafeMutablePointer<lxw_format>
    let header, title, subtitle, message: Format?
    private let plain: [Format?]
    private let red: [Format?]

    init(_ book: UnsafeMutablePointer<lxw_workbook>) {
        func make(_ style: (Format) -> Void) -> Format? {
            let format = workbook_add_format(book)
            if let format { style(format) }
            return format
        }
        let patterns = ["@", "General", "0", "yyyy\\-mm\\-dd"]
        plain = patterns.map { pattern in make { format_set_num_format($0, pattern) } }
        red = patterns.map { pattern in
            make {
                format_set_num_format($0, pattern)
                format_set_bg_color($0, 0xFFC7CE)
                format_set_font_color($0, 0x9C0006)
            }
        }
        header = make {
            format_set_bold($0)
            format_set_bg_color($0, 0xDDE7F0)
            format_set_border($0, UInt8(LXW_BORDER_THIN.rawValue))
            format_set_align($0, UInt8(LXW_ALIGN_CENTER.rawValue))
            format_set_align($0, UInt8(LXW_ALIGN_VERTICAL_CENTER.rawValue))
            format_set_text_wrap($0)
            format_set_num_format($0, "@")
        }
        title = make {
            format_set_bold($0)
            format_set_font_size($0, 16)
            format_set_align($0, UInt8(LXW_ALIGN_CENTER.rawValue))
        }
        subtitle = make { format_set_align($0, UInt8(LXW_ALIGN_CENTER.rawValue)) }
        message = make {
            format_set_font_color($0, 0x9C0006)
            format_set_text_wrap($0)
        }
    }

    func column(_ kind: SheetWriter.Column.Kind) -> Format? { plain[Self.place(kind)] }
    func marked(_ kind: SheetWriter.Column.Kind) -> Format? { red[Self.place(kind)] }

    private static func place(_ kind: SheetWriter.Column.Kind) -> Int {
        switch kind {
        case .text: 0
        case .number: 1
        case .integer: 2
        case .day: 3
        }
    }
}

/// Lists of choices too long for a cell's rule: they stand in columns of a hidden sheet, equal ones once.
struct ChoiceLists {
    static let sheet = "codes"
    private(set) var all: [[String]] = []
    var longest: Int { all.map(\.count).max() ?? 0 }

    /// The formula that names the list, which is kept for the hidden sheet.
    mutating func reference(to choices: [String]) -> String {
        let index = all.firstIndex(of: choices) ?? all.count
        if index == all.count { all.append(choices) }
        var (letters, rest) = ("", index + 1)
        while rest > 0 {
            letters = String(UnicodeScalar(UInt8(65 + (rest - 1) % 26))) + letters
            rest = (rest - 1) / 26
        }
        return "=\(Self.sheet)!$\(letters)$1:$\(letters)$\(choices.count)"
    }
}

/// Text on its way to the C library.
enum CText {
    /// Replaces what XML or a C string cannot hold.
    static func clean(_ text: String) -> String {
        let isBad: (Unicode.Scalar) -> Bool = { $0.value == 0 || $0.value == 0xFFFE || $0.value == 0xFFFF }
        guard text.unicodeScalars.contains(where: isBad) else { return text }
        return String(String.UnicodeScalarView(text.unicodeScalars.map { isBad($0) ? "\u{FFFD}" : $0 }))
    }

    /// A cell's text, clean, and with what looks like an escape (`_x000D_`) escaped itself, which the library leaves to us.
    static func cell(_ text: String) -> String {
        let text = clean(text)
        guard text.utf8.contains(0x5F) else { return text }
        return text.replacingOccurrences(of: "_(?=x[0-9A-Fa-f]{4}_)", with: "_x005F_", options: .regularExpression)
    }

    /// The first characters that fit a number of UTF-16 units.
    static func cut(_ text: String, _ limit: Int) -> String {
        var rest = Substring(text)
        while rest.utf16.count > limit { rest = rest.dropLast() }
        return String(rest)
    }

    /// The number that a cell of this kind is stored as; nil where it is better stored as text.
    static func number(_ cell: String, _ kind: SheetWriter.Column.Kind) -> Double? {
        switch kind {
        case .text: return nil
        case .day: return Day.read(cell).flatMap { Serial.of($0) }
        case .number, .integer:
            let digits = cell.drop { $0 == "-" || $0 == "+" }
            let isPlain = cell.utf8.allSatisfy { (48...57).contains($0) || [43, 45, 46, 69, 101].contains($0) }
            let figures = digits.utf8.count { (48...57).contains($0) }
            guard isPlain, figures <= 15, let value = Double(cell), value.isFinite else { return nil }
            // A leading zero belongs to a code, which is no number.
            return digits.count > 1 && digits.hasPrefix("0") && !digits.hasPrefix("0.") ? nil : value
        }
    }

    /// Gives strings as the NULL-terminated array that C asks for.
    static func withList(
        _ strings: [String], _ body: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?) throws -> Void
    ) throws {
        var list: [UnsafeMutablePointer<CChar>?] = strings.map { strdup($0) }
        defer { for string in list { free(string) } }
        list.append(nil)
        try list.withUnsafeMutableBufferPointer { try body($0.baseAddress) }
    }
}
