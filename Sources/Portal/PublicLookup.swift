import Catalog
import Foundation
import HTTPTypes
import Hummingbird
import Kernel
import Ledger
import Web

/// The public look-up: the search page and a page for each thing that it finds. Nobody signs in for it.
func publicLookupRoutes(_ office: Office) -> [Route] {
    [
        Route(.get, "/lookup", needs: .anyone) { call in
            do { return try lookupPage(try PublicDesk(office, call)) } catch let refusal as Refusal
                where ["q", "on"].contains(refusal.field)
            {
                return try lookupPage(PublicDesk(today: office, call), refusal)
            }
        },
        Route(.get, "/lookup/limit/:key", needs: .anyone) { call in
            try call.page("public-entry", try PublicDesk(office, call).limitPage(try call.part("key")))
        },
        Route(.get, "/lookup/factor/:code", needs: .anyone) { call in
            try call.page("public-entry", try PublicDesk(office, call).factorPage(try call.part("code")))
        },
        Route(.get, "/lookup/disease/:code", needs: .anyone) { call in
            try call.page("public-entry", try PublicDesk(office, call).diseasePage(try call.part("code")))
        },
        Route(.get, "/lookup/examination/:edition/:clause", needs: .anyone) { call in
            try call.page(
                "public-entry", try PublicDesk(office, call).examinationPage(try call.part("edition"), try call.part("clause")))
        },
    ]
}

private let pageSize = 50

/// - Parameter flaw: what is wrong with the query or the day; then nothing is looked up.
private func lookupPage(_ desk: PublicDesk, _ flaw: Refusal? = nil) throws -> Response {
    let call = desk.call
    let lookup = desk.lookup
    let query = (call.asked("q") ?? "").trimmingCharacters(in: .whitespaces)
    // Without a query the tables are there to be leafed through.
    let hits = flaw != nil ? [] : query.isEmpty ? lookup.entries : try lookup.find(query).map(\.entry)
    let counts = Dictionary(grouping: hits, by: \.kind).mapValues(\.count)
    let asked = Lookup.Kind(rawValue: call.asked("kind") ?? "")
    let kind = asked ?? Lookup.Kind.allCases.first { counts[$0] != nil } ?? .limit
    let found = hits.filter { $0.kind == kind }

    func href(_ kind: Lookup.Kind, from first: Int = 0, query: String = query) -> String {
        desk.href("/lookup", ["q": query, "kind": kind.rawValue, "from": first == 0 ? "" : String(first)])
    }
    let tabs = Lookup.Kind.allCases.map { each in
        View.Link(text: desk.word("public.kind.\(each)"), href: href(each), current: each == kind, count: String(counts[each] ?? 0))
    }
    let first = min(max(0, call.asked("from").flatMap { Int($0) } ?? 0), max(0, found.count - 1) / pageSize * pageSize)
    let shown = found[min(first, found.count)..<min(first + pageSize, found.count)]
    var page = LookupPage(
        frame: desk.office.frame(call, at: .lookup), places: desk.places(at: .lookup), query: String(query.prefix(Lookup.longest)),
        on: desk.day.description, kind: asked?.rawValue ?? "", table: kind.rawValue, tabs: tabs, caption: desk.word("public.kind.\(kind)"))
    if query.isEmpty {
        page.examples = ["苯", "jq", "71-43-2", "silica", "噪声", "xf"].map {
            View.Link(text: $0, href: desk.href("/lookup", ["q": $0]))
        }
    }
    if found.count > pageSize {
        let last = first + shown.count
        page.pager = View.Pager(
            position: desk.word("pager.position", ["first": String(first + 1), "last": String(last), "total": String(found.count)]),
            previous: first == 0 ? nil : href(kind, from: max(0, first - pageSize)), next: last < found.count ? href(kind, from: last) : nil
        )
    }
    if let firstDay = desk.catalog.limits.firstDay, kind == .limit, desk.day < firstDay {
        page.notices = [
            View.Notice(tone: "warn", text: desk.word("public.before", ["day": desk.day.description, "first": firstDay.description]))
        ]
    }
    switch kind {
    case .limit: page.limits = shown.compactMap { desk.row($0.key, met: query) }
    case .physical: (page.columns, page.rows) = desk.physicalRows(shown)
    case .factor: (page.columns, page.rows) = desk.factorRows(shown)
    case .disease: (page.columns, page.rows) = desk.diseaseRows(shown)
    case .examination: (page.columns, page.rows) = desk.examinationRows(shown)
    }
    if let flaw {
        page.errors = [FieldFlaw(field: flaw.field ?? "q", text: call.say(flaw))]
    } else if hits.isEmpty {
        page.isEmpty = true
        page.suggestions = lookup.suggestions(for: query).map {
            View.Link(text: "\(desk.text($0.name)) · \(desk.word("public.kind.\($0.kind)"))", href: desk.href($0))
        }
    } else if found.isEmpty {
        page.notices.append(View.Notice(tone: "info", text: desk.word("public.lookup.elsewhere")))
    }
    return try call.page("public-lookup", page, status: flaw.map(status(of:)) ?? .ok)
}

extension PublicDesk {
    /// The page of an entry; a physical agent has none of its own and leads to its rows.
    func href(_ entry: Lookup.Entry) -> String {
        entry.kind == .physical
            ? href("/lookup", ["kind": entry.kind.rawValue, "q": entry.aliases.first ?? ""])
            : href("/lookup/\(entry.kind.rawValue)/\(entry.key)")
    }

    fileprivate func factorRows(_ entries: some Collection<Lookup.Entry>) -> ([View.Column], [View.Row]) {
        let heads = ["public.name", "public.code", "public.category", "public.cas", "public.limits", "public.edition", "public.confidence"]
        return table(heads, entries) { entry in
            guard let factor = catalog.factors[entry.key] else { return nil }
            let limits = catalog.limits(ofFactor: factor.code, on: day)
            let category = catalog.title("factor_category", factor.category, english: call.isEnglish)
            // Of several limits without a condition the names tell which is which.
            let lines = limits.map { limit in
                (limits.count > 1 && limit.condition == nil ? text(limit.name) + " " : "") + values(limit)
            }
            let held = lines.isEmpty ? word("public.none") : lines.joined(separator: "; ")
            let texts = [factor.code, category, factor.cas.joined(separator: "\n"), held, factor.provenance.edition]
            return (factor.name, texts, factor.provenance.confidence)
        }
    }

    fileprivate func physicalRows(_ entries: some Collection<Lookup.Entry>) -> ([View.Column], [View.Row]) {
        let heads = ["public.name", "public.condition", "public.value", "public.edition", "public.force", "public.confidence"]
        return table(heads, entries) { entry in
            guard let limit = catalog.physical.all.last(where: { $0.key == entry.key && $0.provenance.force.contains(day) }) else {
                return nil
            }
            let provenance = limit.provenance
            let value = "\(number(limit.limit)) \(unit(limit.unit))"
            let edition = [provenance.edition, clause(provenance.clause)].filter { !$0.isEmpty }.joined(separator: " ")
            return (entry.name, [text(limit.condition), value, edition, force(provenance.force)], provenance.confidence)
        }
    }

    fileprivate func diseaseRows(_ entries: some Collection<Lookup.Entry>) -> ([View.Column], [View.Row]) {
        table(["public.name", "public.code", "public.class", "public.lists", "public.force", "public.confidence"], entries) { entry in
            guard let disease = catalog.diseases[entry.key] else { return nil }
            let texts = [disease.code, disease.listings.last?.category ?? "", lists(disease), force(disease.provenance.force)]
            return (disease.name, texts, disease.provenance.confidence)
        }
    }

    fileprivate func examinationRows(_ entries: some Collection<Lookup.Entry>) -> ([View.Column], [View.Row]) {
        table(["public.name", "public.clause", "public.periods", "public.edition", "public.force", "public.confidence"], entries) { entry in
            let parts = entry.key.split(separator: "/", maxSplits: 1).map(String.init)
            guard parts.count == 2, let factor = catalog.exams.factor(parts[1], in: parts[0]) else { return nil }
            let periods = catalog.exams.periods("in_service", of: factor.clause, in: factor.edition).map(\.text)
            let texts = [factor.clause, periods.joined(separator: "；"), factor.provenance.edition, force(factor.provenance.force)]
            return (factor.name, texts, factor.provenance.confidence)
        }
    }

    /// Rows of entries: the name, which leads to the entry's own page, then texts, then how sure it is.
    private func table(
        _ heads: [String], _ entries: some Collection<Lookup.Entry>, _ cells: (Lookup.Entry) -> (Bilingual, [String], Confidence)?
    ) -> ([View.Column], [View.Row]) {
        let rows = entries.compactMap { entry -> View.Row? in
            guard let (name, texts, sure) = cells(entry), let first = heads.first, let last = heads.last else { return nil }
            let middle = zip(heads.dropFirst(), texts).map { cell($0, $1) }
            return View.Row(cells: [cell(first, both(name), href: href(entry))] + middle + [cell(last, confidence(sure))])
        }
        return (heads.map { View.Column(text: word($0)) }, rows)
    }

    /// A name in both languages, the reader's first.
    func both(_ name: Bilingual) -> String {
        let names = named(name)
        return [names.text, names.other].compactMap { $0 }.joined(separator: " · ")
    }

    /// "2013: 13 · 2024: 13", the number of a disease in each list.
    func lists(_ disease: Disease) -> String { disease.listings.map { "\($0.edition): \($0.number)" }.joined(separator: " · ") }

    /// All values of a limit in one line: "PC-TWA 3, PC-STEL 6 mg/m³".
    func values(_ limit: ExposureLimit) -> String {
        let twa = limit.respirable == nil ? "PC-TWA" : "PC-TWA \(word("public.total"))"
        let parts = [("MAC", limit.mac), (twa, limit.twa), (word("public.respirable"), limit.respirable), ("PC-STEL", limit.stel)]
        let printed = parts.compactMap { name, value in value.map { "\(name) \(number($0))" } }
        let condition = limit.condition.map { text($0) + (call.isEnglish ? ": " : "：") } ?? ""
        return condition + printed.joined(separator: ", ") + " " + unit(limit.unit)
    }
}
