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
public enum Action: String, Sendable, CaseIterable {
    case see, seePersonal, change, administer, readAudit, evaluate
    /// Accept, return or cancel what somebody else handed in.
    case accept
}

/// Where it would be done: the divisions that a thing belongs to and the organisations whose it is.
public struct Place: Sendable {
    public let divisions: [String]
    /// Whose file it is part of: they see it.
    public let organisations: [String]
    /// Who of them says what the record says: they submit it. An employer declares; it does not write its own inspections.
    public let authors: [String]
    /// The kind of record, where it is one.
    public let kind: String?
    /// Organisations that accept it, where no authority does.
    public let receivers: [String]
    /// The level of authority that accepts it next; nil where any does.
    public let level: DivisionCode.Level?
    public init(
        divisions: [String] = [], organisations: [String] = [], authors: [String] = [], kind: String? = nil, receivers: [String] = [],
        level: DivisionCode.Level? = nil
    ) {
        (self.divisions, self.organisations, self.authors, self.kind) = (divisions, organisations, authors, kind)
        (self.receivers, self.level) = (receivers, level)
    }
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
    case (.officer, .see), (.officer, .seePersonal), (.officer, .evaluate): return isCommon && action == .see || isInside()
    case (.officer, .change):
        return isInside() && place.kind.map { Submitters.functions(of: $0).contains(where: person.functions.contains) } ?? true
    case (.officer, .accept):
        guard let own = person.division, place.receivers.isEmpty, mayDo(person, .change, at: place) else { return false }
        let order = DivisionCode.Level.allCases
        guard let level = place.level, let needed = order.firstIndex(of: level), let has = order.firstIndex(of: own.level) else {
            return true
        }
        return has <= needed
    case (.organisation, .accept): return person.organisation.map(place.receivers.contains) ?? false
    case (.viewer, .see): return isCommon || isInside()
    case (.organisation, .see): return isCommon || isOwn()
    case (.organisation, .seePersonal): return isOwn()
    case (.organisation, .change): return person.organisation.map(place.authors.contains) ?? false
    case (.officer, _), (.viewer, _), (.organisation, _): return false
    }
}

/// Who submits which kinds of record. The registry that denominators come from is the authority's: an employer cannot declare its
/// hazards away, or itself closed.
public enum Submitters {
    /// Kinds that an employer says of itself, and that an institution says of its work.
    static let employer: Set<String> = [
        "workplace", "person_role", "notice", "warning_sign", "archive_part", "worker", "employment", "exposure", "surveillance_file",
        "declaration", "declaration_cause", "training",
    ]
    static let institution: Set<String> = [
        "capacity", "test_report", "test_result", "exam", "dose", "suspected_case", "diagnosis", "diagnosis_case",
        "report_card", "report_step", "exam_report", "hearing_test",
    ]
    /// Fields of those kinds that an authority fills: nobody accepts their own declaration, or writes themselves a receipt.
    private static let reserved: [String: [String]] = ["declaration": ["accepted", "received", "receipt"]]
    /// Those, and the day of acceptance of every kind with a course.
    static func reserved(of kind: Kind) -> [String] {
        (reserved[kind.name] ?? []) + (kind.flow.map { [$0.accepted.name] } ?? [])
    }

    /// Whether an organisation submits the kind at all.
    public static func isOfOrganisations(_ kind: String) -> Bool { employer.contains(kind) || institution.contains(kind) }

    /// Functions of an authority that may enter a kind; the health and work-safety functions enter every kind.
    static func functions(of kind: String) -> [String] {
        let more: [String] =
            switch kind {
            case "insured", "insured_total": ["hr_social_security"]
            case "payer_entry": ["medical_insurance", "civil_affairs", "hr_social_security"]
            case "patient", "rehab_station", "rehab_service": ["civil_affairs"]
            case "budget_line": ["finance"]
            case "publicity", "survey", "survey_response": ["propaganda", "trade_union"]
            default: []
            }
        return ["health", "work_safety"] + more
    }
}
