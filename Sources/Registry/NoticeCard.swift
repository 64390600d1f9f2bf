import Catalog
import Kernel

/// What a notice card 职业病危害告知卡 of one factor says: names, harm, limits, signs. What the tables do not know stays blank, for the
/// employer to write in: nothing is invented.
public struct NoticeCard: Sendable {
    /// Which card it is, and why it hangs.
    public enum Basis: String, Sendable {
        /// 高毒物品告知卡 (GBZ/T 203-2007).
        case highlyToxic = "highly_toxic"
        /// Some substances of the name are highly toxic.
        case possible
        /// 有毒物品作业岗位职业病危害告知卡 (GBZ 158-2003, Annex D).
        case toxic
        /// 中文警示说明 of a post with severe hazards (Law Art. 24).
        case severe
    }
    /// A limit in force on the day, with where it stands.
    public struct Limit: Sendable, Hashable {
        public let name: Bilingual
        /// `PC-TWA 1 mg/m3`
        public let values: [String]
        public let edition: String
        public let confidence: Confidence
    }
    public let factor: HazardFactor
    public let basis: Basis
    public let isHighlyToxic: Truth
    public let limits: [Limit]
    /// Critical effects 临界不良健康效应, as GBZ 2.1 prints them.
    public let effects: [String]
    /// Diseases that the examinations of the factor look for (GBZ 188, the edition of the day).
    public let diseases: [Bilingual]
    /// Signs that belong on it.
    public let signs: [HazardSign]
    public let day: Day

    /// - Parameter code: of the hazard factor.
    /// - Returns: nil for a code that the catalogue does not have.
    public init?(factor code: String, catalog: Catalog, on day: Day) {
        guard let factor = catalog.factors[code] else { return nil }
        let toxic = catalog.highlyToxic.isHighlyToxic(factor: code)
        (self.factor, isHighlyToxic, self.day) = (factor, toxic, day)
        basis = toxic == .yes ? .highlyToxic : toxic == .unknown ? .possible : factor.category == "chemical" ? .toxic : .severe
        let rows = catalog.limits(ofFactor: code, on: day)
        var limits = rows.map { row in
            let figures = [("MAC", row.mac), ("PC-TWA", row.twa), ("PC-TWA（呼尘）", row.respirable), ("PC-STEL", row.stel)]
            let values = figures.compactMap { label, value in value.map { "\(label) \(NoticeCard.plain($0)) \(row.unit)" } }
            let name = row.condition.map { Bilingual("\(row.name.zh)（\($0.zh)）", "\(row.name.en) (\($0.en))") } ?? row.name
            return Limit(name: name, values: values, edition: row.provenance.edition, confidence: row.provenance.confidence)
        }
        if code == "C001", let noise = try? catalog.physical.limit("noise.day", on: day) {
            limits.append(
                Limit(
                    name: noise.quantity, values: ["\(NoticeCard.plain(noise.limit)) \(noise.unit)"], edition: noise.provenance.edition,
                    confidence: noise.provenance.confidence))
        }
        self.limits = limits
        var seen: Set<String> = []
        effects = rows.map(\.effect).filter { !$0.isEmpty && seen.insert($0).inserted }
        let tables = catalog.exams
        let edition = tables.editions.last { $0.provenance.force.contains(day) }?.id ?? ""
        let clauses = Set(tables.links(of: code, in: edition).map(\.clause).filter { !$0.isEmpty })
        let sought = tables.targets.filter { $0.kind == .disease && $0.edition == edition && clauses.contains($0.clause) }
        diseases = Set(sought.flatMap(\.diseases)).sorted().compactMap { catalog.diseases[$0]?.name }
        signs = catalog.signs.filter {
            $0.provenance.force.contains(day) && $0.kind != .line
                && $0.isNeeded(for: factor, isHighlyToxic: toxic, exceeds: .unknown) != .no
        }
    }

    /// A figure without a tail of zeros.
    static func plain(_ value: Double) -> String { value == value.rounded() && abs(value) < 1e15 ? String(Int(value)) : String(value) }
}

/// The signs and cards that a post needs 岗位警示标识与告知卡清单, from the factors on record there.
public struct SignList: Sendable {
    public struct Item: Sendable {
        public let sign: HazardSign
        /// The factors that ask for it.
        public let factors: [String]
        /// Unknown where it hangs on a test or on the substance.
        public let isNeeded: Truth
    }
    public let items: [Item]
    public let cards: [NoticeCard]

    /// - Parameters:
    ///   - factors: codes of the factors at the post, each with whether it exceeds its limit there.
    public init(factors: [String: Truth], catalog: Catalog, on day: Day) {
        let known = factors.sorted { $0.key < $1.key }.compactMap { code, exceeds in catalog.factors[code].map { ($0, exceeds) } }
        items = catalog.signs.filter { $0.provenance.force.contains(day) }.compactMap { sign in
            let asking = known.compactMap { factor, exceeds -> (String, Truth)? in
                let toxic = catalog.highlyToxic.isHighlyToxic(factor: factor.code)
                let needed = sign.isNeeded(for: factor, isHighlyToxic: toxic, exceeds: exceeds)
                return needed == .no ? nil : (factor.code, needed)
            }
            guard !asking.isEmpty else { return nil }
            return Item(sign: sign, factors: asking.map(\.0), isNeeded: asking.contains { $0.1 == .yes } ? .yes : .unknown)
        }
        cards = known.compactMap { NoticeCard(factor: $0.0.code, catalog: catalog, on: day) }
    }
}
