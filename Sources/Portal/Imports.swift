import Catalog
import Exchange
import Foundation
import HTTPTypes
import Hummingbird
import Kernel
import Ledger
import Planning
import Sheets
import Storage
import Web

/// Files in and out: templates, exports, and imports that run in the background and can be left and found again.
func importRoutes(_ office: Office) -> [Route] {
    let jobs = ImportJobs(office)
    return [
        Route(.get, "/records/:kind/template.xlsx", needs: .signedIn) { call in try template(office, call) },
        Route(.get, "/records/:kind/export.csv", needs: .signedIn) { call in try await export(office, call, .csv) },
        Route(.get, "/records/:kind/export.xlsx", needs: .signedIn) { call in try await export(office, call, .xlsx) },
        Route(.get, "/import", needs: .signedIn) { call in try call.page("import", try await importPage(office, jobs, call)) },
        Route(.post, "/import", needs: .signedIn, takesFile: true) { call in try await receive(office, jobs, call) },
        Route(.get, "/import/:job", needs: .signedIn) { call in try await jobPage(office, jobs, call) },
        Route(.post, "/import/:job", needs: .signedIn) { call in try await takeMapping(office, jobs, call) },
        Route(.get, "/import/:job/status", needs: .signedIn) { call in try await statusOf(jobs, call) },
        Route(.post, "/import/:job/commit", needs: .signedIn) { call in
            let job = try await jobs.job(call.part("job"), of: call.person)
            if case .done(let result) = job.state, result.isTrial { await jobs.start(job.id, isTrial: false) }
            return call.redirect(to: Address.job(job.id))
        },
        Route(.get, "/import/:job/errors.xlsx", needs: .signedIn) { call in try await annotated(office, jobs, call) },
        Route(.get, "/import/:job/errors.csv", needs: .signedIn) { call in try await errorList(jobs, call) },
    ]
}

let workbookType = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
let tableType = "text/csv; charset=utf-8"

func temporary(_ ending: String) -> URL {
    FileManager.default.temporaryDirectory.appendingPathComponent("zhifang-\(Digest.hex(Digest.random(8))).\(ending)")
}
func title(_ kind: Kind, _ call: Call) -> String { call.isEnglish ? kind.en : kind.zh }

// Out

private func template(_ office: Office, _ call: Call) throws -> Response {
    let kind = try kind(office, call)
    let url = temporary("xlsx")
    try office.exporter.template(kind, english: call.isEnglish, to: url)
    return try call.download(url, name: "\(kind.name)-template.xlsx", type: workbookType)
}

/// Every record of a kind that the reader's lists hold, personal fields masked: a file leaves the house, and no audit follows it.
private func export(_ office: Office, _ call: Call, _ format: FileFormat) async throws -> Response {
    let kind = try kind(office, call)
    let url = temporary(format.rawValue)
    try await office.exporter.export(
        kind, as: format, masks: { _ in true }, tells: { Submitters.isTold($0, of: kind, to: call.person) }, english: call.isEnglish,
        to: url
    ) { db, after in
        let page = try Listing(Showing(office, call, db), kind, after: after, limit: 2000)
        return (page.records, page.next)
    }
    return try call.download(url, name: "\(kind.name).\(format.rawValue)", type: format == .xlsx ? workbookType : tableType)
}

// In

private func importPage(_ office: Office, _ jobs: ImportJobs, _ call: Call, errors: [String] = []) async throws -> ImportPage {
    guard call.person.mayChangeSomething else { throw Refusal("access.denied", ["value": "import"]) }
    let asked = call.asked("kind") ?? call.given("kind")
    let kinds = office.ledger.features.flatMap(\.kinds)
    let layouts = try await office.importer.layouts().map { name, kind, _ in
        View.Option(
            value: name, text: "\(office.ledger.kinds[kind].map { title($0, call) } ?? kind)：\(name)",
            selected: name == call.given("layout"))
    }
    let divisions = try await office.ledger.store.read { db -> [View.Option] in
        let show = Showing(office, call, db)
        guard let own = call.person.division, own.level != .county, own.text.utf8.count == 6 else { return [] }
        let units = office.ledger.catalog.divisions.units(of: .county, in: own, on: office.ledger.clock.today)
        return try ([own.text] + units).map { View.Option(value: $0, text: try show.place($0), selected: $0 == call.given("division")) }
    }
    let history = await jobs.jobs(of: call.person).map { job in
        View.ImportLine(
            file: job.file, kind: title(job.kind, call), when: String(job.startedAt.description.dropLast(3)), who: call.caller.display,
            rows: Numbers(isEnglish: call.isEnglish).grouped(Double(job.progress.now.total)), href: Address.job(job.id),
            mark: mark(job, call))
    }
    return ImportPage(
        frame: office.frame(call, at: .imports), action: Address.imports,
        kinds: kinds.map { View.Option(value: $0.name, text: title($0, call), selected: $0.name == asked) },
        layouts: [View.Option(value: "", text: call.word("import.layout.auto"))] + layouts, divisions: divisions,
        limit: "\(Site.fileBytes >> 20) MB",
        templates: kinds.map { View.Link(text: title($0, call), href: Address.template($0.name)) }, history: history, errors: errors)
}

private func mark(_ job: ImportJob, _ call: Call) -> View.Mark {
    switch job.state {
    case .mapping: View.Mark("info", call.word("mapping.title"))
    case .running: View.Mark("pending", call.word("state.running"))
    case .failed: View.Mark("bad", call.word("state.failed"))
    case .done(let result): result.isTrial ? View.Mark("info", call.word("state.dry")) : View.Mark("good", call.word("state.done"))
    }
}

/// Takes a file in. Its flaws are told on the page that it came from.
private func receive(_ office: Office, _ jobs: ImportJobs, _ call: Call) async throws -> Response {
    guard call.person.mayChangeSomething else { throw Refusal("access.denied", ["value": "import"]) }
    do {
        guard let kind = office.ledger.kinds[call.given("kind")] else { throw Refusal("kind.unknown", ["value": call.given("kind")]) }
        guard let upload = call.upload else { throw Refusal("file.none") }
        let id = Identifier.make(at: office.ledger.clock.now())
        let isWorkbook = try FileHandle(forReadingFrom: upload.url).read(upToCount: 2) == Data("PK".utf8)
        let url = try ImportJobs.folder().appendingPathComponent("\(id).\(isWorkbook ? "xlsx" : "csv")")
        try FileManager.default.moveItem(at: upload.url, to: url)
        do {
            try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: url.path)
            let saved = try await office.importer.layouts(for: kind)
            let head = try best(kind, url, saved: saved, chosen: call.given("layout"))
            let needsMapping = !head.missing.isEmpty || head.matched.isEmpty
            var job = ImportJob(
                id: id, person: call.person, file: upload.name, url: url, kind: kind, home: try home(call),
                digest: try Digest.sha256(file: url),
                startedAt: office.ledger.clock.now(), layout: head.layout, isTrial: call.given("dryRun") == "1", state: .mapping)
            if needsMapping { try job.countRows() }
            await jobs.add(job)
            if !needsMapping { await jobs.start(id, isTrial: job.isTrial) }
            return call.redirect(to: Address.job(id))
        } catch {
            try? FileManager.default.removeItem(at: url)
            throw error
        }
    } catch let refusal as Refusal {
        return try call.page("import", try await importPage(office, jobs, call, errors: [call.say(refusal)]), status: status(of: refusal))
    }
}

/// The layout asked for; otherwise our own, or one saved for such a file; the one that leaves the least to ask.
private func best(_ kind: Kind, _ url: URL, saved: [(name: String, kind: String, layout: Layout)], chosen: String) throws -> ImportHead {
    if let layout = saved.first(where: { $0.name == chosen })?.layout { return try ImportHead(kind, url, layout: layout) }
    let standard = try ImportHead(kind, url)
    guard !standard.missing.isEmpty else { return standard }
    return try saved.lazy.map { try ImportHead(kind, url, layout: $0.layout) }.first { $0.missing.isEmpty } ?? standard
}

private func home(_ call: Call) throws -> String? {
    let division = call.given("division")
    guard !division.isEmpty else { return call.person.division.map { String($0.text.prefix(6)) } }
    guard let own = call.person.division, own.contains(division), DivisionCode(division) != nil else {
        throw Refusal("division.unknown", ["value": division])
    }
    return String(division.prefix(6))
}

// A job's page: the mapping, then the progress, then the receipt

private func jobPage(_ office: Office, _ jobs: ImportJobs, _ call: Call) async throws -> Response {
    let job = try await jobs.job(call.part("job"), of: call.person)
    switch job.state {
    case .mapping: return try call.page("mapping", try mappingPage(office, call, job))
    case .running: return try call.page("progress", progressPage(office, call, job))
    case .failed(let refusal):
        let place = refusal.row.map { "\(call.word("receipt.row")) \($0)：" } ?? ""
        return try call.page("import", try await importPage(office, jobs, call, errors: ["\(job.file)：\(place)\(call.say(refusal))"]))
    case .done(let result): return try call.page("receipt", receiptPage(office, call, job, result))
    }
}

private func mappingPage(
    _ office: Office, _ call: Call, _ job: ImportJob, chosen: [String: String]? = nil, errors: [String] = []
) throws -> MappingPage {
    let head = try ImportHead(job.kind, job.url, layout: job.layout)
    let columns = head.headings.enumerated().filter { !$0.element.isEmpty }.map { index, heading -> View.ColumnChoice in
        let field = chosen.map { $0[heading] ?? "" } ?? head.matched[heading] ?? head.guessed[heading] ?? ""
        let options =
            [View.Option(value: "", text: call.word("mapping.ignore"), selected: field.isEmpty)]
            + job.kind.fields.map {
                View.Option(value: $0.name, text: (call.isEnglish ? $0.en : $0.zh) + ($0.required ? " *" : ""), selected: $0.name == field)
            }
        let state =
            field.isEmpty
            ? ("none", "mapping.ignored")
            : head.matched[heading] == field || chosen != nil ? ("good", "mapping.matched") : ("warn", "mapping.guessed")
        return View.ColumnChoice(
            header: heading, name: "c\(index)",
            samples: head.samples.map { $0.indices.contains(index) ? String($0[index].prefix(24)) : "" }.filter { !$0.isEmpty },
            options: options, mark: View.Mark(state.0, call.word(state.1)))
    }
    let given = Set(chosen?.values.map { $0 } ?? Array(head.matched.values) + Array(head.guessed.values))
    return MappingPage(
        frame: office.frame(call, at: .imports), file: job.file, kind: title(job.kind, call), action: Address.job(job.id),
        rows: Numbers(isEnglish: call.isEnglish).grouped(Double(job.progress.now.total)), columns: columns,
        missing: job.kind.fields.filter { $0.required && !given.contains($0.name) }.map { call.isEnglish ? $0.en : $0.zh }, errors: errors,
        dryRun: job.isTrial, cancelHref: Address.imports)
}

/// Takes what the person said of each column, keeps it for the next file of that kind, and sets the import going.
private func takeMapping(_ office: Office, _ jobs: ImportJobs, _ call: Call) async throws -> Response {
    let job = try await jobs.job(call.part("job"), of: call.person)
    guard case .mapping = job.state else { return call.redirect(to: Address.job(job.id)) }
    let head = try ImportHead(job.kind, job.url, layout: job.layout)
    var columns: [String: String] = [:]
    var errors: [String] = []
    for (index, heading) in head.headings.enumerated() where !heading.isEmpty {
        let name = call.given("c\(index)")
        guard let field = job.kind.field(named: name) else { continue }
        if columns.values.contains(name) { errors.append(call.word("mapping.twice", ["value": call.isEnglish ? field.en : field.zh])) }
        columns[heading] = name
    }
    let chosen = Set(columns.values)
    guard errors.isEmpty, job.kind.fields.allSatisfy({ !$0.required || chosen.contains($0.name) }), !chosen.isEmpty else {
        return try call.page("mapping", try mappingPage(office, call, job, chosen: columns, errors: errors), status: .unprocessableContent)
    }
    var layout = job.layout
    layout.columns = columns
    let stem = job.file.split(separator: ".").dropLast().joined(separator: ".")
    let name = String("\(stem.isEmpty ? job.file : stem) · \(call.person.name)".prefix(80))
    try await office.importer.save(layout: layout, named: name, for: job.kind, by: call.person)
    await jobs.start(job.id, layout: layout, isTrial: call.given("dryRun") == "1")
    return call.redirect(to: Address.job(job.id))
}

private func progressPage(_ office: Office, _ call: Call, _ job: ImportJob) -> ProgressPage {
    let (phase, done, total) = job.progress.now
    return ProgressPage(
        frame: office.frame(call, at: .imports), file: job.file, kind: title(job.kind, call),
        phase: call.word("progress.\(phase.rawValue)"),
        done: String(done), total: String(total), percent: String(total > 0 ? 100 * done / total : 0), href: Address.job(job.id),
        statusHref: Address.job(job.id) + "/status")
}

private func statusOf(_ jobs: ImportJobs, _ call: Call) async throws -> Response {
    let job = try await jobs.job(call.part("job"), of: call.person)
    let (phase, done, total) = job.progress.now
    var text: [UInt8] = Array("{\"done\":\(done),\"total\":\(total),\"phase\":".utf8)
    Body.quote(call.word("progress.\(phase.rawValue)"), into: &text)
    if job.isOver {
        text += Array(",\"href\":".utf8)
        Body.quote(Address.job(job.id), into: &text)
    }
    text.append(125)
    return call.text(String(decoding: text, as: UTF8.self), type: "application/json; charset=utf-8")
}
