import Kernel
import Synchronization

/// Whether anything was committed for one request. What fails behind that, say the reading of the page that is to answer it, cannot tell its
/// sender that nothing was saved: they would send it again, or give it up for lost.
public final class Committed: Sendable {
    /// That of the request which the task serves; nil where nobody asks.
    @TaskLocal public static var current: Committed?
    private let isAnything = Atomic(false)
    public init() {}

    /// Something stands from now on.
    static func note() { current?.isAnything.store(true, ordering: .relaxed) }

    /// What to tell of a failure: `commit.unknown` in place of a refusal by the database or its disk where something was committed before.
    static func told(_ error: any Error) -> any Error {
        guard let refusal = error as? Refusal, refusal.code.hasPrefix("database.") || refusal.code.hasPrefix("disk."),
            let current, current.isAnything.load(ordering: .relaxed)
        else { return error }
        return Refusal("commit.unknown")
    }
}
