import Accounts
import Foundation
import HTTPTypes
import Kernel
import Logging
import Portal
import Storage
import TestKit
import Testing
import Web

@testable import House
@testable import Ledger

/// Every route, asked by everybody, over units that are not empty: what opens is what `Tests/access/routes.txt` says, written by hand; a
/// route in no row fails; and nothing that a unit confided is told outside it, in no field, count, export, error or download.
@Suite struct RouteMatrixTests {
    typealias Actor = MatrixWorld.Actor

    /// What a route does for somebody: lets them in (it answers, or refuses what was entered), asks them to sign in, denies it, or is not
    /// there for them.
    enum Outcome: Character {
        case opens = "o", signIn = "s", denied = "d", absent = "n"
        init(_ answer: Visitor.Answer) {
            self =
                switch answer.status {
                // 429: too many wrong ones.
                case 401, 429: .signIn
                case 303 where answer.location.hasPrefix("/sign-in?"): .signIn
                case 403: .denied
                case 404: .absent
                default: .opens
                }
        }
    }

    /// What everybody was answered.
    struct Walk {
        var cells: [String: [Outcome]] = [:]
        var faults: [String] = []
        /// Whom a canary reached, with the question that told it first.
        var heard: [String: [Actor: String]] = [:]
    }

    // The walk

    /// What changes nothing is asked at once from several sides; what changes something one after another, what ends sessions last.
    static func walk(_ world: MatrixWorld, _ asks: [MatrixAsk]) async throws -> Walk {
        var walk = Walk()
        let readers = asks.filter { !$0.route.changes }
        try await withThrowingTaskGroup(of: (MatrixAsk, [Heard]).self) { group in
            var waiting = readers.makeIterator()
            for _ in 0..<4 { if let ask = waiting.next() { group.addTask { (ask, try await put(ask, world)) } } }
            while let (ask, heard) = try await group.next() {
                walk.take(ask, heard)
                if let ask = waiting.next() { group.addTask { (ask, try await put(ask, world)) } }
            }
        }
        let last = [
            "POST /claims/:id/refuse", "POST /accounts/invitations/:id/withdraw", "POST /account/delegations/:id/revoke",
            "POST /accounts/:name/close", "POST /account/sessions/end", "POST /sign-out",
        ]
        let writers = asks.filter(\.route.changes).sorted {
            (last.firstIndex(of: $0.sign) ?? -1, $0.key) < (last.firstIndex(of: $1.sign) ?? -1, $1.key)
        }
        for ask in writers { walk.take(ask, try await put(ask, world)) }
        return walk
    }

    struct Heard: Sendable {
        let actor: Actor
        let status: Int
        let outcome: Outcome
        let canaries: [String]
        /// Whoever is not let in changes nothing.
        let changed: Bool
    }
    private static func put(_ ask: MatrixAsk, _ world: MatrixWorld) async throws -> [Heard] {
        var all: [Heard] = []
        // Whoever may not is asked before whoever may: what is done changes what the next is answered.
        for actor in ask.route.changes ? MatrixWorld.outsideIn : Actor.allCases {
            let before = ask.route.changes ? try await world.visitor.versions() : 0
            let answer = await world.answer(ask, actor)
            let after = ask.route.changes ? try await world.visitor.versions() : 0
            let text = ask.isSecret ? [] : try MatrixText.of(answer)
            let found = words(in: Data(text)).filter { MatrixWorld.published[ask.key]?.contains($0) != true }
            let outcome = Outcome(answer)
            all.append(
                Heard(actor: actor, status: answer.status, outcome: outcome, canaries: found, changed: outcome != .opens && before != after)
            )
        }
        return all.sorted { order[$0.actor, default: 0] < order[$1.actor, default: 0] }
    }
    private static let order = Dictionary(uniqueKeysWithValues: Actor.allCases.enumerated().map { ($0.element, $0.offset) })
    /// The canaries in a text: those with the common beginning are found by it, the few others one by one.
    private static func words(in text: Data) -> [String] {
        var found = others.filter { text.range(of: $0.value) != nil }.map(\.key)
        var from = text.startIndex
        while let range = text.range(of: beginning, in: from..<text.endIndex) {
            let rest = text[range.lowerBound...].prefix(90)
            found += named.filter { rest.starts(with: $0.value) }.map(\.key)
            from = range.upperBound
        }
        return Array(Set(found))
    }
    private static let beginning = Data("金丝雀".utf8)
    private static let words = Dictionary(uniqueKeysWithValues: MatrixWorld.canaries.map { ($0.word, Data($0.word.utf8)) })
    private static let named = words.filter { $0.key.hasPrefix("金丝雀") }
    private static let others = words.filter { !$0.key.hasPrefix("金丝雀") }

    // The table

    struct Row { let line: Int; let cells: [Outcome] }
    /// Lines of `METHOD path|path thing,thing cells`: the cells in groups, as the columns of `Actor`.
    static func rows() throws -> [String: Row] {
        let text = try String(contentsOf: Repository.root.appendingPathComponent("Tests/access/routes.txt"), encoding: .utf8)
        var rows: [String: Row] = [:]
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
        where !line.hasPrefix("#") && !line.allSatisfy(\.isWhitespace) {
            let parts = line.split(separator: " ", omittingEmptySubsequences: true).map(String.init)
            let cells = parts.dropFirst(3).joined().compactMap(Outcome.init(rawValue:))
            guard parts.count > 3, cells.count == Actor.allCases.count, cells.count == parts.dropFirst(3).joined().count else {
                Issue.record("line \(index + 1): \(cells.count) cells")
                continue
            }
            for path in parts[1].split(separator: "|") {
                for thing in parts[2].split(separator: ",") {
                    let key = "\(parts[0]) \(path) \(thing)"
                    #expect(rows[key] == nil, "\(key) stands twice, the second time in line \(index + 1)")
                    rows[key] = Row(line: index + 1, cells: cells)
                }
            }
        }
        return rows
    }

    /// How the answers differ from the tables: rows, and who was told which word.
    static func differences(_ walk: Walk, _ rows: [String: Row]) -> [String] {
        var found = walk.faults
        for (key, cells) in walk.cells.sorted(by: { $0.key < $1.key }) {
            guard let row = rows[key] else { found.append("\(key) is in no row"); continue }
            for (actor, (cell, expected)) in zip(Actor.allCases, zip(cells, row.cells)) where cell != expected {
                found.append("\(key) as \(actor.rawValue): \(cell.rawValue), the table says \(expected.rawValue) (line \(row.line))")
            }
        }
        for key in rows.keys.sorted() where walk.cells[key] == nil { found.append("\(key) is a row of no route") }
        for canary in MatrixWorld.canaries {
            let heard = walk.heard[canary.word] ?? [:]
            for (actor, key) in heard.sorted(by: { $0.key.rawValue < $1.key.rawValue }) where !canary.told.contains(actor) {
                found.append("\(key) tells \(actor.rawValue) \(canary.word)")
            }
            for actor in canary.told.sorted(by: { $0.rawValue < $1.rawValue }) where heard[actor] == nil {
                found.append("nothing tells \(actor.rawValue) \(canary.word)")
            }
        }
        return found
    }

    /// What the rules of access name is there: a kind or field that was renamed would be open without anybody noticing.
    @Test func whatTheRulesOfAccessNameIsThere() {
        let kinds = Dictionary(uniqueKeysWithValues: House.features.flatMap(\.kinds).map { ($0.name, $0) })
        let named = [
            Submitters.sealed, Submitters.secret, Submitters.confided, Submitters.colleagues, Submitters.addressed, Submitters.employer,
            Submitters.institution,
        ].reduce(Set(Submitters.kept.keys)) { $0.union($1) }
        let unknown = named.filter { kinds[$0] == nil }
        #expect(unknown.isEmpty)
        for (kind, fields) in Submitters.kept {
            let missing = fields.filter { kinds[kind]?.field(named: $0) == nil }
            #expect(missing.isEmpty, "\(kind)")
        }
    }

    @Test func everyRouteOpensForWhomTheTableSays() async throws {
        let world = try await MatrixWorld.open()
        let walk = try await RouteMatrixTests.walk(world, world.asks())
        if let file = ProcessInfo.processInfo.environment["ZHIFANG_MATRIX_OUT"] {
            try RouteMatrixTests.proposal(walk).write(toFile: file, atomically: true, encoding: .utf8)
        }
        let differences = RouteMatrixTests.differences(walk, try RouteMatrixTests.rows())
        #expect(differences.isEmpty, "\n\(differences.joined(separator: "\n"))")
        #expect(Set(world.asks().map(\.sign)) == Set(world.visitor.site.routes.map(\.sign)))
    }

    // Locks taken away

    /// The same house behind a site in which somebody passes for more than they are, or a route stands that nobody thought of.
    private func tampered(
        _ world: MatrixWorld, more routes: [Route] = [], _ passing: @escaping @Sendable (Person) -> Person
    ) throws -> MatrixWorld {
        let house = world.visitor.house
        let site = world.visitor.site
        let accounts = house.accounts
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        let open = Site(
            routes: site.routes + routes, pages: site.pages, logger: logger,
            whoIs: { token in
                try await accounts.session(token).map {
                    Caller(person: passing($0.account.person), display: $0.account.display, unit: nil, csrf: $0.csrf, token: token)
                }
            }, errorPage: Portal.errorPage(house.office(isDemo: false, demoAccounts: [])))
        var copy = MatrixWorld(visitor: Visitor(house: house, site: open))
        (copy.guests, copy.own, copy.other) = (world.guests, world.own, world.other)
        return copy
    }

    /// With a lock off the table does not hold: another department that passes for the supervising one reads sealed files, a neighbour that
    /// passes for the unit reads what it confided, a viewer that passes for an officer is let in to change, a forgotten route is in no row.
    @Test func aLockTakenAwayIsFoundOut() async throws {
        let world = try await MatrixWorld.open()
        let rows = try RouteMatrixTests.rows()
        func differences(_ world: MatrixWorld, _ signs: [String]) async throws -> [String] {
            let asks = world.asks().filter { signs.contains($0.sign) }
            let walk = try await RouteMatrixTests.walk(world, asks)
            let keys = Set(asks.map(\.key))
            // Of a few routes not everybody is told everything.
            return RouteMatrixTests.differences(walk, rows.filter { keys.contains($0.key) }).filter { !$0.hasPrefix("nothing tells") }
        }
        let asked = ["GET /record/:id", "GET /records/:kind/export.csv", "GET /file/:id", "POST /orders/:id/closure"]
        let whole = try await differences(world, asked)
        #expect(whole.isEmpty, "\n\(whole.joined(separator: "\n"))")

        let sealed = try tampered(world) { person in
            guard person.name == Actor.department.rawValue else { return person }
            return Person(name: person.name, role: .officer, functions: ["hr_social_security", "health"], division: person.division)
        }
        let unsealed = try await differences(sealed, asked)
        #expect(unsealed.contains { $0.hasPrefix("GET /record/:id complaint as department: o") }, "\(unsealed)")
        #expect(unsealed.contains { $0.hasSuffix("tells department 金丝雀甲案情") }, "\(unsealed)")

        let employer = world.own["employer"]
        let mixed = try tampered(world) { person in
            guard person.name == Actor.otherEmployer.rawValue else { return person }
            return Person(name: person.name, role: .organisation, organisation: employer)
        }
        let told = try await differences(mixed, asked)
        #expect(told.contains { $0.hasSuffix("tells employer2 金丝雀甲检查发现") }, "\(told)")
        #expect(told.contains { $0.hasPrefix("GET /file/:id inspection_file as employer2: o") }, "\(told)")

        let promoted = try tampered(world) { person in
            guard person.name == Actor.viewer.rawValue else { return person }
            return Person(name: person.name, role: .officer, functions: ["health"], division: person.division)
        }
        #expect(try await differences(promoted, asked).contains { $0.hasPrefix("POST /orders/:id/closure order as viewer: o") })

        let forgotten = Route(.get, "/forgotten", needs: .signedIn) { call in call.text("", type: "text/plain") }
        let more = try tampered(world, more: [forgotten]) { $0 }
        #expect(try await differences(more, asked + ["GET /forgotten"]) == ["GET /forgotten - is in no row"])
        // A row that answers nothing tells of a route that was renamed or lost.
        var others = rows
        others["GET /gone -"] = Row(line: 1, cells: [])
        let walk = try await RouteMatrixTests.walk(world, world.asks().filter { $0.sign == "GET /api/me" })
        #expect(RouteMatrixTests.differences(walk, others).contains("GET /gone - is a row of no route"))
    }

    // Next door

    /// Whatever happens in one county changes nothing that the other's people read: no count, no page of a list, no export.
    @Test func aNeighbourReadsTheSameWhateverHappensNextDoor() async throws {
        let world = try await MatrixWorld.open()
        // Plans and their figures are for all who are signed in, what is published is for everybody, the audit's heads are of all that is
        // done, and workbooks carry the moment of their making.
        let common = ["/plans", "/api/plans", "/public", "/audit", "/api/audit", "/api/openapi.json", "/calculate", "/lookup", "/api/l"]
        let kinds: Set<String> = [
            "employer", "worker", "exam", "inspection", "order", "violation_case", "penalty_decision", "complaint", "credit_listing",
            "declaration", "test_report", "officer",
        ]
        let asks = world.asks().filter { ask in
            !ask.route.changes && !ask.path.hasSuffix(".xlsx") && (ask.thing == "-" || kinds.contains(ask.thing))
                && !common.contains { ask.path.hasPrefix($0) } && !ask.sign.contains("/:id")
        }
        let outside: [Actor] = [.sibling, .otherEmployer, .otherWorker, .otherTownship, .citizen, .stranger, .system]
        func read() async -> [String: String] {
            await withTaskGroup(of: [(String, String)].self) { group in
                for ask in asks {
                    group.addTask {
                        var pages: [(String, String)] = []
                        for actor in outside {
                            // A form's own id is new each time.
                            let answer = await world.answer(ask, actor)
                            pages.append(("\(ask.key) as \(actor)", "\(answer.status) " + answer.body.replacing(/[0-9a-z]{26}/, with: "…")))
                        }
                        return pages
                    }
                }
                return await group.reduce(into: [:]) { all, pages in for (key, page) in pages { all[key] = page } }
            }
        }
        let before = await read()
        try await happen(world)
        let after = await read()
        for (key, page) in before.sorted(by: { $0.key < $1.key }) { #expect(after[key] == page, "\(key) changed") }
        // The same question to the county's own officer shows that there was something to hear.
        for (kind, word) in [("employer", "新甲厂3"), ("complaint", "新甲举报"), ("violation_case", "新甲厂0")] {
            let own = await world.visitor.get("/records/\(kind)", as: world.guests[.officer] ?? .stranger)
            #expect(own.text.contains(word), "\(kind)")
        }
    }

    /// A busy day in the own county: of everything that there is somebody to be told of, some more.
    private func happen(_ world: MatrixWorld) async throws {
        let (house, own) = (world.visitor.house, world.own)
        let employers = try await world.visitor.store(
            "employer", (0..<7).map { ["name": "新甲厂\($0)", "division": "450204", "hazards": "1"] })
        func add(_ kind: String, _ cells: [String: String]) async throws -> String { try await world.add(kind, cells, home: "450204") }
        for employer in employers {
            _ = try await add("declaration", ["employer": employer, "type": "initial", "submitted": "2022-06-20"])
        }
        let first = employers[0]
        let inspection = try await add(
            "inspection", ["employer": first, "day": "2022-05-01", "inspector": own["officer"] ?? "", "inspector_2": own["officer2"] ?? ""])
        _ = try await add(
            "order",
            ["employer": first, "inspection": inspection, "issued": "2022-05-05", "items": "E72-1", "facts": "新", "due": "2022-06-15"])
        let file = try await add(
            "violation_case", ["employer": first, "division": "450204", "found": "2022-05-05", "severity": "severe", "filed": "2022-05-06"])
        _ = try await add(
            "penalty_decision",
            [
                "case": file, "item": "72.1", "overdue": "1", "facts": "新", "means": "warning", "proposed": "2022-06-01",
                "notice": "2022-06-01",
                "reason": "新",
                "factors": "house.harm.risk;house.duration.medium;house.workers.few;house.repeated.first;house.cooperation.normal",
            ])
        _ = try await add(
            "credit_listing",
            [
                "employer": first, "list": "bad_record", "criterion": "other", "reason": "新", "notice": "2022-06-01",
                "object_until": "2022-07-20", "until": "2025-05-01",
            ])
        _ = try await add(
            "complaint",
            [
                "division": "450204", "received": "2022-06-20", "channel": "phone", "topics": "hazard", "against": "新甲举报", "text": "新",
                "anonymous": "1",
            ])
        let worker = try await add("worker", ["name": "新甲工人"])
        _ = try await add("employment", ["worker": worker, "employer": first, "from": "2020-01-01"])
        _ = try await add(
            "exam", ["worker": worker, "employer": first, "day": "2022-05-04", "stage": "in_service", "conclusion": "suspected"])
        _ = try await add("officer", ["name": "新甲执法员", "division": "450204", "from": "2020-01-01"])
        _ = try await add("test_report", ["employer": first, "type": "periodic", "sampled": "2022-05-01", "issued": "2022-05-20"])
        let official = try await world.person(.officer)
        try await house.ledger.saveDraft(try #require(house.ledger.kinds["training"]), ["code": "新"], by: official)
        try await house.accounts.add(
            name: "newcomer", display: "新甲员", password: Visitor.password, role: .officer, functions: ["health"], division: "450204",
            by: .house)
    }

    /// The rows as they would stand, to be read one by one and written into the table by hand.
    static func proposal(_ walk: Walk) -> String {
        var groups: [String: [String]] = [:]
        for (key, cells) in walk.cells {
            let parts = key.split(separator: " ").map(String.init)
            let text = cells.map { String($0.rawValue) }.joined()
            groups["\(parts[0]) \(parts[1]) \(text)", default: []].append(parts[2])
        }
        return groups.map { key, things in
            let parts = key.split(separator: " ").map(String.init)
            let cells = Array(parts[2])
            let spaced = [cells[0..<5], cells[5..<11], cells[11..<15], cells[15...]].map { String($0) }.joined(separator: " ")
            return "\(parts[0]) \(parts[1]) \(things.sorted().joined(separator: ",")) \(spaced)"
        }.sorted().joined(separator: "\n") + "\n"
    }
}

extension RouteMatrixTests.Walk {
    mutating func take(_ ask: MatrixAsk, _ heard: [RouteMatrixTests.Heard]) {
        cells[ask.key] = heard.map(\.outcome)
        for one in heard {
            if one.status >= 500 { faults.append("\(ask.key) as \(one.actor.rawValue): \(one.status)") }
            if one.changed { faults.append("\(ask.key) as \(one.actor.rawValue): refused, and yet something changed") }
            for word in one.canaries where self.heard[word]?[one.actor] == nil { self.heard[word, default: [:]][one.actor] = ask.key }
        }
    }
}
