import Kernel

/// Everything that decides a double-random draw 双随机抽取 but its seed: the lists, the weights, the quotas, the recusals and the rules.
/// Written as the lines of docs/draws.md; the same inputs always give the same bytes.
public struct DrawInputs: Hashable, Sendable {
    /// One of whom the quota is drawn: an employer or an institution.
    public struct Object: Hashable, Sendable {
        public let id, name, stratum: String
        /// Tickets in the draw, 1…100.
        public let weight: Int
        public init(id: String, name: String, stratum: String, weight: Int) {
            (self.id, self.name, self.stratum, self.weight) = (id, name, stratum, weight)
        }
    }
    /// One who may be sent. `name` is what is published: a name or a staff number.
    public struct Inspector: Hashable, Sendable {
        public let id, name, department: String
        public init(id: String, name: String, department: String) { (self.id, self.name, self.department) = (id, name, department) }
    }
    /// An inspector who must not inspect an object 回避.
    public struct Recusal: Hashable, Sendable {
        public let inspector, object: String
        public init(inspector: String, object: String) { (self.inspector, self.object) = (inspector, object) }
    }
    /// How many objects of a stratum are drawn.
    public struct Quota: Hashable, Sendable {
        public let stratum: String
        public let count: Int
        public init(stratum: String, count: Int) { (self.stratum, self.count) = (stratum, count) }
    }

    public var id, jurisdiction, place, title: String
    /// How the weights came about, in words: the table of grades, what overdue duties add, the day.
    public var weights: String
    /// Inspectors for each object.
    public var each: Int
    /// The most objects that one inspector is given; 0 for no limit.
    public var load: Int
    /// Departments of which each object gets at least one inspector 部门联合.
    public var joint: [String]
    public var quotas: [Quota]
    public var objects: [Object]
    public var inspectors: [Inspector]
    public var recusals: [Recusal]

    /// Sorts the lists as the canonical text has them: by the bytes of their ids.
    public init(
        id: String, jurisdiction: String, place: String, title: String, weights: String, each: Int, load: Int = 0, joint: [String] = [],
        quotas: [Quota], objects: [Object], inspectors: [Inspector], recusals: [Recusal] = []
    ) {
        (self.id, self.jurisdiction, self.place, self.title, self.weights) = (id, jurisdiction, place, title, weights)
        (self.each, self.load) = (each, load)
        self.joint = joint.sorted(by: DrawInputs.precedes)
        self.quotas = quotas.sorted { DrawInputs.precedes($0.stratum, $1.stratum) }
        self.objects = objects.sorted { DrawInputs.precedes($0.id, $1.id) }
        self.inspectors = inspectors.sorted { DrawInputs.precedes($0.id, $1.id) }
        self.recusals = recusals.sorted {
            $0.inspector == $1.inspector
                ? DrawInputs.precedes($0.object, $1.object) : DrawInputs.precedes($0.inspector, $1.inspector)
        }
    }

    /// The order of bytes, which every language has; Swift's own order of texts is Unicode's.
    static func precedes(_ left: String, _ right: String) -> Bool { left.utf8.lexicographicallyPrecedes(right.utf8) }

    /// How many objects are drawn in all.
    public var drawn: Int { quotas.reduce(0) { $0 + $1.count } }

    /// The lines of docs/draws.md, up to what is hashed as the inputs.
    public var lines: [[String]] {
        var lines = [
            ["zhifang-draw", "1"], ["draw", id], ["jurisdiction", jurisdiction, place], ["title", title], ["weights", weights],
            ["each", String(each)], ["load", String(load)],
        ]
        lines += joint.map { ["joint", $0] }
        lines += quotas.map { ["quota", $0.stratum, String($0.count)] }
        lines += objects.map { ["object", $0.id, $0.name, $0.stratum, String($0.weight)] }
        lines += inspectors.map { ["inspector", $0.id, $0.name, $0.department] }
        lines += recusals.map { ["recusal", $0.inspector, $0.object] }
        return lines
    }
}

extension DrawInputs {
    public static let weightRange = 1...100
    public static let eachRange = 1...20

    /// What makes a draw impossible, whatever its seed will be. Inputs without a flaw can always be drawn: a draw that failed after
    /// its seed is known could be held again until it suits.
    public func flaws() -> [Refusal] {
        var flaws = shape()
        guard flaws.isEmpty else { return flaws }
        for quota in quotas {
            let number = objects.count { $0.stratum == quota.stratum }
            if quota.count > number {
                flaws.append(Refusal("draw.quota", field: "quota", ["value": quota.stratum, "limit": String(number)]))
            }
        }
        if drawn == 0 { flaws.append(Refusal("draw.empty", field: "quota")) }
        return flaws.isEmpty ? staffing() : flaws
    }

    /// Ids that mean nothing, twice the same, numbers out of range.
    private func shape() -> [Refusal] {
        var flaws: [Refusal] = []
        func refuse(_ field: String, _ value: String) {
            flaws.append(Refusal("draw.field", field: field, ["value": String(value.prefix(80))]))
        }
        for (field, value) in [("draw", id), ("jurisdiction", jurisdiction)] where !DrawText.isID(value) { refuse(field, value) }
        for (field, value) in [("jurisdiction", place), ("title", title), ("weights", weights)] where !DrawText.isPlain(value) {
            refuse(field, value)
        }
        if !DrawInputs.eachRange.contains(each) || each < joint.count { refuse("each", String(each)) }
        if !(0...10_000).contains(load) { refuse("load", String(load)) }
        func unique(_ field: String, _ ids: [String]) {
            for (before, id) in zip([""] + ids, ids) where before == id || !DrawText.isID(id) { refuse(field, id) }
        }
        unique("joint", joint)
        unique("quota", quotas.map(\.stratum))
        unique("object", objects.map(\.id))
        unique("inspector", inspectors.map(\.id))
        for (before, pair) in zip([nil] + recusals.map(Optional.some), recusals) where before == pair { refuse("recusal", pair.object) }
        let strata = Set(quotas.map(\.stratum))
        for quota in quotas where !(0...1_000_000).contains(quota.count) { refuse("quota", quota.stratum) }
        for object in objects
        where !DrawText.isPlain(object.name) || !strata.contains(object.stratum) || !DrawInputs.weightRange.contains(object.weight) {
            refuse("object", object.id)
        }
        for inspector in inspectors where !DrawText.isPlain(inspector.name) || !DrawText.isID(inspector.department) {
            refuse("inspector", inspector.id)
        }
        let known = (Set(objects.map(\.id)), Set(inspectors.map(\.id)))
        for pair in recusals where !known.0.contains(pair.object) || !known.1.contains(pair.inspector) {
            refuse("recusal", "\(pair.inspector) \(pair.object)")
        }
        return flaws
    }

    /// Whether every object can be staffed, however the draw falls. With a load limit the inspectors who may be full by then count as
    /// gone: before the last object at most (drawn − 1) × each places are taken, so at most that over the limit are full.
    private func staffing() -> [Refusal] {
        let taken = drawn - 1
        let full = load == 0 ? 0 : taken * each / load
        // One department can have taken every place but those that the others must have.
        let fullOfOne = load == 0 ? 0 : taken * (each - joint.count + 1) / load
        var recused: [String: Set<String>] = [:]
        for pair in recusals { recused[pair.object, default: []].insert(pair.inspector) }
        let strata = Set(quotas.filter { $0.count > 0 }.map(\.stratum))
        for object in objects where strata.contains(object.stratum) {
            let free = inspectors.filter { recused[object.id]?.contains($0.id) != true }
            if free.count < each + full {
                return [
                    staffRefusal(
                        object, load: full > 0 && free.count >= each, ["expected": String(each + full), "limit": String(free.count)])
                ]
            }
            for department in joint {
                let number = free.count { $0.department == department }
                if number < 1 + fullOfOne {
                    return [
                        staffRefusal(
                            object, load: fullOfOne > 0 && number >= 1,
                            ["expected": String(1 + fullOfOne), "limit": String(number), "department": department])
                    ]
                }
            }
        }
        return []
    }
    private func staffRefusal(_ object: Object, load: Bool, _ details: [String: String]) -> Refusal {
        let code = load ? "draw.load" : details["department"] == nil ? "draw.inspectors" : "draw.joint"
        return Refusal(code, field: load ? "load" : "inspector", details.merging(["value": object.name]) { $1 })
    }
}
