import Catalog
import Kernel

/// The categories of the declaration form 危害因素种类: a factor counts in its class, and six of them by name as well.
public enum FilingCategories {
    /// In the order of the form.
    public static func all(_ catalog: Catalog) -> [String] { catalog.tables["declaration_category"]?.entries.map(\.code) ?? [] }

    /// Factors that the form asks for by name, by their code of the hazard catalogue.
    private static let named = [
        "A001": "silica", "A002": "coal_dust", "A005": "asbestos", "B001": "lead", "B028": "benzene", "C001": "noise",
    ]

    /// The categories that a factor counts in.
    public static func categories(of factor: String, _ catalog: Catalog) -> [String] {
        let group = catalog.tables["factor"]?[factor]?.group
        return [group, named[factor]].compactMap { $0 }
    }

    /// What the form's part three says: each category with whether it is there and how many persons it can be said to reach.
    public struct Line: Sendable, Hashable {
        public let category: String
        public let isPresent: Bool
        /// Nobody counted twice: known where one factor at one place makes the category, or where nobody is exposed. Otherwise unknown:
        /// who is exposed to two factors cannot be told from the lines.
        public let persons: Int?
    }
    /// - Parameter lines: factors with persons, one for each place.
    public static func lines(_ lines: [(factor: String, persons: Int?)], _ catalog: Catalog) -> [Line] {
        all(catalog).map { category in
            let own = lines.filter { categories(of: $0.factor, catalog).contains(category) }
            return Line(
                category: category, isPresent: !own.isEmpty, persons: own.isEmpty ? 0 : own.count == 1 ? own[0].persons : nil)
        }
    }
}
