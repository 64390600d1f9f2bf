import Foundation
import Kernel

/// The second programs that tests ask, in Python. Where there is no interpreter or the program fails, the test fails: it is never skipped.
public enum Python {
    /// ZHIFANG_PYTHON, else what `Scripts/setup test` installs.
    static let interpreter =
        ProcessInfo.processInfo.environment["ZHIFANG_PYTHON"] ?? Repository.root.appendingPathComponent(".venv/bin/python").path

    /// Runs a program of the repository.
    /// - Throws: `Refusal("oracle")` with its status.
    public static func run(_ script: String, _ arguments: [String]) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: interpreter)
        process.arguments = [Repository.root.appendingPathComponent(script).path] + arguments
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw Refusal("oracle", ["value": "\(script): \(process.terminationStatus)"]) }
    }

    /// Starts a program of the repository that goes on until it is ended, and waits for the line with which it says that it is ready.
    /// - Returns: the process, and that line.
    public static func start(_ script: String, _ arguments: [String]) throws -> (process: Process, line: String) {
        let process = Process()
        let pipe = Pipe()
        process.executableURL = URL(fileURLWithPath: interpreter)
        process.arguments = [Repository.root.appendingPathComponent(script).path] + arguments
        process.standardOutput = pipe
        try process.run()
        var bytes: [UInt8] = []
        while bytes.last != 10 {
            guard let byte = try pipe.fileHandleForReading.read(upToCount: 1)?.first else { throw Refusal("oracle", ["value": script]) }
            bytes.append(byte)
        }
        return (process, String(decoding: bytes.dropLast(), as: UTF8.self))
    }

    /// Hands cases to a program that reads and writes JSON: `script [options] asked answered`.
    public static func ask<Answer: Decodable>(_ script: String, _ cases: some Encodable, options: [String] = []) throws -> Answer {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("zhifang-oracle-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let (asked, answered) = (folder.appendingPathComponent("asked.json"), folder.appendingPathComponent("answered.json"))
        try JSONEncoder().encode(cases).write(to: asked)
        try run(script, options + [asked.path, answered.path])
        return try JSONDecoder().decode(Answer.self, from: Data(contentsOf: answered))
    }
}
