import Accounts
import Foundation
import HTTPTypes
import Kernel
import Ledger
import Storage
import TestKit
import Testing
import Web

@testable import House

/// Every route, asked by everybody, over units that are not empty: what opens is what `Tests/access/routes.txt` says, written by hand; a
/// route in no row fails; and nothing that a unit confided is told outside it, in no field, count, export, error or download.
@Suite struct RouteMatrixTests {
    /// The columns of the table, in its order.
    enum Actor: String, CaseIterable {
        case stranger, citizen, worker, employer, tester, officer, parent, township, department, viewer
        case sibling, otherEmployer = "employer2", otherTownship = "township2", otherWorker = "worker2", system, security, audit
    }
    /// What a route does for somebody.
    enum Outcome: Character { case opens = "o", signIn = "s", denied = "d", absent = "n" }

    /// A house with a county, its sibling and their parent, each with records that carry words of their own.
    struct World {
        let visitor: Visitor
        var guests: [Actor: Visitor.Guest] = [:]
        /// What stands for a part of a path: by route, then by part.
        var ids: [String: String] = [:]
        static let identity = ResidentID.completing("45020419700101123")
        static let otherIdentity = ResidentID.completing("45020319700101777")

        /// Words that may be told to some and to nobody else.
        static let canaries: [(word: String, told: Set<Actor>)] = [
            ("金丝雀甲厂", [.employer, .tester, .worker, .officer, .parent, .township, .department, .viewer]),
            ("金丝雀甲工人", [.employer, .tester, .worker, .officer, .parent, .township, .department, .viewer]),
            (identity, [.worker]), ("13900007777", [.worker]),
            ("金丝雀甲检查发现", [.employer, .officer, .parent, .township, .department, .viewer]),
            ("金丝雀乙厂", [.sibling, .parent, .otherEmployer, .otherWorker]), ("金丝雀乙工人", [.sibling, .parent, .otherEmployer, .otherWorker]),
            (otherIdentity, [.otherWorker]), ("13900008888", [.otherWorker]),
        ]
    }

    func world() async throws -> World {
        let visitor = try await Visitor.open()
        try await visitor.house.add(plan: DoorTests.plan, by: .house)
        var world = World(visitor: visitor)
        func unit(
            _ name: String, _ county: String, _ township: String?, _ identity: String, _ phone: String
        ) async throws -> [String: String] {
            var cells = ["name": "金丝雀\(name)厂", "division": county, "hazards": "1", "industry": "C3071"]
            cells["township"] = township
            let employer = try await visitor.store("employer", [cells])[0]
            let institution = try await visitor.store("institution", [["name": "机构\(name)", "division": county]])[0]
            let worker = try await visitor.store("worker", [["name": "金丝雀\(name)工人", "identity": identity, "phone": phone]])[0]
            try await visitor.store("employment", [["worker": worker, "employer": employer, "from": "2020-01-01"]])
            let inspection = try await visitor.store(
                "inspection", [["employer": employer, "day": "2022-03-01", "findings": "金丝雀\(name)检查发现"]])[0]
            let declaration = try await visitor.store(
                "declaration", [["employer": employer, "type": "initial", "submitted": "2022-06-01"]])[0]
            return [
                "employer": employer, "institution": institution, "worker": worker, "inspection": inspection, "declaration": declaration,
            ]
        }
        let own = try await unit("甲", "450204", "450204001", World.identity, "13900007777")
        let other = try await unit("乙", "450203", nil, World.otherIdentity, "13900008888")
        func enter(
            _ actor: Actor, _ role: Person.Role, division: String = "", organisation: String = "", worker: String = "",
            functions: [String] = ["health"]
        ) async throws {
            world.guests[actor] = try await visitor.guest(
                actor.rawValue, role, division: division, organisation: organisation, worker: worker,
                functions: role == .officer ? functions : [])
        }
        world.guests[.stranger] = .stranger
        try await enter(.citizen, .citizen)
        try await enter(.worker, .worker, worker: own["worker"]!)
        try await enter(.otherWorker, .worker, worker: other["worker"]!)
        try await enter(.employer, .organisation, organisation: own["employer"]!)
        try await enter(.otherEmployer, .organisation, organisation: other["employer"]!)
        try await enter(.tester, .organisation, organisation: own["institution"]!)
        try await enter(.officer, .officer, division: "450204")
        try await enter(.department, .officer, division: "450204", functions: ["hr_social_security"])
        try await enter(.parent, .officer, division: "450200")
        try await enter(.township, .officer, division: "450204001")
        try await enter(.otherTownship, .officer, division: "450204002")
        try await enter(.sibling, .officer, division: "450203")
        try await enter(.viewer, .viewer, division: "450204")
        for role in [Person.Role.system, .security, .audit] { try await enter(Actor(rawValue: role.rawValue)!, role) }
        world.ids = try await places(visitor, own, world.guests[.officer]!)
        return world
    }

    /// Ids of things of the own unit for the parts of the paths.
    func places(_ visitor: Visitor, _ own: [String: String], _ officer: Visitor.Guest) async throws -> [String: String] {
        let evaluation = await visitor.post(
            "/plans/DOOR-2021-2025/evaluations", ["name": "年度", "type": "annual", "day": "2022-05-31"], as: officer)
        let file = Array("单位名称,县区代码\n坏厂,4502\n".utf8)
        let job = await visitor.upload("/import", ["kind": "employer", "dryRun": "1"], file: "a.csv", file, as: officer).location
        let kind = try #require(visitor.house.ledger.kinds["training"])
        let person = try #require(try await visitor.house.accounts.session(officer.token)?.account.person)
        let draft = try await visitor.house.ledger.saveDraft(kind, ["course": "金丝雀甲厂"], by: person).id
        func last(_ path: String) -> String { path.split(separator: "?").first?.split(separator: "/").last.map(String.init) ?? "none" }
        return [
            ":evaluation": last(evaluation.location), ":plan": "DOOR-2021-2025", ":indicator": "D1", ":kind": "employer",
            ":table": "industry",
            ":key": "12", ":edition": "2025", ":clause": "5.1", ":job": last(job), "/employers": own["employer"]!,
            "/workers": own["worker"]!,
            "/record": own["inspection"]!, "/api/record": own["inspection"]!, "/drafts": draft, "/calculate": "shift", ":step": "accept",
        ]
    }

    func path(_ route: Route, _ ids: [String: String]) -> String {
        var path = route.sign == "GET /api/judge" ? "/api/judge?kind=noise-week&level=80" : route.path
        path = path.replacingOccurrences(of: ":code", with: route.path.contains("factor") ? "B028" : "D001")
        for (name, value) in ids where name.hasPrefix(":") { path = path.replacingOccurrences(of: name, with: value) }
        // The longest beginning says what an id is of.
        let id =
            ids.filter { $0.key.hasPrefix("/") && route.path.hasPrefix($0.key + "/") }.max { $0.key.count < $1.key.count }?.value
            ?? "nothing"
        return path.split(separator: "/", omittingEmptySubsequences: false).map { $0.hasPrefix(":") ? id : String($0) }.joined(
            separator: "/")
    }

    func outcome(_ answer: Visitor.Answer) -> Outcome {
        switch answer.status {
        case 401: .signIn
        case 303 where answer.location.hasPrefix("/sign-in?"): .signIn
        case 403: .denied
        case 404: .absent
        default: .opens
        }
    }

    func ask(_ route: Route, _ path: String, _ guest: Visitor.Guest, _ visitor: Visitor) async -> Visitor.Answer {
        guard route.changes else { return await visitor.get(path, as: guest) }
        guard route.path.hasPrefix("/api/") else {
            return await visitor.send(
                route.method, path, guest, type: "application/x-www-form-urlencoded", Array("csrf=\(guest.csrf)".utf8))
        }
        return await visitor.send(
            route.method, path, guest, type: "application/json", Array("{}".utf8), headers: ["X-CSRF-Token": guest.csrf])
    }

    struct Row { let sign: String; let cells: [Outcome] }
    static func rows() throws -> [String: Row] {
        let text = try String(contentsOf: Repository.root.appendingPathComponent("Tests/access/routes.txt"), encoding: .utf8)
        var rows: [String: Row] = [:]
        for line in text.split(separator: "\n") where !line.hasPrefix("#") {
            let parts = line.split(separator: " ", omittingEmptySubsequences: true).map(String.init)
            let cells = parts.dropFirst(2).joined().compactMap(Outcome.init(rawValue:))
            guard cells.count == Actor.allCases.count else { Issue.record("\(line): \(cells.count) cells"); continue }
            rows["\(parts[0]) \(parts[1])"] = Row(sign: "\(parts[0]) \(parts[1])", cells: cells)
        }
        return rows
    }

    @Test(.enabled(if: ProcessInfo.processInfo.environment["ZHIFANG_MATRIX"] != nil, "the table of routes is not written yet"))
    func everyRouteOpensForWhomTheTableSays() async throws {
        let world = try await world()
        let visitor = world.visitor
        let rows = try RouteMatrixTests.rows()
        var unknown: [String] = []
        // What ends a session or a record comes last.
        let routes = visitor.site.routes.sorted { ($0.changes ? 1 : 0, $0.sign) < ($1.changes ? 1 : 0, $1.sign) }
        for route in routes where !["POST /sign-out", "POST /setup"].contains(route.sign) {
            let path = path(route, world.ids)
            var cells = ""
            for actor in Actor.allCases {
                let guest = world.guests[actor] ?? .stranger
                let answer = await ask(route, path, guest, visitor)
                let outcome = outcome(answer)
                cells.append(outcome.rawValue)
                #expect(answer.status < 500, "\(route.sign) as \(actor): \(answer.status)")
                for canary in World.canaries where !canary.told.contains(actor) {
                    #expect(!answer.text.contains(canary.word), "\(route.sign) tells \(actor) \(canary.word)")
                }
                if let row = rows[route.sign], let index = Actor.allCases.firstIndex(of: actor) {
                    #expect(row.cells[index] == outcome, "\(route.sign) as \(actor): \(answer.status), the table says \(row.cells[index])")
                }
            }
            if rows[route.sign] == nil { unknown.append("\(route.sign.padding(toLength: 52, withPad: " ", startingAt: 0)) \(cells)") }
        }
        let list = unknown.joined(separator: "\n")
        #expect(unknown.isEmpty, "routes in no row of the table:\n\(list)")
        if let file = ProcessInfo.processInfo.environment["ZHIFANG_MATRIX_OUT"] {
            try list.write(toFile: file, atomically: true, encoding: .utf8)
        }
        let known = Set(visitor.site.routes.map(\.sign))
        #expect(rows.keys.filter { !known.contains($0) }.isEmpty, "rows of routes that are not there")
    }

    /// Whatever happens in one county changes nothing that the other's people read: no count, no page of a list, no export.
    @Test(.enabled(if: ProcessInfo.processInfo.environment["ZHIFANG_MATRIX"] != nil, "the table of routes is not written yet"))
    func aNeighbourReadsTheSameWhateverHappensNextDoor() async throws {
        let world = try await world()
        let visitor = world.visitor
        // Plans and their figures are for all who are signed in.
        let common = ["/plans", "/api/plans", "/public", "/api/public", "/audit", "/api/audit", "/evaluations"]
        let routes = visitor.site.routes.filter { route in
            !route.changes && route.path != "/" && !common.contains { route.path == $0 || route.path.hasPrefix($0 + "/") }
        }
        func read(_ actors: [Actor]) async -> [String: String] {
            var pages: [String: String] = [:]
            for route in routes {
                for actor in actors {
                    for kind in route.path.contains(":kind")
                        ? ["employer", "worker", "inspection", "declaration", "employment"] : ["employer"]
                    {
                        let path = path(route, world.ids.merging([":kind": kind]) { $1 })
                        let answer = await ask(route, path, world.guests[actor] ?? .stranger, visitor)
                        // A form's own id is new each time; workbooks carry the moment of their making.
                        guard !path.hasSuffix(".xlsx"), !path.contains("/openapi") else { continue }
                        pages["\(actor) \(path)"] = "\(answer.status) " + answer.body.replacing(/[0-9a-z]{26}/, with: "…")
                    }
                }
            }
            return pages
        }
        let outside: [Actor] = [.sibling, .otherEmployer, .otherWorker, .citizen, .stranger]
        let before = await read(outside)
        let employers = try await visitor.store("employer", (0..<7).map { ["name": "新甲厂\($0)", "division": "450204", "hazards": "1"] })
        try await visitor.store("inspection", employers.map { ["employer": $0, "day": "2022-05-01"] })
        try await visitor.store("declaration", employers.map { ["employer": $0, "type": "initial", "submitted": "2022-06-20"] })
        let after = await read(outside)
        for (path, page) in before.sorted(by: { $0.key < $1.key }) { #expect(after[path] == page, "\(path) changed") }
        // The same question to the county's own officer shows that there was something to hear.
        let own = await visitor.get("/records/employer", as: world.guests[.officer] ?? .stranger)
        #expect(own.text.contains("新甲厂3"))
    }
}
