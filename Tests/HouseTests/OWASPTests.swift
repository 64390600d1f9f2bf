import Accounts
import Foundation
import HTTPTypes
import Kernel
import Ledger
import Storage
import TestKit
import Testing
import Web

@testable import House

/// The attacks that OWASP lists, one test each, over the whole site.
@Suite struct OWASPTests {
    static let script = "<script>alert('猫')</script>\"'><img src=x onerror=alert(1)>"
    static let county = ["name": "甲厂", "division": "450204", "hazards": "1"]

    @Test(arguments: Stores.kinds) func injectedSQLIsTextAndNothingElse(_ store: Dialect) async throws {
        let visitor = try await Visitor.open(store)
        let officer = try await visitor.guest("officer", .officer, division: "450204")
        let attacks = [
            "'; DROP TABLE record; --", "' OR '1'='1", "%' UNION SELECT name, password FROM account --", "\\'; DELETE FROM audit; --", "$1",
            "?1",
            "\"; SELECT pg_sleep(10); --", "a' AND 1=(SELECT count(*) FROM account) --",
        ]
        try await visitor.store("employer", [OWASPTests.county])
        for attack in attacks {
            let made = await visitor.post("/records/employer", OWASPTests.county.merging(["name": attack]) { $1 }, as: officer)
            #expect(made.status == 303, "\(attack): \(made.status)")
        }
        #expect(try await visitor.count("employer") == attacks.count + 1)
        for attack in attacks + ["%", "_", "%%%"] {
            let text = Visitor.escaped(attack)
            for path in [
                "/records/employer?q=\(text)", "/records/employer?after=\(text)", "/records/employer?of=\(text)", "/records?q=\(text)",
                "/duties?q=\(text)",
                "/duties?rule=\(text)", "/duties?place=\(text)", "/duties?debtor=\(text)", "/duties?order=\(text)",
                "/records/employer/lookup?q=\(text)",
                "/api/records/employer?q=\(text)", "/api/records/employer?after=\(text)", "/record/\(text)", "/api/record/\(text)",
                "/drafts/\(text)",
            ] {
                let answer = await visitor.get(path, as: officer)
                #expect(answer.status < 500, "\(path): \(answer.status)")
                #expect(!answer.body.contains("argon2id"), "\(path)")
            }
        }
        _ = await visitor.post("/sign-in", ["name": "' OR 1=1 --", "password": "' OR 1=1 --"])
        #expect(try await visitor.count("employer") == attacks.count + 1)
        try await visitor.isWhole()
    }

    @Test func storedScriptIsShownAsText() async throws {
        let visitor = try await Visitor.open()
        let officer = try await visitor.guest("officer", .officer, division: "450204")
        let script = OWASPTests.script
        let employer = try await visitor.store("employer", [OWASPTests.county.merging(["name": script, "code": script]) { $1 }])[0]
        let worker = try await visitor.store("worker", [["name": script]])[0]
        try await visitor.store("employment", [["worker": worker, "employer": employer, "from": "2020-01-01"]])
        let inspection = try await visitor.store("inspection", [["employer": employer, "day": "2022-03-01", "findings": script]])[0]
        _ = await visitor.post("/records/training/drafts", ["course": script], as: officer)
        _ = await visitor.post("/record/\(inspection)/withdrawal", ["reason": script, "version": "1"], as: officer)
        var seen = 0
        for path in [
            "/employers/\(employer)", "/workers/\(worker)", "/record/\(inspection)", "/record/\(employer)", "/records/employer",
            "/records/worker",
            "/records/inspection?state=withdrawn", "/records?q=script", "/duties", "/drafts", "/record/\(employer)/edit", "/",
        ] {
            let answer = await visitor.get(path, as: officer)
            #expect(answer.status == 200 || answer.status == 303, "\(path): \(answer.status)")
            #expect(!answer.body.contains("<script>alert") && !answer.body.contains("<img src=x"), "\(path) runs what was stored")
            if answer.text.contains("<script>alert") { seen += 1 }
        }
        #expect(seen >= 6, "the script was hardly shown anywhere: the test proves nothing")
        let csv = await visitor.get("/records/employer/export.csv", as: officer)
        #expect(
            csv.headers[.contentType]?.hasPrefix("text/csv") == true && csv.headers[.contentDisposition]?.hasPrefix("attachment") == true)
    }

    @Test func reflectedScriptIsNowhere() async throws {
        let visitor = try await Visitor.open()
        let officer = try await visitor.guest("officer", .officer, division: "450204")
        let text = Visitor.escaped(OWASPTests.script)
        for route in visitor.site.routes where !route.changes {
            let path = route.path.split(separator: "/", omittingEmptySubsequences: false).map { $0.hasPrefix(":") ? text : String($0) }
                .joined(
                    separator: "/")
            let query = [
                "q", "as_of", "known_at", "state", "next", "done", "of", "kind", "on", "lang", "place", "debtor", "why", "level", "name",
            ].map { "\($0)=\(text)" }
                .joined(separator: "&")
            for guest in [officer, .stranger] {
                let answer = await visitor.get("\(path)?\(query)", as: guest)
                #expect(answer.status < 500, "\(route.sign): \(answer.status)")
                let isPage = answer.headers[.contentType]?.hasPrefix("text/html") ?? false
                if isPage {
                    #expect(!answer.body.contains("<script>alert") && !answer.body.contains("<img src=x"), "\(route.sign) reflects")
                }
                let location = answer.location
                #expect(
                    !location.contains("\n") && !location.hasPrefix("//") && !location.hasPrefix("http"),
                    "\(route.sign) leads to \(location)")
            }
        }
        for next in ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)", "/%0d%0aSet-Cookie:x"] {
            let answer = await visitor.post("/sign-in", ["name": "officer", "password": Visitor.password, "next": next])
            #expect(
                answer.status == 303 && (answer.location == "/" || answer.location == next && next.hasPrefix("/%")),
                "\(next) → \(answer.location)")
        }
    }

    @Test func aForgedRequestIsRefusedAtEveryRouteThatChanges() async throws {
        let visitor = try await Visitor.open()
        let officer = try await visitor.guest("officer", .officer, division: "450204")
        let other = try await visitor.guest("other", .officer, division: "450204")
        let versions = try await visitor.versions()
        var asked = 0
        for route in visitor.site.routes where route.changes && route.needs != .anyone {
            let path = route.path.replacing(/:[a-z]+/, with: "employer")
            for csrf in ["", other.csrf, String(repeating: "0", count: 32)] {
                let form = Array("csrf=\(csrf)&name=x&division=450204".utf8)
                let answer = await visitor.send(route.method, path, officer, type: "application/x-www-form-urlencoded", form)
                #expect(answer.status == 403, "\(route.sign): \(answer.status)")
                let json = await visitor.send(
                    route.method, path, officer, type: "application/json", Array("{}".utf8), headers: ["X-CSRF-Token": csrf])
                #expect(json.status == 403, "\(route.sign) by JSON: \(json.status)")
                asked += 1
            }
        }
        #expect(asked > 60)
        #expect(try await visitor.versions() == versions)
    }

    @Test func aSessionThatWasPlantedIsNeverTaken() async throws {
        let visitor = try await Visitor.open()
        let first = try await visitor.guest("officer", .officer, division: "450204")
        let planted = Visitor.Guest(token: String(repeating: "a", count: 64), csrf: "x")
        let answer = await visitor.send(
            .post, "/sign-in", planted, type: "application/x-www-form-urlencoded",
            Array("name=officer&password=\(Visitor.escaped(Visitor.password))".utf8))
        #expect(answer.status == 303)
        let cookie = try #require(answer.headers[.setCookie]?.split(separator: ";").first?.split(separator: "=").last).description
        #expect(cookie != planted.token && cookie != first.token && cookie.utf8.count >= 64)
        #expect(await visitor.get("/duties", as: planted).status == 303, "the planted session is signed in")
        // The database holds no token that could be used.
        let stored = try await visitor.house.ledger.store.read {
            try $0.rows("SELECT token FROM session").map { try $0.get("token", as: String.self) }
        }
        #expect(!stored.contains(cookie) && !stored.contains(first.token))
        _ = await visitor.post("/sign-out", as: first)
        #expect(await visitor.get("/duties", as: first).status == 303)
    }

    @Test func noPathLeadsOutOfTheHouse() async throws {
        let visitor = try await Visitor.open()
        let officer = try await visitor.guest("officer", .officer, division: "450204")
        let climbs = [
            "../../../../etc/passwd", "..%2f..%2f..%2fetc%2fpasswd", "%2e%2e%2f%2e%2e%2fetc%2fpasswd", "....//....//etc/passwd",
            "/etc/passwd", "..\\..\\etc\\passwd", "%00%2fetc%2fpasswd",
        ]
        for route in visitor.site.routes where !route.changes && route.path.contains(":") {
            for climb in climbs {
                let part = climb.contains("%") ? climb : Visitor.escaped(climb)
                let path = route.path.split(separator: "/", omittingEmptySubsequences: false).map { $0.hasPrefix(":") ? part : String($0) }
                    .joined(separator: "/")
                let answer = await visitor.get(path, as: officer)
                #expect(!answer.body.contains("root:") && answer.status < 500, "\(path): \(answer.status)")
            }
        }
        let before = Set(try FileManager.default.contentsOfDirectory(atPath: "/tmp"))
        for name in ["../../../../tmp/zhifang-climbed.csv", "..\\zhifang-climbed.csv", "/tmp/zhifang-climbed.csv", "a\u{0}.csv"] {
            let answer = await visitor.upload(
                "/import", ["kind": "employer", "dryRun": "1"], file: name, Array("单位名称\n甲\n".utf8), as: officer)
            #expect(answer.status < 500)
        }
        let after = Set(try FileManager.default.contentsOfDirectory(atPath: "/tmp"))
        #expect(!after.subtracting(before).contains { $0.contains("climbed") })
    }

    @Test func aDisguisedFileIsNotTaken() async throws {
        let visitor = try await Visitor.open()
        let officer = try await visitor.guest("officer", .officer, division: "450204")
        let files: [(String, [UInt8])] = [
            ("cards.xlsx", Array("<html><script>alert(1)</script></html>".utf8)),
            ("cards.xlsx", [0x4D, 0x5A, 0x90, 0x00] + Array(repeating: 0, count: 500)),
            ("cards.csv", [0x7F, 0x45, 0x4C, 0x46, 0, 1, 2, 3]), ("cards.csv", [0x50, 0x4B, 3, 4] + Array(repeating: 7, count: 300)),
            ("cards.xlsx", [0x89, 0x50, 0x4E, 0x47, 13, 10, 26, 10]),
        ]
        for (name, bytes) in files {
            let sent = await visitor.upload("/import", ["kind": "employer"], file: name, bytes, as: officer)
            #expect(sent.status < 500, "\(name): \(sent.status)")
            if sent.status == 303 {
                for _ in 0..<200 {
                    let page = await visitor.get(sent.location, as: officer)
                    if page.body.contains("data-progress") { try await Task.sleep(for: .milliseconds(20)) } else { break }
                }
            }
        }
        #expect(try await visitor.count("employer") == 0)
        try await visitor.isWhole()
    }

    @Test func nobodyLearnsWhichAccountsAndRecordsThereAre() async throws {
        let visitor = try await Visitor.open()
        let officer = try await visitor.guest("officer", .officer, division: "450204")
        let known = await visitor.post("/sign-in", ["name": "officer", "password": "wrong"])
        let unknown = await visitor.post("/sign-in", ["name": "nobodyx", "password": "wrong"])
        func bare(_ answer: Visitor.Answer, _ name: String) -> String { answer.body.replacingOccurrences(of: name, with: "…") }
        #expect(known.status == unknown.status && bare(known, "officer") == bare(unknown, "nobodyx"))
        // Locked out, both say the same too.
        var pairs: [(Int, Int)] = []
        for _ in 0..<7 {
            let (one, two) = (
                await visitor.post("/sign-in", ["name": "officer", "password": "wrong"]),
                await visitor.post("/sign-in", ["name": "nobodyx", "password": "wrong"])
            )
            pairs.append((one.status, two.status))
            #expect(bare(one, "officer") == bare(two, "nobodyx"))
        }
        #expect(pairs.contains { $0.0 == 429 }, "nobody is ever locked out")
        let foreign = try await visitor.store("employer", [["name": "外地厂", "division": "330402"]])[0]
        let none = String(foreign.reversed())
        for path in ["/record/ID", "/employers/ID", "/record/ID/edit", "/record/ID/judgement", "/api/record/ID", "/api/record/ID/versions"]
        {
            let (there, absent) = (
                await visitor.get(path.replacing("ID", with: foreign), as: officer),
                await visitor.get(path.replacing("ID", with: none), as: officer)
            )
            #expect(there.status == 404 && absent.status == 404, "\(path): \(there.status), \(absent.status)")
            #expect(there.body.replacing(foreign, with: "…") == absent.body.replacing(none, with: "…"), "\(path) tells them apart")
        }
        let refused = await visitor.post("/records/inspection", ["employer": foreign, "day": "2022-01-01"], as: officer)
        #expect(refused.status >= 400 && !refused.text.contains("外地厂"))
    }

    @Test func everyAnswerCarriesTheHeadersThatGuardIt() async throws {
        let visitor = try await Visitor.open()
        let officer = try await visitor.guest("officer", .officer, division: "450204")
        for route in visitor.site.routes where !route.changes {
            let answer = await visitor.get(route.path.replacing(/:[a-z]+/, with: "x"), as: officer)
            for (name, value) in [
                "Content-Security-Policy": "default-src 'none'", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin",
                "Cross-Origin-Opener-Policy": "same-origin",
            ] {
                let given = HTTPField.Name(name).flatMap { answer.headers[$0] } ?? ""
                #expect(given.hasPrefix(value) || given == "no-referrer", "\(route.sign): \(name) is \(given)")
            }
            let policy = answer.headers[.contentSecurityPolicy] ?? ""
            #expect(!policy.contains("unsafe") && policy.contains("frame-ancestors 'none'"), "\(route.sign)")
            if answer.headers[.contentType]?.hasPrefix("text/html") == true, answer.status == 200 {
                #expect(answer.headers[.cacheControl] == "no-store", "\(route.sign) may be kept by a shared browser")
            }
        }
        let cookie = try #require(await visitor.post("/sign-in", ["name": "officer", "password": Visitor.password]).headers[.setCookie])
        for flag in ["HttpOnly", "SameSite=", "Path=/"] { #expect(cookie.contains(flag)) }
    }
}
