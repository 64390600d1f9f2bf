import Kernel

/// How sure a fact of the catalogue is.
public enum Confidence: String, Sendable, CaseIterable, Comparable {
    /// Read in the text of the source.
    case verified = "V"
    /// Read in a copy or an excerpt only.
    case secondary = "V2"
    /// From knowledge, high confidence.
    case knowledge = "KH"
    /// From knowledge, uncertain: shown as such, and a jurisdiction may set its own.
    case uncertain = "KU"
    /// Our own inference or proposal, printed nowhere.
    case own = "own"

    public static func < (left: Confidence, right: Confidence) -> Bool { left.rank < right.rank }
    private var rank: Int { Confidence.allCases.firstIndex(of: self) ?? 0 }
    /// Whether a user must be told to check the source before relying on it.
    public var isLow: Bool { self >= .knowledge }
}

/// Where a fact comes from, how sure it is, and on which days it holds.
public struct Provenance: Hashable, Sendable {
    /// The edition, as it is cited: `GBZ 2.1-2019`, `GBZ 2.1-2019/XG1`.
    public let edition: String
    /// Where in it: a table, a clause, a row.
    public let clause: String
    /// The copy that it was read from.
    public let source: String
    public let confidence: Confidence
    public let force: Span
    public init(edition: String, clause: String, source: String, confidence: Confidence, force: Span = Span(.distantPast)) {
        (self.edition, self.clause, self.source, self.confidence, self.force) = (edition, clause, source, confidence, force)
    }

    /// The same fact on other days.
    public func inForce(_ force: Span) -> Provenance {
        Provenance(edition: edition, clause: clause, source: source, confidence: confidence, force: force)
    }
}
