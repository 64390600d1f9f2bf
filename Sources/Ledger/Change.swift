import Kernel
import Storage

/// One version that a submission stored: what rooms above are told of, inside its transaction.
public struct Change: Sendable {
    public let record: Record
    /// False where the version withdraws the record.
    public let isLive: Bool
    public let by: Person
    /// The door that it came in by: `page`, `csv`, `api` …
    public let door: String
    public let at: Moment
    public var isNew: Bool { record.version == 1 }
}

/// What is told of the versions that a transaction stores, before it commits: whoever writes down a notice writes it with the change.
public typealias Listener = @Sendable (Ledger, any Connection, [Change]) throws -> Void
