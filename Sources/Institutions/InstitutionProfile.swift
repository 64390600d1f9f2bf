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

    private func spans(of service: String) -> [Span] {
        qualifications.filter { $0[Qualification.type] == service }.map { $0.span(Qualification.from, Qualification.until) }
    }
}
