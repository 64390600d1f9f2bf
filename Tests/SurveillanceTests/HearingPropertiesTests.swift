import Catalog
import Foundation
import Grading
import Hygiene
import Kernel
import Testing

@testable import Surveillance

@Suite struct HearingPropertiesTests {
    private let rules = Hearing.rules

    /// Thresholds as audiometers give them, in steps of 5 dB, rising towards high frequencies more often than not.
    static func thresholds(_ random: inout SeededGenerator) -> [Double] {
        let base = Int.random(in: -2...14, using: &random)
        return (0..<6).map { place in Double(max(-10, min(120, 5 * (base + Int.random(in: -2...(3 + place * 2), using: &random))))) }
    }

    private func text(_ levels: [Double]) -> String { levels.map { "\($0)" }.joined(separator: " ") }

    /// Medians rise with age at every frequency, in every edition.
    @Test func correctionRisesWithAge() throws {
        for shift in rules.tables.ageShifts {
            for sex in HearingTables.Sex.allCases {
                for age in shift.ages.lowerBound..<min(shift.ages.upperBound, 99) {
                    let (now, next) = (shift.medians(age: age, sex: sex), shift.medians(age: age + 1, sex: sex))
                    #expect(zip(try #require(now), try #require(next)).allSatisfy { $0 >= 0 && $0 <= $1 }, "\(shift.id) \(sex) \(age)")
                }
            }
        }
    }

    /// The ears change places, the tests their order: nothing changes. A birthday later in life never raises the grade.
    @Test func symmetricAndMonotone() throws {
        var random = SeededGenerator(seed: 7)
        var seen: Set<Int> = []
        for _ in 0..<300 {
            let (one, other) = (Self.thresholds(&random), Self.thresholds(&random))
            func tests(_ left: [Double], _ right: [Double]) -> [Audiogram] {
                (0..<3).map { Hearing.test("2024-05-\(10 + $0 * 4)", text(left), text(right)) }
            }
            let year = Int.random(in: 1955...2000, using: &random)
            let person = Hearing.man("\(year)-01-01", noise: "2015-01-01")
            let grade = rules.noiseDeafness(tests(one, other), of: person)
            let swapped = rules.noiseDeafness(tests(other, one), of: person)
            #expect(grade.rank == swapped.rank && grade.index == swapped.index)
            #expect(rules.noiseDeafness(tests(one, other).reversed(), of: person) == grade)
            let rank = try #require(grade.rank)
            seen.insert(rank)
            let levels = HearingLevels(left: one, right: other)
            #expect(levels.binauralHigh == HearingLevels(left: other, right: one).binauralHigh)
            #expect(levels.binauralSpeech == HearingLevels(left: other, right: one).binauralSpeech)
            #expect(levels.betterWeighted() == HearingLevels(left: other, right: one).betterWeighted())

            let older = rules.noiseDeafness(tests(one, other), of: Hearing.man("\(year - 10)-01-01", noise: "2015-01-01"))
            #expect(try #require(older.index) <= #require(grade.index))
            // One threshold worse: no average falls.
            let place = Int.random(in: 0..<6, using: &random)
            var worse = one
            worse[place] += 5
            let next = HearingLevels(left: worse, right: other)
            #expect(try #require(next.binauralHigh) >= #require(levels.binauralHigh))
            #expect(try #require(next.betterWeighted()) >= #require(levels.betterWeighted()))
        }
        // The cases reach every grade, or the equalities above would say little.
        #expect(seen == [0, 1, 2, 3])
    }

    /// A half goes away from zero, and the dust of binary arithmetic is no reason to go the other way.
    @Test func rounding() throws {
        #expect(rounded(25.5) == 26 && rounded(25.499999) == 25 && rounded(-0.5) == -1 && rounded(0.5) == 1)
        // 82 ÷ 3 × 0.9 + 9 × 0.1 is 25.5; in binary it falls short of it.
        let value = 82.0 / 3 * 0.9 + 9 * 0.1
        #expect(value < 25.5 && rounded(value) == 26)
    }
}
