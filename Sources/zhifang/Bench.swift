import ArgumentParser
import Foundation
import House
import Kernel
import Ledger
import Planning
import Storage

/// Measured work for `bench/`: each prints one line of JSON. Not for users, and hidden from the help.
struct Bench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "bench", abstract: "Work measured by bench/.", shouldDisplay: false, subcommands: [Cards.self, BoardOfYear.self])

    /// Imports examination cards (NDJSON, flat objects of texts) through everything: checks, references, duties, tallies, audit.
    struct Cards: AsyncParsableCommand {
        static let configuration = CommandConfiguration(commandName: "import")
        @OptionGroup var place: Place
        @Argument var file: String
        @Option var batch = 1000
        func run() async throws {
            let house = try await place.open()
            guard let kind = house.ledger.kinds["exam"] else { throw Refusal("kind.unknown", ["value": "exam"]) }
            let started = ContinuousClock.now
            var drafts: [Draft] = []
            var created = 0
            var refused = 0
            func flush() async throws {
                let receipts = try await house.ledger.submit(drafts, Submission(by: .house, door: "bench"))
                for receipt in receipts { if case .refused = receipt.fate { refused += 1 } else { created += 1 } }
                drafts.removeAll(keepingCapacity: true)
            }
            for line in try Data(contentsOf: URL(fileURLWithPath: file), options: .mappedIfSafe).split(separator: 10) {
                drafts.append(Draft(kind, Dictionary(Body.texts(String(decoding: line, as: UTF8.self)), uniquingKeysWith: { $1 })))
                if drafts.count == batch { try await flush() }
            }
            if !drafts.isEmpty { try await flush() }
            let took = ContinuousClock.now - started
            let seconds = Double(took.components.seconds) + Double(took.components.attoseconds) / 1e18
            print("{\"stored\": \(created), \"refused\": \(refused), \"seconds\": \(seconds), \"cards_per_second\": \(Double(created + refused) / seconds)}")
        }
    }

    /// The counts of a plan's indicators by division on the last day of each month of a year.
    struct BoardOfYear: AsyncParsableCommand {
        static let configuration = CommandConfiguration(commandName: "board")
        @OptionGroup var place: Place
        @Option var plan = "JX-2018-2020"
        @Option var year = 2020
        @Option var rounds = 5
        func run() async throws {
            let house = try await place.open()
            let boards = house.boards
            var times: [Double] = []
            var answer = ""
            for _ in 0..<rounds {
                let started = ContinuousClock.now
                answer = try await house.ledger.store.read { [plan, year] db in
                    let (plan, edition) = try boards.plan(db, plan)
                    var rows: [String] = []
                    let days = (1...12).map { month in (Day(year, month, 1) ?? .distantPast).adding(months: 1) - 1 }
                    for day in days {
                        let board = try boards.board(db, plan, edition: edition.edition, on: day)
                        for state in board.states where ["declaration_rate", "in_service_exam_rate", "officer_training_rate", "principal_training_rate"].contains(state.indicator.measure.name) {
                            rows.append("\"\(day) \(state.indicator.measure.name)\": [\(state.count.met), \(state.count.unmet), \(state.count.undecided)]")
                        }
                    }
                    return rows.joined(separator: ", ")
                }
                let took = ContinuousClock.now - started
                times.append(Double(took.components.seconds) + Double(took.components.attoseconds) / 1e18)
            }
            print("{\"cold\": \(times[0]), \"warm\": \(times.dropFirst().min() ?? times[0]), \"figures\": {\(answer)}}")
        }
    }
}
