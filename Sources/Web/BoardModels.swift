// The list of plans and the board of one: what the templates need, in the manner of PageModels.swift.

extension View {
    /// One plan and how it stands.
    public struct PlanCard: Sendable {
        public var name, jurisdiction, years, href: String
        public var otherName, number: String?
        public var total, met, unmet, unknown, judged: String
        public var notApplicable: String?
        /// Charts.shares(…)
        public var bar: String
        public var planHref: String?

        public init(
            name: String, jurisdiction: String, years: String, href: String, otherName: String? = nil, number: String? = nil, total: String,
            met: String, unmet: String, unknown: String, judged: String, notApplicable: String? = nil, bar: String = "",
            planHref: String? = nil
        ) {
            (self.name, self.jurisdiction, self.years, self.href, self.otherName) = (name, jurisdiction, years, href, otherName)
            (self.number, self.total, self.met, self.unmet, self.unknown) = (number, total, met, unmet, unknown)
            (self.judged, self.notApplicable, self.bar, self.planHref) = (judged, notApplicable, bar, planHref)
        }
    }
}

/// Template `plans`.
public struct PlansPage: Sendable {
    public var frame: Frame
    public var asOf: View.AsOf
    public var cards: [View.PlanCard]

    public init(frame: Frame, asOf: View.AsOf, cards: [View.PlanCard] = []) {
        (self.frame, self.asOf, self.cards) = (frame, asOf, cards)
    }
}

extension View {
    /// The value of one part that must reach the target by itself: dust, chemicals, noise; a service; a unit.
    public struct GroupValue: Sendable {
        public var name, value: String
        public var bounds, counts: String?
        public var mark: Mark?

        public init(name: String, value: String, bounds: String? = nil, counts: String? = nil, mark: Mark? = nil) {
            (self.name, self.value, self.bounds, self.counts, self.mark) = (name, value, bounds, counts, mark)
        }
    }

    /// One indicator as it stands.
    public struct BoardRow: Sendable {
        /// Value: "82.4%", "—" where there is none
        public var id, name, href, value: String
        public var mark: Mark
        public var otherName: String?
        public var headline: Bool
        /// False: a milestone or a judgement, whose value is words
        public var isNumber: Bool
        /// "79.1–88.0%", set when unknowns exist
        public var bounds: String?
        /// The interval of a sample
        public var interval: String?
        /// "412 / 500"
        public var counts: String?
        /// "≥ 90%", "逐年上升"
        public var target: String
        /// "2025 年"
        public var due: String?
        /// "还差 7.6 个百分点"
        public var distance: String?
        public var unknown, unknownHref: String?
        public var pending: String?
        public var groups: [GroupValue]
        /// Charts.spark(…)
        public var spark: String
        /// "2025 年末约 93.1%（90.2–96.0%）"
        public var forecast: String?
        /// "沿用 2020 年调查", an override in force …
        public var note: String?
        /// Who judged what when
        public var judgement: String?

        public init(
            id: String, name: String, href: String, value: String, mark: Mark, otherName: String? = nil, headline: Bool = true,
            isNumber: Bool = true, bounds: String? = nil, interval: String? = nil, counts: String? = nil, target: String,
            due: String? = nil, distance: String? = nil, unknown: String? = nil, unknownHref: String? = nil, pending: String? = nil,
            groups: [GroupValue] = [], spark: String = "", forecast: String? = nil, note: String? = nil, judgement: String? = nil
        ) {
            (self.id, self.name, self.href, self.value, self.mark) = (id, name, href, value, mark)
            (self.otherName, self.headline, self.isNumber, self.bounds, self.interval) = (otherName, headline, isNumber, bounds, interval)
            (self.counts, self.target, self.due, self.distance, self.unknown) = (counts, target, due, distance, unknown)
            (self.unknownHref, self.pending, self.groups, self.spark, self.forecast) = (unknownHref, pending, groups, spark, forecast)
            (self.note, self.judgement) = (note, judgement)
        }
    }

    /// Rows of the board under one heading; one group without a title where there are no headings.
    public struct BoardGroup: Sendable {
        public var title: String?
        public var rows: [BoardRow]

        public init(title: String? = nil, rows: [BoardRow] = []) {
            (self.title, self.rows) = (title, rows)
        }
    }
}

/// Template `board`.
public struct BoardPage: Sendable {
    public var frame: Frame
    public var plan: View.PlanHead
    /// The division shown
    public var place: String
    public var asOf: View.AsOf
    /// "截至 2024-12-31"
    public var asOfWords: String
    /// All verdicts with counts; the first one is "all"
    public var filters: [View.Tally]
    public var groups: [View.BoardGroup]
    /// "13"
    public var total: String
    /// Charts.shares(…)
    public var bar: String
    public var printHref, xlsxHref, chaseHref: String?
    public var notices: [View.Notice]

    public init(
        frame: Frame, plan: View.PlanHead, place: String, asOf: View.AsOf, asOfWords: String, filters: [View.Tally] = [],
        groups: [View.BoardGroup] = [], total: String, bar: String = "", printHref: String? = nil, xlsxHref: String? = nil,
        chaseHref: String? = nil, notices: [View.Notice] = []
    ) {
        (self.frame, self.plan, self.place, self.asOf, self.asOfWords) = (frame, plan, place, asOf, asOfWords)
        (self.filters, self.groups, self.total, self.bar, self.printHref) = (filters, groups, total, bar, printHref)
        (self.xlsxHref, self.chaseHref, self.notices) = (xlsxHref, chaseHref, notices)
    }
}
