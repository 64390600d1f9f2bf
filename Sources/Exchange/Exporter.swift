import Catalog
import Foundation
import Kernel
import Ledger
import Sheets
import Storage

public enum FileFormat: String, Sendable, CaseIterable { case csv, xlsx }

public struct Exporter: Sendable {
    let ledger: Ledger
    public init(_ ledger: Ledger) { self.ledger = ledger }

    /// An empty workbook of a kind: headings with notes, lists of codes to choose from, and a sheet that explains every field.
    public func template(_ kind: Kind, english: Bool, to url: URL) throws {
        let writer = try SheetWriter(url)
        try writer.addSheet(english ? kind.en : kind.zh, columns: kind.entered.map { column($0, english: english) })
        try writer.addSheet(
            english ? "Fields" : "填写说明",
            columns: [
                .init(english ? "Field" : "字段"), .init(english ? "Stable name" : "字段名"), .init(english ? "Required" : "必填"),
                .init(english ? "What to enter" : "填写要求", width: 40),
                .init(english ? "Source" : "依据", width: 30),
            ])
        for field in kind.entered {
            try writer.write([
                english ? field.en : field.zh, field.name, field.required ? (english ? "yes" : "是") : "", explain(field, english: english),
                field.source,
            ])
        }
        for table in Set(kind.entered.compactMap(tableName)).sorted() {
            guard let entries = ledger.catalog.tables[table] else { continue }
            try writer.addSheet(
                english ? entries.en : entries.zh,
                columns: [
                    .init(english ? "Code" : "代码"), .init("名称", width: 30), .init("Name", width: 30),
                    .init(english ? "Source" : "来源", width: 30),
                ])
            for entry in entries.entries { try writer.write([entry.code, entry.zh, entry.en, entry.source]) }
        }
        try writer.close()
    }

    private func tableName(_ field: FieldSpec) -> String? {
        switch field.type {
        case .code(let table), .codes(let table): table
        default: nil
        }
    }

    private func column(_ field: FieldSpec, english: Bool) -> SheetWriter.Column {
        let title = (english ? field.en : field.zh) + (field.required ? "*" : "")
        var choices: [String] = []
        if case .code(let name) = field.type, let table = ledger.catalog.tables[name], table.entries.count <= 60 {
            choices = table.entries.map { english ? $0.en : $0.zh }
        }
        if case .flag = field.type { choices = english ? ["yes", "no"] : ["是", "否"] }
        let kind: SheetWriter.Column.Kind =
            switch field.type {
            case .integer: .integer
            case .decimal: .number
            case .day: .day
            default: .text
            }
        return .init(title, kind: kind, choices: choices, note: explain(field, english: english))
    }

    func explain(_ field: FieldSpec, english: Bool) -> String {
        func say(_ zh: String, _ en: String) -> String { english ? en : zh }
        let text: String =
            switch field.type {
            case .text(let limit): say("不超过 \(limit) 字", "Up to \(limit) characters")
            case .integer(let range):
                say("整数 \(range.lowerBound)–\(range.upperBound)", "Whole number \(range.lowerBound)–\(range.upperBound)")
            case .decimal(let range):
                say(
                    "数值 \(plainText(.real(range.lowerBound)))–\(plainText(.real(range.upperBound)))",
                    "Number \(plainText(.real(range.lowerBound)))–\(plainText(.real(range.upperBound)))")
            case .day(let future): say("日期，如 2020-06-30", "Date, as 2020-06-30") + (future ? "" : say("，不晚于今天", ", not after today"))
            case .flag: say("是 / 否", "yes / no")
            case .code(let table):
                say(
                    "代码或名称，见“\(ledger.catalog.tables[table]?.zh ?? table)”",
                    "Code or name, see sheet \(ledger.catalog.tables[table]?.en ?? table)")
            case .codes(let table):
                say(
                    "一个或多个代码或名称，用分号分隔，见“\(ledger.catalog.tables[table]?.zh ?? table)”",
                    "One or more codes or names, parted by semicolons, see sheet \(ledger.catalog.tables[table]?.en ?? table)")
            case .reference(let kind):
                say(
                    "已登记的\(ledger.kinds[kind]?.zh ?? kind)：编号、统一社会信用代码、身份证号码或名称（须唯一）",
                    "A registered \(ledger.kinds[kind]?.en.lowercased() ?? kind): reference number, credit code, identity number or unique name"
                )
            case .division(let township):
                township ? say("9 位乡镇街道代码", "Nine-digit township code") : say("6 位行政区划代码", "Six-digit division code")
            case .creditCode: say("18 位，末位为校验码", "18 characters, the last a check character")
            case .residentID: say("18 位，末位为校验码", "18 characters, the last a check character")
            }
        return text
    }

    /// Records of a kind behind an id, and the id behind which the next ones stand; nil at the end.
    public typealias Page = @Sendable (any Connection, String?) throws -> (records: [Record], next: String?)

    /// Every live record of a kind in some homes.
    public func export(
        _ kind: Kind, as format: FileFormat, homes: String = "", masks: (Record) throws -> Bool = { _ in false }, english: Bool = false,
        to url: URL
    ) async throws {
        try await export(kind, as: format, masks: masks, english: english, to: url) { [ledger] db, after in
            let records = try ledger.list(db, kind, homes: homes, after: after ?? "", limit: 2000)
            return (records, records.last?.id)
        }
    }

    /// Records of a kind, cells as `import` reads them. References are ids, which every door resolves.
    /// - Parameters:
    ///   - masks: whether personal and medical fields are masked for this reader.
    ///   - tells: which fields the reader is told; the cells of the others are blank.
    ///   - page: what the reader may have of the records, piece by piece.
    public func export(
        _ kind: Kind, as format: FileFormat, masks: (Record) throws -> Bool, tells: (FieldSpec) -> Bool = { _ in true },
        english: Bool = false, to url: URL, _ page: @escaping Page
    ) async throws {
        let headings = ["id"] + kind.fields.map { english ? $0.en : $0.zh }
        let told = kind.fields.map(tells)
        var after: String?
        let writer = format == .xlsx ? try SheetWriter(url) : nil
        var handle: FileHandle?
        var csv: CSVWriter?
        if let writer {
            try writer.addSheet(english ? kind.en : kind.zh, columns: [.init("id")] + kind.fields.map { column($0, english: english) })
        } else {
            guard FileManager.default.createFile(atPath: url.path, contents: nil) else {
                throw Refusal("file.unwritable", ["value": url.lastPathComponent])
            }
            let open = try FileHandle(forWritingTo: url)
            handle = open
            csv = CSVWriter(open)
            try csv?.write(headings)
        }
        repeat {
            let from = after
            let found = try await ledger.store.read { try page($0, from) }
            after = found.next
            for record in found.records {
                let masked = try masks(record)
                let cells =
                    [record.id]
                    + zip(kind.fields, told).map { field, isTold in
                        guard isTold, let value = record[field] else { return "" }
                        return masked && field.sensitivity != .open ? mask(plainText(value), field) : plainText(value)
                    }
                if let writer { try writer.write(cells) } else { try csv?.write(cells) }
            }
        } while after != nil
        try writer?.close()
        try csv?.finish()
        try handle?.close()
    }

    /// Every version of every record as CSV, one file a kind, all of one moment: what an independent program needs to check the figures.
    /// So many records are held at a time, however many there are.
    public func dump(to folder: URL, page: Int = 2000) async throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try await ledger.store.read { [ledger] db in
            for kind in ledger.kinds.values.sorted(by: { $0.name < $1.name }) {
                let first = try db.row("SELECT id FROM record WHERE kind = \(kind.name) LIMIT 1")
                if first == nil { continue }
                let url = folder.appendingPathComponent("\(kind.name).csv")
                guard FileManager.default.createFile(atPath: url.path, contents: nil) else {
                    throw Refusal("file.unwritable", ["value": url.lastPathComponent])
                }
                let file = try FileHandle(forWritingTo: url)
                defer { try? file.close() }
                var csv = CSVWriter(file, mark: false)
                try csv.write(["id", "home", "version", "recorded_at", "withdrawn"] + kind.fields.map(\.name))
                var after: String? = ""
                while let from = after {
                    after = try dump(kind, after: from, most: page, db, to: &csv)
                }
                try csv.finish()
            }
        }
    }

    /// The versions of some records of a kind, those behind an id.
    /// - Returns: the last id; nil where there were none.
    private func dump(_ kind: Kind, after: String, most: Int, _ db: any Connection, to csv: inout CSVWriter) throws -> String? {
        var last: String?
        // The page is of records and not of versions: those of one record stay together.
        let query: SQL =
            """
            SELECT v.home, v.id, v.version, v.live, v.body, v.recorded_at
            FROM (SELECT home, id FROM record WHERE kind = \(kind.name) AND id > \(after) ORDER BY id LIMIT \(most)) AS r
            JOIN record_version v ON v.home = r.home AND v.id = r.id ORDER BY v.id, v.version
            """
        try db.each(query) { row in
            var record = Record(kind, id: try row.get("id"), home: try row.get("home"))
            try Body.decode(try row.get("body"), into: &record, ledger.keys)
            let live: Bool = try row.get("live")
            let head: [String] = [
                record.id, record.home, String(try row.get("version", as: Int.self)), String(try row.get("recorded_at", as: Int.self)),
                live ? "0" : "1",
            ]
            try csv.write(head + kind.fields.map { field in record[field].map(plainText) ?? "" })
            last = record.id
        }
        return last
    }
}

/// A personal text as those see it who need not: an identity number keeps its division and its last character, the rest less.
public func mask(_ text: String, _ field: FieldSpec) -> String {
    if case .residentID = field.type, text.count == 18 { return text.prefix(6) + "***********" + text.suffix(1) }
    if field.sensitivity == .medical { return "＊＊＊" }
    return text.count <= 3 ? "***" : text.prefix(3) + String(repeating: "*", count: min(8, text.count - 3))
}
