import Storage
import Synchronization

/// What was worked out from one state of the database, good until a change moves it on. Only what was read of a committed state is kept:
/// what a transaction reads of its own may never have been.
public final class StateShelf<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private let kept = Mutex<(mark: Int, values: [Key: Value])>((0, [:]))
    private let most: Int

    /// - Parameter most: so many are kept; with one more the keeping begins anew.
    public init(most: Int) { self.most = most }

    public func value(_ ledger: Ledger, _ db: any Connection, _ key: Key, _ make: () throws -> Value) throws -> Value {
        guard db.isSnapshot else { return try make() }
        let mark = try ledger.mark(db)
        if let found = kept.withLock({ $0.mark == mark ? $0.values[key] : nil }) { return found }
        let value = try make()
        kept.withLock { kept in
            if kept.mark != mark || kept.values.count >= most { kept = (mark, [:]) }
            kept.values[key] = value
        }
        return value
    }
}

/// The key of a shelf for one thing.
struct Sole: Hashable, Sendable {}

extension StateShelf where Key == Sole {
    convenience init() { self.init(most: 1) }

    func value(_ ledger: Ledger, _ db: any Connection, _ make: () throws -> Value) throws -> Value { try value(ledger, db, Sole(), make) }
}

/// Records as decoded, by their newest version that was read. What a version says never changes, so it is decoded once; which version stands
/// is asked of the database each time. Sealed fields stay sealed here and are opened for each reader.
final class RecordShelf: Sendable {
    struct Kept: Sendable {
        let record: Record
        let sealed: [(field: FieldSpec, text: String)]

        func opened(_ keys: KeyRing) throws -> Record {
            guard !sealed.isEmpty else { return record }
            var record = record
            for (field, text) in sealed { record[field] = field.plain(try keys.open(text, owner: Body.owner(record.id, field.name))) }
            return record
        }
    }
    /// Two generations: what was not asked for while one filled goes with the next.
    private let kept = Mutex<(young: [String: Kept], old: [String: Kept])>(([:], [:]))
    private static let most = 8192

    /// Those of some versions that are here.
    func find(_ versions: [(id: String, version: Int)]) -> [Kept?] {
        kept.withLock { kept in
            versions.map { id, version in
                if let found = kept.young[id] { return found.record.version == version ? found : nil }
                guard let found = kept.old[id], found.record.version == version else { return nil }
                kept.young[id] = found
                return found
            }
        }
    }
    func keep(_ records: [Kept]) {
        kept.withLock { kept in
            for record in records {
                if kept.young.count >= RecordShelf.most { kept = ([:], kept.young) }
                kept.young[record.record.id] = record
            }
        }
    }
}
