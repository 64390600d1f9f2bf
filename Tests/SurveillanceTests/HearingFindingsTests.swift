import Catalog
import Foundation
import Grading
import Hygiene
import Kernel
import Ledger
import Registry
import TestKit
import Testing

@testable import Surveillance

/// What GBZ 188 reads from an audiogram; worked by hand.
@Suite struct HearingFindingsTests {
    private let rules = Hearing.rules

    private func findings(
        _ test: Audiogram, _ stage: String, work: String = "noise", birth: String = "2000-01-01", noise: String? = "2015-01-01",
        entry: Audiogram? = nil
    ) -> [String: String] {
        let found = rules.findings(test, work: work, stage: stage, of: Hearing.man(birth, noise: noise), entry: entry)
        return Dictionary(uniqueKeysWithValues: found.map { ($0.code, $0.judgement.verdict.rawValue) })
    }

    /// BHFTA 42, better ear 10 × 0.9 + 40 × 0.1 = 13: a contraindication until 31 July 2026 (7.1.1.1 b), none from 1 August 2026, when the
    /// weighted value counts too. Age 26: no correction, so that it does not matter that 2014 does not name one.
    @Test func editionsOfGBZ188() throws {
        func found(_ date: String) -> [String: String] {
            findings(Hearing.test(date, "10 10 10 40 40 46", "10 10 10 40 40 46"), "pre_employment")
        }
        #expect(found("2026-07-31") == ["noise.speech": "pass", "noise.conductive": "pass", "noise.high": "exceed"])
        #expect(found("2026-08-01") == ["noise.speech": "pass", "noise.conductive": "pass", "noise.high-weighted": "pass"])
        // Before GBZ 188-2014 nothing is to hand.
        #expect(found("2014-09-30") == [:])
        // 23.4 + 4 = 27.4 → 27 dB in the better ear: both ask for it.
        let worse = Hearing.test("2026-08-01", "26 26 26 40 40 46", "30 30 30 40 40 46")
        #expect(findings(worse, "pre_employment")["noise.high-weighted"] == "exceed")
    }

    /// Over 25 dB, not from it. The kind of loss decides, and where it is not known so is the finding.
    @Test func speechFrequencies() throws {
        func found(_ level: Int, _ loss: Audiogram.Loss?) -> String? {
            let test = Hearing.test("2026-09-01", "10 \(level) 10 10 10 10", "10 10 10 10 10 10", loss: loss)
            return findings(test, "pre_employment")["noise.speech"]
        }
        #expect(found(25, nil) == "pass" && found(26, nil) == "unknown")
        #expect(found(26, .sensorineural) == "exceed" && found(26, .conductive) == "pass" && found(26, .mixed) == "unknown")
        // A threshold that is missing leaves it open, unless another shows it.
        func partial(_ left: String) -> String? {
            findings(Hearing.test("2026-09-01", left, "10 10 10 10 10 10"), "pre_employment")["noise.speech"]
        }
        #expect(partial("- 10 10 10 10 10") == "unknown" && partial("- 26 10 10 10 10") == "exceed")
    }

    /// 2014 does not say whether thresholds are corrected: 30 dB at 55 years is 26 corrected (4 dB), still over 25; 29 is 25, and open.
    @Test func correctionNotStated() throws {
        func found(_ level: Int, _ date: String) -> String? {
            let test = Hearing.test(date, "\(level) 10 10 10 10 10", "10 10 10 10 10 10")
            return findings(test, "pre_employment", birth: "1970-01-01")["noise.speech"]
        }
        #expect(found(30, "2025-06-01") == "exceed" && found(29, "2025-06-01") == "unknown" && found(25, "2025-06-01") == "pass")
        #expect(found(29, "2026-08-01") == "pass")
        let test = Hearing.test("2025-06-01", "29 10 10 10 10 10", "10 10 10 10 10 10")
        let open = rules.findings(test, work: "noise", stage: "pre_employment", of: Hearing.man("1970-01-01")).first {
            $0.code == "noise.speech"
        }
        #expect(open?.isPresent == nil && open?.judgement.missing.map(\.code) == ["hearing.correction-unstated"])
        // Without the day of birth: what is low without a correction needs none.
        let noBirth = HearingPerson(sex: .male, birth: nil)
        func blind(_ level: Int) -> Bool? {
            let test = Hearing.test("2026-08-01", "\(level) 10 10 10 10 10", "10 10 10 10 10 10")
            return rules.findings(test, work: "noise", stage: "pre_employment", of: noBirth).first { $0.code == "noise.speech" }?.isPresent
        }
        #expect(blind(25) == false && blind(60) == nil)
    }

    /// Too soon after noise: a loss may pass, so it is left open; what is not there stays not there.
    @Test func tooSoon() throws {
        func found(_ quiet: Double?, _ level: Int) -> String? {
            findings(Hearing.test("2026-09-01", "\(level) 10 10 10 10 10", "10 10 10 10 10 10", quiet: quiet), "pre_employment")[
                "noise.speech"]
        }
        #expect(found(14, 60) == "exceed" && found(13, 60) == "unknown" && found(nil, 60) == "unknown" && found(nil, 20) == "pass")
    }

    /// In service: another cause than noise; conductive from 41 dB on; sensitive within the first year.
    @Test func inService() throws {
        func other(_ fromNoise: Bool?) -> String? {
            findings(Hearing.test("2026-09-01", "30 30 30 50 60 60", "10 10 10 10 10 10", fromNoise: fromNoise), "in_service")[
                "noise.speech-other"]
        }
        #expect(other(false) == "exceed" && other(true) == "pass" && other(nil) == "unknown")
        func conductive(_ level: String) -> String? {
            findings(Hearing.test("2026-09-01", level + " 20 20 20", "10 10 10 10 10 10", loss: .conductive), "in_service")[
                "noise.conductive"]
        }
        #expect(conductive("40 41 40") == "pass")  // 40.33 → 40
        #expect(conductive("40 41 41") == "exceed")  // 40.67 → 41
        func sensitive(_ noise: String?, entry: Audiogram?) -> String? {
            findings(Hearing.test("2026-09-01", "10 10 10 30 65 40", "10 10 10 30 40 40"), "in_service", noise: noise, entry: entry)[
                "noise.sensitive"]
        }
        let good = Hearing.test("2025-09-20", "25 25 25 25 25 25", "10 10 10 10 10 10")
        #expect(sensitive("2025-10-01", entry: good) == "exceed" && sensitive("2025-09-02", entry: good) == "exceed")
        #expect(sensitive("2025-09-01", entry: good) == "pass")  // a whole year has passed
        #expect(sensitive("2025-10-01", entry: nil) == "unknown" && sensitive(nil, entry: good) == "unknown")
        #expect(sensitive("2025-10-01", entry: Hearing.test("2025-09-20", "25 25 25 25 30 25", "10 10 10 10 10 10")) == "pass")
    }

    /// At the level of noise deafness: test again; when it stays, suspected.
    @Test func suspected() throws {
        func found(_ recheck: Bool, quiet: Double = 60) -> [String: String] {
            findings(Hearing.test("2026-09-01", "30 30 30 50 60 60", "30 30 30 50 60 60", quiet: quiet, recheck: recheck), "in_service")
        }
        #expect(found(false)["noise.recheck-deafness"] == "exceed" && found(false)["noise.suspected"] == "unknown")
        #expect(found(true)["noise.suspected"] == "exceed" && found(true, quiet: 40)["noise.suspected"] == "unknown")
        let all = rules.findings(
            Hearing.test("2026-09-01", "30 30 30 50 60 60", "30 30 30 50 60 60", recheck: true), work: "noise", stage: "leaving",
            of: Hearing.man("2000-01-01"))
        let suspicion = try #require(all.first { $0.code == "noise.suspected" })
        #expect(suspicion.purpose == .suspected && suspicion.judgement.provenance.confidence == .own)
        #expect(suspicion.judgement.working.contains { $0.zh.contains("双耳中较好耳听阈加权值 33 dB") })
    }

    /// Drivers: over 30 dB in both ears together, or over 40 in one. Pressure vessels: over 25 in either.
    @Test func otherWork() throws {
        func driver(_ left: String, _ right: String) -> [String: String] {
            findings(Hearing.test("2026-09-01", left + " 10 10 10", right + " 10 10 10", quiet: nil), "in_service", work: "driving")
        }
        #expect(driver("31 31 31", "30 30 30")["driving.speech-both"] == "exceed")  // 30.5 → 31
        #expect(driver("30 30 30", "30 30 30")["driving.speech-both"] == "pass")
        #expect(
            driver("41 41 41", "10 10 10")["driving.speech-ear"] == "exceed"
                && driver("40 40 40", "10 10 10")["driving.speech-ear"] == "pass")
        let vessel = Hearing.test("2026-09-01", "26 26 26 10 10 10", "0 0 0 10 10 10")
        #expect(findings(vessel, "pre_employment", work: "pressure_vessel") == ["pressure-vessel.speech": "exceed"])
        #expect(findings(vessel, "emergency") == [:] && findings(vessel, "in_service", work: "diving") == [:])
    }

    @Test func badInput() throws {
        #expect(throws: Refusal("hearing.count", ["value": "5"])) { try Audiogram.Side.read("10 10 10 10 10") }
        #expect(throws: Refusal("hearing.count", ["value": "0"])) { try Audiogram.Side.read("") }
        #expect(throws: Refusal("number.format", ["value": "1O"])) { try Audiogram.Side.read("10 1O 10 10 10 10") }
        #expect(throws: Refusal("number.format", ["value": "nan"])) { try Audiogram.Side.read("10 nan 10 10 10 10") }
        #expect(throws: Refusal("number.range", ["value": "131.0", "limit": "-10–130"])) { try Audiogram.Side([131, 0, 0, 0, 0, 0]) }
        #expect(throws: Refusal("number.range", ["value": "-11.0", "limit": "-10–130"])) { try Audiogram.Side([0, 0, 0, 0, 0, -11]) }
        #expect(throws: Refusal("hearing.count", ["value": "7"])) { try Audiogram.Side([0, 0, 0, 0, 0, 0, 0]) }
        #expect(try Audiogram.Side.read("10，15、20/- 45;50") == [10, 15, 20, nil, 45, 50])
    }

    /// A record of a card becomes an audiogram; its check refuses what is none, with the field.
    @Test func records() throws {
        var cells = [
            "exam": "X1", "day": "2026-09-01", "left": "10 15 20 40 45 50", "right": "10/15/20/40/45/-", "quiet_hours": "16",
            "recheck": "1",
        ]
        var record = Hand.record(HearingTest.kind, "H1", cells)
        let test = try #require(Audiogram(record))
        #expect(test.left.air == [10, 15, 20, 40, 45, 50] && test.right.air[5] == nil && test.quietHours == 16 && test.isRecheck)
        #expect(test.left.loss == nil && test.isFromNoise == nil)
        record[HearingTest.leftLoss] = "conductive"
        record[HearingTest.cause] = "other"
        #expect(Audiogram(record)?.left.loss == .conductive && Audiogram(record)?.isFromNoise == false)
        cells["left"] = "10 15 20"
        #expect(Audiogram(Hand.record(HearingTest.kind, "H2", cells)) == nil)
        for field in [HearingTest.left, HearingTest.right, HearingTest.leftBone, HearingTest.rightBone, HearingTest.leftLoss] {
            #expect(field.spec.sensitivity == .medical)
        }
        let worker = Hand.record(Worker.kind, "W1", ["name": "甲", "sex": "female", "birth": "1980-02-29"])
        let person = HearingPerson(worker, noiseSince: Hearing.day("2010-02-28"))
        #expect(person.sex == .female && person.age(on: Hearing.day("2021-02-28")) == 40 && person.age(on: Hearing.day("2021-03-01")) == 41)
        #expect(person.noiseYears(on: Hearing.day("2013-02-27")) == 2 && person.noiseYears(on: Hearing.day("2013-02-28")) == 3)
    }

    /// Years of noise from a worker's exposures: touching ones are one stretch; what is not named leaves it open.
    @Test func yearsOfNoise() throws {
        func person(_ exposures: [[String: String]], on date: String = "2026-09-01") throws -> HearingPerson {
            let worker = Hand.record(Worker.kind, "W1", ["name": "甲", "sex": "male", "birth": "1980-01-01"])
            let records = exposures.enumerated().map { index, cells in
                Hand.record(Exposed.kind, "X\(index)", ["worker": "W1", "employer": "E1"].merging(cells) { $1 })
            }
            let book = Book([worker] + records, divisions: Hand.catalog.divisions)
            return HearingPerson(try #require(book.file("W1")), on: Hearing.day(date))
        }
        let first = ["factors": "C001;A001", "from": "2020-01-01", "until": "2023-06-01"]
        let second = ["factors": "C001", "from": "2023-06-01"]
        let both = try person([first, second])
        #expect(both.noiseSince == Hearing.day("2020-01-01") && both.noiseUntil == nil && both.sex == .male)
        #expect(both.noiseYears(on: Hearing.day("2026-09-01")) == 6)
        // A break begins anew; what has ended counts until then.
        #expect(try person([first, ["factors": "C001", "from": "2023-07-01"]]).noiseSince == Hearing.day("2023-07-01"))
        let ended = try person([first])
        #expect(ended.noiseUntil == Hearing.day("2023-06-01") && ended.noiseYears(on: Hearing.day("2026-09-01")) == 3)
        // No noise, noise of which the beginning is not recorded, factors that were left blank before it.
        #expect(try person([["factors": "A001", "from": "2020-01-01"]]).noiseSince == nil)
        #expect(try person([["factors": "C001"]]).noiseSince == nil)
        #expect(try person([["from": "2019-01-01", "until": "2020-01-01"], first]).noiseSince == nil)
        #expect(try person([["from": "2018-01-01", "until": "2019-01-01"], first]).noiseSince == Hearing.day("2020-01-01"))
    }
}
