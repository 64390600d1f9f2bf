import Accounts
import Exchange
import Foundation
import Kernel
import Ledger
import Storage
import Synchronization
import TestKit
import Testing
import Web

@testable import House

/// An import that breaks off goes on where it stopped when the same file is sent again: every row once, and told as if it had never broken off.
@Suite struct ImportResumeTests {
    /// A store that stops taking changes after so many, as one does whose machine fell.
    final class Falling: Store {
        struct Fallen: Error {}
        let base: any Store
        let left: Mutex<Int>
        init(_ base: any Store, after count: Int) {
            self.base = base
            left = Mutex(count)
        }
        var dialect: Dialect { base.dialect }
        func read<T: Sendable>(_ body: @escaping @Sendable (any Connection) throws -> T) async throws -> T { try await base.read(body) }
        func write<T: Sendable>(_ body: @escaping @Sendable (any Connection) throws -> T) async throws -> T {
            let mayGoOn = left.withLock {
                $0 -= 1
                return $0 >= 0
            }
            guard mayGoOn else { throw Fallen() }
            return try await base.write(body)
        }
    }

    private static let rows = 90
    /// Employers without any number that would show a repetition; every seventh row is bad.
    private func file(_ folder: BadInputTests.Folder) throws -> URL {
        let lines = (1...Self.rows).map { $0 % 7 == 0 ? "单位\($0),999999" : "单位\($0),450204" }
        return try folder.lines((["单位名称,县区代码"] + lines).joined(separator: "\r\n"))
    }
    private let submission = Submission(by: .house, door: "csv", home: "450204")

    @Test(arguments: Stores.kinds, [0, 1, 3]) func goesOnWhereItStopped(_ kind: Dialect, _ parts: Int) async throws {
        let store = try await Stores.fresh(kind)
        let whole = try await House.open(store, catalog: Hand.catalog, clock: .fixed(try #require(Moment("2022-06-30 12:00"))))
        let folder = try BadInputTests.Folder()
        let file = try file(folder)
        let employer = try #require(whole.ledger.kinds["employer"])
        let broken = try House(
            over: Falling(store, after: parts), catalog: Hand.catalog, clock: whole.ledger.clock, keys: whole.ledger.keys)
        await #expect(throws: Falling.Fallen.self) {
            try await Importer(broken.ledger).run(employer, file, submission, chunk: 20)
        }
        let there = try await names(whole)
        #expect(there.count == (1...Self.rows).prefix(parts * 20).filter { $0 % 7 != 0 }.count)

        // What was refused before is kept so that nobody reads it from the file, and is told again.
        let kept = try await store.read { try $0.rows("SELECT refusals FROM import_part").map { try $0.get(0, as: String.self) } }
        #expect(kept.count == parts && kept.allSatisfy { !$0.contains("999999") })
        let result = try await Importer(whole.ledger).run(employer, file, submission, chunk: 30)
        #expect(result.resumedBehind == parts * 20)
        #expect(result.total == Self.rows && result.created == Self.rows - Self.rows / 7 && result.refused == Self.rows / 7)
        #expect(result.refusals.compactMap(\.row) == (1...Self.rows).filter { $0 % 7 == 0 }.map { $0 + 1 })
        #expect(result.refusals.allSatisfy { $0.field == "division" && $0.details["value"] == "999999" })
        #expect(try await names(whole) == (1...Self.rows).filter { $0 % 7 != 0 }.map { "单位\($0)" }.sorted())
        #expect(try await whole.ledger.verify().isEmpty)
        // Nothing of it is left, and who sends it once more means it.
        #expect(try await store.read { try $0.row("SELECT import FROM import_part") } == nil)
        let again = try await Importer(whole.ledger).run(employer, file, submission, chunk: 30)
        #expect(again.resumedBehind == 0 && again.created == result.created)
    }

    /// Another's import, another file or another way to take it begins anew.
    @Test func onlyTheSameImportGoesOn() async throws {
        let store = try await Stores.fresh(.sqlite)
        let whole = try await House.open(store, catalog: Hand.catalog, clock: .fixed(try #require(Moment("2022-06-30 12:00"))))
        let folder = try BadInputTests.Folder()
        let file = try file(folder)
        let employer = try #require(whole.ledger.kinds["employer"])
        let broken = try House(over: Falling(store, after: 2), catalog: Hand.catalog, clock: whole.ledger.clock, keys: whole.ledger.keys)
        await #expect(throws: Falling.Fallen.self) { try await Importer(broken.ledger).run(employer, file, submission, chunk: 20) }
        var updating = submission
        updating.updates = true
        let officer = Person(name: "officer", role: .officer, functions: ["health"], division: DivisionCode("450204"))
        for other in [updating, Submission(by: officer, door: "csv", home: "450204")] {
            var trial = other
            trial.isTrial = true
            #expect(try await Importer(whole.ledger).run(employer, file, trial, chunk: 20).resumedBehind == 0)
            #expect(try await Importer(whole.ledger).run(employer, file, other, chunk: 20).resumedBehind == 0)
        }
        #expect(try await Importer(whole.ledger).run(employer, file, submission, chunk: 20).resumedBehind == 40)
    }

    /// Whoever sends the file again through the site reads on the receipt that this was a continuation.
    @Test(arguments: [Language.chinese: "前 40 行当时已经写入", .english: "broke off after 40 rows"])
    func theReceiptSaysThatItWentOn(_ language: Language, _ words: String) async throws {
        let visitor = try await Visitor.open()
        var officer = try await visitor.guest("officer", .officer, division: "450204")
        officer.language = language
        let folder = try BadInputTests.Folder()
        let file = try file(folder)
        let employer = try #require(visitor.house.ledger.kinds["employer"])
        let broken = try House(
            over: Falling(visitor.house.ledger.store, after: 2), catalog: Hand.catalog, clock: visitor.house.ledger.clock,
            keys: visitor.house.ledger.keys)
        let person = try #require(try await visitor.house.accounts.session(officer.token)).account.person
        let same = Submission(by: person, door: "csv", reason: "单位.csv", updates: true, home: "450204")
        await #expect(throws: Falling.Fallen.self) { try await Importer(broken.ledger).run(employer, file, same, chunk: 20) }

        func receipt() async throws -> Visitor.Answer {
            let bytes = [UInt8](try Data(contentsOf: file))
            let answer = await visitor.upload("/import", ["kind": "employer"], file: "单位.csv", bytes, as: officer)
            return try await visitor.imported(answer.location, officer)
        }
        #expect(try await receipt().text.contains(words))
        #expect(try await names(visitor.house) == (1...Self.rows).filter { $0 % 7 != 0 }.map { "单位\($0)" }.sorted())
        // Sent once more it is an import of its own.
        #expect(try await !receipt().text.contains(words))
    }

    /// Two runs of one import at once, as a form sent twice: the second is told so, and nothing is there twice.
    @Test(arguments: Stores.kinds) func twoAtOnceStoreNothingTwice(_ kind: Dialect) async throws {
        let house = try await House.open(
            try await Stores.fresh(kind), catalog: Hand.catalog, clock: .fixed(try #require(Moment("2022-06-30 12:00"))))
        let employer = try #require(house.ledger.kinds["employer"])
        let journal = ImportJournal(house.ledger, of: "one file")
        var first = Ledger.Intake(house.ledger, submission, journal: journal, done: try await journal.done())
        var second = Ledger.Intake(house.ledger, submission, journal: journal, done: try await journal.done())
        let draft = Draft(employer, row: 2, ["name": "甲", "division": "450204"])
        try await first.take([draft], isLast: false)
        let refusal = await #expect(throws: Refusal.self) { try await second.take([draft], isLast: false) }
        #expect(refusal?.code == "import.running")
        #expect(try await names(house) == ["甲"])
    }

    private func names(_ house: House) async throws -> [String] {
        try await house.ledger.store.read {
            try $0.rows("SELECT title FROM record WHERE kind = 'employer'").map { try $0.get(0, as: String.self) }
        }
        .sorted()
    }
}
