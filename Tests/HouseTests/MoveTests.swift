import Accounts
import Foundation
import Kernel
import Ledger
import Storage
import TestKit
import Testing

@testable import House

/// A whole database into another engine and back: equal by count and digest, and by what the house makes of it.
@Suite struct MoveTests {
    static let pairs = Stores.kinds.flatMap { from in Stores.kinds.map { (from, $0) } }

    private func empty(_ kind: Dialect) async throws -> any Store {
        let store = try await Stores.fresh(kind)
        try await Ledger.schema().bring(upToDate: store)
        return store
    }
    /// A house that has seen something: random records with corrections and withdrawals, an account, texts that engines might mistake.
    private func lived(_ kind: Dialect, seed: UInt64) async throws -> House {
        let house = try await LivedHouse(try await Stores.fresh(kind), seed: seed, entries: 120, changes: 60).house
        try await house.accounts.add(
            name: "officer", display: "\\N \t \\. '“”\n👷🏽 𠮷", password: "a long sentence", role: .officer, functions: ["health"],
            division: "330402", by: .house)
        return house
    }
    private func run(_ move: StoreMove) async throws -> [StoreMove.Line] { try await move.run { _, _ in } }

    @Test(arguments: pairs) func whatArrivesIsWhatLeft(_ from: Dialect, _ to: Dialect) async throws {
        let house = try await lived(from, seed: from == to ? 3 : 4)
        let target = try await empty(to)
        let move = StoreMove(from: house.ledger.store, to: target)
        let lines = try await run(move)
        #expect(lines.contains { $0.table == "record_version" && $0.source.count > 150 } && lines.allSatisfy(\.isEqual))
        #expect(try await move.compare { _, _ in }.allSatisfy(\.isEqual))
        let moved = try House(
            over: target, catalog: Hand.catalog, clock: house.ledger.clock, keys: house.ledger.keys, heads: house.ledger.heads)
        #expect(try await moved.ledger.verify().isEmpty)
        #expect(try await moved.ledger.checkAudit().flaws.isEmpty)
        #expect(try await moved.ledger.checkVersions().isEmpty)
        // It goes on there: the next change finds its place.
        let draft = Draft(try #require(house.ledger.kinds["employer"]), ["name": "新单位", "division": "330402"])
        let now = try await moved.ledger.submit([draft], Submission(by: .house, door: "page"))
        #expect(now.count == 1)
        // And what is no longer equal is found, where it is.
        #expect(try await move.compare { _, _ in }.contains { !$0.isEqual })
        await #expect(throws: (any Error).self) { _ = try await run(move) }
    }

    /// One sign in one row, a row too few, a row twice elsewhere: each is named by its table.
    @Test(arguments: Stores.kinds) func aPlantedDifferenceIsFound(_ kind: Dialect) async throws {
        let house = try await lived(.sqlite, seed: 5)
        let target = try await empty(kind)
        let move = StoreMove(from: house.ledger.store, to: target)
        _ = try await run(move)
        func different() async throws -> [String] { try await move.compare { _, _ in }.filter { !$0.isEqual }.map(\.table) }
        #expect(try await different() == [])
        for (table, change) in [
            ("account", "UPDATE account SET display = display || ' ' WHERE name = 'officer'"),
            ("tally", "UPDATE tally SET met = met + 1 WHERE day = (SELECT max(day) FROM tally)"),
            ("link", "DELETE FROM link WHERE id = (SELECT min(id) FROM link)"),
            ("counter", "INSERT INTO counter (home, series, value) VALUES ('330402', 'planted', 1)"),
        ] {
            let before = try await different()
            try await target.write { try $0.run(SQL(trusted: change)) }
            #expect(try await different() == (before + [table]).sorted())
        }
    }

    @Test(arguments: Stores.kinds) func whatCannotBeMovedIsRefused(_ kind: Dialect) async throws {
        let house = try await House.open(try await Stores.fresh(.sqlite), catalog: Hand.catalog)
        let source = house.ledger.store
        let used = try await empty(kind)
        try await used.write { try $0.run("INSERT INTO counter (home, series, value) VALUES ('330402', 'x', 1)") }
        await #expect(throws: Refusal("move.not-empty", ["value": "counter"])) { try await run(StoreMove(from: source, to: used)) }
        #expect(try await used.read { try $0.row("SELECT 1 AS one FROM key_use") } == nil)
        let bare = try await Stores.fresh(kind)
        await #expect(throws: Refusal("move.schema", ["value": "schema_step"])) { try await run(StoreMove(from: source, to: bare)) }
        let other = try await empty(kind)
        try await other.write { try $0.script("ALTER TABLE layout ADD COLUMN planted TEXT") }
        await #expect(throws: Refusal("move.schema", ["value": "layout"])) { try await run(StoreMove(from: source, to: other)) }
    }

    /// SQLite keeps a NUL and reads no further, PostgreSQL keeps none. The row is named, and nothing arrives.
    @Test(arguments: Stores.kinds) func aTextThatCannotBeKeptIsNamed(_ kind: Dialect) async throws {
        let source = try await empty(.sqlite)
        try await source.write { db in
            try db.run("INSERT INTO layout (home, name, kind, body) VALUES ('330402', 'mine', 'exam', 'a' || char(0) || 'b')")
        }
        let target = try await empty(kind)
        await #expect(throws: Refusal("move.text", ["value": "layout 330402 mine"])) {
            _ = try await run(StoreMove(from: source, to: target))
        }
        #expect(try await target.read { try $0.row("SELECT 1 AS one FROM layout") } == nil)
    }
}
