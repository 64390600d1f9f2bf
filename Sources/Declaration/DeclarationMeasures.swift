import Kernel
import Ledger
import Registry

/// Declaration of hazard projects. Definition: docs/measures.md, `declaration_rate`.
let measures: [Measure] = [declaration] + declarationClocks

private let declaration = Measure(
    "declaration_rate", "职业病危害项目申报率", "Hazard-project declaration rate", .rate,
    numerator: ("已申报且申报有效的单位", "hazard employers with a declaration in force"),
    denominator: ("存在职业病危害的单位", "hazard employers"),
    parameters: ["declaration.change_days", "declaration.initial_days", "declaration.valid_months"],
    clause: "职业病防治法 第16条；安监总局令48号 第8条", files: [(Employer.kind, declarationStrands)])

/// One subject, the employer (Law Art. 16; Order 48 of 2012, Art. 8): met while a declaration is accepted, not cancelled, not stale.
func declarationStrands(_ file: File, _ terms: Terms) -> [Strand] {
    let profile = EmployerProfile(file)
    let filings = Filings(file)
    let standing = filings.accepted(validMonths: terms.optional("declaration.valid_months"))
        .with(filings.stale(profile.hazardRecords, changeDays: terms.integer("declaration.change_days", 15))) { accepted, stale in
            accepted.verdict == .met ? stale ?? accepted : accepted
        }
    let grace = profile.firstHazardDays.map { Span($0, $0 + terms.integer("declaration.initial_days", 30)) }
    return [Strand(file.id, debtor: file.id, profile.whileHazardous(standing.grace(during: grace)), at: profile.locus)]
}

extension EmployerProfile {
    /// The days on which the employer became a hazard employer, again after each day on which it was none. A stretch without a
    /// known beginning has none.
    fileprivate var firstHazardDays: [Day] { hazardous.spans { $0 == .yes }.map(\.from).filter { $0 > .distantPast } }
}

/// The declarations of an employer: those that declare (initial, change, yearly) and those that cancel.
private struct Filings {
    struct Accepted: Hashable { let day: Day; let id: String }
    let declaring: [Record]
    let cancelling: [Record]

    init(_ file: File) {
        let filings = file.all(Filing.kind)
        declaring = filings.filter { ["initial", "change", "yearly"].contains($0[Filing.type]) }
        cancelling = filings.filter { $0[Filing.type] == "cancellation" }
    }

    /// Met from an acceptance on, until a cancellation on or after its day, or until its months have passed where they are limited.
    func accepted(validMonths: Int?) -> Timeline<Standing> {
        latest(declaring).with(latest(cancelling)) { declared, cancelled -> Timeline<Standing> in
            guard let declared else { return Timeline(.unmet("declaration.none")) }
            if let cancelled, cancelled.day >= declared.day { return Timeline(.unmet("declaration.cancelled", cancelled.id)) }
            guard let validMonths else { return Timeline(.met(declared.id)) }
            return Timeline(
                .met(declared.id), [.init(declared.day.adding(months: validMonths), .unmet("declaration.expired", declared.id))])
        }.expand { $0 }
    }

    /// The last acceptance up to each day; of several on one day the one with the greatest id.
    private func latest(_ filings: [Record]) -> Timeline<Accepted?> {
        Timeline(
            nil,
            filings.compactMap { filing in
                filing[Filing.accepted].map { .init($0, Accepted(day: $0, id: filing.id)) }
            })
    }

    /// Unmet while a hazard that began after the first acceptance has not been declared in time, by a declaration submitted since.
    func stale(_ hazards: [Record], changeDays: Int) -> Timeline<Standing?> {
        guard let first = declaring.compactMap({ $0[Filing.accepted] }).min() else { return Timeline(nil) }
        let each = hazards.compactMap { hazard -> Timeline<Standing?>? in
            guard let begun = hazard[EmployerHazard.from], begun >= first else { return nil }
            let declared = declaring.filter { ($0[Filing.submitted] ?? .distantPast) >= begun }.compactMap { $0[Filing.accepted] }.min()
            let undeclared = Span(begun + changeDays, declared ?? .distantFuture)
            return Timeline(nil, .unmet("declaration.stale", hazard.id), during: [undeclared])
        }
        return Timeline.joined(each, nil) { $0 ?? $1 }
    }
}
