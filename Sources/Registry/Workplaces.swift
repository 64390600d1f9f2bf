import Kernel
import Ledger

/// The employers that a worker's file names, each with its attributes and the days of employment there.
/// Definitions: docs/measures.md, *Rates over workers*.
public struct WorkerPlaces: WorkedOut {
    public struct Place: Sendable {
        /// The employer's id, merges followed.
        public let employer: String
        public let profile: EmployerProfile
        /// An employment there is present and the employer operates.
        public let employed: Timeline<Bool>
        /// An exposure there is present too.
        public let exposed: Timeline<Bool>
        public let exposures: [Record]
    }
    /// In the order of the employers' ids.
    public let places: [Place]

    public init(_ file: File) { self = file.kept() }

    public init(workedOutOf file: File) {
        var employments: [String: [Record]] = [:]
        var exposures: [String: [Record]] = [:]
        for record in file.all(Employment.kind) {
            if let id = file.id(Employment.employer, of: record) { employments[id, default: []].append(record) }
        }
        for record in file.all(Exposed.kind) {
            if let id = file.id(Exposed.employer, of: record) { exposures[id, default: []].append(record) }
        }
        places = employments.keys.sorted().compactMap { id in
            guard let employer = file.profile(id) else { return nil }
            let profile = EmployerProfile(employer)
            let present = Timeline(false, true, during: (employments[id] ?? []).map { $0.span(Employment.from, Employment.until) })
            let employed = present.with(profile.operating) { $0 && $1 }
            let own = exposures[id] ?? []
            let exposed = Timeline(false, true, during: own.map { $0.span(Exposed.from, Exposed.until) }).with(employed) { $0 && $1 }
            return Place(employer: id, profile: profile, employed: employed, exposed: exposed, exposures: own)
        }
    }
}

/// What stands for a worker at one of several employers, and on which days that employer has the worker in the population.
public struct PlacedStanding: Sendable {
    public let employer: String
    public let days: Timeline<Bool>
    public let standing: Timeline<Standing>
    public let locus: Timeline<Locus>
    public init(_ employer: String, days: Timeline<Bool>, _ standing: Timeline<Standing>, at locus: Timeline<Locus>) {
        (self.employer, self.days, self.standing, self.locus) = (employer, days, standing, locus)
    }
}

extension Strand {
    /// A person as one subject, wherever employed: together what stands at all employers; the place is the employer with the
    /// greatest id of those that count on the day. One strand per employer that owes on some day, never two of them on one day.
    public static func person(_ subject: String, _ parts: [PlacedStanding]) -> [Strand] {
        let parts = parts.sorted { $0.employer < $1.employer }
        let places = parts.enumerated().map { index, part in part.days.map { $0 ? index : -1 } }
        let place = Timeline.joined(places, -1, max)
        let locus = place.expand { $0 < 0 ? Timeline(Locus()) : parts[$0].locus }
        let decisions = parts.enumerated().map { index, part in
            part.standing.whenever(part.days).map { Decision(index: index, standing: $0) }
        }
        let decided = Timeline.joined(decisions, Decision(index: -1, standing: .out), Decision.heavier)
        return parts.indices.compactMap { index in
            let own = decided.map { $0.index == index ? $0.standing : .out }
            guard own.changes.count > 1 || own.changes[0].value.verdict != .out else { return nil }
            return Strand(subject, debtor: parts[index].employer, own, at: locus)
        }
    }

    /// Which employer's part decides for the person.
    private struct Decision: Equatable, Sendable {
        let index: Int
        let standing: Standing
        static func heavier(_ left: Decision, _ right: Decision) -> Decision {
            let verdict = Standing.together(left.standing, right.standing).verdict
            return right.standing.verdict == verdict ? right : left
        }
    }
}
