import Accounts
import Foundation
import Kernel
import Storage
import TestKit
import Testing
import Web

@testable import House
@testable import Ledger

/// Personal and medical fields: nothing of them in clear in what is stored, all of them there again for whoever holds the keys.
@Suite struct SealingTests {
    static let identity = ResidentID.completing("45020419831207991")
    static let phone = "13977281904"
    static let passport = "EA7719044"
    static let thresholds = "25,30,35,41,52,63"
    static let asker = "18977004455"
    static let canaries = [identity, phone, passport, thresholds, "0772-3344127", "13877001144", asker]

    /// Every way in: a new record, a change, a withdrawal, a bulk load, a draft, an import's refusal.
    private static func fill(_ visitor: Visitor) async throws -> (worker: String, exam: String) {
        let house = visitor.house
        try await visitor.store(
            "employer",
            [["code": "A", "name": "甲厂", "division": "450204", "phone": "0772-3344127", "since": "2019-01-01"]])
        let worker = try await visitor.store(
            "worker", [["code": "W", "name": "赵甲", "identity": identity, "other_identity": passport, "phone": phone]])[0]
        try await visitor.store("employment", [["worker": identity, "employer": "A", "from": "2020-01-01"]])
        let exam = try await visitor.store(
            "exam",
            [["code": "E", "worker": "W", "employer": "A", "day": "2022-03-01", "stage": "in_service", "conclusion": "contraindication"]])[
                0]
        try await visitor.store(
            "hearing_test", [["code": "H", "exam": "E", "day": "2022-03-01", "left": thresholds]])
        let kind = try #require(house.ledger.kinds["worker"])
        let submission = Submission(by: .house, door: "test", reason: "更正", home: "450204")
        _ = try await house.ledger.submit([Draft(kind, id: worker, ["phone": "13877001144"])], submission)
        _ = try await house.ledger.submit([Draft(kind, id: worker, ["phone": phone])], submission)
        let officer = Person(name: "officer", role: .officer, functions: ["health"], division: DivisionCode("450204"))
        try await house.ledger.saveDraft(kind, ["name": "钱乙", "identity": identity, "phone": phone], by: officer)
        #expect(try await !asked(house, kind).isReplay)
        _ = try await house.accounts.claim(
            creditCode: DoorTests.credits[0], name: "要账号的单位", county: "450204", contact: "张", phone: asker, password: Visitor.password)
        var record = Record(kind, id: "loaded1", home: "450204", version: 1, recordedAt: house.ledger.clock.now())
        record[kind.fields[1]] = .text("孙丙")
        if let field = kind.field(named: "identity") { record[field] = .text(identity) }
        if let field = kind.field(named: "phone") { record[field] = .text(phone) }
        try await house.ledger.load([Version(record)], by: .house, door: "demo")
        return (worker, exam)
    }

    /// What a machine sends and is answered, as it would be told again.
    @discardableResult private static func asked(_ house: House, _ kind: Kind) async throws -> Answered {
        let submission = Submission(by: .house, door: "api", home: "450204")
        return try await house.ledger.submit(
            [Draft(kind, ["name": "吴庚", "phone": phone])], submission, once: try RequestKey("k-1", over: phone)
        ) { _ in (201, "{\"phone\":\"\(phone)\"}") }
    }

    /// All that stands in any text column of any table.
    static func dump(_ store: any Store) async throws -> String {
        try await store.read { db in
            let names: SQL =
                store.dialect == .sqlite
                ? "SELECT name FROM sqlite_master WHERE type = 'table'"
                : "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = current_schema()"
            var text = ""
            for row in try db.rows(names) {
                let table: String = try row.get(0)
                for row in try db.rows("SELECT * FROM \(SQL(trusted: table))") {
                    for case .text(let value) in row.values { text += value + "\n" }
                }
            }
            return text
        }
    }

    /// What a guesser would try: the text, and digests of it that need no key.
    static func traces(_ text: String) -> [String] {
        [text, String(text.reversed()), Digest.sha256(text), Digest.sha256(text.lowercased()), Data(text.utf8).base64EncodedString()]
    }

    @Test(arguments: Stores.kinds) func nothingIsKeptInClear(_ kind: Dialect) async throws {
        let folder = try BadInputTests.Folder()
        let path = folder.url.appendingPathComponent("house.sqlite").path
        let store: any Store = kind == .sqlite ? try SQLiteStore(path: path) : try await Stores.fresh(kind)
        let clock = Clock.fixed(try #require(Moment("2022-06-30 12:00")))
        let visitor = try await Visitor.over(try await House.open(store, catalog: Hand.catalog, clock: clock))
        let (worker, exam) = try await SealingTests.fill(visitor)
        let ledger = visitor.house.ledger

        let kept = try await SealingTests.dump(store)
        #expect(kept.contains("赵甲") && kept.contains("enc:seal-"), "the dump missed the records")
        for canary in SealingTests.canaries {
            for trace in SealingTests.traces(canary) { #expect(!kept.contains(trace), "\(trace) stands in the database") }
        }
        #expect(!kept.contains("contraindication\""), "a finding stands in the database")
        let record = try #require(try await store.read { try ledger.record($0, exam) })
        #expect(!kept.contains(Digest.sha256(Body.encode(record))), "the audit holds a digest of a finding that can be guessed")
        if kind == .sqlite {
            for suffix in ["", "-wal", "-shm"] {
                let bytes = FileManager.default.contents(atPath: path + suffix) ?? Data()
                #expect(suffix == "-shm" || !bytes.isEmpty)
                for canary in SealingTests.canaries {
                    #expect(bytes.range(of: Data(canary.utf8)) == nil, "\(canary) stands in the file\(suffix)")
                }
            }
        }

        // All of it is there for the house, in every version, and the audit agrees with what is kept.
        let back = try #require(try await store.read { try ledger.record($0, worker) })
        #expect(back.text("identity") == SealingTests.identity && back.text("phone") == SealingTests.phone)
        let phones = try await store.read { try ledger.history($0, worker).map { $0.record?.text("phone") } }
        #expect(phones == [SealingTests.phone, "13877001144", SealingTests.phone])
        #expect(record.text("conclusion") == "contraindication")
        let officer = Person(name: "officer", role: .officer, functions: ["health"], division: DivisionCode("450204"))
        #expect(try await visitor.house.accounts.claims(for: officer).map(\.phone) == [SealingTests.asker])
        let draft = try await store.read { try ledger.drafts($0, of: officer).first }
        #expect(draft?.cells["identity"] == SealingTests.identity)
        #expect(try await ledger.checkVersions() == [])
        #expect(try await ledger.verify().isEmpty)
    }

    /// An exact number finds its record, for whoever might read it; a part of it finds nothing, for nobody.
    @Test(arguments: Stores.kinds) func personalTextsAreFoundWhole(_ kind: Dialect) async throws {
        let visitor = try await Visitor.open(kind)
        let (worker, _) = try await SealingTests.fill(visitor)
        let officer = try await visitor.guest("o", .officer, division: "450204")
        let viewer = try await visitor.guest("v", .viewer, division: "450204")
        func finds(_ text: String, _ guest: Visitor.Guest) async -> Bool {
            await visitor.get("/records/worker?q=\(Visitor.escaped(text))", as: guest).body.contains("/workers/\(worker)")
        }
        for text in [SealingTests.identity, SealingTests.phone, "139 7728 1904", SealingTests.passport.lowercased()] {
            #expect(await finds(text, officer), "\(text)")
            #expect(await !finds(text, viewer), "\(text)")
        }
        for text in [String(SealingTests.identity.prefix(17)), String(SealingTests.phone.dropFirst()), "13877001144"] {
            #expect(await !finds(text, officer), "\(text)")
        }
        #expect(await finds("赵甲", viewer))
    }

    /// Every door masks; the one that does not asks why and writes it down before it opens.
    @Test func everyDoorMasks() async throws {
        let visitor = try await Visitor.open()
        let (worker, exam) = try await SealingTests.fill(visitor)
        let officer = try await visitor.guest("o", .officer, division: "450204")
        let pages = [
            "/records", "/records?q=\(SealingTests.identity)", "/records/worker", "/records/exam", "/records/hearing_test",
            "/records/employer",
            "/workers/\(worker)", "/record/\(worker)", "/record/\(exam)", "/record/\(worker)/edit", "/record/\(exam)/edit",
            "/records/worker/export.csv", "/records/exam/export.csv", "/records/hearing_test/export.csv", "/records/employer/export.csv",
            "/duties", "/duties?q=\(SealingTests.phone)",
        ]
        for page in pages {
            let answer = await visitor.get(page, as: officer)
            #expect(answer.status == 200, "\(page)")
            for canary in SealingTests.canaries where !page.contains(canary) {
                #expect(!answer.body.contains(canary), "\(page) shows \(canary)")
            }
        }
        // A refusal that another record causes does not tell what stands in it.
        let twice = await visitor.post(
            "/records/worker", ["name": "李四", "code": "W", "division": "450204"], as: officer)
        for canary in SealingTests.canaries { #expect(!twice.body.contains(canary)) }

        for (path, id) in [("/workers/\(worker)", worker), ("/record/\(exam)", exam)] {
            let before = try await visitor.auditLines()
            #expect(await visitor.post("\(path)/unmasking", ["reason": "  "], as: officer).status == 422)
            #expect(try await visitor.auditLines() == before)
            let clear = await visitor.post("\(path)/unmasking", ["reason": "复核\(id)"], as: officer)
            #expect(clear.status == 200)
            #expect(clear.body.contains(id == worker ? SealingTests.identity : "职业禁忌证"))
            #expect(try await visitor.auditLines() == before + 1)
            let line = try await visitor.house.ledger.store.read { try Audit($0).lines(.init(subject: id), limit: 1).first }
            #expect(line?.person == "o" && line?.detail.hasSuffix("unmasked: 复核\(id)") == true)
        }
    }

    /// Keys are changed under a house at work; nothing that it says changes.
    @Test(arguments: Stores.kinds) func rotationChangesNothingButTheSeals(_ kind: Dialect) async throws {
        let moving = MovingClock()
        let ring = KeyRing(keys: KeyRing.Purpose.allCases.map { KeyRing.Key($0, made: Clock.system.today) })
        let store = try await Stores.fresh(kind)
        let house = try await House.open(store, catalog: Hand.catalog, clock: moving.clock, keys: ring)
        var world = RandomWorld(house.ledger, seed: 11, clock: moving)
        try await world.fill(150)
        moving.set(try #require(Moment("2022-06-30 12:00")))
        _ = try await SealingTests.fill(try await Visitor.over(house))
        struct Snapshot: Equatable {
            var versions: [String], audit: [String], figures: [String]
        }
        func snapshot() async throws -> Snapshot {
            try await store.read { db in
                var versions: [String] = []
                for row in try db.rows("SELECT * FROM record_version ORDER BY home, id, version") {
                    guard let kind = house.ledger.kinds[try row.get("kind")] else { continue }
                    var record = Record(kind, id: try row.get("id"), home: try row.get("home"))
                    try Body.decode(try row.get("body"), into: &record, ring)
                    versions.append(
                        "\(record.id) \(try row.get("version", as: Int.self)) \(try row.get("recorded_at", as: Int.self)) \(Body.encode(record))"
                    )
                }
                return Snapshot(
                    versions: versions, audit: try Audit(db).lines(limit: 100_000).filter { $0.subject != "keys" }.map(\.hash),
                    figures: try db.rows("SELECT * FROM stretch ORDER BY home, root, gauge, sequence").map { "\($0.values)" })
            }
        }
        let before = try await snapshot()
        let old = try await house.ledger.sealState()
        let keys = ring.keys.map(\.id)
        #expect(old.clear == 0 && (old.counts[keys[0]] ?? 0) > 20 && (old.counts[keys[1]] ?? 0) > 5)
        await #expect(throws: Refusal.self) { try await house.ledger.dropKey(keys[0], by: .house) }

        _ = try await house.ledger.rotateKeys([.seal, .index], by: .house)
        let new = try await house.ledger.sealState()
        #expect(new.counts[keys[0]] == nil && new.counts[keys[1]] == nil && new.clear == 0)
        #expect(new.counts.values.reduce(0, +) == old.counts.values.reduce(0, +))
        #expect(try await snapshot() == before)
        #expect(try await house.ledger.verify().isEmpty)
        #expect(try await house.ledger.checkVersions() == [])
        #expect(try await house.ledger.checkAudit().isWhole)
        let found = try await store.read { db in
            try db.rows("SELECT id FROM link WHERE target IN \(list: house.ledger.finds(SealingTests.identity))").count
        }
        #expect(found == 2)
        let again = try await SealingTests.asked(house, try #require(house.ledger.kinds["worker"]))
        #expect(again.isReplay && again.text.contains(SealingTests.phone))
        let officer = Person(name: "officer", role: .officer, functions: ["health"], division: DivisionCode("450204"))
        #expect(try await house.accounts.claims(for: officer).map(\.phone) == [SealingTests.asker])

        // What nothing is kept under may go; a ring without a key that is used is told at the start.
        try await house.ledger.dropKey(keys[0], by: .house)
        try await house.ledger.dropKey(keys[1], by: .house)
        #expect(try await snapshot() == before)
        await #expect(throws: Refusal.self) { try await house.ledger.dropKey(keys[2], by: .house) }
        let stranger = KeyRing(keys: KeyRing.Purpose.allCases.map { KeyRing.Key($0, made: Clock.system.today) })
        do {
            _ = try await House.open(store, catalog: Hand.catalog, clock: moving.clock, keys: stranger)
            Issue.record("a wrong ring was taken")
        } catch let refusal as Refusal { #expect(refusal.code == "keys.wrong") }
    }

    /// A ring in a file: made at the first start for its owner alone, missed and known again, followed by another process.
    @Test func aRingIsAFileOfItsOwn() async throws {
        let folder = try BadInputTests.Folder()
        let path = folder.url.appendingPathComponent("house.sqlite").path
        let clock = Clock.fixed(try #require(Moment("2022-06-30 12:00")))
        let first = try await House.open(path, data: Repository.data, clock: clock)
        let keys = path + ".keys"
        #expect(try FileManager.default.attributesOfItem(atPath: keys)[.posixPermissions] as? Int == 0o600)
        let visitor = try await Visitor.over(first)
        let (worker, _) = try await SealingTests.fill(visitor)

        // A second house over the same files is the command line beside the server.
        let second = try await House.open(path, data: Repository.data, clock: clock)
        let writing = Task {
            let kind = try #require(first.ledger.kinds["worker"])
            for number in 0..<40 {
                _ = try await first.ledger.submit(
                    [Draft(kind, ["name": "工\(number)", "phone": "139\(10_000_000 + number)"])],
                    Submission(by: .house, door: "test", home: "450204"))
                try await Task.sleep(for: .milliseconds(60))
            }
        }
        _ = try await second.ledger.rotateKeys([.seal, .index], by: .house)
        try await writing.value
        let state = try await second.ledger.sealState()
        let newest = Set(KeyRing.Purpose.allCases.compactMap { second.ledger.keys.current($0)?.id })
        #expect(Set(state.counts.keys).isSubset(of: newest), "\(state.counts)")
        #expect(try await first.ledger.store.read { try first.ledger.record($0, worker)?.text("phone") } == SealingTests.phone)
        #expect(try await first.ledger.checkVersions() == [])
        #expect(try await first.ledger.checkAudit().isWhole)

        // Without its ring a database does not open, and no new ring is made over it; a damaged ring is told too.
        let kept = try #require(FileManager.default.contents(atPath: keys))
        func refused() async -> String? {
            do {
                _ = try await House.open(path, data: Repository.data, clock: clock)
                return nil
            } catch { return (error as? Refusal)?.code }
        }
        try FileManager.default.removeItem(atPath: keys)
        #expect(await refused() == "keys.missing")
        #expect(!FileManager.default.fileExists(atPath: keys))
        try kept.prefix(kept.count / 2).write(to: URL(fileURLWithPath: keys))
        #expect(await refused() == "keys.unreadable")
        try kept.write(to: URL(fileURLWithPath: keys))
        #expect(await refused() == nil)
    }

    /// A sealed text opens only where it was sealed; a version that was changed in the database is told by the audit.
    @Test func sealedTextsStayWhereTheyAre() async throws {
        let visitor = try await Visitor.open()
        let (worker, exam) = try await SealingTests.fill(visitor)
        let ledger = visitor.house.ledger
        let other = try await visitor.store("worker", [["name": "周己", "phone": "13600000000"]])[0]
        try await ledger.store.write { db in
            let body: String = try #require(try db.row("SELECT body FROM record_version WHERE id = \(worker) AND version = 1")?.get("body"))
            try db.run("UPDATE record_version SET body = \(body) WHERE id = \(other)")
        }
        do {
            _ = try await ledger.store.read { try ledger.record($0, other) }
            Issue.record("another's number was read")
        } catch let refusal as Refusal { #expect(refusal.code == "seal.broken") }
        #expect(try await ledger.checkVersions().map(\.subject) == [other])
        try await ledger.store.write { db in
            try db.run("UPDATE record_version SET body = replace(body, '2022-03-01', '2021-03-01') WHERE id = \(exam)")
            try db.run("DELETE FROM record_version WHERE id = \(worker) AND version = 2")
        }
        let flaws = try await ledger.checkVersions()
        #expect(Set(flaws.map { "\($0.code.rawValue) \($0.subject)" }) == ["version \(other)", "version \(exam)", "lost \(worker)"])
        #expect(try await ledger.checkAudit().isWhole, "the chain itself was not touched")
    }

    /// A database of the time before sealing is sealed when it is opened, and keeps nothing in its free pages.
    @Test func whatWasKeptInClearIsSealedOnce() async throws {
        let folder = try BadInputTests.Folder()
        let path = folder.url.appendingPathComponent("house.sqlite").path
        let clock = Clock.fixed(try #require(Moment("2022-06-30 12:00")))
        do {
            let house = try await House.open(path, data: Repository.data, clock: clock)
            let (worker, _) = try await SealingTests.fill(try await Visitor.over(house))
            try await house.ledger.store.write { db in
                let body = "{\"code\":\"W\",\"name\":\"赵甲\",\"identity\":\"\(SealingTests.identity)\",\"phone\":\"\(SealingTests.phone)\"}"
                try db.run("UPDATE record_version SET body = \(body) WHERE id = \(worker)")
                try db.run("UPDATE record SET folded = \("w " + SealingTests.identity) WHERE id = \(worker)")
                try db.run("DELETE FROM link WHERE id = \(worker) AND field = 'find.identity'")
                try db.run(
                    """
                    INSERT INTO link (home, id, field, target, kind, part)
                    SELECT home, id, 'key.identity', \("key:worker:" + SealingTests.identity), kind, 0 FROM record WHERE id = \(worker)
                    """)
                try db.run("UPDATE claim SET phone = \(SealingTests.asker)")
                try db.run("DELETE FROM house_state WHERE name = 'sealed'")
            }
        }
        let house = try await House.open(path, data: Repository.data, clock: clock)
        for suffix in ["", "-wal"] {
            let bytes = FileManager.default.contents(atPath: path + suffix) ?? Data()
            for canary in SealingTests.canaries { #expect(bytes.range(of: Data(canary.utf8)) == nil, "\(canary) in the file\(suffix)") }
        }
        let found = try await house.ledger.store.read { db in
            try db.rows("SELECT id FROM link WHERE target IN \(list: house.ledger.finds(SealingTests.identity))").count
        }
        #expect(found == 2)
        #expect(try await house.ledger.sealState().clear == 0)
    }
}
