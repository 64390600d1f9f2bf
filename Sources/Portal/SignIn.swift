import Accounts
import Hummingbird
import Kernel
import Ledger
import Web

func signInRoutes(_ office: Office) -> [Route] {
    [
        Route(.get, "/sign-in", needs: .anyone) { call in
            if call.person.role != .nobody { return call.redirect(to: "/") }
            if try await !office.accounts.hasAdministrator() { return call.redirect(to: "/setup") }
            return try signInPage(office, call, name: "", error: nil)
        },
        Route(.post, "/sign-in", needs: .anyone) { call in
            do {
                let token = try await office.accounts.signIn(name: call.given("name"), password: call.given("password"))
                // Only a path of this house: an address that a stranger wrote leads nowhere else.
                let next = call.given("next")
                var response = call.redirect(to: next.hasPrefix("/") && !next.hasPrefix("//") && !next.contains("\\") ? next : "/")
                response.headers[values: .setCookie].append("session=\(token); Path=/; HttpOnly; SameSite=Lax; Max-Age=43200")
                return response
            } catch let refusal as Refusal {
                var response = try signInPage(office, call, name: call.given("name"), error: call.say(refusal))
                response.status = status(of: refusal)
                return response
            }
        },
        Route(.post, "/sign-out", needs: .signedIn) { call in
            try await office.accounts.signOut(call.caller.token)
            var response = call.redirect(to: "/sign-in")
            response.headers[values: .setCookie].append("session=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0")
            return response
        },
        Route(.get, "/setup", needs: .anyone) { call in
            if try await office.accounts.hasAdministrator() { return call.redirect(to: "/sign-in") }
            return try call.page("setup", SetupPage(frame: office.frame(call), action: "/setup", minimum: String(Password.minimum)))
        },
        Route(.post, "/setup", needs: .anyone) { call in
            // Open only while there is no administrator, and then the server listens on loopback alone.
            guard try await !office.accounts.hasAdministrator() else { throw Refusal("access.denied") }
            do {
                guard call.given("password") == call.given("again") else { throw Refusal("password.again") }
                let name = call.given("name").isEmpty ? "admin" : call.given("name")
                try await office.accounts.add(name: name, display: name, password: call.given("password"), role: .system, by: .house)
                return call.redirect(to: "/sign-in")
            } catch let refusal as Refusal {
                let model = SetupPage(
                    frame: office.frame(call), action: "/setup", name: call.given("name"), minimum: String(Password.minimum),
                    errors: [call.say(refusal)])
                return try call.page("setup", model, status: .unprocessableContent)
            }
        },
    ]
}

private func signInPage(_ office: Office, _ call: Call, name: String, error: String?) throws -> Response {
    try call.page(
        "sign-in",
        SignInPage(
            frame: office.frame(call), action: "/sign-in", name: name, next: call.asked("next") ?? call.given("next"), error: error,
            accounts: office.isDemo ? office.demoAccounts : []))
}
