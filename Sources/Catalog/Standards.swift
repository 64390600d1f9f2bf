import Foundation
import Kernel

/// The tables of the standards, one value a table. What a day asks for comes from the edition in force on it.
public struct Standards: Sendable {
    /// Laws, orders, standards and notices 法规与标准, with their days in force and whether their text is to hand.
    public let instruments: Instruments
    /// Hazard factors 职业病危害因素, those that a jurisdiction added included.
    public let factors: HazardFactors
    /// Occupational exposure limits 职业接触限值.
    public let limits: ExposureLimits
    /// Which limits a factor is judged by.
    public let factorLimits: FactorLimits
    /// Limits of physical agents 物理因素职业接触限值.
    public let physical: PhysicalLimits
    /// Biological exposure limits 职业接触生物限值.
    public let biologicalLimits: BiologicalLimits
    /// Occupational diseases 职业病 of the lists of 2013 and 2024.
    public let diseases: Diseases
    /// Highly toxic substances 高毒物品.
    public let highlyToxic: HighlyToxicList
    /// Warning signs 警示标识 and what they are put up for.
    public let signs: [HazardSign]
    /// Severity of hazards by industry 建设项目职业病危害风险分类.
    public let constructionRisks: ConstructionRisks
    /// Size classes of enterprises 企业规模.
    public let sizeClasses: SizeClasses
    /// Penalties of the law 罚则.
    public let penalties: [Penalty]
    /// Discretion schemes 裁量基准 of jurisdictions.
    public let discretion: DiscretionSchemes
    /// Fields of the national exchange 全国数据交换.
    public let exchangeFields: [ExchangeField]
    /// Fields of the declaration form 职业病危害项目申报表.
    public let declarationFields: [DeclarationField]
    /// Working days 工作日.
    public let calendar: WorkdayCalendar
    /// Statutory periods 法定时限, by name.
    public let clocks: [String: StatutoryClock]
    /// Reminders, escalation and notices 提醒、上报与通知.
    public let reminders: Reminders
    /// Grading of hazardous work and classes of employers 分级.
    public let grading: GradingTables
    /// Health examinations 职业健康检查 by GBZ 188.
    public let exams: ExamTables
    /// What inspections of employers look at 检查表.
    public let checklist: [ChecklistItem]
    /// Hearing 听力: corrections for age and sex, diagnosis, threshold shift.
    public let hearing: HearingTables
    /// Radiation doses 个人剂量: limits, periods, levels.
    public let dose: DoseTables

    /// - Parameter folder: the repository's `Data` folder or another of its layout.
    /// - Throws: `Refusal` with file, row and column; `catalog.file` for a table that is not there.
    public init(folder: URL) throws {
        let home = folder.appendingPathComponent("standards")
        let additions = try LocalAdditions.read(home)
        let settled = try LocalAdditions.settled(additions)
        let local = additions.flatMap(\.limits)
        instruments = try Instruments(standards: home)
        factors = HazardFactors(try HazardFactor.load(home) + additions.flatMap(\.factors))
        limits = ExposureLimits(try ExposureLimits(standards: home, settled: settled).all + local)
        let own = local.map { FactorLimit(factor: $0.key, limit: $0.key, how: .name, note: "", provenance: $0.provenance) }
        factorLimits = FactorLimits(try FactorLimit.load(home) + own)
        biologicalLimits = BiologicalLimits(try BiologicalLimit.load(home), settled: settled)
        diseases = Diseases(try Disease.load(home))
        highlyToxic = HighlyToxicList(try HighlyToxic.load(home))
        signs = try HazardSign.load(home)
        constructionRisks = ConstructionRisks(try ConstructionRisk.load(home))
        sizeClasses = SizeClasses(try SizeBound.load(home))
        penalties = try Penalty.load(home)
        checklist = try ChecklistItem.load(home)
        discretion = try DiscretionSchemes(standards: home)
        exchangeFields = try ExchangeField.load(home)
        declarationFields = try DeclarationField.load(home)
        calendar = try WorkdayCalendar(standards: home)
        clocks = try StatutoryClock.read(standards: home)
        reminders = try Reminders(standards: home, local: Dictionary(uniqueKeysWithValues: additions.map { ($0.division, $0.reminders) }))
        grading = try GradingTables(folder: folder)
        exams = try ExamTables(standards: home)
        hearing = try HearingTables(standards: home)
        dose = try DoseTables(standards: home)
        physical = try PhysicalLimits(standards: home)
    }
}

/// A value that one row of one table makes.
protocol TableValue {
    /// The table's name in `Data/standards`.
    static var file: String { get }
    /// The columns that it must have.
    static var columns: [String] { get }
    init(_ row: Table.Row) throws
}

extension TableValue {
    static func load(_ home: URL) throws -> [Self] {
        try Table(home.appendingPathComponent(file), needed: columns).rows.map { try Self($0) }
    }
}

extension Catalog {
    public var instruments: Instruments { standards.instruments }
    public var factors: HazardFactors { standards.factors }
    public var limits: ExposureLimits { standards.limits }
    public var factorLimits: FactorLimits { standards.factorLimits }
    public var physical: PhysicalLimits { standards.physical }
    public var biologicalLimits: BiologicalLimits { standards.biologicalLimits }
    public var diseases: Diseases { standards.diseases }
    public var highlyToxic: HighlyToxicList { standards.highlyToxic }
    public var signs: [HazardSign] { standards.signs }
    public var constructionRisks: ConstructionRisks { standards.constructionRisks }
    public var sizeClasses: SizeClasses { standards.sizeClasses }
    public var penalties: [Penalty] { standards.penalties }
    public var discretion: DiscretionSchemes { standards.discretion }
    public var exchangeFields: [ExchangeField] { standards.exchangeFields }
    public var declarationFields: [DeclarationField] { standards.declarationFields }
    public var calendar: WorkdayCalendar { standards.calendar }
    public var clocks: [String: StatutoryClock] { standards.clocks }
    public var grading: GradingTables { standards.grading }
    public var exams: ExamTables { standards.exams }
    public var hearing: HearingTables { standards.hearing }
    public var dose: DoseTables { standards.dose }

    /// All limits of a day.
    public func limits(on day: Day) -> [ExposureLimit] { limits.limits(on: day) }
    /// The limits that a factor is judged by on a day; empty where it has none or none is to hand.
    public func limits(ofFactor factor: String, on day: Day) -> [ExposureLimit] {
        limits.limits(keys: factorLimits.keys(ofFactor: factor), on: day)
    }
}
