import Catalog
import Foundation
import Kernel
import Testing

@testable import Hygiene

private let limits: PhysicalLimits = {
    do { return try PhysicalLimits(standards: Printed.standards) } catch { fatalError("\(error)") }
}()
private let today = Printed.today

private func level(_ value: Double, hours: Double) -> Stretch { Stretch(value, minutes: hours * 60) }

@Suite("The table of physical limits: GBZ 2.2-2007")
struct PhysicalLimitTests {
    @Test("Every row names its edition, source and confidence; keys of one day are unique; laser is not there")
    func rows() {
        #expect(limits.all.count == 67)
        for row in limits.all {
            #expect(!row.provenance.edition.isEmpty && !row.provenance.clause.isEmpty && !row.provenance.source.isEmpty, "\(row.key)")
            let open = limits.all.filter { $0.key == row.key && $0.provenance.force.contains(today) }
            #expect(open.count == 1 || !row.provenance.force.contains(today), "\(row.key)")
        }
        #expect(limits.limits("laser", on: today).isEmpty)
        #expect(limits.all.filter(\.provenance.confidence.isLow).count > 30)
    }

    @Test("Before the edition there is no limit, and nothing complies")
    func before() {
        let early = Day(2005, 1, 1)!
        #expect(refused { _ = try limits.limit("noise.day", on: early) } == ["physical.limit.missing"])
        #expect(refused { _ = try Noise.judgeDay([level(60, hours: 8)], limits, on: early) } == ["physical.limit.missing"])
    }
}

@Suite("Noise: GBZ 331-2024 Appendix G, GBZ 2.2-2007")
struct NoiseTests {
    @Test(
        "3 dB more is half the time: each of these is 85.0 dB(A) over 8 h",
        arguments: [(85.0, 8.0), (88, 4), (91, 2), (94, 1), (97, 0.5), (82, 16)])
    func exchange(level: Double, hours: Double) throws {
        let judged = try Noise.judgeDay([Stretch(level, minutes: hours * 60)], limits, on: today)
        #expect(judged.shown == "85.0" && judged.verdict == .complies && judged.limit == 85)
    }

    @Test("A tenth above 85 exceeds, and the working stands by it")
    func above() throws {
        let judged = try Noise.judgeDay([level(88.2, hours: 4)], limits, on: today)
        #expect(judged.shown == "85.2" && judged.verdict == .exceeds)
        #expect(judged.working.contains { $0.en.contains("LEX,8h = LAeq,T + 10 lg(T/8) = 88.2 + 10 lg(4/8)") })
        #expect(judged.provenance.edition == "GBZ 2.2-2007" && judged.confidence == .secondary)
    }

    @Test("LAeq,T and LEX,8h equal the formulas over dose fractions, in any order and any split")
    func second() throws {
        var seeded = SeededGenerator(seed: 21)
        for _ in 0..<500 {
            let stretches = (0..<Int.random(in: 1...8, using: &seeded)).map { _ in
                Stretch(.random(in: 55...115, using: &seeded), minutes: .random(in: 1...150, using: &seeded))
            }
            // A second way: the dose in per cent of 8 h at 85 dB with an exchange rate of 10·lg 2, then back to a level.
            let rate = 10 * log10(2.0)
            let dose = stretches.reduce(0) { $0 + 100 * $1.minutes / (480 / exp2(($1.value - 85) / rate)) }
            let expected = 85 + rate * log2(dose / 100)
            let value = try Noise.daily(stretches)
            #expect(abs(value - expected) < 1e-9)
            #expect(abs(try Noise.daily(stretches.shuffled(using: &seeded)) - value) < 1e-9)
            let halves = stretches.flatMap { [Stretch($0.value, minutes: $0.minutes / 3), Stretch($0.value, minutes: $0.minutes * 2 / 3)] }
            #expect(abs(try Noise.daily(halves) - value) < 1e-9)
            let hours = Stretch.minutes(stretches) / 60
            #expect(abs(try Noise.equivalent(stretches) + 10 * log10(hours / 8) - value) < 1e-9)
        }
    }

    @Test("LEX,W: five equal days keep their level, six add 0.8 dB, three take 2.2")
    func week() throws {
        #expect(abs(try Noise.weekly(Array(repeating: 85, count: 5)) - 85) < 1e-9)
        let six = try Noise.judgeWeek(Array(repeating: 85, count: 6), limits, on: today)
        #expect(six.shown == "85.8" && six.verdict == .exceeds)
        let three = try Noise.judgeWeek([87, 87, 87], limits, on: today)
        #expect(three.shown == "84.8" && three.verdict == .complies)
        #expect(refused { _ = try Noise.weekly(Array(repeating: 85, count: 8)) } == ["number.range"])
        #expect(refused { _ = try Noise.weekly([]) } == ["judge.segments.missing"])
    }

    @Test("Two equal sources add 3.0 dB; the mean of equal readings is the reading")
    func sums() throws {
        #expect(abs(try Noise.sum([80, 80]) - 83.0103) < 1e-4)
        #expect(abs(try Noise.mean([80, 80, 80]) - 80) < 1e-9)
        #expect(abs(try Noise.mean([80, 90]) - 87.4036) < 1e-4)
    }

    @Test("A-weights agree with the formula of IEC 61672-1 to a tenth")
    func weights() throws {
        func formula(_ frequency: Double) -> Double {
            let square = frequency * frequency
            let top = 12194.0 * 12194 * square * square
            let outer = (square + 20.6 * 20.6) * (square + 12194.0 * 12194)
            let inner = ((square + 107.7 * 107.7) * (square + 737.9 * 737.9)).squareRoot()
            return 20 * log10(top / (outer * inner)) + 2.0
        }
        for (index, band) in [63, 125, 250, 500, 1000, 2000, 4000, 8000].enumerated() {
            let row = try limits.limit("noise.a.\(band)", on: today)
            // The exact centre of the band of nominally 63 Hz is 10^1.8.
            #expect(abs(row.limit - formula(pow(10, 1.8 + 0.3 * Double(index)))) < 0.1, "\(band)")
        }
    }

    @Test("An octave-band spectrum: 94 dB at 1000 Hz alone is 94 dB(A)")
    func octaves() throws {
        var bands = Dictionary(uniqueKeysWithValues: [63, 125, 250, 500, 1000, 2000, 4000, 8000].map { ($0, 0.0) })
        bands[1000] = 94
        #expect(abs(try Noise.weighted(bands, limits, on: today) - 94) < 1e-4)
        bands[4000] = 93
        #expect(abs(try Noise.weighted(bands, limits, on: today) - 97.0103) < 1e-4)
        bands[8000] = nil
        #expect(refused { _ = try Noise.weighted(bands, limits, on: today) } == ["noise.band.missing"])
        bands[700] = 80
        #expect(refused { _ = try Noise.weighted(bands, limits, on: today) } == ["noise.band.unknown", "noise.band.missing"])
    }

    @Test(
        "Impulse noise by the impacts of a day",
        arguments: [(1, 140.0), (100, 140), (101, 130), (1000, 130), (1001, 120), (10_000, 120)])
    func impulse(impacts: Int, bound: Double) throws {
        #expect(try Noise.judgeImpulse(peak: bound, impacts: impacts, limits, on: today).verdict == .complies)
        #expect(try Noise.judgeImpulse(peak: bound + 0.1, impacts: impacts, limits, on: today).verdict == .exceeds)
        #expect(try Noise.judgeImpulse(peak: bound, impacts: impacts, limits, on: today).limit == bound)
    }

    @Test("More impacts than the table has: no limit, no verdict")
    func tooMany() {
        #expect(refused { _ = try Noise.judgeImpulse(peak: 100, impacts: 10_001, limits, on: today) } == ["physical.limit.missing"])
        #expect(refused { _ = try Noise.judgeImpulse(peak: 100, impacts: 0, limits, on: today) } == ["number.range"])
    }

    @Test("Noise work begins at 80 dB(A), as reported")
    func noiseWork() throws {
        #expect(try !Noise.isNoiseWork(79.94, limits, on: today) && Noise.isNoiseWork(79.96, limits, on: today))
        #expect(try limits.limit("noise.work", on: Day(2026, 8, 1)!).provenance.confidence == .verified)
    }

    @Test("Bad input is refused with its row")
    func bad() {
        let rows = [Stretch(-1, minutes: 60, row: 2), Stretch(.nan, minutes: 60, row: 3), Stretch(300, minutes: 60, row: 4)]
        #expect(refused { _ = try Noise.daily(rows) } == ["number.range", "number.range", "number.range"])
        #expect(refused { _ = try Noise.daily([Stretch(80, minutes: -1)]) } == ["minutes.range"])
        #expect(refused { _ = try Noise.daily([Stretch(80, minutes: 1441)]) } == ["segment.over-day"])
        #expect(
            refused { _ = try Noise.daily([Stretch(80, minutes: 60, start: 0), Stretch(80, minutes: 60, start: 59)]) }
                == ["segment.overlap"])
        #expect(refused { _ = try Noise.daily([]) } == ["judge.segments.missing"])
    }
}

@Suite("Heat: GBZ 2.2-2007, Table 8")
struct HeatTests {
    @Test("WBGT from three temperatures")
    func index() throws {
        #expect(abs(try Heat.indoors(naturalWet: 25, globe: 35) - 28) < 1e-9)
        #expect(abs(try Heat.outdoors(naturalWet: 25, globe: 40, air: 32) - 28.7) < 1e-9)
        #expect(abs(try Heat.heights(head: 30, abdomen: 28, ankle: 26) - 28) < 1e-9)
        #expect(refused { _ = try Heat.indoors(naturalWet: 500, globe: .nan) } == ["number.range", "number.range"])
    }

    @Test("Table 8, all sixteen limits: at the limit complies, a tenth above exceeds")
    func table() throws {
        let printed: [(Double, [Double])] = [
            (480, [30, 28, 26, 25]), (360, [31, 29, 28, 26]), (240, [32, 30, 29, 28]), (120, [33, 32, 31, 30]),
        ]
        for (minutes, row) in printed {
            for (grade, bound) in zip(Heat.Labour.allCases, row) {
                func judge(_ value: Double, design: Double = 25) throws -> Judgement {
                    try Heat.judge([Stretch(value, minutes: minutes)], labour: grade, designTemperature: design, limits, on: today)
                }
                #expect(try judge(bound).verdict == .complies && judge(bound + 0.1).verdict == .exceeds && judge(bound).limit == bound)
                // Where the outdoor design temperature is 30 ℃ or more, one degree more.
                #expect(try judge(bound + 1, design: 30).verdict == .complies && judge(bound + 1.1, design: 30).verdict == .exceeds)
                #expect(try judge(bound + 1, design: 29.9).verdict == .exceeds)
            }
        }
    }

    @Test("Weighted by time; between two rates of the table the stricter, which is told")
    func mean() throws {
        let stretches = [Stretch(32, minutes: 60), Stretch(26, minutes: 180)]
        #expect(abs(try Heat.mean(stretches) - 27.5) < 1e-9)
        let between = try Heat.judge([Stretch(28.5, minutes: 300)], labour: .moderate, designTemperature: 25, limits, on: today)
        #expect(between.limit == 29 && between.confidence == .own && between.working.contains { $0.zh.contains("较严") })
        let exact = try Heat.judge([Stretch(28.5, minutes: 240)], labour: .moderate, designTemperature: 25, limits, on: today)
        #expect(exact.limit == 30 && exact.confidence == .secondary)
    }

    @Test("What is not known leaves it undecided only where it matters")
    func unknown() throws {
        func judge(_ value: Double, _ labour: Heat.Labour?, _ design: Double?) throws -> Judgement {
            try Heat.judge([Stretch(value, minutes: 480)], labour: labour, designTemperature: design, limits, on: today)
        }
        #expect(try judge(24, nil, nil).verdict == .complies && judge(31.1, nil, nil).verdict == .exceeds)
        #expect(try judge(27, nil, 25).missing.map(\.code) == ["heat.labour.missing"])
        let open = try judge(28.5, .moderate, nil)
        #expect(open.verdict == .undecided && open.missing.map(\.code) == ["heat.design-temperature.missing"])
    }

    @Test("Labour by its index; heat work from 25 ℃")
    func labour() throws {
        let expected: [(Double, Heat.Labour)] = [
            (0, .light), (15, .light), (15.01, .moderate), (20, .moderate), (20.01, .heavy), (25, .heavy), (25.01, .veryHeavy),
        ]
        for (index, grade) in expected { #expect(try Heat.labour(index: index, limits, on: today) == grade, "\(index)") }
        #expect(refused { _ = try Heat.labour(index: -1, limits, on: today) } == ["number.range"])
        #expect(try Heat.isHeatWork(25, limits, on: today) && !Heat.isHeatWork(24.9, limits, on: today))
    }
}

@Suite("Vibration, fields, ultraviolet, heart rate: GBZ 2.2-2007, GBZ 331-2024 Appendix G")
struct FieldTests {
    @Test("ahw(4) = √(T/4)·ahw(T)")
    func vibration() throws {
        func judge(_ x: Double, hours: Double) throws -> Judgement {
            try Vibration.judge([.init(x, minutes: hours * 60)], limits, on: today)
        }
        #expect(try judge(5, hours: 4).verdict == .complies && judge(5.1, hours: 4).verdict == .exceeds)
        #expect(try judge(10, hours: 1).shown == "5.0" && judge(2.5, hours: 16).shown == "5.0")
        // Two stretches: energy adds.
        let two = try Vibration.energyEquivalent([.init(4, minutes: 120), .init(6, minutes: 60)])
        #expect(abs(two - ((16.0 * 2 + 36) / 4).squareRoot()) < 1e-9)
    }

    @Test("Three axes: the root of their squares, or the largest; undecided where the method is not stated and it matters")
    func axes() throws {
        let reading = [Vibration.Reading(3, 4, 0, minutes: 240)]
        #expect(abs(try Vibration.energyEquivalent(reading) - 5) < 1e-9)
        #expect(abs(try Vibration.energyEquivalent(reading, axes: .largest) - 4) < 1e-9)
        let strong = [Vibration.Reading(4, 4, 2, minutes: 240)]
        let open = try Vibration.judge(strong, limits, on: today)
        #expect(open.verdict == .undecided && open.missing.map(\.code) == ["vibration.axes"])
        #expect(try Vibration.judge(strong, axes: .rootSum, limits, on: today).verdict == .exceeds)
        #expect(try Vibration.judge(strong, axes: .largest, limits, on: today).verdict == .complies)
        #expect(try Vibration.judge([.init(6, 1, 1, minutes: 240)], limits, on: today).verdict == .exceeds)
        #expect(refused { _ = try Vibration.judge([.init(-1, 1, 1, minutes: 240)], limits, on: today) } == ["number.range"])
        #expect(refused { _ = try Vibration.judge([.init(1, .nan, 1, minutes: 240)], limits, on: today) } == ["number.range"])
        #expect(refused { _ = try Vibration.judge([], limits, on: today) } == ["judge.segments.missing"])
    }

    @Test("Formulas: P = E²/3770, E8 = E·√(T/T0), Eeff = 0.00011·EA + 0.64·EB + 0.5·EC")
    func formulas() throws {
        #expect(Fields.powerDensity(electric: 61.4003) - 1 < 1e-4)
        #expect(Fields.eightHours(10, hours: 2) == 5)
        #expect(abs(try Fields.effective(a: 100, b: 0.2, c: 0.1) - 0.189) < 1e-12)
        #expect(refused { _ = try Fields.effective(a: -1, b: 0, c: 0) } == ["number.range"])
    }

    @Test("Electric fields of low and high frequency")
    func electric() throws {
        #expect(try Fields.judgePowerFrequency(5, limits, on: today).verdict == .complies)
        #expect(try Fields.judgePowerFrequency(5.1, limits, on: today).verdict == .exceeds)
        #expect(try Fields.judgePowerFrequency(10, hours: 2, limits, on: today).shown == "5.0")
        func verdicts(_ electric: Double?, _ magnetic: Double?, _ megahertz: Double) throws -> [Judgement.Verdict] {
            try Fields.judgeHighFrequency(electric: electric, magnetic: magnetic, megahertz: megahertz, limits, on: today).map(\.verdict)
        }
        #expect(try verdicts(50, 5, 1) == [.complies, .complies] && verdicts(50.1, 5.1, 1) == [.exceeds, .exceeds])
        #expect(try verdicts(26, nil, 10) == [.exceeds] && verdicts(25, nil, 10) == [.complies])
        #expect(try verdicts(10, nil, 1) == [.undecided] && verdicts(60, nil, 1) == [.exceeds])
        #expect(try verdicts(26, 5, 3) == [.exceeds, .complies])
        #expect(
            refused { _ = try verdicts(1, 1, 0.05) } == ["number.range"] && refused { _ = try verdicts(nil, nil, 1) } == ["field.missing"])
    }

    @Test("Ultra-high frequency by wave and hours; power and field of one row agree by P = E²/3770 to the digits printed")
    func ultraHigh() throws {
        for (wave, hours, power, field) in [
            (Fields.Wave.continuous, 8.0, 0.05, 14.0), (.continuous, 4, 0.1, 19), (.pulsed, 8, 0.025, 10), (.pulsed, 4, 0.05, 14),
        ] {
            func verdict(_ strength: Fields.Strength) throws -> Judgement.Verdict {
                try Fields.judgeUltraHighFrequency(strength, wave, hours: hours, limits, on: today).verdict
            }
            #expect(try verdict(.power(power)) == .complies && verdict(.power(power * 1.1)) == .exceeds)
            #expect(try verdict(.electric(field)) == .complies && verdict(.electric(field + 0.1)) == .exceeds)
            #expect(abs((power * 3770).squareRoot() - field) < 0.5)
        }
    }

    @Test("Microwaves by the dose of the day and the highest power")
    func microwaves() throws {
        func verdicts(_ power: Double, hours: Double, _ target: Fields.Target) throws -> [Judgement.Verdict] {
            try Fields.judgeMicrowaves([level(power, hours: hours)], target, limits, on: today).map(\.verdict)
        }
        #expect(try verdicts(50, hours: 8, .body(.continuous)) == [.complies, .complies])
        #expect(try verdicts(50.1, hours: 8, .body(.continuous)) == [.exceeds, .complies])
        // 400/t for t hours.
        #expect(try verdicts(200, hours: 2, .body(.continuous)) == [.complies, .complies])
        #expect(try verdicts(200, hours: 2, .body(.pulsed)) == [.exceeds, .complies])
        #expect(try verdicts(5100, hours: 0.05, .body(.continuous)) == [.complies, .exceeds])
        #expect(try verdicts(2000, hours: 2, .limb) == [.complies, .complies] && verdicts(2001, hours: 2, .limb)[0] == .exceeds)
    }

    @Test("Ultraviolet by band; the printed exposures are those of the irradiances over 4 h")
    func ultraviolet() throws {
        for (band, irradiance, dose) in [(Fields.Ultraviolet.middle, 0.26, 3.7), (.short, 0.13, 1.8), (.arc, 0.24, 3.5)] {
            func verdicts(_ value: Double, minutes: Double?) throws -> [Judgement.Verdict] {
                try Fields.judgeUltraviolet(value, band, minutes: minutes, limits, on: today).map(\.verdict)
            }
            #expect(try verdicts(irradiance, minutes: nil) == [.complies] && verdicts(irradiance + 0.01, minutes: nil) == [.exceeds])
            #expect(abs(irradiance * 4 * 3600 / 1000 - dose) < 0.08)
            #expect(try verdicts(irradiance, minutes: 480) == [.complies, .exceeds])
        }
    }

    @Test("Laser limits are not to hand, and it says so")
    func laser() { #expect(refused { _ = try Fields.judgeLaser() } == ["laser.limits.missing"]) }

    @Test("Heart rate: 150 at most, 120 on average")
    func heart() throws {
        let verdicts = try Fields.judgeHeartRate(highest: 150, mean: 121, limits, on: today).map(\.verdict)
        #expect(verdicts == [.complies, .exceeds])
        #expect(refused { _ = try Fields.judgeHeartRate(highest: nil, mean: nil, limits, on: today) } == ["judge.segments.missing"])
        #expect(refused { _ = try Fields.judgeHeartRate(highest: 15, mean: nil, limits, on: today) } == ["number.range"])
    }

    @Test("Biological limits: GBZ 2.1-2019, Table 4")
    func biological() throws {
        let table = Provenance(edition: "GBZ 2.1-2019", clause: "表4", source: "test", confidence: .verified)
        func judge(
            _ reading: Reading, limit: Double, floor: Bool = false, timely: Bool? = true, unit: String = "μg/g Cr"
        ) throws -> Judgement {
            try Biological.judge(
                reading, unit: unit, indicator: Bilingual("尿中镉", "cadmium in urine"), limit: limit, limitUnit: "µg/g Cr", isFloor: floor,
                takenAsAsked: timely, provenance: table)
        }
        #expect(try judge(.value(5), limit: 5).verdict == .complies && judge(.value(5.1), limit: 5).verdict == .exceeds)
        // Cholinesterase must not fall below 70 % of its base.
        #expect(
            try judge(.value(69), limit: 70, floor: true).verdict == .exceeds
                && judge(.value(70), limit: 70, floor: true).verdict == .complies)
        #expect(try judge(.value(1), limit: 5, timely: nil).missing.map(\.code) == ["biological.sampling-time"])
        #expect(try judge(.below(1), limit: 5).shown == "<1" && judge(.below(6), limit: 5).verdict == .undecided)
        #expect(refused { _ = try judge(.value(1), limit: 5, unit: "μmol/L") } == ["unit.differs"])
        #expect(refused { _ = try judge(.value(-1), limit: 5) } == ["concentration.negative"])
    }
}
