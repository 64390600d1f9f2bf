import Dispatch
import Kernel
import Synchronization

/// Everything of one database into another, empty one of the same schema, whatever their engines: one snapshot of the source, one transaction of
/// the target, all or nothing. Before it is committed, what the target holds is read back and held against what was read.
public struct StoreMove: Sendable {
    /// What became of a table: the digests of both sides.
    public struct Line: Sendable {
        public let table: String
        public let source, target: RowsDigest
        public var isEqual: Bool { source == target }
    }
    let source, target: any Store

    public init(from source: any Store, to target: any Store) { (self.source, self.target) = (source, target) }

    /// - Parameter progress: table, and how many of its rows are there.
    /// - Throws: `move.schema` where the schemas differ, `move.not-empty`, `move.text` for a text that the target cannot keep,
    ///   `move.different` where the target reads back otherwise than it was told.
    public func run(progress: @escaping @Sendable (String, Int) -> Void) async throws -> [Line] {
        let shapes = try await agreed()
        let belt = Belt()
        let (source, target) = (source, target)
        let isFile = source.dialect == .sqlite
        async let read: Void = {
            do {
                try await source.read { db in
                    try belt.begin(\.isRead)
                    let digests = try shapes.map { shape in
                        if isFile, let place = try shape.placeOfNul(db) { throw Refusal("move.text", ["value": place]) }
                        var digest = RowsDigest()
                        try shape.pages(db) { rows in
                            try belt.put(.rows(shape.name, rows))
                            for row in rows { digest.add(row) }
                        }
                        return digest
                    }
                    try belt.put(.digests(digests))
                }
            } catch { belt.end(error) }
        }()
        let lines = try await {
            do {
                return try await target.write { db in try StoreMove.take(belt, shapes, db, progress) }
            } catch {
                belt.stop()
                throw error
            }
        }()
        await read
        return lines
    }

    /// Reads both sides anew and compares them.
    public func compare(progress: @escaping @Sendable (String, Int) -> Void) async throws -> [Line] {
        let shapes = try await agreed()
        let digests: @Sendable (any Connection) throws -> [RowsDigest] = { db in
            try shapes.map { shape in
                var digest = RowsDigest()
                try shape.pages(db) { rows in
                    for row in rows { digest.add(row) }
                    progress(shape.name, digest.count)
                }
                return digest
            }
        }
        let (one, other) = (try await source.read(digests), try await target.read(digests))
        return zip(shapes, zip(one, other)).map { Line(table: $0.name, source: $1.0, target: $1.1) }
    }

    /// The tables of both sides, which must be the same, made by the same steps.
    private func agreed() async throws -> [TableShape] {
        func seen(_ store: any Store) async throws -> (shapes: [TableShape], steps: [SQLRow]) {
            let dialect = store.dialect
            return try await store.read { db in
                let shapes = try TableShape.all(db, dialect)
                guard shapes.contains(where: { $0.name == "schema_step" }) else { throw Refusal("move.schema", ["value": "schema_step"]) }
                return (shapes, try db.rows("SELECT name, digest FROM schema_step ORDER BY name"))
            }
        }
        let (one, other) = (try await seen(source), try await seen(target))
        if one.steps.map(\.values) != other.steps.map(\.values) { throw Refusal("move.schema", ["value": "schema_step"]) }
        let different = Set(one.shapes).symmetricDifference(other.shapes).map(\.name).min()
        if let name = different ?? one.shapes.first(where: \.key.isEmpty)?.name { throw Refusal("move.schema", ["value": name]) }
        return one.shapes
    }

    /// What every schema step leaves in a new database.
    private static let born: Set<String> = ["schema_step", "house_state"]

    private static func take(
        _ belt: Belt, _ shapes: [TableShape], _ db: any Connection, _ progress: (String, Int) -> Void
    ) throws -> [Line] {
        try belt.begin(\.isWritten)
        for shape in shapes {
            let isUsed =
                born.contains(shape.name)
                ? try shape.name == "house_state" && db.row("SELECT name FROM house_state WHERE name <> 'version' OR value <> 0") != nil
                : try db.row("SELECT 1 AS used FROM \(SQL(trusted: shape.name)) LIMIT 1") != nil
            if isUsed { throw Refusal("move.not-empty", ["value": shape.name]) }
        }
        for name in born { try db.run("DELETE FROM \(SQL(trusted: name))") }
        let known = Dictionary(uniqueKeysWithValues: shapes.map { ($0.name, $0) })
        var counts: [String: Int] = [:]
        var read: [RowsDigest] = []
        while read.count < shapes.count {
            let (name, rows): (String, [[SQLValue]])
            switch try belt.take() {
            case .rows(let table, let page): (name, rows) = (table, page)
            case .digests(let digests):
                read = digests
                continue
            }
            guard let shape = known[name] else { continue }
            try db.insert(into: name, shape.columns.map(\.name), rows)
            counts[name, default: 0] += rows.count
            progress(name, counts[name] ?? 0)
        }
        return try zip(shapes, read).map { shape, given in
            var kept = RowsDigest()
            try shape.pages(db) { rows in for row in rows { kept.add(row) } }
            let line = Line(table: shape.name, source: given, target: kept)
            if !line.isEqual { throw Refusal("move.different", ["value": shape.name]) }
            return line
        }
    }
}

/// Carries pages from the thread that reads to the one that writes, a few at a time.
private final class Belt: Sendable {
    enum Load: Sendable { case rows(String, [[SQLValue]]), digests([RowsDigest]) }
    struct Stopped: Error {}
    struct State {
        var loads: [Load] = []
        var error: (any Error)?
        var isStopped = false, isRead = false, isWritten = false
    }
    private let state = Mutex(State())
    private let room = DispatchSemaphore(value: 4)
    private let filled = DispatchSemaphore(value: 0)

    /// A side begins. A store that lost its connection would begin once more, in the middle: that is refused.
    func begin(_ side: any WritableKeyPath<State, Bool> & Sendable) throws {
        let isSecond = state.withLock { state in
            defer { state[keyPath: side] = true }
            return state[keyPath: side]
        }
        if isSecond { throw Refusal("database.unavailable") }
    }
    func put(_ load: Load) throws {
        room.wait()
        let isStopped = state.withLock { state in
            state.loads.append(load)
            return state.isStopped
        }
        filled.signal()
        if isStopped { throw Stopped() }
    }
    func take() throws -> Load {
        filled.wait()
        let (load, error) = state.withLock { state in (state.loads.isEmpty ? nil : state.loads.removeFirst(), state.error) }
        guard let load else { throw error ?? Stopped() }
        room.signal()
        return load
    }
    /// Reading failed.
    func end(_ error: any Error) {
        state.withLock { $0.error = error }
        filled.signal()
    }
    /// Nobody takes any more.
    func stop() {
        state.withLock { $0.isStopped = true }
        for _ in 0..<8 { room.signal() }
    }
}
