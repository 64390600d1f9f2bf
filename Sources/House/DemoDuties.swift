import Declaration
import Enforcement
import Exposure
import Improvement
import Kernel
import Ledger
import Registry

/// What an employer does, or fails to do: declarations, tests, notices, signs, archives; and what supervision finds.
extension DemoWorld {
    func duties(of employer: inout DemoEmployer) {
        declarations(of: employer)
        tests(of: &employer)
        if counts("notification_rate", "warning_sign_rate") { notices(of: employer) }
        if counts("employer_archive_rate") || chance(0.02) { archive(of: employer) }
        inspections(of: employer, share: 1)
        if profile.pace[.grade] != nil { grades(of: employer) }
        guard let exceeded = employer.exceeded, counts("campaign_scope_coverage", "post_pass_rate", "campaign_selections") else { return }
        guard employer.headcount >= 10, chance(0.86), exceeded + 300 < min(horizon, employer.lastDay) else { return }
        let owner = employer
        let from = exceeded + int(20...260)
        scribe.add(LedgerEntry.kind, home: owner.county, day: from) {
            $0[LedgerEntry.employer] = owner.id; $0[LedgerEntry.from] = from; $0[LedgerEntry.until] = owner.until
        }
    }

    private func declarations(of employer: DemoEmployer) {
        guard let beginning = beginning(of: .declaration, size: employer.size) else {
            // Some hand in late what nobody accepts in time.
            guard chance(0.06), employer.until == nil else { return }
            declare(employer, type: "initial", on: horizon - int(1...30), accepts: false)
            return
        }
        let first: Day
        if beginning < plan.lowerBound {
            first =
                employer.since > .firstDay(of: plan.lowerBound)
                ? employer.since + int(3...28)
                : day(max(employer.since + 5, .firstDay(of: plan.lowerBound - 3)), .firstDay(of: plan.lowerBound) - 30)
        } else {
            guard let day = workday(of: employer, in: max(beginning, employer.since.year)) else { return }
            first = day
        }
        declare(employer, type: "initial", on: first, accepts: true)
        // A post that came later asks for a change within fifteen days; most give it.
        if let added = employer.posts.map(\.from).filter({ $0 > first }).max(), chance(0.72) {
            declare(employer, type: "change", on: added + int(1...13), accepts: true)
        }
        for year in plan where year > first.year && chance(0.22) {
            if let day = workday(of: employer, in: year) { declare(employer, type: "yearly", on: day, accepts: true) }
        }
        if let until = employer.until, chance(0.4) { declare(employer, type: "cancellation", on: until + 3, accepts: true) }
    }

    private func declare(_ employer: DemoEmployer, type: String, on day: Day, accepts: Bool) {
        let accepted = accepts ? day + int(1...12) : nil
        let listed = Array(Set(employer.posts.flatMap(\.factors).map(\.code))).sorted()
        scribe.add(Filing.kind, home: employer.county, day: day) { [self] in
            $0[Filing.employer] = employer.id
            $0[Filing.type] = code("declaration_type", type)
            $0[Filing.submitted] = day
            $0[Filing.accepted] = accepted
            $0[Filing.factors] = listed
        }
    }

    // MARK: - Tests

    private func tests(of employer: inout DemoEmployer) {
        guard let beginning = beginning(of: .testing, size: employer.size) else { return }
        // The first test of those with longer cycles lies anywhere in between.
        var year = max(beginning, employer.since.year)
        if !employer.isSevere, beginning < plan.lowerBound { year -= int(0...1) }
        while year <= horizon.year {
            if let day = workday(of: employer, in: year) { test(&employer, on: day, periodic: true) }
            year += cycle(isSevere: employer.isSevere, in: year)
        }
    }

    private func test(_ employer: inout DemoEmployer, on day: Day, periodic: Bool) {
        let owner = employer
        let institution = chance(0.985) ? tester(on: day, near: owner.county, careless: chance(0.012)) : nil
        let type = code("test_type", periodic ? chance(0.93) ? "periodic" : "evaluation" : "supervision")
        let issued = day + int(12...50)
        let forgets: ((inout Record) -> Void)? = chance(0.012) ? { $0[TestReport.institution] = nil } : nil
        workCount += 1
        let number = "\(place.prefix)-JC-\(day.year)-\(DemoNames.padded(workCount, 6))"
        guard
            let report = scribe.add(
                TestReport.kind, home: owner.county, day: day + 20, late: 0.04, first: forgets,
                fill: {
                    $0[$0.kind.code] = .text(number)
                    $0[TestReport.employer] = owner.id
                    $0[TestReport.institution] = institution
                    $0[TestReport.type] = type
                    $0[TestReport.sampled] = day
                    $0[TestReport.issued] = issued
                })
        else { return }
        let skips = chance(0.03)
        for post in owner.posts where post.from <= day {
            for (index, factor) in post.factors.enumerated() {
                if skips, index == post.factors.count - 1, owner.posts.count + post.factors.count > 2 { continue }
                let good = passes(factor, on: day, size: owner.size)
                if !good, ["dust", "chemical"].contains(factor.category) || factor.name == "噪声" {
                    employer.exceeded = min(employer.exceeded ?? day, day)
                }
                result(factor, of: report, at: post.id, by: owner, on: day, passes: good)
            }
        }
        // Who exceeds in the earlier half of a year is tested again by some.
        guard periodic, let exceeded = employer.exceeded, exceeded == day, day.month < 8, chance(0.2) else { return }
        let again = day + int(60...110)
        if again <= min(horizon, owner.lastDay) { test(&employer, on: again, periodic: false) }
    }

    private func passes(_ factor: DemoFactor, on day: Day, size: Int) -> Bool {
        let duty: DemoDuty = factor.category == "dust" ? .passDust : factor.category == "chemical" ? .passChemical : .passNoise
        if ["radiation", "biological"].contains(factor.category) { return chance(0.995) }
        return fulfils(duty, in: day.year, size: size)
    }

    private func result(
        _ factor: DemoFactor, of report: String, at post: String, by employer: DemoEmployer, on day: Day, passes: Bool
    ) {
        let limit = DemoLimits.all[factor.name]
        let isNoise = limit?.basis == .level && factor.name == "噪声"
        let share = passes ? 0.15 + 0.8 * scribe.random.real() : 1.08 + 0.9 * scribe.random.real()
        let noise = passes ? 72 + 12.8 * scribe.random.real() : 85.6 + 9 * scribe.random.real()
        let value = limit.map { isNoise ? (noise * 10).rounded() / 10 : ($0.limit * share * 1000).rounded() / 1000 }
        let basis: String? =
            switch limit?.basis {
            case .average: code("limit_type", "twa")
            case .ceiling: code("limit_type", "mac")
            case .level: code("limit_type", isNoise ? "noise" : factor.name == "高温" ? "heat" : "other")
            case nil: nil
            }
        let draw = scribe.random.real()
        let unknown = draw < 0.006
        let verdict = draw > 0.12 || limit == nil ? code("test_verdict", passes ? "pass" : "exceed") : nil
        let rules = demo.catalog.rules
        let mistyped: ((inout Record) -> Void)? =
            draw > 0.996
            ? {
                $0[TestResult.value] = (value ?? 1) * 10
                try? TestResult.derive(&$0, on: day, rules)
            } : nil
        let samples = unknown ? nil : value.flatMap { self.samples(of: $0, factor) }
        let omits = chance(0.02)
        scribe.add(TestResult.kind, home: employer.county, day: day + 20, late: 0, first: mistyped) {
            $0[TestResult.report] = report
            $0[TestResult.post] = omits ? nil : post
            $0[TestResult.factor] = factor.code
            $0[TestResult.limitType] = basis
            $0[TestResult.value] = unknown ? nil : value
            $0[TestResult.limit] = limit?.limit
            $0[TestResult.unit] = limit?.unit
            $0[TestResult.verdict] = unknown ? nil : verdict
            $0[TestResult.samples] = samples
            if factor.category == "dust" { $0[TestResult.silica] = factor.name.hasPrefix("矽") ? 25 : 5 }
            if factor.name == "高温" { ($0[TestResult.labour], $0[TestResult.exposureRate]) = ("II", 50) }
            // What cannot be judged is stored without a verdict of the house, as an old institution's report would be.
            try? TestResult.derive(&$0, on: day, rules)
        }
        if !unknown, let value { grade(factor, value: value, limit: limit?.limit, of: employer, at: post, on: day) }
    }

    /// Raw samples that lead to a value: two halves of a shift and one of a quarter of an hour; a level that lasts all shift.
    private func samples(of value: Double, _ factor: DemoFactor) -> String? {
        func text(_ value: Double) -> String { plainText(.real((value * 10_000).rounded() / 10_000)) }
        switch DemoLimits.all[factor.name]?.basis {
        case .average: return "\(text(value * 1.2))@240; \(text(value * 0.8))@240; stel:\(text(value * 1.3))@15"
        case .ceiling: return "mac:\(text(value))@10"
        case .level: return factor.name == "噪声" ? "\(text(value))@480" : nil
        case nil: return nil
        }
    }

    /// Work whose noise or dust is above the action level is graded.
    private func grade(_ factor: DemoFactor, value: Double, limit: Double?, of employer: DemoEmployer, at post: String, on day: Day) {
        let inputs: String
        let method: String
        if factor.name == "噪声", value >= 80 {
            (method, inputs) = ("noise", "level=\(plainText(.real(value)))")
        } else if factor.category == "dust", let limit, value > limit / 2 {
            let ratio = (value / limit * 100).rounded() / 100
            (method, inputs) = (
                "dust", "silica=\(factor.name.hasPrefix("矽") ? 25 : 5); exposure_ratio=\(plainText(.real(ratio))); labour=II"
            )
        } else {
            return
        }
        let rules = demo.catalog.rules
        scribe.add(WorkGrade.kind, home: employer.county, day: day + 20, late: 0) {
            $0[WorkGrade.employer] = employer.id
            $0[WorkGrade.post] = post
            $0[WorkGrade.factor] = factor.code
            $0[WorkGrade.day] = day
            $0[WorkGrade.method] = method
            $0[WorkGrade.inputs] = inputs
            try? WorkGrade.derive(&$0, rules)
        }
    }

    // MARK: - Notices, signs, archives

    private func notices(of employer: DemoEmployer) {
        let first = max(employer.since, .firstDay(of: plan.lowerBound) - 700)
        for post in employer.posts {
            let from = max(first, post.from)
            if let beginning = beginning(of: .notice, size: employer.size), let day = begin(employer, beginning, from) {
                for type in ["contract", "bulletin", "test_result"] {
                    scribe.add(Notice.kind, home: employer.county, day: day) { [self] in
                        $0[Notice.employer] = employer.id
                        $0[Notice.post] = post.id
                        $0[Notice.type] = code("notice_type", type)
                        $0[Notice.day] = day
                    }
                }
            } else if chance(0.5), let day = workday(of: employer, in: int(plan)), day >= from {
                scribe.add(Notice.kind, home: employer.county, day: day) { [self] in
                    $0[Notice.employer] = employer.id
                    $0[Notice.post] = post.id
                    $0[Notice.type] = code("notice_type", "contract")
                    $0[Notice.day] = day
                }
            }
            for category in Set(post.factors.map(\.category)).sorted() {
                guard let beginning = beginning(of: .sign, size: employer.size), let day = begin(employer, beginning, from) else {
                    continue
                }
                let removed = chance(0.01) ? min(day + 400, horizon) : nil
                scribe.add(WarningSign.kind, home: employer.county, day: day) { [self] in
                    $0[WarningSign.employer] = employer.id
                    $0[WarningSign.post] = post.id
                    $0[WarningSign.category] = code("factor_category", category)
                    $0[WarningSign.installed] = day
                    $0[WarningSign.removed] = removed.flatMap { $0 > day ? $0 : nil }
                }
            }
        }
    }

    /// The day on which a duty is first fulfilled: before the plan, or in its year.
    private func begin(_ employer: DemoEmployer, _ year: Int, _ from: Day) -> Day? {
        let start = Day.firstDay(of: plan.lowerBound)
        if year < plan.lowerBound, from < start { return day(from, start - 1) }
        guard let day = workday(of: employer, in: max(year, from.year)) else { return nil }
        return max(day, from)
    }

    private func archive(of employer: DemoEmployer) {
        let parts = demo.catalog.codes("archive_part")
        let beginning = beginning(of: .archive, size: employer.size)
        let first = max(employer.since + 20, .firstDay(of: plan.lowerBound) - 900)
        guard let day = beginning.flatMap({ begin(employer, $0, first) }) ?? workday(of: employer, in: int(plan)) else { return }
        for part in parts where beginning != nil || chance(0.6) {
            scribe.add(ArchivePart.kind, home: employer.county, day: day) {
                $0[ArchivePart.employer] = employer.id
                $0[ArchivePart.part] = part
                $0[ArchivePart.day] = day
            }
        }
    }

    // MARK: - Supervision

    /// A share of the employers of a size is inspected each year, of the larger and the graded more.
    func inspections(of employer: DemoEmployer, share: Double) {
        for year in years where chance(share) && fulfils(.inspection, in: year, size: min(3, employer.size + (employer.isSevere ? 1 : 0))) {
            guard let day = workday(of: employer, in: year) else { continue }
            inspection(of: employer, on: day)
        }
    }

    func inspection(of employer: DemoEmployer, on day: Day) {
        let findings = scribe.random.pick(weighted: [
            ("未发现违法行为", 62), ("职业病危害告知不完整，责令限期改正", 9), ("未按规定组织在岗期间职业健康检查，责令改正", 7), ("部分岗位未设置警示标识", 6),
            ("定期检测结果未公布", 6), ("防护设施维护记录缺失", 6), ("劳动者未正确佩戴防护用品", 4),
        ])
        let mode = scribe.random.pick(weighted: [
            ("random", 6), ("special", 4), ("joint", 2), ("integrated", 2), ("offsite", 1), ("complaint", 1),
        ])
        scribe.add(Inspection.kind, home: employer.county, day: day) { [self] in
            $0[Inspection.employer] = employer.id
            $0[Inspection.day] = day
            $0[Inspection.mode] = code("inspection_mode", mode)
            $0[Inspection.findings] = findings
        }
    }

    /// Grades by the comprehensive risk level: IV and III are 甲, II is 乙, I and 0 are 丙 (柳南 三（三）).
    private func grades(of employer: DemoEmployer) {
        guard let beginning = beginning(of: .grade, size: employer.size),
            let first = workday(of: employer, in: max(plan.lowerBound, beginning, employer.since.year))
        else { return }
        let levels = demo.catalog.codes("risk_level")
        var day = first
        while day <= min(horizon, employer.lastDay) {
            let score = (employer.isSevere ? 2 : 0) + (employer.exceeded != nil ? 1 : 0) + (chance(0.4) ? 1 : 0)
            let label = score >= 3 ? "甲" : score == 2 ? "乙" : "丙"
            let from = day
            let until = day.adding(months: 36)
            scribe.add(Grade.kind, home: employer.county, day: from) { [self] in
                $0[Grade.employer] = employer.id
                $0[Grade.scheme] = place.prefix == "LN" ? "柳南区甲乙丙分类" : "职业健康分类分级"
                $0[Grade.level] = levels.indices.contains(score) ? levels[score] : nil
                $0[Grade.label] = label
                $0[Grade.from] = from
                $0[Grade.until] = until
            }
            day = until
        }
    }
}
