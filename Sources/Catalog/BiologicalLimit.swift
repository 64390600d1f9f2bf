import Kernel

/// One biological exposure limit 职业接触生物限值 (GBZ 2.1, table 4), in one edition. The standard recommends them.
public struct BiologicalLimit: Sendable, Hashable {
    public enum Medium: String, Sendable { case urine, blood, breath }
    /// Agent and line: `1.2`.
    public let key: String
    public let agent: Bilingual
    /// What is measured 生物监测指标.
    public let indicator: Bilingual
    public let medium: Medium
    /// The limit, in each unit that the standard prints it in.
    public let values: [Amount]
    /// A value below the limit is the finding: cholinesterase activity.
    public let isMinimum: Bool
    /// As printed.
    public let text: String
    public let sampling: Bilingual
    /// Codes of the factors that it is for.
    public let factors: [String]
    public let provenance: Provenance
    public let isDateUnverified: Bool

    /// A number with its unit.
    public struct Amount: Sendable, Hashable {
        public let value: Double
        public let unit: String
        public init(_ value: Double, _ unit: String) { (self.value, self.unit) = (value, unit) }
        /// `47 μmol/mol Cr`; nil where no number stands first.
        init?(_ text: String) {
            let parts = text.split(separator: " ", maxSplits: 1)
            guard parts.count == 2, let value = Double(parts[0]) else { return nil }
            self.init(value, String(parts[1]))
        }
    }
}

extension BiologicalLimit: TableValue {
    static let file = "biological-limits.csv"
    static let columns = [
        "key", "agent", "agent_en", "indicator", "indicator_en", "medium", "values", "is_minimum", "text", "sampling", "sampling_en",
        "factors", "edition", "clause", "source", "confidence", "from", "until", "date", "note",
    ]
    init(_ row: Table.Row) throws {
        guard let medium = Medium(rawValue: row["medium"]) else { throw row.refusal("catalog.choice", "medium") }
        guard ["", "unverified"].contains(row["date"]) else { throw row.refusal("catalog.choice", "date") }
        let values = try row.list("values").map { text in
            guard let amount = Amount(text) else { throw row.refusal("catalog.number", "values", ["value": text]) }
            return amount
        }
        guard !values.isEmpty else { throw row.refusal("catalog.empty", "values") }
        self.init(
            key: try row.required("key"), agent: Bilingual(try row.required("agent"), row["agent_en"]),
            indicator: Bilingual(try row.required("indicator"), row["indicator_en"]), medium: medium, values: values,
            isMinimum: row.flag("is_minimum"), text: row["text"], sampling: Bilingual(row["sampling"], row["sampling_en"]),
            factors: row.list("factors"), provenance: try row.provenance(), isDateUnverified: row["date"] == "unverified")
    }
    fileprivate func inForce(from day: Day) -> BiologicalLimit {
        BiologicalLimit(
            key: key, agent: agent, indicator: indicator, medium: medium, values: values, isMinimum: isMinimum, text: text,
            sampling: sampling, factors: factors, provenance: provenance.inForce(Span(day, provenance.force.until)),
            isDateUnverified: false)
    }
}

public struct BiologicalLimits: Sendable {
    public let all: [BiologicalLimit]
    /// - Parameter settled: first days that a jurisdiction has settled, by edition.
    public init(_ all: [BiologicalLimit] = [], settled: [String: Day] = [:]) {
        self.all = all.map { limit in
            guard limit.isDateUnverified, let day = settled[limit.provenance.edition] else { return limit }
            return limit.inForce(from: day)
        }
    }
    public func limits(on day: Day) -> [BiologicalLimit] { all.filter { $0.provenance.force.contains(day) } }
    public func limits(ofFactor factor: String, on day: Day) -> [BiologicalLimit] {
        limits(on: day).filter { $0.factors.contains(factor) }
    }
}
