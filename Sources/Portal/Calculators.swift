import Catalog
import Exposure
import Foundation
import Hygiene
import Kernel

extension Calculator {
    /// All of them by group, in the order of the page.
    static let groups: [(name: String, calculators: [Calculator])] = [
        ("air", [shift, dust, mixture, longShift, units]),
        ("noise", [noise, noiseWeek, noiseOctave, noiseImpulse]),
        ("physical", [heat, heartRate, vibration, powerFrequency, highFrequency, ultraHighFrequency, microwave, ultraviolet]),
        ("grading", grading), ("employers", [employerClass, classLabel]), ("group", [statistics, hearing, biological, dose]),
    ]
    static let all = groups.flatMap(\.calculators)
    static func named(_ id: String) throws -> Calculator {
        guard let found = all.first(where: { $0.id == id }) else { throw Refusal("page.missing", ["value": "/calculate/\(id)"]) }
        return found
    }

    private static let unitNames = ConcentrationUnit.allCases.map(\.rawValue)
    private static let unknownOrNot = Control.choice(["", "yes", "no"])
    private static let longShiftFields = [
        Field(name: "hours_per_day", control: .number, unit: "h"), Field(name: "days_per_week", control: .number, unit: "d"),
        Field(name: "hours_per_week", control: .number, unit: "h"), Field(name: "irritant", control: unknownOrNot),
        Field(name: "half_life", control: .number, unit: "h"),
    ]
    private static func rare(_ fields: [Field]) -> [Field] {
        fields.map { field in
            var field = field
            field.isRare = true
            return field
        }
    }
    private static let times = [
        Field(name: "start", control: .time), Field(name: "minutes", control: .number, unit: "min"),
    ]

    /// Averages, short-term values, ceilings and peaks of one substance in one shift.
    private static let shift = Calculator(
        id: "shift",
        fields: [
            Field(name: "factor", control: .substance), Field(name: "unit", control: .choice(unitNames), initial: "mg/m3"),
            Field(name: "steady", control: .choice(["", "yes"])),
        ]
            + rare(
                longShiftFields + [
                    Field(name: "molar_mass", control: .number, unit: "g/mol"), Field(name: "temperature", control: .number, unit: "℃"),
                    Field(name: "pressure", control: .number, unit: "kPa"), Field(name: "altitude", control: .number, unit: "m"),
                ]),
        columns: [Field(name: "sample", control: .choice(["segment", "short", "ceiling"]), initial: "segment")] + times
            + [Field(name: "concentration", control: .reading)],
        // GBZ 2.1-2019, Appendix A: 210 mg/m3 exceeds.
        example: "factor=乙酸乙酯&steady=yes&minutes=180&concentration=400&minutes=120&concentration=60&minutes=180&concentration=120"
    ) { entered in
        let samples = entered.rows.map { row in
            let kinds: [String: SampleKind] = ["short": .shortTerm, "ceiling": .ceiling]
            let kind = kinds[entered.text(row, "sample")] ?? .segment
            return entered.sample(row, kind)
        }
        let altitude = entered.number("altitude")
        let air = Air(temperature: entered.number("temperature") ?? 20, pressure: entered.number("pressure") ?? 101.3)
        let molarMass = entered.number("molar_mass")
        guard let rows = entered.rows(altitude: altitude) else { return Outcome() }
        guard let first = rows.limits.first else { throw rows.missing }
        if rows.isDust { throw Refusal("calculate.dust", field: "factor", ["value": first.name.zh, "value_en": first.name.en]) }
        var shift = ShiftCase(samples, unit: try unit(entered.text("unit")), limit: first)
        (shift.molarMass, shift.air, shift.isSteady) = (molarMass, air, entered.truth("steady") == true)
        shift.longShift = try entered.longShift()
        guard entered.flaws.isEmpty else { return Outcome() }
        if samples.isEmpty { throw Refusal("judge.segments.missing", row: 1, field: "concentration", ["value": "concentration"]) }
        let judged = try shift.judge(anyOf: rows.limits, missing: rows.missing)
        return Outcome(judgements: judged.judgements, verdict: judged.verdict)
    }

    /// Total and respirable dust by free silica.
    private static let dust = Calculator(
        id: "dust",
        fields: [
            Field(name: "factor", control: .substance), Field(name: "silica", control: .number, unit: "%"),
            Field(name: "toxic_matter", control: unknownOrNot), Field(name: "steady", control: .choice(["", "yes"])),
        ] + rare(longShiftFields),
        columns: [Field(name: "fraction", control: .choice(["total", "respirable"]), initial: "total")] + times
            + [Field(name: "concentration", control: .reading)],
        example:
            "factor=煤尘&silica=8&steady=yes&fraction=respirable&minutes=240&concentration=2.1&fraction=respirable&minutes=240&concentration=3.4"
    ) { entered in
        var total: [Sample] = []
        var respirable: [Sample] = []
        for row in entered.rows {
            let sample = entered.sample(row)
            if entered.text(row, "fraction") == "respirable" { respirable.append(sample) } else { total.append(sample) }
        }
        let silica = entered.number("silica")
        let listed = entered.text("factor").isEmpty ? nil : entered.rows(silica: silica)?.limits.first
        if let listed, listed.family != .dust {
            throw Refusal("calculate.no-dust", field: "factor", ["value": listed.name.zh, "value_en": listed.name.en])
        }
        var shift = DustCase(total: total, respirable: respirable, listed: listed, silica: silica)
        shift.isFreeOfToxicMatter = entered.truth("toxic_matter").map { !$0 }
        shift.isSteady = entered.truth("steady") == true
        shift.longShift = try entered.longShift()
        guard entered.flaws.isEmpty else { return Outcome() }
        if total.isEmpty, respirable.isEmpty {
            throw Refusal("judge.segments.missing", row: 1, field: "concentration", ["value": "concentration"])
        }
        let judged = try shift.judge(entered.catalog.limits, on: entered.day)
        return Outcome(judgements: judged.judgements, verdict: judged.verdict)
    }

    /// Several substances that act together.
    private static let mixture = Calculator(
        id: "mixture", fields: [Field(name: "effect", control: .text)],
        columns: [
            Field(name: "factor", control: .substance), Field(name: "average", control: .number, unit: "C-TWA"),
            Field(name: "short_term", control: .number, unit: "C-STE"),
        ],
        example: "effect=中枢神经系统&factor=甲苯&average=20&short_term=40&factor=乙苯&average=30&short_term=70"
    ) { entered in
        var parts: [Mixture.Part] = []
        for row in entered.rows {
            let (average, short) = (entered.number(row, "average"), entered.number(row, "short_term"))
            do {
                let rows = try entered.limits(of: entered.text(row, "factor"))
                guard rows.limits.count == 1, let limit = rows.limits.first else { throw rows.missing.on(field: "factor") }
                parts.append(Mixture.Part(limit, average: average, shortTerm: short))
            } catch let refusal as Refusal { entered.refuse(refusal.at(row: row.number)) }
        }
        guard entered.flaws.isEmpty else { return Outcome() }
        let judgements = try Mixture(parts, sharedEffect: entered.text("effect")).judge()
        return Outcome(judgements: judgements, verdict: .overall(judgements.map(\.verdict)))
    }

    /// The reduction factor of long shifts and weeks.
    private static let longShift = Calculator(
        id: "long-shift", fields: [Field(name: "factor", control: .substance)] + longShiftFields,
        example: "factor=甲苯&hours_per_day=12&days_per_week=5&irritant=no&half_life=6"
    ) { entered in
        let limits = try entered.limits(of: entered.text("factor"))
        let shift = try entered.longShift()
        guard let shift else { throw Refusal("field.required", field: "hours_per_day") }
        guard limits.limits.count == 1, let limit = limits.limits.first else { throw limits.missing.on(field: "factor") }
        guard let twa = limit.twa else {
            throw Refusal("calculate.no-twa", field: "factor", ["value": limit.name.zh, "value_en": limit.name.en])
        }
        return Outcome(figures: figures(shift, twa, limit.unit), working: shift.working(twa))
    }

    private static func figures(_ shift: LongShift, _ twa: Double, _ unit: String) -> [(name: Bilingual, value: String)] {
        var figures = [(name: Bilingual(same: "PC-TWA"), value: "\(Rounding.plain(twa)) \(unit)")]
        if let factor = shift.factor { figures.append((Bilingual("折减因子 RF", "Reduction factor RF"), Rounding.plain(factor))) }
        let adjusted = Bilingual("校正 PC-TWA", "Adjusted PC-TWA")
        switch (shift.factor, shift.isApplicable, shift.adjusted(twa)) {
        case (nil, _, _): figures.append((adjusted, "–"))
        case (_, false, _): figures.append((adjusted, "\(Rounding.plain(twa)) \(unit)"))
        case (_, _, let value): figures.append((adjusted, value.map { "\(Rounding.plain($0)) \(unit)" } ?? "–"))
        }
        if shift.isApplicable == nil, shift.factor != nil {
            figures.append((Bilingual("是否适用", "Applies"), "?"))
        }
        return figures
    }

    /// Parts of volume and mass.
    private static let units = Calculator(
        id: "units",
        fields: [
            Field(name: "amount", control: .number), Field(name: "from", control: .choice(unitNames), initial: "ppm"),
            Field(name: "to", control: .choice(unitNames), initial: "mg/m3"), Field(name: "molar_mass", control: .number, unit: "g/mol"),
            Field(name: "temperature", control: .number, unit: "℃", initial: "20"),
            Field(name: "pressure", control: .number, unit: "kPa", initial: "101.3"),
        ], example: "amount=1&from=ppm&to=mg/m3&molar_mass=78.11&temperature=20&pressure=101.3"
    ) { entered in
        let amount = entered.needed("amount")
        if amount < 0 { entered.refuse(Refusal("concentration.negative", field: "amount", ["value": entered.text("amount")])) }
        let molarMass = entered.number("molar_mass")
        let air = Air(temperature: entered.number("temperature") ?? 20, pressure: entered.number("pressure") ?? 101.3)
        let (from, to) = (try unit(entered.text("from"), field: "from"), try unit(entered.text("to"), field: "to"))
        let conversion = try Conversion(from: from, to: to, molarMass: molarMass, air: air)
        let name = Bilingual(same: "\(Rounding.plain(amount)) \(from.rawValue)")
        return Outcome(
            figures: [(name, "\(Rounding.plain(conversion(amount))) \(to.rawValue)")], working: [conversion.working].compactMap { $0 })
    }

    private static func unit(_ text: String, field: String = "unit") throws -> ConcentrationUnit {
        do throws(Refusal) { return try ConcentrationUnit(reading: text.isEmpty ? "mg/m3" : text) } catch { throw error.on(field: field) }
    }

    // Noise

    private static let noise = Calculator(
        id: "noise", fields: [], columns: times + [Field(name: "level", control: .number, unit: "dB(A)")],
        example: "minutes=240&level=90&minutes=240&level=80"
    ) { entered in
        let stretches = stretches(&entered, "level")
        guard entered.flaws.isEmpty else { return Outcome() }
        let judged = try Noise.judgeDay(stretches, entered.catalog.physical, on: entered.day)
        return Outcome(judgements: [judged], verdict: judged.verdict)
    }

    private static let noiseWeek = Calculator(
        id: "noise-week", fields: [], columns: [Field(name: "level", control: .number, unit: "dB(A)")],
        example: "level=86&level=86&level=84&level=82&level=80&level=80"
    ) { entered in
        let days = entered.rows.map { entered.needed($0, "level") }
        guard entered.flaws.isEmpty else { return Outcome() }
        let judged = try Noise.judgeWeek(days, entered.catalog.physical, on: entered.day)
        return Outcome(judgements: [judged], verdict: judged.verdict)
    }

    private static let bands = [63, 125, 250, 500, 1000, 2000, 4000, 8000]
    private static let noiseOctave = Calculator(
        id: "noise-octave",
        fields: bands.map { Field(name: "hz\($0)", control: .number, unit: "dB") }
            + [Field(name: "minutes", control: .number, unit: "min", initial: "480")],
        example: "hz63=90&hz125=90&hz250=90&hz500=90&hz1000=90&hz2000=90&hz4000=90&hz8000=90&minutes=480"
    ) { entered in
        var levels: [Int: Double] = [:]
        for band in bands { levels[band] = entered.needed("hz\(band)") }
        let minutes = entered.needed("minutes")
        guard entered.flaws.isEmpty else { return Outcome() }
        let level = try Noise.weighted(levels, entered.catalog.physical, on: entered.day)
        let judged = try Noise.judgeDay([Stretch(level, minutes: minutes)], entered.catalog.physical, on: entered.day)
        let weights = entered.catalog.physical.limits("noise.a.", on: entered.day)
        let terms = weights.compactMap { weight in
            Int(weight.key.dropFirst(8)).flatMap { levels[$0] }.map {
                "10^(0.1×(\(Rounding.plain($0))\(weight.limit < 0 ? "−" : "+")\(Rounding.plain(abs(weight.limit)))))"
            }
        }
        return Outcome(
            judgements: [judged], verdict: judged.verdict,
            figures: [(Bilingual("A 计权声级", "A-weighted level"), "\(Rounding.text(level, decimals: 1)) dB(A)")],
            working: [Bilingual(same: "LA = 10 lg(" + terms.joined(separator: " + ") + ") = \(Rounding.plain(level)) dB(A)")])
    }

    private static let noiseImpulse = Calculator(
        id: "noise-impulse", fields: [Field(name: "peak", control: .number, unit: "dB"), Field(name: "impacts", control: .number)],
        example: "peak=132&impacts=800"
    ) { entered in
        let (peak, impacts) = (entered.needed("peak"), entered.needed("impacts"))
        guard impacts == impacts.rounded(), impacts < 1e9 else {
            throw Refusal("number.range", field: "impacts", ["value": entered.text("impacts"), "limit": "1, 2, 3 …"])
        }
        guard entered.flaws.isEmpty else { return Outcome() }
        let judged = try Noise.judgeImpulse(peak: peak, impacts: Int(impacts), entered.catalog.physical, on: entered.day)
        return Outcome(judgements: [judged], verdict: judged.verdict)
    }

    private static func stretches(_ entered: inout Entered, _ name: String) -> [Stretch] {
        entered.rows.map { row in
            let start = entered.time(row)
            let minutes = entered.needed(row, "minutes")
            return Stretch(entered.needed(row, name), minutes: minutes, start: start, row: row.number)
        }
    }

    // Heat and vibration

    private static let heat = Calculator(
        id: "heat",
        fields: [
            Field(name: "labour", control: .choice(["", "I", "II", "III", "IV"])), Field(name: "labour_index", control: .number),
            Field(name: "design_temperature", control: .number, unit: "℃"),
        ],
        columns: [
            Field(name: "minutes", control: .number, unit: "min"), Field(name: "wbgt", control: .number, unit: "℃"),
            Field(name: "natural_wet", control: .number, unit: "℃"), Field(name: "globe", control: .number, unit: "℃"),
            Field(name: "air", control: .number, unit: "℃"),
        ],
        example:
            "labour=II&design_temperature=31&minutes=180&wbgt=&natural_wet=26&globe=42&air=&minutes=180&wbgt=28.5&natural_wet=&globe=&air="
    ) { entered in
        var stretches: [Stretch] = []
        var working: [Bilingual] = []
        for row in entered.rows {
            let minutes = entered.needed(row, "minutes")
            if let wbgt = entered.number(row, "wbgt") {
                stretches.append(Stretch(wbgt, minutes: minutes, row: row.number))
                continue
            }
            let (wet, globe) = (entered.needed(row, "natural_wet"), entered.needed(row, "globe"))
            let air = entered.number(row, "air")
            do {
                let wbgt =
                    try air.map { try Heat.outdoors(naturalWet: wet, globe: globe, air: $0) } ?? Heat.indoors(naturalWet: wet, globe: globe)
                let sum = "\(Rounding.plain(wet)), \(Rounding.plain(globe))" + (air.map { ", \(Rounding.plain($0))" } ?? "")
                let formula = air == nil ? "0.7·tnw + 0.3·tg" : "0.7·tnw + 0.2·tg + 0.1·ta"
                working.append(Bilingual(same: "WBGT = \(formula) (\(sum)) = \(Rounding.plain(wbgt)) ℃"))
                stretches.append(Stretch(wbgt, minutes: minutes, row: row.number))
            } catch let refusals as Refusals { for flaw in refusals.all { entered.refuse(flaw.at(row: row.number)) } }
        }
        var labour = Heat.Labour(rawValue: entered.text("labour"))
        if let index = entered.number("labour_index") {
            labour = try Heat.labour(index: index, entered.catalog.physical, on: entered.day)
        }
        let temperature = entered.number("design_temperature")
        guard entered.flaws.isEmpty else { return Outcome() }
        let judged = try Heat.judge(stretches, labour: labour, designTemperature: temperature, entered.catalog.physical, on: entered.day)
        return Outcome(judgements: [judged], verdict: judged.verdict, working: working)
    }

    private static let vibration = Calculator(
        id: "vibration", fields: [Field(name: "axes", control: .choice(["", "root_sum", "largest"]))],
        columns: [Field(name: "minutes", control: .number, unit: "min")]
            + ["x", "y", "z"].map { Field(name: $0, control: .number, unit: "m/s²") },
        example: "axes=root_sum&minutes=120&x=3.2&y=2.1&z=4.4&minutes=60&x=5.0&y=&z="
    ) { entered in
        let readings = entered.rows.map { row in
            let (x, y, z) = (entered.needed(row, "x"), entered.number(row, "y"), entered.number(row, "z"))
            return Vibration.Reading(x, y, z, minutes: entered.needed(row, "minutes"))
        }
        let axes: Vibration.Axes? =
            switch entered.text("axes") {
            case "root_sum": .rootSum
            case "largest": .largest
            default: nil
            }
        guard entered.flaws.isEmpty else { return Outcome() }
        let judged = try Vibration.judge(readings, axes: axes, entered.catalog.physical, on: entered.day)
        return Outcome(judgements: [judged], verdict: judged.verdict)
    }

    // Fields

    private static let hours = Field(name: "hours", control: .number, unit: "h", initial: "8")

    private static let powerFrequency = Calculator(
        id: "power-frequency", fields: [Field(name: "field", control: .number, unit: "kV/m"), hours], example: "field=6&hours=6"
    ) { entered in
        let (field, hours) = (entered.needed("field"), entered.needed("hours"))
        guard entered.flaws.isEmpty else { return Outcome() }
        let judged = try Fields.judgePowerFrequency(field, hours: hours, entered.catalog.physical, on: entered.day)
        return Outcome(judgements: [judged], verdict: judged.verdict)
    }

    private static let highFrequency = Calculator(
        id: "high-frequency",
        fields: [
            Field(name: "frequency", control: .number, unit: "MHz"), Field(name: "electric", control: .number, unit: "V/m"),
            Field(name: "magnetic", control: .number, unit: "A/m"), hours,
        ], example: "frequency=0.3&electric=40&magnetic=3&hours=8"
    ) { entered in
        let (frequency, hours) = (entered.needed("frequency"), entered.needed("hours"))
        let (electric, magnetic) = (entered.number("electric"), entered.number("magnetic"))
        guard entered.flaws.isEmpty else { return Outcome() }
        let judged = try Fields.judgeHighFrequency(
            electric: electric, magnetic: magnetic, megahertz: frequency, hours: hours, entered.catalog.physical, on: entered.day)
        return Outcome(judgements: judged, verdict: .overall(judged.map(\.verdict)))
    }

    private static let ultraHighFrequency = Calculator(
        id: "ultra-high-frequency",
        fields: [
            Field(name: "wave", control: .choice(["continuous", "pulsed"]), initial: "continuous"),
            Field(name: "power", control: .number, unit: "mW/cm²"), Field(name: "electric", control: .number, unit: "V/m"), hours,
        ], example: "wave=continuous&electric=16&hours=4"
    ) { entered in
        let (power, electric, hours) = (entered.number("power"), entered.number("electric"), entered.needed("hours"))
        let strengths: [Fields.Strength] = [power.map { .power($0) }, electric.map { .electric($0) }].compactMap { $0 }
        if strengths.isEmpty { entered.refuse(Refusal("field.required", field: "power")) }
        guard entered.flaws.isEmpty else { return Outcome() }
        let wave = Fields.Wave(rawValue: entered.text("wave")) ?? .continuous
        let judged = try strengths.map { strength in
            try Fields.judgeUltraHighFrequency(strength, wave, hours: hours, entered.catalog.physical, on: entered.day)
        }
        return Outcome(judgements: judged, verdict: .overall(judged.map(\.verdict)))
    }

    private static let heartRate = Calculator(
        id: "heart-rate",
        fields: ["highest", "mean"].map { Field(name: $0, control: .number, unit: "/min") }, example: "highest=156&mean=112"
    ) { entered in
        let (highest, mean) = (entered.number("highest"), entered.number("mean"))
        if highest == nil, mean == nil { entered.refuse(Refusal("field.required", field: "highest")) }
        guard entered.flaws.isEmpty else { return Outcome() }
        var judged: [Judgement] = []
        for (name, highest, mean) in [("highest", highest, nil), ("mean", nil, mean)] where highest != nil || mean != nil {
            do throws(Refusals) {
                judged += try Fields.judgeHeartRate(highest: highest, mean: mean, entered.catalog.physical, on: entered.day)
            } catch { for flaw in error.all { entered.refuse(flaw.on(field: name)) } }
        }
        return Outcome(judgements: judged, verdict: .overall(judged.map(\.verdict)))
    }

    private static let microwave = Calculator(
        id: "microwave", fields: [Field(name: "target", control: .choice(["continuous", "pulsed", "limb"]), initial: "continuous")],
        columns: [Field(name: "minutes", control: .number, unit: "min"), Field(name: "power", control: .number, unit: "μW/cm²")],
        example: "target=continuous&minutes=240&power=40&minutes=60&power=120"
    ) { entered in
        let stretches = stretches(&entered, "power")
        guard entered.flaws.isEmpty else { return Outcome() }
        let target: Fields.Target =
            entered.text("target") == "limb" ? .limb : .body(Fields.Wave(rawValue: entered.text("target")) ?? .continuous)
        let judged = try Fields.judgeMicrowaves(stretches, target, entered.catalog.physical, on: entered.day)
        return Outcome(judgements: judged, verdict: .overall(judged.map(\.verdict)))
    }

    private static let ultraviolet = Calculator(
        id: "ultraviolet",
        fields: [
            Field(name: "band", control: .choice(["middle", "short", "arc"]), initial: "middle"),
            Field(name: "irradiance", control: .number, unit: "μW/cm²"), Field(name: "minutes", control: .number, unit: "min"),
        ], example: "band=arc&irradiance=0.3&minutes=60"
    ) { entered in
        let (irradiance, minutes) = (entered.needed("irradiance"), entered.number("minutes"))
        guard entered.flaws.isEmpty else { return Outcome() }
        let band = Fields.Ultraviolet(rawValue: entered.text("band")) ?? .middle
        let judged = try Fields.judgeUltraviolet(irradiance, band, minutes: minutes, entered.catalog.physical, on: entered.day)
        return Outcome(judgements: judged, verdict: .overall(judged.map(\.verdict)))
    }
}
