import Kernel
import Ledger
import Storage
import Web

/// Where an account's e-mail goes and what of it is wanted.
public struct Mailbox: Sendable {
    public let account, address: String
    public let isConfirmed: Bool
    public let language: Language
    /// Topics that are not wanted by e-mail.
    public let muted: Set<String>

    init?(_ db: any Connection, _ account: String) throws {
        guard let row = try db.row("SELECT * FROM mailbox WHERE account = \(account)") else { return nil }
        self.account = account
        address = try row.get("address")
        isConfirmed = try row.get("confirmed_at", as: Int.self) > 0
        language = Language(rawValue: try row.get("language")) ?? .chinese
        muted = Set(try row.get("muted", as: String.self).split(separator: ";").map(String.init))
    }
}

extension Messages {
    static let confirmationHours = 24

    public func mailbox(_ db: any Connection, of person: Person) throws -> Mailbox? { try Mailbox(db, person.name) }

    /// Takes a new address, which counts once the link that is sent there was followed.
    /// - Throws: `mail.address`; `mail.too-soon` within a minute of the last one.
    public func setAddress(_ text: String, language: Language, by person: Person) async throws {
        guard Letter.isAddress(text) else { throw Refusal("mail.address", field: "address", ["value": text]) }
        let now = ledger.clock.now()
        let token = Digest.hex(Digest.random(32))
        let until = Moment(microseconds: now.microseconds + Int64(Messages.confirmationHours) * 3_600_000_000)
        try await ledger.store.write { db in
            if let last = try db.row("SELECT token_until FROM mailbox WHERE account = \(person.name) AND token <> ''")?.get(
                "token_until", as: Moment.self), last.microseconds > until.microseconds - 60_000_000
            {
                throw Refusal("mail.too-soon")
            }
            try db.run(
                """
                INSERT INTO mailbox (account, address, confirmed_at, token, token_until, language, muted)
                VALUES (\(person.name), \(text), 0, \(Digest.sha256(token)), \(until), \(language.rawValue), '')
                ON CONFLICT (account) DO UPDATE SET address = excluded.address, confirmed_at = 0, token = excluded.token,
                token_until = excluded.token_until, language = excluded.language
                """)
            try Mailroom.queueConfirmation(db, person.name, token: token, at: now)
            // The address itself is nobody's business but the account's.
            try Audit(db).append(
                home: "000000", at: now, by: person.name, door: "account", [("account/\(person.name)", "e-mail address given")])
        }
    }

    /// Confirms the address of a person's own account by the secret that was sent there.
    /// - Throws: `mail.token` where it is not the one, or too old.
    public func confirmAddress(_ token: String, by person: Person) async throws {
        let now = ledger.clock.now()
        try await ledger.store.write { db in
            let count = try db.run(
                """
                UPDATE mailbox SET confirmed_at = \(now), token = '' WHERE account = \(person.name) AND token = \(Digest.sha256(token))
                AND token_until > \(now)
                """)
            guard count == 1 else { throw Refusal("mail.token") }
            try Audit(db).append(
                home: "000000", at: now, by: person.name, door: "account", [("account/\(person.name)", "e-mail address confirmed")])
        }
    }

    /// Keeps what is wanted by e-mail.
    public func mute(_ topics: [Message.Topic], language: Language, by person: Person) async throws {
        try await ledger.store.write { [ledger] db in
            try db.run(
                """
                UPDATE mailbox SET muted = \(topics.map(\.rawValue).sorted().joined(separator: ";")), language = \(language.rawValue)
                WHERE account = \(person.name)
                """)
            try Audit(db).append(
                home: "000000", at: ledger.clock.now(), by: person.name, door: "account",
                [("account/\(person.name)", "e-mail without \(topics.map(\.rawValue).joined(separator: " "))")])
        }
    }

    /// Takes the address away, and what was still to be sent there.
    public func removeAddress(by person: Person) async throws {
        try await ledger.store.write { [ledger] db in
            guard try db.run("DELETE FROM mailbox WHERE account = \(person.name)") == 1 else { return }
            try db.run("DELETE FROM mail WHERE account = \(person.name) AND state = 'queued'")
            try Audit(db).append(
                home: "000000", at: ledger.clock.now(), by: person.name, door: "account",
                [("account/\(person.name)", "e-mail address taken away")])
        }
    }
}
