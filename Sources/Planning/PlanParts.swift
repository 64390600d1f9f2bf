import Catalog
import Kernel
import Ledger
import Yams

// What a plan's file holds beside scopes and indicators: read, checked against the tables, shown.
extension PlanReader {
    mutating func department(_ node: Yams.Node, _ field: String) -> Department? {
        guard isMapping(node, field) else { return nil }
        refuseUnknown(node, field + ".", ["function", "name", "role", "from", "until", "clauses", "duties", "note"])
        let function = required(node, "function", field + ".")
        let name = words(node["name"], field + ".name", at: node)
        check(node["role"], field + ".role", in: PlanReader.roles, "role")
        let from = day(node["from"], field + ".from")
        let until = day(node["until"], field + ".until")
        if let from, let until, until <= from {
            error(line(node["until"]), field + ".until", "day.order", ["value": until.description, "limit": from.description])
        }
        guard let function, let name else { return nil }
        return Department(
            function: function, name: name, role: node["role"]?.text ?? "", force: Span(from ?? .distantPast, until ?? .distantFuture),
            clauses: strings(node["clauses"]), duties: strings(node["duties"]), note: optionalWords(node["note"])?.zh ?? "")
    }

    mutating func tasks(_ root: Yams.Node) -> [PlanTask] {
        var seen: [String: Int] = [:]
        func isNew(_ id: String, _ node: Yams.Node?, _ field: String) {
            if let first = seen[id] { error(line(node), field, "key.repeated", ["value": id, "expected": String(first)]) }
            if seen[id] == nil { seen[id] = line(node) }
        }
        return items(root, "tasks", "").enumerated().compactMap { index, node -> PlanTask? in
            let field = "tasks[\(index)]"
            guard isMapping(node, field) else { return nil }
            refuseUnknown(node, field + ".", ["id", "title", "kind", "clauses", "departments", "subtasks"])
            let id = required(node, "id", field + ".")
            if let id { isNew(id, node["id"], field + ".id") }
            let title = words(node["title"], field + ".title", at: node)
            check(node["kind"], field + ".kind", in: ["main", "box", "safeguard"], "kind")
            if let departments = mapping(node, "departments", field + ".") { checkHolders(departments, field + ".departments.") }
            let subtasks = items(node, "subtasks", field + ".").enumerated().compactMap { index, sub -> (id: String, title: Words)? in
                let here = "\(field).subtasks[\(index)]"
                guard isMapping(sub, here) else { return nil }
                refuseUnknown(sub, here + ".", ["id", "title"])
                let id = required(sub, "id", here + ".")
                if let id { isNew(id, sub["id"], here + ".id") }
                guard let title = words(sub["title"], here + ".title", at: sub), let id else { return nil }
                return (id, title)
            }
            guard let id, let title else { return nil }
            return PlanTask(
                id: id, title: title, kind: node["kind"]?.text ?? "main", clauses: strings(node["clauses"]),
                stated: strings(node["departments"]?["stated"]), inferred: strings(node["departments"]?["inferred"]), subtasks: subtasks)
        }
    }

    /// The departments of a task, as printed and as inferred.
    private mutating func checkHolders(_ departments: Yams.Node, _ field: String) {
        refuseUnknown(departments, field, ["stated", "inferred"])
        for key in ["stated", "inferred"] {
            for (index, holder) in items(departments, key, field).enumerated() {
                let here = "\(field)\(key)[\(index)]."
                refuseUnknown(holder, here, ["function", "role", "zh", "en"])
                check(holder.mapping?["role"], here + "role", in: ["lead", "cooperate", "responsible"], "role")
            }
        }
    }

    mutating func lists(_ root: Yams.Node) -> [PlanList] {
        var result: [PlanList] = []
        for (key, body) in mapping(root, "lists", "")?.mapping ?? [:] {
            let id = key.text ?? ""
            let field = "lists.\(id)"
            guard isMapping(body, field) else { continue }
            refuseUnknown(body, field + ".", ["name", "clauses", "table", "items", "note"])
            let table = body["table"]?.text
            if let table, catalog.tables[table] == nil {
                error(line(body["table"]), field + ".table", "code.unknown", ["value": table, "table": "tables"])
            }
            let items = self.items(body, "items", field + ".").enumerated().compactMap { index, item -> PlanList.Item? in
                let here = "\(field).items[\(index)]"
                if let text = item.text { return (Words(zh: text), nil, []) }
                guard isMapping(item, here) else { return nil }
                refuseUnknown(item, here + ".", ["code", "zh", "en", "codes"])
                if let table { check(item, here, in: table) }
                guard let name = optionalWords(item) else { error(line(item), here + ".zh", "field.required"); return nil }
                return (name, item["code"]?.text, strings(item["codes"]))
            }
            result.append(
                PlanList(id: id, name: optionalWords(body["name"]) ?? Words(zh: id), clauses: strings(body["clauses"]), items: items))
        }
        return result
    }

    /// The codes of a list's item. Of industries `codes` are prefixes, of every other table whole codes.
    private mutating func check(_ item: Yams.Node, _ field: String, in table: String) {
        guard let entries = catalog.tables[table] else { return }
        for code in strings(item["codes"]) {
            if table == "industry" {
                checkIndustry(code, line(item["codes"]), field + ".codes")
            } else if entries[code] == nil {
                error(line(item["codes"]), field + ".codes", "code.unknown", ["value": code, "table": table])
            }
        }
        if let code = item["code"]?.text, entries[code] == nil {
            error(line(item["code"]), field + ".code", "code.unknown", ["value": code, "table": table])
        }
    }

    mutating func schemes(_ root: Yams.Node) -> [GradingScheme] {
        var result: [GradingScheme] = []
        for (key, body) in mapping(root, "schemes", "")?.mapping ?? [:] {
            let id = key.text ?? ""
            let field = "schemes.\(id)"
            guard isMapping(body, field) else { continue }
            refuseUnknown(body, field + ".", ["name", "labels", "clauses", "note"])
            var levels: [String: Int] = [:]
            var labels: [GradingScheme.Label] = []
            for (index, node) in items(body, "labels", field + ".").enumerated() {
                let here = "\(field).labels[\(index)]"
                guard isMapping(node, here) else { continue }
                refuseUnknown(node, here + ".", ["label", "levels", "rank", "meaning"])
                for level in strings(node["levels"]) {
                    if catalog.tables["risk_level"]?[level] == nil {
                        error(line(node["levels"]), here + ".levels", "code.unknown", ["value": level, "table": "risk_level"])
                    } else if let first = levels[level] {
                        error(line(node["levels"]), here + ".levels", "key.repeated", ["value": level, "expected": String(first)])
                    }
                    if levels[level] == nil { levels[level] = line(node["levels"]) }
                }
                let rank = node["rank"].flatMap { $0.text == nil ? nil : whole($0, here + ".rank", 1...99) }
                guard let label = required(node, "label", here + ".") else { continue }
                labels.append(.init(label: label, levels: strings(node["levels"]), rank: rank, meaning: optionalWords(node["meaning"])))
            }
            result.append(
                GradingScheme(id: id, name: optionalWords(body["name"]) ?? Words(zh: id), labels: labels, clauses: strings(body["clauses"]))
            )
        }
        return result
    }

    /// The parts that are shown as they stand: their keys, days, years and flags all the same.
    mutating func checkShown(_ root: Yams.Node, functions: Set<String>) {
        if let document = mapping(root, "document", "") {
            refuseUnknown(document, "document.", ["number", "issuers", "issued", "public", "note"])
            _ = day(document["issued"], "document.issued")
            _ = flag(document["public"], "document.public")
        }
        if let evaluation = mapping(root, "evaluation", "") {
            refuseUnknown(
                evaluation, "evaluation.",
                [
                    "annual", "midterm", "final", "midterm_required", "final_required", "methods", "evaluator", "reports_to", "note",
                    "clauses",
                ])
            for key in ["midterm", "final"] {
                for (index, item) in items(evaluation, key, "evaluation.").enumerated() { _ = year(item, "evaluation.\(key)[\(index)]") }
            }
            for key in ["annual", "midterm_required", "final_required"] { _ = flag(evaluation[key], "evaluation." + key) }
        }
        if let meeting = mapping(root, "coordination", "") {
            refuseUnknown(meeting, "coordination.", ["name", "level", "members", "open", "note", "clauses"])
            if let level = meeting["level"]?.text, catalog.tables["division_level"]?[level] == nil {
                error(line(meeting["level"]), "coordination.level", "code.unknown", ["value": level, "table": "division_level"])
            }
            _ = flag(meeting["open"], "coordination.open")
            for (index, member) in items(meeting, "members", "coordination.").enumerated() {
                guard let name = member.text, !functions.contains(name) else { continue }
                warn(line(member), "coordination.members[\(index)]", "code.unknown", ["value": name, "table": "departments"])
            }
        }
        if let chain = mapping(root, "three_simultaneities", "") {
            refuseUnknown(chain, "three_simultaneities.", ["stages", "hooks", "retro", "clauses", "note"])
            for (index, stage) in items(chain, "stages", "three_simultaneities.").enumerated() {
                let field = "three_simultaneities.stages[\(index)]"
                guard isMapping(stage, field) else { continue }
                refuseUnknown(stage, field + ".", ["code", "zh", "en"])
                _ = required(stage, "code", field + ".")
            }
            for (key, _) in mapping(chain, "retro", "three_simultaneities.")?.mapping ?? [:] {
                guard let code = key.text, catalog.tables["severity"]?[code] == nil else { continue }
                error(line(key), "three_simultaneities.retro.\(code)", "code.unknown", ["value": code, "table": "severity"])
            }
        }
        for (index, item) in items(root, "baselines", "").enumerated() where isMapping(item, "baselines[\(index)]") {
            let field = "baselines[\(index)]."
            refuseUnknown(item, field, ["name", "value", "unit", "years", "clauses"])
            for (place, item) in items(item, "years", field).enumerated() { _ = year(item, "\(field)years[\(place)]", 1900...2100) }
        }
    }

    /// The rest of the file as rows of label and text, nested keys joined by dots: shown, not interpreted.
    func sections(_ root: Yams.Node) -> [(id: String, rows: [(label: String, text: String)])] {
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
}

// What the words of the format may be.
extension PlanReader {
    static let roles: Set = ["lead", "member", "participant", "territory", "government", "support", "partner"]
    static let targetUnits: Set = [
        "percent", "ratio", "cases", "incidents", "enterprises", "employers", "persons", "selections", "campaigns", "CNY",
    ]
    static let units: Set = [
        "employer", "post", "post-factor", "point", "worker", "worker-employer", "case", "institution", "division", "township", "manager",
        "officer",
        "incident", "patient", "answer", "report-card", "institution-service", "post-category", "service", "selection", "activity",
        "milestone",
    ]
    /// Measures that count differently by unit, and the units that they offer.
    static let choices: [String: Set<String>] = [
        "periodic_testing_rate": ["employer", "post", "post-factor"], "testing_pass_rate": ["post-factor", "point", "employer"],
        "in_service_exam_rate": ["worker", "worker-employer"], "diagnosis_reporting_rate": ["case", "institution"],
    ]
    /// Measures whose subjects stand at no employer, so that a scope over employers can never be told of them.
    static let placeless: Set = [
        "diagnosis_reporting_rate", "dust_under5_share", "report_quality_index", "chronic_poisoning_cases", "chemical_poisoning_cases",
        "acute_radiation_cases", "biological_cases", "pneumoconiosis_cases", "noise_deafness_cases", "major_acute_incidents",
        "officer_training_rate", "severe_case_handling_rate", "violation_case_handling_rate", "institution_inspection_coverage",
        "key_disease_monitoring_coverage", "city_institute_exists", "city_public_diagnosis", "county_public_exam",
        "rehab_township_coverage",
        "campaign_selections", "publicity_week", "injury_insured_headcount", "budget_growth", "capacity_adequacy", "awareness_rate",
        "payer_linkage",
    ]

    mutating func checkUnit(_ unit: String, _ line: Int, _ field: String, _ measure: Measure) {
        guard !(PlanReader.choices[measure.name] ?? PlanReader.units).contains(unit) else { return }
        error(line, field, "code.unknown", ["value": unit, "table": "unit"])
    }

    /// How the target's number is read must be how the measure's is: a share in percent, a ratio as it is, a count of things.
    mutating func checkTargetUnit(_ unit: String, _ line: Int, _ field: String, _ measure: Measure, _ isPercent: Bool) {
        let isRatio = measure.style == .ratio || measure.style == .leastRatio
        if !PlanReader.targetUnits.contains(unit) {
            error(line, field, "code.unknown", ["value": unit, "table": "target.unit"])
        } else if isPercent != (unit == "percent") || isRatio != (unit == "ratio") {
            let counts = PlanReader.targetUnits.subtracting(["percent", "ratio"]).sorted().joined(separator: ", ")
            error(line, field, "target.unit", ["value": unit, "expected": isPercent ? "percent" : isRatio ? "ratio" : counts])
        }
    }

    /// An override that a measure could not use would be overlooked or, worse, divided by.
    mutating func check(override name: String, _ node: Yams.Node, _ texts: [String], _ field: String, _ years: ClosedRange<Int>?) {
        func codes(_ allowed: [String], _ table: String) {
            for text in texts where !allowed.contains(text) { error(line(node), field, "code.unknown", ["value": text, "table": table]) }
        }
        func table(_ name: String) { codes(catalog.tables[name]?.entries.map(\.code) ?? [], name) }
        func single() -> Bool {
            if texts.count != 1 { error(line(node), field, "plan.shape", ["expected": "text"]) }
            return texts.count == 1
        }
        switch name {
        case "everyone", "all_diseases", "institutions": _ = flag(node, field)
        case "baseline_year":
            if let year = year(node, field), let years, !years.contains(year) { warnOutside(node, field, years) }
        case "level": if single() { table("division_level") }
        case "group":
            if single() { codes((catalog.tables["factor_category"]?.entries.map(\.code) ?? []) + ["noise"], "factor_category, noise") }
        case "services": codes(["testing", "exam", "diagnosis"], "service")
        case "payers": table("payer")
        case "method": if single() { codes(["ratio", "respondents"], "method") }
        case "quality.weights":
            let numbers = texts.compactMap { Double($0) }.filter { $0.isFinite && $0 >= 0 }
            if numbers.count != 3 || texts.count != 3 || !numbers.contains(where: { $0 > 0 }) {
                error(line(node), field, "plan.shape", ["expected": "[1, 1, 1]"])
            }
        default:
            let unit = catalog.parameters[name]?.unit ?? ""
            switch unit {
            case _ where catalog.tables[unit] != nil: table(unit)
            case "month": _ = whole(node, field, name == "dose.cycle_months" ? 1...12 : 1...1200)
            case "day": _ = whole(node, field, 0...36_500)
            case "person": _ = whole(node, field, 1...10_000_000)
            case "hour": _ = number(node, field, 0...8784)
            case "ratio": _ = number(node, field, 0...1)
            default: _ = single()
            }
        }
    }

    mutating func checkIndustry(_ prefix: String, _ line: Int, _ field: String) {
        guard !(catalog.tables["industry"]?.entries.contains { $0.code.hasPrefix(prefix) } ?? false) else { return }
        warn(line, field, "scope.no-industry", ["value": prefix])
    }
    mutating func checkID(_ id: String, _ line: Int, _ field: String) {
        if id.contains("/") || id.count > 60 { error(line, field, "plan.id", ["value": id]) }
    }
    private mutating func check(_ node: Yams.Node?, _ field: String, in words: Set<String>, _ table: String) {
        guard let text = node?.text, !words.contains(text) else { return }
        error(line(node), field, "code.unknown", ["value": text, "table": table])
    }
}

// Nodes, and what is told about them.
extension PlanReader {
    func line(_ node: Yams.Node?) -> Int { node?.mark?.line ?? 0 }
    mutating func error(_ line: Int, _ field: String, _ code: String, _ details: [String: String] = [:]) {
        problems.append(PlanProblem(line: line, field: field, code: code, details: details, isWarning: false))
    }
    mutating func warn(_ line: Int, _ field: String, _ code: String, _ details: [String: String] = [:]) {
        problems.append(PlanProblem(line: line, field: field, code: code, details: details, isWarning: true))
    }
    mutating func warnOutside(_ node: Yams.Node, _ field: String, _ years: ClosedRange<Int>) {
        warn(line(node), field, "plan.due-outside", ["value": node.text ?? "", "expected": "\(years.lowerBound)–\(years.upperBound)"])
    }

    mutating func node(_ parent: Yams.Node, _ key: String, _ field: String) -> Yams.Node? {
        guard let node = parent[key] else { error(line(parent), field + key, "field.required"); return nil }
        return node
    }
    mutating func required(_ parent: Yams.Node, _ key: String, _ field: String) -> String? {
        if let node = parent[key], node.scalar == nil { error(line(node), field + key, "plan.shape", ["expected": "text"]); return nil }
        guard let text = parent[key]?.text, text.contains(where: { !$0.isWhitespace }) else {
            error(line(parent[key] ?? parent), field + key, "field.required")
            return nil
        }
        return text
    }
    mutating func words(_ node: Yams.Node?, _ field: String, at parent: Yams.Node) -> Words? {
        if let node { refuseUnknown(node, field + ".", ["zh", "en"]) }
        guard let words = optionalWords(node) else { error(line(node ?? parent), field, "field.required"); return nil }
        return words
    }
    func optionalWords(_ node: Yams.Node?) -> Words? {
        guard let zh = node?.text ?? node?.mapping?["zh"]?.text, zh.contains(where: { !$0.isWhitespace }) else { return nil }
        return Words(zh: zh, en: node?.mapping?["en"]?.text)
    }
    func strings(_ node: Yams.Node?) -> [String] {
        if let text = node?.text { return [text] }
        return node?.sequence?.compactMap { $0.text ?? $0.mapping?["zh"]?.text } ?? []
    }

    /// The items of a list; none where the key is absent or null, and an error where something else stands there.
    mutating func items(_ parent: Yams.Node, _ key: String, _ field: String) -> [Yams.Node] {
        guard let node = parent[key], !isNull(node) else { return [] }
        guard let items = node.sequence else { error(line(node), field + key, "plan.shape", ["expected": "list"]); return [] }
        return Array(items)
    }
    mutating func mapping(_ parent: Yams.Node, _ key: String, _ field: String, isRequired: Bool = false) -> Yams.Node? {
        guard let node = parent[key], !isNull(node) else {
            if isRequired { error(line(parent[key] ?? parent), field + key, "field.required") }
            return nil
        }
        return isMapping(node, field + key) ? node : nil
    }
    mutating func isMapping(_ node: Yams.Node, _ field: String) -> Bool {
        if node.mapping == nil { error(line(node), field, "plan.shape", ["expected": "mapping"]) }
        return node.mapping != nil
    }
    private func isNull(_ node: Yams.Node) -> Bool { node.scalar != nil && node.text == nil }

    mutating func refuseUnknown(_ node: Yams.Node, _ field: String, _ known: Set<String>) {
        for (key, _) in node.mapping ?? [:] {
            let name = key.text ?? ""
            if !known.contains(name) { error(line(key), field + name, "field.unknown", ["value": name]) }
        }
    }

    mutating func year(_ node: Yams.Node?, _ field: String, _ range: ClosedRange<Int> = 1990...2100) -> Int? {
        guard let text = node?.text, let year = Int(text), range.contains(year) else {
            error(line(node), field, "plan.year", ["value": node?.text ?? ""])
            return nil
        }
        return year
    }
    mutating func day(_ node: Yams.Node?, _ field: String) -> Day? {
        guard let text = node?.text else { return nil }
        guard let day = Day.read(text) else { error(line(node), field, "day.format", ["value": text]); return nil }
        return day
    }
    /// Nil where there is none or it is null.
    mutating func flag(_ node: Yams.Node?, _ field: String) -> Bool? {
        guard let node, !isNull(node) else { return nil }
        guard let flag = node.bool else { error(line(node), field, "flag.format", ["value": node.text ?? ""]); return nil }
        return flag
    }
    mutating func whole(_ node: Yams.Node, _ field: String, _ range: ClosedRange<Int>) -> Int? {
        guard let text = node.text, let number = Int(text) else {
            error(line(node), field, "number.whole", ["value": node.text ?? ""])
            return nil
        }
        guard range.contains(number) else {
            error(line(node), field, "number.range", ["value": text, "limit": "\(range.lowerBound)…\(range.upperBound)"])
            return nil
        }
        return number
    }
    mutating func number(_ node: Yams.Node, _ field: String, _ range: ClosedRange<Double>) -> Double? {
        guard let text = node.text, let number = Double(text), number.isFinite else {
            error(line(node), field, "number.format", ["value": node.text ?? ""])
            return nil
        }
        guard range.contains(number) else {
            error(line(node), field, "number.range", ["value": text, "limit": "\(plain(range.lowerBound))…\(plain(range.upperBound))"])
            return nil
        }
        return number
    }
}
