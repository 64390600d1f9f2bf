import Catalog
import Kernel

/// A hazard factor at an employer, as the classes of employers see it. What is nil is unknown.
public struct RiskFactor: Sendable, Hashable {
    public enum Kind: String, Sendable { case dust, chemical, physical, radiation, biological, other }
    public let name: String
    public let kind: Kind
    /// Our code of the catalogue of factors, and the CAS number; empty where there is none.
    public let code, cas: String
    /// Of dust: free silica in percent, asbestos fibre.
    public let silica: Double?
    public let isAsbestos: Bool?
    /// Of radiation: a class Ⅲ device, a class Ⅳ or Ⅴ sealed source, a class 丙 unsealed workplace or an exempt practice.
    public let isLesserSource: Bool?
    /// Whether any test exceeded a limit.
    public let exceeds: Bool?
    /// The greatest exposure ratio, where known.
    public let ratio: Double?

    public init(
        _ name: String, kind: Kind, code: String = "", cas: String = "", silica: Double? = nil, isAsbestos: Bool? = nil,
        isLesserSource: Bool? = nil, exceeds: Bool? = nil, ratio: Double? = nil
    ) {
        (self.name, self.kind, self.code, self.cas, self.silica) = (name, kind, code, cas, silica)
        (self.isAsbestos, self.isLesserSource, self.ratio) = (isAsbestos, isLesserSource, ratio)
        // An excess is an excess, whatever a flag beside it says.
        self.exceeds = ratio.map { $0 > 1 } == true ? true : exceeds ?? ratio.map { _ in false }
    }

    var flaws: [Refusal] {
        var flaws: [Refusal] = []
        if let ratio, !(ratio >= 0 && ratio.isFinite) {
            flaws.append(Refusal("number.range", field: "ratio", ["value": "\(name): \(ratio)", "limit": "0–"]))
        }
        if let silica, !(0...100).contains(silica) {
            flaws.append(Refusal("number.range", field: "silica", ["value": "\(name): \(silica)", "limit": "0–100"]))
        }
        return flaws
    }
}

/// Which factors are severe 严重 (annex 1): highly toxic substances, asbestos and silica dust, G1 carcinogens, ionising radiation but
/// for the lesser sources, and what the health authority names. The lists come from the catalogue.
public struct SevereFactors: Sendable {
    private let isHighlyToxic, isGroup1, isNamed: @Sendable (RiskFactor) -> Bool?
    public init(
        isHighlyToxic: @escaping @Sendable (RiskFactor) -> Bool?, isGroup1: @escaping @Sendable (RiskFactor) -> Bool?,
        isNamed: @escaping @Sendable (RiskFactor) -> Bool? = { _ in false }
    ) {
        (self.isHighlyToxic, self.isGroup1, self.isNamed) = (isHighlyToxic, isGroup1, isNamed)
    }
    /// By sets of CAS numbers; a chemical without one is unknown. Codes name what the authority adds.
    public init(highlyToxic: Set<String>, group1: Set<String>, named: Set<String> = []) {
        self.init(
            isHighlyToxic: { $0.cas.isEmpty ? nil : highlyToxic.contains($0.cas) },
            isGroup1: { $0.cas.isEmpty ? nil : group1.contains($0.cas) }, isNamed: { named.contains($0.code) })
    }

    /// Whether the factor is severe, and why.
    func nature(of factor: RiskFactor, silica limit: Double) -> (isSevere: Truth, reasons: [Bilingual]) {
        var reasons: [Bilingual] = []
        var truth = Truth.no
        func add(_ value: Bool?, _ zh: String, _ en: String) {
            if value == true { reasons.append(Bilingual(zh, en)) }
            truth = truth.or(Truth(value))
        }
        add(isNamed(factor), "卫生健康部门列明", "named by the authority")
        switch factor.kind {
        case .dust:
            add(factor.isAsbestos, "石棉纤维粉尘", "asbestos fibre")
            add(factor.silica.map { $0 >= limit }, "游离SiO2≥\(shown(limit))%", "free silica ≥ \(shown(limit)) %")
            // Most dusts have no CAS number: a list that does not know them does not name them.
            add(isGroup1(factor) ?? false, "G1类致癌物", "G1 carcinogen")
        case .chemical:
            add(isHighlyToxic(factor), "高毒物品", "highly toxic")
            add(isGroup1(factor), "G1类致癌物", "G1 carcinogen")
        case .radiation: add(factor.isLesserSource.map { !$0 }, "电离辐射", "ionising radiation")
        case .physical, .biological, .other: break
        }
        return (truth, reasons)
    }
}

/// An answer to an item of the self-check.
public enum SelfCheckAnswer: String, Sendable, CaseIterable {
    case complies, partly, fails
    /// 合理缺项: the item does not apply, and its weight leaves the sum.
    case notApplicable = "not_applicable"
}

extension Grading {
    /// The hazard risk 危害风险 Ⅰ to Ⅲ of an employer: the highest over its factors.
    /// - Parameters:
    ///   - factors: all of the employer's; none at all is unknown, not harmless.
    ///   - headcount: the people that the method counts.
    public func risk(factors: [RiskFactor], headcount: Int?, severe: SevereFactors) -> Grade {
        let matrix = tables.risk
        var finding = Finding()
        finding.cite(matrix.provenance, local: nil)
        if factors.isEmpty {
            finding.refusals.append(Refusal("grading.input-missing", field: "factors", ["value": "危害因素", "value_en": "factors"]))
        }
        finding.refusals += factors.flatMap(\.flaws)
        if let headcount, headcount < 0 {
            finding.refusals.append(Refusal("number.range", field: "headcount", ["value": String(headcount), "limit": "0–"]))
        }
        guard finding.refusals.isEmpty else { return finding.grade(matrix.levels, matrix.provenance, scale: "risk") }
        let columns = matrix.headcount.indices.filter { column in
            headcount.map { matrix.headcount[column].contains(Double($0)) } ?? true
        }
        if headcount == nil {
            finding.doubts.append(Refusal("grading.input-missing", field: "headcount", ["value": "人数", "value_en": "headcount"]))
        }
        var usesInferred = false
        func ranks(_ isSevere: Truth, _ exceeds: Truth) -> Set<Int> {
            var result: Set<Int> = []
            for severity in [true, false] where isSevere == .unknown || (isSevere == .yes) == severity {
                for excess in [true, false] where exceeds == .unknown || (exceeds == .yes) == excess {
                    let row = severity ? matrix.severe : matrix.general
                    for column in columns {
                        result.insert((excess ? row.exceeds : row.complies)[column])
                        let cell = "\(severity ? "severe" : "general").\(excess ? "exceeds" : "complies").\(column)"
                        if matrix.inferred.contains(cell) { usesInferred = true }
                    }
                }
            }
            return result
        }
        var all: [Set<Int>] = []
        var joint = (isSevere: Truth.no, exceeds: Truth.no)
        for factor in factors {
            let nature = severe.nature(of: factor, silica: matrix.silica)
            let exceeds = Truth(factor.exceeds)
            joint = (joint.isSevere.or(nature.isSevere), joint.exceeds.or(exceeds))
            all.append(ranks(nature.isSevere, exceeds))
            if nature.isSevere == .unknown {
                finding.doubts.append(
                    Refusal(
                        "grading.input-missing", field: "nature", ["value": "\(factor.name): 性质", "value_en": "\(factor.name): nature"]))
            }
            if exceeds == .unknown {
                finding.doubts.append(
                    Refusal(
                        "grading.input-missing", field: "exceeds",
                        ["value": "\(factor.name): 检测结果", "value_en": "\(factor.name): test result"]))
            }
            finding.working.append(words(factor, nature, exceeds))
        }
        // The highest of independent sets: every value of any set that is not below the greatest minimum.
        let least = all.compactMap { $0.min() }.max() ?? 0
        finding.ranks = Set(all.joined().filter { $0 >= least })
        if factors.count > 1 {
            finding.confidence = .own
            finding.say("多个因素取最高（摘录中没有，系我们的推断）。", "Of several factors the highest counts (our inference, not in the excerpt).")
            let together = ranks(joint.isSevere, joint.exceeds)
            if together != finding.ranks {
                let labels = matrix.levels.filter { together.contains($0.rank) }
                let (zh, en) = (labels.map(\.label.zh).joined(separator: "／"), labels.map(\.label.en).joined(separator: " / "))
                finding.say("若把各因素合并看（有严重因素、有超标），为\(zh)。", "Taken together (a severe factor, an excess) it would be: \(en).")
            }
        }
        if usesInferred {
            finding.confidence = .own
            finding.say("所用的格子摘录未印出，按最高级推断。", "The cell is not printed in the excerpt and inferred as the top grade.")
        }
        return finding.grade(matrix.levels, matrix.provenance, scale: "risk")
    }

    private func words(_ factor: RiskFactor, _ nature: (isSevere: Truth, reasons: [Bilingual]), _ exceeds: Truth) -> Bilingual {
        func word(_ truth: Truth, _ yes: String, _ no: String, _ unknown: String) -> String {
            truth == .yes ? yes : truth == .no ? no : unknown
        }
        let why =
            nature.reasons.isEmpty
            ? Bilingual(same: "")
            : Bilingual(
                "（\(nature.reasons.map(\.zh).joined(separator: "、"))）", " (\(nature.reasons.map(\.en).joined(separator: ", ")))")
        let zh = "\(factor.name)：\(word(nature.isSevere, "严重", "一般", "性质不明"))\(why.zh)，\(word(exceeds, "不符合", "符合", "结果不明"))"
        let kind = word(nature.isSevere, "severe", "general", "nature unknown")
        let en = "\(factor.name): \(kind)\(why.en), \(word(exceeds, "exceeds", "complies", "result unknown"))"
        return Bilingual(zh, en)
    }

    /// The grade of management 管理状况 A to C from the self-check. What does not apply leaves the sum, which is rescaled to 100.
    /// - Parameter answers: by the code of the item; what is not answered is unknown.
    public func management(answers: [String: SelfCheckAnswer]) -> Grade {
        let check = tables.management
        var finding = Finding()
        finding.cite(check.provenance, local: check.local)
        let scale = "management" + (check.local.map { " + \($0)" } ?? "")
        for code in answers.keys.sorted() where !check.items.contains(where: { $0.code == code }) {
            finding.refusals.append(Refusal("code.unknown", field: code, ["value": code, "table": "items"]))
        }
        if check.items.isEmpty {
            finding.refusals.append(
                Refusal("grading.figures-missing", ["edition": "\(check.provenance.edition) \(check.provenance.clause)"]))
        }
        guard finding.refusals.isEmpty else { return finding.grade(check.levels, check.provenance, scale: scale) }
        let applying = check.items.filter { answers[$0.code] != .notApplicable }
        let open = applying.filter { answers[$0.code] == nil }
        let total = applying.reduce(0) { $0 + $1.weight }
        let failed = check.items.filter { $0.isKey && answers[$0.code] == .fails }
        guard total > 0 else {
            finding.refusals = [Refusal("grading.input-missing", field: "items", ["value": "适用的项目", "value_en": "applicable items"])]
            return finding.grade(check.levels, check.provenance, scale: scale)
        }
        // An open item may comply, fail or not apply: at best the rest is rescaled without it or it earns all, at worst it earns nothing.
        func weight(_ answer: SelfCheckAnswer) -> Double {
            applying.filter { answers[$0.code] == answer }.reduce(0) { $0 + $1.weight }
        }
        let (full, partly) = (weight(.complies), weight(.partly))
        let spare = open.reduce(0) { $0 + $1.weight }
        let least = (full + partly * (check.partial ?? 0)) / total * check.full
        let greatest = (full + partly * (check.partial ?? 1) + spare) / total * check.full
        let (low, high) = ((least * 1e9).rounded() / 1e9, (greatest * 1e9).rounded() / 1e9)
        let share = check.partial.map(shown) ?? "0–1"
        let score = low == high ? shown(low) : "\(shown(low))–\(shown(high))"
        let sum = "(\(shown(full)) + \(shown(partly))×\(share)) ÷ \(shown(total)) × \(shown(check.full)) = \(score)"
        finding.say("得分 = " + sum, "Score = " + sum)
        finding.index = low == high ? low : nil
        if partly > 0, check.partial == nil {
            finding.doubts.append(
                Refusal("grading.figures-missing", ["edition": "\(check.provenance.edition) \(check.provenance.clause) 基本符合"]))
        }
        if !open.isEmpty {
            let codes = open.map(\.code).joined(separator: ", ")
            finding.doubts.append(Refusal("grading.input-missing", field: "items", ["value": codes]))
        }
        func rank(_ score: Double) -> Int { score >= check.cutoffs.a ? 0 : score >= check.cutoffs.b ? 1 : 2 }
        let best = rank(high)
        finding.ranks = Set(best...rank(low))
        // A key item that fails is C, whatever the score: one that is open may.
        if open.contains(where: \.isKey) { finding.ranks.insert(2) }
        if !failed.isEmpty {
            finding.ranks = [2]
            let codes = failed.map(\.code).joined(separator: ", ")
            finding.say("关键项不符合：\(codes)，直接为C级。", "A key item fails (\(codes)): grade C.")
        }
        return finding.grade(check.levels, check.provenance, scale: scale)
    }

    /// The combined class 综合风险类别 from the grade of management (A to C) and the hazard risk (Ⅰ to Ⅲ); 甲 is the lowest risk here.
    /// - Throws: `scheme.differs` where either grade is of another scale.
    public func combined(management: Grade, risk: Grade) throws(Refusal) -> Grade {
        let matrix = tables.combined
        guard management.scale.hasPrefix("management") else {
            throw Refusal("scheme.differs", ["value": management.scale, "expected": "management"])
        }
        guard risk.scale == "risk" else { throw Refusal("scheme.differs", ["value": risk.scale, "expected": "risk"]) }
        var finding = Finding()
        finding.cite(matrix.provenance, local: matrix.local)
        finding.say("管理状况 \(management.label.zh)，危害风险 \(risk.label.zh)", "Management \(management.label.en), hazard risk \(risk.label.en)")
        func ranks(_ grade: Grade, _ all: [GradingTables.Level]) -> [Int] {
            grade.possible.isEmpty ? all.map(\.rank) : grade.possible.map(\.rank)
        }
        for row in ranks(management, tables.management.levels) {
            for column in ranks(risk, tables.risk.levels) { finding.ranks.insert(matrix.cells[row][column]) }
        }
        finding.doubts = management.missing + risk.missing
        return finding.grade(matrix.levels, matrix.provenance, scale: "combined" + (matrix.local.map { " + \($0)" } ?? ""))
    }

    /// The class of the enforcement guide 《工作指南（试行）》, as far as its rules are to hand: 甲 where one of the known conditions holds,
    /// else it cannot be told.
    /// - Parameter industry: code of GB/T 4754.
    public func guideClass(industry: String?, factors: [RiskFactor]) -> Grade {
        let guide = tables.guide
        var finding = Finding()
        finding.cite(guide.provenance, local: guide.local)
        finding.refusals = factors.flatMap(\.flaws)
        guard finding.refusals.isEmpty else { return finding.grade(guide.levels, guide.provenance, scale: "guide") }
        if let industry, let list = guide.industries, list.contains(where: { industry.hasPrefix($0) }) {
            finding.ranks = [guide.top.rank]
            finding.say("行业 \(industry) 在表1内。", "Industry \(industry) is in table 1.")
        }
        for factor in factors {
            guard let ratio = factor.ratio else {
                finding.doubts.append(
                    Refusal(
                        "grading.input-missing", field: "ratio",
                        ["value": "\(factor.name): 接触比值", "value_en": "\(factor.name): exposure ratio"]))
                continue
            }
            let isListed = guide.actionFactors.map { $0.contains(factor.cas) || $0.contains(factor.code) } ?? false
            let isSiliceous = factor.kind == .dust && factor.silica.map { $0 >= guide.silica } ?? false
            let reasons: [(Bool, Double, String, String)] = [
                (isListed && ratio >= guide.actionRatio, guide.actionRatio, "表2因素达到行动水平", "a factor of table 2 at the action level"),
                (guide.named.contains(factor.cas) && ratio >= guide.namedRatio, guide.namedRatio, "指定物质", "a named substance"),
                (
                    (factor.kind == .chemical || isSiliceous) && ratio > guide.exceedsRatio, guide.exceedsRatio, "化学因素或矽尘超过限值",
                    "a chemical or silica dust above the limit"
                ),
            ]
            for (holds, share, zh, en) in reasons where holds {
                finding.ranks = [guide.top.rank]
                let figures = "\(shown(ratio)) (\(shown(share)))"
                finding.say("\(factor.name)：\(zh)，接触比值（分界） \(figures)", "\(factor.name): \(en), exposure ratio (cut-off) \(figures)")
            }
        }
        if finding.ranks.isEmpty {
            // The other rules are not to hand, so that no class can be excluded: 甲 may follow from a condition that we do not know.
            finding.say(
                "已知的甲类条件均未满足；其余条件和乙、丙类规则不在手头。",
                "None of the known conditions holds; the other conditions and the rules of 乙 and 丙 are not to hand.")
            finding.ranks = Set(guide.levels.map(\.rank))
            finding.doubts.append(Refusal("grading.rules-missing", ["edition": guide.provenance.edition]))
        }
        return finding.grade(guide.levels, guide.provenance, scale: "guide")
    }

    /// The letter of a neutral level in a scheme: `IV` in `450204.grading` is 甲.
    /// - Throws: `scheme.unknown`, or `code.unknown` for a level that the scheme does not know.
    public func label(level: String, in scheme: String) throws(Refusal) -> ClassLabel { try self.scheme(scheme).label(for: level) }

    /// The letter of a grade in a scheme.
    /// - Throws: `scheme.unknown`; `scheme.differs` where the scheme labels another scale; the first thing missing of a grade that is
    ///   not told.
    public func label(of grade: Grade, in scheme: String) throws(Refusal) -> ClassLabel {
        let scheme = try self.scheme(scheme)
        let scale = grade.scale.split(separator: " ").first.map(String.init) ?? ""
        guard scheme.scale == scale else { throw Refusal("scheme.differs", ["value": grade.scale, "expected": scheme.scale]) }
        guard let code = grade.code else { throw grade.missing.first ?? Refusal("grading.input-missing", field: "grade", ["value": scale]) }
        return try scheme.label(for: code)
    }

    private func scheme(_ id: String) throws(Refusal) -> LabelScheme {
        guard let scheme = tables.schemes[id] else {
            throw Refusal(
                "scheme.unknown", field: "scheme", ["value": id, "expected": tables.schemes.keys.sorted().joined(separator: ", ")])
        }
        return scheme
    }
}
