import Catalog
import Kernel
import Ledger
import Registry

/// Declaration of hazard projects 职业病危害项目申报 (Law Art. 16; Order 48 of 2012): the statement of an employer about itself, as the form
/// asks for it. What the form lists line by line are records of their own: categories, factors at posts, products.
public enum Filing {
    public static let employer = Field.reference("employer", "用人单位", "Employer", to: "employer", .part, .required)
    public static let type = Field.code("type", "申报类型", "Type", of: "declaration_type", .required, source: FormLine.source(12))
    public static let submitted = Field.day("submitted", "申报日期", "Submitted on", .required)
    public static let accepted = Field.day("accepted", "受理日期", "Accepted on")
    public static let factors = Field.codes("factors", "申报的危害因素", "Factors declared", of: "factor")
    public static let cause = Field.reference("cause", "所报事由", "Cause declared", to: "declaration_cause", .mention)
    public static let received = Field.day("received", "收到日期", "Received on")
    public static let receipt = Field.day("receipt", "回执日期", "Receipt issued on")
    public static let receiptNumber = Field.text("receipt_number", "回执编号", "Receipt number", max: 60)

    // 一、基本信息
    public static let unitName = Field.text("unit_name", "单位名称", "Name of the unit", source: FormLine.source(1))
    public static let creditCode = Field.text("unit_code", "统一社会信用代码", "Unified social credit code", max: 18, source: FormLine.source(2))
    public static let registeredAddress = Field.text("registered_address", "注册地址", "Registered address", source: FormLine.source(3))
    public static let workplaceAddress = Field.text("workplace_address", "作业场所地址", "Address of the workplaces", source: FormLine.source(4))
    public static let size = Field.code("size", "企业规模", "Size class", of: "size", source: FormLine.source(5))
    public static let industry = Field.code("industry", "行业分类", "Industry", of: "industry", source: FormLine.source(6))
    public static let ownership = Field.code("ownership", "经济类型（注册类型）", "Ownership", of: "ownership", source: FormLine.source(7))
    public static let manager = Field.text(
        "manager", "职业卫生管理人员", "Occupational-health manager", max: 60, source: FormLine.source(8))
    public static let phone = Field.text("phone", "联系电话", "Phone", max: 40, sensitivity: .personal, source: FormLine.source(9))
    public static let headcount = Field.integer(
        "headcount", "在册职工总数", "Staff on the roll", 0...2_000_000, source: FormLine.source(10))
    public static let exposed = Field.integer(
        "exposed", "接害总人数（含外委）", "Persons exposed (outside labour included)", 0...2_000_000, source: FormLine.source(11))
    public static let changeReason = Field.text("change_reason", "变更原因", "Reason of the change", max: 300, source: FormLine.source(13))
    public static let head = Field.text("head", "法定代表人", "Legal representative", max: 60, source: FormLine.source(14))
    public static let headPhone = Field.text(
        "head_phone", "法定代表人电话", "Phone of the legal representative", max: 40, sensitivity: .personal, source: FormLine.source(14))
    public static let organisation = Field.flag(
        "organisation", "设有职业卫生管理机构", "Has an occupational-health department", source: FormLine.source(15))
    public static let managersFull = Field.integer(
        "managers_full", "专职职业卫生管理人员数", "Full-time managers", 0...10_000, source: FormLine.source(16))
    public static let managersPart = Field.integer(
        "managers_part", "兼职职业卫生管理人员数", "Part-time managers", 0...10_000, source: FormLine.source(16))
    public static let labour = Field.integer("labour", "劳动者总人数", "Workers in all", 0...2_000_000, source: FormLine.source(17))
    public static let diseased = Field.integer(
        "diseased", "职业病累计人数", "Occupational diseases so far", 0...1_000_000, source: FormLine.source(18))

    // 四、检测情况
    public static let tested = Field.flag("tested", "本年度开展检测", "Tested this year", source: FormLine.source(34))
    public static let tester = Field.text("tester", "检测机构名称", "Testing institution", source: FormLine.source(35))
    public static let testReport = Field.text("test_report", "检测报告编号", "Number of the test report", max: 80, source: FormLine.source(36))

    // 五、职业健康监护
    public static let examined = Field.flag("examined", "开展职业健康检查", "Examinations held", source: FormLine.source(48))
    public static let examiner = Field.text("examiner", "检查机构及报告编号", "Examining institution and report", source: FormLine.source(49))
    public static let beforeDue = Field.integer(
        "before_due", "岗前应检人数", "Before employment: due", 0...2_000_000, source: FormLine.source(50))
    public static let beforeDone = Field.integer(
        "before_done", "岗前实检人数", "Before employment: done", 0...2_000_000, source: FormLine.source(50))
    public static let serviceDue = Field.integer("service_due", "在岗应检人数", "In service: due", 0...2_000_000, source: FormLine.source(51))
    public static let serviceDone = Field.integer("service_done", "在岗实检人数", "In service: done", 0...2_000_000, source: FormLine.source(51))
    public static let leavingDue = Field.integer("leaving_due", "离岗应检人数", "On leaving: due", 0...2_000_000, source: FormLine.source(52))
    public static let leavingDone = Field.integer("leaving_done", "离岗实检人数", "On leaving: done", 0...2_000_000, source: FormLine.source(52))

    // 六、职业健康培训
    public static let principalTrained = Field.flag("principal_trained", "主要负责人培训", "Principal trained", source: FormLine.source(54))
    public static let managersTrained = Field.flag("managers_trained", "职业卫生管理人员培训", "Managers trained", source: FormLine.source(55))
    public static let workersTrained = Field.integer(
        "workers_trained", "接触劳动者培训人数", "Exposed workers trained", 0...2_000_000, source: FormLine.source(56))

    /// What the employer states of itself: a later declaration begins with what the last one said.
    public static let stated: [FieldSpec] = [
        unitName.spec, creditCode.spec, registeredAddress.spec, workplaceAddress.spec, size.spec, industry.spec, ownership.spec,
        manager.spec,
        phone.spec, headcount.spec, exposed.spec, changeReason.spec, head.spec, headPhone.spec, organisation.spec, managersFull.spec,
        managersPart.spec, labour.spec, diseased.spec, tested.spec, tester.spec, testReport.spec, examined.spec, examiner.spec,
        beforeDue.spec, beforeDone.spec, serviceDue.spec, serviceDone.spec, leavingDue.spec, leavingDone.spec, principalTrained.spec,
        managersTrained.spec, workersTrained.spec,
    ]
    public static let kind = Kind(
        "declaration", "危害项目申报", "Declaration",
        fields: [
            employer.spec, type.spec, submitted.spec, accepted.spec, factors.spec, cause.spec, received.spec, receipt.spec,
            receiptNumber.spec,
        ] + stated, day: submitted.spec, title: [type.spec, submitted.spec],
        flow: Flow(
            accepted: accepted, fourEyes: true,
            contents: ["declaration_category", "declaration_factor", "declaration_product", "declaration_cause"],
            filling: { record, step, today in
                if step == .submit, record[received] == nil { record[received] = max(today, record[submitted] ?? today) }
                if step == .accept, record[receipt] == nil { record[receipt] = today }
            }, levels: levels),
        numbers: [Numbering(receiptNumber, series: "declaration-receipt", word: "申报受理", on: .accepted)], check: check)

    /// Enterprises of the centre and of provinces declare to the authority of the prefecture, all others to that of the county
    /// (Order 48 of 2012). Where nobody recorded which it is, either may accept.
    private static func levels(_ record: Record, _ taking: Taking) throws -> [DivisionCode.Level] {
        try taking.target(of: employer, in: record)?[Employer.central].map { $0 ? [.prefecture] : [.county] } ?? []
    }

    private static func check(_ record: Record) -> [Refusal] {
        var refusals =
            Refusal.order(record[submitted], record[accepted], field: "accepted")
            + Refusal.order(record[submitted], record[received], field: "received")
            + Refusal.order(record[received] ?? record[submitted], record[receipt], field: "receipt")
        for (due, done) in [(beforeDue, beforeDone), (serviceDue, serviceDone), (leavingDue, leavingDone)] {
            refusals += atMost(record[done], record[due], done)
        }
        return refusals + atMost(record[exposed], record[labour], exposed)
    }

    /// A part that is more than its whole.
    static func atMost(_ part: Int?, _ whole: Int?, _ field: Field<Int>) -> [Refusal] {
        guard let part, let whole, part > whole else { return [] }
        return [Refusal("declaration.part-exceeds", field: field.spec.name, ["value": String(part), "limit": String(whole)])]
    }
}

/// A category of hazards in a declaration 危害因素种类 (form, parts 3 to 5): present or not, how many are exposed without counting anybody
/// twice, how many points were tested and exceeded, how many were examined.
public enum FilingCategory {
    public static let declaration = Field.reference("declaration", "申报", "Declaration", to: "declaration", .part, .required)
    public static let category = Field.code(
        "category", "危害因素种类", "Category", of: "declaration_category", .required, source: FormLine.source(21, 32))
    public static let present = Field.flag("present", "有/无", "Present", source: FormLine.source(21, 32))
    public static let exposed = Field.integer("exposed", "接触人数（不重复）", "Persons exposed", 0...2_000_000, source: FormLine.source(21, 32))
    public static let points = Field.integer("points", "检测点数", "Points tested", 0...1_000_000, source: FormLine.source(37, 47))
    public static let exceeding = Field.integer("exceeding", "超标点数", "Points exceeding", 0...1_000_000, source: FormLine.source(37, 47))
    public static let examined = Field.integer("examined", "体检人数", "Persons examined", 0...2_000_000, source: FormLine.source(53))
    public static let kind = Kind(
        "declaration_category", "申报的危害种类", "Category declared",
        fields: [declaration.spec, category.spec, present.spec, exposed.spec, points.spec, exceeding.spec, examined.spec],
        keys: [[declaration.spec, category.spec]], title: [category.spec]
    ) { record in
        var refusals = Filing.atMost(record[exceeding], record[points], exceeding)
        if record[present] == false, (record[exposed] ?? 0) > 0 {
            refusals.append(Refusal("declaration.absent-exposed", field: "exposed", ["value": String(record[exposed] ?? 0)]))
        }
        return refusals
    }
}

/// A hazard factor at a workplace in a declaration 作业场所×因素×接触人数: a person exposed to two factors is counted with both.
public enum FilingFactor {
    public static let declaration = Field.reference("declaration", "申报", "Declaration", to: "declaration", .part, .required)
    public static let post = Field.reference("post", "岗位", "Post", to: "post", .mention)
    public static let workplace = Field.text("workplace", "作业场所或岗位", "Workplace or post", max: 100, source: FormLine.source(33))
    public static let factor = Field.code("factor", "危害因素", "Hazard factor", of: "factor", .required, source: FormLine.source(33))
    public static let exposed = Field.integer("exposed", "接触人数", "Persons exposed", 0...1_000_000, source: FormLine.source(33))
    public static let kind = Kind(
        "declaration_factor", "申报的危害因素", "Factor declared",
        fields: [declaration.spec, post.spec, workplace.spec, factor.spec, exposed.spec], title: [factor.spec, workplace.spec],
        complete: { record, taking in
            guard let filing = try taking.target(of: declaration, in: record), let factor = record[factor] else { return }
            guard let listed = filing[Filing.factors], !listed.contains(factor) else { return }
            throw Refusal("declaration.factor-unlisted", field: "factor", ["value": taking.catalog.title("factor", factor)])
        })
}

/// A main product in a declaration 主要产品及年产量.
public enum FilingProduct {
    public static let declaration = Field.reference("declaration", "申报", "Declaration", to: "declaration", .part, .required)
    public static let product = Field.text("product", "主要产品", "Product", .required, max: 100, source: FormLine.source(19))
    public static let output = Field.decimal("output", "年产量", "Yearly output", 0...1e12, source: FormLine.source(20))
    public static let unit = Field.text("unit", "计量单位", "Unit", max: 20, source: FormLine.source(20))
    public static let kind = Kind(
        "declaration_product", "申报的主要产品", "Product declared", fields: [declaration.spec, product.spec, output.spec, unit.spec],
        title: [product.spec])
}

/// Something that has to be declared 应申报事由 (Order 48 of 2012, Art. 8, 9): a project accepted, a change, a test that differs, an end.
/// It starts a statutory clock whether or not a declaration follows.
public enum DeclarationCause {
    public static let employer = Field.reference("employer", "用人单位", "Employer", to: "employer", .part, .required)
    public static let cause = Field.code("cause", "事由", "Cause", of: "declaration_cause", .required)
    /// Of a test that differs, the day on which its result was received.
    public static let day = Field.day("day", "发生（收到结果）日期", "Happened (result received) on")
    public static let kind = Kind(
        "declaration_cause", "应申报事由", "Cause to declare", fields: [employer.spec, cause.spec, day.spec], day: day.spec,
        title: [cause.spec, day.spec])
}
public let kinds: [Kind] = [Filing.kind, FilingCategory.kind, FilingFactor.kind, FilingProduct.kind, DeclarationCause.kind]
