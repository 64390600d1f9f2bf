import Catalog
import Institutions
import Kernel
import Ledger
import Registry

/// A test that an employer asks an institution for 检测委托: where, for which factors, on which day.
public enum TestCommission {
    public static let employer = Field.reference("employer", "用人单位", "Employer", to: "employer", .part, .required)
    public static let institution = Field.reference("institution", "检测机构", "Institution", to: "institution", .mention, .required)
    public static let type = Field.code("type", "检测类型", "Type", of: "test_type", .required)
    public static let asked = Field.day("asked", "委托日期", "Asked on", .required)
    public static let planned = Field.day("planned", "希望采样日期", "Sampling wanted on", .required, future: true)
    public static let posts = Field.text("posts", "检测的工作场所和岗位", "Workplaces and posts", .required, max: 500)
    public static let factors = Field.codes("factors", "检测的危害因素", "Factors", of: "factor")
    public static let contact = Field.text("contact", "现场陪同人及电话", "Who accompanies, with phone", max: 100, sensitivity: .personal)
    /// The day on which the institution accepted it; it declines by returning it with its reason.
    public static let accepted = Field.day("accepted", "接受日期", "Accepted on")
    public static let answered = Field.day("answered", "答复日期", "Answered on").derived
    public static let kind = Kind(
        "test_commission", "检测委托", "Commission of a test",
        fields: [
            employer.spec, institution.spec, type.spec, asked.spec, planned.spec, posts.spec, factors.spec, contact.spec, accepted.spec,
            answered.spec,
        ], day: asked.spec, title: [type.spec, planned.spec],
        flow: Flow(
            accepted: accepted, receiver: institution,
            filling: { record, step, today in
                switch step {
                case .accept, .sendBack: record[answered] = today
                case .submit: record[answered] = nil
                case .cancel: break
                }
            }),
        check: { Refusal.order($0[asked], $0[planned], field: "planned") }, complete: complete)

    /// Nobody is asked for what they may not do on the day (Order 4 of 2020, Art. 4, 6).
    private static func complete(_ record: inout Record, _ taking: Taking) throws {
        let decisive = [employer.spec, institution.spec, planned.spec, factors.spec]
        guard !taking.keeps(decisive, of: record), let day = record[planned] else { return }
        guard let target = try taking.target(of: institution, in: record) else { return }
        let all = try [target] + taking.records(Qualification.kind, naming: target.id)
        guard let file = Book(all, divisions: taking.catalog.divisions).file(target.id) else { return }
        let place = try taking.target(of: employer, in: record)?[Employer.division]
        let profile = InstitutionProfile(file)
        let asked = (record[factors] ?? []).map(Optional.some)
        for factor in asked.isEmpty ? [nil] : asked {
            let category = factor.flatMap { taking.catalog.tables["factor"]?[$0]?.group } ?? ""
            let details = ["value": target.title, "limit": day.description]
            let named = factor.map {
                ["expected": taking.catalog.title("factor", $0), "expected_en": taking.catalog.title("factor", $0, english: true)]
            }
            switch profile.reach("testing", factor: factor, category: category, in: place, on: day) {
            case .covered, .unknown: break
            case .unqualified: throw Refusal("report.institution.unqualified", field: institution.spec.name, details)
            case .otherProvince: throw Refusal("report.institution.province", field: institution.spec.name, details)
            case .outside:
                throw Refusal("report.institution.outside", field: institution.spec.name, details.merging(named ?? [:]) { $1 })
            }
        }
    }
}

/// What an institution owes after it was asked: an answer by the day wanted, then the report. Own rule; the contract sets it, no clause.
let commissionDuty = Measure(
    "test_commission", "检测委托的答复和报告", "Answer and report of a commissioned test", .rate,
    numerator: ("已出具报告的委托", "commissions with a report"), denominator: ("接受的或到期未答复的委托", "commissions accepted, or past their day"),
    clause: "检测委托（合同约定）", isClock: true, files: [(Employer.kind, commissionStrands)])

/// Each commission: pending until the day wanted, unmet while it is unanswered behind it; once accepted pending until a report names it,
/// met by that until its calendar year ends. Nobody owes what was declined.
func commissionStrands(_ file: File, _ terms: Terms) -> [Strand] {
    let commissions = file.all(TestCommission.kind)
    guard !commissions.isEmpty else { return [] }
    let locus = EmployerProfile(file).locus
    let reports = file.all(TestReport.kind)
    return commissions.compactMap { commission in
        guard let asked = commission[TestCommission.asked], let planned = commission[TestCommission.planned],
            let institution = file.profile(file.id(TestCommission.institution, of: commission))?.id
        else { return nil }
        let report = reports.filter { file.id(TestReport.commission, of: $0) == commission.id }.min {
            ($0[TestReport.issued] ?? $0[TestReport.sampled] ?? .distantFuture, $0.id)
                < ($1[TestReport.issued] ?? $1[TestReport.sampled] ?? .distantFuture, $1.id)
        }
        var changes: [Timeline<Standing>.Change] = [
            .init(asked, .pending), .init(max(asked, planned) + 1, .unmet("commission.unanswered", commission.id)),
        ]
        if let day = commission[TestCommission.answered] ?? commission[TestCommission.accepted] {
            changes.removeAll { $0.day > day }
            changes.append(.init(max(day, asked), commission.state == .returned ? .out : .pending))
        }
        if let report, let done = report[TestReport.issued] ?? report[TestReport.sampled] {
            changes.removeAll { $0.day >= done }
            changes += [.init(max(done, asked), .met(report.id)), .init(.firstDay(of: max(done, asked).year + 1), .out)]
        }
        return Strand(commission.id, debtor: institution, Timeline(.out, changes), at: locus)
    }
}
