import Foundation
import Kernel

/// One limit, or one figure that a rule of limits needs, for a physical agent 物理因素 (GBZ 2.2), in one edition.
public struct PhysicalLimit: Sendable, Hashable {
    /// Stable over editions: `noise.day`, `wbgt.75.II`.
    public let key: String
    /// The agent 噪声 and what of it is limited 8h等效声级.
    public let agent, quantity: Bilingual
    /// When this row rather than a sibling applies; empty where it always does.
    public let condition: Bilingual
    public let limit: Double
    public let unit: String
    public let provenance: Provenance
    /// What a reader should know of the row.
    public let note: String
}

/// The figures for physical agents in all editions that are to hand.
public struct PhysicalLimits: Sendable {
    /// In the order of the file.
    public let all: [PhysicalLimit]
    private let byKey: [String: [PhysicalLimit]]

    public init(_ all: [PhysicalLimit]) {
        self.all = all
        byKey = Dictionary(grouping: all, by: \.key)
    }

    /// The row of a day.
    /// - Throws: `Refusal("physical.limit.missing")` where there is none to hand on that day; none is taken as complied with.
    public func limit(_ key: String, on day: Day) throws(Refusal) -> PhysicalLimit {
        let open = (byKey[key] ?? []).filter { $0.provenance.force.contains(day) }
        guard let limit = open.max(by: { $0.provenance.force.from < $1.provenance.force.from }) else {
            throw Refusal("physical.limit.missing", field: "agent", ["value": key, "limit": day.description])
        }
        return limit
    }

    /// All rows of a day whose key begins so, `wbgt.`; in the order of the file.
    public func limits(_ prefix: String, on day: Day) -> [PhysicalLimit] {
        all.filter { $0.key.hasPrefix(prefix) && $0.provenance.force.contains(day) }
    }
}

extension PhysicalLimits {
    static let file = "physical.csv"
    static let columns = [
        "key", "agent", "agent_en", "quantity", "quantity_en", "condition", "condition_en", "limit", "unit", "edition", "clause", "source",
        "confidence", "from", "until", "note",
    ]

    /// - Parameter standards: the folder `Data/standards`.
    /// - Throws: `Refusal` with file, row and column.
    public init(standards: URL) throws {
        let table = try Table(standards.appendingPathComponent(PhysicalLimits.file), needed: PhysicalLimits.columns)
        self.init(
            try table.rows.map { row in
                guard let limit = try row.number("limit") else { throw row.refusal("catalog.empty", "limit") }
                return PhysicalLimit(
                    key: try row.required("key"), agent: Bilingual(try row.required("agent"), try row.required("agent_en")),
                    quantity: Bilingual(try row.required("quantity"), try row.required("quantity_en")),
                    condition: Bilingual(row["condition"], row["condition_en"]), limit: limit, unit: try row.required("unit"),
                    provenance: try row.provenance(), note: row["note"])
            })
    }
}
