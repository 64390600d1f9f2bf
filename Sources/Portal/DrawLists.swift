import Catalog
import Draws
import Enforcement
import Foundation
import Institutions
import Kernel
import Ledger
import Registry
import Storage
import Web

/// What an officer asks of the registry for a draw, as the form says it.
struct DrawChoice: Sendable {
    enum Strata: String, CaseIterable { case grade, severity, none }
    let division: DivisionCode
    let industry: String
    let strata: Strata
    let level: String
    let onlyOverdue: Bool
    let day: Day
    /// Tickets by risk level, `none` for whoever has no grade in force.
    let tickets: [String: Int]
    let overdue, overdueLimit: Int

    /// The levels of the table, and who has none.
    static func levels(_ catalog: Catalog) -> [String] { (catalog.tables["risk_level"]?.entries.map(\.code) ?? []) + ["none"] }

    /// The table of weights as the catalogue has it on a day.
    static func standard(_ catalog: Catalog, on day: Day) -> [String: Int] {
        let text = catalog.parameters["draw.weights"]?.edition(on: day)?.value ?? ""
        return Dictionary(
            text.split(separator: ";").compactMap { entry in
                let parts = entry.split(separator: "=")
                return parts.count == 2 ? Int(parts[1]).map { (String(parts[0]), $0) } : nil
            }, uniquingKeysWith: { first, _ in first })
    }
    static func number(_ name: String, _ catalog: Catalog, on day: Day, else standard: Int) -> Int {
        catalog.parameters[name]?.edition(on: day).flatMap { Int($0.value) } ?? standard
    }

    /// Reads the fields of the form, or of the address.
    /// - Throws: refusals with the field.
    init(_ office: Office, _ values: [String: [String]], person: Person) throws {
        func given(_ name: String) -> String { values[name]?.last?.trimmingCharacters(in: .whitespaces) ?? "" }
        guard let own = person.division else { throw Refusal("access.denied", ["value": PlannedInspection.kind.zh]) }
        if given("division").isEmpty {
            division = own
        } else {
            guard let code = DivisionCode(given("division")), own.contains(code.text) else {
                throw Refusal("division.unknown", field: "division", ["value": String(given("division").prefix(20))])
            }
            division = code
        }
        let catalog = office.ledger.catalog
        day = office.ledger.clock.today
        (industry, level, onlyOverdue) = (String(given("industry").prefix(6)), given("level"), given("only_overdue") == "1")
        strata = Strata(rawValue: given("strata")) ?? .grade
        func number(_ name: String, _ standard: Int, _ range: ClosedRange<Int>) throws -> Int {
            guard !given(name).isEmpty else { return standard }
            guard let number = Int(given(name)), range.contains(number) else {
                throw Refusal(
                    "number.range", field: name,
                    ["value": String(given(name).prefix(20)), "limit": "\(range.lowerBound)…\(range.upperBound)"])
            }
            return number
        }
        let standard = DrawChoice.standard(catalog, on: day)
        var tickets: [String: Int] = [:]
        for level in DrawChoice.levels(catalog) { tickets[level] = try number("tickets.\(level)", standard[level] ?? 1, 1...50) }
        self.tickets = tickets
        overdue = try number("overdue", DrawChoice.number("draw.overdue_tickets", catalog, on: day, else: 0), 0...10)
        overdueLimit = try number("overdue_limit", DrawChoice.number("draw.overdue_limit", catalog, on: day, else: 5), 0...50)
    }

    /// The rule in words, as it goes into the draw's inputs.
    var weights: String {
        let table = tickets.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
        let more = overdue == 0 || overdueLimit == 0 ? "" : "; 逾期义务 overdue duty +\(overdue), ≤ +\(overdueLimit)"
        return "风险等级 risk level: \(table)\(more); \(day)"
    }
}

/// The lists of a draw as the registry gives them on a day.
struct DrawLists: Sendable {
    struct Candidate: Sendable {
        let object: DrawInputs.Object
        let overdue: Int
    }
    var candidates: [Candidate] = []
    var inspectors: [(record: Record, department: String)] = []
    var recusals: [DrawInputs.Recusal] = []

    /// Names the lists, so that what was looked at is what is committed to.
    var digest: String {
        Digest.sha256(
            candidates.map { "\($0.object.id) \($0.object.stratum) \($0.object.weight)" }.joined(separator: "\n") + "\n\n"
                + inspectors.map { "\($0.record.id) \($0.department)" }.joined(separator: "\n") + "\n\n"
                + recusals.map { "\($0.inspector) \($0.object)" }.joined(separator: "\n"))
    }
    var strata: [String] { Set(candidates.map(\.object.stratum)).sorted() }

    init(_ ledger: Ledger, _ db: any Connection, _ choice: DrawChoice, person: Person) throws {
        let kinds = [Employer.kind, EmployerChange.kind, EmployerHazard.kind, Grade.kind] + (ledger.kinds["merge"].map { [$0] } ?? [])
        let book = Book(try kinds.flatMap { try ledger.all(db, $0) }, divisions: try ledger.divisions(db))
        let late = try DrawLists.overdue(db, choice)
        for root in book.roots() where root.kind.name == Employer.kind.name {
            guard let file = book.file(root.id) else { continue }
            let profile = EmployerProfile(file)
            let locus = profile.locus[choice.day]
            guard profile.hazardous[choice.day] != .no, let division = locus.division, choice.division.contains(division) else { continue }
            if !choice.industry.isEmpty, locus.industry?.hasPrefix(choice.industry) != true { continue }
            let overdue = late[root.id] ?? 0
            if choice.onlyOverdue, overdue == 0 { continue }
            let grade = file.all(Grade.kind).filter { $0.span(Grade.from, Grade.until).contains(choice.day) }.max {
                ($0[Grade.from] ?? .distantPast, $0.id) < ($1[Grade.from] ?? .distantPast, $1.id)
            }
            let level = grade?[Grade.level] ?? "none"
            if !choice.level.isEmpty, choice.level != level { continue }
            let stratum =
                switch choice.strata {
                case .grade: level
                case .severity: locus.severity ?? "none"
                case .none: "all"
                }
            let more = min(overdue * choice.overdue, choice.overdueLimit)
            let weight = min((choice.tickets[level] ?? 1) + more, DrawInputs.weightRange.upperBound)
            let name = String((root[Employer.name] ?? root.title).prefix(200))
            candidates.append(
                Candidate(object: .init(id: root.id, name: name, stratum: stratum, weight: weight), overdue: overdue))
        }
        candidates.sort { $0.object.id < $1.object.id }
        inspectors = try ledger.all(db, Officer.kind).filter { officer in
            officer.span(Officer.from, Officer.until).contains(choice.day)
                && (officer[Officer.division].map { person.division?.contains($0) ?? false } ?? false)
        }.sorted { $0.id < $1.id }.map { ($0, $0[Officer.department] ?? "unknown") }
        let (objects, sent) = (Set(candidates.map(\.object.id)), Set(inspectors.map(\.record.id)))
        recusals = Array(
            Set(
                try ledger.all(db, Recusal.kind).compactMap { recusal in
                    guard recusal.span(Recusal.from, Recusal.until).contains(choice.day), let officer = recusal[Recusal.officer],
                        let object = (recusal[Recusal.employer] ?? recusal[Recusal.institution]).map(book.canonical),
                        objects.contains(object), sent.contains(officer)
                    else { return nil }
                    return DrawInputs.Recusal(inspector: officer, object: object)
                })
        ).sorted { ($0.inspector, $0.object) < ($1.inspector, $1.object) }
    }

    /// How many duties each employer has overdue.
    private static func overdue(_ db: any Connection, _ choice: DrawChoice) throws -> [String: Int] {
        let prefix = choice.division.prefix
        var result: [String: Int] = [:]
        let rows = try db.rows(
            """
            SELECT debtor, count(*) AS total FROM stretch WHERE gauge >= 'duty/' AND gauge < 'duty0' AND verdict = 'unmet' AND debtor <> ''
            AND from_day <= \(choice.day) AND until_day > \(choice.day) AND division >= \(prefix) AND division < \(prefix + ":") GROUP BY debtor
            """)
        for row in rows { result[try row.get("debtor")] = try row.get("total") }
        return result
    }
}
