import Foundation
import Kernel
import Sheets

/// The columns of a table of raw samples 样品表, by any of their names.
enum SampleColumn: Int, CaseIterable {
    case group, substance, date, kind, start, minutes, concentration, unit, loq, fraction, silica, altitude, molarMass, steady, shiftHours,
        weekDays

    var names: [String] {
        switch self {
        case .group: ["group", "组号", "样品组"]
        case .substance: ["substance", "factor", "物质", "危害因素"]
        case .date: ["date", "采样日期", "日期"]
        case .kind: ["kind", "类型", "样品类型"]
        case .start: ["start", "开始时间"]
        case .minutes: ["minutes", "分钟", "时长"]
        case .concentration: ["concentration", "浓度"]
        case .unit: ["unit", "单位"]
        case .loq: ["loq", "最低定量浓度"]
        case .fraction: ["fraction", "粉尘种类"]
        case .silica: ["silica", "游离二氧化硅"]
        case .altitude: ["altitude", "海拔"]
        case .molarMass: ["molar_mass", "摩尔质量"]
        case .steady: ["steady", "接触水平稳定"]
        case .shiftHours: ["shift_hours", "日工作时间"]
        case .weekDays: ["week_days", "周工作天数"]
        }
    }
    /// Those that a group shares: a row that differs in one begins another group.
    static let shared: [SampleColumn] = [
        .group, .substance, .date, .unit, .fraction, .silica, .altitude, .molarMass, .steady, .shiftHours, .weekDays,
    ]

    /// Where each column stands in a header; −1 where it does not.
    /// - Throws: `Refusals` of `header.unknown`, `header.repeated`, and `header.missing` for the minutes and the concentration.
    static func places(in header: ByteRow) throws(Refusals) -> [Int] {
        var places = [Int](repeating: -1, count: allCases.count)
        var flaws: [Refusal] = []
        let cells = (0..<header.count).map { header.text($0) }
        for (index, cell) in cells.enumerated() where !cell.isEmpty {
            let name = cell.lowercased()
            guard let column = allCases.first(where: { $0.names.contains(name) }) else {
                flaws.append(Refusal("header.unknown", row: header.number, ["value": cell]))
                continue
            }
            if places[column.rawValue] >= 0 { flaws.append(Refusal("header.repeated", row: header.number, ["value": cell])) }
            places[column.rawValue] = index
        }
        for column in [SampleColumn.minutes, .concentration] where places[column.rawValue] < 0 {
            flaws.append(
                Refusal(
                    "header.missing", row: header.number,
                    ["expected": column.names[1], "expected_en": column.names[0], "value": cells.joined(separator: ", ")]))
        }
        guard flaws.isEmpty else { throw Refusals(flaws) }
        return places
    }
}

/// Numbers in bytes, read exactly and without a string where they are short, as figures in samples are.
enum ByteNumber {
    private static let powers: [Double] = (0...22).map { pow(10, Double($0)) }

    /// nil where the bytes are no number.
    static func read(_ bytes: UnsafeBufferPointer<UInt8>) -> Double? {
        var mantissa: UInt64 = 0
        var digits = 0
        var decimals = -1
        for byte in bytes {
            if byte >= 48, byte <= 57 {
                mantissa = mantissa &* 10 &+ UInt64(byte &- 48)
                digits += 1
                if decimals >= 0 { decimals += 1 }
            } else if byte == 46, decimals < 0 {
                decimals = 0
            } else {
                return slow(bytes)
            }
        }
        // Up to 2⁵³ the mantissa is exact and so is a power of ten up to 10²²: one division rounds once, as it should be.
        guard digits > 0, digits <= 15 else { return slow(bytes) }
        return decimals > 0 ? Double(mantissa) / powers[decimals] : Double(mantissa)
    }

    private static func slow(_ bytes: UnsafeBufferPointer<UInt8>) -> Double? {
        // Neither `nan` nor `0x1p3` nor `inf` is a figure that a laboratory writes.
        guard bytes.allSatisfy({ ($0 >= 48 && $0 <= 57) || [43, 45, 46, 69, 101].contains($0) }) else { return nil }
        return Double(String(decoding: bytes, as: UTF8.self))
    }
}
