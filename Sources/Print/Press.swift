import CPangoCairo
import Foundation
import Kernel
import Synchronization

// Pango lays lines out, cairo writes the file. Lengths are points of 1/72 inch, from the top left.

let millimetre = 72 / 25.4
/// Pango counts in 1024ths of a point.
let pangoUnits = Double(PANGO_SCALE)

/// The house's fonts, loaded once. Pango's objects are one thread's at a time: a document holds the press while it is printed.
public final class Press: Sendable {
    private struct Machine: @unchecked Sendable { let fonts: UnsafeMutablePointer<PangoFontMap> }
    private let machine: Mutex<Machine?> = Mutex(nil)
    public static let shared = Press()
    public init() {}

    /// A document as a PDF file on A4, with its fonts in it and text that can be found and copied.
    /// - Throws: `Refusal("print.fonts")` where the machine has no font for Chinese; `print.glyphs` naming characters that no font of
    ///   the machine has; `print.failed` where the file could not be written.
    public func print(_ document: Document) throws -> [UInt8] {
        try machine.withLock { machine in
            if machine == nil {
                guard let fonts = pango_cairo_font_map_new() else { throw Refusal("print.fonts", ["value": Face.serif.families]) }
                // One unit of the page is one point.
                pango_cairo_font_map_set_resolution(OpaquePointer(fonts), 72)
                machine = Machine(fonts: fonts)
            }
            guard let ready = machine else { throw Refusal("print.fonts", ["value": Face.serif.families]) }
            let setter = try Setter(ready.fonts, document)
            return try setter.file()
        }
    }
}

enum Face: Sendable {
    case serif, sans
    /// In the order of liking; the first that the machine has is taken. All of them know the characters of GB 18030's first plane.
    var families: String {
        switch self {
        case .serif: "Noto Serif CJK SC, Source Han Serif SC, Source Han Serif CN, FangSong, SimSun"
        case .sans: "Noto Sans CJK SC, Source Han Sans SC, Source Han Sans CN, Microsoft YaHei, SimHei"
        }
    }
}

/// How a text is set.
struct TextStyle: Sendable, Hashable {
    var face = Face.serif
    /// In points.
    var size: Double
    /// From line to line, in sizes.
    var pitch = 1.5
    var isBold = false
    var side = Side.start
    /// Of the first line, in characters.
    var indent = 0.0
    var grey = 0.0
}

/// Text broken into lines of a width. Every line has the same height, whatever the fonts say of themselves.
final class TextBox {
    struct Line {
        let line: UnsafeMutablePointer<PangoLayoutLine>
        let x: Double
    }
    let layout: OpaquePointer
    let pitch, size, width, grey: Double
    private(set) var lines: [Line] = []
    var height: Double { Double(lines.count) * pitch }

    init(_ text: Text, _ style: TextStyle, width: Double, _ context: OpaquePointer, isEnglish: Bool) throws {
        guard let layout = pango_layout_new(context) else { throw Refusal("print.failed", ["value": "layout"]) }
        (self.layout, self.width, size, grey) = (layout, width, style.size, style.grey)
        pitch = style.size * style.pitch
        let font = pango_font_description_from_string(style.face.families)
        defer { pango_font_description_free(font) }
        pango_font_description_set_absolute_size(font, style.size * pangoUnits)
        pango_font_description_set_weight(font, style.isBold ? PANGO_WEIGHT_BOLD : PANGO_WEIGHT_NORMAL)
        pango_layout_set_font_description(layout, font)
        pango_layout_set_width(layout, Int32(max(width, style.size) * pangoUnits))
        pango_layout_set_wrap(layout, PANGO_WRAP_WORD_CHAR)
        pango_layout_set_alignment(
            layout, style.side == .start ? PANGO_ALIGN_LEFT : style.side == .end ? PANGO_ALIGN_RIGHT : PANGO_ALIGN_CENTER)
        pango_layout_set_indent(layout, Int32(style.indent * style.size * pangoUnits))
        // Carriage returns and tabs come from forms of the web.
        let runs = text.runs.map { run in
            (run, run.text.replacingOccurrences(of: "\r\n", with: "\n").replacingOccurrences(of: "\r", with: "\n"))
        }
        let attributes = pango_attr_list_new()
        defer { pango_attr_list_unref(attributes) }
        var start: UInt32 = 0
        for (run, plain) in runs {
            let end = start + UInt32(plain.utf8.count)
            func add(_ attribute: UnsafeMutablePointer<PangoAttribute>?) {
                guard let attribute else { return }
                (attribute.pointee.start_index, attribute.pointee.end_index) = (start, end)
                pango_attr_list_insert(attributes, attribute)
            }
            if run.isBold { add(pango_attr_weight_new(PANGO_WEIGHT_BOLD)) }
            if run.isFilled { add(pango_attr_underline_new(PANGO_UNDERLINE_LOW)) }
            if run.isQuiet {
                add(pango_attr_size_new_absolute(Int32(style.size * 0.82 * pangoUnits)))
                add(pango_attr_foreground_new(0x6000, 0x6000, 0x6000))
            }
            start = end
        }
        pango_layout_set_attributes(layout, attributes)
        pango_layout_set_text(layout, runs.map(\.1).joined(), -1)
        guard pango_layout_get_unknown_glyphs_count(layout) == 0 else {
            throw try TextBox.refusal(text.plain, font, context)
        }
        try measure()
    }

    deinit { g_object_unref(UnsafeMutableRawPointer(layout)) }

    private func measure() throws {
        guard let iterator = pango_layout_get_iter(layout) else { throw Refusal("print.failed", ["value": "lines"]) }
        defer { pango_layout_iter_free(iterator) }
        repeat {
            guard let line = pango_layout_iter_get_line_readonly(iterator) else { continue }
            var logical = PangoRectangle()
            pango_layout_iter_get_line_extents(iterator, nil, &logical)
            lines.append(Line(line: line, x: Double(logical.x) / pangoUnits))
        } while pango_layout_iter_next_line(iterator) != 0
    }

    /// Draws some of the lines, the first of them at the top.
    func draw(_ cairo: OpaquePointer, _ x: Double, _ y: Double, lines range: Range<Int>? = nil) {
        let range = range ?? lines.indices
        cairo_set_source_rgb(cairo, grey, grey, grey)
        for (offset, index) in range.enumerated() {
            // The middle of a Chinese character lies 0.38 of its size above the base line.
            cairo_move_to(cairo, x + lines[index].x, y + (Double(offset) + 0.5) * pitch + 0.38 * size)
            pango_cairo_show_layout_line(cairo, lines[index].line)
        }
    }

    /// Which characters the fonts lack; where they lack the commonest there is no font for Chinese at all.
    private static func refusal(_ text: String, _ font: OpaquePointer?, _ context: OpaquePointer) throws -> Refusal {
        func lacks(_ text: String) -> Bool {
            guard let layout = pango_layout_new(context) else { return true }
            defer { g_object_unref(UnsafeMutableRawPointer(layout)) }
            pango_layout_set_font_description(layout, font)
            pango_layout_set_text(layout, text, -1)
            return pango_layout_get_unknown_glyphs_count(layout) > 0
        }
        if lacks("的") { return Refusal("print.fonts", ["value": Face.serif.families]) }
        var seen: Set<Character> = []
        let missing = text.filter { seen.insert($0).inserted && lacks(String($0)) }
        let codes = missing.unicodeScalars.map { "U+" + String($0.value, radix: 16, uppercase: true) }
        return Refusal("print.glyphs", ["value": codes.prefix(10).joined(separator: " ")])
    }
}

extension OpaquePointer {
    /// A line from point to point.
    func stroke(_ x: Double, _ y: Double, _ toX: Double, _ toY: Double, _ width: Double, grey: Double = 0) {
        cairo_set_source_rgb(self, grey, grey, grey)
        cairo_set_line_width(self, width)
        cairo_move_to(self, x, y)
        cairo_line_to(self, toX, toY)
        cairo_stroke(self)
    }
    func box(_ x: Double, _ y: Double, _ width: Double, _ height: Double, _ line: Double, grey: Double = 0) {
        cairo_set_source_rgb(self, grey, grey, grey)
        cairo_set_line_width(self, line)
        cairo_rectangle(self, x, y, width, height)
        cairo_stroke(self)
    }
    func fill(_ x: Double, _ y: Double, _ width: Double, _ height: Double, _ colour: Colour) {
        set(colour)
        cairo_rectangle(self, x, y, width, height)
        cairo_fill(self)
    }
    func set(_ colour: Colour) { cairo_set_source_rgb(self, colour.red, colour.green, colour.blue) }
}

struct Colour: Sendable, Hashable {
    let red, green, blue: Double
    init(_ hex: UInt32) {
        (red, green, blue) = (Double(hex >> 16 & 255) / 255, Double(hex >> 8 & 255) / 255, Double(hex & 255) / 255)
    }
    static let black = Colour(0x000000), white = Colour(0xFFFFFF)
}
