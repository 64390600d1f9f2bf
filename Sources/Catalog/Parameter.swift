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
    /// Whether jurisdictions set it, where no law does.
    public let isLocal: Bool
    /// Editions that jurisdictions set in `local/<division>.yaml`, by division.
    public internal(set) var local: [String: [Edition]] = [:]
    /// What holds in a division on a day: the edition of the nearest jurisdiction that set one, else the law's; nil where the value is
    /// blank. Unlike ``edition(on:)``, never stretched over the days before it.
    public func setting(in division: String?, on day: Day) -> Edition? {
        let near = local.keys.filter { key in division.flatMap { place in DivisionCode(key)?.contains(place) } ?? false }
            .sorted { (DivisionCode($0)?.prefix.utf8.count ?? 0) > (DivisionCode($1)?.prefix.utf8.count ?? 0) }
        for key in near { if let edition = local[key]?.last(where: { $0.force.contains(day) }) { return edition } }
        return editions.last { $0.force.contains(day) && !$0.value.isEmpty }
    }
    /// The edition in force on a day; before the first dated one, the first.
    public func edition(on day: Day) -> Edition? { editions.last { $0.force.contains(day) } ?? editions.first }
}

extension Catalog {
    /// The parameters of `parameters.yaml`, by name.
    /// - Throws: `catalog.local-parameter` where a jurisdiction sets what is not for it to set.
    static func parameters(_ url: URL, local: [LocalAdditions]) throws -> [String: Parameter] {
        var parameters: [String: Parameter] = [:]
        for (name, body) in try yaml(url) {
            guard let name = name.string, let body = body.mapping, let values = body["values"]?.sequence else { continue }
            let editions = values.compactMap(edition)
            let zh = body["zh"]?.text ?? name
            let en = body["en"]?.text ?? name
            parameters[name] = Parameter(
                name: name, zh: zh, en: en, unit: body["unit"]?.text ?? "", editions: editions, isLocal: body["local"]?.text == "true")
        }
        for additions in local {
            for (name, node, line) in additions.parameters {
                let editions = node.compactMap(edition)
                guard parameters[name]?.isLocal == true, editions.count == node.count,
                    editions.allSatisfy({ !$0.value.isEmpty && !$0.source.isEmpty })
                else {
                    throw Refusal("catalog.local-parameter", row: line, field: name, ["file": additions.file, "value": name])
                }
                parameters[name]?.local[additions.division] = editions
            }
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
