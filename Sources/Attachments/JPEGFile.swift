import Foundation
import Kernel

/// A JPEG picture (ISO 10918-1) segment by segment: what tells of the camera, the place and the person is left out, the picture is copied.
enum JPEGFile {
    static func read(_ bytes: [UInt8]) throws(Refusal) -> Sniffed {
        var kept: [UInt8] = [0xFF, 0xD8]
        kept.reserveCapacity(bytes.count)
        var size: (Int, Int)?
        var (removed, taken, orientation) = ("", "", 1)
        var index = 2
        var isScanned = false
        while index + 1 < bytes.count {
            guard bytes[index] == 0xFF else { throw Refusal("file.broken") }
            let marker = bytes[index + 1]
            if marker == 0xFF { index += 1; continue }
            if marker == 0xD9 {
                guard isScanned, let size else { throw Refusal("file.broken") }
                try Sniffer.checkTail(bytes[(index + 2)...])
                if bytes.count > index + 2, removed.isEmpty { removed = "metadata" }
                kept += [0xFF, 0xD9]
                if orientation > 1 { kept.insert(contentsOf: ExifBlock.turned(orientation), at: 2) }
                return Sniffed(format: .jpeg, width: size.0, height: size.1, bytes: kept, removed: removed, taken: taken)
            }
            guard index + 3 < bytes.count else { throw Refusal("file.broken") }
            let length = Int(bytes[index + 2]) << 8 | Int(bytes[index + 3])
            let end = index + 2 + length
            guard length >= 2, end <= bytes.count else { throw Refusal("file.broken") }
            switch marker {
            case 0xE1:
                let exif = ExifBlock(Array(bytes[(index + 4)..<end]))
                if let exif { (orientation, taken) = (exif.orientation, exif.taken) }
                removed = exif?.hasLocation == true || removed == "location" ? "location" : "metadata"
            // Comments, and the blocks of makers and editors. JFIF (E0), colours (E2 with its profile, EE) stay.
            case 0xE3...0xED, 0xEF, 0xFE: if removed.isEmpty { removed = "metadata" }
            case 0xE2 where !bytes[(index + 4)..<end].starts(with: Array("ICC_PROFILE".utf8)): if removed.isEmpty { removed = "metadata" }
            case 0xC0...0xC3, 0xC5...0xC7, 0xC9...0xCB, 0xCD...0xCF:
                guard length >= 8 else { throw Refusal("file.broken") }
                size = try Sniffer.measured(
                    Int(bytes[index + 7]) << 8 | Int(bytes[index + 8]), Int(bytes[index + 5]) << 8 | Int(bytes[index + 6]))
                kept += bytes[index..<end]
            default: kept += bytes[index..<end]
            }
            index = end
            if marker == 0xDA {
                // The picture's own data: until a marker that is neither a stuffed byte nor a restart.
                isScanned = true
                let from = index
                while index + 1 < bytes.count, bytes[index] != 0xFF || bytes[index + 1] == 0 || (0xD0...0xD7).contains(bytes[index + 1]) {
                    index += 1
                }
                kept += bytes[from..<index]
            }
        }
        throw Refusal("file.broken")
    }
}

/// What an Exif block says that matters here: how the picture is turned, when it was taken, and whether it tells where.
struct ExifBlock {
    let orientation: Int
    let taken: String
    let hasLocation: Bool

    /// - Parameter block: the content of an APP1 segment; nil for one that is no Exif.
    init?(_ block: [UInt8]) {
        guard block.starts(with: Array("Exif\0\0".utf8)), block.count > 14 else { return nil }
        let tiff = Array(block[6...])
        let isLittle = tiff[0] == 0x49
        func number(_ at: Int, _ count: Int) -> Int {
            guard at >= 0, at + count <= tiff.count else { return 0 }
            let part = tiff[at..<(at + count)]
            return (isLittle ? Array(part.reversed()) : Array(part)).reduce(0) { $0 << 8 | Int($1) }
        }
        func entries(_ at: Int) -> [(tag: Int, at: Int)] {
            guard at > 0 else { return [] }
            return (0..<min(number(at, 2), 200)).map { (number(at + 2 + $0 * 12, 2), at + 2 + $0 * 12) }
        }
        let first = entries(number(4, 4))
        let turn = first.first { $0.tag == 0x0112 }.map { number($0.at + 8, 2) } ?? 1
        orientation = (1...8).contains(turn) ? turn : 1
        hasLocation = first.contains { $0.tag == 0x8825 && !entries(number($0.at + 8, 4)).isEmpty }
        let photo = first.first { $0.tag == 0x8769 }.map { entries(number($0.at + 8, 4)) } ?? []
        let at = photo.first { $0.tag == 0x9003 }.map { number($0.at + 8, 4) } ?? 0
        let text = at > 0 && at + 19 <= tiff.count ? String(decoding: tiff[at..<(at + 19)], as: UTF8.self) : ""
        taken = text.utf8.allSatisfy { (48...58).contains($0) || $0 == 32 } ? text : ""
    }

    /// A block that says how the picture is turned and nothing else: without it photos of phones lie on their side.
    static func turned(_ orientation: Int) -> [UInt8] {
        let tiff: [UInt8] = [0x4D, 0x4D, 0, 0x2A, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, UInt8(orientation), 0, 0, 0, 0, 0, 0]
        let block = Array("Exif\0\0".utf8) + tiff
        return [0xFF, 0xE1, 0, UInt8(block.count + 2)] + block
    }
}
