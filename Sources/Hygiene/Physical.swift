import Catalog
import Foundation
import Kernel

extension Judgement {
    /// A figure held against a limit for a physical agent, rounded as it is reported.
    /// - Parameter adding: what the rules add to the limit.
    init(
        _ value: Double, _ limit: PhysicalLimit, quantity: Bilingual? = nil, adding: Double = 0, rules: [Provenance] = [],
        working: [Bilingual] = []
    ) {
        let bound = limit.limit + adding
        let decimals = Rounding.resultDecimals(for: bound)
        let rounded = Rounding.round(value, decimals: decimals)
        let shown = Rounding.text(value, decimals: decimals)
        let isAbove = rounded > bound
        let figures = "\(shown) \(isAbove ? ">" : "≤") \(Rounding.plain(bound)) \(limit.unit)"
        var lines = working + [Bilingual(same: figures)]
        if !isAbove, value - bound > bound * Rounding.dust {
            lines.append(
                Bilingual(
                    "未修约的 \(Rounding.plain(value)) 高于限值；修约后比较，全数值比较时为超过",
                    "Not rounded, \(Rounding.plain(value)) is above the limit; the reported figure is compared, in all its digits it would "
                        + "exceed"))
        }
        if limit.provenance.confidence.isLow {
            lines.append(
                Bilingual(
                    "限值可信度 \(limit.provenance.confidence.rawValue)，使用前请核对标准原文",
                    "Confidence of the limit: \(limit.provenance.confidence.rawValue). Check the standard itself before relying on it"))
        }
        self.init(
            quantity ?? limit.quantity, value: value, shown: shown, limit: bound, unit: limit.unit,
            verdict: isAbove ? .exceeds : .complies, provenance: limit.provenance, rules: [.reportRule()] + rules, working: lines)
    }

    /// What holds whichever of several judgements is the right one; undecided where they differ.
    static func agreed(_ all: [Judgement], missing: Refusal) -> Judgement? {
        guard let strictest = all.max(by: { ($0.ratio ?? 0) < ($1.ratio ?? 0) }) else { return nil }
        if Set(all.map(\.verdict)).count == 1 { return strictest }
        let limits = all.compactMap(\.limit).map(Rounding.plain).joined(separator: ", ")
        return strictest.undecided(
            [missing], [Bilingual("可能的限值 \(limits)，结论不一致", "Possible limits \(limits): they do not agree")])
    }
}

/// A level or strength during a part of the shift.
public struct Stretch: Sendable, Hashable {
    public let value: Double
    public let minutes: Double
    /// Minutes since the midnight before the shift; nil where not recorded.
    public let start: Double?
    public let row: Int?
    public init(_ value: Double, minutes: Double, start: Double? = nil, row: Int? = nil) {
        (self.value, self.minutes, self.start, self.row) = (value, minutes, start, row)
    }

    /// Refuses stretches that cannot be: a figure out of range, a length that is none, overlaps, more than a day.
    /// - Throws: `Refusals` of `number.range`, `minutes.range`, `segment.overlap`, `segment.over-day`, `judge.segments.missing`.
    static func check(_ all: [Stretch], in range: ClosedRange<Double>, unit: String, field: String) throws(Refusals) {
        guard !all.isEmpty else { throw Refusals([Refusal("judge.segments.missing", field: field, ["value": field])]) }
        var found: [Refusal] = []
        for one in all where !range.contains(one.value) {
            let bounds = "\(Rounding.plain(range.lowerBound))…\(Rounding.plain(range.upperBound)) \(unit)"
            found.append(Refusal("number.range", row: one.row, field: field, ["value": "\(one.value)", "limit": bounds]))
        }
        // The rules for times are those of samples.
        found += Sample.flaws(all.map { Sample(start: $0.start, minutes: $0.minutes, .value(0), row: $0.row) })
        guard found.isEmpty else { throw Refusals(found) }
    }
    static func minutes(_ all: [Stretch]) -> Double { all.reduce(0) { $0 + $1.minutes } }
}

func refusing<Value>(_ work: () throws(Refusal) -> Value) throws(Refusals) -> Value {
    do throws(Refusal) { return try work() } catch { throw Refusals([error]) }
}
