import Catalog
import Kernel
import Ledger
import Storage
import Web

/// A person's duties as a calendar that other programs read 日历订阅 (RFC 5545), under a secret address.
public struct CalendarFeed: Sendable {
    /// Days back and ahead that it speaks of.
    static let (back, ahead) = (366, 400)

    public struct Event: Sendable {
        public let uid: String
        public let day: Day
        public let title, description, href: String
        /// Days ahead that the program is asked to remind; nil for what is over already.
        public let alarm: Int?
    }

    /// The text of a calendar.
    public static func text(_ events: [Event], name: String, stamp: Moment) -> String {
        var lines = [
            "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Zhifang//Duties//ZH", "CALSCALE:GREGORIAN", "METHOD:PUBLISH",
            "X-WR-CALNAME:\(escaped(name))",
        ]
        for event in events {
            lines += [
                "BEGIN:VEVENT", "UID:\(event.uid)", "DTSTAMP:\(utc(stamp))", "DTSTART;VALUE=DATE:\(digits(event.day))",
                "DTEND;VALUE=DATE:\(digits(event.day + 1))", "SUMMARY:\(escaped(event.title))",
                "DESCRIPTION:\(escaped(event.description))", "TRANSP:TRANSPARENT",
            ]
            if !event.href.isEmpty { lines.append("URL:\(event.href)") }
            if let alarm = event.alarm {
                lines += [
                    "BEGIN:VALARM", "ACTION:DISPLAY", "DESCRIPTION:\(escaped(event.title))", "TRIGGER:-P\(alarm)D", "END:VALARM",
                ]
            }
            lines.append("END:VEVENT")
        }
        lines.append("END:VCALENDAR")
        return lines.map(folded).joined(separator: "\r\n") + "\r\n"
    }

    /// Text as a value: backslash, semicolon, comma and line ends escaped, other control characters left out.
    static func escaped(_ text: String) -> String {
        var result = ""
        for character in text.replacing("\r\n", with: "\n").unicodeScalars {
            switch character {
            case "\\": result += "\\\\"
            case ";": result += "\\;"
            case ",": result += "\\,"
            case "\n": result += "\\n"
            case _ where character.value < 32 || character.value == 127: continue
            default: result.unicodeScalars.append(character)
            }
        }
        return result
    }

    /// A line in parts of at most 75 octets, a character never cut.
    static func folded(_ line: String) -> String {
        var parts: [[UInt8]] = [[]]
        for scalar in line.unicodeScalars {
            let next = Array(String(scalar).utf8)
            // What goes on begins with a blank, which counts.
            if parts[parts.count - 1].count + next.count > (parts.count == 1 ? 75 : 74) { parts.append([]) }
            parts[parts.count - 1] += next
        }
        return parts.map { String(decoding: $0, as: UTF8.self) }.joined(separator: "\r\n ")
    }
    private static func digits(_ day: Day) -> String { day.description.replacing("-", with: "") }
    /// A moment in UTC: 20260701T091500Z.
    static func utc(_ moment: Moment) -> String {
        let shifted = Moment(microseconds: moment.microseconds - 8 * 3_600_000_000)
        let text = shifted.description
        let digits = text.filter(\.isNumber)
        return digits.prefix(8) + "T" + digits.dropFirst(8).prefix(6) + "Z"
    }
}

extension Messages {
    /// Makes a new secret address for an account; an older one is worth nothing any more.
    /// - Returns: the secret, shown once: only its digest is kept.
    public func makeCalendar(by person: Person) async throws -> String {
        let token = Digest.hex(Digest.random(24))
        try await ledger.store.write { [ledger] db in
            let now = ledger.clock.now()
            try db.run("DELETE FROM calendar_feed WHERE account = \(person.name)")
            try db.run("INSERT INTO calendar_feed (token, account, made_at) VALUES (\(Digest.sha256(token)), \(person.name), \(now))")
            try Audit(db).append(
                home: "000000", at: now, by: person.name, door: "account", [("account/\(person.name)", "calendar address made")])
        }
        return token
    }
    public func revokeCalendar(by person: Person) async throws {
        try await ledger.store.write { [ledger] db in
            guard try db.run("DELETE FROM calendar_feed WHERE account = \(person.name)") > 0 else { return }
            try Audit(db).append(
                home: "000000", at: ledger.clock.now(), by: person.name, door: "account",
                [("account/\(person.name)", "calendar address revoked")])
        }
    }
    public func calendarMade(_ db: any Connection, by person: Person) throws -> Moment? {
        try db.row("SELECT made_at FROM calendar_feed WHERE account = \(person.name)")?.get("made_at")
    }

    /// The calendar of a secret.
    /// - Throws: `Refusal("page.missing")` for a wrong secret and for a closed account alike.
    public func calendar(_ token: String, pages: Pages, site: String, language asked: Language?) async throws -> String {
        let today = ledger.clock.today
        let now = ledger.clock.now()
        return try await ledger.store.read { [self] db in
            guard let row = try db.row("SELECT account FROM calendar_feed WHERE token = \(Digest.sha256(token))"),
                let entry = try Directory(ledger, db).entry(try row.get("account"))
            else { throw Refusal("page.missing") }
            let box = try Mailbox(db, entry.person.name)
            let text = MessageText(ledger: ledger, pages: pages, language: asked ?? box?.language ?? .chinese)
            let events = try events(db, of: entry.person, on: today, text, site: site)
            return CalendarFeed.text(events, name: text.word("calendar.name"), stamp: now)
        }
    }

    /// One event for each rule and last day: what is due that day, how many, and what follows.
    private func events(
        _ db: any Connection, of person: Person, on today: Day, _ text: MessageText, site: String
    ) throws -> [CalendarFeed.Event] {
        struct Heap: Hashable {
            let measure: String
            let due: Day
        }
        var heaps: [Heap: Int] = [:]
        let directory = try Directory(ledger, db)
        for measure in ledger.measures.values where measure.clause != nil && !ledger.catalog.isRight(measure.name) {
            guard let whose = Messages.own(person, measure, directory) else { continue }
            for duty in try OwedDuty.list(db, measure, on: today, ahead: CalendarFeed.ahead, whose: whose) {
                guard let due = duty.due, due >= today + -CalendarFeed.back else { continue }
                heaps[Heap(measure: measure.name, due: due), default: 0] += 1
            }
        }
        return heaps.sorted { ($0.key.due, $0.key.measure) < ($1.key.due, $1.key.measure) }.map { heap, count in
            let isOver = heap.due < today
            let penalty = ledger.catalog.penalties(ofDuty: heap.measure, on: today).first
            let details = ["duty": text.duty(heap.measure), "count": String(count), "clause": ledger.measures[heap.measure]?.clause ?? ""]
            var lines = [text.word("calendar.clause", details)]
            if let penalty { lines.append(text.word("calendar.penalty", ["clause": penalty.provenance.clause, "fine": penalty.fine])) }
            let own = person.organisation ?? person.division?.text ?? person.name
            return CalendarFeed.Event(
                uid: String(Digest.sha256("\(own) \(heap.measure) \(heap.due)").prefix(32)) + "@zhifang", day: heap.due,
                title: text.word(isOver ? "calendar.overdue" : count > 1 ? "calendar.many" : "calendar.one", details),
                description: lines.joined(separator: "\n"), href: "\(site)/duties?rule=\(heap.measure)", alarm: isOver ? nil : 7)
        }
    }

    /// The duties that are a person's own to do: those of their organisation; those of their unit, where no smaller unit answers for them.
    /// - Returns: a condition on the rows `s` of the table `stretch`; nil where they owe nothing of the rule.
    public static func own(_ person: Person, _ measure: Measure, _ directory: Directory) -> SQL? {
        switch person.role {
        case .organisation: return person.organisation.map { "s.debtor = \($0)" }
        case .officer:
            // One's own unit, and those for which one acts.
            let units = [(person.division, person.functions)] + person.grants.map { ($0.division, $0.functions) }
            let parts = units.compactMap { division, functions -> SQL? in
                guard let division, !functions.isEmpty else { return nil }
                var condition: SQL = "s.debtor = '' AND s.division >= \(division.prefix) AND s.division < \(division.prefix + ":")"
                guard measure.owedBy.contains(where: functions.contains) else {
                    // Not the function's own duty, but now and then one that is addressed to it: the receipt of a notice.
                    let named = functions.reduce("1 = 0" as SQL) { "\($0) OR s.cell LIKE \(ending: "|" + $1)" }
                    return "\(condition) AND (\(named))"
                }
                for smaller in directory.smallerUnits(than: division, measure.owedBy) {
                    condition = "\(condition) AND NOT (s.division >= \(smaller.prefix) AND s.division < \(smaller.prefix + ":"))"
                }
                return condition
            }
            guard let first = parts.first else { return nil }
            let each = parts.dropFirst().reduce(into: "(\(first))" as SQL) { $0 = "\($0) OR (\($1))" }
            return "(\(each))"
        default: return nil
        }
    }
}
