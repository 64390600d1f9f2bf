import Hummingbird
import Kernel
import Ledger
import Messages
import Storage
import Web

/// Messages inside the site, and how an account wants to be told.
func messageRoutes(_ office: Office) -> [Route] {
    [
        Route(.get, "/messages", needs: .signedIn) { call in try await messagesPage(office, call) },
        Route(.post, "/messages", needs: .signedIn) { call in
            switch call.given("do") {
            case "all": try await office.messages.markAllRead(by: call.person)
            case "unread": try await office.messages.mark(call.form["id"] ?? [], read: false, by: call.person)
            default: try await office.messages.mark(call.form["id"] ?? [], read: true, by: call.person)
            }
            return call.redirect(to: "/messages")
        },
        Route(.post, "/messages/:message/reading", needs: .signedIn) { call in
            let id = try call.part("message")
            let href = try await office.ledger.store.read { db in
                let message = try office.messages.message(db, id, of: call.person)
                return try MessageWords(Showing(office, call, db), try Directory(office.ledger, db)).href(message)
            }
            try await office.messages.mark([id], read: true, by: call.person)
            return call.redirect(to: href)
        },
        Route(.get, "/messages/settings", needs: .signedIn) { call in try await settingsPage(office, call) },
        Route(.post, "/messages/address", needs: .signedIn) { call in
            try await office.messages.setAddress(call.given("address"), language: call.language, by: call.person)
            return call.redirect(to: "/messages/settings?done=address")
        },
        Route(.post, "/messages/address/removal", needs: .signedIn) { call in
            try await office.messages.removeAddress(by: call.person)
            return call.redirect(to: "/messages/settings?done=address-removed")
        },
        Route(.post, "/messages/topics", needs: .signedIn) { call in
            let wanted = Set(call.form["topic"] ?? [])
            try await office.messages.mute(
                Message.Topic.allCases.filter { !wanted.contains($0.rawValue) }, language: call.language, by: call.person)
            return call.redirect(to: "/messages/settings?done=topics")
        },
        Route(.get, "/messages/confirm/:token", needs: .signedIn) { call in
            // Programs that look at links before people do confirm nothing: a button does.
            try call.page(
                "message-confirm", MessageConfirmPage(frame: office.frame(call), action: "/messages/confirm/" + call.part("token")))
        },
        Route(.post, "/messages/confirm/:token", needs: .signedIn) { call in
            try await office.messages.confirmAddress(call.part("token"), by: call.person)
            return call.redirect(to: "/messages/settings?done=confirmed")
        },
        Route(.post, "/messages/calendar", needs: .signedIn) { call in
            let token = try await office.messages.makeCalendar(by: call.person)
            return try await settingsPage(office, call, token: token)
        },
        Route(.post, "/messages/calendar/revocation", needs: .signedIn) { call in
            try await office.messages.revokeCalendar(by: call.person)
            return call.redirect(to: "/messages/settings?done=calendar-revoked")
        },
        // The secret in the address is the key: calendars do not sign in.
        Route(.get, "/calendar/:token", needs: .anyone) { call in
            let name = try call.part("token")
            guard name.hasSuffix(".ics") else { throw Refusal("page.missing") }
            let text = try await office.messages.calendar(
                String(name.dropLast(4)), pages: call.pages, site: office.site,
                language: call.asked("lang").map { $0.hasPrefix("en") ? .english : .chinese })
            return call.text(text, type: "text/calendar; charset=utf-8")
        },
    ]
}

/// Messages in words for one reader, and where each leads.
struct MessageWords {
    let show: Showing
    let directory: Directory
    private let text: MessageText
    init(_ show: Showing, _ directory: Directory) {
        (self.show, self.directory) = (show, directory)
        text = MessageText(ledger: show.ledger, pages: show.call.pages, language: show.call.language)
    }

    func lines(_ received: [Messages.Received]) throws -> [View.MessageLine] {
        try show.fetch(received.compactMap { $0.message.details["who"] })
        return try received.map { each in
            let message = each.message
            return View.MessageLine(
                id: message.id, text: try sentence(message), topic: text.topic(message.topic), at: show.moment(message.sentAt),
                isUnread: !each.isRead, openAction: "/messages/\(message.id)/reading")
        }
    }

    /// The sentence, naming the organisation only to who may see its file.
    func sentence(_ message: Message) throws -> String {
        var who: String?
        if let id = message.details["who"], id != show.call.person.organisation, let record = try show.record(id), try show.sees(record) {
            who = try show.title(record)
        }
        let place = try message.details["division"].map { try show.place(String($0.prefix(6))) }
        return text.sentence(
            message, who: who, place: { _ in show.call.person.role == .organisation ? nil : place },
            person: { directory.entry($0)?.display })
    }

    /// Where a message leads: the duty, the list of them, the record; the messages where it is about none of these.
    func href(_ message: Message) throws -> String {
        let details = message.details
        if let rule = details["duty"] {
            if let home = details["home"], let root = details["root"], let subject = details["subject"] {
                return Address.duty(OwedDuty.Key(home: home, measure: rule, root: root, subject: subject))
            }
            var query = ["rule": rule]
            if message.word.hasPrefix("duty.assigned") {
                query["owner"] = "assigned"
            } else if show.call.person.role == .officer, details["who"] == nil {
                query["owner"] = message.topic == .escalation ? "" : "mine"
            }
            if let who = details["who"], show.call.person.role == .officer { query["debtor"] = who }
            return Office.href(Address.duties, [:], query)
        }
        if !message.record.isEmpty, let record = try show.record(message.record), try show.sees(record) { return Address.of(record) }
        if let kind = details["kind"], show.ledger.kinds[kind] != nil { return Address.kind(kind) }
        return "/messages"
    }
}

private func messagesPage(_ office: Office, _ call: Call) async throws -> Response {
    let size = 50
    let model = try await office.ledger.store.read { db -> MessagesPage in
        let show = Showing(office, call, db)
        let counts = try office.messages.counts(db, of: call.person)
        let isUnread = call.asked("show") == "unread"
        let total = isUnread ? counts.unread : counts.all
        let from = max(0, call.asked("from").flatMap { Int($0) } ?? 0)
        let received = try office.messages.inbox(db, of: call.person, unreadOnly: isUnread, limit: size, offset: from)
        func href(_ changes: [String: String]) -> String {
            Office.href("/messages", [:], (isUnread ? ["show": "unread"] : [:]).merging(changes) { $1 })
        }
        let filters = [
            View.Tally(
                mark: View.Mark("all", call.word("messages.all")), count: show.count(counts.all), href: "/messages", current: !isUnread),
            View.Tally(
                mark: View.Mark("soon", call.word("messages.unread")), count: show.count(counts.unread), href: "/messages?show=unread",
                current: isUnread),
        ]
        let pager = View.Pager(
            position: call.word(
                "pager.position",
                ["first": show.count(min(total, from + 1)), "last": show.count(from + received.count), "total": show.count(total)]),
            previous: from > 0 ? href(["from": String(max(0, from - size))]) : nil,
            next: from + size < total ? href(["from": String(from + size)]) : nil)
        return MessagesPage(
            frame: office.frame(call, at: .messages), action: "/messages", filters: filters,
            lines: try MessageWords(show, try Directory(office.ledger, db)).lines(received), pager: total > size ? pager : nil,
            settingsHref: "/messages/settings", notices: messageNotices(call))
    }
    return try call.page("messages", model)
}

private func settingsPage(_ office: Office, _ call: Call, token: String? = nil) async throws -> Response {
    let model = try await office.ledger.store.read { db -> MessageSettingsPage in
        let box = try office.messages.mailbox(db, of: call.person)
        let made = try office.messages.calendarMade(db, by: call.person)
        let topics = Message.Topic.allCases.map {
            View.Option(value: $0.rawValue, text: call.word("topic.\($0.rawValue)"), selected: !(box?.muted.contains($0.rawValue) ?? false))
        }
        return MessageSettingsPage(
            frame: office.frame(call, at: .messages), address: box?.address ?? "", isConfirmed: box?.isConfirmed ?? false,
            hasAddress: box != nil, hasServer: office.hasMail, topics: topics,
            calendarMade: made.map { String($0.description.dropLast(3)) },
            calendarHref: token.map { "\(office.site)/calendar/\($0).ics" }, notices: messageNotices(call))
    }
    return try call.page("message-settings", model)
}
