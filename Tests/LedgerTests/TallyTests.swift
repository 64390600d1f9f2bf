import Kernel
import TestKit
import Testing

@testable import Ledger

/// The tallies in memory against a plain sum over the same changes.
@Suite struct TallyTests {
    private static let divisions = ["330402", "330402001", "330402002", "330411", "330400", "330481", "330000", "321300", "321302"]
    private static let cells = ["C13|", "C13|dust", "B06|dust", "|chemical", "|"]

    private static func rows(_ count: Int, _ random: inout SeededGenerator) -> [TallyRow] {
        (0..<count).map { _ in
            var change = Count()
            change.met = Int.random(in: -3...3, using: &random)
            change.unmet = Int.random(in: 0...2, using: &random)
            change.numerator = Int.random(in: -2_000_000...2_000_000, using: &random)
            return TallyRow(
                gauge: "P/\(Int.random(in: 0..<3, using: &random))", division: divisions.randomElement(using: &random) ?? "",
                cell: cells.randomElement(using: &random) ?? "",
                day: Day(2019, 1, 1).map { $0 + Int.random(in: 0..<400, using: &random) } ?? .distantPast,
                change: change)
        }
    }
    private static func sum(_ rows: [TallyRow], _ day: Day, where condition: (TallyRow) -> Bool) -> Count {
        rows.filter { $0.day <= day && condition($0) }.reduce(into: Count()) { $0.add($1.change) }
    }
    private static func group(_ cell: String) -> String { String(cell.drop { $0 != "|" }.dropFirst()) }

    /// Every question, of tallies that were asked before and after they moved.
    private static func check(_ tally: GaugeTally, _ rows: [TallyRow], _ day: Day) {
        for code in ["330000", "330400", "330402", "330402001", "321300", "110000"] {
            guard let inside = DivisionCode(code) else { continue }
            let within = rows.filter { inside.contains($0.division) }
            #expect(tally.total(in: inside, on: day) == sum(within, day) { _ in true })
            #expect(tally.own(inside, on: day) == sum(rows, day) { $0.division == code })
            for (name, count) in tally.groups(in: inside, on: day) { #expect(count == sum(within, day) { group($0.cell) == name }) }
            #expect(Set(tally.groups(in: inside, on: day).keys) == Set(within.filter { $0.day <= day }.map { group($0.cell) }))
            for (name, count) in tally.industries(in: inside, on: day) {
                #expect(count == sum(within, day) { $0.cell.prefix { $0 != "|" } == name })
            }
            for digits in [6, 9] {
                let parts = tally.divisions(in: inside, digits: digits, on: day)
                #expect(Set(parts.keys) == Set(within.map { String($0.division.prefix(digits)) }))
                for (name, count) in parts { #expect(count == sum(within, day) { $0.division.prefix(digits) == name }) }
            }
        }
    }

    @Test func aTallyIsASumOverItsChanges() {
        var random = SeededGenerator(seed: 7)
        for _ in 0..<20 {
            var rows = Self.rows(Int.random(in: 0...120), &random).filter { $0.gauge == "P/0" }
            var tally = GaugeTally(rows)
            for _ in 0..<6 {
                Self.check(tally, rows, Day(number: (Day(2019, 1, 1)?.number ?? 0) + .random(in: -5...420)))
                let more = Self.rows(Int.random(in: 0...20), &random)
                rows += more
                tally = tally.adding(more)
            }
        }
    }

    /// What is corrected a thousand times takes no more room than once.
    @Test func whatGoesBackAndForthDoesNotGrow() {
        var random = SeededGenerator(seed: 8)
        let rows = Self.rows(100, &random).filter { $0.gauge == "P/0" }
        var tally = GaugeTally(rows)
        let before = tally.size
        let change = Self.rows(6, &random)
        let back = change.map { row in
            var count = Count()
            count.add(row.change, -1)
            return TallyRow(gauge: row.gauge, division: row.division, cell: row.cell, day: row.day, change: count)
        }
        for _ in 0..<500 { tally = tally.adding(change).adding(back) }
        #expect(tally.size == before)
    }

    /// States follow one another by their steps; one that was never committed leaves no trace; an unknown one must be read.
    @Test func aReaderMovesOnByTheDifference() throws {
        var random = SeededGenerator(seed: 7)
        let shelf = TallyShelf()
        var rows = Self.rows(200, &random)
        func kept(_ rows: [TallyRow]) -> TallyShelf.Tallies { Dictionary(grouping: rows, by: \.gauge).mapValues { GaugeTally($0) } }
        let day = try #require(Day(2019, 9, 1))
        #expect(shelf.tallies(1, "P/") == nil)
        shelf.keep(kept(rows), 1, "P/")
        var token = 1
        for step in 2..<40 {
            let change = Self.rows(10, &random)
            shelf.note(1000 + step, after: token, Self.rows(10, &random))
            shelf.note(step, after: token, change)
            rows += change
            token = step
            guard step % 3 == 0 else { continue }
            let tallies = try #require(shelf.tallies(token, "P/"))
            for gauge in ["P/0", "P/1", "P/2"] { Self.check(try #require(tallies[gauge]), rows.filter { $0.gauge == gauge }, day) }
        }
        #expect(shelf.tallies(5000, "P/") == nil)
        #expect(shelf.tallies(token, "Q/") == nil)
    }
}
