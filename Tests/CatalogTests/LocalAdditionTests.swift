import Foundation
import Kernel
import Testing

@testable import Catalog

@Suite("Emerging factors")
struct LocalAdditionTests {
    static let good = """
        division: '330400'
        factors:
          - code: L330400-001
            zh: 新型清洗剂
            en: New cleaning agent
            category: chemical
            cas: 71-43-2
            first_seen: {day: 2026-03-02, place: '330402', source: 某企业摸底 2026-03-02}
            limit: {twa: 1.5, unit: mg/m3, source: 市卫健委 2026年第1号, confidence: own, from: 2026-04-01}
        in_force:
          GBZ 2.1-2019/XG1: 2023-05-01
        """

    /// Reads files of the folder `local`, by name.
    private func read(_ files: [String: String]) throws -> [LocalAdditions] {
        let home = FileManager.default.temporaryDirectory.appendingPathComponent("local-" + UUID().uuidString)
        defer { try? FileManager.default.removeItem(at: home) }
        let folder = home.appendingPathComponent("local")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        for (name, text) in files { try text.write(to: folder.appendingPathComponent(name), atomically: true, encoding: .utf8) }
        return try LocalAdditions.read(home)
    }

    @Test("An emerging factor stands in the factor table with its group, its sighting and its own limit")
    func whole() throws {
        let spoiled = try SpoiledData()
        defer { spoiled.remove() }
        let folder = spoiled.standards.appendingPathComponent("local")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try Self.good.write(to: folder.appendingPathComponent("330400.yaml"), atomically: true, encoding: .utf8)
        let catalog = try Catalog(folder: spoiled.folder)
        let entry = try #require(catalog.tables["factor"]?["L330400-001"])
        #expect(entry.isEmerging && entry.group == "chemical" && entry.zh == "新型清洗剂" && entry.en == "New cleaning agent")
        #expect(catalog.tables["factor"]?["B028"]?.isEmerging == false)
        #expect(catalog.factors.emerging.map(\.code) == ["L330400-001"])
        #expect(catalog.factors["L330400-001"]?.sighting == .init(day: day("2026-03-02"), place: "330402", source: "某企业摸底 2026-03-02"))
        #expect(catalog.limits(ofFactor: "L330400-001", on: day("2026-03-31")).isEmpty)
        let limit = try #require(catalog.limits(ofFactor: "L330400-001", on: day("2026-04-01")).first)
        #expect(limit.twa == 1.5 && limit.provenance.edition == "local 330400" && limit.provenance.confidence == .own)
        // The same file settles the first day of Amendment No. 1.
        #expect(catalog.limits.limit("12", on: day("2023-04-30"))?.twa == 6)
        #expect(catalog.limits.limit("12", on: day("2023-05-01"))?.isDateUnverified == false)
        #expect(catalog.biologicalLimits.limits(on: day("2023-04-30")).allSatisfy { $0.provenance.edition == "GBZ 2.1-2019" })
        #expect(CatalogCheck(folder: spoiled.folder).problems.isEmpty)
    }

    @Test("No folder, no additions")
    func none() throws { #expect(try LocalAdditions.read(URL(fileURLWithPath: "/nowhere")).isEmpty) }

    @Test(
        "Bad additions are refused with file, row and field",
        arguments: [
            ("L330400-001\n", "B028\n", "catalog.local-code", "code"),
            ("category: chemical", "category: gas", "catalog.choice", "category"),
            ("    first_seen: {day: 2026-03-02, place: '330402', source: 某企业摸底 2026-03-02}\n", "", "catalog.sighting", "first_seen"),
            ("{day: 2026-03-02, ", "{", "catalog.sighting", "first_seen.day"),
            ("place: '330402', ", "", "catalog.sighting", "first_seen.place"),
            (", source: 某企业摸底 2026-03-02", "", "catalog.sighting", "first_seen.source"),
            ("day: 2026-03-02", "day: 2026-02-30", "catalog.day", "day"), ("71-43-2", "71-43-3", "cas.check", "cas"),
            ("twa: 1.5", "twa: -1", "catalog.number", "twa"), ("twa: 1.5, ", "", "catalog.empty", "twa"),
            ("confidence: own", "confidence: certain", "catalog.confidence", "confidence"), ("zh: 新型清洗剂", "zh: ''", "catalog.empty", "zh"),
            ("from: 2026-04-01", "from: 2026-04-01, until: 2026-04-01", "catalog.span", "until"),
            ("    category:", "    colour: red\n    category:", "catalog.key", "colour"),
            ("division: '330400'", "division: '330500'", "catalog.local-division", "division"),
            ("GBZ 2.1-2019/XG1: 2023-05-01", "GBZ 2.1-2019/XG1: soon", "catalog.day", "GBZ 2.1-2019/XG1"),
            ("factors:", "factors: [", "catalog.yaml", nil),
        ] as [(String, String, String, String?)])
    func bad(old: String, new: String, code: String, field: String?) throws {
        try #require(Self.good.contains(old))
        let refusal = #expect(throws: Refusal.self) { try read(["330400.yaml": Self.good.replacing(old, with: new, maxReplacements: 1)]) }
        #expect(refusal?.code == code && refusal?.field == field)
        #expect(refusal?.details["file"]?.hasSuffix("330400.yaml") == true)
        #expect(refusal?.row != nil)
    }

    @Test("A code stands once, and two files settle one day alike")
    func clashes() throws {
        let second = Self.good.replacing("330400", with: "330500")
        let both = try read(["330400.yaml": Self.good, "330500.yaml": second])
        #expect(both.count == 2)
        #expect(try LocalAdditions.settled(both) == ["GBZ 2.1-2019/XG1": day("2023-05-01")])
        let other = try read(["330400.yaml": Self.good, "330500.yaml": second.replacing("2023-05-01", with: "2023-06-01")])
        #expect(throws: Refusal.self) { try LocalAdditions.settled(other) }
        let lines = Self.good.split(separator: "\n", omittingEmptySubsequences: false)
        let entry = lines[2..<9].joined(separator: "\n")
        let doubled = (lines[..<9] + [Substring(entry)] + lines[9...]).joined(separator: "\n")
        let refusal = #expect(throws: Refusal.self) { try read(["330400.yaml": doubled]) }
        #expect(refusal?.code == "catalog.twice" && refusal?.details["value"] == "L330400-001")
    }
}
