/// Small cells of published tables 小单元格抑制: which rows of a table may be shown, so that no count below the threshold is read or worked
/// out from what is shown.
///
/// A row is a set of counts that add up with those of the other rows to a total: how many comply, how many do not, how many are unknown.
/// Zero is shown: it tells of nobody.
struct Suppression {
    /// Whether the numbers of the total, and of each row, may be shown.
    let total: Bool
    let rows: [Bool]

    /// - Parameters:
    ///   - threshold: the smallest count that is shown.
    ///   - rows: the same counts for each part of the total, none negative.
    init(total: [Int], rows: [[Int]], threshold: Int) {
        func isSmall(_ count: Int) -> Bool { (1..<max(1, threshold)).contains(count) }
        var shown = rows.map { !$0.contains(where: isSmall) }
        let whole = !total.contains(where: isSmall)
        // What is hidden is the total less what is shown: that difference must tell of no few either, and of more than one row. The
        // rows with least in them go first.
        while whole, shown.contains(false) {
            let hidden = rows.indices.filter { !shown[$0] }
            let rest = total.indices.map { column in hidden.reduce(0) { $0 + rows[$1][column] } }
            if hidden.count > 1, !rest.contains(where: isSmall) { break }
            let candidates = rows.indices.filter { shown[$0] }
            guard let next = candidates.min(by: { (rows[$0].reduce(0, +), $0) < (rows[$1].reduce(0, +), $1) }) else {
                // Everything is hidden and would still be told by the total.
                (self.total, self.rows) = (false, shown)
                return
            }
            shown[next] = false
        }
        (self.total, self.rows) = (whole, shown)
    }
}
