import Catalog
import Hygiene
import Kernel

/// What decides by which row of the limits a substance in air is judged, beside the day.
public struct Substance: Hashable, Sendable {
    /// The code of a hazard factor, the key of a limit, a registry number or a name in either language.
    public var named: String
    /// Free silica in per cent; nil where not measured.
    public var silica: Double?
    /// Metres above the sea, for carbon monoxide; nil where unknown.
    public var altitude: Double?
    public init(_ named: String, silica: Double? = nil, altitude: Double? = nil) {
        (self.named, self.silica, self.altitude) = (named, silica, altitude)
    }

    /// The rows by which it may have to be judged: one where everything is known, several where something that `missing` names is not.
    public struct Rows: Sendable {
        public let limits: [ExposureLimit]
        public let missing: Refusal
        /// The rows hold for the dust's total or respirable fraction.
        public var isDust: Bool { limits.first?.family == .dust }
    }

    /// - Throws: `Refusal` `judge.limit.none` where the map of factors says that there is no limit, `judge.limit.missing` where no edition
    ///   of the day is to hand, `limit.unknown` for a name that none has, and those of dusts (``DustCase``) and of carbon monoxide.
    public func rows(_ catalog: Catalog, on day: Day) throws(Refusal) -> Rows {
        let found = try listed(catalog, on: day)
        if found.contains(where: { CarbonMonoxide.keys.contains($0.key) }) {
            let rows = try CarbonMonoxide.candidates(catalog.limits, altitude: altitude, on: day)
            return Rows(limits: rows, missing: Refusal("judge.altitude.missing", field: "altitude"))
        }
        guard let first = found.first, first.family == .dust else {
            let names = found.map(\.name.zh).joined(separator: "；")
            return Rows(limits: found, missing: Refusal("judge.form.missing", field: "factor", ["value": named, "expected": names]))
        }
        let missing = Refusal("judge.silica.missing", field: "silica", ["value": first.name.zh])
        // Bands of free silica are rows of one dust; other rows of one factor are different dusts.
        let isSilica = found.allSatisfy { ($0.silica?.low ?? 0) >= 10 }
        var rows: [ExposureLimit] = []
        for row in isSilica ? [first] : found {
            let candidates = try DustCase(listed: row, silica: silica).candidates(catalog.limits, on: day)
            for candidate in candidates where !rows.contains(candidate) { rows.append(candidate) }
        }
        if !isSilica, found.count > 1 {
            let names = found.map(\.name.zh).joined(separator: "；")
            return Rows(limits: rows, missing: Refusal("judge.form.missing", field: "factor", ["value": named, "expected": names]))
        }
        return Rows(limits: rows, missing: missing)
    }

    private func listed(_ catalog: Catalog, on day: Day) throws(Refusal) -> [ExposureLimit] {
        let limits = catalog.limits
        if !catalog.factorLimits.links(ofFactor: named).isEmpty || catalog.tables["factor"]?[named] != nil {
            let keys = catalog.factorLimits.keys(ofFactor: named)
            let title = catalog.title("factor", named)
            guard !keys.isEmpty else { throw Refusal("judge.limit.none", field: "factor", ["value": title]) }
            return try held(limits.limits(keys: keys, on: day), title, on: day)
        }
        if limits.contains(key: named) { return try held(limits.limits(keys: [named], on: day), named, on: day) }
        if named.contains("-"), named.allSatisfy({ $0.isNumber || $0 == "-" }), named.filter({ $0 == "-" }).count == 2 {
            if let flaw = CASNumber.flaw(in: named) { throw Refusal(flaw.rawValue, field: "factor", ["value": named]) }
            guard let number = try? CASNumber(named) else { throw Refusal("cas.format", field: "factor", ["value": named]) }
            let rows = limits.limits(cas: number, on: day)
            if rows.isEmpty, limits.limits(cas: number, on: .distantFuture - 1).isEmpty {
                throw Refusal("limit.unknown", field: "factor", ["value": named])
            }
            return try held(rows, named, on: day)
        }
        let rows = limits.limits(named: named, on: day)
        if rows.isEmpty, limits.limits(named: named, on: .distantFuture - 1).isEmpty {
            if let code = catalog.tables["factor"]?.code(for: named) {
                var factor = self
                factor.named = code
                return try factor.listed(catalog, on: day)
            }
            throw Refusal("limit.unknown", field: "factor", ["value": named])
        }
        return try held(rows, named, on: day)
    }

    private func held(_ rows: [ExposureLimit], _ title: String, on day: Day) throws(Refusal) -> [ExposureLimit] {
        guard rows.isEmpty else { return rows }
        throw Refusal("judge.limit.missing", field: "factor", ["value": title, "limit": day.description])
    }
}
