import Catalog
import Draws
import Enforcement
import Foundation
import Hummingbird
import Institutions
import Kernel
import Ledger
import Storage
import Web

/// The form that prepares a draw: lists out of the registry, rules, and the public source to wait for.
struct DrawForm {
    let office: Office
    let call: Call
    /// What was entered: the address of the first form, the fields of the second.
    let values: [String: [String]]
    private var ledger: Ledger { office.ledger }
    private var catalog: Catalog { office.ledger.catalog }
    private var desk: DrawDesk { DrawDesk(office, call) }

    init(_ office: Office, _ call: Call, values: [String: [String]]) { (self.office, self.call, self.values) = (office, call, values) }

    private func given(_ name: String) -> String { values[name]?.last?.trimmingCharacters(in: .whitespaces) ?? "" }
    private var isPosted: Bool { !given("go").isEmpty }

    private func lists() async throws -> (DrawChoice, DrawLists) {
        guard let division = call.person.division, mayDo(call.person, .change, at: DrawRegister.place(division.text)) else {
            throw Refusal("access.denied", ["value": PlannedInspection.kind.zh])
        }
        let choice = try DrawChoice(office, values, person: call.person)
        let person = call.person
        let lists = try await ledger.store.read { [ledger] db in try DrawLists(ledger, db, choice, person: person) }
        return (choice, lists)
    }

    func page(errors: [String] = []) async throws -> Response {
        let choice: DrawChoice
        let lists: DrawLists
        var errors = errors
        do { (choice, lists) = try await self.lists() } catch let refusal as Refusal where refusal.field != nil {
            // A field of the filter that cannot be read: the lists as they are without it.
            errors.append(call.say(refusal))
            return try await DrawForm(office, call, values: values.filter { $0.key != refusal.field }).page(errors: errors)
        }
        let chosen = Set(values["inspector"] ?? [])
        let joint = Set(values["joint"] ?? [])
        let departments = Set(lists.inspectors.map(\.department)).subtracting(["unknown"]).sorted()
        let names = Dictionary(lists.candidates.map { ($0.object.id, $0.object.name) }, uniquingKeysWith: { first, _ in first })
        let model = DrawNewPage(
            frame: office.frame(call, at: .lookup), errors: errors, filters: filters(choice, lists), fields: fields(),
            weights: weights(choice), source: source(), hidden: hidden(choice) + [View.Hidden(name: "seen", value: lists.digest)],
            strata: lists.strata.map { id in
                let objects = lists.candidates.filter { $0.object.stratum == id }
                return View.DrawStratum(
                    id: id, name: desk.stratum(id), count: String(objects.count),
                    tickets: String(objects.reduce(0) { $0 + $1.object.weight }), quota: given("quota.\(id)"))
            },
            inspectors: lists.inspectors.map { officer, department in
                let name = [officer[officer.kind.code].map(plainText), officer[Officer.name]].compactMap { $0 }.joined(separator: " ")
                return View.Option(
                    value: officer.id, text: desk.call.language.aside(name, desk.department(department)),
                    selected: !isPosted || chosen.contains(officer.id))
            },
            departments: departments.map { View.Option(value: $0, text: desk.department($0), selected: joint.contains($0)) },
            recusals: lists.recusals.map { pair in
                let officer = lists.inspectors.first { $0.record.id == pair.inspector }?.record[Officer.name] ?? pair.inspector
                return "\(officer) × \(names[pair.object] ?? pair.object)"
            },
            objects: String(lists.candidates.count), recusalHref: Address.new(Recusal.kind.name))
        return try call.page("draw-new", model, status: errors.isEmpty ? .ok : .unprocessableContent)
    }

    private func field(
        _ name: String, _ control: View.FormField.Control, value: String? = nil, required: Bool = false, hint: Bool = false
    )
        -> View.FormField
    {
        View.FormField(
            name: name, label: call.word("draw.field.\(name)"), value: value ?? given(name),
            hint: hint ? call.word("draw.field.\(name).hint") : nil, required: required, control: control)
    }

    private func filters(_ choice: DrawChoice, _ lists: DrawLists) -> [View.FormField] {
        let own = call.person.division ?? choice.division
        let units =
            [own.text]
            + catalog.divisions.units(of: own.level == .county ? .township : .county, in: own, on: choice.day).filter { $0 != own.text }
        let levels = DrawChoice.levels(catalog)
        return [
            field(
                "division",
                .select(units.map { View.Option(value: $0, text: catalog.divisions.name($0), selected: $0 == choice.division.text) })),
            field("industry", .text(max: 6), hint: true),
            field(
                "level",
                .select(
                    [View.Option(value: "", text: call.word("duty.all"))]
                        + levels.map { View.Option(value: $0, text: desk.stratum($0), selected: $0 == choice.level) })),
            field(
                "only_overdue",
                .select(
                    ["", "1"].map {
                        View.Option(value: $0, text: call.word("draw.only-overdue.\($0)"), selected: ($0 == "1") == choice.onlyOverdue)
                    })),
            field(
                "strata",
                .select(
                    DrawChoice.Strata.allCases.map {
                        View.Option(value: $0.rawValue, text: call.word("draw.strata.\($0.rawValue)"), selected: $0 == choice.strata)
                    })),
        ]
    }

    private func weights(_ choice: DrawChoice) -> [View.FormField] {
        DrawChoice.levels(catalog).map { level in
            View.FormField(
                name: "tickets.\(level)", label: desk.stratum(level), value: String(choice.tickets[level] ?? 1),
                control: .number(min: "1", max: "50", step: "1"))
        } + [
            field("overdue", .number(min: "0", max: "10", step: "1"), value: String(choice.overdue), hint: true),
            field("overdue_limit", .number(min: "0", max: "50", step: "1"), value: String(choice.overdueLimit)),
        ]
    }

    private func hidden(_ choice: DrawChoice) -> [View.Hidden] {
        [
            View.Hidden(name: "division", value: choice.division.text), View.Hidden(name: "industry", value: choice.industry),
            View.Hidden(name: "level", value: choice.level), View.Hidden(name: "only_overdue", value: choice.onlyOverdue ? "1" : ""),
            View.Hidden(name: "strata", value: choice.strata.rawValue), View.Hidden(name: "overdue", value: String(choice.overdue)),
            View.Hidden(name: "overdue_limit", value: String(choice.overdueLimit)),
        ] + choice.tickets.sorted { $0.key < $1.key }.map { View.Hidden(name: "tickets.\($0.key)", value: String($0.value)) }
    }

    private func fields() -> [View.FormField] {
        let each = DrawChoice.number("draw.inspectors", catalog, on: ledger.clock.today, else: 2)
        return [
            field("title", .text(max: 120), required: true),
            field("each", .number(min: "1", max: "20", step: "1"), value: given("each").isEmpty ? String(each) : nil, required: true),
            field("load", .number(min: "0", max: "1000", step: "1"), value: given("load").isEmpty ? "0" : nil, hint: true),
            field(
                "names",
                .select(
                    ["number", "name"].map { View.Option(value: $0, text: call.word("draw.names.\($0)"), selected: $0 == given("names")) }),
                hint: true),
            field("due", .day(max: nil), required: true),
        ]
    }

    private func source() -> [View.FormField] {
        [
            field("source", .text(max: 200), required: true, hint: true), field("url", .text(max: 300), required: true),
            field("expected_day", .day(max: nil), required: true), field("expected_time", .text(max: 5), required: true, hint: true),
        ]
    }

    /// Commits to what the page showed; lists that have changed since are shown again first.
    func commit() async throws -> Response {
        let (choice, lists) = try await self.lists()
        var refusals: [Refusal] = []
        if given("seen") != lists.digest { refusals.append(Refusal("draw.changed")) }
        func number(_ name: String, _ field: String, _ range: ClosedRange<Int>) -> Int {
            let text = given(name)
            if text.isEmpty { return 0 }
            guard let number = Int(text), range.contains(number) else {
                refusals.append(
                    Refusal(
                        "number.range", field: field,
                        ["value": String(text.prefix(20)), "limit": "\(range.lowerBound)…\(range.upperBound)"]))
                return 0
            }
            return number
        }
        let quotas = lists.strata.map { DrawInputs.Quota(stratum: $0, count: number("quota.\($0)", "quota", 0...100_000)) }
        let each = number("each", "each", DrawInputs.eachRange)
        let load = number("load", "load", 0...1000)
        for name in ["title", "source", "url"] where given(name).isEmpty { refusals.append(Refusal("field.required", field: name)) }
        let due = Day.read(given("due"))
        if due == nil { refusals.append(Refusal("day.format", field: "due", ["value": String(given("due").prefix(20))])) }
        let expected = Day(given("expected_day")).flatMap { Moment("\($0) \(given("expected_time"))") }
        let isTimed = given("expected_time").contains(":")
        if expected == nil || !isTimed {
            refusals.append(
                Refusal(
                    "draw.expected", field: "expected_day",
                    ["value": String("\(given("expected_day")) \(given("expected_time"))".prefix(40))]))
        }
        guard refusals.isEmpty, let due, let expected else { return try await page(errors: refusals.map(said)) }
        let chosen = Set(values["inspector"] ?? [])
        let inspectors = lists.inspectors.filter { chosen.contains($0.record.id) }.map { officer, department in
            let code = officer[officer.kind.code].map(plainText)
            let name = given("names") == "name" ? officer[Officer.name] : code ?? officer[Officer.name]
            return DrawInputs.Inspector(id: officer.id, name: name ?? officer.id, department: department)
        }
        let inputs = DrawInputs(
            id: Identifier.make(at: ledger.clock.now()), jurisdiction: choice.division.text,
            place: catalog.divisions.name(choice.division.text), title: given("title"), weights: choice.weights, each: each, load: load,
            joint: Array(Set(values["joint"] ?? [])), quotas: quotas, objects: lists.candidates.map(\.object), inspectors: inspectors,
            recusals: lists.recusals.filter { chosen.contains($0.inspector) })
        do {
            let entry = try await desk.register.commit(
                inputs, source: .init(name: given("source"), url: given("url"), expected: expected), due: due, by: call.person)
            return call.redirect(to: desk.href(entry))
        } catch let refusal as Refusal where refusal.field != nil {
            return try await page(errors: [said(refusal)])
        } catch let refusals as Refusals { return try await page(errors: refusals.all.map(said)) }
    }

    /// A refusal with the name of its field, a stratum and a department in the reader's words.
    private func said(_ refusal: Refusal) -> String {
        var details = refusal.details
        if refusal.code == "draw.quota", let id = details["value"] { details["value"] = desk.stratum(id) }
        if let id = details["department"] { details["department"] = desk.department(id) }
        let text = call.say(Refusal(refusal.code, field: refusal.field, details))
        let key = "draw.field.\(refusal.field ?? "")"
        return call.has(key) ? "\(call.word(key)): \(text)" : text
    }
}
