import Kernel

extension ShiftFindings {
    /// Every finding with its stable name, for files and programs, and the refusal that says it where it leaves a verdict open.
    private static let table: [(finding: ShiftFindings, name: String, code: String?, field: String)] = [
        (.twaExceeds, "twa-exceeds", nil, ""), (.stelExceeds, "stel-exceeds", nil, ""), (.macExceeds, "mac-exceeds", nil, ""),
        (.peakExceeds, "peak-exceeds", nil, ""), (.excursionTooLong, "excursion-too-long", nil, ""),
        (.excursionsTooMany, "excursions-too-many", nil, ""), (.excursionsTooClose, "excursions-too-close", nil, ""),
        (.twaHangsOnLOQ, "twa-hangs-on-loq", "judge.loq-above-limit", "loq"),
        (.shortHangsOnLOQ, "short-hangs-on-loq", "judge.loq-above-limit", "loq"),
        (.lacksShortTerm, "lacks-short-term", "judge.short-term.missing", "kind"),
        (.lacksCeiling, "lacks-ceiling", "judge.ceiling.missing", "kind"), (.lacksPeak, "lacks-peak", "judge.peak.missing", "kind"),
        (.lacksTimes, "lacks-times", "judge.times.missing", "start"),
        (.lacksSegments, "lacks-segments", "judge.segments.missing", "kind"),
        (.tooShortForTWA, "too-short-for-twa", "judge.under-hour", "minutes"),
        (.lacksLimit, "lacks-limit", "judge.limit.missing", "limit"), (.overlaps, "overlaps", nil, ""),
        (.overDay, "over-day", nil, ""), (.badNumber, "bad-number", nil, ""),
        (.badShortSample, "bad-short-sample", nil, ""), (.allBelowLOQ, "all-below-loq", nil, ""),
        (.compliesByRounding, "complies-by-rounding", nil, ""), (.judgedByShortTerm, "judged-by-short-term", nil, ""),
    ]

    /// Stable names, `twa-exceeds`, in a fixed order.
    public var names: [String] { ShiftFindings.table.filter { contains($0.finding) }.map(\.name) }

    /// What is missing to judge, as refusals. What is wrong with rows is told by ``ShiftBatch/flaws(group:row:)``.
    public func missing(of substance: String) -> [Refusal] {
        var found: [Refusal] = []
        for row in ShiftFindings.table where contains(row.finding) {
            guard let code = row.code else { continue }
            let refusal = Refusal(code, field: row.field, ["value": substance])
            if !found.contains(refusal) { found.append(refusal) }
        }
        return found
    }
}
