import Kernel

extension FieldSpec {
    /// Reads a value from the plain text that `plainText` writes; nil where the text is none. Checks of tables and references are not made here.
    public func plain(_ text: String) -> Value? {
        switch type {
        case .text, .code, .reference, .division, .creditCode, .residentID: .text(text)
        case .codes: .list(text.split(separator: ";").map(String.init))
        case .integer: Int(text).map { .integer($0) }
        case .decimal: Double(text).map { .real($0) }
        case .day: Day(text).map { .day($0) }
        case .flag: text == "1" ? .flag(true) : text == "0" ? .flag(false) : nil
        }
    }
}

/// How a record's fields are kept: a flat JSON object of texts, fields in the kind's order, blank ones left out.
/// Written and read by hand: it is on the path of every card.
public enum Body {
    /// The fields in clear: for digests, never for keeping.
    public static func encode(_ record: Record) -> String {
        pack(zip(record.kind.fields, record.values).compactMap { field, value in value.map { (field.name, plainText($0)) } })
    }

    public static func quote(_ text: String, into bytes: inout [UInt8]) {
        bytes.append(34)
        for byte in text.utf8 {
            switch byte {
            case 34: bytes += [92, 34]
            case 92: bytes += [92, 92]
            case 10: bytes += [92, 110]
            case 13: bytes += [92, 114]
            case 9: bytes += [92, 116]
            case 0..<32: bytes += Array("\\u00".utf8) + Array(Digest.hex([byte]).utf8)
            default: bytes.append(byte)
            }
        }
        bytes.append(34)
    }

    /// The names and texts of a flat object of texts, as a device or a file sends it.
    public static func texts(_ line: String) -> [(String, String)] { pairs(line) }

    /// The names and texts of a flat object as `encode` writes it.
    static func pairs(_ body: String) -> [(String, String)] {
        var result: [(String, String)] = []
        var strings: [String] = []
        var current: [UInt8] = []
        var inside = false
        var escaped = false
        var hex = 0
        for byte in body.utf8 {
            if hex > 0 {
                hex -= 1
                current.append(byte)
                if hex == 0 {
                    let code = UInt8(String(decoding: current.suffix(4), as: UTF8.self), radix: 16) ?? 63
                    current.removeLast(4)
                    current.append(code)
                }
            } else if escaped {
                escaped = false
                switch byte {
                case 110: current.append(10)
                case 114: current.append(13)
                case 116: current.append(9)
                case 117: hex = 4
                default: current.append(byte)
                }
            } else if !inside {
                if byte == 34 { inside = true }
            } else if byte == 92 {
                escaped = true
            } else if byte == 34 {
                inside = false
                strings.append(String(decoding: current, as: UTF8.self))
                current.removeAll(keepingCapacity: true)
                if strings.count == 2 {
                    result.append((strings[0], strings[1]))
                    strings.removeAll(keepingCapacity: true)
                }
            } else {
                current.append(byte)
            }
        }
        return result
    }
}
