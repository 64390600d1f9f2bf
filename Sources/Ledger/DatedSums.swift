import Kernel

/// Counts as step functions of the day: the sums up to each day on which they change, ascending. Of the ten counts only those are held that
/// ever differ from nothing; most gauges have three.
struct DatedSums: Sendable {
    /// As `Day.number`.
    private(set) var days: [Int32] = []
    /// Places in `Count.numbers`, ascending.
    private var columns: [Int] = []
    /// For each day as many as there are columns.
    private var sums: [Int] = []

    init() {}
    var isEmpty: Bool { days.isEmpty }

    /// What several step functions add up to.
    init(adding parts: [DatedSums]) {
        if parts.count == 1 { self = parts[0]; return }
        var all = Set<Int32>(minimumCapacity: parts.map(\.days.count).max() ?? 0)
        for part in parts { all.formUnion(part.days) }
        days = all.sorted()
        columns = Set(parts.flatMap(\.columns)).sorted()
        sums = Array(repeating: 0, count: days.count * columns.count)
        let places = Dictionary(uniqueKeysWithValues: zip(days, 0...))
        for part in parts {
            let (width, to) = (part.columns.count, part.columns.compactMap(columns.firstIndex))
            for (row, day) in part.days.enumerated() {
                let place = (places[day] ?? 0) * columns.count
                for column in 0..<width {
                    let before = row == 0 ? 0 : part.sums[(row - 1) * width + column]
                    sums[place + to[column]] += part.sums[row * width + column] - before
                }
            }
        }
        for place in columns.count..<max(columns.count, sums.count) { sums[place] += sums[place - columns.count] }
        // What goes up in one part and down in another on the same day is no step.
        for row in days.indices.reversed() { dropIfSame(row) }
    }

    /// How many of the days are not after one.
    private func place(_ day: Int32) -> Int {
        if let last = days.last, last <= day { return days.count }
        var (low, high) = (0, days.count)
        while low < high {
            let middle = (low + high) / 2
            if days[middle] <= day { low = middle + 1 } else { high = middle }
        }
        return low
    }

    subscript(day: Day) -> Count {
        let place = place(day.number)
        return place == 0 ? Count() : self[row: place - 1]
    }
    private subscript(row row: Int) -> Count {
        let start = row * columns.count
        var next = 0
        return Count { number in
            guard next < columns.count, columns[next] == number else { return 0 }
            next += 1
            return sums[start + next - 1]
        }
    }

    /// From a day on by so much more. A day on which nothing changes any more is dropped.
    mutating func add(_ change: Count, on day: Day) {
        guard !change.isEmpty else { return }
        let numbers = change.numbers
        for number in numbers.indices where numbers[number] != 0 && !columns.contains(number) { widen(by: number) }
        let width = columns.count
        var row = place(day.number) - 1
        if row < 0 || days[row] != day.number {
            row += 1
            days.insert(day.number, at: row)
            sums.insert(
                contentsOf: row == 0 ? Array(repeating: 0, count: width) : Array(sums[(row - 1) * width..<row * width]), at: row * width)
        }
        for (column, number) in columns.enumerated() where numbers[number] != 0 {
            for place in stride(from: row * width + column, to: sums.count, by: width) { sums[place] += numbers[number] }
        }
        dropIfSame(row)
    }

    private mutating func dropIfSame(_ row: Int) {
        let width = columns.count
        let isSame = (row * width..<(row + 1) * width).allSatisfy { sums[$0] == ($0 < width ? 0 : sums[$0 - width]) }
        guard isSame else { return }
        days.remove(at: row)
        sums.removeSubrange(row * width..<(row + 1) * width)
    }

    private mutating func widen(by number: Int) {
        let (old, width) = (sums, columns.count)
        columns = (columns + [number]).sorted()
        sums = Array(repeating: 0, count: days.count * columns.count)
        var from = 0
        for (column, name) in columns.enumerated() where name != number {
            for row in days.indices { sums[row * columns.count + column] = old[row * width + from] }
            from += 1
        }
    }
}
