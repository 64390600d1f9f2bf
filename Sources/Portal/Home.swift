import Accounts
import Catalog
import Enforcement
import Hummingbird
import Institutions
import Kernel
import Ledger
import Messages
import Planning
import Registry
import Storage
import Web

/// The first page: what the reader owes, by consequence, with what to do next.
func homeRoutes(_ office: Office) -> [Route] {
    [
        Route(.get, "/", needs: .anyone) { call in
            if try await !office.accounts.hasAdministrator() { return call.redirect(to: "/setup") }
            guard call.person.role != .nobody else { return call.redirect(to: "/public") }
            let model = try await office.ledger.store.read { db in try Home(Showing(office, call, db)).page() }
            return try call.page("home", model)
        },
        Route(.post, "/mail/dead", needs: .signedIn) { call in
            try await office.messages.settle(
                deadLetters: call.form["id"] ?? [], again: call.given("do") == "again", by: call.person)
            return call.redirect(to: "/")
        },
    ]
}

/// The first page of one reader.
struct Home {
    let show: Showing
    let day: Day
    let words: DutyWords
    let directory: Directory
    var call: Call { show.call }
    var person: Person { call.person }
    /// Rules shown of each state before the whole list is offered.
    static let rulesShown = 6

    init(_ show: Showing) throws {
        self.show = show
        day = show.ledger.clock.today
        words = DutyWords(show: show, day: day)
        directory = try Directory(show.ledger, show.db)
    }

    func page() throws -> HomePage {
        var sections: [View.HomeSection] = []
        var (front, lists, side): ([View.HomeList], [View.HomeList], [View.HomeList]) = ([], [], [])
        var notices: [View.Notice] = []
        var states: [View.Tally] = []
        var summary = call.word("home.summary.none")
        var isCalm = false
        switch person.role {
        case .organisation, .officer:
            let own = try ownDuties()
            sections = try own.sections()
            states = own.tallies(show)
            (summary, isCalm) = (own.summary(call), own.overdue == 0)
            front = try [returned(), waiting(), assigned()].compactMap(\.self)
            side = try [drafts()].compactMap(\.self)
            if person.role == .officer { lists = try [lower(), debtors()].compactMap(\.self) }
        case .viewer: lists = try [lower(), debtors()].compactMap(\.self)
        case .worker, .citizen: front = try [returned(), drafts()].compactMap(\.self)
        case .system: (lists, notices) = try mail()
        case .security, .audit, .nobody: break
        }
        let messages = try inbox()
        return HomePage(
            frame: show.office.frame(call, at: .home), heading: call.word("home.title.\(person.role.rawValue)"), unit: try unit(),
            summary: [.organisation, .officer].contains(person.role) ? summary : call.word("home.lead.\(person.role.rawValue)"),
            isCalm: isCalm, states: states, front: front, sections: sections, lists: lists, side: side, messages: messages.lines,
            unreadCount: messages.unread,
            links: try links(), notices: notices)
    }

    private func unit() throws -> String? {
        if let id = person.organisation { return try show.title(id) }
        return try person.division.map { try show.place($0.text) }
    }

    // Duties

    private func ownDuties() throws -> OwnDuties {
        let groups = Dictionary(
            grouping: show.ledger.measures.values.filter { $0.clause != nil && !show.ledger.catalog.isRight($0.name) }, by: \.owedBy)
        var rows: [DutyRow] = []
        // Owner by owner: each is found by the index of debtors, all in one condition are not.
        for measures in groups.values.sorted(by: { $0[0].name < $1[0].name }) {
            guard let whose = Messages.own(person, measures[0], directory) else { continue }
            let unfinished: SQL = """
                \(DutyRow.standing(on: day, measures.map { "duty/" + $0.name }.sorted())) AND \(whose) AND \(DutyRow.readable(by: person))
                AND s.verdict IN ('unmet', 'pending', 'unknown', 'met') AND (s.verdict <> 'met' OR s.until_day <= \(day + DutyWords.soonDays))
                AND s.reason NOT IN \(list: OwedDuty.lateReasons)
                """
            rows += try DutyRow.read(show, unfinished, order: DutyRow.byConsequence, limit: 5000)
        }
        return OwnDuties(
            home: self, rows: try rows.filter { try $0.stretch.verdict != .met || words.mark($0.stretch, $0.measure).code == "soon" })
    }

    /// What the one who reads owes itself, in heaps of one rule and one state.
    struct OwnDuties {
        let home: Home
        private var heaps: [(state: String, measure: Measure, rows: [DutyRow])] = []
        private var counts: [String: Int] = [:]
        var overdue: Int { counts["overdue"] ?? 0 }

        init(home: Home, rows: [DutyRow]) {
            self.home = home
            var found: [String: [String: [DutyRow]]] = [:]
            for row in rows {
                guard let mark = try? home.words.mark(row.stretch, row.measure) else { continue }
                found[mark.code, default: [:]][row.measure.name, default: []].append(row)
                counts[mark.code, default: 0] += 1
            }
            for state in ["overdue", "soon", "open", "unknown"] {
                let sorted = (found[state] ?? [:]).values.sorted { left, right in
                    let (one, other) = (home.weight(left[0].measure), home.weight(right[0].measure))
                    if one != other { return one > other }
                    return (OwnDuties.first(left, state), left[0].measure.name) < (OwnDuties.first(right, state), right[0].measure.name)
                }
                heaps += sorted.map { (state, $0[0].measure, OwnDuties.ordered($0, state)) }
            }
        }
        private static func ordered(_ rows: [DutyRow], _ state: String) -> [DutyRow] {
            rows.sorted { (day($0, state), $0.root, $0.stretch.subject) < (day($1, state), $1.root, $1.stretch.subject) }
        }
        private static func day(_ row: DutyRow, _ state: String) -> Day { state == "overdue" ? row.stretch.from : row.stretch.until }
        private static func first(_ rows: [DutyRow], _ state: String) -> Day { rows.map { day($0, state) }.min() ?? .distantFuture }

        func sections() throws -> [View.HomeSection] {
            try ["overdue", "soon", "open", "unknown"].compactMap { state in
                let mine = heaps.filter { $0.state == state }
                guard !mine.isEmpty else { return nil }
                let shown = state == "overdue" ? mine.prefix(20) : mine.prefix(Home.rulesShown)
                let call = home.call
                return View.HomeSection(
                    id: state, title: call.word("home.\(state)"), count: home.show.count(mine.reduce(0) { $0 + $1.rows.count }),
                    note: call.has("home.\(state).note") ? call.word("home.\(state).note") : nil,
                    duties: try shown.map { try home.card($0.measure, $0.rows, state) },
                    moreHref: shown.count < mine.count ? home.list(state: state) : nil)
            }
        }
        func tallies(_ show: Showing) -> [View.Tally] {
            ["overdue", "soon", "open", "unknown"].map { state in
                View.Tally(
                    mark: View.Mark(state, show.call.word("state.\(state)")), count: show.count(counts[state] ?? 0),
                    href: counts[state] == nil ? nil : "#\(state)")
            }
        }
        func summary(_ call: Call) -> String {
            let show = home.show
            if overdue > 0 {
                return call.word("home.summary.overdue", ["count": show.count(overdue), "soon": show.count(counts["soon"] ?? 0)])
            }
            if let soon = counts["soon"] { return call.word("home.summary.soon", ["count": show.count(soon)]) }
            if let open = counts["open"] { return call.word("home.summary.open", ["count": show.count(open)]) }
            return call.word("home.summary.\(counts.isEmpty ? "none" : "unknown")", ["count": show.count(counts["unknown"] ?? 0)])
        }
    }

    /// How heavily a rule weighs: what the law threatens, closure before fines, fines by their most.
    func weight(_ measure: Measure) -> Double {
        let penalties = show.ledger.catalog.penalties(ofDuty: measure.name, on: day)
        guard !penalties.isEmpty else { return 0 }
        return (penalties.contains(where: \.canClose) ? 1e9 : 0) + (penalties.compactMap(\.maximum).max() ?? 1)
    }

    func list(state: String, rule: String? = nil) -> String {
        var query = ["state": state == "open" ? "open" : state]
        if let rule { query["rule"] = rule }
        if person.role == .officer { query["owner"] = "mine" }
        return Office.href(Address.duties, [:], query)
    }

    private func card(_ measure: Measure, _ rows: [DutyRow], _ state: String) throws -> View.HomeDuty {
        var line = try words.lines([rows[0]], withDebtor: false)[0]
        line.assignee = try assignee(rows[0])
        // Whose file it lies in: what the authority owes about an employer names the employer.
        if rows[0].stretch.debtor.isEmpty, rows.count == 1 || Set(rows.map(\.root)).count == 1, let file = try show.record(rows[0].root),
            [Employer.kind.name, Institution.kind.name].contains(file.kind.name), try show.sees(file)
        {
            (line.who, line.whoHref) = (try show.title(file), Address.of(file))
        }
        let penalty = state == "unknown" ? nil : DutyWords.penalty(measure, on: day, show)
        return View.HomeDuty(
            line: line, count: rows.count > 1 ? show.count(rows.count) : nil, consequence: penalty?.text,
            consequenceClause: penalty?.clause,
            next: DutyWords.next(measure, call),
            moreText: rows.count > 1 ? call.word("home.more", ["count": show.count(rows.count)]) : nil,
            moreHref: rows.count > 1 ? list(state: state, rule: measure.name) : nil)
    }
    private func assignee(_ row: DutyRow) throws -> String? {
        try show.office.messages.assignee(show.db, of: row.key).map { directory.entry($0)?.display ?? $0 }
    }

    // Lists beside them

    /// Records that came back for mending.
    private func returned() throws -> View.HomeList? {
        let records = try flow([.returned]).filter { try show.may(.change, $0) && person.role != .officer }
        return try list("returned", records, act: "home.mend") { Address.edit($0.id) }
    }
    /// Records that wait for this reader's acceptance.
    private func waiting() throws -> View.HomeList? {
        let records = try flow([.submitted, .changed]).filter { try show.may(.accept, $0) }
        return try list("waiting", records, act: "home.decide") { Address.record($0.id) }
    }
    /// Records of kinds with a course in some states, of the reader's file or division: those that waited longest in front.
    private func flow(_ states: [Flow.State]) throws -> [Record] {
        let reach = Reach(ledger: show.ledger, person: person)
        var records: [Record] = []
        for kind in show.ledger.kinds.values.filter({ $0.flow != nil }).sorted(by: { $0.name < $1.name }) {
            let ids = try show.db.rows(
                """
                SELECT id FROM record WHERE kind = \(kind.name) AND state IN \(list: states.map(\.rawValue)) AND live = 1
                AND \(reach.condition(kind)) ORDER BY recorded_at, id LIMIT 200
                """
            ).map { try $0.get("id", as: String.self) }
            records += try show.ledger.records(show.db, ids).filter { try show.sees($0) }
        }
        return records.sorted { ($0.recordedAt, $0.id) < ($1.recordedAt, $1.id) }
    }
    private func list(_ id: String, _ records: [Record], act: String, _ href: (Record) -> String) throws -> View.HomeList? {
        guard !records.isEmpty else { return nil }
        try show.fetch(namedBy: records)
        let items = try records.prefix(8).map { record in
            View.HomeItem(
                text: "\(show.name(record.kind)) · \(try show.title(record))", href: Address.record(record.id),
                note: [try whose(record), show.moment(record.recordedAt)].compactMap(\.self).joined(separator: " · "),
                actText: call.word(act), actHref: href(record))
        }
        return View.HomeList(
            id: id, title: call.word("home.\(id)"), count: show.count(records.count), note: call.word("home.\(id).note"), items: items)
    }

    /// Whose record it is, where that is not the reader.
    private func whose(_ record: Record) throws -> String? {
        let named = [Employer.kind.name, Institution.kind.name].lazy.compactMap(record.kind.field(named:)).compactMap {
            record.target(of: $0)
        }
        guard let id = named.first, id != person.organisation, let owner = try show.record(id), try show.sees(owner) else { return nil }
        return try show.title(owner)
    }

    private func drafts() throws -> View.HomeList? {
        let drafts = try show.ledger.drafts(show.db, of: person)
        guard !drafts.isEmpty else { return nil }
        let items = drafts.prefix(5).map { draft in
            View.HomeItem(
                text: show.name(kind: draft.kind),
                href: draft.record.map { Office.href(Address.edit($0), [:], ["draft": draft.id]) }
                    ?? Address.new(draft.kind, ["draft": draft.id]),
                note: show.moment(draft.savedAt))
        }
        return View.HomeList(
            id: "drafts", title: call.word("home.drafts"), count: show.count(drafts.count), note: call.word("home.drafts.note"),
            items: items)
    }

    /// What this reader was named for.
    private func assigned() throws -> View.HomeList? {
        let keys = try show.office.messages.assigned(show.db, to: person.name)
        var open: [(OwedDuty.Key, DutyRow)] = []
        for key in keys.prefix(200) {
            guard let row = try DutyRow.one(show, key, on: day), row.stretch.verdict != .met,
                !OwedDuty.lateReasons.contains(row.stretch.reason)
            else { continue }
            open.append((key, row))
        }
        guard !open.isEmpty else { return nil }
        let lines = try words.lines(open.prefix(8).map(\.1))
        let items = lines.map { View.HomeItem(text: $0.what, href: $0.href, note: $0.about ?? $0.who, mark: $0.mark) }
        return View.HomeList(
            id: "assigned", title: call.word("home.assigned"), count: show.count(open.count), items: items,
            moreText: call.word("home.all"), moreHref: Office.href(Address.duties, [:], ["owner": "assigned"]))
    }

    /// What the units below let pass: duties of the authority in smaller divisions, overdue, by unit.
    private func lower() throws -> View.HomeList? {
        guard let own = person.division else { return nil }
        let rows = try show.db.rows(
            """
            SELECT s.division, count(*) AS total, min(s.from_day) AS first FROM stretch s
            WHERE \(DutyRow.standing(on: day, DutyRow.gauges(show.ledger))) AND \(DutyRow.readable(by: person)) AND s.verdict = 'unmet' AND s.debtor = ''
            AND s.reason NOT IN \(list: OwedDuty.lateReasons) AND s.division >= \(own.prefix) AND s.division < \(own.prefix + ":")
            GROUP BY s.division
            """)
        let smaller = person.role == .viewer ? nil : directory.smallerUnits(than: own, Measure.authority)
        var byUnit: [String: (count: Int, first: Day)] = [:]
        for row in rows {
            let (division, total, first): (String, Int, Day) = (try row.get("division"), try row.get("total"), try row.get("first"))
            let unit: String
            if let smaller {
                guard let code = smaller.filter({ $0.contains(division) }).max(by: { $0.prefix.utf8.count < $1.prefix.utf8.count }) else {
                    continue
                }
                unit = code.text
            } else {
                unit = String(division.prefix(6))
            }
            let known = byUnit[unit] ?? (0, .distantFuture)
            byUnit[unit] = (known.count + total, min(known.first, first))
        }
        guard !byUnit.isEmpty else { return nil }
        let items = try byUnit.sorted { ($1.value.count, $0.key) < ($0.value.count, $1.key) }.prefix(8).map { code, value in
            View.HomeItem(
                text: try show.place(code),
                href: Office.href(Address.duties, [:], ["owner": "authority", "state": "overdue", "place": code]),
                note: show.day(value.first).map { call.word("home.since", ["day": $0]) }, count: show.count(value.count))
        }
        return View.HomeList(id: "lower", title: call.word("home.lower"), note: call.word("home.lower.note"), items: items)
    }

    /// Employers and institutions with the most overdue, those before whom a penalty stands in front.
    private func debtors() throws -> View.HomeList? {
        guard let own = person.division else { return nil }
        let threatened = show.ledger.measures.values.filter { $0.clause != nil && weight($0) > 0 }.map { "duty/" + $0.name }.sorted()
        let rows = try show.db.rows(
            """
            SELECT s.debtor, count(*) AS total, sum(CASE WHEN s.gauge IN \(list: threatened) THEN 1 ELSE 0 END) AS heavy FROM stretch s
            WHERE \(DutyRow.standing(on: day, DutyRow.gauges(show.ledger))) AND \(DutyRow.readable(by: person)) AND s.verdict = 'unmet' AND s.debtor <> ''
            AND s.reason NOT IN \(list: OwedDuty.lateReasons) AND s.division >= \(own.prefix) AND s.division < \(own.prefix + ":")
            GROUP BY s.debtor ORDER BY 3 DESC, 2 DESC, 1 LIMIT 10
            """)
        guard !rows.isEmpty else { return nil }
        try show.fetch(rows.map { try $0.get("debtor", as: String.self) })
        let items = try rows.compactMap { row -> View.HomeItem? in
            guard let record = try show.record(try row.get("debtor")), try show.sees(record) else { return nil }
            let heavy: Int = try row.get("heavy")
            return View.HomeItem(
                text: try show.title(record), href: Address.of(record),
                note: heavy > 0 ? call.word("home.heavy", ["count": show.count(heavy)]) : nil, count: show.count(try row.get("total")))
        }
        return View.HomeList(
            id: "debtors", title: call.word("home.debtors"), note: call.word("home.debtors.note"), items: items,
            moreText: call.word("home.debtors.all"), moreHref: Office.href(Address.duties, [:], ["state": "overdue", "order": "debtor"]))
    }

    /// How e-mail stands, for who runs the house.
    private func mail() throws -> ([View.HomeList], [View.Notice]) {
        let counts = try show.office.messages.mailCounts(show.db)
        let dead = try show.office.messages.deadLetters(show.db, limit: 20)
        var items = ["queued", "sent", "dead"].map {
            View.HomeItem(text: call.word("mail.state.\($0)"), count: show.count(counts[$0] ?? 0))
        }
        items += dead.map {
            View.HomeItem(
                text: $0.account, note: "\(show.moment($0.diedAt)) · \($0.error)", mark: View.Mark("bad", call.word("mail.state.dead")))
        }
        let notices =
            dead.isEmpty ? [] : [View.Notice(tone: "warn", text: call.word("mail.dead", ["count": show.count(counts["dead"] ?? 0)]))]
        let note = call.word(show.office.hasMail ? "mail.served" : "mail.no-server")
        return ([View.HomeList(id: "mail", title: call.word("mail.title"), note: note, items: items)], notices)
    }

    private func inbox() throws -> (lines: [View.MessageLine], unread: String?) {
        let received = try show.office.messages.inbox(show.db, of: person, limit: 6)
        let lines = try MessageWords(show, directory).lines(received)
        return (lines, call.caller.unread > 0 ? show.count(call.caller.unread) : nil)
    }

    private func links() throws -> [View.Link] {
        var links: [(String, String)] = []
        switch person.role {
        case .officer, .viewer:
            // What is handled at a desk of its own, for those who have it.
            if mayInspect(person) { links.append(("inspect.title", Address.inspect)) }
            if person.role == .officer, !person.allFunctions.isDisjoint(with: Submitters.supervising) {
                links.append(("home.complaints", "/complaints"))
            }
            if !Submitters.isSealed(Case.kind.name, from: person) { links.append(("home.cases", "/cases")) }
            if let division = person.division, mayDo(person, .change, at: DrawRegister.place(division.text)) {
                links.append(("draw.new", "/draws/new"))
            }
            links += [("home.draws", "/public/draws"), ("nav.plans", "/plans"), ("duties.all", "/duties"), ("nav.records", "/records")]
        case .organisation:
            if let record = try person.organisation.flatMap(show.record) {
                links.append(("home.file", Address.of(record)))
                if record.kind.name == "employer" { links.append(("declare.title", "/declare")) }
                // An institution's work is its reports.
                if record.kind.name == "institution" {
                    links += [("home.reports", Address.kind("test_report")), ("home.report.new", Address.new("test_report"))]
                }
            }
            links += [("duties.all", "/duties"), ("nav.records", "/records"), ("nav.plans", "/plans"), ("nav.lookup", "/lookup")]
        case .worker:
            if let id = person.worker { links.append(("home.file", Address.worker(id))) }
            links += [
                ("complaint.mine", "/complaints"), ("complaint.new", "/public/complaints/new"), ("nav.records", "/records"),
                ("nav.lookup", "/lookup"),
            ]
        case .citizen:
            links = [
                ("complaint.new", "/public/complaints/new"), ("complaint.mine", "/complaints"), ("nav.records", "/records"),
                ("nav.lookup", "/lookup"),
            ]
        case .system: links = [("nav.plans", "/plans"), ("nav.lookup", "/lookup")]
        case .audit: links = [("audit.title", "/audit")]
        case .security, .nobody: links = [("nav.lookup", "/lookup")]
        }
        if person.mayChangeSomething || person.role.isOutside { links.append(("draft.title", "/drafts")) }
        links.append(("messages.settings", "/messages/settings"))
        return links.map { View.Link(text: call.word($0.0), href: $0.1) }
    }
}
