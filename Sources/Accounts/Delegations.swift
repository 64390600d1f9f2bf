import Kernel
import Ledger
import Storage

/// What one officer handed to another 授权委托: functions, days, why. It is never deleted, only revoked.
public struct Delegation: Sendable {
    public let id, giver, taker, reason: String
    /// Empty: all of the giver's.
    public let functions: [String]
    public let from, until: Day
    public let revokedBy: String?
    public func isInForce(on day: Day) -> Bool { revokedBy == nil && from <= day && day <= until }
}

extension Accounts {
    /// The longest that something is handed over for: a leave, not an office.
    static let delegationDays = 366

    /// Hands one's own functions, or some of them, to another officer from a day until another, both included.
    /// What was handed to oneself is not one's own to hand on; what an administrator may do is nobody's to hand over.
    public func delegate(
        from giver: Person, to taker: String, functions: [String], from first: Day, until last: Day, reason: String
    ) async throws {
        let today = ledger.clock.today
        guard giver.role == .officer else { throw Refusal("access.denied", ["value": "delegation"]) }
        guard first <= last, last >= today, last.number - first.number < Accounts.delegationDays else {
            throw Refusal("delegation.days", field: "until", ["limit": String(Accounts.delegationDays)])
        }
        guard !reason.trimmed.isEmpty else { throw Refusal("field.required", field: "reason") }
        guard functions.allSatisfy(giver.functions.contains) else { throw Refusal("delegation.functions", field: "functions") }
        try await ledger.store.write { [self] db in
            guard let account = try find(db, taker), account.state == .open, account.person.role == .officer, taker != giver.name,
                let own = giver.division, let other = account.person.division, own.contains(other.text) || other.contains(own.text)
            else { throw Refusal("delegation.taker", field: "taker", ["value": taker]) }
            let now = ledger.clock.now()
            try db.run(
                """
                INSERT INTO delegation (home, id, giver, taker, functions, from_day, until_day, reason, made_at, revoked_at, revoked_by)
                VALUES (\(Accounts.home), \(Identifier.make(at: now)), \(giver.name), \(taker), \(functions.joined(separator: ";")), \(first),
                    \(last), \(String(reason.trimmed.prefix(300))), \(now), 0, '')
                """)
            let what = functions.isEmpty ? "all functions" : functions.joined(separator: ",")
            try note(db, giver.name, "handed \(what) to \(taker) \(first)–\(last)", by: giver.name)
        }
    }

    /// Ends it at once: by whoever gave it, whoever has it, or whoever administers the giver's account.
    public func revoke(_ id: String, by person: Person) async throws {
        try await ledger.store.write { [self] db in
            guard let row = try db.row("SELECT * FROM delegation WHERE id = \(id)"), let giver = try find(db, try row.get("giver")) else {
                throw Refusal("record.missing", ["value": id])
            }
            let taker: String = try row.get("taker")
            let isOwn = [giver.name, taker].contains(person.name) && person.role == .officer
            guard isOwn || mayDo(person, .secure, at: giver.place) else { throw Refusal("record.missing", ["value": id]) }
            guard try row.get("revoked_by", as: String.self).isEmpty else { return }
            try db.run("UPDATE delegation SET revoked_at = \(ledger.clock.now()), revoked_by = \(person.name) WHERE id = \(id)")
            try note(db, giver.name, "took back from \(taker)", by: person.name)
        }
    }

    /// What was handed to an account and is in force today: the giver's functions of today, as far as they were handed over.
    func grants(_ db: any Connection, to taker: String) throws -> [Person.Grant] {
        let today = ledger.clock.today
        return try db.rows(
            """
            SELECT d.functions AS given, a.* FROM delegation d JOIN account a ON a.name = d.giver
            WHERE d.taker = \(taker) AND d.revoked_by = '' AND d.from_day <= \(today) AND d.until_day >= \(today)
                AND a.role = 'officer' AND a.state = 'open' ORDER BY d.id
            """
        ).map { row in
            let given = try row.get("given", as: String.self).split(separator: ";").map(String.init)
            let own = try functions(db, row)
            return Person.Grant(
                from: try row.get("name"), functions: given.isEmpty ? own : own.filter(given.contains),
                division: DivisionCode(try row.get("division")))
        }
    }

    /// Those that an account gave or has; all of them for whoever administers accounts.
    public func delegations(of person: Person) async throws -> [Delegation] {
        let condition: SQL =
            mayDo(person, .secure, at: .common) ? "1 = 1" : "giver = \(person.name) OR taker = \(person.name)"
        return try await ledger.store.read { db in
            try db.rows("SELECT * FROM delegation WHERE \(condition) ORDER BY id DESC").map { row in
                Delegation(
                    id: try row.get("id"), giver: try row.get("giver"), taker: try row.get("taker"), reason: try row.get("reason"),
                    functions: try row.get("functions", as: String.self).split(separator: ";").map(String.init),
                    from: try row.get("from_day"), until: try row.get("until_day"),
                    revokedBy: try row.get("revoked_by", as: String.self).nonEmpty)
            }
        }
    }
}

extension String {
    var trimmed: String {
        var text = Substring(self)
        while text.first?.isWhitespace == true { text.removeFirst() }
        while text.last?.isWhitespace == true { text.removeLast() }
        return String(text)
    }
}
