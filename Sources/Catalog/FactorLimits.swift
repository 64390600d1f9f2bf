import Kernel

/// One line of the map from hazard factors to limits: that a factor is judged by a limit, or that it has none.
public struct FactorLimit: Sendable, Hashable {
    /// How the two were found to belong together.
    public enum How: String, Sendable, CaseIterable {
        /// One registry number.
        case cas
        /// One name, or a second name of the same.
        case name
        /// One is a part of what the other names: 铅及其化合物 and 铅烟.
        case part
        /// Our inference.
        case judgement
        /// The factor has no limit.
        case none
    }
    public let factor: String
    /// The key of the limit; nil for `none`.
    public let limit: String?
    public let how: How
    public let note: String
    public let provenance: Provenance
}

extension FactorLimit: TableValue {
    static let file = "factor-limits.csv"
    static let columns = ["factor", "limit", "how", "note", "source", "confidence"]
    init(_ row: Table.Row) throws {
        guard let how = How(rawValue: row["how"]) else { throw row.refusal("catalog.choice", "how") }
        guard row["limit"].isEmpty == (how == .none) else { throw row.refusal("catalog.choice", "limit") }
        self.init(
            factor: try row.required("factor"), limit: how == .none ? nil : row["limit"], how: how, note: row["note"],
            provenance: try row.provenance())
    }
}

/// The map from hazard factors to limits, many to many.
public struct FactorLimits: Sendable {
    public let all: [FactorLimit]
    private let byFactor: [String: [FactorLimit]]
    private let byLimit: [String: [FactorLimit]]
    public init(_ all: [FactorLimit] = []) {
        self.all = all
        byFactor = Dictionary(grouping: all, by: \.factor)
        byLimit = Dictionary(grouping: all.filter { $0.limit != nil }) { $0.limit ?? "" }
    }
    /// The lines of a factor, the one that says that it has no limit included.
    public func links(ofFactor factor: String) -> [FactorLimit] { byFactor[factor] ?? [] }
    public func links(ofLimit key: String) -> [FactorLimit] { byLimit[key] ?? [] }
    public func keys(ofFactor factor: String) -> [String] { links(ofFactor: factor).compactMap(\.limit) }
    /// Codes of the factors of which the map says that no limit exists, each with the reason as its note.
    public var withoutLimit: [FactorLimit] { all.filter { $0.how == .none } }
}
