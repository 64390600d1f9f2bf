import Kernel

/// What other records say of an employer's hazards, to be held against its declaration: plain facts, each with its record.
public struct HazardEvidence: Sendable, Hashable {
    public enum Source: String, Sendable, CaseIterable {
        /// A result of a test, a health examination, an exposure period of a worker, a hazard of the registry (census, monitoring …), a hazard
        /// that an inspection found.
        case test, exam, exposure, registry, inspection
    }
    public let source: Source
    public let factor: String
    public let record: String
    public let day: Day?
    public init(_ source: Source, factor: String, record: String, day: Day? = nil) {
        (self.source, self.factor, self.record, self.day) = (source, factor, record, day)
    }
}

/// One thing in which a declaration and the other records differ 申报与其他记录的差异. Shown to the employer before it sends and to the officer
/// before they accept; it stops nobody, since either side may be the one that is wrong.
public struct Difference: Sendable, Hashable {
    public enum What: String, Sendable {
        /// Seen elsewhere and not declared.
        case undeclared
        /// Declared, and no other record knows of it.
        case unconfirmed
        /// So many declared, so many in the other records.
        case persons
        /// The declaration does not say which hazards there are.
        case unstated
        /// The persons exposed in all are fewer than those exposed to one factor.
        case total
    }
    public let what: What
    /// The factor; empty where it is about the whole.
    public let factor: String
    public let source: HazardEvidence.Source?
    public let declared, found: Int?
    /// The records that say otherwise.
    public let records: [String]
}

/// The cross-check of a declaration (Law Art. 16: in time and truthfully; Order 48 of 2012, Art. 8).
public struct DeclarationCheck: Sendable {
    /// Factors declared with the persons exposed to each, nil where not said; nil as a whole where the declaration lists none.
    public let factors: [String: Int?]?
    public let exposed: Int?
    public init(factors: [String: Int?]?, exposed: Int?) { (self.factors, self.exposed) = (factors, exposed) }

    /// - Parameter persons: distinct workers whose records show a factor today, where there are such records.
    public func differences(_ evidence: [HazardEvidence], persons: [String: Set<String>] = [:]) -> [Difference] {
        var found: [Difference] = []
        if factors == nil { found.append(Difference(what: .unstated, factor: "", source: nil, declared: nil, found: nil, records: [])) }
        let declared = Set((factors ?? [:]).keys)
        let bySource = Dictionary(grouping: evidence.filter { !declared.contains($0.factor) }) {
            Pair(source: $0.source, factor: $0.factor)
        }
        for (pair, all) in bySource.sorted(by: { $0.key < $1.key }) {
            let newest = all.sorted { ($0.day ?? .distantPast, $0.record) > ($1.day ?? .distantPast, $1.record) }
            found.append(
                Difference(
                    what: .undeclared, factor: pair.factor, source: pair.source, declared: nil, found: nil,
                    records: newest.map(\.record).unique))
        }
        let seen = Set(evidence.map(\.factor))
        for factor in declared.sorted() {
            if !seen.contains(factor) {
                found.append(Difference(what: .unconfirmed, factor: factor, source: nil, declared: nil, found: nil, records: []))
            }
            if let workers = persons[factor], let said = factors?[factor] ?? nil, workers.count != said {
                let records = evidence.filter { $0.source == .exposure && $0.factor == factor }.map(\.record).unique
                found.append(
                    Difference(what: .persons, factor: factor, source: .exposure, declared: said, found: workers.count, records: records))
            }
        }
        let most = (factors ?? [:]).compactMap { factor, persons in persons.map { (factor, $0) } }.max { ($0.1, $0.0) < ($1.1, $1.0) }
        if let exposed, let most, most.1 > exposed {
            found.append(Difference(what: .total, factor: most.0, source: nil, declared: exposed, found: most.1, records: []))
        }
        return found
    }

    private struct Pair: Hashable, Comparable {
        let source: HazardEvidence.Source
        let factor: String
        static func < (left: Pair, right: Pair) -> Bool {
            let order = HazardEvidence.Source.allCases
            let (one, other) = (order.firstIndex(of: left.source) ?? 0, order.firstIndex(of: right.source) ?? 0)
            return (left.factor, one) < (right.factor, other)
        }
    }
}

extension [String] {
    /// Without what came before.
    fileprivate var unique: [String] {
        var seen: Set<String> = []
        return filter { seen.insert($0).inserted }
    }
}
