import Catalog
import Foundation
import Hygiene
import Kernel
import Ledger

/// What the rules say of one test result 平台判定: the judgements with their working, and what they come to.
public struct Assessment: Sendable {
    public let judgements: [Judgement]
    public let verdict: Judgement.Verdict
    public let missing: [Refusal]

    /// The judgement that decides: of those with the verdict the one with the highest ratio.
    public var leading: Judgement? {
        let deciding = judgements.filter { $0.verdict == verdict }
        return (deciding.isEmpty ? judgements : deciding).max { ($0.ratio ?? -1) < ($1.ratio ?? -1) }
    }

    init(_ judgements: [Judgement], _ verdict: Judgement.Verdict? = nil, missing: [Refusal]? = nil) {
        self.judgements = judgements
        self.verdict = verdict ?? Judgement.Verdict.overall(judgements.map(\.verdict))
        self.missing = missing ?? judgements.flatMap(\.missing)
    }
    /// Nothing could be judged: what is missing says why.
    init(undecided missing: [Refusal]) { (judgements, verdict, self.missing) = ([], .undecided, missing) }
    init(_ shift: ShiftJudgement) { self.init(shift.judgements, shift.verdict, missing: shift.missing) }
}

/// How a result is judged: everything of the record that the rules ask for, and the catalogue of editions.
public struct Assessor: Sendable {
    let catalog: Catalog
    public init(_ catalog: Catalog) { self.catalog = catalog }

    /// Judges a stored result by the editions in force on a day; nil where there is nothing to judge.
    /// - Parameter day: of sampling, unless another edition is asked for.
    public func assess(_ record: Record, on day: Day) throws(Refusals) -> Assessment? {
        let samples = try TestResult.samples(of: record)
        guard samples != nil || record[TestResult.value] != nil else { return nil }
        switch record[TestResult.limitType] {
        case "noise"?: return try noise(record, samples, on: day)
        case "heat"?: return try heat(record, samples, on: day)
        case "other"?: return nil
        default: return try air(record, samples, on: day)
        }
    }

    /// Chemical factors and dusts.
    private func air(_ record: Record, _ samples: [Sample]?, on day: Day) throws(Refusals) -> Assessment {
        let substance = Substance(
            record[TestResult.factor] ?? "", silica: record[TestResult.silica], altitude: record[TestResult.altitude])
        let rows: Substance.Rows
        do throws(Refusal) { rows = try substance.rows(catalog, on: day) } catch {
            // A factor without a limit, or a day without an edition, is nobody's mistake: it is undecided, and says why.
            guard ["judge.limit.none", "judge.limit.missing", "judge.dust.toxic"].contains(error.code) else { throw Refusals([error]) }
            return Assessment(undecided: [error])
        }
        let unit: ConcentrationUnit
        guard let written = record[TestResult.unit] else {
            return Assessment(undecided: [Refusal("judge.unit.missing", field: TestResult.unit.spec.name)])
        }
        do throws(Refusal) { unit = try ConcentrationUnit(reading: written) } catch { throw Refusals([error]) }
        guard let samples else {
            return try reported(record, rows, unit)
        }
        var shift = ShiftCase(samples, unit: unit, limit: rows.limits[0])
        shift.isSteady = record[TestResult.steady] == true
        shift.molarMass = record[TestResult.molarMass]
        if rows.isDust { shift.fraction = record[TestResult.fraction] == "respirable" ? .respirable : .total }
        if let hours = record[TestResult.shiftHours], hours > 8 || (record[TestResult.weekDays] ?? 5) * hours > 40 {
            do throws(Refusal) {
                shift.longShift = try LongShift(hoursPerDay: hours, daysPerWeek: record[TestResult.weekDays] ?? 5)
            } catch { throw Refusals([error]) }
        }
        return Assessment(try shift.judge(anyOf: rows.limits, missing: rows.missing))
    }

    /// A value that the institution worked out itself, held against the limit of its type.
    private func reported(_ record: Record, _ rows: Substance.Rows, _ unit: ConcentrationUnit) throws(Refusals) -> Assessment {
        guard let value = record[TestResult.value], let type = record[TestResult.limitType] else {
            return Assessment(undecided: [Refusal("judge.type.missing", field: TestResult.limitType.spec.name)])
        }
        let isRespirable = rows.isDust && record[TestResult.fraction] == "respirable"
        var all: [Judgement] = []
        for row in rows.limits {
            do throws(Refusal) {
                let judged = Reported(
                    value: value, type: type, isRespirable: isRespirable, unit: unit, molarMass: record[TestResult.molarMass])
                all.append(try judged.against(row))
            } catch {
                if error.code == "judge.limit.none" { return Assessment(undecided: [error]) }
                throw Refusals([error])
            }
        }
        let verdicts = Set(all.map(\.verdict))
        guard let strictest = all.max(by: { ($0.ratio ?? 0) < ($1.ratio ?? 0) }) else { return Assessment(undecided: [rows.missing]) }
        if verdicts.count > 1 { return Assessment([strictest.undecided([rows.missing])]) }
        return Assessment([strictest])
    }
}

extension Assessor {
    /// Noise: levels and minutes as LEX,8h; a single value as the LEX,8h (or LEX,W) that the report gives.
    private func noise(_ record: Record, _ samples: [Sample]?, on day: Day) throws(Refusals) -> Assessment {
        let stretches = try stretches(samples) ?? record[TestResult.value].map { [Hygiene.Stretch($0, minutes: 480)] } ?? []
        return try physical { () throws(Refusals) in try Noise.judgeDay(stretches, catalog.physical, on: day) }
    }

    /// Heat: WBGT and minutes; a single value with the rate of exposure.
    private func heat(_ record: Record, _ samples: [Sample]?, on day: Day) throws(Refusals) -> Assessment {
        let stretches: [Hygiene.Stretch]
        if let given = try self.stretches(samples) {
            stretches = given
        } else if let value = record[TestResult.value], let rate = record[TestResult.exposureRate], rate > 0 {
            stretches = [Hygiene.Stretch(value, minutes: rate * 4.8)]
        } else {
            return Assessment(undecided: [Refusal("heat.rate.missing", field: TestResult.exposureRate.spec.name)])
        }
        let labour = record[TestResult.labour].flatMap { Heat.Labour(rawValue: $0) }
        return try physical { () throws(Refusals) in
            try Heat.judge(
                stretches, labour: labour, designTemperature: record[TestResult.designTemperature], catalog.physical, on: day)
        }
    }

    /// Levels of physical agents have no kind and no limit of quantification.
    private func stretches(_ samples: [Sample]?) throws(Refusals) -> [Hygiene.Stretch]? {
        guard let samples else { return nil }
        if let odd = samples.first(where: { $0.kind != .segment || $0.reading.isBelow }) {
            throw Refusals([Refusal("samples.format", field: "samples", ["value": SampleText.write([odd])])])
        }
        return samples.map { Hygiene.Stretch($0.reading.figure, minutes: $0.minutes, start: $0.start) }
    }

    /// A day without an edition to hand leaves a result undecided; a mistake refuses it.
    private func physical(_ judge: () throws(Refusals) -> Judgement) throws(Refusals) -> Assessment {
        do throws(Refusals) { return Assessment([try judge()]) } catch {
            guard error.all.allSatisfy({ $0.code == "physical.limit.missing" }) else {
                throw Refusals(error.all.map { $0.on(field: $0.field == "labour" ? "labour" : "samples") })
            }
            return Assessment(undecided: error.all)
        }
    }
}

/// A value worked out by somebody else: a C-TWA, a C-STE, a C-ME or a peak.
struct Reported {
    let value: Double
    /// A code of the table `limit_type`.
    let type: String
    let isRespirable: Bool
    let unit: ConcentrationUnit
    let molarMass: Double?

    func against(_ row: ExposureLimit) throws(Refusal) -> Judgement {
        let conversion = try Conversion(from: unit, to: try ConcentrationUnit(reading: row.unit), molarMass: molarMass)
        let limit: Double?
        let name: Bilingual
        switch type {
        case "twa":
            (limit, name) = (isRespirable ? row.respirable : row.twa, Bilingual("CTWA 时间加权平均浓度", "C-TWA time-weighted average"))
        case "stel": (limit, name) = (row.stel, Bilingual("CSTE 短时间接触浓度", "C-STE short-term value"))
        case "mac": (limit, name) = (row.mac, Bilingual("CME 最高浓度", "C-ME ceiling value"))
        default:
            // The ceiling of the peak rule; how often and how long it was above three times PC-TWA, a single value does not tell.
            let hasRule = row.mac == nil && row.stel == nil
            limit = hasRule ? row.twa.map { 5 * $0 } : nil
            name = Bilingual("峰接触浓度（上限 5×PC-TWA）", "Peak exposure (at most 5×PC-TWA)")
        }
        guard let limit else { throw Refusal("judge.limit.none", field: "limit_type", ["value": row.name.zh, "expected": type]) }
        let converted = conversion(value)
        let decimals = Rounding.resultDecimals(for: limit)
        let rounded = Rounding.round(converted, decimals: decimals)
        let exceeds = rounded > limit
        let isOpenPeak = !["twa", "stel", "mac"].contains(type) && !exceeds && row.twa.map { rounded > 3 * $0 } ?? false
        let shown = Rounding.text(converted, decimals: decimals)
        let compared = "\(shown) \(exceeds ? ">" : "≤") \(Rounding.plain(limit)) \(row.unit)"
        var working = [Bilingual("按报告所列数值判定", "Judged by the value that the report gives")]
        if let step = conversion.working { working.append(step) }
        working.append(Bilingual("修约后比较：\(compared)", "Compared as rounded: \(compared)"))
        return Judgement(
            name, value: converted, shown: shown, limit: limit, unit: row.unit,
            verdict: exceeds ? .exceeds : isOpenPeak ? .undecided : .complies,
            missing: isOpenPeak ? [Refusal("judge.times.missing", field: "samples")] : [], provenance: row.provenance, working: working)
    }
}
