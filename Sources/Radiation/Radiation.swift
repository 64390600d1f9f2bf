import Kernel
import Ledger

/// Radiation worker 放射工作人员 in post at an employer, which is a medical institution or not.
public enum RadiationWorker {
    public static let worker = Field.reference("worker", "劳动者", "Worker", to: "worker", .part, .required)
    public static let employer = Field.reference("employer", "用人单位", "Employer", to: "employer", .mention, .required)
    public static let from = Field.day("from", "上岗日期", "In post from", .required)
    public static let until = Field.day("until", "离岗日期", "In post until")
    public static let kind = Kind(
        "radiation_worker", "放射工作人员", "Radiation worker", fields: [worker.spec, employer.spec, from.spec, until.spec], day: from.spec,
        title: [from.spec]
    ) { Refusal.order($0[from], $0[until], field: "until") }
}

/// Personal dose of a monitoring period 个人剂量监测 (GBZ 128), measured or nominal 名义剂量.
public enum Dose {
    public static let radiationWorker = Field.reference(
        "radiation_worker", "放射工作人员", "Radiation worker", to: "radiation_worker", .part, .required)
    public static let from = Field.day("from", "佩戴起始", "Period from", .required)
    public static let until = Field.day("until", "佩戴终止", "Period until", .required)
    public static let dose = Field.decimal("dose", "个人剂量当量（mSv）", "Dose (mSv)", 0...10_000)
    public static let nominal = Field.flag("nominal", "名义剂量", "Nominal dose")
    public static let approved = Field.flag("approved", "名义剂量已批准", "Nominal dose approved")
    /// Hp(10), Hp(3) or Hp(0.07); blank is Hp(10).
    public static let quantity = Field.code("quantity", "剂量当量", "Quantity", of: "dose_quantity", source: "GBZ 128")
    public static let belowDetection = Field.flag("below_mdl", "低于最低探测水平", "Below the MDL", source: "GBZ 128")
    public static let mdl = Field.decimal("mdl", "最低探测水平（mSv）", "MDL (mSv)", 0...100, source: "GBZ 128")
    /// How a nominal dose was worked out.
    public static let method = Field.code("nominal_method", "名义剂量确定方法", "Nominal dose from", of: "dose_method", source: "GBZ 128")
    public static let device = Field.text("device", "剂量计编号", "Dosemeter", max: 64)
    public static let kind = Kind(
        "dose", "个人剂量", "Personal dose",
        fields: [
            radiationWorker.spec, from.spec, until.spec, dose.spec, nominal.spec, approved.spec, quantity.spec, belowDetection.spec,
            mdl.spec,
            method.spec, device.spec,
        ], day: until.spec, title: [from.spec, until.spec]
    ) { Refusal.order($0[from], $0[until], field: "until") }
}
public let kinds: [Kind] = [RadiationWorker.kind, Dose.kind]
