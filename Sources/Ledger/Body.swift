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
        var body = body
        return body.withUTF8 { bytes in
            var result: [(String, String)] = []
            var name: String?
            var at = 0
            // What stands between texts (braces, colons, commas) says nothing that their order does not.
            while let text = quoted(bytes, &at) {
                if let known = name {
                    result.append((known, text))
                    name = nil
                } else {
                    name = text
                }
            }
            return result
        }
    }
    /// The next text in quotes, from a place on; nil where none ends any more.
    private static func quoted(_ bytes: UnsafeBufferPointer<UInt8>, _ at: inout Int) -> String? {
        while at < bytes.count, bytes[at] != 34 { at += 1 }
        at += 1
        let start = at
        while at < bytes.count, bytes[at] != 34, bytes[at] != 92 { at += 1 }
        guard at < bytes.count else { return nil }
        // Most texts need no mending.
        if bytes[at] == 34 {
            defer { at += 1 }
            return String(decoding: UnsafeBufferPointer(rebasing: bytes[start..<at]), as: UTF8.self)
        }
        var text = Array(bytes[start..<at])
        while at < bytes.count, bytes[at] != 34 {
            if bytes[at] == 92, at + 1 < bytes.count { escaped(bytes, &at, into: &text) } else { text.append(bytes[at]) }
            at += 1
        }
        guard at < bytes.count else { return nil }
        at += 1
        return String(decoding: text, as: UTF8.self)
    }
    /// What a backslash and the byte behind it stand for; `at` is on the last byte of it afterwards.
    private static func escaped(_ bytes: UnsafeBufferPointer<UInt8>, _ at: inout Int, into text: inout [UInt8]) {
        at += 1
        switch bytes[at] {
        case 110: text.append(10)
        case 114: text.append(13)
        case 116: text.append(9)
        case 117:
            let digits = bytes[(at + 1)..<min(at + 5, bytes.count)]
            // Written only for control characters, which are one byte.
            text.append(UInt8(String(decoding: digits, as: UTF8.self), radix: 16) ?? 63)
            at += digits.count
        default: text.append(bytes[at])
        }
    }
}
