/// A date without time in the civil calendar, kept as days since 1970-01-01. Days are those of Asia/Shanghai.
public struct Day: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// Days since 1970-01-01.
    public let number: Int32

    public init(number: Int32) { self.number = number }

    /// The day of a proleptic Gregorian year, month and day; nil where the calendar has none (30 February).
    public init?(_ year: Int, _ month: Int, _ day: Int) {
        guard (1...9999).contains(year), (1...12).contains(month), day >= 1, day <= Day.length(of: month, in: year) else { return nil }
        self.init(number: Day.count(year, month, day))
    }

    /// Reads `2020-06-30` and nothing else. The lenient reading of users' files is `Day.read(_:)`.
    public init?(_ text: some StringProtocol) {
        let bytes = Array(text.utf8)
        guard bytes.count == 10, bytes[4] == 45, bytes[7] == 45 else { return nil }
        func digits(_ range: Range<Int>) -> Int? {
            var value = 0
            for byte in bytes[range] {
                guard byte >= 48, byte <= 57 else { return nil }
                value = value * 10 + Int(byte - 48)
            }
            return value
        }
        guard let year = digits(0..<4), let month = digits(5..<7), let day = digits(8..<10) else { return nil }
        self.init(year, month, day)
    }

    /// Before every day that a record can carry.
    public static let distantPast = Day(number: -1_000_000)
    /// After every day that a record can carry; the open end of an interval.
    public static let distantFuture = Day(number: 10_000_000)

    public static func < (left: Day, right: Day) -> Bool { left.number < right.number }
    public static func + (day: Day, days: Int) -> Day { Day(number: day.number + Int32(days)) }
    public static func - (day: Day, days: Int) -> Day { Day(number: day.number - Int32(days)) }
    public static func - (left: Day, right: Day) -> Int { Int(left.number - right.number) }

    public var year: Int { parts.year }
    public var month: Int { parts.month }
    public var dayOfMonth: Int { parts.day }

    public static func firstDay(of year: Int) -> Day { Day(number: count(year, 1, 1)) }
    public static func lastDay(of year: Int) -> Day { Day(number: count(year, 12, 31)) }

    /// The same day of a later month; where that month is shorter, its last day (31 January + 1 month is 28 or 29 February).
    public func adding(months: Int) -> Day {
        let (year, month, day) = parts
        let total = year * 12 + month - 1 + months
        let toYear = total.floored(by: 12)
        let toMonth = total - toYear * 12 + 1
        return Day(number: Day.count(toYear, toMonth, min(day, Day.length(of: toMonth, in: toYear))))
    }

    /// Year, month and day of the civil calendar (Howard Hinnant's algorithm).
    public var parts: (year: Int, month: Int, day: Int) {
        let shifted = Int(number) + 719_468
        let era = shifted.floored(by: 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthShifted = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * monthShifted + 2) / 5 + 1
        let month = monthShifted < 10 ? monthShifted + 3 : monthShifted - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
    }

    public var description: String {
        if self >= .distantFuture { return "9999-12-31" }
        if self <= .distantPast { return "0001-01-01" }
        let (year, month, day) = parts
        func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
        let yearText = String(year)
        return String(repeating: "0", count: max(0, 4 - yearText.count)) + yearText + "-" + two(month) + "-" + two(day)
    }

    static func length(of month: Int, in year: Int) -> Int {
        switch month {
        case 2: (year % 4 == 0 && year % 100 != 0) || year % 400 == 0 ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    private static func count(_ year: Int, _ month: Int, _ day: Int) -> Int32 {
        let shiftedYear = month <= 2 ? year - 1 : year
        let era = shiftedYear.floored(by: 400)
        let yearOfEra = shiftedYear - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return Int32(era * 146_097 + dayOfEra - 719_468)
    }
}

extension Day {
    /// The lenient reading of users' files: `2020-6-3`, `2020/06/03`, `2020.6.3`, `20200603`, `2020年6月3日`, each with a time
    /// behind it or not. A number alone is no date here: what a workbook stores as a serial is turned by its reader.
    public static func read(_ text: String) -> Day? {
        let head = text.prefix { $0 != " " && $0 != "T" && $0 != "\u{3000}" }
        if let day = Day(head) { return day }
        let numbers = head.split { "-/.年月日".contains($0) }.map { Int($0) }
        if numbers.count == 3, let year = numbers[0], let month = numbers[1], let day = numbers[2], year > 31 {
            return Day(year, month, day)
        }
        if numbers.count == 1, head.utf8.count == 8, let packed = numbers[0] {
            return Day(packed / 10_000, packed / 100 % 100, packed % 100)
        }
        return nil
    }
}

extension Int {
    func floored(by divisor: Int) -> Int { self >= 0 ? self / divisor : -((-self + divisor - 1) / divisor) }
}

/// An instant in microseconds since 1970-01-01 UTC.
public struct Moment: Hashable, Comparable, Sendable, CustomStringConvertible {
    public let microseconds: Int64
    public init(microseconds: Int64) { self.microseconds = microseconds }
    public static let distantFuture = Moment(microseconds: .max)
    public static func < (left: Moment, right: Moment) -> Bool { left.microseconds < right.microseconds }

    /// The day in Asia/Shanghai (UTC+8 all year).
    public var day: Day { Day(number: Int32(Int((microseconds / 1_000_000) + 28_800).floored(by: 86_400))) }

    /// The hour of the day in Asia/Shanghai, 0–23.
    public var hour: Int { (Int(microseconds / 1_000_000) + 28_800 - Int(day.number) * 86_400) / 3600 }

    /// The last instant of a day in Asia/Shanghai.
    public init(endOf day: Day) { microseconds = (Int64(day.number) + 1) * 86_400_000_000 - 28_800_000_000 - 1 }

    /// Reads a day (its last instant) or `2020-06-30T12:00:00` / `2020-06-30 12:00` in Asia/Shanghai.
    public init?(_ text: String) {
        guard let day = Day.read(text) else { return nil }
        let clock = text.split { $0 == " " || $0 == "T" }.dropFirst().first
        guard let clock else { self.init(endOf: day); return }
        let parts = clock.split(separator: ":").map { Double($0) }
        guard (2...3).contains(parts.count), let hour = parts[0], let minute = parts[1], (0..<24).contains(hour), (0..<60).contains(minute)
        else { return nil }
        let second = parts.count == 3 ? parts[2] : 0
        guard let second, (0..<61).contains(second) else { return nil }
        let start = Moment(endOf: day - 1).microseconds + 1
        self.init(microseconds: start + Int64((hour * 3600 + minute * 60 + second) * 1_000_000))
    }

    /// Date and time to the second in Asia/Shanghai, `2020-06-30 12:00:00`.
    public var description: String {
        let second = Int(microseconds / 1_000_000) + 28_800
        let ofDay = second - second.floored(by: 86_400) * 86_400
        func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
        return "\(day) \(two(ofDay / 3600)):\(two(ofDay / 60 % 60)):\(two(ofDay % 60))"
    }
}
