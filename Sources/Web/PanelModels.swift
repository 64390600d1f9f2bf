// Pages made of panels: what is, and the forms that change it. Accounts, invitations and registrations are such pages.

extension View {
    /// One input of a panel's form. Exactly one of the `is…` is set.
    public struct PanelField: Sendable {
        public var name, label, value: String
        public var hint: String?
        /// Of an input: text, password, date, tel.
        public var type: String
        public var autocomplete: String
        public var required: Bool
        public var minimum: String?
        public var options: [Option]
        public var isInput, isSelect, isBoxes: Bool

        public init(
            _ name: String, _ label: String, value: String = "", type: String = "text", autocomplete: String = "off", required: Bool = true,
            minimum: Int? = nil, hint: String? = nil
        ) {
            (self.name, self.label, self.value, self.type, self.autocomplete) = (name, label, value, type, autocomplete)
            (self.required, self.minimum, self.hint, options) = (required, minimum.map(String.init), hint, [])
            (isInput, isSelect, isBoxes) = (true, false, false)
        }
        /// A choice of one, or of any number.
        public init(_ name: String, _ label: String, options: [Option], several: Bool = false, hint: String? = nil) {
            (self.name, self.label, value, type, autocomplete) = (name, label, "", "", "off")
            (required, minimum, self.hint, self.options) = (false, nil, hint, options)
            (isInput, isSelect, isBoxes) = (false, !several, several)
        }
    }
    public struct PanelForm: Sendable {
        public var id, action, submit: String
        public var fields: [PanelField]
        public var hidden: [Hidden]
        /// The main thing to do on the page.
        public var isMain: Bool
        public init(_ id: String, action: String, submit: String, fields: [PanelField] = [], hidden: [Hidden] = [], isMain: Bool = false) {
            (self.id, self.action, self.submit, self.fields) = (id, action, submit, fields)
            (self.hidden, self.isMain) = (hidden, isMain)
        }
    }
    /// A row of a panel's table with the small forms at its end.
    public struct PanelRow: Sendable {
        public var cells: [Cell]
        public var forms: [PanelForm]
        public var dim: Bool
        public init(_ cells: [Cell], forms: [PanelForm] = [], dim: Bool = false) {
            (self.cells, self.forms, self.dim) = (cells, forms, dim)
        }
    }
    public struct Panel: Sendable {
        public var id, title: String
        public var note: String?
        public var facts: [Fact]
        public var columns: [Column]
        public var rows: [PanelRow]
        /// Said where a table has no rows.
        public var empty: String?
        public var forms: [PanelForm]
        /// Shown in big letters: what is to be copied.
        public var lines: [String]
        public var links: [Link]
        public var qrPath, qrSide: String?

        public init(
            _ id: String, _ title: String, note: String? = nil, facts: [Fact] = [], columns: [Column] = [], rows: [PanelRow] = [],
            empty: String? = nil, forms: [PanelForm] = [], lines: [String] = [], links: [Link] = [], qr: QRPicture? = nil
        ) {
            (self.id, self.title, self.note, self.facts, self.columns) = (id, title, note, facts, columns)
            (self.rows, self.empty, self.forms, self.lines, self.links) = (rows, rows.isEmpty ? empty : nil, forms, lines, links)
            (qrPath, qrSide) = (qr?.path, qr.map { String($0.side) })
        }
    }
}

/// Template `panels`.
public struct PanelsPage: Sendable {
    public var frame: Frame
    public var title: String
    public var lead: String?
    public var notices: [View.Notice]
    public var crumbs: [View.Link]
    public var tools: [View.Link]
    public var panels: [View.Panel]
    /// A page of one form stands in a narrow column.
    public var isNarrow: Bool

    public init(
        frame: Frame, title: String, lead: String? = nil, notices: [View.Notice] = [], crumbs: [View.Link] = [], tools: [View.Link] = [],
        panels: [View.Panel], isNarrow: Bool = false
    ) {
        (self.frame, self.title, self.lead, self.notices, self.crumbs) = (frame, title, lead, notices, crumbs)
        (self.tools, self.panels, self.isNarrow) = (tools, panels, isNarrow)
    }
}
