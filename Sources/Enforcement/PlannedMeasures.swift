import Institutions
import Kernel
import Ledger
import Registry

/// What an authority owes of the inspections that it planned. Definitions: docs/draws.md, *Duties*.
let plannedMeasures: [Measure] = [
    .clock(
        "planned_inspection", "开展计划检查", "Carry out the planned inspection", clause: "抽查计划（本机关确定的期限）",
        files: [(Employer.kind, plannedStrands), (Institution.kind, plannedStrands)]),
    .clock(
        "inspection_publication", "公示抽查结果", "Publish the result of the inspection", clause: "“双随机、一公开”（抽查结果公示期限）",
        files: [(Employer.kind, publicationStrands), (Institution.kind, publicationStrands)]),
]

/// Each planned inspection: pending until its day, unmet after it, met by the inspection until that year ends.
func plannedStrands(_ file: File, _ terms: Terms) -> [Strand] {
    planned(file).map { plan, inspection in
        let from = plan[PlannedInspection.from] ?? .distantPast
        let due = plan[PlannedInspection.due] ?? from
        let done = inspection?[Inspection.day].map { max($0, from) }
        var changes: [Timeline<Standing>.Change] = [.init(from, .pending)]
        if done.map({ $0 > due }) ?? true { changes.append(.init(due + 1, .unmet("inspection.planned-missing", plan.id))) }
        if let done {
            changes.append(.init(done, done <= due ? .met(inspection?.id ?? "") : .unmet("clock.late", inspection?.id ?? "")))
            changes.append(.init(.firstDay(of: done.year + 1), .out))
        }
        return Strand(plan.id, Timeline(.out, changes), at: place(of: file))
    }
}

/// Each inspection that was planned: its result published in time from its day.
func publicationStrands(_ file: File, _ terms: Terms) -> [Strand] {
    planned(file).compactMap { plan, inspection in
        guard let inspection, plan[PlannedInspection.draw] != nil else { return nil }
        let run = ClockRun(
            "inspection_publication", from: inspection[Inspection.day], done: plan[PlannedInspection.published], record: inspection.id,
            doneBy: plan.id)
        return Strand(plan.id, run.standing(terms), at: place(of: file))
    }
}

/// The planned inspections of a file with what met each: the inspection that names it, else the first from its day on that names none;
/// no inspection meets two.
private func planned(_ file: File) -> [(plan: Record, inspection: Record?)] {
    let inspections = file.all(Inspection.kind).filter { $0[Inspection.day] != nil }.sorted {
        ($0[Inspection.day] ?? .distantPast, $0.id) < ($1[Inspection.day] ?? .distantPast, $1.id)
    }
    var taken: Set<String> = []
    let plans = file.all(PlannedInspection.kind).sorted {
        ($0[PlannedInspection.from] ?? .distantPast, $0.id) < ($1[PlannedInspection.from] ?? .distantPast, $1.id)
    }
    return plans.map { plan in
        let named = inspections.first { file.id(Inspection.planned, of: $0) == plan.id }
        let other = inspections.first { inspection in
            inspection[Inspection.planned] == nil && !taken.contains(inspection.id)
                && (inspection[Inspection.day] ?? .distantPast) >= (plan[PlannedInspection.from] ?? .distantPast)
        }
        let inspection = named ?? other
        if let inspection { taken.insert(inspection.id) }
        return (plan, inspection)
    }
}

private func place(of file: File) -> Timeline<Locus> {
    file.root.kind.name == "employer" ? EmployerProfile(file).locus : Timeline(Locus(division: file.root[Institution.division]))
}
