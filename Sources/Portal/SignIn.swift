import Accounts
import HTTPTypes
import Hummingbird
import Kernel
import Ledger
import Web

extension Call {
    var origin: Source { Source(address: source, agent: agent) }
}

extension Office {
    /// A cookie that scripts do not see and other sites do not send along; behind https it never travels in clear.
    func cookie(_ name: String, _ value: String, seconds: Int) -> String {
        "\(name)=\(value); Path=/; HttpOnly; SameSite=Lax; Max-Age=\(seconds)\(isSecure ? "; Secure" : "")"
    }
    /// Signs somebody in: the session's cookie under a new token, the question's cookie gone.
    func welcome(_ call: Call, _ token: String, to path: String) -> Response {
        var response = call.redirect(to: path)
        response.headers[values: .setCookie].append(cookie("session", token, seconds: 43_200))
        response.headers[values: .setCookie].append(cookie("question", "", seconds: 0))
        return response
    }
}

/// Only a path of this house: an address that a stranger wrote leads nowhere else.
private func ownPath(_ next: String) -> String {
    next.hasPrefix("/") && !next.hasPrefix("//") && !next.contains("\\") && !next.contains(where: \.isNewline) ? next : "/"
}

func signInRoutes(_ office: Office) -> [Route] {
    [
        Route(.get, "/sign-in", needs: .anyone) { call in
            if call.person.role != .nobody { return call.redirect(to: "/") }
            if try await !office.accounts.hasAdministrator() { return call.redirect(to: "/setup") }
            return try signInPage(office, call, name: "", error: nil)
        },
        Route(.post, "/sign-in", needs: .anyone) { call in
            do {
                let entry = try await office.accounts.enter(
                    name: call.given("name"), password: call.given("password"), from: call.origin)
                let next = ownPath(call.given("next"))
                guard entry.needsCode else { return office.welcome(call, entry.token, to: next) }
                var response = call.redirect(to: Office.href("/sign-in/code", [:], ["next": next == "/" ? "" : next]))
                response.headers[values: .setCookie].append(office.cookie("question", entry.token, seconds: 300))
                return response
            } catch let refusal as Refusal {
                var response = try signInPage(office, call, name: call.given("name"), error: call.say(refusal))
                response.status = status(of: refusal)
                return response
            }
        },
        Route(.get, "/sign-in/code", needs: .anyone) { call in
            guard call.person.role == .nobody, call.cookie("question") != nil else { return call.redirect(to: "/sign-in") }
            return try codePage(office, call, error: nil)
        },
        Route(.post, "/sign-in/code", needs: .anyone) { call in
            guard let question = call.cookie("question") else { throw Refusal("access.sign-in") }
            do {
                let token = try await office.accounts.answer(question, code: call.given("code"), from: call.origin)
                return office.welcome(call, token, to: ownPath(call.given("next")))
            } catch let refusal as Refusal where refusal.code != "access.sign-in" {
                var response = try codePage(office, call, error: call.say(refusal))
                response.status = status(of: refusal)
                return response
            }
        },
        Route(.post, "/sign-out", needs: .signedIn) { call in
            try await office.accounts.signOut(call.caller.token)
            var response = call.redirect(to: "/sign-in")
            response.headers[values: .setCookie].append(office.cookie("session", "", seconds: 0))
            return response
        },
        Route(.get, "/setup", needs: .anyone) { call in
            if try await office.accounts.hasAdministrator() { return call.redirect(to: "/sign-in") }
            return try setupPage(office, call)
        },
        Route(.post, "/setup", needs: .anyone) { call in
            // Open only while there is no administrator, and then the server listens on loopback alone.
            guard try await !office.accounts.hasAdministrator() else { throw Refusal("access.denied") }
            do {
                let three = try administrators.map { role, usual in
                    guard call.given("\(role.rawValue)-password") == call.given("\(role.rawValue)-again") else {
                        throw Refusal("password.again")
                    }
                    let name = call.given("\(role.rawValue)-name")
                    return (role: role, name: name.isEmpty ? usual : name, password: call.given("\(role.rawValue)-password"))
                }
                try await office.accounts.setUp(three)
                return call.redirect(to: "/sign-in")
            } catch let refusal as Refusal {
                var response = try setupPage(office, call, errors: [call.say(refusal)])
                response.status = .unprocessableContent
                return response
            }
        },
    ]
}

/// The three that a new house is set up with, and what they are usually called.
private let administrators: [(role: Person.Role, usual: String)] = [(.system, "admin"), (.security, "security"), (.audit, "audit")]

private func setupPage(_ office: Office, _ call: Call, errors: [String] = []) throws -> Response {
    let three = administrators.map { role, usual in
        let given = call.given("\(role.rawValue)-name")
        return SetupPage.Administrator(
            code: role.rawValue, title: call.word("role.\(role.rawValue)"), note: call.word("role.\(role.rawValue).note"),
            name: given.isEmpty ? usual : given)
    }
    return try call.page(
        "setup",
        SetupPage(
            frame: office.frame(call), action: "/setup", administrators: three, minimum: String(Password.minimum), errors: errors))
}

private func signInPage(_ office: Office, _ call: Call, name: String, error: String?) throws -> Response {
    try call.page(
        "sign-in",
        SignInPage(
            frame: office.frame(call), action: "/sign-in", name: name, next: call.asked("next") ?? call.given("next"), error: error,
            accounts: office.isDemo ? office.demoAccounts : []))
}

private func codePage(_ office: Office, _ call: Call, error: String?) throws -> Response {
    let form = View.PanelForm(
        "code", action: "/sign-in/code", submit: call.word("nav.sign-in"),
        fields: [View.PanelField("code", call.word("factor.code"), autocomplete: "one-time-code", hint: call.word("factor.code.hint"))],
        hidden: [View.Hidden(name: "next", value: call.asked("next") ?? call.given("next"))], isMain: true)
    return try call.page(
        "panels",
        PanelsPage(
            frame: office.frame(call), title: call.word("factor.title"),
            notices: error.map { [View.Notice(tone: "bad", text: $0)] } ?? [],
            panels: [View.Panel("factor", call.word("factor.ask"), forms: [form], links: [])], isNarrow: true))
}
