import Kernel
import Ledger

/// An industry or factor chosen for special treatment in a year 专项治理选定.
public enum Selection {
    public static let division = Field.division("division", "行政区划", "Division", .required)
    public static let year = Field.integer("year", "年份", "Year", 1990...2100, .required)
    public static let item = Field.text("item", "选定的行业或危害因素", "Industry or factor", .required)
    public static let kind = Kind(
        "campaign_selection", "专项治理选定", "Campaign selection", fields: [division.spec, year.spec, item.spec],
        keys: [[division.spec, year.spec, item.spec]], title: [year.spec, item.spec])
}

/// An employer in the base ledger of a special treatment 专项治理台账.
public enum LedgerEntry {
    public static let employer = Field.reference("employer", "用人单位", "Employer", to: "employer", .part, .required)
    public static let from = Field.day("from", "入账日期", "From", .required)
    public static let until = Field.day("until", "销账日期", "Until")
    public static let kind = Kind(
        "campaign_entry", "专项治理台账", "Campaign ledger entry", fields: [employer.spec, from.spec, until.spec], day: from.spec,
        title: [from.spec]
    ) { Refusal.order($0[from], $0[until], field: "until") }
}

/// A completed application to become a healthy enterprise 健康企业创建申报.
public enum Application {
    public static let employer = Field.reference("employer", "用人单位", "Employer", to: "employer", .part, .required)
    public static let day = Field.day("day", "完成申报日期", "Completed on", .required)
    public static let kind = Kind(
        "healthy_application", "健康企业申报", "Healthy-enterprise application", fields: [employer.spec, day.spec], day: day.spec,
        title: [day.spec])
}

/// A title held 称号: healthy enterprise 健康企业 or demonstration enterprise 示范企业, and for whom the latter counts.
public enum Title {
    public static let employer = Field.reference("employer", "用人单位", "Employer", to: "employer", .part, .required)
    public static let type = Field.code("type", "称号", "Title", of: "title_type", .required)
    public static let unit = Field.division("unit", "计入的单位", "Unit that it counts for")
    public static let from = Field.day("from", "授予日期", "Held from", .required)
    public static let until = Field.day("until", "撤销日期", "Held until")
    public static let kind = Kind(
        "title", "企业称号", "Title", fields: [employer.spec, type.spec, unit.spec, from.spec, until.spec], day: from.spec,
        title: [type.spec, from.spec]
    ) { Refusal.order($0[from], $0[until], field: "until") }
}
public let kinds: [Kind] = [Selection.kind, LedgerEntry.kind, Application.kind, Title.kind]
