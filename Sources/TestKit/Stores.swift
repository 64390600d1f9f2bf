import Foundation
import Kernel
import Ledger
import Storage

/// Every store that the house runs on, fresh for each test. PostgreSQL joins where ZHIFANG_TEST_POSTGRES names one, as `make test` does.
public enum Stores {
    public static let kinds: [Dialect] =
        ProcessInfo.processInfo.environment["ZHIFANG_TEST_POSTGRES"] == nil ? [.sqlite] : [.sqlite, .postgres]

    public static func fresh(_ kind: Dialect) async throws -> any Store {
        switch kind {
        case .sqlite: return try SQLiteStore(path: ":memory:")
        case .postgres:
            let url = ProcessInfo.processInfo.environment["ZHIFANG_TEST_POSTGRES"] ?? ""
            let name = "t" + Digest.hex(Digest.random(8))
            try await PostgresStore(url: url, settings: ServerSettings(connections: 1)).write { try $0.script("CREATE SCHEMA \(name)") }
            // Hundreds of tests at once on a small machine: that one waits long is no failure of what it tests.
            return try PostgresStore(
                url: url + (url.contains("?") ? "&" : "?") + "options=-csearch_path%3D\(name)",
                settings: ServerSettings(connections: 2, wait: 600))
        }
    }
}
