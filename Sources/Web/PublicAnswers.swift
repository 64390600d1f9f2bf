import Catalog
import Foundation
import Kernel

/// What the look-up answers to programs: the shapes of `/api/limits`, `/api/lookup` and `zhifang limit --json`. A value that the standard
/// does not have is left out.
public enum Answer {
    public struct Name: Encodable, Sendable {
        public let zh, en: String
        public init(_ name: Bilingual) { (zh, en) = (name.zh, name.en) }
    }

    /// Where a value comes from.
    public struct Basis: Encodable, Sendable {
        public let edition, clause, source: String
        /// V, V2, KH, KU or own.
        public let confidence: String
        /// First day in force, and the first day no longer; left out where open.
        public let from, until: String?
        public init(_ provenance: Provenance) {
            (edition, clause, source) = (provenance.edition, provenance.clause, provenance.source)
            confidence = provenance.confidence.rawValue
            let force = provenance.force
            from = force.from == .distantPast ? nil : force.from.description
            until = force.until == .distantFuture ? nil : force.until.description
        }
    }

    /// One limit in one edition.
    public struct Limit: Encodable, Sendable {
        public let key, family: String
        public let name: Name
        public let aliases, cas: [String]
        public let mac, twa, stel, respirable: Double?
        public let unit: String
        public let skin, sensitiser: Bool
        public let iarc: [String]
        public let notation, effect: String
        public let condition: Name?
        public let basis: Basis
        /// The first day of the edition is not verified; the stricter of it and the one before counts.
        public let firstDayUnverified: Bool
        public let note: String?

        public init(_ limit: ExposureLimit) {
            (key, family, name) = (limit.key, limit.family.rawValue, Name(limit.name))
            (aliases, cas, unit) = (limit.aliases, limit.cas, limit.unit)
            (mac, twa, stel, respirable) = (limit.mac, limit.twa, limit.stel, limit.respirable)
            (skin, sensitiser, iarc) = (limit.isSkin, limit.isSensitiser, limit.iarc.split(separator: ";").map(String.init))
            (notation, effect, condition) = (limit.notation, limit.effect, limit.condition.map(Name.init))
            (basis, firstDayUnverified) = (Basis(limit.provenance), limit.isDateUnverified)
            note = limit.note.isEmpty ? nil : limit.note
        }
    }

    /// One limit or figure for a physical agent.
    public struct Physical: Encodable, Sendable {
        public let key: String
        public let agent, quantity: Name
        public let condition: Name?
        public let limit: Double
        public let unit: String
        public let basis: Basis

        public init(_ limit: PhysicalLimit) {
            (key, agent, quantity) = (limit.key, Name(limit.agent), Name(limit.quantity))
            condition = limit.condition.zh.isEmpty ? nil : Name(limit.condition)
            (self.limit, unit, basis) = (limit.limit, limit.unit, Basis(limit.provenance))
        }
    }

    /// A limit on a day with every edition of it.
    public struct Limits: Encodable, Sendable {
        public let on: String
        /// What the day is judged by; left out where no edition is to hand.
        public let current: Limit?
        /// What may hold instead, while a first day is not verified.
        public let alternative: Limit?
        public let editions: [Limit]
        /// Codes of the hazard factors that it is for.
        public let factors: [String]

        public init(_ key: String, _ catalog: Catalog, on day: Day) {
            let limit = catalog.limits.limit(key, on: day)
            on = day.description
            current = limit.map(Limit.init)
            alternative = limit.flatMap { catalog.limits.alternative(to: $0, on: day) }.map(Limit.init)
            editions = catalog.limits.editions(of: key).map(Limit.init)
            factors = catalog.factorLimits.links(ofLimit: key).map(\.factor)
        }
    }

    /// Something found.
    public struct Found: Encodable, Sendable {
        public let kind, key: String
        public let name: Name
        public let cas: [String]?
        /// How the query met it: exact, prefix, within, each with Sound where it was pinyin; related.
        public let match: String?

        public init(_ entry: Lookup.Entry, _ match: Lookup.Match? = nil) {
            (kind, key, name) = (entry.kind.rawValue, entry.key, Name(entry.name))
            cas = entry.cas.isEmpty ? nil : entry.cas
            self.match = match.map { "\($0)" }
        }
    }

    /// Text of a value, with names in order so that answers can be compared.
    public static func text(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }
}
