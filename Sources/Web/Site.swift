import Foundation
import HTTPTypes
import Hummingbird
import Kernel
import Ledger
import Logging
import NIOCore
import Storage

/// The routes of the house behind one router: sessions read, abilities checked, forms parsed, refusals answered, headers set.
public struct Site: Sendable {
    public let routes: [Route]
    public let pages: Pages
    let whoIs: @Sendable (String) async throws -> Caller?
    let errorPage: @Sendable (Call, Refusal) async throws -> Response
    let logger: Logger
    let fileBytes: Int
    let shelf: AnswerShelf?
    static let formBytes = 4 << 20
    public static let fileBytes = 500 << 20

    /// - Parameters:
    ///   - whoIs: the caller of a session token, nil where there is none.
    ///   - fileBytes: how large a body with a file may be.
    ///   - shelf: the answers that may be given again; nil to make each anew.
    ///   - errorPage: the page of a refusal that no form shows.
    public init(
        routes: [Route], pages: Pages, logger: Logger, fileBytes: Int = Site.fileBytes, shelf: AnswerShelf? = nil,
        whoIs: @escaping @Sendable (String) async throws -> Caller?,
        errorPage: @escaping @Sendable (Call, Refusal) async throws -> Response
    ) {
        (self.routes, self.pages, self.logger, self.fileBytes, self.whoIs, self.errorPage) = (
            routes, pages, logger, fileBytes, whoIs, errorPage
        )
        self.shelf = shelf
    }

    public func router() throws -> Router<VisitContext> {
        let router = Router(context: VisitContext.self)
        let assets = try Pages.assets()
        router.get("/assets/:name") { request, context -> Response in
            let name = try context.parameters.require("name")
            guard let bytes = assets[name] else { return Response(status: .notFound) }
            let type =
                name.hasSuffix(".css")
                ? "text/css; charset=utf-8"
                : name.hasSuffix(".js")
                    ? "text/javascript; charset=utf-8" : name.hasSuffix(".svg") ? "image/svg+xml" : "application/octet-stream"
            return Site.guarded(
                Response(
                    status: .ok, headers: [.contentType: type, .cacheControl: "public, max-age=31536000, immutable"],
                    body: .init(byteBuffer: ByteBuffer(bytes: bytes))))
        }
        for route in routes {
            router.on(RouterPath(route.path), method: route.method) { request, context -> Response in
                await answer(route, request, context.parameters, source: context.source)
            }
        }
        // Whatever no route takes is answered by a page too.
        router.get("/**") { request, context -> Response in
            await answer(
                Route(.get, "/**", needs: .anyone) { call in throw Refusal("page.missing", ["value": request.uri.path]) }, request,
                context.parameters, source: context.source)
        }
        return router
    }

    /// The whole path of a request, callable without a server.
    /// - Parameter source: the address that it came from; empty where nobody knows.
    public func answer(_ route: Route, _ request: Request, _ parameters: Parameters, source: String = "") async -> Response {
        let started = ContinuousClock.now
        let asked = route.isKept ? shelf?.ask(request) : nil
        let response: Response
        if let answer = asked?.answer {
            response = answer
        } else {
            response = Site.guarded(await refused(route, request, parameters, Site.source(request, source)))
            if let asked { shelf?.keep(response, to: asked) }
        }
        let took = ContinuousClock.now - started
        logger.debug(
            "request",
            metadata: [
                "method": "\(request.method.rawValue)", "path": "\(request.uri.path)", "status": "\(response.status.code)",
                "milliseconds": "\(took.components.seconds * 1000 + took.components.attoseconds / 1_000_000_000_000_000)",
            ])
        return response
    }

    /// What somebody may open who has still to take up a second factor.
    private static let enrolment = ["/account/second-factor", "/sign-out"]

    private func refused(_ route: Route, _ request: Request, _ parameters: Parameters, _ source: String) async -> Response {
        let names = Dictionary(
            parameters.map { (String($0.key), String($0.value).removingPercentEncoding ?? String($0.value)) },
            uniquingKeysWith: { first, _ in first })
        let cookies = Site.cookies(request)
        let query = Site.fields(request.uri.query ?? "")
        let language = Site.language(request, query, cookies)
        var caller = Caller.nobody
        var upload: Upload?
        defer { if let upload { try? FileManager.default.removeItem(at: upload.url) } }
        func call(_ form: [String: [String]] = [:]) -> Call {
            Call(
                request: request, caller: caller, language: language, pages: pages, query: query, form: form, upload: upload,
                source: source, parameters: names)
        }
        do {
            if let header = request.headers[.authorization] {
                guard header.hasPrefix("Bearer "), let found = try await whoIs(String(header.dropFirst(7))), found.isMachine else {
                    throw Refusal("access.token")
                }
                caller = found
            } else if let token = cookies["session"], let found = try await whoIs(token), !found.isMachine {
                caller = found
                // A session that a password alone has opened may be an administrator's who has no second factor yet.
                if caller.mustEnrol, !Site.enrolment.contains(where: route.path.hasPrefix) {
                    guard route.needs == .anyone else {
                        return Response(status: .seeOther, headers: [.location: "/account/second-factor"])
                    }
                    caller = .nobody
                }
            }
            switch route.needs {
            case .anyone: break
            case .signedIn: guard caller.person.role != .nobody else { throw Refusal("access.sign-in") }
            case .administer, .secure:
                guard caller.person.role != .nobody else { throw Refusal("access.sign-in") }
                guard mayDo(caller.person, route.needs == .secure ? .secure : .administer, at: .common) else {
                    throw Refusal("access.denied")
                }
            }
            var form: [String: [String]] = [:]
            if route.changes {
                (form, upload) = try await body(of: request, takesFile: route.takesFile, most: min(route.fileBytes ?? fileBytes, fileBytes))
                // A form carries the token in a field, a script that sends JSON in a header; a machine has no cookie that could be borrowed.
                let proof = form["csrf"]?.first ?? HTTPField.Name("X-CSRF-Token").flatMap { request.headers[$0] }
                if caller.person.role != .nobody, !caller.isMachine, proof != caller.csrf { throw Refusal("csrf.missing") }
                if caller.isMachine, !caller.mayWrite { throw Refusal("access.read-only") }
            }
            // Looks may write too (sessions, audit lines), but nobody asks whether a look was saved.
            let asked = call(form)
            var response = try await Committed.$current.withValue(route.changes ? Committed() : nil) { try await route.open(asked) }
            if query["lang"] != nil {
                response.headers[values: .setCookie].append("lang=\(language.rawValue); Path=/; Max-Age=31536000; SameSite=Lax")
            }
            return response
        } catch let refusal as Refusal {
            if refusal.code == "access.sign-in", request.method == .get, !request.uri.path.hasPrefix("/api/") {
                let next = request.uri.description.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
                return Response(status: .seeOther, headers: [.location: "/sign-in?next=\(next)"])
            }
            return await page(of: refusal, call())
        } catch let refusals as Refusals {
            return await page(of: refusals.all.first ?? Refusal("internal"), call())
        } catch {
            if let refusal = Refusal.ofDisk(error) {
                logger.error("disk", metadata: ["refusal": "\(refusal.code)", "reason": "\(String(reflecting: error))"])
                return await page(of: refusal, call())
            }
            // What went wrong inside is for the log, under a number that the reader can give us.
            let number = Digest.hex(Digest.random(4))
            logger.error(
                "request failed", metadata: ["number": "\(number)", "path": "\(request.uri.path)", "error": "\(String(reflecting: error))"])
            return await page(of: Refusal("internal", ["value": number]), call())
        }
    }

    /// Seconds after which a machine may ask again what could not be answered now.
    private static let retryAfter = "5"

    private func page(of refusal: Refusal, _ call: Call) async -> Response {
        var response: Response
        do { response = try await errorPage(call, refusal) } catch {
            // Without the database not even the frame of a page can be made: the words alone.
            response = Response(
                status: .ok, headers: [.contentType: "text/plain; charset=utf-8"],
                body: .init(byteBuffer: ByteBuffer(string: "\(call.say(refusal)) [\(refusal.code)]\n")))
        }
        response.status = status(of: refusal)
        return response
    }

    /// What a page may load and where it may be shown. What a user sent in carries a narrower policy of its own.
    private static let policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    private static let protections: [(name: HTTPField.Name, value: String)] = [
        ("X-Content-Type-Options", "nosniff"), ("Referrer-Policy", "same-origin"), ("Cross-Origin-Opener-Policy", "same-origin"),
    ].compactMap { name, value in HTTPField.Name(name).map { ($0, value) } }

    static func guarded(_ response: Response) -> Response {
        var response = response
        if response.headers[.contentSecurityPolicy] == nil { response.headers[.contentSecurityPolicy] = policy }
        if [503, 507].contains(response.status.code) { response.headers[.retryAfter] = retryAfter }
        for (name, value) in protections { response.headers[name] = value }
        return response
    }

    private static func language(_ request: Request, _ query: [String: [String]], _ cookies: [String: String]) -> Language {
        if let asked = query["lang"]?.first ?? cookies["lang"],
            let language = Language.allCases.first(where: { asked.hasPrefix($0.rawValue.prefix(2)) })
        {
            return language
        }
        return (request.headers[.acceptLanguage] ?? "").lowercased().hasPrefix("en") ? .english : .chinese
    }

    static func cookies(_ request: Request) -> [String: String] {
        var result: [String: String] = [:]
        for header in request.headers[values: .cookie] {
            for pair in header.split(separator: ";") {
                let parts = pair.split(separator: "=", maxSplits: 1)
                if parts.count == 2 { result[parts[0].trimmingCharacters(in: .whitespaces)] = String(parts[1]) }
            }
        }
        return result
    }

    /// `a=1&b=2` decoded.
    public static func fields(_ text: String) -> [String: [String]] {
        var result: [String: [String]] = [:]
        for pair in text.split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map { $0.replacing("+", with: " ") }
            guard let name = parts[0].removingPercentEncoding, !name.isEmpty else { continue }
            result[name, default: []].append(parts.count > 1 ? parts[1].removingPercentEncoding ?? String(parts[1]) : "")
        }
        return result
    }

    private func body(of request: Request, takesFile: Bool, most: Int) async throws -> ([String: [String]], Upload?) {
        let type = request.headers[.contentType] ?? ""
        if type.hasPrefix("multipart/form-data") {
            guard let boundary = Multipart.boundary(type) else { throw Refusal("request.format") }
            let url = FileManager.default.temporaryDirectory.appendingPathComponent("zhifang-\(Digest.hex(Digest.random(12)))")
            guard FileManager.default.createFile(atPath: url.path, contents: nil, attributes: [.posixPermissions: 0o600]) else {
                throw Refusal.ofDisk(number: errno) ?? Refusal("internal", ["value": "upload"])
            }
            defer { try? FileManager.default.removeItem(at: url) }
            let handle = try FileHandle(forWritingTo: url)
            let limit = takesFile ? most : Site.formBytes
            var count = 0
            for try await buffer in request.body {
                count += buffer.readableBytes
                guard count <= limit else { throw Refusal("request.too-large", ["limit": "\(max(1, limit >> 20)) MB"]) }
                try handle.write(contentsOf: Data(buffer.readableBytesView))
            }
            try handle.close()
            return try Multipart.parse(url, boundary: boundary)
        }
        var bytes: [UInt8] = []
        for try await buffer in request.body {
            guard bytes.count + buffer.readableBytes <= Site.formBytes else {
                throw Refusal("request.too-large", ["limit": "\(Site.formBytes >> 20) MB"])
            }
            bytes += buffer.readableBytesView
        }
        let text = String(decoding: bytes, as: UTF8.self)
        return (type.hasPrefix("application/json") || type.hasPrefix("application/x-ndjson") ? ["": [text]] : Site.fields(text), nil)
    }
}

/// What the site keeps of a connection: the address at its other end.
public struct VisitContext: RequestContext {
    public var coreContext: CoreRequestContextStorage
    let source: String
    public init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        self.source = source.channel.remoteAddress?.ipAddress ?? ""
    }
}

extension Site {
    /// Where a request came from: behind a proxy on the same machine the address that the proxy saw last.
    static func source(_ request: Request, _ address: String) -> String {
        guard ["", "127.0.0.1", "::1"].contains(address), let name = HTTPField.Name("X-Forwarded-For") else { return address }
        let last = request.headers[name]?.split(separator: ",").last.map { $0.trimmingCharacters(in: .whitespaces) }
        return last.flatMap { $0.isEmpty ? nil : String($0.prefix(64)) } ?? address
    }
}
