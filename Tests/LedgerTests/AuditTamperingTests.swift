import Foundation
import Kernel
import Storage
import TestKit
import Testing

@testable import Ledger

/// Chains of several homes as a year of work leaves them, their published heads, and what somebody with the database in hand could do.
struct TamperedAudit {
    static let homes = ["000000", "330402", "330411", "330421", "330424", "330481"]
    let ledger: Ledger
    var store: any Store { ledger.store }

    /// - Parameter lines: of all homes together; they grow unevenly, and a head is published now and then and at the end.
    init(_ kind: Dialect, lines: Int, seed: UInt64) async throws {
        let store = try await Stores.fresh(kind)
        try await Ledger.schema().bring(upToDate: store)
        let clock = MovingClock()
        ledger = try Ledger(store: store, catalog: Hand.catalog, features: [], clock: clock.clock, heads: AuditHeads()) { _ in [] }
        var random = SeededGenerator(seed: seed)
        var moment = Int64(1_600_000_000_000_000)
        var written = 0
        while written < lines {
            moment += Int64.random(in: 1...40_000_000_000, using: &random)
            clock.set(Moment(microseconds: moment))
            let home = Self.homes[min(Int.random(in: 0...7, using: &random), Self.homes.count - 1)]
            let batch = (0..<Int.random(in: 1...6, using: &random)).map { _ in TamperedAudit.content(&random) }
            let person = ["officer330402", "工厂甲", "inspector", "auditor,1"].randomElement(using: &random) ?? ""
            let door = ["page", "csv", "api", "sign-in"].randomElement(using: &random) ?? ""
            let at = Moment(microseconds: moment)
            try await store.write { try Audit($0).append(home: home, at: at, by: person, door: door, batch) }
            written += batch.count
            if Int.random(in: 0..<(lines / 40 + 1), using: &random) == 0 { _ = try await ledger.publishHead() }
        }
        _ = try await ledger.publishHead(always: true)
    }
    static func content(_ random: inout SeededGenerator) -> (subject: String, detail: String) {
        let id = Identifier.make(at: Moment(microseconds: Int64.random(in: 1...2_000_000_000_000_000, using: &random)))
        let detail =
            Bool.random(using: &random)
            ? "worker v\(Int.random(in: 1...9, using: &random)) \(Digest.hex((0..<32).map { _ in UInt8.random(in: 0...255, using: &random) }))"
            : ["worker v1 unmasked: 核对身份", "signed in", "wrong password", ""].randomElement(using: &random) ?? ""
        return (id, detail)
    }

    /// What was done to the stored audit: SQL that both checkers' databases run.
    struct Tampering: Codable, Sendable {
        let kind: String
        let sql: [String]
    }

    /// Draws one tampering. Whoever does it knows the rules of the chain and may make hashes anew from the line on that they touch.
    static func draw(_ lines: [Audit.Line], _ random: inout SeededGenerator) -> Tampering {
        let kinds = [
            "edit", "edit-hash", "delete", "delete-many", "delete-renumber", "insert", "insert-renumber", "reorder", "move", "truncate",
            "home-gone", "rename-home", "remake", "remake-cut", "append-backdated",
        ]
        let kind = kinds.randomElement(using: &random) ?? "edit"
        let home = homes.randomElement(using: &random) ?? ""
        var chain = lines.filter { $0.home == home }.map(Draft.init)
        let index = Int.random(in: 0..<chain.count, using: &random)
        let at = "WHERE home = '\(home)' AND sequence = \(chain[index].sequence)"
        func sql(_ text: String) -> Tampering { Tampering(kind: kind, sql: [text]) }
        switch kind {
        case "edit":
            let column = ["moment", "person", "door", "subject", "detail"].randomElement(using: &random) ?? ""
            guard column != "moment" else {
                let by = Int.random(in: 1...9_000_000_000, using: &random) * (Bool.random(using: &random) ? 1 : -1)
                return sql("UPDATE audit SET moment = moment + \(by) \(at)")
            }
            // A bit of the text, all of it, or its border to the next column.
            let value = ["\(column) || ' '", "'x' || \(column)", "'someone else'"].randomElement(using: &random) ?? ""
            if column == "person", Bool.random(using: &random) { return sql("UPDATE audit SET person = person || door, door = '' \(at)") }
            return sql("UPDATE audit SET \(column) = \(value) \(at)")
        case "edit-hash":
            let other = Digest.hex((0..<32).map { _ in UInt8.random(in: 0...255, using: &random) })
            return sql("UPDATE audit SET hash = '\(other)' \(at)")
        case "delete": return sql("DELETE FROM audit \(at)")
        case "delete-many":
            let until = chain[index].sequence + Int.random(in: 0...5, using: &random)
            return sql("DELETE FROM audit WHERE home = '\(home)' AND sequence BETWEEN \(chain[index].sequence) AND \(until)")
        case "truncate": return sql("DELETE FROM audit WHERE home = '\(home)' AND sequence >= \(chain[index].sequence)")
        case "home-gone": return sql("DELETE FROM audit WHERE home = '\(home)'")
        case "rename-home": return sql("UPDATE audit SET home = '330499' WHERE home = '\(home)'")
        case "append-backdated":
            let line = Draft(copying: chain[index], sequence: chain.count + 1)
            chain.append(line)
            return Tampering(kind: kind, sql: rewrite(home, chain, from: chain.count - 1))
        case "delete-renumber":
            chain.remove(at: index)
            // The last line gone is a chain cut off.
            return Tampering(kind: kind, sql: rewrite(home, chain, from: index))
        case "insert":
            // A line in the place of a free number: between two, there is none.
            return sql(
                "INSERT INTO audit SELECT home, \(chain.count + Int.random(in: 1...3, using: &random)), moment, person, door, subject, detail, hash FROM audit \(at)"
            )
        case "insert-renumber":
            chain.insert(Draft(copying: chain[index], sequence: 0), at: index)
            return Tampering(kind: kind, sql: rewrite(home, chain, from: index, hashes: Bool.random(using: &random)))
        case "reorder":
            let other = chain[(index + Int.random(in: 1..<max(2, chain.count), using: &random)) % chain.count].sequence
            guard other != chain[index].sequence else { return sql("DELETE FROM audit \(at)") }
            return Tampering(
                kind: kind,
                sql: [
                    "UPDATE audit SET sequence = -1 \(at)",
                    "UPDATE audit SET sequence = \(chain[index].sequence) WHERE home = '\(home)' AND sequence = \(other)",
                    "UPDATE audit SET sequence = \(other) WHERE home = '\(home)' AND sequence = -1",
                ])
        case "move":
            // Into another chain's end.
            let other = homes[((homes.firstIndex(of: home) ?? 0) + 1) % homes.count]
            let count = lines.count { $0.home == other }
            return sql("UPDATE audit SET home = '\(other)', sequence = \(count + 1) \(at)")
        case "remake":
            chain[index].detail += "!"
            return Tampering(kind: kind, sql: rewrite(home, chain, from: index))
        default:
            chain[index].person = "nobody"
            chain.removeLast(min(chain.count - index - 1, Int.random(in: 0...3, using: &random)))
            return Tampering(kind: kind, sql: rewrite(home, chain, from: index))
        }
    }

    /// A line as it is being forged.
    struct Draft {
        var sequence: Int
        var moment: Moment
        var person, door, subject, detail, hash: String
        init(_ line: Audit.Line) {
            (sequence, moment, person, door) = (line.sequence, line.moment, line.person, line.door)
            (subject, detail, hash) = (line.subject, line.detail, line.hash)
        }
        init(copying line: Draft, sequence: Int) {
            self = line
            self.sequence = sequence
            detail += " 补记"
            moment = Moment(microseconds: moment.microseconds - 7_200_000_000)
        }
    }

    /// A chain written anew from a line on, numbered without gaps, with hashes as the chain's rules want them.
    private static func rewrite(_ home: String, _ chain: [Draft], from: Int, hashes: Bool = true) -> [String] {
        func quoted(_ text: String) -> String { "'" + text.replacing("'", with: "''") + "'" }
        var sql = ["DELETE FROM audit WHERE home = '\(home)' AND sequence >= \(from + 1)"]
        var previous = from > 0 ? chain[from - 1].hash : ""
        for (index, line) in chain.enumerated().dropFirst(from) {
            if hashes {
                previous = Audit.hash(previous, home, index + 1, line.moment, [line.person, line.door, line.subject, line.detail])
            }
            let cells = [line.person, line.door, line.subject, line.detail, hashes ? previous : line.hash].map(quoted)
            sql.append(
                "INSERT INTO audit VALUES ('\(home)', \(index + 1), \(line.moment.microseconds), \(cells.joined(separator: ", ")))")
        }
        return sql
    }

    private struct Undone: Error { let result: AuditCheck.Result }

    /// What the check finds in the tampered database, which is as before afterwards.
    func check(_ tampering: Tampering, heads: [AuditHead]) async throws -> AuditCheck.Result {
        do {
            return try await store.write { db -> AuditCheck.Result in
                for text in tampering.sql { try db.script(text) }
                throw Undone(result: try Audit(db).check(heads))
            }
        } catch let undone as Undone { return undone.result }
    }
    func lines() async throws -> [Audit.Line] {
        try await store.read { db in try db.rows("SELECT \(Audit.columns) FROM audit ORDER BY home, sequence").map(Audit.Line.init) }
    }
}

/// What the second checker is asked, and answers: Tests/audit/tamper.py.
private struct Asked: Encodable {
    let database: String
    let heads, keys: [String]
    let tamperings: [TamperedAudit.Tampering]
    let without: [String]
}
private struct Answered: Decodable {
    let untouched: [String]
    let missed: Int
    let first: [String]
}

@Suite struct AuditTamperingTests {
    private static let isLong = ProcessInfo.processInfo.environment["ZHIFANG_TEST_LONG"] != nil

    private func tamperings(_ count: Int, of lines: [Audit.Line], seed: UInt64) -> [TamperedAudit.Tampering] {
        var random = SeededGenerator(seed: seed)
        return (0..<count).map { _ in TamperedAudit.draw(lines, &random) }
    }

    private func second(
        _ audit: TamperedAudit, _ heads: [AuditHead], _ tamperings: [TamperedAudit.Tampering], without: [String] = []
    ) throws -> Answered {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("audit-\(UUID().uuidString).sqlite").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        try #require(audit.store as? SQLiteStore).backup(to: path)
        return try Python.ask(
            "Tests/audit/tamper.py",
            Asked(
                database: path, heads: heads.map(\.json), keys: audit.ledger.keys.publicKeys, tamperings: tamperings, without: without))
    }

    /// Thousands of tamperings, ten thousand of a longer chain where ZHIFANG_TEST_LONG is set, each found by the house's own check and by a
    /// second one in another language that shares no code with it,
    /// given the last published head and nothing else.
    @Test func everyTamperingIsFound() async throws {
        let audit = try await TamperedAudit(.sqlite, lines: Self.isLong ? 4000 : 150, seed: 4)
        let last = try #require(try audit.ledger.heads.last())
        let whole = try await audit.ledger.checkAudit(heads: [last])
        #expect(whole.isWhole && whole.homes == 6 && whole.since == 0)
        let all = tamperings(Self.isLong ? 10_000 : 3_000, of: try await audit.lines(), seed: 44)
        let kinds = Dictionary(grouping: all, by: \.kind).mapValues(\.count)
        #expect(kinds.count == 15 && kinds.values.allSatisfy { $0 > 100 })
        for (number, tampering) in all.enumerated() {
            if try await audit.check(tampering, heads: [last]).isWhole { Issue.record("tampering \(number) was not found: \(tampering)") }
        }
        #expect(try await audit.ledger.checkAudit().isWhole, "the test left something changed")
        let second = try second(audit, [last], all)
        #expect(second.untouched == [] && second.missed == 0, "\(second)")
    }

    /// A chain of thousands of lines, with all its heads.
    @Test func longChainsAreWatchedToo() async throws {
        let audit = try await TamperedAudit(.sqlite, lines: 5000, seed: 5)
        let heads = try audit.ledger.heads.all()
        #expect(heads.count > 5)
        let whole = try await audit.ledger.checkAudit()
        #expect(whole.isWhole && whole.lines >= 5000)
        let all = tamperings(60, of: try await audit.lines(), seed: 55)
        for tampering in all {
            if try await audit.check(tampering, heads: heads).isWhole { Issue.record("not found: \(tampering)") }
        }
        let second = try second(audit, heads, all)
        #expect(second.untouched == [] && second.missed == 0, "\(second)")
    }

    /// The test can fail: a checker without the hashes, and one without the heads, miss what they must miss.
    @Test func aCheckerThatLacksARuleMisses() async throws {
        let audit = try await TamperedAudit(.sqlite, lines: 200, seed: 6)
        let heads = [try #require(try audit.ledger.heads.last())]
        let all = tamperings(600, of: try await audit.lines(), seed: 66)
        var missed: Set<String> = []
        for tampering in all where try await audit.check(tampering, heads: []).isWhole { missed.insert(tampering.kind) }
        #expect(
            missed.isSuperset(of: [
                "truncate", "home-gone", "delete-renumber", "remake", "remake-cut", "insert-renumber", "append-backdated",
            ]) && missed.isDisjoint(with: ["edit", "edit-hash", "insert", "move", "rename-home"]))
        #expect(try second(audit, heads, all).missed == 0)
        #expect(try second(audit, heads, all, without: ["heads"]).missed > 100)
        #expect(try second(audit, heads, all, without: ["hash"]).missed > 30)
    }
}
