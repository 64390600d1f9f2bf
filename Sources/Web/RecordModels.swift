// Records and forms: what the templates need, in the manner of PageModels.swift.

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
    /// What may be done with the chosen records at once
    public var bulk: View.Bulk?

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
        /// Where it stood in its course
        public var state: String?

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
    /// The verdict that it keeps, beside that of another day's editions
    public var judgementHref: String?
    public var version: String
    /// Photos, scans and other files of it
    public var files: View.Files?
    /// Where its own page is, beside this one of its fields
    public var ownHref: String?
    public var notices: [View.Notice]
    /// Where it stands in its kind's course
    public var handling: View.Handling?
    /// Documents on A4
    public var prints: [View.Link] = []

    /// What a declaration that waits differs in from other records.
    public var differences: [View.DifferenceLine] = []

    public init(
        frame: Frame, kind: String, kindHref: String, title: String, id: String = "", home: String = "", status: View.Mark? = nil,
        values: [View.FieldValue] = [], versions: [View.Version] = [], parts: [View.Section] = [], meets: [View.Link] = [],
        fileHref: String? = nil, fileText: String? = nil, editHref: String? = nil, withdrawAction: String? = nil,
        restoreAction: String? = nil, unmaskAction: String? = nil, judgementHref: String? = nil, version: String = "",
        notices: [View.Notice] = []
    ) {
        self.judgementHref = judgementHref
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
    /// Where the form can be saved as it is
    public var draftAction: String?
    /// When it was
    public var savedText = ""

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

/// Template `rejudgement`: the verdict that a record keeps and the one by the editions of another day.
public struct RejudgementPage: Sendable {
    public struct Side: Sendable {
        public var heading: String
        public var mark: View.Mark?
        public var facts: [View.Fact]
        public var reasons: [String]
        public var working: [String]
        /// The edition of then is no longer to hand.
        public var isWithoutWorking: Bool
        /// Said where there is no verdict at all.
        public var none: String?

        public init(
            heading: String, mark: View.Mark? = nil, facts: [View.Fact] = [], reasons: [String] = [], working: [String] = [],
            isWithoutWorking: Bool = false, none: String? = nil
        ) {
            (self.heading, self.mark, self.facts, self.reasons) = (heading, mark, facts, reasons)
            (self.working, self.isWithoutWorking, self.none) = (working, isWithoutWorking, none)
        }
    }
    public var frame: Frame
    public var kind, kindHref, title, recordHref: String
    /// The day whose editions the second verdict is by, yyyy-MM-dd, and that of the first.
    public var on, day: String
    public var verdicts: [Side]

    public init(
        frame: Frame, kind: String, kindHref: String, title: String, recordHref: String, on: String, day: String, verdicts: [Side]
    ) {
        (self.frame, self.kind, self.kindHref, self.title) = (frame, kind, kindHref, title)
        (self.recordHref, self.on, self.day, self.verdicts) = (recordHref, on, day, verdicts)
    }
}

/// Template `judgement-health`: a health record held against the standards.
public struct HealthJudgementPage: Sendable {
    /// One finding, item or period.
    public struct Line: Sendable {
        public var text: String
        /// Edition and clause.
        public var cite: String?
        public var mark: View.Mark?

        public init(_ text: String, cite: String? = nil, mark: View.Mark? = nil) {
            (self.text, self.cite, self.mark) = (text, cite, mark)
        }
    }
    public struct Part: Sendable {
        public var heading: String
        public var lines: [Line]
        /// Said where there is no line.
        public var none: String?

        public init(heading: String, lines: [Line], none: String? = nil) { (self.heading, self.lines, self.none) = (heading, lines, none) }
    }
    public struct Side: Sendable {
        public var heading: String
        public var mark: View.Mark?
        public var facts: [View.Fact]
        public var reasons: [String]
        public var parts: [Part]
        public var columns: [View.Column]
        public var rows: [View.Row]
        public var working: [String]
        /// Whether the working is read at once.
        public var isOpen: Bool

        public init(
            heading: String, mark: View.Mark? = nil, facts: [View.Fact] = [], reasons: [String] = [], parts: [Part] = [],
            columns: [View.Column] = [], rows: [View.Row] = [], working: [String] = [], isOpen: Bool = false
        ) {
            (self.heading, self.mark, self.facts, self.reasons, self.parts) = (heading, mark, facts, reasons, parts)
            (self.columns, self.rows, self.working, self.isOpen) = (columns, rows, working, isOpen)
        }
    }
    /// A form of the page: that of the other day, or the one that shows what is medical.
    public struct Form: Sendable {
        public var method, action, on: String
        public var hidden: [View.Hidden]

        public init(method: String, action: String, on: String = "", hidden: [View.Hidden] = []) {
            (self.method, self.action, self.on, self.hidden) = (method, action, on, hidden)
        }
    }
    public var frame: Frame
    public var kind, kindHref, title, recordHref, note: String
    public var notices: [View.Notice]
    /// nil where no other day's editions are asked for.
    public var day: Form?
    /// Why what is medical is not shown.
    public var closed: String?
    public var unmasking: Form?
    /// Over the whole width, above the sides.
    public var lead: [Side]
    /// Whether the sides stand beside each other.
    public var isPair: Bool
    public var sides: [Side]

    public init(
        frame: Frame, kind: String, kindHref: String, title: String, recordHref: String, note: String, notices: [View.Notice] = [],
        day: Form? = nil, closed: String? = nil, unmasking: Form? = nil, lead: [Side] = [], isPair: Bool = false, sides: [Side]
    ) {
        (self.frame, self.kind, self.kindHref, self.title, self.recordHref) = (frame, kind, kindHref, title, recordHref)
        (self.note, self.notices, self.day, self.closed, self.unmasking) = (note, notices, day, closed, unmasking)
        (self.lead, self.isPair, self.sides) = (lead, isPair, sides)
    }
}
