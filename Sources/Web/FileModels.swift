// The files of an employer and of a worker, and duties: what the templates need, in the manner of PageModels.swift.

extension View {
    /// One thing that happened, in a timeline.
    public struct Happening: Sendable {
        public var day, kind, title: String
        public var href: String?
        public var mark: Mark?

        public init(day: String, kind: String, title: String, href: String? = nil, mark: Mark? = nil) {
            (self.day, self.kind, self.title, self.href, self.mark) = (day, kind, title, href, mark)
        }
    }

    /// How the subject counts in one indicator.
    public struct IndicatorStanding: Sendable {
        public var plan, name: String
        public var href, reason: String?
        public var mark: Mark

        public init(plan: String, name: String, href: String? = nil, reason: String? = nil, mark: Mark) {
            (self.plan, self.name, self.href, self.reason, self.mark) = (plan, name, href, reason, mark)
        }
    }
}

/// Template `employer`.
public struct EmployerPage: Sendable {
    public var frame: Frame
    /// What its posts have to put up.
    public var signsHref: String?
    public var name: String
    public var place, industry, code: String?
    /// Operating, closed
    public var status: View.Mark?
    public var asOf: View.AsOf
    public var facts: [View.Fact]
    /// Open ones first
    public var duties: [View.DutyLine]
    /// Met, waived or ended
    public var settled: [View.DutyLine]
    public var openCount, overdueCount: String
    public var standings: [View.IndicatorStanding]
    public var timeline: [View.Happening]
    public var sections: [View.Section]
    /// Its class, and the form of an inspection
    public var classHref, inspectHref: String?
    public var editHref, newHref, printHref: String?
    /// Documents on A4
    public var prints: [View.Link] = []
    /// Decisions, listings and orders
    public var creditHref: String?
    public var notices: [View.Notice]

    public init(
        frame: Frame, name: String, place: String? = nil, industry: String? = nil, code: String? = nil, status: View.Mark? = nil,
        asOf: View.AsOf, facts: [View.Fact] = [], duties: [View.DutyLine] = [], settled: [View.DutyLine] = [], openCount: String = "0",
        overdueCount: String = "0", standings: [View.IndicatorStanding] = [], timeline: [View.Happening] = [],
        sections: [View.Section] = [], editHref: String? = nil, newHref: String? = nil, printHref: String? = nil,
        creditHref: String? = nil, notices: [View.Notice] = []
    ) {
        (self.frame, self.name, self.place, self.industry, self.code) = (frame, name, place, industry, code)
        (self.status, self.asOf, self.facts, self.duties, self.settled) = (status, asOf, facts, duties, settled)
        (self.openCount, self.overdueCount, self.standings, self.timeline, self.sections) = (
            openCount, overdueCount, standings, timeline,
            sections
        )
        (self.editHref, self.newHref, self.printHref, self.notices) = (editHref, newHref, printHref, notices)
        self.creditHref = creditHref
    }
}

/// Template `worker`. The identity is masked; `unmaskAction` posts a reason and is written to the audit.
public struct WorkerPage: Sendable {
    public var frame: Frame
    public var name, identity: String
    public var unmaskAction: String?
    public var place: String?
    public var asOf: View.AsOf
    public var facts: [View.Fact]
    public var duties, settled: [View.DutyLine]
    public var openCount, overdueCount: String
    public var standings: [View.IndicatorStanding]
    public var timeline: [View.Happening]
    /// Employments, exposures, exams, diagnoses …
    public var sections: [View.Section]
    public var editHref, printHref: String?
    /// Invites the worker to an account of their own.
    public var inviteHref: String?
    public var notices: [View.Notice]

    public init(
        frame: Frame, name: String, identity: String, unmaskAction: String? = nil, place: String? = nil, asOf: View.AsOf,
        facts: [View.Fact] = [], duties: [View.DutyLine] = [], settled: [View.DutyLine] = [], openCount: String = "0",
        overdueCount: String = "0", standings: [View.IndicatorStanding] = [], timeline: [View.Happening] = [],
        sections: [View.Section] = [], editHref: String? = nil, printHref: String? = nil, inviteHref: String? = nil,
        notices: [View.Notice] = []
    ) {
        self.inviteHref = inviteHref
        (self.frame, self.name, self.identity, self.unmaskAction, self.place) = (frame, name, identity, unmaskAction, place)
        (self.asOf, self.facts, self.duties, self.settled, self.openCount) = (asOf, facts, duties, settled, openCount)
        (self.overdueCount, self.standings, self.timeline, self.sections, self.editHref) = (
            overdueCount, standings, timeline, sections,
            editHref
        )
        (self.printHref, self.notices) = (printHref, notices)
    }
}

extension View {
    /// The duties of one township, or of one employer.
    public struct DutyGroup: Sendable {
        public var title, count: String
        public var lines: [DutyLine]
        public var href: String?

        public init(title: String, count: String, lines: [DutyLine] = [], href: String? = nil) {
            (self.title, self.count, self.lines, self.href) = (title, count, lines, href)
        }
    }
}

/// Template `duties`.
public struct DutiesPage: Sendable {
    public var frame: Frame
    /// "我的待办" or whose
    public var heading: String
    public var asOf: View.AsOf
    public var states: [View.Tally]
    public var action: String
    public var query: String
    public var hidden: [View.Hidden]
    /// What is owed
    public var rules: [View.Option]
    /// Townships
    public var places: [View.Option]
    /// Consequence, due day, debtor
    public var orders: [View.Option]
    public var groups: [View.DutyGroup]
    /// Whom to inspect today, for officers
    public var inspectHref: String?
    public var pager: View.Pager?
    public var csvHref, printHref: String?
    public var notices: [View.Notice]
    /// Whose: all, mine, the authority's
    public var owners: [View.Option]
    /// Posts `key` (several), `account`; nil where nobody is to be named
    public var assignAction: String?
    public var people: [View.Option]

    public init(
        frame: Frame, heading: String, asOf: View.AsOf, states: [View.Tally] = [], action: String, query: String = "",
        hidden: [View.Hidden] = [], rules: [View.Option] = [], places: [View.Option] = [], orders: [View.Option] = [],
        groups: [View.DutyGroup] = [], pager: View.Pager? = nil, csvHref: String? = nil, printHref: String? = nil,
        notices: [View.Notice] = [], owners: [View.Option] = [], assignAction: String? = nil, people: [View.Option] = []
    ) {
        (self.frame, self.heading, self.asOf, self.states, self.action) = (frame, heading, asOf, states, action)
        (self.owners, self.assignAction, self.people) = (owners, assignAction, people)
        (self.query, self.hidden, self.rules, self.places, self.orders) = (query, hidden, rules, places, orders)
        (self.groups, self.pager, self.csvHref, self.printHref, self.notices) = (groups, pager, csvHref, printHref, notices)
    }
}
