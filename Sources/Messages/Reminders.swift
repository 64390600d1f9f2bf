import Catalog
import Kernel
import Ledger
import Storage

/// The daily round: who owes something is told ahead of time, on the day and after it; what stays undone goes to the one above.
///
/// Each (duty, threshold) is told once, whatever happens: what was told is written down in the transaction that sends it, so a round that
/// breaks off goes on where it stopped, two rounds at once tell nothing twice, and a duty that was met meanwhile is in no list.
extension Messages {
    public struct Round: Sendable {
        /// Messages sent, by word.
        public var sent: [String: Int] = [:]
        /// Duties and thresholds that they tell of.
        public var told = 0
        public var total: Int { sent.values.reduce(0, +) }
        /// What was sent, where the round is a trial.
        public var messages: [Message] = []
    }

    /// Goes the round for a day.
    /// - Parameter isTrial: nothing is sent or written down; the answer says what would be.
    @discardableResult public func remind(on day: Day? = nil, isTrial: Bool = false) async throws -> Round {
        let day = day ?? ledger.clock.today
        var round = Round()
        for measure in ledger.measures.values.filter({ $0.clause != nil }).sorted(by: { $0.name < $1.name })
        where !ledger.catalog.isRight(measure.name) {
            let part =
                isTrial
                ? try await ledger.store.read { [self] db in try remind(db, of: measure, on: day, isTrial: true) }
                : try await ledger.store.write { [self] db in try remind(db, of: measure, on: day, isTrial: false) }
            round.told += part.told
            round.messages += part.messages
            round.sent.merge(part.sent) { $0 + $1 }
        }
        return round
    }

    /// What one message tells of: one party, one rule, one threshold.
    private struct Heap: Hashable {
        let party: Party
        let step: Step
    }
    enum Step: Hashable {
        /// Days from the last day in time.
        case own(Int)
        /// Whoever heads the unit itself.
        case manager
        /// So many levels up.
        case superior(Int)
        var text: String {
            switch self {
            case .own(let days): String(days)
            case .manager: "manager"
            case .superior(let level): "superior\(level)"
            }
        }
    }

    private func remind(_ db: any Connection, of measure: Measure, on day: Day, isTrial: Bool) throws -> Round {
        var round = Round()
        let catalog = ledger.catalog
        // Rules differ by division: look ahead as far as any of them does.
        let duties = try OwedDuty.list(db, measure, on: day, ahead: catalog.reminders.longestLead)
        guard !duties.isEmpty else { return round }
        let directory = try Directory(ledger, db)
        let told = try steps(db, measure)
        let assigned = try assignments(db, measure)
        var heaps: [Heap: [OwedDuty]] = [:]
        for duty in duties {
            guard let rule = catalog.reminders.rule(for: measure.name, in: duty.division, on: day) else { continue }
            let mark = Mark(key: duty.key, due: duty.due ?? .distantPast)
            let done = told[mark] ?? []
            for (step, party) in steps(of: duty, rule, on: day, measure, directory, assigned[duty.key]) where !done.contains(step.text) {
                heaps[Heap(party: party, step: step), default: []].append(duty)
            }
        }
        let now = ledger.clock.now()
        var rows: [[SQLValue]] = []
        for (heap, duties) in heaps.sorted(by: { ($0.key.party.text, $0.key.step.text) < ($1.key.party.text, $1.key.step.text) }) {
            let message = message(of: duties, measure, heap.step, to: heap.party, on: day, at: now)
            round.messages.append(message)
            round.sent[message.word, default: 0] += 1
            round.told += duties.count
            rows += duties.map { duty in
                [
                    .text(duty.key.home), .text("duty/" + measure.name), .text(duty.key.root), .text(duty.key.subject),
                    (duty.due ?? .distantPast).sqlValue, .text(heap.step.text), .text(message.id), .text(heap.party.text), now.sqlValue,
                ]
            }
        }
        guard !isTrial, !rows.isEmpty else { return round }
        for start in stride(from: 0, to: rows.count, by: 20_000) {
            try db.insert(
                into: "reminder", ["home", "gauge", "root", "subject", "due", "step", "message", "party", "sent_at"],
                Array(rows[start..<min(start + 20_000, rows.count)]))
        }
        try Messages.send(ledger, db, round.messages, directory: directory)
        for (home, messages) in Dictionary(grouping: round.messages, by: \.home).sorted(by: { $0.key < $1.key }) {
            try Audit(db).append(
                home: home, at: now, by: Person.house.name, door: "remind",
                messages.map { ("message/\($0.id)", "\($0.word) duty/\(measure.name) \($0.details["count"] ?? "") → \($0.party.text)") })
        }
        return round
    }

    private struct Mark: Hashable {
        let key: OwedDuty.Key
        let due: Day
    }
    /// What was told already of a rule's duties.
    private func steps(_ db: any Connection, _ measure: Measure) throws -> [Mark: Set<String>] {
        var told: [Mark: Set<String>] = [:]
        try db.each("SELECT home, root, subject, due, step FROM reminder WHERE gauge = \("duty/" + measure.name)") { row in
            let key = OwedDuty.Key(home: try row.get(0), measure: measure.name, root: try row.get(1), subject: try row.get(2))
            told[Mark(key: key, due: try row.get(3)), default: []].insert(try row.get(4))
        }
        return told
    }

    /// The thresholds that a duty has passed on a day, and who is told at each: of those ahead and after only the latest, so that whoever
    /// registers late is not told of days gone by; of the levels above every one.
    private func steps(
        of duty: OwedDuty, _ rule: ReminderRule, on day: Day, _ measure: Measure, _ directory: Directory, _ assignee: String?
    ) -> [(Step, Party)] {
        let overdue = duty.overdue(on: day) ?? Int.max
        var result: [(Step, Party)] = []
        if let step = rule.steps.last(where: { $0 <= overdue }) {
            let own: Party =
                if let assignee, directory.entry(assignee) != nil { .account(assignee) } else if duty.debtor.isEmpty {
                    directory.unit(answeringFor: duty.division, duty.functions(measure))
                } else { .organisation(duty.debtor) }
            result.append((.own(step), own))
        }
        if let days = rule.manager, days <= overdue,
            let party = directory.managers(ofDebtor: duty.debtor, in: duty.division, duty.functions(measure))
        {
            result.append((.manager, party))
        }
        let superiors = directory.superiors(ofDebtor: duty.debtor, in: duty.division, duty.functions(measure))
        for (level, days) in rule.superior.enumerated() where days <= overdue && superiors.indices.contains(level) {
            result.append((.superior(level + 1), superiors[level]))
        }
        return result
    }

    private func message(
        of duties: [OwedDuty], _ measure: Measure, _ step: Step, to party: Party, on day: Day, at moment: Moment
    ) -> Message {
        var details = ["duty": measure.name, "count": String(duties.count)]
        let word: String
        switch step {
        case .own(let days): word = days < 0 ? "reminder.before" : days == 0 ? "reminder.today" : "reminder.after"
        case .manager: word = "reminder.manager"
        case .superior(let level):
            word = "reminder.superior"
            details["level"] = String(level)
        }
        let dues = duties.compactMap(\.due)
        if let due = dues.min() {
            details["due"] = due.description
            details["days"] = String(abs(due - day))
        }
        if Set(duties.map(\.debtor)).count == 1, let debtor = duties.first?.debtor, !debtor.isEmpty { details["who"] = debtor }
        if Set(duties.map(\.division)).count == 1 { details["division"] = duties[0].division }
        if duties.count == 1 {
            (details["home"], details["root"], details["subject"]) = (duties[0].key.home, duties[0].key.root, duties[0].key.subject)
        }
        let topic: Message.Topic = if case .own = step { .duty } else { .escalation }
        return Message(
            topic, to: party, word + (duties.count > 1 ? ".many" : ""), details, record: duties.count == 1 ? duties[0].record : "",
            home: duties[0].key.home, at: moment)
    }

    /// Who was told of a duty, in order: the chain that its page shows.
    public func chain(_ db: any Connection, of key: OwedDuty.Key) throws -> [(step: String, due: Day, party: Party, at: Moment)] {
        try db.rows(
            """
            SELECT step, due, party, sent_at FROM reminder WHERE home = \(key.home) AND gauge = \("duty/" + key.measure)
            AND root = \(key.root) AND subject = \(key.subject) ORDER BY sent_at, step
            """
        ).compactMap { row in
            guard let party = Party(try row.get("party")) else { return nil }
            return (try row.get("step"), try row.get("due"), party, try row.get("sent_at"))
        }
    }

    /// Goes the round once a day: the first that asks on a day does it.
    /// - Returns: nil where the day's round was gone already.
    @discardableResult public func remindDaily() async throws -> Round? {
        let today = ledger.clock.today
        let last = try await ledger.store.read {
            try $0.row("SELECT value FROM house_state WHERE name = 'reminded'")?.get("value", as: Int.self)
        }
        guard (last ?? Int.min) < Int(today.number) else { return nil }
        let round = try await remind(on: today)
        // After the round: one that broke off is gone again, and tells only what it had not told.
        _ = try await ledger.store.write { db in
            try db.run(
                """
                INSERT INTO house_state (name, value) VALUES ('reminded', \(Int(today.number)))
                ON CONFLICT (name) DO UPDATE SET value = excluded.value
                """)
        }
        return round
    }
}
