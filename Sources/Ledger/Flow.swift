import Kernel
import Storage

/// The course of a kind 流程: who hands it in, who accepts it, and what may happen to it in between. Every step is a version of the record,
/// with who, when and why; what is not handed in yet is a `SavedDraft` and no record.
///
/// ```
/// draft ──submit──► submitted ──accept──► accepted ──(its author changes it)──► changed ──accept──► accepted
///                     ▲   │ return                                                │ return
///                     └── returned ◄──────────────────────────────────────────────┘
/// ```
/// A record that its author takes back is withdrawn; one that the accepting side annuls is cancelled. Neither counts any more.
public struct Flow: Sendable {
    public enum State: String, Sendable, CaseIterable {
        /// 已提交: waits for whoever accepts it.
        case submitted
        /// 已退回: waits for its author, with a remark.
        case returned
        /// 已受理.
        case accepted
        /// 变更待受理: was accepted, and its author has changed it since.
        case changed
        /// 已撤销 by the accepting side.
        case cancelled
        public var waits: Bool { self == .submitted || self == .changed }
    }
    public enum Step: String, Sendable, CaseIterable {
        case submit, accept
        case sendBack = "return"
        case cancel
        /// Whether it needs a reason that the other side reads.
        public var needsRemark: Bool { self == .sendBack || self == .cancel }
        /// The states in which it is possible.
        public func isPossible(in state: State) -> Bool {
            switch self {
            case .submit: state != .cancelled
            case .accept, .sendBack: state.waits
            case .cancel: state == .accepted || state.waits
            }
        }
    }

    /// The day on which it was accepted; nobody fills it for themselves.
    public let accepted: FieldSpec
    /// Where the accepting side is an organisation: the field that names it. Nil for an authority.
    public let receiver: FieldSpec?
    /// Whether the person who accepts must be another than the one who handed it in.
    public let isFourEyes: Bool
    /// Kinds whose records are the document's own content, named by it or part of it: they stand still once it was accepted. What others
    /// add to a document afterwards (a request about a listing) is none.
    public let contents: Set<String>
    let levels: @Sendable (Record, Taking) throws -> [DivisionCode.Level]
    let filling: @Sendable (inout Record, Step, Day) -> Void
    let ready: @Sendable (Record, Step, Day, Taking) throws -> Void

    /// - Parameters:
    ///   - contents: kinds of its lines: what a declaration lists.
    ///   - filling: further fields that a step fills, besides the day of acceptance.
    ///   - ready: refuses a step before its time: a decision while the party may still ask for a hearing.
    ///   - levels: the levels of authority that accept one after another; none where any authority of the place may.
    public init(
        accepted: Field<Day>, receiver: Field<String>? = nil, fourEyes: Bool = false, contents: Set<String> = [],
        filling: @escaping @Sendable (inout Record, Step, Day) -> Void = { _, _, _ in },
        levels: @escaping @Sendable (Record, Taking) throws -> [DivisionCode.Level] = { _, _ in [] },
        ready: @escaping @Sendable (Record, Step, Day, Taking) throws -> Void = { _, _, _, _ in }
    ) {
        (self.accepted, self.receiver, isFourEyes, self.contents) = (accepted.spec, receiver?.spec, fourEyes, contents)
        (self.levels, self.filling, self.ready) = (levels, filling, ready)
    }

    /// The state of a record that was stored without one: entered by an authority, or before its kind had a course.
    func state(of record: Record) -> State { record[accepted] == nil ? .submitted : .accepted }
}

/// Numbers without gaps 连续编号, one series for each county and year, given in the transaction in which the record reaches a state.
public struct Numbering: Sendable {
    public let field: FieldSpec
    /// Stable name of the series.
    public let series: String
    /// The word that the number begins with, as offices write it: 申报受理.
    public let word: String
    /// The state that gives the number; nil: as soon as the record is stored.
    public let state: Flow.State?
    public init(_ field: Field<String>, series: String, word: String, on state: Flow.State? = nil) {
        (self.field, self.series, self.word, self.state) = (field.derived.spec, series, word, state)
    }
    /// `申报受理〔2026〕330402-00012号`
    func text(home: String, year: Int, _ value: Int) -> String {
        let digits = String(value)
        return "\(word)〔\(year)〕\(home)-\(String(repeating: "0", count: max(0, 5 - digits.utf8.count)))\(digits)号"
    }
    /// The parts of a number of this series; nil for one that was written otherwise, before the house or beside it.
    func parts(of number: String) -> (home: String, year: Int, value: Int)? {
        guard let found = number.wholeMatch(of: /(.+)〔([0-9]{4})〕([0-9]{6})-([0-9]{5,9})号/), found.1 == word,
            let year = Int(found.2), let value = Int(found.4), value > 0
        else { return nil }
        return (String(found.3), year, value)
    }
    func key(_ year: Int) -> String { "\(series) \(year)" }
    /// As the directory keeps it, so that no two records have one number.
    func entry(_ number: String) -> String { "\(field.name)=\(number)" }
}

extension Clerk {
    /// What a step leads to, and where in the chain of levels the record stands then.
    /// - Throws: `flow.none`, `flow.state`, `flow.remark`, `flow.four-eyes`.
    mutating func advance(_ record: inout Record, from before: Record?, _ draft: Draft) throws {
        guard let flow = record.kind.flow else {
            if draft.step != nil { throw Refusal("flow.none", ["value": record.kind.zh, "value_en": record.kind.en]) }
            return
        }
        let today = (draft.recordedAt ?? now).day
        guard let step = draft.step, step != .submit else {
            let isEntered = record[flow.accepted] != nil && record[flow.accepted] != before?[flow.accepted]
            switch before?.state {
            case .accepted?, .changed?: record.state = before.map { $0.hasSameContent(as: record) } == true ? before?.state : .changed
            default: record.state = .submitted
            }
            if isEntered, draft.step == nil { record.state = .accepted }
            // An authority that corrects what it accepted need not accept it again.
            if before?.state == .accepted, draft.step == nil, !submission.person.role.isOutside { record.state = .accepted }
            if before == nil || before?.state == .returned { record.stage = 0 }
            // What is entered without a step may be old: the house knows nothing of the day on which it was handed in.
            if draft.step == .submit { flow.filling(&record, .submit, today) }
            return
        }
        guard let before, let state = before.state else { throw Refusal("record.missing", ["value": draft.id ?? ""]) }
        guard step.isPossible(in: state) else {
            throw Refusal("flow.state", ["value": state.rawValue, "expected": step.rawValue])
        }
        // Who only accepts says nothing in the other side's name.
        if submission.person.role.isOutside, !before.hasSameContent(as: record) {
            throw Refusal("access.denied", ["value": record.kind.zh])
        }
        if step.needsRemark, CellReader.trimmed(submission.reason).isEmpty { throw Refusal("flow.remark", field: "_reason") }
        if flow.isFourEyes, step == .accept, submission.person != .house, try hasHand(in: before) { throw Refusal("flow.four-eyes") }
        try flow.ready(record, step, today, taking(before))
        switch step {
        case .submit: break
        case .sendBack: (record.state, record.stage) = (.returned, 0)
        case .cancel: record.state = .cancelled
        case .accept:
            let levels = try flow.levels(record, taking(before))
            if before.stage + 1 < levels.count {
                (record.state, record.stage) = (.submitted, before.stage + 1)
            } else {
                (record.state, record.stage) = (.accepted, before.stage)
                record[flow.accepted] = .day(today)
            }
        }
        flow.filling(&record, step, today)
    }

    /// Whether whoever submits wrote any of the record since it was last accepted, or accepted it at another level: the first pair of eyes.
    private func hasHand(in record: Record) throws -> Bool {
        try db.row(
            """
            SELECT 1 AS one FROM record_version v WHERE v.home = \(record.home) AND v.id = \(record.id) AND v.state <> 'returned'
            AND v.recorded_by = \(submission.person.name) AND v.version > COALESCE((SELECT max(w.version) FROM record_version w
                WHERE w.home = v.home AND w.id = v.id AND w.state = 'accepted'), 0) LIMIT 1
            """) != nil
    }

    /// Refuses to touch what was accepted other than by its course: the document's withdrawal by its author, and its lines as long as it
    /// stands. Its author declares a change, the authority returns it; then they may be changed. What an authority entered and accepted in
    /// one, it may correct, as the document itself.
    func checkSettled(_ record: Record, from before: Record?, isWithdrawal: Bool = false) throws {
        guard submission.person != .house else { return }
        func refuse(_ kind: Kind) -> Refusal { Refusal("flow.settled", ["value": kind.zh, "value_en": kind.en.lowercased()]) }
        if isWithdrawal, record.state == .accepted, submission.person.role.isOutside { throw refuse(record.kind) }
        for kind in ledger.documents[record.kind.name] ?? [] {
            var ids: Set<String> = []
            for field in record.kind.parents where field.target == kind.name {
                ids.formUnion([record, before].compactMap { $0?.target(of: field) })
            }
            if before != nil, kind.references.contains(where: { $0.target == record.kind.name }) {
                ids.formUnion(try ledger.records(db, kind, naming: record.id).map(\.id))
            }
            for document in try ledger.records(db, ids) where document.kind.name == kind.name && document.state == .accepted {
                guard try submission.person.role.isOutside || wasHandedIn(document) else { continue }
                throw refuse(kind)
            }
        }
    }
    /// Whether it ever waited for acceptance: somebody else's statement, not an authority's own entry.
    private func wasHandedIn(_ record: Record) throws -> Bool {
        try db.row(
            """
            SELECT 1 AS one FROM record_version WHERE home = \(record.home) AND id = \(record.id) AND state IN ('submitted', 'changed') LIMIT 1
            """) != nil
    }

    /// The level that accepts next; nil where any does, or nothing waits.
    func level(of record: Record) throws -> DivisionCode.Level? {
        guard let flow = record.kind.flow else { return nil }
        let levels = try flow.levels(record, taking(record))
        return levels.isEmpty ? nil : levels[min(record.stage, levels.count - 1)]
    }

    /// Whether a row of a file brings what the house otherwise fills in: the number under which a document went out of another house, which
    /// nothing may change, and, for whoever holds the database, what was decided there.
    func carries(_ field: FieldSpec, _ draft: Draft) throws -> Bool {
        guard draft.row != nil, let id = draft.id, !submission.person.role.isOutside else { return false }
        guard try draft.kind.numbers.contains(where: { $0.field === field }) || isDecidedElsewhere(draft) else { return false }
        return try db.row("SELECT id FROM record WHERE id = \(id)") == nil
    }
    /// Whether a row is a document of another house with a course that ends in a day nobody enters, told whole by whoever holds the database:
    /// what it was worked out from then stands as it was decided.
    func isDecidedElsewhere(_ draft: Draft) throws -> Bool {
        guard draft.row != nil, let id = draft.id, submission.person == .house, let accepted = draft.kind.flow?.accepted,
            accepted.isDerived, draft.cells[accepted.name] != nil
        else { return false }
        return try db.row("SELECT id FROM record WHERE id = \(id)") == nil
    }

    /// Gives the numbers that the record's state asks for and that it does not have yet. What has one keeps it, also when it was withdrawn and
    /// comes back; the series goes on behind the highest.
    func number(_ record: inout Record) throws {
        for numbering in record.kind.numbers {
            if record[numbering.field] == nil, record.version > 0 {
                record[numbering.field] = try ledger.version(db, of: record, record.version)?[numbering.field]
            }
            if let number = record[numbering.field].flatMap(String.read) {
                if record.version == 0 { try Clerk.settle(db, numbering, number) }
                continue
            }
            guard numbering.state == nil || numbering.state == record.state else { continue }
            let year = now.day.year
            let key = numbering.key(year)
            try db.run(
                """
                INSERT INTO counter (home, series, value) VALUES (\(record.home), \(key), 1)
                ON CONFLICT (home, series) DO UPDATE SET value = counter.value + 1
                """)
            let value: Int = try db.row("SELECT value FROM counter WHERE home = \(record.home) AND series = \(key)")?.get("value") ?? 1
            let number = numbering.text(home: record.home, year: year, value)
            record[numbering.field] = .text(number)
            try db.insert(
                into: "directory", ["kind", "key", "id", "home"],
                [[.text(record.kind.name), .text(numbering.entry(number)), .text(record.id), .text(record.home)]])
        }
    }

    /// A number that came from elsewhere is behind its series from now on.
    static func settle(_ db: any Connection, _ numbering: Numbering, _ number: String) throws {
        guard let (home, year, value) = numbering.parts(of: number) else { return }
        try db.run(
            """
            INSERT INTO counter (home, series, value) VALUES (\(home), \(numbering.key(year)), \(value))
            ON CONFLICT (home, series) DO UPDATE SET value = CASE WHEN counter.value < excluded.value THEN excluded.value ELSE counter.value END
            """)
    }
}

extension Record {
    /// The state as it is stored: empty where the kind has no course.
    var standing: String { (state ?? kind.flow?.state(of: self))?.rawValue ?? "" }
    /// Takes the state from a version's row; one that was stored before its kind had a course stands as its fields say.
    mutating func stand(_ row: SQLRow) throws {
        guard let flow = kind.flow else { return }
        state = Flow.State(rawValue: try row.get("state")) ?? flow.state(of: self)
        stage = try row.get("stage")
    }
}

extension Ledger {
    /// Writes down where records stand that were stored before their kind had a course.
    func settleStates(_ db: any Connection) throws {
        for kind in kinds.values.filter({ $0.flow != nil }).sorted(by: { $0.name < $1.name }) {
            let ids = try db.rows("SELECT id FROM record WHERE kind = \(kind.name) AND state = ''").map {
                try $0.get("id", as: String.self)
            }
            for record in try records(db, ids) {
                try db.run("UPDATE record SET state = \(record.standing) WHERE home = \(record.home) AND id = \(record.id)")
            }
        }
    }
}
