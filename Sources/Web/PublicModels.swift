// What the public pages need, for readers without an account, in the manner of PageModels.swift.

extension View {
    /// A short mark with what it means: 皮, 敏, G1.
    public struct Chip: Sendable {
        public var text, title: String

        public init(text: String, title: String) {
            (self.text, self.title) = (text, title)
        }
    }

    /// A text in both languages of the page where the second is not the first.
    public struct Named: Sendable {
        public var text: String
        public var href: String?
        /// The name in the other language
        public var other: String?

        public init(text: String, href: String? = nil, other: String? = nil) {
            (self.text, self.href, self.other) = (text, href, other)
        }
    }

    /// One limit found: values already formatted, blank where the standard has none.
    public struct LimitRow: Sendable {
        public var key: String
        public var name: Named
        /// When this row rather than a sibling applies, another name that was met.
        public var detail: String?
        public var cas: String
        public var mac, twa, stel, unit: String
        /// Of dusts
        public var respirable: String?
        public var chips: [Chip]
        public var edition, since: String
        /// What else may hold: the other edition while a first day is not verified.
        public var doubt: String?
        public var confidence: Mark

        public init(
            key: String, name: Named, detail: String? = nil, cas: String = "", mac: String = "", twa: String = "", stel: String = "",
            unit: String = "", respirable: String? = nil, chips: [Chip] = [], edition: String = "", since: String = "",
            doubt: String? = nil, confidence: Mark
        ) {
            (self.key, self.name, self.detail, self.cas) = (key, name, detail, cas)
            (self.mac, self.twa, self.stel, self.unit, self.respirable) = (mac, twa, stel, unit, respirable)
            (self.chips, self.edition, self.since, self.doubt, self.confidence) = (chips, edition, since, doubt, confidence)
        }
    }
}

/// Template `public-lookup`: one search box over the tables of the standards.
public struct LookupPage: Sendable {
    public var frame: Frame
    /// Look-up, calculators, how sure the data is
    public var places: [View.Link]
    public var query: String
    /// The day whose editions are shown, yyyy-MM-dd
    public var on: String
    /// The kind asked for, and the kind shown where none was
    public var kind, table: String
    public var errors: [FieldFlaw]
    /// Limits, factors, diseases, examinations with how many of each
    public var tabs: [View.Link]
    public var examples: [View.Link]
    /// Above the table: a day without an edition
    public var notices: [View.Notice]
    public var limits: [View.LimitRow]
    /// Rows of the other kinds
    public var columns: [View.Column]
    public var rows: [View.Row]
    /// Nothing found: what may have been meant
    public var isEmpty: Bool
    public var suggestions: [View.Link]
    public var pager: View.Pager?
    public var caption: String

    public init(
        frame: Frame, places: [View.Link], query: String, on: String, kind: String, table: String, errors: [FieldFlaw] = [],
        tabs: [View.Link] = [],
        examples: [View.Link] = [], notices: [View.Notice] = [], limits: [View.LimitRow] = [], columns: [View.Column] = [],
        rows: [View.Row] = [], isEmpty: Bool = false, suggestions: [View.Link] = [], pager: View.Pager? = nil, caption: String = ""
    ) {
        (self.frame, self.places, self.query, self.on, self.errors) = (frame, places, query, on, errors)
        (self.kind, self.table) = (kind, table)
        (self.tabs, self.examples, self.notices, self.limits, self.columns) = (tabs, examples, notices, limits, columns)
        (self.rows, self.isEmpty, self.suggestions, self.pager, self.caption) = (rows, isEmpty, suggestions, pager, caption)
    }
}

/// A flaw beside the field that it is about.
public struct FieldFlaw: Sendable {
    public var field, text: String

    public init(field: String, text: String) {
        (self.field, self.text) = (field, text)
    }
}

/// Template `public-entry`: one limit, factor, disease or examination with where it comes from.
public struct EntryPage: Sendable {
    public var frame: Frame
    public var places: [View.Link]
    /// The way back to the list
    public var kind, kindHref: String
    public var id: String
    public var name: View.Named
    public var chips: [View.Chip]
    public var notices: [View.Notice]
    /// The figures that most readers came for; `note` is the unit
    public var figures: [View.Fact]
    public var confidence: View.Mark
    public var facts: [View.Fact]
    public var sections: [View.Section]
    public var tools: [View.Link]

    public init(
        frame: Frame, places: [View.Link], kind: String, kindHref: String, id: String, name: View.Named, chips: [View.Chip] = [],
        notices: [View.Notice] = [], figures: [View.Fact] = [], confidence: View.Mark, facts: [View.Fact] = [],
        sections: [View.Section] = [], tools: [View.Link] = []
    ) {
        (self.frame, self.places, self.kind, self.kindHref, self.id) = (frame, places, kind, kindHref, id)
        (self.name, self.chips, self.notices, self.figures, self.confidence) = (name, chips, notices, figures, confidence)
        (self.facts, self.sections, self.tools) = (facts, sections, tools)
    }
}

extension View {
    /// One row of a calculator's table.
    public struct EntryRow: Sendable {
        public var number: String
        public var cells: [FormField]
        /// What is wrong with it where no cell is named
        public var error: String?

        public init(number: String, cells: [FormField], error: String? = nil) {
            (self.number, self.cells, self.error) = (number, cells, error)
        }
    }

    /// A judgement with its working 计算过程.
    public struct Judged: Sendable {
        public var quantity: String
        /// Rounded as it is reported, with its unit beside it
        public var value, unit: String
        public var limit, ratio: String?
        public var mark: Mark
        /// Edition and clause of the limit and of the rules
        public var basis: [String]
        public var confidence: Mark
        public var missing: [String]
        public var working: [String]

        public init(
            quantity: String, value: String, unit: String, limit: String?, ratio: String?, mark: Mark, basis: [String], confidence: Mark,
            missing: [String], working: [String]
        ) {
            (self.quantity, self.value, self.unit, self.limit, self.ratio) = (quantity, value, unit, limit, ratio)
            (self.mark, self.basis, self.confidence) = (mark, basis, confidence)
            (self.missing, self.working) = (missing, working)
        }
    }

    /// Links under one heading.
    public struct LinkGroup: Sendable {
        public var title: String
        public var links: [Link]

        public init(title: String, links: [Link]) {
            (self.title, self.links) = (title, links)
        }
    }

    /// Steps under one heading.
    public struct WorkedPart: Sendable {
        public var title: String
        public var working: [String]

        public init(title: String, working: [String]) {
            (self.title, self.working) = (title, working)
        }
    }

    /// What a calculator answers.
    public struct Outcome: Sendable {
        /// Over all judgements; nil where nothing is held against a limit
        public var verdict: Mark?
        public var figures: [Fact]
        public var working: [String]
        public var judged: [Judged]
        public var parts: [WorkedPart]
        /// Why some part has no answer
        public var refused: [String]
        /// What was entered, for the paper
        public var facts: [Fact]
        public var columns: [Column]
        public var rows: [Row]
        public var on: String

        public init(
            verdict: Mark?, figures: [Fact], working: [String], judged: [Judged], parts: [WorkedPart], refused: [String], facts: [Fact],
            columns: [Column], rows: [Row], on: String
        ) {
            (self.parts, self.refused) = (parts, refused)
            (self.verdict, self.figures, self.working, self.judged) = (verdict, figures, working, judged)
            (self.facts, self.columns, self.rows, self.on) = (facts, columns, rows, on)
        }
    }
}

/// Template `public-calculate`: a form that asks, and below it the answer with its working. The address holds everything entered.
public struct CalculatePage: Sendable {
    public var frame: Frame
    public var places: [View.Link]
    public var groups: [View.LinkGroup]
    public var title, lead, action: String
    public var fields: [View.FormField]
    /// Fields of special cases, folded away
    public var rare: [View.FormField]
    public var isRareOpen: Bool
    public var columns: [View.Column]
    public var rows: [View.EntryRow]
    /// Flaws that belong to no field
    public var errors: [String]
    public var exampleHref: String
    public var outcome: View.Outcome?

    public init(
        frame: Frame, places: [View.Link], groups: [View.LinkGroup], title: String, lead: String, action: String,
        fields: [View.FormField], rare: [View.FormField] = [], isRareOpen: Bool = false, columns: [View.Column], rows: [View.EntryRow],
        errors: [String] = [], exampleHref: String,
        outcome: View.Outcome? = nil
    ) {
        (self.frame, self.places, self.groups, self.title, self.lead) = (frame, places, groups, title, lead)
        (self.action, self.fields, self.columns, self.rows) = (action, fields, columns, rows)
        (self.rare, self.isRareOpen) = (rare, isRareOpen)
        (self.errors, self.exampleHref, self.outcome) = (errors, exampleHref, outcome)
    }
}

/// Template `public-check`: how sure the data is.
public struct CheckPage: Sendable {
    public var frame: Frame
    public var places: [View.Link]
    public var verdict: View.Mark
    /// Tables with what the source counts and what was found
    public var counted: View.Section
    public var problems: [String]
    /// Rows of low confidence of one table, or of all
    public var tabs: [View.Link]
    public var rows: [View.Row]
    public var columns: [View.Column]
    public var pager: View.Pager?

    public init(
        frame: Frame, places: [View.Link], verdict: View.Mark, counted: View.Section, problems: [String],
        tabs: [View.Link], rows: [View.Row], columns: [View.Column], pager: View.Pager? = nil
    ) {
        (self.frame, self.places, self.verdict, self.counted) = (frame, places, verdict, counted)
        (self.problems, self.tabs, self.rows, self.columns, self.pager) = (problems, tabs, rows, columns, pager)
    }
}
