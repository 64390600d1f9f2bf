import Kernel
import Ledger

/// Days on which a record proves something: a notice in force, a title held, the rest of the year after an inspection.
public struct Evidence: Sendable {
    public let span: Span
    public let record: String
    public init(_ span: Span, _ record: Record) { (self.span, self.record) = (span, record.id) }
    public init(_ span: Span, record: String) { (self.span, self.record) = (span, record) }

    /// What happened on a day counts until its calendar year ends: the evidence of *once a year*.
    public static func yearly(_ records: [Record], on day: Field<Day>) -> [Evidence] {
        records.compactMap { record in
            record[day].map { Evidence(.restOfYear(from: $0), record) }
        }
    }
    /// Records in force from one day until another.
    public static func lasting(_ records: [Record], _ from: Field<Day>, _ until: Field<Day>) -> [Evidence] {
        records.map { Evidence($0.span(from, until), $0) }
    }
}

extension Timeline where Value == Standing {
    /// Met on the days of any evidence, by the one that began last; `missing` on all others.
    public static func met(by evidence: [Evidence], else missing: Standing) -> Timeline {
        let ordered = evidence.sorted { ($0.span.from, $0.record) < ($1.span.from, $1.record) }
        return Timeline(missing, layers: ordered.map { ($0.span, .met($0.record)) })
    }

    /// These standings on the days of the spans, out on all others.
    public func during(_ spans: [Span]) -> Timeline { whenever(Timeline<Bool>(false, true, during: spans)) }

    /// These standings on the days that the condition holds, out on all others.
    public func whenever(_ condition: Timeline<Bool>) -> Timeline { with(condition) { $1 ? $0 : .out } }

    /// A duty not due before these spans end: pending in them instead of unmet. What is met or cannot be told stays so.
    public func grace(during spans: [Span]) -> Timeline {
        with(Timeline<Bool>(false, true, during: spans)) { $1 && $0.verdict == .unmet ? .pending : $0 }
    }

    /// All parts of a subject taken together, day by day (*counting unit* of docs/measures.md); out where it has none.
    public static func together(_ parts: [Timeline]) -> Timeline { joined(parts, .out, Standing.together) }
}
