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
    let levels: @Sendable (Record, Taking) throws -> [DivisionCode.Level]
    let filling: @Sendable (inout Record, Step, Day) -> Void
    let ready: @Sendable (Record, Step, Day, Taking) throws -> Void

    /// - Parameters:
    ///   - filling: further fields that a step fills, besides the day of acceptance.
    ///   - ready: refuses a step before its time: a decision while the party may still ask for a hearing.
    ///   - levels: the levels of authority that accept one after another; none where any authority of the place may.
    public init(
        accepted: Field<Day>, receiver: Field<String>? = nil, fourEyes: Bool = false,
        filling: @escaping @Sendable (inout Record, Step, Day) -> Void = { _, _, _ in },
        levels: @escaping @Sendable (Record, Taking) throws -> [DivisionCode.Level] = { _, _ in [] },
        ready: @escaping @Sendable (Record, Step, Day, Taking) throws -> Void = { _, _, _, _ in }
    ) {
        (self.accepted, self.receiver, isFourEyes) = (accepted.spec, receiver?.spec, fourEyes)
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

    /// The level that accepts next; nil where any does, or nothing waits.
    func level(of record: Record) throws -> DivisionCode.Level? {
        guard let flow = record.kind.flow else { return nil }
        let levels = try flow.levels(record, taking(record))
        return levels.isEmpty ? nil : levels[min(record.stage, levels.count - 1)]
    }

    /// Gives the numbers that the record's state asks for and that it does not have yet.
    func number(_ record: inout Record) throws {
        for numbering in record.kind.numbers where record[numbering.field] == nil {
            guard numbering.state == nil || numbering.state == record.state else { continue }
            let year = now.day.year
            let key = "\(numbering.series) \(year)"
            try db.run(
                """
                INSERT INTO counter (home, series, value) VALUES (\(record.home), \(key), 1)
                ON CONFLICT (home, series) DO UPDATE SET value = counter.value + 1
                """)
            let value: Int = try db.row("SELECT value FROM counter WHERE home = \(record.home) AND series = \(key)")?.get("value") ?? 1
            record[numbering.field] = .text(numbering.text(home: record.home, year: year, value))
        }
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
