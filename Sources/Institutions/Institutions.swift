import Kernel
import Ledger

/// A service institution 职业卫生技术服务机构、职业健康检查机构、职业病诊断机构、康复机构, public or not.
public enum Institution {
    public static let name = Field.text("name", "机构名称", "Name", .required)
    public static let creditCode = Field.creditCode("credit_code", "统一社会信用代码", "Unified social credit code")
    public static let division = Field.division("division", "所在县区", "Division", .required)
    public static let isPublic = Field.flag("public", "公立医疗卫生机构", "Public medical institution")
    public static let since = Field.day("since", "成立日期", "Since")
    public static let until = Field.day("until", "终止日期", "Until")
    public static let kind = Kind(
        "institution", "服务机构", "Institution", fields: [name.spec, creditCode.spec, division.spec, isPublic.spec, since.spec, until.spec],
        keys: [[creditCode.spec]], day: since.spec, title: [name.spec], isProfile: true
    ) { Refusal.order($0[since], $0[until], field: "until") }
}

/// A qualification or filing 资质/备案 of an institution, with the level of government that it serves, and for testing what it reaches:
/// the grade (Order 4 of 2020, Art. 5, 6) and the factors that the institution is able to test.
public enum Qualification {
    public static let institution = Field.reference("institution", "机构", "Institution", to: "institution", .part, .required)
    public static let type = Field.code("type", "服务类别", "Service", of: "service", .required)
    public static let level = Field.code("level", "承担层级", "Level served", of: "division_level")
    public static let from = Field.day("from", "生效日期", "In force from", .required)
    public static let until = Field.day("until", "失效日期", "In force until", future: true)
    public static let grade = Field.code(
        "grade", "资质等级", "Grade", of: "qualification_grade", source: "国家卫生健康委员会令第4号 第五条、第六条")
    public static let categories = Field.codes(
        "categories", "检测能力范围（危害类别）", "Able to test (categories)", of: "factor_category", source: "国家卫生健康委员会令第4号 第六条（认可的业务范围）")
    public static let factors = Field.codes(
        "factors", "检测能力范围（个别因素）", "Able to test (single factors)", of: "factor", source: "国家卫生健康委员会令第4号 第六条（认可的业务范围）")
    public static let kind = Kind(
        "qualification", "资质与备案", "Qualification",
        fields: [institution.spec, type.spec, level.spec, from.spec, until.spec, grade.spec, categories.spec, factors.spec], day: from.spec,
        title: [type.spec], isProfile: true
    ) { Refusal.order($0[from], $0[until], field: "until") }
}

/// A professional 专业技术人员 of an institution: what they do there, since when they passed the training for it, and on which days they
/// are on its staff.
public enum Staff {
    public static let institution = Field.reference("institution", "机构", "Institution", to: "institution", .part, .required)
    public static let name = Field.text("name", "姓名", "Name", .required, max: 60)
    public static let roles = Field.codes("roles", "岗位", "Work", of: "staff_role", source: "国家卫生健康委员会令第4号；GBZ 331-2024")
    public static let categories = Field.codes("categories", "从事的危害类别", "Categories worked on", of: "factor_category")
    public static let trained = Field.day("trained", "培训合格日期", "Passed the training on")
    public static let certificate = Field.text("certificate", "培训合格证明编号", "Certificate", max: 80)
    public static let from = Field.day("from", "到岗日期", "On the staff from", .required)
    public static let until = Field.day("until", "离岗日期", "On the staff until")
    public static let kind = Kind(
        "staff", "专业技术人员", "Professional",
        fields: [institution.spec, name.spec, roles.spec, categories.spec, trained.spec, certificate.spec, from.spec, until.spec],
        day: from.spec, title: [name.spec]
    ) { Refusal.order($0[from], $0[until], field: "until") }
}

/// What an institution can do in a year 年服务能力: tests, examinations or diagnoses.
public enum Capacity {
    public static let institution = Field.reference("institution", "机构", "Institution", to: "institution", .part, .required)
    public static let type = Field.code("type", "服务类别", "Service", of: "service", .required)
    public static let year = Field.integer("year", "年份", "Year", 1990...2100, .required)
    public static let amount = Field.integer("amount", "年服务能力", "Yearly capacity", 0...100_000_000, .required)
    public static let kind = Kind(
        "capacity", "年服务能力", "Yearly capacity", fields: [institution.spec, type.spec, year.spec, amount.spec],
        keys: [[institution.spec, type.spec, year.spec]], title: [type.spec, year.spec])
}

/// Supervision officer 监管人员 on the roster of a division.
public enum Officer {
    public static let name = Field.text("name", "姓名", "Name", .required, max: 60)
    public static let division = Field.division("division", "所属县区", "Division", .required)
    public static let department = Field.code("department", "执法部门", "Department", of: "inspecting_department")
    public static let from = Field.day("from", "到岗日期", "On the roster from", .required)
    public static let until = Field.day("until", "离岗日期", "Until")
    public static let kind = Kind(
        "officer", "监管人员", "Supervision officer", fields: [name.spec, division.spec, from.spec, until.spec, department.spec],
        day: from.spec,
        title: [name.spec]
    ) { Refusal.order($0[from], $0[until], field: "until") }
}

/// Hours of training of an officer 监管人员培训.
public enum OfficerTraining {
    public static let officer = Field.reference("officer", "监管人员", "Officer", to: "officer", .part, .required)
    public static let day = Field.day("day", "培训日期", "Day", .required)
    public static let hours = Field.decimal("hours", "学时", "Hours", 0...400)
    public static let kind = Kind(
        "officer_training", "监管人员培训", "Officer training", fields: [officer.spec, day.spec, hours.spec], day: day.spec, title: [day.spec])
}

public let kinds: [Kind] = [Institution.kind, Qualification.kind, Staff.kind, Capacity.kind, Officer.kind, OfficerTraining.kind]
