import Kernel
import Ledger
import Storage

/// A secret that waits for its first code.
public struct Enrolment: Sendable {
    /// In base 32, for whoever types it.
    public let secret: String
    /// `otpauth://totp/…`, for whoever photographs it.
    public let address: String
}

extension Accounts {
    static let recoveryCodes = 10

    /// Who seals belong to: a secret that is copied to another account does not open there.
    private static func owner(_ name: String) -> String { "account/\(name)/secret" }
    private func sealed(_ secret: [UInt8], of name: String) throws -> String {
        try ledger.keys.seal(Base32.encode(secret), owner: Accounts.owner(name))
    }
    private func secret(_ text: String, of name: String) throws -> [UInt8] {
        Base32.decode(try ledger.keys.open(text, owner: Accounts.owner(name))) ?? []
    }

    /// Whether somebody has to take up a second factor before anything else: the three administrators, outside a demonstration.
    public static func mustEnrol(_ account: Account, isDemo: Bool) -> Bool {
        account.person.role.isAdministrator && !account.hasSecondFactor && !isDemo
    }

    /// Makes a secret, or shows the one that waits. It counts only when a first code has proved that it was taken over.
    /// - Throws: `factor.exists` where there is one already.
    public func enrol(_ name: String) async throws -> Enrolment {
        let text: String = try await ledger.store.write { [self] db in
            guard let row = try db.row("SELECT secret, secret_step FROM account WHERE name = \(name)") else {
                throw Refusal("record.missing", ["value": name])
            }
            guard try row.get("secret_step", as: Int.self) == 0 else { throw Refusal("factor.exists") }
            let kept: String = try row.get("secret")
            if !kept.isEmpty { return Base32.encode(try secret(kept, of: name)) }
            let fresh = Digest.random(OneTimeCode.secretBytes)
            try db.run("UPDATE account SET secret = \(try sealed(fresh, of: name)) WHERE name = \(name)")
            return Base32.encode(fresh)
        }
        return Enrolment(secret: text, address: Accounts.address(name: name, secret: text))
    }
    /// The key's address as the authenticator apps read it.
    static func address(name: String, secret: String) -> String {
        let safe = name.utf8.map { byte -> String in
            let scalar = UnicodeScalar(byte)
            let isPlain = byte < 128 && (("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar) || ("0"..."9").contains(scalar))
            return isPlain ? String(scalar) : "%" + Digest.hex([byte]).uppercased()
        }.joined()
        return "otpauth://totp/Zhifang:\(safe)?secret=\(secret)&issuer=Zhifang&algorithm=SHA1&digits=6&period=\(OneTimeCode.period)"
    }

    /// Takes the first code, ends every other session, and gives the recovery codes, which are shown once: only digests are kept.
    /// - Returns: the codes and the token of a new session, for the old one was opened by a password alone.
    public func confirm(_ name: String, code: String, from source: Source = Source()) async throws -> (codes: [String], token: String) {
        try await ledger.store.write { [self] db in
            guard let row = try db.row("SELECT secret, secret_step FROM account WHERE name = \(name)"),
                try row.get("secret_step", as: Int.self) == 0, let kept = try row.get("secret", as: String.self).nonEmpty
            else { throw Refusal("factor.exists") }
            let digits = code.filter { !$0.isWhitespace }
            guard let step = OneTimeCode.match(digits, try secret(kept, of: name), at: ledger.clock.now(), after: 0) else {
                throw Refusal("access.wrong-code", field: "code")
            }
            try db.run("UPDATE account SET secret_step = \(step) WHERE name = \(name)")
            let codes = try newCodes(db, name)
            try db.run("DELETE FROM session WHERE account = \(name)")
            try note(db, name, "second factor taken up", by: name)
            return (codes, try open(db, name, source, isWhole: true))
        }
    }

    /// New recovery codes in place of the old, proved by a code.
    public func renewCodes(_ name: String, code: String) async throws -> [String] {
        try await ledger.store.write { [self] db in
            guard try spend(db, name, code.filter { !$0.isWhitespace && $0 != "-" }) else {
                throw Refusal("access.wrong-code", field: "code")
            }
            try note(db, name, "recovery codes renewed", by: name)
            return try newCodes(db, name)
        }
    }

    private func newCodes(_ db: any Connection, _ name: String) throws -> [String] {
        try db.run("DELETE FROM recovery_code WHERE account = \(name)")
        // 50 bits each: nobody guesses one, and a digest tells nothing.
        let codes = (0..<Accounts.recoveryCodes).map { _ in String(Base32.encode(Digest.random(7)).prefix(10)).lowercased() }
        for code in codes {
            try db.run("INSERT INTO recovery_code (account, digest) VALUES (\(name), \(Accounts.digest(code, of: name)))")
        }
        return codes.map { "\($0.prefix(5))-\($0.suffix(5))" }
    }
    private static func digest(_ code: String, of name: String) -> String { Digest.sha256("\(name) \(code.lowercased())") }

    /// Uses up a code: a step of the clock counts once, a recovery code is taken out.
    func spend(_ db: any Connection, _ name: String, _ code: String) throws -> Bool {
        guard let row = try db.row("SELECT secret, secret_step FROM account WHERE name = \(name)"),
            let kept = try row.get("secret", as: String.self).nonEmpty
        else { return false }
        let used: Int = try row.get("secret_step")
        if used > 0, let step = OneTimeCode.match(code, try secret(kept, of: name), at: ledger.clock.now(), after: used) {
            // The condition keeps two that arrive together from using one code twice.
            return try db.run("UPDATE account SET secret_step = \(step) WHERE name = \(name) AND secret_step < \(step)") == 1
        }
        let digest = Accounts.digest(code, of: name)
        guard try db.run("DELETE FROM recovery_code WHERE account = \(name) AND digest = \(digest)") == 1 else { return false }
        try note(db, name, "recovery code used", by: name, door: "sign-in")
        return true
    }
    public func recoveryCodesLeft(_ name: String) async throws -> Int {
        try await ledger.store.read {
            try $0.row("SELECT count(*) AS total FROM recovery_code WHERE account = \(name)")?.get("total") ?? 0
        }
    }

    /// Gives one's own second factor up, proved by a code. Administrators may not.
    public func giveUpFactor(_ name: String, code: String, isDemo: Bool) async throws {
        try await ledger.store.write { [self] db in
            guard let account = try find(db, name) else { throw Refusal("record.missing", ["value": name]) }
            guard !account.person.role.isAdministrator || isDemo else { throw Refusal("factor.required") }
            guard try spend(db, name, code.filter { !$0.isWhitespace && $0 != "-" }) else {
                throw Refusal("access.wrong-code", field: "code")
            }
            try clearFactor(db, name, "second factor given up", by: name)
        }
    }
    /// Takes the second factor from an account whose owner has lost it; its sessions end.
    public func resetFactor(_ name: String, by person: Person) async throws {
        try await ledger.store.write { [self] db in
            _ = try governed(db, name, by: person)
            try db.run("DELETE FROM session WHERE account = \(name)")
            try clearFactor(db, name, "second factor reset", by: person.name)
        }
    }
    private func clearFactor(_ db: any Connection, _ name: String, _ word: String, by author: String) throws {
        try db.run("UPDATE account SET secret = '', secret_step = 0 WHERE name = \(name)")
        try db.run("DELETE FROM recovery_code WHERE account = \(name)")
        try note(db, name, word, by: author)
    }
}
