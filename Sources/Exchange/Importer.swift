import Catalog
import Foundation
import Kernel
import Ledger
import Sheets
import Storage

/// A file of records on its way in: which column fills which field, and what became of every row.
public struct ImportPlan: Sendable {
    public let kind: Kind
    public let layout: Layout
    /// Zero-based column by field name.
    public let columns: [String: Int]
    /// The column `id` that our exports have: a row with an id is that record.
    let idColumn: Int?
    /// Whether the file is a text table, where a comma too many shifts the cells behind it.
    let isText: Bool
    /// Headings that fill no field.
    public let ignored: [String]
    /// Required fields that no column fills.
    public let missing: [FieldSpec]
    public let headings: [String]
    public let samples: [[String]]
}

/// What became of a file.
public struct ImportResult: Sendable {
    public let counts: ImportCounts
    public let isTrial: Bool
    /// How many rows an earlier run of the same import had stored when it broke off; 0 for one from the beginning.
    public let resumedBehind: Int
    public var created: Int { counts.created }
    public var changed: Int { counts.changed }
    public var unchanged: Int { counts.unchanged }
    public var refused: Int { counts.refused }
    public var total: Int { counts.total }
    /// Refusals by row of the file, in order.
    public var refusals: [Refusal] { counts.refusals }
}

public struct Importer: Sendable {
    let ledger: Ledger
    public init(_ ledger: Ledger) { self.ledger = ledger }

    /// The layout of our own templates: every name that a field goes by, in both languages.
    public static func standardLayout(_ kind: Kind) -> Layout {
        var columns: [String: String] = [:]
        for field in kind.fields { for name in [field.name, field.zh, field.en] { columns[name] = field.name } }
        return Layout(headerRows: 1, columns: columns)
    }

    /// Reads the head of a file and lays a layout over it.
    /// - Throws: `Refusal` of the file, or `header.missing` where no heading is known.
    public func plan(_ kind: Kind, _ url: URL, layout: Layout? = nil) throws -> ImportPlan {
        let layout = layout ?? Importer.standardLayout(kind)
        let head = try SheetReader.head(url, sheet: layout.sheet, rows: layout.skippedRows + layout.headerRows + 5)
        let headings = Layout.headings(rows: head.filter(layout.isHeader))
        let repeated = Dictionary(grouping: headings.filter { !$0.isEmpty }.map(HeaderMap.normalised), by: { $0 }).filter {
            $0.value.count > 1
        }.keys.sorted()
        if let name = repeated.first, layout.columns.keys.contains(where: { HeaderMap.normalised($0) == name }) {
            throw Refusal("header.repeated", row: layout.skippedRows + 1, ["value": name])
        }
        let map = HeaderMap(layout, headings: headings)
        // One field under two of its names: which of them counts, only the user knows.
        let fields = Dictionary(layout.columns.map { (HeaderMap.normalised($0.key), $0.value) }, uniquingKeysWith: { first, _ in first })
        for (index, heading) in headings.enumerated() {
            guard let field = fields[HeaderMap.normalised(heading)], let first = map.columns[field], first != index else { continue }
            throw Refusal("header.repeated", row: layout.skippedRows + 1, field: field, ["value": "\(headings[first]) = \(heading)"])
        }
        let columns = map.columns.filter { kind.field(named: $0.key) != nil }
        guard !columns.isEmpty else {
            throw Refusal(
                "header.missing", row: layout.skippedRows + 1,
                [
                    "value": headings.prefix(8).joined(separator: ", "), "expected": kind.fields.prefix(6).map(\.zh).joined(separator: "、"),
                    "expected_en": kind.fields.prefix(6).map(\.en).joined(separator: ", "),
                ])
        }
        let taken = Set(columns.values)
        let idColumn = headings.indices.first { HeaderMap.normalised(headings[$0]) == "id" && !taken.contains($0) }
        return ImportPlan(
            kind: kind, layout: layout, columns: columns, idColumn: idColumn, isText: try SheetReader.sheets(url).isEmpty,
            ignored: map.unknown.filter { HeaderMap.normalised($0) != "id" },
            missing: kind.fields.filter { $0.required && columns[$0.name] == nil }, headings: headings,
            samples: head.filter { !layout.isHeading($0) }.map(\.cells))
    }

    /// Imports a file in bounded transactions and bounded memory; a row is stored whole or refused, and the good ones do not wait for the bad
    /// ones. A flaw of the file itself (a cut archive, a broken quote) refuses the file before a row of it is stored; with `isTrial` nothing
    /// stays. An import that broke off goes on behind its last stored part when the same person sends the same file again.
    public func run(
        _ kind: Kind, _ url: URL, layout: Layout? = nil, _ submission: Submission, chunk: Int = 500,
        progress: @escaping @Sendable (Int) -> Void = { _ in }
    ) async throws -> ImportResult {
        let plan = try plan(kind, url, layout: layout)
        if let field = plan.missing.first {
            throw Refusal(
                "header.missing", row: plan.layout.skippedRows + 1, field: field.name,
                [
                    "value": plan.headings.prefix(8).joined(separator: ", "), "expected": plan.missing.map(\.zh).joined(separator: "、"),
                    "expected_en": plan.missing.map(\.en).joined(separator: ", "),
                ])
        }
        // A broken file is refused before a row of it is stored: half a file is worse than none.
        let survey = try Survey(plan, url)
        guard survey.rows > 0 else { throw Refusal("file.no-rows", ["value": url.lastPathComponent]) }
        if submission.isTrial {
            let counts = try await ledger.rehearse(submission) { take in
                var (drafts, taken): ([Draft], Int) = ([], 0)
                func hand() throws {
                    try take(drafts)
                    taken += drafts.count
                    drafts = []
                    progress(taken)
                }
                try SheetReader.read(url, sheet: plan.layout.sheet) { row in
                    guard !plan.layout.isHeading(row) else { return }
                    drafts.append(survey.draft(plan, row, home: submission.home))
                    if drafts.count == chunk { try hand() }
                }
                try hand()
            }
            return ImportResult(counts: counts, isTrial: true, resumedBehind: 0)
        }
        let journal = ImportJournal(ledger, of: try name(plan, url, submission))
        var intake = Ledger.Intake(ledger, submission, journal: journal, done: try await journal.done())
        let behind = intake.counts.total
        var read = 0
        var waiting: [Draft] = []
        for try await part in RowParts(url, sheet: plan.layout.sheet, size: chunk) {
            for row in part where !plan.layout.isHeading(row) {
                read += 1
                // What an earlier run stored is not stored again.
                guard read > behind else { continue }
                waiting.append(survey.draft(plan, row, home: submission.home))
                guard waiting.count == chunk || read == survey.rows else { continue }
                try await intake.take(waiting, isLast: read == survey.rows)
                waiting = []
                progress(intake.counts.total)
            }
        }
        return ImportResult(counts: intake.counts, isTrial: false, resumedBehind: behind)
    }

    /// What makes an import the same: who sends which content, as what, laid out and taken how.
    private func name(_ plan: ImportPlan, _ url: URL, _ submission: Submission) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        return [
            submission.person.name, plan.kind.name, try Digest.sha256(file: url),
            String(decoding: try encoder.encode(plan.layout), as: UTF8.self),
            submission.updates ? "updates" : "", submission.home ?? "",
        ].joined(separator: "\n")
    }

    /// What must be known of the whole of a file before a row of it is stored: that it can be read to its end, and how its lines end.
    private struct Survey: Sendable {
        private(set) var rows = 0
        private let limit: Int
        private var isUneven = false

        init(_ plan: ImportPlan, _ url: URL) throws {
            limit = plan.headings.count
            var wide = 0
            try SheetReader.read(url, sheet: plan.layout.sheet) { row in
                guard !plan.layout.isHeading(row) else { return }
                rows += 1
                if row.cells.count > limit { wide += 1 }
            }
            // Where every row has a blank cell more than the heading, the program that wrote them ends its lines so. Where only some have, a
            // comma that no quotes hold has shifted what stands behind it.
            isUneven = plan.isText && wide < rows
        }
        func draft(_ plan: ImportPlan, _ row: SheetRow, home: String?) -> Draft {
            var draft = Importer.draft(plan, row, home: home)
            if isUneven, row.cells.count > limit, draft.flaws.isEmpty {
                draft.flaws = [Refusal("row.width", ["value": String(limit + 1), "limit": String(limit)])]
            }
            return draft
        }
    }

    static func draft(_ plan: ImportPlan, _ row: SheetRow, home: String?) -> Draft {
        var draft = Draft(plan.kind, row: row.number)
        for (name, column) in plan.columns {
            guard let field = plan.kind.field(named: name) else { continue }
            var text = row[column]
            // What a masked export hides is not what its reader wants to enter.
            if field.sensitivity != .open, isMask(text) { continue }
            if case .day = field.type, let day = plan.layout.day(text) { text = day.description }
            draft.cells[name] = text
        }
        if let column = plan.idColumn {
            let id = row[column].trimmingCharacters(in: .whitespaces)
            // Users number their rows under that heading too.
            if id.utf8.count == 26, id.utf8.allSatisfy({ (48...57).contains($0) || (97...122).contains($0) }) { draft.id = id }
        }
        if plan.isText, row.cells.dropFirst(plan.headings.count).contains(where: { !$0.allSatisfy(\.isWhitespace) }) {
            draft.flaws = [Refusal("row.width", ["value": String(row.cells.count), "limit": String(plan.headings.count)])]
        }
        return draft
    }
    private static func isMask(_ text: String) -> Bool {
        text.utf8.last == 42 || text.contains("***") || text.contains("＊＊＊")
    }

    /// Writes the user's own rows back with what is wrong marked in its cell and told in a last column.
    public func annotate(
        _ kind: Kind, _ url: URL, layout: Layout? = nil, _ result: ImportResult, to target: URL, words: (Refusal) -> String
    ) throws {
        let plan = try plan(kind, url, layout: layout)
        var byRow: [Int: [Refusal]] = [:]
        for refusal in result.refusals { if let row = refusal.row { byRow[row, default: []].append(refusal) } }
        let writer = try SheetWriter(target)
        try writer.addSheet(kind.zh, columns: plan.headings.enumerated().map { .init($1.isEmpty ? "\($0 + 1)" : $1) }, errors: true)
        try SheetReader.read(url, sheet: plan.layout.sheet) { row in
            guard !plan.layout.isHeading(row) else { return }
            var marks: [Int: String] = [:]
            for refusal in byRow[row.number] ?? [] {
                let column = refusal.field.flatMap { plan.columns[$0] } ?? -1
                marks[column] = [marks[column], words(refusal)].compactMap { $0 }.joined(separator: "；")
            }
            try writer.write(Array(row.cells.prefix(plan.headings.count)), marks: marks)
        }
        try writer.close()
    }

    // Layouts of users' own workbooks

    public func save(layout: Layout, named name: String, for kind: Kind, by person: Person) async throws {
        guard mayDo(person, .see, at: .common), person.role != .nobody else { throw Refusal("access.denied", ["value": "layout"]) }
        let body = String(decoding: try JSONEncoder().encode(layout), as: UTF8.self)
        try await ledger.store.write { [ledger] db in
            try db.run(
                """
                INSERT INTO layout (home, name, kind, body) VALUES (\("000000"), \(name), \(kind.name), \(body))
                ON CONFLICT (home, name) DO UPDATE SET kind = excluded.kind, body = excluded.body
                """)
            try Audit(db).append(
                home: "000000", at: ledger.clock.now(), by: person.name, door: "layout", [("layout/\(name)", Digest.sha256(body))])
        }
    }
    public func layouts(for kind: Kind? = nil) async throws -> [(name: String, kind: String, layout: Layout)] {
        let rows = try await ledger.store.read { try $0.rows("SELECT name, kind, body FROM layout ORDER BY name") }
        return try rows.compactMap { row in
            let name: String = try row.get("kind")
            if let kind, kind.name != name { return nil }
            return (try row.get("name"), name, try JSONDecoder().decode(Layout.self, from: Data(try row.get("body", as: String.self).utf8)))
        }
    }
}
