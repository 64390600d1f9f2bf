import ArgumentParser
import CMalloc
import Catalog
import Foundation
import House
import Kernel
import Ledger
import Logging
import Storage

@main struct Main: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "zhifang",
        abstract: "职防 Zhifang: runs regional plans for the prevention of occupational diseases.",
        discussion: """
            Records go in, duties and figures come out, as of any day and as known at any moment.
            Try: zhifang demo; zhifang serve; zhifang indicator JX-2018-2020 --as-of 2020-12-31
            """,
        version: House.version,
        subcommands: [
            Serve.self, PlanCommand.self, ImportCommand.self, Template.self, Export.self, JudgeCommand.self, LimitCommand.self,
            CatalogCommand.self, DrawCommand.self,
            IndicatorCommand.self, Verify.self, AuditCommand.self, KeysCommand.self,
            RemindCommand.self, DemoCommand.self, User.self, Backup.self,
            Restore.self, MoveCommand.self, DatabaseCommand.self, Dump.self, Bench.self,
        ])

    static func main() async {
        Heaps.limit()
        do { try Early.read() } catch let refusal as Refusal {
            FileHandle.standardError.write(Data((Speech.current.say(refusal) + "\n").utf8))
            Foundation.exit(1)
        } catch { exit(withError: error) }
        LoggingSystem.bootstrap { label in
            var handler = StreamLogHandler.standardError(label: label)
            handler.logLevel = Early.level
            return handler
        }
        do {
            var command = try parseAsRoot()
            if var asynchronous = command as? any AsyncParsableCommand { try await asynchronous.run() } else { try command.run() }
        } catch let refusal as Refusal {
            FileHandle.standardError.write(Data((Speech.current.say(refusal) + "\n").utf8))
            Foundation.exit(1)
        } catch let refusals as Refusals {
            for refusal in refusals.all { FileHandle.standardError.write(Data((Speech.current.say(refusal) + "\n").utf8)) }
            Foundation.exit(1)
        } catch {
            exit(withError: error)
        }
    }
}

/// The heaps from which threads are given memory.
enum Heaps {
    /// A heap for each processor. The C library makes up to eight times as many, one for each thread that comes while others are busy, and
    /// what a thread gave back stays in its heap: half an hour of requests then holds half as much again. `MALLOC_ARENA_MAX` decides
    /// where it is set. Called once, before any thread.
    static func limit() {
        let environment = ProcessInfo.processInfo
        guard environment.environment["MALLOC_ARENA_MAX"] == nil else { return }
        _ = mallopt(M_ARENA_MAX, Int32(max(2, environment.activeProcessorCount)))
    }
}

/// What must be known before a command is parsed: the language of its messages and the level of its log.
enum Early {
    nonisolated(unsafe) private(set) static var level = Logger.Level.info

    /// Reads `--log-level`, `--language` and `--config`, the environment and the file. Called once, first.
    static func read() throws {
        if let text = try Settings.value("log-level", flag: flag("--log-level"), config: flag("--config")) {
            guard let found = Logger.Level(rawValue: text) else {
                throw Refusal("code.unknown", field: "log-level", ["value": text, "table": "log-level"])
            }
            level = found
        }
        Speech.current = Speech(
            isEnglish: try Settings.value("language", flag: flag("--language"), config: flag("--config"))?.hasPrefix("en") ?? false)
    }
    private static func flag(_ name: String) -> String? {
        let arguments = CommandLine.arguments
        if let index = arguments.firstIndex(of: name), index + 1 < arguments.count { return arguments[index + 1] }
        return arguments.first { $0.hasPrefix(name + "=") }.map { String($0.dropFirst(name.count + 1)) }
    }
}

extension Settings {
    /// Flag before environment before file.
    static func value(_ name: String, flag: String?, config: String?) throws -> String? {
        if let flag { return flag }
        let environment = ProcessInfo.processInfo.environment
        if let value = environment["ZHIFANG_" + name.uppercased().replacing("-", with: "_")], !value.isEmpty { return value }
        guard let path = config ?? environment["ZHIFANG_CONFIG"], !path.isEmpty else { return nil }
        guard FileManager.default.fileExists(atPath: path) else { throw Refusal("file.missing", ["value": path]) }
        return try Settings(file: URL(fileURLWithPath: path))[name]
    }
}

/// Where the database and the data are, and how the program speaks: docs/configuration.md.
struct Place: ParsableArguments {
    @Option(help: "Database: a file's path or postgres://… [ZHIFANG_DATABASE; var/zhifang.sqlite]") var database: String?
    @Option(help: "Folder of plans and standards [ZHIFANG_DATA; Data]") var data: String?
    @Option(help: "Key ring, a file outside the database [ZHIFANG_KEYS; beside the database, with .keys]") var keys: String?
    @Option(help: "Configuration file (YAML) [ZHIFANG_CONFIG]") var config: String?
    @Option(help: "trace, debug, info, notice, warning, error or critical [ZHIFANG_LOG_LEVEL; info]") var logLevel: String?
    @Option(help: "zh or en [ZHIFANG_LANGUAGE; zh]") var language: String?

    func setting(_ name: String, flag: String? = nil) throws -> String? { try Settings.value(name, flag: flag, config: config) }
    func address() throws -> String { try setting("database", flag: database) ?? "var/zhifang.sqlite" }

    func folder() throws -> URL {
        if let path = try setting("data", flag: data) { return URL(fileURLWithPath: path) }
        var candidates = [URL(fileURLWithPath: FileManager.default.currentDirectoryPath)]
        if let binary = Bundle.main.executableURL?.deletingLastPathComponent() {
            for up in 0..<5 { candidates.append((0..<up).reduce(binary) { url, _ in url.deletingLastPathComponent() }) }
        }
        for candidate in candidates {
            let folder = candidate.appendingPathComponent("Data")
            if FileManager.default.fileExists(atPath: folder.appendingPathComponent("standards/codes.yaml").path) { return folder }
        }
        throw Refusal("file.missing", ["value": "Data/standards/codes.yaml"])
    }
    /// - Parameter isDemonstration: whether demonstration data is about to be made.
    func open(clock: Clock = .system, isDemonstration: Bool = false) async throws -> House {
        let address = try address()
        if !address.contains("://"), address != ":memory:" {
            try FileManager.default.createDirectory(
                at: URL(fileURLWithPath: address).deletingLastPathComponent(), withIntermediateDirectories: true)
        }
        return try await House.open(
            address, data: try folder(), clock: clock, keys: try keyRing(), heads: try headsFile(), server: try server(),
            isDemonstration: isDemonstration)
    }
    /// How a database server is used.
    func server() throws -> ServerSettings {
        var settings = ServerSettings()
        func number(_ name: String, from least: Int, _ place: WritableKeyPath<ServerSettings, Int>) throws {
            guard let text = try setting(name) else { return }
            guard let value = Int(text), (least...86_400).contains(value) else {
                throw Refusal("number.range", field: name, ["value": text, "limit": "\(least)…86400"])
            }
            settings[keyPath: place] = value
        }
        try number("database-connections", from: 1, \.connections)
        try number("database-wait", from: 0, \.wait)
        try number("statement-timeout", from: 0, \.statement)
        try number("lock-timeout", from: 0, \.lock)
        try number("idle-timeout", from: 0, \.idle)
        return settings
    }
    func keyRing() throws -> URL? {
        try setting("keys", flag: keys).map { URL(fileURLWithPath: $0) } ?? House.beside(try address(), "keys")
    }
    func headsFile() throws -> URL? {
        try setting("heads").map { URL(fileURLWithPath: $0) } ?? House.beside(try address(), "heads")
    }
}

/// What the command line says, in Chinese unless English was asked for.
struct Speech {
    let isEnglish: Bool
    nonisolated(unsafe) static var current = Speech(isEnglish: false)
    func callAsFunction(_ zh: String, _ en: String) -> String { isEnglish ? en : zh }
}
