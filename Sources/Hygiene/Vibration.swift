import Catalog
import Foundation
import Kernel

/// Hand-arm vibration 手传振动 (GBZ 2.2-2007; GBZ 331-2024, Appendix G).
public enum Vibration {
    static let accelerations = 0.0...1000.0

    /// How three axes become one figure.
    public enum Axes: Sendable {
        /// √(x² + y² + z²), as ISO 5349 has it.
        case rootSum
        /// The largest of the three.
        case largest
    }
    /// Frequency-weighted accelerations in m/s² during a part of the shift; `y` and `z` are nil where `x` is the figure itself.
    public struct Reading: Sendable, Hashable {
        public let x: Double
        public let y, z: Double?
        public let minutes: Double
        public init(_ x: Double, _ y: Double? = nil, _ z: Double? = nil, minutes: Double) {
            (self.x, self.y, self.z, self.minutes) = (x, y, z, minutes)
        }
        func figure(_ axes: Axes) -> Double {
            switch axes {
            case .rootSum: (x * x + (y ?? 0) * (y ?? 0) + (z ?? 0) * (z ?? 0)).squareRoot()
            case .largest: max(x, y ?? 0, z ?? 0)
            }
        }
    }

    /// ahw(4) = √(T/4)·ahw(T), with ahw(T) = √(Σaᵢ²tᵢ/T) over the readings.
    /// - Throws: `Refusals` of `number.range`, `minutes.range`, `segment.over-day`, `judge.segments.missing`.
    public static func energyEquivalent(_ readings: [Reading], axes: Axes = .rootSum) throws(Refusals) -> Double {
        let axesOfAll = readings.flatMap { [$0.y, $0.z] }.compactMap { $0 }
        let flaws = axesOfAll.filter { !Vibration.accelerations.contains($0) }.map {
            Refusal("number.range", field: "acceleration", ["value": "\($0)", "limit": "0…1000 m/s2"])
        }
        guard flaws.isEmpty else { throw Refusals(flaws) }
        let stretches = readings.map { Stretch($0.x, minutes: $0.minutes) }
        try Stretch.check(stretches, in: Vibration.accelerations, unit: "m/s2", field: "acceleration")
        let energy = readings.reduce(0) { $0 + pow($1.figure(axes), 2) * $1.minutes }
        return (energy / 240).squareRoot()
    }

    /// Judges ahw(4).
    /// - Parameter axes: nil where the method of measurement is not stated: then decided only where both ways agree.
    public static func judge(_ readings: [Reading], axes: Axes? = nil, _ limits: PhysicalLimits, on day: Day) throws(Refusals) -> Judgement
    {
        let limit = try refusing { () throws(Refusal) in try limits.limit("vibration.hand", on: day) }
        let hours = Rounding.plain(readings.reduce(0) { $0 + $1.minutes } / 60)
        var all: [Judgement] = []
        let ways: [Axes] = axes.map { [$0] } ?? [.rootSum, .largest]
        for way in ways {
            let value = try energyEquivalent(readings, axes: way)
            let name =
                way == .rootSum
                ? Bilingual("三轴向合成 √(x²+y²+z²)", "root of the sum of squares of the axes") : Bilingual("取最大轴向", "the largest axis")
            all.append(
                Judgement(
                    value, limit, rules: axes == nil ? [.ownRule("手传振动三轴向取法")] : [],
                    working: [name, Bilingual(same: "ahw(4) = √(T/4)·ahw(T), T = \(hours) h: \(Rounding.plain(value)) m/s2")]))
        }
        guard let judged = Judgement.agreed(all, missing: Refusal("vibration.axes", field: "axes")) else {
            throw Refusals([Refusal("judge.segments.missing", field: "acceleration", ["value": "acceleration"])])
        }
        return judged
    }
}
