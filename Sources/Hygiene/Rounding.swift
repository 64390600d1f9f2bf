import Foundation

/// Rounding 数值修约 as GB/T 8170 has it: to the nearest, and a half to the even digit, on decimal digits.
///
/// A sum of figures with a few decimals carries the dust of binary arithmetic: 0.285 is kept as 0.28499999999999998. Whoever works by hand
/// sees a half; so does this: what lies within 10⁻¹² of a half, relatively, is a half.
public enum Rounding {
    /// The dust of binary arithmetic, relative to the figure.
    @usableFromInline static let dust = 1e-12

    /// Rounds to a number of decimals 修约间隔 10⁻ⁿ.
    /// - Parameter decimals: 0 to 12.
    @inlinable public static func round(_ value: Double, decimals: Int) -> Double {
        let scale = power(decimals)
        let scaled = value * scale
        guard scaled.magnitude < 4e15 else { return value }
        return halfEven(scaled) / scale
    }

    /// Rounds to halves of a unit 0.5单位修约: 60.25 to 60.0, 60.38 to 60.5 (GB/T 8170, 3.4).
    public static func half(_ value: Double, decimals: Int = 0) -> Double { round(value * 2, decimals: decimals) / 2 }
    /// Rounds to fifths of a unit 0.2单位修约: 830 to 840 by hundreds, 8.42 to 8.4 (GB/T 8170, 3.4).
    public static func fifth(_ value: Double, decimals: Int = 0) -> Double { round(value * 5, decimals: decimals) / 5 }

    /// The decimals of a printed limit: 0 for 200, 1 for 0.5, 2 for 0.05.
    public static func decimals(of printed: Double) -> Int {
        var count = 0
        while count < 9, (round(printed, decimals: count) - printed).magnitude > printed.magnitude * dust { count += 1 }
        return count
    }

    /// The decimals of a result that is held against a limit: one more than the limit has (GBZ 331-2024, Appendix G).
    public static func resultDecimals(for limit: Double) -> Int { decimals(of: limit) + 1 }

    /// The figure with its decimals, `210.0`.
    public static func text(_ value: Double, decimals: Int) -> String {
        String(format: "%.\(decimals)f", round(value, decimals: decimals))
    }

    /// The figure as short as it can be read, without the dust: `0.3`, `12`, `133.25`.
    public static func plain(_ value: Double) -> String {
        guard value.isFinite else { return "–" }
        return String(format: "%.6g", value).contains("e") ? String(format: "%g", value) : trimmed(value)
    }

    private static func trimmed(_ value: Double) -> String {
        let digits = value == 0 ? 0 : max(0, 5 - Int(log10(value.magnitude).rounded(.down)))
        var text = String(format: "%.\(digits)f", value)
        guard text.contains(".") else { return text }
        while text.hasSuffix("0") { text.removeLast() }
        if text.hasSuffix(".") { text.removeLast() }
        return text
    }

    @inlinable static func power(_ decimals: Int) -> Double {
        switch decimals {
        case 0: 1
        case 1: 10
        case 2: 100
        case 3: 1000
        case 4: 10_000
        default: pow(10, Double(decimals))
        }
    }

    @inlinable static func halfEven(_ scaled: Double) -> Double {
        let floor = scaled.rounded(.down)
        let beyondHalf = scaled - floor - 0.5
        if beyondHalf.magnitude <= Swift.max(scaled.magnitude, 1) * dust {
            return floor.truncatingRemainder(dividingBy: 2) == 0 ? floor : floor + 1
        }
        return beyondHalf < 0 ? floor : floor + 1
    }
}
