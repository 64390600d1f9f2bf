import Foundation
import Kernel

/// Text of a printed line: runs that differ in weight. A literal is one plain run.
public struct Text: Sendable, Hashable, ExpressibleByStringInterpolation {
    public struct Run: Sendable, Hashable {
        public let text: String
        public var isBold = false
        /// What was filled into a form stands on a line, as a pen would have written it.
        public var isFilled = false
        /// Beside the point: smaller and grey.
        public var isQuiet = false
    }
    public var runs: [Run]
    public init(_ text: String) { runs = text.isEmpty ? [] : [Run(text: text)] }
    public init(stringLiteral text: String) { self.init(text) }
    public init(runs: [Run]) { self.runs = runs }

    public static func bold(_ text: String) -> Text { Text(runs: [Run(text: text, isBold: true)]) }
    public static func quiet(_ text: String) -> Text { Text(runs: [Run(text: text, isQuiet: true)]) }
    /// What a form leaves open: the value on a line, or a line to write on where there is none.
    /// - Parameter width: of the empty line, in characters.
    public static func filled(_ text: String?, width: Int = 8) -> Text {
        guard let text, !text.isEmpty else {
            return Text(runs: [Run(text: String(repeating: "\u{3000}", count: width), isFilled: true)])
        }
        return Text(runs: [Run(text: " \(text) ", isFilled: true)])
    }
    public static func + (left: Text, right: Text) -> Text { Text(runs: left.runs + right.runs) }
    public var plain: String { runs.map(\.text).joined() }
    public var isEmpty: Bool { runs.allSatisfy(\.text.isEmpty) }
}

/// Which side of its box a text keeps to.
public enum Side: Sendable, Hashable { case start, middle, end }

/// A label and what it says, as forms show them in pairs.
public struct Fact: Sendable, Hashable {
    public let label: String
    public let value: Text
    /// Takes a line of its own.
    public let isWide: Bool
    /// To be written by hand: so many empty lines, marked with `note`.
    public let blankLines: Int
    public init(_ label: String, _ value: Text, isWide: Bool = false) {
        (self.label, self.value, self.isWide, blankLines) = (label, value, isWide, 0)
    }
    public init(_ label: String, _ value: String?, isWide: Bool = false) {
        self.init(label, Text(value.flatMap { $0.isEmpty ? nil : $0 } ?? "—"), isWide: isWide)
    }
    /// A fact that is not to hand: lines to be filled by hand, marked as such.
    public static func byHand(_ label: String, lines: Int = 1, note: String, isWide: Bool = true) -> Fact {
        Fact(label: label, note: note, lines: lines, isWide: isWide)
    }
    private init(label: String, note: String, lines: Int, isWide: Bool) {
        (self.label, value, blankLines, self.isWide) = (label, .quiet(note), lines, isWide)
    }
}

/// A cell of a table.
public struct Cell: Sendable, Hashable, ExpressibleByStringInterpolation {
    public enum Content: Sendable, Hashable {
        case text(Text)
        /// Empty lines to write on, with a note of who fills them.
        case byHand(lines: Int, note: Text)
        /// Warning signs side by side, each with its words.
        case signs([Sign], height: Double)
    }
    public var content: Content
    /// Columns that it takes.
    public var span = 1
    /// Nil: the column's.
    public var side: Side?
    /// A heading of its row: shaded, in the middle.
    public var isLabel = false
    public init(_ text: Text, span: Int = 1, side: Side? = nil, isLabel: Bool = false) {
        (content, self.span, self.side, self.isLabel) = (.text(text), span, side, isLabel)
    }
    public init(_ content: Content, span: Int = 1, side: Side? = nil) { (self.content, self.span, self.side) = (content, span, side) }
    public init(stringLiteral text: String) { self.init(Text(text)) }
    public static func label(_ text: String, span: Int = 1) -> Cell { Cell(Text(text), span: span, isLabel: true) }
}

/// A table whose headings stand again on every page that it goes on to.
public struct Table: Sendable, Hashable {
    public struct Column: Sendable, Hashable {
        /// Share of the width, in the columns' sum.
        public let share: Double
        public let side: Side
        public init(_ share: Double, _ side: Side = .start) { (self.share, self.side) = (share, side) }
    }
    public enum Rules: Sendable, Hashable {
        /// Every cell in a box, as official forms are.
        case boxed
        /// Lines over and under the headings and under the last row, hair lines between rows.
        case open
    }
    public var columns: [Column]
    public var head: [[Cell]]
    public var rows: [[Cell]]
    public var rules: Rules
    /// Size of the text beside the document's.
    public var scale: Double
    public init(_ columns: [Column], head: [[Cell]] = [], rows: [[Cell]], rules: Rules = .boxed, scale: Double = 1) {
        (self.columns, self.head, self.rows, self.rules, self.scale) = (columns, head, rows, rules, scale)
    }
}

/// Where somebody signs, or has signed.
public struct Signing: Sendable, Hashable {
    public let label: String
    public let name: String?
    public let day: String
    /// A drawn signature as PNG.
    public let picture: [UInt8]?
    public init(_ label: String, name: String? = nil, day: String, picture: [UInt8]? = nil) {
        (self.label, self.name, self.day, self.picture) = (label, name, day, picture)
    }
}

/// The end of an official paper: who issues it and when, over the place of the seal; on the left a code that leads to its check.
public struct Closing: Sendable, Hashable {
    public let authority: String?
    public let day: String?
    /// What stands in the circle until it is sealed: （印章）.
    public let seal: String?
    /// Address that the code holds, and what it is for.
    public let code: String?
    public let caption: String
    public init(authority: String? = nil, day: String? = nil, seal: String? = nil, code: String? = nil, caption: String = "") {
        (self.authority, self.day, self.seal, self.code, self.caption) = (authority, day, seal, code, caption)
    }
}

/// One part of a bar: a count with its words and how it is shaded, never by colour alone.
public struct Share: Sendable, Hashable {
    public enum Shade: Sendable, Hashable { case good, bad, unsure, other, none }
    public let label: String
    public let count: Int
    public let shade: Shade
    public init(_ label: String, _ count: Int, _ shade: Shade) { (self.label, self.count, self.shade) = (label, count, shade) }
}

/// A value on its scale with the target: the scale ends at `top`; `low…high` is where the value may lie with what is unknown.
public struct Scale: Sendable, Hashable {
    public let value, low, high, target: Double?
    public let top: Double
    public let valueText, targetText: String
    public init(value: Double?, low: Double?, high: Double?, target: Double?, top: Double, valueText: String, targetText: String) {
        (self.value, self.low, self.high, self.target, self.top) = (value, low, high, target, top)
        (self.valueText, self.targetText) = (valueText, targetText)
    }
}

/// What a document is made of, from top to bottom.
public enum Block: Sendable, Hashable {
    /// The authority that issues it, over the title.
    case letterhead(String)
    case title(String, under: String = "")
    /// The document's number 文号, on the right.
    case number(String)
    case heading(String)
    case subheading(String)
    /// A paragraph; `isIndented` begins two characters in, as official papers do.
    case paragraph(Text, isIndented: Bool = false)
    /// Small print.
    case note(Text)
    /// Points, each with its mark.
    case list([Text], mark: String? = nil)
    /// A form: labels and values in boxes, `across` pairs a line.
    case facts([Fact], across: Int = 2)
    case table(Table)
    case signings([Signing])
    case closing(Closing)
    case signs([Sign])
    case bar([Share])
    case scale(Scale)
    /// A picture in JPEG with its words.
    case photo([UInt8], width: Int, height: Int, caption: String)
    /// A sheet in a frame, fitted to one page where it can be: a card to hang up.
    case card(Card)
    /// White space in millimetres.
    case space(Double)
    case rule
    case pageBreak
}

/// A document as a value: what it says and in what manner, and nothing of where it comes from.
public struct Document: Sendable, Hashable {
    /// How large and how wide.
    public enum Manner: Sendable, Hashable {
        /// Official papers in running text: large, wide margins.
        case letter
        /// Forms and receipts.
        case form
        /// Reports with tables.
        case report
        /// To hang on a wall: sans-serif, small margins, on its side where `isWide`.
        case poster(isWide: Bool)
    }
    public var title: String
    public var isEnglish: Bool
    public var manner: Manner
    public var blocks: [Block]
    /// What the foot says on the left of the page number.
    public var foot: String
    /// `第 {{page}} 页 共 {{pages}} 页`
    public var pageWords: String
    /// Of the version that it prints: the file's date of creation, so that one version gives the same bytes.
    public var moment: Moment
    /// Whose document it is, in the file's properties.
    public var author: String
    public init(
        title: String, isEnglish: Bool = false, manner: Manner, blocks: [Block], foot: String = "", pageWords: String, moment: Moment,
        author: String = ""
    ) {
        (self.title, self.isEnglish, self.manner, self.blocks) = (title, isEnglish, manner, blocks)
        (self.foot, self.pageWords, self.moment, self.author) = (foot, pageWords, moment, author)
    }
}
