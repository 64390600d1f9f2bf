import Kernel
import Ledger
import Storage
import Web

/// Which records the lists of a reader hold: a condition on the table `record`. What may be opened, `mayDo` decides record by record.
struct Reach {
    let ledger: Ledger
    let person: Person

    func condition(_ kind: Kind) -> SQL {
        if let addressed = addressed(kind) { return addressed }
        switch person.role {
        case .officer, .viewer:
            return "(\(person.divisions.reduce(into: "1 = 0" as SQL) { $0 = "\($0) OR (\(Reach.homes($1)))" }))"
        case .organisation, .worker, .citizen: return own(kind, []).map { "record.id IN (\($0))" } ?? "1 = 0"
        case .system: return person == .house ? "1 = 1" : "1 = 0"
        case .security, .audit, .nobody: return "1 = 0"
        }
    }
    /// Of a sealed kind an officer of another function lists what is addressed to that function; nil where nothing is in the way.
    private func addressed(_ kind: Kind) -> SQL? {
        guard person.role == .officer || person.role == .viewer, Submitters.isSealed(kind.name, from: person) else { return nil }
        guard let division = person.division, let field = Submitters.address(of: kind, in: ledger.kinds) else { return "1 = 0" }
        let marks = person.functions.map { "function:\($0)" }
        guard !marks.isEmpty else { return "1 = 0" }
        let direct: SQL = "SELECT id FROM link WHERE target IN \(list: marks)"
        let ids: SQL = field.map { "SELECT id FROM link WHERE kind = \(kind.name) AND field = \($0) AND target IN (\(direct))" } ?? direct
        return "record.id IN (\(ids)) AND \(Reach.homes(division))"
    }
    /// Whether there can be a record of the kind that the reader may see, and whether they may add one: an organisation's are those of
    /// its own file. Where the new record lies decides when it is submitted.
    func concerns(_ kind: Kind) -> Bool {
        switch person.role {
        case .officer, .viewer:
            !Submitters.isSealed(kind.name, from: person) || Submitters.address(of: kind, in: ledger.kinds) != nil
        case .organisation, .worker, .citizen: own(kind, []) != nil
        case .system, .security, .audit, .nobody: person == .house
        }
    }
    func mayAdd(_ kind: Kind) -> Bool {
        guard person.mayChangeSomething else { return false }
        return person.role != .organisation || (concerns(kind) && !kind.parents.isEmpty)
    }
    /// Whether the lists are those of one file, not of a whole division.
    var isOwnFile: Bool { [.organisation, .worker, .citizen].contains(person.role) }

    /// Homes are counties: whoever works for a township reads its county's list and is shown the township's records.
    static func homes(_ division: DivisionCode) -> SQL {
        let prefix = String(division.prefix.prefix(6))
        return "record.home >= \(prefix) AND record.home < \(prefix + ":")"
    }
    var isExact: Bool { person.role != .officer && person.role != .viewer || person.divisions.allSatisfy { $0.text.utf8.count == 6 } }
    /// The ids of a kind's records that lie in the organisation's file: they name it, or are part of what does.
    private func own(_ kind: Kind, _ above: Set<String>) -> SQL? {
        if Submitters.isConfided(kind.name) { return isSpeaker ? confided(kind) : nil }
        if let worker = person.worker { return own(kind, of: worker, above) }
        guard let organisation = person.organisation, !Submitters.isSealed(kind.name, from: person) else { return nil }
        if kind.parents.isEmpty, ["employer", "institution"].contains(kind.name) {
            return "SELECT id FROM record WHERE id = \(organisation) AND kind = \(kind.name)"
        }
        var result: SQL?
        for field in kind.references {
            guard let name = field.target, let target = ledger.kinds[name], !above.contains(name) else { continue }
            guard field.tie == .part || ["employer", "institution"].contains(name) else { continue }
            guard let ids = own(target, above.union([kind.name])) else { continue }
            let part: SQL = "SELECT id FROM link WHERE kind = \(kind.name) AND field = \(field.name) AND target IN (\(ids))"
            result = result.map { "\($0) UNION \(part)" } ?? part
        }
        return result
    }

    /// Whether the person may be one who complained.
    private var isSpeaker: Bool { [.worker, .citizen].contains(person.role) }
    /// What the person said themself.
    private func confided(_ kind: Kind) -> SQL? {
        kind.field(named: "account") == nil ? nil : ledger.own(kind, of: person.name)
    }

    /// The ids of a kind's records that are about the worker, and of what is told of their posts.
    private func own(_ kind: Kind, of worker: String, _ above: Set<String>) -> SQL? {
        if kind.name == "worker" { return "SELECT id FROM record WHERE id = \(worker) AND kind = 'worker'" }
        var parts: [SQL] = []
        for field in kind.references {
            guard let name = field.target, let target = ledger.kinds[name], !above.contains(name) else { continue }
            guard field.tie == .part || name == "worker", name != "employer", name != "institution" else { continue }
            guard name == "worker" || leadsToWorker(target, above.union([kind.name])) else { continue }
            guard let ids = own(target, of: worker, above.union([kind.name])) else { continue }
            parts.append("SELECT id FROM link WHERE kind = \(kind.name) AND field = \(field.name) AND target IN (\(ids))")
        }
        if Submitters.isTold(kind.name), !person.posts.isEmpty {
            parts.append(
                kind.name == "post"
                    ? "SELECT id FROM record WHERE kind = 'post' AND id IN \(list: person.posts)"
                    : "SELECT id FROM link WHERE kind = \(kind.name) AND field = 'post' AND target IN \(list: person.posts)")
        }
        guard let first = parts.first else { return nil }
        return parts.dropFirst().reduce(first) { "\($0) UNION \($1)" }
    }
    private func leadsToWorker(_ kind: Kind, _ above: Set<String>) -> Bool {
        kind.references.contains { field in
            guard let name = field.target, !above.contains(name) else { return false }
            return name == "worker" || field.tie == .part && ledger.kinds[name].map { leadsToWorker($0, above.union([kind.name])) } == true
        }
    }
}

/// A page of records, newest first, by key: how far in it stands costs nothing.
struct Listing {
    var records: [Record]
    var previous: String?
    var next: String?

    /// - Parameters:
    ///   - target: only records that name this one.
    ///   - after, before: the id behind or in front of which the page lies.
    init(
        _ show: Showing, _ kind: Kind, search: String = "", target: String? = nil, isWithdrawn: Bool = false, state: Flow.State? = nil,
        after: String? = nil,
        before: String? = nil, limit: Int
    ) throws {
        let condition = Listing.condition(show, kind, search: search, target: target, isWithdrawn: isWithdrawn, state: state)
        let ids: [String]
        if let before {
            let rows = try show.db.rows("SELECT id FROM record WHERE \(condition) AND id > \(before) ORDER BY id LIMIT \(limit + 1)")
            let found = try rows.map { try $0.get("id", as: String.self) }
            ids = found.prefix(limit).reversed()
            previous = found.count > limit ? ids.first : nil
            next = ids.last
        } else {
            let behind: SQL = after.map { "id < \($0)" } ?? "1 = 1"
            let rows = try show.db.rows("SELECT id FROM record WHERE \(condition) AND \(behind) ORDER BY id DESC LIMIT \(limit + 1)")
            let found = try rows.map { try $0.get("id", as: String.self) }
            ids = Array(found.prefix(limit))
            next = found.count > limit ? ids.last : nil
            previous = after == nil ? nil : ids.first
        }
        let all =
            isWithdrawn ? try ids.compactMap { try show.ledger.history(show.db, $0).last?.record } : try show.ledger.records(show.db, ids)
        records = try show.seen(all).sorted { $0.id > $1.id }
    }

    static func count(
        _ show: Showing, _ kind: Kind, search: String, target: String?, isWithdrawn: Bool, state: Flow.State? = nil
    ) throws -> Int {
        let condition = condition(show, kind, search: search, target: target, isWithdrawn: isWithdrawn, state: state)
        // A township's list is a part of its county's: how many the county has is not for it to read.
        guard Reach(ledger: show.ledger, person: show.call.person).isExact else {
            let ids = try show.db.rows("SELECT id FROM record WHERE \(condition)").map { try $0.get("id", as: String.self) }
            let all =
                isWithdrawn
                ? try ids.compactMap { try show.ledger.history(show.db, $0).last?.record } : try show.ledger.records(show.db, ids)
            return try show.seen(all).count
        }
        return try show.db.row("SELECT count(*) AS total FROM record WHERE \(condition)")?.get("total") ?? 0
    }

    private static func condition(
        _ show: Showing, _ kind: Kind, search: String, target: String?, isWithdrawn: Bool, state: Flow.State?
    ) -> SQL {
        let reach = Reach(ledger: show.ledger, person: show.call.person)
        var condition: SQL = "kind = \(kind.name) AND live = \(!isWithdrawn) AND \(reach.condition(kind))"
        // Where a title carries what the reader sees masked, a search would tell it.
        let words = Ledger.searched(search)
        let mayAsk =
            kind.title.allSatisfy { $0.sensitivity == .open } || mayDo(show.call.person, .seePersonal, at: show.call.person.ownPlace)
        if !words.isEmpty {
            // An identity or phone number finds its record as a whole, and only for whoever might read it.
            let finds = mayDo(show.call.person, .seePersonal, at: show.call.person.ownPlace) ? show.ledger.finds(search) : []
            let found: SQL = "id IN (SELECT id FROM link WHERE target IN \(list: finds) AND kind = \(kind.name))"
            condition =
                mayAsk
                ? "\(condition) AND (folded LIKE \(containing: words) OR \(finds.isEmpty ? "1 = 0" : found))" : "\(condition) AND 1 = 0"
        }
        if let state { condition = "\(condition) AND state = \(state.rawValue)" }
        if let target { condition = "\(condition) AND id IN (SELECT id FROM link WHERE target = \(target) AND kind = \(kind.name))" }
        return condition
    }
}
