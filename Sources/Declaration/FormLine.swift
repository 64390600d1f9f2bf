/// Which line of the declaration form 申报表 (`Data/standards/declaration-fields.csv`) a field answers. A test walks both.
public enum FormLine {
    /// What a field says of where it comes from: its line, or the lines from one to another.
    static func source(_ first: Int, _ last: Int? = nil) -> String {
        last.map { "申报表 第\(first)–\($0)项" } ?? "申报表 第\(first)项"
    }

    /// The lines that a field's source names; empty where it names none.
    public static func lines(of source: String) -> ClosedRange<Int>? {
        let numbers = source.split { !$0.isNumber }.compactMap { Int($0) }
        guard source.hasPrefix("申报表"), let first = numbers.first else { return nil }
        return first...(numbers.count > 1 ? numbers[1] : first)
    }
}
