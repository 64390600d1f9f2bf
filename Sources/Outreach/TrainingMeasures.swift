import Kernel
import Ledger
import Registry

/// Training of principals and managers. Definitions: docs/measures.md, *Rates over employers*.
let trainingMeasures: [Measure] = [principalTraining, managerTraining]

private let trainingClause = "职业病防治法 第34条；国家卫生健康委令第5号 第9条"

private let principalTraining = Measure(
    "principal_training_rate", "主要负责人职业卫生培训率", "Principals trained", .rate,
    numerator: ("主要负责人培训有效的单位", "hazard employers whose principal's training is valid"),
    denominator: ("存在职业病危害的单位", "hazard employers"), parameters: ["training.valid_months"], clause: trainingClause,
    files: [(Employer.kind, principalTrainingStrands)])

private let managerTraining = Measure(
    "manager_training_rate", "职业卫生管理人员培训率", "Managers trained", .rate,
    numerator: ("培训有效的职业卫生管理人员", "occupational-health managers whose training is valid"),
    denominator: ("存在职业病危害单位的职业卫生管理人员", "occupational-health managers of hazard employers"), parameters: ["training.valid_months"],
    clause: trainingClause, files: [(Employer.kind, managerTrainingStrands)])

/// Principals (Law Art. 34): one subject, the employer; a new principal is untrained until trained.
func principalTrainingStrands(_ file: File, _ terms: Terms) -> [Strand] {
    let profile = EmployerProfile(file)
    let standing = inOffice(roles(file, "principal")).expand { principal in
        principal.map { training(of: $0.id, file, terms) } ?? Timeline(.unmet("principal.none"))
    }
    return [Strand(file.id, debtor: file.id, profile.whileHazardous(standing), at: profile.locus)]
}

/// Managers (Law Art. 34): each in office, and the employer itself while it has none or nobody knows whether it needs one.
func managerTrainingStrands(_ file: File, _ terms: Terms) -> [Strand] {
    let profile = EmployerProfile(file)
    let isHazardous = profile.hazardous.map { $0 == .yes }
    let managers = roles(file, "oh_manager")
    let each = managers.map { manager in
        let standing = training(of: manager.id, file, terms).during([manager.span(PersonRole.from, PersonRole.until)])
        return Strand(manager.id, debtor: file.id, standing.whenever(isHazardous), at: profile.locus)
    }
    let isManaged = Timeline(false, true, during: managers.map { $0.span(PersonRole.from, PersonRole.until) })
    let unmanaged = profile.whileHazardous(isManaged.map { $0 ? .out : .unmet("manager.none") })
    return each + [Strand(file.id, debtor: file.id, unmanaged, at: profile.locus)]
}

private func roles(_ file: File, _ role: String) -> [Record] { file.all(PersonRole.kind).filter { $0[PersonRole.role] == role } }

/// Who holds an office on each day: of several the last to begin, of those the one with the greatest id.
private func inOffice(_ roles: [Record]) -> Timeline<Holder?> {
    let each = roles.map { role in
        let span = role.span(PersonRole.from, PersonRole.until)
        return Timeline<Holder?>(nil, Holder(from: span.from, id: role.id), during: [span])
    }
    return Timeline.joined(each, nil) { left, right in
        guard let left, let right else { return left ?? right }
        return (left.from, left.id) < (right.from, right.id) ? right : left
    }
}
private struct Holder: Equatable, Sendable {
    let from: Day
    let id: String
}

/// Whether a person's training is valid: until the day that a certificate states, else for the months of the parameter.
private func training(of person: String, _ file: File, _ terms: Terms) -> Timeline<Standing> {
    let months = terms.integer("training.valid_months", 12)
    let held = file.all(Training.kind, of: Training.person, person).compactMap { record -> Evidence? in
        record[Training.day].map { Evidence(Span($0, record[Training.until] ?? $0.adding(months: months)), record) }
    }
    let first = held.map(\.span.from).min() ?? .distantFuture
    let missing = Timeline<Standing>(.unmet("training.none", person), [.init(first, .unmet("training.expired", person))])
    return Timeline.met(by: held, else: .unmet("training.none", person)).with(missing) { $0.verdict == .met ? $0 : $1 }
}
