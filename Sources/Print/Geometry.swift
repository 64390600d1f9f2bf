import CPangoCairo

/// Measures of a manner, in points.
struct Geometry: Sendable {
    let width, height: Double
    let top, bottom, left, right: Double
    let face: Face
    let body, pitch, title: Double
    var textWidth: Double { width - left - right }
    var textHeight: Double { height - top - bottom }

    init(_ manner: Document.Manner) {
        let (short, long) = (210 * millimetre, 297 * millimetre)
        switch manner {
        case .letter:
            (width, height) = (short, long)
            (top, bottom, left, right) = (27 * millimetre, 23 * millimetre, 27 * millimetre, 26 * millimetre)
            (face, body, pitch, title) = (.serif, 14.5, 1.75, 22)
        case .form:
            (width, height) = (short, long)
            (top, bottom, left, right) = (20 * millimetre, 20 * millimetre, 21 * millimetre, 21 * millimetre)
            (face, body, pitch, title) = (.serif, 11, 1.55, 20)
        case .report:
            (width, height) = (short, long)
            (top, bottom, left, right) = (22 * millimetre, 21 * millimetre, 22 * millimetre, 22 * millimetre)
            (face, body, pitch, title) = (.serif, 10.5, 1.6, 20)
        case .poster(let isWide):
            (width, height) = isWide ? (long, short) : (short, long)
            (top, bottom, left, right) = (10 * millimetre, 13 * millimetre, 11 * millimetre, 11 * millimetre)
            (face, body, pitch, title) = (.sans, 12, 1.5, 30)
        }
    }
}

/// A strip of the page over its whole width that is not broken, or knows itself where.
final class Piece {
    let height: Double
    /// White space over it, unless it comes first on its page.
    var before: Double
    /// Never the last of its page: a heading, the first line of a paragraph.
    var keepsWithNext: Bool
    /// Stands in the file's table of contents.
    var outline: String?
    /// Headings of its table, set again where it comes first on a page.
    var head: [Piece] = []
    let draw: (OpaquePointer, Double) -> Void
    /// Two pieces of which the first is at most so high.
    var split: ((Double) -> (Piece, Piece)?)?
    /// Has a page to itself from its top.
    var breaksBefore = false

    init(_ height: Double, before: Double = 0, keepsWithNext: Bool = false, draw: @escaping (OpaquePointer, Double) -> Void) {
        (self.height, self.before, self.keepsWithNext, self.draw) = (height, before, keepsWithNext, draw)
    }
}

/// Puts pieces on pages: headings stay with what follows, tables repeat theirs, a row higher than a page is broken between lines.
struct Paging {
    struct Placed {
        let piece: Piece
        let y: Double
    }
    private(set) var pages: [[Placed]] = [[]]
    private var y = 0.0
    private let room: Double

    /// - Parameter room: height of a page's text.
    init(_ pieces: [Piece], room: Double) {
        self.room = room
        var index = 0
        while index < pieces.count {
            var end = index
            while pieces[end].keepsWithNext, end + 1 < pieces.count, !pieces[end + 1].breaksBefore { end += 1 }
            place(Array(pieces[index...end]))
            index = end + 1
        }
    }

    private var isTop: Bool { pages[pages.count - 1].isEmpty }

    private func height(_ chunk: [Piece], atTop: Bool) -> Double {
        let heads = atTop ? chunk.first.map { $0.head.reduce(0) { $0 + $1.height } } ?? 0 : 0
        return heads + chunk.enumerated().reduce(0) { $0 + $1.element.height + (atTop && $1.offset == 0 ? 0 : $1.element.before) }
    }

    private mutating func place(_ chunk: [Piece]) {
        if chunk[0].breaksBefore { turn() }
        if y + height(chunk, atTop: isTop) <= room + 0.01 { return put(chunk) }
        // What fits on a page of its own goes to the next one; a long row is rather broken than leaves half a page white.
        if height(chunk, atTop: true) <= room, chunk.count > 1 || chunk[0].split == nil || chunk[0].height < room / 3 {
            turn()
            return put(chunk)
        }
        for piece in chunk { placeAlone(piece) }
    }

    private mutating func placeAlone(_ piece: Piece) {
        var rest = piece
        while true {
            let over = isTop ? rest.head.reduce(0) { $0 + $1.height } : rest.before
            if y + over + rest.height <= room + 0.01 { return put([rest]) }
            if let (first, second) = rest.split?(room - y - over) {
                first.head = rest.head
                put([first])
                turn()
                rest = second
            } else if isTop {
                return put([rest])
            } else {
                turn()
            }
        }
    }

    private mutating func put(_ chunk: [Piece]) {
        if isTop, let first = chunk.first { for piece in first.head { set(piece) } }
        for piece in chunk { set(piece) }
    }

    private mutating func set(_ piece: Piece) {
        if !isTop { y += piece.before }
        pages[pages.count - 1].append(Placed(piece: piece, y: y))
        y += piece.height
    }

    private mutating func turn() {
        guard !isTop else { return }
        pages.append([])
        y = 0
    }
}
