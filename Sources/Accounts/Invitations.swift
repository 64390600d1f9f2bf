import Kernel
import Ledger
import Storage

/// An invitation 邀请: what the account will be is fixed in it; whoever holds its token sets name and password, once.
public struct Invitation: Sendable {
    public enum State: String, Sendable { case open, used, withdrawn }
    public let id, display, madeBy: String
    public let seat: Seat
    public let expiresAt: Moment
    public let state: State
    /// The account that came of it.
    public let account: String?
}

extension Accounts {
    static let invitationDays = 7

    /// Makes an invitation.
    /// - Security invites anybody. A manager invites staff of their own unit, with functions that they hold themselves. An officer who enters
    ///   an employer's or a worker's file invites for it; the first account of an organisation is its manager.
    /// - Returns: the token, which is shown once; only its digest is kept.
    public func invite(_ seat: Seat, display: String, by person: Person) async throws -> String {
        let token = Digest.hex(Digest.random(24))
        try await ledger.store.write { [self] db in
            var seat = seat
            try permit(&seat, db, by: person)
            try check(seat, db)
            let now = ledger.clock.now()
            let id = Identifier.make(at: now)
            let end = Moment(microseconds: now.microseconds + Int64(Accounts.invitationDays) * 86_400_000_000)
            try db.run(
                """
                INSERT INTO invitation (home, id, digest, display, role, functions, department, division, organisation, worker, manager,
                    made_by, made_at, expires_at, state, account)
                VALUES (\(Accounts.home), \(id), \(Digest.sha256(token)), \(String(display.trimmed.prefix(60))), \(seat.role.rawValue),
                    \(seat.functions.joined(separator: ";")), \(seat.department), \(seat.division), \(seat.organisation), \(seat.worker),
                    \(seat.isManager), \(person.name), \(now), \(end), 'open', '')
                """)
            try Audit(db).append(
                home: Accounts.home, at: now, by: person.name, door: "account", [("invitation/\(id)", "invited \(seat.words)")])
        }
        return token
    }

    private func permit(_ seat: inout Seat, _ db: any Connection, by person: Person) throws {
        let denied = Refusal("access.denied", ["value": "account"])
        if !seat.organisation.isEmpty, seat.role == .organisation {
            guard let record = try ledger.record(db, seat.organisation), ["employer", "institution"].contains(record.kind.name) else {
                throw Refusal("record.missing", field: "organisation", ["value": seat.organisation])
            }
            if try db.row("SELECT name FROM account WHERE organisation = \(seat.organisation) AND manager = 1 AND state <> 'closed'") == nil
            {
                seat.isManager = true
            }
        }
        switch seat.role {
        case .officer, .viewer: guard !seat.division.isEmpty else { throw Refusal("field.required", field: "division") }
        case .organisation: guard !seat.organisation.isEmpty else { throw Refusal("field.required", field: "organisation") }
        case .worker: guard !seat.worker.isEmpty else { throw Refusal("field.required", field: "worker") }
        case .system, .security, .audit: break
        case .citizen, .nobody: throw Refusal("code.unknown", field: "role", ["value": seat.role.rawValue])
        }
        if mayDo(person, .secure, at: .common) { return }
        switch seat.role {
        case .officer, .viewer:
            let isWithin = seat.functions.allSatisfy(person.functions.contains) && seat.department.isEmpty
            guard mayDo(person, .secure, at: seat.place), isWithin, !seat.isManager else { throw denied }
        case .organisation where mayDo(person, .secure, at: seat.place): seat.isManager = false
        case .organisation, .worker:
            // Whoever enters the file at the counter has seen who asks.
            guard let record = try ledger.record(db, seat.role == .worker ? seat.worker : seat.organisation), person.role == .officer else {
                throw denied
            }
            let place = try ledger.place(db, of: record)
            guard mayDo(person, .change, at: Place(divisions: place.divisions, kind: "account")) else { throw denied }
        default: throw denied
        }
    }

    /// The invitation of a token, as long as it can be taken up.
    public func invitation(_ token: String) async throws -> Invitation {
        try await ledger.store.read { [self] in try openInvitation($0, token) }
    }
    private func openInvitation(_ db: any Connection, _ token: String) throws -> Invitation {
        guard
            let row = try db.row(
                "SELECT * FROM invitation WHERE digest = \(Digest.sha256(token)) AND state = 'open' AND expires_at > \(ledger.clock.now())")
        else { throw Refusal("invitation.over") }
        return try Accounts.invitation(row)
    }

    /// A way to a new password for whoever has lost theirs: the administrator hands over the token and never knows the password.
    public func invitePassword(of name: String, by person: Person) async throws -> String {
        let token = Digest.hex(Digest.random(24))
        try await ledger.store.write { [self] db in
            let account = try governed(db, name, by: person)
            guard account.state != .closed else { throw Refusal("account.closed", ["value": name]) }
            let now = ledger.clock.now()
            try db.run("UPDATE invitation SET state = 'withdrawn' WHERE role = '' AND account = \(name) AND state = 'open'")
            try db.run(
                """
                INSERT INTO invitation (home, id, digest, display, role, functions, department, division, organisation, worker, manager,
                    made_by, made_at, expires_at, state, account)
                VALUES (\(Accounts.home), \(Identifier.make(at: now)), \(Digest.sha256(token)), \(account.display), '', '', '', '', '', '', 0,
                    \(person.name), \(now), \(Moment(microseconds: now.microseconds + 86_400_000_000)), 'open', \(name))
                """)
            try note(db, name, "new password invited", by: person.name)
        }
        return token
    }

    /// Takes an invitation up: the account exists, or has its new password, and the invitation is used.
    public func takeUp(_ token: String, name: String, display: String, password: String) async throws {
        let asked = try await invitation(token)
        try Password.check(password, name: asked.account ?? name)
        let hash = try Password.hash(password)
        try await ledger.store.write { [self] db in
            let invitation = try openInvitation(db, token)
            if let account = invitation.account {
                try db.run("UPDATE invitation SET state = 'used' WHERE id = \(invitation.id)")
                try db.run("UPDATE account SET password = \(hash) WHERE name = \(account) AND state <> 'closed'")
                try db.run("DELETE FROM session WHERE account = \(account)")
                return try note(db, account, "password set by invitation", by: account)
            }
            let used = try db.run("UPDATE invitation SET state = 'used', account = \(name) WHERE id = \(invitation.id) AND state = 'open'")
            guard used == 1 else { throw Refusal("invitation.over") }
            let shown = display.trimmed.isEmpty ? invitation.display : String(display.trimmed.prefix(60))
            try insert(db, name: name, display: shown, hash: hash, invitation.seat, by: invitation.madeBy)
        }
    }

    public func withdraw(invitation id: String, by person: Person) async throws {
        try await ledger.store.write { [self] db in
            guard let row = try db.row("SELECT * FROM invitation WHERE id = \(id)") else { throw Refusal("record.missing", ["value": id]) }
            let invitation = try Accounts.invitation(row)
            guard invitation.madeBy == person.name || mayDo(person, .secure, at: invitation.seat.place) else {
                throw Refusal("record.missing", ["value": id])
            }
            guard try db.run("UPDATE invitation SET state = 'withdrawn' WHERE id = \(id) AND state = 'open'") == 1 else {
                throw Refusal("invitation.over")
            }
            try Audit(db).append(
                home: Accounts.home, at: ledger.clock.now(), by: person.name, door: "account", [("invitation/\(id)", "withdrawn")])
        }
    }

    /// Those that a person made or administers, newest first.
    public func invitations(for person: Person) async throws -> [Invitation] {
        try await ledger.store.read { db in
            try db.rows("SELECT * FROM invitation WHERE role <> '' ORDER BY id DESC").map(Accounts.invitation)
        }.filter { $0.madeBy == person.name || mayDo(person, .secure, at: $0.seat.place) }
    }
    public func isOver(_ invitation: Invitation) -> Bool { invitation.state != .open || invitation.expiresAt <= ledger.clock.now() }

    private static func invitation(_ row: SQLRow) throws -> Invitation {
        let seat = Seat(
            Person.Role(rawValue: try row.get("role")) ?? .nobody,
            functions: try row.get("functions", as: String.self).split(separator: ";").map(String.init),
            department: try row.get("department"),
            division: try row.get("division"), organisation: try row.get("organisation"), worker: try row.get("worker"),
            isManager: try row.get("manager"))
        return Invitation(
            id: try row.get("id"), display: try row.get("display"), madeBy: try row.get("made_by"), seat: seat,
            expiresAt: try row.get("expires_at"), state: Invitation.State(rawValue: try row.get("state")) ?? .withdrawn,
            account: try row.get("account", as: String.self).nonEmpty)
    }
}
