import Hummingbird
import Kernel
import Ledger
import Storage
import Web

/// The audit's own page: for the role that reads it, and for nobody else.
func auditRoutes(_ office: Office) -> [Route] {
    [
        Route(.get, "/audit", needs: .signedIn) { call in
            guard mayDo(call.person, .readAudit, at: .common) else { throw Refusal("access.denied") }
            let search = call.asked("q")
            let (lines, breaks) = try await office.ledger.store.read { db in
                (try Audit(db).lines(subject: search, limit: 500), try Audit(db).breaks())
            }
            let heads = ["audit.moment", "audit.person", "audit.door", "audit.subject", "audit.detail", "audit.line"].map { call.word($0) }
            let rows = lines.map { line in
                let texts = [line.moment.description, line.person, line.door, line.subject, line.detail, "\(line.home) \(line.sequence)"]
                return View.Row(cells: zip(heads, texts).map { View.Cell(label: $0, text: $1) })
            }
            let notice =
                breaks.isEmpty
                ? View.Notice(tone: "good", text: call.word("audit.whole"))
                : View.Notice(tone: "bad", text: call.word("audit.broken", ["value": breaks.joined(separator: "; ")]))
            return try call.page(
                "records",
                RecordsPage(
                    frame: office.frame(call), title: call.word("audit.title"), kindsHref: "/audit", action: "/audit", query: search ?? "",
                    columns: heads.map { View.Column(text: $0) }, rows: rows, total: String(rows.count), notices: [notice]))
        }
    ]
}
