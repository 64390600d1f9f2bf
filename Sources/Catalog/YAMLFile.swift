import Foundation
import Kernel
import Yams

extension Catalog {
    /// - Throws: `Refusal("catalog.file")` where the file is missing or is no mapping, `Refusal("catalog.yaml")` with the row where it
    ///   is no YAML.
    static func yaml(_ url: URL) throws -> Yams.Node.Mapping {
        let name = url.lastPathComponent
        guard let text = try? String(contentsOf: url, encoding: .utf8) else { throw Refusal("catalog.file", ["value": name]) }
        do {
            // What a scalar is, each reader knows: asking five expressions of every one took a tenth of the start.
            guard let mapping = try Yams.compose(yaml: text, .basic)?.mapping else { throw Refusal("catalog.file", ["value": name]) }
            return mapping
        } catch let error as YamlError {
            throw Refusal("catalog.yaml", row: error.line, ["file": name, "value": error.flaw])
        }
    }
}

extension YamlError {
    /// The line of the flaw, where the parser tells one.
    var line: Int? {
        switch self {
        case .scanner(_, _, let mark, _), .parser(_, _, let mark, _), .composer(_, _, let mark, _): mark.line
        case .duplicatedKeysInMapping(_, let context): context.mark.line
        default: nil
        }
    }
    /// The parser's own words.
    var flaw: String {
        switch self {
        case .scanner(_, let problem, _, _), .parser(_, let problem, _, _), .composer(_, let problem, _, _): problem
        default: "\(self)"
        }
    }
}

extension Yams.Node {
    /// A scalar as text, nil for null and for everything that is no scalar.
    public var text: String? {
        guard case .scalar(let scalar) = self else { return nil }
        return scalar.style == .plain && ["", "null", "~"].contains(scalar.string) ? nil : scalar.string
    }
}
