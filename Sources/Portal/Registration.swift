import Accounts
import Catalog
import HTTPTypes
import Hummingbird
import Kernel
import Ledger
import Storage
import Web

/// How accounts come about without an administrator's hands: invitations taken up, organisations that ask, somebody of the public.
func registrationRoutes(_ office: Office) -> [Route] {
    [
        Route(.get, "/invitation/:token", needs: .anyone) { call in try await invitationPage(office, call) },
        Route(.post, "/invitation/:token", needs: .anyone) { call in
            do {
                guard call.given("password") == call.given("again") else { throw Refusal("password.again") }
                try await office.accounts.takeUp(
                    try call.part("token"), name: call.given("name"), display: call.given("display"), password: call.given("password"))
                return call.redirect(to: "/sign-in")
            } catch let refusal as Refusal where refusal.code != "invitation.over" {
                return try await invitationPage(office, call, error: refusal)
            }
        },
        Route(.get, "/register", needs: .anyone) { call in try registerPage(office, call) },
        Route(.post, "/register", needs: .anyone) { call in
            do {
                guard call.given("password") == call.given("again") else { throw Refusal("password.again") }
                let token = try await office.accounts.claim(
                    creditCode: call.given("credit_code"), name: call.given("name"), county: call.given("division"),
                    contact: call.given("contact"), phone: call.given("phone"), password: call.given("password"))
                return call.redirect(to: "/register/\(token)")
            } catch let refusal as Refusal {
                return try registerPage(office, call, error: refusal)
            }
        },
        Route(.get, "/register/person", needs: .anyone) { call in try personPage(office, call) },
        Route(.post, "/register/person", needs: .anyone) { call in
            do {
                guard call.given("password") == call.given("again") else { throw Refusal("password.again") }
                let name = try await office.accounts.register(display: call.given("display"), password: call.given("password"))
                return try call.page(
                    "panels",
                    PanelsPage(
                        frame: office.frame(call), title: call.word("register.person.done"),
                        panels: [
                            View.Panel(
                                "name", call.word("sign-in.name"), note: call.word("register.person.keep"), lines: [name],
                                links: [View.Link(text: call.word("nav.sign-in"), href: "/sign-in", current: true)])
                        ], isNarrow: true))
            } catch let refusal as Refusal {
                return try personPage(office, call, error: refusal)
            }
        },
        Route(.get, "/register/:token", needs: .anyone) { call in try await standPage(office, call) },
        Route(.get, "/claims", needs: .signedIn) { call in try await claimsPage(office, call) },
        Route(.post, "/claims/:id/accept", needs: .signedIn) { call in
            try await answering(office, call) { try await office.accounts.accept(claim: try call.part("id"), by: call.person) }
        },
        Route(.post, "/claims/:id/refuse", needs: .signedIn) { call in
            try await answering(office, call) {
                try await office.accounts.refuse(claim: try call.part("id"), why: call.given("reason"), by: call.person)
            }
        },
    ]
}

private func passwordFields(_ call: Call) -> [View.PanelField] {
    [
        View.PanelField(
            "password", call.word("setup.password"), type: "password", autocomplete: "new-password", minimum: Password.minimum,
            hint: call.word("account.password.rule", ["minimum": String(Password.minimum)])),
        View.PanelField("again", call.word("setup.again"), type: "password", autocomplete: "new-password", minimum: Password.minimum),
    ]
}
private func narrow(
    _ office: Office, _ call: Call, title: String, lead: String, form: View.PanelForm, facts: [View.Fact] = [], error: Refusal?,
    links: [View.Link] = []
) throws -> Response {
    var response = try call.page(
        "panels",
        PanelsPage(
            frame: office.frame(call), title: call.word(title), lead: call.word(lead),
            notices: error.map { [View.Notice(tone: "bad", text: call.say($0))] } ?? [],
            panels: [View.Panel("panel", call.word("register.yours"), facts: facts, forms: [form], links: links)], isNarrow: true))
    if let error { response.status = status(of: error) }
    return response
}

private func invitationPage(_ office: Office, _ call: Call, error: Refusal? = nil) async throws -> Response {
    let invitation = try await office.accounts.invitation(try call.part("token"))
    if let account = invitation.account {
        return try narrow(
            office, call, title: "invite.password.title", lead: "invite.password.lead",
            form: View.PanelForm(
                "form-invitation", action: call.request.uri.path, submit: call.word("account.password.set"), fields: passwordFields(call),
                isMain: true), facts: [View.Fact(label: call.word("sign-in.name"), value: account)], error: error)
    }
    var facts = [View.Fact(label: call.word("sign-in.role"), value: call.word("role.\(invitation.seat.role.rawValue)"))]
    if !invitation.seat.division.isEmpty {
        facts.append(
            View.Fact(label: call.word("account.division"), value: office.ledger.catalog.divisions.name(invitation.seat.division)))
    }
    if !invitation.seat.organisation.isEmpty {
        let id = invitation.seat.organisation
        let titles = try await office.ledger.store.read { [ledger = office.ledger] in try ledger.titles($0, [id]) }
        facts.append(View.Fact(label: call.word("account.organisation"), value: titles[id]?.title ?? id))
    }
    facts.append(View.Fact(label: call.word("invite.until"), value: office.short(invitation.expiresAt)))
    let form = View.PanelForm(
        "form-invitation", action: call.request.uri.path, submit: call.word("invite.take-up"),
        fields: [
            View.PanelField(
                "name", call.word("sign-in.name"), value: call.given("name"), autocomplete: "username", hint: call.word("invite.name.hint")),
            View.PanelField(
                "display", call.word("account.display"), value: call.given("display").isEmpty ? invitation.display : call.given("display"),
                autocomplete: "name", required: false),
        ] + passwordFields(call), isMain: true)
    return try narrow(office, call, title: "invite.yours", lead: "invite.yours.lead", form: form, facts: facts, error: error)
}

private func registerPage(_ office: Office, _ call: Call, error: Refusal? = nil) throws -> Response {
    func text(_ name: String, _ word: String, hint: String? = nil, autocomplete: String = "off", type: String = "text") -> View.PanelField {
        View.PanelField(
            name, call.word(word), value: call.given(name), type: type, autocomplete: autocomplete, hint: hint.map { call.word($0) })
    }
    let form = View.PanelForm(
        "form-register", action: "/register", submit: call.word("register.do"),
        fields: [
            text("credit_code", "register.credit-code"), text("name", "register.name", autocomplete: "organization"),
            text("division", "account.division", hint: "register.division.hint"),
            text("contact", "register.contact", autocomplete: "name"), text("phone", "register.phone", autocomplete: "tel", type: "tel"),
        ] + passwordFields(call), isMain: true)
    return try narrow(
        office, call, title: "register.title", lead: "register.lead", form: form, error: error,
        links: [View.Link(text: call.word("register.person.title"), href: "/register/person")])
}

private func personPage(_ office: Office, _ call: Call, error: Refusal? = nil) throws -> Response {
    let form = View.PanelForm(
        "form-person", action: "/register/person", submit: call.word("register.person.do"),
        fields: [
            View.PanelField(
                "display", call.word("register.person.display"), value: call.given("display"), autocomplete: "nickname", required: false,
                hint: call.word("register.person.display.hint"))
        ] + passwordFields(call), isMain: true)
    return try narrow(office, call, title: "register.person.title", lead: "register.person.lead", form: form, error: error)
}

/// How a request stands, for whoever has its address.
private func standPage(_ office: Office, _ call: Call) async throws -> Response {
    let claim = try await office.accounts.claim(token: try call.part("token"))
    var facts = [
        View.Fact(label: call.word("register.credit-code"), value: claim.creditCode),
        View.Fact(label: call.word("register.name"), value: claim.name),
        View.Fact(label: call.word("account.division"), value: office.ledger.catalog.divisions.name(claim.home)),
        View.Fact(label: call.word("account.state"), value: call.word("claim.\(claim.state.rawValue)")),
    ]
    if let account = claim.account { facts.append(View.Fact(label: call.word("sign-in.name"), value: account)) }
    if !claim.answer.isEmpty { facts.append(View.Fact(label: call.word("claim.reason"), value: claim.answer)) }
    let links =
        claim.state == .accepted
        ? [View.Link(text: call.word("nav.sign-in"), href: "/sign-in", current: true)]
        : claim.state == .refused ? [View.Link(text: call.word("register.again"), href: "/register")] : []
    return try call.page(
        "panels",
        PanelsPage(
            frame: office.frame(call), title: call.word("register.stand"), lead: call.word("register.stand.lead"),
            panels: [View.Panel("claim", call.word("claim.\(claim.state.rawValue)"), facts: facts, links: links)], isNarrow: true))
}

private func answering(_ office: Office, _ call: Call, _ body: () async throws -> Void) async throws -> Response {
    do {
        try await body()
        return call.redirect(to: "/claims")
    } catch let refusal as Refusal where refusal.code != "record.missing" {
        return try await claimsPage(office, call, error: refusal)
    }
}

private func claimsPage(_ office: Office, _ call: Call, error: Refusal? = nil) async throws -> Response {
    guard call.person.role == .officer else { throw Refusal("access.denied") }
    let claims = try await office.accounts.claims(for: call.person)
    let heads = [
        "register.credit-code", "register.name", "claim.contact", "account.division", "claim.at", "account.state", "claim.registry",
    ]
    .map { call.word($0) }
    var rows: [View.PanelRow] = []
    for claim in claims.prefix(200) {
        let record = try await office.accounts.organisation(of: claim)
        let isWaiting = claim.state == .waiting
        let mark = View.Mark(
            isWaiting ? "pending" : claim.state == .accepted ? "good" : "ended", call.word("claim.\(claim.state.rawValue)"))
        let cells = [
            View.Cell(label: heads[0], text: claim.creditCode), View.Cell(label: heads[1], text: claim.name),
            View.Cell(label: heads[2], text: "\(claim.contact) \(claim.phone)"),
            View.Cell(label: heads[3], text: office.ledger.catalog.divisions.name(claim.home)),
            View.Cell(label: heads[4], text: office.short(claim.madeAt)), View.Cell(label: heads[5], text: "", mark: mark),
            record.map { View.Cell(label: heads[6], text: $0.title, href: Address.of($0)) }
                ?? View.Cell(
                    label: heads[6], text: call.word("claim.enter"),
                    href: Address.new("employer", ["credit_code": claim.creditCode, "name": claim.name, "division": claim.home])),
        ]
        let accept = View.PanelForm(
            "accept-\(claim.id)", action: "/claims/\(claim.id)/accept", submit: call.word("claim.accept"), isMain: true)
        let refuse = View.PanelForm(
            "refuse-\(claim.id)", action: "/claims/\(claim.id)/refuse", submit: call.word("claim.refuse"),
            fields: [View.PanelField("reason", call.word("claim.reason"))])
        rows.append(View.PanelRow(cells, forms: isWaiting ? (record == nil ? [refuse] : [accept, refuse]) : [], dim: !isWaiting))
    }
    var response = try call.page(
        "panels",
        PanelsPage(
            frame: office.frame(call), title: call.word("claim.title"), lead: call.word("claim.lead"),
            notices: error.map { [View.Notice(tone: "bad", text: call.say($0))] } ?? [],
            tools: [View.Link(text: call.word("invite.title"), href: "/accounts/invite")],
            panels: [
                View.Panel(
                    "claims", call.word("claim.list"), columns: heads.map { View.Column(text: $0) }, rows: rows,
                    empty: call.word("claim.none"))
            ]))
    if let error { response.status = status(of: error) }
    return response
}
