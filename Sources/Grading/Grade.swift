import Catalog
import Kernel

/// A grade 分级 by one edition of one scheme, with how it was reached. Grades of two schemes or editions are never compared: the
/// numerals run in opposite directions in some of them.
public struct Grade: Sendable, Hashable {
    /// Neutral rank within its scheme and edition: 0 the least, rising with the hazard. Nil where it cannot be told.
    public let rank: Int?
    /// As the scheme prints it: `Ⅱ级 中度危害`, `甲类`.
    public let label: Bilingual
    /// The index that the grade was read from (G, THI, LEX,8h), where the scheme has one.
    public let index: Double?
    /// What is missing or why an edition cannot be used; codes of `refusal.<code>`.
    public let missing: [Refusal]
    public let provenance: Provenance
    /// Step by step, in words and figures.
    public let working: [Bilingual]

    public init(
        rank: Int?, label: Bilingual, index: Double? = nil, missing: [Refusal] = [], provenance: Provenance, working: [Bilingual]
    ) {
        (self.rank, self.label, self.index, self.missing) = (rank, label, index, missing)
        (self.provenance, self.working) = (provenance, working)
    }
}
