import Kernel
import Storage

/// A version of a record with its moment, as generated data and moves between databases carry it.
public struct Version: Sendable {
    public var record: Record
    public var isWithdrawn: Bool
    public init(_ record: Record, isWithdrawn: Bool = false) { (self.record, self.isWithdrawn) = (record, isWithdrawn) }
}

extension Ledger {
    /// Stores versions that were checked where they were made, in bulk. All versions of one record come together and in their order.
    /// - Parameter settles: whether every figure is computed anew at the end. Without it no figure moves until `settleAll`; where that never
    ///   comes, the next start of the program does it.
    public func load(_ versions: [Version], by person: Person, door: String, settles: Bool = true) async throws {
        try await store.write { [self] db in
            var newest: [String: Version] = [:]
            var bodies: [[SQLValue]] = []
            var lines: [String: [(subject: String, detail: String)]] = [:]
            for version in versions {
                let record = version.record
                let (body, digest) = try Body.seal(record, self.keys)
                newest[record.id] = version
                bodies.append([
                    .text(record.home), .text(record.id), .integer(Int64(record.version)), .text(record.kind.name),
                    .integer(version.isWithdrawn ? 0 : 1),
                    .text(body), record.recordedAt.sqlValue, .text(person.name), .text(""), .text(record.standing),
                    .integer(Int64(record.stage)),
                ])
                lines[record.home, default: []].append(
                    (record.id, "\(record.kind.name) v\(record.version)\(version.isWithdrawn ? " withdrawn" : "") \(digest)"))
            }
            try db.insert(
                into: "record_version",
                ["home", "id", "version", "kind", "live", "body", "recorded_at", "recorded_by", "reason", "state", "stage"],
                bodies)
            var heads: [[SQLValue]] = []
            var links: [[SQLValue]] = []
            var keys: [[SQLValue]] = []
            for version in newest.values.sorted(by: { $0.record.id < $1.record.id }) {
                let record = version.record
                heads.append([
                    .text(record.home), .text(record.id), .text(record.kind.name), .integer(Int64(record.version)),
                    .integer(version.isWithdrawn ? 0 : 1),
                    .text(record.title), .text(Clerk.folded(Clerk.searchText(record))), record.day?.sqlValue ?? .null,
                    record.recordedAt.sqlValue, .text(record.standing), .integer(Int64(record.stage)),
                ])
                guard !version.isWithdrawn else { continue }
                for link in Clerk.links(of: record, self.keys) {
                    links.append([
                        .text(record.home), .text(record.id), .text(link.field), .text(link.target), .text(record.kind.name),
                        .integer(link.isPart ? 1 : 0),
                    ])
                }
                for numbering in record.kind.numbers {
                    if let number = record[numbering.field].flatMap(String.read) { try Clerk.settle(db, numbering, number) }
                }
                for key in Clerk.keys(of: record) {
                    keys.append([.text(record.kind.name), .text(key), .text(record.id), .text(record.home)])
                }
            }
            try db.insert(
                into: "record", ["home", "id", "kind", "version", "live", "title", "folded", "day", "recorded_at", "state", "stage"], heads)
            try db.insert(into: "link", ["home", "id", "field", "target", "kind", "part"], links)
            try db.insert(into: "directory", ["kind", "key", "id", "home"], keys)
            for (home, lines) in lines.sorted(by: { $0.key < $1.key }) {
                try Audit(db).append(home: home, at: clock.now(), by: person.name, door: door, lines)
            }
            if settles { try rebuild(db, try gauges(db)) } else { try setRules(db, 0) }
        }
    }
}
