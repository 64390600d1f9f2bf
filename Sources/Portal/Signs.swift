import Catalog
import Exposure
import Hummingbird
import Kernel
import Ledger
import Registry
import Storage
import Web

/// What each post of an employer has to put up, from the factors on record there, and what is up.
func signRoutes(_ office: Office) -> [Route] {
    [Route(.get, "/employers/:id/signs", needs: .signedIn) { call in try await signsPage(office, call) }]
}

private func signsPage(_ office: Office, _ call: Call) async throws -> Response {
    let id = try call.part("id")
    let model = try await office.ledger.store.read { db -> SignsPage in
        let show = Showing(office, call, db)
        guard let employer = try show.record(id), employer.kind.name == Employer.kind.name, try show.sees(employer) else {
            throw Refusal("record.missing", ["value": id])
        }
        return SignsPage(
            frame: office.frame(call, at: .duties), employer: try show.title(employer), employerHref: Address.employer(id),
            posts: try PostSigns.all(of: employer, show).map { try $0.view() })
    }
    return try call.page("signs", model)
}

/// A post with hazards in use today: the signs and cards that it needs, what is up, what its tests said.
struct PostSigns {
    let show: Showing
    let employer: Record
    let post: Record
    let list: SignList
    let day: Day
    /// Signs and notices in force today.
    private let standing: [Record]
    private let notices: [Record]
    /// What is on record of the post's hazards today.
    private let hazards: [Record]
    /// The newest result of each factor at the post with its report.
    let newest: [String: (result: Record, report: Record)]
    private var call: Call { show.call }

    static func all(of employer: Record, _ show: Showing) throws -> [PostSigns] {
        let (ledger, db, day) = (show.ledger, show.db, show.ledger.clock.today)
        let posts = try ledger.records(db, Post.kind, naming: employer.id).filter { $0.span(Post.from, Post.until).contains(day) }
        let hazards = try ledger.records(db, EmployerHazard.kind, naming: employer.id).filter {
            $0.span(EmployerHazard.from, EmployerHazard.until).contains(day)
        }
        let signs = try ledger.records(db, WarningSign.kind, naming: employer.id).filter {
            $0.span(WarningSign.installed, WarningSign.removed).contains(day)
        }
        let notices = try ledger.records(db, Notice.kind, naming: employer.id).filter { $0.span(Notice.day, Notice.until).contains(day) }
        return try posts.compactMap { post -> PostSigns? in
            let factors = Set(hazards.filter { $0[EmployerHazard.post] == post.id }.compactMap { $0[EmployerHazard.factor] })
            guard !factors.isEmpty else { return nil }
            var newest: [String: (result: Record, report: Record)] = [:]
            for result in try ledger.records(db, TestResult.kind, naming: post.id) {
                guard let factor = result[TestResult.factor], let id = result[TestResult.report], let report = try show.record(id),
                    let sampled = report[TestReport.sampled], sampled <= day
                else { continue }
                if let known = newest[factor]?.report[TestReport.sampled], known > sampled { continue }
                newest[factor] = (result, report)
            }
            var asked: [String: Truth] = [:]
            for factor in factors {
                asked[factor] =
                    newest[factor].map { result, _ in
                        switch ResultVerdict(result) {
                        case .exceed: .yes
                        case .pass: .no
                        default: .unknown
                        }
                    } ?? .unknown
            }
            return PostSigns(
                show: show, employer: employer, post: post, list: SignList(factors: asked, catalog: ledger.catalog, on: day), day: day,
                standing: signs.filter { $0[WarningSign.post] == post.id }, notices: notices.filter { $0[Notice.post] == post.id },
                hazards: hazards.filter { $0[EmployerHazard.post] == post.id },
                newest: newest)
        }.sorted { $0.post.id < $1.post.id }
    }

    private func named(_ name: Bilingual) -> String { name.text(english: call.isEnglish) }
    private func factor(_ code: String) -> String { show.ledger.catalog.title("factor", code, english: call.isEnglish) }
    private var join: String { call.isEnglish ? ", " : "、" }
    private func mark(_ confidence: Confidence) -> View.Mark? {
        confidence.isLow ? View.Mark("warn", call.word("confidence.\(confidence.rawValue)")) : nil
    }

    func view() throws -> View.PostSigns {
        let mayEnter = Reach(ledger: show.ledger, person: call.person).mayAdd(WarningSign.kind)
        let catalog = show.ledger.catalog
        // The registry records signs by the category that they warn of.
        let categories = Set(list.cards.map(\.factor.category)).sorted()
        let states = categories.map { category -> View.SignState in
            let name = catalog.title("factor_category", category, english: call.isEnglish)
            if let sign = standing.first(where: { $0[WarningSign.category] == category }) {
                let since = show.day(sign[WarningSign.installed]).map { call.word("signs.since", ["value": $0]) }
                return View.SignState(
                    category: name, mark: View.Mark("met", call.word("signs.up")), since: since, href: Address.record(sign.id))
            }
            let given = ["employer": employer.id, "post": post.id, "category": category]
            return View.SignState(
                category: name, mark: View.Mark("overdue", call.word("signs.missing")),
                enterHref: mayEnter ? Address.new(WarningSign.kind.name, given) : nil)
        }
        let signs = list.items.map { item -> View.SignLine in
            let condition =
                item.isNeeded == .yes
                ? nil : call.word(item.sign.condition == .exceeds ? "signs.when.exceeds" : "signs.unknown")
            return View.SignLine(
                code: item.sign.code, kind: item.sign.kind.rawValue,
                name: "\(call.word("signs.kind.\(item.sign.kind.rawValue)")) · \(named(item.sign.name))", place: named(item.sign.place),
                factors: item.factors.map(factor).joined(separator: join), condition: condition,
                basis: "\(item.sign.provenance.edition) \(item.sign.provenance.clause)", confidence: mark(item.sign.provenance.confidence))
        }
        let results = newest.values.compactMap { $0.report[TestReport.issued] ?? $0.report[TestReport.sampled] }.max()
        let shown = notices.filter { $0[Notice.type] == "test_result" }.compactMap { $0[Notice.day] }.max()
        let published: View.Mark
        var isOwed = false
        switch (results, shown) {
        case (nil, nil): published = View.Mark("none", call.word("signs.published.none"))
        case (let results?, let shown) where shown.map({ $0 < results }) ?? true:
            published = View.Mark("overdue", call.word("signs.published.late", ["value": results.description]))
            isOwed = true
        case (_, let shown): published = View.Mark("met", call.word("signs.published.done", ["value": shown?.description ?? ""]))
        }
        let given = ["employer": employer.id, "post": post.id, "type": "test_result"]
        var view = View.PostSigns(
            id: post.id, name: try show.title(post), href: Address.record(post.id),
            persons: post[Post.headcount].map { call.word("signs.persons", ["value": show.count($0)]) }, states: states, signs: signs,
            cards: try list.cards.map(card), published: published,
            publishHref: mayEnter && isOwed ? Address.new(Notice.kind.name, given) : nil)
        let papers = Dictionary(uniqueKeysWithValues: Printable.all.filter { $0.kinds.contains(Post.kind.name) }.map { ($0.name, $0) })
        func paper(_ name: String) -> String? {
            papers[name].flatMap { $0.isReady(post) ? Address.record(post.id) + "/print/\(name).pdf" : nil }
        }
        (view.listHref, view.cardsHref) = (paper("signs"), paper("card"))
        return view
    }

    private func card(_ card: NoticeCard) throws -> View.CardLine {
        let blank = call.word("signs.card.blank")
        func fact(_ label: String, _ value: String, note: String? = nil) -> View.Fact {
            View.Fact(label: call.word("signs.card.\(label)"), value: value.isEmpty ? blank : value, note: note)
        }
        let numbers = card.factor.cas.isEmpty ? "" : " CAS \(card.factor.cas.joined(separator: ", "))"
        var facts = [
            fact("name", "\(card.factor.name.zh) \(card.factor.name.en == card.factor.name.zh ? "" : card.factor.name.en)\(numbers)"),
            fact("health", card.effects.joined(separator: "；")), fact("diseases", card.diseases.map(named).joined(separator: join)),
            fact("nature", ""),
        ]
        for limit in card.limits {
            let sure = limit.confidence.isLow ? " · " + call.word("confidence.\(limit.confidence.rawValue)") : ""
            facts.append(fact("limits", "\(named(limit.name)): \(limit.values.joined(separator: "; "))", note: limit.edition + sure))
        }
        if card.limits.isEmpty { facts.append(fact("limits", "")) }
        facts.append(
            fact("protect", card.signs.filter { $0.kind == .instruction }.map { named($0.name) }.joined(separator: join)))
        facts.append(fact("emergency", "", note: call.word("signs.card.phone")))
        if let (result, report) = newest[card.factor.code] {
            let value = try show.value(TestResult.value.spec, of: result).text
            let verdict = try show.value(TestResult.verdict.spec, of: result).text
            let judged = try show.value(TestResult.assessment.spec, of: result).text
            facts.append(
                fact(
                    "test",
                    [
                        report[TestReport.sampled]?.description ?? "", value, result[TestResult.unit] ?? "",
                        verdict.isEmpty ? judged : verdict,
                    ]
                    .filter { !$0.isEmpty }.joined(separator: " ")))
        }
        return View.CardLine(
            factor: factor(card.factor.code), basis: call.word("signs.basis.\(card.basis.rawValue)"), facts: facts,
            printHref: hazards.first { $0[EmployerHazard.factor] == card.factor.code }.map { Address.record($0.id) + "/print/card.pdf" })
    }
}
