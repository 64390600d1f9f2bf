import Catalog
import Foundation
import Kernel

/// Electromagnetic fields, microwaves, ultraviolet, laser and heart rate (GBZ 2.2-2007; formulas of GBZ 331-2024, Appendix G).
public enum Fields {
    /// Form of a wave.
    public enum Wave: String, Sendable { case continuous, pulsed }
    /// What microwaves fall on.
    public enum Target: Sendable { case body(Wave), limb }
    /// A strength of an electromagnetic field.
    public enum Strength: Sendable {
        /// In mW/cm².
        case power(Double)
        /// In V/m.
        case electric(Double)
    }
    /// A band of ultraviolet.
    public enum Ultraviolet: String, Sendable {
        /// UV-B, 280 to 315 nm.
        case middle
        /// UV-C, 100 to 280 nm.
        case short
        /// Welding arc 电焊弧光, by its effective irradiance.
        case arc
    }

    /// Power density P = E²/3770, in mW/cm² of a field in V/m.
    public static func powerDensity(electric: Double) -> Double { electric * electric / 3770 }
    /// The field of 8 h with the energy of one of `hours`: E₈ = E·√(T/T₀), T₀ = 8 h.
    public static func eightHours(_ field: Double, hours: Double) -> Double { field * (hours / 8).squareRoot() }
    /// Effective irradiance of an arc 有效辐照度 Eeff = 0.00011·EA + 0.64·EB + 0.5·EC, all in μW/cm².
    /// - Throws: `Refusals` of `number.range`.
    public static func effective(a: Double, b: Double, c: Double) throws(Refusals) -> Double {
        try check([(a, "uva"), (b, "uvb"), (c, "uvc")], unit: "μW/cm2")
        return 0.00011 * a + 0.64 * b + 0.5 * c
    }

    /// Judges a power-frequency electric field 工频电场.
    /// - Parameters: field in kV/m; hours of exposure a day.
    public static func judgePowerFrequency(
        _ field: Double, hours: Double = 8, _ limits: PhysicalLimits, on day: Day
    ) throws(Refusals) -> Judgement {
        try check([(field, "field")], unit: "kV/m")
        try check(hours: hours)
        return try judge(eightHours(field, hours: hours), "field.power", limits, day, [energy(field, hours, "kV/m")])
    }

    /// Judges a high-frequency field 高频电磁场 of 0.1 to 30 MHz: electric in V/m, magnetic in A/m where it has a limit.
    /// - Throws: `Refusals` of `number.range`.
    public static func judgeHighFrequency(
        electric: Double?, magnetic: Double? = nil, megahertz: Double, hours: Double = 8, _ limits: PhysicalLimits, on day: Day
    ) throws(Refusals) -> [Judgement] {
        guard (0.1...30).contains(megahertz) else {
            throw Refusals([Refusal("number.range", field: "frequency", ["value": "\(megahertz)", "limit": "0.1…30 MHz"])])
        }
        try check(hours: hours)
        try check([electric.map { ($0, "electric") }, magnetic.map { ($0, "magnetic") }].compactMap { $0 }, unit: "V/m, A/m")
        var all: [Judgement] = []
        // At 3.0 MHz itself both rows of the table hold: the stricter.
        let band = megahertz < 3 ? "low" : "high"
        if let electric {
            all.append(
                try judge(
                    eightHours(electric, hours: hours), "field.high.\(band).electric", limits, day, [energy(electric, hours, "V/m")]))
        }
        if let magnetic, megahertz <= 3 {
            all.append(
                try judge(
                    eightHours(magnetic, hours: hours), "field.high.low.magnetic", limits, day, [energy(magnetic, hours, "A/m")]))
        }
        let lacks = electric == nil || (megahertz <= 3 && magnetic == nil)
        guard lacks else { return all }
        // Both fields have limits below 3 MHz; one alone cannot show that it complies.
        let missing = Refusal("field.missing", field: electric == nil ? "electric" : "magnetic", ["value": "\(megahertz) MHz"])
        guard let last = all.last else { throw Refusals([missing]) }
        return all.dropLast() + [last.verdict == .exceeds ? last : last.undecided([missing])]
    }

    /// Judges ultra-high-frequency radiation 超高频辐射. Up to 4 h a day by the limit for 4 h, above by that for 8 h.
    public static func judgeUltraHighFrequency(
        _ strength: Strength, _ wave: Wave, hours: Double = 8, _ limits: PhysicalLimits, on day: Day
    ) throws(Refusals) -> Judgement {
        try check(hours: hours)
        let row = "field.ultra.\(wave.rawValue).\(hours <= 4 ? 4 : 8)"
        switch strength {
        case .power(let power):
            try check([(power, "power")], unit: "mW/cm2")
            return try judge(power, row + ".power", limits, day, [])
        case .electric(let field):
            try check([(field, "electric")], unit: "V/m")
            let power = Rounding.plain(powerDensity(electric: field))
            return try judge(field, row + ".electric", limits, day, [Bilingual(same: "P = E²/3770 = \(power) mW/cm2")])
        }
    }

    /// Judges microwaves 微波 by the dose of the day, the mean over the time and the highest power.
    /// - Parameter stretches: mean power densities in μW/cm² and their minutes.
    public static func judgeMicrowaves(
        _ stretches: [Stretch], _ target: Target, _ limits: PhysicalLimits, on day: Day
    ) throws(Refusals) -> [Judgement] {
        try Stretch.check(stretches, in: 0...1e7, unit: "μW/cm2", field: "power")
        let row: String
        switch target {
        case .body(let wave): row = "microwave.body.\(wave.rawValue)"
        case .limb: row = "microwave.limb"
        }
        let dose = stretches.reduce(0) { $0 + $1.value * $1.minutes } / 60
        let hours = Stretch.minutes(stretches) / 60
        let mean = dose / hours
        let bound = try refusing { () throws(Refusal) in try limits.limit(row + ".dose", on: day) }
        let formula = Bilingual(
            same:
                "Σ P·t = \(Rounding.plain(dose)) μW·h/cm2; \(Rounding.plain(bound.limit))/t = \(Rounding.plain(bound.limit / hours)) μW/cm2, "
                + "P = \(Rounding.plain(mean)) μW/cm2, t = \(Rounding.plain(hours)) h")
        let highest = (stretches.map(\.value).max() ?? 0) / 1000
        return [
            Judgement(dose, bound, working: [formula]),
            try judge(highest, row + ".short", limits, day, [Bilingual(same: "max P = \(Rounding.plain(highest)) mW/cm2")]),
        ]
    }

    /// Judges ultraviolet 紫外辐射: irradiance in μW/cm² (for an arc the effective one), and the radiant exposure where minutes are known.
    public static func judgeUltraviolet(
        _ irradiance: Double, _ band: Ultraviolet, minutes: Double? = nil, _ limits: PhysicalLimits, on day: Day
    ) throws(Refusals) -> [Judgement] {
        try check([(irradiance, "irradiance")], unit: "μW/cm2")
        let first = try judge(irradiance, "ultraviolet.\(band.rawValue).irradiance", limits, day, [])
        guard let minutes else { return [first] }
        try check(hours: minutes / 60)
        let dose = irradiance * minutes * 60 / 1000
        let formula = "H = E·t = \(Rounding.plain(irradiance))×\(Rounding.plain(minutes * 60)) s = \(Rounding.plain(dose)) mJ/cm2"
        return [first, try judge(dose, "ultraviolet.\(band.rawValue).dose", limits, day, [Bilingual(same: formula)])]
    }

    /// Laser 激光: its limits are not to hand.
    /// - Throws: always `Refusal("laser.limits.missing")`.
    public static func judgeLaser() throws(Refusals) -> Judgement {
        throw Refusals([Refusal("laser.limits.missing", field: "agent", ["value": "GBZ 2.2-2007"])])
    }

    /// Judges heart rates at work 体力劳动时心率, per minute.
    /// - Throws: `Refusals` of `number.range` and, where neither is given, `judge.segments.missing`.
    public static func judgeHeartRate(
        highest: Double?, mean: Double?, _ limits: PhysicalLimits, on day: Day
    ) throws(Refusals) -> [Judgement] {
        var all: [Judgement] = []
        for (value, key) in [(highest, "heart.highest"), (mean, "heart.mean")] {
            guard let value else { continue }
            guard (20...300).contains(value) else {
                throw Refusals([Refusal("number.range", field: "heart_rate", ["value": "\(value)", "limit": "20…300 /min"])])
            }
            all.append(try judge(value, key, limits, day, []))
        }
        guard !all.isEmpty else { throw Refusals([Refusal("judge.segments.missing", field: "heart_rate", ["value": "heart_rate"])]) }
        return all
    }

    private static func judge(
        _ value: Double, _ key: String, _ limits: PhysicalLimits, _ day: Day, _ working: [Bilingual]
    ) throws(Refusals) -> Judgement {
        let limit = try refusing { () throws(Refusal) in try limits.limit(key, on: day) }
        let condition = limit.condition.zh.isEmpty ? [] : [limit.condition]
        return Judgement(
            value, limit, quantity: Bilingual("\(limit.agent.zh) \(limit.quantity.zh)", "\(limit.agent.en): \(limit.quantity.en)"),
            working: condition + working)
    }
    private static func energy(_ field: Double, _ hours: Double, _ unit: String) -> Bilingual {
        let value = Rounding.plain(eightHours(field, hours: hours))
        return Bilingual(same: "E8 = E·√(T/8) = \(Rounding.plain(field))×√(\(Rounding.plain(hours))/8) = \(value) \(unit)")
    }
    private static func check(_ values: [(Double, String)], unit: String) throws(Refusals) {
        let flaws = values.filter { !($0.0 >= 0 && $0.0 < 1e9) }.map {
            Refusal("number.range", field: $0.1, ["value": "\($0.0)", "limit": "≥0 \(unit)"])
        }
        guard flaws.isEmpty else { throw Refusals(flaws) }
    }
    private static func check(hours: Double) throws(Refusals) {
        guard hours > 0, hours <= 24 else {
            throw Refusals([Refusal("number.range", field: "hours", ["value": "\(hours)", "limit": "0…24 h"])])
        }
    }
}
