import Kernel
import Ledger
import Registry

/// How often an employer is inspected follows from its grade 差异化监管: by risk level, or by the class of a scheme, as the jurisdiction set it.
let frequencyDuties = [
    Measure.clock(
        "inspection_due", "按风险等级开展检查", "Inspect by risk level", clause: "规划：分类分级、差异化监管（MTG-41、JX-42、LN-41）",
        files: [(Employer.kind, inspectionDueStrands)])
]

/// What the grade in force asks for on a day.
private struct Cycle: Equatable, Sendable {
    let grade: String
    let from: Day
    /// Months between two inspections; nil where the jurisdiction has not set it.
    let months: Int?
}

/// Each graded hazard employer: the next inspection falls due so many months after the last one, or after the grade where there was none.
/// A new grade moves the day, but never before the day on which it was given.
func inspectionDueStrands(_ file: File, _ terms: Terms) -> [Strand] {
    let profile = EmployerProfile(file)
    let grades = file.all(Grade.kind).sorted { ($0[Grade.from] ?? .distantPast, $0.id) < ($1[Grade.from] ?? .distantPast, $1.id) }
    guard !grades.isEmpty else { return [] }
    // Of two grades in force the later counts.
    let cycle = grades.reduce(Timeline<Cycle?>(nil)) { earlier, grade in
        guard let from = grade[Grade.from] else { return earlier }
        let text = terms.setting("inspection.months", in: profile.locus[from].division, on: from)
        let own = Cycle(grade: grade.id, from: from, months: months(in: text, for: grade))
        return earlier.with(Timeline<Cycle?>(nil, own, during: [grade.span(Grade.from, Grade.until)])) { $1 ?? $0 }
    }
    let days = file.all(Inspection.kind).compactMap { record in record[Inspection.day].map { ($0, record.id) } }.sorted { $0 < $1 }
    let last = Timeline<Done?>(nil, days.map { .init($0.0, Done(day: $0.0, id: $0.1)) })
    let standing = cycle.with(last) { cycle, last in cycle.map { Basis(cycle: $0, last: last) } }.expand { basis -> Timeline<Standing> in
        guard let basis else { return Timeline(.out) }
        guard let months = basis.cycle.months else { return Timeline(.unknown("term.unset", basis.cycle.grade)) }
        let due = max((basis.last?.day ?? basis.cycle.from).adding(months: months), basis.cycle.from)
        return Timeline(basis.last.map { .met($0.id) } ?? .pending, [.init(due + 1, .unmet("inspection.overdue", basis.cycle.grade))])
    }
    return [Strand(file.id, profile.whileHazardous(standing), at: profile.locus)]
}

private struct Done: Equatable, Sendable {
    let day: Day
    let id: String
}
private struct Basis: Equatable, Sendable {
    let cycle: Cycle
    let last: Done?
}

/// `scheme/class=months` before `level=months`, of a list joined by semicolons.
private func months(in setting: String?, for grade: Record) -> Int? {
    let pairs = (setting ?? "").split(separator: ";").compactMap { part -> (String, Int)? in
        let sides = part.split(separator: "=", maxSplits: 1).map { CellReader.trimmed(String($0)) }
        guard sides.count == 2, let months = Int(sides[1]), months > 0 else { return nil }
        return (sides[0], months)
    }
    let table = Dictionary(pairs, uniquingKeysWith: { first, _ in first })
    if let scheme = grade[Grade.scheme], let label = grade[Grade.label], let own = table["\(scheme)/\(label)"] { return own }
    return grade[Grade.level].flatMap { table[$0] }
}
