import Accounts
import Foundation
import HTTPTypes
import Kernel
import Ledger
import Storage
import Synchronization
import TestKit
import Testing
import Web

@testable import House

/// A database that goes away while the site is served: everybody is told so in words, machines when to come back, and it goes on by itself.
@Suite struct OutageTests {
    /// A store that can be gone, also from the moment on in which it has taken a record.
    final class Shaky: Store {
        let dialect: Dialect
        let inner: any Store
        let trouble = Mutex<String?>(nil)
        let fallsBehindARecord = Mutex(false)
        init(_ inner: any Store) { (self.inner, dialect) = (inner, inner.dialect) }
        private func check() throws { if let code = trouble.withLock({ $0 }) { throw Refusal(code) } }
        private static func records(_ db: any Connection) throws -> Int {
            try db.row("SELECT count(*) AS count FROM record")?.get("count") ?? 0
        }
        func read<T: Sendable>(_ body: @escaping @Sendable (any Connection) throws -> T) async throws -> T {
            try await inner.read { db in
                try self.check()
                return try body(db)
            }
        }
        func write<T: Sendable>(_ body: @escaping @Sendable (any Connection) throws -> T) async throws -> T {
            let watches = fallsBehindARecord.withLock { $0 }
            let (value, isRecord) = try await inner.write { db in
                try self.check()
                let before = watches ? try Shaky.records(db) : 0
                let value = try body(db)
                return (value, try watches && Shaky.records(db) > before)
            }
            if isRecord { trouble.withLock { $0 = "database.unavailable" } }
            return value
        }
    }

    /// A record stands, and then the database goes before the page behind it is read: nobody is told that nothing was saved.
    @Test(arguments: Stores.kinds) func whatStandsIsNotToldAway(_ kind: Dialect) async throws {
        let inner = try await Stores.fresh(kind)
        let store = Shaky(inner)
        let clock = Clock.fixed(try #require(Moment("2022-06-30 12:00")))
        let visitor = try await Visitor.over(try await House.open(store, catalog: Hand.catalog, clock: clock))
        let officer = try await visitor.guest("officer", .officer, division: "330402")
        func there(_ kind: String) async throws -> Int {
            try await inner.read { try $0.row("SELECT count(*) AS count FROM record WHERE kind = \(kind)")?.get("count") ?? 0 }
        }
        var told: [Int] = []
        for (kind, path, form, guest) in [
            (
                "complaint", "/public/complaints", ["division": "330402", "topics": "hazard", "against": "某厂", "text": "粉尘很大"],
                Visitor.Guest.stranger
            ),
            ("employer", "/records/employer", ["name": "厂", "division": "330402", "hazards": "1", "since": "2016-05-01"], officer),
        ] {
            store.fallsBehindARecord.withLock { $0 = true }
            let id = String(kind.first.map { "\($0)9hnxe62pgvq1rmkjye8z24fae" } ?? "")
            let answer = await visitor.post(path, form.merging(["_key": id, "_code": "23456789ABCD"]) { own, _ in own }, as: guest)
            #expect(try await there(kind) == 1, "\(path): \(answer.status) \(answer.text.prefix(300))")
            #expect(!answer.text.contains("没有保存任何内容"), "\(path): \(answer.text.prefix(300))")
            #expect([200, 303].contains(answer.status) || answer.text.contains("可能已保存"), "\(path): \(answer.status)")
            told.append(answer.status)
            (store.trouble.withLock { $0 = nil }, store.fallsBehindARecord.withLock { $0 = false })
            // Sent again, it is the same record.
            _ = await visitor.post(path, form.merging(["_key": id, "_code": "23456789ABCD"]) { own, _ in own }, as: guest)
            #expect(try await there(kind) == 1)
        }
        #expect(told.contains(503), "nothing was read behind the record: the test sees nothing")
    }

    @Test(arguments: [
        ("database.unavailable", 503), ("database.busy", 503), ("database.timeout", 503), ("commit.unknown", 503), ("disk.full", 507),
        ("disk.read-only", 503), ("disk.failed", 503),
    ])
    func everyDoorSaysSo(_ code: String, _ status: Int) async throws {
        let store = Shaky(try await Stores.fresh(.sqlite))
        let clock = Clock.fixed(try #require(Moment("2022-06-30 12:00")))
        let visitor = try await Visitor.over(try await House.open(store, catalog: Hand.catalog, clock: clock))
        var officer = try await visitor.guest("officer", .officer, division: "330402")
        let token = try await visitor.house.accounts.addToken(
            name: "machine", days: 30, mayWrite: true, by: Person(name: "officer", role: .officer))
        for isDown in [true, false] {
            store.trouble.withLock { $0 = isDown ? code : nil }
            for language in Language.allCases {
                officer.language = language
                let words = try Visitor.pages.get().word("refusal.\(code)", in: language)
                for path in ["/", "/records/employer", "/duties", "/api/records/employer"] {
                    let answer = await visitor.get(path, as: officer)
                    #expect((answer.status == status) == isDown, "\(path) \(answer.status)")
                    #expect((answer.headers[.retryAfter] != nil) == isDown, "\(path)")
                    #expect(answer.text.contains(words) == isDown, "\(path): \(answer.text.prefix(300))")
                }
            }
            let body = Array(#"{"name": "x"}"#.utf8)
            let sent = await visitor.send(
                .post, "/api/records/employer", .stranger, type: "application/json", body, headers: ["Authorization": "Bearer \(token)"])
            #expect((sent.status == status && sent.headers[.retryAfter] != nil) == isDown, "\(sent.status) \(sent.text)")
        }
    }
}
