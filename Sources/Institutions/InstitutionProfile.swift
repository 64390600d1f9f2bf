import Kernel
import Ledger

/// What is true of a service institution day by day. Read from its own file or, as a mention, from its profile.
public struct InstitutionProfile: Sendable {
    public let id: String
    public let division: String?
    /// Public or not; nil where it was not entered.
    public let isPublic: Bool?
    public let operating: Timeline<Bool>
    private let qualifications: [Record]

    public init(_ file: File) {
        id = file.id
        division = file.root[Institution.division]
        isPublic = file.root[Institution.isPublic]
        operating = Timeline(false, true, during: [file.root.span(Institution.since, Institution.until)])
        qualifications = file.all(Qualification.kind)
    }

    /// The days on which a qualification or filing for a service is in force.
    public func qualified(for service: String) -> Timeline<Bool> { Timeline(false, true, during: spans(of: service)) }
    public func isQualified(for service: String, on day: Day) -> Bool { spans(of: service).contains { $0.contains(day) } }

    /// What the qualifications for a service in force on a day say of a factor.
    public enum Reach: Sendable, Hashable {
        case covered
        /// No qualification for the service is in force; the last day of the one that ended last before, where there is one.
        case unqualified(ended: Day?)
        /// None of them names the factor or its category.
        case outside
        /// None names it, and one does not say what it reaches.
        case unknown
        /// Grade B reaches its own province only (Order 4 of 2020, Art. 6).
        case otherProvince
    }

    /// - Parameters:
    ///   - factor: nil for the service as a whole.
    ///   - category: the factor's, of the table `factor_category`.
    ///   - place: division of the employer; nil where it is not known.
    public func reach(_ service: String, factor: String? = nil, category: String = "", in place: String? = nil, on day: Day) -> Reach {
        let all = qualifications.filter { $0[Qualification.type] == service }
        let open = all.filter { $0.span(Qualification.from, Qualification.until).contains(day) }
        guard operating[day], !open.isEmpty else {
            return .unqualified(ended: all.compactMap { $0[Qualification.until] }.filter { $0 <= day }.max().map { $0 - 1 })
        }
        let near = open.filter { qualification in
            guard qualification[Qualification.grade] == "b", let place, let division else { return true }
            return place.prefix(2) == division.prefix(2)
        }
        guard !near.isEmpty else { return .otherProvince }
        guard let factor else { return .covered }
        let covering = near.contains { qualification in
            (qualification[Qualification.factors] ?? []).contains(factor)
                || (qualification[Qualification.categories] ?? []).contains(category)
        }
        if covering { return .covered }
        let isSilent = near.contains { $0[Qualification.factors] == nil && $0[Qualification.categories] == nil }
        return isSilent ? .unknown : .outside
    }

    private func spans(of service: String) -> [Span] {
        qualifications.filter { $0[Qualification.type] == service }.map { $0.span(Qualification.from, Qualification.until) }
    }
}
