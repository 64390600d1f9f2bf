import Accounts
import Hummingbird
import Kernel
import Ledger
import Web

/// Tokens for machines: made by whoever they act for, shown once.
func tokenRoutes(_ office: Office) -> [Route] {
    [
        Route(.get, "/account/tokens", needs: .signedIn) { call in try await tokensPage(office, call) },
        Route(.post, "/account/tokens", needs: .signedIn) { call in
            do {
                let token = try await office.accounts.addToken(
                    name: call.given("name"), days: Int(call.given("days")) ?? 0, mayWrite: call.given("may_write") == "1", by: call.person)
                return try await tokensPage(office, call, made: token)
            } catch let refusal as Refusal where refusal.code != "access.denied" {
                return try await tokensPage(office, call, refused: refusal)
            }
        },
        Route(.post, "/account/tokens/:id/revoke", needs: .signedIn) { call in
            try await office.accounts.revokeToken(try call.part("id"), by: call.person)
            return call.redirect(to: "/account/tokens")
        },
    ]
}

private func tokensPage(_ office: Office, _ call: Call, made: String? = nil, refused: Refusal? = nil) async throws -> Response {
    let tokens = try await office.accounts.tokens(of: call.person.name)
    var page = DeskPage(frame: office.frame(call), heading: call.word("token.title"), lead: call.word("token.lead"))
    page.crumbs = [View.Link(text: call.word("account.title"), href: "/account")]
    if let made { page.keep = [View.Fact(label: call.word("token.once"), value: made)] }
    func error(_ name: String) -> String? { refused.flatMap { $0.field == name ? call.say($0) : nil } }
    if let refused { page.errors = [View.FormError(anchor: refused.field ?? "", label: "", text: call.say(refused))] }
    if !call.person.role.isAdministrator {
        page.forms = [
            View.DeskForm(
                id: "token", title: call.word("token.new"), action: "/account/tokens",
                fields: [
                    View.FormField(
                        name: "name", label: call.word("token.name"), value: call.given("name"), error: error("name"), required: true,
                        control: .text(max: 60)),
                    View.FormField(
                        name: "days", label: call.word("token.days"), value: call.given("days").isEmpty ? "90" : call.given("days"),
                        error: error("days"), required: true, control: .number(min: "1", max: "400", step: "1")),
                    View.FormField(
                        name: "may_write", label: call.word("token.may"), required: true,
                        control: .select([
                            View.Option(value: "0", text: call.word("token.read")), View.Option(value: "1", text: call.word("token.write")),
                        ])),
                ], button: call.word("token.make"), isOpen: tokens.isEmpty)
        ]
    }
    page.forms += tokens.map { token in
        let used = token.usedAt.map { String($0.description.dropLast(3)) } ?? call.word("token.unused")
        return View.DeskForm(
            id: token.id, title: "\(token.name) · \(call.word(token.mayWrite ? "token.write" : "token.read"))",
            note: call.word("token.facts", ["value": String(token.expiresAt.description.dropLast(3)), "limit": used]),
            action: "/account/tokens/\(token.id)/revoke", button: call.word("token.revoke"), isDanger: true)
    }
    return try call.page("desk", page, status: refused.map { status(of: $0) } ?? .ok)
}
