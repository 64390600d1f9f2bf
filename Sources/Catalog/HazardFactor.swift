import Kernel

/// A hazard factor 职业病危害因素: one of the national catalogue 职业病危害因素分类目录, or an emerging one 新发 that a jurisdiction added.
public struct HazardFactor: Sendable, Hashable {
    public let code: String
    public let name: Bilingual
    /// A code of the table `factor_category`.
    public let category: String
    /// Registry numbers with valid check digits. For an element with its compounds the number is the element's.
    public let cas: [String]
    /// Numbers that the catalogue misprints, as printed.
    public let misprinted: [String]
    /// What the catalogue limits the factor to: `限于井下工人`.
    public let remark: String
    public let note: String
    public let provenance: Provenance
    /// Where and when it was first seen; nil for those of the national catalogue.
    public let sighting: Sighting?
    public var isEmerging: Bool { sighting != nil }

    /// The first sighting 首次发现 of an emerging factor.
    public struct Sighting: Sendable, Hashable {
        public let day: Day
        /// Code of the division where it was seen.
        public let place: String
        /// Who saw it and where that is written down.
        public let source: String
        public init(day: Day, place: String, source: String) { (self.day, self.place, self.source) = (day, place, source) }
    }

    public init(
        code: String, name: Bilingual, category: String, cas: [String] = [], misprinted: [String] = [], remark: String = "",
        note: String = "", provenance: Provenance, sighting: Sighting? = nil
    ) {
        (self.code, self.name, self.category, self.cas, self.misprinted) = (code, name, category, cas, misprinted)
        (self.remark, self.note, self.provenance, self.sighting) = (remark, note, provenance, sighting)
    }
}

extension HazardFactor: TableValue {
    static let file = "factors.csv"
    static let columns = [
        "code", "name", "name_en", "category", "cas", "cas_flaw", "remark", "edition", "from", "until", "note", "source", "confidence",
    ]
    init(_ row: Table.Row) throws {
        let name = try row.required("name")
        let misprinted = row.list("cas_flaw")
        let numbers = row.list("cas").filter { !misprinted.contains($0) }
        for number in numbers {
            if let flaw = CASNumber.flaw(in: number) { throw row.refusal(flaw.rawValue, "cas", ["value": number]) }
        }
        self.init(
            code: try row.required("code"), name: Bilingual(name, row["name_en"].isEmpty ? name : row["name_en"]),
            category: try row.required("category"), cas: numbers, misprinted: misprinted, remark: row["remark"], note: row["note"],
            provenance: try row.provenance())
    }
}

/// The factors by code, number and name.
public struct HazardFactors: Sendable {
    /// In the order of the catalogue; emerging ones behind.
    public let all: [HazardFactor]
    private let positions: [String: Int]
    public init(_ all: [HazardFactor] = []) {
        self.all = all
        positions = Dictionary(all.enumerated().map { ($1.code, $0) }, uniquingKeysWith: { first, _ in first })
    }
    public subscript(code: String) -> HazardFactor? { positions[code].map { all[$0] } }
    public var emerging: [HazardFactor] { all.filter(\.isEmerging) }
    public func factors(cas: CASNumber) -> [HazardFactor] { all.filter { $0.cas.contains(cas.text) } }
}
