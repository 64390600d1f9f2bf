import Catalog
import Kernel
import Ledger
import Storage

/// An organisation's request for its own account 注册申请, by its credit code. An officer of its county accepts or refuses it.
public struct Claim: Sendable {
    public enum State: String, Sendable { case waiting, accepted, refused }
    public let id, home, creditCode, name, contact, phone: String
    public let madeAt: Moment
    public let state: State
    /// Why it was refused.
    public let answer: String
    public let account: String?
}

extension Accounts {
    /// Open requests of one credit code; more are refused, so that nobody fills an officer's desk.
    static let claimsOpen = 3

    /// Asks for an organisation's account. What the registry knows of the code is not told: the answer is the same for every code.
    /// - Parameter county: where the organisation says that it lies; the registry's own county wins where it has the code.
    /// - Returns: the token of the page that tells how the request stands.
    public func claim(
        creditCode text: String, name: String, county: String, contact: String, phone: String, password: String
    ) async throws
        -> String
    {
        let code = text.filter { !$0.isWhitespace }.uppercased()
        if let flaw = CreditCode.flaw(in: code) { throw Refusal(flaw.rawValue, field: "credit_code", ["value": code]) }
        guard !name.trimmed.isEmpty else { throw Refusal("field.required", field: "name") }
        guard !contact.trimmed.isEmpty else { throw Refusal("field.required", field: "contact") }
        guard !phone.trimmed.isEmpty else { throw Refusal("field.required", field: "phone") }
        guard county.utf8.count == 6, DivisionCode(county)?.level == .county, ledger.catalog.divisions[county] != nil else {
            throw Refusal("division.unknown", field: "division", ["value": county])
        }
        try Password.check(password, name: code)
        let (hash, token) = (try Password.hash(password), Digest.hex(Digest.random(24)))
        try await ledger.store.write { [self] db in
            let open = try db.rows("SELECT id FROM claim WHERE credit_code = \(code) AND state = 'waiting'").count
            guard open < Accounts.claimsOpen else { throw Refusal("claim.open", field: "credit_code", ["value": code]) }
            let home = try claimed(db, code)?.home ?? county
            let now = ledger.clock.now()
            let id = Identifier.make(at: now)
            let sealed = try ledger.keys.seal(String(phone.trimmed.prefix(40)), owner: Accounts.phoneOwner(id))
            try db.run(
                """
                INSERT INTO claim (home, id, digest, credit_code, name, contact, phone, password, made_at, state, answer, answered_by,
                    answered_at, account)
                VALUES (\(home), \(id), \(Digest.sha256(token)), \(code), \(String(name.trimmed.prefix(200))),
                    \(String(contact.trimmed.prefix(60))), \(sealed), \(hash), \(now), 'waiting', '', '', 0, '')
                """)
            try Audit(db).append(home: home, at: now, by: "", door: "register", [("claim/\(id)", "asked for \(code)")])
        }
        return token
    }

    /// The employer or institution with a credit code.
    func claimed(_ db: any Connection, _ code: String) throws -> Record? {
        for kind in ["employer", "institution"] {
            guard let row = try db.row("SELECT id FROM directory WHERE kind = \(kind) AND key = \("credit_code=" + code)") else { continue }
            if let record = try ledger.record(db, try row.get("id")) { return record }
        }
        return nil
    }
    /// The record that a request is about, where the registry has its credit code.
    public func organisation(of claim: Claim) async throws -> Record? {
        try await ledger.store.read { [self] in try claimed($0, claim.creditCode) }
    }

    /// What a request's telephone number is sealed for.
    private static func phoneOwner(_ id: String) -> String { "claim/\(id)/phone" }

    public func claim(token: String) async throws -> Claim {
        try await ledger.store.read { [self] db in
            guard let row = try db.row("SELECT * FROM claim WHERE digest = \(Digest.sha256(token))") else {
                throw Refusal("record.missing", ["value": ""])
            }
            return try claim(row)
        }
    }
    /// Requests of the counties in which a person accepts them, those that wait in front.
    public func claims(for person: Person) async throws -> [Claim] {
        try await ledger.store.read { [self] db in try db.rows("SELECT * FROM claim ORDER BY state DESC, id DESC").map { try claim($0) } }
            .filter { Accounts.mayAnswer(person, $0) }
    }
    private static func mayAnswer(_ person: Person, _ claim: Claim) -> Bool {
        person.role == .officer && mayDo(person, .change, at: Place(divisions: [claim.home], kind: "account"))
    }

    /// Accepts a request: the account exists from now on, its name the credit code (with a number behind where that is taken).
    /// - Throws: `claim.unregistered` where the registry does not have the organisation yet.
    public func accept(claim id: String, by person: Person) async throws {
        try await answer(id, by: person, state: .accepted, why: "") { [self] db, claim, hash in
            guard let record = try claimed(db, claim.creditCode) else {
                throw Refusal("claim.unregistered", ["value": claim.creditCode])
            }
            let taken = Set(
                try db.rows("SELECT name FROM account WHERE name LIKE \(beginning: claim.creditCode)").map {
                    try $0.get("name", as: String.self)
                })
            let name =
                taken.contains(claim.creditCode)
                ? (2...).lazy.map { "\(claim.creditCode)-\($0)" }.first { !taken.contains($0) } ?? "" : claim.creditCode
            let hasManager =
                try db.row("SELECT name FROM account WHERE organisation = \(record.id) AND manager = 1 AND state <> 'closed'") != nil
            let seat = Seat(.organisation, organisation: record.id, isManager: !hasManager)
            try insert(db, name: name, display: "\(claim.name) \(claim.contact)", hash: hash, seat, by: person.name)
            return name
        }
    }
    public func refuse(claim id: String, why: String, by person: Person) async throws {
        guard !why.trimmed.isEmpty else { throw Refusal("field.required", field: "reason") }
        try await answer(id, by: person, state: .refused, why: String(why.trimmed.prefix(300))) { _, _, _ in "" }
    }
    private func answer(
        _ id: String, by person: Person, state: Claim.State, why: String,
        _ make: @escaping @Sendable (any Connection, Claim, String) throws -> String
    ) async throws {
        try await ledger.store.write { [self] db in
            guard let row = try db.row("SELECT * FROM claim WHERE id = \(id)") else { throw Refusal("record.missing", ["value": id]) }
            let claim = try claim(row)
            guard Accounts.mayAnswer(person, claim) else { throw Refusal("record.missing", ["value": id]) }
            guard claim.state == .waiting else { throw Refusal("claim.answered") }
            let account = try make(db, claim, try row.get("password"))
            let now = ledger.clock.now()
            // The hash has gone to the account, or is of no use any more.
            try db.run(
                """
                UPDATE claim SET state = \(state.rawValue), answer = \(why), answered_by = \(person.name), answered_at = \(now),
                    account = \(account), password = '' WHERE home = \(claim.home) AND id = \(id)
                """)
            try Audit(db).append(home: claim.home, at: now, by: person.name, door: "account", [("claim/\(id)", state.rawValue)])
        }
    }

    private func claim(_ row: SQLRow) throws -> Claim {
        let id: String = try row.get("id")
        return Claim(
            id: id, home: try row.get("home"), creditCode: try row.get("credit_code"), name: try row.get("name"),
            contact: try row.get("contact"), phone: try ledger.keys.open(try row.get("phone"), owner: Accounts.phoneOwner(id)),
            madeAt: try row.get("made_at"),
            state: Claim.State(rawValue: try row.get("state")) ?? .refused, answer: try row.get("answer"),
            account: try row.get("account", as: String.self).nonEmpty)
    }

    /// An account for somebody of the public. The house gives the name, so that asking for one tells nobody which names there are.
    public func register(display: String, password: String) async throws -> String {
        let bytes = Digest.random(5)
        let number = bytes.reduce(0) { $0 << 8 | Int($1) } % 100_000_000
        let name = "p" + String(100_000_000 + number).dropFirst()
        try Password.check(password, name: name)
        let hash = try Password.hash(password)
        try await ledger.store.write { [self] db in
            try insert(db, name: name, display: String(display.trimmed.prefix(60)), hash: hash, Seat(.citizen), by: name)
        }
        return name
    }
}
