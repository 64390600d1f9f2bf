import Catalog
import Kernel
import Ledger
import Outreach
import TestKit
import Testing

/// Sums worked out by hand, in millionths: [numerator, denominator], and the unknown.
@Suite struct OutreachMeasuresTests {
    private func answer(
        _ name: String, _ records: [Record], on day: String, with overrides: [String: String] = [:], in place: String = "330400"
    ) throws -> Count {
        let measure = try #require(Outreach.feature.measures.first { $0.name == name })
        return Hand().count(measure, records, on: day, with: overrides, in: place).count
    }
    private func survey(_ id: String, _ day: String, in division: String = "330400") -> Record {
        Hand.record(Survey.kind, id, ["title": id, "division": division, "day": day])
    }
    private func response(_ id: String, of survey: String, _ items: Int, _ correct: Int?, _ cells: [String: String] = [:]) -> Record {
        var all = ["survey": survey, "group": "劳动者", "items": String(items)].merging(cells) { $1 }
        all["correct"] = correct.map(String.init)
        return Hand.record(Response.kind, id, all)
    }

    /// Round one of 2020-05-01: 8/10 with weight 2, 5/10 without, one invalid: (16 + 5) / (20 + 10) = 70 %.
    /// Round two of 2021-05-01 in a county: 9/10 and one without its right answers: 90 %, one unknown.
    @Test func awareness() throws {
        let records = [
            survey("S1", "2020-05-01"), response("R1", of: "S1", 10, 8, ["weight": "2"]), response("R2", of: "S1", 10, 5),
            response("R3", of: "S1", 10, 0, ["valid": "0"]), survey("S2", "2021-05-01", in: "330402"),
            response("R4", of: "S2", 10, 9, ["valid": "1"]),
            response("R5", of: "S2", 10, nil), survey("S3", "2022-05-01", in: "330102"), response("R6", of: "S3", 10, 1),
        ]
        func sums(_ day: String, with overrides: [String: String] = [:], in place: String = "330400") throws -> [Int] {
            let count = try answer("awareness_rate", records, on: day, with: overrides, in: place)
            return [count.numerator, count.denominator, count.unknown]
        }
        #expect(try sums("2020-04-30") == [0, 0, 0])
        #expect(Figure(.share, try answer("awareness_rate", records, on: "2020-04-30")).state == .notApplicable)
        #expect(try sums("2020-05-01") == [21_000_000, 30_000_000, 0])
        #expect(Figure(.share, try answer("awareness_rate", records, on: "2021-04-30")).value == 70)
        #expect(try sums("2021-05-01") == [9_000_000, 10_000_000, 1])
        #expect(try sums("2029-01-01") == [9_000_000, 10_000_000, 1])
        // The county has its own round only, the province also that of Hangzhou.
        #expect(try sums("2020-05-01", in: "330402") == [0, 0, 0])
        #expect(try sums("2022-05-01", in: "330000") == [1_000_000, 10_000_000, 0])
        // By respondents: 8/10 passes at 0.8 (weight 2 of 3), at 0.81 nobody does.
        #expect(try sums("2020-05-01", with: ["method": "respondents"]) == [2_000_000, 3_000_000, 0])
        #expect(try sums("2020-05-01", with: ["method": "respondents", "awareness.pass": "0.81"]) == [0, 3_000_000, 0])
    }

    /// Two rounds on one day: the one with the greater id counts.
    @Test func twoRoundsOnOneDay() throws {
        let records = [
            survey("S1", "2020-05-01"), response("R1", of: "S1", 10, 1), survey("S2", "2020-05-01"), response("R2", of: "S2", 10, 9),
        ]
        #expect(try answer("awareness_rate", records, on: "2020-05-01").numerator == 9_000_000)
    }

    /// A week on 2020-04-25 and a lecture: one, until the year ends.
    @Test func publicityWeek() throws {
        func event(_ id: String, _ type: String, _ day: String) -> Record {
            Hand.record(Publicity.kind, id, ["division": "330402", "type": type, "day": day])
        }
        let other = Hand.catalog.tables["publicity_type"]?.entries.first { $0.code != "week" }?.code ?? "week"
        let records = [event("P1", "week", "2020-04-25"), event("P2", other, "2020-05-01")]
        func value(_ day: String) throws -> Double? { Figure(.count, try answer("publicity_week", records, on: day)).value }
        #expect(try value("2020-04-24") == 0)
        #expect(try value("2020-04-25") == 1)
        #expect(try value("2020-12-31") == 1)
        #expect(try value("2021-01-01") == 0)
    }
}
