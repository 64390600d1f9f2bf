import Catalog
import Foundation
import Kernel
import Testing

@testable import Hygiene

@Suite("Averages, short-term values and ceilings: GBZ 2.1-2019, chapter 6 and Appendix A")
struct ChemicalTests {
    @Test("Appendix A, first example printed: ethyl acetate, 210 exceeds 200")
    func ethylAcetateExceeds() throws {
        let shift = ShiftCase(
            [.segment(hours: 3, 400), .segment(hours: 2, 60), .segment(hours: 3, 120)], limit: Printed.ethylAcetate)
        let judged = try shift.judge()
        let average = try #require(judged.judgements.first)
        #expect(average.value == 210 && average.shown == "210.0" && average.limit == 200)
        #expect(average.verdict == .exceeds && judged.verdict == .exceeds && average.ratio == 1.05)
        #expect(average.provenance.edition == "GBZ 2.1-2019" && average.provenance.clause.contains("333"))
        #expect(average.working.contains { $0.zh.contains("(400×180 + 60×120 + 120×180)/480 = 210 mg/m3") })
    }

    @Test("Appendix A, second example printed: ethyl acetate, 170 does not exceed 200")
    func ethylAcetateComplies() throws {
        let shift = ShiftCase(
            [.segment(hours: 2, 300), .segment(hours: 2, 200), .segment(hours: 2, 180), .segment(hours: 2, 0)], limit: Printed.ethylAcetate)
        let average = try #require(try shift.judge().judgements.first)
        #expect(average.value == 170 && average.verdict == .complies)
        // The example is about the average. A PC-STEL of 300 asks for short-term samples besides.
        #expect(try shift.judge().verdict == .undecided)
        #expect(try ShiftCase(shift.samples + [short(300)], limit: Printed.ethylAcetate).judge().verdict == .complies)
    }

    @Test("Appendix A: a shift of 1 to 8 h is divided by 8 all the same, time without exposure counts 0")
    func shortShift() {
        let result = core([segment(100, minutes: 240)], ShiftLimit(twa: 60))
        #expect(result.twa == 50)
        #expect(core([segment(100, minutes: 240), segment(0, minutes: 240)], ShiftLimit(twa: 60)).twa == 50)
    }

    @Test("Appendix A: under 1 h a day judged by PC-STEL or MAC alone")
    func underAnHour() throws {
        let brief = [segment(500, minutes: 59)]
        #expect(core(brief, ShiftLimit(twa: 50)).findings.contains(.tooShortForTWA))
        let shift = ShiftCase([segment(500, minutes: 10), short(90)], limit: limit(twa: 100, stel: 600))
        #expect(try shift.judge().judgements.map(\.quantity.en) == ["C-STE short-term concentration"])
        #expect(try shift.judge().judgements[0].working.contains { $0.zh.contains("不足 1 h") })
        let judged = core([segment(90, minutes: 10), short(90)], ShiftLimit(twa: 100, stel: 100))
        #expect(judged.findings.verdict == .complies && judged.findings.contains(.judgedByShortTerm))
        #expect(core([segment(90, minutes: 10)], ShiftLimit(twa: 100, stel: 100)).findings.verdict == .undecided)
        #expect(core([segment(90, minutes: 10), short(101)], ShiftLimit(twa: 100, stel: 100)).findings.contains(.stelExceeds))
        // An hour is an hour: judged by the average.
        #expect(core([segment(500, minutes: 60)], ShiftLimit(twa: 50)).findings.contains(.twaExceeds))
    }

    @Test("Weekly average: ΣC·T/40 (GBZ 331-2024, Appendix G)")
    func week() throws {
        var shift = ShiftCase((0..<6).map { _ in .segment(hours: 8, 50) }, limit: limit(twa: 50))
        shift.isWeek = true
        let average = try #require(try shift.judge().judgements.first)
        #expect(average.value == 60 && average.verdict == .exceeds && average.quantity.zh.hasPrefix("C-TWA,40h"))
        shift.samples.append(short(10))
        #expect(refused { _ = try shift.judge() } == ["sample.not-in-week"])
    }

    @Test("Chapter 6: both PC-TWA and PC-STEL must be kept; without a short-term sample it is undecided")
    func shortTerm() throws {
        let ethylAcetate = Printed.ethylAcetate
        func verdict(_ samples: [Sample]) throws -> ShiftJudgement { try ShiftCase(samples, limit: ethylAcetate).judge() }
        let day = segment(150, minutes: 480)
        #expect(try verdict([day]).verdict == .undecided)
        #expect(try verdict([day]).missing.map(\.code) == ["judge.short-term.missing"])
        #expect(try verdict([day, short(300)]).verdict == .complies)
        #expect(try verdict([day, short(301)]).verdict == .exceeds)
        // 15-minute average: ten minutes at 440 are 293.3.
        #expect(try verdict([day, short(440, minutes: 10)]).judgements[1].shown == "293.3")
        // Without a sample of its own: an hour at 310 within a day of 153.8 holds a quarter of an hour above 300.
        let shortTerm = try verdict([segment(310, minutes: 60), segment(131.4, minutes: 420)]).judgements[1]
        #expect(shortTerm.verdict == .exceeds && shortTerm.value == nil && shortTerm.shown == ">300")
        // A ceiling likewise: formaldehyde, 0.5, with a segment at 0.6 and no sample of its own.
        let ceiling = try ShiftCase([segment(0.6, minutes: 60)], limit: Printed.limit("149")).judge().judgements[0]
        #expect(ceiling.verdict == .exceeds && ceiling.value == nil && ceiling.shown == ">0.5")
        #expect(shortTerm.working.contains { $0.zh.contains(">300 mg/m3") })
    }

    @Test("Chapter 6: a quarter of an hour is wherever it is highest, across rows, before or after the highest one")
    func quarterHour() {
        let limit = ShiftLimit(twa: 1000, stel: 300)
        // 5 min at 290 and 10 min at 310 are 303.3; no row alone makes a quarter of an hour above 300.
        let before = [segment(290, minutes: 20, at: 480), segment(310, minutes: 10, at: 500)]
        let after = [segment(310, minutes: 10, at: 480), segment(290, minutes: 20, at: 490)]
        for rows in [before, after] { #expect(core(rows, limit).findings.contains(.stelExceeds)) }
        let apart = [segment(290, minutes: 20, at: 480), segment(310, minutes: 10, at: 501)]
        #expect(core(apart, limit).findings.verdict == .undecided)  // 4 min at 290: 284.0
        // Short samples that follow each other: 5 min at 400 and 10 min at 260 are 306.7.
        let shorts = [short(400, minutes: 5, at: 480), short(260, minutes: 10, at: 485)]
        #expect(abs(core(shorts, limit).shortTerm - 4600.0 / 15) < 1e-9 && core(shorts, limit).findings.contains(.stelExceeds))
        // The same without times: nobody knows.
        #expect(core([short(400, minutes: 5), short(260, minutes: 10)], limit).findings.contains(.lacksTimes))
    }

    @Test("A.2.3.2: where the average exceeds, no short-term sample is needed")
    func averageIsEnough() throws {
        let findings = core([segment(210, minutes: 480)], ShiftLimit(twa: 200, stel: 300)).findings
        #expect(findings.contains(.twaExceeds) && !findings.contains(.lacksShortTerm))
        let judged = try ShiftCase([segment(210, minutes: 480)], limit: Printed.ethylAcetate).judge()
        #expect(judged.judgements.count == 1 && judged.missing.isEmpty && judged.verdict == .exceeds)
    }

    @Test("Chapter 6: between PC-TWA and PC-STEL at most 15 min, four times, 60 min apart")
    func excursions() {
        let limit = ShiftLimit(twa: 100, stel: 150)
        let base = segment(50, minutes: 480, at: 480)
        func findings(_ starts: [Double?], minutes: Double = 15) -> ShiftFindings {
            core([base] + starts.map { short(140, minutes: minutes, at: $0) }, limit).findings
        }
        #expect(findings([500, 575, 650, 725]).verdict == .complies)
        #expect(findings([500, 575, 650, 725, 800]).contains(.excursionsTooMany))
        #expect(findings([500, 574]).contains(.excursionsTooClose))
        #expect(findings([725, 500, 650, 575]).verdict == .complies)
        #expect(findings([500, 515]).contains(.excursionTooLong))
        #expect(findings([nil, nil]).contains(.lacksTimes) && findings([nil]).verdict == .complies)
    }

    @Test("Appendix A: with a PC-TWA alone never above 5 times, above 3 times as excursions")
    func peaks() {
        let limit = ShiftLimit(twa: 0.3)
        let base = segment(0.1, minutes: 400, at: 480)
        #expect(core([base], limit).findings.verdict == .undecided)
        #expect(core([base], limit, .steady).findings.verdict == .complies)
        #expect(core([base, short(0.9)], limit).findings.verdict == .complies)
        // Nobody calls steady what an average of an hour above 3 × PC-TWA shows not to be.
        #expect(core([base, segment(1, minutes: 60)], limit, .steady).findings.contains(.lacksPeak))
        #expect(core([base, short(1.5, at: 500)], limit).findings.verdict == .complies)
        #expect(core([base, short(1.51, at: 500)], limit).findings.contains(.peakExceeds))
        #expect(core([base, short(1.0, at: 500), short(1.0, at: 550)], limit).findings.contains(.excursionsTooClose))
    }

    @Test("A.2.4.3: a MAC or PC-STEL goes before the peak rule")
    func precedence() {
        #expect(!ShiftLimit(twa: 1, stel: 10).hasPeakRule && !ShiftLimit(mac: 10, twa: 1).hasPeakRule && ShiftLimit(twa: 1).hasPeakRule)
        // Six times PC-TWA, and within PC-STEL.
        #expect(!core([segment(0.1, minutes: 480), short(6)], ShiftLimit(twa: 1, stel: 10)).findings.contains(.peakExceeds))
    }

    @Test("Chapter 6: the ceiling holds at any time")
    func ceiling() throws {
        let formaldehyde = limit(mac: 0.5)
        let sample = Sample(.ceiling, minutes: 10, .value(0.51))
        #expect(try ShiftCase([sample], limit: formaldehyde).judge().verdict == .exceeds)
        #expect(try ShiftCase([Sample(.ceiling, minutes: 0, .value(0.5))], limit: formaldehyde).judge().verdict == .complies)
        let averaged = try ShiftCase([segment(0.4, minutes: 480)], limit: formaldehyde).judge()
        #expect(averaged.verdict == .undecided && averaged.missing.map(\.code) == ["judge.ceiling.missing"])
        // An average above the ceiling proves that it was exceeded.
        #expect(try ShiftCase([segment(0.6, minutes: 480)], limit: formaldehyde).judge().verdict == .exceeds)
    }

    @Test("Below the limit of quantification: GBZ 331-2024, Appendix G")
    func belowLOQ() throws {
        func judge(_ readings: [Reading], twa: Double) throws -> Judgement {
            var shift = ShiftCase(readings.map { Sample(minutes: 240, $0) }, limit: limit(twa: twa))
            shift.isSteady = true
            return try #require(try shift.judge().judgements.first)
        }
        let all = try judge([.below(0.6), .below(0.6)], twa: 1)
        #expect(all.shown == "<0.6" && all.verdict == .complies && all.value == 0.6)
        let some = try judge([.value(1), .below(0.6)], twa: 1)
        #expect(some.value == 0.8 && some.shown == "0.8" && some.verdict == .complies)
        let hanging = try judge([.below(3), .below(3)], twa: 1)
        #expect(hanging.verdict == .undecided && hanging.missing.map(\.code) == ["judge.loq-above-limit"])
        #expect(try judge([.value(1.6), .below(0.6)], twa: 1).verdict == .undecided)
        #expect(try judge([.value(2.4), .below(0.6)], twa: 1).verdict == .exceeds)
    }

    @Test("ND without a limit of quantification is refused, with its field")
    func notDetected() throws {
        for text in ["ND", "未检出", "<LOQ", "<0"] { #expect(refused { _ = try Reading(reading: text) } == ["loq.missing"]) }
        #expect(try Reading(reading: "ND", loq: 0.6) == .below(0.6))
        #expect(try Reading(reading: "<0.6") == .below(0.6) && Reading(reading: "＜ 0.6") == .below(0.6))
        #expect(try Reading(reading: "0.6", isBelow: true) == .below(0.6) && Reading(reading: " 12.5") == .value(12.5))
        for (text, code) in [
            ("-1", "concentration.negative"), ("", "field.required"), ("abc", "number.format"), ("nan", "number.format"),
            ("inf", "number.format"), ("<-2", "concentration.negative"),
        ] { #expect(refused { _ = try Reading(reading: text) } == [code], "\(text)") }
    }

    @Test("Bad rows are refused together, each with row and field")
    func badRows() {
        let rows = [
            Sample(minutes: 60, .value(-1), row: 2), Sample(minutes: .nan, .value(1), row: 3), Sample(minutes: -5, .value(1), row: 4),
            Sample(.shortTerm, minutes: 20, .value(1), row: 5), Sample(minutes: 60, .value(.nan), row: 6),
            Sample(start: .infinity, minutes: 60, .value(1), row: 7), Sample(minutes: 60, .below(0), row: 8),
        ]
        do {
            _ = try ShiftCase(rows, limit: limit(twa: 1)).judge()
            Issue.record("must be refused")
        } catch {
            #expect(error.all.compactMap(\.row) == [2, 3, 4, 5, 6, 7, 8] && error.all.allSatisfy { $0.field != nil })
            #expect(
                error.codes == [
                    "concentration.negative", "number.format", "minutes.range", "sample.too-long", "number.format", "number.format",
                    "loq.missing",
                ])
        }
        // The core by itself judges nothing of them either.
        for row in rows { #expect(core([row], ShiftLimit(twa: 100)).findings.verdict == .undecided || row.reading.isBelow) }
    }

    @Test("Segments that overlap or exceed a day are refused")
    func overlaps() throws {
        let limit = limit(twa: 1)
        func codes(_ samples: [Sample]) -> [String] { refused { _ = try ShiftCase(samples, limit: limit).judge() } }
        #expect(codes([segment(1, minutes: 60, at: 480), segment(1, minutes: 60, at: 539)]) == ["segment.overlap"])
        #expect(codes([segment(1, minutes: 60, at: 539), segment(1, minutes: 60, at: 480)]) == ["segment.overlap"])
        #expect(codes([segment(1, minutes: 60, at: 480), segment(1, minutes: 60, at: 540)]).isEmpty)
        #expect(codes([segment(1, minutes: 720), segment(1, minutes: 721)]) == ["segment.over-day"])
        #expect(codes([segment(1, minutes: 10, at: 0), segment(1, minutes: 10, at: 1435)]) == ["segment.over-day"])
        #expect(codes([segment(1, minutes: 1440)]).isEmpty)
        let overlapping = [segment(1, minutes: 60, at: 539), segment(1, minutes: 60, at: 480)]
        #expect(core(overlapping, ShiftLimit(twa: 100)).findings == .overlaps)
        #expect(core([segment(1, minutes: 1441)], ShiftLimit(twa: 100)).findings == .overDay)
    }

    @Test("A batch names row and field of what is wrong in a group, and judges the others")
    func batchFlaws() {
        var batch = ShiftBatch()
        batch.append(.segment, start: 480, minutes: 60, concentration: 1, isBelowLOQ: false)
        batch.append(.segment, start: 500, minutes: 60, concentration: 1, isBelowLOQ: false)
        batch.close(limit: 0)
        batch.append(.segment, minutes: 480, concentration: -1, isBelowLOQ: false)
        batch.close(limit: 0)
        batch.append(.segment, minutes: 480, concentration: 1, isBelowLOQ: false)
        batch.close(limit: 0, .steady)
        let results = batch.judge([ShiftLimit(twa: 2)])
        #expect(results.map(\.findings) == [.overlaps, .badNumber, []] && results[2].findings.verdict == .complies)
        #expect(results[0].findings.names == ["overlaps"])
        let flaws = (0..<3).map { batch.flaws(group: $0) { $0 + 2 } }
        #expect(flaws[0].map(\.code) == ["segment.overlap"] && flaws[0].map(\.row) == [3])
        #expect(flaws[1].map(\.code) == ["concentration.negative"] && flaws[1].map(\.row) == [4] && flaws[2].isEmpty)
    }

    @Test("Nothing sampled, and no limit: undecided, never complying")
    func nothing() throws {
        #expect(try ShiftCase([], limit: limit(twa: 1)).judge().verdict == .undecided)
        #expect(try ShiftCase([], limit: limit(twa: 1)).judge().missing.map(\.code).contains("judge.segments.missing"))
        let unlimited = try ShiftCase([segment(1, minutes: 60)], limit: limit()).judge()
        #expect(unlimited.verdict == .undecided && unlimited.missing.map(\.code) == ["judge.limit.missing"])
    }

    @Test("Benzene before and after its amendment: the day decides, and a doubtful first day stays visible")
    func editions() throws {
        let samples = [segment(4, minutes: 480), short(5)]
        func judged(_ day: Day) throws -> ShiftJudgement {
            let limit = try #require(Printed.limits.limit("12", on: day))
            return try ShiftCase(samples, limit: limit).judge()
        }
        #expect(try judged(Day(2021, 6, 1)!).verdict == .complies && judged(Day(2026, 6, 1)!).verdict == .exceeds)
        #expect(try judged(Day(2026, 6, 1)!).judgements[0].confidence == .secondary)
        #expect(Printed.limits.limit("359", on: Day(2025, 4, 30)!) == nil && Printed.limits.limit("359", on: Day(2025, 5, 1)!)?.twa == 0.12)
    }

    @Test("Levels of exposure: GBZ 2.1-2019, Table 5")
    func levels() {
        let expected: [(Double, String)] = [
            (0.01, "0"), (0.011, "Ⅰ"), (0.1, "Ⅰ"), (0.11, "Ⅱ"), (0.5, "Ⅱ"), (0.51, "Ⅲ"), (1, "Ⅲ"), (1.01, "Ⅳ"),
        ]
        for (ratio, numeral) in expected { #expect(ExposureLevel(ratio: ratio).numeral == numeral, "\(ratio)") }
    }
}

@Suite("Long shifts: the model of Brief and Scala, GBZ 2.1-2019 Appendix A, GBZ 331-2024 Appendix G")
struct LongShiftTests {
    @Test("Factors of day and week")
    func factors() throws {
        #expect(try LongShift(hoursPerDay: 8).factor == nil && LongShift(hoursPerDay: 8, daysPerWeek: 4).factor == nil)
        #expect(try LongShift(hoursPerDay: 12, daysPerWeek: 3).dayFactor == 0.5)  // 8/12 × 12/16
        #expect(try abs(LongShift(hoursPerDay: 10, daysPerWeek: 4).factor! - 0.7) < 1e-12)  // 8/10 × 14/16
        let six = try LongShift(hoursPerDay: 8, daysPerWeek: 6)
        #expect(six.dayFactor == nil && six.weekFactor == 40.0 / 48 * (120.0 / 128))  // 0.78125
        // More than 40 h on five days is a matter of the day.
        #expect(try LongShift(hoursPerDay: 9, daysPerWeek: 5).weekFactor == nil)
        for hours in [0.0, -1, 24, 25, .nan] { #expect(refused { _ = try LongShift(hoursPerDay: hours) } == ["number.range"]) }
    }

    @Test("The adjusted PC-TWA keeps one decimal more; MAC and PC-STEL stay")
    func adjusted() throws {
        let known = try LongShift(hoursPerDay: 11, isIrritant: false, halfLife: 20)
        #expect(known.adjusted(200) == 118.2 && known.adjusted(0.3) == 0.18)  // RF 0.590909…
        var shift = ShiftCase([segment(82, minutes: 660), short(299)], limit: Printed.ethylAcetate)
        shift.longShift = known
        let judged = try shift.judge()
        #expect(judged.judgements.map(\.limit) == [118.2, 300])
        #expect(judged.judgements[0].value == 112.75 && judged.judgements[0].verdict == .complies)
        // PC-STEL 300 and the printed PC-TWA of 200 still rule the excursions: one at 299 is within them.
        #expect(judged.verdict == .complies)
    }

    @Test("Not for irritants nor for half-lives under 4 h; unknown is decided only where it makes no difference")
    func applicability() throws {
        func judge(_ concentration: Double, _ isIrritant: Bool?, _ halfLife: Double?) throws -> ShiftJudgement {
            var shift = ShiftCase([segment(concentration, minutes: 720)], limit: limit(twa: 100))
            shift.isSteady = true
            shift.longShift = try LongShift(hoursPerDay: 12, daysPerWeek: 4, isIrritant: isIrritant, halfLife: halfLife)
            return try shift.judge()
        }
        #expect(try judge(50, true, nil).verdict == .complies && judge(50, nil, 3.9).verdict == .complies)  // 75 against 100
        #expect(try judge(50, false, 4).verdict == .exceeds)  // 75 against 50
        let open = try judge(50, nil, nil)
        #expect(open.verdict == .undecided && open.missing.map(\.code) == ["judge.long-shift.substance"])
        #expect(try judge(30, nil, nil).verdict == .complies && judge(70, nil, nil).verdict == .exceeds)
    }
}

@Suite("Mixtures: GBZ 2.1-2019, Appendix A")
struct MixtureTests {
    private func mixture(_ effect: String?) throws -> Mixture {
        try Mixture(
            [
                .init(limit("a", twa: 200, stel: 300), average: 80, shortTerm: 150),
                .init(limit("b", twa: 100, stel: 150), average: 53, shortTerm: 100.5),
            ], sharedEffect: effect)
    }

    @Test("The sums of the printed example: 0.93 for averages complies, 1.17 for short-term values does not")
    func example() throws {
        let both = try mixture("麻醉").judge()
        #expect(both.map(\.shown) == ["0.93", "1.17"] && both.map(\.verdict) == [.complies, .exceeds])
    }

    @Test("Without a stated common effect nothing is added up")
    func effect() throws {
        for effect in [nil, "", " "] { #expect(refused { _ = try mixture(effect) } == ["mixture.effect"]) }
        let one = Mixture.Part(limit("a", twa: 1), average: 1)
        #expect(refused { _ = try Mixture([one], sharedEffect: "肝") } == ["mixture.parts"])
        #expect(refused { _ = try Mixture([one, one], sharedEffect: "肝") } == ["mixture.parts"])
    }

    @Test("A missing part leaves it open, unless the rest exceeds already")
    func missing() throws {
        let open = Mixture.Part(limit("b", twa: 1))
        let low = try Mixture([.init(limit("a", twa: 1), average: 0.5), open], sharedEffect: "肝").judge()
        #expect(low.map(\.verdict) == [.undecided] && low[0].missing.map(\.code) == ["mixture.value"])
        let high = try Mixture([.init(limit("a", twa: 1), average: 1.5), open], sharedEffect: "肝").judge()
        #expect(high.map(\.verdict) == [.exceeds])
        let ceiling = try Mixture([.init(limit("a", twa: 1), average: 0.5), .init(limit("c", mac: 1))], sharedEffect: "肝").judge()
        #expect(ceiling[0].missing.map(\.code) == ["mixture.limit"])
    }
}

@Suite("Dust: GBZ 2.1-2019, 5.3 and Table 2")
struct DustTests {
    private let coal = Printed.limit("D23")
    private func day(_ concentration: Double) -> [Sample] { [segment(concentration, minutes: 480)] }
    private func judge(_ dust: DustCase) throws -> ShiftJudgement {
        var dust = dust
        dust.isSteady = true
        return try dust.judge(Printed.limits, on: Printed.today)
    }

    @Test("Respirable dust goes first where both have limits")
    func respirable() throws {
        let both = try judge(DustCase(total: day(5), respirable: day(2), listed: coal, silica: 5))
        #expect(both.judgements[0].limit == 2.5 && both.verdict == .complies)
        let total = try judge(DustCase(total: day(5), listed: coal, silica: 5))
        #expect(total.judgements[0].limit == 4 && total.verdict == .exceeds)
        #expect(try judge(DustCase(total: day(3), respirable: day(2), listed: Printed.limit("D24"), silica: 0)).judgements[0].limit == 1)
    }

    @Test("Any listed dust with 10 % of free silica or more is silica dust, by its band")
    func silica() throws {
        for (content, bound) in [(10.0, 0.7), (50, 0.7), (50.1, 0.3), (80, 0.3), (80.1, 0.2), (9.9, 2.5)] {
            let judged = try judge(DustCase(respirable: day(0.1), listed: coal, silica: content))
            #expect(judged.judgements[0].limit == bound, "\(content)")
        }
        #expect(refused { _ = try judge(DustCase(listed: coal, silica: 101)) } == ["number.range"])
        #expect(refused { _ = try judge(DustCase(listed: Printed.limit("D40a"), silica: 5)) } == ["judge.silica.contradicts"])
    }

    @Test("Unknown content: decided only where every band says the same")
    func unknownSilica() throws {
        #expect(try judge(DustCase(respirable: day(0.1), listed: coal, silica: nil)).verdict == .complies)
        #expect(try judge(DustCase(respirable: day(3), listed: coal, silica: nil)).verdict == .exceeds)
        let open = try judge(DustCase(respirable: day(1), listed: coal, silica: nil))
        #expect(open.verdict == .undecided && open.missing.map(\.code) == ["judge.silica.missing"])
        #expect(open.judgements.allSatisfy { $0.verdict == .undecided })
    }

    @Test("Asbestos fibre keeps its own limit whatever the silica")
    func asbestos() throws {
        let fibre = Printed.limit("D34b")
        #expect(fibre.unit == "f/mL")
        var dust = DustCase(total: day(0.5), listed: fibre, silica: 60)
        dust.unit = .fibres
        #expect(try judge(dust).judgements[0].limit == 0.8)
        dust.unit = .milligram
        #expect(refused { _ = try judge(dust) } == ["unit.incompatible"])
    }

    @Test("A dust not listed is 其他粉尘, 8 mg/m3, if it is known to hold no asbestos and nothing toxic")
    func other() throws {
        var dust = DustCase(total: day(7), listed: nil, silica: 3)
        #expect(refused { _ = try judge(dust) } == ["judge.dust.toxic"])
        dust.isFreeOfToxicMatter = true
        #expect(try judge(dust).judgements[0].limit == 8 && judge(dust).verdict == .complies)
    }

    @Test("Carbon monoxide by altitude: Table 1, No. 313")
    func carbonMonoxide() throws {
        let samples = [segment(18, minutes: 480), short(18), Sample(.ceiling, minutes: 10, .value(18))]
        func judge(_ altitude: Double?) throws -> ShiftJudgement {
            let shift = ShiftCase(samples, limit: Printed.limit("313a"))
            return try CarbonMonoxide.judge(shift, Printed.limits, altitude: altitude, on: Printed.today)
        }
        #expect(try judge(1999).verdict == .complies && judge(2000).verdict == .complies && judge(3000).verdict == .complies)
        #expect(try judge(3001).verdict == .exceeds && judge(3001).judgements.map(\.limit) == [15])
        #expect(try judge(nil).verdict == .undecided && judge(nil).missing.map(\.code) == ["judge.altitude.missing"])
    }
}

@Suite("Units: GBZ 2.1-2019, A.2")
struct UnitTests {
    @Test("1 ppm is M/24.05 mg/m3 at 20 ℃ and 101.3 kPa")
    func ppm() throws {
        let toluene = try Conversion(from: .ppm, to: .milligram, molarMass: 92.14)
        #expect(abs(toluene(13.05) - 13.05 * 92.14 / 24.05) < 1e-12)
        #expect(abs(Air(temperature: 0, pressure: 101.325).molarVolume - 22.41) < 0.01)
        #expect(refused { _ = try Conversion(from: .ppm, to: .milligram) } == ["molar-mass.missing"])
        #expect(refused { _ = try Conversion(from: .fibres, to: .milligram) } == ["unit.incompatible"])
        #expect(refused { _ = try Conversion(from: .ppm, to: .milligram, molarMass: -3) } == ["number.range"])
        #expect(refused { _ = try Conversion(from: .ppm, to: .milligram, molarMass: 92, air: Air(pressure: 1013)) } == ["number.range"])
    }

    @Test("Units as people write them")
    func reading() throws {
        let written: [(String, ConcentrationUnit)] = [
            ("mg/m³", .milligram), ("毫克/立方米", .milligram), ("ug/m3", .microgram), ("µg/m3", .microgram), ("μg/m³", .microgram),
            ("PPM", .ppm), ("f/cm3", .fibres), ("mg/L", .milligramPerLitre), ("孢子数/m3", .spores), ("mg·m-3", .milligram),
        ]
        for (text, unit) in written { #expect(try ConcentrationUnit(reading: text) == unit, "\(text)") }
        for text in ["", "mg", "mg/m2", "furlong", "mmol/L"] {
            #expect(refused { _ = try ConcentrationUnit(reading: text) } == ["unit.unknown"])
        }
        for limit in Printed.limits.all { #expect(throws: Never.self) { try ConcentrationUnit(reading: limit.unit) } }
    }

    @Test("Units commute: there and back, and by a third on the way")
    func commute() throws {
        var seeded = SeededGenerator(seed: 3)
        let gases: [ConcentrationUnit] = [
            .milligram, .microgram, .nanogram, .gram, .milligramPerLitre, .microgramPerLitre, .ppm, .ppb, .percent,
        ]
        for _ in 0..<500 {
            let units = (0..<3).map { _ in gases.randomElement(using: &seeded)! }
            let mass = Double.random(in: 2...400, using: &seeded)
            let air = Air(temperature: .random(in: -20...50, using: &seeded), pressure: .random(in: 60...110, using: &seeded))
            let value = Double.random(in: 0.001...1000, using: &seeded)
            func convert(_ value: Double, _ from: Int, _ to: Int) throws -> Double {
                try Conversion(from: units[from], to: units[to], molarMass: mass, air: air)(value)
            }
            let direct = try convert(value, 0, 1)
            #expect(abs(try convert(direct, 1, 0) - value) <= value * 1e-12)
            #expect(abs(try convert(convert(value, 0, 2), 2, 1) - direct) <= direct * 1e-12)
        }
    }

    @Test("A verdict is the same in whichever unit the samples come")
    func verdicts() throws {
        var shift = ShiftCase([segment(210_000, minutes: 480)], unit: .microgram, limit: Printed.ethylAcetate)
        #expect(try shift.judge().judgements[0].shown == "210.0")
        shift = ShiftCase([segment(210 * 24.05 / 88.11, minutes: 480)], unit: .ppm, limit: Printed.ethylAcetate)
        shift.molarMass = 88.11
        #expect(try shift.judge().judgements[0].shown == "210.0" && shift.judge().verdict == .exceeds)
        #expect(try shift.judge().judgements[0].working.contains { $0.zh.contains("20 ℃, 101.3 kPa") })
    }
}
