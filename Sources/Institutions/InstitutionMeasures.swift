import Catalog
import Kernel
import Ledger

/// Officers and institutions. Definitions: docs/measures.md, *Other measures*.
let measures: [Measure] = [officerTraining, cityInstitute, cityDiagnosis, countyExam]

private let officerTraining = Measure(
    "officer_training_rate", "监管人员培训率", "Supervision officers trained", .rate,
    numerator: ("本年度培训学时达标的监管人员", "officers trained for enough hours in the year"),
    denominator: ("本年度在岗的监管人员", "officers on the roster in the year"), parameters: ["officer.hours"],
    files: [(Officer.kind, officerStrands)])

private let cityInstitute = presence(
    "city_institute_exists", "设区的市职业病防治院所设置率", "Prefectures with an institute", .prefecture, service: "institute", isPublic: false,
    numerator: ("有职业病防治院所的设区的市", "prefectures with an institute for the prevention of occupational disease"),
    denominator: ("设区的市", "prefectures"))

private let cityDiagnosis = presence(
    "city_public_diagnosis", "设区的市公立诊断机构设置率", "Prefectures with a public diagnosis institution", .prefecture, service: "diagnosis",
    isPublic: true, numerator: ("有公立职业病诊断机构的设区的市", "prefectures with a public diagnosis institution"),
    denominator: ("设区的市", "prefectures"))

private let countyExam = presence(
    "county_public_exam", "县区公立职业健康检查机构设置率", "Counties with a public examination institution", .county, service: "exam", isPublic: true,
    numerator: ("有公立职业健康检查机构的县区", "counties with a public examination institution"), denominator: ("县区", "counties"))

/// On the roster on any day of the year, until the year ends; met from the day on which the hours of the year are enough.
func officerStrands(_ file: File, _ terms: Terms) -> [Strand] {
    let roster = file.root.span(Officer.from, Officer.until)
    guard !roster.isEmpty else { return [] }
    let counts = Span(roster.from, roster.until < .distantFuture ? .firstDay(of: (roster.until - 1).year + 1) : .distantFuture)
    let years = Dictionary(grouping: file.all(OfficerTraining.kind)) { $0[OfficerTraining.day]?.year ?? 0 }
    let needed = terms.number("officer.hours", 8)
    let untrained = Standing.unmet("training.none")
    let trained = Timeline(
        untrained,
        years.sorted { $0.key < $1.key }.flatMap { year, trainings in
            changes(trainings, needed: needed) + [.init(.firstDay(of: year + 1), untrained)]
        })
    let standing = trained.with(Timeline<Bool>(false, true, during: [counts])) { $1 ? $0 : .out }
    return [Strand(file.id, standing, at: Timeline(Locus(division: file.root[Officer.division])))]
}

/// What the trainings of one year add up to, from each on.
private func changes(_ trainings: [Record], needed: Double) -> [Timeline<Standing>.Change] {
    let ordered = trainings.sorted { ($0[OfficerTraining.day] ?? .distantPast, $0.id) < ($1[OfficerTraining.day] ?? .distantPast, $1.id) }
    var hours = 0.0
    var isOpen = false
    return ordered.compactMap { training in
        guard let day = training[OfficerTraining.day] else { return nil }
        hours += training[OfficerTraining.hours] ?? 0
        isOpen = isOpen || training[OfficerTraining.hours] == nil
        let id = training.id
        return .init(day, hours >= needed ? .met(id) : isOpen ? .unknown("hours.unknown", id) : .unmet("hours.short", id))
    }
}

private func presence(
    _ name: String, _ zh: String, _ en: String, _ level: DivisionCode.Level, service: String, isPublic: Bool,
    numerator: (zh: String, en: String), denominator: (zh: String, en: String)
) -> Measure {
    Measure(
        name, zh, en, .rate, numerator: numerator, denominator: denominator, parameters: ["level"],
        units: { $0.level(level) }, of: [Institution.kind]
    ) { unit, _ in presenceStrands(unit, service: service, isPublic: isPublic) }
}

/// Met while an institution operates in the unit with the qualification in force, public where that is asked.
private func presenceStrands(_ unit: UnitFile, service: String, isPublic: Bool) -> [Strand] {
    let each = unit.all(Institution.kind).map { record -> Timeline<Standing> in
        let profile = InstitutionProfile(unit.file(record))
        let present = profile.operating.with(profile.qualified(for: service)) { $0 && $1 }
        let standing: Standing
        switch isPublic ? Truth(profile.isPublic) : .yes {
        case .yes: standing = .met(record.id)
        case .unknown: standing = .unknown("public.unknown", record.id)
        case .no: standing = none
        }
        return present.map { $0 ? standing : none }
    }
    return [.unit(unit, Timeline.joined(each, none, better))]
}

private let none = Standing.unmet("institution.none")
/// One institution is enough; the first of several decides.
private func better(_ left: Standing, _ right: Standing) -> Standing {
    let order: [Standing.Verdict] = [.met, .unknown, .unmet]
    return (order.firstIndex(of: left.verdict) ?? 3) <= (order.firstIndex(of: right.verdict) ?? 3) ? left : right
}
