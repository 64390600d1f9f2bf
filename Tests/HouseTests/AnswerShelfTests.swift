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

/// Answers to programs that are given again: without a question to the database, and never when something was committed since.
@Suite struct AnswerShelfTests {
    /// A store that counts what is read of it.
    final class Counted: Store {
        let inner: any Store
        let count = Mutex(0)
        var dialect: Dialect { inner.dialect }
        var stamp: CommitStamp? { inner.stamp }
        init(_ inner: any Store) { self.inner = inner }
        func read<T: Sendable>(_ body: @escaping @Sendable (any Connection) throws -> T) async throws -> T {
            count.withLock { $0 += 1 }
            return try await inner.read(body)
        }
        func write<T: Sendable>(_ body: @escaping @Sendable (any Connection) throws -> T) async throws -> T { try await inner.write(body) }
    }

    /// A house in a file, with a clock that can be set.
    final class Place: Sendable {
        let path: String
        let store: Counted
        let visitor: Visitor
        let now: ClockHand
        init() async throws {
            let path = FileManager.default.temporaryDirectory.appendingPathComponent("zhifang-shelf-\(UUID().uuidString).sqlite").path
            let hand = ClockHand(try #require(Moment("2022-06-30 12:00")))
            (self.path, store, now) = (path, Counted(try SQLiteStore(path: path)), hand)
            visitor = try await Visitor.over(try await House.open(store, catalog: Hand.catalog, clock: Clock { hand.moment }))
        }
        deinit { for end in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + end) } }

        /// A person's token for a program.
        func token(_ name: String, division: String = "330402") async throws -> String {
            if try await visitor.house.accounts.list().allSatisfy({ $0.name != name }) {
                _ = try await visitor.guest(name, .officer, division: division)
            }
            return try await visitor.house.accounts.addToken(
                name: "program", days: 30, mayWrite: true, by: Person(name: name, role: .officer))
        }
        func send(
            _ method: HTTPRequest.Method, _ path: String, _ token: String, _ body: String = "", _ headers: [String: String] = [:]
        ) async -> Visitor.Answer {
            await visitor.send(
                method, path, .stranger, type: body.isEmpty ? nil : "application/json", Array(body.utf8),
                headers: ["Authorization": "Bearer \(token)"].merging(headers) { $1 })
        }
        /// An answer, and whether the database was asked for it.
        func get(_ path: String, _ token: String, _ headers: [String: String] = [:]) async -> (answer: Visitor.Answer, isAnew: Bool) {
            let before = store.count.withLock { $0 }
            let answer = await send(.get, path, token, "", headers)
            return (answer, store.count.withLock { $0 } > before)
        }
        func add(_ name: String, _ token: String) async throws -> String {
            let made = await send(.post, "/api/records/employer", token, #"{"values": {"name": "\#(name)", "division": "330402"}}"#)
            let json = try #require(try JSONSerialization.jsonObject(with: Data(made.body.utf8)) as? [String: Any], "\(made.body)")
            return try #require(json["id"] as? String)
        }
    }
    final class ClockHand: Sendable {
        private let state: Mutex<Moment>
        init(_ moment: Moment) { state = Mutex(moment) }
        var moment: Moment { state.withLock { $0 } }
        func go(_ seconds: Int) { state.withLock { $0 = Moment(microseconds: $0.microseconds + Int64(seconds) * 1_000_000) } }
    }
    static let list = "/api/records/employer"

    @Test func anAnswerIsGivenAgainUntilSomethingIsCommitted() async throws {
        let place = try await Place()
        let token = try await place.token("officer")
        let id = try await place.add("甲厂", token)
        for path in [AnswerShelfTests.list, "/api/record/\(id)", "/api/record/\(id)/versions", "/api/me", "/api/duties", "/api/plans"] {
            // The first use of a token is noted, so that the very first answer may be made twice.
            _ = await place.get(path, token)
            let (first, _) = await place.get(path, token)
            let (again, isAnew) = await place.get(path, token)
            #expect(!isAnew && first.status == 200 && again.body == first.body && again.headers == first.headers, "\(path)")
            #expect(await place.get(path, token, ["Cache-Control": "no-cache"]).isAnew, "\(path)")
        }
        // A look of its own, another language and another person are other questions.
        #expect(await place.get(AnswerShelfTests.list + "?q=%E4%B9%99", token).answer.body.contains("甲厂") == false)
        let english = await place.get("/api/record/none", token, ["Accept-Language": "en"]).answer
        #expect(english.status == 404)
        let neighbour = try await place.token("neighbour", division: "330481")
        _ = await place.get(AnswerShelfTests.list, token)
        #expect(await place.get(AnswerShelfTests.list, token).answer.body.contains("甲厂"))
        #expect(await place.get(AnswerShelfTests.list, neighbour).answer.body.contains("甲厂") == false)
        // A refusal is not kept.
        _ = await place.get("/api/record/none", token)
        #expect(await place.get("/api/record/none", token).isAnew)
        // A change through this door.
        _ = try await place.add("乙厂", token)
        #expect(await place.get(AnswerShelfTests.list, token).answer.body.contains("乙厂"))
        // One by another program at the same file.
        #expect(await place.get(AnswerShelfTests.list, token).isAnew == false)
        let other = try await House.open(try SQLiteStore(path: place.path), catalog: Hand.catalog, clock: Clock { place.now.moment })
        let elsewhere = try await Visitor.over(other)
        let made = await elsewhere.send(
            .post, AnswerShelfTests.list, .stranger, type: "application/json",
            Array(#"{"values": {"name": "丙厂", "division": "330402"}}"#.utf8), headers: ["Authorization": "Bearer \(token)"])
        #expect(made.status == 201)
        #expect(await place.get(AnswerShelfTests.list, token).answer.body.contains("丙厂"))
    }

    /// A token that was taken back opens nothing from then on; one that has ended opens nothing ten seconds later.
    @Test func aTokenThatIsGoneOpensNothing() async throws {
        let place = try await Place()
        let token = try await place.token("officer")
        for _ in 0..<3 { #expect(await place.get("/api/me", token).answer.status == 200) }
        place.now.go(11)
        #expect(await place.get("/api/me", token).isAnew)
        #expect(await place.get("/api/me", token).isAnew == false)
        // Behind midnight figures are those of another day.
        place.now.go(12 * 3600 - 11 - 2)
        for _ in 0..<2 { _ = await place.get("/api/me", token) }
        #expect(await place.get("/api/me", token).isAnew == false)
        place.now.go(4)
        #expect(await place.get("/api/me", token).isAnew)
        for _ in 0..<2 { _ = await place.get("/api/me", token) }
        let accounts = place.visitor.house.accounts
        let officer = Person(name: "officer", role: .officer)
        let listed = try await accounts.tokens(of: "officer")
        try await accounts.revokeToken(try #require(listed.first?.id), by: officer)
        #expect(await place.get("/api/me", token).answer.status == 401)
        let second = try await place.token("officer")
        for _ in 0..<3 { _ = await place.get("/api/me", second) }
        place.now.go(31 * 24 * 3600)
        #expect(await place.get("/api/me", second).answer.status == 401)
    }

    /// Whoever was told that a change stands sees it, whatever others ask for at the same time; and what is given again is what would be made anew.
    @Test func nobodySeesLessThanWasAcknowledged() async throws {
        let place = try await Place()
        let token = try await place.token("officer")
        let other = try await place.token("second")
        var ids: [String] = []
        for number in 0..<4 { ids.append(try await place.add("厂\(number)", token)) }
        let listed = ids
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (number, id) in listed.enumerated() {
                group.addTask {
                    for version in 1...25 {
                        let count = (number + 1) * 1000 + version
                        let changed = await place.send(
                            .patch, "/api/record/\(id)", token, #"{"values": {"headcount": \#(count)}}"#, ["If-Match": "\"\(version)\""])
                        #expect(changed.status == 200, "\(changed.body)")
                        for reader in [token, other] {
                            #expect(await place.send(.get, "/api/record/\(id)", reader).body.contains("\"headcount\":\(count)"))
                            #expect(await place.send(.get, AnswerShelfTests.list, reader).body.contains("\"headcount\":\(count)"))
                        }
                    }
                }
                group.addTask { for _ in 0..<200 { _ = await place.send(.get, "/api/record/\(id)", other) } }
            }
            try await group.waitForAll()
        }
        for path in [AnswerShelfTests.list] + listed.map({ "/api/record/\($0)" }) {
            _ = await place.get(path, token)
            let (kept, isAnew) = await place.get(path, token)
            let made = await place.get(path, token, ["Cache-Control": "no-cache"])
            #expect(!isAnew && made.isAnew && kept.body == made.answer.body, "\(path)")
        }
    }
}
