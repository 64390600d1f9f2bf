// Files on their way in: what the templates need, in the manner of PageModels.swift.

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
