import Catalog
import Hygiene
import Kernel
import Radiation

/// Calculators of single persons: what a person has taken up, and the dose of a radiation worker.
extension Calculator {
    /// One result against a biological exposure limit 职业接触生物限值 of the day.
    static let biological = Calculator(
        id: "biological",
        fields: [
            Field(
                name: "indicator",
                control: .catalogued { catalog, day in
                    catalog.biologicalLimits.limits(on: day).map { limit in
                        (
                            limit.key,
                            Bilingual(
                                "\(limit.indicator.zh)（\(limit.agent.zh)；\(limit.sampling.zh)）",
                                "\(limit.indicator.en) (\(limit.agent.en); \(limit.sampling.en))")
                        )
                    }
                }),
            Field(name: "result", control: .reading),
            Field(
                name: "measure",
                control: .catalogued { catalog, day in
                    let units = Set(catalog.biologicalLimits.limits(on: day).flatMap(\.values).map(\.unit))
                    return units.sorted().map { ($0, Bilingual(same: $0)) }
                }), Field(name: "taken", control: .choice(["", "yes", "no"])),
        ], example: "indicator=18.1&result=480&measure=μg/L&taken=yes"
    ) { entered in
        for name in ["indicator", "result", "measure"] where entered.text(name).isEmpty {
            entered.refuse(Refusal("field.required", field: name))
        }
        guard entered.flaws.isEmpty else { return Outcome() }
        let (key, unit, reading) = (entered.text("indicator"), entered.text("measure"), entered.reading("result"))
        guard let limit = entered.catalog.biologicalLimits.limits(on: entered.day).first(where: { $0.key == key }) else {
            throw Refusal("code.unknown", field: "indicator", ["value": key, "table": "GBZ 2.1, \(entered.day)"])
        }
        guard let bound = limit.values.first(where: { $0.unit == unit }) else {
            let units = limit.values.map(\.unit).joined(separator: " / ")
            throw Refusal("unit.differs", field: "measure", ["value": unit, "expected": units])
        }
        guard entered.flaws.isEmpty else { return Outcome() }
        // Where the table sets no time, any time is the one it asks for.
        let isAnyTime = limit.sampling.zh.hasPrefix("不做严格")
        let judged: Judgement
        do throws(Refusals) {
            judged = try Biological.judge(
                reading, unit: unit, indicator: limit.indicator, limit: bound.value, limitUnit: bound.unit, isFloor: limit.isMinimum,
                takenAsAsked: isAnyTime ? true : entered.truth("taken"), provenance: limit.provenance)
        } catch { throw Refusals(error.all.map { $0.on(field: "result") }) }
        var working = [
            Bilingual("规定的采样时间：\(limit.sampling.zh)", "Sampling time asked for: \(limit.sampling.en)"),
            Bilingual(
                "限值：\(limit.text)", "Limit: " + limit.values.map { "\(Rounding.plain($0.value)) \($0.unit)" }.joined(separator: ", ")),
        ]
        if limit.isDateUnverified {
            let edition = limit.provenance.edition
            working.append(
                Bilingual("\(edition) 的实施日期未核实，引用前请核对", "The first day of \(edition) is not verified: check before relying on it"))
        }
        let told = Judgement(
            Bilingual("\(judged.quantity.zh)（\(limit.agent.zh)）", "\(judged.quantity.en) (\(limit.agent.en))"), value: judged.value,
            shown: judged.shown, limit: judged.limit, unit: judged.unit, verdict: judged.verdict, missing: judged.missing,
            provenance: judged.provenance, rules: judged.rules, working: working + judged.working)
        // Of a floor, as the activity of cholinesterase, `exceeds` means that it is not reached.
        return Outcome(judgements: [told], verdict: told.verdict, words: limit.isMinimum ? "calculate.complies" : "judgement.verdict")
    }

    /// External dose 外照射个人剂量 of a calendar year and of five consecutive years.
    static let dose = Calculator(
        id: "dose",
        fields: [
            Field(name: "quantity", control: .choice(DoseTables.Quantity.allCases.map(\.rawValue)), initial: "effective"),
            Field(name: "person", control: .choice(["adult", "apprentice"]), initial: "adult"),
            Field(name: "post_from", control: .text), Field(name: "post_until", control: .text),
            Field(name: "year", control: .number), Field(name: "block", control: .number),
        ],
        columns: [
            Field(name: "first_day", control: .text), Field(name: "last_day", control: .text),
            Field(name: "dose", control: .reading, unit: "mSv"),
            Field(name: "how", control: .choice(["measured", "nominal", "proposed"]), initial: "measured"),
        ], example: doseExample
    ) { entered in
        let from = entered.day("post_from")
        if entered.text("post_from").isEmpty { entered.refuse(Refusal("field.required", field: "post_from")) }
        let last = entered.day("post_until")
        if let from, let last, last < from {
            entered.refuse(Refusal("day.order", field: "post_until", ["value": "\(last)", "limit": "\(from)"]))
        }
        let (year, block) = (wholeYear(&entered, "year"), wholeYear(&entered, "block"))
        if entered.text("year").isEmpty { entered.refuse(Refusal("field.required", field: "year")) }
        let periods = periods(&entered)
        guard entered.flaws.isEmpty, let from, let year else { return Outcome() }
        let quantity = DoseTables.Quantity(rawValue: entered.text("quantity")) ?? .effective
        let person = DoseTables.Person(rawValue: entered.text("person")) ?? .adult
        let post = try DoseHistory.Post(Span(from, last.map { $0 + 1 } ?? .distantFuture), periods)
        let history = DoseHistory(quantity, posts: [post])
        let rules = DoseRules(entered.catalog.dose)
        var judged = [rules.year(history, year, person: person, asOf: entered.day)]
        if let block { judged.append(rules.fiveYears(history, from: block, person: person, asOf: entered.day)) }
        return Outcome(judgements: judged, verdict: .overall(judged.map(\.verdict)))
    }

    /// Four periods a year: each year is within its limit, the average of the five is not.
    private static let doseExample: String = {
        let quarters = [("01-01", "03-31"), ("04-01", "06-30"), ("07-01", "09-30"), ("10-01", "12-31")]
        var pairs = ["quantity=effective", "person=adult", "post_from=2021-01-01", "post_until=", "year=2025", "block=2021"]
        for year in 2021...2025 {
            for (index, quarter) in quarters.enumerated() {
                let (dose, how) =
                    year < 2025
                    ? ("5.5", "measured") : [("5.1", "measured"), ("<0.04", "measured"), ("4.9", "nominal"), ("5", "measured")][index]
                pairs += ["first_day=\(year)-\(quarter.0)", "last_day=\(year)-\(quarter.1)", "dose=\(dose)", "how=\(how)"]
            }
        }
        return pairs.joined(separator: "&")
    }()

    private static func wholeYear(_ entered: inout Entered, _ name: String) -> Int? {
        guard let number = entered.number(name) else { return nil }
        guard number == number.rounded(), (1950...2100).contains(number) else {
            entered.refuse(Refusal("number.range", field: name, ["value": entered.text(name), "limit": "1950–2100"]))
            return nil
        }
        return Int(number)
    }

    /// The rows as periods in the order of their days. A form names the last day of a period; where the next begins on that very day, it
    /// is the day on which the dosemeter is exchanged.
    private static func periods(_ entered: inout Entered) -> [DoseHistory.Period] {
        var found: [(from: Day, last: Day, outcome: DoseHistory.Outcome)] = []
        for row in entered.rows {
            let (from, last) = (entered.day(row, "first_day"), entered.day(row, "last_day"))
            for name in ["first_day", "last_day"] where entered.text(row, name).isEmpty {
                entered.refuse(Refusal("field.required", row: row.number, field: name))
            }
            let outcome = outcome(&entered, row)
            guard let from, let last else { continue }
            if last < from {
                entered.refuse(Refusal("day.order", row: row.number, field: "last_day", ["value": "\(last)", "limit": "\(from)"]))
            }
            found.append((from, last, outcome))
        }
        found.sort { ($0.from, $0.last) < ($1.from, $1.last) }
        return found.enumerated().map { index, period in
            let isShared = index + 1 < found.count && found[index + 1].from == period.last && period.last > period.from
            return DoseHistory.Period(Span(period.from, isShared ? period.last : period.last + 1), period.outcome)
        }
    }

    private static func outcome(_ entered: inout Entered, _ row: Entered.Row) -> DoseHistory.Outcome {
        let how = entered.text(row, "how")
        let isNominal = how == "nominal" || how == "proposed"
        guard !entered.text(row, "dose").isEmpty else {
            return isNominal ? .nominal(nil, method: nil, approved: how == "nominal") : .unknown
        }
        let reading = entered.reading(row, "dose")
        guard (0...10_000).contains(reading.figure) else {
            let limit = "0–10000"
            entered.refuse(Refusal("number.range", row: row.number, field: "dose", ["value": entered.text(row, "dose"), "limit": limit]))
            return .unknown
        }
        if isNominal { return .nominal(reading.figure, method: nil, approved: how == "nominal") }
        return reading.isBelow ? .belowDetection(mdl: reading.figure, recorded: nil) : .measured(reading.figure)
    }
}
