import Catalog
import Foundation
import Kernel
import Ledger
import Storage

/// An indicator as an evaluation froze it.
public struct FrozenIndicator: Codable, Sendable {
    public let indicator: String
    public let value, low, high: Double?
    public let state, outcome: String
    public let met, unmet, unknown, pending: Int
    public let target: String
    public let judgement: String?
}

/// One subject as an evaluation froze it: who, how, why, and the record that decided.
public struct FrozenSubject: Codable, Sendable {
    public let subject, root, verdict, reason, record, division: String
}

/// A frozen indicator set: what was shown, by whom, when, as of which day, known at which moment, under which edition.
public struct Evaluation: Sendable {
    public let id, plan, title, by, digest: String
    /// The account for whom it was frozen, where whoever did it acted for another.
    public let principal: String?
    public let day: Day
    public let knownAt, frozenAt: Moment
    public let edition: Int
}

public struct Evaluations: Sendable {
    let boards: Boards
    private var ledger: Ledger { boards.ledger }
    public init(_ boards: Boards) { self.boards = boards }

    /// Freezes a plan's indicators as of a day with the lists behind them, hashed into the audit.
    public func freeze(plan id: String, title: String, on day: Day, by person: Person) async throws -> Evaluation {
        try await ledger.store.write { [self] db in
            let (plan, edition) = try boards.plan(db, id)
            let place = Place(divisions: [plan.jurisdiction.text])
            guard mayDo(person, .evaluate, at: place) else { throw Refusal("access.denied", ["value": plan.id]) }
            let principal = person.principal(.evaluate, at: place)
            let now = ledger.clock.now()
            let board = try boards.board(db, plan, edition: edition.edition, on: day)
            let gauges = Dictionary(uniqueKeysWithValues: plan.gauges(ledger.catalog).map { ($0.name, $0) })
            let key = Identifier.make(at: now)
            let home = plan.jurisdiction.text
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys]
            var lines: [[SQLValue]] = []
            var all = ""
            func add(_ indicator: String, _ sequence: Int, _ value: some Encodable) throws {
                let body = String(decoding: try encoder.encode(value), as: UTF8.self)
                all += body + "\n"
                lines.append([.text(home), .text(key), .text(indicator), .integer(Int64(sequence)), .text(body)])
            }
            for state in board.states {
                try add(state.indicator.id, 0, frozen(state))
                guard let gauge = gauges[plan.gaugeName(state.indicator)] else { continue }
                let subjects = try ledger.subjects(db, of: gauge, on: day, verdicts: Stretch.Verdict.allCases)
                for (index, subject) in subjects.enumerated() {
                    let stretch = subject.stretch
                    try add(
                        state.indicator.id, index + 1,
                        FrozenSubject(
                            subject: stretch.subject, root: subject.root, verdict: stretch.verdict.rawValue, reason: stretch.reason,
                            record: stretch.record,
                            division: stretch.division))
                }
            }
            let digest = Digest.sha256(all)
            try db.run(
                """
                INSERT INTO evaluation (home, id, plan, title, as_of, known_at, frozen_at, frozen_by, frozen_for, edition, digest)
                VALUES (\(home), \(key), \(plan.id), \(title), \(day), \(now), \(now), \(person.name), \(principal ?? ""), \(edition.edition), \(digest))
                """)
            try db.insert(into: "evaluation_line", ["home", "evaluation", "indicator", "sequence", "body"], lines)
            try Audit(db).append(
                home: home, at: now, by: person.name, door: "evaluation",
                [("evaluation/\(key)", "\(plan.id) as of \(day)\(principal.map { " for \($0)" } ?? "") \(digest)")])
            return Evaluation(
                id: key, plan: plan.id, title: title, by: person.name, digest: digest, principal: principal, day: day, knownAt: now,
                frozenAt: now,
                edition: edition.edition)
        }
    }

    private func frozen(_ state: IndicatorState) -> FrozenIndicator {
        let target = state.indicator.target
        let number = target.value.map { String($0) } ?? target.range.map { "\($0.lowerBound)–\($0.upperBound)" } ?? ""
        return FrozenIndicator(
            indicator: state.indicator.id, value: state.figure.value, low: state.figure.low, high: state.figure.high,
            state: state.figure.state.rawValue,
            outcome: state.outcome.rawValue, met: state.count.met, unmet: state.count.unmet, unknown: state.count.undecided,
            pending: state.count.pending,
            target: "\(target.operator.rawValue) \(number)", judgement: state.judgement?[Judgement.evidence])
    }

    public func list(_ db: any Connection, plan: String? = nil) throws -> [Evaluation] {
        let condition: SQL = if let plan { "plan = \(plan)" } else { "1 = 1" }
        return try db.rows("SELECT * FROM evaluation WHERE \(condition) ORDER BY frozen_at DESC").map { row in
            Evaluation(
                id: try row.get("id"), plan: try row.get("plan"), title: try row.get("title"), by: try row.get("frozen_by"),
                digest: try row.get("digest"), principal: try row.get("frozen_for", as: String.self).isEmpty ? nil : row.get("frozen_for"),
                day: try row.get("as_of"), knownAt: try row.get("known_at"), frozenAt: try row.get("frozen_at"),
                edition: try row.get("edition"))
        }
    }
    public func find(_ db: any Connection, _ id: String) throws -> Evaluation {
        guard let found = try list(db).first(where: { $0.id == id }) else { throw Refusal("record.missing", ["value": id]) }
        return found
    }

    /// What was frozen, and whether it still is what was hashed.
    public func indicators(_ db: any Connection, _ evaluation: Evaluation) throws -> (rows: [FrozenIndicator], isIntact: Bool) {
        var all = ""
        var rows: [(order: Int, FrozenIndicator)] = []
        var bodies: [String: [(Int, String)]] = [:]
        try db.each(
            "SELECT indicator, sequence, body FROM evaluation_line WHERE evaluation = \(evaluation.id) ORDER BY indicator, sequence"
        ) { row in
            bodies[try row.get(0), default: []].append((try row.get(1), try row.get(2)))
        }
        let decoder = JSONDecoder()
        // Lines were hashed in the order of the plan's indicators, which the edition of that time keeps.
        let (plan, _) = try boards.plan(db, evaluation.plan, knownAt: evaluation.frozenAt)
        for (order, indicator) in plan.indicators.enumerated() {
            for (sequence, body) in bodies[indicator.id] ?? [] {
                all += body + "\n"
                if sequence == 0 { rows.append((order, try decoder.decode(FrozenIndicator.self, from: Data(body.utf8)))) }
            }
        }
        return (rows.map(\.1), Digest.sha256(all) == evaluation.digest)
    }

    public func subjects(_ db: any Connection, _ evaluation: Evaluation, _ indicator: String) throws -> [FrozenSubject] {
        let decoder = JSONDecoder()
        return try db.rows(
            "SELECT body FROM evaluation_line WHERE evaluation = \(evaluation.id) AND indicator = \(indicator) AND sequence > 0 ORDER BY sequence"
        ).map { try decoder.decode(FrozenSubject.self, from: Data(try $0.get(0, as: String.self).utf8)) }
    }
}

/// One line of a chase list 催办清单: an unmet duty with the one to call.
public struct ChaseLine: Sendable {
    public let township, townshipName, debtor, debtorName: String
    public private(set) var contact, phone: String
    public let address, duty, clause, subject, reason: String
    public let since: Day

    /// The same line for who may know whom it concerns, but not how to reach them.
    public func masked() -> ChaseLine {
        var line = self
        (line.contact, line.phone) = (contact.isEmpty ? "" : "***", phone.isEmpty ? "" : "***")
        return line
    }
}

extension Boards {
    /// Every unmet duty of a division on a day, by township, with whom to call.
    public func chaseList(
        _ db: any Connection, in division: DivisionCode, on day: Day, english: Bool = false, limit: Int = 100_000
    ) throws -> [ChaseLine] {
        let duties = try ledger.duties(db, on: day, in: division, verdicts: [.unmet], limit: limit)
        let ids = Set(
            duties.flatMap { [$0.stretch.debtor] + $0.stretch.subject.split(separator: "|").map(String.init) }.filter { !$0.isEmpty })
        let titles = try ledger.titles(db, ids)
        var debtors: [String: Record] = [:]
        for record in try ledger.records(db, Set(duties.map(\.stretch.debtor)).filter { !$0.isEmpty }) { debtors[record.id] = record }
        func text(_ record: Record?, _ name: String) -> String {
            record.flatMap { record in record.kind.field(named: name).flatMap { record[$0] } }.map(plainText) ?? ""
        }
        return duties.map { duty in
            let debtor = debtors[duty.stretch.debtor]
            let subject = duty.stretch.subject.split(separator: "|").filter { $0 != duty.stretch.debtor }.map { part in
                titles[String(part)]?.title ?? ledger.catalog.tables["factor"]?[String(part)].map { english ? $0.en : $0.zh }
                    ?? String(part)
            }.joined(separator: " · ")
            return ChaseLine(
                township: duty.stretch.division, townshipName: ledger.catalog.divisions.name(duty.stretch.division),
                debtor: duty.stretch.debtor,
                debtorName: debtor?.title ?? "", contact: text(debtor, "contact"), phone: text(debtor, "phone"),
                address: text(debtor, "address"),
                duty: english ? duty.measure.owed.en : duty.measure.owed.zh, clause: duty.measure.clause ?? "", subject: subject,
                reason: duty.stretch.reason,
                since: duty.stretch.from)
        }.sorted {
            ($0.township, $0.debtorName, $0.debtor, $0.duty, $0.subject) < ($1.township, $1.debtorName, $1.debtor, $1.duty, $1.subject)
        }
    }
}
