/// Unified social credit code 统一社会信用代码 (GB 32100-2015): 18 characters, the last a check character.
public enum CreditCode {
    private static let alphabet = Array("0123456789ABCDEFGHJKLMNPQRTUWXY".utf8)
    private static let weights = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28]
    private static let values: [UInt8: Int] = Dictionary(uniqueKeysWithValues: alphabet.enumerated().map { ($1, $0) })

    public enum Flaw: String, Sendable { case length = "credit.length", character = "credit.character", check = "credit.check" }

    /// What is wrong with a code, or nil. Expects capitals without spaces.
    public static func flaw(in text: String) -> Flaw? {
        let bytes = Array(text.utf8)
        guard bytes.count == 18 else { return .length }
        guard bytes.allSatisfy({ values[$0] != nil }) else { return .character }
        return checkCharacter(of: bytes[0..<17]) == bytes[17] ? nil : .check
    }

    /// A full code from its first 17 characters; for generated data and tests.
    public static func completing(_ head: String) -> String { head + String(UnicodeScalar(checkCharacter(of: Array(head.utf8)[0..<17]))) }

    private static func checkCharacter(of head: ArraySlice<UInt8>) -> UInt8 {
        var sum = 0
        for (weight, byte) in zip(weights, head) { sum += weight * (values[byte] ?? 0) }
        return alphabet[(31 - sum % 31) % 31]
    }
}

/// Resident identity number 公民身份号码 (GB 11643-1999): 17 digits and a check character.
public enum ResidentID {
    private static let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
    private static let checks = Array("10X98765432".utf8)

    public enum Flaw: String, Sendable {
        case length = "identity.length", character = "identity.character", birth = "identity.birth", check = "identity.check"
    }

    /// What is wrong with a number, or nil. Expects a capital X and no spaces.
    public static func flaw(in text: String) -> Flaw? {
        let bytes = Array(text.utf8)
        guard bytes.count == 18 else { return .length }
        guard bytes[0..<17].allSatisfy({ $0 >= 48 && $0 <= 57 }), bytes[17] == 88 || (bytes[17] >= 48 && bytes[17] <= 57) else {
            return .character
        }
        guard birthday(text) != nil else { return .birth }
        return checkCharacter(of: bytes[0..<17]) == bytes[17] ? nil : .check
    }

    /// The day of birth that a number carries.
    public static func birthday(_ text: String) -> Day? {
        let digits = text.utf8.count == 18 ? Int(text.dropFirst(6).prefix(8)) : nil
        return digits.flatMap { Day($0 / 10_000, $0 / 100 % 100, $0 % 100) }
    }

    /// A full number from its first 17 digits; for generated data and tests.
    public static func completing(_ head: String) -> String { head + String(UnicodeScalar(checkCharacter(of: Array(head.utf8)[0..<17]))) }

    private static func checkCharacter(of head: ArraySlice<UInt8>) -> UInt8 {
        var sum = 0
        for (weight, byte) in zip(weights, head) { sum += weight * Int(byte - 48) }
        return checks[sum % 11]
    }
}

/// A division code 行政区划代码: six digits of GB/T 2260, or nine or twelve where a township or village is meant.
/// Ancestors are prefixes: 33 (00 00) ⊃ 3304 (00) ⊃ 330402 ⊃ 330402001.
public struct DivisionCode: Hashable, Comparable, Sendable, CustomStringConvertible {
    public let text: String
    public init?(_ text: String) {
        guard [6, 9, 12].contains(text.utf8.count), text.utf8.allSatisfy({ $0 >= 48 && $0 <= 57 }) else { return nil }
        self.text = text
    }
    public static func < (left: DivisionCode, right: DivisionCode) -> Bool { left.text < right.text }
    public var description: String { text }

    /// The digits that every division inside shares: `33` for 330000, `3304` for 330400, all of a county's, all of a township's.
    public var prefix: String {
        guard text.utf8.count == 6 else { return text }
        if text.hasSuffix("0000") { return String(text.prefix(2)) }
        return text.hasSuffix("00") ? String(text.prefix(4)) : text
    }
    public func contains(_ other: String) -> Bool { other.hasPrefix(prefix) }

    public enum Level: String, Sendable, CaseIterable { case province, prefecture, county, township, village }
    public var level: Level {
        switch text.utf8.count {
        case 9: .township
        case 12: .village
        default: prefix.utf8.count == 2 ? .province : prefix.utf8.count == 4 ? .prefecture : .county
        }
    }
}
