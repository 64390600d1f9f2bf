import Catalog
import Foundation
import Hummingbird
import Kernel
import Ledger
import Planning
import Sheets
import Storage
import Web

func indicatorRoutes(_ office: Office) -> [Route] {
    [
        Route(.get, "/plans/:plan/:indicator", needs: .signedIn) { call in try await indicatorPage(office, call) },
        Route(.get, "/plans/:plan/:indicator/subjects.csv", needs: .signedIn) { call in try await subjectFile(office, call) },
    ]
}

/// What lies behind one indicator's figure.
struct IndicatorDetail {
    let words: BoardWords
    let state: IndicatorState
    var office: Office { words.office }
    var call: Call { words.call }
    var indicator: Indicator { state.indicator }
    var style: Measure.Style { indicator.measure.style }

    /// A word of the catalogue for a code of a plan's file; the code itself where a plan uses one of its own.
    private func named(_ area: String, _ code: String) -> String { call.has("\(area).\(code)") ? call.word("\(area).\(code)") : code }

    func definition() -> View.Definition {
        let measure = indicator.measure
        let english = call.isEnglish
        let scope = words.plan.scopes.first { $0.id == indicator.scopeID }
        let parameters = measure.parameters.compactMap { name -> View.Parameter? in
            let parameter = office.ledger.catalog.parameters[name]
            if let override = indicator.overrides[name] {
                return View.Parameter(
                    label: parameter.map { english ? $0.en : $0.zh } ?? name, value: override.replacing(";", with: "、"), name: name,
                    source: words.plan.id, overridden: true)
            }
            guard let parameter, let edition = parameter.edition(on: words.board.day), !edition.value.isEmpty else { return nil }
            return View.Parameter(
                label: english ? parameter.en : parameter.zh,
                value: [
                    edition.value.replacing(";", with: "、"),
                    parameter.unit.isEmpty ? "" : call.has("unit.\(parameter.unit)") ? call.word("unit.\(parameter.unit)") : "",
                ].filter { !$0.isEmpty }.joined(separator: " "), name: name,
                source: [edition.clause, edition.source].filter { !$0.isEmpty }.joined(separator: " · "), confidence: edition.confidence)
        }
        return View.Definition(
            numerator: english ? measure.numerator.en : measure.numerator.zh,
            denominator: english ? measure.denominator.en : measure.denominator.zh, unit: indicator.unit.map { named("unit", $0) },
            clauses: indicator.clauses, edition: call.word("board.edition", ["edition": String(words.board.edition)]),
            scope: scope.map { words.words($0.name) },
            reading: (indicator.reading ?? scope?.reading).map(words.words), measure: measure.name, parameters: parameters,
            notes: measure.clause.map { [$0] } ?? [])
    }

    func value() -> View.ValueBlock {
        let count = state.count
        func whole(_ number: Int) -> String { words.numbers.grouped(Double(number)) }
        let scopeUnknown = count.scopeMet + count.scopeUnmet + count.scopeUnknown
        return View.ValueBlock(
            value: words.value(state.figure, style), mark: words.mark(state), bounds: words.bounds(state.figure, style),
            interval: state.interval.map { "\(words.number($0.lowerBound, style))–\(words.number($0.upperBound, style))" },
            numerator: style == .rate ? whole(count.met) : style == .judged ? nil : words.numbers.grouped(count.sum),
            denominator: style == .rate ? whole(count.met + count.unmet) : count.base > 0 ? words.numbers.grouped(count.base) : nil,
            unknown: count.unknown > 0 ? whole(count.unknown) : nil, scopeUnknown: scopeUnknown > 0 ? whole(scopeUnknown) : nil,
            pending: count.pending > 0 ? whole(count.pending) : nil, target: words.target(indicator), due: words.due(indicator),
            distance: words.distance(state),
            forecast: words.forecast(state), why: words.why(state), groups: words.groups(state))
    }

    func chart() -> String {
        let points = words.points(state)
        guard !points.isEmpty else { return "" }
        let first = Int(points[0].year)
        let last = max(words.plan.years.upperBound, Int(points[points.count - 1].year))
        return Charts.trend(
            points: points, years: min(first, words.plan.years.lowerBound)...last, target: indicator.target.value,
            forecast: state.forecast.map {
                ChartForecast(year: Double($0.year), value: $0.value, low: $0.low, high: $0.high, text: words.number($0.value, style))
            },
            limits: style == .rate || style == .share ? 0...100 : nil,
            words: ChartWords(
                title: words.trendTitle(state), target: call.word("chart.target", ["target": words.target(indicator)]),
                computed: call.word("chart.computed"),
                baseline: call.word("chart.baseline"), bounds: call.word("chart.bounds"), forecast: call.word("chart.forecast")))
    }

    func years() -> [View.YearPoint] {
        state.trend.flatMap { point -> [View.YearPoint] in
            var rows: [View.YearPoint] = []
            if let baseline = point.baseline {
                rows.append(
                    View.YearPoint(
                        year: String(point.year), value: words.number(baseline.value, style), source: baseline.source, isBaseline: true))
            }
            if point.figure.value != nil || point.figure.low != nil {
                rows.append(
                    View.YearPoint(
                        year: String(point.year), value: words.value(point.figure, style), bounds: words.bounds(point.figure, style)))
            }
            return rows
        }
    }

    func breakdown(_ parts: [Breakdown], name: (String) -> String, href: (String) -> String?) -> [View.BreakdownRow] {
        let style: Measure.Style = self.style == .leastUnit ? .count : self.style == .leastRatio ? .ratio : self.style
        return parts.map { part in
            View.BreakdownRow(
                name: name(part.code), value: words.value(part.figure, style), href: href(part.code),
                bounds: words.bounds(part.figure, style),
                met: style == .rate ? String(part.count.met) : words.numbers.grouped(part.count.sum), unmet: String(part.count.unmet),
                unknown: String(part.count.undecided),
                mark: [.gte, .lte, .eq, .between].contains(indicator.target.operator) && self.style == .rate
                    ? words.mark(Boards.partOutcome(indicator, part.figure)) : nil)
        }
    }
}

/// What the lists of an indicator are called in an address, and the verdicts that each shows.
private let lists: [(code: String, verdicts: [Stretch.Verdict])] = [
    ("unmet", [.unmet]), ("unknown", [.unknown, .scopeMet, .scopeUnmet, .scopeUnknown]), ("met", [.met]), ("pending", [.pending]),
]

private func indicatorPage(_ office: Office, _ call: Call) async throws -> Response {
    let words = try await readBoard(office, call)
    let id = try call.part("indicator")
    guard let index = words.board.states.firstIndex(where: { $0.indicator.id == id }) else {
        throw Refusal("indicator.unknown", ["value": id])
    }
    let state = words.board.states[index]
    let detail = IndicatorDetail(words: words, state: state)
    let board = words.board
    let path = "/plans/\(words.plan.id)/\(id)"
    let counts = ["unmet": state.count.unmet, "unknown": state.count.undecided, "met": state.count.met, "pending": state.count.pending]
    let show = call.asked("show") ?? lists.first { (counts[$0.code] ?? 0) > 0 }?.code ?? "unmet"
    let size = 50
    let offset = max(0, Int(call.asked("from") ?? "0") ?? 0)
    let (parts, subjects, judgements) = try await office.ledger.store.read { db in
        let parts =
            state.indicator.measure.style == .judged
            ? (divisions: [], industries: [])
            : try office.boards.breakdown(db, words.plan, state.indicator, on: board.day, knownAt: board.knownAt, in: board.division)
        let search = call.asked("q")
        let found = try readSubjects(
            office, db, words, state.indicator, show, offset: search == nil ? offset : 0, limit: search == nil ? size : 20_000)
        let subjects = search.map { words in Array(found.filter { $0.name.localizedCaseInsensitiveContains(words) }.prefix(200)) } ?? found
        return (
            parts, subjects, try office.boards.judgements(db, words.plan, knownAt: board.knownAt).filter { $0[Judgement.indicator] == id }
        )
    }
    let total = counts[show] ?? 0
    let tabs = lists.map { list in
        View.Tally(
            mark: View.Mark(list.code, call.word("subject.verdict.\(list.code)")),
            count: words.numbers.grouped(Double(counts[list.code] ?? 0)),
            href: words.href(path, ["show": list.code]), current: list.code == show)
    }
    let pager = View.Pager(
        position: call.word(
            "pager.position", ["first": String(min(total, offset + 1)), "last": String(min(total, offset + size)), "total": String(total)]),
        previous: offset > 0 ? words.href(path, ["show": show, "from": String(max(0, offset - size))]) : nil,
        next: offset + size < total ? words.href(path, ["show": show, "from": String(offset + size)]) : nil)
    let isJudged = state.indicator.measure.style == .judged
    let list = View.SubjectList(
        tabs: tabs, rows: subjects, pager: total > size && call.asked("q") == nil ? pager : nil, search: call.asked("q") ?? "",
        action: path,
        hidden: words.query.merging(["show": show]) { $1 }.map { View.Hidden(name: $0.key, value: $0.value) }.sorted { $0.name < $1.name },
        csvHref: words.href(path + "/subjects.csv", ["show": show]), showsIndustry: subjects.contains { $0.industry != nil })
    func neighbour(_ offset: Int) -> String? {
        words.board.states.indices.contains(index + offset) ? words.indicatorHref(words.board.states[index + offset].indicator) : nil
    }
    let divisions = detail.breakdown(parts.divisions, name: office.ledger.catalog.divisions.name) { code in
        words.href(path, ["division": code])
    }
    let industries = detail.breakdown(
        parts.industries,
        name: { code in
            code.isEmpty
                ? (call.isEnglish ? "unknown" : "不明") : "\(code) \(office.ledger.catalog.title("industry", code, english: call.isEnglish))"
        }, href: { _ in nil })
    let bars = zip(parts.divisions, divisions).map { part, row in
        ChartBar(label: row.name, text: row.value, value: part.figure.value, low: part.figure.low, high: part.figure.high)
    }
    let model = IndicatorPage(
        frame: office.frame(call, at: .plans), plan: words.head("board"), id: id, name: words.words(state.indicator.name),
        place: office.ledger.catalog.divisions.name(board.division.text), otherName: state.indicator.name.text(english: !call.isEnglish),
        asOf: words.asOf(path), asOfWords: call.word("asof.words", ["day": board.day.description]), value: detail.value(),
        definition: detail.definition(),
        chart: isJudged ? "" : detail.chart(), years: isJudged ? [] : detail.years(),
        divisions: parts.divisions.count > 1 || !divisions.isEmpty ? divisions : [],
        industries: industries.count > 1 ? industries : [],
        divisionBars: bars.count > 1 && bars.count <= 40
            ? Charts.bars(
                bars, target: state.indicator.target.value, limits: state.indicator.measure.style == .rate ? 0...100 : nil,
                words: ChartWords(
                    title: call.word("chart.divisions", ["name": words.words(state.indicator.name)]), target: words.target(state.indicator))
            )
            : "", subjects: isJudged ? nil : list,
        judgements: judgements.reversed().map { record in
            let verdict = record[Judgement.verdict]
            return View.JudgementRow(
                day: record[Judgement.day]?.description ?? "",
                mark: View.Mark(
                    "judged",
                    call.word(
                        verdict == "achieved"
                            ? "judgement.achieved" : verdict == "not_achieved" ? "judgement.not-achieved" : "judgement.evidence")),
                evidence: record[Judgement.evidence] ?? "", by: record[Judgement.by], href: "/record/\(record.id)")
        },
        judgeHref: mayDo(call.person, .change, at: Place(divisions: [words.plan.jurisdiction.text]))
            && [.controlled, .achieved, .qualitative].contains(state.indicator.target.operator)
            ? Office.href("/records/judgement/new", [:], ["plan": words.plan.id, "indicator": id]) : nil,
        previousHref: neighbour(-1), nextHref: neighbour(1))
    return try call.page("indicator", model)
}

/// Subjects of a list with their names. Who may not see a subject's place sees that it counts, not who it is.
func readSubjects(
    _ office: Office, _ db: any Connection, _ words: BoardWords, _ indicator: Indicator, _ show: String, offset: Int, limit: Int
) throws -> [View.SubjectRow] {
    let call = words.call
    guard let gauge = words.plan.gauges(office.ledger.catalog).first(where: { $0.name == words.plan.gaugeName(indicator) }) else {
        return []
    }
    guard let list = lists.first(where: { $0.code == show }) else { throw Refusal("code.unknown", field: "show", ["value": show]) }
    let subjects = try office.ledger.subjects(
        db, of: gauge, on: words.board.day, verdicts: list.verdicts, in: words.board.division, knownAt: words.board.knownAt, limit: limit,
        offset: offset)
    let ids = Set(
        subjects.flatMap { subject in
            subject.stretch.subject.split(separator: "|").map(String.init) + [subject.stretch.record, subject.stretch.debtor]
        })
    let titles = try office.ledger.titles(db, ids.filter { !$0.isEmpty })
    return subjects.map { subject in
        let stretch = subject.stretch
        let visible = mayDo(call.person, .see, at: Place(divisions: [stretch.division], organisations: [stretch.debtor, subject.root]))
        let parts = stretch.subject.split(separator: "|").map(String.init)
        var named = parts.map { part in titles[part]?.title ?? codeName(office, part, english: call.isEnglish) }
        // A post or a person says little without the employer.
        if let debtor = titles[stretch.debtor], !parts.contains(stretch.debtor) { named.insert(debtor.title, at: 0) }
        let rootKind = titles[parts.first ?? ""]?.kind
        let href: String? =
            switch rootKind {
            case "employer": "/employers/\(parts[0])"
            case "worker": "/workers/\(parts[0])"
            case nil: nil
            default: "/record/\(parts[0])"
            }
        let industry = stretch.cell.split(separator: "|", omittingEmptySubsequences: false).first.map(String.init) ?? ""
        return View.SubjectRow(
            name: visible ? named.joined(separator: " · ") : (call.isEnglish ? "(outside your area)" : "（不在您的权限范围）"),
            href: visible ? href : nil,
            place: office.ledger.catalog.divisions.name(stretch.division),
            industry: industry.isEmpty ? nil : office.ledger.catalog.title("industry", industry, english: call.isEnglish),
            reason: stretch.reason.isEmpty ? nil : call.word("reason.\(stretch.reason)"),
            since: stretch.from <= .distantPast ? nil : stretch.from.description,
            mark: subjectMark(call, stretch.verdict),
            record: visible && !stretch.record.isEmpty
                ? titles[stretch.record].map { "\(office.ledger.kinds[$0.kind].map { call.isEnglish ? $0.en : $0.zh } ?? "")" } : nil,
            recordHref: visible && !stretch.record.isEmpty ? "/record/\(stretch.record)" : nil)
    }
}

func codeName(_ office: Office, _ code: String, english: Bool) -> String {
    for table in ["factor", "factor_category", "service"] where office.ledger.catalog.tables[table]?[code] != nil {
        return office.ledger.catalog.title(table, code, english: english)
    }
    return office.ledger.catalog.divisions.name(code)
}

func subjectMark(_ call: Call, _ verdict: Stretch.Verdict) -> View.Mark {
    switch verdict {
    case .met: View.Mark("met", call.word("subject.verdict.met"))
    case .unmet: View.Mark("unmet", call.word("subject.verdict.unmet"))
    case .unknown: View.Mark("unknown", call.word("subject.verdict.unknown"))
    case .pending: View.Mark("pending", call.word("subject.verdict.pending"))
    case .scopeMet: View.Mark("unknown", call.word("subject.verdict.scope-met"))
    case .scopeUnmet: View.Mark("unknown", call.word("subject.verdict.scope-unmet"))
    case .scopeUnknown: View.Mark("unknown", call.word("subject.verdict.scope-unknown"))
    }
}

private func subjectFile(_ office: Office, _ call: Call) async throws -> Response {
    let words = try await readBoard(office, call)
    let id = try call.part("indicator")
    guard let indicator = words.plan.indicator(id) else { throw Refusal("indicator.unknown", ["value": id]) }
    let rows = try await office.ledger.store.read {
        try readSubjects(office, $0, words, indicator, call.asked("show") ?? "unmet", offset: 0, limit: 1_000_000)
    }
    var bytes: [UInt8] = []
    var csv = CSVWriter(guardsFormulas: true) { bytes += $0 }
    try csv.write(
        ["subject.name", "subject.place", "subject.industry", "board.verdict", "subject.reason", "years.year", "subject.record"].map {
            call.word($0)
        })
    for row in rows {
        try csv.write([
            row.name, row.place ?? "", row.industry ?? "", row.mark.word, row.reason ?? "", row.since ?? "", row.recordHref ?? "",
        ])
    }
    try csv.finish()
    let url = FileManager.default.temporaryDirectory.appendingPathComponent("zhifang-\(Digest.hex(Digest.random(8))).csv")
    try Data(bytes).write(to: url)
    return try call.download(url, name: "\(id)-\(words.board.day).csv", type: "text/csv; charset=utf-8")
}
