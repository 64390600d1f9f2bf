import Catalog
import Enforcement
import Hummingbird
import Kernel
import Ledger
import Registry
import Storage
import Web

/// Whom to inspect today: what the authority owes of inspections, by employer, the gravest first.
func inspectRoutes(_ office: Office) -> [Route] {
    [
        Route(.get, "/inspect", needs: .signedIn) { call in try await listPage(office, call) },
        Route(.get, "/inspect/new", needs: .signedIn) { call in try await formPage(office, call) },
        Route(.post, "/inspect", needs: .signedIn) { call in try await takeInspection(office, call) },
    ]
}

/// The authority's duties that an inspection meets.
let inspectionRules = [
    "order_escalation", "order_recheck", "exceedance_handover", "newcase_employer_enforcement", "inspection_due",
]

/// Only who enters inspections has this page; to others it does not exist.
func mayInspect(_ person: Person) -> Bool {
    person.role == .officer
        && person.division.map { mayDo(person, .change, at: Place(divisions: [$0.text], kind: Inspection.kind.name)) } ?? false
}

private func listPage(_ office: Office, _ call: Call) async throws -> Response {
    guard mayInspect(call.person) else { throw Refusal("page.missing", ["value": "/inspect"]) }
    let model = try await office.ledger.store.read { db in try listModel(Showing(office, call, db)) }
    return try call.page("inspect", model)
}

private func listModel(_ show: Showing) throws -> InspectPage {
    let (call, day) = (show.call, show.ledger.clock.today)
    guard let division = call.person.division else { throw Refusal("access.denied") }
    let prefix = division.prefix
    let rules = inspectionRules.filter { show.ledger.measures[$0]?.clause != nil }
    let whose: SQL = "s.division >= \(prefix) AND s.division < \(prefix + ":") AND s.verdict IN ('unmet', 'unknown', 'pending')"
    let standing = DutyRow.standing(on: day, rules.map { "duty/\($0)" })
    let rows = try DutyRow.read(show, "\(standing) AND \(whose)", order: DutyRow.byConsequence, limit: 300)
    let lines = try DutyWords(show: show, day: day).lines(rows, withDebtor: false)
    var order: [String] = []
    var byEmployer: [String: [(DutyRow, View.DutyLine)]] = [:]
    for (row, line) in zip(rows, lines) {
        if byEmployer[row.root] == nil { order.append(row.root) }
        byEmployer[row.root, default: []].append((row, line))
    }
    try show.fetch(order)
    let visits = try order.enumerated().compactMap { index, id -> View.Visit? in
        guard let record = try show.record(id), let all = byEmployer[id], let first = all.first, try show.sees(record) else { return nil }
        let act = all.compactMap { $0.1.actHref }.first { $0.hasPrefix("/inspect/new") }
        return View.Visit(
            name: try show.title(record), href: Address.of(record), place: try show.place(first.0.stretch.division),
            number: String(index + 1),
            mark: first.1.mark, lines: all.map(\.1), inspectHref: act ?? Address.newInspection(["employer": id]))
    }
    let counts = ["unmet": "overdue", "unknown": "unknown", "pending": "open"].sorted { $0.value > $1.value }.map { verdict, mark in
        let number = rows.filter { $0.stretch.verdict.rawValue == verdict }.count
        return View.Tally(mark: View.Mark(mark, call.word("state.\(mark)")), count: show.count(number))
    }
    return InspectPage(
        frame: show.office.frame(call, at: .duties), tallies: counts, visits: visits, more: try tasks(show),
        newHref: Address.newInspection(),
        notices: rows.count == 300 ? [View.Notice(tone: "info", text: call.word("inspect.cut", ["count": "300"]))] : [])
}

/// Planned inspections of draws and complaints, where the house has such kinds: the newest that lie in the reader's division.
private func tasks(_ show: Showing) throws -> [View.Section] {
    try ["inspection_plan", "complaint"].compactMap { name in
        guard let kind = show.ledger.kinds[name], Reach(ledger: show.ledger, person: show.call.person).concerns(kind) else { return nil }
        let found = try Listing(show, kind, limit: 20).records
        guard !found.isEmpty else { return nil }
        return try show.section(kind, found, total: found.count, more: Address.kind(name), isOpen: true)
    }
}

// The form

/// What an inspection is asked for, and what was sent of it.
struct InspectionForm {
    let show: Showing
    var cells: [String: String] = [:]
    var results: [String: String] = [:]
    var notes: [String: String] = [:]
    var key = ""
    var refusals: [Refusal] = []
    private var call: Call { show.call }

    init(new show: Showing) {
        self.show = show
        for name in ["employer", "report", "order", "cause", "mode"] { cells[name] = show.call.asked(name) }
        cells["day"] = show.ledger.clock.today.description
        if cells["order"] != nil { cells["cause"] = cells["cause"] ?? "recheck"; cells["mode"] = cells["mode"] ?? "retest" }
        if cells["report"] != nil { cells["cause"] = cells["cause"] ?? "handover" }
        key = Identifier.make(at: show.ledger.clock.now())
    }
    init(sent show: Showing) {
        self.show = show
        let form = show.call.form
        for field in Inspection.kind.entered { if let value = form[field.name]?.last { cells[field.name] = value } }
        for item in show.ledger.catalog.checklist {
            if let result = form["result.\(item.code)"]?.last, !result.isEmpty { results[item.code] = result }
            if let note = form["note.\(item.code)"]?.last, !note.isEmpty { notes[item.code] = note }
        }
        key = show.call.given("_key")
    }

    /// The inspection, and its items behind it.
    func drafts() -> [Draft] {
        var inspection = Draft(Inspection.kind, cells)
        (inspection.id, inspection.recordedAt, inspection.seen) = (key, show.ledger.clock.now(), 0)
        return [inspection]
            + results.sorted { $0.key < $1.key }.map { code, result in
                Draft(
                    InspectionItem.kind,
                    [
                        InspectionItem.inspection.spec.name: key, InspectionItem.item.spec.name: code,
                        InspectionItem.result.spec.name: result,
                        InspectionItem.note.spec.name: notes[code] ?? "",
                    ])
            }
    }

    /// What the form itself asks for beyond what an inspection that comes from a file needs.
    func flaws() -> [Refusal] {
        var flaws: [Refusal] = []
        if (cells["employer"] ?? "").isEmpty { flaws.append(Refusal("field.required", field: "employer")) }
        if (cells["inspector"] ?? "").isEmpty || (cells["inspector_2"] ?? "").isEmpty {
            flaws.append(Refusal("inspection.two", field: "inspector_2"))
        }
        for (code, result) in results.sorted(by: { $0.key < $1.key }) where result == "no" && notes[code] == nil {
            flaws.append(Refusal("inspection.note", field: "note.\(code)"))
        }
        if key.utf8.count != 26 || !key.utf8.allSatisfy({ (97...122).contains($0) || (48...57).contains($0) }) {
            flaws.append(Refusal("request.format"))
        }
        return flaws
    }

    func page() throws -> InspectionFormPage {
        let employer = try (cells["employer"] ?? "").isEmpty ? nil : show.record(cells["employer"] ?? "")
        // Whom the reader may not see, the form does not know.
        let known = try employer.flatMap { try show.sees($0) ? $0 : nil }
        let order = try (cells["order"] ?? "").isEmpty ? nil : show.record(cells["order"] ?? "")
        let asked = Set(order?[Order.items] ?? [])
        let catalog = show.ledger.catalog
        let today = show.ledger.clock.today
        let all = catalog.checklist.filter { $0.provenance.force.contains(today) }
        let names = catalog.tables["checklist_group"]?.entries ?? []
        func item(_ item: ChecklistItem) -> InspectionFormPage.Item {
            InspectionFormPage.Item(
                code: item.code, text: item.text.text(english: call.isEnglish), clause: item.clause, note: notes[item.code] ?? "",
                choices: ["yes", "no", "not_applicable"].map {
                    View.Option(
                        value: $0, text: catalog.title("check_result", $0, english: call.isEnglish), selected: results[item.code] == $0)
                })
        }
        var groups: [InspectionFormPage.Group] = []
        if !asked.isEmpty {
            groups.append(
                InspectionFormPage.Group(
                    title: call.word("inspect.ordered"), open: true, items: all.filter { asked.contains($0.code) }.map(item)))
        }
        groups += names.compactMap { name in
            let items = all.filter { $0.group == name.code && !asked.contains($0.code) }
            guard !items.isEmpty else { return nil }
            let isOpen = asked.isEmpty || items.contains { results[$0.code] != nil }
            return InspectionFormPage.Group(title: call.isEnglish ? name.en : name.zh, open: isOpen, items: items.map(item))
        }
        let fields = try ["employer", "day", "cause", "mode", "inspector", "inspector_2", "others", "report", "order"].compactMap {
            try field($0)
        }
        let closing = try ["findings", "party", "signed", "refusal", "witness"].compactMap { try field($0) }
        return InspectionFormPage(
            frame: show.office.frame(call, at: .duties), heading: try known.map { try show.title($0) } ?? call.word("inspect.new"),
            action: Address.inspect, key: key, fields: fields, closing: closing, groups: groups,
            signatures: ["party", "inspector", "inspector_2"].map {
                .init(field: "signature.\($0)", label: call.word("file.field.signature.\($0)"))
            },
            why: try known.map { try why($0, ofAuthority: true) } ?? [], owing: try known.map { try why($0, ofAuthority: false) } ?? [],
            errors: refusals.map { refusal in
                View.FormError(anchor: refusal.field ?? "", label: refusal.field.flatMap(label) ?? "", text: call.say(refusal))
            })
    }

    private func label(_ field: String) -> String? {
        if let own = Inspection.kind.field(named: field) { return show.label(own) }
        guard field.hasPrefix("note.") else { return nil }
        return show.ledger.catalog.title("checklist_item", String(field.dropFirst(5)), english: call.isEnglish)
    }

    /// Why the employer is on the list: what the authority owes about it; and what it is late with itself, one line a rule.
    private func why(_ employer: Record, ofAuthority: Bool) throws -> [View.DutyLine] {
        let day = show.ledger.clock.today
        let standing = DutyRow.standing(on: day, ofAuthority ? inspectionRules.map { "duty/\($0)" } : DutyRow.gauges(show.ledger))
        let whose: SQL = ofAuthority ? "s.verdict IN ('unmet', 'unknown', 'pending')" : "s.debtor = \(employer.id) AND s.verdict = 'unmet'"
        let rows = try DutyRow.read(show, "\(standing) AND s.root = \(employer.id) AND \(whose)", order: DutyRow.byConsequence, limit: 200)
        let byRule = Dictionary(grouping: rows, by: \.measure.name)
        var seen: Set<String> = []
        let shown = rows.filter { ofAuthority || seen.insert($0.measure.name).inserted }
        return try zip(shown, DutyWords(show: show, day: day).lines(shown, withDebtor: false, on: employer.id)).map { row, line in
            var line = line
            (line.actHref, line.actText, line.indicators) = (nil, nil, [])
            let count = byRule[row.measure.name]?.count ?? 1
            if !ofAuthority, count > 1 {
                (line.about, line.aboutHref) = (call.word("inspect.owing.count", ["count": show.count(count)]), nil)
            }
            return line
        }
    }

    private func field(_ name: String) throws -> View.FormField? {
        guard let spec = Inspection.kind.field(named: name) else { return nil }
        let value = cells[name] ?? ""
        let catalog = show.ledger.catalog
        func options(_ all: [(String, String)]) -> View.FormField.Control {
            .select([View.Option(value: "", text: "—")] + all.map { View.Option(value: $0.0, text: $0.1, selected: $0.0 == value) })
        }
        let control: View.FormField.Control
        switch spec.type {
        case .day: control = .day(max: show.ledger.clock.today.description)
        case .code(let table): control = options((catalog.tables[table]?.entries ?? []).map { ($0.code, call.isEnglish ? $0.en : $0.zh) })
        case .text(let max): control = max > 200 ? .long(max: max) : .text(max: max)
        case .reference(let kind) where kind == "officer": control = options(try officers())
        case .reference(let kind):
            // What the page does not speak of is not asked for.
            if name != "employer", value.isEmpty { return nil }
            let known = try show.knownTitle(value)
            // What the form was opened for is read by its name.
            control =
                known.map { .select([View.Option(value: value, text: $0, selected: true)]) }
                ?? .reference(lookup: "/records/\(kind)/lookup", chosen: nil, candidates: [])
        default: return nil
        }
        let error = refusals.first { $0.field == name }.map { call.say($0) }
        let isNeeded = spec.required || ["employer", "inspector", "inspector_2"].contains(name)
        return View.FormField(
            name: name, label: show.label(spec), value: value, hint: spec.source.isEmpty ? nil : spec.source, error: error,
            required: isNeeded,
            control: control)
    }

    /// The officers on the roster of the reader's division today.
    private func officers() throws -> [(String, String)] {
        guard let kind = show.ledger.kinds["officer"], let division = call.person.division else { return [] }
        let today = show.ledger.clock.today
        return try Listing(show, kind, limit: 400).records.filter { record in
            guard let place = kind.field(named: "division").flatMap({ record.target(of: $0) }) else { return false }
            let until = kind.field(named: "until").flatMap { record[$0].flatMap(Day.read) }
            return (division.contains(place) || place.hasPrefix(String(division.prefix.prefix(4)))) && (until.map { today < $0 } ?? true)
        }.map { ($0.id, try show.title($0)) }.sorted { $0.1 < $1.1 }
    }
}

private func formPage(_ office: Office, _ call: Call) async throws -> Response {
    guard mayInspect(call.person) else { throw Refusal("page.missing", ["value": "/inspect/new"]) }
    let model = try await office.ledger.store.read { db in try InspectionForm(new: Showing(office, call, db)).page() }
    return try call.page("inspection-form", model)
}

/// Takes an inspection with its items whole: first as a trial, so that nothing is stored of one that is refused in part.
private func takeInspection(_ office: Office, _ call: Call) async throws -> Response {
    guard mayInspect(call.person) else { throw Refusal("access.denied", ["value": Inspection.kind.zh]) }
    let (drafts, flaws, key) = try await office.ledger.store.read { db in
        let form = InspectionForm(sent: Showing(office, call, db))
        return (form.drafts(), form.flaws(), form.key)
    }
    func refused(_ all: [Refusal]) async throws -> Response {
        let model = try await office.ledger.store.read { db in
            var form = InspectionForm(sent: Showing(office, call, db))
            form.refusals = all
            return try form.page()
        }
        return try call.page("inspection-form", model, status: .unprocessableContent)
    }
    guard flaws.isEmpty else { return try await refused(flaws) }
    for isTrial in [true, false] {
        let receipts = try await office.ledger.submit(drafts, submission(call, reason: "", isTrial: isTrial))
        let refusals = receipts.enumerated().flatMap { index, receipt -> [Refusal] in
            guard case .refused(let all) = receipt.fate else { return [] }
            // Of an item its note is what a reader can mend.
            return index == 0 ? all : all.map { $0.on(field: "note.\(drafts[index].cells["item"] ?? "")") }
        }
        guard refusals.isEmpty else { return try await refused(refusals) }
    }
    return call.redirect(to: Address.inspection(key) + "?done=saved")
}
