import Catalog
import Hygiene
import Kernel

/// A nominal dose 名义剂量 proposed for a period of which the dosemeter was lost or damaged. It is only a proposal: it counts once a record
/// carries it with its way of being worked out and its approval.
public struct NominalDose: Sendable {
    /// A code of `dose_method`.
    public let method: String
    public let value: Double
    public let provenance: Provenance
    public let working: [Bilingual]
}

extension DoseRules {
    /// The mean of what colleagues on the same work received in the same period.
    /// - Throws: `Refusal("dose.colleagues-missing")` without any, `Refusal("number.range")` for a dose that is none,
    ///   `Refusal("dose.edition-missing")` where no edition of the day is to hand.
    public func nominal(colleagues doses: [Double], in period: Span) throws -> NominalDose {
        let method = try method("colleagues", period)
        guard !doses.isEmpty else { throw Refusal("dose.colleagues-missing") }
        if let wrong = doses.first(where: { !(0...10_000).contains($0) }) {
            throw Refusal("number.range", field: "dose", ["value": "\(wrong)", "limit": "0–10000"])
        }
        let value = doses.reduce(0, +) / Double(doses.count)
        let sum = doses.map(Rounding.plain).joined(separator: " + ")
        let step = Bilingual(same: "(\(sum)) ÷ \(doses.count) = \(Rounding.plain(value)) mSv")
        return NominalDose(method: method.code, value: value, provenance: method.provenance, working: [method.name, step])
    }

    /// The dose of the calendar year before, by days: its sum × days of the period ÷ 365.
    /// - Throws: `Refusal("dose.previous-year-open")` where that year's dose is not exactly known or there was no post in the whole of it.
    public func nominal(previousYearOf history: DoseHistory, in period: Span) throws -> NominalDose {
        let method = try method("previous_year", period)
        let year = period.from.year - 1
        let sum = sum(history, over: .year(year))
        let served = Span.union(history.posts.map(\.days)).contains { $0.intersection(.year(year)) == .year(year) }
        guard sum.bounds.isExact, served else { throw Refusal("dose.previous-year-open", ["value": "\(year)"]) }
        let value = sum.bounds.low * Double(period.length) / 365
        let step = Bilingual(same: "\(Rounding.plain(sum.bounds.low)) × \(period.length) ÷ 365 = \(Rounding.plain(value)) mSv")
        return NominalDose(method: method.code, value: value, provenance: method.provenance, working: [method.name] + sum.working + [step])
    }

    private func method(_ code: String, _ period: Span) throws -> DoseTables.Method {
        guard let method = tables.method(code, on: period.until - 1) else { throw Self.noEdition }
        return method
    }
}
