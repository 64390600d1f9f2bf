import CExpat
import Glibc
import Kernel

/// What reads the events of one XML part.
protocol XMLReading: AnyObject {
    func opened(_ name: XMLName, _ attributes: XMLAttributes) throws
    func closed(_ name: XMLName) throws
    func text(_ bytes: UnsafeBufferPointer<UInt8>) throws
}

extension XMLReading {
    func closed(_ name: XMLName) throws {}
    func text(_ bytes: UnsafeBufferPointer<UInt8>) throws {}
}

/// The name of an element without its prefix, as a hash (FNV-1a), which compares at once. A hostile name of the same hash is taken for
/// the name that it feigns, to no advantage.
struct XMLName: Hashable {
    let hash: UInt64

    init(_ name: StaticString) {
        hash = name.withUTF8Buffer { $0.reduce(Self.seed) { ($0 ^ UInt64($1)) &* Self.prime } }
    }
    fileprivate init(_ name: UnsafePointer<CChar>) {
        var (hash, cursor) = (Self.seed, name)
        while cursor.pointee != 0 {
            hash = cursor.pointee == colon ? Self.seed : (hash ^ UInt64(UInt8(bitPattern: cursor.pointee))) &* Self.prime
            cursor += 1
        }
        self.hash = hash
    }

    static let row = XMLName("row"), c = XMLName("c"), v = XMLName("v"), f = XMLName("f"), t = XMLName("t")
    static let si = XMLName("si"), rPh = XMLName("rPh"), sheetData = XMLName("sheetData"), mergeCell = XMLName("mergeCell")
    static let sheet = XMLName("sheet"), workbookPr = XMLName("workbookPr")
    static let cellXfs = XMLName("cellXfs"), xf = XMLName("xf"), numFmt = XMLName("numFmt"), relationship = XMLName("Relationship")

    private static let seed: UInt64 = 0xCBF2_9CE4_8422_2325
    private static let prime: UInt64 = 0x100_0000_01B3
}

private let colon = CChar(0x3A)

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
        var (start, end) = (key, key)
        while end.pointee != 0 {
            if end.pointee == colon { start = end + 1 }
            end += 1
        }
        return end - start == name.utf8CodeUnitCount && memcmp(start, name.utf8Start, end - start) == 0
    }
}

/// Counts the different values of a stream of hashes that are mostly the same few.
private struct Census {
    private var recent = [UInt64](repeating: 0, count: 64)
    private var all: Set<UInt64> = []
    var count: Int { all.count }

    mutating func meet(_ hash: UInt64) {
        let slot = Int(truncatingIfNeeded: (hash ^ hash >> 7) & 63)
        if recent[slot] == hash { return }
        recent[slot] = hash
        all.insert(hash)
    }
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
    private var fed = 0
    private var names = Census()

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
            try archive.stream(part) { try stream.take($0) }
            try stream.feed(UnsafeRawBufferPointer(start: nil, count: 0), isLast: true)
        }
    }
    /// The same for a sheet whose rows have the usual form, which a scanner reads.
    /// - Throws: also `RowScanner.Stop`, where something has not; rows up to the reader's last one were given then.
    static func parseRows(_ part: String, of archive: Archive, with rows: WorksheetRows) throws {
        let stream = try XMLStream(part, rows)
        var scanner = RowScanner()
        try withExtendedLifetime(stream) {
            try archive.stream(part) { try scanner.feed($0, rows) { try stream.take($0) } }
            try scanner.finish()
            try stream.feed(UnsafeRawBufferPointer(start: nil, count: 0), isLast: true)
        }
    }

    private func take(_ chunk: UnsafeRawBufferPointer) throws {
        fed += chunk.count
        try feed(chunk, isLast: false)
        let waiting = fed - Int(XML_GetCurrentByteIndex(parser))
        guard waiting <= Self.longestToken else { throw Refusal("file.bomb", ["value": part, "limit": String(Self.longestToken)]) }
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
            let name = XMLName(name)
            names.meet(name.hash)
            var index = 0
            // Expat keeps one copy of each attribute's name, so that the pointer stands for it.
            while let list = attributes.list, let key = list[index] {
                names.meet(UInt64(UInt(bitPattern: key)))
                index += 2
            }
            guard depth <= Self.deepest, names.count <= Self.mostNames else {
                throw Refusal("file.bomb", ["value": part, "limit": String(depth > Self.deepest ? Self.deepest : Self.mostNames)])
            }
            try reader.opened(name, attributes)
        }
    }

    private func closed(_ name: UnsafePointer<CChar>) {
        if failure != nil { return }
        depth -= 1
        guarded { try reader.closed(XMLName(name)) }
    }

    private func guarded(_ work: () throws -> Void) {
        do { try work() } catch {
            failure = error
            XML_StopParser(parser, 0)
        }
    }
}
