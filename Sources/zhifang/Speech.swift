import Kernel
import Ledger
import Planning
import Web

extension Speech {
    /// The words catalogue of the pages serves the command line too: one place where a refusal is put into words.
    private static let pages: Pages? = try? Pages()
    private var language: Language { isEnglish ? .english : .chinese }

    func say(_ refusal: Refusal, in kind: Kind? = nil) -> String {
        let words = Speech.pages?.say(refusal, in: language) ?? refusal.description
        let field = refusal.field.flatMap { name in kind?.field(named: name).map { isEnglish ? $0.en : $0.zh } ?? name }
        let place = [refusal.row.map { self("第 \($0) 行", "row \($0)") }, field].compactMap { $0 }.joined(separator: " · ")
        return (place.isEmpty ? "" : place + ": ") + words + " [\(refusal.code)]"
    }
    func say(_ problem: PlanProblem) -> String {
        let refusal = Refusal(problem.code, field: problem.field, problem.details)
        return self(problem.isWarning ? "提醒" : "错误", problem.isWarning ? "warning" : "error") + " " + say(refusal)
    }
}

extension Speech {
    /// A flaw of the audit in words.
    func say(_ flaw: AuditCheck.Flaw) -> String {
        let details = ["home": flaw.home, "line": String(flaw.line), "head": flaw.head.map { String($0) } ?? "", "subject": flaw.subject]
        return Speech.pages?.word("audit.flaw.\(flaw.code.rawValue)", details, in: language) ?? flaw.description
    }
}
