import CPangoCairo
import Foundation

/// A warning sign 警示标识 in the shapes and colours of GBZ 158-2003, with its words under it. The drawings are our own and plain: the sheet
/// says which sign to hang up, it does not replace the sign.
public struct Sign: Sendable, Hashable {
    public enum Shape: String, Sendable, CaseIterable {
        /// 禁止标识: a red ring with a bar.
        case prohibition
        /// 警告标识: a yellow triangle with a black edge.
        case warning
        /// 指令标识: a blue disc.
        case mandatory
        /// 提示标识: a green square.
        case information
    }
    public enum Symbol: String, Sendable, CaseIterable {
        case poison, corrosion, dust, noise, heat, radiation, arc, infection, vibration, cold, hazard
        case mask, respirator, earmuff, goggles, gloves, boots, suit, ventilation
        case person, hand, smoke, food
        case firstAid = "first_aid"
        case exit, phone, shower
    }
    public let shape: Shape
    public let symbol: Symbol
    /// The words of the sign: 当心中毒.
    public let words: String
    public init(_ shape: Shape, _ symbol: Symbol, _ words: String) { (self.shape, self.symbol, self.words) = (shape, symbol, words) }

    /// Draws the sign into a square, the words not.
    func draw(_ cairo: OpaquePointer, _ x: Double, _ y: Double, _ size: Double) {
        cairo_save(cairo)
        defer { cairo_restore(cairo) }
        cairo_translate(cairo, x + size / 2, y + size / 2)
        cairo_scale(cairo, size / 2, size / 2)
        cairo_set_line_join(cairo, CAIRO_LINE_JOIN_ROUND)
        cairo_set_line_cap(cairo, CAIRO_LINE_CAP_ROUND)
        let pen = Pen(cairo: cairo)
        switch shape {
        case .prohibition:
            pen.ink = .black
            pen.scaled(0.58) { symbol.draw(pen) }
            pen.ink = Colour(0xC8102E)
            pen.ring(0, 0, 0.88, 0.2)
            pen.line([(-0.62, -0.62), (0.62, 0.62)], 0.2)
        case .warning:
            pen.ink = Colour(0xFFD100)
            pen.path([(0, -0.86), (0.98, 0.84), (-0.98, 0.84)], filled: true)
            pen.ink = .black
            pen.path([(0, -0.84), (0.95, 0.82), (-0.95, 0.82)], filled: false, 0.12)
            pen.scaled(0.47, dy: 0.3) { symbol.draw(pen) }
        case .mandatory:
            pen.ink = Colour(0x005EB8)
            pen.disc(0, 0, 0.97)
            (pen.ink, pen.ground) = (.white, Colour(0x005EB8))
            pen.scaled(0.62) { symbol.draw(pen) }
        case .information:
            pen.ink = Colour(0x00843D)
            pen.path([(-0.95, -0.95), (0.95, -0.95), (0.95, 0.95), (-0.95, 0.95)], filled: true)
            (pen.ink, pen.ground) = (.white, Colour(0x00843D))
            pen.scaled(0.68) { symbol.draw(pen) }
        }
    }
}

/// Draws in a square from −1 to 1.
final class Pen {
    let cairo: OpaquePointer
    var ink = Colour.black
    /// What lies under the ink: eyes are holes.
    var ground = Colour(0xFFD100)
    init(cairo: OpaquePointer) { self.cairo = cairo }

    func scaled(_ factor: Double, dy: Double = 0, _ draw: () -> Void) {
        cairo_save(cairo)
        cairo_translate(cairo, 0, dy)
        cairo_scale(cairo, factor, factor)
        draw()
        cairo_restore(cairo)
    }
    func disc(_ x: Double, _ y: Double, _ radius: Double, hole: Bool = false) {
        cairo.set(hole ? ground : ink)
        cairo_new_path(cairo)
        cairo_arc(cairo, x, y, radius, 0, 2 * .pi)
        cairo_fill(cairo)
    }
    func ring(_ x: Double, _ y: Double, _ radius: Double, _ width: Double, from: Double = 0, to: Double = 360) {
        cairo.set(ink)
        cairo_new_path(cairo)
        cairo_set_line_width(cairo, width)
        cairo_arc(cairo, x, y, radius, from * .pi / 180, to * .pi / 180)
        cairo_stroke(cairo)
    }
    func line(_ points: [(Double, Double)], _ width: Double = 0.16, hole: Bool = false) {
        cairo.set(hole ? ground : ink)
        trace(points)
        cairo_set_line_width(cairo, width)
        cairo_stroke(cairo)
    }
    func path(_ points: [(Double, Double)], filled: Bool, _ width: Double = 0.16, hole: Bool = false) {
        cairo.set(hole ? ground : ink)
        trace(points)
        cairo_close_path(cairo)
        if filled {
            cairo_fill(cairo)
        } else {
            cairo_set_line_width(cairo, width)
            cairo_stroke(cairo)
        }
    }
    private func trace(_ points: [(Double, Double)]) {
        cairo_new_path(cairo)
        for (index, point) in points.enumerated() {
            if index == 0 { cairo_move_to(cairo, point.0, point.1) } else { cairo_line_to(cairo, point.0, point.1) }
        }
    }
    /// A person's head and shoulders, which most of the signs to wear something share.
    func bust() {
        disc(0, -0.35, 0.5)
        path([(-0.85, 1), (-0.7, 0.35), (-0.3, 0.2), (0.3, 0.2), (0.7, 0.35), (0.85, 1)], filled: true)
    }
}

extension Sign.Symbol {
    func draw(_ pen: Pen) {
        switch self {
        case .poison:
            pen.line([(-0.85, 0.35), (0.85, 0.95)], 0.18)
            pen.line([(0.85, 0.35), (-0.85, 0.95)], 0.18)
            pen.disc(0, -0.3, 0.62)
            pen.path([(-0.35, 0.1), (0.35, 0.1), (0.3, 0.5), (-0.3, 0.5)], filled: true)
            pen.disc(-0.24, -0.25, 0.16, hole: true)
            pen.disc(0.24, -0.25, 0.16, hole: true)
            pen.path([(0, -0.05), (0.1, 0.12), (-0.1, 0.12)], filled: true, hole: true)
        case .corrosion:
            pen.path([(-0.9, -0.75), (-0.1, -0.95), (0, -0.7), (-0.8, -0.45)], filled: true)
            pen.disc(0.25, -0.3, 0.13)
            pen.disc(0.15, 0.05, 0.13)
            pen.disc(0.35, 0.3, 0.13)
            pen.path([(-0.95, 0.6), (0.1, 0.6), (0.25, 0.8), (0.45, 0.6), (0.95, 0.6), (0.95, 0.95), (-0.95, 0.95)], filled: true)
        case .dust:
            for (index, row) in [(-0.75, 3), (-0.3, 4), (0.15, 5), (0.6, 6)].enumerated() {
                for step in 0..<row.1 {
                    let x = (Double(step) - Double(row.1 - 1) / 2) * 0.36
                    pen.disc(x + (index % 2 == 0 ? 0.04 : -0.04), row.0, 0.1 + 0.03 * Double((step + index) % 2))
                }
            }
        case .noise:
            pen.path([(-0.9, -0.25), (-0.6, -0.25), (-0.15, -0.7), (-0.15, 0.7), (-0.6, 0.25), (-0.9, 0.25)], filled: true)
            for radius in [0.3, 0.6, 0.9] { pen.ring(-0.05, 0, radius, 0.13, from: -45, to: 45) }
        case .heat:
            pen.line([(0, -0.8), (0, 0.5)], 0.36)
            pen.disc(0, 0.62, 0.36)
            pen.line([(0, -0.7), (0, 0.1)], 0.14, hole: true)
            for y in [-0.6, -0.25, 0.1] { pen.line([(0.4, y), (0.7, y)], 0.1) }
        case .cold:
            for angle in [0.0, 60, 120] {
                let (x, y) = (cos(angle * .pi / 180) * 0.9, sin(angle * .pi / 180) * 0.9)
                pen.line([(-x, -y), (x, y)], 0.13)
            }
            pen.disc(0, 0, 0.22)
        case .radiation:
            pen.disc(0, 0, 0.2)
            for start in [-120.0, 0, 120] { pen.ring(0, 0, 0.62, 0.6, from: start, to: start + 60) }
        case .arc:
            pen.path([(0.15, -1), (-0.6, 0.15), (-0.1, 0.15), (-0.25, 1), (0.6, -0.2), (0.1, -0.2), (0.4, -1)], filled: true)
        case .infection:
            for angle in [-90.0, 30, 150] {
                pen.ring(cos(angle * .pi / 180) * 0.45, sin(angle * .pi / 180) * 0.45, 0.38, 0.14)
            }
            pen.ring(0, 0, 0.3, 0.12)
        case .vibration:
            pen.path([(-0.35, -0.55), (0.35, -0.55), (0.35, 0.55), (-0.35, 0.55)], filled: true)
            for side in [-1.0, 1] {
                pen.line([(side * 0.58, -0.4), (side * 0.58, 0.4)], 0.12)
                pen.line([(side * 0.85, -0.25), (side * 0.85, 0.25)], 0.12)
            }
        case .hazard:
            pen.line([(0, -0.85), (0, 0.25)], 0.3)
            pen.disc(0, 0.75, 0.2)
        case .mask:
            pen.bust()
            pen.path([(-0.38, -0.3), (0.38, -0.3), (0.3, 0.08), (-0.3, 0.08)], filled: true, hole: true)
            pen.line([(-0.5, -0.4), (0.5, -0.4)], 0.07, hole: true)
        case .respirator:
            pen.bust()
            pen.disc(-0.2, -0.48, 0.14, hole: true)
            pen.disc(0.2, -0.48, 0.14, hole: true)
            pen.disc(0, -0.05, 0.2, hole: true)
            pen.disc(-0.42, 0.08, 0.16, hole: true)
            pen.disc(0.42, 0.08, 0.16, hole: true)
        case .earmuff:
            pen.disc(0, 0.05, 0.55)
            pen.ring(0, 0.05, 0.75, 0.12, from: 180, to: 360)
            pen.path([(-0.9, -0.15), (-0.55, -0.15), (-0.55, 0.45), (-0.9, 0.45)], filled: true)
            pen.path([(0.9, -0.15), (0.55, -0.15), (0.55, 0.45), (0.9, 0.45)], filled: true)
        case .goggles:
            pen.bust()
            pen.line([(-0.5, -0.42), (0.5, -0.42)], 0.1, hole: true)
            pen.disc(-0.22, -0.42, 0.2, hole: true)
            pen.disc(0.22, -0.42, 0.2, hole: true)
        case .gloves:
            pen.path([(-0.4, 0.95), (-0.4, 0), (0.4, 0), (0.4, 0.95)], filled: true)
            for (x, top) in [(-0.3, -0.7), (-0.1, -0.9), (0.1, -0.9), (0.3, -0.7)] { pen.line([(x, top), (x, 0.1)], 0.17) }
            pen.line([(0.7, -0.2), (0.35, 0.35)], 0.2)
            pen.line([(-0.38, 0.6), (0.38, 0.6)], 0.08, hole: true)
        case .boots:
            pen.path(
                [(-0.55, -0.9), (0, -0.9), (0, 0.25), (0.7, 0.45), (0.8, 0.9), (-0.55, 0.9)], filled: true)
            pen.line([(-0.55, 0.68), (0.78, 0.68)], 0.08, hole: true)
        case .suit:
            pen.disc(0, -0.72, 0.27)
            pen.path(
                [
                    (-0.3, -0.4), (0.3, -0.4), (0.75, -0.1), (0.75, 0.35), (0.42, 0.35), (0.42, 0.98), (0.06, 0.98), (0.06, 0.4),
                    (-0.06, 0.4),
                    (-0.06, 0.98), (-0.42, 0.98), (-0.42, 0.35), (-0.75, 0.35), (-0.75, -0.1),
                ], filled: true)
            pen.line([(0, -0.38), (0, 0.3)], 0.06, hole: true)
        case .ventilation:
            for start in [0.0, 120, 240] {
                let (near, far) = (start * .pi / 180, (start + 60) * .pi / 180)
                pen.path(
                    [(0, 0), (cos(near) * 0.95, sin(near) * 0.95), (cos(far) * 0.9, sin(far) * 0.9), (cos(far) * 0.35, sin(far) * 0.35)],
                    filled: true)
            }
            pen.disc(0, 0, 0.2)
        case .person:
            pen.disc(0, -0.72, 0.26)
            pen.line([(0, -0.3), (0, 0.25)], 0.4)
            pen.line([(-0.1, 0.3), (-0.3, 0.95)], 0.2)
            pen.line([(0.1, 0.3), (0.3, 0.95)], 0.2)
        case .hand:
            pen.path([(-0.4, 0.9), (-0.4, -0.1), (0.4, -0.1), (0.4, 0.9)], filled: true)
            for x in [-0.3, -0.1, 0.1, 0.3] { pen.line([(x, -0.8), (x, 0)], 0.16) }
            pen.line([(0.72, -0.1), (0.35, 0.4)], 0.2)
        case .smoke:
            pen.path([(-0.95, 0.1), (0.55, 0.1), (0.55, 0.4), (-0.95, 0.4)], filled: true)
            pen.path([(0.65, 0.1), (0.9, 0.1), (0.9, 0.4), (0.65, 0.4)], filled: true)
            pen.line([(0.78, -0.1), (0.6, -0.4), (0.85, -0.7)], 0.1)
        case .food:
            pen.line([(-0.45, -0.9), (-0.45, 0.95)], 0.14)
            for x in [-0.65, -0.45, -0.25] { pen.line([(x, -0.9), (x, -0.4)], 0.09) }
            pen.line([(-0.65, -0.35), (-0.25, -0.35)], 0.12)
            pen.path([(0.35, -0.95), (0.6, -0.6), (0.6, 0.1), (0.35, 0.1)], filled: true)
            pen.line([(0.42, 0), (0.42, 0.95)], 0.14)
        case .firstAid:
            pen.path(
                [
                    (-0.3, -0.9), (0.3, -0.9), (0.3, -0.3), (0.9, -0.3), (0.9, 0.3), (0.3, 0.3), (0.3, 0.9), (-0.3, 0.9), (-0.3, 0.3),
                    (-0.9, 0.3),
                    (-0.9, -0.3), (-0.3, -0.3),
                ], filled: true)
        case .exit:
            pen.path([(0.2, -0.9), (0.9, -0.9), (0.9, 0.9), (0.2, 0.9)], filled: false, 0.14)
            pen.line([(-0.9, 0), (0.3, 0)], 0.18)
            pen.path([(0, -0.4), (0.5, 0), (0, 0.4)], filled: true)
        case .phone:
            pen.line([(-0.7, -0.4), (-0.35, -0.65), (0.35, -0.65), (0.7, -0.4)], 0.32)
            pen.path([(-0.5, -0.1), (0.5, -0.1), (0.8, 0.8), (-0.8, 0.8)], filled: true)
            pen.disc(0, 0.35, 0.25, hole: true)
        case .shower:
            pen.path([(-0.5, -0.5), (0.5, -0.5), (0.7, -0.2), (-0.7, -0.2)], filled: true)
            pen.line([(0, -0.95), (0, -0.5)], 0.16)
            for x in [-0.5, -0.17, 0.17, 0.5] { pen.line([(x, 0.05), (x * 1.2, 0.85)], 0.1) }
        }
    }
}
