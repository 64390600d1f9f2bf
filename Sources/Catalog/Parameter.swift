import Foundation
import Kernel
import Yams

/// A parameter of a rule 参数 with its editions: what the plans do not print and the law or practice fixes.
public struct Parameter: Sendable {
    public struct Edition: Sendable {
        public let value: String
        public let force: Span
        public let clause, source, confidence: String
    }
    public let name, zh, en, unit: String
    public let editions: [Edition]
    /// The edition in force on a day; before the first dated one, the first.
    public func edition(on day: Day) -> Edition? { editions.last { $0.force.contains(day) } ?? editions.first }
}

extension Catalog {
    /// The parameters of `parameters.yaml`, by name.
    static func parameters(_ url: URL) throws -> [String: Parameter] {
        var parameters: [String: Parameter] = [:]
        for (name, body) in try yaml(url) {
            guard let name = name.string, let body = body.mapping, let values = body["values"]?.sequence else { continue }
            let editions = values.compactMap(edition)
            let zh = body["zh"]?.text ?? name
            let en = body["en"]?.text ?? name
            parameters[name] = Parameter(name: name, zh: zh, en: en, unit: body["unit"]?.text ?? "", editions: editions)
        }
        return parameters
    }

    private static func edition(_ node: Yams.Node) -> Parameter.Edition? {
        guard let node = node.mapping else { return nil }
        func day(_ key: String) -> Day? { node[key]?.text.flatMap { Day($0) } }
        func word(_ key: String) -> String { node[key]?.text ?? "" }
        let listed = node["value"]?.sequence?.compactMap(\.text).joined(separator: ";")
        let force = Span(day("from") ?? .distantPast, day("until") ?? .distantFuture)
        return .init(
            value: listed ?? word("value"), force: force, clause: word("clause"), source: word("source"), confidence: word("confidence"))
    }
}
