import Catalog
import Foundation
import Grading
import HTTPTypes
import Hummingbird
import Hygiene
import Kernel
import Ledger
import Web

/// The public calculators: GET forms whose address holds everything that was entered, so that a result can be kept, sent and printed.
func publicCalculateRoutes(_ office: Office) -> [Route] {
    [
        Route(.get, "/calculate", needs: .anyone) { call in
            call.redirect(to: try PublicDesk(office, call).href("/calculate/\(Calculator.all[0].id)"))
        },
        Route(.get, "/calculate/:id", needs: .anyone) { call in
            let calculator = try Calculator.named(try call.part("id"))
            do { return try PublicDesk(office, call).page(of: calculator) } catch let refusal as Refusal where refusal.field == "on" {
                return try PublicDesk(today: office, call).page(of: calculator, flaws: [refusal])
            }
        },
    ]
}

extension PublicDesk {
    fileprivate func page(of calculator: Calculator, flaws given: [Refusal] = []) throws -> Response {
        var flaws = given
        var outcome: Calculator.Outcome?
        if flaws.isEmpty, call.asked("go") != nil {
            do throws(Refusals) { outcome = try calculator.answer(call.query, catalog, lookup, on: day) } catch { flaws = error.all }
        }
        let path = "/calculate/\(calculator.id)"
        // What is wrong with a row that is not there is told of the first.
        let general = flaws.filter { flaw in
            guard let field = flaw.field else { return flaw.row == nil }
            return field != "on" && !calculator.names.contains(field)
        }
        let field = { (field: Calculator.Field) in formField(field, flaws.first(of: field.name, row: nil)) }
        let isRareOpen = calculator.fields.contains { field in
            field.isRare && (call.asked(field.name) != nil || flaws.contains { $0.field == field.name })
        }
        var page = CalculatePage(
            frame: office.frame(call, at: .lookup), places: places(at: .calculate),
            groups: Calculator.groups.map { group in
                View.LinkGroup(
                    title: word("calculate.group.\(group.name)"),
                    links: group.calculators.map {
                        View.Link(text: word("calculate.\($0.id)"), href: href("/calculate/\($0.id)"), current: $0.id == calculator.id)
                    })
            },
            title: word("calculate.\(calculator.id).title"), lead: word("calculate.\(calculator.id).lead"), action: path,
            fields: calculator.fields.filter { !$0.isRare }.map(field) + [dayField(flaws.first(of: "on", row: nil))],
            rare: calculator.fields.filter(\.isRare).map(field), isRareOpen: isRareOpen,
            columns: calculator.columns.map { View.Column(text: label($0) + ($0.unit.isEmpty ? "" : " (\($0.unit))")) },
            rows: rows(calculator, flaws), errors: general.map(call.say),
            exampleHref: path + "?go=1&"
                + calculator.example.split(separator: "&").map { pair in
                    pair.split(separator: "=", maxSplits: 1).map { Office.escaped(String($0)) }.joined(separator: "=")
                }.joined(separator: "&"))
        page.outcome = outcome.map { shown($0, calculator) }
        return try call.page("public-calculate", page, status: flaws.isEmpty ? .ok : .unprocessableContent)
    }

    // The form

    private func label(_ field: Calculator.Field) -> String { field.label.map(text) ?? word("calculate.field.\(field.name)") }

    private func dayField(_ flaw: Refusal?) -> View.FormField {
        View.FormField(
            name: "on", label: word("public.lookup.on"), value: flaw == nil ? day.description : call.asked("on") ?? "",
            error: flaw.map(call.say), control: .day(max: nil))
    }

    private func formField(_ field: Calculator.Field, _ flaw: Refusal?) -> View.FormField {
        let entered = call.query[field.name]?.last
        return View.FormField(
            name: field.name, label: label(field), value: String((entered ?? field.initial).prefix(Lookup.longest)),
            hint: field.label == nil && call.has("calculate.field.\(field.name).hint") ? word("calculate.field.\(field.name).hint") : nil,
            error: flaw.map(call.say), unit: field.unit.isEmpty ? nil : field.unit,
            control: control(field, chosen: entered ?? field.initial))
    }

    private func control(_ field: Calculator.Field, chosen: String) -> View.FormField.Control {
        switch field.control {
        case .number, .time, .reading, .text: .text(max: Lookup.longest)
        case .substance: .reference(lookup: "/api/lookup/options", chosen: nil, candidates: [])
        case .choice(let codes, _):
            .select(codes.map { View.Option(value: $0, text: choice(field, $0), selected: $0 == chosen) })
        case .catalogued(let codes):
            .select(
                [View.Option(value: "", text: choice(field, ""), selected: chosen.isEmpty)]
                    + codes(catalog, day).map { View.Option(value: $0.code, text: text($0.name), selected: $0.code == chosen) })
        }
    }
    private func choice(_ field: Calculator.Field, _ code: String) -> String {
        if case .choice(_, let words) = field.control, let words = words[code] { return text(words) }
        if case .catalogued(let codes) = field.control, let found = codes(catalog, day).first(where: { $0.code == code }) {
            return text(found.name)
        }
        let key = "calculate.choice.\(field.name).\(code.isEmpty ? "none" : code)"
        if call.has(key) { return word(key) }
        let common = "calculate.choice.\(code.isEmpty ? "none" : code)"
        return call.has(common) ? word(common) : unit(code)
    }

    /// The rows entered, and blank ones behind them to go on with.
    private func rows(_ calculator: Calculator, _ flaws: [Refusal]) -> [View.EntryRow] {
        guard !calculator.columns.isEmpty else { return [] }
        let entered = Array(Calculator.Entered.rows(calculator, call.query).prefix(Calculator.mostRows))
        let blanks = call.asked("more") != nil ? 8 : entered.isEmpty ? 4 : 2
        let count = min(entered.count + blanks, Calculator.mostRows)
        return (0..<count).map { index in
            let number = index + 1
            let cells = calculator.columns.map { column -> View.FormField in
                let value = index < entered.count ? entered[index].cells[column.name] ?? "" : column.initial
                let flaw = flaws.first(of: column.name, row: number)
                return View.FormField(
                    name: column.name, label: label(column) + (column.unit.isEmpty ? "" : " (\(column.unit))"),
                    value: String(value.prefix(Lookup.longest)), error: flaw.map(call.say), control: control(column, chosen: value))
            }
            return View.EntryRow(number: String(number), cells: cells)
        }
    }

    // The answer

    private func shown(_ outcome: Calculator.Outcome, _ calculator: Calculator) -> View.Outcome {
        let facts = calculator.fields.compactMap { field -> View.Fact? in
            guard let text = call.asked(field.name) ?? (field.initial.isEmpty ? nil : field.initial) else { return nil }
            return View.Fact(label: label(field), value: field.control.isChoice ? choice(field, text) : "\(text) \(field.unit)")
        }
        let rows = Calculator.Entered.rows(calculator, call.query).map { row in
            View.Row(
                cells: calculator.columns.map { column in
                    let text = row.cells[column.name] ?? ""
                    return View.Cell(label: label(column), text: column.control.isChoice ? choice(column, text) : text)
                })
        }
        return View.Outcome(
            verdict: outcome.verdict.map { mark($0, outcome.words) },
            figures: outcome.figures.map { View.Fact(label: text($0.name), value: $0.value) },
            working: outcome.working.map(text),
            judged: outcome.judgements.map { judged($0, outcome.words) } + outcome.grades.map(graded),
            parts: outcome.parts.filter { !$0.working.isEmpty }.map {
                View.WorkedPart(title: text($0.name), working: $0.working.map(text))
            },
            refused: outcome.refused.map(call.say), facts: facts,
            columns: calculator.columns.map { View.Column(text: label($0) + ($0.unit.isEmpty ? "" : " (\($0.unit))")) }, rows: rows,
            on: word("calculate.on", ["day": day.description]))
    }

    private func mark(_ verdict: Judgement.Verdict, _ words: String) -> View.Mark {
        switch verdict {
        case .complies: return View.Mark("met", word("\(words).pass"))
        case .exceeds: return View.Mark("unmet", word("\(words).exceed"))
        case .undecided: return View.Mark("unknown", word("judgement.verdict.unknown"))
        }
    }

    private func graded(_ grade: Grade) -> View.Judged {
        let cited = [grade.provenance.edition, clause(grade.provenance.clause)].filter { !$0.isEmpty }.joined(separator: " ")
        let mark =
            grade.rank == nil ? View.Mark("unknown", word("judgement.verdict.unknown")) : View.Mark("judged", word("calculate.graded"))
        // What is graded is told by the scale: a class of an employer is no grade of work.
        let own = "calculate.grade.\(grade.scale.prefix { $0 != " " })"
        return View.Judged(
            quantity: word(call.has(own) ? own : "calculate.grade"), value: text(grade.label), unit: "", limit: nil, ratio: nil, mark: mark,
            basis: [cited],
            confidence: confidence(grade.provenance.confidence), missing: grade.missing.map(call.say), working: grade.working.map(text))
    }

    private func judged(_ judgement: Judgement, _ words: String) -> View.Judged {
        let cited = ([judgement.provenance] + judgement.rules).map {
            [$0.edition, clause($0.clause)].filter { !$0.isEmpty }.joined(separator: " ")
        }
        var seen: Set<String> = []
        let isPure = judgement.unit == "1"
        return View.Judged(
            quantity: text(judgement.quantity), value: judgement.shown.isEmpty ? "–" : judgement.shown,
            unit: isPure || judgement.shown.isEmpty || judgement.shown == "–" ? "" : unit(judgement.unit),
            limit: judgement.limit.map { "\(number($0)) \(isPure ? "" : unit(judgement.unit))" },
            ratio: judgement.ratio.map { Rounding.text($0, decimals: 2) }, mark: mark(judgement.verdict, words),
            basis: cited.filter { !$0.isEmpty && seen.insert($0).inserted }, confidence: confidence(judgement.confidence),
            missing: judgement.missing.map(call.say), working: judgement.working.map(text))
    }
}

extension [Refusal] {
    /// The first flaw of a field; without a row that of the whole form.
    fileprivate func first(of field: String, row: Int?) -> Refusal? { first { $0.field == field && $0.row == row } }
}
