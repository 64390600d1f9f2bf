import Foundation
import Kernel
import Yams

extension GradingReader {
    /// The classes of employers: everything of `grading-schemes.yaml`, or nil with the problems told.
    struct Classes {
        let risk: RiskMatrix
        let management: SelfCheck
        let combined: CombinedMatrix
        let guide: EnforcementGuide
        let schemes: [String: LabelScheme]
    }

    mutating func classes() -> Classes? {
        guard let root = root(), keys(root, "", ["format", "risk", "management", "combined", "guide", "schemes"]) else { return nil }
        let risk = self.risk(root)
        let management = self.management(root)
        let combined = self.combined(root, risk?.levels ?? [], management?.levels ?? [])
        let guide = self.guide(root)
        let schemes = self.schemes(root["schemes"])
        guard let risk, let management, let combined, let guide else { return nil }
        return Classes(risk: risk, management: management, combined: combined, guide: guide, schemes: schemes)
    }

    private static let head: Set<String> = ["name", "edition", "clause", "source", "confidence", "levels"]

    private mutating func name(_ node: Node, _ field: String) -> Bilingual? {
        guard let part = node["name"] else { refuse("field.required", node, field + ".name"); return nil }
        return words(part, field + ".name")
    }

    private mutating func risk(_ root: Node) -> RiskMatrix? {
        let known = Self.head.union(["headcount", "general", "severe", "inferred", "silica"])
        guard let node = part(root, "risk", "", known: known) else { return nil }
        let levels = self.levels(node, "risk")
        var headcount: [Interval] = []
        for (index, item) in (list(node, "headcount", "risk") ?? []).enumerated() {
            if let interval = interval(item, at: node, "risk.headcount[\(index)]") { headcount.append(interval) }
        }
        func rows(_ key: String) -> (complies: [Int], exceeds: [Int])? {
            guard let part = part(node, key, "risk.", known: ["complies", "exceeds"]) else { return nil }
            let complies = ranks(part, "complies", of: levels, count: headcount.count, "risk." + key)
            let exceeds = ranks(part, "exceeds", of: levels, count: headcount.count, "risk." + key)
            guard let complies, let exceeds else { return nil }
            return (complies, exceeds)
        }
        let general = rows("general")
        let severe = rows("severe")
        let inferred = Set((node["inferred"]?.sequence ?? []).compactMap(\.text))
        let silica = number(node["silica"], at: node, "risk.silica", in: 0...100)
        guard let name = name(node, "risk"), let provenance = provenance(node, "risk"), let general, let severe, let silica else {
            return nil
        }
        return RiskMatrix(
            name: name, provenance: provenance, levels: levels, headcount: headcount, general: general, severe: severe, inferred: inferred,
            silica: silica)
    }

    private mutating func management(_ root: Node) -> SelfCheck? {
        let known = Self.head.union(["full", "cutoffs", "partial", "categories", "items"])
        guard let node = part(root, "management", "", known: known) else { return nil }
        let levels = self.levels(node, "management")
        var categories: [SelfCheck.Category] = []
        for (index, item) in (list(node, "categories", "management") ?? []).enumerated() {
            let here = "management.categories[\(index)]"
            guard keys(item, here, ["code", "zh", "en", "confidence"]) else { continue }
            if let code = text(item, "code", here), let words = words(item, here), let confidence = confidence(item, here) {
                categories.append(.init(code: code, name: words, confidence: confidence))
            }
        }
        let full = number(node["full"], at: node, "management.full")
        let cutoffs = self.cutoffs(ofManagement: node, "management")
        let partial = share(node["partial"], at: node, "management.partial")
        let items = self.items(node, categories, "management")
        guard let name = name(node, "management"), let provenance = provenance(node, "management"), let full, let cutoffs else {
            return nil
        }
        return SelfCheck(
            name: name, provenance: provenance, levels: levels, full: full, cutoffs: cutoffs, partial: partial, categories: categories,
            items: items)
    }

    private mutating func share(_ node: Node?, at parent: Node, _ field: String) -> Double? {
        guard let node, node.text != nil else { return nil }
        return number(node, at: parent, field, in: 0...1)
    }

    private mutating func cutoffs(ofManagement node: Node, _ field: String) -> (a: Double, b: Double)? {
        guard let part = part(node, "cutoffs", field + ".", known: ["A", "B"]) else { return nil }
        let a = number(part["A"], at: part, field + ".cutoffs.A", in: 0...100)
        let b = number(part["B"], at: part, field + ".cutoffs.B", in: 0...100)
        guard let a, let b else { return nil }
        if a <= b { refuse("grading.bands", part, field + ".cutoffs", ["value": "A \(a), B \(b)"]) }
        return (a, b)
    }

    private mutating func items(_ node: Node, _ categories: [SelfCheck.Category], _ field: String) -> [SelfCheck.Item] {
        var items: [SelfCheck.Item] = []
        for (index, item) in (node["items"]?.sequence ?? []).enumerated() {
            let here = "\(field).items[\(index)]"
            guard keys(item, here, ["code", "category", "zh", "en", "weight", "key"]) else { continue }
            let weight = number(item["weight"], at: item, here + ".weight", in: 0.001...1_000)
            guard let code = text(item, "code", here), let category = text(item, "category", here), let words = words(item, here),
                let weight
            else { continue }
            if !categories.contains(where: { $0.code == category }) {
                refuse("code.unknown", item["category"], here + ".category", ["value": category, "table": "categories"])
            }
            if items.contains(where: { $0.code == code }) {
                refuse("key.repeated", item["code"], here + ".code", ["value": code, "expected": "\(field).items"])
            }
            let isKey = item["key"]?.text == "true"
            items.append(.init(code: code, category: category, text: words, weight: weight, isKey: isKey))
        }
        return items
    }

    private mutating func combined(_ root: Node, _ risk: [Level], _ management: [Level]) -> CombinedMatrix? {
        guard let node = part(root, "combined", "", known: Self.head.union(["cells"])) else { return nil }
        let levels = self.levels(node, "combined")
        guard let cells = node["cells"] else { refuse("field.required", node, "combined.cells"); return nil }
        let rows = self.cells(cells, levels, rows: management, columns: risk.count, "combined.cells")
        guard let name = name(node, "combined"), let provenance = provenance(node, "combined"), let rows else { return nil }
        return CombinedMatrix(name: name, provenance: provenance, levels: levels, cells: rows)
    }

    private mutating func cells(_ node: Node, _ levels: [Level], rows: [Level], columns: Int, _ field: String) -> [[Int]]? {
        guard keys(node, field, Set(rows.map(\.code))) else { return nil }
        let cells = rows.compactMap { ranks(node, $0.code, of: levels, count: columns, field) }
        return cells.count == rows.count ? cells : nil
    }

    private mutating func guide(_ root: Node) -> EnforcementGuide? {
        let known = Self.head.union(["top", "industries", "action", "named", "exceeds"])
        guard let node = part(root, "guide", "", known: known) else { return nil }
        let levels = self.levels(node, "guide")
        let top = rank(node["top"], of: levels, at: node, "guide.top")
        let action = part(node, "action", "guide.", known: ["ratio", "factors"])
        let named = part(node, "named", "guide.", known: ["ratio", "cas"])
        let exceeds = part(node, "exceeds", "guide.", known: ["ratio", "silica"])
        guard let top, let action, let named, let exceeds else { return nil }
        let actionRatio = number(action["ratio"], at: action, "guide.action.ratio")
        let namedRatio = number(named["ratio"], at: named, "guide.named.ratio")
        let exceedsRatio = number(exceeds["ratio"], at: exceeds, "guide.exceeds.ratio")
        let silica = number(exceeds["silica"], at: exceeds, "guide.exceeds.silica", in: 0...100)
        let cas = Set((list(named, "cas", "guide.named") ?? []).compactMap(\.text))
        guard let name = name(node, "guide"), let provenance = provenance(node, "guide"), let actionRatio, let namedRatio, let exceedsRatio,
            let silica
        else { return nil }
        return EnforcementGuide(
            name: name, provenance: provenance, levels: levels, top: levels[top], industries: codes(node["industries"]),
            actionRatio: actionRatio, actionFactors: codes(action["factors"]).map(Set.init), namedRatio: namedRatio, named: cas,
            exceedsRatio: exceedsRatio, silica: silica)
    }

    private func codes(_ node: Node?) -> [String]? { node?.sequence.map { $0.compactMap(\.text) } }

    /// Schemes of our own file: labels from the least risk to the most.
    private mutating func schemes(_ node: Node?) -> [String: LabelScheme] {
        var schemes: [String: LabelScheme] = [:]
        for (key, body) in node?.mapping ?? [:] {
            let id = key.text ?? ""
            let field = "schemes.\(id)"
            guard keys(body, field, ["name", "scale", "source", "confidence", "labels", "note"]) else { continue }
            var labels: [LabelScheme.Label] = []
            var seen: Set<String> = []
            for (index, item) in (list(body, "labels", field) ?? []).enumerated() {
                let here = "\(field).labels[\(index)]"
                guard keys(item, here, ["label", "levels", "zh", "en"]) else { continue }
                let levels = (list(item, "levels", here) ?? []).compactMap(\.text)
                for level in levels where !seen.insert(level).inserted {
                    refuse("key.repeated", item["levels"], here + ".levels", ["value": level, "expected": field])
                }
                if let label = text(item, "label", here), let words = words(item, here) {
                    labels.append(.init(label: label, levels: levels, meaning: words, rank: index))
                }
            }
            guard let name = name(body, field), let scale = text(body, "scale", field), let source = text(body, "source", field),
                let confidence = confidence(body, field)
            else { continue }
            let provenance = Provenance(edition: name.zh, clause: "", source: source, confidence: confidence)
            schemes[id] = LabelScheme(
                id: id, name: name, scale: scale, labels: labels, provenance: provenance,
                note: body["note"].flatMap { words($0, field + ".note") })
        }
        return schemes
    }

    /// The key `schemes:` of a plan's file (docs/plans.md): there `rank` 1 is under the closest supervision.
    mutating func planSchemes(division: String) -> [LabelScheme] {
        var schemes: [LabelScheme] = []
        guard let root = root() else { return schemes }
        let plan = root["name"].flatMap { $0.text ?? $0["zh"]?.text } ?? division
        for (key, body) in root["schemes"]?.mapping ?? [:] {
            let field = "schemes.\(key.text ?? "")"
            let items = list(body, "labels", field) ?? []
            let ranks = items.map { $0["rank"]?.text.flatMap(Int.init) }
            let worst = ranks.compactMap { $0 }.max()
            var labels: [LabelScheme.Label] = []
            for (index, item) in items.enumerated() {
                guard let label = text(item, "label", "\(field).labels[\(index)]") else { continue }
                let levels = (item["levels"]?.sequence ?? []).compactMap(\.text)
                let meaning = item["meaning"].map { Bilingual($0["zh"]?.text ?? label, $0["en"]?.text ?? label) } ?? Bilingual(same: label)
                let rank = ranks.contains { $0 == nil } ? nil : ranks[index].flatMap { rank in worst.map { $0 - rank } }
                labels.append(.init(label: label, levels: levels, meaning: meaning, rank: rank))
            }
            let title = body["name"].map { Bilingual($0["zh"]?.text ?? division, $0["en"]?.text ?? division) } ?? Bilingual(same: division)
            let clauses = (body["clauses"]?.sequence ?? []).compactMap(\.text).joined(separator: "、")
            let note = body["note"].map { Bilingual($0["zh"]?.text ?? "", $0["en"]?.text ?? "") }
            let provenance = Provenance(edition: plan, clause: clauses, source: source.name, confidence: .verified)
            schemes.append(
                LabelScheme(
                    id: "\(division).\(key.text ?? "")", name: title, scale: "risk_level", labels: labels, provenance: provenance,
                    note: note))
        }
        return schemes
    }

    /// Lays the key `grading:` of a jurisdiction's file over the tables.
    mutating func overlay(on tables: inout GradingTables) {
        guard let root = root(), let node = root["grading"] else { return }
        let known: Set<String> = ["source", "confidence", "readings", "cutoffs", "management", "combined", "guide", "schemes"]
        guard keys(node, "grading", known) else { return }
        guard let local = text(node, "source", "grading"), let confidence = confidence(node, "grading") else { return }
        for (key, value) in node["readings"]?.mapping ?? [:] {
            overlay(key, "grading.readings.\(key.text ?? "")", on: &tables) { reader, edition in
                guard let id = value.text, edition.readings.contains(id) else {
                    let details = ["value": value.text ?? "", "table": edition.readings.joined(separator: ", ")]
                    reader.refuse("code.unknown", value, "grading.readings.\(key.text ?? "")", details)
                    return
                }
                (edition.settled, edition.local) = (id, local)
            }
        }
        for (key, value) in node["cutoffs"]?.mapping ?? [:] {
            let field = "grading.cutoffs.\(key.text ?? "")"
            overlay(key, field, on: &tables) { reader, edition in
                guard edition.provenance.confidence.isLow, case .product(var product) = edition.rule else {
                    reader.refuse("grading.verified", key, field, ["value": edition.provenance.edition]); return
                }
                product.cutoffs = reader.cutoffs(of: value, edition.levels, field)
                (edition.rule, edition.local) = (.product(product), local)
            }
        }
        let provenance = { (old: Provenance) in
            Provenance(edition: old.edition, clause: old.clause, source: local, confidence: confidence, force: old.force)
        }
        if let part = node["management"], keys(part, "grading.management", ["partial", "cutoffs", "items"]) {
            if part["cutoffs"] != nil, let found = cutoffs(ofManagement: part, "grading.management") { tables.management.cutoffs = found }
            if let found = share(part["partial"], at: part, "grading.management.partial") { tables.management.partial = found }
            if part["items"] != nil { tables.management.items = items(part, tables.management.categories, "grading.management") }
            // What the file does not set keeps its own low confidence.
            if part["cutoffs"] != nil { tables.management.provenance = provenance(tables.management.provenance) }
            tables.management.local = local
        }
        if let part = node["combined"] {
            let (rows, columns) = (tables.management.levels, tables.risk.levels.count)
            if let found = cells(part, tables.combined.levels, rows: rows, columns: columns, "grading.combined") {
                tables.combined.cells = found
                (tables.combined.provenance, tables.combined.local) = (provenance(tables.combined.provenance), local)
            }
        }
        if let part = node["guide"], keys(part, "grading.guide", ["industries", "factors"]) {
            tables.guide.industries = codes(part["industries"]) ?? tables.guide.industries
            tables.guide.actionFactors = codes(part["factors"]).map(Set.init) ?? tables.guide.actionFactors
            tables.guide.local = local
        }
        tables.schemes.merge(schemes(node["schemes"])) { _, new in new }
    }

    private mutating func overlay(
        _ key: Node, _ field: String, on tables: inout GradingTables, _ change: (inout GradingReader, inout GradingTables.Edition) -> Void
    ) {
        for method in GradingTables.Method.allCases {
            guard let index = tables[method].firstIndex(where: { $0.provenance.edition == key.text }) else { continue }
            var edition = tables[method][index]
            change(&self, &edition)
            tables.editions[method]?[index] = edition
            return
        }
        refuse("grading.edition-unknown", key, field, ["value": key.text ?? ""])
    }

    private mutating func cutoffs(of node: Node, _ levels: [Level], _ field: String) -> [(most: Double?, rank: Int)] {
        cutoffs(Node([(Node("cutoffs"), node)]), levels, field)
    }
}

extension GradingTables {
    init(work: GradingReader.Source, classes: GradingReader.Source) throws {
        var first = GradingReader(work)
        (names, editions) = first.methods()
        var second = GradingReader(classes)
        let found = second.classes()
        let problems = first.problems + second.problems
        guard problems.isEmpty, let found else { throw Refusals(problems) }
        (risk, management, combined, guide, schemes) = (found.risk, found.management, found.combined, found.guide, found.schemes)
    }

    /// The tables with what a jurisdiction has fixed: the key `grading:` of its file `Data/standards/local/<division>.yaml`. It may settle
    /// readings, give cut-offs and cells that are unverified, the items of the self-check and the tables of the guide that are not to hand,
    /// and add schemes of letters; figures read in a source are not its to change.
    /// - Throws: `Refusals` with line, field and file of every flaw.
    public func overlaid(by file: URL) throws -> GradingTables {
        try overlaid(GradingReader.Source(file))
    }
    /// As `overlaid(by:)`, from a text.
    public func overlaid(by text: String, named name: String) throws -> GradingTables { try overlaid(GradingReader.Source(name, text)) }

    private func overlaid(_ source: GradingReader.Source) throws -> GradingTables {
        var reader = GradingReader(source)
        var copy = self
        reader.overlay(on: &copy)
        try reader.finish()
        return copy
    }

    /// The tables with the schemes of letters that a plan's file prints, as `<division>.<id>` (`450204.grading`).
    /// - Throws: `Refusals` with line, field and file of every flaw.
    public func adding(plan file: URL) throws -> GradingTables {
        var reader = GradingReader(.init(file))
        var copy = self
        for scheme in reader.planSchemes(division: file.deletingPathExtension().lastPathComponent) { copy.schemes[scheme.id] = scheme }
        try reader.finish()
        return copy
    }
}
