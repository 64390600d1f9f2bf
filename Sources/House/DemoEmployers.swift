import Kernel
import Ledger
import Outreach
import Registry

/// Employers, their changes, posts, hazards and office holders.
extension DemoWorld {
    func employer(number: Int) {
        guard let trade = drawTrade() else { return }
        let county = scribe.random.pick(counties)
        let size =
            trade.medical
            ? scribe.random.pick(weighted: [(0, 2), (1, 5), (2, 4), (3, 1)])
            : scribe.random.pick(weighted: [(0, 70), (1, 22), (2, 6), (3, 2)])
        let headcount = int([3...18, 20...180, 300...900, 1000...4200][size])
        let isNew = chance(0.13)
        let since = isNew ? day(.firstDay(of: plan.lowerBound) + 20, horizon - 100) : opened(size: size)
        let closes = chance(size < 2 ? 0.08 : 0.03) ? day(max(since + 300, .firstDay(of: plan.lowerBound) + 60), horizon) : nil
        let until = closes.flatMap { $0 <= since || $0 > horizon - 20 ? nil : $0 }
        let township = chance(0.95) ? (townships[county.code] ?? []).isEmpty ? nil : scribe.random.pick(townships[county.code] ?? []) : nil
        let name = DemoNames.firm(&scribe.random, place: DemoNames.short(county.name), trade: trade, size: size)
        let hasHazards = !trade.posts.isEmpty
        let isUnknown = chance(profile.hazardsUnknown)
        let isSevere = chance(trade.severe ? 0.85 : 0.12)
        let severity = isSevere ? "severe" : chance(0.3) ? "heavier" : "general"
        // Half of the closures are the record's own end, half a dated change.
        let endsItself = chance(0.5)
        let credit = DemoNames.credit(
            &scribe.random, county: county.code, number: number, head: trade.medical ? "12" : size == 0 && chance(0.3) ? "92" : "91")
        let isUncoded = chance(size == 0 ? 0.04 : 0.008)
        let gaps = (industry: chance(0.015), size: chance(0.02), severity: chance(0.025), headcount: chance(0.02))
        let isCentral = size == 3 && chance(0.15)
        let contact = DemoNames.person(&scribe.random, woman: chance(0.4))
        let phone = DemoNames.phone(&scribe.random)
        let address = DemoNames.address(&scribe.random, county: county.name, township: township?.name)
        let ownership = scribe.random.pick(weighted: [
            ("private", 76), ("state", 7), ("collective", 4), ("foreign", 4), ("hmt", 3), ("joint", 4), ("other", 2),
        ])
        let industryCode = industry(of: trade)
        let filed = since > .firstDay(of: plan.lowerBound) ? since : nil
        let fill: (inout Record) -> Void = { [self] record in
            record[record.kind.code] = .text("\(place.prefix)-\(DemoNames.padded(number + 1, 6))")
            record[Employer.name] = name
            record[Employer.creditCode] = isUncoded ? nil : credit
            record[Employer.division] = county.code
            record[Employer.township] = township?.code
            record[Employer.industry] = gaps.industry ? nil : industryCode
            record[Employer.size] = gaps.size ? nil : code("size", ["micro", "small", "medium", "large"][size])
            record[Employer.ownership] = code("ownership", trade.medical ? "state" : ownership)
            record[Employer.severity] = gaps.severity || !hasHazards ? nil : code("severity", severity)
            record[Employer.sector] = code("sector", trade.medical ? "medical" : "enterprise")
            record[Employer.headcount] = gaps.headcount ? nil : headcount
            record[Employer.hazards] = isUnknown ? nil : hasHazards
            record[Employer.since] = since
            record[Employer.until] = endsItself ? until : nil
            record[Employer.central] = isCentral
            record[Employer.contact] = contact
            record[Employer.phone] = phone
            record[Employer.address] = address
        }
        let correct: ((inout Record) -> Void)? =
            chance(0.03)
            ? {
                $0[Employer.industry] = nil; $0[Employer.headcount] = nil
            } : nil
        guard let id = scribe.add(Employer.kind, home: county.code, day: filed, first: correct, fill: fill) else { return }
        var employer = DemoEmployer(
            id: id, name: name, county: county.code, township: township?.code, since: since, until: until, size: size, headcount: headcount,
            trade: trade,
            hasHazards: hasHazards && !isUnknown, isSevere: isSevere)
        if let until, !endsItself { close(employer, on: until) } else { changes(of: employer) }
        // Where nobody has looked there are no posts, tests or workers on record either.
        if employer.hasHazards {
            posts(of: &employer)
            officeHolders(of: employer)
            duties(of: &employer)
            workers(of: employer)
        } else if chance(0.25) {
            inspections(of: employer, share: 0.15)
        }
        employers.append(employer)
        if chance(0.014), until == nil { twin(of: employer) }
    }

    private func opened(size: Int) -> Day {
        let start = Day.firstDay(of: plan.lowerBound)
        return day(start - (size > 1 ? 12_000 : 7000), start - (chance(0.4) ? 3500 : 400))
    }

    private func close(_ employer: DemoEmployer, on day: Day) {
        scribe.add(EmployerChange.kind, home: employer.county, day: day, late: 0.2) {
            $0[EmployerChange.employer] = employer.id
            $0[EmployerChange.day] = day
            $0[EmployerChange.closed] = true
            $0[EmployerChange.reason] = "停产注销"
        }
        guard chance(0.12), day + 260 < horizon else { return }
        scribe.add(EmployerChange.kind, home: employer.county, day: day + 250) {
            $0[EmployerChange.employer] = employer.id
            $0[EmployerChange.day] = day + 250
            $0[EmployerChange.closed] = false
            $0[EmployerChange.reason] = "恢复生产"
        }
    }

    /// Moves, growth and changed trades during the plan.
    private func changes(of employer: DemoEmployer) {
        guard chance(0.12), let day = workday(of: employer, in: int(plan)), day > employer.since + 60 else { return }
        let draw = scribe.random.real()
        let county = counties.count > 1 && draw < 0.12 ? scribe.random.pick(counties) : nil
        let inside = townships[county?.code ?? employer.county] ?? []
        let township = inside.isEmpty ? nil : scribe.random.pick(inside).code
        let headcount = max(2, employer.headcount * int(70...140) / 100)
        let other = industry(of: employer.trade)
        scribe.add(EmployerChange.kind, home: employer.county, day: day, late: 0.08) { [self] in
            $0[EmployerChange.employer] = employer.id
            $0[EmployerChange.day] = day
            if let county {
                $0[EmployerChange.division] = county.code
                $0[EmployerChange.township] = township
                $0[EmployerChange.reason] = "迁址"
            } else if draw < 0.35, let township {
                $0[EmployerChange.township] = township
                $0[EmployerChange.reason] = "区内迁址"
            } else if draw < 0.45 {
                $0[EmployerChange.industry] = other
                $0[EmployerChange.reason] = "核实行业代码"
            } else if draw < 0.55, employer.hasHazards {
                $0[EmployerChange.severity] = code("severity", employer.isSevere ? "general" : "severe")
                $0[EmployerChange.reason] = "工艺变更后重新判定"
            } else {
                $0[EmployerChange.headcount] = headcount
                $0[EmployerChange.reason] = "年度核定"
            }
        }
    }

    private func posts(of employer: inout DemoEmployer) {
        let owner = employer
        let number = min(owner.trade.posts.count, [1, 1, 2, 3][owner.size] + (chance(0.25) ? 1 : 0))
        var workplace: String?
        if owner.size > 0 || chance(0.1) {
            let name = owner.trade.medical ? "放射科" : scribe.random.pick(["一车间", "二车间", "生产车间", "加工区"])
            workplace = scribe.add(Workplace.kind, home: owner.county, day: owner.since) {
                $0[Workplace.employer] = owner.id
                $0[Workplace.name] = name
            }
        }
        let offset = number < owner.trade.posts.count ? int(0...(owner.trade.posts.count - number)) : 0
        for (name, names) in owner.trade.posts[offset..<(offset + number)] {
            let isLater = !employer.posts.isEmpty && chance(0.10)
            let from = isLater ? day(max(owner.since, .firstDay(of: plan.lowerBound)), min(horizon, owner.lastDay)) : owner.since
            let isUndated = !isLater && chance(0.3)
            let heads = max(1, owner.headcount / 4)
            guard
                let id = scribe.add(
                    Post.kind, home: owner.county, day: from,
                    fill: {
                        $0[Post.employer] = owner.id
                        $0[Post.workplace] = workplace
                        $0[Post.name] = name
                        $0[Post.headcount] = heads
                        $0[Post.from] = isUndated ? nil : from
                        $0[Post.until] = owner.until
                    })
            else { continue }
            let factors = names.compactMap { factor($0) }
            let source = code(
                "hazard_source",
                scribe.random.pick(weighted: [("census", 45), ("declaration", 28), ("inspection", 10), ("test", 10), ("monitoring", 7)]))
            for factor in factors {
                scribe.add(EmployerHazard.kind, home: owner.county, day: from) {
                    $0[EmployerHazard.employer] = owner.id
                    $0[EmployerHazard.post] = id
                    $0[EmployerHazard.factor] = factor.code
                    $0[EmployerHazard.from] = isUndated ? nil : from
                    $0[EmployerHazard.until] = owner.until
                    $0[EmployerHazard.source] = source
                }
            }
            employer.posts.append(DemoPost(id: id, from: from, factors: factors))
        }
    }

    /// The principal and, mostly, a manager; some are replaced and the new one begins untrained.
    private func officeHolders(of employer: DemoEmployer) {
        let isCounted = counts("principal_training_rate")
        for (role, duty) in [("principal", DemoDuty.principal), ("oh_manager", .manager)] {
            let beginning = beginning(of: duty, size: employer.size)
            if duty == .manager, employer.size == 0, beginning == nil, chance(0.6) { continue }
            if !isCounted, employer.size == 0, duty == .manager, chance(0.6) { continue }
            var from = employer.since
            let isReplaced = employer.until == nil && chance(0.14)
            let change = isReplaced ? day(max(from + 200, .firstDay(of: plan.lowerBound) + 40), horizon - 20) : nil
            for end in isReplaced ? [change, nil] : [nil] {
                guard from <= horizon else { continue }
                let name = DemoNames.person(&scribe.random, woman: chance(duty == .manager ? 0.35 : 0.15))
                let until = end ?? employer.until
                let begun = from
                let person = scribe.add(PersonRole.kind, home: employer.county, day: begun) { [self] in
                    $0[PersonRole.employer] = employer.id
                    $0[PersonRole.name] = name
                    $0[PersonRole.role] = code("employer_role", role)
                    $0[PersonRole.from] = begun
                    $0[PersonRole.until] = until
                }
                let isTrained = isCounted ? (begun == employer.since || chance(0.75)) : chance(0.2)
                if let person, let beginning, isTrained {
                    trainings(of: person, at: employer, from: begun, until: until, beginning: beginning)
                }
                if let end { from = end }
            }
        }
    }

    private func trainings(of person: String, at employer: DemoEmployer, from: Day, until: Day?, beginning: Int) {
        for year in max(beginning, from.year)...max(beginning, from.year, horizon.year) {
            let first = max(from + 5, .firstDay(of: year) + 10)
            let last = min(.lastDay(of: year) - 10, horizon, (until ?? .distantFuture) - 1)
            guard first <= last, year >= plan.lowerBound else { continue }
            let day = day(first, last)
            let hours = Double(int(2...4) * 4)
            let isDated = chance(0.2)
            scribe.add(Training.kind, home: employer.county, day: day) {
                $0[Training.person] = person
                $0[Training.day] = day
                $0[Training.hours] = hours
                $0[Training.until] = isDated ? day.adding(months: 12) : nil
            }
        }
    }

    /// The same employer entered a second time without its credit code, mostly found and merged later.
    private func twin(of employer: DemoEmployer) {
        let day = day(.firstDay(of: plan.lowerBound) + 60, horizon - 200)
        let name = employer.name.replacingSuffix("有限公司", with: "公司")
        guard
            let other = scribe.add(
                Employer.kind, home: employer.county, day: max(day, employer.since),
                fill: { [self] in
                    $0[Employer.name] = name == employer.name ? name + "（老厂）" : name
                    $0[Employer.division] = employer.county
                    $0[Employer.industry] = industry(of: employer.trade)
                    $0[Employer.hazards] = employer.trade.posts.isEmpty ? false : true
                    $0[Employer.sector] = code("sector", employer.trade.medical ? "medical" : "enterprise")
                    $0[Employer.severity] = employer.hasHazards ? code("severity", employer.isSevere ? "severe" : "general") : nil
                    $0[Employer.since] = employer.since
                })
        else { return }
        inspection(
            of: DemoEmployer(
                id: other, name: name, county: employer.county, township: nil, since: employer.since, until: nil, size: 0, headcount: 10,
                trade: employer.trade, hasHazards: true, isSevere: false), on: max(day, employer.since) + 30)
        guard chance(0.75) else { return }
        let isWrong = chance(0.12)
        scribe.add(Merge.kind, home: employer.county, day: max(day, employer.since) + int(60...200)) {
            $0[Merge.employerKept] = employer.id
            $0[Merge.employerDropped] = other
            $0[Merge.reason] = "同一单位重复建档，名称写法不同"
        }
        if isWrong { scribe.withdrawLast(after: int(30...120)) }
    }
}

extension String {
    fileprivate func replacingSuffix(_ suffix: String, with other: String) -> String {
        hasSuffix(suffix) ? dropLast(suffix.count) + other : self
    }
}
