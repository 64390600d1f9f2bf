import Catalog
import Hygiene
import Kernel

/// Judges doses by the limits of GB 18871, and by the rules of individual monitoring of GBZ 128 (docs/hearing-dose.md).
///
/// A sum of which only bounds are known exceeds a limit where its lower bound does, complies where its upper bound does, and cannot be
/// told otherwise.
public struct DoseRules: Sendable {
    public let tables: DoseTables
    public init(_ tables: DoseTables) { self.tables = tables }

    /// What a dose adds up to: at least `low`, at most `high` (nil: no bound), in mSv.
    public struct Bounds: Sendable, Hashable {
        public let low: Double
        public let high: Double?
        public init(_ low: Double, _ high: Double?) { (self.low, self.high) = (low, high) }
        public var isExact: Bool { high == low }
        static func + (left: Bounds, right: Bounds) -> Bounds {
            Bounds(left.low + right.low, left.high.flatMap { high in right.high.map { high + $0 } })
        }
    }

    /// A sum over some days, with what is missing to tell it exactly.
    public struct Sum: Sendable {
        public let bounds: Bounds
        public let missing: [Refusal]
        public let working: [Bilingual]
    }

    /// Two periods may lie a day apart: the day on which the dosemeter is exchanged, or the last day written inclusively.
    static let exchangeDays = 1

    /// The dose over some days, as far as it is known.
    ///
    /// A period that reaches over an end of the days adds between nothing and its whole dose. Of periods of one post that overlap,
    /// one may repeat another: they add at least the most that periods apart in time come to, and at most all. Days outside all posts add nothing, but a time in which there
    /// is none at all is not judged.
    /// - Parameter asOf: days behind it have not come yet; they are told as missing.
    public func sum(_ history: DoseHistory, over days: Span, asOf: Day = .distantFuture) -> Sum {
        var bounds = Bounds(0, 0)
        var missing: [Refusal] = []
        var working: [Bilingual] = []
        for post in history.posts.sorted(by: { ($0.days.from, $0.days.until) < ($1.days.from, $1.days.until) }) {
            let inside = post.periods.filter { !$0.days.intersection(days).isEmpty }
            var parts: [(days: Span, bounds: Bounds)] = []
            for period in inside {
                let known = recorded(period)
                working.append(known.working)
                missing += known.missing
                if days.from <= period.days.from && period.days.until <= days.until {
                    parts.append((period.days, known.bounds))
                } else {
                    parts.append((period.days, Bounds(0, known.bounds.high)))
                    missing.append(Refusal("dose.straddles", ["value": interval(period.days)]))
                }
            }
            for (earlier, later) in zip(inside, inside.dropFirst()) where later.days.from < earlier.days.until {
                missing.append(Refusal("dose.overlap", ["value": "\(later.days.from)"]))
            }
            bounds = bounds + Bounds(leastTotal(parts), parts.map(\.bounds).reduce(Bounds(0, 0), +).high)
            for gap in gaps(post, days, until: asOf) {
                bounds = bounds + Bounds(0, nil)
                missing.append(Refusal("dose.gap", ["value": interval(gap)]))
                working.append(
                    Bilingual("\(shown(gap).zh) 在岗而无监测记录：剂量不明", "\(shown(gap).en) in post without a record: dose unknown"))
            }
            if post.days.intersection(Span(max(days.from, asOf + 1), days.until)).length > 0 {
                bounds = bounds + Bounds(0, nil)
                missing.append(Refusal("dose.still-open", ["value": "\(days.until - 1)"]))
            }
        }
        if !history.posts.contains(where: { !$0.days.intersection(days).isEmpty }) {
            // Whoever is not known to have been a radiation worker is not known to have received nothing either.
            bounds = bounds + Bounds(0, nil)
            missing.append(Refusal("dose.no-post", ["value": interval(days)]))
        }
        return Sum(bounds: bounds, missing: unique(missing), working: working)
    }

    /// One calendar year against its limit.
    /// - Parameter limit: another than the law's, by name; nil for the law's of the year's last day.
    public func year(
        _ history: DoseHistory, _ year: Int, person: DoseTables.Person = .adult, limit: DoseTables.Limit? = nil, asOf: Day = .distantFuture
    ) -> Judgement {
        let limit = limit ?? tables.limit(history.quantity, person, .year, on: .lastDay(of: year))
        let title = Bilingual("\(year)年\(name(history.quantity).zh)", "\(name(history.quantity).en), \(year)")
        return judge(title, sum(history, over: .year(year), asOf: asOf), limit, years: 1)
    }

    /// The yearly average over five consecutive years 连续五年年平均 that begin with a year. Which five are one block is fixed by the
    /// authority, and no average is worked out backwards to excuse a year.
    public func fiveYears(
        _ history: DoseHistory, from year: Int, person: DoseTables.Person = .adult, limit: DoseTables.Limit? = nil,
        asOf: Day = .distantFuture
    ) -> Judgement {
        let limit = limit ?? tables.limit(history.quantity, person, .fiveYears, on: .lastDay(of: year + 4))
        let title = Bilingual(
            "\(year)–\(year + 4)年年平均\(name(history.quantity).zh)", "Yearly average \(name(history.quantity).en), \(year)–\(year + 4)")
        return judge(title, sum(history, over: Span(.firstDay(of: year), .firstDay(of: year + 5)), asOf: asOf), limit, years: 5)
    }

    /// From the declaration of a pregnancy until the birth.
    public func pregnancy(_ history: DoseHistory, _ days: Span, asOf: Day = .distantFuture) -> Judgement {
        let limit = tables.limit(history.quantity, .pregnant, .pregnancy, on: days.from)
        return judge(
            Bilingual("孕期\(name(history.quantity).zh)", "\(name(history.quantity).en) during pregnancy"),
            sum(history, over: days, asOf: asOf), limit, years: 1)
    }

    /// Whether a dosemeter was worn no longer than a monitoring period may be.
    public func length(of period: DoseHistory.Period) -> Judgement {
        let title = Bilingual("监测周期", "Monitoring period")
        guard let rule = tables.period(on: period.days.until - 1) else { return undecided(title, unit: "d", Self.noEdition) }
        let days = Double(period.days.length)
        let working = Bilingual(
            "\(shown(period.days).zh) 共 \(period.days.length) 天，最长 \(Rounding.plain(rule.longest)) 天",
            "\(shown(period.days).en): \(period.days.length) days, at most \(Rounding.plain(rule.longest))")
        return Judgement(
            title, value: days, shown: "\(period.days.length)", limit: rule.longest, unit: "d",
            verdict: days <= rule.longest ? .complies : .exceeds, provenance: rule.provenance, working: [working])
    }

    /// Whether the effective dose of a period lies above the level of investigation 调查水平: 5 mSv a year by the days of the period.
    public func investigation(of period: DoseHistory.Period) -> Judgement {
        let title = Bilingual("周期剂量（调查水平）", "Dose of the period (investigation level)")
        guard let rule = tables.investigation(on: period.days.until - 1) else { return undecided(title, unit: "mSv", Self.noEdition) }
        let level = rule.value * Double(period.days.length) / 365
        let known = recorded(period)
        let step = Bilingual(
            "调查水平 = \(Rounding.plain(rule.value)) × \(period.days.length) ÷ 365 = \(Rounding.plain(level)) mSv",
            "Level = \(Rounding.plain(rule.value)) × \(period.days.length) ÷ 365 = \(Rounding.plain(level)) mSv")
        return Judgement(
            title, value: known.bounds.isExact ? known.bounds.low : nil, shown: text(known.bounds), limit: level, unit: "mSv",
            verdict: verdict(known.bounds, level), missing: known.missing, provenance: rule.provenance, working: [known.working, step])
    }

    /// The dose that a period is entered with, and why it is not known where it is not.
    public func recorded(_ period: DoseHistory.Period) -> (bounds: Bounds, missing: [Refusal], working: Bilingual) {
        let days = shown(period.days)
        func line(_ zh: String, _ en: String) -> Bilingual { Bilingual(days.zh + " " + zh, days.en + " " + en) }
        func unknown(_ code: String, _ zh: String, _ en: String) -> (Bounds, [Refusal], Bilingual) {
            (Bounds(0, nil), [Refusal(code, ["value": interval(period.days)])], line(zh, en))
        }
        switch period.outcome {
        case .measured(let value):
            return (Bounds(value, value), [], line("\(Rounding.plain(value)) mSv", "\(Rounding.plain(value)) mSv"))
        case .belowDetection(nil, nil):
            return unknown("dose.mdl-missing", "低于最低探测水平，而水平未填", "below the MDL, which is not given")
        case .belowDetection(nil, .some(let value)):
            let figure = Rounding.plain(value)
            return (Bounds(value, value), [], line("低于最低探测水平，按所记 \(figure) mSv", "below the MDL, as recorded \(figure) mSv"))
        case .belowDetection(.some(let mdl), _):
            guard let share = tables.detectionShare(on: period.days.until - 1) else {
                // Whatever the rule of the day was, the dose is below the level.
                return (
                    Bounds(0, mdl), [Self.noEdition],
                    line("低于最低探测水平 \(Rounding.plain(mdl)) mSv", "below the MDL of \(Rounding.plain(mdl)) mSv")
                )
            }
            let value = mdl * share.value
            let product = "\(Rounding.plain(mdl)) × \(Rounding.plain(share.value)) = \(Rounding.plain(value)) mSv"
            return (Bounds(value, value), [], line("低于最低探测水平，记 \(product)", "below the MDL, entered as \(product)"))
        case .nominal(.some(let value), let method, true):
            let figure = Rounding.plain(value)
            let way = method.flatMap { tables.method($0, on: period.days.until - 1)?.name }
            return (
                Bounds(value, value), [],
                line(
                    "名义剂量 \(figure) mSv（已批准；\(way?.zh ?? "方法未填")）",
                    "nominal dose \(figure) mSv (approved; \(way?.en ?? "method not given"))")
            )
        case .nominal(.some, _, _): return unknown("dose.nominal-unapproved", "名义剂量未经批准，不计", "nominal dose not approved, not counted")
        case .nominal(nil, _, _): return unknown("dose.nominal-missing", "名义剂量没有数值", "nominal dose without a value")
        case .unknown: return unknown("dose.value-missing", "没有数值", "no value")
        }
    }

    // Parts

    static let noEdition = Refusal("dose.edition-missing")

    private func judge(_ title: Bilingual, _ sum: Sum, _ limit: DoseTables.Limit?, years: Double) -> Judgement {
        guard let limit else { return undecided(title, unit: "mSv", Self.noEdition, sum.missing, sum.working) }
        let mean = Bounds(sum.bounds.low / years, sum.bounds.high.map { $0 / years })
        let verdict = verdict(mean, limit.limit)
        var working = sum.working
        let over = years > 1 ? " ÷ \(Rounding.plain(years)) = \(text(mean)) mSv" : ""
        working.append(Bilingual("合计 \(text(sum.bounds)) mSv\(over)", "Sum \(text(sum.bounds)) mSv\(over)"))
        working.append(
            Bilingual(
                "限值 \(Rounding.plain(limit.limit)) mSv（\(limit.provenance.edition)）",
                "Limit \(Rounding.plain(limit.limit)) mSv (\(limit.provenance.edition))"))
        return Judgement(
            title, value: mean.isExact ? mean.low : nil, shown: text(mean), limit: limit.limit, unit: "mSv", verdict: verdict,
            missing: verdict == .undecided ? sum.missing : [], provenance: limit.provenance, working: working)
    }

    private func verdict(_ bounds: Bounds, _ limit: Double) -> Judgement.Verdict {
        // Sums of decimals carry the dust of binary arithmetic; a dose of exactly the limit complies.
        let dust = limit * 1e-12
        if bounds.low > limit + dust { return .exceeds }
        guard let high = bounds.high else { return .undecided }
        return high <= limit + dust ? .complies : .undecided
    }

    private func undecided(
        _ title: Bilingual, unit: String, _ first: Refusal, _ more: [Refusal] = [], _ working: [Bilingual] = []
    ) -> Judgement {
        Judgement(
            title, value: nil, shown: "–", limit: nil, unit: unit, verdict: .undecided, missing: unique([first] + more),
            provenance: Provenance(edition: "", clause: "", source: "", confidence: .uncertain), working: working)
    }

    /// The greatest sum of lower bounds of periods of which no two share a day.
    private func leastTotal(_ parts: [(days: Span, bounds: Bounds)]) -> Double {
        let sorted = parts.sorted { $0.days.until < $1.days.until }
        // best[n]: of the n periods that end first.
        var best = [0.0]
        for (index, part) in sorted.enumerated() {
            let apart = sorted[..<index].prefix { $0.days.until <= part.days.from }.count
            best.append(max(best[index], best[apart] + part.bounds.low))
        }
        return best[sorted.count]
    }

    /// Days in post and among the days asked for that no period covers, the day of exchange aside.
    private func gaps(_ post: DoseHistory.Post, _ days: Span, until asOf: Day) -> [Span] {
        var result: [Span] = []
        var from = post.days.from
        for worn in Span.union(post.periods.map(\.days)) + [Span(post.days.until, .distantFuture)] {
            let gap = Span(from, min(worn.from, post.days.until))
            if gap.length > Self.exchangeDays { result.append(gap) }
            from = max(from, worn.until)
        }
        let past = Span(.distantPast, asOf < .distantFuture ? asOf + 1 : .distantFuture)
        return result.map { $0.intersection(days).intersection(past) }.filter { !$0.isEmpty }
    }

    private func unique(_ refusals: [Refusal]) -> [Refusal] {
        var seen: Set<Refusal> = []
        return refusals.filter { seen.insert($0).inserted }
    }

    private func text(_ bounds: Bounds) -> String {
        let low = Rounding.plain(bounds.low)
        guard let high = bounds.high else { return "≥ " + low }
        return high == bounds.low ? low : low + "–" + Rounding.plain(high)
    }

    private func shown(_ days: Span) -> Bilingual {
        Bilingual("\(days.from) 至 \(days.until - 1)", "\(days.from) to \(days.until - 1)")
    }

    /// First and last day, the same in both languages.
    private func interval(_ days: Span) -> String { "\(days.from)/\(days.until - 1)" }

    private func name(_ quantity: DoseTables.Quantity) -> Bilingual {
        switch quantity {
        case .effective: Bilingual("有效剂量", "Effective dose")
        case .lens: Bilingual("眼晶状体当量剂量", "Equivalent dose of the lens")
        case .skin: Bilingual("四肢或皮肤当量剂量", "Equivalent dose of skin or extremities")
        }
    }
}
