import Accounts
import Catalog
import Foundation
import HTTPTypes
import Hummingbird
import Kernel
import Ledger
import Planning
import Storage
import Web

/// Accounts for whoever administers them: security everybody's, a manager those of their own unit.
func accountsRoutes(_ office: Office) -> [Route] {
    func change(_ path: String, _ body: @escaping @Sendable (Call, String) async throws -> Void) -> Route {
        Route(.post, "/accounts/:name/\(path)", needs: .signedIn) { call in
            let name = try call.part("name")
            do {
                try await body(call, name)
                return call.redirect(to: address(name))
            } catch let refusal as Refusal where refusal.code != "record.missing" {
                return try await onePage(office, call, name, error: refusal)
            }
        }
    }
    return [
        Route(.get, "/accounts", needs: .signedIn) { call in try await listPage(office, call) },
        Route(.get, "/accounts/invite", needs: .signedIn) { call in try await invitePage(office, call) },
        Route(.post, "/accounts/invite", needs: .signedIn) { call in try await invite(office, call) },
        Route(.post, "/accounts/invitations/:id/withdraw", needs: .signedIn) { call in
            try await office.accounts.withdraw(invitation: try call.part("id"), by: call.person)
            return call.redirect(to: "/accounts#invitations")
        },
        Route(.get, "/accounts/:name", needs: .signedIn) { call in try await onePage(office, call, try call.part("name")) },
        change("lock") { call, name in try await office.accounts.lock(name, by: call.person) },
        change("unlock") { call, name in try await office.accounts.unlock(name, by: call.person) },
        change("reset") { call, name in try await office.accounts.resetFactor(name, by: call.person) },
        change("close") { call, name in
            try await office.accounts.close(name, successor: call.given("successor"), by: call.person)
        },
        change("rights") { call, name in
            try await office.accounts.set(
                name, functions: call.all("functions"), department: call.given("department"), isManager: call.given("manager") == "1",
                by: call.person)
        },
        Route(.post, "/accounts/:name/password", needs: .signedIn) { call in
            let token = try await office.accounts.invitePassword(of: try call.part("name"), by: call.person)
            return try tokenPage(office, call, token, title: "invite.password.done", note: "invite.password.note")
        },
    ]
}

private func address(_ name: String) -> String { "/accounts/" + (name.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? "") }

/// Whether somebody administers accounts at all.
func mayAdministerAccounts(_ person: Person) -> Bool {
    mayDo(person, .secure, at: .common) || mayDo(person, .secure, at: person.ownPlace)
}

private func listPage(_ office: Office, _ call: Call) async throws -> Response {
    guard mayAdministerAccounts(call.person) else { throw Refusal("access.denied") }
    let isSecurity = mayDo(call.person, .secure, at: .common)
    let all = try await office.accounts.list(for: call.person)
    let query = call.asked("q")?.lowercased() ?? ""
    let shown = all.filter { query.isEmpty || $0.name.lowercased().contains(query) || $0.display.lowercased().contains(query) }
    let heads = ["sign-in.name", "account.display", "sign-in.role", "account.unit", "account.factor", "account.state"].map { call.word($0) }
    let organisations = try await office.ledger.store.read { [ledger = office.ledger] in
        try ledger.titles($0, Set(shown.compactMap(\.person.organisation)))
    }
    let rows = shown.map { account -> View.PanelRow in
        let unit =
            account.person.division.map { office.ledger.catalog.divisions.name($0.text) }
            ?? account.person.organisation.map { organisations[$0]?.title ?? $0 } ?? "—"
        let state = View.Mark(
            account.state == .open ? "good" : account.state == .locked ? "warn" : "ended", call.word("account.\(account.state.rawValue)"))
        return View.PanelRow(
            [
                View.Cell(label: heads[0], text: account.name, href: address(account.name)),
                View.Cell(label: heads[1], text: account.display),
                View.Cell(label: heads[2], text: call.word("role.\(account.person.role.rawValue)")), View.Cell(label: heads[3], text: unit),
                View.Cell(label: heads[4], text: call.word(account.hasSecondFactor ? "factor.on" : "factor.off")),
                View.Cell(label: heads[5], text: "", mark: state),
            ], dim: account.state == .closed)
    }
    var panels = [
        View.Panel(
            "accounts", call.word("account.list", ["count": String(shown.count)]), columns: heads.map { View.Column(text: $0) }, rows: rows,
            empty: call.word("records.none"))
    ]
    panels.append(try await invitationsPanel(office, call))
    if isSecurity {
        let (columns, rows) = office.delegationRows(call, try await office.accounts.delegations(of: call.person), from: "accounts")
        panels.append(
            View.Panel(
                "delegations", call.word("delegation.title"), columns: columns, rows: rows, empty: call.word("delegation.empty")))
    }
    return try call.page(
        "panels",
        PanelsPage(
            frame: office.frame(call), title: call.word("account.all"),
            lead: call.word(isSecurity ? "account.lead.security" : "account.lead.manager"),
            tools: [View.Link(text: call.word("invite.title"), href: "/accounts/invite", current: true)], panels: panels))
}

private func invitationsPanel(_ office: Office, _ call: Call) async throws -> View.Panel {
    let heads = ["invite.for", "sign-in.role", "invite.by", "invite.until", "account.state"].map { call.word($0) }
    let rows = try await office.accounts.invitations(for: call.person).prefix(100).map { one -> View.PanelRow in
        let isOver = office.accounts.isOver(one)
        let word = one.state == .used ? "used" : one.state == .withdrawn ? "withdrawn" : isOver ? "expired" : "open"
        let texts = [
            one.display.isEmpty ? one.account ?? "—" : one.display, call.word("role.\(one.seat.role.rawValue)"), one.madeBy,
            office.short(one.expiresAt),
        ]
        let mark = View.Mark(word == "open" ? "pending" : word == "used" ? "good" : "ended", call.word("invite.\(word)"))
        return View.PanelRow(
            zip(heads, texts).map { View.Cell(label: $0, text: $1) } + [View.Cell(label: heads[4], text: "", mark: mark)],
            forms: isOver
                ? []
                : [
                    View.PanelForm(
                        "withdraw-\(one.id)", action: "/accounts/invitations/\(one.id)/withdraw", submit: call.word("invite.withdraw"))
                ], dim: isOver)
    }
    return View.Panel(
        "invitations", call.word("invite.all"), columns: heads.map { View.Column(text: $0) }, rows: Array(rows),
        empty: call.word("invite.none"))
}

// One account

private func onePage(_ office: Office, _ call: Call, _ name: String, error: Refusal? = nil) async throws -> Response {
    guard let account = try await office.accounts.find(name), mayDo(call.person, .secure, at: account.place) else {
        throw Refusal("record.missing", ["value": name])
    }
    let isSecurity = mayDo(call.person, .secure, at: .common)
    let isOwn = account.name == call.person.name
    var facts = try await office.facts(call, of: account)
    facts.append(View.Fact(label: call.word("account.state"), value: call.word("account.\(account.state.rawValue)")))
    if let successor = account.successor { facts.append(View.Fact(label: call.word("account.successor"), value: successor)) }
    var panels = [View.Panel("who", account.display, note: isOwn ? call.word("account.own") : nil, facts: facts)]
    func form(_ path: String, _ word: String, _ fields: [View.PanelField] = []) -> View.PanelForm {
        View.PanelForm("form-\(path)", action: address(name) + "/" + path, submit: call.word(word), fields: fields)
    }
    if !isOwn, account.state != .closed {
        var forms = [account.state == .locked ? form("unlock", "account.unlock") : form("lock", "account.lock")]
        if account.state == .open { forms.append(form("unlock", "account.forgive")) }
        forms.append(form("password", "invite.password"))
        if account.hasSecondFactor { forms.append(form("reset", "factor.reset")) }
        panels.append(View.Panel("state", call.word("account.access"), note: call.word("account.access.note"), forms: forms))
        if isSecurity, [.officer, .viewer, .organisation].contains(account.person.role) {
            panels.append(
                View.Panel(
                    "rights", call.word("account.rights"), note: call.word("account.rights.note"),
                    forms: [form("rights", "account.rights.set", try await rightsFields(office, call, account))]))
        }
        let followers = try await office.accounts.successors(of: account)
        let nobody = View.Option(value: "", text: call.word("account.successor.none"))
        panels.append(
            View.Panel(
                "close", call.word("account.close"), note: call.word("account.close.note"),
                forms: [
                    form(
                        "close", "account.close.do",
                        [
                            View.PanelField(
                                "successor", call.word("account.successor"),
                                options: [nobody] + followers.map { View.Option(value: $0.name, text: "\($0.display) · \($0.name)") })
                        ])
                ]))
    }
    var response = try call.page(
        "panels",
        PanelsPage(
            frame: office.frame(call), title: account.name,
            notices: error.map { [View.Notice(tone: "bad", text: call.say($0))] } ?? [],
            crumbs: [View.Link(text: call.word("account.all"), href: "/accounts")], panels: panels))
    if let error { response.status = status(of: error) }
    return response
}

private func managerField(_ call: Call, _ isManager: Bool) -> View.PanelField {
    View.PanelField(
        "manager", call.word("account.manager"),
        options: [View.Option(value: "1", text: call.word("account.manager.note"), selected: isManager)], several: true)
}
private func rightsFields(_ office: Office, _ call: Call, _ account: Account) async throws -> [View.PanelField] {
    guard account.person.role != .organisation else { return [managerField(call, account.person.isManager)] }
    let fixed = account.department.isEmpty ? account.person.functions : []
    return [
        functionsField(office, call, try await functions(office), chosen: fixed),
        View.PanelField(
            "department", call.word("account.department"), options: try await departments(office, call, chosen: account.department),
            hint: call.word("account.department.hint")), managerField(call, account.person.isManager),
    ]
}
private func functionsField(_ office: Office, _ call: Call, _ all: [String], chosen: [String]) -> View.PanelField {
    View.PanelField(
        "functions", call.word("account.functions"),
        options: all.map { View.Option(value: $0, text: office.functionName(call, $0), selected: chosen.contains($0)) }, several: true)
}

/// The functions that the plans name, and the two that the law's own chain needs.
private func functions(_ office: Office) async throws -> [String] {
    let plans = try await office.ledger.store.read { try office.boards.plans($0).map(\.plan) }
    return Array(Set(plans.flatMap { $0.departments.map(\.function) } + ["health", "work_safety"])).sorted()
}
/// The departments of the plans' tables, with what they hold today.
private func departments(_ office: Office, _ call: Call, chosen: String) async throws -> [View.Option] {
    let plans = try await office.ledger.store.read { try office.boards.plans($0).map(\.plan) }
    let today = office.ledger.clock.today
    var options = [View.Option(value: "", text: call.word("account.department.none"))]
    for plan in plans {
        for name in Set(plan.departments.map(\.name)).sorted(by: { $0.zh < $1.zh }) {
            let held = plan.departments.filter { $0.name == name && $0.force.contains(today) }.map(\.function)
            guard !held.isEmpty else { continue }
            let value = DepartmentTable.value(plan: plan.id, department: name.zh)
            let words = "\(plan.jurisdictionName.text(english: call.isEnglish)) · \(name.text(english: call.isEnglish))"
            options.append(
                View.Option(value: value, text: call.language.aside(words, office.functionNames(call, held)), selected: value == chosen))
        }
    }
    return options
}

// Invitations

private func invite(_ office: Office, _ call: Call) async throws -> Response {
    do {
        let role = Person.Role(rawValue: call.given("role")) ?? .nobody
        let person = call.person
        let isSecurity = mayDo(person, .secure, at: .common)
        let isAuthority = role == .officer || role == .viewer
        let isStaff = !isSecurity && role == .organisation && call.given("organisation").isEmpty
        let seat = Seat(
            role, functions: role == .officer ? call.all("functions") : [], department: role == .officer ? call.given("department") : "",
            division: isAuthority ? (isSecurity ? call.given("division") : person.division?.text ?? "") : "",
            organisation: role == .organisation
                ? (isStaff ? person.organisation ?? "" : try await office.organisation(call.given("organisation"))) : "",
            worker: role == .worker ? call.given("worker") : "", isManager: isSecurity && call.given("manager") == "1")
        let token = try await office.accounts.invite(seat, display: call.given("display"), by: person)
        return try tokenPage(office, call, token, title: "invite.done", note: "invite.note")
    } catch let refusal as Refusal {
        return try await invitePage(office, call, error: refusal)
    }
}

extension Office {
    /// The id of the employer or institution that somebody writes: an id or a credit code.
    func organisation(_ text: String) async throws -> String {
        try await ledger.store.read { [ledger] db in
            if let record = try ledger.record(db, text), ["employer", "institution"].contains(record.kind.name) { return record.id }
            let code = text.filter { !$0.isWhitespace }.uppercased()
            let row = try db.row(
                "SELECT id FROM directory WHERE kind IN ('employer', 'institution') AND key = \("credit_code=" + code)")
            guard let row else { throw Refusal("record.missing", field: "organisation", ["value": text]) }
            return try row.get("id")
        }
    }
}

/// Which roles somebody may invite, with what the form asks for each.
private func invitePage(_ office: Office, _ call: Call, error: Refusal? = nil) async throws -> Response {
    let person = call.person
    let isSecurity = mayDo(person, .secure, at: .common)
    let isManager = !isSecurity && mayDo(person, .secure, at: person.ownPlace)
    let entersFiles = person.role == .officer && mayDo(person, .change, at: Place(divisions: person.ownPlace.divisions, kind: "account"))
    guard isSecurity || isManager || entersFiles else { throw Refusal("access.denied") }
    func title(_ role: Person.Role) -> String { call.word("role.\(role.rawValue)") }
    func panel(_ roles: [Person.Role], _ fields: [View.PanelField]) -> View.Panel {
        let code = roles[0].rawValue
        let choice = View.PanelField(
            "role", call.word("sign-in.role"), options: roles.map { View.Option(value: $0.rawValue, text: title($0)) })
        return View.Panel(
            "invite-\(code)", roles.map(title).joined(separator: call.isEnglish ? ", " : "、"), note: call.word("role.\(code).note"),
            forms: [
                View.PanelForm(
                    "form-\(code)", action: "/accounts/invite", submit: call.word("invite.do"),
                    fields: (roles.count > 1 ? [choice] : [])
                        + [View.PanelField("display", call.word("invite.display"), value: call.given("display"), required: false)] + fields,
                    hidden: roles.count > 1 ? [] : [View.Hidden(name: "role", value: code)])
            ])
    }
    func text(_ name: String, _ word: String, _ hint: String? = nil) -> View.PanelField {
        View.PanelField(
            name, call.word(word), value: call.given(name).isEmpty ? call.asked(name) ?? "" : call.given(name),
            hint: hint.map { call.word($0) })
    }
    var panels: [View.Panel] = []
    let chosen = call.asked("worker") != nil ? "worker" : call.asked("organisation") != nil ? "organisation" : nil
    if isSecurity || (isManager && person.role == .officer), chosen == nil {
        let all = isSecurity ? try await functions(office) : person.functions
        var fields = isSecurity ? [text("division", "account.division", "account.division.hint")] : []
        fields.append(functionsField(office, call, all, chosen: call.all("functions")))
        if isSecurity {
            fields.append(
                View.PanelField(
                    "department", call.word("account.department"),
                    options: try await departments(office, call, chosen: call.given("department")),
                    hint: call.word("account.department.hint")))
            fields.append(managerField(call, false))
        }
        panels.append(panel([.officer, .viewer], fields))
    }
    if isManager, person.role == .organisation { panels.append(panel([.organisation], [])) }
    if isSecurity || entersFiles, chosen != "worker" {
        panels.append(panel([.organisation], [text("organisation", "invite.organisation", "invite.organisation.hint")]))
    }
    if isSecurity || entersFiles, chosen != "organisation" {
        panels.append(panel([.worker], [text("worker", "invite.worker", "invite.worker.hint")]))
    }
    if isSecurity, chosen == nil { panels.append(panel([.system, .security, .audit], [])) }
    var response = try call.page(
        "panels",
        PanelsPage(
            frame: office.frame(call), title: call.word("invite.title"), lead: call.word("invite.lead"),
            notices: error.map { [View.Notice(tone: "bad", text: call.say($0))] } ?? [],
            crumbs: mayAdministerAccounts(person) ? [View.Link(text: call.word("account.all"), href: "/accounts")] : [], panels: panels))
    if let error { response.status = status(of: error) }
    return response
}

/// Shows a token once, as the address that the invited opens.
private func tokenPage(_ office: Office, _ call: Call, _ token: String, title: String, note: String) throws -> Response {
    let host = call.request.head.authority ?? ""
    let address = "\(office.isSecure ? "https" : "http")://\(host)/invitation/\(token)"
    return try call.page(
        "panels",
        PanelsPage(
            frame: office.frame(call), title: call.word(title),
            panels: [
                View.Panel(
                    "token", call.word("invite.address"), note: call.word(note), lines: [address],
                    links: [View.Link(text: call.word("account.all"), href: "/accounts")], qr: qrPicture(address))
            ], isNarrow: true))
}
