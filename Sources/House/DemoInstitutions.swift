import Enforcement
import Institutions
import Kernel
import Ledger

struct DemoInstitution {
    let id: String
    let county: String
    /// When its qualification is in force.
    let span: Span
}

/// Service institutions with qualifications that begin and end, what they can do in a year, and the officers who supervise.
extension DemoWorld {
    func institutions() {
        let start = Day.firstDay(of: plan.lowerBound)
        let short = DemoNames.short(counties.first?.name ?? "")
        let isPrefecture = place.level == .prefecture
        let city = isPrefecture ? ["JX": "嘉兴", "FX": "阜新"][place.prefix] ?? short : short
        // Testing: two or more firms, one of which loses its qualification within the plan.
        let testerCount = isPrefecture ? 5 : 2
        for index in 0..<testerCount {
            let county = counties[index % counties.count]
            let brand = DemoNames.brand(&scribe.random)
            let ends = index == testerCount - 1 && testerCount > 2 ? day(start + 300, start + 700) : nil
            let id = institution(
                "\(city)\(brand)检测科技有限公司", in: county.code, isPublic: false, since: start - int(1200...4000), number: index)
            if let id {
                testers += qualify(
                    id, in: county.code, "testing", level: isPrefecture ? "prefecture" : "county", from: start - int(300...1000),
                    until: ends, yearly: testable / testerCount)
            }
        }
        // Examinations: a public hospital of each county; Fuxin's last counties follow within the plan.
        for (index, county) in counties.enumerated() {
            let name =
                place.level == .county && place.prefix == "KZHQ"
                ? "\(short)人民医院" : "\(DemoNames.short(county.name))\(DemoNames.brand(&scribe.random))医院"
            let isLate = (place.prefix == "FX" && index >= counties.count - 2) || place.prefix == "KZHQ"
            let from = isLate ? day(start + 500, start + 900) : start - int(200...1500)
            guard let id = institution(name, in: county.code, isPublic: true, since: start - int(5000...15_000), number: 20 + index) else {
                continue
            }
            examiners += qualify(id, in: county.code, "exam", level: "county", from: from, until: nil, yearly: examinable / counties.count)
        }
        if let county = counties.first,
            let id = institution(
                "\(city)\(DemoNames.brand(&scribe.random))体检中心", in: county.code, isPublic: false, since: start - 2400, number: 60)
        {
            examiners += qualify(id, in: county.code, "exam", level: "county", from: start - 800, until: nil, yearly: examinable / 5)
        }
        guard let centre = counties.first else { return }
        // Diagnosis: the city's hospital, from before the plan; in Fuxin it becomes an institute within the plan.
        let name = isPrefecture ? "\(city)市职业病防治院" : "\(city)\(DemoNames.brand(&scribe.random))职业病医院"
        guard let id = institution(name, in: centre.code, isPublic: true, since: start - 6000, number: 70) else { return }
        diagnosers += qualify(id, in: centre.code, "diagnosis", level: "prefecture", from: start - 2400, until: nil, yearly: 200)
        if isPrefecture {
            _ = qualify(id, in: centre.code, "institute", level: "prefecture", from: day(start + 300, start + 600), until: nil, yearly: nil)
        }
        if isPrefecture, let other = counties.last,
            let id = institution(
                "\(DemoNames.short(other.name))\(DemoNames.brand(&scribe.random))医院", in: other.code, isPublic: true, since: start - 4000,
                number: 71)
        {
            diagnosers += qualify(id, in: other.code, "diagnosis", level: "prefecture", from: start - 500, until: nil, yearly: 60)
        }
    }

    /// Rough demand of a year, from which capacities are taken.
    private var testable: Int { max(20, Int(Double(profile.employers) * demo.scale * 0.85)) }
    private var examinable: Int { max(60, Int(Double(profile.employers) * demo.scale * 4)) }

    private func institution(_ name: String, in county: String, isPublic: Bool, since: Day, number: Int) -> String? {
        let credit = DemoNames.credit(&scribe.random, county: county, number: 900_000 + number, head: isPublic ? "12" : "91")
        let isUnsaid = !isPublic && chance(0.1)
        return scribe.add(Institution.kind, home: county, day: since, late: 0) { [self] in
            $0[$0.kind.code] = .text("\(place.prefix)-JG-\(DemoNames.padded(number + 1, 3))")
            $0[Institution.name] = name
            $0[Institution.creditCode] = credit
            $0[Institution.division] = county
            $0[Institution.isPublic] = isUnsaid ? nil : isPublic
            $0[Institution.since] = since
        }
    }

    /// Qualifies an institution, renewed after five years where it does not end; with yearly capacities and inspections.
    private func qualify(
        _ id: String, in county: String, _ service: String, level: String, from: Day, until: Day?, yearly: Int?
    ) -> [DemoInstitution] {
        var spans: [Span] = []
        var begin = from
        while begin <= horizon {
            let end = until ?? begin.adding(months: 60)
            spans.append(Span(begin, end))
            let start = begin
            scribe.add(Qualification.kind, home: county, day: begin, late: 0) { [self] in
                $0[Qualification.institution] = id
                $0[Qualification.type] = code("service", service)
                $0[Qualification.level] = code("division_level", level)
                $0[Qualification.from] = start
                $0[Qualification.until] = end
            }
            if until != nil { break }
            begin = end
        }
        let isChecked = counts("institution_inspection_coverage")
        for year in years {
            if let yearly, service != "institute" {
                let amount = max(5, yearly * (84 + 9 * (year - plan.lowerBound)) / 100)
                scribe.add(Capacity.kind, home: county, day: .firstDay(of: year) + 15, late: 0) { [self] in
                    $0[Capacity.institution] = id
                    $0[Capacity.type] = code("service", service)
                    $0[Capacity.year] = year
                    $0[Capacity.amount] = amount
                }
            }
            guard isChecked ? year > plan.lowerBound || chance(0.8) : chance(0.4) else { continue }
            let day = min(scribe.random.day(in: year), horizon)
            scribe.add(Inspection.kind, home: county, day: day, late: 0) { [self] in
                $0[Inspection.institution] = id
                $0[Inspection.day] = day
                $0[Inspection.mode] = code("inspection_mode", "special")
                $0[Inspection.findings] = "机构质量管理体系运行记录抽查，未发现违法行为"
            }
        }
        return spans.map { DemoInstitution(id: id, county: county, span: $0) }
    }

    /// A testing firm qualified on the day; a careless employer takes one that is not.
    func tester(on day: Day, near county: String, careless: Bool) -> String? {
        let fitting = testers.filter { $0.span.contains(day) != careless }
        return fitting.isEmpty ? nil : scribe.random.pick(fitting).id
    }

    /// The county's hospital, or another one where it is not qualified yet.
    func examiner(on day: Day, near county: String) -> String? {
        let fitting = examiners.filter { $0.span.contains(day) }
        let near = fitting.filter { $0.county == county }
        if !near.isEmpty, chance(0.8) { return scribe.random.pick(near).id }
        return fitting.isEmpty ? nil : scribe.random.pick(fitting).id
    }

    func diagnoser(on day: Day) -> String? {
        let fitting = diagnosers.filter { $0.span.contains(day) }
        return fitting.isEmpty ? diagnosers.first?.id : chance(0.8) ? fitting.first?.id : scribe.random.pick(fitting).id
    }

    // MARK: - Officers

    /// The roster: Jiaxing's counts 21 in 2018, as printed; later years add some and lose a few.
    func officers() {
        let start = Day.firstDay(of: plan.lowerBound)
        for index in 0..<profile.officers {
            let leaves = index == 1 && years.count > 2 ? day(start + 500, start + 900) : nil
            officer(in: counties[index % counties.count].code, from: day(start - 3000, start - 30), until: leaves, isFirst: index == 0)
        }
        for year in years.dropFirst() {
            for _ in 0..<max(1, profile.officers / 7) {
                officer(
                    in: scribe.random.pick(counties).code, from: min(day(.firstDay(of: year) + 10, .firstDay(of: year) + 120), horizon),
                    until: nil, isFirst: false)
            }
        }
    }

    private func officer(in county: String, from: Day, until: Day?, isFirst: Bool) {
        let name = DemoNames.person(&scribe.random, woman: chance(0.35))
        guard
            let id = scribe.add(
                Officer.kind, home: county, day: from, late: 0,
                fill: {
                    $0[Officer.name] = name
                    $0[Officer.division] = county
                    $0[Officer.department] = from.number % 4 == 0 ? "work_safety" : "health"
                    $0[Officer.from] = from
                    $0[Officer.until] = until
                })
        else { return }
        for year in max(from.year, plan.lowerBound)...max(from.year, plan.lowerBound, horizon.year) {
            let first = max(from + 1, .firstDay(of: year) + 20)
            let last = min((until ?? .distantFuture) - 1, .lastDay(of: year) - 30, horizon)
            // In the first years not all are trained; at the end everyone is.
            guard first <= last, year >= plan.upperBound || chance(0.8) else { continue }
            let day = day(first, last)
            // One officer of Jiaxing: trained in 2020, hours not written down, so that full coverage cannot be told.
            let isBlank = isFirst && place.prefix == "JX" && year == plan.upperBound
            let hours = Double(int(2...6) * 4)
            scribe.add(OfficerTraining.kind, home: county, day: day) {
                $0[OfficerTraining.officer] = id
                $0[OfficerTraining.day] = day
                $0[OfficerTraining.hours] = isBlank ? nil : hours
            }
        }
    }
}
