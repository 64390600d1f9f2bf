import Foundation
import Kernel

/// A text file as chunks of UTF-8, whatever it was written in: UTF-8 with or without its mark, UTF-16 with its mark, GB18030.
final class TextSource {
    private let file: ByteFile
    private let converter: iconv_t?
    /// Where UTF-8 ends in a file that is UTF-8 for the most part; the rest is a flaw.
    private let sound: Int
    private var offset: Int
    private var input = [UInt8](repeating: 0, count: ByteFile.chunk)
    private var output: [UInt8] = []
    /// Bytes at the front of `input` that the last conversion left: a character cut by the end of a chunk.
    private var carried = 0

    init(_ file: ByteFile) throws {
        self.file = file
        let head = try file.head()
        var (encoding, start, end): (String?, Int, Int) = (nil, 0, .max)
        if head.starts(with: [0xFF, 0xFE]) {
            (encoding, start) = ("UTF-16LE", 2)
        } else if head.starts(with: [0xFE, 0xFF]) {
            (encoding, start) = ("UTF-16BE", 2)
        } else {
            let check = try UTF8Check(file)
            let isMarked = head.starts(with: [0xEF, 0xBB, 0xBF])
            if isMarked || check.flaw == nil || check.isLikely {
                (start, end) = (isMarked ? 3 : 0, check.flaw ?? .max)
            } else {
                encoding = "GB18030"
            }
        }
        (offset, sound) = (start, end)
        converter = try encoding.map { name in
            guard let opened = iconv_open("UTF-8", name), opened != iconv_t(bitPattern: -1) else {
                throw Refusal("file.encoding", ["value": name])
            }
            return opened
        }
        if converter != nil { output = [UInt8](repeating: 0, count: ByteFile.chunk * 3) }
        file.rewind(to: offset)
    }

    deinit { if let converter { iconv_close(converter) } }

    /// Gives the next chunk of UTF-8 to `body`; false at the end of the file. Refuses `file.encoding` without a row.
    func next(_ body: (UnsafeBufferPointer<UInt8>) throws -> Void) throws -> Bool {
        let carried = carried
        let count = try input.withUnsafeMutableBytes { try file.read(into: UnsafeMutableRawBufferPointer(rebasing: $0[carried...])) }
        guard count > 0 else {
            if carried > 0 { throw Self.flaw }
            return false
        }
        guard let converter else {
            let whole = min(count, sound - offset)
            offset += count
            try input.withUnsafeBufferPointer { try body(UnsafeBufferPointer(rebasing: $0[..<max(0, whole)])) }
            if whole < count { throw Self.flaw }
            return true
        }
        return try convert(converter, carried + count, body)
    }

    private func convert(_ converter: iconv_t, _ count: Int, _ body: (UnsafeBufferPointer<UInt8>) throws -> Void) throws -> Bool {
        var (left, room) = (count, output.count)
        let isSound = input.withUnsafeMutableBytes { from in
            output.withUnsafeMutableBytes { to in
                var source = from.baseAddress?.assumingMemoryBound(to: CChar.self)
                var target = to.baseAddress?.assumingMemoryBound(to: CChar.self)
                return iconv(converter, &source, &left, &target, &room) != -1 || errno == EINVAL
            }
        }
        try output.withUnsafeBufferPointer { try body(UnsafeBufferPointer(rebasing: $0[..<($0.count - room)])) }
        guard isSound, left < 8 else { throw Self.flaw }
        for index in 0..<left { input[index] = input[count - left + index] }
        carried = left
        return true
    }

    private static let flaw = Refusal("file.encoding", ["expected": "UTF-8, GB18030"])
}

/// Reads a file once to see whether it is UTF-8, after the Unicode standard's table of well-formed byte sequences.
struct UTF8Check {
    /// The offset of the first character that is not UTF-8.
    private(set) var flaw: Int?
    /// Whether a file with a flaw is UTF-8 all the same: that so many characters of GB18030 look like UTF-8 by chance is out of the
    /// question, so the file is damaged or cut, and reading it as GB18030 would give rubbish without a word.
    var isLikely: Bool { characters >= 16 }
    private var characters = 0
    private var (needed, lower, upper): (Int, UInt8, UInt8) = (0, 0x80, 0xBF)
    private var start = 0

    init(_ file: ByteFile) throws {
        file.rewind()
        var buffer = [UInt8](repeating: 0, count: ByteFile.chunk)
        var offset = 0
        while flaw == nil {
            let count = try buffer.withUnsafeMutableBytes { try file.read(into: $0) }
            guard count > 0 else {
                if needed > 0 { flaw = start }
                break
            }
            buffer.withUnsafeBufferPointer { check(UnsafeBufferPointer(rebasing: $0[..<count]), at: offset) }
            offset += count
        }
    }

    private mutating func check(_ bytes: UnsafeBufferPointer<UInt8>, at offset: Int) {
        let words = UnsafeRawBufferPointer(bytes)
        var index = 0
        while index < bytes.count {
            let byte = bytes[index]
            if needed == 0 {
                // Eight bytes of ASCII at a time.
                if index + 8 <= bytes.count, words.loadUnaligned(fromByteOffset: index, as: UInt64.self) & 0x8080_8080_8080_8080 == 0 {
                    index += 8
                    continue
                }
                if byte >= 0x80 {
                    start = offset + index
                    guard lead(byte) else { return flaw = start }
                }
            } else {
                guard byte >= lower, byte <= upper else { return flaw = start }
                (lower, upper) = (0x80, 0xBF)
                needed -= 1
                if needed == 0 { characters += 1 }
            }
            index += 1
        }
    }

    private mutating func lead(_ byte: UInt8) -> Bool {
        (lower, upper) = (0x80, 0xBF)
        switch byte {
        case 0xC2...0xDF: needed = 1
        case 0xE0: (needed, lower) = (2, 0xA0)
        case 0xED: (needed, upper) = (2, 0x9F)
        case 0xE1...0xEF: needed = 2
        case 0xF0: (needed, lower) = (3, 0x90)
        case 0xF1...0xF3: needed = 3
        case 0xF4: (needed, upper) = (3, 0x8F)
        default: return false
        }
        return true
    }
}
