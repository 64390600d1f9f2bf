import Catalog
import Foundation
import Grading
import Hygiene
import Kernel
import Ledger
import TestKit
import Testing

@testable import Surveillance

enum Hearing {
    static let standards = Repository.standards
    static let rules: HearingRules = {
        do { return HearingRules(try HearingTables(standards: standards)) } catch { fatalError("hearing.yaml cannot be read: \(error)") }
    }()
    static func day(_ text: String) -> Day { Day(text)! }
    static func side(_ text: String, _ loss: Audiogram.Loss? = .sensorineural, bone: String? = nil) -> Audiogram.Side {
        try! Audiogram.Side(
            try! Audiogram.Side.read(text), bone: bone.map { try! Audiogram.Side.read($0) } ?? Audiogram.Side.nothing, loss: loss)
    }
    static func test(
        _ date: String, _ left: String, _ right: String, loss: Audiogram.Loss? = .sensorineural, quiet: Double? = 200,
        recheck: Bool = false,
        fromNoise: Bool? = nil
    ) -> Audiogram {
        Audiogram(
            day(date), left: side(left, loss), right: side(right, loss), quietHours: quiet, isRecheck: recheck, isFromNoise: fromNoise)
    }
    static func man(_ birth: String, noise: String? = "2005-01-01") -> HearingPerson {
        HearingPerson(sex: .male, birth: day(birth), noiseSince: noise.map(day))
    }
}

/// Worked by hand, thresholds in the order 500, 1000, 2000, 3000, 4000, 6000 Hz.
@Suite struct HearingTests {
    private let rules = Hearing.rules

    /// Table A.1 of GBZ 49-2014 is formula 1 of GB/T 7582-2004 at 30, 40 … 70 years to the whole decibel: two tables read apart agree.
    @Test func tableAgreesWithFormula() throws {
        let table = try #require(rules.tables.ageShift("gbz49-2014"))
        let formula = try #require(rules.tables.ageShift("gbt7582-2004"))
        for sex in HearingTables.Sex.allCases {
            for age in stride(from: 30, through: 70, by: 10) {
                #expect(table.medians(age: age, sex: sex) == formula.medians(age: age, sex: sex)?.map(rounded), "\(sex) \(age)")
            }
            // Below 30 the table has nought; GB/T 7582 speaks from 18 to 70.
            #expect(table.medians(age: 18, sex: sex) == [0, 0, 0, 0, 0, 0] && table.medians(age: 29, sex: sex) == [0, 0, 0, 0, 0, 0])
            #expect(table.medians(age: 17, sex: sex) == nil && formula.medians(age: 17, sex: sex) == nil)
            #expect(table.medians(age: 85, sex: sex) == table.medians(age: 70, sex: sex) && formula.medians(age: 71, sex: sex) == nil)
        }
    }

    /// ISO 7029:2017 at 4 kHz for a man of 60: 0.0034 × 42^2.325 = 20.21 dB (published example).
    @Test func newerMedians() throws {
        let median = try #require(rules.tables.ageShift("iso7029-2017")?.medians(age: 60, sex: .male)?[4])
        #expect(abs(median - 20.2085) < 0.00005)
    }

    /// A man of 52: correction 4 4 7 12 16 18. Left 25 30 40 60 75 80 → 21 26 33 48 59 62, right 30 35 45 65 70 85 → 26 31 38 53 54 67.
    /// BHFTA (48+59+62+53+54+67)/6 = 57.17 → 57; MTMV left 80/3 × 0.9 + 5.9 = 29.9 → 30, right 95/3 × 0.9 + 5.4 = 33.9 → 34.
    @Test func averagesOfGBZ49() throws {
        let test = Hearing.test("2024-05-10", "25 30 40 60 75 80", "30 35 45 65 70 85")
        let shift = try #require(rules.tables.ageShift("gbz49-2014"))
        let (levels, working) = try rules.corrected(HearingLevels(test), on: test.day, of: Hearing.man("1972-01-01"), by: shift)
        #expect(levels.left == [21, 26, 33, 48, 59, 62] && levels.right == [26, 31, 38, 53, 54, 67])
        #expect(levels.binauralHigh == 57 && levels.weighted(.left) == 30 && levels.weighted(.right) == 34)
        #expect(levels.betterWeighted() == 30)
        #expect(working.zh.contains("52岁男") && working.zh.contains("4, 4, 7, 12, 16, 18"))
    }

    /// The same audiogram as judgements: 57 of 40 and 30 of 26, with the editions of the figures and of the correction.
    @Test func averagesAsJudgements() throws {
        let test = Hearing.test("2024-05-10", "25 30 40 60 75 80", "30 35 45 65 70 85")
        let found = rules.averages(test, of: Hearing.man("1972-01-01"))
        #expect(found.map(\.value) == [57, 30] && found.map(\.limit) == [40, 26] && found.allSatisfy { $0.verdict == .exceeds })
        #expect(found[0].provenance.edition == "GBZ 49-2014" && found[0].working.count == 3)
        #expect(found[0].working[1].zh == "左耳修正后 21, 26, 33, 48, 59, 62 dB")
        let partial = rules.averages(Hearing.test("2024-05-10", "25 30 40 60 75 -", "30 35 45 65 70 85"), of: Hearing.man("1972-01-01"))
        #expect(partial.map(\.verdict) == [.undecided, .exceeds])
        #expect(partial[0].missing == [Refusal("hearing.threshold-missing", ["value": "6000 Hz (L)"])])
        let unborn = rules.averages(test, of: HearingPerson(sex: .female, birth: nil))
        #expect(unborn.allSatisfy { $0.verdict == .undecided && $0.missing.map(\.code) == ["hearing.birth-missing"] })
        let old = rules.averages(Hearing.test("2007-11-29", "0 0 0 0 0 0", "0 0 0 0 0 0"), of: Hearing.man("1972-01-01"))
        #expect(old.allSatisfy { $0.missing.map(\.code) == ["hearing.edition-missing"] && $0.limit == nil })
    }

    /// The same man, three tests: the least thresholds are those above. 30 dB is mild (clause 4 a).
    @Test func gradeOfNoiseDeafness() throws {
        let tests = [
            Hearing.test("2024-05-10", "25 35 40 60 75 80", "30 35 45 65 70 85"),
            Hearing.test("2024-05-14", "30 30 45 60 75 85", "35 35 50 65 75 85"),
            Hearing.test("2024-05-18", "25 30 40 65 80 80", "30 40 45 70 70 90"),
        ]
        let grade = rules.noiseDeafness(tests, of: Hearing.man("1972-01-01"))
        #expect(grade.rank == 1 && grade.label.zh == "轻度噪声聋" && grade.index == 30 && grade.missing.isEmpty)
        #expect(grade.provenance.edition == "GBZ 49-2014" && grade.provenance.confidence == .verified)
        #expect(grade.working.contains { $0.zh == "双耳高频平均听阈 57 dB" })
    }

    /// What keeps a grade from being told; one condition is broken at a time.
    @Test func conditionsOfTheDiagnosis() throws {
        func three(_ change: (Int) -> Audiogram) -> [Audiogram] { (0..<3).map(change) }
        func plain(_ index: Int, quiet: Double? = 200, loss: Audiogram.Loss? = .sensorineural) -> Audiogram {
            Hearing.test("2024-05-\(10 + index * 4)", "25 30 40 60 75 80", "30 35 45 65 70 85", loss: loss, quiet: quiet)
        }
        let person = Hearing.man("1972-01-01")
        func missing(_ tests: [Audiogram], _ person: HearingPerson) -> [String] {
            let grade = rules.noiseDeafness(tests, of: person)
            #expect((grade.rank == nil) == !grade.missing.isEmpty)
            return Set(grade.missing.map(\.code)).sorted()
        }
        #expect(missing(three { plain($0) }, person) == [])
        #expect(missing([plain(0), plain(1)], person) == ["hearing.tests-few"])
        #expect(
            missing([plain(0), plain(1), Hearing.test("2024-05-16", "25 30 40 60 75 80", "30 35 45 65 70 85")], person) == [
                "hearing.tests-close"
            ])
        #expect(missing(three { plain($0, quiet: 167) }, person) == ["hearing.quiet-short"])
        #expect(missing(three { plain($0, quiet: nil) }, person) == ["hearing.quiet-unknown"])
        #expect(missing(three { plain($0, loss: nil) }, person) == ["hearing.loss-unknown"])
        #expect(missing(three { plain($0, loss: .conductive) }, person) == ["hearing.loss-conductive"])
        #expect(missing(three { plain($0, loss: .mixed) }, person).contains("hearing.bone-missing"))
        #expect(missing(three { plain($0) }, Hearing.man("1972-01-01", noise: nil)) == ["hearing.noise-years-unknown"])
        #expect(
            missing(three { plain($0) }, HearingPerson(sex: nil, birth: Hearing.day("1972-01-01"), noiseSince: Hearing.day("2000-01-01")))
                == ["hearing.sex-missing"])
        #expect(
            missing(three { plain($0) }, HearingPerson(sex: .male, birth: nil, noiseSince: Hearing.day("2000-01-01"))) == [
                "hearing.birth-missing"
            ])
        // 10 dB apart are allowed, 15 are not (A.2).
        func apart(_ high: Int) -> [Audiogram] {
            [plain(0), plain(1), Hearing.test("2024-05-18", "25 30 40 60 \(high) 80", "30 35 45 65 70 85")]
        }
        #expect(missing(apart(85), person) == [])
        #expect(missing(apart(90), person) == ["hearing.tests-differ"])
        // Two years of noise: no diagnosis, and no need to know more.
        let new = rules.noiseDeafness(three { plain($0) }, of: Hearing.man("1972-01-01", noise: "2022-05-19"))
        #expect(new.rank == 0 && new.missing.isEmpty)
        #expect(rules.noiseDeafness(three { plain($0) }, of: Hearing.man("1972-01-01", noise: "2021-05-18")).rank == 1)
        #expect(rules.noiseDeafness([], of: person).missing.map(\.code) == ["hearing.tests-few"])
    }

    /// Rounding comes before the limits: 237/6 = 39.5 is 40, 236/6 is 39. MTMV 25.5 is 26; 40.5 is 41; 55.5 is 56.
    @Test func boundaries() throws {
        func rank(_ left: String, _ right: String) -> Int? {
            let tests = (0..<3).map { Hearing.test("2024-05-\(10 + $0 * 4)", left, right) }
            return rules.noiseDeafness(tests, of: Hearing.man("2000-01-01")).rank
        }
        // 24 years: no correction. Speech 25 ×0.9 = 22.5, + 4 kHz × 0.1: 30 → 25.5.
        #expect(rank("25 25 25 40 39 40", "25 25 25 40 38 40") == 1)  // 237/6; left 22.5 + 3.9 = 26.4
        #expect(rank("25 25 25 40 38 40", "25 25 25 40 38 40") == 0)  // 236/6
        #expect(rank("25 25 25 50 30 60", "60 60 60 70 70 70") == 1)  // 22.5 + 3.0 = 25.5 → 26
        #expect(rank("25 25 25 50 29 60", "60 60 60 70 70 70") == 0)  // 25.4 → 25
        #expect(rank("40 40 40 60 45 60", "60 60 60 70 70 70") == 2)  // 36 + 4.5 = 40.5 → 41
        #expect(rank("40 40 40 60 44 60", "60 60 60 70 70 70") == 1)  // 40.4 → 40
        #expect(rank("55 55 55 70 60 70", "60 60 60 70 70 70") == 3)  // 49.5 + 6 = 55.5 → 56
        #expect(rank("55 55 55 70 59 70", "60 60 60 70 70 70") == 2)
        // Speech loses no less than high frequencies: not of noise (A.8).
        #expect(rank("60 60 60 60 60 60", "60 60 60 60 60 60") == 0)
        #expect(rank("60 60 60 60 61 60", "60 60 60 60 61 60") == 3)
    }

    /// Both ears come to 60; only the right loses more at high frequencies: whichever way round, it is of noise.
    @Test func earsAlike() throws {
        func rank(_ left: String, _ right: String) -> Int? {
            rules.noiseDeafness((0..<3).map { Hearing.test("2024-05-\(10 + $0 * 4)", left, right) }, of: Hearing.man("2000-01-01")).rank
        }
        #expect(rank("60 60 60 60 60 60", "60 60 60 65 60 60") == 3 && rank("60 60 60 65 60 60", "60 60 60 60 60 60") == 3)
    }

    /// A file with a flaw is refused with its line and field.
    @Test func flawedFiles() throws {
        let text = try String(contentsOf: Hearing.standards.appendingPathComponent("hearing.yaml"), encoding: .utf8)
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("hearing-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        func flaw(_ old: String, _ new: String) throws -> (code: String, field: String?, row: Int?) {
            #expect(text.contains(old))
            try text.replacingOccurrences(of: old, with: new).write(
                to: folder.appendingPathComponent("hearing.yaml"), atomically: true, encoding: .utf8)
            do {
                _ = try HearingTables(standards: folder)
                return ("none", nil, nil)
            } catch let refusal as Refusal { return (refusal.code, refusal.field, refusal.row) }
        }
        #expect(try flaw("male: [9, 11, 19, 31, 43, 49]", "male: [9, 11, 19, 31, 43]").code == "catalog.number")
        #expect(
            try flaw("from: '2015-03-01'\n    until: null\n    age_shift", "from: '2015-02-30'\n    until: null\n    age_shift").code
                == "catalog.day")
        #expect(try flaw("age_shift: gbz49-2014", "age_shift: gbz49-2013").field == "age_shift")
        #expect(try flaw("confidence: own, from: '2026-08-01'", "confidence: sure, from: '2026-08-01'").code == "catalog.confidence")
        #expect(try flaw("measure: worst_high", "measure: worst").code == "catalog.choice")
        #expect(try flaw("at: [2000, 3000, 4000]", "at: [2000, 3000, 8000]").field == "at")
        #expect(try flaw("until: '2015-03-01'", "until: '2007-11-30'").code == "catalog.span")
        #expect(try flaw("correction: unstated}", "correction: maybe}").row ?? 0 > 100)
        #expect(throws: Refusal("catalog.file", ["value": "hearing.yaml"])) {
            try HearingTables(standards: folder.appendingPathComponent("no"))
        }
    }

    /// A mixed loss is judged by bone conduction (A.6, A.7).
    @Test func mixedLoss() throws {
        func test(_ index: Int, bone: String?) -> Audiogram {
            let ear = Hearing.side("55 60 60 80 90 90", .mixed, bone: bone)
            return Audiogram(Hearing.day("2024-05-\(10 + index * 4)"), left: ear, right: ear, quietHours: 200)
        }
        let grade = rules.noiseDeafness((0..<3).map { test($0, bone: "30 30 30 50 60 60") }, of: Hearing.man("2000-01-01"))
        #expect(grade.rank == 1 && grade.index == 33)  // 27 + 6
    }

    /// The edition of the day of the last test. Speech mean 25, 4000 Hz 60: 2014 weighs in 4000 Hz (22.5 + 6 = 28.5 → 29, mild), 2007 does
    /// not (25) and keeps him under observation; before 30 November 2007 nothing is to hand.
    @Test func editionsOfTheDiagnosis() throws {
        func grade(_ last: String) -> (rank: Int?, edition: String, missing: [String]) {
            let end = Hearing.day(last)
            let tests = [8, 4, 0].map { Hearing.test((end - $0).description, "25 25 25 50 60 60", "25 25 25 50 60 60") }
            let found = rules.noiseDeafness(
                tests, of: HearingPerson(sex: .male, birth: Hearing.day("1990-06-01"), noiseSince: Hearing.day("2000-01-01")))
            return (found.rank, found.provenance.edition, found.missing.map(\.code))
        }
        #expect(grade("2015-03-01") == (1, "GBZ 49-2014", []))
        #expect(grade("2015-02-28") == (1, "GBZ 49-2007", []))
        #expect(rules.tables.diagnosis(on: Hearing.day("2015-02-28"))?.observation?.level.label.zh == "观察对象")
        #expect(grade("2007-11-29").missing == ["hearing.edition-missing"])
    }

    /// 14 h are enough before a first test from 1 August 2026; the day before 48 h were asked for. 48 h before a second one.
    @Test func quiet() throws {
        func verdict(_ date: String, _ hours: Double?, recheck: Bool = false) -> String {
            rules.quiet(Hearing.test(date, "0 0 0 0 0 0", "0 0 0 0 0 0", quiet: hours, recheck: recheck)).verdict.rawValue
        }
        #expect(verdict("2026-08-01", 14) == "pass" && verdict("2026-08-01", 13.9) == "exceed" && verdict("2026-07-31", 14) == "exceed")
        #expect(verdict("2026-08-01", 47, recheck: true) == "exceed" && verdict("2026-08-01", 48, recheck: true) == "pass")
        #expect(verdict("2026-08-01", nil) == "unknown" && verdict("2014-09-30", 100) == "unknown")
    }

    /// The example of 29 CFR 1910.95 App. F: right ear 0 0 5 at 2, 3, 4 kHz at 27, then 10 10 25 at 32: 10, 10, 20, mean 13.3 ≥ 10.
    @Test func shifts() throws {
        let baseline = Hearing.test("2019-01-10", "0 0 0 0 5 5", "0 0 0 0 5 5")
        let now = Hearing.test("2024-01-10", "0 0 0 0 5 5", "0 5 10 10 25 20")
        let osha = try rules.shift(from: baseline, to: now, by: "osha")
        #expect(abs(try #require(osha.value) - 40.0 / 3) < 1e-12 && osha.verdict == .exceeds && osha.limit == 10)
        let niosh = try rules.shift(from: baseline, to: now, by: "niosh")
        #expect(niosh.value == 20 && niosh.verdict == .exceeds && niosh.limit == 15)
        // Less what GB/T 7582 adds from 27 to 32 at 2, 3, 4 kHz: α × (14² − 9²) = 115 α: 0.805, 1.3225, 1.84; mean 40/3 − 1.3225.
        let aged = try rules.shift(
            from: baseline, to: now, by: "osha", ageShift: rules.tables.ageShift("gbt7582-2004"),
            of: HearingPerson(sex: .male, birth: Hearing.day("1991-12-01")))
        #expect(abs(try #require(aged.value) - (40.0 / 3 - 1.3225)) < 1e-9 && aged.provenance.confidence == .own)
        // Exactly 10 is a shift; a frequency that is missing leaves it open, unless another already shows it.
        func verdict(_ later: String, _ id: String) throws -> String {
            try rules.shift(from: baseline, to: Hearing.test("2024-01-10", "0 0 0 0 5 5", later), by: id).verdict.rawValue
        }
        #expect(try verdict("0 0 10 10 15 5", "osha") == "exceed")
        #expect(try verdict("0 0 10 10 14 5", "osha") == "pass")
        #expect(try verdict("0 0 10 - 40 5", "osha") == "unknown")
        #expect(try verdict("0 0 10 - 40 5", "niosh") == "exceed")
        #expect(try verdict("0 0 10 - 10 5", "niosh") == "unknown")
        #expect(throws: Refusal("field.unknown", field: "criterion", ["value": "ansi"])) {
            try rules.shift(from: baseline, to: now, by: "ansi")
        }
    }
}
