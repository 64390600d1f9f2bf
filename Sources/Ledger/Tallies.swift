import Kernel
import Storage
import Synchronization

/// The tallies of one gauge in memory, arranged so that a figure as of a day is a look-up: the dated changes by division, and for each part
/// that was asked for (a division with all in it) the sums up to each day. Immutable: a change makes a new one that shares what stayed.
public final class GaugeTally: Sendable {
    struct Place: Hashable, Sendable {
        let day: Day
        /// Industry and group, `C|` or `|dust`.
        let cell: String
    }
    /// The sums up to each of some days, ascending.
    struct Series: Sendable {
        private(set) var days: [Day] = []
        private(set) var sums: [Count] = []

        init(_ changes: [(day: Day, change: Count)] = []) {
            var sum = Count()
            for (day, change) in changes.sorted(by: { $0.day < $1.day }) {
                sum.add(change)
                if days.last == day { sums[sums.count - 1] = sum } else { days.append(day); sums.append(sum) }
            }
        }
        /// How many of the days are not after one.
        private func place(_ day: Day) -> Int {
            var (low, high) = (0, days.count)
            while low < high {
                let middle = (low + high) / 2
                if days[middle] <= day { low = middle + 1 } else { high = middle }
            }
            return low
        }
        subscript(day: Day) -> Count {
            let place = place(day)
            return place == 0 ? Count() : sums[place - 1]
        }
        mutating func add(_ change: Count, on day: Day) {
            let at = place(day)
            if at == 0 || days[at - 1] != day {
                days.insert(day, at: at)
                sums.insert(at == 0 ? Count() : sums[at - 1], at: at)
                for index in at..<sums.count { sums[index].add(change) }
            } else {
                for index in (at - 1)..<sums.count { sums[index].add(change) }
            }
        }
    }
    /// What is known of one part of the country.
    struct Part: Sendable {
        var total = Series()
        var groups: [String: Series] = [:]
        var industries: [String: Series] = [:]

        mutating func add(_ change: Count, at place: Place) {
            total.add(change, on: place.day)
            let (industry, group) = Part.parts(place.cell)
            groups[group, default: Series()].add(change, on: place.day)
            industries[industry, default: Series()].add(change, on: place.day)
        }
        static func parts(_ cell: String) -> (industry: String, group: String) {
            let cut = cell.firstIndex(of: "|") ?? cell.endIndex
            return (String(cell[..<cut]), String(cell[cut...].dropFirst()))
        }
    }
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

    /// By division. One count for a day and a cell, none that is empty: what goes back and forth does not grow.
    private let rows: [String: [Place: Count]]
    private let parts: Mutex<[Reach: Part]>

    private init(rows: [String: [Place: Count]], parts: [Reach: Part] = [:]) {
        self.rows = rows
        self.parts = Mutex(parts)
    }
    convenience init(_ rows: [TallyRow]) {
        var places: [String: [Place: Count]] = [:]
        for row in rows { places[row.division, default: [:]][Place(day: row.day, cell: row.cell), default: Count()].add(row.change) }
        self.init(rows: places)
    }
    /// How many dated counts are kept.
    var size: Int { rows.values.reduce(0) { $0 + $1.count } }

    /// The same with some changes more.
    func adding(_ changes: [TallyRow]) -> GaugeTally {
        var rows = rows
        // Beside so many changes what was worked out is cheaper worked out again.
        var parts = changes.count > 2000 ? [:] : parts.withLock { $0 }
        for change in changes {
            let place = Place(day: change.day, cell: change.cell)
            var there = rows.removeValue(forKey: change.division) ?? [:]
            there[place, default: Count()].add(change.change)
            if there[place]?.isEmpty == true { there[place] = nil }
            if !there.isEmpty { rows[change.division] = there }
            for reach in parts.keys where reach.holds(change.division) { parts[reach]?.add(change.change, at: place) }
        }
        return GaugeTally(rows: rows, parts: parts)
    }

    private func part(_ reach: Reach) -> Part {
        if let kept = parts.withLock({ $0[reach] }) { return kept }
        let part = worked(reach)
        parts.withLock { $0[reach] = part }
        return part
    }
    private func worked(_ reach: Reach) -> Part {
        var total: [(day: Day, change: Count)] = []
        var groups: [String: [(day: Day, change: Count)]] = [:]
        var industries: [String: [(day: Day, change: Count)]] = [:]
        // A few hundred texts stand for all rows: each is taken apart once.
        var known: [String: (industry: String, group: String)] = [:]
        for (division, rows) in rows where reach.holds(division) {
            for (place, change) in rows {
                let cell = known[place.cell] ?? Part.parts(place.cell)
                known[place.cell] = cell
                total.append((place.day, change))
                groups[cell.group, default: []].append((place.day, change))
                industries[cell.industry, default: []].append((place.day, change))
            }
        }
        return Part(total: Series(total), groups: groups.mapValues(Series.init), industries: industries.mapValues(Series.init))
    }

    // Asked of it

    public func total(in division: DivisionCode, on day: Day) -> Count { part(.inside(division)).total[day] }
    /// What names the division itself, without what lies in it.
    public func own(_ division: DivisionCode, on day: Day) -> Count { part(.cut(division.text, .max)).total[day] }
    public func groups(in division: DivisionCode, on day: Day) -> [String: Count] { standing(part(.inside(division)).groups, day) }
    public func industries(in division: DivisionCode, on day: Day) -> [String: Count] { standing(part(.inside(division)).industries, day) }
    /// The parts of a division by their codes, cut to so many digits.
    public func divisions(in division: DivisionCode, digits: Int, on day: Day) -> [String: Count] {
        if division.prefix.utf8.count >= digits {
            guard rows.keys.contains(where: division.contains) else { return [:] }
            return [String(division.text.prefix(digits)): total(in: division, on: day)]
        }
        let codes = Set(rows.keys.filter(division.contains).map { String($0.prefix(digits)) })
        return Dictionary(uniqueKeysWithValues: codes.map { ($0, part(.cut($0, digits)).total[day]) })
    }
    private func standing(_ all: [String: Series], _ day: Day) -> [String: Count] {
        all.filter { $0.value.days.first.map { $0 <= day } ?? false }.mapValues { $0[day] }
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
