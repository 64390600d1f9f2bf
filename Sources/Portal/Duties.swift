import Catalog
import Foundation
import HTTPTypes
import Hummingbird
import Kernel
import Ledger
import Messages
import Planning
import Sheets
import Storage
import Web

/// What is owed: an organisation sees its own duties, an authority those of its division.
func dutyRoutes(_ office: Office) -> [Route] {
    [
        Route(.get, "/duties", needs: .signedIn) { call in try await dutiesPage(office, call) },
        Route(.get, "/duty", needs: .signedIn) { call in try await dutyPage(office, call) },
        Route(.post, "/duties/assignment", needs: .signedIn) { call in try await assign(office, call) },
        Route(.get, "/duties.csv", needs: .signedIn) { call in try await dutiesFile(office, call) },
    ]
}

/// What a reader asked of the duties: whose, which, in what order.
struct DutyQuery {
    let show: Showing
    let day: Day
    let whose: SQL
    let state: String
    let rule, place, debtor: String?
    /// Everybody's; the reader's own; the authority's; what the reader was named for.
    let owner: String
    static let owners = ["", "mine", "authority", "assigned"]
    let order: String
    let words: String
    private let ownCondition: SQL
    private var call: Call { show.call }
    static let states: [(code: String, mark: String, verdicts: [String])] = [
        ("", "all", ["unmet", "unknown", "pending"]), ("overdue", "overdue", ["unmet"]), ("unknown", "unknown", ["unknown"]),
        ("open", "open", ["pending"]),
        ("soon", "soon", ["met", "pending"]), ("met", "met", ["met"]),
    ]

    init(_ show: Showing) throws {
        let call = show.call
        (self.show, day) = (show, try show.asOf())
        owner = call.asked("owner") ?? ""
        (state, rule, place, debtor) = (call.asked("state") ?? "", call.asked("rule"), call.asked("place"), call.asked("debtor"))
        (order, words) = (call.asked("order") ?? "consequence", Ledger.searched(call.asked("q") ?? ""))
        let person = call.person
        let directory = try Directory(show.ledger, show.db)
        ownCondition =
            switch owner {
            case "mine": DutyQuery.mine(show, person, directory)
            case "authority": "s.debtor = ''"
            case "assigned":
                """
                EXISTS (SELECT 1 FROM assignment a WHERE a.home = s.home AND a.gauge = s.gauge AND a.root = s.root AND a.subject = s.subject
                AND a.account = \(person.name))
                """
            default: "1 = 1"
            }
        func inside(_ prefix: String) -> SQL { "s.division >= \(prefix) AND s.division < \(prefix + ":")" }
        switch person.role {
        case .organisation: whose = "s.debtor = \(person.organisation ?? "")"
        case .officer, .viewer:
            whose = "(\(person.divisions.reduce(into: "1 = 0" as SQL) { $0 = "\($0) OR (\(inside($1.prefix)))" }))"
        case .worker: whose = "s.root = \(person.worker ?? "")"
        case .system, .security, .audit, .citizen, .nobody: throw Refusal("access.denied")
        }
    }

    /// What the reader's own unit has to do itself.
    private static func mine(_ show: Showing, _ person: Person, _ directory: Directory) -> SQL {
        let groups = Dictionary(
            grouping: show.ledger.measures.values.filter { $0.clause != nil && !show.ledger.catalog.isRight($0.name) }, by: \.owedBy)
        var condition: SQL = "1 = 0"
        for measures in groups.values.sorted(by: { $0[0].name < $1[0].name }) {
            guard let whose = Messages.own(person, measures[0], directory) else { continue }
            condition = "\(condition) OR (s.gauge IN \(list: measures.map { "duty/" + $0.name }.sorted()) AND \(whose))"
        }
        return "(\(condition))"
    }

    /// Everything of the reader's, before rule, place and state are chosen.
    var base: SQL {
        var condition: SQL =
            "\(DutyRow.standing(on: day, DutyRow.gauges(show.ledger))) AND \(whose) AND \(ownCondition) AND \(DutyRow.readable(by: show.call.person))"
        if let debtor { condition = "\(condition) AND s.debtor = \(debtor)" }
        if !words.isEmpty {
            let named: SQL = "SELECT id FROM record WHERE kind IN ('employer', 'institution') AND folded LIKE \(containing: words)"
            condition = "\(condition) AND s.debtor IN (\(named))"
        }
        return condition
    }
    var condition: SQL { condition(state) }
    private func condition(_ state: String) -> SQL {
        var condition = base
        if let rule { condition = "\(condition) AND s.gauge = \("duty/" + rule)" }
        if let place, let code = DivisionCode(place) {
            condition = "\(condition) AND s.division >= \(code.prefix) AND s.division < \(code.prefix + ":")"
        }
        let verdicts = DutyQuery.states.first { $0.code == state }?.verdicts ?? ["unmet", "unknown", "pending"]
        condition = "\(condition) AND s.verdict IN \(list: verdicts)"
        return state == "soon" ? "\(condition) AND \(DutyQuery.soon(day))" : condition
    }
    /// Ends soon, and is unmet from then on.
    private static func soon(_ day: Day) -> SQL {
        """
        s.until_day <= \(day + DutyWords.soonDays) AND EXISTS (SELECT 1 FROM stretch n WHERE n.home = s.home AND n.root = s.root
        AND n.gauge = s.gauge AND n.subject = s.subject AND n.from_day = s.until_day AND n.verdict = 'unmet')
        """
    }
    var sql: SQL {
        switch order {
        case "due": "CASE s.verdict WHEN 'unmet' THEN s.from_day ELSE s.until_day END, s.gauge, s.root, s.subject"
        case "debtor": "s.debtor, \(DutyRow.byConsequence)"
        default: DutyRow.byConsequence
        }
    }

    /// How many there are, by rule, place and verdict, in one walk.
    func counts() throws -> (rules: [String: Int], places: [String: Int], verdicts: [String: Int], soon: Int, chosen: Int) {
        var (rules, places, verdicts): ([String: Int], [String: Int], [String: Int]) = ([:], [:], [:])
        let chosen = DutyQuery.states.first { $0.code == state }?.verdicts ?? []
        let prefix = place.flatMap { DivisionCode($0)?.prefix } ?? ""
        let rows = try show.db.rows(
            "SELECT s.gauge, s.division, s.verdict, count(*) AS total FROM stretch s WHERE \(base) GROUP BY s.gauge, s.division, s.verdict")
        for row in rows {
            let (gauge, division, verdict, total): (String, String, String, Int) = try (row.get(0), row.get(1), row.get(2), row.get(3))
            let isRule = rule == nil || gauge == "duty/" + (rule ?? "")
            let isPlace = division.hasPrefix(prefix)
            if isRule, isPlace { verdicts[verdict, default: 0] += total }
            guard chosen.contains(verdict) else { continue }
            if isPlace { rules[String(gauge.dropFirst(5)), default: 0] += total }
            if isRule { places[division, default: 0] += total }
        }
        let soon: Int = try show.db.row("SELECT count(*) AS total FROM stretch s WHERE \(condition("soon"))")?.get("total") ?? 0
        return (rules, places, verdicts, soon, state == "soon" ? soon : chosen.reduce(0) { $0 + (verdicts[$1] ?? 0) })
    }
}

private func dutiesPage(_ office: Office, _ call: Call) async throws -> Response {
    let size = 50
    let model = try await office.ledger.store.read { db -> DutiesPage in
        let show = Showing(office, call, db)
        let query = try DutyQuery(show)
        let counts = try query.counts()
        let from = max(0, call.asked("from").flatMap { Int($0) } ?? 0)
        let rows = try DutyRow.read(show, query.condition, order: query.sql, limit: size, offset: from)
        var lines = try DutyWords(show: show, day: query.day).lines(rows, withDebtor: call.person.role != .organisation)
        let directory = try Directory(office.ledger, db)
        let people = call.person.mayChangeSomething ? Messages.colleagues(directory, of: call.person) : []
        for (index, row) in rows.enumerated() {
            lines[index].assignee = try office.messages.assignee(db, of: row.key).map { directory.entry($0)?.display ?? $0 }
            if people.count > 1 { lines[index].key = row.key.text }
        }
        let owners = (call.person.role == .officer ? DutyQuery.owners : ["", "assigned"]).map {
            View.Option(value: $0, text: call.word("duty.owner.\($0.isEmpty ? "all" : $0)"), selected: query.owner == $0)
        }
        func href(_ changes: [String: String]) -> String { Office.href(Address.duties, call.query, ["from": ""].merging(changes) { $1 }) }
        let states = DutyQuery.states.map { state in
            let number = state.verdicts.reduce(0) { $0 + (counts.verdicts[$1] ?? 0) }
            let text = call.word(state.code.isEmpty ? "duty.all-open" : "state.\(state.code)")
            return View.Tally(
                mark: View.Mark(state.mark, text), count: show.count(state.code == "soon" ? counts.soon : number),
                href: href(["state": state.code]), current: query.state == state.code)
        }
        let rules =
            [View.Option(value: "", text: call.word("duty.all"))]
            + counts.rules.sorted { $0.key < $1.key }.compactMap { name, count in
                show.ledger.measures[name].map {
                    View.Option(
                        value: name, text: call.language.aside(call.isEnglish ? $0.en : $0.zh, show.count(count)),
                        selected: query.rule == name)
                }
            }
        let places =
            try [View.Option(value: "", text: call.word("duty.all"))]
            + counts.places.sorted { $0.key < $1.key }.map { code, count in
                View.Option(value: code, text: call.language.aside(try show.place(code), show.count(count)), selected: query.place == code)
            }
        let orders = ["consequence", "due", "debtor"].map {
            View.Option(value: $0, text: call.word("duty.order.\($0)"), selected: query.order == $0)
        }
        let hidden = ["state", "debtor", "as_of"].compactMap { name in call.asked(name).map { View.Hidden(name: name, value: $0) } }
        let pager = View.Pager(
            position: call.word(
                "pager.position",
                [
                    "first": show.count(min(counts.chosen, from + 1)), "last": show.count(from + rows.count),
                    "total": show.count(counts.chosen),
                ]), previous: from > 0 ? href(["from": String(max(0, from - size))]) : nil,
            next: from + size < counts.chosen ? href(["from": String(from + size)]) : nil)
        let isOwn = Reach(ledger: show.ledger, person: call.person).isOwnFile
        var page = DutiesPage(
            frame: office.frame(call, at: .duties), heading: try heading(show, query, isOwn: isOwn),
            asOf: View.AsOf(action: Address.duties, day: query.day.description, showsKnown: false), states: states, action: Address.duties,
            query: call.asked("q") ?? "", hidden: hidden, rules: rules, places: places, orders: orders,
            groups: try groups(show, query, rows, lines),
            pager: counts.chosen > size ? pager : nil, csvHref: Office.href("/duties.csv", call.query, ["from": ""]),
            notices: messageNotices(call), owners: owners, assignAction: people.count > 1 && !rows.isEmpty ? "/duties/assignment" : nil,
            people: colleagues(people, call))
        page.inspectHref = mayInspect(call.person) ? Address.inspect : nil
        return page
    }
    return try call.page("duties", model)
}

private func heading(_ show: Showing, _ query: DutyQuery, isOwn: Bool) throws -> String {
    if let debtor = query.debtor, let record = try show.record(debtor), try show.sees(record) {
        return "\(show.call.word("subject.duties")) · \(try show.title(record))"
    }
    guard !isOwn, let division = show.call.person.division else { return show.call.word("duties.title") }
    return "\(show.call.word("subject.duties")) · \(try show.place(division.text))"
}

/// Lines under headings: how they stand, or who owes them.
private func groups(_ show: Showing, _ query: DutyQuery, _ rows: [DutyRow], _ lines: [View.DutyLine]) throws -> [View.DutyGroup] {
    guard !rows.isEmpty else { return [] }
    guard query.order != "due" else {
        return [View.DutyGroup(title: show.call.word("duty.order.due"), count: show.count(lines.count), lines: lines)]
    }
    var result: [(key: String, group: View.DutyGroup)] = []
    for (row, line) in zip(rows, lines) {
        let key = query.order == "debtor" ? row.stretch.debtor : line.mark.code
        if result.last?.key != key {
            let title = query.order == "debtor" ? line.who ?? line.place ?? show.call.word("duties.title") : line.mark.word
            result.append((key, View.DutyGroup(title: title, count: "", href: query.order == "debtor" ? line.whoHref : nil)))
        }
        result[result.count - 1].group.lines.append(line)
    }
    return result.map { _, group in
        var group = group
        group.count = show.count(group.lines.count)
        return group
    }
}

/// The whole list as a table to be read, not to be read back.
private func dutiesFile(_ office: Office, _ call: Call) async throws -> Response {
    let bytes = try await office.ledger.store.read { db -> [UInt8] in
        let show = Showing(office, call, db)
        let query = try DutyQuery(show)
        let words = DutyWords(show: show, day: query.day)
        var bytes: [UInt8] = []
        var csv = CSVWriter(guardsFormulas: true) { bytes += $0 }
        try csv.write(
            [
                "duty.rule", "duty.clause", "chase.employer", "subject.name", "duty.place", "subject.reason", "import.state", "duty.since",
                "duty.due",
            ].map { call.word($0) })
        let rows = try DutyRow.read(show, query.condition, order: query.sql, limit: 200_000)
        for start in stride(from: 0, to: rows.count, by: 500) {
            for line in try words.lines(Array(rows[start..<min(start + 500, rows.count)])) {
                try csv.write([
                    line.what, line.clause ?? "", line.who ?? "", line.about ?? "", line.place ?? "", line.reason ?? "", line.mark.word,
                    line.since ?? "", line.due ?? "",
                ])
            }
        }
        try csv.finish()
        return bytes
    }
    let url = FileManager.default.temporaryDirectory.appendingPathComponent("zhifang-\(Digest.hex(Digest.random(8))).csv")
    try Data(bytes).write(to: url)
    return try call.download(url, name: "duties.csv", type: "text/csv; charset=utf-8")
}
