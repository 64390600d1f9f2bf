import Kernel
import TestKit
import Testing

@testable import Draws

/// Whether the draw is as likely as its weights say, and keeps its rules over lists of every kind.
@Suite struct ChanceTests {
    static func seed(_ number: Int) -> String { Digest.sha256("seed \(number)") }
    static func inspectors(_ departments: [String]) -> [DrawInputs.Inspector] {
        departments.enumerated().map { .init(id: "i\($0.offset)", name: "甲\($0.offset)", department: $0.element) }
    }
    static func inputs(
        weights: [Int], count: Int, each: Int = 1, departments: [String] = ["health"], joint: [String] = [],
        recusals: [DrawInputs.Recusal] = []
    ) -> DrawInputs {
        DrawInputs(
            id: "d", jurisdiction: "330400", place: "嘉兴市", title: "试", weights: "w", each: each, joint: joint,
            quotas: [.init(stratum: "a", count: count)],
            objects: weights.enumerated().map { .init(id: "o\($0.offset)", name: "厂\($0.offset)", stratum: "a", weight: $0.element) },
            inspectors: inspectors(departments), recusals: recusals)
    }
    /// Pearson's statistic of counts against exact probabilities; whatever cannot happen must not have happened.
    static func chiSquare(_ counts: [String: Int], _ exact: [String: Double]) -> (value: Double, freedom: Int) {
        let total = Double(counts.values.reduce(0, +))
        var value = 0.0
        for (key, probability) in exact {
            value +=
                (Double(counts[key] ?? 0) - total * probability) * (Double(counts[key] ?? 0) - total * probability) / (total * probability)
        }
        #expect(Set(counts.keys).isSubset(of: Set(exact.keys)))
        return (value, exact.count - 1)
    }
    /// The 99.9 % points of chi-square (tables of the distribution).
    static let bounds: [Int: Double] = [3: 16.266, 5: 20.515, 9: 27.877, 11: 31.264, 19: 43.820, 23: 49.728]

    /// Successive sampling, worked out by multiplying along every order in which they can come.
    static func orders(_ weights: [Int], _ count: Int) -> [String: Double] {
        var result: [String: Double] = [:]
        func walk(_ chosen: [Int], _ probability: Double) {
            guard chosen.count < count else {
                result[chosen.map(String.init).joined(separator: ","), default: 0] += probability
                return
            }
            let left = weights.indices.filter { !chosen.contains($0) }
            let sum = left.reduce(0) { $0 + weights[$1] }
            for next in left { walk(chosen + [next], probability * Double(weights[next]) / Double(sum)) }
        }
        walk([], 1)
        return result
    }

    @Test(arguments: [([1, 2, 3, 5], 2), ([1, 1, 1, 1], 1), ([10, 1, 4, 7], 3), ([1, 9, 1, 2, 2], 2)])
    func objectsComeAsOftenAsTheirWeightsSay(_ weights: [Int], _ count: Int) throws {
        let inputs = ChanceTests.inputs(weights: weights, count: count)
        var counts: [String: Int] = [:]
        for number in 0..<6000 {
            let outcome = try DrawOutcome(inputs, seed: ChanceTests.seed(number))
            counts[outcome.drawn.map { String($0.object.id.dropFirst()) }.joined(separator: ","), default: 0] += 1
        }
        let (value, freedom) = ChanceTests.chiSquare(counts, ChanceTests.orders(weights, count))
        let bound = try #require(ChanceTests.bounds[freedom])
        #expect(value < bound, "\(value) at \(freedom) degrees of freedom")
        // The test can tell: the same counts against equal weights.
        if Set(weights).count > 1 {
            #expect(ChanceTests.chiSquare(counts, ChanceTests.orders(weights.map { _ in 1 }, count)).value > bound)
        }
    }

    /// What each order of the inspectors gives, over all of them: the first who fits, places kept for departments that are missing.
    static func teams(_ departments: [String], each: Int, joint: Set<String>, recused: Set<Int>) -> [String: Double] {
        let free = departments.indices.filter { !recused.contains($0) }
        var orders: [[Int]] = [[]]
        for _ in free { orders = orders.flatMap { order in free.filter { !order.contains($0) }.map { order + [$0] } } }
        var result: [String: Double] = [:]
        for order in orders {
            // By another way than the program's: the first of each department is in, then the first of the rest fill up.
            let first = Set(joint.compactMap { department in order.first { departments[$0] == department } })
            let rest = order.filter { !first.contains($0) }.prefix(each - first.count)
            result[(first + rest).sorted().map(String.init).joined(separator: ","), default: 0] += 1 / Double(orders.count)
        }
        return result
    }

    @Test(arguments: [([], []), (["a", "b"], []), ([], [1]), (["a", "b"], [0])] as [(Set<String>, Set<Int>)])
    func inspectorsAreSentAlike(_ joint: Set<String>, _ recused: Set<Int>) throws {
        let departments = ["a", "b", "a", "c", "b"]
        let inputs = ChanceTests.inputs(
            weights: [1], count: 1, each: 3, departments: departments, joint: Array(joint),
            recusals: recused.sorted().map { .init(inspector: "i\($0)", object: "o0") })
        var counts: [String: Int] = [:]
        for number in 0..<4000 {
            let sent = try #require(try DrawOutcome(inputs, seed: ChanceTests.seed(number)).drawn.first?.inspectors)
            counts[sent.map { String($0.inspector.id.dropFirst()) }.sorted().joined(separator: ","), default: 0] += 1
        }
        let exact = ChanceTests.teams(departments, each: 3, joint: joint, recused: recused)
        let (value, freedom) = ChanceTests.chiSquare(counts, exact)
        let bound = ChanceTests.bounds[freedom] ?? Double(freedom) + 4.5 * (2 * Double(freedom)).squareRoot()
        #expect(value < bound, "\(value) at \(freedom) degrees of freedom")
    }

    /// Generated lists with strata, recusals, joint departments and limits: whatever is accepted can be drawn with every seed, keeps its
    /// rules, and is recomputed alike in the other language.
    @Test func rulesHoldOverGeneratedLists() throws {
        var random = SeededGenerator(seed: 20)
        var (held, refused, limited) = (0, 0, 0)
        var asked: [DrawTests.Asked] = []
        var ours: [[[String]]] = []
        while held < 250 {
            let strata = ["I", "II", "III"].prefix(Int.random(in: 1...3, using: &random))
            let departments = ["health", "work_safety", "fire"].prefix(Int.random(in: 1...3, using: &random))
            let objects = (0..<Int.random(in: 1...25, using: &random)).map {
                DrawInputs.Object(
                    id: "o\($0)", name: "厂 \($0)", stratum: strata.randomElement(using: &random) ?? "I",
                    weight: Int.random(in: 1...6, using: &random))
            }
            let inspectors = ChanceTests.inspectors(
                (0..<Int.random(in: 1...14, using: &random)).map { _ in departments.randomElement(using: &random) ?? "health" })
            let pairs = Set(
                (0..<Int.random(in: 0...20, using: &random)).map { _ in
                    DrawInputs.Recusal(
                        inspector: inspectors.randomElement(using: &random)?.id ?? "",
                        object: objects.randomElement(using: &random)?.id ?? "")
                })
            let each = Int.random(in: 1...3, using: &random)
            let inputs = DrawInputs(
                id: "d\(held)", jurisdiction: "330400", place: "市", title: "题", weights: "w", each: each,
                load: Int.random(in: 0...6, using: &random),
                joint: Array(departments.shuffled(using: &random).prefix(Int.random(in: 0...min(each, departments.count), using: &random))),
                quotas: strata.map { stratum in
                    .init(stratum: stratum, count: Int.random(in: 0...4, using: &random))
                }, objects: objects, inspectors: inspectors, recusals: Array(pairs))
            guard inputs.flaws().isEmpty else { refused += 1; continue }
            held += 1
            limited += inputs.load > 0 ? 1 : 0
            for number in 0..<4 {
                let drawn = try DrawOutcome(inputs, seed: ChanceTests.seed(held * 10 + number)).drawn
                for quota in inputs.quotas { #expect(drawn.count { $0.object.stratum == quota.stratum } == quota.count) }
                #expect(Set(drawn.map(\.object.id)).count == drawn.count)
                var load: [String: Int] = [:]
                for one in drawn {
                    let sent = one.inspectors.map(\.inspector)
                    #expect(sent.count == each && Set(sent.map(\.id)).count == each)
                    #expect(Set(inputs.joint).isSubset(of: Set(sent.map(\.department))))
                    for inspector in sent {
                        #expect(!pairs.contains(.init(inspector: inspector.id, object: one.object.id)))
                        load[inspector.id, default: 0] += 1
                    }
                }
                #expect(inputs.load == 0 || load.values.allSatisfy { $0 <= inputs.load })
            }
            let file = try DrawTests.drawn(inputs, value: "值 \(held)")
            #expect(try DrawFile.verified(Array(file.text.utf8)) == file)
            asked.append(.init(file: file.text))
            ours.append(
                file.result?.outcome.drawn.map {
                    [String($0.rank), $0.object.stratum, $0.object.name] + $0.inspectors.map(\.inspector.name)
                } ?? [])
        }
        let answers = try DrawTests.python(asked)
        #expect(answers.allSatisfy { $0.why == nil } && answers.map(\.drawn) == ours)
        #expect(refused > 50 && limited > 20, "the lists are too tame: \(refused) refused, \(limited) limited")
    }
}
