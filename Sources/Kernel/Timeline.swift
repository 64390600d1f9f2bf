/// A value for every day: one before all days, then a change on each of some days. The algebra of *as of*: what holds on a day
/// is a look-up, and what follows from several timelines holds from the days on which any of them changes.
public struct Timeline<Value: Equatable & Sendable>: Equatable, Sendable {
    public struct Change: Equatable, Sendable {
        public let day: Day
        public let value: Value
        public init(_ day: Day, _ value: Value) { (self.day, self.value) = (day, value) }
    }
    /// Ascending days, no two alike, no change to the value that already holds. The first is at `Day.distantPast`.
    public private(set) var changes: [Change]

    public init(_ always: Value) { changes = [Change(.distantPast, always)] }

    /// `first`, then each change in the order of days; of several on one day the last given wins.
    public init(_ first: Value, _ later: [Change]) {
        self.init(first)
        for change in later.enumerated().sorted(by: { ($0.element.day, $0.offset) < ($1.element.day, $1.offset) }) {
            append(change.element)
        }
    }

    /// `outside` everywhere but in the spans, which say `inside`. Spans may overlap.
    public init(_ outside: Value, _ inside: Value, during spans: [Span]) {
        self.init(outside)
        for span in Span.union(spans) {
            append(Change(span.from, inside))
            if span.until < .distantFuture { append(Change(span.until, outside)) }
        }
    }

    private mutating func append(_ change: Change) {
        if changes[changes.count - 1].day >= change.day { changes.removeLast() }
        if let last = changes.last, last.value == change.value { return }
        changes.append(changes.isEmpty ? Change(.distantPast, change.value) : change)
    }

    public subscript(day: Day) -> Value {
        var low = 0
        var high = changes.count
        while low + 1 < high {
            let middle = (low + high) / 2
            if changes[middle].day <= day { low = middle } else { high = middle }
        }
        return changes[low].value
    }

    public func map<Result: Equatable & Sendable>(_ transform: (Value) -> Result) -> Timeline<Result> {
        var result = Timeline<Result>(transform(changes[0].value))
        for change in changes.dropFirst() { result.append(.init(change.day, transform(change.value))) }
        return result
    }

    /// What follows from this and another, day by day.
    public func with<Other, Result>(_ other: Timeline<Other>, _ combine: (Value, Other) -> Result) -> Timeline<Result> {
        var result = Timeline<Result>(combine(changes[0].value, other.changes[0].value))
        var mine = 1
        var theirs = 1
        while mine < changes.count || theirs < other.changes.count {
            let left = mine < changes.count ? changes[mine].day : .distantFuture
            let right = theirs < other.changes.count ? other.changes[theirs].day : .distantFuture
            let day = min(left, right)
            if left == day, mine < changes.count { mine += 1 }
            if right == day, theirs < other.changes.count { theirs += 1 }
            result.append(.init(day, combine(changes[mine - 1].value, other.changes[theirs - 1].value)))
        }
        return result
    }

    /// Replaces each span's value by what another timeline holds during it.
    public func expand<Result>(_ transform: (Value) -> Timeline<Result>) -> Timeline<Result> {
        var later: [Timeline<Result>.Change] = []
        for (span, value) in spans {
            let inner = transform(value)
            later.append(.init(span.from, inner[span.from]))
            for change in inner.changes where change.day > span.from && change.day < span.until {
                later.append(.init(change.day, change.value))
            }
        }
        return Timeline<Result>(later[0].value, Array(later.dropFirst()))
    }

    /// The spans of one value each, in order, with the days on which they begin and end.
    public var spans: [(span: Span, value: Value)] {
        changes.indices.map { index in
            let until = index + 1 < changes.count ? changes[index + 1].day : .distantFuture
            return (Span(changes[index].day, until), changes[index].value)
        }
    }

    /// The spans in which the condition holds, neighbours joined.
    public func spans(where condition: (Value) -> Bool) -> [Span] {
        Span.union(spans.filter { condition($0.value) }.map(\.span))
    }
}

/// Days from one on until, but not with, another. Empty when `until <= from`.
public struct Span: Hashable, Sendable {
    public let from: Day
    public let until: Day
    public init(_ from: Day, _ until: Day = .distantFuture) { (self.from, self.until) = (from, until) }
    public static func year(_ year: Int) -> Span { Span(.firstDay(of: year), .firstDay(of: year + 1)) }
    public var isEmpty: Bool { until <= from }
    public var length: Int { isEmpty ? 0 : until - from }
    public func contains(_ day: Day) -> Bool { from <= day && day < until }
    public func intersection(_ other: Span) -> Span { Span(max(from, other.from), min(until, other.until)) }

    /// The same days as disjoint spans in order; touching spans become one, empty ones vanish.
    public static func union(_ spans: [Span]) -> [Span] {
        var result: [Span] = []
        for span in spans.filter({ !$0.isEmpty }).sorted(by: { ($0.from, $0.until) < ($1.from, $1.until) }) {
            if let last = result.last, last.until >= span.from {
                result[result.count - 1] = Span(last.from, max(last.until, span.until))
            } else {
                result.append(span)
            }
        }
        return result
    }
}

/// Three-valued truth: what records do not decide stays `unknown`.
public enum Truth: Sendable, Equatable {
    case yes, no, unknown
    public init(_ value: Bool?) { self = value.map { $0 ? .yes : .no } ?? .unknown }
    public func and(_ other: Truth) -> Truth { self == .no || other == .no ? .no : self == .yes && other == .yes ? .yes : .unknown }
    public func or(_ other: Truth) -> Truth { self == .yes || other == .yes ? .yes : self == .no && other == .no ? .no : .unknown }
    public var negated: Truth { self == .yes ? .no : self == .no ? .yes : .unknown }
}

extension Timeline where Value: Equatable {
    /// Joins many timelines of one type, from the left.
    public static func joined(_ all: [Timeline], _ empty: Value, _ combine: (Value, Value) -> Value) -> Timeline {
        // Pairwise in rounds: each change is merged log n times instead of n.
        var round = all
        while round.count > 1 {
            var next: [Timeline] = []
            for index in stride(from: 0, to: round.count, by: 2) {
                next.append(index + 1 < round.count ? round[index].with(round[index + 1], combine) : round[index])
            }
            round = next
        }
        return round.first ?? Timeline(empty)
    }
}

extension Span {
    /// Something that happened on days counts from each until its calendar year ends: the standing of *once a year*.
    public static func restOfYear(_ days: [Day]) -> [Span] { days.map { Span($0, .firstDay(of: $0.year + 1)) } }
}
