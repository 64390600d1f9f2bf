import Catalog
import Grading
import Kernel
import Testing

/// The tables as the handbook prints them, typed apart from Data: labour, row, cells.
private let printed2010 = """
    I 60-120 Ⅰ Ⅰ Ⅱ Ⅱ Ⅲ Ⅲ Ⅳ
    I 121-240 Ⅰ Ⅱ Ⅱ Ⅲ Ⅲ Ⅳ Ⅳ
    I 241-360 Ⅱ Ⅱ Ⅲ Ⅲ Ⅳ Ⅳ Ⅳ
    I 361-480 Ⅱ Ⅲ Ⅲ Ⅳ Ⅳ Ⅳ Ⅳ
    II 60-120 Ⅰ Ⅱ Ⅱ Ⅲ Ⅲ Ⅳ Ⅳ
    II 121-240 Ⅱ Ⅱ Ⅲ Ⅲ Ⅳ Ⅳ Ⅳ
    II 241-360 Ⅱ Ⅲ Ⅲ Ⅳ Ⅳ Ⅳ Ⅳ
    II 361-480 Ⅲ Ⅲ Ⅳ Ⅳ Ⅳ Ⅳ Ⅳ
    III 60-120 Ⅱ Ⅱ Ⅲ Ⅲ Ⅳ Ⅳ Ⅳ
    III 121-240 Ⅱ Ⅲ Ⅲ Ⅳ Ⅳ Ⅳ Ⅳ
    III 241-360 Ⅲ Ⅲ Ⅳ Ⅳ Ⅳ Ⅳ Ⅳ
    III 361-480 Ⅲ Ⅳ Ⅳ Ⅳ Ⅳ Ⅳ Ⅳ
    IV 60-120 Ⅱ Ⅲ Ⅲ Ⅳ Ⅳ Ⅳ Ⅳ
    IV 121-240 Ⅲ Ⅲ Ⅳ Ⅳ Ⅳ Ⅳ Ⅳ
    IV 241-360 Ⅲ Ⅳ Ⅳ Ⅳ Ⅳ Ⅳ Ⅳ
    IV 361-480 Ⅳ Ⅳ Ⅳ Ⅳ Ⅳ Ⅳ Ⅳ
    """
private let printed2025 = """
    I 0-25 — — — — — Ⅰ Ⅱ Ⅲ Ⅳ
    I 25-50 — — — — Ⅰ Ⅱ Ⅲ Ⅳ *
    I 50-75 — — — Ⅰ Ⅱ Ⅲ Ⅳ * *
    I 75-100 — — Ⅰ Ⅱ Ⅲ Ⅳ * * *
    II 0-25 — — — — Ⅰ Ⅱ Ⅲ Ⅳ *
    II 25-50 — — Ⅰ Ⅱ Ⅲ Ⅳ * * *
    II 50-75 — Ⅰ Ⅱ Ⅲ Ⅳ * * * *
    II 75-100 Ⅰ Ⅱ Ⅲ Ⅳ * * * * *
    III 0-25 — — — Ⅰ Ⅱ Ⅲ Ⅳ * *
    III 25-50 — Ⅰ Ⅱ Ⅲ Ⅳ * * * *
    III 50-75 Ⅰ Ⅱ Ⅲ Ⅳ * * * * *
    III 75-100 * * * * * * * * *
    IV 0-25 — — Ⅰ Ⅱ Ⅲ Ⅳ * * *
    IV 25-50 Ⅰ Ⅱ Ⅲ Ⅳ * * * * *
    IV 50-75 * * * * * * * * *
    IV 75-100 * * * * * * * * *
    """
private let marks = ["—": "0", "Ⅰ": "I", "Ⅱ": "II", "Ⅲ": "III", "Ⅳ": "IV", "*": "*"]

private func rows(_ text: String) -> [(labour: Grading.Labour, low: Double, high: Double, cells: [String])] {
    text.split(separator: "\n").map { line in
        let words = line.split(separator: " ").map(String.init)
        let ends = words[1].split(separator: "-").compactMap { Double($0) }
        return (Grading.Labour(rawValue: words[0])!, ends[0], ends[1], words.dropFirst(2).map { marks[$0]! })
    }
}

@Suite("Heat, GBZ/T 229.3")
struct HeatTests {
    @Test("2010: every cell at both ends of its row and column, acclimatised and not")
    func cells2010() {
        var count = 0
        for row in rows(printed2010) {
            for (index, cell) in row.cells.enumerated() {
                for minutes in [row.low, row.high] {
                    for end in [29.0, 30] {
                        let wbgt = end + 2 * Double(index)
                        let grade = grading.heat(labour: row.labour, wbgt: wbgt, minutes: minutes, isAcclimatised: true, on: before)
                        #expect(grade.code == cell, "\(row.labour), \(minutes) min, \(wbgt) ℃")
                        let cooler = grading.heat(labour: row.labour, wbgt: wbgt - 1, minutes: minutes, isAcclimatised: false, on: before)
                        #expect(cooler.code == cell, "\(row.labour), \(minutes) min, \(wbgt - 1) ℃, not acclimatised")
                        count += 2
                    }
                }
            }
        }
        #expect(count == 16 * 7 * 8)
    }

    @Test("2025: every cell at its lower end, just below its upper end, and inside its row")
    func cells2025() {
        for row in rows(printed2025) {
            for (index, cell) in row.cells.enumerated() {
                for part in [0, 0.5, 0.99] {
                    for rate in [row.low + 0.1, row.high - 0.1] {
                        let wbgt = 28 + Double(index) + part
                        let grade = grading.heat(labour: row.labour, wbgtEffective: wbgt, exposureRate: rate, on: after)
                        #expect(grade.code == cell, "\(row.labour), \(rate) %, \(wbgt) ℃")
                    }
                }
            }
        }
        #expect(grading.heat(labour: .light, wbgtEffective: 45, exposureRate: 100, on: after).code == "*")
    }

    @Test("Between columns or rows of 2010, and on the shared edges of 2025, both neighbours stand")
    func edges() throws {
        // 30.5 ℃, Ⅰ, 121–240 min: Ⅰ (29–30) or Ⅱ (31–32); 32.5 ℃: Ⅱ both ways.
        let open = grading.heat(labour: .light, wbgt: 30.5, minutes: 180, isAcclimatised: true, on: before)
        #expect(codes(open) == ["I", "II"] && missing(open) == ["grading.readings-differ"])
        #expect(grading.heat(labour: .light, wbgt: 32.5, minutes: 180, isAcclimatised: true, on: before).code == "II")
        #expect(codes(grading.heat(labour: .light, wbgt: 31, minutes: 120.5, isAcclimatised: true, on: before)) == ["I", "II"])
        let edge = grading.heat(labour: .moderate, wbgtEffective: 30, exposureRate: 50, on: after)
        #expect(codes(edge) == ["I", "II"] && missing(edge) == ["grading.readings-differ"])
        // A jurisdiction that settles the reading gets the one or the other.
        for (reading, code) in [("lower", "I"), ("upper", "II")] {
            let text = "grading: {source: 地方规定, confidence: V, readings: {GBZ/T 229.3-2025: \(reading)}}"
            let local = try Grading(tables.overlaid(by: text, named: "450204.yaml"))
            let settled = local.heat(labour: .moderate, wbgtEffective: 30, exposureRate: 50, on: after)
            #expect(settled.code == code && settled.working.contains { $0.zh.contains("地方规定") })
        }
    }

    @Test("Below the table of 2010, and below 28 ℃ in 2025, there is no grade")
    func outside() {
        #expect(
            missing(grading.heat(labour: .light, wbgt: 28.9, minutes: 120, isAcclimatised: true, on: before)) == ["grading.outside-table"])
        #expect(grading.heat(labour: .light, wbgt: 28.9, minutes: 120, isAcclimatised: false, on: before).code == "I")
        #expect(missing(grading.heat(labour: .light, wbgt: 35, minutes: 59, isAcclimatised: true, on: before)) == ["grading.outside-table"])
        #expect(missing(grading.heat(labour: .light, wbgtEffective: 27.9, exposureRate: 10, on: after)) == ["grading.outside-table"])
        #expect(missing(grading.heat(labour: .light, wbgtEffective: 30, exposureRate: 101, on: after)) == ["number.range"])
    }

    @Test("Each edition asks for its own inputs")
    func inputs() {
        let old = grading.heat(labour: .light, wbgt: 35, minutes: 120, isAcclimatised: true, on: after)
        #expect(old.rank == nil && old.missing.map(\.field) == ["wbgt_effective", "exposure_rate"])
        let new = grading.heat(labour: .light, wbgtEffective: 35, exposureRate: 10, on: before)
        #expect(new.rank == nil && new.missing.map(\.field) == ["wbgt", "minutes"])
        // Acclimatisation unknown: 30 ℃ is in 29–30 or, for the others, in 30–31.
        let open = grading.heat(labour: .light, wbgt: 30, minutes: 200, on: before)
        #expect(codes(open) == ["I", "II"] && open.missing.map(\.field) == ["acclimatised"])
        #expect(grading.heat(labour: .light, wbgt: 45, minutes: 200, on: before).code == "IV")
    }
}
