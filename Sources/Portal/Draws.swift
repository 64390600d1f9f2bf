import Catalog
import Draws
import Enforcement
import Foundation
import HTTPTypes
import Hummingbird
import Kernel
import Ledger
import Storage
import Web

/// Double-random draws 双随机: everybody reads them, officers prepare them, a second officer enters the source.
func drawRoutes(_ office: Office) -> [Route] {
    [
        Route(.get, "/public/draws", needs: .anyone) { call in try await DrawDesk(office, call).list() },
        Route(.get, "/public/draws/:draw", needs: .anyone) { call in try await DrawDesk(office, call).page() },
        Route(.get, "/public/draws/:draw/draw.txt", needs: .anyone) { call in try await DrawDesk(office, call).file() },
        Route(.get, "/api/draws", needs: .anyone) { call in try await DrawDesk(office, call).listed() },
        Route(.get, "/api/draws/:draw", needs: .anyone) { call in try await DrawDesk(office, call).document() },
        Route(.get, "/draws/new", needs: .signedIn) { call in try await DrawForm(office, call, values: call.query).page() },
        Route(.post, "/draws", needs: .signedIn) { call in try await DrawForm(office, call, values: call.form).commit() },
        Route(.post, "/draws/:draw/source", needs: .signedIn) { call in try await DrawDesk(office, call).enter() },
        Route(.post, "/draws/:draw/plan", needs: .signedIn) { call in
            let desk = DrawDesk(office, call)
            let entry = try await desk.find()
            guard desk.mayHold(entry) else { throw Refusal("access.denied", ["value": PlannedInspection.kind.zh]) }
            try await desk.register.plan(entry, by: call.person)
            return call.redirect(to: desk.href(entry))
        },
    ]
}

/// The pages of draws for one reader.
struct DrawDesk {
    let office: Office
    let call: Call
    var register: DrawRegister { DrawRegister(office.ledger) }
    private var catalog: Catalog { office.ledger.catalog }

    init(_ office: Office, _ call: Call) { (self.office, self.call) = (office, call) }

    func href(_ entry: DrawRegister.Entry) -> String { "/public/draws/\(Office.escaped(entry.id))" }
    func mayHold(_ entry: DrawRegister.Entry) -> Bool { mayDo(call.person, .change, at: DrawRegister.place(entry.jurisdiction)) }
    func find() async throws -> DrawRegister.Entry {
        let id = try call.part("draw")
        return try await office.ledger.store.read { [register] db in try register.find(db, id) }
    }
    private var places: [View.Link] { PublicDesk(today: office, call).places(at: .draws) }
    private func minute(_ moment: Moment) -> String { String(moment.description.dropLast(3)) }

    /// A stratum in words: a risk level, a severity, or everybody.
    func stratum(_ id: String) -> String {
        for table in ["risk_level", "severity"] where catalog.tables[table]?[id] != nil {
            return catalog.title(table, id, english: call.isEnglish)
        }
        return call.has("draw.stratum.\(id)") ? call.word("draw.stratum.\(id)") : id
    }
    func department(_ id: String) -> String {
        catalog.tables["inspecting_department"]?[id] == nil
            ? call.word("draw.department.unknown") : catalog.title("inspecting_department", id, english: call.isEnglish)
    }

    /// Awaited, overdue (a draw that is committed to and never held stays in sight), or drawn.
    private func mark(_ entry: DrawRegister.Entry) -> View.Mark {
        if entry.entered != nil { return View.Mark("good", call.word("draw.state.drawn")) }
        return office.ledger.clock.today > entry.expected.day + 3
            ? View.Mark("overdue", call.word("draw.state.overdue")) : View.Mark("open", call.word("draw.state.awaited"))
    }

    func list() async throws -> Response {
        let entries = try await office.ledger.store.read { [register] db in try register.list(db) }
        let division = call.person.division
        let mayHold = division.map { mayDo(call.person, .change, at: DrawRegister.place($0.text)) } ?? false
        return try call.page(
            "draws",
            DrawsPage(
                frame: office.frame(call, at: .lookup), places: places,
                lines: entries.map { entry in
                    View.DrawLine(
                        title: entry.title, href: href(entry), place: catalog.divisions.name(entry.jurisdiction),
                        committed: minute(entry.committed), expected: minute(entry.expected), objects: String(entry.objects),
                        drawn: String(entry.drawn), commitment: entry.commitment, mark: mark(entry))
                }, newHref: mayHold ? "/draws/new" : nil))
    }

    func page(value: String = "", evidence: String = "", error: Refusal? = nil) async throws -> Response {
        let id = try call.part("draw")
        let (entry, audit, planned) = try await office.ledger.store.read { [register] db in
            let entry = try register.find(db, id)
            let line = try Audit(db).lines(.init(subject: "draw/\(entry.id)")).last
            return (entry, line, try register.planned(db, entry))
        }
        var model = DrawPage(
            frame: office.frame(call, at: .lookup), places: places, title: entry.title,
            place: catalog.divisions.name(entry.jurisdiction), mark: mark(entry), commitment: entry.commitment, value: value,
            evidence: evidence)
        if let error { model.notices.append(View.Notice(tone: "bad", text: call.say(error))) }
        if let audit {
            model.audit = call.word(
                "draw.audit", ["number": "\(audit.home)/\(audit.sequence)", "moment": audit.moment.description, "hash": audit.hash])
        }
        let file: DrawFile
        do { file = try entry.file() } catch let refusal as Refusal {
            // What is stored no longer says what was committed to: that is for everybody to see.
            model.mark = View.Mark("bad", call.word("draw.state.broken"))
            model.notices.append(View.Notice(tone: "bad", text: call.say(refusal)))
            return try call.page("draw", model, status: error == nil ? .ok : status(of: refusal))
        }
        model.committed = committed(entry, file)
        if entry.entered == nil, mayHold(entry), call.person.name != entry.committedBy, office.ledger.clock.now() >= entry.expected {
            model.action = "/draws/\(Office.escaped(entry.id))/source"
        }
        if entry.entered == nil, mayHold(entry), call.person.name == entry.committedBy {
            model.notices.append(View.Notice(tone: "info", text: call.word("draw.other-person")))
        }
        if let result = file.result { show(result, of: file, entry, planned, in: &model) }
        return try call.page("draw", model, status: error == nil ? .ok : status(of: error ?? Refusal("internal")))
    }

    private func fact(_ label: String, _ value: String, href: String? = nil) -> View.Fact {
        View.Fact(label: call.word(label), value: value, href: href)
    }

    private func committed(_ entry: DrawRegister.Entry, _ file: DrawFile) -> [View.Fact] {
        let inputs = file.inputs
        let isLink = file.source.url.hasPrefix("https://") || file.source.url.hasPrefix("http://")
        var facts = [
            fact("draw.committed", file.committed.description),
            fact("draw.source", file.source.name, href: isLink ? file.source.url : nil),
            fact("draw.expected", file.source.expected.description),
            fact("draw.objects", String(inputs.objects.count)), fact("draw.drawn", String(inputs.drawn)),
            fact("draw.quotas", inputs.quotas.map { "\(stratum($0.stratum)) \($0.count)" }.joined(separator: " · ")),
            fact("draw.inspectors", String(inputs.inspectors.count)), fact("draw.each", String(inputs.each)),
        ]
        if inputs.load > 0 { facts.append(fact("draw.load", String(inputs.load))) }
        if !inputs.joint.isEmpty { facts.append(fact("draw.joint", inputs.joint.map(department).joined(separator: " · "))) }
        facts += [
            fact("draw.recusals", String(inputs.recusals.count)), fact("draw.weights", inputs.weights),
            fact("draw.due", entry.due.description), fact("draw.inputs", file.inputsDigest), fact("draw.secret", file.secret),
        ]
        return facts
    }

    private func show(
        _ result: DrawFile.Result, of file: DrawFile, _ entry: DrawRegister.Entry, _ planned: [String: (plan: Record, inspected: Day?)],
        in model: inout DrawPage
    ) {
        model.result = [
            fact("draw.value", result.value), fact("draw.entered", result.entered.description), fact("draw.evidence", result.evidence),
            fact("draw.nonce", result.nonce), fact("draw.seed", result.seed),
        ]
        let heads = ["draw.stratum", "draw.rank", "draw.object", "draw.sent", "draw.inspected", "draw.outcome"].map { call.word($0) }
        model.drawn = View.DrawWorking(
            title: "", note: call.word("draw.result.note", ["count": String(result.outcome.drawn.count), "due": entry.due.description]),
            rows: result.outcome.drawn.map { one in
                let plan = planned[one.object.id]
                // A result is public from the day on which it was published; until then only that somebody was there.
                let outcome = plan?.plan[PlannedInspection.published] == nil ? nil : plan?.plan[PlannedInspection.result]
                let outcomeText = outcome.map {
                    "\(catalog.title("inspection_result", $0, english: call.isEnglish)) (\(plan?.plan[PlannedInspection.published]?.description ?? ""))"
                }
                return View.Row(cells: [
                    View.Cell(label: heads[0], text: stratum(one.object.stratum)),
                    View.Cell(label: heads[1], text: String(one.rank), isNumber: true),
                    View.Cell(
                        label: heads[2], text: one.object.name, href: plan.flatMap { mayHold(entry) ? Address.record($0.plan.id) : nil }),
                    View.Cell(label: heads[3], text: one.inspectors.map(\.inspector.name).joined(separator: "、")),
                    View.Cell(label: heads[4], text: plan?.inspected?.description ?? "–"),
                    View.Cell(label: heads[5], text: outcomeText ?? "–"),
                ])
            },
            columns: zip(heads, [false, true, false, false, false, false]).map { View.Column(text: $0, isNumber: $1) })
        model.workings = file.inputs.quotas.filter { $0.count > 0 }.map { working($0, file, result) }
        if mayHold(entry), planned.count < result.outcome.drawn.count { model.planAction = "/draws/\(Office.escaped(entry.id))/plan" }
        model.file = file.text
        model.fileHref = href(entry) + "/draw.txt"
        model.jsonHref = "/api/draws/\(Office.escaped(entry.id))"
    }

    /// Everybody of a stratum by their smallest ticket, the drawn ones first.
    private func working(_ quota: DrawInputs.Quota, _ file: DrawFile, _ result: DrawFile.Result) -> View.DrawWorking {
        let ranked = DrawOutcome.ranked(file.inputs.objects.filter { $0.stratum == quota.stratum }, seed: result.seed)
        let heads = ["draw.rank", "draw.object", "draw.tickets", "draw.ticket"].map { call.word($0) }
        return View.DrawWorking(
            title: stratum(quota.stratum),
            note: call.word("draw.working.note", ["quota": String(quota.count), "count": String(ranked.count)]),
            rows: ranked.prefix(500).enumerated().map { index, entry in
                View.Row(
                    cells: [
                        View.Cell(label: heads[0], text: String(index + 1), isNumber: true),
                        View.Cell(label: heads[1], text: entry.object.name),
                        View.Cell(label: heads[2], text: String(entry.object.weight), isNumber: true),
                        View.Cell(label: heads[3], text: "\(entry.ticket.prefix(16))… (\(entry.number))"),
                    ], dim: index >= quota.count)
            }, columns: zip(heads, [true, false, true, false]).map { View.Column(text: $0, isNumber: $1) })
    }

    func enter() async throws -> Response {
        let (value, evidence) = (
            call.given("value").trimmingCharacters(in: .whitespaces), call.given("evidence").trimmingCharacters(in: .whitespaces)
        )
        do {
            let entry = try await register.enter(try call.part("draw"), value: value, evidence: evidence, by: call.person)
            return call.redirect(to: href(entry))
        } catch let refusal as Refusal where refusal.code.hasPrefix("draw.") {
            return try await page(value: value, evidence: evidence, error: refusal)
        }
    }

    /// The published file; before the draw there is none.
    func file() async throws -> Response {
        let entry = try await find()
        guard entry.entered != nil else { throw Refusal("page.missing", ["value": href(entry) + "/draw.txt"]) }
        var response = call.text(entry.text, type: "text/plain; charset=utf-8")
        response.headers[.contentDisposition] = "attachment; filename=\"draw.txt\""
        return response
    }

    // For programs

    private struct Listed: Encodable {
        let id, title, jurisdiction, state, commitment, committed, expected: String
        let objects, drawn: Int
    }
    private struct Drawn: Encodable {
        struct Sent: Encodable { let inspector, name, department, ticket: String }
        let stratum: String
        let rank: Int
        let object, name, ticket: String
        let number: Int
        let inspectors: [Sent]
        let inspected, published, result: String?
    }
    private struct Document: Encodable {
        struct Source: Encodable { let name, url, expected: String }
        let draw: Listed
        let inputs, secret: String
        let source: Source
        let quotas: [String: Int]
        let each, load: Int
        let joint: [String]
        let weights, due: String
        let value, evidence, entered, nonce, seed: String?
        let drawn: [Drawn]?
        /// The whole file of docs/draws.md, for `zhifang draw verify`.
        let file: String?
    }
    private func listed(_ entry: DrawRegister.Entry) -> Listed {
        Listed(
            id: entry.id, title: entry.title, jurisdiction: entry.jurisdiction,
            state: entry.entered != nil ? "drawn" : office.ledger.clock.today > entry.expected.day + 3 ? "overdue" : "awaited",
            commitment: entry.commitment, committed: entry.committed.drawText, expected: entry.expected.drawText, objects: entry.objects,
            drawn: entry.drawn)
    }
    private func json(_ value: any Encodable) throws -> Response {
        call.text(try Answer.text(value) + "\n", type: "application/json; charset=utf-8")
    }

    func listed() async throws -> Response {
        let entries = try await office.ledger.store.read { [register] db in try register.list(db) }
        return try json(entries.map(listed))
    }

    func document() async throws -> Response {
        let id = try call.part("draw")
        let (entry, planned) = try await office.ledger.store.read { [register] db in
            let entry = try register.find(db, id)
            return (entry, try register.planned(db, entry))
        }
        let file = try entry.file()
        let result = file.result
        return try json(
            Document(
                draw: listed(entry), inputs: file.inputsDigest, secret: file.secret,
                source: .init(name: file.source.name, url: file.source.url, expected: file.source.expected.drawText),
                quotas: Dictionary(file.inputs.quotas.map { ($0.stratum, $0.count) }, uniquingKeysWith: { first, _ in first }),
                each: file.inputs.each, load: file.inputs.load, joint: file.inputs.joint, weights: file.inputs.weights,
                due: entry.due.description, value: result?.value, evidence: result?.evidence, entered: result?.entered.drawText,
                nonce: result?.nonce, seed: result?.seed,
                drawn: result?.outcome.drawn.map { one in
                    let plan = planned[one.object.id]
                    let published = plan?.plan[PlannedInspection.published]
                    return Drawn(
                        stratum: one.object.stratum, rank: one.rank, object: one.object.id, name: one.object.name, ticket: one.ticket,
                        number: one.number,
                        inspectors: one.inspectors.map {
                            .init(
                                inspector: $0.inspector.id, name: $0.inspector.name, department: $0.inspector.department, ticket: $0.ticket)
                        }, inspected: plan?.inspected?.description, published: published?.description,
                        result: published == nil ? nil : plan?.plan[PlannedInspection.result])
                }, file: result == nil ? nil : file.text))
    }
}
