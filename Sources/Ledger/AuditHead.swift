import Foundation
import Kernel
import Storage
import Synchronization

/// The ends of all chains at one moment, signed. Published outside the database, it holds the database to what stood there then.
public struct AuditHead: Sendable, Codable, Equatable {
    public struct End: Sendable, Codable, Equatable {
        public let sequence: Int
        public let hash: String
    }
    public let number: Int
    public let moment: Int64
    /// The last line of each home's chain.
    public let homes: [String: End]
    /// The digest of the head before it; empty for the first.
    public let previous: String
    /// Why earlier heads bind no longer: a database that was restored from an older backup. Empty otherwise.
    public let note: String
    /// The public key and the signature in hexadecimal.
    public var key = ""
    public var signature = ""

    public init(number: Int, moment: Moment, homes: [String: End], previous: String, note: String = "") {
        (self.number, self.moment, self.homes, self.previous) = (number, moment.microseconds, homes, previous)
        self.note = note.replacing("\n", with: " ")
    }

    /// What is signed: one line for each thing said, homes in the order of their bytes.
    public var text: String {
        let ends = homes.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }.map {
            "\($0.key) \($0.value.sequence) \($0.value.hash)"
        }
        return (["zhifang audit head 1", "number \(number)", "moment \(moment)", "previous \(previous)", "note \(note)"] + ends).joined(
            separator: "\n") + "\n"
    }
    public var digest: String { Digest.sha256(text) }
    public var lines: Int { homes.values.reduce(0) { $0 + $1.sequence } }
    public var at: Moment { Moment(microseconds: moment) }
    /// One line of the file of heads.
    public var json: String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return (try? encoder.encode(self)).map { String(decoding: $0, as: UTF8.self) } ?? ""
    }

    func signed(by keys: KeyRing) throws -> AuditHead {
        var head = self
        (head.key, head.signature) = try keys.sign(text)
        return head
    }
    public func isSigned(by publicKeys: [String]) -> Bool {
        guard publicKeys.contains(key), let key = KeyRing.bytes(key), let signature = KeyRing.bytes(signature) else { return false }
        return Signature.verify(text, signature, publicKey: key)
    }

    /// Reads a file of heads: one JSON object a line.
    /// - Throws: `Refusal("audit.heads-format")` with the line that is none.
    public static func read(_ text: String) throws -> [AuditHead] {
        try text.split(separator: "\n").enumerated().map { index, line in
            guard let head = try? JSONDecoder().decode(AuditHead.self, from: Data(line.utf8)) else {
                throw Refusal("audit.heads-format", row: index + 1)
            }
            return head
        }
    }

    /// What is wrong with heads among themselves: a signature, a number, a link, a chain that grew shorter.
    public static func flaws(_ heads: [AuditHead], publicKeys: [String]) -> [AuditCheck.Flaw] {
        var flaws: [AuditCheck.Flaw] = []
        for (index, head) in heads.enumerated() {
            func flaw(_ code: AuditCheck.Flaw.Code) { flaws.append(.init(code: code, home: "", line: head.number, head: head.number)) }
            if !head.isSigned(by: publicKeys) { flaw(.signature) }
            guard index > 0 else { continue }
            let before = heads[index - 1]
            let shrinks = before.homes.contains { home, end in (head.homes[home]?.sequence ?? 0) < end.sequence }
            if head.number != before.number + 1 || head.previous != before.digest || head.moment < before.moment
                || (shrinks && head.note.isEmpty)
            {
                flaw(.order)
            }
        }
        return flaws
    }
}

/// The published heads: a file outside the database, one JSON object a line, only ever added to.
public final class AuditHeads: Sendable {
    /// Nil for a house in memory.
    public let url: URL?
    private let memory = Mutex<[AuditHead]>([])
    public init(url: URL? = nil) { self.url = url }

    public func all() throws -> [AuditHead] {
        guard let url else { return memory.withLock { $0 } }
        guard let data = FileManager.default.contents(atPath: url.path) else { return [] }
        return try AuditHead.read(String(decoding: AuditHeads.whole(data), as: UTF8.self))
    }
    public func last() throws -> AuditHead? { try all().last }

    /// The lines that were written to their end, each with its own: what the power or a full disk cut off was never published.
    private static func whole(_ data: Data) -> Data {
        let end = data.lastIndex(of: 10).map { $0 + 1 } ?? data.startIndex
        let tail = data[end...]
        return tail.isEmpty ? data : (try? JSONDecoder().decode(AuditHead.self, from: tail)) == nil ? data[..<end] : data + [10]
    }

    /// Adds what `make` makes of the last head, while no other process does.
    func add(_ make: (AuditHead?) throws -> AuditHead?) throws -> AuditHead? {
        guard let url else {
            return try memory.withLock { heads in
                guard let head = try make(heads.last) else { return nil }
                heads.append(head)
                return head
            }
        }
        let file = open(url.path, O_RDWR | O_CREAT | O_APPEND, 0o644)
        guard file >= 0 else { throw Refusal("file.unwritable", ["value": url.path]) }
        let handle = FileHandle(fileDescriptor: file, closeOnDealloc: true)
        guard flock(file, LOCK_EX) == 0 else { throw Refusal("file.unwritable", ["value": url.path]) }
        let kept = try handle.readToEnd() ?? Data()
        let whole = AuditHeads.whole(kept)
        // Whatever was cut off goes, so that the next line begins where it must.
        let size = min(whole.count, kept.count)
        if size < kept.count, ftruncate(file, off_t(size)) != 0 { throw Refusal("file.unwritable", ["value": url.path]) }
        guard let head = try make(try AuditHead.read(String(decoding: whole, as: UTF8.self)).last) else { return nil }
        do {
            try handle.write(contentsOf: whole[size...] + Data((head.json + "\n").utf8))
            try handle.synchronize()
        } catch {
            ftruncate(file, off_t(size))
            throw error
        }
        return head
    }

    /// Brings a second file up to these heads.
    /// - Throws: `Refusal("audit.heads-differ")` where it holds others: one of the two was changed.
    public func copy(to other: URL) throws {
        let mine = try all()
        let theirs = try AuditHeads(url: other).all()
        guard theirs.count <= mine.count, zip(theirs, mine).allSatisfy({ $0 == $1 }) else {
            throw Refusal("audit.heads-differ", ["value": other.path])
        }
        for head in mine.dropFirst(theirs.count) { _ = try AuditHeads(url: other).add { _ in head } }
    }
}

extension Ledger {
    /// How old the last head may grow while nothing happens.
    static let headHours = 24

    /// Signs and publishes the ends of all chains.
    /// - Parameters:
    ///   - note: why earlier heads bind no longer; only then may the chains contradict them.
    ///   - always: publish although nothing changed today.
    /// - Returns: nil where nothing changed since a head of the last day.
    /// - Throws: `Refusal("audit.contradicts")` where the lines since the last head, or those that it names, are not what they must be.
    public func publishHead(note: String = "", always: Bool = false) async throws -> AuditHead? {
        // Nothing is written into the database: the snapshot begins behind the lock of the file, so that no head is older than the one before.
        try await store.read { [self] db in
            try heads.add { last in
                let now = clock.now()
                let binding = note.isEmpty ? last : nil
                if let flaw = try Audit(db).continues(binding) { throw Refusal("audit.contradicts", ["value": flaw.description]) }
                var homes: [String: AuditHead.End] = [:]
                for row in try db.rows(
                    """
                    SELECT a.home, a.sequence, a.hash FROM audit a
                    JOIN (SELECT home, max(sequence) AS sequence FROM audit GROUP BY home) b ON b.home = a.home AND b.sequence = a.sequence
                    """)
                {
                    homes[try row.get("home")] = AuditHead.End(sequence: try row.get("sequence"), hash: try row.get("hash"))
                }
                if let last, !always, note.isEmpty, last.homes == homes,
                    now.microseconds - last.moment < Int64(Ledger.headHours) * 3_600_000_000
                {
                    return nil
                }
                return try AuditHead(
                    number: (last?.number ?? 0) + 1, moment: now, homes: homes, previous: last?.digest ?? "", note: note
                ).signed(by: keys)
            }
        }
    }

    /// What the last full check found, and when.
    public var auditState: (result: AuditCheck.Result, at: Moment)? { lastCheck.withLock { $0 } }

    /// The chains against all published heads.
    /// - Parameters:
    ///   - given: heads that were kept elsewhere; nil for the house's own file.
    ///   - publicKeys: in hexadecimal; nil for those of the house's own ring.
    public func checkAudit(heads given: [AuditHead]? = nil, publicKeys: [String]? = nil) async throws -> AuditCheck.Result {
        let heads = try given ?? self.heads.all()
        var result = try await store.read { try Audit($0).check(heads) }
        result.flaws = AuditHead.flaws(heads, publicKeys: publicKeys ?? keys.publicKeys) + result.flaws
        if given == nil, publicKeys == nil {
            let kept = result
            lastCheck.withLock { $0 = (kept, clock.now()) }
        }
        return result
    }
}

extension Audit {
    /// The first flaw of the lines behind a head, or of those that it names.
    func continues(_ head: AuditHead?) throws -> AuditCheck.Flaw? {
        var check = AuditCheck(head.map { [$0] } ?? [])
        for (home, end) in (head?.homes ?? [:]).sorted(by: { $0.key < $1.key }) {
            let kept: String? = try db.row("SELECT hash FROM audit WHERE home = \(home) AND sequence = \(end.sequence)")?.get("hash")
            if kept != end.hash {
                return .init(code: kept == nil ? .cut : .head, home: home, line: end.sequence, head: head?.number)
            }
            check.skip(home, to: end)
        }
        for home in try db.rows("SELECT DISTINCT home FROM audit ORDER BY home").map({ try $0.get("home", as: String.self) }) {
            let from = head?.homes[home]?.sequence ?? 0
            try db.each("SELECT \(Audit.columns) FROM audit WHERE home = \(home) AND sequence > \(from) ORDER BY sequence") {
                check.take(try Line($0))
            }
        }
        return check.result().flaws.first
    }
}
