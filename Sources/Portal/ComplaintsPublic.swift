import Catalog
import Enforcement
import Foundation
import Hummingbird
import Kernel
import Ledger
import Planning
import Storage
import Web

/// Complaints without an account: the form, the receipt with its code, and the question how it stands.
func publicComplaintRoutes(_ office: Office) -> [Route] {
    let door = ComplaintDoor()
    return [
        Route(.get, "/public/complaints/new", needs: .anyone) { call in try await newComplaintPage(office, call) },
        Route(.post, "/public/complaints", needs: .anyone) { call in try await complain(office, call, door) },
        Route(.get, "/public/complaints/query", needs: .anyone) { call in try queryPage(office, call) },
        Route(.post, "/public/complaints/query", needs: .anyone) { call in try await query(office, call, door) },
    ]
}

/// Limits per source: generous for people, narrow for programs.
private final class ComplaintDoor: Sendable {
    let submissions = Limiter(20, minutes: 60)
    let questions = Limiter(30, minutes: 10)
}

private let complaintFields: [FieldSpec] = [
    Complaint.topics.spec, Complaint.against.spec, Complaint.place.spec, Complaint.text.spec, Complaint.worker.spec, Complaint.name.spec,
    Complaint.contact.spec,
]

/// The form's own id and the code that will open the matter: made once, so that a form sent twice makes one complaint.
private struct Ticket {
    let key, code: String
    init(_ office: Office) {
        key = Identifier.make(at: office.ledger.clock.now())
        // Without letters and digits that look alike: read out on the phone, copied by hand.
        let alphabet = Array("23456789ABCDEFGHJKLMNPQRSTUVWXYZ".utf8)
        code = String(decoding: Digest.random(12).map { alphabet[Int($0 & 31)] }, as: UTF8.self)
    }
    init?(_ call: Call) {
        (key, code) = (call.given("_key"), call.given("_code"))
        let isKey = key.utf8.count == 26 && key.utf8.allSatisfy { (97...122).contains($0) || (48...57).contains($0) }
        guard isKey, code.utf8.count == 12, code.utf8.allSatisfy({ (50...57).contains($0) || (65...90).contains($0) }) else { return nil }
    }
    var hidden: [View.Hidden] { [View.Hidden(name: "_key", value: key), View.Hidden(name: "_code", value: code)] }
}

/// What stands in the record instead of the code.
func complaintDigest(_ code: String) -> String {
    let plain = code.uppercased().filter { $0.isLetter || $0.isNumber }
    return Digest.sha256("complaint code \(plain)")
}

/// The counties to choose from: those of the plans that the house runs.
private func counties(_ show: Showing) throws -> [View.Option] {
    let today = show.ledger.clock.today
    let codes = try show.office.boards.plans(show.db).map(\.plan).flatMap { plan -> [String] in
        let units = show.ledger.catalog.divisions.units(of: .county, in: plan.jurisdiction, on: today)
        return units.isEmpty ? [plan.jurisdiction.text] : units
    }
    return try Set(codes).sorted().map { View.Option(value: $0, text: try show.place($0)) }
}

private func form(_ show: Showing, _ refusals: [Refusal], _ ticket: Ticket, sent: Call?) throws -> DeskPage {
    let (office, call) = (show.office, show.call)
    let desk = StepDesk(show, refusals: refusals, sent: sent)
    let chosen = sent?.given("division") ?? call.asked("division") ?? call.person.division?.text ?? ""
    let options = try counties(show).map { View.Option(value: $0.value, text: $0.text, selected: $0.value == chosen) }
    let label = call.word("complaint.division")
    let error = refusals.first { $0.field == "division" }.map { call.say($0) }
    let division =
        options.isEmpty
        ? View.FormField(
            name: "division", label: label, value: chosen, hint: call.word("complaint.division.hint"), error: error, required: true,
            control: .text(max: 6))
        : View.FormField(
            name: "division", label: label, value: chosen, error: error, required: true,
            control: .select([View.Option(value: "", text: "—")] + options))
    let isSignedIn = call.person.role != .nobody
    var fields = [division]
    for field in complaintFields {
        let hint = call.has("complaint.hint.\(field.name)") ? call.word("complaint.hint.\(field.name)") : nil
        fields.append(desk.field(field, value: field === Complaint.against.spec ? call.asked("against") ?? "" : "", hint: hint))
    }
    let notices = [
        View.Notice(tone: "info", text: call.word("complaint.sealed")), View.Notice(tone: "warn", text: call.word("complaint.retaliation")),
    ]
    return DeskPage(
        frame: office.frame(call), places: publicPlaces(call, at: "/public/complaints/new"), heading: call.word("complaint.new"),
        lead: call.word(isSignedIn ? "complaint.new.lead.signed-in" : "complaint.new.lead"), notices: notices,
        errors: desk.errors(Complaint.kind),
        forms: [
            View.DeskForm(
                id: "complaint", title: call.word("complaint.new"), action: "/public/complaints", hidden: ticket.hidden, fields: fields,
                button: call.word("complaint.new.do"), isOpen: true, trap: call.word("complaint.trap"))
        ])
}

private func newComplaintPage(_ office: Office, _ call: Call) async throws -> Response {
    let ticket = Ticket(office)
    let model = try await office.ledger.store.read { db in try form(Showing(office, call, db), [], ticket, sent: nil) }
    return try call.page("desk", model)
}

/// Takes a complaint. What cannot be taken is shown again with all that was written: nothing is lost.
private func complain(_ office: Office, _ call: Call, _ door: ComplaintDoor) async throws -> Response {
    let ticket = Ticket(call) ?? Ticket(office)
    func again(_ refusals: [Refusal]) async throws -> Response {
        let model = try await office.ledger.store.read { db in try form(Showing(office, call, db), refusals, ticket, sent: call) }
        return try call.page("desk", model, status: refusals.first.map { status(of: $0) } ?? .unprocessableContent)
    }
    // Programs fill in every field, people do not see this one.
    guard call.given("website").isEmpty else { return try await again([Refusal("complaint.trap")]) }
    guard door.submissions.allows(call.source, at: office.ledger.clock.now()) else {
        return try await again([Refusal("complaint.too-many")])
    }
    var cells = call.cells(complaintFields)
    let isSignedIn = call.person.role != .nobody
    cells["division"] = call.given("division")
    cells["received"] = office.ledger.clock.today.description
    cells["channel"] = "web"
    cells["digest"] = complaintDigest(ticket.code)
    let isAnonymous = (cells["name"] ?? "").isEmpty && (cells["contact"] ?? "").isEmpty && !isSignedIn
    cells["anonymous"] = isAnonymous ? "1" : "0"
    if isSignedIn { cells["account"] = call.person.name }
    var draft = Draft(Complaint.kind, id: ticket.key, cells)
    (draft.recordedAt, draft.seen) = (office.ledger.clock.now(), 0)
    var reader = Submission(by: .house, door: "public", home: String(call.given("division").prefix(6)))
    reader.updates = false
    let flaws = try await office.hand(in: [draft], reader).refusals
    let kept = try await office.ledger.store.read { db in try office.ledger.record(db, ticket.key) }
    guard let kept, kept.kind.name == Complaint.kind.name, kept[Complaint.digest] == complaintDigest(ticket.code) else {
        return try await again(flaws.isEmpty ? [Refusal("internal", ["value": "complaint"])] : flaws)
    }
    let page = DeskPage(
        frame: office.frame(call), places: publicPlaces(call, at: "/public/complaints/new"), heading: call.word("complaint.received"),
        lead: call.word("complaint.received.lead"),
        notices: [
            View.Notice(tone: "good", text: call.word("complaint.received")),
            View.Notice(tone: "warn", text: call.word("complaint.retaliation")),
        ],
        keep: [
            View.Fact(label: call.word("complaint.number"), value: kept[Complaint.number] ?? ""),
            View.Fact(label: call.word("complaint.code"), value: ticket.code, note: call.word("complaint.code.note")),
        ], tools: [View.Link(text: call.word("public.at.complaints-query"), href: "/public/complaints/query")])
    return try call.page("desk", page)
}

// How it stands

private func asking(_ office: Office, _ call: Call, _ notices: [View.Notice] = []) -> DeskPage {
    DeskPage(
        frame: office.frame(call), places: publicPlaces(call, at: "/public/complaints/query"),
        heading: call.word("public.at.complaints-query"), lead: call.word("complaint.query.lead"), notices: notices,
        forms: [
            View.DeskForm(
                id: "query", title: call.word("public.at.complaints-query"), action: "/public/complaints/query",
                fields: [
                    View.FormField(
                        name: "number", label: call.word("complaint.number"), value: call.given("number"), required: true,
                        control: .text(max: 60)),
                    View.FormField(name: "code", label: call.word("complaint.code"), required: true, control: .text(max: 20)),
                ], button: call.word("search.do"), isOpen: true)
        ])
}

private func queryPage(_ office: Office, _ call: Call) throws -> Response { try call.page("desk", asking(office, call)) }

/// One answer for a wrong number, a wrong code and a matter that does not exist.
private func query(_ office: Office, _ call: Call, _ door: ComplaintDoor) async throws -> Response {
    guard door.questions.allows(call.source, at: office.ledger.clock.now()) else {
        let notice = View.Notice(tone: "bad", text: call.say(Refusal("complaint.too-many")))
        return try call.page("desk", asking(office, call, [notice]), status: .tooManyRequests)
    }
    let number = call.given("number").trimmingCharacters(in: .whitespaces)
    let digest = complaintDigest(call.given("code"))
    let page = try await office.ledger.store.read { db -> DeskPage? in
        let ids = try db.rows("SELECT id FROM record WHERE kind = \(Complaint.kind.name) AND live = 1 AND title = \(number) LIMIT 2").map {
            try $0.get("id", as: String.self)
        }
        let found = try office.ledger.records(db, ids).filter { $0[Complaint.digest] == digest }
        guard found.count == 1, let record = found.first else { return nil }
        var page = asking(office, call)
        page.forms = [satisfactionForm(office, call, record, code: call.given("code"))].compactMap(\.self)
        let show = Showing(office, call, db)
        page.facts = try told(show, record)
        page.mark = complaintMark(call, record)
        // Whoever holds the code may say what they think of the answer, once.
        return page
    }
    guard let page else {
        let notice = View.Notice(tone: "warn", text: call.word("complaint.query.none"))
        return try call.page("desk", asking(office, call, [notice]), status: .unprocessableContent)
    }
    guard ["satisfied", "fair", "dissatisfied"].contains(call.given("satisfaction")) else { return try call.page("desk", page) }
    try await rate(office, number: number, digest: digest, call.given("satisfaction"))
    var thanks = page
    thanks.forms = []
    thanks.notices = [View.Notice(tone: "good", text: call.word("complaint.rated"))]
    return try call.page("desk", thanks)
}

private func satisfactionForm(_ office: Office, _ call: Call, _ record: Record, code: String) -> View.DeskForm? {
    guard record[Complaint.answered] != nil, record[Complaint.satisfaction] == nil else { return nil }
    let options = ["satisfied", "fair", "dissatisfied"].map {
        View.Option(value: $0, text: office.ledger.catalog.title("complaint_satisfaction", $0, english: call.isEnglish))
    }
    return View.DeskForm(
        id: "satisfaction", title: call.word("complaint.rate"), action: "/public/complaints/query",
        hidden: [View.Hidden(name: "number", value: record[Complaint.number] ?? ""), View.Hidden(name: "code", value: code)],
        fields: [
            View.FormField(
                name: "satisfaction", label: call.word("complaint.rate"), required: true,
                control: .select([View.Option(value: "", text: "—")] + options))
        ], button: call.word("complaint.rate"), isOpen: true)
}

private func rate(_ office: Office, number: String, digest: String, _ code: String) async throws {
    let record = try await office.ledger.store.read { db -> Record? in
        let ids = try db.rows("SELECT id FROM record WHERE kind = \(Complaint.kind.name) AND live = 1 AND title = \(number) LIMIT 2").map {
            try $0.get("id", as: String.self)
        }
        return try office.ledger.records(db, ids).first { $0[Complaint.digest] == digest }
    }
    guard let record, record[Complaint.answered] != nil, record[Complaint.satisfaction] == nil else { return }
    _ = try await office.hand(in: [Draft(Complaint.kind, id: record.id, ["satisfaction": code])], Submission(by: .house, door: "public"))
}

/// What a complainant is told: where it stands and what was answered; nothing of who deals with it or of the unit's file.
func told(_ show: Showing, _ record: Record) throws -> [View.Fact] {
    try StepDesk(show).facts(
        record,
        [
            Complaint.number.spec, Complaint.received.spec, Complaint.against.spec, Complaint.triaged.spec, Complaint.triage.spec,
            Complaint.function.spec, Complaint.triageReason.spec, Complaint.due.spec, Complaint.answered.spec, Complaint.answer.spec,
            Complaint.satisfaction.spec,
        ])
}

func complaintMark(_ call: Call, _ record: Record) -> View.Mark {
    if record[Complaint.answered] != nil { return View.Mark("met", call.word("complaint.answered")) }
    guard record[Complaint.triaged] != nil else { return View.Mark("open", call.word("complaint.waiting")) }
    switch record[Complaint.triage] {
    case "refused", "duplicate": return View.Mark("ended", call.word("complaint.ended"))
    default: return View.Mark("soon", call.word("complaint.underway"))
    }
}
