import Accounts
import Foundation
import Kernel
import Ledger
import Storage
import TestKit
import Testing

@testable import House

private let coordinator = ProcessInfo.processInfo.environment["ZHIFANG_CITUS_URL"]

/// The main paths of the house on a real cluster, where `ZHIFANG_CITUS_URL` names its coordinator: opened, filled, listed, counted, verified, and
/// equal to a single file that saw the same.
@Suite(.enabled(if: coordinator != nil), .serialized) struct CitusTests {
    private func cluster() async throws -> any Store {
        let url = try #require(coordinator)
        let name = "c" + Digest.hex(Digest.random(6))
        try await PostgresStore(url: url, settings: ServerSettings(connections: 1)).write { try $0.script("CREATE SCHEMA \(name)") }
        let store = try PostgresStore(
            url: url + (url.contains("?") ? "&" : "?") + "options=-csearch_path%3D\(name),public", settings: ServerSettings(connections: 2))
        try await Ledger.schema().bring(upToDate: store)
        return store
    }

    @Test func theTablesAreSpreadOnce() async throws {
        let store = try await cluster()
        let spread = Ledger.distribution.layout.filter { $0.value != .coordinator }.keys.sorted()
        #expect(try await Ledger.distribution.spread(store).sorted() == spread)
        #expect(try await Ledger.distribution.spread(store) == [])
        let status = try await StoreStatus(of: store)
        #expect((status.cluster?.machines ?? 0) >= 2)
        for table in status.tables { #expect(table.spread == Ledger.distribution.layout[table.name], "\(table.name)") }
        // A table that lies otherwise is not passed over.
        try await store.write { _ = try $0.rows("SELECT undistribute_table('draft'::regclass)::text") }
        try await store.write { _ = try $0.rows("SELECT create_reference_table('draft'::regclass)::text") }
        await #expect(throws: Refusal("distribute.different", ["value": "draft", "expected": "home"])) {
            _ = try await Ledger.distribution.spread(store)
        }
    }

    @Test func theHouseLivesOnACluster() async throws {
        let store = try await cluster()
        _ = try await Ledger.distribution.spread(store)
        let lived = try await LivedHouse(store, seed: 11, entries: 60, changes: 30)
        let house = lived.house
        #expect(try await house.ledger.verify().isEmpty)
        #expect(try await house.ledger.checkAudit().flaws.isEmpty)
        #expect(try await house.ledger.checkVersions().isEmpty)
        // The same in a file: equal tables, and equal boards.
        let file = try await Stores.fresh(.sqlite)
        try await Ledger.schema().bring(upToDate: file)
        let lines = try await StoreMove(from: store, to: file).run { _, _ in }
        #expect(lines.allSatisfy(\.isEqual) && lines.contains { $0.table == "record" && $0.source.count > 50 })
        let beside = try House(over: file, catalog: Hand.catalog, clock: lived.clock.clock, keys: house.ledger.keys)
        #expect(try await beside.ledger.verify().isEmpty)
        let visitor = try await Visitor.over(house)
        let other = try await Visitor.over(beside)
        // Without an administrator every page leads to the setting up.
        for each in [visitor, other] { _ = try await each.guest("root", .system) }
        let officer = try await visitor.guest("officer", .officer, division: "330400")
        let same = try await other.guest("officer", .officer, division: "330400")
        for path in ["/", "/plans", "/duties", "/records/employer", "/records/exam", "/import", "/messages"] {
            let (one, two) = (await visitor.get(path, as: officer), await other.get(path, as: same))
            #expect(one.status == 200 && two.status == 200, "\(path) \(one.status) \(two.status)")
            let plain = { (text: String, csrf: String) in text.replacingOccurrences(of: csrf, with: "") }
            #expect(plain(one.text, officer.csrf) == plain(two.text, same.csrf), "\(path)")
        }
    }

    /// A whole database that was a file goes on as a cluster.
    @Test func aFileMovesToACluster() async throws {
        let lived = try await LivedHouse(try await Stores.fresh(.sqlite), seed: 12, entries: 80)
        let house = lived.house
        let store = try await cluster()
        _ = try await Ledger.distribution.spread(store)
        let move = StoreMove(from: house.ledger.store, to: store)
        #expect(try await move.run { _, _ in }.allSatisfy(\.isEqual))
        let moved = try House(over: store, catalog: Hand.catalog, clock: lived.clock.clock, keys: house.ledger.keys)
        #expect(try await moved.ledger.verify().isEmpty)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for n in 0..<8 {
                group.addTask {
                    let draft = Draft(try #require(moved.ledger.kinds["employer"]), ["name": "同时\(n)", "division": "330402"])
                    _ = try await moved.ledger.submit([draft], Submission(by: .house, door: "page"))
                }
            }
            try await group.waitForAll()
        }
        #expect(try await moved.ledger.verify().isEmpty)
        #expect(try await moved.ledger.checkAudit().flaws.isEmpty)
    }
}
