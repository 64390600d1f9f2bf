import ArgumentParser
import Exchange
import Foundation
import House
import Kernel
import Ledger
import Storage

/// Measured work for `bench/`: each prints one line of JSON, last on the output. Not for users, and hidden from the help.
struct Bench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench", abstract: "Work measured by bench/.", shouldDisplay: false,
        subcommands: [Cards.self, Records.self, Figures.self, Verdicts.self, Fits.self, Workbooks.self, Facts.self])

    /// Imports examination cards (NDJSON) through everything: checks, references, duties, tallies, audit. Each batch is durable before the next.
    struct Cards: AsyncParsableCommand {
        static let configuration = CommandConfiguration(commandName: "import")
        @OptionGroup var place: Place
        @Argument var file: String
        @Option var batch = 1000

        func run() async throws {
            let house = try await place.open()
            guard let kind = house.ledger.kinds["exam"] else { throw Refusal("kind.unknown", ["value": "exam"]) }
            let submission = Submission(by: .house, door: "bench")
            let started = ContinuousClock.now
            let before = clock()
            var drafts: [Draft] = []
            var (cards, created, unchanged, refused) = (0, 0, 0, 0)
            func flush() async throws {
                for receipt in try await house.ledger.submit(drafts, submission) {
                    switch receipt.fate {
                    case .created: created += 1
                    case .unchanged: unchanged += 1
                    case .refused: refused += 1
                    case .changed, .withdrawn: break
                    }
                }
                drafts.removeAll(keepingCapacity: true)
            }
            for line in try Data(contentsOf: URL(fileURLWithPath: file), options: .mappedIfSafe).split(separator: 10) {
                cards += 1
                guard let cells = Cards.cells(line) else { refused += 1; continue }
                drafts.append(Draft(kind, cells))
                if drafts.count == batch { try await flush() }
            }
            try await flush()
            let took = seconds(since: started)
            let worked = Double(clock() - before) / Double(CLOCKS_PER_SEC)
            print(
                "{\"cards\": \(cards), \"created\": \(created), \"unchanged\": \(unchanged), \"refused\": \(refused), \"seconds\": \(took), \"cpu_seconds\": \(worked)}"
            )
        }

        /// The cells of a flat JSON object, lists joined by `;`; nil where the line is none.
        static func cells(_ line: Data) -> [String: String]? {
            guard let object = try? JSONSerialization.jsonObject(with: line) as? [String: Any] else { return nil }
            return object.mapValues { value in
                switch value {
                case let text as String: text
                case let list as [String]: list.joined(separator: ";")
                case let number as NSNumber: number.stringValue
                default: ""
                }
            }
        }
    }

    /// Every version of every record as CSV, one file a kind.
    struct Records: AsyncParsableCommand {
        static let configuration = CommandConfiguration(commandName: "records")
        @OptionGroup var place: Place
        @Argument var folder: String
        func run() async throws {
            try await Exporter(try await place.open().ledger).dump(to: URL(fileURLWithPath: folder))
            print("{}")
        }
    }
}

/// Of the wall clock.
func seconds(since start: ContinuousClock.Instant) -> Double {
    let took = (ContinuousClock.now - start).components
    return Double(took.seconds) + Double(took.attoseconds) / 1e18
}
