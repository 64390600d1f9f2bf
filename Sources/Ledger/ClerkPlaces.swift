import Catalog
import Kernel
import Storage

/// Where a record lies and whose it is, as far as its parents say: what access is decided by.
extension Clerk {
    /// Whether the submitter may change this record where it lies.
    mutating func permit(_ record: Record, _ action: Action = .change) throws {
        let place = try place(of: record)
        guard mayDo(submission.person, action, at: place) else { throw Refusal("access.denied", ["value": record.kind.zh]) }
        principals[record.id] = submission.person.principal(action, at: place)
    }
    mutating func place(of record: Record) throws -> Place {
        var divisions: [String] = ["township", "division"].compactMap { record.text($0) }.prefix(1).map { $0 }
        var organisations: [String] = []
        var (workers, posts): ([String], [String]) = ([], [])
        if record.kind.name == "post" { posts.append(record.id) }
        if record.kind.name == "worker" {
            workers.append(record.id)
            // A person lies where their employers are, and belongs to the files of each.
            let rows = try db.rows(
                """
                SELECT DISTINCT e.target FROM link w JOIN link e ON e.home = w.home AND e.id = w.id AND e.field = 'employer'
                WHERE w.target = \(record.id) AND w.field = 'worker' AND w.kind = 'employment'
                """)
            for row in rows {
                let employer = try stored(try row.get(0))
                divisions += employer.divisions
                organisations += employer.organisations
            }
            divisions.append(record.home)
        }
        if record.kind.parents.isEmpty, ["employer", "institution"].contains(record.kind.name) { organisations.append(record.id) }
        let isOfOneEmployer = record.kind.references.contains { field in
            ["employer", "institution"].contains(field.target ?? "") && record.target(of: field) != nil
        }
        for field in record.kind.references {
            guard let target = record.target(of: field) else { continue }
            let above = try stored(target)
            if field.tie == .part || field.target == "worker" { workers += above.workers }
            if field.tie == .part || field.target == "post" { posts += above.posts }
            if field.tie == .part || ["employer", "institution"].contains(field.target ?? "") {
                divisions += above.divisions
                // What one employer recorded of a worker is not the file of the worker's other employers.
                if !(isOfOneEmployer && field.target == "worker") { organisations += above.organisations }
            }
        }
        if divisions.isEmpty { divisions = [record.home] }
        let receiver = record.kind.flow?.receiver.flatMap { record.target(of: $0) }
        return Place(
            divisions: divisions, organisations: organisations, authors: try authors(of: record, organisations), workers: workers,
            posts: posts, people: record.text("account").map { [$0] } ?? [], kind: record.kind.name,
            receivers: receiver.map { [$0] } ?? [], level: try level(of: record),
            functions: try functions(of: record))
    }
    /// The functions of authority that a record, or the record that it is part of, is addressed to.
    func functions(of record: Record) throws -> [String] {
        guard Submitters.sealed.contains(record.kind.name) else { return [] }
        if let function = record.text("function") { return [function] }
        for field in record.kind.parents {
            guard let above = try record.target(of: field).flatMap({ try ledger.record(db, $0) }),
                let function = above.text("function")
            else { continue }
            return [function]
        }
        return []
    }

    /// The organisations of a record's place that submit its kind: employers or institutions; of proceedings whoever is party.
    mutating func authors(of record: Record, _ organisations: [String]) throws -> [String] {
        let name = record.kind.name
        var kinds: [String] = []
        if Submitters.employer.contains(name) { kinds.append("employer") }
        if Submitters.institution.contains(name) { kinds.append("institution") }
        guard !kinds.isEmpty, !organisations.isEmpty else { return [] }
        let asked = Set(organisations)
        let unknown = asked.filter { kindsOf[$0] == nil }
        if !unknown.isEmpty { for (id, title) in try ledger.titles(db, unknown) { kindsOf[id] = title.kind } }
        return asked.filter { kindsOf[$0].map(kinds.contains) ?? false }
    }
    /// The place of a stored record, read once.
    private mutating func stored(_ id: String) throws -> Place {
        if let known = places[id] { return known }
        let place = try placeOfStored(id)
        places[id] = place
        return place
    }
    mutating func placeOfStored(_ id: String) throws -> Place {
        guard let record = try ledger.record(db, id) else { return Place() }
        return try place(of: record)
    }
}
