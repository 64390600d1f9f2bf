import Catalog
import Exchange
import Foundation
import Kernel
import Ledger
import Planning
import Storage
import TestKit
import Testing

@testable import House

/// Incremental equals full recomputation equals an independent program: random databases grown through the front door, their
/// records exported and counted again by DuckDB (Tests/oracle), which shares no code with the engine.
@Suite struct OracleTests {
    static let long = ProcessInfo.processInfo.environment["ZHIFANG_TEST_LONG"] != nil
    static let planFile = Repository.root.appendingPathComponent("Tests/HouseTests/Plans/everything.yaml")

    struct Job: Encodable {
        let records, plan: String
        let as_of: [String]
        let known_at: Int64?
        let out: String
    }

    /// The plan's next edition: other scopes, overrides, units and targets under the same names.
    static func edited(_ text: String) -> String {
        let changes = [
            (
                "{id: A2, measure: declaration_rate, name: {zh: A2}, target: {operator: gte, value: 50}, scope: industry}",
                "{id: A2, measure: declaration_rate, name: {zh: A2}, target: {operator: gte, value: 40}, scope: micro}"
            ),
            ("testing.cycle_general_months: 24", "testing.cycle_general_months: 18"),
            ("training.valid_months: 24", "training.valid_months: 36"),
            ("rehab.threshold: 2", "rehab.threshold: 4"), ("services: [exam]", "services: [testing, diagnosis]"),
            ("{group: chemical, everyone: true}", "{group: chemical}"),
            (
                "target: {operator: gte, value: 50}, unit: worker-employer, scope: industry}",
                "target: {operator: gte, value: 50}, unit: worker-employer}"
            ),
            ("{headcount: {max: 20}}", "{headcount: {max: 9}}"),
        ]
        return changes.reduce(text) { text, change in
            precondition(text.contains(change.0), "the plan has no longer \(change.0)")
            return text.replacingOccurrences(of: change.0, with: change.1)
        }
    }

    /// One database of random acts; `verify` after it, and the engine's answers beside the exported records. Every second database has
    /// its plan edited on the way, every fourth loses a division; what was known before must still be told as it was.
    static func grow(seed: UInt64, creations: Int, edits: Int, folder: URL) async throws -> [(job: Job, answers: [String: Answer])] {
        let moving = MovingClock()
        let house = try await House.open(try SQLiteStore(path: ":memory:"), catalog: Hand.catalog, clock: moving.clock)
        let text = try String(contentsOf: planFile, encoding: .utf8)
        let nextFile = folder.appendingPathComponent("next.yaml")
        var world = RandomWorld(house.ledger, seed: seed, clock: moving)
        try await house.add(plan: text, by: .house)
        try await world.fill(creations)
        var middle: Moment?
        var plans = (then: planFile, now: planFile)
        for index in 0..<edits {
            try await world.step(corrections: 0.6)
            if seed % 4 == 0, index == edits / 3 { try await world.endDivision() }
            if index == edits / 2 { middle = moving.clock.now() }
            if seed % 2 == 1, index == edits * 2 / 3, let middle, moving.clock.now() > middle {
                try await house.add(plan: edited(text), by: .house)
                plans.now = nextFile
            }
            if seed % 8 == 0, index == edits * 3 / 4 { try await world.endDivision() }
        }
        let problems = try await house.ledger.verify()
        #expect(problems.isEmpty, "seed \(seed): \(problems.prefix(5))")
        #expect(try await house.ledger.store.read { try Audit($0).breaks() }.isEmpty)
        let records = folder.appendingPathComponent("\(seed)")
        try await Exporter(house.ledger).dump(to: records)
        let days = ["2017-12-31", "2018-12-31", "2019-12-31", "2020-01-01", "2020-12-31", "2021-09-15"]
        var result: [(Job, [String: Answer])] = []
        for (moment, plan) in [(nil, plans.now), (middle, plans.then)] {
            let out = folder.appendingPathComponent("\(seed)-\(moment == nil ? "now" : "then").jsonl")
            let answers = try await house.ledger.store.read { [boards = house.boards] db in
                var answers: [String: Answer] = [:]
                let (plan, edition) = try boards.plan(db, "ALL-2017-2021", knownAt: moment)
                for day in days {
                    let board = try boards.board(db, plan, edition: edition.edition, on: Day(day) ?? .distantPast, knownAt: moment)
                    for state in board.states { answers["\(day) \(state.indicator.id)"] = Answer(state) }
                }
                return answers
            }
            result.append(
                (Job(records: records.path, plan: plan.path, as_of: days, known_at: moment?.microseconds, out: out.path), answers))
        }
        return result
    }

    /// What the engine says, in the oracle's terms.
    struct Answer: Sendable {
        let measure: String
        let style: Measure.Style
        let count: Count
        let figure: Figure
        let groups: [String: Count]
        let judgement: String?
        let outcome: Outcome
        let target: Target
        init(_ state: IndicatorState) {
            (measure, style, count, figure) = (state.indicator.measure.name, state.indicator.measure.style, state.count, state.figure)
            groups = Dictionary(state.groups.map { ($0.name, $0.count) }, uniquingKeysWith: { first, _ in first })
            judgement = state.judgement?[Judgement.verdict]
            (outcome, target) = (state.outcome, state.indicator.target)
        }

        /// The differences from a line of the oracle, in words.
        func differences(from line: [String: Any]) -> [String] {
            func number(_ key: String) -> Double? { (line[key] as? NSNumber)?.doubleValue }
            var wrong: [String] = []
            func compare(_ name: String, _ ours: Double?, _ theirs: Double?) {
                switch (ours, theirs) {
                case (nil, nil): break
                case (let ours?, let theirs?) where abs(ours - theirs) <= 1e-5 * max(1, abs(theirs)): break
                default: wrong.append("\(name): ours \(ours.map { "\($0)" } ?? "none"), oracle \(theirs.map { "\($0)" } ?? "none")")
                }
            }
            switch style {
            case .judged: if judgement != line["judgement"] as? String { wrong.append("judgement") }
            case .rate:
                compare("m", Double(count.met), number("m"))
                compare("u", Double(count.unmet), number("u"))
                compare("k", Double(count.unknown), number("k"))
                compare("sm", Double(count.scopeMet), number("sm") ?? 0)
                compare("su", Double(count.scopeUnmet), number("su") ?? 0)
                compare("sk", Double(count.scopeUnknown), number("sk") ?? 0)
            case .count:
                compare("num", count.sum, number("num"))
                compare("k", Double(count.unknown), number("k"))
            case .share:
                compare("num", count.sum, number("num"))
                compare("den", count.base, number("den"))
                compare("k", Double(count.unknown), number("k"))
            case .level: compare("num", figure.value, number("num"))
            case .leastUnit: compare("num", figure.value, number("num"))
            case .ratio, .leastRatio:
                for (service, values) in line["groups"] as? [String: [NSNumber]] ?? [:] {
                    let ours = groups[service] ?? Count()
                    compare("\(service) num", ours.sum, values[0].doubleValue)
                    compare("\(service) den", ours.base, values[1].doubleValue)
                    compare("\(service) k", Double(ours.unknown), values[2].doubleValue)
                }
            }
            let bounds = Answer.bounds(style, line)
            if bounds.low != nil { compare("low", figure.low, bounds.low) }
            if bounds.high != nil { compare("high", figure.high, bounds.high) }
            if let low = bounds.low, let high = bounds.high, let expected = expected(low, high), outcome != expected {
                wrong.append("\(outcome), not \(expected)")
            }
            return wrong
        }

        /// The bounds of docs/measures.md from the oracle's counts; nil where there are none.
        static func bounds(_ style: Measure.Style, _ line: [String: Any]) -> (value: Double?, low: Double?, high: Double?) {
            func number(_ key: String) -> Double { (line[key] as? NSNumber)?.doubleValue ?? 0 }
            func percent(_ part: Double, _ whole: Double) -> Double? { whole == 0 ? nil : part / whole * 100 }
            switch style {
            case .rate:
                let best = number("m") + number("k") + number("sm") + number("sk")
                return (
                    percent(number("m"), number("m") + number("u")),
                    percent(number("m"), number("m") + number("u") + number("k") + number("su") + number("sk")),
                    percent(best, best + number("u"))
                )
            case .count: return (number("num"), number("num"), number("num") + number("k") + number("sm") + number("sk"))
            case .share: return (percent(number("num"), number("den")), nil, nil)
            case .level: return ((line["num"] as? NSNumber)?.doubleValue, nil, nil)
            default: return (nil, nil, nil)
            }
        }

        /// The verdict on a target that a value is held against, from the bounds alone.
        private func expected(_ low: Double, _ high: Double) -> Outcome? {
            func isAt(_ left: Double, least right: Double) -> Bool { left > right - 1e-6 }
            switch target.operator {
            case .gte: return target.value.map { isAt(low, least: $0) ? .met : isAt(high, least: $0) ? .untold : .unmet }
            case .eq:
                return target.value.map {
                    abs(low - $0) < 1e-6 && abs(high - $0) < 1e-6 ? .met : isAt($0, least: low) && isAt(high, least: $0) ? .untold : .unmet
                }
            case .between:
                return target.range.map {
                    isAt(low, least: $0.lowerBound) && isAt($0.upperBound, least: high)
                        ? .met : isAt(high, least: $0.lowerBound) && isAt($0.upperBound, least: low) ? .untold : .unmet
                }
            default: return nil
            }
        }

        /// The verdict on a target that years are held against each other for.
        func expected(_ years: [Double?]) -> Outcome? {
            // Shares are kept in millionths: what differs by less than they can tell is nobody's to compare.
            let known = years.compactMap { $0 }
            if zip(known, known.dropFirst()).contains(where: { $0 != $1 && abs($0 - $1) < 1e-4 }) { return nil }
            switch target.operator {
            case .increasing:
                let steps = zip(years, years.dropFirst()).map { before, after in before.flatMap { before in after.map { before < $0 } } }
                return steps.isEmpty ? .untold : steps.contains(false) ? .unmet : steps.contains(nil) ? .untold : .met
            case .decreasing:
                guard years.count > 1, let first = years.first ?? nil, let last = years.last ?? nil else { return .untold }
                return last < first ? .met : .unmet
            default: return nil
            }
        }
        var verdicts: Set<String> {
            var found: Set<String> = []
            if style == .rate {
                if count.met > 0 { found.insert("met") }
                if count.unmet > 0 { found.insert("unmet") }
                // What a case of unknown severity leaves open is its scope.
                if count.unknown > 0 || (measure == "severe_case_handling_rate" && count.undecided > 0) { found.insert("unknown") }
            }
            return found
        }
    }

    static func askOracle(_ jobs: [Job], folder: URL) throws -> [String: [String: [String: Any]]] {
        let list = folder.appendingPathComponent("jobs.json")
        try JSONEncoder().encode(jobs).write(to: list)
        let standards = Repository.standards.path
        try Python.run("Tests/oracle/oracle.py", ["--standards", standards, "--batch", list.path])
        var answers: [String: [String: [String: Any]]] = [:]
        for job in jobs {
            for line in try String(contentsOfFile: job.out, encoding: .utf8).split(separator: "\n") {
                guard let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any],
                    let day = object["as_of"] as? String, let id = object["indicator"] as? String
                else { continue }
                answers[job.out, default: [:]]["\(day) \(id)"] = object
            }
        }
        return answers
    }

    @Test func figuresEqualAnIndependentProgram() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("zhifang-oracle-\(Digest.hex(Digest.random(6)))")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { if ProcessInfo.processInfo.environment["ZHIFANG_KEEP"] == nil { try? FileManager.default.removeItem(at: folder) } }
        try Self.edited(String(contentsOf: Self.planFile, encoding: .utf8)).write(
            to: folder.appendingPathComponent("next.yaml"), atomically: true, encoding: .utf8)
        let first = UInt64(ProcessInfo.processInfo.environment["ZHIFANG_SEED"] ?? "") ?? 1
        let databases = Int(ProcessInfo.processInfo.environment["ZHIFANG_DATABASES"] ?? "") ?? (Self.long ? 200 : 24)
        var all: [(job: Job, answers: [String: Answer])] = []
        // As many lanes as there are processors: each database is alone in memory.
        let lanes = min(databases, max(2, ProcessInfo.processInfo.activeProcessorCount))
        try await withThrowingTaskGroup(of: [(job: Job, answers: [String: Answer])].self) { group in
            for lane in 0..<lanes {
                group.addTask {
                    var own: [(job: Job, answers: [String: Answer])] = []
                    for seed in stride(from: first + UInt64(lane), to: first + UInt64(databases), by: lanes) {
                        own += try await Self.grow(seed: seed, creations: 360, edits: 60, folder: folder)
                    }
                    return own
                }
            }
            for try await own in group { all += own }
        }
        if Self.long { all += try await Self.grow(seed: 9_999, creations: 500, edits: 1_000, folder: folder) }
        let lines = try Self.askOracle(all.map(\.job), folder: folder)
        var wrong: [String: [String]] = [:]
        var seen: [String: Set<String>] = [:]
        for (job, answers) in all {
            for (key, answer) in answers {
                guard let line = lines[job.out]?[key] else { Issue.record("the oracle has no answer to \(key)"); continue }
                seen[answer.measure, default: []].formUnion(answer.verdicts)
                for difference in answer.differences(from: line) {
                    wrong[answer.measure, default: []].append("\(URL(fileURLWithPath: job.out).lastPathComponent) \(key): \(difference)")
                }
            }
        }
        var outcomes: Set<Outcome> = []
        for (job, answers) in all {
            for (key, answer) in answers {
                let parts = key.split(separator: " ").map(String.init)
                let ends = (2017...2021).map { "\($0)-12-31" }.filter { $0 <= parts[0] }
                let values = ends.map { end in lines[job.out]?["\(end) \(parts[1])"].flatMap { Answer.bounds(answer.style, $0).value } }
                guard let expected = answer.expected(values) else { continue }
                outcomes.insert(expected)
                if answer.outcome != expected {
                    wrong[answer.measure, default: []].append(
                        "\(URL(fileURLWithPath: job.out).lastPathComponent) \(key): \(answer.outcome), not \(expected)")
                }
            }
        }
        for (measure, list) in wrong.sorted(by: { $0.key < $1.key }) {
            Issue.record("\(measure): \(list.count) differences, first: \(list.sorted().prefix(4).joined(separator: "; "))")
        }
        if databases >= 20 {
            #expect(outcomes == [.met, .unmet, .untold])
            for measure in House.measures.values where measure.style == .rate {
                let expected: Set = Self.neverUnknown.contains(measure.name) ? ["met", "unmet"] : ["met", "unmet", "unknown"]
                #expect(seen[measure.name] == expected, "\(measure.name) saw \((seen[measure.name] ?? []).sorted())")
            }
        }
    }

    /// Rates whose rows in docs/measures.md leave nothing unknown.
    static let neverUnknown: Set = [
        "newcase_employer_enforcement", "payer_linkage", "violation_case_handling_rate", "institution_inspection_coverage",
        "city_institute_exists",
        "rehab_township_coverage",
    ]
}

/// Cases too rare for a few random databases, by hand.
@Suite struct OwnedMeasuresTests {
    static func kind(_ name: String) throws -> Kind { try #require(House.features.flatMap(\.kinds).first { $0.name == name }) }

    /// A county that ends without a successor leaves what happened there to the prefecture, and to no county.
    @Test func dissolvedCounty() throws {
        let measure = try #require(House.measures["major_acute_incidents"])
        let records = [
            Hand.record(try Self.kind("incident"), "N1", ["division": "330402", "day": "2020-02-01", "level": "major"]),
            Hand.record(try Self.kind("division"), "V1", ["division": "330402", "name": "南湖区", "until": "2020-06-01"]),
        ]
        func sum(_ day: String, _ place: String) -> Double { Hand().count(measure, records, on: day, in: place).count.sum }
        #expect([sum("2020-05-31", "330402"), sum("2020-05-31", "330400")] == [1, 1])
        #expect([sum("2020-06-01", "330402"), sum("2020-06-01", "330400")] == [0, 1])
    }

    /// A reopening counts from its day on; one before the end of an employer does not undo the end.
    @Test func reopened() throws {
        let measure = try #require(House.measures["supervision_coverage"])
        let employer = Hand.record(
            try Self.kind("employer"), "E1", ["name": "甲", "division": "330402", "hazards": "1", "until": "2020-06-01"])
        func subjects(_ day: String, reopened: String) throws -> [String] {
            let change = Hand.record(try Self.kind("employer_change"), "C1", ["employer": "E1", "day": reopened, "closed": "0"])
            return Hand().count(measure, [employer, change], on: day).subjects(.unmet)
        }
        #expect(try subjects("2020-05-31", reopened: "2020-03-01") == ["E1"])
        #expect(try subjects("2020-06-01", reopened: "2020-03-01") == [])
        #expect(try subjects("2020-08-31", reopened: "2020-09-01") == [])
        #expect(try subjects("2020-09-01", reopened: "2020-09-01") == ["E1"])
    }

    /// The institution's cases go with the worker whose diagnoses they were, in a computation from nothing and as records come and go.
    @Test func withdrawnWorker() async throws {
        let measure = try #require(House.measures["diagnosis_reporting_rate"])
        let institution = Hand.record(try Self.kind("institution"), "I1", ["name": "甲", "division": "330402"])
        let worker = Hand.record(try Self.kind("worker"), "W1", ["name": "乙"])
        let cells = ["worker": "W1", "institution": "I1", "division": "330402", "day": "2020-02-01", "disease": "D001", "confirmed": "1"]
        let diagnosis = Hand.record(try Self.kind("diagnosis"), "G1", cells)
        func subjects(_ records: [Record]) -> [String] {
            Hand().count(measure, records, on: "2020-12-31", unit: "institution").subjects(.unmet)
        }
        #expect(subjects([institution, worker, diagnosis]) == ["I1"])
        #expect(subjects([institution, diagnosis]) == [])

        let clock = MovingClock()
        clock.set(try #require(Moment("2021-01-10 08:00")))
        let house = try await House.open(try SQLiteStore(path: ":memory:"), catalog: Hand.catalog, clock: clock.clock)
        try await house.add(plan: try String(contentsOf: OracleTests.planFile, encoding: .utf8), by: .house)
        let submission = Submission(by: .house, door: "test", home: "330402")
        let drafts = [
            Draft(try Self.kind("institution"), ["code": "I1", "name": "甲", "division": "330402"]),
            Draft(try Self.kind("worker"), ["code": "W1", "name": "乙"]),
            Draft(try Self.kind("diagnosis"), cells),
        ]
        let receipts = try await house.ledger.submit(drafts, submission)
        let person = try #require(receipts[1].fate.id)
        func cases() async throws -> Int {
            try await house.ledger.store.read {
                try $0.rows("SELECT root FROM stretch WHERE gauge = 'ALL-2017-2021/P2' AND verdict = 'unmet'").count
            }
        }
        #expect(try await cases() == 1)
        var draft = Draft(try Self.kind("worker"), id: person)
        draft.isWithdrawal = true
        _ = try await house.ledger.submit([draft], submission)
        #expect(try await cases() == 0)
        #expect(try await house.ledger.verify().isEmpty)
    }
}
