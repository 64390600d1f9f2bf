import Catalog
import Foundation
import Kernel
import Ledger
import Storage
import Synchronization

/// What an indicator's value means against its target.
public enum Outcome: String, Sendable, Codable {
    case met, unmet
    /// The unknown subjects could turn it either way, or the years to compare are not there.
    case untold
    /// Judged by a person, as entered.
    case judgedMet = "judged_met", judgedUnmet = "judged_unmet", unjudged
    case notApplicable = "not_applicable"
}

/// One year's figure in a trend. Baselines come from before the system and stand apart.
public struct TrendPoint: Sendable {
    public let year: Int
    public let figure: Figure
    public let baseline: (value: Double, source: String, record: String)?
}

/// Where the years so far lead: a straight line through the year-ends, with the interval in which four of five years would fall.
public struct Forecast: Sendable, Hashable {
    public let year: Int
    public let value, low, high: Double
    public let points: Int

    /// Least squares over at least three years; nil under three. The interval is the 80 % prediction interval of the line.
    public init?(_ years: [(year: Int, value: Double)], to year: Int, within range: ClosedRange<Double>?) {
        let count = Double(years.count)
        guard years.count >= 3, let last = years.map(\.year).max(), year > last else { return nil }
        let meanX = years.reduce(0) { $0 + Double($1.year) } / count
        let meanY = years.reduce(0) { $0 + $1.value } / count
        var sxx = 0.0
        var sxy = 0.0
        for point in years {
            sxx += (Double(point.year) - meanX) * (Double(point.year) - meanX)
            sxy += (Double(point.year) - meanX) * (point.value - meanY)
        }
        let slope = sxy / sxx
        var residual = 0.0
        for point in years {
            let distance = point.value - (meanY + slope * (Double(point.year) - meanX))
            residual += distance * distance
        }
        // Quantiles of Student's t at 0.9 for 1…10 degrees of freedom, then the normal's.
        let quantiles = [3.078, 1.886, 1.638, 1.533, 1.476, 1.440, 1.415, 1.397, 1.383, 1.372]
        let freedom = years.count - 2
        let quantile = freedom <= quantiles.count ? quantiles[freedom - 1] : 1.2816
        let ahead = Double(year) - meanX
        let spread = quantile * (residual / Double(freedom)).squareRoot() * (1 + 1 / count + ahead * ahead / sxx).squareRoot()
        let middle = meanY + slope * ahead
        func clamped(_ value: Double) -> Double { range.map { min(max(value, $0.lowerBound), $0.upperBound) } ?? value }
        (self.year, self.value, self.low, self.high, points) = (
            year, clamped(middle), clamped(middle - spread), clamped(middle + spread), years.count
        )
    }
}

/// One indicator as it stands.
public struct IndicatorState: Sendable {
    public let indicator: Indicator
    public let figure: Figure
    public let count: Count
    public let groups: [(name: String, count: Count, figure: Figure)]
    public let outcome: Outcome
    /// Value less target; negative where it is missed.
    public let distance: Double?
    public let trend: [TrendPoint]
    public let forecast: Forecast?
    public let judgement: Record?
    /// 95 % interval of a sample's figure, where the measure is a survey.
    public let interval: ClosedRange<Double>?
}

/// A plan's indicators as of a day, as known at a moment, for a division.
public struct Board: Sendable {
    public let plan: Plan
    public let edition: Int
    public let day: Day
    public let knownAt: Moment?
    public let division: DivisionCode
    public let states: [IndicatorState]
}

/// Plans as read, by digest: a text is read once however often its board is asked for.
private final class PlanShelf: Sendable {
    private let plans = Mutex<[String: Plan]>([:])
    func plan(_ digest: String, _ read: () throws -> Plan) rethrows -> Plan {
        if let kept = plans.withLock({ $0[digest] }) { return kept }
        let plan = try read()
        plans.withLock { $0[digest] = plan }
        return plan
    }
}

public struct Boards: Sendable {
    public let ledger: Ledger
    private let shelf = PlanShelf()
    private struct Asked: Hashable {
        let plan: String
        let edition: Int
        let day: Day
        let inside: DivisionCode
    }
    private let boards = StateShelf<Asked, Board>(most: 400)
    public init(_ ledger: Ledger) { self.ledger = ledger }

    /// Reads the stored plans. A text that no longer reads (a table lost a code) is told, not skipped.
    public func plans(_ db: any Connection, knownAt moment: Moment? = nil) throws -> [(plan: Plan, edition: Ledger.PlanEdition)] {
        try ledger.plans(db, knownAt: moment).map { edition in
            let plan = try shelf.plan(edition.digest) {
                var reader = PlanReader(catalog: ledger.catalog, measures: ledger.measures)
                guard let plan = reader.read(edition.text) else {
                    throw Refusal("plan.unreadable", ["value": edition.plan, "reason": reader.problems.first?.description ?? ""])
                }
                return plan
            }
            return (plan, edition)
        }
    }
    public func plan(_ db: any Connection, _ id: String, knownAt moment: Moment? = nil) throws -> (plan: Plan, edition: Ledger.PlanEdition)
    {
        let all = try plans(db, knownAt: moment)
        guard let found = all.first(where: { $0.plan.id == id }) ?? all.first(where: { $0.plan.jurisdiction.text == id }) else {
            throw Refusal("plan.unknown", ["value": id, "expected": all.map(\.plan.id).joined(separator: ", ")])
        }
        return found
    }

    public func board(
        _ db: any Connection, _ plan: Plan, edition: Int, on day: Day, knownAt moment: Moment? = nil, in division: DivisionCode? = nil
    ) throws -> Board {
        let inside = division ?? plan.jurisdiction
        func make() throws -> Board { try self.make(db, plan, edition: edition, on: day, knownAt: moment, in: inside) }
        guard moment == nil else { return try make() }
        return try boards.value(ledger, db, Asked(plan: plan.digest, edition: edition, day: day, inside: inside), make)
    }
    private func make(
        _ db: any Connection, _ plan: Plan, edition: Int, on day: Day, knownAt moment: Moment?, in inside: DivisionCode
    ) throws -> Board {
        let tallies = try ledger.tallies(
            db, prefix: plan.id + "/", gauges: plan.gauges(ledger.catalog), knownAt: moment, edition: plan.digest)
        let yearEnds = plan.years.map(Day.lastDay(of:)).filter { $0 < day }
        let days = yearEnds + [day]
        let divisions = try ledger.divisions(db, knownAt: moment)
        let judgements = try self.judgements(db, plan, knownAt: moment)
        let baselines = try self.baselines(db, plan, knownAt: moment)
        let states = try plan.indicators.map { indicator -> IndicatorState in
            let tally = tallies[plan.gaugeName(indicator)]
            let isOfUnits = indicator.measure.style == .leastUnit
            let figures = days.map { day in
                Figure(
                    indicator.measure.style, tally, in: inside, on: day, units: isOfUnits ? unitCodes(divisions, on: day, in: inside) : [])
            }
            let units = isOfUnits ? unitCodes(divisions, on: day, in: inside) : []
            let count = tally?.total(in: inside, on: day) ?? Count()
            let groups = groups(indicator, tally, in: inside, on: day, units)
            var trend: [TrendPoint] = []
            let ours = baselines.filter { $0[Baseline.indicator] == indicator.id }
            for record in ours.sorted(by: { ($0[Baseline.year] ?? 0) < ($1[Baseline.year] ?? 0) })
            where !plan.years.contains(record[Baseline.year] ?? 0) {
                trend.append(point(record[Baseline.year] ?? 0, Figure(state: .unreported), ours))
            }
            for (index, end) in yearEnds.enumerated() { trend.append(point(end.year, figures[index], ours)) }
            trend.append(point(day.year, figures[days.count - 1], ours))
            let judgement = judgements.last { $0[Judgement.indicator] == indicator.id && ($0[Judgement.day] ?? .distantFuture) <= day }
            let figure = figures[days.count - 1]
            let complete = day == .lastDay(of: day.year) ? figures : Array(figures.dropLast())
            let years = Array(zip(days.map(\.year), complete))
            let outcome = Boards.outcome(
                indicator, figure, years: years,
                baseline: ours.filter { ($0[Baseline.year] ?? 9999) < plan.years.lowerBound }.compactMap { $0[Baseline.value] }.last,
                judgement: judgement)
            let forecast = Boards.forecast(indicator, years, due: indicator.due)
            var interval: ClosedRange<Double>?
            if indicator.measure.name == "awareness_rate", let value = figure.value {
                interval = try sampleInterval(db, plan, indicator, value: value, on: day, in: inside, knownAt: moment)
            }
            return IndicatorState(
                indicator: indicator, figure: figure, count: count, groups: groups, outcome: outcome,
                distance: Boards.distance(indicator, figure), trend: trend,
                forecast: forecast, judgement: judgement, interval: interval)
        }
        return Board(plan: plan, edition: edition, day: day, knownAt: moment, division: inside, states: states)
    }

    private func point(_ year: Int, _ figure: Figure, _ baselines: [Record]) -> TrendPoint {
        let record = baselines.last { $0[Baseline.year] == year }
        return TrendPoint(
            year: year, figure: figure,
            baseline: record.flatMap { record in record[Baseline.value].map { ($0, record[Baseline.source] ?? "", record.id) } })
    }

    /// The units of which each must reach the minimum: every county, and the jurisdiction's own level.
    func unitCodes(_ divisions: Divisions, on day: Day, in inside: DivisionCode) -> [DivisionCode] {
        let counties = divisions.units(of: .county, in: inside, on: day).compactMap { DivisionCode($0) }.filter { $0 != inside }
        return inside.level == .county ? [inside] : [inside] + counties
    }

    private func groups(
        _ indicator: Indicator, _ tally: GaugeTally?, in inside: DivisionCode, on day: Day, _ units: [DivisionCode]
    ) -> [(name: String, count: Count, figure: Figure)] {
        let all = tally?.groups(in: inside, on: day) ?? [:]
        switch indicator.measure.style {
        case .leastUnit:
            return units.map { unit in
                let count = tally.map { $0.unit(unit, of: units, on: day) } ?? Count()
                return (ledger.catalog.divisions.name(unit.text), count, Figure(.count, count))
            }
        case .leastRatio: return all.sorted { $0.key < $1.key }.map { ($0.key, $0.value, Figure(.ratio, $0.value)) }
        default:
            let groups = all.filter { !$0.key.isEmpty }
            return groups.sorted { $0.key < $1.key }.map { ($0.key, $0.value, Figure(indicator.measure.style, $0.value)) }
        }
    }

    // Verdicts

    /// - Parameters:
    ///   - years: the figures of the plan's completed years.
    ///   - baseline: the value of the year before the plan, where one was entered.
    static func outcome(_ indicator: Indicator, _ figure: Figure, years: [(Int, Figure)], baseline: Double?, judgement: Record?) -> Outcome
    {
        let target = indicator.target
        switch target.operator {
        case .controlled, .achieved, .qualitative:
            switch judgement?[Judgement.verdict] {
            case "achieved": return .judgedMet
            case "not_achieved": return .judgedUnmet
            default: return .unjudged
            }
        case .gte, .lte, .eq, .between:
            if indicator.everyYear, years.contains(where: { compare(target, $0.1) == .unmet }) { return .unmet }
            return compare(target, figure)
        case .increasing:
            var values = years.map(\.1.value)
            if let baseline { values.insert(baseline, at: 0) }
            guard values.count >= 2 else { return .untold }
            var result = Outcome.met
            for (before, after) in zip(values, values.dropFirst()) {
                guard let before, let after else { if result == .met { result = .untold }; continue }
                if after - before <= Boards.noise { result = .unmet }
            }
            return result
        case .decreasing:
            let base: Int? = indicator.overrides["baseline_year"].flatMap { Int($0) }
            let first = base.map { year in years.first { $0.0 == year }?.1.value } ?? years.first?.1.value
            guard years.count >= 2, let first, let last = years.last?.1.value else { return .untold }
            return first - last > Boards.noise ? .met : .unmet
        }
    }

    /// Amounts are kept in millionths: years that differ by less than this are alike.
    private static let noise = 1e-4

    /// Met only if met with every unknown against it; not met only if missed with every unknown in its favour.
    static func compare(_ target: Target, _ figure: Figure) -> Outcome {
        if figure.state == .notApplicable { return .notApplicable }
        guard let low = figure.low, let high = figure.high else { return .untold }
        let slack = 1e-9
        switch target.operator {
        case .gte:
            guard let value = target.value else { return .untold }
            return low >= value - slack ? .met : high < value - slack ? .unmet : .untold
        case .lte:
            guard let value = target.value else { return .untold }
            return high <= value + slack ? .met : low > value + slack ? .unmet : .untold
        case .eq:
            guard let value = target.value else { return .untold }
            if abs(low - value) <= slack, abs(high - value) <= slack { return .met }
            return value < low - slack || value > high + slack ? .unmet : .untold
        case .between:
            guard let range = target.range else { return .untold }
            if low >= range.lowerBound - slack, high <= range.upperBound + slack { return .met }
            return high < range.lowerBound - slack || low > range.upperBound + slack ? .unmet : .untold
        default: return .untold
        }
    }

    /// The outcome of one part that must reach the target by itself.
    public static func partOutcome(_ indicator: Indicator, _ figure: Figure) -> Outcome { compare(indicator.target, figure) }

    static func distance(_ indicator: Indicator, _ figure: Figure) -> Double? {
        guard let value = figure.value else { return nil }
        switch indicator.target.operator {
        case .gte, .eq: return indicator.target.value.map { value - $0 }
        case .lte: return indicator.target.value.map { $0 - value }
        case .between:
            return indicator.target.range.map {
                value < $0.lowerBound ? value - $0.lowerBound : value > $0.upperBound ? $0.upperBound - value : 0
            }
        default: return nil
        }
    }

    static func forecast(_ indicator: Indicator, _ years: [(Int, Figure)], due: Int) -> Forecast? {
        let range: ClosedRange<Double>? =
            switch indicator.measure.style {
            case .rate, .share: 0...100
            case .count, .level, .ratio, .leastRatio, .leastUnit: 0...1e15
            case .judged: nil
            }
        return Forecast(years.compactMap { year, figure in figure.value.map { (year, $0) } }, to: due, within: range)
    }

    // Records behind

    public func judgements(_ db: any Connection, _ plan: Plan, knownAt moment: Moment?) throws -> [Record] {
        try planRecords(db, Judgement.kind, Judgement.plan, plan, moment).sorted {
            ($0[Judgement.day] ?? .distantPast, $0.id) < ($1[Judgement.day] ?? .distantPast, $1.id)
        }
    }
    func baselines(_ db: any Connection, _ plan: Plan, knownAt moment: Moment?) throws -> [Record] {
        try planRecords(db, Baseline.kind, Baseline.plan, plan, moment)
    }
    private func planRecords(_ db: any Connection, _ kind: Kind, _ field: Field<String>, _ plan: Plan, _ moment: Moment?) throws -> [Record]
    {
        try ledger.all(db, kind, knownAt: moment).filter { $0[field] == plan.id }
    }

    /// 95 % interval of a ratio estimate over questionnaires (linearised variance, weights as given).
    private func sampleInterval(
        _ db: any Connection, _ plan: Plan, _ indicator: Indicator, value: Double, on day: Day, in inside: DivisionCode, knownAt: Moment?
    ) throws -> ClosedRange<Double>? {
        guard let gauge = plan.gauges(ledger.catalog).first(where: { $0.name == plan.gaugeName(indicator) }) else { return nil }
        let all = try ledger.subjects(db, of: gauge, on: day, verdicts: [.met], in: inside, knownAt: knownAt)
        let pairs = all.map { (Double($0.stretch.numerator) / 1e6, Double($0.stretch.denominator) / 1e6) }.filter { $0.1 > 0 }
        guard pairs.count >= 2 else { return nil }
        let base = pairs.reduce(0) { $0 + $1.1 }
        let ratio = pairs.reduce(0) { $0 + $1.0 } / base
        var sum = 0.0
        for pair in pairs { sum += (pair.0 - ratio * pair.1) * (pair.0 - ratio * pair.1) }
        let count = Double(pairs.count)
        let error = (count / (count - 1) * sum).squareRoot() / base * 100 * 1.96
        return max(0, value - error)...min(100, value + error)
    }
}

extension GaugeTally {
    /// A unit's own sum: a county's with everything in it; the whole jurisdiction's own level counts only what names it itself.
    func unit(_ unit: DivisionCode, of units: [DivisionCode], on day: Day) -> Count {
        units.count > 1 && unit.level != .county ? own(unit, on: day) : total(in: unit, on: day)
    }
}

extension Figure {
    /// The figure of a style inside a division on a day.
    init(_ style: Measure.Style, _ tally: GaugeTally?, in inside: DivisionCode, on day: Day, units: [DivisionCode]) {
        let count = tally?.total(in: inside, on: day) ?? Count()
        switch style {
        case .leastUnit: self.init(style, count, groups: units.map { unit in tally.map { $0.unit(unit, of: units, on: day) } ?? Count() })
        case .leastRatio: self.init(style, count, groups: Array((tally?.groups(in: inside, on: day) ?? [:]).values))
        default: self.init(style, count)
        }
    }
}

/// A figure of one part of a jurisdiction or one industry.
public struct Breakdown: Sendable {
    public let code: String
    public let count: Count
    public let figure: Figure
}

extension Boards {
    /// An indicator by division one level down and by industry (GB/T 4754 division, two digits).
    public func breakdown(
        _ db: any Connection, _ plan: Plan, _ indicator: Indicator, on day: Day, knownAt moment: Moment? = nil,
        in division: DivisionCode? = nil
    ) throws
        -> (divisions: [Breakdown], industries: [Breakdown])
    {
        let inside = division ?? plan.jurisdiction
        let name = plan.gaugeName(indicator)
        let tally = try ledger.tallies(
            db, prefix: moment == nil ? plan.id + "/" : name, gauges: plan.gauges(ledger.catalog).filter { $0.name == name },
            knownAt: moment, edition: plan.digest)[name]
        let style: Measure.Style =
            indicator.measure.style == .leastUnit ? .count : indicator.measure.style == .leastRatio ? .ratio : indicator.measure.style
        func sorted(_ groups: [String: Count]) -> [Breakdown] {
            groups.filter { !$0.value.isEmpty }.sorted { $0.key < $1.key }.map {
                Breakdown(code: $0.key, count: $0.value, figure: Figure(style, $0.value))
            }
        }
        return (
            sorted(tally?.divisions(in: inside, digits: inside.level == .county ? 9 : 6, on: day) ?? [:]),
            sorted(tally?.industries(in: inside, on: day) ?? [:])
        )
    }
}
