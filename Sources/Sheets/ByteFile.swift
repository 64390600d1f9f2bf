import Foundation
import Glibc
import Kernel

/// An open regular file, read from front to back in chunks.
final class ByteFile {
    static let chunk = 1 << 16
    let path: String
    let size: Int
    private let descriptor: Int32

    init(_ url: URL, limits: SheetLimits) throws {
        let missing = Refusal("file.missing", ["value": url.lastPathComponent])
        path = url.path
        descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw missing }
        var status = stat()
        let isRegular = fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
        size = isRegular ? Int(status.st_size) : 0
        guard isRegular else { throw missing }
        guard size > 0 else { throw Refusal("file.empty", ["value": url.lastPathComponent]) }
        guard size <= limits.fileBytes else {
            throw Refusal("file.too-large", ["value": String(size), "limit": String(limits.fileBytes)])
        }
    }

    deinit { close(descriptor) }

    func rewind(to offset: Int = 0) { lseek(descriptor, off_t(offset), SEEK_SET) }

    /// Fills the buffer as far as the file reaches and returns how far that was; 0 at its end.
    func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        var filled = 0
        while filled < buffer.count {
            let count = Glibc.read(descriptor, buffer.baseAddress.map { $0 + filled }, buffer.count - filled)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw Refusal("file.missing", ["value": String(cString: strerror(errno))]) }
            if count == 0 { break }
            filled += count
        }
        return filled
    }

    /// The first bytes of the file, at most one chunk.
    func head() throws -> [UInt8] {
        rewind()
        defer { rewind() }
        return try [UInt8](unsafeUninitializedCapacity: Self.chunk) { buffer, count in
            count = try read(into: UnsafeMutableRawBufferPointer(buffer))
        }
    }

    /// Whether the file is a ZIP archive. Refuses (`file.binary`) what is neither an archive nor text.
    func isArchive() throws -> Bool {
        let head = try head()
        if head.starts(with: [0x50, 0x4B, 3, 4]) || head.starts(with: [0x50, 0x4B, 5, 6]) { return true }
        if let name = Self.foreign(head) { throw Refusal("file.binary", row: 1, ["value": name]) }
        let isWide = head.starts(with: [0xFF, 0xFE]) || head.starts(with: [0xFE, 0xFF])
        if !isWide, let place = head.firstIndex(of: 0) {
            throw Refusal("file.binary", row: head[..<place].count { $0 == 10 } + 1, ["value": "NUL"])
        }
        return false
    }

    /// The name of a format that users take for a table, told by its first bytes. `xls` is also what a workbook with a password is.
    private static func foreign(_ head: [UInt8]) -> String? {
        let marks: [(String, [UInt8])] = [
            ("xls", [0xD0, 0xCF, 0x11, 0xE0]), ("pdf", Array("%PDF".utf8)), ("gz", [0x1F, 0x8B]), ("rtf", Array("{\\rtf".utf8)),
            ("rar", Array("Rar!".utf8)), ("7z", [0x37, 0x7A, 0xBC, 0xAF]), ("png", [0x89, 0x50, 0x4E, 0x47]), ("jpg", [0xFF, 0xD8, 0xFF]),
        ]
        if let mark = marks.first(where: { head.starts(with: $0.1) }) { return mark.0 }
        let text = String(decoding: head.prefix(256), as: UTF8.self).drop { $0.isWhitespace || $0 == "\u{FEFF}" }.lowercased()
        let tags = ["<html", "<!doctype", "<table", "<head", "<meta"]
        return tags.contains(where: text.hasPrefix) ? "html" : text.hasPrefix("<?xml") ? "xml" : nil
    }
}
