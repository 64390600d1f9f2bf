import Institutions
import Kernel
import Ledger
import TestKit
import Testing

/// Counts worked out by hand: [met, unmet, unknown].
@Suite struct InstitutionMeasuresTests {
    private func answer(
        _ name: String, _ records: [Record], on day: String, with overrides: [String: String] = [:], in place: String = "330400"
    ) throws -> Hand.Answer {
        let measure = try #require(Institutions.feature.measures.first { $0.name == name })
        return Hand().count(measure, records, on: day, with: overrides, in: place)
    }
    private func three(
        _ name: String, _ records: [Record], on day: String, with overrides: [String: String] = [:], in place: String = "330400"
    ) throws -> [Int] {
        let count = try answer(name, records, on: day, with: overrides, in: place).count
        return [count.met, count.unmet, count.unknown]
    }

    /// On the roster 2019-06-01 until 2021-03-01; in 2020 five hours on 1 April and three on 1 July: eight from then.
    @Test func officers() throws {
        func training(_ id: String, _ day: String, _ hours: String?) -> Record {
            var cells = ["officer": "O1", "day": day]
            cells["hours"] = hours
            return Hand.record(OfficerTraining.kind, id, cells)
        }
        func rate(_ records: [Record], on day: String) throws -> [Int] { try three("officer_training_rate", records, on: day) }
        let officer = Hand.record(Officer.kind, "O1", ["name": "乙", "division": "330402", "from": "2019-06-01", "until": "2021-03-01"])
        let records = [officer, training("T1", "2020-04-01", "5"), training("T2", "2020-07-01", "3")]
        #expect(try rate(records, on: "2019-05-31") == [0, 0, 0])
        #expect(try rate(records, on: "2019-06-01") == [0, 1, 0])
        #expect(try rate(records, on: "2020-06-30") == [0, 1, 0])
        #expect(try rate(records, on: "2020-07-01") == [1, 0, 0])
        #expect(try rate(records, on: "2020-12-31") == [1, 0, 0])
        // A new year, and the whole of it, though the officer left on 1 March; 2022 has none.
        #expect(try rate(records, on: "2021-01-01") == [0, 1, 0])
        #expect(try rate(records, on: "2021-12-31") == [0, 1, 0])
        #expect(try rate(records, on: "2022-01-01") == [0, 0, 0])
        // Who leaves on 1 January was last there on 31 December.
        let gone = Hand.record(Officer.kind, "O1", ["name": "乙", "division": "330402", "from": "2019-06-01", "until": "2021-01-01"])
        #expect(try rate([gone], on: "2020-12-31") == [0, 1, 0])
        #expect(try rate([gone], on: "2021-01-01") == [0, 0, 0])
        // Blank hours: unknown until eight are certain.
        let open = [officer, training("T1", "2020-04-01", nil), training("T2", "2020-07-01", "8")]
        #expect(try rate(open, on: "2020-04-01") == [0, 0, 1])
        #expect(try rate(open, on: "2020-07-01") == [1, 0, 0])
        #expect(try answer("officer_training_rate", open, on: "2020-07-01", with: ["officer.hours": "8.5"]).count.unknown == 1)
        #expect(Figure(.rate, try answer("officer_training_rate", [], on: "2020-07-01").count).state == .notApplicable)
    }

    private func institution(
        _ id: String, _ division: String, isPublic: String? = "1", _ service: String, from: String = "2015-01-01"
    ) -> [Record] {
        var cells = ["name": id, "division": division]
        cells["public"] = isPublic
        return [
            Hand.record(Institution.kind, id, cells),
            Hand.record(Qualification.kind, "Q\(id)", ["institution": id, "type": service, "from": from]),
        ]
    }

    /// A prefecture of its own: none, then an institute from 2018; the province has eleven prefectures, one with an institute.
    @Test func institutes() throws {
        let records = institution("I1", "330402", isPublic: "0", "institute", from: "2018-01-01")
        #expect(try three("city_institute_exists", records, on: "2017-12-31") == [0, 1, 0])
        #expect(try three("city_institute_exists", records, on: "2018-01-01") == [1, 0, 0])
        let province = try answer("city_institute_exists", records, on: "2018-01-01", in: "330000")
        #expect(province.count.met == 1 && province.subjects(.met) == ["330400"] && province.subjects(.unmet).contains("330100"))
        #expect(province.count.met + province.count.unmet == 11)
        // Another service is not enough, nor an institution that has ended.
        #expect(try three("city_institute_exists", institution("I1", "330402", "exam"), on: "2020-01-01") == [0, 1, 0])
        var ended = records
        ended[0][Institution.until] = Day("2020-06-01")
        #expect(try three("city_institute_exists", ended, on: "2020-05-31") == [1, 0, 0])
        #expect(try three("city_institute_exists", ended, on: "2020-06-01") == [0, 1, 0])
    }

    /// Public: met; private: not; of an unknown owner: unknown, unless a public one is there.
    @Test func publicDiagnosis() throws {
        let name = "city_public_diagnosis"
        #expect(try three(name, [], on: "2020-01-01") == [0, 1, 0])
        #expect(try three(name, institution("I1", "330402", "diagnosis"), on: "2020-01-01") == [1, 0, 0])
        #expect(try three(name, institution("I1", "330402", isPublic: "0", "diagnosis"), on: "2020-01-01") == [0, 1, 0])
        let unknown = institution("I1", "330402", isPublic: nil, "diagnosis")
        #expect(try three(name, unknown, on: "2020-01-01") == [0, 0, 1])
        #expect(try three(name, unknown + institution("I2", "330411", isPublic: "0", "diagnosis"), on: "2020-01-01") == [0, 0, 1])
        #expect(try three(name, unknown + institution("I2", "330411", "diagnosis"), on: "2020-01-01") == [1, 0, 0])
    }

    /// Fuxin has seven counties: with six public examination institutions 6/7 = 85.7 %, under 95; with all seven 100 %.
    @Test func sevenCounties() throws {
        let counties = ["210902", "210903", "210904", "210905", "210911", "210921", "210922"]
        let six = counties.dropLast().flatMap { institution("I\($0)", $0, "exam") }
        let almost = try answer("county_public_exam", six, on: "2020-01-01", in: "210900")
        #expect([almost.count.met, almost.count.unmet, almost.count.unknown] == [6, 1, 0] && almost.subjects(.unmet) == ["210922"])
        let value = try #require(Figure(.rate, almost.count).value)
        #expect(value < 95 && abs(value - 600.0 / 7) < 1e-9)
        let all = six + institution("I7", "210922", "exam", from: "2020-06-01")
        #expect(try three("county_public_exam", all, on: "2020-05-31", in: "210900") == [6, 1, 0])
        #expect(try three("county_public_exam", all, on: "2020-06-01", in: "210900") == [7, 0, 0])
        // The county itself asks: it is the one unit.
        #expect(try three("county_public_exam", all, on: "2020-05-31", in: "210922") == [0, 1, 0])
        // A plan may ask by prefecture: then one is enough.
        #expect(try three("county_public_exam", six, on: "2020-01-01", with: ["level": "prefecture"], in: "210900") == [1, 0, 0])
    }
}
