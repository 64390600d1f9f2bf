import Catalog
import Foundation
import Hummingbird
import Kernel
import Ledger
import Planning
import Sheets
import Storage
import Web

func evaluationRoutes(_ office: Office) -> [Route] {
    [
        Route(.get, "/plans/:plan/report", needs: .signedIn) { call in try await reportPage(office, call) },
        Route(.get, "/plans/:plan/chase", needs: .signedIn) { call in try await chasePage(office, call) },
        Route(.get, "/plans/:plan/chase.xlsx", needs: .signedIn) { call in try await chaseWorkbook(office, call) },
        Route(.get, "/plans/:plan/evaluations", needs: .signedIn) { call in try await listPage(office, call, errors: []) },
        Route(.post, "/plans/:plan/evaluations", needs: .signedIn) { call in
            let words = try await readBoard(office, call)
            guard mayDo(call.person, .evaluate, at: Place(divisions: [words.plan.jurisdiction.text])) else {
                throw Refusal("access.denied", ["value": words.plan.id])
            }
            do {
                guard let day = Day.read(call.given("day")) else { throw Refusal("day.format", field: "day", ["value": call.given("day")]) }
                guard day <= office.ledger.clock.today else {
                    throw Refusal("day.future", field: "day", ["value": day.description, "limit": office.ledger.clock.today.description])
                }
                let title = call.given("name").isEmpty ? "\(call.word("evaluation.\(call.given("type"))")) \(day)" : call.given("name")
                let frozen = try await office.evaluations.freeze(
                    plan: words.plan.id, title: String(title.prefix(120)), on: day, by: call.person)
                return call.redirect(to: "/plans/\(words.plan.id)/evaluations/\(frozen.id)")
            } catch let refusal as Refusal { return try await listPage(office, call, errors: [call.say(refusal)]) }
        },
        Route(.get, "/plans/:plan/evaluations/:evaluation", needs: .signedIn) { call in try await evaluationPage(office, call) },
    ]
}

private func listPage(_ office: Office, _ call: Call, errors: [String]) async throws -> Response {
    let words = try await readBoard(office, call)
    let plan = words.plan
    let lines = try await office.ledger.store.read { db in
        try office.evaluations.list(db, plan: plan.id).map { ($0, try office.evaluations.indicators(db, $0).rows) }
    }
    let mayFreeze = mayDo(call.person, .evaluate, at: Place(divisions: [plan.jurisdiction.text]))
    let model = EvaluationsPage(
        frame: office.frame(call, at: .plans), plan: words.head("evaluations"),
        lines: lines.map { evaluation, rows in
            func count(_ heap: String) -> String {
                String(rows.filter { BoardWords.heap(Outcome(rawValue: $0.outcome) ?? .untold) == heap }.count)
            }
            return View.EvaluationLine(
                name: evaluation.title, kind: "", asOf: evaluation.day.description, frozenAt: evaluation.frozenAt.description,
                who: author(call, evaluation),
                href: "/plans/\(plan.id)/evaluations/\(evaluation.id)", met: count("met"), unmet: count("unmet"), unknown: count("unknown"),
                judged: count("judged"))
        },
        calendar: calendarLines(plan, call),
        action: mayFreeze ? "/plans/\(plan.id)/evaluations" : nil,
        types: ["annual", "midterm", "final", "other"].map { View.Option(value: $0, text: call.word("evaluation.\($0)")) },
        day: min(plan.lastDay, office.ledger.clock.today).description, errors: errors)
    return try call.page("evaluations", model, status: errors.isEmpty ? .ok : .unprocessableContent)
}

private func evaluationPage(_ office: Office, _ call: Call) async throws -> Response {
    guard mayDo(call.person, .see, at: .common) else { throw Refusal("access.denied") }
    let id = try call.part("evaluation")
    let planID = try call.part("plan")
    let (evaluation, frozen, intact, board, moves) = try await office.ledger.store.read { db in
        let evaluation = try office.evaluations.find(db, id)
        guard evaluation.plan == planID else { throw Refusal("record.missing", ["value": id]) }
        let (frozen, intact) = try office.evaluations.indicators(db, evaluation)
        let (plan, edition) = try office.boards.plan(db, planID)
        let board = try office.boards.board(db, plan, edition: edition.edition, on: evaluation.day)
        var moves: [String: (entered: Int, left: Int, moved: Int)] = [:]
        let gauges = plan.gauges(office.ledger.catalog)
        for row in frozen {
            guard let gauge = gauges.first(where: { $0.name == "\(plan.id)/\(row.indicator)" }) else { continue }
            let then = Dictionary(
                try office.evaluations.subjects(db, evaluation, row.indicator).map { ($0.subject, $0.verdict) },
                uniquingKeysWith: { first, _ in first })
            let now = Dictionary(
                try office.ledger.subjects(db, of: gauge, on: evaluation.day, verdicts: Stretch.Verdict.allCases).map {
                    ($0.stretch.subject, $0.stretch.verdict.rawValue)
                },
                uniquingKeysWith: { first, _ in first })
            let entered = now.keys.filter { then[$0] == nil }.count
            let left = then.keys.filter { now[$0] == nil }.count
            let moved = then.filter { now[$0.key] != nil && now[$0.key] != $0.value }.count
            moves[row.indicator] = (entered, left, moved)
        }
        return (evaluation, frozen, intact, board, moves)
    }
    let words = BoardWords(office: office, call: call, board: board)
    let rows = frozen.compactMap { then -> View.ComparedRow? in
        guard let now = board.states.first(where: { $0.indicator.id == then.indicator }) else { return nil }
        let style = now.indicator.measure.style
        let outcome = Outcome(rawValue: then.outcome) ?? .untold
        let move = moves[then.indicator] ?? (0, 0, 0)
        let changed = then.value != now.figure.value || then.outcome != now.outcome.rawValue || move != (0, 0, 0)
        func count(_ number: Int) -> String? { number > 0 ? String(number) : nil }
        return View.ComparedRow(
            id: then.indicator, name: words.words(now.indicator.name), target: words.target(now.indicator),
            then: then.value.map { words.number($0, style) } ?? "—",
            thenMark: words.mark(outcome), now: words.value(now.figure, style), nowMark: words.mark(now),
            href: words.indicatorHref(now.indicator, ["as_of": evaluation.day.description]),
            thenBounds: then.low.flatMap { low in
                then.high.flatMap { high in high - low > 1e-9 ? "\(words.number(low, style))–\(words.number(high, style))" : nil }
            },
            nowBounds: words.bounds(now.figure, style), changed: changed, entered: count(move.entered), left: count(move.left),
            moved: count(move.moved))
    }
    func tallies(_ outcomes: [Outcome]) -> [View.Tally] {
        let heaps = Dictionary(grouping: outcomes.map(BoardWords.heap), by: { $0 }).mapValues(\.count)
        return ["met", "unmet", "unknown", "judged", "none"].filter { heaps[$0] != nil }.map {
            View.Tally(mark: View.Mark($0, call.word("verdict.\($0)")), count: String(heaps[$0] ?? 0))
        }
    }
    let model = EvaluationPage(
        frame: office.frame(call, at: .plans), plan: words.head("evaluations"), name: evaluation.title, kind: "",
        asOf: evaluation.day.description,
        frozenAt: evaluation.frozenAt.description, who: author(call, evaluation), digest: evaluation.digest,
        seal: intact ? View.Mark("good", call.word("state.intact")) : View.Mark("bad", call.word("state.broken")),
        edition: call.word("board.edition", ["edition": String(evaluation.edition)]),
        thenCounts: tallies(frozen.map { Outcome(rawValue: $0.outcome) ?? .untold }),
        nowCounts: tallies(board.states.map(\.outcome)), rows: rows, changedCount: String(rows.filter(\.changed).count),
        reportHref: Office.href(
            "/plans/\(planID)/report", [:], ["as_of": evaluation.day.description, "known_at": evaluation.knownAt.description]),
        chaseHref: words.chaseHref(["as_of": evaluation.day.description]))
    return try call.page("evaluation", model)
}

private func reportPage(_ office: Office, _ call: Call) async throws -> Response {
    try call.page("report", await reportModel(office, call).page)
}

/// What the report of a plan says, on the page and on paper.
func reportModel(_ office: Office, _ call: Call) async throws -> (words: BoardWords, page: ReportPage) {
    let words = try await readBoard(office, call)
    let board = words.board
    let all = try await office.ledger.store.read { db -> [(parts: [Breakdown], reasons: [String: Int], judgements: [Record])] in
        let gauges = words.plan.gauges(office.ledger.catalog)
        let judgements = try office.boards.judgements(db, words.plan, knownAt: board.knownAt)
        return try board.states.map { state in
            let name = words.plan.gaugeName(state.indicator)
            let own = judgements.filter { $0[Judgement.indicator] == state.indicator.id }
            guard let gauge = gauges.first(where: { $0.name == name }) else { return ([], [:], own) }
            let parts = try office.boards.breakdown(
                db, words.plan, state.indicator, on: board.day, knownAt: board.knownAt, in: board.division
            ).divisions
            var reasons: [String: Int] = [:]
            for subject in try office.ledger.subjects(
                db, of: gauge, on: board.day, verdicts: [.unmet, .unknown], in: board.division, knownAt: board.knownAt)
            {
                reasons[subject.stretch.reason, default: 0] += 1
            }
            return (parts, reasons, own)
        }
    }
    let indicators = zip(board.states, all).map { state, rest -> View.ReportIndicator in
        let detail = IndicatorDetail(words: words, state: state)
        return View.ReportIndicator(
            row: words.row(state), definition: detail.definition(), chart: state.indicator.measure.style == .judged ? "" : detail.chart(),
            years: detail.years(), why: words.why(state),
            divisions: rest.parts.count > 1
                ? detail.breakdown(rest.parts, name: office.ledger.catalog.divisions.name, href: { _ in nil }) : [],
            reasons: rest.reasons.sorted { $0.value > $1.value }.map {
                View.Fact(label: call.word("reason.\($0.key)"), value: words.numbers.grouped(Double($0.value)))
            },
            judgements: rest.judgements.map { record in
                View.JudgementRow(
                    day: record[Judgement.day]?.description ?? "",
                    mark: View.Mark(
                        "judged",
                        call.word(
                            record[Judgement.verdict] == "achieved"
                                ? "judgement.achieved" : record[Judgement.verdict] == nil ? "judgement.evidence" : "judgement.not-achieved")
                    ),
                    evidence: record[Judgement.evidence] ?? "", by: record[Judgement.by])
            })
    }
    let model = ReportPage(
        frame: office.frame(call, at: .plans), plan: words.head("board"),
        name: "\(words.words(words.plan.name)) · \(call.word("evaluation.report"))",
        place: office.ledger.catalog.divisions.name(board.division.text),
        asOfWords: call.word("asof.words", ["day": board.day.description]),
        knownWords: board.knownAt.map { call.word("asof.known.words", ["moment": $0.description]) }, preparedBy: call.caller.display,
        preparedAt: office.ledger.clock.now().description,
        edition: call.word("board.edition", ["edition": String(board.edition)]),
        counts: words.tallies("", current: nil).dropFirst().map { View.Tally(mark: $0.mark, count: $0.count) },
        bar: words.shares(), groups: [View.BoardGroup(rows: board.states.map(words.row))], indicators: indicators,
        signatures: ["report.sign.prepared", "report.sign.checked", "report.sign.approved"].map { call.word($0) },
        chaseHref: words.chaseHref(),
        backHref: words.href("/plans/\(words.plan.id)"), pdfHref: words.href("/plans/\(words.plan.id)/report.pdf"))
    return (words, model)
}

/// The unmet duties of the reader's part of the jurisdiction. Contacts are personal: only those who answer for the place see the list.
private func chaseLines(_ office: Office, _ call: Call, _ words: BoardWords) async throws -> [ChaseLine] {
    guard mayDo(call.person, .seePersonal, at: Place(divisions: [words.board.division.text])) else {
        throw Refusal("access.denied")
    }
    let masks = !mayDo(call.person, .seePersonal, at: Place(divisions: [words.board.division.text]))
    let lines = try await office.ledger.store.read {
        try office.boards.chaseList($0, in: words.board.division, on: words.board.day, english: call.isEnglish)
    }
    return masks ? lines.map { $0.masked() } : lines
}

private func chasePage(_ office: Office, _ call: Call) async throws -> Response {
    let words = try await readBoard(office, call)
    let rule = call.asked("indicator")
    let all = try await chaseLines(office, call, words)
    let rules = Dictionary(grouping: all, by: \.duty).mapValues(\.count)
    let chosen = all.filter { rule == nil || $0.duty == rule }
    // A sheet of paper holds only so many: the whole list is in the workbook.
    let lines = chosen.prefix(1500)
    let groups = Dictionary(grouping: lines, by: \.township).sorted { $0.key < $1.key }.map { township, lines -> View.ChaseGroup in
        let debtors = Dictionary(grouping: lines, by: \.debtor).sorted {
            ($0.value[0].debtorName, $0.key) < ($1.value[0].debtorName, $1.key)
        }
        return View.ChaseGroup(
            title: lines[0].townshipName, count: String(debtors.count),
            lines: debtors.map { debtor, lines in
                let grouped = Dictionary(grouping: lines, by: { $0.duty }).sorted { $0.key < $1.key }
                return View.ChaseLine(
                    name: lines[0].debtorName.isEmpty ? "—" : lines[0].debtorName, href: debtor.isEmpty ? nil : "/employers/\(debtor)",
                    address: lines[0].address.isEmpty ? nil : lines[0].address,
                    contact: lines[0].contact.isEmpty ? nil : lines[0].contact, phone: lines[0].phone.isEmpty ? nil : lines[0].phone,
                    duties: grouped.map { duty, lines in
                        let about = lines.map(\.subject).filter { !$0.isEmpty }
                        return View.DutyLine(
                            what: duty, clause: lines[0].clause,
                            about: about.isEmpty
                                ? nil : about.prefix(3).joined(separator: "；") + (about.count > 3 ? " … (\(about.count))" : ""),
                            since: lines.map(\.since).min().flatMap { $0 > .distantPast ? $0.description : nil },
                            mark: View.Mark("overdue", call.word("subject.verdict.unmet")),
                            reason: call.word("reason.\(lines[0].reason)"))
                    })
            })
    }
    let options =
        [View.Option(value: "", text: call.word("duty.all"), selected: rule == nil)]
        + rules.sorted { $0.key < $1.key }.map { View.Option(value: $0.key, text: "\($0.key) (\($0.value))", selected: $0.key == rule) }
    let hidden = words.query.map { View.Hidden(name: $0.key, value: $0.value) }.sorted { $0.name < $1.name }
    let model = ChasePage(
        frame: office.frame(call, at: .plans), plan: words.head("board"), heading: call.word("chase.title"),
        asOfWords: call.word("asof.words", ["day": words.board.day.description]),
        indicators: options, action: "/plans/\(words.plan.id)/chase", hidden: hidden, groups: groups,
        total: String(Set(chosen.map(\.debtor)).count),
        csvHref: words.href("/plans/\(words.plan.id)/chase.xlsx"), backHref: words.href("/plans/\(words.plan.id)"))
    return try call.page("chase", model)
}

private func chaseWorkbook(_ office: Office, _ call: Call) async throws -> Response {
    let words = try await readBoard(office, call)
    let lines = try await chaseLines(office, call, words)
    let url = FileManager.default.temporaryDirectory.appendingPathComponent("zhifang-\(Digest.hex(Digest.random(8))).xlsx")
    let writer = try SheetWriter(url)
    let heads = [
        "duty.place", "chase.employer", "chase.contact", "chase.contact", "chase.duty", "subject.name", "subject.reason", "duty.since",
    ]
    try writer.addSheet(
        call.word("chase.title"), columns: heads.enumerated().map { .init(call.word($1), width: $0 == 1 ? 32 : $0 == 5 ? 40 : nil) },
        landscape: true)
    try writer.setTitle([
        call.word("chase.title"),
        "\(words.words(words.plan.jurisdictionName)) · \(call.word("asof.words", ["day": words.board.day.description]))",
    ])
    for line in lines {
        try writer.write([
            line.townshipName, line.debtorName, line.contact, line.phone, line.duty, line.subject, call.word("reason.\(line.reason)"),
            line.since > .distantPast ? line.since.description : "",
        ])
    }
    try writer.close()
    return try call.download(
        url, name: "chase-\(words.plan.id)-\(words.board.day).xlsx",
        type: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
}

/// Who froze an evaluation, and for whom where they acted for another.
private func author(_ call: Call, _ evaluation: Evaluation) -> String {
    evaluation.principal.map { call.word("evaluation.for", ["who": evaluation.by, "for": $0]) } ?? evaluation.by
}
