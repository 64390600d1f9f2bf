import Foundation
import HTTPTypes
import Hummingbird
import Kernel
import Ledger

/// Who may open a route before it looks at anything: the finer decision, about the thing itself, is `mayDo`'s.
public enum Ability: String, Sendable, CaseIterable {
    /// Anybody, signed in or not.
    case anyone
    /// Whoever is signed in.
    case signedIn
    /// Whoever may set the house up.
    case administer
    /// Whoever administers accounts.
    case secure
}

/// One way into the house: a method, a path, who may open it and what lies behind. Routes are values, so that tests walk them all.
public struct Route: Sendable {
    public let method: HTTPRequest.Method
    public let path: String
    public let needs: Ability
    /// Whether the request's body is a file, which is streamed to disk instead of into memory.
    public let takesFile: Bool
    /// How large a body with a file may be; nil: as large as the site takes.
    public let fileBytes: Int?
    /// Whether its answer to a program follows from the database, the question and the day alone, so that it may be given again as long as
    /// these stand.
    public let isKept: Bool
    let open: @Sendable (Call) async throws -> Response

    public init(
        _ method: HTTPRequest.Method, _ path: String, needs: Ability, takesFile: Bool = false, fileBytes: Int? = nil,
        isKept: Bool = false, open: @escaping @Sendable (Call) async throws -> Response
    ) {
        (self.method, self.path, self.needs, self.takesFile, self.open) = (method, path, needs, takesFile, open)
        (self.fileBytes, self.isKept) = (fileBytes, isKept && method == .get)
    }
    public var changes: Bool { method != .get && method != .head }
    public var sign: String { "\(method.rawValue) \(path)" }
}

/// Who is calling, as the cookie proves it.
public struct Caller: Sendable {
    public let person: Person
    public let display: String
    public let unit: String?
    /// The token that every changing form carries back.
    public let csrf: String
    public let token: String
    /// Whether it came with a token for machines, and whether that may write.
    public var isMachine = false
    public var mayWrite = true
    /// How many messages they have not read, counted no further than a hundred.
    public let unread: Int
    /// Has to take up a second factor before anything else.
    public let mustEnrol: Bool
    public init(
        person: Person, display: String, unit: String?, csrf: String, token: String, unread: Int = 0, mustEnrol: Bool = false
    ) {
        (self.person, self.display, self.unit, self.csrf, self.token) = (person, display, unit, csrf, token)
        (self.unread, self.mustEnrol) = (unread, mustEnrol)
    }
    public static let nobody = Caller(person: .nobody, display: "", unit: nil, csrf: "", token: "")
}

/// Everything that a route's code may use: the request read, who calls, the language, the pages.
public struct Call: Sendable {
    public let request: Request
    public let caller: Caller
    public let language: Language
    public let pages: Pages
    /// Query and form fields; several values of one name keep their order.
    public let query: [String: [String]]
    public let form: [String: [String]]
    /// The file of a multipart form, on disk until the call ends.
    public let upload: Upload?
    /// The address that the request came from, for limits per source; empty where nobody knows.
    public let source: String
    /// The program that sent it, as it calls itself.
    public var agent: String { request.headers[.userAgent] ?? "" }
    let parameters: [String: String]

    public var person: Person { caller.person }
    public var isEnglish: Bool { language == .english }

    /// A part of the path.
    public func part(_ name: String) throws -> String {
        guard let text = parameters[name] else { throw Refusal("internal", ["value": name]) }
        return text
    }
    public func asked(_ name: String) -> String? {
        (query[name] ?? query[name.replacing("_", with: "-")])?.last.flatMap { $0.isEmpty ? nil : $0 }
    }
    /// A cookie of the request.
    public func cookie(_ name: String) -> String? { Site.cookies(request)[name].flatMap { $0.isEmpty ? nil : $0 } }
    /// Every value of a field of the form.
    public func all(_ name: String) -> [String] { (form[name] ?? []).filter { !$0.isEmpty } }
    /// The text of a body in JSON; nil where the body was none. Forms have no field without a name.
    public var json: String? { form[""]?.first }
    public func given(_ name: String) -> String { form[name]?.last ?? "" }

    /// A page of a model. A template that does not exist is a flaw of the program.
    public func page(_ name: String, _ model: some Sendable, status: HTTPResponse.Status = .ok) throws -> Response {
        guard let html = pages.render(model, name, in: language) else { throw Refusal("internal", ["value": "page \(name)"]) }
        var headers: HTTPFields = [.contentType: "text/html; charset=utf-8", .cacheControl: "no-store"]
        headers[.contentLanguage] = language.rawValue
        return Response(status: status, headers: headers, body: .init(byteBuffer: ByteBuffer(string: html)))
    }
    /// The page that was sent, again where something of it was refused: 422 then.
    public func page(_ name: String, _ model: some Sendable, after refusals: [Refusal]) throws -> Response {
        try page(name, model, status: refusals.isEmpty ? .ok : .unprocessableContent)
    }
    public func text(_ body: String, type: String, status: HTTPResponse.Status = .ok) -> Response {
        Response(
            status: status, headers: [.contentType: type, .cacheControl: "no-store"], body: .init(byteBuffer: ByteBuffer(string: body)))
    }
    /// A text as its bytes, which need not be made into a string first.
    public func text(_ body: [UInt8], type: String, status: HTTPResponse.Status = .ok) -> Response {
        Response(
            status: status, headers: [.contentType: type, .cacheControl: "no-store"], body: .init(byteBuffer: ByteBuffer(bytes: body)))
    }
    public func redirect(to path: String) -> Response { Response(status: .seeOther, headers: [.location: path]) }

    /// A file as a download, deleted when it has been sent.
    public func download(_ url: URL, name: String, type: String) throws -> Response {
        let bytes = try Data(contentsOf: url)
        try? FileManager.default.removeItem(at: url)
        let safe = name.addingPercentEncoding(withAllowedCharacters: .alphanumerics.union(CharacterSet(charactersIn: "-._"))) ?? "file"
        var headers: HTTPFields = [.contentType: type, .cacheControl: "no-store"]
        headers[.contentDisposition] = "attachment; filename*=UTF-8''\(safe)"
        return Response(status: .ok, headers: headers, body: .init(byteBuffer: ByteBuffer(bytes: bytes)))
    }

    /// A word of the reader's language with what it names put in: `{{value}}`.
    public func word(_ key: String, _ details: [String: String] = [:]) -> String { pages.word(key, details, in: language) }

    public func has(_ key: String) -> Bool { pages.has(key, in: language) }

    /// What a refusal says, in the reader's language.
    public func say(_ refusal: Refusal) -> String { pages.say(refusal, in: language) }
}

/// A file that came with a form.
public struct Upload: Sendable {
    public let url: URL
    public let name: String
}

public enum Language: String, Sendable, CaseIterable {
    case chinese = "zh-CN", english = "en"

    /// A text with another in brackets behind it, in the brackets of the language.
    public func aside(_ text: String, _ more: String) -> String { self == .english ? "\(text) (\(more))" : "\(text)（\(more)）" }
}

/// The status that a refusal answers with, from one table.
public func status(of refusal: Refusal) -> HTTPResponse.Status {
    switch refusal.code {
    case "access.denied", "csrf.missing", "access.read-only": .forbidden
    case "access.sign-in", "access.wrong-password", "access.token", "access.wrong-code": .unauthorized
    case "access.locked", "complaint.too-many": .tooManyRequests
    case "record.missing", "plan.unknown", "indicator.unknown", "kind.unknown", "page.missing", "invitation.over": .notFound
    case "version.conflict", "key.exists", "idempotency.mismatch": .conflict
    case "request.too-large", "file.too-large", "file.bomb": .contentTooLarge
    case "database.unavailable", "database.busy", "database.timeout", "commit.unknown", "disk.read-only", "disk.failed":
        .serviceUnavailable
    case "disk.full": .init(code: 507, reasonPhrase: "Insufficient Storage")
    case "internal": .internalServerError
    default: .unprocessableContent
    }
}
