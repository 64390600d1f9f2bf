import Foundation
import Kernel
import Storage
import TestKit
import Testing

@testable import Ledger

/// Published heads: what they say, who signed them, what they hold the database to.
@Suite struct AuditHeadTests {
    @Test(arguments: Stores.kinds) func headsFollowEachOther(_ kind: Dialect) async throws {
        let audit = try await TamperedAudit(kind, lines: 120, seed: 8)
        let heads = try audit.ledger.heads.all()
        #expect(heads.count > 2 && heads.map(\.number) == Array(1...heads.count))
        #expect(AuditHead.flaws(heads, publicKeys: audit.ledger.keys.publicKeys) == [])
        #expect(try await audit.ledger.checkAudit().isWhole)
        // Nothing happened since: no further head today.
        #expect(try await audit.ledger.publishHead() == nil)
        #expect(try AuditHead.read(heads.map(\.json).joined(separator: "\n")) == heads)
        #expect(throws: Refusal.self) { try AuditHead.read("{\"number\": 1}") }
    }

    @Test func everyChangeOfAHeadIsFound() async throws {
        let audit = try await TamperedAudit(.sqlite, lines: 120, seed: 9)
        let heads = try audit.ledger.heads.all()
        let keys = audit.ledger.keys.publicKeys
        let line = try #require(heads.last?.json)
        // Any digit or letter of it, changed: no longer a head, or not the one that was signed.
        var random = SeededGenerator(seed: 3)
        for index in line.indices where line[index].isLetter || line[index].isNumber {
            guard Int.random(in: 0..<3, using: &random) == 0 else { continue }
            var changed = line
            let other: Character = line[index] == "1" ? "2" : "1"
            changed.replaceSubrange(index...index, with: String(other))
            guard let head = try? AuditHead.read(changed).first else { continue }
            #expect(!AuditHead.flaws([head], publicKeys: keys).isEmpty, "\(changed)")
        }
        // One taken out, two changed over, one signed by another key.
        var gap = heads
        gap.remove(at: 1)
        #expect(AuditHead.flaws(gap, publicKeys: keys).contains { $0.code == .order })
        var swapped = heads
        swapped.swapAt(0, 1)
        #expect(AuditHead.flaws(swapped, publicKeys: keys).contains { $0.code == .order })
        let stranger = KeyRing(keys: KeyRing.Purpose.allCases.map { KeyRing.Key($0, made: Clock.system.today) })
        let forged = try #require(try heads.last?.signed(by: stranger))
        #expect(AuditHead.flaws([forged], publicKeys: keys).map(\.code) == [.signature])
        #expect(AuditHead.flaws([forged], publicKeys: stranger.publicKeys) == [])
    }

    /// Over a database that contradicts the last head nothing further is signed, but for a reason that everybody reads.
    @Test func whatContradictsIsNotPublished() async throws {
        let audit = try await TamperedAudit(.sqlite, lines: 120, seed: 10)
        let ledger = audit.ledger
        try await audit.store.write { try $0.script("DELETE FROM audit WHERE home = '330402' AND sequence > 2") }
        await #expect(throws: Refusal.self) { try await ledger.publishHead(always: true) }
        let cut = try await ledger.checkAudit()
        #expect(cut.flaws.map(\.home) == ["330402"] && cut.flaws.map(\.code) == [.cut])
        let head = try await ledger.publishHead(note: "恢复了六月一日的备份")
        #expect(head?.note == "恢复了六月一日的备份")
        #expect(try await ledger.checkAudit().isWhole)
        try await audit.store.write { db in
            try Audit(db).append(home: "330402", at: ledger.clock.now(), by: "o", door: "page", [("r", "v1")])
        }
        #expect(try await ledger.publishHead()?.number == (head?.number ?? 0) + 1)
        // From then on it binds again.
        try await audit.store.write { try $0.script("DELETE FROM audit WHERE home = '330402' AND sequence > 2") }
        #expect(try await !ledger.checkAudit().isWhole)
    }

    /// A file of heads that two processes add to, and a copy elsewhere.
    @Test func headsAreAFile() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("heads-\(Digest.hex(Digest.random(6)))")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let url = folder.appendingPathComponent("h.heads")
        let (here, there) = (AuditHeads(url: url), AuditHeads(url: url))
        try await withThrowingTaskGroup(of: Void.self) { group in
            for index in 0..<20 {
                group.addTask {
                    _ = try (index % 2 == 0 ? here : there).add { last in
                        try AuditHead(
                            number: (last?.number ?? 0) + 1, moment: Moment(microseconds: Int64(last?.number ?? 0)), homes: [:],
                            previous: last?.digest ?? ""
                        ).signed(by: .ephemeral)
                    }
                }
            }
            try await group.waitForAll()
        }
        let all = try here.all()
        #expect(all.count == 20 && AuditHead.flaws(all, publicKeys: KeyRing.ephemeral.publicKeys) == [])
        let copy = folder.appendingPathComponent("copy.heads")
        try here.copy(to: copy)
        #expect(try AuditHeads(url: copy).all() == all)
        try here.copy(to: copy)
        try Data((all[0].json + "\n" + all[2].json + "\n").utf8).write(to: copy)
        #expect(throws: Refusal.self) { try here.copy(to: copy) }
    }

    /// What the power cut off in the middle of a line was never published; the next head stands on a line of its own.
    @Test(arguments: ["{\"number\": 3, \"mom", "\u{0}\u{0}\u{0}", "whole"]) func aLineThatWasCutOffIsNone(_ tail: String) throws {
        let url = FileManager.default.temporaryDirectory.appendingPathComponent("heads-\(Digest.hex(Digest.random(6)))")
        defer { try? FileManager.default.removeItem(at: url) }
        let heads = AuditHeads(url: url)
        func add() throws {
            _ = try heads.add { last in
                try AuditHead(
                    number: (last?.number ?? 0) + 1, moment: Moment(microseconds: 5), homes: [:], previous: last?.digest ?? ""
                ).signed(by: .ephemeral)
            }
        }
        try add()
        try add()
        let whole = try #require(FileManager.default.contents(atPath: url.path))
        // A copy made by hand may lack the end of its last line: that head counts.
        try (tail == "whole" ? whole.dropLast() : whole + Data(tail.utf8)).write(to: url)
        #expect(try heads.all().map(\.number) == [1, 2])
        try add()
        #expect(try heads.all().map(\.number) == [1, 2, 3])
        #expect(AuditHead.flaws(try heads.all(), publicKeys: KeyRing.ephemeral.publicKeys) == [])
        #expect(try AuditHead.read(String(contentsOf: url, encoding: .utf8)).count == 3)
    }
}
