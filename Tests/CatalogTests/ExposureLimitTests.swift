import Catalog
import Foundation
import Kernel
import TestKit
import Testing

/// The repository's Data folder.
let data = Repository.data
let standards = Repository.standards
func day(_ text: String) -> Day { Day(text)! }

@Suite("Exposure limits")
struct ExposureLimitTests {
    let limits = try! ExposureLimits(standards: standards)

    @Test("A day before the first edition to hand has no limits")
    func before() {
        #expect(limits.firstDay == day("2020-04-01"))
        #expect(limits.limits(on: day("2020-03-31")).isEmpty)
        #expect(limits.limit("12", on: day("2020-03-31")) == nil)
    }

    @Test("Benzene: 6 and 10, then 3 and 6 by Amendment No. 1, whose first day is not verified")
    func benzene() throws {
        let early = try #require(limits.limit("12", on: day("2022-10-31")))
        #expect((early.twa, early.stel) == (6, 10))
        #expect(limits.alternative(to: early, on: day("2022-10-31")) == nil)
        let late = try #require(limits.limit("12", on: day("2022-11-01")))
        #expect((late.twa, late.stel) == (3, 6))
        #expect(late.isDateUnverified && late.provenance.edition == "GBZ 2.1-2019/XG1" && late.provenance.confidence == .secondary)
        #expect(limits.alternative(to: late, on: day("2022-11-01"))?.twa == 6)
    }

    @Test("A settled first day ends the doubt: one edition before it, one from it")
    func settled() throws {
        let limits = try ExposureLimits(standards: standards, settled: ["GBZ 2.1-2019/XG1": day("2023-05-01")])
        #expect(limits.limit("12", on: day("2023-04-30"))?.twa == 6)
        let late = try #require(limits.limit("12", on: day("2023-05-01")))
        #expect(late.twa == 3 && !late.isDateUnverified)
        #expect(limits.alternative(to: late, on: day("2023-05-01")) == nil)
        #expect(limits.editions(of: "12").map(\.provenance.force.until) == [day("2023-05-01"), .distantFuture])
    }

    @Test("Acetochlor is limited from 2025-05-01 by Amendment No. 2")
    func acetochlor() {
        #expect(limits.limit("359", on: day("2025-04-30")) == nil)
        #expect(limits.limit("359", on: day("2025-05-01"))?.twa == 0.12)
    }

    @Test("By number, by name in either language, by alias, whatever the width of its letters")
    func lookUps() throws {
        let today = day("2026-11-21")
        func keys(_ name: String) -> [String] { limits.limits(named: name, on: today).map(\.key) }
        #expect(limits.limits(cas: try CASNumber("7439-92-1"), on: today).map(\.key) == ["224a", "224b"])
        #expect(limits.limits(cas: try CASNumber("64-17-5"), on: today).isEmpty)
        #expect(keys("光气") == ["278"] && keys("benzene") == ["12"] && keys("铅烟") == ["224b"])
        #expect(keys("矽尘") == ["D40a", "D40b", "D40c"])
        #expect(keys("二甲苯(全部异构体)") == ["69"] && keys("ＴＤＩ") == ["105"])
        #expect(keys("无此物质").isEmpty)
    }

    @Test(
        "Bands of free silica meet without gap or overlap",
        arguments: [(0, "D49"), (9.9, "D49"), (10, "D40a"), (50, "D40a"), (50.1, "D40b"), (80, "D40b"), (80.1, "D40c"), (100, "D40c")])
    func silica(percent: Double, key: String) {
        let hits = limits.all.filter { ["D49", "D40a", "D40b", "D40c"].contains($0.key) && $0.silica!.contains(percent) }
        #expect(hits.map(\.key) == [key])
    }

    @Test("An edition change moves exactly the days after it")
    func editions() {
        for limit in limits.all {
            let first = limit.provenance.force.from
            #expect(limits.limit(limit.key, on: first - 1) != limit)
            #expect(limits.limit(limit.key, on: first) == limit)
        }
        for (change, keys) in [("2022-11-01", ["12"]), ("2025-05-01", ["359"])] {
            let before = Set(limits.limits(on: day(change) - 1))
            let after = Set(limits.limits(on: day(change)))
            #expect(Set(after.subtracting(before).map(\.key)) == Set(keys))
        }
    }

    @Test(
        "Values as printed",
        arguments: [
            Printed("2", twa: 20, stel: 30), Printed("7", mac: 12), Printed("313b", mac: 20), Printed("115", twa: 0.01, stel: 0.03),
            Printed("B1", mac: 6e7), Printed("B2", twa: 15, stel: 30), Printed("D23", twa: 4, respirable: 2.5),
        ])
    func values(printed: Printed) {
        let limit = limits.limit(printed.key, on: day("2026-11-21"))
        #expect(limit?.mac == printed.mac && limit?.twa == printed.twa)
        #expect(limit?.stel == printed.stel && limit?.respirable == printed.respirable)
    }
}

struct Printed: Sendable {
    let key: String
    let mac, twa, stel, respirable: Double?
    init(_ key: String, mac: Double? = nil, twa: Double? = nil, stel: Double? = nil, respirable: Double? = nil) {
        (self.key, self.mac, self.twa, self.stel, self.respirable) = (key, mac, twa, stel, respirable)
    }
}
