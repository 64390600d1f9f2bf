import Catalog
import Institutions
import Kernel
import Ledger
import Registry
import Surveillance
import TestKit
import Testing

@Suite struct CardCheckTests {
    private let check = try! CardCheck(Hand.catalog)
    private let day = Day(2026, 9, 1)!

    /// Silica of grade Ⅰ since 2020, examined as 6.1.2.2 of 2025 asks.
    private let silica = [ExamExposure(.factor("A001"), from: Day(2020, 1, 1)!, facts: ["dust_grade": 1])]
    private func card(
        on day: Day? = nil, stage: String = "in_service", factors: [String]? = ["A001"],
        items: [String]? = ["chest_xray_hkv", "ecg", "lung_function"], conclusion: String? = "normal", contraindications: [String]? = [],
        suspected: [String]? = []
    ) -> ExamCard {
        ExamCard(
            day: day ?? self.day, stage: stage, factors: factors, items: items, conclusion: conclusion,
            contraindications: contraindications, suspected: suspected)
    }
    private func codes(_ card: ExamCard, _ exposures: [ExamExposure], previous: Day? = Day(2025, 9, 1)!) throws -> [String] {
        try check.report(card, exposures, previous: previous).certain.map(\.refusal.code)
    }

    @Test func clean() throws {
        let report = try check.report(card(), silica, previous: Day(2025, 9, 1)!)
        #expect(report.isClean && report.need.edition.id == "2025")
        // An abdominal ultrasound serves where liver and spleen are asked for, a wider blood count where a plain one is (5.19.2.2).
        let benzene = [ExamExposure(.factor("B028"), from: Day(2020, 1, 1)!)]
        let wide = ["blood_count_eosinophils", "urinalysis", "liver_function", "ecg", "abdomen_us"]
        #expect(try check.report(card(factors: ["B028"], items: wide), benzene, previous: Day(2025, 9, 1)!).isClean)
    }

    /// One card, one day apart: the item lists of the editions differ (5.1.2.2: fasting glucose since 2025).
    @Test func oneCardTwoEditions() throws {
        let lead = [ExamExposure(.factor("B001"), from: Day(2020, 1, 1)!, facts: ["blood_lead": 300])]
        let items = ["blood_count", "urinalysis", "ecg", "blood_lead"]
        let before = try check.report(card(on: Day(2026, 7, 31)!, factors: ["B001"], items: items), lead, previous: Day(2025, 9, 1)!)
        #expect(before.isClean && before.need.edition.id == "2014")
        let after = try check.report(card(on: Day(2026, 8, 1)!, factors: ["B001"], items: items), lead, previous: Day(2025, 9, 1)!)
        #expect(
            after.certain.map(\.refusal) == [
                Refusal("card.item-missing", field: "items", ["value": "空腹血糖", "value_en": "Fasting blood glucose", "limit": "5.1"])
            ])
        #expect(after.certain[0].provenance.clause == "5.1.2" && after.certain[0].provenance.edition == "GBZ 188-2025")
        // A re-examination is a conclusion until the last day of July.
        let again = { (day: Day) in self.card(on: day, conclusion: "recheck") }
        #expect(try codes(again(Day(2026, 7, 31)!), silica) == [])
        #expect(try codes(again(Day(2026, 8, 1)!), silica) == ["card.conclusion-edition"])
        #expect(try codes(card(conclusion: "none"), silica) == [])
        // The open report is a state that 2014 does not know.
        #expect(try codes(card(on: Day(2026, 7, 31)!, conclusion: "none"), silica) == ["card.conclusion-edition"])
    }

    @Test func missingItems() throws {
        #expect(try codes(card(items: ["chest_xray_hkv", "ecg"]), silica) == ["card.item-missing"])
        // A plain chest X-ray is not the high-kV or digital radiograph that 6.1.2.2 asks for.
        let plain = try check.report(card(items: ["chest_xray", "ecg", "lung_function"]), silica, previous: Day(2025, 9, 1)!)
        #expect(plain.certain.map(\.refusal.details["limit"]) == ["6.1"])
        // Not entered is not missing.
        let blank = try check.report(card(items: nil), silica, previous: Day(2025, 9, 1)!)
        #expect(blank.certain.isEmpty && blank.flaws.map(\.refusal.code) == ["card.items-unknown"])
        // The hands of those who clean the kettles: perhaps (5.39.2.2).
        let vinyl = [ExamExposure(.factor("B037"), from: Day(2020, 1, 1)!, facts: ["toxic_grade": 1])]
        let most = ["blood_count", "urinalysis", "liver_function", "rheumatoid_factor", "liver_spleen_us"]
        let hands = try check.report(card(factors: ["B037"], items: most), vinyl, previous: Day(2025, 9, 1)!)
        #expect(hands.certain.isEmpty && hands.flaws.map(\.refusal.details["value"]) == ["手部X射线摄片（清釜工）"])
        // Before employment the base items are asked even where the factor has no clause (Appendix A).
        let base = try check.report(
            card(stage: "pre_employment", factors: ["A001"], items: ["blood_count", "ecg", "lung_function", "chest_xray_hkv"]), silica)
        #expect(base.certain.map(\.refusal.details["value"]) == ["尿常规", "肝功能"])
    }

    /// Liver function alone between two full examinations is no incomplete one (5.39.2.3 a).
    @Test func partialExamination() throws {
        let vinyl = [ExamExposure(.factor("B037"), from: Day(2020, 1, 1)!, facts: ["toxic_grade": 1])]
        let liver = try check.report(card(factors: ["B037"], items: ["liver_function"]), vinyl, previous: Day(2026, 3, 1)!)
        #expect(liver.isPartial && liver.isClean)
        #expect(try !check.report(card(factors: ["B037"], items: ["liver_function", "ecg"]), vinyl, previous: nil).isPartial)
        // For silica no part comes round sooner.
        #expect(try codes(card(items: ["liver_function"]), silica).count == 3)
    }

    @Test func coverage() throws {
        let both = silica + [ExamExposure(.factor("C001"), facts: ["noise": 86])]
        #expect(try codes(card(items: ["chest_xray_hkv", "ecg", "lung_function", "audiometry"]), both) == ["card.factor-missing"])
        // Below: carbon monoxide owes nothing in service in 2025, so its absence is no flaw.
        let gas = silica + [ExamExposure(.factor("B019"))]
        #expect(try codes(card(), gas) == [])
        let blank = try check.report(card(factors: nil), silica, previous: Day(2025, 9, 1)!)
        #expect(blank.certain.isEmpty && blank.flaws.map(\.refusal.code) == ["card.factors-unknown"])
        // What comes under a clause by inference only is no certain flaw (A013 under 6.4).
        let inferred = try check.report(
            card(), silica + [ExamExposure(.factor("A013"), facts: ["dust_grade": 1])], previous: Day(2025, 9, 1)!)
        #expect(inferred.certain.isEmpty && inferred.flaws.map(\.refusal.code) == ["card.factor-missing"])
    }

    /// Leaving examinations for heat and in-service ones for human immunodeficiency virus are in no edition (7.3, 8.5).
    @Test func wrongStage() throws {
        let heat = [ExamExposure(.factor("C002"), from: Day(2020, 1, 1)!)]
        let leaving = try check.report(card(stage: "leaving", factors: ["C002"]), heat)
        #expect(
            leaving.certain.map(\.refusal) == [
                Refusal("card.stage-none", field: "stage", ["value": "高温", "value_en": "Heat", "limit": "7.3"])
            ])
        #expect(try codes(card(factors: ["E001"], items: ["blood_count"]), [ExamExposure(.factor("E001"))]) == ["card.stage-none"])
        // 5.27 on leaving: none in 2014, one since 2025.
        let aniline = [ExamExposure(.factor("B041"))]
        #expect(try codes(card(on: Day(2026, 7, 31)!, stage: "leaving", factors: ["B041"], items: nil), aniline) == ["card.stage-none"])
        #expect(try codes(card(stage: "leaving", factors: ["B041"], items: nil), aniline) == [])
        // A clause without figures decides nothing (5.44 of 2014).
        let tdi = [ExamExposure(.factor("B314"))]
        let open = try check.report(card(on: Day(2026, 7, 31)!, stage: "emergency", factors: ["B314"], items: nil), tdi)
        #expect(open.certain.isEmpty && open.flaws.contains { $0.refusal.code == "exam.figures-missing" })
    }

    @Test func contraindications() throws {
        #expect(try codes(card(conclusion: "contraindication", contraindications: ["A001"]), silica) == ["card.contraindication"])
        #expect(
            try codes(card(conclusion: "normal", contraindications: ["A001"]), silica) == [
                "card.contraindication", "card.conclusion-differs",
            ])
        // For a factor that the worker does not meet it stands in nobody's way.
        #expect(try codes(card(conclusion: "contraindication", contraindications: ["C001"]), silica) == [])
        #expect(try codes(card(conclusion: "contraindication"), silica) == ["card.contraindication-unnamed"])
        let open = try check.report(card(conclusion: "contraindication", contraindications: nil), silica, previous: Day(2025, 9, 1)!)
        #expect(open.certain.isEmpty && open.flaws.map(\.refusal.code) == ["card.contraindication-unnamed"])
        // 8.5 lists none.
        let hiv = try codes(
            card(stage: "emergency", factors: ["E001"], items: nil, conclusion: "contraindication", contraindications: ["E001"]),
            [ExamExposure(.factor("E001"))])
        #expect(hiv == ["card.contraindication", "card.contraindication-unlisted"])
    }

    /// Silicosis is a target of silica; the carpal tunnel syndrome is on the list since 2025-08-01 and no target of it.
    @Test func suspected() throws {
        #expect(try codes(card(conclusion: "suspected", suspected: ["D001"]), silica) == [])
        #expect(try codes(card(conclusion: "suspected", suspected: ["D032"]), silica) == ["card.disease-not-target"])
        #expect(
            try codes(card(on: Day(2025, 7, 31)!, conclusion: "suspected", suspected: ["D131"]), silica, previous: Day(2024, 9, 1)!)
                == ["card.disease-unlisted", "card.disease-not-target"])
        #expect(try codes(card(on: Day(2025, 8, 1)!, conclusion: "suspected", suspected: ["D131"]), silica) == ["card.disease-not-target"])
        #expect(try codes(card(conclusion: "suspected"), silica) == ["card.suspected-unnamed"])
        #expect(try codes(card(conclusion: "normal", suspected: ["D001"]), silica) == ["card.suspected-conclusion"])
        // Cataract of the older list: a target of microwaves until the list changed.
        let oven = [ExamExposure(.factor("C009"))]
        let light = card(factors: ["C009"], items: ["blood_count"], conclusion: "suspected", suspected: ["X031"])
        #expect(try codes(light, oven, previous: nil).contains("card.disease-unlisted"))
    }

    /// A suspected disease: report in 15 days, diagnosis arranged in 30 (GBZ 188-2025); the result to the employer in 30 working days.
    @Test func clocks() throws {
        func titles(_ card: ExamCard) throws -> [String: Day] {
            let all = try check.report(card, silica).clocks.map { ($0.title.en, $0.deadline.last) }
            return Dictionary(all, uniquingKeysWith: { first, _ in first })
        }
        let ill = try titles(card(conclusion: "suspected", suspected: ["D001"]))
        #expect(ill["Diagnosis of a suspected case arranged"] == day + 30 && ill["Report of a suspected case"] == day + 15)
        // 2026-09-01 and 30 working days: the notice of 2026 decides.
        #expect(ill["Examination report to the employer"] == Hand.catalog.calendar.adding(workdays: 30, to: day).value)
        #expect(try titles(card()).count == 1)
        let open = try titles(card(conclusion: "none"))
        #expect(open["Restart where the re-examination is not completed"] == Day(2026, 12, 1)!)
        #expect(open["Re-examination"] == Hand.catalog.calendar.adding(workdays: 30, to: day).value)
        // 2014 sets no length for the re-examination, and no clock is made up.
        #expect(try titles(card(on: Day(2026, 7, 31)!, conclusion: "recheck"))["Re-examination"] == nil)
    }

    /// Grade Ⅰ silica: two years from the last examination; the last day is in time. Earlier is never a flaw of a longest interval.
    @Test func time() throws {
        #expect(try codes(card(), silica, previous: Day(2024, 9, 1)!) == [])
        #expect(try codes(card(), silica, previous: Day(2024, 8, 31)!) == ["card.late"])
        #expect(try codes(card(), silica, previous: Day(2026, 8, 31)!) == [])
        // Never before: two years from the start of the exposure.
        #expect(try codes(card(), silica, previous: nil) == ["card.late"])
        // Ungraded: late by an assumed grade only.
        let ungraded = [ExamExposure(.factor("A001"), from: Day(2020, 1, 1)!)]
        let assumed = try check.report(card(), ungraded, previous: Day(2025, 8, 31)!)
        #expect(assumed.certain.isEmpty && assumed.flaws.map(\.refusal.code) == ["card.late"])
        // Cotton: the first one between the 6th and the 12th month (6.5.2.3 a).
        let cotton = [ExamExposure(.factor("A031"), from: Day(2026, 3, 2)!, facts: ["dust_grade": 1])]
        let items = ["chest_xray", "ecg", "lung_function"]
        #expect(try codes(card(factors: ["A031"], items: items), cotton, previous: nil) == ["card.early"])
        #expect(try codes(card(on: Day(2026, 9, 2)!, factors: ["A031"], items: items), cotton, previous: nil) == [])
        // The window is missed from the first day of the 13th month on, unless an examination lies in it.
        let older = [ExamExposure(.factor("A031"), from: Day(2025, 8, 1)!, facts: ["dust_grade": 1])]
        let missed = try check.report(card(factors: ["A031"], items: items), older)
        #expect(missed.certain.map(\.refusal.code) == ["card.late"] && missed.certain[0].refusal.details["limit"] == "2026-08-01")
        #expect(try codes(card(on: Day(2026, 8, 1)!, factors: ["A031"], items: items), older, previous: nil) == [])
        #expect(try codes(card(factors: ["A031"], items: items), older, previous: Day(2026, 3, 1)!) == [])
        #expect(try codes(card(factors: ["A031"], items: items), older, previous: Day(2025, 7, 15)!) == ["card.late"])
    }

    /// A worker's file: silica from 2026-01-01, a card without lung function, another that is complete; cards before 2014 are left out.
    @Test func fileOfAWorker() throws {
        func exam(_ id: String, _ day: String, _ items: String) -> Record {
            Hand.record(
                Exam.kind, id,
                [
                    "worker": "W1", "employer": "E1", "day": day, "stage": "in_service", "factors": "A001", "items": items,
                    "conclusion": "normal",
                ])
        }
        let records = [
            Hand.record(Worker.kind, "W1", ["name": "甲"]),
            Hand.record(Employer.kind, "E1", ["name": "一厂", "division": "330402", "since": "2010-01-01"]),
            Hand.record(Employer.kind, "E2", ["name": "二厂", "division": "330402", "since": "2010-01-01"]),
            Hand.record(Exposed.kind, "X1", ["worker": "W1", "employer": "E1", "from": "2026-01-01", "factors": "A001"]),
            Hand.record(Exposed.kind, "X2", ["worker": "W1", "employer": "E2", "from": "2026-01-01", "factors": "C001"]),
            exam("K0", "2013-05-01", "ecg"), exam("K1", "2026-08-15", "chest_xray_hkv;ecg"),
            exam("K2", "2026-09-15", "chest_xray_hkv;ecg;lung_function"),
        ]
        let book = Book(records, divisions: Hand.catalog.divisions)
        let file = try #require(book.file("W1"))
        let reports = check.reports(in: file)
        #expect(reports.map(\.exam.id) == ["K1", "K2"])
        #expect(reports[0].report.certain.map(\.refusal.details["value"]) == ["肺功能"] && reports[1].report.certain.isEmpty)
        // The finding: one, from the day of the card on.
        let rules = Dictionary(Surveillance.feature.findings.map { ($0.name, $0) }, uniquingKeysWith: { _, last in last })
        let findings = Book(records, divisions: Hand.catalog.divisions, findings: rules)
        let terms = Terms(catalog: Hand.catalog, overrides: [:], unit: nil, jurisdiction: DivisionCode("330400"), target: nil)
        let found = try #require(findings.file("W1")).findings("surveillance.card-flaw", terms)
        #expect(found.map(\.record) == ["K1"] && found[0].code == "card.item-missing" && found[0].span.from == Day(2026, 8, 15)!)
    }
}
