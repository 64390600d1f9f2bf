import Kernel
import Ledger

/// A registered patient 职业病病人 in follow-up, with the township of residence.
public enum Patient {
    public static let worker = Field.reference("worker", "劳动者", "Worker", to: "worker", .part, .required)
    public static let division = Field.division("division", "居住乡镇", "Township of residence", township: true, .required)
    public static let pneumoconiosis = Field.flag("pneumoconiosis", "尘肺病", "Pneumoconiosis", .required)
    public static let registered = Field.day("registered", "登记日期", "Registered on", .required)
    public static let died = Field.day("died", "死亡日期", "Died on")
    public static let liable = Field.flag("liable", "有责任用人单位", "Liable employer known")
    public static let kind = Kind(
        "patient", "职业病病人", "Patient", fields: [worker.spec, division.spec, pneumoconiosis.spec, registered.spec, died.spec, liable.spec],
        day: registered.spec, title: [registered.spec]
    ) { Refusal.order($0[registered], $0[died], field: "died") }
}

/// Rehabilitation station 康复站(点) of a township.
public enum Station {
    public static let name = Field.text("name", "名称", "Name", .required)
    public static let division = Field.division("division", "所在乡镇", "Township", township: true, .required)
    public static let from = Field.day("from", "启用日期", "Open from", .required)
    public static let until = Field.day("until", "停用日期", "Open until")
    public static let kind = Kind(
        "rehab_station", "康复站", "Rehabilitation station", fields: [name.spec, division.spec, from.spec, until.spec], day: from.spec,
        title: [name.spec]
    ) { Refusal.order($0[from], $0[until], field: "until") }
}

/// Services given by a station 康复服务.
public enum Service {
    public static let station = Field.reference("station", "康复站", "Station", to: "rehab_station", .part, .required)
    public static let division = Field.division("division", "所在乡镇", "Township", township: true, .required)
    public static let day = Field.day("day", "服务日期", "Day", .required)
    public static let persons = Field.integer("persons", "服务人次", "Persons", 1...100_000)
    public static let kind = Kind(
        "rehab_service", "康复服务", "Rehabilitation service", fields: [station.spec, division.spec, day.spec, persons.spec], day: day.spec,
        title: [day.spec])
}

/// What one payer did for a patient 支付方台账: paid, refused, not applicable, and the step to the next payer.
public enum PayerEntry {
    public static let patient = Field.reference("patient", "病人", "Patient", to: "patient", .part, .required)
    public static let payer = Field.code("payer", "支付方", "Payer", of: "payer", .required)
    public static let day = Field.day("day", "办理日期", "Day", .required)
    public static let outcome = Field.code("outcome", "结果", "Outcome", of: "payer_outcome", .required)
    public static let kind = Kind(
        "payer_entry", "支付方台账", "Payer ledger entry", fields: [patient.spec, payer.spec, day.spec, outcome.spec], day: day.spec,
        title: [payer.spec, day.spec])
}
public let kinds: [Kind] = [Patient.kind, Station.kind, Service.kind, PayerEntry.kind]
