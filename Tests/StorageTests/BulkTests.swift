import Foundation
import Kernel
import TestKit
import Testing

@testable import Storage

/// Rows in bulk, sums and posted statements: the same on both engines, whichever way they travel.
@Suite struct BulkTests {
    private static let pieces = [
        "\\", "\t", "\n", "\r", "\\.", "\\N", "\\n", "'", "\"", ";", ",", "{", "}", "$1", "%", "\u{8}", "\u{B}", "\u{1F}", "\u{7F}", "职业病",
        "é", "𠮷", "👷🏽", "\u{FEFF}",
        " ", "a", "0", "NULL",
    ]
    private func text(_ random: inout some RandomNumberGenerator) -> String {
        (0..<Int.random(in: 0...12, using: &random)).map { _ in BulkTests.pieces.randomElement(using: &random) ?? "" }.joined()
    }

    private func thing(_ store: any Store) async throws {
        try await Schema([
            .init(
                name: "1",
                sql: "CREATE TABLE thing (n INTEGER NOT NULL, words TEXT, amount INTEGER, share REAL, PRIMARY KEY (n)) STRICT;")
        ]).bring(upToDate: store)
    }

    /// One row, a few, and so many that they are copied: what is read back is what was written.
    @Test(arguments: Stores.kinds) func everyValueComesBack(_ kind: Dialect) async throws {
        var random = SystemRandomNumberGenerator()
        for count in [1, 2, 3, 31, PostgresSession.copiedFrom - 1, PostgresSession.copiedFrom, 1500] {
            let store = try await Stores.fresh(kind)
            try await thing(store)
            var rows: [[SQLValue]] = []
            for n in 0..<count {
                let words: SQLValue = n % 7 == 3 ? .null : .text(text(&random))
                let amount: SQLValue = n % 5 == 2 ? .null : .integer([.min, .max, 0, -1, Int64.random(in: -999...999)][n % 5])
                let share: SQLValue = n % 11 == 4 ? .null : .real([0.1, -1e300, 5e-324, 1, 123456789.125, -0.5][n % 6])
                rows.append([.integer(Int64(n)), words, amount, share])
            }
            let given = rows
            try await store.write { try $0.insert(into: "thing", ["n", "words", "amount", "share"], given) }
            let kept = try await store.read { try $0.rows("SELECT n, words, amount, share FROM thing ORDER BY n").map(\.values) }
            #expect(kept.count == count)
            for (row, expected) in zip(kept, given) where row != expected { Issue.record("\(row) instead of \(expected)") }
        }
    }

    @Test(.enabled(if: Stores.kinds.contains(.postgres)), arguments: [1, 3, 400])
    func aTextThatTheServerCannotKeepIsRefused(_ count: Int) async throws {
        let store = try await Stores.fresh(.postgres)
        try await thing(store)
        let rows: [[SQLValue]] = (0..<count).map { [.integer(Int64($0)), .text($0 == count / 2 ? "a\u{0}b" : "good")] }
        await #expect(throws: Refusal("text.control")) {
            try await store.write { try $0.insert(into: "thing", ["n", "words"], rows) }
        }
        // The connection is good for more, and nothing was kept.
        #expect(try await store.read { try $0.row("SELECT count(*) AS n FROM thing")?.get("n", as: Int.self) } == 0)
        // A search for what nobody can have entered finds nothing, on both engines; not even what stands before the NUL.
        try await store.write { try $0.insert(into: "thing", ["n", "words"], [[.integer(1), .text("a")]]) }
        #expect(try await store.read { try $0.row("SELECT n FROM thing WHERE words = \("a\u{0}b")")?.get("n", as: Int.self) } == nil)
        #expect(
            try await store.read { try $0.row("SELECT n FROM thing WHERE words LIKE \(containing: "a\u{0}")")?.get("n", as: Int.self) }
                == nil)
    }

    /// Sums against a dictionary, over keys that come again and again.
    @Test(arguments: Stores.kinds) func whatIsAddedAddsUp(_ kind: Dialect) async throws {
        let store = try await Stores.fresh(kind)
        try await Schema([
            .init(
                name: "1",
                sql: """
                    CREATE TABLE tally (home TEXT NOT NULL, day INTEGER NOT NULL, met INTEGER NOT NULL, unmet INTEGER NOT NULL,
                        PRIMARY KEY (home, day)) STRICT, WITHOUT ROWID;
                    """)
        ]).bring(upToDate: store)
        var random = SystemRandomNumberGenerator()
        struct Key: Hashable { let home: String, day: Int64 }
        var model: [Key: (Int64, Int64)] = [:]
        for size in [1, 2, 5, 64, 700, 900, 3] {
            var moves: [Key: (Int64, Int64)] = [:]
            while moves.count < size {
                let key = Key(
                    home: ["330402", "330411"].randomElement(using: &random) ?? "", day: Int64.random(in: 0..<600, using: &random))
                moves[key] = (Int64.random(in: -3...3, using: &random), Int64.random(in: -3...3, using: &random))
            }
            for (key, move) in moves {
                let (met, unmet) = model[key] ?? (0, 0)
                model[key] = (met + move.0, unmet + move.1)
            }
            let rows: [[SQLValue]] = moves.map { [.text($0.home), .integer($0.day), .integer($1.0), .integer($1.1)] }
            try await store.write { try $0.add(to: "tally", ["home", "day", "met", "unmet"], key: 2, rows) }
        }
        let kept = try await store.read { try $0.rows("SELECT home, day, met, unmet FROM tally") }
        #expect(kept.count == model.count)
        for row in kept {
            let sums = try #require(model[Key(home: try row.get(0), day: Int64(try row.get(1, as: Int.self)))])
            #expect(row.values[2...] == [.integer(sums.0), .integer(sums.1)])
        }
    }

    /// What is posted is seen by what follows, and fails the transaction at the latest at its end.
    @Test(arguments: Stores.kinds) func whatIsPostedIsDone(_ kind: Dialect) async throws {
        let store = try await Stores.fresh(kind)
        try await thing(store)
        try await store.write { db in
            for n in 0..<600 { try db.post("INSERT INTO thing (n) VALUES (\(n))") }
            #expect(try db.row("SELECT count(*) AS n FROM thing")?.get("n", as: Int.self) == 600)
            try db.post("DELETE FROM thing WHERE n >= \(10)")
        }
        #expect(try await store.read { try $0.row("SELECT count(*) AS n FROM thing")?.get("n", as: Int.self) } == 10)
        await #expect(throws: (any Error).self) {
            try await store.write { db in
                try db.post("INSERT INTO thing (n) VALUES (\(11))")
                try db.post("INSERT INTO thing (n) VALUES (\(1))")
                try db.post("INSERT INTO thing (n) VALUES (\(12))")
            }
        }
        // Only what stood in the savepoint is undone with it, also where it failed late.
        try await store.write { db in
            try db.post("INSERT INTO thing (n) VALUES (\(20))")
            let step = Result {
                try db.savepoint {
                    try db.post("INSERT INTO thing (n) VALUES (\(21))")
                    try db.post("INSERT INTO thing (n) VALUES (\(1))")
                }
            }
            #expect(throws: (any Error).self) { try step.get() }
            try db.savepoint { try db.post("INSERT INTO thing (n) VALUES (\(22))") }
        }
        let kept = try await store.read { try $0.rows("SELECT n FROM thing WHERE n >= 10 ORDER BY n").map { try $0.get(0, as: Int.self) } }
        #expect(kept == [20, 22])
    }

    /// A statement that failed and was passed over must not end in an acknowledged rollback.
    @Test(.enabled(if: Stores.kinds.contains(.postgres))) func aFailureThatNobodyHeardIsNoSuccess() async throws {
        let store = try await Stores.fresh(.postgres)
        try await thing(store)
        await #expect(throws: PostgresError.self) {
            try await store.write { db in
                try db.run("INSERT INTO thing (n) VALUES (1)")
                _ = try? db.run("INSERT INTO thing (n) VALUES (1)")
            }
        }
    }

    @Test(.enabled(if: Stores.kinds.contains(.postgres))) func statementsAreKeptReadyAndNeverTooMany() async throws {
        let store = try await Stores.fresh(.postgres)
        try await thing(store)
        let count: @Sendable (any Connection) throws -> Int = { db in
            try db.row("SELECT count(*) AS n FROM pg_prepared_statements")?.get("n") ?? -1
        }
        try await store.write { db in
            for n in 0..<500 {
                for _ in 0..<3 { _ = try db.rows(SQL(trusted: "SELECT n + \(n) AS n FROM thing")) }
            }
            let kept = try count(db)
            #expect((PreparedStatements.most - 1...PreparedStatements.most).contains(kept), "\(kept)")
        }
        // Tables that change under a kept statement do not break it.
        _ = try await store.write { db in try (0..<3).map { _ in try db.rows("SELECT * FROM thing").count } }
        let other: Int = try await store.write { db in
            try db.script("ALTER TABLE thing ADD COLUMN more BIGINT NOT NULL DEFAULT 7")
            return try db.run("INSERT INTO thing (n) VALUES (1)")
        }
        #expect(other == 1)
        #expect(try await store.write { try $0.row("SELECT * FROM thing")?.get("more", as: Int.self) } == 7)
    }
}
