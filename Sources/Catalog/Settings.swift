import Foundation
import Kernel
import Yams

/// The configuration file: one flat mapping of the names of docs/configuration.md. An unknown name is an error, not a silence.
public struct Settings: Sendable {
    public static let names: Set<String> = [
        "database", "listen", "port", "data", "keys", "heads", "log-level", "language", "https", "site", "smtp-host", "smtp-port",
        "smtp-user",
        "smtp-password-file", "smtp-from", "smtp-security", "smtp-authorities",
        "database-connections", "database-wait", "statement-timeout", "lock-timeout", "idle-timeout",
    ]
    private let values: [String: String]

    /// - Throws: `Refusal("field.unknown")` with the line of a name that is none.
    public init(file: URL) throws {
        var values: [String: String] = [:]
        for (key, value) in try Catalog.yaml(file) {
            guard let name = key.text, Settings.names.contains(name) else {
                throw Refusal("field.unknown", row: key.mark?.line, field: key.text ?? "", ["value": key.text ?? ""])
            }
            values[name] = value.text
        }
        self.values = values
    }
    public subscript(name: String) -> String? { values[name] }
}
