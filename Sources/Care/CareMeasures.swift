import Catalog
import Institutions
import Kernel
import Ledger
import Registry

/// Insurance, payers and rehabilitation. Definitions: docs/measures.md, *Rates over workers*, *Other measures*.
let measures: [Measure] = [insuranceCoverage, insuredHeadcount, rehabCoverage, payerLinkage]

private let insuranceCoverage = Measure(
    "injury_insurance_coverage", "工伤保险覆盖率", "Work-injury insurance coverage", .rate,
    numerator: ("已参加工伤保险的劳动者", "workers enrolled in work-injury insurance"),
    denominator: ("存在职业病危害单位的在职劳动者", "workers employed at hazard employers"), parameters: ["everyone"],
    clause: "职业病防治法 第7条；工伤保险条例 第2条", files: [(Worker.kind, insuranceStrands)])

private let insuredHeadcount = Measure(
    "injury_insured_headcount", "工伤保险参保人数", "Persons insured against work injury", .level,
    numerator: ("最近年末参保人数", "persons insured at the last year's end"), units: { _ in nil }, of: [InsuredTotal.kind],
    strands: headcountStrands)

private let rehabCoverage = Measure(
    "rehab_township_coverage", "尘肺病康复站乡镇覆盖率", "Townships with a rehabilitation station", .rate,
    numerator: ("有康复站且近期开展服务的乡镇", "such townships with an open station that has lately given services"),
    denominator: ("登记存活尘肺病病人达到规定人数的乡镇", "townships with enough living registered pneumoconiosis patients"),
    parameters: ["rehab.threshold", "rehab.service_months"], units: { $0.level(.township) }, of: [Station.kind, Patient.kind],
    strands: rehabStrands)

private let payerLinkage = Measure(
    "payer_linkage", "支付衔接率", "Payer linkage", .rate,
    numerator: ("各支付方均有办理结果的病人", "patients for whom every payer has come to a result"),
    denominator: ("登记存活的职业病病人", "living registered patients"), parameters: ["payers"], files: [(Worker.kind, payerStrands)])

/// Insurance (Law Art. 7; Regulations on Work-Injury Insurance, Art. 2): a person once, wherever employed at a hazard employer.
func insuranceStrands(_ file: File, _ terms: Terms) -> [Strand] {
    let insured = Timeline<Standing>(
        .unmet("insurance.none"), layers: file.all(Insured.kind).map { ($0.span(Insured.from, Insured.until), .met($0.id)) })
    let places = WorkerPlaces(file).places
    let everyone = terms.flag("everyone")
    let hazardous = places.map { place in
        place.employed.with(place.profile.presence) { employed, presence in employed ? everyone ? .yes : presence : Truth.no }
    }
    let decided = Timeline.joined(hazardous.map { $0.map { $0 == .yes } }, false) { $0 || $1 }
    let parts = zip(places, hazardous).map { place, hazardous in
        // An employer of which nobody knows counts only on days on which no other brings the worker in.
        let days = hazardous.with(decided) { $0 == .yes || $0 == .unknown && !$1 }
        let standing = hazardous.with(insured) { $0 == .unknown ? .unknown("hazards.unknown") : $1 }
        return PlacedStanding(place.employer, days: days, standing, at: place.profile.locus)
    }
    return Strand.person(file.id, parts)
}

/// Each year's figure from its 31 December until the next one; what nobody has reported is unknown.
func headcountStrands(_ unit: UnitFile, _ terms: Terms) -> [Strand] {
    let years = Dictionary(grouping: unit.all(InsuredTotal.kind)) { $0[InsuredTotal.year] ?? 0 }
    let layers = years.sorted { $0.key < $1.key }.map { year, totals in
        (
            span: Span(.lastDay(of: year), .lastDay(of: year + 1)),
            standing: Standing.amount(sum(of: totals), totals.count == 1 ? totals[0].id : "")
        )
    }
    return [.unit(unit, Timeline<Standing>(.unknown("headcount.none"), layers: layers))]
}

/// The figure of a division wins over those of the divisions inside it.
private func sum(of totals: [Record]) -> Double {
    let codes = totals.compactMap { $0[InsuredTotal.division].flatMap { DivisionCode($0) } }
    return totals.reduce(0) { sum, total in
        let code = total[InsuredTotal.division] ?? ""
        let isInside = codes.contains { $0.text != code && $0.contains(code) }
        return isInside ? sum : sum + Double(total[InsuredTotal.persons] ?? 0)
    }
}

/// Townships with patients enough: met while a station there is open that gave a service in the months before.
func rehabStrands(_ unit: UnitFile, _ terms: Terms) -> [Strand] {
    let living = unit.all(Patient.kind).filter { $0[Patient.pneumoconiosis] == true }.map { $0.span(Patient.registered, Patient.died) }
    let threshold = terms.integer("rehab.threshold", 100)
    let months = terms.integer("rehab.service_months", 12)
    let stations = unit.all(Station.kind).map { station in
        let open = station.span(Station.from, Station.until)
        let services = unit.file(station).all(Service.kind).compactMap { service -> (span: Span, standing: Standing)? in
            service[Service.day].map { (Span($0, $0.adding(months: months)), .met(service.id)) }
        }
        return (open: open, services: services.map { (span: $0.span.intersection(open), standing: $0.standing) })
    }
    let layers = stations.map { (span: $0.open, standing: Standing.unmet("service.none")) } + stations.flatMap(\.services)
    let standing = Timeline<Standing>(.unmet("station.none"), layers: layers)
    return [.unit(unit, standing.whenever(count(living).map { $0 >= threshold }))]
}

/// How many of the spans hold on each day.
private func count(_ spans: [Span]) -> Timeline<Int> {
    var steps: [Day: Int] = [:]
    for span in spans where !span.isEmpty {
        steps[span.from, default: 0] += 1
        if span.until < .distantFuture { steps[span.until, default: 0] -= 1 }
    }
    var number = 0
    return Timeline(
        0,
        steps.sorted { $0.key < $1.key }.map { day, step in
            number += step
            return .init(day, number)
        })
}

/// Payers one after another: met when the last entry of each is a result.
func payerStrands(_ file: File, _ terms: Terms) -> [Strand] {
    let payers = terms.list("payers").flatMap { $0.isEmpty ? nil : $0 } ?? (terms.catalog.tables["payer"]?.entries ?? []).map(\.code)
    return file.all(Patient.kind).map { patient in
        let entries = file.all(PayerEntry.kind, of: PayerEntry.patient, patient.id)
        let each = payers.map { payer in standing(entries.filter { $0[PayerEntry.payer] == payer }) }
        let whole = each.isEmpty ? Timeline(.met()) : Timeline.together(each)
        let locus = Timeline(Locus(division: patient[Patient.division]))
        return Strand(patient.id, whole.during([patient.span(Patient.registered, Patient.died)]), at: locus)
    }
}

private func standing(_ entries: [Record]) -> Timeline<Standing> {
    let ordered = entries.sorted { ($0[PayerEntry.day] ?? .distantPast, $0.id) < ($1[PayerEntry.day] ?? .distantPast, $1.id) }
    let results: Set<String> = ["paid", "refused", "not_applicable"]
    return Timeline<Standing>(
        .unmet("payer.missing"),
        layers: ordered.map { entry in
            let isResult = results.contains(entry[PayerEntry.outcome] ?? "")
            return (Span(entry[PayerEntry.day] ?? .distantPast), isResult ? .met(entry.id) : .unmet("payer.open", entry.id))
        })
}
