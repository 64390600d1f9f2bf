import Kernel
import Storage
import TestKit
import Testing

@testable import Ledger

/// The schema as PostgreSQL has it can be spread over machines as the layout says; a fault in it is found.
@Suite struct DistributionTests {
    @Test(.enabled(if: Stores.kinds.contains(.postgres))) func theSchemaCanBeSpread() async throws {
        let store = try await Stores.fresh(.postgres)
        try await Ledger.schema().bring(upToDate: store)
        #expect(try await store.read { try Ledger.distribution.flaws($0) } == [])
        for (change, kind, table) in [
            ("CREATE TABLE planted (home TEXT PRIMARY KEY)", "unlisted", "planted"),
            ("CREATE UNIQUE INDEX planted_once ON record (id)", "unique", "record"),
            ("CREATE UNIQUE INDEX planted_twice ON directory (id)", "unique", "directory"),
            ("ALTER TABLE link ADD CONSTRAINT planted_key FOREIGN KEY (home, id) REFERENCES record (home, id)", "reference", "link"),
            ("CREATE SEQUENCE planted_numbers", "sequence", "planted_numbers"),
            ("ALTER TABLE counter DROP CONSTRAINT counter_pkey; ALTER TABLE counter ALTER home DROP NOT NULL", "column", "counter"),
            ("DROP TABLE mail", "missing", "mail"),
        ] {
            let before = Set(try await store.read { try Ledger.distribution.flaws($0) })
            try await store.write { try $0.script(change) }
            let found = Set(try await store.read { try Ledger.distribution.flaws($0) }).subtracting(before)
            #expect(found.map(\.kind.rawValue) == [kind] && found.first?.table == table, "\(change): \(found)")
        }
    }

    @Test(arguments: Stores.kinds) func whatIsNoClusterIsRefused(_ kind: Dialect) async throws {
        let store = try await Stores.fresh(kind)
        try await Ledger.schema().bring(upToDate: store)
        await #expect(throws: Refusal(kind == .sqlite ? "distribute.engine" : "distribute.extension")) {
            _ = try await Ledger.distribution.spread(store)
        }
        let status = try await StoreStatus(of: store)
        #expect(status.engine.hasPrefix(kind == .sqlite ? "SQLite 3" : "PostgreSQL 1") && status.bytes > 100_000 && status.cluster == nil)
        #expect(Set(status.tables.map(\.name)) == Set(Ledger.distribution.layout.keys))
        #expect(status.steps == (try Ledger.schema().steps.map(\.name)))
    }
}
