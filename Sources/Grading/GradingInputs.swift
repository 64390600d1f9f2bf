import Catalog
import Kernel

/// One input of a method: the field of a form and of a record.
public struct GradingInput: Sendable, Hashable {
    public enum Kind: Sendable, Hashable {
        case number(ClosedRange<Double>, isWhole: Bool)
        case choice([Choice])
    }
    public struct Choice: Sendable, Hashable {
        public let code: String
        public let label: Bilingual
    }
    /// Stable: it is stored.
    public let name: String
    public let label: Bilingual
    /// Empty for choices and pure numbers.
    public let unit: String
    public let kind: Kind

    /// What is wrong with a value of this input, if anything.
    func flaw(of value: GradingInputs.Value) -> Refusal? {
        switch (kind, value) {
        case (.number(let range, let isWhole), .number(let number)):
            guard number.isFinite, range.contains(number) else {
                let limit = "\(shown(range.lowerBound))–\(shown(range.upperBound))"
                return Refusal("number.range", field: name, ["value": number.isFinite ? shown(number) : "\(number)", "limit": limit])
            }
            return isWhole && number != number.rounded() ? Refusal("number.whole", field: name, ["value": shown(number)]) : nil
        case (.choice(let choices), .word(let word)):
            return choices.contains { $0.code == word } ? nil : Refusal("code.unknown", field: name, ["value": word, "table": name])
        case (.number, .word(let word)): return Refusal("number.format", field: name, ["value": word])
        case (.choice, .number(let number)): return Refusal("code.unknown", field: name, ["value": shown(number), "table": name])
        }
    }
}

/// What a work grade is reached from, by name: stored with the grade, and graded again on request. What is absent is unknown.
public struct GradingInputs: Sendable, Hashable {
    public enum Value: Sendable, Hashable, CustomStringConvertible {
        case number(Double)
        case word(String)
        public var description: String {
            switch self {
            case .number(let number): number == number.rounded() && abs(number) < 1e15 ? String(Int(number)) : String(number)
            case .word(let word): word
            }
        }
    }
    public typealias Method = GradingTables.Method
    public let method: Method
    /// The day of the test, which chooses the edition.
    public let day: Day?
    public let values: [String: Value]

    public init(_ method: Method, _ values: [String: Value?], on day: Day?) {
        (self.method, self.values, self.day) = (method, values.compactMapValues { $0 }, day)
    }

    /// Reads texts by name, as a form sends them or a record keeps them; blank is unknown.
    /// - Throws: `Refusals` for every unknown name (`field.unknown`) and every value that is no value of its input.
    public init(_ method: Method, texts: [String: String], on day: Day?) throws(Refusals) {
        var values: [String: Value] = [:]
        var problems: [Refusal] = []
        for (name, text) in texts.sorted(by: { $0.key < $1.key }) where !text.isEmpty {
            guard let input = method.inputs.first(where: { $0.name == name }) else {
                problems.append(Refusal("field.unknown", field: name, ["value": name]))
                continue
            }
            var value = Value.word(text)
            if case .number = input.kind, let number = Double(text) { value = .number(number) }
            if let flaw = input.flaw(of: value) { problems.append(flaw) } else { values[name] = value }
        }
        guard problems.isEmpty else { throw Refusals(problems) }
        (self.method, self.values, self.day) = (method, values, day)
    }

    /// The values as texts, to be stored; `init(_:texts:on:)` reads them back.
    public var texts: [String: String] { values.mapValues(\.description) }

    func number(_ name: String) -> Double? {
        if case .number(let number)? = values[name] { return number }
        return nil
    }
    func word(_ name: String) -> String? {
        if case .word(let word)? = values[name] { return word }
        return nil
    }
    var labour: GradingTables.Labour? { word("labour").flatMap { GradingTables.Labour(rawValue: $0) } }
    /// Flaws of what is there; what is absent is no flaw.
    var flaws: [Refusal] {
        values.sorted { $0.key < $1.key }.compactMap { name, value in
            guard let input = method.inputs.first(where: { $0.name == name }) else {
                return Refusal("field.unknown", field: name, ["value": name])
            }
            return input.flaw(of: value)
        }
    }
    func unknown(_ name: String) -> Refusal {
        let label = method.inputs.first { $0.name == name }?.label.description ?? name
        return Refusal("grading.input-missing", field: name, ["value": label])
    }
}

extension GradingTables.Method {
    /// The inputs of a method, over all its editions, in the order of a form.
    public var inputs: [GradingInput] {
        func number(
            _ name: String, _ zh: String, _ en: String, _ unit: String, _ range: ClosedRange<Double>, isWhole: Bool = false
        )
            -> GradingInput
        {
            GradingInput(name: name, label: Bilingual(zh, en), unit: unit, kind: .number(range, isWhole: isWhole))
        }
        func choice(_ name: String, _ zh: String, _ en: String, _ choices: [(String, String, String)]) -> GradingInput {
            let all = choices.map { GradingInput.Choice(code: $0.0, label: Bilingual($0.1, $0.2)) }
            return GradingInput(name: name, label: Bilingual(zh, en), unit: "", kind: .choice(all))
        }
        let flag = [("yes", "是", "yes"), ("no", "否", "no")]
        let labour = choice(
            "labour", "体力劳动强度", "labour intensity",
            [("I", "Ⅰ", "Ⅰ"), ("II", "Ⅱ", "Ⅱ"), ("III", "Ⅲ", "Ⅲ"), ("IV", "Ⅳ", "Ⅳ")])
        let ratio = number("exposure_ratio", "接触比值 B", "exposure ratio B", "", 0...100_000)
        func score(_ name: String, _ zh: String, _ en: String) -> GradingInput { number(name, zh, en, "", 0...4, isWhole: true) }
        switch self {
        case .dust: return [number("silica", "游离二氧化硅含量", "free silica", "%", 0...100), ratio, labour]
        case .chemical:
            let degrees = [
                ("mild", "轻度危害", "mild"), ("moderate", "中度危害", "moderate"), ("high", "高度危害", "high"), ("extreme", "极度危害", "extreme"),
            ]
            return [
                choice("toxicity", "毒物危害程度", "hazard of the toxicant", degrees), ratio, labour,
                choice("special", "致畸、致癌、致突变、致敏或可经皮吸收", "teratogen, carcinogen, mutagen, sensitiser or absorbed by the skin", flag),
            ]
        case .heat:
            return [
                labour, number("wbgt", "平均WBGT指数", "mean WBGT index", "℃", 0...70),
                number("minutes", "接触高温作业时间", "exposure time", "min", 0...1_440),
                choice("acclimatised", "热习服", "acclimatised", flag),
                number("wbgt_effective", "WBGT效应值（含服装调整）", "effective WBGT, clothing included", "℃", 0...90),
                number("exposure_rate", "接触时间率", "exposure-time rate", "%", 0...100),
            ]
        case .noise: return [number("level", "LEX,8h 或 LEX,w", "LEX,8h or LEX,w", "dB(A)", 0...200)]
        case .impulse:
            return [
                number("peak", "声压级峰值", "peak sound pressure level", "dB", 0...220),
                number("impulses", "工作日接触脉冲次数", "impulses in a working day", "", 1...10_000_000, isWhole: true),
            ]
        case .toxicity:
            return [
                score("inhalation", "急性吸入毒性积分", "score of acute inhalation toxicity"),
                score("dermal", "急性经皮毒性积分", "score of acute dermal toxicity"),
                score("irritation", "刺激与腐蚀性积分", "score of irritation and corrosion"),
                score("sensitisation", "致敏性积分", "score of sensitisation"),
                score("reproductive", "生殖毒性积分", "score of reproductive toxicity"),
                score("carcinogenicity", "致癌性积分", "score of carcinogenicity"),
                score("diffusibility", "扩散性积分", "score of diffusibility"),
                score("accumulation", "蓄积性积分", "score of accumulation"),
                choice(
                    "restriction", "产业政策", "industrial policy",
                    [("none", "未列入名单", "on no list"), ("restricted", "限制使用", "restricted"), ("banned", "禁止使用", "banned")]),
            ]
        case .coalDust:
            return [number("concentration", "定点短时间（15 min）呼尘浓度", "respirable dust, 15 min at a fixed point", "mg/m3", 0...100_000)]
        }
    }
}
