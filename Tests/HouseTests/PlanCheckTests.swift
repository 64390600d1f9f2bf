import Foundation
import Kernel
import Ledger
import Planning
import TestKit
import Testing
import Web

@testable import House

/// A plan's file that is wrong is told so with line, field and code, everything at once, in both languages.
@Suite struct PlanCheckTests {
    /// A good file. Its line numbers stand in the tests below.
    static let good = """
        format: 1
        id: GOOD-2021-2025
        name: {zh: 试验规划, en: Trial}
        jurisdiction: {code: '330424', level: county, name: {zh: 海盐县, en: Haiyan}}
        period: {start: 2021, end: 2025}
        document: {number: null, issuers: [县政府], issued: 2021-06-01, public: true}
        parents:
          - {code: '330400', name: {zh: 上级规划}, number: null, plan: null}
        evaluation: {annual: true, midterm: [2023], final: [2025]}
        coordination: {name: {zh: 联席会议}, level: county, members: [health], open: false}
        departments:
          - {function: work_safety, name: {zh: 安监局}, role: member, from: null, until: 2022-03-01}
          - {function: health, name: {zh: 卫健局}, role: lead, from: 2022-03-01, until: null}
        lists:
          payers:
            table: payer
            items: [{code: injury_insurance, zh: 工伤保险}]
          key_industries:
            table: industry
            items: [{zh: 建材, codes: [C30]}]
        schemes:
          grading:
            labels:
              - {label: 甲, levels: [IV, III], rank: 1}
              - {label: 乙, levels: [II], rank: 2}
        three_simultaneities: {stages: [{code: design, zh: 设计}], retro: {severe: {code: design, zh: 补做}}}
        scopes:
          industrial:
            name: {zh: 工业企业}
            where: {industry: [B, C, D]}
          small:
            name: {zh: 小型}
            where: {size: [small, micro], headcount: {min: 5, max: 99}}
        indicators:
          - id: I1
            measure: declaration_rate
            name: {zh: 申报率}
            target: {operator: gte, value: 90, unit: percent}
            due: 2025
            scope: industrial
          - id: I2
            measure: post_pass_rate
            name: {zh: 岗位合格率}
            target: {operator: between, min: 80, max: 100}
            scope: small
            with: {group: dust}
          - id: I3
            measure: milestone
            name: {zh: 建成机构}
            target: {operator: achieved}
            every_year: false
        tasks:
          - {id: T1, title: {zh: 宣传}, kind: main, departments: {stated: [{function: health, role: lead}]}}
        baselines:
          - {name: {zh: 病例}, value: 123, unit: cases, years: [2016, 2020]}
        """

    /// One text of the good file replaced by another, and what must be told: `line field code`, errors first; `?` marks a warning.
    struct Flaw: CustomTestStringConvertible, Sendable {
        let old, new: String
        let told: [String]
        var testDescription: String { new.isEmpty ? "without \(old)" : new }
        init(_ old: String, _ new: String, _ told: String...) { (self.old, self.new, self.told) = (old, new, told) }
    }
    static let flaws: [Flaw] = [
        // The file itself.
        Flaw("format: 1", "format: 2", "1 format plan.format"),
        Flaw("format: 1\n", "", "1 format field.required"),
        Flaw("id: GOOD-2021-2025\n", "", "1 id field.required"),
        Flaw("id: GOOD-2021-2025", "id: ''", "2 id field.required"),
        Flaw("id: GOOD-2021-2025", "id: [GOOD]", "2 id plan.shape"),
        Flaw("id: GOOD-2021-2025", "id: GOOD/2021", "2 id plan.id"),
        Flaw("en: Trial", "en: Trial, true", "3 name.true field.unknown"),
        Flaw("{zh: 试验规划, en: Trial}", "{en: Trial}", "3 name field.required"),
        Flaw("period: {start", "perioid: {start", "1 period field.required", "5 perioid field.unknown"),
        Flaw("start: 2021, end: 2025", "start: 2025, end: 2021", "5 period plan.period"),
        Flaw("start: 2021, end: 2025", "start: zwei, end: 3021", "5 period.start plan.year", "5 period.end plan.year"),
        Flaw("'330424'", "'999999'", "4 jurisdiction.code division.unknown"),
        Flaw("'330424'", "'330401'", "4 jurisdiction.code division.unknown"),
        Flaw("level: county, name: {zh: 海", "level: prefecture, name: {zh: 海", "4 jurisdiction.level plan.level"),
        Flaw("level: county, name: {zh: 海", "name: {zh: 海", "4 jurisdiction.level field.required"),
        Flaw(
            "jurisdiction: {code: '330424', level: county, name: {zh: 海盐县, en: Haiyan}}", "jurisdiction: '330424'",
            "4 jurisdiction plan.shape"),
        Flaw("issued: 2021-06-01", "issued: 2021-06-31", "6 document.issued day.format"),
        Flaw("public: true", "public: perhaps", "6 document.public flag.format"),
        Flaw("code: '330400'", "code: '450200'", "? 8 parents[0].code plan.parent"),
        Flaw("code: '330400'", "code: '330424'", "? 8 parents[0].code plan.parent"),
        Flaw("code: '330400'", "code: Jiaxing", "8 parents[0].code division.format"),
        Flaw("midterm: [2023]", "midterm: [soon]", "9 evaluation.midterm[0] plan.year"),
        Flaw("midterm: [2023]", "midterm: 2023", "9 evaluation.midterm plan.shape"),
        Flaw("annual: true", "yearly: true", "9 evaluation.yearly field.unknown"),
        Flaw("members: [health]", "members: [health, police]", "? 10 coordination.members[1] code.unknown"),
        Flaw("level: county, members", "level: canton, members", "10 coordination.level code.unknown"),
        // YAML.
        Flaw("name: {zh: 试验规划", "name: {zh: 试验规划: x", "3 . plan.yaml"),
        Flaw("    name: {zh: 工业企业}", "\tname: {zh: 工业企业}", "29 . plan.yaml"),
        Flaw("  industrial:\n    name: {zh: 工业企业}", "  industrial:\n    name: {zh: '工业企业}", "29 . plan.yaml"),
        Flaw("    due: 2025\n", "    due: 2025\n    due: 2024\n", "40 . plan.yaml"),
        Flaw("format: 1\n", "format: 1\nid: TWICE\n", "3 . plan.yaml"),
        Flaw("scope: small", "scope: *small", "45 . plan.yaml"),
        Flaw("tasks:", "---\ntasks:", "52 . plan.yaml"),
        // Departments.
        Flaw("until: 2022-03-01", "until: 2022-13-01", "12 departments[0].until day.format"),
        Flaw("from: null, until: 2022-03-01", "from: 2023-01-01, until: 2022-03-01", "12 departments[0].until day.order"),
        Flaw(
            "{function: health, name: {zh: 卫健局}", "{name: {zh: 卫健局}", "13 departments[1].function field.required",
            "? 10 coordination.members[0] code.unknown"),
        Flaw("role: lead, from", "role: boss, from", "13 departments[1].role code.unknown"),
        Flaw(
            "  - {function: health, name: {zh: 卫健局}, role: lead, from: 2022-03-01, until: null}", "  - health",
            "13 departments[1] plan.shape", "? 10 coordination.members[0] code.unknown"),
        // Lists and schemes.
        Flaw("table: payer", "table: purse", "16 lists.payers.table code.unknown"),
        Flaw("code: injury_insurance", "code: lottery", "17 lists.payers.items[0].code code.unknown"),
        Flaw("codes: [C30]", "codes: [C3O]", "? 20 lists.key_industries.items[0].codes scope.no-industry"),
        Flaw("levels: [IV, III]", "levels: [IV, V]", "24 schemes.grading.labels[0].levels code.unknown"),
        Flaw("levels: [II]", "levels: [II, III]", "25 schemes.grading.labels[1].levels key.repeated"),
        Flaw("rank: 2", "rank: second", "25 schemes.grading.labels[1].rank number.whole"),
        Flaw("retro: {severe", "retro: {grave", "26 three_simultaneities.retro.grave code.unknown"),
        // Scopes.
        Flaw("industry: [B, C, D]", "industry: []", "30 scopes.industrial.where.industry scope.empty"),
        Flaw("industry: [B, C, D]", "industry: [B, Z]", "? 30 scopes.industrial.where.industry scope.no-industry"),
        Flaw("industry: [B, C, D]", "trade: [B]", "30 scopes.industrial.where.trade field.unknown"),
        Flaw("where: {industry: [B, C, D]}", "where: [B]", "30 scopes.industrial.where scope.format"),
        Flaw("where: {industry: [B, C, D]}", "where: {any: []}", "30 scopes.industrial.where.any scope.format"),
        Flaw(
            "where: {industry: [B, C, D]}", "where: {all: [{not: {sizes: [small]}}]}",
            "30 scopes.industrial.where.all[0].not.sizes field.unknown"),
        Flaw("where: {industry: [B, C, D]}", "where: {always: false}", "30 scopes.industrial.where.always scope.format"),
        Flaw("    where: {industry: [B, C, D]}\n", "", "29 scopes.industrial.where field.required"),
        Flaw("size: [small, micro]", "size: [small, tiny]", "33 scopes.small.where.size code.unknown"),
        Flaw("min: 5, max: 99", "min: 99, max: 5", "33 scopes.small.where.headcount scope.format"),
        Flaw("min: 5, max: 99", "min: five", "33 scopes.small.where.headcount.min number.whole"),
        Flaw("min: 5, max: 99", "least: 5, max: 99", "33 scopes.small.where.headcount.least field.unknown"),
        Flaw("  small:\n", "  all:\n", "31 scopes.all scope.format", "45 indicators[1].scope scope.unknown"),
        // Indicators.
        Flaw("  - id: I2", "  - id: I1", "41 indicators[1].id key.repeated"),
        Flaw("  - id: I2\n    measure", "  - measure", "41 indicators[1].id field.required"),
        Flaw("measure: declaration_rate", "measure: declaration_date", "36 indicators[0].measure measure.unknown"),
        Flaw("    measure: declaration_rate\n", "", "35 indicators[0].measure field.required"),
        Flaw("    name: {zh: 申报率}\n", "", "35 indicators[0].name field.required"),
        Flaw("due: 2025\n    scope", "deu: 2025\n    scope", "39 indicators[0].deu field.unknown"),
        Flaw("due: 2025\n    scope", "due: 25\n    scope", "39 indicators[0].due plan.year"),
        Flaw("due: 2025\n    scope", "due: 2030\n    scope", "? 39 indicators[0].due plan.due-outside"),
        Flaw("operator: gte", "operator: atleast", "38 indicators[0].target.operator operator.unknown"),
        Flaw("operator: gte, ", "", "38 indicators[0].target.operator field.required"),
        Flaw("value: 90", "value: 90%", "38 indicators[0].target.value number.format"),
        Flaw("value: 90", "value: 190", "38 indicators[0].target.value number.range"),
        Flaw("value: 90", "value: -1", "38 indicators[0].target.value number.range"),
        Flaw("value: 90, ", "", "38 indicators[0].target.value field.required"),
        Flaw("value: 90, unit: percent", "value: 90, unit: cases", "38 indicators[0].target.unit target.unit"),
        Flaw("value: 90, unit: percent", "value: 90, unit: percents", "38 indicators[0].target.unit code.unknown"),
        Flaw("min: 80, max: 100", "min: 100, max: 80", "44 indicators[1].target plan.period"),
        Flaw(
            "min: 80, max: 100", "min: x, max: y", "44 indicators[1].target.min number.format", "44 indicators[1].target.max number.format"),
        Flaw("target: {operator: achieved}", "target: achieved", "50 indicators[2].target plan.shape"),
        Flaw("target: {operator: achieved}", "target: {operator: gte, value: 1}", "50 indicators[2].target.operator operator.judged"),
        Flaw("target: {operator: achieved}", "target: {operator: increasing}", "50 indicators[2].target.operator operator.judged"),
        Flaw("every_year: false", "every_year: sometimes", "51 indicators[2].every_year flag.format"),
        Flaw("scope: industrial", "scope: industry", "40 indicators[0].scope scope.unknown"),
        Flaw("measure: declaration_rate", "measure: officer_training_rate", "? 40 indicators[0].scope scope.no-employer"),
        Flaw("due: 2025\n    scope", "unit: factory\n    scope", "39 indicators[0].unit code.unknown"),
        Flaw(
            "measure: declaration_rate\n    name: {zh: 申报率}", "measure: in_service_exam_rate\n    name: {zh: 体检率}\n    unit: case",
            "38 indicators[0].unit code.unknown"),
        Flaw("    with: {group: dust}\n", "", "41 indicators[1].with.group field.required"),
        Flaw("group: dust", "group: dusty", "46 indicators[1].with.group code.unknown"),
        Flaw("group: dust", "group: dust, everyone: maybe", "46 indicators[1].with.everyone flag.format"),
        Flaw("group: dust", "group: dust, case.days: 3", "46 indicators[1].with.case.days parameter.unknown"),
        Flaw("scope: industrial", "with: {declaration.initial_days: soon}", "40 indicators[0].with.declaration.initial_days number.whole"),
        Flaw("scope: industrial", "with: {declaration.valid_months: 0}", "40 indicators[0].with.declaration.valid_months number.range"),
        Flaw(
            "scope: industrial", "with: {declaration.valid_months: null}", "40 indicators[0].with.declaration.valid_months field.required"),
        Flaw("    target: {operator: gte, value: 90, unit: percent}\n", "", "35 indicators[0].target field.required"),
        // Tasks and the rest.
        Flaw("kind: main", "kind: major", "53 tasks[0].kind code.unknown"),
        Flaw("role: lead}]", "role: chief}]", "53 tasks[0].departments.stated[0].role code.unknown"),
        Flaw("title: {zh: 宣传}, ", "", "53 tasks[0].title field.required"),
        Flaw("  - {id: T1,", "  - {id: T1, title: {zh: 一}}\n  - {id: T1,", "54 tasks[1].id key.repeated"),
        Flaw("years: [2016, 2020]", "years: [2016, later]", "55 baselines[0].years[1] plan.year"),
        Flaw("indicators:\n", "indicators: []\nextra:\n", "34 indicators field.required", "35 extra field.unknown"),
        Flaw(
            "scopes:\n", "scopes: []\nspaces:\n", "27 scopes plan.shape", "28 spaces field.unknown", "41 indicators[0].scope scope.unknown",
            "46 indicators[1].scope scope.unknown"),
    ]

    private func told(_ text: String) -> (plan: Plan?, told: [String]) {
        let (plan, problems) = House.read(plan: text, catalog: Hand.catalog)
        return (plan, problems.map { "\($0.isWarning ? "? " : "")\($0.line) \($0.field.isEmpty ? "." : $0.field) \($0.code)" })
    }

    @Test func theGoodFileIsGood() throws {
        let (plan, told) = told(Self.good)
        #expect(told.isEmpty && plan?.indicators.count == 3)
    }

    @Test(arguments: flaws) func aFlawIsToldWhereItStands(_ flaw: Flaw) throws {
        #expect(Self.good.contains(flaw.old))
        let (plan, told) = told(Self.good.replacing(flaw.old, with: flaw.new, maxReplacements: 1))
        #expect(told == flaw.told)
        #expect((plan == nil) == flaw.told.contains { !$0.hasPrefix("?") })
    }

    @Test func everythingIsToldAtOnce() throws {
        var text = Self.good
        for (old, new) in [
            ("format: 1", "format: 7"), ("'330424'", "'330499'"), ("operator: gte", "operator: more"), ("group: dust", "group: smoke"),
            ("size: [small, micro]", "size: [huge]"), ("until: 2022-03-01", "until: never"), ("kind: main", "kind: odd"),
        ] { text = text.replacing(old, with: new, maxReplacements: 1) }
        let (plan, told) = told(text)
        #expect(plan == nil)
        #expect(
            told == [
                "1 format plan.format", "4 jurisdiction.code division.unknown", "12 departments[0].until day.format",
                "33 scopes.small.where.size code.unknown",
                "38 indicators[0].target.operator operator.unknown", "46 indicators[1].with.group code.unknown",
                "53 tasks[0].kind code.unknown",
            ])
    }

    /// What is no plan at all, or one made to hurt, ends with a word and not with a crash.
    @Test(arguments: [
        ("", "plan.empty"), ("# nothing\n", "plan.empty"), ("just words", "plan.yaml"), ("- a\n- b\n", "plan.yaml"), ("\u{0}", "plan.yaml"),
        ("a: \u{7}", "plan.yaml"), ("format: 1\r\nid: [", "plan.yaml"), (String(repeating: "[", count: 100_000), "plan.yaml"),
        (String(repeating: "{a: ", count: 100_000), "plan.yaml"), (String(repeating: "- ", count: 100_000) + "a", "plan.yaml"),
        ((0..<5000).map { String(repeating: " ", count: $0) + "a:\n" }.joined(), "plan.yaml"),
        ("notes: " + String(repeating: "x", count: 1_100_000), "plan.yaml"),
        (
            "a: &a [1,1,1,1,1,1,1,1,1,1]\n"
                + zip("bcdefgh", "abcdefg").map { "\($0): &\($0) [\(Array(repeating: "*\($1)", count: 10).joined(separator: ","))]\n" }
                .joined(), "plan.yaml"
        ),
    ]) func whatIsNoPlan(_ text: String, _ code: String) throws {
        let (plan, problems) = House.read(plan: text, catalog: Hand.catalog)
        #expect(plan == nil && problems.first?.code == code && (problems.first?.line ?? 0) >= 1)
    }

    /// Windows' line ends and a byte-order mark change nothing, and lines are still counted right.
    @Test func lineEndsOfWindows() throws {
        #expect(told("\u{FEFF}" + Self.good.replacing("\n", with: "\r\n")).told.isEmpty)
        #expect(
            told(Self.good.replacing("\n", with: "\r\n").replacing("kind: main", with: "kind: x")).told == ["53 tasks[0].kind code.unknown"]
        )
    }

    @Test func aLooserTargetThanTheParents() throws {
        func plan(_ text: String) throws -> Plan { try #require(House.read(plan: text, catalog: Hand.catalog).plan) }
        let parent = try plan(
            Self.good.replacing("'330424', level: county", with: "'330400', level: prefecture").replacing(
                "'330400', name", with: "'330000', name"
            )
            .replacing("GOOD-2021-2025", with: "CITY-2021-2025"))
        #expect(try plan(Self.good).doubts(under: [parent]).isEmpty)
        let looser = try plan(Self.good.replacing("value: 90", with: "value: 85.5").replacing("min: 80", with: "min: 75")).doubts(under: [
            parent
        ])
        #expect(
            looser.map { "\($0.line) \($0.field) \($0.code) \($0.isWarning)" } == [
                "38 I1.target plan.looser true", "44 I2.target plan.looser true",
            ])
        #expect(looser.first?.details == ["value": "85.5", "expected": "90", "parent": "CITY-2021-2025"])
        // Another group is another indicator.
        #expect(
            try plan(Self.good.replacing("min: 80", with: "min: 75").replacing("group: dust", with: "group: noise")).doubts(under: [parent])
                .isEmpty)
    }

    /// Every code has words in both languages, with nothing left unfilled.
    @Test func everyFlawHasWords() throws {
        let pages = try Pages()
        var codes: Set<String> = []
        func check(_ problems: [PlanProblem]) {
            for problem in problems {
                codes.insert(problem.code)
                let refusal = Refusal(problem.code, row: problem.line, field: problem.field, problem.details)
                let words = Language.allCases.map { pages.say(refusal, in: $0) }
                #expect(!words.contains { $0.contains(problem.code) || $0.contains("{{") || $0.isEmpty }, "\(problem)")
                #expect(Set(words).count == words.count, "\(problem)")
                for (name, value) in problem.details where ["value", "expected", "limit", "reason"].contains(name) {
                    #expect(
                        pages.has("refusal.\(problem.code)", in: .english) && !value.isEmpty || problem.code.hasSuffix("format"),
                        "\(problem)")
                }
            }
        }
        for flaw in Self.flaws {
            check(House.read(plan: Self.good.replacing(flaw.old, with: flaw.new, maxReplacements: 1), catalog: Hand.catalog).problems)
        }
        check(House.read(plan: "", catalog: Hand.catalog).problems)
        #expect(codes.count >= 25)
        #expect(pages.has("refusal.plan.looser", in: .chinese) && pages.has("refusal.plan.looser", in: .english))
    }
}

/// The five plans themselves.
@Suite struct FivePlansCheckTests {
    static let folder = Repository.root
        .appendingPathComponent("Data/plans")
    private func plans() throws -> [Plan] {
        try FileManager.default.contentsOfDirectory(atPath: Self.folder.path).filter { $0.hasSuffix(".yaml") }.sorted().map { name in
            let (plan, problems) = House.read(
                plan: try String(contentsOf: Self.folder.appendingPathComponent(name), encoding: .utf8), catalog: Hand.catalog)
            #expect(problems.map(\.description) == [], "\(name)")
            let read = try #require(plan)
            #expect(read.jurisdiction.text + ".yaml" == name)
            return read
        }
    }

    /// Indicator, measure, operator, number, due year, as the requirements print them; `every`: each year of the plan.
    static let printed = """
        KZHQ-IND-01 declaration_rate gte 85 2020
        KZHQ-IND-02 periodic_testing_rate gte 80 2020
        KZHQ-IND-03 in_service_exam_rate gte 90 2020
        KZHQ-IND-04 principal_training_rate gte 95 2020
        KZHQ-IND-05 manager_training_rate gte 95 2020
        KZHQ-IND-06 medical_dose_rate gte 90 2020
        KZHQ-IND-07 officer_training_rate eq 100 2020
        KZHQ-IND-08 key_disease_monitoring_coverage gte 90 2020
        KZHQ-IND-09 injury_insurance_coverage gte 80 2020
        KZHQ-IND-10 dust_under5_share decreasing - 2020
        KZHQ-IND-11 major_acute_incidents controlled - 2020
        KZHQ-IND-12 chronic_poisoning_cases controlled - 2020
        KZHQ-IND-13 acute_radiation_cases controlled - 2020
        KZHQ-IND-14 biological_cases controlled - 2020
        KZHQ-IND-15 milestone achieved - 2020
        KZHQ-IND-16 milestone achieved - 2020
        KZHQ-IND-17 milestone achieved - 2020
        KZHQ-IND-18 payer_linkage qualitative - 2020
        KZHQ-IND-19 budget_growth increasing - 2020
        FX-IND-01 injury_insured_headcount increasing - 2025
        FX-IND-02 declaration_rate gte 90 2025
        FX-IND-03 testing_pass_rate gte 85 2025
        FX-IND-04 nonmedical_dose_rate gte 90 2025
        FX-IND-05 awareness_rate gte 85 2025
        FX-IND-06 rehab_township_coverage gte 90 2025
        FX-IND-07 violation_case_handling_rate eq 100 2025
        FX-IND-08 city_institute_exists eq 100 2025
        FX-IND-09 city_public_diagnosis eq 100 2025
        FX-IND-10 county_public_exam gte 95 2025
        FX-IND-11 diagnosis_reporting_rate eq 100 2025
        FX-IND-12 pneumoconiosis_cases controlled - 2025
        FX-IND-13 chemical_poisoning_cases controlled - 2025
        MTG-IND-01 declaration_rate gte 95 2020
        MTG-IND-02 periodic_testing_rate gte 95 2020
        MTG-IND-03 in_service_exam_rate gte 95 2020
        MTG-IND-04 principal_training_rate gte 95 2020
        MTG-IND-05 manager_training_rate gte 95 2020
        MTG-IND-06 employer_archive_rate gte 95 2020
        MTG-IND-07 worker_file_rate gte 95 2020
        MTG-IND-08 supervision_coverage gte 95 2020
        MTG-IND-09 severe_case_handling_rate eq 100 2020
        MTG-IND-10 officer_training_rate eq 100 2020
        MTG-IND-11 key_disease_monitoring_coverage eq 100 2020
        MTG-IND-12 diagnosis_reporting_rate gte 95 2020
        MTG-IND-13 medical_dose_rate gte 95 2020
        MTG-IND-14 injury_insurance_coverage gte 90 2020
        MTG-IND-15 dust_under5_share decreasing - 2020
        MTG-IND-16 major_acute_incidents eq 0 2020
        MTG-IND-17 campaign_selections between 1-2 every
        MTG-IND-18 capacity_adequacy qualitative - 2020
        MTG-IND-19 milestone achieved - 2020
        MTG-IND-20 milestone achieved - 2020
        MTG-IND-21 payer_linkage qualitative - 2020
        JX-IND-01 declaration_rate gte 85 2020
        JX-IND-02 periodic_testing_rate gte 85 2020
        JX-IND-03 in_service_exam_rate gte 95 2020
        JX-IND-04 principal_training_rate gte 95 2020
        JX-IND-05 manager_training_rate gte 95 2020
        JX-IND-06 notification_rate gte 95 2020
        JX-IND-07 warning_sign_rate gte 95 2020
        JX-IND-08 medical_dose_rate gte 95 2020
        JX-IND-09 officer_training_rate eq 100 2020
        JX-IND-10 key_disease_monitoring_coverage eq 100 2020
        JX-IND-11 diagnosis_reporting_rate gte 95 2020
        JX-IND-12 report_quality_index increasing - 2020
        JX-IND-13 injury_insurance_coverage eq 100 2020
        JX-IND-14 institution_inspection_coverage eq 100 2020
        JX-IND-15 demo_enterprises gte 1 2020
        JX-IND-16 capacity_adequacy qualitative - 2020
        JX-IND-17 major_acute_incidents controlled - 2020
        JX-IND-18 chronic_poisoning_cases controlled - 2020
        JX-IND-19 acute_radiation_cases controlled - 2020
        JX-IND-20 milestone achieved - 2020
        JX-IND-21 milestone achieved - 2020
        JX-IND-22 milestone achieved - 2020
        JX-IND-23 payer_linkage qualitative - 2020
        LN-IND-01 injury_insured_headcount increasing - 2025
        LN-IND-02 declaration_rate gte 90 2025
        LN-IND-03 testing_pass_rate gte 85 2025
        LN-IND-04 nonmedical_dose_rate gte 90 2025
        LN-IND-05 awareness_rate gte 85 2025
        LN-IND-06 rehab_township_coverage gte 90 2025
        LN-IND-07 violation_case_handling_rate eq 100 2025
        LN-IND-08 county_public_exam eq 100 2025
        LN-IND-09 post_pass_rate gte 85 2025
        LN-IND-10 post_pass_rate gte 85 2025
        LN-IND-11 post_pass_rate gte 85 2025
        LN-IND-12 healthy_applications gte 1 2025
        LN-IND-13 healthy_total gte 5 2025
        LN-IND-14 newcase_employer_enforcement eq 100 2025
        LN-IND-15 publicity_week gte 1 every
        LN-IND-16 campaign_scope_coverage qualitative - 2025
        LN-IND-17 grading_coverage qualitative - 2025
        LN-IND-18 enforcement_coverage_trend increasing - 2025
        LN-IND-19 pneumoconiosis_cases controlled - 2025
        LN-IND-20 noise_deafness_cases controlled - 2025
        """

    @Test func theyReadWithoutADoubtAndSayWhatTheDocumentsSay() throws {
        let plans = try plans()
        #expect(Set(plans.map(\.id)) == ["KZHQ-2017-2020", "FX-2021-2025", "MTG-2016-2020", "JX-2018-2020", "LN-2021-2025"])
        let printed = Self.printed.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
        let read = plans.flatMap { plan in
            plan.indicators.map { indicator in
                let target = indicator.target
                let range = target.range.map { "\(plainText(.real($0.lowerBound)))-\(plainText(.real($0.upperBound)))" }
                let number = target.value.map { plainText(.real($0)) } ?? range ?? "-"
                let line = "\(indicator.id) \(indicator.measure.name) \(target.operator.rawValue) \(number) "
                let isEvery = indicator.everyYear && indicator.due == plan.years.upperBound && printed.contains(line + "every")
                return line + (isEvery ? "every" : String(indicator.due))
            }
        }
        #expect(read.count == 96 && printed.count == 96)
        for line in printed where !read.contains(line) { Issue.record("not read: \(line)") }
        for line in read where !printed.contains(line) { Issue.record("not printed: \(line)") }
    }

    @Test func everyClauseIsThePlansOwn() throws {
        for plan in try plans() {
            let prefix = String(plan.id.prefix { $0 != "-" }) + "-"
            let shown = plan.sections.flatMap(\.rows).filter { $0.label.hasSuffix("clauses") }.flatMap {
                $0.text.components(separatedBy: "、")
            }
            var clauses = shown + plan.indicators.flatMap(\.clauses) + plan.scopes.flatMap(\.clauses)
            clauses += plan.departments.flatMap(\.clauses) + plan.tasks.flatMap(\.clauses)
            clauses += plan.lists.flatMap(\.clauses) + plan.schemes.flatMap(\.clauses)
            #expect(clauses.count > 50)
            #expect(clauses.filter { $0.wholeMatch(of: /[A-Z]+-\d\d/) == nil || !$0.hasPrefix(prefix) } == [], "\(plan.id)")
            #expect(plan.indicators.allSatisfy { !$0.clauses.isEmpty && $0.id.hasPrefix(prefix) })
        }
    }
}
