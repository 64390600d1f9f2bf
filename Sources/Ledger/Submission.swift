import Catalog
import Kernel
import Storage

/// What became of one draft.
public enum Fate: Sendable {
    case created(id: String), changed(id: String, version: Int), unchanged(id: String), withdrawn(id: String)
    case refused([Refusal])
    public var id: String? {
        switch self {
        case .created(let id), .changed(let id, _), .unchanged(let id), .withdrawn(let id): id
        case .refused: nil
        }
    }
}

/// The answer to one draft, in the order in which they were given.
public struct Receipt: Sendable {
    public let row: Int?
    public let title: String
    public let fate: Fate
}

/// How a submission is to be taken.
public struct Submission: Sendable {
    public var person: Person
    /// The door that it came in by, for the audit: `page`, `csv`, `api`, `demo` …
    public var door: String
    public var reason: String
    /// Whether a draft whose keys name a record changes it; otherwise it is refused as existing.
    public var updates: Bool
    /// Whether everything is undone at the end: the receipts say what would happen.
    public var isTrial: Bool
    /// The county in which new records without a division of their own are created.
    public var home: String?
    public init(by person: Person, door: String, reason: String = "", updates: Bool = false, isTrial: Bool = false, home: String? = nil) {
        (self.person, self.door, self.reason, self.updates, self.isTrial, self.home) = (person, door, reason, updates, isTrial, home)
    }
}

private struct TrialEnded: Error { let receipts: [Receipt] }

extension Ledger {
    /// Takes drafts in one transaction: each is stored whole or refused with all its flaws; good ones do not wait for bad ones.
    /// Rules run and tallies move before it commits, so that whoever is told of success finds it in the figures.
    public func submit(_ drafts: [Draft], _ submission: Submission) async throws -> [Receipt] {
        do {
            return try await store.write { [self] db in
                var clerk = Clerk(ledger: self, db: db, submission: submission)
                let receipts = try clerk.take(drafts)
                if submission.isTrial { throw TrialEnded(receipts: receipts) }
                try clerk.finish()
                return receipts
            }
        } catch let trial as TrialEnded {
            return trial.receipts
        }
    }
}
