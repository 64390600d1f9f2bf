import Catalog
import Institutions
import Kernel
import Ledger
import Registry

/// The clocks of suspected cases, diagnosis and appraisal 疑似职业病、诊断、鉴定时限. Definitions: docs/clocks.md.
let diagnosisClocks: [Measure] = [
    workerClock("suspected_report", "报告疑似职业病", "Report the suspected case", "职业病防治法 第50条；职业健康检查管理办法", suspectedReports),
    workerClock("suspected_diagnosis", "安排疑似职业病诊断", "Arrange the diagnosis of a suspected case", "职业病防治法 第55条；GBZ 188-2025", arrangements),
    workerClock("acute_report", "报告急性职业病", "Report the acute case", "职业病防治法 第50条；职业病报告办法", acuteReports),
    workerClock("diagnosis_decision", "作出诊断结论", "Decide the diagnosis", "国家卫生健康委令第6号", decisions),
    workerClock("certificate_delivery", "送达诊断证明书", "Deliver the certificate", "国家卫生健康委令第6号 第30条", deliveries),
    workerClock(
        "appraisal_application_first", "申请首次鉴定（当事人的权利）", "Apply for a first appraisal (a right)", "国家卫生健康委令第6号 第34条",
        firstApplications),
    workerClock(
        "appraisal_application_second", "申请再鉴定（当事人的权利）", "Apply for a second appraisal (a right)", "国家卫生健康委令第6号 第35条",
        secondApplications),
    workerClock("appraisal_acceptance", "审核鉴定申请资料", "Review the application for appraisal", "国家卫生健康委令第6号", acceptances),
    workerClock("appraisal_materials", "移交诊断、鉴定资料", "Hand over the materials of the diagnosis", "国家卫生健康委令第6号", handovers),
    workerClock("appraisal_conclusion", "形成鉴定结论", "Conclude the appraisal", "国家卫生健康委令第6号", conclusions),
    workerClock("appraisal_certificate", "出具鉴定书", "Make out the appraisal", "国家卫生健康委令第6号", certificates),
]

private func workerClock(
    _ name: String, _ zh: String, _ en: String, _ clause: String, _ strands: @escaping @Sendable (File, Terms) -> [Strand]
) -> Measure { .clock(name, zh, en, clause: clause, files: [(Worker.kind, strands)]) }

// MARK: Suspected cases

/// Law Art. 50 binds both: the institution that found the case reports it; where none is named, the employer.
func suspectedReports(_ file: File, _ terms: Terms) -> [Strand] {
    file.all(Suspected.kind).map { found in
        let run = ClockRun(
            "suspected_report", from: found[Suspected.day], done: found[Suspected.reported], record: found.id, doneBy: found.id)
        let debtor = file.profile(file.id(Suspected.institution, of: found)) ?? file.profile(file.id(Suspected.employer, of: found))
        return Strand(found.id, debtor: debtor?.id ?? "", run.standing(terms), at: file.place(of: found))
    }
}

/// The employer arranges the diagnosis, counted from the day on which it was told; an application for diagnosis shows it too.
func arrangements(_ file: File, _ terms: Terms) -> [Strand] {
    file.all(Suspected.kind).compactMap { found in
        guard let employer = file.profile(file.id(Suspected.employer, of: found)) else { return nil }
        let applied = file.all(DiagnosisCase.kind).filter { file.id(DiagnosisCase.suspected, of: $0) == found.id }
            .compactMap { $0[DiagnosisCase.applied] }
        let done = ([found[Suspected.arranged]].compactMap { $0 } + applied).min()
        let run = ClockRun(
            "suspected_diagnosis", from: found[Suspected.informed], done: done, notBefore: found[Suspected.day], record: found.id,
            doneBy: found.id)
        return Strand(found.id, debtor: employer.id, run.standing(terms), at: file.place(of: found))
    }
}

extension File {
    /// Where a suspected case counts: at its employer, else where the institution is that found it.
    fileprivate func place(of suspected: Record) -> Timeline<Locus> {
        if let employer = profile(id(Suspected.employer, of: suspected)) { return EmployerProfile(employer).locus }
        let institution = profile(id(Suspected.institution, of: suspected))
        return Timeline(Locus(division: institution?.root[Institution.division]))
    }
}

// MARK: Acute cases

/// Confirmed cases that are acute, until their first report card. A poisoning of which nobody says whether it was acute is unknown
/// in the year of its diagnosis.
func acuteReports(_ file: File, _ terms: Terms) -> [Strand] {
    file.all(Diagnosed.kind).compactMap { diagnosis in
        guard diagnosis[Diagnosed.confirmed] == true, let day = diagnosis[Diagnosed.day] else { return nil }
        let institution = file.profile(file.id(Diagnosed.institution, of: diagnosis))?.id ?? ""
        let locus = Timeline(Locus(division: diagnosis[Diagnosed.division]))
        switch diagnosis[Diagnosed.acute] {
        case false?: return nil
        case nil:
            guard terms.group(ofDisease: diagnosis[Diagnosed.disease] ?? "") == "poisoning" else { return nil }
            let standing = Timeline(Standing.out, .unknown("acute.unknown", diagnosis.id), during: [.restOfYear(from: day)])
            return Strand(diagnosis.id, debtor: institution, standing, at: locus)
        case true?:
            let cards = file.all(ReportCard.kind, of: ReportCard.diagnosis, diagnosis.id)
            let first = cards.filter { $0[ReportCard.reported] != nil }.min {
                ($0[ReportCard.reported] ?? day, $0.id) < ($1[ReportCard.reported] ?? day, $1.id)
            }
            let run = ClockRun(
                "acute_report", from: day, done: first?[ReportCard.reported], record: diagnosis.id, doneBy: first?.id ?? "")
            return Strand(diagnosis.id, debtor: institution, run.standing(terms), at: locus)
        }
    }
}

// MARK: Diagnosis

/// A case with the runs of its clocks, owed at its own place.
private func caseStrands(
    _ file: File, _ terms: Terms, debtor: (Record) -> String, _ run: (Record) -> ClockRun?
) -> [Strand] {
    file.all(DiagnosisCase.kind).compactMap { dossier in
        run(dossier).map {
            Strand(
                dossier.id, debtor: debtor(dossier), $0.standing(terms), at: Timeline(Locus(division: dossier[DiagnosisCase.division])))
        }
    }
}

extension File {
    fileprivate func institution(of dossier: Record) -> String { profile(id(DiagnosisCase.institution, of: dossier))?.id ?? "" }
    fileprivate func appraisals(of dossier: Record, level: String) -> [Record] {
        all(Appraisal.kind, of: Appraisal.dossier, dossier.id).filter { $0[Appraisal.level] == level }.sorted {
            ($0[Appraisal.applied] ?? .distantFuture, $0.id) < ($1[Appraisal.applied] ?? .distantFuture, $1.id)
        }
    }
}

/// From complete materials to the decision. Where their day is blank nobody can tell, from the acceptance on.
func decisions(_ file: File, _ terms: Terms) -> [Strand] {
    caseStrands(file, terms, debtor: file.institution) { dossier in
        ClockRun(
            "diagnosis_decision", from: dossier[DiagnosisCase.materials], done: dossier[DiagnosisCase.decided],
            notBefore: dossier[DiagnosisCase.accepted] ?? dossier[DiagnosisCase.applied], record: dossier.id, doneBy: dossier.id)
    }
}

/// From the certificate to its delivery. Not yet decided: not yet owed.
func deliveries(_ file: File, _ terms: Terms) -> [Strand] {
    caseStrands(file, terms, debtor: file.institution) { dossier in
        guard dossier[DiagnosisCase.decided] != nil || dossier[DiagnosisCase.delivered] != nil else { return nil }
        return ClockRun(
            "certificate_delivery", from: dossier[DiagnosisCase.decided], done: dossier[DiagnosisCase.delivered],
            notBefore: dossier[DiagnosisCase.applied], record: dossier.id, doneBy: dossier.id)
    }
}

// MARK: Appraisal

/// The parties' right to a first appraisal, from the delivery of the certificate: open, used, or lapsed without anybody's breach.
func firstApplications(_ file: File, _ terms: Terms) -> [Strand] {
    caseStrands(file, terms, debtor: { _ in "" }) { dossier in
        let first = file.appraisals(of: dossier, level: "first").first
        return right(
            "appraisal_application_first", from: dossier[DiagnosisCase.delivered],
            notBefore: dossier[DiagnosisCase.decided] ?? dossier[DiagnosisCase.applied], of: dossier, used: first)
    }
}

/// The right to a second one, from the delivery of the first.
func secondApplications(_ file: File, _ terms: Terms) -> [Strand] {
    caseStrands(file, terms, debtor: { _ in "" }) { dossier in
        let second = file.appraisals(of: dossier, level: "second").first
        guard let first = file.appraisals(of: dossier, level: "first").first else {
            return right(
                "appraisal_application_second", from: nil, notBefore: dossier[DiagnosisCase.applied], of: dossier, used: second)
        }
        return right(
            "appraisal_application_second", from: first[Appraisal.delivered],
            notBefore: first[Appraisal.issued] ?? first[Appraisal.concluded] ?? first[Appraisal.applied], of: first, used: second)
    }
}

private func right(
    _ clock: String, from start: Day?, notBefore: Day?, of record: Record, used appraisal: Record?
) -> ClockRun? {
    guard start != nil || appraisal != nil else { return nil }
    return ClockRun(
        clock, from: start, done: appraisal?[Appraisal.applied], notBefore: notBefore, record: record.id, doneBy: appraisal?.id ?? "")
}

/// Each appraisal with the run of a clock of it, at the place of its case.
private func appraisalStrands(
    _ file: File, _ terms: Terms, debtor: (Record, Record) -> String = { _, _ in "" }, _ run: (Record) -> ClockRun?
) -> [Strand] {
    file.all(DiagnosisCase.kind).flatMap { dossier in
        file.all(Appraisal.kind, of: Appraisal.dossier, dossier.id).compactMap { appraisal in
            run(appraisal).map {
                Strand(
                    appraisal.id, debtor: debtor(dossier, appraisal), $0.standing(terms),
                    at: Timeline(Locus(division: dossier[DiagnosisCase.division])))
            }
        }
    }
}

func acceptances(_ file: File, _ terms: Terms) -> [Strand] {
    appraisalStrands(file, terms) { appraisal in
        ClockRun(
            "appraisal_acceptance", from: appraisal[Appraisal.applied], done: appraisal[Appraisal.accepted], record: appraisal.id,
            doneBy: appraisal.id)
    }
}

/// Owed by the diagnosing institution in a first appraisal; in a second by the authority that held the first.
func handovers(_ file: File, _ terms: Terms) -> [Strand] {
    appraisalStrands(
        file, terms, debtor: { dossier, appraisal in appraisal[Appraisal.level] == "first" ? file.institution(of: dossier) : "" }
    ) {
        appraisal in
        guard appraisal[Appraisal.requested] != nil || appraisal[Appraisal.handed] != nil else { return nil }
        return ClockRun(
            "appraisal_materials", from: appraisal[Appraisal.requested], done: appraisal[Appraisal.handed], record: appraisal.id,
            doneBy: appraisal.id)
    }
}

func conclusions(_ file: File, _ terms: Terms) -> [Strand] {
    appraisalStrands(file, terms) { appraisal in
        guard appraisal[Appraisal.accepted] != nil || appraisal[Appraisal.concluded] != nil else { return nil }
        return ClockRun(
            "appraisal_conclusion", from: appraisal[Appraisal.accepted], done: appraisal[Appraisal.concluded],
            notBefore: appraisal[Appraisal.applied], record: appraisal.id, doneBy: appraisal.id)
    }
}

/// Until 2021 fifteen days from the conclusion, since then within the forty days from the acceptance: by the edition of the day on which
/// the appraisal was accepted.
func certificates(_ file: File, _ terms: Terms) -> [Strand] {
    let clock = terms.catalog.clocks["appraisal_certificate"]
    return appraisalStrands(file, terms) { appraisal in
        let accepted = appraisal[Appraisal.accepted]
        guard accepted != nil || appraisal[Appraisal.concluded] != nil || appraisal[Appraisal.issued] != nil else { return nil }
        let isFromConclusion = accepted.flatMap { clock?.edition(on: $0) }?.event == "concluded"
        let start = isFromConclusion ? appraisal[Appraisal.concluded] : accepted
        // An appraisal of the older order that is not concluded owes no certificate yet.
        guard !isFromConclusion || start != nil || appraisal[Appraisal.issued] != nil else { return nil }
        return ClockRun(
            "appraisal_certificate", from: start, done: appraisal[Appraisal.issued], notBefore: appraisal[Appraisal.applied],
            record: appraisal.id, doneBy: appraisal.id, reference: accepted)
    }
}
