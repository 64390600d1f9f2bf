import ArgumentParser
import Foundation
import House
import Kernel
import Ledger
import Planning
import Storage

extension Bench {
    /// The indicators of a plan by county at the twelve month-ends of a year: first from the database as it was opened, then again.
    struct Figures: AsyncParsableCommand {
        static let configuration = CommandConfiguration(commandName: "board")
        @OptionGroup var place: Place
        @Option var plan = "BENCH"
        @Option var year: Int
        @Option(help: "How often it is asked again; the median counts.") var again = 1
        @Option var answers: String?

        /// A figure, and which of the plan's indicators it is of.
        private struct Line: Sendable {
            let indicator: Int
            let day: Day
            let part: Breakdown
        }

        func run() async throws {
            let opening = ContinuousClock.now
            let house = try await place.open()
            let opened = seconds(since: opening)
            let first = try await ask(house)
            var times: [Double] = []
            for _ in 0..<max(1, again) { times.append(try await ask(house).seconds) }
            if let answers { try write(first.lines, of: first.indicators, to: answers) }
            print(
                "{\"load_seconds\": \(opened), \"seconds\": \(first.seconds), \"again_seconds\": \(times.sorted()[times.count / 2]), \"again\": \(times)}"
            )
        }

        private func ask(_ house: House) async throws -> (lines: [Line], indicators: [Indicator], seconds: Double) {
            let boards = house.boards
            let days = (1...12).compactMap { Day(year, $0, 1).map { $0.adding(months: 1) - 1 } }
            let started = ContinuousClock.now
            let (lines, indicators) = try await house.ledger.store.read { [plan] db in
                let plan = try boards.plan(db, plan).plan
                var lines: [Line] = []
                for (place, indicator) in plan.indicators.enumerated() {
                    for day in days {
                        for part in try boards.breakdown(db, plan, indicator, on: day).divisions where !part.code.hasSuffix("00") {
                            lines.append(Line(indicator: place, day: day, part: part))
                        }
                    }
                }
                return (lines, plan.indicators)
            }
            return (lines, indicators, seconds(since: started))
        }

        private func write(_ lines: [Line], of indicators: [Indicator], to path: String) throws {
            let rows = lines.map { line -> String in
                let (indicator, count) = (indicators[line.indicator], line.part.count)
                let met = indicator.measure.style == .rate ? count.met : Int(count.sum)
                let value = line.part.figure.value.map { "\($0)" } ?? ""
                return
                    "\(indicator.measure.name),\(indicator.id),\(line.part.code),\(line.day),\(met),\(count.unmet),\(count.unknown),\(count.pending),\(value)"
            }
            let header = "measure,indicator,division,day,met,unmet,unknown,pending,value"
            try (([header] + rows).joined(separator: "\n") + "\n").write(toFile: path, atomically: true, encoding: .utf8)
        }
    }
}
