import Foundation
import Kernel
import Ledger
import Storage

/// One message to one party. What it says is a key of the words catalogue and details that name things by id or code: nobody's name,
/// number or finding is in it, so that it can be shown in the reader's language and only to whoever may see the thing itself.
public struct Message: Sendable {
    public let id: String
    public let home: String
    public let party: Party
    public let topic: Topic
    /// A key of the words catalogue.
    public let word: String
    public let details: [String: String]
    /// The record that it is about; empty where it is about none.
    public let record: String
    public let sentAt: Moment

    /// What a reader may switch off for e-mail.
    public enum Topic: String, Sendable, CaseIterable { case duty, escalation, flow, inspection, `case`, complaint, health, account }

    public init(
        _ topic: Topic, to party: Party, _ word: String, _ details: [String: String] = [:], record: String = "", home: String = "000000",
        id: String? = nil, at moment: Moment
    ) {
        (self.topic, self.party, self.word, self.details, self.record) = (topic, party, word, details, record)
        (self.home, sentAt) = (home, moment)
        self.id = id ?? Identifier.make(at: moment)
    }
}

/// Messages inside the site, and what follows from them: reminders, escalation, e-mail, the calendar.
public struct Messages: Sendable {
    let ledger: Ledger
    public init(_ ledger: Ledger) { self.ledger = ledger }

    /// Sends messages inside a transaction that is under way: they stand if it commits. Who wants e-mail gets it queued with them.
    public static func send(
        _ ledger: Ledger, _ db: any Connection, _ messages: [Message], directory: Directory? = nil
    ) throws {
        guard !messages.isEmpty else { return }
        try db.insert(
            into: "message", ["home", "id", "party", "topic", "word", "details", "record", "sent_at"],
            messages.map {
                [
                    .text($0.home), .text($0.id), .text($0.party.text), .text($0.topic.rawValue), .text($0.word), .text(encode($0.details)),
                    .text($0.record), $0.sentAt.sqlValue,
                ]
            })
        try Mailroom.queue(ledger, db, messages, directory: directory)
    }

    /// Sends one message in a transaction of its own.
    public func send(_ message: Message) async throws {
        try await ledger.store.write { [ledger] in try Messages.send(ledger, $0, [message]) }
    }

    /// A message as one reader has it.
    public struct Received: Sendable {
        public let message: Message
        public let isRead: Bool
    }

    /// A person's messages, the newest first.
    public func inbox(
        _ db: any Connection, of person: Person, unreadOnly: Bool = false, limit: Int = 50, offset: Int = 0
    ) throws -> [Received] {
        let unread: SQL = unreadOnly ? "AND r.account IS NULL" : ""
        return try db.rows(
            """
            SELECT m.*, r.account AS reader FROM message m
            LEFT JOIN message_read r ON r.home = m.home AND r.message = m.id AND r.account = \(person.name)
            WHERE m.party IN \(list: Party.of(person).map(\.text)) \(unread) ORDER BY m.id DESC LIMIT \(limit) OFFSET \(offset)
            """
        ).compactMap { row in
            guard let message = try Messages.message(row) else { return nil }
            return Received(message: message, isRead: try row.find("reader", as: String.self) != nil)
        }
    }

    /// How many messages a person has, and how many of them are unread.
    public func counts(_ db: any Connection, of person: Person) throws -> (all: Int, unread: Int) {
        let parties = Party.of(person).map(\.text)
        let all: Int = try db.row("SELECT count(*) AS total FROM message WHERE party IN \(list: parties)")?.get("total") ?? 0
        return (all, try unread(db, of: person, limit: all))
    }

    /// How many are unread, counted no further than a limit: for the frame of every page.
    public func unread(_ db: any Connection, of person: Person, limit: Int = 100) throws -> Int {
        try db.row(
            """
            SELECT count(*) AS total FROM (SELECT m.id FROM message m
            LEFT JOIN message_read r ON r.home = m.home AND r.message = m.id AND r.account = \(person.name)
            WHERE m.party IN \(list: Party.of(person).map(\.text)) AND r.account IS NULL LIMIT \(limit)) AS unread
            """)?.get("total") ?? 0
    }
    public func unread(of person: Person) async throws -> Int {
        guard person.role != .nobody else { return 0 }
        return try await ledger.store.read { try unread($0, of: person) }
    }

    /// One of a person's messages.
    /// - Throws: `Refusal("record.missing")` where it is not theirs, as if it did not exist.
    public func message(_ db: any Connection, _ id: String, of person: Person) throws -> Message {
        let row = try db.row("SELECT * FROM message WHERE id = \(id) AND party IN \(list: Party.of(person).map(\.text))")
        guard let message = try row.flatMap(Messages.message) else { throw Refusal("record.missing", ["value": id]) }
        return message
    }

    /// Marks messages of a person as read, or as unread again; ids of other people's are passed over.
    public func mark(_ ids: [String], read: Bool, by person: Person) async throws {
        let now = ledger.clock.now()
        try await ledger.store.write { db in
            let parties = Party.of(person).map(\.text)
            for start in stride(from: 0, to: ids.count, by: 400) {
                let part = Array(ids[start..<min(start + 400, ids.count)])
                let rows = try db.rows("SELECT home, id FROM message WHERE id IN \(list: part) AND party IN \(list: parties)")
                for row in rows {
                    let (home, id): (String, String) = (try row.get("home"), try row.get("id"))
                    if read {
                        try db.run(
                            """
                            INSERT INTO message_read (home, message, account, read_at) VALUES (\(home), \(id), \(person.name), \(now))
                            ON CONFLICT (home, message, account) DO NOTHING
                            """)
                    } else {
                        try db.run("DELETE FROM message_read WHERE home = \(home) AND message = \(id) AND account = \(person.name)")
                    }
                }
            }
        }
    }

    /// Marks everything of a person as read.
    public func markAllRead(by person: Person) async throws {
        let ids = try await ledger.store.read { db in
            try db.rows(
                """
                SELECT m.id FROM message m LEFT JOIN message_read r ON r.home = m.home AND r.message = m.id AND r.account = \(person.name)
                WHERE m.party IN \(list: Party.of(person).map(\.text)) AND r.account IS NULL
                """
            ).map { try $0.get("id", as: String.self) }
        }
        try await mark(ids, read: true, by: person)
    }

    static func message(_ row: SQLRow) throws -> Message? {
        guard let party = Party(try row.get("party")) else { return nil }
        return Message(
            Message.Topic(rawValue: try row.get("topic")) ?? .flow, to: party, try row.get("word"), decode(try row.get("details")),
            record: try row.get("record"), home: try row.get("home"), id: try row.get("id"), at: try row.get("sent_at"))
    }

    static func encode(_ details: [String: String]) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        return (try? encoder.encode(details)).map { String(decoding: $0, as: UTF8.self) } ?? "{}"
    }
    static func decode(_ text: String) -> [String: String] {
        (try? JSONDecoder().decode([String: String].self, from: Data(text.utf8))) ?? [:]
    }
}
