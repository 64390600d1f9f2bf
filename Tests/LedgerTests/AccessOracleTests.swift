import Foundation
import Kernel
import Ledger
import TestKit
import Testing

/// Random persons and places, and what `mayDo` and a second program in another language, by a table written by hand, say of them.
@Suite struct AccessOracleTests {
    struct Asked: Encodable {
        struct Giver: Encodable { let name, division: String, functions: [String] }
        struct One: Encodable {
            let name, role, division, organisation, worker: String
            let functions, posts: [String]
            let manager: Bool
            let grants: [Giver]
        }
        struct Where: Encodable {
            let divisions, organisations, authors, workers, posts, people, receivers, functions: [String]
            let kind, level: String
        }
        let persons: [One]
        let places: [Where]
        let actions: [String]
        let decisions: String
    }
    struct Answered: Decodable {
        let answers: String
        let rules: Int
    }

    /// Few of each, so that own, parent, sibling, child and stranger all happen often.
    private static let divisions = [
        "330000", "330400", "330402", "330411", "330402001", "330402002", "330411003", "330402001001", "330500", "330502", "450000",
        "450200",
        "450204",
    ]
    private static let functions = [
        "health", "work_safety", "finance", "hr_social_security", "medical_insurance", "civil_affairs", "propaganda", "trade_union",
        "education",
    ]
    private static let kinds = [
        "declaration", "inspection", "exam", "employer", "worker", "account", "post", "employer_hazard", "notice", "warning_sign",
        "test_result", "work_grade", "complaint", "insured", "insured_total", "payer_entry", "patient", "rehab_station", "rehab_service",
        "budget_line", "complaint", "complaint", "complaint", "violation_case", "penalty_decision", "case_statement", "credit_listing",
        "credit_request",
        "credit_notice", "credit_receipt", "publicity", "survey", "survey_response",
    ]

    private struct World {
        var persons: [Person] = []
        var places: [Place] = []
        var decisions: [(person: Int, action: Int, place: Int)] = []

        init(seed: UInt64, count: Int) {
            var dice = SeededGenerator(seed: seed)
            func some(_ all: [String], _ odds: Double, _ most: Int) -> [String] {
                guard Double.random(in: 0..<1, using: &dice) < odds else { return [] }
                return (0..<Int.random(in: 1...most, using: &dice)).map { _ in all.randomElement(using: &dice) ?? "" }
            }
            func name(_ letter: String) -> [String] { (0..<6).map { "\(letter)\($0)" } }
            let roles = Person.Role.allCases
            for _ in 0..<3000 {
                let role = roles.randomElement(using: &dice) ?? .nobody
                let grants = (0..<Int.random(in: 0...2, using: &dice)).map { _ in
                    Person.Grant(
                        from: name("a").randomElement(using: &dice) ?? "", functions: some(AccessOracleTests.functions, 0.9, 3),
                        division: some(AccessOracleTests.divisions, 0.95, 1).first.flatMap { DivisionCode($0) })
                }
                persons.append(
                    Person(
                        name: name("a").randomElement(using: &dice) ?? "", role: role, functions: some(AccessOracleTests.functions, 0.8, 3),
                        division: some(AccessOracleTests.divisions, 0.7, 1).first.flatMap { DivisionCode($0) },
                        organisation: some(name("e"), 0.6, 1).first, worker: some(name("w"), 0.6, 1).first, posts: some(name("p"), 0.6, 3),
                        isManager: Bool.random(using: &dice), grants: role == .officer ? grants : []))
            }
            for _ in 0..<6000 {
                // One in eight is published to everybody.
                let isBare = Int.random(in: 0..<8, using: &dice) == 0
                let odds = isBare ? 0.05 : 0.7
                places.append(
                    Place(
                        divisions: some(AccessOracleTests.divisions, odds, 2), organisations: some(name("e"), odds, 2),
                        authors: some(name("e"), odds, 2), workers: some(name("w"), odds, 2), posts: some(name("p"), odds, 2),
                        people: some(name("a"), odds, 1), kind: some(AccessOracleTests.kinds, odds, 1).first,
                        receivers: some(name("e"), 0.3, 1),
                        level: some(DivisionCode.Level.allCases.map(\.rawValue), 0.5, 1).first.flatMap { DivisionCode.Level(rawValue: $0) },
                        functions: some(AccessOracleTests.functions, 0.4, 2))
                )
            }
            for _ in 0..<count {
                decisions.append(
                    (
                        Int.random(in: 0..<persons.count, using: &dice), Int.random(in: 0..<Action.allCases.count, using: &dice),
                        Int.random(in: 0..<places.count, using: &dice)
                    ))
            }
        }

        var asked: Asked {
            var text = ""
            for decision in decisions { text += "\(decision.person) \(decision.action) \(decision.place) " }
            return Asked(
                persons: persons.map { person in
                    Asked.One(
                        name: person.name, role: person.role.rawValue, division: person.division?.text ?? "",
                        organisation: person.organisation ?? "", worker: person.worker ?? "", functions: person.functions,
                        posts: person.posts, manager: person.isManager,
                        grants: person.grants.map {
                            Asked.Giver(name: $0.from, division: $0.division?.text ?? "", functions: $0.functions)
                        })
                },
                places: places.map {
                    Asked.Where(
                        divisions: $0.divisions, organisations: $0.organisations, authors: $0.authors, workers: $0.workers, posts: $0.posts,
                        people: $0.people, receivers: $0.receivers, functions: $0.functions, kind: $0.kind ?? "",
                        level: $0.level?.rawValue ?? "")
                }, actions: Action.allCases.map(\.rawValue), decisions: text)
        }
        func decide(_ mayDo: (Person, Action, Place) -> Bool) -> [UInt8] {
            let actions = Action.allCases
            return decisions.map { mayDo(persons[$0.person], actions[$0.action], places[$0.place]) ? UInt8(ascii: "1") : UInt8(ascii: "0") }
        }
        /// A few of the differences, as a person reads them.
        func words(_ ours: [UInt8], _ theirs: [UInt8]) -> String {
            zip(ours.indices, zip(ours, theirs)).lazy.filter { $0.1.0 != $0.1.1 }.prefix(3).map { index, pair in
                let one = decisions[index]
                return
                    "\(persons[one.person]) \(Action.allCases[one.action]) \(places[one.place]): \(pair.0 == UInt8(ascii: "1") ? "allowed" : "refused")"
            }.joined(separator: "\n")
        }
    }

    @Test func aMillionDecisionsAreThoseOfTheTable() throws {
        let world = World(seed: 20_261_121, count: 1_000_000)
        let ours = world.decide { mayDo($0, $1, at: $2) }
        let answered: Answered = try Python.ask("Tests/access/oracle.py", world.asked)
        let theirs = Array(answered.answers.utf8)
        #expect(theirs.count == 1_000_000)
        let isAlike = ours == theirs
        #expect(isAlike, "\(world.words(ours, theirs))")
        // Both answers happen, or the comparison says nothing.
        let allowed = ours.filter { $0 == UInt8(ascii: "1") }.count
        #expect(allowed > 50_000 && allowed < 950_000, "\(allowed) allowed")
    }

    /// Every row of the table is needed: with any one of them taken out, the comparison fails.
    @Test func aTableThatLacksARowIsFoundOut() throws {
        let world = World(seed: 7, count: 300_000)
        let ours = world.decide { mayDo($0, $1, at: $2) }
        let asked = world.asked
        let whole: Answered = try Python.ask("Tests/access/oracle.py", asked)
        let isWhole = ours == Array(whole.answers.utf8)
        #expect(isWhole)
        for row in 0..<whole.rules {
            let answered: Answered = try Python.ask("Tests/access/oracle.py", asked, options: ["--without", String(row)])
            let isSame = ours == Array(answered.answers.utf8)
            #expect(!isSame, "rule \(row) decides nothing")
        }
    }

    /// Faults as they are made in programs: each is seen in a fraction of the million.
    @Test func faultsInTheDecisionAreFoundOut() throws {
        let world = World(seed: 11, count: 60_000)
        let answered: Answered = try Python.ask("Tests/access/oracle.py", world.asked)
        let theirs = Array(answered.answers.utf8)
        let faults: [(String, (Person, Action, Place) -> Bool)] = [
            (
                "a sibling division is taken for one's own",
                { person, action, place in
                    let wider = place.divisions + place.divisions.map { String($0.prefix(4)) + "02" }
                    return mayDo(person, action, at: copy(place, divisions: wider))
                }
            ),
            (
                "functions are forgotten",
                { person, action, place in
                    mayDo(person, action, at: place) || (person.role == .officer && action == .change && mayDo(person, .see, at: place))
                }
            ),
            (
                "a complaint is shown to whom it is about",
                { person, action, place in
                    mayDo(person, action, at: place) || (place.kind == "complaint" && mayDo(person, action, at: copy(place, kind: "exam")))
                }
            ),
            (
                "a county accepts for the city",
                { person, action, place in
                    mayDo(person, action, at: place) || (action == .accept && place.receivers.isEmpty && mayDo(person, .change, at: place))
                }
            ),
            (
                "what was handed over outlives its revocation",
                { person, action, place in
                    mayDo(
                        Person(
                            name: person.name, role: person.role, functions: person.functions, division: person.division,
                            organisation: person.organisation, worker: person.worker, posts: person.posts, isManager: person.isManager),
                        action, at: place)
                }
            ),
            (
                "a colleague's file is one's own",
                { person, action, place in
                    mayDo(person, action, at: place)
                        || (person.role == .worker && action == .see && !place.workers.isEmpty && place.kind == "exam")
                }
            ),
        ]
        for (name, fault) in faults {
            let isSame = world.decide(fault) == theirs
            #expect(!isSame, "not found: \(name)")
        }
    }
}

private func copy(_ place: Place, divisions: [String]? = nil, kind: String? = nil) -> Place {
    Place(
        divisions: divisions ?? place.divisions, organisations: place.organisations, authors: place.authors, workers: place.workers,
        posts: place.posts, people: place.people, kind: kind ?? place.kind, receivers: place.receivers, level: place.level,
        functions: place.functions)
}
