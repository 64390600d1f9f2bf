import Catalog
import Kernel
import Ledger
import Storage

/// An account, and the sessions that it opens.
public struct Account: Sendable {
    public enum State: String, Sendable { case open, locked, closed }
    public let name, display: String
    public let person: Person
    public let state: State
    /// `plan/department`, where the functions come from a plan's table; empty where they are fixed.
    public let department: String
    public let hasSecondFactor: Bool
    /// Who took over when it was closed.
    public let successor: String?
    public let createdAt: Moment
    /// Where it lies for whoever administers accounts.
    public var place: Place {
        Place(
            divisions: person.division.map { [$0.text] } ?? [], organisations: person.organisation.map { [$0] } ?? [],
            workers: person.worker.map { [$0] } ?? [])
    }
}

/// What an account is to be: fixed by whoever invites.
public struct Seat: Sendable, Hashable {
    public var role: Person.Role
    public var functions: [String]
    public var department, division, organisation, worker: String
    public var isManager: Bool
    public init(
        _ role: Person.Role, functions: [String] = [], department: String = "", division: String = "", organisation: String = "",
        worker: String = "", isManager: Bool = false
    ) {
        (self.role, self.functions, self.department, self.division) = (role, functions, department, division)
        (self.organisation, self.worker, self.isManager) = (organisation, worker, isManager)
    }
    var place: Place {
        Place(
            divisions: division.isEmpty ? [] : [division], organisations: organisation.isEmpty ? [] : [organisation],
            workers: worker.isEmpty ? [] : [worker])
    }
}

public struct Accounts: Sendable {
    /// The functions of `plan/department` on a day, by the plan's dated table; none for one that is unknown.
    public typealias Departments = @Sendable (any Connection, String, Day) throws -> [String]
    let ledger: Ledger
    /// What else lies on the desk of whoever leaves goes to a successor, or is left free where nobody follows: messages and the duties that
    /// were given to them. It runs in the transaction that closes the account.
    public typealias Succession =
        @Sendable (_ db: any Connection, _ leaver: String, _ successor: String?, _ by: Person, _ at: Moment) throws -> Void
    let departments: Departments
    let succession: Succession
    public init(_ ledger: Ledger, succession: @escaping Succession, departments: @escaping Departments = { _, _, _ in [] }) {
        (self.ledger, self.departments, self.succession) = (ledger, departments, succession)
    }
    /// Accounts are of no county: their lines stand in the chain of the whole.
    static let home = "000000"

    // Adding

    public func add(
        name: String, display: String, password: String, role: Person.Role, functions: [String] = [], division: String = "",
        organisation: String = "", worker: String = "", department: String = "", isManager: Bool = false, by person: Person
    ) async throws {
        let seat = Seat(
            role, functions: functions, department: department, division: division, organisation: organisation, worker: worker,
            isManager: isManager)
        guard mayDo(person, .secure, at: .common) else { throw Refusal("access.denied", ["value": "account"]) }
        try Password.check(password, name: name)
        let hash = try Password.hash(password)
        try await ledger.store.write { [self] db in
            try check(seat, db)
            try insert(db, name: name, display: display, hash: hash, seat, by: person.name)
        }
    }

    /// The three administrators of a new house, together or not at all.
    /// - Throws: `setup.three` where two have one name.
    public func setUp(_ three: [(role: Person.Role, name: String, password: String)]) async throws {
        guard try await !hasAdministrator() else { throw Refusal("access.denied") }
        guard Set(three.map(\.name)).count == 3, Set(three.map(\.password)).count == 3 else { throw Refusal("setup.three") }
        for one in three { try Password.check(one.password, name: one.name) }
        let hashed = try three.map { ($0.role, $0.name, try Password.hash($0.password)) }
        try await ledger.store.write { [self] db in
            for (role, name, hash) in hashed { try insert(db, name: name, display: name, hash: hash, Seat(role), by: Person.house.name) }
        }
    }

    func insert(_ db: any Connection, name: String, display: String, hash: String, _ seat: Seat, by author: String) throws {
        guard !name.isEmpty, name.utf8.count <= 40, name.allSatisfy({ $0.isLetter || $0.isNumber || "._-@".contains($0) }),
            name.lowercased() != Person.house.name
        else { throw Refusal("account.name", field: "name", ["value": name]) }
        guard try db.row("SELECT name FROM account WHERE name = \(name)") == nil else {
            throw Refusal("key.exists", field: "name", ["value": name])
        }
        let now = ledger.clock.now()
        try db.run(
            """
            INSERT INTO account (home, name, display, password, role, functions, division, organisation, failures, locked_until, created_at,
                worker, manager, department)
            VALUES (\(Accounts.home), \(name), \(display.isEmpty ? name : display), \(hash), \(seat.role.rawValue),
                \(seat.functions.joined(separator: ";")), \(seat.division), \(seat.organisation), 0, 0, \(now), \(seat.worker),
                \(seat.isManager), \(seat.department))
            """)
        try note(db, name, "added \(seat.words)", by: author)
    }

    /// Whether the seat is one that there can be: an authority's person has a division, an organisation's its organisation.
    func check(_ seat: Seat, _ db: any Connection) throws {
        if !seat.division.isEmpty, ledger.catalog.divisions[seat.division] == nil {
            throw Refusal("division.unknown", field: "division", ["value": seat.division])
        }
        if seat.role == .worker, try ledger.record(db, seat.worker)?.kind.name != "worker" {
            throw Refusal("record.missing", field: "worker", ["value": seat.worker])
        }
        if !seat.department.isEmpty, try departments(db, seat.department, ledger.clock.today).isEmpty {
            throw Refusal("code.unknown", field: "department", ["value": seat.department])
        }
    }

    // Reading

    /// Whether an administrator with a password exists; until then the server listens on loopback only.
    public func hasAdministrator() async throws -> Bool {
        try await ledger.store.read { try $0.row("SELECT name FROM account WHERE role = 'system' LIMIT 1") != nil }
    }
    public func list() async throws -> [Account] {
        try await ledger.store.read { [self] db in try db.rows("SELECT * FROM account ORDER BY name").map { try account(db, $0) } }
    }
    /// The accounts that a person administers.
    public func list(for person: Person) async throws -> [Account] {
        try await list().filter { mayDo(person, .secure, at: $0.place) }
    }
    public func find(_ name: String) async throws -> Account? { try await ledger.store.read { [self] in try find($0, name) } }
    public func find(_ db: any Connection, _ name: String) throws -> Account? {
        try db.row("SELECT * FROM account WHERE name = \(name)").map { try account(db, $0) }
    }

    /// The account as it is today: functions by the plan's table, what was handed over to it, the posts of a worker.
    func account(_ db: any Connection, _ row: SQLRow) throws -> Account {
        let name: String = try row.get("name")
        let (organisation, worker, department): (String, String, String) = try (
            row.get("organisation"), row.get("worker"), row.get("department")
        )
        let role = Person.Role(rawValue: try row.get("role")) ?? .nobody
        return Account(
            name: name, display: try row.get("display"),
            person: Person(
                name: name, role: role, functions: try functions(db, row), division: DivisionCode(try row.get("division")),
                organisation: organisation.isEmpty ? nil : organisation, worker: worker.isEmpty ? nil : worker,
                posts: role == .worker ? try posts(db, of: worker) : [], isManager: try row.get("manager"),
                grants: role == .officer ? try grants(db, to: name) : []),
            state: Account.State(rawValue: try row.get("state")) ?? .locked, department: department,
            hasSecondFactor: try row.get("secret_step", as: Int.self) > 0,
            successor: try row.get("successor", as: String.self).nonEmpty, createdAt: try row.get("created_at"))
    }
    /// Everybody whose account is not closed, as they are today: functions by the plans' dated tables, and what was handed over to them.
    /// Posts are left out: nothing is told by them.
    public func people(_ db: any Connection) throws -> [Known] {
        let today = ledger.clock.today
        var tables: [String: [String]] = [:]
        let accounts = try db.rows("SELECT * FROM account WHERE state <> 'closed' ORDER BY name").map { row in
            let department: String = try row.get("department")
            if !department.isEmpty, tables[department] == nil { tables[department] = try departments(db, department, today) }
            let own: [String] = try row.get("functions", as: String.self).split(separator: ";").map(String.init)
            return (row: row, name: try row.get("name", as: String.self), functions: tables[department] ?? own)
        }
        let givers = Dictionary(
            uniqueKeysWithValues: try accounts.filter {
                try $0.row.get("role", as: String.self) == "officer" && $0.row.get("state", as: String.self) == "open"
            }.map { ($0.name, $0) })
        var grants: [String: [Person.Grant]] = [:]
        let delegations = try db.rows(
            """
            SELECT giver, taker, functions FROM delegation WHERE revoked_by = '' AND from_day <= \(today) AND until_day >= \(today) ORDER BY id
            """)
        for row in delegations {
            guard let giver = givers[try row.get("giver")] else { continue }
            let given = try row.get("functions", as: String.self).split(separator: ";").map(String.init)
            grants[try row.get("taker"), default: []].append(
                Person.Grant(
                    from: giver.name, functions: given.isEmpty ? giver.functions : giver.functions.filter(given.contains),
                    division: DivisionCode(try giver.row.get("division"))))
        }
        return try accounts.map { row, name, functions in
            let (organisation, worker): (String, String) = (try row.get("organisation"), try row.get("worker"))
            let role = Person.Role(rawValue: try row.get("role")) ?? .nobody
            return Known(
                Person(
                    name: name, role: role, functions: functions, division: DivisionCode(try row.get("division")),
                    organisation: organisation.nonEmpty, worker: worker.nonEmpty, isManager: try row.get("manager"),
                    grants: role == .officer ? grants[name] ?? [] : []), display: try row.get("display"))
        }
    }
    func functions(_ db: any Connection, _ row: SQLRow) throws -> [String] {
        let department: String = try row.get("department")
        guard department.isEmpty else { return try departments(db, department, ledger.clock.today) }
        return try row.get("functions", as: String.self).split(separator: ";").map(String.init)
    }
    /// The posts of the worker's exposure history.
    private func posts(_ db: any Connection, of worker: String) throws -> [String] {
        try db.rows(
            """
            SELECT DISTINCT p.target FROM link w JOIN link p ON p.home = w.home AND p.id = w.id AND p.field = 'post'
            WHERE w.target = \(worker) AND w.field = 'worker' AND w.kind = 'exposure' ORDER BY p.target
            """
        ).map { try $0.get(0) }
    }

    // Changing

    /// The account, where the person administers it and it is not their own: nobody changes their own rights.
    func governed(_ db: any Connection, _ name: String, by person: Person) throws -> Account {
        guard let account = try find(db, name), mayDo(person, .secure, at: account.place) else {
            throw Refusal("record.missing", ["value": name])
        }
        guard account.name != person.name else { throw Refusal("account.own", ["value": name]) }
        return account
    }

    /// Sets what an officer's or a viewer's account may do. A role never changes: who takes another office gets another account.
    public func set(_ name: String, functions: [String], department: String, isManager: Bool, by person: Person) async throws {
        try await ledger.store.write { [self] db in
            guard mayDo(person, .secure, at: .common) else { throw Refusal("access.denied", ["value": "account"]) }
            let account = try governed(db, name, by: person)
            let isAuthority = [.officer, .viewer].contains(account.person.role)
            guard isAuthority || (account.person.role == .organisation && functions.isEmpty && department.isEmpty) else {
                throw Refusal("account.role", ["value": name])
            }
            let seat = Seat(account.person.role, functions: functions, department: department, isManager: isManager)
            try check(seat, db)
            try db.run(
                """
                UPDATE account SET functions = \(functions.joined(separator: ";")), department = \(department), manager = \(isManager)
                WHERE name = \(name)
                """)
            try note(db, name, "rights \(seat.words)", by: person.name)
        }
    }

    /// Sets one's own password, or that of an account that one administers; its sessions end.
    public func setPassword(name: String, _ password: String, by person: Person) async throws {
        try Password.check(password, name: name)
        let hash = try Password.hash(password)
        try await ledger.store.write { [self] db in
            if person.name != name { _ = try governed(db, name, by: person) }
            guard try db.run("UPDATE account SET password = \(hash) WHERE name = \(name)") == 1 else {
                throw Refusal("record.missing", ["value": name])
            }
            try db.run("DELETE FROM sign_in_failure WHERE key = \(Accounts.key(name: name))")
            try db.run("DELETE FROM session WHERE account = \(name)")
            try note(db, name, "password set", by: person.name)
        }
    }

    /// Sets one's own password, proved by the old one.
    public func changePassword(of name: String, from old: String, to new: String) async throws {
        let hash: String? = try await ledger.store.read { try $0.row("SELECT password FROM account WHERE name = \(name)")?.get("password") }
        guard Password.verify(old, hash ?? Password.nobodys), let account = try await find(name) else {
            throw Refusal("access.wrong-old", field: "old")
        }
        try await setPassword(name: name, new, by: account.person)
    }

    public func lock(_ name: String, by person: Person) async throws { try await stand(name, .locked, "locked", by: person) }
    /// Opens a locked account and forgets its wrong attempts. A closed account stays closed.
    public func unlock(_ name: String, by person: Person) async throws { try await stand(name, .open, "unlocked", by: person) }

    private func stand(_ name: String, _ state: Account.State, _ word: String, by person: Person) async throws {
        try await ledger.store.write { [self] db in
            guard try governed(db, name, by: person).state != .closed else { throw Refusal("account.closed", ["value": name]) }
            try db.run("UPDATE account SET state = \(state.rawValue) WHERE name = \(name)")
            try db.run("DELETE FROM sign_in_failure WHERE key = \(Accounts.key(name: name))")
            if state != .open { try db.run("DELETE FROM session WHERE account = \(name)") }
            try note(db, name, word, by: person.name)
        }
    }

    func note(_ db: any Connection, _ name: String, _ detail: String, by author: String, door: String = "account") throws {
        try Audit(db).append(
            home: Accounts.home, at: ledger.clock.now(), by: author, door: door, [("account/\(name)", detail)])
    }
}

extension Seat {
    /// For the audit: what was given, without what is personal.
    var words: String {
        ([role.rawValue, division, department, functions.joined(separator: ","), organisation, worker] + (isManager ? ["manager"] : []))
            .filter { !$0.isEmpty }.joined(separator: " ")
    }
}

extension String {
    var nonEmpty: String? { isEmpty ? nil : self }
}
