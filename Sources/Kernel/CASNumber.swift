/// A CAS registry number 化学文摘社登记号: two to seven digits, two digits, a check digit, such as `71-43-2`.
public struct CASNumber: Hashable, Comparable, Sendable, CustomStringConvertible {
    public let text: String

    /// - Throws: `Refusal("cas.format")` where the text is no such number, `Refusal("cas.check")` where its check digit is wrong.
    public init(_ text: String) throws {
        if let flaw = CASNumber.flaw(in: text) { throw Refusal(flaw.rawValue, ["value": text]) }
        self.text = text
    }

    public enum Flaw: String, Sendable { case format = "cas.format", check = "cas.check" }

    /// What is wrong with a number, or nil. Expects ASCII digits and hyphens, no spaces.
    public static func flaw(in text: String) -> Flaw? {
        let parts = text.utf8.split(separator: 45, omittingEmptySubsequences: false)
        guard parts.count == 3, (2...7).contains(parts[0].count), parts[1].count == 2, parts[2].count == 1 else { return .format }
        let digits = parts.joined()
        guard digits.allSatisfy({ $0 >= 48 && $0 <= 57 }), parts[0].first != 48 else { return .format }
        return checkDigit(of: digits.dropLast()) == digits.last.map { Int($0) - 48 } ? nil : .check
    }

    /// The digits from right to left, each times its place from one, summed, modulo ten.
    private static func checkDigit(of head: some BidirectionalCollection<UInt8>) -> Int {
        var sum = 0
        for (place, byte) in head.reversed().enumerated() { sum += (place + 1) * Int(byte - 48) }
        return sum % 10
    }

    public static func < (left: CASNumber, right: CASNumber) -> Bool { left.text < right.text }
    public var description: String { text }
}
