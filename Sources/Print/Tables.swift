import CPangoCairo
import Kernel

/// One row of a table, or the part of it that stands on one page.
private final class RowBox {
    struct Part {
        let x, width: Double
        let cell: Cell
        let text: TextBox?
        var lines: Range<Int>
        /// Height of what is no text.
        let fixed: Double
        let draw: ((OpaquePointer, Double, Double) -> Void)?
    }
    let parts: [Part]
    let rules: Table.Rules
    let minimum: Double
    let padding: Double
    let isHead, isLast: Bool
    let left, width: Double

    init(_ parts: [Part], _ rules: Table.Rules, minimum: Double, padding: Double, isHead: Bool, isLast: Bool, left: Double, width: Double) {
        (self.parts, self.rules, self.minimum, self.padding) = (parts, rules, minimum, padding)
        (self.isHead, self.isLast, self.left, self.width) = (isHead, isLast, left, width)
    }
    private func content(_ part: Part) -> Double { part.text.map { Double(part.lines.count) * $0.pitch } ?? part.fixed }
    var height: Double { max(minimum, (parts.map(content).max() ?? 0) + 2 * padding) }

    func piece() -> Piece {
        let piece = Piece(height) { cairo, y in self.draw(cairo, y) }
        piece.split = { available in self.split(available).map { ($0.piece(), $1.piece()) } }
        return piece
    }

    private func split(_ available: Double) -> (RowBox, RowBox)? {
        guard parts.allSatisfy({ $0.fixed == 0 }), let pitch = parts.compactMap({ $0.text?.pitch }).max() else { return nil }
        let count = Int((available - 2 * padding) / pitch)
        guard count >= 2, parts.contains(where: { $0.lines.count > count }) else { return nil }
        func part(_ cut: (Range<Int>) -> Range<Int>) -> [Part] {
            parts.map { part in
                var part = part
                part.lines = cut(part.lines)
                return part
            }
        }
        let first = part { $0.lowerBound..<min($0.upperBound, $0.lowerBound + count) }
        let rest = part { min($0.upperBound, $0.lowerBound + count)..<$0.upperBound }
        func row(_ parts: [Part], _ isLast: Bool) -> RowBox {
            RowBox(parts, rules, minimum: 0, padding: padding, isHead: isHead, isLast: isLast, left: left, width: width)
        }
        return (row(first, false), row(rest, isLast))
    }

    private func draw(_ cairo: OpaquePointer, _ y: Double) {
        let height = height
        for part in parts {
            let isLabel = part.cell.isLabel || isHead
            if rules == .boxed {
                if isLabel { cairo.fill(part.x, y, part.width, height, Colour(0xF1F3F4)) }
                cairo.box(part.x, y, part.width, height, 0.6)
            }
            let own = content(part)
            let top = rules == .boxed || isHead ? y + (height - own) / 2 : y + padding
            if let text = part.text { text.draw(cairo, part.x + RowBox.gap, top, lines: part.lines) }
            part.draw?(cairo, part.x + RowBox.gap, top)
        }
        guard rules == .open else { return }
        if isHead {
            cairo.stroke(left, y + height, left + width, y + height, 0.7)
        } else {
            cairo.stroke(left, y + height, left + width, y + height, isLast ? 1 : 0.35, grey: isLast ? 0 : 0.6)
        }
    }
    static let gap = 4.5
}

extension Setter {
    func add(_ table: Table) throws {
        let heads = try table.head.enumerated().map { try row($1, table, isHead: true, isLast: $0 == table.head.count - 1) }
        if table.rules == .open, let first = heads.first {
            // The line over a table belongs to its headings, on every page.
            let (left, width, draw) = (left, width, first.piece())
            let top = Piece(draw.height) { cairo, y in
                cairo.stroke(left, y, left + width, y, 1)
                draw.draw(cairo, y)
            }
            try rows(table, heads: [top] + heads.dropFirst().map { $0.piece() })
        } else {
            try rows(table, heads: heads.map { $0.piece() })
        }
    }

    private func rows(_ table: Table, heads: [Piece]) throws {
        for (index, head) in heads.enumerated() {
            head.keepsWithNext = true
            if index == 0 { head.before = 4 }
            pieces.append(head)
        }
        for (index, cells) in table.rows.enumerated() {
            let piece = try row(cells, table, isHead: false, isLast: index == table.rows.count - 1).piece()
            if index > 0 { piece.head = heads } else if heads.isEmpty { piece.before = 4 }
            if let split = piece.split, !heads.isEmpty { piece.split = Setter.keeping(heads, split) }
            // A last row does not stand alone.
            if index == table.rows.count - 2, piece.height < 60 { piece.keepsWithNext = true }
            pieces.append(piece)
        }
    }

    /// The second part of a broken row stands under the headings again.
    private static func keeping(_ heads: [Piece], _ split: @escaping (Double) -> (Piece, Piece)?) -> (Double) -> (Piece, Piece)? {
        { available in
            guard let (first, second) = split(available) else { return nil }
            second.head = heads
            if let further = second.split { second.split = keeping(heads, further) }
            return (first, second)
        }
    }

    private func row(_ cells: [Cell], _ table: Table, isHead: Bool, isLast: Bool) throws -> RowBox {
        let sum = table.columns.reduce(0) { $0 + $1.share }
        var parts: [RowBox.Part] = []
        var (x, column) = (left, 0)
        for cell in cells where column < table.columns.count {
            let taken = table.columns[column..<min(table.columns.count, column + max(1, cell.span))]
            let own = taken.reduce(0) { $0 + $1.share } / sum * width
            let side = cell.side ?? (cell.isLabel ? .middle : isHead && taken.count > 1 ? .middle : taken.first?.side ?? .start)
            parts.append(try part(cell, x, own, side: isHead && table.rules == .boxed ? .middle : side, table, isHead: isHead))
            x += own
            column += taken.count
        }
        let isBoxed = table.rules == .boxed
        return RowBox(
            parts, table.rules, minimum: isBoxed ? geometry.body * table.scale * 2.1 : 0, padding: isBoxed ? 4 : 3, isHead: isHead,
            isLast: isLast, left: left, width: width)
    }

    private func part(_ cell: Cell, _ x: Double, _ width: Double, side: Side, _ table: Table, isHead: Bool) throws -> RowBox.Part {
        let inner = width - 2 * RowBox.gap
        switch cell.content {
        case .text(let text):
            let isBold = isHead && table.rules == .open
            let set = try box(text, style(table.scale, bold: isBold, side: side, pitch: 1.4), width: inner)
            return RowBox.Part(x: x, width: width, cell: cell, text: set, lines: set.lines.indices, fixed: 0, draw: nil)
        case .byHand(let count, let note):
            let (draw, height) = try handLines(count, note, width: inner, scale: table.scale)
            return RowBox.Part(x: x, width: width, cell: cell, text: nil, lines: 0..<0, fixed: height, draw: draw)
        case .signs(let signs, let size):
            let (draw, height) = try row(of: signs, size: size, width: inner)
            return RowBox.Part(x: x, width: width, cell: cell, text: nil, lines: 0..<0, fixed: height, draw: draw)
        }
    }

    /// Dotted lines to write on, the note of who fills them at the right of the last.
    func handLines(_ count: Int, _ note: Text, width: Double, scale: Double) throws -> ((OpaquePointer, Double, Double) -> Void, Double) {
        let pitch = 7.5 * millimetre
        let words = try box(note, style(scale * 0.9, side: .end, face: .sans, pitch: 1.3), width: width)
        let height = Double(count) * pitch + words.height
        let draw = { (cairo: OpaquePointer, x: Double, y: Double) in
            for line in 1...max(1, count) {
                cairo.stroke(x, y + Double(line) * pitch - 2, x + width, y + Double(line) * pitch - 2, 0.4, grey: 0.45)
            }
            words.draw(cairo, x, y + Double(count) * pitch)
        }
        return (draw, height)
    }

    /// From sign to sign, in sizes.
    static let signStep = 1.42

    /// Signs side by side with their words under them, in as many rows as they need.
    func row(of signs: [Sign], size: Double, width: Double) throws -> ((OpaquePointer, Double, Double) -> Void, Double) {
        let step = size * Setter.signStep
        let across = max(1, Int(width / step))
        let words = try signs.map {
            try box(Text($0.words), TextStyle(face: .sans, size: max(7, size * 0.17), pitch: 1.25, side: .middle), width: step - 3)
        }
        let deepest = words.map(\.height).max() ?? 0
        let high = size + 3 + deepest + 5
        let rows = (signs.count + across - 1) / across
        let draw = { (cairo: OpaquePointer, x: Double, y: Double) in
            for (index, sign) in signs.enumerated() {
                let (column, line) = (Double(index % across), Double(index / across))
                sign.draw(cairo, x + column * step + (step - size) / 2, y + line * high, size)
                words[index].draw(cairo, x + column * step + 1.5, y + line * high + size + 3)
            }
        }
        return (draw, Double(rows) * high)
    }
}
