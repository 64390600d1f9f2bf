import Kernel

/// Counts of a gauge on a day: what a tally adds up to.
public struct Count: Hashable, Sendable {
    public var met = 0, unmet = 0, unknown = 0, pending = 0
    public var scopeMet = 0, scopeUnmet = 0, scopeUnknown = 0
    /// In millionths.
    public var numerator = 0, denominator = 0
    /// Strands that stand at all; tells *nothing was reported* from *zero*.
    public var contributions = 0
    public init() {}
    /// - Parameter number: the count in the place of `numbers`.
    init(_ number: (Int) throws -> Int) rethrows {
        (met, unmet, unknown, pending) = (try number(0), try number(1), try number(2), try number(3))
        (scopeMet, scopeUnmet, scopeUnknown) = (try number(4), try number(5), try number(6))
        (numerator, denominator, contributions) = (try number(7), try number(8), try number(9))
    }

    public mutating func add(_ stretch: Stretch, _ sign: Int = 1) {
        switch stretch.verdict {
        case .met: met += sign
        case .unmet: unmet += sign
        case .unknown: unknown += sign
        case .pending: pending += sign
        case .scopeMet: scopeMet += sign
        case .scopeUnmet: scopeUnmet += sign
        case .scopeUnknown: scopeUnknown += sign
        }
        // Sums count what certainly belongs to the scope; the rest widens the bounds.
        if stretch.verdict == .met {
            numerator += sign * stretch.numerator
            denominator += sign * stretch.denominator
        }
        contributions += sign
    }
    public mutating func add(_ other: Count, _ sign: Int = 1) {
        met += sign * other.met
        unmet += sign * other.unmet
        unknown += sign * other.unknown
        pending += sign * other.pending
        scopeMet += sign * other.scopeMet
        scopeUnmet += sign * other.scopeUnmet
        scopeUnknown += sign * other.scopeUnknown
        numerator += sign * other.numerator
        denominator += sign * other.denominator
        contributions += sign * other.contributions
    }
    /// The counts in the order of the tally's columns.
    public var numbers: [Int] { [met, unmet, unknown, pending, scopeMet, scopeUnmet, scopeUnknown, numerator, denominator, contributions] }
    public var sum: Double { Double(numerator) / 1e6 }
    public var base: Double { Double(denominator) / 1e6 }
    public var isEmpty: Bool { self == Count() }
    /// Subjects that cannot be judged.
    public var undecided: Int { unknown + scopeMet + scopeUnmet + scopeUnknown }
}

/// A figure with the bounds that the unknown leaves.
public struct Figure: Hashable, Sendable {
    public enum State: String, Sendable {
        /// There is a value.
        case known
        /// Only unknown subjects: no value, but bounds.
        case unknown
        /// Nobody to count: neither 0 nor 100 %.
        case notApplicable
        /// Nothing was reported.
        case unreported
        /// Judged by people.
        case judged
    }
    public var state: State
    public var value: Double?
    public var low: Double?
    public var high: Double?
    public init(state: State, value: Double? = nil, low: Double? = nil, high: Double? = nil) {
        (self.state, self.value, self.low, self.high) = (state, value, low, high)
    }

    /// The figure of a style from counts. Rates and shares are in percent. `groups` are the counts by group or by unit, for the
    /// styles that take the least of them.
    public init(_ style: Measure.Style, _ count: Count, groups: [Count] = []) {
        func over(_ numerator: Double, _ denominator: Double, _ factor: Double) -> Double? {
            denominator == 0 ? nil : numerator / denominator * factor
        }
        switch style {
        case .judged: self.init(state: .judged)
        case .rate:
            let (met, unmet, unknown) = (Double(count.met), Double(count.unmet), Double(count.unknown))
            let value = over(met, met + unmet, 100)
            let low = over(met, met + unmet + unknown + Double(count.scopeUnmet + count.scopeUnknown), 100)
            let best = met + unknown + Double(count.scopeMet + count.scopeUnknown)
            let high = over(best, best + unmet, 100)
            let state: State = value != nil ? .known : count.undecided > 0 ? .unknown : .notApplicable
            self.init(
                state: state, value: value, low: low ?? (state == .unknown ? high : nil), high: high ?? (state == .unknown ? low : nil))
        case .count:
            self.init(
                state: .known, value: count.sum, low: count.sum,
                high: count.sum + Double(count.unknown + count.scopeMet + count.scopeUnknown))
        case .level:
            let isKnown = count.unknown == 0 && count.contributions > 0
            self.init(
                state: isKnown ? .known : .unreported, value: isKnown ? count.sum : nil, low: isKnown ? count.sum : nil,
                high: isKnown ? count.sum : nil)
        case .share, .ratio:
            let factor = style == .share ? 100.0 : 1.0
            let unknown = Double(count.undecided)
            let value = over(count.sum, count.base, factor)
            let low = style == .share ? over(count.sum, count.base + unknown, factor) : value
            let high = style == .share ? over(count.sum + unknown, count.base + unknown, factor) : unknown == 0 ? value : nil
            self.init(state: value != nil ? .known : count.undecided > 0 ? .unknown : .notApplicable, value: value, low: low, high: high)
        case .leastRatio:
            let figures = groups.map { Figure(.ratio, $0) }.filter { $0.value != nil }
            guard let least = figures.min(by: { ($0.value ?? 0) < ($1.value ?? 0) }) else {
                self.init(state: count.contributions == 0 ? .notApplicable : .unknown)
                return
            }
            self = least
        case .leastUnit:
            guard let least = groups.map(\.sum).min() else { self.init(state: .notApplicable); return }
            let unknown = groups.map { $0.sum + Double($0.undecided) }.min() ?? least
            self.init(state: .known, value: least, low: least, high: unknown)
        }
    }
}
