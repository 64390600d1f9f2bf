import Catalog
import Enforcement
import Hummingbird
import Kernel
import Ledger
import Storage
import Web

/// What an inspection found, with photos and signatures, and the order that follows from what failed.
func inspectionRoutes(_ office: Office) -> [Route] {
    [
        Route(.get, "/inspections/:id", needs: .signedIn) { call in try await foundPage(office, call) },
        Route(.post, "/inspections/:id/order", needs: .signedIn) { call in try await issueOrder(office, call) },
    ]
}

private func foundPage(_ office: Office, _ call: Call) async throws -> Response {
    let id = try call.part("id")
    let model = try await office.ledger.store.read { db in try foundModel(Showing(office, call, db), id) }
    return try call.page("inspection", model)
}

/// A live record of a kind that the caller may see.
func opened(_ show: Showing, _ id: String, _ kind: Kind) throws -> Record {
    let opened = try Opened(show, id)
    guard opened.record.kind.name == kind.name, !opened.isWithdrawn else { throw Refusal("record.missing", ["value": id]) }
    return opened.record
}
/// The live parts of a record, of one kind.
func parts(_ show: Showing, _ kind: Kind, of id: String) throws -> [Record] {
    try Listing(show, kind, target: id, limit: 200).records.sorted { ($0.day ?? .distantPast, $0.id) < ($1.day ?? .distantPast, $1.id) }
}
extension Showing {
    /// The fields of a record as facts, without some.
    func facts(_ record: Record, without hidden: Set<String>) throws -> [View.Fact] {
        try fields(record).filter { !hidden.contains($0.name) }.map { field in
            let shown = try value(field, of: record)
            return View.Fact(
                label: label(field), value: shown.text, href: shown.href, note: shown.isMasked ? call.word("record.masked") : nil)
        }
    }
    func mark(ofCheck result: String?) -> View.Mark {
        let code = ["yes": "good", "no": "bad"][result ?? ""] ?? "none"
        return View.Mark(code, ledger.catalog.title("check_result", result ?? "not_checked", english: call.isEnglish))
    }
}

private func foundModel(_ show: Showing, _ id: String) throws -> InspectionPage {
    let call = show.call
    let record = try opened(show, id, Inspection.kind)
    let subject = try (record[Inspection.employer] ?? record[Inspection.institution]).flatMap { try show.record($0) }
    let items = try parts(show, InspectionItem.kind, of: id)
    let path = Address.inspection(id)
    let stored = try show.stored(record, back: path, mayChange: false)
    let catalog = show.ledger.catalog
    let groups = (catalog.tables["checklist_group"]?.entries ?? []).compactMap { group -> InspectionPage.Group? in
        let lines = items.compactMap { found -> InspectionPage.Line? in
            guard let code = found[InspectionItem.item], let item = catalog.checklistItem(code), item.group == group.code else {
                return nil
            }
            return InspectionPage.Line(
                text: item.text.text(english: call.isEnglish), clause: found[InspectionItem.clause] ?? item.clause,
                note: found[InspectionItem.note], mark: show.mark(ofCheck: found[InspectionItem.result]),
                photos: stored.filter { $0.0 == "item.\(code)" }.map(\.1))
        }
        return lines.isEmpty ? nil : InspectionPage.Group(title: call.isEnglish ? group.en : group.zh, lines: lines)
    }
    let failing = items.filter { $0[InspectionItem.result] == "no" }
    let choices =
        [View.Option(value: "photo", text: call.word("file.field.photo"), selected: true)]
        + failing.compactMap { $0[InspectionItem.item] }.map {
            View.Option(value: "item.\($0)", text: String(catalog.title("checklist_item", $0, english: call.isEnglish).prefix(30)))
        }
        + ["signature.party", "signature.inspector", "signature.inspector_2", "scan"].map {
            View.Option(value: $0, text: call.word("file.field.\($0)"))
        }
    let orders = try parts(show, Order.kind, of: id).filter { $0[Order.inspection] == id }
    var form: InspectionPage.OrderForm?
    if !failing.isEmpty, orders.isEmpty, record[Inspection.employer] != nil, try show.may(.change, record) {
        let facts = failing.compactMap { found -> String? in
            found[InspectionItem.item].map { "\(catalog.title("checklist_item", $0))：\(found[InspectionItem.note] ?? "")" }
        }
        form = InspectionPage.OrderForm(
            action: path + "/order", issued: show.ledger.clock.today.description, facts: facts.joined(separator: "\n"),
            key: Identifier.make(at: show.ledger.clock.now()),
            items: failing.compactMap { $0[InspectionItem.item] }.map {
                View.Option(value: $0, text: catalog.title("checklist_item", $0, english: call.isEnglish), selected: true)
            })
    }
    return InspectionPage(
        frame: show.office.frame(call, at: .duties), title: try show.title(record), employer: try subject.map(show.title) ?? "",
        employerHref: subject.map(Address.of) ?? Address.kinds, recordHref: Address.record(id),
        facts: try show.facts(record, without: ["employer", "institution"]), groups: groups,
        files: try show.files(of: record, back: path, fields: choices) { !$0.hasPrefix("signature") && !$0.hasPrefix("item.") },
        signatures: stored.filter { $0.0.hasPrefix("signature") }.map(\.1), order: form,
        orders: try orders.map { View.Link(text: try show.title($0), href: Address.of($0)) }, notices: done(call))
}

/// What the address says was done.
func done(_ call: Call) -> [View.Notice] {
    guard let done = call.asked("done"), ["saved", "issued", "served", "handed", "closed", "referred", "graded"].contains(done) else {
        return []
    }
    return [View.Notice(tone: "good", text: call.word("inspect.done.\(done)"))]
}

/// Hands drafts in, all or none.
/// - Throws: `Refusals` of the first that is refused.
func handIn(_ office: Office, _ call: Call, _ drafts: [Draft], reason: String = "") async throws {
    for isTrial in [true, false] {
        for receipt in try await office.ledger.submit(drafts, submission(call, reason: reason, isTrial: isTrial)) {
            if case .refused(let refusals) = receipt.fate { throw Refusals(refusals) }
        }
    }
}

/// A draft of a new record under the id that its form carried: sent twice, it is one record.
func keyed(_ office: Office, _ call: Call, _ kind: Kind, _ cells: [String: String]) throws -> Draft {
    let key = call.given("_key")
    guard key.utf8.count == 26, key.utf8.allSatisfy({ (97...122).contains($0) || (48...57).contains($0) }) else {
        throw Refusal("request.format")
    }
    var draft = Draft(kind, cells)
    (draft.id, draft.recordedAt, draft.seen) = (key, office.ledger.clock.now(), 0)
    return draft
}

private func issueOrder(_ office: Office, _ call: Call) async throws -> Response {
    let id = try call.part("id")
    let record = try await office.ledger.store.read { db in
        let show = Showing(office, call, db)
        let record = try opened(show, id, Inspection.kind)
        guard try show.may(.change, record) else { throw Refusal("access.denied", ["value": Order.kind.zh]) }
        return record
    }
    let draft = try keyed(
        office, call, Order.kind,
        [
            "employer": record[Inspection.employer] ?? "", "inspection": id, "issued": call.given("issued"), "due": call.given("due"),
            "facts": call.given("facts"), "items": (call.form["items"] ?? []).joined(separator: ";"),
        ])
    try await handIn(office, call, [draft])
    return call.redirect(to: Address.order(call.given("_key")) + "?done=issued")
}
