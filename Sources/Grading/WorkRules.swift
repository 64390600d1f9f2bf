import Catalog
import Kernel

// How each shape of rule turns inputs into the ranks that are possible. Every rule answers for all that is unknown at once: a rank is
// told where nothing unknown and no doubtful reading could change it.

extension GradingTables.Product {
    func apply(to inputs: GradingInputs, settled: String?, all: Set<Int>, _ finding: inout Finding) {
        let hazards = self.hazards(inputs, &finding)
        let labours = labour.filter { inputs.labour == nil || $0.key == inputs.labour }.values.sorted()
        if inputs.labour == nil { finding.doubts.append(inputs.unknown("labour")) }
        guard let ratio = inputs.number("exposure_ratio") else {
            finding.ranks = all
            finding.doubts.append(inputs.unknown("exposure_ratio"))
            return
        }
        let read = readings.filter { settled == nil || $0.id == settled }
        let special = inputs.word("special").map { [$0 == "yes"] } ?? [false, true]
        if read.contains(where: \.isRaising), special.count > 1 { finding.doubts.append(inputs.unknown("special")) }
        var found: [Set<Int>] = []
        var indices: Set<Double> = []
        for reading in read {
            var ranks: Set<Int> = []
            for hazard in hazards {
                for labour in labours {
                    let index = self.index(hazard, ratio, labour, reading)
                    indices.insert(index)
                    for isSpecial in reading.isRaising ? special : [false] {
                        ranks.insert(rank(index, ratio, reading, isSpecial: isSpecial, top: all.max() ?? 0))
                    }
                    if hazards.count == 1, labours.count == 1 {
                        say(hazard, ratio, labour, reading, index, isAlone: readings.count == 1, &finding)
                    }
                }
            }
            found.append(ranks)
        }
        finding.ranks = found.reduce(into: []) { $0.formUnion($1) }
        finding.index = indices.count == 1 ? indices.first : nil
        if Set(found).count > 1 { finding.doubts.append(Refusal("grading.readings-differ")) }
    }

    private var symbol: String {
        if case .silica = hazard { return "WM" }
        return "WD"
    }

    /// The weights of the hazard that are possible.
    private func hazards(_ inputs: GradingInputs, _ finding: inout Finding) -> [Double] {
        switch hazard {
        case .silica(let bands):
            if let silica = inputs.number("silica") { return bands.filter { $0.interval.contains(silica) }.map(\.weight) }
            finding.doubts.append(inputs.unknown("silica"))
            return bands.map(\.weight)
        case .toxicity(let weights):
            if let toxicity = inputs.word("toxicity") { return [weights[toxicity]].compactMap { $0 } }
            finding.doubts.append(inputs.unknown("toxicity"))
            return weights.values.sorted()
        }
    }

    private func weight(_ ratio: Double, _ reading: GradingTables.Reading) -> Double {
        guard let band = reading.exposure.first(where: { $0.interval.contains(ratio) }) else { return ratio }
        return band.weight ?? ratio
    }

    /// G, free of the dust of binary fractions, so that 2.4 × 2.5 is 6 and no more.
    private func index(_ hazard: Double, _ ratio: Double, _ labour: Double, _ reading: GradingTables.Reading) -> Double {
        let index = hazard * weight(ratio, reading) * labour
        return (index * 1e9).rounded() / 1e9
    }

    private func rank(_ index: Double, _ ratio: Double, _ reading: GradingTables.Reading, isSpecial: Bool, top: Int) -> Int {
        if let fixed = reading.fixed.first(where: { $0.interval.contains(ratio) }) { return fixed.rank }
        var rank = cutoffs.first(where: { $0.most.map { index <= $0 } ?? true })?.rank ?? top
        if let floor, ratio > floor.above { rank = max(rank, floor.rank) }
        return isSpecial ? min(rank + 1, top) : rank
    }

    private func say(
        _ hazard: Double, _ ratio: Double, _ labour: Double, _ reading: GradingTables.Reading, _ index: Double, isAlone: Bool,
        _ finding: inout Finding
    ) {
        let figures = "B = \(shown(ratio)), \(symbol) = \(shown(hazard)), WB = \(shown(weight(ratio, reading))), WL = \(shown(labour))"
        let result = "G = \(symbol)×WB×WL = \(shown(index))"
        let (zh, en) = isAlone ? ("", "") : ("读法“\(reading.text.zh)”：", "Reading “\(reading.text.en)”: ")
        finding.say(zh + figures + "; " + result, en + figures + "; " + result)
        if reading.fixed.contains(where: { $0.interval.contains(ratio) }) {
            finding.say("该读法按 B 直接定级，不看 G。", "In this reading the grade follows from B, not from G.")
        } else if let floor, ratio > floor.above {
            finding.say("B > \(shown(floor.above))，不低于附注所列的级别。", "B > \(shown(floor.above)): not below the grade that the note sets.")
        }
    }
}

extension GradingTables.Heat {
    func apply(to inputs: GradingInputs, settled: String?, all: Set<Int>, _ finding: inout Finding) {
        let labours = inputs.labour.map { [$0] } ?? GradingTables.Labour.allCases
        if inputs.labour == nil { finding.doubts.append(inputs.unknown("labour")) }
        guard let value = inputs.number(wbgt), let duration = inputs.number(time) else {
            finding.ranks = all
            for name in [wbgt, time] where inputs.number(name) == nil { finding.doubts.append(inputs.unknown(name)) }
            return
        }
        // The bracketed columns are the printed ones, shifted: a value is held against them unshifted by shifting it the other way.
        var values = [value]
        if let shift = unacclimatised {
            switch inputs.word("acclimatised") {
            case "yes": break
            case "no": values = [value - shift]
            default:
                values = [value, value - shift]
                finding.doubts.append(inputs.unknown("acclimatised"))
            }
        }
        let unit = inputs.method.inputs.first { $0.name == time }?.unit ?? ""
        var ranks: Set<Int> = []
        var isDoubtful = false
        for labour in labours {
            let rows = self.rows.filter { $0.labour == labour }
            for value in values {
                let places = Self.places(of: value, among: columns)
                let times = Self.places(of: duration, among: rows.map(\.time))
                guard !places.isEmpty, !times.isEmpty else {
                    let first = "WBGT \(columns.first?.description ?? ""), \(time) \(rows.first?.time.description ?? "")"
                    let given = "WBGT \(shown(value)), \(time) \(shown(duration))"
                    finding.refusals = [Refusal("grading.outside-table", ["value": given, "limit": first])]
                    return
                }
                for row in Self.choose(times, settled) {
                    for column in Self.choose(places, settled) {
                        ranks.insert(rows[row].ranks[column])
                        let (period, head) = ("\(rows[row].time) \(unit)", "\(columns[column]) ℃")
                        let number = labour.number
                        finding.say("体力劳动强度\(number)级，时间 \(period)，WBGT \(head)", "Labour \(number), time \(period), WBGT \(head)")
                    }
                }
                isDoubtful = isDoubtful || Self.choose(times, settled).count > 1 || Self.choose(places, settled).count > 1
            }
        }
        (finding.ranks, finding.index) = (ranks, value)
        if isDoubtful { finding.doubts.append(Refusal("grading.readings-differ")) }
    }

    /// Where a value stands: in one interval, on the edge that two share, or between two; nowhere outside all of them.
    static func places(of value: Double, among intervals: [GradingTables.Interval]) -> [Int] {
        let inside = intervals.indices.filter { intervals[$0].contains(value) }
        if !inside.isEmpty { return inside }
        guard let next = intervals.firstIndex(where: { $0.isAbove(value) }), next > 0 else { return [] }
        return [next - 1, next]
    }

    private static func choose(_ places: [Int], _ settled: String?) -> [Int] {
        guard places.count > 1, let settled else { return places }
        return [settled == "lower" ? places[0] : places[places.count - 1]]
    }
}

extension GradingTables.Bands {
    func apply(to inputs: GradingInputs, all: Set<Int>, _ finding: inout Finding) {
        guard let value = inputs.number(input) else {
            finding.ranks = all
            finding.doubts.append(inputs.unknown(input))
            return
        }
        finding.index = value
        guard let step = steps.first(where: { $0.read.contains(value) }) else { return }
        finding.ranks = [step.rank]
        finding.say("\(shown(value)) \(unit)，在 \(step.read) 之内", "\(shown(value)) \(unit) lies in \(step.read)")
        if !step.printed.contains(value) {
            finding.confidence = .own
            finding.say("印出的区间是 \(step.printed)，此值按我们的读法归入。", "Printed as \(step.printed): this value is placed by our own reading.")
        }
    }
}

extension GradingTables.Impulse {
    func apply(to inputs: GradingInputs, top: Int, all: Set<Int>, _ finding: inout Finding) {
        guard let peak = inputs.number("peak"), let impulses = inputs.number("impulses") else {
            finding.ranks = all
            for name in ["peak", "impulses"] where inputs.number(name) == nil { finding.doubts.append(inputs.unknown(name)) }
            return
        }
        finding.index = peak
        guard let row = rows.first(where: { $0.impulses.contains(impulses) }) else {
            let limit = rows.last?.impulses.description ?? ""
            finding.refusals = [Refusal("grading.outside-table", ["value": "n = \(shown(impulses))", "limit": limit])]
            return
        }
        let above = ((peak - row.from) * 1e9).rounded() / 1e9
        finding.ranks = [above < 0 ? 0 : min(Int(above / step) + 1, top)]
        finding.say(
            "n = \(shown(impulses))，自 \(shown(row.from)) dB 起每 \(shown(step)) dB 一级；峰值 \(shown(peak)) dB",
            "n = \(shown(impulses)): a grade for each \(shown(step)) dB from \(shown(row.from)) dB on; peak \(shown(peak)) dB")
    }
}

extension GradingTables.Scores {
    func apply(to inputs: GradingInputs, _ finding: inout Finding) {
        if inputs.word("restriction") == "banned" {
            finding.refusals = [Refusal("grading.not-graded")]
            return
        }
        var (least, greatest) = (0.0, 0.0)
        var terms: [String] = []
        for input in inputs.method.inputs {
            guard let weight = weights[input.name] else { continue }
            if let score = inputs.number(input.name) {
                (least, greatest) = (least + weight * score, greatest + weight * score)
                terms.append("\(shown(weight))×\(shown(score))")
            } else if assumed.contains(input.name) {
                (least, greatest) = (least + weight * most, greatest + weight * most)
                terms.append("\(shown(weight))×\(shown(most))")
                finding.say(
                    "\(input.label.zh)无数据，暂按类别1计\(shown(most))分。",
                    "No data for the \(input.label.en): scored \(shown(most)) for the time being.")
            } else {
                greatest += weight * most
                finding.doubts.append(inputs.unknown(input.name))
            }
        }
        let sum = least == greatest ? shown(least) : "\(shown(least))–\(shown(greatest))"
        finding.say("THI = \(terms.joined(separator: " + ")) = \(sum)", "THI = \(terms.joined(separator: " + ")) = \(sum)")
        finding.index = least == greatest ? least : nil
        let low = rank(of: least)
        let high = rank(of: greatest)
        let plain = Set(low...max(low, high))
        switch inputs.word("restriction") {
        case "none": finding.ranks = plain
        case "restricted":
            finding.ranks = Set(plain.map { max($0, restricted) })
            finding.say("限制使用的物质不低于高度危害。", "A restricted substance is at least of high hazard.")
        default:
            // Of a banned substance nothing is told, so that nothing is told while it may be banned.
            finding.doubts.append(inputs.unknown("restriction"))
            (finding.refusals, finding.doubts) = (finding.doubts, [])
        }
    }

    private func rank(of index: Double) -> Int { steps.first { $0.interval.contains(index) }?.rank ?? 0 }
}
