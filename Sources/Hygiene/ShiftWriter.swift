import Catalog
import Foundation
import Kernel

/// Puts what the core found of a shift into words. It judges nothing: every verdict is read from the findings.
struct ShiftWriter {
    let shift: ShiftCase
    let printed: Double?
    let adjusted: Double?
    let result: ShiftResult
    let conversion: Conversion
    let doubt: Refusal?

    private var findings: ShiftFindings { result.findings }
    private var unit: String { shift.limit.unit }

    func average(_ printed: Double) -> Judgement {
        let limit = adjusted ?? printed
        let decimals = Rounding.resultDecimals(for: printed)
        var working = averageWorking(limit: limit, decimals: decimals)
        var missing = missing([.twaHangsOnLOQ, .lacksSegments, .tooShortForTWA])
        if let doubt { missing.append(doubt) }
        var verdict = verdict(exceeding: .twaExceeds, open: [.twaHangsOnLOQ, .lacksSegments, .tooShortForTWA])
        if doubt != nil { verdict = .undecided }
        if verdict == .exceeds, !shift.isWeek, !shift.samples.contains(where: { $0.kind == .shortTerm }) {
            working.append(Bilingual("C-TWA 已超过限值，不必再测短时间接触浓度", "The average exceeds already: no short-term sample is needed"))
        }
        var rules: [Provenance] = [.chemicalRule("第6章、附录A"), .reportRule()]
        if shift.longShift?.factor != nil { rules.append(.chemicalRule("附录A")) }
        return Judgement(
            shift.isWeek
                ? Bilingual("C-TWA,40h 周时间加权平均浓度", "C-TWA,40h weekly time-weighted average")
                : Bilingual("C-TWA 时间加权平均浓度", "C-TWA time-weighted average"),
            value: result.twa.isNaN ? nil : result.twa, shown: shown(result.twa, decimals, all: .segment), limit: limit, unit: unit,
            verdict: verdict, missing: missing, provenance: shift.limit.provenance, rules: rules, working: working)
    }

    private func averageWorking(limit: Double, decimals: Int) -> [Bilingual] {
        var lines = conversionLines
        if let printed { lines += shift.longShift?.working(printed) ?? [] }
        guard !result.twa.isNaN else { return lines }
        let segments = shift.samples.filter { $0.kind == .segment }
        let terms = segments.prefix(12).map { sample in
            "\(Rounding.plain(conversion(sample.reading.figure)))×\(Rounding.plain(sample.minutes))"
        }
        let rest = segments.count - terms.count
        let base = shift.isWeek ? "2400" : "480"
        let sum = terms.joined(separator: " + ")
        let value = "\(Rounding.plain(result.twa)) \(unit)"
        lines.append(
            Bilingual(
                "C-TWA = ΣC·T/\(base) min = (\(sum)\(rest > 0 ? " + 另 \(rest) 段" : ""))/\(base) = \(value)",
                "C-TWA = ΣC·T/\(base) min = (\(sum)\(rest > 0 ? " + \(rest) more" : ""))/\(base) = \(value)"))
        let below = segments.filter(\.reading.isBelow).count
        if below > 0 {
            lines.append(
                Bilingual(
                    "\(below) 个结果低于最低定量浓度，以最低定量浓度代入；以 0 代入时为 \(Rounding.plain(result.twaAtLeast))",
                    "\(below) results below the limit of quantification, which stands in for them; with 0 instead it is "
                        + Rounding.plain(result.twaAtLeast)))
        }
        return lines + comparison(result.twa, limit, decimals, name: adjusted == nil ? "PC-TWA" : "校正 PC-TWA")
    }

    func shortTerm(_ stel: Double) -> Judgement {
        let decimals = Rounding.resultDecimals(for: stel)
        var working = conversionLines + underHourLines
        if !result.shortTerm.isNaN {
            let highest = "\(Rounding.plain(result.shortTerm)) \(unit)"
            working.append(
                Bilingual(
                    "短时间接触浓度（15 min 平均，不足 15 min 的以 C·T/15 计）最高 \(highest)",
                    "Highest short-term value (over 15 min; C·T/15 where shorter): \(highest)"))
        }
        working += comparison(result.shortTerm, stel, decimals, name: "PC-STEL")
        working += excursionLines
        let open: ShiftFindings = [.lacksShortTerm, .shortHangsOnLOQ, .lacksTimes]
        let exceeding: ShiftFindings = [.stelExceeds, .excursionTooLong, .excursionsTooMany, .excursionsTooClose]
        var shown = shown(result.shortTerm, decimals, all: .shortTerm)
        if findings.contains(.stelExceeds), result.shortTerm.isNaN {
            // A quarter of an hour within the segments lies above the limit, whatever a sample of its own would have shown.
            shown = ">" + Rounding.plain(stel)
            working.append(
                Bilingual(
                    "没有短时间样品；时段内 15 min 的平均浓度已超过 PC-STEL，故 C-STE \(shown) \(unit)",
                    "No short-term sample, but over 15 min of the segments the average exceeds the PC-STEL already: C-STE \(shown) \(unit)")
            )
        } else if findings.contains(.stelExceeds), !(result.shortTerm > stel) {
            working.append(Bilingual("时段的浓度已超过 PC-STEL", "The concentration of a segment exceeds the PC-STEL already"))
        }
        let verdict = verdict(exceeding: exceeding, open: open)
        return Judgement(
            Bilingual("C-STE 短时间接触浓度", "C-STE short-term concentration"), value: result.shortTerm.isNaN ? nil : result.shortTerm,
            shown: shown, limit: stel, unit: unit, verdict: verdict, missing: missing(open),
            provenance: shift.limit.provenance, rules: [.chemicalRule("第6章、附录A"), .reportRule()], working: working)
    }

    func ceiling(_ mac: Double) -> Judgement {
        let decimals = Rounding.resultDecimals(for: mac)
        var working = conversionLines + underHourLines
        working += comparison(result.ceiling, mac, decimals, name: "MAC")
        if findings.contains(.macExceeds), !(result.ceiling > mac) {
            working.append(Bilingual("其他样品的浓度已超过 MAC", "Another sample exceeds the MAC already"))
        }
        let isTold = findings.contains(.macExceeds) && result.ceiling.isNaN
        let open: ShiftFindings = [.lacksCeiling, .shortHangsOnLOQ]
        return Judgement(
            Bilingual("C-ME 最高浓度", "C-ME ceiling concentration"), value: result.ceiling.isNaN ? nil : result.ceiling,
            shown: isTold ? ">" + Rounding.plain(mac) : shown(result.ceiling, decimals, all: .ceiling), limit: mac, unit: unit,
            verdict: verdict(exceeding: .macExceeds, open: open),
            missing: missing(open), provenance: shift.limit.provenance, rules: [.chemicalRule("第6章、附录A"), .reportRule()], working: working)
    }

    func peak(_ printed: Double) -> Judgement {
        let decimals = Rounding.resultDecimals(for: printed)
        let limit = ShiftLimit(twa: printed)
        let highest = shift.samples.filter { $0.kind != .ceiling && !$0.reading.isBelow }.map { conversion($0.reading.figure) }.max()
        var working = conversionLines
        let bounds = "3×PC-TWA = \(Rounding.plain(limit.excursionFrom)), 5×PC-TWA = \(Rounding.plain(limit.peakCeiling)) \(unit)"
        working.append(
            Bilingual(
                "无 PC-STEL 和 MAC，按峰接触浓度：\(bounds)；超过 3 倍者每次不超过 15 min，不超过 4 次，间隔不少于 60 min，任何时候不超过 5 倍",
                "Neither PC-STEL nor MAC: the peak rule, \(bounds); above three times at most 15 min each, four times, 60 min apart, and "
                    + "never above five times"))
        working += excursionLines
        if shift.isSteady, !shift.samples.contains(where: { $0.kind == .shortTerm }) {
            working.append(Bilingual("调查认定接触浓度平稳，未测峰接触浓度", "The survey found the exposure steady; no peak was sampled"))
        }
        let open: ShiftFindings = [.lacksPeak, .shortHangsOnLOQ, .lacksTimes]
        let exceeding: ShiftFindings = [.peakExceeds, .excursionTooLong, .excursionsTooMany, .excursionsTooClose]
        return Judgement(
            Bilingual("峰接触浓度", "Peak exposure"), value: highest, shown: highest.map { Rounding.text($0, decimals: decimals) } ?? "–",
            limit: limit.peakCeiling, unit: unit, verdict: verdict(exceeding: exceeding, open: open), missing: missing(open),
            provenance: shift.limit.provenance, rules: [.chemicalRule("第6章、附录A")], working: working)
    }

    private func verdict(exceeding: ShiftFindings, open: ShiftFindings) -> Judgement.Verdict {
        if !findings.isDisjoint(with: exceeding) { return .exceeds }
        return findings.isDisjoint(with: open) ? .complies : .undecided
    }

    private var conversionLines: [Bilingual] { conversion.working.map { [$0] } ?? [] }

    private func comparison(_ value: Double, _ limit: Double, _ decimals: Int, name: String) -> [Bilingual] {
        guard !value.isNaN else { return [] }
        let compared = shift.comparesRounded ? Rounding.round(value, decimals: decimals) : value
        let figure = shift.comparesRounded ? Rounding.text(value, decimals: decimals) : Rounding.plain(value)
        let sign = compared > limit ? ">" : "≤"
        let english = name.replacingOccurrences(of: "校正 ", with: "adjusted ")
        let bound = "\(sign) \(Rounding.plain(limit)) \(unit)"
        var lines = [Bilingual("\(figure) \(bound)（\(name)）", "\(figure) \(bound) (\(english))")]
        if shift.comparesRounded, compared <= limit, value - limit > limit * Rounding.dust {
            lines.append(
                Bilingual(
                    "未修约的 \(Rounding.plain(value)) 高于限值；报告值按 GBZ 331-2024 附录G 修约后比较，全数值比较时为超过",
                    "Not rounded, \(Rounding.plain(value)) is above the limit. The reported figure is compared, rounded by GBZ 331-2024, "
                        + "Appendix G; in all its digits it would exceed"))
        }
        return lines
    }

    private var underHourLines: [Bilingual] {
        guard findings.contains(.judgedByShortTerm) else { return [] }
        let average = "\(Rounding.plain(result.twa)) \(unit)"
        return [
            Bilingual(
                "每日接触不足 1 h：只按短时间接触浓度或最高浓度判定，C-TWA（\(average)）不判定",
                "Under 1 h of exposure a day: judged by the short-term value or the ceiling alone, the average of \(average) is not judged")
        ]
    }

    private var excursionLines: [Bilingual] {
        var lines: [Bilingual] = []
        func add(_ bit: ShiftFindings, _ zh: String, _ en: String) {
            if findings.contains(bit) { lines.append(Bilingual(zh, en)) }
        }
        if result.excursions > 0 {
            lines.append(Bilingual("偏移 \(result.excursions) 次", "Excursions: \(result.excursions)"))
        }
        add(.peakExceeds, "有浓度超过 PC-TWA 的 5 倍", "A concentration is above five times PC-TWA")
        add(.excursionTooLong, "有一次偏移超过 15 min", "An excursion lasts more than 15 min")
        add(.excursionsTooMany, "一个工作班内偏移超过 4 次", "More than four excursions in a shift")
        add(.excursionsTooClose, "相邻两次偏移间隔不足 60 min", "Two excursions are less than 60 min apart")
        return lines
    }

    private func shown(_ value: Double, _ decimals: Int, all kind: SampleKind) -> String {
        guard !value.isNaN else { return "–" }
        let mine = shift.samples.filter { $0.kind == kind && $0.reading.figure > 0 }
        // Where everything is below, the report says so, with the highest limit of quantification.
        if !mine.isEmpty, mine.allSatisfy(\.reading.isBelow), let highest = mine.map(\.reading.figure).max() {
            return "<" + Rounding.plain(conversion(highest))
        }
        return Rounding.text(value, decimals: decimals)
    }

    /// What is missing, of the findings that are asked about.
    func missing(_ wanted: ShiftFindings) -> [Refusal] { findings.intersection(wanted).missing(of: shift.limit.name.zh) }
}
