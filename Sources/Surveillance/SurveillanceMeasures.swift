import Catalog
import Institutions
import Kernel
import Ledger
import Registry

/// 在岗期间职业健康检查率: each factor of each exposure asks for an examination in the cycle behind the day (Law Art. 35, GBZ 188).
private let inServiceExamRate = Measure(
    "in_service_exam_rate", "在岗期间职业健康检查率", "In-service health examination rate", .rate,
    numerator: ("在检查周期内接受了涵盖所接触全部危害因素的职业健康检查的劳动者", "workers examined within the cycle for every factor they are exposed to"),
    denominator: ("接触职业病危害的在岗劳动者（尚在首个周期内的除外）", "workers exposed to hazards, those still in their first cycle aside"),
    parameters: ["exam.cycle_months"], clause: "职业病防治法 第35条",
    files: [(Worker.kind, examStrands)])

/// 劳动者职业健康监护档案建档率: a worker and an employer, and the four parts of the file (Law Art. 36).
private let workerFileRate = Measure(
    "worker_file_rate", "职业健康监护档案建档率", "Surveillance file rate", .rate,
    numerator: ("已建立内容齐全的职业健康监护档案的劳动者（按用人单位）", "workers with a complete surveillance file, per employer"),
    denominator: ("接触职业病危害的在岗劳动者（按用人单位）", "workers exposed to hazards, per employer"), clause: "职业病防治法 第36条",
    files: [(Worker.kind, fileStrands)])

let measures: [Measure] = [inServiceExamRate, workerFileRate]

/// The person once, or each pair where the unit is `worker-employer`.
private func examStrands(_ file: File, _ terms: Terms) -> [Strand] {
    let exams = Examinations(file, cycle: terms.integer("exam.cycle_months", 12))
    let parts = WorkerPlaces(file).places.filter { !$0.exposures.isEmpty }.map { place in
        PlacedStanding(place.employer, days: place.exposed, exams.standing(of: place.exposures), at: place.profile.locus)
    }
    guard terms.unit == "worker-employer" else { return Strand.person(file.id, parts) }
    return parts.map { part in
        Strand("\(file.id)|\(part.employer)", debtor: part.employer, part.standing.whenever(part.days), at: part.locus)
    }
}

/// A worker's examinations that count towards the duty, by day.
private struct Examinations {
    struct Held {
        let id: String
        let isPreEmployment: Bool
        let span: Span
        /// Whether the institution was qualified on the day; unknown where none is named.
        let qualified: Truth
        /// Blank factors are unknown.
        let factors: [String]?
    }
    let cycle: Int
    let all: [Held]

    init(_ file: File, cycle: Int) {
        self.cycle = cycle
        let found = file.all(Exam.kind).compactMap { exam -> Held? in
            guard let day = exam[Exam.day], let stage = exam[Exam.stage], ["in_service", "pre_employment"].contains(stage) else {
                return nil
            }
            let qualified = Truth(
                exam[Exam.institution].map { file.profile($0).map { InstitutionProfile($0).isQualified(for: "exam", on: day) } ?? false })
            let span = Span(day, day.adding(months: cycle))
            return Held(
                id: exam.id, isPreEmployment: stage == "pre_employment", span: span, qualified: qualified, factors: exam[Exam.factors])
        }
        all = found.sorted { ($0.span.from, $0.id) < ($1.span.from, $1.id) }
    }

    /// The parts of an employer's exposures: every factor of each while it is present.
    func standing(of exposures: [Record]) -> Timeline<Standing> {
        Timeline.together(
            exposures.flatMap { exposure in
                let days = [exposure.span(Exposed.from, Exposed.until)]
                guard let factors = exposure[Exposed.factors], !factors.isEmpty else {
                    return [Timeline<Standing>(.out, .unknown("factors.unknown", exposure.id), during: days)]
                }
                return factors.map { standing(of: $0, since: exposure[Exposed.from]).during(days) }
            })
    }

    /// One factor of an exposure that began on a day, or has always been.
    private func standing(of factor: String, since from: Day?) -> Timeline<Standing> {
        let firstCycleEnds = from?.adding(months: cycle)
        var overdue: [(Span, Standing)] = []
        var missing: [(Span, Standing)] = []
        var unqualified: [(Span, Standing)] = []
        var unknown: [(Span, Standing)] = []
        var met: [(Span, Standing)] = []
        for exam in all {
            // An examination before employment stands for the first cycle of the exposure and no longer.
            let span = exam.isPreEmployment ? exam.span.intersection(Span(.distantPast, firstCycleEnds ?? .distantPast)) : exam.span
            switch (exam.factors.map { $0.contains(factor) }, exam.qualified) {
            case (false, _): missing.append((span, .unmet("exam.factor-missing", exam.id)))
            case (_, .no): unqualified.append((span, .unmet("qualification.none", exam.id)))
            case (true, .yes):
                met.append((span, .met(exam.id)))
                overdue.append((Span(span.until), .unmet("exam.overdue", exam.id)))
            case (true, .unknown): unknown.append((span, .unknown("institution.unknown", exam.id)))
            case (nil, _): unknown.append((span, .unknown("exam.factors-unknown", exam.id)))
            }
        }
        return Timeline<Standing>(.unmet("exam.none"), layers: overdue + missing + unqualified + unknown + met).pending(
            until: firstCycleEnds)
    }
}

private func fileStrands(_ file: File, _ terms: Terms) -> [Strand] {
    let wanted = Set((terms.catalog.tables["surveillance_part"]?.entries ?? []).map(\.code))
    let kept = file.all(SurveillanceFile.kind)
    return WorkerPlaces(file).places.filter { !$0.exposures.isEmpty }.map { place in
        let own = kept.filter { file.id(SurveillanceFile.employer, of: $0) == place.employer }
        let standing = fileStanding(own, wanted: wanted).whenever(place.exposed)
        return Strand("\(file.id)|\(place.employer)", debtor: place.employer, standing, at: place.profile.locus)
    }
}

/// From the day of a file that has every part; a file whose parts were not entered may be complete.
private func fileStanding(_ files: [Record], wanted: Set<String>) -> Timeline<Standing> {
    var short: [(Span, Standing)] = []
    var unknown: [(Span, Standing)] = []
    var met: [(Span, Standing)] = []
    for file in files {
        guard let day = file[SurveillanceFile.day] else { continue }
        if let parts = file[SurveillanceFile.parts], !parts.isEmpty {
            if wanted.isSubset(of: parts) {
                met.append((Span(day), .met(file.id)))
            } else {
                short.append((Span(day), .unmet("file.incomplete", file.id)))
            }
        } else {
            unknown.append((Span(day), .unknown("file.parts-unknown", file.id)))
        }
    }
    return Timeline<Standing>(.unmet("file.none"), layers: short + unknown + met)
}
