import Kernel
import Ledger

/// JSON written straight into bytes: what the API answers.
public indirect enum JSON: Sendable {
    case null, flag(Bool), whole(Int), number(Double), text(String)
    case list([JSON])
    /// Members keep their order.
    case object([(String, JSON)])

    public init(_ text: String?) { self = text.map(JSON.text) ?? .null }

    public func write(into bytes: inout [UInt8]) {
        switch self {
        case .null: bytes.append(contentsOf: "null".utf8)
        case .flag(let flag): bytes.append(contentsOf: (flag ? "true" : "false").utf8)
        case .whole(let number): bytes.append(contentsOf: String(number).utf8)
        case .number(let number): bytes.append(contentsOf: (number.isFinite ? plainText(.real(number)) : "null").utf8)
        case .text(let text): JSON.quote(text, into: &bytes)
        case .list(let list):
            bytes.append(91)
            for (index, value) in list.enumerated() {
                if index > 0 { bytes.append(44) }
                value.write(into: &bytes)
            }
            bytes.append(93)
        case .object(let members):
            bytes.append(123)
            for (index, (name, value)) in members.enumerated() {
                if index > 0 { bytes.append(44) }
                JSON.quote(name, into: &bytes)
                bytes.append(58)
                value.write(into: &bytes)
            }
            bytes.append(125)
        }
    }
    /// Most texts have nothing to escape and are taken over whole.
    private static func quote(_ text: String, into bytes: inout [UInt8]) {
        var text = text
        let isPlain = text.withUTF8 { utf8 in
            guard utf8.allSatisfy({ $0 >= 32 && $0 != 34 && $0 != 92 }) else { return false }
            bytes.append(34)
            bytes.append(contentsOf: utf8)
            bytes.append(34)
            return true
        }
        if !isPlain { Body.quote(text, into: &bytes) }
    }
    public var text: String {
        var bytes: [UInt8] = []
        write(into: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension JSON: ExpressibleByStringLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral, ExpressibleByArrayLiteral,
    ExpressibleByDictionaryLiteral
{
    public init(stringLiteral text: String) { self = .text(text) }
    public init(booleanLiteral flag: Bool) { self = .flag(flag) }
    public init(integerLiteral number: Int) { self = .whole(number) }
    public init(arrayLiteral list: JSON...) { self = .list(list) }
    public init(dictionaryLiteral members: (String, JSON)...) { self = .object(members) }
}
