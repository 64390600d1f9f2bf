import Foundation
import Hummingbird
import Kernel
import Ledger
import Planning
import Print
import Web

// The evaluation report of a plan 评估报告: the same as its page, on paper.

func printedReport(_ office: Office, _ call: Call) async throws -> Response {
    let (words, page) = try await reportModel(office, call)
    return try pdf(reportDocument(office, call, words, page), name: "\(words.plan.id)-\(words.board.day).pdf")
}

private func reportDocument(_ office: Office, _ call: Call, _ words: BoardWords, _ page: ReportPage) -> Document {
    func word(_ key: String) -> String { call.word(key) }
    var blocks: [Block] = [
        .title(page.plan.name, under: word("evaluation.report")),
        .note(
            Text(
                [page.plan.jurisdiction, page.plan.number, page.place, page.asOfWords, page.knownWords].compactMap { $0 }.filter {
                    !$0.isEmpty
                }.joined(separator: " · "))),
        .heading(word("report.summary")),
    ]
    let shades: [String: Share.Shade] = ["met": .good, "unmet": .bad, "unknown": .unsure, "judged": .other]
    blocks.append(
        .bar(
            page.counts.compactMap { tally in
                Int(tally.count.filter(\.isNumber)).map { Share(tally.mark.word, $0, shades[tally.mark.code] ?? .none) }
            }))
    blocks.append(.heading(word("report.table")))
    let heads = ["print.report.id", "board.indicator", "board.target", "board.value", "board.bounds", "board.unknown", "board.verdict"].map
    { Cell(Text(word($0))) }
    let rows = page.groups.flatMap(\.rows).map { row -> [Cell] in
        let target = Text(row.target) + (row.due.map { .quiet("\n" + $0) } ?? "")
        let value = Text.bold(row.value) + (row.counts.map { .quiet("\n" + $0) } ?? "")
        return [
            Cell(.quiet(row.id)), Cell(Text(row.name)), Cell(target), Cell(value),
            Cell(Text([row.bounds, row.interval].compactMap { $0 }.joined(separator: " "))),
            Cell(Text(row.unknown ?? "")), Cell(Text(row.mark.word)),
        ]
    }
    blocks.append(
        .table(
            Table(
                [.init(1.35), .init(4), .init(2), .init(1.5, .end), .init(1.7, .middle), .init(0.9, .end), .init(1.4, .middle)],
                head: [heads], rows: rows,
                rules: .open, scale: 0.9)))
    blocks.append(.note(Text(word("board.explain"))))
    for (indicator, state) in zip(page.indicators, words.board.states) {
        blocks.append(.heading("\(indicator.row.id)  \(indicator.row.name)"))
        let line: [String?] = [
            indicator.row.mark.word, "\(word("board.target")) \(indicator.row.target)",
            indicator.row.bounds.map { "\(word("board.bounds")) \($0)" }, indicator.row.counts,
        ]
        blocks.append(.paragraph(.bold(indicator.row.value) + Text(" · " + line.compactMap { $0 }.joined(separator: " · "))))
        if !indicator.why.isEmpty { blocks.append(.paragraph(Text(indicator.why))) }
        if let scale = scale(words, state, indicator.row) { blocks.append(.scale(scale)) }
        if !indicator.years.isEmpty {
            let heads = ["print.report.year", "board.value", "board.bounds", "print.report.source"].map { Cell(Text(word($0))) }
            let rows = indicator.years.map { year in
                [Cell(Text(year.year)), Cell(Text(year.value)), Cell(Text(year.bounds ?? "")), Cell(Text(year.source ?? ""))]
            }
            blocks.append(
                .table(
                    Table([.init(1), .init(1.5, .end), .init(2, .middle), .init(5)], head: [heads], rows: rows, rules: .open, scale: 0.88)))
        }
        if !indicator.reasons.isEmpty {
            blocks.append(.subheading(word("report.reasons")))
            blocks.append(.list(indicator.reasons.map { Text($0.label + " ") + .bold($0.value) }))
        }
        if !indicator.divisions.isEmpty {
            blocks.append(.subheading(word("indicator.divisions")))
            let heads = [
                "print.report.place", "board.value", "board.bounds", "verdict.met", "verdict.unmet", "verdict.unknown", "board.verdict",
            ].map { Cell(Text(word($0))) }
            let rows = indicator.divisions.map { part in
                [part.name, part.value, part.bounds ?? "", part.met, part.unmet, part.unknown, part.mark?.word ?? ""].map { Cell(Text($0)) }
            }
            blocks.append(
                .table(
                    Table(
                        [
                            .init(3), .init(1.4, .end), .init(2, .middle), .init(1, .end), .init(1, .end), .init(1.2, .end),
                            .init(1.6, .middle),
                        ], head: [heads], rows: rows,
                        rules: .open, scale: 0.88)))
        }
        if !indicator.judgements.isEmpty {
            blocks.append(.subheading(word("indicator.judgements")))
            blocks.append(
                .list(
                    indicator.judgements.map {
                        Text([$0.day, $0.mark.word, $0.evidence, $0.by].compactMap { $0 }.filter { !$0.isEmpty }.joined(separator: " · "))
                    }))
        }
        let definition = indicator.definition
        blocks.append(.subheading(word("indicator.definition")))
        let parts: [String?] = [
            definition.denominator.map { "\(definition.numerator) ÷ \($0)" } ?? definition.numerator, definition.scope,
            definition.quote.map { "“\($0)”" },
            definition.clauses.isEmpty ? nil : definition.clauses.joined(separator: "、"), definition.edition,
        ]
        blocks.append(.note(Text(parts.compactMap { $0 }.filter { !$0.isEmpty }.joined(separator: " · "))))
    }
    blocks.append(.signings(page.signatures.map { Signing($0, day: word("print.day.open")) }))
    let known = words.board.knownAt
    let prepared = known == nil ? "\(word("report.prepared")) \(page.preparedAt ?? "") · \(page.preparedBy ?? "")" : ""
    if !prepared.isEmpty { blocks.append(.note(Text(prepared))) }
    return Document(
        title: page.name, isEnglish: call.isEnglish, manner: .report, blocks: blocks,
        foot: [page.plan.name, page.asOfWords, page.knownWords, page.edition].compactMap { $0 }.joined(separator: " · "),
        pageWords: word("print.pages"),
        moment: known ?? office.ledger.clock.now(), author: page.plan.jurisdiction)
}

/// The value on its scale, for figures that have one number and one target.
private func scale(_ words: BoardWords, _ state: IndicatorState, _ row: View.BoardRow) -> Scale? {
    let style = state.indicator.measure.style
    guard let value = state.figure.value, style != .judged else { return nil }
    let target = state.indicator.target.value
    let top = style == .rate || style == .share ? 100 : max(value, target ?? 0, state.figure.high ?? 0) * 1.15
    guard top > 0 else { return nil }
    return Scale(
        value: value, low: state.figure.low, high: state.figure.high, target: target, top: top, valueText: row.value,
        targetText: target == nil ? "" : row.target)
}
