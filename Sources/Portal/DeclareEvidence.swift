import Catalog
import Declaration
import Exposure
import Kernel
import Ledger
import Registry
import Storage
import Surveillance
import Web

/// What the records that a reader may see say of an employer's hazards, and what a declaration differs in from them.
struct DeclareEvidence {
    let show: Showing
    let employer: String
    private(set) var evidence: [HazardEvidence] = []
    private(set) var persons: [String: Set<String>] = [:]
    private(set) var points: GuidedDeclaration.Points = [:]

    init(_ show: Showing, employer: String, on day: Day) throws {
        (self.show, self.employer) = (show, employer)
        let (ledger, db) = (show.ledger, show.db)
        func records(_ kind: Kind, _ id: String) throws -> [Record] {
            try ledger.records(db, kind, naming: id).filter { try show.sees($0) }
        }
        for hazard in try records(EmployerHazard.kind, employer) {
            guard hazard.span(EmployerHazard.from, EmployerHazard.until).contains(day), let factor = hazard[EmployerHazard.factor] else {
                continue
            }
            // What somebody entered from a declaration confirms no declaration.
            guard hazard[EmployerHazard.source] != "declaration" else { continue }
            let source: HazardEvidence.Source = hazard[EmployerHazard.source] == "inspection" ? .inspection : .registry
            evidence.append(HazardEvidence(source, factor: factor, record: hazard.id, day: hazard.day))
        }
        for report in try records(TestReport.kind, employer) {
            guard let sampled = report[TestReport.sampled], sampled <= day, sampled > day.adding(months: -36) else { continue }
            for result in try records(TestResult.kind, report.id) {
                guard let factor = result[TestResult.factor] else { continue }
                evidence.append(HazardEvidence(.test, factor: factor, record: report.id, day: sampled))
                guard sampled.year == day.year else { continue }
                let isExceeding = result[TestResult.verdict] == "exceed" || result[TestResult.assessment] == "exceed"
                for category in FilingCategories.categories(of: factor, ledger.catalog) {
                    let before = points[category] ?? (0, 0)
                    points[category] = (before.points + 1, before.exceeding + (isExceeding ? 1 : 0))
                }
            }
        }
        for exposure in try records(Exposed.kind, employer) where exposure.span(Exposed.from, Exposed.until).contains(day) {
            for factor in exposure[Exposed.factors] ?? [] {
                evidence.append(HazardEvidence(.exposure, factor: factor, record: exposure.id, day: exposure.day))
                if let worker = exposure[Exposed.worker] { persons[factor, default: []].insert(worker) }
            }
        }
        for exam in try records(Exam.kind, employer) {
            guard let examined = exam.day, examined <= day, examined > day.adding(months: -36) else { continue }
            for factor in exam[Exam.factors] ?? [] {
                evidence.append(HazardEvidence(.exam, factor: factor, record: exam.id, day: examined))
            }
        }
    }

    /// In the reader's words, each with the records that say otherwise.
    func lines(_ differences: [Difference]) throws -> [View.DifferenceLine] {
        let call = show.call
        return try differences.map { difference in
            var details = ["factor": show.ledger.catalog.title("factor", difference.factor, english: call.isEnglish)]
            details["source"] = difference.source.map { call.word("declare.source.\($0.rawValue)") }
            details["declared"] = difference.declared.map { String($0) }
            details["found"] = difference.found.map { String($0) }
            let shown = difference.records.prefix(3)
            let links = try shown.compactMap { id -> View.Link? in
                guard let record = try show.record(id) else { return nil }
                return View.Link(text: "\(show.name(record.kind)) \(try show.title(record))", href: Address.of(record))
            }
            let more = difference.records.count - shown.count
            return View.DifferenceLine(
                text: call.word("declare.difference.\(difference.what.rawValue)", details), records: links,
                more: more > 0 ? call.word("declare.difference.more", ["value": show.count(more)]) : nil)
        }
    }
}

/// What a stored declaration differs in from the other records, for whoever reads it; empty for records of other kinds.
func declarationDifferences(_ show: Showing, _ record: Record) throws -> [View.DifferenceLine] {
    guard record.kind.name == Filing.kind.name, record[Filing.type] != "cancellation", let employer = record[Filing.employer],
        record.state?.waits ?? true
    else { return [] }
    let lines = try show.ledger.records(show.db, FilingFactor.kind, naming: record.id)
    var factors: [String: Int?]?
    if let listed = record[Filing.factors] {
        var found = Dictionary(uniqueKeysWithValues: listed.map { ($0, Int?.none) })
        for (factor, own) in Dictionary(grouping: lines, by: { $0[FilingFactor.factor] ?? "" }) where !factor.isEmpty {
            let known = own.compactMap { $0[FilingFactor.exposed] }
            found[factor] = .some(known.count == own.count ? known.reduce(0, +) : nil)
        }
        factors = found
    }
    let evidence = try DeclareEvidence(show, employer: employer, on: record[Filing.submitted] ?? show.ledger.clock.today)
    let check = DeclarationCheck(factors: factors, exposed: record[Filing.exposed])
    return try evidence.lines(check.differences(evidence.evidence, persons: evidence.persons))
}
