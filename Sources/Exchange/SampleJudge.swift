import Catalog
import Exposure
import Foundation
import Hygiene
import Kernel
import Sheets

/// Judges a table of raw samples as it comes in, group by group, in memory that does not grow with it. The rows of a group (one substance,
/// one post or person, one shift) lie together.
public struct SampleJudge {
    /// What was found of one group.
    public struct Verdict {
        public let group, substance: String
        public let day: Day
        /// The rows of the group in the file, header counted.
        public let rows: ClosedRange<Int>
        public let verdict: Judgement.Verdict
        /// In the unit of the limit; NaN where there are no such samples.
        public let result: ShiftResult?
        /// The limit judged by; nil where none could be told.
        public let limit: ExposureLimit?
        /// Why it is undecided.
        public let missing: [Refusal]
        /// Asked for only where the working is wanted.
        public let judgements: [Judgement]
    }
    public struct Summary: Sendable, Equatable {
        public var rows = 0, groups = 0, complying = 0, exceeding = 0, undecided = 0, refused = 0
    }
    /// What holds where the table does not say.
    public struct Defaults: Sendable {
        public var substance: String?
        public var unit: String?
        public var day: Day
        public init(substance: String? = nil, unit: String? = nil, day: Day) {
            (self.substance, self.unit, self.day) = (substance, unit, day)
        }
    }

    private let catalog: Catalog
    private let defaults: Defaults
    private let wantsWorking: Bool
    private let onVerdict: (Verdict) throws -> Void
    private let onRefusal: (Refusal) throws -> Void
    public private(set) var summary = Summary()

    private var places: [Int] = []
    /// The shared cells of the group that is open, one after the other, and its rows as columns.
    private var key: [UInt8] = []
    private var nextKey: [UInt8] = []
    private var concentration: [Double] = []
    private var minutes: [Double] = []
    private var start: [Double] = []
    private var kind: [UInt8] = []
    private var numbers: [Int] = []
    private var isFlawed = false
    private var firstRow = 0
    private var contexts: [[UInt8]: Result<Context, Refusals>] = [:]
    private var seen: Set<Int> = []
    /// Bytes that are held between rows: what must not grow with the table.
    var footprint: Int {
        let columns = 8 * (concentration.capacity + minutes.capacity + start.capacity + numbers.capacity) + kind.capacity
        return columns + key.capacity + nextKey.capacity + 16 * seen.capacity + 512 * contexts.count
    }
    /// A shift has at most so many samples; more are a file without groups.
    private static let longest = 100_000

    /// - Parameters:
    ///   - wantsWorking: whether each verdict carries its judgements in words; slower.
    ///   - onVerdict: called for each group in the order of the file.
    ///   - onRefusal: called for each flaw, with row and field. A group with a flawed row is not judged.
    public init(
        _ catalog: Catalog, defaults: Defaults, wantsWorking: Bool = false, onVerdict: @escaping (Verdict) throws -> Void,
        onRefusal: @escaping (Refusal) throws -> Void
    ) {
        (self.catalog, self.defaults, self.wantsWorking) = (catalog, defaults, wantsWorking)
        (self.onVerdict, self.onRefusal) = (onVerdict, onRefusal)
    }

    /// Takes the next row; the first is the header.
    /// - Throws: `Refusals` of the header.
    public mutating func take(_ row: ByteRow) throws {
        if places.isEmpty {
            places = try SampleColumn.places(in: row)
            return
        }
        summary.rows += 1
        nextKey.removeAll(keepingCapacity: true)
        for column in SampleColumn.shared {
            let place = places[column.rawValue]
            if place >= 0 { nextKey.append(contentsOf: row[place]) }
            nextKey.append(31)
        }
        if nextKey != key || numbers.isEmpty {
            try close()
            swap(&key, &nextKey)
            firstRow = row.number
        }
        numbers.append(row.number)
        if let flaw = read(row) {
            isFlawed = true
            summary.refused += 1
            try onRefusal(flaw.at(row: row.number))
        }
        if numbers.count == SampleJudge.longest {
            isFlawed = true
            summary.refused += 1
            try onRefusal(Refusal("samples.too-many", row: firstRow, field: "group", ["limit": String(SampleJudge.longest)]))
            empty()
        }
    }

    /// Judges what is still open.
    public mutating func finish() throws { try close() }

    private func cell(_ column: SampleColumn, _ row: ByteRow) -> UnsafeBufferPointer<UInt8> { row[places[column.rawValue]] }

    /// Takes a row into the open group; gives what is wrong with it.
    private mutating func read(_ row: ByteRow) -> Refusal? {
        do throws(Refusal) {
            try add(row)
            return nil
        } catch { return error }
    }

    private mutating func add(_ row: ByteRow) throws(Refusal) {
        let length = try number(row, .minutes)
        guard let length else { throw Refusal("field.required", field: "minutes") }
        let type = try kind(cell(.kind, row))
        let bytes = cell(.concentration, row)
        let loq = places[SampleColumn.loq.rawValue] >= 0 ? try number(row, .loq) : nil
        var reading: Reading
        if let plain = ByteNumber.read(bytes), plain >= 0 {
            reading = .value(plain)
        } else {
            reading = try Reading(reading: String(decoding: bytes, as: UTF8.self), loq: loq)
        }
        var begin = Double.nan
        let time = cell(.start, row)
        if !time.isEmpty {
            if let minutes = ByteNumber.read(time) {
                begin = minutes
            } else {
                begin = try SampleText.minutes(ofDay: String(decoding: time, as: UTF8.self))
            }
        }
        if length < 0 || !(length < .infinity) || (type != .segment && length > 15) || (length == 0 && type != .ceiling) {
            let sample = Sample(type, start: begin.isNaN ? nil : begin, minutes: length, reading)
            if let flaw = sample.flaws.first { throw flaw }
        }
        concentration.append(reading.figure)
        minutes.append(length)
        start.append(begin)
        kind.append(type.rawValue | (reading.isBelow ? Hygiene.SampleColumns.belowLOQ : 0))
    }

    private func number(_ row: ByteRow, _ column: SampleColumn) throws(Refusal) -> Double? {
        let bytes = cell(column, row)
        if bytes.isEmpty { return nil }
        guard let number = ByteNumber.read(bytes) else {
            throw Refusal("number.format", field: column.names[0], ["value": String(decoding: bytes, as: UTF8.self)])
        }
        return number
    }

    private func kind(_ bytes: UnsafeBufferPointer<UInt8>) throws(Refusal) -> SampleKind {
        // Nearly every row is a segment: asked first, without a string.
        if bytes.isEmpty || (bytes.count == 3 && bytes[0] == 0x74 && bytes[1] == 0x77 && bytes[2] == 0x61) { return .segment }
        let text = String(decoding: bytes, as: UTF8.self)
        guard let kind = SampleText.kind(text) else {
            throw Refusal("code.unknown", field: "kind", ["value": text, "table": "twa, stel, mac"])
        }
        return kind
    }

    private mutating func empty() {
        for path in [\SampleJudge.concentration, \.minutes, \.start] { self[keyPath: path].removeAll(keepingCapacity: true) }
        kind.removeAll(keepingCapacity: true)
        numbers.removeAll(keepingCapacity: true)
        isFlawed = false
    }

    private mutating func close() throws {
        guard let last = numbers.last else { return }
        defer { empty() }
        summary.groups += 1
        let cells = key.split(separator: 31, omittingEmptySubsequences: false).map { String(decoding: $0, as: UTF8.self) }
        if !cells[0].isEmpty, seen.count < 1 << 20, !seen.insert(key.hashValue).inserted {
            summary.refused += 1
            try onRefusal(Refusal("samples.group-again", row: firstRow, field: "group", ["value": cells[0]]))
        }
        guard !isFlawed else { return try tell(.undecided, cells, last, [Refusal("samples.flawed", field: "group")]) }
        let own = Array(key.drop { $0 != 31 })
        let context: Context
        switch contexts[own] ?? resolve(own, cells) {
        case .success(let found): context = found
        case .failure(let refusals):
            if refusals.all.contains(where: { !Context.leavesOpen($0) }) {
                summary.refused += 1
                for refusal in refusals.all { try onRefusal(refusal.at(row: firstRow)) }
            }
            return try tell(.undecided, cells, last, refusals.all)
        }
        if let rules = context.rules, !wantsWorking {
            let result = judge(rules, context)
            if result.findings.isDisjoint(with: .invalid) {
                return try tell(result.findings.verdict, cells, last, [], result, context.shift.limit, context.day)
            }
        }
        switch context.judge(samples()) {
        case .success(let judged):
            try tell(judged.verdict, cells, last, judged.missing, judged.result, judged.limit, context.day, judged.judgements)
        case .failure(let refusals):
            summary.refused += 1
            for refusal in refusals.all { try onRefusal(refusal.row == nil ? refusal.at(row: firstRow) : refusal) }
            try tell(.undecided, cells, last, refusals.all)
        }
    }

    private mutating func resolve(_ own: [UInt8], _ cells: [String]) -> Result<Context, Refusals> {
        let found: Result<Context, Refusals>
        do throws(Refusals) { found = .success(try Context(cells, catalog, defaults)) } catch { found = .failure(error) }
        // A table of ever new days must not fill the memory.
        if contexts.count >= 10_000 { contexts.removeAll(keepingCapacity: true) }
        contexts[own] = found
        return found
    }

    private func judge(_ rules: ShiftLimit, _ context: Context) -> ShiftResult {
        let factor = context.factor
        let scaled = factor == 1 ? concentration : concentration.map { $0 * factor }
        return scaled.withUnsafeBufferPointer { concentration in
            minutes.withUnsafeBufferPointer { minutes in
                start.withUnsafeBufferPointer { start in
                    kind.withUnsafeBufferPointer { kind in
                        guard let first = concentration.baseAddress, let second = minutes.baseAddress, let third = kind.baseAddress else {
                            preconditionFailure("a group has a row")
                        }
                        let rows = Hygiene.SampleColumns(concentration: first, minutes: second, start: start.baseAddress, kind: third)
                        return ShiftRules.judge(rows, 0..<concentration.count, rules, context.flags)
                    }
                }
            }
        }
    }

    private func samples() -> [Sample] {
        numbers.indices.map { index in
            let isBelow = kind[index] & Hygiene.SampleColumns.belowLOQ != 0
            let type = SampleKind(rawValue: kind[index] & ~Hygiene.SampleColumns.belowLOQ) ?? .segment
            let reading = isBelow ? Reading.below(concentration[index]) : .value(concentration[index])
            return Sample(
                type, start: start[index].isNaN ? nil : start[index], minutes: minutes[index], reading, row: numbers[index])
        }
    }

    private mutating func tell(
        _ verdict: Judgement.Verdict, _ cells: [String], _ last: Int, _ missing: [Refusal], _ result: ShiftResult? = nil,
        _ limit: ExposureLimit? = nil, _ day: Day? = nil, _ judgements: [Judgement] = []
    ) throws {
        switch verdict {
        case .complies: summary.complying += 1
        case .exceeds: summary.exceeding += 1
        case .undecided: summary.undecided += 1
        }
        var reasons = missing
        if reasons.isEmpty, verdict == .undecided, let result { reasons = result.findings.missing(of: limit?.name.zh ?? "") }
        // A group that is not judged has its date all the same.
        let own = day ?? SampleColumn.shared.firstIndex(of: .date).flatMap { Day.read(cells[$0]) }
        try onVerdict(
            Verdict(
                group: cells[0], substance: cells[1].isEmpty ? defaults.substance ?? "" : cells[1], day: own ?? defaults.day,
                rows: firstRow...last, verdict: verdict, result: result, limit: limit, missing: reasons, judgements: judgements))
    }
}

/// What the groups of one substance, day and condition have in common.
private struct Context {
    let day: Day
    let limits: [ExposureLimit]
    let missing: Refusal
    /// Everything but the samples.
    let shift: ShiftCase
    let factor: Double
    let flags: GroupFlags
    /// Where one limit holds and nothing adjusts it: then the core judges by itself.
    let rules: ShiftLimit?

    /// Whether a refusal says that nobody can judge, not that somebody made a mistake.
    static func leavesOpen(_ refusal: Refusal) -> Bool {
        ["judge.limit.none", "judge.limit.missing", "judge.dust.toxic"].contains(refusal.code)
    }

    init(_ cells: [String], _ catalog: Catalog, _ defaults: SampleJudge.Defaults) throws(Refusals) {
        func cell(_ column: SampleColumn) -> String {
            SampleColumn.shared.firstIndex(of: column).map { cells[$0] } ?? ""
        }
        func number(_ column: SampleColumn, _ range: ClosedRange<Double>) throws(Refusal) -> Double? {
            let text = cell(column)
            if text.isEmpty { return nil }
            guard let number = Double(text), number.isFinite else {
                throw Refusal("number.format", field: column.names[0], ["value": text])
            }
            guard range.contains(number) else {
                let bounds = "\(Rounding.plain(range.lowerBound))…\(Rounding.plain(range.upperBound))"
                throw Refusal("number.range", field: column.names[0], ["value": text, "limit": bounds])
            }
            return number
        }
        do throws(Refusal) {
            let date = cell(.date)
            guard let day = date.isEmpty ? defaults.day : Day.read(date) else {
                throw Refusal("day.format", field: "date", ["value": date])
            }
            self.day = day
            let name = cell(.substance).isEmpty ? defaults.substance ?? "" : cell(.substance)
            guard !name.isEmpty else { throw Refusal("field.required", field: "substance") }
            let substance = Substance(
                name, silica: try number(.silica, 0...100), altitude: try number(.altitude, -500...9000))
            let rows = try substance.rows(catalog, on: day)
            (limits, missing) = (rows.limits, rows.missing)
            let unit = cell(.unit).isEmpty ? defaults.unit ?? "" : cell(.unit)
            guard !unit.isEmpty else { throw Refusal("field.required", field: "unit") }
            var shift = ShiftCase([], unit: try ConcentrationUnit(reading: unit), limit: rows.limits[0])
            shift.molarMass = try number(.molarMass, 1...2000)
            let steady = cell(.steady).lowercased()
            guard ["", "0", "1", "是", "否", "yes", "no"].contains(steady) else {
                throw Refusal("flag.format", field: "steady", ["value": steady])
            }
            shift.isSteady = ["1", "是", "yes"].contains(steady)
            let fraction = cell(.fraction).lowercased()
            guard ["", "total", "respirable", "总尘", "呼尘", "总粉尘", "呼吸性粉尘"].contains(fraction) else {
                throw Refusal("code.unknown", field: "fraction", ["value": fraction, "table": "total, respirable"])
            }
            if ["respirable", "呼尘", "呼吸性粉尘"].contains(fraction) { shift.fraction = .respirable }
            let days = try number(.weekDays, 0...7)
            let hours = try number(.shiftHours, 0...24)
            if days != nil, hours == nil { throw Refusal("field.required", field: "shift_hours") }
            if let hours {
                let days = days ?? 5
                if hours > 8 || hours * days > 40 { shift.longShift = try LongShift(hoursPerDay: hours, daysPerWeek: days) }
            }
            let target = try ConcentrationUnit(reading: rows.limits[0].unit)
            factor = try Conversion(from: shift.unit, to: target, molarMass: shift.molarMass).factor
            flags = shift.isSteady ? .steady : []
            let limit = rows.limits[0]
            let twa = shift.fraction == .respirable ? limit.respirable : limit.twa
            rules = rows.limits.count == 1 && shift.longShift == nil ? ShiftLimit(mac: limit.mac, twa: twa, stel: limit.stel) : nil
            self.shift = shift
        } catch { throw Refusals([error]) }
    }

    func judge(_ samples: [Sample]) -> Result<ShiftJudgement, Refusals> {
        var own = shift
        own.samples = samples
        do throws(Refusals) { return .success(try own.judge(anyOf: limits, missing: missing)) } catch { return .failure(error) }
    }
}
