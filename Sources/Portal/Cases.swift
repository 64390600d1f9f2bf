import Catalog
import Enforcement
import Hummingbird
import Kernel
import Ledger
import Storage
import Web

/// Violation cases 案件: the file, a penalty proposed within the statutory range, the decision by a second person, what follows it.
func caseRoutes(_ office: Office) -> [Route] {
    [
        Route(.get, "/cases", needs: .signedIn) { call in call.redirect(to: Address.kind(Case.kind.name)) },
        Route(.get, "/cases/:id", needs: .signedIn) { call in try await casePage(office, call) },
        Route(.post, "/cases/:id/filing", needs: .signedIn) { call in try await file(office, call) },
        Route(.get, "/cases/:id/proposal", needs: .signedIn) { call in try await proposalPage(office, call) },
        Route(.post, "/cases/:id/proposal", needs: .signedIn) { call in try await propose(office, call) },
        Route(.get, "/decisions/:id", needs: .signedIn) { call in try await decisionPage(office, call) },
        Route(.post, "/decisions/:id/proceedings", needs: .signedIn) { call in try await proceed(office, call) },
        Route(.post, "/decisions/:id/decision", needs: .signedIn) { call in try await decide(office, call) },
        Route(.post, "/decisions/:id/publication", needs: .signedIn) { call in try await publish(office, call) },
        Route(.post, "/decisions/:id/annulment", needs: .signedIn) { call in try await annul(office, call) },
        Route(.post, "/decisions/:id/statements", needs: .signedIn) { call in try await state(office, call) },
    ]
}

/// A record of a kind that the caller may see, live.
func matter(_ show: Showing, _ kind: Kind, _ part: String = "id", for action: Action = .see) throws -> Record {
    let id = try show.call.part(part)
    guard let record = try show.record(id), record.kind.name == kind.name, try show.sees(record) else {
        throw Refusal("record.missing", ["value": id])
    }
    if action != .see, try !show.may(action, record) { throw Refusal("access.denied", ["value": kind.name]) }
    return record
}

// The file

private let filingFields: [FieldSpec] = [Case.filed.spec, Case.facts.spec, Case.investigators.spec, Case.inspection.spec]

private func casePage(_ office: Office, _ call: Call, _ refusals: [Refusal] = []) async throws -> Response {
    let model = try await office.ledger.store.read { db in
        let show = Showing(office, call, db)
        let record = try matter(show, Case.kind)
        let desk = StepDesk(show, refusals: refusals, sent: refusals.isEmpty ? nil : call)
        let mayChange = try show.may(.change, record)
        let decisions = try show.ledger.mentions(db, of: record.id, kinds: [PenaltyDecision.kind.name])
        var page = DeskPage(
            frame: office.frame(call, at: .records), crumbs: [View.Link(text: show.name(Case.kind), href: Address.kind(Case.kind.name))],
            heading: "\(show.name(Case.kind)) \(try show.title(record))", errors: desk.errors(Case.kind), facts: try desk.facts(record),
            tools: printLinks(show, record) + [View.Link(text: call.word("desk.versions"), href: Address.record(record.id))])
        if mayChange, record[Case.filed] == nil {
            page.forms.append(
                View.DeskForm(
                    id: "filing", title: call.word("case.file"), note: call.word("case.file.note"), action: "/cases/\(record.id)/filing",
                    hidden: [View.Hidden(name: "version", value: String(record.version))],
                    fields: filingFields.map { field in
                        let today = show.ledger.clock.today.description
                        return desk.field(
                            field, value: field === Case.filed.spec ? today : record[field].map(plainText) ?? "",
                            isRequired: field !== Case.inspection.spec)
                    }, button: call.word("case.file"), isOpen: true))
        }
        if mayChange, record[Case.filed] != nil, decisions.isEmpty, record[Case.decided] == nil {
            page.tools.insert(View.Link(text: call.word("case.propose"), href: "/cases/\(record.id)/proposal"), at: 0)
        }
        if mayChange { page.tools.append(View.Link(text: call.word("tool.edit"), href: Address.edit(record.id))) }
        if let clocks = try desk.clocks(record.id, root: record) { page.sections.append(clocks) }
        if !decisions.isEmpty {
            page.sections.append(try show.section(PenaltyDecision.kind, decisions, total: decisions.count, isOpen: true))
        }
        return page
    }
    return try call.page("desk", model, after: refusals)
}

private func file(_ office: Office, _ call: Call) async throws -> Response {
    let record = try await office.ledger.store.read { db in try matter(Showing(office, call, db), Case.kind, for: .change) }
    var draft = Draft(Case.kind, id: record.id, call.cells(filingFields))
    draft.seen = Int(call.given("version"))
    var flaws = filingFields.filter { $0 !== Case.inspection.spec && call.given($0.name).isEmpty }.map {
        Refusal("field.required", field: $0.name)
    }
    if flaws.isEmpty { flaws = try await office.hand(in: [draft], submission(call, reason: call.word("case.file"))).refusals }
    guard flaws.isEmpty else { return try await casePage(office, call, flaws) }
    return call.redirect(to: "/cases/\(record.id)")
}

// The proposal

/// What the investigator says of the breach: from it the house reads the law and weighs.
private struct Proposal {
    let item: String
    let isOverdue, isSevere: Bool
    let income: Double?
    let levels: [String]
    let day: Day
    init(_ office: Office, _ values: (String) -> String) {
        item = values("item")
        (isOverdue, isSevere) = (values("overdue") == "1", values("severe") == "1")
        income = Double(values("income"))
        let codes = office.ledger.catalog.discretion.all.flatMap(\.factors).map(\.code)
        levels = Set(codes).sorted().map { values("factor." + $0) }.filter { !$0.isEmpty }
        day = office.ledger.clock.today
    }
}

private func proposalPage(
    _ office: Office, _ call: Call, _ refusals: [Refusal] = []
) async throws -> Response {
    let isSent = call.request.method == .post
    let model = try await office.ledger.store.read { db in
        let show = Showing(office, call, db)
        let record = try matter(show, Case.kind, for: .change)
        return try proposalModel(show, record, refusals, isSent: isSent)
    }
    return try call.page("desk", model, after: refusals)
}

private func proposalModel(_ show: Showing, _ record: Record, _ refusals: [Refusal], isSent: Bool) throws -> DeskPage {
    let (office, call) = (show.office, show.call)
    let values: (String) -> String = { isSent ? call.given($0) : call.asked($0) ?? "" }
    let said = Proposal(office, values)
    let kind = PenaltyDecision.kind
    var refusals = refusals
    var weighed: Discretion?
    let division = record[Case.division] ?? ""
    let scheme = office.ledger.catalog.discretion.scheme(for: division, on: said.day)
    if !said.item.isEmpty {
        do {
            weighed = try Discretion(
                item: said.item, division: division, on: said.day, isOverdue: said.isOverdue, isSevere: said.isSevere, income: said.income,
                levels: said.levels, catalog: office.ledger.catalog)
        } catch let refusal as Refusal where refusals.isEmpty {
            refusals = [refusal]
        } catch is Refusal {}
    }
    let desk = StepDesk(show, refusals: refusals, sent: isSent ? call : nil)
    var page = DeskPage(
        frame: office.frame(call, at: .records),
        crumbs: [View.Link(text: "\(show.name(Case.kind)) \(try show.title(record))", href: "/cases/\(record.id)")],
        heading: call.word("case.propose"), lead: call.word("case.propose.lead"), errors: desk.errors(kind),
        facts: try desk.facts(record, [Case.employer.spec, Case.institution.spec, Case.filed.spec, Case.facts.spec]))
    // First what happened …
    let asking = StepDesk(show)
    var fields = [
        asking.field(PenaltyDecision.item.spec, value: said.item), asking.field(PenaltyDecision.overdue.spec, value: values("overdue")),
        asking.field(PenaltyDecision.severe.spec, value: values("severe")),
        asking.field(PenaltyDecision.income.spec, value: values("income")),
    ]
    for factor in scheme?.factors ?? [] {
        let chosen = values("factor." + factor.code)
        fields.append(
            View.FormField(
                name: "factor." + factor.code, label: factor.name.text(english: call.isEnglish), value: chosen, required: true,
                control: .select(
                    [View.Option(value: "", text: "—")]
                        + factor.levels.map {
                            View.Option(value: $0.code, text: $0.name.text(english: call.isEnglish), selected: $0.code == chosen)
                        })))
    }
    page.forms.append(
        View.DeskForm(
            id: "weighing", title: call.word("case.weigh"), note: scheme.map { $0.name.text(english: call.isEnglish) },
            action: "/cases/\(record.id)/proposal", isGet: true, fields: fields, button: call.word("case.weigh.do"), isOpen: weighed == nil)
    )
    guard let weighed else { return page }
    // … then, with the range and its working in view, what is proposed.
    page.workingTitle = call.word("case.working")
    page.working = weighed.working.map { $0.text(english: call.isEnglish) }
    if !weighed.range.unread.isEmpty {
        page.working.append(call.word("case.unread", ["value": weighed.range.unread.joined(separator: "；")]))
    }
    if weighed.range.fine != nil, weighed.statutory == nil {
        page.notices.append(View.Notice(tone: "info", text: call.word("case.no-fine-yet")))
    }
    let allowed = weighed.range.sanctions.filter(weighed.allows)
    let isFined = weighed.statutory != nil
    let suggested = allowed.filter { $0.condition != .may && ![.suspension, .closure, .disqualification].contains($0.means) }.map(
        \.means.rawValue)
    let amount = weighed.advised.map { String($0.lowerBound) } ?? ""
    let advice = weighed.statutory.flatMap { all in
        weighed.advised.map {
            call.word(
                "case.amount.hint",
                ["limit": "\(all.lowerBound)–\(all.upperBound)", "expected": "\($0.lowerBound)–\($0.upperBound)"])
        }
    }
    let today = show.ledger.clock.today.description
    var second = [
        desk.field(
            PenaltyDecision.means.spec, value: suggested.joined(separator: ";"), hint: call.word("case.means.hint"),
            only: allowed.map(\.means.rawValue))
    ]
    if isFined { second.append(desk.field(PenaltyDecision.amount.spec, value: suggested.contains("fine") ? amount : "", hint: advice)) }
    second += [
        desk.field(PenaltyDecision.reason.spec, hint: call.word("case.reason.hint")),
        desk.field(PenaltyDecision.facts.spec, value: record[Case.facts] ?? ""), desk.field(PenaltyDecision.evidence.spec),
        desk.field(PenaltyDecision.hearingRight.spec), desk.field(PenaltyDecision.proposed.spec, value: today),
        desk.field(PenaltyDecision.notice.spec, value: today),
    ]
    let carried = ["item", "overdue", "severe", "income"] + (scheme?.factors ?? []).map { "factor." + $0.code }
    page.forms.append(
        View.DeskForm(
            id: "proposal", title: call.word("case.propose"), note: call.word("case.propose.note"), action: "/cases/\(record.id)/proposal",
            hidden: carried.map { View.Hidden(name: $0, value: values($0)) }, fields: second, button: call.word("case.propose.do"),
            isOpen: true))
    return page
}

private let proposedFields: [FieldSpec] = [
    PenaltyDecision.means.spec, PenaltyDecision.amount.spec, PenaltyDecision.reason.spec, PenaltyDecision.facts.spec,
    PenaltyDecision.evidence.spec, PenaltyDecision.hearingRight.spec, PenaltyDecision.proposed.spec, PenaltyDecision.notice.spec,
    PenaltyDecision.item.spec, PenaltyDecision.overdue.spec, PenaltyDecision.severe.spec, PenaltyDecision.income.spec,
]

private func propose(_ office: Office, _ call: Call) async throws -> Response {
    let record = try await office.ledger.store.read { db in try matter(Showing(office, call, db), Case.kind, for: .change) }
    let said = Proposal(office, call.given)
    var cells = call.cells(proposedFields)
    cells["case"] = record.id
    cells["factors"] = said.levels.joined(separator: ";")
    var draft = Draft(PenaltyDecision.kind, cells)
    draft.step = .submit
    let (id, flaws) = try await office.hand(in: [draft], submission(call, reason: call.word("case.propose")))
    guard let id, flaws.isEmpty else { return try await proposalPage(office, call, flaws) }
    return call.redirect(to: "/decisions/\(id)")
}

// The decision

private let beforeFields: [FieldSpec] = [
    PenaltyDecision.noticeServed.spec, PenaltyDecision.statementAnswer.spec, PenaltyDecision.hearingHeld.spec,
    PenaltyDecision.reviewed.spec,
    PenaltyDecision.reviewer.spec, PenaltyDecision.discussed.spec,
]
private let afterFields: [FieldSpec] = [
    PenaltyDecision.served.spec, PenaltyDecision.paid.spec, PenaltyDecision.paidOn.spec, PenaltyDecision.deferred.spec,
    PenaltyDecision.enforced.spec, PenaltyDecision.reconsidered.spec, PenaltyDecision.reconsideration.spec, PenaltyDecision.sued.spec,
    PenaltyDecision.judgement.spec, PenaltyDecision.closed.spec,
]

/// What of a decision stands on its party's page, in this order; what is kept from them anywhere `Submitters` says.
private let partyFields: [FieldSpec] = [
    PenaltyDecision.item.spec, PenaltyDecision.facts.spec, PenaltyDecision.evidence.spec, PenaltyDecision.means.spec,
    PenaltyDecision.amount.spec, PenaltyDecision.least.spec, PenaltyDecision.most.spec, PenaltyDecision.factors.spec,
    PenaltyDecision.step.spec, PenaltyDecision.notice.spec, PenaltyDecision.noticeServed.spec, PenaltyDecision.hearingRight.spec,
    PenaltyDecision.statementAnswer.spec, PenaltyDecision.hearingHeld.spec, PenaltyDecision.number.spec, PenaltyDecision.decided.spec,
    PenaltyDecision.served.spec, PenaltyDecision.paid.spec, PenaltyDecision.paidOn.spec, PenaltyDecision.deferred.spec,
    PenaltyDecision.reconsidered.spec, PenaltyDecision.reconsideration.spec, PenaltyDecision.sued.spec, PenaltyDecision.judgement.spec,
    PenaltyDecision.annulled.spec, PenaltyDecision.annulment.spec, PenaltyDecision.closed.spec, PenaltyDecision.published.spec,
    PenaltyDecision.publishedUntil.spec, PenaltyDecision.summary.spec,
]

private func decisionPage(_ office: Office, _ call: Call, _ refusals: [Refusal] = []) async throws -> Response {
    let model = try await office.ledger.store.read { db in try decisionModel(Showing(office, call, db), refusals) }
    return try call.page("desk", model, after: refusals)
}

private func decisionModel(_ show: Showing, _ refusals: [Refusal]) throws -> DeskPage {
    let (office, call, db) = (show.office, show.call, show.db)
    let record = try matter(show, PenaltyDecision.kind)
    let kind = PenaltyDecision.kind
    let desk = StepDesk(show, refusals: refusals)
    let (mayChange, mayAccept) = (try show.may(.change, record), try show.may(.accept, record))
    let isParty = call.person.role == .organisation
    let path = "/decisions/\(record.id)"
    let version = [View.Hidden(name: "version", value: String(record.version))]
    let isDecided = record[PenaltyDecision.decided] != nil
    var crumbs: [View.Link] = []
    if let file = try record.target(of: PenaltyDecision.file.spec).flatMap({ try show.record($0) }), try show.sees(file) {
        crumbs.append(View.Link(text: "\(show.name(Case.kind)) \(try show.title(file))", href: "/cases/\(file.id)"))
    }
    if let id = record[PenaltyDecision.employer] ?? record[PenaltyDecision.institution] {
        crumbs.append(View.Link(text: try show.title(id) ?? id, href: "/credit/\(id)"))
    }
    let state = record.state.map {
        View.Mark(
            isDecided ? "met" : "open", call.word(isDecided ? "case.decided" : $0.waits ? "case.waiting" : "flow.state.\($0.rawValue)"))
    }
    var page = DeskPage(
        frame: office.frame(call, at: .records), crumbs: crumbs,
        heading: record[PenaltyDecision.number] ?? call.word("case.proposal"),
        mark: record[PenaltyDecision.annulled] != nil
            ? View.Mark("ended", call.word("case.annulled")) : state, errors: desk.errors(kind),
        facts: try desk.facts(record, isParty ? partyFields : nil),
        tools: printLinks(show, record) + [View.Link(text: call.word("desk.versions"), href: Address.record(record.id))])
    // The scheme by its name.
    if let code = record[PenaltyDecision.scheme], let scheme = show.ledger.catalog.discretion.all.first(where: { $0.code == code }),
        let index = page.facts.firstIndex(where: { $0.label == show.label(PenaltyDecision.scheme.spec) })
    {
        page.facts[index].value = scheme.name.text(english: call.isEnglish)
    }
    if !isParty, !isDecided, let weighed = try? weigh(show, record) {
        (page.workingTitle, page.working) = (call.word("case.working"), weighed.working.map { $0.text(english: call.isEnglish) })
    }
    if record[PenaltyDecision.departs] == true, !isDecided {
        page.notices.append(View.Notice(tone: "warn", text: call.word("case.departs", ["value": record[PenaltyDecision.reason] ?? ""])))
    }
    func current(_ field: FieldSpec) -> String { record[field].map(plainText) ?? "" }
    if !isDecided {
        if mayChange {
            page.forms.append(
                View.DeskForm(
                    id: "proceedings", title: call.word("case.proceedings"), note: call.word("case.proceedings.note"),
                    action: path + "/proceedings", hidden: version, fields: beforeFields.map { desk.field($0, value: current($0)) },
                    button: call.word("form.save"), isOpen: true))
        }
        if mayAccept {
            page.forms.append(
                View.DeskForm(
                    id: "decision", title: call.word("case.decide"), note: call.word("case.decide.note"), action: path + "/decision",
                    hidden: version, button: call.word("case.decide"), isOpen: true))
            page.forms.append(
                View.DeskForm(
                    id: "return", title: call.word("flow.step.return"), action: path + "/decision",
                    hidden: version + [View.Hidden(name: "step", value: "return")],
                    fields: [
                        View.FormField(name: "remark", label: call.word("flow.remark"), required: true, control: .long(max: 300))
                    ], button: call.word("flow.step.return"), isDanger: true))
        }
    } else if mayChange, record[PenaltyDecision.annulled] == nil {
        page.forms.append(
            View.DeskForm(
                id: "proceedings", title: call.word("case.after"), action: path + "/proceedings", hidden: version,
                fields: afterFields.map { desk.field($0, value: current($0)) }, button: call.word("form.save"), isOpen: true))
        if record[PenaltyDecision.published] == nil {
            page.forms.append(
                View.DeskForm(
                    id: "publication", title: call.word("case.publish"), note: call.word("case.publish.note"),
                    action: path + "/publication",
                    hidden: version,
                    fields: [
                        desk.field(
                            PenaltyDecision.summary.spec, value: String((record[PenaltyDecision.facts] ?? "").prefix(500)), isRequired: true
                        )
                    ], button: call.word("case.publish"), isOpen: true))
        }
        page.forms.append(
            View.DeskForm(
                id: "annulment", title: call.word("case.annul"), note: call.word("case.annul.note"), action: path + "/annulment",
                hidden: version, fields: [desk.field(PenaltyDecision.annulment.spec, isRequired: true)], button: call.word("case.annul"),
                isDanger: true))
    }
    if isParty, !isDecided, let own = call.person.organisation,
        mayDo(call.person, .change, at: Place(organisations: [own], authors: [own], kind: CaseStatement.kind.name))
    {
        page.forms.append(
            View.DeskForm(
                id: "statement", title: call.word("case.state"), note: call.word("case.state.note"), action: path + "/statements",
                fields: [desk.field(CaseStatement.type.spec), desk.field(CaseStatement.text.spec)], button: call.word("case.state.do"),
                isOpen: true))
    }
    if record[PenaltyDecision.published] != nil, Publication.isOpen(record, on: show.ledger.clock.today) {
        page.tools.append(View.Link(text: call.word("case.public"), href: "/public/decisions/\(record.id)"))
    }
    if let root = try record.target(of: PenaltyDecision.file.spec).flatMap({ try show.ledger.record(db, $0) }),
        let clocks = try desk.clocks(record.id, root: root)
    {
        page.sections.append(clocks)
    }
    let statements = try show.ledger.mentions(db, of: record.id, kinds: [CaseStatement.kind.name]).filter(show.sees)
    if !statements.isEmpty {
        page.sections.append(try show.section(CaseStatement.kind, statements, total: statements.count, isOpen: true))
    }
    return page
}

private func weigh(_ show: Showing, _ record: Record) throws -> Discretion {
    let file = try record.target(of: PenaltyDecision.file.spec).flatMap { try show.record($0) }
    return try Discretion(
        item: record[PenaltyDecision.item] ?? "", division: file?[Case.division] ?? record.home,
        on: record[PenaltyDecision.proposed] ?? show.ledger.clock.today, isOverdue: record[PenaltyDecision.overdue] == true,
        isSevere: record[PenaltyDecision.severe] == true, income: record[PenaltyDecision.income],
        levels: record[PenaltyDecision.factors] ?? [],
        catalog: show.ledger.catalog)
}

/// The decision that a form is about, as a draft of what it changes.
private func change(_ office: Office, _ call: Call, _ cells: [String: String], step: Flow.Step? = nil) async throws -> Draft {
    let record = try await office.ledger.store.read { db in
        try matter(Showing(office, call, db), PenaltyDecision.kind, for: step == nil ? .change : .accept)
    }
    var draft = Draft(PenaltyDecision.kind, id: record.id, cells)
    (draft.seen, draft.step) = (Int(call.given("version")) ?? 0, step)
    return draft
}
private func done(_ office: Office, _ call: Call, _ draft: Draft, reason: String) async throws -> Response {
    let flaws = try await office.hand(in: [draft], submission(call, reason: reason)).refusals
    guard flaws.isEmpty else { return try await decisionPage(office, call, flaws) }
    return call.redirect(to: "/decisions/\(draft.id ?? "")")
}

private func proceed(_ office: Office, _ call: Call) async throws -> Response {
    let draft = try await change(office, call, call.cells(beforeFields + afterFields))
    return try await done(office, call, draft, reason: call.word("case.proceedings"))
}

private func decide(_ office: Office, _ call: Call) async throws -> Response {
    let isReturn = call.given("step") == "return"
    let draft = try await change(office, call, [:], step: isReturn ? .sendBack : .accept)
    return try await done(office, call, draft, reason: isReturn ? call.given("remark") : call.word("case.decide"))
}

private func annul(_ office: Office, _ call: Call) async throws -> Response {
    let cells = ["annulled": office.ledger.clock.today.description, "annulment": call.given("annulment")]
    return try await done(office, call, try await change(office, call, cells), reason: call.word("case.annul"))
}

/// Publishes the facts in short, the names of natural persons masked, for as long as the parameter says.
private func publish(_ office: Office, _ call: Call) async throws -> Response {
    let today = office.ledger.clock.today
    let id = try call.part("id")
    let names = try await office.ledger.store.read { db -> [String] in
        let record = try matter(Showing(office, call, db), PenaltyDecision.kind, for: .change)
        return try personsAround(office, db, record[PenaltyDecision.employer] ?? record[PenaltyDecision.institution] ?? id)
    }
    let months = office.ledger.catalog.parameters["publication.months"]?.edition(on: today).flatMap { Int($0.value) }
    var cells = [
        "published": today.description, "summary": Publication.masked(call.given("summary"), names: names),
        "published_until": months.map { today.adding(months: $0).description } ?? "",
    ]
    if call.given("summary").isEmpty { cells["summary"] = "" }
    return try await done(office, call, try await change(office, call, cells), reason: call.word("case.publish"))
}

private func state(_ office: Office, _ call: Call) async throws -> Response {
    let record = try await office.ledger.store.read { db in try matter(Showing(office, call, db), PenaltyDecision.kind) }
    var cells = call.cells([CaseStatement.type.spec, CaseStatement.text.spec])
    (cells["decision"], cells["day"]) = (record.id, office.ledger.clock.today.description)
    let flaws = try await office.hand(in: [Draft(CaseStatement.kind, cells)], submission(call, reason: "")).refusals
    guard flaws.isEmpty else { return try await decisionPage(office, call, flaws) }
    return call.redirect(to: "/decisions/\(record.id)")
}
