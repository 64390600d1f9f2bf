import Kernel
import Ledger

/// An acute occupational-hazard incident 急性职业病危害事故.
public enum Incident {
    public static let employer = Field.reference("employer", "用人单位", "Employer", to: "employer", .mention)
    public static let division = Field.division("division", "发生县区", "County", .required)
    public static let day = Field.day("day", "发生日期", "Day", .required)
    public static let level = Field.code("level", "事故等级", "Class", of: "incident_level")
    public static let harmed = Field.integer("harmed", "中毒或患病人数", "Persons harmed", 0...100_000)
    public static let died = Field.integer("died", "死亡人数", "Deaths", 0...100_000)
    public static let kind = Kind(
        "incident", "急性危害事故", "Acute incident", fields: [employer.spec, division.spec, day.spec, level.spec, harmed.spec, died.spec],
        day: day.spec, title: [day.spec])
}
public let kinds: [Kind] = [
    PlannedInspection.kind, Recusal.kind,
    Inspection.kind, InspectionItem.kind, Handover.kind, Order.kind, Rectification.kind, Case.kind, PenaltyDecision.kind,
    CaseStatement.kind, Grade.kind, Incident.kind, CreditListing.kind, CreditRequest.kind, CreditNotice.kind, CreditReceipt.kind,
    Complaint.kind,
]
