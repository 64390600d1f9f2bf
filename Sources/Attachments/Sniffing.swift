import Foundation
import Kernel

/// What a file is, by its content and by nothing else: the name it came with and the type that a browser claims decide nothing.
public struct Sniffed: Sendable, Equatable {
    public enum Format: String, Sendable, CaseIterable {
        case jpeg, png, webp, pdf
        public var type: String { self == .pdf ? "application/pdf" : "image/\(rawValue)" }
        public var ending: String { self == .jpeg ? "jpg" : rawValue }
    }
    public let format: Format
    /// In pixels; 0 for a document.
    public let width, height: Int
    /// The file as it is kept: an image without the data about it, its pixels untouched bit by bit.
    public let bytes: [UInt8]
    /// What was taken out: `metadata`, or `location` where it told where the photo was taken.
    public let removed: String
    /// When the camera says that the photo was taken, `2026:03:01 10:20:30`; empty where it does not.
    public let taken: String
}

/// Looks at a file's content. Pure.
public enum Sniffer {
    /// More pixels than any phone's camera makes: what claims more is made to fill a reader's memory.
    public static let mostPixels = 250_000_000
    public static let longestSide = 30_000

    /// - Throws: `file.empty`; `file.disguised` for what is no image and no PDF, with what it looks like; `file.polyglot` for two files in
    ///   one; `file.broken` where the content is cut or does not follow its format; `file.pixels`; `file.active` for a PDF that runs something.
    public static func look(at bytes: [UInt8]) throws(Refusal) -> Sniffed {
        guard !bytes.isEmpty else { throw Refusal("file.empty") }
        if bytes.starts(with: [0xFF, 0xD8, 0xFF]) { return try JPEGFile.read(bytes) }
        if bytes.starts(with: PNGFile.signature) { return try PNGFile.read(bytes) }
        if bytes.starts(with: Array("RIFF".utf8)), bytes.count > 12, Array(bytes[8..<12]) == Array("WEBP".utf8) {
            return try WebPFile.read(bytes)
        }
        if bytes.starts(with: Array("%PDF-".utf8)) { return try pdf(bytes) }
        throw Refusal("file.disguised", ["value": looksLike(bytes)])
    }

    /// What else a content looks like, for the words of a refusal.
    static func looksLike(_ bytes: [UInt8]) -> String {
        let known: [(String, [UInt8])] = [
            ("ZIP / Office", [0x50, 0x4B, 3, 4]), ("EXE", [0x4D, 0x5A]), ("ELF", [0x7F, 0x45, 0x4C, 0x46]), ("GIF", Array("GIF8".utf8)),
            ("RAR", Array("Rar!".utf8)), ("7z", [0x37, 0x7A, 0xBC, 0xAF]), ("gzip", [0x1F, 0x8B]), ("Office", [0xD0, 0xCF, 0x11, 0xE0]),
            ("BMP", Array("BM".utf8)), ("TIFF", [0x49, 0x49, 0x2A, 0]), ("TIFF", [0x4D, 0x4D, 0, 0x2A]), ("script", Array("#!".utf8)),
        ]
        if let found = known.first(where: { bytes.starts(with: $0.1) }) { return found.0 }
        if bytes.count > 12, Array(bytes[4..<8]) == Array("ftyp".utf8) {
            let brand = String(decoding: bytes[8..<12], as: UTF8.self)
            return ["heic", "heix", "mif1", "msf1", "hevc"].contains(brand) ? "HEIC" : brand == "avif" ? "AVIF" : "MP4"
        }
        let head = String(decoding: bytes.prefix(512), as: UTF8.self).lowercased()
        if head.contains("<svg") { return "SVG" }
        if head.contains("<html") || head.contains("<!doctype") || head.contains("<script") { return "HTML" }
        if head.contains("<?php") { return "PHP" }
        return head.unicodeScalars.allSatisfy { $0.value >= 32 || [9, 10, 13].contains($0.value) } ? "text" : "?"
    }

    /// - Throws: `file.pixels`, `file.broken`.
    static func measured(_ width: Int, _ height: Int) throws(Refusal) -> (Int, Int) {
        guard width > 0, height > 0 else { throw Refusal("file.broken") }
        guard width <= longestSide, height <= longestSide, width * height <= mostPixels else {
            throw Refusal("file.pixels", ["value": "\(width) × \(height)", "limit": "\(mostPixels / 1_000_000)"])
        }
        return (width, height)
    }

    /// What stands behind the end of an image: cameras put previews and films there, which are left out; another kind of file is refused.
    static func checkTail(_ tail: ArraySlice<UInt8>) throws(Refusal) {
        guard !tail.isEmpty else { return }
        let marks: [(String, [UInt8])] = [
            ("ZIP", [0x50, 0x4B, 3, 4]), ("ZIP", [0x50, 0x4B, 5, 6]), ("PDF", Array("%PDF-".utf8)), ("HTML", Array("<script".utf8)),
            ("HTML", Array("<html".utf8)), ("HTML", Array("<!doctype".utf8)), ("SVG", Array("<svg".utf8)), ("PHP", Array("<?php".utf8)),
            ("RAR", Array("Rar!".utf8)), ("EXE", Array("This program cannot be run".utf8)), ("ELF", [0x7F, 0x45, 0x4C, 0x46]),
        ]
        let data = Data(tail)
        let lower = Data(tail.map { (65...90).contains($0) ? $0 + 32 : $0 })
        for (name, mark) in marks {
            let isText = name == "HTML" || name == "SVG" || name == "PHP"
            if (isText ? lower : data).range(of: Data(mark)) != nil { throw Refusal("file.polyglot", ["value": name]) }
        }
    }

    private static func pdf(_ bytes: [UInt8]) throws(Refusal) -> Sniffed {
        let data = Data(bytes)
        guard let end = data.range(of: Data("%%EOF".utf8), options: .backwards) else { throw Refusal("file.broken") }
        // Behind the end only blank lines; an archive there makes two files of one.
        let tail = bytes[end.upperBound...]
        guard tail.allSatisfy({ [0, 9, 10, 13, 32].contains($0) }) else {
            throw Refusal("file.polyglot", ["value": looksLike(Array(tail))])
        }
        for name in ["/JavaScript", "/JS", "/Launch", "/EmbeddedFile", "/RichMedia", "/XFA"] where holds(data, name) {
            throw Refusal("file.active", ["value": name])
        }
        return Sniffed(format: .pdf, width: 0, height: 0, bytes: bytes, removed: "", taken: "")
    }
    /// Whether a name of PDF stands in the file: behind it no letter goes on.
    private static func holds(_ data: Data, _ name: String) -> Bool {
        var from = data.startIndex
        while let found = data.range(of: Data(name.utf8), in: from..<data.endIndex) {
            let next = found.upperBound < data.endIndex ? data[found.upperBound] : 32
            let isLetter = (65...90).contains(next) || (97...122).contains(next) || (48...57).contains(next)
            if !isLetter { return true }
            from = found.upperBound
        }
        return false
    }
}
