import Foundation
import Kernel
import Ledger
import Storage
import TestKit
import Testing

@testable import House

/// Many approvals at once: declarations that go back and forth between their authors and several officers who all act on what they last saw.
/// No acknowledged step is lost, none is done twice, and every history is one that the course allows.
@Suite struct ApprovalHistoriesTests {
    /// Ten thousand histories where ZHIFANG_TEST_LONG is set, or as many as ZHIFANG_HISTORIES says.
    private static let histories: Int = {
        let environment = ProcessInfo.processInfo.environment
        return environment["ZHIFANG_HISTORIES"].flatMap { Int($0) } ?? (environment["ZHIFANG_TEST_LONG"] == nil ? 100 : 10_000)
    }()
    private static let perEmployer = 10
    private static let place = "450204"

    /// One step that the ledger said it had taken.
    private struct Taken: Sendable {
        let id: String
        let version: Int
        let step: String
        let by: String
    }
    private struct Outcome: Sendable { var taken: [Taken] = [], refused: [String: Int] = [:] }

    /// What may follow what, told once more: the states that a step leads from and to.
    private static let allowed: [String: [String: Set<String>]] = [
        "submit": ["submitted": ["submitted"], "returned": ["submitted", "changed"], "accepted": ["changed"], "changed": ["changed"]],
        "accept": ["submitted": ["accepted"], "changed": ["accepted"]],
        "return": ["submitted": ["returned"], "changed": ["returned"]],
        "cancel": ["submitted": ["cancelled"], "changed": ["cancelled"], "accepted": ["cancelled"]],
    ]

    @Test(arguments: Stores.kinds) func noApprovalIsLostDoubleOrOutOfOrder(_ engine: Dialect) async throws {
        let visitor = try await Visitor.open(engine)
        let ledger = visitor.house.ledger
        let count = Self.histories
        let employers = try await visitor.store(
            "employer", (0..<max(1, count / Self.perEmployer)).map { ["name": "厂\($0)", "division": Self.place, "hazards": "1"] })
        let ids = try await visitor.store(
            "declaration",
            (0..<count).map {
                ["employer": employers[$0 / Self.perEmployer % employers.count], "type": "initial", "submitted": "2022-06-01"]
            })
        let kind = try #require(ledger.kinds["declaration"])

        let outcomes = try await withThrowingTaskGroup(of: Outcome.self) { group in
            for lane in 0..<24 {
                group.addTask {
                    var random = SeededGenerator(seed: UInt64(lane) + 1)
                    var outcome = Outcome()
                    for turn in 0..<(count * 6 / 24) {
                        // Neighbouring lanes are at the same few documents at the same time.
                        let at = (turn * 4 + Int(random.next() % 12)) % count
                        let (step, by) = Self.act(&random, employers[at / Self.perEmployer % employers.count])
                        guard let seen = try await Self.again({ try await Self.version(of: ids[at], ledger) }) else { continue }
                        var draft = Draft(kind, id: ids[at], step == "submit" ? ["manager": "\(lane).\(turn)"] : [:])
                        draft.step = Flow.Step(rawValue: step)
                        draft.seen = seen
                        let (asked, submission) = (draft, Submission(by: by, door: "test", reason: "请补正"))
                        let receipt = try await Self.again { try await ledger.submit([asked], submission)[0] }
                        switch receipt.fate {
                        case .changed(let id, let version): outcome.taken.append(Taken(id: id, version: version, step: step, by: by.name))
                        case .refused(let refusals): outcome.refused[refusals.first?.code ?? "", default: 0] += 1
                        case .created, .unchanged, .withdrawn: outcome.refused["\(receipt.fate)", default: 0] += 1
                        }
                    }
                    return outcome
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }

        let taken = Dictionary(grouping: outcomes.flatMap(\.taken), by: \.id)
        let refused = outcomes.reduce(into: [String: Int]()) { $0.merge($1.refused, uniquingKeysWith: +) }
        #expect(Set(refused.keys).isSubset(of: ["version.conflict", "flow.state", "record.missing", "access.denied"]), "\(refused)")
        #expect(refused["version.conflict", default: 0] > 0, "nobody met anybody: the test proves nothing")
        var numbered: [String] = []
        for id in ids {
            let (rows, last) = try await Self.again {
                try await ledger.store.read { db in
                    (
                        try db.rows("SELECT version, state, recorded_by FROM record_version WHERE id = \(id) ORDER BY version"),
                        try ledger.history(db, id).last?.record
                    )
                }
            }
            let steps = (taken[id] ?? []).sorted { $0.version < $1.version }
            // One version for each acknowledged step and none besides: nothing lost, nothing double.
            #expect(try rows.map { try $0.get("version", as: Int.self) } == Array(1...(steps.count + 1)))
            #expect(steps.map(\.version) == steps.indices.map { $0 + 2 })
            for (step, (before, after)) in zip(steps, zip(rows, rows.dropFirst())) {
                let (from, to): (String, String) = (try before.get("state"), try after.get("state"))
                #expect(
                    Self.allowed[step.step]?[from]?.contains(to) == true, "\(id) v\(step.version): \(step.step) led from \(from) to \(to)")
                #expect(try after.get("recorded_by", as: String.self) == step.by)
            }
            if let number = last?.kind.field(named: "receipt_number").flatMap({ last?[$0] }).map(plainText) { numbered.append(number) }
            #expect(
                steps.contains { $0.step == "accept" }
                    == (numbered.last != nil && last?.kind.field(named: "receipt_number").flatMap { last?[$0] } != nil))
        }
        // Numbers without gaps, each once.
        let numbers = numbered.compactMap { Int($0.suffix(6).prefix(5)) }
        #expect(numbered.count > count / 10 && numbers.sorted() == Array(1...numbered.count))
        try await visitor.isWhole()
    }

    private static func act(_ random: inout SeededGenerator, _ employer: String) -> (step: String, by: Person) {
        let author = Person(name: "author-\(employer)", role: .organisation, organisation: employer)
        let officer = Person(name: "officer\(random.next() % 5)", role: .officer, functions: ["health"], division: DivisionCode(place))
        switch random.next() % 20 {
        case 0..<7: return ("submit", author)
        case 7..<13: return ("accept", officer)
        case 13..<19: return ("return", officer)
        default: return ("cancel", officer)
        }
    }
    /// Who is told that all are busy asks again: nothing of theirs was stored.
    private static func again<T>(_ body: () async throws -> T) async throws -> T {
        for _ in 0..<20 { do { return try await body() } catch let refusal as Refusal where refusal.code == "database.busy" { continue } }
        return try await body()
    }
    /// What somebody who opens a document sees; nil where it is cancelled.
    private static func version(of id: String, _ ledger: Ledger) async throws -> Int? {
        try await ledger.store.read { try $0.row("SELECT version FROM record WHERE id = \(id) AND live = 1")?.get("version") }
    }
}
