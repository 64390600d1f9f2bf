import Kernel
import Storage
import Synchronization

/// The tallies of one gauge in memory, arranged so that a figure as of a day is a look-up: by division and cell the sums up to each day on
/// which they change, and for each part that was asked for (a division with all in it) the sums of those. Immutable: a change makes a new
/// one that shares what stayed.
public final class GaugeTally: Sendable {
    enum Reach: Hashable {
        /// A division with everything in it.
        case inside(DivisionCode)
        /// What begins with a code where codes are cut to so many digits: of a city those that name no county.
        case cut(String, Int)

        func holds(_ division: String) -> Bool {
            switch self {
            case .inside(let code): code.contains(division)
            case .cut(let code, let digits):
                division.utf8.count <= digits ? division == code : division.hasPrefix(code) && code.utf8.count == digits
            }
        }
    }
    /// By what the sums of a part are kept apart.
    enum Side: Hashable {
        case whole, groups, industries

        /// - Parameter cell: industry and group, `C|` or `|dust`.
        func name(_ cell: String) -> String {
            let cut = cell.firstIndex(of: "|") ?? cell.endIndex
            return switch self {
            case .whole: ""
            case .groups: String(cell[cut...].dropFirst())
            case .industries: String(cell[..<cut])
            }
        }
    }
    private struct Part: Hashable {
        let reach: Reach
        let side: Side
    }

    /// By division and cell.
    private let cells: [String: [String: DatedSums]]
    private let parts: Mutex<[Part: [String: DatedSums]]>

    private init(cells: [String: [String: DatedSums]], parts: [Part: [String: DatedSums]] = [:]) {
        self.cells = cells
        self.parts = Mutex(parts)
    }
    convenience init(_ rows: [TallyRow]) {
        var making = Making()
        for row in rows.sorted(by: { ($0.division, $0.cell, $0.day) < ($1.division, $1.cell, $1.day) }) {
            making.add(division: row.division, cell: row.cell, row.day, row.change)
        }
        self.init(making)
    }
    convenience init(_ making: Making) { self.init(cells: making.done()) }

    /// Takes dated changes one after the other. Those of one division and cell come by day; they may come in several runs.
    struct Making {
        private var cells: [String: [String: DatedSums]] = [:]
        private var run: (division: String, cell: String, sums: DatedSums)?

        mutating func add(division: String, cell: String, _ day: Day, _ change: Count) {
            if run?.cell != cell || run?.division != division {
                close()
                run = (division, cell, DatedSums())
            }
            run?.sums.add(change, on: day)
        }
        private mutating func close() {
            guard let run, !run.sums.isEmpty else { return }
            let before = cells[run.division]?[run.cell]
            cells[run.division, default: [:]][run.cell] = before.map { DatedSums(adding: [$0, run.sums]) } ?? run.sums
        }
        func done() -> [String: [String: DatedSums]] {
            var all = self
            all.close()
            return all.cells
        }
    }

    /// How many dated sums are kept.
    var size: Int { cells.values.reduce(0) { $0 + $1.values.reduce(0) { $0 + $1.days.count } } }

    /// The same with some changes more.
    func adding(_ changes: [TallyRow]) -> GaugeTally {
        var cells = cells
        // Beside so many changes what was worked out is cheaper worked out again.
        var parts = changes.count > 2000 ? [:] : parts.withLock { $0 }
        for change in changes {
            GaugeTally.add(change, to: &cells[change.division, default: [:]], named: change.cell)
            if cells[change.division]?.isEmpty == true { cells[change.division] = nil }
            for part in parts.keys where part.reach.holds(change.division) {
                GaugeTally.add(change, to: &parts[part, default: [:]], named: part.side.name(change.cell))
            }
        }
        return GaugeTally(cells: cells, parts: parts)
    }
    private static func add(_ change: TallyRow, to sums: inout [String: DatedSums], named name: String) {
        sums[name, default: DatedSums()].add(change.change, on: change.day)
        if sums[name]?.isEmpty == true { sums[name] = nil }
    }

    private func part(_ reach: Reach, _ side: Side) -> [String: DatedSums] {
        let part = Part(reach: reach, side: side)
        if let kept = parts.withLock({ $0[part] }) { return kept }
        var found: [String: [DatedSums]] = [:]
        // A few texts stand for all cells: each is taken apart once.
        var names: [String: String] = [:]
        for (division, cells) in cells where reach.holds(division) {
            for (cell, sums) in cells {
                let name = names[cell] ?? side.name(cell)
                names[cell] = name
                found[name, default: []].append(sums)
            }
        }
        let worked = found.mapValues(DatedSums.init(adding:))
        parts.withLock { $0[part] = worked }
        return worked
    }

    // Asked of it

    public func total(in division: DivisionCode, on day: Day) -> Count { total(.inside(division), day) }
    /// What names the division itself, without what lies in it.
    public func own(_ division: DivisionCode, on day: Day) -> Count { total(.cut(division.text, .max), day) }
    public func groups(in division: DivisionCode, on day: Day) -> [String: Count] { standing(part(.inside(division), .groups), day) }
    public func industries(in division: DivisionCode, on day: Day) -> [String: Count] {
        standing(part(.inside(division), .industries), day)
    }
    /// The parts of a division by their codes, cut to so many digits.
    public func divisions(in division: DivisionCode, digits: Int, on day: Day) -> [String: Count] {
        if division.prefix.utf8.count >= digits {
            guard cells.keys.contains(where: division.contains) else { return [:] }
            return [String(division.text.prefix(digits)): total(in: division, on: day)]
        }
        let codes = Set(cells.keys.filter(division.contains).map { String($0.prefix(digits)) })
        return Dictionary(uniqueKeysWithValues: codes.map { ($0, total(.cut($0, digits), day)) })
    }
    private func total(_ reach: Reach, _ day: Day) -> Count { part(reach, .whole)[""]?[day] ?? Count() }
    private func standing(_ all: [String: DatedSums], _ day: Day) -> [String: Count] {
        all.filter { $0.value.days.first.map { $0 <= day.number } ?? false }.mapValues { $0[day] }
    }
}

/// The tallies that are kept in memory, each good for one state of the database. A change that this process makes carries the state it leads
/// from and what it adds, so that the next reader moves on by the difference; one made elsewhere is read anew.
final class TallyShelf: Sendable {
    typealias Tallies = [String: GaugeTally]
    private struct Kept {
        /// By prefix of the gauges' names, for the last few states: a reader may still see the one before.
        var states: [(token: Int, tallies: [String: Tallies])] = []
        var steps: [Int: (before: Int, changes: [TallyRow])] = [:]
        var order: [Int] = []
        var held = 0
    }
    private let kept = Mutex(Kept())
    private static let mostStates = 4, mostChanges = 50_000

    /// A step from one state to the next, noted before it is committed: a state that nobody ever sees is never asked for.
    func note(_ token: Int, after before: Int, _ changes: [TallyRow]) {
        kept.withLock { kept in
            kept.steps[token] = (before, changes)
            kept.order.append(token)
            kept.held += changes.count + 1
            while kept.held > TallyShelf.mostChanges, !kept.order.isEmpty {
                let oldest = kept.order.removeFirst()
                kept.held -= (kept.steps.removeValue(forKey: oldest)?.changes.count ?? -1) + 1
            }
        }
    }

    /// The tallies of a state, or nil where they must be read.
    func tallies(_ token: Int, _ prefix: String) -> Tallies? {
        let (start, steps) = kept.withLock { kept -> (Tallies?, [[TallyRow]]) in
            var (steps, at, seen): ([[TallyRow]], Int, Int) = ([], token, 0)
            while true {
                if let found = kept.states.first(where: { $0.token == at })?.tallies[prefix] { return (found, steps.reversed()) }
                guard let step = kept.steps[at], seen < 10_000 else { return (nil, []) }
                steps.append(step.changes)
                at = step.before
                seen += 1
            }
        }
        guard var tallies = start else { return nil }
        if steps.isEmpty { return tallies }
        let changes = Dictionary(grouping: steps.joined().filter { $0.gauge.hasPrefix(prefix) }, by: \.gauge)
        for (gauge, rows) in changes { tallies[gauge] = (tallies[gauge] ?? GaugeTally([])).adding(rows) }
        keep(tallies, token, prefix)
        return tallies
    }

    func keep(_ tallies: Tallies, _ token: Int, _ prefix: String) {
        kept.withLock { kept in
            if let index = kept.states.firstIndex(where: { $0.token == token }) {
                kept.states[index].tallies[prefix] = tallies
            } else {
                kept.states.append((token, [prefix: tallies]))
                if kept.states.count > TallyShelf.mostStates { kept.states.removeFirst() }
            }
        }
    }
}
