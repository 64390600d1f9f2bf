import Kernel
import Synchronization

/// How often one source may do something in a while: counted in memory, forgotten with the process.
final class Limiter: Sendable {
    private let limit: Int
    private let window: Int64
    private let kept = Mutex<[String: [Int64]]>([:])

    /// - Parameter minutes: how long each time counts.
    init(_ limit: Int, minutes: Int64) { (self.limit, window) = (limit, minutes * 60_000_000) }

    /// Counts one more time; false where there were too many.
    func allows(_ source: String, at now: Moment) -> Bool {
        kept.withLock { kept in
            // Sources that have been quiet are forgotten, so that many of them cost no memory.
            if kept.count > 10_000 { kept = kept.filter { ($0.value.last ?? 0) > now.microseconds - window } }
            let recent = (kept[source] ?? []).filter { $0 > now.microseconds - window }
            guard recent.count < limit else {
                kept[source] = recent
                return false
            }
            kept[source] = recent + [now.microseconds]
            return true
        }
    }
}
