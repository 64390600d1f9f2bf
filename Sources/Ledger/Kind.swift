import Catalog
import Kernel

/// A kind of record: its names, its fields in order, what makes it one of a kind, and the checks that need more than one field.
/// One object, which never changes: every record holds its kind, and files are made of tens of thousands of records.
public final class Kind: Sendable {
    public let name, zh, en: String
    /// The submitter's own number first (`code`), then the listed fields.
    public let fields: [FieldSpec]
    /// Sets of fields that name one record: the first is what imports address it by. `code` always does, within a county.
    public let keys: [[FieldSpec]]
    /// The field that says what day the record is about, for lists and for *records about later days*.
    public let day: FieldSpec?
    /// The fields that a title is made of.
    public let title: [FieldSpec]
    /// The fields that a list shows beside the title; empty: the first ones.
    public let columns: [FieldSpec]
    /// Whether a change also re-runs the files that mention the record's root: an employer's industry decides where its workers count.
    public let isProfile: Bool
    let check: @Sendable (Record) -> [Refusal]
    /// Fills the derived fields of a record that is about to be stored.
    public let complete: (@Sendable (inout Record, Taking) throws -> Void)?
    /// What happens between handing in and acceptance; nil where a record stands as soon as it is stored.
    public let flow: Flow?
    /// Numbers that the house gives.
    public let numbers: [Numbering]
    public let references: [FieldSpec]
    /// The references that make a record part of another's file.
    public let parents: [FieldSpec]
    /// The references without which a record is nobody's.
    let owners: [FieldSpec]
    private let positions: [String: Int]

    /// - Parameters:
    ///   - check: refusals that need several fields of the record; field checks come from the fields themselves.
    ///   - complete: fills the derived fields, after all checks; throws refusals of its own.
    public init(
        _ name: String, _ zh: String, _ en: String, fields: [FieldSpec], keys: [[FieldSpec]] = [], day: FieldSpec? = nil,
        title: [FieldSpec] = [], columns: [FieldSpec] = [],
        isProfile: Bool = false, flow: Flow? = nil, numbers: [Numbering] = [],
        check: @escaping @Sendable (Record) -> [Refusal] = { _ in [] },
        complete: (@Sendable (inout Record, Taking) throws -> Void)? = nil
    ) {
        (self.name, self.zh, self.en, self.flow, self.numbers) = (name, zh, en, flow, numbers)
        let code = FieldSpec("code", "编号", "Reference number", .text(max: 64), required: false, sensitivity: .open, source: "")
        self.fields = [code] + fields
        (self.keys, self.day, self.isProfile, self.check, self.complete) = (keys, day, isProfile, check, complete)
        precondition(keys.joined().allSatisfy { $0.sensitivity == .open }, "a key of \(name) would be kept in clear")
        self.title = title.isEmpty ? [code] : title
        self.columns = columns
        for (index, field) in self.fields.enumerated() { field.take(index, in: name) }
        positions = Dictionary(uniqueKeysWithValues: self.fields.map { ($0.name, $0.index) })
        references = self.fields.filter { $0.target != nil }
        parents = references.filter { $0.tie == .part }
        owners = parents.filter(\.required)
    }

    public func field(named name: String) -> FieldSpec? { positions[name].map { fields[$0] } }
    public var code: FieldSpec { fields[0] }
    /// What forms and templates ask for: everything that the house does not fill itself.
    public var entered: [FieldSpec] { fields.filter { !$0.isDerived } }
}

/// What the house may read while it fills the derived fields of a record: the editions, the version before, the records that it names.
public struct Taking {
    public let catalog: Catalog
    /// The stored version; nil for a new record.
    public let before: Record?
    /// An organisation submits it of its own work: what it says must be proved, where an authority may leave open what it does not know.
    public let isOwn: Bool
    private let find: (String) throws -> Record?
    private let naming: (String, Kind) throws -> [Record]
    public init(
        catalog: Catalog, before: Record? = nil, isOwn: Bool = false, naming: @escaping (String, Kind) throws -> [Record] = { _, _ in [] },
        find: @escaping (String) throws -> Record?
    ) {
        (self.catalog, self.before, self.isOwn, self.find, self.naming) = (catalog, before, isOwn, find, naming)
    }
    /// Live records of a kind that name a record: its parts and its mentions.
    public func records(_ kind: Kind, naming id: String) throws -> [Record] { try naming(id, kind) }
    /// The live records of a kind that name this one: the statements of a decision's party.
    public func records(_ kind: Kind, naming record: Record) throws -> [Record] { try records(kind, naming: record.id) }
    /// The record that a reference names, as it is stored now.
    public func target(of field: Field<String>, in record: Record) throws -> Record? { try record.target(of: field.spec).flatMap(find) }
    /// Whether fields hold what they held before: then what was derived from them stays as it was, by the edition of then.
    public func keeps(_ fields: [FieldSpec], of record: Record) -> Bool {
        before.map { before in fields.allSatisfy { before[$0] == record[$0] } } ?? false
    }
}

/// One version of one record, valid by its kind's checks. Read through typed fields: `record[Employer.name]`.
public struct Record: Sendable {
    public let kind: Kind
    public let id: String
    /// The county in which the record was created. It never changes, wherever its subject moves.
    public let home: String
    public var version: Int
    public var recordedAt: Moment
    /// Where it stands in its kind's course; nil where the kind has none.
    public internal(set) var state: Flow.State?
    /// How many levels of authority have accepted it so far.
    public internal(set) var stage = 0
    public internal(set) var values: [Value?]

    public init(_ kind: Kind, id: String, home: String, version: Int = 1, recordedAt: Moment = Moment(microseconds: 0)) {
        (self.kind, self.id, self.home, self.version, self.recordedAt) = (kind, id, home, version, recordedAt)
        values = Array(repeating: nil, count: kind.fields.count)
    }
    public subscript<Content>(field: Field<Content>) -> Content? {
        get { values[field.spec.index].flatMap(Content.read) }
        set { values[field.spec.index] = newValue?.value }
    }
    public subscript(spec: FieldSpec) -> Value? {
        get { values[spec.index] }
        set { values[spec.index] = newValue }
    }
    /// The id that a reference holds.
    public func target(of spec: FieldSpec) -> String? { values[spec.index].flatMap(String.read) }

    /// What the record is called where anybody may read it: without personal and medical fields.
    public var title: String {
        let parts = kind.title.filter { $0.sensitivity == .open }.compactMap { spec in values[spec.index].map(plainText) }
        return parts.isEmpty ? id : parts.joined(separator: " · ")
    }
    /// The first of the kind's own day field and the day that it was recorded.
    public var day: Day? { kind.day.flatMap { spec in values[spec.index].flatMap(Day.read) } }
    public func hasSameContent(as other: Record) -> Bool { values == other.values }
}

/// A value as text without the tables' names: what exports carry and what a cell is read back from.
public func plainText(_ value: Value) -> String {
    switch value {
    case .text(let text): text
    case .integer(let number): String(number)
    case .real(let number): number == number.rounded() && abs(number) < 1e15 ? String(Int(number)) : String(number)
    case .day(let day): day.description
    case .flag(let flag): flag ? "1" : "0"
    case .list(let list): list.joined(separator: ";")
    }
}
