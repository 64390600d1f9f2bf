import Foundation
import Kernel

/// One row of what was sampled.
public struct Sample: Sendable, Hashable {
    public let kind: SampleKind
    /// Minutes since the midnight before the shift; nil where not recorded.
    public let start: Double?
    /// How long the concentration held: 1 to 15 for a short-term or ceiling sample.
    public let minutes: Double
    public let reading: Reading
    /// Row of the file that it came from, for messages.
    public let row: Int?

    public init(_ kind: SampleKind = .segment, start: Double? = nil, minutes: Double, _ reading: Reading, row: Int? = nil) {
        (self.kind, self.start, self.minutes, self.reading, self.row) = (kind, start, minutes, reading, row)
    }

    /// A segment of the shift with its hours and concentration.
    public static func segment(hours: Double, _ concentration: Double) -> Sample {
        Sample(.segment, minutes: hours * 60, .value(concentration))
    }

    /// What is wrong with the row alone.
    public var flaws: [Refusal] {
        var found: [Refusal] = []
        let figure = reading.figure
        if !figure.isFinite {
            found.append(Refusal("number.format", row: row, field: "concentration", ["value": "\(figure)"]))
        } else if figure < 0 {
            found.append(Refusal("concentration.negative", row: row, field: "concentration", ["value": Rounding.plain(figure)]))
        } else if reading.isBelow, figure == 0 {
            found.append(Refusal("loq.missing", row: row, field: "loq", ["value": "<0"]))
        }
        if !minutes.isFinite {
            found.append(Refusal("number.format", row: row, field: "minutes", ["value": "\(minutes)"]))
        } else if minutes < 0 || (minutes == 0 && kind != .ceiling) {
            found.append(Refusal("minutes.range", row: row, field: "minutes", ["value": Rounding.plain(minutes), "limit": "0"]))
        } else if kind != .segment, minutes > 15 {
            found.append(Refusal("sample.too-long", row: row, field: "minutes", ["value": Rounding.plain(minutes), "limit": "15"]))
        }
        if let start, !start.isFinite {
            found.append(Refusal("number.format", row: row, field: "start", ["value": "\(start)"]))
        }
        return found
    }

    /// What is wrong with the rows of one shift or week together, the flaws of each included.
    public static func flaws(_ samples: [Sample], isWeek: Bool = false) -> [Refusal] {
        var found = samples.flatMap(\.flaws)
        guard found.isEmpty else { return found }
        let day: Double = isWeek ? 7 * 1440 : 1440
        func check(_ rows: [Sample]) {
            let total = rows.reduce(0) { $0 + $1.minutes }
            if total > day + ShiftRules.tolerance { found.append(Refusal.overDay(total, day, row: rows.last?.row)) }
        }
        let segments = samples.filter { $0.kind == .segment }
        check(segments)
        check(samples.filter { $0.kind == .shortTerm })
        let timed = segments.filter { $0.start != nil }.sorted { ($0.start ?? 0, $0.minutes) < ($1.start ?? 0, $1.minutes) }
        for (before, sample) in zip(timed, timed.dropFirst()) {
            let end = (before.start ?? 0) + before.minutes
            if (sample.start ?? 0) < end - ShiftRules.tolerance {
                found.append(
                    Refusal(
                        "segment.overlap", row: sample.row, field: "start",
                        ["value": Rounding.plain(sample.start ?? 0), "limit": Rounding.plain(end)]))
            }
        }
        if let first = timed.first?.start, let last = timed.map({ ($0.start ?? 0) + $0.minutes }).max(), found.isEmpty,
            last - first > day + ShiftRules.tolerance
        {
            found.append(Refusal.overDay(last - first, day, row: timed.last?.row))
        }
        if isWeek {
            found += samples.filter { $0.kind != .segment }.map { Refusal("sample.not-in-week", row: $0.row, field: "kind") }
        }
        return found
    }
}

extension Refusal {
    fileprivate static func overDay(_ minutes: Double, _ limit: Double, row: Int?) -> Refusal {
        Refusal("segment.over-day", row: row, field: "minutes", ["value": Rounding.plain(minutes), "limit": Rounding.plain(limit)])
    }
}
