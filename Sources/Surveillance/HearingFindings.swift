import Catalog
import Hygiene
import Kernel

/// What an audiogram says by one clause of GBZ 188: a contraindication 职业禁忌证, a call for a second test 复查, a suspected disease
/// 疑似职业病. It is a suggestion to the examiner and never a conclusion.
public struct HearingFinding: Sendable, Hashable {
    /// The rule's code, `noise.high-weighted`.
    public let code: String
    public let purpose: HearingTables.Rule.Purpose
    /// `exceeds` where the finding is there, `complies` where it is not.
    public let judgement: Judgement
    /// Nil where it cannot be told.
    public var isPresent: Bool? { judgement.verdict == .undecided ? nil : judgement.verdict == .exceeds }
}

extension HearingRules {
    /// What the clauses of a kind of work and a stage of examination say of an audiogram, by the editions in force on its day.
    ///
    /// A finding that is there although the test came too soon after noise is left open: the loss may be passing. One that is not there
    /// needs no longer wait.
    /// - Parameters:
    ///   - work: `noise`, `pressure_vessel`, `driving`.
    ///   - stage: a code of `exam_stage`.
    ///   - entry: the audiogram before employment, for sensitivity to noise.
    /// - Returns: none for a work, stage or day that no rule to hand speaks of.
    public func findings(
        _ audiogram: Audiogram, work: String, stage: String, of person: HearingPerson, entry: Audiogram? = nil
    ) -> [HearingFinding] {
        tables.rules.compactMap { rule in
            guard rule.work == work, rule.stages.contains(stage) else { return nil }
            guard let edition = rule.editions.first(where: { $0.provenance.force.contains(audiogram.day) }) else { return nil }
            let facts = Case(audiogram: audiogram, person: person, entry: entry)
            return HearingFinding(code: rule.code, purpose: rule.purpose, judgement: judge(rule, edition, facts))
        }
    }

    private struct Case {
        let audiogram: Audiogram
        let person: HearingPerson
        let entry: Audiogram?
    }

    /// A three-valued answer with the figure it was read from and what would settle it.
    private struct Answer {
        var truth: Truth
        var value: Double?
        var missing: [Refusal] = []
        var working: [Bilingual] = []

        func and(_ other: Answer) -> Answer {
            Answer(
                truth: truth.and(other.truth), value: value ?? other.value, missing: missing + other.missing,
                working: working + other.working)
        }
        func or(_ other: Answer) -> Answer {
            let higher = [value, other.value].compactMap { $0 }.max()
            return Answer(truth: truth.or(other.truth), value: higher, missing: missing + other.missing, working: working + other.working)
        }
    }

    private func judge(_ rule: HearingTables.Rule, _ edition: HearingTables.Rule.Edition, _ given: Case) -> Judgement {
        var answer = figures(rule, edition, given)
        if rule.needsOtherCause { answer = answer.and(cause(given.audiogram)) }
        if let entry = rule.entry { answer = answer.and(entryIsGood(entry, given)) }
        if rule.needsRecheck, !given.audiogram.isRecheck {
            answer = answer.and(Answer(truth: .unknown, missing: [Refusal("hearing.recheck-needed")]))
        }
        if rule.work == "noise", answer.truth == .yes {
            let quiet = quiet(given.audiogram)
            if quiet.verdict != .complies {
                let short = Refusal(
                    "hearing.quiet-short",
                    ["value": quiet.shown, "limit": quiet.limit.map(figure) ?? "–", "day": given.audiogram.day.description])
                answer.truth = .unknown
                answer.missing += quiet.verdict == .exceeds ? [short] : quiet.missing
            }
        }
        let verdict: Judgement.Verdict = answer.truth == .yes ? .exceeds : answer.truth == .no ? .complies : .undecided
        return Judgement(
            rule.name, value: answer.value, shown: answer.value.map(figure) ?? "–", limit: (rule.ear + rule.both).first?.limit, unit: "dB",
            verdict: verdict, missing: verdict == .undecided ? unique(answer.missing) : [], provenance: edition.provenance,
            working: answer.working)
    }

    /// The conditions on the thresholds, corrected as the edition says; where it does not say, both ways must agree.
    private func figures(_ rule: HearingTables.Rule, _ edition: HearingTables.Rule.Edition, _ given: Case) -> Answer {
        let raw = HearingLevels(given.audiogram)
        switch edition.correction {
        case .never: return figures(rule, raw, given.audiogram)
        case .always: return corrected(rule, raw, given)
        case .unstated:
            let plain = figures(rule, raw, given.audiogram)
            // A correction only lowers thresholds: what is not there without it is not there with it.
            guard plain.truth != .no else { return plain }
            let both = corrected(rule, raw, given)
            guard both.truth != plain.truth else { return both }
            return Answer(
                truth: .unknown, value: plain.value, missing: [Refusal("hearing.correction-unstated")] + both.missing,
                working: plain.working + both.working)
        }
    }

    private func corrected(_ rule: HearingTables.Rule, _ raw: HearingLevels, _ given: Case) -> Answer {
        let day = given.audiogram.day
        guard let diagnosis = tables.diagnosis(on: day), let shift = tables.ageShift(diagnosis.ageShift) else {
            return Answer(truth: .unknown, missing: [Self.noEdition])
        }
        do {
            let (levels, step) = try corrected(raw, on: day, of: given.person, by: shift)
            var answer = figures(rule, levels, given.audiogram)
            answer.working.insert(step, at: 0)
            return answer
        } catch {
            var answer = figures(rule, raw, given.audiogram)
            // A correction only lowers thresholds: it need not be known where they are low without it.
            if answer.truth != .no { answer.truth = .unknown }
            answer.missing.append(error)
            return answer
        }
    }

    private func figures(_ rule: HearingTables.Rule, _ levels: HearingLevels, _ audiogram: Audiogram) -> Answer {
        var answer = Answer(truth: .yes)
        if !rule.ear.isEmpty {
            let sides = Audiogram.Ear.allCases.map { ear in
                var side = rule.ear.map { holds($0, levels, ear) }.reduce(Answer(truth: .yes)) { $0.and($1) }
                if let loss = rule.loss { side = side.and(has(loss, audiogram, ear)) }
                return side
            }
            answer = sides.dropFirst().reduce(sides[0]) { $0.or($1) }
        }
        for condition in rule.both { answer = answer.and(holds(condition, levels, nil)) }
        if rule.ear.isEmpty, let loss = rule.loss {
            answer = Audiogram.Ear.allCases.map { has(loss, audiogram, $0) }.reduce(answer) { $0.and($1) }
        }
        return answer
    }

    private func holds(_ condition: HearingTables.Rule.Condition, _ levels: HearingLevels, _ ear: Audiogram.Ear?) -> Answer {
        let ears = ear.map { [$0] } ?? Audiogram.Ear.allCases
        let (value, isWhole) = value(condition.measure, levels, ears)
        let truth: Truth
        if let value, condition.holds(value) { truth = .yes } else { truth = isWhole ? .no : .unknown }
        let sign = condition.includesLimit ? "≥" : ">"
        let side = ear?.name ?? Bilingual("双耳", "Both ears")
        let name = name(condition.measure)
        let shown = value.map(figure) ?? "–"
        let comparison = "\(shown) dB（\(sign) \(figure(condition.limit)) dB）"
        let working = Bilingual(
            "\(side.zh)\(name.zh) \(comparison)", "\(side.en), \(name.en) \(shown) dB (\(sign) \(figure(condition.limit)) dB)")
        let missing = truth == .unknown ? ears.flatMap { absent(levels[$0], $0) } : []
        return Answer(truth: truth, value: value, missing: missing, working: [working])
    }

    /// The figure of a measure, and whether nothing is lacking for it. The worst of several is known as far as it goes.
    private func value(_ measure: HearingTables.Rule.Measure, _ levels: HearingLevels, _ ears: [Audiogram.Ear]) -> (Double?, Bool) {
        func worst(_ range: Range<Int>) -> (Double?, Bool) {
            let all = ears.flatMap { Array(levels[$0][range]) }
            let known = all.compactMap { $0 }
            return (known.map(rounded).max(), known.count == all.count)
        }
        func whole(_ value: Double?) -> (Double?, Bool) { (value, value != nil) }
        switch measure {
        case .worstSpeech: return worst(HearingLevels.speech)
        case .worstHigh: return worst(HearingLevels.high)
        case .meanSpeech: return whole(ears.count == 1 ? levels.speech(ears[0]) : levels.binauralSpeech)
        case .meanHigh: return whole(levels.binauralHigh)
        case .bothSpeech: return whole(levels.binauralSpeech)
        case .weighted: return whole(levels.betterWeighted())
        }
    }

    private func name(_ measure: HearingTables.Rule.Measure) -> Bilingual {
        switch measure {
        case .worstSpeech: Bilingual("500、1000、2000 Hz 最高听阈", "highest of 500, 1000, 2000 Hz")
        case .worstHigh: Bilingual("3000、4000、6000 Hz 最高听阈", "highest of 3000, 4000, 6000 Hz")
        case .meanSpeech, .bothSpeech: Bilingual("语频平均听阈", "speech average")
        case .meanHigh: Bilingual("高频平均听阈", "high-frequency average")
        case .weighted: Bilingual("中较好耳听阈加权值", "weighted value of the better ear")
        }
    }

    /// Whether an ear has the kind of loss; a mixed one may be either.
    private func has(_ loss: String, _ audiogram: Audiogram, _ ear: Audiogram.Ear) -> Answer {
        switch audiogram[ear].loss {
        case nil: Answer(truth: .unknown, missing: [Refusal("hearing.loss-unknown", ["value": ear.mark])])
        case .mixed: Answer(truth: .unknown, missing: [Refusal("hearing.loss-mixed", ["value": ear.mark])])
        case .some(let found): Answer(truth: found.rawValue == loss ? .yes : .no)
        }
    }

    private func cause(_ audiogram: Audiogram) -> Answer {
        switch audiogram.isFromNoise {
        case nil: Answer(truth: .unknown, missing: [Refusal("hearing.cause-unknown")])
        case .some(let isFromNoise): Answer(truth: isFromNoise ? .no : .yes)
        }
    }

    /// Whether all was well before employment, and the noise began no longer ago than the rule says.
    private func entryIsGood(_ entry: (most: Double, years: Double), _ given: Case) -> Answer {
        guard let since = given.person.noiseSince else {
            return Answer(truth: .unknown, missing: [Refusal("hearing.noise-years-unknown")])
        }
        guard given.audiogram.day < since.adding(months: Int(entry.years * 12)) else {
            return Answer(
                truth: .no, working: [Bilingual("噪声作业已满 \(figure(entry.years)) 年", "\(figure(entry.years)) year of noise has passed")])
        }
        guard let before = given.entry else { return Answer(truth: .unknown, missing: [Refusal("hearing.entry-missing")]) }
        let all = Audiogram.Ear.allCases.flatMap { before[$0].air }
        let known = all.compactMap { $0 }
        let highest = known.max()
        let working = Bilingual("上岗前最高听阈 \(highest.map(figure) ?? "–") dB", "Highest before employment \(highest.map(figure) ?? "–") dB")
        if let highest, highest > entry.most { return Answer(truth: .no, working: [working]) }
        let isWhole = known.count == all.count
        return Answer(
            truth: isWhole ? .yes : .unknown, missing: isWhole ? [] : [Refusal("hearing.entry-missing")], working: [working])
    }

    private func unique(_ refusals: [Refusal]) -> [Refusal] {
        var seen: Set<Refusal> = []
        return refusals.filter { seen.insert($0).inserted }
    }
}
