/// A thing refused, with a stable code that is never reused, the place of the flaw and what a message needs to be written in the
/// reader's language. Words live in the catalogues (`refusal.<code>`), not here.
public struct Refusal: Error, Hashable, Sendable, CustomStringConvertible {
    public let code: String
    /// One-based row of a file, where there is one (header rows counted).
    public var row: Int?
    /// The stable name of the field, where there is one.
    public var field: String?
    /// What the message names, by name: `value`, `limit`, `expected` …
    public let details: [String: String]

    public init(_ code: String, row: Int? = nil, field: String? = nil, _ details: [String: String] = [:]) {
        (self.code, self.row, self.field, self.details) = (code, row, field, details)
    }
    public func at(row: Int?) -> Refusal {
        var copy = self
        copy.row = row
        return copy
    }
    public func on(field: String) -> Refusal {
        var copy = self
        copy.field = field
        return copy
    }
    public var description: String {
        let place = [row.map { "row \($0)" }, field].compactMap { $0 }.joined(separator: ", ")
        let detail = details.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: ", ")
        return code + (place.isEmpty ? "" : " (\(place))") + (detail.isEmpty ? "" : ": \(detail)")
    }
}

/// Several refusals of one submission, told together so that nobody mends a form one line at a time.
public struct Refusals: Error, Sendable, CustomStringConvertible {
    public let all: [Refusal]
    public init(_ all: [Refusal]) { self.all = all }
    public var description: String { all.map(\.description).joined(separator: "\n") }
}

extension Refusal {
    /// Refuses an end that does not lie behind its beginning.
    public static func order(_ from: Day?, _ until: Day?, field: String) -> [Refusal] {
        guard let from, let until, until < from else { return [] }
        return [Refusal("day.order", field: field, ["value": until.description, "limit": from.description])]
    }
}
