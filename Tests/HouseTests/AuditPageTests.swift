import Foundation
import Kernel
import Storage
import TestKit
import Testing
import Web

@testable import House
@testable import Ledger

/// The page of the audit for whoever reads it, and its heads for everybody.
@Suite struct AuditPageTests {
    @Test(arguments: Stores.kinds) func linesAreFound(_ kind: Dialect) async throws {
        let visitor = try await Visitor.open(kind)
        let auditor = try await visitor.guest("auditor", .audit)
        let ids = try await visitor.store(
            "employer", (1...130).map { ["code": "E\($0)", "name": "第\($0)厂", "division": $0 % 2 == 0 ? "450204" : "450203"] })
        let page = await visitor.get("/audit", as: auditor)
        #expect(page.status == 200 && page.text.contains("完整") && page.text.contains("审计日志"))
        let next = try #require(page.text.firstMatch(of: /href="([^"]+)" rel="next"/)).1
        let second = await visitor.get(String(next), as: auditor)
        #expect(second.status == 200 && second.text.contains("101–"))
        // Every line once, over all pages.
        let all = try await visitor.auditLines()
        var seen = 0
        var address: String? = "/audit"
        while let path = address {
            let answer = await visitor.get(path, as: auditor)
            seen += answer.body.components(separatedBy: "<tr").count - 2
            address = answer.text.firstMatch(of: /href="([^"]+)" rel="next"/).map { String($0.1) }
        }
        #expect(seen == all)

        func total(_ query: String) async throws -> Int {
            let answer = await visitor.get("/audit?\(query)", as: auditor)
            let text = try #require(answer.text.firstMatch(of: /行数：\s*([0-9,]+)/)).1
            return try #require(Int(text.replacing(",", with: "")))
        }
        #expect(try await total("q=\(ids[3])") == 1)
        #expect(try await total("door=test") == 130)
        #expect(try await total("door=test&home=450203") == 65)
        #expect(try await total("person=zhifang&door=account") == 1)
        #expect(try await total("person=nobody") == 0)
        #expect(try await total("from=2022-06-30&until=2022-06-30") == all)
        #expect(try await total("from=2022-07-01") == 0)
        #expect(await visitor.get("/audit?from=%E5%9D%8F", as: auditor).status == 422)
        let english = await visitor.get("/audit?lang=en", as: auditor)
        #expect(english.text.contains("Verify now") && !english.text.contains("核验"))
    }

    @Test func onlyTheAuditorReadsAndTamperingIsTold() async throws {
        let visitor = try await Visitor.open()
        let auditor = try await visitor.guest("auditor", .audit)
        try await visitor.store("employer", [["code": "A", "name": "甲厂", "division": "450204"]])
        for (name, role) in [("o", Person.Role.officer), ("s", .system), ("v", .viewer)] {
            let guest = try await visitor.guest(name, role, division: role == .system ? "" : "450204")
            #expect(await visitor.get("/audit", as: guest).status == 403)
            #expect(await visitor.post("/audit/verification", as: guest).status == 403)
        }
        #expect(await visitor.get("/audit").status == 303)
        _ = try await visitor.house.ledger.publishHead()
        #expect(await visitor.post("/audit/verification", as: auditor, csrf: false).status == 403)
        #expect(await visitor.post("/audit/verification", as: auditor).status == 303)
        try await visitor.house.ledger.store.write { try $0.script("DELETE FROM audit WHERE home = '450204'") }
        let broken = await visitor.get("/audit", as: auditor)
        #expect(broken.text.contains("450204 的全部记录被删去（第 1 号链首载有）") && broken.text.contains("被改动"))
    }

    /// Anybody may take the heads and hold them against the house: what is published verifies by itself.
    @Test func headsAreForEverybody() async throws {
        let visitor = try await Visitor.open()
        #expect(await visitor.get("/audit/heads").text.contains("尚未公布"))
        for number in 1...3 {
            try await visitor.store("employer", [["code": "A\(number)", "name": "甲厂", "division": "450204"]])
            _ = try await visitor.house.ledger.publishHead()
        }
        let page = await visitor.get("/audit/heads?lang=en")
        #expect(page.status == 200 && page.text.contains("Heads of the audit"))
        let answer = await visitor.get("/api/audit/heads")
        let heads = try AuditHead.read(answer.body)
        #expect(heads.map(\.number) == [1, 2, 3])
        let key = try #require(visitor.house.ledger.keys.publicKeys.first)
        #expect(page.text.contains(key) && AuditHead.flaws(heads, publicKeys: [key]) == [])
        #expect(try AuditHead.read(await visitor.get("/api/audit/heads?after=2").body).map(\.number) == [3])
        let last = try #require(heads.last)
        #expect(try await visitor.house.ledger.checkAudit(heads: [last], publicKeys: [key]).isWhole)
    }
}
