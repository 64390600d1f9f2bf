import Catalog
import Kernel
import Ledger

/// An inspection 监督检查 of an employer or of an institution: who inspected, why, what the check-list says, who signed.
public enum Inspection {
    public static let employer = Field.reference("employer", "用人单位", "Employer", to: "employer", .part)
    public static let institution = Field.reference("institution", "服务机构", "Institution", to: "institution", .part)
    public static let day = Field.day("day", "检查日期", "Day", .required)
    public static let mode = Field.code("mode", "检查方式", "Mode", of: "inspection_mode")
    public static let cause = Field.code("cause", "检查事由", "Cause", of: "inspection_cause")
    /// The report whose exceedance it takes over, and the order that it checks again.
    public static let report = Field.reference("report", "移交的检测报告", "Report handed over", to: "test_report", .mention)
    public static let order = Field.reference("order", "复查的责令改正通知书", "Order checked again", to: "order", .mention)
    /// The planned inspection that it carries out 所执行的计划检查.
    public static let planned = Field.reference("planned", "计划检查", "Planned inspection", to: "inspection_plan", .mention)
    /// At least two act together (Administrative Penalty Law, Art. 42).
    public static let lead = Field.reference("inspector", "检查人员一", "First inspector", to: "officer", .mention, source: "行政处罚法（2021修订）第42条")
    public static let second = Field.reference(
        "inspector_2", "检查人员二", "Second inspector", to: "officer", .mention, source: "行政处罚法（2021修订）第42条")
    public static let others = Field.text("others", "其他参加人员", "Others present")
    public static let findings = Field.text("findings", "检查发现", "Findings", max: 2000)
    /// Who stood for the inspected party and whether they signed; a refusal has its reason and a witness.
    public static let party = Field.text("party", "被检查单位在场人员", "Present for the inspected party", max: 60, sensitivity: .personal)
    public static let signed = Field.code("signed", "被检查单位签字", "Signature of the inspected party", of: "signing")
    public static let refusal = Field.text("refusal", "拒绝签字的理由", "Why it was refused")
    public static let witness = Field.text("witness", "见证人", "Witness", max: 60, sensitivity: .personal)

    public static let kind = Kind(
        "inspection", "监督检查", "Inspection",
        fields: [
            employer.spec, institution.spec, day.spec, mode.spec, cause.spec, report.spec, order.spec, planned.spec, lead.spec, second.spec,
            others.spec, findings.spec, party.spec, signed.spec, refusal.spec, witness.spec,
        ], day: day.spec, title: [day.spec]
    ) { record in
        var refusals = (record[employer] == nil) == (record[institution] == nil) ? [Refusal("inspection.subject", field: "employer")] : []
        // Old inspections come without names; one name alone is never enough.
        if (record[lead] == nil) != (record[second] == nil) {
            refusals.append(Refusal("inspection.two", field: record[lead] == nil ? "inspector" : "inspector_2"))
        } else if let first = record[lead], first == record[second] {
            refusals.append(Refusal("inspection.same", field: "inspector_2"))
        }
        if record[signed] == "refused", record[refusal] == nil { refusals.append(Refusal("field.required", field: "refusal")) }
        if record[signed] == "refused", record[witness] == nil { refusals.append(Refusal("field.required", field: "witness")) }
        return refusals
    }
}

/// One item of the check-list at one inspection 检查项目.
public enum InspectionItem {
    public static let inspection = Field.reference("inspection", "监督检查", "Inspection", to: "inspection", .part, .required)
    public static let item = Field.code("item", "检查项目", "Item", of: "checklist_item", .required)
    public static let result = Field.code("result", "结果", "Result", of: "check_result", .required)
    public static let note = Field.text("note", "说明", "Note", max: 1000)
    public static let clause = Field.text("clause", "依据条款", "Clause", max: 80).derived
    public static let kind = Kind(
        "inspection_item", "检查项目记录", "Check-list result", fields: [inspection.spec, item.spec, result.spec, note.spec, clause.spec],
        keys: [[inspection.spec, item.spec]], title: [item.spec, result.spec],
        check: { record in
            // What fails is said in words, so that an order can say it too.
            record[result] == "no" && record[note] == nil ? [Refusal("inspection.note", field: "note")] : []
        },
        complete: { record, taking in
            record[clause] = record[item].flatMap { taking.catalog.checklistItem($0)?.clause }
        })
}

/// How the items of an order stood when it was checked again.
enum Recheck: Equatable {
    case passed, failed
    /// Not all of them were looked at.
    case open
}

extension File {
    /// What an inspection found of some items.
    func recheck(_ inspection: Record, of items: [String]) -> Recheck {
        let looked = all(InspectionItem.kind, of: InspectionItem.inspection, inspection.id)
        func results(of item: String) -> [String] {
            looked.filter { $0[InspectionItem.item] == item }.compactMap { $0[InspectionItem.result] }
        }
        if items.contains(where: { results(of: $0).contains("no") }) { return .failed }
        return items.allSatisfy { item in results(of: item).contains { $0 == "yes" || $0 == "not_applicable" } } ? .passed : .open
    }
}
