import Foundation
import Kernel

/// A mail server of Python's, with what it took.
public final class MailHost {
    public struct Taken: Decodable {
        public let from: String
        public let to: [String]
        public let headers: [String: String]
        public let text: String
        public let tls: Bool
        /// Bytes of the longest line.
        public let longest: Int
        public let defects: [String]
    }
    public let folder: URL
    public let port: Int
    private let process: Process

    /// - Parameter options: of Tests/messages/smtp_server.py.
    public init(_ options: [String] = []) throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("zhifang-mail-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let (process, line) = try Python.start(
            "Tests/messages/smtp_server.py", [folder.appendingPathComponent("out").path, folder.path] + options)
        self.process = process
        guard let number = Int(line) else { throw Refusal("oracle", ["value": line]) }
        port = number
    }
    public func taken() throws -> [Taken] {
        guard let text = try? String(contentsOf: folder.appendingPathComponent("out"), encoding: .utf8) else { return [] }
        return try text.split(separator: "\n").map { try JSONDecoder().decode(Taken.self, from: Data($0.utf8)) }
    }
    public func end() {
        guard process.isRunning else { return }
        // Foundation's own wait spins on a thread of the pool that all tests share: two of them would stop the run for good.
        kill(process.processIdentifier, SIGKILL)
        for _ in 0..<200 where process.isRunning { usleep(10_000) }
    }
}
