import Dispatch
import Kernel

/// Groups of samples laid out as columns, to be judged together. Emptied and filled again it keeps its memory, so that a stream of any
/// length is judged in a fixed space:
///
///     var batch = ShiftBatch()
///     for row in rows {
///         if row.group != last { batch.close(limit: place(of: last)) }
///         if batch.rows > 1_000_000 { report(batch.judge(limits)); batch.removeAll() }
///         batch.append(…)
///     }
///
/// Rows are not checked one by one here: what is wrong with them stands in the findings of their group (`.invalid`), and
/// ``flaws(group:row:)`` names row and field of it.
public struct ShiftBatch: Sendable {
    private var concentration: [Double] = []
    private var minutes: [Double] = []
    private var start: [Double] = []
    private var kind: [UInt8] = []
    private var offsets = [0]
    private var limitOf: [Int32] = []
    private var flags: [GroupFlags] = []

    public init() {}

    /// Rows, and groups that are closed.
    public var rows: Int { concentration.count }
    public var groups: Int { limitOf.count }

    /// Adds a row to the open group.
    /// - Parameters:
    ///   - concentration: in the unit of the group's limit; the limit of quantification where `isBelowLOQ`.
    ///   - start: minutes since the midnight before the shift; NaN where not recorded.
    public mutating func append(_ kind: SampleKind, start: Double = .nan, minutes: Double, concentration: Double, isBelowLOQ: Bool) {
        self.concentration.append(concentration)
        self.minutes.append(minutes)
        self.start.append(start)
        self.kind.append(isBelowLOQ ? kind.rawValue | SampleColumns.belowLOQ : kind.rawValue)
    }
    /// Adds a row whose concentration is multiplied by `factor` (``Conversion/factor``).
    public mutating func append(_ sample: Sample, factor: Double = 1) {
        append(
            sample.kind, start: sample.start ?? .nan, minutes: sample.minutes, concentration: sample.reading.figure * factor,
            isBelowLOQ: sample.reading.isBelow)
    }

    /// Ends the open group.
    /// - Parameter limit: its place in the limits given to ``judge(_:)``.
    public mutating func close(limit: Int, _ flags: GroupFlags = []) {
        offsets.append(concentration.count)
        limitOf.append(Int32(limit))
        self.flags.append(flags)
    }

    /// Judges all closed groups, in their order.
    /// - Parameter workers: threads to share the groups among; the results are the same.
    public func judge(_ limits: [ShiftLimit], workers: Int = 1) -> [ShiftResult] {
        [ShiftResult](unsafeUninitializedCapacity: groups) { buffer, count in
            count = groups
            withColumns { columns in
                offsets.withUnsafeBufferPointer { offsets in
                    limits.withUnsafeBufferPointer { limits in
                        limitOf.withUnsafeBufferPointer { limitOf in
                            flags.withUnsafeBufferPointer { flags in
                                let work = Work(
                                    columns: columns, offsets: offsets, limits: limits, limitOf: limitOf, flags: flags, results: buffer)
                                let share = (count + max(1, workers) - 1) / max(1, workers)
                                guard workers > 1, share > 0 else { return work.judge(0..<count) }
                                DispatchQueue.concurrentPerform(iterations: workers) { worker in
                                    let first = min(worker * share, work.results.count)
                                    work.judge(first..<min(first + share, work.results.count))
                                }
                            }
                        }
                    }
                }
            }
        }
    }

    /// The columns for the length of one call. Workers read them together and write each to its own groups.
    private struct Work: @unchecked Sendable {
        let columns: SampleColumns
        let offsets: UnsafeBufferPointer<Int>
        let limits: UnsafeBufferPointer<ShiftLimit>
        let limitOf: UnsafeBufferPointer<Int32>
        let flags: UnsafeBufferPointer<GroupFlags>
        let results: UnsafeMutableBufferPointer<ShiftResult>

        func judge(_ groups: Range<Int>) {
            ShiftRules.judge(
                batch: columns, offsets: UnsafeBufferPointer(rebasing: offsets[groups.lowerBound...groups.upperBound]), limits: limits,
                limitOf: UnsafeBufferPointer(rebasing: limitOf[groups]), flags: UnsafeBufferPointer(rebasing: flags[groups]),
                into: UnsafeMutableBufferPointer(rebasing: results[groups]))
        }
    }

    /// What is wrong with the rows of a group, each with its row and field; empty where nothing is.
    /// - Parameter row: the row in its file of a place in the batch, counted from 0.
    public func flaws(group: Int, row: (Int) -> Int?) -> [Refusal] {
        let samples = (offsets[group]..<offsets[group + 1]).map { place in
            let isBelow = kind[place] & SampleColumns.belowLOQ != 0
            return Sample(
                SampleKind(rawValue: kind[place] & ~SampleColumns.belowLOQ) ?? .segment, start: start[place].isNaN ? nil : start[place],
                minutes: minutes[place], isBelow ? .below(concentration[place]) : .value(concentration[place]), row: row(place))
        }
        return Sample.flaws(samples, isWeek: flags[group].contains(.week))
    }

    /// Forgets all rows and keeps their memory.
    public mutating func removeAll() {
        concentration.removeAll(keepingCapacity: true)
        minutes.removeAll(keepingCapacity: true)
        start.removeAll(keepingCapacity: true)
        kind.removeAll(keepingCapacity: true)
        offsets.removeAll(keepingCapacity: true)
        offsets.append(0)
        limitOf.removeAll(keepingCapacity: true)
        flags.removeAll(keepingCapacity: true)
    }

    /// The columns of all rows. An empty array has no address and is never read: any aligned one will do.
    func withColumns(_ body: (SampleColumns) -> Void) {
        concentration.withUnsafeBufferPointer { concentration in
            minutes.withUnsafeBufferPointer { minutes in
                start.withUnsafeBufferPointer { start in
                    kind.withUnsafeBufferPointer { kind in
                        let empty = UnsafePointer<Double>(bitPattern: MemoryLayout<Double>.alignment)
                        guard let none = empty, let noKind = UnsafePointer<UInt8>(bitPattern: 1) else { return }
                        body(
                            SampleColumns(
                                concentration: concentration.baseAddress ?? none, minutes: minutes.baseAddress ?? none,
                                start: start.baseAddress, kind: kind.baseAddress ?? noKind))
                    }
                }
            }
        }
    }
}
