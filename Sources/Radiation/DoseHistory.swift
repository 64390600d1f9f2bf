import Catalog
import Kernel
import Ledger

/// What is known of a person's doses 个人剂量史 of one quantity: the posts held as a radiation worker and what was worn in each.
///
/// Whatever is not known widens the sum instead of counting as nothing: a period without a value, a nominal dose that nobody approved and
/// days in post without a dosemeter leave it without an upper bound.
public struct DoseHistory: Sendable {
    /// How a period's dose is known.
    public enum Outcome: Sendable, Hashable {
        /// Measured, in mSv.
        case measured(Double)
        /// Below the minimum detectable level 最低探测水平; the recorded value where the report names one.
        case belowDetection(mdl: Double?, recorded: Double?)
        /// Stands for a lost or damaged dosemeter; it counts once it is approved.
        case nominal(Double?, method: String?, approved: Bool?)
        case unknown
    }
    /// A period of wearing 监测周期; its last day is the one before `days.until`.
    public struct Period: Sendable, Hashable {
        public let days: Span
        public let outcome: Outcome
        public init(_ days: Span, _ outcome: Outcome) { (self.days, self.outcome) = (days, outcome) }
    }
    public struct Post: Sendable {
        public let days: Span
        public let periods: [Period]
        /// - Throws: `Refusal("number.range")` for a dose or MDL that is negative or no number, `Refusal("day.order")` for a period
        ///   without a day.
        public init(_ days: Span, _ periods: [Period]) throws {
            for period in periods {
                guard period.days.length > 0 else {
                    throw Refusal(
                        "day.order", field: "until",
                        ["value": period.days.until.description, "limit": period.days.from.description])
                }
                for value in period.outcome.figures where !(0...10_000).contains(value) {
                    throw Refusal("number.range", field: "dose", ["value": "\(value)", "limit": "0–10000"])
                }
            }
            self.days = days
            self.periods = periods.sorted { ($0.days.from, $0.days.until) < ($1.days.from, $1.days.until) }
        }
    }
    public let quantity: DoseTables.Quantity
    public let posts: [Post]
    public init(_ quantity: DoseTables.Quantity = .effective, posts: [Post]) { (self.quantity, self.posts) = (quantity, posts) }

    /// The posts and doses of a worker's file. A dose that names no quantity is Hp(10): what whole-body badges measure.
    public init(_ file: File, _ quantity: DoseTables.Quantity = .effective) throws {
        let posts = try file.all(RadiationWorker.kind).map { post in
            let doses = file.all(Dose.kind, of: Dose.radiationWorker, post.id).filter { $0.doseQuantity == quantity }
            return try Post(post.span(RadiationWorker.from, RadiationWorker.until), doses.compactMap(Period.init))
        }
        self.init(quantity, posts: posts)
    }
}

extension DoseHistory.Outcome {
    var figures: [Double] {
        switch self {
        case .measured(let value): [value]
        case .belowDetection(let mdl, let recorded): [mdl, recorded].compactMap { $0 }
        case .nominal(let value, _, _): value.map { [$0] } ?? []
        case .unknown: []
        }
    }
}

extension DoseHistory.Period {
    /// A record of kind `dose`; nil without its days.
    public init?(_ record: Record) {
        guard let from = record[Dose.from], let until = record[Dose.until] else { return nil }
        days = Span(from, until)
        if record[Dose.nominal] == true {
            outcome = .nominal(record[Dose.dose], method: record[Dose.method], approved: record[Dose.approved])
        } else if record[Dose.belowDetection] == true {
            outcome = .belowDetection(mdl: record[Dose.mdl], recorded: record[Dose.dose])
        } else {
            outcome = record[Dose.dose].map { .measured($0) } ?? .unknown
        }
    }
}

extension Record {
    fileprivate var doseQuantity: DoseTables.Quantity {
        switch self[Dose.quantity] {
        case "hp3": .lens
        case "hp007": .skin
        default: .effective
        }
    }
}
