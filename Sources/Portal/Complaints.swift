import Catalog
import Enforcement
import Hummingbird
import Kernel
import Ledger
import Storage
import Web

/// Complaints 投诉举报 behind an account: the authority's desk, and what a worker or citizen handed in themself.
func complaintRoutes(_ office: Office) -> [Route] {
    [
        Route(.get, "/complaints", needs: .signedIn) { call in try await complaintsPage(office, call) },
        Route(.get, "/complaints/:id", needs: .signedIn) { call in try await complaintPage(office, call) },
        Route(.post, "/complaints/:id/triage", needs: .signedIn) { call in try await triage(office, call) },
        Route(.post, "/complaints/:id/answer", needs: .signedIn) { call in try await answer(office, call) },
        Route(.post, "/complaints/:id/satisfaction", needs: .signedIn) { call in try await rateOwn(office, call) },
    ]
}

private func complaintsPage(_ office: Office, _ call: Call) async throws -> Response {
    guard call.person.role == .officer else { return try await ownPage(office, call) }
    let model = try await office.ledger.store.read { db -> DeskPage in
        let show = Showing(office, call, db)
        let kind = Complaint.kind
        let found = try Listing(show, kind, after: call.asked("after"), limit: 100)
        let columns = [Complaint.received.spec, Complaint.against.spec, Complaint.topics.spec, Complaint.due.spec]
        try show.fetch(namedBy: found.records)
        func section(_ key: String, _ records: [Record], isOpen: Bool) throws -> View.Section {
            View.Section(
                title: call.word(key), count: show.count(records.count),
                rows: try records.map { record in
                    var row = try show.row(record, columns)
                    row.cells.append(View.Cell(label: call.word("desk.clock.state"), text: "", mark: complaintMark(call, record)))
                    return row
                }, columns: show.headings(kind, columns) + [View.Column(text: call.word("desk.clock.state"))], open: isOpen)
        }
        let waiting = found.records.filter { $0[Complaint.triaged] == nil }
        let underway = found.records.filter {
            $0[Complaint.triaged] != nil && $0[Complaint.answered] == nil && ["accepted", "handed"].contains($0[Complaint.triage])
        }
        let ids = Set((waiting + underway).map(\.id))
        let done = found.records.filter { !ids.contains($0.id) }
        var page = DeskPage(
            frame: office.frame(call, at: .duties), heading: show.name(kind), lead: call.word("complaint.desk.lead"),
            sections: [
                try section("complaint.waiting", waiting, isOpen: true), try section("complaint.underway", underway, isOpen: true),
                try section("complaint.ended", done, isOpen: false),
            ], isEmpty: found.records.isEmpty)
        if let next = found.next {
            page.tools.append(View.Link(text: call.word("records.all"), href: Office.href("/complaints", [:], ["after": next])))
        }
        page.tools.append(View.Link(text: call.word("complaint.enter"), href: Address.new(kind.name)))
        return page
    }
    return try call.page("desk", model)
}

private func ownPage(_ office: Office, _ call: Call) async throws -> Response {
    let model = try await office.ledger.store.read { db -> DeskPage in
        let show = Showing(office, call, db)
        let kind = Complaint.kind
        let ids = try db.rows(
            "\(show.ledger.own(kind, of: call.person.name)) ORDER BY id DESC LIMIT 200"
        )
        .map { try $0.get("id", as: String.self) }
        let records = try office.ledger.records(db, ids).filter(show.sees).sorted { $0.id > $1.id }
        let columns = [Complaint.received.spec, Complaint.against.spec]
        let rows = try records.map { record in
            var row = try show.row(record, columns)
            row.cells.append(View.Cell(label: call.word("desk.clock.state"), text: "", mark: complaintMark(call, record)))
            return row
        }
        return DeskPage(
            frame: office.frame(call), heading: call.word("complaint.mine"), lead: call.word("complaint.mine.lead"),
            sections: rows.isEmpty
                ? []
                : [
                    View.Section(
                        title: call.word("complaint.mine"), count: show.count(rows.count), rows: rows,
                        columns: show.headings(kind, columns) + [View.Column(text: call.word("desk.clock.state"))], open: true)
                ], tools: [View.Link(text: call.word("complaint.new"), href: "/public/complaints/new")], isEmpty: rows.isEmpty)
    }
    return try call.page("desk", model)
}

private let triageFields: [FieldSpec] = [
    Complaint.triage.spec, Complaint.function.spec, Complaint.triageReason.spec, Complaint.due.spec, Complaint.earlier.spec,
    Complaint.employer.spec, Complaint.institution.spec,
]
private let answerFields: [FieldSpec] = [
    Complaint.inspection.spec, Complaint.file.spec, Complaint.confirmed.spec, Complaint.reward.spec, Complaint.answer.spec,
]

private func complaintPage(_ office: Office, _ call: Call, _ refusals: [Refusal] = []) async throws -> Response {
    let model = try await office.ledger.store.read { db in try complaintModel(Showing(office, call, db), refusals) }
    return try call.page("desk", model, after: refusals)
}

private func complaintModel(_ show: Showing, _ refusals: [Refusal]) throws -> DeskPage {
    let (office, call) = (show.office, show.call)
    let record = try matter(show, Complaint.kind)
    let kind = Complaint.kind
    let path = "/complaints/\(record.id)"
    guard call.person.role == .officer else {
        var page = DeskPage(
            frame: office.frame(call), crumbs: [View.Link(text: call.word("complaint.mine"), href: "/complaints")],
            heading: try show.title(record), mark: complaintMark(call, record),
            notices: [View.Notice(tone: "warn", text: call.word("complaint.retaliation"))], facts: try told(show, record))
        page.facts.append(View.Fact(label: show.label(Complaint.text.spec), value: record[Complaint.text] ?? ""))
        if record[Complaint.answered] != nil, record[Complaint.satisfaction] == nil {
            page.forms.append(
                View.DeskForm(
                    id: "satisfaction", title: call.word("complaint.rate"), action: path + "/satisfaction",
                    fields: [StepDesk(show).field(Complaint.satisfaction.spec, isRequired: true)], button: call.word("complaint.rate"),
                    isOpen: true))
        }
        return page
    }
    let desk = StepDesk(show, refusals: refusals, sent: refusals.isEmpty ? nil : call)
    let mayChange = try show.may(.change, record)
    let shown = kind.fields.filter { $0 !== Complaint.digest.spec && $0 !== kind.code }
    var page = DeskPage(
        frame: office.frame(call, at: .duties), crumbs: [View.Link(text: show.name(kind), href: "/complaints")],
        heading: try show.title(record), mark: complaintMark(call, record),
        notices: [View.Notice(tone: "info", text: call.word("complaint.guard"))],
        errors: desk.errors(kind), facts: try desk.facts(record, shown),
        tools: printLinks(show, record) + [View.Link(text: call.word("desk.versions"), href: Address.record(record.id))])
    func current(_ field: FieldSpec) -> String { record[field].map(plainText) ?? "" }
    let version = [View.Hidden(name: "version", value: String(record.version))]
    if mayChange, record[Complaint.answered] == nil {
        var fields = triageFields.map { desk.field($0, value: current($0), isRequired: $0 === Complaint.triage.spec ? true : nil) }
        fields.append(
            View.FormField(
                name: "division", label: call.word("complaint.hand-to"), value: record[Complaint.division] ?? "",
                hint: call.word("complaint.hand-to.hint"), error: refusals.first { $0.field == "division" }.map { call.say($0) },
                control: .text(max: 6)))
        page.forms.append(
            View.DeskForm(
                id: "triage", title: call.word("complaint.triage"), note: call.word("complaint.triage.note"), action: path + "/triage",
                hidden: version, fields: fields, button: call.word("complaint.triage"), isOpen: record[Complaint.triaged] == nil))
        if ["accepted", "handed"].contains(record[Complaint.triage]) {
            var links: [View.Link] = []
            if let employer = record[Complaint.employer], record[Complaint.inspection] == nil {
                links.append(
                    View.Link(
                        text: call.word("complaint.inspect"),
                        href: Address.new("inspection", ["employer": employer, "mode": "special"])))
            }
            page.tools += links
            page.forms.append(
                View.DeskForm(
                    id: "answer", title: call.word("complaint.answer"), note: call.word("complaint.answer.note"), action: path + "/answer",
                    hidden: version, fields: answerFields.map { desk.field($0, value: current($0)) }, button: call.word("complaint.answer"),
                    isOpen: true))
        }
    }
    if let clocks = try desk.clocks(record.id, root: record) { page.sections.append(clocks) }
    let alike = try sameUnit(show, record)
    if !alike.isEmpty {
        let columns = [Complaint.received.spec, Complaint.topics.spec, Complaint.triage.spec]
        page.sections.append(
            View.Section(
                title: call.word("complaint.alike"), count: show.count(alike.count), rows: try alike.map { try show.row($0, columns) },
                columns: show.headings(kind, columns), open: record[Complaint.triaged] == nil, note: call.word("complaint.alike.note")))
    }
    return page
}

/// Other complaints that name the same unit: by the record that was identified, or by what the complainants wrote.
private func sameUnit(_ show: Showing, _ record: Record) throws -> [Record] {
    let name = Ledger.searched(record[Complaint.against] ?? "").filter { !$0.isWhitespace }
    let ids = try show.db.rows(
        "SELECT id FROM record WHERE kind = \(Complaint.kind.name) AND live = 1 AND home = \(record.home) AND id <> \(record.id) ORDER BY id DESC LIMIT 500"
    ).map { try $0.get("id", as: String.self) }
    return try show.ledger.records(show.db, ids).filter { other in
        let isSame = record[Complaint.employer] != nil && record[Complaint.employer] == other[Complaint.employer]
        let written = Ledger.searched(other[Complaint.against] ?? "").filter { !$0.isWhitespace }
        return try (isSame || (!name.isEmpty && !written.isEmpty && (written.contains(name) || name.contains(written)))) && show.sees(other)
    }.sorted { $0.id > $1.id }
}

private func triage(_ office: Office, _ call: Call) async throws -> Response {
    let record = try await office.ledger.store.read { db in try matter(Showing(office, call, db), Complaint.kind, for: .change) }
    var cells = call.cells(triageFields)
    cells["triaged"] = (record[Complaint.triaged] ?? office.ledger.clock.today).description
    var flaws: [Refusal] = []
    if call.given("triage") == "handed" {
        if !call.given("division").isEmpty { cells["division"] = call.given("division") }
        if call.given("function").isEmpty, call.given("division") == record[Complaint.division] {
            flaws = [Refusal("complaint.nowhere", field: "function")]
        }
    } else if call.given("triage") == "accepted", call.given("function").isEmpty {
        cells["function"] = call.person.functions.first { office.ledger.catalog.tables["function"]?[$0] != nil } ?? "health"
    }
    return try await done(office, call, record, cells, flaws, reason: call.word("complaint.triage"))
}

private func answer(_ office: Office, _ call: Call) async throws -> Response {
    let record = try await office.ledger.store.read { db in try matter(Showing(office, call, db), Complaint.kind, for: .change) }
    var cells = call.cells(answerFields)
    if !call.given("answer").isEmpty { cells["answered"] = office.ledger.clock.today.description }
    return try await done(office, call, record, cells, [], reason: call.word("complaint.answer"))
}

private func done(
    _ office: Office, _ call: Call, _ record: Record, _ cells: [String: String], _ flaws: [Refusal], reason: String
) async throws -> Response {
    var flaws = flaws
    if flaws.isEmpty {
        var draft = Draft(Complaint.kind, id: record.id, cells)
        draft.seen = Int(call.given("version")) ?? 0
        flaws = try await office.hand(in: [draft], submission(call, reason: reason)).refusals
    }
    guard flaws.isEmpty else { return try await complaintPage(office, call, flaws) }
    let mayStill = try await office.ledger.store.read { db in
        try office.ledger.record(db, record.id).map { try Showing(office, call, db).sees($0) } ?? false
    }
    // What was handed to somebody else may be out of sight now.
    return call.redirect(to: mayStill ? "/complaints/\(record.id)" : "/complaints")
}

/// Their own complaint's answer rated by whoever handed it in: nothing else of it is theirs to change.
private func rateOwn(_ office: Office, _ call: Call) async throws -> Response {
    let record = try await office.ledger.store.read { db -> Record in
        let show = Showing(office, call, db)
        let record = try matter(show, Complaint.kind)
        let place = try office.ledger.place(db, of: record)
        guard place.people.contains(call.person.name), record[Complaint.answered] != nil, record[Complaint.satisfaction] == nil else {
            throw Refusal("access.denied", ["value": Complaint.kind.name])
        }
        return record
    }
    let draft = Draft(Complaint.kind, id: record.id, ["satisfaction": call.given("satisfaction")])
    let flaws = try await office.hand(in: [draft], Submission(by: .house, door: "public", reason: call.person.name)).refusals
    if let flaw = flaws.first { throw flaw }
    return call.redirect(to: "/complaints/\(record.id)")
}
