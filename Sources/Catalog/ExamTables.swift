import Foundation
import Kernel
import Yams

/// An edition of GBZ 188, the standard of occupational health surveillance 职业健康监护技术规范.
public struct ExamEdition: Sendable, Hashable {
    /// `2014`, `2025`.
    public let id: String
    /// As it is cited, with its days in force.
    public let provenance: Provenance
}

/// A factor as GBZ 188 divides them: a clause, wider or narrower than a factor of the hazard catalogue.
public struct ExamFactor: Sendable, Hashable {
    /// How much of the clause is to hand.
    public enum Reading: String, Sendable { case whole, part, none }
    public let edition, clause: String
    public let name: Bilingual
    /// 化学因素, 粉尘, 物理因素 … as the standard heads its chapters.
    public let category: String
    public let reading: Reading
    public let note: String
    public let provenance: Provenance
}

/// One thing to be examined: any one of the listed items serves.
public struct ExamItemNeed: Sendable, Hashable {
    public let anyOf: [String]
    /// Whom it is asked of, in the standard's words; nil: everybody.
    public let only: String?
    public init(anyOf: [String], only: String? = nil) { (self.anyOf, self.only) = (anyOf, only) }
}

/// A stage 检查类别 of a clause, with what it asks for.
public struct ExamStage: Sendable, Hashable {
    public enum Need: String, Sendable { case mandatory, recommended }
    /// What the items are: listed, physical examination only, or not to hand.
    public enum Items: String, Sendable { case listed, physical, missing }
    public let edition, clause: String
    /// A code of `exam_stage`.
    public let stage: String
    public let need: Need
    public let items: Items
    /// Mandatory laboratory and other examinations 必检项目, and the departments of the physical examination 体格检查.
    public let laboratory, physical: [ExamItemNeed]
    /// Items by choice 选检 or by finding 补充, as text: not checked.
    public let supplementary: String
    public let note: String
    public let provenance: Provenance
}

/// A target disease 目标疾病 of a stage: an occupational disease that it looks for, or a contraindication 职业禁忌证.
public struct ExamTarget: Sendable, Hashable {
    public enum Kind: String, Sendable { case disease, contraindication }
    public let edition, clause, stage: String
    public let kind: Kind
    public let name: String
    /// The diagnostic standard that the clause cites; empty where none.
    public let standard: String
    /// Codes of the disease table; empty where the list has no entry of that name.
    public let diseases: [String]
    public let provenance: Provenance
}

/// What must be known for a period to apply: `dust_grade>=2`.
public struct ExamCondition: Sendable, Hashable {
    public enum Relation: String, Sendable { case atLeast = ">=", atMost = "<=", above = ">", below = "<", equal = "=" }
    public let fact: String
    public let relation: Relation
    public let value: Double

    init?(_ text: String) {
        for sign in [">=", "<=", ">", "<", "="] {
            guard let range = text.range(of: sign), let relation = Relation(rawValue: sign) else { continue }
            guard let value = Double(text[range.upperBound...]) else { return nil }
            (fact, self.relation, self.value) = (String(text[..<range.lowerBound]), relation, value)
            return
        }
        return nil
    }
    func holds(_ given: Double) -> Bool {
        switch relation {
        case .atLeast: given >= value
        case .atMost: given <= value
        case .above: given > value
        case .below: given < value
        case .equal: given == value
        }
    }
}

/// A fact that periods depend on, and what its absence means.
public struct ExamFact: Sendable, Hashable {
    public let name: String
    public let title: Bilingual
    public let unit: String
    /// Nothing recorded means that it has not occurred (a finding), not that nobody knows (a grade).
    public let isAbsentUnlessRecorded: Bool
    /// Facts of one group stand for each other: who measured blood lead need not measure urine lead. Empty: none does.
    public let either: String
}

/// One rule of a period 健康检查周期.
public struct ExamPeriod: Sendable, Hashable {
    public enum Kind: String, Sendable {
        /// Again and again, at the latest after so long.
        case every
        /// Once, in a window counted from the start of the exposure.
        case once
        /// No examination is owed.
        case exempt
        /// A rule that cannot be computed: read as text.
        case text
    }
    public let edition, clause, stage: String
    public let kind: Kind
    /// The items that it is about; empty: the whole examination.
    public let scope: [String]
    public let conditions: [ExamCondition]
    /// The longest interval that the clause allows runs to the upper bound.
    public let months: ClosedRange<Int>?
    public let days: Int?
    /// For how many months the rule lasts; nil: without end.
    public let forMonths: Int?
    /// The rule in a few words.
    public let text: String
    public let note: String
    public let provenance: Provenance

    /// Whether it applies; unknown where a fact is that its condition asks for.
    public func applies(_ known: [String: Double], _ facts: [String: ExamFact]) -> Truth {
        conditions.reduce(.yes) { truth, condition in
            if let given = known[condition.fact] { return truth.and(Truth(condition.holds(given))) }
            guard let fact = facts[condition.fact] else { return truth.and(.unknown) }
            let isStoodFor = !fact.either.isEmpty && known.keys.contains { facts[$0]?.either == fact.either }
            return truth.and(fact.isAbsentUnlessRecorded || isStoodFor ? .no : .unknown)
        }
    }
}

/// An examination item 检查项目 under one code, whatever it is called.
public struct ExamItem: Sendable, Hashable {
    public let code: String
    public let name: Bilingual
    /// `laboratory`, `biomarker`, `function`, `imaging`, `physical`.
    public let group: String
    public let aliases: [String]
    /// Items that it includes.
    public let covers: [String]
}

/// A factor of the hazard catalogue under a clause of GBZ 188, or under none.
public struct ExamLink: Sendable, Hashable {
    public let factor: String
    /// Empty where GBZ 188 has no clause for the factor; then `note` says why.
    public let edition, clause: String
    public let note: String
    public let provenance: Provenance
    /// A clause that does not name the factor: our inference, to be confirmed by who examines.
    public var isInferred: Bool { provenance.confidence == .own }
}

/// A conclusion 检查结论 in an edition and what it is in the other.
public struct ExamConclusion: Sendable, Hashable {
    public let edition, code: String
    /// One of the edition's classes, or only a state of the report.
    public let isClass: Bool
    public let mapsTo: String
    public let note: String
    public let provenance: Provenance
}

/// A number of an edition's general part: days, months, grades.
public struct ExamNumber: Sendable, Hashable {
    public let rule: String
    public let value: String
    public let unit: String
    public let provenance: Provenance
    public var number: Int? { Int(value) }
}

/// One line of the public table: a clause with its stages and periods.
public struct ExamRow: Sendable, Hashable {
    public let factor: ExamFactor
    public let stages: [ExamStage]
    /// The periods in service, in a few words each.
    public let periods: [String]
}

/// GBZ 188 in both editions: which stage asks for what, how often, for which factor. `Data/standards/exams`.
public struct ExamTables: Sendable {
    public let editions: [ExamEdition]
    /// In the order of the standard.
    public let factors: [ExamFactor]
    public let stages: [ExamStage]
    public let targets: [ExamTarget]
    public let periods: [ExamPeriod]
    public let items: [String: ExamItem]
    public let facts: [String: ExamFact]
    public let links: [ExamLink]
    public let conclusions: [ExamConclusion]
    private let numbers: [String: ExamNumber]
    private let factorsByClause: [String: ExamFactor]
    private let stagesByKey: [String: ExamStage]
    private let stagesByClause: [String: [ExamStage]]
    private let targetsByKey: [String: [ExamTarget]]
    private let periodsByKey: [String: [ExamPeriod]]
    private let linksByFactor: [String: [ExamLink]]
    private let itemsByName: [String: String]

    /// The files that the tables are read from, below `Data/standards`.
    public static let files = [
        "editions", "factors", "stages", "targets", "periods", "items", "facts", "factor-map", "conclusions", "rules",
    ]
    .map { "exams/\($0).csv" }

    /// The edition in force on a day.
    /// - Throws: `Refusal("exam.no-edition")` before the first one to hand.
    public func edition(on day: Day) throws -> ExamEdition {
        guard let found = editions.last(where: { $0.provenance.force.contains(day) }) else {
            throw Refusal("exam.no-edition", ["value": day.description])
        }
        return found
    }
    public func edition(_ id: String) -> ExamEdition? { editions.first { $0.id == id } }

    public func factor(_ clause: String, in edition: String) -> ExamFactor? { factorsByClause["\(edition)|\(clause)"] }
    /// The mandatory stage of a clause where there is one, otherwise the recommended one.
    public func stage(_ stage: String, of clause: String, in edition: String) -> ExamStage? { stagesByKey["\(edition)|\(clause)|\(stage)"] }
    public func stages(of clause: String, in edition: String) -> [ExamStage] {
        stagesByClause["\(edition)|\(clause)"] ?? []
    }
    public func targets(_ stage: String, of clause: String, in edition: String) -> [ExamTarget] {
        targetsByKey["\(edition)|\(clause)|\(stage)"] ?? []
    }
    public func periods(_ stage: String, of clause: String, in edition: String) -> [ExamPeriod] {
        periodsByKey["\(edition)|\(clause)|\(stage)"] ?? []
    }

    /// The clauses that a factor of the hazard catalogue falls under; of a factor without any, one link that says so.
    public func links(of factor: String, in edition: String) -> [ExamLink] {
        let all = linksByFactor[factor] ?? []
        let here = all.filter { $0.edition == edition }
        return here.isEmpty ? all.filter(\.clause.isEmpty) : here
    }

    /// A number of an edition's general part; nil where the edition has none or it is not to hand.
    public func number(_ rule: String, in edition: String) -> ExamNumber? { numbers["\(edition)|\(rule)"] }
    /// The items that every examination before employment has (Appendix A of 2025); empty in 2014, whose clauses list them all.
    public func baseItems(in edition: String) -> [String] {
        number("base_items", in: edition)?.value.split(separator: ";").map(String.init) ?? []
    }

    /// What a conclusion of one edition is in another; nil where there is no such code.
    public func conclusion(_ code: String, in edition: String) -> ExamConclusion? {
        conclusions.first { $0.edition == edition && $0.code == code }
    }

    /// The item that a text names: its code, either name or an alias; width and spaces do not matter.
    public func item(named text: String) -> ExamItem? {
        items[text] ?? itemsByName[ExamTables.folded(text)].flatMap { items[$0] }
    }

    /// Every clause in force on a day, for look-up.
    public func rows(on day: Day) throws -> [ExamRow] {
        let edition = try edition(on: day).id
        return factors.filter { $0.edition == edition }.map { factor in
            let periods = periods("in_service", of: factor.clause, in: edition).map(\.text)
            return ExamRow(factor: factor, stages: stages(of: factor.clause, in: edition), periods: periods)
        }
    }

    /// The rows whose clause is the text, or whose name in either language holds it.
    public func search(_ text: String, on day: Day) throws -> [ExamRow] {
        let wanted = ExamTables.folded(text)
        guard !wanted.isEmpty else { return [] }
        return try rows(on: day).filter { row in
            let name = row.factor.name
            return row.factor.clause == text || ExamTables.folded(name.zh).contains(wanted) || ExamTables.folded(name.en).contains(wanted)
        }
    }

    static func folded(_ text: String) -> String {
        let wide = text.applyingTransform(.fullwidthToHalfwidth, reverse: false) ?? text
        return wide.lowercased().filter { !$0.isWhitespace }
    }
}

extension ExamTables {
    /// Reads the tables and proves that they fit together: every clause, item, disease and factor that a row names is there.
    /// - Parameter standards: the folder `Data/standards`.
    /// - Throws: `Refusal` of the codes `catalog.…` and `exam.…` with file, row and column.
    public init(standards: URL) throws {
        let folder = standards.appendingPathComponent("exams")
        func rows(_ name: String) throws -> [Table.Row] { try Table(folder.appendingPathComponent("\(name).csv")).rows }
        func codes(_ file: String) throws -> Set<String> { Set(try Table(standards.appendingPathComponent(file)).rows.map { $0["code"] }) }
        let diseases = try codes("diseases.csv")
        let hazards = try codes("factors.csv")
        let small = try Catalog.yaml(standards.appendingPathComponent("codes.yaml"))["tables"]?.mapping ?? [:]

        editions = try rows("editions").map { row in
            let stated = Provenance(
                edition: row["name"], clause: "", source: try row.required("source"), confidence: try row.confidence(),
                force: try row.force())
            return ExamEdition(id: try row.required("edition"), provenance: stated)
        }.sorted { $0.provenance.force.from < $1.provenance.force.from }
        for (earlier, later) in zip(editions, editions.dropFirst())
        where earlier.provenance.force.until > later.provenance.force.from {
            throw Refusal("exam.overlap", ["value": later.id, "limit": earlier.provenance.force.until.description])
        }
        let known = Dictionary(editions.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        func provenance(_ row: Table.Row, _ clause: String) throws -> Provenance {
            guard let edition = known[row["edition"]] else { throw row.refusal("catalog.choice", "edition") }
            return Provenance(
                edition: edition.provenance.edition, clause: clause, source: try row.required("source"), confidence: try row.confidence(),
                force: edition.provenance.force)
        }

        (items, itemsByName) = try ExamTables.items(ExamTables.codes(small, "exam_item"), rows("items"))
        let itemCodes = Set(items.keys)
        facts = try Dictionary(
            rows("facts").map { row in
                let name = try row.required("fact")
                let title = Bilingual(row["name"], row["name_en"])
                guard ["unknown", "no"].contains(row["absent"]) else { throw row.refusal("catalog.choice", "absent") }
                let fact = ExamFact(
                    name: name, title: title, unit: row["unit"], isAbsentUnlessRecorded: row["absent"] == "no", either: row["either"])
                return (name, fact)
            }, uniquingKeysWith: { first, _ in first })
        let factNames = Set(facts.keys)

        factors = try rows("factors").map { row in
            guard let reading = ExamFactor.Reading(rawValue: row["read"]) else { throw row.refusal("catalog.choice", "read") }
            let clause = try row.required("clause")
            return ExamFactor(
                edition: row["edition"], clause: clause, name: Bilingual(try row.required("name"), row["name_en"]),
                category: row["category"], reading: reading, note: row["note"], provenance: try provenance(row, clause))
        }
        let clauses = Dictionary(factors.map { ("\($0.edition)|\($0.clause)", $0) }, uniquingKeysWith: { first, _ in first })
        factorsByClause = clauses
        func clause(_ row: Table.Row) throws -> String {
            guard clauses["\(row["edition"])|\(row["clause"])"] != nil else { throw row.refusal("exam.clause-unknown", "clause") }
            return row["clause"]
        }
        let stageCodes = Set(ExamTables.codes(small, "exam_stage").compactMap(\.key.text))
        func stage(_ row: Table.Row) throws -> String {
            guard stageCodes.contains(row["stage"]) else { throw row.refusal("catalog.choice", "stage") }
            return row["stage"]
        }

        stages = try rows("stages").map { row in
            let clause = try clause(row)
            guard let need = ExamStage.Need(rawValue: row["need"]) else { throw row.refusal("catalog.choice", "need") }
            guard let items = ExamStage.Items(rawValue: row["items"]) else { throw row.refusal("catalog.choice", "items") }
            let laboratory = try ExamTables.needs(row, "laboratory", itemCodes)
            guard laboratory.isEmpty == (items != .listed) else { throw row.refusal("catalog.choice", "items") }
            return ExamStage(
                edition: row["edition"], clause: clause, stage: try stage(row), need: need, items: items, laboratory: laboratory,
                physical: try ExamTables.needs(row, "physical", itemCodes), supplementary: row["supplementary"], note: row["note"],
                provenance: try provenance(row, row["subclause"]))
        }
        stagesByClause = Dictionary(grouping: stages) { "\($0.edition)|\($0.clause)" }
        stagesByKey = Dictionary(stages.map { ("\($0.edition)|\($0.clause)|\($0.stage)", $0) }) { $0.need == .mandatory ? $0 : $1 }

        targets = try rows("targets").map { row in
            let clause = try clause(row)
            guard let kind = ExamTarget.Kind(rawValue: row["kind"]) else { throw row.refusal("catalog.choice", "kind") }
            let named = row.list("diseases")
            guard diseases.isSuperset(of: named) else { throw row.refusal("catalog.choice", "diseases") }
            return ExamTarget(
                edition: row["edition"], clause: clause, stage: try stage(row), kind: kind, name: try row.required("name"),
                standard: row["standard"], diseases: named, provenance: try provenance(row, clause))
        }
        targetsByKey = Dictionary(grouping: targets) { "\($0.edition)|\($0.clause)|\($0.stage)" }

        periods = try rows("periods").map { row in
            let clause = try clause(row)
            return try ExamTables.period(row, clause, stage(row), provenance(row, clause), items: itemCodes, facts: factNames)
        }
        periodsByKey = Dictionary(grouping: periods) { "\($0.edition)|\($0.clause)|\($0.stage)" }
        for stage in stages where ["in_service", "follow_up"].contains(stage.stage) {
            let key = "\(stage.edition)|\(stage.clause)|\(stage.stage)"
            if periodsByKey[key] == nil { throw Refusal("exam.period-none", ["value": stage.clause, "limit": stage.edition]) }
        }

        links = try rows("factor-map").map { row in
            guard hazards.contains(row["factor"]) else { throw row.refusal("catalog.choice", "factor") }
            let clause = row["clause"].isEmpty ? "" : try clause(row)
            let none = Provenance(edition: "", clause: "", source: row["source"], confidence: try row.confidence())
            return ExamLink(
                factor: row["factor"], edition: row["edition"], clause: clause, note: row["note"],
                provenance: clause.isEmpty ? none : try provenance(row, clause))
        }
        linksByFactor = Dictionary(grouping: links, by: \.factor)

        let conclusionCodes = Set(ExamTables.codes(small, "exam_conclusion").compactMap(\.key.text))
        conclusions = try rows("conclusions").map { row in
            for column in ["code", "maps_to"] where !conclusionCodes.contains(row[column]) {
                throw row.refusal("catalog.choice", column)
            }
            return ExamConclusion(
                edition: row["edition"], code: row["code"], isClass: row.flag("is_class"), mapsTo: row["maps_to"], note: row["note"],
                provenance: try provenance(row, ""))
        }
        numbers = try Dictionary(
            rows("rules").map { row in
                let number = ExamNumber(rule: row["rule"], value: row["value"], unit: row["unit"], provenance: try provenance(row, ""))
                if row["unit"] == "items" {
                    guard itemCodes.isSuperset(of: row.list("value")) else { throw row.refusal("exam.item-unknown", "value") }
                } else if number.number == nil {
                    throw row.refusal("catalog.number", "value")
                }
                return ("\(row["edition"])|\(row["rule"])", number)
            }, uniquingKeysWith: { first, _ in first })
    }

    /// The items under their names: those of the code table `exam_item`, and the aliases of `exams/items.csv`.
    private static func items(_ codes: Yams.Node.Mapping, _ rows: [Table.Row]) throws -> ([String: ExamItem], [String: String]) {
        var items: [String: ExamItem] = [:]
        var names: [String: String] = [:]
        let codes = Dictionary(codes.map { ($0.key.string ?? "", $0.value) }, uniquingKeysWith: { first, _ in first })
        for row in rows {
            let code = try row.required("code")
            guard let words = codes[code]?.mapping else { throw row.refusal("exam.item-unknown", "code") }
            let name = Bilingual(words["zh"]?.text ?? code, words["en"]?.text ?? code)
            let item = ExamItem(
                code: code, name: name, group: words["group"]?.text ?? "", aliases: row.list("aliases"), covers: row.list("covers"))
            items[code] = item
            for text in [name.zh, name.en] + item.aliases {
                if let other = names.updateValue(code, forKey: folded(text)), other != code {
                    throw row.refusal("exam.item-twice", "aliases", ["value": text])
                }
            }
        }
        for row in rows where !Set(items.keys).isSuperset(of: row.list("covers")) { throw row.refusal("exam.item-unknown", "covers") }
        return (items, names)
    }

    /// The codes of a table of `codes.yaml`; none where there is no such table.
    private static func codes(_ small: Yams.Node.Mapping, _ table: String) -> Yams.Node.Mapping {
        small[table]?.mapping?["codes"]?.mapping ?? [:]
    }

    /// `blood_count;blood_lead|urine_lead;hand_xray?清釜工`: items, alternatives, and for whom only.
    private static func needs(_ row: Table.Row, _ column: String, _ codes: Set<String>) throws -> [ExamItemNeed] {
        try row.list(column).map { text in
            let parts = text.split(separator: "?", maxSplits: 1).map(String.init)
            let anyOf = parts[0].split(separator: "|").map(String.init)
            guard codes.isSuperset(of: anyOf) else { throw row.refusal("exam.item-unknown", column, ["value": text]) }
            return ExamItemNeed(anyOf: anyOf, only: parts.count > 1 ? parts[1] : nil)
        }
    }

    private static func period(
        _ row: Table.Row, _ clause: String, _ stage: String, _ provenance: Provenance, items: Set<String>, facts: Set<String>
    ) throws -> ExamPeriod {
        guard let kind = ExamPeriod.Kind(rawValue: row["kind"]) else { throw row.refusal("catalog.choice", "kind") }
        let scope = row["scope"] == "exam" ? [] : row["scope"].split(separator: "|").map(String.init)
        guard items.isSuperset(of: scope) else { throw row.refusal("exam.item-unknown", "scope") }
        let conditions = try row.list("when").map { text in
            guard let condition = ExamCondition(text), facts.contains(condition.fact) else { throw row.refusal("exam.condition", "when") }
            return condition
        }
        let months = try row.integer("months")
        let days = try row.integer("days")
        let upto = try row.integer("months_upto") ?? months
        let isComputed = kind == .every || kind == .once
        guard isComputed == (months != nil || days != nil) else { throw row.refusal("catalog.empty", "months") }
        if let months, months < 1 || (upto ?? months) < months { throw row.refusal("catalog.choice", "months_upto") }
        return ExamPeriod(
            edition: row["edition"], clause: clause, stage: stage, kind: kind, scope: scope, conditions: conditions,
            months: months.map { $0...(upto ?? $0) }, days: days, forMonths: try row.integer("for_months"), text: try row.required("text"),
            note: row["note"], provenance: provenance)
    }
}
