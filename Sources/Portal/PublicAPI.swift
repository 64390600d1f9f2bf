import Catalog
import Foundation
import Grading
import HTTPTypes
import Hummingbird
import Hygiene
import Kernel
import Ledger
import Web

/// The public look-up and the judging rules for programs. Errors are problem documents (RFC 9457) in the language asked for.
func publicAPIRoutes(_ office: Office) -> [Route] {
    func route(_ method: HTTPRequest.Method, _ path: String, _ answer: @escaping @Sendable (PublicDesk) throws -> any Encodable) -> Route {
        Route(method, path, needs: .anyone) { call in
            do { return try call.json(try answer(try PublicDesk(office, call))) } catch let refusal as Refusal {
                return try call.problem([refusal])
            } catch let refusals as Refusals { return try call.problem(refusals.all) }
        }
    }
    return [
        route(.get, "/api/lookup") { try $0.found() },
        route(.get, "/api/lookup/options") { try $0.options() },
        route(.get, "/api/limits") { desk in
            DayOfLimits(
                on: desk.day.description, limits: desk.catalog.limits(on: desk.day).map(Answer.Limit.init),
                physical: desk.catalog.physical.all.filter { $0.provenance.force.contains(desk.day) }.map(Answer.Physical.init))
        },
        route(.get, "/api/limits/:key") { desk in
            let key = try desk.call.part("key")
            guard desk.catalog.limits.contains(key: key) else { throw Refusal("page.missing", ["value": "/api/limits/\(key)"]) }
            return Answer.Limits(key, desk.catalog, on: desk.day)
        },
        route(.get, "/api/judge") { desk in try desk.judged(desk.call.query) },
        route(.post, "/api/judge") { desk in try desk.judged(try desk.call.entered()) },
    ]
}

private struct DayOfLimits: Encodable {
    let on: String
    let limits: [Answer.Limit]
    let physical: [Answer.Physical]
}

private struct Search: Encodable {
    let query, on: String
    let total: Int
    let hits: [Answer.Found]
    let suggestions: [Answer.Found]
}

/// A choice for a field, as the script of the pages reads it.
private struct Choice: Encodable { let value, text: String }

/// Judgements with their working in the language asked for.
private struct Judged: Encodable {
    struct One: Encodable {
        let quantity, shown, unit: String
        let value, limit, ratio: Double?
        /// pass, exceed or unknown.
        let verdict: String
        let missing: [Problem.Flaw]
        let basis: Answer.Basis
        let rules: [Answer.Basis]
        let working: [String]
    }
    struct Figure: Encodable { let name, value: String }
    struct Part: Encodable {
        let name: String
        let working: [String]
    }
    /// A grade by one edition of one scheme; rank, code and index are left out where they cannot be told.
    struct Graded: Encodable {
        let label, scale: String
        let rank: Int?
        let code: String?
        let index: Double?
        let missing: [Problem.Flaw]
        let basis: Answer.Basis
        let working: [String]
    }
    let kind, on: String
    let verdict: String?
    let figures: [Figure]
    let working: [String]
    let judgements: [One]
    let grades: [Graded]?
    let parts: [Part]?
    /// Why some part has no answer.
    let refused: [Problem.Flaw]?
}

/// A problem document.
struct Problem: Encodable {
    struct Flaw: Encodable {
        let code, text: String
        let row: Int?
        let field: String?
        let details: [String: String]
    }
    let type, title, detail: String
    let status: Int
    let errors: [Flaw]
}

extension PublicDesk {
    fileprivate func found() throws -> Search {
        let query = call.asked("q") ?? ""
        let kind = call.asked("kind")
        if let kind, Lookup.Kind(rawValue: kind) == nil {
            let known = Lookup.Kind.allCases.map(\.rawValue).joined(separator: ", ")
            throw Refusal("lookup.kind", field: "kind", ["value": String(kind.prefix(40)), "expected": known])
        }
        let hits = try lookup.find(query).filter { kind == nil || $0.entry.kind.rawValue == kind }
        return Search(
            query: query, on: day.description, total: hits.count, hits: hits.prefix(200).map { Answer.Found($0.entry, $0.match) },
            suggestions: hits.isEmpty ? lookup.suggestions(for: query).map { Answer.Found($0) } : [])
    }

    /// Limits for the fields of the calculators: what stands in the field is a name where it means one limit only, else the key.
    fileprivate func options() throws -> [Choice] {
        try lookup.find(call.asked("q") ?? "").filter { $0.entry.kind == .limit }.prefix(12).map { hit in
            let name = hit.entry.name.zh
            let isAlone = catalog.limits.limits(named: name, on: day).count == 1
            return Choice(
                value: isAlone ? name : hit.entry.key, text: ([both(hit.entry.name)] + hit.entry.cas.prefix(2)).joined(separator: " · "))
        }
    }

    fileprivate func judged(_ values: [String: [String]]) throws -> Judged {
        let kind = values["kind"]?.last ?? ""
        guard let calculator = Calculator.all.first(where: { $0.id == kind }) else {
            let known = Calculator.all.map(\.id).joined(separator: ", ")
            throw Refusal("lookup.kind", field: "kind", ["value": String(kind.prefix(40)), "expected": known])
        }
        var day = day
        if let text = values["on"]?.last, !text.isEmpty {
            guard let read = Day.read(String(text.prefix(40))) else {
                throw Refusal("day.format", field: "on", ["value": String(text.prefix(40))])
            }
            day = read
        }
        let known = calculator.names.union(["kind", "on", "lang", "go"])
        for name in values.keys.sorted() where !known.contains(name) {
            throw Refusal("field.unknown", field: String(name.prefix(40)), ["value": String(name.prefix(40))])
        }
        let outcome = try calculator.answer(values, catalog, lookup, on: day)
        return Judged(
            kind: kind, on: day.description, verdict: outcome.verdict?.rawValue,
            figures: outcome.figures.map { Judged.Figure(name: text($0.name), value: $0.value) }, working: outcome.working.map(text),
            judgements: outcome.judgements.map { one in
                Judged.One(
                    quantity: text(one.quantity), shown: one.shown, unit: one.unit, value: one.value, limit: one.limit, ratio: one.ratio,
                    verdict: one.verdict.rawValue, missing: one.missing.map(call.flaw), basis: Answer.Basis(one.provenance),
                    rules: one.rules.map { Answer.Basis($0) }, working: one.working.map(text))
            },
            grades: outcome.grades.isEmpty ? nil : outcome.grades.map(graded),
            parts: outcome.parts.isEmpty ? nil : outcome.parts.map { Judged.Part(name: text($0.name), working: $0.working.map(text)) },
            refused: outcome.refused.isEmpty ? nil : outcome.refused.map(call.flaw))
    }
}

extension PublicDesk {
    private func graded(_ grade: Grade) -> Judged.Graded {
        Judged.Graded(
            label: text(grade.label), scale: grade.scale, rank: grade.rank, code: grade.code, index: grade.index,
            missing: grade.missing.map(call.flaw), basis: Answer.Basis(grade.provenance), working: grade.working.map(text))
    }
}

extension Call {
    fileprivate func json(_ value: any Encodable) throws -> Response {
        text(try Answer.text(value) + "\n", type: "application/json; charset=utf-8")
    }

    func flaw(_ refusal: Refusal) -> Problem.Flaw {
        Problem.Flaw(code: refusal.code, text: say(refusal), row: refusal.row, field: refusal.field, details: refusal.details)
    }

    /// A problem document with the status of the first refusal.
    func problem(_ refusals: [Refusal]) throws -> Response {
        let status = status(of: refusals.first ?? Refusal("internal"))
        return text(try problemText(refusals) + "\n", type: "application/problem+json; charset=utf-8", status: status)
    }
    func problemText(_ refusals: [Refusal]) throws -> String {
        let first = refusals.first ?? Refusal("internal")
        return try Answer.text(
            Problem(
                type: "urn:zhifang:refusal:\(first.code)", title: word("error.refused"), detail: say(first), status: status(of: first).code,
                errors: refusals.map(flaw)))
    }

    /// A JSON body as the fields of a form: the members by name, and those of each object of `samples` as the cells of a row.
    fileprivate func entered() throws -> [String: [String]] {
        guard let body = json, let members = try? JSONSerialization.jsonObject(with: Data(body.utf8)) as? [String: Any] else {
            throw Refusal("json.format")
        }
        var values: [String: [String]] = [:]
        for (name, value) in members where name != "samples" { values[name] = [try Call.cell(value, name, row: nil)] }
        guard let given = members["samples"] else { return values }
        guard let rows = given as? [[String: Any]], rows.count <= 10_000 else { throw Refusal("json.format", field: "samples") }
        let names = Set(rows.flatMap(\.keys))
        for name in names {
            // The kind of a sample and the kind of the calculation have one name in two places.
            let cells = try rows.enumerated().map { index, row in try row[name].map { try Call.cell($0, name, row: index + 1) } ?? "" }
            values[name == "kind" ? "sample" : name] = cells
        }
        return values
    }

    static func cell(_ value: Any, _ name: String, row: Int?) throws -> String {
        switch value {
        case let text as String: return text
        case let number as NSNumber:
            if isBoolean(number) { return number.boolValue ? "yes" : "no" }
            return number.stringValue
        case is NSNull: return ""
        default: throw Refusal("json.format", row: row, field: name)
        }
    }
}

/// Whether a number of JSON was written `true` or `false`.
private func isBoolean(_ number: NSNumber) -> Bool { String(cString: number.objCType) == "c" }
