import Kernel
import Ledger
import Radiation
import Registry

/// Radiation workers of hospitals and of industrial radiography, with their quarters of dose.
extension DemoWorld {
    /// Of a hospital: some persons in post, by its size.
    func radiationWorkers(of employer: DemoEmployer) {
        let number = [int(1...2), int(2...4), int(4...9), int(9...16)][employer.size]
        for _ in 0..<number { radiationWorker(at: employer, isCounted: counts("medical_dose_rate")) }
    }

    /// Of firms with radiographic testing, written when all employers are there.
    func radiography() {
        let isCounted = counts("nonmedical_dose_rate")
        for employer in employers where employer.trade.radiography && employer.hasHazards && (employer.size > 0 || chance(0.5)) {
            for _ in 0..<int(2...5) { radiationWorker(at: employer, isCounted: isCounted) }
        }
    }

    private func radiationWorker(at employer: DemoEmployer, isCounted: Bool) {
        let start = Day.firstDay(of: plan.lowerBound)
        let from =
            chance(0.75)
            ? day(max(employer.since, start - 3000), max(employer.since, start - 20))
            : day(max(employer.since, start), min(horizon, employer.lastDay) - 50)
        guard from <= horizon,
            let person = person(home: employer.county, age: (24, 55), on: max(from, start), woman: chance(0.4), recorded: from)
        else { return }
        let leaves = chance(0.1) ? day(max(from, start) + 200, horizon) : nil
        let until = [leaves, employer.until].compactMap { $0 }.min().flatMap { $0 > from && $0 <= horizon ? $0 : nil }
        scribe.add(Employment.kind, home: employer.county, day: from) { [self] in
            $0[Employment.worker] = person.id
            $0[Employment.employer] = employer.id
            $0[Employment.from] = from
            $0[Employment.until] = until
            $0[Employment.type] = code("employment_type", "direct")
        }
        scribe.add(Insured.kind, home: employer.county, day: from) {
            $0[Insured.worker] = person.id; $0[Insured.employer] = employer.id; $0[Insured.from] = from; $0[Insured.until] = until
        }
        guard
            let id = scribe.add(
                RadiationWorker.kind, home: employer.county, day: from,
                fill: {
                    $0[RadiationWorker.worker] = person.id
                    $0[RadiationWorker.employer] = employer.id
                    $0[RadiationWorker.from] = from
                    $0[RadiationWorker.until] = until
                })
        else { return }
        guard isCounted || chance(0.4) else { return }
        for year in years {
            let isWhole = fulfils(.dose, in: year, size: min(2, employer.size))
            let gap = isWhole ? nil : int(0...3)
            for quarter in 0..<4 {
                dose(
                    of: id, at: employer, year: year, quarter: quarter, isMissing: quarter == gap, post: Span(from, until ?? .distantFuture)
                )
            }
        }
    }

    private func dose(of worker: String, at employer: DemoEmployer, year: Int, quarter: Int, isMissing: Bool, post: Span) {
        let first = Day.firstDay(of: year).adding(months: quarter * 3)
        let until = first.adding(months: 3)
        guard until + 40 <= demo.today, post.from <= first, until <= post.until, until - 1 <= horizon + 31 else { return }
        // A lost dosimeter: left out, or a nominal dose, approved or not yet.
        let isNominal = isMissing ? chance(0.25) : chance(0.01)
        guard !isMissing || isNominal else { return }
        let measured = (scribe.random.real() * (employer.trade.medical ? 0.4 : 0.6) * 1000).rounded() / 1000
        let isUnsaid = isNominal && isMissing && chance(0.5)
        scribe.add(Dose.kind, home: employer.county, day: until + 12, late: 0.01) {
            $0[Dose.radiationWorker] = worker
            $0[Dose.from] = first
            $0[Dose.until] = until
            $0[Dose.dose] = isNominal ? nil : measured
            $0[Dose.nominal] = isUnsaid ? nil : isNominal
            $0[Dose.approved] = isNominal && !isUnsaid ? !isMissing : nil
        }
    }
}
