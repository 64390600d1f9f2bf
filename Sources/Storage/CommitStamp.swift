import GRDB
import GRDBSQLite
import Synchronization

/// Tells committed states of a database apart without asking it: equal stamps mean that nothing was committed between, by whatever program.
public struct CommitStamp: Equatable, Sendable {
    fileprivate let words: SIMD16<UInt32>
}

/// The header of SQLite's index of its write-ahead log, in memory that all programs at the file share (https://sqlite.org/walformat.html):
/// two copies of 48 bytes, written at the end of each commit and before whoever commits is told. It counts the commits, names the last frame
/// and carries its checksum.
///
/// The memory is SQLite's own and is lent as long as a connection to the file is open; it is read and never written. A second descriptor
/// of the same file would not do: closing it takes away every lock that the process holds there.
struct WALIndexHeader: @unchecked Sendable {
    private let copies: UnsafeRawPointer
    private static let length = 48
    /// The layout is fixed since SQLite 3.7.0 and says so in its first word.
    private static let layout: UInt32 = 3_007_000
    /// How much of the index SQLite maps at a time.
    private static let region: Int32 = 32 << 10

    /// Nil where the file has no such index, or none that can be looked at.
    init?(_ database: Database) {
        // It is there once something was read.
        guard (try? database.execute(sql: "SELECT 1 FROM sqlite_master LIMIT 1")) != nil else { return nil }
        var file: UnsafeMutablePointer<sqlite3_file>?
        guard sqlite3_file_control(database.sqliteConnection, "main", SQLITE_FCNTL_FILE_POINTER, &file) == SQLITE_OK,
            let file, let methods = file.pointee.pMethods, methods.pointee.iVersion >= 2, let map = methods.pointee.xShmMap
        else { return nil }
        var memory: UnsafeMutableRawPointer?
        let status = map(file, 0, WALIndexHeader.region, 0, &memory)
        guard status == SQLITE_OK || status == SQLITE_READONLY, let memory else { return nil }
        copies = UnsafeRawPointer(memory)
    }

    /// Nil where somebody writes it at this moment, or it is to be made anew.
    func stamp() -> CommitStamp? {
        // In the opposite order of the writer, so that two equal copies are one whole header.
        let first = words(at: 0)
        atomicMemoryFence(ordering: .acquiring)
        let isMade = copies.load(fromByteOffset: 12, as: UInt8.self) == 1
        guard isMade, first == words(at: WALIndexHeader.length), first[0] == WALIndexHeader.layout else { return nil }
        return CommitStamp(words: first)
    }
    private func words(at offset: Int) -> SIMD16<UInt32> {
        var words = SIMD16<UInt32>()
        for place in 0..<WALIndexHeader.length / 4 { words[place] = copies.load(fromByteOffset: offset + place * 4, as: UInt32.self) }
        return words
    }
}
