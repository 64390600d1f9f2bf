import Catalog
import Grading
import Kernel
import Ledger
import Registry

/// The class of an employer from its records 用人单位分级分类: the factors that it has, whether tests exceeded, its headcount; and the grade of its
/// management, which a self-check found. What is not known leaves the class open, and says so.
public struct EmployerClass: Sendable {
    /// The hazard risk Ⅰ to Ⅲ, in words; what it may be where it cannot be told.
    public let risk: Bilingual
    public let isRiskTold: Bool
    /// The combined class; nil without a grade of management, or where it cannot be told.
    public let label: String?
    public let labelWords: Bilingual?
    public let edition: String
    public let working: [Bilingual]
    public let missing: [Refusal]

    /// - Parameters:
    ///   - exceeding: factors of which the newest tests exceed, and those that were tested at all; by code.
    ///   - management: A, B or C as the self-check found; nil where none was made.
    public init(_ file: File, exceeding: Set<String>, tested: Set<String>, management: String?, on day: Day, _ catalog: Catalog) {
        let profile = EmployerProfile(file)
        let codes = Set(
            profile.hazardRecords.filter { $0.span(EmployerHazard.from, EmployerHazard.until).contains(day) }
                .compactMap { $0[EmployerHazard.factor] }
        ).sorted()
        let factors = codes.map { code in
            let factor = catalog.factors[code]
            let limits = catalog.factorLimits.keys(ofFactor: code)
            // The lowest band of free silica that its limits name: silica dust of the catalogue is 10 % and more.
            let bands = catalog.limits.all.filter { limits.contains($0.key) }.compactMap { $0.silica?.low }
            return RiskFactor(
                factor?.name.zh ?? code, en: factor?.name.en, kind: RiskFactor.Kind(rawValue: factor?.category ?? "") ?? .other, code: code,
                cas: factor?.cas.first ?? "", silica: bands.min(), isAsbestos: factor?.name.zh.contains("石棉"),
                exceeds: exceeding.contains(code) ? true : tested.contains(code) ? false : nil)
        }
        let severe = SevereFactors(
            isHighlyToxic: { factor in
                switch catalog.highlyToxic.isHighlyToxic(factor: factor.code) {
                case .yes: true
                case .no: false
                case .unknown: nil
                }
            },
            isGroup1: { factor in
                let keys = catalog.factorLimits.keys(ofFactor: factor.code)
                let groups = catalog.limits.all.filter { keys.contains($0.key) && $0.provenance.force.contains(day) }.map(\.iarc)
                return groups.isEmpty ? nil : groups.contains("G1")
            })
        let grading = Grading(catalog.grading)
        let found = grading.risk(factors: factors, headcount: profile.locus[day].headcount, severe: severe)
        (risk, isRiskTold) = (found.label, found.code != nil)
        let people = profile.locus[day].headcount.map(String.init) ?? "?"
        var steps = [
            Bilingual(
                "危害因素 \(codes.count) 种，从业人员 \(people) 人（按从业人员数计，方法原文以核对为准）",
                "\(codes.count) hazard factors, headcount \(people) (of all employed; check the method's own text)")
        ]
        steps += found.working
        let check = catalog.grading.management
        let level = check.levels.first { $0.code == management }
        guard let level else {
            (label, labelWords, edition) = (nil, nil, found.provenance.edition + " " + found.provenance.clause)
            (working, missing) = (steps, found.missing)
            return
        }
        let combined = catalog.grading.combined
        steps.append(Bilingual("管理状况自查结果：\(level.label.zh)（填入）", "Management as the self-check found: \(level.label.en) (entered)"))
        let row = level.rank
        let ranks = Set((found.possible.isEmpty ? catalog.grading.risk.levels : found.possible).map { combined.cells[row][$0.rank] })
        let only = ranks.count == 1 ? ranks.first.flatMap { rank in combined.levels.first { $0.rank == rank } } : nil
        if let only {
            steps.append(Bilingual("综合风险类别：\(only.label.zh)", "Combined class: \(only.label.en)"))
        }
        (label, labelWords) = (only?.code, only?.label)
        edition = combined.provenance.edition + " " + combined.provenance.clause + "（\(combined.provenance.confidence.rawValue)）"
        (working, missing) = (steps, only == nil ? found.missing : [])
    }
}
