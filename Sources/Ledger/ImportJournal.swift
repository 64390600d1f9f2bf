import Foundation
import Kernel
import Storage

/// What became of the rows of a file, in numbers, and what was refused.
public struct ImportCounts: Sendable {
    public var created = 0, changed = 0, unchanged = 0, refused = 0
    public var total: Int { created + changed + unchanged + refused }
    /// By row of the file, in order.
    public var refusals: [Refusal] = []
    public init() {}

    public mutating func add(_ receipts: [Receipt]) {
        for receipt in receipts {
            switch receipt.fate {
            case .created: created += 1
            case .changed, .withdrawn: changed += 1
            case .unchanged: unchanged += 1
            case .refused(let all):
                refused += 1
                refusals += all
            }
        }
    }
    mutating func add(_ other: ImportCounts) {
        created += other.created
        changed += other.changed
        unchanged += other.unchanged
        refused += other.refused
        refusals += other.refusals
    }
}

/// How far the import of one file came. A part is noted in the transaction of its records, so that after a crash the same file goes on where
/// it stopped: no row is stored twice, and none is left out.
public struct ImportJournal: Sendable {
    private static let home = "000000"
    private static let daysKept = 30
    private let ledger: Ledger
    let id: String

    /// - Parameter text: names whose import of which file it is, and how it is to be taken.
    public init(_ ledger: Ledger, of text: String) { (self.ledger, id) = (ledger, Digest.sha256(text)) }

    private func owner(_ sequence: Int) -> String { "import/\(id)/\(sequence)" }

    /// What is stored of it already; nothing for an import that ended, or was left for a month.
    public func done() async throws -> ImportCounts {
        let now = ledger.clock.now()
        let oldest = Moment(microseconds: now.microseconds - Int64(ImportJournal.daysKept) * 86_400_000_000)
        let isStale = try await ledger.store.read {
            try $0.row("SELECT 1 AS one FROM import_part WHERE made_at < \(oldest) LIMIT 1") != nil
        }
        if isStale { try await ledger.store.write { _ = try $0.run("DELETE FROM import_part WHERE made_at < \(oldest)") } }
        return try await ledger.store.read { db in
            var done = ImportCounts()
            try db.each(
                """
                SELECT sequence, created, changed, unchanged, refused, refusals FROM import_part
                WHERE home = \(ImportJournal.home) AND import = \(id) ORDER BY sequence
                """
            ) { row in
                var part = ImportCounts()
                (part.created, part.changed, part.unchanged, part.refused) = (
                    try row.get(1), try row.get(2), try row.get(3), try row.get(4)
                )
                let text = try ledger.keys.open(try row.get(5), owner: owner(try row.get(0)))
                part.refusals = text.isEmpty ? [] : try Refusal.list(text)
                done.add(part)
            }
            return done
        }
    }

    /// - Throws: `import.running` where somebody else, who began at the same place, was here before: their rows are stored already.
    func note(_ db: any Connection, behind done: Int, _ part: ImportCounts) throws {
        let other = try db.row(
            "SELECT 1 AS one FROM import_part WHERE home = \(ImportJournal.home) AND import = \(id) AND sequence = \(done)")
        guard other == nil else { throw Refusal("import.running") }
        let text = part.refusals.isEmpty ? "" : try Refusal.text(part.refusals)
        try db.run(
            """
            INSERT INTO import_part (home, import, sequence, created, changed, unchanged, refused, refusals, made_at)
            VALUES (\(ImportJournal.home), \(id), \(done), \(part.created), \(part.changed), \(part.unchanged), \(part.refused),
            \(text.isEmpty ? "" : try ledger.keys.seal(text, owner: owner(done))), \(ledger.clock.now()))
            """)
    }
    func close(_ db: any Connection) throws {
        try db.run("DELETE FROM import_part WHERE home = \(ImportJournal.home) AND import = \(id)")
    }
}

extension Refusal {
    private struct Kept: Codable {
        let code: String
        let row: Int?
        let field: String?
        let details: [String: String]
    }
    fileprivate static func text(_ all: [Refusal]) throws -> String {
        let kept = all.map { Kept(code: $0.code, row: $0.row, field: $0.field, details: $0.details) }
        return String(decoding: try JSONEncoder().encode(kept), as: UTF8.self)
    }
    fileprivate static func list(_ text: String) throws -> [Refusal] {
        try JSONDecoder().decode([Kept].self, from: Data(text.utf8)).map { Refusal($0.code, row: $0.row, field: $0.field, $0.details) }
    }
}

extension Ledger {
    /// Takes the rows of a file part by part, each in a transaction of its own.
    public struct Intake: Sendable {
        let ledger: Ledger
        let submission: Submission
        let journal: ImportJournal?
        private var seen = SeenKeys()
        public private(set) var counts: ImportCounts

        /// - Parameter done: what was stored of the file before.
        public init(_ ledger: Ledger, _ submission: Submission, journal: ImportJournal? = nil, done: ImportCounts = ImportCounts()) {
            (self.ledger, self.submission, self.journal, counts) = (ledger, submission, journal, done)
        }

        /// - Parameter isLast: whether nothing follows: what was noted of the import goes with it.
        public mutating func take(_ drafts: [Draft], isLast: Bool) async throws {
            let (behind, before) = (counts.total, seen)
            let (part, after) = try await ledger.store.write { [ledger, submission, journal] db in
                var clerk = Clerk(ledger: ledger, db: db, submission: submission)
                clerk.keysSeen = before
                var part = ImportCounts()
                part.add(try clerk.take(drafts))
                try clerk.finish()
                if isLast { try journal?.close(db) } else { try journal?.note(db, behind: behind, part) }
                return (part, clerk.keysSeen)
            }
            counts.add(part)
            seen = after
        }
    }

    /// Says what would become of drafts that come part by part, all in one transaction, so that later rows may refer to earlier ones; nothing
    /// of it stays.
    public func rehearse(
        _ submission: Submission, _ body: @escaping @Sendable (_ take: ([Draft]) throws -> Void) throws -> Void
    ) async throws -> ImportCounts {
        struct Ended: Error { let counts: ImportCounts }
        do {
            return try await store.write { [self] db in
                var clerk = Clerk(ledger: self, db: db, submission: submission)
                var counts = ImportCounts()
                try body { drafts in counts.add(try clerk.take(drafts)) }
                throw Ended(counts: counts)
            }
        } catch let ended as Ended { return ended.counts }
    }
}

/// Which row of a file first named a key. Of a million rows the keys themselves are not held, but sixty-four bits of each: that two different
/// ones share them is no more to be feared than that the disk errs.
struct SeenKeys: Sendable {
    private var rows: [Int: Int32] = [:]
    subscript(kind: String, key: String) -> Int? {
        get { rows[SeenKeys.number(kind, key)].map(Int.init) }
        set { rows[SeenKeys.number(kind, key)] = newValue.flatMap(Int32.init(exactly:)) }
    }
    private static func number(_ kind: String, _ key: String) -> Int {
        var hasher = Hasher()
        hasher.combine(kind)
        hasher.combine(key)
        return hasher.finalize()
    }
}
