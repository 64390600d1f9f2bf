import Kernel

/// Who was drawn and who goes there: it follows from the inputs and the seed and from nothing else.
public struct DrawOutcome: Hashable, Sendable {
    public struct Drawn: Hashable, Sendable {
        public let object: DrawInputs.Object
        /// 1 for the first of its stratum.
        public let rank: Int
        /// Which of its tickets was the smallest, from 1, and that ticket.
        public let number: Int
        public let ticket: String
        public let inspectors: [Assigned]
    }
    public struct Assigned: Hashable, Sendable {
        public let inspector: DrawInputs.Inspector
        public let ticket: String
    }
    public let drawn: [Drawn]

    /// The seed of a draw: nobody could know it before the source, and whoever made the lists had bound themself before.
    public static func seed(commitment: String, nonce: String, value: String) -> String {
        Digest.sha256("zhifang-draw 1\nseed\n\(commitment)\n\(nonce)\n\(value)\n")
    }

    /// Draws. Objects: `weight` tickets each, ranked in their stratum by the smallest, which is weighted sampling without replacement.
    /// Inspectors: in the order of their tickets for the object, without those who are recused or have their load, keeping a place for
    /// each joint department that is not there yet.
    /// - Throws: the flaws of the inputs.
    public init(_ inputs: DrawInputs, seed: String) throws {
        let flaws = inputs.flaws()
        guard flaws.isEmpty else { throw Refusals(flaws) }
        var recused: [String: Set<String>] = [:]
        for pair in inputs.recusals { recused[pair.object, default: []].insert(pair.inspector) }
        var load: [String: Int] = [:]
        var drawn: [Drawn] = []
        for quota in inputs.quotas where quota.count > 0 {
            let ranked = DrawOutcome.ranked(inputs.objects.filter { $0.stratum == quota.stratum }, seed: seed)
            for (index, entry) in ranked.prefix(quota.count).enumerated() {
                let free = inputs.inspectors.filter { inspector in
                    recused[entry.object.id]?.contains(inspector.id) != true
                        && (inputs.load == 0 || load[inspector.id, default: 0] < inputs.load)
                }
                let sent = DrawOutcome.sent(free, to: entry.object.id, inputs, seed: seed)
                // Inputs without a flaw never come here: DrawInputs.staffing.
                guard sent.count == inputs.each else { throw Refusal("draw.inspectors", field: "inspector", ["value": entry.object.name]) }
                for one in sent { load[one.inspector.id, default: 0] += 1 }
                drawn.append(
                    Drawn(object: entry.object, rank: index + 1, number: entry.number, ticket: entry.ticket, inspectors: sent))
            }
        }
        self.drawn = drawn
    }

    /// Objects by their smallest ticket, the first drawn first.
    public static func ranked(
        _ objects: [DrawInputs.Object], seed: String
    ) -> [(object: DrawInputs.Object, number: Int, ticket: String)] {
        objects.map { object in
            var best: (number: Int, ticket: [UInt8]) = (0, [])
            for number in 1...object.weight {
                let ticket = Digest.sha256(Array("\(seed)|object|\(object.id)|\(number)".utf8))
                if best.number == 0 || ticket.lexicographicallyPrecedes(best.ticket) { best = (number, ticket) }
            }
            return (object, best.number, Digest.hex(best.ticket))
        }.sorted { $0.2 == $1.2 ? DrawInputs.precedes($0.0.id, $1.0.id) : $0.2 < $1.2 }
    }

    private static func sent(_ free: [DrawInputs.Inspector], to object: String, _ inputs: DrawInputs, seed: String) -> [Assigned] {
        let order = free.map { Assigned(inspector: $0, ticket: Digest.sha256("\(seed)|inspector|\(object)|\($0.id)")) }.sorted {
            $0.ticket == $1.ticket ? DrawInputs.precedes($0.inspector.id, $1.inspector.id) : $0.ticket < $1.ticket
        }
        var missing = Set(inputs.joint)
        var sent: [Assigned] = []
        for one in order where sent.count < inputs.each {
            if missing.remove(one.inspector.department) == nil, inputs.each - sent.count <= missing.count { continue }
            sent.append(one)
        }
        return sent
    }

    var lines: [[String]] {
        drawn.flatMap { one in
            [["drawn", one.object.stratum, String(one.rank), one.object.id, String(one.number), one.ticket]]
                + one.inspectors.map { ["sent", one.object.id, $0.inspector.id, $0.ticket] }
        }
    }
}
