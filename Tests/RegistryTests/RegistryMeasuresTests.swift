import Catalog
import Kernel
import Ledger
import Registry
import TestKit
import Testing

/// Archives, notices and signs, with small files whose counts are worked out by hand: [met, unmet, unknown].
@Suite struct RegistryMeasuresTests {
    private func answer(
        _ name: String, _ records: [Record], on day: String, with overrides: [String: String] = [:], in place: String = "330400"
    ) throws -> Hand.Answer {
        let measure = try #require(Registry.feature.measures.first { $0.name == name })
        return Hand().count(measure, records, on: day, with: overrides, in: place)
    }
    private func employer(_ id: String, _ cells: [String: String] = [:]) -> Record {
        Hand.record(Employer.kind, id, ["name": id, "division": "330402"].merging(cells) { $1 })
    }
    private func post(_ id: String, of employer: String, _ cells: [String: String] = [:]) -> Record {
        Hand.record(Post.kind, id, ["employer": employer, "name": id].merging(cells) { $1 })
    }
    private func hazard(
        _ id: String, of employer: String, _ factor: String, at post: String? = nil, _ cells: [String: String] = [:]
    ) -> Record {
        var all = ["employer": employer, "factor": factor].merging(cells) { $1 }
        all["post"] = post
        return Hand.record(EmployerHazard.kind, id, all)
    }

    /// Two parts asked for. E1 has both from 2021-03-01, one of them until 2021-09-01; E2 has one; E3 may have hazards; E4 has none.
    @Test func archive() throws {
        func part(_ id: String, _ employer: String, _ part: String, _ day: String, _ until: String? = nil) -> Record {
            var cells = ["employer": employer, "part": part, "day": day]
            cells["until"] = until
            return Hand.record(ArchivePart.kind, id, cells)
        }
        let records = [
            employer("E1", ["hazards": "1"]), employer("E2", ["hazards": "1"]), employer("E3"), employer("E4", ["hazards": "0"]),
            part("A1", "E1", "testing", "2020-01-01", "2021-09-01"), part("A2", "E1", "training", "2021-03-01"),
            part("A3", "E2", "testing", "2020-01-01"),
        ]
        let two = ["archive.parts": "testing;training"]
        #expect(try answer("employer_archive_rate", records, on: "2021-02-28", with: two).columns == [0, 2, 1])
        let both = try answer("employer_archive_rate", records, on: "2021-03-01", with: two)
        #expect(both.columns == [1, 1, 1])
        #expect(both.subjects(.met) == ["E1"] && both.subjects(.unmet) == ["E2"] && both.subjects(.unknown) == ["E3"])
        #expect(both.stretches.first { $0.subject == "E2" }?.reason == "archive.incomplete")
        #expect(try answer("employer_archive_rate", records, on: "2021-08-31", with: two).columns == [1, 1, 1])
        #expect(try answer("employer_archive_rate", records, on: "2021-09-01", with: two).columns == [0, 2, 1])
        // By default every part of the catalogue is asked for, and nobody has them.
        #expect(try answer("employer_archive_rate", records, on: "2021-03-01").columns == [0, 2, 1])
        // E2 is closed by a change on 2021-05-01 and leaves the day it closes.
        let closed = records + [Hand.record(EmployerChange.kind, "C1", ["employer": "E2", "day": "2021-05-01", "closed": "1"])]
        #expect(try answer("employer_archive_rate", closed, on: "2021-04-30", with: two).columns == [1, 1, 1])
        #expect(try answer("employer_archive_rate", closed, on: "2021-05-01", with: two).columns == [1, 0, 1])
        // Nobody to count.
        #expect(
            Figure(.rate, try answer("employer_archive_rate", [employer("E4", ["hazards": "0"])], on: "2021-03-01").count).state
                == .notApplicable)
    }

    /// E1: P1 in use with dust from 2020-01-01 and the three notices complete from 2021-02-01 until 2021-12-01; P2 with noise and two
    /// of three; P3 without hazards: out. E2 has hazards somewhere; E3 has dust at no post in particular; E4 nobody knows.
    @Test func notification() throws {
        func notice(_ id: String, _ post: String, _ type: String, _ day: String, _ until: String? = nil) -> Record {
            var cells = ["employer": "E1", "post": post, "type": type, "day": day]
            cells["until"] = until
            return Hand.record(Notice.kind, id, cells)
        }
        let records = [
            employer("E1"), post("P1", of: "E1"), post("P2", of: "E1", ["until": "2021-06-01"]), post("P3", of: "E1"),
            hazard("H1", of: "E1", "A001", at: "P1", ["from": "2020-01-01"]), hazard("H2", of: "E1", "C001", at: "P2"),
            notice("N1", "P1", "contract", "2020-01-01"), notice("N2", "P1", "bulletin", "2020-01-01", "2021-12-01"),
            notice("N3", "P1", "test_result", "2021-02-01"), notice("N4", "P2", "contract", "2020-01-01"),
            notice("N5", "P2", "bulletin", "2020-01-01"), employer("E2", ["hazards": "1"]), employer("E3"),
            hazard("H3", of: "E3", "A001"), employer("E4"),
        ]
        func ask(_ day: String) throws -> Hand.Answer { try answer("notification_rate", records, on: day) }
        // Before 2020-01-01 P1 has no hazard; P2 has.
        #expect(try ask("2019-12-31").columns == [0, 1, 3])
        #expect(try ask("2021-01-31").columns == [0, 2, 3])
        let met = try ask("2021-02-01")
        #expect(met.columns == [1, 1, 3])
        #expect(met.subjects(.met) == ["P1"] && met.subjects(.unmet) == ["P2"] && met.subjects(.unknown) == ["E2", "E3", "E4"])
        #expect(
            met.stretches.filter { $0.verdict == .unknown }.map(\.reason).sorted() == ["hazards.unknown", "posts.unknown", "posts.unknown"])
        #expect(met.stretches.first { $0.subject == "P2" }?.debtor == "E1")
        // P2 goes out of use on 2021-06-01; a notice of P1 ends on 2021-12-01.
        #expect(try ask("2021-05-31").columns == [1, 1, 3])
        #expect(try ask("2021-06-01").columns == [1, 0, 3])
        #expect(try ask("2021-11-30").columns == [1, 0, 3])
        #expect(try ask("2021-12-01").columns == [0, 1, 3])
        #expect(try answer("notification_rate", records, on: "2021-12-01", with: ["notice.types": "contract"]).columns == [1, 0, 3])
        // Posts of a merged employer are the kept one's: E3 then knows posts.
        let merged = records + [Hand.record(Merge.kind, "M1", ["employer_kept": "E3", "employer_dropped": "E1", "reason": "同一单位"])]
        #expect(try answer("notification_rate", merged, on: "2021-02-01").columns == [1, 1, 2])
    }

    /// P1 has silica dust, noise (physical) and, from 2021-04-01, a chemical factor; signs for dust from 2021-01-10 to 2021-08-01.
    @Test func warningSigns() throws {
        func sign(_ id: String, _ category: String, _ installed: String, _ removed: String? = nil) -> Record {
            var cells = ["employer": "E1", "post": "P1", "category": category, "installed": installed]
            cells["removed"] = removed
            return Hand.record(WarningSign.kind, id, cells)
        }
        let records = [
            employer("E1"), post("P1", of: "E1"), hazard("H1", of: "E1", "A001", at: "P1"), hazard("H2", of: "E1", "C001", at: "P1"),
            hazard("H3", of: "E1", "B001", at: "P1", ["from": "2021-04-01"]), sign("S1", "dust", "2021-01-10", "2021-08-01"),
            sign("S2", "physical", "2020-01-01"), employer("E2", ["hazards": "1"]),
        ]
        func ask(_ day: String) throws -> [Int] { try answer("warning_sign_rate", records, on: day).columns }
        #expect(try ask("2021-01-09") == [1, 1, 1])
        #expect(try ask("2021-01-10") == [2, 0, 1])
        #expect(try ask("2021-03-31") == [2, 0, 1])
        #expect(try ask("2021-04-01") == [2, 1, 1])
        #expect(try ask("2021-07-31") == [2, 1, 1])
        #expect(try ask("2021-08-01") == [1, 2, 1])
        let missing = try answer("warning_sign_rate", records, on: "2021-04-01")
        #expect(missing.subjects(.unmet) == ["P1|chemical"] && missing.subjects(.unknown) == ["E2"])
        #expect(missing.stretches.first { $0.verdict == .unmet }?.reason == "sign.missing")
        #expect(try answer("warning_sign_rate", records, on: "2021-04-01", with: ["sign.categories": "chemical"]).columns == [0, 1, 1])
    }
}

extension Hand.Answer {
    /// [met, unmet, unknown]
    fileprivate var columns: [Int] { [count.met, count.unmet, count.unknown] }
}

/// What a change makes of the files around it goes when the change is done: a server runs for months.
@Suite struct BookTests {
    @Test func aBookThatNobodyHoldsIsGone() throws {
        weak var gone: Book?
        try {
            let book = Book(
                [
                    Hand.record(Employer.kind, "e1", ["name": "甲", "division": "330402"]), Hand.record(Worker.kind, "w1", ["name": "乙"]),
                    Hand.record(Employment.kind, "m1", ["worker": "w1", "employer": "e1", "from": "2019-01-01"]),
                ], divisions: Hand.catalog.divisions)
            let places = WorkerPlaces(try #require(book.file("w1"))).places
            #expect(places.map(\.employer) == ["e1"])
            gone = book
            #expect(gone != nil)
        }()
        #expect(gone == nil)
    }
}
