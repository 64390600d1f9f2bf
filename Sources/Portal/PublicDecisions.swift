import Catalog
import Enforcement
import Hummingbird
import Kernel
import Ledger
import Registry
import Storage
import Web

/// What everybody reads without an account: penalty decisions and the black list. What is printed here is picked field by field; records
/// themselves stay behind `mayDo`.
func publicDecisionRoutes(_ office: Office) -> [Route] {
    [
        Route(.get, "/public/decisions", needs: .anyone) { call in try await decisionsPage(office, call) },
        Route(.get, "/public/decisions/:id", needs: .anyone) { call in try await publicDecisionPage(office, call) },
        Route(.get, "/public/blacklist", needs: .anyone) { call in try await blacklistPage(office, call) },
    ]
}

/// The parts of the public pages of supervision.
func publicPlaces(_ call: Call, at path: String) -> [View.Link] {
    ["/public/decisions", "/public/blacklist", "/public/complaints/new", "/public/complaints/query"].map {
        View.Link(text: call.word("public.at.\($0.dropFirst(8).replacing("/", with: "-"))"), href: $0, current: $0 == path)
    }
}

/// Natural persons around a unit: its workers, its responsible persons, whoever complained about it.
func personsAround(_ office: Office, _ db: any Connection, _ unit: String) throws -> [String] {
    let named = try office.ledger.mentions(
        db, of: unit, kinds: [Employment.kind.name, "exposure", "person_role", "officer", Complaint.kind.name], limit: 20_000)
    let workers = Set(
        named.filter { [Employment.kind.name, "exposure"].contains($0.kind.name) }.compactMap { record in
            record.kind.field(named: "worker").flatMap { record[$0] }.flatMap(String.read)
        })
    var names = try office.ledger.records(db, workers).compactMap { $0[Worker.name] }
    for record in named {
        if let field = record.kind.field(named: "name"), let value = record[field] { names.append(plainText(value)) }
    }
    if let record = try office.ledger.record(db, unit), let contact = record.kind.field(named: "contact"), let value = record[contact] {
        names.append(plainText(value))
    }
    return names
}

private let pageSize = 50

/// Decisions that are public today, the newest first.
private func openDecisions(_ office: Office, _ db: any Connection) throws -> [Record] {
    let today = office.ledger.clock.today
    let ids = try db.rows(
        "SELECT id FROM record WHERE kind = \(PenaltyDecision.kind.name) AND live = 1 AND state = 'accepted' ORDER BY day DESC, id DESC LIMIT 20000"
    ).map { try $0.get("id", as: String.self) }
    return try office.ledger.records(db, ids).filter { Publication.isOpen($0, on: today) }.sorted {
        ($0[PenaltyDecision.decided] ?? .distantPast, $0.id) > ($1[PenaltyDecision.decided] ?? .distantPast, $1.id)
    }
}

/// The unit's name; a natural person's (an individual business under its owner's name) masked.
private func unitName(_ office: Office, _ db: any Connection, _ unit: Record?) throws -> String {
    guard let unit else { return "—" }
    let name = unit.title
    // No name of a person is as long as that of a firm: only short ones are looked up.
    guard name.count <= 5, try personsAround(office, db, unit.id).contains(name) else { return name }
    return Publication.masked(name, names: [name])
}

/// The authority that decided: the division of the case's home.
private func authority(_ show: Showing, _ record: Record) throws -> String { try show.place(record.home) }

private func decisionsPage(_ office: Office, _ call: Call) async throws -> Response {
    let model = try await office.ledger.store.read { db -> DeskPage in
        let show = Showing(office, call, db)
        let words = Ledger.searched(call.asked("q") ?? "")
        let all = try openDecisions(office, db)
        try show.fetch(all.compactMap { $0[PenaltyDecision.employer] ?? $0[PenaltyDecision.institution] })
        let heads = ["shown.unit", "shown.clause", "shown.penalty", "shown.day", "shown.authority"].map { View.Column(text: call.word($0)) }
        var rows: [View.Row] = []
        for record in all {
            let unit = try (record[PenaltyDecision.employer] ?? record[PenaltyDecision.institution]).flatMap { try show.record($0) }
            let name = try unitName(office, db, unit)
            guard words.isEmpty || Ledger.searched(name).contains(words) else { continue }
            guard rows.count < pageSize * 4 else { break }
            let texts = [
                name, office.ledger.catalog.title("penalty_item", record[PenaltyDecision.item] ?? "", english: call.isEnglish),
                penalty(show, record), record[PenaltyDecision.decided]?.description ?? "", try authority(show, record),
            ]
            rows.append(
                View.Row(
                    cells: zip(heads, texts).enumerated().map { index, pair in
                        View.Cell(label: pair.0.text, text: pair.1, href: index == 0 ? "/public/decisions/\(record.id)" : nil)
                    }))
        }
        let search = View.DeskForm(
            id: "search", title: call.word("search.do"), action: "/public/decisions", isGet: true,
            fields: [View.FormField(name: "q", label: call.word("shown.unit"), value: call.asked("q") ?? "", control: .text(max: 100))],
            button: call.word("search.do"), isOpen: true)
        return DeskPage(
            frame: office.frame(call), places: publicPlaces(call, at: "/public/decisions"), heading: call.word("public.at.decisions"),
            lead: call.word("public.decisions.lead"), forms: [search],
            sections: rows.isEmpty
                ? []
                : [
                    View.Section(
                        title: call.word("public.at.decisions"), count: show.count(rows.count), rows: rows, columns: heads, open: true)
                ],
            isEmpty: rows.isEmpty)
    }
    return try call.page("desk", model)
}

/// The sanctions in words, with the amount.
private func penalty(_ show: Showing, _ record: Record) -> String {
    let names = (record[PenaltyDecision.means] ?? []).map { code -> String in
        let name = show.ledger.catalog.title("penalty_means", code, english: show.call.isEnglish)
        guard code == "fine", let amount = record[PenaltyDecision.amount] else { return name }
        return show.call.word("shown.fine", ["value": show.count(amount)])
    }
    return names.joined(separator: show.call.isEnglish ? ", " : "、")
}

private func publicDecisionPage(_ office: Office, _ call: Call) async throws -> Response {
    let id = try call.part("id")
    let model = try await office.ledger.store.read { db -> DeskPage in
        let show = Showing(office, call, db)
        // One answer for what does not exist, is not published, not yet or no longer.
        guard let record = try office.ledger.record(db, id), record.kind.name == PenaltyDecision.kind.name,
            Publication.isOpen(record, on: office.ledger.clock.today)
        else { throw Refusal("record.missing", ["value": id]) }
        let unit = try (record[PenaltyDecision.employer] ?? record[PenaltyDecision.institution]).flatMap { try show.record($0) }
        let persons = try personsAround(office, db, unit?.id ?? "")
        let credit = unit.flatMap { unit in unit.kind.field(named: "credit_code").flatMap { unit[$0].map(plainText) } }
        let lines: [(String, String?)] = [
            ("shown.unit", try unitName(office, db, unit)), ("shown.credit-code", credit), ("shown.number", record[PenaltyDecision.number]),
            ("shown.facts", record[PenaltyDecision.summary].map { Publication.masked($0, names: persons) }),
            ("shown.clause", office.ledger.catalog.title("penalty_item", record[PenaltyDecision.item] ?? "", english: call.isEnglish)),
            ("shown.penalty", penalty(show, record)), ("shown.day", record[PenaltyDecision.decided]?.description),
            ("shown.authority", try authority(show, record)), ("shown.published", record[PenaltyDecision.published]?.description),
            ("shown.public-until", record[PenaltyDecision.publishedUntil]?.description),
        ]
        return DeskPage(
            frame: office.frame(call), places: publicPlaces(call, at: "/public/decisions"),
            crumbs: [View.Link(text: call.word("public.at.decisions"), href: "/public/decisions")],
            heading: record[PenaltyDecision.number] ?? call.word("public.at.decisions"),
            facts: lines.compactMap { key, value in value.map { View.Fact(label: call.word(key), value: $0) } })
    }
    return try call.page("desk", model)
}

private func blacklistPage(_ office: Office, _ call: Call) async throws -> Response {
    let model = try await office.ledger.store.read { db -> DeskPage in
        let show = Showing(office, call, db)
        let today = office.ledger.clock.today
        let ids = try db.rows(
            "SELECT id FROM record WHERE kind = \(CreditListing.kind.name) AND live = 1 AND state = 'accepted' ORDER BY day DESC, id DESC LIMIT 20000"
        ).map { try $0.get("id", as: String.self) }
        let heads = ["shown.unit", "shown.list", "shown.criterion", "shown.number", "shown.listed", "shown.until", "shown.authority"].map {
            View.Column(text: call.word($0))
        }
        var rows: [View.Row] = []
        for record in try office.ledger.records(db, ids).sorted(by: { $0.id > $1.id })
        where CreditStanding(record, on: today) == .listed {
            let unit = try (record[CreditListing.employer] ?? record[CreditListing.institution]).flatMap { try show.record($0) }
            let catalog = office.ledger.catalog
            let texts = [
                try unitName(office, db, unit),
                catalog.title("credit_list", record[CreditListing.list] ?? "", english: call.isEnglish),
                catalog.title("credit_criterion", record[CreditListing.criterion] ?? "", english: call.isEnglish),
                record[CreditListing.number] ?? "", record[CreditListing.listed]?.description ?? "",
                record[CreditListing.until]?.description ?? "", try authority(show, record),
            ]
            rows.append(View.Row(cells: zip(heads, texts).map { View.Cell(label: $0.text, text: $1) }))
        }
        return DeskPage(
            frame: office.frame(call), places: publicPlaces(call, at: "/public/blacklist"), heading: call.word("public.at.blacklist"),
            lead: call.word("public.blacklist.lead"),
            sections: rows.isEmpty
                ? []
                : [
                    View.Section(
                        title: call.word("public.at.blacklist"), count: show.count(rows.count), rows: rows, columns: heads, open: true)
                ],
            isEmpty: rows.isEmpty)
    }
    return try call.page("desk", model)
}
