/// A point of a trend: a year and what was true at its end, or what was entered for it from before the system.
public struct ChartPoint: Sendable {
    public enum Basis: Sendable { case computed, baseline }
    /// The year, with a fraction where it is not over: 2024.5.
    public var year: Double
    public var value: Double?
    /// The bounds that the unknown leaves.
    public var low, high: Double?
    /// The value as the reader's language writes it.
    public var text: String
    public var basis: Basis

    public init(year: Double, value: Double?, low: Double? = nil, high: Double? = nil, text: String = "", basis: Basis = .computed) {
        (self.year, self.value, self.low, self.high, self.text, self.basis) = (year, value, low, high, text, basis)
    }
}

/// What a trend is expected to reach, with its interval.
public struct ChartForecast: Sendable {
    public var year, value, low, high: Double
    public var text: String

    public init(year: Double, value: Double, low: Double, high: Double, text: String) {
        (self.year, self.value, self.low, self.high, self.text) = (year, value, low, high, text)
    }
}

/// One bar: a division, an industry.
public struct ChartBar: Sendable {
    public var label, text: String
    public var value, low, high: Double?
    /// The code of its verdict, which colours it; the text beside it says the same.
    public var code: String

    public init(label: String, text: String, value: Double?, low: Double? = nil, high: Double? = nil, code: String = "") {
        (self.label, self.text, self.value, self.low, self.high, self.code) = (label, text, value, low, high, code)
    }
}

/// The words in a trend chart. `title` is read aloud instead of the picture and should say what it shows.
public struct ChartWords: Sendable {
    public var title: String
    public var target, computed, baseline, bounds, forecast: String

    public init(
        title: String, target: String = "", computed: String = "", baseline: String = "", bounds: String = "", forecast: String = ""
    ) {
        (self.title, self.target, self.computed, self.baseline, self.bounds, self.forecast) = (
            title, target, computed, baseline, bounds, forecast
        )
    }
}

/// Pictures as SVG text: dark on white, legible in print, no style sheet and no script needed. Each stands beside its table.
public enum Charts {
    /// A trend small enough for a cell: solid points are computed, hollow ones entered, the dashed line is the target.
    public static func spark(points: [ChartPoint], target: Double? = nil, title: String, width: Double = 120, height: Double = 34) -> String
    {
        let points = points.filter { $0.value?.isFinite ?? false }
        guard let first = points.first, let last = points.last else { return "" }
        let values = points.compactMap(\.value) + [target].compactMap { $0 }
        let scale = Scale(values, from: height - 5, to: 5)
        let years = Scale([first.year, last.year], from: 5, to: width - 5)
        var svg = open(width, height, title, "spark")
        if let target, target.isFinite {
            svg += line(0, scale.at(target), width, scale.at(target), ink: Ink.target, width: 1, dash: "4 3")
        }
        for basis in [ChartPoint.Basis.baseline, .computed] {
            let run = points.filter { $0.basis == basis }
            svg += path(
                run.map { (years.at($0.year), scale.at($0.value ?? 0)) }, ink: basis == .computed ? Ink.line : Ink.soft,
                width: basis == .computed ? 1.8 : 1.2)
        }
        for point in points {
            let isLast = point.year == last.year
            svg += dot(years.at(point.year), scale.at(point.value ?? 0), isLast ? 3.2 : 2, hollow: point.basis == .baseline)
        }
        return svg + "</svg>"
    }

    /// The trend of an indicator over the years of its plan, drawn twice: wide, and narrow for a phone; the style sheet shows one.
    /// - Parameter years: the years on the axis, also those that are not there yet.
    /// - Parameter limits: what the value cannot leave: 0…100 for a rate.
    public static func trend(
        points: [ChartPoint], years: ClosedRange<Int>, target: Double? = nil, forecast: ChartForecast? = nil,
        limits: ClosedRange<Double>? = nil,
        words: ChartWords
    ) -> String {
        [(600.0, 290.0, "chart wide"), (360.0, 270.0, "chart narrow")].map { width, height, name in
            Trend(
                points: points, years: years, target: target, forecast: forecast, limits: limits, words: words, width: width, height: height
            ).draw(name)
        }.joined()
    }

    /// Bars with their bounds and the target across them, a row each; wide and narrow.
    public static func bars(_ bars: [ChartBar], target: Double? = nil, limits: ClosedRange<Double>? = nil, words: ChartWords) -> String {
        guard !bars.isEmpty else { return "" }
        return [(540.0, "chart wide"), (360.0, "chart narrow")].map { draw(bars, target, limits, words, $0.0, $0.1) }.joined()
    }

    /// How many stand how: one bar in parts, each with its count where it fits. The list beside it says the same in words.
    public static func shares(_ parts: [(code: String, count: Int)], title: String) -> String {
        let total = parts.reduce(0) { $0 + Swift.max(0, $1.count) }
        guard total > 0 else { return "" }
        let width = 600.0
        var svg = open(width, 26, title, "shares")
        var x = 0.0
        for part in parts where part.count > 0 {
            let share = width * Double(part.count) / Double(total)
            let inner = Swift.max(1, share - 2)
            svg += "<rect x=\"\(number(x))\" y=\"1\" width=\"\(number(inner))\" height=\"24\" rx=\"2\" fill=\"\(Ink.of(part.code))\"/>"
            if inner > 20 { svg += text(String(part.count), x + inner / 2, 18, size: 14, ink: "#fff", anchor: "middle", weight: 600) }
            x += share
        }
        return svg + "</svg>"
    }

    /// The sign of a verdict or a state: another shape for each, in the colour of the text around it.
    public static func sign(_ code: String) -> String {
        let ring = "<circle cx=\"8\" cy=\"8\" r=\"6.2\" fill=\"none\" stroke=\"currentColor\" stroke-width=\"1.6\"/>"
        let shape =
            switch code {
            case "met", "good", "done", "intact":
                "<circle cx=\"8\" cy=\"8\" r=\"7\" fill=\"currentColor\"/>" + stroke("M4.6 8.3l2.3 2.4 4.5-5", "#fff")
            case "unmet", "bad", "failed", "broken":
                "<path d=\"M5.1 1h5.8L15 5.1v5.8L10.9 15H5.1L1 10.9V5.1z\" fill=\"currentColor\"/>"
                    + stroke("M5.4 5.4l5.2 5.2M10.6 5.4l-5.2 5.2", "#fff")
            case "unknown", "unreported":
                "<circle cx=\"8\" cy=\"8\" r=\"6.4\" fill=\"none\" stroke=\"currentColor\" stroke-width=\"1.4\" stroke-dasharray=\"2.6 1.6\"/>"
                    + stroke("M6.1 6.3a1.9 1.9 0 1 1 2.7 1.7c-.6.3-.8.7-.8 1.3", "currentColor", 1.5)
                    + "<circle cx=\"8\" cy=\"11.5\" r=\".9\" fill=\"currentColor\"/>"
            case "judged":
                "<circle cx=\"8\" cy=\"4.6\" r=\"3.1\" fill=\"currentColor\"/><path d=\"M2 14.5c0-3.4 2.5-5.4 6-5.4s6 2 6 5.4z\" fill=\"currentColor\"/>"
            case "overdue", "warn":
                "<path d=\"M8 1.2L15.4 14.4H.6z\" fill=\"currentColor\"/>" + stroke("M8 6v4", "#fff", 1.7)
                    + "<circle cx=\"8\" cy=\"12.2\" r=\"1\" fill=\"#fff\"/>"
            case "soon", "pending", "running": ring + stroke("M8 4.4V8l2.5 1.6", "currentColor", 1.5)
            case "open", "initial": ring
            case "waived": ring + stroke("M3.8 12.2l8.4-8.4", "currentColor", 1.5)
            case "info": ring + stroke("M8 7.4v4", "currentColor", 1.7) + "<circle cx=\"8\" cy=\"4.9\" r=\"1\" fill=\"currentColor\"/>"
            case "all": stroke("M2.5 4h11M2.5 8h11M2.5 12h11", "currentColor", 1.7)
            default: stroke("M3.5 8h9", "currentColor", 1.8)
            }
        return
            "<svg class=\"sign\" viewBox=\"0 0 16 16\" width=\"16\" height=\"16\" aria-hidden=\"true\" focusable=\"false\">\(shape)</svg>"
    }
}

/// The few colours, all dark enough on white and different in grey.
private enum Ink {
    static let text = "#1d2733", soft = "#5b6775", rule = "#dde2e8", line = "#1f5a94", target = "#8a4b00", band = "#cfe0f1"
    static func of(_ code: String) -> String {
        switch code {
        case "met": "#19764a"
        case "unmet", "overdue": "#b0261c"
        case "unknown", "soon", "unreported": "#8f6400"
        case "judged": "#54579c"
        case "none", "pending", "ended", "waived": "#6b7682"
        default: line
        }
    }
}

/// A straight scale from values to places.
private struct Scale {
    var low, high: Double
    let from, to: Double

    init(_ values: [Double], from: Double, to: Double) {
        let values = values.filter { abs($0) < 1e15 }
        (low, high) = (values.min() ?? 0, values.max() ?? 1)
        (self.from, self.to) = (from, to)
        // Equal values stand in the middle.
        if high - low < 1e-9 * Swift.max(1, abs(high)) {
            (low, high) = (low - Swift.max(1, abs(low) / 10), high + Swift.max(1, abs(high) / 10))
        }
    }
    func at(_ value: Double) -> Double { from + (Swift.min(Swift.max(value, low), high) - low) / (high - low) * (to - from) }

    /// Widens the ends to round numbers and gives the marks between them, about four.
    mutating func round(within limits: ClosedRange<Double>?, whole: Bool) -> [Double] {
        var step = 1.0
        let span = (high - low) / 4
        while step < span { step *= 10 }
        while step / 10 >= span { step /= 10 }
        if step / 5 >= span { step /= 5 } else if step / 2 >= span { step /= 2 }
        if whole { step = Swift.max(1, step.rounded()) }
        low = (low / step).rounded(.down) * step
        high = (high / step).rounded(.up) * step
        if let limits { (low, high) = (Swift.max(low, limits.lowerBound), Swift.min(high, limits.upperBound)) }
        if low >= high { (low, high) = (low - step, low + step) }
        let first = (low / step).rounded(.up)
        let count = Int(((high - first * step) / step + 1e-9).rounded(.down))
        return (0...Swift.max(0, Swift.min(12, count))).map { (first + Double($0)) * step }
    }
}

/// A box that something stands in, so that nothing else is written over it.
private struct Box {
    let left, top, right, bottom: Double
    func touches(_ other: Box) -> Bool { left < other.right && other.left < right && top < other.bottom && other.top < bottom }
}

private struct Trend {
    let points: [ChartPoint]
    let years: ClosedRange<Int>
    let target: Double?
    let forecast: ChartForecast?
    let limits: ClosedRange<Double>?
    let words: ChartWords
    let width, height: Double

    func draw(_ name: String) -> String {
        let points = self.points.filter { $0.value?.isFinite ?? false }.sorted { $0.year < $1.year }
        let spans = self.points.filter { $0.low != nil || $0.high != nil }
        var all = points.compactMap(\.value) + spans.flatMap { [$0.low, $0.high].compactMap { $0 } } + [target].compactMap { $0 }
        if let forecast { all += [forecast.low, forecast.high, forecast.value] }
        guard !all.isEmpty else { return "" }
        let legend = Legend(entries: entries(points, spans), width: width - 16)
        let (top, bottom) = (22.0, height - 30 - legend.height)
        var scale = Scale(all, from: bottom, to: top)
        // Room above and below, so that labels of the outermost points stay inside.
        let room = (scale.high - scale.low) * 0.12
        (scale.low, scale.high) = (scale.low >= 0 ? Swift.max(0, scale.low - room) : scale.low - room, scale.high + room)
        let isWhole = limits == nil && all.allSatisfy { $0 == $0.rounded() }
        let ticks = scale.round(within: limits, whole: isWhole)
        let tickTexts = ticks.map(plain)
        let left = (tickTexts.map { measure($0, 12) }.max() ?? 20) + 12
        let right = width - 14
        // Half a slot of air at both ends.
        let slot = (right - left) / Double(years.count)
        func x(_ year: Double) -> Double {
            left + slot * (Swift.min(Swift.max(year, Double(years.lowerBound)), Double(years.upperBound)) - Double(years.lowerBound) + 0.5)
        }

        var svg = open(width, height, words.title, name)
        var taken: [Box] = []
        for (tick, label) in zip(ticks, tickTexts) {
            let y = scale.at(tick)
            svg += line(left, y, right, y, ink: Ink.rule, width: 1)
            svg += text(label, left - 6, y + 4, size: 12, ink: Ink.soft, anchor: "end")
        }
        let every = Swift.max(1, Int((44 / slot).rounded(.up)))
        for year in years where (year - years.lowerBound) % every == 0 {
            svg += text(String(year), x(Double(year)), bottom + 18, size: 12, ink: Ink.text, anchor: "middle")
        }
        if let forecast, let last = points.last, forecast.year > last.year, let value = last.value {
            let (x0, x1) = (x(last.year), x(forecast.year))
            svg +=
                "<path d=\"M\(number(x0)) \(number(scale.at(value)))L\(number(x1)) \(number(scale.at(forecast.high)))V\(number(scale.at(forecast.low)))z\" fill=\"\(Ink.band)\"/>"
            svg += line(x0, scale.at(value), x1, scale.at(forecast.value), ink: Ink.line, width: 1.2, dash: "2 3")
        }
        if let target, target.isFinite {
            let y = scale.at(target)
            svg += line(left, y, right, y, ink: Ink.target, width: 1.6, dash: "7 4")
            // Above the line at its right end, unless the points are there.
            let size = measure(words.target, 13) + 6
            var crowd = points.compactMap { point in
                point.value.map {
                    Box(
                        left: x(point.year) - 26, top: scale.at(point.high ?? $0) - 22, right: x(point.year) + 26,
                        bottom: scale.at(point.low ?? $0) + 8)
                }
            }
            if let forecast {
                crowd.append(
                    Box(left: x(forecast.year) - 30, top: scale.at(forecast.high) - 4, right: right, bottom: scale.at(forecast.low) + 4))
            }
            let spots = [
                (right - size, y - 19), (right - size, y + 3), (left + 2, y - 19), (left + 2, y + 3), ((left + right - size) / 2, y - 19),
            ].map {
                Box(left: $0.0, top: $0.1, right: $0.0 + size, bottom: $0.1 + 17)
            }
            let spot = spots.first { spot in spot.top > 0 && spot.bottom < bottom && !crowd.contains { $0.touches(spot) } } ?? spots[0]
            svg += text(words.target, spot.left + 3, spot.bottom - 4, size: 13, ink: Ink.target, weight: 600)
            taken.append(spot)
        }
        for point in spans {
            guard let low = point.low, let high = point.high, high > low else { continue }
            let (at, y0, y1) = (x(point.year), scale.at(low), scale.at(high))
            svg += line(at, y0, at, y1, ink: Ink.soft, width: 1.6) + line(at - 5, y0, at + 5, y0, ink: Ink.soft, width: 1.6)
            svg += line(at - 5, y1, at + 5, y1, ink: Ink.soft, width: 1.6)
            taken.append(Box(left: at - 5, top: y1, right: at + 5, bottom: y0))
        }
        // Entered and computed points are never joined: they were not counted alike.
        for basis in [ChartPoint.Basis.baseline, .computed] {
            let run = points.filter { $0.basis == basis }
            svg += path(
                run.map { (x($0.year), scale.at($0.value ?? 0)) }, ink: basis == .computed ? Ink.line : Ink.soft,
                width: basis == .computed ? 2.2 : 1.4)
        }
        for point in points {
            let y = scale.at(point.value ?? 0)
            svg += dot(x(point.year), y, 4.6, hollow: point.basis == .baseline)
            taken.append(Box(left: x(point.year) - 5, top: y - 5, right: x(point.year) + 5, bottom: y + 5))
        }
        if let forecast, forecast.year > (points.last?.year ?? -.infinity), !points.isEmpty {
            svg +=
                "<circle cx=\"\(number(x(forecast.year)))\" cy=\"\(number(scale.at(forecast.value)))\" r=\"4\" fill=\"#fff\" stroke=\"\(Ink.line)\" stroke-width=\"1.5\" stroke-dasharray=\"2 2\"/>"
            let box = Box(
                left: x(forecast.year) - 5, top: scale.at(forecast.value) - 5, right: x(forecast.year) + 5,
                bottom: scale.at(forecast.value) + 5)
            taken.append(box)
            svg += label(
                forecast.text, x(forecast.year), box.top + 5, box.bottom - 5, Ink.soft, within: left...right, top...bottom, &taken,
                must: false)
        }
        for (index, point) in points.enumerated().reversed() {
            let (highest, lowest) = (scale.at(point.high ?? point.value ?? 0), scale.at(point.low ?? point.value ?? 0))
            svg += label(
                point.text, x(point.year), highest, lowest, Ink.text, within: left...right, top...bottom, &taken,
                must: index == points.count - 1)
        }
        return svg + legend.draw(at: height - legend.height) + "</svg>"
    }

    /// Writes a label where it covers nothing: above, below, beside; leaves it out where there is no room, for the table has it.
    private func label(
        _ words: String, _ x: Double, _ highest: Double, _ lowest: Double, _ ink: String, within sides: ClosedRange<Double>,
        _ heights: ClosedRange<Double>,
        _ taken: inout [Box], must: Bool
    ) -> String {
        guard !words.isEmpty else { return "" }
        let size = measure(words, 13)
        let middle = (highest + lowest) / 2
        let places = [
            (x - size / 2, highest - 24), (x - size / 2, lowest + 8), (x + 9, middle - 8), (x - size - 9, middle - 8),
            (x - size / 2, highest - 40),
            (x - size / 2, lowest + 24), (x + 9, highest - 24), (x - size - 9, highest - 24),
        ]
        let spots = places.map {
            let left = Swift.max(sides.lowerBound, Swift.min($0.0, sides.upperBound - size + 12))
            return Box(left: left - 1, top: $0.1, right: left + size + 1, bottom: $0.1 + 16)
        }
        let free = spots.first { spot in
            spot.top >= heights.lowerBound - 20 && spot.bottom <= heights.upperBound && !taken.contains { $0.touches(spot) }
        }
        guard let spot = free ?? (must ? spots[0] : nil) else { return "" }
        taken.append(spot)
        return text(words, spot.left + 1, spot.bottom - 4, size: 13, ink: ink, weight: 600, halo: true)
    }

    private func entries(_ points: [ChartPoint], _ spans: [ChartPoint]) -> [(Legend.Sign, String)] {
        var entries: [(Legend.Sign, String)] = []
        if points.contains(where: { $0.basis == .computed }), !words.computed.isEmpty { entries.append((.solid, words.computed)) }
        if points.contains(where: { $0.basis == .baseline }), !words.baseline.isEmpty { entries.append((.hollow, words.baseline)) }
        if spans.contains(where: { $0.low != $0.high }), !words.bounds.isEmpty { entries.append((.bounds, words.bounds)) }
        if forecast != nil, !words.forecast.isEmpty { entries.append((.band, words.forecast)) }
        return entries
    }
}

/// What the signs of a chart mean, in as many lines as it takes.
private struct Legend {
    enum Sign { case solid, hollow, bounds, band, target }
    private var places: [(sign: Sign, words: String, x: Double, line: Int)] = []
    let height: Double

    init(entries: [(Sign, String)], width: Double) {
        var (x, line) = (8.0, 0)
        for (sign, words) in entries {
            let size = 24 + measure(words, 12) + 16
            if x + size > width + 16, x > 8 { (x, line) = (8, line + 1) }
            places.append((sign, words, x, line))
            x += size
        }
        height = entries.isEmpty ? 0 : Double(line + 1) * 18 + 4
    }
    func draw(at top: Double) -> String {
        places.map { place in
            let y = top + Double(place.line) * 18 + 9
            let (x, sign) = (place.x, place.sign)
            let drawn =
                switch sign {
                case .solid: line(x, y, x + 18, y, ink: Ink.line, width: 2.2) + dot(x + 9, y, 4, hollow: false)
                case .hollow: line(x, y, x + 18, y, ink: Ink.soft, width: 1.4) + dot(x + 9, y, 4, hollow: true)
                case .bounds:
                    line(x + 9, y - 6, x + 9, y + 6, ink: Ink.soft, width: 1.6)
                        + line(x + 4, y - 6, x + 14, y - 6, ink: Ink.soft, width: 1.6)
                        + line(x + 4, y + 6, x + 14, y + 6, ink: Ink.soft, width: 1.6)
                case .band:
                    "<rect x=\"\(number(x))\" y=\"\(number(y - 6))\" width=\"18\" height=\"12\" fill=\"\(Ink.band)\"/>"
                        + line(x, y, x + 18, y, ink: Ink.line, width: 1.2, dash: "2 3")
                case .target: line(x, y, x + 18, y, ink: Ink.target, width: 1.6, dash: "7 4")
                }
            return drawn + text(place.words, x + 24, y + 4, size: 12, ink: Ink.soft)
        }.joined()
    }
}

private func draw(
    _ bars: [ChartBar], _ target: Double?, _ limits: ClosedRange<Double>?, _ words: ChartWords, _ width: Double, _ name: String
) -> String {
    let isNarrow = width < 500
    let widest = bars.map { measure($0.label, 13) }.max() ?? 40
    // On a phone a long name stands above its bar, not beside it.
    let stacked = isNarrow && widest > 96
    let left = stacked ? 4 : Swift.min(widest + 12, width * 0.4)
    let texts = (bars.map { measure($0.text, 13) }.max() ?? 30) + 10
    let right = width - texts
    let row = stacked ? 44.0 : 28.0
    let legend = Legend(
        entries: (target != nil && !words.target.isEmpty ? [(.target, words.target)] : [])
            + (bars.contains { $0.low != $0.high } && !words.bounds.isEmpty ? [(.bounds, words.bounds)] : []), width: width - 16)
    let height = Double(bars.count) * row + 10 + legend.height
    var scale = Scale(
        [0, limits?.upperBound ?? 0] + bars.flatMap { [$0.value, $0.high].compactMap { $0 } } + [target].compactMap { $0 }, from: left,
        to: right)
    scale.low = Swift.min(0, scale.low)
    var svg = open(width, height, words.title, name)
    for (index, bar) in bars.enumerated() {
        let y = Double(index) * row + 4
        let at = stacked ? y + 18 : y
        svg +=
            stacked
            ? text(bar.label, left, y + 13, size: 13, ink: Ink.text)
            : text(cut(bar.label, left - 12, 13), left - 8, y + 16, size: 13, ink: Ink.text, anchor: "end")
        svg += "<rect x=\"\(number(left))\" y=\"\(number(at + 2))\" width=\"\(number(right - left))\" height=\"18\" fill=\"#eef1f4\"/>"
        if let value = bar.value, value.isFinite {
            svg +=
                "<rect x=\"\(number(left))\" y=\"\(number(at + 2))\" width=\"\(number(Swift.max(1, scale.at(value) - left)))\" height=\"18\" fill=\"\(Ink.of(bar.code))\"/>"
        }
        if let low = bar.low, let high = bar.high, high > low {
            let (x0, x1, middle) = (scale.at(low), scale.at(high), at + 11)
            // White under dark: seen on the bar and beside it.
            for (ink, thick) in [("#fff", 4.0), (Ink.text, 1.6)] {
                svg +=
                    line(x0, middle, x1, middle, ink: ink, width: thick) + line(x0, middle - 5, x0, middle + 5, ink: ink, width: thick)
                    + line(x1, middle - 5, x1, middle + 5, ink: ink, width: thick)
            }
        }
        svg += text(bar.text, width - 2, at + 16, size: 13, ink: Ink.text, anchor: "end", weight: 600)
    }
    if let target, target.isFinite {
        svg += line(scale.at(target), 0, scale.at(target), Double(bars.count) * row + 4, ink: Ink.target, width: 1.8, dash: "6 4")
    }
    return svg + legend.draw(at: height - legend.height) + "</svg>"
}

private func open(_ width: Double, _ height: Double, _ title: String, _ name: String) -> String {
    "<svg class=\"\(name)\" xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 \(number(width)) \(number(height))\" width=\"\(number(width))\" height=\"\(number(height))\" role=\"img\" aria-label=\"\(escape(title))\"><title>\(escape(title))</title>"
}
private func line(_ x0: Double, _ y0: Double, _ x1: Double, _ y1: Double, ink: String, width: Double, dash: String = "") -> String {
    "<path d=\"M\(number(x0)) \(number(y0))L\(number(x1)) \(number(y1))\" stroke=\"\(ink)\" stroke-width=\"\(number(width))\"\(dash.isEmpty ? "" : " stroke-dasharray=\"\(dash)\"")/>"
}
private func path(_ points: [(Double, Double)], ink: String, width: Double) -> String {
    guard points.count > 1 else { return "" }
    let places = points.map { "\(number($0.0)) \(number($0.1))" }.joined(separator: "L")
    return "<path d=\"M\(places)\" fill=\"none\" stroke=\"\(ink)\" stroke-width=\"\(number(width))\" stroke-linejoin=\"round\"/>"
}
private func stroke(_ path: String, _ ink: String, _ width: Double = 1.9) -> String {
    "<path d=\"\(path)\" fill=\"none\" stroke=\"\(ink)\" stroke-width=\"\(number(width))\" stroke-linecap=\"round\" stroke-linejoin=\"round\"/>"
}
private func dot(_ x: Double, _ y: Double, _ radius: Double, hollow: Bool) -> String {
    "<circle cx=\"\(number(x))\" cy=\"\(number(y))\" r=\"\(number(radius))\" fill=\"\(hollow ? "#fff" : Ink.line)\" stroke=\"\(hollow ? Ink.soft : "#fff")\" stroke-width=\"\(hollow ? "1.6" : "1")\"/>"
}
private func text(
    _ words: String, _ x: Double, _ y: Double, size: Int, ink: String, anchor: String = "start", weight: Int = 400, halo: Bool = false
) -> String {
    let edge = halo ? " stroke=\"#fff\" stroke-width=\"3\" paint-order=\"stroke\" stroke-linejoin=\"round\"" : ""
    return
        "<text x=\"\(number(x))\" y=\"\(number(y))\" font-size=\"\(size)\" fill=\"\(ink)\" text-anchor=\"\(anchor)\"\(weight == 400 ? "" : " font-weight=\"\(weight)\"")\(edge)>\(escape(words))</text>"
}

/// About how wide a text is: Chinese characters are square, others a bit over half as wide.
private func measure(_ words: String, _ size: Double) -> Double {
    words.unicodeScalars.reduce(0) { $0 + ($1.value > 0x2e80 ? 1 : $1.value < 0x30 ? 0.42 : 0.58) } * size
}
private func cut(_ words: String, _ width: Double, _ size: Double) -> String {
    var words = words
    guard measure(words, size) > width else { return words }
    while !words.isEmpty, measure(words + "…", size) > width { words.removeLast() }
    return words + "…"
}
private func number(_ value: Double) -> String {
    guard value.isFinite, abs(value) < 1e9 else { return "0" }
    let rounded = (value * 10).rounded() / 10
    return rounded == rounded.rounded() ? String(Int(rounded)) : String(rounded)
}
/// A mark of an axis: 12000, 0.25, 3.
private func plain(_ value: Double) -> String {
    guard value.isFinite, abs(value) < 1e12 else { return "" }
    let rounded = (value * 1000).rounded() / 1000
    return rounded == rounded.rounded() ? String(Int(rounded)) : String(rounded)
}
private func escape(_ words: String) -> String {
    var escaped = ""
    for character in words {
        switch character {
        case "<": escaped += "&lt;"
        case ">": escaped += "&gt;"
        case "&": escaped += "&amp;"
        case "\"": escaped += "&quot;"
        default: escaped.append(character)
        }
    }
    return escaped
}
