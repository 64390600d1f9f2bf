import Kernel

/// One entry of the occupational exposure limits 职业接触限值 (GBZ 2.1, tables 1 to 3), in one edition.
public struct ExposureLimit: Sendable, Hashable {
    public enum Family: String, Sendable { case chemical, dust, bioaerosol }
    /// IARC groups as the standard prints them: `G1`, `G2A`, `G2B`.
    public let iarc: String
    /// The key of the row, stable over editions: `12`, `224a`, `D40a`, `B3`.
    public let key: String
    public let family: Family
    public let name: Bilingual
    /// Other names that people write: `光气`, `汞`, `铅烟`.
    public let aliases: [String]
    /// Registry numbers with valid check digits; empty where the standard prints none.
    public let cas: [String]
    /// Maximum allowable concentration 最高容许浓度, permissible concentration time-weighted average 时间加权平均容许浓度,
    /// short-term exposure limit 短时间接触容许浓度; in `unit`. Dusts have `twa` for total dust 总尘 and `respirable` 呼尘.
    public let mac, twa, stel, respirable: Double?
    /// `mg/m3`, `f/mL`, `ng/m3`, `μg/m3`, `孢子数/m3`.
    public let unit: String
    public let isSkin, isSensitiser: Bool
    /// The remarks as printed, with what the flags leave out: `G1（镍化合物），敏；G2B（金属和合金）`.
    public let notation: String
    /// The critical effect 临界不良健康效应, in the standard's words; empty where none is printed.
    public let effect: String
    /// When this row rather than a sibling applies: a band of free silica, an altitude, a form. Nil where it always does.
    public let condition: Bilingual?
    /// The band of free silica 游离SiO2 in percent that the row is for: above `low` (or from it, where `includesLow`), up to `high`.
    public let silica: SilicaBand?
    public let provenance: Provenance
    /// That an amendment holds is known and the day from which it holds is not verified: `force.from` is the earliest that a source
    /// names. The earlier edition stays open beside it; until the day is settled (docs/catalogue.md) the stricter of the two counts.
    public let isDateUnverified: Bool
    /// What a reader should know of the row: a misprint mended, a number that means one isomer only.
    public let note: String

    public struct SilicaBand: Sendable, Hashable {
        public let low, high: Double
        public let includesLow, includesHigh: Bool
        public init(low: Double, high: Double, includesLow: Bool, includesHigh: Bool) {
            (self.low, self.high, self.includesLow, self.includesHigh) = (low, high, includesLow, includesHigh)
        }
        public func contains(_ percent: Double) -> Bool {
            (includesLow ? percent >= low : percent > low) && (includesHigh ? percent <= high : percent < high)
        }
    }

    public init(
        key: String, family: Family, name: Bilingual, aliases: [String] = [], cas: [String] = [], mac: Double? = nil, twa: Double? = nil,
        stel: Double? = nil,
        respirable: Double? = nil, unit: String = "mg/m3", isSkin: Bool = false, isSensitiser: Bool = false, iarc: String = "",
        notation: String = "", effect: String = "", condition: Bilingual? = nil, silica: SilicaBand? = nil, provenance: Provenance,
        isDateUnverified: Bool = false, note: String = ""
    ) {
        (self.key, self.family, self.name, self.cas, self.mac, self.twa, self.stel) = (key, family, name, cas, mac, twa, stel)
        (self.respirable, self.unit, self.isSkin, self.isSensitiser, self.iarc) = (respirable, unit, isSkin, isSensitiser, iarc)
        (self.effect, self.condition, self.silica, self.provenance) = (effect, condition, silica, provenance)
        (self.aliases, self.notation, self.isDateUnverified, self.note) = (aliases, notation, isDateUnverified, note)
    }
}
