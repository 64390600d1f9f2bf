import ArgumentParser
import Foundation
import House
import Kernel
import Ledger
import Storage

struct MoveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "move", abstract: "Copies a whole database into an empty one, SQLite or PostgreSQL, and proves that both are equal.",
        discussion: """
            One snapshot of the source, one transaction of the target: all or nothing. Stop the server first, or what is entered meanwhile stays
            behind. The key ring and the published heads are files of their own and are not moved.
            """)
    @OptionGroup var place: Place
    @Option(help: "Database to copy: a file's path or postgresql://…") var from: String
    @Option(help: "Empty database to fill: a path that does not exist yet or postgresql://…") var to: String
    @Flag(help: "Copies nothing: reads both and compares them") var compare = false

    func run() async throws {
        let speech = Speech.current
        let files = FileManager.default
        guard from != to else { throw Refusal("move.same", ["value": from]) }
        for address in compare ? [from, to] : [from] where !address.contains("://") && !files.fileExists(atPath: address) {
            throw Refusal("file.missing", ["value": address])
        }
        var settings = try place.server()
        // Reading or writing everything takes as long as it takes.
        (settings.connections, settings.statement, settings.idle) = (1, 0, 0)
        let source = try openStore(from, settings)
        let isNew = !to.contains("://") && !files.fileExists(atPath: to)
        if isNew {
            try files.createDirectory(at: URL(fileURLWithPath: to).deletingLastPathComponent(), withIntermediateDirectories: true)
        }
        let lines: [StoreMove.Line]
        let started = ContinuousClock.now
        do {
            let target = try openStore(to, settings)
            if !compare { try await Ledger.schema().bring(upToDate: target) }
            let move = StoreMove(from: source, to: target)
            let isTerminal = isatty(2) == 1
            let progress: @Sendable (String, Int) -> Void = { table, count in
                if isTerminal { FileHandle.standardError.write(Data("\r\u{1B}[K  \(table) \(count)".utf8)) }
            }
            lines = try await compare ? move.compare(progress: progress) : move.run(progress: progress)
            if isTerminal { FileHandle.standardError.write(Data("\r\u{1B}[K".utf8)) }
        } catch {
            if isNew { for suffix in ["", "-wal", "-shm"] { try? files.removeItem(atPath: to + suffix) } }
            throw error
        }
        for line in lines {
            print([line.table, "\(line.source.count)", "\(line.source)"].joined(separator: "\t"))
            if !line.isEqual { print([speech("≠ 目标", "≠ target"), "\(line.target.count)", "\(line.target)"].joined(separator: "\t")) }
        }
        let rows = lines.reduce(0) { $0 + $1.source.count }
        let seconds = Double((ContinuousClock.now - started).components.seconds)
        let different = lines.filter { !$0.isEqual }.count
        guard different == 0 else {
            print(speech("\(different) 个表不同", "\(different) tables differ"))
            throw ExitCode(1)
        }
        print(
            speech(
                "一致：\(lines.count) 个表，\(rows) 行，两边的行数与摘要相同（\(Int(seconds)) 秒）。",
                "equal: \(lines.count) tables, \(rows) rows, counts and digests the same on both sides (\(Int(seconds)) s)."))
        if !compare { tell() }
    }

    /// Where the files go that are no part of a database.
    private func tell() {
        for (suffix, zh, en) in [("keys", "密钥环", "key ring"), ("heads", "已公布的链首", "published heads")] {
            let paths = [from, to].map { House.beside($0, suffix)?.relativePath ?? "" }
            print(Speech.current("请复制\(zh)", "copy the \(en)") + ": \(paths[0]) → \(paths[1])")
        }
        print(Speech.current("然后核验", "then verify") + ": zhifang verify --database …")
    }
}
