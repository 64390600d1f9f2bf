import Exchange
import Foundation
import HTTPTypes
import Hummingbird
import Kernel
import Ledger
import Planning
import Storage
import Web

/// The records for programs: everything that the forms and lists do, under `/api`. Described by `/api/openapi.json`.
func recordAPIRoutes(_ office: Office) -> [Route] {
    func route(_ method: HTTPRequest.Method, _ path: String, _ open: @escaping @Sendable (Desk) async throws -> Response) -> Route {
        // What can be asked here is told without being noted: an answer leaves no trace and follows from what stands.
        Route(method, path, needs: .signedIn, isKept: true) { call in
            do { return try await open(Desk(office: office, call: call)) } catch let refusals as Refusals {
                return try call.problem(refusals.all)
            }
        }
    }
    return [
        route(.get, "/api/me") { $0.answer($0.me) },
        route(.get, "/api/kinds") { $0.answer($0.kinds) },
        route(.get, "/api/records/:kind") { try await $0.list() },
        route(.post, "/api/records/:kind") { try await $0.create() },
        route(.get, "/api/record/:id") { try await $0.one() },
        route(.patch, "/api/record/:id") { try await $0.change() },
        route(.delete, "/api/record/:id") { try await $0.withdraw() },
        route(.get, "/api/record/:id/versions") { try await $0.versions() },
        route(.post, "/api/record/:id/steps/:step") { try await $0.step() },
        route(.get, "/api/duties") { try await $0.duties() },
        route(.get, "/api/plans") { try await $0.plans() },
        route(.get, "/api/plans/:plan") { try await $0.board() },
    ]
}

/// One request of a program.
struct Desk: Sendable {
    let office: Office
    let call: Call
    var ledger: Ledger { office.ledger }
    /// How many records one request may carry.
    static let most = 5_000

    func answer(_ json: JSON, status: HTTPResponse.Status = .ok, version: Int? = nil) -> Response {
        var bytes: [UInt8] = []
        json.write(into: &bytes)
        bytes.append(10)
        var response = call.text(bytes, type: "application/json; charset=utf-8", status: status)
        if let version { response.headers[.eTag] = "\"\(version)\"" }
        return response
    }

    // What is asked

    func kind() throws -> Kind {
        let name = try call.part("kind")
        guard let kind = ledger.kinds[name], Reach(ledger: ledger, person: call.person).concerns(kind) else {
            throw Refusal("kind.unknown", ["value": String(name.prefix(60))])
        }
        return kind
    }
    private func number(_ name: String, _ range: ClosedRange<Int>, standard: Int) throws -> Int {
        guard let text = call.asked(name) else { return standard }
        guard let number = Int(text), range.contains(number) else {
            throw Refusal(
                "number.range", field: name, ["value": String(text.prefix(40)), "limit": "\(range.lowerBound)…\(range.upperBound)"])
        }
        return number
    }
    private func body() throws -> [[String: Any]] {
        guard let text = call.json else { throw Refusal("json.format") }
        if (call.request.headers[.contentType] ?? "").hasPrefix("application/x-ndjson") {
            return try text.split(separator: "\n", omittingEmptySubsequences: true).enumerated().map { index, line in
                guard let object = try? JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any] else {
                    throw Refusal("json.format", row: index + 1)
                }
                return object
            }
        }
        guard let value = try? JSONSerialization.jsonObject(with: Data(text.utf8)) else { throw Refusal("json.format") }
        if let object = value as? [String: Any] { return [object] }
        guard let rows = value as? [Any] else { throw Refusal("json.format") }
        return try rows.enumerated().map { index, row in
            guard let row = row as? [String: Any] else { throw Refusal("json.format", row: index + 1) }
            return row
        }
    }
    /// The values of a body as the cells of a form: one door, one way of reading.
    private func cells(_ values: Any?, row: Int?) throws -> [String: String] {
        guard let values = values as? [String: Any] else { throw Refusal("json.format", row: row, field: "values") }
        var cells: [String: String] = [:]
        for (name, value) in values {
            if let list = value as? [Any] {
                cells[name] = try list.map { try Call.cell($0, name, row: row) }.joined(separator: ";")
            } else {
                cells[name] = try Call.cell(value, name, row: row)
            }
        }
        return cells
    }
    /// The version that the caller saw, from `If-Match`.
    private func seen() throws -> Int? {
        guard let text = call.request.headers[.ifMatch] else { return nil }
        guard let version = Int(text.trimmingCharacters(in: CharacterSet(charactersIn: "\" W/"))) else {
            throw Refusal("request.if-match", field: "If-Match", ["value": String(text.prefix(40))])
        }
        return version
    }
    private func once() throws -> RequestKey? {
        guard let name = HTTPField.Name("Idempotency-Key"), let key = call.request.headers[name] else { return nil }
        return try RequestKey(key, over: "\(call.request.method.rawValue) \(call.request.uri.description)\n\(call.json ?? "")")
    }

    // What is answered

    /// A record as its reader sees it: values with their types, references as ids; what is masked is named.
    private func json(_ record: Record, _ show: Showing, isWithdrawn: Bool = false) throws -> JSON {
        var values: [(String, JSON)] = []
        var masked: [JSON] = []
        for field in record.kind.fields {
            guard let value = record[field], show.tells(field, of: record.kind) else { continue }
            if field.sensitivity != .open {
                masked.append(.text(field.name))
                values.append((field.name, .text(mask(plainText(value), field))))
            } else {
                values.append((field.name, Desk.json(value)))
            }
        }
        return .object([
            ("id", .text(record.id)), ("kind", .text(record.kind.name)), ("version", .whole(record.version)),
            ("state", JSON(isWithdrawn && record.state != .cancelled ? "withdrawn" : record.state?.rawValue)),
            ("home", .text(record.home)), ("recorded_at", .text(record.recordedAt.description)), ("title", .text(try show.title(record))),
            ("values", .object(values)), ("masked", .list(masked)),
        ])
    }
    private static func json(_ value: Value) -> JSON {
        switch value {
        case .text(let text): .text(text)
        case .integer(let number): .whole(number)
        case .real(let number): .number(number)
        case .day(let day): .text(day.description)
        case .flag(let flag): .flag(flag)
        case .list(let list): .list(list.map(JSON.text))
        }
    }
    static func json(_ refusal: Refusal, _ call: Call) -> JSON {
        .object([
            ("code", .text(refusal.code)), ("text", .text(call.say(refusal))), ("row", refusal.row.map(JSON.whole) ?? .null),
            ("field", JSON(refusal.field)),
        ])
    }

    var me: JSON {
        let person = call.person
        return .object([
            ("name", .text(person.name)), ("role", .text(person.role.rawValue)), ("functions", .list(person.functions.map(JSON.text))),
            ("division", JSON(person.division?.text)), ("organisation", JSON(person.organisation)),
        ])
    }

    var kinds: JSON {
        let reach = Reach(ledger: ledger, person: call.person)
        let all = ledger.features.flatMap(\.kinds).filter(reach.concerns)
        return .object([
            (
                "items",
                .list(
                    all.map { kind in
                        .object([
                            ("name", .text(kind.name)), ("zh", .text(kind.zh)), ("en", .text(kind.en)),
                            ("may_add", .flag(reach.mayAdd(kind))),
                            ("has_course", .flag(kind.flow != nil)),
                        ])
                    })
            )
        ])
    }

    func list() async throws -> Response {
        let kind = try kind()
        let limit = try number("limit", 1...500, standard: 50)
        let state = try call.asked("state").map { text in
            guard let state = Flow.State(rawValue: text), kind.flow != nil else {
                let known = Flow.State.allCases.map(\.rawValue).joined(separator: ", ")
                throw Refusal("code.unknown", field: "state", ["value": String(text.prefix(40)), "table": known, "table_en": known])
            }
            return state
        }
        let (records, next) = try await ledger.store.read { db -> ([JSON], String?) in
            let show = Showing(office, call, db)
            let found = try Listing(
                show, kind, search: call.asked("q") ?? "", target: call.asked("of"), state: state, after: call.asked("after"), limit: limit)
            try show.fetch(namedBy: found.records)
            return (try found.records.map { try json($0, show) }, found.next)
        }
        if (call.request.headers[.accept] ?? "").contains("application/x-ndjson") {
            return call.text(records.map { $0.text + "\n" }.joined(), type: "application/x-ndjson; charset=utf-8")
        }
        return answer(.object([("items", .list(records)), ("next", JSON(next))]))
    }

    func one() async throws -> Response {
        let id = try call.part("id")
        let (record, version) = try await ledger.store.read { db -> (JSON, Int) in
            let show = Showing(office, call, db)
            let opened = try Opened(show, id)
            return (try json(opened.record, show, isWithdrawn: opened.isWithdrawn), opened.record.version)
        }
        return answer(record, version: version)
    }

    func versions() async throws -> Response {
        let id = try call.part("id")
        let items = try await ledger.store.read { db -> [JSON] in
            let show = Showing(office, call, db)
            let opened = try Opened(show, id)
            return try opened.history().map { line in
                let isTold = Submitters.isTold(versionOf: opened.record.kind, by: line.by, to: call.person)
                return .object([
                    ("version", .whole(line.version)), ("recorded_at", .text(line.recordedAt.description)),
                    ("by", .text(isTold ? line.by : "")), ("reason", .text(isTold ? line.reason : "")),
                    ("withdrawn", .flag(line.isWithdrawn)), ("state", JSON(line.record?.state?.rawValue)),
                    ("record", try line.record.map { try json($0, show, isWithdrawn: line.isWithdrawn) } ?? .null),
                ])
            }
        }
        return answer(.object([("items", .list(items))]))
    }

    // What is done

    /// One record, or many: each is taken or refused by itself. One alone answers with what became of it, many with a line for each.
    func create() async throws -> Response {
        let kind = try kind()
        guard Reach(ledger: ledger, person: call.person).mayAdd(kind) else { throw Refusal("access.denied", ["value": kind.zh]) }
        let rows = try body()
        guard !rows.isEmpty else { throw Refusal("json.format") }
        guard rows.count <= Desk.most else { throw Refusal("request.too-large", ["limit": String(Desk.most)]) }
        let drafts = rows.enumerated().map { index, row -> Draft in
            var draft = Draft(kind, row: rows.count > 1 ? index + 1 : nil)
            do { draft.cells = try cells(row["values"], row: draft.row) } catch let refusal as Refusal { draft.flaws = [refusal] } catch {}
            return draft
        }
        return try await submit(drafts, isOne: rows.count == 1)
    }

    func change() async throws -> Response {
        let record = try await opened(for: .change)
        guard let row = try body().first else { throw Refusal("json.format") }
        var draft = Draft(record.kind, id: record.id, try cells(row["values"], row: nil))
        guard let seen = try seen() else { throw Refusal("request.if-match", field: "If-Match", ["value": ""]) }
        draft.seen = seen
        return try await submit([draft], isOne: true, reason: row["reason"] as? String ?? "")
    }

    func withdraw() async throws -> Response {
        let record = try await opened(for: .change)
        guard let reason = call.asked("reason"), !reason.trimmingCharacters(in: .whitespaces).isEmpty else {
            throw Refusal("field.required", field: "reason")
        }
        guard let seen = try seen() else { throw Refusal("request.if-match", field: "If-Match", ["value": ""]) }
        guard seen == record.version else {
            throw Refusal("version.conflict", ["value": String(record.version), "expected": String(seen)])
        }
        var draft = Draft(record.kind, id: record.id)
        draft.isWithdrawal = true
        return try await submit([draft], isOne: true, reason: reason)
    }

    func step() async throws -> Response {
        let name = try call.part("step")
        guard let step = Flow.Step(rawValue: name) else { throw Refusal("page.missing", ["value": String(name.prefix(60))]) }
        let record = try await opened(for: .see)
        let row = call.json?.isEmpty == false ? try body().first ?? [:] : [:]
        var draft = Draft(record.kind, id: record.id)
        (draft.step, draft.seen) = (step, try seen())
        return try await submit([draft], isOne: true, reason: row["remark"] as? String ?? "")
    }

    private func opened(for action: Action) async throws -> Record {
        let id = try call.part("id")
        return try await ledger.store.read { try Opened(Showing(office, call, $0), id, for: action).record }
    }

    private func submit(_ drafts: [Draft], isOne: Bool, reason: String = "") async throws -> Response {
        let isTrial = call.asked("dry_run") == "1"
        let submission = submission(call, reason: reason, updates: call.asked("updates") == "1", isTrial: isTrial, door: "api")
        let call = call
        let answered = try await ledger.submit(drafts, submission, once: try once()) { receipts in
            let items = receipts.map { Desk.json($0, call) }
            guard isOne, let receipt = receipts.first else {
                let refused = receipts.filter { if case .refused = $0.fate { true } else { false } }.count
                return (
                    200,
                    JSON.object([("items", .list(items)), ("taken", .whole(receipts.count - refused)), ("refused", .whole(refused))]).text
                )
            }
            if case .refused(let refusals) = receipt.fate {
                return (Int(status(of: refusals.first ?? Refusal("internal")).code), try call.problemText(refusals))
            }
            if case .created = receipt.fate, !isTrial { return (201, items[0].text) }
            return (200, items[0].text)
        }
        var response = self.call.text(
            answered.text + "\n",
            type: answered.status < 400 ? "application/json; charset=utf-8" : "application/problem+json; charset=utf-8",
            status: .init(code: answered.status))
        if answered.isReplay, let name = HTTPField.Name("Idempotent-Replayed") { response.headers[name] = "true" }
        return response
    }

    private static func json(_ receipt: Receipt, _ call: Call) -> JSON {
        var members: [(String, JSON)] = [("row", receipt.row.map(JSON.whole) ?? .null)]
        switch receipt.fate {
        case .created(let id): members += [("fate", "created"), ("id", .text(id)), ("version", 1)]
        case .changed(let id, let version): members += [("fate", "changed"), ("id", .text(id)), ("version", .whole(version))]
        case .unchanged(let id): members += [("fate", "unchanged"), ("id", .text(id))]
        case .withdrawn(let id): members += [("fate", "withdrawn"), ("id", .text(id))]
        case .refused(let refusals): members += [("fate", "refused"), ("errors", .list(refusals.map { json($0, call) }))]
        }
        return .object(members)
    }

    // Duties and plans

    func duties() async throws -> Response {
        let limit = try number("limit", 1...500, standard: 100)
        let from = try number("from", 0...10_000_000, standard: 0)
        let items = try await ledger.store.read { db in try dutyItems(office, call, db, limit: limit, from: from) }
        return answer(.object([("items", .list(items))]))
    }

    func plans() async throws -> Response {
        let plans = try await ledger.store.read { db in try office.boards.plans(db).map(\.plan) }
        return answer(
            .object([
                (
                    "items",
                    .list(
                        plans.map { plan in
                            .object([
                                ("id", .text(plan.id)), ("name", .text(plan.name.text(english: call.isEnglish))),
                                ("jurisdiction", .text(plan.jurisdiction.text)), ("from", .whole(plan.years.lowerBound)),
                                ("until", .whole(plan.years.upperBound)),
                            ])
                        })
                )
            ]))
    }

    /// A plan's indicators as figures: value with its bounds, target, verdict, and what could not be told.
    func board() async throws -> Response {
        let name = try call.part("plan")
        let json = try await ledger.store.read { db in try boardItems(office, call, db, plan: name) }
        return answer(json)
    }
}
