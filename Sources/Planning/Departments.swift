import Kernel
import Ledger
import Storage
import Synchronization

/// Departments 部门 to functions 职能 by the plans' dated tables: 2018 moved half of them. An account names `plan/department` and has the
/// functions that the department holds on the day.
public final class DepartmentTable: Sendable {
    private let kept = Mutex<(digests: [String], rows: [String: [Department]])>(([], [:]))
    public init() {}

    /// How an account writes a department.
    public static func value(plan: String, department: String) -> String { "\(plan)/\(department)" }

    /// The functions of a department on a day; none for one that no plan has, or that holds none then.
    public func functions(_ ledger: Ledger, _ db: any Connection, of value: String, on day: Day) throws -> [String] {
        let digests = try db.rows("SELECT digest FROM plan_edition ORDER BY plan, edition").map { try $0.get("digest", as: String.self) }
        if kept.withLock({ $0.digests != digests }) {
            var rows: [String: [Department]] = [:]
            for (plan, _) in try Boards(ledger).plans(db) {
                for department in plan.departments {
                    rows[DepartmentTable.value(plan: plan.id, department: department.name.zh), default: []].append(department)
                }
            }
            let found = rows
            kept.withLock { $0 = (digests, found) }
        }
        let all = kept.withLock { $0.rows[value] ?? [] }
        return all.filter { $0.force.contains(day) }.map(\.function)
    }
}
