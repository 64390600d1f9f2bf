import Foundation
import HTTPTypes
import Kernel
import Ledger
import Sheets
import Web

@testable import House

/// One question of the matrix: a route, the thing of the own unit that it is asked for, and what a browser or a program would send.
struct MatrixAsk: Sendable {
    let sign: String
    /// `-` where a route is asked for nothing in particular.
    let thing: String
    let route: Route
    let path: String
    var form: [String: String] = [:]
    var json: String?
    /// What an upload carries.
    var file: [UInt8]?
    var key: String { "\(sign) \(thing)" }
    /// A secret in the address is the key: whoever has it reads what it opens, and no canary is looked for.
    var isSecret: Bool { ["calendar_token", "invitation_token", "claim_token"].contains(thing) }
}

extension MatrixWorld {
    /// Kinds of which each unit has a record. The texts of each stand in `unit`.
    static let kinds = [
        "employer", "institution", "workplace", "post", "employer_hazard", "person_role", "notice", "worker", "employment", "exposure",
        "exam", "hearing_test", "suspected_case", "officer", "recusal", "test_commission", "test_report", "test_result", "declaration",
        "inspection_plan", "inspection", "inspection_item", "handover", "order", "rectification", "violation_case", "penalty_decision",
        "case_statement", "credit_listing", "credit_request", "credit_notice", "credit_receipt", "complaint", "grade", "training",
    ]
    /// Kinds of lists whose workbook is opened too: it comes of the same rows as the text file.
    static let workbooks: Set<String> = ["employer", "worker", "complaint", "penalty_decision", "hearing_test"]
    /// Records that changing routes are tried on.
    static let changed = [
        "inspection", "complaint", "penalty_decision", "exam", "hearing_test", "rectification", "test_report", "test_commission",
        "declaration", "worker",
    ]

    /// Every route with everything that it can be asked for. A route with parts in its path that is not told what they stand for is asked
    /// for nothing that exists, which the table's row must know.
    func asks() -> [MatrixAsk] { visitor.site.routes.flatMap(asks) }

    private func asks(_ route: Route) -> [MatrixAsk] {
        let things = things(route)
        return things.map { thing in
            var ask = MatrixAsk(sign: route.sign, thing: thing, route: route, path: path(route, thing))
            if route.changes {
                if route.path.hasPrefix("/api/") { ask.json = json(route, thing) } else { ask.form = form(route, thing) }
                if route.takesFile { ask.file = Array("%PDF-1.4\nx\n%%EOF".utf8) }
            }
            return ask
        }
    }

    /// What a route is asked for: things of the own unit by their names in `unit` and `doings`.
    private func things(_ route: Route) -> [String] {
        let path = route.path
        let isGet = route.method == .get
        if path.contains("/steps/") {
            return path.contains(":kind") ? ["declaration"] : ["declaration", "penalty_decision", "credit_request"]
        }
        if path.contains(":kind") {
            if path.hasSuffix("template.xlsx") { return ["employer"] }
            if path.hasSuffix(".xlsx") { return MatrixWorld.kinds.filter(MatrixWorld.workbooks.contains) }
            if !isGet { return ["employer", "rectification", "complaint", "exam"] }
            return path.hasSuffix("/new")
                ? ["employer", "complaint", "exam", "rectification", "recusal", "penalty_decision"] : MatrixWorld.kinds
        }
        if path.hasPrefix("/record/:id/print") { return ["order", "inspection", "penalty_decision", "complaint"] }
        if path == "/record/:id" || path.hasPrefix("/api/record/:id"), isGet {
            return MatrixWorld.kinds + ["citizen_complaint", "worker_complaint", "moved", "past_exam"]
        }
        if path == "/record/:id/edit", isGet { return MatrixWorld.kinds }
        if path.hasPrefix("/record/:id") || path.hasPrefix("/api/record/:id") { return MatrixWorld.changed }
        switch path {
        case "/records": return ["-", "search", "identity"]
        case "/drafts/:id": return ["draft", "employer_draft"]
        case "/drafts/:id/discard": return ["draft", "employer_draft"]
        case "/file/:id": return ["inspection_file", "complaint_file", "exam_file", "signature_file"]
        case "/file/:id/withdrawal": return ["inspection_file", "complaint_file"]
        case "/complaints/:id": return ["complaint", "citizen_complaint", "worker_complaint"]
        case "/workers/:id", "/workers/:id/unmasking": return ["worker", "moved"]
        case "/duty": return ["employer_duty", "complaint_duty"]
        case "/duties/assignment": return ["employer_duty", "complaint_duty"]
        case "/calendar/:token": return ["calendar_token", "nothing"]
        case "/invitation/:token": return ["invitation_token", "nothing"]
        case "/register/:token": return ["claim_token", "nothing"]
        case "/credit/:id", "/credit/:id/listings": return ["employer", "institution"]
        case "/accounts/invitations/:id/withdraw": return ["invitation", "officer_invitation", "city_invitation"]
        default: break
        }
        let known = [
            "/cases/": "violation_case", "/decisions/": "penalty_decision", "/listings/": "credit_listing",
            "/credit-requests/": "credit_request", "/credit-notices/": "credit_notice", "/complaints/": "complaint",
            "/inspections/": "inspection", "/orders/": "order", "/employers/": "employer", "/claims/": "claim",
            "/account/tokens/": "token_id", "/account/delegations/": "delegation", "/messages/:message": "message", "/import/:job": "job",
        ]
        guard path.contains("/:") else { return ["-"] }
        return [known.filter { path.hasPrefix($0.key) }.max { $0.key.count < $1.key.count }?.value ?? "-"]
    }

    private static let parts = [
        ":plan": "DOOR-2021-2025", ":indicator": "D1", ":table": "industry", ":key": "12", ":edition": "2025", ":clause": "5.1",
        ":step": "accept", ":name": "spare", ":question": "unit", ":token": "nothing", ":kind": "employer",
    ]

    private func path(_ route: Route, _ thing: String) -> String {
        var path = route.path
        switch path {
        case "/api/judge": return "/api/judge?kind=noise-week&level=80"
        case "/records" where thing != "-": return "/records?q=" + Visitor.escaped(thing == "search" ? "金丝雀" : MatrixWorld.identity)
        case "/records/:kind/lookup": return "/records/\(thing)/lookup?q=" + Visitor.escaped("金丝雀")
        case "/catalog/:table/lookup": return "/catalog/industry/lookup?q=C30"
        case "/duty": return "/duty" + (own[thing] ?? "")
        case "/calculate/:id": return "/calculate/shift"
        case "/public/decisions/:id": return "/public/decisions/\(own["penalty_decision"] ?? "")"
        case "/verify/:id/:document/:code": return "/verify/\(own["order"] ?? "")/order/\(String(repeating: "0", count: 32))"
        case "/inspect/new": return "/inspect/new?employer=\(own["employer"] ?? "")&order=\(own["order"] ?? "")"
        case "/duties", "/duties.csv", "/api/duties": return path + "?debtor=\(own["employer"] ?? "")"
        default: break
        }
        if path.hasPrefix("/lookup/factor") { path = path.replacingOccurrences(of: ":code", with: "B028") }
        path = path.replacingOccurrences(of: ":code", with: "D001")
        path = path.replacingOccurrences(of: ":draw", with: own["draw"] ?? "nothing")
        path = path.replacingOccurrences(of: ":evaluation", with: own["evaluation"] ?? "nothing")
        if path.contains("/print/") {
            let document = ["penalty_decision": "prior-notice", "complaint": "answer"][thing] ?? thing
            path = path.replacingOccurrences(of: ":document", with: document + ".pdf")
        }
        if thing != "-", path.contains(":kind") { path = path.replacingOccurrences(of: ":kind", with: thing) }
        for (name, value) in MatrixWorld.parts.sorted(by: { $0.key.count > $1.key.count }) where !(name == ":token" && thing != "-") {
            path = path.replacingOccurrences(of: name, with: value)
        }
        let id = own[thing] ?? "nothing"
        return path.split(separator: "/", omittingEmptySubsequences: false).map { $0.hasPrefix(":") ? id : String($0) }.joined(
            separator: "/")
    }

    // What is sent

    /// A form that would do what the route is for, so that it is the lock that refuses and not the first empty field. Its `version` is no
    /// record's but where a lock would stand behind it: whoever is let in is told of a conflict, and the next finds the thing as it was.
    private func form(_ route: Route, _ thing: String) -> [String: String] {
        let isTried = route.path.hasPrefix("/orders/") || route.path.contains("/steps/")
        var form = [
            "version": isTried ? "1" : "77", "reason": "核对", "remark": "核对", "_key": "01zzzzzzzzzzzzzzzzzzzzzz99", "day": "2022-06-20",
            "employer": own["employer"] ?? "",
            "answer": "return",
        ]
        switch route.path {
        case "/duties/assignment": form.merge(["key": own["\(thing)_key"] ?? "", "account": "spare"]) { $1 }
        case "/orders/:id/service": form.merge(["served": "2022-06-20", "manner": "direct", "receiver": "某人"]) { $1 }
        case "/orders/:id/closure": form.merge(["closed": "2022-06-20", "closing": "rectified"]) { $1 }
        case "/orders/:id/case": form["severity"] = "general"
        case "/orders/:id/evidence": form["text"] = ""
        case "/inspections/:id/order": form.merge(["issued": "2022-06-20", "due": "2022-07-20", "items": "E72-1", "facts": ""]) { $1 }
        case "/cases/:id/filing": form.merge(["filed": "2022-06-20", "facts": "x", "investigators": "甲、乙"]) { $1 }
        case "/decisions/:id/annulment": form["annulment"] = "核对"
        case "/decisions/:id/publication": form["summary"] = "核对"
        case "/decisions/:id/statements": form.merge(["type": "statement", "text": ""]) { $1 }
        case "/listings/:id/removal": form["removal"] = "repaired"
        case "/listings/:id/requests": form.merge(["type": "repair", "text": ""]) { $1 }
        case "/listings/:id/notices": form.merge(["functions": "finance", "due": "2020-01-01"]) { $1 }
        case "/complaints/:id/triage": form.merge(["triage": "accepted", "function": "health"]) { $1 }
        case "/complaints/:id/answer": form["answer"] = "核对"
        case "/complaints/:id/satisfaction": form["satisfaction"] = "fair"
        case "/credit-notices/:id/receipt": form["measures"] = "核对"
        case "/employers/:id/class": form.merge(["scheme": "none"]) { $1 }
        case "/account/delegations":
            form.merge(["taker": "spare", "functions": "finance", "from": "2022-07-01", "until": "2022-07-02"]) { $1 }
        case "/accounts/invite": form.merge(["role": "officer", "display": "某人", "functions": "health"]) { $1 }
        case "/records/:kind/steps/:step": form["id"] = own[thing]
        case "/sign-in": form = ["name": "nobody", "password": "nothing that fits"]
        case "/draws/:draw/source": form.merge(["value": "1", "evidence": "x"]) { $1 }
        case "/account/sessions/end": form["id"] = "nothing"
        case "/account/tokens": form.merge(["name": "", "days": "5"]) { $1 }
        case "/accounts/:name/close": form["successor"] = "nobody"
        case "/plans/:plan/evaluations": form.merge(["name": "", "type": "annual", "day": "2022-05-31"]) { $1 }
        case "/messages": form = ["do": "unread", "id": "nothing"]
        case "/mail/dead": form["id"] = "nothing"
        case "/import": form["kind"] = "employer"
        case "/records/:kind", "/records/:kind/drafts": form = [:]
        default: break
        }
        return form
    }
    private func json(_ route: Route, _ thing: String) -> String {
        route.path == "/api/judge" ? "{}" : "{\"values\":{},\"reason\":\"核对\",\"remark\":\"核对\"}"
    }

    func answer(_ ask: MatrixAsk, _ actor: Actor) async -> Visitor.Answer {
        let guest = guests[actor] ?? .stranger
        guard ask.route.changes else { return await visitor.get(ask.path, as: guest) }
        if let json = ask.json {
            return await visitor.send(
                ask.route.method, ask.path + (ask.route.method == .delete ? "?reason=x" : ""), guest, type: "application/json",
                Array(json.utf8), headers: ["X-CSRF-Token": guest.csrf, "If-Match": ask.path.contains("/steps/") ? "\"1\"" : "\"77\""])
        }
        if let file = ask.file { return await visitor.upload(ask.path, ask.form, file: "x.pdf", file, as: guest) }
        return await visitor.post(ask.path, ask.form, as: guest)
    }
}

/// What an answer says, whatever it is written in: workbooks and printed papers are opened.
enum MatrixText {
    static func of(_ answer: Visitor.Answer) throws -> [UInt8] {
        let type = answer.headers[.contentType] ?? ""
        var text = answer.bytes + Array(answer.headers.map { "\($0.name): \($0.value)\n" }.joined().utf8)
        if let disposition = answer.headers[.contentDisposition]?.removingPercentEncoding { text += Array(disposition.utf8) }
        text += Array((answer.location.removingPercentEncoding ?? "").utf8)
        guard answer.status == 200 else { return text }
        if type.contains("spreadsheetml") {
            let url = try kept(answer, "xlsx")
            defer { try? FileManager.default.removeItem(at: url) }
            for sheet in try SheetReader.sheets(url) {
                try SheetReader.read(url, sheet: sheet) { row in text += Array(row.cells.joined(separator: "\t").utf8) }
            }
        } else if type.hasPrefix("application/pdf"), answer.bytes.count > 1000 {
            let url = try kept(answer, "pdf")
            defer { try? FileManager.default.removeItem(at: url) }
            let process = Process()
            process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
            process.arguments = ["pdftotext", "-raw", url.path, "-"]
            let pipe = Pipe()
            process.standardOutput = pipe
            try process.run()
            let data = pipe.fileHandleForReading.readDataToEndOfFile()
            process.waitUntilExit()
            text += data.filter { $0 != 10 && $0 != 32 }
        }
        return text
    }
    private static func kept(_ answer: Visitor.Answer, _ ending: String) throws -> URL {
        let url = FileManager.default.temporaryDirectory.appendingPathComponent("matrix-\(UUID().uuidString).\(ending)")
        try Data(answer.bytes).write(to: url)
        return url
    }
}
