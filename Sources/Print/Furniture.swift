import CPangoCairo
import Foundation
import Kernel

// What is drawn rather than written: places to sign and to seal, bars, scales, pictures.

extension Setter {
    func add(_ signings: [Signing]) throws {
        let across = min(3, max(1, signings.count))
        let gap = 6.0
        let each = (width - gap * Double(across - 1)) / Double(across)
        for start in stride(from: 0, to: signings.count, by: across) {
            let line = signings[start..<min(signings.count, start + across)]
            let high = 17 * millimetre
            let texts = try line.map { signing in
                (
                    label: try box(Text(signing.label), style(0.95, pitch: 1.35), width: each),
                    name: try signing.name.map { try box(Text($0), style(side: .middle, pitch: 1.35), width: each) },
                    day: try box(Text(signing.day), style(0.88, side: .end, pitch: 1.35), width: each)
                )
            }
            let label = texts.map(\.label.height).max() ?? 0
            let height = label + high + (texts.map(\.day.height).max() ?? 0)
            let pictures = line.map { $0.picture.flatMap(Picture.init) }
            let left = left
            let piece = Piece(height, before: geometry.body * 0.9) { cairo, y in
                for (index, text) in texts.enumerated() {
                    let x = left + Double(index) * (each + gap)
                    text.label.draw(cairo, x, y)
                    let base = y + label + high - 4
                    pictures[index]?.draw(cairo, x + 4, y + label, each - 8, high - 6)
                    if let name = text.name { name.draw(cairo, x, base - name.height - 1) }
                    cairo.stroke(x, base, x + each, base, 0.6)
                    text.day.draw(cairo, x, base + 3)
                }
            }
            pieces.append(piece)
        }
    }

    /// The seal keeps the last lines of the text before it: no page holds nothing but a seal.
    func add(_ closing: Closing) throws {
        if closing.authority != nil { for piece in pieces.suffix(document.manner == .letter ? 2 : 1) { piece.keepsWithNext = true } }
        let size = 42 * millimetre
        let column = min(width * 0.56, 88 * millimetre)
        let right = left + width
        var texts: [TextBox] = []
        for text in [closing.authority, closing.day] {
            if let text { texts.append(try box(Text(text), style(side: .middle, pitch: 1.6), width: column)) }
        }
        let seal = try closing.seal.map { text -> TextBox in
            var style = TextStyle(face: .sans, size: 8.5, pitch: 1.3, side: .middle)
            style.grey = 0.55
            return try box(Text(text), style, width: size)
        }
        let code = try closing.code.map(QRCode.init)
        let codeSize = 23 * millimetre
        let caption = try box(Text(closing.caption), TextStyle(face: .sans, size: 7.2, pitch: 1.35, grey: 0.3), width: width - column - 8)
        let written = texts.reduce(0) { $0 + $1.height }
        let own = closing.authority == nil && closing.day == nil ? 0 : max(written + 16, closing.seal == nil ? 0 : size)
        let coded = code == nil ? 0 : codeSize + 5 + caption.height
        let height = max(own, coded)
        let left = left
        let piece = Piece(height, before: geometry.body * 1.6) { cairo, y in
            if let code {
                code.draw(cairo, left, y + height - coded, codeSize)
                caption.draw(cairo, left, y + height - caption.height)
            }
            let middle = right - column / 2
            if let seal, own > 0 {
                cairo_set_dash(cairo, [3, 3], 2, 0)
                cairo_set_source_rgb(cairo, 0.7, 0.7, 0.7)
                cairo_set_line_width(cairo, 0.7)
                cairo_new_path(cairo)
                cairo_arc(cairo, middle, y + size / 2, size / 2 - 1, 0, 2 * .pi)
                cairo_stroke(cairo)
                cairo_set_dash(cairo, [], 0, 0)
                seal.draw(cairo, middle - size / 2, y + size - seal.height - 8)
            }
            var top = y + max(0, (own - written) / 2)
            for text in texts {
                text.draw(cairo, right - column, top)
                top += text.height
            }
        }
        pieces.append(piece)
    }

    func add(_ signs: [Sign]) throws {
        let (left, size) = (left, 22 * millimetre)
        let across = max(1, Int(width / (size * Setter.signStep)))
        for start in stride(from: 0, to: signs.count, by: across) {
            let (draw, height) = try row(of: Array(signs[start..<min(signs.count, start + across)]), size: size, width: width)
            pieces.append(Piece(height, before: start == 0 ? 6 : 0) { cairo, y in draw(cairo, left, y) })
        }
    }

    func add(_ shares: [Share]) throws {
        let total = shares.reduce(0) { $0 + $1.count }
        guard total > 0 else { return }
        let (left, width, high) = (left, width, 15.0)
        let legend = try shares.map { share in
            try box(Text("\(share.label) \(share.count)"), style(0.9, face: .sans, pitch: 1.3), width: width)
        }
        let widths = legend.map { $0.used + 24 }
        // Words of the legend go to the next line where they do not fit.
        var places: [(x: Double, y: Double)] = []
        var (x, y) = (0.0, high + 6)
        for (index, own) in widths.enumerated() {
            if x > 0, x + own > width { (x, y) = (0, y + legend[index].height + 2) }
            places.append((x, y))
            x += own
        }
        let height = y + (legend.last?.height ?? 0)
        pieces.append(
            Piece(height, before: 6) { cairo, top in
                var x = left
                for share in shares where share.count > 0 {
                    let own = width * Double(share.count) / Double(total)
                    share.shade.fill(cairo, x, top, own, high)
                    x += own
                }
                for (index, share) in shares.enumerated() {
                    let (x, y) = (left + places[index].x, top + places[index].y)
                    share.shade.fill(cairo, x, y + legend[index].height / 2 - 4, 12, 8)
                    legend[index].draw(cairo, x + 16, y)
                }
            })
    }

    func add(_ scale: Scale) throws {
        let (left, width) = (left, width)
        let small = TextStyle(face: .sans, size: geometry.body * 0.82, pitch: 1.3)
        let value = try box(Text(scale.valueText), small, width: width)
        let target = try box(Text(scale.targetText), small, width: width)
        let (bar, top) = (8.0, target.height + 2)
        func place(_ number: Double) -> Double { left + width * min(1, max(0, number / scale.top)) }
        pieces.append(
            Piece(top + bar + value.height + 3, before: 5) { cairo, y in
                cairo.fill(left, y + top, width, bar, Colour(0xECEEF0))
                if let low = scale.low, let high = scale.high, high > low {
                    Share.Shade.unsure.fill(cairo, place(low), y + top, place(high) - place(low), bar)
                }
                if let number = scale.value { cairo.fill(left, y + top, max(0.8, place(number) - left), bar, Colour(0x2F5D8A)) }
                if let aim = scale.target {
                    cairo.stroke(place(aim), y + top - 4, place(aim), y + top + bar + 3, 1.4)
                    target.draw(cairo, min(max(left, place(aim) - target.used / 2), left + width - target.used), y)
                }
                value.draw(cairo, min(max(left, place(scale.value ?? 0) - value.used / 2), left + width - value.used), y + top + bar + 3)
            })
    }

    func photo(_ bytes: [UInt8], _ wide: Int, _ high: Int, _ caption: String) throws {
        guard wide > 0, high > 0 else { return }
        let factor = min(width * 0.8 / Double(wide), geometry.textHeight * 0.42 / Double(high))
        let (own, tall) = (Double(wide) * factor, Double(high) * factor)
        let words = try box(Text(caption), style(0.85, side: .middle, pitch: 1.35), width: width)
        let (left, width) = (left, width)
        let picture = Picture(jpeg: bytes, wide, high)
        pieces.append(
            Piece(tall + 4 + words.height, before: 8) { cairo, y in
                picture?.draw(cairo, left + (width - own) / 2, y, own, tall)
                words.draw(cairo, left, y + tall + 4)
            })
    }
}

extension TextBox {
    /// Width of the longest line.
    var used: Double {
        lines.reduce(0) { widest, line in
            var logical = PangoRectangle()
            pango_layout_line_get_extents(line.line, nil, &logical)
            return max(widest, Double(logical.width) / pangoUnits)
        }
    }
}

extension Share.Shade {
    /// Each shade has its own pattern: a copy in black and white tells them apart.
    func fill(_ cairo: OpaquePointer, _ x: Double, _ y: Double, _ width: Double, _ height: Double) {
        switch self {
        case .good: cairo.fill(x, y, width, height, Colour(0x1B6E53))
        case .bad:
            cairo.fill(x, y, width, height, Colour(0xF6C9C2))
            hatch(cairo, x, y, width, height, step: 4, Colour(0xB3261E))
        case .unsure:
            cairo.fill(x, y, width, height, Colour(0xFFF1CC))
            hatch(cairo, x, y, width, height, step: 8, Colour(0x9A6700))
        case .other: cairo.fill(x, y, width, height, Colour(0xB8C4D0))
        case .none: cairo.fill(x, y, width, height, .white)
        }
        cairo.box(x, y, width, height, 0.5, grey: 0.2)
    }
    private func hatch(_ cairo: OpaquePointer, _ x: Double, _ y: Double, _ width: Double, _ height: Double, step: Double, _ colour: Colour)
    {
        cairo_save(cairo)
        defer { cairo_restore(cairo) }
        cairo_rectangle(cairo, x, y, width, height)
        cairo_clip(cairo)
        cairo.set(colour)
        cairo_set_line_width(cairo, 0.8)
        var start = x - height
        while start < x + width {
            cairo_move_to(cairo, start, y + height)
            cairo_line_to(cairo, start + height, y)
            start += step
        }
        cairo_stroke(cairo)
    }
}

extension QRCode {
    func draw(_ cairo: OpaquePointer, _ x: Double, _ y: Double, _ size: Double) {
        let module = size / Double(width)
        cairo.set(.black)
        // Dark modules beside each other as one box: no hair lines between them.
        for row in 0..<width {
            var column = 0
            while column < width {
                var end = column
                while end < width, modules[row * width + end] { end += 1 }
                if end > column {
                    cairo_rectangle(
                        cairo, x + Double(column) * module, y + Double(row) * module, Double(end - column) * module, module + 0.02)
                }
                column = max(end, column + 1)
            }
        }
        cairo_fill(cairo)
    }
}

/// A picture that fills a box as far as its shape lets it.
final class Picture {
    private let surface: OpaquePointer
    private let width, height: Double

    /// A PNG; nil for anything else.
    init?(_ png: [UInt8]) {
        final class Source {
            let bytes: [UInt8]
            var read = 0
            init(_ bytes: [UInt8]) { self.bytes = bytes }
        }
        let source = Source(png)
        let read: cairo_read_func_t = { closure, target, length in
            guard let closure, let target else { return CAIRO_STATUS_READ_ERROR }
            let source = Unmanaged<Source>.fromOpaque(closure).takeUnretainedValue()
            guard source.read + Int(length) <= source.bytes.count else { return CAIRO_STATUS_READ_ERROR }
            for index in 0..<Int(length) { target[index] = source.bytes[source.read + index] }
            source.read += Int(length)
            return CAIRO_STATUS_SUCCESS
        }
        let surface = withExtendedLifetime(source) {
            cairo_image_surface_create_from_png_stream(read, Unmanaged.passUnretained(source).toOpaque())
        }
        guard let surface, cairo_surface_status(surface) == CAIRO_STATUS_SUCCESS else { return nil }
        self.surface = surface
        (width, height) = (Double(cairo_image_surface_get_width(surface)), Double(cairo_image_surface_get_height(surface)))
    }
    /// A JPEG goes into the file as it is.
    init?(jpeg: [UInt8], _ width: Int, _ height: Int) {
        guard let surface = cairo_image_surface_create(CAIRO_FORMAT_A8, Int32(width), Int32(height)),
            cairo_surface_status(surface) == CAIRO_STATUS_SUCCESS, let copy = malloc(jpeg.count)
        else { return nil }
        jpeg.withUnsafeBytes { bytes in if let base = bytes.baseAddress { memcpy(copy, base, jpeg.count) } }
        cairo_surface_set_mime_data(surface, CAIRO_MIME_TYPE_JPEG, copy, UInt(jpeg.count), { free($0) }, copy)
        self.surface = surface
        (self.width, self.height) = (Double(width), Double(height))
    }
    deinit { cairo_surface_destroy(surface) }

    func draw(_ cairo: OpaquePointer, _ x: Double, _ y: Double, _ wide: Double, _ high: Double) {
        let factor = min(wide / width, high / height)
        cairo_save(cairo)
        defer { cairo_restore(cairo) }
        cairo_translate(cairo, x + (wide - width * factor) / 2, y + (high - height * factor) / 2)
        cairo_scale(cairo, factor, factor)
        cairo_set_source_surface(cairo, surface, 0, 0)
        cairo_paint(cairo)
    }
}
