import Mustache

/// A page's model as templates read it: an object is taken apart once, when a template first asks it for a name, not at every name. A list
/// of fifty asks some thousands of names, and taking apart is what costs.
///
/// Belongs to one rendering, which one thread does.
final class ShownFields: MustacheParent {
    private let object: Mirror
    private lazy var fields = taken()

    private init(_ object: Mirror) { self.object = object }

    func child(named name: String) -> Any? { fields[name] }

    /// What a template is given for a value: texts and truths as they are, the parts of a list each for itself, nothing for nil (which lets a
    /// template ask whatever surrounds it).
    static func of(_ value: Any) -> Any? {
        if value is String || value is Bool { return value }
        let mirror = Mirror(reflecting: value)
        switch mirror.displayStyle {
        case .optional: return mirror.children.first.flatMap { of($0.value) }
        case .collection: return mirror.children.compactMap { of($0.value) }
        case .struct, .class: return ShownFields(mirror)
        default: return value
        }
    }

    private func taken() -> [String: Any] {
        var fields: [String: Any] = [:]
        for (name, value) in object.children { if let name, let shown = ShownFields.of(value) { fields[name] = shown } }
        return fields
    }
}

/// Text put into HTML, byte by byte: the five characters that mean something there are ASCII.
struct PageText: MustacheContentType {
    func escapeText(_ text: String) -> String {
        guard text.utf8.contains(where: { PageText.escape($0) != nil }) else { return text }
        var escaped: [UInt8] = []
        escaped.reserveCapacity(text.utf8.count + 32)
        for byte in text.utf8 { if let name = PageText.escape(byte) { escaped += name.utf8 } else { escaped.append(byte) } }
        return String(decoding: escaped, as: UTF8.self)
    }
    private static func escape(_ byte: UInt8) -> String? {
        switch byte {
        case UInt8(ascii: "<"): "&lt;"
        case UInt8(ascii: ">"): "&gt;"
        case UInt8(ascii: "&"): "&amp;"
        case UInt8(ascii: "\""): "&quot;"
        case UInt8(ascii: "'"): "&#39;"
        default: nil
        }
    }
}
