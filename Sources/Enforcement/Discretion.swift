import Catalog
import Kernel

/// Discretion 裁量 within the statutory range: what an item of the law allows for a breach, and where the jurisdiction's scheme places it.
public struct Discretion: Sendable {
    public let penalty: Penalty
    public let range: PenaltyRange
    public let scheme: DiscretionScheme
    public let step: DiscretionScheme.Step
    public let points: Int
    public let chosen: [(factor: DiscretionScheme.Factor, level: DiscretionScheme.Level)]
    /// The bounds of the law in yuan; nil where no fine is possible as things stand.
    public let statutory: ClosedRange<Int>?
    /// The part of them that the scheme leads to.
    public let advised: ClosedRange<Int>?
    public let isOverdue, isSevere: Bool
    private let hearingFrom: Int?

    /// - Throws: `code.unknown` for an item that does not exist, `penalty.none` for one that sets no penalty that an authority decides,
    ///   `penalty.not-in-force`, `penalty.income`, `discretion.…` for levels that do not fit the scheme.
    public init(
        item code: String, division: String, on day: Day, isOverdue: Bool, isSevere: Bool, income: Double?, levels: [String],
        catalog: Catalog
    ) throws {
        guard let penalty = Penalty.coded(catalog.penalties).first(where: { $0.code == code })?.penalty else {
            throw Refusal("code.unknown", field: "item", ["value": code, "table": "penalty_item"])
        }
        guard penalty.provenance.force.contains(day) else {
            throw Refusal("penalty.not-in-force", field: "item", ["value": day.description])
        }
        range = PenaltyRange(penalty)
        guard penalty.when != .criminal, penalty.when != .sanction, penalty.when != .other, !range.sanctions.isEmpty else {
            throw Refusal("penalty.none", field: "item", ["value": penalty.fine])
        }
        guard let scheme = catalog.discretion.scheme(for: division, on: day) else { throw Refusal("discretion.none", field: "factors") }
        (self.penalty, self.scheme, self.isOverdue, self.isSevere) = (penalty, scheme, isOverdue, isSevere)
        let placed = try scheme.step(for: levels)
        (step, points, chosen) = (placed.step, placed.points, placed.chosen.map { (factor: $0.0, level: $0.1) })
        let isPossible = range.fine.map { Discretion.holds($0.condition, isOverdue, isSevere) } ?? false
        if isPossible, let fine = range.fine, fine.isMultiple, income == nil { throw Refusal("penalty.income", field: "income") }
        statutory = isPossible ? range.fine?.yuan(income: income) : nil
        advised = statutory.map { Discretion.part(of: $0, from: placed.step.least, to: placed.step.most) }
        hearingFrom = catalog.parameters["hearing.fine"]?.edition(on: day).flatMap { Int($0.value) }
    }

    /// The part of a range, whole yuan, never outside it.
    static func part(of range: ClosedRange<Int>, from least: Double, to most: Double) -> ClosedRange<Int> {
        let width = Double(range.upperBound - range.lowerBound)
        let low = range.lowerBound + Int((width * least).rounded(.up))
        let high = range.lowerBound + Int((width * most).rounded(.down))
        return min(low, range.upperBound)...max(min(low, range.upperBound), min(high, range.upperBound))
    }

    private static func holds(_ condition: Sanction.Condition, _ isOverdue: Bool, _ isSevere: Bool) -> Bool {
        switch condition {
        case .always, .may: true
        case .overdue: isOverdue
        case .severe: isSevere
        }
    }

    /// Whether a sanction of the item is possible as things stand.
    public func allows(_ sanction: Sanction) -> Bool { Discretion.holds(sanction.condition, isOverdue, isSevere) }

    /// Judges what is proposed.
    /// - Returns: whether it departs from the scheme, inside the law: a fine outside the advised part, or none where the law says that
    ///   one is imposed.
    /// - Throws: `penalty.means`, `penalty.condition` for a kind of penalty that the item does not allow (yet), `penalty.amount`,
    ///   `penalty.no-fine`, `penalty.range` for the amount, `penalty.correction` where the order to correct is missing.
    public func judge(means: [String], amount: Int?) throws(Refusal) -> Bool {
        for code in means {
            guard let kind = Sanction.Means(rawValue: code), let sanction = range.sanction(kind) else {
                throw Refusal("penalty.means", field: "means", ["value": code, "limit": penalty.fine])
            }
            guard allows(sanction) else {
                throw Refusal(
                    sanction.condition == .overdue ? "penalty.overdue" : "penalty.severe", field: "means",
                    ["value": code, "limit": penalty.fine])
            }
        }
        guard means.contains("fine") else {
            if amount != nil { throw Refusal("penalty.no-fine", field: "amount") }
            // 并处, and 逾期不改正的，处: the law leaves no choice.
            return range.fine.map { $0.condition != .may && Discretion.holds($0.condition, isOverdue, isSevere) } ?? false
        }
        guard let amount else { throw Refusal("field.required", field: "amount") }
        guard let statutory, statutory.contains(amount), amount > 0 else {
            throw Refusal("penalty.range", field: "amount", ["value": String(amount)].merging(details) { $1 })
        }
        return !(advised?.contains(amount) ?? false)
    }

    /// Whether the party may ask for a hearing (Administrative Penalty Law 2021 Art. 63): work stopped, closure, a qualification lost; a
    /// large fine where the jurisdiction's threshold is to hand.
    public func givesHearing(means: [String], amount: Int?) -> Bool {
        if !Set(["suspension", "closure", "disqualification"]).isDisjoint(with: means) { return true }
        return hearingFrom.map { amount ?? 0 >= $0 } ?? false
    }

    /// What refusals name.
    public var details: [String: String] {
        func text(_ range: ClosedRange<Int>?) -> String { range.map { "\($0.lowerBound)–\($0.upperBound)" } ?? "—" }
        return ["limit": text(statutory), "expected": text(advised)]
    }

    /// The working in words: clause, sum of points, step, bounds, and how sure each source is.
    public var working: [Bilingual] {
        var lines = [
            Bilingual(
                "\(penalty.provenance.edition)\(penalty.name(english: false))：\(penalty.fine)（可信度 \(penalty.provenance.confidence.rawValue)）",
                "\(penalty.provenance.edition) \(penalty.name(english: true)): \(penalty.fine) (confidence \(penalty.provenance.confidence.rawValue))"
            )
        ]
        for (factor, level) in chosen {
            lines.append(
                Bilingual(
                    "\(factor.name.zh)：\(level.name.zh)，\(level.points) 分", "\(factor.name.en): \(level.name.en), \(level.points) points"))
        }
        let confidence = scheme.provenance.confidence.rawValue
        lines.append(
            Bilingual(
                "\(scheme.name.zh)：合计 \(points) 分，\(step.name.zh)，法定幅度的 \(share)（可信度 \(confidence)）",
                "\(scheme.name.en): \(points) points, \(step.name.en), \(share) of the range (confidence \(confidence))"))
        if let statutory, let advised {
            let width = statutory.upperBound - statutory.lowerBound
            lines.append(
                Bilingual(
                    "\(statutory.lowerBound) + \(width) × \(share) = \(advised.lowerBound)–\(advised.upperBound) 元",
                    "\(statutory.lowerBound) + \(width) × \(share) = \(advised.lowerBound)–\(advised.upperBound) yuan"))
        }
        return lines
    }
    private var share: String { "\(Int((step.least * 100).rounded()))–\(Int((step.most * 100).rounded()))%" }
}
