import Foundation
import Kernel
import Yams

/// What a jurisdiction adds to the tables: `Data/standards/local/<division>.yaml` (docs/catalogue.md). Emerging factors 新发因素 with
/// their first sighting, limits of its own for them, and first days of amendments that nobody had verified.
struct LocalAdditions {
    let file: String
    let factors: [HazardFactor]
    let limits: [ExposureLimit]
    /// First days by edition.
    let inForce: [String: Day]
    let division: String
    /// Parameters that the jurisdiction sets, with the line on which each begins.
    let parameters: [(name: String, editions: [Yams.Node], line: Int?)]
    /// Days of reminding of its own, in place of the national ones.
    let reminders: [ReminderRule]

    static let folder = "local"

    /// Every file of the folder; none where there is no folder.
    /// - Throws: `Refusal` with file, row and key.
    static func read(_ home: URL) throws -> [LocalAdditions] {
        let folder = home.appendingPathComponent(LocalAdditions.folder)
        guard FileManager.default.fileExists(atPath: folder.path) else { return [] }
        let names = try TableFiles.names(in: folder).filter { $0.hasSuffix(".yaml") }
        var seen: Set<String> = []
        return try names.map { name in
            let additions = try LocalAdditions(folder.appendingPathComponent(name))
            for factor in additions.factors {
                guard seen.insert(factor.code).inserted else {
                    throw Refusal("catalog.twice", field: factor.code, ["file": additions.file, "value": factor.code])
                }
            }
            return additions
        }
    }

    /// The first days of all files.
    /// - Throws: `Refusal("catalog.settled")` where two files name different days for one edition.
    static func settled(_ all: [LocalAdditions]) throws -> [String: Day] {
        var days: [String: Day] = [:]
        for additions in all {
            for (edition, day) in additions.inForce {
                if let other = days.updateValue(day, forKey: edition), other != day {
                    throw Refusal(
                        "catalog.settled", field: edition, ["file": additions.file, "value": "\(day)", "expected": "\(other)"])
                }
            }
        }
        return days
    }

    private init(_ url: URL) throws {
        let reader = LocalReader(file: LocalAdditions.folder + "/" + url.lastPathComponent)
        let root = try Catalog.yaml(url)
        try reader.expect(root, ["division", "factors", "in_force", "parameters", "reminders"], line: 1)
        let division = url.deletingPathExtension().lastPathComponent
        guard DivisionCode(division) != nil, root["division"]?.text == division else {
            throw reader.refusal("catalog.local-division", 1, "division", root["division"]?.text ?? "", expected: division)
        }
        var factors: [HazardFactor] = []
        var limits: [ExposureLimit] = []
        for node in root["factors"]?.sequence ?? [] {
            let (factor, limit) = try reader.factor(node, division: division)
            guard !factors.contains(where: { $0.code == factor.code }) else {
                throw reader.refusal("catalog.twice", node.mark?.line, "code", factor.code)
            }
            factors.append(factor)
            if let limit { limits.append(limit) }
        }
        var days: [String: Day] = [:]
        for (key, value) in root["in_force"]?.mapping ?? [:] {
            guard let edition = key.text, let text = value.text, let day = Day(text) else {
                throw reader.refusal("catalog.day", key.mark?.line, key.text ?? "in_force", value.text ?? "")
            }
            days[edition] = day
        }
        parameters = (root["parameters"]?.mapping ?? [:]).map { ($0.key.text ?? "", Array($0.value.sequence ?? []), $0.key.mark?.line) }
        (file, inForce, self.factors, self.limits) = (reader.file, days, factors, limits)
        (self.division, reminders) = (division, try Reminders.rules(root["reminders"], file: reader.file))
    }
}

/// Reads one file of local additions.
private struct LocalReader {
    let file: String
    static let categories: Set<String> = ["dust", "chemical", "physical", "radiation", "biological", "other"]

    func refusal(_ code: String, _ line: Int?, _ key: String, _ value: String, expected: String = "") -> Refusal {
        Refusal(code, row: line, field: key, ["file": file, "value": value, "expected": expected])
    }
    func expect(_ body: Yams.Node.Mapping, _ keys: Set<String>, line: Int?) throws {
        for (key, _) in body where !keys.contains(key.text ?? "") {
            throw refusal("catalog.key", key.mark?.line ?? line, key.text ?? "", key.text ?? "")
        }
    }
    func word(_ body: Yams.Node.Mapping, _ key: String, line: Int?) throws -> String {
        guard let text = body[key]?.text, !text.isEmpty else { throw refusal("catalog.empty", line, key, "") }
        return text
    }
    func day(_ body: Yams.Node.Mapping, _ key: String, line: Int?) throws -> Day {
        let text = try word(body, key, line: line)
        guard let day = Day(text) else { throw refusal("catalog.day", body[key]?.mark?.line ?? line, key, text) }
        return day
    }

    func factor(_ node: Yams.Node, division: String) throws -> (HazardFactor, ExposureLimit?) {
        let line = node.mark?.line
        guard let body = node.mapping else { throw refusal("catalog.empty", line, "code", "") }
        try expect(body, ["code", "zh", "en", "category", "cas", "note", "first_seen", "limit"], line: line)
        let code = try word(body, "code", line: line)
        // The prefix keeps codes of one jurisdiction apart from those of the national catalogue and of every other jurisdiction.
        guard code.hasPrefix("L\(division)-"), code.count > division.count + 2 else {
            throw refusal("catalog.local-code", line, "code", code, expected: "L\(division)-001")
        }
        let category = try word(body, "category", line: line)
        guard LocalReader.categories.contains(category) else { throw refusal("catalog.choice", line, "category", category) }
        guard let seen = body["first_seen"]?.mapping else { throw refusal("catalog.sighting", line, "first_seen", code) }
        let place = try sighting(seen, code: code, line: line)
        let numbers = body["cas"]?.text.map { $0.split(separator: ";").map(String.init) } ?? []
        for number in numbers {
            if let flaw = CASNumber.flaw(in: number) { throw refusal(flaw.rawValue, body["cas"]?.mark?.line ?? line, "cas", number) }
        }
        let name = Bilingual(try word(body, "zh", line: line), body["en"]?.text ?? body["zh"]?.text ?? code)
        let provenance = Provenance(edition: "local \(division)", clause: code, source: place.source, confidence: .own)
        let factor = HazardFactor(
            code: code, name: name, category: category, cas: numbers, note: body["note"]?.text ?? "", provenance: provenance,
            sighting: place)
        return (factor, try body["limit"]?.mapping.map { try limit($0, of: factor, line: body["limit"]?.mark?.line ?? line) })
    }

    private func sighting(_ body: Yams.Node.Mapping, code: String, line: Int?) throws -> HazardFactor.Sighting {
        try expect(body, ["day", "place", "source"], line: line)
        for key in ["day", "place", "source"] where body[key]?.text == nil {
            throw refusal("catalog.sighting", line, "first_seen.\(key)", code)
        }
        let place = try word(body, "place", line: line)
        guard DivisionCode(place) != nil else { throw refusal("catalog.choice", line, "first_seen.place", place) }
        return .init(day: try day(body, "day", line: line), place: place, source: try word(body, "source", line: line))
    }

    private func limit(_ body: Yams.Node.Mapping, of factor: HazardFactor, line: Int?) throws -> ExposureLimit {
        try expect(
            body, ["mac", "twa", "stel", "respirable", "unit", "effect", "clause", "source", "confidence", "from", "until"], line: line)
        func number(_ key: String) throws -> Double? {
            guard let text = body[key]?.text else { return nil }
            guard let value = Double(text), value.isFinite, value > 0 else { throw refusal("catalog.number", line, key, text) }
            return value
        }
        let (mac, twa, stel, respirable) = (try number("mac"), try number("twa"), try number("stel"), try number("respirable"))
        guard [mac, twa, stel, respirable].contains(where: { $0 != nil }) else { throw refusal("catalog.empty", line, "twa", "") }
        let text = try word(body, "confidence", line: line)
        guard let confidence = Confidence(rawValue: text) else { throw refusal("catalog.confidence", line, "confidence", text) }
        let from = try day(body, "from", line: line)
        let until = body["until"]?.text == nil ? .distantFuture : try day(body, "until", line: line)
        guard until > from else {
            throw Refusal("catalog.span", row: line, field: "until", ["file": file, "value": "\(until)", "limit": "\(from)"])
        }
        let provenance = Provenance(
            edition: factor.provenance.edition, clause: body["clause"]?.text ?? "", source: try word(body, "source", line: line),
            confidence: confidence, force: Span(from, until))
        return ExposureLimit(
            key: factor.code, family: factor.category == "dust" ? .dust : .chemical, name: factor.name, cas: factor.cas, mac: mac,
            twa: twa, stel: stel, respirable: respirable, unit: try word(body, "unit", line: line), effect: body["effect"]?.text ?? "",
            provenance: provenance)
    }
}
