import Exchange
import Exposure
import Foundation
import HTTPTypes
import Hummingbird
import Kernel
import Ledger
import Storage
import Web

/// Lists of kinds and records, and one record with all that is known of it.
func recordRoutes(_ office: Office) -> [Route] {
    [
        Route(.get, "/records", needs: .signedIn) { call in try await kindsPage(office, call) },
        Route(.get, "/records/:kind", needs: .signedIn) { call in try await listPage(office, call) },
        Route(.get, "/record/:id", needs: .signedIn) { call in try await recordPage(office, call, isClear: false) },
        Route(.post, "/record/:id/unmasking", needs: .signedIn) { call in
            try await unmask(office, call)
            return try await recordPage(office, call, isClear: true)
        },
        Route(.post, "/record/:id/withdrawal", needs: .signedIn) { call in try await withdraw(office, call) },
        Route(.post, "/record/:id/restoration", needs: .signedIn) { call in try await restore(office, call) },
    ]
}

/// The kind that an address names.
func kind(_ office: Office, _ call: Call) throws -> Kind {
    let name = try call.part("kind")
    guard let kind = office.ledger.kinds[name] else { throw Refusal("kind.unknown", ["value": name]) }
    return kind
}

private func kindsPage(_ office: Office, _ call: Call) async throws -> Response {
    let model = try await office.ledger.store.read { db -> KindsPage in
        let show = Showing(office, call, db)
        let query = call.asked("q") ?? ""
        let reach = Reach(ledger: office.ledger, person: call.person)
        var results: [View.Section] = []
        if !query.isEmpty {
            for kind in office.ledger.features.flatMap(\.kinds) {
                let found = try Listing(show, kind, search: query, limit: 10)
                guard !found.records.isEmpty else { continue }
                let more = Office.href(Address.kind(kind.name), [:], ["q": query])
                let total =
                    try found.next == nil ? found.records.count : Listing.count(show, kind, search: query, target: nil, isWithdrawn: false)
                results.append(try show.section(kind, found.records, total: total, more: more, isOpen: true))
            }
        }
        let counts = try countsByKind(show)
        let groups = office.ledger.features.filter { $0.kinds.contains(where: reach.concerns) }.map { feature in
            View.KindGroup(
                title: call.word("feature.\(feature.name)"),
                kinds: feature.kinds.filter(reach.concerns).map { kind in
                    let mayAdd = reach.mayAdd(kind)
                    return View.KindCard(
                        title: show.name(kind), href: Address.kind(kind.name), count: counts[kind.name].map { show.count($0) },
                        otherTitle: call.isEnglish ? nil : kind.en, newHref: mayAdd ? Address.new(kind.name) : nil,
                        templateHref: mayAdd ? Address.template(kind.name) : nil)
                })
        }
        return KindsPage(frame: office.frame(call, at: .records), action: Address.kinds, query: query, groups: groups, results: results)
    }
    return try call.page("kinds", model)
}

private func countsByKind(_ show: Showing) throws -> [String: Int] {
    let reach = Reach(ledger: show.ledger, person: show.call.person)
    guard reach.isExact else { return [:] }
    guard !reach.isOwnFile else {
        return try show.ledger.kinds.filter { reach.concerns($0.value) }.mapValues {
            try Listing.count(show, $0, search: "", target: nil, isWithdrawn: false)
        }
    }
    let sealed = show.ledger.kinds.filter { Submitters.isSealed($0.key, from: show.call.person) }
    guard let any = show.ledger.kinds.values.first(where: { sealed[$0.name] == nil }) else { return [:] }
    let rows = try show.db.rows("SELECT kind, count(*) AS total FROM record WHERE live = 1 AND \(reach.condition(any)) GROUP BY kind")
    let counts: [String: Int] = Dictionary(
        try rows.map { (try $0.get("kind"), try $0.get("total")) }, uniquingKeysWith: { first, _ in first })
    // Of what is closed to the reader only what is addressed to them is counted.
    let own = try sealed.mapValues { try Listing.count(show, $0, search: "", target: nil, isWithdrawn: false) }
    return counts.merging(own) { $1 }
}

private func listPage(_ office: Office, _ call: Call) async throws -> Response {
    let kind = try kind(office, call)
    let size = 50
    let model = try await office.ledger.store.read { db -> RecordsPage in
        let show = Showing(office, call, db)
        let query = call.asked("q") ?? ""
        let isWithdrawn = call.asked("state") == "withdrawn"
        let standing = kind.flow == nil ? nil : call.asked("state").flatMap(Flow.State.init(rawValue:))
        let target = call.asked("of")
        let found = try Listing(
            show, kind, search: query, target: target, isWithdrawn: isWithdrawn, state: standing, after: call.asked("after"),
            before: call.asked("before"), limit: size)
        let total = try Listing.count(show, kind, search: query, target: target, isWithdrawn: isWithdrawn, state: standing)
        try show.fetch(namedBy: found.records)
        let columns = show.columns(kind)
        let from = max(1, call.asked("from").flatMap { Int($0) } ?? 1)
        func href(_ changes: [String: String]) -> String {
            Office.href(Address.kind(kind.name), call.query, ["after": "", "before": "", "from": ""].merging(changes) { $1 })
        }
        let position = call.word(
            "pager.position",
            [
                "first": show.count(min(total, from)), "last": show.count(from + found.records.count - 1), "total": show.count(total),
            ])
        let pager = View.Pager(
            position: position, previous: found.previous.map { href(["before": $0, "from": String(max(1, from - size))]) },
            next: found.next.map { href(["after": $0, "from": String(from + size)]) })
        var filters = [
            View.Filter(
                name: "state", label: call.word("records.state"),
                options: [View.Option(value: "", text: call.word("record.current"), selected: !isWithdrawn && standing == nil)]
                    + (kind.flow == nil ? [] : [Flow.State.submitted, .changed, .returned, .accepted]).map {
                        View.Option(value: $0.rawValue, text: call.word("flow.state.\($0.rawValue)"), selected: standing == $0)
                    } + [
                        View.Option(value: "withdrawn", text: call.word("record.withdrawn"), selected: isWithdrawn)
                    ])
        ]
        if let target, let record = try show.record(target), try show.sees(record) {
            filters.insert(
                View.Filter(
                    name: "of", label: show.name(record.kind),
                    options: [
                        View.Option(value: target, text: try show.title(record), selected: true),
                        View.Option(value: "", text: call.word("verdict.all")),
                    ]), at: 0)
        }
        let mayAdd = Reach(ledger: office.ledger, person: call.person).mayAdd(kind)
        let waiting = try found.records.filter { try $0.state?.waits == true && show.may(.accept, $0) }
        var page = RecordsPage(
            frame: office.frame(call, at: .records), title: show.name(kind), kindsHref: Address.kinds, action: Address.kind(kind.name),
            query: query,
            filters: filters, columns: show.headings(kind, columns),
            rows: try found.records.map { record in
                var row = try show.row(record, columns, isDim: isWithdrawn)
                if waiting.contains(where: { $0.id == record.id }) { row.cells[0].choice = record.id }
                return row
            },
            pager: found.previous == nil && found.next == nil ? nil : pager, total: show.count(total),
            newHref: mayAdd ? Address.new(kind.name) : nil,
            importHref: mayAdd ? Office.href(Address.imports, [:], ["kind": kind.name]) : nil,
            templateHref: mayAdd ? Address.template(kind.name) : nil, csvHref: Address.export(kind.name, .csv),
            xlsxHref: Address.export(kind.name, .xlsx))
        if !waiting.isEmpty {
            page.bulk = View.Bulk(steps: steps(show, [.accept, .sendBack]) { Address.kind(kind.name) + "/steps/\($0.rawValue)" })
        }
        page.notices = bulkNotices(call)
        return page
    }
    return try call.page("records", model)
}

// One record

/// The newest version of a record, live or withdrawn, that the caller may do something with.
struct Opened {
    let record: Record
    let isWithdrawn: Bool
    private let show: Showing
    /// Where it had to be read to find the record.
    private let read: [Ledger.HistoryLine]?

    /// - Throws: `record.missing` where there is none or it is not for the caller to see: nobody learns which.
    init(_ show: Showing, _ id: String, for action: Action = .see) throws {
        self.show = show
        // Its versions are read only for a record that is withdrawn, and for whoever asks for them.
        if let live = try show.record(id) {
            (record, isWithdrawn, read) = (live, false, nil)
        } else {
            let history = try show.ledger.history(show.db, id)
            guard let last = history.last, let record = last.record else { throw Refusal("record.missing", ["value": id]) }
            (self.record, isWithdrawn, read) = (record, last.isWithdrawn, history)
        }
        guard try show.may(.see, record) else { throw Refusal("record.missing", ["value": id]) }
        if action != .see, try !show.may(action, record) { throw Refusal("access.denied", ["value": record.kind.name]) }
    }

    /// Every version, the oldest first.
    func history() throws -> [Ledger.HistoryLine] { try read ?? show.ledger.history(show.db, record.id) }
}

private func recordPage(_ office: Office, _ call: Call, isClear: Bool) async throws -> Response {
    let id = try call.part("id")
    let model = try await office.ledger.store.read { db in try recordModel(Showing(office, call, db, isClear: isClear), id) }
    return try call.page("record", model)
}

func recordModel(_ show: Showing, _ id: String) throws -> RecordPage {
    let (office, call, db) = (show.office, show.call, show.db)
    let opened = try Opened(show, id, for: show.isClear ? .seePersonal : .see)
    let record = opened.record
    let kind = record.kind
    let history = try opened.history()
    try show.fetch(namedBy: history.compactMap(\.record))
    let values = try show.fields(record).map { field -> View.FieldValue in
        let shown = try show.value(field, of: record)
        return View.FieldValue(
            label: show.label(field), value: shown.text, href: shown.href, source: field.source.isEmpty ? nil : field.source,
            name: field.name,
            masked: shown.isMasked)
    }
    let root = try rootAbove(show, record)
    let mayChange = try show.may(.change, record)
    let maySeeMore =
        try !show.isClear && kind.fields.contains { $0.sensitivity != .open && record[$0] != nil } && show.may(.seePersonal, record)
    let path = Address.record(id)
    var notices: [View.Notice] = []
    if let done = call.asked("done") {
        if ["saved", "was-withdrawn"].contains(done) { notices.append(View.Notice(tone: "good", text: call.word("record.\(done)"))) }
        if Flow.Step(rawValue: done) != nil { notices.append(View.Notice(tone: "good", text: call.word("flow.done.\(done)"))) }
        if done == "saved", record.state?.waits == true { notices.append(View.Notice(tone: "info", text: call.word("flow.wait"))) }
    }
    if opened.isWithdrawn { notices.append(View.Notice(tone: "warn", text: call.word("record.withdraw.note"))) }
    var page = RecordPage(
        frame: office.frame(call, at: .records), kind: show.name(kind), kindHref: Address.kind(kind.name), title: try show.title(record),
        id: id,
        home: try show.place(record.home), status: opened.isWithdrawn ? View.Mark("ended", call.word("state.withdrawn")) : nil,
        values: values,
        versions: try versions(show, opened, history), parts: try sections(show, naming: record, mayAdd: mayChange && !opened.isWithdrawn),
        meets: try root.map { try decided(show, by: record, in: $0, db) } ?? [], fileHref: root.map(Address.of),
        fileText: try root.map(show.title),
        editHref: mayChange && !opened.isWithdrawn ? Address.edit(id) : nil,
        withdrawAction: mayChange && !opened.isWithdrawn ? path + "/withdrawal" : nil,
        restoreAction: mayChange && opened.isWithdrawn ? path + "/restoration" : nil, unmaskAction: maySeeMore ? path + "/unmasking" : nil,
        judgementHref: isJudged(kind) && !opened.isWithdrawn ? path + "/judgement" : nil,
        version: String(record.version), notices: notices)
    page.handling = try handling(show, opened)
    if !opened.isWithdrawn { page.prints = printLinks(show, record) }
    if !opened.isWithdrawn {
        let files = try show.files(of: record, back: path)
        if files.action != nil || !files.list.isEmpty { page.files = files }
        let own = Address.of(record)
        page.ownHref = own == path || ["employer", "worker"].contains(kind.name) ? nil : own
    }
    page.differences = try declarationDifferences(show, record)
    return page
}

/// The record whose file this one is part of, directly or through others; nil for a root, and where the reader may not see it.
private func rootAbove(_ show: Showing, _ record: Record) throws -> Record? {
    var current = record
    var seen: Set<String> = [record.id]
    while let field = current.kind.parents.first(where: { current.target(of: $0) != nil }), let id = current.target(of: field),
        seen.insert(id).inserted
    {
        guard let above = try show.record(id) else { break }
        current = above
    }
    return try current.id != record.id && show.sees(current) ? current : nil
}

/// Duties that the record meets or decides today.
private func decided(_ show: Showing, by record: Record, in root: Record, _ db: any Connection) throws -> [View.Link] {
    let today = show.ledger.clock.today
    let rows = try show.ledger.stretches(db, root: root.id, home: root.home).filter { row in
        row.stretch.record == record.id && row.gauge.hasPrefix("duty/") && row.stretch.from <= today && today < row.stretch.until
    }
    return Dictionary(grouping: rows, by: \.gauge).sorted { $0.key < $1.key }.compactMap { gauge, rows in
        guard let measure = show.ledger.measures[String(gauge.dropFirst(5))], let verdict = rows.first?.stretch.verdict else { return nil }
        let text =
            "\(show.call.isEnglish ? measure.owed.en : measure.owed.zh) · \(subjectMark(show.call, verdict).word)"
            + (rows.count > 1 ? " × \(rows.count)" : "")
        return View.Link(text: text, href: Address.of(root))
    }
}

private func versions(_ show: Showing, _ opened: Opened, _ history: [Ledger.HistoryLine]) throws -> [View.Version] {
    let blank = show.call.word("form.blank")
    var result: [View.Version] = []
    var before: Record?
    for line in history {
        var changes: [View.Change] = []
        if let record = line.record, let before {
            for field in record.kind.fields where record[field] != before[field] && show.tells(field, of: record.kind) {
                let (old, new) = (try show.value(field, of: before).text, try show.value(field, of: record).text)
                changes.append(View.Change(label: show.label(field), before: old.isEmpty ? blank : old, after: new.isEmpty ? blank : new))
            }
        }
        let isTold = Submitters.isTold(versionOf: opened.record.kind, by: line.by, to: show.call.person)
        var version =
            View.Version(
                number: String(line.version), who: isTold ? line.by : "—", when: show.moment(line.recordedAt),
                how: line.reason.isEmpty || !isTold ? nil : line.reason, changes: changes,
                isCurrent: line.version == opened.record.version && !line.isWithdrawn, isWithdrawn: line.isWithdrawn, isFirst: before == nil
            )
        version.state = line.record?.state.map { show.call.word("flow.state.\($0.rawValue)") }
        result.append(version)
        before = line.record ?? before
    }
    return result.reversed()
}

/// Records that name this one, by kind: its parts, and those that only mention it.
func sections(
    _ show: Showing, naming record: Record, mayAdd: Bool, without hidden: Set<String> = [], on day: Day? = nil
) throws -> [View.Section] {
    let reach = Reach(ledger: show.ledger, person: show.call.person)
    var result: [View.Section] = []
    for kind in show.ordered(show.ledger.kinds.keys) where !hidden.contains(kind.name) {
        guard let field = kind.references.first(where: { $0.target == record.kind.name }) else { continue }
        let found = try Listing(show, kind, target: record.id, limit: 10)
        // A part that could be added is offered before there is one; a mere mention is not, nor is what only the authority enters.
        let isTheirs = show.call.person.role != .organisation || Submitters.isOfOrganisations(kind.name)
        let mayAddPart = mayAdd && isTheirs && reach.mayAdd(kind)
        guard !found.records.isEmpty || (mayAddPart && field.tie == .part) else { continue }
        let total =
            try found.next == nil ? found.records.count : Listing.count(show, kind, search: "", target: record.id, isWithdrawn: false)
        result.append(
            try show.section(
                kind, found.records, total: total, without: record.kind.name, on: day,
                more: Office.href(Address.kind(kind.name), [:], ["of": record.id]),
                new: mayAddPart ? Address.new(kind.name, [field.name: record.id]) : nil,
                // The parts of a paper are the paper; a unit's file would be a wall of them.
                isOpen: field.tie == .part && !record.kind.parents.isEmpty && !found.records.isEmpty))
    }
    return result
}

// What changes a record without a form

/// Withdraws a record: it counts no longer, its versions stay.
private func withdraw(_ office: Office, _ call: Call) async throws -> Response {
    let id = try call.part("id")
    let reason = call.given("reason").trimmingCharacters(in: .whitespaces)
    guard !reason.isEmpty else { throw Refusal("field.required", field: "reason") }
    let opened = try await office.ledger.store.read { try Opened(Showing(office, call, $0), id, for: .change).record }
    try checkVersion(call, opened)
    var draft = Draft(opened.kind, id: id)
    draft.isWithdrawal = true
    try await done(office, draft, submission(call, reason: reason))
    return call.redirect(to: Address.record(id) + "?done=was-withdrawn")
}

/// Brings a withdrawn record back as its next version.
private func restore(_ office: Office, _ call: Call) async throws -> Response {
    let id = try call.part("id")
    let (record, isWithdrawn) = try await office.ledger.store.read { db in
        let opened = try Opened(Showing(office, call, db), id, for: .change)
        return (opened.record, opened.isWithdrawn)
    }
    guard isWithdrawn else { return call.redirect(to: Address.record(id)) }
    try checkVersion(call, record)
    var cells: [String: String] = [:]
    for field in record.kind.fields { cells[field.name] = record[field].map(plainText) ?? "" }
    // What the other side filled is theirs to fill again.
    if call.person.role == .organisation { for name in Submitters.reserved(of: record.kind) { cells[name] = nil } }
    var draft = Draft(record.kind, id: id, cells)
    draft.recordedAt = office.ledger.clock.now()
    try await done(office, draft, submission(call, reason: call.word("record.restore")))
    return call.redirect(to: Address.record(id) + "?done=saved")
}

private func checkVersion(_ call: Call, _ record: Record) throws {
    let seen = call.given("version")
    guard seen == String(record.version) else { throw Refusal("version.conflict", ["value": String(record.version), "expected": seen]) }
}

private func done(_ office: Office, _ draft: Draft, _ submission: Submission) async throws {
    for receipt in try await office.ledger.submit([draft], submission) {
        if case .refused(let refusals) = receipt.fate { throw Refusals(refusals) }
    }
}

/// Writes into the audit that the caller is about to read a record in clear, and why.
func unmask(_ office: Office, _ call: Call) async throws {
    let id = try call.part("id")
    let reason = call.given("reason").trimmingCharacters(in: .whitespacesAndNewlines)
    guard !reason.isEmpty else { throw Refusal("field.required", field: "reason") }
    try await office.ledger.store.write { db in
        let record = try Opened(Showing(office, call, db), id, for: .seePersonal).record
        try Audit(db).append(
            home: record.home, at: office.ledger.clock.now(), by: call.person.name, door: "page",
            [(record.id, "\(record.kind.name) v\(record.version) unmasked: \(reason.prefix(200))")])
    }
}
