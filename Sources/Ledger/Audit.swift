import Kernel
import Storage

/// The chain over every change and every sensitive view: each line carries the hash of the line before it in its home, so that an
/// edited, missing, inserted or moved line breaks the chain. What was published of its heads shows a cut-off end and a chain made anew.
public struct Audit {
    let db: any Connection
    public init(_ db: any Connection) { self.db = db }

    public struct Line: Sendable, Equatable {
        public let home: String
        public let sequence: Int
        public let moment: Moment
        public let person, door, subject, detail, hash: String

        init(_ row: SQLRow) throws {
            (home, sequence, moment) = (try row.get(0), try row.get(1), try row.get(2))
            (person, door, subject, detail, hash) = (try row.get(3), try row.get(4), try row.get(5), try row.get(6), try row.get(7))
        }
        /// The hash that the line must carry behind another.
        func hash(after previous: String) -> String { Audit.hash(previous, home, sequence, moment, [person, door, subject, detail]) }
    }
    static let columns: SQL = "home, sequence, moment, person, door, subject, detail, hash"

    static func hash(_ previous: String, _ home: String, _ sequence: Int, _ moment: Moment, _ parts: [String]) -> String {
        // Lengths go in front, so that no two different lines read alike.
        var text: [UInt8] = []
        text.reserveCapacity(400)
        for part in [previous, home, String(sequence), String(moment.microseconds)] + parts {
            if !text.isEmpty { text.append(44) }
            text.append(contentsOf: String(part.utf8.count).utf8)
            text.append(58)
            text.append(contentsOf: part.utf8)
        }
        return Digest.hex(Digest.sha256(text))
    }

    /// Appends lines to a home's chain, in order, in the transaction of the change.
    public func append(
        home: String, at moment: Moment, by person: String, door: String, _ lines: [(subject: String, detail: String)]
    ) throws {
        guard !lines.isEmpty else { return }
        let head = try db.row("SELECT sequence, hash FROM audit WHERE home = \(home) ORDER BY sequence DESC LIMIT 1")
        var sequence: Int = try head?.get("sequence") ?? 0
        var previous: String = try head?.get("hash") ?? ""
        var rows: [[SQLValue]] = []
        for line in lines {
            sequence += 1
            previous = Audit.hash(previous, home, sequence, moment, [person, door, line.subject, line.detail])
            rows.append([
                .text(home), .integer(Int64(sequence)), moment.sqlValue, .text(person), .text(door), .text(line.subject),
                .text(line.detail), .text(previous),
            ])
        }
        try db.insert(into: "audit", ["home", "sequence", "moment", "person", "door", "subject", "detail", "hash"], rows)
    }

    /// Walks every chain and holds it against published heads.
    public func check(_ heads: [AuditHead] = []) throws -> AuditCheck.Result {
        var check = AuditCheck(heads)
        try db.each("SELECT \(Audit.columns) FROM audit ORDER BY home, sequence") { check.take(try Line($0)) }
        return check.result()
    }
    /// What is wrong with the chains by themselves, in words for a log. Empty means whole (a cut-off end shows only against a head).
    public func breaks() throws -> [String] { try check().flaws.map(\.description) }

    /// Which lines a reader asks for; nil asks for all.
    public struct Filter: Sendable {
        public var home, person, door, subject: String?
        /// From the beginning of the first day until the end of the last.
        public var from, until: Day?
        public init(
            home: String? = nil, person: String? = nil, door: String? = nil, subject: String? = nil, from: Day? = nil, until: Day? = nil
        ) {
            (self.home, self.person, self.door, self.subject, self.from, self.until) = (home, person, door, subject, from, until)
        }
        fileprivate var condition: SQL {
            var all: SQL = "1 = 1"
            if let home { all = "\(all) AND home = \(home)" }
            if let person { all = "\(all) AND person = \(person)" }
            if let door { all = "\(all) AND door = \(door)" }
            if let subject { all = "\(all) AND subject = \(subject)" }
            if let from { all = "\(all) AND moment >= \(Moment(microseconds: Moment(endOf: from - 1).microseconds + 1))" }
            if let until { all = "\(all) AND moment <= \(Moment(endOf: until))" }
            return all
        }
    }
    /// Where a page of lines goes on: behind this line.
    public struct Mark: Sendable, LosslessStringConvertible {
        let moment, sequence: Int
        let home: String
        public init(_ line: Line) { (moment, home, sequence) = (Int(line.moment.microseconds), line.home, line.sequence) }
        public init?(_ text: String) {
            let parts = text.split(separator: ".", omittingEmptySubsequences: false)
            guard parts.count == 3, let moment = Int(parts[0]), let sequence = Int(parts[2]) else { return nil }
            (self.moment, self.sequence, home) = (moment, sequence, String(parts[1]))
        }
        public var description: String { "\(moment).\(home).\(sequence)" }
    }

    /// Lines, newest first.
    public func lines(_ filter: Filter = Filter(), after mark: Mark? = nil, limit: Int = 200) throws -> [Line] {
        let behind: SQL =
            mark.map { mark in
                "(moment < \(mark.moment) OR moment = \(mark.moment) AND (home > \(mark.home) OR home = \(mark.home) AND sequence < \(mark.sequence)))"
            } ?? "1 = 1"
        return try db.rows(
            """
            SELECT \(Audit.columns) FROM audit WHERE \(filter.condition) AND \(behind) ORDER BY moment DESC, home, sequence DESC LIMIT \(limit)
            """
        ).map(Line.init)
    }
    public func count(_ filter: Filter = Filter()) throws -> Int {
        try db.row("SELECT count(*) AS total FROM audit WHERE \(filter.condition)")?.get("total") ?? 0
    }
}
