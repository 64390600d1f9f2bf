import Catalog
import Foundation
import Kernel

/// Noise 噪声: levels, their normalisation to a day and a week, and the limits (GBZ 2.2-2007; formulas of GBZ 331-2024, Appendix G).
public enum Noise {
    /// Levels in dB that a measurement can show.
    static let levels = 0.0...194.0

    /// Equivalent level 等效声级 LAeq,T = 10 lg(ΣTᵢ·10^(0.1·Lᵢ)/T) of levels in dB(A).
    /// - Throws: `Refusals` of `number.range`, `minutes.range`, `segment.overlap`, `segment.over-day`, `judge.segments.missing`.
    public static func equivalent(_ stretches: [Stretch]) throws(Refusals) -> Double {
        try Stretch.check(stretches, in: levels, unit: "dB", field: "level")
        return decibels(energy(stretches) / Stretch.minutes(stretches))
    }

    /// LEX,8h = LAeq,T + 10 lg(T/8).
    public static func daily(_ stretches: [Stretch]) throws(Refusals) -> Double {
        try Stretch.check(stretches, in: levels, unit: "dB", field: "level")
        return decibels(energy(stretches) / 480)
    }

    /// LEX,W = 10 lg(Σ10^(0.1·LEX,8h,i)/5) over the working days of a week.
    /// - Throws: `Refusals` of `number.range`; `judge.segments.missing` for no day and `number.range` for more than seven.
    public static func weekly(_ days: [Double]) throws(Refusals) -> Double {
        guard days.count <= 7 else {
            throw Refusals([Refusal("number.range", field: "days", ["value": "\(days.count)", "limit": "1…7"])])
        }
        try check(days)
        return decibels(days.reduce(0) { $0 + pow(10, 0.1 * $1) } / 5)
    }

    /// The level of several sources together 声级叠加: 10 lg Σ10^(0.1·Lᵢ).
    public static func sum(_ levels: [Double]) throws(Refusals) -> Double {
        try check(levels)
        return decibels(levels.reduce(0) { $0 + pow(10, 0.1 * $1) })
    }

    /// The mean by energy 能量平均 of repeated readings: 10 lg(Σ10^(0.1·Lᵢ)/n).
    public static func mean(_ levels: [Double]) throws(Refusals) -> Double {
        try sum(levels) - 10 * log10(Double(levels.count))
    }

    /// The A-weighted level of an octave-band spectrum 倍频程声压级, bands of 63 to 8000 Hz.
    /// - Parameter bands: level in dB by centre frequency in Hz; all eight.
    /// - Throws: `Refusals` of `noise.band.unknown`, `noise.band.missing`, `number.range`.
    public static func weighted(_ bands: [Int: Double], _ limits: PhysicalLimits, on day: Day) throws(Refusals) -> Double {
        let weights = Dictionary(
            limits.limits("noise.a.", on: day).compactMap { row in Int(row.key.dropFirst(8)).map { ($0, row.limit) } },
            uniquingKeysWith: { _, last in last })
        let known = weights.keys.sorted().map(String.init).joined(separator: ", ")
        let unknown = bands.keys.filter { weights[$0] == nil }.sorted()
        let missing = weights.keys.filter { bands[$0] == nil }.sorted()
        let flaws =
            unknown.map { Refusal("noise.band.unknown", field: "band", ["value": "\($0)", "expected": known]) }
            + missing.map { Refusal("noise.band.missing", field: "band", ["value": "\($0)", "expected": known]) }
        guard flaws.isEmpty, !bands.isEmpty else {
            throw Refusals(flaws.isEmpty ? [Refusal("noise.band.missing", field: "band", ["value": "–", "expected": known])] : flaws)
        }
        try check(Array(bands.values))
        return decibels(bands.reduce(0) { $0 + pow(10, 0.1 * ($1.value + (weights[$1.key] ?? 0))) })
    }

    /// Judges a day: LEX,8h against 85 dB(A), for a week of five days.
    public static func judgeDay(_ stretches: [Stretch], _ limits: PhysicalLimits, on day: Day) throws(Refusals) -> Judgement {
        let value = try daily(stretches)
        let limit = try refusing { () throws(Refusal) in try limits.limit("noise.day", on: day) }
        let hours = Rounding.plain(Stretch.minutes(stretches) / 60)
        let level = Rounding.plain(try equivalent(stretches))
        let terms = stretches.prefix(8).map { "\(Rounding.plain($0.minutes))×10^(0.1×\(Rounding.plain($0.value)))" }
        let sum = terms.joined(separator: " + ") + (stretches.count > 8 ? " + …" : "")
        return Judgement(
            value, limit,
            working: [
                Bilingual(same: "LAeq,T = 10 lg((\(sum))/\(Rounding.plain(Stretch.minutes(stretches)))) = \(level) dB(A)"),
                Bilingual(same: "LEX,8h = LAeq,T + 10 lg(T/8) = \(level) + 10 lg(\(hours)/8) = \(Rounding.plain(value)) dB(A)"),
            ])
    }

    /// Judges a week of other than five days: LEX,W against 85 dB(A).
    /// - Parameter days: LEX,8h of each working day.
    public static func judgeWeek(_ days: [Double], _ limits: PhysicalLimits, on day: Day) throws(Refusals) -> Judgement {
        let value = try weekly(days)
        let limit = try refusing { () throws(Refusal) in try limits.limit("noise.week", on: day) }
        let terms = days.map { "10^(0.1×\(Rounding.plain($0)))" }.joined(separator: " + ")
        return Judgement(
            value, limit, working: [Bilingual(same: "LEX,W = 10 lg((\(terms))/5) = \(Rounding.plain(value)) dB(A)")])
    }

    /// Judges impulse noise 脉冲噪声 by its highest peak and the impacts of a working day.
    /// - Throws: `Refusals` of `number.range` and, above 10 000 impacts, for which no limit is to hand, `physical.limit.missing`.
    public static func judgeImpulse(peak: Double, impacts: Int, _ limits: PhysicalLimits, on day: Day) throws(Refusals) -> Judgement {
        try check([peak])
        guard impacts > 0 else {
            throw Refusals([Refusal("number.range", field: "impacts", ["value": "\(impacts)", "limit": "≥1"])])
        }
        guard let most = [100, 1000, 10_000].first(where: { impacts <= $0 }) else {
            throw Refusals([Refusal("physical.limit.missing", field: "impacts", ["value": "n = \(impacts)", "limit": day.description])])
        }
        let limit = try refusing { () throws(Refusal) in try limits.limit("noise.impulse.\(most)", on: day) }
        return Judgement(
            peak, limit,
            working: [Bilingual("每工作日脉冲 \(impacts) 次：\(limit.condition.zh)", "\(impacts) impacts a day: \(limit.condition.en)")])
    }

    /// Whether a level as reported is noise work 噪声作业, from 80 dB(A) on; a threshold for surveillance, not a limit.
    public static func isNoiseWork(_ level: Double, _ limits: PhysicalLimits, on day: Day) throws(Refusal) -> Bool {
        let threshold = try limits.limit("noise.work", on: day).limit
        return Rounding.round(level, decimals: Rounding.resultDecimals(for: threshold)) >= threshold
    }

    private static func energy(_ stretches: [Stretch]) -> Double {
        stretches.reduce(0) { $0 + $1.minutes * pow(10, 0.1 * $1.value) }
    }
    private static func decibels(_ energy: Double) -> Double { 10 * log10(energy) }
    private static func check(_ levels: [Double]) throws(Refusals) {
        guard !levels.isEmpty else { throw Refusals([Refusal("judge.segments.missing", field: "level", ["value": "level"])]) }
        let flaws = levels.filter { !Noise.levels.contains($0) }.map {
            Refusal("number.range", field: "level", ["value": "\($0)", "limit": "0…194 dB"])
        }
        guard flaws.isEmpty else { throw Refusals(flaws) }
    }
}
