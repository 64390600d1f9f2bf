import Catalog
import Foundation
import Kernel
import Testing

/// The repository's own tables, read once.
let catalog = try! Catalog(folder: data)

@Suite("Tables of the standards")
struct StandardsTests {
    let today = day("2026-11-21")

    @Test("Factors are judged by their limits of the day; a factor without one says why")
    func factorLimits() {
        func keys(_ factor: String, _ on: Day) -> [String] { catalog.limits(ofFactor: factor, on: on).map(\.key) }
        #expect(keys("B001", today) == ["224a", "224b"])
        #expect(keys("A001", today) == ["D40a", "D40b", "D40c"])
        #expect(keys("B028", today) == ["12"] && keys("B028", day("2019-01-01")) == [])
        #expect(keys("C001", today).isEmpty)
        #expect(catalog.factorLimits.links(ofFactor: "C001").map(\.how) == [.none])
        for factor in catalog.factors.all { #expect(!catalog.factorLimits.links(ofFactor: factor.code).isEmpty) }
        for limit in catalog.limits.all { #expect(!catalog.factorLimits.links(ofLimit: limit.key).isEmpty) }
    }

    @Test("A disease is valid by the list of the day of diagnosis")
    func diseases() {
        let (before, after) = (day("2025-07-31"), day("2025-08-01"))
        #expect(catalog.diseases.list(on: before).count == 132 && catalog.diseases.list(on: after).count == 135)
        #expect(catalog.diseases.list(on: day("2013-12-22")).isEmpty)
        #expect(catalog.diseases.flaw("D001", diagnosedOn: before) == nil && catalog.diseases.flaw("D001", diagnosedOn: after) == nil)
        #expect(catalog.diseases.flaw("D131", diagnosedOn: before)?.code == "disease.other-list")
        #expect(catalog.diseases.flaw("D131", diagnosedOn: after) == nil)
        #expect(catalog.diseases.flaw("X046", diagnosedOn: after)?.code == "disease.other-code")
        #expect(catalog.diseases.flaw("X046", diagnosedOn: after)?.details["expected"] == "D113")
        #expect(catalog.diseases.flaw("D112", diagnosedOn: before)?.details["expected"] == "X031")
        #expect(catalog.diseases.flaw("D001", diagnosedOn: day("2010-01-01"))?.code == "disease.no-list")
        #expect(catalog.diseases.flaw("Z9", diagnosedOn: after)?.code == "code.unknown")
        // The net change of three: one class of two diseases moved or new, one new, two moved between classes, cataract split.
        #expect(catalog.diseases["D132"]?.listing(edition: "2013")?.category == "其他职业病")
        #expect(catalog.diseases["D132"]?.listing(edition: "2024")?.category == "职业性肌肉骨骼疾病")
    }

    @Test("Size: the highest class of which every quantity reaches the bound; one in the lowest suffices for micro")
    func sizes() throws {
        func size(_ industry: String, _ workers: Double?, _ revenue: Double?, _ assets: Double? = nil) throws -> String {
            try catalog.sizeClasses.size(industry: industry, workers: workers, revenue: revenue, assets: assets, on: today)
        }
        #expect(try size("C2611", 1000, 40_000) == "large")
        #expect(try size("C2611", 1000, 39_999) == "medium")
        #expect(try size("C2611", 299, 40_000) == "small")
        #expect(try size("C2611", 19, 40_000) == "micro")
        #expect(try size("C2611", 19, nil) == "micro")
        #expect(try size("E4710", nil, 80_000, 79_999) == "medium")
        #expect(throws: Refusal("size.missing", field: "revenue", ["value": "C2611"])) { try size("C2611", 1000, nil) }
        #expect(throws: Refusal("size.industry", ["value": "Q8411"])) { try size("Q8411", 10, 10) }
        #expect(throws: Refusal("size.negative", field: "workers", ["value": "-1.0"])) { try size("C2611", -1, 10) }
    }

    @Test("Severity by industry: by group, its classes, its parts; an industry not listed has none")
    func construction() {
        func severities(_ industry: String) -> [String] {
            catalog.constructionRisks.entries(industry: industry, on: today).map(\.severity.rawValue)
        }
        #expect(severities("C2611") == ["severe"] && severities("C131") == ["general"])
        #expect(severities("D4411") == ["general", "severe"])
        #expect(severities("J6611").isEmpty)
        #expect(catalog.constructionRisks.entries(industry: "C1951", on: today).first?.hasSolventException == true)
        #expect(catalog.constructionRisks.entries(industry: "C2611", on: day("2020-01-01")).isEmpty)
    }

    @Test("Highly toxic: certain where the list names the whole factor, unknown where a part of it")
    func highlyToxic() throws {
        #expect(catalog.highlyToxic.isHighlyToxic(factor: "B028") == .yes)
        #expect(catalog.highlyToxic.isHighlyToxic(factor: "B002") == .unknown)
        #expect(catalog.highlyToxic.isHighlyToxic(factor: "B029") == .no)
        #expect(catalog.highlyToxic.items(cas: try CASNumber("71-43-2")).map(\.number) == [4])
    }

    @Test("Fines in yuan as the law has them")
    func penalties() {
        func fine(_ article: Int, _ item: String = "") -> [String] {
            catalog.penalties.filter { $0.article == article && $0.item == item }.map {
                "\($0.when.rawValue) \($0.minimum ?? -1)-\($0.maximum ?? -1) \($0.leastMultiple ?? -1)-\($0.mostMultiple ?? -1)"
            }
        }
        #expect(fine(71, "一") == ["may 50000.0-100000.0 -1.0--1.0"])
        #expect(fine(72, "一") == ["overdue 50000.0-200000.0 -1.0--1.0"])
        #expect(fine(70, "一") == ["overdue 0.0-100000.0 -1.0--1.0"])
        #expect(fine(74) == ["may 0.0-10000.0 -1.0--1.0", "must 20000.0-50000.0 -1.0--1.0"])
        #expect(fine(75, "八") == ["must 50000.0-300000.0 -1.0--1.0"])
        #expect(fine(77) == ["must 100000.0-500000.0 -1.0--1.0"])
        #expect(fine(79) == ["must -1.0--1.0 2.0-10.0", "must 5000.0-50000.0 -1.0--1.0"])
    }

    @Test("Biological limits: every printed unit, and whether low is the finding")
    func biological() throws {
        let benzene = catalog.biologicalLimits.limits(ofFactor: "B028", on: today)
        #expect(benzene.first?.values == [.init(47, "μmol/mol Cr"), .init(100, "μg/g Cr")])
        #expect(catalog.biologicalLimits.limits(ofFactor: "B050", on: today).allSatisfy { $0.isMinimum })
        #expect(catalog.biologicalLimits.limits(on: day("2020-03-31")).isEmpty)
        let tin = catalog.biologicalLimits.limits(ofFactor: "B026", on: today)
        #expect(tin.count == 2 && tin.allSatisfy { $0.isDateUnverified })
    }

    @Test("An instrument is in force from its day; without a verified day that is unknown")
    func instruments() throws {
        let surveillance = try #require(catalog.instruments["GBZ 188-2014"])
        #expect(surveillance.isInForce(on: day("2026-07-31")) == .yes && surveillance.isInForce(on: day("2026-08-01")) == .no)
        #expect(catalog.instruments.successors(of: "GBZ 188-2014").map(\.code) == ["GBZ 188-2025"])
        let amendment = try #require(catalog.instruments["GBZ 2.1-2019/XG1"])
        #expect(amendment.isInForce(on: day("2022-10-31")) == .no && amendment.isInForce(on: today) == .unknown)
        #expect(catalog.instruments["GBZ 2.1-2007"]?.text == Instrument.Text.none)
    }
}
