import Kernel
import Ledger

/// What is true of an employer day by day: whether it operates, whether it has hazards, where and what it is.
/// Definitions: docs/measures.md, *Terms used below*.
public struct EmployerProfile: WorkedOut {
    public let operating: Timeline<Bool>
    /// Attribute `hazards`, without the hazards recorded one by one.
    public let hazards: Timeline<Truth>
    /// Hazard presence: `unknown` where nobody has looked. Only meaningful while operating.
    public let presence: Timeline<Truth>
    public let locus: Timeline<Locus>
    public let township: Timeline<String?>
    public let hazardRecords: [Record]

    public init(_ file: File) { self = file.kept() }

    public init(workedOutOf file: File) {
        let root = file.root
        let changes = file.all(EmployerChange.kind).sorted {
            ($0[EmployerChange.day] ?? .distantPast, $0.id) < ($1[EmployerChange.day] ?? .distantPast, $1.id)
        }
        func attribute<Value: FieldContent & Equatable>(_ base: Field<Value>, _ later: Field<Value>) -> Timeline<Value?> {
            Timeline(
                root[base],
                changes.compactMap { change in
                    guard let value = change[later], let day = change[EmployerChange.day] else { return nil }
                    return .init(day, value)
                })
        }
        let lifetime = Timeline(false, true, during: [root.span(Employer.since, Employer.until)])
        let closed: Timeline<Bool?> = Timeline(
            nil,
            changes.compactMap { change in
                guard let value = change[EmployerChange.closed], let day = change[EmployerChange.day] else { return nil }
                return .init(day, value)
            })
        let since = root[Employer.since] ?? .distantPast
        let end = root[Employer.until] ?? .distantFuture
        // A reopening after the end brings the employer back; one before its end changes nothing.
        let reopened = Timeline(
            false,
            changes.compactMap { change in
                guard let value = change[EmployerChange.closed], let day = change[EmployerChange.day], day >= end else { return nil }
                return .init(day, !value)
            })
        operating = lifetime.with(reopened) { $0 || $1 }.with(closed) { alive, closed in alive && closed != true }
            .with(Timeline(false, true, during: [Span(since)])) { $0 && $1 }

        hazards = attribute(Employer.hazards, EmployerChange.hazards).map { Truth($0) }
        hazardRecords = file.all(EmployerHazard.kind)
        let recorded = Timeline(false, true, during: hazardRecords.map { $0.span(EmployerHazard.from, EmployerHazard.until) })
        presence = recorded.with(hazards) { $0 ? .yes : $1 }

        let division = attribute(Employer.division, EmployerChange.division)
        township = attribute(Employer.township, EmployerChange.township).with(division) { township, division in
            guard let township, let division, township.hasPrefix(division) else { return nil }
            return township
        }
        locus = division.with(township) { Locus(division: $1 ?? $0) }
            .with(attribute(Employer.industry, EmployerChange.industry)) { locus, value in locus.setting(\.industry, value) }
            .with(attribute(Employer.size, EmployerChange.size)) { locus, value in locus.setting(\.size, value) }
            .with(attribute(Employer.ownership, EmployerChange.ownership)) { locus, value in locus.setting(\.ownership, value) }
            .with(attribute(Employer.severity, EmployerChange.severity)) { locus, value in locus.setting(\.severity, value) }
            .with(attribute(Employer.sector, EmployerChange.sector)) { locus, value in locus.setting(\.sector, value) }
            .with(attribute(Employer.headcount, EmployerChange.headcount)) { locus, value in locus.setting(\.headcount, value) }
    }

    /// A hazard employer: operating, with hazards or (unknown) perhaps with hazards; `no` while closed or free of hazards.
    public var hazardous: Timeline<Truth> { operating.with(presence) { $0 ? $1 : .no } }

    /// What stands for each hazard employer: out where it is none, unknown where nobody has looked, else `standing`.
    public func whileHazardous(_ standing: Timeline<Standing>) -> Timeline<Standing> {
        hazardous.with(standing) { hazardous, standing in
            switch hazardous {
            case .no: .out
            case .unknown: .unknown("hazards.unknown")
            case .yes: standing
            }
        }
    }
}

extension Locus {
    fileprivate func setting<Value>(_ path: WritableKeyPath<Locus, Value>, _ value: Value) -> Locus {
        var copy = self
        copy[keyPath: path] = value
        return copy
    }
}
