import Catalog
import Kernel
import Synchronization

/// Live records as known at one moment, joined: which are parts of which, which are merged into which, and which division
/// follows which. The whole of a database or the neighbourhood of a few files: rules cannot tell the difference.
public final class Book: Sendable {
    public let records: [String: Record]
    public let divisions: Divisions
    let findings: [String: FindingRule]
    private let merged: [String: String]
    private let parts: [String: [String]]
    private let byKind: [String: [Record]]
    /// What was worked out of files and asked for again.
    private let shelf = Mutex<[String: [ObjectIdentifier: any Sendable]]>([:])

    public init(_ all: [Record], divisions: Divisions, findings: [String: FindingRule] = [:]) {
        self.findings = findings
        var merged: [String: String] = [:]
        var entries: [Divisions.Entry] = []
        for record in all.filter({ $0.kind.name == "merge" || $0.kind.name == "division" }).sorted(by: { $0.id < $1.id }) {
            if record.kind.name == "merge" {
                for who in ["employer", "worker"] {
                    guard let kept = record.text("\(who)_kept"), let dropped = record.text("\(who)_dropped") else { continue }
                    merged[dropped] = kept
                }
            } else if record.kind.name == "division", let code = record.text("division") {
                entries.append(
                    .init(
                        code: code, name: record.text("name") ?? code,
                        force: Span(record.day("from") ?? .distantPast, record.day("until") ?? .distantFuture),
                        successor: record.text("successor")))
            }
        }
        func canonical(_ id: String) -> String { Book.follow(id, merged) }
        let records = Book.owned(Dictionary(all.map { ($0.id, $0) }, uniquingKeysWith: { _, last in last }), canonical)
        var parts: [String: [String]] = [:]
        for record in records.values where record.kind.name != "merge" {
            for field in record.kind.parents {
                if let target = record.target(of: field) { parts[canonical(target), default: []].append(record.id) }
            }
        }
        self.records = records
        self.divisions = entries.isEmpty ? divisions : divisions.adding(entries)
        self.merged = merged
        self.parts = parts
        byKind = Dictionary(grouping: records.values, by: \.kind.name)
    }

    /// The live records of some kinds, in no order.
    func all(_ kinds: [Kind]) -> [Record] { kinds.flatMap { byKind[$0.name] ?? [] } }

    /// Without the records whose owner, named by a field that must be filled, is not there: a withdrawn worker's diagnoses are
    /// nobody's, and neither the employer's nor the institution's.
    private static func owned(_ all: [String: Record], _ canonical: (String) -> String) -> [String: Record] {
        var records = all
        var isShrinking = true
        while isShrinking {
            let orphans = records.values.filter { record in
                record.kind.owners.contains { field in record.target(of: field).map { records[canonical($0)] == nil } ?? false }
            }
            for orphan in orphans { records[orphan.id] = nil }
            isShrinking = !orphans.isEmpty
        }
        return records
    }

    /// The record that counts for an id: itself, or what it was merged into, step by step. A circle of merges ends at its least id.
    public func canonical(_ id: String) -> String { Book.follow(id, merged) }

    static func follow(_ id: String, _ merged: [String: String]) -> String {
        guard merged[id] != nil else { return id }
        var current = id
        var seen = [id]
        while let next = merged[current] {
            if seen.contains(next) { return seen[(seen.firstIndex(of: next) ?? 0)...].min() ?? current }
            seen.append(next)
            current = next
        }
        return current
    }

    /// In no order.
    func partIDs(of id: String) -> [String] { parts[id] ?? [] }

    /// Works a thing out of a file once: rules are pure, and many ask for the same.
    func kept<Thing: Sendable>(_ id: String, _ make: () -> Thing) -> Thing {
        let type = ObjectIdentifier(Thing.self)
        if let found = shelf.withLock({ $0[id]?[type] }), let thing = found as? Thing { return thing }
        let thing = make()
        shelf.withLock { $0[id, default: [:]][type] = thing }
        return thing
    }
    /// Lets go of what was kept of a file that nobody will ask for soon.
    func forget(_ id: String) { shelf.withLock { _ = $0.removeValue(forKey: id) } }

    /// The file of a root, or nil where there is none or it was merged into another.
    public func file(_ id: String) -> File? {
        guard canonical(id) == id, let root = records[id] else { return nil }
        return File(root: root, book: self)
    }

    /// Roots: live records that are part of nothing, and count for themselves.
    public func roots() -> [Record] {
        records.values.filter { $0.kind.parents.isEmpty && canonical($0.id) == $0.id }.sorted { $0.id < $1.id }
    }
}

/// A root with everything that is part of it, directly or through its parts.
public struct File: Sendable {
    /// What a book may keep of a file: a file itself holds its book, and neither would ever go.
    private struct Parts: Sendable {
        let root: Record
        let byKind: [String: [Record]]
    }
    public let book: Book
    private let parts: Parts
    public var root: Record { parts.root }

    init(root: Record, book: Book) {
        self.book = book
        var byKind: [String: [Record]] = [:]
        var queue = book.partIDs(of: root.id)
        var seen = Set(queue)
        while let id = queue.popLast() {
            guard let record = book.records[id] else { continue }
            byKind[record.kind.name, default: []].append(record)
            for part in book.partIDs(of: id) where seen.insert(part).inserted { queue.append(part) }
        }
        parts = Parts(root: root, byKind: byKind.mapValues { $0.sorted { $0.id < $1.id } })
    }
    private init(_ parts: Parts, book: Book) { (self.parts, self.book) = (parts, book) }

    public var id: String { root.id }
    /// The file's records of a kind, by id.
    public func all(_ kind: Kind) -> [Record] { parts.byKind[kind.name] ?? [] }
    /// Those of them that are part of one record.
    public func all(_ kind: Kind, of field: Field<String>, _ id: String) -> [Record] {
        all(kind).filter { record in record[field].map(book.canonical) == id }
    }
    public var kinds: [String] { parts.byKind.keys.sorted() }
    /// The id that a reference means, merges followed.
    public func id(_ field: Field<String>, of record: Record) -> String? { record[field].map(book.canonical) }
    /// What is worked out of the file, once for all rules that ask while the book stands.
    public func kept<Thing: WorkedOut>() -> Thing { book.kept(id) { Thing(workedOutOf: self) } }
    /// The profile of a mentioned employer or institution. In a neighbourhood it holds profile kinds only: read no others.
    public func profile(_ id: String?) -> File? {
        guard let id = id.map(book.canonical) else { return nil }
        return book.kept(id) { book.file(id)?.parts }.map { File($0, book: book) }
    }
}

/// What many rules need of one file and works out of nothing else: one type is one meaning, so a file keeps one of each.
public protocol WorkedOut: Sendable {
    init(workedOutOf file: File)
}

extension Record {
    func text(_ name: String) -> String? { kind.field(named: name).flatMap { self[$0] }.flatMap(String.read) }
    func day(_ name: String) -> Day? { kind.field(named: name).flatMap { self[$0] }.flatMap(Day.read) }
    public func integer(_ name: String) -> Int? { kind.field(named: name).flatMap { self[$0] }.flatMap(Int.read) }
    /// The days from a field until another, open where blank.
    public func span(_ from: Field<Day>, _ until: Field<Day>) -> Span { Span(self[from] ?? .distantPast, self[until] ?? .distantFuture) }
}

/// The records of some kinds whose division lies in one unit: a county, a township, the whole jurisdiction.
public struct UnitFile: Sendable {
    public let division: DivisionCode
    public let book: Book
    private let byKind: [String: [Record]]

    /// - Parameters:
    ///   - kinds: kinds with a division field, whose parts come along.
    ///   - day: divisions end and others follow them; a record lies where its division counts on this day.
    init(division: DivisionCode, kinds: [Kind], book: Book, on day: Day) {
        self.division = division
        self.book = book
        var byKind: [String: [Record]] = [:]
        for record in book.all(kinds) {
            guard let code = record.text("division"), let current = book.divisions.timeline(of: code)[day], division.contains(current),
                book.canonical(record.id) == record.id
            else { continue }
            byKind[record.kind.name, default: []].append(record)
        }
        self.byKind = byKind.mapValues { $0.sorted { $0.id < $1.id } }
    }
    public func all(_ kind: Kind) -> [Record] { byKind[kind.name] ?? [] }
    public func file(_ record: Record) -> File { File(root: record, book: book) }

    /// The days on which a record of these kinds comes to lie in another division because its own ended.
    static func edges(kinds: [Kind], book: Book) -> [Day] {
        let codes = Set(book.all(kinds).compactMap { $0.text("division") })
        return Set(codes.flatMap { book.divisions.timeline(of: $0).changes.dropFirst().map(\.day) }).sorted()
    }
}
