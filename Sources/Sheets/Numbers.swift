import Foundation
import Kernel

/// The text of numbers as workbooks store them.
enum NumberText {
    /// The shortest text that shows the number as Excel would with room enough: no `.0`, no exponent, fifteen digits. An integer written
    /// in digits stays as it is; an identity number stored as a number comes back with the digits it still has.
    static func shortest(_ stored: String) -> String {
        let isPlain = stored.utf8.enumerated().allSatisfy { (48...57).contains($1) || ($0 == 0 && $1 == 45) }
        if isPlain { return stored }
        guard let value = Double(stored), value.isFinite else { return stored }
        if value == 0 { return "0" }
        guard value == value.rounded() else {
            let exact = "\(value)"
            // Sixteen bytes hold a point and at most fifteen digits; what is longer may carry the noise of binary fractions.
            let digits = exact.utf8.count <= 16 ? exact : String(format: "%.15g", value)
            return plain(digits) ?? digits
        }
        return abs(value) < 1e15 ? String(Int64(value)) : plain(stored) ?? stored
    }

    /// Whether `shortest` would change nothing: digits, or a fraction of up to fifteen digits without needless zeros.
    static func isShortest(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        var (index, digits, point) = (bytes.first == 45 ? 1 : 0, 0, Int?.none)
        let start = index
        while index < bytes.count {
            if (48...57).contains(bytes[index]) {
                digits += 1
            } else {
                guard bytes[index] == 46, point == nil else { return false }
                point = index
            }
            index += 1
        }
        guard let point else { return digits > 0 }
        return point > start && point < bytes.count - 1 && bytes[bytes.count - 1] != 48 && (bytes[start] != 48 || point == start + 1)
            && digits <= 15
    }

    /// Writes an exponent out, where it is within reason.
    private static func plain(_ text: String) -> String? {
        let parts = text.lowercased().split(separator: "e")
        guard parts.count <= 2, let exponent = parts.count == 2 ? Int(parts[1]) : 0, abs(exponent) <= 30 else { return nil }
        let isNegative = parts[0].hasPrefix("-")
        let sides = parts[0].drop { $0 == "-" }.split(separator: ".", omittingEmptySubsequences: false)
        let fraction = sides.count > 1 ? sides[1] : ""
        var digits = Array(sides[0]) + Array(fraction)
        var point = sides[0].count + exponent
        while point > digits.count { digits.append("0") }
        while point < 1 {
            digits.insert("0", at: 0)
            point += 1
        }
        let tail = String(digits[point...].reversed().drop { $0 == "0" }.reversed())
        return (isNegative ? "-" : "") + String(digits[..<point]) + (tail.isEmpty ? "" : "." + tail)
    }
}

/// Dates as workbooks store them: days since the turn of 1900, with a 29 February 1900 that never was, or since 1904-01-01.
enum Serial {
    /// Whether a built-in number format shows a date or a time.
    static func isDate(builtIn id: Int) -> Bool {
        switch id {
        case 14...22, 27...36, 45...47, 50...58: true
        default: false
        }
    }

    /// Whether a number format has a year, month or day outside quotes, escapes and brackets. Elapsed time (`[h]:mm`) is a number.
    static func isDate(format: String) -> Bool {
        var rest = Substring(format.lowercased())
        while let sign = rest.popFirst() {
            switch sign {
            case "\\", "_", "*": rest = rest.dropFirst()
            case "\"": rest = rest.drop { $0 != "\"" }.dropFirst()
            case "[":
                let bracket = rest.prefix { $0 != "]" }
                if !bracket.isEmpty, bracket.allSatisfy({ "hms".contains($0) }) { return false }
                rest = rest.dropFirst(bracket.count + 1)
            case "y", "m", "d": return true
            default: break
            }
        }
        return false
    }

    /// `2020-06-30`; with a time of the day, `2020-06-30 08:30:00`; `08:30:00` where there is no day; nil outside the calendar.
    /// Serial 60 of the 1900 system reads `1900-02-29`, as Excel shows it.
    static func text(_ value: Double, startsIn1904: Bool) -> String? {
        guard value >= 0, value < 2_958_466 else { return nil }
        let seconds = Int((value * 86_400).rounded())
        let (days, rest) = seconds.quotientAndRemainder(dividingBy: 86_400)
        func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
        let clock = "\(two(rest / 3600)):\(two(rest / 60 % 60)):\(two(rest % 60))"
        if days == 0, rest > 0 || !startsIn1904 { return rest > 0 ? clock : nil }
        let date = days == 60 && !startsIn1904 ? "1900-02-29" : day(days, startsIn1904: startsIn1904).description
        return rest == 0 ? date : "\(date) \(clock)"
    }

    /// The serial of a day in the 1900 system; nil before 1900-03-01, where Excel's calendar is wrong.
    static func of(_ day: Day) -> Double? {
        let serial = Int(day.number) + 25_569
        return serial > 60 && serial < 2_958_466 ? Double(serial) : nil
    }

    private static func day(_ serial: Int, startsIn1904: Bool) -> Day {
        Day(number: Int32(startsIn1904 ? serial - 24_107 : serial > 60 ? serial - 25_569 : serial - 25_568))
    }
}
