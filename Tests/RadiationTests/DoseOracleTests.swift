import Foundation
import Hygiene
import Kernel
import TestKit
import Testing

@testable import Radiation

/// A history as the oracle takes it, and as the rules do.
private struct Job: Encodable {
    struct Period: Encodable {
        let from, until, kind: String
        var value, mdl: Double?
        var approved: Bool?

        var history: DoseHistory.Period {
            let outcome: DoseHistory.Outcome =
                switch kind {
                case "measured": .measured(value!)
                case "below": .belowDetection(mdl: mdl, recorded: value)
                case "nominal": .nominal(value, method: "colleagues", approved: approved)
                default: .unknown
                }
            return DoseHistory.Period(Span(Day(from)!, Day(until)!), outcome)
        }
    }
    struct Post: Encodable {
        let from, until: String
        var periods: [Period]
    }
    var posts: [Post]
    let years: [Int]

    func history() throws -> DoseHistory {
        DoseHistory(posts: try posts.map { try .init(Span(Day($0.from)!, Day($0.until)!), $0.periods.map(\.history)) })
    }

    /// One or two posts over some years with periods of a month to a quarter, some of them lost, late, twice or over the new year.
    static func random(_ random: inout SeededGenerator) -> Job {
        let first = Int.random(in: 2014...2022, using: &random)
        // Few histories lie near a limit unless they are made to.
        let scale = [0.3, 3, 8, 14].randomElement(using: &random)!
        let posts = (0..<Int.random(in: 1...2, using: &random)).map { _ -> Post in
            let start = Day.firstDay(of: first) + Int.random(in: 0...400, using: &random) * Int.random(in: 0...1, using: &random)
            let end = Day.firstDay(of: first + 5) - Int.random(in: 0...500, using: &random) * Int.random(in: 0...1, using: &random)
            var periods: [Period] = []
            var day = start
            let careful = Double.random(in: 0..<1, using: &random) < 0.5
            while day < end {
                let until = min(end, day + [30, 60, 90, 91].randomElement(using: &random)!)
                let fate = careful ? 2 : Int.random(in: 0..<40, using: &random)
                if fate != 0 { periods.append(period(day, until, scale, careful, &random)) }
                // Now and then the same time twice, and a day or more between two periods.
                if fate == 1 { periods.append(period(day + 5, until + 9, scale, careful, &random)) }
                day = until + (fate == 3 ? 1 : fate == 4 ? 3 : 0)
            }
            return Post(from: start.description, until: end.description, periods: periods.shuffled(using: &random))
        }
        return Job(posts: posts, years: Array(first..<first + 5))
    }

    private static func period(_ from: Day, _ until: Day, _ scale: Double, _ careful: Bool, _ random: inout SeededGenerator) -> Period {
        let value = (Double.random(in: 0..<1, using: &random) * scale * 1000).rounded() / 1000
        var period = Period(from: from.description, until: until.description, kind: "measured", value: value)
        switch Int.random(in: 0..<(careful ? 20 : 24), using: &random) {
        case 0..<5:
            period = Period(from: period.from, until: period.until, kind: "below", mdl: [0.02, 0.04, 0.1].randomElement(using: &random)!)
        case 5: period = Period(from: period.from, until: period.until, kind: "nominal", value: value, approved: true)
        case 20: period = Period(from: period.from, until: period.until, kind: "nominal", value: value, approved: false)
        case 21: period = Period(from: period.from, until: period.until, kind: "below")
        case 22: period = Period(from: period.from, until: period.until, kind: "unknown")
        default: break
        }
        return period
    }
}

/// SeededGenerator histories judged here and by Tests/health/oracle.py, which counts day by day. Sums agree to 10⁻⁹ mSv, verdicts exactly.
@Suite struct DoseOracleTests {
    private struct Jobs: Encodable {
        let hearing: [Job] = []
        let dose: [Job]
    }
    private struct Sum: Decodable {
        let low: Double
        let high: Double?
        let verdict: String
    }
    private struct Answer: Decodable {
        let years: [String: Sum]
        let five: Sum
    }
    private struct Answers: Decodable { let dose: [Answer] }

    static let rounds = ProcessInfo.processInfo.environment["ZHIFANG_TEST_LONG"] == nil ? 400 : 5000

    private func equal(_ bounds: DoseRules.Bounds, _ sum: Sum) -> Bool {
        guard abs(bounds.low - sum.low) < 1e-9 else { return false }
        guard let mine = bounds.high, let theirs = sum.high else { return bounds.high == nil && sum.high == nil }
        return abs(mine - theirs) < 1e-9
    }

    @Test func agrees() throws {
        var random = SeededGenerator(seed: 55)
        let jobs = (0..<Self.rounds).map { _ in Job.random(&random) }
        let answers = try (Python.ask("Tests/health/oracle.py", Jobs(dose: jobs)) as Answers).dose
        try #require(answers.count == jobs.count)
        var years: [String: Int] = [:]
        var fives: [String: Int] = [:]
        for (index, (job, answer)) in zip(jobs, answers).enumerated() {
            let history = try job.history()
            for year in job.years {
                let theirs = try #require(answer.years["\(year)"])
                let mine = doseRules.year(history, year)
                #expect(equal(doseRules.sum(history, over: .year(year)).bounds, theirs), "case \(index), \(year)")
                #expect(mine.verdict.rawValue == theirs.verdict, "case \(index), \(year)")
                years[theirs.verdict, default: 0] += 1
            }
            let mine = doseRules.fiveYears(history, from: job.years[0])
            let days = Span(.firstDay(of: job.years[0]), .firstDay(of: job.years[0] + 5))
            #expect(equal(doseRules.sum(history, over: days).bounds, answer.five), "case \(index)")
            #expect(mine.verdict.rawValue == answer.five.verdict, "case \(index)")
            fives[answer.five.verdict, default: 0] += 1
        }
        // Every verdict came up often enough to mean something.
        for counts in [years, fives] {
            for verdict in ["pass", "exceed", "unknown"] { #expect(counts[verdict, default: 0] >= 20, "\(counts)") }
        }
    }

    /// Another dose never lowers what is known of a year, and the order in which records lie is irrelevant.
    @Test func properties() throws {
        var random = SeededGenerator(seed: 77)
        for _ in 0..<300 {
            var job = Job.random(&random)
            let before = try job.history()
            let year = try #require(job.years.randomElement(using: &random))
            let sum = doseRules.sum(before, over: .year(year)).bounds
            var shuffled = job
            shuffled.posts = job.posts.reversed()
            for place in shuffled.posts.indices { shuffled.posts[place].periods.reverse() }
            let again = doseRules.sum(try shuffled.history(), over: .year(year)).bounds
            #expect(abs(again.low - sum.low) < 1e-9 && (again.high == nil) == (sum.high == nil))

            let from = Day.firstDay(of: year) + Int.random(in: 0...300, using: &random)
            let value = Double.random(in: 0...20, using: &random)
            job.posts[0].periods.append(.init(from: from.description, until: (from + 30).description, kind: "measured", value: value))
            let more = doseRules.sum(try job.history(), over: .year(year)).bounds
            #expect(more.low >= sum.low - 1e-9)
            if let high = sum.high { #expect(try #require(more.high) >= high - 1e-9) }
            if doseRules.year(before, year).verdict == .exceeds { #expect(doseRules.year(try job.history(), year).verdict == .exceeds) }
        }
    }
}
