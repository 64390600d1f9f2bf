import ArgumentParser
import Exchange
import Foundation
import House
import Kernel
import Ledger
import Sheets
import Storage

private func kind(_ name: String, in house: House) throws -> Kind {
    guard let kind = house.ledger.kinds[name] else {
        throw Refusal("kind.unknown", ["value": name, "expected": house.ledger.kinds.keys.sorted().joined(separator: ", ")])
    }
    return kind
}

struct ImportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import", abstract: "Imports records of a kind from CSV or XLSX.",
        discussion: "Each row is stored whole or refused with all its flaws; --dry-run shows what would happen and stores nothing.")
    @OptionGroup var place: Place
    @Argument(help: "Kind of record, e.g. employer") var kind: String
    @Argument(help: "CSV (UTF-8 or GB18030) or XLSX") var file: String
    @Flag(help: "Stores nothing") var dryRun = false
    @Flag(help: "Rows whose number or key is known change that record; otherwise they are refused") var update = false
    @Option(help: "County in which records without a division of their own are created") var home: String?
    @Option(help: "Name of a saved layout") var layout: String?
    @Option(help: "Workbook to write the rows back to, errors marked") var errors: String?

    func run() async throws {
        let house = try await place.open()
        let kind = try zhifang.kind(kind, in: house)
        let importer = Importer(house.ledger)
        var chosen: Layout?
        if let layout {
            guard let found = try await importer.layouts(for: kind).first(where: { $0.name == layout }) else {
                throw Refusal("record.missing", ["value": layout])
            }
            chosen = found.layout
        }
        let url = URL(fileURLWithPath: file)
        let submission = Submission(
            by: .house, door: "command", reason: url.lastPathComponent, updates: update, isTrial: dryRun, home: home)
        let isTerminal = isatty(2) == 1
        let result = try await importer.run(kind, url, layout: chosen, submission) { done in
            if isTerminal { FileHandle.standardError.write(Data("\r  \(done)".utf8)) }
        }
        let speech = Speech.current
        if result.resumedBehind > 0 {
            print(
                speech(
                    "上次导入中断：前 \(result.resumedBehind) 行已写入，从其后继续。",
                    "an earlier import broke off: \(result.resumedBehind) rows were stored, went on behind them."))
        }
        for refusal in result.refusals.prefix(200) { print(speech.say(refusal, in: kind)) }
        if result.refusals.count > 200 { print("… +\(result.refusals.count - 200)") }
        if let errors {
            try importer.annotate(kind, url, layout: chosen, result, to: URL(fileURLWithPath: errors)) { speech.say($0, in: kind) }
        }
        print(
            (dryRun ? speech("试运行：", "dry run: ") : "")
                + speech(
                    "共 \(result.total) 行：新增 \(result.created)，更改 \(result.changed)，未变 \(result.unchanged)，退回 \(result.refused)",
                    "\(result.total) rows: \(result.created) created, \(result.changed) changed, \(result.unchanged) unchanged, \(result.refused) refused"
                ))
        if result.refused > 0 { throw ExitCode(2) }
    }
}

struct Template: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Writes an empty workbook of a kind, with its code lists and what each field wants.")
    @OptionGroup var place: Place
    @Argument(help: "Kind of record; without one the kinds are listed") var kind: String?
    @Option(name: .shortAndLong, help: "File to write [KIND.xlsx]") var output: String?
    func run() async throws {
        let house = try await House.open(":memory:", data: try place.folder())
        guard let name = kind else {
            for kind in House.features.flatMap(\.kinds) { print("\(kind.name)\t\(kind.zh)\t\(kind.en)") }
            return
        }
        let kind = try zhifang.kind(name, in: house)
        let url = URL(fileURLWithPath: output ?? "\(kind.name).xlsx")
        try Exporter(house.ledger).template(kind, english: Speech.current.isEnglish, to: url)
        print(url.lastPathComponent)
    }
}

struct Export: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Writes the records of a kind as CSV or XLSX, as import reads them.")
    @OptionGroup var place: Place
    @Argument(help: "Kind of record") var kind: String
    @Option(name: .shortAndLong, help: "File to write [KIND.csv]; .xlsx for a workbook") var output: String?
    @Flag(help: "Personal fields masked") var masked = false
    func run() async throws {
        let house = try await place.open()
        let kind = try zhifang.kind(kind, in: house)
        let url = URL(fileURLWithPath: output ?? "\(kind.name).csv")
        let masked = masked
        if !masked { try await house.ledger.noteClearExport([kind], by: .house, door: "command") }
        try await Exporter(house.ledger).export(
            kind, as: url.pathExtension == "xlsx" ? .xlsx : .csv, masks: { _ in masked }, english: Speech.current.isEnglish, to: url)
        print(url.lastPathComponent)
    }
}

struct Dump: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Writes every version of every record as CSV, for programs that check the figures.")
    @OptionGroup var place: Place
    @Argument(help: "Folder") var folder: String
    func run() async throws {
        let ledger = try await place.open().ledger
        try await ledger.noteClearExport(ledger.kinds.values.sorted { $0.name < $1.name }, by: .house, door: "command")
        try await Exporter(ledger).dump(to: URL(fileURLWithPath: folder))
    }
}

struct Backup: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Copies an SQLite database consistently while it is in use.",
        discussion: "PostgreSQL is backed up by its own tools: docs/operations.md.")
    @OptionGroup var place: Place
    @Argument(help: "File to write; it must not exist") var file: String
    func run() async throws {
        guard !FileManager.default.fileExists(atPath: file) else { throw Refusal("file.exists", ["value": file]) }
        guard let store = try await place.open().ledger.store as? SQLiteStore else { throw Refusal("backup.engine") }
        let partial = file + ".partial"
        try? FileManager.default.removeItem(atPath: partial)
        try store.backup(to: partial)
        try moveDurably(partial, to: file)
        print(file)
    }
}

struct Restore: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Puts a backup in the place of a database that does not exist yet, and verifies it.")
    @OptionGroup var place: Place
    @Argument(help: "Backup file") var file: String
    func run() async throws {
        let target = try place.address()
        guard !target.contains("://") else { throw Refusal("backup.engine") }
        guard FileManager.default.fileExists(atPath: file) else { throw Refusal("file.missing", ["value": file]) }
        guard !FileManager.default.fileExists(atPath: target) else { throw Refusal("file.exists", ["value": target]) }
        try FileManager.default.createDirectory(
            at: URL(fileURLWithPath: target).deletingLastPathComponent(), withIntermediateDirectories: true)
        let partial = target + ".partial"
        try? FileManager.default.removeItem(atPath: partial)
        try FileManager.default.copyItem(atPath: file, toPath: partial)
        do {
            let house = try await House.open(partial, data: try place.folder(), keys: try place.keyRing(), heads: nil)
            let problems = try await house.ledger.verify()
            let breaks = try await house.ledger.store.read { try Audit($0).breaks() }
            guard problems.isEmpty, breaks.isEmpty else {
                throw Refusal("backup.damaged", ["value": "\(problems.count) / \(breaks.count)"])
            }
        } catch {
            for suffix in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: partial + suffix) }
            throw error
        }
        for suffix in ["-wal", "-shm"] where FileManager.default.fileExists(atPath: partial + suffix) {
            try? FileManager.default.removeItem(atPath: partial + suffix)
        }
        try moveDurably(partial, to: target)
        print(target)
    }
}
