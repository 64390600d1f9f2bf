import Foundation
import Kernel
import Ledger
import Storage
import TestKit
import Testing
import Web

@testable import House
@testable import Portal

/// What is published to everybody: figures that tell of nobody, and a home from which nothing leads nowhere.
@Suite struct PublicHomeTests {
    /// What a reader can work out of a published table by adding and subtracting: for each hidden count the least and the most it can be.
    struct Attacker {
        let low, high: Int
        init(total: [Int]?, rows: [[Int]?], row: Int, column: Int) {
            guard let total else {
                (low, high) = (0, .max)
                return
            }
            let rest = total[column] - rows.reduce(0) { $0 + ($1?[column] ?? 0) }
            let hidden = rows.count { $0 == nil }
            (low, high) = (hidden == 1 ? rest : 0, rest)
        }
    }

    /// Generated tables: nothing below the threshold is shown, and no hidden small count can be told.
    @Test func smallCountsAreNeitherShownNorWorkedOut() throws {
        var random = SeededGenerator(seed: 5)
        var (hiding, complementary) = (0, 0)
        for _ in 0..<6000 {
            let threshold = Int.random(in: 1...8, using: &random)
            let columns = Int.random(in: 1...3, using: &random)
            let rows = (0..<Int.random(in: 0...9, using: &random)).map { _ in
                (0..<columns).map { _ in
                    Bool.random(using: &random) ? 0 : Int.random(in: 0...[3, 12, 60].randomElement(using: &random)!, using: &random)
                }
            }
            let total = (0..<columns).map { column in rows.reduce(0) { $0 + $1[column] } }
            let suppression = Suppression(total: total, rows: rows, threshold: threshold)
            func isSmall(_ count: Int) -> Bool { count > 0 && count < threshold }
            #expect(!suppression.total || !total.contains(where: isSmall))
            let shown = zip(rows, suppression.rows).map { $1 ? $0 : nil }
            for (row, counts) in rows.enumerated() {
                if suppression.rows[row] {
                    #expect(!counts.contains(where: isSmall))
                    continue
                }
                for (column, count) in counts.enumerated() where isSmall(count) {
                    let told = Attacker(total: suppression.total ? total : nil, rows: shown, row: row, column: column)
                    #expect(told.low <= count && count <= told.high)
                    #expect(told.high - told.low >= threshold, "\(total) \(rows) below \(threshold): row \(row)")
                }
            }
            let primary = rows.count { $0.contains(where: isSmall) }
            hiding += primary > 0 ? 1 : 0
            complementary += suppression.rows.count { !$0 } > primary ? 1 : 0
        }
        #expect(hiding > 2000 && complementary > 500, "\(hiding) \(complementary)")
    }

    @Test func workedTables() {
        func rows(_ total: [Int], _ rows: [[Int]]) -> [Bool] { Suppression(total: total, rows: rows, threshold: 5).rows }
        // One small row would be the total less the others: the least of them goes with it.
        #expect(rows([60, 0], [[3, 0], [7, 0], [50, 0]]) == [false, false, true])
        // 3 and 1 hidden are 4 together, which would still be told.
        #expect(rows([64, 0], [[3, 0], [1, 0], [10, 0], [50, 0]]) == [false, false, false, true])
        #expect(rows([60, 0], [[10, 0], [50, 0]]) == [true, true])
        // A row of two: whatever is shown of the rest, the total may not stand.
        let alone = Suppression(total: [52], rows: [[2], [50]], threshold: 5)
        #expect(alone.rows == [false, false] && alone.total)
        #expect(!Suppression(total: [3], rows: [[3]], threshold: 5).total)
    }

    static let plan = """
        format: 1
        id: OPEN-2021-2025
        name: {zh: 公开规划, en: Open plan}
        jurisdiction: {code: '330400', level: prefecture, name: {zh: 嘉兴市, en: Jiaxing}}
        period: {start: 2021, end: 2025}
        indicators:
          - {id: O1, measure: declaration_rate, name: {zh: 申报率, en: Declared}, target: {operator: gte, value: 80}}
        """

    /// 40, 3 and 12 employers in three counties; a city officer's page names them, the public page names nobody and hides the three.
    @Test(arguments: Stores.kinds) func thePublicSeesFiguresAndNobody(_ kind: Dialect) async throws {
        let visitor = try await Visitor.open(kind)
        try await visitor.house.add(plan: PublicHomeTests.plan, by: .house)
        var ids: [String] = []
        for (county, number) in [("330402", 40), ("330411", 3), ("330421", 12)] {
            ids += try await visitor.store(
                "employer",
                (0..<number).map {
                    ["name": "金丝雀\(county)第\($0)厂", "division": county, "hazards": "1", "since": "2019-01-01", "contact": "金丝雀某"]
                })
        }
        try await visitor.store(
            "declaration",
            ids.enumerated().filter { $0.offset % 2 == 0 }.map {
                ["employer": $1, "type": "initial", "submitted": "2021-03-01", "accepted": "2021-03-05"]
            })
        #expect(["/public", "/setup"].contains(await visitor.get("/").location))
        for language in Language.allCases {
            var guest = Visitor.Guest.stranger
            guest.language = language
            let home = await visitor.get("/public", as: guest)
            #expect(home.status == 200 && home.text.contains("/public/plans/OPEN-2021-2025") && home.text.contains("/public/draws"))
            let page = await visitor.get("/public/plans/OPEN-2021-2025", as: guest)
            #expect(page.status == 200 && page.text.contains("2022-05-31"))
            for text in [home.text, page.text] {
                #expect(!text.contains("金丝雀"))
                #expect(!text.contains("[[") && !text.contains("{{") && !text.contains("home.") && !text.contains("public.part"))
            }
            // Every way from here leads somewhere.
            for match in home.body.matches(of: /href="(\/[^"#?]*)"/) where !match.1.hasPrefix("/assets") {
                let status = await visitor.get(String(match.1), as: guest).status
                #expect(status == 200 || status == 303, "\(match.1): \(status)")
            }
        }
        let csv = await visitor.get("/public/plans/OPEN-2021-2025/figures.csv")
        #expect(csv.status == 200 && !csv.body.contains("金丝雀"))
        let lines = csv.body.split(whereSeparator: \.isNewline).map {
            $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        }
        let head = lines[0].map { $0.replacingOccurrences(of: "\u{FEFF}", with: "") }
        func cells(_ division: String) throws -> [String: String] {
            let line = try #require(lines.first { $0.contains(division) })
            return Dictionary(zip(head, line), uniquingKeysWith: { first, _ in first })
        }
        let whole = try cells("330400")
        #expect(whole["met"] == "28" && whole["unmet"] == "27" && whole["suppressed"] == "0")
        for small in ["330411", "330421"] {
            let line = try cells(small)
            #expect(line["suppressed"] == "1" && line["met"] == "" && line["unmet"] == "" && line["value"] == "")
        }
        #expect(try cells("330402")["met"] == "20")
        #expect(await visitor.get("/public/plans/NONE").status == 404)
        // No day but the published one can be asked for.
        let other = await visitor.get("/public/plans/OPEN-2021-2025/figures.csv?as_of=2021-02-28")
        #expect(other.body == csv.body)
    }
}
