import Kernel
import Storage

/// Who acts: a name, what they may do, and where. Permission hangs on functions, never on a department's name.
public struct Person: Sendable, Hashable {
    public enum Role: String, Sendable, CaseIterable {
        /// Sets the house up: plans, layouts, settings, backups. Sees no records, no accounts and no audit.
        case system
        /// Administers accounts: invitations, roles, locks, second factors, delegations, keys. Sees no records.
        case security
        /// Reads the audit and nothing else.
        case audit
        /// An authority's officer: everything in their division.
        case officer
        /// Reads an authority's division without changing it.
        case viewer
        /// An employer or an institution: its own file.
        case organisation
        /// A worker: what is recorded about themself, and what a worker must be told.
        case worker
        /// Somebody of the public: what is published, and their own complaints.
        case citizen
        /// Nobody signed in.
        case nobody
        /// Who hands something in to an authority or asks it for something.
        public var isOutside: Bool { [.organisation, .worker, .citizen].contains(self) }
        /// The three that are kept apart: nobody holds two of them, and none of them has anything else to do.
        public var isAdministrator: Bool { [.system, .security, .audit].contains(self) }
    }
    /// What an officer has handed to this person for some days: they act there for whoever gave it.
    public struct Grant: Sendable, Hashable {
        /// The account that gave it.
        public let from: String
        public let functions: [String]
        public let division: DivisionCode?
        public init(from: String, functions: [String], division: DivisionCode?) {
            (self.from, self.functions, self.division) = (from, functions, division)
        }
        var person: Person { Person(name: from, role: .officer, functions: functions, division: division) }
        /// Whether whoever gave it sees a kind of proceedings.
        func tells(_ kind: String) -> Bool { !Submitters.isSealed(kind, from: person) }
    }
    public let name: String
    public let role: Role
    /// Functions of the plan's table on the day: health, work_safety … Empty for roles that need none.
    public let functions: [String]
    /// The division that an authority's person works for.
    public let division: DivisionCode?
    /// The record id of the employer or institution that an organisation's person works for.
    public let organisation: String?
    /// The record id of the worker that a worker's account belongs to.
    public let worker: String?
    /// The posts that the worker works or has worked at, by the exposure history: what is measured and posted there is told to them.
    public let posts: [String]
    /// Invites and closes the accounts of their own unit's staff.
    public let isManager: Bool
    public let grants: [Grant]
    public init(
        name: String, role: Role, functions: [String] = [], division: DivisionCode? = nil, organisation: String? = nil,
        worker: String? = nil, posts: [String] = [], isManager: Bool = false, grants: [Grant] = []
    ) {
        (self.name, self.role, self.functions, self.division, self.organisation) = (name, role, functions, division, organisation)
        (self.worker, self.posts, self.isManager, self.grants) = (worker, posts, isManager, grants)
    }
    public static let nobody = Person(name: "", role: .nobody)
    /// The house itself: set-up, demonstration data, the command line of whoever holds the database file. No account has its name.
    public static let house = Person(name: "zhifang", role: .system)

    /// Every division that the person acts in: their own, and those of whoever handed them something.
    public var divisions: [DivisionCode] { ([division] + grants.map(\.division)).compactMap(\.self) }

    /// Every function that the person has, their own and those handed to them.
    public var allFunctions: Set<String> { Set(functions + grants.flatMap(\.functions)) }

    /// For whom something is done: the account whose functions were handed over, nil where the person's own right suffices.
    public func principal(_ action: Action, at place: Place) -> String? {
        decides(self, action, place) ? nil : grants.first { decides($0.person, action, place) }?.from
    }
}

/// Somebody with an account, and what they are called.
public struct Known: Sendable {
    public let person: Person
    public let display: String
    public init(_ person: Person, display: String) { (self.person, self.display) = (person, display) }
}

/// Who works for whom, as the house knows it now.
public typealias People = @Sendable (Ledger, any Connection) throws -> [Known]

/// What somebody wants to do.
public enum Action: String, Sendable, CaseIterable {
    case see, seePersonal, change, evaluate
    /// Plans, layouts, settings, backups.
    case administer
    /// Accounts: of everybody, or of one's own unit.
    case secure
    case readAudit
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
    /// The workers that it is about, by record id.
    public let workers: [String]
    /// The posts that it is about.
    public let posts: [String]
    /// The accounts whose own it is: who complained.
    public let people: [String]
    /// The kind of record, where it is one.
    public let kind: String?
    /// Organisations that accept it, where no authority does.
    public let receivers: [String]
    /// The level of authority that accepts it next; nil where any does.
    public let level: DivisionCode.Level?
    /// Functions of authority that a sealed record is addressed to.
    public let functions: [String]
    public init(
        divisions: [String] = [], organisations: [String] = [], authors: [String] = [], workers: [String] = [], posts: [String] = [],
        people: [String] = [], kind: String? = nil, receivers: [String] = [], level: DivisionCode.Level? = nil,
        functions: [String] = []
    ) {
        (self.divisions, self.organisations, self.authors, self.kind) = (divisions, organisations, authors, kind)
        (self.workers, self.posts, self.people) = (workers, posts, people)
        (self.receivers, self.level, self.functions) = (receivers, level, functions)
    }
    /// Published to everybody who is signed in: plans, boards, catalogues.
    public static let common = Place()
    var isCommon: Bool { divisions.isEmpty && organisations.isEmpty && workers.isEmpty && people.isEmpty && kind == nil }
}

/// The one place where it is decided who may do what. Pages, API, exports and error texts ask here and nowhere else.
/// What somebody may not do themself they may do for an officer who handed it to them.
public func mayDo(_ person: Person, _ action: Action, at place: Place) -> Bool {
    decides(person, action, place) || person.grants.contains { decides($0.person, action, place) }
}

private func decides(_ person: Person, _ action: Action, _ place: Place) -> Bool {
    func isInside() -> Bool {
        guard let division = person.division else { return false }
        return place.divisions.contains { division.contains($0) }
    }
    func isOwn() -> Bool { person.organisation.map(place.organisations.contains) ?? false }
    func isAbout() -> Bool { person.worker.map(place.workers.contains) ?? false }
    func isOfWhoSpoke() -> Bool { !person.name.isEmpty && place.people.contains(person.name) }
    func holds(_ functions: [String]) -> Bool { functions.contains(where: person.functions.contains) }
    /// Who complained is nobody's business but the authority's.
    let isConfided = place.kind.map(Submitters.confided.contains) ?? false
    if let kind = place.kind, Submitters.isSealed(kind, from: person, addressed: place.functions) { return false }
    switch (person.role, action) {
    case (.nobody, _): return false
    case (.system, _) where person == .house: return true
    case (.system, .see), (.security, .see): return place.isCommon
    case (.system, .administer): return true
    case (.security, .secure): return true
    case (.audit, .readAudit): return true
    case (.system, _), (.security, _), (.audit, _): return false
    case (.officer, .see): return place.isCommon || isInside()
    case (.officer, .seePersonal): return isInside() && holds(Submitters.readers(of: place.kind) + place.functions)
    case (.officer, .evaluate): return isInside()
    case (.officer, .change):
        guard isInside(), let kind = place.kind else { return isInside() }
        // A receipt is the addressed department's to give, and nobody else's.
        return holds(Submitters.addressed.contains(kind) ? place.functions : Submitters.functions(of: kind) + place.functions)
    case (.officer, .accept):
        guard let own = person.division, place.receivers.isEmpty, decides(person, .change, place) else { return false }
        let order = DivisionCode.Level.allCases
        guard let level = place.level, let needed = order.firstIndex(of: level), let has = order.firstIndex(of: own.level) else {
            return true
        }
        return has <= needed
    case (.organisation, .accept): return person.organisation.map(place.receivers.contains) ?? false
    // Only the unit itself: what lies below has managers of its own.
    case (.officer, .secure): return person.isManager && place.kind == nil && place.divisions == [person.division?.text ?? "-"]
    case (.viewer, .see): return place.isCommon || isInside()
    case (.organisation, .see): return place.isCommon || isOwn() && !isConfided
    case (.organisation, .seePersonal): return isOwn() && !isConfided
    case (.organisation, .change): return person.organisation.map(place.authors.contains) ?? false
    case (.organisation, .secure): return person.isManager && place.kind == nil && isOwn()
    case (.worker, .see):
        let isTold = place.kind.map(Submitters.told.contains) ?? false && place.posts.contains(where: person.posts.contains)
        return place.isCommon || (isAbout() && !isConfided) || isTold || isOfWhoSpoke()
    // It is their own: what an examination found is told to whoever was examined.
    case (.worker, .seePersonal): return (isAbout() && !isConfided) || isOfWhoSpoke()
    case (.citizen, .see): return place.isCommon || isOfWhoSpoke()
    case (.citizen, .seePersonal): return isOfWhoSpoke()
    case (.worker, .change), (.citizen, .change): return isConfided && isOfWhoSpoke()
    case (.officer, _), (.viewer, _), (.organisation, _), (.worker, _), (.citizen, _): return false
    }
}

/// Who submits which kinds of record. The registry that denominators come from is the authority's: an employer cannot declare its
/// hazards away, or itself closed.
public enum Submitters {
    /// Kinds that an employer says of itself, and that an institution says of its work.
    static let employer: Set<String> = [
        "workplace", "person_role", "notice", "warning_sign", "archive_part", "worker", "employment", "exposure", "surveillance_file",
        "declaration", "declaration_cause", "declaration_category", "declaration_factor", "declaration_product", "test_commission",
        "training", "rectification", "case_statement", "credit_request",
    ]
    static let institution: Set<String> = [
        "capacity", "test_report", "test_result", "exam", "dose", "suspected_case", "diagnosis", "diagnosis_case",
        "report_card", "report_step", "exam_report", "hearing_test", "staff", "case_statement", "credit_request",
    ]
    /// Proceedings: the supervising functions see them, of the others those to whom they are addressed.
    static let sealed: Set<String> = [
        "violation_case", "penalty_decision", "case_statement", "credit_listing", "credit_request", "credit_notice", "credit_receipt",
        "complaint",
    ]
    /// What no organisation sees: whether a case came from a complaint, and from whom; whom the authority will visit before it comes,
    /// and which of its officers is biased for what reason.
    static let secret: Set<String> = [
        "violation_case", "credit_notice", "credit_receipt", "complaint", "inspection_plan", "recusal",
    ]
    /// Fields that an authority keeps to itself in records that others read: what made it come (a complaint must not show by it, ILO C081
    /// Art. 15 (c)), how a decision was prepared inside, what became of a complaint in other people's files.
    static let kept: [String: Set<String>] = [
        "inspection": ["mode", "cause"],
        "penalty_decision": ["advised_least", "advised_most", "departs", "reviewed", "reviewer", "discussed", "enforced"],
        "complaint": ["digest", "earlier", "employer", "institution", "inspection", "case"],
    ]
    /// Kinds of whose versions nobody outside is told who wrote them and why: remarks among colleagues.
    static let colleagues: Set<String> = ["penalty_decision", "complaint"]
    /// What only the function that it is addressed to enters.
    static let addressed: Set<String> = ["credit_receipt"]
    /// Functions that supervise employers.
    public static let supervising: Set<String> = ["health", "work_safety"]

    /// Whether a kind is closed to somebody, wherever a record of it lies.
    public static func isSealed(_ kind: String, from person: Person, addressed functions: [String] = []) -> Bool {
        switch person.role {
        case .officer, .viewer: return sealed.contains(kind) && supervising.union(functions).isDisjoint(with: person.functions)
        case .organisation: return secret.contains(kind)
        default: return false
        }
    }
    /// How a sealed kind names the function that it is addressed to: by a field of its own (inner nil) or by that of the record that a
    /// reference names; nil where it is addressed to nobody.
    public static func address(of kind: Kind, in kinds: [String: Kind]) -> String?? {
        if kind.field(named: "function") != nil { return .some(nil) }
        let above = kind.parents.first { kinds[$0.target ?? ""]?.field(named: "function") != nil }
        return above.map { .some($0.name) }
    }
    /// Fields of those kinds that an authority fills: nobody accepts their own declaration, or writes themselves a receipt.
    private static let reserved: [String: [String]] = [
        "declaration": ["accepted", "received", "receipt"], "test_report": ["exception"],
        "complaint": [
            "triaged", "triage", "function", "triage_reason", "earlier", "due", "employer", "institution", "inspection", "case",
            "confirmed",
            "answered", "answer", "reward", "digest",
        ],
    ]
    /// Those, and the day of acceptance of every kind with a course.
    public static func reserved(of kind: Kind) -> [String] {
        (reserved[kind.name] ?? []) + (kind.flow.map { [$0.accepted.name] } ?? [])
    }

    /// What a worker must be told of the posts that they work at (Law Art. 39): hazards, notices, signs, results, grades.
    static let told: Set<String> = ["post", "employer_hazard", "notice", "warning_sign", "test_result", "work_grade"]
    /// What was said to the authority in confidence: the organisation that it is about does not see it.
    static let confided: Set<String> = ["complaint"]

    /// Functions of an authority that see a kind's personal and medical fields in clear, with a reason: those that enter it.
    static func readers(of kind: String?) -> [String] { functions(of: kind ?? "") }

    public static func isTold(_ kind: String) -> Bool { told.contains(kind) }
    /// Whether a kind is the authority's alone: no organisation sees that there is such a record.
    public static func isSecret(_ kind: String) -> Bool { secret.contains(kind) }

    /// Whether a field is told to somebody who sees the record: not what the authority keeps to itself, and not the name of proceedings that
    /// are closed to them.
    public static func isTold(_ field: FieldSpec, of kind: Kind, to person: Person) -> Bool {
        if person.role.isOutside, kept[kind.name]?.contains(field.name) ?? false { return false }
        // What may be addressed to the reader is decided by the record itself.
        guard let target = field.target, !["complaint", "credit_notice"].contains(target) else { return true }
        return person.grants.contains { $0.tells(target) } || !isSealed(target, from: person)
    }
    /// Whether somebody is told who wrote a version of a record and why.
    public static func isTold(versionOf kind: Kind, by author: String, to person: Person) -> Bool {
        !person.role.isOutside || !colleagues.contains(kind.name) || author == person.name
    }
    public static func isConfided(_ kind: String) -> Bool { confided.contains(kind) }

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
