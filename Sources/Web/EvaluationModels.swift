// Evaluations, reports and chase lists: what the templates need, in the manner of PageModels.swift.

extension View {
    /// One frozen evaluation.
    public struct EvaluationLine: Sendable {
        public var name, kind, asOf, frozenAt, who, href: String
        public var met, unmet, unknown, judged: String

        public init(
            name: String, kind: String, asOf: String, frozenAt: String, who: String, href: String, met: String, unmet: String,
            unknown: String, judged: String
        ) {
            (self.name, self.kind, self.asOf, self.frozenAt, self.who) = (name, kind, asOf, frozenAt, who)
            (self.href, self.met, self.unmet, self.unknown, self.judged) = (href, met, unmet, unknown, judged)
        }
    }

    /// When the plan demands what.
    public struct CalendarLine: Sendable {
        public var year, what: String
        public var day, clause, href: String?
        public var mark: Mark?

        public init(year: String, what: String, day: String? = nil, clause: String? = nil, href: String? = nil, mark: Mark? = nil) {
            (self.year, self.what, self.day, self.clause) = (year, what, day, clause)
            (self.href, self.mark) = (href, mark)
        }
    }
}

/// Template `evaluations`. The form posts `name`, `type`, `day`, `knownAt`, `note`.
public struct EvaluationsPage: Sendable {
    public var frame: Frame
    public var plan: View.PlanHead
    public var lines: [View.EvaluationLine]
    public var calendar: [View.CalendarLine]
    /// Nil: may not freeze
    public var action: String?
    public var types: [View.Option]
    public var day: String
    public var errors: [String]
    public var notices: [View.Notice]

    public init(
        frame: Frame, plan: View.PlanHead, lines: [View.EvaluationLine] = [], calendar: [View.CalendarLine] = [], action: String? = nil,
        types: [View.Option] = [], day: String = "", errors: [String] = [], notices: [View.Notice] = []
    ) {
        (self.frame, self.plan, self.lines, self.calendar, self.action) = (frame, plan, lines, calendar, action)
        (self.types, self.day, self.errors, self.notices) = (types, day, errors, notices)
    }
}

extension View {
    /// One indicator then and today, and what moved it.
    public struct ComparedRow: Sendable {
        public var id, name, target, then: String
        public var thenMark: Mark
        public var now: String
        public var nowMark: Mark
        public var href, thenBounds, nowBounds, why: String?
        public var changed: Bool
        /// Subjects that came, went, changed their verdict
        public var entered, left, moved: String?
        public var subjectsHref: String?

        public init(
            id: String, name: String, target: String, then: String, thenMark: Mark, now: String, nowMark: Mark, href: String? = nil,
            thenBounds: String? = nil, nowBounds: String? = nil, why: String? = nil, changed: Bool = false, entered: String? = nil,
            left: String? = nil, moved: String? = nil, subjectsHref: String? = nil
        ) {
            (self.id, self.name, self.target, self.then, self.thenMark) = (id, name, target, then, thenMark)
            (self.now, self.nowMark, self.href, self.thenBounds, self.nowBounds) = (now, nowMark, href, thenBounds, nowBounds)
            (self.why, self.changed, self.entered, self.left) = (why, changed, entered, left)
            (self.moved, self.subjectsHref) = (moved, subjectsHref)
        }
    }
}

/// Template `evaluation`.
public struct EvaluationPage: Sendable {
    public var frame: Frame
    public var plan: View.PlanHead
    public var name, kind, asOf, frozenAt, who, digest: String
    /// Intact or broken
    public var seal: View.Mark
    public var edition, note: String?
    public var thenCounts, nowCounts: [View.Tally]
    public var rows: [View.ComparedRow]
    public var changedCount: String
    public var reportHref, chaseHref, xlsxHref: String?
    public var notices: [View.Notice]

    public init(
        frame: Frame, plan: View.PlanHead, name: String, kind: String, asOf: String, frozenAt: String, who: String, digest: String,
        seal: View.Mark, edition: String? = nil, note: String? = nil, thenCounts: [View.Tally] = [], nowCounts: [View.Tally] = [],
        rows: [View.ComparedRow] = [], changedCount: String = "0", reportHref: String? = nil, chaseHref: String? = nil,
        xlsxHref: String? = nil, notices: [View.Notice] = []
    ) {
        (self.frame, self.plan, self.name, self.kind, self.asOf) = (frame, plan, name, kind, asOf)
        (self.frozenAt, self.who, self.digest, self.seal, self.edition) = (frozenAt, who, digest, seal, edition)
        (self.note, self.thenCounts, self.nowCounts, self.rows, self.changedCount) = (note, thenCounts, nowCounts, rows, changedCount)
        (self.reportHref, self.chaseHref, self.xlsxHref, self.notices) = (reportHref, chaseHref, xlsxHref, notices)
    }
}

extension View {
    /// One indicator in the printed report.
    public struct ReportIndicator: Sendable {
        public var row: BoardRow
        public var definition: Definition
        public var chart: String
        public var years: [YearPoint]
        public var why: String
        public var divisions: [BreakdownRow]
        /// Reason and how many
        public var reasons: [Fact]
        public var judgements: [JudgementRow]

        public init(
            row: BoardRow, definition: Definition, chart: String = "", years: [YearPoint] = [], why: String, divisions: [BreakdownRow] = [],
            reasons: [Fact] = [], judgements: [JudgementRow] = []
        ) {
            (self.row, self.definition, self.chart, self.years, self.why) = (row, definition, chart, years, why)
            (self.divisions, self.reasons, self.judgements) = (divisions, reasons, judgements)
        }
    }
}

/// Template `report`, for A4. Also the printed board.
public struct ReportPage: Sendable {
    public var frame: Frame
    public var plan: View.PlanHead
    public var name, place, asOfWords: String
    public var knownWords, preparedBy, preparedAt, digest, edition: String?
    public var counts: [View.Tally]
    public var bar: String
    public var groups: [View.BoardGroup]
    public var indicators: [View.ReportIndicator]
    /// 编制, 审核, 批准
    public var signatures: [String]
    public var chaseHref, backHref: String?
    /// The same on A4
    public var pdfHref: String?

    public init(
        frame: Frame, plan: View.PlanHead, name: String, place: String, asOfWords: String, knownWords: String? = nil,
        preparedBy: String? = nil, preparedAt: String? = nil, digest: String? = nil, edition: String? = nil, counts: [View.Tally] = [],
        bar: String = "", groups: [View.BoardGroup] = [], indicators: [View.ReportIndicator] = [], signatures: [String] = [],
        chaseHref: String? = nil, backHref: String? = nil, pdfHref: String? = nil
    ) {
        self.pdfHref = pdfHref
        (self.frame, self.plan, self.name, self.place, self.asOfWords) = (frame, plan, name, place, asOfWords)
        (self.knownWords, self.preparedBy, self.preparedAt, self.digest, self.edition) = (
            knownWords, preparedBy, preparedAt, digest,
            edition
        )
        (self.counts, self.bar, self.groups, self.indicators, self.signatures) = (counts, bar, groups, indicators, signatures)
        (self.chaseHref, self.backHref) = (chaseHref, backHref)
    }
}

extension View {
    /// One employer to be called on.
    public struct ChaseLine: Sendable {
        public var name: String
        public var href, address, contact, phone: String?
        public var duties: [DutyLine]

        public init(
            name: String, href: String? = nil, address: String? = nil, contact: String? = nil, phone: String? = nil, duties: [DutyLine] = []
        ) {
            (self.name, self.href, self.address, self.contact) = (name, href, address, contact)
            (self.phone, self.duties) = (phone, duties)
        }
    }

    /// The employers of one township, on a sheet of its own.
    public struct ChaseGroup: Sendable {
        public var title, count: String
        public var officer, phone: String?
        public var lines: [ChaseLine]

        public init(title: String, count: String, officer: String? = nil, phone: String? = nil, lines: [ChaseLine] = []) {
            (self.title, self.count, self.officer, self.phone, self.lines) = (title, count, officer, phone, lines)
        }
    }
}

/// Template `chase`: who to call on, by township.
public struct ChasePage: Sendable {
    public var frame: Frame
    public var plan: View.PlanHead?
    public var heading, asOfWords: String
    /// Which duties; the form keeps `action`
    public var indicators: [View.Option]
    public var action: String
    public var hidden: [View.Hidden]
    public var groups: [View.ChaseGroup]
    public var total: String
    public var csvHref, backHref: String?

    public init(
        frame: Frame, plan: View.PlanHead? = nil, heading: String, asOfWords: String, indicators: [View.Option] = [], action: String = "",
        hidden: [View.Hidden] = [], groups: [View.ChaseGroup] = [], total: String, csvHref: String? = nil, backHref: String? = nil
    ) {
        (self.frame, self.plan, self.heading, self.asOfWords, self.indicators) = (frame, plan, heading, asOfWords, indicators)
        (self.action, self.hidden, self.groups, self.total) = (action, hidden, groups, total)
        (self.csvHref, self.backHref) = (csvHref, backHref)
    }
}
