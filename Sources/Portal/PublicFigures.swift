import Catalog
import Kernel
import Ledger
import Planning
import Storage

/// A plan's figures as they are published: on the last day of a month, small counts left out, nobody named.
struct PublicFigures: Sendable {
    /// One line: an indicator in the whole jurisdiction or one part of it.
    struct Line: Sendable {
        let indicator: Indicator
        /// The county or township; nil for the whole.
        let division: String?
        let figure: Figure
        let count: Count
        let outcome: Outcome?
        /// Whether the numbers may be shown; the outcome always is.
        let isShown: Bool

        /// The counts behind the value that add up over divisions, where it is made of such.
        var counts: [Int] { PublicFigures.counts(count, indicator.measure.style) }
    }
    let plan: Plan
    let edition: Int
    let day: Day
    let threshold: Int
    let board: Board
    /// The whole jurisdiction, an indicator each.
    let lines: [Line]
    /// By indicator: its parts.
    let parts: [String: [Line]]

    /// Figures are published as of the last day of the month before, no other: two days side by side would tell what happened between.
    static func day(_ plan: Plan, today: Day) -> Day {
        let first = Day(today.year, today.month, 1) ?? today
        return max(plan.firstDay, min(plan.lastDay, first - 1))
    }
    static func threshold(_ catalog: Catalog, on day: Day) -> Int {
        catalog.parameters["public.smallest_cell"]?.edition(on: day).flatMap { Int($0.value) } ?? 5
    }

    init(_ boards: Boards, _ db: any Connection, _ plan: Plan, edition: Int, today: Day) throws {
        (self.plan, self.edition) = (plan, edition)
        day = PublicFigures.day(plan, today: today)
        threshold = PublicFigures.threshold(boards.ledger.catalog, on: today)
        board = try boards.board(db, plan, edition: edition, on: day)
        var lines: [Line] = []
        var parts: [String: [Line]] = [:]
        for state in board.states {
            let indicator = state.indicator
            let style = indicator.measure.style
            let divisions =
                PublicFigures.isAdditive(style)
                ? try boards.breakdown(db, plan, indicator, on: day).divisions : []
            let suppression = Suppression(
                total: PublicFigures.counts(state.count, style), rows: divisions.map { PublicFigures.counts($0.count, style) },
                threshold: threshold)
            lines.append(
                Line(
                    indicator: indicator, division: nil, figure: state.figure, count: state.count, outcome: state.outcome,
                    isShown: suppression.total))
            parts[indicator.id] = zip(divisions, suppression.rows).map { part, isShown in
                Line(
                    indicator: indicator, division: part.code, figure: part.figure, count: part.count, outcome: nil, isShown: isShown)
            }
        }
        (self.lines, self.parts) = (lines, parts)
    }

    /// Whether the counts of parts add up to the whole's.
    static func isAdditive(_ style: Measure.Style) -> Bool { [.rate, .count, .share].contains(style) }

    /// The counts that a value is made of. A share's parts may be amounts: whole ones are counted as persons would be.
    static func counts(_ count: Count, _ style: Measure.Style) -> [Int] {
        switch style {
        case .rate: [count.met, count.unmet, count.undecided]
        case .count: [Int(count.sum.rounded(.up)), count.undecided]
        case .share: [Int(count.sum.rounded(.up)), max(0, Int((count.base - count.sum).rounded(.up))), count.undecided]
        case .ratio, .leastRatio, .leastUnit, .level, .judged: []
        }
    }
}
