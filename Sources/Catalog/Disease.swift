import Kernel

/// An occupational disease 职业病. A disease of both lists has one code; the edition of a diagnosis is that of its day.
public struct Disease: Sendable, Hashable {
    public let code: String
    public let name: Bilingual
    /// What the measures count by.
    public let group: String
    /// Places in the lists, oldest first.
    public let listings: [Listing]
    /// The codes that take over where a list redefined the disease.
    public let successors: [String]
    /// An open item: what the diagnostic standard allows beyond those named.
    public let isOpen: Bool
    public let provenance: Provenance

    /// The place of a disease in one edition of the list 职业病分类和目录.
    public struct Listing: Sendable, Hashable {
        /// `2013` or `2024`.
        public let edition: String
        /// Counted through the whole list.
        public let number: Int
        public let category, subcategory: String
        public let confidence: Confidence
    }
    public func listing(edition: String) -> Listing? { listings.first { $0.edition == edition } }
}

extension Disease: TableValue {
    static let file = "diseases.csv"
    static let columns = [
        "code", "name", "name_en", "class", "subclass", "group", "edition", "number_2013", "number_2024", "class_2013", "successors",
        "open", "from", "until", "confidence_2013", "source", "confidence",
    ]
    init(_ row: Table.Row) throws {
        var listings: [Listing] = []
        if let number = try row.integer("number_2013") {
            guard let confidence = Confidence(rawValue: row["confidence_2013"]) else {
                throw row.refusal("catalog.confidence", "confidence_2013")
            }
            let category = row["class_2013"]
            listings.append(
                Listing(edition: "2013", number: number, category: category, subcategory: row["subclass"], confidence: confidence))
        }
        if let number = try row.integer("number_2024") {
            listings.append(
                Listing(
                    edition: "2024", number: number, category: row["class"], subcategory: row["subclass"], confidence: try row.confidence())
            )
        }
        guard row.list("edition") == listings.map(\.edition) else { throw row.refusal("catalog.choice", "edition") }
        let name = try row.required("name")
        self.init(
            code: try row.required("code"), name: Bilingual(name, row["name_en"].isEmpty ? name : row["name_en"]), group: row["group"],
            listings: listings, successors: row.list("successors"), isOpen: row.flag("open"), provenance: try row.provenance())
    }
}

/// The two lists 职业病分类和目录 (2013, 2024).
public struct Diseases: Sendable {
    public let all: [Disease]
    private let positions: [String: Int]
    /// First days of the lists, newest first.
    static let editions = ["2024", "2013"]

    public init(_ all: [Disease] = []) {
        self.all = all
        positions = Dictionary(all.enumerated().map { ($1.code, $0) }, uniquingKeysWith: { first, _ in first })
    }
    public subscript(code: String) -> Disease? { positions[code].map { all[$0] } }

    /// The list of a day: the diseases in it by number.
    public func list(on day: Day) -> [Disease] {
        guard let edition = edition(on: day) else { return [] }
        return all.filter { $0.listing(edition: edition) != nil }
            .sorted { ($0.listing(edition: edition)?.number ?? 0) < ($1.listing(edition: edition)?.number ?? 0) }
    }

    /// The list in force on a day of diagnosis; nil before the first to hand.
    public func edition(on day: Day) -> String? {
        Diseases.editions.first { edition in
            // The diseases that a list brought first tell from when it holds.
            let first = all.filter { $0.listings.first?.edition == edition }.map(\.provenance.force.from).min()
            return first.map { $0 <= day } ?? false
        }
    }

    /// Why a disease cannot be diagnosed on a day, or nil: the list of the day does not name it. Where another code
    /// took over or was there before, `expected` holds it.
    public func flaw(_ code: String, diagnosedOn day: Day) -> Refusal? {
        guard let disease = self[code] else { return Refusal("code.unknown", ["value": code, "table": "disease"]) }
        guard let edition = edition(on: day) else {
            return Refusal("disease.no-list", ["value": disease.name.zh, "limit": day.description])
        }
        if disease.listing(edition: edition) != nil { return nil }
        let heirs = disease.successors.isEmpty ? all.filter { $0.successors.contains(code) }.map(\.code) : disease.successors
        let details = ["value": disease.name.zh, "edition": edition, "limit": day.description]
        if heirs.isEmpty { return Refusal("disease.other-list", details) }
        return Refusal("disease.other-code", details.merging(["expected": heirs.joined(separator: ", ")]) { given, _ in given })
    }
}
