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
    public private(set) var problems: [PlanProblem] = []
    private let catalog: Catalog
    private let measures: [String: Measure]

    public init(catalog: Catalog, measures: [String: Measure]) { (self.catalog, self.measures) = (catalog, measures) }

    /// - Returns: the plan, or nil where an error stands among `problems`.
    public mutating func read(_ text: String) -> Plan? {
        problems = []
        let root: Yams.Node
        do {
            guard let node = try Yams.compose(yaml: text) else { error(1, "", "plan.empty"); return nil }
            root = node
        } catch let failure as YamlError {
            error(PlanReader.line(of: failure), "", "plan.yaml", ["reason": "\(failure)".split(separator: "\n").first.map(String.init) ?? ""])
            return nil
        } catch { self.error(1, "", "plan.yaml", ["reason": "\(error)"]); return nil }
        guard root.mapping != nil else { error(1, "", "plan.yaml", ["reason": "not a mapping"]); return nil }
        refuseUnknown(root, "", [
            "format", "id", "name", "jurisdiction", "period", "document", "parents", "evaluation", "coordination", "departments", "lists", "schemes",
            "three_simultaneities", "scopes", "indicators", "tasks", "notes", "townships", "vocabulary", "baselines", "functions",
        ])
        if let format = node(root, "format", ""), format.text != "1" { error(line(format), "format", "plan.format", ["value": format.text ?? ""]) }
        let id = required(root, "id", "")
        if let id, id.contains("/") || id.count > 60 { error(line(root["id"]), "id", "plan.id", ["value": id]) }
        let name = words(root["name"], "name", at: root)
        let place = node(root, "jurisdiction", "")
        let code = place.flatMap { required($0, "code", "jurisdiction.") }.flatMap { text -> DivisionCode? in
            guard let code = DivisionCode(text), catalog.divisions[text] != nil else { error(line(place?["code"]), "jurisdiction.code", "division.unknown", ["value": text]); return nil }
            return code
        }
        if let level = place?["level"]?.text, let code, level != code.level.rawValue {
            error(line(place?["level"]), "jurisdiction.level", "plan.level", ["value": level, "expected": code.level.rawValue])
        }
        let placeName = words(place?["name"], "jurisdiction.name", at: place ?? root)
        let years = self.years(root)
        let scopes = self.scopes(root)
        let indicators = self.indicators(root, scopes, years)
        warnOfParents(root)
        let departments = sequence(root, "departments").enumerated().compactMap { department($1, "departments[\($0)]") }
        let tasks = sequence(root, "tasks").enumerated().compactMap { task($1, "tasks[\($0)]") }
        let parents = sequence(root, "parents").compactMap { $0["code"]?.text }.compactMap { DivisionCode($0) }
        guard !problems.contains(where: { !$0.isWarning }), let id, let name, let code, let placeName, let years else { return nil }
        return Plan(
            id: id, name: name, jurisdiction: code, jurisdictionName: placeName, years: years, indicators: indicators, scopes: scopes,
            departments: departments, tasks: tasks, lists: lists(root), sections: sections(root), parents: parents, text: text)
    }

    // Parts

    private mutating func years(_ root: Yams.Node) -> ClosedRange<Int>? {
        guard let period = node(root, "period", "") else { return nil }
        func year(_ key: String) -> Int? {
            guard let text = required(period, key, "period.") else { return nil }
            guard let year = Int(text), (1990...2100).contains(year) else { error(line(period[key]), "period.\(key)", "plan.year", ["value": text]); return nil }
            return year
        }
        guard let start = year("start"), let end = year("end") else { return nil }
        guard start <= end else { error(line(period), "period", "plan.period", ["value": "\(start)–\(end)"]); return nil }
        return start...end
    }

    private mutating func scopes(_ root: Yams.Node) -> [ScopeEntry] {
        guard let mapping = root["scopes"]?.mapping else { return [] }
        var result: [ScopeEntry] = []
        for (key, body) in mapping {
            let id = key.text ?? ""
            let field = "scopes.\(id)"
            refuseUnknown(body, field + ".", ["name", "reading", "clauses", "where", "note"])
            let name = words(body["name"], field + ".name", at: body) ?? Words(zh: id)
            guard let condition = body["where"] else { error(line(body), field + ".where", "field.required"); continue }
            guard let scope = predicate(condition, field + ".where") else { continue }
            result.append(ScopeEntry(id: id, name: name, reading: optionalWords(body["reading"]), clauses: strings(body["clauses"]), scope: scope))
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
                for code in codes where catalog.tables[table]?[code] == nil { error(line(value), here, "code.unknown", ["value": code, "table": table]) }
                return codes
            }
            switch name {
            case "all", "any":
                guard let items = value.sequence, !items.isEmpty else { error(line(value), here, "scope.format"); continue }
                let inner = items.enumerated().compactMap { predicate($1, "\(here)[\($0)]") }
                parts.append(name == "all" ? .all(inner) : .any(inner))
            case "not": if let inner = predicate(value, here) { parts.append(.not(inner)) }
            case "always": parts.append(.always)
            case "industry":
                let prefixes = strings(value)
                if prefixes.isEmpty { error(line(value), here, "scope.empty") }
                for prefix in prefixes where !(catalog.tables["industry"]?.entries.contains { $0.code.hasPrefix(prefix) } ?? false) {
                    warn(line(value), here, "scope.no-industry", ["value": prefix])
                }
                parts.append(.industry(prefixes))
            case "size": parts.append(.size(table("size")))
            case "ownership": parts.append(.ownership(table("ownership")))
            case "severity": parts.append(.severity(table("severity")))
            case "sector": parts.append(.sector(table("sector")))
            case "headcount":
                let low = value["min"]?.text.flatMap { Int($0) } ?? 0
                let high = value["max"]?.text.flatMap { Int($0) } ?? Int.max
                guard low <= high, value.mapping != nil else { error(line(value), here, "scope.format"); continue }
                parts.append(.headcount(low...high))
            default: error(line(key), here, "field.unknown", ["value": name])
            }
        }
        return parts.count == 1 ? parts[0] : .all(parts)
    }

    private mutating func indicators(_ root: Yams.Node, _ scopes: [ScopeEntry], _ years: ClosedRange<Int>?) -> [Indicator] {
        let items = sequence(root, "indicators")
        if items.isEmpty { error(line(root["indicators"] ?? root), "indicators", "field.required") }
        var seen: [String: Int] = [:]
        var result: [Indicator] = []
        for (index, item) in items.enumerated() {
            let field = "indicators[\(index)]."
            refuseUnknown(item, field, [
                "id", "measure", "name", "headline", "target", "due", "every_year", "scope", "unit", "with", "clauses", "reading", "note", "basis",
            ])
            let id = required(item, "id", field)
            if let id {
                if let first = seen[id] { error(line(item["id"]), field + "id", "key.repeated", ["value": id, "expected": "line \(first)"]) }
                if id.contains("/") || id.count > 60 { error(line(item["id"]), field + "id", "plan.id", ["value": id]) }
                seen[id] = line(item)
            }
            let measureName = required(item, "measure", field)
            let measure = measureName.flatMap { measures[$0] }
            if let measureName, measure == nil { error(line(item["measure"]), field + "measure", "measure.unknown", ["value": measureName]) }
            let name = words(item["name"], field + "name", at: item)
            let target = item["target"].flatMap { self.target($0, field + "target", measure) }
            if item["target"] == nil { error(line(item), field + "target", "field.required") }
            var due = years?.upperBound ?? 0
            if let text = item["due"]?.text {
                if let year = Int(text), (1990...2100).contains(year) { due = year } else { error(line(item["due"]), field + "due", "plan.year", ["value": text]) }
                if let years, !years.contains(due) { warn(line(item["due"]), field + "due", "plan.due-outside", ["value": text, "expected": "\(years.lowerBound)–\(years.upperBound)"]) }
            }
            var scopeID = item["scope"]?.text ?? "all"
            var scope = Scope.always
            if scopeID != "all" {
                if let entry = scopes.first(where: { $0.id == scopeID }) { scope = entry.scope } else {
                    error(line(item["scope"]), field + "scope", "scope.unknown", ["value": scopeID])
                    scopeID = "all"
                }
            }
            let overrides = self.overrides(item["with"], field + "with", measure)
            guard let id, let measure, let name, let target else { continue }
            result.append(
                Indicator(
                    id: id, measure: measure, name: name, isHeadline: item["headline"]?.bool ?? true, target: target, due: due,
                    everyYear: item["every_year"]?.bool ?? false, scopeID: scopeID, scope: scope, unit: item["unit"]?.text, overrides: overrides,
                    clauses: strings(item["clauses"]), reading: optionalWords(item["reading"]), line: line(item)))
        }
        return result
    }

    private mutating func overrides(_ node: Yams.Node?, _ field: String, _ measure: Measure?) -> [String: String] {
        guard let mapping = node?.mapping else { return [:] }
        var result: [String: String] = [:]
        for (key, value) in mapping {
            let name = key.text ?? ""
            if let measure, !measure.parameters.contains(name) {
                error(line(key), "\(field).\(name)", "parameter.unknown", ["value": name, "expected": measure.parameters.joined(separator: ", ")])
            }
            if let list = value.sequence { result[name] = list.compactMap(\.text).joined(separator: ";") } else if let text = value.text { result[name] = text }
        }
        return result
    }

    private mutating func target(_ node: Yams.Node, _ field: String, _ measure: Measure?) -> Target? {
        guard let word = required(node, "operator", field + ".") else { return nil }
        guard let sign = Target.Operator(rawValue: word) else {
            error(line(node["operator"]), field + ".operator", "operator.unknown", ["value": word, "expected": Target.Operator.allCases.map(\.rawValue).joined(separator: ", ")])
            return nil
        }
        func number(_ key: String) -> Double? {
            guard let text = required(node, key, field + ".") else { return nil }
            guard let number = Double(text), number.isFinite else { error(line(node[key]), "\(field).\(key)", "number.format", ["value": text]); return nil }
            if measure?.style == .rate, !(0...100).contains(number) { error(line(node[key]), "\(field).\(key)", "number.range", ["value": text, "limit": "0…100"]) }
            return number
        }
        let unit = node["unit"]?.text ?? ""
        switch sign {
        case .gte, .lte, .eq:
            guard let value = number("value") else { return nil }
            return Target(sign, value: value, unit: unit)
        case .between:
            guard let low = number("min"), let high = number("max") else { return nil }
            guard low <= high else { error(line(node), field, "plan.period", ["value": "\(low)–\(high)"]); return nil }
            return Target(sign, range: low...high, unit: unit)
        default:
            if measure?.style == .judged, sign == .increasing || sign == .decreasing { error(line(node), field + ".operator", "operator.judged", ["value": word]) }
            return Target(sign, unit: unit)
        }
    }

    private mutating func department(_ node: Yams.Node, _ field: String) -> Department? {
        guard let function = required(node, "function", field + "."), let name = words(node["name"], field + ".name", at: node) else { return nil }
        func day(_ key: String, _ open: Day) -> Day {
            guard let text = node[key]?.text else { return open }
            guard let day = Day.read(text) else { error(line(node[key]), "\(field).\(key)", "day.format", ["value": text]); return open }
            return day
        }
        return Department(
            function: function, name: name, role: node["role"]?.text ?? "", force: Span(day("from", .distantPast), day("until", .distantFuture)),
            clauses: strings(node["clauses"]), duties: strings(node["duties"]), note: node["note"]?.text ?? optionalWords(node["note"])?.zh ?? "")
    }

    private mutating func task(_ node: Yams.Node, _ field: String) -> PlanTask? {
        guard let id = required(node, "id", field + "."), let title = words(node["title"], field + ".title", at: node) else { return nil }
        let subtasks = (node["subtasks"]?.sequence ?? []).compactMap { sub -> (id: String, title: Words)? in
            guard let id = sub["id"]?.text, let title = optionalWords(sub["title"]) else { return nil }
            return (id, title)
        }
        return PlanTask(
            id: id, title: title, kind: node["kind"]?.text ?? "main", clauses: strings(node["clauses"]), stated: strings(node["departments"]?["stated"]),
            inferred: strings(node["departments"]?["inferred"]), subtasks: subtasks)
    }

    private func lists(_ root: Yams.Node) -> [PlanList] {
        (root["lists"]?.mapping ?? [:]).compactMap { key, body -> PlanList? in
            guard let id = key.text else { return nil }
            let items = (body["items"]?.sequence ?? []).map { item -> (name: Words, code: String?, codes: [String]) in
                (item.text.map { Words(zh: $0) } ?? Words(zh: item["zh"]?.text ?? "", en: item["en"]?.text), item["code"]?.text, strings(item["codes"]))
            }
            return PlanList(id: id, name: optionalWords(body["name"]) ?? Words(zh: id), clauses: strings(body["clauses"]), items: items)
        }
    }

    /// The rest of the file as rows of label and text, nested keys joined by dots: shown, not interpreted.
    private func sections(_ root: Yams.Node) -> [(id: String, rows: [(label: String, text: String)])] {
        ["document", "parents", "evaluation", "coordination", "schemes", "three_simultaneities", "vocabulary", "notes"].compactMap { id in
            guard let node = root[id] else { return nil }
            var rows: [(label: String, text: String)] = []
            func walk(_ node: Yams.Node, _ label: String) {
                if let mapping = node.mapping {
                    for (key, value) in mapping { walk(value, label.isEmpty ? key.text ?? "" : "\(label).\(key.text ?? "")") }
                } else if let items = node.sequence {
                    if items.allSatisfy({ $0.text != nil }) {
                        if !items.isEmpty { rows.append((label, items.compactMap(\.text).joined(separator: "、"))) }
                    } else {
                        for (index, item) in items.enumerated() { walk(item, "\(label)[\(index + 1)]") }
                    }
                } else if let text = node.text {
                    rows.append((label, text))
                }
            }
            walk(node, "")
            return rows.isEmpty ? nil : (id, rows)
        }
    }

    private mutating func warnOfParents(_ root: Yams.Node) {
        for parent in sequence(root, "parents") {
            guard let code = parent["code"]?.text, let own = root["jurisdiction"]?["code"]?.text else { continue }
            guard let outer = DivisionCode(code) else { error(line(parent), "parents.code", "division.format", ["value": code]); continue }
            if !outer.contains(own) { warn(line(parent), "parents.code", "plan.parent", ["value": code]) }
        }
    }

    // Nodes

    private func line(_ node: Yams.Node?) -> Int { node?.mark?.line ?? 0 }
    private static func line(of error: YamlError) -> Int {
        switch error {
        case .scanner(_, _, let mark, _), .parser(_, _, let mark, _), .composer(_, _, let mark, _): mark.line
        default: 1
        }
    }
    private mutating func error(_ line: Int, _ field: String, _ code: String, _ details: [String: String] = [:]) {
        problems.append(PlanProblem(line: line, field: field, code: code, details: details, isWarning: false))
    }
    private mutating func warn(_ line: Int, _ field: String, _ code: String, _ details: [String: String] = [:]) {
        problems.append(PlanProblem(line: line, field: field, code: code, details: details, isWarning: true))
    }
    private mutating func node(_ parent: Yams.Node, _ key: String, _ field: String) -> Yams.Node? {
        guard let node = parent[key] else { error(line(parent), field + key, "field.required"); return nil }
        return node
    }
    private mutating func required(_ parent: Yams.Node, _ key: String, _ field: String) -> String? {
        guard let text = parent[key]?.text, !text.isEmpty else { error(line(parent[key] ?? parent), field + key, "field.required"); return nil }
        return text
    }
    private mutating func words(_ node: Yams.Node?, _ field: String, at parent: Yams.Node) -> Words? {
        guard let words = optionalWords(node) else { error(line(node ?? parent), field, "field.required"); return nil }
        return words
    }
    private func optionalWords(_ node: Yams.Node?) -> Words? {
        if let text = node?.text { return Words(zh: text) }
        return node?["zh"]?.text.map { Words(zh: $0, en: node?["en"]?.text) }
    }
    private func strings(_ node: Yams.Node?) -> [String] {
        if let text = node?.text { return [text] }
        return node?.sequence?.compactMap { $0.text ?? $0["zh"]?.text } ?? []
    }
    private func sequence(_ root: Yams.Node, _ key: String) -> [Yams.Node] { root[key]?.sequence.map(Array.init) ?? [] }
    private mutating func refuseUnknown(_ node: Yams.Node, _ field: String, _ known: Set<String>) {
        for (key, _) in node.mapping ?? [:] {
            let name = key.text ?? ""
            if !known.contains(name) { error(line(key), field + name, "field.unknown", ["value": name]) }
        }
    }
}

extension Plan {
    /// Doubts that need the plan above: a target looser than the one that it is meant to carry out.
    public func doubts(under parents: [Plan]) -> [PlanProblem] {
        indicators.flatMap { indicator in
            parents.flatMap { parent in
                parent.indicators.filter { $0.measure.name == indicator.measure.name && $0.overrides == indicator.overrides }.compactMap { above in
                    guard let own = indicator.target.value, let other = above.target.value, [.gte, .eq].contains(indicator.target.operator), [.gte, .eq].contains(above.target.operator),
                        own < other
                    else { return nil }
                    return PlanProblem(
                        line: indicator.line, field: "\(indicator.id).target", code: "plan.looser",
                        details: ["value": "\(own)", "expected": "\(other)", "parent": parent.id], isWarning: true)
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
                    catalog: catalog, overrides: indicator.overrides, unit: indicator.unit, jurisdiction: jurisdiction, target: indicator.target.value))
        }
    }
}
