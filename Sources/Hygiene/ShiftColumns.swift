import Foundation

/// What a row of samples is.
public enum SampleKind: UInt8, Sendable, CaseIterable {
    /// A part of the shift with the concentration during it: counts for the time-weighted average.
    case segment = 0
    /// A sample of at most 15 minutes for the short-term value 短时间接触浓度 CSTE or the peak 峰接触浓度.
    case shortTerm = 1
    /// A sample of at most 15 minutes for the ceiling 最高浓度 CME.
    case ceiling = 2
}

/// The limits that one group of samples is held against, in the unit of the samples, ready for ``ShiftRules``. NaN where there is none.
public struct ShiftLimit: Sendable, Hashable, BitwiseCopyable {
    /// `twa` is what the average is held against: the PC-TWA, or that adjusted for long shifts.
    public let mac, twa, stel: Double
    /// Above what an excursion begins: PC-TWA where there is a PC-STEL, 3 × PC-TWA under the peak rule, else never.
    @usableFromInline let excursionFrom: Double
    /// 5 × PC-TWA under the peak rule; NaN where another rule comes before it.
    @usableFromInline let peakCeiling: Double
    @usableFromInline let macDecimals, twaDecimals, stelDecimals: Int8
    /// Whether a result is compared as reported, rounded, or in all its digits.
    @usableFromInline let comparesRounded: Bool

    /// - Parameters:
    ///   - twa: the PC-TWA as printed.
    ///   - adjusted: the PC-TWA for a long shift or week, where it is one; the rules of excursions keep to the printed one.
    ///   - comparesRounded: see docs/exposure.md, *Rounding*.
    public init(
        mac: Double? = nil, twa: Double? = nil, stel: Double? = nil, adjusted: Double? = nil, comparesRounded: Bool = true
    ) {
        (self.mac, self.twa, self.stel) = (mac ?? .nan, adjusted ?? twa ?? .nan, stel ?? .nan)
        func decimals(_ limit: Double?) -> Int8 { Int8(limit.map(Rounding.resultDecimals(for:)) ?? 1) }
        (macDecimals, twaDecimals, stelDecimals) = (decimals(mac), decimals(twa), decimals(stel))
        self.comparesRounded = comparesRounded
        if let twa, stel != nil {
            (excursionFrom, peakCeiling) = (twa, .nan)
        } else if let twa, mac == nil {
            let digits = Rounding.decimals(of: twa)
            excursionFrom = Rounding.round(3 * twa, decimals: digits)
            peakCeiling = Rounding.round(5 * twa, decimals: digits)
        } else {
            (excursionFrom, peakCeiling) = (.infinity, .nan)
        }
    }

    /// Whether the peak rule is in place: a PC-TWA and neither MAC nor PC-STEL, which come before it (GBZ 2.1-2019, A.2.4.3).
    @inlinable public var hasPeakRule: Bool { !peakCeiling.isNaN }

    @inlinable func exceeds(_ value: Double, _ limit: Double, _ decimals: Int8) -> Bool {
        // Rounding cannot lift a value above a limit that it does not exceed, nor hide an excess of a whole step.
        guard value > limit else { return false }
        return comparesRounded
            ? Rounding.round(value, decimals: Int(decimals)) > limit : value - limit > limit * Rounding.dust
    }
}

/// What was found of a group, one bit each.
public struct ShiftFindings: OptionSet, Sendable, Hashable, BitwiseCopyable {
    public let rawValue: UInt32
    public init(rawValue: UInt32) { self.rawValue = rawValue }
    private static func bit(_ place: UInt32) -> ShiftFindings { ShiftFindings(rawValue: 1 << place) }

    // What exceeds.
    public static let twaExceeds = bit(0)
    public static let stelExceeds = bit(1)
    public static let macExceeds = bit(2)
    /// Above 5 × PC-TWA.
    public static let peakExceeds = bit(3)
    /// An excursion (above PC-TWA up to PC-STEL, or above 3 × PC-TWA) of more than 15 minutes.
    public static let excursionTooLong = bit(4)
    /// More than four excursions in a shift.
    public static let excursionsTooMany = bit(5)
    /// Two excursions less than 60 minutes apart.
    public static let excursionsTooClose = bit(6)

    // What leaves open whether it exceeds.
    /// The average exceeds only because the limit of quantification stands in for results below it.
    public static let twaHangsOnLOQ = bit(8)
    /// A short-term, ceiling or peak result is below a limit of quantification that is itself above the limit.
    public static let shortHangsOnLOQ = bit(9)
    /// There is a PC-STEL and no short-term sample.
    public static let lacksShortTerm = bit(10)
    /// There is a MAC and no ceiling sample.
    public static let lacksCeiling = bit(11)
    /// The peak rule applies, and there is no short-term sample and nothing that says the exposure is steady.
    public static let lacksPeak = bit(12)
    /// Several excursions, or several short samples of less than 15 minutes, without the times that tell how far apart they are.
    public static let lacksTimes = bit(13)
    /// There is a PC-TWA and no segment.
    public static let lacksSegments = bit(14)
    /// Under an hour of exposure, and no short-term limit to judge by.
    public static let tooShortForTWA = bit(15)
    /// No limit at all.
    public static let lacksLimit = bit(16)

    // What is wrong with the rows: nothing is judged.
    public static let overlaps = bit(20)
    /// More minutes than a day (a week, for a group of a week) has.
    public static let overDay = bit(21)
    /// A concentration, length or time that is negative or no number.
    public static let badNumber = bit(22)
    /// A short sample longer than 15 minutes, or one in a group of a week.
    public static let badShortSample = bit(23)

    // What is told with it.
    /// All results are below the limit of quantification: the report says `<LOQ`.
    public static let allBelowLOQ = bit(24)
    /// The exact value lies above the limit, the reported one does not.
    public static let compliesByRounding = bit(25)
    /// Under an hour of exposure: judged by PC-STEL or MAC alone.
    public static let judgedByShortTerm = bit(26)

    public static let exceeding: ShiftFindings = [
        .twaExceeds, .stelExceeds, .macExceeds, .peakExceeds, .excursionTooLong, .excursionsTooMany, .excursionsTooClose,
    ]
    public static let open: ShiftFindings = [
        .twaHangsOnLOQ, .shortHangsOnLOQ, .lacksShortTerm, .lacksCeiling, .lacksPeak, .lacksTimes, .lacksSegments, .tooShortForTWA,
        .lacksLimit,
    ]
    public static let invalid: ShiftFindings = [.overlaps, .overDay, .badNumber, .badShortSample]

    /// Over all: wrong rows leave it undecided, else one excess is enough, else everything must have been shown to comply.
    public var verdict: Judgement.Verdict {
        if !isDisjoint(with: .invalid) { return .undecided }
        if !isDisjoint(with: .exceeding) { return .exceeds }
        return isDisjoint(with: .open) ? .complies : .undecided
    }
}

/// The result of one group.
public struct ShiftResult: Sendable, Hashable, BitwiseCopyable {
    /// The time-weighted average over 8 h (40 h for a week), not rounded; NaN without segments.
    public var twa: Double
    /// What the average is at least, with 0 in place of each result below its limit of quantification.
    public var twaAtLeast: Double
    /// The highest 15-minute value of the short-term samples; NaN without.
    public var shortTerm: Double
    /// The highest ceiling sample; NaN without.
    public var ceiling: Double
    /// Minutes with exposure in the segments.
    public var minutes: Double
    public var findings: ShiftFindings
    /// Excursions counted; 0 where their times are not known.
    public var excursions: Int32

    @usableFromInline init() {
        (twa, twaAtLeast, shortTerm, ceiling, minutes, findings, excursions) = (.nan, .nan, .nan, .nan, 0, [], 0)
    }
}

/// What holds for a whole group of samples.
public struct GroupFlags: OptionSet, Sendable, Hashable, BitwiseCopyable {
    public let rawValue: UInt8
    public init(rawValue: UInt8) { self.rawValue = rawValue }
    /// The segments are those of a week, averaged over 40 h.
    public static let week = GroupFlags(rawValue: 1)
    /// The survey found the exposure steady, so that the peak rule needs no samples of its own.
    public static let steady = GroupFlags(rawValue: 2)
}

/// Samples as columns, one entry a row. The rows of a group lie together; nothing is copied and nothing is allocated in judging them.
public struct SampleColumns {
    /// In the unit of the group's limits; for a result below it, the limit of quantification 最低定量浓度.
    public let concentration: UnsafePointer<Double>
    /// How long the concentration held. For a short-term or ceiling sample at most 15; less than 15 means that the exposure was as short.
    public let minutes: UnsafePointer<Double>
    /// Minutes since the midnight before the shift (since Monday's for a week); NaN where unknown, nil where all are.
    public let start: UnsafePointer<Double>?
    /// The raw value of a ``SampleKind``, plus 128 for a result below the limit of quantification.
    public let kind: UnsafePointer<UInt8>

    public static let belowLOQ: UInt8 = 128

    public init(
        concentration: UnsafePointer<Double>, minutes: UnsafePointer<Double>, start: UnsafePointer<Double>?, kind: UnsafePointer<UInt8>
    ) {
        (self.concentration, self.minutes, self.start, self.kind) = (concentration, minutes, start, kind)
    }
}
