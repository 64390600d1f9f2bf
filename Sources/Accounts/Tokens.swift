import Kernel
import Ledger
import Storage

/// A token for a machine: it acts as the account that made it, until it expires or is revoked. The token itself is shown once.
public struct MachineToken: Sendable {
    public let id, name: String
    public let mayWrite: Bool
    public let createdAt, expiresAt: Moment
    public let usedAt: Moment?
}

extension Accounts {
    /// What every token begins with, so that one that was left lying about is known for what it is.
    public static let tokenPrefix = "zf_"
    static let tokensPerAccount = 20

    /// Makes a token for the person's own account.
    /// - Parameter days: how long it is good, 1 to 400.
    /// - Returns: the token; only its digest is kept.
    public func addToken(name: String, days: Int, mayWrite: Bool, by person: Person) async throws -> String {
        let name = CellReader.trimmed(name)
        guard !name.isEmpty, name.count <= 60 else { throw Refusal("field.required", field: "name") }
        guard (1...400).contains(days) else { throw Refusal("number.range", field: "days", ["value": String(days), "limit": "1…400"]) }
        guard person.role != .nobody, !person.role.isAdministrator else { throw Refusal("access.denied", ["value": "token"]) }
        let token = Accounts.tokenPrefix + Digest.hex(Digest.random(32))
        try await ledger.store.write { [ledger] db in
            let count: Int = try db.row("SELECT count(*) AS total FROM token WHERE account = \(person.name)")?.get("total") ?? 0
            guard count < Accounts.tokensPerAccount else { throw Refusal("token.too-many", ["limit": String(Accounts.tokensPerAccount)]) }
            let now = ledger.clock.now()
            let end = Moment(microseconds: now.microseconds + Int64(days) * 86_400_000_000)
            try db.run(
                """
                INSERT INTO token (digest, id, account, name, may_write, created_at, expires_at, used_at)
                VALUES (\(Digest.sha256(token)), \(Identifier.make(at: now)), \(person.name), \(name), \(mayWrite), \(now), \(end), 0)
                """)
            try Audit(db).append(
                home: "000000", at: now, by: person.name, door: "account",
                [("account/\(person.name)", "token \(name) \(mayWrite ? "read and write" : "read") until \(end)")])
        }
        return token
    }

    public func tokens(of name: String) async throws -> [MachineToken] {
        try await ledger.store.read { db in
            try db.rows("SELECT * FROM token WHERE account = \(name) ORDER BY created_at DESC, id").map { row in
                let used: Moment = try row.get("used_at")
                return MachineToken(
                    id: try row.get("id"), name: try row.get("name"), mayWrite: try row.get("may_write"),
                    createdAt: try row.get("created_at"),
                    expiresAt: try row.get("expires_at"), usedAt: used.microseconds == 0 ? nil : used)
            }
        }
    }

    /// - Throws: `record.missing` where the person has no token of this id.
    public func revokeToken(_ id: String, by person: Person) async throws {
        try await ledger.store.write { [ledger] db in
            guard try db.run("DELETE FROM token WHERE id = \(id) AND account = \(person.name)") == 1 else {
                throw Refusal("record.missing", ["value": id])
            }
            try Audit(db).append(
                home: "000000", at: ledger.clock.now(), by: person.name, door: "account",
                [("account/\(person.name)", "token revoked \(id)")])
        }
    }

    /// The account of a token and whether it may write; nil for one that is unknown, expired, or whose account is not open.
    public func machine(_ token: String) async throws -> (account: Account, mayWrite: Bool)? {
        let now = ledger.clock.now()
        let digest = Digest.sha256(token)
        let found = try await ledger.store.read { [self] db -> (account: Account, mayWrite: Bool, used: Moment)? in
            guard let row = try db.row("SELECT account, may_write, used_at FROM token WHERE digest = \(digest) AND expires_at > \(now)"),
                let account = try find(db, try row.get("account")), account.state == .open
            else { return nil }
            return (account, try row.get("may_write"), try row.get("used_at"))
        }
        guard let found else { return nil }
        // Once an hour is often enough to know that it is used. Where nothing can be written reading goes on.
        if found.used.microseconds < now.microseconds - 3_600_000_000 {
            _ = try? await ledger.store.write { try $0.run("UPDATE token SET used_at = \(now) WHERE digest = \(digest)") }
        }
        return (found.account, found.mayWrite)
    }
}
