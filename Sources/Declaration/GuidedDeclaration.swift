import Catalog
import Kernel
import Ledger

/// A declaration as the phone form asks for it: ten questions in plain words, whose answers are kept as the cells of a saved draft and
/// become the same records as the full form. What somebody does not know stays blank, and blank is unknown.
public struct GuidedDeclaration: Sendable {
    /// In the order in which they are asked. No more than ten.
    public enum Question: String, Sendable, CaseIterable {
        case unit, people, products, hazards, posts, exposed, tested, examined, trained, contact
        public var number: Int { (Question.allCases.firstIndex(of: self) ?? 0) + 1 }
        public var next: Question? { Question.allCases.dropFirst(number).first }
        public var previous: Question? { number > 1 ? Question.allCases[number - 2] : nil }
    }

    /// Cells by field of the declaration, and with a leading `_` what becomes its parts.
    public var cells: [String: String]
    public init(_ cells: [String: String] = [:]) { self.cells = cells }

    /// The fields of the declaration that a question asks for.
    public static func fields(of question: Question) -> [FieldSpec] {
        switch question {
        case .unit: [Filing.unitName.spec, Filing.workplaceAddress.spec, Filing.phone.spec]
        case .people: [Filing.headcount.spec, Filing.labour.spec]
        case .products, .hazards, .posts: []
        case .exposed: [Filing.exposed.spec]
        case .tested: [Filing.tested.spec, Filing.tester.spec, Filing.testReport.spec]
        case .examined: [Filing.examined.spec, Filing.examiner.spec, Filing.serviceDue.spec, Filing.serviceDone.spec]
        case .trained: [Filing.principalTrained.spec, Filing.managersTrained.spec, Filing.workersTrained.spec]
        case .contact: [Filing.head.spec, Filing.headPhone.spec, Filing.manager.spec]
        }
    }

    // What becomes parts

    /// Products, hazards and posts that fit on a phone; whoever has more uses the full form.
    public static let rows = 3
    public static let places = 12

    public struct Product: Sendable, Hashable {
        public var name, output, unit: String
        public init(name: String = "", output: String = "", unit: String = "") {
            (self.name, self.output, self.unit) = (name, output, unit)
        }
    }
    public var products: [Product] {
        get {
            (0..<GuidedDeclaration.rows).map {
                Product(name: cells["_product.\($0)"] ?? "", output: cells["_output.\($0)"] ?? "", unit: cells["_unit.\($0)"] ?? "")
            }
        }
        set {
            for (index, product) in newValue.prefix(GuidedDeclaration.rows).enumerated() {
                (cells["_product.\(index)"], cells["_output.\(index)"], cells["_unit.\(index)"]) = (
                    product.name, product.output, product.unit
                )
            }
        }
    }

    /// The factors chosen; nil where the employer does not know them.
    public var factors: [String]? {
        get { cells["factors"].map { $0.split(separator: ";").map(String.init) } }
        set { cells["factors"] = newValue?.joined(separator: ";") }
    }

    /// A post with its persons and the factors met there.
    public struct Place: Sendable, Hashable {
        /// The registered post; empty where only its name is known.
        public var post = "", name = "", persons = ""
        public var factors: [String] = []
        public init(post: String = "", name: String = "", persons: String = "", factors: [String] = []) {
            (self.post, self.name, self.persons, self.factors) = (post, name, persons, factors)
        }
        public var isBlank: Bool { name.isEmpty && persons.isEmpty && factors.isEmpty }
    }
    public var places: [Place] {
        get {
            (0..<GuidedDeclaration.places).compactMap { index -> Place? in
                let place = Place(
                    post: cells["_post.\(index)"] ?? "", name: cells["_place.\(index)"] ?? "", persons: cells["_persons.\(index)"] ?? "",
                    factors: (cells["_at.\(index)"] ?? "").split(separator: ";").map(String.init))
                return place.isBlank && place.post.isEmpty ? nil : place
            }
        }
        set {
            for index in 0..<GuidedDeclaration.places {
                let place = index < newValue.count ? newValue[index] : Place()
                (cells["_post.\(index)"], cells["_place.\(index)"]) = (place.post, place.name)
                (cells["_persons.\(index)"], cells["_at.\(index)"]) = (place.persons, place.factors.joined(separator: ";"))
            }
        }
    }

    /// Factors with persons, one line for each place; a factor that stands at no place is a line of its own.
    public var lines: [(factor: String, place: Place?, persons: Int?)] {
        let chosen = factors ?? []
        let placed = places.flatMap { place in
            place.factors.filter(chosen.contains).map { (factor: $0, place: Optional(place), persons: Int(place.persons)) }
        }
        let lone = chosen.filter { factor in !placed.contains { $0.factor == factor } }
        return placed + lone.map { (factor: $0, place: nil, persons: nil) }
    }

    /// The persons declared for each factor, added up over the places; nil where one of them is not known.
    public var persons: [String: Int?]? {
        guard factors != nil else { return nil }
        return Dictionary(grouping: lines, by: \.factor).mapValues { lines in
            let known = lines.compactMap(\.persons)
            return known.count == lines.count ? known.reduce(0, +) : nil
        }
    }

    // The records

    /// Points tested and exceeding in the year, by category, as the test reports say.
    public typealias Points = [String: (points: Int, exceeding: Int)]

    /// The drafts of the declaration and of its parts, the declaration first.
    /// - Parameters:
    ///   - id: of the declaration.
    ///   - given: cells that no question asks for: employer, type, day, and what the registry says.
    public func drafts(id: String, _ given: [String: String], points: Points, _ catalog: Catalog) -> [Draft] {
        var own = given
        for field in Filing.kind.entered {
            // What was asked overrides what the registry says; what was asked and left blank is unknown.
            if let answer = cells[field.name] { own[field.name] = answer }
        }
        var drafts = [Draft(Filing.kind, id: id, own)]
        for product in products where !product.name.isEmpty {
            drafts.append(
                Draft(
                    FilingProduct.kind,
                    ["declaration": id, "product": product.name, "output": product.output, "unit": product.unit]))
        }
        guard factors != nil else { return drafts }
        for line in lines {
            drafts.append(
                Draft(
                    FilingFactor.kind,
                    [
                        "declaration": id, "factor": line.factor, "post": line.place?.post ?? "", "workplace": line.place?.name ?? "",
                        "exposed": line.persons.map { String($0) } ?? "",
                    ]))
        }
        for line in FilingCategories.lines(lines.map { ($0.factor, $0.persons) }, catalog) {
            let tested = points[line.category]
            drafts.append(
                Draft(
                    FilingCategory.kind,
                    [
                        "declaration": id, "category": line.category, "present": line.isPresent ? "1" : "0",
                        "exposed": line.persons.map { String($0) } ?? "", "points": tested.map { String($0.points) } ?? "",
                        "exceeding": tested.map { String($0.exceeding) } ?? "",
                    ]))
        }
        return drafts
    }

    /// What a declaration that was sent says, as answers to begin with: for one that was returned, and for the next one.
    public init(_ filing: Record, factors: [Record], products: [Record], postNames: [String: String], withSensitive: Bool) {
        cells = [:]
        for field in Filing.stated where withSensitive || field.sensitivity == .open {
            if let value = filing[field] { cells[field.name] = plainText(value) }
        }
        if let codes = filing[Filing.factors] { cells["factors"] = codes.joined(separator: ";") }
        self.products = products.prefix(GuidedDeclaration.rows).map {
            Product(
                name: $0[FilingProduct.product] ?? "", output: $0[FilingProduct.output].map { plainText(.real($0)) } ?? "",
                unit: $0[FilingProduct.unit] ?? "")
        }
        var places: [Place] = []
        for line in factors {
            let post = line[FilingFactor.post] ?? ""
            let name = line[FilingFactor.workplace] ?? postNames[post] ?? ""
            guard let factor = line[FilingFactor.factor], !(post.isEmpty && name.isEmpty) else { continue }
            let persons = line[FilingFactor.exposed].map { String($0) } ?? ""
            if let index = places.firstIndex(where: { $0.post == post && $0.name == name && $0.persons == persons }) {
                places[index].factors.append(factor)
            } else {
                places.append(Place(post: post, name: name, persons: persons, factors: [factor]))
            }
        }
        self.places = places
    }
}
