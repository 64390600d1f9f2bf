import Catalog
import Foundation
import HTTPTypes
import Hummingbird
import Kernel
import Ledger
import Print
import Storage
import Web

/// A document that can be printed of a record.
struct Printable: Sendable {
    /// Stable name, of the address and of the words: `print.<name>`.
    let name: String
    /// Kinds of record that it is printed of.
    let kinds: [String]
    /// Kinds of records naming it that the document shows: with it they make its code.
    let shows: [String]
    /// Whether the record has come so far that there is such a document.
    let isReady: @Sendable (Record) -> Bool
    let make: @Sendable (PrintDesk) throws -> Document

    init(
        _ name: String, of kinds: String..., showing shows: [String] = [],
        when isReady: @escaping @Sendable (Record) -> Bool = { _ in true },
        _ make: @escaping @Sendable (PrintDesk) throws -> Document
    ) { (self.name, self.kinds, self.shows, self.isReady, self.make) = (name, kinds, shows, isReady, make) }

    static let all = declarationPrints + testPrints + fieldPrints + casePrints + healthPrints

    /// The records that the document shows beside its own.
    func companions(of record: Record, _ ledger: Ledger, _ db: any Connection) throws -> [Record] {
        shows.isEmpty ? [] : try ledger.mentions(db, of: record.id, kinds: shows, limit: 2000)
    }

    /// Half of the SHA-256 of what the document says, language and masks aside: the same for every reader, and no way to guess a field
    /// that is masked.
    func code(of record: Record, with companions: [Record]) -> String {
        let parts = ([record] + companions).map { record -> String in
            let open = record.kind.fields.filter { $0.sensitivity == .open }
            let cells = open.compactMap { field in record[field].map { "\(field.name)=\(plainText($0))" } }
            return ([record.id] + cells).map { "\($0.utf8.count):\($0)" }.joined(separator: ",")
        }
        return String(Digest.sha256(([name] + parts).joined(separator: "\n")).prefix(32))
    }
}

func printRoutes(_ office: Office) -> [Route] {
    [
        Route(.get, "/record/:id/print/:document", needs: .signedIn) { call in try await printed(office, call, isClear: false) },
        Route(.post, "/record/:id/print/:document", needs: .signedIn) { call in
            try await unmask(office, call)
            return try await printed(office, call, isClear: true)
        },
        Route(.get, "/plans/:plan/report.pdf", needs: .signedIn) { call in try await printedReport(office, call) },
        Route(.get, "/verify/:id/:document/:code", needs: .anyone) { call in try await verification(office, call) },
    ]
}

/// Where the reader reaches the site.
func siteAddress(_ call: Call) -> String {
    let forwarded = HTTPField.Name("X-Forwarded-Proto").flatMap { call.request.headers[$0] }
    return "\(forwarded == "https" ? "https" : "http")://\(call.request.head.authority ?? "localhost")"
}

private func printable(_ name: String, of record: Record) throws -> Printable {
    let plain = name.hasSuffix(".pdf") ? String(name.dropLast(4)) : name
    guard let found = Printable.all.first(where: { $0.name == plain && $0.kinds.contains(record.kind.name) }), found.isReady(record) else {
        throw Refusal("record.missing", ["value": record.id])
    }
    return found
}

private func printed(_ office: Office, _ call: Call, isClear: Bool) async throws -> Response {
    let id = try call.part("id")
    let name = try call.part("document")
    let document = try await office.ledger.store.read { db -> Document in
        let show = Showing(office, call, db, isClear: isClear)
        let opened = try Opened(show, id, for: isClear ? .seePersonal : .see)
        guard !opened.isWithdrawn else { throw Refusal("record.missing", ["value": id]) }
        let printable = try printable(name, of: opened.record)
        return try printable.make(PrintDesk(show: show, record: opened.record, printable: printable, site: siteAddress(call)))
    }
    return try pdf(document, name: "\(document.title)-\(id.suffix(8)).pdf")
}

/// A document as the answer to a call: shown by the browser, saved under its name.
func pdf(_ document: Document, name: String) throws -> Response {
    let bytes = try Press.shared.print(document)
    let safe = name.addingPercentEncoding(withAllowedCharacters: .alphanumerics.union(CharacterSet(charactersIn: "-._"))) ?? "document.pdf"
    var headers: HTTPFields = [.contentType: "application/pdf", .cacheControl: "no-store", .contentLength: String(bytes.count)]
    headers[.contentDisposition] = "inline; filename*=UTF-8''\(safe)"
    return Response(status: .ok, headers: headers, body: .init(byteBuffer: ByteBuffer(bytes: bytes)))
}

/// What can be printed of a record, for its page.
func printLinks(_ show: Showing, _ record: Record) -> [View.Link] {
    Printable.all.filter { $0.kinds.contains(record.kind.name) && $0.isReady(record) }.map {
        View.Link(text: show.call.word("print.\($0.name)"), href: Address.record(record.id) + "/print/\($0.name).pdf")
    }
}

/// Whether a paper in somebody's hand says what the records say: told to whoever holds the paper and to nobody else, for its code is
/// made of what stands on it.
private func verification(_ office: Office, _ call: Call) async throws -> Response {
    let (id, name, code) = (try call.part("id"), try call.part("document"), try call.part("code"))
    let model = try await office.ledger.store.read { db -> VerificationPage in
        let history = try office.ledger.history(db, id)
        guard let printable = Printable.all.first(where: { $0.name == name }), code.utf8.count == 32 else {
            throw Refusal("page.missing", ["value": "/verify"])
        }
        guard let last = history.last, let paper = try Printed.found(in: history, code, printable, office.ledger, db) else {
            return VerificationPage(
                frame: office.frame(call), title: call.word("print.verify"), mark: View.Mark("bad", call.word("print.verify.none")),
                explanation: call.word("print.verify.none.long"), facts: [])
        }
        let found = paper.line
        guard let record = found.record else { throw Refusal("page.missing", ["value": "/verify"]) }
        let isCurrent = last.version == found.version
        let state = last.isWithdrawn ? "withdrawn" : !isCurrent ? "older" : paper.changedAt == nil ? "current" : "changed"
        let since = paper.changedAt ?? last.recordedAt
        return VerificationPage(
            frame: office.frame(call), title: call.word("print.verify"),
            mark: View.Mark(state == "withdrawn" ? "bad" : state == "current" ? "good" : "warn", call.word("print.verify.\(state)")),
            explanation: call.word("print.verify.\(state).long", ["value": String(since.description.dropLast(3))]),
            facts: [
                View.Fact(label: call.word("print.verify.document"), value: call.word("print.\(printable.name)")),
                View.Fact(label: call.word("print.verify.place"), value: office.ledger.catalog.divisions[record.home]?.name ?? record.home),
                View.Fact(label: call.word("print.verify.moment"), value: String(found.recordedAt.description.dropLast(3))),
                View.Fact(label: call.word("print.verify.code"), value: code),
            ])
    }
    return try call.page("verification", model)
}

/// What a paper was made of, found by its code: the newest moment at which the record and what it shows said so.
private struct Printed {
    let line: Ledger.HistoryLine
    /// When what the record shows changed next; nil where it says so now.
    let changedAt: Moment?
    /// The most moments of a record's companions that are looked at: a code that is wrong costs no more.
    private static let momentsSeen = 120

    static func found(
        in history: [Ledger.HistoryLine], _ code: String, _ printable: Printable, _ ledger: Ledger, _ db: any Connection
    ) throws -> Printed? {
        guard let newest = history.last?.record else { return nil }
        // What was taken away altogether is not found any more: such a paper stays unknown.
        let companions = try printable.companions(of: newest, ledger, db)
        for line in history.reversed() {
            guard let record = line.record, printable.kinds.contains(record.kind.name), printable.isReady(record) else { continue }
            if printable.code(of: record, with: companions) == code { return Printed(line: line, changedAt: nil) }
        }
        let histories = try companions.prefix(200).map { try ledger.history(db, $0.id) }
        let moments = Set((history + histories.flatMap { $0 }).map(\.recordedAt.microseconds)).sorted(by: >)
        var next: Moment?
        for moment in moments.prefix(Printed.momentsSeen).map(Moment.init(microseconds:)) {
            defer { next = moment }
            guard let line = history.last(where: { $0.recordedAt <= moment }), let record = line.record,
                printable.kinds.contains(record.kind.name), printable.isReady(record)
            else { continue }
            let shown = histories.compactMap { each -> Record? in
                guard let line = each.last(where: { $0.recordedAt <= moment }), !line.isWithdrawn, let part = line.record else {
                    return nil
                }
                return part.kind.references.contains { part.target(of: $0) == record.id } ? part : nil
            }
            guard printable.code(of: record, with: shown) == code else { continue }
            return Printed(line: line, changedAt: next)
        }
        return nil
    }
}
