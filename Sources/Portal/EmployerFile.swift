import Catalog
import Hummingbird
import Kernel
import Ledger
import Planning
import Registry
import Storage
import Web

/// The whole file of an employer: what it is, what it owes, how it counts, what happened, and every record.
func employerRoutes(_ office: Office) -> [Route] {
    [Route(.get, "/employers/:id", needs: .signedIn) { call in try await employerPage(office, call) }]
}

/// What the files of all subjects have in common, as of a day.
struct SubjectFile {
    let show: Showing
    let file: File
    let day: Day
    private var call: Call { show.call }

    /// The file of a root that the reader may see.
    /// - Throws: `record.missing`; `Moved` where the record was merged into another.
    init(_ show: Showing, _ id: String, kind: Kind) throws {
        guard let record = try show.record(id), record.kind.name == kind.name, try show.sees(record) else {
            throw Refusal("record.missing", ["value": id])
        }
        guard let file = try show.ledger.file(show.db, id) else { throw Moved(to: try SubjectFile.kept(show, id, kind)) }
        (self.show, self.file, day) = (show, file, try show.asOf())
    }

    /// A record that counts as another's part since they were merged.
    struct Moved: Error { let to: String }
    static func kept(_ show: Showing, _ id: String, _ kind: Kind) throws -> String {
        for merge in try show.ledger.mentions(show.db, of: id, kinds: [Merge.kind.name]) {
            guard let dropped = merge.kind.field(named: "\(kind.name)_dropped"), merge.target(of: dropped) == id else { continue }
            if let field = merge.kind.field(named: "\(kind.name)_kept"), let kept = merge.target(of: field), kept != id { return kept }
        }
        throw Refusal("record.missing", ["value": id])
    }

    // Duties

    /// Duties on the day: open ones, settled ones, and how many there are of each where the lists are cut.
    struct Duties {
        var open: [View.DutyLine] = []
        var settled: [View.DutyLine] = []
        var openCount = 0
        var overdueCount = 0
    }
    func duties(_ whose: SQL, withDebtor: Bool) throws -> Duties {
        let standing: SQL = "\(DutyRow.standing(on: day, DutyRow.gauges(show.ledger))) AND \(DutyRow.readable(by: show.call.person))"
        let words = DutyWords(show: show, day: day)
        var duties = Duties()
        for row in try show.db.rows("SELECT s.verdict, count(*) AS total FROM stretch s WHERE \(standing) AND \(whose) GROUP BY s.verdict")
        {
            let (verdict, total): (String, Int) = try (row.get("verdict"), row.get("total"))
            if verdict != "met" { duties.openCount += total }
            if verdict == "unmet" { duties.overdueCount = total }
        }
        let open = try DutyRow.read(show, "\(standing) AND \(whose) AND s.verdict <> 'met'", order: DutyRow.byConsequence, limit: 100)
        let settled = try DutyRow.read(
            show, "\(standing) AND \(whose) AND s.verdict = 'met'", order: "s.until_day, s.gauge, s.subject", limit: 100)
        duties.open = try words.lines(open, withDebtor: withDebtor, on: file.id)
        duties.settled = try words.lines(settled, withDebtor: withDebtor, on: file.id)
        return duties
    }

    // Indicators

    /// How the subject counts in the indicators of the plans on the day: of several parts the worst tells.
    func standings() throws -> [View.IndicatorStanding] {
        let order: [Stretch.Verdict] = [.unmet, .unknown, .scopeUnmet, .scopeUnknown, .scopeMet, .pending, .met]
        let rows = try show.ledger.stretches(show.db, root: file.id, home: file.root.home).filter {
            $0.stretch.from <= day && day < $0.stretch.until && !$0.gauge.hasPrefix("duty/")
        }
        let byGauge = Dictionary(grouping: rows, by: \.gauge)
        return try show.office.boards.plans(show.db).map(\.plan).flatMap { plan in
            plan.indicators.compactMap { indicator -> View.IndicatorStanding? in
                let stretches = (byGauge[plan.gaugeName(indicator)] ?? []).map(\.stretch)
                guard let worst = order.lazy.compactMap({ verdict in stretches.first { $0.verdict == verdict } }).first else { return nil }
                let alike = stretches.filter { $0.verdict == worst.verdict }.count
                let reason = [show.reason(worst.reason), alike > 1 ? "× \(alike)" : nil].compactMap { $0 }.joined(separator: " ")
                return View.IndicatorStanding(
                    plan: plan.name.text(english: call.isEnglish), name: indicator.name.text(english: call.isEnglish),
                    href: Address.indicator(plan.id, indicator.id), reason: reason.isEmpty ? nil : reason,
                    mark: subjectMark(call, worst.verdict))
            }
        }
    }

    // Records

    /// The file's records of a kind that the reader sees. An authority sees the whole file but for proceedings, and an organisation its own;
    /// of a person's file each employer sees what it recorded itself.
    func all(_ kind: Kind) throws -> [Record] {
        let all = file.all(kind)
        let person = call.person
        let isWhole = person.role == .officer || person.role == .viewer || person.organisation == file.id
        return isWhole && !Submitters.isSealed(kind.name, from: person) ? all : try show.seen(all)
    }

    func timeline(limit: Int = 60) throws -> [View.Happening] {
        let records = try show.ordered(file.kinds).flatMap { try all($0) }
        let dated = records.compactMap { record in record.day.flatMap { $0 <= day ? ($0, record) : nil } }
        let newest = dated.sorted { ($0.0, $0.1.id) > ($1.0, $1.1.id) }.prefix(limit)
        try show.fetch(namedBy: newest.map(\.1))
        return try newest.map { day, record in
            View.Happening(
                day: day.description, kind: show.name(record.kind), title: try show.title(record), href: Address.record(record.id))
        }
    }

    /// The file's records by kind, the newest in front, and behind them those of other files that name it.
    func sections(mayAdd: Bool) throws -> [View.Section] {
        var result: [View.Section] = []
        let root = file.root.kind.name
        let reach = Reach(ledger: show.ledger, person: call.person)
        for kind in show.ordered(file.kinds) {
            let whole = try self.all(kind)
            // What is closed to the reader is no heading either.
            guard !whole.isEmpty || !Submitters.isSealed(kind.name, from: call.person) else { continue }
            let all = whole.filter { $0.day.map { $0 <= day } ?? true }
            let shown = all.sorted { ($0.day ?? .distantPast, $0.id) > ($1.day ?? .distantPast, $1.id) }.prefix(20)
            let field = kind.references.first { $0.target == root }
            let more = field.map { _ in Office.href(Address.kind(kind.name), [:], ["of": file.id]) }
            result.append(
                try show.section(
                    kind, Array(shown), total: all.count, without: root, on: day, more: more,
                    new: mayAdd && reach.mayAdd(kind) ? field.map { Address.new(kind.name, [$0.name: file.id]) } : nil))
        }
        return result + (try Portal.sections(show, naming: file.root, mayAdd: mayAdd, without: Set(file.kinds), on: day))
    }

    // Facts

    /// The root's own fields, those that later records change with their dates.
    func facts(changedBy changes: [Record], without hidden: Set<String> = []) throws -> [View.Fact] {
        let root = file.root
        // The record behind the file, with its versions and the way to withdraw it.
        let itself = View.Fact(label: call.word("record.versions"), value: String(root.version), href: Address.record(root.id))
        return try root.kind.fields.compactMap { field in
            guard !hidden.contains(field.name) else { return nil }
            let base = try show.value(field, of: root)
            var steps = base.text.isEmpty ? [] : [View.FactChange(since: show.day(root.day) ?? "—", value: base.text, href: base.href)]
            var current = base
            for change in changes {
                guard let later = change.kind.field(named: field.name), later.type == field.type, change[later] != nil,
                    let since = change.day
                else { continue }
                let value = try show.value(later, of: change)
                if since <= day { current = value }
                steps.append(View.FactChange(since: since.description, value: value.text, href: Address.record(change.id)))
            }
            guard !current.text.isEmpty || steps.count > 1 else { return nil }
            return View.Fact(
                label: show.label(field), value: current.text.isEmpty ? call.word("form.blank") : current.text, href: current.href,
                note: current.isMasked ? call.word("record.masked") : nil, changes: steps.count > 1 ? steps : [])
        } + [itself]
    }
}

private func employerPage(_ office: Office, _ call: Call) async throws -> Response {
    let id = try call.part("id")
    do {
        let model = try await office.ledger.store.read { db in try employerModel(Showing(office, call, db), id) }
        return try call.page("employer", model)
    } catch let moved as SubjectFile.Moved {
        return call.redirect(to: Office.href(Address.employer(moved.to), call.query))
    }
}

private func employerModel(_ show: Showing, _ id: String) throws -> EmployerPage {
    let call = show.call
    let subject = try SubjectFile(show, id, kind: Employer.kind)
    let (file, day) = (subject.file, subject.day)
    let profile = EmployerProfile(file)
    let locus = profile.locus[day]
    let changes = file.all(EmployerChange.kind).filter { $0.day != nil }.sorted {
        ($0.day ?? .distantPast, $0.id) < ($1.day ?? .distantPast, $1.id)
    }
    let mayChange = try show.may(.change, file.root)
    let duties = try subject.duties("s.debtor = \(id)", withDebtor: false)
    var notices: [View.Notice] = []
    if duties.openCount > duties.open.count {
        notices.append(
            View.Notice(
                tone: "info",
                text: call.word("duties.more", ["count": show.count(duties.open.count), "total": show.count(duties.openCount)])))
    }
    let isFuture = file.root[Employer.since].map { day < $0 } ?? false
    let status =
        profile.operating[day]
        ? View.Mark("good", call.word("state.operating"))
        : isFuture ? View.Mark("pending", call.word("state.not-yet")) : View.Mark("ended", call.word("state.closed"))
    var page = EmployerPage(
        frame: show.office.frame(call, at: .records), name: file.root[Employer.name] ?? id, place: try locus.division.map(show.place),
        industry: locus.industry.map { show.ledger.catalog.title("industry", $0, english: call.isEnglish) },
        code: file.root[Employer.creditCode],
        status: status, asOf: View.AsOf(action: Address.employer(id), day: day.description, showsKnown: false),
        facts: try subject.facts(changedBy: changes, without: ["name", "credit_code"]), duties: duties.open, settled: duties.settled,
        openCount: show.count(duties.openCount), overdueCount: show.count(duties.overdueCount), standings: try subject.standings(),
        timeline: try subject.timeline(), sections: try subject.sections(mayAdd: mayChange), editHref: mayChange ? Address.edit(id) : nil,
        newHref: mayChange ? Address.new(EmployerChange.kind.name, ["employer": id]) : nil, creditHref: "/credit/\(id)", notices: notices)
    page.prints = printLinks(show, file.root)
    page.classHref = Address.employerClass(id)
    page.inspectHref = mayInspect(call.person) && profile.operating[day] ? Address.newInspection(["employer": id]) : nil
    page.signsHref = Address.employer(id) + "/signs"
    return page
}
