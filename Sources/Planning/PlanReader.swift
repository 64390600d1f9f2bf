import Catalog
import Kernel
import Ledger
import Yams

/// A flaw of a plan's file, or a doubt about it, with the line and the field where it stands.
public struct PlanProblem: Sendable, CustomStringConvertible {
    public let line: Int
    public let field: String
    /// Stable code: `plan.…`; words in the catalogue of words.
    public let code: String
    public let details: [String: String]
    public let isWarning: Bool
    public var description: String {
        let detail = details.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: ", ")
        return "\(isWarning ? "warning" : "error") line \(line) \(field): \(code)\(detail.isEmpty ? "" : " (\(detail))")"
    }
}

/// Reads a plan's YAML (docs/plans.md) and says everything that is wrong with it at once.
public struct PlanReader {
    public internal(set) var problems: [PlanProblem] = []
    let catalog: Catalog
    let measures: [String: Measure]

    /// - Parameter measures: by name; statutory clocks among them are duties of the law and no indicators.
    public init(catalog: Catalog, measures: [String: Measure]) {
        (self.catalog, self.measures) = (catalog, measures.filter { !$0.value.isClock })
    }

    /// - Returns: the plan, or nil where an error stands among `problems`.
    public mutating func read(_ text: String) -> Plan? {
        problems = []
        // Errors first, each kind in the order of the file: whoever shows one shows what stands in the way.
        defer {
            problems =
                problems.filter { !$0.isWarning }.sorted { $0.line < $1.line } + problems.filter(\.isWarning).sorted { $0.line < $1.line }
        }
        guard let root = tree(of: text) else { return nil }
        refuseUnknown(
            root, "",
            [
                "format", "id", "name", "jurisdiction", "period", "document", "parents", "evaluation", "coordination", "departments",
                "lists",
                "schemes", "three_simultaneities", "scopes", "indicators", "tasks", "notes", "townships", "vocabulary", "baselines",
                "functions",
            ])
        if let format = node(root, "format", ""), format.text != "1" {
            error(line(format), "format", "plan.format", ["value": format.text ?? ""])
        }
        let id = required(root, "id", "")
        if let id { checkID(id, line(root["id"]), "id") }
        let name = words(root["name"], "name", at: root)
        let place = self.place(root)
        let years = self.years(root)
        let scopes = self.scopes(root)
        let indicators = self.indicators(root, scopes, years)
        let parents = self.parents(root, of: place?.code)
        let departments = items(root, "departments", "").enumerated().compactMap { department($1, "departments[\($0)]") }
        let tasks = self.tasks(root)
        let lists = self.lists(root)
        let schemes = self.schemes(root)
        checkShown(root, functions: Set(departments.map(\.function)))
        guard !problems.contains(where: { !$0.isWarning }), let id, let name, let place, let years else { return nil }
        return Plan(
            id: id, name: name, jurisdiction: place.code, jurisdictionName: place.name, years: years, indicators: indicators,
            scopes: scopes,
            departments: departments, tasks: tasks, lists: lists, schemes: schemes, sections: sections(root), parents: parents, text: text)
    }

    // The text

    /// Longest file that is read; the five real ones have some 30 kB.
    static let limit = 1_000_000
    /// Deepest nesting that is read, well above what the format has.
    static let depth = 40

    /// The tree of the text, with its flaws as YAML told.
    private mutating func tree(of text: String) -> Yams.Node? {
        guard text.utf8.count <= Self.limit else { error(1, "", "plan.yaml", ["reason": "over \(Self.limit) bytes"]); return nil }
        if let line = PlanReader.tooDeep(text) {
            error(line, "", "plan.yaml", ["reason": "nested more than \(Self.depth) deep"]); return nil
        }
        do {
            guard let root = try Yams.compose(yaml: text.hasPrefix("\u{FEFF}") ? String(text.dropFirst()) : text) else {
                error(1, "", "plan.empty"); return nil
            }
            guard root.mapping != nil else { error(max(1, line(root)), "", "plan.yaml", ["reason": "not a mapping"]); return nil }
            var budget = 50_000
            guard PlanReader.isSmall(root, &budget) else { error(1, "", "plan.yaml", ["reason": "too many aliases"]); return nil }
            return root
        } catch let failure as YamlError {
            let (line, reason) = PlanReader.place(of: failure, in: text)
            error(line, "", "plan.yaml", ["reason": reason])
        } catch { self.error(1, "", "plan.yaml", ["reason": "\(error)"]) }
        return nil
    }

    /// The line on which brackets or indents go deeper than the parser should follow: it recurses. Brackets inside texts count, too.
    private static func tooDeep(_ text: String) -> Int? {
        var line = 1
        var open = 0
        var lead = 0
        var isLead = true
        for byte in text.utf8 {
            switch byte {
            case 10: (line, lead, isLead) = (line + 1, 0, true)
            case 91, 123: (open, isLead) = (open + 1, false)
            case 93, 125: (open, isLead) = (max(0, open - 1), false)
            case 32: break
            case 45 where isLead, 63 where isLead: lead += 1
            default: isLead = false
            }
            if open > depth || lead > depth { return line }
        }
        return nil
    }

    /// Whether a tree, its aliases written out, stays within a number of nodes.
    private static func isSmall(_ node: Yams.Node, _ budget: inout Int) -> Bool {
        budget -= 1
        guard budget > 0 else { return false }
        if let mapping = node.mapping {
            for (key, value) in mapping { guard isSmall(key, &budget), isSmall(value, &budget) else { return false } }
        }
        if let sequence = node.sequence { for item in sequence { guard isSmall(item, &budget) else { return false } } }
        return true
    }

    /// Where YAML itself is wrong, and why.
    private static func place(of failure: YamlError, in text: String) -> (line: Int, reason: String) {
        switch failure {
        case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
            .composer(let context, let problem, let mark, _):
            // An open quote or bracket is told where it opens, not where the file ends.
            let isOpen = problem.contains("end of stream")
            return (
                isOpen ? context?.mark.line ?? mark.line : mark.line, [context?.text, problem].compactMap { $0 }.joined(separator: ", ")
            )
        case .reader(let problem, let offset, _, _):
            return ((offset.map { text.prefix($0).utf8.count { $0 == 10 } } ?? 0) + 1, problem)
        case .duplicatedKeysInMapping(let keys, let context):
            // The mark is that of the mapping; the line to mend is that of the second key.
            let key = keys.sorted().first ?? ""
            let indent = String(repeating: " ", count: max(0, context.mark.column - 1))
            let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
            let uses = lines.indices.dropFirst(context.mark.line - 1).filter { index in
                let isFirst = index == context.mark.line - 1
                return isFirst ? lines[index].dropFirst(indent.count).hasPrefix(key + ":") : lines[index].hasPrefix(indent + key + ":")
            }
            return ((uses.dropFirst().first ?? context.mark.line - 1) + 1, "“\(key)” twice")
        default: return (1, "\(failure)")
        }
    }

    // Parts

    private mutating func place(_ root: Yams.Node) -> (code: DivisionCode, name: Words)? {
        guard let place = mapping(root, "jurisdiction", "", isRequired: true) else { return nil }
        refuseUnknown(place, "jurisdiction.", ["code", "level", "name"])
        let name = words(place["name"], "jurisdiction.name", at: place)
        let level = required(place, "level", "jurisdiction.")
        guard let text = required(place, "code", "jurisdiction.") else { return nil }
        guard let code = DivisionCode(text), let entry = catalog.divisions[text], !entry.isHeading else {
            error(line(place["code"]), "jurisdiction.code", "division.unknown", ["value": text])
            return nil
        }
        if let level, level != code.level.rawValue {
            error(line(place["level"]), "jurisdiction.level", "plan.level", ["value": level, "expected": code.level.rawValue])
        }
        return name.map { (code, $0) }
    }

    private mutating func years(_ root: Yams.Node) -> ClosedRange<Int>? {
        guard let period = mapping(root, "period", "", isRequired: true) else { return nil }
        refuseUnknown(period, "period.", ["start", "end"])
        let start = required(period, "start", "period.").flatMap { _ in year(period["start"], "period.start") }
        let end = required(period, "end", "period.").flatMap { _ in year(period["end"], "period.end") }
        guard let start, let end else { return nil }
        guard start <= end else { error(line(period), "period", "plan.period", ["value": "\(start)–\(end)"]); return nil }
        return start...end
    }

    private mutating func parents(_ root: Yams.Node, of own: DivisionCode?) -> [DivisionCode] {
        items(root, "parents", "").enumerated().compactMap { index, parent -> DivisionCode? in
            let field = "parents[\(index)]."
            guard isMapping(parent, "parents[\(index)]") else { return nil }
            refuseUnknown(parent, field, ["code", "name", "number", "plan"])
            guard let text = required(parent, "code", field) else { return nil }
            guard let code = DivisionCode(text) else {
                error(line(parent["code"]), field + "code", "division.format", ["value": text, "expected": "6"])
                return nil
            }
            if let own, !code.contains(own.text) || code == own {
                warn(line(parent["code"]), field + "code", "plan.parent", ["value": text])
            }
            return code
        }
    }

    private mutating func scopes(_ root: Yams.Node) -> [ScopeEntry] {
        guard let mapping = mapping(root, "scopes", "")?.mapping else { return [] }
        var result: [ScopeEntry] = []
        for (key, body) in mapping {
            let id = key.text ?? ""
            let field = "scopes.\(id)"
            // `all` always means everybody: a definition of its own would be overlooked.
            if id == "all" { error(line(key), field, "scope.format") }
            guard body.mapping != nil else { error(line(body), field, "plan.shape", ["expected": "mapping"]); continue }
            refuseUnknown(body, field + ".", ["name", "reading", "clauses", "where", "note"])
            let name = words(body["name"], field + ".name", at: body) ?? Words(zh: id)
            guard let condition = body["where"] else { error(line(body), field + ".where", "field.required"); continue }
            guard let scope = predicate(condition, field + ".where") else { continue }
            result.append(
                ScopeEntry(id: id, name: name, reading: optionalWords(body["reading"]), clauses: strings(body["clauses"]), scope: scope))
        }
        return result
    }

    /// A predicate over records: one mapping of `all any not industry size ownership severity sector headcount always`.
    private mutating func predicate(_ node: Yams.Node, _ field: String) -> Scope? {
        guard let mapping = node.mapping, !mapping.isEmpty else { error(line(node), field, "scope.format"); return nil }
        var parts: [Scope] = []
        for (key, value) in mapping {
            let name = key.text ?? ""
            let here = "\(field).\(name)"
            func table(_ table: String) -> [String] {
                let codes = strings(value)
                if codes.isEmpty { error(line(value), here, "scope.empty") }
                for code in codes where catalog.tables[table]?[code] == nil {
                    error(line(value), here, "code.unknown", ["value": code, "table": table])
                }
                return codes
            }
            switch name {
            case "all", "any":
                guard let items = value.sequence, !items.isEmpty else { error(line(value), here, "scope.format"); continue }
                let inner = items.enumerated().compactMap { predicate($1, "\(here)[\($0)]") }
                parts.append(name == "all" ? .all(inner) : .any(inner))
            case "not": if let inner = predicate(value, here) { parts.append(.not(inner)) }
            case "always":
                guard value.bool == true else { error(line(value), here, "scope.format"); continue }
                parts.append(.always)
            case "industry":
                let prefixes = strings(value)
                if prefixes.isEmpty { error(line(value), here, "scope.empty") }
                for prefix in prefixes { checkIndustry(prefix, line(value), here) }
                parts.append(.industry(prefixes))
            case "size": parts.append(.size(table("size")))
            case "ownership": parts.append(.ownership(table("ownership")))
            case "severity": parts.append(.severity(table("severity")))
            case "sector": parts.append(.sector(table("sector")))
            case "headcount":
                guard value.mapping != nil else { error(line(value), here, "scope.format"); continue }
                refuseUnknown(value, here + ".", ["min", "max"])
                let before = problems.count
                let low = value["min"].flatMap { whole($0, here + ".min", 0...10_000_000) }
                let high = value["max"].flatMap { whole($0, here + ".max", 0...10_000_000) }
                guard problems.count == before else { continue }
                guard low != nil || high != nil, low ?? 0 <= high ?? .max else { error(line(value), here, "scope.format"); continue }
                parts.append(.headcount((low ?? 0)...(high ?? .max)))
            default: error(line(key), here, "field.unknown", ["value": name])
            }
        }
        return parts.count == 1 ? parts[0] : .all(parts)
    }

    private mutating func indicators(_ root: Yams.Node, _ scopes: [ScopeEntry], _ years: ClosedRange<Int>?) -> [Indicator] {
        let before = problems.count
        let items = self.items(root, "indicators", "")
        if items.isEmpty, problems.count == before { error(line(root["indicators"] ?? root), "indicators", "field.required") }
        var seen: [String: Int] = [:]
        var result: [Indicator] = []
        for (index, item) in items.enumerated() {
            let field = "indicators[\(index)]."
            guard isMapping(item, "indicators[\(index)]") else { continue }
            refuseUnknown(
                item, field,
                [
                    "id", "measure", "name", "headline", "target", "due", "every_year", "scope", "unit", "with", "clauses", "reading",
                    "note",
                ])
            let id = required(item, "id", field)
            if let id {
                if let first = seen[id] { error(line(item["id"]), field + "id", "key.repeated", ["value": id, "expected": String(first)]) }
                checkID(id, line(item["id"]), field + "id")
                if seen[id] == nil { seen[id] = line(item["id"]) }
            }
            let measureName = required(item, "measure", field)
            let measure = measureName.flatMap { measures[$0] }
            if let measureName, measure == nil {
                error(line(item["measure"]), field + "measure", "measure.unknown", ["value": measureName])
            }
            let name = words(item["name"], field + "name", at: item)
            let target = item["target"].flatMap { self.target($0, field + "target", measure) }
            if item["target"] == nil { error(line(item), field + "target", "field.required") }
            var due = years?.upperBound ?? 0
            if let node = item["due"], node.text != nil, let year = year(node, field + "due") {
                due = year
                if let years, !years.contains(year) { warnOutside(node, field + "due", years) }
            }
            var scopeID = item["scope"]?.text ?? "all"
            var scope = Scope.always
            if scopeID != "all" {
                if let entry = scopes.first(where: { $0.id == scopeID }) {
                    scope = entry.scope
                } else {
                    // One that is defined, but badly, has been told already.
                    if root["scopes"]?[scopeID] == nil { error(line(item["scope"]), field + "scope", "scope.unknown", ["value": scopeID]) }
                    scopeID = "all"
                }
                if let measure, scope.asks, PlanReader.placeless.contains(measure.name) {
                    warn(line(item["scope"]), field + "scope", "scope.no-employer", ["value": scopeID])
                }
            }
            let headline = flag(item["headline"], field + "headline") ?? true
            let everyYear = flag(item["every_year"], field + "every_year") ?? false
            if let unit = item["unit"]?.text, let measure { checkUnit(unit, line(item["unit"]), field + "unit", measure) }
            let overrides = self.overrides(item, field, measure, years)
            guard let id, let measure, let name, let target else { continue }
            result.append(
                Indicator(
                    id: id, measure: measure, name: name, isHeadline: headline, target: target, due: due,
                    everyYear: everyYear, scopeID: scopeID, scope: scope, unit: item["unit"]?.text, overrides: overrides,
                    clauses: strings(item["clauses"]), reading: optionalWords(item["reading"]), line: line(item),
                    targetLine: line(item["target"])))
        }
        return result
    }

    private mutating func overrides(_ item: Yams.Node, _ place: String, _ measure: Measure?, _ years: ClosedRange<Int>?) -> [String: String]
    {
        let field = place + "with"
        let given = mapping(item, "with", place)
        // The year to compare with belongs to the operator, not to the measure.
        var known = measure?.parameters ?? []
        if item["target"]?["operator"]?.text == Target.Operator.decreasing.rawValue { known.append("baseline_year") }
        if known.contains("group"), given?["group"] == nil { error(line(given ?? item), field + ".group", "field.required") }
        var result: [String: String] = [:]
        for (key, value) in given?.mapping ?? [:] {
            let name = key.text ?? ""
            let here = "\(field).\(name)"
            if measure != nil, !known.contains(name) {
                error(
                    line(key), here, "parameter.unknown", ["value": name, "expected": known.isEmpty ? "—" : known.joined(separator: ", ")])
                continue
            }
            let texts = strings(value)
            if texts.isEmpty { error(line(value), here, "field.required"); continue }
            check(override: name, value, texts, here, years)
            result[name] = texts.joined(separator: ";")
        }
        return result
    }

    private mutating func target(_ node: Yams.Node, _ field: String, _ measure: Measure?) -> Target? {
        guard node.mapping != nil else { error(line(node), field, "plan.shape", ["expected": "mapping"]); return nil }
        refuseUnknown(node, field + ".", ["operator", "value", "min", "max", "unit"])
        guard let word = required(node, "operator", field + ".") else { return nil }
        guard let sign = Target.Operator(rawValue: word) else {
            let all = Target.Operator.allCases.map(\.rawValue).joined(separator: ", ")
            error(line(node["operator"]), field + ".operator", "operator.unknown", ["value": word, "expected": all])
            return nil
        }
        if measure?.style == .judged, ![.controlled, .achieved, .qualitative].contains(sign) {
            error(line(node["operator"]), field + ".operator", "operator.judged", ["value": word])
        }
        let isPercent = measure?.style == .rate || measure?.style == .share
        func number(_ key: String) -> Double? {
            guard let text = required(node, key, field + ".") else { return nil }
            guard let number = Double(text), number.isFinite else {
                error(line(node[key]), "\(field).\(key)", "number.format", ["value": text]); return nil
            }
            let limit = isPercent ? 0...100.0 : 0...1e15
            if !limit.contains(number) {
                error(line(node[key]), "\(field).\(key)", "number.range", ["value": text, "limit": isPercent ? "0…100" : "0…"])
            }
            return number
        }
        let unit = node["unit"]?.text ?? ""
        if !unit.isEmpty, let measure, measure.style != .judged {
            checkTargetUnit(unit, line(node["unit"]), field + ".unit", measure, isPercent)
        }
        switch sign {
        case .gte, .lte, .eq:
            guard let value = number("value") else { return nil }
            return Target(sign, value: value, unit: unit)
        case .between:
            let (low, high) = (number("min"), number("max"))
            guard let low, let high else { return nil }
            guard low <= high else { error(line(node), field, "plan.period", ["value": "\(plain(low))–\(plain(high))"]); return nil }
            return Target(sign, range: low...high, unit: unit)
        default: return Target(sign, unit: unit)
        }
    }
}

extension Scope {
    /// Whether it asks for any attribute at all.
    fileprivate var asks: Bool {
        switch self {
        case .always: false
        case .all(let parts), .any(let parts): parts.contains(where: \.asks)
        case .not(let part): part.asks
        default: true
        }
    }
}

extension Plan {
    /// Doubts that need the plan above: a target looser than the one that it is meant to carry out.
    public func doubts(under parents: [Plan]) -> [PlanProblem] {
        indicators.flatMap { indicator in
            parents.flatMap { parent in
                parent.indicators.filter { $0.measure.name == indicator.measure.name && $0.overrides == indicator.overrides }.compactMap {
                    above in
                    guard let (own, other) = indicator.target.looser(than: above.target) else { return nil }
                    return PlanProblem(
                        line: indicator.targetLine, field: "\(indicator.id).target", code: "plan.looser",
                        details: ["value": plain(own), "expected": plain(other), "parent": parent.id], isWarning: true)
                }
            }
        }
    }

    /// The gauges that the ledger keeps for this plan.
    public func gauges(_ catalog: Catalog) -> [Gauge] {
        indicators.filter { $0.measure.style != .judged }.map { indicator in
            Gauge(
                gaugeName(indicator), indicator.measure, scope: indicator.scope,
                terms: Terms(
                    catalog: catalog, overrides: indicator.overrides, unit: indicator.unit, jurisdiction: jurisdiction,
                    target: indicator.target.value))
        }
    }
}

extension Target {
    /// The number of this target and the other's, where this one asks for less.
    fileprivate func looser(than other: Target) -> (own: Double, other: Double)? {
        let (least, otherLeast) = (leastAsked, other.leastAsked)
        if let least, let otherLeast, least < otherLeast { return (least, otherLeast) }
        let (most, otherMost) = (mostAllowed, other.mostAllowed)
        if let most, let otherMost, most > otherMost { return (most, otherMost) }
        return nil
    }
    private var leastAsked: Double? { [.gte, .eq].contains(`operator`) ? value : range?.lowerBound }
    private var mostAllowed: Double? { `operator` == .lte ? value : nil }
}

/// A number without needless decimals.
func plain(_ number: Double) -> String { plainText(.real(number)) }
