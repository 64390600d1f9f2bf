import Diagnosis
import Institutions
import Kernel
import Ledger
import Registry

/// What only planning counts: tasks assigned, money, milestones, capacity against demand. Definitions: docs/measures.md, *Other measures*.
let measures: [Measure] = [monitoringCoverage, budgetGrowth, milestone, capacityAdequacy]

private let monitoringCoverage = Measure(
    "key_disease_monitoring_coverage", "重点职业病监测覆盖率", "Key-disease monitoring coverage", .rate,
    numerator: ("本年度监测任务全部完成的县区", "counties that completed every monitoring assignment of the year"),
    denominator: ("有监测任务的县区", "counties with assignments"), parameters: ["level"], units: { $0.level(.county) }, of: [Assignment.kind],
    strands: monitoringStrands)

private let budgetGrowth = Measure(
    "budget_growth", "职业病防治经费", "Money spent on prevention", .level, numerator: ("最近年度支出（元）", "money spent in the last year (CNY)"),
    units: { _ in nil }, of: [BudgetLine.kind], strands: budgetStrands)

private let milestone = Measure("milestone", "里程碑", "Milestone", .judged, numerator: ("由人判断", "judged by people"))

private let capacityAdequacy = Measure(
    "capacity_adequacy", "技术服务能力充足度", "Capacity against demand", .leastRatio,
    numerator: ("有资质机构的年服务能力", "yearly capacity of qualified institutions"), denominator: ("年服务需求", "yearly demand"),
    parameters: ["services", "testing.cycle_severe_months", "testing.cycle_general_months", "exam.cycle_months"],
    files: [(Institution.kind, capacityStrands), (Employer.kind, testingDemandStrands), (Worker.kind, personDemandStrands)])

/// In each year: met from the day on which every assignment of the year is completed; unknown in a year without any.
func monitoringStrands(_ unit: UnitFile, _ terms: Terms) -> [Strand] {
    let years = Dictionary(grouping: unit.all(Assignment.kind)) { $0[Assignment.year] ?? 0 }
    let layers = years.sorted { $0.key < $1.key }.flatMap { year, assignments -> [(span: Span, standing: Standing)] in
        let open = assignments.first { $0[Assignment.completed] == nil }
        let last = assignments.max { ($0[Assignment.completed] ?? .distantFuture) < ($1[Assignment.completed] ?? .distantFuture) }
        let done = Span(open == nil ? last?[Assignment.completed] ?? .distantFuture : .distantFuture).intersection(.year(year))
        return [(.year(year), .unmet("assignment.open", (open ?? last)?.id ?? "")), (done, .met())]
    }
    return [.unit(unit, Timeline<Standing>(.unknown("assignment.none"), layers: layers))]
}

/// The sum of a year's lines, from its 31 December until the next one.
func budgetStrands(_ unit: UnitFile, _ terms: Terms) -> [Strand] {
    let years = Dictionary(grouping: unit.all(BudgetLine.kind)) { $0[BudgetLine.year] ?? 0 }
    let layers = years.sorted { $0.key < $1.key }.map { year, lines in
        let blank = lines.first { $0[BudgetLine.spent] == nil }
        let sum = lines.reduce(0) { $0 + ($1[BudgetLine.spent] ?? 0) }
        return (
            span: Span(.lastDay(of: year), .lastDay(of: year + 1)),
            standing: blank.map { Standing.unknown("budget.unknown", $0.id) } ?? .amount(Double(sum))
        )
    }
    return [.unit(unit, Timeline<Standing>(.unknown("budget.none"), layers: layers))]
}

// MARK: Capacity

private func services(_ terms: Terms) -> [String] {
    terms.list("services").flatMap { $0.isEmpty ? nil : $0 } ?? ["testing", "exam", "diagnosis"]
}

/// What an institution can do in a year, on the days of that year on which it is qualified.
func capacityStrands(_ file: File, _ terms: Terms) -> [Strand] {
    let profile = InstitutionProfile(file)
    let locus = Timeline(Locus(division: profile.division))
    return services(terms).compactMap { service in
        let layers = file.all(Capacity.kind).filter { $0[Capacity.type] == service }.map { capacity in
            Timeline(0.0, Double(capacity[Capacity.amount] ?? 0), during: [.year(capacity[Capacity.year] ?? 0)])
        }
        guard !layers.isEmpty else { return nil }
        let standing = Timeline.joined(layers, 0, +).with(profile.qualified(for: service)) { amount, qualified in
            qualified && amount > 0 ? Standing.amount(amount) : .out
        }
        return Strand("\(file.id)|\(service)", group: service, standing, at: locus)
    }
}

/// Each hazard employer asks for twelve months' share of a test; without a severity for that of a general one, and says so.
func testingDemandStrands(_ file: File, _ terms: Terms) -> [Strand] {
    guard services(terms).contains("testing") else { return [] }
    let profile = EmployerProfile(file)
    let severe = terms.integer("testing.cycle_severe_months", 12)
    let general = terms.integer("testing.cycle_general_months", 36)
    let demand = profile.locus.map { Standing.amount(0, over: 12 / Double($0.severity == "severe" ? severe : general)) }
    let doubt = profile.hazardous.with(profile.locus) { hazardous, locus -> Standing in
        hazardous == .yes && locus.severity == nil ? .unknown("severity.unknown") : .out
    }
    return [
        Strand(file.id, group: "testing", profile.whileHazardous(demand), at: profile.locus),
        Strand("\(file.id)|severity", group: "testing", doubt, at: profile.locus),
    ]
}

/// Each exposed worker at an employer asks for examinations, each diagnosis of the year for one.
func personDemandStrands(_ file: File, _ terms: Terms) -> [Strand] {
    let asked = services(terms)
    let exam = Standing.amount(0, over: 12 / Double(terms.integer("exam.cycle_months", 12)))
    let exams =
        !asked.contains("exam")
        ? []
        : WorkerPlaces(file).places.filter { !$0.exposures.isEmpty }.map { place in
            Strand("\(file.id)|\(place.employer)", group: "exam", place.exposed.map { $0 ? exam : .out }, at: place.profile.locus)
        }
    let diagnoses =
        !asked.contains("diagnosis")
        ? []
        : file.all(Diagnosed.kind).compactMap { diagnosis -> Strand? in
            guard let day = diagnosis[Diagnosed.day] else { return nil }
            let standing = Timeline(Standing.out, .amount(0, over: 1, diagnosis.id), during: [.restOfYear(from: day)])
            return Strand(diagnosis.id, group: "diagnosis", standing, at: Timeline(Locus(division: diagnosis[Diagnosed.division])))
        }
    return exams + diagnoses
}
