import Catalog
import Foundation
import Hummingbird
import Kernel
import Ledger
import Web

/// What the pages have in common on which somebody deals with a matter: fields of a kind as a form asks for them, what was filled in,
/// what was wrong with it.
struct StepDesk {
    let show: Showing
    var refusals: [Refusal] = []
    /// The form that was sent, to be shown again.
    var sent: Call?
    var call: Call { show.call }
    func word(_ key: String, _ details: [String: String] = [:]) -> String { call.word(key, details) }

    init(_ show: Showing, refusals: [Refusal] = [], sent: Call? = nil) { (self.show, self.refusals, self.sent) = (show, refusals, sent) }

    /// A field of a kind; its value is what was sent, else what is given.
    func field(
        _ field: FieldSpec, value given: String = "", hint: String? = nil, isRequired: Bool? = nil, only codes: [String]? = nil
    ) -> View.FormField {
        let value = sent.map { $0.form[field.name]?.joined(separator: ";") ?? "" } ?? given
        let error = refusals.first { $0.field == field.name }.map { call.say($0) }
        let note = hint ?? (field.source.isEmpty ? nil : field.source)
        return View.FormField(
            name: field.name, label: show.label(field), value: value, hint: note, error: error, required: isRequired ?? field.required,
            control: control(field, value, codes))
    }

    private func control(_ field: FieldSpec, _ value: String, _ codes: [String]?) -> View.FormField.Control {
        let blank = View.Option(value: "", text: "—")
        func named(_ table: String) -> [CodeTable.Entry] {
            let entries = show.ledger.catalog.tables[table]?.entries ?? []
            return codes.map { codes in entries.filter { codes.contains($0.code) } } ?? entries
        }
        func option(_ entry: CodeTable.Entry, _ chosen: Set<String>) -> View.Option {
            View.Option(value: entry.code, text: call.isEnglish ? entry.en : entry.zh, selected: chosen.contains(entry.code))
        }
        switch field.type {
        case .text, .creditCode, .residentID, .integer, .decimal, .day: return .entry(field.type, today: show.ledger.clock.today)
        case .flag:
            return .select([
                blank, View.Option(value: "1", text: word("flag.yes"), selected: value == "1"),
                View.Option(value: "0", text: word("flag.no"), selected: value == "0"),
            ])
        case .code(let table): return .select([blank] + named(table).map { option($0, [value]) })
        case .codes(let table):
            let chosen = Set(value.split(separator: ";").map(String.init))
            return .boxes(named(table).map { option($0, chosen) })
        case .division: return .text(max: 12)
        case .reference(let target):
            return .reference(
                lookup: "/records/\(target)/lookup", chosen: value.isEmpty ? nil : (try? show.knownTitle(value)) ?? nil, candidates: [])
        }
    }

    /// What was wrong, above the page.
    func errors(_ kind: Kind) -> [View.FormError] {
        refusals.map { refusal in
            let field = refusal.field.flatMap { kind.field(named: $0) }
            return View.FormError(anchor: field?.name ?? "", label: field.map(show.label) ?? "", text: call.say(refusal))
        }
    }

    /// The filled fields of a record as its reader sees them.
    func facts(_ record: Record, _ fields: [FieldSpec]? = nil) throws -> [View.Fact] {
        try show.fetch(namedBy: [record])
        return try (fields ?? record.kind.fields).compactMap { field in
            guard record[field] != nil, show.tells(field, of: record.kind) else { return nil }
            let shown = try show.value(field, of: record)
            return View.Fact(
                label: show.label(field), value: shown.text, href: shown.href, note: shown.isMasked ? word("record.masked") : nil)
        }
    }

    /// The clocks that run over a record today and those that ran, with their last days.
    func clocks(_ subject: String, root: Record) throws -> View.Section? {
        let today = show.ledger.clock.today
        let rows = try show.ledger.stretches(show.db, root: root.id, home: root.home).filter {
            $0.gauge.hasPrefix("duty/") && $0.stretch.subject == subject && $0.stretch.from <= today && today < $0.stretch.until
        }
        let words = DutyWords(show: show, day: today)
        let heads = ["desk.clock", "desk.clock.since", "desk.clock.until", "desk.clock.state"].map { View.Column(text: word($0)) }
        let lines = try rows.compactMap { gauge, stretch -> View.Row? in
            guard let measure = show.ledger.measures[String(gauge.dropFirst(5))] else { return nil }
            let until = stretch.verdict == .pending ? show.day(stretch.until == .distantFuture ? nil : stretch.until - 1) : nil
            let texts = [call.isEnglish ? measure.owed.en : measure.owed.zh, show.day(stretch.from) ?? "", until ?? "—"]
            let cells = zip(heads, texts).map { View.Cell(label: $0.text, text: $1) }
            return View.Row(
                cells: cells + [View.Cell(label: heads[3].text, text: "", mark: try words.mark(stretch, measure))])
        }
        guard !lines.isEmpty else { return nil }
        return View.Section(
            title: word("desk.clocks"), count: show.count(lines.count), rows: lines, columns: heads, open: true,
            note: word("desk.clocks.note"))
    }
}

extension Call {
    /// What a form sent of a kind's fields; boxes that nobody ticked are sent by no browser.
    func cells(_ fields: [FieldSpec]) -> [String: String] {
        var cells: [String: String] = [:]
        for field in fields {
            let values = form[field.name]
            if case .codes = field.type {
                cells[field.name] = values?.joined(separator: ";") ?? ""
            } else if let values {
                cells[field.name] = values.joined(separator: ";")
            }
        }
        return cells
    }
}

extension Office {
    /// Hands drafts in that belong together.
    /// - Returns: the id of the first, or what was wrong with any of them.
    func hand(in drafts: [Draft], _ submission: Submission) async throws -> (id: String?, refusals: [Refusal]) {
        var trial = submission
        if drafts.count > 1 {
            // All or none: what one of them is refused for, none of them is stored for.
            trial.isTrial = true
            let flaws = try await ledger.submit(drafts, trial).flatMap { receipt -> [Refusal] in
                if case .refused(let all) = receipt.fate { all } else { [] }
            }
            guard flaws.isEmpty else { return (nil, flaws) }
        }
        let receipts = try await ledger.submit(drafts, submission)
        let flaws = receipts.flatMap { receipt -> [Refusal] in if case .refused(let all) = receipt.fate { all } else { [] } }
        return (receipts.first?.fate.id, flaws)
    }
}
