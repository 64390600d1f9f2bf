import Accounts
import Attachments
import Foundation
import HTTPTypes
import Kernel
import Ledger
import Messages
import Storage
import TestKit
import Testing
import Web

@testable import House

/// A house with a county, its sibling and their parent, each with people, units and every sort of record, whose texts carry words of
/// their own: `金丝雀` (canary), the unit's letter and the matter. What one of them tells to whom is `MatrixWorld.told`.
struct MatrixWorld {
    /// Who asks: the columns of the table, in its order.
    enum Actor: String, CaseIterable {
        case stranger, citizen, worker, employer, tester
        /// Of the county; of the city above it; of the township in which the employer lies; another function of the county; who reads only.
        case officer, parent, township, department, viewer
        /// An officer of the county's other township, to whom the county's officer has handed everything over.
        case delegate
        /// Of the county beside it, and of the county's other township.
        case sibling, otherEmployer = "employer2", otherTownship = "township2", otherWorker = "worker2"
        case system, security, audit
    }
    /// Those who are let into least in front, those who are let into most behind.
    static let outsideIn: [Actor] = [
        .stranger, .citizen, .sibling, .otherEmployer, .otherTownship, .otherWorker, .system, .audit, .viewer, .department, .tester,
        .worker,
        .employer, .township, .delegate, .parent, .officer, .security,
    ]
    typealias Unit = [String: String]

    let visitor: Visitor
    var guests: [Actor: Visitor.Guest] = [:]
    /// The own unit's things and the sibling's, by kind.
    var own: Unit = [:]
    var other: Unit = [:]

    static let identity = ResidentID.completing("45020419700101123")
    static let otherIdentity = ResidentID.completing("45020319700101777")
    static let phone = "13900007777"
    static let otherPhone = "13900008888"
    static let thresholds = "26,31,36,42,53,64"
    static let otherThresholds = "27,32,37,43,54,61"
    static let earlier = "28,33,38,44,55,62"

    static func open() async throws -> MatrixWorld {
        let clock = Clock.fixed(try #require(Moment("2022-06-30 12:00")))
        let store = try await Stores.fresh(.sqlite)
        return try await over(try await Visitor.over(try await House.open(store, catalog: Hand.catalog, clock: clock)))
    }

    static func over(_ visitor: Visitor) async throws -> MatrixWorld {
        try await visitor.house.add(plan: DoorTests.plan, by: .house)
        var world = MatrixWorld(visitor: visitor)
        world.own = try await world.unit("甲", "450204", "450204001", identity, phone, thresholds)
        world.other = try await world.unit("乙", "450203", nil, otherIdentity, otherPhone, otherThresholds)
        try await world.workedInBoth()
        try await world.people()
        world.own.merge(try await world.doings("甲", world.own, .officer, .employer, .citizen, .worker, county: "450204")) { $1 }
        world.other.merge(try await world.doings("乙", world.other, .sibling, .otherEmployer, nil, .otherWorker, county: "450203")) { $1 }
        return world
    }

    // Records

    /// Stores one record as the house would.
    func add(
        _ name: String, _ cells: [String: String], home: String, step: Flow.Step? = nil, id: String? = nil, by person: Person = .house
    )
        async throws -> String
    {
        let kind = try #require(visitor.house.ledger.kinds[name])
        var draft = Draft(kind, id: id, cells)
        draft.step = kind.flow == nil ? nil : step ?? .submit
        let receipts = try await visitor.house.ledger.submit([draft], Submission(by: person, door: "test", reason: "", home: home))
        guard let fate = receipts.first?.fate, let stored = fate.id else {
            Issue.record("\(name): \(String(describing: receipts.first?.fate))")
            return "nothing"
        }
        return stored
    }

    private func unit(
        _ letter: String, _ county: String, _ township: String?, _ identity: String, _ phone: String, _ thresholds: String
    ) async throws -> Unit {
        var unit: Unit = [:]
        func word(_ matter: String) -> String { "金丝雀\(letter)\(matter)" }
        func add(_ kind: String, _ cells: [String: String], as name: String? = nil) async throws {
            unit[name ?? kind] = try await self.add(kind, cells, home: county)
        }
        var cells = ["name": word("厂"), "division": county, "hazards": "1", "industry": "C3071", "since": "2015-01-01"]
        cells["township"] = township
        try await add("employer", cells)
        let employer = unit["employer"] ?? ""
        try await add("institution", ["name": word("机构"), "division": county])
        let institution = unit["institution"] ?? ""
        for type in ["testing", "exam"] {
            try await add(
                "qualification", ["institution": institution, "type": type, "from": "2015-01-01", "categories": "dust"], as: type)
        }
        try await add("workplace", ["employer": employer, "name": word("车间")])
        try await add("post", ["employer": employer, "name": word("岗位"), "from": "2015-01-01"])
        let post = unit["post"] ?? ""
        try await add("employer_hazard", ["employer": employer, "post": post, "factor": "A001", "from": "2015-01-01"])
        try await add("person_role", ["employer": employer, "name": word("负责人"), "role": "principal", "from": "2015-01-01"])
        try await add("notice", ["employer": employer, "post": post, "type": "bulletin", "day": "2021-01-01"])
        try await add("worker", ["name": word("工人"), "identity": identity, "phone": phone])
        let worker = unit["worker"] ?? ""
        try await add("employment", ["worker": worker, "employer": employer, "from": "2020-01-01"])
        try await add("exposure", ["worker": worker, "employer": employer, "post": post, "factors": "A001", "from": "2020-01-01"])
        try await add(
            "exam",
            [
                "worker": worker, "employer": employer, "institution": institution, "day": "2022-02-01", "stage": "in_service",
                "conclusion": "contraindication",
            ])
        try await add("hearing_test", ["exam": unit["exam"] ?? "", "day": "2022-02-01", "left": thresholds])
        try await add(
            "suspected_case", ["worker": worker, "employer": employer, "institution": institution, "day": "2022-02-03"])
        try await add("officer", ["name": word("执法员"), "division": county, "from": "2020-01-01"])
        try await add("officer", ["name": word("回避人员"), "division": county, "from": "2020-01-01"], as: "officer2")
        try await add(
            "recusal", ["officer": unit["officer2"] ?? "", "employer": employer, "reason": word("回避理由"), "from": "2021-01-01"])
        try await add(
            "test_commission",
            [
                "employer": employer, "institution": institution, "type": "periodic", "asked": "2022-02-01", "planned": "2022-03-01",
                "posts": word("委托内容"), "contact": word("委托联系"),
            ])
        try await add(
            "test_report",
            [
                "employer": employer, "institution": institution, "type": "periodic", "sampled": "2022-03-01", "issued": "2022-03-20",
                "exception": word("检测例外"),
            ])
        try await add(
            "test_result",
            ["report": unit["test_report"] ?? "", "post": post, "factor": "A001", "verdict": "exceed", "value": "2", "limit": "1"])
        try await add(
            "declaration",
            ["employer": employer, "type": "initial", "submitted": "2022-06-01", "manager": word("申报联系人"), "phone": word("申报电话")])
        try await add(
            "inspection_plan",
            ["employer": employer, "mode": "complaint", "officers": word("计划执法员"), "from": "2022-04-01", "due": "2022-07-30"])
        try await add(
            "inspection",
            [
                "employer": employer, "day": "2022-04-01", "findings": word("检查发现"), "mode": "complaint", "cause": "complaint",
                "inspector": unit["officer"] ?? "", "inspector_2": unit["officer2"] ?? "", "party": word("在场人"),
            ])
        try await add(
            "inspection_item",
            ["inspection": unit["inspection"] ?? "", "item": "E72-1", "result": "no", "note": word("检查项目说明")])
        try await add(
            "handover", ["report": unit["test_report"] ?? "", "day": "2022-04-02", "disposition": "inspection", "reason": word("移交理由")])
        try await add(
            "violation_case",
            [
                "employer": employer, "division": county, "found": "2022-04-09", "severity": "severe", "source": "reported",
                "filed": "2022-04-11", "facts": word("案情"), "investigators": word("办案人"), "inspection": unit["inspection"] ?? "",
            ])
        try await add(
            "order",
            [
                "employer": employer, "inspection": unit["inspection"] ?? "", "issued": "2022-04-05", "items": "E72-1",
                "facts": word("责令内容"), "due": "2022-07-15", "case": unit["violation_case"] ?? "",
            ])
        try await add("rectification", ["order": unit["order"] ?? "", "day": "2022-04-15", "text": word("整改材料")])
        try await add(
            "penalty_decision",
            [
                "case": unit["violation_case"] ?? "", "item": "72.1", "overdue": "1", "facts": word("处罚事实"), "evidence": word("证据"),
                "means": "fine", "amount": "100000", "reason": word("裁量理由"), "proposed": "2022-05-01", "notice": "2022-05-02",
                "reviewed": "2022-05-03", "reviewer": word("审核人"),
                "factors": "house.harm.risk;house.duration.medium;house.workers.few;house.repeated.first;house.cooperation.normal",
            ])
        try await add(
            "case_statement",
            ["decision": unit["penalty_decision"] ?? "", "type": "statement", "day": "2022-05-05", "text": word("申辩")])
        try await add(
            "credit_listing",
            [
                "employer": employer, "list": "bad_record", "criterion": "severe_penalty", "reason": word("列入理由"), "notice": "2022-05-01",
                "object_until": "2022-05-20", "until": "2025-05-01", "decision": unit["penalty_decision"] ?? "",
            ])
        let second = Person(name: "second\(letter)", role: .officer, functions: ["health"], division: DivisionCode(county))
        _ = try await self.add("credit_listing", [:], home: county, step: .accept, id: unit["credit_listing"], by: second)
        try await add(
            "credit_request",
            ["listing": unit["credit_listing"] ?? "", "type": "repair", "day": "2022-06-30", "text": word("信用申请")])
        try await add(
            "credit_notice",
            ["listing": unit["credit_listing"] ?? "", "function": "hr_social_security", "sent": "2022-06-30", "due": "2022-07-20"])
        try await add(
            "credit_receipt", ["notice": unit["credit_notice"] ?? "", "day": "2022-06-30", "measures": word("惩戒措施")])
        // Somebody complained by telephone, and left a name that nobody else may learn.
        try await add(
            "complaint",
            [
                "division": county, "received": "2022-03-20", "channel": "phone", "topics": "hazard", "against": word("被诉单位"),
                "text": word("投诉内容"), "anonymous": "0", "worker": "1", "name": word("举报人"), "contact": "\(letter)举报电话0772-5550101",
                "triaged": "2022-03-21", "triage": "accepted", "function": "health", "employer": employer,
                "inspection": unit["inspection"] ?? "", "case": unit["violation_case"] ?? "",
            ])
        try await add(
            "grade",
            ["employer": employer, "scheme": "s", "level": "II", "label": "乙", "from": "2021-01-01", "working": word("分级过程")])
        try await add("training", ["person": unit["person_role"] ?? "", "day": "2021-06-01", "hours": "8"])
        return unit
    }

    /// Somebody who worked at the sibling's employer before, and was examined there: what either employer recorded is not the other's.
    private mutating func workedInBoth() async throws {
        let (here, there) = (own["employer"] ?? "", other["employer"] ?? "")
        let worker = try await add("worker", ["name": "金丝雀双工人"], home: "450203")
        _ = try await add("employment", ["worker": worker, "employer": there, "from": "2015-01-01", "until": "2019-01-01"], home: "450203")
        _ = try await add("employment", ["worker": worker, "employer": here, "from": "2019-02-01"], home: "450204")
        let exam = try await add(
            "exam", ["worker": worker, "employer": there, "day": "2018-03-04", "stage": "in_service", "conclusion": "suspected"],
            home: "450203")
        (own["moved"], own["past_exam"]) = (worker, exam)
        _ = try await add("hearing_test", ["exam": exam, "day": "2018-03-04", "left": MatrixWorld.earlier], home: "450203")
    }

    // People

    private mutating func people() async throws {
        func enter(
            _ actor: Actor, _ role: Person.Role, division: String = "", organisation: String? = nil, worker: String? = nil,
            functions: [String] = ["health"], isManager: Bool = false
        ) async throws {
            guests[actor] = try await visitor.guest(
                actor.rawValue, role, division: division, organisation: organisation ?? "", worker: worker ?? "",
                functions: role == .officer ? functions : [], isManager: isManager)
        }
        guests[.stranger] = .stranger
        try await enter(.citizen, .citizen)
        try await enter(.worker, .worker, worker: own["worker"])
        try await enter(.otherWorker, .worker, worker: other["worker"])
        try await enter(.employer, .organisation, organisation: own["employer"], isManager: true)
        try await enter(.otherEmployer, .organisation, organisation: other["employer"], isManager: true)
        try await enter(.tester, .organisation, organisation: own["institution"])
        try await enter(.officer, .officer, division: "450204", isManager: true)
        try await enter(.department, .officer, division: "450204", functions: ["hr_social_security"])
        try await enter(.parent, .officer, division: "450200")
        try await enter(.township, .officer, division: "450204001")
        try await enter(.otherTownship, .officer, division: "450204002")
        try await enter(.delegate, .officer, division: "450204002")
        try await enter(.sibling, .officer, division: "450203")
        try await enter(.viewer, .viewer, division: "450204")
        for role in [Person.Role.system, .security, .audit] { try await enter(Actor(rawValue: role.rawValue)!, role) }
        let accounts = visitor.house.accounts
        try await accounts.delegate(
            from: try await person(.officer), to: Actor.delegate.rawValue, functions: ["health"], from: try #require(Day("2022-06-01")),
            until: try #require(Day("2022-07-31")), reason: "休假")
        // An account of the county's unit that changes are tried on.
        for (name, division) in [("spare", "450204"), ("spare2", "450203")] {
            try await accounts.add(
                name: name, display: "金丝雀\(name == "spare" ? "甲" : "乙")账户", password: Visitor.password, role: .officer,
                functions: ["health"], division: division, by: .house)
        }
    }

    func person(_ actor: Actor) async throws -> Person {
        let token = guests[actor]?.token ?? ""
        return try #require(try await visitor.house.accounts.session(token)).account.person
    }

    /// What people of a unit have under way beside its records.
    private func doings(
        _ letter: String, _ unit: Unit, _ officer: Actor, _ employer: Actor, _ citizen: Actor?, _ worker: Actor, county: String
    ) async throws -> Unit {
        let house = visitor.house
        let ledger = house.ledger
        func word(_ matter: String) -> String { "金丝雀\(letter)\(matter)" }
        var made: Unit = [:]
        let (official, firm) = (try await person(officer), try await person(employer))
        let training = try #require(ledger.kinds["training"])
        made["draft"] = try await ledger.saveDraft(training, ["code": word("草稿")], by: official).id
        made["employer_draft"] = try await ledger.saveDraft(training, ["code": word("企业草稿")], by: firm).id
        // Two more complaints, of those who will read their own.
        for (name, who, actor) in [("citizen", "市民", citizen), ("worker", "劳动者", worker)] {
            guard let actor else { continue }
            made["\(name)_complaint"] = try await add(
                "complaint",
                [
                    "division": county, "received": "2022-06-01", "channel": "web", "topics": "ppe", "against": word("\(who)诉单位"),
                    "text": word("\(who)投诉"), "anonymous": "0", "account": actor.rawValue, "employer": unit["employer"] ?? "",
                ],
                home: county)
        }
        let attachments = Attachments(ledger)
        for (name, record, field) in [
            ("inspection_file", "inspection", "photo"), ("complaint_file", "complaint", "photo"), ("exam_file", "exam", "scan"),
            ("signature_file", "inspection", "signature.party"),
        ] {
            let content = Array("%PDF-1.4\n\(word("文件" + name))\n%%EOF".utf8)
            made[name] = try await attachments.add(
                content, named: word("文件名\(name)") + ".pdf", as: field, to: unit[record] ?? "", by: official)
        }
        made["token"] = try await house.accounts.addToken(name: word("令牌"), days: 30, mayWrite: false, by: official)
        _ = try await house.accounts.invite(
            Seat(.officer, functions: ["health"], division: county), display: word("受邀人"), by: try await person(.security))
        _ = try await house.accounts.invite(
            Seat(.officer, functions: ["health"], division: "450200"), display: "", by: try await person(.security))
        made["invitation_token"] = try await house.accounts.invite(
            Seat(.organisation, organisation: unit["employer"] ?? ""), display: word("受邀员工"), by: firm)
        let code = CreditCode.completing("91\(county)000000\(letter == "甲" ? "1" : "2")AB")
        made["claim_token"] = try await house.accounts.claim(
            creditCode: code, name: word("认领单位"), county: county, contact: word("认领人"), phone: "13700001111",
            password: "another long sentence")
        made["calendar_token"] = try await house.messages.makeCalendar(by: firm) + ".ics"
        let file = Array("单位名称,县区代码\n\(word("坏行")),4502\n".utf8)
        let guest = guests[officer] ?? .stranger
        made["job"] = MatrixWorld.last(
            await visitor.upload("/import", ["kind": "employer", "dryRun": "1"], file: word("导入文件") + ".csv", file, as: guest).location)
        if letter == "甲" {
            made["draw"] = try await draw(guest)
            made["evaluation"] = MatrixWorld.last(
                await visitor.post(
                    "/plans/DOOR-2021-2025/evaluations", ["name": "年度", "type": "annual", "day": "2022-05-31"], as: guest
                ).location)
        }
        try await house.messages.send(
            Message(
                .flow, to: .organisation(unit["employer"] ?? ""), "notice.declared",
                ["kind": "declaration", "who": unit["employer"] ?? ""],
                record: unit["declaration"] ?? "", home: county, at: ledger.clock.now()))
        try await house.messages.send(
            Message(
                .complaint, to: .unit(division: county, function: "health"), "notice.inspected", ["kind": "complaint"],
                record: unit["complaint"] ?? "", home: county, at: ledger.clock.now()))
        made.merge(try await rows(county, unit)) { $1 }
        return made
    }

    /// A draw that the county's officer has committed to: one employer, one inspector.
    private func draw(_ guest: Visitor.Guest) async throws -> String {
        let page = await visitor.get("/draws/new", as: guest)
        var fields = DrawPageTests.fields.merging(
            ["each": "1", "quota.I": "0", "quota.II": "1", "quota.III": "0", "quota.IV": "0", "quota.none": "0", "joint": ""]
        ) { $1 }
        fields.merge(["due": "2022-12-30", "expected_day": "2022-06-30", "expected_time": "15:00"]) { $1 }
        fields["joint"] = nil
        let pairs = try DrawPageTests.form(page, fields) + [("csrf", guest.csrf)]
        let body = pairs.map { "\(Visitor.escaped($0.0))=\(Visitor.escaped($0.1))" }.joined(separator: "&")
        let answer = await visitor.send(.post, "/draws", guest, type: "application/x-www-form-urlencoded", Array(body.utf8))
        if answer.status != 303 { Issue.record("no draw: \(answer.status) \(answer.text.suffix(3000))") }
        return MatrixWorld.last(answer.location)
    }

    /// Ids that only the tables tell.
    private func rows(_ county: String, _ unit: Unit) async throws -> Unit {
        let employer = unit["employer"] ?? ""
        let officer = county == "450204" ? "officer" : "sibling"
        return try await visitor.house.ledger.store.read { db in
            var found: Unit = [:]
            func one(_ name: String, _ sql: SQL) throws {
                if let row = try db.row(sql) { found[name] = try row.get(0, as: String.self) }
            }
            try one("token_id", "SELECT id FROM token WHERE account = \(officer)")
            try one("invitation", "SELECT id FROM invitation WHERE organisation = \(employer)")
            try one("officer_invitation", "SELECT id FROM invitation WHERE division = \(county)")
            try one("city_invitation", "SELECT id FROM invitation WHERE division = '450200' LIMIT 1")
            try one("claim", "SELECT id FROM claim WHERE home = \(county)")
            try one("delegation", "SELECT id FROM delegation WHERE giver = \(officer)")
            try one("message", "SELECT id FROM message WHERE party = \("organisation:\(employer)") ORDER BY id DESC LIMIT 1")
            for (name, condition) in [
                ("employer_duty", "s.debtor = \(employer) AND s.verdict = 'unmet'" as SQL),
                ("complaint_duty", "s.subject = \(unit["complaint"] ?? "")" as SQL),
            ] {
                let row = try db.row(
                    """
                    SELECT s.home, s.gauge, s.root, s.subject FROM stretch s WHERE \(condition) AND s.gauge >= 'duty/' AND s.gauge < 'duty0'
                    AND s.from_day <= \(Day("2022-06-30")!) AND s.until_day > \(Day("2022-06-30")!) ORDER BY s.gauge LIMIT 1
                    """)
                guard let row else { continue }
                let rule = String(try row.get(1, as: String.self).dropFirst(5))
                let (home, root, subject): (String, String, String) = try (row.get(0), row.get(2), row.get(3))
                found[name] = "?home=\(home)&rule=\(rule)&root=\(root)&subject=\(Visitor.escaped(subject))"
                found["\(name)_key"] = [home, rule, root, subject].joined(separator: "/")
            }
            return found
        }
    }

    static func last(_ path: String) -> String { path.split(separator: "?").first?.split(separator: "/").last.map(String.init) ?? "none" }
}
