import Catalog
import Hummingbird
import Kernel
import Ledger
import Messages
import Storage
import Web

extension OwedDuty.Key {
    /// As forms carry it. Homes, rules and ids have no slash in them.
    var text: String { [home, measure, root, subject].joined(separator: "/") }
    init?(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 3, omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 4 else { return nil }
        self.init(home: parts[0], measure: parts[1], root: parts[2], subject: parts[3])
    }
}

/// People among whom a duty may be given, nobody first.
func colleagues(_ people: [Known], _ call: Call, chosen: String? = nil) -> [View.Option] {
    [View.Option(value: "", text: call.word("duty.nobody"))]
        + people.map {
            View.Option(
                value: $0.person.name, text: $0.person.name == call.person.name ? call.word("duty.me", ["name": $0.display]) : $0.display,
                selected: $0.person.name == chosen)
        }
}

/// What was just done, said once above the page.
func messageNotices(_ call: Call) -> [View.Notice] {
    guard let done = call.asked("done"), call.has("done.\(done)") else { return [] }
    return [View.Notice(tone: "good", text: call.word("done.\(done)", ["count": call.asked("count") ?? ""]))]
}

/// One duty: what it is, by which clause, what follows, who was told, who sees to it.
func dutyPage(_ office: Office, _ call: Call) async throws -> Response {
    guard let home = call.asked("home"), let rule = call.asked("rule"), let root = call.asked("root"), let subject = call.asked("subject")
    else {
        return call.redirect(to: Address.duties)
    }
    let key = OwedDuty.Key(home: home, measure: rule, root: root, subject: subject)
    let model = try await office.ledger.store.read { db -> DutyPage? in
        let show = Showing(office, call, db)
        let day = try show.asOf()
        // What is met or gone since has no page of its own any more.
        guard let row = try DutyRow.one(show, key, on: day) else {
            guard try DutyRow.isReadable(show, key) else { throw Refusal("record.missing", ["value": root]) }
            return nil
        }
        let place = row.place
        let isAbout = call.person.worker.map { $0 == row.root } ?? false
        guard mayDo(call.person, .see, at: place) || isAbout else { throw Refusal("record.missing", ["value": root]) }
        let directory = try Directory(office.ledger, db)
        let words = DutyWords(show: show, day: day)
        var line = try words.lines([row])[0]
        line.href = nil
        let assignee = try office.messages.assignee(db, of: key)
        line.assignee = assignee.map { directory.entry($0)?.display ?? $0 }
        let penalty = DutyWords.penalty(row.measure, on: day, show)
        let people = mayDo(call.person, .change, at: place) ? Messages.colleagues(directory, of: call.person) : []
        let chain = try office.messages.chain(db, of: key).map { told in
            View.HomeItem(
                text: try partyName(show, directory, told.party), note: show.moment(told.at),
                mark: View.Mark("info", stepWord(call, told.step)))
        }
        return DutyPage(
            frame: office.frame(call, at: .duties), line: line, heading: line.what, facts: try facts(show, row),
            next: DutyWords.next(row.measure, call), consequence: penalty?.text, consequenceClause: penalty?.clause, chain: chain,
            ahead: ahead(show, row, day), assignAction: people.count > 1 ? "/duties/assignment" : nil, key: key.text,
            people: colleagues(people, call, chosen: assignee), notices: messageNotices(call))
    }
    guard let model else { return call.redirect(to: Office.href(Address.duties, [:], ["rule": rule])) }
    return try call.page("duty-page", model)
}

private func facts(_ show: Showing, _ row: DutyRow) throws -> [View.Fact] {
    var facts: [View.Fact] = []
    if let clause = row.measure.clause { facts.append(View.Fact(label: show.call.word("duty.clause"), value: clause)) }
    if let clock = show.ledger.catalog.clocks[row.measure.name] {
        let english = show.call.isEnglish
        facts.append(View.Fact(label: show.call.word("duty.clock.starts"), value: clock.starts.text(english: english)))
        facts.append(View.Fact(label: show.call.word("duty.clock.met"), value: clock.met.text(english: english)))
    }
    if let record = try show.record(row.stretch.record), try show.sees(record) {
        facts.append(
            View.Fact(
                label: show.call.word("duty.record"), value: "\(show.name(record.kind)) · \(try show.title(record))",
                href: Address.of(record)))
    }
    return facts
}

/// A party as a reader knows it: never a person of another unit by name.
private func partyName(_ show: Showing, _ directory: Directory, _ party: Party) throws -> String {
    switch party {
    case .account(let name): directory.entry(name)?.display ?? name
    case .unit(let division, _): show.call.word("duty.authority", ["place": try show.place(division)])
    case .organisation(let id): try show.title(id) ?? show.call.word("party.organisation")
    case .worker: show.call.word("party.worker")
    case .managers: show.call.word("party.managers")
    case .administrators: show.call.word("party.administrators")
    }
}

private func stepWord(_ call: Call, _ step: String) -> String {
    guard let days = Int(step) else {
        return step == "manager" ? call.word("step.manager") : call.word("step.superior", ["level": step.filter(\.isNumber)])
    }
    return call.word(days < 0 ? "step.before" : days == 0 ? "step.today" : "step.after", ["days": String(abs(days))])
}

/// When who will be told, if nothing happens.
private func ahead(_ show: Showing, _ row: DutyRow, _ day: Day) -> String? {
    guard let rule = show.ledger.catalog.reminders.rule(for: row.measure.name, in: row.stretch.division, on: day) else { return nil }
    let call = show.call
    func list(_ days: [Int]) -> String { days.map { String(abs($0)) }.joined(separator: call.isEnglish ? ", " : "、") }
    return call.word(
        "duty.ahead",
        [
            "before": list(rule.steps.filter { $0 < 0 }), "after": list(rule.steps.filter { $0 > 0 }), "superior": list(rule.superior),
            "confidence": call.word("confidence.\(rule.provenance.confidence.rawValue)"),
        ])
}

/// Names somebody for duties.
func assign(_ office: Office, _ call: Call) async throws -> Response {
    let keys = (call.form["key"] ?? []).compactMap { OwedDuty.Key($0) }
    guard !keys.isEmpty else { throw Refusal("assignment.none") }
    // A duty of proceedings that are closed to the reader is not there for them.
    try await office.ledger.store.read { db in
        let show = Showing(office, call, db)
        for key in keys where try !DutyRow.isReadable(show, key) { throw Refusal("record.missing", ["value": key.root]) }
    }
    let account = call.given("account")
    try await office.messages.assign(keys, to: account.isEmpty ? nil : account, by: call.person)
    let back = call.given("back") == "duty" ? Address.duty(keys[0]) : Address.duties
    let mark = ["done": account.isEmpty ? "unassigned" : "assigned", "count": String(keys.count)]
    return call.redirect(
        to: back + (back.contains("?") ? "&" : "?") + mark.sorted { $0.key < $1.key }.map { "\($0)=\($1)" }.joined(separator: "&"))
}
