import Kernel

/// A highly toxic substance 高毒物品 (卫法监发〔2003〕142号).
public struct HighlyToxic: Sendable, Hashable {
    public let number: Int
    public let name: Bilingual
    public let cas: [String]
    public let misprinted: [String]
    /// Codes of hazard factors that it belongs to.
    public let factors: [String]
    /// Whether it is all that those factors name; otherwise only a part of them is highly toxic, and the substance decides.
    public let isWhole: Bool
    public let note: String
    public let provenance: Provenance
}

extension HighlyToxic: TableValue {
    static let file = "highly-toxic.csv"
    static let columns = [
        "no", "name", "name_en", "cas", "cas_flaw", "factors", "scope", "edition", "clause", "source", "confidence", "from", "until",
        "note",
    ]
    init(_ row: Table.Row) throws {
        guard let number = try row.integer("no") else { throw row.refusal("catalog.empty", "no") }
        guard ["whole", "part"].contains(row["scope"]) else { throw row.refusal("catalog.choice", "scope") }
        let misprinted = row.list("cas_flaw")
        let numbers = row.list("cas").filter { !misprinted.contains($0) }
        for number in numbers {
            if let flaw = CASNumber.flaw(in: number) { throw row.refusal(flaw.rawValue, "cas", ["value": number]) }
        }
        self.init(
            number: number, name: Bilingual(try row.required("name"), row["name_en"]), cas: numbers, misprinted: misprinted,
            factors: row.list("factors"), isWhole: row["scope"] == "whole", note: row["note"], provenance: try row.provenance())
    }
}

public struct HighlyToxicList: Sendable {
    public let all: [HighlyToxic]
    private let byFactor: [String: [HighlyToxic]]
    public init(_ all: [HighlyToxic] = []) {
        self.all = all
        var found: [String: [HighlyToxic]] = [:]
        for item in all { for factor in item.factors { found[factor, default: []].append(item) } }
        byFactor = found
    }
    public func items(ofFactor factor: String) -> [HighlyToxic] { byFactor[factor] ?? [] }
    public func items(cas: CASNumber) -> [HighlyToxic] { all.filter { $0.cas.contains(cas.text) } }

    /// Whether a factor is highly toxic: unknown where only a part of what it names is.
    public func isHighlyToxic(factor: String) -> Truth {
        let found = items(ofFactor: factor)
        if found.isEmpty { return .no }
        return found.contains(where: \.isWhole) ? .yes : .unknown
    }
}
