import Exchange
import Foundation
import Kernel
import Ledger
import Planning
import Sheets
import Storage
import Synchronization

/// How far an import is; read while it runs.
final class ImportProgress: Sendable {
    enum Phase: String, Sendable { case reading, checking, writing, counting }
    private let state = Mutex<(phase: Phase, done: Int, total: Int)>((.reading, 0, 0))

    var now: (phase: Phase, done: Int, total: Int) { state.withLock { $0 } }
    func enter(_ phase: Phase, total: Int? = nil) { state.withLock { $0 = (phase, phase == .counting ? $0.total : 0, total ?? $0.total) } }
    func reach(_ done: Int) { state.withLock { $0.done = done } }
}

/// One file on its way in.
struct ImportJob: Sendable {
    enum State: Sendable {
        /// The headings say not enough: a person tells which column is which.
        case mapping
        case running
        case done(ImportResult)
        case failed(Refusal)
    }
    let id: String
    let person: Person
    /// What the browser called the file, only for showing.
    let file: String
    let url: URL
    let kind: Kind
    let home: String?
    let digest: String
    let startedAt: Moment
    var layout: Layout
    var isTrial: Bool
    var state: State
    var progress = ImportProgress()
    var seconds = 0.0
    /// Boards before and after, where an import moved them.
    var boards: [(before: Board, after: Board)] = []

    /// Counts the rows, and reads from their dates in which order those are written that do not begin with the year.
    mutating func countRows() throws {
        let head = try ImportHead(kind, url, layout: layout)
        let days = head.headings.indices.filter { index in
            guard let name = head.matched[head.headings[index]], case .day? = kind.field(named: name)?.type else { return false }
            return true
        }
        var rows = 0
        var orders: Set<Layout.DateOrder> = []
        try SheetReader.read(url, sheet: layout.sheet) { row in
            guard !layout.isHeading(row) else { return }
            rows += 1
            for column in days { if let order = Layout.dateOrder(provenBy: row[column]) { orders.insert(order) } }
        }
        // Dates that contradict each other prove nothing; those that prove nothing are refused row by row.
        if layout.dateOrder == .yearMonthDay, orders.count == 1, let order = orders.first { layout.dateOrder = order }
        progress.enter(.reading, total: rows)
    }
    var isOver: Bool {
        switch state {
        case .done, .failed: true
        case .mapping, .running: false
        }
    }
}

/// The imports of this house since it was started, kept in memory: the records that they made are in the ledger, with who made them.
/// A job is for whoever started it and nobody else.
actor ImportJobs {
    private let office: Office
    private var jobs: [String: ImportJob] = [:]
    private static let kept = 30

    init(_ office: Office) { self.office = office }

    static func folder() throws -> URL {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("zhifang-imports")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        return folder
    }

    func add(_ job: ImportJob) {
        jobs[job.id] = job
        // Old files are a burden and a risk: only the last imports of each person can still be opened.
        let own = jobs.values.filter { $0.person.name == job.person.name && $0.id != job.id }.sorted { $0.startedAt > $1.startedAt }
        for old in own.dropFirst(ImportJobs.kept - 1) {
            if case .running = old.state { continue }
            jobs[old.id] = nil
            try? FileManager.default.removeItem(at: old.url)
        }
    }

    /// - Throws: `record.missing` for another's job as for none.
    func job(_ id: String, of person: Person) throws -> ImportJob {
        guard let job = jobs[id], job.person.name == person.name, person.role != .nobody else {
            throw Refusal("record.missing", ["value": id])
        }
        return job
    }
    func jobs(of person: Person) -> [ImportJob] {
        jobs.values.filter { $0.person.name == person.name }.sorted { $0.startedAt > $1.startedAt }
    }

    /// Sets a job going in the background. A job that runs, or has been carried out, is left alone.
    func start(_ id: String, layout: Layout? = nil, isTrial: Bool) {
        guard var job = jobs[id] else { return }
        switch job.state {
        case .running: return
        case .done(let result) where !result.isTrial: return
        default: break
        }
        (job.layout, job.isTrial, job.state, job.progress) = (layout ?? job.layout, isTrial, .running, ImportProgress())
        jobs[id] = job
        let (office, started) = (office, job)
        Task.detached(priority: .utility) { await self.finish(await ImportJobs.run(office, started)) }
    }
    private func finish(_ job: ImportJob) { if jobs[job.id] != nil { jobs[job.id] = job } }

    private static func run(_ office: Office, _ job: ImportJob) async -> ImportJob {
        var job = job
        let clock = ContinuousClock()
        let begin = clock.now
        do {
            try job.countRows()
            let before = job.isTrial ? [] : try await boards(office, job.person)
            job.progress.enter(job.isTrial ? .checking : .writing)
            let submission = Submission(
                by: job.person, door: job.url.pathExtension == "xlsx" ? "xlsx" : "csv", reason: job.file, updates: true,
                isTrial: job.isTrial, home: job.home)
            let progress = job.progress
            let result = try await office.importer.run(job.kind, job.url, layout: job.layout, submission) { progress.reach($0) }
            job.progress.enter(.counting)
            if !job.isTrial { job.boards = Array(zip(before, try await boards(office, job.person))).map { (before: $0.0, after: $0.1) } }
            job.state = .done(result)
        } catch let refusal as Refusal {
            job.state = .failed(refusal)
        } catch {
            job.state = .failed(Refusal.ofDisk(error) ?? Refusal("internal", ["value": job.id]))
        }
        let took = clock.now - begin
        job.seconds = Double(took.components.seconds) + Double(took.components.attoseconds) / 1e18
        return job
    }

    /// The boards that a person's records count in, as of today or the plan's last day.
    private static func boards(_ office: Office, _ person: Person) async throws -> [Board] {
        try await office.ledger.store.read { db in
            var division = person.division?.text
            if division == nil, let organisation = person.organisation, let record = try office.ledger.record(db, organisation) {
                division = record.kind.field(named: "division").flatMap { record[$0] }.map(plainText)
            }
            return try office.boards.plans(db).compactMap { plan, edition in
                if let division, let code = DivisionCode(division), !plan.jurisdiction.contains(division),
                    !code.contains(plan.jurisdiction.text)
                {
                    return nil
                }
                return try office.boards.board(db, plan, edition: edition.edition, on: min(plan.lastDay, office.ledger.clock.today))
            }
        }
    }
}

/// The head of a file against a kind's fields: which row is the heading, and what each column may be.
struct ImportHead {
    let layout: Layout
    let headings: [String]
    let samples: [[String]]
    /// Field names that the layout gives to columns, by heading.
    let matched: [String: String]
    /// What a heading that nothing names probably means.
    let guessed: [String: String]
    let missing: [FieldSpec]

    /// The first rows are looked through for the heading: users' files have titles above it.
    init(_ kind: Kind, _ url: URL, layout: Layout? = nil) throws {
        let given = layout ?? Importer.standardLayout(kind)
        let rows = try SheetReader.head(url, sheet: given.sheet, rows: 14)
        var best = given
        if layout == nil {
            var score = -1
            for row in rows.prefix(6) {
                var candidate = given
                candidate.skippedRows = row.number - 1
                let headings = Layout.headings(rows: [row])
                // A title merged over all columns is one text; a heading has as many as columns.
                let texts = Set(headings.map(HeaderMap.normalised)).subtracting([""])
                let fits = HeaderMap(candidate, headings: headings).columns.count * 1000 + texts.count
                if fits > score { (score, best) = (fits, candidate) }
            }
        }
        let layout = best
        let headings = Layout.headings(rows: rows.filter(layout.isHeader))
        let map = HeaderMap(layout, headings: headings)
        var matched: [String: String] = [:]
        for (name, column) in map.columns where kind.field(named: name) != nil { matched[headings[column]] = name }
        var guessed: [String: String] = [:]
        for heading in headings where !heading.isEmpty && matched[heading] == nil {
            let text = HeaderMap.normalised(heading)
            let taken = Set(matched.values).union(guessed.values)
            guard text.count >= 2 else { continue }
            let field = kind.fields.first { field in
                !taken.contains(field.name)
                    && [field.zh, field.en].map(HeaderMap.normalised).contains { $0.contains(text) || (text.contains($0) && $0.count >= 2) }
            }
            if let field { guessed[heading] = field.name }
        }
        (self.layout, self.headings, self.matched, self.guessed) = (layout, headings, matched, guessed)
        samples = rows.filter { !layout.isHeading($0) }.prefix(3).map(\.cells)
        missing = kind.fields.filter { field in field.required && !matched.values.contains(field.name) }
    }
}
