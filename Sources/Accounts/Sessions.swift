import Kernel
import Ledger
import Storage

/// A session as the request's cookie proves it.
public struct Session: Sendable {
    public let account: Account
    /// The token that every changing form carries back.
    public let csrf: String
}

/// Where a request came from, for the list of sessions and the count of wrong attempts.
public struct Source: Sendable {
    public var address, agent: String
    public init(address: String = "", agent: String = "") { (self.address, self.agent) = (address, String(agent.prefix(200))) }
}

/// What a right password opens: a session, or the question for the second factor.
public struct Entry: Sendable {
    public let token: String
    /// The token is good for answering with a code, and for nothing else.
    public let needsCode: Bool
}

/// A session in its owner's list.
public struct OpenSession: Sendable {
    /// The beginning of the token's digest: tells sessions apart and opens none.
    public let id: String
    public let createdAt, seenAt: Moment
    public let address, agent: String
    public let isThis: Bool
}

extension Accounts {
    static let idleMinutes = 60
    static let sessionHours = 12
    static let codeMinutes = 5
    static let failuresAllowed = 5
    static let addressFailuresAllowed = 40
    static let lockMinutes = 15

    private static func later(_ moment: Moment, minutes: Int) -> Moment {
        Moment(microseconds: moment.microseconds + Int64(minutes) * 60_000_000)
    }

    // Wrong attempts

    static func key(name: String) -> String { "name:" + Digest.sha256(name.lowercased()) }
    private static func key(address: String) -> String { "address:" + address }

    /// - Throws: `access.locked` while the name, whether an account has it or not, or the address has failed too often.
    private func refuseLocked(_ db: any Connection, _ name: String, _ source: Source) throws {
        let keys = [Accounts.key(name: name)] + (source.address.isEmpty ? [] : [Accounts.key(address: source.address)])
        let now = ledger.clock.now()
        guard try db.row("SELECT key FROM sign_in_failure WHERE key IN \(list: keys) AND locked_until > \(now)") == nil else {
            throw Refusal("access.locked", ["limit": String(Accounts.lockMinutes)])
        }
    }
    private func count(_ db: any Connection, _ key: String, allowed: Int) throws {
        let now = ledger.clock.now()
        let old = try db.row("SELECT failures, last_at FROM sign_in_failure WHERE key = \(key)")
        let isRecent = try old.map { try $0.get("last_at", as: Moment.self) > Accounts.later(now, minutes: -Accounts.lockMinutes) } ?? false
        let failures = try (isRecent ? old?.get("failures", as: Int.self) ?? 0 : 0) + 1
        let until = failures >= allowed ? Accounts.later(now, minutes: Accounts.lockMinutes) : Moment(microseconds: 0)
        try db.run(
            """
            INSERT INTO sign_in_failure (key, failures, last_at, locked_until) VALUES (\(key), \(failures % allowed), \(now), \(until))
            ON CONFLICT (key) DO UPDATE SET failures = excluded.failures, last_at = excluded.last_at, locked_until = excluded.locked_until
            """)
        try db.run("DELETE FROM sign_in_failure WHERE last_at < \(Accounts.later(now, minutes: -24 * 60))")
    }
    private func failed(_ name: String, _ source: Source, _ what: String) async throws {
        try await ledger.store.write { [self] db in
            try count(db, Accounts.key(name: name), allowed: Accounts.failuresAllowed)
            if !source.address.isEmpty {
                try count(db, Accounts.key(address: source.address), allowed: Accounts.addressFailuresAllowed)
            }
            if try db.row("SELECT name FROM account WHERE name = \(name)") != nil {
                try note(db, name, what, by: name, door: "sign-in")
            }
        }
    }

    // Signing in

    /// A right password opens a session, or asks for the second factor. One answer, in one time, for a wrong name, a wrong password and an
    /// account that is locked or closed; five wrong ones lock the name, forty the address, for a quarter of an hour.
    public func enter(name: String, password: String, from source: Source = Source()) async throws -> Entry {
        let row = try await ledger.store.read { [self] db in
            try refuseLocked(db, name, source)
            return try db.row("SELECT password, state, secret_step FROM account WHERE name = \(name)")
        }
        let isRight = Password.verify(password, try row?.get("password") ?? Password.nobodys)
        guard isRight, let row, try row.get("state", as: String.self) == Account.State.open.rawValue else {
            try await failed(name, source, "wrong password")
            throw Refusal("access.wrong-password")
        }
        let needsCode = try row.get("secret_step", as: Int.self) > 0
        let token = try await ledger.store.write { [self] db in
            if !needsCode { try welcome(db, name) }
            return try open(db, name, source, isWhole: !needsCode)
        }
        return Entry(token: token, needsCode: needsCode)
    }
    /// For whoever has no second factor.
    public func signIn(name: String, password: String) async throws -> String { try await enter(name: name, password: password).token }

    /// Answers the question for the second factor with a code, or with a recovery code, which is gone then.
    /// - Returns: the token of the session, another one than the question's.
    public func answer(_ question: String, code: String, from source: Source = Source()) async throws -> String {
        let now = ledger.clock.now()
        let digits = code.filter { !$0.isWhitespace && $0 != "-" }
        let name: String? = try await ledger.store.read { db in
            try db.row(
                "SELECT account FROM session WHERE token = \(Digest.sha256(question)) AND stage = 'code' AND expires_at > \(now)")?
                .get("account")
        }
        guard let name else { throw Refusal("access.sign-in") }
        let token: String? = try await ledger.store.write { [self] db in
            try refuseLocked(db, name, source)
            guard try spend(db, name, digits) else { return nil }
            try db.run("DELETE FROM session WHERE token = \(Digest.sha256(question))")
            try welcome(db, name)
            return try open(db, name, source, isWhole: true)
        }
        guard let token else {
            try await failed(name, source, "wrong code")
            throw Refusal("access.wrong-code", field: "code")
        }
        return token
    }

    private func welcome(_ db: any Connection, _ name: String) throws {
        try db.run("DELETE FROM sign_in_failure WHERE key = \(Accounts.key(name: name))")
        try note(db, name, "signed in", by: name, door: "sign-in")
    }

    /// A session under a new token, of which the database keeps the digest: whoever reads it cannot use the sessions in it.
    func open(_ db: any Connection, _ name: String, _ source: Source, isWhole: Bool) throws -> String {
        let now = ledger.clock.now()
        let (token, csrf) = (Digest.hex(Digest.random(32)), Digest.hex(Digest.random(16)))
        let end = Accounts.later(now, minutes: isWhole ? Accounts.sessionHours * 60 : Accounts.codeMinutes)
        try db.run("DELETE FROM session WHERE expires_at < \(now) OR seen_at < \(Accounts.later(now, minutes: -Accounts.idleMinutes))")
        try db.run(
            """
            INSERT INTO session (token, account, csrf, stage, created_at, seen_at, expires_at, address, agent)
            VALUES (\(Digest.sha256(token)), \(name), \(csrf), \(isWhole ? "open" : "code"), \(now), \(now), \(end), \(source.address),
                \(source.agent))
            """)
        return token
    }

    /// The session of a token: signed in wholly, used within the last hour and not older than twelve, of an account that is open.
    public func session(_ token: String) async throws -> Session? {
        let now = ledger.clock.now()
        let digest = Digest.sha256(token)
        let idle = Accounts.later(now, minutes: -Accounts.idleMinutes)
        let found = try await ledger.store.read { [self] db -> (session: Session, seen: Moment)? in
            guard
                let row = try db.row(
                    """
                    SELECT account, csrf, seen_at FROM session
                    WHERE token = \(digest) AND stage = 'open' AND expires_at > \(now) AND seen_at > \(idle)
                    """), let account = try find(db, try row.get("account")), account.state == .open
            else { return nil }
            return (Session(account: account, csrf: try row.get("csrf")), try row.get("seen_at"))
        }
        // Once a minute is often enough to know that it is used. Where nothing can be written reading goes on.
        if let found, found.seen < Accounts.later(now, minutes: -1) {
            _ = try? await ledger.store.write { try $0.run("UPDATE session SET seen_at = \(now) WHERE token = \(digest)") }
        }
        return found?.session
    }

    public func signOut(_ token: String) async throws {
        _ = try await ledger.store.write { try $0.run("DELETE FROM session WHERE token = \(Digest.sha256(token))") }
    }

    // One's own sessions

    public func sessions(of name: String, this token: String) async throws -> [OpenSession] {
        let now = ledger.clock.now()
        let idle = Accounts.later(now, minutes: -Accounts.idleMinutes)
        let own = Digest.sha256(token)
        return try await ledger.store.read { db in
            try db.rows(
                """
                SELECT * FROM session WHERE account = \(name) AND stage = 'open' AND expires_at > \(now) AND seen_at > \(idle)
                ORDER BY seen_at DESC
                """
            ).map { row in
                let digest: String = try row.get("token")
                return OpenSession(
                    id: String(digest.prefix(16)), createdAt: try row.get("created_at"), seenAt: try row.get("seen_at"),
                    address: try row.get("address"), agent: try row.get("agent"), isThis: digest == own)
            }
        }
    }
    /// Ends one of a person's own sessions by its id, or all of them.
    public func endSessions(of name: String, id: String? = nil) async throws {
        try await ledger.store.write { [self] db in
            if let id {
                guard id.utf8.count == 16, id.allSatisfy(\.isHexDigit) else { throw Refusal("record.missing", ["value": id]) }
                try db.run("DELETE FROM session WHERE account = \(name) AND token LIKE \(beginning: id)")
            } else {
                try db.run("DELETE FROM session WHERE account = \(name)")
            }
            try note(db, name, id == nil ? "signed out everywhere" : "ended a session", by: name, door: "sign-in")
        }
    }
}
