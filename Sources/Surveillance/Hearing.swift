import Catalog
import Hygiene
import Kernel

/// A pure-tone audiogram 纯音听力图: thresholds of hearing of both ears by air, and by bone where measured, in dB HL.
///
/// Where there was no response at the most that the audiometer gives, that most is the threshold (GBZ 49-2014 A.4).
public struct Audiogram: Sendable, Hashable {
    public enum Ear: String, Sendable, CaseIterable {
        case left, right
        /// As audiograms mark it in either language.
        var mark: String { self == .left ? "L" : "R" }
        var name: Bilingual { self == .left ? Bilingual("左耳", "Left ear") : Bilingual("右耳", "Right ear") }
    }
    /// The kind of loss 听力损失类型, as the examiner found it.
    public enum Loss: String, Sendable, CaseIterable { case normal, sensorineural, conductive, mixed }

    /// One ear: six thresholds in the order of `HearingTables.frequencies`; nil where not measured.
    public struct Side: Sendable, Hashable {
        public let air, bone: [Double?]
        public let loss: Loss?

        /// - Throws: `Refusal("hearing.count")` unless there are six, `Refusal("number.range")` outside −10 to 130 dB.
        public init(_ air: [Double?], bone: [Double?] = Side.nothing, loss: Loss? = nil) throws(Refusal) {
            for list in [air, bone] {
                guard list.count == HearingTables.frequencies.count else { throw Refusal("hearing.count", ["value": "\(list.count)"]) }
                for case let value? in list where !(-10...130).contains(value) {
                    throw Refusal("number.range", ["value": "\(value)", "limit": "-10–130"])
                }
            }
            (self.air, self.bone, self.loss) = (air, bone, loss)
        }
        public static let nothing = [Double?](repeating: nil, count: HearingTables.frequencies.count)

        /// What noise deafness is judged by: by bone where the loss is mixed (GBZ 49-2014 A.6, A.7), else by air.
        var judged: [Double?] { loss == .mixed ? bone : air }
    }

    public let day: Day
    public let left, right: Side
    /// Hours away from noise before the test.
    public let quietHours: Double?
    public let isRecheck: Bool
    /// Whether the examiner puts a loss down to noise.
    public let isFromNoise: Bool?

    public init(_ day: Day, left: Side, right: Side, quietHours: Double? = nil, isRecheck: Bool = false, isFromNoise: Bool? = nil) {
        (self.day, self.left, self.right, self.quietHours) = (day, left, right, quietHours)
        (self.isRecheck, self.isFromNoise) = (isRecheck, isFromNoise)
    }
    public subscript(ear: Ear) -> Side { ear == .left ? left : right }
}

/// Whom an audiogram is of, as far as the rules ask.
public struct HearingPerson: Sendable, Hashable {
    public let sex: HearingTables.Sex?
    public let birth: Day?
    /// Since when the person has worked in noise without a break.
    public let noiseSince: Day?
    /// The first day no longer in noise; nil where the work goes on.
    public let noiseUntil: Day?
    public init(sex: HearingTables.Sex?, birth: Day?, noiseSince: Day? = nil, noiseUntil: Day? = nil) {
        (self.sex, self.birth, self.noiseSince, self.noiseUntil) = (sex, birth, noiseSince, noiseUntil)
    }

    /// Completed years on a day.
    public func age(on day: Day) -> Int? { birth.map { wholeYears(from: $0, to: day) } }
    /// Completed years of noise on a day.
    public func noiseYears(on day: Day) -> Int? { noiseSince.map { wholeYears(from: $0, to: min(day, noiseUntil ?? day)) } }

    private func wholeYears(from: Day, to day: Day) -> Int {
        let years = day.year - from.year
        return (day.month, day.dayOfMonth) < (from.month, from.dayOfMonth) ? years - 1 : years
    }
}

/// Six thresholds of either ear, measured or corrected for age and sex, and the averages that the standards form of them.
public struct HearingLevels: Sendable, Hashable {
    public let left, right: [Double?]
    public subscript(ear: Audiogram.Ear) -> [Double?] { ear == .left ? left : right }

    public init(left: [Double?], right: [Double?]) { (self.left, self.right) = (left, right) }
    /// As measured by air.
    public init(_ audiogram: Audiogram) { (left, right) = (audiogram.left.air, audiogram.right.air) }

    /// Less the medians of age and sex.
    public func less(_ medians: [Double]) -> HearingLevels {
        func subtract(_ list: [Double?]) -> [Double?] { zip(list, medians).map { level, median in level.map { $0 - median } } }
        return HearingLevels(left: subtract(left), right: subtract(right))
    }

    static let speech = 0..<3
    static let high = 3..<6
    static let fourKilohertz = 4

    /// The mean of some frequencies of one ear; nil where one is missing. Not rounded.
    public func mean(_ ear: Audiogram.Ear, _ range: Range<Int>) -> Double? { HearingLevels.mean(Array(self[ear][range])) }
    /// Mean of 3000, 4000 and 6000 Hz of both ears 双耳高频平均听阈 BHFTA (GBZ 49-2014 formula A.1), rounded.
    public var binauralHigh: Double? { HearingLevels.mean(Array(left[HearingLevels.high] + right[HearingLevels.high])).map(rounded) }
    /// Mean of 500, 1000 and 2000 Hz of both ears 双耳语频平均听阈, rounded.
    public var binauralSpeech: Double? { HearingLevels.mean(Array(left[HearingLevels.speech] + right[HearingLevels.speech])).map(rounded) }
    /// Mean of 500, 1000 and 2000 Hz of one ear 语频平均听阈, rounded.
    public func speech(_ ear: Audiogram.Ear) -> Double? { mean(ear, HearingLevels.speech).map(rounded) }
    /// The value of one ear 单耳听阈加权值 MTMV (GBZ 49-2014 formula A.2), rounded.
    public func weighted(_ ear: Audiogram.Ear, speechWeight: Double = 0.9, highWeight: Double = 0.1) -> Double? {
        guard let speech = mean(ear, HearingLevels.speech) else { return nil }
        if highWeight == 0 { return rounded(speech * speechWeight) }
        return self[ear][HearingLevels.fourKilohertz].map { rounded(speech * speechWeight + $0 * highWeight) }
    }
    /// The lesser of the two ears' values; nil where either is missing.
    public func betterWeighted(speechWeight: Double = 0.9, highWeight: Double = 0.1) -> Double? {
        let values = Audiogram.Ear.allCases.compactMap { weighted($0, speechWeight: speechWeight, highWeight: highWeight) }
        return values.count == 2 ? values.min() : nil
    }

    private static func mean(_ values: [Double?]) -> Double? {
        let known = values.compactMap { $0 }
        return known.count == values.count ? known.reduce(0, +) / Double(known.count) : nil
    }
}

/// To the whole decibel, a half away from zero 四舍五入 (GBZ 49-2014 A.10 f, GBZ 188-2025 B.2.7.9.3 b). What binary arithmetic leaves of a
/// half counts as a half.
func rounded(_ value: Double) -> Double {
    let clean = (value * 1e9).rounded() / 1e9
    return clean.rounded(.toNearestOrAwayFromZero)
}

/// Judges audiograms: correction for age and sex, averages, noise deafness, shifts, findings of GBZ 188 (docs/hearing-dose.md).
public struct HearingRules: Sendable {
    public let tables: HearingTables
    public init(_ tables: HearingTables) { self.tables = tables }

    static let noEdition = Refusal("hearing.edition-missing")
    static let nowhere = Provenance(edition: "", clause: "", source: "", confidence: .uncertain)

    /// Thresholds less the medians of age and sex.
    /// - Throws: `Refusal` `hearing.sex-missing`, `hearing.birth-missing`, or `hearing.age-unsupported` at an age that the edition has no
    ///   figures for.
    public func corrected(
        _ levels: HearingLevels, on day: Day, of person: HearingPerson, by shift: HearingTables.AgeShift
    ) throws(Refusal) -> (levels: HearingLevels, working: Bilingual) {
        let (medians, age, sex) = try medians(on: day, of: person, by: shift)
        let list = medians.map(figure).joined(separator: ", ")
        let name = sex == .male ? Bilingual("男", "male") : Bilingual("女", "female")
        let working = Bilingual(
            "\(age)岁\(name.zh)，修正值（500–6000 Hz）\(list) dB（\(shift.provenance.edition)）",
            "\(age) years, \(name.en): correction at 500–6000 Hz \(list) dB (\(shift.provenance.edition))")
        return (levels.less(medians), working)
    }

    func medians(
        on day: Day, of person: HearingPerson, by shift: HearingTables.AgeShift
    ) throws(Refusal) -> (medians: [Double], age: Int, sex: HearingTables.Sex) {
        guard let sex = person.sex else { throw Refusal("hearing.sex-missing") }
        guard let age = person.age(on: day) else { throw Refusal("hearing.birth-missing") }
        guard let medians = shift.medians(age: age, sex: sex) else {
            throw Refusal("hearing.age-unsupported", ["value": "\(age)", "limit": "\(shift.ages.lowerBound)–\(shift.ages.upperBound)"])
        }
        return (medians, age, sex)
    }

    /// The averages of one audiogram, corrected, against the figures at which noise deafness begins (GBZ 49): the binaural high-frequency
    /// average and the better ear's value. `exceeds` is at the figure or above; it is no diagnosis.
    public func averages(_ audiogram: Audiogram, of person: HearingPerson) -> [Judgement] {
        let high = Bilingual("双耳高频平均听阈", "Binaural high-frequency average")
        let better = Bilingual("较好耳听阈加权值", "Weighted value of the better ear")
        func open(_ title: Bilingual, _ limit: Double?, _ missing: [Refusal], _ provenance: Provenance) -> Judgement {
            Judgement(
                title, value: nil, shown: "–", limit: limit, unit: "dB", verdict: .undecided, missing: missing, provenance: provenance,
                working: [])
        }
        guard let rule = tables.diagnosis(on: audiogram.day), let shift = tables.ageShift(rule.ageShift) else {
            return [high, better].map { open($0, nil, [Self.noEdition], Self.nowhere) }
        }
        let limits = [rule.gate ?? rule.observation?.from, rule.levels.compactMap(\.from).first]
        do {
            let (levels, step) = try corrected(HearingLevels(audiogram), on: audiogram.day, of: person, by: shift)
            let values = [levels.binauralHigh, levels.betterWeighted(speechWeight: rule.speechWeight, highWeight: rule.highWeight)]
            let missing = Audiogram.Ear.allCases.flatMap { absent(levels[$0], $0) }
            let lists = Audiogram.Ear.allCases.map { ear -> Bilingual in
                let list = levels[ear].map { $0.map(figure) ?? "–" }.joined(separator: ", ")
                return Bilingual("\(ear.name.zh)修正后 \(list) dB", "\(ear.name.en), corrected: \(list) dB")
            }
            return zip(zip([high, better], values), limits).map { named, limit in
                guard let value = named.1, let limit else { return open(named.0, limit, missing, rule.provenance) }
                return Judgement(
                    named.0, value: value, shown: figure(value), limit: limit, unit: "dB", verdict: value >= limit ? .exceeds : .complies,
                    provenance: rule.provenance, rules: [shift.provenance], working: [step] + lists)
            }
        } catch { return zip([high, better], limits).map { open($0, $1, [error], rule.provenance) } }
    }

    /// Whether the test came long enough after noise 脱离噪声环境时间, by the edition of GBZ 188 of its day. `exceeds` is too short.
    public func quiet(_ audiogram: Audiogram) -> Judgement {
        let title = Bilingual("脱离噪声环境时间", "Hours away from noise")
        guard let rule = tables.quiet(on: audiogram.day) else {
            return Judgement(
                title, value: audiogram.quietHours, shown: audiogram.quietHours.map(figure) ?? "–", limit: nil, unit: "h",
                verdict: .undecided, missing: [Self.noEdition], provenance: Self.nowhere, working: [])
        }
        let least = audiogram.isRecheck ? rule.recheck : rule.first
        let test = audiogram.isRecheck ? Bilingual("复查", "second test") : Bilingual("初测", "first test")
        let asked = Bilingual("\(test.zh)要求至少 \(figure(least)) h", "At least \(figure(least)) h before a \(test.en)")
        guard let hours = audiogram.quietHours else {
            return Judgement(
                title, value: nil, shown: "–", limit: least, unit: "h", verdict: .undecided, missing: [Refusal("hearing.quiet-unknown")],
                provenance: rule.provenance, working: [asked])
        }
        return Judgement(
            title, value: hours, shown: figure(hours), limit: least, unit: "h", verdict: hours >= least ? .complies : .exceeds,
            provenance: rule.provenance, working: [asked])
    }

    /// The shift of an audiogram against the baseline 听阈偏移, in the worse ear. `exceeds` says that there is one.
    /// - Parameters:
    ///   - id: `osha` (mean of 2, 3, 4 kHz, 10 dB) or `niosh` (15 dB at any of the six).
    ///   - ageShift: takes off what age adds between the two days; nil takes nothing off. OSHA's own table is not to hand: any other is
    ///     our substitute and said to be.
    public func shift(
        from baseline: Audiogram, to current: Audiogram, by id: String, ageShift: HearingTables.AgeShift? = nil,
        of person: HearingPerson = HearingPerson(sex: nil, birth: nil)
    ) throws(Refusal) -> Judgement {
        guard let rule = tables.shift(id) else { throw Refusal("field.unknown", field: "criterion", ["value": id]) }
        var aging = [Double](repeating: 0, count: HearingTables.frequencies.count)
        var working: [Bilingual] = []
        var provenance = rule.provenance
        if let ageShift {
            let before = try medians(on: baseline.day, of: person, by: ageShift)
            let now = try medians(on: current.day, of: person, by: ageShift)
            aging = zip(now.medians, before.medians).map { $0 - $1 }
            let list = aging.map(figure).joined(separator: ", ")
            working.append(
                Bilingual(
                    "年龄增长 \(before.age)→\(now.age) 岁的部分（500–6000 Hz）\(list) dB（\(ageShift.provenance.edition)，替代原规则的附表）",
                    "Age from \(before.age) to \(now.age): \(list) dB at 500–6000 Hz (\(ageShift.provenance.edition), in place of the rule's own table)"
                ))
            provenance = Provenance(
                edition: rule.provenance.edition, clause: rule.provenance.clause, source: rule.provenance.source, confidence: .own,
                force: rule.provenance.force)
        }
        let places = HearingTables.frequencies.indices.filter { rule.frequencies.contains(HearingTables.frequencies[$0]) }
        var worst: Double?
        var missing: [Refusal] = []
        for ear in Audiogram.Ear.allCases {
            var shifts: [Double] = []
            for place in places {
                guard let now = current[ear].air[place], let then = baseline[ear].air[place] else {
                    missing.append(Refusal("hearing.threshold-missing", ["value": "\(HearingTables.frequencies[place]) Hz (\(ear.mark))"]))
                    continue
                }
                shifts.append(now - then - aging[place])
            }
            // A mean needs all its frequencies; of single ones each that is there can already show a shift.
            guard !shifts.isEmpty, !rule.isMean || shifts.count == places.count else { continue }
            let value = rule.isMean ? shifts.reduce(0, +) / Double(shifts.count) : shifts.max() ?? 0
            worst = Swift.max(worst ?? value, value)
            let list = shifts.map(figure).joined(separator: ", ")
            working.append(Bilingual("\(ear.name.zh)偏移 \(list)：\(figure(value)) dB", "\(ear.name.en) shifted \(list): \(figure(value)) dB"))
        }
        let reaches = worst.map { ($0 * 1e9).rounded() / 1e9 >= rule.limit } ?? false
        let verdict: Judgement.Verdict = reaches ? .exceeds : missing.isEmpty ? .complies : .undecided
        return Judgement(
            rule.name, value: worst, shown: worst.map(figure) ?? "–", limit: rule.limit, unit: "dB", verdict: verdict,
            missing: verdict == .undecided ? missing : [], provenance: provenance, working: working)
    }

    func figure(_ value: Double) -> String { Rounding.plain(value) }
}
