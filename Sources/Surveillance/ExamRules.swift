import Catalog
import Kernel

/// What a worker meets at work, as GBZ 188 asks for it.
public struct ExamExposure: Sendable, Hashable {
    public enum Subject: Sendable, Hashable {
        /// A factor of the hazard catalogue: `A001`.
        case factor(String)
        /// A clause of the edition, for special work that is no hazard factor: `9.1` electricians.
        case clause(String)
    }
    public let subject: Subject
    /// Since when, and the first day no longer; nil where unknown, or not ended.
    public let from, until: Day?
    /// What is known, by the names of `exams/facts.csv`: `dust_grade`, `noise`, `blood_lead` … in the units given there.
    public let facts: [String: Double]
    public init(_ subject: Subject, from: Day? = nil, until: Day? = nil, facts: [String: Double] = [:]) {
        (self.subject, self.from, self.until, self.facts) = (subject, from, until, facts)
    }
    /// The code of the factor or the clause.
    public var code: String {
        switch subject {
        case .factor(let code), .clause(let code): code
        }
    }
}

/// How often one clause asks for an examination, or for a part of it.
public struct ExamCycle: Sendable, Hashable {
    public let clause: String
    /// The items that are due; empty: the whole examination.
    public let scope: [String]
    public let kind: ExamPeriod.Kind
    /// From the earliest to the longest interval; nil where it cannot be computed, then `missing` says why.
    public let months: ClosedRange<Int>?
    public let days: Int?
    /// For how many months in all; nil: without end. After leaving, the length of the follow-up.
    public let lasting: Int?
    /// The shortest interval among the rules that may apply, where a fact is missing.
    public let strictest: Int?
    /// A grade was not known and taken as the edition takes it.
    public let isAssumed: Bool
    public let missing: [Refusal]
    public let provenance: Provenance
    public let working: [Bilingual]

    /// The first and the last day on which the next is in time, counted from the last examination, or a window from the start of the
    /// exposure. nil where it cannot be told or nothing is owed.
    public func due(after last: Day?, exposed from: Day?) -> ClosedRange<Day>? {
        guard let base = kind == .once ? from : last ?? from else { return nil }
        if kind == .once, let last, let months, last >= base.adding(months: months.lowerBound) { return nil }
        if let days { return base...(base + days) }
        guard let months, kind == .every || kind == .once else { return nil }
        return base.adding(months: months.lowerBound)...base.adding(months: months.upperBound)
    }
}

/// What one exposure asks for under one clause.
public struct ExamPart: Sendable {
    public let exposure: ExamExposure
    public let factor: ExamFactor
    /// How the factor came under the clause; nil where the clause was asked for itself.
    public let link: ExamLink?
    /// nil: the edition has no such stage for the clause.
    public let stage: ExamStage?
    public let cycles: [ExamCycle]
}

/// What an examination must be: the answer to *which, with which items, how often*.
public struct ExamNeed: Sendable {
    public let edition: ExamEdition
    /// A code of `exam_stage`.
    public let stage: String
    public let day: Day
    public let parts: [ExamPart]
    /// Of all parts together, each thing once.
    public let laboratory, physical: [ExamItemNeed]
    /// What cannot be answered: no clause, no figures, no such stage, a fact missing.
    public let missing: [Refusal]
    public let working: [Bilingual]

    /// The whole-examination cycle of the shortest interval; nil where none can be computed.
    public var shortest: ExamCycle? {
        let whole = parts.flatMap(\.cycles).filter { $0.scope.isEmpty && $0.kind == .every && $0.months != nil }
        return whole.min { ($0.months?.upperBound ?? 0, $0.clause) < ($1.months?.upperBound ?? 0, $1.clause) }
    }
    /// Whether a missing fact could make the interval shorter than `shortest`.
    public var isBoundOnly: Bool {
        let known = shortest?.months?.upperBound ?? .max
        return parts.flatMap(\.cycles).contains {
            $0.scope.isEmpty && $0.months == nil && ($0.strictest ?? 0) < known && !$0.missing.isEmpty
        }
    }
    /// The last day for the next examination, and the clause that sets it. Without an examination before, intervals run from the start of
    /// the exposure; those after leaving do not, and need the day of leaving as `last`.
    public func nextDue(after last: Day?) -> (day: Day, cycle: ExamCycle)? {
        if stage == "follow_up", last == nil { return nil }
        let due = parts.flatMap { part in
            part.cycles.compactMap { cycle in cycle.due(after: last, exposed: part.exposure.from).map { ($0.upperBound, cycle) } }
        }
        return due.min { ($0.0, $0.1.clause) < ($1.0, $1.1.clause) }.map { (day: $0.0, cycle: $0.1) }
    }
}

/// The rules of GBZ 188 over its tables. Pure: the same question has the same answer.
public struct ExamRules: Sendable {
    public let tables: ExamTables
    public init(_ tables: ExamTables) { self.tables = tables }

    /// What an examination of a stage on a day must be for what a worker is exposed to.
    /// - Parameter other: a day whose edition is used in place of the day's own.
    /// - Throws: `Refusal("exam.no-edition")` on a day before the first edition to hand, `Refusal("exam.clause-unknown")`.
    public func need(_ stage: String, of exposures: [ExamExposure], on day: Day, by other: Day? = nil) throws -> ExamNeed {
        let edition = try tables.edition(on: other ?? day)
        var parts: [ExamPart] = []
        var missing: [Refusal] = []
        var working: [Bilingual] = []
        for exposure in exposures {
            for (clause, link) in try clauses(of: exposure, in: edition, &missing) {
                guard let factor = tables.factor(clause, in: edition.id) else { continue }
                let found = tables.stage(stage, of: clause, in: edition.id)
                let heading = "\(factor.provenance.edition) \(found?.provenance.clause ?? clause)"
                if factor.reading == .none {
                    missing.append(
                        Refusal(
                            "exam.figures-missing",
                            Bilingual("\(clause) \(factor.name.zh)", "\(clause) \(factor.name.en)").details(
                                limit: edition.provenance.edition)))
                    working.append(Bilingual("\(heading) \(factor.name.zh)：数据未备", "\(heading) \(factor.name.en): figures not to hand"))
                } else if found == nil {
                    working.append(
                        Bilingual("\(heading) \(factor.name.zh)：本版无此检查类别", "\(heading) \(factor.name.en): the edition has no such stage"))
                }
                if found?.items == .missing {
                    missing.append(
                        Refusal(
                            "exam.items-missing",
                            Bilingual("\(clause) \(factor.name.zh)", "\(clause) \(factor.name.en)").details(
                                limit: edition.provenance.edition)))
                }
                let cycles = found == nil ? [] : self.cycles(stage, of: factor, exposure, on: day)
                missing += cycles.flatMap(\.missing)
                working += cycles.flatMap(\.working)
                if let link, link.isInferred, found != nil {
                    working.append(
                        Bilingual("\(exposure.code) 归入 \(clause) 系推定，请核对", "\(exposure.code) under \(clause) is inferred: check the source")
                    )
                }
                parts.append(ExamPart(exposure: exposure, factor: factor, link: link, stage: found, cycles: cycles))
            }
        }
        let base = stage == "pre_employment" ? tables.baseItems(in: edition.id).map { ExamItemNeed(anyOf: [$0]) } : []
        return ExamNeed(
            edition: edition, stage: stage, day: day, parts: parts,
            laboratory: merged(base + parts.flatMap { $0.stage?.laboratory ?? [] }),
            physical: merged(parts.flatMap { $0.stage?.physical ?? [] }), missing: missing, working: working)
    }

    /// The clauses of an exposure; a factor without one is told.
    private func clauses(
        of exposure: ExamExposure, in edition: ExamEdition, _ missing: inout [Refusal]
    ) throws -> [(String, ExamLink?)] {
        switch exposure.subject {
        case .clause(let clause):
            guard tables.factor(clause, in: edition.id) != nil else {
                throw Refusal("exam.clause-unknown", ["value": clause, "file": edition.provenance.edition])
            }
            return [(clause, nil)]
        case .factor(let code):
            let links = tables.links(of: code, in: edition.id).filter { !$0.clause.isEmpty }
            if links.isEmpty { missing.append(Refusal("exam.factor-outside", ["value": code, "limit": edition.provenance.edition])) }
            return links.map { ($0.clause, $0) }
        }
    }

    /// Things to be examined without those that another already includes: a count with eosinophils is a blood count.
    func merged(_ needs: [ExamItemNeed]) -> [ExamItemNeed] {
        var unique: [ExamItemNeed] = []
        for need in needs where !unique.contains(need) { unique.append(need) }
        return unique.filter { need in
            !unique.contains { other in
                other != need && other.only == nil && other.anyOf.allSatisfy { serves($0, need) }
                    && !(need.only == nil && need.anyOf.allSatisfy { serves($0, other) })
            }
        }
    }

    /// Whether an item that was done serves a need.
    func serves(_ item: String, _ need: ExamItemNeed) -> Bool {
        var reached: Set<String> = []
        var queue = [item]
        while let next = queue.popLast() {
            if reached.insert(next).inserted { queue += tables.items[next]?.covers ?? [] }
        }
        return need.anyOf.contains(where: reached.contains)
    }
}

extension ExamRules {
    /// The periods of a clause for what is known: the whole examination and the parts that come round sooner.
    func cycles(_ stage: String, of factor: ExamFactor, _ exposure: ExamExposure, on day: Day) -> [ExamCycle] {
        let rules = tables.periods(stage, of: factor.clause, in: factor.edition)
        var known = exposure.facts
        if known["exposed_months"] == nil, let from = exposure.from {
            known["exposed_months"] = Double(wholeMonths(from, min(day, exposure.until ?? day)))
        }
        var assumed: Set<String> = []
        if let grade = tables.number("ungraded_as", in: factor.edition)?.number {
            for name in rules.flatMap(\.conditions).map(\.fact) where name.hasSuffix("_grade") && known[name] == nil {
                known[name] = Double(grade)
                assumed.insert(name)
            }
        }
        var scopes: [[String]] = []
        for rule in rules where !scopes.contains(rule.scope) { scopes.append(rule.scope) }
        return scopes.compactMap { scope in
            cycle(rules.filter { $0.scope == scope }, of: factor, known: known, assumed: assumed)
        }
    }

    private func cycle(_ rules: [ExamPeriod], of factor: ExamFactor, known: [String: Double], assumed: Set<String>) -> ExamCycle? {
        let judged = rules.map { ($0, $0.applies(known, tables.facts)) }
        let applying = judged.filter { $0.1 == .yes }.map(\.0)
        let open = judged.filter { $0.1 == .unknown }.map(\.0)
        func length(_ rule: ExamPeriod) -> Int { rule.days == nil ? rule.months?.upperBound ?? .max : 0 }
        func answer(
            _ rule: ExamPeriod, _ kind: ExamPeriod.Kind, months: ClosedRange<Int>? = nil, days: Int? = nil, strictest: Int? = nil,
            _ missing: [Refusal] = []
        ) -> ExamCycle {
            let isAssumed = rule.conditions.contains { assumed.contains($0.fact) }
            return ExamCycle(
                clause: factor.clause, scope: rule.scope, kind: kind, months: months, days: days,
                lasting: months == nil ? nil : rule.forMonths, strictest: strictest,
                isAssumed: isAssumed,
                missing: missing, provenance: rule.provenance, working: working(rule, factor, known, isAssumed: isAssumed, missing))
        }
        if let exempt = applying.first(where: { $0.kind == .exempt }) { return answer(exempt, .exempt) }
        // A rule that only a reader can apply goes before those that could be computed: observation for byssinosis.
        if let text = applying.first(where: { $0.kind == .text }) {
            return answer(text, .text, [Refusal("exam.period-text", ["value": text.text, "limit": factor.clause])])
        }
        let computed = applying.filter { $0.kind == .every || $0.kind == .once }
        let chosen = computed.min { length($0) < length($1) }
        let sooner = open.filter { $0.kind != .text && length($0) < chosen.map(length) ?? .max }
        if let strict = sooner.min(by: { length($0) < length($1) }) {
            let absent = Set(sooner.flatMap(\.conditions).map(\.fact)).filter { known[$0] == nil }.sorted()
            let missing = absent.map { fact in
                Refusal(
                    "exam.fact-missing", field: fact, (tables.facts[fact]?.title ?? Bilingual(same: fact)).details(limit: factor.clause))
            }
            return answer(strict, strict.kind, strictest: strict.days == nil ? strict.months?.upperBound : 0, missing)
        }
        if let chosen { return answer(chosen, chosen.kind, months: chosen.months, days: chosen.days) }
        // A part that nothing asks for is no flaw; a whole examination without a period is.
        guard let first = rules.first, first.scope.isEmpty else { return nil }
        return answer(first, .text, [Refusal("exam.period-open", factor.name.details(limit: factor.clause))])
    }

    private func working(
        _ rule: ExamPeriod, _ factor: ExamFactor, _ known: [String: Double], isAssumed: Bool, _ missing: [Refusal]
    ) -> [Bilingual] {
        let place = "\(factor.provenance.edition) \(factor.clause)"
        if !missing.isEmpty {
            let facts = missing.compactMap(\.field).compactMap { tables.facts[$0]?.title }
            guard !facts.isEmpty else {
                return [
                    Bilingual(
                        "\(place) \(factor.name.zh)：不能计算（\(rule.text)）", "\(place) \(factor.name.en): cannot be computed; read the clause")
                ]
            }
            return [
                Bilingual(
                    "\(place) \(factor.name.zh)：缺 \(facts.map(\.zh).joined(separator: "、"))，不能计算",
                    "\(place) \(factor.name.en): cannot be computed without \(facts.map(\.en).joined(separator: ", "))")
            ]
        }
        let given = rule.conditions.compactMap { condition in known[condition.fact].map { (condition, $0) } }
        let zh = given.map { "\(tables.facts[$0.0.fact]?.title.zh ?? $0.0.fact) \(figure($0.1))" }.joined(separator: "，")
        let en = given.map { condition, value in
            let title = tables.facts[condition.fact]?.title.en ?? condition.fact
            return "\(title) \(figure(value)) (asked: \(condition.relation.rawValue) \(figure(condition.value)))"
        }.joined(separator: ", ")
        let items = rule.scope.compactMap { tables.items[$0]?.name.en }
        let what = items.isEmpty ? "the whole examination" : items.joined(separator: " or ")
        var lines = [
            Bilingual(
                "\(place) \(factor.name.zh)：\(rule.text)" + (zh.isEmpty ? "" : "（\(zh)）"),
                "\(place) \(factor.name.en): \(what), \(interval(rule))" + (en.isEmpty ? "" : "; \(en)"))
        ]
        if isAssumed {
            lines.append(Bilingual("\(place)：未分级，按Ⅱ级及以上的周期", "\(place): not graded, taken as grade II and above"))
        }
        return lines
    }

    private func interval(_ rule: ExamPeriod) -> String {
        if rule.kind == .exempt { return "not owed" }
        if let days = rule.days { return "every \(days) days" }
        guard let months = rule.months else { return "no interval" }
        let range = months.count == 1 ? "\(months.lowerBound)" : "\(months.lowerBound) to \(months.upperBound)"
        return rule.kind == .once
            ? "once between month \(months.lowerBound) and month \(months.upperBound)" : "every \(range) months at the latest"
    }
    private func figure(_ value: Double) -> String { value == value.rounded() ? String(Int(value)) : String(value) }

    /// Whole months from one day to another; 0 where the other lies before.
    func wholeMonths(_ from: Day, _ to: Day) -> Int {
        guard from < to else { return 0 }
        let months = (to.year - from.year) * 12 + to.month - from.month
        return from.adding(months: months) > to ? months - 1 : months
    }
}

/// Whether an examination on leaving 离岗时职业健康检查 is owed.
public struct LeavingAnswer: Sendable, Hashable {
    public enum Outcome: Sendable, Hashable {
        case owed
        /// The last examination in service stands for it.
        case covered
        /// May be left out: too short in the post, and below the limit.
        case exempt
        /// No factor has such a stage.
        case notOwed
        case undecided
    }
    public let outcome: Outcome
    public let missing: [Refusal]
    public let provenance: Provenance
    public let working: [Bilingual]
}

extension ExamRules {
    /// Whether somebody who leaves a post on a day is to be examined, by the edition in force on it.
    /// - Parameters:
    ///   - last: the last examination in service that covered all factors of the post; nil where there was none.
    ///   - from: the first day in the post; nil where unknown.
    ///   - isBelowLimit: whether exposure was within the limits.
    public func leaving(
        of exposures: [ExamExposure], on day: Day, last: Day?, from: Day?, isBelowLimit: Truth
    ) throws -> LeavingAnswer {
        let need = try need("leaving", of: exposures, on: day)
        let edition = need.edition
        func answer(
            _ outcome: LeavingAnswer.Outcome, _ rule: ExamNumber?, _ zh: String, _ en: String, _ missing: [Refusal] = []
        ) -> LeavingAnswer {
            LeavingAnswer(
                outcome: outcome, missing: missing, provenance: rule?.provenance ?? edition.provenance,
                working: [Bilingual("\(edition.provenance.edition)：\(zh)", "\(edition.provenance.edition): \(en)")])
        }
        guard need.parts.contains(where: { $0.stage != nil }) else {
            if need.missing.isEmpty { return answer(.notOwed, nil, "所接触因素均无离岗时检查", "no factor has an examination on leaving") }
            return answer(.undecided, nil, "所接触因素的离岗时检查未备", "whether one is owed is not to hand", need.missing)
        }
        if let rule = tables.number("leaving_counts", in: edition.id), let limit = rule.number, let last, last <= day, day - last <= limit {
            return answer(
                .covered, rule, "末次在岗检查 \(last) 在离岗 \(day) 前 \(limit) 日内，视为离岗时检查",
                "the last examination in service, \(last), lies within \(limit) days before \(day) and counts")
        }
        if let rule = tables.number("leaving_exempt_below", in: edition.id), let limit = rule.number {
            let isShort = Truth(from.map { day - $0 < limit })
            switch isShort.and(isBelowLimit) {
            case .yes:
                return answer(
                    .exempt, rule, "在岗不足 \(limit) 日且浓度（强度）符合限值，可不做",
                    "fewer than \(limit) days in the post and below the limit: may be left out")
            case .unknown:
                var missing: [Refusal] = []
                if isShort == .unknown {
                    missing.append(Refusal("exam.leaving-open", field: "from", Bilingual("上岗日期", "first day in the post").details()))
                }
                if isBelowLimit == .unknown {
                    missing.append(
                        Refusal(
                            "exam.leaving-open", field: "below_limit", Bilingual("浓度（强度）是否符合限值", "exposure against the limit").details()))
                }
                return answer(.undecided, rule, "是否可免不能判定", "whether it may be left out cannot be told", missing)
            case .no: break
            }
        }
        return answer(.owed, nil, "应做离岗时检查", "an examination on leaving is owed")
    }
}

extension Bilingual {
    /// As a message names it: `value`, in English `value_en`.
    func details(limit: String? = nil) -> [String: String] {
        var details = ["value": zh, "value_en": en]
        details["limit"] = limit
        return details
    }
}
