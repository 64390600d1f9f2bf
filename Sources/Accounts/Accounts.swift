import CArgon2
import Catalog
import Kernel
import Ledger
import Storage

/// Passwords hashed with Argon2id by libargon2: 19 MiB, two passes, one lane (OWASP's floor), salt and settings inside the hash.
public enum Password {
    /// Length in characters; a long sentence beats a short riddle.
    public static let minimum = 10

    public static func hash(_ password: String) throws -> String {
        let salt = Digest.random(16)
        var encoded = [CChar](repeating: 0, count: 128)
        let bytes = Array(password.utf8)
        let code = argon2id_hash_encoded(2, 19 * 1024, 1, bytes, bytes.count, salt, salt.count, 32, &encoded, encoded.count)
        guard code == ARGON2_OK.rawValue else { throw Refusal("internal", ["value": "argon2 \(code)"]) }
        return encoded.withUnsafeBufferPointer { buffer in
            String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        }
    }
    public static func verify(_ password: String, _ hash: String) -> Bool {
        let bytes = Array(password.utf8)
        return argon2id_verify(hash, bytes, bytes.count) == ARGON2_OK.rawValue
    }
}

/// An account, and the sessions that it opens.
public struct Account: Sendable {
    public let name, display: String
    public let person: Person
}

/// A session as the request's cookie proves it.
public struct Session: Sendable {
    public let account: Account
    /// The token that every changing form carries back.
    public let csrf: String
}

public struct Accounts: Sendable {
    let ledger: Ledger
    public init(_ ledger: Ledger) { self.ledger = ledger }
    static let sessionHours = 12
    static let failuresAllowed = 5
    static let lockMinutes = 15

    public func add(
        name: String, display: String, password: String, role: Person.Role, functions: [String] = [], division: String = "",
        organisation: String = "", by person: Person
    ) async throws {
        guard mayDo(person, .secure, at: .common) else { throw Refusal("access.denied", ["value": "account"]) }
        guard !name.isEmpty, name.utf8.count <= 40, name.allSatisfy({ $0.isLetter || $0.isNumber || "._-@".contains($0) }) else {
            throw Refusal("account.name", field: "name", ["value": name])
        }
        guard password.count >= Password.minimum else {
            throw Refusal("access.password-weak", field: "password", ["limit": String(Password.minimum)])
        }
        if !division.isEmpty, ledger.catalog.divisions[division] == nil {
            throw Refusal("division.unknown", field: "division", ["value": division])
        }
        let hash = try Password.hash(password)
        try await ledger.store.write { [ledger] db in
            guard try db.row("SELECT name FROM account WHERE name = \(name)") == nil else {
                throw Refusal("key.exists", field: "name", ["value": name])
            }
            let now = ledger.clock.now()
            try db.run(
                """
                INSERT INTO account (home, name, display, password, role, functions, division, organisation, failures, locked_until, created_at)
                VALUES (\("000000"), \(name), \(display), \(hash), \(role.rawValue), \(functions.joined(separator: ";")), \(division), \(organisation), 0, 0, \(now))
                """)
            try Audit(db).append(
                home: "000000", at: now, by: person.name, door: "account", [("account/\(name)", "added \(role.rawValue) \(division)")])
        }
    }

    public func setPassword(name: String, _ password: String, by person: Person) async throws {
        guard person.name == name || mayDo(person, .secure, at: .common) else { throw Refusal("access.denied", ["value": "account"]) }
        guard password.count >= Password.minimum else {
            throw Refusal("access.password-weak", field: "password", ["limit": String(Password.minimum)])
        }
        let hash = try Password.hash(password)
        try await ledger.store.write { [ledger] db in
            guard try db.run("UPDATE account SET password = \(hash), failures = 0, locked_until = 0 WHERE name = \(name)") == 1 else {
                throw Refusal("record.missing", ["value": name])
            }
            try db.run("DELETE FROM session WHERE account = \(name)")
            try Audit(db).append(
                home: "000000", at: ledger.clock.now(), by: person.name, door: "account", [("account/\(name)", "password set")])
        }
    }

    /// Whether an administrator with a password exists; until then the server listens on loopback only.
    public func hasAdministrator() async throws -> Bool {
        try await ledger.store.read { try $0.row("SELECT name FROM account WHERE role = 'system' LIMIT 1") != nil }
    }
    public func list() async throws -> [Account] {
        try await ledger.store.read { try $0.rows("SELECT * FROM account ORDER BY name").map(Accounts.account) }
    }

    /// Opens a session: the token for the cookie. One answer for a wrong name and a wrong password; five wrong ones lock for a quarter of an hour.
    public func signIn(name: String, password: String) async throws -> String {
        let now = ledger.clock.now()
        let row = try await ledger.store.read { try $0.row("SELECT password, failures, locked_until FROM account WHERE name = \(name)") }
        if let row, try row.get("locked_until", as: Int.self) > Int(now.microseconds) {
            throw Refusal("access.locked", ["limit": String(Accounts.lockMinutes)])
        }
        // A hash is checked for unknown names too, so that time does not tell which exist.
        let stored: String =
            try row?.get("password") ?? "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
        guard Password.verify(password, stored), row != nil else {
            if let row {
                let failures = try row.get("failures", as: Int.self) + 1
                let until = failures >= Accounts.failuresAllowed ? now.microseconds + Int64(Accounts.lockMinutes) * 60_000_000 : 0
                try await ledger.store.write { db in
                    try db.run(
                        "UPDATE account SET failures = \(failures % Accounts.failuresAllowed), locked_until = \(Int(until)) WHERE name = \(name)"
                    )
                    try Audit(db).append(home: "000000", at: now, by: name, door: "sign-in", [("account/\(name)", "wrong password")])
                }
            }
            throw Refusal("access.wrong-password")
        }
        let token = Digest.hex(Digest.random(32))
        let csrf = Digest.hex(Digest.random(16))
        try await ledger.store.write { db in
            try db.run("UPDATE account SET failures = 0, locked_until = 0 WHERE name = \(name)")
            try db.run("DELETE FROM session WHERE expires_at < \(now)")
            // Only the digest is kept: whoever reads the database cannot use the sessions in it.
            try db.run(
                """
                INSERT INTO session (token, account, csrf, created_at, expires_at)
                VALUES (\(Digest.sha256(token)), \(name), \(csrf), \(now), \(Moment(microseconds: now.microseconds + Int64(Accounts.sessionHours) * 3_600_000_000)))
                """)
            try Audit(db).append(home: "000000", at: now, by: name, door: "sign-in", [("account/\(name)", "signed in")])
        }
        return token
    }

    public func session(_ token: String) async throws -> Session? {
        let now = ledger.clock.now()
        return try await ledger.store.read { db in
            guard let row = try db.row("SELECT account, csrf FROM session WHERE token = \(Digest.sha256(token)) AND expires_at > \(now)"),
                let account = try db.row("SELECT * FROM account WHERE name = \(try row.get("account", as: String.self))")
            else { return nil }
            return Session(account: try Accounts.account(account), csrf: try row.get("csrf"))
        }
    }
    public func signOut(_ token: String) async throws {
        _ = try await ledger.store.write { try $0.run("DELETE FROM session WHERE token = \(Digest.sha256(token))") }
    }

    private static func account(_ row: SQLRow) throws -> Account {
        let name: String = try row.get("name")
        let organisation: String = try row.get("organisation")
        return Account(
            name: name, display: try row.get("display"),
            person: Person(
                name: name, role: Person.Role(rawValue: try row.get("role")) ?? .nobody,
                functions: try row.get("functions", as: String.self).split(separator: ";").map(String.init),
                division: DivisionCode(try row.get("division")), organisation: organisation.isEmpty ? nil : organisation))
    }
}
