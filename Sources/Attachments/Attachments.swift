import Foundation
import Kernel
import Ledger
import Storage

/// A file that belongs to a record 附件: a photo, a scan, a signature. Its content never changes.
public struct Attachment: Sendable {
    public let home, id, record, field, name, type: String
    /// In bytes, of what is kept.
    public let size: Int
    /// SHA-256 of what is kept: it stands in the audit too.
    public let digest: String
    public let width, height: Int
    /// What was taken out of it: empty, `metadata` or `location`.
    public let removed, taken: String
    public let recordedAt: Moment
    public let recordedBy: String
    public let withdrawnAt: Moment?
    public let withdrawnWhy: String?
    public var isImage: Bool { type.hasPrefix("image/") }

    init(_ row: SQLRow) throws {
        (home, id, record, field) = (try row.get("home"), try row.get("id"), try row.get("record"), try row.get("field"))
        (name, type, size, digest) = (try row.get("name"), try row.get("type"), try row.get("size"), try row.get("digest"))
        (width, height, removed, taken) = (try row.get("width"), try row.get("height"), try row.get("removed"), try row.get("taken"))
        (recordedAt, recordedBy) = (try row.get("recorded_at"), try row.get("recorded_by"))
        (withdrawnAt, withdrawnWhy) = (try row.find("withdrawn_at"), try row.find("withdrawn_why"))
    }
}

/// The files of the house's records, in its own database: stored, listed, read and withdrawn in its transactions and its audit.
public struct Attachments: Sendable {
    public static let largest = 20 << 20
    public static let mostFiles = 60
    public static let mostBytes = 300 << 20
    /// Bytes in a piece; a multiple of three, so that the pieces' base64 joins.
    static let piece = 384 << 10

    let ledger: Ledger
    public init(_ ledger: Ledger) { self.ledger = ledger }

    /// Whether a person may look at a record's file. Signatures, and files of records that hold a person's own data, are for those who may
    /// see such data.
    public func maySee(_ person: Person, _ db: any Connection, _ record: Record, field: String) throws -> Bool {
        let place = try ledger.place(db, of: record)
        let isPersonal =
            field.hasPrefix("signature")
            || record.kind.fields.contains { $0.sensitivity == .medical || ($0.sensitivity == .personal && $0.required) }
        return mayDo(person, .see, at: place) && (!isPersonal || mayDo(person, .seePersonal, at: place))
    }

    /// Stores a file with a record.
    /// - Parameters:
    ///   - field: what it is of the record: `photo`, `signature.party`, `item.E72-1`; lower case, digits, `.`, `-`, `_`.
    ///   - name: what its owner calls it; only its last part is kept, for showing.
    /// - Throws: what ``Sniffer/look(at:)`` refuses; `file.size`, `file.count`, `file.field`; `record.missing`, `access.denied`.
    public func add(
        _ bytes: [UInt8], named name: String, as field: String, to record: String, by person: Person, door: String = "page"
    )
        async throws -> String
    {
        guard bytes.count <= Attachments.largest else { throw Refusal("file.size", ["limit": "\(Attachments.largest >> 20) MB"]) }
        guard Attachments.isField(field) else { throw Refusal("file.field", field: "field", ["value": field]) }
        let file = try Sniffer.look(at: bytes)
        let digest = Digest.hex(Digest.sha256(file.bytes))
        let title = Attachments.title(name, file.format)
        let now = ledger.clock.now()
        return try await ledger.store.write { [ledger] db in
            guard let owner = try ledger.record(db, record), mayDo(person, .see, at: try ledger.place(db, of: owner)) else {
                throw Refusal("record.missing", ["value": record])
            }
            guard mayDo(person, .change, at: try ledger.place(db, of: owner)) else {
                throw Refusal("access.denied", ["value": owner.kind.name])
            }
            let kept = try self.all(db, of: record)
            // The same photo sent twice, because the net broke off after the first time, is one photo.
            if let same = kept.first(where: { $0.digest == digest && $0.field == field && $0.withdrawnAt == nil }) { return same.id }
            guard kept.count < Attachments.mostFiles, kept.reduce(file.bytes.count, { $0 + $1.size }) <= Attachments.mostBytes else {
                throw Refusal("file.count", ["limit": "\(Attachments.mostFiles)", "expected": "\(Attachments.mostBytes >> 20) MB"])
            }
            let id = Identifier.make(at: now)
            try db.insert(
                into: "attachment",
                [
                    "home", "id", "record", "field", "name", "type", "size", "digest", "width", "height", "removed", "taken", "key_name",
                    "recorded_at", "recorded_by",
                ],
                [
                    [
                        .text(owner.home), .text(id), .text(record), .text(field), .text(title), .text(file.format.type),
                        file.bytes.count.sqlValue, .text(digest), file.width.sqlValue, file.height.sqlValue, .text(file.removed),
                        .text(file.taken), .text(""), now.sqlValue, .text(person.name),
                    ]
                ])
            for (sequence, from) in stride(from: 0, to: file.bytes.count, by: Attachments.piece).enumerated() {
                // A photo or a scan may show more of a person than any field: its content is sealed as those are.
                let part = Array(file.bytes[from..<min(from + Attachments.piece, file.bytes.count)])
                let sealed = try ledger.keys.seal(part, owner: Attachments.owner(id, sequence))
                try db.insert(
                    into: "attachment_chunk", ["home", "attachment", "sequence", "body"],
                    [[.text(owner.home), .text(id), sequence.sqlValue, .text(sealed)]])
            }
            let line = "attachment \(id) \(field) \(file.format.type) \(file.bytes.count) \(digest)"
            try Audit(db).append(home: owner.home, at: now, by: person.name, door: door, [(record, line)])
            return id
        }
    }

    /// What a sealed piece belongs to.
    private static func owner(_ id: String, _ sequence: Int) -> String { "attachment/\(id)/\(sequence)" }

    static func isField(_ text: String) -> Bool {
        (1...60).contains(text.utf8.count)
            && text.utf8.allSatisfy {
                (97...122).contains($0) || (65...90).contains($0) || (48...57).contains($0) || [45, 46, 95].contains($0)
            }
    }

    /// A name for showing: no path, nothing that nobody sees, the ending that the content has.
    static func title(_ name: String, _ format: Sniffed.Format) -> String {
        let last = name.split { $0 == "/" || $0 == "\\" }.last.map(String.init) ?? ""
        let seen = String(
            String.UnicodeScalarView(
                last.unicodeScalars.filter { $0.properties.generalCategory != .control && $0.properties.generalCategory != .format }))
        let stem = seen.split(separator: ".").first.map { String($0.prefix(80)) } ?? ""
        let plain = stem.filter { !"<>:\"|?*%;".contains($0) }.trimmingCharacters(in: .whitespaces)
        return (plain.isEmpty ? "file" : plain) + "." + format.ending
    }

    /// Every file of a record, withdrawn ones too, in the order in which they came.
    public func all(_ db: any Connection, of record: String) throws -> [Attachment] {
        try db.rows("SELECT * FROM attachment WHERE record = \(record) ORDER BY id").map { try Attachment($0) }
    }
    public func find(_ db: any Connection, _ id: String) throws -> Attachment? {
        try db.row("SELECT * FROM attachment WHERE id = \(id)").map { try Attachment($0) }
    }

    /// Bytes of a file, read by the pieces that hold them.
    /// - Throws: `file.broken` where the pieces do not make the file that the audit knows.
    public func bytes(_ db: any Connection, of file: Attachment, in range: Range<Int>? = nil) throws -> [UInt8] {
        let range = range ?? 0..<file.size
        guard !range.isEmpty, range.upperBound <= file.size else { return [] }
        let (first, last) = (range.lowerBound / Attachments.piece, (range.upperBound - 1) / Attachments.piece)
        var found: [UInt8] = []
        found.reserveCapacity(range.count)
        var expected = first
        try db.each(
            """
            SELECT sequence, body FROM attachment_chunk WHERE home = \(file.home) AND attachment = \(file.id)
            AND sequence >= \(first) AND sequence <= \(last) ORDER BY sequence
            """
        ) { row in
            guard try row.get("sequence", as: Int.self) == expected else { throw Refusal("file.broken") }
            found += try ledger.keys.openBytes(try row.get("body"), owner: Attachments.owner(file.id, expected))
            expected += 1
        }
        let from = range.lowerBound - first * Attachments.piece
        guard found.count >= from + range.count else { throw Refusal("file.broken") }
        let part = Array(found[from..<(from + range.count)])
        // Whoever reads it whole reads what was stored, or is told.
        if range.count == file.size, Digest.hex(Digest.sha256(part)) != file.digest { throw Refusal("file.broken") }
        return part
    }

    /// Takes a file back: it stays, with who and why, and is shown to nobody but those who may change the record.
    public func withdraw(_ id: String, why: String, by person: Person, door: String = "page") async throws -> String {
        guard !why.isEmpty else { throw Refusal("field.required", field: "reason") }
        let now = ledger.clock.now()
        return try await ledger.store.write { [ledger] db in
            guard let file = try self.find(db, id), let owner = try ledger.record(db, file.record),
                try self.maySee(person, db, owner, field: file.field)
            else { throw Refusal("record.missing", ["value": id]) }
            guard mayDo(person, .change, at: try ledger.place(db, of: owner)) else {
                throw Refusal("access.denied", ["value": owner.kind.name])
            }
            try db.run(
                """
                UPDATE attachment SET withdrawn_at = \(now), withdrawn_by = \(person.name), withdrawn_why = \(String(why.prefix(300)))
                WHERE home = \(file.home) AND id = \(id) AND withdrawn_at IS NULL
                """)
            try Audit(db).append(
                home: file.home, at: now, by: person.name, door: door, [(file.record, "attachment \(id) withdrawn: \(why.prefix(200))")])
            return file.record
        }
    }
}
