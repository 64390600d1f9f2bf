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
    /// A store that can be gone.
    final class Shaky: Store {
        let dialect = Dialect.sqlite
        let inner: any Store
        let trouble = Mutex<String?>(nil)
        init(_ inner: any Store) { self.inner = inner }
        private func check() throws { if let code = trouble.withLock({ $0 }) { throw Refusal(code) } }
        func read<T: Sendable>(_ body: @escaping @Sendable (any Connection) throws -> T) async throws -> T {
            try check()
            return try await inner.read(body)
        }
        func write<T: Sendable>(_ body: @escaping @Sendable (any Connection) throws -> T) async throws -> T {
            try check()
            return try await inner.write(body)
        }
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
