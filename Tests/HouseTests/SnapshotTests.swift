import Kernel
import Storage
import TestKit
import Testing

@testable import House
@testable import Ledger

/// What is kept in memory of a database is what the database says: of another program's change, and of one that was undone.
@Suite struct SnapshotTests {
    private struct Undone: Error {}
    private static let submission = Submission(by: .house, door: "api", home: "450204")

    private func name(_ house: House, _ id: String) async throws -> String? {
        try await house.ledger.store.read { try house.ledger.record($0, id)?.text("name") }
    }
    /// - Returns: the record's id.
    @discardableResult
    private func take(_ house: House, _ id: String?, _ name: String) async throws -> String {
        let kind = try #require(house.ledger.kinds["employer"])
        let receipts = try await house.ledger.submit([Draft(kind, id: id, ["name": name, "division": "450204"])], Self.submission)
        return try #require(receipts.first?.fate.id, "\(receipts)")
    }

    /// A version that a transaction wrote, read and undid is forgotten, though another takes its number.
    @Test(arguments: Stores.kinds) func whatWasUndoneWasNeverThere(_ engine: Dialect) async throws {
        let house = try await House.open(
            try await Stores.fresh(engine), catalog: Hand.catalog, clock: .fixed(try #require(Moment("2022-06-30 12:00"))))
        let kind = try #require(house.ledger.kinds["employer"])
        let id = try await take(house, nil, "甲")
        #expect(try await name(house, id) == "甲")
        await #expect(throws: Undone.self) {
            try await house.ledger.store.write { db in
                var clerk = Clerk(ledger: house.ledger, db: db, submission: Self.submission)
                _ = try clerk.take([Draft(kind, id: id, ["name": "乙", "division": "450204"])])
                try clerk.finish()
                #expect(try house.ledger.record(db, id)?.text("name") == "乙")
                throw Undone()
            }
        }
        #expect(try await name(house, id) == "甲")
        try await take(house, id, "丙")
        #expect(try await name(house, id) == "丙")
    }

    /// Two programs over one database: each reads what the other wrote.
    @Test(arguments: Stores.kinds) func anotherProgramsChangeIsSeen(_ engine: Dialect) async throws {
        let clock = Clock.fixed(try #require(Moment("2022-06-30 12:00")))
        let one = try await House.open(try await Stores.fresh(engine), catalog: Hand.catalog, clock: clock)
        let other = try House(over: one.ledger.store, catalog: Hand.catalog, clock: clock, keys: one.ledger.keys)
        let id = try await take(one, nil, "甲")
        for (index, name) in ["乙", "丙", "丁"].enumerated() {
            try await take(index.isMultiple(of: 2) ? other : one, id, name)
            #expect(try await self.name(one, id) == name)
            #expect(try await self.name(other, id) == name)
        }
    }
}
