import Catalog
import Foundation
import Kernel
import TestKit
import Testing

/// The repository's tables, read once, and copies of them with a planted fault.
enum Exams {
    static let standards = Repository.standards
    static let tables = try! ExamTables(standards: standards)

    /// What reading says after one text of one file was replaced.
    static func refusal(_ file: String, _ old: String, _ new: String) throws -> Refusal? {
        let copy = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        defer { try? FileManager.default.removeItem(at: copy) }
        try FileManager.default.createDirectory(at: copy, withIntermediateDirectories: true)
        for name in ["codes.yaml", "diseases.csv", "factors.csv", "exams"] {
            let source = standards.appendingPathComponent(name).resolvingSymlinksInPath()
            try FileManager.default.copyItem(at: source, to: copy.appendingPathComponent(name))
        }
        let target = copy.appendingPathComponent("exams/\(file).csv")
        let text = try String(contentsOf: target, encoding: .utf8)
        #expect(text.contains(old), "the fault was not planted")
        try text.replacingOccurrences(of: old, with: new).write(to: target, atomically: true, encoding: .utf8)
        do {
            _ = try ExamTables(standards: copy)
            return nil
        } catch let refusal as Refusal { return refusal }
    }
}

@Suite struct ExamTablesTests {
    private let tables = Exams.tables

    /// 97 factors of GBZ 188-2025 with 95, 71, 63 and 68 stages, one more and 42 lines (31, 5, 2, 2, 2) in its Appendix C; 81 of 2014, four of which
    /// stand behind their neighbours in the scan, and one of which is a heading only.
    @Test func complete() {
        func count(_ edition: String, _ stage: String, _ need: ExamStage.Need) -> Int {
            tables.stages.count { $0.edition == edition && $0.stage == stage && $0.need == need }
        }
        #expect(tables.factors.count { $0.edition == "2025" && !$0.clause.hasPrefix("C") } == 97)
        #expect(["pre_employment", "in_service", "leaving", "emergency"].map { count("2025", $0, .mandatory) } == [95, 71, 63, 68])
        #expect(tables.stages.count { $0.edition == "2025" && $0.need == .recommended } == 42)
        #expect(tables.factors.count { $0.edition == "2014" } == 81)
        #expect(tables.factors.filter { $0.reading == .none }.map(\.clause) == ["5.44"])
        for clause in ["5.9", "5.25", "5.33", "5.47"] {
            #expect(tables.stage("in_service", of: clause, in: "2014") != nil)
            #expect(tables.factor(clause, in: "2014")?.note.contains("behind") == true)
        }
        // Chapters of 2025: chemical 65, dust 9, physical 8, biological 5, special work 10.
        let chapters = Dictionary(grouping: tables.factors.filter { $0.edition == "2025" }) { $0.clause.prefix { $0 != "." } }
        #expect(chapters.mapValues(\.count) == ["5": 65, "6": 9, "7": 8, "8": 5, "9": 10, "C": 1])
    }

    /// Every stage has items or says why not; before employment the base items of Appendix A are on every list of 2025.
    @Test func items() {
        let base = tables.baseItems(in: "2025")
        #expect(base == ["blood_count", "urinalysis", "liver_function", "ecg"] && tables.baseItems(in: "2014").isEmpty)
        for stage in tables.stages where stage.edition == "2025" && stage.stage == "pre_employment" && stage.need == .mandatory {
            for item in base {
                let covered = stage.laboratory.flatMap(\.anyOf).contains { $0 == item || tables.items[$0]?.covers.contains(item) == true }
                #expect(covered, "\(stage.clause) \(item)")
            }
        }
        #expect(tables.stages.filter { $0.items == .missing && $0.need == .mandatory }.isEmpty)
        #expect(Set(tables.stages.filter { $0.items == .missing && $0.edition == "2014" }.map(\.clause)) == ["5.12", "8.2"])
        // 5.1.2.2 of 2025, in service: blood and urine counts, ECG, blood or urine lead, fasting glucose.
        let lead = tables.stage("in_service", of: "5.1", in: "2025")?.laboratory.map { $0.anyOf.joined(separator: "|") }
        #expect(lead == ["blood_count", "urinalysis", "ecg", "blood_lead|urine_lead", "fasting_glucose"])
        // 5.39.2.2: the X-ray of the hands is for those who clean the kettles only.
        let hands = tables.stage("in_service", of: "5.39", in: "2025")?.laboratory.last
        #expect(hands == ExamItemNeed(anyOf: ["hand_xray"], only: "清釜工"))
        // 7.5.2.2: ultraviolet radiation asks for a physical examination only.
        let light = tables.stage("in_service", of: "7.5", in: "2025")
        #expect(light?.items == .physical && light?.physical.map(\.anyOf) == [["physical_skin"], ["physical_eye"]])
    }

    @Test func names() {
        for name in ["血常规", "血常规（含血嗜酸粒细胞计数）", "血清 ALT", "后前位X射线高仟伏胸片或数字化摄影胸片（DR胸片）", "纯音听力测试", "Blood lead"] {
            #expect(tables.item(named: name) != nil, "\(name)")
        }
        #expect(tables.item(named: "便常规")?.code == "stool" && tables.item(named: "大便常规")?.code == "stool")
        #expect(tables.item(named: "望闻问切") == nil)
        // Every item is in the code table of the field, and the other way round.
        #expect(Set(Hand.catalog.tables["exam_item"]?.entries.map(\.code) ?? []) == Set(tables.items.keys))
    }

    @Test func targets() {
        func named(_ kind: ExamTarget.Kind, _ stage: String, _ clause: String, _ edition: String) -> [String] {
            tables.targets(stage, of: clause, in: edition).filter { $0.kind == kind }.map(\.name)
        }
        #expect(named(.contraindication, "pre_employment", "5.1", "2025") == ["中度及以上贫血", "卟啉病", "多发性周围神经病"])
        // 5.1.2.1 b) refers to 5.1.1.1.
        #expect(named(.contraindication, "in_service", "5.1", "2025") == ["中度及以上贫血", "卟啉病", "多发性周围神经病"])
        #expect(named(.disease, "in_service", "6.1", "2025") == ["职业性矽肺"])
        #expect(tables.targets("in_service", of: "6.1", in: "2025").first?.diseases == ["D001"])
        // The thresholds of benzene differ between the editions (5.19.1.1 a).
        #expect(named(.contraindication, "pre_employment", "5.19", "2014").first == "白细胞计数低于4×10⁹/L或中性粒细胞低于2×10⁹/L")
        #expect(named(.contraindication, "pre_employment", "5.19", "2025").first == "白细胞计数低于3.5×10⁹/L或中性粒细胞低于1.8×10⁹/L")
        // 9.3.2.1 of 2014: as before employment, red-green blindness aside.
        #expect(!named(.contraindication, "in_service", "9.3", "2014").contains("红绿色盲"))
        #expect(named(.contraindication, "pre_employment", "9.3", "2014").contains("红绿色盲"))
    }

    /// Every factor of the hazard catalogue is placed under clauses or said to have none; silica goes to 6.1 in both editions.
    @Test func factorMap() throws {
        let factors = try #require(Hand.catalog.tables["factor"]).entries.map(\.code)
        #expect(factors.count == 459 && Set(tables.links.map(\.factor)) == Set(factors))
        for edition in ["2014", "2025"] {
            #expect(tables.links(of: "A001", in: edition).map(\.clause) == ["6.1"])
            #expect(tables.links(of: "C001", in: edition).map(\.clause) == ["7.1"])
            let radiation = tables.links(of: "D001", in: edition)
            #expect(radiation.map(\.clause) == [""] && radiation[0].note.contains("GBZ 98"))
        }
        // Formaldehyde stands under its own clause and among the asthmagens; toluene was benzene's in 2014.
        #expect(tables.links(of: "B046", in: "2025").map(\.clause) == ["5.35", "5.56"])
        #expect(tables.links(of: "B029", in: "2014").map(\.clause) == ["5.19"])
        #expect(tables.links(of: "B029", in: "2025").map(\.clause) == ["5.58"])
        // Laser entered with 2025. What no clause names is marked as inferred.
        #expect(tables.links(of: "C007", in: "2014").map(\.clause) == [] && tables.links(of: "C007", in: "2025").map(\.clause) == ["7.8"])
        #expect(tables.links(of: "A013", in: "2025").map(\.isInferred) == [true])
    }

    /// Classes of conclusion: five in 2014, four in 2025; a re-examination is no class any more and an open report none then.
    @Test func conclusions() {
        func classes(_ edition: String) -> Set<String> {
            Set(tables.conclusions.filter { $0.edition == edition && $0.isClass }.map(\.code))
        }
        #expect(classes("2014") == ["normal", "recheck", "suspected", "contraindication", "other"])
        #expect(classes("2025") == ["normal", "suspected", "contraindication", "other"])
        #expect(tables.conclusion("recheck", in: "2014")?.mapsTo == "none")
        #expect(tables.conclusion("none", in: "2025")?.mapsTo == "recheck")
        for code in ["normal", "suspected", "contraindication", "other"] {
            #expect(tables.conclusion(code, in: "2014")?.mapsTo == code)
        }
        #expect(tables.conclusion("recheck", in: "2025") == nil)
    }

    @Test func editionsAndLookUp() throws {
        let (last, first) = (Day(2026, 7, 31)!, Day(2026, 8, 1)!)
        #expect(try tables.edition(on: last).id == "2014" && tables.edition(on: first).id == "2025")
        #expect(throws: Refusal("exam.no-edition", ["value": "2014-09-30"])) { try tables.edition(on: Day(2014, 9, 30)!) }
        #expect(try tables.search("6.1", on: first).map(\.factor.name.zh) == ["游离二氧化硅粉尘"])
        #expect(try tables.search("coal", on: first).map(\.factor.clause) == ["5.64", "6.2"])
        #expect(try tables.search("噪声", on: last).first?.periods.count == 2)
        #expect(try tables.search("", on: first).isEmpty)
        #expect(try tables.rows(on: first).count == 98 && tables.rows(on: last).count == 81)
    }

    /// A fault in the tables is told with its file and row.
    @Test func plantedFaults() throws {
        let faults: [(String, String, String, String)] = [
            ("editions", "2014-10-01,2026-08-01", "2014-10-01,2026-09-01", "exam.overlap"),
            ("stages", "blood_lead|urine_lead", "blood_lead|urine_led", "exam.item-unknown"),
            ("stages", "2025,6.1,in_service", "2025,6.11,in_service", "exam.clause-unknown"),
            ("stages", "2025,6.1,in_service,mandatory", "2025,6.1,in_servise,mandatory", "catalog.choice"),
            ("targets", "D001", "D999", "catalog.choice"),
            ("periods", "dust_grade>=2", "dust_grad>=2", "exam.condition"),
            ("periods", "noise>=85", "noise85", "exam.condition"),
            ("periods", "2025,9.1,in_service,1,every,exam,,24", "2025,9.1,in_service,1,every,exam,,", "catalog.empty"),
            ("periods", "2025,9.1,in_service,1", "2025,9.2,in_service,1", "exam.period-none"),
            ("periods", "24,36,,", "24,12,,", "catalog.choice"),
            ("factor-map", "A001,2025,6.1", "A001,2025,6.10", "exam.clause-unknown"),
            ("factor-map", "A001,", "A901,", "catalog.choice"),
            ("items", "alt,血清丙氨酸氨基转移酶", "alt,血常规;血清丙氨酸氨基转移酶", "exam.item-twice"),
            ("items", "liver_function,,alt", "liver_function,,att", "exam.item-unknown"),
            ("conclusions", "2014,recheck,1,none", "2014,recheck,1,nothing", "catalog.choice"),
            ("rules", "ungraded_as,2,", "ungraded_as,two,", "catalog.number"),
            ("factors", "2025,6.1,游离二氧化硅粉尘", "2025,6.1,", "catalog.empty"),
        ]
        for (file, old, new, code) in faults {
            let refusal = try Exams.refusal(file, old, new)
            #expect(refusal?.code == code, "\(file): \(old)")
            if !["exam.overlap", "exam.period-none"].contains(code) { #expect((refusal?.row ?? 0) > 1, "\(file): \(old)") }
        }
        #expect(try Exams.refusal("factors", "Free silica dust", "Free silica") == nil)
    }
}
