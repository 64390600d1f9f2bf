import Kernel
import Ledger

/// Training of a principal or manager 负责人和管理人员培训.
public enum Training {
    public static let person = Field.reference("person", "受训人", "Person trained", to: "person_role", .part, .required)
    public static let day = Field.day("day", "培训日期", "Day", .required)
    public static let hours = Field.decimal("hours", "学时", "Hours", 0...400)
    public static let until = Field.day("until", "有效期至", "Valid until", future: true)
    public static let kind = Kind(
        "training", "培训记录", "Training record", fields: [person.spec, day.spec, hours.spec, until.spec], day: day.spec, title: [day.spec])
}

/// A round of the awareness survey 知晓率调查.
public enum Survey {
    public static let title = Field.text("title", "调查名称", "Title", .required)
    public static let division = Field.division("division", "调查地区", "Division", .required)
    public static let day = Field.day("day", "调查日期", "Day", .required)
    public static let kind = Kind(
        "survey", "知晓率调查", "Survey round", fields: [title.spec, division.spec, day.spec], day: day.spec, title: [title.spec])
}

/// One questionnaire 问卷: items answered and answered rightly, the group and the weight of the sample's design.
public enum Response {
    public static let survey = Field.reference("survey", "调查", "Survey", to: "survey", .part, .required)
    public static let group = Field.text("group", "人群", "Group", .required, max: 60)
    public static let items = Field.integer("items", "答题数", "Items answered", 0...1000, .required)
    public static let correct = Field.integer("correct", "答对数", "Items right", 0...1000)
    public static let weight = Field.decimal("weight", "权重", "Weight", 0...1e9)
    public static let valid = Field.flag("valid", "有效问卷", "Valid")
    public static let kind = Kind(
        "survey_response", "问卷", "Questionnaire", fields: [survey.spec, group.spec, items.spec, correct.spec, weight.spec, valid.spec],
        title: [group.spec]
    ) { record in
        guard let items = record[items], let correct = record[correct], correct > items else { return [] }
        return [Refusal("number.range", field: "correct", ["value": String(correct), "limit": "0…\(items)"])]
    }
}

/// A publicity campaign 宣传活动.
public enum Publicity {
    public static let division = Field.division("division", "行政区划", "Division", .required)
    public static let type = Field.code("type", "活动类别", "Type", of: "publicity_type", .required)
    public static let day = Field.day("day", "活动日期", "Day", .required)
    public static let title = Field.text("title", "主题", "Subject")
    public static let kind = Kind(
        "publicity", "宣传活动", "Publicity", fields: [division.spec, type.spec, day.spec, title.spec], day: day.spec,
        title: [type.spec, day.spec])
}
public let kinds: [Kind] = [Training.kind, Survey.kind, Response.kind, Publicity.kind]
