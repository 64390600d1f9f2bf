import Catalog
import Declaration
import Kernel
import Ledger
import Registry
import Web

/// One question of the phone form: what it asks, what was answered, what is wrong with that.
struct QuestionForm {
    var here: Declaring
    let question: GuidedDeclaration.Question
    let version: Int
    /// What is wrong, by the name of the input.
    private(set) var errors: [(name: String, label: String, refusal: Refusal)] = []
    private var call: Call { here.call }

    init(_ here: Declaring, _ question: GuidedDeclaration.Question, version: Int) throws {
        (self.here, self.question, self.version) = (here, question, version)
    }

    /// Questions that may be answered with “I do not know”.
    private var mayBeUnknown: Bool { [.people, .hazards, .exposed].contains(question) }
    private var unknown: String { "_unknown.\(question.rawValue)" }
    private var isUnknown: Bool { here.answers.cells[unknown] == "1" }

    /// Takes what was sent. Boxes that nobody ticked are sent by no browser.
    mutating func take(_ call: Call) {
        func sent(_ name: String) -> String { CellReader.trimmed(call.given(name)) }
        if mayBeUnknown { here.answers.cells[unknown] = sent("_unknown") == "1" ? "1" : "" }
        for field in GuidedDeclaration.fields(of: question) { here.answers.cells[field.name] = sent(field.name) }
        switch question {
        case .products:
            here.answers.products = (0..<GuidedDeclaration.rows).map {
                .init(name: sent("_product.\($0)"), output: sent("_output.\($0)"), unit: sent("_unit.\($0)"))
            }
        case .hazards:
            let known = here.catalog.tables["factor"]
            let chosen = Set(call.form["factors"] ?? []).filter { known?[$0] != nil }.sorted()
            here.answers.cells["factors"] = chosen.isEmpty || isUnknown ? nil : chosen.joined(separator: ";")
        case .posts:
            here.answers.places = (0..<GuidedDeclaration.places).map { index in
                .init(
                    post: sent("_post.\(index)"), name: sent("_place.\(index)"), persons: sent("_persons.\(index)"),
                    factors: call.form["_at.\(index)"] ?? [])
            }.filter { !$0.isBlank }
        default: break
        }
        if isUnknown, question != .hazards { for field in GuidedDeclaration.fields(of: question) { here.answers.cells[field.name] = "" } }
    }

    /// Reads each cell as its field wants it, and asks for an answer where one is needed.
    mutating func check() {
        let reader = CellReader(catalog: here.catalog, today: here.today)
        func flaw(_ text: String, _ field: FieldSpec) -> Refusal? {
            do { _ = try reader.read(text, as: field) } catch let refusal as Refusal { return refusal } catch {}
            return nil
        }
        for field in GuidedDeclaration.fields(of: question) {
            let text = here.answers.cells[field.name] ?? ""
            if let refusal = flaw(text, field) { errors.append((field.name, label(field), refusal)) }
        }
        func need(_ field: FieldSpec, _ code: String = "field.required") {
            guard (here.answers.cells[field.name] ?? "").isEmpty, !isUnknown, errors.isEmpty else { return }
            errors.append((field.name, label(field), code == "field.required" ? Refusal("field.required") : Refusal("declare.answer")))
        }
        switch question {
        case .unit: need(Filing.unitName.spec)
        case .people: need(Filing.labour.spec, "declare.answer")
        case .exposed: need(Filing.exposed.spec, "declare.answer")
        case .hazards:
            if here.answers.factors == nil, !isUnknown { errors.append(("q", "", Refusal("declare.hazards"))) }
        case .products:
            for (index, product) in here.answers.products.enumerated() {
                if let refusal = flaw(product.output, FilingProduct.output.spec) {
                    errors.append(("_output.\(index)", call.word("declare.f.output"), refusal))
                }
            }
        case .posts:
            for (index, place) in here.answers.places.enumerated() {
                if let refusal = flaw(place.persons, FilingFactor.exposed.spec) {
                    errors.append(("_persons.\(index)", place.name, refusal))
                }
            }
        default: break
        }
    }

    private func label(_ field: FieldSpec) -> String { call.word("declare.f.\(field.name)") }
    private func error(_ name: String) -> String? { errors.first { $0.name == name }.map { call.say($0.refusal) } }

    func page(_ office: Office, draft: String, query: String = "") throws -> DeclareQuestionPage {
        let example = "declare.q.\(question.rawValue).example"
        let total = GuidedDeclaration.Question.allCases.count
        return DeclareQuestionPage(
            frame: office.frame(call, at: .duties), number: String(question.number), total: String(total),
            done: String(question.number - 1),
            title: call.word("declare.q.\(question.rawValue).title"), help: call.word("declare.q.\(question.rawValue).help"),
            example: call.has(example) ? call.word(example) : nil, action: "/declare/questions/\(question.rawValue)", draft: draft,
            version: String(version),
            errors: errors.map { View.FormError(anchor: $0.name, label: $0.label, text: call.say($0.refusal)) }, fields: fields,
            groups: try groups(query), asksSearch: question == .hazards, query: query, places: try places(),
            placesNote: question == .posts ? call.word("declare.places.note") : nil, mayBeUnknown: mayBeUnknown, isUnknown: isUnknown,
            backHref: question.previous.map { "/declare/questions/\($0.rawValue)" } ?? "/declare", notices: notices)
    }

    private var fields: [View.AskField] {
        if question == .products {
            return here.answers.products.enumerated().flatMap { index, product -> [View.AskField] in
                let unit = View.AskField(name: "_unit.\(index)", label: call.word("declare.f.unit"), value: product.unit)
                let output = View.AskField(
                    name: "_output.\(index)", label: call.word("declare.f.output"), value: product.output, error: error("_output.\(index)"),
                    mode: "decimal")
                let name = View.AskField(
                    name: "_product.\(index)", label: "\(call.word("declare.f.product")) \(index + 1)", value: product.name)
                return [name, output, unit]
            }
        }
        return GuidedDeclaration.fields(of: question).map { field in
            let value = here.answers.cells[field.name] ?? ""
            var options: [View.Option] = []
            var mode = "text"
            switch field.type {
            case .flag:
                options = [("1", "flag.yes"), ("0", "flag.no"), ("", "declare.unknown")].map {
                    View.Option(value: $0.0, text: call.word($0.1), selected: value == $0.0)
                }
            case .integer: mode = "numeric"
            case .decimal: mode = "decimal"
            default: if field.name.hasSuffix("phone") { mode = "tel" }
            }
            return View.AskField(
                name: field.name, label: label(field), value: value, error: error(field.name), mode: mode, options: options)
        }
    }

    private var notices: [View.Notice] {
        if question == .posts, (here.answers.factors ?? []).isEmpty {
            return [View.Notice(tone: "info", text: call.word("declare.no-hazards"))]
        }
        guard question == .hazards, let industry = here.employer[Employer.industry] else { return [] }
        let risks = here.catalog.constructionRisks.entries(industry: industry, on: here.today)
        // Where the catalogue splits a trade, its parts differ: nothing is said.
        guard risks.count == 1, let risk = risks.first, risk.part == nil else { return [] }
        return [View.Notice(tone: "info", text: call.word("declare.trade.\(risk.severity.rawValue)", ["value": risk.name]))]
    }

    /// Factors offered: the chosen ones, those on record, those of the trade, those found by name; each once.
    private func groups(_ query: String) throws -> [View.AskGroup] {
        guard question == .hazards else { return [] }
        let chosen = here.answers.factors ?? []
        var seen = Set(chosen)
        var groups: [View.AskGroup] = []
        func options(_ codes: [String]) -> [View.Option] {
            codes.map { View.Option(value: $0, text: here.name($0), selected: chosen.contains($0)) }
        }
        func add(_ name: String, _ codes: [String], note: String? = nil) {
            let fresh = codes.filter { seen.insert($0).inserted }
            if !fresh.isEmpty {
                groups.append(View.AskGroup(title: call.word("declare.group.\(name)"), note: note, options: options(fresh)))
            }
        }
        if !query.isEmpty {
            let hits = try PublicShelf.shared.lookup(here.catalog).find(String(query.prefix(60))).filter { $0.entry.kind == .factor }
            let found = hits.prefix(12).map(\.entry.key).filter { seen.insert($0).inserted }
            let note = hits.isEmpty ? call.word("declare.group.found.none") : nil
            groups.append(View.AskGroup(title: call.word("declare.group.found"), note: note, options: options(found)))
        }
        if !chosen.isEmpty { groups.append(View.AskGroup(title: call.word("declare.group.chosen"), options: options(chosen))) }
        add("registry", try here.registered(), note: call.word("declare.group.registry.note"))
        let (usual, employers) = try here.usual()
        let trade =
            here.employer[Employer.industry].map { here.catalog.title("industry", String($0.prefix(4)), english: call.isEnglish) } ?? ""
        add("trade", usual, note: call.word("declare.group.trade.note", ["value": trade, "limit": String(employers)]))
        return groups
    }

    private func places() throws -> [View.AskPlace] {
        guard question == .posts else { return [] }
        let known = here.answers.places
        let count = min(GuidedDeclaration.places, known.count + 3)
        let factors = here.answers.factors ?? []
        return (0..<count).map { index in
            let place = index < known.count ? known[index] : GuidedDeclaration.Place()
            let number = call.word("declare.place.number", ["value": String(index + 1)])
            return View.AskPlace(
                number: number, index: index, postValue: place.post, nameValue: place.name, personsValue: place.persons,
                isFixed: !place.post.isEmpty, error: error("_persons.\(index)"),
                options: factors.map { View.Option(value: $0, text: here.name($0), selected: place.factors.contains($0)) })
        }
    }
}
