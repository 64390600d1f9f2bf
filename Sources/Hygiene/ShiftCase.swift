import Catalog
import Foundation
import Kernel

/// One chemical factor or dust in one shift (or week) of one person or post, to be judged in full, with the working.
public struct ShiftCase: Sendable {
    /// Which limit of a dust.
    public enum Fraction: Sendable { case total, respirable }

    public var samples: [Sample]
    public var unit: ConcentrationUnit
    public var limit: ExposureLimit
    public var fraction = Fraction.total
    /// In g/mol; needed where the samples are in parts of volume.
    public var molarMass: Double?
    public var air = Air.standard
    /// The segments are those of a week.
    public var isWeek = false
    /// The survey found the exposure steady, so that the peak rule needs no samples of its own.
    public var isSteady = false
    public var longShift: LongShift?
    public var comparesRounded = true

    public init(_ samples: [Sample], unit: ConcentrationUnit = .milligram, limit: ExposureLimit) {
        (self.samples, self.unit, self.limit) = (samples, unit, limit)
    }

    /// Judges every quantity for which there is a limit.
    /// - Throws: `Refusals` of the rows (`concentration.negative`, `minutes.range`, `segment.overlap`, `segment.over-day`,
    ///   `sample.too-long`, `sample.not-in-week`, `loq.missing`, `number.format`) and of the unit (`unit.unknown`, `unit.incompatible`,
    ///   `molar-mass.missing`, `number.range`).
    public func judge() throws(Refusals) -> ShiftJudgement {
        let flaws = Sample.flaws(samples, isWeek: isWeek)
        guard flaws.isEmpty else { throw Refusals(flaws) }
        let conversion: Conversion
        do throws(Refusal) {
            let target = try ConcentrationUnit(reading: limit.unit)
            conversion = try Conversion(from: unit, to: target, molarMass: molarMass, air: air)
        } catch { throw Refusals([error]) }
        let printed = fraction == .respirable ? limit.respirable : limit.twa
        let adjusted = printed.flatMap { longShift?.adjusted($0) }
        let rules = ShiftLimit(
            mac: limit.mac, twa: printed, stel: limit.stel, adjusted: adjusted, comparesRounded: comparesRounded)
        let plain = ShiftLimit(mac: limit.mac, twa: printed, stel: limit.stel, comparesRounded: comparesRounded)
        var flags: GroupFlags = isWeek ? .week : []
        if isSteady { flags.insert(.steady) }
        // The second time without the reduction for long shifts, for where nobody knows whether it applies.
        var batch = ShiftBatch()
        for (place, isNeeded) in [true, adjusted != nil].enumerated() where isNeeded {
            for sample in samples { batch.append(sample, factor: conversion.factor) }
            batch.close(limit: place, flags)
        }
        let results = batch.judge([rules, plain])
        var result = results[0]
        // Whether the factor applies is not known, and the verdict hangs on it.
        var doubt: Refusal?
        if let plain = results.dropFirst().first, longShift?.isApplicable == nil, result.findings.contains(.twaExceeds),
            !plain.findings.contains(.twaExceeds)
        {
            result.findings = plain.findings
            doubt = Refusal("judge.long-shift.substance", field: "half_life", ["value": limit.name.zh])
        }
        return ShiftJudgement(self, printed: printed, adjusted: adjusted, result, conversion, doubt)
    }

    /// Judges by each of several limits of which one holds and nobody knows which; decided where all agree.
    /// - Parameter missing: what would tell which holds.
    public func judge(anyOf limits: [ExposureLimit], missing: Refusal) throws(Refusals) -> ShiftJudgement {
        var all: [ShiftJudgement] = []
        for limit in limits {
            var copy = self
            copy.limit = limit
            all.append(try copy.judge())
        }
        return try ShiftJudgement.agreed(all, missing: missing)
    }
}

/// The judgements of one factor in one shift, and what they come to.
public struct ShiftJudgement: Sendable, Hashable {
    /// C-TWA, C-STE, C-ME and the peak, those for which there is a limit.
    public let judgements: [Judgement]
    public let verdict: Judgement.Verdict
    public let missing: [Refusal]
    public let limit: ExposureLimit
    /// What the core found, in the unit of the limit.
    public let result: ShiftResult

    static func agreed(_ all: [ShiftJudgement], missing: Refusal) throws(Refusals) -> ShiftJudgement {
        guard let first = all.first else { throw Refusals([missing]) }
        if all.count == 1 { return first }
        // The strictest is shown: of those with the same verdict the highest ratio, else what exceeds.
        func weight(_ one: ShiftJudgement) -> (Int, Double) {
            (one.verdict == .exceeds ? 1 : 0, one.judgements.compactMap(\.ratio).max() ?? 0)
        }
        let strictest = all.max { weight($0) < weight($1) } ?? first
        let names = all.map(\.limit.name)
        let tried = Bilingual(
            "依次按以下限值判定：" + names.map(\.zh).joined(separator: "；"),
            "Judged by each of these limits: " + names.map(\.en).joined(separator: "; "))
        let agree = Set(all.map(\.verdict)).count == 1
        let note =
            agree
            ? Bilingual("结论一致，列出最严的一个", "All agree; the strictest is shown")
            : Bilingual("结论不一致，不能判定", "They do not agree: undecided")
        let shown = strictest.judgements.map { one in
            agree ? one.adding([tried, note]) : one.undecided([missing], [tried, note])
        }
        return ShiftJudgement(
            judgements: shown, verdict: agree ? strictest.verdict : .undecided, missing: agree ? strictest.missing : [missing],
            limit: strictest.limit, result: strictest.result)
    }

    init(judgements: [Judgement], verdict: Judgement.Verdict, missing: [Refusal], limit: ExposureLimit, result: ShiftResult) {
        (self.judgements, self.verdict, self.missing, self.limit, self.result) = (judgements, verdict, missing, limit, result)
    }

    fileprivate init(
        _ shift: ShiftCase, printed: Double?, adjusted: Double?, _ result: ShiftResult, _ conversion: Conversion, _ doubt: Refusal?
    ) {
        let writer = ShiftWriter(shift: shift, printed: printed, adjusted: adjusted, result: result, conversion: conversion, doubt: doubt)
        var judgements: [Judgement] = []
        // A quantity that the rules do not ask for is not judged: an average of less than an hour, a short-term value where the
        // average exceeds already.
        let asksForAverage = !result.findings.contains(.judgedByShortTerm)
        let asksForShort = !result.findings.contains(.twaExceeds) || shift.samples.contains { $0.kind == .shortTerm }
        if let printed, asksForAverage { judgements.append(writer.average(printed)) }
        if !shift.isWeek {
            let isAboveSTEL = result.findings.contains(.stelExceeds)
            if let stel = shift.limit.stel, asksForShort || isAboveSTEL { judgements.append(writer.shortTerm(stel)) }
            if let mac = shift.limit.mac { judgements.append(writer.ceiling(mac)) }
            let hasPeakRule = shift.limit.stel == nil && shift.limit.mac == nil
            let isAbovePeak = result.findings.contains(.peakExceeds)
            if let printed, hasPeakRule, asksForShort || isAbovePeak { judgements.append(writer.peak(printed)) }
        }
        var missing = writer.missing(.open)
        if let doubt { missing.append(doubt) }
        // One implementation: the verdict is that of the core, and doubt about the factor can only open what complied.
        let verdict = result.findings.verdict
        self.init(
            judgements: judgements, verdict: verdict == .complies && doubt != nil ? .undecided : verdict,
            missing: missing, limit: shift.limit, result: result)
    }
}

extension Judgement {
    func adding(_ lines: [Bilingual]) -> Judgement {
        Judgement(
            quantity, value: value, shown: shown, limit: limit, unit: unit, verdict: verdict, missing: missing, provenance: provenance,
            rules: rules, working: working + lines)
    }
}
