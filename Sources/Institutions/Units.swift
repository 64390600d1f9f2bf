import Catalog
import Kernel
import Ledger

extension Strand {
    /// A division as the subject, while it exists: a county that was merged into another is not asked any more.
    public static func unit(_ unit: UnitFile, _ standing: Timeline<Standing>) -> Strand {
        let code = unit.division.text
        let entry = unit.book.divisions[code]
        let force = entry.map { headings.contains($0.name) ? [] : [$0.force] } ?? [Span(.distantPast)]
        let exists = Timeline<Bool>(false, true, during: force)
        return Strand(code, standing.with(exists) { $1 ? $0 : .out }, at: Timeline(Locus(division: code)))
    }

    /// Lines of GB/T 2260 that head a list of counties and are no places.
    private static let headings: Set<String> = ["市辖区", "县", "市区", "直辖行政单位", "省直辖单位", "省直辖行政单位"]
}

extension Terms {
    /// The level at which a measure over units takes them: `level` of the plan, or the measure's own.
    public func level(_ standard: DivisionCode.Level) -> DivisionCode.Level {
        text("level").flatMap { DivisionCode.Level(rawValue: $0) } ?? standard
    }
}
