import Kernel
import Ledger

/// Writes records down as they come to be known: gives ids and moments of entry, splits what was not yet known when a record was
/// entered into later versions, and keeps every reference behind what it refers to.
final class DemoScribe {
    var random: SeededGenerator
    private let opening: Day
    private let today: Day
    private let idHead: String
    private var counter = 0
    private var buffer: [Version] = []
    /// When each record that others may refer to was entered.
    private var entered: [String: Int64] = [:]
    private var shapes: [String: Shape] = [:]
    private static let alphabet = Array("0123456789abcdefghjkmnpqrstvwxyz".utf8)

    private static let referenced: Set<String> = [
        "employer", "worker", "post", "workplace", "person_role", "test_report", "diagnosis", "institution", "patient", "officer",
        "rehab_station", "survey", "radiation_worker", "exam",
    ]

    /// What matters of a kind here: its references, and its days that may not lie after the day of entry.
    private struct Shape {
        var references: [Int] = []
        var fixedDays: [Int] = []
        var laterDays: [Int] = []
    }

    /// - Parameter opening: the first day on which anything was entered.
    init(seed: UInt64, prefix: String, opening: Day, today: Day) {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325 ^ seed
        for byte in prefix.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
        random = SeededGenerator(seed: hash)
        (self.opening, self.today) = (opening, today)
        let mark = (0..<6).map { DemoScribe.alphabet[Int((hash >> UInt64($0 * 5)) & 31)] }
        idHead = prefix.lowercased().prefix(6) + String(decoding: mark, as: UTF8.self)
    }

    func drain() -> [Version] {
        defer { buffer.removeAll(keepingCapacity: true) }
        return buffer
    }

    private func nextID() -> String {
        counter += 1
        let digits = String(counter)
        return idHead + String(repeating: "0", count: 26 - idHead.utf8.count - digits.utf8.count) + digits
    }

    private func shape(of kind: Kind) -> Shape {
        if let shape = shapes[kind.name] { return shape }
        var shape = Shape()
        for (index, field) in kind.fields.enumerated() {
            if field.target != nil { shape.references.append(index) }
            guard case .day(future: false) = field.type else { continue }
            let isEnd = ["until", "died", "removed", "accepted", "decided", "completed", "issued", "reported"].contains(field.name)
            if field.required || !isEnd { shape.fixedDays.append(index) } else { shape.laterDays.append(index) }
        }
        shapes[kind.name] = shape
        return shape
    }

    /// Writes one record: `fill` tells the whole truth, of which later days become later versions.
    /// - Parameter day: what the record is about; entry follows some days later, now and then much later.
    /// - Parameter late: how often entry is months or years late.
    /// - Parameter first: makes the first version wrong; a correction follows.
    /// - Returns: the id, or nil where the record would lie in the future.
    @discardableResult
    func add(
        _ kind: Kind, home: String, day: Day?, late: Double = 0.015, first: ((inout Record) -> Void)? = nil, fill: (inout Record) -> Void
    ) -> String? {
        let shape = shape(of: kind)
        var record = Record(kind, id: nextID(), home: home)
        fill(&record)
        func value(_ index: Int) -> Day? { record[kind.fields[index]].flatMap(Day.read) }

        var entry = max(day ?? opening, opening) + (random.chance(late) ? random.int(90...800) : random.int(1...14))
        for index in shape.fixedDays {
            guard let day = value(index) else { continue }
            if day > today - 3 { return nil }
            entry = max(entry, day)
        }
        entry = min(entry, today - 2)
        var known: Int64 = 0
        for index in shape.references {
            if case .text(let id)? = record[kind.fields[index]] { known = max(known, entered[id] ?? 0) }
        }
        var moment = max(instant(entry), known + 1_000_000)
        let final = record
        var pending: Day?
        for index in shape.laterDays {
            guard let day = value(index) else { continue }
            if day > today - 3 { record[kind.fields[index]] = nil; continue }
            if day > Moment(microseconds: moment).day {
                record[kind.fields[index]] = nil
                pending = max(pending ?? day, day)
            }
        }
        let known1 = record
        if let first {
            first(&record)
            put(record, at: moment)
            moment = later(than: moment, day: Moment(microseconds: moment).day + random.int(20...300))
            record = known1
            record.version = 2
        }
        put(record, at: moment)
        if let pending {
            moment = later(than: moment, day: pending + random.int(1...25))
            let version = record.version + 1
            record = final
            record.version = version
            for index in shape.laterDays { if let day = value(index), day > today - 3 { record[kind.fields[index]] = nil } }
            put(record, at: moment)
        }
        return final.id
    }

    /// Withdraws what was written last, some days after.
    func withdrawLast(after days: Int) {
        guard var last = buffer.last else { return }
        last.record.version += 1
        last.isWithdrawn = true
        let moment = last.record.recordedAt.microseconds
        put(last.record, at: later(than: moment, day: Moment(microseconds: moment).day + days), withdrawn: true)
    }

    private func put(_ record: Record, at moment: Int64, withdrawn: Bool = false) {
        var record = record
        record.recordedAt = Moment(microseconds: moment)
        if record.version == 1, DemoScribe.referenced.contains(record.kind.name) { entered[record.id] = moment }
        buffer.append(Version(record, isWithdrawn: withdrawn))
    }

    private func later(than moment: Int64, day: Day) -> Int64 { max(moment + 1_000_000, instant(min(day, today - 2))) }

    /// Somewhere in the office hours of a day.
    private func instant(_ day: Day) -> Int64 {
        Moment(endOf: day - 1).microseconds + 1 + Int64(random.int(30_000...62_000)) * 1_000_000 + Int64(random.int(0...999_999))
    }
}

extension SeededGenerator {
    /// Evenly in 0 ..< 1.
    mutating func real() -> Double { Double(next() >> 11) * 0x1p-53 }
    mutating func chance(_ share: Double) -> Bool { real() < share }
    mutating func int(_ range: ClosedRange<Int>) -> Int { range.lowerBound + Int(next() % UInt64(range.count)) }
    mutating func pick<Item>(_ items: [Item]) -> Item { items[Int(next() % UInt64(items.count))] }
    mutating func pick<Item>(weighted items: [(Item, Int)]) -> Item {
        var rest = int(0...max(0, items.reduce(0) { $0 + $1.1 } - 1))
        for (item, weight) in items {
            if rest < weight { return item }
            rest -= weight
        }
        return items[items.count - 1].0
    }
    /// A day from one to another, both possible.
    mutating func day(_ from: Day, _ to: Day) -> Day { to <= from ? from : from + int(0...(to - from)) }
    mutating func day(in year: Int) -> Day { day(.firstDay(of: year) + 8, .lastDay(of: year) - 8) }
}
