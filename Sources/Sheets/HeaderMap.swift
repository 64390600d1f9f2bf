import Foundation
import Kernel

/// A user's own layout of a table: where its heading stands and which of our fields each of its columns is.
public struct Layout: Codable, Hashable, Sendable {
    /// The order of year, month and day in dates that do not begin with the year.
    public enum DateOrder: String, Codable, Sendable { case yearMonthDay, dayMonthYear, monthDayYear }

    /// The sheet of a workbook; nil for the first visible one.
    public var sheet: String?
    /// Rows above the heading, such as a title.
    public var skippedRows: Int
    /// Rows of the heading itself, at least one.
    public var headerRows: Int
    /// Their heading, its rows joined by ` / `, and the name of our field.
    public var columns: [String: String]
    public var dateOrder: DateOrder

    public init(
        sheet: String? = nil, skippedRows: Int = 0, headerRows: Int = 1, columns: [String: String] = [:],
        dateOrder: DateOrder = .yearMonthDay
    ) {
        (self.sheet, self.skippedRows, self.headerRows) = (sheet, max(0, skippedRows), max(1, headerRows))
        (self.columns, self.dateOrder) = (columns, dateOrder)
    }

    /// Reads a kept layout; what it leaves out takes its default.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            sheet: try values.decodeIfPresent(String.self, forKey: .sheet),
            skippedRows: try values.decodeIfPresent(Int.self, forKey: .skippedRows) ?? 0,
            headerRows: try values.decodeIfPresent(Int.self, forKey: .headerRows) ?? 1,
            columns: try values.decodeIfPresent([String: String].self, forKey: .columns) ?? [:],
            dateOrder: try values.decodeIfPresent(DateOrder.self, forKey: .dateOrder) ?? .yearMonthDay)
    }

    /// Whether a row of the file lies above the data: skipped or part of the heading.
    public func isHeading(_ row: SheetRow) -> Bool { row.number <= skippedRows + headerRows }

    /// Whether a row is one of the heading.
    public func isHeader(_ row: SheetRow) -> Bool { isHeading(row) && row.number > skippedRows }

    /// The heading of each column: its rows joined by ` / `, without the repeats that merged cells give.
    public static func headings(rows: [SheetRow]) -> [String] {
        (0..<(rows.map(\.cells.count).max() ?? 0)).map { column in
            var parts: [String] = []
            for row in rows {
                let part = row[column].trimmingCharacters(in: .whitespacesAndNewlines)
                if !part.isEmpty, part != parts.last { parts.append(part) }
            }
            return parts.joined(separator: " / ")
        }
    }

    /// A date as the user's file writes it. Dates that begin with the year are read in any order.
    public func day(_ text: String) -> Day? {
        if let day = Day.read(text) { return day }
        guard let numbers = Layout.yearLast(text) else { return nil }
        switch dateOrder {
        case .yearMonthDay: return nil
        case .dayMonthYear: return Day(numbers[2], numbers[1], numbers[0])
        case .monthDayYear: return Day(numbers[2], numbers[0], numbers[1])
        }
    }

    /// The order of a date that ends with its year, where a number beyond twelve proves it: `03/04/2020` could be either.
    public static func dateOrder(provenBy text: String) -> DateOrder? {
        guard let numbers = yearLast(text), (numbers[0] > 12) != (numbers[1] > 12) else { return nil }
        return numbers[0] > 12 ? .dayMonthYear : .monthDayYear
    }
    /// The three numbers of a date that ends with its year.
    private static func yearLast(_ text: String) -> [Int]? {
        let head = text.prefix { $0 != " " && $0 != "T" && $0 != "\u{3000}" }
        let numbers = head.split { "-/.".contains($0) }.compactMap { Int($0) }
        return numbers.count == 3 && numbers[2] > 31 ? numbers : nil
    }
}

/// A layout laid over the heading of one file: which column holds each of our fields.
public struct HeaderMap: Hashable, Sendable {
    /// Zero-based column by the name of our field. Where a file has two columns for a field, the first.
    public let columns: [String: Int]
    /// Headings that the layout names and the file lacks, sorted.
    public let missing: [String]
    /// Headings of the file that the layout does not name, in their order.
    public let unknown: [String]

    /// Compares headings `normalised`.
    public init(_ layout: Layout, headings: [String]) {
        let fields = Dictionary(layout.columns.map { (Self.normalised($0.key), $0.value) }, uniquingKeysWith: { first, _ in first })
        var columns: [String: Int] = [:]
        var (unknown, found): ([String], Set<String>) = ([], [])
        for (index, heading) in headings.enumerated() where !heading.isEmpty {
            let name = Self.normalised(heading)
            found.insert(name)
            if let field = fields[name] { columns[field] = columns[field] ?? index } else { unknown.append(heading) }
        }
        self.columns = columns
        self.unknown = unknown
        missing = layout.columns.keys.filter { !found.contains(Self.normalised($0)) }.sorted()
    }

    /// The cell of a field, untrimmed; nil where the file has no column for it.
    public func value(_ field: String, in row: SheetRow) -> String? { columns[field].map { row[$0] } }

    /// A heading as it is compared: full-width forms as half-width, without white space and asterisks, in lower case.
    public static func normalised(_ heading: String) -> String {
        var text = String.UnicodeScalarView()
        for scalar in heading.unicodeScalars {
            let isFullWidth = (0xFF01...0xFF5E).contains(scalar.value)
            let narrow = isFullWidth ? Unicode.Scalar(scalar.value - 0xFEE0) ?? scalar : scalar
            if narrow == "*" || narrow == "\u{FEFF}" || narrow == "\u{200B}" || narrow.properties.isWhitespace { continue }
            text.append(narrow)
        }
        return String(text).lowercased()
    }
}
