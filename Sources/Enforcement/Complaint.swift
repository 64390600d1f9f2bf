import Kernel
import Ledger

/// A complaint or report 投诉举报 by a worker or the public (Law Art. 13), anonymous or not. Who complained is sealed: fields of the person are
/// masked to officers until they say why, and no organisation sees that there is a complaint at all.
public enum Complaint {
    public static let number = Field.text("number", "受理编号", "Number", max: 60)
    public static let division = Field.division("division", "事发县区", "County", .required)
    public static let received = Field.day("received", "收到日期", "Received on", .required)
    public static let channel = Field.code("channel", "渠道", "Channel", of: "complaint_channel", .required)
    public static let topics = Field.codes("topics", "反映的问题", "What it is about", of: "complaint_topic", .required)
    public static let against = Field.text("against", "被反映单位（反映人所写）", "Unit, as the complainant wrote it", .required, max: 200)
    public static let place = Field.text("place", "地点", "Place", max: 200)
    public static let text = Field.text("text", "反映的情况", "What happened", .required, max: 4000)
    // Who
    public static let anonymous = Field.flag("anonymous", "匿名", "Anonymous")
    public static let worker = Field.flag("worker", "本单位劳动者", "Works there")
    public static let name = Field.text("name", "反映人姓名", "Complainant", max: 60, sensitivity: .personal)
    public static let contact = Field.text("contact", "联系方式", "Contact", max: 100, sensitivity: .personal)
    public static let account = Field.text("account", "反映人账户", "Complainant's account", max: 60, sensitivity: .personal)
    /// Digest of the code with which the complainant asks how it stands.
    public static let digest = Field.text("digest", "查询码摘要", "Digest of the code", max: 64, sensitivity: .personal)
    // Triage
    public static let triaged = Field.day("triaged", "办理决定日期", "Triaged on")
    public static let triage = Field.code("triage", "办理决定", "Triage", of: "complaint_triage")
    public static let function = Field.code("function", "承办部门职能", "Function in charge", of: "function")
    public static let triageReason = Field.text("triage_reason", "决定说明（可告知反映人）", "Reason (may be told)", max: 500)
    public static let earlier = Field.reference("earlier", "并入的在先投诉", "Earlier complaint", to: "complaint", .mention)
    public static let due = Field.day("due", "承诺答复日期", "Answer promised by", future: true)
    public static let employer = Field.reference("employer", "核对后的用人单位", "Employer, as identified", to: "employer", .mention)
    public static let institution = Field.reference("institution", "核对后的服务机构", "Institution, as identified", to: "institution", .mention)
    // What came of it
    public static let inspection = Field.reference("inspection", "核查的监督检查", "Inspection", to: "inspection", .mention)
    public static let file = Field.reference("case", "立案的违法案件", "Violation case", to: "violation_case", .mention)
    public static let confirmed = Field.flag("confirmed", "反映情况属实", "Confirmed")
    public static let answered = Field.day("answered", "答复日期", "Answered on")
    public static let answer = Field.text("answer", "答复", "Answer", max: 2000)
    public static let satisfaction = Field.code("satisfaction", "反映人评价", "Satisfaction", of: "complaint_satisfaction")
    public static let reward = Field.flag("reward", "给予奖励", "Rewarded", source: "KZHQ-45, MTG-63")

    public static let kind = Kind(
        "complaint", "投诉举报", "Complaint",
        fields: [
            number.spec, division.spec, received.spec, channel.spec, topics.spec, against.spec, place.spec, text.spec, anonymous.spec,
            worker.spec, name.spec, contact.spec, account.spec, digest.spec, triaged.spec, triage.spec, function.spec, triageReason.spec,
            earlier.spec, due.spec, employer.spec, institution.spec, inspection.spec, file.spec, confirmed.spec, answered.spec, answer.spec,
            satisfaction.spec, reward.spec,
        ], day: received.spec, title: [number.spec], numbers: [Numbering(number, series: "complaint", word: "职卫诉")], check: check)

    private static func check(_ record: Record) -> [Refusal] {
        var refusals = Refusal.order(record[received], record[triaged], field: "triaged")
        refusals += Refusal.order(record[triaged] ?? record[received], record[answered], field: "answered")
        if record[anonymous] == true, record[name] != nil { refusals.append(Refusal("complaint.anonymous", field: "name")) }
        if (record[triaged] == nil) != (record[triage] == nil) { refusals.append(Refusal("field.required", field: "triage")) }
        switch record[triage] {
        case "refused", "handed":
            if record[triageReason] == nil { refusals.append(Refusal("field.required", field: "triage_reason")) }
        case "duplicate":
            if record[earlier] == nil || record[earlier] == record.id { refusals.append(Refusal("complaint.earlier", field: "earlier")) }
        default: break
        }
        if record[answered] != nil, record[answer] == nil { refusals.append(Refusal("field.required", field: "answer")) }
        if record[answered] != nil, record[triage] == nil { refusals.append(Refusal("complaint.untriaged", field: "answered")) }
        return refusals
    }
}
