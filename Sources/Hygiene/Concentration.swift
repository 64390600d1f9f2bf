import Foundation
import Kernel

/// Units of concentration in air and their conversion.
public enum ConcentrationUnit: String, Sendable, CaseIterable {
    case milligram = "mg/m3"
    case microgram = "μg/m3"
    case nanogram = "ng/m3"
    case gram = "g/m3"
    case milligramPerLitre = "mg/L"
    case microgramPerLitre = "μg/L"
    case ppm
    case ppb
    /// Per cent by volume.
    case percent = "%"
    case fibres = "f/mL"
    case fibresPerCubicMetre = "f/m3"
    case spores = "孢子数/m3"
    /// Toxic equivalents of dioxins.
    case toxicEquivalent = "pg TEQ/m3"

    /// Reads a unit as people write it: `mg/m³`, `ug/m3`, `毫克/立方米`, `PPM`.
    /// - Throws: `Refusal("unit.unknown")`.
    public init(reading text: String) throws(Refusal) {
        // Micro sign and Greek mu, superscripts and the ways to write a product are one each.
        var folded = text.trimmingCharacters(in: .whitespaces).lowercased()
        for (from, to) in [
            ("³", "3"), ("^", ""), ("µ", "μ"), ("／", "/"), ("·m-3", "/m3"), (" ", ""), ("（", "("), ("立方米", "m3"), ("毫克", "mg"),
            ("微克", "μg"), ("纳克", "ng"), ("升", "l"), ("％", "%"), ("毫升", "ml"), ("根", "f"),
        ] { folded = folded.replacingOccurrences(of: from, with: to) }
        if folded.hasPrefix("ug/") { folded = "μ" + folded.dropFirst() }
        let match = ConcentrationUnit.allCases.first { $0.rawValue.lowercased().replacingOccurrences(of: " ", with: "") == folded }
        let others: [String: ConcentrationUnit] = [
            "ml/m3": .ppm, "f/cm3": .fibres, "f/cc": .fibres, "spores/m3": .spores, "vol%": .percent, "%vol": .percent,
        ]
        guard let unit = match ?? others[folded] else { throw Refusal("unit.unknown", field: "unit", ["value": text]) }
        self = unit
    }

    /// What a unit counts, and how many of the first unit of its family it is.
    var family: (Family, Double) {
        switch self {
        case .milligram: (.mass, 1)
        case .microgram, .nanogram: (.mass, self == .microgram ? 1e-3 : 1e-6)
        case .gram, .milligramPerLitre: (.mass, 1e3)
        case .microgramPerLitre: (.mass, 1)
        case .ppm: (.volume, 1)
        case .ppb: (.volume, 1e-3)
        case .percent: (.volume, 1e4)
        case .fibres: (.fibres, 1)
        case .fibresPerCubicMetre: (.fibres, 1e-6)
        case .spores: (.spores, 1)
        case .toxicEquivalent: (.toxicEquivalents, 1)
        }
    }
    enum Family { case mass, volume, fibres, spores, toxicEquivalents }
}

/// The air in which a volume was measured, for conversion between parts of volume and mass.
public struct Air: Sendable, Hashable {
    /// In ℃ and kPa.
    public let temperature, pressure: Double
    public init(temperature: Double = 20, pressure: Double = 101.3) { (self.temperature, self.pressure) = (temperature, pressure) }
    /// 20 ℃ and 101.3 kPa, where the standard has a mole fill 24.05 L (GBZ 2.1-2019, A.2).
    public static let standard = Air()

    /// Litres that a mole fills: 24.05 × (273.15 + t) / 293.15 × 101.3 / p.
    public var molarVolume: Double { 24.05 * ((273.15 + temperature) / 293.15) * (101.3 / pressure) }

    /// - Throws: `Refusal("number.range")` outside −60 to 100 ℃ and 30 to 200 kPa, where a figure is more likely in another unit.
    public func check() throws(Refusal) {
        guard (-60...100).contains(temperature) else {
            throw Refusal("number.range", field: "temperature", ["value": "\(temperature)", "limit": "−60…100 ℃"])
        }
        guard (30...200).contains(pressure) else {
            throw Refusal("number.range", field: "pressure", ["value": "\(pressure)", "limit": "30…200 kPa"])
        }
    }
}

/// A factor by which concentrations of one unit become those of another.
public struct Conversion: Sendable, Hashable {
    public let from, to: ConcentrationUnit
    public let factor: Double
    /// The working, where it is more than a power of ten.
    public let working: Bilingual?

    /// - Parameter molarMass: in g/mol; needed between parts of volume (ppm) and mass.
    /// - Throws: `Refusal("unit.incompatible")` between mass and counts of fibres or spores, `Refusal("molar-mass.missing")`,
    ///   `Refusal("number.range")`.
    public init(
        from: ConcentrationUnit, to: ConcentrationUnit, molarMass: Double? = nil, air: Air = .standard
    ) throws(Refusal) {
        (self.from, self.to) = (from, to)
        let (origin, target) = (from.family, to.family)
        let scale = origin.1 / target.1
        if origin.0 == target.0 {
            (factor, working) = (scale, nil)
            return
        }
        guard (origin.0 == .volume && target.0 == .mass) || (origin.0 == .mass && target.0 == .volume) else {
            throw Refusal("unit.incompatible", field: "unit", ["value": from.rawValue, "expected": to.rawValue])
        }
        guard let molarMass else {
            throw Refusal("molar-mass.missing", field: "molar_mass", ["value": from.rawValue, "expected": to.rawValue])
        }
        guard molarMass > 1, molarMass < 2000 else {
            throw Refusal("number.range", field: "molar_mass", ["value": "\(molarMass)", "limit": "1…2000 g/mol"])
        }
        try air.check()
        let perPart = molarMass / air.molarVolume
        factor = origin.0 == .volume ? scale * perPart : scale / perPart
        let volume = Rounding.plain(air.molarVolume)
        let state = "\(Rounding.plain(air.temperature)) ℃, \(Rounding.plain(air.pressure)) kPa"
        let formula = "1 ppm = \(Rounding.plain(molarMass)) / \(volume) = \(Rounding.plain(perPart)) mg/m3"
        working = Bilingual("换算（\(state)）：\(formula)", "Conversion (\(state)): \(formula)")
    }

    public func callAsFunction(_ value: Double) -> Double { value * factor }
}

/// What a laboratory reported of one sample.
public enum Reading: Sendable, Hashable {
    case value(Double)
    /// Below the limit of quantification 最低定量浓度.
    case below(Double)

    public var figure: Double {
        switch self {
        case .value(let figure), .below(let figure): figure
        }
    }
    public var isBelow: Bool {
        if case .below = self { return true }
        return false
    }

    /// Reads a cell: `12.5`, `<0.6`, `＜0.6`, `0.6 (ND)` with the limit of quantification in its own column, `ND`, `未检出`.
    /// - Parameter loq: the limit of quantification, from a column of its own.
    /// - Throws: `Refusal("loq.missing")` for a result not detected without a limit, `Refusal("number.format")`,
    ///   `Refusal("concentration.negative")`.
    public init(reading text: String, loq: Double? = nil, isBelow flag: Bool = false) throws(Refusal) {
        var cell = text.trimmingCharacters(in: .whitespaces)
        let isWord = ["nd", "n.d.", "未检出", "<loq", "<lod", "＜loq", "低于检出限"].contains(cell.lowercased())
        if isWord || (cell.isEmpty && flag) {
            guard let loq else { throw Refusal("loq.missing", field: "loq", ["value": text]) }
            self = .below(try Reading.checked(loq, text, field: "loq"))
            guard loq > 0 else { throw Refusal("loq.missing", field: "loq", ["value": text]) }
            return
        }
        guard !cell.isEmpty else { throw Refusal("field.required", field: "concentration") }
        let isLess = cell.hasPrefix("<") || cell.hasPrefix("＜")
        if isLess { cell.removeFirst() }
        guard let number = Double(cell.trimmingCharacters(in: .whitespaces)) else {
            throw Refusal("number.format", field: "concentration", ["value": text])
        }
        let figure = try Reading.checked(number, text, field: "concentration")
        guard isLess || flag else {
            self = .value(figure)
            return
        }
        // "Below 0" says nothing: a limit of quantification is above zero.
        let limit = loq ?? figure
        guard limit > 0 else { throw Refusal("loq.missing", field: "loq", ["value": text]) }
        self = .below(limit)
    }

    private static func checked(_ value: Double, _ text: String, field: String) throws(Refusal) -> Double {
        guard value.isFinite else { throw Refusal("number.format", field: field, ["value": text]) }
        guard value >= 0 else { throw Refusal("concentration.negative", field: field, ["value": text]) }
        return value
    }
}
