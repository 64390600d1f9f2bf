import Kernel
import Ledger
import Storage

extension Messages {
    /// Who sees to the duties of a rule.
    func assignments(_ db: any Connection, _ measure: Measure) throws -> [OwedDuty.Key: String] {
        var result: [OwedDuty.Key: String] = [:]
        try db.each("SELECT home, root, subject, account FROM assignment WHERE gauge = \("duty/" + measure.name)") { row in
            let key = OwedDuty.Key(home: try row.get(0), measure: measure.name, root: try row.get(1), subject: try row.get(2))
            result[key] = try row.get(3)
        }
        return result
    }

    /// Who sees to a duty; nil where nobody was named.
    public func assignee(_ db: any Connection, of key: OwedDuty.Key) throws -> String? {
        try db.row(
            """
            SELECT account FROM assignment WHERE home = \(key.home) AND gauge = \("duty/" + key.measure) AND root = \(key.root)
            AND subject = \(key.subject)
            """)?.get("account")
    }

    /// The duties that somebody was named for.
    public func assigned(_ db: any Connection, to account: String) throws -> [OwedDuty.Key] {
        try db.rows("SELECT home, gauge, root, subject FROM assignment WHERE account = \(account) ORDER BY home, gauge, root, subject").map
        {
            OwedDuty.Key(
                home: try $0.get("home"), measure: String(try $0.get("gauge", as: String.self).dropFirst(5)), root: try $0.get("root"),
                subject: try $0.get("subject"))
        }
    }

    /// The people of one's own unit, oneself first: among whom duties are assigned.
    public static func colleagues(_ directory: Directory, of person: Person) -> [Known] {
        directory.entries.filter { entry in
            let other = entry.person
            guard other.role == person.role else { return false }
            return switch person.role {
            case .officer: person.division.map(other.divisions.contains) ?? false
            case .organisation: other.organisation == person.organisation && person.organisation != nil
            default: other.name == person.name
            }
        }.sorted { ($0.person.name == person.name ? 0 : 1, $0.display) < ($1.person.name == person.name ? 0 : 1, $1.display) }
    }

    /// Names somebody of one's own unit for duties of it, or nobody. Each duty must be one that the person may act in: an organisation's
    /// own, or one of an officer's division.
    /// - Throws: `assignment.colleague` for somebody of another unit; `record.missing` for a duty that is not theirs.
    public func assign(_ keys: [OwedDuty.Key], to account: String?, by person: Person) async throws {
        let now = ledger.clock.now()
        try await ledger.store.write { [ledger] db in
            for key in keys {
                guard try Messages.isTheirs(db, key, person) else { throw Refusal("record.missing", ["value": key.root]) }
            }
            let directory = try Directory(ledger, db)
            if let account {
                guard Messages.colleagues(directory, of: person).contains(where: { $0.person.name == account }) else {
                    throw Refusal("assignment.colleague", field: "account", ["value": account])
                }
            }
            var byHome: [String: [(subject: String, detail: String)]] = [:]
            for key in keys {
                let gauge = "duty/" + key.measure
                try db.run(
                    "DELETE FROM assignment WHERE home = \(key.home) AND gauge = \(gauge) AND root = \(key.root) AND subject = \(key.subject)"
                )
                if let account {
                    try db.run(
                        """
                        INSERT INTO assignment (home, gauge, root, subject, account, assigned_by, assigned_at)
                        VALUES (\(key.home), \(gauge), \(key.root), \(key.subject), \(account), \(person.name), \(now))
                        """)
                }
                byHome[key.home, default: []].append(("\(gauge) \(key.root) \(key.subject)", "assigned to \(account ?? "nobody")"))
            }
            for (home, lines) in byHome.sorted(by: { $0.key < $1.key }) {
                try Audit(db).append(home: home, at: now, by: person.name, door: "duty", lines)
            }
            if let account, account != person.name, let first = keys.first {
                var details = ["duty": first.measure, "count": String(keys.count)]
                if keys.count == 1 { (details["home"], details["root"], details["subject"]) = (first.home, first.root, first.subject) }
                try Messages.send(
                    ledger, db,
                    [
                        Message(
                            .duty, to: .account(account), keys.count > 1 ? "duty.assigned.many" : "duty.assigned", details,
                            home: first.home,
                            at: now)
                    ], directory: directory)
            }
        }
    }

    private static func isTheirs(_ db: any Connection, _ key: OwedDuty.Key, _ person: Person) throws -> Bool {
        let rows = try db.rows(
            """
            SELECT DISTINCT debtor, division FROM stretch WHERE home = \(key.home) AND root = \(key.root)
            AND gauge = \("duty/" + key.measure) AND subject = \(key.subject)
            """)
        return try rows.contains { row in
            let (debtor, division): (String, String) = (try row.get("debtor"), try row.get("division"))
            let place = Place(divisions: [division], organisations: [debtor], authors: [debtor])
            return mayDo(person, .change, at: place)
        }
    }

    /// What becomes of the desk of somebody who leaves, in the transaction that closes their account: it is handed over to whoever follows.
    /// Where nobody does, the duties that they were named for fall back to the unit, and nothing is sent to them any more.
    public static func leave(
        _ ledger: Ledger, _ db: any Connection, _ leaver: String, followedBy successor: String?, by person: Person, at moment: Moment
    ) throws {
        if let successor {
            try handOver(ledger, db, from: leaver, to: successor, by: person, at: moment)
            return
        }
        try endMail(db, leaver)
        let duties = try db.run("DELETE FROM assignment WHERE account = \(leaver)")
        guard duties > 0 else { return }
        try Audit(db).append(
            home: "000000", at: moment, by: person.name, door: "account", [("account/\(leaver)", "left \(duties) duties to the unit")])
    }
    private static func endMail(_ db: any Connection, _ leaver: String) throws {
        try db.run("DELETE FROM calendar_feed WHERE account = \(leaver)")
        try db.run("DELETE FROM mail WHERE account = \(leaver) AND state = 'queued'")
    }

    /// Hands over what somebody leaves behind, in the transaction that closes their account: unread messages of theirs and the duties that
    /// they were named for. Both are told.
    /// - Returns: how many messages and duties went over.
    @discardableResult public static func handOver(
        _ ledger: Ledger, _ db: any Connection, from leaver: String, to successor: String, by person: Person, at moment: Moment
    ) throws -> (messages: Int, duties: Int) {
        let (old, new) = (Party.account(leaver).text, Party.account(successor).text)
        let open: SQL = """
            party = \(old) AND NOT EXISTS (SELECT 1 FROM message_read r WHERE r.home = message.home AND r.message = message.id
            AND r.account = \(leaver))
            """
        let messages = try db.run("UPDATE message SET party = \(new) WHERE \(open)")
        let duties = try db.run("UPDATE assignment SET account = \(successor) WHERE account = \(leaver)")
        try endMail(db, leaver)
        let details = ["from": leaver, "to": successor, "count": String(duties), "messages": String(messages)]
        try send(
            ledger, db,
            [
                Message(.account, to: .account(successor), "handover.received", details, at: moment),
                Message(.account, to: .account(leaver), "handover.given", details, at: moment),
            ])
        try Audit(db).append(
            home: "000000", at: moment, by: person.name, door: "account",
            [("account/\(leaver)", "handed over to \(successor): \(messages) messages, \(duties) duties")])
        return (messages, duties)
    }
}
