import Catalog
import Declaration
import Kernel
import Ledger
import Registry
import Storage
import Web

/// An employer before its declaration, inside one read of the store: what stands, what was begun, what the registry and other records say.
struct Declaring {
    let show: Showing
    let employer: Record
    /// Live declarations, the newest first.
    let filings: [Record]
    /// What was begun on the phone form; nil where nothing was.
    let saved: SavedDraft?
    var answers: GuidedDeclaration
    let today: Day
    var call: Call { show.call }
    var catalog: Catalog { show.ledger.catalog }

    /// Marks a draft as one of the phone form.
    static let mark = "_guided"

    /// - Throws: `page.missing` for whoever works for no employer.
    init(_ show: Showing) throws {
        guard let id = show.call.person.organisation, let employer = try show.record(id), employer.kind.name == Employer.kind.name else {
            throw Refusal("page.missing", ["value": "/declare"])
        }
        (self.show, self.employer, today) = (show, employer, show.ledger.clock.today)
        filings = try show.ledger.records(show.db, Filing.kind, naming: id).sorted {
            ($0[Filing.submitted] ?? .distantPast, $0.id) > ($1[Filing.submitted] ?? .distantPast, $1.id)
        }
        saved = try show.ledger.drafts(show.db, of: show.call.person).first { draft in
            draft.kind == Filing.kind.name && draft.cells[Declaring.mark] != nil && draft.cells["employer"] == id
        }
        answers = GuidedDeclaration(saved?.cells ?? [:])
    }

    var last: Record? { filings.first }
    /// The newest declaration that was accepted and declares something, unless it was cancelled since.
    var standing: Record? {
        guard let accepted = filings.first(where: { $0[Filing.accepted] != nil }), accepted[Filing.type] != "cancellation" else {
            return nil
        }
        return accepted
    }
    /// What a new one would be.
    var type: String { standing == nil ? "initial" : "change" }
    var waits: Bool { last?.state?.waits ?? false }
    var isReturned: Bool { last?.state == .returned }

    // Beginning

    /// The answers that a new form begins with: what the last declaration said, over it what the registry says.
    func beginning(correcting record: Record?) throws -> GuidedDeclaration {
        var begun = GuidedDeclaration()
        if let before = record ?? standing {
            let factors = try show.ledger.records(show.db, FilingFactor.kind, naming: before.id)
            let products = try show.ledger.records(show.db, FilingProduct.kind, naming: before.id)
            var names: [String: String] = [:]
            for post in try posts() { names[post.id] = post[Post.name] }
            begun = GuidedDeclaration(before, factors: factors, products: products, postNames: names, withSensitive: true)
        }
        func fill(_ field: FieldSpec, _ value: String?) { if (begun.cells[field.name] ?? "").isEmpty { begun.cells[field.name] = value } }
        fill(Filing.unitName.spec, employer[Employer.name])
        fill(Filing.workplaceAddress.spec, employer[Employer.address])
        fill(Filing.phone.spec, employer[Employer.phone])
        fill(Filing.labour.spec, employer[Employer.headcount].map { String($0) })
        let known = begun.places
        let missing = try posts().filter { post in !known.contains { $0.post == post.id } }
        begun.places =
            known
            + missing.map {
                GuidedDeclaration.Place(post: $0.id, name: $0[Post.name] ?? "", persons: $0[Post.headcount].map { String($0) } ?? "")
            }
        begun.cells["employer"] = employer.id
        begun.cells["type"] = record?[Filing.type] ?? type
        begun.cells[Declaring.mark] = "1"
        begun.cells["_question"] = GuidedDeclaration.Question.unit.rawValue
        return begun
    }
    /// Cells that no question asks for.
    var given: [String: String] {
        var cells = ["employer": employer.id, "type": answers.cells["type"] ?? type, "submitted": today.description]
        cells["unit_code"] = employer[Employer.creditCode]
        cells["registered_address"] = employer[Employer.address]
        for (field, value) in [
            (Filing.size, employer[Employer.size]), (Filing.industry, employer[Employer.industry]),
            (Filing.ownership, employer[Employer.ownership]),
        ] { cells[field.spec.name] = value }
        return cells
    }

    // The registry

    func posts() throws -> [Record] {
        try show.ledger.records(show.db, Post.kind, naming: employer.id).filter { post in
            post[Post.employer] == employer.id && post.span(Post.from, Post.until).contains(today)
        }
    }
    func registered() throws -> [String] {
        let hazards = try show.ledger.records(show.db, EmployerHazard.kind, naming: employer.id)
        return Set(
            hazards.filter { $0.span(EmployerHazard.from, EmployerHazard.until).contains(today) }.compactMap { $0[EmployerHazard.factor] }
        ).sorted()
    }

    /// Factors that at least three other employers of the trade (group of GB/T 4754) in the prefecture have on record, and of how many
    /// employers: fewer would tell one of them.
    func usual() throws -> (factors: [String], employers: Int) {
        guard let industry = employer[Employer.industry], industry.count >= 4 else { return ([], 0) }
        let (group, prefix) = (String(industry.prefix(4)), String(employer.home.prefix(4)))
        let rows = try show.db.rows(
            """
            SELECT id FROM record WHERE kind = 'employer' AND live = 1 AND home >= \(prefix) AND home < \(prefix + ":") AND id <> \(employer.id)
            ORDER BY id LIMIT 20000
            """)
        let peers = try show.ledger.records(show.db, try rows.map { try $0.get("id", as: String.self) }).filter {
            ($0[Employer.industry] ?? "").hasPrefix(group)
        }.prefix(300)
        guard peers.count >= 3 else { return ([], peers.count) }
        var counts: [String: Set<String>] = [:]
        for start in stride(from: 0, to: peers.count, by: 100) {
            let ids = peers.dropFirst(start).prefix(100).map(\.id)
            let links = try show.db.rows(
                "SELECT DISTINCT id FROM link WHERE kind = 'employer_hazard' AND field = 'employer' AND target IN \(list: ids)")
            for hazard in try show.ledger.records(show.db, try links.map { try $0.get("id", as: String.self) }) {
                guard let factor = hazard[EmployerHazard.factor], let owner = hazard[EmployerHazard.employer] else { continue }
                if hazard.span(EmployerHazard.from, EmployerHazard.until).contains(today) { counts[factor, default: []].insert(owner) }
            }
        }
        let common = counts.filter { $0.value.count >= 3 }.sorted { ($1.value.count, $0.key) < ($0.value.count, $1.key) }
        return (common.prefix(10).map(\.key), peers.count)
    }

    func name(_ factor: String) -> String { catalog.title("factor", factor, english: call.isEnglish) }

    // Checking

    func differences() throws -> [View.DifferenceLine] {
        let evidence = try DeclareEvidence(show, employer: employer.id, on: today)
        let check = DeclarationCheck(factors: answers.persons, exposed: answers.cells["exposed"].flatMap { Int($0) })
        return try evidence.lines(check.differences(evidence.evidence, persons: evidence.persons))
    }

    /// Everything that is handed in: the declaration, its parts, and the old parts of one that was returned.
    func drafts(now: Moment) throws -> [Draft] {
        let points = try DeclareEvidence(show, employer: employer.id, on: today).points
        let id = saved?.record ?? Identifier.make(at: now)
        var drafts = answers.drafts(id: id, given, points: points, catalog)
        drafts[0].step = .submit
        drafts[0].saved = saved?.id
        if saved?.record == nil {
            (drafts[0].recordedAt, drafts[0].seen) = (now, 0)
        } else {
            drafts[0].seen = saved?.seen
            drafts.insert(contentsOf: try withdrawals(of: id), at: 1)
        }
        return drafts
    }
    private func withdrawals(of id: String) throws -> [Draft] {
        try [FilingProduct.kind, FilingFactor.kind, FilingCategory.kind].flatMap { kind in
            try show.ledger.records(show.db, kind, naming: id).map { part in
                var draft = Draft(kind, id: part.id)
                draft.isWithdrawal = true
                return draft
            }
        }
    }

    /// The same declaration again, as the yearly update: its statements and its parts.
    func repeated(_ before: Record, now: Moment) throws -> [Draft] {
        let id = Identifier.make(at: now)
        var cells: [String: String] = [:]
        for field in Filing.stated where field !== Filing.changeReason.spec { cells[field.name] = before[field].map(plainText) }
        cells["factors"] = before[Filing.factors]?.joined(separator: ";")
        cells.merge(["employer": employer.id, "type": "yearly", "submitted": today.description]) { $1 }
        var head = Draft(Filing.kind, id: id, cells)
        (head.recordedAt, head.seen, head.step) = (now, 0, .submit)
        let parts = try [FilingProduct.kind, FilingFactor.kind, FilingCategory.kind].flatMap { kind in
            try show.ledger.records(show.db, kind, naming: before.id).map { part -> Draft in
                var cells: [String: String] = [:]
                for field in kind.fields where field !== kind.code { cells[field.name] = part[field].map(plainText) }
                cells["declaration"] = id
                return Draft(kind, cells)
            }
        }
        return [head] + parts
    }
}
