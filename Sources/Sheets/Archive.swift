import CZip
import Foundation
import Glibc
import Kernel

/// A ZIP archive opened for reading, whose parts are unpacked in chunks.
final class Archive {
    private let archive: OpaquePointer
    private let limits: SheetLimits

    init(_ file: ByteFile, limits: SheetLimits) throws {
        try Self.countParts(file, limit: limits.parts)
        var code: Int32 = 0
        guard let archive = zip_open(file.path, ZIP_RDONLY, &code) else {
            throw Refusal("file.truncated", ["value": "zip \(code)"])
        }
        (self.archive, self.limits) = (archive, limits)
    }

    deinit { zip_discard(archive) }

    /// The names of all parts.
    var names: [String] {
        (0..<max(0, zip_get_num_entries(archive, 0))).compactMap { zip_get_name(archive, zip_uint64_t($0), 0).map { String(cString: $0) } }
    }

    func has(_ name: String) -> Bool { place(of: name) != nil }

    /// Gives the part chunk by chunk. Refuses `file.truncated` (no such part, a broken one) and `file.bomb`.
    func stream(_ name: String, _ body: (UnsafeRawBufferPointer) throws -> Void) throws {
        let broken = Refusal("file.truncated", ["value": name])
        var status = zip_stat_t()
        guard let place = place(of: name), zip_stat_index(archive, place, 0, &status) == 0 else { throw broken }
        try weigh(name, unpacked: status.size, packed: status.comp_size)
        guard let part = zip_fopen_index(archive, place, 0) else {
            let isLocked = zip_error_code_zip(zip_get_error(archive)) == ZIP_ER_NOPASSWD
            throw isLocked ? Refusal("file.binary", ["value": "password"]) : broken
        }
        defer { zip_fclose(part) }
        var buffer = [UInt8](repeating: 0, count: ByteFile.chunk)
        var total: UInt64 = 0
        while true {
            let count = buffer.withUnsafeMutableBytes { zip_fread(part, $0.baseAddress, zip_uint64_t($0.count)) }
            guard count >= 0 else { throw broken }
            if count == 0 { return }
            total += UInt64(count)
            try weigh(name, unpacked: total, packed: status.comp_size)
            try buffer.withUnsafeBytes { try body(UnsafeRawBufferPointer(rebasing: $0[..<Int(count)])) }
        }
    }

    private func place(of name: String) -> zip_uint64_t? {
        let index = zip_name_locate(archive, name, zip_flags_t(ZIP_FL_NOCASE))
        return index < 0 ? nil : zip_uint64_t(index)
    }

    private func weigh(_ name: String, unpacked: UInt64, packed: UInt64) throws {
        if unpacked > UInt64(limits.uncompressedBytes) {
            throw Refusal("file.bomb", ["value": name, "limit": String(limits.uncompressedBytes)])
        }
        if unpacked > UInt64(limits.ratioFloor), unpacked / UInt64(limits.ratio) > max(1, packed) {
            throw Refusal("file.bomb", ["value": name, "limit": "\(limits.ratio):1"])
        }
    }

    /// Counts the headers of the directory in the raw file, since libzip loads them all on opening.
    private static func countParts(_ file: ByteFile, limit: Int) throws {
        var count = 0
        var search = ByteSearch([0x50, 0x4B, 1, 2])
        var buffer = [UInt8](repeating: 0, count: ByteFile.chunk)
        file.rewind()
        while true {
            let filled = try buffer.withUnsafeMutableBytes { try file.read(into: $0) }
            if filled == 0 { return }
            count += buffer.withUnsafeBytes { search.count(in: UnsafeRawBufferPointer(rebasing: $0[..<filled])) }
            if count > limit { throw Refusal("file.bomb", ["value": "zip", "limit": String(limit)]) }
        }
    }
}

/// Counts a few bytes in a stream of chunks, also where a chunk ends within them.
struct ByteSearch {
    private let needle: [UInt8]
    private var tail: [UInt8] = []

    init(_ needle: [UInt8]) { self.needle = needle }

    mutating func count(in chunk: UnsafeRawBufferPointer) -> Int {
        let seam = tail + chunk.prefix(needle.count - 1)
        let found = seam.withUnsafeBytes { occurrences(in: $0) } + occurrences(in: chunk)
        tail = chunk.count >= needle.count - 1 ? Array(chunk.suffix(needle.count - 1)) : Array(seam.suffix(needle.count - 1))
        return found
    }

    private func occurrences(in bytes: UnsafeRawBufferPointer) -> Int {
        guard var place = bytes.baseAddress, let first = needle.first else { return 0 }
        let end = place + bytes.count
        var found = 0
        while end - place >= needle.count, let hit = memchr(place, Int32(first), end - place - needle.count + 1) {
            let isHit = memcmp(hit, needle, needle.count) == 0
            if isHit { found += 1 }
            place = UnsafeRawPointer(hit) + (isHit ? needle.count : 1)
        }
        return found
    }
}
