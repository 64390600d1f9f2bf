// Files of records, inspections, orders and classes of employers: what the templates need, in the manner of PageModels.swift.

extension View {
    /// A file of a record.
    public struct StoredFile: Sendable {
        public var name, href, size, who, when: String
        public var isImage: Bool
        /// What it shows, what was taken out, when it was taken.
        public var note: String?
        public var withdrawAction: String?
        /// Why it was withdrawn; such a file is not shown.
        public var withdrawn: String?

        public init(
            name: String, href: String, size: String, who: String, when: String, isImage: Bool, note: String? = nil,
            withdrawAction: String? = nil, withdrawn: String? = nil
        ) {
            (self.name, self.href, self.size, self.who, self.when) = (name, href, size, who, when)
            (self.isImage, self.note, self.withdrawAction, self.withdrawn) = (isImage, note, withdrawAction, withdrawn)
        }
    }
    /// The files of a record, and the way to add one.
    public struct Files: Sendable {
        public var id: String
        /// Nil where the reader may not add any.
        public var action: String?
        public var back: String
        public var fields: [Option]
        public var list: [StoredFile]

        public init(id: String, action: String? = nil, back: String, fields: [Option] = [], list: [StoredFile] = []) {
            (self.id, self.action, self.back, self.fields, self.list) = (id, action, back, fields, list)
        }
    }

    /// An employer on the list of today, with every reason why it is there.
    public struct Visit: Sendable {
        public var name, href, place, number: String
        public var mark: Mark
        public var lines: [DutyLine]
        public var inspectHref: String?

        public init(name: String, href: String, place: String, number: String, mark: Mark, lines: [DutyLine], inspectHref: String?) {
            (self.name, self.href, self.place, self.number) = (name, href, place, number)
            (self.mark, self.lines, self.inspectHref) = (mark, lines, inspectHref)
        }
    }
}

/// Template `inspect`: whom to inspect today, the gravest first.
public struct InspectPage: Sendable {
    public var frame: Frame
    public var tallies: [View.Tally]
    public var visits: [View.Visit]
    /// Planned inspections of draws, complaints
    public var more: [View.Section]
    public var newHref: String?
    public var notices: [View.Notice]

    public init(
        frame: Frame, tallies: [View.Tally], visits: [View.Visit], more: [View.Section], newHref: String?, notices: [View.Notice] = []
    ) {
        (self.frame, self.tallies, self.visits, self.more) = (frame, tallies, visits, more)
        (self.newHref, self.notices) = (newHref, notices)
    }
}

/// Template `inspection-form`: an inspection on a phone.
public struct InspectionFormPage: Sendable {
    public struct Item: Sendable {
        public var code, text, clause, note: String
        public var choices: [View.Option]
        public init(code: String, text: String, clause: String, note: String, choices: [View.Option]) {
            (self.code, self.text, self.clause, self.note, self.choices) = (code, text, clause, note, choices)
        }
    }
    public struct Group: Sendable {
        public var title: String
        public var open: Bool
        public var items: [Item]
        public init(title: String, open: Bool, items: [Item]) { (self.title, self.open, self.items) = (title, open, items) }
    }
    public struct Signature: Sendable {
        public var field, label: String
        public init(field: String, label: String) { (self.field, self.label) = (field, label) }
    }
    public var frame: Frame
    public var heading, action, key: String
    public var fields, closing: [View.FormField]
    public var groups: [Group]
    public var signatures: [Signature]
    public var why, owing: [View.DutyLine]
    public var errors: [View.FormError]
    public init(
        frame: Frame, heading: String, action: String, key: String, fields: [View.FormField], closing: [View.FormField], groups: [Group],
        signatures: [Signature], why: [View.DutyLine], owing: [View.DutyLine], errors: [View.FormError]
    ) {
        (self.frame, self.heading, self.action, self.key, self.fields, self.closing) = (frame, heading, action, key, fields, closing)
        (self.groups, self.signatures, self.why, self.owing, self.errors) = (groups, signatures, why, owing, errors)
    }
}

/// Template `inspection`: what an inspection found, and the order that may follow.
public struct InspectionPage: Sendable {
    public struct Line: Sendable {
        public var text, clause: String
        public var note: String?
        public var mark: View.Mark
        public var photos: [View.StoredFile]
        public init(text: String, clause: String, note: String?, mark: View.Mark, photos: [View.StoredFile]) {
            (self.text, self.clause, self.note, self.mark, self.photos) = (text, clause, note, mark, photos)
        }
    }
    public struct Group: Sendable {
        public var title: String
        public var lines: [Line]
        public init(title: String, lines: [Line]) { (self.title, self.lines) = (title, lines) }
    }
    public struct OrderForm: Sendable {
        public var action, issued, facts, key: String
        public var items: [View.Option]
        public init(action: String, issued: String, facts: String, key: String, items: [View.Option]) {
            (self.action, self.issued, self.facts, self.key, self.items) = (action, issued, facts, key, items)
        }
    }
    public var frame: Frame
    public var title, employer, employerHref, recordHref: String
    public var facts: [View.Fact]
    public var groups: [Group]
    public var files: View.Files?
    public var signatures: [View.StoredFile]
    public var order: OrderForm?
    public var orders: [View.Link]
    public var notices: [View.Notice]
    public init(
        frame: Frame, title: String, employer: String, employerHref: String, recordHref: String, facts: [View.Fact], groups: [Group],
        files: View.Files?, signatures: [View.StoredFile], order: OrderForm?, orders: [View.Link], notices: [View.Notice]
    ) {
        (self.frame, self.title, self.employer, self.employerHref) = (frame, title, employer, employerHref)
        (self.recordHref, self.facts, self.groups, self.files) = (recordHref, facts, groups, files)
        (self.signatures, self.order, self.orders, self.notices) = (signatures, order, orders, notices)
    }
}

/// Template `order`: an order to rectify from its issue to its end.
public struct OrderPage: Sendable {
    public struct Item: Sendable {
        public var text, clause: String
        public init(text: String, clause: String) { (self.text, self.clause) = (text, clause) }
    }
    public struct Evidence: Sendable {
        public var day, text, href: String
        public var report, reportHref: String?
        public var files: View.Files?
        public init(day: String, text: String, href: String, report: String?, reportHref: String?, files: View.Files?) {
            (self.day, self.text, self.href, self.report) = (day, text, href, report)
            (self.reportHref, self.files) = (reportHref, files)
        }
    }
    public struct Check: Sendable {
        public var day, href: String
        public var mark: View.Mark
        public init(day: String, href: String, mark: View.Mark) { (self.day, self.href, self.mark) = (day, href, mark) }
    }
    /// One of the forms of the page: who may not send it has none.
    public struct Form: Sendable {
        public var action, day, key: String
        public var options, more: [View.Option]
        public init(action: String, day: String, key: String = "", options: [View.Option] = [], more: [View.Option] = []) {
            (self.action, self.day, self.key, self.options, self.more) = (action, day, key, options, more)
        }
    }
    public struct Pair: Sendable {
        public var post, factor: String
        public var before, after: String
        public var beforeMark, afterMark: View.Mark
        public init(post: String, factor: String, before: String, beforeMark: View.Mark, after: String, afterMark: View.Mark) {
            (self.post, self.factor, self.before, self.beforeMark) = (post, factor, before, beforeMark)
            (self.after, self.afterMark) = (after, afterMark)
        }
    }
    public var frame: Frame
    public var title, employer, employerHref, recordHref: String
    public var status: View.Mark
    public var facts: [View.Fact]
    public var items: [Item]
    public var what: String
    public var duties: [View.DutyLine]
    public var evidence: [Evidence]
    public var checks: [Check]
    public var pairs: [Pair]
    public var service, hand, closing, referral: Form?
    public var checkHref: String?
    public var version: String
    public var notices: [View.Notice]
    public init(
        frame: Frame, title: String, employer: String, employerHref: String, recordHref: String, status: View.Mark, facts: [View.Fact],
        items: [Item], what: String, duties: [View.DutyLine], evidence: [Evidence], checks: [Check], pairs: [Pair], version: String,
        notices: [View.Notice]
    ) {
        (self.frame, self.title, self.employer, self.employerHref) = (frame, title, employer, employerHref)
        (self.recordHref, self.status, self.facts, self.items, self.what) = (recordHref, status, facts, items, what)
        (self.duties, self.evidence, self.checks, self.pairs) = (duties, evidence, checks, pairs)
        (self.version, self.notices) = (version, notices)
    }
}

/// Template `employer-class`: the class of an employer, worked out from its records, and the form that keeps it.
public struct EmployerClassPage: Sendable {
    public struct Scheme: Sendable {
        public var id, name, action: String
        public var note: String?
        /// Levels or grades of management to choose from.
        public var label: String
        public var field: String
        public var choices: [View.Option]
        public init(id: String, name: String, action: String, note: String?, label: String, field: String, choices: [View.Option]) {
            (self.id, self.name, self.action, self.note) = (id, name, action, note)
            (self.label, self.field, self.choices) = (label, field, choices)
        }
    }
    public var frame: Frame
    public var employer, employerHref, risk: String
    public var isTold: Bool
    public var working, missing: [String]
    public var current: [View.Fact]
    public var schemes: [Scheme]
    public var cycle: [View.Fact]
    public var notices: [View.Notice]
    public init(
        frame: Frame, employer: String, employerHref: String, risk: String, isTold: Bool, working: [String], missing: [String],
        current: [View.Fact], schemes: [Scheme], cycle: [View.Fact], notices: [View.Notice]
    ) {
        (self.frame, self.employer, self.employerHref, self.risk, self.isTold) = (frame, employer, employerHref, risk, isTold)
        (self.working, self.missing, self.current, self.schemes) = (working, missing, current, schemes)
        (self.cycle, self.notices) = (cycle, notices)
    }
}
