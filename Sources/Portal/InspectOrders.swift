import Catalog
import Enforcement
import Exposure
import Foundation
import Hummingbird
import Kernel
import Ledger
import Registry
import Storage
import Web

/// An order to rectify: served, answered with evidence, checked again, closed or referred to a case.
func orderRoutes(_ office: Office) -> [Route] {
    [
        Route(.get, "/orders/:id", needs: .signedIn) { call in try await orderPage(office, call) },
        Route(.post, "/orders/:id/service", needs: .signedIn) { call in
            try await change(office, call, ["served", "manner", "receiver"], done: "served")
        },
        Route(.post, "/orders/:id/evidence", needs: .signedIn) { call in try await handEvidence(office, call) },
        Route(.post, "/orders/:id/closure", needs: .signedIn) { call in
            try await change(office, call, ["closed", "closing"], done: "closed")
        },
        Route(.post, "/orders/:id/case", needs: .signedIn) { call in try await refer(office, call) },
    ]
}

private func orderPage(_ office: Office, _ call: Call) async throws -> Response {
    let id = try call.part("id")
    let model = try await office.ledger.store.read { db in try OrderView(Showing(office, call, db), id).page() }
    return try call.page("order", model)
}

/// An order with what followed it, as one reader sees it.
private struct OrderView {
    let show: Showing
    let order: Record
    let id: String
    let employer: Record
    let evidence, checks: [Record]
    private var call: Call { show.call }

    init(_ show: Showing, _ id: String) throws {
        (self.show, self.id) = (show, id)
        order = try opened(show, id, Order.kind)
        guard let employer = try order[Order.employer].flatMap(show.record) else { throw Refusal("record.missing", ["value": id]) }
        self.employer = employer
        evidence = try parts(show, Rectification.kind, of: id)
        checks = try parts(show, Inspection.kind, of: id)
    }

    func page() throws -> OrderPage {
        let catalog = show.ledger.catalog
        let (today, path) = (show.ledger.clock.today, Address.order(id))
        let mayChange = try show.may(.change, order)
        let isOpen = order[Order.closed] == nil
        let items = (order[Order.items] ?? []).compactMap(catalog.checklistItem)
        // The file of the case is the authority's: only who may open it is led there.
        let dossier = try order[Order.violation].flatMap(show.record).flatMap { try show.sees($0) ? $0 : nil }
        let hidden: Set<String> = ["items", "facts", "clauses", "employer"]
        var page = OrderPage(
            frame: show.office.frame(call, at: .duties), title: try show.title(order), employer: try show.title(employer),
            employerHref: Address.of(employer), recordHref: Address.record(id), status: status(on: today),
            facts: try show.facts(order, without: dossier == nil ? hidden.union(["case"]) : hidden),
            items: items.map { .init(text: $0.text.text(english: call.isEnglish), clause: $0.clause) }, what: order[Order.facts] ?? "",
            duties: try duties(today), evidence: try evidence.map { try shown($0) }, checks: try checks.map { try shown(check: $0) },
            pairs: try pairs(), version: String(order.version), notices: done(call))
        if mayChange, order[Order.served] == nil, isOpen {
            page.service = .init(action: path + "/service", day: today.description, options: options("service_manner"))
        }
        if mayChange, isOpen {
            page.closing = .init(
                action: path + "/closure", day: today.description, options: options("order_closing").filter { $0.value != "case" })
            page.referral = .init(
                action: path + "/case", day: today.description, key: Identifier.make(at: show.ledger.clock.now()),
                options: options("case_severity"))
            page.checkHref = Address.newInspection(["employer": employer.id, "order": id])
        }
        let place = try show.ledger.place(show.db, of: order)
        let own = Place(
            divisions: place.divisions, organisations: place.organisations, authors: [employer.id], kind: Rectification.kind.name)
        if isOpen, mayDo(call.person, .change, at: own) {
            let reports = try Listing(show, TestReport.kind, target: employer.id, limit: 30).records
            page.hand = .init(
                action: path + "/evidence", day: today.description, key: Identifier.make(at: show.ledger.clock.now()),
                options: [View.Option(value: "", text: "—")] + (try reports.map { View.Option(value: $0.id, text: try show.title($0)) }))
        }
        return page
    }

    private func options(_ table: String) -> [View.Option] {
        (show.ledger.catalog.tables[table]?.entries ?? []).map { View.Option(value: $0.code, text: call.isEnglish ? $0.en : $0.zh) }
    }
    private func status(on today: Day) -> View.Mark {
        if let how = order[Order.closing] {
            return View.Mark(
                how == "rectified" ? "good" : "ended", show.ledger.catalog.title("order_closing", how, english: call.isEnglish))
        }
        guard let due = order[Order.due] else { return View.Mark("unknown", call.word("state.unknown")) }
        return due < today ? View.Mark("overdue", call.word("state.overdue")) : View.Mark("open", call.word("state.open"))
    }
    private func duties(_ today: Day) throws -> [View.DutyLine] {
        let rules = ["order_rectification", "order_recheck", "order_escalation"].map { "duty/\($0)" }
        // What the authority will do next about it is the authority's to read.
        let own: SQL = call.person.role == .organisation ? "AND s.debtor = \(call.person.organisation ?? "")" : ""
        let whose: SQL = "s.root = \(employer.id) AND (s.subject = \(id) OR s.subject LIKE \(beginning: id + "|")) \(own)"
        let rows = try DutyRow.read(show, "\(DutyRow.standing(on: today, rules)) AND \(whose)", order: DutyRow.byConsequence, limit: 20)
        return try DutyWords(show: show, day: today).lines(rows, on: id).map { line in
            var line = line
            (line.actHref, line.actText) = (nil, nil)
            return line
        }
    }
    private func shown(_ record: Record) throws -> OrderPage.Evidence {
        let report = try record[Rectification.report].flatMap(show.record)
        return OrderPage.Evidence(
            day: record[Rectification.day]?.description ?? "", text: record[Rectification.text] ?? "", href: Address.record(record.id),
            report: try report.map(show.title), reportHref: report.map(Address.of),
            files: try show.files(of: record, back: Address.order(id)))
    }
    private func shown(check: Record) throws -> OrderPage.Check {
        let items = try parts(show, InspectionItem.kind, of: check.id)
        let results = (order[Order.items] ?? []).map { code in items.first { $0[InspectionItem.item] == code }?[InspectionItem.result] }
        let mark =
            results.contains("no")
            ? View.Mark("bad", call.word("order.check.failed"))
            : results.allSatisfy { $0 == "yes" || $0 == "not_applicable" }
                ? View.Mark("good", call.word("order.check.passed")) : View.Mark("unknown", call.word("order.check.open"))
        return OrderPage.Check(day: check[Inspection.day]?.description ?? "", href: Address.of(check), mark: mark)
    }

    /// What was above its limit before the order, beside the newest result of the same post and factor since.
    private func pairs() throws -> [OrderPage.Pair] {
        guard let file = try show.ledger.file(show.db, employer.id), let issued = order[Order.issued] else { return [] }
        let named = order[Order.inspection].flatMap { id in file.all(Inspection.kind).first { $0.id == id } }.flatMap {
            $0[Inspection.report]
        }
        let sampled = Dictionary(
            file.all(TestReport.kind).map { ($0.id, $0[TestReport.sampled] ?? .distantPast) }, uniquingKeysWith: { first, _ in first })
        let retests = Set(evidence.compactMap { $0[Rectification.report] })
        let results = file.all(TestResult.kind).compactMap { result in
            file.id(TestResult.report, of: result).map { (report: $0, day: sampled[$0] ?? .distantPast, result: result) }
        }
        let before = results.filter { TestResult.exceeds($0.result) == true && (named == nil ? $0.day <= issued : $0.report == named) }
        return try before.map { old in
            let same = results.filter { new in
                new.result[TestResult.post] == old.result[TestResult.post] && new.result[TestResult.factor] == old.result[TestResult.factor]
                    && new.report != old.report && (retests.contains(new.report) || new.day > issued)
            }
            // Of one day a result above the limit tells more than one below it.
            let new = same.max { left, right in
                (left.day, TestResult.exceeds(left.result) == true ? 1 : 0, left.result.id) < (
                    right.day, TestResult.exceeds(right.result) == true ? 1 : 0, right.result.id
                )
            }
            return OrderPage.Pair(
                post: try old.result[TestResult.post].flatMap { try show.title($0) } ?? "—",
                factor: show.ledger.catalog.title("factor", old.result[TestResult.factor] ?? "", english: call.isEnglish),
                before: figure(old.result, old.day), beforeMark: mark(old.result), after: new.map { figure($0.result, $0.day) } ?? "—",
                afterMark: new.map { mark($0.result) } ?? View.Mark("none", call.word("order.untested")))
        }
    }
    private func figure(_ result: Record, _ day: Day) -> String {
        let value = result[TestResult.assessedValue] ?? result[TestResult.value]
        let limit = result[TestResult.assessedLimit] ?? result[TestResult.limit]
        let unit = result[TestResult.assessedUnit] ?? result[TestResult.unit] ?? ""
        guard let value else { return day.description }
        return "\(show.numbers.decimal(value, 2))\(limit.map { " / \(show.numbers.decimal($0, 2))" } ?? "") \(unit) · \(day)"
    }
    private func mark(_ result: Record) -> View.Mark {
        switch TestResult.exceeds(result) {
        case true?: View.Mark("bad", call.word("order.exceeds"))
        case false?: View.Mark("good", call.word("order.complies"))
        case nil: View.Mark("unknown", call.word("state.unknown"))
        }
    }
}

/// Fills some fields of an order.
private func change(_ office: Office, _ call: Call, _ fields: [String], done: String) async throws -> Response {
    let id = try call.part("id")
    try await office.ledger.store.read { db in
        let show = Showing(office, call, db)
        guard try show.may(.change, try opened(show, id, Order.kind)) else { throw Refusal("access.denied", ["value": Order.kind.zh]) }
    }
    var draft = Draft(Order.kind, id: id)
    for name in fields { draft.cells[name] = call.given(name) }
    draft.seen = Int(call.given("version"))
    try await handIn(office, call, [draft], reason: call.word("inspect.done.\(done)"))
    return call.redirect(to: Address.order(id) + "?done=\(done)")
}

private func handEvidence(_ office: Office, _ call: Call) async throws -> Response {
    let id = try call.part("id")
    try await office.ledger.store.read { db in
        let order = try opened(Showing(office, call, db), id, Order.kind)
        let place = try office.ledger.place(db, of: order)
        let own = Place(
            divisions: place.divisions, organisations: place.organisations, authors: [order[Order.employer] ?? ""],
            kind: Rectification.kind.name)
        guard mayDo(call.person, .change, at: own) else { throw Refusal("access.denied", ["value": Rectification.kind.zh]) }
    }
    let draft = try keyed(
        office, call, Rectification.kind,
        ["order": id, "day": call.given("day"), "text": call.given("text"), "report": call.given("report")])
    try await handIn(office, call, [draft])
    return call.redirect(to: Address.order(id) + "?done=handed")
}

/// Makes a case of an order that was not obeyed, and closes the order with it: both or neither.
private func refer(_ office: Office, _ call: Call) async throws -> Response {
    let id = try call.part("id")
    let (order, county) = try await office.ledger.store.read { db in
        let order = try opened(Showing(office, call, db), id, Order.kind)
        let file = try order[Order.employer].flatMap { try office.ledger.file(db, $0) }
        let place = file.flatMap { EmployerProfile($0).locus[office.ledger.clock.today].division }
        return (order, String((place ?? order.home).prefix(6)))
    }
    let today = office.ledger.clock.today.description
    var cells = [
        "employer": order[Order.employer] ?? "", "division": county, "found": today, "source": "found", "severity": call.given("severity"),
    ]
    // What a case asks for beyond that, where it has such fields.
    let more = [
        "inspection": order[Order.inspection] ?? "", "order": id, "filed": today,
        "facts": "\(order[Order.number] ?? "") \(order[Order.facts] ?? "")".trimmingCharacters(in: .whitespaces),
    ]
    for (name, value) in more where Case.kind.field(named: name)?.isDerived == false { cells[name] = value }
    let draft = try keyed(office, call, Case.kind, cells)
    var closing = Draft(Order.kind, id: id, ["closed": today, "closing": "case", "case": call.given("_key")])
    closing.seen = Int(call.given("version"))
    try await handIn(office, call, [draft, closing], reason: call.word("inspect.done.referred"))
    return call.redirect(to: Address.order(id) + "?done=referred")
}
