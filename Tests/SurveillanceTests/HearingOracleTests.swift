import Catalog
import Foundation
import Grading
import Hygiene
import Kernel
import TestKit
import Testing

@testable import Surveillance

/// SeededGenerator audiograms judged here and by Tests/health/oracle.py, which was written from the standards and shares neither code nor tables.
/// Medians agree to 10⁻⁹ dB, everything that is rounded, graded or found agrees exactly.
@Suite struct HearingOracleTests {
    private struct Test: Encodable {
        let day: String
        let left, right: [Double]
    }
    private struct Job: Encodable {
        let sex, birth, day: String
        let left, right: [Double]
        let loss: [String: String]
        let baseline: Test
    }
    private struct Jobs: Encodable {
        let hearing: [Job]
        let dose: [Job] = []
    }
    private struct Averages: Decodable {
        let binaural_high, left_weighted, right_weighted, better, left_speech, right_speech, both_speech: Double
    }
    private struct Answer: Decodable {
        let age: Int
        let table, formula, power: [Double]?
        let averages: Averages?
        let rank: Int?
        let findings: [String: Bool]?
        let osha, niosh: Double
        let osha_aged: Double?
        enum CodingKeys: String, CodingKey {
            case age, averages, rank, findings, osha, niosh, osha_aged
            case table = "gbz49-2014"
            case formula = "gbt7582-2004"
            case power = "iso7029-2017"
        }
    }
    private struct Answers: Decodable { let hearing: [Answer] }

    static let rounds = ProcessInfo.processInfo.environment["ZHIFANG_TEST_LONG"] == nil ? 600 : 20_000

    private func jobs() -> [Job] {
        var random = SeededGenerator(seed: 20_260_801)
        let losses = ["sensorineural", "conductive", "normal"]
        return (0..<Self.rounds).map { _ in
            let day = Hearing.day("2026-08-01") + Int.random(in: 0...1500, using: &random)
            // From 16 to 85 years, so that every band and the ages outside the editions come up.
            let birth = day - Int.random(in: 5900...31_200, using: &random)
            let baseline = max(birth + 5844, day - Int.random(in: 30...7000, using: &random))
            return Job(
                sex: Bool.random(using: &random) ? "male" : "female", birth: birth.description, day: day.description,
                left: HearingPropertiesTests.thresholds(&random), right: HearingPropertiesTests.thresholds(&random),
                loss: ["left": losses.randomElement(using: &random)!, "right": losses.randomElement(using: &random)!],
                baseline: Test(
                    day: baseline.description, left: HearingPropertiesTests.thresholds(&random),
                    right: HearingPropertiesTests.thresholds(&random)))
        }
    }

    private func side(_ levels: [Double], _ loss: String) throws -> Audiogram.Side {
        try Audiogram.Side(levels, loss: Audiogram.Loss(rawValue: loss))
    }

    @Test func agrees() throws {
        let rules = Hearing.rules
        let jobs = jobs()
        let answers = try (Python.ask("Tests/health/oracle.py", Jobs(hearing: jobs)) as Answers).hearing
        try #require(answers.count == jobs.count)
        var told = (ranks: Set<Int>(), findings: Set<String>(), young: 0)
        for (index, (job, answer)) in zip(jobs, answers).enumerated() {
            let sex = try #require(HearingTables.Sex(rawValue: job.sex))
            let day = Hearing.day(job.day)
            let person = HearingPerson(sex: sex, birth: Hearing.day(job.birth), noiseSince: Hearing.day("1950-01-01"))
            #expect(person.age(on: day) == answer.age, "case \(index)")
            for (id, medians) in [("gbz49-2014", answer.table), ("gbt7582-2004", answer.formula), ("iso7029-2017", answer.power)] {
                let mine = rules.tables.ageShift(id)?.medians(age: answer.age, sex: sex)
                #expect((mine == nil) == (medians == nil), "case \(index) \(id)")
                #expect(zip(mine ?? [], medians ?? []).allSatisfy { abs($0 - $1) < 1e-9 }, "case \(index) \(id)")
            }
            let left = try side(job.left, job.loss["left"] ?? "")
            let right = try side(job.right, job.loss["right"] ?? "")
            let test = Audiogram(day, left: left, right: right, quietHours: 200, isFromNoise: false)
            let before = Audiogram(
                Hearing.day(job.baseline.day), left: try side(job.baseline.left, "normal"), right: try side(job.baseline.right, "normal"))
            #expect(abs(try #require(rules.shift(from: before, to: test, by: "osha").value) - answer.osha) < 1e-9, "case \(index)")
            #expect(try rules.shift(from: before, to: test, by: "niosh").value == answer.niosh, "case \(index)")
            if let aged = answer.osha_aged {
                let value = try rules.shift(
                    from: before, to: test, by: "osha", ageShift: rules.tables.ageShift("gbt7582-2004"), of: person
                ).value
                #expect(abs(try #require(value) - aged) < 1e-9, "case \(index)")
            }
            guard let averages = answer.averages, let rank = answer.rank, let findings = answer.findings else {
                told.young += 1
                continue
            }
            let shift = try #require(rules.tables.ageShift("gbz49-2014"))
            let levels = try rules.corrected(HearingLevels(test), on: day, of: person, by: shift).levels
            #expect(levels.binauralHigh == averages.binaural_high, "case \(index)")
            #expect(levels.weighted(.left) == averages.left_weighted && levels.weighted(.right) == averages.right_weighted, "case \(index)")
            #expect(levels.betterWeighted() == averages.better && levels.binauralSpeech == averages.both_speech, "case \(index)")
            #expect(levels.speech(.left) == averages.left_speech && levels.speech(.right) == averages.right_speech, "case \(index)")
            // Three tests alike, so that only the figures decide.
            let alike = try (0..<3).map {
                Audiogram(
                    day - $0 * 4, left: try side(job.left, "sensorineural"), right: try side(job.right, "sensorineural"), quietHours: 200)
            }
            #expect(rules.noiseDeafness(alike, of: person).rank == rank, "case \(index)")
            told.ranks.insert(rank)
            for finding in rules.findings(test, work: "noise", stage: "pre_employment", of: person) {
                #expect(finding.isPresent == findings[finding.code], "case \(index) \(finding.code)")
                if finding.isPresent == true { told.findings.insert(finding.code) }
            }
        }
        // All grades, all findings and ages outside the table came up.
        #expect(told.ranks == [0, 1, 2, 3] && told.findings.count == 3 && told.young > 0)
    }
}
