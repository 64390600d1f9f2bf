import Catalog
import Foundation
import Grading
import Kernel
import TestKit
import Testing

/// The repository's Data folder.
let data = Repository.data
let tables = try! GradingTables(folder: data)
let grading = Grading(tables)
func day(_ text: String) -> Day { Day(text)! }
/// The last day of the editions of 2010 and the first of those of 2025.
let before = day("2026-01-31")
let after = day("2026-02-01")
func codes(_ grade: Grade) -> [String] { grade.possible.map(\.code) }
func missing(_ grade: Grade) -> [String] { grade.missing.map(\.code) }

@Suite("Dust, GBZ/T 229.1")
struct DustTests {
    @Test("2010: G = WM × WB × WL by hand, at the cut-offs 6 and 16")
    func by2010() {
        func grade(_ silica: Double, _ ratio: Double, _ labour: Grading.Labour) -> Grade {
            grading.dust(silica: silica, exposureRatio: ratio, labour: labour, on: before)
        }
        // B below 1: WB 0, G 0.
        #expect(grade(85, 0.99, .extreme).code == "0" && grade(85, 0.99, .extreme).index == 0)
        // 1 × 2.4 × 2.5 = 6, Ⅰ to 6 with it; 1 × 2.5 × 2.5 = 6.25 is Ⅱ.
        #expect(grade(9.9, 2.4, .extreme).code == "I" && grade(9.9, 2.4, .extreme).index == 6)
        #expect(grade(9.9, 2.5, .extreme).code == "II")
        // 2 × 4 × 2.0 = 16, Ⅱ to 16 with it; 2 × 4.1 × 2.0 = 16.4 is Ⅲ.
        #expect(grade(10, 4, .heavy).code == "II" && grade(10, 4, .heavy).index == 16)
        #expect(grade(10, 4.1, .heavy).code == "III")
        // The bands of free silica: < 10, 10–50, > 50–80, > 80; with B = 3 and WL 1 the index is 3 × WM.
        #expect([9.99, 10, 50, 50.01, 80, 80.01, 100].map { grade($0, 3, .light).index } == [3, 6, 6, 12, 12, 18, 18])
        #expect(grade(9.9, 2.4, .extreme).provenance.edition == "GBZ/T 229.1-2010")
        #expect(grade(9.9, 2.4, .extreme).provenance.confidence == .knowledge)
    }

    @Test("2010: where WB for 1 ≤ B ≤ 2 matters, both readings stand and no grade is given")
    func readings2010() {
        // WM 2, WL 2: WB 1 gives G 4 (Ⅰ), WB 1.8 gives G 7.2 (Ⅱ).
        let open = grading.dust(silica: 30, exposureRatio: 1.8, labour: .heavy, on: before)
        #expect(open.rank == nil && open.index == nil && codes(open) == ["I", "II"])
        #expect(missing(open) == ["grading.readings-differ"])
        // WM 1, WL 1: G is 1 or 1.8, Ⅰ either way.
        let told = grading.dust(silica: 5, exposureRatio: 1.8, labour: .light, on: before)
        #expect(told.code == "I" && told.missing.isEmpty)
        // At B = 1 the readings agree, above 2 too.
        #expect(grading.dust(silica: 85, exposureRatio: 1, labour: .light, on: before).index == 6)
        #expect(grading.dust(silica: 85, exposureRatio: 2.01, labour: .light, on: before).code == "II")
    }

    @Test("2025: five levels, WB from 0.5 on, WM 1 to 4; 0.5 < B ≤ 1 is undecided")
    func by2025() {
        func grade(_ silica: Double, _ ratio: Double, _ labour: Grading.Labour) -> Grade {
            grading.dust(silica: silica, exposureRatio: ratio, labour: labour, on: after)
        }
        #expect(grade(85, 0.5, .extreme).code == "0" && grade(85, 0.5, .extreme).label.zh == "0级 相对无害作业")
        // 4 × 0.8 × 2.0 = 6.4 is Ⅲ by the index; the action level is Ⅰ.
        let open = grade(85, 0.8, .heavy)
        #expect(open.rank == nil && codes(open) == ["I", "III"] && open.index == 6.4)
        #expect(missing(open) == ["grading.readings-differ"] && open.missing[0].details["edition"] == "GBZ/T 229.1-2025")
        #expect(codes(grade(5, 1, .light)) == ["I", "II"])
        // 1 × 2.4 × 2.5 = 6 and 2 × 4 × 2 = 16 at the cut-offs.
        #expect(grade(5, 2.4, .extreme).code == "II" && grade(5, 2.5, .extreme).code == "III")
        #expect(grade(50, 4, .heavy).code == "III" && grade(50, 4.1, .heavy).code == "IV")
        #expect([9.99, 10, 50, 50.01, 80, 80.01].map { grade($0, 3, .light).index } == [3, 6, 6, 9, 9, 12])
        #expect(grade(5, 2.4, .extreme).provenance.confidence == .secondary)
    }

    @Test("What is unknown leaves the levels open that it could lead to, and no more")
    func unknown() {
        // Nothing matters when B is below 1.
        let told = grading.dust(silica: nil, exposureRatio: 0.3, labour: nil, on: before)
        #expect(told.code == "0" && told.missing.isEmpty)
        // B 3: WM 1…6 and WL 1: G 3…18.
        let open = grading.dust(silica: nil, exposureRatio: 3, labour: .light, on: before)
        #expect(codes(open) == ["I", "II", "III"] && open.missing.map(\.field) == ["silica"])
        #expect(missing(open) == ["grading.input-missing"])
        let ratio = grading.dust(silica: 5, exposureRatio: nil, labour: .light, on: before)
        #expect(ratio.rank == nil && ratio.possible.count == 4 && ratio.missing.map(\.field) == ["exposure_ratio"])
        #expect(grading.dust(silica: 5, exposureRatio: 3, labour: .light, on: nil).missing.map(\.field) == ["day"])
    }

    @Test("Values outside their range are refused, not graded")
    func range() {
        for (silica, ratio) in [(-1.0, 1.0), (101, 1), (5, -0.1), (5, .nan), (5, .infinity)] {
            let grade = grading.dust(silica: silica, exposureRatio: ratio, labour: .light, on: before)
            #expect(grade.rank == nil && grade.possible.isEmpty && missing(grade) == ["number.range"])
        }
    }
}

@Suite("Chemicals, GBZ/T 229.2")
struct ChemicalTests {
    @Test("2010: WB is 0 up to B = 1; cut-offs 6 and 24")
    func by2010() {
        func grade(_ toxicity: Grading.Toxicity, _ ratio: Double, _ labour: Grading.Labour) -> Grade {
            grading.chemical(toxicity: toxicity, exposureRatio: ratio, labour: labour, on: before)
        }
        #expect(grade(.extreme, 1, .extreme).code == "0" && grade(.mild, 1.01, .light).code == "I")
        // 2 × 2 × 1.5 = 6; 2 × 2.1 × 1.5 = 6.3; 8 × 1.5 × 2.0 = 24; 8 × 1.6 × 2.0 = 25.6.
        #expect(grade(.moderate, 2, .moderate).code == "I" && grade(.moderate, 2.1, .moderate).code == "II")
        #expect(grade(.extreme, 1.5, .heavy).code == "II" && grade(.extreme, 1.6, .heavy).code == "III")
        #expect(grade(.high, 3, .light).index == 12)
    }

    @Test("2025: WB is 0 up to B = 0.5; above the limit at least Ⅱ")
    func by2025() {
        func grade(_ toxicity: Grading.Toxicity, _ ratio: Double, _ labour: Grading.Labour) -> Grade {
            grading.chemical(toxicity: toxicity, exposureRatio: ratio, labour: labour, isSpecial: false, on: after)
        }
        #expect(grade(.extreme, 0.5, .extreme).code == "0")
        // The source's own examples: 4 × 0.7 × 1.5 = 4.2, Ⅰ; 8 × 1.2 × 1.0 = 9.6, Ⅱ.
        #expect(grade(.high, 0.7, .moderate).code == "I" && grade(.high, 0.7, .moderate).index == 4.2)
        #expect(grade(.extreme, 1.2, .light).code == "II" && grade(.extreme, 1.2, .light).index == 9.6)
        // 1 × 1.01 × 1 = 1.01 would be Ⅰ, but B > 1; at B = 1 it is Ⅰ.
        #expect(grade(.mild, 1, .light).code == "I" && grade(.mild, 1.01, .light).code == "II")
        // 8 × 0.75 × 1 = 6, 8 × 1.5 × 2 = 24 at the cut-offs.
        #expect(grade(.extreme, 0.75, .light).code == "I" && grade(.extreme, 0.76, .light).code == "II")
        #expect(grade(.extreme, 1.5, .heavy).code == "II" && grade(.extreme, 1.51, .heavy).code == "III")
    }

    @Test("2025: one source raises the grade for special effects, the other does not; both stand")
    func special() {
        func grade(_ isSpecial: Bool?) -> Grade {
            grading.chemical(toxicity: .extreme, exposureRatio: 1.2, labour: .light, isSpecial: isSpecial, on: after)
        }
        #expect(grade(false).code == "II")
        #expect(codes(grade(true)) == ["II", "III"] && missing(grade(true)) == ["grading.readings-differ"])
        #expect(codes(grade(nil)) == ["II", "III"])
        #expect(grade(nil).missing.map(\.field) == ["special", nil])
        // At most Ⅲ: nothing above to be raised to.
        #expect(grading.chemical(toxicity: .extreme, exposureRatio: 9, labour: .light, on: after).code == "III")
        // The edition of 2010 does not ask.
        #expect(grading.chemical(toxicity: .high, exposureRatio: 3, labour: .light, on: before).missing.isEmpty)
    }

    @Test("Unknown toxicity: what four degrees leave open")
    func unknown() {
        // B 3, WL 1: G 3, 6, 12, 24.
        let open = grading.chemical(toxicity: nil, exposureRatio: 3, labour: .light, on: before)
        #expect(codes(open) == ["I", "II"] && open.missing.map(\.field) == ["toxicity"])
    }
}

@Suite("Noise, GBZ/T 229.4-2012")
struct NoiseTests {
    @Test("Bands at their ends; the gap 94–95 is read as Ⅱ and said to be our reading")
    func bands() {
        let expected: [(Double, String)] = [
            (0, "0"), (84.9, "0"), (85, "I"), (89.9, "I"), (90, "II"), (93.9, "II"), (94, "II"), (94.9, "II"), (95, "III"), (99.9, "III"),
            (100, "IV"), (130, "IV"),
        ]
        for (level, code) in expected {
            let grade = grading.noise(level: level, on: after)
            #expect(grade.code == code, "\(level) dB(A)")
            #expect(grade.provenance.confidence == (level >= 94 && level < 95 ? .own : .knowledge))
        }
        #expect(grading.noise(level: 94.5, on: after).working.contains { $0.zh.contains("我们的读法") })
    }

    @Test("Impulses: steps of 2.5 dB above 140, 130, 120")
    func impulses() {
        let expected: [(Double, Double, String)] = [
            (139.9, 100, "0"), (140, 1, "I"), (142.4, 100, "I"), (142.5, 100, "II"), (145, 100, "III"), (147.4, 100, "III"),
            (147.5, 100, "IV"), (160, 100, "IV"), (140, 101, "IV"), (129.9, 1_000, "0"), (130, 1_000, "I"), (132.5, 101, "II"),
            (120, 1_001, "I"), (122.4, 10_000, "I"), (127.5, 10_000, "IV"),
        ]
        for (peak, impulses, code) in expected {
            #expect(grading.impulse(peak: peak, impulses: impulses, on: after).code == code, "\(peak) dB, \(impulses)")
        }
        #expect(missing(grading.impulse(peak: 120, impulses: 10_001, on: after)) == ["grading.outside-table"])
        #expect(missing(grading.impulse(peak: 120, impulses: nil, on: after)) == ["grading.input-missing"])
        #expect(missing(grading.impulse(peak: 120, impulses: 1.5, on: after)) == ["number.whole"])
        #expect(missing(grading.impulse(peak: 120, impulses: 0, on: after)) == ["number.range"])
    }
}

@Suite("Toxicants, GBZ/T 230, and coal dust, GBZ/T 342")
struct ToxicantTests {
    /// THI of a uniform score: the weights add up to 25.
    func uniform(_ score: Int) -> [String: Int] {
        let names = [
            "inhalation", "dermal", "irritation", "sensitisation", "reproductive", "carcinogenicity", "diffusibility", "accumulation",
        ]
        return Dictionary(uniqueKeysWithValues: names.map { ($0, score) })
    }

    @Test("GBZ/T 230-2025, 5.3: THI at 35, 50 and 65")
    func indices() {
        func grade(_ scores: [String: Int]) -> Grade { grading.toxicant(scores: scores, restriction: Grading.Restriction.none, on: after) }
        #expect(grade(uniform(0)).index == 0 && grade(uniform(0)).code == "mild")
        #expect(grade(uniform(1)).index == 25 && grade(uniform(4)).index == 100 && grade(uniform(4)).code == "extreme")
        // 25 + one more for inhalation (5) and carcinogenicity (5) = 35; with accumulation 0 instead of 1 it is 34.
        var scores = uniform(1)
        (scores["inhalation"], scores["carcinogenicity"]) = (2, 2)
        #expect(grade(scores).index == 35 && grade(scores).code == "moderate")
        scores["accumulation"] = 0
        #expect(grade(scores).index == 34 && grade(scores).code == "mild")
        #expect(grade(uniform(2)).index == 50 && grade(uniform(2)).code == "high")
        var less = uniform(2)
        less["accumulation"] = 1
        #expect(grade(less).index == 49 && grade(less).code == "moderate")
        // 50 + 5 + 5 + 5 (inhalation, carcinogenicity, dermal 2 and diffusibility 3) = 65; without accumulation's one 64.
        var more = uniform(2)
        (more["inhalation"], more["carcinogenicity"], more["dermal"], more["diffusibility"]) = (3, 3, 3, 3)
        #expect(grade(more).index == 65 && grade(more).code == "extreme")
        more["accumulation"] = 1
        #expect(grade(more).index == 64 && grade(more).code == "high")
        #expect(grade(more).provenance.confidence == .verified && grade(more).label.zh == "高度危害（Ⅲ级）")
    }

    @Test("4.1.3: banned is not graded, restricted is at least high")
    func restriction() {
        #expect(missing(grading.toxicant(scores: uniform(4), restriction: .banned, on: after)) == ["grading.not-graded"])
        #expect(grading.toxicant(scores: uniform(0), restriction: .restricted, on: after).code == "high")
        #expect(grading.toxicant(scores: uniform(4), restriction: .restricted, on: after).code == "extreme")
        #expect(grading.toxicant(scores: uniform(4), restriction: nil, on: after).missing.map(\.field) == ["restriction"])
    }

    @Test("Table 1, note 6: without data four of the scores are 4; the others stay unknown")
    func unknown() {
        var scores = uniform(0)
        for name in ["accumulation", "carcinogenicity", "sensitisation", "reproductive"] { scores[name] = nil }
        // 4 × (1 + 5 + 3 + 3) = 48.
        let assumed = grading.toxicant(scores: scores, restriction: Grading.Restriction.none, on: after)
        #expect(assumed.index == 48 && assumed.code == "moderate")
        scores["dermal"] = nil
        // 48 to 56: moderate or high.
        let open = grading.toxicant(scores: scores, restriction: Grading.Restriction.none, on: after)
        #expect(open.rank == nil && codes(open) == ["moderate", "high"] && open.missing.map(\.field) == ["dermal"])
        #expect(missing(grading.toxicant(scores: ["dermal": 5], restriction: Grading.Restriction.none, on: after)) == ["number.range"])
    }

    @Test("2010: in force until 2026-01-31, its figures not to hand, its numerals reversed")
    func edition2010() throws {
        let grade = grading.toxicant(scores: uniform(2), restriction: Grading.Restriction.none, on: before)
        #expect(grade.rank == nil && missing(grade) == ["grading.figures-missing"])
        #expect(grade.missing[0].details["edition"] == "GBZ/T 230-2010" && grade.provenance.edition == "GBZ/T 230-2010")
        #expect(try grading.toxicity(numeral: 1, edition: "GBZ/T 230-2010") == .extreme)
        #expect(try grading.toxicity(numeral: 1, edition: "GBZ/T 230-2025") == .mild)
        #expect(throws: Refusal.self) { try grading.toxicity(numeral: 5, edition: "GBZ/T 230-2025") }
        #expect(throws: Refusal.self) { try grading.toxicity(numeral: 1, edition: "GBZ 230-1985") }
    }

    @Test("GBZ/T 342-2025, table 1: C at 1.25, 2.5, 6 and 16; no edition before")
    func coal() {
        let expected: [(Double, String)] = [
            (0, "I"), (1.25, "I"), (1.26, "II"), (2.5, "II"), (2.51, "III"), (6, "III"), (6.01, "IV"), (16, "IV"), (16.01, "V"),
        ]
        for (concentration, code) in expected { #expect(grading.coalDust(concentration: concentration, on: after).code == code) }
        let early = grading.coalDust(concentration: 3, on: before)
        #expect(early.rank == nil && missing(early) == ["grading.no-edition"] && early.missing[0].details["value"] == "2026-01-31")
    }
}
