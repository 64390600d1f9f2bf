import Foundation
import HTTPTypes
import Kernel
import Ledger
import Storage
import TestKit
import Testing
import Web

@testable import House

/// Health records held against the standards, as their pages show it to whom.
@Suite struct HealthJudgementTests {
    private let visitor: Visitor
    private static let day = "2026-09-01 09:00"

    private init(_ visitor: Visitor) { self.visitor = visitor }
    init() async throws { visitor = try await Visitor.open(at: HealthJudgementTests.day) }

    private static func open(_ kind: Dialect) async throws -> HealthJudgementTests {
        HealthJudgementTests(try await Visitor.open(kind, at: day))
    }

    /// A worker of Yufeng, in silica and noise since 2020.
    @discardableResult private func worker() async throws -> String {
        let employer = try await visitor.store("employer", [["code": "A", "name": "甲厂", "division": "450204"]])[0]
        try await visitor.store("worker", [["code": "W", "name": "李明", "sex": "male", "birth": "1974-02-01"]])
        try await visitor.store("employment", [["worker": "W", "employer": "A", "from": "2020-01-01"]])
        try await visitor.store("exposure", [["worker": "W", "employer": "A", "factors": "A001;C001", "from": "2020-01-01"]])
        return employer
    }
    private func card(_ changes: [String: String] = [:]) async throws -> String {
        let cells = [
            "code": "E", "worker": "W", "employer": "A", "day": "2026-03-01", "stage": "in_service", "factors": "A001",
            "items": "ecg", "conclusion": "contraindication", "contraindications": "A001",
        ]
        return try await visitor.store("exam", [cells.merging(changes) { $1 }])[0]
    }

    @Test(arguments: Stores.kinds) func aCardIsHeldAgainstItsEdition(_ kind: Dialect) async throws {
        let here = try await HealthJudgementTests.open(kind)
        let (visitor, employer) = (here.visitor, try await here.worker())
        let address = "/record/\(try await here.card())"
        let officer = try await visitor.guest("officer", .officer, division: "450204")

        // The record leads to its page; a county of others finds neither, a stranger is asked to sign in.
        let record = await visitor.get(address, as: officer)
        #expect(record.text.contains("\(address)/judgement"))
        let elsewhere = try await visitor.guest("elsewhere", .officer, division: "450203")
        #expect(await visitor.get("\(address)/judgement", as: elsewhere).status == 404)
        #expect(await visitor.post("\(address)/judgement", ["reason": "复核"], as: elsewhere).status == 404)
        #expect(await visitor.get("\(address)/judgement").status == 303)

        // Without a reason: what is not medical. Noise is not on the card (GBZ 188-2014 7.1); nothing of items and findings.
        let before = try await visitor.auditLines()
        let open = await visitor.get("\(address)/judgement?on=2026-08-15", as: officer)
        #expect(open.status == 200)
        for word in ["GBZ 188-2014", "GBZ 188-2025", "接触的危害因素 噪声 没有检查", "显示医学判定", "高千伏"] { #expect(open.text.contains(word), "\(word)") }
        for word in ["缺必检项目", "职业禁忌", "未做", "没有填已做的检查项目"] { #expect(!open.text.contains(word), "\(word)") }
        #expect(try await visitor.auditLines() == before)

        // With one: all of it, and a line of the audit that names the record and the reason.
        #expect(await visitor.post("\(address)/judgement", ["reason": " "], as: officer).status == 422)
        #expect(try await visitor.auditLines() == before)
        let clear = await visitor.post("\(address)/judgement", ["reason": "复核个案卡", "on": "2026-08-15"], as: officer)
        #expect(clear.status == 200)
        for word in [
            "缺必检项目", "正是其职业禁忌", "未做", "已做", "确定的问题", "GBZ 188-2014", "GBZ 188-2025", "最迟 2026-",
        ] { #expect(clear.text.contains(word), "\(word)") }
        #expect(try await visitor.auditLines() == before + 1)
        let kept = try await visitor.house.ledger.store.read { db in
            try db.row("SELECT person, detail FROM audit WHERE detail LIKE \("%unmasked: 复核个案卡")").map {
                (person: try $0.get("person", as: String.self), detail: try $0.get("detail", as: String.self))
            }
        }
        #expect(kept?.person == "officer" && kept?.detail.hasPrefix("exam v1") == true)

        // A viewer sees the open part and is told why no more; asking all the same is refused and not written down.
        let viewer = try await visitor.guest("viewer", .viewer, division: "450204")
        let told = try await visitor.auditLines()
        let seen = await visitor.get("\(address)/judgement", as: viewer)
        #expect(seen.text.contains("您的账户不能查看医学内容"))
        #expect(!seen.text.contains("显示医学判定") && !seen.text.contains("缺必检项目"))
        #expect(await visitor.post("\(address)/judgement", ["reason": "复核"], as: viewer).status == 403)
        #expect(try await visitor.auditLines() == told)

        // The employer itself, of its own worker.
        let own = try await visitor.guest("own", .organisation, organisation: employer)
        let known = try await visitor.auditLines()
        let theirs = await visitor.post("\(address)/judgement", ["reason": "通知劳动者"], as: own)
        #expect(theirs.status == 200 && theirs.text.contains("正是其职业禁忌"))
        #expect(try await visitor.auditLines() == known + 1)
        let other = try await visitor.store("employer", [["code": "B", "name": "乙厂", "division": "450204"]])[0]
        let stranger = try await visitor.guest("stranger", .organisation, organisation: other)
        #expect(await visitor.get("\(address)/judgement", as: stranger).status == 404)
        try await visitor.isWhole()
    }

    /// A stage, a conclusion, a suspected disease; in English as well, and with what the other edition says.
    @Test func aSuspectedDiseaseSetsItsClocks() async throws {
        try await worker()
        let address = "/record/\(try await card(["conclusion": "suspected", "suspected": "", "contraindications": ""]))/judgement"
        var officer = try await visitor.guest("officer", .officer, division: "450204")
        let clear = await visitor.post(address, ["reason": "复核"], as: officer)
        #expect(clear.text.contains("结论为疑似职业病，但没有写明病名"))
        #expect(clear.text.contains("最迟 2026-03-16"))
        officer.language = .english
        let english = await visitor.post(address, ["reason": "check"], as: officer)
        #expect(english.text.contains("by 2026-03-16 at the latest"))
        // A day before the first edition has none, and says so beside the edition of its own day.
        let early = await visitor.get("\(address)?on=2010-01-01", as: officer)
        #expect(early.status == 200 && early.text.contains("GBZ 188-2014") && early.text.contains("2010-01-01"))
        #expect(await visitor.get("\(address)?on=yesterday", as: officer).status == 422)
    }

    /// GB 18871: 20 mSv over five years, 50 in one. A missing quarter leaves a lower bound and no verdict.
    @Test(arguments: Stores.kinds) func aMissingPeriodIsABound(_ kind: Dialect) async throws {
        let here = try await HealthJudgementTests.open(kind)
        let visitor = here.visitor
        try await here.worker()
        let post = try await visitor.store(
            "radiation_worker", [["code": "P", "worker": "W", "employer": "A", "from": "2022-01-01", "until": "2025-01-01"]])[0]
        func quarters(_ year: Int, _ doses: [Double?]) -> [[String: String]] {
            let ends = ["01-01", "04-01", "07-01", "10-01"].map { "\(year)-\($0)" } + ["\(year + 1)-01-01"]
            return doses.indices.compactMap { index in
                doses[index].map { ["radiation_worker": "P", "from": ends[index], "until": ends[index + 1], "dose": "\($0)"] }
            }
        }
        try await visitor.store("dose", quarters(2022, [0.2, 0.3, 0.1, 0.25]) + quarters(2023, [0.2, nil, 0.3, 0.1]))
        try await visitor.store("dose", quarters(2024, [30, 15, 10, 1]))
        let viewer = try await visitor.guest("viewer", .viewer, division: "450204")
        let page = await visitor.get("/record/\(post)/judgement", as: viewer)
        #expect(page.status == 200)
        for word in [
            "0.85 mSv", "≥ 0.6 mSv", "56 mSv", "50 mSv", "GB 18871-2002", "2023-04-01/2023-06-30", "2022–2026年年平均有效剂量", "92（最长 90）", "超过",
            "符合", "不能判定",
        ] { #expect(page.text.contains(word), "\(word)") }
        #expect(!page.text.contains("显示医学判定"))

        // Where another employer's post is not the reader's to see, no sum complies, and the page says why. An excess stays one.
        let employer = try await visitor.store("employer", [["code": "B", "name": "乙厂", "division": "450204"]])[0]
        let second = try await visitor.store(
            "radiation_worker", [["code": "Q", "worker": "W", "employer": "B", "from": "2022-01-01", "until": "2025-01-01"]])[0]
        let own = try await visitor.guest("own", .organisation, organisation: employer)
        #expect(await visitor.get("/record/\(post)/judgement", as: own).status == 404)
        try await visitor.store(
            "dose",
            [
                ["radiation_worker": "Q", "from": "2022-01-01", "until": "2023-01-01", "dose": "1"],
                ["radiation_worker": "Q", "from": "2023-01-01", "until": "2024-01-01", "dose": "51"],
            ])
        let theirs = await visitor.get("/record/\(second)/judgement", as: own)
        for word in ["1 mSv", "51 mSv", "超过", "另有您无权查看的放射工作记录"] { #expect(theirs.text.contains(word), "\(word)") }
        #expect(!theirs.text.contains("符合") && !theirs.text.contains("0.85"))
    }

    /// The example of GBZ 49-2014 A.10 on a page: 57 dB, better ear 30 dB.
    @Test(arguments: Stores.kinds) func anAudiogramBesideAnEarlierOne(_ kind: Dialect) async throws {
        let here = try await HealthJudgementTests.open(kind)
        let visitor = here.visitor
        try await here.worker()
        _ = try await here.card(["code": "E0", "day": "2021-03-01"])
        _ = try await here.card()
        try await visitor.store(
            "hearing_test",
            [["exam": "E0", "day": "2021-03-01", "left": "25 30 30 35 40 45", "right": "20 25 30 35 40 45", "quiet_hours": "50"]])
        let test = try await visitor.store(
            "hearing_test",
            [["exam": "E", "day": "2026-03-01", "left": "25 30 40 60 75 80", "right": "30 35 45 65 70 85", "quiet_hours": "16"]])[0]
        let address = "/record/\(test)/judgement"
        let officer = try await visitor.guest("officer", .officer, division: "450204")
        let open = await visitor.get(address, as: officer)
        #expect(open.text.contains("16 h") && open.text.contains("48 h") && open.text.contains("不足"))
        for word in ["双耳高频", "75 dB", "听阈偏移", "噪声聋"] { #expect(!open.text.contains(word), "\(word)") }
        let before = try await visitor.auditLines()
        let clear = await visitor.post(address, ["reason": "诊断"], as: officer)
        for word in ["双耳高频平均听阈", "57 dB", "较好耳听阈加权值", "30 dB", "75 dB", "59 dB", "2021-03-01", "有偏移", "29 CFR 1910.95", "GBZ 49-2014"] {
            #expect(clear.text.contains(word), "\(word)")
        }
        #expect(try await visitor.auditLines() == before + 1)
        let viewer = try await visitor.guest("viewer", .viewer, division: "450204")
        #expect(await visitor.get(address, as: viewer).text.contains("您的账户不能查看医学内容"))
        #expect(await visitor.post(address, ["reason": "x"], as: viewer).status == 403)
    }

    /// GBZ 49-2014: three tests of one examination, 3 days apart, a week from noise. Earlier examinations are no tests of this one.
    @Test func aGradeRestsOnTheTestsOfOneExamination() async throws {
        try await worker()
        _ = try await card(["code": "E0", "day": "2021-03-01"])
        _ = try await card()
        func test(_ exam: String, _ day: String, _ left: String, _ right: String) -> [String: String] {
            [
                "exam": exam, "day": day, "left": left, "right": right, "quiet_hours": "200", "left_loss": "sensorineural",
                "right_loss": "sensorineural",
            ]
        }
        let (left, right) = ("25 30 40 60 75 80", "30 35 45 65 70 85")
        let quiet = "10 10 10 10 10 10"
        try await visitor.store("hearing_test", ["01", "05", "09"].map { test("E0", "2021-03-\($0)", quiet, quiet) })
        let first = try await visitor.store("hearing_test", [test("E", "2026-03-01", left, right)])[0]
        let officer = try await visitor.guest("officer", .officer, division: "450204")
        let alone = await visitor.post("/record/\(first)/judgement", ["reason": "诊断"], as: officer)
        #expect(alone.text.contains("纯音听阈测试 1 次，少于要求的次数") && !alone.text.contains("未达到噪声聋"))
        try await visitor.store("hearing_test", ["05", "09"].map { test("E", "2026-03-\($0)", left, right) })
        let three = await visitor.post("/record/\(first)/judgement", ["reason": "诊断"], as: officer)
        #expect(three.text.contains("轻度") && !three.text.contains("少于要求的次数"))
    }

    /// The pages say everything in both languages.
    @Test func everyWordIsThere() throws {
        let pages = try Visitor.pages.get()
        for language in Language.allCases {
            for kind in ["exam", "hearing_test", "radiation_worker"] { #expect(pages.has("health.note.\(kind)", in: language)) }
            for words in ["health.quiet", "health.hearing", "health.shift", "health.dose", "health.level"] {
                for verdict in ["pass", "exceed", "unknown"] {
                    #expect(pages.has("\(words).\(verdict)", in: language), "\(words).\(verdict)")
                }
            }
        }
    }
}
