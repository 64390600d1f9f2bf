import Catalog
import Exposure
import Foundation
import HTTPTypes
import Kernel
import Ledger
import Storage
import TestKit
import Testing

@testable import House

/// A record keeps the edition that it was judged by; the same record judged again on request shows both.
@Suite struct JudgementTests {
    private func put(_ house: House, _ kind: String, _ cells: [String: String], id: String? = nil) async throws -> Fate {
        let submission = Submission(by: .house, door: "test", updates: true, home: "450204")
        let kind = try #require(house.ledger.kinds[kind])
        return try await house.ledger.submit([Draft(kind, id: id, cells)], submission)[0].fate
    }
    private func record(_ house: House, _ fate: Fate) async throws -> Record {
        let id = try #require(fate.id, "\(fate)")
        let found = try await house.ledger.store.read { [ledger = house.ledger] in try ledger.record($0, id) }
        return try #require(found)
    }

    /// The repository's data with an amendment of toluene, made up for this test.
    private func amended(from day: String = "2026-02-01") throws -> Catalog {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("amended-\(UUID().uuidString)")
        try FileManager.default.copyItem(at: Repository.data, to: folder)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appendingPathComponent("standards/limits.csv")
        var text = try String(contentsOf: file, encoding: .utf8)
        let header = try #require(text.split(separator: "\n").first).split(separator: ",", omittingEmptySubsequences: false).map(
            String.init)
        var cells = Dictionary(uniqueKeysWithValues: header.map { ($0, "") })
        for (name, cell) in [
            ("key", "136"), ("family", "chemical"), ("name", "甲苯"), ("name_en", "Toluene"), ("cas", "108-88-3"), ("twa", "20"),
            ("stel", "40"), ("unit", "mg/m3"), ("skin", "1"), ("notation", "皮"), ("edition", "GBZ 2.1-2019/XG9"), ("clause", "test"),
            ("source", "made up for a test"), ("confidence", "own"), ("from", day),
        ] { cells[name] = cell }
        if !text.hasSuffix("\n") { text += "\n" }
        text += header.map { cells[$0] ?? "" }.joined(separator: ",") + "\n"
        try text.write(to: file, atomically: true, encoding: .utf8)
        return try Catalog(folder: folder)
    }

    /// GBZ 2.1-2019, Table 1, No. 136: PC-TWA 50. (60×4 h + 20×4 h)/8 = 40.
    private static let toluene = [
        "code": "R1", "report": "T1", "factor": "甲苯", "unit": "mg/m3", "samples": "60@240; 20@240; stel:70@15",
    ]

    @Test(arguments: Stores.kinds) func aResultKeepsTheEditionOfItsDay(_ kind: Dialect) async throws {
        let store = try await Stores.fresh(kind)
        let moving = MovingClock()
        moving.set(try #require(Moment("2026-01-15 09:00")))
        let january = try await House.open(store, catalog: Hand.catalog, clock: moving.clock)
        _ = try await put(january, "employer", ["code": "A", "name": "A", "division": "450204"])
        _ = try await put(january, "test_report", ["code": "T1", "employer": "A", "type": "periodic", "sampled": "2026-01-10"])
        let first = try await record(january, try await put(january, "test_result", Self.toluene))
        #expect(first[TestResult.assessment] == "pass")
        #expect(first[TestResult.edition] == "GBZ 2.1-2019")

        moving.set(try #require(Moment("2026-02-20 09:00")))
        let catalog = try amended()
        let february = try await House.open(store, catalog: catalog, clock: moving.clock)
        // Sent again, it is the same record with the same verdict; so is a correction of what does not decide the verdict.
        let again = try await put(february, "test_result", Self.toluene)
        guard case .unchanged = again else { return #expect(Bool(false), "\(again)") }
        _ = try await put(february, "post", ["code": "P", "employer": "A", "name": "涂装"])
        let corrected = try await record(february, try await put(february, "test_result", Self.toluene.merging(["post": "P"]) { $1 }))
        #expect(corrected.version == 2)
        #expect(corrected[TestResult.edition] == "GBZ 2.1-2019")
        #expect(corrected[TestResult.assessment] == "pass")

        // One sampled after the change is judged by the new edition, of the same samples.
        _ = try await put(february, "test_report", ["code": "T2", "employer": "A", "type": "periodic", "sampled": "2026-02-10"])
        let later = Self.toluene.merging(["code": "R2", "report": "T2"]) { $1 }
        let second = try await record(february, try await put(february, "test_result", later))
        #expect(second[TestResult.assessment] == "exceed")
        #expect(second[TestResult.edition] == "GBZ 2.1-2019/XG9")

        // Judged again on request: both.
        let report = try await record(
            february, try await put(february, "test_report", ["code": "T1", "employer": "A", "type": "periodic", "sampled": "2026-01-10"]))
        let asked = try #require(Day("2026-02-20"))
        let pair = try #require(try VerdictPair(corrected, report: report, catalog, by: asked))
        #expect(pair.kept?.code == "pass")
        #expect(pair.kept?.edition == "GBZ 2.1-2019")
        #expect(pair.other?.code == "exceed")
        #expect(pair.other?.edition == "GBZ 2.1-2019/XG9")
        #expect(pair.kept?.working?.isEmpty == false)

        // On the page too.
        let visitor = try await Visitor.over(february)
        let officer = try await visitor.guest("officer", .officer, division: "450204")
        let page = await visitor.get("/record/\(corrected.id)/judgement?on=2026-02-20", as: officer)
        #expect(page.status == 200)
        for word in ["GBZ 2.1-2019/XG9", "符合", "超过", "40 / 50 mg/m3", "40.0 / 20 mg/m3", "可信度"] {
            #expect(page.text.contains(word), "\(word)")
        }
        let stranger = await visitor.get("/record/\(corrected.id)/judgement")
        #expect(stranger.status != 200)
    }

    /// An amendment that becomes known late, in force before the sampling: what was judged stays as it was judged, until its samples change.
    @Test func whatBecomesKnownLateRejudgesNothing() async throws {
        let store = try await Stores.fresh(.sqlite)
        let moving = MovingClock()
        moving.set(try #require(Moment("2026-01-15 09:00")))
        let before = try await House.open(store, catalog: Hand.catalog, clock: moving.clock)
        _ = try await put(before, "employer", ["code": "A", "name": "A", "division": "450204"])
        let report = ["code": "T1", "employer": "A", "type": "periodic", "sampled": "2026-01-10"]
        let sampled = try await record(before, try await put(before, "test_report", report))
        _ = try await put(before, "test_result", Self.toluene)

        moving.set(try #require(Moment("2026-02-20 09:00")))
        let catalog = try amended(from: "2026-01-05")
        let after = try await House.open(store, catalog: catalog, clock: moving.clock)
        _ = try await put(after, "post", ["code": "P", "employer": "A", "name": "涂装"])
        let kept = try await record(after, try await put(after, "test_result", Self.toluene.merging(["post": "P"]) { $1 }))
        #expect(kept.version == 2)
        #expect(kept[TestResult.edition] == "GBZ 2.1-2019")
        #expect(kept[TestResult.assessment] == "pass")
        let asked = try #require(Day("2026-01-10"))
        let pair = try #require(try VerdictPair(kept, report: sampled, catalog, by: asked))
        #expect(pair.kept?.code == "pass")
        #expect(pair.kept?.working == nil, "the working of an edition that no longer judges that day would not be that of then")
        #expect(pair.other?.code == "exceed")
        let changed = Self.toluene.merging(["samples": "61@240; 20@240; stel:70@15"]) { $1 }
        let judged = try await record(after, try await put(after, "test_result", changed))
        #expect(judged[TestResult.edition] == "GBZ 2.1-2019/XG9")
        #expect(judged[TestResult.assessment] == "exceed")
    }

    /// GBZ/T 229.1: the 2010 edition until 31 January 2026, then that of 2025.
    @Test(arguments: Stores.kinds) func aGradeKeepsTheEditionOfItsDay(_ kind: Dialect) async throws {
        let moving = MovingClock()
        moving.set(try #require(Moment("2026-03-01 09:00")))
        let house = try await House.open(try await Stores.fresh(kind), catalog: Hand.catalog, clock: moving.clock)
        _ = try await put(house, "employer", ["code": "A", "name": "A", "division": "450204"])
        func grade(_ day: String) async throws -> Record {
            let cells = [
                "employer": "A", "day": day, "method": "dust", "inputs": "silica=30; exposure_ratio=2.5; labour=III",
            ]
            return try await record(house, try await put(house, "work_grade", cells))
        }
        // 2010: G = 2 × 2.5 × 2.0 = 10, above 6 and up to 16: Ⅱ. 2025: the same G, level Ⅲ of five.
        let before = try await grade("2026-01-31")
        let after = try await grade("2026-02-01")
        #expect(before[WorkGrade.index] == 10)
        #expect(before[WorkGrade.grade]?.contains("Ⅱ") == true, "\(before[WorkGrade.grade] ?? "nil")")
        #expect(after[WorkGrade.grade]?.contains("Ⅲ") == true, "\(after[WorkGrade.grade] ?? "nil")")
        #expect(before[WorkGrade.edition] != after[WorkGrade.edition])
        let asked = try #require(Day("2026-02-01"))
        let pair = try #require(try VerdictPair(before, report: nil, Hand.catalog, by: asked))
        #expect(pair.kept?.text?.zh == before[WorkGrade.grade])
        #expect(pair.other?.text?.zh == after[WorkGrade.grade])
    }

    @Test func whatIsDerivedIsNotTakenFromAnybody() async throws {
        let moving = MovingClock()
        moving.set(try #require(Moment("2026-03-01 09:00")))
        let house = try await House.open(try await Stores.fresh(.sqlite), catalog: Hand.catalog, clock: moving.clock)
        _ = try await put(house, "employer", ["code": "A", "name": "A", "division": "450204"])
        _ = try await put(house, "test_report", ["code": "T1", "employer": "A", "type": "periodic", "sampled": "2026-01-10"])
        var cells = Self.toluene
        cells["samples"] = "600@480"
        cells["assessment"] = "pass"
        cells["edition"] = "GBZ 2.1-2099"
        let result = try await record(house, try await put(house, "test_result", cells))
        #expect(result[TestResult.assessment] == "exceed")
        #expect(result[TestResult.edition] == "GBZ 2.1-2019")
    }

    /// Samples that nobody can judge are stored as undecided with the reason; samples that are wrong are refused with field and rule.
    @Test func undecidedIsToldFromWrong() async throws {
        let moving = MovingClock()
        moving.set(try #require(Moment("2026-03-01 09:00")))
        let house = try await House.open(try await Stores.fresh(.sqlite), catalog: Hand.catalog, clock: moving.clock)
        _ = try await put(house, "employer", ["code": "A", "name": "A", "division": "450204"])
        _ = try await put(house, "test_report", ["code": "T1", "employer": "A", "type": "periodic", "sampled": "2026-01-10"])
        _ = try await put(house, "test_report", ["code": "T0", "employer": "A", "type": "periodic", "sampled": "2019-01-10"])
        func fate(_ changes: [String: String]) async throws -> Fate {
            try await put(
                house, "test_result", ["report": "T1", "factor": "A001", "unit": "mg/m3", "samples": "0.5@480"].merging(changes) { $1 })
        }
        // Silica between the bands' limits: 0.5 total lies at the strictest limit and below the others, so all agree.
        let agreed = try await record(house, try await fate([:]))
        #expect(agreed[TestResult.assessment] == "unknown" || agreed[TestResult.assessment] == "pass")
        let open = try await record(house, try await fate(["samples": "0.8@480; stel:0.9@15"]))
        #expect(open[TestResult.assessment] == "unknown")
        #expect(open[TestResult.missing] == "judge.silica.missing")
        let old = try await record(house, try await fate(["report": "T0"]))
        #expect(old[TestResult.missing] == "judge.limit.missing")
        let wrong: [([String: String], String)] = [
            (["samples": "-0.5@480"], "concentration.negative"), (["samples": "0.5@2000"], "segment.over-day"),
            (["samples": "08:00 0.5@120; 09:00 0.5@120"], "segment.overlap"), (["samples": "ND@480"], "loq.missing"),
            (["samples": "0.5"], "samples.format"), (["samples": "stel:0.5@30"], "sample.too-long"), (["unit": "furlong"], "unit.unknown"),
            (["samples": "25:99 0.5@60"], "time.format"), (["samples": "nan@60"], "number.format"), (["silica": "140"], "number.range"),
            (["silica": "5"], "judge.silica.contradicts"),
        ]
        for (changes, code) in wrong {
            guard case .refused(let refusals) = try await fate(changes) else {
                #expect(Bool(false), "\(changes) was taken")
                continue
            }
            #expect(refusals.contains { $0.code == code && $0.field != nil }, "\(changes): \(refusals)")
        }
    }
}
