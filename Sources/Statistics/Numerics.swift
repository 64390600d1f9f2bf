import Foundation

/// Where a continuous function changes its sign, by Brent's method; `start` and steps doubling from `step` find the bracket.
/// Nil where no change is found.
func root(from start: Double, step: Double, _ function: (Double) -> Double) -> Double? {
    let first = function(start)
    if first == 0 { return start }
    var (left, right, atLeft, atRight, width) = (start, start, first, first, step)
    for _ in 0..<200 {
        // The two ends move outwards in turn, so it need not be known on which side the root lies.
        let (below, above) = (left - width, right + width)
        let (atBelow, atAbove) = (function(below), function(above))
        if (atBelow < 0) != (atLeft < 0) { return root(between: below, left, atBelow, atLeft, function) }
        if (atAbove < 0) != (atRight < 0) { return root(between: right, above, atRight, atAbove, function) }
        (left, right, atLeft, atRight, width) = (below, above, atBelow, atAbove, 2 * width)
    }
    return nil
}

/// Brent 1973, chapter 4: the secant or the inverse parabola where they help, halves where they do not.
private func root(
    between left: Double, _ right: Double, _ atLeft: Double, _ atRight: Double, _ function: (Double) -> Double
) -> Double {
    // b is the best so far, a the one before, c on the other side of the root.
    var (a, b, fa, fb) = (left, right, atLeft, atRight)
    var (c, fc) = (a, fa)
    var step = b - a
    var last = step
    for _ in 0..<200 {
        if abs(fc) < abs(fb) { (a, b, c, fa, fb, fc) = (b, c, b, fb, fc, fb) }
        let tolerance = 2 * Double.ulpOfOne * abs(b) + 1e-300
        let half = (c - b) / 2
        if abs(half) <= tolerance || fb == 0 { return b }
        if abs(last) < tolerance || abs(fa) <= abs(fb) {
            (step, last) = (half, half)
        } else {
            let s = fb / fa
            var (p, q) = (2 * half * s, 1 - s)
            if a != c {
                let (r, t) = (fb / fc, fa / fc)
                p = s * (2 * half * t * (t - r) - (b - a) * (r - 1))
                q = (t - 1) * (r - 1) * (s - 1)
            }
            if p > 0 { q = -q } else { p = -p }
            if 2 * p < min(3 * half * q - abs(tolerance * q), abs(last * q)) {
                (last, step) = (step, p / q)
            } else {
                (step, last) = (half, half)
            }
        }
        (a, fa) = (b, fb)
        b += abs(step) > tolerance ? step : (half > 0 ? tolerance : -tolerance)
        fb = function(b)
        if (fb > 0) == (fc > 0) {
            (c, fc) = (a, fa)
            step = b - a
            last = step
        }
    }
    return b
}

/// The nodes and weights of Gauss and Legendre on −1…1.
struct GaussLegendre: Sendable {
    let nodes: [(x: Double, weight: Double)]
    static let twelve = GaussLegendre(12)

    init(_ count: Int) {
        nodes = (0..<count).map { index in
            var x = cos(Double.pi * (Double(index) + 0.75) / (Double(count) + 0.5))
            var slope = 1.0
            for _ in 0..<20 {
                var (before, value) = (1.0, x)
                for degree in 2...count {
                    let k = Double(degree)
                    (before, value) = (value, ((2 * k - 1) * x * value - (k - 1) * before) / k)
                }
                slope = Double(count) * (x * value - before) / (x * x - 1)
                let step = value / slope
                x -= step
                if abs(step) < 1e-16 { break }
            }
            return (x, 2 / ((1 - x * x) * slope * slope))
        }
    }

    /// Calls `body` with each node and weight of as many equal panels as keep every panel within `width`.
    func walk(_ from: Double, _ until: Double, width: Double, _ body: (Double, Double) -> Void) {
        guard until > from else { return }
        let panels = max(1, Int(((until - from) / width).rounded(.up)))
        let half = (until - from) / Double(panels) / 2
        for panel in 0..<panels {
            let middle = from + half * Double(2 * panel + 1)
            for node in nodes { body(middle + half * node.x, half * node.weight) }
        }
    }
}
