import Foundation
import Kernel
import Yams

/// A law, order, standard or notice 法规与标准 that the platform cites.
public struct Instrument: Sendable, Hashable {
    public enum Text: String, Sendable {
        /// Its text is to hand; excerpts or copies of its figures only; none.
        case full, part, none
    }
    /// As it is cited: `GBZ 2.1-2019/XG1`.
    public let code: String
    public let title: Bilingual
    public let issued: Day?
    /// Open ends where the day is not known; `areDatesKnown` tells.
    public let force: Span
    public let isFirstDayKnown: Bool
    /// Codes of what it replaces.
    public let replaces: [String]
    public let text: Text
    public let source: String
    public let confidence: Confidence
    /// How sure the days are.
    public let dates: Confidence
    public let note: String

    /// Whether it is in force on a day: unknown before a first day that nobody verified.
    public func isInForce(on day: Day) -> Truth {
        if day >= force.until { return .no }
        if isFirstDayKnown { return force.contains(day) ? .yes : .no }
        return force.from > .distantPast && day < force.from ? .no : .unknown
    }
}

public struct Instruments: Sendable {
    public let all: [Instrument]
    private let positions: [String: Int]
    public init(_ all: [Instrument] = []) {
        self.all = all
        positions = Dictionary(all.enumerated().map { ($1.code, $0) }, uniquingKeysWith: { first, _ in first })
    }
    public subscript(code: String) -> Instrument? { positions[code].map { all[$0] } }
    /// What replaces an instrument.
    public func successors(of code: String) -> [Instrument] { all.filter { $0.replaces.contains(code) } }

    static let file = "instruments.yaml"
    static let keys: Set<String> = [
        "code", "zh", "en", "issued", "from", "until", "date", "replaces", "text", "source", "confidence", "dates", "note",
    ]

    /// - Throws: `Refusal` with file, row and key.
    public init(standards: URL) throws {
        let root = try Catalog.yaml(standards.appendingPathComponent(Instruments.file))
        self.init(try (root["instruments"]?.sequence ?? []).map(Instrument.init))
    }
}

extension Instrument {
    init(_ node: Yams.Node) throws {
        let line = node.mark?.line
        func refusal(_ code: String, _ key: String, _ value: String) -> Refusal {
            Refusal(code, row: line, field: key, ["file": Instruments.file, "value": value])
        }
        guard let body = node.mapping else { throw refusal("catalog.empty", "code", "") }
        for (key, _) in body where !Instruments.keys.contains(key.text ?? "") {
            throw refusal("catalog.key", key.text ?? "", key.text ?? "")
        }
        func word(_ key: String) throws -> String {
            guard let text = body[key]?.text, !text.isEmpty else { throw refusal("catalog.empty", key, "") }
            return text
        }
        func day(_ key: String) throws -> Day? {
            guard let text = body[key]?.text else { return nil }
            guard let day = Day(text) else { throw refusal("catalog.day", key, text) }
            return day
        }
        func confidence(_ key: String) throws -> Confidence {
            let text = try word(key)
            guard let found = Confidence(rawValue: text) else { throw refusal("catalog.confidence", key, text) }
            return found
        }
        guard let text = Text(rawValue: try word("text")) else { throw refusal("catalog.choice", "text", try word("text")) }
        let from = try day("from")
        let until = try day("until")
        if let from, let until, until <= from {
            throw Refusal("catalog.span", row: line, field: "until", ["file": Instruments.file, "value": "\(until)", "limit": "\(from)"])
        }
        self.init(
            code: try word("code"), title: Bilingual(try word("zh"), try word("en")), issued: try day("issued"),
            force: Span(from ?? .distantPast, until ?? .distantFuture), isFirstDayKnown: from != nil && body["date"]?.text != "unverified",
            replaces: body["replaces"]?.sequence?.compactMap(\.text) ?? [], text: text, source: try word("source"),
            confidence: try confidence("confidence"), dates: try confidence("dates"), note: body["note"]?.text ?? "")
    }
}
