import Kernel

/// What a field of a record holds.
public enum Value: Hashable, Sendable {
    case text(String), integer(Int), real(Double), day(Day), flag(Bool), list([String])
}

/// What a field accepts. Code tables are named here and kept in the catalogue, with their editions.
public enum FieldType: Hashable, Sendable {
    /// Text of at most so many characters, without control characters.
    case text(max: Int)
    case integer(ClosedRange<Int>)
    case decimal(ClosedRange<Double>)
    /// A day; `future` says whether it may lie after the day of entry.
    case day(future: Bool)
    case flag
    /// One code of a table, or several.
    case code(String), codes(String)
    /// The id of a record of a kind.
    case reference(String)
    /// A division that exists, of six digits or, where `township`, of nine.
    case division(township: Bool)
    case creditCode, residentID
}

/// How a reference ties two records.
public enum Tie: Sendable {
    /// The record is part of the file of the record that it names: a result of its report, a report of its employer.
    case part
    /// The record only mentions the other; rules read the other's attributes.
    case mention
}

/// Who may see a field in clear. Everybody else sees it masked.
public enum Sensitivity: String, Sendable { case open, personal, medical }

/// One field of a kind, stated once: table, form, template, check, export and documentation come from it.
/// `@unchecked`: `index` and `isDerived` are written once, before the kind that the field belongs to can be used.
public final class FieldSpec: @unchecked Sendable {
    public let name, zh, en: String
    public let type: FieldType
    public let required: Bool
    public let tie: Tie
    public let sensitivity: Sensitivity
    /// Where the field comes from: a clause, a standard, a form.
    public let source: String
    public fileprivate(set) var index = -1
    /// Written by the house when a record is taken (`Kind.complete`), never by whoever submits it.
    public fileprivate(set) var isDerived = false

    init(
        _ name: String, _ zh: String, _ en: String, _ type: FieldType, required: Bool, tie: Tie = .mention, sensitivity: Sensitivity,
        source: String
    ) {
        (self.name, self.zh, self.en, self.type, self.required) = (name, zh, en, type, required)
        (self.tie, self.sensitivity, self.source) = (tie, sensitivity, source)
    }
    func take(_ index: Int, in kind: String) {
        precondition(self.index == -1 || self.index == index, "field \(name) is listed in two kinds, one is \(kind)")
        self.index = index
    }
    /// The kind that a reference names.
    public var target: String? { if case .reference(let kind) = type { kind } else { nil } }
}

/// A typed handle on a field: `record[Employer.name]`.
public struct Field<Content: FieldContent>: Sendable {
    public let spec: FieldSpec
    /// The same field as one that the house fills.
    public var derived: Field {
        spec.isDerived = true
        return self
    }
}

/// A Swift type that a field's value is read as.
public protocol FieldContent: Sendable {
    static func read(_ value: Value) -> Self?
    var value: Value { get }
}
extension String: FieldContent {
    public static func read(_ value: Value) -> String? { if case .text(let text) = value { text } else { nil } }
    public var value: Value { .text(self) }
}
extension Int: FieldContent {
    public static func read(_ value: Value) -> Int? { if case .integer(let number) = value { number } else { nil } }
    public var value: Value { .integer(self) }
}
extension Double: FieldContent {
    public static func read(_ value: Value) -> Double? {
        switch value {
        case .real(let number): number
        case .integer(let number): Double(number)
        default: nil
        }
    }
    public var value: Value { .real(self) }
}
extension Day: FieldContent {
    public static func read(_ value: Value) -> Day? { if case .day(let day) = value { day } else { nil } }
    public var value: Value { .day(self) }
}
extension Bool: FieldContent {
    public static func read(_ value: Value) -> Bool? { if case .flag(let flag) = value { flag } else { nil } }
    public var value: Value { .flag(self) }
}
extension [String]: FieldContent {
    public static func read(_ value: Value) -> [String]? { if case .list(let list) = value { list } else { nil } }
    public var value: Value { .list(self) }
}

/// Whether a field must be filled. `required` reads better at the place of use than `true`.
public enum Need: Sendable { case required, optional }

extension Field where Content == String {
    public static func text(
        _ name: String, _ zh: String, _ en: String, _ need: Need = .optional, max: Int = 200, sensitivity: Sensitivity = .open,
        source: String = ""
    ) -> Field { Field(spec: .init(name, zh, en, .text(max: max), required: need == .required, sensitivity: sensitivity, source: source)) }

    public static func code(
        _ name: String, _ zh: String, _ en: String, of table: String, _ need: Need = .optional, sensitivity: Sensitivity = .open,
        source: String = ""
    ) -> Field {
        Field(spec: .init(name, zh, en, .code(table), required: need == .required, sensitivity: sensitivity, source: source))
    }
    public static func reference(
        _ name: String, _ zh: String, _ en: String, to kind: String, _ tie: Tie, _ need: Need = .optional, source: String = ""
    ) -> Field {
        Field(spec: .init(name, zh, en, .reference(kind), required: need == .required, tie: tie, sensitivity: .open, source: source))
    }
    public static func division(
        _ name: String, _ zh: String, _ en: String, township: Bool = false, _ need: Need = .optional, source: String = "GB/T 2260"
    ) -> Field {
        Field(spec: .init(name, zh, en, .division(township: township), required: need == .required, sensitivity: .open, source: source))
    }
    public static func creditCode(_ name: String, _ zh: String, _ en: String) -> Field {
        Field(spec: .init(name, zh, en, .creditCode, required: false, sensitivity: .open, source: "GB 32100-2015"))
    }
    public static func residentID(_ name: String, _ zh: String, _ en: String) -> Field {
        Field(spec: .init(name, zh, en, .residentID, required: false, sensitivity: .personal, source: "GB 11643-1999"))
    }
}
extension Field where Content == Int {
    public static func integer(
        _ name: String, _ zh: String, _ en: String, _ range: ClosedRange<Int>, _ need: Need = .optional, source: String = ""
    ) -> Field {
        Field(spec: .init(name, zh, en, .integer(range), required: need == .required, sensitivity: .open, source: source))
    }
}
extension Field where Content == Double {
    public static func decimal(
        _ name: String, _ zh: String, _ en: String, _ range: ClosedRange<Double>, _ need: Need = .optional, source: String = ""
    ) -> Field {
        Field(spec: .init(name, zh, en, .decimal(range), required: need == .required, sensitivity: .open, source: source))
    }
}
extension Field where Content == Day {
    public static func day(
        _ name: String, _ zh: String, _ en: String, _ need: Need = .optional, future: Bool = false, source: String = ""
    ) -> Field {
        Field(spec: .init(name, zh, en, .day(future: future), required: need == .required, sensitivity: .open, source: source))
    }
}
extension Field where Content == Bool {
    public static func flag(_ name: String, _ zh: String, _ en: String, _ need: Need = .optional, source: String = "") -> Field {
        Field(spec: .init(name, zh, en, .flag, required: need == .required, sensitivity: .open, source: source))
    }
}
extension Field where Content == [String] {
    public static func codes(
        _ name: String, _ zh: String, _ en: String, of table: String, _ need: Need = .optional, sensitivity: Sensitivity = .open,
        source: String = ""
    ) -> Field {
        Field(spec: .init(name, zh, en, .codes(table), required: need == .required, sensitivity: sensitivity, source: source))
    }
}
