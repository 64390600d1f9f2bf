import Accounts
import Catalog
import Foundation
import Hummingbird
import Kernel
import Ledger
import Planning
import Sheets
import Storage
import Web

/// A plan's indicators put into words for one reader: shared by the board, one indicator's page, the printed report and exports.
struct BoardWords {
    let office: Office
    let call: Call
    let board: Board
    var numbers: Numbers { Numbers(isEnglish: call.isEnglish) }
    var plan: Plan { board.plan }

    func words(_ words: Words) -> String { words.text(english: call.isEnglish) }

    /// What the reader asked for, kept in every address of the page.
    var query: [String: String] {
        var result: [String: String] = [:]
        for name in ["as_of", "known_at", "division"] { if let text = call.asked(name) { result[name] = text } }
        return result
    }
    func href(_ path: String, _ more: [String: String] = [:]) -> String { Office.href(path, [:], query.merging(more) { $1 }) }
    func indicatorHref(_ indicator: Indicator, _ more: [String: String] = [:]) -> String {
        href("/plans/\(plan.id)/\(indicator.id)", more)
    }

    /// The list of whom to call on: of the board's division, or of the part of it that the reader answers for; nil for everybody else.
    func chaseHref(_ query: [String: String] = [:]) -> String? {
        let path = "/plans/\(plan.id)/chase"
        if mayDo(call.person, .seePersonal, at: Place(divisions: [board.division.text])) { return href(path, query) }
        guard let own = call.person.division, board.division.contains(own.text),
            mayDo(call.person, .seePersonal, at: Place(divisions: [own.text]))
        else { return nil }
        return href(path, query.merging(["division": own.text]) { $1 })
    }

    /// The word and sign of an outcome.
    func mark(_ state: IndicatorState) -> View.Mark {
        if state.figure.state == .unreported, ![.controlled, .achieved, .qualitative].contains(state.indicator.target.operator),
            state.outcome == .untold
        {
            return View.Mark("unknown", call.word("verdict.unreported"))
        }
        return mark(state.outcome)
    }
    func mark(_ outcome: Outcome) -> View.Mark {
        switch outcome {
        case .met: View.Mark("met", call.word("verdict.met"))
        case .unmet: View.Mark("unmet", call.word("verdict.unmet"))
        case .untold: View.Mark("unknown", call.word("verdict.unknown"))
        case .judgedMet: View.Mark("judged", call.word("judgement.achieved"))
        case .judgedUnmet: View.Mark("judged", call.word("judgement.not-achieved"))
        case .unjudged: View.Mark("judged", call.word("judgement.none"))
        case .notApplicable: View.Mark("none", call.word("verdict.none"))
        }
    }
    /// The four heaps that the summary counts.
    static func heap(_ outcome: Outcome) -> String {
        switch outcome {
        case .met: "met"
        case .unmet: "unmet"
        case .untold: "unknown"
        case .judgedMet, .judgedUnmet, .unjudged: "judged"
        case .notApplicable: "none"
        }
    }

    func value(_ figure: Figure, _ style: Measure.Style) -> String {
        figure.value.map { numbers.text($0, unit: Ledger.unit(of: style)) } ?? "—"
    }
    func number(_ value: Double, _ style: Measure.Style) -> String { numbers.text(value, unit: Ledger.unit(of: style)) }

    func bounds(_ figure: Figure, _ style: Measure.Style) -> String? {
        guard let low = figure.low, let high = figure.high, high - low > 1e-9 else { return nil }
        return "\(number(low, style))–\(number(high, style))"
    }
    func target(_ indicator: Indicator) -> String {
        let style = indicator.measure.style
        let target = indicator.target
        var details: [String: String] = [:]
        if let value = target.value { details["target"] = number(value, style) }
        if let range = target.range {
            (details["low"], details["high"]) = (number(range.lowerBound, style), number(range.upperBound, style))
        }
        return call.word("operator.\(target.operator.rawValue)", details)
    }
    func due(_ indicator: Indicator) -> String {
        if indicator.everyYear { return call.isEnglish ? "every year" : "每年" }
        return call.word("board.due", ["year": String(indicator.due)])
    }
    func distance(_ state: IndicatorState) -> String? {
        guard let distance = state.distance, abs(distance) > 1e-9 else { return state.distance == nil ? nil : call.word("distance.exact") }
        let isPercent = Ledger.unit(of: state.indicator.measure.style) == .percent
        let text =
            isPercent
            ? numbers.decimal(abs(distance), 1) : numbers.text(abs(distance), unit: Ledger.unit(of: state.indicator.measure.style))
        if distance > 0, state.indicator.target.operator == .eq {
            return call.word("distance.excess.\(isPercent ? "percent" : "count")", ["value": text])
        }
        return call.word("distance.\(distance < 0 ? "short" : "over").\(isPercent ? "percent" : "count")", ["value": text])
    }
    func forecast(_ state: IndicatorState) -> String? {
        guard let forecast = state.forecast else { return nil }
        let style = state.indicator.measure.style
        // A forecast of whole things is no more exact than the things.
        func text(_ value: Double) -> String { number(Ledger.unit(of: style) == .whole ? value.rounded() : value, style) }
        return call.word(
            "forecast.words",
            [
                "year": String(forecast.year), "value": text(forecast.value), "low": text(forecast.low), "high": text(forecast.high),
            ])
    }
    func counts(_ state: IndicatorState) -> String? {
        switch state.indicator.measure.style {
        case .rate:
            state.count.met + state.count.unmet == 0
                ? nil : "\(numbers.grouped(Double(state.count.met))) / \(numbers.grouped(Double(state.count.met + state.count.unmet)))"
        case .share: state.count.base == 0 ? nil : "\(numbers.grouped(state.count.sum)) / \(numbers.grouped(state.count.base))"
        default: nil
        }
    }
    /// A group's name: a service, a factor group, or the name of a unit.
    func group(_ code: String) -> String {
        for table in ["service", "factor_category"] {
            if office.ledger.catalog.tables[table]?[code] != nil {
                return office.ledger.catalog.title(table, code, english: call.isEnglish)
            }
        }
        return code
    }
    func groups(_ state: IndicatorState) -> [View.GroupValue] {
        let style: Measure.Style = state.indicator.measure.style == .leastRatio ? .ratio : state.indicator.measure.style
        return state.groups.map { name, count, figure in
            let outcome =
                [.gte, .lte, .eq, .between].contains(state.indicator.target.operator) ? Boards.partOutcome(state.indicator, figure) : nil
            return View.GroupValue(
                name: group(name), value: value(figure, style), bounds: bounds(figure, style),
                counts: style == .rate ? "\(count.met) / \(count.met + count.unmet)" : nil, mark: outcome.map(mark))
        }
    }
    func points(_ state: IndicatorState) -> [ChartPoint] {
        let style = state.indicator.measure.style
        var points: [ChartPoint] = []
        for point in state.trend {
            if let baseline = point.baseline {
                points.append(
                    ChartPoint(year: Double(point.year), value: baseline.value, text: number(baseline.value, style), basis: .baseline))
            }
            if let value = point.figure.value {
                points.append(
                    ChartPoint(
                        year: Double(point.year), value: value, low: point.figure.low, high: point.figure.high, text: number(value, style)))
            }
        }
        return points.sorted { $0.year < $1.year }
    }
    private func judgementWords(_ state: IndicatorState) -> String? {
        guard let record = state.judgement else { return nil }
        return [record[Judgement.by], record[Judgement.day]?.description, record[Judgement.evidence]].compactMap { $0 }.joined(
            separator: " · ")
    }

    func row(_ state: IndicatorState) -> View.BoardRow {
        let indicator = state.indicator
        let style = indicator.measure.style
        let isNumber = style != .judged
        return View.BoardRow(
            id: indicator.id, name: words(indicator.name), href: indicatorHref(indicator),
            value: isNumber ? value(state.figure, style) : mark(state).word, mark: mark(state),
            otherName: indicator.name.text(english: !call.isEnglish) == words(indicator.name)
                ? nil : indicator.name.text(english: !call.isEnglish),
            headline: indicator.isHeadline, isNumber: isNumber, bounds: bounds(state.figure, style),
            interval: state.interval.map { "\(number($0.lowerBound, style))–\(number($0.upperBound, style))" }, counts: counts(state),
            target: target(indicator), due: due(indicator),
            distance: distance(state), unknown: state.count.undecided > 0 ? numbers.grouped(Double(state.count.undecided)) : nil,
            unknownHref: indicatorHref(indicator, ["show": "unknown"]),
            pending: state.count.pending > 0 ? call.word("board.pending", ["count": numbers.grouped(Double(state.count.pending))]) : nil,
            groups: groups(state),
            spark: isNumber ? Charts.spark(points: points(state), target: indicator.target.value, title: trendTitle(state)) : "",
            forecast: forecast(state),
            note: indicator.overrides.isEmpty ? nil : call.word("board.override"), judgement: judgementWords(state))
    }

    func trendTitle(_ state: IndicatorState) -> String {
        let values = points(state).map { "\(Int($0.year)): \($0.text)" }.joined(separator: ", ")
        return call.word("chart.trend", ["name": words(state.indicator.name), "values": values])
    }

    /// Why the outcome is what it is, in one sentence.
    func why(_ state: IndicatorState) -> String {
        let indicator = state.indicator
        let style = indicator.measure.style
        var details = [
            "target": target(indicator), "value": value(state.figure, style), "unknown": numbers.grouped(Double(state.count.undecided)),
        ]
        details["low"] = state.figure.low.map { number($0, style) } ?? "—"
        details["high"] = state.figure.high.map { number($0, style) } ?? "—"
        switch indicator.target.operator {
        case .controlled, .achieved, .qualitative:
            guard let judgement = state.judgement else { return call.word("why.judged.none") }
            return call.word("why.judged", ["by": judgement[Judgement.by] ?? "—", "day": judgement[Judgement.day]?.description ?? ""])
        case .increasing, .decreasing:
            let values = state.trend.compactMap { point in
                (point.figure.value ?? point.baseline?.value).map { "\(point.year): \(number($0, style))" }
            }
            details["values"] = values.joined(separator: ", ")
            details["year"] = String(state.trend.last?.year ?? board.day.year)
            details["baseline"] = state.trend.first.flatMap { $0.figure.value ?? $0.baseline?.value }.map { number($0, style) } ?? "—"
            if state.outcome == .untold { return call.word("why.too-few") }
            let isRising = indicator.target.operator == .increasing
            return call.word(
                state.outcome == .met ? (isRising ? "why.rising" : "why.falling") : isRising ? "why.not-rising" : "why.not-falling", details
            )
        case .gte, .lte, .eq, .between:
            if state.figure.state == .notApplicable { return call.word("why.none") }
            if state.figure.state == .unreported { return call.word("why.unreported") }
            let isSure = bounds(state.figure, style) == nil
            switch state.outcome {
            case .met: return call.word(isSure ? "why.met" : "why.met.bounds", details)
            case .unmet: return call.word(isSure ? "why.unmet" : "why.unmet.bounds", details)
            default: return call.word("why.unknown", details)
            }
        }
    }

    func head(_ current: String) -> View.PlanHead {
        let path = "/plans/\(plan.id)"
        return View.PlanHead(
            id: plan.id, name: words(plan.name), jurisdiction: words(plan.jurisdictionName),
            years: "\(plan.years.lowerBound)–\(plan.years.upperBound)", href: path,
            otherName: plan.name.text(english: !call.isEnglish), edition: call.word("board.edition", ["edition": String(board.edition)]),
            editionHref: path + "/document",
            places: [
                View.Link(text: call.word("plan.tab.board"), href: href(path), current: current == "board"),
                View.Link(text: call.word("plan.tab.plan"), href: path + "/document", current: current == "plan"),
                View.Link(text: call.word("plan.tab.evaluations"), href: path + "/evaluations", current: current == "evaluations"),
            ])
    }

    func asOf(_ path: String, hidden: [View.Hidden] = []) -> View.AsOf {
        let catalog = office.ledger.catalog
        let counties = catalog.divisions.units(of: .county, in: plan.jurisdiction, on: board.day).filter { $0 != plan.jurisdiction.text }
        let inside =
            plan.jurisdiction.level == .county ? catalog.divisions.units(of: .township, in: plan.jurisdiction, on: board.day) : counties
        let options =
            [View.Option(value: "", text: call.word("asof.all"), selected: board.division == plan.jurisdiction)]
            + inside.map { View.Option(value: $0, text: catalog.divisions.name($0), selected: $0 == board.division.text) }
        return View.AsOf(
            action: path, day: board.day.description, knownAt: call.asked("known_at") ?? "",
            knownWords: board.knownAt.map { call.word("asof.known.words", ["moment": $0.description]) }, first: plan.firstDay.description,
            last: min(max(plan.lastDay, board.day), office.ledger.clock.today).description, hidden: hidden,
            divisions: inside.isEmpty ? [] : options)
    }

    var counted: [String: Int] { Dictionary(grouping: board.states, by: { BoardWords.heap($0.outcome) }).mapValues(\.count) }

    func shares() -> String {
        let counts = counted
        let title = call.word(
            "chart.shares",
            [
                "total": String(board.states.count), "met": String(counts["met"] ?? 0), "unmet": String(counts["unmet"] ?? 0),
                "unknown": String(counts["unknown"] ?? 0),
                "judged": String(counts["judged"] ?? 0),
            ])
        return Charts.shares(["met", "unmet", "unknown", "judged", "none"].map { ($0, counts[$0] ?? 0) }, title: title)
    }
    func tallies(_ path: String, current: String?) -> [View.Tally] {
        let counts = counted
        let all = View.Tally(
            mark: View.Mark("info", call.word("verdict.all")), count: String(board.states.count), href: href(path, ["show": ""]),
            current: current == nil)
        return [all]
            + ["met", "unmet", "unknown", "judged", "none"].filter { (counts[$0] ?? 0) > 0 }.map { code in
                View.Tally(
                    mark: View.Mark(code, call.word("verdict.\(code)")), count: String(counts[code] ?? 0), href: href(path, ["show": code]),
                    current: current == code)
            }
    }
}

func boardRoutes(_ office: Office) -> [Route] {
    [
        Route(.get, "/plans", needs: .signedIn) { call in try await plansPage(office, call) },
        Route(.get, "/plans/:plan", needs: .signedIn) { call in try await boardPage(office, call) },
        Route(.get, "/plans/:plan/board.xlsx", needs: .signedIn) { call in try await boardWorkbook(office, call) },
    ]
}

/// Reads the board that a call asks for: plan, day, knowledge, division.
func readBoard(_ office: Office, _ call: Call) async throws -> BoardWords {
    guard mayDo(call.person, .see, at: .common) else { throw Refusal("access.denied") }
    let id = try call.part("plan")
    let moment = try office.knownAt(call)
    let division = try call.asked("division").map { text -> DivisionCode in
        guard let code = DivisionCode(text) else { throw Refusal("division.format", field: "division", ["value": text, "expected": "6"]) }
        return code
    }
    let board = try await office.ledger.store.read { db in
        let (plan, edition) = try office.boards.plan(db, id, knownAt: moment)
        if let division, !plan.jurisdiction.contains(division.text) {
            throw Refusal("division.unknown", field: "division", ["value": division.text])
        }
        return try office.boards.board(
            db, plan, edition: edition.edition, on: try office.day(call, plan: plan), knownAt: moment, in: division)
    }
    return BoardWords(office: office, call: call, board: board)
}

private func plansPage(_ office: Office, _ call: Call) async throws -> Response {
    guard mayDo(call.person, .see, at: .common) else { throw Refusal("access.denied") }
    let day = try office.day(call)
    let boards = try await office.ledger.store.read { db in
        try office.boards.plans(db).map { plan, edition in
            try office.boards.board(db, plan, edition: edition.edition, on: call.asked("as_of") == nil ? min(plan.lastDay, day) : day)
        }
    }
    let cards = boards.sorted { $0.plan.id < $1.plan.id }.map { board -> View.PlanCard in
        let words = BoardWords(office: office, call: call, board: board)
        let counts = words.counted
        func count(_ heap: String) -> String { String(counts[heap] ?? 0) }
        return View.PlanCard(
            name: words.words(board.plan.name), jurisdiction: words.words(board.plan.jurisdictionName),
            years: "\(board.plan.years.lowerBound)–\(board.plan.years.upperBound)", href: words.href("/plans/\(board.plan.id)"),
            otherName: board.plan.name.text(english: !call.isEnglish), total: String(board.states.count), met: count("met"),
            unmet: count("unmet"), unknown: count("unknown"), judged: count("judged"),
            notApplicable: (counts["none"] ?? 0) > 0 ? count("none") : nil, bar: words.shares(),
            planHref: "/plans/\(board.plan.id)/document")
    }
    let asOf = View.AsOf(action: "/plans", day: call.asked("as_of") == nil ? "" : day.description, showsKnown: false)
    return try call.page("plans", PlansPage(frame: office.frame(call, at: .plans), asOf: asOf, cards: cards))
}

private func boardPage(_ office: Office, _ call: Call) async throws -> Response {
    let words = try await readBoard(office, call)
    let path = "/plans/\(words.plan.id)"
    let show = call.asked("show")
    let states = words.board.states.filter { show == nil || BoardWords.heap($0.outcome) == show }
    let model = BoardPage(
        frame: office.frame(call, at: .plans), plan: words.head("board"),
        place: office.ledger.catalog.divisions.name(words.board.division.text),
        asOf: words.asOf(path, hidden: show.map { [View.Hidden(name: "show", value: $0)] } ?? []),
        asOfWords: call.word("asof.words", ["day": words.board.day.description]),
        filters: words.tallies(path, current: show), groups: [View.BoardGroup(rows: states.map(words.row))],
        total: String(words.board.states.count), bar: words.shares(),
        printHref: words.href(path + "/report"), xlsxHref: words.href(path + "/board.xlsx"), chaseHref: words.chaseHref())
    return try call.page("board", model)
}

private func boardWorkbook(_ office: Office, _ call: Call) async throws -> Response {
    let words = try await readBoard(office, call)
    let url = FileManager.default.temporaryDirectory.appendingPathComponent("zhifang-\(Digest.hex(Digest.random(8))).xlsx")
    let writer = try SheetWriter(url)
    try writer.addSheet(
        call.word("board.title"),
        columns: [
            .init("ID"), .init(call.word("board.indicator"), width: 40), .init(call.word("board.value"), kind: .number),
            .init(call.word("definition.numerator.short"), kind: .integer),
            .init(call.word("definition.denominator.short"), kind: .integer), .init(call.word("board.bounds")),
            .init(call.word("board.target")), .init(call.word("board.verdict")),
            .init(call.word("board.distance")), .init(call.word("board.unknown"), kind: .integer),
            .init(call.word("board.forecast"), width: 30),
        ], landscape: true)
    try writer.setTitle(
        [
            words.words(words.plan.name),
            "\(office.ledger.catalog.divisions.name(words.board.division.text)) · \(call.word("asof.words", ["day": words.board.day.description]))",
            office.isDemo ? "演示数据 demonstration data" : "",
        ].filter { !$0.isEmpty })
    for state in words.board.states {
        try writer.write([
            state.indicator.id, words.words(state.indicator.name), state.figure.value.map { words.numbers.decimal($0, 2) } ?? "",
            state.indicator.measure.style == .rate ? String(state.count.met) : "",
            state.indicator.measure.style == .rate ? String(state.count.met + state.count.unmet) : "",
            words.bounds(state.figure, state.indicator.measure.style) ?? "", words.target(state.indicator),
            words.mark(state).word, words.distance(state) ?? "", String(state.count.undecided), words.forecast(state) ?? "",
        ])
    }
    try writer.close()
    return try call.download(
        url, name: "\(words.plan.id)-\(words.board.day).xlsx", type: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
}
