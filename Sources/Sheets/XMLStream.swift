import CExpat
import Glibc
import Kernel

/// What reads the events of one XML part. Names come without their prefix.
protocol XMLReading: AnyObject {
    func opened(_ name: String, _ attributes: XMLAttributes) throws
    func closed(_ name: String) throws
    func text(_ bytes: UnsafeBufferPointer<UInt8>) throws
}

/// The attributes of an element, valid within `opened` only.
struct XMLAttributes {
    fileprivate let list: UnsafeMutablePointer<UnsafePointer<CChar>?>?

    /// The value of an attribute by its name without prefix.
    subscript(name: StaticString) -> String? {
        var index = 0
        while let list, let key = list[index], let value = list[index + 1] {
            if Self.matches(key, name) { return String(cString: value) }
            index += 2
        }
        return nil
    }

    private static func matches(_ key: UnsafePointer<CChar>, _ name: StaticString) -> Bool {
        let local = localName(key)
        return strcmp(local, UnsafeRawPointer(name.utf8Start).assumingMemoryBound(to: CChar.self)) == 0
    }
}

private func localName(_ name: UnsafePointer<CChar>) -> UnsafePointer<CChar> {
    strchr(name, 0x3A).map { UnsafePointer($0) + 1 } ?? name
}

/// Drives expat over one part of an archive. Refuses document types (entities are the way to swell a small file), nesting beyond
/// reason, tokens that expat would have to hold whole, and floods of new names, which expat keeps.
final class XMLStream {
    private static let deepest = 128
    private static let longestToken = 1 << 20
    private static let mostNames = 2000

    private let reader: any XMLReading
    private let part: String
    private let parser: XML_Parser
    private var failure: (any Error)?
    private var depth = 0
    private var names: Set<String> = []
    private var attributeNames: Set<UnsafePointer<CChar>> = []
    private var lastName = ""

    private init(_ part: String, _ reader: any XMLReading) throws {
        guard let parser = XML_ParserCreate(nil) else { throw Refusal("file.bomb", ["value": part]) }
        (self.reader, self.part, self.parser) = (reader, part, parser)
        XML_SetUserData(parser, Unmanaged.passUnretained(self).toOpaque())
        XML_SetElementHandler(
            parser,
            { context, name, attributes in
                guard let name else { return }
                XMLStream.of(context)?.opened(name, XMLAttributes(list: attributes))
            },
            { context, name in
                guard let name else { return }
                XMLStream.of(context)?.closed(name)
            })
        XML_SetCharacterDataHandler(parser) { context, text, count in
            guard let text, let stream = XMLStream.of(context), stream.failure == nil else { return }
            text.withMemoryRebound(to: UInt8.self, capacity: Int(count)) { bytes in
                stream.guarded { try stream.reader.text(UnsafeBufferPointer(start: bytes, count: Int(count))) }
            }
        }
        XML_SetStartDoctypeDeclHandler(parser) { context, _, _, _, _ in
            guard let stream = XMLStream.of(context) else { return }
            stream.guarded { throw Refusal("file.doctype", ["value": stream.part]) }
        }
    }

    deinit { XML_ParserFree(parser) }

    /// Parses the part and gives its events to the reader. Refuses `file.truncated`, `file.doctype`, `file.encoding`, `file.bomb`.
    static func parse(_ part: String, of archive: Archive, with reader: any XMLReading) throws {
        let stream = try XMLStream(part, reader)
        try withExtendedLifetime(stream) {
            var fed = 0
            try archive.stream(part) { chunk in
                fed += chunk.count
                try stream.feed(chunk, isLast: false)
                let waiting = fed - Int(XML_GetCurrentByteIndex(stream.parser))
                guard waiting <= longestToken else { throw Refusal("file.bomb", ["value": part, "limit": String(longestToken)]) }
            }
            try stream.feed(UnsafeRawBufferPointer(start: nil, count: 0), isLast: true)
        }
    }

    private static func of(_ context: UnsafeMutableRawPointer?) -> XMLStream? {
        context.map { Unmanaged<XMLStream>.fromOpaque($0).takeUnretainedValue() }
    }

    private func feed(_ chunk: UnsafeRawBufferPointer, isLast: Bool) throws {
        let bytes = chunk.baseAddress?.assumingMemoryBound(to: CChar.self)
        let status = XML_Parse(parser, bytes, Int32(chunk.count), isLast ? 1 : 0)
        if let failure { throw failure }
        guard status == XML_STATUS_OK else {
            let error = XML_GetErrorCode(parser)
            let isForeign = error == XML_ERROR_UNKNOWN_ENCODING || error == XML_ERROR_INCORRECT_ENCODING
            let words = XML_ErrorString(error).map { String(cString: $0) } ?? ""
            throw Refusal(isForeign ? "file.encoding" : "file.truncated", ["value": part, "expected": words])
        }
    }

    private func opened(_ name: UnsafePointer<CChar>, _ attributes: XMLAttributes) {
        if failure != nil { return }
        guarded {
            depth += 1
            let name = String(cString: localName(name))
            if name != lastName {
                names.insert(name)
                lastName = name
            }
            var index = 0
            while let list = attributes.list, let key = list[index] {
                attributeNames.insert(key)
                index += 2
            }
            guard depth <= Self.deepest, names.count + attributeNames.count <= Self.mostNames else {
                throw Refusal("file.bomb", ["value": part, "limit": String(depth > Self.deepest ? Self.deepest : Self.mostNames)])
            }
            try reader.opened(name, attributes)
        }
    }

    private func closed(_ name: UnsafePointer<CChar>) {
        if failure != nil { return }
        depth -= 1
        guarded { try reader.closed(String(cString: localName(name))) }
    }

    private func guarded(_ work: () throws -> Void) {
        do { try work() } catch {
            failure = error
            XML_StopParser(parser, 0)
        }
    }
}
