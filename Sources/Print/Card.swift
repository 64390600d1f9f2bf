import CPangoCairo
import Foundation
import Kernel

/// A card to hang up at a post: 职业病危害告知卡 in the parts of GBZ/T 203-2007.
public struct Card: Sendable, Hashable {
    public struct Part: Sendable, Hashable {
        public let title: String
        /// Nil: lines to be filled by hand.
        public let text: Text?
        public let signs: [Sign]
        public init(_ title: String, _ text: Text?, signs: [Sign] = []) { (self.title, self.text, self.signs) = (title, text, signs) }
    }
    /// Over everything: 有毒物品，对人体有害，请注意防护.
    public var banner: String
    public var name: String
    /// Under the name: its English name, registry number, where it is met.
    public var under: [String]
    public var sign: Sign?
    /// Side by side in the first line: 健康危害, 理化特性.
    public var pair: [Part]
    /// One under the other: 应急处理, 防护措施.
    public var parts: [Part]
    public var limitsTitle: String
    public var limits: Table?
    /// In place of limits, where there are none: why.
    public var limitsNote: String
    /// Telephone numbers and who made the card when; nil: a line for the hand.
    public var foot: [Part]
    /// Beside what is to be filled by hand.
    public var byHand: String
    public init(
        banner: String, name: String, under: [String] = [], sign: Sign? = nil, pair: [Part] = [], parts: [Part] = [],
        limitsTitle: String = "",
        limits: Table? = nil, limitsNote: String = "", foot: [Part] = [], byHand: String
    ) {
        (self.banner, self.name, self.under, self.sign, self.pair, self.parts) = (banner, name, under, sign, pair, parts)
        (self.limitsTitle, self.limits, self.limitsNote, self.foot, self.byHand) = (limitsTitle, limits, limitsNote, foot, byHand)
    }
}

extension Setter {
    private typealias Draw = (OpaquePointer, Double, Double) -> Void

    /// Fits the card to one page by smaller type, down to six tenths; what is longer still goes on in plain blocks on the next pages.
    func add(_ card: Card) throws {
        var scale = 1.3
        while scale > 0.58 {
            if let piece = try sheet(card, scale) {
                pieces.append(piece)
                return
            }
            scale -= 0.06
        }
        try add(.title(card.name, under: card.under.joined(separator: " · ")))
        try add(.note(Text(card.banner)))
        if let sign = card.sign { try add([sign]) }
        for part in card.pair + card.parts + card.foot {
            try add(.subheading(part.title))
            if let text = part.text {
                try add(.paragraph(text))
            } else {
                try add(.facts([.byHand(part.title, lines: 2, note: card.byHand)]))
            }
            if !part.signs.isEmpty { try add(part.signs) }
        }
        if let limits = card.limits { try add(limits) }
        if !card.limitsNote.isEmpty { try add(.note(Text(card.limitsNote))) }
    }

    /// The whole card as one piece; nil where it is higher than the page.
    private func sheet(_ card: Card, _ scale: Double) throws -> Piece? {
        let room = geometry.textHeight - 2
        let side = width * 0.27
        let main = width - side
        let left = left
        let banner = try box(
            .bold(card.banner), TextStyle(face: .sans, size: 19 * scale, pitch: 1.3, isBold: true, side: .middle, grey: 1),
            width: width - 12)
        let bannerHigh = banner.height + 12
        let column = try nameColumn(card, scale, width: side)
        // Parts in the main column.
        let half = main / 2
        let pairs = try card.pair.map { try cell($0, scale, width: card.pair.count > 1 ? half : main, card) }
        let rest = try card.parts.map { try cell($0, scale, width: main, card) }
        let limits = try self.limits(card, scale)
        let foot = try card.foot.map { try footCell($0, scale, width: width / Double(max(1, card.foot.count))) }
        let footHigh = foot.map(\.high).max() ?? 0
        var pairHigh = pairs.map(\.high).max() ?? 0
        var highs = rest.map(\.high)
        let mainHigh = max(pairHigh + highs.reduce(0, +), column.high)
        let least = bannerHigh + mainHigh + limits.high + footHigh
        guard least <= room else { return nil }
        // What is left goes to the parts, so that the card fills its page.
        let spare = (room - least + mainHigh - (pairHigh + highs.reduce(0, +))) / Double(1 + highs.count)
        pairHigh += spare
        highs = highs.map { $0 + spare }
        let body = pairHigh + highs.reduce(0, +)
        return Piece(room) { [width] cairo, y in
            cairo.fill(left, y, width, bannerHigh, Colour(0xB3261E))
            banner.draw(cairo, left + 6, y + 6)
            let top = y + bannerHigh
            cairo.box(left, top, side, body, 1)
            column.draw(cairo, left, top + max(0, (body - column.high) / 2))
            for (index, part) in pairs.enumerated() {
                let x = left + side + Double(index) * half
                cairo.box(x, top, pairs.count > 1 ? half : main, pairHigh, 1)
                part.draw(cairo, x, top)
            }
            var at = top + pairHigh
            for (index, part) in rest.enumerated() {
                cairo.box(left + side, at, main, highs[index], 1)
                part.draw(cairo, left + side, at)
                at += highs[index]
            }
            cairo.box(left, at, width, limits.high, 1)
            limits.draw(cairo, left, at)
            at += limits.high
            for (index, part) in foot.enumerated() {
                let own = width / Double(foot.count)
                cairo.box(left + Double(index) * own, at, own, footHigh, 1)
                part.draw(cairo, left + Double(index) * own, at)
            }
            cairo.box(left, y, width, room, 1.6)
        }
    }

    private func nameColumn(_ card: Card, _ scale: Double, width: Double) throws -> (draw: Draw, high: Double) {
        let long = card.name.count
        let size = (long <= 4 ? 34.0 : long <= 8 ? 24 : long <= 16 ? 18 : 14) * scale
        let name = try box(.bold(card.name), TextStyle(face: .sans, size: size, pitch: 1.3, isBold: true, side: .middle), width: width - 12)
        let under = try card.under.map {
            try box(Text($0), TextStyle(face: .sans, size: 10.5 * scale, pitch: 1.35, side: .middle), width: width - 12)
        }
        let signSize = min(width * 0.62, 46 * millimetre * scale)
        let words = try card.sign.map {
            try box(.bold($0.words), TextStyle(face: .sans, size: 17 * scale, pitch: 1.35, isBold: true, side: .middle), width: width - 12)
        }
        let signHigh = words.map { signSize + 6 + $0.height + 10 } ?? 0
        let high = 10 + name.height + under.reduce(4) { $0 + $1.height } + 12 + signHigh
        return (
            { cairo, x, y in
                var at = y + 10
                name.draw(cairo, x + 6, at)
                at += name.height + 4
                for line in under {
                    line.draw(cairo, x + 6, at)
                    at += line.height
                }
                if let sign = card.sign, let words {
                    sign.draw(cairo, x + (width - signSize) / 2, at + 12, signSize)
                    words.draw(cairo, x + 6, at + 12 + signSize + 6)
                }
            }, high
        )
    }

    private func cell(_ part: Card.Part, _ scale: Double, width: Double, _ card: Card) throws -> (draw: Draw, high: Double) {
        let inner = width - 16
        let title = try box(.bold(part.title), TextStyle(face: .sans, size: 13 * scale, pitch: 1.4, isBold: true), width: inner)
        var (draw, high): (Draw, Double)
        if let text = part.text {
            let words = try box(text, TextStyle(face: .sans, size: 11.5 * scale, pitch: 1.5), width: inner)
            (draw, high) = ({ cairo, x, y in words.draw(cairo, x, y) }, words.height)
        } else {
            (draw, high) = try handLines(part.signs.isEmpty ? 2 : 1, .quiet(card.byHand), width: inner, scale: 0.8 * scale)
        }
        let signs = part.signs.isEmpty ? nil : try row(of: part.signs, size: 17 * millimetre * scale, width: inner)
        let own = high
        return (
            { cairo, x, y in
                title.draw(cairo, x + 8, y + 4)
                draw(cairo, x + 8, y + 6 + title.height)
                signs?.0(cairo, x + 8, y + 10 + title.height + own)
            }, 6 + title.height + own + (signs.map { $0.1 + 6 } ?? 0) + 6
        )
    }

    private func footCell(_ part: Card.Part, _ scale: Double, width: Double) throws -> (draw: Draw, high: Double) {
        let words = try box(
            Text(part.title + "：") + (part.text ?? ""), TextStyle(face: .sans, size: 10.5 * scale, pitch: 1.4), width: width - 12)
        let isBlank = part.text == nil
        let used = words.used
        return (
            { cairo, x, y in
                words.draw(cairo, x + 6, y + 5)
                if isBlank, used + 30 < width {
                    cairo.stroke(x + 8 + used, y + 4 + words.height, x + width - 8, y + 4 + words.height, 0.5, grey: 0.4)
                }
            }, words.height + 10
        )
    }

    /// The limits under the parts, over the whole width.
    private func limits(_ card: Card, _ scale: Double) throws -> (draw: Draw, high: Double) {
        let title = try box(
            .bold(card.limitsTitle), TextStyle(face: .sans, size: 11.5 * scale, pitch: 1.4, isBold: true), width: width - 16)
        let note = try box(Text(card.limitsNote), TextStyle(face: .sans, size: 9 * scale, pitch: 1.4), width: width - 16)
        let noteHigh = card.limitsNote.isEmpty ? 0 : note.height + 2
        var table: [Piece] = []
        if var limits = card.limits {
            limits.scale = scale * 0.86
            // A setter of its own lays the table out, in the frame of the card.
            let kept = pieces
            pieces = []
            try add(limits)
            table = pieces
            pieces = kept
        }
        let high = table.reduce(0) { $0 + $1.height }
        return (
            { cairo, x, y in
                title.draw(cairo, x + 8, y + 4)
                var at = y + 6 + title.height
                for piece in table {
                    piece.draw(cairo, at)
                    at += piece.height
                }
                if noteHigh > 0 { note.draw(cairo, x + 8, at + 2) }
            }, 6 + title.height + high + noteHigh + 6
        )
    }
}
