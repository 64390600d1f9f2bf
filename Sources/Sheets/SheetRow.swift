/// One row of a file as its user sees it in a table program.
public struct SheetRow: Sendable, Hashable {
    /// One-based row in the file, header rows and blank rows counted. In a CSV file a quoted cell of several lines is one row.
    public let number: Int
    /// The cells as text, trimmed of nothing; an empty cell is the empty string. Rows of one file may differ in length.
    public let cells: [String]

    public init(number: Int, cells: [String]) { (self.number, self.cells) = (number, cells) }

    /// The cell of a zero-based column; empty where the row is shorter.
    public subscript(column: Int) -> String { cells.indices.contains(column) ? cells[column] : "" }
}

/// What a file may cost to read. A file beyond a limit is refused, never cut.
public struct SheetLimits: Sendable {
    /// Bytes of the file itself (`file.too-large`).
    public var fileBytes = 1 << 30
    /// Bytes of one unpacked part of a workbook (`file.bomb`).
    public var uncompressedBytes = 3 << 30
    /// Unpacked bytes for one packed byte (`file.bomb`), asked only of parts beyond `ratioFloor` bytes.
    public var ratio = 200
    public var ratioFloor = 32 << 20
    /// Parts of the archive (`file.bomb`).
    public var parts = 10_000
    /// Bytes that the shared strings of a workbook take in memory (`file.bomb`).
    public var sharedStrings = 256 << 20
    /// Merged ranges of one sheet (`file.bomb`).
    public var merges = 1_000_000
    /// Bytes of one row of a CSV file, in UTF-8 (`file.line-too-long`).
    public var lineBytes = 1 << 20
    /// Characters of one cell, counted in UTF-16 as Excel counts them (`file.line-too-long`).
    public var cellCharacters = 32_767
    /// Cells of one row (`row.width`).
    public var cells = 1000

    public init() {}
    public static let standard = SheetLimits()

    /// More UTF-8 bytes than a cell within the limit can have.
    var cellBytes: Int { cellCharacters * 3 }
}

/// One row as the bytes of its cells, for files of a hundred million rows. Valid only while it is being looked at.
public struct ByteRow {
    /// As ``SheetRow/number``.
    public let number: Int
    private let bytes: UnsafeBufferPointer<UInt8>
    private let ends: UnsafeBufferPointer<Int>

    init(number: Int, bytes: UnsafeBufferPointer<UInt8>, ends: UnsafeBufferPointer<Int>) {
        (self.number, self.bytes, self.ends) = (number, bytes, ends)
    }
    public var count: Int { ends.count }

    /// The cell of a zero-based column without blanks around it; empty where the row is shorter.
    public subscript(column: Int) -> UnsafeBufferPointer<UInt8> {
        guard column >= 0, column < ends.count else { return UnsafeBufferPointer(rebasing: bytes[0..<0]) }
        var from = column == 0 ? 0 : ends[column - 1]
        var until = ends[column]
        while from < until, bytes[from] == 0x20 || bytes[from] == 0x09 { from += 1 }
        while from < until, bytes[until - 1] == 0x20 || bytes[until - 1] == 0x09 { until -= 1 }
        return UnsafeBufferPointer(rebasing: bytes[from..<until])
    }
    /// The cell as text.
    public func text(_ column: Int) -> String { String(decoding: self[column], as: UTF8.self) }
}

extension SheetRow {
    init(_ row: ByteRow) { self.init(number: row.number, cells: (0..<row.count).map { row.untrimmed($0) }) }
}
extension ByteRow {
    fileprivate func untrimmed(_ column: Int) -> String {
        String(decoding: UnsafeBufferPointer(rebasing: bytes[(column == 0 ? 0 : ends[column - 1])..<ends[column]]), as: UTF8.self)
    }
}
