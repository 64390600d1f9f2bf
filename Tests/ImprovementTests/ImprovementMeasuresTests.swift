import Catalog
import Improvement
import Kernel
import Ledger
import Registry
import TestKit
import Testing

/// Special treatment and enterprises with titles, with small files whose counts are worked out by hand.
@Suite struct ImprovementMeasuresTests {
    private func answer(
        _ name: String, _ records: [Record], on day: String, with overrides: [String: String] = [:], in place: String = "330400",
        features: [Feature] = []
    ) throws -> Hand.Answer {
        let measure = try #require(Improvement.feature.measures.first { $0.name == name })
        return Hand([Improvement.feature] + features).count(measure, records, on: day, with: overrides, in: place)
    }
    private func employer(_ id: String, _ cells: [String: String] = [:]) -> Record {
        Hand.record(Employer.kind, id, ["name": id, "division": "330402"].merging(cells) { $1 })
    }
    private func change(_ id: String, of employer: String, _ day: String, _ cells: [String: String]) -> Record {
        Hand.record(EmployerChange.kind, id, ["employer": employer, "day": day].merging(cells) { $1 })
    }

    /// All exceeded on 2021-03-10, which counts for 36 months. E1 manufacturing with 10 people, in the ledger from 2021-06-01 until
    /// 2022-06-01; E2 with 9: out; E3 of blank headcount; E4 of blank industry; E5 trade of blank headcount: out; E6 closed 2021-08-01.
    @Test func campaignScope() throws {
        let span = Span(try #require(Day("2021-03-10")), try #require(Day("2024-03-10")))
        let exposure = Feature(
            "Stub", kinds: [],
            findings: [
                FindingRule("exposure.exceedance", in: Employer.kind) { _, _ in [Finding(span, record: "T1", code: "A001")] }
            ])
        let records = [
            employer("E1", ["industry": "C17", "headcount": "10"]), employer("E2", ["industry": "C17", "headcount": "9"]),
            employer("E3", ["industry": "B06"]), employer("E4", ["headcount": "50"]), employer("E5", ["industry": "F51"]),
            employer("E6", ["industry": "D44", "headcount": "100"]), change("C6", of: "E6", "2021-08-01", ["closed": "1"]),
            Hand.record(LedgerEntry.kind, "L1", ["employer": "E1", "from": "2021-06-01", "until": "2022-06-01"]),
            Hand.record(LedgerEntry.kind, "L3", ["employer": "E3", "from": "2021-06-01"]),
        ]
        func ask(_ day: String) throws -> Hand.Answer { try answer("campaign_scope_coverage", records, on: day, features: [exposure]) }
        #expect(try ask("2021-03-09").columns == [0, 0, 0])
        #expect(try ask("2021-03-10").columns == [0, 2, 2])
        #expect(try ask("2021-05-31").columns == [0, 2, 2])
        let entered = try ask("2021-06-01")
        #expect(entered.columns == [1, 1, 2])
        #expect(entered.subjects(.met) == ["E1"] && entered.subjects(.unmet) == ["E6"] && entered.subjects(.unknown) == ["E3", "E4"])
        #expect(entered.stretches.map(\.reason).sorted() == ["", "headcount.unknown", "industry.unknown", "ledger.missing"])
        #expect(try ask("2021-08-01").columns == [1, 0, 2])
        #expect(try ask("2022-05-31").columns == [1, 0, 2])
        #expect(try ask("2022-06-01").columns == [0, 1, 2])
        #expect(try ask("2024-03-10").columns == [0, 0, 0])
        #expect(Figure(.rate, try ask("2024-03-10").count).state == .notApplicable)
        // A plan that asks from 9 people takes E2 in.
        #expect(
            try answer("campaign_scope_coverage", records, on: "2021-06-01", with: ["campaign.min_headcount": "9"], features: [exposure])
                .columns == [1, 2, 2])
    }

    /// 2021: mining by the city and by one of its counties (one item), welding by the county; 2022: one; another city's counts there.
    @Test func selections() throws {
        func selection(_ id: String, _ division: String, _ year: String, _ item: String) -> Record {
            Hand.record(Selection.kind, id, ["division": division, "year": year, "item": item])
        }
        let records = [
            selection("S1", "330400", "2021", "矿山"), selection("S2", "330402", "2021", "矿山"), selection("S3", "330402", "2021", "电焊烟尘"),
            selection("S4", "330402", "2022", "矿山"), selection("S5", "330502", "2021", "噪声"),
        ]
        func value(_ day: String, _ place: String = "330400") throws -> Double? {
            Figure(.count, try answer("campaign_selections", records, on: day, in: place).count).value
        }
        #expect(try value("2020-12-31") == 0)
        #expect(try value("2021-01-01") == 2)
        #expect(try value("2021-12-31") == 2)
        #expect(try value("2022-01-01") == 1)
        #expect(try value("2021-06-01", "330402") == 2)
        #expect(try value("2021-06-01", "330411") == 0)
    }

    /// E1 applies twice in 2021, E2 (closed since) once: 2 employers from 2021-09-01, none in 2022.
    @Test func applications() throws {
        let records = [
            employer("E1"), employer("E2", ["until": "2021-10-01"]),
            Hand.record(Application.kind, "A1", ["employer": "E1", "day": "2021-05-01"]),
            Hand.record(Application.kind, "A2", ["employer": "E1", "day": "2021-08-01"]),
            Hand.record(Application.kind, "A3", ["employer": "E2", "day": "2021-09-01"]),
        ]
        func value(_ day: String) throws -> Double? { Figure(.count, try answer("healthy_applications", records, on: day).count).value }
        #expect(try value("2021-04-30") == 0)
        #expect(try value("2021-05-01") == 1)
        #expect(try value("2021-08-31") == 1)
        #expect(try value("2021-09-01") == 2)
        #expect(try value("2021-12-31") == 2)
        #expect(try value("2022-01-01") == 0)
        let merged = records + [Hand.record(Merge.kind, "M1", ["employer_kept": "E1", "employer_dropped": "E2", "reason": "同一单位"])]
        #expect(Figure(.count, try answer("healthy_applications", merged, on: "2021-09-01").count).value == 1)
    }

    /// E1 holds the title twice over, E2 a demonstration title only; E1 moves out of the city on 2022-03-01.
    @Test func healthyEnterprises() throws {
        let records = [
            employer("E1"), employer("E2"),
            Hand.record(Title.kind, "T1", ["employer": "E1", "type": "healthy", "from": "2021-05-01", "until": "2023-05-01"]),
            Hand.record(Title.kind, "T2", ["employer": "E1", "type": "healthy", "from": "2021-06-01"]),
            Hand.record(Title.kind, "T3", ["employer": "E2", "type": "demonstration", "from": "2021-05-01"]),
            change("C1", of: "E1", "2022-03-01", ["division": "330502"]),
        ]
        func value(_ day: String) throws -> Double? { Figure(.count, try answer("healthy_total", records, on: day).count).value }
        #expect(try value("2021-04-30") == 0)
        #expect(try value("2021-05-01") == 1)
        #expect(try value("2021-06-01") == 1)
        #expect(try value("2022-02-28") == 1)
        #expect(try value("2022-03-01") == 0)
    }

    /// E1 in a township of 330402 moves to 330411 on 2022-01-01 and counts for its county of the day; E2 counts for the city's own level.
    @Test func demonstrations() throws {
        let records = [
            employer("E1", ["township": "330402001"]), employer("E2"),
            Hand.record(Title.kind, "T1", ["employer": "E1", "type": "demonstration", "from": "2021-05-01"]),
            Hand.record(
                Title.kind, "T2",
                ["employer": "E2", "type": "demonstration", "unit": "330400", "from": "2021-05-01", "until": "2021-07-01"]),
            change("C1", of: "E1", "2022-01-01", ["division": "330411"]),
        ]
        func units(_ day: String) throws -> [String] {
            try answer("demo_enterprises", records, on: day).stretches.map { "\($0.subject) \($0.division) \($0.numerator / 1_000_000)" }
                .sorted()
        }
        #expect(try units("2021-04-30") == [])
        #expect(try units("2021-05-01") == ["E1|330402 330402 1", "E2|330400 330400 1"])
        #expect(try units("2021-06-30") == ["E1|330402 330402 1", "E2|330400 330400 1"])
        #expect(try units("2021-07-01") == ["E1|330402 330402 1"])
        #expect(try units("2021-12-31") == ["E1|330402 330402 1"])
        #expect(try units("2022-01-01") == ["E1|330411 330411 1"])
        // A county that is merged into another on 2023-01-01 takes its enterprises along.
        let merged =
            records + [
                Hand.record(Division.kind, "V1", ["division": "330411", "name": "秀洲区", "until": "2023-01-01", "successor": "330421"])
            ]
        #expect(try answer("demo_enterprises", merged, on: "2022-12-31").stretches.map(\.division) == ["330411"])
        #expect(try answer("demo_enterprises", merged, on: "2023-01-01").stretches.map(\.division) == ["330421"])
    }

    /// What other rooms read: the days in the ledger.
    @Test func inCampaign() throws {
        let rules = Dictionary(uniqueKeysWithValues: Improvement.feature.findings.map { ($0.name, $0) })
        let records = [
            employer("E1"), Hand.record(LedgerEntry.kind, "L1", ["employer": "E1", "from": "2021-06-01", "until": "2022-06-01"]),
        ]
        let file = try #require(Book(records, divisions: Hand.catalog.divisions, findings: rules).file("E1"))
        let found = file.findings("improvement.in-campaign", Terms(catalog: Hand.catalog))
        #expect(found.map(\.record) == ["L1"])
        #expect(found.map(\.span) == [Span(try #require(Day("2021-06-01")), try #require(Day("2022-06-01")))])
    }
}

extension Hand.Answer {
    /// [met, unmet, unknown]
    fileprivate var columns: [Int] { [count.met, count.unmet, count.unknown] }
}
