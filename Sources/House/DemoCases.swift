import Care
import Diagnosis
import Enforcement
import Kernel
import Ledger
import Registry

/// Cases: who fell ill, after which years of exposure, how it was reported, and who pays and follows up.
extension DemoWorld {
    private struct Illness {
        let disease: String
        let factors: Set<String>
        var category: String?
        var acute = false
    }

    private static let dusts: [(Illness, Int)] = [
        (Illness(disease: "矽肺", factors: ["矽尘"]), 45), (Illness(disease: "煤工尘肺", factors: ["煤尘"]), 20),
        (Illness(disease: "电焊工尘肺", factors: ["电焊烟尘"]), 15),
        (Illness(disease: "水泥尘肺", factors: ["水泥粉尘"]), 6), (Illness(disease: "陶工尘肺", factors: ["陶土粉尘"]), 6),
        (Illness(disease: "铸工尘肺", factors: ["铸造粉尘"]), 8),
    ]
    private static let poisonings: [(Illness, Int)] = [
        (Illness(disease: "苯中毒", factors: ["苯"]), 8), (Illness(disease: "铅及其化合物中毒", factors: ["铅及其化合物"]), 5),
        (Illness(disease: "正己烷中毒", factors: ["正己烷"]), 4),
        (Illness(disease: "锰及其化合物中毒", factors: ["锰及其化合物"]), 2), (Illness(disease: "一氧化碳中毒", factors: ["一氧化碳"], acute: true), 2),
        (Illness(disease: "氯气中毒", factors: ["氯气"], acute: true), 1),
    ]
    private static let others: [(Illness, Int)] = [
        (Illness(disease: "接触性皮炎", factors: ["铬及其化合物", "甲醛"], category: "chemical"), 4),
        (Illness(disease: "中暑", factors: ["高温"], category: "physical", acute: true), 3),
        (Illness(disease: "手臂振动病", factors: ["振动"], category: "physical"), 2),
    ]

    func diagnoses(in year: Int) {
        let isBefore = year < plan.lowerBound
        var cases = DemoFacts.jiaxingBefore[year].flatMap { isBefore ? $0 : nil } ?? profile.cases(in: year, of: plan)
        let last = min(.lastDay(of: year) - 1, horizon)
        if year > plan.upperBound { cases = DemoCases(dust: cases.dust / 2, noise: cases.noise / 2) }
        let part = plan.count > 1 ? Double(min(max(year, plan.lowerBound), plan.upperBound) - plan.lowerBound) / Double(plan.count - 1) : 1
        let early = Int((Double(cases.dust) * (profile.underFive.0 + (profile.underFive.1 - profile.underFive.0) * part)).rounded())
        for index in 0..<cases.dust { diagnose(drawn(DemoWorld.dusts), in: year, until: last, short: index < early) }
        for _ in 0..<cases.noise { diagnose(Illness(disease: "噪声聋", factors: ["噪声"]), in: year, until: last) }
        for _ in 0..<cases.poisoning { diagnose(drawn(DemoWorld.poisonings), in: year, until: last) }
        for _ in 0..<cases.biological { diagnose(Illness(disease: "布鲁氏菌病", factors: ["布鲁氏菌"]), in: year, until: last) }
        for _ in 0..<cases.other { diagnose(drawn(DemoWorld.others), in: year, until: last) }
        for _ in 0..<max(1, cases.total / 10) where !isBefore { diagnose(drawn(DemoWorld.dusts), in: year, until: last, confirmed: false) }
    }

    /// An illness that some employer of the place can be liable for.
    private func drawn(_ list: [(Illness, Int)]) -> Illness {
        for _ in 0..<12 {
            let illness = scribe.random.pick(weighted: list)
            if employer(with: illness.factors, category: illness.category, since: .distantFuture) != nil { return illness }
        }
        return list[0].0
    }

    private func diagnose(_ illness: Illness, in year: Int, until last: Day, short: Bool = false, confirmed: Bool = true) {
        let isDust = DemoWorld.dusts.contains { $0.0.disease == illness.disease }
        let day = day(.firstDay(of: year) + 12, last - 3)
        let needed = illness.acute ? 40 : short ? int(700...1700) : isDust ? int(2600...9500) : int(900...4200)
        let reach = short ? needed * 2 / 3 : needed
        // Every case of the facts is written, if need be without an employer that fits.
        let fitting = employer(with: illness.factors, category: illness.category, since: day - reach).flatMap {
            $0.since < day - 60 ? $0 : nil
        }
        guard let liable = fitting ?? employers.first, let disease = disease(illness.disease),
            let person = person(home: liable.county, age: (30, 60), on: day, woman: chance(isDust ? 0.05 : 0.25), recorded: day - 60)
        else { return }
        let from = max(liable.since, day - reach)
        let isForgotten = fitting == nil || (isDust && chance(0.06))
        if short, let other = employer(with: illness.factors, category: illness.category, since: from - 500), other.id != liable.id,
            other.since < from - 200
        {
            // Under five years in all, over two employers.
            let until = from - 30
            expose(person, at: other, illness, from: max(other.since, until - needed / 3), until: until)
        }
        if !isForgotten { expose(person, at: liable, illness, from: from, until: chance(0.6) ? day - 5 : nil) }
        let stated = isForgotten ? (chance(0.6) ? Double(needed) / 365.25 : nil) : isDust && !short ? Double(day - from) / 365.25 : nil
        if chance(0.5) { suspect(person, at: liable, disease, on: day - int(30...200)) }
        let institution = chance(0.99) ? diagnoser(on: day) : nil
        let isAcuteUnsaid = !isDust && chance(0.02)
        let isLiableKnown = fitting != nil && (!isForgotten || chance(0.7))
        guard
            let diagnosis = scribe.add(
                Diagnosed.kind, home: liable.county, day: day, late: 0.02,
                fill: {
                    $0[Diagnosed.worker] = person.id
                    $0[Diagnosed.employer] = isLiableKnown ? liable.id : nil
                    $0[Diagnosed.institution] = institution
                    $0[Diagnosed.division] = liable.county
                    $0[Diagnosed.day] = day
                    $0[Diagnosed.disease] = disease
                    $0[Diagnosed.confirmed] = confirmed
                    $0[Diagnosed.acute] = isAcuteUnsaid ? nil : illness.acute
                    $0[Diagnosed.dustYears] = stated.map { ($0 * 10).rounded() / 10 }
                })
        else { return }
        guard confirmed else { return }
        report(diagnosis, on: day, home: liable.county)
        if isLiableKnown { inspectAfter(day, at: liable) }
        if chance(0.9) {
            register(
                person, isDust: isDust, on: day + int(5...60), county: liable.county, liable: isLiableKnown, pays: counts("payer_linkage"))
        }
    }

    private func expose(_ person: DemoPerson, at employer: DemoEmployer, _ illness: Illness, from: Day, until: Day?) {
        let post = employer.posts.first { $0.factors.contains { illness.factors.contains($0.name) || $0.category == illness.category } }
        guard until.map({ $0 > from }) ?? true, let post else { return }
        stint(of: person, at: employer, from: from, until: until, isExposed: true, post: post)
    }

    private func suspect(_ person: DemoPerson, at employer: DemoEmployer, _ disease: String, on day: Day) {
        scribe.add(Suspected.kind, home: employer.county, day: day) {
            $0[Suspected.worker] = person.id
            $0[Suspected.employer] = employer.id
            $0[Suspected.day] = day
            $0[Suspected.disease] = disease
            $0[Suspected.reported] = day + 6
        }
    }

    /// Mostly within fifteen days; in the first years more often late, with more flaws.
    private func report(_ diagnosis: String, on day: Day, home: String) {
        let part =
            plan.count > 1 ? Double(min(max(day.year, plan.lowerBound), plan.upperBound) - plan.lowerBound) / Double(plan.count - 1) : 1
        let isMissedPlace = place.prefix == "FX" && day.year == plan.upperBound && chance(0.12)
        let isLate = isMissedPlace || chance(place.prefix == "FX" ? 0.10 * (1 - part) + 0.02 : 0.12 * (1 - part))
        let reported = min(day + (isLate ? int(20...400) : int(1...13)), demo.today - 4)
        let flaws = (complete: chance(0.16 - 0.155 * part), accurate: chance(0.20 - 0.15 * part))
        scribe.add(ReportCard.kind, home: home, day: reported, late: 0) {
            $0[ReportCard.diagnosis] = diagnosis
            $0[ReportCard.reported] = reported
            $0[ReportCard.complete] = !flaws.complete
            $0[ReportCard.accurate] = !flaws.accurate
        }
        if chance(0.01) {
            scribe.add(ReportCard.kind, home: home, day: reported + 3, late: 0) {
                $0[ReportCard.diagnosis] = diagnosis; $0[ReportCard.reported] = reported + 3
            }
            scribe.withdrawLast(after: 10)
        }
    }

    /// Supervision after a new case, within ninety days as a rule; in the plan's last year always where the plan asks for it.
    private func inspectAfter(_ day: Day, at employer: DemoEmployer) {
        let isAsked = counts("newcase_employer_enforcement")
        guard day >= .firstDay(of: plan.lowerBound), chance(isAsked ? (day.year >= plan.upperBound ? 1 : 0.86) : 0.5),
            employer.operates(on: day)
        else { return }
        let visit = min(day + int(3...80), horizon + 15)
        if visit >= day { inspection(of: employer, on: visit) }
    }

    // MARK: - Patients

    @discardableResult
    private func register(
        _ person: DemoPerson, isDust: Bool, on day: Day, county: String, liable: Bool, pays: Bool, township: String? = nil
    ) -> String? {
        let inside = townships[county] ?? []
        guard day <= horizon, let division = township ?? (inside.isEmpty ? nil : scribe.random.pick(inside).code) else { return nil }
        let died = chance(0.035) ? self.day(max(day, .firstDay(of: plan.lowerBound)) + 100, horizon) : nil
        let patient = scribe.add(Patient.kind, home: county, day: day) {
            $0[Patient.worker] = person.id
            $0[Patient.division] = division
            $0[Patient.pneumoconiosis] = isDust
            $0[Patient.registered] = day
            $0[Patient.died] = died.flatMap { $0 > day ? $0 : nil }
            $0[Patient.liable] = liable
        }
        guard pays, let patient else { return patient }
        // Jiaxing's plan names five payers, without charity.
        for payer in demo.catalog.codes("payer") where chance(0.82) && !(place.prefix == "JX" && payer == "charity") {
            let settled = day + int(10...200)
            let outcome = scribe.random.pick(weighted: [("paid", 6), ("not_applicable", 4), ("refused", 1)])
            guard settled <= horizon else { continue }
            scribe.add(PayerEntry.kind, home: county, day: settled) { [self] in
                $0[PayerEntry.patient] = patient
                $0[PayerEntry.payer] = payer
                $0[PayerEntry.day] = settled
                $0[PayerEntry.outcome] = code("payer_outcome", outcome)
            }
        }
        return patient
    }

    /// Townships where pneumoconiosis patients are many, with their rehabilitation stations, and patients elsewhere.
    func patients() {
        guard profile.patientTownships > 0 else { return }
        let start = Day.firstDay(of: plan.lowerBound)
        let inside = counties.reversed().flatMap { townships[$0.code] ?? [] }
        guard inside.count > profile.patientTownships else { return }
        let stride = inside.count / (profile.patientTownships + 1)
        for index in 0..<profile.patientTownships {
            let township = inside[index * stride]
            let county = String(township.code.prefix(6))
            for _ in 0..<int(112...138) {
                guard let person = person(home: county, age: (48, 78), on: start, woman: chance(0.03), recorded: start + 5) else {
                    continue
                }
                register(
                    person, isDust: true, on: day(start - 4000, start + 300), county: county, liable: chance(0.7), pays: chance(0.1),
                    township: township.code)
            }
            if index < profile.stations { station(in: township, from: start + 150 + index * 260) }
        }
        for _ in 0..<40 {
            let township = scribe.random.pick(inside)
            let county = String(township.code.prefix(6))
            guard let person = person(home: county, age: (48, 78), on: start, woman: false, recorded: start + 5) else { continue }
            register(
                person, isDust: true, on: day(start - 4000, horizon - 100), county: county, liable: chance(0.6), pays: false,
                township: township.code)
        }
        // A station without many patients, closed again.
        if let last = inside.last { station(in: last, from: start + 400, until: start + 1100) }
    }

    private func station(in township: DemoCatalog.Entry, from: Day, until: Day? = nil) {
        let home = String(township.code.prefix(6))
        guard
            let id = scribe.add(
                Station.kind, home: home, day: from,
                fill: {
                    $0[Station.name] = "\(township.name)尘肺病康复站"
                    $0[Station.division] = township.code
                    $0[Station.from] = from
                    $0[Station.until] = until
                })
        else { return }
        var day = from + int(15...60)
        while day <= min(horizon, until ?? .distantFuture) {
            let date = day
            let persons = int(18...75)
            scribe.add(Service.kind, home: home, day: date) {
                $0[Service.station] = id
                $0[Service.division] = township.code
                $0[Service.day] = date
                $0[Service.persons] = persons
            }
            day = day + int(25...40)
        }
    }
}
