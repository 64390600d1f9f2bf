import Exchange
import Foundation
import Hummingbird
import Kernel
import Ledger
import Planning
import Sheets
import Web

/// What became of a file, row by row where a row was refused.
func receiptPage(_ office: Office, _ call: Call, _ job: ImportJob, _ result: ImportResult) -> ReceiptPage {
    let size = 100
    let numbers = Numbers(isEnglish: call.isEnglish)
    func count(_ number: Int) -> String { numbers.grouped(Double(number)) }
    let from = min(max(0, call.asked("from").flatMap { Int($0) } ?? 0), max(0, result.refusals.count - 1))
    let path = Address.job(job.id)
    let errors = result.refusals.dropFirst(from).prefix(size).map { refusal in
        let field = refusal.field.flatMap { job.kind.field(named: $0) }
        return View.ErrorLine(
            row: refusal.row.map(String.init) ?? "", field: field.map { call.isEnglish ? $0.en : $0.zh } ?? refusal.field ?? "",
            message: call.say(refusal),
            value: refusal.details["value"].map { String($0.prefix(60)) })
    }
    let counts = [
        ("good", "created", result.created), ("info", "changed", result.changed), ("none", "unchanged", result.unchanged),
        ("bad", "refused", result.refused),
    ]
    let pager = View.Pager(
        position: call.word(
            "pager.position", ["first": count(from + 1), "last": count(from + errors.count), "total": count(result.refusals.count)]),
        previous: from > 0 ? "\(path)?from=\(max(0, from - size))" : nil,
        next: from + size < result.refusals.count ? "\(path)?from=\(from + size)" : nil)
    let hasErrors = !result.refusals.isEmpty
    return ReceiptPage(
        frame: office.frame(call, at: .imports), file: job.file, kind: title(job.kind, call), when: job.startedAt.description,
        who: call.caller.display,
        digest: job.digest, isDryRun: result.isTrial,
        counts: counts.map { View.Tally(mark: View.Mark($0.0, call.word("fate.\($0.1)")), count: count($0.2)) }, total: count(result.total),
        seconds: numbers.decimal(job.seconds, 1), errors: errors, errorTotal: count(result.refused),
        pager: result.refusals.count > size ? pager : nil, changes: changes(office, call, job),
        workbookHref: hasErrors ? path + "/errors.xlsx" : nil,
        csvHref: hasErrors ? path + "/errors.csv" : nil, recordsHref: result.isTrial ? nil : Address.kind(job.kind.name),
        commitAction: result.isTrial && result.total > result.refused ? path + "/commit" : nil, importHref: Address.imports,
        notices: result.resumedBehind > 0
            ? [View.Notice(tone: "info", text: call.word("receipt.resumed", ["count": count(result.resumedBehind)]))] : [])
}

/// Indicators that an import moved.
private func changes(_ office: Office, _ call: Call, _ job: ImportJob) -> [View.FigureChange] {
    job.boards.flatMap { before, after -> [View.FigureChange] in
        let words = BoardWords(office: office, call: call, board: after)
        return zip(before.states, after.states).compactMap { old, new in
            guard old.indicator.id == new.indicator.id else { return nil }
            let style = new.indicator.measure.style
            let texts = [old.figure, new.figure].map { figure in
                let value = words.value(figure, style)
                return words.bounds(figure, style).map { call.language.aside(value, $0) } ?? value
            }
            guard texts[0] != texts[1] || old.outcome != new.outcome else { return nil }
            return View.FigureChange(
                name: words.words(new.indicator.name), before: texts[0], after: texts[1],
                href: Address.indicator(after.plan.id, new.indicator.id), mark: words.mark(new))
        }
    }
}

private func finished(_ jobs: ImportJobs, _ call: Call) async throws -> (ImportJob, ImportResult) {
    let job = try await jobs.job(call.part("job"), of: call.person)
    guard case .done(let result) = job.state else { throw Refusal("record.missing", ["value": job.id]) }
    return (job, result)
}

/// The person's own rows with what is wrong marked in its cell.
func annotated(_ office: Office, _ jobs: ImportJobs, _ call: Call) async throws -> Response {
    let (job, result) = try await finished(jobs, call)
    let url = temporary("xlsx")
    try office.importer.annotate(job.kind, job.url, layout: job.layout, result, to: url) { call.say($0) }
    return try call.download(url, name: "errors-\(job.kind.name).xlsx", type: workbookType)
}

func errorList(_ jobs: ImportJobs, _ call: Call) async throws -> Response {
    let (job, result) = try await finished(jobs, call)
    var bytes: [UInt8] = []
    var csv = CSVWriter(guardsFormulas: true) { bytes += $0 }
    try csv.write(["receipt.row", "form.field", "receipt.message", "receipt.value"].map { call.word($0) })
    for refusal in result.refusals {
        let field = refusal.field.flatMap { job.kind.field(named: $0) }
        try csv.write([
            refusal.row.map(String.init) ?? "", field.map { call.isEnglish ? $0.en : $0.zh } ?? refusal.field ?? "", call.say(refusal),
            refusal.details["value"] ?? "",
        ])
    }
    try csv.finish()
    let url = temporary("csv")
    try Data(bytes).write(to: url)
    return try call.download(url, name: "errors-\(job.kind.name).csv", type: tableType)
}
