import Foundation
import HTTPTypes
import Hummingbird
import Kernel
import Ledger
import Storage
import Web

/// The course of records: steps of one and of several, and what is begun and not handed in.
func stepRoutes(_ office: Office) -> [Route] {
    [
        Route(.post, "/record/:id/steps/:step", needs: .signedIn) { call in try await takeStep(office, call) },
        Route(.post, "/records/:kind/steps/:step", needs: .signedIn) { call in try await takeSteps(office, call) },
        Route(.get, "/drafts", needs: .signedIn) { call in try await draftsPage(office, call) },
        Route(.get, "/drafts/:id", needs: .signedIn) { call in try await draftForm(office, call) },
        Route(.post, "/drafts/:id/discard", needs: .signedIn) { call in
            try await office.ledger.discardDraft(try call.part("id"), by: call.person)
            return call.redirect(to: Address.drafts + "?done=discarded")
        },
        Route(.post, "/records/:kind/drafts", needs: .signedIn) { call in try await saveDraft(office, call) },
    ]
}

private func step(_ call: Call) throws -> Flow.Step {
    let name = try call.part("step")
    guard let step = Flow.Step(rawValue: name) else { throw Refusal("page.missing", ["value": name]) }
    return step
}

/// A step of one record. Whoever saw an older version reads the newest one, and who changed it, before they act.
private func takeStep(_ office: Office, _ call: Call) async throws -> Response {
    let (id, step) = (try call.part("id"), try step(call))
    let record = try await office.ledger.store.read { try Opened(Showing(office, call, $0), id).record }
    var draft = Draft(record.kind, id: id)
    (draft.step, draft.seen) = (step, Int(call.given("version")) ?? 0)
    let receipts = try await office.ledger.submit([draft], submission(call, reason: call.given("remark")))
    guard case .refused(let refusals)? = receipts.first?.fate else {
        return call.redirect(to: Address.record(id) + "?done=\(step.rawValue)")
    }
    guard let refusal = refusals.first, ["version.conflict", "flow.remark", "flow.state", "flow.four-eyes"].contains(refusal.code) else {
        throw Refusals(refusals)
    }
    let model = try await office.ledger.store.read { db -> RecordPage in
        let show = Showing(office, call, db)
        var page = try recordModel(show, id)
        page.notices.append(View.Notice(tone: "bad", text: try told(show, refusal, id)))
        return page
    }
    return try call.page("record", model, status: status(of: refusal))
}

/// A refusal of a step; a conflict says who changed the record and when.
private func told(_ show: Showing, _ refusal: Refusal, _ id: String) throws -> String {
    guard refusal.code == "version.conflict", let last = try show.ledger.history(show.db, id).last else { return show.call.say(refusal) }
    return show.call.word("flow.conflict", ["value": last.by, "limit": show.moment(last.recordedAt)])
}

/// The same step of several records: each is taken or refused by itself, and the list says which.
private func takeSteps(_ office: Office, _ call: Call) async throws -> Response {
    let (kind, step) = (try kind(office, call), try step(call))
    let ids = Array(Set(call.form["id"] ?? [])).sorted()
    guard !ids.isEmpty else { return call.redirect(to: Office.href(Address.kind(kind.name), [:], ["done": "none"])) }
    guard ids.count <= 500 else { throw Refusal("request.too-large", ["limit": "500"]) }
    // What the reader does not see is not there.
    let seen = try await office.ledger.store.read { db in
        let show = Showing(office, call, db)
        return try ids.compactMap { try show.record($0) }.filter { try $0.kind.name == kind.name && show.sees($0) }.map(\.id)
    }
    let drafts = seen.map { id in
        var draft = Draft(kind, id: id)
        draft.step = step
        return draft
    }
    let receipts = try await office.ledger.submit(drafts, submission(call, reason: call.given("remark")))
    let refused = receipts.compactMap { receipt in
        if case .refused(let refusals) = receipt.fate { refusals.first } else { nil }
    }
    return call.redirect(
        to: Office.href(
            Address.kind(kind.name), [:],
            [
                "done": "steps", "taken": String(receipts.count - refused.count), "refused": String(refused.count + ids.count - seen.count),
                "why": refused.first?.code ?? "",
            ]))
}

/// Saves a form as it is. A script asks for JSON and stays on the page; a button leads to the list of drafts.
private func saveDraft(_ office: Office, _ call: Call) async throws -> Response {
    let kind = try kind(office, call)
    let record = call.given("_record")
    if record.isEmpty {
        guard Reach(ledger: office.ledger, person: call.person).mayAdd(kind) else { throw Refusal("access.denied", ["value": kind.name]) }
    } else {
        _ = try await office.ledger.store.read { try Opened(Showing(office, call, $0), record, for: .change).record }
    }
    let id = call.given("_draft")
    let saved = try await office.ledger.saveDraft(
        kind, RecordForm.cells(kind, call), id: id.isEmpty ? nil : id, version: Int(call.given("_draft_version")) ?? 0,
        record: record.isEmpty ? nil : record, seen: Int(call.given("version")) ?? 0, by: call.person)
    guard (call.request.headers[.accept] ?? "").contains("application/json") else {
        return call.redirect(to: Address.drafts + "?done=saved")
    }
    let text = call.word(
        "draft.saved.at", ["value": String(Moment(microseconds: office.ledger.clock.now().microseconds).description.dropLast(3))])
    var bytes: [UInt8] = Array("{\"id\":".utf8)
    Body.quote(saved.id, into: &bytes)
    bytes += Array(",\"version\":\(saved.version),\"text\":".utf8)
    Body.quote(text, into: &bytes)
    bytes.append(125)
    return call.text(String(decoding: bytes, as: UTF8.self), type: "application/json; charset=utf-8")
}

private func draftsPage(_ office: Office, _ call: Call) async throws -> Response {
    let lines = try await office.ledger.store.read { db -> [View.DraftLine] in
        let show = Showing(office, call, db)
        return try office.ledger.drafts(db, of: call.person).compactMap { draft in
            guard let kind = office.ledger.kinds[draft.kind] else { return nil }
            let named = try draft.record.flatMap { try show.record($0) }.map { try show.title($0) }
            let first = kind.entered.first { $0.sensitivity == .open && $0.target == nil && !(draft.cells[$0.name] ?? "").isEmpty }
            return View.DraftLine(
                kind: show.name(kind), about: named ?? first.flatMap { draft.cells[$0.name] } ?? show.name(kind),
                when: show.moment(draft.savedAt),
                href: draft.cells[Declaring.mark] == nil ? Address.draft(draft.id) : "/declare",
                discardAction: Address.draft(draft.id) + "/discard")
        }
    }
    let done = call.asked("done").flatMap { ["saved", "discarded"].contains($0) ? $0 : nil }
    return try call.page(
        "drafts",
        DraftsPage(
            frame: office.frame(call, at: .records), drafts: lines,
            notices: done.map { [View.Notice(tone: "good", text: call.word("draft.\($0)"))] } ?? []))
}

/// The form as it was left.
private func draftForm(_ office: Office, _ call: Call) async throws -> Response {
    let id = try call.part("id")
    let model = try await office.ledger.store.read { db -> FormPage in
        guard let draft = try office.ledger.draft(db, id, of: call.person), let kind = office.ledger.kinds[draft.kind] else {
            throw Refusal("record.missing", ["value": id])
        }
        let show = Showing(office, call, db)
        let record = try draft.record.map { try Opened(show, $0, for: .change).record }
        return try RecordForm(show, kind, record, saved: draft).page()
    }
    return try call.page("form", model)
}

// MARK: What a record's page and a list say of the course

/// Where a record stands and what the reader may do about it; nil where its kind has no course.
func handling(_ show: Showing, _ opened: Opened) throws -> View.Handling? {
    let record = opened.record
    guard let state = record.state, record.kind.flow != nil else { return nil }
    var handling = View.Handling(state: stateMark(show.call, opened.isWithdrawn && state != .cancelled ? nil : state))
    if state == .returned || state == .cancelled, let last = try opened.history().last(where: { $0.record?.state == state }) {
        handling.remark = last.reason
        handling.remarkBy = "\(last.by) · \(show.moment(last.recordedAt))"
    }
    guard !opened.isWithdrawn else { return handling }
    let place = try show.ledger.place(show.db, of: record)
    if state.waits, let level = place.level {
        handling.level = show.call.word("flow.level", ["value": show.call.word("level.\(level.rawValue)")])
    }
    if try show.may(.accept, record) {
        handling.steps = steps(show, [.accept, .sendBack, .cancel].filter { $0.isPossible(in: state) }) {
            Address.record(record.id) + "/steps/\($0.rawValue)"
        }
    }
    return handling
}

func steps(_ show: Showing, _ all: [Flow.Step], _ action: (Flow.Step) -> String) -> [View.StepForm] {
    all.map { step in
        View.StepForm(
            step: step.rawValue, action: action(step), text: show.call.word("flow.step.\(step.rawValue)"), needsRemark: step.needsRemark,
            isMain: step == .accept, isDanger: step == .cancel)
    }
}

/// A state as a mark; nil means withdrawn.
func stateMark(_ call: Call, _ state: Flow.State?) -> View.Mark {
    guard let state else { return View.Mark("ended", call.word("state.withdrawn")) }
    let sign =
        switch state {
        case .submitted, .changed: "pending"
        case .returned: "warn"
        case .accepted: "met"
        case .cancelled: "ended"
        }
    return View.Mark(sign, call.word("flow.state.\(state.rawValue)"))
}

/// What became of the records that were chosen.
func bulkNotices(_ call: Call) -> [View.Notice] {
    switch call.asked("done") {
    case "none": return [View.Notice(tone: "warn", text: call.word("flow.bulk.none"))]
    case "steps":
        let (taken, refused) = (Int(call.asked("taken") ?? "") ?? 0, Int(call.asked("refused") ?? "") ?? 0)
        var notices = [
            View.Notice(
                tone: refused == 0 ? "good" : "warn",
                text: call.word("flow.bulk.done", ["value": String(taken), "limit": String(refused)]))
        ]
        if refused > 0, let code = call.asked("why"), call.has("refusal.\(code)") {
            notices.append(View.Notice(tone: "bad", text: call.say(Refusal(code))))
        }
        return notices
    default: return []
    }
}
