import Foundation
import Kernel

@testable import Statistics

extension SeededGenerator {
    mutating func uniform(_ range: ClosedRange<Double> = 0...1) -> Double { Double.random(in: range, using: &self) }
    /// By Box and Muller: nothing of the room under test.
    mutating func normal() -> Double { (-2 * Foundation.log(uniform(1e-300...1))).squareRoot() * cos(2 * .pi * uniform()) }
}
extension ExposureGroup {
    /// Results as they are written: `0.3 <0.6 1.2`.
    init(_ text: String, unit: String = "mg/m3") throws {
        try self.init(text.split(separator: " ").map { try ExposureResult($0) }, unit: unit)
    }

    /// A group drawn from a lognormal distribution; results below a level drawn among `levels` are only known to be below it.
    static func drawn(
        _ count: Int, mu: Double, sigma: Double, levels: [Double], with random: inout SeededGenerator
    ) -> [ExposureResult] {
        (0..<count).map { _ in
            let value = exp(mu + sigma * random.normal())
            guard let level = levels.randomElement(using: &random), value < level else { return .quantified(value) }
            return .below(level)
        }
    }
    /// All figures times a factor.
    func scaled(_ factor: Double) throws -> ExposureGroup {
        try ExposureGroup(
            results.map {
                switch $0 {
                case .quantified(let value): .quantified(value * factor)
                case .below(let level): .below(level * factor)
                }
            }, unit: unit)
    }
}

func isNear(_ left: Double, _ right: Double, _ tolerance: Double) -> Bool {
    abs(left - right) <= tolerance * max(1, abs(right))
}
/// Relative, however small the figures.
func isWithin(_ left: Double, _ right: Double, _ tolerance: Double) -> Bool { abs(left - right) <= tolerance * abs(right) }

/// The code that something is refused with; empty where it is not.
func refusal(_ body: () throws -> Void) -> String {
    do { try body() } catch let refusal as Refusal { return refusal.code } catch let refusals as Refusals {
        return refusals.all.map { "\($0.code)@\($0.row ?? 0)" }.joined(separator: " ")
    } catch { return "\(error)" }
    return ""
}
