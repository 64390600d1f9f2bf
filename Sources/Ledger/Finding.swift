import Kernel

/// A dated fact that a room's records show, named for the rooms beside it: an exceedance, a new case. Computed, never stored.
public struct Finding: Sendable {
    public let span: Span
    public let record: String
    /// What it is about: a factor, a disease.
    public let code: String
    public init(_ span: Span, record: String, code: String = "") { (self.span, self.record, self.code) = (span, record, code) }
}

/// How a room finds its findings in a file of a root kind.
public struct FindingRule: Sendable {
    public let name: String
    let root: String
    let find: @Sendable (File, Terms) -> [Finding]
    public init(_ name: String, in root: Kind, _ find: @escaping @Sendable (File, Terms) -> [Finding]) {
        (self.name, self.root, self.find) = (name, root.name, find)
    }
}

extension File {
    /// The findings of a name in this file. A name that no room publishes stops the start, not this call.
    public func findings(_ name: String, _ terms: Terms) -> [Finding] {
        guard let rule = book.findings[name], rule.root == root.kind.name else { return [] }
        return rule.find(self, terms)
    }
}
