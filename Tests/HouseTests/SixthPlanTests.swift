import Foundation
import Kernel
import Ledger
import Planning
import Storage
import TestKit
import Testing

@testable import House

/// A sixth plan, of a county that has none, added by its file alone (Tests/HouseTests/Plans/sixth.yaml): nothing of it stands in Swift.
@Suite struct SixthPlanTests {
    static func text(_ path: String) throws -> String {
        let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        return try String(contentsOf: tests.appendingPathComponent(path), encoding: .utf8)
    }
    static func sixth() throws -> String { try text("Plans/sixth.yaml") }
    static func liunan() throws -> String { try text("../../Data/plans/450204.yaml") }
    /// Liunan's definitions word for word, over the sixth plan's county: what the same records would count as there.
    static func moved() throws -> String {
        let moved = try liunan().replacing("id: LN-2021-2025", with: "id: LNX-2021-2025").replacing(
            "code: '450204'", with: "code: '341324'")
        return moved.replacing("name: {zh: 柳州市柳南区, en: 'Liunan District, Liuzhou'}", with: "name: {zh: 泗县, en: Sixian}")
    }
    private func plan(_ text: String) throws -> Plan {
        let (plan, problems) = House.read(plan: text, catalog: Hand.catalog)
        #expect(problems.filter { !$0.isWarning }.isEmpty)
        return try #require(plan)
    }

    // Records

    /// Five employers, two workers, one institution and what befell them, as files would bring them.
    private static let records: [(String, [String: String])] = [
        ("division", ["division": "341324100", "name": "泗城镇"]), ("division", ["division": "341324101", "name": "墩集镇"]),
        // A severe small private panel maker, a liquor maker, a workshop of three, a large state firm, a pig farm.
        ("employer", employer("E1", "C2021", "small", "private", "severe", 40)),
        ("employer", employer("E2", "C1512", "medium", "private", "general", 120)),
        ("employer", employer("E3", "C2021", "micro", "private", "general", 3)),
        ("employer", employer("E4", "C2021", "large", "state", "general", 400)),
        ("employer", employer("E5", "A0313", "small", "private", "general", 30)),
        ("workplace", ["code": "W1", "employer": "E1", "name": "W"]), ("workplace", ["code": "W2", "employer": "E2", "name": "W"]),
        ("workplace", ["code": "W4", "employer": "E4", "name": "W"]), ("workplace", ["code": "W5", "employer": "E5", "name": "W"]),
        ("post", ["code": "P1", "workplace": "W1", "employer": "E1", "name": "P1"]),
        ("post", ["code": "P2", "workplace": "W2", "employer": "E2", "name": "P2"]),
        ("post", ["code": "P4", "workplace": "W4", "employer": "E4", "name": "P4"]),
        ("post", ["code": "P5", "workplace": "W5", "employer": "E5", "name": "P5"]),
        ("employer_hazard", ["employer": "E1", "post": "P1", "factor": "A032"]),
        ("employer_hazard", ["employer": "E1", "post": "P1", "factor": "B046"]),
        ("employer_hazard", ["employer": "E2", "post": "P2", "factor": "B046"]),
        ("employer_hazard", ["employer": "E4", "post": "P4", "factor": "C001"]),
        ("employer_hazard", ["employer": "E5", "post": "P5", "factor": "E002"]),
        ("institution", ["code": "I1", "name": "县医院", "division": "341324", "public": "1", "since": "2010-01-01"]),
        ("qualification", ["institution": "I1", "type": "testing", "from": "2015-01-01"]),
        ("qualification", ["institution": "I1", "type": "exam", "from": "2015-01-01"]),
        ("qualification", ["institution": "I1", "type": "diagnosis", "from": "2015-01-01"]),
        ("capacity", ["institution": "I1", "type": "exam", "year": "2021", "amount": "1"]),
        // Declarations: E4's is three years old.
        ("declaration", ["employer": "E1", "type": "initial", "submitted": "2021-01-20", "accepted": "2021-02-01"]),
        ("declaration", ["employer": "E2", "type": "initial", "submitted": "2021-02-20", "accepted": "2021-03-01"]),
        ("declaration", ["employer": "E4", "type": "initial", "submitted": "2018-12-20", "accepted": "2019-01-01"]),
        // Tests: E1 exceeds with formaldehyde.
        ("test_report", ["code": "R1", "employer": "E1", "institution": "I1", "type": "periodic", "sampled": "2021-05-01"]),
        ("test_result", ["report": "R1", "post": "P1", "factor": "A032", "verdict": "pass"]),
        ("test_result", ["report": "R1", "post": "P1", "factor": "B046", "verdict": "exceed"]),
        ("test_report", ["code": "R2", "employer": "E2", "institution": "I1", "type": "periodic", "sampled": "2021-06-01"]),
        ("test_result", ["report": "R2", "post": "P2", "factor": "B046", "verdict": "pass"]),
        ("test_report", ["code": "R4", "employer": "E4", "institution": "I1", "type": "periodic", "sampled": "2021-06-01"]),
        ("test_result", ["report": "R4", "post": "P4", "factor": "C001", "verdict": "pass"]),
        // Workers: one examined eighteen months ago and insured, one neither.
        ("worker", ["code": "A", "name": "甲工"]), ("worker", ["code": "B", "name": "乙工"]),
        ("employment", ["worker": "A", "employer": "E1", "from": "2018-01-01"]),
        ("employment", ["worker": "B", "employer": "E2", "from": "2018-01-01"]),
        ("exposure", ["worker": "A", "employer": "E1", "post": "P1", "factors": "A032", "from": "2018-01-01"]),
        ("exposure", ["worker": "B", "employer": "E2", "post": "P2", "factors": "B046", "from": "2018-01-01"]),
        ("exam", ["worker": "A", "employer": "E1", "institution": "I1", "day": "2020-06-01", "stage": "in_service", "factors": "A032"]),
        ("insured", ["worker": "A", "employer": "E1", "from": "2018-01-01"]),
        // Training: the principal of E1 two and a half years ago, its manager last year.
        ("person_role", ["code": "H", "employer": "E1", "name": "厂长", "role": "principal", "from": "2016-01-01"]),
        ("person_role", ["code": "M", "employer": "E1", "name": "管理员", "role": "oh_manager", "from": "2016-01-01"]),
        ("training", ["person": "H", "day": "2019-06-01"]), ("training", ["person": "M", "day": "2020-06-01"]),
        ("archive_part", ["employer": "E1", "part": "management", "day": "2020-01-01"]),
        ("archive_part", ["employer": "E1", "part": "testing", "day": "2020-01-01"]),
        ("archive_part", ["employer": "E1", "part": "surveillance", "day": "2020-01-01"]),
        ("notice", ["employer": "E5", "post": "P5", "type": "bulletin", "day": "2020-01-01"]),
        ("warning_sign", ["employer": "E1", "post": "P1", "category": "dust", "installed": "2020-01-01"]),
        ("inspection", ["employer": "E1", "day": "2021-04-01"]),
        // Cases: a pneumoconiosis of last year after three years of dust, a brucellosis of this year.
        ("diagnosis", diagnosis("D1", "B", "D001", "2020-05-01", dustYears: "3")),
        ("diagnosis", diagnosis("D2", "A", "D117", "2021-04-01")),
        ("report_card", ["diagnosis": "D1", "reported": "2020-05-05", "complete": "1", "accurate": "1"]),
        ("report_card", ["diagnosis": "D2", "reported": "2021-04-06", "complete": "1", "accurate": "0"]),
        (
            "violation_case",
            [
                "division": "341324", "employer": "E1", "found": "2021-03-01", "severity": "severe", "decided": "2021-05-15",
                "outcome": "penalty",
            ]
        ),
        ("incident", ["division": "341324", "day": "2021-07-01", "level": "major"]),
        ("grade", ["employer": "E1", "scheme": "grading", "level": "IV", "label": "丙", "from": "2021-01-01"]),
        ("grade", ["employer": "E2", "scheme": "other", "level": "I", "label": "甲", "from": "2021-01-01"]),
        ("survey", ["code": "S", "title": "S", "division": "341324", "day": "2021-09-01"]),
        ("survey_response", ["survey": "S", "group": "a", "items": "10", "correct": "9"]),
        ("survey_response", ["survey": "S", "group": "b", "items": "10", "correct": "6"]),
        ("survey_response", ["survey": "S", "group": "c", "items": "10", "correct": "3"]),
        ("monitoring_assignment", ["division": "341324100", "year": "2021", "disease": "布病", "completed": "2021-10-01"]),
        ("monitoring_assignment", ["division": "341324101", "year": "2021", "disease": "布病"]),
        ("budget_line", ["division": "341324", "year": "2019", "category": "a", "spent": "50"]),
        ("budget_line", ["division": "341324", "year": "2020", "category": "a", "spent": "100"]),
        ("budget_line", ["division": "341324", "year": "2021", "category": "a", "spent": "150"]),
        ("judgement", ["plan": "SX-2019-2024", "indicator": "SX-29", "day": "2021-11-01", "verdict": "achieved", "evidence": "验收单"]),
    ]
    private static func employer(
        _ code: String, _ industry: String, _ size: String, _ ownership: String, _ severity: String, _ headcount: Int
    ) -> [String: String] {
        [
            "code": code, "name": code, "division": "341324", "industry": industry, "size": size, "ownership": ownership,
            "severity": severity,
            "headcount": String(headcount), "sector": "enterprise", "hazards": "1", "since": "2015-01-01",
        ]
    }
    private static func diagnosis(
        _ code: String, _ worker: String, _ disease: String, _ day: String, dustYears: String = ""
    ) -> [String: String] {
        [
            "code": code, "worker": worker, "institution": "I1", "division": "341324", "day": day, "disease": disease, "confirmed": "1",
            "dust_years": dustYears,
        ]
    }

    /// A house with Liunan's plan, the same definitions over the county, and the records; the sixth plan comes after them, by its file.
    private func house(_ kind: Dialect = .sqlite) async throws -> (House, MovingClock) {
        let clock = MovingClock()
        clock.set(try #require(Moment("2022-01-05 09:00")))
        let house = try await House.open(try await Stores.fresh(kind), catalog: Hand.catalog, clock: clock.clock)
        try await house.add(plan: try Self.liunan(), by: .house)
        try await house.add(plan: try Self.moved(), by: .house)
        for (name, cells) in Self.records {
            let draft = Draft(try #require(house.ledger.kinds[name]), cells)
            let receipts = try await house.ledger.submit([draft], Submission(by: .house, door: "test", home: "341324"))
            guard receipts[0].fate.id != nil else { throw Refusal("refused", ["value": "\(name) \(cells): \(receipts[0].fate)"]) }
        }
        try await house.add(plan: try Self.sixth(), by: .house)
        return (house, clock)
    }
    private func board(_ house: House, _ plan: String, on day: String = "2021-12-31", knownAt moment: String? = nil) async throws -> Board {
        try await house.ledger.store.read { [boards = house.boards] db in
            let known = moment.flatMap { Moment($0) }
            let (plan, edition) = try boards.plan(db, plan, knownAt: known)
            return try boards.board(db, plan, edition: edition.edition, on: Day(day) ?? .distantPast, knownAt: known)
        }
    }
    /// `id value outcome`, the value with two decimals.
    private func shown(_ board: Board) -> [String] {
        board.states.map { "\($0.indicator.id) \($0.figure.value.map { String(format: "%.2f", $0) } ?? "–") \($0.outcome.rawValue)" }
    }
    private func value(_ board: Board, _ id: String) throws -> Double? {
        try #require(board.states.first { $0.indicator.id == id }).figure.value
    }

    // Tests

    @Test(arguments: Stores.kinds) func everyIndicatorIsComputed(_ kind: Dialect) async throws {
        let (house, _) = try await house(kind)
        let board = try await board(house, "SX-2019-2024")
        #expect(
            shown(board) == [
                // Of E1 and E4 (five persons and more, no liquor) E1; E4's declaration is older than 24 months.
                "SX-01 50.00 unmet",
                // Of E1's two parts, E2's and E4's (large or severe): E1's severe cycle of six months is over.
                "SX-02 50.00 unmet",
                // Employers not of the state: E1 exceeds, E2 passes. Posts with chemicals: the same two.
                "SX-03 50.00 unmet", "SX-04 50.00 unmet",
                // Pairs, 24 months; private employers under a hundred, 36 months; managers, 24 months: the four employers without one.
                "SX-05 50.00 unmet", "SX-06 33.33 unmet", "SX-07 20.00 unmet",
                // Two of three questionnaires with six of ten right.
                "SX-08 66.67 met", "SX-09 – not_applicable", "SX-10 – not_applicable",
                "SX-11 100.00 met", "SX-12 50.00 unmet", "SX-13 50.00 unmet", "SX-14 100.00 met",
                // E1 of E1 and E4 keeps the three parts; the farm has its bulletin; of three signs one.
                "SX-15 50.00 unmet", "SX-16 100.00 met", "SX-17 33.33 unmet",
                // E1 of five employers and an institution.
                "SX-18 16.67 unmet", "SX-19 100.00 met", "SX-20 0.50 unmet", "SX-21 – not_applicable",
                // Of all diseases: 100 % in the baseline year, none now.
                "SX-22 0.00 met", "SX-23 1.00 met", "SX-24 1.00 unjudged", "SX-25 150.00 met",
                // Of E1, E2 and E4 only E1 is graded in the plan's own scheme.
                "SX-26 33.33 unmet", "SX-27 75.00 unmet", "SX-28 – unjudged", "SX-29 – judged_met",
            ])
        #expect(board.states.count == 29 && board.plan.indicators.count == 29)
        #expect(try await house.ledger.verify().isEmpty)
        // Liunan's own board knows nothing of the county.
        #expect(try await self.board(house, "LN-2021-2025").states.allSatisfy { ($0.figure.value ?? 0) == 0 })
    }

    @Test func theSameRecordsCountDifferentlyUnderLiunansDefinitions() async throws {
        let (house, _) = try await house()
        let here = try await board(house, "SX-2019-2024")
        let there = try await board(house, "LNX-2021-2025")
        func pair(_ ours: String, _ theirs: String) throws -> [Double?] { [try value(here, ours), try value(there, theirs)] }
        // Declarations: five persons, no liquor, 24 months, against every industrial employer.
        #expect(try pair("SX-01", "LN-IND-02") == [50, 75])
        // Tests: employers that are not the state's, against posts and factors of all.
        #expect(try pair("SX-03", "LN-IND-03") == [50, 75])
        // Awareness: persons that pass at six of ten, against right answers.
        #expect(try pair("SX-08", "LN-IND-05").map { $0.map { ($0 * 100).rounded() / 100 } } == [66.67, 60])
        // Chemicals: everyone, against the employers of a campaign, of which there are none.
        #expect(try pair("SX-04", "LN-IND-10") == [50, nil])
        // Supervision with institutions, without.
        #expect(try pair("SX-18", "LN-IND-18").map { $0.map { ($0 * 100).rounded() / 100 } } == [16.67, 20])
        // Classes of the plan's own scheme, of any.
        #expect(try pair("SX-26", "LN-IND-17").map { $0.map { ($0 * 100).rounded() / 100 } } == [33.33, 40])
        // A severe case on its seventieth day: late here, pending there.
        let (late, pending) = (
            try await board(house, "SX-2019-2024", on: "2021-05-10"), try await board(house, "LNX-2021-2025", on: "2021-05-10")
        )
        #expect(try value(late, "SX-14") == 0 && value(pending, "LN-IND-07") == nil)
    }

    /// Overrides, units and scopes of the sixth plan, each written otherwise, and the figure that follows; nil: none.
    private static let otherwise: [(id: String, old: String, new: String, value: Double?)] = [
        ("SX-01", "declaration.valid_months: 24", "declaration.valid_months: 48", 100),
        ("SX-01", "scope: industrial-five\n    with: {declaration", "scope: all\n    with: {declaration", 40),
        ("SX-02", "testing.cycle_severe_months: 6", "testing.cycle_severe_months: 12", 100),
        ("SX-02", "unit: post-factor", "unit: employer", 66.67),
        ("SX-03", "scope: not-state", "scope: all", 66.67), ("SX-03", "unit: employer", "unit: point", 66.67),
        ("SX-04", "group: chemical", "group: dust", 100), ("SX-05", "exam.cycle_months: 24", "exam.cycle_months: 12", 0),
        ("SX-06", "scope: private-small", "scope: all", 20), ("SX-06", "training.valid_months: 36", "training.valid_months: 12", 0),
        ("SX-07", "training.valid_months: 24", "training.valid_months: 12", 0),
        ("SX-08", "awareness.pass: 0.6", "awareness.pass: 0.8", 33.33),
        ("SX-08", "method: respondents, ", "", 60), ("SX-11", "with: {report.days: 7}", "with: {report.days: 3}", 0),
        ("SX-13", "level: township}", "level: county}", 0),
        ("SX-15", "archive.parts: [management, testing, surveillance]", "archive.parts: [training]", 0),
        ("SX-16", "notice.types: [bulletin]", "notice.types: [contract]", 0), ("SX-17", "[dust, chemical]}", "[dust]}", 100),
        ("SX-18", "institutions: true", "institutions: false", 20), ("SX-20", "services: [exam]", "services: [exam, testing]", 0),
        ("SX-22", "all_diseases: true, ", "", nil), ("SX-26", "grade.scheme: grading", "grade.scheme: other", 33.33),
        ("SX-26", "    with: {grade.scheme: grading}\n", "", 66.67),
        ("SX-27", "quality.weights: [2, 1, 1]", "quality.weights: [0, 0, 1]", 0),
    ]

    /// None of what the file says of its figures is decoration.
    @Test func everyOverrideUnitAndScopeActs() async throws {
        let text = try Self.sixth()
        let (house, _) = try await house()
        for (id, old, new, expected) in Self.otherwise {
            // The first use behind the indicator's id.
            let start = try #require(text.range(of: "- id: \(id) "))
            let place = try #require(text.range(of: old, range: start.upperBound..<text.endIndex), "\(id) \(old)")
            try await house.add(plan: text.replacingCharacters(in: place, with: new), by: .house)
            let found = try value(try await board(house, "SX-2019-2024"), id)
            #expect(found.map { ($0 * 100).rounded() / 100 } == expected, "\(id) \(new)")
        }
    }

    /// Without a baseline year the first year of the plan is compared with, and that one has no figure.
    @Test func theBaselineYearIsData() async throws {
        let (house, _) = try await house()
        #expect(try await board(house, "SX-2019-2024").states.first { $0.indicator.id == "SX-22" }?.outcome == .met)
        try await house.add(plan: try Self.sixth().replacing(", baseline_year: 2020", with: ""), by: .house)
        #expect(try await board(house, "SX-2019-2024").states.first { $0.indicator.id == "SX-22" }?.outcome == .untold)
    }

    @Test func aSecondEditionActsAtOnceAndTheFirstStaysKnown() async throws {
        let (house, clock) = try await house()
        clock.set(try #require(Moment("2022-02-01 09:00")))
        var text = try Self.sixth()
        for (old, new) in [
            ("value: 92", "value: 35"), ("scope: industrial-five\n    with: {declaration", "scope: everybody\n    with: {declaration"),
        ] {
            #expect(text.contains(old))
            text = text.replacing(old, with: new, maxReplacements: 1)
        }
        #expect(try await house.add(plan: text, by: .house).edition == 2)
        // The same file again is no third edition.
        #expect(try await house.add(plan: text, by: .house).edition == 2)
        let now = try await board(house, "SX-2019-2024")
        #expect(now.edition == 2 && shown(now)[0] == "SX-01 40.00 met")
        let before = try await board(house, "SX-2019-2024", knownAt: "2022-01-20 12:00")
        #expect(before.edition == 1 && shown(before)[0] == "SX-01 50.00 unmet")
        #expect(before.states[0].indicator.target.value == 92 && before.states[0].indicator.scopeID == "industrial-five")
        // What the new edition left alone is as it was.
        #expect(shown(now).dropFirst() == shown(before).dropFirst())
        #expect(try await house.ledger.verify().isEmpty)
    }

    @Test func theFileIsReadWhole() throws {
        let (plan, problems) = House.read(plan: try Self.sixth(), catalog: Hand.catalog)
        #expect(problems.map(\.description) == [])
        let sixth = try #require(plan)
        let liunan = try self.plan(try Self.liunan())
        #expect(sixth.years == 2019...2024 && sixth.jurisdiction.text == "341324" && sixth.parents.map(\.text) == ["341300"])
        // Every operator, and none of Liunan's indicators under its own target.
        #expect(Set(sixth.indicators.map(\.target.operator)) == Set(Target.Operator.allCases))
        for ours in sixth.indicators where ours.measure.style != .judged {
            for theirs in liunan.indicators where theirs.measure.name == ours.measure.name {
                // An institution that is there or is not leaves no other number than 100 %; it is due five years earlier.
                #expect(ours.target != theirs.target || ours.due != theirs.due, "\(ours.id) as \(theirs.id)")
            }
        }
        // Vocabularies, codes and their order.
        func list(_ plan: Plan, _ id: String) -> [String] { plan.lists.first { $0.id == id }?.items.map { $0.code ?? $0.name.zh } ?? [] }
        #expect(list(sixth, "payers") == ["commercial", "injury_insurance", "charity", "basic_medical"])
        #expect(list(sixth, "venues") == ["park", "fair", "school"] && list(sixth, "institutions").isEmpty)
        #expect(sixth.lists.first { $0.id == "watch_diseases" }?.items.flatMap(\.codes) == ["D117", "D095", "D016"])
        for id in Set(sixth.lists.map(\.id)).intersection(liunan.lists.map(\.id)) { #expect(list(sixth, id) != list(liunan, id), "\(id)") }
        // The evaluation calendar.
        func row(_ plan: Plan, _ label: String) -> String? {
            plan.sections.first { $0.id == "evaluation" }?.rows.first { $0.label == label }?.text
        }
        #expect(row(sixth, "midterm") == "2020、2022" && row(sixth, "final") == "2024" && row(sixth, "reports_to") == "县人民代表大会常务委员会")
        #expect(row(liunan, "midterm") == nil && row(liunan, "final") == nil)
        #expect(sixth.tasks.map(\.kind) == ["main", "box", "safeguard"] && sixth.tasks[0].subtasks.map(\.id) == ["SX-T1.1"])
        #expect(sixth.tasks[0].stated == ["县总工会", "县商务局"])
    }

    @Test func theDirectionOfTheLettersIsData() throws {
        func scheme(_ text: String) throws -> [String: GradingScheme.Label] {
            let labels = try #require(try plan(text).schemes.first { $0.id == "grading" }).labels
            return Dictionary(uniqueKeysWithValues: labels.map { ($0.label, $0) })
        }
        let (ours, theirs) = (try scheme(try Self.sixth()), try scheme(try Self.liunan()))
        #expect(ours["甲"]?.levels == ["0", "I"] && ours["甲"]?.rank == 3 && ours["丙"]?.levels == ["IV"] && ours["丙"]?.rank == 1)
        #expect(
            theirs["甲"]?.levels == ["IV", "III"] && theirs["甲"]?.rank == 1 && theirs["丙"]?.levels == ["I", "0"] && theirs["丙"]?.rank == 3)
        // The same level has the best letter here and the worst there.
        func letter(_ labels: [String: GradingScheme.Label], _ level: String) -> String? {
            labels.values.first { $0.levels.contains(level) }?.label
        }
        #expect([letter(ours, "0"), letter(theirs, "0"), letter(ours, "IV"), letter(theirs, "IV")] == ["甲", "丙", "丙", "甲"])
    }

    @Test func departmentsHoldFunctionsBetweenDates() throws {
        let sixth = try plan(try Self.sixth())
        func holders(_ function: String, _ day: String) throws -> [String] {
            let day = try #require(Day(day))
            return sixth.departments.filter { $0.function == function && $0.force.contains(day) }.map(\.name.zh)
        }
        #expect(try holders("work_safety", "2019-03-14") == ["县安全生产监督管理局"])
        #expect(try holders("work_safety", "2019-03-15") == ["县应急管理局"])
        #expect(try holders("work_safety", "2019-12-31") == ["县应急管理局"])
        #expect(try holders("work_safety", "2020-01-01") == ["县卫生健康委"])
        #expect(try holders("health", "2019-01-01") == ["县卫生健康委"])
        #expect(sixth.departments.filter { $0.role == "lead" }.map(\.function) == ["trade_union"])
        // Functions that no real plan knows need no program.
        #expect(try holders("agriculture", "2022-01-01") == ["县农业农村局"])
    }
}
