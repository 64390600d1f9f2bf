import Catalog
import Foundation
import Grading
import Hygiene
import Kernel
import Statistics
import Surveillance

/// Calculators beyond single limits: statistics of a group, grading of hazardous work, hearing.
extension Calculator {
    /// What a handful of results says of a group of similar exposure.
    static let statistics = Calculator(
        id: "statistics",
        fields: [
            Field(name: "bound", control: .number), Field(name: "measure", control: .text, initial: "mg/m3"),
            Field(name: "confidence", control: .number, initial: "0.95"),
        ], columns: [Field(name: "result", control: .reading)],
        example: "bound=1&measure=mg/m3&confidence=0.95&result=0.31&result=<0.1&result=0.8&result=0.22&result=0.4&result=0.12"
    ) { entered in
        var results: [ExposureResult] = []
        for row in entered.rows {
            do throws(Refusal) { results.append(try ExposureResult(entered.text(row, "result"))) } catch {
                entered.refuse(Refusal(error.code, row: row.number, field: "result", error.details))
            }
        }
        let (bound, confidence) = (entered.needed("bound"), entered.number("confidence") ?? 0.95)
        guard entered.flaws.isEmpty else { return Outcome() }
        let group: ExposureGroup
        do throws(Refusals) {
            group = try ExposureGroup(results, unit: entered.text("measure"))
        } catch { throw Refusals(error.all.map { $0.on(field: "result") }) }
        let report = try group.report(limit: bound, confidence: confidence)
        return Outcome(report)
    }

    /// One for each method of grading hazardous work (GBZ/T 229, GBZ/T 230, GBZ/T 342), in the edition of the day.
    static let grading: [Calculator] = GradingTables.Method.allCases.map { method in
        let fields = method.inputs.map { input in
            switch input.kind {
            case .number: Field(name: input.name, control: .number, unit: input.unit, label: input.label)
            case .choice(let choices):
                Field(
                    name: input.name,
                    control: .choice(
                        [""] + choices.map(\.code), Dictionary(choices.map { ($0.code, $0.label) }, uniquingKeysWith: { first, _ in first })
                    ),
                    label: input.label)
            }
        }
        return Calculator(id: "grade-\(method.rawValue)", fields: fields, example: examples[method] ?? "") { entered in
            for input in method.inputs { if case .number = input.kind { _ = entered.number(input.name) } }
            guard entered.flaws.isEmpty else { return Outcome() }
            let texts = Dictionary(method.inputs.map { ($0.name, entered.text($0.name)) }, uniquingKeysWith: { first, _ in first })
            guard texts.values.contains(where: { !$0.isEmpty }) else {
                throw Refusal("field.required", field: method.inputs.first?.name)
            }
            let inputs = try GradingInputs(method, texts: texts, on: entered.day)
            return Outcome(grades: [Grading(entered.catalog.grading).grade(inputs)])
        }
    }
    private static let examples: [GradingTables.Method: String] = [
        .dust: "silica=20&exposure_ratio=2&labour=II", .chemical: "toxicity=high&exposure_ratio=1.5&labour=II&special=no",
        .heat: "labour=II&wbgt=31&minutes=240&acclimatised=yes", .noise: "level=91", .impulse: "peak=142&impulses=90",
        .toxicity:
            "inhalation=3&dermal=2&irritation=2&sensitisation=0&reproductive=0&carcinogenicity=4&diffusibility=3&accumulation=2&restriction=none",
        .coalDust: "concentration=3",
    ]

    /// Pure-tone thresholds, corrected for age and sex, against the figures of noise deafness.
    static let hearing = Calculator(
        id: "hearing",
        fields: [
            Field(name: "left", control: .text), Field(name: "right", control: .text),
            Field(name: "sex", control: .choice(["", "male", "female"])),
            Field(name: "birth", control: .text), Field(name: "quiet_hours", control: .number, unit: "h"),
        ], example: "left=15 20 25 45 55 50&right=15 20 25 40 50 45&sex=male&birth=1980-05-01&quiet_hours=48"
    ) { entered in
        var sides: [String: Audiogram.Side] = [:]
        for name in ["left", "right"] {
            do throws(Refusal) { sides[name] = try Audiogram.Side(try Audiogram.Side.read(entered.text(name))) } catch {
                entered.refuse(error.on(field: name))
            }
        }
        let birth = entered.text("birth")
        let born = Day.read(birth)
        if !birth.isEmpty, born == nil { entered.refuse(Refusal("day.format", field: "birth", ["value": birth])) }
        let quiet = entered.number("quiet_hours")
        if let quiet, quiet < 0 { entered.refuse(Refusal("number.range", field: "quiet_hours", ["value": "\(quiet)", "limit": "≥0"])) }
        guard entered.flaws.isEmpty, let left = sides["left"], let right = sides["right"] else { return Outcome() }
        let audiogram = Audiogram(entered.day, left: left, right: right, quietHours: quiet)
        let person = HearingPerson(sex: HearingTables.Sex(rawValue: entered.text("sex")), birth: born)
        let rules = HearingRules(entered.catalog.hearing)
        let findings = rules.findings(audiogram, work: "noise", stage: "in_service", of: person).map(\.judgement)
        return Outcome(judgements: rules.averages(audiogram, of: person) + findings, words: "calculate.found")
    }
}

extension Calculator.Outcome {
    /// The parts of a report, each with its working or with why there is none.
    fileprivate init(_ report: ExposureReport) {
        self.init()
        words = "calculate.complies"
        switch report.compliance.outcome {
        case .complies: verdict = .complies
        case .doesNotComply: verdict = .exceeds
        case .undecided: verdict = .undecided
        }
        let unit = report.group.unit
        // No more figures than so few results can bear.
        func plain(_ number: Double) -> String { Double(String(format: "%.3g", number)).map(Rounding.plain) ?? "–" }
        func value(_ number: Double) -> String { "\(plain(number)) \(unit)" }
        func percent(_ share: Double) -> String { plain(share * 100) + " %" }
        if case .success(let fit) = report.fit {
            figures.append((Bilingual("几何均数 GM", "Geometric mean GM"), value(fit.geometricMean)))
            figures.append((Bilingual("几何标准差 GSD", "Geometric standard deviation GSD"), plain(fit.geometricDeviation)))
        }
        if case .success(let limit) = report.percentile {
            figures.append((Bilingual("第95百分位数", "95th percentile"), value(limit.value)))
            let name = "UTL95,\(Rounding.plain(limit.confidence * 100))"
            figures.append((Bilingual("\(name) 置信上限", "\(name) upper limit"), value(limit.upper)))
        }
        if case .success(let exceedance) = report.exceedance {
            figures.append((Bilingual("超限率", "Exceedance"), "\(percent(exceedance.value)) (≤ \(percent(exceedance.upper)))"))
        }
        let band = report.bands.band
        figures.append((Bilingual("接触分级", "Exposure band"), "\(band.rawValue) · \(percent(report.bands.probability(band)))"))
        parts = [
            (Bilingual("符合性（EN 689）", "Compliance (EN 689)"), report.compliance.working),
            (Bilingual("测得够不够", "What these results are worth"), report.advice.working),
            (Bilingual("第95百分位数及置信上限", "95th percentile and its upper limit"), (try? report.percentile.get().working) ?? []),
            (Bilingual("超限率", "Exceedance"), (try? report.exceedance.get().working) ?? []),
            (Bilingual("接触分级（贝叶斯）", "Exposure band (Bayesian)"), report.bands.working),
            (Bilingual("是否像对数正态", "Could it be lognormal"), (try? report.lognormality.get().working) ?? []),
        ]
        // What all parts refuse for one reason is told once.
        var seen: Set<Refusal> = []
        let all = [report.fit.failure, report.percentile.failure, report.exceedance.failure, report.lognormality.failure]
        refused = all.compactMap { $0 }.filter { seen.insert($0).inserted }
    }
}

extension Result {
    fileprivate var failure: Failure? { if case .failure(let failure) = self { failure } else { nil } }
}
