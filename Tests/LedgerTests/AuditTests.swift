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

    /// The three administrators are apart: system sees no personal fields and no audit, audit sees nothing else, nobody sees nothing.
    @Test func administratorsAreApart() {
        let system = Person(name: "s", role: .system)
        let auditor = Person(name: "a", role: .audit)
        for action in Action.allCases {
            #expect(!mayDo(.nobody, action, at: .common))
            #expect(mayDo(auditor, action, at: .common) == (action == .readAudit))
            #expect(mayDo(system, action, at: .common) == ![.seePersonal, .readAudit].contains(action))
        }
    }
}
