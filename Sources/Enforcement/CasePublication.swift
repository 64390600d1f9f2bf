import Kernel
import Ledger

/// What of a decision is told to everybody 公示 (Administrative Penalty Law 2021 Art. 48).
public enum Publication {
    /// Whether a decision is public on a day: published, not annulled, its period not over.
    public static func isOpen(_ decision: Record, on day: Day) -> Bool {
        guard decision.state == .accepted, let published = decision[PenaltyDecision.published], published <= day else { return false }
        if let annulled = decision[PenaltyDecision.annulled], annulled <= day { return false }
        return decision[PenaltyDecision.publishedUntil].map { day <= $0 } ?? true
    }

    /// A text without natural persons: the names that the house knows around the case, identity numbers and phone numbers.
    /// `张三丰` → `张某某`.
    public static func masked(_ text: String, names: [String]) -> String {
        var text = text
        for name in Set(names).filter({ $0.count >= 2 }).sorted(by: { ($1.count, $0) < ($0.count, $1) }) {
            guard text.contains(name), let first = name.first else { continue }
            text = text.replacing(name, with: String(first) + String(repeating: "某", count: min(2, name.count - 1)))
        }
        text = text.replacing(/[1-9][0-9]{16}[0-9Xx]/) { match in "\(match.output.prefix(3))***" }
        return text.replacing(/1[3-9][0-9]{9}/) { match in "\(match.output.prefix(3))****" }
    }
}
