import Foundation
import Kernel
import Yams

/// Working days 工作日 of mainland China: Monday to Friday without the days off of the yearly notices, and with the Saturdays and
/// Sundays that those notices make up for them 调休. A year whose notice is not to hand is counted by weekdays alone, and every answer
/// that touches it says so.
public struct WorkdayCalendar: Sendable {
    /// One year's notice 国务院办公厅关于部分节假日安排的通知. It may name days of the December before.
    public struct Year: Sendable {
        public let year: Int
        /// First day off and first day no longer, weekends inside included.
        public let holidays: [(name: String, span: Span)]
        /// Saturdays and Sundays that are worked.
        public let working: [Day]
        public let provenance: Provenance
        public init(_ year: Int, holidays: [(name: String, span: Span)], working: [Day], provenance: Provenance) {
            (self.year, self.holidays, self.working, self.provenance) = (year, holidays, working, provenance)
        }
    }

    /// What was counted, and the years in it of which only the weekends are known.
    public struct Counted<Value: Sendable & Equatable>: Sendable, Equatable {
        public let value: Value
        /// Ascending; empty where every day is certain.
        public let missingYears: [Int]
    }

    /// By year, ascending.
    public let years: [Year]
    private let daysOff: Set<Day>
    private let daysOn: Set<Day>
    private let known: Set<Int>

    public init(_ years: [Year] = []) {
        self.years = years.sorted { $0.year < $1.year }
        known = Set(years.map(\.year))
        daysOff = Set(years.flatMap(\.holidays).flatMap { holiday in (0..<holiday.span.length).map { holiday.span.from + $0 } })
        daysOn = Set(years.flatMap(\.working))
    }

    /// Whether the notice of a year is to hand.
    public func knows(_ year: Int) -> Bool { known.contains(year) }

    public func isWorkday(_ day: Day) -> Bool {
        if daysOn.contains(day) { return true }
        return !daysOff.contains(day) && !WorkdayCalendar.isWeekend(day)
    }

    /// The nth working day after a day; the day itself where n is 0. The day on which a period begins is not counted.
    public func adding(workdays count: Int, to day: Day) -> Counted<Day> {
        var current = day
        var left = count
        while left > 0 {
            current = current + 1
            if isWorkday(current) { left -= 1 }
        }
        return Counted(value: current, missingYears: missing(after: day, through: current))
    }

    /// How many working days lie after one day, up to and with another: 0 on the same day or before it.
    public func workdays(from: Day, to: Day) -> Counted<Int> {
        guard from < to else { return Counted(value: 0, missingYears: []) }
        let value = (1...(to - from)).count { isWorkday(from + $0) }
        return Counted(value: value, missingYears: missing(after: from, through: to))
    }

    private func missing(after: Day, through: Day) -> [Int] {
        guard after < through else { return [] }
        return ((after + 1).year...through.year).filter { !known.contains($0) }
    }

    /// Saturday or Sunday. 1970-01-01 was a Thursday.
    static func isWeekend(_ day: Day) -> Bool { ((Int(day.number) + 3) % 7 + 7) % 7 > 4 }
}

extension WorkdayCalendar {
    static let file = "holidays.yaml"

    /// Reads `holidays.yaml`: by year a notice, its confidence, days off as ranges and weekend days that are worked.
    /// - Throws: `Refusal("catalog.file")` where there is none, `Refusal("calendar.…")` with the day that is wrong.
    public init(standards: URL) throws {
        let root = try Catalog.yaml(standards.appendingPathComponent(WorkdayCalendar.file))
        guard let listed = root["years"]?.mapping else { throw Refusal("catalog.file", ["value": WorkdayCalendar.file]) }
        self.init(try listed.map { try WorkdayCalendar.year($0, $1) })
    }

    private static func year(_ key: Yams.Node, _ node: Yams.Node) throws -> Year {
        guard let year = key.text.flatMap({ Int($0) }), let body = node.mapping else {
            throw Refusal("calendar.year", row: key.mark?.line, ["value": key.text ?? ""])
        }
        let holidays = try (body["holidays"]?.sequence ?? []).map { entry -> (name: String, span: Span) in
            let first = try day(entry.mapping?["from"], of: year)
            let last = try day(entry.mapping?["to"], of: year)
            guard first <= last else { throw Refusal("calendar.range", row: entry.mark?.line, ["value": "\(first)", "limit": "\(last)"]) }
            return (entry.mapping?["name"]?.text ?? "", Span(first, last + 1))
        }
        let working = try (body["working"]?.sequence ?? []).map { entry -> Day in
            let made = try day(entry, of: year)
            guard isWeekend(made) else { throw Refusal("calendar.weekday", row: entry.mark?.line, ["value": "\(made)"]) }
            guard !holidays.contains(where: { $0.span.contains(made) }) else {
                throw Refusal("calendar.both", row: entry.mark?.line, ["value": "\(made)"])
            }
            return made
        }
        let confidence = body["confidence"]?.text.flatMap(Confidence.init(rawValue:)) ?? .uncertain
        let provenance = Provenance(
            edition: body["notice"]?.text ?? "", clause: "", source: body["source"]?.text ?? "", confidence: confidence, force: .year(year))
        return Year(year, holidays: holidays, working: working, provenance: provenance)
    }

    /// A day of the year that the notice is for, or of the December before it.
    private static func day(_ node: Yams.Node?, of year: Int) throws -> Day {
        guard let text = node?.text, let day = Day(text), day.year == year || (day.year == year - 1 && day.month == 12) else {
            throw Refusal("calendar.day", row: node?.mark?.line, ["value": node?.text ?? "", "limit": String(year)])
        }
        return day
    }
}
