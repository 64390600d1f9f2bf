import Catalog
import Kernel
import Storage

/// Which files a change reaches, and the records that those files need: enough of the database to run rules on, and no more.
struct Neighbourhood {
    let ledger: Ledger
    let db: any Connection

    /// Whether a kind is part of a file whose rules others read through `File.profile`.
    private var profileKinds: [String] { ledger.kinds.values.filter(\.isProfile).map(\.name).sorted() }

    /// The roots of the files that hold or read any of the changed versions, old and new.
    func roots(touchedBy changed: [Record]) throws -> Set<String> {
        var roots: Set<String> = []
        var climbing: Set<String> = []
        var read: Set<String> = []
        for record in changed {
            let merge = record.kind.name == "merge"
            let parents = merge ? record.kind.references : record.kind.parents
            if parents.isEmpty { roots.insert(record.id) }
            for field in parents { if let target = record.target(of: field) { climbing.insert(target) } }
            if record.kind.isProfile || merge { read.formUnion(parents.isEmpty ? [record.id] : parents.compactMap(record.target)) }
        }
        roots.formUnion(try climb(climbing))
        let aliases = try merges(around: roots.union(read))
        // A mention of any of the merged records is a mention of the one that counts.
        let mentioned = Set(read.flatMap { id in aliases.family(of: id) })
        var mentioning: Set<String> = []
        for part in chunks(mentioned.sorted()) {
            for row in try db.rows("SELECT DISTINCT id, kind FROM link WHERE target IN \(list: part) AND part = 0 AND kind <> 'merge'") {
                mentioning.insert(try row.get("id"))
            }
        }
        roots.formUnion(try climb(mentioning))
        // A merged record's own rows must go too when a merge comes, and come back when it is withdrawn.
        let all = try merges(around: roots)
        return Set(roots.flatMap { all.family(of: $0) })
    }

    /// Parts of what changed that others read too, as part of another file or in a unit: with their owner they come and go.
    func dependents(of changed: [Record]) throws -> [Record] {
        let shared = ledger.kinds.values.filter { $0.parents.count > 1 || (!$0.owners.isEmpty && $0.field(named: "division") != nil) }
        let owners = Set(shared.flatMap { $0.parents.compactMap(\.target) })
        var ids: Set<String> = []
        for record in changed {
            if owners.contains(record.kind.name) { ids.insert(record.id) }
            if record.kind.name == "merge" {
                for field in record.kind.references { if let target = record.target(of: field) { ids.insert(target) } }
            }
        }
        guard !ids.isEmpty else { return [] }
        let aliases = try merges(around: ids)
        var found: Set<String> = []
        for part in chunks(Set(ids.flatMap { aliases.family(of: $0) }).sorted()) {
            let rows = try db.rows(
                "SELECT DISTINCT id FROM link WHERE target IN \(list: part) AND part = 1 AND kind IN \(list: shared.map(\.name).sorted())")
            for row in rows { found.insert(try row.get("id")) }
        }
        return try ledger.records(db, found.sorted())
    }

    /// Up from records to the roots of the files that they are part of.
    private func climb(_ start: Set<String>) throws -> Set<String> {
        var roots: Set<String> = []
        var seen: Set<String> = []
        var current = start
        while !current.isEmpty {
            seen.formUnion(current)
            var next: Set<String> = []
            for part in chunks(current.sorted()) {
                var above: [String: [String]] = [:]
                for row in try db.rows("SELECT id, target FROM link WHERE id IN \(list: part) AND part = 1") {
                    above[try row.get("id"), default: []].append(try row.get("target"))
                }
                for id in part {
                    if let parents = above[id] { next.formUnion(parents) } else { roots.insert(id) }
                }
            }
            current = next.subtracting(seen)
        }
        return roots
    }

    /// Merges that lead to or from any of the ids.
    struct Aliases {
        var merged: [String: String] = [:]
        var records: [Record] = []
        func family(of id: String) -> Set<String> {
            let head = Book.follow(id, merged)
            return Set([id, head] + merged.keys.filter { Book.follow($0, merged) == head })
        }
    }
    func merges(around ids: Set<String>) throws -> Aliases {
        var aliases = Aliases()
        var seen: Set<String> = []
        var current = ids
        var mergeIDs: Set<String> = []
        while !current.isEmpty {
            seen.formUnion(current)
            var found: Set<String> = []
            for part in chunks(current.sorted()) {
                for row in try db.rows("SELECT id FROM link WHERE target IN \(list: part) AND part = 0 AND kind = 'merge'") {
                    found.insert(try row.get("id"))
                }
            }
            let fresh = found.subtracting(mergeIDs)
            mergeIDs.formUnion(fresh)
            var next: Set<String> = []
            for record in try ledger.records(db, fresh).sorted(by: { $0.id < $1.id }) {
                aliases.records.append(record)
                for field in record.kind.references { if let target = record.target(of: field) { next.insert(target) } }
            }
            current = next.subtracting(seen)
        }
        for record in aliases.records.sorted(by: { $0.id < $1.id }) {
            for who in ["employer", "worker"] {
                if let kept = record.text("\(who)_kept"), let dropped = record.text("\(who)_dropped") { aliases.merged[dropped] = kept }
            }
        }
        return aliases
    }

    /// The files of the roots, with the profiles that they mention.
    func book(of roots: Set<String>, divisions: [Record]) throws -> Book {
        let aliases = try merges(around: roots)
        let start = Set(roots.flatMap { aliases.family(of: $0) })
        var records = try ledger.records(db, start.sorted())
        records += try parts(of: start, kinds: nil)
        let known = Set(records.map(\.id))
        var mentioned: Set<String> = []
        for record in records {
            for field in record.kind.references {
                if let target = record.target(of: field), !known.contains(target) { mentioned.insert(target) }
            }
        }
        let mentionedAliases = try merges(around: mentioned)
        let families = Set(mentioned.flatMap { mentionedAliases.family(of: $0) })
        records += try ledger.records(db, families.subtracting(known).sorted())
        records += try parts(of: families.subtracting(start), kinds: profileKinds).filter { !known.contains($0.id) }
        let merges = Dictionary((aliases.records + mentionedAliases.records).map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        return Book(records + merges.values + divisions, divisions: ledger.catalog.divisions, findings: ledger.findings)
    }

    /// The live records of a unit gauge's kinds inside a division, with their parts.
    /// - Parameter inherited: the codes outside the unit that ended into it.
    func book(of unit: DivisionCode, inheriting inherited: [String], kinds: [Kind], divisions: [Record]) throws -> Book {
        let prefix = unit.prefix
        let names = kinds.map(\.name)
        var ids: Set<String> = []
        let inside = try db.rows(
            """
            SELECT DISTINCT id FROM link WHERE target >= \(prefix) AND target < \(prefix + ":") AND field = 'division' AND part = 0 AND kind IN \(list: names)
            """)
        for row in inside { ids.insert(try row.get("id")) }
        for part in chunks(inherited) {
            let rows = try db.rows(
                "SELECT DISTINCT id FROM link WHERE target IN \(list: part) AND field = 'division' AND part = 0 AND kind IN \(list: names)")
            for row in rows { ids.insert(try row.get("id")) }
        }
        return try book(of: ids, divisions: divisions)
    }

    /// What a gauge that counts units says of one.
    /// - Parameter base: the divisions as corrected by `divisions`.
    func rows(
        of gauge: Gauge, _ unit: Measure.UnitSource, in division: DivisionCode, base: Divisions, divisions: [Record]
    ) throws -> FileRows {
        let inherited = base.codes(everInside: division).filter { !division.contains($0) }
        let book = try book(of: division, inheriting: inherited, kinds: unit.kinds, divisions: divisions)
        return gauge.rows(of: division, in: book)
    }

    /// Down from records to their parts; of some kinds only, where named.
    private func parts(of start: Set<String>, kinds: [String]?) throws -> [Record] {
        var seen = start
        var current = start
        var ids: Set<String> = []
        while !current.isEmpty {
            var next: Set<String> = []
            for part in chunks(current.sorted()) {
                let query: SQL =
                    if let kinds {
                        "SELECT DISTINCT id FROM link WHERE target IN \(list: part) AND part = 1 AND kind IN \(list: kinds)"
                    } else {
                        "SELECT DISTINCT id FROM link WHERE target IN \(list: part) AND part = 1"
                    }
                for row in try db.rows(query) { next.insert(try row.get("id")) }
            }
            current = next.subtracting(seen)
            seen.formUnion(current)
            ids.formUnion(current)
        }
        return try ledger.records(db, ids.sorted())
    }
}
