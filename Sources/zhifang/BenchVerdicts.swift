import ArgumentParser
import Foundation
import Hygiene
import Kernel

extension Bench {
    /// Judges a million raw samples in memory. The rows come from a file that the peer reads too; only the judging is timed.
    struct Verdicts: ParsableCommand {
        static let configuration = CommandConfiguration(commandName: "verdicts")
        /// Columns group, limit, kind (128 added where below the limit of quantification), start, minutes, concentration as little-endian
        /// doubles, column after column.
        @Argument var samples: String
        /// Lines of mac,twa,stel; empty where there is none.
        @Argument var limits: String
        @Option var rounds = 7
        @Option var workers = 1
        @Option var answers: String?

        func run() throws {
            let bytes = try Data(contentsOf: URL(fileURLWithPath: samples))
            let count = bytes.count / 48
            let columns: [[Double]] = bytes.withUnsafeBytes { raw in
                let all = raw.bindMemory(to: Double.self)
                return (0..<6).map { Array(all[($0 * count)..<(($0 + 1) * count)]) }
            }
            let table = try String(contentsOfFile: limits, encoding: .utf8).split(separator: "\n").map { line in
                let cells = line.split(separator: ",", omittingEmptySubsequences: false).map { Double($0) }
                return ShiftLimit(mac: cells[0], twa: cells[1], stel: cells[2])
            }
            var batch = ShiftBatch()
            for row in 0..<count {
                if row > 0, columns[0][row] != columns[0][row - 1] { batch.close(limit: Int(columns[1][row - 1])) }
                let kind = UInt8(columns[2][row])
                let isBelow = kind & SampleColumns.belowLOQ != 0
                batch.append(
                    SampleKind(rawValue: kind & ~SampleColumns.belowLOQ) ?? .segment, start: columns[3][row], minutes: columns[4][row],
                    concentration: columns[5][row], isBelowLOQ: isBelow)
            }
            if count > 0 { batch.close(limit: Int(columns[1][count - 1])) }
            var results: [ShiftResult] = []
            var times: [Double] = []
            for _ in 0..<rounds {
                let started = ContinuousClock.now
                results = batch.judge(table, workers: workers)
                let took = (ContinuousClock.now - started).components
                times.append(Double(took.seconds) + Double(took.attoseconds) / 1e18)
            }
            if let answers {
                var text = "verdict,twa,short,findings\n"
                for result in results {
                    text += "\(result.findings.verdict.rawValue),\(result.twa),\(result.shortTerm),\(result.findings.rawValue)\n"
                }
                try text.write(toFile: answers, atomically: true, encoding: .utf8)
            }
            let middle = times.sorted()[times.count / 2]
            print("{\"rows\": \(count), \"groups\": \(results.count), \"seconds\": \(middle)}")
        }
    }
}
