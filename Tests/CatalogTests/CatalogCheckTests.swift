import Catalog
import Foundation
import Kernel
import Testing

/// A copy of the repository's Data folder that a test may spoil.
struct SpoiledData {
    let folder: URL
    var standards: URL { folder.appendingPathComponent("standards") }

    init() throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("catalog-" + UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try FileManager.default.copyItem(at: CatalogTests.standards.resolvingSymlinksInPath(), to: standards)
    }
    func remove() { try? FileManager.default.removeItem(at: folder) }

    /// Replaces the first occurrence of a text.
    /// - Returns: the row that it stands in.
    @discardableResult func replace(_ file: String, _ old: String, _ new: String) throws -> Int {
        let url = standards.appendingPathComponent(file)
        let text = try String(contentsOf: url, encoding: .utf8)
        let range = try #require(text.range(of: old), "\(old) is not in \(file)")
        try text.replacingCharacters(in: range, with: new).write(to: url, atomically: true, encoding: .utf8)
        return text[..<range.lowerBound].count { $0 == "\n" } + 1
    }
    func append(_ file: String, _ line: String) throws -> Int {
        let url = standards.appendingPathComponent(file)
        let text = try String(contentsOf: url, encoding: .utf8)
        try (text + line + "\n").write(to: url, atomically: true, encoding: .utf8)
        return text.count { $0 == "\n" } + 1
    }
}

@Suite("Check of the catalogue")
struct CatalogCheckTests {
    @Test("The repository's own tables: every count right, no fault, the misprints known, the doubts listed")
    func sound() {
        let check = CatalogCheck(folder: data)
        for count in check.counts { #expect(count.isRight, "\(count.name.en): \(count.found) for \(count.expected)") }
        for problem in check.problems { Issue.record("\(problem)") }
        let isSound = check.isSound
        #expect(isSound && check.counts.count > 30)
        #expect(
            Set(check.misprints.compactMap { $0.details["value"] }) == ["7440-62-6", "60-12-18", "79-40-9", "7740-33-7", "582-29-0"])
        #expect(check.doubts.allSatisfy { $0.confidence.isLow && $0.row > 1 })
        #expect(check.doubts.filter { $0.file == "highly-toxic.csv" }.count == 54)
        #expect(check.doubts.filter { $0.file == "diseases.csv" && $0.note == "confidence_2013" }.count == 132)
        #expect(check.doubts.contains { $0.file == "parameters.yaml" && $0.subject.hasPrefix("rehab.threshold") })
    }

    @Test("Planted faults are all told at once, each with file and row")
    func planted() throws {
        // given
        let spoiled = try SpoiledData()
        defer { spoiled.remove() }
        var expected: Set<String> = []
        func expect(_ code: String, _ file: String, _ row: Int) { expected.insert("\(code) \(file) \(row)") }
        func plant(_ code: String, _ file: String, _ old: String, _ new: String) throws {
            expect(code, file, try spoiled.replace(file, old, new))
        }
        try plant("cas.check", "limits.csv", ",7664-41-7,", ",7664-41-8,")
        try plant("catalog.empty", "limits.csv", ",60000000,,,,", ",,,,,")
        try plant("cas.format", "factors.csv", ",7782-50-5,", ",7782-505,")
        try plant("catalog.reference", "factor-limits.csv", "B013,189,", "B013,18999,")
        expect("catalog.unmapped", "limits.csv", try spoiled.replace("limits.csv", "\n189,chemical,", "\n189,chemical,") + 1)
        try plant("catalog.reference", "industries.csv", "谷物种植,group,A01,", "谷物种植,group,A98,")
        try plant("catalog.reference", "divisions.csv", "2010-01-01,110101,", "2010-01-01,199999,")
        try plant("catalog.confidence", "highly-toxic.csv", ",KH,2003-06-10,,misprinted", ",sure,2003-06-10,,misprinted")
        try plant("catalog.number", "size-classes.csv", ",20000,500,50,", ",20000,many,50,")
        try plant("catalog.span", "diseases.csv", "2013-12-23,2025-08-01", "2025-12-23,2025-08-01")
        try plant("catalog.choice", "construction-risk.csv", ",severe,", ",awful,")
        try plant("catalog.no-flaw", "factors.csv", ",7440-31-5,,", ",7440-31-5,7440-31-5,")
        let parameter = "{value: 12, from: '2021-02-01', until: null, clause: 第二十条, source"
        try plant("catalog.gap", "parameters.yaml", parameter, parameter.replacing("2021-02-01", with: "2021-03-01"))
        let twice = "C015,又一项,,physical,,,,2015,2015-11-17,,,x,V2"
        expect("catalog.twice", "factors.csv", try spoiled.append("factors.csv", twice))
        func edition(_ key: String, from: String) -> String {
            "\(key),chemical,氨,Ammonia,,7664-41-7,,20,30,,mg/m3,,,,,,,,,GBZ 2.1-2019/XG2,表1,x,V,\(from),,,"
        }
        expect("catalog.overlap", "limits.csv", try spoiled.append("limits.csv", edition("2", from: "2026-01-01")))
        // when
        let check = CatalogCheck(folder: spoiled.folder)
        // then
        let told = Set(check.problems.map { "\($0.code) \($0.details["file"] ?? "") \($0.row ?? 0)" })
        for fault in expected.sorted() { #expect(told.contains(fault)) }
        // The limit that lost its factor is found through the reference, and nothing else is reported.
        for problem in told.subtracting(expected).sorted() { Issue.record("not planted: \(problem)") }
        #expect(!check.isSound)
        let wrong = Set(check.counts.filter { !$0.isRight }.map(\.name.en))
        #expect(wrong.contains("Hazard factors (2015)") && wrong.contains("  physical agents"))
        #expect(wrong.contains("Limits added by Amendment No. 2"))
    }

    @Test("A missing column, a cell too few, a file too few, broken YAML: told, and nothing is loaded from them")
    func unreadable() throws {
        let spoiled = try SpoiledData()
        defer { spoiled.remove() }
        try spoiled.replace("limits.csv", ",confidence,", ",trust,")
        let short = try spoiled.replace("penalties.csv", ",V,2018-12-29,", ",V,2018-12-29")
        try FileManager.default.removeItem(at: spoiled.standards.appendingPathComponent("highly-toxic.csv"))
        let broken = try spoiled.replace("expected.yaml", "counts:", "counts: [")
        let check = CatalogCheck(folder: spoiled.folder)
        let told = Set(check.problems.map { "\($0.code) \($0.details["file"] ?? "") \($0.row ?? 0) \($0.details["value"] ?? "")" })
        #expect(told.contains("catalog.column limits.csv 1 confidence"))
        #expect(told.contains("catalog.columns penalties.csv \(short) 20"))
        #expect(told.contains("catalog.file  0 highly-toxic.csv"))
        #expect(told.contains { $0.hasPrefix("catalog.yaml expected.yaml") } && broken > 1)
        #expect(throws: Refusal("catalog.column", row: 1, field: "confidence", ["file": "limits.csv", "value": "confidence"])) {
            try ExposureLimits(standards: spoiled.standards)
        }
        #expect(throws: (any Error).self) { try Catalog(folder: spoiled.folder) }
    }

    @Test("No folder is one fault, not a sound catalogue")
    func nothing() {
        let check = CatalogCheck(folder: URL(fileURLWithPath: "/nowhere"))
        #expect(!check.isSound && check.problems.map(\.code).contains("catalog.file"))
    }

    @Test("Two catalogues of the same files have one digest; one changed cell makes another")
    func digest() throws {
        let spoiled = try SpoiledData()
        defer { spoiled.remove() }
        #expect(try Catalog(folder: spoiled.folder).digest == catalog.digest)
        try spoiled.replace("limits.csv", "眼和上呼吸道刺激", "眼刺激")
        #expect(try Catalog(folder: spoiled.folder).digest != catalog.digest)
    }
}
