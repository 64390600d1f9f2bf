/// What the pages need, one model a template: texts, numbers already formatted for the reader's language, addresses already made.
/// Mustache reads the stored properties by name. A property that is nil falls through to whatever surrounds it, so templates read
/// optional properties of a row as `{{.name}}`, which does not. Pages stand alone; the pieces that they are made of are in `View`,
/// so that no room's own words (a row, a version, a standing) are taken.
public enum View {}

// Pieces that several pages share

extension View {
    /// A link, or where `href` is nil the place where the reader already is.
    public struct Link: Sendable {
        public var text: String
        public var href: String?
        public var current: Bool
        public var count: String?

        public init(text: String, href: String? = nil, current: Bool = false, count: String? = nil) {
            (self.text, self.href, self.current, self.count) = (text, href, current, count)
        }
    }

    /// A verdict or a state: a word with its sign, so that colour is never the only signal.
    public struct Mark: Sendable {
        /// met, unmet, unknown, judged, none, pending; overdue, soon, open, waived, ended; good, bad, warn, info.
        public var code, word: String
        /// The sign before the word, drawn so that it needs no font.
        public var icon: String

        public init(_ code: String, _ word: String) { (self.code, self.word, icon) = (code, word, Charts.sign(code)) }
    }

    /// One choice of a select, of a list of boxes or of radio buttons.
    public struct Option: Sendable {
        public var value, text: String
        public var selected: Bool

        public init(value: String, text: String, selected: Bool = false) {
            (self.value, self.text, self.selected) = (value, text, selected)
        }
    }

    /// A value that a form carries on.
    public struct Hidden: Sendable {
        public var name, value: String

        public init(name: String, value: String) {
            (self.name, self.value) = (name, value)
        }
    }

    /// Where a long list stands, and how to go on.
    public struct Pager: Sendable {
        /// "51–100 / 312"
        public var position: String
        public var previous, next: String?

        public init(position: String, previous: String? = nil, next: String? = nil) {
            (self.position, self.previous, self.next) = (position, previous, next)
        }
    }

    /// A message above a page. `tone` is good, bad, warn or info.
    public struct Notice: Sendable {
        public var tone, text: String

        public init(tone: String, text: String) {
            (self.tone, self.text) = (tone, text)
        }
    }

    /// One labelled value; `note` stands beside it in small print, `changes` below it.
    public struct Fact: Sendable {
        public var label, value: String
        public var href, note: String?
        public var changes: [FactChange]

        public init(label: String, value: String, href: String? = nil, note: String? = nil, changes: [FactChange] = []) {
            (self.label, self.value, self.href, self.note, self.changes) = (label, value, href, note, changes)
        }
    }

    /// A dated change of a fact.
    public struct FactChange: Sendable {
        public var since, value: String
        public var href: String?

        public init(since: String, value: String, href: String? = nil) {
            (self.since, self.value, self.href) = (since, value, href)
        }
    }

    /// One cell of a table; the label stands beside the text where the screen is too narrow for columns.
    public struct Cell: Sendable {
        public var label, text: String
        public var href: String?
        public var mark: Mark?
        public var isNumber: Bool

        public init(label: String, text: String, href: String? = nil, mark: Mark? = nil, isNumber: Bool = false) {
            (self.label, self.text, self.href, self.mark, self.isNumber) = (label, text, href, mark, isNumber)
        }
    }

    /// One column of a table of records.
    public struct Column: Sendable {
        public var text: String
        public var isNumber: Bool

        public init(text: String, isNumber: Bool = false) {
            (self.text, self.isNumber) = (text, isNumber)
        }
    }

    /// One row of a table of records. The first cell carries the link to the record itself.
    public struct Row: Sendable {
        public var cells: [Cell]
        /// Closed, withdrawn or over
        public var dim: Bool

        public init(cells: [Cell] = [], dim: Bool = false) {
            (self.cells, self.dim) = (cells, dim)
        }
    }

    /// Records of one kind, in a part of a page that opens and closes.
    public struct Section: Sendable {
        public var title, count: String
        public var rows: [Row]
        public var columns: [Column]
        public var open: Bool
        public var newHref, moreHref: String?
        public var note: String?

        public init(
            title: String, count: String, rows: [Row] = [], columns: [Column] = [], open: Bool = false, newHref: String? = nil,
            moreHref: String? = nil, note: String? = nil
        ) {
            (self.title, self.count, self.rows, self.columns, self.open) = (title, count, rows, columns, open)
            (self.newHref, self.moreHref, self.note) = (newHref, moreHref, note)
        }
    }

    /// How many, and the list of them.
    public struct Tally: Sendable {
        public var mark: Mark
        public var count: String
        public var href: String?
        public var current: Bool

        public init(mark: Mark, count: String, href: String? = nil, current: Bool = false) {
            (self.mark, self.count, self.href, self.current) = (mark, count, href, current)
        }
    }

    /// The day that a page speaks of and what was known then, as a form that works without script.
    public struct AsOf: Sendable {
        public var action: String
        /// yyyy-MM-dd
        public var day: String
        /// yyyy-MM-ddTHH:mm, blank = now
        public var knownAt: String
        /// Set where the page does not speak of what is known now: "as known at 2023-01-31 18:00"
        public var knownWords: String?
        /// The plan's first and last day: with them a slider is offered
        public var first, last: String?
        /// Filters kept
        public var hidden: [Hidden]
        /// Empty = no picker
        public var divisions: [Option]
        public var showsKnown: Bool

        public init(
            action: String, day: String, knownAt: String = "", knownWords: String? = nil, first: String? = nil, last: String? = nil,
            hidden: [Hidden] = [], divisions: [Option] = [], showsKnown: Bool = true
        ) {
            (self.action, self.day, self.knownAt, self.knownWords, self.first) = (action, day, knownAt, knownWords, first)
            (self.last, self.hidden, self.divisions, self.showsKnown) = (last, hidden, divisions, showsKnown)
        }
    }

    /// One duty: what, by which clause, who owes it, since when, due when, and how it stands.
    public struct DutyLine: Sendable {
        public var what: String
        public var clause: String?
        /// Debtor
        public var who, whoHref: String?
        /// The subject, where it is not the debtor
        public var about, aboutHref: String?
        public var place: String?
        public var since, due: String?
        /// "逾期 123 天", set only where overdue
        public var overdue: String?
        /// "还剩 12 天"
        public var remaining: String?
        /// Overdue, soon, open, met, unknown, waived, ended
        public var mark: Mark
        public var reason: String?
        /// The record that decides
        public var record, recordHref: String?
        /// The form that would meet it
        public var actText, actHref: String?
        /// Indicators that it counts in
        public var indicators: [Link]

        public init(
            what: String, clause: String? = nil, who: String? = nil, whoHref: String? = nil, about: String? = nil, aboutHref: String? = nil,
            place: String? = nil, since: String? = nil, due: String? = nil, overdue: String? = nil, remaining: String? = nil, mark: Mark,
            reason: String? = nil, record: String? = nil, recordHref: String? = nil, actText: String? = nil, actHref: String? = nil,
            indicators: [Link] = []
        ) {
            (self.what, self.clause, self.who, self.whoHref, self.about) = (what, clause, who, whoHref, about)
            (self.aboutHref, self.place, self.since, self.due, self.overdue) = (aboutHref, place, since, due, overdue)
            (self.remaining, self.mark, self.reason, self.record, self.recordHref) = (remaining, mark, reason, record, recordHref)
            (self.actText, self.actHref, self.indicators) = (actText, actHref, indicators)
        }
    }

    /// The plan that a page belongs to.
    public struct PlanHead: Sendable {
        public var id, name, jurisdiction, years, href: String
        /// The document's own number
        public var number: String?
        /// The name in the other language
        public var otherName: String?
        /// "指标口径第 1 版"
        public var edition, editionHref: String?
        /// Board, plan, evaluations; the current one marked
        public var places: [Link]

        public init(
            id: String, name: String, jurisdiction: String, years: String, href: String, number: String? = nil, otherName: String? = nil,
            edition: String? = nil, editionHref: String? = nil, places: [Link] = []
        ) {
            (self.id, self.name, self.jurisdiction, self.years, self.href) = (id, name, jurisdiction, years, href)
            (self.number, self.otherName, self.edition, self.editionHref, self.places) = (number, otherName, edition, editionHref, places)
        }
    }
}

// 1 The frame of every page

/// Where the navigation leads.
public struct Addresses: Sendable {
    public var home: String
    public var plans: String
    public var duties: String
    public var records: String
    public var imports: String
    public var signIn: String
    public var signOut: String
    public var assets: String

    public init(
        home: String = "/", plans: String = "/plans", duties: String = "/duties", records: String = "/records", imports: String = "/import",
        signIn: String = "/sign-in", signOut: String = "/sign-out", assets: String = "/assets"
    ) {
        (self.home, self.plans, self.duties, self.records, self.imports) = (home, plans, duties, records, imports)
        (self.signIn, self.signOut, self.assets) = (signIn, signOut, assets)
    }
}

/// What the layout of every page needs. Every page model has one, named `frame`.
public struct Frame: Sendable {
    /// Which entry of the navigation is the current one.
    public enum Place: Sendable { case none, plans, duties, records, imports }

    /// The language of the page: "zh-CN" or "en".
    public var language: String
    /// The other language and the page in it.
    public var otherLanguage, otherCode, otherHref: String
    /// The person signed in; nil shows the way in instead.
    public var person: String?
    public var unit: String?
    /// Goes into every form as `csrf`.
    public var csrf: String
    /// Demonstration data: a band says so on every page.
    public var demo: Bool
    public var version: String
    public var addresses: Addresses
    public var atPlans, atDuties, atRecords, atImports: Bool
    /// How many duties of the person are overdue.
    public var overdue: String?

    public init(
        language: String, otherLanguage: String, otherCode: String, otherHref: String, person: String? = nil, unit: String? = nil,
        csrf: String = "", demo: Bool = false, version: String, at place: Place = .none, overdue: String? = nil,
        addresses: Addresses = Addresses()
    ) {
        (self.language, self.otherLanguage, self.otherCode, self.otherHref) = (language, otherLanguage, otherCode, otherHref)
        (self.person, self.unit, self.csrf, self.demo, self.version) = (person, unit, csrf, demo, version)
        (self.overdue, self.addresses) = (overdue, addresses)
        (atPlans, atDuties, atRecords, atImports) = (place == .plans, place == .duties, place == .records, place == .imports)
    }
}

// 2 Sign-in and first run

extension View {
    /// An account of the demonstration data, shown on the sign-in page of a demonstration only.
    public struct DemoAccount: Sendable {
        public var name, password, role: String

        public init(name: String, password: String, role: String) {
            (self.name, self.password, self.role) = (name, password, role)
        }
    }
}

/// Template `sign-in`. Posts `name`, `password`, `next`.
public struct SignInPage: Sendable {
    public var frame: Frame
    public var action: String
    public var name: String
    public var next: String
    public var error: String?
    public var accounts: [View.DemoAccount]

    public init(
        frame: Frame, action: String, name: String = "", next: String = "", error: String? = nil, accounts: [View.DemoAccount] = []
    ) {
        (self.frame, self.action, self.name, self.next) = (frame, action, name, next)
        (self.error, self.accounts) = (error, accounts)
    }
}

/// Template `setup`: the administrator's password, asked once. Posts `token` (if asked), `name`, `password`, `again`.
public struct SetupPage: Sendable {
    public var frame: Frame
    public var action: String
    public var name: String
    public var asksToken: Bool
    /// Characters
    public var minimum: String
    public var errors: [String]

    public init(
        frame: Frame, action: String, name: String = "admin", asksToken: Bool = false, minimum: String = "12", errors: [String] = []
    ) {
        (self.frame, self.action, self.name, self.asksToken) = (frame, action, name, asksToken)
        (self.minimum, self.errors) = (minimum, errors)
    }
}

// 3 Plans

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

// 4 The board of a plan

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

// 5 One indicator

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

// 6 and 7 The file of an employer and of a worker

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
    public var editHref, newHref, printHref: String?
    public var notices: [View.Notice]

    public init(
        frame: Frame, name: String, place: String? = nil, industry: String? = nil, code: String? = nil, status: View.Mark? = nil,
        asOf: View.AsOf, facts: [View.Fact] = [], duties: [View.DutyLine] = [], settled: [View.DutyLine] = [], openCount: String = "0",
        overdueCount: String = "0", standings: [View.IndicatorStanding] = [], timeline: [View.Happening] = [],
        sections: [View.Section] = [], editHref: String? = nil, newHref: String? = nil, printHref: String? = nil,
        notices: [View.Notice] = []
    ) {
        (self.frame, self.name, self.place, self.industry, self.code) = (frame, name, place, industry, code)
        (self.status, self.asOf, self.facts, self.duties, self.settled) = (status, asOf, facts, duties, settled)
        (self.openCount, self.overdueCount, self.standings, self.timeline, self.sections) = (
            openCount, overdueCount, standings, timeline,
            sections
        )
        (self.editHref, self.newHref, self.printHref, self.notices) = (editHref, newHref, printHref, notices)
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
    public var notices: [View.Notice]

    public init(
        frame: Frame, name: String, identity: String, unmaskAction: String? = nil, place: String? = nil, asOf: View.AsOf,
        facts: [View.Fact] = [], duties: [View.DutyLine] = [], settled: [View.DutyLine] = [], openCount: String = "0",
        overdueCount: String = "0", standings: [View.IndicatorStanding] = [], timeline: [View.Happening] = [],
        sections: [View.Section] = [], editHref: String? = nil, printHref: String? = nil, notices: [View.Notice] = []
    ) {
        (self.frame, self.name, self.identity, self.unmaskAction, self.place) = (frame, name, identity, unmaskAction, place)
        (self.asOf, self.facts, self.duties, self.settled, self.openCount) = (asOf, facts, duties, settled, openCount)
        (self.overdueCount, self.standings, self.timeline, self.sections, self.editHref) = (
            overdueCount, standings, timeline, sections,
            editHref
        )
        (self.printHref, self.notices) = (printHref, notices)
    }
}

// 8 My duties

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
    public var pager: View.Pager?
    public var csvHref, printHref: String?
    public var notices: [View.Notice]

    public init(
        frame: Frame, heading: String, asOf: View.AsOf, states: [View.Tally] = [], action: String, query: String = "",
        hidden: [View.Hidden] = [], rules: [View.Option] = [], places: [View.Option] = [], orders: [View.Option] = [],
        groups: [View.DutyGroup] = [], pager: View.Pager? = nil, csvHref: String? = nil, printHref: String? = nil,
        notices: [View.Notice] = []
    ) {
        (self.frame, self.heading, self.asOf, self.states, self.action) = (frame, heading, asOf, states, action)
        (self.query, self.hidden, self.rules, self.places, self.orders) = (query, hidden, rules, places, orders)
        (self.groups, self.pager, self.csvHref, self.printHref, self.notices) = (groups, pager, csvHref, printHref, notices)
    }
}

// 9 Records

extension View {
    /// One kind of record.
    public struct KindCard: Sendable {
        public var title, href: String
        public var count, otherTitle, newHref, templateHref: String?

        public init(
            title: String, href: String, count: String? = nil, otherTitle: String? = nil, newHref: String? = nil,
            templateHref: String? = nil
        ) {
            (self.title, self.href, self.count, self.otherTitle) = (title, href, count, otherTitle)
            (self.newHref, self.templateHref) = (newHref, templateHref)
        }
    }

    /// Kinds that belong together.
    public struct KindGroup: Sendable {
        public var title: String
        public var kinds: [KindCard]

        public init(title: String, kinds: [KindCard] = []) {
            (self.title, self.kinds) = (title, kinds)
        }
    }
}

/// Template `kinds`.
public struct KindsPage: Sendable {
    public var frame: Frame
    /// Search over everything
    public var action, query: String
    public var groups: [View.KindGroup]
    public var results: [View.Section]

    public init(frame: Frame, action: String = "", query: String = "", groups: [View.KindGroup] = [], results: [View.Section] = []) {
        (self.frame, self.action, self.query, self.groups, self.results) = (frame, action, query, groups, results)
    }
}

extension View {
    /// A select in the search form of a list.
    public struct Filter: Sendable {
        public var name, label: String
        public var options: [Option]

        public init(name: String, label: String, options: [Option] = []) {
            (self.name, self.label, self.options) = (name, label, options)
        }
    }
}

/// Template `records`: the list of one kind.
public struct RecordsPage: Sendable {
    public var frame: Frame
    public var title, kindsHref, action: String
    public var query: String
    public var filters: [View.Filter]
    public var columns: [View.Column]
    public var rows: [View.Row]
    public var pager: View.Pager?
    public var total: String
    public var newHref, importHref, templateHref, csvHref, xlsxHref: String?
    public var notices: [View.Notice]

    public init(
        frame: Frame, title: String, kindsHref: String, action: String, query: String = "", filters: [View.Filter] = [],
        columns: [View.Column] = [], rows: [View.Row] = [], pager: View.Pager? = nil, total: String, newHref: String? = nil,
        importHref: String? = nil, templateHref: String? = nil, csvHref: String? = nil, xlsxHref: String? = nil, notices: [View.Notice] = []
    ) {
        (self.frame, self.title, self.kindsHref, self.action, self.query) = (frame, title, kindsHref, action, query)
        (self.filters, self.columns, self.rows, self.pager, self.total) = (filters, columns, rows, pager, total)
        (self.newHref, self.importHref, self.templateHref, self.csvHref) = (newHref, importHref, templateHref, csvHref)
        (self.xlsxHref, self.notices) = (xlsxHref, notices)
    }
}

extension View {
    /// What one version changed.
    public struct Change: Sendable {
        public var label, before, after: String

        public init(label: String, before: String, after: String) {
            (self.label, self.before, self.after) = (label, before, after)
        }
    }

    /// One version of a record.
    public struct Version: Sendable {
        public var number, who, when: String
        /// Form, import of file …
        public var how: String?
        public var changes: [Change]
        public var isCurrent, isWithdrawn, isFirst: Bool

        public init(
            number: String, who: String, when: String, how: String? = nil, changes: [Change] = [], isCurrent: Bool = false,
            isWithdrawn: Bool = false, isFirst: Bool = false
        ) {
            (self.number, self.who, self.when, self.how, self.changes) = (number, who, when, how, changes)
            (self.isCurrent, self.isWithdrawn, self.isFirst) = (isCurrent, isWithdrawn, isFirst)
        }
    }

    /// One field of a record as it stands.
    public struct FieldValue: Sendable {
        public var label, value: String
        public var href, source, name: String?
        public var masked: Bool

        public init(label: String, value: String, href: String? = nil, source: String? = nil, name: String? = nil, masked: Bool = false) {
            (self.label, self.value, self.href, self.source) = (label, value, href, source)
            (self.name, self.masked) = (name, masked)
        }
    }
}

/// Template `record`.
public struct RecordPage: Sendable {
    public var frame: Frame
    public var kind, kindHref, title: String
    public var id, home: String
    /// Withdrawn, merged
    public var status: View.Mark?
    public var values: [View.FieldValue]
    public var versions: [View.Version]
    /// Records that are part of it
    public var parts: [View.Section]
    /// Duties that it meets or decides
    public var meets: [View.Link]
    /// The file that it belongs to
    public var fileHref, fileText: String?
    public var editHref, withdrawAction, restoreAction, unmaskAction: String?
    public var version: String
    public var notices: [View.Notice]

    public init(
        frame: Frame, kind: String, kindHref: String, title: String, id: String = "", home: String = "", status: View.Mark? = nil,
        values: [View.FieldValue] = [], versions: [View.Version] = [], parts: [View.Section] = [], meets: [View.Link] = [],
        fileHref: String? = nil, fileText: String? = nil, editHref: String? = nil, withdrawAction: String? = nil,
        restoreAction: String? = nil, unmaskAction: String? = nil, version: String = "", notices: [View.Notice] = []
    ) {
        (self.frame, self.kind, self.kindHref, self.title, self.id) = (frame, kind, kindHref, title, id)
        (self.home, self.status, self.values, self.versions, self.parts) = (home, status, values, versions, parts)
        (self.meets, self.fileHref, self.fileText, self.editHref, self.withdrawAction) = (
            meets, fileHref, fileText, editHref,
            withdrawAction
        )
        (self.restoreAction, self.unmaskAction, self.version, self.notices) = (restoreAction, unmaskAction, version, notices)
    }
}

extension View {
    /// One refusal in the list above the form; `anchor` is the id of its field, or blank.
    public struct FormError: Sendable {
        public var anchor, label, text: String

        public init(anchor: String, label: String, text: String) {
            (self.anchor, self.label, self.text) = (anchor, label, text)
        }
    }

    /// One field of a form with what was entered and what is wrong with it.
    public struct FormField: Sendable {
        /// How the field is asked for.
        public enum Control: Sendable {
            case text(max: Int), long(max: Int)
            case number(min: String?, max: String?, step: String)
            case day(max: String?)
            /// Options and multi-selects come with their options; few ones as boxes, many as a list.
            case select([Option]), boxes([Option]), list([Option])
            /// Another record, searched by number or name. `lookup` answers `?q=` with `[{"value": …, "text": …}]`;
            /// `chosen` is the title of what is chosen; `candidates` are offered where a search found several.
            case reference(lookup: String, chosen: String?, candidates: [Option])
        }
        public var name, label, value: String
        public var hint, error, unit: String?
        public var required: Bool
        public var isText, isLong, isNumber, isDay, isSelect, isBoxes, isList, isReference: Bool
        public var min, max, step, lookup, chosen: String?
        public var options: [Option]

        public init(
            name: String, label: String, value: String = "", hint: String? = nil, error: String? = nil, unit: String? = nil,
            required: Bool = false,
            control: Control
        ) {
            (self.name, self.label, self.value, self.hint, self.error, self.unit) = (name, label, value, hint, error, unit)
            self.required = required
            (isText, isLong, isNumber, isDay, isSelect, isBoxes, isList, isReference) = (
                false, false, false, false, false, false, false,
                false
            )
            options = []
            switch control {
            case .text(let max): (isText, self.max) = (true, String(max))
            case .long(let max): (isLong, self.max) = (true, String(max))
            case .number(let min, let max, let step): (isNumber, self.min, self.max, self.step) = (true, min, max, step)
            case .day(let max): (isDay, self.max) = (true, max)
            case .select(let options): (isSelect, self.options) = (true, options)
            case .boxes(let options): (isBoxes, self.options) = (true, options)
            case .list(let options): (isList, self.options) = (true, options)
            case .reference(let lookup, let chosen, let candidates):
                (isReference, self.lookup, self.chosen, self.options) = (true, lookup, chosen, candidates)
            }
        }
    }
}

/// Template `form`: a record of any kind, new or changed.
public struct FormPage: Sendable {
    public var frame: Frame
    public var kind, kindHref, heading, action, cancelHref: String
    /// The version that the form was opened with
    public var version: String
    /// Idempotency key, parent
    public var hidden: [View.Hidden]
    public var fields: [View.FormField]
    public var errors: [View.FormError]
    /// Set where somebody else saved in between: theirs before, yours after
    public var conflict: [View.Change]
    public var submitText: String?

    public init(
        frame: Frame, kind: String, kindHref: String, heading: String, action: String, cancelHref: String, version: String = "",
        hidden: [View.Hidden] = [], fields: [View.FormField] = [], errors: [View.FormError] = [], conflict: [View.Change] = [],
        submitText: String? = nil
    ) {
        (self.frame, self.kind, self.kindHref, self.heading, self.action) = (frame, kind, kindHref, heading, action)
        (self.cancelHref, self.version, self.hidden, self.fields, self.errors) = (cancelHref, version, hidden, fields, errors)
        (self.conflict, self.submitText) = (conflict, submitText)
    }
}

// 10 Import

extension View {
    /// One file that was imported.
    public struct ImportLine: Sendable {
        public var file, kind, when, who, rows, href: String
        public var mark: Mark

        public init(file: String, kind: String, when: String, who: String, rows: String, href: String, mark: Mark) {
            (self.file, self.kind, self.when, self.who, self.rows) = (file, kind, when, who, rows)
            (self.href, self.mark) = (href, mark)
        }
    }
}

/// Template `import`. Posts multipart `kind`, `file`, `layout`, `division`, `dryRun`.
public struct ImportPage: Sendable {
    public var frame: Frame
    public var action: String
    public var kinds, layouts, divisions: [View.Option]
    /// "500 MB"
    public var limit: String
    public var dryRun: Bool
    public var templates: [View.Link]
    public var history: [View.ImportLine]
    public var errors: [String]

    public init(
        frame: Frame, action: String, kinds: [View.Option] = [], layouts: [View.Option] = [], divisions: [View.Option] = [],
        limit: String = "", dryRun: Bool = true, templates: [View.Link] = [], history: [View.ImportLine] = [], errors: [String] = []
    ) {
        (self.frame, self.action, self.kinds, self.layouts, self.divisions) = (frame, action, kinds, layouts, divisions)
        (self.limit, self.dryRun, self.templates, self.history, self.errors) = (limit, dryRun, templates, history, errors)
    }
}

extension View {
    /// One column of the file and the field that it fills.
    public struct ColumnChoice: Sendable {
        /// Name of the select
        public var header, name: String
        public var samples: [String]
        public var options: [Option]
        /// Matched, guessed, ignored
        public var mark: Mark?

        public init(header: String, name: String, samples: [String] = [], options: [Option] = [], mark: Mark? = nil) {
            (self.header, self.name, self.samples, self.options, self.mark) = (header, name, samples, options, mark)
        }
    }
}

/// Template `mapping`.
public struct MappingPage: Sendable {
    public var frame: Frame
    public var file, kind, action, rows: String
    public var hidden: [View.Hidden]
    public var columns: [View.ColumnChoice]
    /// Required fields without a column
    public var missing: [String]
    public var errors: [String]
    public var dryRun: Bool
    public var cancelHref: String

    public init(
        frame: Frame, file: String, kind: String, action: String, rows: String, hidden: [View.Hidden] = [],
        columns: [View.ColumnChoice] = [], missing: [String] = [], errors: [String] = [], dryRun: Bool = true, cancelHref: String
    ) {
        (self.frame, self.file, self.kind, self.action, self.rows) = (frame, file, kind, action, rows)
        (self.hidden, self.columns, self.missing, self.errors) = (hidden, columns, missing, errors)
        (self.dryRun, self.cancelHref) = (dryRun, cancelHref)
    }
}

/// Template `progress`. Refreshes itself; with script it asks `statusHref`, which answers
/// `{"done": 1200, "total": 50000, "phase": "…", "href": "/import/1/receipt"}`, `href` only when it is over.
public struct ProgressPage: Sendable {
    public var frame: Frame
    public var file, kind, phase: String
    public var done, total, percent: String
    /// Seconds
    public var refresh: String
    /// This page
    public var href: String
    public var statusHref, cancelAction: String?

    public init(
        frame: Frame, file: String, kind: String, phase: String, done: String, total: String, percent: String, refresh: String = "2",
        href: String, statusHref: String? = nil, cancelAction: String? = nil
    ) {
        (self.frame, self.file, self.kind, self.phase, self.done) = (frame, file, kind, phase, done)
        (self.total, self.percent, self.refresh, self.href) = (total, percent, refresh, href)
        (self.statusHref, self.cancelAction) = (statusHref, cancelAction)
    }
}

extension View {
    /// One refused row.
    public struct ErrorLine: Sendable {
        public var row, field, message: String
        public var value: String?
        /// Refused, warning
        public var mark: Mark?

        public init(row: String, field: String, message: String, value: String? = nil, mark: Mark? = nil) {
            (self.row, self.field, self.message, self.value, self.mark) = (row, field, message, value, mark)
        }
    }

    /// What an import did, or would do, to an indicator.
    public struct FigureChange: Sendable {
        public var name, before, after: String
        public var href: String?
        public var mark: Mark?

        public init(name: String, before: String, after: String, href: String? = nil, mark: Mark? = nil) {
            (self.name, self.before, self.after, self.href, self.mark) = (name, before, after, href, mark)
        }
    }
}

/// Template `receipt`.
public struct ReceiptPage: Sendable {
    public var frame: Frame
    public var file, kind, when, who, digest: String
    public var isDryRun: Bool
    /// New, changed, unchanged, refused
    public var counts: [View.Tally]
    public var total, seconds: String
    public var errors: [View.ErrorLine]
    public var errorTotal: String
    public var pager: View.Pager?
    public var changes: [View.FigureChange]
    public var workbookHref, csvHref, recordsHref: String?
    /// A dry run may be carried out
    public var commitAction: String?
    public var importHref: String
    public var notices: [View.Notice]

    public init(
        frame: Frame, file: String, kind: String, when: String, who: String, digest: String, isDryRun: Bool = false,
        counts: [View.Tally] = [], total: String, seconds: String, errors: [View.ErrorLine] = [], errorTotal: String = "0",
        pager: View.Pager? = nil, changes: [View.FigureChange] = [], workbookHref: String? = nil, csvHref: String? = nil,
        recordsHref: String? = nil, commitAction: String? = nil, importHref: String, notices: [View.Notice] = []
    ) {
        (self.frame, self.file, self.kind, self.when, self.who) = (frame, file, kind, when, who)
        (self.digest, self.isDryRun, self.counts, self.total, self.seconds) = (digest, isDryRun, counts, total, seconds)
        (self.errors, self.errorTotal, self.pager, self.changes, self.workbookHref) = (errors, errorTotal, pager, changes, workbookHref)
        (self.csvHref, self.recordsHref, self.commitAction, self.importHref, self.notices) = (
            csvHref, recordsHref, commitAction,
            importHref, notices
        )
    }
}

// 11 Evaluation

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

    public init(
        frame: Frame, plan: View.PlanHead, name: String, place: String, asOfWords: String, knownWords: String? = nil,
        preparedBy: String? = nil, preparedAt: String? = nil, digest: String? = nil, edition: String? = nil, counts: [View.Tally] = [],
        bar: String = "", groups: [View.BoardGroup] = [], indicators: [View.ReportIndicator] = [], signatures: [String] = [],
        chaseHref: String? = nil, backHref: String? = nil
    ) {
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

// 12 Errors

/// Template `error`, for everything refused outside a form: not found, forbidden, too large, internal.
public struct ErrorPage: Sendable {
    public var frame: Frame
    public var status, heading, message: String
    public var details: [String]
    /// The request, for whoever looks into the log
    public var reference: String?
    public var backHref: String?
    /// Offers to sign in
    public var isSignedOut: Bool

    public init(
        frame: Frame, status: String, heading: String, message: String, details: [String] = [], reference: String? = nil,
        backHref: String? = nil, isSignedOut: Bool = false
    ) {
        (self.frame, self.status, self.heading, self.message, self.details) = (frame, status, heading, message, details)
        (self.reference, self.backHref, self.isSignedOut) = (reference, backHref, isSignedOut)
    }
}

// 13 The plan itself

extension View {
    /// A department in a task.
    public struct Role: Sendable {
        public var name, role: String
        /// Derived, not printed in the plan
        public var inferred: Bool

        public init(name: String, role: String, inferred: Bool = false) {
            (self.name, self.role, self.inferred) = (name, role, inferred)
        }
    }

    /// A task of the plan.
    public struct TaskLine: Sendable {
        public var id, title: String
        public var clauses: [String]
        public var roles: [Role]
        /// label = id, value = title
        public var subtasks: [Fact]
        public var due: String?
        public var mark: Mark?
        public var href: String?

        public init(
            id: String, title: String, clauses: [String] = [], roles: [Role] = [], subtasks: [Fact] = [], due: String? = nil,
            mark: Mark? = nil, href: String? = nil
        ) {
            (self.id, self.title, self.clauses, self.roles, self.subtasks) = (id, title, clauses, roles, subtasks)
            (self.due, self.mark, self.href) = (due, mark, href)
        }
    }

    /// Main tasks, projects, safeguards.
    public struct TaskGroup: Sendable {
        public var title: String
        public var tasks: [TaskLine]

        public init(title: String, tasks: [TaskLine] = []) {
            (self.title, self.tasks) = (title, tasks)
        }
    }

    /// A department, the function that it has and when.
    public struct DepartmentLine: Sendable {
        public var name, function: String
        public var since, until: String?
        public var duties: [String]

        public init(name: String, function: String, since: String? = nil, until: String? = nil, duties: [String] = []) {
            (self.name, self.function, self.since, self.until, self.duties) = (name, function, since, until, duties)
        }
    }

    /// How a scope of the plan is read.
    public struct ScopeLine: Sendable {
        public var words, reading: String
        public var note: String?
        /// Proposed, decided
        public var mark: Mark?
        public var indicators: [Link]

        public init(words: String, reading: String, note: String? = nil, mark: Mark? = nil, indicators: [Link] = []) {
            (self.words, self.reading, self.note, self.mark, self.indicators) = (words, reading, note, mark, indicators)
        }
    }

    /// A list of the plan: industries, hazards, populations.
    public struct NamedList: Sendable {
        public var name: String
        public var items: [String]
        public var note: String?

        public init(name: String, items: [String] = [], note: String? = nil) {
            (self.name, self.items, self.note) = (name, items, note)
        }
    }
}

/// Template `plan`.
public struct PlanPage: Sendable {
    public var frame: Frame
    public var plan: View.PlanHead
    public var facts: [View.Fact]
    public var tasks: [View.TaskGroup]
    public var departments: [View.DepartmentLine]
    public var calendar: [View.CalendarLine]
    public var scopes: [View.ScopeLine]
    public var lists: [View.NamedList]
    public var schemes: [View.NamedList]
    public var notices: [View.Notice]

    public init(
        frame: Frame, plan: View.PlanHead, facts: [View.Fact] = [], tasks: [View.TaskGroup] = [], departments: [View.DepartmentLine] = [],
        calendar: [View.CalendarLine] = [], scopes: [View.ScopeLine] = [], lists: [View.NamedList] = [], schemes: [View.NamedList] = [],
        notices: [View.Notice] = []
    ) {
        (self.frame, self.plan, self.facts, self.tasks, self.departments) = (frame, plan, facts, tasks, departments)
        (self.calendar, self.scopes, self.lists, self.schemes, self.notices) = (calendar, scopes, lists, schemes, notices)
    }
}
