import ArgumentParser
import Foundation
import House
import Kernel
import Ledger
import Planning
import Storage

extension Bench {
    /// Fills a database with a plan and the tallies of facts that `bench/facts.py` made. A fact is a stretch of a subject: an indicator, a
    /// county, days from and until, a verdict. Each counts as the ledger counts it: its verdict on the first day, its opposite on the day
    /// behind the last. That no number is another than the peers count from the facts themselves shows it.
    struct Facts: AsyncParsableCommand {
        static let configuration = CommandConfiguration(commandName: "facts")
        @OptionGroup var place: Place
        /// Holds `plan.yaml`, `counties.txt`, `indicators.txt`, and the columns `indicator.u8`, `county.u8`, `verdict.u8`, `from.i32`, `until.i32`
        /// (days since 1970-01-01; 10000000 for no end).
        @Argument var folder: String

        func run() async throws {
            let house = try await place.open()
            let url = URL(fileURLWithPath: folder)
            let (plan, _) = try await house.add(
                plan: try String(contentsOf: url.appendingPathComponent("plan.yaml"), encoding: .utf8), by: .house)
            let counties = try lines(url.appendingPathComponent("counties.txt"))
            let gauges = try lines(url.appendingPathComponent("indicators.txt")).map { "\(plan.id)/\($0)" }
            let started = ContinuousClock.now
            let (facts, tallies) = try count(url, counties: counties.count, gauges: gauges.count)
            let counted = seconds(since: started)
            var rows = 0
            for (cell, days) in tallies.enumerated() {
                let (gauge, county) = (gauges[cell / counties.count], counties[cell % counties.count])
                let tuples: [[SQLValue]] = days.filter { !$0.value.isEmpty }.sorted { $0.key < $1.key }.map { day, count in
                    [.text(county), .text(gauge), .text(county), .text(""), .integer(Int64(day))]
                        + count.numbers.map { .integer(Int64($0)) }
                }
                rows += tuples.count
                try await house.ledger.store.write { try $0.insert(into: "tally", Ledger.tallyColumns, tuples) }
            }
            try await house.ledger.store.write { try house.ledger.markTallies($0, nil) }
            print("{\"facts\": \(facts), \"tallies\": \(rows), \"count_seconds\": \(counted), \"seconds\": \(seconds(since: started))}")
        }

        /// Counts by indicator and county (indicator first), and by day.
        private func count(_ url: URL, counties: Int, gauges: Int) throws -> (Int, [[Int32: Count]]) {
            func column(_ name: String) throws -> Data { try Data(contentsOf: url.appendingPathComponent(name), options: .mappedIfSafe) }
            let (indicator, county, verdict) = (try column("indicator.u8"), try column("county.u8"), try column("verdict.u8"))
            let (from, until) = (try column("from.i32"), try column("until.i32"))
            var tallies = [[Int32: Count]](repeating: [:], count: counties * gauges)
            from.withUnsafeBytes { from in
                until.withUnsafeBytes { until in
                    for fact in 0..<indicator.count {
                        let cell = Int(indicator[fact]) * counties + Int(county[fact])
                        let (start, end) = (
                            from.loadUnaligned(fromByteOffset: fact * 4, as: Int32.self),
                            until.loadUnaligned(fromByteOffset: fact * 4, as: Int32.self)
                        )
                        let stretch = Facts.stretches[Int(verdict[fact])]
                        tallies[cell][start, default: Count()].add(stretch)
                        if Day(number: end) < .distantFuture { tallies[cell][end, default: Count()].add(stretch, -1) }
                    }
                }
            }
            return (indicator.count, tallies)
        }
        /// Of its other parts a count takes its amounts alone, and rates have none.
        private static let stretches = [Stretch.Verdict.met, .unmet, .unknown, .pending].map {
            Stretch(
                subject: "", debtor: "", division: "", cell: "", reason: "", record: "", verdict: $0, from: Day(number: 0),
                until: Day(number: 1), numerator: 0, denominator: 0)
        }
        private func lines(_ url: URL) throws -> [String] {
            try String(contentsOf: url, encoding: .utf8).split(separator: "\n").map(String.init)
        }
    }
}
