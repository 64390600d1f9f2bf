import Kernel

/// The severity of the hazards of an industry 建设项目职业病危害风险分类管理目录 (国卫办职健发〔2021〕5号).
public struct ConstructionRisk: Sendable, Hashable {
    public enum Severity: String, Sendable { case severe, general }
    /// Group or class of GB/T 4754.
    public let industry: String
    public let name: String
    /// Which part of the industry, where the catalogue splits it; nil for the whole.
    public let part: String?
    public let severity: Severity
    /// Becomes `general` where none of benzene, n-hexane, 1,2-dichloroethane and chloroform is used.
    public let hasSolventException: Bool
    public let provenance: Provenance
}

extension ConstructionRisk: TableValue {
    static let file = "construction-risk.csv"
    static let columns = [
        "industry", "name", "part", "severity", "solvent_exception", "edition", "clause", "source", "confidence", "from", "until", "note",
    ]
    init(_ row: Table.Row) throws {
        guard let severity = Severity(rawValue: row["severity"]) else { throw row.refusal("catalog.choice", "severity") }
        self.init(
            industry: try row.required("industry"), name: try row.required("name"), part: row["part"].isEmpty ? nil : row["part"],
            severity: severity, hasSolventException: row.flag("solvent_exception"), provenance: try row.provenance())
    }
}

public struct ConstructionRisks: Sendable {
    public let all: [ConstructionRisk]
    private let byIndustry: [String: [ConstructionRisk]]
    public init(_ all: [ConstructionRisk] = []) {
        self.all = all
        byIndustry = Dictionary(grouping: all, by: \.industry)
    }
    /// The entries for an industry on a day, by its own code or the group that it belongs to. Two entries: the part of the industry
    /// decides. None: the evaluation of the project decides.
    public func entries(industry: String, on day: Day) -> [ConstructionRisk] {
        var code = industry
        while code.count >= 3 {
            let found = (byIndustry[code] ?? []).filter { $0.provenance.force.contains(day) }
            if !found.isEmpty { return found }
            code.removeLast()
        }
        return []
    }
}
