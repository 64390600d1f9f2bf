// The phone form of a declaration, its summary, and what a declaration differs in from other records.

extension View {
    /// One input of a question, big enough for a thumb.
    public struct AskField: Sendable {
        public var name, label, value: String
        public var hint, error, unit: String?
        /// Of the input: `text`, `tel`, `decimal`, `numeric`; empty where it is a choice.
        public var mode: String
        public var options: [Option]
        public init(
            name: String, label: String, value: String = "", hint: String? = nil, error: String? = nil, unit: String? = nil,
            mode: String = "text", options: [Option] = []
        ) {
            (self.name, self.label, self.value, self.hint, self.error) = (name, label, value, hint, error)
            (self.unit, self.mode, self.options) = (unit, mode, options)
        }
    }
    /// Factors offered together, with where they come from.
    public struct AskGroup: Sendable {
        public var title: String
        public var note: String?
        public var options: [Option]
        public init(title: String, note: String? = nil, options: [Option]) {
            (self.title, self.note, self.options) = (title, note, options)
        }
    }
    /// A post with its persons and the factors met there.
    public struct AskPlace: Sendable {
        public var number: String
        /// Names of the inputs.
        public var post, name, persons, at: String
        public var postValue, nameValue, personsValue: String
        /// A registered post keeps its name.
        public var isFixed: Bool
        public var error: String?
        public var options: [Option]
        public init(
            number: String, index: Int, postValue: String, nameValue: String, personsValue: String, isFixed: Bool, error: String? = nil,
            options: [Option]
        ) {
            (self.number, self.postValue, self.nameValue, self.personsValue) = (number, postValue, nameValue, personsValue)
            (post, name, persons, at) = ("_post.\(index)", "_place.\(index)", "_persons.\(index)", "_at.\(index)")
            (self.isFixed, self.error, self.options) = (isFixed, error, options)
        }
    }
    /// A line in which a declaration and other records differ.
    public struct DifferenceLine: Sendable {
        public var text: String
        public var records: [Link]
        /// How many records more there are.
        public var more: String?
        public init(text: String, records: [Link] = [], more: String? = nil) {
            (self.text, self.records, self.more) = (text, records, more)
        }
    }
    /// A group of answers on the summary, with the way back to its question.
    public struct AskAnswer: Sendable {
        public var number, title, href: String
        public var lines: [String]
        public init(number: String, title: String, href: String, lines: [String]) {
            (self.number, self.title, self.href, self.lines) = (number, title, href, lines)
        }
    }
}

/// Template `declare`: where the employer's declaration stands, and what can be done now.
public struct DeclarePage: Sendable {
    public var frame: Frame
    public var employer: String
    public var authority: String
    /// The last declaration: its type and day, its state, what was said of it.
    public var last: View.Link?
    public var status: View.Mark?
    public var facts: [View.Fact]
    public var remark: String?
    public var notices: [View.Notice]
    /// A draft that was begun: where to go on.
    public var resumeHref, resumeText: String?
    /// What the form that is begun will be, of the table `declaration_type`; nil where none can be begun now.
    public var startType, startText: String?
    public var unchangedHref, cancellationHref, fullHref: String?
    public var signsHref: String

    public init(
        frame: Frame, employer: String, authority: String, last: View.Link? = nil, status: View.Mark? = nil, facts: [View.Fact] = [],
        remark: String? = nil, notices: [View.Notice] = [], resumeHref: String? = nil, resumeText: String? = nil, startType: String? = nil,
        startText: String? = nil, unchangedHref: String? = nil, cancellationHref: String? = nil, fullHref: String? = nil, signsHref: String
    ) {
        (self.frame, self.employer, self.authority, self.last, self.status) = (frame, employer, authority, last, status)
        (self.facts, self.remark, self.notices, self.resumeHref, self.resumeText) = (facts, remark, notices, resumeHref, resumeText)
        (self.startType, self.startText, self.unchangedHref) = (startType, startText, unchangedHref)
        (self.cancellationHref, self.fullHref, self.signsHref) = (cancellationHref, fullHref, signsHref)
    }
}

/// Template `declare-question`: one question of the phone form.
public struct DeclareQuestionPage: Sendable {
    public var frame: Frame
    public var number, total, done: String
    public var title, help: String
    public var example: String?
    public var action, draft, version: String
    public var errors: [View.FormError]
    public var fields: [View.AskField]
    public var groups: [View.AskGroup]
    /// The search for a factor by name, with what was asked.
    public var asksSearch: Bool
    public var query: String
    public var places: [View.AskPlace]
    public var placesNote: String?
    /// Whether the question may be answered with “I do not know”.
    public var mayBeUnknown, isUnknown: Bool
    public var backHref: String?
    public var notices: [View.Notice]

    public init(
        frame: Frame, number: String, total: String, done: String, title: String, help: String, example: String? = nil, action: String,
        draft: String, version: String, errors: [View.FormError] = [], fields: [View.AskField] = [], groups: [View.AskGroup] = [],
        asksSearch: Bool = false, query: String = "", places: [View.AskPlace] = [], placesNote: String? = nil, mayBeUnknown: Bool = false,
        isUnknown: Bool = false, backHref: String? = nil, notices: [View.Notice] = []
    ) {
        (self.frame, self.number, self.total, self.done, self.title, self.help) = (frame, number, total, done, title, help)
        (self.example, self.action, self.draft, self.version, self.errors) = (example, action, draft, version, errors)
        (self.fields, self.groups, self.asksSearch, self.query, self.places) = (fields, groups, asksSearch, query, places)
        (self.placesNote, self.mayBeUnknown, self.isUnknown, self.backHref) = (placesNote, mayBeUnknown, isUnknown, backHref)
        self.notices = notices
    }
}

/// Template `declare-summary`: everything before it is sent, with what other records say.
public struct DeclareSummaryPage: Sendable {
    public var frame: Frame
    public var heading, lead: String
    public var answers: [View.AskAnswer]
    public var differences: [View.DifferenceLine]
    public var errors: [View.FormError]
    public var action: String
    public var hidden: [View.Hidden]
    public var confirm, submitText: String
    public var backHref: String
    /// Asked for where the declaration is cancelled.
    public var asksReason: Bool

    public init(
        frame: Frame, heading: String, lead: String, answers: [View.AskAnswer], differences: [View.DifferenceLine],
        errors: [View.FormError] = [], action: String, hidden: [View.Hidden] = [], confirm: String, submitText: String, backHref: String,
        asksReason: Bool = false
    ) {
        (self.frame, self.heading, self.lead, self.answers, self.differences) = (frame, heading, lead, answers, differences)
        (self.errors, self.action, self.hidden, self.confirm) = (errors, action, hidden, confirm)
        (self.submitText, self.backHref, self.asksReason) = (submitText, backHref, asksReason)
    }
}
