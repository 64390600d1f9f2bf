import Catalog
import Foundation
import Kernel
import Testing

@testable import Hygiene

/// A group of samples with whole minutes, as random data.
private struct Group {
    var samples: [Sample]
    let mac, twa, stel: Double?
    let flags: GroupFlags

    init(_ seeded: inout SeededGenerator) {
        func chance(_ share: Double) -> Bool { Double.random(in: 0..<1, using: &seeded) < share }
        let scale = [0.05, 0.3, 2, 50, 200].randomElement(using: &seeded)!
        let kind = Int.random(in: 0..<5, using: &seeded)
        twa = kind == 0 ? nil : scale
        stel = kind == 1 || kind == 2 ? Rounding.round(scale * 1.5, decimals: 3) : nil
        mac = kind == 0 || (kind == 4 && chance(0.3)) ? scale * 2 : nil
        flags = chance(0.3) ? .steady : chance(0.1) ? .week : []
        let isTimed = chance(0.7)
        let level = Double.random(in: 0.1...2.2, using: &seeded)
        func reading() -> Reading {
            // Often exactly on a limit or on a rounding boundary.
            let steps = [0, 0.5, 1, 1.00025, 1.0005, 1.5, 3, 3.2, 5, 5.2]
            let factor = chance(0.25) ? steps.randomElement(using: &seeded)! : level * Double.random(in: 0...1.6, using: &seeded)
            let figure = Rounding.round(scale * factor, decimals: 4)
            return chance(0.15) && figure > 0 ? .below(figure) : .value(figure)
        }
        samples = []
        var clock = Double(Int.random(in: 0...600, using: &seeded))
        let start = clock
        for _ in 0..<Int.random(in: 0...7, using: &seeded) {
            let minutes = Double(chance(0.3) ? Int.random(in: 1...20, using: &seeded) : Int.random(in: 1...150, using: &seeded))
            samples.append(Sample(.segment, start: isTimed ? clock : nil, minutes: minutes, reading()))
            clock += minutes + (chance(0.4) ? Double(Int.random(in: 0...90, using: &seeded)) : 0)
        }
        if !flags.contains(.week) {
            var at = start
            for _ in 0..<Int.random(in: 0...5, using: &seeded) {
                let minutes = Double(chance(0.6) ? 15 : Int.random(in: 1...15, using: &seeded))
                samples.append(Sample(.shortTerm, start: isTimed ? at : nil, minutes: minutes, reading()))
                at += minutes + Double(chance(0.3) ? 0 : Int.random(in: 1...120, using: &seeded))
            }
            for _ in 0..<Int.random(in: 0...2, using: &seeded) {
                samples.append(Sample(.ceiling, minutes: Double(Int.random(in: 0...15, using: &seeded)), reading()))
            }
        }
        samples.shuffle(using: &seeded)
    }

    var limit: ShiftLimit { ShiftLimit(mac: mac, twa: twa, stel: stel) }
}

/// The rules once more, slow, on a grid of minutes and with decimal rounding: shares nothing with the core but the names of findings.
private func slow(_ group: Group) -> (twa: Double?, findings: ShiftFindings) {
    func above(_ value: Double, _ limit: Double, like printed: Double? = nil) -> Bool {
        let text = "\(printed ?? limit)"
        let decimals = text.contains(".") && !text.hasSuffix(".0") ? text.split(separator: ".")[1].count : 0
        return slowRound(value, decimals + 1) > limit
    }
    let segments = group.samples.filter { $0.kind == .segment }
    let shorts = group.samples.filter { $0.kind == .shortTerm }
    let ceilings = group.samples.filter { $0.kind == .ceiling }
    func known(_ rows: [Sample]) -> [Sample] { rows.filter { !$0.reading.isBelow } }
    func highest(_ rows: [Sample], _ value: (Sample) -> Double = { $0.reading.figure }) -> Double { rows.map(value).max() ?? 0 }
    func quarter(_ row: Sample) -> Double { row.reading.figure * min(row.minutes, 15) / 15 }

    let total = segments.reduce(0) { $0 + $1.minutes }
    let isWeek = group.flags.contains(.week)
    if total > (isWeek ? 10080 : 1440) { return (nil, .overDay) }
    let spans = segments.compactMap { row in row.start.map { ($0, $0 + row.minutes) } }
    if let first = spans.map(\.0).min(), let last = spans.map(\.1).max(), last - first > (isWeek ? 10080 : 1440) { return (nil, .overDay) }

    var findings: ShiftFindings = []
    let exposedRows = group.samples.filter { $0.reading.figure > 0 }
    if !exposedRows.isEmpty, known(exposedRows).isEmpty { findings.insert(.allBelowLOQ) }
    var average: Double?
    if !segments.isEmpty {
        average = segments.reduce(0) { $0 + $1.reading.figure * $1.minutes } / (isWeek ? 2400 : 480)
    }
    if let twa = group.twa {
        if let average {
            let exposed = segments.filter { $0.reading.figure > 0 }.reduce(0) { $0 + $1.minutes }
            let least = known(segments).reduce(0) { $0 + $1.reading.figure * $1.minutes } / (isWeek ? 2400 : 480)
            if !isWeek, exposed > 0, exposed < 60 {
                findings.insert(group.stel == nil && group.mac == nil ? .tooShortForTWA : .judgedByShortTerm)
            } else if above(average, twa) {
                findings.insert(above(least, twa) ? .twaExceeds : .twaHangsOnLOQ)
            } else if average > twa * (1 + 1e-12) {
                findings.insert(.compliesByRounding)
            }
        } else {
            findings.insert(.lacksSegments)
        }
    }
    if isWeek { return (average, findings) }

    if let mac = group.mac {
        if above(highest(known(group.samples)), mac) {
            findings.insert(.macExceeds)
        } else if ceilings.isEmpty {
            findings.insert(.lacksCeiling)
        } else if above(highest(ceilings), mac) {
            findings.insert(.shortHangsOnLOQ)
        }
    }
    /// The highest average over 15 minutes on a grid; nil where a row has no time.
    func sliding(_ rows: [Sample]) -> Double? {
        var grid = [Double](repeating: 0, count: 4000)
        for row in rows where row.reading.figure > 0 {
            guard let start = row.start else { return nil }
            for minute in 0..<Int(row.minutes) { grid[Int(start) + 20 + minute] = row.reading.figure }
        }
        return (0..<3980).map { grid[$0..<($0 + 15)].reduce(0, +) / 15 }.max()
    }
    if let stel = group.stel {
        var top = max(highest(known(shorts), quarter), highest(known(segments), quarter))
        top = max(top, sliding(known(segments)) ?? 0)
        let partial = shorts.filter { $0.minutes < 15 }
        var lacksTimes = false
        if partial.count > 1, partial.map(quarter).reduce(0, +) > stel {
            if let together = sliding(known(shorts)) { top = max(top, together) } else { lacksTimes = true }
        }
        if above(top, stel) {
            findings.insert(.stelExceeds)
        } else if shorts.isEmpty {
            findings.insert(.lacksShortTerm)
        } else if above(highest(shorts, quarter), stel) {
            findings.insert(.shortHangsOnLOQ)
        } else if lacksTimes {
            findings.insert(.lacksTimes)
        }
    }
    let hasPeakRule = group.twa != nil && group.stel == nil && group.mac == nil
    if hasPeakRule, let twa = group.twa {
        let decimal = Decimal(string: "\(twa)")!
        let (three, five) = (Double("\(decimal * 3)")!, Double("\(decimal * 5)")!)
        if above(highest(known(segments + shorts)), five, like: twa) { findings.insert(.peakExceeds) }
        if shorts.isEmpty, !group.flags.contains(.steady) || above(highest(known(segments)), three, like: twa) {
            findings.insert(.lacksPeak)
        } else if above(highest(shorts.filter(\.reading.isBelow)), three, like: twa) {
            findings.insert(.shortHangsOnLOQ)
        }
    }
    if let twa = group.twa, hasPeakRule || group.stel != nil {
        let from = hasPeakRule ? Double("\(Decimal(string: "\(twa)")! * 3)")! : twa
        let rows = known(shorts).filter { above($0.reading.figure, from, like: twa) }
        if rows.contains(where: { $0.minutes > 15 }) { findings.insert(.excursionTooLong) }
        if rows.count > 1 {
            if rows.contains(where: { $0.start == nil }) {
                findings.insert(.lacksTimes)
            } else {
                // A grid of half minutes: an excursion covers its minutes and touches the next half.
                var grid = [Bool](repeating: false, count: 8000)
                for row in rows {
                    let start = Int(row.start ?? 0) * 2
                    for half in start...(start + Int(row.minutes) * 2) { grid[half] = true }
                }
                var runs: [(Int, Int)] = []
                for (half, isOn) in grid.enumerated() where isOn {
                    if let last = runs.last, last.1 == half - 1 { runs[runs.count - 1].1 = half } else { runs.append((half, half)) }
                }
                if runs.contains(where: { $0.1 - $0.0 > 30 }) { findings.insert(.excursionTooLong) }
                if runs.count > 4 { findings.insert(.excursionsTooMany) }
                if zip(runs, runs.dropFirst()).contains(where: { $1.0 - $0.1 < 120 }) { findings.insert(.excursionsTooClose) }
            }
        }
    }
    if findings.contains(.twaExceeds) { findings.subtract([.lacksShortTerm, .lacksPeak]) }
    if group.mac == nil, group.twa == nil, group.stel == nil { findings.insert(.lacksLimit) }
    return (average, findings)
}

@Suite("Properties of the verdict of a shift, over seeded random data")
struct ShiftPropertyTests {
    @Test("The core equals a slow second implementation on a grid of minutes")
    func second() {
        var seeded = SeededGenerator(seed: 42)
        var verdicts: [Judgement.Verdict: Int] = [:]
        var seen: ShiftFindings = []
        for round in 0..<2500 {
            let group = Group(&seeded)
            let fast = core(group.samples, group.limit, group.flags)
            let expected = slow(group)
            #expect(fast.findings == expected.findings, "\(round) \(group) \(fast)")
            if let twa = expected.twa { #expect(abs(fast.twa - twa) <= twa * 1e-12) } else { #expect(fast.twa.isNaN) }
            verdicts[fast.findings.verdict, default: 0] += 1
            seen.formUnion(fast.findings)
        }
        // The data reach every finding that valid rows can have.
        #expect(seen.isSuperset(of: .exceeding) && seen.isSuperset(of: ShiftFindings.open.subtracting(.lacksLimit)))
        #expect(verdicts.values.allSatisfy { $0 > 120 } && verdicts.count == 3)
    }

    @Test("The batch equals the groups one by one, and the full judgement equals both")
    func batch() throws {
        var seeded = SeededGenerator(seed: 7)
        var groups: [Group] = []
        for _ in 0..<500 { groups.append(Group(&seeded)) }
        var batch = ShiftBatch()
        for (place, group) in groups.enumerated() {
            for sample in group.samples { batch.append(sample) }
            batch.close(limit: place, group.flags)
        }
        let results = batch.judge(groups.map(\.limit))
        #expect(results.count == groups.count)
        for workers in [2, 3, 1000] {
            #expect(batch.judge(groups.map(\.limit), workers: workers).map(\.findings) == results.map(\.findings))
        }
        batch.removeAll()
        #expect(batch.judge([]).isEmpty && batch.rows == 0 && batch.groups == 0)
        for (group, result) in zip(groups, results) {
            let single = core(group.samples, group.limit, group.flags)
            #expect(result.findings == single.findings && "\(result.twa)" == "\(single.twa)" && result.minutes == single.minutes)
            guard result.findings.isDisjoint(with: .invalid) else { continue }
            var shift = ShiftCase(group.samples, limit: limit(mac: group.mac, twa: group.twa, stel: group.stel))
            (shift.isWeek, shift.isSteady) = (group.flags.contains(.week), group.flags.contains(.steady))
            let judged = try shift.judge()
            #expect(judged.verdict == result.findings.verdict)
            #expect(judged.judgements.contains { $0.verdict == .exceeds } == (judged.verdict == .exceeds))
            if judged.verdict == .undecided { #expect(!judged.missing.isEmpty) }
            if judged.verdict == .complies { #expect(judged.judgements.allSatisfy { $0.verdict == .complies }) }
            #expect(judged.judgements.allSatisfy { ($0.verdict == .undecided) == !$0.missing.isEmpty || $0.verdict == .exceeds })
        }
    }

    @Test("The order of segments is irrelevant")
    func order() {
        var seeded = SeededGenerator(seed: 5)
        for _ in 0..<1500 {
            var group = Group(&seeded)
            let before = core(group.samples, group.limit, group.flags)
            group.samples.shuffle(using: &seeded)
            let after = core(group.samples, group.limit, group.flags)
            #expect(after.findings == before.findings && after.excursions == before.excursions)
            if !before.twa.isNaN { #expect(abs(after.twa - before.twa) <= before.twa * 1e-12) }
        }
    }

    @Test("Splitting a segment is irrelevant")
    func splitting() {
        var seeded = SeededGenerator(seed: 6)
        for _ in 0..<1500 {
            let group = Group(&seeded)
            let before = core(group.samples, group.limit, group.flags)
            let timed = group.samples.allSatisfy { $0.start != nil || $0.kind == .ceiling }
            let parts = group.samples.flatMap { sample -> [Sample] in
                guard sample.kind == .segment, sample.minutes > 1 else { return [sample] }
                let first = sample.minutes * 0.375
                return [
                    Sample(.segment, start: sample.start, minutes: first, sample.reading),
                    Sample(.segment, start: sample.start.map { $0 + first }, minutes: sample.minutes - first, sample.reading),
                ]
            }
            let after = core(parts, group.limit, group.flags)
            if !before.twa.isNaN { #expect(abs(after.twa - before.twa) <= before.twa * 1e-12) }
            #expect(after.findings.contains(.twaExceeds) == before.findings.contains(.twaExceeds))
            // Without times two halves of an excursion cannot be told from two excursions.
            if timed { #expect(after.findings == before.findings, "\(group) \(before) \(after)") }
        }
    }

    @Test("A segment without exposure changes neither the average nor its ratio")
    func zeroSegment() {
        var seeded = SeededGenerator(seed: 8)
        for _ in 0..<1500 {
            let group = Group(&seeded)
            guard group.samples.contains(where: { $0.kind == .segment }) else { continue }
            let before = core(group.samples, group.limit, group.flags)
            let after = core(group.samples + [Sample(minutes: 30, .value(0))], group.limit, group.flags)
            guard after.findings.isDisjoint(with: .invalid) else { continue }
            #expect(after.twa == before.twa && after.findings == before.findings)
        }
    }

    @Test("More exposure never turns an excess into compliance")
    func monotone() {
        var seeded = SeededGenerator(seed: 9)
        for _ in 0..<1500 {
            let group = Group(&seeded)
            let before = core(group.samples, group.limit, group.flags).findings.verdict
            let more = group.samples.map { sample in
                let reading: Reading = sample.reading.isBelow ? sample.reading : .value(sample.reading.figure * 1.5)
                return Sample(sample.kind, start: sample.start, minutes: sample.minutes, reading)
            }
            let after = core(more, group.limit, group.flags).findings.verdict
            if before == .exceeds { #expect(after == .exceeds) }
            if after == .complies { #expect(before == .complies) }
        }
    }

    @Test("A stricter edition moves exactly the records from its first day on")
    func editions() throws {
        var seeded = SeededGenerator(seed: 10)
        let first = Day(2025, 5, 1)!
        func row(_ twa: Double, _ force: Span) -> ExposureLimit {
            ExposureLimit(
                key: "x", family: .chemical, name: Bilingual(same: "x"), twa: twa,
                provenance: Provenance(edition: "\(twa)", clause: "", source: "test", confidence: .verified, force: force))
        }
        let always = ExposureLimits([row(1, Span(.distantPast))])
        let amended = ExposureLimits([row(1, Span(.distantPast, first)), row(0.5, Span(first))])
        var moved = 0
        for _ in 0..<1000 {
            let day = first + Int.random(in: -200...200, using: &seeded)
            let value = Double.random(in: 0...2, using: &seeded)
            func judge(_ limits: ExposureLimits) throws -> ShiftJudgement {
                var shift = ShiftCase([segment(value, minutes: 480)], limit: try #require(limits.limit("x", on: day)))
                shift.isSteady = true
                return try shift.judge()
            }
            let (before, after) = (try judge(always), try judge(amended))
            let isBetween = slowRound(value, 2) > 0.5 && slowRound(value, 1) <= 1
            #expect((before.verdict != after.verdict) == (day >= first && isBetween))
            #expect(after.judgements[0].provenance.edition == (day >= first ? "0.5" : "1.0"))
            if before.verdict != after.verdict { moved += 1 }
        }
        #expect(moved > 50)
    }
}
