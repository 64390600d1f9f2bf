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
    public var created = 0, changed = 0, unchanged = 0, refused = 0
    public var total: Int { created + changed + unchanged + refused }
    /// Refusals by row of the file, in order.
    public var refusals: [Refusal] = []
    public var receipts: [Receipt] = []
    public let isTrial: Bool

    mutating func add(_ more: [Receipt]) {
        for receipt in more {
            switch receipt.fate {
            case .created: created += 1
            case .changed, .withdrawn: changed += 1
            case .unchanged: unchanged += 1
            case .refused(let all):
                refused += 1
                refusals += all
            }
        }
        receipts += more
    }
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

    /// Imports a file in bounded transactions; a row is stored whole or refused, and the good ones do not wait for the bad ones.
    /// A flaw of the file itself (a cut archive, a broken quote) refuses the file before a row of it is stored; with `isTrial` nothing stays.
    public func run(
        _ kind: Kind, _ url: URL, layout: Layout? = nil, _ submission: Submission, chunk: Int = 500,
        progress: @Sendable (Int) -> Void = { _ in }
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
        var drafts: [Draft] = []
        var flaw: Refusal?
        var isEven = true
        var wide: [Int] = []
        do {
            try SheetReader.read(url, sheet: plan.layout.sheet) { row in
                guard !plan.layout.isHeading(row) else { return }
                if row.cells.count > plan.headings.count { wide.append(drafts.count) } else { isEven = false }
                drafts.append(Importer.draft(plan, row, home: submission.home))
            }
        } catch let refusal as Refusal { flaw = refusal }
        // A broken file is refused before a row of it is stored: half a file is worse than none.
        if let flaw { throw flaw }
        // Where every row has a blank cell more than the heading, the program that wrote them ends its lines so. Where only some have, a
        // comma that no quotes hold has shifted what stands behind it.
        if plan.isText, !isEven {
            let (found, limit) = (String(plan.headings.count + 1), String(plan.headings.count))
            for index in wide where drafts[index].flaws.isEmpty {
                drafts[index].flaws = [Refusal("row.width", ["value": found, "limit": limit])]
            }
        }
        guard !drafts.isEmpty else { throw Refusal("file.no-rows", ["value": url.lastPathComponent]) }
        var result = ImportResult(isTrial: submission.isTrial)
        result.add(try await ledger.submit(drafts, submission, chunk: chunk, progress: progress))
        return result
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
