import Catalog
import Foundation
import Kernel
import Ledger
import Storage

/// Databases grown at random through the front door: records of every kind, late entries, corrections, withdrawals, moves, merges.
/// Domains are small on purpose, so that subjects meet, dates touch and every verdict comes up.
public struct RandomWorld {
    public let ledger: Ledger
    var random: SeededGenerator
    var ids: [String: [String]] = [:]
    var now: Moment
    let clock: MovingClock
    /// Drafts that the door refused; some are meant to be.
    public private(set) var refused = 0
    public private(set) var taken = 0

    static let counties = ["330402", "330411", "330421", "330481"]
    static let townships = ["330402001", "330402002", "330411001", "330481001", "330421100"]
    static let factors = ["A001", "A002", "C001", "B002", "B025", "D001"]
    static let industries = ["C3071", "C30", "Q84", "B06", "G54", "C1951"]
    static let diseases = ["D001", "D002", "D005", "D055", "D031", "D060", "D120", "D090"]

    public init(_ ledger: Ledger, seed: UInt64, clock: MovingClock) {
        (self.ledger, random, self.clock) = (ledger, SeededGenerator(seed: seed), clock)
        now = Moment("2018-01-10 08:00") ?? Moment(microseconds: 0)
        clock.set(now)
    }

    /// Weights of new records by kind; kinds not named weigh 2.
    static let weights: [String: Int] = [
        "employer": 6, "employer_change": 4, "post": 5, "employer_hazard": 8, "worker": 5, "employment": 8, "exposure": 9, "exam": 9, "declaration": 7,
        "test_report": 7, "test_result": 12, "training": 9, "person_role": 6, "notice": 12, "warning_sign": 10, "archive_part": 14, "inspection": 8,
        "diagnosis": 8, "report_card": 9, "radiation_worker": 3, "dose": 16, "qualification": 8, "institution": 4, "merge": 1, "division": 0, "workplace": 1,
        "patient": 6, "survey_response": 5, "payer_entry": 8, "rehab_station": 3, "rehab_service": 5, "surveillance_file": 6, "campaign_entry": 5,
        "violation_case": 5, "officer_training": 5, "monitoring_assignment": 5, "title": 4, "insured": 5,
    ]
    /// Few roots, so that what belongs to them meets.
    static let caps: [String: Int] = [
        "employer": 5, "worker": 6, "institution": 3, "post": 4, "officer": 3, "radiation_worker": 2, "person_role": 7, "survey": 3, "rehab_station": 3, "merge": 2, "patient": 7,
    ]

    /// One random act: mostly something new, otherwise a correction or a withdrawal. Returns whether it was taken.
    @discardableResult public mutating func step(corrections: Double = 0.3) async throws -> Bool {
        now = Moment(microseconds: now.microseconds + Int64.random(in: 1...20 * 86_400, using: &random) * 1_000_000)
        clock.set(min(now, Moment("2022-06-30 12:00") ?? now))
        let all = ids.values.reduce(0) { $0 + $1.count }
        let draft: Draft?
        if all > 10, Double.random(in: 0..<1, using: &random) < corrections { draft = correction() } else { draft = creation() }
        guard let draft else { return false }
        let submission = Submission(by: .house, door: "test", home: RandomWorld.counties.randomElement(using: &random))
        guard let receipt = try await ledger.submit([draft], submission).first else { return false }
        switch receipt.fate {
        case .created(let id): ids[draft.kind.name, default: []].append(id)
        case .withdrawn(let id): ids[draft.kind.name]?.removeAll { $0 == id }
        case .refused:
            refused += 1
            return false
        case .changed, .unchanged: break
        }
        taken += 1
        return true
    }

    /// Many new records, a few at a time: the ground on which single acts are then tried.
    public mutating func fill(_ count: Int) async throws {
        for name in ["institution", "employer", "post", "worker", "officer", "person_role", "radiation_worker", "survey", "rehab_station", "patient"] {
            guard let kind = ledger.kinds[name] else { continue }
            let drafts = (0..<(RandomWorld.caps[name] ?? 3) - 1).map { _ in Draft(kind, cells(of: kind, fields: kind.fields)) }
            for receipt in try await ledger.submit(drafts, Submission(by: .house, door: "test", home: "330402")) {
                if case .created(let id) = receipt.fate { ids[name, default: []].append(id) }
            }
        }
        let start = taken
        while taken < start + count {
            now = Moment(microseconds: now.microseconds + Int64.random(in: 1...6 * 86_400, using: &random) * 1_000_000)
            clock.set(min(now, Moment("2022-06-30 12:00") ?? now))
            var drafts: [Draft] = []
            for _ in 0..<12 { if let draft = creation() { drafts.append(draft) } }
            let submission = Submission(by: .house, door: "test", home: RandomWorld.counties.randomElement(using: &random))
            for (draft, receipt) in zip(drafts, try await ledger.submit(drafts, submission)) {
                if case .created(let id) = receipt.fate {
                    ids[draft.kind.name, default: []].append(id)
                    taken += 1
                } else {
                    refused += 1
                }
            }
        }
    }

    /// Ends a division: into a successor, or without one.
    public mutating func endDivision() async throws {
        guard let kind = ledger.kinds["division"] else { return }
        let codes = RandomWorld.counties.shuffled(using: &random)
        var cells = ["division": codes[0], "name": "撤并区", "until": day()]
        if Bool.random(using: &random) { cells["successor"] = codes[1] }
        let receipts = try await ledger.submit([Draft(kind, cells)], Submission(by: .house, door: "test", updates: true))
        if case .refused = receipts[0].fate { refused += 1 } else { taken += 1 }
    }

    private mutating func creation() -> Draft? {
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

    private mutating func correction() -> Draft? {
        let kinds = ids.keys.filter { !(ids[$0] ?? []).isEmpty }.sorted()
        guard let name = kinds.randomElement(using: &random), let kind = ledger.kinds[name], let id = ids[name]?.randomElement(using: &random) else { return nil }
        if Int.random(in: 0..<6, using: &random) == 0 {
            var draft = Draft(kind, id: id)
            draft.isWithdrawal = true
            return draft
        }
        let fields = kind.fields.dropFirst().shuffled(using: &random).prefix(Int.random(in: 1...3, using: &random))
        return Draft(kind, id: id, cells(of: kind, fields: Array(fields)))
    }

    private mutating func cells(of kind: Kind, fields: [FieldSpec]) -> [String: String] {
        var cells: [String: String] = [:]
        for field in fields where field.name != "code" {
            // Blank is a value like others where it is allowed.
            if !field.required, Int.random(in: 0..<7, using: &random) == 0 { cells[field.name] = ""; continue }
            cells[field.name] = cell(field, of: kind)
        }
        if kind.name == "merge" {
            let drops = Bool.random(using: &random) ? ["employer_kept", "employer_dropped"] : ["worker_kept", "worker_dropped"]
            for field in kind.references where !drops.contains(field.name) { cells[field.name] = "" }
        }
        if kind.name == "inspection" { cells[Bool.random(using: &random) ? "employer" : "institution"] = "" }
        // Begin before the end, most of the time.
        for (from, until) in [("from", "until"), ("since", "until"), ("day", "until"), ("installed", "removed"), ("submitted", "accepted"), ("found", "decided"), ("registered", "died"), ("sampled", "issued")] {
            if let first = cells[from], let second = cells[until], !first.isEmpty, !second.isEmpty, second < first { (cells[from], cells[until]) = (second, first) }
        }
        if kind.name == "dose", cells["from"] != nil {
            let quarter = Int.random(in: 0..<20, using: &random)
            let from = (Day(2017, 1, 1) ?? .distantPast).adding(months: quarter * 3)
            (cells["from"], cells["until"]) = (from.description, (from.adding(months: 3) - Int.random(in: 0...1, using: &random)).description)
        }
        if let division = cells["division"], let township = cells["township"], !township.hasPrefix(division) { cells["township"] = RandomWorld.townships.first { $0.hasPrefix(division) } ?? "" }
        if let items = cells["items"].flatMap({ Int($0) }), let correct = cells["correct"].flatMap({ Int($0) }), correct > items { cells["correct"] = String(items) }
        if cells["decided"]?.isEmpty == false, cells["outcome"]?.isEmpty != false { cells["outcome"] = "penalty" }
        return cells
    }

    private mutating func day() -> String {
        // A third of all days are edges of years and months, where mistakes live.
        if Int.random(in: 0..<3, using: &random) == 0 {
            let year = Int.random(in: 2016...2021, using: &random)
            return ["\(year)-01-01", "\(year)-12-31", "\(year)-06-30", "\(year)-03-31"].randomElement(using: &random) ?? "\(year)-01-01"
        }
        let first = Day.firstDay(of: 2016)
        return (first + Int.random(in: 0..<2100, using: &random)).description
    }

    private mutating func cell(_ field: FieldSpec, of kind: Kind) -> String {
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
            if table == "surveillance_part", Int.random(in: 0..<3, using: &random) > 0 { return ledger.catalog.tables[table]?.entries.map(\.code).joined(separator: ";") ?? "" }
            return Set((0..<Int.random(in: 1...(kind.name == "exam" || kind.name == "declaration" ? 6 : 2), using: &random)).map { _ in code(table) }).sorted().joined(separator: ";")
        case .reference(let target): return ids[target]?.randomElement(using: &random) ?? "nobody"
        case .division(let township):
            if township, kind.name != "employer", kind.name != "employer_change" { return RandomWorld.townships.prefix(2).randomElement(using: &random) ?? "" }
            if township { return RandomWorld.townships.randomElement(using: &random) ?? "" }
            if kind.name == "insured_total" || kind.name == "budget_line" || kind.name == "title", Int.random(in: 0..<3, using: &random) == 0 { return "330400" }
            return RandomWorld.counties.randomElement(using: &random) ?? ""
        case .creditCode:
            let number = Int.random(in: 100_000_000...999_999_999, using: &random)
            return CreditCode.completing("91330402\(number)")
        case .residentID:
            let number = Int.random(in: 100...999, using: &random)
            return ResidentID.completing("33040219800101\(number)")
        }
    }

    private mutating func code(_ table: String) -> String {
        let small: [String]? = switch table {
        case "factor": RandomWorld.factors
        case "industry": RandomWorld.industries
        case "disease": RandomWorld.diseases
        case "exam_stage": ["in_service", "in_service", "pre_employment", "leaving"]
        case "test_type": ["periodic", "periodic", "evaluation", "supervision"]
        case "declaration_type": ["initial", "initial", "change", "yearly", "cancellation"]
        case "sector": ["medical", "enterprise"]
        case "severity": ["severe", "general", "heavier"]
        case "service": ["testing", "exam", "diagnosis", "institute"]
        case "archive_part": ["management", "testing", "management", "testing", "training", "surveillance", "individual", "three_simultaneities"]
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
