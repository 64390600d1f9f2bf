import Catalog
import Kernel
import Ledger

/// An order to rectify within a time 责令限期改正通知书: what failed, by which clauses, by when; how it was served and closed.
public enum Order {
    public static let employer = Field.reference("employer", "用人单位", "Employer", to: "employer", .part, .required)
    public static let inspection = Field.reference("inspection", "监督检查", "Inspection", to: "inspection", .mention)
    public static let number = Field.text("number", "文书编号", "Number of the order", max: 60).derived
    public static let issued = Field.day("issued", "签发日期", "Issued on", .required)
    public static let items = Field.codes("items", "责令改正的项目", "Items to rectify", of: "checklist_item", .required)
    public static let facts = Field.text("facts", "违法事实和改正要求", "Facts and what is required", .required, max: 4000)
    public static let clauses = Field.text("clauses", "依据条款", "Clauses", max: 2000).derived
    public static let due = Field.day("due", "改正期限", "To be rectified by", .required, future: true)
    public static let served = Field.day("served", "送达日期", "Served on")
    public static let manner = Field.code("manner", "送达方式", "Manner of service", of: "service_manner")
    public static let receiver = Field.text("receiver", "签收人", "Received by", max: 60, sensitivity: .personal)
    public static let closed = Field.day("closed", "办结日期", "Closed on")
    public static let closing = Field.code("closing", "办结方式", "How it was closed", of: "order_closing")
    /// The case that an order not obeyed became.
    public static let violation = Field.reference("case", "立案案件", "Case", to: "violation_case", .mention)
    public static let kind = Kind(
        "order", "责令改正通知书", "Rectification order",
        fields: [
            employer.spec, inspection.spec, number.spec, issued.spec, items.spec, facts.spec, clauses.spec, due.spec, served.spec,
            manner.spec, receiver.spec, closed.spec, closing.spec, violation.spec,
        ], day: issued.spec, title: [number.spec, due.spec], numbers: [Numbering(number, series: "order", word: "责令改正")],
        check: { record in
            var refusals = Refusal.order(record[issued], record[due], field: "due")
            refusals += Refusal.order(record[issued], record[served], field: "served")
            refusals += Refusal.order(record[issued], record[closed], field: "closed")
            if record[served] != nil, record[manner] == nil { refusals.append(Refusal("field.required", field: "manner")) }
            if record[closed] != nil, record[closing] == nil { refusals.append(Refusal("field.required", field: "closing")) }
            if record[closing] != nil, record[closed] == nil { refusals.append(Refusal("field.required", field: "closed")) }
            if record[closing] == "case", record[violation] == nil { refusals.append(Refusal("field.required", field: "case")) }
            return refusals
        },
        complete: { record, taking in
            let clauses = (record[items] ?? []).compactMap { taking.catalog.checklistItem($0)?.clause }
            record[Order.clauses] = clauses.isEmpty ? nil : String(clauses.joined(separator: "；").prefix(2000))
        })
}

/// What an employer hands in to show that an order was obeyed 整改材料: words, photos, the report of a test made again.
public enum Rectification {
    public static let order = Field.reference("order", "责令改正通知书", "Order", to: "order", .part, .required)
    public static let day = Field.day("day", "提交日期", "Handed in on", .required)
    public static let text = Field.text("text", "整改情况", "What was done", .required, max: 4000)
    public static let report = Field.reference("report", "复测报告", "Report of the re-test", to: "test_report", .mention)
    public static let kind = Kind(
        "rectification", "整改材料", "Rectification", fields: [order.spec, day.spec, text.spec, report.spec], day: day.spec,
        title: [day.spec])
}
