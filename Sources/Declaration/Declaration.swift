import Kernel
import Ledger

/// Declaration of hazard projects 职业病危害项目申报 (Law Art. 16; Order 48 of 2012).
public enum Filing {
    public static let employer = Field.reference("employer", "用人单位", "Employer", to: "employer", .part, .required)
    public static let type = Field.code("type", "申报类型", "Type", of: "declaration_type", .required)
    public static let submitted = Field.day("submitted", "申报日期", "Submitted on", .required)
    public static let accepted = Field.day("accepted", "受理日期", "Accepted on")
    public static let factors = Field.codes("factors", "申报的危害因素", "Factors declared", of: "factor")
    public static let cause = Field.reference("cause", "所报事由", "Cause declared", to: "declaration_cause", .mention)
    public static let received = Field.day("received", "收到日期", "Received on")
    public static let receipt = Field.day("receipt", "回执日期", "Receipt issued on")
    public static let receiptNumber = Field.text("receipt_number", "回执编号", "Receipt number", max: 60)
    public static let kind = Kind(
        "declaration", "危害项目申报", "Declaration",
        fields: [
            employer.spec, type.spec, submitted.spec, accepted.spec, factors.spec, cause.spec, received.spec, receipt.spec,
            receiptNumber.spec,
        ], day: submitted.spec, title: [type.spec, submitted.spec],
        flow: Flow(accepted: accepted) { record, step, today in
            if step == .accept, record[receipt] == nil { record[receipt] = today }
        }, numbers: [Numbering(receiptNumber, series: "declaration-receipt", word: "申报受理", on: .accepted)]
    ) {
        Refusal.order($0[submitted], $0[accepted], field: "accepted") + Refusal.order($0[submitted], $0[received], field: "received")
            + Refusal.order($0[received] ?? $0[submitted], $0[receipt], field: "receipt")
    }
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
public let kinds: [Kind] = [Filing.kind, DeclarationCause.kind]
