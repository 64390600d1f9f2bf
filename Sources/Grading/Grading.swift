import Catalog
import Kernel

/// Grades hazardous work 作业分级 and classes employers by the tables of the catalogue. The day of the test chooses the edition; a grade
/// that hangs on what is unknown, or on which of two readings of an edition is right, is not given, and says so.
public struct Grading: Sendable {
    public typealias Method = GradingTables.Method
    public typealias Labour = GradingTables.Labour
    public let tables: GradingTables
    public init(_ tables: GradingTables) { self.tables = tables }

    // Work

    /// Dust 粉尘作业, GBZ/T 229.1.
    /// - Parameters:
    ///   - silica: free silica in percent.
    ///   - exposureRatio: B, the measured concentration over its limit (C/PC-TWA).
    ///   - day: of the test.
    public func dust(silica: Double?, exposureRatio: Double?, labour: Labour?, on day: Day?) -> Grade {
        grade(.init(.dust, ["silica": number(silica), "exposure_ratio": number(exposureRatio), "labour": word(labour?.rawValue)], on: day))
    }

    /// Chemicals 化学物作业, GBZ/T 229.2.
    /// - Parameters:
    ///   - toxicity: degree of hazard of the substance by GBZ/T 230.
    ///   - exposureRatio: B, the greatest of the ratios to PC-TWA, PC-STEL and MAC.
    ///   - isSpecial: whether it is a teratogen, carcinogen, mutagen, sensitiser or absorbed by the skin; one source of the 2025
    ///     edition raises the grade for it.
    public func chemical(toxicity: Toxicity?, exposureRatio: Double?, labour: Labour?, isSpecial: Bool? = nil, on day: Day?) -> Grade {
        let values: [String: GradingInputs.Value?] = [
            "toxicity": word(toxicity?.rawValue), "exposure_ratio": number(exposureRatio), "labour": word(labour?.rawValue),
            "special": word(flag(isSpecial)),
        ]
        return grade(.init(.chemical, values, on: day))
    }

    /// Heat 高温作业, GBZ/T 229.3. The edition of 2010 asks for `wbgt`, `minutes` and `isAcclimatised`, that of 2025 for `wbgtEffective`
    /// (clothing included) and `exposureRate`.
    public func heat(
        labour: Labour?, wbgt: Double? = nil, minutes: Double? = nil, isAcclimatised: Bool? = nil, wbgtEffective: Double? = nil,
        exposureRate: Double? = nil, on day: Day?
    ) -> Grade {
        let values: [String: GradingInputs.Value?] = [
            "labour": word(labour?.rawValue), "wbgt": number(wbgt), "minutes": number(minutes), "acclimatised": word(flag(isAcclimatised)),
            "wbgt_effective": number(wbgtEffective), "exposure_rate": number(exposureRate),
        ]
        return grade(.init(.heat, values, on: day))
    }

    /// Noise 噪声作业, GBZ/T 229.4, by LEX,8h or LEX,w in dB(A).
    public func noise(level: Double?, on day: Day?) -> Grade { grade(.init(.noise, ["level": number(level)], on: day)) }

    /// Impulse noise 脉冲噪声作业, GBZ/T 229.4, by peak level in dB and impulses in a working day.
    public func impulse(peak: Double?, impulses: Double?, on day: Day?) -> Grade {
        grade(.init(.impulse, ["peak": number(peak), "impulses": number(impulses)], on: day))
    }

    /// Hazard of a toxicant 毒物危害程度, GBZ/T 230, from the scores 0 to 4 by name (`inhalation`, `dermal` …).
    public func toxicant(scores: [String: Int], restriction: Restriction?, on day: Day?) -> Grade {
        var values: [String: GradingInputs.Value?] = scores.mapValues { .number(Double($0)) }
        values["restriction"] = word(restriction?.rawValue)
        return grade(.init(.toxicity, values, on: day))
    }

    /// Respirable coal dust 呼吸性煤尘, GBZ/T 342: C in mg/m3, a mean of 15 min at a fixed point.
    public func coalDust(concentration: Double?, on day: Day?) -> Grade {
        grade(.init(.coalDust, ["concentration": number(concentration)], on: day))
    }

    /// Degree of hazard by GBZ/T 230. Names, not numerals: Ⅰ was extreme in 2010 and is mild since 2026-02-01.
    public enum Toxicity: String, Sendable, CaseIterable { case mild, moderate, high, extreme }
    /// Industrial policy on a substance 产业政策.
    public enum Restriction: String, Sendable, CaseIterable { case none, restricted, banned }

    /// The degree that a numeral (1 to 4) stood for in an edition of GBZ/T 230.
    /// - Throws: `grading.edition-unknown`, or `number.range` for a numeral that it has not.
    public func toxicity(numeral: Int, edition name: String) throws(Refusal) -> Toxicity {
        guard let edition = tables.edition(.toxicity, named: name) else { throw unknown(name, .toxicity) }
        guard let level = edition.levels.first(where: { $0.numeral == numeral }), let toxicity = Toxicity(rawValue: level.code) else {
            throw Refusal("number.range", field: "toxicity", ["value": String(numeral), "limit": "1–4"])
        }
        return toxicity
    }

    // Any method

    /// The grade by the edition in force on the day of the test.
    public func grade(_ inputs: GradingInputs) -> Grade {
        guard let day = inputs.day else {
            return ungraded(inputs, Refusal("grading.input-missing", field: "day", ["value": "检测日期", "value_en": "day of the test"]))
        }
        guard let edition = tables.edition(inputs.method, on: day) else {
            let details = ["value": day.description, "method": tables.names[inputs.method]?.description ?? inputs.method.rawValue]
            return ungraded(inputs, Refusal("grading.no-edition", field: "day", details))
        }
        return evaluate(inputs, by: edition)
    }

    /// The grade of the same inputs by another edition, whatever their day.
    /// - Parameter name: as it is cited, `GBZ/T 229.1-2010`.
    /// - Throws: `grading.edition-unknown` for an edition that the method has not.
    public func regrade(_ inputs: GradingInputs, edition name: String) throws(Refusal) -> Grade {
        guard let edition = tables.edition(inputs.method, named: name) else { throw unknown(name, inputs.method) }
        return evaluate(inputs, by: edition)
    }

    private func unknown(_ name: String, _ method: Method) -> Refusal {
        let known = tables[method].map(\.provenance.edition).joined(separator: ", ")
        return Refusal("grading.edition-unknown", field: "edition", ["value": name, "expected": known])
    }

    private func ungraded(_ inputs: GradingInputs, _ refusal: Refusal) -> Grade {
        let none = Provenance(edition: "", clause: "", source: "", confidence: .uncertain)
        var finding = Finding()
        finding.refusals = inputs.flaws + [refusal]
        return finding.grade([], none, scale: inputs.method.rawValue)
    }

    private func evaluate(_ inputs: GradingInputs, by edition: GradingTables.Edition) -> Grade {
        let source = edition.provenance
        var finding = Finding()
        finding.cite(source, local: edition.local)
        if let day = inputs.day, !source.force.contains(day) {
            finding.say("\(day) 不在该版本施行期内，按要求重评。", "Graded on request: \(day) lies outside the days in force of this edition.")
        }
        if let note = edition.note { finding.working.append(note) }
        let scale = "\(edition.method.rawValue) \(source.edition)" + (edition.local.map { " + \($0)" } ?? "")
        let flaws = inputs.flaws
        if !flaws.isEmpty {
            finding.refusals = flaws
        } else if let rule = edition.rule {
            let all = Set(edition.levels.map(\.rank))
            switch rule {
            case .product(let product): product.apply(to: inputs, settled: edition.settled, all: all, &finding)
            case .heat(let heat): heat.apply(to: inputs, settled: edition.settled, all: all, &finding)
            case .bands(let bands): bands.apply(to: inputs, all: all, &finding)
            case .impulse(let impulse): impulse.apply(to: inputs, top: edition.levels.count - 1, all: all, &finding)
            case .scores(let scores): scores.apply(to: inputs, &finding)
            }
            if finding.ranks.count > 1, finding.doubts.contains(where: { $0.code == "grading.readings-differ" }) {
                let labels = edition.levels.filter { finding.ranks.contains($0.rank) }.map(\.label.description)
                finding.doubts = finding.doubts.map { doubt in
                    guard doubt.code == "grading.readings-differ" else { return doubt }
                    return Refusal(doubt.code, ["value": labels.joined(separator: "; "), "edition": source.edition])
                }
            }
        } else {
            finding.refusals = [Refusal("grading.figures-missing", ["edition": source.edition])]
        }
        return finding.grade(edition.levels, source, scale: scale)
    }

    private func number(_ value: Double?) -> GradingInputs.Value? { value.map { .number($0) } }
    private func word(_ value: String?) -> GradingInputs.Value? { value.map { .word($0) } }
    private func flag(_ value: Bool?) -> String? { value.map { $0 ? "yes" : "no" } }
}
