import ArgumentParser
import Foundation
import Glibc
import Kernel
import Sheets

extension Bench {
    /// Workbooks of twenty columns, written and read; `bench/peers/sheets.py` makes and checks the same cells.
    struct Workbooks: ParsableCommand {
        static let configuration = CommandConfiguration(commandName: "sheets", subcommands: [Write.self, Read.self])

        /// Nine texts, six whole numbers, three numbers and two days.
        static let kinds: [SheetWriter.Column.Kind] =
            Array(repeating: .text, count: 9) + Array(repeating: .integer, count: 6) + Array(repeating: .number, count: 3) + [.day, .day]
        /// Rows after which the cells come again, but for the number of the row.
        static let block = 10_000
        /// Every row of this number goes into the digest.
        static let sampled = 1009

        /// A number below `limit` out of a row and a column, the same in both languages.
        static func chance(_ row: Int, _ column: Int, _ limit: Int) -> Int {
            Int(((UInt64(row) &* 2_654_435_761 &+ UInt64(column) &* 40_503_117) & 0xFFFF_FFFF) >> 7) % limit
        }
        static func cells(_ row: Int) -> [String] {
            let texts = ["某县某工业区", "木质家具制造", "在岗期间", "目前未见异常", "三氯乙烯;噪声", "市疾病预防控制中心", "合格"]
            var cells = ["R\(row)", "基准企业\(chance(row, 1, 100_000))有限公司"]
            for column in 2..<9 { cells.append(texts[column - 2] + String(chance(row, column, 40))) }
            for column in 9..<15 { cells.append(String(chance(row, column, 100_000))) }
            for column in 15..<18 {
                let hundredths = chance(row, column, 1_000_000)
                cells.append("\(hundredths / 100).\(hundredths % 100 < 10 ? "0" : "")\(hundredths % 100)")
            }
            for column in 18..<20 { cells.append(Day(number: Int32(16_000 + chance(row, column, 3000))).description) }
            return cells
        }

        struct Write: ParsableCommand {
            @Argument var file: String
            @Option var rows = 1_000_000

            func run() throws {
                let block = (0..<Workbooks.block).map { Workbooks.cells($0) }
                let base = Memory.now()
                let started = ContinuousClock.now
                let writer = try SheetWriter(URL(fileURLWithPath: file))
                try writer.addSheet("bench", columns: Workbooks.kinds.enumerated().map { .init("c\($0.offset)", kind: $0.element) })
                for row in 0..<rows {
                    var cells = block[row % Workbooks.block]
                    cells[0] = "R\(row)"
                    try writer.write(cells)
                }
                try writer.close()
                print("{\"seconds\": \(seconds(since: started)), \"base_mb\": \(base), \"peak_mb\": \(Memory.peak())}")
            }
        }

        struct Read: ParsableCommand {
            @Argument var file: String

            func run() throws {
                let base = Memory.now()
                let started = ContinuousClock.now
                var (rows, cells, total) = (0, 0, 0)
                var digest = Digest.sha256("")
                try SheetReader.read(URL(fileURLWithPath: file)) { row in
                    if row.number == 1 { return }
                    for cell in row.cells where !cell.isEmpty { cells += 1 }
                    total += Int(row[9]) ?? 0
                    if rows % Workbooks.sampled == 0 { digest = Digest.sha256(digest + Workbooks.plain(row).joined(separator: "|")) }
                    rows += 1
                }
                print(
                    "{\"seconds\": \(seconds(since: started)), \"rows\": \(rows), \"cells\": \(cells), \"total\": \(total), \"digest\": \"\(digest)\", \"base_mb\": \(base), \"peak_mb\": \(Memory.peak())}"
                )
            }
        }

        /// Cells as both sides write them into the digest: numbers with two places.
        static func plain(_ row: SheetRow) -> [String] {
            kinds.enumerated().map { column, kind in
                guard case .number = kind, let value = Double(row[column]) else { return row[column] }
                let hundredths = Int((value * 100).rounded())
                return "\(hundredths / 100).\(hundredths % 100 < 10 ? "0" : "")\(hundredths % 100)"
            }
        }
    }
}

/// What the process holds, in megabytes, as the kernel counts it.
enum Memory {
    static func now() -> Double { value("VmRSS:") }
    static func peak() -> Double { value("VmHWM:") }
    private static func value(_ name: String) -> Double {
        let text = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        let line = text.split(separator: "\n").first { $0.hasPrefix(name) }
        return (line?.split(whereSeparator: { $0 == " " || $0 == "\t" }).dropFirst().first.flatMap { Double($0) } ?? 0) / 1024
    }
}
