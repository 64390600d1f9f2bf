import Catalog
import Foundation
import Kernel

/// Heat 高温: the wet-bulb globe temperature WBGT and its limit by labour intensity and time of exposure (GBZ 2.2-2007, Table 8).
public enum Heat {
    /// Grades of labour intensity 体力劳动强度分级, by the index n.
    public enum Labour: String, Sendable, CaseIterable { case light = "I", moderate = "II", heavy = "III", veryHeavy = "IV" }

    static let temperatures = -30.0...150.0

    /// Indoors, or outdoors without sun: 0.7·tnw + 0.3·tg.
    /// - Parameters: natural wet-bulb 自然湿球 and globe 黑球 temperature in ℃.
    public static func indoors(naturalWet: Double, globe: Double) throws(Refusals) -> Double {
        try check([(naturalWet, "natural_wet"), (globe, "globe")])
        return 0.7 * naturalWet + 0.3 * globe
    }

    /// Outdoors in the sun: 0.7·tnw + 0.2·tg + 0.1·ta.
    public static func outdoors(naturalWet: Double, globe: Double, air: Double) throws(Refusals) -> Double {
        try check([(naturalWet, "natural_wet"), (globe, "globe"), (air, "air")])
        return 0.7 * naturalWet + 0.2 * globe + 0.1 * air
    }

    /// The mean of three heights where the heat is uneven: head, twice the abdomen, ankles. From knowledge (KH), not in our sources.
    public static func heights(head: Double, abdomen: Double, ankle: Double) throws(Refusals) -> Double {
        try check([(head, "head"), (abdomen, "abdomen"), (ankle, "ankle")])
        return (head + 2 * abdomen + ankle) / 4
    }

    /// The time-weighted mean ΣWBGTᵢ·tᵢ/Σtᵢ of the places where somebody is.
    public static func mean(_ stretches: [Stretch]) throws(Refusals) -> Double {
        try Stretch.check(stretches, in: temperatures, unit: "℃", field: "wbgt")
        let minutes = Stretch.minutes(stretches)
        return stretches.reduce(0) { $0 + $1.value * $1.minutes } / minutes
    }

    /// The grade of an index n.
    /// - Throws: `Refusal("number.range")`, `Refusal("physical.limit.missing")`.
    public static func labour(index: Double, _ limits: PhysicalLimits, on day: Day) throws(Refusal) -> Labour {
        guard index >= 0, index < 200 else {
            throw Refusal("number.range", field: "labour_index", ["value": "\(index)", "limit": "0…200"])
        }
        for grade in Labour.allCases.dropLast() where index <= (try limits.limit("labour.\(grade.rawValue)", on: day).limit) {
            return grade
        }
        return .veryHeavy
    }

    /// Judges the mean WBGT of the time in the heat.
    /// - Parameters:
    ///   - stretches: WBGT in ℃ and the minutes in each place; together the time of exposure.
    ///   - labour: nil where not known.
    ///   - designTemperature: outdoor design temperature for ventilation 室外通风设计温度 of the place, in ℃; nil where not known.
    /// - Returns: undecided where what is not known makes a difference.
    public static func judge(
        _ stretches: [Stretch], labour: Labour?, designTemperature: Double?, _ limits: PhysicalLimits, on day: Day
    ) throws(Refusals) -> Judgement {
        let value = try mean(stretches)
        let minutes = Stretch.minutes(stretches)
        // 接触时间率 is of 8 h; between two rows of the table the stricter, and above 100 % that of 100 %: ours, the sources do not say.
        let rate = minutes / 480 * 100
        let row = [25, 50, 75, 100].first { rate <= Double($0) + 1e-9 } ?? 100
        let lower = row == 25 || rate == Double(row) || rate > 100 ? nil : row - 25
        var working = [
            Bilingual(
                "WBGT 平均 = ΣWBGT·t/Σt = \(Rounding.plain(value)) ℃；接触时间率 = \(Rounding.plain(minutes))/480 = \(Rounding.plain(rate)) %",
                "Mean WBGT = ΣWBGT·t/Σt = \(Rounding.plain(value)) ℃; exposure-time rate = \(Rounding.plain(minutes))/480 = "
                    + "\(Rounding.plain(rate)) %")
        ]
        var rules: [Provenance] = []
        if lower != nil || rate > 100 {
            working.append(Bilingual("接触时间率在表列值之间，取较严的 \(row) %", "Between the rates of the table, the stricter: \(row) %"))
            rules.append(.ownRule("接触时间率取档"))
        }
        if let designTemperature {
            try check([(designTemperature, "design_temperature")])
        }
        let all: [Candidate]
        do throws(Refusal) {
            all = try candidates(labour, designTemperature, row: row, limits, on: day)
        } catch { throw Refusals([error]) }
        let judgements = all.map { candidate in
            Judgement(value, candidate.limit, adding: candidate.added, rules: rules, working: working + candidate.working)
        }
        // What is missing is named only where it makes the difference: the grade, or the place alone.
        var verdicts: [Double: Set<Judgement.Verdict>] = [:]
        for (candidate, judgement) in zip(all, judgements) { verdicts[candidate.added, default: []].insert(judgement.verdict) }
        let hangsOnGrade = verdicts.values.contains { $0.count > 1 }
        let missing =
            hangsOnGrade
            ? Refusal("heat.labour.missing", field: "labour") : Refusal("heat.design-temperature.missing", field: "design_temperature")
        guard let judged = Judgement.agreed(judgements, missing: missing) else { throw Refusals([missing]) }
        return judged
    }

    /// A limit that may be the right one, with what is added to it.
    private struct Candidate {
        let limit: PhysicalLimit
        let added: Double
        let working: [Bilingual]
    }

    private static func candidates(
        _ labour: Labour?, _ designTemperature: Double?, row: Int, _ limits: PhysicalLimits, on day: Day
    ) throws(Refusal) -> [Candidate] {
        let addition = try limits.limit("wbgt.region", on: day).limit
        let from = try limits.limit("wbgt.region.from", on: day).limit
        let additions: [Double] = designTemperature.map { [$0 >= from ? addition : 0] } ?? [0, addition]
        let grades: [Labour] = labour.map { [$0] } ?? Labour.allCases
        var all: [Candidate] = []
        for grade in grades {
            let limit = try limits.limit("wbgt.\(row).\(grade.rawValue)", on: day)
            for added in additions {
                let note = Bilingual(
                    "室外通风设计温度不低于 \(Rounding.plain(from)) ℃，限值加 \(Rounding.plain(added)) ℃",
                    "Outdoor design temperature of \(Rounding.plain(from)) ℃ or more: \(Rounding.plain(added)) ℃ is added")
                all.append(Candidate(limit: limit, added: added, working: [limit.condition] + (added > 0 ? [note] : [])))
            }
        }
        return all
    }

    /// Whether a mean WBGT is heat work 高温作业.
    public static func isHeatWork(_ wbgt: Double, _ limits: PhysicalLimits, on day: Day) throws(Refusal) -> Bool {
        let threshold = try limits.limit("wbgt.work", on: day).limit
        return Rounding.round(wbgt, decimals: Rounding.resultDecimals(for: threshold)) >= threshold
    }

    private static func check(_ values: [(Double, String)]) throws(Refusals) {
        let flaws = values.filter { !temperatures.contains($0.0) }.map {
            Refusal("number.range", field: $0.1, ["value": "\($0.0)", "limit": "−30…150 ℃"])
        }
        guard flaws.isEmpty else { throw Refusals(flaws) }
    }
}
