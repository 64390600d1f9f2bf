// Pages on which somebody deals with a matter step by step: what it is, where it stands, and a form for each step that is theirs to take.

extension View {
    /// One step to take, as a form of its own.
    public struct DeskForm: Sendable {
        /// Stable name: `form-<id>` is its anchor
        public var id: String
        public var title: String
        public var note: String?
        public var action: String
        public var isGet: Bool
        public var hidden: [Hidden]
        public var fields: [FormField]
        public var button: String
        public var isDanger, isOpen: Bool
        /// A field that people do not see and programs fill
        public var trap: String?

        public init(
            id: String, title: String, note: String? = nil, action: String, isGet: Bool = false, hidden: [Hidden] = [],
            fields: [FormField] = [], button: String, isDanger: Bool = false, isOpen: Bool = false, trap: String? = nil
        ) {
            (self.id, self.title, self.note, self.action, self.isGet) = (id, title, note, action, isGet)
            (self.hidden, self.fields, self.button, self.isDanger, self.isOpen) = (hidden, fields, button, isDanger, isOpen)
            self.trap = trap
        }
    }
}

/// Template `desk`.
public struct DeskPage: Sendable {
    public var frame: Frame
    /// The parts of the public pages; empty for pages that need an account
    public var places: [View.Link]
    public var crumbs: [View.Link]
    public var heading: String
    public var mark: View.Mark?
    public var lead: String?
    public var notices: [View.Notice]
    /// What was wrong with the form that was sent
    public var errors: [View.FormError]
    public var facts: [View.Fact]
    /// A text to be kept: a number, a code
    public var keep: [View.Fact]
    /// How something was worked out, line by line
    public var working: [String]
    public var workingTitle: String
    public var forms: [View.DeskForm]
    public var sections: [View.Section]
    public var tools: [View.Link]
    public var isEmpty: Bool

    public init(
        frame: Frame, places: [View.Link] = [], crumbs: [View.Link] = [], heading: String, mark: View.Mark? = nil, lead: String? = nil,
        notices: [View.Notice] = [], errors: [View.FormError] = [], facts: [View.Fact] = [], keep: [View.Fact] = [],
        working: [String] = [], workingTitle: String = "", forms: [View.DeskForm] = [], sections: [View.Section] = [],
        tools: [View.Link] = [], isEmpty: Bool = false
    ) {
        (self.frame, self.places, self.crumbs, self.heading, self.mark) = (frame, places, crumbs, heading, mark)
        (self.lead, self.notices, self.errors, self.facts, self.keep) = (lead, notices, errors, facts, keep)
        (self.working, self.workingTitle, self.forms, self.sections) = (working, workingTitle, forms, sections)
        (self.tools, self.isEmpty) = (tools, isEmpty)
    }
}
