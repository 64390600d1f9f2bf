import Catalog
import Diagnosis
import Institutions
import Kernel
import Ledger
import Registry
import TestKit
import Testing

/// Counts worked out by hand: [met, unmet, unknown, pending].
@Suite struct DiagnosisMeasuresTests {
    private func answer(
        _ name: String, _ records: [Record], on day: String, unit: String? = nil, with overrides: [String: String] = [:],
        in place: String = "330400"
    ) throws -> Hand.Answer {
        let measure = try #require(Diagnosis.feature.measures.first { $0.name == name })
        return Hand().count(measure, records, on: day, unit: unit, with: overrides, in: place)
    }
    private func four(
        _ name: String, _ records: [Record], on day: String, with overrides: [String: String] = [:], in place: String = "330400"
    ) throws -> [Int] {
        try answer(name, records, on: day, with: overrides, in: place).four
    }
    private let worker = Hand.record(Worker.kind, "W1", ["name": "甲"])

    /// A confirmed case of worker W1 in 330402: D001 矽肺, D032 噪声聋 and so on.
    private func diagnosis(_ id: String, _ day: String, _ disease: String = "D001", _ cells: [String: String] = [:]) -> Record {
        let base = ["worker": "W1", "division": "330402", "day": day, "disease": disease, "confirmed": "1"]
        return Hand.record(Diagnosed.kind, id, base.merging(cells) { $1 })
    }
    private func card(
        _ id: String, of diagnosis: String, _ reported: String, _ cells: [String: String] = ["complete": "1", "accurate": "1"]
    ) -> Record {
        Hand.record(ReportCard.kind, id, ["diagnosis": diagnosis, "reported": reported].merging(cells) { $1 })
    }
    private func exposure(_ id: String, at employer: String = "E1", _ factors: String, _ from: String, _ until: String = "") -> Record {
        let cells = ["worker": "W1", "employer": employer, "factors": factors, "from": from, "until": until]
        return Hand.record(Exposed.kind, id, cells.filter { !$0.value.isEmpty })
    }

    /// Diagnosed on 2020-03-01: due by 16 March, out until it has passed; from 17 March met or unmet, until the year ends.
    @Test func reporting() throws {
        let bare = [worker, diagnosis("D1", "2020-03-01")]
        func rate(_ records: [Record], on day: String) throws -> [Int] { try four("diagnosis_reporting_rate", records, on: day) }
        #expect(try rate(bare, on: "2020-02-29") == [0, 0, 0, 0])
        #expect(try rate(bare, on: "2020-03-01") == [0, 0, 0, 1])
        #expect(try rate(bare, on: "2020-03-16") == [0, 0, 0, 1])
        #expect(try rate(bare, on: "2020-03-17") == [0, 1, 0, 0])
        #expect(try rate(bare, on: "2020-12-31") == [0, 1, 0, 0])
        #expect(try rate(bare, on: "2021-01-01") == [0, 0, 0, 0])
        // On the last day it is in time, a day later not.
        #expect(try rate(bare + [card("C1", of: "D1", "2020-03-16")], on: "2020-03-15") == [0, 0, 0, 1])
        #expect(try rate(bare + [card("C1", of: "D1", "2020-03-16")], on: "2020-03-16") == [1, 0, 0, 0])
        let late = try answer("diagnosis_reporting_rate", bare + [card("C1", of: "D1", "2020-03-17")], on: "2020-03-17")
        #expect(late.four == [0, 1, 0, 0] && late.stretches[0].reason == "card.late")
        let incomplete = try answer(
            "diagnosis_reporting_rate", bare + [card("C1", of: "D1", "2020-03-10", ["complete": "0"])], on: "2020-03-20")
        #expect(incomplete.four == [0, 1, 0, 0] && incomplete.stretches[0].reason == "card.incomplete")
        let open = try answer("diagnosis_reporting_rate", bare + [card("C1", of: "D1", "2020-03-10", [:])], on: "2020-03-20")
        #expect(open.four == [0, 0, 1, 0] && open.stretches[0].reason == "card.completeness-unknown")
        // Not confirmed: none.
        #expect(try rate([worker, diagnosis("D1", "2020-03-01", "D001", ["confirmed": "0"])], on: "2020-06-01") == [0, 0, 0, 0])
        // Elsewhere: none in 330400.
        #expect(try rate([worker, diagnosis("D1", "2020-03-01", "D001", ["division": "330102"])], on: "2020-06-01") == [0, 0, 0, 0])
        let none = try answer("diagnosis_reporting_rate", [worker], on: "2020-06-01")
        #expect(Figure(.rate, none.count).state == .notApplicable)
    }

    /// Institutions: I1 reported one of two in time and is unmet once; the case that names none stands for itself.
    @Test(.enabled(if: Diagnosed.institution.spec.tie == .part)) func reportingByInstitution() throws {
        let records = [
            worker, Hand.record(Institution.kind, "I1", ["name": "职防院", "division": "330402"]),
            diagnosis("D1", "2020-03-01", "D001", ["institution": "I1"]), diagnosis("D2", "2020-03-01", "D001", ["institution": "I1"]),
            diagnosis("D3", "2020-03-01"), card("C1", of: "D1", "2020-03-05"), card("C3", of: "D3", "2020-03-05"),
        ]
        let found = try answer("diagnosis_reporting_rate", records, on: "2020-06-01", unit: "institution")
        #expect(found.four == [1, 1, 0, 0] && found.subjects(.unmet) == ["I1"] && found.subjects(.met) == ["D3"])
    }

    /// 2 + 2 years at two employers are 731 + 731 days of dust = 1462 < 1826; a third stay brings them to five years.
    @Test func dustAtTwoEmployers() throws {
        // 2011-01-01…2012-12-31 has 365 + 366 days, 2015-01-01…2016-12-31 too.
        let reported = [worker, diagnosis("D1", "2020-03-01"), card("C1", of: "D1", "2020-03-10")]
        let twice =
            reported + [
                exposure("X1", "A001", "2011-01-01", "2013-01-01"), exposure("X2", at: "E2", "A002;C001", "2015-01-01", "2017-01-01"),
            ]
        #expect(try four("dust_under5_share", twice, on: "2020-03-09") == [0, 0, 0, 0])
        #expect(try four("dust_under5_share", twice, on: "2020-03-10") == [1, 0, 0, 0])
        #expect(try four("dust_under5_share", twice, on: "2020-12-31") == [1, 0, 0, 0])
        #expect(try four("dust_under5_share", twice, on: "2021-01-01") == [0, 0, 0, 0])
        // 1826 - 1462 = 364 more days: 2018-01-01 until 2018-12-31. One day less is under five years; an overlap adds nothing.
        #expect(
            try four("dust_under5_share", twice + [exposure("X3", "A001", "2018-01-01", "2018-12-31")], on: "2020-06-01") == [0, 1, 0, 0])
        #expect(
            try four("dust_under5_share", twice + [exposure("X3", "A001", "2018-01-01", "2018-12-30")], on: "2020-06-01") == [1, 0, 0, 0])
        #expect(
            try four("dust_under5_share", twice + [exposure("X3", "A001", "2015-06-01", "2016-12-31")], on: "2020-06-01") == [1, 0, 0, 0])
        // Noise is no dust.
        #expect(try four("dust_under5_share", twice + [exposure("X3", "C001", "2000-01-01")], on: "2020-06-01") == [1, 0, 0, 0])
        // The first card counts: one of 2019 puts the case there, though nothing is known of it before the diagnosis.
        #expect(try four("dust_under5_share", twice + [card("C2", of: "D1", "2020-02-01")], on: "2020-02-15") == [0, 0, 0, 0])
        #expect(try four("dust_under5_share", twice + [card("C2", of: "D1", "2020-02-01")], on: "2020-03-01") == [1, 0, 0, 0])
    }

    /// One exposure from 2015-01-01 that goes on; 2019-12-31 is day 1826 of it, so 1825 lie before.
    @Test func fiveYearsToTheDay() throws {
        func share(_ day: String) throws -> [Int] {
            let records = [worker, diagnosis("D1", day), card("C1", of: "D1", day), exposure("X1", "A001", "2015-01-01")]
            return try four("dust_under5_share", records, on: day)
        }
        #expect(try share("2019-12-31") == [1, 0, 0, 0])
        #expect(try share("2020-01-01") == [0, 1, 0, 0])
    }

    /// What is not recorded: no exposure, none with a beginning, one without factors.
    @Test func dustUnknown() throws {
        func share(_ cells: [String: String], _ exposures: [Record]) throws -> [Int] {
            let records = [worker, diagnosis("D1", "2020-03-01", "D001", cells), card("C1", of: "D1", "2020-03-10")]
            return try four("dust_under5_share", records + exposures, on: "2020-06-01")
        }
        #expect(try share([:], []) == [0, 0, 1, 0])
        #expect(try share(["dust_years": "4.9"], []) == [1, 0, 0, 0])
        #expect(try share(["dust_years": "5"], []) == [0, 1, 0, 0])
        // Records go before what was stated.
        #expect(try share(["dust_years": "12"], [exposure("X1", "A001", "2018-01-01")]) == [1, 0, 0, 0])
        #expect(try share([:], [exposure("X1", "A001", "", "2018-01-01")]) == [0, 0, 1, 0])
        #expect(try share([:], [exposure("X1", "A001", "2018-01-01"), exposure("X2", "", "2010-01-01", "2018-01-01")]) == [0, 0, 1, 0])
        // Five years are known: what is not known changes nothing.
        #expect(try share([:], [exposure("X1", "A001", "2010-01-01"), exposure("X2", "", "2010-01-01")]) == [0, 1, 0, 0])
        #expect(try share([:], [exposure("X1", "A001", "2010-01-01"), exposure("X2", "A001", "", "2012-01-01")]) == [0, 1, 0, 0])
    }

    /// Of all diseases: one silicosis under five years, one deafness. 1 of 2; without the option 1 of 1.
    @Test func dustOfAllDiseases() throws {
        let records = [
            worker, diagnosis("D1", "2020-03-01", "D001", ["dust_years": "2"]), card("C1", of: "D1", "2020-03-10"),
            diagnosis("D2", "2020-03-01", "D032"),
            card("C2", of: "D2", "2020-03-10"), diagnosis("D3", "2020-03-01", "D032"),
        ]
        #expect(try four("dust_under5_share", records, on: "2020-06-01") == [1, 0, 0, 0])
        #expect(try four("dust_under5_share", records, on: "2020-06-01", with: ["all_diseases": "true"]) == [1, 1, 0, 0])
    }

    /// A person with two records: 2 years of dust on each, merged 4, and 6 with a third record.
    @Test func dustOfMergedWorkers() throws {
        func stay(_ id: String, _ worker: String, _ from: String, _ until: String) -> Record {
            Hand.record(Exposed.kind, id, ["worker": worker, "employer": "E1", "factors": "A001", "from": from, "until": until])
        }
        let records = [
            worker, Hand.record(Worker.kind, "W2", ["name": "甲"]), Hand.record(Worker.kind, "W3", ["name": "甲"]),
            diagnosis("D1", "2020-03-01"),
            card("C1", of: "D1", "2020-03-10"), stay("X1", "W1", "2011-01-01", "2013-01-01"), stay("X2", "W2", "2013-01-01", "2015-01-01"),
            stay("X3", "W3", "2015-01-01", "2017-01-01"),
        ]
        let first = Hand.record(Merge.kind, "G1", ["worker_kept": "W2", "worker_dropped": "W1", "reason": "同一人"])
        let second = Hand.record(Merge.kind, "G2", ["worker_kept": "W3", "worker_dropped": "W2", "reason": "同一人"])
        #expect(try four("dust_under5_share", records, on: "2020-06-01") == [1, 0, 0, 0])
        #expect(try four("dust_under5_share", records + [first], on: "2020-06-01") == [1, 0, 0, 0])
        #expect(try four("dust_under5_share", records + [first, second], on: "2020-06-01") == [0, 1, 0, 0])
    }

    /// One case of each kind on 2020-03-01, and poisonings of which one does not say whether it was acute.
    @Test func cases() throws {
        let table = Hand.catalog.tables["disease"]?.entries ?? []
        func code(_ group: String) throws -> String { try #require(table.first { $0.group == group }?.code) }
        let poisoning = try code("poisoning")
        let radiation = try code("radiation")
        let records = [
            worker, diagnosis("D1", "2020-03-01", poisoning, ["acute": "0"]), diagnosis("D2", "2020-03-01", poisoning, ["acute": "1"]),
            diagnosis("D3", "2020-03-01", poisoning), diagnosis("D4", "2020-03-01", radiation, ["acute": "1"]),
            diagnosis("D5", "2020-03-01", radiation), diagnosis("D6", "2020-03-01", radiation, ["acute": "0"]),
            diagnosis("D7", "2020-03-01", try code("biological")), diagnosis("D8", "2020-03-01", "D001"),
            diagnosis("D9", "2020-12-31", "D032"),
            diagnosis("DA", "2020-03-01", "D001", ["confirmed": "0"]), diagnosis("DB", "2021-01-01", "D001"),
        ]
        func figure(_ name: String, on day: String) throws -> [Double?] {
            let figure = Figure(.count, try answer(name, records, on: day).count)
            return [figure.value, figure.high]
        }
        #expect(try figure("chronic_poisoning_cases", on: "2020-12-31") == [1, 2])
        #expect(try figure("chemical_poisoning_cases", on: "2020-12-31") == [3, 3])
        #expect(try figure("acute_radiation_cases", on: "2020-12-31") == [1, 2])
        #expect(try figure("biological_cases", on: "2020-12-31") == [1, 1])
        #expect(try figure("pneumoconiosis_cases", on: "2020-12-31") == [1, 1])
        #expect(try figure("pneumoconiosis_cases", on: "2020-02-29") == [0, 0])
        #expect(try figure("pneumoconiosis_cases", on: "2021-01-01") == [1, 1])
        #expect(try figure("noise_deafness_cases", on: "2020-12-30") == [0, 0])
        #expect(try figure("noise_deafness_cases", on: "2020-12-31") == [1, 1])
        #expect(try figure("noise_deafness_cases", on: "2021-01-01") == [0, 0])
    }

    /// Three cards of 2020: all three right (1), late but complete and accurate (2/3), complete only (1/3); one with a blank flag.
    @Test func quality() throws {
        let records = [
            worker, diagnosis("D1", "2020-03-01"), card("C1", of: "D1", "2020-03-16"), card("C2", of: "D1", "2020-03-17"),
            card("C3", of: "D1", "2020-04-01", ["complete": "1", "accurate": "0"]), card("C4", of: "D1", "2020-05-01", ["complete": "1"]),
            card("C5", of: "D1", "2021-01-01"),
        ]
        let all = try answer("report_quality_index", records, on: "2020-12-31").count
        // In millionths: 1 + 2/3 + 1/3 = 2 of 3.
        #expect([all.numerator, all.denominator, all.unknown] == [2_000_000, 3_000_000, 1])
        let figure = Figure(.share, all)
        #expect(figure.low == 50 && figure.high == 75)
        let two = try answer("report_quality_index", records, on: "2020-03-31").count
        #expect(two.denominator == 2_000_000 && two.numerator == 1_666_667)
        // 2:1:1: 1 + 2/4 + 1/4 = 1.75.
        let weighted = try answer("report_quality_index", records, on: "2020-12-31", with: ["quality.weights": "2:1:1"]).count
        #expect(weighted.numerator == 1_750_000)
        #expect(Figure(.share, try answer("report_quality_index", records, on: "2019-12-31").count).state == .notApplicable)
        // The year after: only C5, which is late (2/3).
        #expect(try answer("report_quality_index", records, on: "2021-01-01").count.numerator == 666_667)
    }

    /// New cases of an employer, through a merge of employers too; not those of another, nor what was not confirmed.
    @Test func newCases() throws {
        let records = [
            worker, Hand.record(Employer.kind, "E1", ["name": "一厂", "division": "330402"]),
            Hand.record(Employer.kind, "E2", ["name": "一厂", "division": "330402"]),
            diagnosis("D1", "2020-03-01", "D001", ["employer": "E1"]),
            diagnosis("D2", "2020-04-01", "D032", ["employer": "E2"]),
            diagnosis("D3", "2020-05-01", "D001", ["employer": "E1", "confirmed": "0"]),
        ]
        let merge = Hand.record(Merge.kind, "G1", ["employer_kept": "E1", "employer_dropped": "E2", "reason": "同一单位"])
        let rules = Dictionary(uniqueKeysWithValues: Diagnosis.feature.findings.map { ($0.name, $0) })
        func found(_ records: [Record]) throws -> [String] {
            let book = Book(records, divisions: Hand.catalog.divisions, findings: rules)
            let file = try #require(book.file("E1"))
            return file.findings("diagnosis.new-case", Terms(catalog: Hand.catalog)).map {
                "\($0.record) \($0.code) \($0.span.from) \($0.span.until)"
            }
        }
        #expect(try found(records) == ["D1 D001 2020-03-01 2021-01-01"])
        #expect(try found(records + [merge]) == ["D1 D001 2020-03-01 2021-01-01", "D2 D032 2020-04-01 2021-01-01"])
    }
}

extension Hand.Answer {
    fileprivate var four: [Int] { [count.met, count.unmet, count.unknown, count.pending] }
}
