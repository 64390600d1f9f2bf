import Declaration
import Kernel
import Ledger
import Registry
import TestKit
import Testing

/// `declaration_rate`, with small files whose counts are worked out by hand: [met, unmet, unknown, scope met, unmet, unknown].
@Suite struct DeclarationMeasuresTests {
    private let hand = Hand([Declaration.feature])

    private func counts(
        _ records: [Record], on day: String, scope: Scope = .always, with overrides: [String: String] = [:], in place: String = "330400"
    ) throws -> [Int] {
        try answer(records, on: day, scope: scope, with: overrides, in: place).columns
    }
    private func answer(
        _ records: [Record], on day: String, scope: Scope = .always, with overrides: [String: String] = [:], in place: String = "330400"
    ) throws -> Hand.Answer {
        let measure = try #require(Declaration.feature.measures.first { $0.name == "declaration_rate" })
        return hand.count(measure, records, on: day, scope: scope, with: overrides, in: place)
    }
    private func employer(_ id: String, _ cells: [String: String] = [:]) -> Record {
        Hand.record(Employer.kind, id, ["name": id, "division": "330402", "hazards": "1"].merging(cells) { $1 })
    }
    private func change(_ id: String, of employer: String, _ day: String, _ cells: [String: String]) -> Record {
        Hand.record(EmployerChange.kind, id, ["employer": employer, "day": day].merging(cells) { $1 })
    }
    private func filing(_ id: String, of employer: String, _ type: String = "initial", submitted: String, accepted: String? = nil) -> Record
    {
        var cells = ["employer": employer, "type": type, "submitted": submitted]
        cells["accepted"] = accepted
        return Hand.record(Filing.kind, id, cells)
    }

    /// Ten hazard employers, E1…E6 declared in 2018: 6 of 10 until E10, undeclared, closes on 2021-07-01; then 6 of 9.
    @Test func tenEmployersSixDeclarations() throws {
        var records = (1...10).map { employer("E\($0)", ["since": "2015-01-01"]) }
        records += (1...6).map { filing("F\($0)", of: "E\($0)", submitted: "2018-03-01", accepted: "2018-03-05") }
        records.append(change("C1", of: "E10", "2021-07-01", ["closed": "1"]))
        #expect(try counts(records, on: "2021-06-30") == [6, 4, 0, 0, 0, 0])
        #expect(try counts(records, on: "2021-07-01") == [6, 3, 0, 0, 0, 0])
        #expect(Figure(.rate, try answer(records, on: "2021-06-30").count).value == 60)
        let after = try #require(Figure(.rate, try answer(records, on: "2021-07-01").count).value)
        #expect(abs(after - 200.0 / 3) < 1e-9)
        // It reopens on 2022-01-01: a new stretch of hazards, so 30 days of grace (to 30 January), then 6 of 10 again.
        records.append(change("C2", of: "E10", "2022-01-01", ["closed": "0"]))
        #expect(try answer(records, on: "2022-01-30").count.pending == 1)
        #expect(try counts(records, on: "2022-01-30") == [6, 3, 0, 0, 0, 0])
        #expect(try counts(records, on: "2022-01-31") == [6, 4, 0, 0, 0, 0])
    }

    /// Presence: E1 hazards 0 → out; E2 blank → unknown; E3 blank with a hazard record from 2020-06-01 → unknown before, yes from then.
    @Test func presence() throws {
        let records = [
            employer("E1", ["hazards": "0"]), employer("E2").without("hazards"),
            employer("E3").without("hazards"),
            Hand.record(EmployerHazard.kind, "H3", ["employer": "E3", "factor": "A001", "from": "2020-06-01"]),
        ]
        #expect(try counts(records, on: "2020-05-31") == [0, 0, 2, 0, 0, 0])
        let begun = try answer(records, on: "2020-06-01")
        #expect(begun.columns == [0, 0, 1, 0, 0, 0] && begun.count.pending == 1)
        #expect(begun.subjects(.unknown) == ["E2"])
        // 2020-06-01 + 30 = 2020-07-01 is the first day that it is owed.
        #expect(try counts(records, on: "2020-06-30") == [0, 0, 1, 0, 0, 0])
        let due = try answer(records, on: "2020-07-01")
        #expect(due.columns == [0, 1, 1, 0, 0, 0])
        #expect(due.stretches.map(\.reason).sorted() == ["declaration.none", "hazards.unknown"])
        #expect(due.stretches.first { $0.subject == "E3" }?.debtor == "E3")
    }

    /// Accepted on 2021-03-10, cancelled on 2021-05-01, accepted again on 2021-05-02; a cancellation of that same day would win.
    @Test func acceptanceAndCancellation() throws {
        var records = [
            employer("E1"), filing("F1", of: "E1", submitted: "2021-03-01", accepted: "2021-03-10"),
            filing("F2", of: "E1", "cancellation", submitted: "2021-05-01", accepted: "2021-05-01"),
            filing("F3", of: "E1", "yearly", submitted: "2021-05-01", accepted: "2021-05-02"),
        ]
        #expect(try counts(records, on: "2021-03-09") == [0, 1, 0, 0, 0, 0])
        let met = try answer(records, on: "2021-03-10")
        #expect(met.columns == [1, 0, 0, 0, 0, 0])
        #expect(met.stretches.map(\.record) == ["F1"])
        #expect(try counts(records, on: "2021-04-30") == [1, 0, 0, 0, 0, 0])
        let cancelled = try answer(records, on: "2021-05-01")
        #expect(cancelled.columns == [0, 1, 0, 0, 0, 0])
        #expect(cancelled.stretches.map(\.reason) == ["declaration.cancelled"])
        #expect(try counts(records, on: "2021-05-02") == [1, 0, 0, 0, 0, 0])
        records.append(filing("F4", of: "E1", "cancellation", submitted: "2021-05-02", accepted: "2021-05-02"))
        #expect(try counts(records, on: "2021-05-02") == [0, 1, 0, 0, 0, 0])
        // Submitted but not accepted is not declared.
        #expect(try counts([employer("E1"), filing("F1", of: "E1", submitted: "2021-03-01")], on: "2021-06-01") == [0, 1, 0, 0, 0, 0])
    }

    /// First accepted 2020-02-01. A hazard from 2021-05-01 must be declared by 2021-05-16; it is on 2021-05-25, by F3. F2 was submitted
    /// the day before the hazard and tells nothing of it.
    @Test func staleness() throws {
        let records = [
            employer("E1"), filing("F1", of: "E1", submitted: "2020-01-20", accepted: "2020-02-01"),
            Hand.record(EmployerHazard.kind, "H0", ["employer": "E1", "factor": "A001", "from": "2020-01-31"]),
            Hand.record(EmployerHazard.kind, "H1", ["employer": "E1", "factor": "C001", "from": "2021-05-01"]),
            filing("F2", of: "E1", "yearly", submitted: "2021-04-30", accepted: "2021-05-10"),
            filing("F3", of: "E1", "change", submitted: "2021-05-01", accepted: "2021-05-25"),
        ]
        #expect(try counts(records, on: "2020-03-01") == [1, 0, 0, 0, 0, 0])
        #expect(try counts(records, on: "2021-05-15") == [1, 0, 0, 0, 0, 0])
        let stale = try answer(records, on: "2021-05-16")
        #expect(stale.columns == [0, 1, 0, 0, 0, 0])
        #expect(stale.stretches.map { [$0.reason, $0.record] } == [["declaration.stale", "H1"]])
        #expect(try counts(records, on: "2021-05-24") == [0, 1, 0, 0, 0, 0])
        #expect(try counts(records, on: "2021-05-25") == [1, 0, 0, 0, 0, 0])
        // A plan that allows 30 days: owed from 2021-05-31, after it was declared.
        #expect(try counts(records, on: "2021-05-24", with: ["declaration.change_days": "30"]) == [1, 0, 0, 0, 0, 0])
        // From the very day of the first acceptance counts as later.
        let sameDay = [
            employer("E1"), filing("F1", of: "E1", submitted: "2020-01-20", accepted: "2020-02-01"),
            Hand.record(EmployerHazard.kind, "H1", ["employer": "E1", "factor": "C001", "from": "2020-02-01"]),
        ]
        #expect(try counts(sameDay, on: "2020-02-15") == [1, 0, 0, 0, 0, 0])
        #expect(try counts(sameDay, on: "2020-02-16") == [0, 1, 0, 0, 0, 0])
    }

    /// With twelve months of validity, accepted 2020-03-10: met through 2021-03-09.
    @Test func limitedValidity() throws {
        let records = [employer("E1"), filing("F1", of: "E1", submitted: "2020-03-01", accepted: "2020-03-10")]
        let limited = ["declaration.valid_months": "12"]
        #expect(try counts(records, on: "2021-03-09", with: limited) == [1, 0, 0, 0, 0, 0])
        let expired = try answer(records, on: "2021-03-10", with: limited)
        #expect(expired.columns == [0, 1, 0, 0, 0, 0])
        #expect(expired.stretches.map(\.reason) == ["declaration.expired"])
        #expect(try counts(records, on: "2021-03-10") == [1, 0, 0, 0, 0, 0])
    }

    /// E2, declared, is merged into E1, undeclared: one employer, declared. Parted again they are 1 of 2.
    @Test func merged() throws {
        let records = [employer("E1"), employer("E2"), filing("F1", of: "E2", submitted: "2020-03-01", accepted: "2020-03-10")]
        let merge = Hand.record(Merge.kind, "M1", ["employer_kept": "E1", "employer_dropped": "E2", "reason": "同一单位"])
        #expect(try counts(records + [merge], on: "2021-01-01") == [1, 0, 0, 0, 0, 0])
        #expect(try counts(records, on: "2021-01-01") == [1, 1, 0, 0, 0, 0])
    }

    /// A move from 330402 to 330411 on 2021-04-01 keeps the employer in the city and moves it between its counties.
    @Test func moved() throws {
        let records = [employer("E1"), change("C1", of: "E1", "2021-04-01", ["division": "330411"])]
        #expect(try counts(records, on: "2021-03-31", in: "330402") == [0, 1, 0, 0, 0, 0])
        #expect(try counts(records, on: "2021-04-01", in: "330402") == [0, 0, 0, 0, 0, 0])
        #expect(try counts(records, on: "2021-04-01", in: "330411") == [0, 1, 0, 0, 0, 0])
        #expect(try counts(records, on: "2021-04-01") == [0, 1, 0, 0, 0, 0])
    }

    /// A plan for large employers; the size of E1…E3 is blank: declared, undeclared, perhaps without hazards. E4 is small: out.
    @Test func scopeUnknown() throws {
        let records = [
            employer("E1"), employer("E2"), employer("E3").without("hazards"), employer("E4", ["size": "small"]),
            employer("E5", ["size": "large"]),
            filing("F1", of: "E1", submitted: "2020-03-01", accepted: "2020-03-10"),
        ]
        let answer = try answer(records, on: "2021-01-01", scope: .size(["large"]))
        #expect(answer.columns == [0, 1, 0, 1, 1, 1])
        // low = 0 ÷ (0+1+0+1+1); high = (0+0+1+1) ÷ (1+0+1+1).
        let figure = Figure(.rate, answer.count)
        #expect(figure.value == 0 && figure.low == 0)
        #expect(abs((figure.high ?? 0) - 200.0 / 3) < 1e-9)
    }

    /// Nobody to count is neither 0 nor 100 %.
    @Test func nobody() throws {
        #expect(Figure(.rate, Count()).state == .notApplicable)
        let none = try answer([employer("E1", ["hazards": "0"])], on: "2021-01-01")
        #expect(Figure(.rate, none.count).state == .notApplicable)
    }
}

extension Hand.Answer {
    /// [met, unmet, unknown, scope met, scope unmet, scope unknown]
    fileprivate var columns: [Int] { [count.met, count.unmet, count.unknown, count.scopeMet, count.scopeUnmet, count.scopeUnknown] }
}
extension Record {
    fileprivate func without(_ name: String) -> Record {
        var copy = self
        if let field = kind.field(named: name) { copy[field] = nil }
        return copy
    }
}
