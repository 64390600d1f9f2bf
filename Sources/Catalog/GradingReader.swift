import Foundation
import Kernel
import Yams

/// Reads the grading files and says everything that is wrong with them at once, with line, field and file.
struct GradingReader {
    struct Source {
        let name: String
        let text: String?
        init(_ url: URL) { (name, text) = (url.lastPathComponent, try? String(contentsOf: url, encoding: .utf8)) }
        init(_ name: String, _ text: String) { (self.name, self.text) = (name, text) }
    }
    typealias Level = GradingTables.Level
    typealias Interval = GradingTables.Interval

    let source: Source
    private(set) var problems: [Refusal] = []
    init(_ source: Source) { self.source = source }

    mutating func refuse(_ code: String, _ node: Node?, _ field: String, _ details: [String: String] = [:]) {
        var details = details
        details["file"] = source.name
        problems.append(Refusal(code, row: node?.mark?.line ?? 1, field: field, details))
    }
    func finish() throws { if !problems.isEmpty { throw Refusals(problems) } }

    mutating func root() -> Node? {
        do {
            if let text = source.text, let root = try Yams.compose(yaml: text), root.mapping != nil { return root }
            refuse("catalog.file", nil, "", ["value": source.name])
        } catch let failure as YamlError {
            problems.append(Refusal("catalog.file", row: failure.line ?? 1, ["value": source.name, "file": source.name]))
        } catch { refuse("catalog.file", nil, "", ["value": source.name]) }
        return nil
    }

    // The pieces

    /// A part that must be there; its keys, each known.
    mutating func part(_ node: Node, _ key: String, _ field: String, known: Set<String>) -> Node? {
        guard let part = node[key] else { refuse("field.required", node, field + key); return nil }
        return keys(part, field + key, known) ? part : nil
    }
    mutating func keys(_ node: Node, _ field: String, _ known: Set<String>) -> Bool {
        guard let mapping = node.mapping else { refuse("plan.shape", node, field, ["expected": "mapping"]); return false }
        for key in mapping.keys where !known.contains(key.text ?? "") {
            refuse("field.unknown", key, field + "." + (key.text ?? ""), ["value": key.text ?? ""])
        }
        return true
    }
    mutating func text(_ node: Node, _ key: String, _ field: String) -> String? {
        if let text = node[key]?.text { return text }
        refuse("field.required", node[key] ?? node, field + "." + key)
        return nil
    }
    mutating func words(_ node: Node, _ field: String) -> Bilingual? {
        guard let zh = text(node, "zh", field), let en = text(node, "en", field) else { return nil }
        return Bilingual(zh, en)
    }
    mutating func list(_ node: Node, _ key: String, _ field: String) -> [Node]? {
        if let list = node[key]?.sequence { return Array(list) }
        refuse(node[key] == nil ? "field.required" : "plan.shape", node[key] ?? node, field + "." + key, ["expected": "list"])
        return nil
    }
    mutating func number(_ node: Node?, at parent: Node, _ field: String, in range: ClosedRange<Double> = 0...1_000_000) -> Double? {
        guard let node, let text = node.text else { refuse("field.required", node ?? parent, field); return nil }
        guard let value = Double(text), value.isFinite else { refuse("number.format", node, field, ["value": text]); return nil }
        guard range.contains(value) else {
            refuse("number.range", node, field, ["value": text, "limit": "\(range.lowerBound)–\(range.upperBound)"])
            return nil
        }
        return value
    }
    mutating func interval(_ node: Node?, at parent: Node, _ field: String) -> Interval? {
        guard let node, let text = node.text else { refuse("field.required", node ?? parent, field); return nil }
        if let interval = Interval(text) { return interval }
        refuse("grading.interval", node, field, ["value": text])
        return nil
    }
    mutating func labour(_ node: Node?, at parent: Node, _ field: String) -> GradingTables.Labour? {
        guard let text = node?.text else { refuse("field.required", node ?? parent, field); return nil }
        if let labour = GradingTables.Labour(rawValue: text) { return labour }
        refuse("code.unknown", node, field, ["value": text, "table": "labour"])
        return nil
    }
    mutating func confidence(_ node: Node, _ field: String) -> Confidence? {
        guard let text = text(node, "confidence", field) else { return nil }
        if let confidence = Confidence(rawValue: text) { return confidence }
        refuse("code.unknown", node["confidence"], field + ".confidence", ["value": text, "table": "confidence"])
        return nil
    }
    mutating func rank(_ node: Node?, of levels: [Level], at parent: Node, _ field: String) -> Int? {
        guard let text = node?.text else { refuse("field.required", node ?? parent, field); return nil }
        if let level = levels.first(where: { $0.code == text }) { return level.rank }
        refuse("code.unknown", node, field, ["value": text, "table": "levels"])
        return nil
    }
    mutating func ranks(_ node: Node, _ key: String, of levels: [Level], count: Int, _ field: String) -> [Int]? {
        guard let cells = list(node, key, field) else { return nil }
        guard cells.count == count else {
            refuse("grading.cells", node[key], field + "." + key, ["value": "\(cells.count)", "expected": "\(count)"])
            return nil
        }
        let ranks = cells.compactMap { rank($0, of: levels, at: node, field + "." + key) }
        return ranks.count == count ? ranks : nil
    }
    mutating func levels(_ node: Node, _ field: String) -> [Level] {
        var levels: [Level] = []
        for item in list(node, "levels", field) ?? [] {
            let here = "\(field).levels[\(levels.count)]"
            guard keys(item, here, ["code", "zh", "en", "numeral"]), let code = text(item, "code", here), let label = words(item, here)
            else { continue }
            if levels.contains(where: { $0.code == code }) {
                refuse("key.repeated", item, here + ".code", ["value": code, "expected": "\(levels.count)"])
            }
            levels.append(Level(code: code, label: label, rank: levels.count, numeral: item["numeral"]?.text.flatMap(Int.init)))
        }
        return levels
    }
    mutating func provenance(_ node: Node, _ field: String, force: Span = Span(.distantPast)) -> Provenance? {
        let edition = text(node, "edition", field)
        let clause = text(node, "clause", field)
        let source = text(node, "source", field)
        let confidence = self.confidence(node, field)
        guard let edition, let clause, let source, let confidence else { return nil }
        return Provenance(edition: edition, clause: clause, source: source, confidence: confidence, force: force)
    }
    /// The days in force: `from` must be given, `until` may be null.
    mutating func force(_ node: Node, _ field: String) -> Span? {
        guard let from = text(node, "from", field) else { return nil }
        guard let first = Day(from) else { refuse("day.format", node["from"], field + ".from", ["value": from]); return nil }
        guard let until = node["until"]?.text else {
            if node["until"] == nil { refuse("field.required", node, field + ".until") }
            return Span(first)
        }
        guard let end = Day(until) else { refuse("day.format", node["until"], field + ".until", ["value": until]); return nil }
        if end <= first { refuse("day.order", node["until"], field + ".until", ["value": until, "limit": from]) }
        return Span(first, end)
    }
    /// Intervals must follow each other without gap or overlap.
    mutating func joined(_ intervals: [Interval], _ node: Node, _ field: String, from low: Double? = nil, to high: Double? = nil) {
        for (index, pair) in zip(intervals, intervals.dropFirst()).enumerated() where !pair.0.adjoins(pair.1) {
            refuse("grading.bands", node, "\(field)[\(index + 1)]", ["value": "\(pair.0), \(pair.1)"])
        }
        if let low, let first = intervals.first, first.low != low || !first.includesLow {
            refuse("grading.bands", node, field + "[0]", ["value": "\(first)"])
        }
        if let last = intervals.last, last.high != high {
            refuse("grading.bands", node, "\(field)[\(intervals.count - 1)]", ["value": "\(last)"])
        }
    }

    // Editions of work grading

    mutating func methods() -> (names: [GradingTables.Method: Bilingual], editions: [GradingTables.Method: [GradingTables.Edition]]) {
        var names: [GradingTables.Method: Bilingual] = [:]
        var editions: [GradingTables.Method: [GradingTables.Edition]] = [:]
        guard let root = root(), keys(root, "", ["format", "methods"]) else { return (names, editions) }
        let all = Set(GradingTables.Method.allCases.map(\.rawValue))
        guard let methods = part(root, "methods", "", known: all) else { return (names, editions) }
        for method in GradingTables.Method.allCases {
            guard let node = part(methods, method.rawValue, "methods.", known: ["zh", "en", "editions"]) else { continue }
            let field = "methods.\(method.rawValue)"
            names[method] = words(node, field)
            var found: [GradingTables.Edition] = []
            for (index, item) in (list(node, "editions", field) ?? []).enumerated() {
                let here = "\(field).editions[\(index)]"
                guard let edition = edition(item, method, here) else { continue }
                if let last = found.last, edition.provenance.force.from < last.provenance.force.until {
                    let limit = last.provenance.force.until.description
                    refuse("grading.overlap", item["from"], here + ".from", ["value": edition.provenance.edition, "limit": limit])
                }
                found.append(edition)
            }
            editions[method] = found
        }
        return (names, editions)
    }

    private mutating func edition(_ node: Node, _ method: GradingTables.Method, _ field: String) -> GradingTables.Edition? {
        let rules: Set<String> = ["product", "heat", "bands", "impulse", "scores"]
        let known: Set<String> = ["edition", "from", "until", "clause", "source", "confidence", "note", "levels"]
        guard keys(node, field, known.union(rules)) else { return nil }
        let levels = self.levels(node, field)
        let force = self.force(node, field)
        let note = node["note"].flatMap { words($0, field + ".note") }
        guard let provenance = provenance(node, field, force: force ?? Span(.distantPast)) else { return nil }
        var rule: GradingTables.Rule?
        if let part = node["product"] { rule = product(part, levels, field + ".product").map { .product($0) } }
        if let part = node["heat"] { rule = heat(part, levels, field + ".heat").map { .heat($0) } }
        if let part = node["bands"] { rule = bands(part, levels, field + ".bands").map { .bands($0) } }
        if let part = node["impulse"] { rule = impulse(part, field + ".impulse").map { .impulse($0) } }
        if let part = node["scores"] { rule = scores(part, levels, field + ".scores").map { .scores($0) } }
        return .init(method: method, provenance: provenance, levels: levels, rule: rule, note: note)
    }

    private mutating func product(_ node: Node, _ levels: [Level], _ field: String) -> GradingTables.Product? {
        guard keys(node, field, ["silica", "toxicity", "labour", "cutoffs", "floor", "readings"]) else { return nil }
        let hazard: GradingTables.Product.Hazard
        if node["silica"] != nil {
            let bands = weights(node, "silica", field)
            joined(bands.map(\.interval), node["silica"] ?? node, field + ".silica", from: 0, to: 100)
            hazard = .silica(bands.map { ($0.interval, $0.weight ?? 1) })
        } else {
            var weights: [String: Double] = [:]
            for (key, value) in node["toxicity"]?.mapping ?? [:] {
                weights[key.text ?? ""] = number(value, at: node, field + ".toxicity." + (key.text ?? ""))
            }
            if weights.isEmpty { refuse("field.required", node, field + ".toxicity") }
            hazard = .toxicity(weights)
        }
        var labour: [GradingTables.Labour: Double] = [:]
        for degree in GradingTables.Labour.allCases {
            let here = field + ".labour." + degree.rawValue
            labour[degree] = number(node["labour"]?[degree.rawValue], at: node["labour"] ?? node, here)
        }
        let cutoffs = self.cutoffs(node, levels, field)
        var floor: (above: Double, rank: Int)?
        if let part = node["floor"] {
            let above = number(part["above"], at: part, field + ".floor.above")
            let rank = self.rank(part["level"], of: levels, at: part, field + ".floor.level")
            if let above, let rank { floor = (above, rank) }
        }
        var readings: [GradingTables.Reading] = []
        for (index, item) in (list(node, "readings", field) ?? []).enumerated() {
            if let reading = reading(item, levels, "\(field).readings[\(index)]") { readings.append(reading) }
        }
        guard !readings.isEmpty, labour.count == 4 else { return nil }
        return .init(hazard: hazard, labour: labour, cutoffs: cutoffs, floor: floor, readings: readings)
    }

    /// `{'0': 0, I: 6, II: 16, III: null}`: the largest index of each level, rising, the last one open.
    mutating func cutoffs(_ node: Node, _ levels: [Level], _ field: String) -> [(most: Double?, rank: Int)] {
        var cutoffs: [(most: Double?, rank: Int)] = []
        let part = node["cutoffs"]
        guard let mapping = part?.mapping, !mapping.isEmpty else {
            refuse("field.required", part ?? node, field + ".cutoffs"); return []
        }
        for (index, (key, value)) in mapping.enumerated() {
            let here = field + ".cutoffs." + (key.text ?? "")
            guard let rank = rank(key, of: levels, at: node, here) else { continue }
            let isLast = index == mapping.count - 1
            let most = isLast && value.text == nil ? nil : number(value, at: key, here)
            if isLast, most != nil { refuse("grading.bands", value, here, ["value": value.text ?? ""]) }
            if let last = cutoffs.last, let before = last.most, last.rank >= rank || most.map({ $0 <= before }) ?? false {
                refuse("grading.bands", value, here, ["value": value.text ?? ""])
            }
            cutoffs.append((most, rank))
        }
        return cutoffs
    }

    private mutating func weights(_ node: Node, _ key: String, _ field: String) -> [(interval: Interval, weight: Double?)] {
        var result: [(interval: Interval, weight: Double?)] = []
        for (index, item) in (list(node, key, field) ?? []).enumerated() {
            let here = "\(field).\(key)[\(index)]"
            guard keys(item, here, ["in", "weight"]), let interval = interval(item["in"], at: item, here + ".in") else { continue }
            let isRatio = key == "exposure" && item["weight"]?.text == "ratio"
            result.append((interval, isRatio ? nil : number(item["weight"], at: item, here + ".weight")))
        }
        return result
    }

    private mutating func reading(_ node: Node, _ levels: [Level], _ field: String) -> GradingTables.Reading? {
        guard keys(node, field, ["id", "zh", "en", "exposure", "fixed", "raises"]) else { return nil }
        let exposure = weights(node, "exposure", field)
        joined(exposure.map(\.interval), node["exposure"] ?? node, field + ".exposure", from: 0)
        var fixed: [(interval: Interval, rank: Int)] = []
        for (index, item) in (node["fixed"]?.sequence ?? []).enumerated() {
            let here = "\(field).fixed[\(index)]"
            let interval = self.interval(item["in"], at: item, here + ".in")
            if let interval, let rank = rank(item["level"], of: levels, at: item, here + ".level") { fixed.append((interval, rank)) }
        }
        guard let id = text(node, "id", field), let text = words(node, field) else { return nil }
        return .init(id: id, text: text, exposure: exposure, fixed: fixed, isRaising: node["raises"]?.text == "true")
    }

    private mutating func heat(_ node: Node, _ levels: [Level], _ field: String) -> GradingTables.Heat? {
        guard keys(node, field, ["time", "wbgt", "unacclimatised", "columns", "rows"]) else { return nil }
        var columns: [Interval] = []
        for (index, item) in (list(node, "columns", field) ?? []).enumerated() {
            if let interval = interval(item, at: node, "\(field).columns[\(index)]") { columns.append(interval) }
        }
        for (index, pair) in zip(columns, columns.dropFirst()).enumerated() where (pair.1.low ?? 0) < (pair.0.high ?? .infinity) {
            refuse("grading.bands", node["columns"], "\(field).columns[\(index + 1)]", ["value": "\(pair.0), \(pair.1)"])
        }
        var rows: [(labour: GradingTables.Labour, time: Interval, ranks: [Int])] = []
        for (index, item) in (list(node, "rows", field) ?? []).enumerated() {
            let here = "\(field).rows[\(index)]"
            guard keys(item, here, ["labour", "time", "cells"]) else { continue }
            let labour = self.labour(item["labour"], at: item, here + ".labour")
            let time = interval(item["time"], at: item, here + ".time")
            let ranks = self.ranks(item, "cells", of: levels, count: columns.count, here)
            if let labour, let time, let ranks { rows.append((labour, time, ranks)) }
        }
        for labour in GradingTables.Labour.allCases where !rows.contains(where: { $0.labour == labour }) {
            refuse("field.required", node["rows"], "\(field).rows.\(labour.rawValue)")
        }
        var shift: Double?
        if let part = node["unacclimatised"] { shift = number(part, at: node, field + ".unacclimatised", in: -10...10) }
        guard let time = text(node, "time", field), let wbgt = text(node, "wbgt", field) else { return nil }
        return .init(time: time, wbgt: wbgt, unacclimatised: shift, columns: columns, rows: rows)
    }

    private mutating func bands(_ node: Node, _ levels: [Level], _ field: String) -> GradingTables.Bands? {
        guard keys(node, field, ["input", "unit", "steps"]) else { return nil }
        let steps = self.steps(node, levels, field)
        guard let input = text(node, "input", field), let unit = text(node, "unit", field) else { return nil }
        return .init(input: input, unit: unit, steps: steps)
    }

    private mutating func steps(_ node: Node, _ levels: [Level], _ field: String) -> [(rank: Int, printed: Interval, read: Interval)] {
        var steps: [(rank: Int, printed: Interval, read: Interval)] = []
        for (index, item) in (list(node, "steps", field) ?? []).enumerated() {
            let here = "\(field).steps[\(index)]"
            guard keys(item, here, ["level", "in", "read"]) else { continue }
            let printed = interval(item["in"], at: item, here + ".in")
            let read = item["read"] == nil ? printed : interval(item["read"], at: item, here + ".read")
            let rank = self.rank(item["level"], of: levels, at: item, here + ".level")
            guard let printed, let read, let rank else { continue }
            if let last = steps.last, last.rank >= rank { refuse("grading.bands", item, here + ".level", ["value": "\(printed)"]) }
            steps.append((rank, printed, read))
        }
        joined(steps.map(\.read), node["steps"] ?? node, field + ".steps", from: 0)
        return steps
    }

    private mutating func impulse(_ node: Node, _ field: String) -> GradingTables.Impulse? {
        guard keys(node, field, ["step", "rows"]) else { return nil }
        var rows: [(impulses: Interval, from: Double)] = []
        for (index, item) in (list(node, "rows", field) ?? []).enumerated() {
            let here = "\(field).rows[\(index)]"
            let impulses = interval(item["impulses"], at: item, here + ".impulses")
            let from = number(item["from"], at: item, here + ".from")
            if let impulses, let from { rows.append((impulses, from)) }
        }
        joined(rows.map(\.impulses), node["rows"] ?? node, field + ".rows", to: rows.last?.impulses.high)
        guard let step = number(node["step"], at: node, field + ".step", in: 0.1...100) else { return nil }
        return .init(step: step, rows: rows)
    }

    private mutating func scores(_ node: Node, _ levels: [Level], _ field: String) -> GradingTables.Scores? {
        guard keys(node, field, ["most", "weights", "assumed", "restricted", "steps"]) else { return nil }
        var weights: [String: Double] = [:]
        for (key, value) in node["weights"]?.mapping ?? [:] {
            weights[key.text ?? ""] = number(value, at: node, field + ".weights." + (key.text ?? ""))
        }
        if weights.isEmpty { refuse("field.required", node, field + ".weights") }
        let assumed = (list(node, "assumed", field) ?? []).compactMap(\.text)
        for name in assumed where weights[name] == nil {
            refuse("code.unknown", node["assumed"], field + ".assumed", ["value": name, "table": "weights"])
        }
        let steps = self.steps(node, levels, field)
        let restricted = rank(node["restricted"], of: levels, at: node, field + ".restricted")
        guard let most = number(node["most"], at: node, field + ".most"), let restricted else { return nil }
        let bands = steps.map { (rank: $0.rank, interval: $0.read) }
        return .init(most: most, weights: weights, assumed: Set(assumed), restricted: restricted, steps: bands)
    }
}
