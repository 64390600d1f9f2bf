import Foundation
import HTTPTypes
import Hummingbird
import Kernel
import Ledger
import Storage
import Web

/// The audit's own page, for the role that reads it and for nobody else; its published heads, for everybody.
func auditRoutes(_ office: Office) -> [Route] {
    [
        Route(.get, "/audit", needs: .signedIn) { call in
            guard mayDo(call.person, .readAudit, at: .common) else { throw Refusal("access.denied") }
            return try await auditPage(office, call)
        },
        Route(.post, "/audit/verification", needs: .signedIn) { call in
            guard mayDo(call.person, .readAudit, at: .common) else { throw Refusal("access.denied") }
            _ = try await office.ledger.checkAudit()
            return call.redirect(to: "/audit")
        },
        Route(.get, "/audit/heads", needs: .anyone) { call in try headsPage(office, call) },
        Route(.get, "/api/audit/heads", needs: .anyone) { call in
            // The last hundred, or a thousand behind a number: whoever collects them all asks again.
            let after = call.asked("after").flatMap { Int($0) }
            let heads = try office.ledger.heads.all()
            let shown = after.map { after in Array(heads.filter { $0.number > after }.prefix(1000)) } ?? Array(heads.suffix(100))
            return call.text(shown.map { $0.json + "\n" }.joined(), type: "application/x-ndjson; charset=utf-8")
        },
    ]
}

/// So many lines are verified whenever the page is opened; longer chains when somebody asks, and by the server at night.
private let verifiedAtOnce = 20_000
private let pageLines = 100

private func auditPage(_ office: Office, _ call: Call) async throws -> Response {
    func day(_ name: String) throws -> Day? {
        guard let text = call.asked(name) else { return nil }
        guard let day = Day.read(text) else { throw Refusal("day.format", field: name, ["value": text]) }
        return day
    }
    let filter = Audit.Filter(
        home: call.asked("home"), person: call.asked("person"), door: call.asked("door"), subject: call.asked("q"), from: try day("from"),
        until: try day("until"))
    let mark = call.asked("after").flatMap { Audit.Mark($0) }
    let (lines, total, all, recent) = try await office.ledger.store.read { db in
        let audit = Audit(db)
        return (
            try audit.lines(filter, after: mark, limit: pageLines + 1), try audit.count(filter), try audit.count(),
            Set(try audit.lines(limit: 2000).map(\.door))
        )
    }
    if all <= verifiedAtOnce { _ = try await office.ledger.checkAudit() }
    let state = office.ledger.auditState
    let last = try office.ledger.heads.last()
    let numbers = Numbers(isEnglish: call.isEnglish)

    let heads = ["audit.moment", "audit.person", "audit.door", "audit.subject", "audit.detail", "audit.line"].map { call.word($0) }
    let shown = lines.prefix(pageLines)
    func with(_ name: String, _ value: String) -> String {
        Office.href("/audit", call.query, [name: value, "after": "", "position": ""])
    }
    let rows = shown.map { line in
        View.Row(cells: [
            View.Cell(label: heads[0], text: line.moment.description),
            View.Cell(label: heads[1], text: line.person, href: line.person.isEmpty ? nil : with("person", line.person)),
            View.Cell(label: heads[2], text: door(call, line.door)),
            View.Cell(label: heads[3], text: line.subject, href: with("q", line.subject)),
            View.Cell(label: heads[4], text: line.detail), View.Cell(label: heads[5], text: "\(line.home) \(line.sequence)"),
        ])
    }
    let from = max(1, call.asked("position").flatMap { Int($0) } ?? 1)
    var pager: View.Pager?
    if total > pageLines {
        pager = View.Pager(
            position: call.word(
                "pager.position",
                [
                    "first": numbers.grouped(Double(min(from, total))),
                    "last": numbers.grouped(Double(max(0, from + shown.count - 1))), "total": numbers.grouped(Double(total)),
                ]),
            previous: mark == nil ? nil : Office.href("/audit", call.query, ["after": "", "position": ""]),
            next: lines.count > pageLines
                ? shown.last.map {
                    Office.href("/audit", call.query, ["after": Audit.Mark($0).description, "position": String(from + pageLines)])
                } : nil)
    }
    let doors =
        [View.Option(value: "", text: call.word("verdict.all"), selected: filter.door == nil)]
        + recent.union(filter.door.map { [$0] } ?? []).sorted().map {
            View.Option(value: $0, text: door(call, $0), selected: $0 == filter.door)
        }
    let verdict =
        state.map { View.Mark($0.result.isWhole ? "good" : "bad", call.word($0.result.isWhole ? "audit.is-whole" : "audit.is-broken")) }
        ?? View.Mark("unknown", call.word("audit.is-unverified"))
    return try call.page(
        "audit",
        AuditPage(
            frame: office.frame(call), verdict: verdict, facts: facts(office, call, last, all: all),
            flaws: (state?.result.flaws ?? []).map { told($0, call) }, person: filter.person ?? "", subject: filter.subject ?? "",
            door: filter.door ?? "", home: filter.home ?? "", from: filter.from?.description ?? "", until: filter.until?.description ?? "",
            doors: doors, columns: heads.map { View.Column(text: $0) }, rows: Array(rows), pager: pager,
            total: numbers.grouped(Double(total))))
}

/// The way that a line came in; one of a later program stays as it is written.
private func door(_ call: Call, _ door: String) -> String { call.has("audit.door.\(door)") ? call.word("audit.door.\(door)") : door }

private func facts(_ office: Office, _ call: Call, _ last: AuditHead?, all: Int) -> [View.Fact] {
    let numbers = Numbers(isEnglish: call.isEnglish)
    func count(_ number: Int) -> String { numbers.grouped(Double(number)) }
    var facts: [View.Fact] = []
    if let state = office.ledger.auditState {
        facts.append(
            View.Fact(
                label: call.word("audit.verified"), value: state.at.description,
                note: call.word("audit.extent", ["lines": count(state.result.lines), "homes": count(state.result.homes)])))
    }
    if let last {
        facts.append(
            View.Fact(
                label: call.word("audit.heads.last"), value: "\(last.number) · \(last.at)", href: "/audit/heads",
                note: call.word("audit.since", ["value": count(max(0, all - last.lines))])))
    } else {
        facts.append(View.Fact(label: call.word("audit.heads.last"), value: call.word("audit.heads.none"), href: "/audit/heads"))
    }
    return facts
}

/// A flaw of the chains in the reader's words.
private func told(_ flaw: AuditCheck.Flaw, _ call: Call) -> String {
    call.word(
        "audit.flaw.\(flaw.code.rawValue)",
        [
            "home": flaw.home, "line": String(flaw.line), "head": flaw.head.map { String($0) } ?? "", "subject": flaw.subject,
        ])
}

private func headsPage(_ office: Office, _ call: Call) throws -> Response {
    let all = try office.ledger.heads.all()
    let numbers = Numbers(isEnglish: call.isEnglish)
    let heads = ["audit.head", "audit.moment", "audit.homes", "audit.extent-lines", "audit.note", "audit.digest"].map { call.word($0) }
    let rows = all.suffix(30).reversed().map { head in
        View.Row(cells: [
            View.Cell(label: heads[0], text: String(head.number), isNumber: true),
            View.Cell(label: heads[1], text: head.at.description),
            View.Cell(label: heads[2], text: String(head.homes.count), isNumber: true),
            View.Cell(label: heads[3], text: numbers.grouped(Double(head.lines)), isNumber: true),
            View.Cell(label: heads[4], text: head.note), View.Cell(label: heads[5], text: String(head.digest.prefix(16)) + "…"),
        ])
    }
    let last = all.last.map { head in
        [
            View.Fact(label: call.word("audit.head"), value: "\(head.number) · \(head.at)"),
            View.Fact(label: call.word("audit.digest"), value: head.digest),
            View.Fact(label: call.word("audit.signature"), value: head.signature),
        ]
    }
    return try call.page(
        "audit-heads",
        AuditHeadsPage(
            frame: office.frame(call), keys: office.ledger.keys.publicKeys, last: last ?? [],
            columns: zip(heads, [true, false, true, true, false, false]).map { View.Column(text: $0, isNumber: $1) }, rows: Array(rows),
            total: numbers.grouped(Double(all.count))))
}
