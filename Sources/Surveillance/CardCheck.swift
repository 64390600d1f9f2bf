import Catalog
import Kernel
import Ledger
import Registry

/// An examination card 个案卡 as far as it is checked. nil is *not entered*, an empty list is *none*.
public struct ExamCard: Sendable, Hashable {
    public let day: Day
    /// A code of `exam_stage`.
    public let stage: String
    /// Factors of the hazard catalogue that it covers.
    public var factors: [String]?
    /// Codes of `exam_item` that were done.
    public var items: [String]?
    /// A code of `exam_conclusion`.
    public var conclusion: String?
    /// Factors that the worker must not meet, by the card.
    public var contraindications: [String]?
    /// Codes of the disease table.
    public var suspected: [String]?

    public init(
        day: Day, stage: String, factors: [String]? = nil, items: [String]? = nil, conclusion: String? = nil,
        contraindications: [String]? = nil, suspected: [String]? = nil
    ) {
        (self.day, self.stage, self.factors, self.items, self.conclusion) = (day, stage, factors, items, conclusion)
        (self.contraindications, self.suspected) = (contraindications, suspected)
    }
    /// A record of the kind `exam`; nil where day or stage is missing.
    public init?(_ record: Record) {
        guard let day = record[Exam.day], let stage = record[Exam.stage] else { return nil }
        self.init(
            day: day, stage: stage, factors: record[Exam.factors], items: record[Exam.items], conclusion: record[Exam.conclusion],
            contraindications: record[Exam.contraindications], suspected: record[Exam.suspected])
    }
}

/// One thing that is wrong with a card, or that it leaves open.
public struct CardFlaw: Sendable, Hashable {
    /// Code `card.…` with what the message names; words in `refusal.card.…`.
    public let refusal: Refusal
    /// false: a flaw only if what is missing turns out so.
    public let isCertain: Bool
    /// The clause that it offends.
    public let provenance: Provenance
}

/// A mandatory examination, and whether a card holds it.
public struct CardItem: Sendable, Hashable {
    public let name: Bilingual
    public let isDone: Bool
    /// false: asked of some people only, or of a factor that came under the clause by inference.
    public let isCertain: Bool
    /// The factor's clause; `A` is the appendix of base items.
    public let clause: String
    public let provenance: Provenance
}

/// A period that a finding of the card sets running.
public struct CardClock: Sendable {
    public let title, starts, met: Bilingual
    public let deadline: Deadline
}

/// What a check of a card says.
public struct CardReport: Sendable {
    public let need: ExamNeed
    public let flaws: [CardFlaw]
    public let clocks: [CardClock]
    /// An examination of some items between the full ones, such as liver function every half year: its items are not held against the
    /// full list.
    public let isPartial: Bool
    public var certain: [CardFlaw] { flaws.filter(\.isCertain) }
    public var isClean: Bool { flaws.isEmpty }
}

/// Checks examination cards against what the worker is exposed to, by the edition of GBZ 188 in force on the card's day.
public struct CardCheck: Sendable {
    public let rules: ExamRules
    private let diseases, factors, conclusions: CodeTable
    private let clocks: [String: StatutoryClock]
    private let calendar: WorkdayCalendar
    private var tables: ExamTables { rules.tables }

    /// - Throws: `Refusal("catalog.file")` where the catalogue lacks the table of diseases, factors or conclusions.
    public init(_ catalog: Catalog) throws {
        func table(_ name: String) throws -> CodeTable {
            guard let found = catalog.tables[name] else { throw Refusal("catalog.file", ["value": name]) }
            return found
        }
        rules = ExamRules(catalog.exams)
        diseases = try table("disease")
        factors = try table("factor")
        conclusions = try table("exam_conclusion")
        (clocks, calendar) = (catalog.clocks, catalog.calendar)
    }

    /// A code as a message names it.
    private func naming(_ code: String, in table: CodeTable, limit: String? = nil) -> [String: String] {
        let entry = table[code]
        return Bilingual(entry?.zh ?? code, entry?.en ?? code).details(limit: limit)
    }

    /// - Parameters:
    ///   - exposures: all that the worker meets at the time.
    ///   - previous: the last examination that counts for the period; nil: none before.
    ///   - other: another day whose edition and disease list the card is held against; nil for the card's own.
    /// - Throws: as `ExamRules.need`.
    public func report(
        _ card: ExamCard, _ exposures: [ExamExposure], previous: Day? = nil, by other: Day? = nil
    ) throws -> CardReport {
        let need = try rules.need(card.stage, of: exposures, on: card.day, by: other)
        let isPartial = isPartial(card, need)
        var flaws = stageFlaws(card, need) + coverFlaws(card, need)
        flaws += isPartial ? [] : itemFlaws(card, need)
        flaws += conclusionFlaws(card, need) + contraindicationFlaws(card, need)
        flaws += diseaseFlaws(card, need, on: other ?? card.day) + timeFlaws(card, need, previous)
        flaws += need.missing.map { CardFlaw(refusal: $0, isCertain: false, provenance: need.edition.provenance) }
        return CardReport(need: need, flaws: flaws, clocks: running(card, need), isPartial: isPartial)
    }

    /// Factors whose clauses have no such stage at all: an examination in service for carbon monoxide under 2025 is nothing that the
    /// edition knows, unless its appendix recommends it.
    private func stageFlaws(_ card: ExamCard, _ need: ExamNeed) -> [CardFlaw] {
        (card.factors ?? []).flatMap { factor -> [CardFlaw] in
            let clauses = tables.links(of: factor, in: need.edition.id).map(\.clause).filter { !$0.isEmpty }
            let read = clauses.compactMap { tables.factor($0, in: need.edition.id) }.filter { $0.reading != .none }
            guard let first = read.first, read.count == clauses.count else { return [] }
            guard read.allSatisfy({ tables.stage(card.stage, of: $0.clause, in: need.edition.id) == nil }) else { return [] }
            let isCertain = read.allSatisfy { $0.reading == .whole }
            return [
                CardFlaw(
                    refusal: Refusal("card.stage-none", field: "stage", first.name.details(limit: first.clause)),
                    isCertain: isCertain, provenance: first.provenance)
            ]
        }
    }

    /// Factors that the worker meets, that have the stage, and that the card does not name.
    private func coverFlaws(_ card: ExamCard, _ need: ExamNeed) -> [CardFlaw] {
        let asked = need.parts.filter { $0.stage?.need == .mandatory }
        guard let covered = card.factors else {
            guard let first = asked.first else { return [] }
            return [
                CardFlaw(refusal: Refusal("card.factors-unknown", field: "factors"), isCertain: false, provenance: first.factor.provenance)
            ]
        }
        var told: Set<String> = []
        return asked.compactMap { part in
            guard case .factor(let code) = part.exposure.subject, !covered.contains(code), told.insert(code).inserted else { return nil }
            return CardFlaw(
                refusal: Refusal("card.factor-missing", field: "factors", naming(code, in: factors, limit: part.factor.clause)),
                isCertain: part.link?.isInferred != true, provenance: part.factor.provenance)
        }
    }

    /// Mandatory laboratory and other examinations that no item of the card serves. The physical examination is not checked.
    private func itemFlaws(_ card: ExamCard, _ need: ExamNeed) -> [CardFlaw] {
        let asked = need.parts.filter { $0.stage?.need == .mandatory }
        guard let first = asked.first else { return [] }
        guard let done = card.items, !done.isEmpty else {
            return [CardFlaw(refusal: Refusal("card.items-unknown", field: "items"), isCertain: false, provenance: first.factor.provenance)]
        }
        return items(of: card, need).filter { !$0.isDone }.map { item in
            CardFlaw(
                refusal: Refusal("card.item-missing", field: "items", item.name.details(limit: item.clause)),
                isCertain: item.isCertain, provenance: item.provenance)
        }
    }

    /// The mandatory laboratory and other examinations of a need, each with whether the card holds it.
    public func items(of card: ExamCard, _ need: ExamNeed) -> [CardItem] {
        let asked = need.parts.filter { $0.stage?.need == .mandatory }
        guard !asked.isEmpty else { return [] }
        let base = card.stage == "pre_employment" ? tables.baseItems(in: need.edition.id).map { ExamItemNeed(anyOf: [$0]) } : []
        let certain = rules.merged(base + asked.filter { $0.link?.isInferred != true }.flatMap { $0.stage?.laboratory ?? [] })
        let all = rules.merged(base + asked.flatMap { $0.stage?.laboratory ?? [] })
        return all.map { item in
            let part = asked.first { $0.stage?.laboratory.contains(item) == true }
            let names = item.anyOf.map { tables.items[$0]?.name ?? Bilingual(same: $0) }
            let only = item.only.map { "（\($0)）" } ?? ""
            return CardItem(
                name: Bilingual(names.map(\.zh).joined(separator: "或") + only, names.map(\.en).joined(separator: " or ") + only),
                isDone: (card.items ?? []).contains { rules.serves($0, item) }, isCertain: item.only == nil && certain.contains(item),
                clause: part?.factor.clause ?? "A", provenance: part?.stage?.provenance ?? need.edition.provenance)
        }
    }

    /// Whether the card holds nothing but what comes round between full examinations.
    private func isPartial(_ card: ExamCard, _ need: ExamNeed) -> Bool {
        guard card.stage == "in_service", let done = card.items, !done.isEmpty else { return false }
        let scopes = need.parts.flatMap(\.cycles).map(\.scope).filter { !$0.isEmpty }.map { ExamItemNeed(anyOf: $0) }
        return done.allSatisfy { item in scopes.contains { rules.serves(item, $0) } }
    }

    /// A conclusion that the edition does not have as a class: 复查 since 2025.
    private func conclusionFlaws(_ card: ExamCard, _ need: ExamNeed) -> [CardFlaw] {
        guard let code = card.conclusion else { return [] }
        let edition = need.edition
        if let known = tables.conclusion(code, in: edition.id), known.isClass || code == "none" { return [] }
        return [
            CardFlaw(
                refusal: Refusal(
                    "card.conclusion-edition", field: "conclusion", naming(code, in: conclusions, limit: edition.provenance.edition)),
                isCertain: true, provenance: edition.provenance)
        ]
    }

    private func contraindicationFlaws(_ card: ExamCard, _ need: ExamNeed) -> [CardFlaw] {
        let named = card.contraindications ?? []
        var flaws: [CardFlaw] = []
        func flaw(_ code: String, _ factor: String, _ provenance: Provenance, isCertain: Bool = true) {
            let refusal = Refusal(code, field: "contraindications", factor.isEmpty ? [:] : naming(factor, in: factors))
            flaws.append(CardFlaw(refusal: refusal, isCertain: isCertain, provenance: provenance))
        }
        for factor in named {
            let parts = need.parts.filter { $0.exposure.code == factor }
            guard let part = parts.first else { continue }
            flaw("card.contraindication", factor, part.factor.provenance)
            let isListed = parts.contains { part in
                let stages = tables.stages(of: part.factor.clause, in: need.edition.id)
                return part.factor.reading != .whole
                    || stages.contains { stage in
                        tables.targets(stage.stage, of: part.factor.clause, in: need.edition.id).contains { $0.kind == .contraindication }
                    }
            }
            if !isListed { flaw("card.contraindication-unlisted", factor, part.factor.provenance) }
        }
        if card.conclusion == "contraindication", named.isEmpty {
            flaw("card.contraindication-unnamed", "", need.edition.provenance, isCertain: card.contraindications != nil)
        }
        // A card has one conclusion, and a suspected disease outranks a contraindication.
        if !named.isEmpty, let conclusion = card.conclusion, !["contraindication", "suspected"].contains(conclusion) {
            flaw("card.conclusion-differs", named[0], need.edition.provenance)
        }
        return flaws
    }

    private func diseaseFlaws(_ card: ExamCard, _ need: ExamNeed, on day: Day) -> [CardFlaw] {
        let suspected = card.suspected ?? []
        var flaws: [CardFlaw] = []
        func flaw(_ code: String, _ disease: String, isCertain: Bool = true) {
            let details = disease.isEmpty ? [:] : naming(disease, in: diseases, limit: day.description)
            let refusal = Refusal(code, field: "suspected", details)
            flaws.append(CardFlaw(refusal: refusal, isCertain: isCertain, provenance: need.edition.provenance))
        }
        let targets = need.parts.flatMap { part in
            tables.stages(of: part.factor.clause, in: need.edition.id).flatMap {
                tables.targets($0.stage, of: part.factor.clause, in: need.edition.id)
            }
        }.filter { $0.kind == .disease }
        let isWhole = need.parts.allSatisfy { $0.factor.reading == .whole } && need.missing.allSatisfy { $0.code != "exam.factor-outside" }
        // A target without a code in the list cannot be compared.
        let isComparable = isWhole && targets.allSatisfy { !$0.diseases.isEmpty }
        for disease in suspected {
            let entry = diseases[disease]
            if entry?.force.contains(day) != true { flaw("card.disease-unlisted", disease) }
            if !targets.contains(where: { $0.diseases.contains(disease) }) {
                flaw("card.disease-not-target", disease, isCertain: isComparable && !need.parts.isEmpty)
            }
        }
        if card.conclusion == "suspected", suspected.isEmpty { flaw("card.suspected-unnamed", "", isCertain: card.suspected != nil) }
        if !suspected.isEmpty, let conclusion = card.conclusion, conclusion != "suspected" {
            flaw("card.suspected-conclusion", suspected[0])
        }
        return flaws
    }

    /// Too late by the longest interval; too early only where the edition names a window. An earlier examination is no flaw otherwise:
    /// the periods are the longest ones.
    private func timeFlaws(_ card: ExamCard, _ need: ExamNeed, _ previous: Day?) -> [CardFlaw] {
        guard card.stage == "in_service" else { return [] }
        var flaws: [CardFlaw] = []
        for part in need.parts where part.stage?.need == .mandatory {
            let from = part.exposure.from
            func flaw(_ code: String, _ limit: Day, _ provenance: Provenance, isAssumed: Bool) {
                let refusal = Refusal(code, field: "day", ["value": card.day.description, "limit": limit.description])
                flaws.append(
                    CardFlaw(refusal: refusal, isCertain: !isAssumed && part.link?.isInferred != true, provenance: provenance))
            }
            for cycle in part.cycles where cycle.scope.isEmpty {
                guard let due = cycle.due(after: previous, exposed: from) else { continue }
                if card.day > due.upperBound {
                    flaw("card.late", due.upperBound, cycle.provenance, isAssumed: cycle.isAssumed)
                } else if cycle.kind == .once, card.day < due.lowerBound {
                    flaw("card.early", due.lowerBound, cycle.provenance, isAssumed: cycle.isAssumed)
                }
            }
            // A window that closed without an examination, whatever interval has taken its place since.
            for period in tables.periods(card.stage, of: part.factor.clause, in: need.edition.id) where period.kind == .once {
                guard let from, let months = period.months else { continue }
                let (opens, closes) = (from.adding(months: months.lowerBound), from.adding(months: months.upperBound))
                let isMissed = card.day > closes && previous.map { $0 < opens } ?? true
                if isMissed, !flaws.contains(where: { $0.refusal.code == "card.late" && $0.provenance == period.provenance }) {
                    flaw("card.late", closes, period.provenance, isAssumed: false)
                }
            }
        }
        return flaws
    }

    /// The periods that the card sets running. Notice of a suspected case to worker and employer is due at once and has no length.
    private func running(_ card: ExamCard, _ need: ExamNeed) -> [CardClock] {
        var names = ["exam_report"]
        if card.conclusion == "recheck" || card.conclusion == "none" { names.append("exam_recheck") }
        if card.conclusion == "suspected" || card.suspected?.isEmpty == false { names += ["suspected_report", "suspected_diagnosis"] }
        var all = names.compactMap { name -> CardClock? in
            guard let clock = clocks[name], let deadline = clock.deadline(from: card.day, calendar) else { return nil }
            return CardClock(title: clock.title, starts: clock.starts, met: clock.met, deadline: deadline)
        }
        if names.contains("exam_recheck"), let rule = tables.number("recheck_restart", in: need.edition.id), let months = rule.number {
            let restart = StatutoryClock.Edition(months, .month, provenance: rule.provenance)
            all.append(
                CardClock(
                    title: Bilingual("复查未完成须重新检查", "Restart where the re-examination is not completed"),
                    starts: Bilingual("初次检查", "first examination"), met: Bilingual("完成复查", "re-examined"),
                    deadline: Deadline(from: card.day, restart, calendar)))
        }
        return all
    }
}

extension CardCheck {
    /// What a card is checked by, as its worker's file has it.
    public struct Circumstances: Sendable {
        public let card: ExamCard
        public let exposures: [ExamExposure]
        /// The day of the last examination that counts for the period.
        public let previous: Day?
        /// The records that this was read from, the card aside.
        public let sources: [Record]
    }

    /// What a worker is exposed to is read from the exposure periods of the card's employer; what the file does not hold (grades,
    /// levels, results) stays unknown. nil for a record that is no card of the file.
    public func circumstances(of exam: Record, in file: File) -> Circumstances? {
        guard let card = ExamCard(exam) else { return nil }
        let employer = file.id(Exam.employer, of: exam)
        let met = file.all(Exposed.kind).filter { file.id(Exposed.employer, of: $0) == employer && isMet($0, by: card) }
        let exposures = met.flatMap { span in (span[Exposed.factors] ?? []).map { ExamExposure(.factor($0), from: span[Exposed.from]) } }
        let counting = file.all(Exam.kind).compactMap { record in ExamCard(record).map { (record, $0) } }
            .filter { other in
                other.1.day < card.day && ["pre_employment", "in_service"].contains(other.1.stage)
                    && exposures.allSatisfy { other.1.factors?.contains($0.code) == true }
            }
            .max { ($0.1.day, $0.0.id) < ($1.1.day, $1.0.id) }
        return Circumstances(
            card: card, exposures: exposures, previous: counting?.1.day, sources: met + (counting.map { [$0.0] } ?? []))
    }

    /// The checks of all cards in a worker's file, in the order of their days.
    /// A card on a day of which no edition is to hand is left out: nothing judges it.
    public func reports(in file: File) -> [(exam: Record, report: CardReport)] {
        let cards = file.all(Exam.kind).compactMap { record in circumstances(of: record, in: file).map { (record, $0) } }
            .sorted { ($0.1.card.day, $0.0.id) < ($1.1.card.day, $1.0.id) }
        return cards.compactMap { record, met in
            // The one refusal of exposures read by their factors is that of a day without an edition.
            (try? report(met.card, met.exposures, previous: met.previous)).map { (record, $0) }
        }
    }

    /// Whether an exposure is one that a card is about: present on its day; for the stage before employment beginning later; on leaving
    /// present within the days in which an examination in service would have counted.
    private func isMet(_ exposure: Record, by card: ExamCard) -> Bool {
        let span = exposure.span(Exposed.from, Exposed.until)
        switch card.stage {
        case "pre_employment": return span.until > card.day
        case "leaving", "follow_up": return span.from <= card.day
        default: return span.contains(card.day)
        }
    }
}
