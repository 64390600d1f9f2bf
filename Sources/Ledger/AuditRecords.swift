import Kernel
import Storage

extension Ledger {
    /// Holds every kept version of every record against the digest that the audit has of it.
    public func checkVersions() async throws -> [AuditCheck.Flaw] {
        try await store.read { [self] db in
            var flaws: [AuditCheck.Flaw] = []
            let homes = try db.rows("SELECT home FROM record_version UNION SELECT home FROM audit ORDER BY home")
            for row in homes { flaws += try checkVersions(db, home: try row.get(0)) }
            return flaws
        }
    }

    private func checkVersions(_ db: any Connection, home: String) throws -> [AuditCheck.Flaw] {
        var flaws: [AuditCheck.Flaw] = []
        var digests: [String: String] = [:]
        try db.each("SELECT subject, detail FROM audit WHERE home = \(home)") { row in
            if let (version, digest) = Audit.version(in: try row.get(1)) {
                digests["\(version) \(try row.get(0, as: String.self))"] = digest
            }
        }
        try db.each("SELECT id, version, kind, body FROM record_version WHERE home = \(home) ORDER BY id, version") { row in
            let (id, version): (String, Int) = (try row.get(0), try row.get(1))
            let kept = digests.removeValue(forKey: "\(version) \(id)")
            // A kind that the house does not have any more cannot be read; its line is there, and that is all that can be said.
            guard let kind = kinds[try row.get(2)] else { return }
            let body: String = try row.get(3)
            let digest = try? Body.digest(of: body, id, kind, keys)
            if kept == nil || kept != digest {
                flaws.append(.init(code: .version, home: home, line: version, head: nil, subject: id))
            }
        }
        for key in digests.keys.sorted() {
            let parts = key.split(separator: " ", maxSplits: 1)
            flaws.append(
                .init(
                    code: .lost, home: home, line: parts.first.flatMap { Int($0) } ?? 0, head: nil,
                    subject: parts.last.map { String($0) } ?? ""))
        }
        return flaws
    }
}

extension Ledger {
    /// Writes down that personal fields leave the house in clear, before they do.
    public func noteClearExport(_ kinds: [Kind], by person: Person, door: String) async throws {
        let lines = kinds.filter(\.isSealed).map { (subject: "export/\($0.name)", detail: "\($0.name) exported in clear") }
        try await store.write { [clock] db in
            try Audit(db).append(home: "000000", at: clock.now(), by: person.name, door: door, lines)
        }
    }
}

extension Audit {
    /// The version and the digest of a line about a stored record: `worker v2 submitted s:0f3a…`. Nil for a line about anything else.
    static func version(in detail: String) -> (version: Int, digest: String)? {
        let words = detail.split(separator: " ")
        guard words.count >= 3, words[1].first == "v", let version = Int(words[1].dropFirst()), words[2] != "unmasked:",
            let last = words.last
        else { return nil }
        let hex = last.hasPrefix("s:") ? last.dropFirst(2) : last
        guard hex.utf8.count == 64, hex.allSatisfy({ $0.isHexDigit }) else { return nil }
        return (version, String(last))
    }
}
