import Foundation
import Kernel

/// Grading of hazardous work 职业病危害作业分级 as tables with editions (`Data/standards/grading.yaml`), and the classes of employers
/// built upon it (`grading-schemes.yaml`). The room Grading applies them.
public struct GradingTables: Sendable {
    /// What is graded; the name of a record's method.
    public enum Method: String, Sendable, CaseIterable {
        case dust, chemical, heat, noise, impulse, toxicity
        case coalDust = "coal_dust"
    }

    /// Labour intensity 体力劳动强度分级 (GBZ 2.2-2007).
    public enum Labour: String, Sendable, CaseIterable, Comparable {
        case light = "I"
        case moderate = "II"
        case heavy = "III"
        case extreme = "IV"
        /// Ⅰ is 1.
        public var number: Int { Labour.allCases.firstIndex(of: self).map { $0 + 1 } ?? 0 }
        public static func < (left: Labour, right: Labour) -> Bool { left.number < right.number }
    }

    /// A grade of one edition or scheme.
    public struct Level: Sendable, Hashable {
        /// As the files name it; two editions may give one numeral opposite meanings.
        public let code: String
        public let label: Bilingual
        /// Neutral: 0 the least, rising with the hazard.
        public let rank: Int
        /// The numeral that the edition prints, where it runs against another edition's.
        public let numeral: Int?
    }

    /// From one number to another, either end taken in or left out.
    public struct Interval: Sendable, Hashable {
        /// Nil: open.
        public let low, high: Double?
        public let includesLow, includesHigh: Bool
        public func contains(_ value: Double) -> Bool { !isAbove(value) && !isBelow(value) }
        /// Whether the interval begins after the value.
        public func isAbove(_ value: Double) -> Bool { low.map { includesLow ? value < $0 : value <= $0 } ?? false }
        /// Whether the interval ends before the value.
        public func isBelow(_ value: Double) -> Bool { high.map { includesHigh ? value > $0 : value >= $0 } ?? false }
    }

    /// How the exposure ratio B 接触比值 turns into its weight WB in one reading of an edition.
    public struct Reading: Sendable {
        public let id: String
        public let text: Bilingual
        /// A nil weight is B itself.
        public let exposure: [(interval: Interval, weight: Double?)]
        /// Ratios that are given a grade whatever the index says.
        public let fixed: [(interval: Interval, rank: Int)]
        /// Whether special effects (a carcinogen, a sensitiser, absorption by the skin …) raise the grade by one.
        public let isRaising: Bool
    }

    /// The product rules G = W(hazard) × WB × WL of dust and chemicals.
    public struct Product: Sendable {
        public enum Hazard: Sendable {
            /// Weight WM by free silica in percent.
            case silica([(interval: Interval, weight: Double)])
            /// Weight WD by degree of hazard.
            case toxicity([String: Double])
        }
        public let hazard: Hazard
        public let labour: [Labour: Double]
        /// Largest index of each rank that the index leads to, rising; the last is open.
        public internal(set) var cutoffs: [(most: Double?, rank: Int)]
        /// A ratio above this has at least this rank.
        public let floor: (above: Double, rank: Int)?
        public let readings: [Reading]
    }

    /// The table of heat: labour and time against the WBGT index.
    public struct Heat: Sendable {
        /// The input that the rows are found by: `minutes` or `exposure_rate`.
        public let time: String
        /// The input that the columns are found by: `wbgt` or `wbgt_effective`.
        public let wbgt: String
        /// What the columns move by for workers who are not acclimatised; nil where the edition makes no difference.
        public let unacclimatised: Double?
        public let columns: [Interval]
        public let rows: [(labour: Labour, time: Interval, ranks: [Int])]
        /// The readings of a value that lies between two rows or columns or on the edge of two.
        public static let readings = ["lower", "upper"]
    }

    /// Grades read from one number.
    public struct Bands: Sendable {
        public let input, unit: String
        /// `read` where we read the interval wider than it is printed.
        public let steps: [(rank: Int, printed: Interval, read: Interval)]
    }

    /// Impulse noise: grades in steps above a peak level that depends on the number of impulses.
    public struct Impulse: Sendable {
        public let step: Double
        public let rows: [(impulses: Interval, from: Double)]
    }

    /// The toxicant hazard index THI 毒物危害指数: weighted scores.
    public struct Scores: Sendable {
        public let most: Double
        public let weights: [String: Double]
        /// Scored with the most where there are no data (GBZ/T 230-2025 table 1, note 6).
        public let assumed: Set<String>
        /// Least rank of a substance on the list of restricted ones.
        public let restricted: Int
        public let steps: [(rank: Int, interval: Interval)]
    }

    public enum Rule: Sendable {
        case product(Product)
        case heat(Heat)
        case bands(Bands)
        case impulse(Impulse)
        case scores(Scores)
    }

    public struct Edition: Sendable {
        public let method: Method
        public let provenance: Provenance
        /// From the least to the worst.
        public let levels: [Level]
        /// Nil where the figures of the edition are not to hand.
        public internal(set) var rule: Rule?
        public let note: Bilingual?
        /// The reading that the jurisdiction has settled on, and the file that says so.
        public internal(set) var settled: String?
        public internal(set) var local: String?
        public func level(_ code: String) -> Level? { levels.first { $0.code == code } }
        /// The readings among which a jurisdiction may settle.
        public var readings: [String] {
            switch rule {
            case .product(let product): product.readings.map(\.id)
            case .heat: Heat.readings
            default: []
            }
        }
    }

    public internal(set) var editions: [Method: [Edition]]
    /// Names of the methods.
    public let names: [Method: Bilingual]
    public internal(set) var risk: RiskMatrix
    public internal(set) var management: SelfCheck
    public internal(set) var combined: CombinedMatrix
    public internal(set) var guide: EnforcementGuide
    public internal(set) var schemes: [String: LabelScheme]

    /// - Parameter folder: the repository's `Data` folder or another of its layout.
    /// - Throws: `Refusals` with line, field and file of every flaw.
    public init(folder: URL) throws {
        let standards = folder.appendingPathComponent("standards")
        let work = GradingReader.Source(standards.appendingPathComponent("grading.yaml"))
        let classes = GradingReader.Source(standards.appendingPathComponent("grading-schemes.yaml"))
        try self.init(work: work, classes: classes)
    }

    /// - Throws: `Refusals` with line, field and file of every flaw.
    public init(work: String, classes: String) throws {
        try self.init(work: .init("grading.yaml", work), classes: .init("grading-schemes.yaml", classes))
    }

    /// The editions of a method, oldest first.
    public subscript(method: Method) -> [Edition] { editions[method] ?? [] }
    /// The edition in force on a day; nil where none is.
    public func edition(_ method: Method, on day: Day) -> Edition? { self[method].last { $0.provenance.force.contains(day) } }
    public func edition(_ method: Method, named name: String) -> Edition? { self[method].first { $0.provenance.edition == name } }
    /// Everything that is to be checked against its source before anybody relies on it: edition, clause and confidence.
    public var unverified: [Provenance] {
        let work = Method.allCases.flatMap { self[$0].map(\.provenance) }
        let classes = [risk.provenance, management.provenance, combined.provenance, guide.provenance]
        return (work + classes).filter { $0.confidence != .verified }
    }
}

extension GradingTables.Interval: CustomStringConvertible {
    /// Reads `[10, 50)`, `(80, )`.
    public init?(_ text: String) {
        guard let first = text.first, let last = text.last, "[(".contains(first), "])".contains(last), text.count > 2 else { return nil }
        let ends = text.dropFirst().dropLast().split(separator: ",", omittingEmptySubsequences: false)
        guard ends.count == 2 else { return nil }
        let words = ends.map { $0.filter { $0 != " " } }
        let numbers = words.map { Double($0) }
        guard zip(words, numbers).allSatisfy({ $0.isEmpty || $1?.isFinite == true }) else { return nil }
        if let low = numbers[0], let high = numbers[1], low > high { return nil }
        if numbers[0] == nil, numbers[1] == nil { return nil }
        (low, high, includesLow, includesHigh) = (numbers[0], numbers[1], first == "[", last == "]")
    }

    /// `10–50`, `<85`, `≥361`, `>2.5–6`.
    public var description: String {
        func text(_ value: Double) -> String { value == value.rounded() ? String(Int(value)) : String(value) }
        switch (low, high) {
        case (nil, let high?): return (includesHigh ? "≤" : "<") + text(high)
        case (let low?, nil): return (includesLow ? "≥" : ">") + text(low)
        case (let low?, let high?):
            return (includesLow ? "" : ">") + text(low) + "–" + (includesHigh ? "" : "<") + text(high)
        default: return ""
        }
    }

    /// Whether another begins exactly where this ends: no gap, nothing twice.
    func adjoins(_ next: Self) -> Bool {
        guard let high, let low = next.low else { return false }
        return high == low && includesHigh != next.includesLow
    }
}
