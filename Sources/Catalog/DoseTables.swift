import Foundation
import Kernel
import Yams

/// Limits of occupational external dose 职业性外照射剂量限值 and the rules of recording it (`Data/standards/dose.yaml`). All doses in mSv.
/// The room Radiation applies them.
public struct DoseTables: Sendable {
    /// What is limited; each is judged from the operational quantity named beside it.
    public enum Quantity: String, Sendable, CaseIterable {
        /// Effective dose 有效剂量, from Hp(10).
        case effective
        /// Equivalent dose of the lens of the eye 眼晶状体, from Hp(3).
        case lens
        /// Equivalent dose of the skin or the extremities 四肢或皮肤, from Hp(0.07).
        case skin
    }
    /// Whom a limit is for.
    public enum Person: String, Sendable, CaseIterable {
        case adult
        /// Aged 16 to 18, in training.
        case apprentice
        /// From the day on which she declares it.
        case pregnant
    }
    /// Over which time.
    public enum Duration: String, Sendable, CaseIterable {
        case year, pregnancy
        /// The yearly average over five consecutive years.
        case fiveYears = "five_years"
    }
    public struct Limit: Sendable {
        public let quantity: Quantity
        public let person: Person
        public let duration: Duration
        public let limit: Double
        public let provenance: Provenance
    }
    /// Days that a dosemeter is worn.
    public struct Period: Sendable {
        public let usual, longest: Double
        public let provenance: Provenance
    }
    /// A figure with where it comes from.
    public struct Figure: Sendable {
        public let value: Double
        public let provenance: Provenance
    }
    /// A way of working out a nominal dose.
    public struct Method: Sendable {
        /// A code of `dose_method`.
        public let code: String
        public let name: Bilingual
        public let provenance: Provenance
    }

    /// The law's limits, and recommendations that are not law here and are judged by only where they are named.
    public let limits, recommendations: [Limit]
    public let periods: [Period]
    /// Effective dose a year from which a period's dose is investigated 调查水平.
    public let investigations: [Figure]
    /// The share of the minimum detectable level that is recorded below it.
    public let detectionShares: [Figure]
    public let methods: [Method]

    /// The limit of a day; nil where none is to hand.
    public func limit(_ quantity: Quantity, _ person: Person = .adult, _ duration: Duration, on day: Day) -> Limit? {
        limits.first {
            $0.quantity == quantity && $0.person == person && $0.duration == duration && $0.provenance.force.contains(day)
        }
    }
    public func period(on day: Day) -> Period? { periods.first { $0.provenance.force.contains(day) } }
    public func investigation(on day: Day) -> Figure? { investigations.first { $0.provenance.force.contains(day) } }
    public func detectionShare(on day: Day) -> Figure? { detectionShares.first { $0.provenance.force.contains(day) } }
    public func method(_ code: String, on day: Day) -> Method? { methods.first { $0.code == code && $0.provenance.force.contains(day) } }

    /// - Parameter standards: the folder `Data/standards`.
    /// - Throws: `Refusal` naming file, line and field of the first flaw.
    public init(standards: URL) throws {
        let file = try HealthFile(standards.appendingPathComponent("dose.yaml"))
        func limit(_ node: Node) throws -> Limit {
            Limit(
                quantity: try file.choice(node, "quantity", Quantity.self), person: try file.choice(node, "person", Person.self),
                duration: try file.choice(node, "span", Duration.self), limit: try file.needed(node, "limit"),
                provenance: try file.provenance(node))
        }
        func figure(_ key: String) -> (Node) throws -> Figure {
            { Figure(value: try file.needed($0, key), provenance: try file.provenance($0)) }
        }
        limits = try file.entries("limits").map(limit)
        recommendations = try file.list(file.root, "recommendations").map(limit)
        periods = try file.entries("periods").map {
            Period(usual: try file.needed($0, "usual"), longest: try file.needed($0, "longest"), provenance: try file.provenance($0))
        }
        investigations = try file.entries("investigation").map(figure("effective"))
        detectionShares = try file.entries("below_detection").map(figure("share"))
        methods = try file.entries("nominal").map {
            Method(code: try file.text($0, "method"), name: try file.words($0), provenance: try file.provenance($0))
        }
    }
}
