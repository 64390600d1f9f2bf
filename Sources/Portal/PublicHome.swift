import Catalog
import Foundation
import Hummingbird
import Kernel
import Ledger
import Planning
import Sheets
import Storage
import Web

/// What anybody may read without an account 公众首页: the plans' figures as published, and the ways to everything else that is public.
func publicHomeRoutes(_ office: Office) -> [Route] {
    [
        Route(.get, "/public", needs: .anyone) { call in try await PublicHome(office, call).home() },
        Route(.get, "/public/plans/:plan", needs: .anyone) { call in try await PublicHome(office, call).plan() },
        Route(.get, "/public/plans/:plan/figures.csv", needs: .anyone) { call in try await PublicHome(office, call).table() },
    ]
}

private struct PublicHome {
    let office: Office
    let call: Call
    init(_ office: Office, _ call: Call) { (self.office, self.call) = (office, call) }
    private var desk: PublicDesk { PublicDesk(today: office, call) }
    private var catalog: Catalog { office.ledger.catalog }
    private var today: Day { office.ledger.clock.today }

    private func figures(_ id: String?) async throws -> [PublicFigures] {
        let (boards, today) = (office.boards, today)
        return try await office.ledger.store.read { db in
            try boards.plans(db).filter { id == nil || $0.plan.id == id }.map {
                try PublicFigures(boards, db, $0.plan, edition: $0.edition.edition, today: today)
            }
        }
    }
    private func one() async throws -> PublicFigures {
        let id = try call.part("plan")
        guard let figures = try await figures(id).first else { throw Refusal("plan.unknown", ["value": String(id.prefix(40))]) }
        return figures
    }
    private func words(_ figures: PublicFigures) -> BoardWords { BoardWords(office: office, call: call, board: figures.board) }

    func home() async throws -> Response {
        let plans = try await figures(nil).map { figures in
            let words = words(figures)
            return View.PublicPlan(
                name: words.words(figures.plan.name), place: words.words(figures.plan.jurisdictionName),
                years: "\(figures.plan.years.lowerBound)–\(figures.plan.years.upperBound)", href: href(figures.plan), bar: words.shares(),
                asOf: call.word("asof.words", ["day": figures.day.description]), met: String(words.counted["met"] ?? 0),
                total: String(figures.lines.count))
        }
        // A way is shown where the house has it.
        let paths = Set(routes(office).filter { $0.method == .get && $0.needs == .anyone }.map(\.path))
        func ways(_ list: [(String, String)]) -> [View.Way] {
            list.filter { paths.contains($0.1) }.map { name, path in
                View.Way(title: call.word("home.way.\(name)"), text: call.word("home.way.\(name).text"), href: path)
            }
        }
        return try call.page(
            "public-home",
            PublicHomePage(
                frame: office.frame(call, at: .lookup), places: desk.places(at: .home), plans: plans,
                doing: ways([
                    ("complain", "/public/complaints/new"), ("query", "/public/complaints/query"), ("lookup", "/lookup"),
                    ("calculate", "/calculate"),
                ]),
                reading: ways([("draws", "/public/draws"), ("decisions", "/public/decisions"), ("blacklist", "/public/blacklist")]),
                checking: ways([("audit", "/audit/heads"), ("check", "/catalog/check")])))
    }

    private func href(_ plan: Plan) -> String { "/public/plans/\(Office.escaped(plan.id))" }

    func plan() async throws -> Response {
        let figures = try await one()
        let words = words(figures)
        return try call.page(
            "public-plan",
            PublicPlanPage(
                frame: office.frame(call, at: .lookup), places: desk.places(at: .home), name: words.words(figures.plan.name),
                place: words.words(figures.plan.jurisdictionName),
                years: "\(figures.plan.years.lowerBound)–\(figures.plan.years.upperBound)",
                asOf: call.word("asof.words", ["day": figures.day.description]),
                edition: call.word("board.edition", ["edition": String(figures.edition)]),
                csvHref: href(figures.plan) + "/figures.csv",
                threshold: call.word("home.threshold", ["threshold": String(figures.threshold)]), bar: words.shares(),
                figures: zip(figures.lines, figures.board.states).map { line, state in
                    figure(line, state, figures.parts[line.indicator.id] ?? [], words, figures.threshold)
                }))
    }

    private func figure(
        _ line: PublicFigures.Line, _ state: IndicatorState, _ parts: [PublicFigures.Line], _ words: BoardWords, _ threshold: Int
    ) -> View.PublicFigure {
        let indicator = line.indicator
        let style = indicator.measure.style
        let labels = PublicHome.labels(style).map { call.word($0) }
        let heads = [call.word("home.part"), call.word("board.value")] + labels
        func cells(_ line: PublicFigures.Line) -> [String] {
            line.isShown
                ? [words.value(line.figure, style)] + line.counts.map { words.numbers.grouped(Double($0)) }
                : [call.word("home.small")] + labels.map { _ in "–" }
        }
        let measure = indicator.measure
        let numerator = call.isEnglish ? measure.numerator.en : measure.numerator.zh
        let denominator = call.isEnglish ? measure.denominator.en : measure.denominator.zh
        return View.PublicFigure(
            id: indicator.id, name: words.words(indicator.name),
            value: style == .judged ? nil : line.isShown ? words.value(line.figure, style) : nil, target: words.target(indicator),
            due: words.due(indicator), mark: words.mark(state),
            counts: line.isShown ? zip(labels, line.counts).map { View.Fact(label: $0, value: words.numbers.grouped(Double($1))) } : [],
            basis: denominator.isEmpty ? numerator : "\(numerator) ÷ \(denominator)",
            rule: [
                measure.clause ?? "",
                line.isShown || style == .judged ? "" : call.word("home.small.long", ["threshold": String(threshold)]),
            ]
            .filter { !$0.isEmpty }.joined(separator: " · "),
            parts: parts.map { part in
                View.Row(
                    cells: zip(heads, [catalog.divisions.name(part.division ?? "")] + cells(part)).enumerated().map { index, pair in
                        View.Cell(label: pair.0, text: pair.1, isNumber: index > 0)
                    })
            }, columns: heads.enumerated().map { View.Column(text: $1, isNumber: $0 > 0) })
    }

    /// What the counts of a style are called.
    private static func labels(_ style: Measure.Style) -> [String] {
        switch style {
        case .rate: ["home.count.met", "home.count.unmet", "home.count.unknown"]
        case .count: ["home.count.sum", "home.count.unknown"]
        case .share: ["home.count.share", "home.count.rest", "home.count.unknown"]
        default: []
        }
    }

    /// The published figures as open data: one line an indicator and division; what is too small is blank and says so.
    func table() async throws -> Response {
        let figures = try await one()
        let words = words(figures)
        var bytes: [UInt8] = []
        var writer = CSVWriter(mark: true, guardsFormulas: true) { bytes += $0 }
        try writer.write([
            "plan", "edition", "indicator", "name_zh", "name_en", "measure", "division", "as_of", "value", "met", "unmet", "unknown", "sum",
            "rest",
            "suppressed", "threshold", "target", "due", "outcome",
        ])
        for line in figures.lines.flatMap({ [$0] + (figures.parts[$0.indicator.id] ?? []) }) {
            let indicator = line.indicator
            let style = indicator.measure.style
            let counts = line.isShown ? line.counts.map { String($0) } : line.counts.map { _ in "" }
            func count(_ names: [String], _ name: String) -> String { names.firstIndex(of: name).map { counts[$0] } ?? "" }
            let names: [String] =
                switch style {
                case .rate: ["met", "unmet", "unknown"]
                case .count: ["sum", "unknown"]
                case .share: ["sum", "rest", "unknown"]
                default: []
                }
            let value = line.isShown ? line.figure.value.map { words.numbers.decimal($0, 2) } ?? "" : ""
            try writer.write(
                [
                    figures.plan.id, String(figures.edition), indicator.id, indicator.name.zh, indicator.name.en, indicator.measure.name,
                    line.division ?? figures.plan.jurisdiction.text, figures.day.description, value,
                ] + ["met", "unmet", "unknown", "sum", "rest"].map { count(names, $0) } + [
                    line.isShown ? "0" : "1", String(figures.threshold), line.division == nil ? words.target(indicator) : "",
                    line.division == nil ? String(indicator.due) : "", line.outcome?.rawValue ?? "",
                ])
        }
        try writer.finish()
        var response = call.text(String(decoding: bytes, as: UTF8.self), type: "text/csv; charset=utf-8")
        response.headers[.contentDisposition] = "attachment; filename=\"\(Office.escaped(figures.plan.id))-\(figures.day).csv\""
        return response
    }
}
