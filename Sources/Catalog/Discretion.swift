import Foundation
import Kernel
import Yams

/// A discretion scheme 裁量基准 of a jurisdiction: factors of a breach, and what share of the statutory range they lead to.
public struct DiscretionScheme: Sendable {
    public struct Level: Sendable, Hashable {
        /// `house.harm.risk`: unique among all schemes, a code of the table `discretion_level`.
        public let code: String
        public let name: Bilingual
        public let points: Int
    }
    public struct Factor: Sendable, Hashable {
        public let code: String
        public let name: Bilingual
        public let levels: [Level]
    }
    public struct Step: Sendable, Hashable {
        public let code: String
        public let name: Bilingual
        /// Points from which it holds.
        public let from: Int
        /// Parts of the way from the lower bound to the upper one, 0…1.
        public let least, most: Double
    }
    public let code: String
    public let name: Bilingual
    /// Divisions whose it is; empty: wherever no other is.
    public let jurisdictions: [DivisionCode]
    public let factors: [Factor]
    /// By their points, rising.
    public let steps: [Step]
    /// Who approves a departure from it, one after another.
    public let deviation: [DivisionCode.Level]
    public let provenance: Provenance

    /// What the chosen levels lead to.
    /// - Throws: `discretion.factor` with the factor of which no level, or more than one, was chosen; `discretion.level` for a level of
    ///   another scheme.
    public func step(for levels: [String]) throws(Refusal) -> (step: Step, points: Int, chosen: [(Factor, Level)]) {
        var chosen: [(Factor, Level)] = []
        for factor in factors {
            let found = factor.levels.filter { levels.contains($0.code) }
            guard found.count == 1, let level = found.first else {
                throw Refusal("discretion.factor", field: "factors", ["value": factor.name.zh, "value_en": factor.name.en])
            }
            chosen.append((factor, level))
        }
        if let stray = levels.first(where: { code in !chosen.contains { $0.1.code == code } }) {
            throw Refusal("discretion.level", field: "factors", ["value": stray])
        }
        let points = chosen.reduce(0) { $0 + $1.1.points }
        guard let step = steps.last(where: { $0.from <= points }) ?? steps.first else {
            throw Refusal("discretion.none", field: "factors")
        }
        return (step, points, chosen)
    }
}

/// All schemes: the one of the smallest jurisdiction that has one on the day counts.
public struct DiscretionSchemes: Sendable {
    public let all: [DiscretionScheme]

    public func scheme(for division: String, on day: Day) -> DiscretionScheme? {
        let inForce = all.filter { $0.provenance.force.contains(day) }
        let own = inForce.flatMap { scheme in scheme.jurisdictions.filter { $0.contains(division) }.map { (scheme, $0) } }
        return own.max { $0.1.prefix.utf8.count < $1.1.prefix.utf8.count }?.0 ?? inForce.first { $0.jurisdictions.isEmpty }
    }
    public func level(_ code: String) -> DiscretionScheme.Level? {
        all.lazy.flatMap(\.factors).flatMap(\.levels).first { $0.code == code }
    }

    static let file = "discretion.yaml"

    /// - Throws: `catalog.file`; `discretion.unreadable` with the line and the field that is wrong.
    init(standards: URL) throws {
        let root = try Catalog.yaml(standards.appendingPathComponent(DiscretionSchemes.file))
        all = try (root["schemes"]?.sequence ?? []).map { try DiscretionSchemes.scheme($0) }
        let codes = all.map(\.code)
        if let twice = codes.first(where: { code in codes.count { $0 == code } > 1 }) {
            throw Refusal("discretion.unreadable", field: "code", ["value": twice])
        }
    }

    private static func scheme(_ node: Yams.Node) throws -> DiscretionScheme {
        func refuse(_ field: String) -> Refusal {
            Refusal("discretion.unreadable", row: node.mark?.line, field: field, ["value": node.mapping?["code"]?.text ?? ""])
        }
        func pair(_ node: Yams.Node?, _ field: String) throws -> Bilingual {
            guard let zh = node?.mapping?["zh"]?.text, let en = node?.mapping?["en"]?.text else { throw refuse(field) }
            return Bilingual(zh, en)
        }
        guard let body = node.mapping, let code = body["code"]?.text else { throw refuse("code") }
        guard let from = body["from"]?.text.flatMap({ Day($0) }) else { throw refuse("from") }
        guard let confidence = body["confidence"]?.text.flatMap(Confidence.init(rawValue:)) else { throw refuse("confidence") }
        let factors = try (body["factors"]?.sequence ?? []).map { factor -> DiscretionScheme.Factor in
            guard let name = factor.mapping?["code"]?.text else { throw refuse("factors") }
            let levels = try (factor.mapping?["levels"]?.sequence ?? []).map { level -> DiscretionScheme.Level in
                guard let own = level.mapping?["code"]?.text, let points = level.mapping?["points"]?.text.flatMap({ Int($0) }) else {
                    throw refuse("levels")
                }
                return DiscretionScheme.Level(code: "\(code).\(name).\(own)", name: try pair(level, "levels"), points: points)
            }
            guard !levels.isEmpty else { throw refuse("levels") }
            return DiscretionScheme.Factor(code: name, name: try pair(factor.mapping?["name"], "factors"), levels: levels)
        }
        let steps = try (body["steps"]?.sequence ?? []).map { step -> DiscretionScheme.Step in
            let share = (step.mapping?["share"]?.sequence ?? []).compactMap { $0.text.flatMap { Double($0) } }
            guard let own = step.mapping?["code"]?.text, let from = step.mapping?["from"]?.text.flatMap({ Int($0) }), share.count == 2,
                0 <= share[0], share[0] <= share[1], share[1] <= 1
            else { throw refuse("steps") }
            return DiscretionScheme.Step(code: own, name: try pair(step, "steps"), from: from, least: share[0], most: share[1])
        }
        guard !factors.isEmpty, !steps.isEmpty else { throw refuse("steps") }
        let deviation = (body["deviation"]?.sequence ?? []).compactMap { $0.text.flatMap(DivisionCode.Level.init(rawValue:)) }
        let jurisdictions = (body["jurisdictions"]?.sequence ?? []).compactMap { $0.text.flatMap { DivisionCode($0) } }
        let until = body["until"]?.text.flatMap { Day($0) } ?? .distantFuture
        return DiscretionScheme(
            code: code, name: try pair(body["name"], "name"), jurisdictions: jurisdictions, factors: factors,
            steps: steps.sorted { $0.from < $1.from }, deviation: deviation,
            provenance: Provenance(
                edition: body["edition"]?.text ?? "", clause: body["clause"]?.text ?? "", source: body["source"]?.text ?? "",
                confidence: confidence, force: Span(from, until)))
    }
}
