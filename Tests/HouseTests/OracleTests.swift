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
    static let repository = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    static let planFile = repository.appendingPathComponent("Tests/HouseTests/Plans/everything.yaml")

    struct Job: Encodable {
        let records, plan: String
        let as_of: [String]
        let known_at: Int64?
        let out: String
    }

    /// One database of random acts; `verify` after it, and the engine's answers beside the exported records.
    static func grow(seed: UInt64, creations: Int, edits: Int, endsDivision: Bool, folder: URL) async throws -> [(job: Job, answers: [String: Answer])] {
        let moving = MovingClock()
        let house = try await House.open(try SQLiteStore(path: ":memory:"), catalog: Hand.catalog, clock: moving.clock)
        let text = try String(contentsOf: planFile, encoding: .utf8)
        var world = RandomWorld(house.ledger, seed: seed, clock: moving)
        try await house.add(plan: text, by: .house)
        try await world.fill(creations)
        var middle: Moment?
        for index in 0..<edits {
            try await world.step(corrections: 0.6)
            if index == edits / 2 { middle = moving.clock.now() }
            if endsDivision, index == edits * 2 / 3 { try await world.endDivision() }
        }
        let problems = try await house.ledger.verify()
        #expect(problems.isEmpty, "seed \(seed): \(problems.prefix(5))")
        #expect(try await house.ledger.store.read { try Audit($0).breaks() }.isEmpty)
        let records = folder.appendingPathComponent("\(seed)")
        try await Exporter(house.ledger).dump(to: records)
        let days = ["2018-12-31", "2019-06-30", "2020-01-01", "2020-12-31", "2021-09-15"]
        var result: [(Job, [String: Answer])] = []
        for moment in [nil, middle] {
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
            result.append((Job(records: records.path, plan: planFile.path, as_of: days, known_at: moment?.microseconds, out: out.path), answers))
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
        init(_ state: IndicatorState) {
            (measure, style, count, figure) = (state.indicator.measure.name, state.indicator.measure.style, state.count, state.figure)
            groups = Dictionary(state.groups.map { ($0.name, $0.count) }, uniquingKeysWith: { first, _ in first })
            judgement = state.judgement?[Judgement.verdict]
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
            return wrong
        }
        var verdicts: Set<String> {
            var found: Set<String> = []
            if style == .rate {
                if count.met > 0 { found.insert("met") }
                if count.unmet > 0 { found.insert("unmet") }
                if count.unknown > 0 { found.insert("unknown") }
            }
            return found
        }
    }

    static func askOracle(_ jobs: [Job], folder: URL) throws -> [String: [String: [String: Any]]] {
        let list = folder.appendingPathComponent("jobs.json")
        try JSONEncoder().encode(jobs).write(to: list)
        let python = [repository.appendingPathComponent(".venv/bin/python").path, FileManager.default.homeDirectoryForCurrentUser.appendingPathComponent(".venv/bin/python").path]
            .first { FileManager.default.isExecutableFile(atPath: $0) } ?? "/usr/bin/python3"
        let process = Process()
        process.executableURL = URL(fileURLWithPath: python)
        process.arguments = [
            repository.appendingPathComponent("Tests/oracle/oracle.py").path, "--standards", repository.appendingPathComponent("Data/standards").path, "--batch", list.path,
        ]
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw Refusal("oracle", ["value": String(process.terminationStatus)]) }
        var answers: [String: [String: [String: Any]]] = [:]
        for job in jobs {
            for line in try String(contentsOfFile: job.out, encoding: .utf8).split(separator: "\n") {
                guard let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any], let day = object["as_of"] as? String, let id = object["indicator"] as? String
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
        let first = UInt64(ProcessInfo.processInfo.environment["ZHIFANG_SEED"] ?? "") ?? 1
        let databases = Int(ProcessInfo.processInfo.environment["ZHIFANG_DATABASES"] ?? "") ?? (Self.long ? 200 : 24)
        var all: [(job: Job, answers: [String: Answer])] = []
        for seed in first..<(first + UInt64(databases)) {
            all += try await Self.grow(seed: seed, creations: 360, edits: 60, endsDivision: seed % 4 == 0, folder: folder)
        }
        if Self.long { all += try await Self.grow(seed: 9_999, creations: 500, edits: 1_000, endsDivision: false, folder: folder) }
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
        for (measure, list) in wrong.sorted(by: { $0.key < $1.key }) {
            Issue.record("\(measure): \(list.count) differences, first: \(list.sorted().prefix(4).joined(separator: "; "))")
        }
        if databases >= 20 {
            for measure in House.measures.values where measure.style == .rate {
                let verdicts = seen[measure.name] ?? []
                #expect(verdicts.isSuperset(of: ["met", "unmet"]), "\(measure.name) saw only \(verdicts)")
            }
        }
    }
}
