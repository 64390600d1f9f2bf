import Kernel
import Ledger

extension Timeline where Value == Standing {
    /// `base`, and above it each layer during its span; where layers overlap, the last given counts.
    public init(_ base: Standing, layers: [(span: Span, standing: Standing)]) {
        let sheets = layers.filter { !$0.span.isEmpty }.map { Timeline<Standing?>(nil, $0.standing, during: [$0.span]) }
        self = Timeline<Standing?>.joined(sheets, nil) { below, above in above ?? below }.map { $0 ?? base }
    }

    /// Grace until a day: what is not met before is not yet due. A blank day of beginning gives none.
    public func pending(until day: Day?) -> Timeline { day.map { grace(during: [Span(.distantPast, $0)]) } ?? self }
}

extension Span {
    /// From a day until its calendar year ends: where what happened in the year counts.
    public static func restOfYear(from day: Day) -> Span { Span(day, .firstDay(of: day.year + 1)) }
}
