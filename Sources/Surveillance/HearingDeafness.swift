import Catalog
import Grading
import Kernel

extension HearingRules {
    /// The grade of occupational noise deafness 职业性噪声聋 that several audiograms reach, by the edition of GBZ 49 of the last one's day.
    ///
    /// It is what the figures say, for the physician who diagnoses: where a condition of the edition is not met or not known (tests too
    /// few, too close or too unlike, noise too recent, the kind of loss, years of noise), the grade is not told and says why; the figures
    /// stand in the working.
    public func noiseDeafness(_ audiograms: [Audiogram], of person: HearingPerson) -> Grade {
        let tests = audiograms.sorted { $0.day < $1.day }
        guard let last = tests.last else { return open([Refusal("hearing.tests-few", ["value": "0"])]) }
        guard let rule = tables.diagnosis(on: last.day), let ageShift = tables.ageShift(rule.ageShift) else {
            return open([Self.noEdition])
        }

        var missing = conditions(rule, tests)
        var working: [Bilingual] = []
        let least = HearingLevels(left: leastThresholds(tests, .left), right: leastThresholds(tests, .right))
        for ear in Audiogram.Ear.allCases {
            missing += absent(least[ear], ear)
            let list = least[ear].map { $0.map(figure) ?? "–" }.joined(separator: ", ")
            working.append(
                Bilingual("\(ear.name.zh)各频率最小听阈 \(list) dB", "\(ear.name.en), least threshold at each frequency: \(list) dB"))
            switch last[ear].loss {
            case .sensorineural, .normal: break
            case .mixed where last[ear].bone.contains(nil): missing.append(Refusal("hearing.bone-missing", ["value": ear.mark]))
            case .mixed: break
            case .conductive: missing.append(Refusal("hearing.loss-conductive", ["value": ear.mark]))
            case nil: missing.append(Refusal("hearing.loss-unknown", ["value": ear.mark]))
            }
        }
        switch person.noiseYears(on: last.day) {
        case nil: missing.append(Refusal("hearing.noise-years-unknown"))
        case .some(let years) where Double(years) < rule.noiseYears:
            return Grade(
                rank: 0, label: rule.levels[0].label, provenance: rule.provenance,
                working: working + [
                    Bilingual(
                        "连续噪声作业 \(years) 年，不足 \(figure(rule.noiseYears)) 年",
                        "\(years) years of noise without a break, fewer than \(figure(rule.noiseYears))")
                ])
        case .some: break
        }
        do {
            let (levels, step) = try corrected(least, on: last.day, of: person, by: ageShift)
            return grade(levels, rule, missing, working + [step])
        } catch { return open(missing + [error], rule.provenance, working) }
    }

    private func grade(_ levels: HearingLevels, _ rule: HearingTables.Diagnosis, _ missing: [Refusal], _ given: [Bilingual]) -> Grade {
        guard let high = levels.binauralHigh,
            let value = levels.betterWeighted(speechWeight: rule.speechWeight, highWeight: rule.highWeight)
        else { return open(missing, rule.provenance, given) }
        var working = given
        working.append(Bilingual("双耳高频平均听阈 \(figure(high)) dB", "Binaural high-frequency average \(figure(high)) dB"))
        for ear in Audiogram.Ear.allCases {
            let own = levels.weighted(ear, speechWeight: rule.speechWeight, highWeight: rule.highWeight).map(figure) ?? "–"
            working.append(Bilingual("\(ear.name.zh)语频及 4000 Hz 听阈加权值 \(own) dB", "\(ear.name.en), weighted value \(own) dB"))
        }
        var level = rule.levels.last { $0.from.map { value >= $0 } ?? true } ?? rule.levels[0]
        if let gate = rule.gate, high < gate {
            level = rule.levels[0]
            working.append(Bilingual("双耳高频平均听阈不足 \(figure(gate)) dB", "The binaural average is below \(figure(gate)) dB"))
        } else if level.rank > 0, !isHighFrequencyLoss(levels, rule) {
            level = rule.levels[0]
            working.append(
                Bilingual("较好耳语频损失不低于高频损失，不符合噪声聋", "The better ear loses no less at speech than at high frequencies: not of noise"))
        }
        if let observation = rule.observation, level.rank == 0, high >= observation.from { level = observation.level }
        // Nothing that is missing can raise what the figures do not reach.
        let isTold = missing.isEmpty || (level.rank == 0 && !missing.contains { $0.code == "hearing.threshold-missing" })
        let result = Bilingual("数值相当于：\(level.label.zh)", "The figures come to: \(level.label.en)")
        return Grade(
            rank: isTold ? level.rank : nil, label: isTold ? level.label : Bilingual("待定", "Undecided"), index: value,
            missing: isTold ? [] : missing, provenance: rule.provenance, working: working + [result])
    }

    /// Whether the ear that is graded loses more at high frequencies than at those of speech (GBZ 49-2014 A.8); of two alike, either.
    private func isHighFrequencyLoss(_ levels: HearingLevels, _ rule: HearingTables.Diagnosis) -> Bool {
        func value(_ ear: Audiogram.Ear) -> Double? {
            levels.weighted(ear, speechWeight: rule.speechWeight, highWeight: rule.highWeight)
        }
        let least = Audiogram.Ear.allCases.compactMap(value).min()
        return Audiogram.Ear.allCases.contains { ear in
            guard value(ear) == least, let speech = levels.mean(ear, HearingLevels.speech) else { return false }
            return levels.mean(ear, HearingLevels.high).map { speech < $0 } ?? false
        }
    }

    /// What the edition asks of the tests and is not given.
    private func conditions(_ rule: HearingTables.Diagnosis, _ tests: [Audiogram]) -> [Refusal] {
        var missing: [Refusal] = []
        if tests.count < rule.tests { missing.append(Refusal("hearing.tests-few", ["value": "\(tests.count)", "limit": "\(rule.tests)"])) }
        for (earlier, later) in zip(tests, tests.dropFirst()) where later.day - earlier.day < rule.daysBetween {
            missing.append(Refusal("hearing.tests-close", ["value": later.day.description, "limit": "\(rule.daysBetween)"]))
        }
        for test in tests {
            guard let hours = test.quietHours else {
                missing.append(Refusal("hearing.quiet-unknown", ["value": test.day.description]))
                continue
            }
            if hours < rule.quietHours {
                missing.append(
                    Refusal("hearing.quiet-short", ["value": figure(hours), "limit": figure(rule.quietHours), "day": test.day.description]))
            }
        }
        for ear in Audiogram.Ear.allCases {
            for (place, frequency) in HearingTables.frequencies.enumerated() {
                let values = tests.compactMap { $0[ear].judged[place] }
                guard let low = values.min(), let high = values.max(), high - low > rule.spread else { continue }
                missing.append(
                    Refusal("hearing.tests-differ", ["value": "\(frequency) Hz (\(ear.mark))", "limit": figure(rule.spread)]))
            }
        }
        return missing
    }

    /// The least threshold of all tests at each frequency (GBZ 49-2014 A.10 b).
    private func leastThresholds(_ tests: [Audiogram], _ ear: Audiogram.Ear) -> [Double?] {
        HearingTables.frequencies.indices.map { place in tests.compactMap { $0[ear].judged[place] }.min() }
    }

    func absent(_ thresholds: [Double?], _ ear: Audiogram.Ear) -> [Refusal] {
        zip(thresholds, HearingTables.frequencies).filter { $0.0 == nil }.map {
            Refusal("hearing.threshold-missing", ["value": "\($0.1) Hz (\(ear.mark))"])
        }
    }

    private func open(_ missing: [Refusal], _ provenance: Provenance = HearingRules.nowhere, _ working: [Bilingual] = []) -> Grade {
        Grade(rank: nil, label: Bilingual("待定", "Undecided"), missing: missing, provenance: provenance, working: working)
    }
}
