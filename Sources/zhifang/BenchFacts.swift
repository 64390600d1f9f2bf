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

        static let verdicts: [Stretch.Verdict] = [.met, .unmet, .unknown, .pending]
        static let columns = [
            "home", "gauge", "division", "cell", "day", "met", "unmet", "unknown", "pending", "scope_met", "scope_unmet", "scope_unknown",
            "numerator", "denominator", "contributions",
        ]

        func run() async throws {
            let house = try await place.open()
            let url = URL(fileURLWithPath: folder)
            let (plan, _) = try await house.add(
                plan: try String(contentsOf: url.appendingPathComponent("plan.yaml"), encoding: .utf8), by: .house)
            let counties = try lines(url.appendingPathComponent("counties.txt"))
            let gauges = try lines(url.appendingPathComponent("indicators.txt")).map { "\(plan.id)/\($0)" }
            let stretches = try await house.ledger.store.read(Facts.stretches)
            let started = ContinuousClock.now
            let (facts, tallies) = try count(url, stretches, counties: counties.count, gauges: gauges.count)
            let counted = seconds(since: started)
            var rows = 0
            for (cell, days) in tallies.enumerated() {
                let (gauge, county) = (gauges[cell / counties.count], counties[cell % counties.count])
                let tuples: [[SQLValue]] = days.filter { !$0.value.isEmpty }.sorted { $0.key < $1.key }.map { day, count in
                    let counts = [
                        count.met, count.unmet, count.unknown, count.pending, count.scopeMet, count.scopeUnmet, count.scopeUnknown,
                        count.numerator, count.denominator, count.contributions,
                    ]
                    return [.text(county), .text(gauge), .text(county), .text(""), .integer(Int64(day))]
                        + counts.map { .integer(Int64($0)) }
                }
                rows += tuples.count
                try await house.ledger.store.write { try $0.insert(into: "tally", Facts.columns, tuples) }
            }
            _ = try await house.ledger.store.write { try $0.run("UPDATE house_state SET value = value + 1 WHERE name = 'version'") }
            print("{\"facts\": \(facts), \"tallies\": \(rows), \"count_seconds\": \(counted), \"seconds\": \(seconds(since: started))}")
        }

        /// Counts by indicator and county (indicator first), and by day.
        private func count(_ url: URL, _ stretches: [Stretch], counties: Int, gauges: Int) throws -> (Int, [[Int32: Count]]) {
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
                        let stretch = stretches[Int(verdict[fact])]
                        tallies[cell][start, default: Count()].add(stretch)
                        if Day(number: end) < .distantFuture { tallies[cell][end, default: Count()].add(stretch, -1) }
                    }
                }
            }
            return (indicator.count, tallies)
        }
        /// A stretch of each verdict: of its other parts a count takes its amounts alone, and rates have none.
        private static func stretches(_ db: any Connection) throws -> [Stretch] {
            try verdicts.compactMap { verdict in
                try db.row(
                    """
                    SELECT '' AS subject, '' AS debtor, '' AS division, '' AS cell, '' AS reason, '' AS record, verdict, 0 AS from_day,
                    1 AS until_day, 0 AS numerator, 0 AS denominator FROM (SELECT CAST(\(verdict.rawValue) AS TEXT) AS verdict) AS one
                    """
                ).map(Ledger.stretch)
            }
        }
        private func lines(_ url: URL) throws -> [String] {
            try String(contentsOf: url, encoding: .utf8).split(separator: "\n").map(String.init)
        }
    }
}
