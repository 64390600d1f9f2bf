import Foundation
import Kernel

/// A PNG picture (ISO 15948) chunk by chunk: texts, times and Exif are left out.
enum PNGFile {
    static let signature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
    private static let kept: Set<String> = [
        "IHDR", "PLTE", "IDAT", "IEND", "tRNS", "gAMA", "cHRM", "sRGB", "iCCP", "cICP", "sBIT", "bKGD", "pHYs", "hIST",
    ]

    static func read(_ bytes: [UInt8]) throws(Refusal) -> Sniffed {
        var result = signature
        result.reserveCapacity(bytes.count)
        var size: (Int, Int)?
        var removed = ""
        var hasData = false
        var index = signature.count
        while index + 12 <= bytes.count {
            let length = whole(bytes, index)
            let end = index + 12 + length
            guard length >= 0, end <= bytes.count else { throw Refusal("file.broken") }
            let body = bytes[(index + 4)..<(end - 4)]
            guard crc(body) == UInt32(truncatingIfNeeded: whole(bytes, end - 4)) else { throw Refusal("file.broken") }
            let name = String(decoding: bytes[(index + 4)..<(index + 8)], as: UTF8.self)
            if size == nil {
                guard name == "IHDR", length == 13 else { throw Refusal("file.broken") }
                size = try Sniffer.measured(whole(bytes, index + 8), whole(bytes, index + 12))
            }
            if name == "IDAT" { hasData = true }
            if kept.contains(name) {
                result += bytes[index..<end]
            } else {
                // A chunk of upper case is needed for the picture: one that nobody knows is none of ours.
                guard bytes[index + 4] & 0x20 != 0 else { throw Refusal("file.broken") }
                if name == "eXIf" {
                    let exif = ExifBlock(Array("Exif\0\0".utf8) + bytes[(index + 8)..<(end - 4)])
                    removed = exif?.hasLocation == true ? "location" : removed.isEmpty ? "metadata" : removed
                } else if removed.isEmpty {
                    removed = "metadata"
                }
            }
            index = end
            if name == "IEND" {
                guard hasData, let size else { throw Refusal("file.broken") }
                try Sniffer.checkTail(bytes[index...])
                if index < bytes.count, removed.isEmpty { removed = "metadata" }
                return Sniffed(format: .png, width: size.0, height: size.1, bytes: result, removed: removed, taken: "")
            }
        }
        throw Refusal("file.broken")
    }

    private static func whole(_ bytes: [UInt8], _ at: Int) -> Int {
        Int(bytes[at]) << 24 | Int(bytes[at + 1]) << 16 | Int(bytes[at + 2]) << 8 | Int(bytes[at + 3])
    }
    private static let table: [UInt32] = (0..<256).map { start in
        (0..<8).reduce(UInt32(start)) { value, _ in value & 1 == 1 ? 0xEDB8_8320 ^ (value >> 1) : value >> 1 }
    }
    static func crc(_ bytes: some Sequence<UInt8>) -> UInt32 {
        ~bytes.reduce(0xFFFF_FFFF as UInt32) { table[Int(($0 ^ UInt32($1)) & 0xFF)] ^ ($0 >> 8) }
    }
}

/// A WebP picture (RFC 9649): the chunks of Exif and XMP are left out and the flags that announce them cleared.
enum WebPFile {
    static func read(_ bytes: [UInt8]) throws(Refusal) -> Sniffed {
        func whole(_ at: Int, _ count: Int) -> Int { (0..<count).reduce(0) { $0 | Int(bytes[at + $1]) << (8 * $1) } }
        let end = 8 + whole(4, 4)
        guard end <= bytes.count, end >= 20 else { throw Refusal("file.broken") }
        try Sniffer.checkTail(bytes[end...])
        var body: [UInt8] = []
        var size: (Int, Int)?
        var removed = end < bytes.count ? "metadata" : ""
        var hasPicture = false
        var index = 12
        while index + 8 <= end {
            let length = whole(index + 4, 4)
            let next = index + 8 + length + length % 2
            guard next <= end || index + 8 + length == end else { throw Refusal("file.broken") }
            let stop = min(next, end)
            let name = String(decoding: bytes[index..<(index + 4)], as: UTF8.self)
            let at = index + 8
            switch name {
            case "EXIF":
                let block = Array(bytes[at..<(at + length)])
                let exif = ExifBlock(block.starts(with: Array("Exif".utf8)) ? block : Array("Exif\0\0".utf8) + block)
                removed = exif?.hasLocation == true ? "location" : removed.isEmpty ? "metadata" : removed
            case "XMP ": if removed.isEmpty { removed = "metadata" }
            case "VP8X":
                guard length >= 10 else { throw Refusal("file.broken") }
                size = try Sniffer.measured(whole(at + 4, 3) + 1, whole(at + 7, 3) + 1)
                var chunk = Array(bytes[index..<stop])
                chunk[8] &= ~0x0C
                body += chunk
            case "VP8 ":
                guard length >= 10, bytes[at + 3] == 0x9D, bytes[at + 4] == 1, bytes[at + 5] == 0x2A else { throw Refusal("file.broken") }
                let own = try Sniffer.measured(whole(at + 6, 2) & 0x3FFF, whole(at + 8, 2) & 0x3FFF)
                size = size ?? own
                (hasPicture, body) = (true, body + bytes[index..<stop])
            case "VP8L":
                guard length >= 5, bytes[at] == 0x2F else { throw Refusal("file.broken") }
                let bits = whole(at + 1, 4)
                let own = try Sniffer.measured(bits & 0x3FFF + 1, bits >> 14 & 0x3FFF + 1)
                size = size ?? own
                (hasPicture, body) = (true, body + bytes[index..<stop])
            case "ALPH", "ICCP", "ANIM", "ANMF":
                if name == "ANMF" { hasPicture = true }
                body += bytes[index..<stop]
            default: if removed.isEmpty { removed = "metadata" }
            }
            index = stop
        }
        guard hasPicture, let size else { throw Refusal("file.broken") }
        let total = body.count + 4
        let head = Array("RIFF".utf8) + (0..<4).map { UInt8(total >> (8 * $0) & 0xFF) } + Array("WEBP".utf8)
        return Sniffed(format: .webp, width: size.0, height: size.1, bytes: head + body, removed: removed, taken: "")
    }
}
