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
            var offsets = [0]
            var limitOf: [Int32] = []
            for row in 0..<count where row == 0 || columns[0][row] != columns[0][row - 1] {
                if row > 0 { offsets.append(row) }
                limitOf.append(Int32(columns[1][row]))
            }
            offsets.append(count)
            let kinds = columns[2].map { UInt8($0) }
            let results = UnsafeMutableBufferPointer<ShiftResult>.allocate(capacity: limitOf.count)
            defer { results.deallocate() }
            var times: [Double] = []
            for _ in 0..<rounds {
                let started = ContinuousClock.now
                try judge(columns, kinds, offsets, table, limitOf, results)
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
            print("{\"rows\": \(count), \"groups\": \(limitOf.count), \"seconds\": \(middle)}")
        }

        private func judge(
            _ columns: [[Double]], _ kinds: [UInt8], _ offsets: [Int], _ table: [ShiftLimit], _ limitOf: [Int32],
            _ results: UnsafeMutableBufferPointer<ShiftResult>
        ) throws {
            try columns[5].withUnsafeBufferPointer { concentration in
                try columns[4].withUnsafeBufferPointer { minutes in
                    try columns[3].withUnsafeBufferPointer { start in
                        try kinds.withUnsafeBufferPointer { kinds in
                            guard let first = concentration.baseAddress, let second = minutes.baseAddress, let third = kinds.baseAddress
                            else { throw Refusal("file.empty", ["value": samples]) }
                            let rows = SampleColumns(concentration: first, minutes: second, start: start.baseAddress, kind: third)
                            offsets.withUnsafeBufferPointer { offsets in
                                table.withUnsafeBufferPointer { table in
                                    limitOf.withUnsafeBufferPointer { limitOf in
                                        ShiftRules.judge(
                                            batch: rows, offsets: offsets, limits: table, limitOf: limitOf, into: results)
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}
