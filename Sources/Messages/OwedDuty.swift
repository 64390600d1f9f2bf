import Kernel
import Ledger
import Storage

/// A duty that is unmet, or will be from a day on if nobody does anything.
public struct OwedDuty: Sendable, Hashable {
    /// Names one duty of one subject.
    public struct Key: Sendable, Hashable {
        public let home, measure, root, subject: String
        public init(home: String, measure: String, root: String, subject: String) {
            (self.home, self.measure, self.root, self.subject) = (home, measure, root, subject)
        }
    }
    public let key: Key
    /// An employer, an institution; empty where the authority owes it.
    public let debtor: String
    public let division: String
    /// The last day in time; nil where it has been owed for longer than is known.
    public let due: Day?
    /// The day on which it ends to be unmet by itself.
    public let until: Day
    public let record: String
    /// The function that it is addressed to, of a rule that names none itself.
    public let function: String

    /// Unmet verdicts of what was done, too late: nothing is left to do.
    public static let lateReasons = ["clock.late", "card.late"]

    /// Days overdue: negative before the last day, nil where nobody knows since when.
    public func overdue(on day: Day) -> Int? { due.map { day - $0 } }

    /// Who answers for it at the authority: the rule's functions, or the one that the duty itself is addressed to.
    func functions(_ measure: Measure) -> [String] { measure.owedBy.isEmpty && !function.isEmpty ? [function] : measure.owedBy }

    /// What a rule's duties will be or are unmet, as seen on a day: with their last day up to `ahead` days ahead.
    /// - Parameter whose: a further condition on the rows `s` of the table `stretch`.
    public static func list(
        _ db: any Connection, _ measure: Measure, on day: Day, ahead: Int, whose: SQL = "1 = 1"
    ) throws -> [OwedDuty] {
        var result: [OwedDuty] = []
        var open: OwedDuty?
        // Rows that follow each other without a gap are one debt, whatever reason each gives: it is due once.
        try db.each(
            """
            SELECT s.home, s.root, s.subject, s.from_day, s.until_day, s.debtor, s.division, s.record, s.cell FROM stretch s
            WHERE s.gauge = \("duty/" + measure.name) AND s.verdict = 'unmet' AND s.from_day <= \(day + ahead + 1)
            AND s.reason NOT IN \(list: lateReasons) AND \(whose) ORDER BY s.home, s.root, s.subject, s.from_day
            """
        ) { row in
            let key = Key(home: try row.get(0), measure: measure.name, root: try row.get(1), subject: try row.get(2))
            let (from, until): (Day, Day) = (try row.get(3), try row.get(4))
            var due: Day? = from > .distantPast ? from + -1 : nil
            if let before = open, before.key == key, before.until == from {
                due = before.due
            } else if let before = open {
                result.append(before)
            }
            let cell: String = try row.get(8)
            open = OwedDuty(
                key: key, debtor: try row.get(5), division: try row.get(6), due: due, until: until, record: try row.get(7),
                function: cell.split(separator: "|", omittingEmptySubsequences: false).last.map(String.init) ?? "")
        }
        if let open { result.append(open) }
        return result.filter { $0.until > day }
    }
}
