import Catalog
import Kernel

/// What plans count. A measure turns files into strands; those of a measure that somebody owes are duties.
public struct Measure: Sendable {
    /// How the strands make a figure.
    public enum Style: String, Sendable {
        /// Subjects met over subjects met or unmet, in percent.
        case rate
        /// The sum of the amounts; every unknown could be one more.
        case count
        /// The sum of numerators over the sum of denominators, in percent or as a ratio.
        case share, ratio
        /// The smallest of the groups' ratios.
        case leastRatio
        /// The smallest of the units' sums (each county, and the jurisdiction's own level).
        case leastUnit
        /// The amount itself; unknown where there is none.
        case level
        /// Never computed: judged by people.
        case judged
    }
    public let name, zh, en: String
    public let style: Style
    /// What the numerator and the denominator are, in words of both languages, shown with every figure.
    public let numerator, denominator: (zh: String, en: String)
    /// The parameters that it reads, so that the figure can show them.
    public let parameters: [String]
    /// The clause under which it is owed, where it is a duty: then its strands are to-dos.
    public let clause: String?
    /// A duty that a statutory clock sets 法定时限: shown to whoever owes it, counted by no plan.
    public let isClock: Bool
    /// Functions of the authority whose duty it is where its strands name no debtor: they find it among what is theirs to do. None where each
    /// strand names the function that it is addressed to, as its group.
    public let owedBy: [String]
    /// Findings of rooms beside that it reads by name.
    public let reads: [String]
    let files: [String: @Sendable (File, Terms) -> [Strand]]
    let unit: UnitSource?

    /// Who acts for the authority unless a duty says otherwise: since 2018 health, before that work safety.
    public static let authority = ["health", "work_safety"]

    struct UnitSource: Sendable {
        let kinds: [Kind]
        /// The level at which units are taken, given the terms; nil for the jurisdiction as a whole.
        let level: @Sendable (Terms) -> DivisionCode.Level?
        let strands: @Sendable (UnitFile, Terms) -> [Strand]
    }

    /// A measure over files of root kinds.
    public init(
        _ name: String, _ zh: String, _ en: String, _ style: Style, numerator: (zh: String, en: String),
        denominator: (zh: String, en: String) = ("", ""),
        parameters: [String] = [], clause: String? = nil, isClock: Bool = false, owedBy: [String] = Measure.authority, reads: [String] = [],
        files: [(Kind, @Sendable (File, Terms) -> [Strand])] = []
    ) {
        (self.name, self.zh, self.en, self.style, self.parameters, self.clause) = (name, zh, en, style, parameters, clause)
        (self.isClock, self.owedBy) = (isClock, owedBy)
        (self.numerator, self.denominator, self.reads) = (numerator, denominator, reads)
        self.files = Dictionary(uniqueKeysWithValues: files.map { ($0.0.name, $0.1) })
        unit = nil
    }

    /// A measure over the records of a unit: each division of a level in the jurisdiction, or the jurisdiction as one.
    public init(
        _ name: String, _ zh: String, _ en: String, _ style: Style, numerator: (zh: String, en: String),
        denominator: (zh: String, en: String) = ("", ""),
        parameters: [String] = [], units level: @escaping @Sendable (Terms) -> DivisionCode.Level?, of kinds: [Kind],
        strands: @escaping @Sendable (UnitFile, Terms) -> [Strand]
    ) {
        (self.name, self.zh, self.en, self.style, self.parameters) = (name, zh, en, style, parameters)
        (self.numerator, self.denominator) = (numerator, denominator)
        clause = nil
        isClock = false
        owedBy = []
        reads = []
        files = [:]
        unit = UnitSource(kinds: kinds, level: level, strands: strands)
    }
}

/// A room's offer to the house.
public struct Feature: Sendable {
    public let name: String
    /// Where the room stands: 1 what everybody reads, 2 rooms that know nothing of each other, 3 those that read them all. The manifest keeps
    /// it true: a room cannot name a kind of a room that it does not stand on.
    public let floor: Int
    public let kinds: [Kind]
    public let findings: [FindingRule]
    public let measures: [Measure]
    public init(_ name: String, floor: Int = 2, kinds: [Kind], findings: [FindingRule] = [], measures: [Measure] = []) {
        (self.name, self.floor, self.kinds, self.findings, self.measures) = (name, floor, kinds, findings, measures)
    }

    /// Whether one of its measures may read records of another room's kinds, or its own.
    func reads(_ other: Feature) -> Bool { other.name == name || other.floor < floor }
}

/// One thing counted on every database write: a duty rule of the law, or an indicator of a plan.
public final class Gauge: Sendable {
    /// `duty/<measure>` or `<plan>/<indicator>`.
    public let name: String
    public let measure: Measure
    public let scope: Scope
    public let terms: Terms
    /// The days of which it speaks: nobody owes a duty before there was a law.
    public let force: Span
    public init(_ name: String, _ measure: Measure, scope: Scope = .always, terms: Terms, force: Span = Span(.distantPast)) {
        (self.name, self.measure, self.scope, self.terms, self.force) = (name, measure, scope, terms, force)
    }
}

/// A subject of a gauge from a day until another: one row of the lists, one step of the tallies.
public struct Stretch: Hashable, Sendable {
    public enum Verdict: String, Sendable, CaseIterable {
        case met, unmet, unknown, pending
        /// The scope cannot be told for want of an attribute.
        case scopeMet = "scope_met", scopeUnmet = "scope_unmet", scopeUnknown = "scope_unknown"
    }
    public let subject, debtor, division, cell, reason, record: String
    public let verdict: Verdict
    public let from, until: Day
    /// In millionths, whole, so that adding and taking away never drifts.
    public let numerator, denominator: Int

    public init(
        subject: String, debtor: String, division: String, cell: String, reason: String, record: String, verdict: Verdict, from: Day,
        until: Day, numerator: Int, denominator: Int
    ) {
        (self.subject, self.debtor, self.division, self.cell) = (subject, debtor, division, cell)
        (self.reason, self.record, self.verdict) = (reason, record, verdict)
        (self.from, self.until, self.numerator, self.denominator) = (from, until, numerator, denominator)
    }
}

extension Stretch {
    /// What of the cell the tallies are kept by: industry and group. The rest of it would cut them into as many pieces as there are rows.
    var breakdown: String {
        guard let first = cell.firstIndex(of: "|"), let last = cell.lastIndex(of: "|") else { return cell + "|" }
        return String(cell[..<first] + cell[last...])
    }

    /// The same rows with neighbours that say the same made one, so that rows do not tell where evaluation paused.
    static func joined(_ rows: [Stretch]) -> [Stretch] {
        var result: [Stretch] = []
        for row in rows.sorted(by: { ($0.subject, $0.from, $0.cell) < ($1.subject, $1.from, $1.cell) }) {
            if let last = result.last, last.until == row.from, last.with(until: row.until, from: row.from) == row {
                result[result.count - 1] = last.with(until: row.until, from: last.from)
            } else {
                result.append(row)
            }
        }
        return result
    }
    private func with(until: Day, from: Day) -> Stretch {
        Stretch(
            subject: subject, debtor: debtor, division: division, cell: cell, reason: reason, record: record, verdict: verdict, from: from,
            until: until,
            numerator: numerator, denominator: denominator)
    }
}

extension Gauge {
    /// The strands of a file cut to the gauge's scope and jurisdiction.
    func stretches(of file: File) -> [Stretch] {
        guard let source = measure.files[file.root.kind.name] else { return [] }
        return cut(divisions: file.book.divisions) { source(file, $0) }
    }

    /// The divisions that are units of this gauge and contain, or are, one of the codes or what they became.
    func units(touchedBy codes: Set<String>, divisions: Divisions) -> [DivisionCode] {
        guard let unit = measure.unit, let jurisdiction = terms.jurisdiction else { return [] }
        let ever = Set(codes.flatMap { divisions.timeline(of: $0).changes.compactMap(\.value) }).union(codes).filter(jurisdiction.contains)
        guard let level = unit.level(terms), level.isBelow(jurisdiction.level) else { return ever.isEmpty ? [] : [jurisdiction] }
        let length = level == .township ? 9 : 6
        return Set(ever.filter { $0.utf8.count >= length }.map { String($0.prefix(length)) })
            .compactMap { DivisionCode($0) }.filter { $0.level == level && divisions[$0.text]?.isHeading == false }.sorted { $0 < $1 }
    }

    /// Every unit of this gauge, with or without records: a county that did nothing counts.
    func allUnits(_ divisions: Divisions) -> [DivisionCode] {
        guard let unit = measure.unit, let jurisdiction = terms.jurisdiction else { return [] }
        guard let level = unit.level(terms), level.isBelow(jurisdiction.level) else { return [jurisdiction] }
        return divisions.codes.filter { jurisdiction.contains($0) && divisions[$0]?.isHeading == false }
            .compactMap { DivisionCode($0) }.filter { $0.level == level }
    }

    /// The stretches of one unit, evaluated anew from each day on which a division ends.
    func stretches(of division: DivisionCode, in book: Book) -> [Stretch] {
        guard let source = measure.unit else { return [] }
        var result: [Stretch] = []
        var from = Day.distantPast
        for until in UnitFile.edges(kinds: source.kinds, book: book) + [.distantFuture] {
            let unit = UnitFile(division: division, kinds: source.kinds, book: book, on: from)
            result += cut(divisions: book.divisions, during: Span(from, until)) { source.strands(unit, $0) }
            from = until
        }
        return Stretch.joined(result)
    }

    /// Evaluates under each edition of the parameters and keeps of each what falls into its days.
    private func cut(divisions: Divisions, during whole: Span = Span(.distantPast), _ source: (Terms) -> [Strand]) -> [Stretch] {
        var result: [Stretch] = []
        let edges = terms.boundaries(of: measure.parameters)
        var from = Day.distantPast
        for until in edges + [.distantFuture] {
            let force = Span(from, until).intersection(whole).intersection(self.force)
            if !force.isEmpty { for strand in source(terms.on(from)) { cut(strand, to: force, divisions, into: &result) } }
            from = until
        }
        return result
    }

    private func cut(_ strand: Strand, to force: Span, _ divisions: Divisions, into result: inout [Stretch]) {
        let standings = strand.standing
        if standings.changes.count == 1, standings.changes[0].value.verdict == .out { return }
        var open: (Stretch.Verdict, Standing, String, String)?
        var openFrom = Day.distantPast
        func close(_ until: Day) {
            guard let (verdict, standing, division, cell) = open, openFrom < until else { return }
            result.append(
                Stretch(
                    subject: strand.subject, debtor: strand.debtor, division: division, cell: cell, reason: standing.reason,
                    record: standing.record,
                    verdict: verdict, from: openFrom, until: until, numerator: Int((standing.numerator * 1e6).rounded()),
                    denominator: Int((standing.denominator * 1e6).rounded())))
        }
        let placed = strand.locus.expand { locus in locus.division.map(divisions.timeline(of:)) ?? Timeline(nil) }
        let joined = standings.with(strand.locus) { Pair($0, $1) }.with(placed) { Placed($0, $1) }
        for (span, value) in joined.spans {
            let span = span.intersection(force)
            guard !span.isEmpty else { continue }
            let next = count(value, group: strand.group)
            if let now = open, let next, now == next { continue }
            close(span.from)
            open = next
            openFrom = span.from
        }
        close(force.until)
    }

    private func count(_ value: Placed, group: String) -> (Stretch.Verdict, Standing, String, String)? {
        let standing = value.pair.standing
        guard standing.verdict != .out, let division = value.division else { return nil }
        if let jurisdiction = terms.jurisdiction, !jurisdiction.contains(division) { return nil }
        let locus = value.pair.locus
        let verdict: Stretch.Verdict
        switch (scope.holds(at: locus).and(standing.isScopeUnknown ? .unknown : .yes), standing.verdict) {
        case (.no, _), (_, .out): return nil
        case (_, .pending): verdict = .pending
        case (.yes, .met): verdict = .met
        case (.yes, .unmet): verdict = .unmet
        case (.yes, .unknown): verdict = .unknown
        case (.unknown, .met): verdict = .scopeMet
        case (.unknown, .unmet): verdict = .scopeUnmet
        case (.unknown, .unknown): verdict = .scopeUnknown
        }
        let cell = [locus.industry.map { String($0.prefix(3)) }, locus.size, locus.ownership, locus.severity, group].map { $0 ?? "" }
            .joined(separator: "|")
        return (verdict, standing, division, cell)
    }
}

private struct Pair: Equatable, Sendable {
    let standing: Standing
    let locus: Locus
    init(_ standing: Standing, _ locus: Locus) { (self.standing, self.locus) = (standing, locus) }
}
private struct Placed: Equatable, Sendable {
    let pair: Pair
    let division: String?
    init(_ pair: Pair, _ division: String?) { (self.pair, self.division) = (pair, division) }
}

extension DivisionCode.Level {
    private var depth: Int { DivisionCode.Level.allCases.firstIndex(of: self) ?? 0 }
    func isBelow(_ other: DivisionCode.Level) -> Bool { depth > other.depth }
}

extension Gauge {
    /// Everything that a book says of this gauge, root by root: the full computation that the kept rows must equal.
    public func allStretches(in book: Book) -> [Stretch] {
        if measure.unit != nil { return allUnits(book.divisions).flatMap { stretches(of: $0, in: book) } }
        return book.roots().filter { measure.files[$0.kind.name] != nil }.compactMap { book.file($0.id) }.flatMap { stretches(of: $0) }
    }
}
