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
    private var cellsOf: [String: [String: String]] = [:]
    private var codes = 0
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
                case 2: if let draft = acceptance() { drafts.append(draft) }
                default: if let draft = creation() { drafts.append(draft) }
                }
            }
            try await submit(drafts)
        }
    }

    private mutating func pass(days: Int64) {
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

    // Scenes

    private mutating func draft(_ kind: String, _ cells: [String: String]) -> [Draft] {
        ledger.kinds[kind].map { [Draft($0, cells)] } ?? []
    }
    private mutating func some(_ kind: String) -> String? { ids[kind]?.randomElement(using: &random) }
    private mutating func newCode() -> String {
        codes += 1
        return "S\(codes)"
    }
    /// A day and one some months later, in the years that are asked about.
    private mutating func days(_ months: Int = 12) -> (first: Day, last: Day) {
        let first = Day.firstDay(of: 2017) + Int.random(in: 0..<1500, using: &random)
        return (first, first.adding(months: months))
    }

    /// Several records that together make a subject met, or nearly.
    private mutating func scene() -> [Draft] {
        let (first, last) = days()
        let year = String(first.year)
        let early = "2016-0\(Int.random(in: 1...9, using: &random))-15"
        switch Int.random(in: 0..<21, using: &random) {
        case 0:
            guard let employer = some("employer") else { return [] }
            let parts = ledger.catalog.tables["archive_part"]?.entries.map(\.code) ?? []
            return parts.flatMap { draft("archive_part", ["employer": employer, "part": $0, "day": first.description]) }
        case 1, 2:
            guard let post = some("post"), let employer = cellsOf[post]?["employer"] else { return [] }
            let factor = code("factor")
            let category = ledger.catalog.tables["factor"]?[factor]?.group ?? ""
            return draft("employer_hazard", ["employer": employer, "post": post, "factor": factor, "from": early])
                + draft("warning_sign", ["employer": employer, "post": post, "category": category, "installed": first.description])
                + ["contract", "bulletin", "test_result"].flatMap {
                    draft("notice", ["employer": employer, "post": post, "type": $0, "day": first.description, "until": last.description])
                }
        case 3, 4:
            guard let worker = some("worker"), let employer = some("employer"), let institution = some("institution") else { return [] }
            return draft("qualification", ["institution": institution, "type": "exam", "from": early])
                + draft("employment", ["worker": worker, "employer": employer, "from": early])
                + draft("exposure", ["worker": worker, "employer": employer, "factors": either(code("factor"), 5), "from": early])
                + draft("insured", ["worker": worker, "from": first.description])
                + draft(
                    "surveillance_file",
                    [
                        "worker": worker, "employer": employer, "day": first.description,
                        "parts": either(ledger.catalog.tables["surveillance_part"]?.entries.map(\.code).joined(separator: ";") ?? "", 3),
                    ])
                + draft(
                    "exam",
                    [
                        "worker": worker, "employer": employer, "institution": either(institution, 3), "day": first.description,
                        "stage": "in_service",
                        "factors": either(RandomWorld.factors.joined(separator: ";"), 5),
                    ])
        case 5, 6:
            guard let employer = some("employer"), let institution = some("institution") else { return [] }
            let report = newCode()
            return draft("qualification", ["institution": institution, "type": "testing", "from": early])
                + draft("employer_hazard", ["employer": employer, "factor": code("factor"), "from": early])
                + draft(
                    "test_report",
                    ["code": report, "employer": employer, "institution": institution, "type": "periodic", "sampled": first.description])
                + RandomWorld.factors.flatMap {
                    draft(
                        "test_result",
                        [
                            "report": report, "factor": $0, "value": "1",
                            "limit": either(["0.5", "1", "4"].randomElement(using: &random) ?? "", 3),
                        ])
                }
        case 7:
            // Enough patients, a station, and services.
            let township = RandomWorld.townships.prefix(2).randomElement(using: &random) ?? ""
            let station = newCode()
            let patients = (0..<3).flatMap { _ in
                draft("patient", ["worker": some("worker") ?? "", "division": township, "pneumoconiosis": "1", "registered": early])
            }
            return patients + draft("rehab_station", ["code": station, "name": "站", "division": township, "from": early])
                + draft("rehab_service", ["station": station, "division": township, "day": first.description])
                + draft("rehab_service", ["station": station, "division": township, "day": last.description])
        case 8:
            guard let patient = some("patient") else { return [] }
            return ["injury_insurance", "charity"].flatMap {
                draft("payer_entry", ["patient": patient, "payer": $0, "day": first.description, "outcome": "paid"])
            }
        case 9:
            let post = newCode()
            guard let worker = some("worker"), let employer = some("employer") else { return [] }
            return draft("employer_change", ["employer": employer, "day": early, "sector": code("sector")])
                + draft("radiation_worker", ["code": post, "worker": worker, "employer": employer, "from": early])
                + (0..<12).flatMap { quarter -> [Draft] in
                    let from = Day.firstDay(of: min(first.year, 2019)).adding(months: 3 * quarter)
                    return draft(
                        "dose",
                        [
                            "radiation_worker": post, "from": from.description, "until": from.adding(months: 3).description,
                            "dose": either("0.2", 12),
                        ])
                }
        case 10:
            guard let employer = some("employer") else { return [] }
            return draft(
                "declaration",
                ["employer": employer, "type": "initial", "submitted": first.description, "accepted": (first + 5).description])
        case 11:
            // Every unit of the jurisdiction its demonstration enterprise.
            guard Bool.random(using: &random) else { return [] }
            let units = ["330400", "330402", "330411", "330421", "330424", "330481", "330482", "330483"]
            return units.flatMap {
                draft("title", ["employer": some("employer") ?? "", "type": "demonstration", "unit": $0, "from": early])
            }
        case 12:
            return RandomWorld.counties.flatMap {
                draft("monitoring_assignment", ["division": $0, "year": year, "disease": newCode(), "completed": "\(year)-06-30"])
            } + draft("officer_training", ["officer": some("officer") ?? "", "day": first.description, "hours": either("8", 2)])
        case 13:
            guard let employer = some("employer"), let worker = some("worker") else { return [] }
            let diagnosis = newCode()
            return draft(
                "diagnosis",
                [
                    "code": diagnosis, "worker": worker, "employer": employer, "institution": some("institution") ?? "",
                    "division": "330402",
                    "day": first.description, "disease": "D001", "confirmed": "1", "dust_years": "4.5",
                ])
                + draft(
                    "report_card",
                    ["diagnosis": diagnosis, "reported": (first + 10).description, "complete": either("1", 3), "accurate": "1"])
                + draft("inspection", ["employer": employer, "day": (first + 60).description])
        case 14:
            guard let employer = some("employer") else { return [] }
            let report = newCode()
            return
                (Bool.random(using: &random)
                ? draft("employer_change", ["employer": employer, "day": early, "industry": "C30", "headcount": "20"]) : [])
                + draft("campaign_entry", ["employer": employer, "from": early])
                + draft("test_report", ["code": report, "employer": employer, "type": "evaluation", "sampled": first.description])
                + ["A001", "B002", "C001"].flatMap {
                    draft("test_result", ["report": report, "factor": $0, "verdict": either("exceed", 3)])
                }
        case 16:
            // An exceedance, the inspection that takes it over, an order, evidence and the check of it.
            guard let employer = some("employer") else { return [] }
            let (report, check, order) = (newCode(), newCode(), newCode())
            let items = ["E72-1", "E72-4"]
            func day(_ days: Int) -> String { (first + days).description }
            return draft(
                "test_report",
                ["code": report, "employer": employer, "type": "periodic", "sampled": day(0), "issued": either(day(9), 4)])
                + draft("test_result", ["report": report, "factor": "A001", "verdict": "exceed"])
                + draft("inspection", ["code": check, "employer": employer, "day": day(20), "report": report])
                + items.flatMap {
                    draft("inspection_item", ["inspection": check, "item": $0, "result": either("no", 3), "note": "粉尘超标"])
                }
                + draft(
                    "order",
                    [
                        "code": order, "employer": employer, "inspection": check, "issued": day(21), "due": day(51), "facts": "粉尘超标",
                        "items": items.joined(separator: ";"),
                    ])
                + draft("rectification", ["order": order, "day": day(Int.random(in: 30...70, using: &random)), "text": "已加装除尘"])
                + draft("inspection", ["employer": employer, "day": day(80), "order": order, "code": newCode()])
                + draft("grade", ["employer": employer, "scheme": "A", "label": "甲", "level": "IV", "from": day(5)])
        case 18: return penaltyScene()
        case 19: return listingScene()
        case 20:
            func day(_ days: Int) -> String { (first + days).description }
            let answered = Bool.random(using: &random)
            return draft(
                "complaint",
                [
                    "division": RandomWorld.counties.randomElement(using: &random) ?? "", "received": day(0), "channel": "web",
                    "topics": code("complaint_topic"), "against": "某厂", "text": "粉尘大", "anonymous": "0", "name": "甲",
                    "contact": "13900000000",
                    "triaged": day(2), "triage": "accepted", "due": day(40), "employer": some("employer") ?? "",
                    "inspection": either(some("inspection") ?? "", 2), "answered": answered ? day(30) : "", "answer": answered ? "已查处" : "",
                ])
        case 15:
            guard let employer = some("employer") else { return [] }
            return ["principal", "oh_manager"].flatMap { role -> [Draft] in
                let person = newCode()
                return draft("person_role", ["code": person, "employer": employer, "name": "甲", "role": role, "from": early])
                    + draft("training", ["person": person, "day": first.description])
            }
        default:
            guard let institution = some("institution") else { return [] }
            return ["exam", "diagnosis", "institute"].flatMap {
                draft("qualification", ["institution": institution, "type": $0, "from": early, "until": last.description])
            } + draft("inspection", ["institution": institution, "day": first.description])
        }
    }
    /// A case with the decision that is proposed in it, all that has to precede the decision, and what its party says.
    private mutating func penaltyScene() -> [Draft] {
        guard let employer = some("employer") else { return [] }
        let (file, decision) = (newCode(), newCode())
        let found = Day.firstDay(of: 2019) + Int.random(in: 10..<760, using: &random)
        func day(_ days: Int) -> String { (found + days).description }
        let isHeard = Bool.random(using: &random)
        let own = Int.random(in: 0..<3, using: &random) == 0 ? day(Int.random(in: 20...120, using: &random)) : ""
        var said: [Draft] = []
        if Bool.random(using: &random) { said += draft("case_statement", ["decision": decision, "type": "waiver", "day": day(12)]) }
        if Bool.random(using: &random) {
            said += draft("case_statement", ["decision": decision, "type": "statement", "day": day(13), "text": "已整改"])
        }
        return draft(
            "violation_case",
            [
                "code": file, "employer": employer, "division": RandomWorld.counties.randomElement(using: &random) ?? "", "found": day(0),
                "filed": day(2), "severity": either(code("case_severity"), 4), "decided": own, "outcome": own.isEmpty ? "" : "penalty",
            ])
            + draft(
                "penalty_decision",
                [
                    "code": decision, "case": file, "item": "72.1", "overdue": "1", "means": "fine", "facts": "矽尘超标",
                    "amount": ["95000", "120000", "155000"].randomElement(using: &random) ?? "",
                    "factors": "house.harm.risk;house.duration.medium;house.workers.few;house.repeated.first;house.cooperation.normal",
                    "proposed": day(10), "notice": day(10), "notice_served": day(11), "statement_answer": "不予采纳",
                    "hearing_held": isHeard ? day(30) : "", "reviewed": day(31), "reviewer": "乙",
                ]) + said
    }

    /// A listing that is intended, now and then an objection, and what follows a listing that was decided.
    private mutating func listingScene() -> [Draft] {
        guard let employer = some("employer") else { return [] }
        let listing = newCode()
        let notice = Day.firstDay(of: 2018) + Int.random(in: 0..<1000, using: &random)
        func day(_ days: Int) -> String { (notice + days).description }
        var drafts = draft(
            "credit_listing",
            [
                "code": listing, "employer": employer, "list": code("credit_list"), "criterion": code("credit_criterion"), "reason": "事实",
                "notice": day(0), "object_until": day(10), "until": day(1500),
            ])
        if Int.random(in: 0..<4, using: &random) == 0 {
            drafts += draft("credit_request", ["listing": listing, "type": "objection", "day": day(4), "text": "不符"])
        }
        if let old = some("credit_listing") {
            let told = newCode()
            drafts += draft(
                "credit_notice", ["code": told, "listing": old, "function": code("function"), "sent": day(400), "due": day(420)])
            drafts += draft("credit_receipt", ["notice": told, "day": day(410)])
        }
        return drafts
    }

    /// A step of the course of something that was handed in: mostly its acceptance.
    private mutating func acceptance() -> Draft? {
        let kinds = ids.keys.filter { ledger.kinds[$0]?.flow != nil && !(ids[$0] ?? []).isEmpty }.sorted()
        guard let name = kinds.randomElement(using: &random), let kind = ledger.kinds[name],
            let id = ids[name]?.randomElement(using: &random)
        else { return nil }
        var draft = Draft(kind, id: id)
        draft.step = [.accept, .accept, .accept, .accept, .accept, .sendBack, .cancel].randomElement(using: &random)
        return draft
    }

    /// The text, or blank once in so many times.
    private mutating func either(_ text: String, _ times: Int) -> String { Int.random(in: 0..<times, using: &random) == 0 ? "" : text }

    private mutating func correction() -> Draft? {
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

    private mutating func cells(of kind: Kind, fields: [FieldSpec]) -> [String: String] {
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

    private mutating func code(_ table: String) -> String {
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
