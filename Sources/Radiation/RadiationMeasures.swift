import Kernel
import Ledger
import Registry

/// Personal dose monitoring of radiation workers (Order 55 of 2007, Art. 11; GBZ 128). Definitions: docs/measures.md, *Rates over workers*.
let measures: [Measure] = [medicalDose, nonmedicalDose]

private let medicalDose = dose(
    "medical_dose_rate", ("医疗机构放射工作人员个人剂量监测率", "Dose monitoring of medical radiation workers"),
    ("医疗机构放射工作人员", "medical radiation workers")
) { $0 == "medical" }

private let nonmedicalDose = dose(
    "nonmedical_dose_rate", ("非医疗机构放射工作人员个人剂量监测率", "Dose monitoring of non-medical radiation workers"),
    ("非医疗机构放射工作人员", "non-medical radiation workers")
) { $0 != "medical" }

private func dose(
    _ name: String, _ title: (zh: String, en: String), _ whom: (zh: String, en: String), _ belongs: @escaping @Sendable (String) -> Bool
) -> Measure {
    Measure(
        name, title.zh, title.en, .rate,
        numerator: ("本年度各已结束监测周期均有个人剂量的" + whom.zh, whom.en + " with a dose for every cycle of the year that has ended"),
        denominator: ("本年度至少完整在岗一个已结束监测周期的" + whom.zh, whom.en + " in post for a whole cycle of the year that has ended"),
        parameters: ["dose.cycle_months", "dose.report_days"], clause: "放射工作人员职业健康管理办法 第11条",
        files: [(Worker.kind, { @Sendable file, terms in doseStrands(file, terms, belongs) })])
}

/// The last year for which cycles are laid out; a post without an end would have them for ever.
private let lastYear = 2050

/// One subject per post; it counts in the measure of its employer's sector, and in both while that is unknown.
private func doseStrands(_ file: File, _ terms: Terms, _ belongs: @Sendable (String) -> Bool) -> [Strand] {
    let cycles = Cycles(months: terms.integer("dose.cycle_months", 3), reportDays: terms.integer("dose.report_days", 30))
    return file.all(RadiationWorker.kind).compactMap { post in
        guard let employer = file.id(RadiationWorker.employer, of: post), let place = file.profile(employer) else { return nil }
        let locus = EmployerProfile(place).locus
        let monitored = cycles.standing(of: post, doses: file.all(Dose.kind, of: Dose.radiationWorker, post.id))
        let standing = monitored.with(locus) { standing, locus -> Standing in
            guard standing.verdict != .out else { return .out }
            guard let sector = locus.sector else { return .unknown("sector.unknown") }
            return belongs(sector) ? standing : .out
        }
        return Strand(post.id, debtor: employer, standing, at: locus)
    }
}

/// Monitoring cycles of calendar years.
private struct Cycles {
    let months: Int
    let reportDays: Int

    /// The cycles that lie wholly in a year.
    func of(_ year: Int) -> [Span] {
        guard (1...12).contains(months) else { return [] }
        let first = Day.firstDay(of: year)
        return (0..<12 / months).map { Span(first.adding(months: $0 * months), first.adding(months: ($0 + 1) * months)) }
    }

    /// A cycle that the post covers wholly counts from the end of the time for reports until its year ends.
    func standing(of post: Record, doses: [Record]) -> Timeline<Standing> {
        let time = post.span(RadiationWorker.from, RadiationWorker.until)
        let years = stride(from: time.from.year, through: min(time.until.year, lastYear), by: 1)
        return Timeline.together(
            years.flatMap { year in
                of(year).filter { time.from <= $0.from && $0.until <= time.until }.map { cycle in
                    standing(of: cycle, doses).during([Span(cycle.until - 1 + reportDays, .firstDay(of: year + 1))])
                }
            })
    }

    /// Whether a cycle has its dose: one record for more than half of its days, with a value or an approved nominal dose.
    private func standing(of cycle: Span, _ doses: [Record]) -> Timeline<Standing> {
        var open: [(Span, Standing)] = []
        var met: [(Span, Standing)] = []
        for dose in doses {
            guard let from = dose[Dose.from], let until = dose[Dose.until] else { continue }
            guard Span(from, until).intersection(cycle).length * 2 > cycle.length else { continue }
            if dose[Dose.dose] != nil || (dose[Dose.nominal] == true && dose[Dose.approved] == true) {
                met.append((Span(until), .met(dose.id)))
            } else if dose[Dose.nominal] == nil || dose[Dose.approved] == nil {
                open.append((Span(until), .unknown("dose.open", dose.id)))
            }
        }
        return Timeline<Standing>(.unmet("dose.missing"), layers: open + met)
    }
}
