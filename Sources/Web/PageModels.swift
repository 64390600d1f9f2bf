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

    static func isChinese(_ text: String) -> Bool { text.unicodeScalars.contains { (0x3400...0x9FFF).contains($0.value) } }

    /// One labelled value; `note` stands beside it in small print, `changes` below it.
    public struct Fact: Sendable {
        public var label, value: String
        public var href, note: String?
        public var changes: [FactChange]
        /// The value is Chinese whatever the page is: a name, a document, a clause. Screen readers are told.
        public var isChinese: Bool

        public init(label: String, value: String, href: String? = nil, note: String? = nil, changes: [FactChange] = []) {
            isChinese = View.isChinese(value)
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

        /// The record that a box before the text chooses for a form named `bulk`.
        public var choice: String?
        public var isChinese: Bool

        public init(label: String, text: String, href: String? = nil, mark: Mark? = nil, isNumber: Bool = false) {
            isChinese = View.isChinese(text)
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
        /// Its own page
        public var href: String?
        /// Set where it may be given to somebody: names it in a form
        public var key: String?
        /// Who sees to it
        public var assignee: String?

        public init(
            what: String, clause: String? = nil, who: String? = nil, whoHref: String? = nil, about: String? = nil, aboutHref: String? = nil,
            place: String? = nil, since: String? = nil, due: String? = nil, overdue: String? = nil, remaining: String? = nil, mark: Mark,
            reason: String? = nil, record: String? = nil, recordHref: String? = nil, actText: String? = nil, actHref: String? = nil,
            indicators: [Link] = [], href: String? = nil, key: String? = nil, assignee: String? = nil
        ) {
            (self.href, self.key, self.assignee) = (href, key, assignee)
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
