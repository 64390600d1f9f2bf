import Kernel

/// The hazard risk of an employer 职业病危害风险分级: nature of the factors, exposure, headcount.
public struct RiskMatrix: Sendable {
    public let name: Bilingual
    public let provenance: Provenance
    public let levels: [GradingTables.Level]
    public let headcount: [GradingTables.Interval]
    /// Ranks by headcount, for general 一般 and severe 严重 factors, complying and exceeding.
    public let general, severe: (complies: [Int], exceeds: [Int])
    /// Cells that the source does not print: `severe.exceeds.2`.
    public let inferred: Set<String>
    /// Free silica in percent from which dust is severe.
    public let silica: Double
}

/// The management self-check 职业卫生管理状况自查.
public struct SelfCheck: Sendable {
    public struct Category: Sendable {
        public let code: String
        public let name: Bilingual
        public let confidence: Confidence
    }
    public struct Item: Sendable, Hashable {
        public let code: String
        /// Code of a category.
        public let category: String
        public let text: Bilingual
        public let weight: Double
        /// A key item ★: failing it is grade C.
        public let isKey: Bool
        public init(code: String, category: String, text: Bilingual, weight: Double, isKey: Bool) {
            (self.code, self.category, self.text, self.weight, self.isKey) = (code, category, text, weight, isKey)
        }
    }
    public let name: Bilingual
    public internal(set) var provenance: Provenance
    /// A, B, C: from the best to the worst.
    public let levels: [GradingTables.Level]
    /// What a full score is rescaled to.
    public let full: Double
    /// Least score of A and of B.
    public internal(set) var cutoffs: (a: Double, b: Double)
    /// The share of its weight that an item earns for 基本符合; nil where it is not to hand.
    public internal(set) var partial: Double?
    public let categories: [Category]
    public internal(set) var items: [Item]
    /// The jurisdiction's file, where it set any of this.
    public internal(set) var local: String?
}

/// The combined class 综合风险类别 from the grade of management and the hazard risk.
public struct CombinedMatrix: Sendable {
    public let name: Bilingual
    public internal(set) var provenance: Provenance
    public let levels: [GradingTables.Level]
    /// Ranks: rows by the rank of management (A first), columns by that of risk.
    public internal(set) var cells: [[Int]]
    public internal(set) var local: String?
}

/// What is to hand of the enforcement guide 《职业卫生分类分级监督执法工作指南（试行）》: conditions of its highest class.
public struct EnforcementGuide: Sendable {
    public let name: Bilingual
    public internal(set) var provenance: Provenance
    public let levels: [GradingTables.Level]
    public let top: GradingTables.Level
    /// Codes of GB/T 4754 of its table 1; nil where the table is not to hand.
    public internal(set) var industries: [String]?
    /// A factor of its table 2 from this share of the limit on; the factors (CAS or code), nil where the table is not to hand.
    public let actionRatio: Double
    public internal(set) var actionFactors: Set<String>?
    /// Named substances (CAS) from this share of the limit on.
    public let namedRatio: Double
    public let named: Set<String>
    /// Chemicals, and dust from this free silica in percent on, above this share of the limit.
    public let exceedsRatio, silica: Double
    public internal(set) var local: String?
}

/// Letters over neutral levels 甲乙丙. Which letter is the worst is data: two schemes run in opposite directions.
public struct LabelScheme: Sendable {
    public struct Label: Sendable, Hashable {
        public let label: String
        /// Codes of the levels that it covers.
        public let levels: [String]
        public let meaning: Bilingual
        /// Neutral: 0 the least risk, rising; nil where the source does not say which end is the worst.
        public let rank: Int?
    }
    public let id: String
    public let name: Bilingual
    /// What is labelled: `combined`, `guide`, or the neutral levels of a plan, `risk_level`.
    public let scale: String
    public let labels: [Label]
    public let provenance: Provenance
    public let note: Bilingual?

    /// The label that a level bears in this scheme.
    /// - Throws: `code.unknown` for a level that the scheme does not know.
    public func label(for level: String) throws(Refusal) -> ClassLabel {
        guard let label = labels.first(where: { $0.levels.contains(level) }) else {
            throw Refusal("code.unknown", field: "level", ["value": level, "table": id])
        }
        return ClassLabel(scheme: id, label: label.label, meaning: label.meaning, rank: label.rank)
    }
}

/// A letter with its scheme. There is no order among letters: it is asked for, and refused across schemes.
public struct ClassLabel: Sendable, Hashable {
    public let scheme, label: String
    public let meaning: Bilingual
    public let rank: Int?
    /// Whether this stands for more risk than another letter of the same scheme; nil where the scheme does not say which end is worse.
    /// - Throws: `scheme.differs` for letters of two schemes.
    public func isHigher(than other: ClassLabel) throws(Refusal) -> Bool? {
        guard scheme == other.scheme else { throw Refusal("scheme.differs", ["value": scheme, "expected": other.scheme]) }
        guard let rank, let theirs = other.rank else { return nil }
        return rank > theirs
    }
}
