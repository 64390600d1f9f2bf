import Catalog
import Foundation
import Grading
import Hygiene
import Kernel
import Synchronization

/// Calculators of whole employers: hazard risk, management and combined class, and what a letter 甲乙丙 means in each scheme.
extension Calculator {
    /// 用人单位职业病危害综合风险评估: hazard risk Ⅰ to Ⅲ, management A to C, combined class.
    static let employerClass = Calculator(
        id: "employer-class",
        fields: [
            Field(name: "headcount", control: .number), Field(name: "score", control: .number),
            Field(name: "key_failed", control: .choice(["", "no", "yes"])),
            Field(name: "management", control: .choice(["", "A", "B", "C"])),
        ],
        columns: [
            Field(name: "agent", control: .text), Field(name: "nature", control: .choice([""] + Nature.allCases.map(\.rawValue))),
            Field(name: "exceeds", control: .choice(["", "no", "yes"])),
        ],
        example:
            "headcount=36&score=84&key_failed=no&management=&agent=矽尘&nature=silica&exceeds=no&agent=噪声&nature=general&exceeds=yes"
    ) { entered in
        let (headcount, score) = (entered.number("headcount"), entered.number("score"))
        if let headcount, headcount != headcount.rounded() || !(0...10_000_000).contains(headcount) {
            entered.refuse(Refusal("number.range", field: "headcount", ["value": entered.text("headcount"), "limit": "0, 1, 2 …"]))
        }
        let grading = Grading(entered.catalog.grading)
        if let score, !(0...grading.tables.management.full).contains(score) {
            entered.refuse(Refusal("number.range", field: "score", ["value": entered.text("score"), "limit": "0–100"]))
        }
        if entered.rows.isEmpty { entered.refuse(Refusal("field.required", row: 1, field: "agent")) }
        guard entered.flaws.isEmpty else { return Outcome() }
        let factors = entered.rows.map { row in
            let name = entered.text(row, "agent")
            return Nature.factor(
                name.isEmpty ? "#\(row.number)" : name, Nature(rawValue: entered.text(row, "nature")),
                exceeds: entered.truth(row, "exceeds"), silica: grading.tables.risk.silica)
        }
        let risk = grading.risk(factors: factors, headcount: headcount.map { Int($0) }, severe: Nature.severe)
        let management = grading.management(
            letter: entered.text("management"), score: score, failsKeyItem: entered.truth("key_failed"))
        let combined = try grading.combined(management: management, risk: risk)
        return Outcome(grades: [combined, risk, management], parts: [directions(ClassSchemes.shared.tables(entered.catalog))])
    }

    /// What a level is called in each scheme that is to hand, and what that means there.
    static let classLabel = Calculator(
        id: "class-label",
        fields: [
            Field(
                name: "class",
                control: .catalogued { catalog, _ in
                    let schemes = ClassSchemes.ordered(ClassSchemes.shared.tables(catalog))
                    var seen: Set<String> = []
                    let codes = schemes.flatMap { $0.labels.sorted { $0.label < $1.label } }.flatMap(\.levels)
                    return codes.filter { seen.insert($0).inserted }.map { ($0, Bilingual(same: $0)) }
                }),
            Field(
                name: "scheme",
                control: .catalogued { catalog, _ in
                    ClassSchemes.ordered(ClassSchemes.shared.tables(catalog)).map { ($0.id, ClassSchemes.name(of: $0)) }
                }),
        ], example: "class=甲&scheme="
    ) { entered in
        let (level, wanted) = (entered.text("class"), entered.text("scheme"))
        if level.isEmpty { throw Refusal("field.required", field: "class") }
        let tables = ClassSchemes.shared.tables(entered.catalog)
        let grading = Grading(tables)
        // Of one scheme its own refusal is told; of all of them those are left out that do not know the level.
        if !wanted.isEmpty {
            do throws(Refusal) { _ = try grading.label(level: level, in: wanted) } catch {
                throw error.field == "level" ? error.on(field: "class") : error
            }
        }
        let schemes = ClassSchemes.ordered(tables).filter { wanted.isEmpty || $0.id == wanted }
        var outcome = Outcome()
        for scheme in schemes {
            guard let found = try? grading.label(level: level, in: scheme.id) else { continue }
            let name = ClassSchemes.name(of: scheme)
            outcome.figures.append((Bilingual("\(name.zh)：\(found.meaning.zh)", "\(name.en): \(found.meaning.en)"), found.label))
            outcome.working.append(
                Bilingual(
                    "\(name.zh)：级别 \(level) 为 \(found.label)，\(found.meaning.zh)（可信度 \(scheme.provenance.confidence.rawValue)）",
                    "\(name.en): level \(level) is \(found.label), \(found.meaning.en) (confidence \(scheme.provenance.confidence.rawValue))"
                ))
        }
        guard !outcome.figures.isEmpty else {
            throw Refusal("code.unknown", field: "class", ["value": level, "table": schemes.map(\.id).joined(separator: ", ")])
        }
        outcome.parts = [directions(tables)]
        return outcome
    }

    /// Which letter is the worst, scheme by scheme.
    private static func directions(_ tables: GradingTables) -> (name: Bilingual, working: [Bilingual]) {
        let lines = ClassSchemes.ordered(tables).map { scheme in
            let labels = scheme.labels.sorted { ($0.rank ?? 0) < ($1.rank ?? 0) }
            let name = ClassSchemes.name(of: scheme)
            guard !labels.contains(where: { $0.rank == nil }) else {
                return Bilingual("\(name.zh)：没有说哪一端风险最高", "\(name.en): does not say which end is worse")
            }
            let (zh, en) = (
                labels.map { "\($0.label) \($0.meaning.zh)" }.joined(separator: " → "),
                labels.map { "\($0.label) \($0.meaning.en)" }.joined(separator: " → ")
            )
            let note = scheme.note.map { Bilingual("（\($0.zh)）", " (\($0.en))") } ?? Bilingual(same: "")
            return Bilingual("\(name.zh)：\(zh)\(note.zh)", "\(name.en): \(en)\(note.en)")
        }
        return (
            Bilingual("各方案的甲乙丙方向相反，不能互相比较（由低到高）", "甲 乙 丙 run in opposite directions and are never compared (from low to high)"),
            lines
        )
    }
}

/// Why a factor is severe 严重 (annex 1), as the form asks; general where nothing of it holds.
private enum Nature: String, CaseIterable {
    case general, silica, asbestos, highlyToxic = "highly_toxic", group1 = "g1", radiation, named

    /// The factor as the rule takes it. What the form says of it stands in its code, for ``severe`` to read.
    static func factor(_ name: String, _ nature: Nature?, exceeds: Bool?, silica: Double) -> RiskFactor {
        switch nature {
        case .silica: RiskFactor(name, kind: .dust, silica: silica, isAsbestos: false, exceeds: exceeds)
        case .asbestos: RiskFactor(name, kind: .dust, isAsbestos: true, exceeds: exceeds)
        case .radiation: RiskFactor(name, kind: .radiation, isLesserSource: false, exceeds: exceeds)
        case .highlyToxic, .group1: RiskFactor(name, kind: .chemical, code: nature?.rawValue ?? "", exceeds: exceeds)
        case .general, .named: RiskFactor(name, kind: .other, code: nature?.rawValue ?? "", exceeds: exceeds)
        case nil: RiskFactor(name, kind: .chemical, exceeds: exceeds)
        }
    }
    static let severe = SevereFactors(
        isHighlyToxic: { $0.code.isEmpty ? nil : $0.code == highlyToxic.rawValue },
        isGroup1: { $0.kind == .dust ? false : $0.code.isEmpty ? nil : $0.code == group1.rawValue },
        isNamed: { $0.code == named.rawValue })
}

extension Grading {
    /// The grade of management from the outcome of a self-check made elsewhere: its letter, or its score and whether a key item failed.
    fileprivate func management(letter: String, score: Double?, failsKeyItem: Bool?) -> Grade {
        let check = tables.management
        let (source, levels) = (check.provenance, check.levels)
        let (a, b) = (Rounding.plain(check.cutoffs.a), Rounding.plain(check.cutoffs.b))
        var working = [Bilingual("依据：\(source.edition)（\(source.clause)）", "By \(source.edition) (\(source.clause))")]
        var missing: [Refusal] = []
        var possible = levels
        if let level = levels.first(where: { $0.code == letter }) {
            possible = [level]
            working.append(Bilingual("自查结果直接填写：\(level.label.zh)", "Entered as found: \(level.label.en)"))
        } else {
            let tag = source.confidence.rawValue
            working.append(
                Bilingual(
                    "A ≥ \(a) 分，B ≥ \(b) 分，其余为 C；关键项不符合即为 C。分界未据原文核实（\(tag)），使用前请核对",
                    "A from \(a) points, B from \(b), else C; C where a key item fails. The cut-offs are not verified (\(tag)): check them first"
                ))
            let byScore = score.map { $0 >= check.cutoffs.a ? "A" : $0 >= check.cutoffs.b ? "B" : "C" }
            if let score, let byScore {
                working.append(
                    Bilingual("得分 \(Rounding.plain(score))：按分数为 \(byScore)", "Score \(Rounding.plain(score)): \(byScore) by points"))
            }
            switch (failsKeyItem, byScore) {
            case (true, _): possible = levels.filter { $0.code == "C" }
            case (false, let code?): possible = levels.filter { $0.code == code }
            case (nil, let code?): possible = levels.filter { $0.code == code || $0.code == "C" }
            case (_, nil): possible = levels
            }
            if possible.count > 1 {
                if score == nil {
                    missing.append(Refusal("grading.input-missing", field: "score", ["value": "自查得分", "value_en": "score"]))
                }
                if failsKeyItem == nil {
                    missing.append(Refusal("grading.input-missing", field: "key_failed", ["value": "关键项", "value_en": "key items"]))
                }
            }
        }
        let only = possible.count == 1 ? possible.first : nil
        let label = Bilingual(possible.map(\.label.zh).joined(separator: "／"), possible.map(\.label.en).joined(separator: " / "))
        return Grade(
            rank: only?.rank, code: only?.code, label: label, index: score, possible: possible, missing: missing, provenance: source,
            scale: "management", working: working)
    }
}

/// The schemes of letters 甲乙丙 of the catalogue and of the plans beside it; read once for a catalogue.
final class ClassSchemes: Sendable {
    static let shared = ClassSchemes()
    private let kept = Mutex<(digest: String, tables: GradingTables)?>(nil)

    func tables(_ catalog: Catalog) -> GradingTables {
        kept.withLock { kept in
            if let kept, kept.digest == catalog.digest { return kept.tables }
            var tables = catalog.grading
            let plans = catalog.folder.appendingPathComponent("plans")
            let names = (try? FileManager.default.contentsOfDirectory(atPath: plans.path)) ?? []
            for name in names.sorted() where name.hasSuffix(".yaml") {
                // A plan that cannot be read is told where plans are read; it has no letters here.
                if let more = try? tables.adding(plan: plans.appendingPathComponent(name)) { tables = more }
            }
            kept = (catalog.digest, tables)
            return tables
        }
    }

    /// The national ones, then those of plans.
    static func ordered(_ tables: GradingTables) -> [LabelScheme] {
        tables.schemes.values.filter { !$0.labels.isEmpty }
            .sorted { ($0.scale, $0.id) < ($1.scale, $1.id) }
    }
    /// With the plan that prints it.
    static func name(of scheme: LabelScheme) -> Bilingual {
        let edition = scheme.provenance.edition
        guard edition != scheme.name.zh else { return scheme.name }
        return Bilingual("\(edition)·\(scheme.name.zh)", "\(scheme.name.en) (\(edition))")
    }
}
