import Catalog
import Foundation
import Kernel
import Ledger
import Storage

/// Scenes: several records that together make a subject met, or nearly, and what follows them.
extension RandomWorld {
    mutating func draft(_ kind: String, _ cells: [String: String]) -> [Draft] {
        ledger.kinds[kind].map { [Draft($0, cells)] } ?? []
    }
    mutating func some(_ kind: String) -> String? { ids[kind]?.randomElement(using: &random) }
    mutating func newCode() -> String {
        codes += 1
        return "S\(codes)"
    }
    /// A day and one some months later, in the years that are asked about.
    mutating func days(_ months: Int = 12) -> (first: Day, last: Day) {
        let first = Day.firstDay(of: 2017) + Int.random(in: 0..<1500, using: &random)
        return (first, first.adding(months: months))
    }

    /// Several records that together make a subject met, or nearly.
    mutating func scene() -> [Draft] {
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
    mutating func penaltyScene() -> [Draft] {
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
    mutating func listingScene() -> [Draft] {
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
    /// - Parameter ends: whether it may be annulled, which takes what names it away from exports.
    mutating func acceptance(ends: Bool = true) -> Draft? {
        let kinds = ids.keys.filter { ledger.kinds[$0]?.flow != nil && !(ids[$0] ?? []).isEmpty }.sorted()
        guard let name = kinds.randomElement(using: &random), let kind = ledger.kinds[name],
            let id = ids[name]?.randomElement(using: &random)
        else { return nil }
        var draft = Draft(kind, id: id)
        draft.step = ([.accept, .accept, .accept, .accept, .accept, .sendBack] + (ends ? [.cancel] : [])).randomElement(using: &random)
        return draft
    }
}
