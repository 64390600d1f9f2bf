import Kernel

/// One row of the size table 统计上大中小微型企业划分办法 (国统字〔2017〕213号): the lower bounds of one quantity in one industry.
public struct SizeBound: Sendable, Hashable {
    public enum Quantity: String, Sendable {
        /// Persons 从业人员, revenue 营业收入 and assets 资产总额 in 10⁴ yuan.
        case workers, revenue, assets
    }
    public let industry: Bilingual
    /// Beginnings of GB/T 4754 codes.
    public let scope: [String]
    public let quantity: Quantity
    public let unit: String
    /// The least value of a large, a medium and a small enterprise.
    public let large, medium, small: Double
    public let provenance: Provenance
}

extension SizeBound: TableValue {
    static let file = "size-classes.csv"
    static let columns = [
        "industry", "industry_en", "scope", "quantity", "unit", "large", "medium", "small", "edition", "clause", "source", "confidence",
        "from", "until", "note",
    ]
    init(_ row: Table.Row) throws {
        guard let quantity = Quantity(rawValue: row["quantity"]) else { throw row.refusal("catalog.choice", "quantity") }
        guard let large = try row.number("large"), let medium = try row.number("medium"), let small = try row.number("small"),
            small < medium, medium < large
        else { throw row.refusal("catalog.number", "large") }
        self.init(
            industry: Bilingual(try row.required("industry"), row["industry_en"]), scope: row.list("scope"), quantity: quantity,
            unit: row["unit"], large: large, medium: medium, small: small, provenance: try row.provenance())
    }
}

public struct SizeClasses: Sendable {
    public let all: [SizeBound]
    public init(_ all: [SizeBound] = []) { self.all = all }

    /// The rows for an industry on a day: those with the longest beginning of its code.
    public func bounds(industry: String, on day: Day) -> [SizeBound] {
        let matches = all.filter { $0.provenance.force.contains(day) }.compactMap { bound -> (length: Int, bound: SizeBound)? in
            bound.scope.filter(industry.hasPrefix).map(\.count).max().map { ($0, bound) }
        }
        let longest = matches.map(\.length).max()
        return matches.filter { $0.length == longest }.map(\.bound)
    }

    /// The size class: the highest of which every quantity reaches the lower bound.
    /// - Returns: a code of the table `size`.
    /// - Throws: `Refusal("size.industry")` where the table names no bounds for the industry, `Refusal("size.missing")` where a
    ///   quantity that decides is not given, `Refusal("size.negative")`.
    public func size(industry: String, workers: Double?, revenue: Double?, assets: Double?, on day: Day) throws -> String {
        let bounds = bounds(industry: industry, on: day)
        guard !bounds.isEmpty else { throw Refusal("size.industry", ["value": industry]) }
        var lowest = SizeClasses.classes.count - 1
        var missing: [SizeBound] = []
        for bound in bounds {
            let given: Double? =
                switch bound.quantity {
                case .workers: workers
                case .revenue: revenue
                case .assets: assets
                }
            guard let given else {
                missing.append(bound)
                continue
            }
            guard given >= 0 else { throw Refusal("size.negative", field: bound.quantity.rawValue, ["value": "\(given)"]) }
            lowest = min(lowest, bound.rank(of: given))
        }
        // One quantity in the lowest class makes a micro enterprise whatever the others are.
        if lowest > 0, let bound = missing.first { throw Refusal("size.missing", field: bound.quantity.rawValue, ["value": industry]) }
        return SizeClasses.classes[lowest]
    }
    static let classes = ["micro", "small", "medium", "large"]
}

extension SizeBound {
    fileprivate func rank(of value: Double) -> Int { value >= large ? 3 : value >= medium ? 2 : value >= small ? 1 : 0 }
}
