import Kernel

/// The letters that a draw's file is written in: lines of fields, tabs between, a line feed behind each.
enum DrawText {
    /// Letters, digits, `.`, `_` and `-`, 1…64 of them.
    static func isID(_ text: String) -> Bool {
        (1...64).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte) || [45, 46, 95].contains(byte)
            }
    }
    /// Words: 1…500 code points, none of them a control or a separator of lines.
    static func isPlain(_ text: String) -> Bool {
        let scalars = text.unicodeScalars
        return (1...500).contains(scalars.count)
            && scalars.allSatisfy { $0.value >= 32 && !(127...159).contains($0.value) && $0.value != 0x2028 && $0.value != 0x2029 }
    }
    /// 64 lower-case hexadecimal digits.
    static func isDigest(_ text: String) -> Bool {
        text.utf8.count == 64 && text.utf8.allSatisfy { (48...57).contains($0) || (97...102).contains($0) }
    }
    /// A whole number as it is written here: no sign, no zero in front.
    static func number(_ text: String) -> Int? {
        guard (1...9).contains(text.utf8.count), text.utf8.allSatisfy({ (48...57).contains($0) }) else { return nil }
        return text == "0" || text.utf8.first != 48 ? Int(text) : nil
    }
    static func text(_ lines: [[String]]) -> String { lines.map { $0.joined(separator: "\t") + "\n" }.joined() }
}

extension Moment {
    /// `2021-06-01T20:00:00+08:00`, in whole seconds: the moments of a draw's file.
    public var drawText: String { description.replacing(" ", with: "T") + "+08:00" }
    public init?(drawText text: String) {
        guard text.utf8.count == 25, text.hasSuffix("+08:00"), let moment = Moment(String(text.dropLast(6))), moment.drawText == text else {
            return nil
        }
        self = moment
    }
}
