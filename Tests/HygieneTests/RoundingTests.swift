import Foundation
import Kernel
import Testing

@testable import Hygiene

@Suite("Rounding: GB/T 8170 and GBZ 331-2024, Appendix G")
struct RoundingTests {
    @Test("A half goes to the even digit, on decimal digits and not on binary ones")
    func halves() {
        for (value, decimals, expected) in [
            (0.285, 2, 0.28), (0.275, 2, 0.28), (2.675, 2, 2.68), (1.005, 2, 1.0), (1.015, 2, 1.02), (0.5, 0, 0), (1.5, 0, 2), (2.5, 0, 2),
            (12.1498, 1, 12.1), (1.050, 1, 1.0), (0.35, 1, 0.4), (0.45, 1, 0.4), (200.05, 1, 200.0), (200.15, 1, 200.2), (-1.5, 0, -2),
            (10.502, 0, 11), (0.1 + 0.2 + 0.05, 1, 0.4),
        ] { #expect(Rounding.round(value, decimals: decimals) == expected, "\(value)") }
    }

    @Test("Halves and fifths of a unit")
    func steps() {
        for (value, expected) in [(60.25, 60.0), (60.38, 60.5), (60.28, 60.5), (-60.75, -61)] { #expect(Rounding.half(value) == expected) }
        for (value, expected) in [(830.0, 840.0), (842, 840), (832, 840)] { #expect(Rounding.fifth(value / 100) * 100 == expected) }
    }

    @Test("A whole limit asks for one decimal, any other for one more than it has")
    func decimals() {
        for (limit, decimals) in [(200.0, 1), (6e7, 1), (0.5, 2), (0.05, 3), (2.5, 2), (0.0005, 5), (85, 1), (118.2, 2)] {
            #expect(Rounding.resultDecimals(for: limit) == decimals, "\(limit)")
        }
    }

    @Test("The reported figure is compared: 200.05 against 200 complies and says so, 200.06 exceeds")
    func comparison() throws {
        func judge(_ value: Double, rounded: Bool = true) throws -> Judgement {
            var shift = ShiftCase([segment(value, minutes: 480)], limit: limit(twa: 200))
            (shift.isSteady, shift.comparesRounded) = (true, rounded)
            return try #require(try shift.judge().judgements.first)
        }
        #expect(try judge(200.05).verdict == .complies && judge(200.06).verdict == .exceeds && judge(200).verdict == .complies)
        #expect(try judge(200.05).working.contains { $0.zh.contains("全数值比较") })
        #expect(try !judge(200).working.contains { $0.zh.contains("全数值比较") })
        #expect(try judge(200.05, rounded: false).verdict == .exceeds && judge(200, rounded: false).verdict == .complies)
    }

    @Test("Equal to a second implementation on decimal digits")
    func decimalDigits() {
        var seeded = SeededGenerator(seed: 11)
        for _ in 0..<20_000 {
            let decimals = Int.random(in: 0...5, using: &seeded)
            // Half of them are exact halves, which is where implementations differ.
            let whole = Int.random(in: 0...2_000_000, using: &seeded)
            let value = Double(whole) / pow(10, Double(decimals)) + (Bool.random(using: &seeded) ? 0.5 / pow(10, Double(decimals)) : 0)
            let noisy = Bool.random(using: &seeded) ? value : value * Double.random(in: 0.5...1.5, using: &seeded)
            #expect(Rounding.round(noisy, decimals: decimals) == slowRound(noisy, decimals), "\(noisy) \(decimals)")
        }
    }
}

/// Rounds the printed digits by hand: a second implementation.
func slowRound(_ value: Double, _ decimals: Int) -> Double {
    let text = String(format: "%.13g", value)
    var from = Decimal(string: text)!
    var rounded = Decimal()
    NSDecimalRound(&rounded, &from, decimals, .bankers)
    return Double("\(rounded)")!
}
