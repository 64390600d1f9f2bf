import Catalog
import Enforcement
import Kernel
import TestKit
import Testing

/// Discretion within the statutory range, with amounts worked out by hand.
@Suite struct DiscretionTests {
    private func weigh(
        _ item: String, overdue: Bool = false, severe: Bool = false, income: Double? = nil, levels: [String] = light,
        on day: String = "2026-03-02"
    ) throws -> Discretion {
        try Discretion(
            item: item, division: "330402", on: try #require(Day(day)), isOverdue: overdue, isSevere: severe, income: income,
            levels: levels,
            catalog: Hand.catalog)
    }
    static let light = ["house.harm.none", "house.duration.short", "house.workers.few", "house.repeated.first", "house.cooperation.normal"]
    /// 2 + 1 + 0 + 0 + 0 = 3: ordinary.
    static let ordinary = [
        "house.harm.risk", "house.duration.medium", "house.workers.few", "house.repeated.first", "house.cooperation.normal",
    ]
    /// 4 + 2 + 1 + 0 + 0 = 7: heavy.
    static let heavy = [
        "house.harm.suspected", "house.duration.long", "house.workers.some", "house.repeated.first", "house.cooperation.normal",
    ]
    private func refusal(_ body: () throws -> Void) -> String {
        do {
            try body()
            return "taken"
        } catch let refusal as Refusal { return refusal.code } catch { return "\(error)" }
    }

    /// Silica dust above the limit, Art. 72 (1): 50,000 to 200,000 yuan if the order to correct was disregarded. Light: the lower 30 %,
    /// 50,000 + 0.3 × 150,000 = 95,000; ordinary 95,000–155,000; heavy 155,000–200,000.
    @Test func silicaDust() throws {
        #expect(try weigh("72.1").statutory == nil)
        #expect(try weigh("72.1", overdue: true).statutory == 50_000...200_000)
        #expect(try weigh("72.1", overdue: true).advised == 50_000...95_000)
        #expect(try weigh("72.1", overdue: true, levels: Self.ordinary).advised == 95_000...155_000)
        let heavy = try weigh("72.1", overdue: true, levels: Self.heavy)
        #expect(heavy.advised == 155_000...200_000 && heavy.points == 7)
        #expect(heavy.working.last?.zh == "50000 + 150000 × 70–100% = 155000–200000 元")
    }

    /// Art. 75 (1), a hazard hidden: a fine at once, 50,000 to 300,000; a warning is not among its penalties.
    @Test func hiddenHazard() throws {
        let weighed = try weigh("75.1", levels: Self.ordinary)
        #expect(weighed.statutory == 50_000...300_000 && weighed.advised == 125_000...225_000)
        #expect(try weighed.judge(means: ["correction", "fine"], amount: 125_000) == false)
        #expect(refusal { _ = try weighed.judge(means: ["warning"], amount: nil) } == "penalty.means")
        // The law leaves no choice whether to fine: leaving it out departs from the scheme.
        #expect(try weighed.judge(means: ["correction"], amount: nil))
    }

    @Test func outsideTheRange() throws {
        let weighed = try weigh("72.1", overdue: true)
        for amount in [0, 49_999, 200_001] {
            #expect(refusal { _ = try weighed.judge(means: ["fine"], amount: amount) } == "penalty.range")
        }
        #expect(try weighed.judge(means: ["fine"], amount: 50_000) == false)
        #expect(try weighed.judge(means: ["fine"], amount: 95_000) == false)
        #expect(try weighed.judge(means: ["fine"], amount: 95_001))
        #expect(try weighed.judge(means: ["fine"], amount: 200_000))
        #expect(refusal { _ = try weighed.judge(means: ["fine"], amount: nil) } == "field.required")
        #expect(refusal { _ = try weighed.judge(means: ["warning"], amount: 60_000) } == "penalty.no-fine")
        #expect(refusal { _ = try weighed.judge(means: ["suspension"], amount: nil) } == "penalty.severe")
        #expect(refusal { _ = try weigh("72.1").judge(means: ["fine"], amount: 60_000) } == "penalty.overdue")
        #expect(try weigh("72.1", severe: true).judge(means: ["warning", "suspension"], amount: nil) == false)
    }

    @Test func itemsAndFactors() {
        #expect(refusal { _ = try weigh("78") } == "penalty.none")
        #expect(refusal { _ = try weigh("76") } == "penalty.none")
        #expect(refusal { _ = try weigh("99") } == "code.unknown")
        #expect(refusal { _ = try weigh("72.1", on: "2017-01-01") } == "penalty.not-in-force")
        #expect(refusal { _ = try weigh("79.a") } == "penalty.income")
        #expect(refusal { _ = try weigh("72.1", levels: Array(Self.light.dropLast())) } == "discretion.factor")
        #expect(refusal { _ = try weigh("72.1", levels: Self.light + ["house.harm.risk"]) } == "discretion.factor")
        #expect(refusal { _ = try weigh("72.1", levels: Self.light + ["other.harm.risk"]) } == "discretion.level")
    }

    /// For every item and any levels: the advised part lies inside the statutory range, steps rise without a gap, and an amount passes
    /// exactly when the clause's own numbers contain it.
    @Test func neverOutside() throws {
        var random = SeededGenerator(seed: 75)
        let today = try #require(Day("2026-03-02"))
        let scheme = try #require(Hand.catalog.discretion.scheme(for: "330402", on: today))
        for (code, penalty) in Penalty.coded(Hand.catalog.penalties) where penalty.minimum != nil || penalty.leastMultiple != nil {
            for _ in 0..<20 {
                let income = Double(Int.random(in: 5_000...900_000, using: &random))
                let levels = scheme.factors.map { $0.levels.randomElement(using: &random)?.code ?? "" }
                let weighed = try weigh(code, overdue: true, income: income, levels: levels)
                let low = penalty.minimum ?? (penalty.leastMultiple ?? 0) * income
                let high = penalty.maximum ?? (penalty.mostMultiple ?? 0) * income
                let advised = try #require(weighed.advised)
                #expect(Double(advised.lowerBound) >= low && Double(advised.upperBound) <= high, "\(code)")
                let amount = Int.random(in: 1...Int(high * 2), using: &random)
                let isInside = Double(amount) >= low && Double(amount) <= high
                #expect((refusal { _ = try weighed.judge(means: ["fine"], amount: amount) } == "taken") == isInside, "\(code) \(amount)")
            }
        }
    }

    /// Names of persons and their numbers leave the text; nothing else does.
    @Test func publicationMasksPersons() {
        let text = "2026年3月，张三丰、李四在陶瓷二车间作业，电话13800138000，身份证110101199003078515，粉尘超标3倍。"
        let masked = Publication.masked(text, names: ["李四", "张三丰", "张三", "王"])
        #expect(masked == "2026年3月，张某某、李某在陶瓷二车间作业，电话138****，身份证110***，粉尘超标3倍。")
    }
}
