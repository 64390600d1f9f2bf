import Catalog
import Foundation
import Kernel
import Ledger
import Storage

/// Databases grown at random through the front door: records of every kind, late entries, corrections, withdrawals, moves, merges.
/// Domains are small on purpose, so that subjects meet, dates touch and every verdict comes up; scenes (a full archive, an examination
/// for every factor, a station with its patients) bring about what single random records never would.
public struct RandomWorld {
    public let ledger: Ledger
    var random: SeededGenerator
    var ids: [String: [String]] = [:]
    /// The cells with which records were created, by id.
    var cellsOf: [String: [String: String]] = [:]
    var codes = 0
    var now: Moment
    let clock: MovingClock
    /// Drafts that the door refused; some are meant to be.
    public private(set) var refused = 0
    public private(set) var taken = 0

    static let counties = ["330402", "330411", "330421", "330481"]
    /// Outside the plan's jurisdiction: what moves there counts no more.
    static let abroad = "330502"
    static let townships = ["330402007", "330402100", "330411002", "330481001", "330421001"]
    static let factors = ["A001", "A002", "C001", "B002", "E001", "D001"]
    static let industries = ["C3071", "C30", "Q84", "B06", "G54", "C1951"]
    static let diseases = ["D001", "D002", "D005", "D055", "D032", "D060", "D120", "D102", "D115"]

    public init(_ ledger: Ledger, seed: UInt64, clock: MovingClock) {
        (self.ledger, random, self.clock) = (ledger, SeededGenerator(seed: seed), clock)
        // Most of what is told happened years before it is told.
        now = Moment("2021-01-10 08:00") ?? Moment(microseconds: 0)
        clock.set(now)
    }

    /// Weights of new records by kind; kinds not named weigh 2.
    static let weights: [String: Int] = [
        "employer": 6, "employer_change": 4, "post": 5, "employer_hazard": 8, "worker": 5, "employment": 8, "exposure": 9, "exam": 9,
        "declaration": 7,
        "test_report": 7, "test_result": 12, "training": 9, "person_role": 6, "notice": 12, "warning_sign": 10, "archive_part": 14,
        "inspection": 8,
        "diagnosis": 8, "report_card": 9, "radiation_worker": 3, "dose": 16, "qualification": 8, "institution": 4, "merge": 2,
        "division": 0, "workplace": 1,
        "patient": 6, "survey_response": 5, "payer_entry": 8, "rehab_station": 3, "rehab_service": 5, "surveillance_file": 6,
        "campaign_entry": 5,
        // What a decision needs comes together in a scene; its own steps are taken by `acceptance`.
        "penalty_decision": 1, "case_statement": 3, "credit_listing": 3, "credit_request": 3, "credit_notice": 4, "credit_receipt": 3,
        "complaint": 6,
        "violation_case": 5, "officer_training": 5, "monitoring_assignment": 5, "title": 4, "insured": 5,
    ]
    /// Days that follow each other, by kind.
    static let courses: [String: [[String]]] = [
        "order": [["issued", "due"], ["issued", "served", "closed"]], "violation_case": [["found", "filed"], ["found", "decided"]],
        "credit_listing": [["notice", "object_until", "until"]], "credit_notice": [["sent", "due"]],
        "complaint": [["received", "triaged", "answered"]],
        "declaration": [["submitted", "received", "receipt"]], "suspected_case": [["day", "reported", "informed", "arranged"]],
        "diagnosis_case": [["applied", "accepted", "materials", "decided", "delivered"]],
        "exam_report": [["ended", "delivered"]],
        "appraisal": [["applied", "accepted", "requested", "handed", "concluded", "issued", "delivered"]],
    ]
    /// Few roots, so that what belongs to them meets.
    static let caps: [String: Int] = [
        "employer": 5, "worker": 6, "institution": 3, "post": 4, "officer": 3, "radiation_worker": 2, "person_role": 7, "survey": 3,
        "rehab_station": 3, "merge": 2, "patient": 9,
    ]

    /// One random act: mostly something new, otherwise a correction or a withdrawal. Returns whether it was taken.
    @discardableResult public mutating func step(corrections: Double = 0.3) async throws -> Bool {
        pass(days: 8)
        let all = ids.values.reduce(0) { $0 + $1.count }
        var drafts: [Draft] = []
        if all > 10, Double.random(in: 0..<1, using: &random) < corrections {
            if let draft = Int.random(in: 0..<6, using: &random) == 0 ? acceptance() : correction() { drafts = [draft] }
        } else if Int.random(in: 0..<8, using: &random) == 0 {
            drafts = scene()
        } else if let draft = creation() {
            drafts = [draft]
        }
        return try await submit(drafts) > 0
    }

    /// Many new records, a few at a time: the ground on which single acts are then tried.
    public mutating func fill(_ count: Int) async throws {
        for name in [
            "institution", "employer", "post", "worker", "officer", "person_role", "radiation_worker", "survey", "rehab_station", "patient",
        ] {
            guard let kind = ledger.kinds[name] else { continue }
            let number = max(1, (RandomWorld.caps[name] ?? 3) - 1)
            try await submit((0..<number).map { _ in Draft(kind, cells(of: kind, fields: kind.fields)) })
        }
        let start = taken
        while taken < start + count {
            pass(days: 4)
            var drafts: [Draft] = []
            while drafts.count < 24 {
                switch Int.random(in: 0..<20, using: &random) {
                case 0, 1: drafts += scene()
                case 2: if let draft = acceptance(ends: false) { drafts.append(draft) }
                default: if let draft = creation() { drafts.append(draft) }
                }
            }
            try await submit(drafts)
        }
    }

    mutating func pass(days: Int64) {
        now = Moment(microseconds: now.microseconds + Int64.random(in: 1...days * 86_400, using: &random) * 1_000_000)
        clock.set(min(now, Moment("2022-06-30 12:00") ?? now))
    }

    /// Submits, and keeps in mind what was taken.
    @discardableResult private mutating func submit(_ drafts: [Draft]) async throws -> Int {
        guard !drafts.isEmpty else { return 0 }
        let submission = Submission(by: .house, door: "test", reason: "随机", home: RandomWorld.counties.randomElement(using: &random))
        var done = 0
        for (draft, receipt) in zip(drafts, try await ledger.submit(drafts, submission)) {
            switch receipt.fate {
            case .created(let id):
                ids[draft.kind.name, default: []].append(id)
                cellsOf[id] = draft.cells
            case .withdrawn(let id): ids[draft.kind.name]?.removeAll { $0 == id }
            case .refused:
                refused += 1
                continue
            case .changed, .unchanged: break
            }
            done += 1
        }
        taken += done
        return done
    }

    /// Ends a division: into a successor, or without one.
    public mutating func endDivision() async throws {
        guard let kind = ledger.kinds["division"] else { return }
        let codes = RandomWorld.counties.shuffled(using: &random)
        var cells = ["division": codes[0], "name": "撤并区", "until": day()]
        if Bool.random(using: &random) { cells["successor"] = codes[1] }
        try await submit([Draft(kind, cells)])
    }

    mutating func creation() -> Draft? {
        let kinds = ledger.kinds.values.sorted { $0.name < $1.name }
        let total = kinds.reduce(0) { $0 + (RandomWorld.weights[$1.name] ?? 2) }
        var ticket = Int.random(in: 0..<total, using: &random)
        for kind in kinds {
            ticket -= RandomWorld.weights[kind.name] ?? 2
            guard ticket < 0 else { continue }
            if let cap = RandomWorld.caps[kind.name], ids[kind.name, default: []].count >= cap { return nil }
            return Draft(kind, cells(of: kind, fields: kind.fields))
        }
        return nil
    }

    /// The text, or blank once in so many times.
    mutating func either(_ text: String, _ times: Int) -> String { Int.random(in: 0..<times, using: &random) == 0 ? "" : text }

    mutating func correction() -> Draft? {
        let kinds = ids.keys.filter { !(ids[$0] ?? []).isEmpty }.sorted()
        guard let name = kinds.randomElement(using: &random), let kind = ledger.kinds[name],
            let id = ids[name]?.randomElement(using: &random)
        else { return nil }
        if Int.random(in: 0..<6, using: &random) == 0 {
            var draft = Draft(kind, id: id)
            draft.isWithdrawal = true
            return draft
        }
        // The party of a case and the day of its filing stand in what was served already.
        let standing: Set<String> = name == "violation_case" ? ["employer", "institution", "division", "found", "filed"] : []
        let fields = kind.fields.dropFirst().filter { !standing.contains($0.name) }.shuffled(using: &random)
            .prefix(Int.random(in: 1...3, using: &random))
        return Draft(kind, id: id, cells(of: kind, fields: Array(fields)))
    }

    mutating func cells(of kind: Kind, fields: [FieldSpec]) -> [String: String] {
        var cells: [String: String] = [:]
        for field in fields where field.name != "code" {
            // Blank is a value like others where it is allowed.
            let blanks = kind.name == "employer_change" ? 0.6 : kind.name == "employer" ? 0.3 : 0.15
            if !field.required, Double.random(in: 0..<1, using: &random) < blanks { cells[field.name] = ""; continue }
            cells[field.name] = cell(field, of: kind)
        }
        if kind.name == "merge" {
            let drops = Bool.random(using: &random) ? ["employer_kept", "employer_dropped"] : ["worker_kept", "worker_dropped"]
            for field in kind.references where !drops.contains(field.name) { cells[field.name] = "" }
        }
        if kind.name == "credit_listing", cells["employer"] != nil, cells["institution"] != nil {
            cells[Bool.random(using: &random) ? "employer" : "institution"] = ""
            (cells["removed"], cells["removal"]) = ("", "")
        }
        if kind.name == "complaint", cells.count > 5 {
            if cells["anonymous"] == "1" { cells["name"] = "" }
            if cells["triage"] == "duplicate" { cells["triage"] = "accepted" }
            if cells["triaged"] == "" || cells["triage"] == "" {
                for name in ["triaged", "triage", "answered", "answer"] { cells[name] = "" }
            }
            if cells["triage"]?.isEmpty == false, cells["triage_reason"] == "" { cells["triage_reason"] = "说明" }
            if cells["answered"] == "" || cells["answer"] == "" { (cells["answered"], cells["answer"]) = ("", "") }
        }
        if kind.name == "case_statement", cells["text"] == "" { cells["text"] = "说明" }
        if kind.name == "inspection" {
            cells[Bool.random(using: &random) ? "employer" : "institution"] = ""
            for name in ["inspector", "inspector_2", "signed"] where cells[name] != nil { cells[name] = "" }
        }
        if kind.name == "order" {
            let isClosed = Int.random(in: 0..<3, using: &random) == 0
            for name in ["closed", "closing"] where cells[name] != nil || cells.count > 5 {
                if !isClosed {
                    cells[name] = ""
                } else if cells[name] == "" || cells[name] == nil {
                    cells[name] = name == "closing" ? "rectified" : "2020-11-30"
                }
            }
            if cells["closing"] == "case" { cells["closing"] = "withdrawn" }
        }
        // Begin before the end, most of the time.
        for (from, until) in [
            ("from", "until"), ("since", "until"), ("day", "until"), ("installed", "removed"), ("submitted", "accepted"),
            ("found", "decided"), ("registered", "died"), ("sampled", "issued"),
        ] {
            if let first = cells[from], let second = cells[until], !first.isEmpty, !second.isEmpty, second < first {
                (cells[from], cells[until]) = (second, first)
            }
        }
        for course in RandomWorld.courses[kind.name] ?? [] {
            let given = course.filter { cells[$0]?.isEmpty == false }
            for (field, day) in zip(given, given.compactMap { cells[$0] }.sorted()) { cells[field] = day }
        }
        if kind.name == "dose", cells["from"] != nil {
            let quarter = Int.random(in: 0..<20, using: &random)
            let from = (Day(2017, 1, 1) ?? .distantPast).adding(months: quarter * 3)
            (cells["from"], cells["until"]) = (
                from.description, (from.adding(months: 3) - Int.random(in: 0...1, using: &random)).description
            )
        }
        if let division = cells["division"], let township = cells["township"], !township.hasPrefix(division) {
            cells["township"] = RandomWorld.townships.first { $0.hasPrefix(division) } ?? ""
        }
        if let items = cells["items"].flatMap({ Int($0) }), let correct = cells["correct"].flatMap({ Int($0) }), correct > items {
            cells["correct"] = String(items)
        }
        if cells["decided"]?.isEmpty == false, cells["outcome"]?.isEmpty != false { cells["outcome"] = "penalty" }
        return cells
    }

    mutating func day() -> String {
        // A third of all days are edges of years and months, where mistakes live.
        if Int.random(in: 0..<3, using: &random) == 0 {
            let year = Int.random(in: 2016...2021, using: &random)
            return ["\(year)-01-01", "\(year)-12-31", "\(year)-06-30", "\(year)-03-31"].randomElement(using: &random) ?? "\(year)-01-01"
        }
        let first = Day.firstDay(of: 2016)
        return (first + Int.random(in: 0..<2100, using: &random)).description
    }

    mutating func cell(_ field: FieldSpec, of kind: Kind) -> String {
        switch field.type {
        case .text:
            switch field.name {
            case "plan": return "ALL-2017-2021"
            case "indicator": return "Z9"
            case "scheme": return "S"
            default: return ["甲", "乙", "丙", "丁"].randomElement(using: &random) ?? ""
            }
        case .integer(let range):
            if field.name == "year" { return String(Int.random(in: 2016...2021, using: &random)) }
            if field.name == "headcount" { return String([3, 9, 10, 20, 21, 200].randomElement(using: &random) ?? 3) }
            return String(Int.random(in: range.lowerBound...min(range.upperBound, range.lowerBound + 20), using: &random))
        case .decimal:
            if field.name == "dust_years" { return ["2.5", "4.99", "5", "12"].randomElement(using: &random) ?? "5" }
            return ["0", "0.5", "1", "4", "8", "16"].randomElement(using: &random) ?? "1"
        case .day: return day()
        case .flag: return Bool.random(using: &random) ? "1" : "0"
        case .code(let table): return code(table)
        case .codes(let table):
            if table == "surveillance_part", Int.random(in: 0..<3, using: &random) > 0 {
                return ledger.catalog.tables[table]?.entries.map(\.code).joined(separator: ";") ?? ""
            }
            return Set(
                (0..<Int.random(in: 1...(kind.name == "exam" || kind.name == "declaration" ? 6 : 2), using: &random)).map { _ in code(table)
                }
            ).sorted().joined(separator: ";")
        case .reference(let target): return ids[target]?.randomElement(using: &random) ?? "nobody"
        case .division(let township):
            if township, kind.name != "employer", kind.name != "employer_change" {
                return RandomWorld.townships.prefix(2).randomElement(using: &random) ?? ""
            }
            if township { return RandomWorld.townships.randomElement(using: &random) ?? "" }
            if kind.name == "insured_total" || kind.name == "budget_line" || kind.name == "title",
                Int.random(in: 0..<3, using: &random) == 0
            {
                return "330400"
            }
            if Int.random(in: 0..<12, using: &random) == 0 { return RandomWorld.abroad }
            return RandomWorld.counties.randomElement(using: &random) ?? ""
        case .creditCode:
            let number = Int.random(in: 100_000_000...999_999_999, using: &random)
            return CreditCode.completing("91330402\(number)")
        case .residentID:
            let number = Int.random(in: 100...999, using: &random)
            return ResidentID.completing("33040219800101\(number)")
        }
    }

    mutating func code(_ table: String) -> String {
        let small: [String]? =
            switch table {
            case "factor": RandomWorld.factors
            case "industry": RandomWorld.industries
            case "disease": RandomWorld.diseases
            case "exam_stage": ["in_service", "in_service", "pre_employment", "leaving"]
            case "test_type": ["periodic", "periodic", "evaluation", "supervision"]
            case "declaration_type": ["initial", "initial", "change", "yearly", "cancellation"]
            case "sector": ["medical", "enterprise", "other"]
            case "severity": ["severe", "general", "heavier"]
            case "service": ["testing", "exam", "diagnosis", "institute"]
            case "archive_part":
                ["management", "testing", "management", "testing", "training", "surveillance", "individual", "three_simultaneities"]
            case "payer": ["injury_insurance", "charity"]
            default: nil
            }
        let codes = small ?? ledger.catalog.tables[table]?.entries.map(\.code) ?? []
        return codes.randomElement(using: &random) ?? ""
    }
}

/// A clock that stands where a test put it.
public final class MovingClock: @unchecked Sendable {
    private let lock = NSLock()
    private var moment = Moment(microseconds: 0)
    public init() {}
    public func set(_ moment: Moment) { lock.withLock { self.moment = moment } }
    public var clock: Clock { Clock { self.lock.withLock { self.moment } } }
}
