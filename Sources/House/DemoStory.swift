import Catalog
import Declaration
import Draws
import Enforcement
import Exposure
import Institutions
import Kernel
import Ledger
import Portal
import Registry
import Storage
import Synchronization

/// Supervision as the demonstration shows it 演示案例: cases in each stage, an order with evidence and a re-test, credit lists, complaints, two
/// draws, all in one county and marked 【演示】. Everything goes through the house's own doors, by the people who would do it, on days
/// counted back from today; the same every time.
struct DemoStory {
    static let county = "450204"
    static let mark = "【演示】"
    static func id(_ name: String) -> String { "story" + name + String(repeating: "0", count: 21 - name.utf8.count) }

    let house: House
    let today: Day
    private let clock: StoryClock

    private final class StoryClock: Sendable {
        private let kept = Mutex((now: Moment(microseconds: 0), steps: Int64(0)))
        var now: Moment { kept.withLock { $0.now } }
        /// - Parameter later: each step of the story some seconds after the one told before, wherever it lies.
        func set(_ moment: Moment, later: Bool = false) {
            kept.withLock { kept in
                kept.steps += 1
                kept.now = Moment(microseconds: moment.microseconds + (later ? kept.steps * 7_000_000 : 0))
            }
        }
    }
    /// A time of a day so many days before today.
    private func moment(_ ago: Int, _ time: String) throws -> Moment {
        guard let moment = Moment("\(today - ago) \(time)") else { throw Refusal("day.format", ["value": time]) }
        return moment
    }

    /// - Parameter over: the house as it runs; its store, its keys and its tables are used, at times of the story's own.
    init(over house: House) throws {
        let clock = StoryClock()
        today = house.ledger.clock.today
        self.clock = clock
        self.house = try House(
            over: house.ledger.store, catalog: house.catalog, clock: Clock { clock.now }, keys: house.ledger.keys, heads: house.ledger.heads
        )
    }

    private let officer = Person(name: "officer\(county)", role: .officer, functions: ["health"], division: DivisionCode(county))
    private let head = Person(name: "head\(county)", role: .officer, functions: ["health"], division: DivisionCode(county))
    private func party(_ employer: String) -> Person {
        Person(name: "firm\(DemoStory.county)", role: .organisation, organisation: employer)
    }

    /// Hands in one draft on a day of the story, so many days before today.
    private func take(
        _ kind: Kind, _ name: String, ago days: Int, by person: Person, step: Flow.Step? = nil, why: String = "", _ cells: [String: String]
    ) async throws {
        clock.set(try moment(days, "10:00"), later: true)
        var draft = Draft(kind, id: DemoStory.id(name), cells)
        (draft.recordedAt, draft.step) = (clock.now, step)
        let submission = Submission(by: person, door: "demo", reason: why.isEmpty ? DemoStory.mark : why, home: DemoStory.county)
        for receipt in try await house.ledger.submit([draft], submission) {
            if case .refused(let refusals) = receipt.fate { throw Refusals(refusals) }
        }
    }
    private func day(_ ago: Int) -> String { (today - ago).description }
    private func said(_ text: String) -> String { DemoStory.mark + text }

    /// Employers of the county that have hazards and exist, in the order of their ids.
    func employers() async throws -> [String] {
        let today = today
        return try await house.ledger.store.read { [ledger = house.ledger] db in
            try ledger.all(db, Employer.kind).filter { employer in
                employer[Employer.division] == DemoStory.county && employer[Employer.hazards] == true && employer[Employer.until] == nil
                    && (employer[Employer.since] ?? today) < today - 400
            }.map(\.id).sorted()
        }
    }

    /// - Returns: the employer of the order; nil where the county has too few.
    @discardableResult func tell() async throws -> String? {
        let firms = try await employers()
        guard firms.count >= 6 else { return nil }
        try await penalties(firms)
        try await orders(firms)
        try await credit(firms)
        try await complaints(firms)
        try await draws(firms)
        return firms[0]
    }

    // Orders

    private func report(_ name: String, _ employer: String, sampled: Int, issued: Int, exceeds: Bool) async throws {
        try await take(
            TestReport.kind, name, ago: issued, by: officer,
            ["employer": employer, "type": exceeds ? "periodic" : "supervision", "sampled": day(sampled), "issued": day(issued)])
        try await take(
            TestResult.kind, name + "result", ago: issued, by: officer,
            [
                "report": DemoStory.id(name), "factor": "A001", "limit_type": "twa", "fraction": "total", "silica": "30",
                "value": exceeds ? "2.6" : "0.4", "unit": "mg/m3", "verdict": exceeds ? "exceed" : "pass",
            ])
    }
    private func inspection(
        _ name: String, _ employer: String, ago: Int, cause: String, item result: String, note: String, _ more: [String: String]
    ) async throws {
        try await take(
            Inspection.kind, name, ago: ago, by: officer,
            ["employer": employer, "day": day(ago), "mode": "special", "cause": cause, "findings": said(note)].merging(more) { $1 })
        try await take(
            InspectionItem.kind, name + "item", ago: ago, by: officer,
            ["inspection": DemoStory.id(name), "item": "E72-1", "result": result, "note": said(note)])
    }

    /// One order waits for its re-check, with the report before and the report after; another was not obeyed and became a case.
    private func orders(_ firms: [String]) async throws {
        let firm = firms[0]
        try await report("before", firm, sampled: 44, issued: 38, exceeds: true)
        try await inspection(
            "visit", firm, ago: 31, cause: "handover", item: "no", note: "矽尘浓度超过职业接触限值", ["report": DemoStory.id("before")])
        try await take(
            Order.kind, "order", ago: 30, by: officer,
            [
                "employer": firm, "inspection": DemoStory.id("visit"), "issued": day(30), "items": "E72-1", "facts": said("矽尘超标，责令治理并复测"),
                "due": (today + 5).description,
            ])
        try await take(Order.kind, "order", ago: 29, by: officer, ["served": day(29), "manner": "direct"])
        try await report("after", firm, sampled: 9, issued: 6, exceeds: false)
        try await take(
            Rectification.kind, "evidence", ago: 4, by: party(firm),
            [
                "order": DemoStory.id("order"), "day": day(4), "text": said("加装局部排风，湿式作业；复测合格。"),
                "report": DemoStory.id("after"),
            ])
    }

    // Cases

    private static let weighing = [
        "item": "72.1", "overdue": "1", "means": "fine", "amount": "100000",
        "factors": "house.harm.risk;house.duration.medium;house.workers.few;house.repeated.first;house.cooperation.normal",
    ]
    private func file(_ name: String, _ employer: String, found: Int) async throws {
        try await take(
            Case.kind, name, ago: found - 3, by: officer,
            [
                "employer": employer, "division": DemoStory.county, "found": day(found), "severity": "general", "source": "found",
                "filed": day(found - 3), "facts": said("逾期未改正矽尘超标"), "investigators": said("甲、乙"),
            ])
    }
    private func proposal(_ name: String, _ dossier: String, ago: Int) async throws {
        try await take(
            PenaltyDecision.kind, name, ago: ago, by: officer, step: .submit,
            DemoStory.weighing.merging([
                "case": DemoStory.id(dossier), "facts": said("矽尘浓度超标，责令限期改正后逾期未改正"), "evidence": said("检测报告、现场检查笔录"),
                "proposed": day(ago), "notice": day(ago), "notice_served": day(ago),
            ]) { $1 })
    }
    private func decision(_ name: String, _ dossier: String, ago: Int) async throws {
        try await take(PenaltyDecision.kind, name, ago: ago, by: head, step: .accept, [:])
        try await take(Case.kind, dossier, ago: ago, by: officer, ["decided": day(ago), "outcome": "penalty"])
        try await take(PenaltyDecision.kind, name, ago: ago - 2, by: officer, ["served": day(ago - 2)])
    }

    /// Opened; proposed with the party's statement; decided; published and closed.
    private func penalties(_ firms: [String]) async throws {
        try await file("casefour", firms[4], found: 150)
        try await proposal("penaltyfour", "casefour", ago: 130)
        try await decision("penaltyfour", "casefour", ago: 115)
        try await take(
            PenaltyDecision.kind, "penaltyfour", ago: 100, by: officer,
            [
                "paid": "100000", "paid_on": day(100), "published": day(100), "published_until": (today + 265).description,
                "summary": said("作业场所矽尘浓度超标，逾期未改正"),
            ])
        try await file("casethree", firms[3], found: 95)
        try await proposal("penaltythree", "casethree", ago: 70)
        try await decision("penaltythree", "casethree", ago: 50)
        try await file("casetwo", firms[2], found: 60)
        try await proposal("penaltytwo", "casetwo", ago: 12)
        try await take(
            CaseStatement.kind, "statement", ago: 8, by: party(firms[2]),
            ["decision": DemoStory.id("penaltytwo"), "type": "statement", "day": day(8), "text": said("设备正在安装，请求从轻。")])
        try await inspection("visitone", firms[1], ago: 90, cause: "planned", item: "no", note: "矽尘浓度超标", [:])
        try await take(
            Order.kind, "orderone", ago: 89, by: officer,
            [
                "employer": firms[1], "inspection": DemoStory.id("visitone"), "issued": day(89), "items": "E72-1", "facts": said("矽尘超标"),
                "due": day(40), "served": day(89), "manner": "direct",
            ])
        try await inspection(
            "checkone", firms[1], ago: 30, cause: "recheck", item: "no", note: "逾期未改正", ["order": DemoStory.id("orderone")])
        try await file("caseone", firms[1], found: 30)
        try await take(
            Order.kind, "orderone", ago: 26, by: officer, ["closed": day(26), "closing": "case", "case": DemoStory.id("caseone")])
    }

    // Credit

    /// One unit listed, with the notice that another department has not confirmed yet; one that may still object.
    private func credit(_ firms: [String]) async throws {
        try await take(
            CreditListing.kind, "listing", ago: 90, by: officer, step: .submit,
            [
                "employer": firms[4], "list": "blacklist", "criterion": "severe_penalty", "decision": DemoStory.id("penaltyfour"),
                "reason": said("因逾期未改正受到行政处罚"), "notice": day(90), "object_until": day(75), "until": (today + 275).description,
            ])
        try await take(CreditListing.kind, "listing", ago: 70, by: head, step: .accept, [:])
        try await take(
            CreditNotice.kind, "notice", ago: 5, by: officer,
            [
                "listing": DemoStory.id("listing"), "function": "market_supervision", "sent": day(5), "due": (today + 10).description,
            ])
        try await take(
            CreditListing.kind, "intended", ago: 3, by: officer, step: .submit,
            [
                "employer": firms[3], "list": "bad_record", "criterion": "severe_penalty", "decision": DemoStory.id("penaltythree"),
                "reason": said("受到行政处罚"), "notice": day(3), "object_until": (today + 12).description, "until": (today + 365).description,
            ])
    }

    // Complaints

    private func complaints(_ firms: [String]) async throws {
        try await take(
            Complaint.kind, "answered", ago: 40, by: .house,
            [
                "division": DemoStory.county, "received": day(40), "channel": "web", "topics": "ppe", "against": said("某厂"),
                "text": said("车间粉尘大，没有发放防尘口罩。"), "account": "citizen", "anonymous": "0",
            ])
        try await take(
            Complaint.kind, "answered", ago: 38, by: officer,
            ["triaged": day(38), "triage": "accepted", "due": day(10), "employer": firms[2]])
        try await take(
            Complaint.kind, "answered", ago: 14, by: officer,
            ["confirmed": "1", "answered": day(14), "answer": said("经核查属实，已责令单位配发防尘口罩。")])
        try await take(
            Complaint.kind, "open", ago: 2, by: .house,
            [
                "division": DemoStory.county, "received": day(2), "channel": "web", "topics": "hazard", "against": said("某车间"),
                "text": said("打磨工位没有除尘。"), "anonymous": "1",
            ])
    }

    // Draws

    /// One draw held and published, one committed to whose source is still to come.
    private func draws(_ firms: [String]) async throws {
        let roster = try await house.ledger.store.read { [ledger = house.ledger] db in
            try ledger.all(db, Officer.kind).filter { $0[Officer.division] == DemoStory.county && $0[Officer.until] == nil }
                .sorted { $0.id < $1.id }
        }
        guard roster.count >= 2 else { return }
        let register = DrawRegister(house.ledger)
        let names = try await house.ledger.store.read { [ledger = house.ledger] in try ledger.titles($0, Set(firms)).mapValues(\.title) }
        func inputs(_ name: String, _ title: String, count: Int) -> DrawInputs {
            DrawInputs(
                id: DemoStory.id(name), jurisdiction: DemoStory.county, place: house.catalog.divisions.name(DemoStory.county),
                title: said(title),
                weights: said("每个单位一张签"), each: 2, quotas: [.init(stratum: "all", count: min(count, firms.count))],
                objects: firms.map { .init(id: $0, name: String((names[$0] ?? $0).prefix(200)), stratum: "all", weight: 1) },
                inspectors: roster.map {
                    .init(
                        id: $0.id, name: $0[$0.kind.code].map(plainText) ?? $0[Officer.name] ?? $0.id,
                        department: $0[Officer.department] ?? "health")
                })
        }
        func commit(_ name: String, _ title: String, count: Int, ago: Int, expected: Int) async throws {
            clock.set(try moment(ago, "16:00"))
            _ = try await register.commit(
                inputs(name, title, count: count),
                source: .init(name: said("虚构的公开信息，不是任何真实开奖结果"), url: "https://example.org/", expected: try moment(expected, "20:00")),
                due: today + 45, by: officer,
                nonce: Digest.sha256("demonstration nonce of \(name)"))
        }
        try await commit("drawheld", "双随机抽查：已抽取", count: 20, ago: 1, expected: 1)
        try await commit("drawnext", "双随机抽查：已承诺，待公开信息", count: 10, ago: 1, expected: -7)
        clock.set(try moment(1, "21:00"))
        _ = try await register.enter(DemoStory.id("drawheld"), value: "演示值 03 08 15 22 27 31 + 09", evidence: said("虚构"), by: head)
    }
}

extension House {
    /// Tells the story of the demonstration over data that is there already.
    /// - Returns: whether the county had employers enough for it.
    @discardableResult public func tellDemoStory() async throws -> Bool { try await DemoStory(over: self).tell() != nil }
}
