// One indicator: what the templates need, in the manner of PageModels.swift.

extension View {
    /// A parameter in force, where it comes from and how sure that is.
    public struct Parameter: Sendable {
        public var label, value: String
        /// The stable name: declaration.valid_months
        public var name: String?
        public var source, confidence: String?
        /// The plan overrides the catalogue
        public var overridden: Bool

        public init(
            label: String, value: String, name: String? = nil, source: String? = nil, confidence: String? = nil, overridden: Bool = false
        ) {
            (self.label, self.value, self.name, self.source) = (label, value, name, source)
            (self.confidence, self.overridden) = (confidence, overridden)
        }
    }

    /// What the indicator counts.
    public struct Definition: Sendable {
        public var numerator: String
        /// basis: 截止日, 自然年
        public var denominator, unit, basis: String?
        /// The plan's own words
        public var quote: String?
        /// KZHQ-13
        public var clauses: [String]
        public var edition: String
        /// The scope as the plan prints it
        public var scope: String?
        /// The reading adopted and its standing
        public var reading, readingNote: String?
        /// The stable name of the measure
        public var measure: String?
        public var parameters: [Parameter]
        public var notes: [String]

        public init(
            numerator: String, denominator: String? = nil, unit: String? = nil, basis: String? = nil, quote: String? = nil,
            clauses: [String] = [], edition: String, scope: String? = nil, reading: String? = nil, readingNote: String? = nil,
            measure: String? = nil, parameters: [Parameter] = [], notes: [String] = []
        ) {
            (self.numerator, self.denominator, self.unit, self.basis, self.quote) = (numerator, denominator, unit, basis, quote)
            (self.clauses, self.edition, self.scope, self.reading, self.readingNote) = (clauses, edition, scope, reading, readingNote)
            (self.measure, self.parameters, self.notes) = (measure, parameters, notes)
        }
    }

    /// The value with everything that belongs to it.
    public struct ValueBlock: Sendable {
        public var value: String
        public var mark: Mark
        public var bounds, interval, numerator, denominator, unknown, scopeUnknown, pending: String?
        public var target: String
        public var due, distance, forecast: String?
        /// Why this verdict, in one sentence
        public var why: String
        public var groups: [GroupValue]

        public init(
            value: String, mark: Mark, bounds: String? = nil, interval: String? = nil, numerator: String? = nil, denominator: String? = nil,
            unknown: String? = nil, scopeUnknown: String? = nil, pending: String? = nil, target: String, due: String? = nil,
            distance: String? = nil, forecast: String? = nil, why: String, groups: [GroupValue] = []
        ) {
            (self.value, self.mark, self.bounds, self.interval, self.numerator) = (value, mark, bounds, interval, numerator)
            (self.denominator, self.unknown, self.scopeUnknown, self.pending, self.target) = (
                denominator, unknown, scopeUnknown, pending,
                target
            )
            (self.due, self.distance, self.forecast, self.why, self.groups) = (due, distance, forecast, why, groups)
        }
    }

    /// The figures behind a chart, one row a year.
    public struct YearPoint: Sendable {
        public var year, value: String
        public var bounds, source: String?
        public var isBaseline: Bool
        public var mark: Mark?

        public init(
            year: String, value: String, bounds: String? = nil, source: String? = nil, isBaseline: Bool = false, mark: Mark? = nil
        ) {
            (self.year, self.value, self.bounds, self.source) = (year, value, bounds, source)
            (self.isBaseline, self.mark) = (isBaseline, mark)
        }
    }

    /// The indicator in one division or one industry.
    public struct BreakdownRow: Sendable {
        public var name, value: String
        public var href, bounds: String?
        public var met, unmet, unknown: String
        public var mark: Mark?

        public init(
            name: String, value: String, href: String? = nil, bounds: String? = nil, met: String, unmet: String, unknown: String,
            mark: Mark? = nil
        ) {
            (self.name, self.value, self.href, self.bounds, self.met) = (name, value, href, bounds, met)
            (self.unmet, self.unknown, self.mark) = (unmet, unknown, mark)
        }
    }

    /// One subject counted, why it stands as it does and the record that decides.
    public struct SubjectRow: Sendable {
        public var name: String
        public var href, place, industry, reason, since: String?
        public var mark: Mark
        public var record, recordHref: String?
        public var actText, actHref: String?

        public init(
            name: String, href: String? = nil, place: String? = nil, industry: String? = nil, reason: String? = nil, since: String? = nil,
            mark: Mark, record: String? = nil, recordHref: String? = nil, actText: String? = nil, actHref: String? = nil
        ) {
            (self.name, self.href, self.place, self.industry, self.reason) = (name, href, place, industry, reason)
            (self.since, self.mark, self.record, self.recordHref) = (since, mark, record, recordHref)
            (self.actText, self.actHref) = (actText, actHref)
        }
    }

    /// The subjects of one verdict, a page at a time.
    public struct SubjectList: Sendable {
        /// Unmet, unknown, met, pending
        public var tabs: [Tally]
        public var rows: [SubjectRow]
        public var pager: Pager?
        public var search: String
        public var action: String
        public var hidden: [Hidden]
        public var csvHref: String?
        public var showsIndustry: Bool

        public init(
            tabs: [Tally] = [], rows: [SubjectRow] = [], pager: Pager? = nil, search: String = "", action: String = "",
            hidden: [Hidden] = [], csvHref: String? = nil, showsIndustry: Bool = true
        ) {
            (self.tabs, self.rows, self.pager, self.search, self.action) = (tabs, rows, pager, search, action)
            (self.hidden, self.csvHref, self.showsIndustry) = (hidden, csvHref, showsIndustry)
        }
    }

    /// What a person judged, and on what evidence.
    public struct JudgementRow: Sendable {
        public var day: String
        public var mark: Mark
        public var evidence: String
        public var by, href: String?

        public init(day: String, mark: Mark, evidence: String, by: String? = nil, href: String? = nil) {
            (self.day, self.mark, self.evidence, self.by, self.href) = (day, mark, evidence, by, href)
        }
    }
}

/// Template `indicator`.
public struct IndicatorPage: Sendable {
    public var frame: Frame
    public var plan: View.PlanHead
    public var id, name, place: String
    public var otherName: String?
    public var asOf: View.AsOf
    public var asOfWords: String
    public var value: View.ValueBlock
    public var definition: View.Definition
    /// Charts.trend(…)
    public var chart: String
    public var years: [View.YearPoint]
    public var divisions, industries: [View.BreakdownRow]
    /// Charts.bars(…)
    public var divisionBars: String
    public var subjects: View.SubjectList?
    public var judgements: [View.JudgementRow]
    public var judgeHref, xlsxHref, printHref, previousHref, nextHref: String?
    public var notices: [View.Notice]

    public init(
        frame: Frame, plan: View.PlanHead, id: String, name: String, place: String, otherName: String? = nil, asOf: View.AsOf,
        asOfWords: String, value: View.ValueBlock, definition: View.Definition, chart: String = "", years: [View.YearPoint] = [],
        divisions: [View.BreakdownRow] = [], industries: [View.BreakdownRow] = [], divisionBars: String = "",
        subjects: View.SubjectList? = nil, judgements: [View.JudgementRow] = [], judgeHref: String? = nil, xlsxHref: String? = nil,
        printHref: String? = nil, previousHref: String? = nil, nextHref: String? = nil, notices: [View.Notice] = []
    ) {
        (self.frame, self.plan, self.id, self.name, self.place) = (frame, plan, id, name, place)
        (self.otherName, self.asOf, self.asOfWords, self.value, self.definition) = (otherName, asOf, asOfWords, value, definition)
        (self.chart, self.years, self.divisions, self.industries, self.divisionBars) = (chart, years, divisions, industries, divisionBars)
        (self.subjects, self.judgements, self.judgeHref, self.xlsxHref, self.printHref) = (
            subjects, judgements, judgeHref, xlsxHref,
            printHref
        )
        (self.previousHref, self.nextHref, self.notices) = (previousHref, nextHref, notices)
    }
}
