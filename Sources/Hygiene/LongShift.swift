import Catalog
import Kernel

/// The reduction factor 折减因子 RF of the model of Brief and Scala for shifts over 8 h and weeks over 40 h (GBZ 2.1-2019, Appendix A;
/// GBZ 331-2024, Appendix G). It lowers PC-TWA alone, never MAC or PC-STEL.
public struct LongShift: Sendable, Hashable {
    public let hoursPerDay: Double
    public let daysPerWeek: Double
    public let hoursPerWeek: Double
    /// Whether the substance irritates or smells 刺激性、臭味; nil where unknown. Such a one is not adjusted.
    public let isIrritant: Bool?
    /// Biological half-life in hours 生物半衰期; nil where unknown. One of under 4 h is not adjusted.
    public let halfLife: Double?

    /// - Parameter hoursPerWeek: nil for the product of the other two.
    /// - Throws: `Refusal("number.range")`.
    public init(
        hoursPerDay: Double, daysPerWeek: Double = 5, hoursPerWeek: Double? = nil, isIrritant: Bool? = nil, halfLife: Double? = nil
    ) throws(Refusal) {
        let week = hoursPerWeek ?? hoursPerDay * daysPerWeek
        try LongShift.check(hoursPerDay, 24, "hours_per_day")
        try LongShift.check(daysPerWeek, 7, "days_per_week")
        try LongShift.check(week, 168, "hours_per_week")
        guard hoursPerDay < 24, week < 168 else {
            throw Refusal("number.range", field: "hours_per_day", ["value": Rounding.plain(hoursPerDay), "limit": "0…<24"])
        }
        if let halfLife, !(halfLife >= 0) {
            throw Refusal("number.range", field: "half_life", ["value": "\(halfLife)", "limit": "≥0"])
        }
        (self.hoursPerDay, self.daysPerWeek, self.hoursPerWeek) = (hoursPerDay, daysPerWeek, week)
        (self.isIrritant, self.halfLife) = (isIrritant, halfLife)
    }

    private static func check(_ value: Double, _ most: Double, _ field: String) throws(Refusal) {
        guard value > 0, value <= most else {
            throw Refusal("number.range", field: field, ["value": "\(value)", "limit": "0…\(Int(most))"])
        }
    }

    /// (8/h)·((24−h)/16) where a day has more than 8 h.
    public var dayFactor: Double? { hoursPerDay > 8 ? 8 / hoursPerDay * ((24 - hoursPerDay) / 16) : nil }
    /// (40/h)·((168−h)/128) where a week has more than 40 h on more than five days.
    public var weekFactor: Double? {
        hoursPerWeek > 40 && daysPerWeek > 5 ? 40 / hoursPerWeek * ((168 - hoursPerWeek) / 128) : nil
    }
    /// The factor that holds: where both do, the smaller (own: the standard to hand does not say).
    public var factor: Double? { [dayFactor, weekFactor].compactMap { $0 }.min() }

    /// Whether the substance is one to adjust; nil where that is not known.
    public var isApplicable: Bool? {
        if isIrritant == true { return false }
        if let halfLife, halfLife < 4 { return false }
        return isIrritant == nil || halfLife == nil ? nil : true
    }

    /// The adjusted PC-TWA, with one decimal more than the printed one (GBZ 331-2024, Appendix G); nil where nothing is to adjust.
    public func adjusted(_ twa: Double) -> Double? {
        guard let factor, isApplicable != false else { return nil }
        return Rounding.round(twa * factor, decimals: Rounding.resultDecimals(for: twa))
    }

    /// The working of ``adjusted(_:)``; empty where there is nothing to reduce.
    public func working(_ twa: Double) -> [Bilingual] {
        guard let factor else { return [] }
        if isApplicable == false {
            return [
                Bilingual(
                    "长时间工作，但该物质有刺激性（臭味）或半衰期小于 4 h：PC-TWA 不作折减",
                    "Long shift, but the substance irritates (smells) or has a half-life under 4 h: PC-TWA is not reduced")
            ]
        }
        var lines: [Bilingual] = []
        let hours = Rounding.plain(hoursPerDay)
        let week = Rounding.plain(hoursPerWeek)
        if let dayFactor {
            let formula = "RF = (8/\(hours))×((24−\(hours))/16) = \(Rounding.plain(dayFactor))"
            lines.append(Bilingual("日折减因子：\(formula)", "Factor of the day: \(formula)"))
        }
        if let weekFactor {
            let formula = "RF = (40/\(week))×((168−\(week))/128) = \(Rounding.plain(weekFactor))"
            lines.append(Bilingual("周折减因子：\(formula)", "Factor of the week: \(formula)"))
        }
        if dayFactor != nil, weekFactor != nil {
            lines.append(Bilingual("两者取小（本平台取法）", "The smaller of both (our reading)"))
        }
        if let limit = adjusted(twa) {
            let formula = "\(Rounding.plain(twa))×\(Rounding.plain(factor)) = \(Rounding.plain(limit))"
            lines.append(Bilingual("校正 PC-TWA = \(formula)", "Adjusted PC-TWA = \(formula)"))
        }
        return lines
    }
}
