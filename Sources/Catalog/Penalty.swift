import Kernel

/// One item of the penalties 罚则 of the law 职业病防治法, chapter 6.
public struct Penalty: Sendable, Hashable {
    /// When a fine is due.
    public enum When: String, Sendable {
        /// If not corrected in time 逾期不改正的; may be imposed 可以并处; is imposed 并处.
        case overdue, may, must
        /// Other law applies; a sanction on the person; a criminal charge.
        case other, sanction, criminal
    }
    public let article: Int
    /// `一`, `第二款`; empty where the article has none.
    public let item: String
    /// Which of the cases that the article tells apart; empty where there is one.
    public let kind: String
    public let subject: String
    public let violation: String
    /// The same in English, our translation.
    public let violationEnglish: String
    /// What follows, shortened.
    public let fine: String
    public let when: When
    /// Bounds of the fine in yuan; nil where the article names none.
    public let minimum, maximum: Double?
    /// Bounds of the fine as multiples of the illegal income 违法所得.
    public let leastMultiple, mostMultiple: Double?
    public let hasWarning, hasCorrection, canClose: Bool
    public let provenance: Provenance
}

extension Penalty: TableValue {
    static let file = "penalties.csv"
    static let columns = [
        "article", "item", "case", "subject", "violation", "violation_en", "fine", "when", "minimum", "maximum", "least_multiple",
        "most_multiple",
        "warning", "correction", "closure", "edition", "clause", "source", "confidence", "from", "until",
    ]
    init(_ row: Table.Row) throws {
        guard let article = try row.integer("article") else { throw row.refusal("catalog.empty", "article") }
        guard let when = When(rawValue: row["when"]) else { throw row.refusal("catalog.choice", "when") }
        let minimum = try row.number("minimum")
        let maximum = try row.number("maximum")
        guard (minimum ?? 0) <= (maximum ?? 0) else { throw row.refusal("catalog.number", "maximum") }
        self.init(
            article: article, item: row["item"], kind: row["case"], subject: row["subject"], violation: try row.required("violation"),
            violationEnglish: try row.required("violation_en"), fine: row["fine"], when: when, minimum: minimum, maximum: maximum,
            leastMultiple: try row.number("least_multiple"),
            mostMultiple: try row.number("most_multiple"), hasWarning: row.flag("warning"), hasCorrection: row.flag("correction"),
            canClose: row.flag("closure"), provenance: try row.provenance())
    }
}
