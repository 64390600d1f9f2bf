import Kernel

/// A warning sign 警示标识 (GBZ 158) and the hazards that it is put up for.
public struct HazardSign: Sendable, Hashable {
    public enum Kind: String, Sendable, CaseIterable { case prohibition, warning, instruction, line }
    /// When a hazard asks for it beside being there.
    public enum Condition: String, Sendable {
        /// Only where the limit is exceeded.
        case exceeds
        /// Also, or only not, for highly toxic substances 高毒物品.
        case highlyToxic = "highly_toxic", notHighlyToxic = "not_highly_toxic"
    }
    public let code: String
    public let kind: Kind
    public let name: Bilingual
    /// Where it is put up, as the standard says.
    public let place: Bilingual
    /// Categories and codes of factors.
    public let categories, factors: [String]
    public let condition: Condition?
    public let provenance: Provenance

    /// Whether a factor asks for it: unknown where that hangs on something that is not known.
    /// - Parameter exceeds: whether the factor exceeds its limit at the place; unknown where nobody tested.
    public func isNeeded(for factor: HazardFactor, isHighlyToxic: Truth, exceeds: Truth) -> Truth {
        let isNamed = categories.contains(factor.category) || factors.contains(factor.code)
        switch condition {
        case nil: return isNamed ? .yes : .no
        case .exceeds: return isNamed ? exceeds : .no
        case .highlyToxic: return isNamed ? .yes : isHighlyToxic
        case .notHighlyToxic:
            guard isNamed else { return .no }
            return isHighlyToxic == .unknown ? .unknown : isHighlyToxic == .no ? .yes : .no
        }
    }
}

extension HazardSign: TableValue {
    static let file = "signs.csv"
    static let columns = [
        "code", "kind", "name", "name_en", "place", "place_en", "categories", "factors", "when", "edition", "clause", "source",
        "confidence",
        "from", "until", "note",
    ]
    init(_ row: Table.Row) throws {
        guard let kind = Kind(rawValue: row["kind"]) else { throw row.refusal("catalog.choice", "kind") }
        let condition = Condition(rawValue: row["when"])
        guard row["when"].isEmpty || condition != nil else { throw row.refusal("catalog.choice", "when") }
        self.init(
            code: try row.required("code"), kind: kind, name: Bilingual(try row.required("name"), try row.required("name_en")),
            place: Bilingual(try row.required("place"), try row.required("place_en")), categories: row.list("categories"),
            factors: row.list("factors"), condition: condition, provenance: try row.provenance())
    }
}
