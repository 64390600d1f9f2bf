import Catalog
import Enforcement
import Hummingbird
import Institutions
import Kernel
import Ledger
import Registry
import Storage
import Web

/// The credit file 信用档案 of an employer or institution, and the course of a listing: intention, objection, decision, notice to departments,
/// expiry and repair.
func creditRoutes(_ office: Office) -> [Route] {
    [
        Route(.get, "/credit/:id", needs: .signedIn) { call in try await creditPage(office, call) },
        Route(.post, "/credit/:id/listings", needs: .signedIn) { call in try await intend(office, call) },
        Route(.get, "/listings/:id", needs: .signedIn) { call in try await listingPage(office, call) },
        Route(.post, "/listings/:id/decision", needs: .signedIn) { call in try await decideListing(office, call) },
        Route(.post, "/listings/:id/requests", needs: .signedIn) { call in try await request(office, call) },
        Route(.post, "/listings/:id/notices", needs: .signedIn) { call in try await notify(office, call) },
        Route(.post, "/listings/:id/removal", needs: .signedIn) { call in try await remove(office, call) },
        Route(.post, "/credit-requests/:id/decision", needs: .signedIn) { call in try await answerRequest(office, call) },
        Route(.get, "/credit-notices/:id", needs: .signedIn) { call in try await noticePage(office, call) },
        Route(.post, "/credit-notices/:id/receipt", needs: .signedIn) { call in try await receive(office, call) },
    ]
}

/// Kinds whose records make the credit file, where the house has them.
private let creditKinds = [
    PenaltyDecision.kind.name, CreditListing.kind.name, "order", "rectification", "test_result", "declaration", "grade",
]

/// How a listing stands, in words.
private func mark(_ call: Call, _ listing: Record, on day: Day) -> View.Mark {
    let standing = CreditStanding(listing, on: day)
    let code =
        switch standing {
        case .intended: "open"
        case .listed: "bad"
        case .expired, .removed, .dropped: "ended"
        }
    return View.Mark(code, call.word("credit.\(standing.rawValue)"))
}

/// The unit that a file is about.
private func unit(_ show: Showing) throws -> Record {
    let id = try show.call.part("id")
    guard let record = try show.record(id), [Employer.kind.name, Institution.kind.name].contains(record.kind.name), try show.sees(record)
    else {
        throw Refusal("record.missing", ["value": id])
    }
    return record
}

private let intentionFields: [FieldSpec] = [
    CreditListing.list.spec, CreditListing.criterion.spec, CreditListing.decision.spec, CreditListing.reason.spec,
    CreditListing.notice.spec,
    CreditListing.objectUntil.spec, CreditListing.until.spec,
]

private func creditPage(_ office: Office, _ call: Call, _ refusals: [Refusal] = []) async throws -> Response {
    let model = try await office.ledger.store.read { db in
        let show = Showing(office, call, db)
        let record = try unit(show)
        let desk = StepDesk(show, refusals: refusals, sent: refusals.isEmpty ? nil : call)
        let today = office.ledger.clock.today
        let named = try office.ledger.mentions(db, of: record.id, kinds: creditKinds, limit: 5000).filter(show.sees)
        let listings = named.filter { $0.kind.name == CreditListing.kind.name }
        let decisions = named.filter { $0.kind.name == PenaltyDecision.kind.name }
        let current = listings.filter { CreditStanding($0, on: today) == .listed }
        let fined = decisions.filter { $0[PenaltyDecision.decided] != nil && $0[PenaltyDecision.annulled] == nil }
        let unpaid = fined.filter { $0[PenaltyDecision.amount] ?? 0 > 0 && $0[PenaltyDecision.paidOn] == nil }
        let repaired = listings.filter { $0[CreditListing.removal] == "repaired" }
        func fact(_ key: String, _ count: Int) -> View.Fact { View.Fact(label: call.word(key), value: show.count(count)) }
        var page = DeskPage(
            frame: office.frame(call, at: .records), crumbs: [View.Link(text: try show.title(record), href: Address.of(record))],
            heading: call.word("credit.file", ["value": try show.title(record)]),
            mark: current.isEmpty ? nil : View.Mark("bad", call.word("credit.listed")), lead: call.word("credit.lead"),
            errors: desk.errors(CreditListing.kind),
            facts: [
                fact("credit.decisions", fined.count), fact("credit.unpaid", unpaid.count), fact("credit.current", current.count),
                fact("credit.repaired", repaired.count),
            ])
        let place = Place(divisions: try office.ledger.place(db, of: record).divisions, kind: CreditListing.kind.name)
        if mayDo(call.person, .change, at: place) {
            let months = office.ledger.catalog.parameters["credit.months"]?.edition(on: today).flatMap { Int($0.value) }
            let given = [
                "notice": today.description, "until": months.map { today.adding(months: $0).description } ?? "",
                "decision": fined.last?.id ?? "",
            ]
            page.forms.append(
                View.DeskForm(
                    id: "listing", title: call.word("credit.intend"), note: call.word("credit.intend.note"),
                    action: "/credit/\(record.id)/listings",
                    fields: intentionFields.map { desk.field($0, value: given[$0.name] ?? "") }, button: call.word("credit.intend.do"),
                    isOpen: !refusals.isEmpty))
        }
        for kind in show.ordered(Set(named.map(\.kind.name))) {
            let all = named.filter { $0.kind.name == kind.name }.sorted {
                ($0.day ?? .distantPast, $0.id) > ($1.day ?? .distantPast, $1.id)
            }
            if kind.name == CreditListing.kind.name {
                page.sections.append(try listingSection(show, all, on: today))
            } else {
                let more = Office.href(Address.kind(kind.name), [:], ["of": record.id])
                page.sections.append(
                    try show.section(
                        kind, Array(all.prefix(20)), total: all.count, without: record.kind.name, more: more,
                        isOpen: kind.name == PenaltyDecision.kind.name))
            }
        }
        page.isEmpty = page.sections.isEmpty
        return page
    }
    return try call.page("desk", model, after: refusals)
}

private func listingSection(_ show: Showing, _ listings: [Record], on day: Day) throws -> View.Section {
    let kind = CreditListing.kind
    let columns = [CreditListing.criterion.spec, CreditListing.listed.spec, CreditListing.until.spec, CreditListing.removal.spec]
    var section = try show.section(kind, listings, total: listings.count, isOpen: true)
    section.columns = show.headings(kind, columns) + [View.Column(text: show.call.word("desk.clock.state"))]
    section.rows = try listings.map { listing in
        var row = try show.row(listing, columns)
        row.cells[0].href = "/listings/\(listing.id)"
        row.cells.append(View.Cell(label: show.call.word("desk.clock.state"), text: "", mark: mark(show.call, listing, on: day)))
        return row
    }
    return section
}

private func intend(_ office: Office, _ call: Call) async throws -> Response {
    let record = try await office.ledger.store.read { db in
        let record = try unit(Showing(office, call, db))
        let place = Place(divisions: try office.ledger.place(db, of: record).divisions, kind: CreditListing.kind.name)
        guard mayDo(call.person, .change, at: place) else { throw Refusal("access.denied", ["value": CreditListing.kind.zh]) }
        return record
    }
    var cells = call.cells(intentionFields)
    cells[record.kind.name] = record.id
    var draft = Draft(CreditListing.kind, home: record.home, cells)
    draft.step = .submit
    let (id, flaws) = try await office.hand(in: [draft], submission(call, reason: call.word("credit.intend")))
    guard let id, flaws.isEmpty else { return try await creditPage(office, call, flaws) }
    return call.redirect(to: "/listings/\(id)")
}

// A listing

private func listingPage(_ office: Office, _ call: Call, _ refusals: [Refusal] = []) async throws -> Response {
    let model = try await office.ledger.store.read { db in try listingModel(Showing(office, call, db), refusals) }
    return try call.page("desk", model, after: refusals)
}

private func listingModel(_ show: Showing, _ refusals: [Refusal]) throws -> DeskPage {
    let (office, call, db) = (show.office, show.call, show.db)
    let record = try matter(show, CreditListing.kind)
    let today = office.ledger.clock.today
    let standing = CreditStanding(record, on: today)
    let desk = StepDesk(show, refusals: refusals)
    let path = "/listings/\(record.id)"
    let version = [View.Hidden(name: "version", value: String(record.version))]
    let subject = record[CreditListing.employer] ?? record[CreditListing.institution] ?? ""
    var page = DeskPage(
        frame: office.frame(call, at: .records),
        crumbs: [View.Link(text: call.word("credit.file", ["value": try show.title(subject) ?? ""]), href: "/credit/\(subject)")],
        heading: record[CreditListing.number] ?? call.word("credit.intended"), mark: mark(call, record, on: today),
        errors: desk.errors(CreditListing.kind), facts: try desk.facts(record),
        tools: [View.Link(text: call.word("desk.versions"), href: Address.record(record.id))])
    let requests = try office.ledger.mentions(db, of: record.id, kinds: [CreditRequest.kind.name]).filter(show.sees)
    let notices = try office.ledger.mentions(db, of: record.id, kinds: [CreditNotice.kind.name]).filter(show.sees)
    let (mayChange, mayAccept) = (try show.may(.change, record), try show.may(.accept, record))
    for request in requests where request.state?.waits ?? false {
        guard try show.may(.accept, request) else { continue }
        let title = "\(show.name(CreditRequest.kind)) \(try show.title(request))"
        page.forms.append(
            View.DeskForm(
                id: "answer-\(request.id)", title: title, note: request[CreditRequest.text],
                action: "/credit-requests/\(request.id)/decision",
                hidden: [View.Hidden(name: "version", value: String(request.version))],
                fields: [
                    View.FormField(
                        name: "answer", label: call.word("credit.answer"), required: true,
                        control: .select([
                            View.Option(value: "accept", text: call.word("credit.grant")),
                            View.Option(value: "return", text: call.word("credit.deny")),
                        ])), View.FormField(name: "remark", label: call.word("flow.remark"), required: true, control: .long(max: 300)),
                ], button: call.word("credit.answer"), isOpen: true))
    }
    if standing == .intended, mayAccept {
        page.forms.append(
            View.DeskForm(
                id: "list", title: call.word("credit.list"), note: call.word("credit.list.note"), action: path + "/decision",
                hidden: version,
                button: call.word("credit.list"), isOpen: true))
        page.forms.append(
            View.DeskForm(
                id: "drop", title: call.word("credit.drop"), action: path + "/decision",
                hidden: version + [View.Hidden(name: "step", value: "cancel")],
                fields: [View.FormField(name: "remark", label: call.word("flow.remark"), required: true, control: .long(max: 300))],
                button: call.word("credit.drop"), isDanger: true))
    }
    if standing == .listed, mayChange {
        let asked = Set(notices.compactMap { $0[CreditNotice.function] })
        let open = (office.ledger.catalog.tables["function"]?.entries ?? []).map(\.code).filter { !asked.contains($0) }
        page.forms.append(
            View.DeskForm(
                id: "notices", title: call.word("credit.notify"), note: call.word("credit.notify.note"), action: path + "/notices",
                fields: [
                    View.FormField(
                        name: "functions", label: show.label(CreditNotice.function.spec), required: true,
                        control: .boxes(
                            open.map {
                                View.Option(value: $0, text: office.ledger.catalog.title("function", $0, english: call.isEnglish))
                            })), desk.field(CreditNotice.due.spec),
                ], button: call.word("credit.notify"), isOpen: notices.isEmpty))
        page.forms.append(
            View.DeskForm(
                id: "removal", title: call.word("credit.remove"), action: path + "/removal", hidden: version,
                fields: [desk.field(CreditListing.removal.spec, isRequired: true)], button: call.word("credit.remove"), isDanger: true))
    }
    let own = Place(organisations: [subject], authors: [subject], kind: CreditRequest.kind.name)
    let type = standing == .intended ? "objection" : "repair"
    // One at a time: what waits for its answer is not asked again.
    let waits = requests.contains { $0[CreditRequest.type] == type && $0.state?.waits ?? false }
    if call.person.role == .organisation, mayDo(call.person, .change, at: own), [.intended, .listed].contains(standing), !waits {
        page.forms.append(
            View.DeskForm(
                id: type, title: call.word("credit.\(type)"), note: call.word("credit.\(type).note"), action: path + "/requests",
                hidden: [View.Hidden(name: "type", value: type)], fields: [desk.field(CreditRequest.text.spec)],
                button: call.word("credit.\(type)"), isOpen: true))
    }
    if !requests.isEmpty { page.sections.append(try show.section(CreditRequest.kind, requests, total: requests.count, isOpen: true)) }
    if !notices.isEmpty {
        let receipts = try notices.flatMap { try office.ledger.mentions(db, of: $0.id, kinds: [CreditReceipt.kind.name]) }
        var section = try show.section(CreditNotice.kind, notices, total: notices.count, isOpen: true)
        let heads = [CreditReceipt.day.spec, CreditReceipt.measures.spec]
        section.columns += heads.map { View.Column(text: show.label($0)) }
        for index in notices.indices {
            let receipt = receipts.first { $0[CreditReceipt.notice] == notices[index].id }
            for field in heads {
                section.rows[index].cells.append(
                    View.Cell(label: show.label(field), text: receipt.flatMap { $0[field].map(plainText) } ?? "—"))
            }
        }
        page.sections.append(section)
    }
    return page
}

private func decideListing(_ office: Office, _ call: Call) async throws -> Response {
    let record = try await office.ledger.store.read { db in try matter(Showing(office, call, db), CreditListing.kind, for: .accept) }
    var draft = Draft(CreditListing.kind, id: record.id)
    draft.seen = Int(call.given("version")) ?? 0
    draft.step = call.given("step") == "cancel" ? .cancel : .accept
    let reason = draft.step == .cancel ? call.given("remark") : call.word("credit.list")
    let flaws = try await office.hand(in: [draft], submission(call, reason: reason)).refusals
    guard flaws.isEmpty else { return try await listingPage(office, call, flaws) }
    let subject = record[CreditListing.employer] ?? record[CreditListing.institution] ?? ""
    return call.redirect(to: draft.step == .cancel ? "/credit/\(subject)" : "/listings/\(record.id)")
}

private func request(_ office: Office, _ call: Call) async throws -> Response {
    let record = try await office.ledger.store.read { db in try matter(Showing(office, call, db), CreditListing.kind) }
    let cells = [
        "listing": record.id, "type": call.given("type"), "day": office.ledger.clock.today.description, "text": call.given("text"),
    ]
    var draft = Draft(CreditRequest.kind, cells)
    draft.step = .submit
    let flaws = try await office.hand(in: [draft], submission(call, reason: "")).refusals
    guard flaws.isEmpty else { return try await listingPage(office, call, flaws) }
    return call.redirect(to: "/listings/\(record.id)")
}

/// Grants an objection (the listing is dropped) or a repair (it is removed early), or returns either with the reason.
private func answerRequest(_ office: Office, _ call: Call) async throws -> Response {
    let (record, listing) = try await office.ledger.store.read { db -> (Record, Record) in
        let show = Showing(office, call, db)
        let record = try matter(show, CreditRequest.kind, for: .accept)
        guard let id = record[CreditRequest.listing], let listing = try show.record(id) else {
            throw Refusal("record.missing", ["value": ""])
        }
        return (record, listing)
    }
    let isGranted = call.given("answer") == "accept"
    var draft = Draft(CreditRequest.kind, id: record.id)
    (draft.seen, draft.step) = (Int(call.given("version")) ?? 0, isGranted ? .accept : .sendBack)
    var drafts = [draft]
    if isGranted {
        var effect = Draft(CreditListing.kind, id: listing.id)
        effect.seen = listing.version
        if record[CreditRequest.type] == "repair" {
            effect.cells = ["removed": office.ledger.clock.today.description, "removal": "repaired"]
        } else {
            effect.step = .cancel
        }
        drafts.append(effect)
    }
    let flaws = try await office.hand(in: drafts, submission(call, reason: call.given("remark"))).refusals
    if let flaw = flaws.first { throw flaw }
    let subject = listing[CreditListing.employer] ?? listing[CreditListing.institution] ?? ""
    return call.redirect(to: isGranted && record[CreditRequest.type] == "objection" ? "/credit/\(subject)" : "/listings/\(listing.id)")
}

private func notify(_ office: Office, _ call: Call) async throws -> Response {
    let record = try await office.ledger.store.read { db in try matter(Showing(office, call, db), CreditListing.kind, for: .change) }
    let today = office.ledger.clock.today.description
    let drafts = (call.form["functions"] ?? []).map { function in
        Draft(
            CreditNotice.kind, ["listing": record.id, "function": function, "sent": today, "due": call.given("due")])
    }
    guard !drafts.isEmpty else { return try await listingPage(office, call, [Refusal("field.required", field: "function")]) }
    let flaws = try await office.hand(in: drafts, submission(call, reason: call.word("credit.notify"))).refusals
    guard flaws.isEmpty else { return try await listingPage(office, call, Array(flaws.prefix(1))) }
    return call.redirect(to: "/listings/\(record.id)")
}

private func remove(_ office: Office, _ call: Call) async throws -> Response {
    let record = try await office.ledger.store.read { db in try matter(Showing(office, call, db), CreditListing.kind, for: .change) }
    var draft = Draft(
        CreditListing.kind, id: record.id, ["removed": office.ledger.clock.today.description, "removal": call.given("removal")])
    draft.seen = Int(call.given("version")) ?? 0
    let flaws = try await office.hand(in: [draft], submission(call, reason: call.word("credit.remove"))).refusals
    guard flaws.isEmpty else { return try await listingPage(office, call, flaws) }
    return call.redirect(to: "/listings/\(record.id)")
}

// A notice, as the department reads it

private func noticePage(_ office: Office, _ call: Call, _ refusals: [Refusal] = []) async throws -> Response {
    let model = try await office.ledger.store.read { db in
        let show = Showing(office, call, db)
        let record = try matter(show, CreditNotice.kind)
        let desk = StepDesk(show, refusals: refusals, sent: refusals.isEmpty ? nil : call)
        let shown: [FieldSpec] = [
            CreditNotice.unit.spec, CreditNotice.summary.spec, CreditNotice.function.spec, CreditNotice.sent.spec, CreditNotice.due.spec,
        ]
        let receipts = try office.ledger.mentions(db, of: record.id, kinds: [CreditReceipt.kind.name]).filter(show.sees)
        let place = try office.ledger.place(db, of: record)
        let mayReceive = mayDo(
            call.person, .change, at: Place(divisions: place.divisions, kind: CreditReceipt.kind.name, functions: place.functions))
        var page = DeskPage(
            frame: office.frame(call, at: .duties), heading: show.name(CreditNotice.kind),
            mark: View.Mark(receipts.isEmpty ? "open" : "met", call.word(receipts.isEmpty ? "credit.waiting" : "credit.received")),
            lead: call.word("credit.notice.lead"), errors: desk.errors(CreditReceipt.kind), facts: try desk.facts(record, shown))
        if mayReceive {
            let before = receipts.first
            page.forms.append(
                View.DeskForm(
                    id: "receipt", title: call.word(before == nil ? "credit.receive" : "credit.report"),
                    note: call.word("credit.receive.note"),
                    action: "/credit-notices/\(record.id)/receipt",
                    hidden: [View.Hidden(name: "version", value: before.map { String($0.version) } ?? "")],
                    fields: [desk.field(CreditReceipt.measures.spec, value: before?[CreditReceipt.measures] ?? "")],
                    button: call.word(before == nil ? "credit.receive" : "credit.report"), isOpen: true))
        }
        if !receipts.isEmpty { page.sections.append(try show.section(CreditReceipt.kind, receipts, total: receipts.count, isOpen: true)) }
        return page
    }
    return try call.page("desk", model, after: refusals)
}

private func receive(_ office: Office, _ call: Call) async throws -> Response {
    let (record, before) = try await office.ledger.store.read { db -> (Record, Record?) in
        let record = try matter(Showing(office, call, db), CreditNotice.kind)
        let place = try office.ledger.place(db, of: record)
        let own = Place(divisions: place.divisions, kind: CreditReceipt.kind.name, functions: place.functions)
        guard mayDo(call.person, .change, at: own) else { throw Refusal("access.denied", ["value": CreditReceipt.kind.zh]) }
        return (record, try office.ledger.mentions(db, of: record.id, kinds: [CreditReceipt.kind.name]).first)
    }
    var draft = Draft(CreditReceipt.kind, id: before?.id, ["notice": record.id, "measures": call.given("measures")])
    if before == nil { draft.cells["day"] = office.ledger.clock.today.description } else { draft.seen = Int(call.given("version")) ?? 0 }
    let flaws = try await office.hand(in: [draft], submission(call, reason: "")).refusals
    guard flaws.isEmpty else { return try await noticePage(office, call, flaws) }
    return call.redirect(to: "/credit-notices/\(record.id)")
}
