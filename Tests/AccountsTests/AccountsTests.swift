import Accounts
import Catalog
import Kernel
import Ledger
import Storage
import Synchronization
import TestKit
import Testing

/// Accounts over a ledger with a clock that is set by hand.
struct Desk {
    let accounts: Accounts
    let ledger: Ledger
    let now: Ticking
    static let password = "a long sentence of words"

    final class Ticking: Sendable {
        private let kept = Mutex<Int64>(0)
        var microseconds: Int64 { kept.withLock { $0 } }
        func set(_ text: String) { kept.withLock { $0 = Moment(text)?.microseconds ?? $0 } }
        func pass(minutes: Int) { kept.withLock { $0 += Int64(minutes) * 60_000_000 } }
        func pass(seconds: Int) { kept.withLock { $0 += Int64(seconds) * 1_000_000 } }
    }

    static func open(
        _ kind: Dialect, at moment: String = "2022-06-30 12:00", departments: @escaping Accounts.Departments = { _, _, _ in [] }
    )
        async throws -> Desk
    {
        let ticking = Ticking()
        ticking.set(moment)
        let clock = Clock { Moment(microseconds: ticking.microseconds) }
        let store = try await Stores.fresh(kind)
        try await Ledger.schema().bring(upToDate: store)
        let ledger = try Ledger(store: store, catalog: Hand.catalog, features: [], clock: clock) { _ in [] }
        return Desk(accounts: Accounts(ledger, succession: { _, _, _, _, _ in }, departments: departments), ledger: ledger, now: ticking)
    }
    func add(
        _ name: String, _ role: Person.Role, functions: [String] = ["health"], division: String = "", isManager: Bool = false
    ) async throws {
        try await accounts.add(
            name: name, display: name, password: Desk.password, role: role, functions: role == .officer ? functions : [],
            division: division,
            isManager: isManager, by: .house)
    }
    func person(_ name: String) async throws -> Person { try #require(try await accounts.find(name)).person }
    func code(_ name: String, secret: String) throws -> String {
        OneTimeCode.code(try #require(Base32.decode(secret)), step: OneTimeCode.step(at: ledger.clock.now()))
    }
    /// The code of a refusal; nil where nothing was refused.
    func refused(_ body: () async throws -> Void) async -> String? {
        do { try await body(); return nil } catch let refusal as Refusal { return refusal.code } catch { return "\(error)" }
    }
}

@Suite struct SignInTests {
    /// Five wrong passwords lock a name for a quarter of an hour, whether an account has it or not, with the same answers on the way.
    @Test(arguments: Stores.kinds) func namesLockAlike(_ kind: Dialect) async throws {
        let desk = try await Desk.open(kind)
        try await desk.add("li", .officer, division: "330402")
        for name in ["li", "nobody"] {
            var answers: [String?] = []
            for _ in 0..<6 { answers.append(await desk.refused { _ = try await desk.accounts.enter(name: name, password: "wrong") }) }
            #expect(answers == Array(repeating: "access.wrong-password", count: 5) + ["access.locked"], "\(name)")
        }
        #expect(await desk.refused { _ = try await desk.accounts.enter(name: "li", password: Desk.password) } == "access.locked")
        desk.now.pass(minutes: 16)
        #expect(try await desk.accounts.enter(name: "li", password: Desk.password).needsCode == false)
    }

    /// One address that tries many names is locked, others are not.
    @Test(arguments: Stores.kinds) func addressesLock(_ kind: Dialect) async throws {
        let desk = try await Desk.open(kind)
        try await desk.add("li", .officer, division: "330402")
        let bad = Source(address: "192.0.2.1")
        for index in 0..<40 {
            _ = await desk.refused { _ = try await desk.accounts.enter(name: "n\(index)", password: "wrong", from: bad) }
        }
        #expect(await desk.refused { _ = try await desk.accounts.enter(name: "li", password: Desk.password, from: bad) } == "access.locked")
        _ = try await desk.accounts.enter(name: "li", password: Desk.password, from: Source(address: "192.0.2.2"))
    }

    /// A session ends an hour after it was last used, and after twelve hours however much it is used; a locked account has none.
    @Test(arguments: Stores.kinds) func sessionsEnd(_ kind: Dialect) async throws {
        let desk = try await Desk.open(kind)
        try await desk.add("li", .officer, division: "330402")
        try await desk.add("sec", .security)
        let idle = try await desk.accounts.signIn(name: "li", password: Desk.password)
        desk.now.pass(minutes: 61)
        #expect(try await desk.accounts.session(idle) == nil)
        let used = try await desk.accounts.signIn(name: "li", password: Desk.password)
        for _ in 0..<14 {
            desk.now.pass(minutes: 50)
            #expect(try await desk.accounts.session(used) != nil)
        }
        desk.now.pass(minutes: 50)
        #expect(try await desk.accounts.session(used) == nil)
        let (one, two) = (
            try await desk.accounts.signIn(name: "li", password: Desk.password),
            try await desk.accounts.signIn(name: "li", password: Desk.password)
        )
        let list = try await desk.accounts.sessions(of: "li", this: one)
        #expect(list.count == 2 && list.filter(\.isThis).count == 1)
        try await desk.accounts.endSessions(of: "li", id: try #require(list.first { !$0.isThis }).id)
        #expect(try await desk.accounts.session(two) == nil)
        #expect(try await desk.accounts.session(one) != nil)
        try await desk.accounts.lock("li", by: try await desk.person("sec"))
        #expect(try await desk.accounts.session(one) == nil)
        #expect(await desk.refused { _ = try await desk.accounts.enter(name: "li", password: Desk.password) } == "access.wrong-password")
    }

    /// The second factor: proved by a first code, asked for from then on, each code once, a new token after it, recovery codes once.
    @Test(arguments: Stores.kinds) func theSecondFactor(_ kind: Dialect) async throws {
        let desk = try await Desk.open(kind)
        try await desk.add("sec", .security)
        let first = try await desk.accounts.signIn(name: "sec", password: Desk.password)
        let session = try #require(try await desk.accounts.session(first))
        #expect(Accounts.mustEnrol(session.account, isDemo: false) && !Accounts.mustEnrol(session.account, isDemo: true))
        let enrolment = try await desk.accounts.enrol("sec")
        #expect(enrolment.address.hasPrefix("otpauth://totp/Zhifang:sec?secret=\(enrolment.secret)&"))
        #expect(try await desk.accounts.enrol("sec").secret == enrolment.secret)
        // Not a byte of the secret lies open in the database.
        let kept = try await desk.ledger.store.read {
            try $0.row("SELECT secret FROM account WHERE name = 'sec'")?.get("secret", as: String.self)
        }
        #expect(kept?.isEmpty == false && kept?.contains(enrolment.secret) == false)
        #expect(await desk.refused { _ = try await desk.accounts.confirm("sec", code: "000000") } == "access.wrong-code")
        let code = try desk.code("sec", secret: enrolment.secret)
        let (codes, fresh) = try await desk.accounts.confirm("sec", code: code)
        #expect(codes.count == 10 && Set(codes).count == 10)
        #expect(try await desk.accounts.session(first) == nil, "a session that a password alone opened lives on")
        #expect(try await desk.accounts.session(fresh)?.account.hasSecondFactor == true)

        let entry = try await desk.accounts.enter(name: "sec", password: Desk.password)
        #expect(entry.needsCode)
        #expect(try await desk.accounts.session(entry.token) == nil, "the question's token opens a session")
        // The code of the enrolment is used up.
        #expect(await desk.refused { _ = try await desk.accounts.answer(entry.token, code: code) } == "access.wrong-code")
        desk.now.pass(seconds: 60)
        let next = try desk.code("sec", secret: enrolment.secret)
        let whole = try await desk.accounts.answer(entry.token, code: next)
        #expect(whole != entry.token)
        #expect(try await desk.accounts.session(whole) != nil)
        #expect(await desk.refused { _ = try await desk.accounts.answer(entry.token, code: next) } == "access.sign-in")
        let again = try await desk.accounts.enter(name: "sec", password: Desk.password)
        #expect(await desk.refused { _ = try await desk.accounts.answer(again.token, code: next) } == "access.wrong-code")
        _ = try await desk.accounts.answer(again.token, code: codes[3])
        #expect(try await desk.accounts.recoveryCodesLeft("sec") == 9)
        let third = try await desk.accounts.enter(name: "sec", password: Desk.password)
        #expect(await desk.refused { _ = try await desk.accounts.answer(third.token, code: codes[3]) } == "access.wrong-code")
        // Guessing is counted like guessing passwords.
        for _ in 0..<4 { _ = await desk.refused { _ = try await desk.accounts.answer(third.token, code: "123456") } }
        #expect(await desk.refused { _ = try await desk.accounts.answer(third.token, code: codes[4]) } == "access.locked")
        desk.now.pass(minutes: 16)
        try await desk.add("sec2", .security)
        #expect(await desk.refused { try await desk.accounts.giveUpFactor("sec", code: codes[5], isDemo: false) } == "factor.required")
        #expect(await desk.refused { try await desk.accounts.resetFactor("sec", by: try await desk.person("sec")) } == "account.own")
        try await desk.accounts.resetFactor("sec", by: try await desk.person("sec2"))
        #expect(try await desk.accounts.find("sec")?.hasSecondFactor == false)
    }

    @Test func passwordRules() throws {
        for (password, name) in [
            ("short", ""), ("1234567890", ""), ("woaini1314", ""), ("aaaaaaaaaaaaa", ""), ("qwertyuiop", ""), ("lining12345", "lining"),
            (String(repeating: "long words ", count: 30), ""), ("abcdefghijkl", ""),
        ] { #expect(throws: Refusal.self, "\(password)") { try Password.check(password, name: name) } }
        for password in ["a long sentence", "谁也猜不到的一句话嘛", "zhifang-demo"] { try Password.check(password, name: "li") }
        let hash = try Password.hash("a long sentence")
        #expect(hash.hasPrefix("$argon2id$v=19$m=19456,t=2,p=1$"))
        #expect(Password.verify("a long sentence", hash) && !Password.verify("a long sentencE", hash))
    }
}

@Suite struct GoverningTests {
    /// Three administrators, none of whom can do the others' work or change what they themselves may do.
    @Test(arguments: Stores.kinds) func theThree(_ kind: Dialect) async throws {
        let desk = try await Desk.open(kind)
        let twice = [
            (role: Person.Role.system, name: "a", password: "one long sentence"), (.security, "a", "two long sentences"),
            (.audit, "c", "three long ones"),
        ]
        #expect(await desk.refused { try await desk.accounts.setUp(twice) } == "setup.three")
        #expect(try await desk.accounts.hasAdministrator() == false)
        try await desk.accounts.setUp([
            (.system, "a", "one long sentence"), (.security, "b", "two long sentences"), (.audit, "c", "three long ones"),
        ])
        #expect(await desk.refused { try await desk.accounts.setUp([(.system, "d", "one long sentence")]) } == "access.denied")
        let (system, security, audit) = (try await desk.person("a"), try await desk.person("b"), try await desk.person("c"))
        try await desk.add("li", .officer, division: "330402")
        for person in [system, audit] {
            #expect(await desk.refused { try await desk.accounts.lock("li", by: person) } == "record.missing")
            #expect(
                await desk.refused { _ = try await desk.accounts.invite(Seat(.officer, division: "330402"), display: "", by: person) }
                    == "access.denied")
        }
        #expect(await desk.refused { try await desk.accounts.lock("b", by: security) } == "account.own")
        #expect(
            await desk.refused { try await desk.accounts.set("b", functions: ["health"], department: "", isManager: true, by: security) }
                == "account.own")
        try await desk.accounts.set("li", functions: ["finance"], department: "", isManager: true, by: security)
        let li = try await desk.person("li")
        #expect(li.functions == ["finance"] && li.isManager)
        #expect(await desk.refused { try await desk.add("zhifang", .system) } == "account.name")
    }

    /// An invitation fixes what the account is, works once, and expires; a manager invites only within their own unit and functions.
    @Test(arguments: Stores.kinds) func invitations(_ kind: Dialect) async throws {
        let desk = try await Desk.open(kind)
        try await desk.add("boss", .officer, division: "330402", isManager: true)
        let boss = try await desk.person("boss")
        let token = try await desk.accounts.invite(Seat(.officer, functions: ["health"], division: "330402"), display: "小王", by: boss)
        try await desk.accounts.takeUp(token, name: "wang", display: "", password: Desk.password)
        let wang = try #require(try await desk.accounts.find("wang"))
        #expect(
            wang.display == "小王" && wang.person.functions == ["health"] && wang.person.division?.text == "330402" && !wang.person.isManager)
        #expect(
            await desk.refused { try await desk.accounts.takeUp(token, name: "wang2", display: "", password: Desk.password) }
                == "invitation.over")
        for seat in [
            Seat(.officer, functions: ["finance"], division: "330402"), Seat(.officer, functions: ["health"], division: "330411"),
            Seat(.officer, division: "330402", isManager: true), Seat(.system), Seat(.security), Seat(.audit),
        ] { #expect(await desk.refused { _ = try await desk.accounts.invite(seat, display: "", by: boss) } == "access.denied", "\(seat)") }
        #expect(
            await desk.refused {
                _ = try await desk.accounts.invite(Seat(.viewer, division: "330402"), display: "", by: try await desk.person("wang"))
            } == "access.denied")
        let late = try await desk.accounts.invite(Seat(.viewer, division: "330402"), display: "", by: boss)
        desk.now.pass(minutes: 8 * 24 * 60)
        #expect(await desk.refused { _ = try await desk.accounts.invitation(late) } == "invitation.over")
        let digests = try await desk.ledger.store.read {
            try $0.rows("SELECT digest FROM invitation").map { try $0.get("digest", as: String.self) }
        }
        #expect(!digests.contains(token) && !digests.contains(late))
    }

    /// What is handed over holds on its days, with the giver's functions of the day, and ends when it is taken back or the giver leaves.
    @Test(arguments: Stores.kinds) func delegations(_ kind: Dialect) async throws {
        let desk = try await Desk.open(kind)
        try await desk.add("giver", .officer, functions: ["health", "finance"], division: "330400")
        try await desk.add("taker", .officer, functions: ["education"], division: "330402")
        try await desk.add("stranger", .officer, division: "450204")
        try await desk.add("sec", .security)
        let giver = try await desk.person("giver")
        let budget = Place(divisions: ["330411"], kind: "budget_line")
        let inspection = Place(divisions: ["330411"], kind: "inspection")
        let (from, until) = (try #require(Day.read("2022-07-01")), try #require(Day.read("2022-07-05")))
        #expect(
            await desk.refused {
                try await desk.accounts.delegate(from: giver, to: "stranger", functions: [], from: from, until: until, reason: "假")
            } == "delegation.taker")
        #expect(
            await desk.refused {
                try await desk.accounts.delegate(from: giver, to: "taker", functions: ["education"], from: from, until: until, reason: "假")
            } == "delegation.functions")
        #expect(
            await desk.refused {
                try await desk.accounts.delegate(from: giver, to: "taker", functions: [], from: until, until: from, reason: "假")
            } == "delegation.days")
        try await desk.accounts.delegate(from: giver, to: "taker", functions: ["finance"], from: from, until: until, reason: "出差")
        #expect(!mayDo(try await desk.person("taker"), .change, at: budget))
        desk.now.set("2022-07-05 23:00")
        let taker = try await desk.person("taker")
        #expect(mayDo(taker, .change, at: budget) && !mayDo(taker, .change, at: inspection))
        #expect(taker.principal(.change, at: budget) == "giver")
        // What the giver loses, the taker loses.
        try await desk.accounts.set("giver", functions: ["health"], department: "", isManager: false, by: try await desk.person("sec"))
        #expect(!mayDo(try await desk.person("taker"), .change, at: budget))
        try await desk.accounts.set("giver", functions: ["finance"], department: "", isManager: false, by: try await desk.person("sec"))
        let id = try #require(try await desk.accounts.delegations(of: taker).first).id
        #expect(await desk.refused { try await desk.accounts.revoke(id, by: try await desk.person("stranger")) } == "record.missing")
        try await desk.accounts.revoke(id, by: giver)
        #expect(try await desk.person("taker").grants.isEmpty)
        desk.now.set("2022-07-06 00:00")
        #expect(try await desk.person("taker").grants.isEmpty)
    }

    /// 2018: the functions of a department are those of the day.
    @Test(arguments: Stores.kinds) func departmentsLoseAndGainFunctions(_ kind: Dialect) async throws {
        let reform = try #require(Day.read("2018-11-01"))
        let desk = try await Desk.open(kind, at: "2018-10-31 12:00") { _, department, day in
            department == "MTG/安监局" ? (day < reform ? ["work_safety"] : ["emergency_management"]) : []
        }
        try await desk.accounts.add(
            name: "an", display: "an", password: Desk.password, role: .officer, division: "330402", department: "MTG/安监局", by: .house)
        let place = Place(divisions: ["330402"], kind: "inspection")
        #expect(mayDo(try await desk.person("an"), .change, at: place))
        desk.now.set("2018-11-01 00:00")
        #expect(!mayDo(try await desk.person("an"), .change, at: place))
        #expect(
            await desk.refused {
                try await desk.accounts.add(
                    name: "no", display: "", password: Desk.password, role: .officer, division: "330402", department: "MTG/没有", by: .house)
            } == "code.unknown")
    }

    /// Who leaves hands over: drafts to the successor, delegations end, no way back in.
    @Test(arguments: Stores.kinds) func closing(_ kind: Dialect) async throws {
        let desk = try await Desk.open(kind)
        for name in ["old", "new", "boss"] { try await desk.add(name, .officer, division: "330402", isManager: name == "boss") }
        try await desk.add("far", .officer, division: "330411")
        let boss = try await desk.person("boss")
        try await desk.ledger.store.write { db in
            try db.run(
                """
                INSERT INTO draft (home, id, account, kind, record, seen, cells, version, created_at, saved_at)
                VALUES ('330402', 'd', 'old', 'inspection', '', 0, '{}', 1, 0, 0)
                """)
        }
        let token = try await desk.accounts.signIn(name: "old", password: Desk.password)
        #expect(await desk.refused { try await desk.accounts.close("old", successor: "far", by: boss) } == "account.successor")
        #expect(await desk.refused { try await desk.accounts.close("far", successor: "", by: boss) } == "record.missing")
        try await desk.accounts.close("old", successor: "new", by: boss)
        #expect(try await desk.accounts.session(token) == nil)
        #expect(await desk.refused { _ = try await desk.accounts.enter(name: "old", password: Desk.password) } == "access.wrong-password")
        let owner = try await desk.ledger.store.read {
            try $0.row("SELECT account FROM draft WHERE id = 'd'")?.get("account", as: String.self)
        }
        #expect(owner == "new")
        #expect(try await desk.accounts.standing("old") == "new")
        #expect(await desk.refused { try await desk.accounts.unlock("old", by: boss) } == "account.closed")
        #expect(try await desk.ledger.store.read { try Audit($0).breaks() }.isEmpty)
    }
}
