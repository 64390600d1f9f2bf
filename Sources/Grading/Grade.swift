import Catalog
import Kernel

/// A grade 分级 by one edition of one scheme, with how it was reached. Grades of two schemes or editions are never compared: the
/// numerals run in opposite directions in some of them.
public struct Grade: Sendable, Hashable {
    /// Neutral rank within its scheme and edition: 0 the least, rising with the hazard. Nil where it cannot be told.
    public let rank: Int?
    /// The level's code in the edition (`II`, `high`, `甲`); nil where it cannot be told.
    public let code: String?
    /// As the scheme prints it: `Ⅱ级 中度危害`, `甲类`. Where the grade cannot be told, what it may be, or 不能分级.
    public let label: Bilingual
    /// The index that the grade was read from (G, THI, LEX,8h), where the scheme has one.
    public let index: Double?
    /// The levels that the inputs and the readings of the edition leave open, from the least; one where the grade is told.
    public let possible: [GradingTables.Level]
    /// What is missing or why an edition cannot be used; codes of `refusal.<code>`. Empty where the grade is told.
    public let missing: [Refusal]
    public let provenance: Provenance
    /// What the rank is a rank of: the method or class and its edition. Ranks of two scales are never compared.
    public let scale: String
    /// Step by step, in words and figures.
    public let working: [Bilingual]

    public init(
        rank: Int?, code: String? = nil, label: Bilingual, index: Double? = nil, possible: [GradingTables.Level] = [],
        missing: [Refusal] = [], provenance: Provenance, scale: String? = nil, working: [Bilingual]
    ) {
        (self.rank, self.code, self.label, self.index, self.possible) = (rank, code, label, index, possible)
        (self.missing, self.provenance, self.working) = (missing, provenance, working)
        self.scale = scale ?? provenance.edition
    }

    /// Whether this grade is above another of the same scale; nil where either cannot be told.
    /// - Throws: `scheme.differs` for grades of two scales.
    public func isHigher(than other: Grade) throws(Refusal) -> Bool? {
        guard scale == other.scale else { throw Refusal("scheme.differs", ["value": scale, "expected": other.scale]) }
        guard let rank, let theirs = other.rank else { return nil }
        return rank > theirs
    }
}

/// What a rule found, before it is a grade: the ranks that are possible, and what keeps it from being one.
struct Finding {
    var ranks: Set<Int> = []
    var index: Double?
    /// Told only where more than one rank is left.
    var doubts: [Refusal] = []
    /// Told always: there is no grade.
    var refusals: [Refusal] = []
    var working: [Bilingual] = []
    /// Lower than that of the edition, where our own reading was needed.
    var confidence: Confidence?

    mutating func say(_ zh: String, _ en: String) { working.append(Bilingual(zh, en)) }
    /// What the grade is told by, how sure that is, and who set part of it.
    mutating func cite(_ source: Provenance, local: String?) {
        say("依据：\(source.edition)（\(source.clause)）", "By \(source.edition) (\(source.clause))")
        if source.confidence != .verified {
            let tag = source.confidence.rawValue
            say("数值未经原文核实（\(tag)）。", "The figures are not verified in the text (\(tag)).")
        }
        if let local { say("部分取自本地规定：\(local)", "In part as set by the jurisdiction: \(local)") }
    }

    /// The grade by these levels. With one rank left it is told, whatever else is unknown.
    func grade(_ levels: [GradingTables.Level], _ provenance: Provenance, scale: String) -> Grade {
        let open = refusals.isEmpty ? levels.filter { ranks.contains($0.rank) } : []
        let lowest = confidence.map { max($0, provenance.confidence) } ?? provenance.confidence
        let source = Provenance(
            edition: provenance.edition, clause: provenance.clause, source: provenance.source, confidence: lowest, force: provenance.force)
        if let only = open.first, open.count == 1 {
            let result = Bilingual("结果：\(only.label.zh)", "Result: \(only.label.en)")
            return Grade(
                rank: only.rank, code: only.code, label: only.label, index: index, possible: open, provenance: source, scale: scale,
                working: working + [result])
        }
        let label =
            open.isEmpty
            ? Bilingual("不能分级", "Cannot be graded")
            : Bilingual(open.map(\.label.zh).joined(separator: "／"), open.map(\.label.en).joined(separator: " / "))
        let result = Bilingual("结果：不能确定（\(label.zh)）", "Result: undecided (\(label.en))")
        return Grade(
            rank: nil, label: label, index: index, possible: open, missing: refusals + doubts, provenance: source, scale: scale,
            working: working + [result])
    }
}

/// A figure for the working: at most four decimals, none that say nothing.
func shown(_ value: Double) -> String {
    let rounded = (value * 10_000).rounded() / 10_000
    return rounded == rounded.rounded() && abs(rounded) < 1e15 ? String(Int(rounded)) : String(rounded)
}
