import Attachments
import Catalog
import Foundation
import HTTPTypes
import Hummingbird
import Kernel
import Ledger
import Storage
import Web

/// Files of records: added, read and withdrawn by whoever may see and change the record.
func attachmentRoutes(_ office: Office) -> [Route] {
    [
        Route(.post, "/record/:id/files", needs: .signedIn, takesFile: true, fileBytes: Attachments.largest + (1 << 20)) { call in
            try await addFile(office, call)
        },
        Route(.get, "/file/:id", needs: .signedIn) { call in try await readFile(office, call) },
        Route(.post, "/file/:id/withdrawal", needs: .signedIn) { call in try await withdrawFile(office, call) },
    ]
}

/// A page of ours to go back to; never another site's.
func local(_ path: String, else other: String) -> String {
    path.hasPrefix("/") && !path.hasPrefix("//") && !path.contains("\\") && path.utf8.allSatisfy { $0 > 32 && $0 < 127 } ? path : other
}

private func addFile(_ office: Office, _ call: Call) async throws -> Response {
    let id = try call.part("id")
    let isProgram = (call.request.headers[.accept] ?? "").hasPrefix("application/json")
    do {
        guard let upload = call.upload else { throw Refusal("file.empty", field: "file") }
        let size = (try FileManager.default.attributesOfItem(atPath: upload.url.path)[.size] as? Int) ?? 0
        guard size <= Attachments.largest else { throw Refusal("file.size", ["limit": "\(Attachments.largest >> 20) MB"]) }
        let given = call.given("field")
        let stored = try await Attachments(office.ledger).add(
            [UInt8](try Data(contentsOf: upload.url)), named: call.given("name").isEmpty ? upload.name : call.given("name"),
            as: given.isEmpty ? "photo" : given, to: id, by: call.person)
        if isProgram { return call.text("{\"id\":\"\(stored)\"}", type: "application/json; charset=utf-8") }
        return call.redirect(to: local(call.given("back"), else: Address.record(id)))
    } catch let refusal as Refusal where isProgram {
        return try call.problem([refusal])
    }
}

private func readFile(_ office: Office, _ call: Call) async throws -> Response {
    let id = try call.part("id")
    let asked = call.request.headers[.range]
    let (file, range, bytes) = try await office.ledger.store.read { db -> (Attachment, Range<Int>?, [UInt8]) in
        let store = Attachments(office.ledger)
        guard let file = try store.find(db, id), file.withdrawnAt == nil, let record = try office.ledger.record(db, file.record),
            try store.maySee(call.person, db, record, field: file.field)
        else { throw Refusal("record.missing", ["value": id]) }
        let range = try asked.map { try part($0, of: file.size) }
        return (file, range, try store.bytes(db, of: file, in: range))
    }
    var headers: HTTPFields = [.contentType: file.type, .cacheControl: "private, no-store", .acceptRanges: "bytes"]
    let safe = file.name.addingPercentEncoding(withAllowedCharacters: .alphanumerics.union(CharacterSet(charactersIn: "-._"))) ?? "file"
    headers[.contentDisposition] = "attachment; filename*=UTF-8''\(safe)"
    headers[.contentSecurityPolicy] = "default-src 'none'; sandbox"
    if let range { headers[.contentRange] = "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(file.size)" }
    return Response(status: range == nil ? .ok : .partialContent, headers: headers, body: .init(byteBuffer: ByteBuffer(bytes: bytes)))
}

/// One part of a file, `bytes=100-199`, `bytes=100-` or `bytes=-50`; several at once are refused.
private func part(_ text: String, of size: Int) throws -> Range<Int> {
    let refusal = Refusal("file.range", ["value": text])
    guard text.hasPrefix("bytes="), !text.contains(",") else { throw refusal }
    let sides = text.dropFirst(6).split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
    guard sides.count == 2 else { throw refusal }
    let (from, until) = (Int(sides[0]), Int(sides[1]))
    let range: (Int, Int)
    switch (from, until) {
    case (let from?, let until?): range = (from, min(until, size - 1))
    case (let from?, nil) where sides[1].isEmpty: range = (from, size - 1)
    case (nil, let count?) where sides[0].isEmpty: range = (max(0, size - count), size - 1)
    default: throw refusal
    }
    guard range.0 >= 0, range.0 <= range.1, range.1 < size else { throw refusal }
    return range.0..<(range.1 + 1)
}

private func withdrawFile(_ office: Office, _ call: Call) async throws -> Response {
    let reason = call.given("reason").trimmingCharacters(in: .whitespacesAndNewlines)
    let record = try await Attachments(office.ledger).withdraw(try call.part("id"), why: reason, by: call.person)
    return call.redirect(to: local(call.given("back"), else: Address.record(record)))
}

extension Showing {
    /// The files of a record as the reader may see them.
    /// - Parameter belongs: which of them, by field.
    func files(
        of record: Record, back: String, fields: [View.Option] = [], where belongs: (String) -> Bool = { _ in true }
    ) throws -> View.Files {
        let mayChange = try may(.change, record)
        let list = try stored(record, back: back, mayChange: mayChange).filter { belongs($0.0) }.map(\.1)
        return View.Files(
            id: record.id, action: mayChange ? "/record/\(record.id)/files" : nil, back: back,
            fields: fields.isEmpty ? [View.Option(value: "photo", text: call.word("file.field.photo"), selected: true)] : fields, list: list
        )
    }
    func stored(_ record: Record, back: String, mayChange: Bool) throws -> [(String, View.StoredFile)] {
        let store = Attachments(ledger)
        return try store.all(db, of: record.id).compactMap { file in
            guard try store.maySee(call.person, db, record, field: file.field) else { return nil }
            if file.withdrawnAt != nil, !mayChange { return nil }
            var notes = [fieldName(file.field)]
            if !file.taken.isEmpty { notes.append(call.word("file.taken", ["value": file.taken])) }
            if !file.removed.isEmpty { notes.append(call.word("file.removed.\(file.removed)")) }
            let size = file.size < 1 << 20 ? "\(max(1, file.size >> 10)) KB" : "\(numbers.decimal(Double(file.size) / 1_048_576, 1)) MB"
            return (
                file.field,
                View.StoredFile(
                    name: file.name, href: "/file/\(file.id)", size: size, who: file.recordedBy, when: moment(file.recordedAt),
                    isImage: file.isImage && file.withdrawnAt == nil, note: notes.joined(separator: " · "),
                    withdrawAction: mayChange && file.withdrawnAt == nil ? "/file/\(file.id)/withdrawal" : nil, withdrawn: file.withdrawnWhy
                )
            )
        }
    }
    private func fieldName(_ field: String) -> String {
        if field.hasPrefix("item."), let item = ledger.catalog.tables["checklist_item"]?[String(field.dropFirst(5))] {
            return call.isEnglish ? item.en : item.zh
        }
        return call.has("file.field.\(field)") ? call.word("file.field.\(field)") : field
    }
}
