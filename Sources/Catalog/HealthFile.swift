import Foundation
import Kernel
import Yams

/// Reads one of the files of hearing and dose; a flaw is told with file, line and field.
struct HealthFile {
    let name: String
    let root: Node

    /// - Throws: as `Catalog.yaml`.
    init(_ url: URL) throws {
        name = url.lastPathComponent
        root = .mapping(try Catalog.yaml(url))
    }

    func refusal(_ code: String, _ node: Node, _ key: String) -> Refusal {
        Refusal(code, row: node.mark?.line, field: key, ["file": name, "value": node[key]?.text ?? ""])
    }
    /// The entries of a list; none where the key is absent.
    func list(_ node: Node, _ key: String) -> [Node] { node[key]?.sequence.map(Array.init) ?? [] }
    func entries(_ key: String) throws -> [Node] {
        let found = list(root, key)
        guard !found.isEmpty else { throw refusal("catalog.empty", root, key) }
        return found
    }
    func text(_ node: Node, _ key: String) throws -> String {
        guard let text = node[key]?.text, !text.isEmpty else { throw refusal("catalog.empty", node, key) }
        return text
    }
    func words(_ node: Node) throws -> Bilingual { Bilingual(try text(node, "zh"), try text(node, "en")) }

    /// - Returns: nil where the key is absent or null.
    func number(_ node: Node, _ key: String) throws -> Double? {
        guard let text = node[key]?.text else { return nil }
        guard let value = Double(text), value.isFinite else { throw refusal("catalog.number", node, key) }
        return value
    }
    func needed(_ node: Node, _ key: String) throws -> Double {
        guard let value = try number(node, key) else { throw refusal("catalog.empty", node, key) }
        return value
    }
    func whole(_ node: Node, _ key: String) throws -> Int {
        guard let value = Int(exactly: try needed(node, key)) else { throw refusal("catalog.number", node, key) }
        return value
    }
    /// - Parameter count: how many there must be; nil for any.
    func numbers(_ node: Node, _ key: String, count: Int? = nil) throws -> [Double] {
        let texts = list(node, key).map(\.text)
        let values = texts.compactMap { $0.flatMap(Double.init) }.filter(\.isFinite)
        guard values.count == texts.count, !values.isEmpty, count.map({ $0 == values.count }) ?? true else {
            throw refusal("catalog.number", node, key)
        }
        return values
    }
    func choice<Choice: RawRepresentable>(_ node: Node, _ key: String, _ type: Choice.Type) throws -> Choice
    where Choice.RawValue == String {
        guard let found = Choice(rawValue: try text(node, key)) else { throw refusal("catalog.choice", node, key) }
        return found
    }
    func day(_ node: Node, _ key: String) throws -> Day? {
        guard let text = node[key]?.text else { return nil }
        guard let day = Day(text) else { throw refusal("catalog.day", node, key) }
        return day
    }
    func provenance(_ node: Node) throws -> Provenance {
        let force = Span(try day(node, "from") ?? .distantPast, try day(node, "until") ?? .distantFuture)
        guard !force.isEmpty else { throw refusal("catalog.span", node, "until") }
        guard let confidence = Confidence(rawValue: try text(node, "confidence")) else {
            throw refusal("catalog.confidence", node, "confidence")
        }
        return Provenance(
            edition: try text(node, "edition"), clause: try text(node, "clause"), source: try text(node, "source"), confidence: confidence,
            force: force)
    }
}
