import Foundation
import Kernel
import Ledger
import Storage
import Web

/// E-mail of messages: a queue in the database, emptied by whoever serves the site. A letter says which matter it is about and where to
/// read it; names, numbers and findings stay in the site.
public struct Mailroom: Sendable {
    let ledger: Ledger
    let pages: Pages
    let server: MailServer
    /// The site's own address for links, without a slash at its end.
    let site: String
    public init(_ ledger: Ledger, pages: Pages, server: MailServer, site: String) {
        (self.ledger, self.pages, self.server) = (ledger, pages, server)
        self.site = site.hasSuffix("/") ? String(site.dropLast()) : site
    }

    /// Minutes until the next attempt; after the last one the letter is dead.
    static let waits = [1, 5, 15, 60, 180, 360, 720, 1440]
    /// Minutes during which nobody else tries a letter that somebody took.
    static let lease = 10

    /// Queues what accounts of the messages' parties want by e-mail, in the transaction of the messages.
    static func queue(_ ledger: Ledger, _ db: any Connection, _ messages: [Message], directory: Directory?) throws {
        let boxes = try db.rows("SELECT account, muted FROM mailbox WHERE confirmed_at > 0").map { row in
            (
                account: try row.get("account", as: String.self),
                muted: Set(try row.get("muted", as: String.self).split(separator: ";").map(String.init))
            )
        }
        guard !boxes.isEmpty else { return }
        let people = try directory ?? Directory(ledger, db)
        let wanted = boxes.compactMap { box in people.entry(box.account).map { (box, Set(Party.of($0.person))) } }
        var rows: [[SQLValue]] = []
        for message in messages {
            for (box, parties) in wanted where parties.contains(message.party) && !box.muted.contains(message.topic.rawValue) {
                rows.append(row(box.account, message: message.id, at: message.sentAt))
            }
        }
        try insert(db, rows)
    }
    private static func row(_ account: String, message: String, at moment: Moment) -> [SQLValue] {
        [
            .text("000000"), .text(Identifier.make(at: moment)), .text(account), .text(message), .text("queued"), .integer(0),
            moment.sqlValue,
            .text(""), moment.sqlValue, .integer(0),
        ]
    }
    private static func insert(_ db: any Connection, _ rows: [[SQLValue]]) throws {
        guard !rows.isEmpty else { return }
        try db.insert(
            into: "mail", ["home", "id", "account", "message", "state", "attempts", "next_at", "error", "created_at", "done_at"], rows)
    }
    static let confirming = "confirm:"
    static func queueConfirmation(_ db: any Connection, _ account: String, token: String, at moment: Moment) throws {
        // One at a time: an older secret is worth nothing any more.
        try db.run("DELETE FROM mail WHERE account = \(account) AND state = 'queued' AND message LIKE \(beginning: confirming)")
        try insert(db, [row(account, message: confirming + token, at: moment)])
    }

    private struct Waiting: Sendable {
        let id, account, message: String
        let attempts: Int
    }

    /// Sends what is due, letter by letter. Two that do so at once never take the same letter.
    /// - Returns: how many were sent, failed for now, and are dead.
    @discardableResult public func deliver(limit: Int = 100) async throws -> (sent: Int, failed: Int, dead: Int) {
        var result = (sent: 0, failed: 0, dead: 0)
        for _ in 0..<limit {
            let now = ledger.clock.now()
            guard let waiting = try await take(now) else { break }
            switch try await send(waiting, at: now) {
            case .sent:
                try await finish(waiting, "sent", error: "")
                result.sent += 1
            case .refused(let words):
                try await finish(waiting, "dead", error: words)
                result.dead += 1
            case .failed(let words) where waiting.attempts >= Mailroom.waits.count:
                try await finish(waiting, "dead", error: words)
                result.dead += 1
            case .failed(let words):
                let next = Moment(microseconds: now.microseconds + Int64(Mailroom.waits[waiting.attempts - 1]) * 60_000_000)
                _ = try await ledger.store.write { db in
                    try db.run("UPDATE mail SET next_at = \(next), error = \(words) WHERE id = \(waiting.id) AND state = 'queued'")
                }
                result.failed += 1
            }
        }
        return result
    }

    /// Takes the letter that has waited longest, for as long as a lease.
    private func take(_ now: Moment) async throws -> Waiting? {
        let lease = Moment(microseconds: now.microseconds + Int64(Mailroom.lease) * 60_000_000)
        return try await ledger.store.write { db in
            for row in try db.rows("SELECT * FROM mail WHERE state = 'queued' AND next_at <= \(now) ORDER BY next_at, id LIMIT 5") {
                let (id, attempts, next): (String, Int, Moment) = (try row.get("id"), try row.get("attempts"), try row.get("next_at"))
                let count = try db.run(
                    """
                    UPDATE mail SET next_at = \(lease), attempts = \(attempts + 1)
                    WHERE id = \(id) AND state = 'queued' AND next_at = \(next)
                    """)
                if count == 1 {
                    return Waiting(id: id, account: try row.get("account"), message: try row.get("message"), attempts: attempts + 1)
                }
            }
            return nil
        }
    }

    private func finish(_ waiting: Waiting, _ state: String, error: String) async throws {
        let now = ledger.clock.now()
        // A secret that was sent need not lie about.
        let message = waiting.message.hasPrefix(Mailroom.confirming) ? "confirm" : waiting.message
        _ = try await ledger.store.write { db in
            try db.run(
                "UPDATE mail SET state = \(state), error = \(error), done_at = \(now), message = \(message) WHERE id = \(waiting.id)")
        }
    }

    private func send(_ waiting: Waiting, at now: Moment) async throws -> MailServer.Fate {
        let letter: Letter?
        do { letter = try await self.letter(waiting, at: now) } catch let refusal as Refusal { return .refused(refusal.code) }
        // Closed since, or the address taken away: nobody waits for it.
        guard let letter else { return .refused("no address") }
        return await server.send(letter)
    }

    /// The letter of a queued row, to the address that the account has now.
    private func letter(_ waiting: Waiting, at now: Moment) async throws -> Letter? {
        try await ledger.store.read { [self] db in
            guard try Directory(ledger, db).entry(waiting.account) != nil, let box = try Mailbox(db, waiting.account) else { return nil }
            let text = MessageText(ledger: ledger, pages: pages, language: box.language)
            let subject: String
            var lines: [String]
            if waiting.message.hasPrefix(Mailroom.confirming) {
                let token = String(waiting.message.dropFirst(Mailroom.confirming.count))
                subject = text.word("mail.confirm.subject")
                lines = [text.word("mail.confirm.body"), "", "\(site)/messages/confirm/\(token)", "", text.word("mail.confirm.ignore")]
            } else {
                guard box.isConfirmed,
                    let row = try db.row("SELECT * FROM message WHERE id = \(waiting.message)"), let message = try Messages.message(row)
                else { return nil }
                subject = text.word("mail.subject", ["topic": text.topic(message.topic)])
                lines = [text.plain(message), "", text.word("mail.read"), "\(site)/messages", "", text.word("mail.foot")]
            }
            return try Letter(
                from: server.from, to: box.address, subject: subject, body: lines.joined(separator: "\n") + "\n", id: waiting.id, date: now)
        }
    }
}

/// A letter that will not be sent any more, for the system administrator.
public struct DeadLetter: Sendable {
    public let id, account, error: String
    public let attempts: Int
    public let createdAt, diedAt: Moment
}

extension Messages {
    /// How the queue stands.
    public func mailCounts(_ db: any Connection) throws -> [String: Int] {
        var counts: [String: Int] = [:]
        for row in try db.rows("SELECT state, count(*) AS total FROM mail GROUP BY state") {
            counts[try row.get("state")] = try row.get("total")
        }
        return counts
    }
    public func deadLetters(_ db: any Connection, limit: Int = 200) throws -> [DeadLetter] {
        try db.rows("SELECT * FROM mail WHERE state = 'dead' ORDER BY done_at DESC, id LIMIT \(limit)").map {
            DeadLetter(
                id: try $0.get("id"), account: try $0.get("account"), error: try $0.get("error"), attempts: try $0.get("attempts"),
                createdAt: try $0.get("created_at"), diedAt: try $0.get("done_at"))
        }
    }
    /// Queues dead letters again, or throws them away.
    public func settle(deadLetters ids: [String], again: Bool, by person: Person) async throws {
        guard mayDo(person, .administer, at: .common) else { throw Refusal("access.denied", ["value": "mail"]) }
        let now = ledger.clock.now()
        try await ledger.store.write { db in
            var lines: [(subject: String, detail: String)] = []
            for id in ids {
                let count =
                    again
                    ? try db.run(
                        "UPDATE mail SET state = 'queued', attempts = 0, next_at = \(now), error = '' WHERE id = \(id) AND state = 'dead'")
                    : try db.run("DELETE FROM mail WHERE id = \(id) AND state = 'dead'")
                if count == 1 { lines.append(("mail/\(id)", again ? "queued again" : "thrown away")) }
            }
            try Audit(db).append(home: "000000", at: now, by: person.name, door: "mail", lines)
        }
    }
}
