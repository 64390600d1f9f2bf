import Kernel
import Storage

/// A request that a machine may send again without its being done twice: the key that it chose and what it sent.
public struct RequestKey: Sendable {
    public let key: String
    /// Of the method, the path and the body.
    public let digest: String
    /// - Throws: `idempotency.key` for a key of more than 200 characters or with others than visible ASCII.
    public init(_ key: String, over request: String) throws {
        guard !key.isEmpty, key.utf8.count <= 200, key.utf8.allSatisfy({ (33...126).contains($0) }) else {
            throw Refusal("idempotency.key", field: "Idempotency-Key", ["limit": "200"])
        }
        (self.key, digest) = (key, Digest.sha256(request))
    }
}

/// What was answered, and whether it had been answered before.
public struct Answered: Sendable {
    public let status: Int
    public let text: String
    public let isReplay: Bool
}

extension Ledger {
    static let daysKept = 30

    /// Takes drafts as `submit` does and makes the answer to them, in one transaction with the note that the key was used: whoever asks again
    /// with the same key gets the same answer, also after a crash between the two.
    /// - Throws: `idempotency.mismatch` where the key was used for another request.
    public func submit(
        _ drafts: [Draft], _ submission: Submission, once key: RequestKey?, answer: @escaping @Sendable ([Receipt]) throws -> (Int, String)
    ) async throws -> Answered {
        guard let key, !submission.isTrial else {
            let (status, text) = try answer(try await submit(drafts, submission))
            return Answered(status: status, text: text, isReplay: false)
        }
        return try await store.write { [self] db in
            let person = submission.person.name
            // What was sent and what was answered may tell of persons: neither is kept in clear, nor a digest that could be guessed from.
            let owner = "idempotency/\(person) \(key.key)"
            if let row = try db.row("SELECT digest, status, answer FROM idempotency WHERE account = \(person) AND key = \(key.key)") {
                guard try keys.open(try row.get("digest"), owner: owner + " digest") == key.digest else {
                    throw Refusal("idempotency.mismatch", field: "Idempotency-Key", ["value": key.key])
                }
                return Answered(status: try row.get("status"), text: try keys.open(try row.get("answer"), owner: owner), isReplay: true)
            }
            var clerk = Clerk(ledger: self, db: db, submission: submission)
            let receipts = try clerk.take(drafts)
            try clerk.finish()
            let (status, text) = try answer(receipts)
            let now = clock.now()
            try db.run(
                "DELETE FROM idempotency WHERE made_at < \(Moment(microseconds: now.microseconds - Int64(Ledger.daysKept) * 86_400_000_000))"
            )
            try db.run(
                """
                INSERT INTO idempotency (account, key, digest, status, answer, made_at)
                VALUES (\(person), \(key.key), \(try keys.seal(key.digest, owner: owner + " digest")), \(status), \(try keys.seal(text, owner: owner)), \(now))
                """)
            return Answered(status: status, text: text, isReplay: false)
        }
    }
}
