import Kernel
import Ledger

/// Employer 用人单位: the registry that every denominator comes from. Attributes here hold from `since`; later values are
/// `EmployerChange` records with their day, so that a move never rewrites the past.
public enum Employer {
    public static let name = Field.text("name", "单位名称", "Name", .required)
    public static let creditCode = Field.creditCode("credit_code", "统一社会信用代码", "Unified social credit code")
    public static let division = Field.division("division", "县区代码", "County-level division", .required)
    public static let township = Field.division("township", "乡镇街道代码", "Township", township: true)
    public static let industry = Field.code("industry", "行业（GB/T 4754）", "Industry (GB/T 4754)", of: "industry", source: "GB/T 4754-2017")
    public static let size = Field.code("size", "企业规模", "Size class", of: "size", source: "国统字〔2017〕213号")
    public static let ownership = Field.code("ownership", "经济类型", "Ownership", of: "ownership", source: "GB/T 12402-2000")
    public static let severity = Field.code("severity", "职业病危害程度", "Hazard severity", of: "severity")
    public static let sector = Field.code("sector", "单位类别", "Sector (medical or not)", of: "sector")
    public static let headcount = Field.integer("headcount", "从业人员数", "Headcount", 0...2_000_000)
    public static let hazards = Field.flag("hazards", "存在职业病危害", "Has occupational hazards")
    public static let since = Field.day("since", "开业日期", "Operating since")
    public static let until = Field.day("until", "停业日期", "Closed on")
    public static let central = Field.flag("central", "中央或省属企业", "Central or provincial enterprise")
    public static let contact = Field.text("contact", "联系人", "Contact", max: 60)
    public static let phone = Field.text("phone", "联系电话", "Phone", max: 40, sensitivity: .personal)
    public static let address = Field.text("address", "地址", "Address", max: 300)
    public static let kind = Kind(
        "employer", "用人单位", "Employer",
        fields: [
            name.spec, creditCode.spec, division.spec, township.spec, industry.spec, size.spec, ownership.spec, severity.spec, sector.spec,
            headcount.spec, hazards.spec, since.spec, until.spec, central.spec, contact.spec, phone.spec, address.spec,
        ], keys: [[creditCode.spec]], day: since.spec, title: [name.spec], isProfile: true
    ) { record in
        var refusals = Refusal.order(record[since], record[until], field: "until")
        if let township = record[township], let division = record[division], !township.hasPrefix(division) {
            refusals.append(Refusal("township.outside", field: "township", ["value": township, "expected": division]))
        }
        return refusals
    }
}

/// A dated change of an employer 用人单位变更: a move, another industry, another size, closure, reopening. Blank means unchanged.
public enum EmployerChange {
    public static let employer = Field.reference("employer", "用人单位", "Employer", to: "employer", .part, .required)
    public static let day = Field.day("day", "变更日期", "Day of change", .required)
    public static let division = Field.division("division", "县区代码", "County-level division")
    public static let township = Field.division("township", "乡镇街道代码", "Township", township: true)
    public static let industry = Field.code("industry", "行业（GB/T 4754）", "Industry (GB/T 4754)", of: "industry")
    public static let size = Field.code("size", "企业规模", "Size class", of: "size")
    public static let ownership = Field.code("ownership", "经济类型", "Ownership", of: "ownership")
    public static let severity = Field.code("severity", "职业病危害程度", "Hazard severity", of: "severity")
    public static let sector = Field.code("sector", "单位类别", "Sector (medical or not)", of: "sector")
    public static let headcount = Field.integer("headcount", "从业人员数", "Headcount", 0...2_000_000)
    public static let hazards = Field.flag("hazards", "存在职业病危害", "Has occupational hazards")
    public static let closed = Field.flag("closed", "停业", "Closed (0: reopened)")
    public static let reason = Field.text("reason", "原因", "Reason", max: 300)
    public static let kind = Kind(
        "employer_change", "用人单位变更", "Change of an employer",
        fields: [
            employer.spec, day.spec, division.spec, township.spec, industry.spec, size.spec, ownership.spec, severity.spec, sector.spec,
            headcount.spec, hazards.spec, closed.spec, reason.spec,
        ], day: day.spec, title: [day.spec], isProfile: true)
}

/// Workplace 工作场所 of an employer.
public enum Workplace {
    public static let employer = Field.reference("employer", "用人单位", "Employer", to: "employer", .part, .required)
    public static let name = Field.text("name", "工作场所名称", "Name", .required)
    public static let kind = Kind("workplace", "工作场所", "Workplace", fields: [employer.spec, name.spec], title: [name.spec])
}

/// Post 岗位: where people meet hazards; the unit of tests, notices and signs.
public enum Post {
    public static let employer = Field.reference("employer", "用人单位", "Employer", to: "employer", .part, .required)
    public static let workplace = Field.reference("workplace", "工作场所", "Workplace", to: "workplace", .mention)
    public static let name = Field.text("name", "岗位名称", "Name", .required)
    public static let headcount = Field.integer("headcount", "岗位人数", "Headcount", 0...1_000_000)
    public static let from = Field.day("from", "启用日期", "In use from")
    public static let until = Field.day("until", "停用日期", "Out of use from")
    public static let kind = Kind(
        "post", "岗位", "Post", fields: [employer.spec, workplace.spec, name.spec, headcount.spec, from.spec, until.spec], day: from.spec,
        title: [name.spec]
    ) { Refusal.order($0[from], $0[until], field: "until") }
}

/// A hazard factor at an employer or one of its posts 职业病危害因素, from any source: census, inspection, monitoring, test, declaration.
public enum EmployerHazard {
    public static let employer = Field.reference("employer", "用人单位", "Employer", to: "employer", .part, .required)
    public static let post = Field.reference("post", "岗位", "Post", to: "post", .mention)
    public static let factor = Field.code("factor", "危害因素", "Hazard factor", of: "factor", .required, source: "国卫疾控发〔2015〕92号")
    public static let from = Field.day("from", "起始日期", "Present from")
    public static let until = Field.day("until", "终止日期", "Gone from")
    public static let source = Field.code("source", "来源", "Source", of: "hazard_source")
    public static let kind = Kind(
        "employer_hazard", "用人单位危害因素", "Hazard at an employer",
        fields: [employer.spec, post.spec, factor.spec, from.spec, until.spec, source.spec], day: from.spec, title: [factor.spec],
        isProfile: true
    ) { Refusal.order($0[from], $0[until], field: "until") }
}

/// Who holds an office at an employer 负责人和管理人员: the principal responsible person, the occupational-health managers.
public enum PersonRole {
    public static let employer = Field.reference("employer", "用人单位", "Employer", to: "employer", .part, .required)
    public static let name = Field.text("name", "姓名", "Name", .required, max: 60)
    public static let role = Field.code("role", "职务类别", "Role", of: "employer_role", .required)
    public static let from = Field.day("from", "任职日期", "In office from", .required)
    public static let until = Field.day("until", "离任日期", "In office until")
    public static let kind = Kind(
        "person_role", "负责人和管理人员", "Office holder", fields: [employer.spec, name.spec, role.spec, from.spec, until.spec], day: from.spec,
        title: [name.spec, role.spec]
    ) { Refusal.order($0[from], $0[until], field: "until") }
}

/// Evidence of hazard notification at a post 职业病危害告知 (Law Art. 24, 33): contract clause, bulletin, published test result.
public enum Notice {
    public static let employer = Field.reference("employer", "用人单位", "Employer", to: "employer", .part, .required)
    public static let post = Field.reference("post", "岗位", "Post", to: "post", .mention, .required)
    public static let type = Field.code("type", "告知方式", "Way of notification", of: "notice_type", .required)
    public static let day = Field.day("day", "告知日期", "Day", .required)
    public static let until = Field.day("until", "失效日期", "Until")
    public static let kind = Kind(
        "notice", "危害告知", "Hazard notice", fields: [employer.spec, post.spec, type.spec, day.spec, until.spec], day: day.spec,
        title: [type.spec])
}

/// A warning sign at a post 警示标识 (GBZ 158), by the category of hazard that it warns of.
public enum WarningSign {
    public static let employer = Field.reference("employer", "用人单位", "Employer", to: "employer", .part, .required)
    public static let post = Field.reference("post", "岗位", "Post", to: "post", .mention, .required)
    public static let category = Field.code("category", "标识对应的危害类别", "Hazard category warned of", of: "factor_category", .required)
    public static let installed = Field.day("installed", "设置日期", "Confirmed installed", .required)
    public static let removed = Field.day("removed", "拆除日期", "Removed")
    public static let kind = Kind(
        "warning_sign", "警示标识", "Warning sign", fields: [employer.spec, post.spec, category.spec, installed.spec, removed.spec],
        day: installed.spec, title: [category.spec]
    ) { Refusal.order($0[installed], $0[removed], field: "removed") }
}

/// A part of an employer's occupational-health archive 职业卫生档案 that exists.
public enum ArchivePart {
    public static let employer = Field.reference("employer", "用人单位", "Employer", to: "employer", .part, .required)
    public static let part = Field.code("part", "档案内容", "Part", of: "archive_part", .required)
    public static let day = Field.day("day", "建立日期", "Kept since", .required)
    public static let until = Field.day("until", "失效日期", "Until")
    public static let kind = Kind(
        "archive_part", "职业卫生档案", "Archive part", fields: [employer.spec, part.spec, day.spec, until.spec], day: day.spec,
        title: [part.spec])
}
