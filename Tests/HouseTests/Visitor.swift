import Accounts
import Foundation
import HTTPTypes
import Hummingbird
import Kernel
import Ledger
import Logging
import Planning
import Portal
import Storage
import TestKit
import Testing
import Web

@testable import House

/// A house with its site, visited as a browser would, without a server: routes found by path, cookies and forms as they travel.
struct Visitor {
    let house: House
    let site: Site
    static let pages = Result { try Pages() }
    static let password = "a long sentence"

    /// Who asks: the session's cookie and the token of its forms.
    struct Guest {
        var token = ""
        var csrf = ""
        var language = Language.chinese
        static let stranger = Guest()
    }

    struct Answer {
        let status: Int
        let headers: HTTPFields
        let body: String
        /// What is no text: files.
        var bytes: [UInt8] = []
        var location: String { headers[.location] ?? "" }
        /// The page as its reader sees it.
        var text: String {
            let marks = ["&lt;": "<", "&gt;": ">", "&quot;": "\"", "&#39;": "'", "&#x27;": "'", "&#34;": "\"", "&amp;": "&"]
            return marks.sorted { $0.key > $1.key }.reduce(body) {
                $1.key == "&amp;" ? $0 : $0.replacingOccurrences(of: $1.key, with: $1.value)
            }
            .replacingOccurrences(of: "&amp;", with: "&")
        }
    }

    static func open(
        _ kind: Dialect = .sqlite, at moment: String = "2022-06-30 12:00", fileBytes: Int = Site.fileBytes
    ) async throws -> Visitor {
        let clock = Clock.fixed(try #require(Moment(moment)))
        return try await over(try await House.open(try await Stores.fresh(kind), catalog: Hand.catalog, clock: clock), fileBytes: fileBytes)
    }
    static func over(_ house: House, fileBytes: Int = Site.fileBytes) async throws -> Visitor {
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        let whole = try await house.site(logger: logger)
        guard fileBytes != Site.fileBytes else { return Visitor(house: house, site: whole) }
        let accounts = house.accounts
        let small = Site(
            routes: whole.routes, pages: whole.pages, logger: logger, fileBytes: fileBytes,
            whoIs: { token in
                try await accounts.session(token).map {
                    Caller(person: $0.account.person, display: $0.account.display, unit: nil, csrf: $0.csrf, token: token)
                }
            }, errorPage: Portal.errorPage(house.office(isDemo: false, demoAccounts: [])))
        return Visitor(house: house, site: small)
    }

    /// The receipt of an import, when it has ended.
    func imported(_ job: String, _ guest: Guest) async throws -> Answer {
        for _ in 0..<600 {
            if await get(job + "/status", as: guest).body.contains("\"href\"") { return await get(job, as: guest) }
            try await Task.sleep(for: .milliseconds(50))
        }
        Issue.record("the import does not end")
        return await get(job, as: guest)
    }

    /// Adds an account and signs it in by the form.
    func guest(
        _ name: String, _ role: Person.Role, division: String = "", organisation: String = "", worker: String = "",
        functions: [String]? = nil, isManager: Bool = false
    ) async throws -> Guest {
        try await house.accounts.add(
            name: name, display: name, password: Visitor.password, role: role, functions: functions ?? (role == .officer ? ["health"] : []),
            division: division, organisation: organisation, worker: worker, isManager: isManager, by: .house)
        return try await signIn(name)
    }

    /// Signs an account in by the form; an administrator takes up a second factor first.
    func signIn(_ name: String) async throws -> Guest {
        let answer = await post("/sign-in", ["name": name, "password": Visitor.password])
        let cookie = try #require(answer.headers[.setCookie]?.split(separator: ";").first?.split(separator: "=").last)
        let session = try #require(try await house.accounts.session(String(cookie)))
        guard Accounts.mustEnrol(session.account, isDemo: false) else { return Guest(token: String(cookie), csrf: session.csrf) }
        let secret = try #require(Base32.decode(try await house.accounts.enrol(name).secret))
        let code = OneTimeCode.code(secret, step: OneTimeCode.step(at: house.ledger.clock.now()))
        let token = try await house.accounts.confirm(name, code: code).token
        return Guest(token: token, csrf: try #require(try await house.accounts.session(token)).csrf)
    }

    func get(_ path: String, as guest: Guest = .stranger) async -> Answer { await send(.get, path, guest) }

    func post(_ path: String, _ form: [String: String] = [:], as guest: Guest = .stranger, csrf: Bool = true) async -> Answer {
        var form = form
        if csrf, !guest.csrf.isEmpty { form["csrf"] = guest.csrf }
        let body = form.sorted { $0.key < $1.key }.map { "\(Visitor.escaped($0.key))=\(Visitor.escaped($0.value))" }.joined(separator: "&")
        return await send(.post, path, guest, type: "application/x-www-form-urlencoded", Array(body.utf8))
    }

    /// A form with a file, as browsers send it.
    func upload(
        _ path: String, _ form: [String: String], file name: String, _ content: [UInt8], as guest: Guest, csrf: Bool = true, cut: Int = 0
    ) async -> Answer {
        var form = form
        if csrf { form["csrf"] = guest.csrf }
        var body: [UInt8] = []
        for (key, value) in form.sorted(by: { $0.key < $1.key }) {
            body += Array("--frontier\r\nContent-Disposition: form-data; name=\"\(key)\"\r\n\r\n\(value)\r\n".utf8)
        }
        body += Array("--frontier\r\nContent-Disposition: form-data; name=\"file\"; filename=\"\(name)\"\r\n\r\n".utf8)
        body += content + Array("\r\n--frontier--\r\n".utf8)
        return await send(.post, path, guest, type: "multipart/form-data; boundary=frontier", Array(body.dropLast(cut)))
    }

    func send(
        _ method: HTTPRequest.Method, _ path: String, _ guest: Guest, type: String? = nil, _ body: [UInt8] = [],
        headers: [String: String] = [:]
    ) async -> Answer {
        var head = HTTPRequest(method: method, scheme: "http", authority: "localhost", path: path)
        if let type { head.headerFields[.contentType] = type }
        for (name, value) in headers { if let name = HTTPField.Name(name) { head.headerFields[name] = value } }
        var cookies = ["lang=\(guest.language.rawValue)"]
        if !guest.token.isEmpty { cookies.append("session=\(guest.token)") }
        head.headerFields[.cookie] = cookies.joined(separator: "; ")
        let request = Request(head: head, body: .init(buffer: ByteBuffer(bytes: body)))
        guard let (route, parameters) = find(method, String(path.prefix { $0 != "?" })) else {
            Issue.record("no route for \(method) \(path)")
            return Answer(status: 0, headers: [:], body: "")
        }
        let response = await site.answer(route, request, parameters)
        let sink = Sink()
        do { try await response.body.write(Writer(sink: sink)) } catch { Issue.record("the body of \(path) broke off: \(error)") }
        return Answer(
            status: response.status.code, headers: response.headers, body: String(decoding: sink.bytes, as: UTF8.self), bytes: sink.bytes)
    }

    /// The route of a path: fixed parts before named ones, as the router prefers them.
    func find(_ method: HTTPRequest.Method, _ path: String) -> (Route, Parameters)? {
        let parts = path.split(separator: "/")
        let fits = site.routes.filter { route in
            let pattern = route.path.split(separator: "/")
            return route.method == method && pattern.count == parts.count
                && zip(pattern, parts).allSatisfy { $0.hasPrefix(":") || $0 == $1 }
        }
        let names = { (route: Route) in route.path.split(separator: "/").map { $0.hasPrefix(":") ? "1" : "0" }.joined() }
        guard let route = fits.min(by: { names($0) < names($1) }) else { return nil }
        let pairs = zip(route.path.split(separator: "/"), parts).filter { $0.0.hasPrefix(":") }
        return (route, Parameters(pairs.map { (key: $0.0.dropFirst(), value: $0.1) }))
    }

    static func escaped(_ text: String) -> String {
        text.addingPercentEncoding(
            withAllowedCharacters: .alphanumerics.intersection(.init(charactersIn: Unicode.Scalar(0)..<Unicode.Scalar(128)))) ?? ""
    }

    private final class Sink: @unchecked Sendable { var bytes: [UInt8] = [] }
    private struct Writer: ResponseBodyWriter {
        let sink: Sink
        mutating func write(_ buffer: ByteBuffer) async throws { sink.bytes += buffer.readableBytesView }
        consuming func finish(_ trailingHeaders: HTTPFields?) async throws {}
    }

    // What is in the house

    func count(_ kind: String) async throws -> Int {
        try await house.ledger.store.read {
            try $0.row("SELECT count(*) AS total FROM record WHERE live = 1 AND kind = \(kind)")?.get("total") ?? 0
        }
    }
    func versions() async throws -> Int {
        try await house.ledger.store.read { try $0.row("SELECT count(*) AS total FROM record_version")?.get("total") ?? 0 }
    }
    func auditLines() async throws -> Int {
        try await house.ledger.store.read { try $0.row("SELECT count(*) AS total FROM audit")?.get("total") ?? 0 }
    }
    /// Stores records and gives their ids.
    @discardableResult func store(_ kind: String, _ rows: [[String: String]]) async throws -> [String] {
        let kind = try #require(house.ledger.kinds[kind])
        let receipts = try await house.ledger.submit(rows.map { Draft(kind, $0) }, Submission(by: .house, door: "test", home: "450204"))
        return try receipts.map { receipt in
            if case .refused(let refusals) = receipt.fate { Issue.record("\(refusals)") }
            return try #require(receipt.fate.id)
        }
    }
    /// Whether the house still answers and its figures still follow from its records.
    func isWhole() async throws {
        #expect(await get("/sign-in").status < 400)
        #expect(try await house.ledger.verify().isEmpty)
        #expect(try await house.ledger.store.read { try Audit($0).breaks() }.isEmpty)
    }
}

/// What a user is told, in both languages, and whether it can be read.
struct Told {
    let zh, en: String

    init(_ refusal: Refusal) throws {
        let pages = try Visitor.pages.get()
        let key = "refusal.\(refusal.code)"
        for language in Language.allCases {
            #expect(pages.has(key, in: language), "no word for \(key)")
            let raw = pages.word(key, refusal.details, in: language)
            #expect(!raw.contains("{{"), "\(key) lacks what it names: \(raw)")
        }
        (zh, en) = (pages.say(refusal, in: .chinese), pages.say(refusal, in: .english))
        for text in [zh, en] {
            #expect(text != refusal.code && !text.contains("{{") && !text.hasPrefix("refusal."))
            for hole in ["“”", "：。", ": .", "（）", "()", "  "] { #expect(!text.contains(hole), "\(key) has a hole: \(text)") }
        }
        let theirs = refusal.code == "sheet.missing" ? ["value", "expected"] : ["value"]
        let own = theirs.compactMap { refusal.details[$0] }.reduce(en) { $0.replacingOccurrences(of: $1, with: "") }
        #expect(!own.unicodeScalars.contains { (0x4E00...0x9FFF).contains($0.value) }, "not English: \(en)")
    }
}
