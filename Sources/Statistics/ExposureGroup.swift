import Foundation
import Kernel

/// One exposure result 检测结果 of a group, in the group's unit.
public enum ExposureResult: Hashable, Sendable {
    /// A quantified value.
    case quantified(Double)
    /// Below the limit of quantification 定量下限 that is named: `<0.6`.
    case below(Double)

    /// The value, or the limit that it lies below.
    public var figure: Double {
        switch self {
        case .quantified(let value), .below(let value): value
        }
    }

    /// Reads `0.35`, `<0.6` or `＜0.6`.
    /// - Throws: `number.format`.
    public init(_ text: some StringProtocol) throws(Refusal) {
        let trimmed = text.trimmingCharacters(in: .whitespaces)
        let isBelow = trimmed.hasPrefix("<") || trimmed.hasPrefix("＜")
        let digits = (isBelow ? String(trimmed.dropFirst()) : trimmed).trimmingCharacters(in: .whitespaces)
        guard let figure = Double(digits), figure.isFinite else { throw Refusal("number.format", ["value": String(text)]) }
        self = isBelow ? .below(figure) : .quantified(figure)
    }
}

/// The results of a group of similar exposure 相似接触组 (SEG): full-shift exposures of people who do the same work, taken at random.
/// Everything of this room is asked of it. It is never empty, and every figure lies within `range`.
public struct ExposureGroup: Hashable, Sendable {
    public let results: [ExposureResult]
    /// As it is shown: `mg/m3`. No unit is converted here; limits are in the same.
    public let unit: String
    let likelihood: CensoredLikelihood

    /// What a figure must lie in: wider than anything measured, so that a slip of the unit is found and no estimate overflows.
    public static let range = 1e-9...1e9
    /// The fewest results that anything but the Bayesian estimate is worked out from.
    public static let fewest = 3

    /// - Throws: all that is wrong, with one-based rows: `exposure.empty`, `number.format` (not finite), `exposure.not-positive`,
    ///   `number.range` (outside `range`).
    public init(_ results: [ExposureResult], unit: String = "mg/m3") throws(Refusals) {
        var refusals: [Refusal] = results.isEmpty ? [Refusal("exposure.empty")] : []
        for (index, result) in results.enumerated() where !Self.range.contains(result.figure) {
            refusals.append(Self.refusal(of: result.figure).at(row: index + 1))
        }
        if !refusals.isEmpty { throw Refusals(refusals) }
        (self.results, self.unit) = (results, unit)
        likelihood = CensoredLikelihood(results)
    }

    private static func refusal(of figure: Double) -> Refusal {
        let code = !figure.isFinite ? "number.format" : figure <= 0 ? "exposure.not-positive" : "number.range"
        return Refusal(code, ["value": "\(figure)", "limit": "1e-9–1e9"])
    }

    public var count: Int { results.count }
    /// How many are below their limit of quantification.
    public var censoredCount: Int { results.count - Int(likelihood.count) }
    public var isCensored: Bool { !likelihood.levels.isEmpty }
    /// The natural logarithms of the quantified values, in the order given.
    var logs: [Double] {
        results.compactMap {
            if case .quantified(let value) = $0 { log(value) } else { nil }
        }
    }

    /// Refuses what no spread can be estimated from.
    func requireSpread() throws(Refusal) {
        if count < Self.fewest { throw Refusal("exposure.too-few", ["value": "\(count)", "limit": "\(Self.fewest)"]) }
        if likelihood.count == 0 { throw Refusal("exposure.all-censored", ["value": "\(count)"]) }
        if likelihood.squares == 0 { throw Refusal("exposure.no-spread", ["value": "\(count - censoredCount)"]) }
    }

    /// The logarithm of an exposure limit.
    /// - Throws: `exposure.limit` where it is no positive number.
    func logarithm(ofLimit limit: Double) throws(Refusal) -> Double {
        guard limit.isFinite, limit > 0 else { throw Refusal("exposure.limit", field: "limit", ["value": "\(limit)"]) }
        return log(limit)
    }
    /// Refuses a confidence or share that is not between its bounds.
    func require(_ value: Double, within bounds: ClosedRange<Double>, field: String) throws(Refusal) {
        if bounds.contains(value) { return }
        throw Refusal("number.range", field: field, ["value": "\(value)", "limit": "\(bounds.lowerBound)–\(bounds.upperBound)"])
    }
}

/// A figure with so many significant digits, as the working shows it.
func figure(_ value: Double, _ digits: Int = 4) -> String { String(format: "%.\(digits)g", value) }
/// A share in percent, as the working shows it.
func percent(_ share: Double) -> String { String(format: "%.3g", 100 * share) + " %" }
