import Catalog
import Kernel
import Surveillance
import TestKit
import Testing

@Suite struct ExamRulesTests {
    private let rules = ExamRules(Exams.tables)
    private let old = Day(2026, 7, 31)!
    private let new = Day(2026, 8, 1)!

    private func cycles(_ exposure: ExamExposure, on day: Day) throws -> [ExamCycle] {
        try rules.need("in_service", of: [exposure], on: day).parts.flatMap(\.cycles)
    }
    /// Upper bounds in months of the whole examination, by factor or clause.
    private func months(_ code: String, _ facts: [String: Double] = [:], from: Day? = nil, on day: Day) throws -> [ClosedRange<Int>?] {
        let subject: ExamExposure.Subject = code.contains(".") ? .clause(code) : .factor(code)
        return try cycles(ExamExposure(subject, from: from, facts: facts), on: day).filter { $0.scope.isEmpty }.map(\.months)
    }

    /// 5.1.2.3: blood lead 400 to 600 µg/L: lead again after 3 months; below 400: a year. Either measure serves.
    @Test func lead() throws {
        for day in [old, new] {
            #expect(try months("B001", ["blood_lead": 399], on: day) == [12...12])
            #expect(try months("B001", ["urine_lead": 69], on: day) == [12...12])
            let high = try cycles(ExamExposure(.factor("B001"), facts: ["blood_lead": 400]), on: day)
            #expect(high.first { $0.scope == ["blood_lead", "urine_lead"] }?.months == 3...3)
            let top = try cycles(ExamExposure(.factor("B001"), facts: ["blood_lead": 600]), on: day)
            #expect(top.first { !$0.scope.isEmpty }?.months == 3...3)
            // Above the bands the clause names no interval: nothing is invented.
            let above = try cycles(ExamExposure(.factor("B001"), facts: ["blood_lead": 601]), on: day)
            #expect(above.map(\.months) == [nil] && above[0].missing.map(\.code) == ["exam.period-open"])
            // Nothing measured: it cannot be told, and the strictest that may hold is shown.
            let blind = try cycles(ExamExposure(.factor("B001")), on: day)
            #expect(blind.map(\.months) == [nil, nil] && blind.map(\.strictest) == [3, 12])
            #expect(blind[0].missing.compactMap(\.field) == ["blood_lead", "urine_lead"])
        }
    }

    /// 6.1.2.3, 6.2.2.3, 6.4.2.3: by grade of the dust work; ungraded is Ⅱ and above in 2025 and cannot be told in 2014.
    @Test func dusts() throws {
        for (factor, low, high) in [
            ("A001", 24...24, 12...12), ("A002", 36...36, 24...24), ("A005", 24...24, 12...12), ("A007", 48...48, 24...36),
        ] {
            for day in [old, new] {
                #expect(try months(factor, ["dust_grade": 1], on: day) == [low])
                #expect(try months(factor, ["dust_grade": 2], on: day) == [high])
                #expect(try months(factor, ["dust_grade": 3], on: day) == [high])
            }
            // Grade 0: 2025 says Ⅰ and below; 2014 names Ⅰ only.
            #expect(try months(factor, ["dust_grade": 0], on: new) == [low])
            #expect(try months(factor, ["dust_grade": 0], on: old) == [nil])
            let assumed = try cycles(ExamExposure(.factor(factor)), on: new)
            #expect(assumed.map(\.months) == [high] && assumed[0].isAssumed && assumed[0].working.last?.zh.contains("未分级") == true)
            let unknown = try cycles(ExamExposure(.factor(factor)), on: old)
            #expect(unknown.map(\.months) == [nil] && unknown[0].missing.compactMap(\.field) == ["dust_grade"])
            #expect(unknown[0].strictest == high.upperBound)
        }
        // Small opacities: a year for five years, whatever the grade; a coal worker with pneumoconiosis one to two years (2014).
        #expect(try months("A002", ["dust_grade": 1, "opacities_months": 59], on: new) == [12...12])
        #expect(try months("A002", ["dust_grade": 1, "opacities_months": 60], on: new) == [36...36])
        #expect(try months("A002", ["dust_grade": 1, "pneumoconiosis": 1], on: old) == [12...24])
    }

    /// 6.5.2.3: cotton: once between the 6th and the 12th month, then by grade. 6.6.2.3: organic dust changed altogether.
    @Test func cottonAndOrganic() throws {
        let start = Day(2026, 1, 1)!
        let first = try cycles(ExamExposure(.factor("A031"), from: start, facts: ["dust_grade": 2]), on: new)
        #expect(first.map(\.kind) == [.once] && first[0].months == 6...12)
        #expect(first[0].due(after: nil, exposed: start) == Day(2026, 7, 1)!...Day(2027, 1, 1)!)
        #expect(
            first[0].due(after: Day(2026, 6, 30)!, exposed: start) != nil && first[0].due(after: Day(2026, 7, 1)!, exposed: start) == nil)
        #expect(try months("A031", ["dust_grade": 2], from: Day(2020, 1, 1)!, on: new) == [24...36])
        #expect(try months("A031", ["dust_grade": 1], from: Day(2020, 1, 1)!, on: new) == [48...60])
        // Under observation for byssinosis only a reader can say (6.5.2.3 c).
        let watched = try cycles(ExamExposure(.factor("A031"), from: start, facts: ["dust_grade": 2, "byssinosis_observed": 1]), on: new)
        #expect(watched.map(\.months) == [nil] && watched[0].missing.map(\.code) == ["exam.period-text"])
        #expect(try months("A021", ["dust_grade": 2], from: Day(2020, 1, 1)!, on: old) == [24...36])
        #expect(try months("A021", ["dust_grade": 2], from: Day(2020, 1, 1)!, on: new) == [12...12])
        #expect(try months("A021", ["dust_grade": 2], from: Day(2025, 1, 1)!, on: new) == [6...6])
    }

    /// 7.1.2.4 of 2014, 7.1.2.3 of 2025: 85 dB(A) and more a year, 80 to below 85 two years; below 80 no period is given.
    @Test func noise() throws {
        for day in [old, new] {
            #expect(try months("C001", ["noise": 85], on: day) == [12...12])
            #expect(try months("C001", ["noise": 84.9], on: day) == [24...24])
            #expect(try months("C001", ["noise": 80], on: day) == [24...24])
            let quiet = try cycles(ExamExposure(.factor("C001"), facts: ["noise": 79.9]), on: day)
            #expect(quiet[0].months == nil && quiet[0].missing.map(\.code) == ["exam.period-open"])
            #expect(try cycles(ExamExposure(.factor("C001")), on: day)[0].strictest == 12)
        }
    }

    /// 5.39.2.3: vinyl chloride: liver function every half year, the whole by grade of the toxic work.
    @Test func vinylChloride() throws {
        let all = try cycles(ExamExposure(.factor("B037"), facts: ["toxic_grade": 1]), on: new)
        #expect(all.map(\.scope) == [["liver_function"], []] && all.map(\.months) == [6...6, 24...24])
        #expect(try months("B037", ["toxic_grade": 2], on: new) == [12...12])
        // Ungraded: Ⅱ and above.
        #expect(try months("B037", on: new) == [12...12])
    }

    /// 5.35.2.3: formaldehyde: half a year in the first two years since 2025; a year in 2014. New rhinitis: nose and throat in 3 months.
    @Test func formaldehyde() throws {
        func own(_ exposure: ExamExposure, on day: Day) throws -> [ExamCycle] {
            try cycles(exposure, on: day).filter { $0.clause == "5.35" }
        }
        let worker = ExamExposure(.factor("B046"), from: Day(2025, 8, 2)!)
        #expect(try own(worker, on: new).map(\.months) == [6...6])
        #expect(try own(worker, on: Day(2027, 8, 1)!).map(\.months) == [6...6])
        #expect(try own(worker, on: Day(2027, 8, 2)!).map(\.months) == [12...12])
        #expect(try own(worker, on: old).map(\.months) == [12...12])
        let sneezing = ExamExposure(.factor("B046"), from: Day(2020, 1, 1)!, facts: ["rhinitis_months": 4])
        #expect(try own(sneezing, on: new).map(\.scope) == [[], ["physical_nose"]] && own(sneezing, on: new)[1].months == 3...3)
        // Since when is unknown: the shorter interval may hold.
        let unknown = try own(ExamExposure(.factor("B046")), on: new)
        #expect(unknown[0].months == nil && unknown[0].strictest == 6)
    }

    /// 5.19 benzene a year in both; 5.21 carbon tetrachloride three years in 2014 and one in 2025; 5.27 recommended, then mandatory.
    @Test func editionsDiffer() throws {
        #expect(try months("B028", on: old) == [12...12] && months("B028", on: new) == [12...12])
        #expect(try months("B036", on: old) == [36...36] && months("B036", on: new) == [12...12])
        let before = try rules.need("in_service", of: [ExamExposure(.factor("B041"))], on: old).parts[0].stage
        let after = try rules.need("in_service", of: [ExamExposure(.factor("B041"))], on: new).parts[0].stage
        #expect(before?.need == .recommended && after?.need == .mandatory)
        // Carbon monoxide in service: recommended in 2014; in 2025 in Appendix C, of which the items are not to hand.
        let gas = try rules.need("in_service", of: [ExamExposure(.factor("B019"))], on: new)
        #expect(gas.parts[0].stage?.need == .recommended && gas.parts[0].stage?.provenance.clause == "C.1.18")
        #expect(gas.missing.map(\.code) == ["exam.items-missing"] && gas.parts[0].cycles.map(\.months) == [36...36])
        // Trichloroethylene in the first three months: the skin every week in 2014.
        let young = ExamExposure(.factor("B038"), from: Day(2026, 7, 1)!)
        #expect(try cycles(young, on: old).map(\.days) == [7, nil])
        #expect(try cycles(young, on: new).map(\.months).contains(36...36))
    }

    /// Driving: by class of vehicle; special work is asked for by its clause, which moved.
    @Test func driving() throws {
        #expect(try months("9.4", ["driver": 1], on: new) == [12...12] && months("9.4", ["driver": 2], on: new) == [24...24])
        #expect(try months("9.6", ["driver": 2], on: old) == [24...24])
        #expect(try months("9.4", on: new) == [nil])
        #expect(throws: Refusal("exam.clause-unknown", ["value": "9.99", "file": "GBZ 188-2025"])) {
            try rules.need("in_service", of: [ExamExposure(.clause("9.99"))], on: new)
        }
    }

    /// Silica, noise and lead before employment (2025): each item once, the wider in place of the narrower.
    @Test func merged() throws {
        let exposures = ["A001", "C001", "B001"].map { ExamExposure(.factor($0)) }
        let need = try rules.need("pre_employment", of: exposures, on: new)
        let items = need.laboratory.map { $0.anyOf.joined(separator: "|") }
        #expect(
            items == [
                "blood_count", "urinalysis", "liver_function", "ecg", "chest_xray_hkv", "lung_function", "audiometry", "fasting_glucose",
                "blood_lead|urine_lead",
            ])
        // With chlorine the blood count is the one with eosinophils, and the chest radiograph of silica serves.
        let more = try rules.need("pre_employment", of: exposures + [ExamExposure(.factor("B013"))], on: new)
        let joined = more.laboratory.flatMap(\.anyOf)
        #expect(joined.contains("blood_count_eosinophils") && !joined.contains("blood_count") && !joined.contains("chest_xray"))
        // Order of the exposures changes nothing in what is asked.
        let reversed = try rules.need("pre_employment", of: exposures.reversed(), on: new)
        #expect(Set(reversed.laboratory) == Set(need.laboratory) && Set(reversed.physical) == Set(need.physical))
        // Nothing but a factor without clause: the base items, and a word.
        let none = try rules.need("pre_employment", of: [ExamExposure(.factor("D003"))], on: new)
        #expect(
            none.laboratory.flatMap(\.anyOf) == Exams.tables.baseItems(in: "2025") && none.missing.map(\.code) == ["exam.factor-outside"])
    }

    /// The next day in time is the earliest of all clauses; unknown facts leave it a bound.
    @Test func nextDue() throws {
        let last = Day(2026, 8, 31)!
        let exposures = [
            ExamExposure(.factor("A001"), facts: ["dust_grade": 1]), ExamExposure(.factor("C001"), facts: ["noise": 86]),
        ]
        let need = try rules.need("in_service", of: exposures, on: Day(2026, 9, 1)!)
        #expect(need.nextDue(after: last)?.day == Day(2027, 8, 31)! && need.nextDue(after: last)?.cycle.clause == "7.1")
        #expect(need.shortest?.clause == "7.1" && !need.isBoundOnly)
        // A half-yearly liver function comes first; six months from 31 August end with February.
        let liver = try rules.need("in_service", of: [ExamExposure(.factor("B042"))], on: Day(2026, 9, 1)!)
        #expect(liver.nextDue(after: last)?.day == Day(2027, 2, 28)! && liver.nextDue(after: last)?.cycle.scope == ["liver_function"])
        let open = try rules.need(
            "in_service", of: [ExamExposure(.factor("A001"), facts: ["dust_grade": 1]), ExamExposure(.factor("C001"))], on: new)
        #expect(open.shortest?.clause == "6.1" && open.isBoundOnly)
        #expect(need.working.contains { $0.zh.contains("噪声") && $0.en.contains("every 12 months") })
    }

    /// 5.44 of 2014 is a heading: the answer says so. A day before 2014-10-01 has no edition.
    @Test func refused() throws {
        let need = try rules.need("in_service", of: [ExamExposure(.factor("B314"))], on: old)
        #expect(need.missing.map(\.code).contains("exam.figures-missing") && need.parts.map(\.factor.clause) == ["5.44", "5.57"])
        #expect(throws: Refusal("exam.no-edition", ["value": "2013-01-01"])) {
            try rules.need("in_service", of: [], on: Day(2013, 1, 1)!)
        }
    }

    /// Appendix C: silica after leaving: to 10 years of exposure 10 years, above 21, every 3; five years and below the limit none.
    @Test func followUp() throws {
        func answer(_ facts: [String: Double]) throws -> (ExamPeriod.Kind?, ClosedRange<Int>?) {
            let cycle = try rules.need("follow_up", of: [ExamExposure(.factor("A001"), facts: facts)], on: new).parts[0].cycles.first
            return (cycle?.kind, cycle?.months)
        }
        #expect(try answer(["exposed_months": 120, "below_limit": 0]) == (.every, 36...36))
        #expect(try answer(["exposed_months": 60, "below_limit": 1]) == (.exempt, nil))
        #expect(try answer(["exposed_months": 61, "below_limit": 1]) == (.every, 36...36))
        #expect(try answer(["exposed_months": 61, "pneumoconiosis": 1]) == (.every, 12...12))
        // Eleven years that ended in 2011: 21 years of follow-up, counted from leaving, not from the start of the exposure.
        let left = Day(2011, 2, 1)!
        let long = try rules.need("follow_up", of: [ExamExposure(.factor("A001"), from: Day(2000, 1, 1)!, until: left)], on: new)
        #expect(long.parts[0].cycles.map(\.lasting) == [252] && long.parts[0].cycles.map(\.months) == [36...36])
        #expect(long.nextDue(after: nil) == nil && long.nextDue(after: left)?.day == Day(2014, 2, 1)!)
        let periods = Exams.tables.periods("follow_up", of: "6.1", in: "2025")
        #expect(
            periods.prefix(2).map(\.forMonths) == [120, 252] && periods.prefix(2).allSatisfy { $0.provenance.source.contains("Appendix C") }
        )
    }

    /// On leaving: an examination in service within 90 days counts; fewer than 30 days below the limit may be left out (2025).
    @Test func leaving() throws {
        let silica = [ExamExposure(.factor("A001"))]
        let day = Day(2026, 12, 31)!
        func outcome(
            _ last: Day?, from: Day?, _ below: Truth, on day: Day = day, _ exposures: [ExamExposure]
        ) throws -> LeavingAnswer.Outcome {
            try rules.leaving(of: exposures, on: day, last: last, from: from, isBelowLimit: below).outcome
        }
        let long = Day(2020, 1, 1)!
        #expect(try outcome(day - 90, from: long, .unknown, silica) == .covered)
        #expect(try outcome(day - 91, from: long, .yes, silica) == .owed)
        #expect(try outcome(day + 1, from: long, .yes, silica) == .owed)
        #expect(try outcome(nil, from: day - 29, .yes, silica) == .exempt)
        #expect(try outcome(nil, from: day - 30, .yes, silica) == .owed)
        #expect(try outcome(nil, from: day - 29, .no, silica) == .owed)
        #expect(try outcome(nil, from: day - 29, .unknown, silica) == .undecided)
        #expect(try outcome(nil, from: nil, .yes, silica) == .undecided)
        let open = try rules.leaving(of: silica, on: day, last: nil, from: nil, isBelowLimit: .unknown)
        #expect(open.missing.compactMap(\.field) == ["from", "below_limit"] && open.provenance.edition == "GBZ 188-2025")
        // 2014 has no such exemption; heat (7.3) has no examination on leaving; electricians neither.
        #expect(try outcome(nil, from: old - 10, .yes, on: old, silica) == .owed)
        #expect(try outcome(nil, from: long, .yes, [ExamExposure(.factor("C002")), ExamExposure(.clause("9.1"))]) == .notOwed)
    }
}
