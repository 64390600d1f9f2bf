import Kernel
import Ledger

/// Key-disease monitoring assigned to a division for a year 重点职业病监测任务, and its completion.
public enum Assignment {
    public static let division = Field.division("division", "承担单位所在区划", "Division", .required)
    public static let year = Field.integer("year", "年份", "Year", 1990...2100, .required)
    public static let disease = Field.text("disease", "监测的病种", "Disease monitored", .required)
    public static let completed = Field.day("completed", "完成日期", "Completed on")
    public static let kind = Kind(
        "monitoring_assignment", "重点职业病监测任务", "Monitoring assignment", fields: [division.spec, year.spec, disease.spec, completed.spec],
        keys: [[division.spec, year.spec, disease.spec]], day: completed.spec, title: [year.spec, disease.spec])
}

/// Evidence and judgement of what no record can decide 里程碑和定性判断: entered by a person, never computed.
public enum Judgement {
    public static let plan = Field.text("plan", "规划", "Plan", .required, max: 60)
    public static let indicator = Field.text("indicator", "指标", "Indicator", .required, max: 60)
    public static let day = Field.day("day", "判断日期", "Day", .required)
    public static let verdict = Field.code("verdict", "判断", "Judgement", of: "judgement")
    public static let evidence = Field.text("evidence", "佐证材料", "Evidence", .required, max: 2000)
    public static let by = Field.text("by", "判断人", "Judged by", max: 60)
    public static let kind = Kind(
        "judgement", "里程碑与定性判断", "Judgement", fields: [plan.spec, indicator.spec, day.spec, verdict.spec, evidence.spec, by.spec],
        day: day.spec,
        title: [indicator.spec, day.spec])
}

/// Money spent on prevention in a year 防治经费 (yuan).
public enum BudgetLine {
    public static let division = Field.division("division", "行政区划", "Division", .required)
    public static let year = Field.integer("year", "年份", "Year", 1990...2100, .required)
    public static let category = Field.text("category", "类别", "Category", .required)
    public static let planned = Field.integer("planned", "预算（元）", "Planned (CNY)", 0...1_000_000_000_000)
    public static let spent = Field.integer("spent", "支出（元）", "Spent (CNY)", 0...1_000_000_000_000)
    public static let kind = Kind(
        "budget_line", "防治经费", "Budget line", fields: [division.spec, year.spec, category.spec, planned.spec, spent.spec],
        keys: [[division.spec, year.spec, category.spec]], title: [year.spec, category.spec])
}

/// A yearly total from before the system 历史基线, with its source. It is shown beside what is computed and never mixed with it.
public enum Baseline {
    public static let plan = Field.text("plan", "规划", "Plan", .required, max: 60)
    public static let indicator = Field.text("indicator", "指标", "Indicator", .required, max: 60)
    public static let year = Field.integer("year", "年份", "Year", 1949...2100, .required)
    public static let value = Field.decimal("value", "数值", "Value", -1e15...1e15, .required)
    public static let source = Field.text("source", "来源", "Source", .required)
    public static let kind = Kind(
        "baseline", "历史基线", "Baseline", fields: [plan.spec, indicator.spec, year.spec, value.spec, source.spec],
        keys: [[plan.spec, indicator.spec, year.spec]], title: [indicator.spec, year.spec])
}
public let kinds: [Kind] = [Assignment.kind, Judgement.kind, BudgetLine.kind, Baseline.kind]
