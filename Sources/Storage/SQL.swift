import Kernel

/// A piece of SQL with its values. Values travel beside the text, never inside it.
public struct SQL: ExpressibleByStringInterpolation, Sendable {
    enum Part: Sendable { case text(String), value(SQLValue) }
    var parts: [Part]

    public init(stringLiteral text: String) { parts = [.text(text)] }
    public init(stringInterpolation pieces: StringInterpolation) { parts = pieces.parts }
    /// Text that is not a literal. Say so where you use it, and never with a user's words.
    public init(trusted text: String) { parts = [.text(text)] }

    public struct StringInterpolation: StringInterpolationProtocol {
        var parts: [Part] = []
        public init(literalCapacity: Int, interpolationCount: Int) {}
        public mutating func appendLiteral(_ text: String) { parts.append(.text(text)) }
        public mutating func appendInterpolation(_ value: (some SQLConvertible)?) { parts.append(.value(value?.sqlValue ?? .null)) }
        public mutating func appendInterpolation(_ sql: SQL) { parts += sql.parts }
        /// Values parted by commas, nulls among them.
        public mutating func appendInterpolation(values: [SQLValue]) {
            for (index, value) in values.enumerated() {
                if index > 0 { parts.append(.text(", ")) }
                parts.append(.value(value))
            }
        }
        /// `LIKE \(containing: words)`: what has the text somewhere, each sign of it meaning itself. Never for text in quotes.
        public mutating func appendInterpolation(containing text: String) { like("%" + SQL.literal(text) + "%") }
        /// `LIKE \(beginning: words)`: what begins with the text.
        public mutating func appendInterpolation(beginning text: String) { like(SQL.literal(text) + "%") }
        /// `LIKE \(ending: words)`: what ends with the text.
        public mutating func appendInterpolation(ending text: String) { like("%" + SQL.literal(text)) }
        private mutating func like(_ pattern: String) {
            parts.append(.value(.text(pattern)))
            parts.append(.text(" ESCAPE '\\'"))
        }
        /// `IN \(list: ids)`; an empty list matches nothing.
        public mutating func appendInterpolation(list values: some Collection<some SQLConvertible>) {
            if values.isEmpty { parts.append(.text("(NULL)")); return }
            for (index, value) in values.enumerated() {
                parts.append(.text(index == 0 ? "(" : ", "))
                parts.append(.value(value.sqlValue))
            }
            parts.append(.text(")"))
        }
    }

    /// A text as `LIKE` finds it letter by letter.
    private static func literal(_ text: String) -> String {
        String(text.flatMap { "%_\\".contains($0) ? ["\\", $0] : [$0] })
    }

    /// The text with a placeholder for each value, and the values in order.
    func rendered(placeholder: (Int) -> String) -> (text: String, values: [SQLValue]) {
        var text = ""
        var values: [SQLValue] = []
        for part in parts {
            switch part {
            case .text(let literal): text += literal
            case .value(let value):
                values.append(value)
                text += placeholder(values.count)
            }
        }
        return (text, values)
    }
}

public enum SQLValue: Sendable, Hashable { case null, integer(Int64), real(Double), text(String) }

/// A type that knows how it is kept in a column.
public protocol SQLConvertible: Sendable {
    var sqlValue: SQLValue { get }
    init(sqlValue: SQLValue) throws
}

public struct SQLMismatch: Error { public let value: SQLValue, expected: String }

extension Int: SQLConvertible {
    public var sqlValue: SQLValue { .integer(Int64(self)) }
    public init(sqlValue: SQLValue) throws {
        switch sqlValue {
        case .integer(let number): self = Int(number)
        case .real(let number) where number == number.rounded() && abs(number) < 9e15: self = Int(number)
        default: throw SQLMismatch(value: sqlValue, expected: "Int")
        }
    }
}
extension Double: SQLConvertible {
    public var sqlValue: SQLValue { .real(self) }
    public init(sqlValue: SQLValue) throws {
        switch sqlValue {
        case .real(let number): self = number
        case .integer(let number): self = Double(number)
        default: throw SQLMismatch(value: sqlValue, expected: "Double")
        }
    }
}
extension String: SQLConvertible {
    public var sqlValue: SQLValue { .text(self) }
    public init(sqlValue: SQLValue) throws {
        guard case .text(let text) = sqlValue else { throw SQLMismatch(value: sqlValue, expected: "String") }
        self = text
    }
}
extension Bool: SQLConvertible {
    public var sqlValue: SQLValue { .integer(self ? 1 : 0) }
    public init(sqlValue: SQLValue) throws { self = try Int(sqlValue: sqlValue) != 0 }
}
/// Days are kept as whole days since 1970-01-01, so that spans compare and subtract alike on both engines.
extension Day: SQLConvertible {
    public var sqlValue: SQLValue { .integer(Int64(number)) }
    public init(sqlValue: SQLValue) throws { self.init(number: Int32(try Int(sqlValue: sqlValue))) }
}
extension Moment: SQLConvertible {
    public var sqlValue: SQLValue { .integer(microseconds) }
    public init(sqlValue: SQLValue) throws { self.init(microseconds: Int64(try Int(sqlValue: sqlValue))) }
}

/// One row of an answer; columns by position or name.
public struct SQLRow: Sendable {
    let columns: [String]
    public let values: [SQLValue]
    public subscript(index: Int) -> SQLValue { values[index] }
    public func get<T: SQLConvertible>(_ column: String, as type: T.Type = T.self) throws -> T { try T(sqlValue: value(column)) }
    public func get<T: SQLConvertible>(_ index: Int, as type: T.Type = T.self) throws -> T { try T(sqlValue: values[index]) }
    public func find<T: SQLConvertible>(_ column: String, as type: T.Type = T.self) throws -> T? {
        let value = value(column)
        return value == .null ? nil : try T(sqlValue: value)
    }
    private func value(_ column: String) -> SQLValue {
        guard let index = columns.firstIndex(of: column) else { preconditionFailure("no column \(column) among \(columns)") }
        return values[index]
    }
}
