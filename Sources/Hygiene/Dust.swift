import Catalog
import Kernel

/// Dust 粉尘 in one shift: total and respirable, by content of free silica 游离SiO2 (GBZ 2.1-2019, 5.3 and Table 2).
public struct DustCase: Sendable {
    public var total: [Sample]
    public var respirable: [Sample]
    /// The row of the dust; nil for one that the table does not list.
    public var listed: ExposureLimit?
    /// Free silica in per cent by mass; nil where not measured.
    public var silica: Double?
    /// For a dust not listed: that it holds neither asbestos nor toxic matter; nil where nobody says.
    public var isFreeOfToxicMatter: Bool?
    /// What all shifts have besides: unit, long shift, steady exposure …; its samples and limit are not looked at.
    public var unit = ConcentrationUnit.milligram
    public var isWeek = false
    public var isSteady = false
    public var longShift: LongShift?

    public init(total: [Sample] = [], respirable: [Sample] = [], listed: ExposureLimit?, silica: Double?) {
        (self.total, self.respirable, self.listed, self.silica) = (total, respirable, listed, silica)
    }

    /// The rows by which the dust may have to be judged, one where everything is known.
    /// - Throws: `Refusal("number.range")` for a content outside 0 to 100 %, `Refusal("judge.silica.contradicts")` for a silica dust with
    ///   less than 10 %, `Refusal("judge.dust.toxic")`, `Refusal("judge.limit.missing")`.
    public func candidates(_ limits: ExposureLimits, on day: Day) throws(Refusal) -> [ExposureLimit] {
        if let silica, !(0...100).contains(silica) {
            throw Refusal("number.range", field: "silica", ["value": "\(silica)", "limit": "0…100 %"])
        }
        // A count of fibres knows no silica.
        if let listed, listed.unit != "mg/m3" { return [listed] }
        let bands = limits.limits(on: day).filter { $0.family == .dust && ($0.silica?.low ?? 0) >= 10 }
        guard !bands.isEmpty else { throw Refusal("judge.limit.missing", field: "limit", ["value": day.description]) }
        if let silica, silica >= 10 { return bands.filter { $0.silica?.contains(silica) == true } }
        if let listed, bands.contains(where: { $0.key == listed.key }) {
            guard silica == nil else {
                throw Refusal("judge.silica.contradicts", field: "silica", ["value": listed.name.zh, "limit": "10 %"])
            }
            return bands
        }
        guard let own = listed ?? limits.limit("D49", on: day) else {
            throw Refusal("judge.limit.missing", field: "limit", ["value": day.description])
        }
        if listed == nil, isFreeOfToxicMatter != true {
            throw Refusal("judge.dust.toxic", field: "toxic_matter", ["value": own.name.zh])
        }
        return silica == nil ? [own] + bands : [own]
    }

    /// Judges the respirable dust where it has a limit and was sampled, which goes before the total; else the total.
    /// - Throws: `Refusals` of the rows and of ``candidates(_:on:)``.
    public func judge(_ limits: ExposureLimits, on day: Day) throws(Refusals) -> ShiftJudgement {
        let rows: [ExposureLimit]
        do throws(Refusal) { rows = try candidates(limits, on: day) } catch { throw Refusals([error]) }
        let missing = Refusal("judge.silica.missing", field: "silica", ["value": listed?.name.zh ?? rows[0].name.zh])
        var all: [ShiftJudgement] = []
        for row in rows { all.append(try judge(row)) }
        return try ShiftJudgement.agreed(all, missing: missing)
    }

    private func judge(_ row: ExposureLimit) throws(Refusals) -> ShiftJudgement {
        let isRespirable = row.respirable != nil && !respirable.isEmpty
        var shift = ShiftCase(isRespirable ? respirable : total, unit: unit, limit: row)
        shift.fraction = isRespirable ? .respirable : .total
        (shift.isWeek, shift.isSteady, shift.longShift) = (isWeek, isSteady, longShift)
        let judged = try shift.judge()
        let note: Bilingual? =
            isRespirable
            ? Bilingual("有呼尘限值，优先按呼尘判定", "A limit for respirable dust exists and goes first")
            : row.respirable != nil
                ? Bilingual("有呼尘限值但未测呼尘，按总尘判定", "A limit for respirable dust exists, but only total dust was sampled") : nil
        guard let note else { return judged }
        return ShiftJudgement(
            judgements: judged.judgements.map { $0.adding([note]) }, verdict: judged.verdict, missing: judged.missing, limit: judged.limit,
            result: judged.result)
    }
}

/// Carbon monoxide 一氧化碳, whose limit hangs on the altitude (GBZ 2.1-2019, Table 1, No. 313).
public enum CarbonMonoxide {
    /// Below 2000 m, from 2000 to 3000 m, above 3000 m.
    public static let keys = ["313a", "313b", "313c"]

    /// - Parameter altitude: in metres; nil where unknown, which leaves all three.
    /// - Throws: `Refusal("number.range")`, `Refusal("judge.limit.missing")`.
    public static func candidates(_ limits: ExposureLimits, altitude: Double?, on day: Day) throws(Refusal) -> [ExposureLimit] {
        if let altitude, !(-500...9000).contains(altitude) {
            throw Refusal("number.range", field: "altitude", ["value": "\(altitude)", "limit": "−500…9000 m"])
        }
        let rows = keys.compactMap { limits.limit($0, on: day) }
        guard rows.count == keys.count else { throw Refusal("judge.limit.missing", field: "limit", ["value": day.description]) }
        guard let altitude else { return rows }
        return [rows[altitude < 2000 ? 0 : altitude <= 3000 ? 1 : 2]]
    }

    /// Judges a shift by the altitude.
    public static func judge(
        _ shift: ShiftCase, _ limits: ExposureLimits, altitude: Double?, on day: Day
    ) throws(Refusals) -> ShiftJudgement {
        let rows: [ExposureLimit]
        do throws(Refusal) { rows = try candidates(limits, altitude: altitude, on: day) } catch { throw Refusals([error]) }
        return try shift.judge(anyOf: rows, missing: Refusal("judge.altitude.missing", field: "altitude"))
    }
}
