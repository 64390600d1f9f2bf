import Catalog
import Institutions
import Kernel
import Ledger
import Registry

/// Whether an institution's qualification and staff cover a report on its day of sampling (Order 4 of 2020, Art. 4, 6; GBZ 331-2024).
/// What is disproved is refused. What cannot be told is refused of the institution itself, which has to prove it; an authority that
/// enters a report may leave it open, and states a reason where something is disproved: the finding `exposure.unproven` shows both.
struct ReportCoverage {
    private let report: Record
    private let taking: Taking
    private var refusals: [Refusal] = []

    init(_ report: Record, _ taking: Taking) { (self.report, self.taking) = (report, taking) }

    /// - Throws: `Refusals` with what stands against the report, for the factors that it has results of.
    func check(factors: [String]) throws {
        guard report[TestReport.exception] == nil else { return }
        var copy = self
        try copy.run(factors)
        if !copy.refusals.isEmpty { throw Refusals(copy.refusals) }
    }

    /// A supervisory test is the authority's own, and daily monitoring the employer's: they need no institution.
    static func needsInstitution(_ report: Record) -> Bool { ["periodic", "evaluation"].contains(report[TestReport.type]) }

    private mutating func run(_ factors: [String]) throws {
        guard let day = report[TestReport.sampled], report[TestReport.type] != "supervision" else { return }
        guard let institution = try taking.target(of: TestReport.institution, in: report) else {
            if ReportCoverage.needsInstitution(report) { doubt("report.institution.missing", field: TestReport.institution) }
            return
        }
        let profile = try self.profile(of: institution)
        let place = try employerPlace(on: day)
        reach(profile.reach("testing", in: place, on: day), institution, day, factor: nil)
        if refusals.isEmpty {
            for factor in factors {
                reach(
                    profile.reach("testing", factor: factor, category: category(factor), in: place, on: day), institution, day,
                    factor: factor)
            }
        }
        try staff(of: institution, on: day, factors)
    }

    // The institution

    private func profile(of institution: Record) throws -> InstitutionProfile {
        let all = try [institution] + taking.records(Qualification.kind, naming: institution.id)
        guard let file = Book(all, divisions: taking.catalog.divisions).file(institution.id) else {
            throw Refusal("record.missing", field: TestReport.institution.spec.name, ["value": institution.id])
        }
        return InstitutionProfile(file)
    }
    private func employerPlace(on day: Day) throws -> String? {
        guard let employer = try taking.target(of: TestReport.employer, in: report) else { return nil }
        let all = try [employer] + taking.records(EmployerChange.kind, naming: employer.id)
        return Book(all, divisions: taking.catalog.divisions).file(employer.id).flatMap { EmployerProfile($0).locus[day].division }
    }
    private func category(_ factor: String) -> String { taking.catalog.tables["factor"]?[factor]?.group ?? "" }
    private func title(_ factor: String) -> [String: String] {
        ["expected": taking.catalog.title("factor", factor), "expected_en": taking.catalog.title("factor", factor, english: true)]
    }

    private mutating func reach(_ reach: InstitutionProfile.Reach, _ institution: Record, _ day: Day, factor: String?) {
        let details = (factor.map(title) ?? [:]).merging(["value": institution.title, "limit": day.description]) { $1 }
        let field = factor == nil ? TestReport.institution.spec.name : TestResult.factor.spec.name
        switch reach {
        case .covered: break
        case .unqualified(let ended?):
            refusals.append(Refusal("report.institution.expired", field: field, details.merging(["expected": ended.description]) { $1 }))
        case .unqualified(nil): refusals.append(Refusal("report.institution.unqualified", field: field, details))
        case .otherProvince: refusals.append(Refusal("report.institution.province", field: field, details))
        case .outside: refusals.append(Refusal("report.institution.outside", field: field, details))
        case .unknown: doubt("report.institution.unproven", name: field, details)
        }
    }

    // The staff

    private mutating func staff(of institution: Record, on day: Day, _ factors: [String]) throws {
        let samplers = [TestReport.sampler, TestReport.secondSampler]
        if let first = report[TestReport.sampler], first == report[TestReport.secondSampler] {
            refusals.append(Refusal("report.staff.double", field: TestReport.secondSampler.spec.name))
        }
        for field in samplers {
            guard let person = try taking.target(of: field, in: report) else {
                doubt("report.staff.missing", field: field)
                continue
            }
            check(person, field, role: "sampling", institution, on: day, factors)
        }
        // What is read off on the spot needs no laboratory.
        let analysed = factors.filter { ["dust", "chemical", "biological", "other"].contains(category($0)) }
        if let person = try taking.target(of: TestReport.analyst, in: report) {
            check(person, TestReport.analyst, role: "laboratory", institution, on: day, analysed)
        } else if !analysed.isEmpty {
            doubt("report.staff.missing", field: TestReport.analyst)
        }
    }

    private mutating func check(
        _ person: Record, _ field: Field<String>, role: String, _ institution: Record, on day: Day, _ factors: [String]
    ) {
        let name = field.spec.name
        let details = ["value": person.title, "limit": day.description]
        func refuse(_ code: String, _ more: [String: String] = [:]) -> Refusal { Refusal(code, field: name, details.merging(more) { $1 }) }
        guard person[Staff.institution] == institution.id else {
            refusals.append(refuse("report.staff.other"))
            return
        }
        guard person.span(Staff.from, Staff.until).contains(day) else {
            refusals.append(refuse("report.staff.absent"))
            return
        }
        if let roles = person[Staff.roles] {
            if !roles.contains(role) {
                let work = [
                    "expected": taking.catalog.title("staff_role", role),
                    "expected_en": taking.catalog.title("staff_role", role, english: true),
                ]
                refusals.append(refuse("report.staff.role", work))
            }
        } else {
            doubt("report.staff.unproven", name: name, details)
        }
        if let trained = person[Staff.trained] {
            if trained > day { refusals.append(refuse("report.staff.untrained", ["expected": trained.description])) }
        } else {
            doubt("report.staff.unproven", name: name, details)
        }
        for factor in factors {
            guard let categories = person[Staff.categories] else {
                doubt("report.staff.unproven", name: name, details)
                break
            }
            if !categories.contains(category(factor)) { refusals.append(refuse("report.staff.outside", title(factor))) }
        }
    }

    // What cannot be told

    private mutating func doubt(_ code: String, field: Field<String>) { doubt(code, name: field.spec.name, [:]) }
    private mutating func doubt(_ code: String, name: String, _ details: [String: String]) {
        guard taking.isOwn else { return }
        let refusal = Refusal(code, field: name, details)
        if !refusals.contains(where: { $0.code == code && $0.field == name }) { refusals.append(refusal) }
    }
}
