import ArgumentParser
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
            Serve.self, PlanCommand.self, ImportCommand.self, Template.self, Export.self, IndicatorCommand.self, Verify.self, DemoCommand.self, User.self, Backup.self,
            Restore.self, Dump.self, Bench.self,
        ])

    static func main() async {
        LoggingSystem.bootstrap { label in
            var handler = StreamLogHandler.standardError(label: label)
            handler.logLevel = Logger.Level(rawValue: ProcessInfo.processInfo.environment["ZHIFANG_LOG_LEVEL"] ?? "") ?? .info
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

/// Where the database and the data are: flag before environment before file before default. docs/configuration.md.
struct Place: ParsableArguments {
    @Option(help: "Database: a file's path or postgres://… [ZHIFANG_DATABASE; var/zhifang.sqlite]") var database: String?
    @Option(help: "Folder of plans and standards [ZHIFANG_DATA; Data]") var data: String?
    @Option(help: "Configuration file (YAML) [ZHIFANG_CONFIG; zhifang.yaml if there]") var config: String?

    func setting(_ name: String, flag: String? = nil) throws -> String? {
        if let flag { return flag }
        let environment = ProcessInfo.processInfo.environment
        if let value = environment["ZHIFANG_" + name.uppercased()], !value.isEmpty { return value }
        let path = config ?? environment["ZHIFANG_CONFIG"] ?? "zhifang.yaml"
        guard FileManager.default.fileExists(atPath: path) else {
            if config != nil { throw Refusal("file.missing", ["value": path]) }
            return nil
        }
        return try Settings(file: URL(fileURLWithPath: path))[name]
    }
    func address() throws -> String { try setting("database", flag: database) ?? "var/zhifang.sqlite" }

    func folder() throws -> URL {
        if let path = try setting("data", flag: data) { return URL(fileURLWithPath: path) }
        var candidates = [URL(fileURLWithPath: FileManager.default.currentDirectoryPath)]
        if let binary = Bundle.main.executableURL?.deletingLastPathComponent() { for up in 0..<5 { candidates.append((0..<up).reduce(binary) { url, _ in url.deletingLastPathComponent() }) } }
        for candidate in candidates {
            let folder = candidate.appendingPathComponent("Data")
            if FileManager.default.fileExists(atPath: folder.appendingPathComponent("standards/codes.yaml").path) { return folder }
        }
        throw Refusal("file.missing", ["value": "Data/standards/codes.yaml"])
    }
    func open() async throws -> House {
        let address = try address()
        if !address.contains("://"), address != ":memory:" {
            try FileManager.default.createDirectory(at: URL(fileURLWithPath: address).deletingLastPathComponent(), withIntermediateDirectories: true)
        }
        return try await House.open(address, data: try folder())
    }
}

/// What the command line says, in the language of ZHIFANG_LANGUAGE or LANG.
struct Speech {
    let isEnglish: Bool
    static let current: Speech = {
        let environment = ProcessInfo.processInfo.environment
        let tongue = environment["ZHIFANG_LANGUAGE"] ?? environment["LC_ALL"] ?? environment["LANG"] ?? ""
        return Speech(isEnglish: !tongue.lowercased().hasPrefix("zh"))
    }()
    func callAsFunction(_ zh: String, _ en: String) -> String { isEnglish ? en : zh }
}
