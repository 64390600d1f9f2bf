import Catalog
import Declaration
import Exposure
import Foundation
import Hummingbird
import Kernel
import Ledger
import Registry
import Storage
import Web

/// The phone form of a declaration: where it stands, ten questions one by one, a summary, and the yearly update without changes.
func declareRoutes(_ office: Office) -> [Route] {
    [
        Route(.get, "/declare", needs: .signedIn) { call in try await startPage(office, call) },
        Route(.post, "/declare/drafts", needs: .signedIn) { call in try await begin(office, call) },
        Route(.get, "/declare/questions/:question", needs: .signedIn) { call in try await questionPage(office, call) },
        Route(.post, "/declare/questions/:question", needs: .signedIn) { call in try await answer(office, call) },
        Route(.get, "/declare/summary", needs: .signedIn) { call in try await summaryPage(office, call, []) },
        Route(.post, "/declare/sending", needs: .signedIn) { call in try await send(office, call) },
        Route(.get, "/declare/unchanged", needs: .signedIn) { call in try await unchangedPage(office, call, []) },
        Route(.post, "/declare/unchanged", needs: .signedIn) { call in try await sendUnchanged(office, call) },
        Route(.get, "/declare/cancellation", needs: .signedIn) { call in try await cancellationPage(office, call, []) },
        Route(.post, "/declare/cancellation", needs: .signedIn) { call in try await sendCancellation(office, call) },
    ]
}

private func declaring<Result: Sendable>(
    _ office: Office, _ call: Call, _ use: @escaping @Sendable (Declaring) throws -> Result
) async throws -> Result {
    try await office.ledger.store.read { db in try use(try Declaring(Showing(office, call, db))) }
}
private func href(_ question: GuidedDeclaration.Question) -> String { "/declare/questions/\(question.rawValue)" }

// Where it stands

private func startPage(_ office: Office, _ call: Call) async throws -> Response {
    try call.page("declare", try await declaring(office, call) { try startModel(office, $0) })
}

private func startModel(_ office: Office, _ here: Declaring) throws -> DeclarePage {
    let (call, show) = (here.call, here.show)
    let county = try show.place(String(here.employer.home))
    let city = try show.place(String(here.employer.home.prefix(4)) + "00")
    let authority: String =
        switch here.employer[Employer.central] {
        case true?: call.word("declare.authority.prefecture", ["value": city])
        case false?: call.word("declare.authority.county", ["value": county])
        case nil: call.word("declare.authority.open", ["value": county])
        }
    func typed(_ type: String) -> String { show.ledger.catalog.title("declaration_type", type, english: call.isEnglish) }
    var page = DeclarePage(
        frame: office.frame(call, at: .duties), employer: try show.title(here.employer), authority: authority,
        signsHref: Address.employer(here.employer.id) + "/signs")
    if call.asked("done") == "sent" { page.notices.append(View.Notice(tone: "good", text: call.word("declare.sent"))) }
    if call.asked("done") == "kept" { page.notices.append(View.Notice(tone: "good", text: call.word("declare.kept"))) }
    if let last = here.last {
        page.last = View.Link(text: try show.title(last), href: Address.record(last.id))
        page.status = last.state.map { stateMark(call, $0) }
        func fact(_ label: String, _ field: FieldSpec) throws -> View.Fact? {
            let value = try show.value(field, of: last).text
            return value.isEmpty ? nil : View.Fact(label: call.word(label), value: value)
        }
        page.facts = try [
            fact("declare.fact.submitted", Filing.submitted.spec), fact("declare.fact.accepted", Filing.accepted.spec),
            fact("declare.fact.receipt", Filing.receiptNumber.spec),
        ].compactMap { $0 }
        if here.isReturned { page.remark = try show.ledger.history(show.db, last.id).last?.reason }
    }
    if let saved = here.saved {
        page.resumeHref = "/declare/summary"
        page.resumeText = call.word("declare.resume.check")
        if let name = saved.cells["_question"], let question = GuidedDeclaration.Question(rawValue: name) {
            page.resumeHref = href(question)
            page.resumeText = call.word("declare.resume", ["value": String(question.number)])
        }
    } else if !here.waits {
        page.startType = here.isReturned ? here.last?[Filing.type] ?? here.type : here.type
        page.startText =
            here.isReturned ? call.word("declare.correct") : call.word("declare.start", ["value": typed(here.type)])
    }
    if here.standing != nil, !here.waits {
        page.unchangedHref = "/declare/unchanged"
        page.cancellationHref = "/declare/cancellation"
    }
    if !here.waits {
        var cells: [String: String] = here.given
        if let before = here.standing {
            for field in Filing.stated where field.sensitivity == .open {
                cells[field.name] = cells[field.name] ?? before[field].map(plainText)
            }
        }
        page.fullHref = Address.new(Filing.kind.name, cells)
    }
    return page
}

private func begin(_ office: Office, _ call: Call) async throws -> Response {
    let (cells, record, seen, saved) = try await declaring(office, call) { here in
        let returned = here.isReturned ? here.last : nil
        return (try here.beginning(correcting: returned).cells, returned?.id, returned?.version ?? 0, here.saved)
    }
    if saved == nil {
        _ = try await office.ledger.saveDraft(Filing.kind, cells, record: record, seen: seen, by: call.person)
    }
    return call.redirect(to: href(.unit))
}

// One question

private func question(_ call: Call) throws -> GuidedDeclaration.Question {
    let name = try call.part("question")
    guard let question = GuidedDeclaration.Question(rawValue: name) else { throw Refusal("page.missing", ["value": name]) }
    return question
}

private func questionPage(_ office: Office, _ call: Call) async throws -> Response {
    let question = try question(call)
    let model = try await declaring(office, call) { here -> DeclareQuestionPage? in
        guard let saved = here.saved else { return nil }
        return try QuestionForm(here, question, version: saved.version).page(office, draft: saved.id)
    }
    guard let model else { return call.redirect(to: "/declare") }
    return try call.page("declare-question", model)
}

private func answer(_ office: Office, _ call: Call) async throws -> Response {
    let question = try question(call)
    let go = call.given("go")
    enum Outcome: Sendable { case none, again(DeclareQuestionPage), save([String: String], SavedDraft) }
    let outcome = try await declaring(office, call) { here -> Outcome in
        guard let saved = here.saved, saved.id == call.given("draft") else { return .none }
        var form = try QuestionForm(here, question, version: saved.version)
        form.take(call)
        if go == "find" { return .again(try form.page(office, draft: saved.id, query: call.given("q"))) }
        if go != "later" {
            form.check()
            if !form.errors.isEmpty { return .again(try form.page(office, draft: saved.id)) }
        }
        var cells = form.here.answers.cells
        cells["_question"] = go == "later" ? question.rawValue : question.next?.rawValue ?? ""
        return .save(cells, saved)
    }
    switch outcome {
    case .none: return call.redirect(to: "/declare")
    case .again(let page): return try call.page("declare-question", page, status: page.errors.isEmpty ? .ok : .unprocessableContent)
    case .save(let cells, let saved):
        _ = try await office.ledger.saveDraft(
            Filing.kind, cells, id: saved.id, version: saved.version, record: saved.record, seen: saved.seen, by: call.person)
        if go == "later" { return call.redirect(to: "/declare?done=kept") }
        return call.redirect(to: question.next.map(href) ?? "/declare/summary")
    }
}

// Summary and sending

private func answers(_ here: Declaring, linked: Bool) throws -> [View.AskAnswer] {
    let call = here.call
    let cells = here.answers.cells
    return try GuidedDeclaration.Question.allCases.map { question in
        var lines: [String] = []
        switch question {
        case .products:
            lines = here.answers.products.filter { !$0.name.isEmpty }.map {
                "\($0.name) \($0.output) \($0.unit)".trimmingCharacters(in: .whitespaces)
            }
        case .hazards: lines = (here.answers.factors ?? []).map(here.name)
        case .posts:
            lines = here.answers.places.filter { !$0.factors.isEmpty || !$0.persons.isEmpty }.map { place in
                let persons =
                    place.persons.isEmpty ? call.word("declare.persons.unknown") : call.word("declare.persons", ["value": place.persons])
                let factors = place.factors.map(here.name).joined(separator: call.isEnglish ? ", " : "、")
                return "\(place.name): \(persons)\(factors.isEmpty ? "" : " · " + factors)"
            }
        default:
            lines = try GuidedDeclaration.fields(of: question).compactMap { field in
                guard let cell = cells[field.name], !cell.isEmpty else { return nil }
                let value = try field.plain(cell).map { try here.show.value($0, field).text } ?? cell
                return "\(call.word("declare.f.\(field.name)")): \(value)"
            }
        }
        if lines.isEmpty {
            lines = [call.word(cells["_unknown.\(question.rawValue)"] == nil ? "declare.answer.blank" : "declare.answer.unknown")]
        }
        return View.AskAnswer(
            number: String(question.number), title: call.word("declare.q.\(question.rawValue).title"), href: linked ? href(question) : "",
            lines: lines)
    }
}

private func errors(_ show: Showing, _ refusals: [Refusal]) -> [View.FormError] {
    refusals.map { refusal in
        let question = GuidedDeclaration.Question.allCases.first { question in
            GuidedDeclaration.fields(of: question).contains { $0.name == refusal.field }
        }
        let label = refusal.field.flatMap { Filing.kind.field(named: $0) }.map(show.label) ?? ""
        return View.FormError(anchor: question.map(href) ?? "#declare-send", label: label, text: show.call.say(refusal))
    }
}

private func summaryPage(_ office: Office, _ call: Call, _ refusals: [Refusal]) async throws -> Response {
    let model = try await declaring(office, call) { here -> DeclareSummaryPage? in
        guard let saved = here.saved else { return nil }
        return DeclareSummaryPage(
            frame: office.frame(call, at: .duties), heading: call.word("declare.summary.title"), lead: call.word("declare.summary.lead"),
            answers: try answers(here, linked: true), differences: try here.differences(), errors: errors(here.show, refusals),
            action: "/declare/sending",
            hidden: [View.Hidden(name: "draft", value: saved.id), View.Hidden(name: "version", value: String(saved.version))],
            confirm: call.word("declare.confirm"), submitText: call.word("declare.send"), backHref: href(.contact))
    }
    guard let model else { return call.redirect(to: "/declare") }
    return try call.page("declare-summary", model, after: refusals)
}

/// Hands in a declaration with its parts: first as a trial, so that it is taken whole or not at all.
/// - Returns: what was refused.
private func sendWhole(_ office: Office, _ call: Call, _ drafts: [Draft], reason: String = "") async throws -> [Refusal] {
    for isTrial in [true, false] {
        let receipts = try await office.ledger.submit(drafts, submission(call, reason: reason, isTrial: isTrial))
        let refusals = receipts.flatMap { receipt -> [Refusal] in
            if case .refused(let refusals) = receipt.fate { refusals } else { [] }
        }
        if !refusals.isEmpty { return refusals }
    }
    return []
}
private func isConfirmed(_ call: Call) -> Bool { call.given("true") == "1" }

private func send(_ office: Office, _ call: Call) async throws -> Response {
    guard isConfirmed(call) else { return try await summaryPage(office, call, [Refusal("declare.confirm")]) }
    let now = office.ledger.clock.now()
    let drafts = try await declaring(office, call) { here -> [Draft] in
        guard let saved = here.saved, saved.id == call.given("draft") else { return [] }
        return try here.drafts(now: now)
    }
    guard !drafts.isEmpty else { return call.redirect(to: "/declare") }
    let refusals = try await sendWhole(office, call, drafts)
    guard refusals.isEmpty else { return try await summaryPage(office, call, refusals) }
    return call.redirect(to: "/declare?done=sent")
}

// Nothing changed, and the end

private func unchangedPage(_ office: Office, _ call: Call, _ refusals: [Refusal]) async throws -> Response {
    let model = try await declaring(office, call) { here -> DeclareSummaryPage? in
        guard let before = here.standing, !here.waits else { return nil }
        var same = here
        let factors = try here.show.ledger.records(here.show.db, FilingFactor.kind, naming: before.id)
        let products = try here.show.ledger.records(here.show.db, FilingProduct.kind, naming: before.id)
        var names: [String: String] = [:]
        for post in try here.posts() { names[post.id] = post[Post.name] }
        same.answers = GuidedDeclaration(before, factors: factors, products: products, postNames: names, withSensitive: false)
        return DeclareSummaryPage(
            frame: office.frame(call, at: .duties), heading: call.word("declare.unchanged.title"),
            lead: call.word("declare.unchanged.lead", ["value": before[Filing.accepted]?.description ?? ""]),
            answers: try answers(same, linked: false), differences: try same.differences(), errors: errors(here.show, refusals),
            action: "/declare/unchanged", confirm: call.word("declare.unchanged.confirm"), submitText: call.word("declare.unchanged.send"),
            backHref: "/declare")
    }
    guard let model else { return call.redirect(to: "/declare") }
    return try call.page("declare-summary", model, after: refusals)
}

private func sendUnchanged(_ office: Office, _ call: Call) async throws -> Response {
    guard isConfirmed(call) else { return try await unchangedPage(office, call, [Refusal("declare.confirm")]) }
    let now = office.ledger.clock.now()
    let drafts = try await declaring(office, call) { here -> [Draft] in
        guard let before = here.standing, !here.waits else { throw Refusal("declare.none-accepted") }
        return try here.repeated(before, now: now)
    }
    let refusals = try await sendWhole(office, call, drafts)
    guard refusals.isEmpty else { return try await unchangedPage(office, call, refusals) }
    return call.redirect(to: "/declare?done=sent")
}

private func cancellationPage(_ office: Office, _ call: Call, _ refusals: [Refusal]) async throws -> Response {
    let model = try await declaring(office, call) { here -> DeclareSummaryPage? in
        guard here.standing != nil, !here.waits else { return nil }
        return DeclareSummaryPage(
            frame: office.frame(call, at: .duties), heading: call.word("declare.cancellation.title"),
            lead: call.word("declare.cancellation.lead"), answers: [], differences: [], errors: errors(here.show, refusals),
            action: "/declare/cancellation", confirm: call.word("declare.cancellation.confirm"),
            submitText: call.word("declare.cancellation.send"), backHref: "/declare", asksReason: true)
    }
    guard let model else { return call.redirect(to: "/declare") }
    return try call.page("declare-summary", model, after: refusals)
}

private func sendCancellation(_ office: Office, _ call: Call) async throws -> Response {
    guard isConfirmed(call) else { return try await cancellationPage(office, call, [Refusal("declare.confirm")]) }
    let now = office.ledger.clock.now()
    let reason = call.given("change_reason")
    let draft = try await declaring(office, call) { here -> Draft in
        guard here.standing != nil, !here.waits else { throw Refusal("declare.none-accepted") }
        var cells = here.given
        cells["type"] = "cancellation"
        cells["change_reason"] = reason
        cells["unit_name"] = here.employer[Employer.name]
        var draft = Draft(Filing.kind, id: Identifier.make(at: now), cells)
        (draft.recordedAt, draft.seen, draft.step) = (now, 0, .submit)
        return draft
    }
    let refusals = try await sendWhole(office, call, [draft])
    guard refusals.isEmpty else { return try await cancellationPage(office, call, refusals) }
    return call.redirect(to: "/declare?done=sent")
}
