// The audit and its published heads: what the templates need, in the manner of PageModels.swift.

/// Template `audit`: lines of the audit, newest first, and whether the chains are whole.
public struct AuditPage: Sendable {
    public var frame: Frame
    public var verdict: View.Mark
    /// When it was verified, how much, which head was published last.
    public var facts: [View.Fact]
    public var flaws: [String]
    /// What is asked for
    public var person, subject, door, home, from, until: String
    public var doors: [View.Option]
    public var columns: [View.Column]
    public var rows: [View.Row]
    public var pager: View.Pager?
    public var total: String

    public init(
        frame: Frame, verdict: View.Mark, facts: [View.Fact], flaws: [String], person: String, subject: String, door: String, home: String,
        from: String, until: String, doors: [View.Option], columns: [View.Column], rows: [View.Row], pager: View.Pager?, total: String
    ) {
        (self.frame, self.verdict, self.facts, self.flaws, self.person) = (frame, verdict, facts, flaws, person)
        (self.subject, self.door, self.home, self.from, self.until) = (subject, door, home, from, until)
        (self.doors, self.columns, self.rows, self.pager, self.total) = (doors, columns, rows, pager, total)
    }
}

/// Template `audit-heads`: for everybody.
public struct AuditHeadsPage: Sendable {
    public var frame: Frame
    public var keys: [String]
    public var last: [View.Fact]
    public var columns: [View.Column]
    public var rows: [View.Row]
    public var total: String

    public init(frame: Frame, keys: [String], last: [View.Fact], columns: [View.Column], rows: [View.Row], total: String) {
        (self.frame, self.keys, self.last, self.columns, self.rows, self.total) = (frame, keys, last, columns, rows, total)
    }
}
