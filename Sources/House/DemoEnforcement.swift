import Enforcement
import Improvement
import Kernel
import Ledger

/// Violation cases and incidents; campaigns, applications and titles.
extension DemoWorld {
    func enforcement() {
        for year in years {
            let number = max(3, Int(Double(employers.count) * (place.prefix == "MTG" ? 0.04 : 0.018)))
            for index in 0..<number {
                // The one open case of Fuxin: found in spring of the plan's last year, never decided.
                violation(in: year, isOpen: place.prefix == "FX" && year == plan.upperBound && index == 0)
            }
        }
        incidents()
    }

    private func violation(in year: Int, isOpen: Bool) {
        guard let employer = offender(), let day = workday(of: employer, in: year) else { return }
        let found = isOpen ? Day.firstDay(of: year) + 75 : min(day, horizon - 100)
        // Late ones, but none that a plan's last day would find undecided.
        let isLate = year != plan.upperBound && chance(0.06)
        let decided = isOpen ? nil : found + (isLate ? int(95...160) : int(8...84))
        let severity = chance(0.03) ? nil : code("case_severity", chance(place.prefix == "MTG" ? 0.6 : 0.25) ? "severe" : "general")
        let outcome = scribe.random.pick(weighted: [("warning", 6), ("penalty", 6), ("no_penalty", 1), ("transferred", 1), ("closed", 1)])
        let source = scribe.random.pick(weighted: [("found", 12), ("reported", 2), ("transferred", 1)])
        if employer.operates(on: found) { inspection(of: employer, on: found) }
        // The decision is written down when it is taken: until then the case has neither day nor outcome.
        scribe.add(
            Case.kind, home: employer.county, day: decided ?? found,
            first: {
                $0[Case.decided] = nil; $0[Case.outcome] = nil
            },
            fill: { [self] in
                $0[Case.employer] = employer.id
                $0[Case.division] = employer.county
                $0[Case.found] = found
                $0[Case.severity] = severity
                $0[Case.source] = code("case_source", source)
                $0[Case.decided] = decided
                $0[Case.outcome] = decided == nil ? nil : code("case_outcome", outcome)
            })
    }

    private func offender() -> DemoEmployer? {
        for _ in 0..<40 {
            guard !employers.isEmpty else { return nil }
            let employer = scribe.random.pick(employers)
            if employer.hasHazards, employer.until == nil { return employer }
        }
        return nil
    }

    /// Few, and none of them major where the plan says zero.
    private func incidents() {
        let number = ["KZHQ": 1, "FX": 2, "JX": 3, "LN": 1][place.prefix] ?? 0
        for _ in 0..<number {
            let year = int(plan)
            guard let employer = employer(with: ["一氧化碳", "硫化氢", "氯气", "苯"], category: "chemical", since: .firstDay(of: year)),
                let day = workday(of: employer, in: year)
            else { continue }
            let harmed = int(1...6)
            let isUnsaid = place.prefix == "LN"
            scribe.add(Incident.kind, home: employer.county, day: day, late: 0.1) { [self] in
                $0[Incident.employer] = employer.id
                $0[Incident.division] = employer.county
                $0[Incident.day] = day
                $0[Incident.level] = isUnsaid ? nil : code("incident_level", "general")
                $0[Incident.harmed] = harmed
                $0[Incident.died] = 0
            }
        }
    }

    // MARK: - Campaigns, applications, titles

    func improvement() {
        if counts("campaign_selections") {
            let items = ["陶瓷生产和耐火材料制造", "机动车维修", "汽车制造", "金属制品业", "粉尘", "苯系物"]
            for (index, year) in plan.enumerated() {
                for offset in 0..<(index % 2 == 0 ? 2 : 1) {
                    let item = items[(index + offset * 3) % items.count]
                    scribe.add(Selection.kind, home: place.code, day: .firstDay(of: year) + 40, late: 0) { [self] in
                        $0[Selection.division] = place.code
                        $0[Selection.year] = year
                        $0[Selection.item] = item
                    }
                }
            }
        }
        if counts("demo_enterprises") { demonstrations() }
        if counts("healthy_total", "healthy_applications") || place.prefix == "FX" { healthy() }
    }

    /// One for each county and one that counts for the city itself; Jiaxing's all within the plan, the last in its last months.
    private func demonstrations() {
        let units = place.level == .prefecture ? counties.map(\.code) + [place.code] : counties.map(\.code)
        for (index, unit) in units.enumerated() {
            let candidates = employers.filter { $0.hasHazards && $0.until == nil && ($0.county == unit || unit == place.code) }
            guard let employer = candidates.max(by: { ($0.size, $0.headcount % 97) < ($1.size, $1.headcount % 97) }) ?? candidates.first
            else { continue }
            let from = day(
                max(.lastDay(of: plan.upperBound) - 60 - (units.count - index) * 90, employer.since + 30),
                .lastDay(of: plan.upperBound) - 40)
            title("demonstration", employer, unit: unit, from: from)
        }
    }

    private func healthy() {
        let candidates = employers.filter { $0.hasHazards && $0.until == nil && $0.size > 0 && $0.since < .firstDay(of: plan.lowerBound) }
        guard !candidates.isEmpty else { return }
        for (index, year) in years.enumerated() {
            let employer = candidates[(index * 7) % candidates.count]
            let day = day(.firstDay(of: year) + 60, min(.firstDay(of: year) + 200, horizon))
            scribe.add(Application.kind, home: employer.county, day: day) {
                $0[Application.employer] = employer.id; $0[Application.day] = day
            }
            if chance(0.3) {
                let second = candidates[(index * 11 + 3) % candidates.count]
                scribe.add(Application.kind, home: second.county, day: day + 9) {
                    $0[Application.employer] = second.id; $0[Application.day] = day + 9
                }
            }
            title("healthy", employer, unit: nil, from: min(day + 100, .lastDay(of: year) - 10))
        }
    }

    private func title(_ type: String, _ employer: DemoEmployer, unit: String?, from: Day) {
        guard from <= horizon else { return }
        scribe.add(Title.kind, home: employer.county, day: from) { [self] in
            $0[Title.employer] = employer.id
            $0[Title.type] = code("title_type", type)
            $0[Title.unit] = unit
            $0[Title.from] = from
        }
    }
}
