import Catalog
import Enforcement
import Institutions
import Kernel
import Ledger
import Messages
import Planning
import Registry
import Storage
import Web

/// A duty as it stands on a day.
struct DutyRow {
    let measure: Measure
    let home: String
    let root: String
    let stretch: Stretch
    var key: OwedDuty.Key { OwedDuty.Key(home: home, measure: measure.name, root: root, subject: stretch.subject) }

    static func gauges(_ ledger: Ledger) -> [String] {
        ledger.measures.values.filter { $0.clause != nil }.map { "duty/\($0.name)" }.sorted()
    }

    /// Rows of the table `stretch` under a condition, in an order.
    static func read(_ show: Showing, _ condition: SQL, order: SQL, limit: Int, offset: Int = 0) throws -> [DutyRow] {
        let rows = try show.db.rows("SELECT * FROM stretch s WHERE \(condition) ORDER BY \(order) LIMIT \(limit) OFFSET \(offset)")
        return try rows.compactMap { row in
            let gauge: String = try row.get("gauge")
            guard let measure = show.ledger.measures[String(gauge.dropFirst(5))] else { return nil }
            return DutyRow(measure: measure, home: try row.get("home"), root: try row.get("root"), stretch: try Ledger.stretch(row))
        }
    }
    /// One duty as it stands on a day.
    static func one(_ show: Showing, _ key: OwedDuty.Key, on day: Day) throws -> DutyRow? {
        try read(
            show,
            """
            s.home = \(key.home) AND s.root = \(key.root) AND s.gauge = \("duty/" + key.measure) AND s.subject = \(key.subject)
            AND s.from_day <= \(day) AND s.until_day > \(day) AND \(readable(by: show.call.person))
            """, order: "s.from_day", limit: 1
        ).first
    }
    /// Whether there is such a duty, of whatever day, that the reader may know of.
    static func isReadable(_ show: Showing, _ key: OwedDuty.Key) throws -> Bool {
        let own: SQL =
            "s.home = \(key.home) AND s.root = \(key.root) AND s.gauge = \("duty/" + key.measure) AND s.subject = \(key.subject)"
        return try read(show, "\(own) AND \(readable(by: show.call.person))", order: "s.from_day", limit: 200).contains { row in
            mayDo(show.call.person, .see, at: row.place) || show.call.person.worker == row.root
        }
    }
    /// Where it lies and who owes it.
    var place: Place {
        let debtors = stretch.debtor.isEmpty ? [] : [stretch.debtor]
        return Place(divisions: [stretch.division], organisations: debtors, authors: debtors)
    }
    /// Duties of proceedings are the supervising functions' to see; of the others whoever they are addressed to sees them.
    static func readable(by person: Person) -> SQL {
        let isAuthority = person.role == .officer || person.role == .viewer
        guard isAuthority, Submitters.supervising.isDisjoint(with: person.functions) else { return "1 = 1" }
        let sealed = Enforcement.sealedDuties.sorted().map { "duty/\($0)" }
        let own = person.functions.reduce(into: "1 = 0" as SQL) { $0 = "\($0) OR s.cell LIKE \("%|" + $1)" }
        return "(s.gauge NOT IN \(list: sealed) OR \(own))"
    }
    static func standing(on day: Day, _ gauges: [String]) -> SQL {
        "s.gauge IN \(list: gauges) AND s.from_day <= \(day) AND s.until_day > \(day)"
    }
    /// Unmet first, then what nobody can tell, then what is not due; the oldest of each in front.
    static let byConsequence: SQL = """
        CASE s.verdict WHEN 'unmet' THEN 0 WHEN 'unknown' THEN 1 WHEN 'pending' THEN 2 ELSE 3 END, s.from_day, s.gauge, s.root, s.subject
        """
}

/// Duties in words for one reader.
struct DutyWords {
    let show: Showing
    let day: Day
    /// Days ahead within which an end is near.
    static let soonDays = 60
    private var call: Call { show.call }

    func lines(_ rows: [DutyRow], withDebtor: Bool = true, on page: String = "") throws -> [View.DutyLine] {
        try show.fetch(rows.flatMap { [$0.root, $0.stretch.debtor, $0.stretch.record] + ids($0) })
        let plans = try show.office.boards.plans(show.db).map(\.plan)
        return try rows.map { try line($0, plans, withDebtor, page) }
    }

    private func ids(_ row: DutyRow) -> [String] { row.stretch.subject.split(separator: "|").map(String.init) }

    /// What the duty is about, where that is not the debtor or the subject of the page itself.
    private func about(_ row: DutyRow, on page: String) throws -> (text: String, href: String?)? {
        let parts = ids(row).filter { $0 != row.stretch.debtor && $0 != page }
        guard !parts.isEmpty else { return nil }
        var names: [String] = []
        var href: String?
        for part in parts {
            if let record = try show.record(part) {
                // A post or a person is named; what is named only by a day or a code says first what it is.
                let title = try show.title(record)
                names.append(record.kind.field(named: "name") == nil ? "\(show.name(record.kind)) \(title)" : title)
                if href == nil, try show.sees(record) { href = Address.of(record) }
            } else {
                names.append(codeName(show.office, part, english: call.isEnglish))
            }
        }
        return (names.joined(separator: " · "), href)
    }

    private func line(_ row: DutyRow, _ plans: [Plan], _ withDebtor: Bool, _ page: String) throws -> View.DutyLine {
        let stretch = row.stretch
        let debtor = withDebtor ? try show.record(stretch.debtor) : nil
        let about = try about(row, on: page)
        let record = try show.record(stretch.record).flatMap { try show.sees($0) ? $0 : nil }
        let act = try act(row)
        // Where nobody else is named the authority of the place owes it.
        let isOffice = withDebtor && stretch.debtor.isEmpty
        var line = View.DutyLine(
            what: call.isEnglish ? row.measure.owed.en : row.measure.owed.zh, clause: row.measure.clause,
            who: try isOffice
                ? call.word("duty.authority", ["place": try show.place(String(stretch.division.prefix(6)))]) : debtor.map(show.title),
            whoHref: try debtor.flatMap { try show.sees($0) ? Address.of($0) : nil }, about: about?.text, aboutHref: about?.href,
            place: withDebtor ? try show.place(stretch.division) : nil, since: show.day(stretch.from), mark: try mark(stretch, row.measure),
            reason: show.reason(stretch.reason), record: record.map { show.name($0.kind) },
            recordHref: record.map { Address.record($0.id) },
            actText: act?.text, actHref: act?.href, indicators: indicators(row, plans), href: Address.duty(row.key))
        switch stretch.verdict {
        // Done, but too late: nothing is left to do.
        case .unmet where OwedDuty.lateReasons.contains(stretch.reason): break
        case .unmet:
            guard stretch.from > .distantPast else { break }
            // The last day in time is the one before it is unmet.
            line.overdue = call.word("duty.overdue", ["days": show.count(day - stretch.from + 1)])
            line.due = show.day(stretch.from + -1)
        case .pending, .met:
            line.due = line.mark.code == "met" || stretch.until >= .distantFuture ? nil : show.day(stretch.until + -1)
            if line.due != nil {
                let left = stretch.until - day - 1
                line.remaining = left == 0 ? call.word("duty.today") : call.word("duty.remaining", ["days": show.count(left)])
            }
        default: break
        }
        return line
    }

    func mark(_ stretch: Stretch, _ measure: Measure) throws -> View.Mark {
        let isNear = stretch.until < .distantFuture && stretch.until - day <= DutyWords.soonDays
        switch stretch.verdict {
        case .unmet where OwedDuty.lateReasons.contains(stretch.reason): return View.Mark("late", call.word("state.late"))
        case .unmet: return View.Mark("overdue", call.word("state.overdue"))
        case .pending: return isNear ? View.Mark("soon", call.word("state.soon")) : View.Mark("open", call.word("state.open"))
        case .met:
            return try isNear && turns(stretch, measure)
                ? View.Mark("soon", call.word("state.soon")) : View.Mark("met", call.word("state.met"))
        default: return View.Mark("unknown", call.word("state.unknown"))
        }
    }
    /// Whether what is met now will be unmet when it ends.
    private func turns(_ stretch: Stretch, _ measure: Measure) throws -> Bool {
        try show.db.row(
            """
            SELECT subject FROM stretch WHERE gauge = \("duty/\(measure.name)") AND verdict = 'unmet' AND division = \(stretch.division)
            AND subject = \(stretch.subject) AND from_day = \(stretch.until) LIMIT 1
            """) != nil
    }

    private func indicators(_ row: DutyRow, _ plans: [Plan]) -> [View.Link] {
        plans.filter { $0.jurisdiction.contains(row.stretch.division) }.flatMap { plan in
            plan.indicators.filter { $0.measure.name == row.measure.name }.map {
                View.Link(text: $0.name.text(english: call.isEnglish), href: Address.indicator(plan.id, $0.id))
            }
        }
    }

    /// The form whose record would meet the duty, or tell how it stands, filled in as far as the duty says.
    private func act(_ row: DutyRow) throws -> (text: String, href: String)? {
        let stretch = row.stretch
        guard stretch.verdict == .unmet || stretch.verdict == .pending || stretch.verdict == .unknown else { return nil }
        func mayEnter(_ kind: String) -> Bool {
            let authors = Submitters.isOfOrganisations(kind) ? [stretch.debtor] : []
            return mayDo(
                call.person, .change,
                at: Place(divisions: [stretch.division], organisations: [stretch.debtor], authors: authors, kind: kind))
        }
        if mayEnter("employer"), ["severity.unknown", "sector.unknown", "industry.unknown", "headcount.none"].contains(stretch.reason),
            let debtor = try show.record(stretch.debtor)
        {
            return (call.word("form.edit", ["kind": show.name(debtor.kind)]), Address.edit(debtor.id))
        }
        if let desk = try desk(row) { return (call.word("home.decide"), desk) }
        if row.measure.name == "order_escalation", mayEnter("violation_case") {
            return ids(row).first.map { (call.word("order.refer"), Address.order($0)) }
        }
        guard let name = DutyWords.missing[stretch.reason] ?? DutyWords.remedies[row.measure.name], let kind = show.ledger.kinds[name],
            mayEnter(name)
        else {
            return nil
        }
        var given: [String: String] = [:]
        for id in ids(row) + [row.root, stretch.debtor] where !id.isEmpty {
            let target = try show.record(id)?.kind.name
            let field = kind.fields.first { field in
                guard given[field.name] == nil else { return false }
                if let target { return field.target == target }
                if case .code(let table) = field.type { return show.ledger.catalog.tables[table]?[id] != nil }
                return false
            }
            if let field, !given.values.contains(id) { given[field.name] = id }
        }
        // What follows an order is done on the order's page.
        if name == "rectification", let order = given["order"] { return (call.word("order.hand"), Address.order(order)) }
        // An inspection of an employer has a form of its own, made for a phone.
        let href = name == "inspection" && given["employer"] != nil ? Address.newInspection(given) : Address.new(name, given)
        // An employer is led to the questions in plain words; the full form is one step further.
        let isOwn = name == "declaration" && call.person.organisation == stretch.debtor
        return (call.word("form.new", ["kind": show.name(kind)]), isOwn ? "/declare" : href)
    }

    /// The page on which proceedings are dealt with, for the officers who do.
    private func desk(_ row: DutyRow) throws -> String? {
        guard call.person.role == .officer, Enforcement.sealedDuties.contains(row.measure.name) else { return nil }
        let about = try ids(row).compactMap(show.record)
        let above = try about.flatMap { record in try record.kind.parents.compactMap { record.target(of: $0) }.compactMap(show.record) }
        return try (about + above).first { record in
            try ![Employer.kind.name, Institution.kind.name].contains(record.kind.name) && Address.of(record) != Address.record(record.id)
                && show.sees(record)
        }.map(Address.of)
    }

    /// What the law threatens whoever lets a duty pass: what, and by which clause, with our doubt about the reading.
    static func penalty(_ measure: Measure, on day: Day, _ show: Showing) -> (text: String, clause: String)? {
        guard let penalty = show.ledger.catalog.penalties(ofDuty: measure.name, on: day).first else { return nil }
        let clause = show.call.word(
            "duty.penalty.source", ["edition": penalty.provenance.edition, "clause": penalty.provenance.clause])
        return (penalty.fine, clause)
    }
    /// What to do, in plain words for somebody without a specialist.
    static func next(_ measure: Measure, _ call: Call) -> String? {
        let key = "next.\(measure.name)"
        return call.has(key) ? call.word(key) : nil
    }

    /// What has to be on record before the duty can be met, or told, at all, by the reason that says so.
    private static let missing = [
        "hazards.unknown": "employer_hazard", "factors.unknown": "employer_hazard", "posts.unknown": "employer_hazard",
        "principal.none": "person_role", "manager.none": "person_role",
    ]
    /// The kind of record that meets a duty. A duty that no single record meets is not here.
    private static let remedies = [
        "declaration_rate": "declaration", "periodic_testing_rate": "test_report", "employer_archive_rate": "archive_part",
        "notification_rate": "notice",
        "warning_sign_rate": "warning_sign", "in_service_exam_rate": "exam", "worker_file_rate": "surveillance_file",
        "injury_insurance_coverage": "insured", "diagnosis_reporting_rate": "report_card", "principal_training_rate": "training",
        "manager_training_rate": "training", "medical_dose_rate": "dose", "nonmedical_dose_rate": "dose",
        "officer_training_rate": "officer_training",
        "grading_coverage": "grade", "newcase_employer_enforcement": "inspection", "supervision_coverage": "inspection",
        "declaration_initial": "declaration", "declaration_project": "declaration", "declaration_process": "declaration",
        "declaration_identity": "declaration", "declaration_differing_test": "declaration", "declaration_termination": "declaration",
        "status_evaluation": "test_report", "high_toxic_test": "test_report", "high_toxic_evaluation": "test_report",
        "test_information": "report_step", "test_publication": "report_step", "test_commission": "test_report",
        "exceedance_handover": "inspection", "order_rectification": "rectification", "order_recheck": "inspection",
        "inspection_due": "inspection", "result_publication": "notice",
    ]
}
