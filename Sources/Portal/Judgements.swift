import Catalog
import Exposure
import Hummingbird
import Kernel
import Ledger
import Storage
import Web

/// The verdict that a record keeps, beside the one by the editions of another day.
func judgementRoutes(_ office: Office) -> [Route] {
    [
        Route(.get, "/record/:id/judgement", needs: .signedIn) { call in try await judgementPage(office, call) },
        Route(.post, "/record/:id/judgement", needs: .signedIn) { call in
            // What is medical, for a reason and a line in the audit, as the record itself in clear.
            try await unmask(office, call)
            return try await clearPage(office, call)
        },
    ]
}

/// Whether a kind has a page of verdicts.
func isJudged(_ kind: Kind) -> Bool { VerdictPair.isJudged(kind) || HealthJudgement.judges(kind) }

private func otherDay(_ office: Office, _ text: String?) throws -> Day {
    guard let text, !text.isEmpty else { return office.ledger.clock.today }
    guard let day = Day.read(text) else { throw Refusal("day.format", field: "on", ["value": text]) }
    return day
}

private func clearPage(_ office: Office, _ call: Call) async throws -> Response {
    let id = try call.part("id")
    let by = try otherDay(office, call.given("on"))
    let reason = call.given("reason")
    let model = try await office.ledger.store.read { db -> HealthJudgementPage? in
        let show = Showing(office, call, db, isClear: true)
        let record = try Opened(show, id, for: .seePersonal).record
        guard HealthJudgement.judges(record.kind) else { return nil }
        return try HealthJudgement.page(show, record, other: by, reason: reason)
    }
    guard let model else { return call.redirect(to: Address.record(id)) }
    return try call.page("judgement-health", model)
}

private func judgementPage(_ office: Office, _ call: Call) async throws -> Response {
    let id = try call.part("id")
    let by = try otherDay(office, call.asked("on"))
    let health = try await office.ledger.store.read { db -> HealthJudgementPage? in
        let show = Showing(office, call, db)
        let record = try Opened(show, id).record
        return HealthJudgement.judges(record.kind) ? try HealthJudgement.page(show, record, other: by) : nil
    }
    if let health { return try call.page("judgement-health", health) }
    let model = try await office.ledger.store.read { db -> RejudgementPage? in
        let show = Showing(office, call, db)
        let record = try Opened(show, id).record
        let report = try record.target(of: TestResult.report.spec).flatMap(show.record)
        guard VerdictPair.isJudged(record.kind), let pair = try VerdictPair(record, report: report, office.ledger.catalog, by: by) else {
            return nil
        }
        return RejudgementPage(
            frame: office.frame(call, at: .records), kind: show.name(record.kind), kindHref: Address.kind(record.kind.name),
            title: try show.title(record), recordHref: Address.of(record), on: by.description, day: pair.day.description,
            verdicts: [
                verdict(call, pair.kept, call.word("rejudge.kept", ["value": pair.day.description]), call.word("rejudge.kept.none")),
                verdict(call, pair.other, call.word("rejudge.by", ["value": by.description]), call.word("rejudge.none")),
            ])
    }
    // What nobody judges has its own page and no other.
    guard let model else { return call.redirect(to: Address.record(id)) }
    return try call.page("rejudgement", model)
}

private func verdict(_ call: Call, _ verdict: Verdict?, _ heading: String, _ none: String) -> RejudgementPage.Side {
    guard let verdict else { return .init(heading: heading, none: none) }
    func text(_ words: Bilingual) -> String { words.text(english: call.isEnglish) }
    let state = ["pass": "met", "exceed": "unmet", "unknown": "unknown"][verdict.code ?? (verdict.text == nil ? "unknown" : "")]
    let word = verdict.text.map(text) ?? call.word("rejudge.open")
    return .init(
        heading: heading, mark: View.Mark(state ?? "plain", word),
        facts: verdict.figures.map { View.Fact(label: text($0.label), value: $0.value) }
            + [
                View.Fact(label: call.word("rejudge.edition"), value: verdict.edition),
                View.Fact(label: call.word("rejudge.clause"), value: verdict.clause),
                View.Fact(
                    label: call.word("public.confidence"), value: verdict.confidence.map { call.word("confidence.\($0.rawValue)") } ?? ""),
            ]
            .filter { !$0.value.isEmpty },
        reasons: verdict.missing.map(call.say), working: verdict.working?.map(text) ?? [], isWithoutWorking: verdict.working == nil)
}
