import Kernel
import Storage

/// The chain over every change: each line carries the hash of the line before it in its home, so that an edited, missing,
/// inserted or moved line breaks the chain.
public struct Audit {
    let db: any Connection
    public init(_ db: any Connection) { self.db = db }

    public struct Line: Sendable {
        public let home: String
        public let sequence: Int
        public let moment: Moment
        public let person, door, subject, detail, hash: String
    }

    static func hash(_ previous: String, _ home: String, _ sequence: Int, _ moment: Moment, _ parts: [String]) -> String {
        // Lengths go in front, so that no two different lines read alike.
        let text = ([previous, home, String(sequence), String(moment.microseconds)] + parts).map { "\($0.utf8.count):\($0)" }.joined(
            separator: ",")
        return Digest.sha256(text)
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

    /// The first break of each home's chain. Empty means whole (a cut-off tail shows only against a published head).
    public func breaks() throws -> [String] {
        var result: [String] = []
        var heads: [String: (sequence: Int, hash: String)] = [:]
        var broken: Set<String> = []
        try db.each("SELECT home, sequence, moment, person, door, subject, detail, hash FROM audit ORDER BY home, sequence") { row in
            let home: String = try row.get(0)
            guard !broken.contains(home) else { return }
            let before = heads[home] ?? (0, "")
            let sequence: Int = try row.get(1)
            let parts: [String] = try [row.get(3), row.get(4), row.get(5), row.get(6)]
            let hash = Audit.hash(before.hash, home, sequence, try row.get(2), parts)
            let kept: String = try row.get(7)
            if sequence != before.sequence + 1 || hash != kept {
                result.append("audit \(home) line \(before.sequence + 1)")
                broken.insert(home)
            }
            heads[home] = (sequence, hash)
        }
        return result
    }

    public func lines(home: String? = nil, subject: String? = nil, limit: Int = 200) throws -> [Line] {
        let condition: SQL = if let subject { "subject = \(subject)" } else if let home { "home = \(home)" } else { "1 = 1" }
        return try db.rows("SELECT * FROM audit WHERE \(condition) ORDER BY moment DESC, sequence DESC LIMIT \(limit)").map {
            Line(
                home: try $0.get("home"), sequence: try $0.get("sequence"), moment: try $0.get("moment"), person: try $0.get("person"),
                door: try $0.get("door"), subject: try $0.get("subject"), detail: try $0.get("detail"), hash: try $0.get("hash"))
        }
    }
}
