// What the pages of double-random draws need, in the manner of PageModels.swift.

extension View {
    /// A draw in the list.
    public struct DrawLine: Sendable {
        public var title, href, place, committed, expected, objects, drawn, commitment: String
        public var mark: Mark

        public init(
            title: String, href: String, place: String, committed: String, expected: String, objects: String, drawn: String,
            commitment: String, mark: Mark
        ) {
            (self.title, self.href, self.place, self.committed, self.expected) = (title, href, place, committed, expected)
            (self.objects, self.drawn, self.commitment, self.mark) = (objects, drawn, commitment, mark)
        }
    }

    /// One stratum of a draw that is being prepared.
    public struct DrawStratum: Sendable {
        public var id, name, count, tickets, quota: String

        public init(id: String, name: String, count: String, tickets: String, quota: String) {
            (self.id, self.name, self.count, self.tickets, self.quota) = (id, name, count, tickets, quota)
        }
    }

    /// How one stratum came out: every object of it by rank.
    public struct DrawWorking: Sendable {
        public var title, note: String
        public var rows: [Row]
        public var columns: [Column]

        public init(title: String, note: String, rows: [Row], columns: [Column]) {
            (self.title, self.note, self.rows, self.columns) = (title, note, rows, columns)
        }
    }
}

/// Template `draws`: every draw that was ever committed to, and how it stands.
public struct DrawsPage: Sendable {
    public var frame: Frame
    public var places: [View.Link]
    public var lines: [View.DrawLine]
    /// For whoever may hold one
    public var newHref: String?

    public init(frame: Frame, places: [View.Link], lines: [View.DrawLine], newHref: String? = nil) {
        (self.frame, self.places, self.lines, self.newHref) = (frame, places, lines, newHref)
    }
}

/// Template `draw-new`: what to draw from, and the commitment. The first form asks again, the second posts.
public struct DrawNewPage: Sendable {
    public var frame: Frame
    public var errors: [String]
    public var filters, fields, weights, source: [View.FormField]
    public var hidden: [View.Hidden]
    public var strata: [View.DrawStratum]
    /// Inspectors with their departments, chosen unless told otherwise
    public var inspectors: [View.Option]
    public var departments: [View.Option]
    public var recusals: [String]
    public var objects, recusalHref: String

    public init(
        frame: Frame, errors: [String], filters: [View.FormField], fields: [View.FormField], weights: [View.FormField],
        source: [View.FormField], hidden: [View.Hidden], strata: [View.DrawStratum], inspectors: [View.Option],
        departments: [View.Option], recusals: [String], objects: String, recusalHref: String
    ) {
        (self.frame, self.errors, self.filters, self.fields, self.weights) = (frame, errors, filters, fields, weights)
        (self.source, self.hidden, self.strata, self.inspectors) = (source, hidden, strata, inspectors)
        (self.departments, self.recusals, self.objects, self.recusalHref) = (departments, recusals, objects, recusalHref)
    }
}

/// Template `draw`: one draw, for everybody; whoever may enters the source here.
public struct DrawPage: Sendable {
    public var frame: Frame
    public var places: [View.Link]
    public var title, place: String
    public var mark: View.Mark
    public var notices: [View.Notice]
    public var commitment: String
    /// What was committed to; what was entered
    public var committed, result: [View.Fact]
    /// Where the commitment stands in the audit
    public var audit: String?
    public var drawn: View.DrawWorking?
    public var workings: [View.DrawWorking]
    /// The published file itself
    public var file, fileHref, jsonHref: String?
    public var action, planAction: String?
    public var value, evidence: String

    public init(
        frame: Frame, places: [View.Link], title: String, place: String, mark: View.Mark, notices: [View.Notice] = [], commitment: String,
        committed: [View.Fact] = [], result: [View.Fact] = [], audit: String? = nil, drawn: View.DrawWorking? = nil,
        workings: [View.DrawWorking] = [], file: String? = nil, fileHref: String? = nil, jsonHref: String? = nil, action: String? = nil,
        planAction: String? = nil, value: String = "", evidence: String = ""
    ) {
        (self.frame, self.places, self.title, self.place, self.mark) = (frame, places, title, place, mark)
        (self.notices, self.commitment, self.committed, self.result, self.audit) = (notices, commitment, committed, result, audit)
        (self.drawn, self.workings, self.file, self.fileHref, self.jsonHref) = (drawn, workings, file, fileHref, jsonHref)
        (self.action, self.planAction, self.value, self.evidence) = (action, planAction, value, evidence)
    }
}
