import Foundation
import Kernel
import Synchronization

/// A connection that can open and end transactions: what a queue of writes needs of an engine.
protocol Transacting: Connection {
    /// Opens the transaction of a writer.
    func begin() throws
    /// Durable when it returns.
    func commit() throws
    /// Ends the transaction without a trace; nothing where the engine has ended it already.
    func rollback()
    var isInTransaction: Bool { get }
    /// How long a writer that never stops leaves the database to other processes, now and then; zero where it need not.
    var rest: Duration { get }
    /// Whether the same work may succeed if it is done again at once.
    func isPassing(_ error: any Error) -> Bool
    /// Whether a commit that ended with this error left nothing behind, so that the work may be done again.
    func isUndone(_ error: any Error) -> Bool
}

/// Writes in the order in which they came. Those that came while the writer was busy share its next transaction, each in a savepoint of its
/// own: one wait for the disk for all of them. Nobody is answered before the disk has it. Where a shared commit fails, each is done again alone.
final class WriteQueue: Sendable {
    private struct Waiting {
        let job: any Job
        /// When it is refused if it has not begun.
        let due: ContinuousClock.Instant
    }
    private struct State {
        var waiting: [Waiting] = []
        var isRunning = false
        var isWatched = false
    }
    private enum Standing { case refused, waits, first }
    private let state = Mutex(State())
    /// So many may wait; whoever comes then is refused instead of waiting for ever.
    private let limit: Int
    /// So many share one transaction, and none begins in it after so long: a small edit does not wait for many large ones.
    private let most = 64
    private let patience = Duration.milliseconds(50)
    private let tries = 6
    private static let mostWithoutRest = Duration.milliseconds(200)

    /// How many seconds somebody waits at most until their write begins; 0 for as long as it takes.
    private let wait: Int

    init(limit: Int = 2000, wait: Int = 0) { (self.limit, self.wait) = (limit, wait) }

    /// - Parameter start: brings a writer's connection; called when nobody serves the queue. The connection is lent until the call returns.
    /// - Throws: what the body throws; `Refusal("database.busy")` where too many wait.
    func write<T: Sendable>(
        _ body: @escaping @Sendable (any Connection) throws -> T,
        start: @escaping @Sendable (@escaping @Sendable (any Transacting) -> Void) async throws -> Void
    ) async throws -> T {
        try await withCheckedThrowingContinuation { continuation in
            let job = Work(body, continuation)
            let standing = state.withLock { state -> Standing in
                if state.waiting.count >= limit { return .refused }
                state.waiting.append(Waiting(job: job, due: .now + .seconds(wait)))
                if state.isRunning { return .waits }
                state.isRunning = true
                return .first
            }
            switch standing {
            case .refused: continuation.resume(throwing: Refusal("database.busy"))
            case .waits: if wait > 0 { watch() }
            case .first:
                Task {
                    // A writer that cannot be had is an answer to all who wait for it.
                    do { try await start { self.drain($0) } } catch { self.give(up: error) }
                }
            }
        }
    }

    /// How many wait.
    var waiting: Int { state.withLock { $0.waiting.count } }

    private func take(_ count: Int) -> [Waiting] {
        state.withLock { state in
            let taken = Array(state.waiting.prefix(count))
            state.waiting.removeFirst(taken.count)
            if taken.isEmpty { state.isRunning = false }
            return taken
        }
    }
    /// One task, while anybody waits, refuses whoever has waited too long. The first in the queue has waited longest.
    private func watch() {
        let isMine = state.withLock { state in
            defer { state.isWatched = true }
            return !state.isWatched
        }
        guard isMine else { return }
        Task {
            while let due = state.withLock({ state in
                if state.waiting.isEmpty { state.isWatched = false }
                return state.waiting.first?.due
            }) {
                try? await Task.sleep(until: due, clock: .continuous)
                let late = state.withLock { state in
                    let late = state.waiting.prefix { $0.due <= .now }
                    state.waiting.removeFirst(late.count)
                    return late
                }
                for waiting in late { waiting.job.fail(Refusal("database.busy")) }
            }
        }
    }
    private func give(up error: any Error) {
        let all = state.withLock { state in
            defer { (state.waiting, state.isRunning) = ([], false) }
            return state.waiting
        }
        for waiting in all { waiting.job.fail(error) }
    }

    private func drain(_ db: any Transacting) {
        let clock = ContinuousClock()
        var rested = clock.now
        while true {
            if db.rest > .zero, clock.now - rested > WriteQueue.mostWithoutRest {
                Thread.sleep(forTimeInterval: Double(db.rest.components.attoseconds) / 1e18)
                rested = clock.now
            }
            let jobs = take(most)
            if jobs.isEmpty { return }
            var begun = 1
            if jobs.count == 1 { single(jobs[0].job, db) } else { begun = together(jobs.map(\.job), db) }
            state.withLock { $0.waiting.insert(contentsOf: jobs.dropFirst(begun), at: 0) }
        }
    }

    private func single(_ job: any Job, _ db: any Transacting) {
        var count = 0
        while true {
            count += 1
            do {
                try db.begin()
                try job.run(db)
                try db.commit()
                job.answer()
                return
            } catch {
                db.rollback()
                if count < tries, db.isPassing(error) { continue }
                job.fail(error)
                return
            }
        }
    }

    /// - Returns: how many were begun, and answered.
    private func together(_ jobs: [any Job], _ db: any Transacting) -> Int {
        let clock = ContinuousClock()
        let started = clock.now
        var done: [(job: any Job, error: (any Error)?)] = []
        do {
            try db.begin()
            for job in jobs where done.isEmpty || clock.now - started < patience {
                do {
                    try db.savepoint("write") { try job.run(db) }
                    done.append((job, nil))
                } catch {
                    // Some failures end the whole transaction with them.
                    guard db.isInTransaction, !db.isPassing(error) else { throw error }
                    done.append((job, error))
                }
            }
            try db.commit()
        } catch {
            db.rollback()
            guard db.isUndone(error) else {
                for (job, own) in done { job.fail(own ?? error) }
                return done.count
            }
            for job in jobs { single(job, db) }
            return jobs.count
        }
        for (job, error) in done { if let error { job.fail(error) } else { job.answer() } }
        return done.count
    }
}

private protocol Job: AnyObject, Sendable {
    func run(_ db: any Connection) throws
    func answer()
    func fail(_ error: any Error)
}

/// One write with whoever waits for it. It may be run more than once; the last run counts.
private final class Work<T: Sendable>: Job {
    private let body: @Sendable (any Connection) throws -> T
    private let continuation: CheckedContinuation<T, any Error>
    private let value = Mutex<T?>(nil)

    init(_ body: @escaping @Sendable (any Connection) throws -> T, _ continuation: CheckedContinuation<T, any Error>) {
        (self.body, self.continuation) = (body, continuation)
    }
    func run(_ db: any Connection) throws {
        let made = try body(db)
        value.withLock { $0 = made }
    }
    func answer() {
        guard let value = value.withLock({ $0 }) else { preconditionFailure("answered before it ran") }
        continuation.resume(returning: value)
    }
    func fail(_ error: any Error) { continuation.resume(throwing: error) }
}
