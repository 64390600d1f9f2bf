import Accounts
import Catalog
import Draws
import Exchange
import Foundation
import Glibc
import HTTPTypes
import Kernel
import Planning
import Portal
import Sheets
import Storage
import TestKit
import Testing
import Web

@testable import House
@testable import Ledger

/// What leaves the house in a file and comes in again is the same; numbers come with their documents.
extension DoorTests {
    /// Kinds behind the kinds that they refer to.
    func ordered(_ ledger: Ledger) -> [Kind] {
        var result: [Kind] = []
        var names: Set<String> = []
        func visit(_ kind: Kind) {
            guard names.insert(kind.name).inserted else { return }
            for field in kind.references { if let target = field.target.flatMap({ ledger.kinds[$0] }) { visit(target) } }
            result.append(kind)
        }
        for kind in ledger.kinds.values.sorted(by: { $0.name < $1.name }) { visit(kind) }
        return result
    }
    func bodies(_ house: House) async throws -> [String: String] {
        try await house.ledger.store.read { db in
            let ids = try db.rows("SELECT id FROM record WHERE live = 1").map { try $0.get("id", as: String.self) }
            return Dictionary(
                uniqueKeysWithValues: try house.ledger.records(db, ids).map { ($0.id, $0.kind.name + Body.encode($0)) })
        }
    }

    @Test func noKindHasOneNameForTwoFields() {
        for kind in House.features.flatMap(\.kinds) {
            for names in [kind.fields.map(\.name), kind.fields.map(\.zh), kind.fields.map(\.en)] {
                let twice = Dictionary(grouping: names.map(HeaderMap.normalised)) { $0 }.filter { $0.value.count > 1 }.keys
                #expect(twice.isEmpty, "\(kind.name): \(twice)")
            }
            var owner: [String: String] = [:]
            for field in kind.fields {
                for name in Set([field.name, field.zh, field.en].map(HeaderMap.normalised)) {
                    #expect(owner[name] == nil, "\(kind.name): \(name) is \(owner[name] ?? "") and \(field.name)")
                    owner[name] = field.name
                }
            }
        }
    }

    /// A dump holds every version once, and the same whatever is held at a time.
    @Test(arguments: Stores.kinds) func aDumpIsTheSameInPiecesOfAnySize(_ store: Dialect) async throws {
        let lived = try await LivedHouse(try await Stores.fresh(store), seed: 11, entries: 120, changes: 60)
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("zhifang-dump-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        var dumps: [[String: String]] = []
        for page in [1, 7, 2000] {
            let place = folder.appendingPathComponent("\(page)")
            try await Exporter(lived.house.ledger).dump(to: place, page: page)
            var texts: [String: String] = [:]
            for name in try FileManager.default.contentsOfDirectory(atPath: place.path) {
                texts[name] = try String(contentsOf: place.appendingPathComponent(name), encoding: .utf8)
            }
            dumps.append(texts)
        }
        #expect(dumps[0] == dumps[2] && dumps[1] == dumps[2])
        let versions = try await lived.house.ledger.store.read { db in
            try db.rows("SELECT kind, id, version FROM record_version").map {
                "\(try $0.get("kind", as: String.self)).csv \(try $0.get("id", as: String.self)) \(try $0.get("version", as: Int.self))"
            }
        }
        var dumped: [String] = []
        for name in dumps[2].keys {
            try SheetReader.read(folder.appendingPathComponent("2000/\(name)")) { row in
                if row.number > 1 { dumped.append("\(name) \(row[0]) \(row[2])") }
            }
        }
        #expect(dumped.sorted() == versions.sorted() && Set(versions.map { $0.split(separator: " ")[0] }).count > 10)
    }

    /// A sign that databases read in patterns is found as itself, on the lists and on the list of duties.
    @Test(arguments: Stores.kinds) func aSearchForAPercentSignFindsPercentSigns(_ store: Dialect) async throws {
        let visitor = try await Visitor.open(store)
        let names = ["百分之100%棉厂", "平常棉厂", "下划_线厂", "反斜\\厂"]
        let ids = try await visitor.store(
            "employer", names.map { ["name": $0, "division": "450204", "hazards": "1", "since": "2019-01-01"] })
        let officer = try await visitor.guest("o", .officer, division: "450204")
        for (text, found) in [("%", [0]), ("0%棉", [0]), ("_", [2]), ("\\", [3]), ("棉厂", [0, 1]), ("％", [0]), ("%厂", [])] {
            for path in ["/records/employer", "/duties"] {
                let page = await visitor.get("\(path)?q=\(Visitor.escaped(text))", as: officer)
                let shown = names.indices.filter { page.text.contains(names[$0]) }
                #expect(page.status == 200 && shown == found, "\(path) \(text): \(shown)")
            }
        }
        #expect(ids.count == 4)
    }

    /// What is exported and imported again changes nothing, and fills an empty house with the same records.
    @Test(arguments: FileFormat.allCases, [false, true]) func whatGoesOutComesBackTheSame(
        _ format: FileFormat, _ english: Bool
    ) async throws {
        let moving = MovingClock()
        let house = try await House.open(try SQLiteStore(path: ":memory:"), catalog: Hand.catalog, clock: moving.clock)
        var world = RandomWorld(house.ledger, seed: 77, clock: moving)
        try await world.fill(700)
        let empty = try await House.open(try SQLiteStore(path: ":memory:"), catalog: Hand.catalog, clock: moving.clock)
        let folder = try BadInputTests.Folder()
        let before = try await bodies(house)
        // Kinds that name each other (an order its inspection, an inspection the order that it checks) come in rounds, as users would
        // send what was refused once more.
        var waiting = ordered(house.ledger)
        var seen = 0
        for round in 0..<4 where !waiting.isEmpty {
            var refused: [Kind] = []
            for kind in waiting {
                let url = folder.path(format.rawValue)
                try await Exporter(house.ledger).export(kind, as: format, english: english, to: url)
                let count = try await Visitor.over(house).count(kind.name)
                guard count > 0 else { continue }
                if round == 0 {
                    seen += 1
                    let back = try await Importer(house.ledger).run(
                        kind, url, Submission(by: .house, door: "test", updates: true, home: "330402"))
                    #expect(
                        back.unchanged == count && back.total == count,
                        "\(kind.name): \(back.created) created, \(back.changed) changed, \(back.refusals.prefix(3))")
                }
                let moved = try await Importer(empty.ledger).run(kind, url, Submission(by: .house, door: "test", home: "330402"))
                let isWhole = moved.created + moved.unchanged == count && moved.total == count
                if !isWhole { refused.append(kind) }
                #expect(isWhole || round < 3, "\(kind.name): \(moved.refusals.prefix(3))")
            }
            waiting = refused
        }
        #expect(seen > 45, "only \(seen) kinds had records")
        #expect(try await bodies(house) == before)
        let after = try await bodies(empty)
        for (id, body) in before where after[id] != body { Issue.record("\(body) came as \(after[id] ?? "nothing")") }
        #expect(after.count == before.count)
        #expect(try await empty.ledger.verify().isEmpty)
    }

    /// The number under which a document went out goes with it into another house. The series goes on behind it, and where the number was
    /// given already the row is refused with that reason.
    @Test(arguments: Stores.kinds) func numbersComeWithTheirDocuments(_ store: Dialect) async throws {
        let moment = "2022-06-30 12:00"
        let old = try await Visitor.open(store, at: moment)
        let item = try #require(old.house.catalog.tables["checklist_item"]?.entries.first?.code)
        func order(_ facts: String) -> [String: String] {
            ["employer": "A", "issued": "2022-06-01", "items": item, "facts": facts, "due": "2022-07-20"]
        }
        func numbers(_ visitor: Visitor) async throws -> [String: String] {
            try await visitor.house.ledger.store.read { db in
                Dictionary(
                    uniqueKeysWithValues: try visitor.house.ledger.all(db, try #require(visitor.house.ledger.kinds["order"])).map {
                        ($0.text("facts") ?? "", $0.text("number") ?? "")
                    })
            }
        }
        let factory = [["code": "A", "name": "甲厂", "division": "450204", "since": "2019-01-01"]]
        let employer = try await old.store("employer", factory)[0]
        try await old.store("order", [order("一"), order("二"), order("三")])
        // What was withdrawn and comes back has its number again.
        let kind = try #require(old.house.ledger.kinds["order"])
        let submission = Submission(by: .house, door: "test", reason: "误撤", home: "450204")
        let second = try #require(
            try await old.house.ledger.store.read { try old.house.ledger.all($0, kind) }.first { $0.text("facts") == "二" })
        var withdrawal = Draft(kind, id: second.id)
        withdrawal.isWithdrawal = true
        _ = try await old.house.ledger.submit([withdrawal], submission)
        var again = Draft(kind, id: second.id, order("二").merging(["employer": employer]) { $1 })
        again.recordedAt = old.house.ledger.clock.now()
        _ = try await old.house.ledger.submit([again], submission)
        let given = (1...3).map { "责令改正〔2022〕450204-0000\($0)号" }
        #expect(try await numbers(old) == ["一": given[0], "二": given[1], "三": given[2]])
        let folder = try BadInputTests.Folder()
        let (employers, orders) = (folder.path("csv"), folder.path("xlsx"))
        try await Exporter(old.house.ledger).export(try #require(old.house.ledger.kinds["employer"]), as: .csv, to: employers)
        try await Exporter(old.house.ledger).export(kind, as: .xlsx, to: orders)
        let officer = Person(name: "o", role: .officer, functions: ["health"], division: DivisionCode("450204"))

        // An empty house takes them as they are, and goes on behind them.
        for isBusy in [false, true] {
            let new = try await Visitor.open(store, at: moment)
            let importer = Importer(new.house.ledger)
            func take(_ name: String, _ url: URL) async throws -> ImportResult {
                try await importer.run(
                    try #require(new.house.ledger.kinds[name]), url, Submission(by: officer, door: "xlsx", home: "450204"))
            }
            #expect(try await take("employer", employers).created == 1)
            if isBusy { try await new.store("order", [order("自己的")]) }
            let result = try await take("order", orders)
            if isBusy {
                // This house gave the first number itself.
                #expect(result.created == 2)
                #expect(result.refusals.map(\.code) == ["key.exists"] && result.refusals.first?.field == "number")
                #expect(result.refusals.first?.details["value"] == given[0])
                #expect(try await numbers(new) == ["自己的": given[0], "二": given[1], "三": given[2]])
            } else {
                #expect(result.created == 3)
                #expect(try await numbers(new) == (try await numbers(old)))
            }
            try await new.store("order", [order("下一个")])
            #expect(try await numbers(new)["下一个"] == "责令改正〔2022〕450204-00004号")
        }

        // Nobody outside an authority brings numbers.
        let own = try await Visitor.open(store, at: moment)
        let boss = Person(name: "b", role: .organisation, organisation: try await own.store("employer", factory)[0])
        let file = try folder.bytes(
            Array(
                "id,用人单位,申报类型,申报日期,回执编号\n01hzzzzzzzzzzzzzzzzzzzzzzz,A,initial,2022-06-01,申报受理〔2022〕450204-00777号\n".utf8))
        let declared = try await Importer(own.house.ledger).run(
            try #require(own.house.ledger.kinds["declaration"]), file, Submission(by: boss, door: "csv"))
        #expect(declared.created == 1, "\(declared.refusals)")
        let kept = try await own.house.ledger.store.read { try own.house.ledger.record($0, "01hzzzzzzzzzzzzzzzzzzzzzzz") }
        #expect(kept != nil && kept?.text("receipt_number") == nil)
    }
}
