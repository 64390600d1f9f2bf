/// What an employer has to do, as far as the demonstration follows it.
enum DemoDuty: Int, Sendable {
    case declaration, testing, principal, manager, archive, notice, sign, exam, file, insurance, inspection, dose, grade
    case passDust, passChemical, passNoise
}

/// How a place does: rates at the plan's beginning and end, gaps in its records, cases of its years.
struct DemoProfile {
    /// Employers at scale 1.
    var employers: Int
    /// Share of the duty fulfilled at the beginning and at the end of the plan.
    var pace: [DemoDuty: (Double, Double)]
    /// Share of employers whose hazards nobody has looked at, and of exposures without factors.
    var hazardsUnknown: Double
    var factorsUnknown: Double
    var filePartsUnknown = 0.0
    /// Confirmed diagnoses of a plan year, the first and the last; those between lie between.
    var cases: (DemoCases, DemoCases)
    /// Share of new pneumoconiosis after less than five years of dust, in the first and the last year.
    var underFive: (Double, Double)
    var officers: Int
    /// Townships with 100 and more pneumoconiosis patients, and how many of them get a station.
    var patientTownships = 0
    var stations = 0

    static func of(_ prefix: String) -> DemoProfile {
        switch prefix {
        case "KZHQ":
            DemoProfile(
                employers: 125,
                pace: [
                    .declaration: (0.52, 0.95), .testing: (0.38, 0.70), .principal: (0.60, 0.84), .manager: (0.55, 0.76),
                    .exam: (0.66, 0.97),
                    .insurance: (0.68, 0.92), .inspection: (0.30, 0.60), .dose: (0.82, 0.99), .passDust: (0.72, 0.86),
                    .passChemical: (0.80, 0.90),
                    .passNoise: (0.66, 0.78),
                ], hazardsUnknown: 0.03, factorsUnknown: 0.13,
                cases: (DemoCases(dust: 5, poisoning: 1, biological: 5), DemoCases(dust: 3, biological: 2)), underFive: (0.4, 0),
                officers: 7)
        case "MTG":
            DemoProfile(
                employers: 135,
                pace: [
                    .declaration: (0.75, 0.995), .testing: (0.60, 0.90), .principal: (0.70, 0.995), .manager: (0.65, 0.90),
                    .archive: (0.50, 0.89),
                    .file: (0.60, 0.995), .exam: (0.72, 0.985), .inspection: (0.70, 0.995), .insurance: (0.80, 0.97), .dose: (0.85, 0.90),
                    .passDust: (0.76, 0.90), .passChemical: (0.84, 0.94), .passNoise: (0.72, 0.84),
                ], hazardsUnknown: 0.015, factorsUnknown: 0.035, filePartsUnknown: 0.07,
                cases: (DemoCases(dust: 10, noise: 1), DemoCases(dust: 6, noise: 1)), underFive: (0.3, 0.15), officers: 8)
        case "JX":
            DemoProfile(
                employers: 1110,
                pace: [
                    .declaration: (0.58, 0.91), .testing: (0.48, 0.79), .principal: (0.66, 0.86), .manager: (0.60, 0.80),
                    .notice: (0.62, 0.92),
                    .sign: (0.74, 0.985), .exam: (0.70, 0.92), .insurance: (0.80, 0.95), .inspection: (0.20, 0.36), .dose: (0.86, 0.985),
                    .passDust: (0.74, 0.86), .passChemical: (0.82, 0.92), .passNoise: (0.70, 0.80),
                ], hazardsUnknown: 0.03, factorsUnknown: 0.02,
                cases: (DemoCases(dust: 25, noise: 7, poisoning: 4, other: 3), DemoCases(dust: 20, noise: 7, poisoning: 2, other: 2)),
                underFive: (0.2, 0.1), officers: DemoFacts.jiaxingOfficers)
        case "FX":
            DemoProfile(
                employers: 550,
                pace: [
                    .declaration: (0.64, 0.955), .testing: (0.28, 0.52), .principal: (0.60, 0.82), .manager: (0.55, 0.78),
                    .exam: (0.65, 0.85),
                    .insurance: (0.75, 0.90), .inspection: (0.16, 0.36), .dose: (0.38, 0.58), .grade: (0.05, 0.35), .passDust: (0.76, 0.90),
                    .passChemical: (0.86, 0.95), .passNoise: (0.72, 0.88),
                ], hazardsUnknown: 0.02, factorsUnknown: 0.03,
                cases: (DemoCases(dust: 22, noise: 2, poisoning: 3), DemoCases(dust: 13, noise: 2, poisoning: 1)), underFive: (0.2, 0.08),
                officers: 24, patientTownships: 3, stations: 2)
        case "LN":
            DemoProfile(
                employers: 340,
                pace: [
                    .declaration: (0.66, 0.96), .testing: (0.36, 0.64), .principal: (0.62, 0.86), .manager: (0.58, 0.80),
                    .exam: (0.68, 0.90),
                    .insurance: (0.78, 0.92), .inspection: (0.10, 0.76), .dose: (0.80, 0.99), .grade: (0.15, 0.92),
                    .passDust: (0.82, 0.97),
                    .passChemical: (0.86, 0.965), .passNoise: (0.54, 0.66),
                ], hazardsUnknown: 0.10, factorsUnknown: 0.03,
                cases: (DemoCases(dust: 8, noise: 7, poisoning: 1), DemoCases(dust: 6, noise: 4)), underFive: (0.25, 0.1), officers: 6,
                patientTownships: 2, stations: 2)
        default:
            DemoProfile(
                employers: 200, pace: [:], hazardsUnknown: 0.03, factorsUnknown: 0.03,
                cases: (DemoCases(dust: 8, noise: 3, poisoning: 2), DemoCases(dust: 5, noise: 2, poisoning: 1)), underFive: (0.25, 0.1),
                officers: 8)
        }
    }

    /// The rate of a duty in a year, straight from beginning to end.
    func rate(_ duty: DemoDuty, in year: Int, of plan: ClosedRange<Int>) -> Double {
        let (from, to) = pace[duty] ?? (0.6, 0.85)
        guard plan.count > 1 else { return to }
        let part = Double(min(max(year, plan.lowerBound), plan.upperBound) - plan.lowerBound) / Double(plan.count - 1)
        return from + (to - from) * part
    }

    func cases(in year: Int, of plan: ClosedRange<Int>) -> DemoCases {
        let (first, last) = cases
        let part = plan.count > 1 ? Double(min(year, plan.upperBound) - plan.lowerBound) / Double(plan.count - 1) : 1
        func between(_ path: KeyPath<DemoCases, Int>) -> Int {
            Int((Double(first[keyPath: path]) + Double(last[keyPath: path] - first[keyPath: path]) * part).rounded())
        }
        return DemoCases(
            dust: between(\.dust), noise: between(\.noise), poisoning: between(\.poisoning), biological: between(\.biological),
            other: between(\.other))
    }
}
