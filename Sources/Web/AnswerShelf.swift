import HTTPTypes
import Hummingbird
import Kernel
import Storage
import Synchronization

/// Answers to programs, given again to the same token and the same question as long as the database stands as it stood. A commit, by this
/// server or by another program at the file, and the next day make each of them anew; so does `Cache-Control: no-cache`.
///
/// Only where the store tells without being asked what stands (`Store.stamp`): there an answer that is given again costs no connection, no
/// hand-off to another thread and no transaction, its token's check included.
public final class AnswerShelf: Sendable {
    /// What the answers kept were made of.
    fileprivate struct Mark: Equatable {
        let stamp: CommitStamp
        let day: Day
    }
    private struct Kept {
        let response: Response
        let at: Moment
    }
    private struct State {
        var mark: Mark?
        var bytes = 0
        var answers: [String: Kept] = [:]
    }
    /// One question and what stood when it came.
    struct Asked {
        fileprivate let key: String
        fileprivate let mark: Mark
        fileprivate let at: Moment
        let answer: Response?
    }

    private let stamp: @Sendable () -> CommitStamp?
    private let clock: Clock
    private let state = Mutex(State())
    /// What hangs on the hour, such as the end of a token's time, is seen so many microseconds late at most.
    private static let most: Int64 = 10_000_000
    /// With more bytes than this the keeping begins anew; an answer larger than a sixteenth of it is not kept.
    private static let bytes = 16 << 20

    /// - Parameter stamp: which state of the database stands; nil where nobody can tell.
    public init(clock: Clock, stamp: @escaping @Sendable () -> CommitStamp?) { (self.clock, self.stamp) = (clock, stamp) }

    private func mark(_ now: Moment) -> Mark? { stamp().map { Mark(stamp: $0, day: now.day) } }

    /// A program's question, with the answer to it that is kept. Nil where the answer is to be made anew and not kept.
    func ask(_ request: Request) -> Asked? {
        let headers = request.headers
        guard let token = headers[.authorization], headers[.cacheControl]?.contains("no-cache") != true else {
            return nil
        }
        let now = clock.now()
        guard let mark = mark(now) else { return nil }
        // The token is kept as the database keeps it: not so that whoever reads the memory could use it.
        let parts = [token, request.uri.description] + [.accept, .acceptLanguage, .cookie].map { headers[$0] ?? "" }
        let key = Digest.sha256(parts.joined(separator: "\n"))
        let kept = state.withLock { $0.mark == mark ? $0.answers[key] : nil }
        let isYoung = kept.map { (0...AnswerShelf.most).contains(now.microseconds - $0.at.microseconds) } ?? false
        return Asked(key: key, mark: mark, at: now, answer: isYoung ? kept?.response : nil)
    }

    /// Keeps an answer, unless something was committed or the day ended while it was made.
    func keep(_ response: Response, to asked: Asked) {
        guard response.status == .ok, response.headers[.setCookie] == nil, let length = response.body.contentLength,
            length <= AnswerShelf.bytes / 16, mark(clock.now()) == asked.mark
        else { return }
        state.withLock { state in
            if state.mark != asked.mark || state.bytes + length > AnswerShelf.bytes { state = State(mark: asked.mark) }
            let old = state.answers.updateValue(Kept(response: response, at: asked.at), forKey: asked.key)
            state.bytes += length - (old?.response.body.contentLength ?? 0)
        }
    }
}
