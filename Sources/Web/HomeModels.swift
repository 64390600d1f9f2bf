// The first page, the page of one duty and messages: what the templates need, in the manner of PageModels.swift.

extension View {
    /// Duties of one rule that stand alike: what to do first, what follows if not, and the rest.
    public struct HomeDuty: Sendable {
        /// The one to begin with.
        public var line: DutyLine
        /// How many there are, where more than one.
        public var count: String?
        /// What the law threatens, with its clause.
        public var consequence, consequenceClause: String?
        /// What to do, in plain words.
        public var next: String?
        /// The whole list of them.
        public var moreText, moreHref: String?

        public init(
            line: DutyLine, count: String? = nil, consequence: String? = nil, consequenceClause: String? = nil, next: String? = nil,
            moreText: String? = nil, moreHref: String? = nil
        ) {
            (self.line, self.count, self.consequence, self.consequenceClause) = (line, count, consequence, consequenceClause)
            (self.next, self.moreText, self.moreHref) = (next, moreText, moreHref)
        }
    }

    /// A part of the first page with duties.
    public struct HomeSection: Sendable {
        public var id, title: String
        public var count, note: String?
        public var duties: [HomeDuty]
        /// Everything of it
        public var moreHref: String?

        public init(
            id: String, title: String, count: String? = nil, note: String? = nil, duties: [HomeDuty] = [], moreHref: String? = nil
        ) {
            (self.id, self.title, self.count, self.note) = (id, title, count, note)
            (self.duties, self.moreHref) = (duties, moreHref)
        }
    }

    /// One line of a short list that leads somewhere.
    public struct HomeItem: Sendable {
        public var text: String
        public var href: String?
        public var note, count: String?
        public var mark: Mark?
        public var actText, actHref: String?

        public init(
            text: String, href: String? = nil, note: String? = nil, count: String? = nil, mark: Mark? = nil, actText: String? = nil,
            actHref: String? = nil
        ) {
            (self.text, self.href, self.note, self.count, self.mark) = (text, href, note, count, mark)
            (self.actText, self.actHref) = (actText, actHref)
        }
    }

    /// A part of the first page with a short list.
    public struct HomeList: Sendable {
        public var id, title: String
        public var count, note: String?
        public var items: [HomeItem]
        public var moreText, moreHref: String?

        public init(
            id: String, title: String, count: String? = nil, note: String? = nil, items: [HomeItem] = [], moreText: String? = nil,
            moreHref: String? = nil
        ) {
            (self.id, self.title, self.count, self.note, self.items) = (id, title, count, note, items)
            (self.moreText, self.moreHref) = (moreText, moreHref)
        }
    }

    /// One message.
    public struct MessageLine: Sendable {
        public var id, text, topic, at: String
        public var isUnread: Bool
        /// Posts there: opens what it is about and marks it as read
        public var openAction: String

        public init(id: String, text: String, topic: String, at: String, isUnread: Bool, openAction: String) {
            (self.id, self.text, self.topic, self.at) = (id, text, topic, at)
            (self.isUnread, self.openAction) = (isUnread, openAction)
        }
    }
}

/// Template `home`: the first page of whoever is signed in.
public struct HomePage: Sendable {
    public var frame: Frame
    public var heading: String
    public var unit: String?
    /// One sentence on how things stand
    public var summary: String
    public var isCalm: Bool
    public var states: [View.Tally]
    /// What waits for the reader, in front of the duties
    public var front: [View.HomeList]
    public var sections: [View.HomeSection]
    /// Behind the duties: how others stand
    public var lists: [View.HomeList]
    /// Beside them
    public var side: [View.HomeList]
    public var messages: [View.MessageLine]
    public var unreadCount: String?
    public var links: [View.Link]
    public var notices: [View.Notice]

    public init(
        frame: Frame, heading: String, unit: String? = nil, summary: String, isCalm: Bool = false, states: [View.Tally] = [],
        front: [View.HomeList] = [], sections: [View.HomeSection] = [], lists: [View.HomeList] = [], side: [View.HomeList] = [],
        messages: [View.MessageLine] = [], unreadCount: String? = nil,
        links: [View.Link] = [], notices: [View.Notice] = []
    ) {
        (self.frame, self.heading, self.unit, self.summary, self.isCalm) = (frame, heading, unit, summary, isCalm)
        (self.states, self.sections, self.lists, self.messages) = (states, sections, lists, messages)
        (self.front, self.side) = (front, side)
        (self.unreadCount, self.links, self.notices) = (unreadCount, links, notices)
    }
}

/// Template `duty-page`: one duty with what follows from it, who was told, and who sees to it.
public struct DutyPage: Sendable {
    public var frame: Frame
    public var line: View.DutyLine
    public var heading: String
    public var facts: [View.Fact]
    public var next: String?
    public var consequence, consequenceClause: String?
    /// Who was told when, in order
    public var chain: [View.HomeItem]
    /// When who will be told, if nothing happens
    public var ahead: String?
    /// Posts `key`, `account`
    public var assignAction: String?
    public var key: String
    public var people: [View.Option]
    public var notices: [View.Notice]

    public init(
        frame: Frame, line: View.DutyLine, heading: String, facts: [View.Fact] = [], next: String? = nil, consequence: String? = nil,
        consequenceClause: String? = nil, chain: [View.HomeItem] = [], ahead: String? = nil, assignAction: String? = nil, key: String = "",
        people: [View.Option] = [], notices: [View.Notice] = []
    ) {
        (self.frame, self.line, self.heading, self.facts, self.next) = (frame, line, heading, facts, next)
        (self.consequence, self.consequenceClause, self.chain, self.ahead) = (consequence, consequenceClause, chain, ahead)
        (self.assignAction, self.key, self.people, self.notices) = (assignAction, key, people, notices)
    }
}

/// Template `messages`. Posts `id` (several) and `do`: read, unread, all.
public struct MessagesPage: Sendable {
    public var frame: Frame
    public var action: String
    public var filters: [View.Tally]
    public var lines: [View.MessageLine]
    public var pager: View.Pager?
    public var settingsHref: String
    public var notices: [View.Notice]

    public init(
        frame: Frame, action: String, filters: [View.Tally] = [], lines: [View.MessageLine] = [], pager: View.Pager? = nil,
        settingsHref: String, notices: [View.Notice] = []
    ) {
        (self.frame, self.action, self.filters, self.lines, self.pager) = (frame, action, filters, lines, pager)
        (self.settingsHref, self.notices) = (settingsHref, notices)
    }
}

/// Template `message-settings`: e-mail address, topics, calendar.
public struct MessageSettingsPage: Sendable {
    public var frame: Frame
    public var address: String
    public var isConfirmed: Bool
    public var hasAddress: Bool
    /// Whether the house sends e-mail at all.
    public var hasServer: Bool
    public var topics: [View.Option]
    public var calendarMade: String?
    /// Set once, when it was made
    public var calendarHref: String?
    public var notices: [View.Notice]

    public init(
        frame: Frame, address: String = "", isConfirmed: Bool = false, hasAddress: Bool = false, hasServer: Bool = false,
        topics: [View.Option] = [], calendarMade: String? = nil, calendarHref: String? = nil, notices: [View.Notice] = []
    ) {
        (self.frame, self.address, self.isConfirmed, self.hasAddress) = (frame, address, isConfirmed, hasAddress)
        (self.hasServer, self.topics, self.calendarMade) = (hasServer, topics, calendarMade)
        (self.calendarHref, self.notices) = (calendarHref, notices)
    }
}

/// Template `message-confirm`: a button that confirms an address. Posts there.
public struct MessageConfirmPage: Sendable {
    public var frame: Frame
    public var action: String
    public init(frame: Frame, action: String) { (self.frame, self.action) = (frame, action) }
}
