import Catalog
import Foundation
import Kernel
import Ledger
import Web

/// The page of each thing that the look-up finds, with everything that the catalogue ties to it.
extension PublicDesk {
    /// - Throws: `Refusal("page.missing")` where no limit has the key.
    func limitPage(_ key: String) throws -> EntryPage {
        let editions = catalog.limits.editions(of: key)
        guard let latest = editions.last else { throw Refusal("page.missing", ["value": "/lookup/limit/\(key)"]) }
        let limit = catalog.limits.limit(key, on: day)
        let shown = limit ?? latest
        var notices: [View.Notice] = []
        if limit == nil { notices.append(View.Notice(tone: "warn", text: word("public.none-on-day.long", ["day": day.description]))) }
        if let limit, let other = catalog.limits.alternative(to: limit, on: day) {
            let details = ["edition": limit.provenance.edition, "other": other.provenance.edition, "values": values(other)]
            notices.append(View.Notice(tone: "warn", text: word("public.doubt", details)))
        }
        if shown.provenance.confidence.isLow { notices.append(View.Notice(tone: "warn", text: word("public.low"))) }

        var facts: [View.Fact] = []
        func add(_ label: String, _ value: String) { if !value.isEmpty { facts.append(View.Fact(label: word(label), value: value)) } }
        add("public.cas", shown.cas.joined(separator: ", "))
        add("public.aliases", shown.aliases.joined(separator: "、"))
        if let condition = shown.condition { add("public.condition", text(condition)) }
        add("public.notation.printed", shown.notation)
        add("public.effect", shown.effect)
        facts += sources(shown.provenance)
        add("public.note", shown.note)

        let links = catalog.factorLimits.links(ofLimit: key)
        let history = editions.count > 1 ? self.editions(editions) : nil
        let tools = limit.map { View.Link(text: word("public.calculate"), href: href(calculator(for: $0), ["limit": $0.key])) }
        return EntryPage(
            frame: office.frame(call, at: .lookup), places: places(at: .lookup), kind: word("public.kind.limit"),
            kindHref: href("/lookup", ["kind": "limit"]), id: key, name: named(shown.name), chips: chips(shown), notices: notices,
            figures: limit.map(figures) ?? [], confidence: confidence(shown.provenance.confidence), facts: facts,
            sections: [history, factors(links), biological(ofFactors: Set(links.map(\.factor)))].compactMap { $0 },
            tools: tools.map { [$0] } ?? [])
    }

    private func calculator(for limit: ExposureLimit) -> String { limit.family == .dust ? "/calculate/dust" : "/calculate/shift" }

    private func figures(_ limit: ExposureLimit) -> [View.Fact] {
        let twa = limit.respirable == nil ? "PC-TWA" : "PC-TWA · \(word("public.total"))"
        let parts = [
            ("MAC", limit.mac), (twa, limit.twa), ("PC-TWA · \(word("public.respirable"))", limit.respirable), ("PC-STEL", limit.stel),
        ]
        return parts.compactMap { name, value in
            value.map { View.Fact(label: name, value: number($0), note: unit(limit.unit)) }
        }
    }

    private func editions(_ limits: [ExposureLimit]) -> View.Section {
        let heads = ["public.edition", "MAC", "PC-TWA", "public.respirable", "PC-STEL", "public.unit", "public.force", "public.confidence"]
        let rows = limits.reversed().map { limit -> [View.Cell] in
            let days = force(limit.provenance.force) + (limit.isDateUnverified ? word("public.unverified") : "")
            return [
                cell(heads[0], limit.provenance.edition), cell(heads[1], number(limit.mac), isNumber: true),
                cell(heads[2], number(limit.twa), isNumber: true), cell(heads[3], number(limit.respirable), isNumber: true),
                cell(heads[4], number(limit.stel), isNumber: true), cell(heads[5], unit(limit.unit)),
                cell(heads[6], days),
                cell(heads[7], confidence(limit.provenance.confidence)),
            ]
        }
        return section("public.editions", heads, rows)
    }

    /// The factors of some links; nil where there is none.
    private func factors(_ links: [FactorLimit]) -> View.Section? {
        let heads = ["public.factor", "public.code", "public.how", "public.confidence"]
        let rows = links.map { link -> [View.Cell] in
            let name = catalog.factors[link.factor].map { both($0.name) } ?? link.factor
            return [
                cell(heads[0], name, href: href("/lookup/factor/\(link.factor)")), cell(heads[1], link.factor),
                cell(heads[2], word("public.how.\(link.how)")), cell(heads[3], confidence(link.provenance.confidence)),
            ]
        }
        return rows.isEmpty ? nil : section("public.factors", heads, rows)
    }

    private func biological(ofFactors factors: Set<String>) -> View.Section? {
        let heads = ["public.indicator", "public.value", "public.sampling", "public.edition", "public.confidence"]
        let limits = catalog.biologicalLimits.limits(on: day).filter { !factors.isDisjoint(with: $0.factors) }
        let rows = limits.map { limit -> [View.Cell] in
            let amounts = limit.values.map { "\(number($0.value)) \($0.unit)" }.joined(separator: " = ")
            let edition = limit.provenance.edition + (limit.isDateUnverified ? word("public.unverified") : "")
            return [
                cell(heads[0], text(limit.indicator)), cell(heads[1], "\(limit.isMinimum ? "≥" : "≤") \(amounts)"),
                cell(heads[2], text(limit.sampling)), cell(heads[3], edition), cell(heads[4], confidence(limit.provenance.confidence)),
            ]
        }
        return rows.isEmpty ? nil : section("public.biological", heads, rows)
    }

    /// - Throws: `Refusal("page.missing")` where no factor has the code.
    func factorPage(_ code: String) throws -> EntryPage {
        guard let factor = catalog.factors[code] else { throw Refusal("page.missing", ["value": "/lookup/factor/\(code)"]) }
        var facts = [
            View.Fact(label: word("public.category"), value: catalog.title("factor_category", factor.category, english: call.isEnglish))
        ]
        func add(_ label: String, _ value: String) { if !value.isEmpty { facts.append(View.Fact(label: word(label), value: value)) } }
        add("public.cas", factor.cas.joined(separator: ", "))
        add("public.cas.misprinted", factor.misprinted.joined(separator: ", "))
        add("public.remark", factor.remark)
        add("public.highly-toxic", word("truth.\(catalog.highlyToxic.isHighlyToxic(factor: code))"))
        facts += sources(factor.provenance)
        add("public.note", factor.note)

        let links = catalog.factorLimits.links(ofFactor: code)
        return EntryPage(
            frame: office.frame(call, at: .lookup), places: places(at: .lookup), kind: word("public.kind.factor"),
            kindHref: href("/lookup", ["kind": "factor"]), id: code, name: named(factor.name),
            notices: factor.provenance.confidence.isLow ? [View.Notice(tone: "warn", text: word("public.low"))] : [],
            confidence: confidence(factor.provenance.confidence), facts: facts,
            sections: [limits(links), biological(ofFactors: [code]), examinations(of: code), diseases(of: code)].compactMap { $0 })
    }

    private func limits(_ links: [FactorLimit]) -> View.Section {
        let heads = ["public.limit", "public.value", "public.how", "public.edition", "public.confidence"]
        let rows = links.compactMap { link -> [View.Cell]? in
            guard let key = link.limit, let limit = catalog.limits.limit(key, on: day) else { return nil }
            return [
                cell(heads[0], both(limit.name), href: href("/lookup/limit/\(key)")), cell(heads[1], values(limit)),
                cell(heads[2], word("public.how.\(link.how)")), cell(heads[3], limit.provenance.edition),
                cell(heads[4], confidence(max(limit.provenance.confidence, link.provenance.confidence))),
            ]
        }
        let note = rows.isEmpty ? word("public.limits.none") + (links.first.map { " " + $0.note } ?? "") : nil
        return section("public.limits", heads, rows, note: note)
    }

    /// The clauses of GBZ 188 that a factor falls under, in every edition, the newest first.
    private func examinations(of factor: String) -> View.Section? {
        let tables = catalog.exams
        let heads = ["public.clause", "public.stage", "public.periods", "public.edition", "public.confidence"]
        var note = ""
        var rows: [[View.Cell]] = []
        for edition in tables.editions.reversed() {
            for link in tables.links(of: factor, in: edition.id) {
                guard let clause = tables.factor(link.clause, in: edition.id) else {
                    note = " " + link.note
                    continue
                }
                let stages = tables.stages(of: clause.clause, in: edition.id).map { stage($0.stage) }
                let periods = tables.periods("in_service", of: clause.clause, in: edition.id).map(\.text)
                let path = "/lookup/examination/\(edition.id)/\(clause.clause)"
                let sure = max(link.provenance.confidence, clause.provenance.confidence)
                rows.append([
                    cell(heads[0], "\(clause.clause) \(text(clause.name))", href: href(path)),
                    cell(heads[1], stages.joined(separator: "、")),
                    cell(heads[2], periods.joined(separator: "；")),
                    cell(heads[3], clause.provenance.edition + " " + force(edition.provenance.force)),
                    cell(heads[4], confidence(sure)),
                ])
            }
        }
        return section("public.examinations", heads, rows, note: rows.isEmpty ? word("public.examinations.none") + note : nil)
    }
    private func stage(_ code: String) -> String { catalog.title("exam_stage", code, english: call.isEnglish) }

    /// The diseases that the examinations of a factor look for.
    private func diseases(of factor: String) -> View.Section? {
        let tables = catalog.exams
        let clauses = Set(tables.links.filter { $0.factor == factor && !$0.clause.isEmpty }.map { $0.edition + "/" + $0.clause })
        let sought = tables.targets.filter { $0.kind == .disease && clauses.contains($0.edition + "/" + $0.clause) }
        let heads = ["public.disease", "public.code", "public.class", "public.lists", "public.confidence"]
        let rows = Set(sought.flatMap(\.diseases)).sorted().compactMap { catalog.diseases[$0] }.map { disease -> [View.Cell] in
            [
                cell(heads[0], both(disease.name), href: href("/lookup/disease/\(disease.code)")), cell(heads[1], disease.code),
                cell(heads[2], disease.listings.last?.category ?? ""), cell(heads[3], lists(disease)),
                cell(heads[4], confidence(disease.provenance.confidence)),
            ]
        }
        return rows.isEmpty ? nil : section("public.diseases", heads, rows, note: word("public.diseases.note"))
    }

    /// - Throws: `Refusal("page.missing")` where no disease has the code.
    func diseasePage(_ code: String) throws -> EntryPage {
        guard let disease = catalog.diseases[code] else { throw Refusal("page.missing", ["value": "/lookup/disease/\(code)"]) }
        var facts: [View.Fact] = []
        for listing in disease.listings.reversed() {
            let place = [listing.category, listing.subcategory].filter { !$0.isEmpty }.joined(separator: " › ")
            let label = word("public.list", ["edition": listing.edition])
            let number = word("public.list.number", ["number": String(listing.number)])
            facts.append(View.Fact(label: label, value: place, note: number + " · " + confidence(listing.confidence).word))
        }
        if disease.isOpen { facts.append(View.Fact(label: word("public.note"), value: word("public.disease.open"))) }
        facts += sources(disease.provenance).dropFirst()
        var notices: [View.Notice] = []
        if let flaw = catalog.diseases.flaw(code, diagnosedOn: day) { notices.append(View.Notice(tone: "warn", text: call.say(flaw))) }

        let heirs = disease.successors.compactMap { catalog.diseases[$0] }
        return EntryPage(
            frame: office.frame(call, at: .lookup), places: places(at: .lookup), kind: word("public.kind.disease"),
            kindHref: href("/lookup", ["kind": "disease"]), id: code, name: named(disease.name), notices: notices,
            confidence: confidence(disease.provenance.confidence), facts: facts,
            sections: [seeking(code)].compactMap { $0 },
            tools: heirs.map {
                View.Link(text: word("public.successor", ["value": text($0.name)]), href: href("/lookup/disease/\($0.code)"))
            })
    }

    /// The clauses of GBZ 188 that look for a disease.
    private func seeking(_ disease: String) -> View.Section? {
        let tables = catalog.exams
        let sought = tables.targets.filter { $0.kind == .disease && $0.diseases.contains(disease) }
        let clauses = Set(sought.map { $0.edition + "/" + $0.clause })
        let heads = ["public.clause", "public.edition", "public.confidence"]
        let found = tables.editions.reversed().flatMap { edition in
            tables.factors.filter { $0.edition == edition.id && clauses.contains($0.edition + "/" + $0.clause) }
        }
        let rows = found.map { clause -> [View.Cell] in
            let path = "/lookup/examination/\(clause.edition)/\(clause.clause)"
            return [
                cell(heads[0], "\(clause.clause) \(text(clause.name))", href: href(path)), cell(heads[1], clause.provenance.edition),
                cell(heads[2], confidence(clause.provenance.confidence)),
            ]
        }
        return rows.isEmpty ? nil : section("public.sought", heads, rows)
    }

    /// - Throws: `Refusal("page.missing")` where the edition has no such clause.
    func examinationPage(_ edition: String, _ clause: String) throws -> EntryPage {
        let tables = catalog.exams
        guard let factor = tables.factor(clause, in: edition) else {
            throw Refusal("page.missing", ["value": "/lookup/examination/\(edition)/\(clause)"])
        }
        let stages = tables.stages(of: clause, in: edition)
        var notices: [View.Notice] = []
        if !factor.provenance.force.contains(day) {
            let state = day < factor.provenance.force.from ? "public.not-yet" : "public.no-longer"
            notices.append(View.Notice(tone: "warn", text: word(state, ["edition": factor.provenance.edition, "day": day.description])))
        }
        if factor.reading != .whole { notices.append(View.Notice(tone: "warn", text: word("public.reading.\(factor.reading)"))) }
        var facts = [View.Fact(label: word("public.category"), value: category(factor.category))] + sources(factor.provenance)
        if !factor.note.isEmpty { facts.append(View.Fact(label: word("public.note"), value: factor.note)) }
        let targets = stages.flatMap { tables.targets($0.stage, of: clause, in: edition) }
        let sections = [
            section("public.stages", stageHeads, stages.map(asked)),
            section("public.periods", periodHeads, periods(of: clause, in: edition)),
            section("public.targets", targetHeads, names(targets.filter { $0.kind == .disease })),
            section("public.contraindications", targetHeads, names(targets.filter { $0.kind == .contraindication })),
            section("public.factors", ["public.factor", "public.code", "public.confidence"], factors(under: clause, in: edition)),
        ]
        return EntryPage(
            frame: office.frame(call, at: .lookup), places: places(at: .lookup), kind: word("public.kind.examination"),
            kindHref: href("/lookup", ["kind": "examination"]), id: clause, name: named(factor.name), notices: notices,
            confidence: confidence(factor.provenance.confidence), facts: facts, sections: sections.filter { !$0.rows.isEmpty })
    }

    /// The categories of GBZ 188 are those of the catalogue of factors; work of its own kind is none.
    private func category(_ name: String) -> String {
        if name == "特殊作业" { return word("public.special-work") }
        guard let code = catalog.tables["factor_category"]?.code(for: name) else { return name }
        return catalog.title("factor_category", code, english: call.isEnglish)
    }
    private var stageHeads: [String] { ["public.stage", "public.need", "public.items", "public.physical", "public.clause"] }
    private func asked(_ stage: ExamStage) -> [View.Cell] {
        var items = needs(stage.laboratory)
        if stage.items == .missing { items = word("public.items.missing") }
        if stage.items == .physical { items = word("public.items.physical") }
        return [
            cell("public.stage", self.stage(stage.stage)), cell("public.need", word("public.need.\(stage.need)")),
            cell("public.items", items), cell("public.physical", needs(stage.physical)), cell("public.clause", stage.provenance.clause),
        ]
    }

    private var periodHeads: [String] { ["public.stage", "public.period", "public.items", "public.confidence"] }
    private func periods(of clause: String, in edition: String) -> [[View.Cell]] {
        ["in_service", "follow_up"].flatMap { stage in
            catalog.exams.periods(stage, of: clause, in: edition).map { period in
                let scope = period.scope.map(item).joined(separator: word("public.or"))
                return [
                    cell("public.stage", self.stage(stage)), cell("public.period", period.text),
                    cell("public.items", scope.isEmpty ? word("public.whole-exam") : scope),
                    cell("public.confidence", confidence(period.provenance.confidence)),
                ]
            }
        }
    }

    private var targetHeads: [String] { ["public.name", "public.stage", "public.standard"] }
    /// Each name once, with the stages that look for it.
    private func names(_ targets: [ExamTarget]) -> [[View.Cell]] {
        let stages = Dictionary(grouping: targets, by: \.name).mapValues { $0.map { stage($0.stage) } }
        var seen: Set<String> = []
        return targets.filter { seen.insert($0.name).inserted }.map { target in
            let path = target.diseases.first.map { href("/lookup/disease/\($0)") }
            return [
                cell("public.name", target.name, href: path), cell("public.stage", (stages[target.name] ?? []).joined(separator: "、")),
                cell("public.standard", target.standard),
            ]
        }
    }

    private func factors(under clause: String, in edition: String) -> [[View.Cell]] {
        catalog.exams.links.filter { $0.edition == edition && $0.clause == clause }.map { link in
            let name = catalog.factors[link.factor].map { both($0.name) } ?? link.factor
            return [
                cell("public.factor", name, href: href("/lookup/factor/\(link.factor)")), cell("public.code", link.factor),
                cell("public.confidence", confidence(link.provenance.confidence)),
            ]
        }
    }

    private func item(_ code: String) -> String { catalog.exams.items[code].map { text($0.name) } ?? code }
    private func needs(_ needs: [ExamItemNeed]) -> String {
        needs.map { need in
            let any = need.anyOf.map(item).joined(separator: word("public.or"))
            return need.only.map { call.language.aside(any, $0) } ?? any
        }.joined(separator: call.isEnglish ? "; " : "；")
    }
}
