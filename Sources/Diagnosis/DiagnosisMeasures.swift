import Catalog
import Institutions
import Kernel
import Ledger
import Registry

/// Cases of occupational disease, their reports and what went before them. Definitions: docs/measures.md, *Rates over workers*,
/// *Counts of cases*. Every case lies in the division that its diagnosis names.
let measures: [Measure] =
    [
        reporting, dustUnderFive, reportQuality,
        cases("chronic_poisoning_cases", "慢性职业性化学中毒新发病例数", "New cases of chronic chemical poisoning", group: "poisoning", acute: false),
        cases("chemical_poisoning_cases", "职业性化学中毒新发病例数", "New cases of chemical poisoning", group: "poisoning"),
        cases("acute_radiation_cases", "急性职业性放射性疾病新发病例数", "New cases of acute radiation disease", group: "radiation", acute: true),
        cases("biological_cases", "职业性传染病新发病例数", "New cases of occupational infectious disease", group: "biological"),
        cases("pneumoconiosis_cases", "职业性尘肺病新发病例数", "New cases of pneumoconiosis", group: "pneumoconiosis"),
        cases("noise_deafness_cases", "职业性噪声聋新发病例数", "New cases of noise-induced deafness", group: "noise_deafness"),
    ] + diagnosisClocks

private let reporting = Measure(
    "diagnosis_reporting_rate", "职业病诊断报告率", "Diagnosis reporting rate", .rate,
    numerator: ("在时限内报告且报告卡完整的病例（或机构）", "confirmed cases reported in time with a complete card, or institutions that did so for each"),
    denominator: ("本年度确诊的职业病病例（或诊断机构）", "confirmed cases of the year, or the institutions that diagnosed them"),
    parameters: ["report.days"],
    clause: "职业病防治法 第50条；国家卫生健康委令第6号",
    files: [(Worker.kind, reportingStrands), (Institution.kind, institutionReportingStrands)])

private let dustUnderFive = Measure(
    "dust_under5_share", "新报告尘肺病接尘工龄不足5年占比", "New pneumoconiosis cases with under five years of dust", .rate,
    numerator: ("接尘工龄不足5年的新报告尘肺病病例", "newly reported pneumoconiosis cases with under five years of dust exposure"),
    denominator: ("本年度新报告的尘肺病（或全部职业病）病例", "newly reported cases of pneumoconiosis, or of every disease"), parameters: ["all_diseases"],
    files: [(Worker.kind, dustStrands)])

private let reportQuality = Measure(
    "report_quality_index", "职业病报告质量指数", "Report quality index", .share,
    numerator: ("报告卡及时、完整、准确三项的加权得分之和", "weighted scores of the cards: timely, complete, accurate"),
    denominator: ("本年度的职业病报告卡", "report cards of the year"), parameters: ["report.days", "quality.weights"],
    files: [(Worker.kind, qualityStrands)])

// MARK: Reporting

/// A confirmed diagnosis with the day on which it was made.
private struct Case {
    let record: Record
    let day: Day
    var locus: Timeline<Locus> { Timeline(Locus(division: record[Diagnosed.division])) }
    /// The days of the year of the diagnosis from the diagnosis on.
    var year: Span { .restOfYear(from: day) }

    init?(_ record: Record) {
        guard record[Diagnosed.confirmed] == true, let day = record[Diagnosed.day] else { return nil }
        (self.record, self.day) = (record, day)
    }
    static func all(_ file: File) -> [Case] { file.all(Diagnosed.kind).compactMap(Case.init) }
}

/// Law Art. 50: a complete card within the days allowed; out before they have passed. The case is the subject, and where
/// institutions are counted, the case that names none that exists.
func reportingStrands(_ file: File, _ terms: Terms) -> [Strand] {
    Case.all(file).compactMap { found in
        let institution = file.profile(file.id(Diagnosed.institution, of: found.record))?.id
        guard terms.unit != "institution" || institution == nil else { return nil }
        return Strand(found.record.id, debtor: institution ?? "", reportingStanding(found, file, terms), at: found.locus)
    }
}

/// An institution that diagnoses, taken together over its cases, at its own place.
func institutionReportingStrands(_ file: File, _ terms: Terms) -> [Strand] {
    guard terms.unit == "institution" else { return [] }
    let cases = file.all(Diagnosed.kind, of: Diagnosed.institution, file.id).compactMap(Case.init)
    let standing = Timeline.together(cases.map { reportingStanding($0, file, terms) })
    return [Strand(file.id, debtor: file.id, standing, at: Timeline(Locus(division: file.root[Institution.division])))]
}

private func reportingStanding(_ found: Case, _ file: File, _ terms: Terms) -> Timeline<Standing> {
    let last = found.day + terms.integer("report.days", 15)
    var short: [(Span, Standing)] = []
    var unknown: [(Span, Standing)] = []
    var met: [(Span, Standing)] = []
    for card in file.all(ReportCard.kind, of: ReportCard.diagnosis, found.record.id) {
        guard let reported = card[ReportCard.reported] else { continue }
        switch (reported <= last, card[ReportCard.complete]) {
        case (false, _): short.append((Span(reported), .unmet("card.late", card.id)))
        case (true, false): short.append((Span(reported), .unmet("card.incomplete", card.id)))
        case (true, nil): unknown.append((Span(reported), .unknown("card.completeness-unknown", card.id)))
        case (true, true): met.append((Span(reported), .met(card.id)))
        }
    }
    return Timeline<Standing>(.unmet("card.none"), layers: short + unknown + met).pending(until: last + 1).during([found.year])
}

// MARK: Dust

/// Fewer days of dust than this before the diagnosis are under five years.
private let fiveYears = 1826

/// Cases by the year of their first card. With `all_diseases` the other diseases are in the denominator too.
func dustStrands(_ file: File, _ terms: Terms) -> [Strand] {
    Case.all(file).compactMap { found in
        let isDust = terms.group(ofDisease: found.record[Diagnosed.disease] ?? "") == "pneumoconiosis"
        guard isDust || terms.flag("all_diseases") else { return nil }
        let cards = file.all(ReportCard.kind, of: ReportCard.diagnosis, found.record.id)
        guard let reported = cards.compactMap({ $0[ReportCard.reported] }).min() else { return nil }
        // The record of a later day plays no part before it.
        let days = Span.restOfYear(from: reported).intersection(Span(found.day))
        let standing = isDust ? dustStanding(found, file, terms) : .unmet("disease.other", found.record.id)
        return Strand(found.record.id, Timeline(Standing.out, standing, during: [days]), at: found.locus)
    }
}

/// The days in the union of all dust exposures before the diagnosis, at all employers; the years stated where none is recorded.
private func dustStanding(_ found: Case, _ file: File, _ terms: Terms) -> Standing {
    let id = found.record.id
    let before = file.all(Exposed.kind).filter { ($0[Exposed.from] ?? .distantPast) < found.day }
    let dust = before.filter { ($0[Exposed.factors] ?? []).contains { terms.group(of: $0) == "dust" } }
    if dust.isEmpty {
        guard let years = found.record[Diagnosed.dustYears] else { return .unknown("dust.history-unknown", id) }
        return years < 5 ? .met(id) : .unmet("dust.five-years", id)
    }
    let known = dust.filter { $0[Exposed.from] != nil }.map {
        $0.span(Exposed.from, Exposed.until).intersection(Span(.distantPast, found.day))
    }
    let days = Span.union(known).reduce(0) { $0 + $1.length }
    if days >= fiveYears { return .unmet("dust.five-years", id) }
    let open = dust.contains { $0[Exposed.from] == nil } || before.contains { ($0[Exposed.factors] ?? []).isEmpty }
    return open ? .unknown("dust.history-unknown", id) : .met(id)
}

// MARK: Counts

private func cases(_ name: String, _ zh: String, _ en: String, group: String, acute: Bool? = nil) -> Measure {
    Measure(
        name, zh, en, .count, numerator: ("本年度确诊病例", "confirmed cases of the year"),
        files: [(Worker.kind, { @Sendable file, terms in caseStrands(file, terms, group: group, acute: acute) })])
}

/// Each confirmed case of a disease group until its year ends; acute or not where the measure asks.
private func caseStrands(_ file: File, _ terms: Terms, group: String, acute: Bool?) -> [Strand] {
    Case.all(file).compactMap { found in
        let id = found.record.id
        guard terms.group(ofDisease: found.record[Diagnosed.disease] ?? "") == group else { return nil }
        var standing = Standing.amount(1, id)
        if let acute {
            guard found.record[Diagnosed.acute] ?? acute == acute else { return nil }
            if found.record[Diagnosed.acute] == nil { standing = .unknown("acute.unknown", id) }
        }
        return Strand(id, Timeline(.out, standing, during: [found.year]), at: found.locus)
    }
}

// MARK: Quality

/// Each card scores its share of timely, complete and accurate.
func qualityStrands(_ file: File, _ terms: Terms) -> [Strand] {
    let weights = weights(terms)
    return file.all(Diagnosed.kind).flatMap { diagnosis -> [Strand] in
        guard let day = diagnosis[Diagnosed.day] else { return [] }
        return file.all(ReportCard.kind, of: ReportCard.diagnosis, diagnosis.id).compactMap { card in
            guard let reported = card[ReportCard.reported] else { return nil }
            let isTimely = reported <= day + terms.integer("report.days", 15)
            let days = Span.restOfYear(from: reported).intersection(Span(day))
            let standing = Timeline(Standing.out, score(card, isTimely: isTimely, weights), during: [days])
            return Strand(card.id, standing, at: Timeline(Locus(division: diagnosis[Diagnosed.division])))
        }
    }
}

private func score(_ card: Record, isTimely: Bool, _ weights: [Double]) -> Standing {
    guard let complete = card[ReportCard.complete] else { return .unknown("card.completeness-unknown", card.id) }
    guard let accurate = card[ReportCard.accurate] else { return .unknown("card.accuracy-unknown", card.id) }
    let points = zip(weights, [isTimely, complete, accurate]).reduce(0.0) { $0 + ($1.1 ? $1.0 : 0) }
    return .amount(points / weights.reduce(0, +), over: 1, card.id)
}

/// `1:1:1`; a list of three numbers with another sign between them is read alike.
private func weights(_ terms: Terms) -> [Double] {
    let numbers = (terms.text("quality.weights") ?? "").split { ":;,".contains($0) }.compactMap { Double($0) }
    return numbers.count == 3 && numbers.reduce(0, +) > 0 ? numbers : [1, 1, 1]
}
