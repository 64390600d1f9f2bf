import Catalog
import Exchange
import Foundation
import HTTPTypes
import Hummingbird
import Kernel
import Ledger
import Storage
import Web

/// A record of any kind, new or changed, through one form made of the kind's fields.
func formRoutes(_ office: Office) -> [Route] {
    [
        Route(.get, "/records/:kind/new", needs: .signedIn) { call in try await newPage(office, call) },
        Route(.post, "/records/:kind", needs: .signedIn) { call in try await create(office, call) },
        Route(.get, "/record/:id/edit", needs: .signedIn) { call in try await editPage(office, call) },
        Route(.post, "/record/:id/edit", needs: .signedIn) { call in try await change(office, call) },
        Route(.get, "/records/:kind/lookup", needs: .signedIn) { call in try await lookUp(office, call) },
        Route(.get, "/catalog/:table/lookup", needs: .signedIn) { call in try lookUpCodes(office, call) },
    ]
}

/// Beyond this many options a list is searched instead of opened.
private let longestList = 150
/// What stands in a sensitive field to empty it: a blank one keeps what the form does not show.
private let emptied = "-"

/// A form as it is shown: what the fields hold, what was wrong with it, what somebody else saved meanwhile.
struct RecordForm {
    let show: Showing
    let kind: Kind
    /// The record that is changed; nil for a new one.
    var record: Record?
    var cells: [String: String]
    var refusals: [Refusal] = []
    /// The id that a new record will have, so that a form sent twice makes one record.
    var key = ""
    var reason = ""
    /// The saved draft that it goes on with.
    var draft: (id: String, version: Int, savedAt: Moment?)?
    /// The version that the form was opened with, where that is not the newest.
    var seen: Int?
    private var call: Call { show.call }
    private var catalog: Catalog { show.ledger.catalog }

    /// A new record's form with what the address gives.
    init(_ show: Showing, new kind: Kind) {
        (self.show, self.kind) = (show, kind)
        cells = show.call.query.compactMapValues(\.first).filter { kind.field(named: $0.key) != nil }
        key = Identifier.make(at: show.ledger.clock.now())
        guard let organisation = show.call.person.organisation else { return }
        for field in kind.references where cells[field.name] == nil {
            if let own = try? show.record(organisation), own.kind.name == field.target { cells[field.name] = organisation }
        }
    }
    /// A record's form with what it holds. Sensitive fields stay blank: nothing leaves the house by way of an input field.
    init(_ show: Showing, _ record: Record) {
        (self.show, kind, self.record) = (show, record.kind, record)
        cells = [:]
        for field in kind.fields where field.sensitivity == .open { cells[field.name] = record[field].map(plainText) ?? "" }
    }
    /// A form as it was sent.
    init(_ show: Showing, _ kind: Kind, _ record: Record?, sent call: Call) {
        (self.show, self.kind, self.record) = (show, kind, record)
        cells = RecordForm.cells(kind, call)
        (key, reason) = (call.given("_key"), call.given("_reason"))
        if !call.given("_draft").isEmpty { draft = (call.given("_draft"), Int(call.given("_draft_version")) ?? 0, nil) }
    }
    /// A form as it was saved, by whoever saved it.
    init(_ show: Showing, _ kind: Kind, _ record: Record?, saved: SavedDraft) {
        (self.show, self.kind, self.record, cells) = (show, kind, record, saved.cells)
        key = Identifier.make(at: show.ledger.clock.now())
        draft = (saved.id, saved.version, saved.savedAt)
        seen = record == nil ? nil : saved.seen
    }

    /// What was sent. A field that the form did not have stays as it is; boxes that nobody ticked are sent by no browser.
    static func cells(_ kind: Kind, _ call: Call) -> [String: String] {
        var cells: [String: String] = [:]
        for field in kind.entered {
            let choice = call.given(field.name + ".choice")
            let values = call.form[field.name]
            if !choice.isEmpty { cells[field.name] = choice } else if let values { cells[field.name] = values.joined(separator: ";") }
            if case .codes = field.type, values == nil { cells[field.name] = "" }
        }
        return cells
    }

    func page() throws -> FormPage {
        if let record { try show.fetch(namedBy: [record]) }
        let name = show.name(kind)
        var fields = try kind.entered.filter(isAsked).map(field)
        if record != nil {
            fields.append(View.FormField(name: "_reason", label: call.word("form.reason"), value: reason, control: .text(max: 300)))
        }
        let errors = refusals.map { refusal in
            let field = refusal.field.flatMap { kind.field(named: $0) }
            return View.FormError(anchor: field?.name ?? "", label: field.map(show.label) ?? "", text: call.say(refusal))
        }
        let isConflict = refusals.contains { $0.code == "version.conflict" }
        var hidden = record.map { [View.Hidden(name: "_record", value: $0.id)] } ?? [View.Hidden(name: "_key", value: key)]
        hidden += [
            View.Hidden(name: "_draft", value: draft?.id ?? ""), View.Hidden(name: "_draft_version", value: String(draft?.version ?? 0)),
        ]
        var page = FormPage(
            frame: show.office.frame(call, at: .records), kind: name, kindHref: Address.kind(kind.name),
            heading: call.word(record == nil ? "form.new" : "form.edit", ["kind": name]),
            action: record.map { Address.edit($0.id) } ?? Address.kind(kind.name),
            cancelHref: record.map(Address.of) ?? Address.kind(kind.name),
            version: record.map { String(seen ?? $0.version) } ?? "", hidden: hidden, fields: fields, errors: errors,
            conflict: isConflict ? try differences() : [])
        page.draftAction = Address.kind(kind.name) + "/drafts"
        page.savedText = draft?.savedAt.map { call.word("draft.saved.at", ["value": show.moment($0)]) } ?? ""
        return page
    }

    /// What the record holds now beside what was sent.
    private func differences() throws -> [View.Change] {
        guard let record else { return [] }
        let blank = call.word("form.blank")
        return try kind.fields.compactMap { field in
            guard let mine = cells[field.name] else { return nil }
            let theirs = record[field].map(plainText) ?? ""
            guard theirs != mine, field.sensitivity == .open || !mine.isEmpty else { return nil }
            let before = try show.value(field, of: record).text
            let after =
                field.sensitivity != .open ? mask(mine, field) : try field.plain(mine).map { try show.value($0, field).text } ?? mine
            return View.Change(label: show.label(field), before: before.isEmpty ? blank : before, after: after.isEmpty ? blank : after)
        }
    }

    /// What only the other side fills, whoever hands a new record in is not asked.
    private func isAsked(_ field: FieldSpec) -> Bool {
        record != nil || !call.person.role.isOutside || !Submitters.reserved(of: kind).contains(field.name)
    }

    private func field(_ field: FieldSpec) throws -> View.FormField {
        let value = cells[field.name] ?? ""
        let error = refusals.first { $0.field == field.name }.map { call.say($0) }
        var hint = field.source.isEmpty ? nil : field.source
        var required = field.required
        if field.sensitivity != .open, let record, record[field] != nil {
            required = false
            let keep = call.word("form.keep", ["value": try show.value(field, of: record).text])
            hint = field.required ? keep : keep + " " + call.word("form.keep.empty")
        }
        return View.FormField(
            name: field.name, label: show.label(field), value: value, hint: hint, error: error, required: required,
            control: try control(field, value))
    }

    private func control(_ field: FieldSpec, _ value: String) throws -> View.FormField.Control {
        switch field.type {
        case .text, .creditCode, .residentID, .integer, .decimal, .day: return .entry(field.type, today: show.ledger.clock.today)
        case .flag:
            return .select(options([("1", call.word("flag.yes")), ("0", call.word("flag.no"))], field, chosen: [value]))
        case .code(let table):
            let entries = catalog.tables[table]?.entries ?? []
            guard entries.count <= longestList else {
                let chosen = value.isEmpty ? nil : catalog.tables[table]?[value].map { call.isEnglish ? $0.en : $0.zh }
                return .reference(lookup: "/catalog/\(table)/lookup", chosen: chosen, candidates: [])
            }
            return .select(options(named(entries), field, chosen: [value]))
        case .codes(let table):
            let entries = catalog.tables[table]?.entries ?? []
            let chosen = Set(value.split(separator: ";").map(String.init))
            let all = named(entries).map { View.Option(value: $0.0, text: $0.1, selected: chosen.contains($0.0)) }
            return all.count <= 24 ? .boxes(all) : .list(all)
        case .division(let township):
            let codes = divisions(township)
            guard !codes.isEmpty, codes.count <= longestList else {
                return .reference(lookup: "/catalog/division/lookup", chosen: value.isEmpty ? nil : try show.place(value), candidates: [])
            }
            let extra = value.isEmpty || codes.contains(value) ? [] : [value]
            return .select(options(try (extra + codes).map { ($0, "\($0) \(try show.place($0))") }, field, chosen: [value]))
        case .reference(let target):
            let near = try nearby(target, except: field.name).filter(show.sees)
            if !near.isEmpty, near.count <= longestList, value.isEmpty || near.contains(where: { $0.id == value || $0.title == value }) {
                let all = try near.map {
                    View.Option(value: $0.id, text: try show.title($0), selected: $0.id == value || $0.title == value)
                }
                return .select([View.Option(value: "", text: "—")] + all.sorted { $0.text < $1.text })
            }
            // Whose file it is and what it follows from came with the form: an organisation reads the name, not the number.
            if record == nil, call.person.role == .organisation, let title = try show.knownTitle(value) {
                return .select([View.Option(value: "", text: "—"), View.Option(value: value, text: title, selected: true)])
            }
            let isAmbiguous = refusals.contains { $0.field == field.name && $0.code == "ref.ambiguous" }
            let candidates = isAmbiguous ? try show.ledger.kinds[target].map { try found(show, $0, value) } ?? [] : []
            return .reference(
                lookup: "/records/\(target)/lookup", chosen: try show.knownTitle(value), candidates: candidates)
        }
    }

    /// Records of a kind that have no name of their own outside a file, such as posts and staff, from the files that the form is about: those
    /// of the units that it names, or that a record names which it names and the reader sees.
    private func nearby(_ target: String, except name: String) throws -> [Record] {
        guard let kind = show.ledger.kinds[target], !kind.parents.isEmpty, kind.field(named: "name") != nil else { return [] }
        let given = kind.parents.compactMap(\.target)
        var units = Set([call.person.organisation].compactMap(\.self))
        for field in self.kind.references where field.name != name {
            guard let id = cells[field.name], let record = try show.record(id), try show.sees(record) else { continue }
            units.insert(id)
            units.formUnion(record.kind.references.filter { given.contains($0.target ?? "") }.compactMap { record.target(of: $0) })
        }
        return try units.sorted().flatMap { try show.ledger.records(show.db, kind, naming: $0) }
    }
    /// The cells with names of such records read as what they mean: within one file a name is enough.
    func read() throws -> [String: String] {
        var cells = cells
        for field in kind.references {
            guard let text = cells[field.name], !text.isEmpty, let target = field.target, try show.record(text) == nil else { continue }
            let found = try nearby(target, except: field.name).filter { $0.title == text }
            if found.count == 1 { cells[field.name] = found[0].id }
        }
        return cells
    }

    private func named(_ entries: [CodeTable.Entry]) -> [(String, String)] { entries.map { ($0.code, call.isEnglish ? $0.en : $0.zh) } }

    /// The options of a select behind a blank one. A sensitive field that holds something offers to keep it and to empty it.
    private func options(_ all: [(String, String)], _ field: FieldSpec, chosen: Set<String>) -> [View.Option] {
        var options =
            [View.Option(value: "", text: "—")] + all.map { View.Option(value: $0.0, text: $0.1, selected: chosen.contains($0.0)) }
        if field.sensitivity != .open, let record, record[field] != nil, !field.required {
            options.append(View.Option(value: emptied, text: call.word("form.blank"), selected: chosen.contains(emptied)))
        }
        return options
    }

    /// The counties or townships that the reader works for.
    private func divisions(_ township: Bool) -> [String] {
        guard let division = call.person.division else { return [] }
        let units = catalog.divisions.units(of: township ? .township : .county, in: division, on: show.ledger.clock.today)
        // A unit of its own level offers itself; a prefecture may enter what belongs to no county.
        return township ? units : units.contains(division.text) || division.text.utf8.count > 6 ? units : [division.text] + units
    }
}

extension View.FormField.Control {
    /// What is typed rather than chosen.
    static func entry(_ type: FieldType, today: Day) -> Self {
        switch type {
        case .text(let max): max > 200 ? .long(max: max) : .text(max: max)
        case .integer(let range): .number(min: String(range.lowerBound), max: String(range.upperBound), step: "1")
        case .decimal(let range): .number(min: plainText(.real(range.lowerBound)), max: plainText(.real(range.upperBound)), step: "any")
        case .day(let future): .day(max: future ? nil : today.description)
        case .creditCode, .residentID, .flag, .code, .codes, .reference, .division: .text(max: 18)
        }
    }
}

private func newPage(_ office: Office, _ call: Call) async throws -> Response {
    let kind = try kind(office, call)
    guard Reach(ledger: office.ledger, person: call.person).mayAdd(kind) else { throw Refusal("access.denied", ["value": kind.name]) }
    let model = try await office.ledger.store.read { db in try RecordForm(Showing(office, call, db), new: kind).page() }
    return try call.page("form", model)
}

private func editPage(_ office: Office, _ call: Call) async throws -> Response {
    let id = try call.part("id")
    let model = try await office.ledger.store.read { db in
        let show = Showing(office, call, db)
        let opened = try Opened(show, id, for: .change)
        guard !opened.isWithdrawn else { throw Refusal("record.missing", ["value": id]) }
        return try RecordForm(show, opened.record).page()
    }
    return try call.page("form", model)
}

private func create(_ office: Office, _ call: Call) async throws -> Response {
    let kind = try kind(office, call)
    guard Reach(ledger: office.ledger, person: call.person).mayAdd(kind) else { throw Refusal("access.denied", ["value": kind.name]) }
    let cells = try await office.ledger.store.read { db in try RecordForm(Showing(office, call, db), kind, nil, sent: call).read() }
    var draft = Draft(kind, cells)
    let key = call.given("_key")
    if key.utf8.count == 26, key.utf8.allSatisfy({ (97...122).contains($0) || (48...57).contains($0) }) {
        // The form's own id: sent again, it finds the record that it made and leaves it alone.
        (draft.id, draft.recordedAt, draft.seen) = (key, office.ledger.clock.now(), 0)
    }
    draft.saved = call.given("_draft")
    @Sendable func again(_ show: Showing, _ refusals: [Refusal]) throws -> FormPage {
        var form = RecordForm(show, kind, nil, sent: call)
        (form.refusals, form.key) = (refusals, Identifier.make(at: office.ledger.clock.now()))
        return try form.page()
    }
    let receipts = try await office.ledger.submit([draft], submission(call, reason: ""))
    if case .refused(let refusals)? = receipts.first?.fate, refusals.contains(where: { $0.code == "version.conflict" }) {
        // The browser went back and something else was written: that is another record.
        var other = Draft(kind, draft.cells)
        other.saved = draft.saved
        return try await submit(office, call, other, reason: "", again: again)
    }
    return try await answer(office, call, receipts, again: again)
}

private func change(_ office: Office, _ call: Call) async throws -> Response {
    let id = try call.part("id")
    var (record, cells) = try await office.ledger.store.read { db in
        let show = Showing(office, call, db)
        let record = try Opened(show, id, for: .change).record
        return (record, try RecordForm(show, record.kind, record, sent: call).read())
    }
    for field in record.kind.fields where field.sensitivity != .open && record[field] != nil {
        if cells[field.name] == "" { cells[field.name] = nil } else if cells[field.name] == emptied { cells[field.name] = "" }
    }
    var draft = Draft(record.kind, id: id, cells)
    draft.seen = Int(call.given("version")) ?? 0
    draft.saved = call.given("_draft")
    return try await submit(office, call, draft, reason: call.given("_reason")) { show, refusals in
        // The version shown is the newest: whoever sends the form again has seen it.
        let opened = try Opened(show, id, for: .change)
        var form = RecordForm(show, opened.record.kind, opened.record, sent: call)
        form.refusals = refusals
        return try form.page()
    }
}

/// Hands a draft to the ledger; what it refuses stands in the form, beside its fields.
private func submit(
    _ office: Office, _ call: Call, _ draft: Draft, reason: String, again: @escaping @Sendable (Showing, [Refusal]) throws -> FormPage
) async throws -> Response {
    try await answer(office, call, try await office.ledger.submit([draft], submission(call, reason: reason)), again: again)
}
private func answer(
    _ office: Office, _ call: Call, _ receipts: [Receipt], again: @escaping @Sendable (Showing, [Refusal]) throws -> FormPage
) async throws -> Response {
    guard let fate = receipts.first?.fate else { throw Refusal("internal", ["value": "receipt"]) }
    if case .refused(let refusals) = fate {
        let model = try await office.ledger.store.read { db in try again(Showing(office, call, db), refusals) }
        return try call.page("form", model, status: refusals.first.map { status(of: $0) } ?? .unprocessableContent)
    }
    return call.redirect(to: Address.record(fate.id ?? "") + "?done=saved")
}

func submission(
    _ call: Call, reason: String, updates: Bool = false, isTrial: Bool = false, door: String = "page", home: String? = nil
) -> Submission {
    Submission(
        by: call.person, door: door, reason: String(reason.prefix(300)), updates: updates, isTrial: isTrial,
        home: home ?? call.person.division.map { String($0.text.prefix(6)) })
}

// Look-ups while typing

private func found(_ show: Showing, _ kind: Kind, _ text: String) throws -> [View.Option] {
    try Listing(show, kind, search: text, limit: 20).records.map { View.Option(value: $0.id, text: try show.fullTitle($0)) }
}

private func lookUp(_ office: Office, _ call: Call) async throws -> Response {
    let kind = try kind(office, call)
    let text = call.asked("q") ?? ""
    let options = try await office.ledger.store.read { db in text.isEmpty ? [] : try found(Showing(office, call, db), kind, text) }
    return json(call, options)
}

private func lookUpCodes(_ office: Office, _ call: Call) throws -> Response {
    let name = try call.part("table")
    let text = (call.asked("q") ?? "").lowercased()
    let catalog = office.ledger.catalog
    let today = office.ledger.clock.today
    func fits(_ code: String, _ names: [String]) -> Bool { code.hasPrefix(text) || names.contains { $0.lowercased().contains(text) } }
    guard !text.isEmpty else { return json(call, []) }
    if name == "division" {
        let entries = catalog.divisions.codes.lazy.compactMap { catalog.divisions[$0] }.filter {
            $0.force.contains(today) && fits($0.code, [$0.name])
        }
        return json(call, entries.prefix(30).map { View.Option(value: $0.code, text: "\($0.code) \($0.name)") })
    }
    guard let table = catalog.tables[name] else { throw Refusal("code.unknown", ["value": name, "table": name]) }
    let entries = table.entries.lazy.filter { $0.force.contains(today) && fits($0.code.lowercased(), [$0.zh, $0.en]) }
    return json(call, entries.prefix(30).map { View.Option(value: $0.code, text: "\($0.code) \(call.isEnglish ? $0.en : $0.zh)") })
}

private func json(_ call: Call, _ options: [View.Option]) -> Response {
    var bytes: [UInt8] = [91]
    for (index, option) in options.enumerated() {
        bytes += Array((index > 0 ? ",{\"value\":" : "{\"value\":").utf8)
        Body.quote(option.value, into: &bytes)
        bytes += Array(",\"text\":".utf8)
        Body.quote(option.text, into: &bytes)
        bytes.append(125)
    }
    bytes.append(93)
    return call.text(String(decoding: bytes, as: UTF8.self), type: "application/json; charset=utf-8")
}
