import Kernel

/// Who acts: a name, what they may do, and where. Permission hangs on functions, never on a department's name.
public struct Person: Sendable, Hashable {
    public enum Role: String, Sendable, CaseIterable {
        /// Sets the house up: accounts, plans, layouts. Sees no personal fields.
        case system
        /// Reads the audit and nothing else.
        case audit
        /// An authority's officer: everything in their division.
        case officer
        /// Reads an authority's division without changing it.
        case viewer
        /// An employer or an institution: its own file.
        case organisation
        /// Nobody signed in.
        case nobody
    }
    public let name: String
    public let role: Role
    /// Functions of the plan's table: health, work_safety … Empty for roles that need none.
    public let functions: [String]
    /// The division that an authority's person works for.
    public let division: DivisionCode?
    /// The record id of the employer or institution that an organisation's person works for.
    public let organisation: String?
    public init(name: String, role: Role, functions: [String] = [], division: DivisionCode? = nil, organisation: String? = nil) {
        (self.name, self.role, self.functions, self.division, self.organisation) = (name, role, functions, division, organisation)
    }
    public static let nobody = Person(name: "", role: .nobody)
    /// The house itself: set-up, demonstration data, the command line of whoever holds the database file.
    public static let house = Person(name: "zhifang", role: .system)
}

/// What somebody wants to do.
public enum Action: String, Sendable, CaseIterable { case see, seePersonal, change, administer, readAudit, evaluate }

/// Where it would be done: the divisions that a thing belongs to and the organisations whose it is.
public struct Place: Sendable {
    public let divisions: [String]
    public let organisations: [String]
    public init(divisions: [String] = [], organisations: [String] = []) { (self.divisions, self.organisations) = (divisions, organisations) }
    /// Published to everybody who is signed in: plans, boards, catalogues.
    public static let common = Place()
}

/// The one place where it is decided who may do what. Pages, API, exports and error texts ask here and nowhere else.
public func mayDo(_ person: Person, _ action: Action, at place: Place) -> Bool {
    func isInside() -> Bool {
        guard let division = person.division else { return false }
        return place.divisions.contains { division.contains($0) }
    }
    func isOwn() -> Bool { person.organisation.map(place.organisations.contains) ?? false }
    let isCommon = place.divisions.isEmpty && place.organisations.isEmpty
    switch (person.role, action) {
    case (.nobody, _): return false
    case (.system, .seePersonal), (.system, .readAudit): return person == .house
    case (.system, _): return true
    case (.audit, .readAudit): return true
    case (.audit, _): return false
    case (.officer, .see), (.officer, .seePersonal), (.officer, .change), (.officer, .evaluate): return isCommon && action == .see || isInside()
    case (.viewer, .see): return isCommon || isInside()
    case (.organisation, .see): return isCommon || isOwn()
    case (.organisation, .seePersonal), (.organisation, .change): return isOwn()
    case (.officer, _), (.viewer, _), (.organisation, _): return false
    }
}
