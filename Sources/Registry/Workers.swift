import Kernel
import Ledger

/// Worker 劳动者: a person, wherever employed. Two records of one person are joined by a `Merge`, and can be parted again.
public enum Worker {
    public static let name = Field.text("name", "姓名", "Name", .required, max: 60)
    public static let identity = Field.residentID("identity", "身份证号码", "Resident identity number")
    public static let otherIdentity = Field.text("other_identity", "其他证件号码", "Other document number", max: 60, sensitivity: .personal)
    public static let sex = Field.code("sex", "性别", "Sex", of: "sex")
    public static let birth = Field.day("birth", "出生日期", "Birth")
    public static let migrant = Field.flag("migrant", "农民工", "Migrant worker")
    public static let phone = Field.text("phone", "联系电话", "Phone", max: 40, sensitivity: .personal)
    public static let kind = Kind(
        "worker", "劳动者", "Worker",
        fields: [name.spec, identity.spec, otherIdentity.spec, sex.spec, birth.spec, migrant.spec, phone.spec], title: [name.spec])
}

/// Employment 劳动关系 of a worker at an employer, direct or dispatched 劳务派遣.
public enum Employment {
    public static let worker = Field.reference("worker", "劳动者", "Worker", to: "worker", .part, .required)
    public static let employer = Field.reference("employer", "用人单位", "Employer", to: "employer", .mention, .required)
    public static let from = Field.day("from", "入职日期", "From", .required)
    public static let until = Field.day("until", "离职日期", "Until")
    public static let type = Field.code("type", "用工方式", "Type", of: "employment_type")
    public static let kind = Kind(
        "employment", "劳动关系", "Employment", fields: [worker.spec, employer.spec, from.spec, until.spec, type.spec], day: from.spec,
        title: [from.spec]
    ) { Refusal.order($0[from], $0[until], field: "until") }
}

/// A period of exposure 接害史 of a worker at an employer. Blank factors mean that they are unknown.
public enum Exposed {
    public static let worker = Field.reference("worker", "劳动者", "Worker", to: "worker", .part, .required)
    public static let employer = Field.reference("employer", "用人单位", "Employer", to: "employer", .mention, .required)
    public static let post = Field.reference("post", "岗位", "Post", to: "post", .mention)
    public static let factors = Field.codes("factors", "接触的危害因素", "Factors", of: "factor")
    public static let from = Field.day("from", "起始日期", "From")
    public static let until = Field.day("until", "终止日期", "Until")
    public static let kind = Kind(
        "exposure", "接害史", "Exposure period", fields: [worker.spec, employer.spec, post.spec, factors.spec, from.spec, until.spec],
        day: from.spec, title: [from.spec]
    ) { Refusal.order($0[from], $0[until], field: "until") }
}

/// Enrolment in work-injury insurance 工伤保险参保 of a worker.
public enum Insured {
    public static let worker = Field.reference("worker", "劳动者", "Worker", to: "worker", .part, .required)
    public static let employer = Field.reference("employer", "用人单位", "Employer", to: "employer", .mention)
    public static let from = Field.day("from", "参保日期", "From", .required)
    public static let until = Field.day("until", "停保日期", "Until")
    public static let kind = Kind(
        "insured", "工伤保险参保", "Insurance enrolment", fields: [worker.spec, employer.spec, from.spec, until.spec], day: from.spec,
        title: [from.spec]
    ) { Refusal.order($0[from], $0[until], field: "until") }
}

/// Persons insured at a year's end 工伤保险参保人数, as the social-security authority reports them for a division.
public enum InsuredTotal {
    public static let division = Field.division("division", "行政区划", "Division", .required)
    public static let year = Field.integer("year", "年份", "Year", 1990...2100, .required)
    public static let persons = Field.integer("persons", "参保人数", "Persons", 0...100_000_000, .required)
    public static let source = Field.text("source", "数据来源", "Source", .required)
    public static let kind = Kind(
        "insured_total", "参保人数年报", "Insured headcount", fields: [division.spec, year.spec, persons.spec, source.spec],
        keys: [[division.spec, year.spec]], title: [division.spec, year.spec])
}

/// Two records of one employer or one person 合并: what was recorded for `dropped` counts as `kept`'s. Withdrawing it parts them.
public enum Merge {
    public static let employerKept = Field.reference("employer_kept", "保留的用人单位", "Employer kept", to: "employer", .mention)
    public static let employerDropped = Field.reference("employer_dropped", "并入的用人单位", "Employer dropped", to: "employer", .mention)
    public static let workerKept = Field.reference("worker_kept", "保留的劳动者", "Worker kept", to: "worker", .mention)
    public static let workerDropped = Field.reference("worker_dropped", "并入的劳动者", "Worker dropped", to: "worker", .mention)
    public static let reason = Field.text("reason", "理由", "Reason", .required, max: 300)
    public static let kind = Kind(
        "merge", "合并", "Merge", fields: [employerKept.spec, employerDropped.spec, workerKept.spec, workerDropped.spec, reason.spec],
        title: [reason.spec]
    ) { record in
        let employers = (record[employerKept], record[employerDropped])
        let workers = (record[workerKept], record[workerDropped])
        let isOnePair =
            (employers.0 != nil && employers.1 != nil && workers == (nil, nil))
            || (workers.0 != nil && workers.1 != nil && employers == (nil, nil))
        guard isOnePair else { return [Refusal("merge.pair")] }
        return employers.0 == employers.1 && workers.0 == workers.1 ? [Refusal("merge.same")] : []
    }
}

/// A division with its dates 行政区划 where it is not, or not rightly, in the national table: townships, mergers, renamings.
public enum Division {
    public static let division = Field.text("division", "区划代码", "Division code", .required, max: 12)
    public static let name = Field.text("name", "名称", "Name", .required)
    public static let from = Field.day("from", "设立日期", "From")
    public static let until = Field.day("until", "撤销日期", "Until")
    public static let successor = Field.text("successor", "并入的区划代码", "Successor", max: 12)
    public static let kind = Kind(
        "division", "行政区划", "Division", fields: [division.spec, name.spec, from.spec, until.spec, successor.spec], keys: [[division.spec]],
        title: [name.spec]
    ) { record in
        var refusals = Refusal.order(record[from], record[until], field: "until")
        for (field, code) in [("division", record[division]), ("successor", record[successor])] {
            if let code, DivisionCode(code) == nil { refusals.append(Refusal("division.format", field: field, ["value": code])) }
        }
        if record[successor] != nil, record[until] == nil { refusals.append(Refusal("field.required", field: "until")) }
        return refusals
    }
}

/// The occupational-health surveillance file 职业健康监护档案 of a worker at an employer (Law Art. 36), with its four parts.
public enum SurveillanceFile {
    public static let worker = Field.reference("worker", "劳动者", "Worker", to: "worker", .part, .required)
    public static let employer = Field.reference("employer", "用人单位", "Employer", to: "employer", .mention, .required)
    public static let day = Field.day("day", "建档日期", "Kept since", .required)
    public static let parts = Field.codes("parts", "已有内容", "Parts", of: "surveillance_part")
    public static let kind = Kind(
        "surveillance_file", "职业健康监护档案", "Surveillance file", fields: [worker.spec, employer.spec, day.spec, parts.spec], day: day.spec,
        title: [day.spec])
}
