import Catalog
import Foundation
import Grading
import Kernel
import Testing

private let severe = SevereFactors(highlyToxic: ["71-43-2", "7664-41-7"], group1: ["71-43-2", "79-01-6"], named: ["F003"])
private let noise = RiskFactor("噪声", kind: .physical, code: "C001", exceeds: false)
private func benzene(_ ratio: Double?) -> RiskFactor { RiskFactor("苯", kind: .chemical, cas: "71-43-2", ratio: ratio) }

@Suite("Hazard risk of an employer (annex 1)")
struct RiskTests {
    @Test("The matrix: nature × exposure × headcount at 9, 10, 49 and 50")
    func matrix() {
        let general = RiskFactor("甲苯", kind: .chemical, cas: "108-88-3", exceeds: false)
        let generalOver = RiskFactor("甲苯", kind: .chemical, cas: "108-88-3", exceeds: true)
        let expected: [(RiskFactor, [String])] = [
            (general, ["I", "I", "I", "I", "I"]), (generalOver, ["II", "II", "II", "II", "III"]),
            (benzene(0.9), ["II", "II", "II", "II", "III"]), (benzene(1.1), ["III", "III", "III", "III", "III"]),
        ]
        for (factor, row) in expected {
            for (headcount, code) in zip([0, 9, 10, 49, 50], row) {
                #expect(grading.risk(factors: [factor], headcount: headcount, severe: severe).code == code, "\(factor.name), \(headcount)")
            }
        }
        let cell = grading.risk(factors: [benzene(1.1)], headcount: 50, severe: severe)
        #expect(cell.provenance.confidence == .own && cell.working.contains { $0.zh.contains("推断") })
        #expect(grading.risk(factors: [benzene(1.1)], headcount: 49, severe: severe).provenance.confidence == .secondary)
    }

    @Test("Which factors are severe")
    func nature() {
        func code(_ factor: RiskFactor) -> String? { grading.risk(factors: [factor], headcount: 5, severe: severe).code }
        // Complying and at most nine people: Ⅰ where general, Ⅱ where severe.
        #expect(code(RiskFactor("矽尘", kind: .dust, silica: 10, isAsbestos: false, exceeds: false)) == "II")
        #expect(code(RiskFactor("粉尘", kind: .dust, silica: 9.9, isAsbestos: false, exceeds: false)) == "I")
        #expect(code(RiskFactor("石棉", kind: .dust, isAsbestos: true, exceeds: false)) == "II")
        #expect(code(RiskFactor("氨", kind: .chemical, cas: "7664-41-7", exceeds: false)) == "II")
        #expect(code(RiskFactor("三氯乙烯", kind: .chemical, cas: "79-01-6", exceeds: false)) == "II")
        #expect(code(RiskFactor("X射线", kind: .radiation, isLesserSource: false, exceeds: false)) == "II")
        #expect(code(RiskFactor("Ⅲ类射线装置", kind: .radiation, isLesserSource: true, exceeds: false)) == "I")
        #expect(code(noise) == "I")
        #expect(code(RiskFactor("指定", kind: .other, code: "F003", exceeds: false)) == "II")
        // Unknown: silica, CAS, class of the source.
        for factor in [
            RiskFactor("粉尘", kind: .dust, isAsbestos: false, exceeds: false), RiskFactor("某化学品", kind: .chemical, exceeds: false),
            RiskFactor("射线", kind: .radiation, exceeds: false),
        ] {
            let grade = grading.risk(factors: [factor], headcount: 5, severe: severe)
            #expect(grade.rank == nil && codes(grade) == ["I", "II"] && grade.missing.map(\.field) == ["nature"])
        }
    }

    @Test("What is unknown, and where it does not matter")
    func unknown() {
        let any = grading.risk(factors: [benzene(1.1)], headcount: nil, severe: severe)
        #expect(any.code == "III" && any.provenance.confidence == .own)
        #expect(grading.risk(factors: [noise], headcount: nil, severe: severe).code == "I")
        let open = grading.risk(factors: [benzene(nil)], headcount: 9, severe: severe)
        #expect(codes(open) == ["II", "III"] && open.missing.map(\.field) == ["exceeds"])
        #expect(codes(grading.risk(factors: [benzene(0.5)], headcount: nil, severe: severe)) == ["II", "III"])
        #expect(missing(grading.risk(factors: [], headcount: 9, severe: severe)) == ["grading.input-missing"])
        #expect(missing(grading.risk(factors: [benzene(-1)], headcount: 9, severe: severe)) == ["number.range"])
        #expect(missing(grading.guideClass(industry: nil, factors: [benzene(.nan)])) == ["number.range"])
        // An excess is one, whatever a flag beside it says.
        #expect(RiskFactor("苯", kind: .chemical, exceeds: false, ratio: 1.2).exceeds == true)
        #expect(RiskFactor("苯", kind: .chemical, exceeds: true, ratio: 0.2).exceeds == true)
        #expect(missing(grading.risk(factors: [noise], headcount: -1, severe: severe)) == ["number.range"])
    }

    @Test("Of several factors the highest, said to be our inference; what it would be taken together is said too")
    func several() {
        let over = RiskFactor("甲苯", kind: .chemical, cas: "108-88-3", exceeds: true)
        let grade = grading.risk(factors: [noise, over, benzene(0.4)], headcount: 9, severe: severe)
        #expect(grade.code == "II" && grade.provenance.confidence == .own)
        #expect(grade.working.contains { $0.zh.contains("合并看") && $0.zh.contains("Ⅲ级") })
        // An unknown factor cannot lower what another settles.
        #expect(grading.risk(factors: [benzene(1.1), benzene(nil)], headcount: 9, severe: severe).code == "III")
        // Adding a factor never lowers the grade.
        let pool = [noise, over, benzene(0.4), benzene(1.2), RiskFactor("尘", kind: .dust, silica: 20, isAsbestos: false, exceeds: false)]
        for first in pool {
            for second in pool {
                for headcount in [9, 10, 50] {
                    let one = grading.risk(factors: [first], headcount: headcount, severe: severe).rank!
                    #expect(grading.risk(factors: [first, second], headcount: headcount, severe: severe).rank! >= one)
                }
            }
        }
    }
}

/// A self-check of four items of a made-up jurisdiction.
private let checked = """
    grading:
      source: 某市自查表
      confidence: V
      management:
        partial: 0.5
        cutoffs: {A: 90, B: 70}
        items:
          - {code: a, category: measures, zh: 甲项, en: Item a, weight: 40, key: true}
          - {code: b, category: testing, zh: 乙项, en: Item b, weight: 30, key: false}
          - {code: c, category: notice, zh: 丙项, en: Item c, weight: 20, key: false}
          - {code: d, category: training, zh: 丁项, en: Item d, weight: 10, key: false}
    """

@Suite("Management, combined class, guide, letters")
struct ClassTests {
    let local = Grading(try! tables.overlaid(by: checked, named: "local.yaml"))

    @Test("The national items are not to hand: no grade, and the missing part is named")
    func national() {
        let grade = grading.management(answers: [:])
        #expect(grade.rank == nil && missing(grade) == ["grading.figures-missing"])
        #expect(tables.management.categories.count == 10 && tables.management.categories.filter { $0.confidence == .uncertain }.count == 6)
    }

    @Test("Score, rescaled for what does not apply, at 90 and 70")
    func score() {
        func grade(_ answers: [String: SelfCheckAnswer]) -> Grade { local.management(answers: answers) }
        // 40 + 30 + 20 + 0 = 90, A; half of d makes 85 + … = 75 + …: b partly: 40 + 15 + 20 + 10 = 85, B.
        #expect(grade(["a": .complies, "b": .complies, "c": .complies, "d": .fails]).code == "A")
        #expect(grade(["a": .complies, "b": .partly, "c": .complies, "d": .complies]).index == 85)
        // 40 + 30 = 70, B; 40 + 0 + 20 + 5 = 65, C.
        #expect(grade(["a": .complies, "b": .complies, "c": .fails, "d": .fails]).code == "B")
        #expect(grade(["a": .complies, "b": .fails, "c": .complies, "d": .partly]).code == "C")
        // Without c: (40 + 30) / 80 × 100 = 87.5.
        let rescaled = grade(["a": .complies, "b": .complies, "c": .notApplicable, "d": .fails])
        #expect(rescaled.index == 87.5 && rescaled.code == "B")
        // A key item that fails: C at 60 and at 100 − 40 alike.
        #expect(grade(["a": .fails, "b": .complies, "c": .complies, "d": .complies]).code == "C")
        #expect(
            missing(grade(["a": .notApplicable, "b": .notApplicable, "c": .notApplicable, "d": .notApplicable])) == [
                "grading.input-missing"
            ])
        #expect(missing(grade(["z": .complies])) == ["code.unknown"])
    }

    @Test("Open items leave a range; an open key item leaves C open")
    func open() {
        // 90 of 90 known, d open: 90 to 100, A either way.
        #expect(local.management(answers: ["a": .complies, "b": .complies, "c": .complies]).code == "A")
        // c open: 80 to 100.
        let open = local.management(answers: ["a": .complies, "b": .complies, "d": .complies])
        #expect(codes(open) == ["A", "B"] && open.index == nil && open.missing[0].details["value"] == "c")
        // a open: 60 to 100, and C whatever the score should the key item fail.
        #expect(codes(local.management(answers: ["b": .complies, "c": .complies, "d": .complies])) == ["A", "B", "C"])
        #expect(codes(local.management(answers: ["b": .complies, "c": .notApplicable, "d": .complies])) == ["A", "B", "C"])
    }

    @Test("What 基本符合 earns is not to hand: without a local figure the score is a range")
    func partial() throws {
        let text = checked.replacingOccurrences(of: "    partial: 0.5\n", with: "")
        let grading = Grading(try tables.overlaid(by: text, named: "local.yaml"))
        // b partly: 70 to 100; d partly: 90 to 100.
        let open = grading.management(answers: ["a": .complies, "b": .partly, "c": .complies, "d": .complies])
        #expect(codes(open) == ["A", "B"] && missing(open) == ["grading.figures-missing"])
        #expect(grading.management(answers: ["a": .complies, "b": .complies, "c": .complies, "d": .partly]).code == "A")
    }

    @Test("The combined matrix: 甲 the lowest; unknown parts leave what they could lead to")
    func combined() throws {
        let all: [SelfCheckAnswer] = [.complies, .complies, .complies, .complies]
        func management(_ answers: [SelfCheckAnswer]) -> Grade {
            local.management(answers: Dictionary(uniqueKeysWithValues: zip(["a", "b", "c", "d"], answers)))
        }
        let best = management(all)
        let middle = management([.complies, .complies, .fails, .fails])
        let worst = management([.fails, .complies, .complies, .complies])
        let risks = [
            local.risk(factors: [noise], headcount: 9, severe: severe), local.risk(factors: [benzene(0.5)], headcount: 9, severe: severe),
            local.risk(factors: [benzene(2)], headcount: 9, severe: severe),
        ]
        #expect(risks.map(\.code) == ["I", "II", "III"])
        let expected = [(best, ["甲", "甲", "乙"]), (middle, ["甲", "乙", "丙"]), (worst, ["乙", "丙", "丙"])]
        for (grade, row) in expected { #expect(try risks.map { try local.combined(management: grade, risk: $0).code } == row) }
        let class丙 = try local.combined(management: worst, risk: risks[2])
        #expect(class丙.rank == 2 && class丙.provenance.confidence == .uncertain)
        // Management unknown: 甲 or 乙 at risk Ⅰ.
        let open = try local.combined(management: grading.management(answers: [:]), risk: risks[0])
        #expect(codes(open) == ["甲", "乙"] && missing(open) == ["grading.figures-missing"])
        #expect(throws: Refusal.self) { try local.combined(management: risks[0], risk: risks[0]) }
        #expect(throws: Refusal.self) { try local.combined(management: best, risk: best) }
    }

    @Test("The enforcement guide: 甲 by the known conditions, else it cannot be told")
    func guide() throws {
        func grade(_ factors: [RiskFactor], _ industry: String? = nil) -> Grade { grading.guideClass(industry: industry, factors: factors) }
        #expect(grade([benzene(0.1)]).code == "甲" && grade([benzene(0.1)]).rank == 2)
        #expect(grade([benzene(0.099)]).rank == nil && missing(grade([benzene(0.099)])) == ["grading.rules-missing"])
        let toluene = { (ratio: Double) in RiskFactor("甲苯", kind: .chemical, cas: "108-88-3", ratio: ratio) }
        #expect(grade([toluene(1.01)]).code == "甲" && grade([toluene(1)]).rank == nil)
        let dust = { (silica: Double, ratio: Double) in RiskFactor("尘", kind: .dust, silica: silica, ratio: ratio) }
        #expect(grade([dust(10, 1.1)]).code == "甲" && grade([dust(9.9, 1.1)]).rank == nil && grade([dust(10, 1)]).rank == nil)
        #expect(missing(grade([benzene(nil)])) == ["grading.input-missing", "grading.rules-missing"])
        #expect(codes(grade([])) == ["丙", "乙", "甲"])
        // Tables 1 and 2 as a jurisdiction knows them.
        let text = "grading: {source: 省级文件, confidence: V, guide: {industries: ['26'], factors: [108-88-3]}}"
        let local = Grading(try tables.overlaid(by: text, named: "local.yaml"))
        #expect(local.guideClass(industry: "2614", factors: []).code == "甲" && local.guideClass(industry: "3011", factors: []).rank == nil)
        #expect(local.guideClass(industry: nil, factors: [toluene(0.5)]).code == "甲")
        #expect(local.guideClass(industry: nil, factors: [toluene(0.49)]).rank == nil)
    }

    @Test("Liunan: Ⅳ and Ⅲ are 甲, Ⅱ 乙, Ⅰ and 0 丙; the national scheme runs the other way; letters are never compared")
    func letters() throws {
        let tables = try tables.adding(plan: data.appendingPathComponent("plans/450204.yaml"))
        let grading = Grading(tables)
        let liunan = try ["IV", "III", "II", "I", "0"].map { try grading.label(level: $0, in: "450204.grading") }
        #expect(liunan.map(\.label) == ["甲", "甲", "乙", "丙", "丙"])
        #expect(try liunan[0].isHigher(than: liunan[2]) == true && liunan[4].isHigher(than: liunan[2]) == false)
        let national = try ["甲", "乙", "丙"].map { try grading.label(level: $0, in: "national") }
        #expect(try national[0].isHigher(than: national[2]) == false)
        let guide = try grading.label(level: "甲", in: "guide")
        #expect(guide.meaning.zh == "高危" && national[0].meaning.zh == "风险最低")
        for (one, other) in [(liunan[0], national[0]), (national[0], guide), (guide, liunan[0])] {
            #expect(throws: Refusal("scheme.differs", ["value": one.scheme, "expected": other.scheme])) { try one.isHigher(than: other) }
        }
        // A national grade cannot be labelled by Liunan's letters, nor the other way round.
        let risk = grading.risk(factors: [benzene(2)], headcount: 9, severe: severe)
        #expect(throws: Refusal.self) { try grading.label(of: risk, in: "450204.grading") }
        #expect(throws: Refusal.self) { try grading.label(level: "V", in: "450204.grading") }
        #expect(throws: Refusal.self) { try grading.label(level: "I", in: "nowhere") }
        let top = grading.guideClass(industry: nil, factors: [benzene(2)])
        #expect(try grading.label(of: top, in: "guide").label == "甲")
        #expect(throws: Refusal.self) { try grading.label(of: top, in: "national") }
        #expect(throws: Refusal.self) { try grading.label(of: grading.guideClass(industry: nil, factors: []), in: "guide") }
    }

    @Test("Grades of two scales are never compared")
    func scales() throws {
        let (mild, loud) = (grading.noise(level: 86, on: after), grading.noise(level: 101, on: after))
        #expect(try loud.isHigher(than: mild) == true && mild.isHigher(than: loud) == false)
        #expect(try loud.isHigher(than: grading.noise(level: nil, on: after)) == nil)
        #expect(throws: Refusal.self) { try loud.isHigher(than: grading.coalDust(concentration: 3, on: after)) }
    }
}
