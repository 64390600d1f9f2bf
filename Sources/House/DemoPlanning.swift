import Kernel
import Ledger
import Outreach
import Planning
import Registry

/// What a place does and reports as a whole: publicity, surveys, monitoring, money, insured totals, judgements and baselines.
extension DemoWorld {
    func outreach() {
        for year in years {
            for (type, month, title) in [
                ("week", 4, "《职业病防治法》宣传周"), ("activity", 5, "职业健康知识进企业"), ("course", 6, "用人单位负责人普法讲座"), ("works", 9, "职业健康公益短片征集"),
            ] {
                guard let first = Day(year, month, 1) else { continue }
                let day = type == "week" ? first + 24 : first + int(2...24)
                guard day <= horizon, type == "week" || chance(0.8) else { continue }
                scribe.add(Publicity.kind, home: place.code, day: day, late: 0.05) { [self] in
                    $0[Publicity.division] = place.code
                    $0[Publicity.type] = code("publicity_type", type)
                    $0[Publicity.day] = day
                    $0[Publicity.title] = title
                }
            }
        }
        if counts("awareness_rate") { surveys() }
    }

    /// A round each autumn: rising, in Fuxin above the target, in Liunan not quite.
    private func surveys() {
        let groups: [(String, Double, Double)] = [
            ("矿山冶金建材化工劳动者", 1.6, -0.02), ("制造业劳动者", 1.0, 0), ("医疗卫生人员", 0.5, 0.05), ("交通环卫等劳动者", 0.8, -0.01),
        ]
        let (from, to) = place.prefix == "LN" ? (0.66, 0.825) : (0.70, 0.885)
        for year in years {
            guard let day = Day(year, 9, int(5...25)), day <= horizon else { continue }
            let part = plan.count > 1 ? Double(min(year, plan.upperBound) - plan.lowerBound) / Double(plan.count - 1) : 1
            let mean = from + (to - from) * part
            guard
                let survey = scribe.add(
                    Survey.kind, home: place.code, day: day, late: 0,
                    fill: { [self] in
                        $0[Survey.title] = "\(year)年重点人群职业健康知识知晓率调查"
                        $0[Survey.division] = place.code
                        $0[Survey.day] = day
                    })
            else { continue }
            for (group, weight, offset) in groups {
                for _ in 0..<int(28...40) {
                    let correct = (0..<20).reduce(0) { sum, _ in sum + (chance(mean + offset) ? 1 : 0) }
                    let isValid = !chance(0.02)
                    let isBlank = chance(0.004)
                    scribe.add(Response.kind, home: place.code, day: day + 10, late: 0) {
                        $0[Response.survey] = survey
                        $0[Response.group] = group
                        $0[Response.items] = 20
                        $0[Response.correct] = isBlank ? nil : correct
                        $0[Response.weight] = weight
                        $0[Response.valid] = isValid
                    }
                }
            }
        }
    }

    func planning() {
        assignments()
        budget()
        if counts("injury_insured_headcount") { insuredTotals() }
    }

    /// Every county and year; one county of Jiaxing does not complete the plan's last year.
    private func assignments() {
        let diseases = ["KZHQ": ["煤工尘肺", "矽肺", "布鲁氏菌病"], "MTG": ["矽肺", "苯中毒", "噪声聋"]][place.prefix] ?? ["矽肺", "苯中毒", "噪声聋", "铅中毒"]
        for year in years {
            for (index, county) in counties.enumerated() {
                for disease in diseases {
                    let isMissed =
                        (place.prefix == "JX" && year == plan.upperBound && index == counties.count - 1 && disease == diseases[1])
                        || (year == plan.lowerBound && chance(0.12))
                    let completed = Day.lastDay(of: year) - int(6...50)
                    scribe.add(Assignment.kind, home: county.code, day: .firstDay(of: year) + 60, late: 0) { [self] in
                        $0[Assignment.division] = county.code
                        $0[Assignment.year] = year
                        $0[Assignment.disease] = disease
                        $0[Assignment.completed] = isMissed || completed > horizon ? nil : completed
                    }
                }
            }
        }
    }

    /// Money of the place, rising year by year, written down after the year.
    private func budget() {
        for year in closedYears {
            for (category, base) in [("监测与风险评估", 460_000), ("监督执法", 310_000), ("宣传培训", 120_000)] {
                let spent = base * (100 + 9 * (year - plan.lowerBound + 1)) / 100 + int(0...base / 60)
                let planned = spent + int(0...base / 20)
                scribe.add(BudgetLine.kind, home: place.code, day: .firstDay(of: year + 1) + 30, late: 0) { [self] in
                    $0[BudgetLine.division] = place.code
                    $0[BudgetLine.year] = year
                    $0[BudgetLine.category] = category
                    $0[BudgetLine.planned] = planned
                    $0[BudgetLine.spent] = spent
                }
            }
        }
    }

    /// Years that are over, from the one before the plan.
    private var closedYears: ClosedRange<Int> {
        (plan.lowerBound - 1)...max(plan.lowerBound - 1, min(years.upperBound, demo.today.year - 1))
    }

    /// Rising everywhere; in Fuxin the third year falls back.
    private func insured(in year: Int, county index: Int) -> Int {
        let base = place.level == .prefecture ? 21_000 + index * 3_900 : 58_000
        let dip = place.prefix == "FX" && year == plan.lowerBound + 2 ? 0.955 : 1
        return Int(Double(base) * (1 + 0.022 * Double(year - plan.lowerBound + 1)) * dip) + (index * 37 + year * 11) % 90
    }

    private func insuredTotals() {
        for year in closedYears {
            for (index, county) in counties.enumerated() {
                let persons = insured(in: year, county: index)
                scribe.add(InsuredTotal.kind, home: county.code, day: .firstDay(of: year + 1) + 18, late: 0) {
                    $0[InsuredTotal.division] = county.code
                    $0[InsuredTotal.year] = year
                    $0[InsuredTotal.persons] = persons
                    $0[InsuredTotal.source] = "人力资源社会保障部门工伤保险年报（演示）"
                }
            }
        }
    }

    // MARK: - Judgements and baselines

    func judgements() {
        let last = min(.lastDay(of: plan.upperBound) - 12, horizon)
        for (index, indicator) in place.indicators.enumerated() {
            switch indicator.target {
            case "achieved":
                // The last milestone of a plan has evidence, and nobody has judged it yet.
                let isLast = indicator.id == place.indicators.last { $0.target == "achieved" }?.id
                let day = last - 200 - index * 9
                judge(
                    indicator, on: day, verdict: isLast ? nil : "achieved", evidence: "\(indicator.title)：印发文件、会议纪要和运行记录（演示数据）", by: "规划评估组"
                )
            case "controlled":
                guard index % 3 != 1 else { continue }
                let reached = index % 3 == 0 ? "achieved" : "not_achieved"
                judge(indicator, on: last - 4, verdict: reached, evidence: "历年病例数、高危岗位治理和监督执法情况的综合分析（演示数据）", by: "专家组")
            case "qualitative" where index % 2 == 0:
                judge(indicator, on: last - 6, verdict: "achieved", evidence: "年度工作总结及部门佐证材料（演示数据）", by: "规划评估组")
            default: break
            }
            if let value = baseline(of: indicator) { self.baseline(indicator, value) }
        }
    }

    private func judge(_ indicator: DemoIndicator, on day: Day, verdict: String?, evidence: String, by person: String) {
        scribe.add(Judgement.kind, home: place.code, day: day, late: 0) { [self] in
            $0[Judgement.plan] = place.plan
            $0[Judgement.indicator] = indicator.id
            $0[Judgement.day] = day
            $0[Judgement.verdict] = verdict.flatMap { code("judgement", $0) }
            $0[Judgement.evidence] = evidence
            $0[Judgement.by] = person
        }
    }

    /// What was said of the year before the plan, in percent where the metric is a rate.
    private func baseline(of indicator: DemoIndicator) -> Double? {
        let duties: [String: DemoDuty] = [
            "declaration_rate": .declaration, "periodic_testing_rate": .testing, "in_service_exam_rate": .exam,
            "principal_training_rate": .principal,
            "enforcement_coverage_trend": .inspection,
        ]
        if let duty = duties[indicator.metric], let rate = profile.pace[duty]?.0 { return ((rate - 0.06) * 1000).rounded() / 10 }
        switch indicator.metric {
        case "injury_insured_headcount":
            return Double(counties.indices.reduce(0) { $0 + insured(in: plan.lowerBound - 1, county: $1) })
        case "report_quality_index": return 74.5
        default: return nil
        }
    }

    private func baseline(_ indicator: DemoIndicator, _ value: Double) {
        scribe.add(Baseline.kind, home: place.code, day: nil, late: 0) { [self] in
            $0[Baseline.plan] = place.plan
            $0[Baseline.indicator] = indicator.id
            $0[Baseline.year] = plan.lowerBound - 1
            $0[Baseline.value] = value
            $0[Baseline.source] = "\(plan.lowerBound - 1)年度统计报表（规划实施前，演示数据）"
        }
    }
}
