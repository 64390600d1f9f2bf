import Catalog
import Grading
import Hummingbird
import Hygiene
import Kernel
import Ledger
import Radiation
import Registry
import Storage
import Surveillance
import Web

/// Health records held against the standards: an examination card, an audiogram, the doses of a radiation worker.
///
/// What follows from medical fields is shown as those fields are: after a reason that the audit keeps. Without it the check reads the
/// record as if they were not there and says nothing of them.
enum HealthJudgement {
    static func judges(_ kind: Kind) -> Bool {
        [Exam.kind.name, HearingTest.kind.name, RadiationWorker.kind.name].contains(kind.name)
    }
    private static func holdsMedical(_ kind: Kind) -> Bool { kind.name != RadiationWorker.kind.name }
    private static func isDated(_ kind: Kind) -> Bool { kind.name == Exam.kind.name }

    /// - Parameters:
    ///   - other: the day whose editions stand beside those of the record's own day.
    ///   - reason: why the reader asked for what is medical, where `show` is clear.
    /// - Returns: nil for a withdrawn record and one without a worker's file.
    static func page(_ show: Showing, _ record: Record, other: Day, reason: String = "") throws -> HealthJudgementPage? {
        guard let file = try file(show, record) else { return nil }
        let call = show.call
        let sides: [HealthJudgementPage.Side]?
        switch record.kind.name {
        case Exam.kind.name: sides = try CardSides(show: show, record: record, file: file).sides(other)
        case HearingTest.kind.name: sides = try HearingSides(show: show, record: record, file: file).sides()
        default: sides = try DoseSides(show: show, record: record, file: file).sides()
        }
        guard let sides else { return nil }
        // A table of thresholds takes the whole width.
        let wide = record.kind.name == HearingTest.kind.name && show.isClear ? 1 : 0
        let address = Address.record(record.id) + "/judgement"
        let csrf = View.Hidden(name: "csrf", value: call.caller.csrf)
        let isClosed = holdsMedical(record.kind) && !show.isClear
        let mayOpen = try isClosed && show.may(.seePersonal, record)
        let given = [csrf, View.Hidden(name: "reason", value: reason)]
        let day =
            show.isClear
            ? HealthJudgementPage.Form(method: "post", action: address, on: other.description, hidden: given)
            : HealthJudgementPage.Form(method: "get", action: address, on: other.description)
        let unmasking = HealthJudgementPage.Form(
            method: "post", action: address, hidden: [csrf, View.Hidden(name: "on", value: other.description)])
        return HealthJudgementPage(
            frame: show.office.frame(call, at: .records), kind: show.name(record.kind), kindHref: Address.kind(record.kind.name),
            title: try show.title(record), recordHref: Address.of(record), note: call.word("health.note.\(record.kind.name)"),
            day: isDated(record.kind) ? day : nil,
            closed: isClosed ? call.word(mayOpen ? "health.closed" : "health.closed.never") : nil, unmasking: mayOpen ? unmasking : nil,
            lead: Array(sides.prefix(wide)), isPair: holdsMedical(record.kind) && sides.count > 1, sides: Array(sides.dropFirst(wide)))
    }

    /// The worker's file that a live record is in, also where the worker was merged into another.
    private static func file(_ show: Showing, _ record: Record) throws -> File? {
        var current = record
        while current.kind.name != Worker.kind.name {
            guard let id = current.kind.parents.compactMap({ current.target(of: $0) }).first, let above = try show.record(id) else {
                return nil
            }
            current = above
        }
        let found = try show.ledger.file(show.db, current.id)
        let file = try found ?? show.ledger.file(show.db, SubjectFile.kept(show, current.id, Worker.kind))
        return file.flatMap { file in file.all(record.kind).contains { $0.id == record.id } ? file : nil }
    }
}

extension Showing {
    func text(_ words: Bilingual) -> String { words.text(english: call.isEnglish) }

    /// Edition and clause, and how sure it is where that is less than read.
    func cite(_ provenance: Provenance) -> String {
        let place = [provenance.edition, provenance.clause].filter { !$0.isEmpty }.joined(separator: " ")
        guard provenance.confidence.isLow, !place.isEmpty else { return place }
        return "\(place) · \(call.word("confidence.\(provenance.confidence.rawValue)"))"
    }

    /// The mark of a verdict, in the words of a quantity: `health.hearing.exceed`.
    func mark(_ verdict: Judgement.Verdict, _ words: String) -> View.Mark {
        let sign =
            switch verdict {
            case .complies: "met"
            case .exceeds: "unmet"
            case .undecided: "unknown"
            }
        return View.Mark(sign, call.word("\(words).\(verdict.rawValue)"))
    }

    func side(_ judged: Judgement, _ words: String) -> HealthJudgementPage.Side {
        let limit = judged.limit.map { "\(Rounding.plain($0)) \(judged.unit)" }
        return HealthJudgementPage.Side(
            heading: text(judged.quantity), mark: mark(judged.verdict, words),
            facts: facts([
                ("health.value", "\(judged.shown) \(judged.unit)"), ("health.limit", limit ?? ""),
                ("health.basis", cite(judged.provenance)),
            ]), reasons: judged.missing.map(call.say), working: judged.working.map(text))
    }
    func facts(_ pairs: [(label: String, value: String)]) -> [View.Fact] {
        pairs.filter { !$0.value.isEmpty }.map { View.Fact(label: call.word($0.label), value: $0.value) }
    }
}

/// An examination card by the edition of its day, and by that of another.
private struct CardSides {
    let show: Showing
    let record: Record
    let file: File
    private var call: Call { show.call }

    func sides(_ other: Day) throws -> [HealthJudgementPage.Side]? {
        let check = try CardCheck(show.ledger.catalog)
        guard let met = check.circumstances(of: record, in: file) else { return nil }
        let day = met.card.day
        let headings = [call.word("health.card.then", ["value": "\(day)"]), call.word("health.card.by", ["value": "\(other)"])]
        // What the reader may not see is not told by a verdict either.
        guard try met.sources.allSatisfy(show.sees) else {
            return headings.map { HealthJudgementPage.Side(heading: $0, reasons: [call.word("health.hidden")]) }
        }
        return zip(headings, [day, other]).map { heading, by in
            do throws(Refusal) {
                return try side(heading, check, met, by: by, isOwn: by == day)
            } catch { return HealthJudgementPage.Side(heading: heading, reasons: [call.say(error)]) }
        }
    }

    private func side(
        _ heading: String, _ check: CardCheck, _ met: CardCheck.Circumstances, by day: Day, isOwn: Bool
    ) throws(Refusal) -> HealthJudgementPage.Side {
        let card = show.isClear ? met.card : ExamCard(day: met.card.day, stage: met.card.stage, factors: met.card.factors)
        let report: CardReport
        do { report = try check.report(card, met.exposures, previous: met.previous, by: day) } catch {
            throw error as? Refusal ?? Refusal("internal", ["value": "\(error)"])
        }
        let flaws = report.flaws.filter { show.isClear || !isMedical($0.refusal.field) }
        let certain = flaws.filter(\.isCertain).count
        let mark: View.Mark
        if certain > 0 {
            mark = View.Mark("unmet", call.word("health.card.flaws", ["value": "\(certain)"]))
        } else if !show.isClear {
            mark = View.Mark("unknown", call.word("health.card.open-part"))
        } else {
            mark = flaws.isEmpty ? View.Mark("met", call.word("health.card.clean")) : View.Mark("unknown", call.word("health.card.doubts"))
        }
        let factors = met.exposures.map { show.ledger.catalog.title("factor", $0.code, english: call.isEnglish) }
        let stage = show.ledger.catalog.title("exam_stage", card.stage, english: call.isEnglish)
        var parts = [
            HealthJudgementPage.Part(
                heading: call.word("health.card.findings"), lines: flaws.map { line($0, report.need.edition) },
                none: flaws.isEmpty ? call.word(show.isClear ? "health.card.none" : "health.card.none-open") : nil)
        ]
        parts += items(check, card, report)
        if isOwn, !report.clocks.isEmpty {
            parts.append(HealthJudgementPage.Part(heading: call.word("health.card.clocks"), lines: report.clocks.map(line)))
        }
        return HealthJudgementPage.Side(
            heading: heading, mark: mark,
            facts: show.facts([
                ("rejudge.edition", show.cite(report.need.edition.provenance)), ("health.card.stage", stage),
                ("health.card.exposures", factors.isEmpty ? call.word("health.card.no-exposure") : unique(factors)),
            ]), reasons: report.isPartial && show.isClear ? [call.word("health.card.partial")] : [], parts: parts)
    }

    private func isMedical(_ field: String?) -> Bool {
        field.flatMap { Exam.kind.field(named: $0) }.map { $0.sensitivity != .open } ?? false
    }
    private func unique(_ names: [String]) -> String {
        var seen: Set<String> = []
        return names.filter { seen.insert($0).inserted }.joined(separator: call.isEnglish ? ", " : "、")
    }

    /// A flaw with its clause; the edition as a whole stands above.
    private func line(_ flaw: CardFlaw, _ edition: ExamEdition) -> HealthJudgementPage.Line {
        let mark = flaw.isCertain ? View.Mark("unmet", call.word("health.certain")) : View.Mark("unknown", call.word("health.uncertain"))
        return HealthJudgementPage.Line(
            call.say(flaw.refusal), cite: flaw.provenance == edition.provenance ? nil : show.cite(flaw.provenance), mark: mark)
    }

    private func line(_ clock: CardClock) -> HealthJudgementPage.Line {
        let last = clock.deadline.last
        let text = call.word("health.card.clock", ["value": show.text(clock.title), "limit": "\(last)"])
        return HealthJudgementPage.Line(text, cite: show.cite(clock.deadline.edition.provenance))
    }

    /// The items asked for; whether each was done is medical.
    private func items(_ check: CardCheck, _ card: ExamCard, _ report: CardReport) -> [HealthJudgementPage.Part] {
        guard !report.isPartial else { return [] }
        let isEntered = card.items?.isEmpty == false
        let lines = check.items(of: card, report.need).map { item in
            let mark: View.Mark? =
                !isEntered
                ? nil
                : item.isDone
                    ? View.Mark("met", call.word("health.item.done"))
                    : View.Mark(
                        item.isCertain ? "unmet" : "unknown", call.word(item.isCertain ? "health.item.missing" : "health.item.unclear"))
            return HealthJudgementPage.Line(show.text(item.name), cite: show.cite(item.provenance), mark: mark)
        }
        return lines.isEmpty ? [] : [HealthJudgementPage.Part(heading: call.word("health.card.items"), lines: lines)]
    }
}

/// An audiogram: whether it came long enough after noise, and, for whoever may see them, its thresholds, averages, grade and shift.
private struct HearingSides {
    let show: Showing
    let record: Record
    let file: File
    private var call: Call { show.call }

    func sides() throws -> [HealthJudgementPage.Side]? {
        guard let audiogram = Audiogram(record) else { return nil }
        let rules = HearingRules(show.ledger.catalog.hearing)
        let quiet = show.side(rules.quiet(audiogram), "health.quiet")
        guard show.isClear else { return [quiet] }
        let person = HearingPerson(file, on: audiogram.day)
        // Only what the reader may see is compared with.
        let all = try file.all(HearingTest.kind).filter { try $0.id == record.id || show.sees($0) }
            .compactMap { other in Audiogram(other).map { (id: other.id, test: $0) } }
            .sorted { ($0.test.day, $0.id) < ($1.test.day, $1.id) }
        let earlier = all.filter { $0.test.day < audiogram.day }
        var sides = [thresholds(audiogram, rules, person), quiet]
        sides += rules.averages(audiogram, of: person).map { show.side($0, "health.hearing") }
        // The tests of one examination: the least thresholds of tests years apart would hide what came between them.
        let own = file.all(HearingTest.kind).filter { file.id(HearingTest.exam, of: $0) == file.id(HearingTest.exam, of: record) }
        sides.append(grade(rules.noiseDeafness(own.compactMap(Audiogram.init), of: person)))
        guard let first = earlier.first?.test else {
            return sides + [HealthJudgementPage.Side(heading: call.word("health.shift"), reasons: [call.word("health.shift.none")])]
        }
        for criterion in rules.tables.shifts {
            var side = show.side(try rules.shift(from: first, to: audiogram, by: criterion.id), "health.shift")
            side.reasons.append(call.word("health.shift.baseline", ["value": "\(first.day)"]))
            sides.append(side)
        }
        return sides
    }

    private func thresholds(_ audiogram: Audiogram, _ rules: HearingRules, _ person: HearingPerson) -> HealthJudgementPage.Side {
        let measured = HearingLevels(audiogram)
        let columns =
            [View.Column(text: call.word("health.ear"))]
            + HearingTables.frequencies.map { View.Column(text: "\($0) Hz", isNumber: true) }
        func row(_ label: String, _ levels: [Double?]) -> View.Row {
            let figures = zip(columns.dropFirst(), levels).map { column, level in
                View.Cell(label: column.text, text: level.map { "\(Rounding.plain($0)) dB" } ?? "–", isNumber: true)
            }
            return View.Row(cells: [View.Cell(label: columns[0].text, text: label)] + figures)
        }
        func rows(_ levels: HearingLevels, _ words: String) -> [View.Row] {
            [
                row(call.word("health.left", ["value": call.word(words)]), levels.left),
                row(call.word("health.right", ["value": call.word(words)]), levels.right),
            ]
        }
        let plain = HealthJudgementPage.Side(
            heading: call.word("health.thresholds"), columns: columns, rows: rows(measured, "health.measured"))
        guard let diagnosis = rules.tables.diagnosis(on: audiogram.day), let shift = rules.tables.ageShift(diagnosis.ageShift) else {
            return plain
        }
        var side = plain
        do throws(Refusal) {
            let (levels, step) = try rules.corrected(measured, on: audiogram.day, of: person, by: shift)
            side.rows += rows(levels, "health.corrected")
            side.working = [show.text(step)]
        } catch { side.reasons = [call.say(error)] }
        return side
    }

    private func grade(_ grade: Grade) -> HealthJudgementPage.Side {
        let mark =
            grade.rank.map { View.Mark($0 == 0 ? "met" : "unmet", show.text(grade.label)) }
            ?? View.Mark("unknown", call.word("rejudge.open"))
        return HealthJudgementPage.Side(
            heading: call.word("health.grade"), mark: mark, facts: show.facts([("health.basis", show.cite(grade.provenance))]),
            reasons: grade.missing.map(call.say) + [call.word("health.grade.note")], working: grade.working.map(show.text),
            isOpen: true)
    }
}

/// The doses of a radiation worker: by calendar year, by blocks of five years, and by monitoring period.
private struct DoseSides {
    let show: Showing
    let record: Record
    let file: File
    private var call: Call { show.call }

    func sides() throws -> [HealthJudgementPage.Side]? {
        let today = show.ledger.clock.today
        let rules = DoseRules(show.ledger.catalog.dose)
        let posts = file.all(RadiationWorker.kind)
        let seen = try posts.filter { try $0.id == record.id || show.sees($0) }
        let isWhole = seen.count == posts.count
        let whole = try DoseHistory(file)
        // `DoseHistory` holds the posts in the order of the file.
        let history = DoseHistory(
            whole.quantity, posts: zip(posts, whole.posts).filter { pair in seen.contains { $0.id == pair.0.id } }.map(\.1))
        func honest(_ judged: Judgement) -> Judgement {
            isWhole || judged.verdict == .exceeds ? judged : judged.undecided([Refusal("dose.hidden")])
        }
        let begun = history.posts.map { $0.days.from.year }.min() ?? today.year
        let ended = min(today.year, history.posts.map { ($0.days.until - 1).year }.max() ?? today.year)
        guard begun <= ended else { return nil }
        let years = (begun...ended).map { honest(rules.year(history, $0, asOf: today)) }
        let blocks = stride(from: begun, through: ended, by: 5).map { honest(rules.fiveYears(history, from: $0, asOf: today)) }
        let periods = history.posts.flatMap(\.periods).sorted { $0.days.from > $1.days.from }
        return [
            table("health.dose.years", years.reversed()), table("health.dose.five", blocks.reversed()),
            HealthJudgementPage.Side(
                heading: call.word("health.dose.periods"),
                columns: ["period", "dose", "level", "verdict", "length"].map(column), rows: periods.map { row($0, rules) },
                working: periods.prefix(1).flatMap { working($0, rules) }),
        ]
    }

    private func cell(_ key: String, _ text: String, _ mark: View.Mark? = nil) -> View.Cell {
        View.Cell(label: call.word("health.dose.\(key)"), text: text, mark: mark, isNumber: DoseSides.isNumber(key))
    }
    private func column(_ key: String) -> View.Column {
        View.Column(text: call.word("health.dose.\(key)"), isNumber: DoseSides.isNumber(key))
    }
    private static func isNumber(_ key: String) -> Bool { ["dose", "limit", "level"].contains(key) }

    /// Judgements under each other; the limit stands above them where they share one.
    private func table(_ heading: String, _ judged: [Judgement]) -> HealthJudgementPage.Side {
        let isShared = Set(judged.map(\.provenance)).count == 1 && Set(judged.map(\.limit)).count == 1
        func limit(_ one: Judgement) -> String { one.limit.map { "\(Rounding.plain($0)) \(one.unit)" } ?? "–" }
        let columns = ["quantity", "dose", "verdict", "missing"] + (isShared ? [] : ["limit", "basis"])
        let shared = isShared ? judged.first : nil
        return HealthJudgementPage.Side(
            heading: call.word(heading),
            facts: shared.map { show.facts([("health.dose.limit", limit($0)), ("health.basis", show.cite($0.provenance))]) } ?? [],
            columns: columns.map(column),
            rows: judged.map { one in
                let own = [
                    cell("quantity", show.text(one.quantity)), cell("dose", "\(one.shown) \(one.unit)"),
                    cell("verdict", "", show.mark(one.verdict, "health.dose")),
                    cell("missing", one.missing.isEmpty ? "–" : one.missing.map(call.say).joined(separator: " ")),
                ]
                return View.Row(cells: own + (isShared ? [] : [cell("limit", limit(one)), cell("basis", show.cite(one.provenance))]))
            }, working: judged.flatMap { one in one.working.map { "\(show.text(one.quantity)): \(show.text($0))" } })
    }

    private func row(_ period: DoseHistory.Period, _ rules: DoseRules) -> View.Row {
        let (level, length) = (rules.investigation(of: period), rules.length(of: period))
        let limit = level.limit.map { "\(Rounding.plain(($0 * 1000).rounded() / 1000)) mSv" } ?? "–"
        let longest = length.limit.map(Rounding.plain) ?? "–"
        let worn = call.word("health.dose.worn", ["value": length.shown, "limit": longest])
        return View.Row(cells: [
            cell("period", call.word("health.dose.from-to", ["value": "\(period.days.from)", "limit": "\(period.days.until - 1)"])),
            cell("dose", "\(level.shown) mSv"), cell("level", limit), cell("verdict", "", show.mark(level.verdict, "health.level")),
            cell("length", length.verdict == .exceeds ? worn : length.shown),
        ])
    }

    /// How the figures of a period come about, once.
    private func working(_ period: DoseHistory.Period, _ rules: DoseRules) -> [String] {
        let judged = [rules.investigation(of: period), rules.length(of: period)]
        return judged.flatMap { one in one.working.map(show.text) + [show.cite(one.provenance)] }
    }
}
