import Accounts
import Catalog
import HTTPTypes
import Hummingbird
import Kernel
import Ledger
import Print
import Storage
import Web

/// One's own account: password, second factor, sessions, what was handed over.
func ownAccountRoutes(_ office: Office) -> [Route] {
    [
        Route(.get, "/account", needs: .signedIn) { call in try await ownPage(office, call) },
        Route(.post, "/account/password", needs: .signedIn) { call in
            try await refusing(office, call) {
                guard call.given("password") == call.given("again") else { throw Refusal("password.again", field: "again") }
                try await office.accounts.changePassword(of: call.person.name, from: call.given("old"), to: call.given("password"))
                // Every session has ended, this one too.
                return call.redirect(to: "/sign-in")
            }
        },
        Route(.get, "/account/second-factor", needs: .signedIn) { call in try await factorPage(office, call) },
        Route(.post, "/account/second-factor/confirm", needs: .signedIn) { call in
            do {
                let (codes, token) = try await office.accounts.confirm(call.person.name, code: call.given("code"), from: call.origin)
                var response = try codesPage(office, call, codes)
                response.headers[values: .setCookie].append(office.cookie("session", token, seconds: 43_200))
                return response
            } catch let refusal as Refusal where refusal.code == "access.wrong-code" {
                return try await factorPage(office, call, error: refusal)
            }
        },
        Route(.post, "/account/second-factor/codes", needs: .signedIn) { call in
            try await refusing(office, call) {
                try codesPage(office, call, try await office.accounts.renewCodes(call.person.name, code: call.given("code")))
            }
        },
        Route(.post, "/account/second-factor/remove", needs: .signedIn) { call in
            try await refusing(office, call) {
                try await office.accounts.giveUpFactor(call.person.name, code: call.given("code"), isDemo: office.isDemo)
                return call.redirect(to: "/account#factor")
            }
        },
        Route(.post, "/account/sessions/end", needs: .signedIn) { call in
            let id = call.given("id")
            try await office.accounts.endSessions(of: call.person.name, id: id.isEmpty ? nil : id)
            return call.redirect(to: id.isEmpty ? "/sign-in" : "/account#sessions")
        },
        Route(.post, "/account/delegations", needs: .signedIn) { call in
            try await refusing(office, call) {
                try await office.accounts.delegate(
                    from: call.person, to: call.given("taker").trimmingPrefix(" ").description, functions: call.all("functions"),
                    from: try day(call, "from"), until: try day(call, "until"), reason: call.given("reason"))
                return call.redirect(to: "/account#delegations")
            }
        },
        Route(.post, "/account/delegations/:id/revoke", needs: .signedIn) { call in
            try await office.accounts.revoke(try call.part("id"), by: call.person)
            let isOwn = call.given("from") != "accounts"
            return call.redirect(to: isOwn ? "/account#delegations" : "/accounts#delegations")
        },
    ]
}

private func day(_ call: Call, _ name: String) throws -> Day {
    guard let day = Day.read(call.given(name)) else { throw Refusal("day.format", field: name, ["value": call.given(name)]) }
    return day
}

/// What a form of the page refuses stands on the page, above what was written.
private func refusing(_ office: Office, _ call: Call, _ body: () async throws -> Response) async throws -> Response {
    do { return try await body() } catch let refusal as Refusal where refusal.code != "record.missing" {
        var response = try await ownPage(office, call, error: refusal)
        response.status = status(of: refusal)
        return response
    }
}

extension Office {
    /// The name of a function; one of a plan's own stays as the plan writes it.
    func functionName(_ call: Call, _ function: String) -> String {
        call.has("function.\(function)") ? call.word("function.\(function)") : function
    }
    func functionNames(_ call: Call, _ functions: [String]) -> String {
        functions.isEmpty
            ? call.word("account.none") : functions.map { functionName(call, $0) }.joined(separator: call.isEnglish ? ", " : "、")
    }
    /// What an account is, as its owner and its administrator read it.
    func facts(_ call: Call, of account: Account) async throws -> [View.Fact] {
        let person = account.person
        func fact(_ key: String, _ value: String) -> View.Fact { View.Fact(label: call.word(key), value: value) }
        var facts = [fact("sign-in.name", account.name), fact("account.display", account.display)]
        facts.append(fact("sign-in.role", call.word("role.\(person.role.rawValue)")))
        if person.role == .officer || person.role == .viewer {
            facts.append(
                fact("account.division", person.division.map { ledger.catalog.divisions.name($0.text) } ?? call.word("account.none")))
        }
        if person.role == .officer {
            facts.append(fact("account.functions", functionNames(call, person.functions)))
            if !account.department.isEmpty { facts.append(fact("account.department", account.department)) }
        }
        if let organisation = person.organisation {
            let titles = try await ledger.store.read { [ledger] in try ledger.titles($0, [organisation]) }
            facts.append(fact("account.organisation", titles[organisation]?.title ?? organisation))
        }
        if person.worker != nil { facts.append(fact("account.worker", call.word("account.worker.note"))) }
        if person.isManager { facts.append(fact("account.manager", call.word("account.manager.note"))) }
        facts.append(fact("account.factor", call.word(account.hasSecondFactor ? "factor.on" : "factor.off")))
        return facts
    }
    func short(_ moment: Moment) -> String { String(moment.description.prefix(16)) }
}

private func ownPage(_ office: Office, _ call: Call, error: Refusal? = nil) async throws -> Response {
    guard let account = try await office.accounts.find(call.person.name) else { throw Refusal("access.sign-in") }
    var panels = [View.Panel("who", call.word("account.who"), facts: try await office.facts(call, of: account))]
    panels.append(passwordPanel(call))
    panels.append(try await factorPanel(office, call, account))
    panels.append(try await sessionsPanel(office, call))
    if !call.person.role.isAdministrator {
        panels.append(
            View.Panel(
                "tokens", call.word("token.title"), note: call.word("token.lead"),
                links: [
                    View.Link(text: call.word("token.open"), href: "/account/tokens"),
                    View.Link(text: call.word("api.document"), href: "/api/openapi.json"),
                ]))
    }
    if call.person.role == .officer { panels.append(try await delegationsPanel(office, call)) }
    return try call.page(
        "panels",
        PanelsPage(
            frame: office.frame(call), title: call.word("account.title"),
            notices: error.map { [View.Notice(tone: "bad", text: call.say($0))] } ?? [], panels: panels))
}

private func passwordPanel(_ call: Call) -> View.Panel {
    View.Panel(
        "password", call.word("account.password"), note: call.word("account.password.note"),
        forms: [
            View.PanelForm(
                "form-password", action: "/account/password", submit: call.word("account.password.set"),
                fields: [
                    View.PanelField("old", call.word("account.password.old"), type: "password", autocomplete: "current-password"),
                    View.PanelField(
                        "password", call.word("setup.password"), type: "password", autocomplete: "new-password", minimum: Password.minimum,
                        hint: call.word("account.password.rule", ["minimum": String(Password.minimum)])),
                    View.PanelField(
                        "again", call.word("setup.again"), type: "password", autocomplete: "new-password", minimum: Password.minimum),
                ])
        ])
}

private func factorPanel(_ office: Office, _ call: Call, _ account: Account) async throws -> View.Panel {
    guard account.hasSecondFactor else {
        return View.Panel(
            "factor", call.word("factor.title"), note: call.word("factor.note"),
            links: [View.Link(text: call.word("factor.take-up"), href: "/account/second-factor", current: true)])
    }
    let left = try await office.accounts.recoveryCodesLeft(account.name)
    func form(_ id: String, _ path: String, _ word: String) -> View.PanelForm {
        View.PanelForm(
            id, action: "/account/second-factor/\(path)", submit: call.word(word),
            fields: [View.PanelField("code", call.word("factor.code"), autocomplete: "one-time-code")])
    }
    let isRequired = account.person.role.isAdministrator && !office.isDemo
    return View.Panel(
        "factor", call.word("factor.title"), note: call.word("factor.codes.left", ["count": String(left)]),
        forms: [form("form-codes", "codes", "factor.codes.renew")]
            + (isRequired ? [] : [form("form-remove", "remove", "factor.give-up")]))
}

private func sessionsPanel(_ office: Office, _ call: Call) async throws -> View.Panel {
    let heads = ["session.seen", "session.since", "session.address", "session.agent"].map { call.word($0) }
    let rows = try await office.accounts.sessions(of: call.person.name, this: call.caller.token).map { session in
        let texts = [
            office.short(session.seenAt), office.short(session.createdAt), session.address.isEmpty ? "—" : session.address,
            session.agent.isEmpty ? "—" : session.agent,
        ]
        var cells = zip(heads, texts).map { View.Cell(label: $0, text: $1) }
        if session.isThis { cells[0] = View.Cell(label: heads[0], text: texts[0], mark: View.Mark("good", call.word("session.this"))) }
        return View.PanelRow(
            cells,
            forms: session.isThis
                ? []
                : [
                    View.PanelForm(
                        "end-\(session.id)", action: "/account/sessions/end", submit: call.word("session.end"),
                        hidden: [View.Hidden(name: "id", value: session.id)])
                ])
    }
    return View.Panel(
        "sessions", call.word("session.title"), note: call.word("session.note"), columns: heads.map { View.Column(text: $0) }, rows: rows,
        forms: [View.PanelForm("form-sessions", action: "/account/sessions/end", submit: call.word("session.end-all"))])
}

extension Office {
    /// The table of what was handed over, with the way to end what is in force.
    func delegationRows(_ call: Call, _ all: [Delegation], from page: String) -> (columns: [View.Column], rows: [View.PanelRow]) {
        let heads = ["giver", "taker", "functions", "days", "reason", "state"].map { call.word("delegation.\($0)") }
        let today = ledger.clock.today
        let rows = all.map { one in
            let state = one.revokedBy != nil ? "revoked" : one.until < today ? "over" : one.from > today ? "ahead" : "in-force"
            let functions = one.functions.isEmpty ? call.word("delegation.all") : functionNames(call, one.functions)
            let texts = [one.giver, one.taker, functions, "\(one.from) – \(one.until)", one.reason]
            let mark = View.Mark(state == "in-force" ? "good" : state == "ahead" ? "pending" : "ended", call.word("delegation.\(state)"))
            let isOpen = one.revokedBy == nil && one.until >= today
            return View.PanelRow(
                zip(heads, texts).map { View.Cell(label: $0, text: $1) } + [View.Cell(label: heads[5], text: "", mark: mark)],
                forms: isOpen
                    ? [
                        View.PanelForm(
                            "revoke-\(one.id)", action: "/account/delegations/\(one.id)/revoke", submit: call.word("delegation.revoke"),
                            hidden: [View.Hidden(name: "from", value: page)])
                    ] : [], dim: !isOpen)
        }
        return (heads.map { View.Column(text: $0) }, rows)
    }
}

private func delegationsPanel(_ office: Office, _ call: Call) async throws -> View.Panel {
    let (columns, rows) = office.delegationRows(call, try await office.accounts.delegations(of: call.person), from: "account")
    let today = office.ledger.clock.today
    let form = View.PanelForm(
        "form-delegation", action: "/account/delegations", submit: call.word("delegation.give"),
        fields: [
            View.PanelField(
                "taker", call.word("delegation.taker"), value: call.given("taker"), hint: call.word("delegation.taker.hint")),
            View.PanelField(
                "functions", call.word("delegation.functions"),
                options: call.person.functions.map {
                    View.Option(value: $0, text: office.functionName(call, $0), selected: call.all("functions").contains($0))
                }, several: true, hint: call.word("delegation.functions.hint")),
            View.PanelField(
                "from", call.word("delegation.from"), value: call.given("from").isEmpty ? today.description : call.given("from"),
                type: "date"
            ), View.PanelField("until", call.word("delegation.until"), value: call.given("until"), type: "date"),
            View.PanelField("reason", call.word("delegation.reason"), value: call.given("reason")),
        ])
    return View.Panel(
        "delegations", call.word("delegation.title"), note: call.word("delegation.note"), columns: columns, rows: rows, forms: [form])
}

private func factorPage(_ office: Office, _ call: Call, error: Refusal? = nil) async throws -> Response {
    let enrolment: Enrolment
    do { enrolment = try await office.accounts.enrol(call.person.name) } catch let refusal as Refusal where refusal.code == "factor.exists"
    {
        return call.redirect(to: "/account#factor")
    }
    let groups = stride(from: 0, to: enrolment.secret.count, by: 4).map { String(enrolment.secret.dropFirst($0).prefix(4)) }
    let form = View.PanelForm(
        "form-factor", action: "/account/second-factor/confirm", submit: call.word("factor.confirm"),
        fields: [View.PanelField("code", call.word("factor.code"), autocomplete: "one-time-code")], isMain: true)
    var response = try call.page(
        "panels",
        PanelsPage(
            frame: office.frame(call), title: call.word("factor.take-up"),
            lead: call.word(call.caller.mustEnrol ? "factor.must" : "factor.note"),
            notices: error.map { [View.Notice(tone: "bad", text: call.say($0))] } ?? [],
            crumbs: call.caller.mustEnrol ? [] : [View.Link(text: call.word("account.title"), href: "/account")],
            panels: [
                View.Panel(
                    "scan", call.word("factor.scan"), note: call.word("factor.scan.note"), lines: [groups.joined(separator: " ")],
                    links: [View.Link(text: call.word("factor.open"), href: enrolment.address)], qr: qrPicture(enrolment.address)),
                View.Panel("confirm", call.word("factor.first"), forms: [form]),
            ], isNarrow: true))
    if let error { response.status = status(of: error) }
    return response
}

private func codesPage(_ office: Office, _ call: Call, _ codes: [String]) throws -> Response {
    try call.page(
        "panels",
        PanelsPage(
            frame: office.frame(call), title: call.word("factor.codes"),
            notices: [View.Notice(tone: "good", text: call.word("factor.done"))],
            panels: [
                View.Panel(
                    "codes", call.word("factor.codes.keep"), note: call.word("factor.codes.note"), lines: codes,
                    links: [View.Link(text: call.word("factor.codes.kept"), href: "/", current: true)])
            ], isNarrow: true))
}

/// A QR code for a page; nil where the text is too long for one.
func qrPicture(_ text: String) -> View.QRPicture? { (try? QRCode(text)).map { View.QRPicture(width: $0.width, modules: $0.modules) } }
