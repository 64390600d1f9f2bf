import CPangoCairo
import Foundation
import Kernel

/// Sets one document: blocks to pieces, pieces to pages, pages into a file.
final class Setter {
    let document: Document
    let geometry: Geometry
    let context: OpaquePointer
    var pieces: [Piece] = []

    init(_ fonts: UnsafeMutablePointer<PangoFontMap>, _ document: Document) throws {
        guard let context = pango_font_map_create_context(fonts) else { throw Refusal("print.failed", ["value": "context"]) }
        (self.document, self.context, geometry) = (document, context, Geometry(document.manner))
        pango_context_set_language(context, pango_language_from_string(document.isEnglish ? "en" : "zh-cn"))
        pango_context_set_round_glyph_positions(context, 0)
        // The paper has no pixels: lengths are the fonts' own.
        let options = cairo_font_options_create()
        defer { cairo_font_options_destroy(options) }
        cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE)
        cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF)
        pango_cairo_context_set_font_options(context, options)
    }
    deinit { g_object_unref(UnsafeMutableRawPointer(context)) }

    var left: Double { geometry.left }
    var width: Double { geometry.textWidth }
    func style(_ scale: Double = 1, bold: Bool = false, side: Side = .start, face: Face? = nil, pitch: Double? = nil) -> TextStyle {
        TextStyle(face: face ?? geometry.face, size: geometry.body * scale, pitch: pitch ?? geometry.pitch, isBold: bold, side: side)
    }
    func box(_ text: Text, _ style: TextStyle, width: Double) throws -> TextBox {
        try TextBox(text, style, width: width, context, isEnglish: document.isEnglish)
    }

    // The file

    func file() throws -> [UInt8] {
        for block in document.blocks { try add(block) }
        let pages = Paging(pieces, room: geometry.textHeight).pages
        final class Sink { var bytes: [UInt8] = [] }
        let sink = Sink()
        let write: cairo_write_func_t = { closure, data, length in
            guard let closure, let data else { return CAIRO_STATUS_WRITE_ERROR }
            Unmanaged<Sink>.fromOpaque(closure).takeUnretainedValue().bytes += UnsafeBufferPointer(start: data, count: Int(length))
            return CAIRO_STATUS_SUCCESS
        }
        let surface = cairo_pdf_surface_create_for_stream(write, Unmanaged.passUnretained(sink).toOpaque(), geometry.width, geometry.height)
        defer { cairo_surface_destroy(surface) }
        guard let surface, let cairo = cairo_create(surface) else { throw Refusal("print.failed", ["value": "surface"]) }
        defer { cairo_destroy(cairo) }
        describe(surface)
        pango_cairo_update_context(cairo, context)
        for (index, page) in pages.enumerated() {
            for placed in page {
                let y = geometry.top + placed.y
                if let outline = placed.piece.outline {
                    let target = "page=\(index + 1) pos=[\(Int(left)) \(Int(y))]"
                    cairo_pdf_surface_add_outline(surface, CAIRO_PDF_OUTLINE_ROOT, outline, target, CAIRO_PDF_OUTLINE_FLAG_OPEN)
                }
                placed.piece.draw(cairo, y)
            }
            try foot(cairo, index + 1, of: pages.count)
            cairo_show_page(cairo)
        }
        cairo_surface_finish(surface)
        let status = cairo_surface_status(surface)
        guard status == CAIRO_STATUS_SUCCESS, cairo_status(cairo) == CAIRO_STATUS_SUCCESS else {
            throw Refusal("print.failed", ["value": String(cString: cairo_status_to_string(status))])
        }
        return withExtendedLifetime(sink) { sink.bytes }
    }

    private func describe(_ surface: OpaquePointer) {
        cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_TITLE, document.title)
        if !document.author.isEmpty { cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_AUTHOR, document.author) }
        cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_CREATOR, "Zhifang")
        let moment = document.moment.description.prefix(19).replacingOccurrences(of: " ", with: "T") + "+08:00"
        cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_CREATE_DATE, moment)
        cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_MOD_DATE, moment)
    }

    private func foot(_ cairo: OpaquePointer, _ page: Int, of pages: Int) throws {
        let words = document.pageWords.replacingOccurrences(of: "{{page}}", with: String(page))
            .replacingOccurrences(of: "{{pages}}", with: String(pages))
        var small = TextStyle(face: .sans, size: 7, pitch: 1.35, side: .start, grey: 0.35)
        let left = try box(Text(document.foot), small, width: width * 0.74)
        (small.side, small.size) = (.end, 8.5)
        let right = try box(Text(words), small, width: width * 0.24)
        let y = geometry.height - min(geometry.bottom - 12, 13 * millimetre)
        cairo.stroke(self.left, y - 4, self.left + width, y - 4, 0.4, grey: 0.6)
        left.draw(cairo, self.left, y)
        right.draw(cairo, self.left + width * 0.76, y)
    }

    // Blocks

    func add(_ block: Block) throws {
        switch block {
        case .letterhead(let name): try centred(Text(name), size: geometry.title * 0.8, bold: false, before: 0)
        case .title(let title, let under):
            try centred(.bold(title), size: geometry.title, bold: true, before: 3)
            pieces.last?.outline = title
            if !under.isEmpty { try centred(Text(under), size: geometry.body * 1.1, bold: false, before: 2) }
        case .number(let number): try lines(Text(number), style(side: .end), before: geometry.body * 0.6)
        case .heading(let text):
            try lines(.bold(text), style(1.2, bold: true, face: .sans), before: geometry.body * 1.4, heads: true)
        case .subheading(let text):
            try lines(.bold(text), style(1.03, bold: true, face: .sans), before: geometry.body * 0.8, heads: true, isOutlined: false)
        case .paragraph(let text, let isIndented):
            var style = style()
            if isIndented, !document.isEnglish { style.indent = 2 }
            try lines(text, style, before: geometry.body * (document.isEnglish && isIndented ? 0.6 : 0.3))
        case .note(let text):
            var style = style(0.82, pitch: 1.45)
            style.grey = 0.3
            try lines(text, style, before: geometry.body * 0.4)
        case .list(let items, let mark): for item in items { try point(item, mark ?? "•") }
        case .facts(let facts, let across): try add(grid(facts, across))
        case .table(let table): try add(table)
        case .signings(let signings): try add(signings)
        case .closing(let closing): try add(closing)
        case .signs(let signs): try add(signs)
        case .bar(let shares): try add(shares)
        case .scale(let scale): try add(scale)
        case .photo(let bytes, let wide, let high, let caption): try photo(bytes, wide, high, caption)
        case .card(let card): try add(card)
        case .space(let length): pieces.append(Piece(0, before: length * millimetre) { _, _ in })
        case .rule:
            let (left, width) = (left, width)
            pieces.append(Piece(1, before: 5) { cairo, y in cairo.stroke(left, y, left + width, y, 0.8) })
        case .pageBreak:
            let piece = Piece(0) { _, _ in }
            (piece.breaksBefore, piece.keepsWithNext) = (true, true)
            pieces.append(piece)
        }
    }

    private func centred(_ text: Text, size: Double, bold: Bool, before: Double) throws {
        let style = TextStyle(face: geometry.face, size: size, pitch: 1.4, isBold: bold, side: .middle)
        try lines(text, style, before: before)
        pieces.last?.keepsWithNext = true
    }

    /// Text as one piece a line, so that it breaks over pages, two lines at least on each side.
    func lines(_ text: Text, _ style: TextStyle, before: Double, inset: Double = 0, heads: Bool = false, isOutlined: Bool = true) throws {
        let box = try box(text, style, width: width - inset)
        let x = left + inset
        for index in box.lines.indices {
            let piece = Piece(box.pitch, before: index == 0 ? before : 0) { cairo, y in box.draw(cairo, x, y, lines: index..<index + 1) }
            let isEdge = box.lines.count > 1 && (index == 0 || index == box.lines.count - 2)
            piece.keepsWithNext = heads || isEdge
            if heads, isOutlined, index == 0 { piece.outline = text.plain }
            pieces.append(piece)
        }
    }

    private func point(_ text: Text, _ mark: String) throws {
        let markBox = try box(Text(mark), style(), width: geometry.body * 2)
        let first = pieces.count
        try lines(text, style(), before: 1, inset: geometry.body * 1.6)
        guard first < pieces.count else { return }
        let (piece, x) = (pieces[first], left + geometry.body * 0.4)
        let marked = Piece(piece.height, before: piece.before, keepsWithNext: piece.keepsWithNext) { cairo, y in
            markBox.draw(cairo, x, y)
            piece.draw(cairo, y)
        }
        pieces[first] = marked
    }

    /// Labels and values as rows of a boxed table.
    private func grid(_ facts: [Fact], _ across: Int) -> Table {
        let label = document.isEnglish ? 0.44 : 0.34
        let columns = (0..<across).flatMap { _ in
            [Table.Column(across == 1 ? 0.22 : label, .middle), Table.Column(across == 1 ? 0.78 : 1 - label)]
        }
        var rows: [[Cell]] = []
        var row: [Cell] = []
        func close() {
            if !row.isEmpty {
                row[row.count - 1].span = across * 2 - (row.count - 1)
                rows.append(row)
            }
            row = []
        }
        for fact in facts {
            if fact.isWide { close() }
            row.append(.label(fact.label))
            row.append(
                fact.blankLines > 0 ? Cell(.byHand(lines: fact.blankLines, note: fact.value)) : Cell(fact.value))
            if fact.isWide || row.count == across * 2 { close() }
        }
        close()
        return Table(columns, rows: rows, scale: document.manner == .letter ? 0.8 : 1)
    }
}
