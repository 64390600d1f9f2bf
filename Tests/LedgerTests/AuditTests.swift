import Kernel
import Ledger
import Storage
import TestKit
import Testing

@Suite struct AuditTests {
    private func chain(_ store: any Store, lines: Int) async throws {
        try await Ledger.schema().bring(upToDate: store)
        try await store.write { db in
            for index in 0..<lines {
                try Audit(db).append(
                    home: index % 2 == 0 ? "330402" : "330411", at: Moment(microseconds: Int64(index)), by: "officer", door: "page",
                    [("record\(index)", "v1"), ("record\(index)", "v2")])
            }
        }
    }

    @Test(arguments: Stores.kinds) func aWholeChainIsWhole(_ kind: Dialect) async throws {
        let store = try await Stores.fresh(kind)
        try await chain(store, lines: 20)
        #expect(try await store.read { try Audit($0).breaks() } == [])
    }

    /// An edit, a deletion inside, an insertion and a swap each break the chain of their home, and only that.
    @Test(arguments: [
        "UPDATE audit SET detail = 'v3' WHERE home = '330402' AND sequence = 5",
        "UPDATE audit SET person = 'other' WHERE home = '330402' AND sequence = 1",
        "DELETE FROM audit WHERE home = '330402' AND sequence = 7",
        "UPDATE audit SET moment = moment + 1 WHERE home = '330402' AND sequence = 20",
        "UPDATE audit SET sequence = 99 WHERE home = '330402' AND sequence = 3",
        "INSERT INTO audit SELECT home, 21, moment, person, door, subject, detail, hash FROM audit WHERE home = '330402' AND sequence = 20",
    ]) func tamperingIsFound(_ tampering: String) async throws {
        let store = try await Stores.fresh(.sqlite)
        try await chain(store, lines: 20)
        try await store.write { try $0.script(tampering) }
        let breaks = try await store.read { try Audit($0).breaks() }
        #expect(breaks.count == 1 && breaks[0].contains("330402"))
    }

    @Test func fieldsCannotBeShiftedIntoEachOther() async throws {
        let store = try await Stores.fresh(.sqlite)
        try await chain(store, lines: 2)
        try await store.write { try $0.script("UPDATE audit SET person = 'off', door = 'icerpage' WHERE home = '330402' AND sequence = 1") }
        #expect(try await store.read { try Audit($0).breaks() }.count == 1)
    }
}

@Suite struct AccessTests {
    private let county = Person(name: "o", role: .officer, functions: ["health"], division: DivisionCode("330402"))
    private let city = Person(name: "c", role: .officer, functions: ["health"], division: DivisionCode("330400"))
    private let firm = Person(name: "f", role: .organisation, organisation: "E1")

    @Test func officersActInsideTheirDivisionOnly() {
        let own = Place(divisions: ["330402001"])
        let sibling = Place(divisions: ["330411"])
        #expect(
            mayDo(county, .change, at: own) && !mayDo(county, .see, at: sibling)
                && !mayDo(county, .change, at: Place(divisions: ["330400"])))
        #expect(mayDo(city, .change, at: own) && mayDo(city, .seePersonal, at: sibling))
        #expect(!mayDo(county, .administer, at: own) && !mayDo(county, .readAudit, at: .common))
    }

    @Test func organisationsSeeTheirOwnFileOnly() {
        #expect(mayDo(firm, .change, at: Place(divisions: ["330402"], organisations: ["E1"], authors: ["E1"], kind: "declaration")))
        #expect(!mayDo(firm, .change, at: Place(divisions: ["330402"], organisations: ["E1"], kind: "inspection")))
        #expect(mayDo(firm, .see, at: Place(divisions: ["330402"], organisations: ["E1"], kind: "inspection")))
        #expect(
            !mayDo(firm, .see, at: Place(divisions: ["330402"], organisations: ["E2"]))
                && !mayDo(firm, .see, at: Place(divisions: ["330402"])))
        #expect(mayDo(firm, .see, at: .common) && !mayDo(firm, .change, at: .common))
    }

    /// A function, not a department's name, decides: social security enters insurance and no inspection.
    @Test func functionsDecideWhatAnAuthorityEnters() {
        let security = Person(name: "h", role: .officer, functions: ["hr_social_security"], division: DivisionCode("330402"))
        #expect(mayDo(security, .change, at: Place(divisions: ["330402"], kind: "insured")))
        #expect(
            !mayDo(security, .change, at: Place(divisions: ["330402"], kind: "inspection"))
                && mayDo(security, .see, at: Place(divisions: ["330402"], kind: "inspection")))
        #expect(mayDo(county, .change, at: Place(divisions: ["330402"], kind: "inspection")))
    }

    /// The three administrators are apart: each does its own and nothing else; nobody does nothing.
    @Test func administratorsAreApart() {
        let powers: [(Person.Role, Set<Action>)] = [(.system, [.see, .administer]), (.security, [.see, .secure]), (.audit, [.readAudit])]
        for (role, own) in powers {
            let person = Person(name: "s", role: role)
            for action in Action.allCases {
                #expect(mayDo(person, action, at: .common) == own.contains(action), "\(role) \(action)")
                let isAnywhere = own.contains(action) && action != .see
                #expect(mayDo(person, action, at: Place(divisions: ["330402"], kind: "exam")) == isAnywhere, "\(role) \(action)")
            }
        }
        for action in Action.allCases { #expect(!mayDo(.nobody, action, at: .common)) }
    }

    /// A worker sees what is about them, in clear, and what is measured at their posts; nothing of a colleague's; changes nothing.
    @Test func workersSeeThemselves() {
        let worker = Person(name: "w", role: .worker, worker: "W1", posts: ["P1"])
        let exam = Place(divisions: ["330402"], organisations: ["E1"], workers: ["W1"], kind: "exam")
        let colleague = Place(divisions: ["330402"], organisations: ["E1"], workers: ["W2"], posts: ["P1"], kind: "exam")
        #expect(mayDo(worker, .see, at: exam) && mayDo(worker, .seePersonal, at: exam) && !mayDo(worker, .change, at: exam))
        #expect(!mayDo(worker, .see, at: colleague) && !mayDo(worker, .seePersonal, at: colleague))
        #expect(mayDo(worker, .see, at: Place(divisions: ["330402"], organisations: ["E1"], posts: ["P1"], kind: "test_result")))
        #expect(!mayDo(worker, .see, at: Place(divisions: ["330402"], organisations: ["E1"], posts: ["P2"], kind: "test_result")))
        #expect(!mayDo(worker, .see, at: Place(divisions: ["330402"], organisations: ["E1"], kind: "employer")))
    }

    /// Who complained is seen by themself and the authority, never by the organisation complained of.
    @Test func complaintsAreConfided() {
        let place = Place(divisions: ["330402"], organisations: ["E1"], authors: [], workers: ["W1"], people: ["c"], kind: "complaint")
        let citizen = Person(name: "c", role: .citizen)
        #expect(mayDo(citizen, .see, at: place) && mayDo(citizen, .change, at: place))
        #expect(!mayDo(Person(name: "d", role: .citizen), .see, at: place))
        #expect(!mayDo(Person(name: "w", role: .worker, worker: "W1"), .see, at: place))
        #expect(!mayDo(firm, .see, at: place) && !mayDo(firm, .seePersonal, at: place) && mayDo(county, .see, at: place))
    }

    /// What was handed over is done for whoever gave it, with the functions given and no more; managers keep their own unit.
    @Test func delegatesActForTheDelegator() {
        let grant = Person.Grant(from: "boss", functions: ["finance"], division: DivisionCode("330411"))
        let deputy = Person(name: "o", role: .officer, functions: ["health"], division: DivisionCode("330402"), grants: [grant])
        let budget = Place(divisions: ["330411"], kind: "budget_line")
        #expect(mayDo(deputy, .change, at: budget) && deputy.principal(.change, at: budget) == "boss")
        #expect(!mayDo(deputy, .change, at: Place(divisions: ["330411"], kind: "inspection")))
        let own = Place(divisions: ["330402"], kind: "inspection")
        #expect(mayDo(deputy, .change, at: own) && deputy.principal(.change, at: own) == nil)
        let manager = Person(name: "m", role: .officer, division: DivisionCode("330400"), isManager: true)
        #expect(mayDo(manager, .secure, at: Place(divisions: ["330400"])) && !mayDo(manager, .secure, at: Place(divisions: ["330402"])))
        #expect(!mayDo(manager, .secure, at: .common) && !mayDo(county, .secure, at: Place(divisions: ["330402"])))
    }
}
