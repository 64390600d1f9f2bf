/// The rules of GBZ 2.1-2019, chapter 6 and Appendix A, for one substance in one shift (or week). Everything that judges chemical factors
/// and dusts goes through here, a form filled by hand as well as a million rows.
public enum ShiftRules {
    /// Judges one group.
    /// - Parameters:
    ///   - range: the group's rows.
    ///   - limit: in the unit of the concentrations.
    public static func judge(_ rows: SampleColumns, _ range: Range<Int>, _ limit: ShiftLimit, _ flags: GroupFlags = []) -> ShiftResult {
        var result = ShiftResult()
        var tally = Tally()
        tally.count(rows, range, limit)
        guard !tally.isBad else {
            result.findings = tally.badNumber ? .badNumber : .badShortSample
            return result
        }
        let isWeek = flags.contains(.week)
        let day: Double = isWeek ? 7 * 1440 : 1440
        if tally.allMinutes > day + tolerance || tally.shortMinutes > day + tolerance || tally.last - tally.first > day + tolerance {
            result.findings = .overDay
            return result
        }
        if isWeek, tally.shorts + tally.ceilings > 0 {
            result.findings = .badShortSample
            return result
        }
        var findings: ShiftFindings = []
        if !tally.isOrdered, tally.timed > 1, overlapsUnordered(rows, range) { tally.overlaps = true }
        if tally.overlaps {
            result.findings = .overlaps
            return result
        }
        if tally.segments > 0 {
            let base: Double = isWeek ? 2400 : 480
            (result.twa, result.twaAtLeast) = (tally.sum / base, tally.sumAtLeast / base)
        }
        if tally.shorts > 0 { result.shortTerm = max(tally.shortTerm, tally.shortTermBelow) }
        if tally.ceilings > 0 { result.ceiling = max(tally.ceiling, tally.ceilingBelow) }
        result.minutes = tally.exposed
        if tally.exposedRows > 0, tally.quantified == 0 { findings.insert(.allBelowLOQ) }
        judgeAverage(&findings, tally, result, limit, isWeek: isWeek)
        if !isWeek {
            judgeShort(&findings, &result, rows, range, tally, limit, flags)
            if tally.excursionRows == 1 {
                result.excursions = limit.exceeds(tally.short, limit.excursionFrom, limit.twaDecimals) ? 1 : 0
            } else if tally.excursionRows > 1 {
                result.excursions = judgeExcursions(&findings, rows, range, limit)
            }
            // An average above its limit needs no short-term sample beside it (A.2.3.2).
            if findings.contains(.twaExceeds) { findings.subtract([.lacksShortTerm, .lacksPeak]) }
        }
        if limit.mac.isNaN, limit.twa.isNaN, limit.stel.isNaN { findings.insert(.lacksLimit) }
        result.findings = findings
        return result
    }

    /// Judges many groups.
    /// - Parameters:
    ///   - offsets: where each group begins, and the count of rows behind the last: one more than there are groups.
    ///   - limitOf: each group's place in `limits`.
    ///   - flags: one a group; nil where all are shifts about which nothing is known.
    ///   - results: as long as there are groups.
    public static func judge(
        batch rows: SampleColumns, offsets: UnsafeBufferPointer<Int>, limits: UnsafeBufferPointer<ShiftLimit>,
        limitOf: UnsafeBufferPointer<Int32>, flags: UnsafeBufferPointer<GroupFlags>? = nil,
        into results: UnsafeMutableBufferPointer<ShiftResult>
    ) {
        guard offsets.count > 1 else { return }
        for group in 0..<(offsets.count - 1) {
            let range = offsets[group]..<offsets[group + 1]
            results[group] = judge(rows, range, limits[Int(limitOf[group])], flags?[group] ?? [])
        }
    }

    /// No concentration, length or time is larger.
    static let largest = 1e300
    /// Minutes by which a clock may be wrong before rows overlap or two times are two.
    @usableFromInline static let tolerance = 1e-6

    private static func judgeAverage(
        _ findings: inout ShiftFindings, _ tally: Tally, _ result: ShiftResult, _ limit: ShiftLimit, isWeek: Bool
    ) {
        guard !limit.twa.isNaN else { return }
        guard tally.segments > 0 else {
            findings.insert(.lacksSegments)
            return
        }
        // Under an hour a day: judged by the short-term limits, where there are any.
        if !isWeek, tally.exposed > 0, tally.exposed < 60 - tolerance {
            findings.insert(limit.stel.isNaN && limit.mac.isNaN ? .tooShortForTWA : .judgedByShortTerm)
            return
        }
        if limit.exceeds(result.twa, limit.twa, limit.twaDecimals) {
            let isSure = limit.exceeds(result.twaAtLeast, limit.twa, limit.twaDecimals)
            findings.insert(isSure ? .twaExceeds : .twaHangsOnLOQ)
        } else if result.twa - limit.twa > limit.twa * Rounding.dust {
            findings.insert(.compliesByRounding)
        }
    }

    private static func judgeShort(
        _ findings: inout ShiftFindings, _ result: inout ShiftResult, _ rows: SampleColumns, _ range: Range<Int>, _ tally: Tally,
        _ limit: ShiftLimit, _ flags: GroupFlags
    ) {
        if !limit.mac.isNaN {
            let highest = max(tally.ceiling, tally.short, tally.segment)
            if limit.exceeds(highest, limit.mac, limit.macDecimals) {
                findings.insert(.macExceeds)
            } else if tally.ceilings == 0 {
                findings.insert(.lacksCeiling)
            } else if limit.exceeds(tally.ceilingBelow, limit.mac, limit.macDecimals) {
                findings.insert(.shortHangsOnLOQ)
            }
        }
        if !limit.stel.isNaN {
            var highest = max(tally.shortTerm, tally.segmentQuarter)
            var lacksTimes = false
            // Rows of less than 15 minutes may make up a quarter of an hour together.
            func isShown() -> Bool { limit.exceeds(highest, limit.stel, limit.stelDecimals) }
            if tally.segment > limit.stel, !isShown(), let together = quarterHour(rows, range, .segment) {
                highest = max(highest, together)
            }
            if tally.partial > 1, tally.partialSum > limit.stel {
                if let together = quarterHour(rows, range, .shortTerm) {
                    highest = max(highest, together)
                    result.shortTerm = max(result.shortTerm, together)
                } else {
                    lacksTimes = true
                }
            }
            if isShown() {
                findings.insert(.stelExceeds)
            } else if tally.shorts == 0 {
                findings.insert(.lacksShortTerm)
            } else if limit.exceeds(tally.shortTermBelow, limit.stel, limit.stelDecimals) {
                findings.insert(.shortHangsOnLOQ)
            } else if lacksTimes {
                findings.insert(.lacksTimes)
            }
        }
        if limit.hasPeakRule {
            let highest = max(tally.short, tally.segment)
            if limit.exceeds(highest, limit.peakCeiling, limit.twaDecimals) { findings.insert(.peakExceeds) }
            // Whoever finds a segment above three times PC-TWA has not found it steady.
            let isSteady = flags.contains(.steady) && !limit.exceeds(tally.segment, limit.excursionFrom, limit.twaDecimals)
            if tally.shorts == 0, !isSteady {
                findings.insert(.lacksPeak)
            } else if limit.exceeds(tally.shortBelow, limit.excursionFrom, limit.twaDecimals) {
                findings.insert(.shortHangsOnLOQ)
            }
        }
    }
}

/// What one pass over a group's rows gathers.
private struct Tally {
    var sum = 0.0, sumAtLeast = 0.0, allMinutes = 0.0, shortMinutes = 0.0, exposed = 0.0
    var segments = 0, shorts = 0, ceilings = 0, quantified = 0, exposedRows = 0
    /// Highest concentrations of quantified rows, and of those below their limit of quantification.
    var segment = 0.0, segmentQuarter = 0.0, short = 0.0, shortTerm = 0.0, ceiling = 0.0
    var shortBelow = 0.0, shortTermBelow = 0.0, ceilingBelow = 0.0
    /// Short samples of less than 15 minutes.
    var partial = 0, partialSum = 0.0
    var excursionRows = 0
    var timed = 0, isOrdered = true, overlaps = false, first = Double.infinity, last = -Double.infinity
    var badNumber = false, badShort = false
    var isBad: Bool { badNumber || badShort }

    mutating func count(_ rows: SampleColumns, _ range: Range<Int>, _ limit: ShiftLimit) {
        let from = limit.excursionFrom
        // Sums are kept in registers, and what depends on a figure is selected and not jumped to: figures cannot be predicted.
        var (total, totalAtLeast, lasting, exposure) = (0.0, 0.0, 0.0, 0.0)
        var (highest, highestQuarter, highestShort, highestShortTerm, highestBelow) = (0.0, 0.0, 0.0, 0.0, 0.0)
        var (counted, exposures, quantifications, shortCount, excursionCount) = (0, 0, 0, 0, 0)
        var end = -Double.infinity
        for row in range {
            let concentration = rows.concentration[row]
            let minutes = rows.minutes[row]
            let kind = rows.kind[row]
            let isBelow = kind & SampleColumns.belowLOQ != 0
            // Written so that NaN and infinity fail too.
            guard concentration >= 0, minutes >= 0, concentration <= ShiftRules.largest, minutes <= ShiftRules.largest else {
                badNumber = true
                return
            }
            let isExposed = concentration > 0
            let known = isBelow ? 0 : concentration
            exposures &+= isExposed ? 1 : 0
            quantifications &+= known > 0 ? 1 : 0
            switch kind & ~SampleColumns.belowLOQ {
            case SampleKind.segment.rawValue:
                counted &+= 1
                lasting += minutes
                total += concentration * minutes
                totalAtLeast += known * minutes
                exposure += isExposed ? minutes : 0
                highest = max(highest, minutes > 0 ? known : 0)
                highestQuarter = max(highestQuarter, known * min(minutes, 15))
                let start = rows.from(row)
                if !start.isNaN {
                    guard start.magnitude <= ShiftRules.largest else {
                        badNumber = true
                        return
                    }
                    timed &+= 1
                    first = min(first, start)
                    last = max(last, start + minutes)
                    if start < end - ShiftRules.tolerance { isOrdered = false }
                    end = max(end, start + minutes)
                }
            case SampleKind.shortTerm.rawValue:
                guard minutes > 0, minutes <= 15 else {
                    badShort = true
                    return
                }
                let quarter = concentration * minutes
                shortCount &+= 1
                shortMinutes += minutes
                if minutes < 15 {
                    partial &+= 1
                    partialSum += quarter
                }
                excursionCount &+= known > from ? 1 : 0
                highestShort = max(highestShort, known)
                highestShortTerm = max(highestShortTerm, isBelow ? 0 : quarter)
                highestBelow = max(highestBelow, isBelow ? concentration : 0)
                shortTermBelow = max(shortTermBelow, isBelow ? quarter : 0)
            case SampleKind.ceiling.rawValue:
                guard minutes <= 15 else {
                    badShort = true
                    return
                }
                ceilings += 1
                ceiling = max(ceiling, known)
                ceilingBelow = max(ceilingBelow, isBelow ? concentration : 0)
            default:
                badNumber = true
                return
            }
        }
        (sum, sumAtLeast, allMinutes, exposed) = (total, totalAtLeast, lasting, exposure)
        (segment, short, shortBelow) = (highest, highestShort, highestBelow)
        // Averages over a quarter of an hour; divided once, here.
        (segmentQuarter, shortTerm, shortTermBelow) = (highestQuarter / 15, highestShortTerm / 15, shortTermBelow / 15)
        partialSum /= 15
        (segments, exposedRows, quantified, shorts, excursionRows) = (counted, exposures, quantifications, shortCount, excursionCount)
    }
}

extension ShiftRules {
    private static func isExcursion(_ rows: SampleColumns, _ row: Int, _ from: Double, _ limit: ShiftLimit) -> Bool {
        guard rows.kind[row] == SampleKind.shortTerm.rawValue else { return false }
        return limit.exceeds(rows.concentration[row], from, limit.twaDecimals)
    }

    /// The rules of excursions: each at most 15 minutes, at most four in a shift, at least 60 minutes between them. They are counted in
    /// short-term samples, of which those that touch are one excursion; a segment is an average and tells nothing of how long.
    private static func judgeExcursions(
        _ findings: inout ShiftFindings, _ rows: SampleColumns, _ range: Range<Int>, _ limit: ShiftLimit
    ) -> Int32 {
        let from = limit.excursionFrom
        var count: Int32 = 0
        var lacksTimes = false
        var isOrdered = true
        var previous = -Double.infinity
        var episodes = Episodes()
        for row in range where isExcursion(rows, row, from, limit) {
            let start = rows.from(row)
            count += 1
            if start.isNaN { lacksTimes = true }
            if start < previous { isOrdered = false }
            previous = start
            episodes.add(start, rows.minutes[row])
        }
        if count < 2 { return count }
        if lacksTimes {
            // Without times nobody knows how far apart they are.
            findings.insert(.lacksTimes)
            return 0
        }
        if !isOrdered {
            episodes = Episodes()
            ordered(rows, range, where: { isExcursion(rows, $0, from, limit) }) { places in
                for row in places { episodes.add(rows.from(row), rows.minutes[row]) }
            }
        }
        episodes.close()
        findings.formUnion(episodes.findings)
        return episodes.count
    }

    private struct Episodes {
        var count: Int32 = 0
        var findings: ShiftFindings = []
        private var from = 0.0
        private var until = -Double.infinity

        mutating func add(_ start: Double, _ minutes: Double) {
            if count > 0, start <= until + tolerance {
                until = max(until, start + minutes)
                return
            }
            close()
            if count > 0, start < until + 60 - tolerance { findings.insert(.excursionsTooClose) }
            (from, until) = (start, start + minutes)
            count += 1
            if count > 4 { findings.insert(.excursionsTooMany) }
        }
        mutating func close() {
            if count > 0, until - from > 15 + tolerance { findings.insert(.excursionTooLong) }
        }
    }

    private static func overlapsUnordered(_ rows: SampleColumns, _ range: Range<Int>) -> Bool {
        ordered(rows, range, where: { rows.isKind(.segment, $0) && !rows.from($0).isNaN }) { places in
            var end = -Double.infinity
            for row in places {
                if rows.from(row) < end - tolerance { return true }
                end = max(end, rows.from(row) + rows.minutes[row])
            }
            return false
        }
    }

    /// The highest 15-minute average that the rows of one kind make together, each row held for its minutes and nothing between them.
    /// - Returns: nil where a row has no time, or short samples overlap.
    private static func quarterHour(_ rows: SampleColumns, _ range: Range<Int>, _ kind: SampleKind) -> Double? {
        func isWanted(_ row: Int) -> Bool { rows.isKind(kind, row) && !rows.isBelowLOQ(row) && rows.concentration[row] > 0 }
        for row in range where isWanted(row) && rows.from(row).isNaN { return nil }
        return ordered(rows, range, where: isWanted) { places -> Double? in
            for (before, row) in zip(places, places.dropFirst()) where rows.from(row) < rows.until(before) - tolerance { return nil }
            // The average of a sliding window is highest where it begins with a row or ends with one.
            var highest = 0.0
            var first = 0
            for (place, row) in places.enumerated() {
                var dose = 0.0
                for later in places[place...] {
                    if rows.from(later) >= rows.from(row) + 15 { break }
                    dose += rows.concentration[later] * (min(rows.until(later), rows.from(row) + 15) - rows.from(later))
                }
                highest = max(highest, dose)
                dose = 0
                while rows.until(places[first]) <= rows.until(row) - 15 { first += 1 }
                for earlier in places[first...place] {
                    dose += rows.concentration[earlier] * (rows.until(earlier) - max(rows.from(earlier), rows.until(row) - 15))
                }
                highest = max(highest, dose)
            }
            return highest / 15
        }
    }

    /// The rows that are wanted in the order of their starts; of one start the shorter first.
    private static func ordered<Result>(
        _ rows: SampleColumns, _ range: Range<Int>, where isWanted: (Int) -> Bool, _ body: (UnsafeMutableBufferPointer<Int>) -> Result
    ) -> Result {
        withUnsafeTemporaryAllocation(of: Int.self, capacity: range.count) { places in
            var count = 0
            for row in range where isWanted(row) {
                places.initializeElement(at: count, to: row)
                count += 1
            }
            var wanted = UnsafeMutableBufferPointer(rebasing: places[..<count])
            wanted.sort { left, right in
                let (first, second) = (rows.from(left), rows.from(right))
                return first == second ? rows.minutes[left] < rows.minutes[right] : first < second
            }
            return body(wanted)
        }
    }
}

extension SampleColumns {
    @inline(__always) fileprivate func from(_ row: Int) -> Double { start?[row] ?? .nan }
    @inline(__always) fileprivate func until(_ row: Int) -> Double { from(row) + minutes[row] }
    @inline(__always) fileprivate func isKind(_ wanted: SampleKind, _ row: Int) -> Bool {
        kind[row] & ~SampleColumns.belowLOQ == wanted.rawValue
    }
    @inline(__always) fileprivate func isBelowLOQ(_ row: Int) -> Bool { kind[row] & SampleColumns.belowLOQ != 0 }
}
