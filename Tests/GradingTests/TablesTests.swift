import Catalog
import Foundation
import Grading
import Kernel
import Testing

private let work = try! String(contentsOf: data.appendingPathComponent("standards/grading.yaml"), encoding: .utf8)
private let classes = try! String(contentsOf: data.appendingPathComponent("standards/grading-schemes.yaml"), encoding: .utf8)

/// What a planted fault is answered with: `code field file`, and whether the line is the faulty one.
private func plant(_ old: String, _ new: String, inClasses: Bool = false) -> [Refusal] {
    let text = inClasses ? classes : work
    guard let range = text.range(of: old) else { return [] }
    let faulty = text.replacingCharacters(in: range, with: new)
    do {
        _ = try GradingTables(work: inClasses ? work : faulty, classes: inClasses ? faulty : classes)
        return []
    } catch { return (error as? Refusals)?.all ?? [] }
}

@Suite("The grading files")
struct TablesTests {
    @Test("The files read, and every edition says where it comes from and how sure it is")
    func reads() {
        #expect(GradingTables.Method.allCases.map { tables[$0].count } == [2, 2, 2, 1, 1, 2, 1])
        for method in GradingTables.Method.allCases {
            for edition in tables[method] {
                #expect(!edition.provenance.edition.isEmpty && !edition.provenance.source.isEmpty && !edition.levels.isEmpty)
                #expect(edition.levels.map(\.rank) == Array(edition.levels.indices))
            }
        }
        #expect(tables.editions.values.joined().filter { $0.rule == nil }.map(\.provenance.edition) == ["GBZ/T 230-2010"])
        // Verified are GBZ/T 230-2025 and GBZ/T 342-2025 alone.
        #expect(tables.unverified.count == 9 + 4)
    }

    @Test(
        "A planted fault is refused with line, field and file",
        arguments: [
            ("{in: '[10, 50]', weight: 2}", "{in: '[10, 50)', weight: 2}", "grading.bands", "silica[2]"),
            ("{in: '[10, 50]', weight: 2}", "{in: '[11, 50]', weight: 2}", "grading.bands", "silica[1]"),
            ("{in: '[10, 50]', weight: 2}", "{in: '[10, 50]', weight: two}", "number.format", "silica[1].weight"),
            ("{in: '[10, 50]', weight: 2}", "{in: '[10, 50]', weight: -2}", "number.range", "silica[1].weight"),
            ("{in: '[10, 50]', weight: 2}", "{in: '10-50', weight: 2}", "grading.interval", "silica[1].in"),
            ("{in: '[10, 50]', weight: 2}", "{in: '[10, 50]', wait: 2}", "field.unknown", "silica[1].wait"),
            ("{'0': 0, I: 6, II: 16, III: null}", "{'0': 0, I: 16, II: 6, III: null}", "grading.bands", "cutoffs.II"),
            ("{'0': 0, I: 6, II: 16, III: null}", "{'0': 0, I: 6, II: 16, III: 20}", "grading.bands", "cutoffs.III"),
            ("{'0': 0, I: 6, II: 16, III: null}", "{'0': 0, I: 6, V: 16, III: null}", "code.unknown", "cutoffs.V"),
            ("cells: [I, I, II, II, III, III, IV]", "cells: [I, I, II, II, III, III]", "grading.cells", "rows[0].cells"),
            ("cells: [I, I, II, II, III, III, IV]", "cells: [I, I, II, II, III, III, VI]", "code.unknown", "rows[0].cells"),
            ("{labour: I, time: '[60, 120]'", "{labour: VI, time: '[60, 120]'", "code.unknown", "rows[0].labour"),
            ("'[31, 32]', '[33, 34]'", "'[31, 32]', '[30, 34]'", "grading.bands", "columns[2]"),
            ("from: '2026-02-01'", "from: '2026-02-30'", "day.format", "editions[1].from"),
            ("from: '2026-02-01'", "from: '2026-01-31'", "grading.overlap", "editions[1].from"),
            ("until: '2026-02-01'", "until: '2009-01-01'", "day.order", "editions[0].until"),
            ("confidence: KH", "confidence: sure", "code.unknown", "editions[0].confidence"),
            ("confidence: KH", "certainty: KH", "field.required", "editions[0].confidence"),
            ("read: '[90, 95)'", "read: '[90, 94.5)'", "grading.bands", "steps[3]"),
            ("assumed: [accumulation,", "assumed: [acumulation,", "code.unknown", "assumed"),
            (
                "{code: '0', zh: 0级 相对无害作业, en: 'Grade 0, relatively harmless'}", "{code: I, zh: 零, en: zero}", "key.repeated",
                "levels[1].code"
            ),
        ])
    func faults(old: String, new: String, code: String, field: String) throws {
        let problems = plant(old, new)
        let found = try #require(problems.first { $0.code == code && ($0.field ?? "").hasSuffix(field) }, "\(problems)")
        #expect(found.details["file"] == "grading.yaml")
        let line = work[..<work.range(of: old)!.lowerBound].split(separator: "\n", omittingEmptySubsequences: false).count
        // Bands that do not join are told where their list begins, all else in the line itself or that of its mapping.
        #expect(abs((found.row ?? 0) - line) <= (code == "grading.bands" || code == "field.required" ? 6 : 1))
    }

    @Test("Faults of the classes too")
    func classFaults() throws {
        let cases = [
            ("exceeds: [III, III, III]", "exceeds: [III, III]", "grading.cells", "risk.severe.exceeds"),
            ("cutoffs: {A: 90, B: 70}", "cutoffs: {A: 70, B: 90}", "grading.bands", "management.cutoffs"),
            ("C: [乙, 丙, 丙]", "C: [乙, 丙, 丁]", "code.unknown", "combined.cells.C"), ("top: 甲", "top: 丁", "code.unknown", "guide.top"),
            ("{label: 乙, levels: [乙], zh: 中等风险", "{label: 乙, levels: [甲], zh: 中等风险", "key.repeated", "schemes.national.labels[1].levels"),
        ]
        for (old, new, code, field) in cases {
            let problems = plant(old, new, inClasses: true)
            let found = try #require(problems.first { $0.code == code && $0.field == field }, "\(old): \(problems)")
            #expect(found.details["file"] == "grading-schemes.yaml" && found.row ?? 0 > 1)
        }
    }

    @Test("A file that is no YAML, or missing, is named with its line")
    func broken() {
        #expect(throws: Refusals.self) { try GradingTables(work: "methods: [", classes: classes) }
        #expect(throws: Refusals.self) { try GradingTables(folder: URL(fileURLWithPath: "/nowhere")) }
        do {
            _ = try GradingTables(work: "format: 1\nmethods: {dust: [}\n", classes: classes)
            Issue.record("read")
        } catch { #expect((error as? Refusals)?.all.first?.row == 2) }
    }

    @Test("Faults are told together")
    func together() {
        let faulty = work.replacingOccurrences(of: "confidence: KH", with: "confidence: sure")
        do {
            _ = try GradingTables(work: faulty, classes: classes)
            Issue.record("read")
        } catch { #expect(((error as? Refusals)?.all.count ?? 0) >= 6) }
    }

    @Test("A jurisdiction settles readings and unverified cut-offs; verified ones are not its to change")
    func overlay() throws {
        func overlaid(_ body: String) throws -> Grading {
            Grading(try tables.overlaid(by: "grading: {source: 本地文件, confidence: V, \(body)}", named: "450204.yaml"))
        }
        let action = try overlaid("readings: {GBZ/T 229.1-2025: action_level}")
        #expect(action.dust(silica: 85, exposureRatio: 0.8, labour: .heavy, on: after).code == "I")
        let index = try overlaid("readings: {GBZ/T 229.1-2025: index}")
        #expect(index.dust(silica: 85, exposureRatio: 0.8, labour: .heavy, on: after).code == "III")
        let raised = try overlaid("readings: {GBZ/T 229.2-2025: raised}")
        #expect(raised.chemical(toxicity: .extreme, exposureRatio: 1.2, labour: .light, isSpecial: true, on: after).code == "III")
        #expect(raised.chemical(toxicity: .extreme, exposureRatio: 9, labour: .light, isSpecial: true, on: after).code == "III")
        // A grade by local figures is not on the scale of the others.
        #expect(throws: Refusal.self) {
            let inputs = GradingInputs(.dust, ["silica": .number(5), "exposure_ratio": .number(3), "labour": .word("I")], on: after)
            _ = try action.grade(inputs).isHigher(than: grading.grade(inputs))
        }
        let cut = try overlaid("cutoffs: {GBZ/T 229.1-2010: {'0': 0, I: 5, II: 16, III: null}}")
        #expect(cut.dust(silica: 5, exposureRatio: 2.4, labour: .extreme, on: before).code == "II")
        #expect(grading.dust(silica: 5, exposureRatio: 2.4, labour: .extreme, on: before).code == "I")
        let combined = try overlaid("combined: {A: [甲, 甲, 甲], B: [乙, 乙, 乙], C: [丙, 丙, 丙]}")
        #expect(combined.tables.combined.provenance.confidence == .verified && combined.tables.combined.provenance.source == "本地文件")
        let refused: [(String, String, String)] = [
            ("cutoffs: {GBZ/T 229.1-2025: {'0': 0, II: 6, III: 16, IV: null}}", "grading.verified", "grading.cutoffs.GBZ/T 229.1-2025"),
            ("cutoffs: {GBZ/T 342-2025: {I: 2, II: 3, III: 6, IV: 16, V: null}}", "grading.verified", "grading.cutoffs.GBZ/T 342-2025"),
            ("readings: {GBZ/T 229.1-2025: mine}", "code.unknown", "grading.readings.GBZ/T 229.1-2025"),
            ("readings: {GBZ/T 229.1-1999: index}", "grading.edition-unknown", "grading.readings.GBZ/T 229.1-1999"),
            ("bands: {}", "field.unknown", "grading.bands"),
            ("management: {cutoffs: {A: 120, B: 70}}", "number.range", "grading.management.cutoffs.A"),
            (
                "management: {items: [{code: a, category: none, zh: 甲, en: a, weight: 1}]}", "code.unknown",
                "grading.management.items[0].category"
            ),
        ]
        for (body, code, field) in refused {
            do {
                _ = try overlaid(body)
                Issue.record("accepted \(body)")
            } catch let error as Refusals {
                #expect(
                    error.all.contains { $0.code == code && $0.field == field && $0.row == 1 && $0.details["file"] == "450204.yaml" },
                    "\(error)")
            }
        }
        // A file without the key changes nothing.
        #expect(try tables.overlaid(by: "holidays: []", named: "x.yaml").management.local == nil)
    }

    @Test("The example of docs/grading.md is read, and the page names every input, edition and reading")
    func page() throws {
        let url = data.deletingLastPathComponent().appendingPathComponent("docs/grading.md")
        let text = try String(contentsOf: url, encoding: .utf8)
        let example = try #require(text.components(separatedBy: "```yaml\n").dropFirst().first?.components(separatedBy: "```").first)
        let local = try tables.overlaid(by: example, named: "docs/grading.md")
        #expect(local.management.items.map(\.code) == ["m1"] && local.guide.industries == ["26"] && local.management.partial == 0.5)
        #expect(local.edition(.dust, on: after)?.settled == "action_level" && local.schemes["ours"]?.labels.last?.label == "甲")
        for method in GradingTables.Method.allCases {
            #expect(text.contains("`\(method.rawValue)`"))
            for input in method.inputs { #expect(text.contains("`\(input.name)`"), "\(input.name)") }
            for edition in tables[method] {
                #expect(text.contains(edition.provenance.edition))
                if edition.readings.count > 1 { for reading in edition.readings { #expect(text.contains("`\(reading)`"), "\(reading)") } }
            }
        }
    }

    @Test("The schemes of every plan are read; only Liunan prints one with 甲乙丙")
    func plans() throws {
        for id in ["110109", "150522", "210900", "330400"] {
            let found = try tables.adding(plan: data.appendingPathComponent("plans/\(id).yaml")).schemes
            #expect(found.values.filter { $0.scale == "risk_level" && $0.labels.map(\.label).contains("甲") }.isEmpty)
        }
        let liunan = try tables.adding(plan: data.appendingPathComponent("plans/450204.yaml")).schemes["450204.grading"]
        #expect(liunan?.provenance.clause == "LN-40、LN-41" && liunan?.note?.zh.contains("没有说哪一端") == true)
        #expect(throws: Refusals.self) { try tables.adding(plan: data.appendingPathComponent("plans/000000.yaml")) }
    }

    @Test("Every refusal of the room has words in both languages, with the same keys")
    func words() throws {
        let folder = data.deletingLastPathComponent().appendingPathComponent("Sources")
        func words(_ name: String) throws -> [String: String] {
            let text = try String(contentsOf: folder.appendingPathComponent("Web/Words/\(name).yaml"), encoding: .utf8)
            let pairs = text.split(separator: "\n").filter { $0.hasPrefix("refusal.") }.map { line -> (String, String) in
                let parts = line.split(separator: ":", maxSplits: 1)
                return (String(parts[0]), String(parts[1]))
            }
            return Dictionary(uniqueKeysWithValues: pairs)
        }
        let (zh, en) = (try words("zh-grading"), try words("en-grading"))
        #expect(Set(zh.keys) == Set(en.keys) && !zh.isEmpty)
        let known = Set(try words("zh").keys).union(zh.keys)
        for file in [
            "Grading/Grading", "Grading/WorkRules", "Grading/Employers", "Grading/Grade", "Grading/GradingInputs",
            "Catalog/GradingReader", "Catalog/GradingOverlay", "Catalog/GradingSchemes",
        ] {
            let text = try String(contentsOf: folder.appendingPathComponent(file + ".swift"), encoding: .utf8)
            for piece in text.components(separatedBy: "Refusal(\"").dropFirst() + text.components(separatedBy: "refuse(\"").dropFirst() {
                let code = String(piece.prefix { $0 != "\"" })
                #expect(known.contains("refusal." + code), "\(code) in \(file)")
            }
        }
        for (key, text) in zh {
            func names(_ text: String) -> Set<String> {
                Set(text.components(separatedBy: "{{").dropFirst().compactMap { $0.components(separatedBy: "}}").first })
            }
            #expect(names(text) == names(en[key] ?? ""), "\(key)")
        }
    }
}
