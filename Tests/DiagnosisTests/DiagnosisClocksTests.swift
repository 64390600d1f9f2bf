import Catalog
import Diagnosis
import Institutions
import Kernel
import Registry
import TestKit
import Testing

@testable import Ledger

/// The clocks of suspected cases, diagnosis and appraisal, with days worked out by hand.
@Suite struct DiagnosisClocksTests {
    private func answer(_ name: String, _ records: [Record], on day: String) throws -> Hand.Answer {
        let measure = try #require(Diagnosis.feature.measures.first { $0.name == name })
        #expect(measure.isClock && measure.clause != nil)
        return Hand().count(measure, records, on: day)
    }
    private func states(_ name: String, _ records: [Record], on day: String) throws -> [String] {
        try answer(name, records, on: day).stretches.sorted { $0.subject < $1.subject }.map {
            ["\($0.subject) \($0.verdict.rawValue)", $0.reason].filter { !$0.isEmpty }.joined(separator: " ")
        }
    }
    private let people = [
        Hand.record(Worker.kind, "W1", ["name": "甲"]),
        Hand.record(Employer.kind, "E1", ["name": "一厂", "division": "330402"]),
        Hand.record(Institution.kind, "I1", ["name": "职防院", "division": "330411"]),
    ]
    private func dossier(_ cells: [String: String]) -> [Record] {
        let base = ["worker": "W1", "employer": "E1", "institution": "I1", "division": "330402", "applied": "2020-01-01"]
        return people + [Hand.record(DiagnosisCase.kind, "Q1", base.merging(cells) { $1 })]
    }
    private func appraisal(_ id: String, _ level: String, _ applied: String, _ cells: [String: String] = [:]) -> Record {
        Hand.record(Appraisal.kind, id, ["case": "Q1", "level": level, "applied": applied].merging(cells) { $1 })
    }
    private func suspected(_ day: String, _ cells: [String: String] = [:]) -> [Record] {
        people + [Hand.record(Suspected.kind, "S1", ["worker": "W1", "day": day].merging(cells) { $1 })]
    }

    /// Found on 10 February 2026: reported until the 25th, by the institution that found it, else by the employer.
    @Test func suspectedReport() throws {
        let name = "suspected_report"
        let bare = suspected("2026-02-10", ["employer": "E1", "institution": "I1"])
        #expect(try states(name, bare, on: "2026-02-25") == ["S1 pending"])
        #expect(try states(name, bare, on: "2026-02-26") == ["S1 unmet clock.overdue"])
        let reported = suspected("2026-02-10", ["employer": "E1", "reported": "2026-02-25"])
        #expect(try states(name, reported, on: "2026-02-25") == ["S1 met"])
        let late = suspected("2026-02-10", ["employer": "E1", "reported": "2026-02-26"])
        #expect(try states(name, late, on: "2026-02-26") == ["S1 unmet clock.late"])
        #expect(try answer(name, bare, on: "2026-02-26").stretches.map(\.debtor) == ["I1"])
        #expect(try answer(name, late, on: "2026-02-26").stretches.map { [$0.debtor, $0.division] } == [["E1", "330402"]])
        // Without an employer it lies where the institution is.
        let alone = suspected("2026-02-10", ["institution": "I1"])
        #expect(try answer(name, alone, on: "2026-02-26").stretches.map { [$0.debtor, $0.division] } == [["I1", "330411"]])
        // Before the order of 2015 no period is to hand.
        #expect(try states(name, suspected("2014-02-10", ["employer": "E1"]), on: "2014-03-01") == ["S1 unknown clock.edition-unknown"])
    }

    /// Told on 3 August 2026, when GBZ 188-2025 is in force: diagnosis arranged until 2 September.
    @Test func suspectedDiagnosis() throws {
        let name = "suspected_diagnosis"
        let told = suspected("2026-08-03", ["employer": "E1", "informed": "2026-08-03"])
        #expect(try states(name, told, on: "2026-09-02") == ["S1 pending"])
        #expect(try states(name, told, on: "2026-09-03") == ["S1 unmet clock.overdue"])
        #expect(try answer(name, told, on: "2026-09-03").stretches.map(\.debtor) == ["E1"])
        let arranged = ["employer": "E1", "informed": "2026-08-03", "arranged": "2026-09-02"]
        #expect(try states(name, suspected("2026-08-03", arranged), on: "2026-09-02") == ["S1 met"])
        // An application for diagnosis that names the case shows it as well.
        let applied = Hand.record(
            DiagnosisCase.kind, "Q1", ["worker": "W1", "division": "330402", "applied": "2026-09-01", "suspected": "S1"])
        #expect(try states(name, told + [applied], on: "2026-09-03") == ["S1 met"])
        // Nobody wrote down when the employer was told: in time for certain within thirty days of the finding.
        func untold(_ arranged: String) -> [Record] { suspected("2026-08-03", ["employer": "E1", "arranged": arranged]) }
        #expect(try states(name, suspected("2026-08-03", ["employer": "E1"]), on: "2026-12-01") == ["S1 unknown clock.start-unknown"])
        #expect(try states(name, untold("2026-09-02"), on: "2026-09-02") == ["S1 met"])
        #expect(try states(name, untold("2026-09-03"), on: "2026-09-03") == ["S1 unknown clock.start-unknown"])
        // The law before named no days.
        #expect(try states(name, suspected("2026-07-31", ["employer": "E1", "informed": "2026-07-31"]), on: "2026-12-01") == [])
    }

    /// Within 24 hours: the same day is, the day after may be, two days later is not.
    @Test func acuteReport() throws {
        let name = "acute_report"
        func case_(_ acute: String?, disease: String = "D060", reported: String? = nil) throws -> [Record] {
            var cells = [
                "worker": "W1", "institution": "I1", "division": "330402", "day": "2026-03-01", "disease": disease, "confirmed": "1",
            ]
            cells["acute"] = acute
            var records = people + [Hand.record(Diagnosed.kind, "G1", cells)]
            if let reported { records.append(Hand.record(ReportCard.kind, "C1", ["diagnosis": "G1", "reported": reported])) }
            return records
        }
        #expect(try states(name, case_("1"), on: "2026-03-02") == ["G1 pending"])
        #expect(try states(name, case_("1"), on: "2026-03-03") == ["G1 unmet clock.overdue"])
        #expect(try states(name, case_("1", reported: "2026-03-01"), on: "2026-03-01") == ["G1 met"])
        #expect(try states(name, case_("1", reported: "2026-03-02"), on: "2026-03-02") == ["G1 unknown clock.hours-unknown"])
        #expect(try states(name, case_("1", reported: "2026-03-03"), on: "2026-03-03") == ["G1 unmet clock.late"])
        #expect(try states(name, case_("0"), on: "2026-03-03") == [])
        // A poisoning of which nobody says whether it was acute; silicosis never is.
        let poisoning = try #require(Hand.catalog.tables["disease"]?.entries.first { $0.group == "poisoning" }?.code)
        #expect(try states(name, case_(nil, disease: poisoning), on: "2026-03-03") == ["G1 unknown acute.unknown"])
        #expect(try states(name, case_(nil, disease: "D001"), on: "2026-03-03") == [])
    }

    /// Thirty days from complete materials on 20 January 2026 end on 19 February, in the Spring Festival.
    @Test func decision() throws {
        let name = "diagnosis_decision"
        let base = ["applied": "2026-01-05", "accepted": "2026-01-08"]
        func case_(_ cells: [String: String]) -> [Record] { dossier(base.merging(cells) { $1 }) }
        #expect(try states(name, case_(["materials": "2026-01-20"]), on: "2026-02-19") == ["Q1 pending"])
        #expect(try states(name, case_(["materials": "2026-01-20"]), on: "2026-02-20") == ["Q1 unmet clock.overdue"])
        #expect(try answer(name, case_(["materials": "2026-01-20"]), on: "2026-02-20").stretches.map(\.debtor) == ["I1"])
        #expect(try states(name, case_(["materials": "2026-01-20", "decided": "2026-02-19"]), on: "2026-02-19") == ["Q1 met"])
        // Nobody wrote down when they were complete: unknown from the acceptance; met only where that is certain.
        #expect(try states(name, case_([:]), on: "2026-01-07") == [])
        #expect(try states(name, case_([:]), on: "2026-05-01") == ["Q1 unknown clock.start-unknown"])
        #expect(try states(name, case_(["decided": "2026-02-07"]), on: "2026-02-07") == ["Q1 met"])
        #expect(try states(name, case_(["decided": "2026-02-08"]), on: "2026-02-08") == ["Q1 unknown clock.start-unknown"])
        // Before 4 January 2021 nothing is to hand.
        let old = dossier(["applied": "2020-12-01", "materials": "2021-01-03"])
        #expect(try states(name, old, on: "2021-03-01") == ["Q1 unknown clock.edition-unknown"])
    }

    @Test func certificate() throws {
        let name = "certificate_delivery"
        func case_(_ cells: [String: String]) -> [Record] { dossier(["applied": "2026-01-05"].merging(cells) { $1 }) }
        #expect(try states(name, case_([:]), on: "2026-03-01") == [])
        #expect(try states(name, case_(["decided": "2026-02-12"]), on: "2026-02-27") == ["Q1 pending"])
        #expect(try states(name, case_(["decided": "2026-02-12"]), on: "2026-02-28") == ["Q1 unmet clock.overdue"])
        #expect(try states(name, case_(["decided": "2026-02-12", "delivered": "2026-02-27"]), on: "2026-02-27") == ["Q1 met"])
        #expect(try states(name, case_(["decided": "2026-02-12", "delivered": "2026-02-28"]), on: "2026-02-28") == ["Q1 unmet clock.late"])
        #expect(try states(name, case_(["delivered": "2026-03-01"]), on: "2026-03-01") == ["Q1 unknown clock.start-unknown"])
    }

    /// Rights: open, used, lapsed; never a breach.
    @Test func applicationsForAppraisal() throws {
        let first = "appraisal_application_first"
        let delivered = dossier(["applied": "2025-11-03", "decided": "2026-01-15", "delivered": "2026-01-20"])
        #expect(try states(first, delivered, on: "2026-02-19") == ["Q1 pending"])
        #expect(try states(first, delivered, on: "2026-02-20") == [])
        #expect(try states(first, delivered + [appraisal("P1", "first", "2026-02-19")], on: "2026-02-19") == ["Q1 met"])
        #expect(try states(first, delivered + [appraisal("P1", "first", "2026-02-20")], on: "2026-02-20") == [])
        #expect(try answer(first, delivered, on: "2026-02-19").stretches.map(\.debtor) == [""])
        // Not recorded when the certificate was delivered.
        let undelivered = dossier(["applied": "2025-11-03", "decided": "2026-01-15"])
        #expect(try states(first, undelivered, on: "2026-02-20") == [])
        #expect(try states(first, undelivered + [appraisal("P1", "first", "2026-02-14")], on: "2026-02-14") == ["Q1 met"])
        #expect(
            try states(first, undelivered + [appraisal("P1", "first", "2026-02-15")], on: "2026-02-15")
                == ["Q1 unknown clock.start-unknown"])
        // The second: fifteen days from the delivery of the first on 2 March.
        let second = "appraisal_application_second"
        let held = delivered + [appraisal("P1", "first", "2026-02-19", ["issued": "2026-03-01", "delivered": "2026-03-02"])]
        #expect(try states(second, held, on: "2026-03-17") == ["Q1 pending"])
        #expect(try states(second, held, on: "2026-03-18") == [])
        #expect(try states(second, held + [appraisal("P2", "second", "2026-03-17")], on: "2026-03-17") == ["Q1 met"])
        #expect(try states(second, held + [appraisal("P2", "second", "2026-03-18")], on: "2026-03-18") == [])
        #expect(try states(second, delivered, on: "2026-03-01") == [])
    }

    /// Five working days from Friday 13 February 2026 end on the 27th.
    @Test func acceptance() throws {
        let name = "appraisal_acceptance"
        #expect(try states(name, dossier([:]) + [appraisal("P1", "first", "2026-02-13")], on: "2026-02-27") == ["P1 pending"])
        #expect(try states(name, dossier([:]) + [appraisal("P1", "first", "2026-02-13")], on: "2026-02-28") == ["P1 unmet clock.overdue"])
        let accepted = appraisal("P1", "first", "2026-02-13", ["accepted": "2026-02-27"])
        #expect(try states(name, dossier([:]) + [accepted], on: "2026-02-27") == ["P1 met"])
    }

    /// The edition of the day on which the application was accepted: sixty days and fifteen more, or forty for all.
    @Test func conclusionAcrossTheOrders() throws {
        func held(_ accepted: String, _ cells: [String: String] = [:]) -> [Record] {
            dossier([:]) + [appraisal("P1", "first", "2020-12-01", ["accepted": accepted].merging(cells) { $1 })]
        }
        let conclusion = "appraisal_conclusion"
        #expect(try states(conclusion, held("2021-01-03"), on: "2021-03-04") == ["P1 pending"])
        #expect(try states(conclusion, held("2021-01-03"), on: "2021-03-05") == ["P1 unmet clock.overdue"])
        #expect(try states(conclusion, held("2021-01-04"), on: "2021-02-13") == ["P1 pending"])
        #expect(try states(conclusion, held("2021-01-04"), on: "2021-02-14") == ["P1 unmet clock.overdue"])
        #expect(try states(conclusion, held("2021-01-04", ["concluded": "2021-02-13"]), on: "2021-02-14") == ["P1 met"])
        let certificate = "appraisal_certificate"
        #expect(try states(certificate, held("2021-01-03"), on: "2021-03-01") == [])
        let old = ["concluded": "2021-02-20"]
        #expect(try states(certificate, held("2021-01-03", old), on: "2021-03-07") == ["P1 pending"])
        #expect(try states(certificate, held("2021-01-03", old), on: "2021-03-08") == ["P1 unmet clock.overdue"])
        #expect(try states(certificate, held("2021-01-04", ["concluded": "2021-02-10"]), on: "2021-02-13") == ["P1 pending"])
        #expect(try states(certificate, held("2021-01-04", ["concluded": "2021-02-10"]), on: "2021-02-14") == ["P1 unmet clock.overdue"])
        let issued = ["concluded": "2021-02-10", "issued": "2021-02-14"]
        #expect(try states(certificate, held("2021-01-04", issued), on: "2021-02-14") == ["P1 unmet clock.late"])
        // Concluded without a day of acceptance: unknown.
        let blank = dossier([:]) + [appraisal("P1", "first", "2022-03-01", ["concluded": "2022-06-01"])]
        #expect(try states(conclusion, blank, on: "2022-06-01") == ["P1 unknown clock.start-unknown"])
    }

    /// The institution hands over within fifteen, since 2021 ten days; in a second appraisal the authority does.
    @Test func materials() throws {
        let name = "appraisal_materials"
        func asked(_ day: String, _ level: String = "first", _ cells: [String: String] = [:]) -> [Record] {
            dossier([:]) + [appraisal("P1", level, "2020-12-01", ["requested": day].merging(cells) { $1 })]
        }
        #expect(try states(name, asked("2021-01-03"), on: "2021-01-18") == ["P1 pending"])
        #expect(try states(name, asked("2021-01-03"), on: "2021-01-19") == ["P1 unmet clock.overdue"])
        #expect(try states(name, asked("2021-01-04"), on: "2021-01-14") == ["P1 pending"])
        #expect(try states(name, asked("2021-01-04"), on: "2021-01-15") == ["P1 unmet clock.overdue"])
        #expect(try states(name, asked("2021-01-04", "first", ["handed": "2021-01-14"]), on: "2021-01-15") == ["P1 met"])
        #expect(try answer(name, asked("2021-01-04"), on: "2021-01-15").stretches.map(\.debtor) == ["I1"])
        #expect(try answer(name, asked("2021-01-04", "second"), on: "2021-01-15").stretches.map(\.debtor) == [""])
    }

    /// Days in an order that cannot be are refused, blank ones passed over.
    @Test func orderOfDays() throws {
        func codes(_ records: [Record], _ kind: Kind) -> [String] {
            records.filter { $0.kind.name == kind.name }.flatMap { kind.check($0) }.map { "\($0.code) \($0.field ?? "")" }
        }
        #expect(codes(dossier(["decided": "2019-12-31"]), DiagnosisCase.kind) == ["day.order decided", "day.order decided"])
        #expect(codes(dossier(["accepted": "2020-02-01", "delivered": "2020-01-31"]), DiagnosisCase.kind) == ["day.order delivered"])
        #expect(codes(dossier(["materials": "2020-03-01", "decided": "2020-02-01"]), DiagnosisCase.kind) == ["day.order decided"])
        #expect(codes(dossier(["accepted": "2020-02-01", "decided": "2020-02-01"]), DiagnosisCase.kind) == [])
        #expect(
            codes([appraisal("P1", "first", "2020-02-01", ["concluded": "2020-03-01", "issued": "2020-02-28"])], Appraisal.kind)
                == ["day.order issued"])
        #expect(codes(suspected("2020-02-01", ["informed": "2020-01-31"]), Suspected.kind) == ["day.order informed"])
    }
}
