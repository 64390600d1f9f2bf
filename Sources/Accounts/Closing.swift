import Kernel
import Ledger
import Storage

extension Accounts {
    /// Closes an account for good when somebody leaves. What was on its desk goes to a successor of the same unit: drafts, messages, and the
    /// duties that it was named for; what it had handed over ends. Duties themselves are owed by organisations and units, not by accounts.
    /// - Parameter successor: empty where nobody follows; drafts and messages stay as they are then, and its duties are nobody's in particular.
    public func close(_ name: String, successor: String, by person: Person) async throws {
        try await ledger.store.write { [self] db in
            let account = try governed(db, name, by: person)
            guard account.state != .closed else { throw Refusal("account.closed", ["value": name]) }
            if !successor.isEmpty {
                guard let next = try find(db, successor), next.state == .open, next.name != name, Accounts.isSameUnit(account, next) else {
                    throw Refusal("account.successor", field: "successor", ["value": successor])
                }
                try handOver(db, from: name, to: successor)
            }
            let now = ledger.clock.now()
            try succession(db, name, successor.nonEmpty, person, now)
            try db.run(
                "UPDATE account SET state = 'closed', successor = \(successor), secret = '', secret_step = 0, password = '' WHERE name = \(name)"
            )
            try db.run("DELETE FROM session WHERE account = \(name)")
            try db.run("DELETE FROM recovery_code WHERE account = \(name)")
            try db.run(
                """
                UPDATE delegation SET revoked_at = \(now), revoked_by = \(person.name)
                WHERE revoked_by = '' AND (giver = \(name) OR taker = \(name))
                """)
            try note(db, name, successor.isEmpty ? "closed" : "closed, followed by \(successor)", by: person.name)
        }
    }

    /// Administrators by role, everybody else by unit: one division, one organisation.
    static func isSameUnit(_ one: Account, _ other: Account) -> Bool {
        one.person.role == other.person.role && one.person.division == other.person.division
            && one.person.organisation == other.person.organisation && one.person.worker == other.person.worker
    }
    /// Who could follow an account.
    public func successors(of account: Account) async throws -> [Account] {
        try await list().filter { $0.name != account.name && $0.state == .open && Accounts.isSameUnit(account, $0) }
    }

    private func handOver(_ db: any Connection, from old: String, to new: String) throws {
        try db.run("UPDATE draft SET account = \(new) WHERE account = \(old)")
    }

    /// Who stands for an account today: itself, or the last of those that followed it.
    public func standing(_ name: String) async throws -> String {
        try await ledger.store.read { [self] db in
            var current = name
            for _ in 0..<50 {
                guard let next = try find(db, current)?.successor else { return current }
                current = next
            }
            return current
        }
    }
}
