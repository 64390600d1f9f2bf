import Kernel
import Ledger

/// Declaration of hazard projects 职业病危害项目申报 (Law Art. 16; Order 48 of 2012).
public enum Filing {
    public static let employer = Field.reference("employer", "用人单位", "Employer", to: "employer", .part, .required)
    public static let type = Field.code("type", "申报类型", "Type", of: "declaration_type", .required)
    public static let submitted = Field.day("submitted", "申报日期", "Submitted on", .required)
    public static let accepted = Field.day("accepted", "受理日期", "Accepted on")
    public static let factors = Field.codes("factors", "申报的危害因素", "Factors declared", of: "factor")
    public static let kind = Kind(
        "declaration", "危害项目申报", "Declaration", fields: [employer.spec, type.spec, submitted.spec, accepted.spec, factors.spec],
        day: submitted.spec, title: [type.spec, submitted.spec]
    ) { Refusal.order($0[submitted], $0[accepted], field: "accepted") }
}
public let kinds: [Kind] = [Filing.kind]
