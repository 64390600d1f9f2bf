import Catalog
import Exchange
import Foundation
import Kernel
import Ledger
import Messages
import Planning
import Storage
import Web

/// Addresses of the pages about records. Every link to them is made here.
enum Address {
    static let kinds = "/records"
    static let duties = "/duties"
    static let imports = "/import"
    static let drafts = "/drafts"

    static func duty(_ key: OwedDuty.Key) -> String {
        Office.href("/duty", [:], ["home": key.home, "rule": key.measure, "root": key.root, "subject": key.subject])
    }
    static func employer(_ id: String) -> String { "/employers/\(part(id))" }
    static func worker(_ id: String) -> String { "/workers/\(part(id))" }
    static func record(_ id: String) -> String { "/record/\(part(id))" }
    static let inspect = "/inspect"
    static func inspection(_ id: String) -> String { "/inspections/\(part(id))" }
    static func newInspection(_ given: [String: String] = [:]) -> String { Office.href("/inspect/new", [:], given) }
    static func order(_ id: String) -> String { "/orders/\(part(id))" }
    static func employerClass(_ id: String) -> String { "/employers/\(part(id))/class" }
    static func edit(_ id: String) -> String { "/record/\(part(id))/edit" }
    static func kind(_ name: String) -> String { "/records/\(part(name))" }
    static func new(_ kind: String, _ given: [String: String] = [:]) -> String { Office.href("/records/\(part(kind))/new", [:], given) }
    static func template(_ kind: String) -> String { "/records/\(part(kind))/template.xlsx" }
    static func export(_ kind: String, _ format: FileFormat) -> String { "/records/\(part(kind))/export.\(format.rawValue)" }
    static func draft(_ id: String) -> String { "/drafts/\(part(id))" }
    static func job(_ id: String) -> String { "/import/\(part(id))" }
    static func indicator(_ plan: String, _ indicator: String) -> String { "/plans/\(part(plan))/\(part(indicator))" }

    /// Where a record is read: an employer and a worker have a whole file, every other one its page.
    static func of(_ record: Record) -> String {
        switch record.kind.name {
        case "employer": employer(record.id)
        case "worker": worker(record.id)
        case "violation_case": "/cases/\(part(record.id))"
        case "penalty_decision": "/decisions/\(part(record.id))"
        case "credit_listing": "/listings/\(part(record.id))"
        case "credit_notice": "/credit-notices/\(part(record.id))"
        case "complaint": "/complaints/\(part(record.id))"
        case "inspection": inspection(record.id)
        case "order": order(record.id)
        default: self.record(record.id)
        }
    }
    private static func part(_ text: String) -> String {
        text.addingPercentEncoding(withAllowedCharacters: .alphanumerics.union(CharacterSet(charactersIn: "-._~"))) ?? text
    }
}

/// A value as one reader sees it.
struct Shown {
    var text: String
    var href: String?
    var isMasked = false
}

/// Records as one reader sees them, inside one read of the store: names for codes, titles for references, and masks over personal and
/// medical fields. It holds the connection and ends with the read.
final class Showing {
    let office: Office
    let call: Call
    let db: any Connection
    /// Personal fields in clear: only where the reader said why and the audit has it.
    let isClear: Bool
    private var records: [String: Record?] = [:]
    private var sights: [String: Bool] = [:]
    private var places: [String: String] = [:]

    init(_ office: Office, _ call: Call, _ db: any Connection, isClear: Bool = false) {
        (self.office, self.call, self.db, self.isClear) = (office, call, db, isClear)
    }
    var ledger: Ledger { office.ledger }
    var numbers: Numbers { Numbers(isEnglish: call.isEnglish) }

    // Names

    func name(_ kind: Kind) -> String { call.isEnglish ? kind.en : kind.zh }
    func name(kind: String) -> String { ledger.kinds[kind].map { name($0) } ?? kind }
    func label(_ field: FieldSpec) -> String { call.isEnglish ? field.en : field.zh }
    /// Where a field comes from. A remark behind it is for readers of Chinese; the document's own name stays.
    func source(_ field: FieldSpec) -> String? {
        let text = call.isEnglish ? field.source.replacing(/（[^（）]*）$/, with: "") : field.source
        return text.isEmpty ? nil : text
    }
    func count(_ number: Int) -> String { numbers.grouped(Double(number)) }
    func moment(_ moment: Moment) -> String { String(moment.description.dropLast(3)) }
    func day(_ day: Day?) -> String? { day.flatMap { $0 > .distantPast && $0 < .distantFuture ? $0.description : nil } }
    func reason(_ code: String) -> String? { code.isEmpty ? nil : call.word("reason.\(code)") }

    /// The name of a division, a township's with its county's in front.
    func place(_ code: String) throws -> String {
        if let known = places[code] { return known }
        var name = ledger.catalog.divisions[code]?.name
        if name == nil, let row = try db.row("SELECT id FROM directory WHERE kind = 'division' AND key = \("division=\(code)")") {
            name = try record(try row.get("id"))?.title
        }
        var text = name ?? code
        if code.utf8.count > 6 { text = try place(String(code.prefix(6))) + " " + text }
        places[code] = text
        return text
    }

    // Records

    /// Reads records at once that will be asked for one by one.
    func fetch(_ ids: some Sequence<String>) throws {
        let missing = Set(ids).filter { records[$0] == nil && !$0.isEmpty }
        guard !missing.isEmpty else { return }
        for id in missing { records[id] = .some(nil) }
        for record in try ledger.records(db, missing) { records[record.id] = record }
    }
    /// Reads what some records refer to.
    func fetch(namedBy records: [Record]) throws {
        try fetch(records.flatMap { record in record.kind.references.compactMap { record.target(of: $0) } })
    }
    func record(_ id: String) throws -> Record? {
        try fetch([id])
        return records[id] ?? nil
    }
    func may(_ action: Action, _ record: Record) throws -> Bool { mayDo(call.person, action, at: try ledger.place(db, of: record)) }
    /// Of some records those that the reader sees, in their order.
    func seen(_ records: [Record]) throws -> [Record] {
        let unknown = records.filter { sights[$0.id] == nil }
        for (record, place) in zip(unknown, try ledger.places(db, of: unknown)) {
            sights[record.id] = mayDo(call.person, .see, at: place)
        }
        return records.filter { sights[$0.id] == true }
    }
    func sees(_ record: Record) throws -> Bool {
        if let known = sights[record.id] { return known }
        let sees = try may(.see, record)
        sights[record.id] = sees
        return sees
    }

    // Values

    /// A record's title with codes named and sensitive parts masked. The stored title has neither: it is for searching.
    func title(_ record: Record) throws -> String {
        let parts = try record.kind.title.compactMap { field in record[field] == nil ? nil : try value(field, of: record).text }
        return parts.isEmpty ? name(record.kind) : parts.joined(separator: " · ")
    }
    func title(_ id: String) throws -> String? { try record(id).map { try title($0) } }

    /// The title of a record that the reader sees, or that a record of theirs names: an address with any id in it tells nothing else.
    func knownTitle(_ id: String) throws -> String? {
        guard let record = try record(id) else { return nil }
        if try sees(record) { return try title(record) }
        let reach = Reach(ledger: ledger, person: call.person)
        let isNamed = try ledger.kinds.values.contains { kind in
            guard reach.concerns(kind), kind.references.contains(where: { $0.target == record.kind.name }) else { return false }
            return try !Listing(self, kind, target: id, limit: 1).records.isEmpty
        }
        return isNamed ? try title(record) : nil
    }

    /// A title that tells records of one name apart: with the file that it belongs to, its division or its masked number.
    func fullTitle(_ record: Record) throws -> String {
        var parts = [try title(record)]
        for field in record.kind.parents { if let id = record.target(of: field), let title = try title(id) { parts.append(title) } }
        for name in ["division", "identity", "credit_code"] {
            if let field = record.kind.field(named: name), record[field] != nil { parts.append(try value(field, of: record).text) }
        }
        return parts.joined(separator: " · ")
    }

    /// A worker reads what is recorded of themself in clear.
    private func isOwn(_ record: Record) throws -> Bool { try call.person.role == .worker && may(.seePersonal, record) }

    /// Whether the reader is told a field of a kind at all.
    func tells(_ field: FieldSpec, of kind: Kind) -> Bool { Submitters.isTold(field, of: kind, to: call.person) }
    /// The fields of a record that hold something for the reader.
    func fields(_ record: Record) -> [FieldSpec] { record.kind.fields.filter { record[$0] != nil && tells($0, of: record.kind) } }

    func value(_ field: FieldSpec, of record: Record) throws -> Shown {
        guard let value = record[field], tells(field, of: record.kind) else { return Shown(text: "") }
        if field.sensitivity != .open, try !isClear && !isOwn(record) { return Shown(text: mask(plainText(value), field), isMasked: true) }
        return try self.value(value, field)
    }

    func value(_ value: Value, _ field: FieldSpec) throws -> Shown {
        switch (field.type, value) {
        case (.code(let table), .text(let code)): return Shown(text: ledger.catalog.title(table, code, english: call.isEnglish))
        case (.codes(let table), .list(let codes)):
            let names = codes.map { ledger.catalog.title(table, $0, english: call.isEnglish) }
            return Shown(text: names.joined(separator: call.isEnglish ? ", " : "、"))
        case (.flag, .flag(let flag)): return Shown(text: call.word(flag ? "flag.yes" : "flag.no"))
        case (.division, .text(let code)): return Shown(text: try place(code))
        case (.reference, .text(let id)):
            guard let target = try record(id) else { return Shown(text: try ledger.titles(db, [id])[id].map { name(kind: $0.kind) } ?? id) }
            let isSeen = try sees(target)
            // Of proceedings that are not theirs nobody learns the title either.
            guard isSeen || !Submitters.isSealed(target.kind.name, from: call.person) else { return Shown(text: name(target.kind)) }
            return Shown(text: try title(target), href: isSeen ? Address.of(target) : nil)
        default: return Shown(text: plainText(value))
        }
    }

    // Tables

    /// The fields that a list of a kind shows beside the title, without the reference to the record whose page it stands on.
    func columns(_ kind: Kind, without hidden: String? = nil, limit: Int = 5) -> [FieldSpec] {
        let titles = Set(kind.title.map(\.name))
        if !kind.columns.isEmpty { return kind.columns.filter { hidden == nil || $0.target != hidden } }
        return Array(
            kind.fields.filter { field in
                if field === kind.code || titles.contains(field.name) || (hidden != nil && field.target == hidden) { return false }
                guard tells(field, of: kind) else { return false }
                if case .text(let limit) = field.type, limit > 200 { return false }
                return true
            }.prefix(limit))
    }
    func headings(_ kind: Kind, _ columns: [FieldSpec]) -> [View.Column] {
        let title = View.Column(text: kind.title.map(label).joined(separator: " · "))
        return [title] + columns.map { View.Column(text: label($0), isNumber: Showing.isNumber($0)) }
    }
    private static func isNumber(_ field: FieldSpec) -> Bool {
        switch field.type {
        case .integer, .decimal: true
        default: false
        }
    }
    /// A row whose first cell leads to the record. What ended by the day is dim.
    func row(_ record: Record, _ columns: [FieldSpec], on day: Day? = nil, isDim: Bool = false) throws -> View.Row {
        let first = View.Cell(label: label(record.kind.title.first ?? record.kind.code), text: try title(record), href: Address.of(record))
        let cells = try columns.map { field -> View.Cell in
            let shown = try value(field, of: record)
            return View.Cell(label: label(field), text: shown.text, href: shown.href, isNumber: Showing.isNumber(field))
        }
        let end = ["until", "removed", "closed"].compactMap { record.kind.field(named: $0) }.compactMap { record[$0].flatMap(Day.read) }
            .first
        return View.Row(cells: [first] + cells, dim: isDim || (day.flatMap { day in end.map { $0 <= day } } ?? false))
    }
    /// Some records of a kind as a part of a page.
    func section(
        _ kind: Kind, _ shown: [Record], total: Int, without hidden: String? = nil, on day: Day? = nil, more: String? = nil,
        new: String? = nil, isOpen: Bool = false
    ) throws
        -> View.Section
    {
        try fetch(namedBy: shown)
        let columns = columns(kind, without: hidden)
        let rows = try shown.map { try row($0, columns, on: day) }
        return View.Section(
            title: name(kind), count: count(total), rows: rows, columns: headings(kind, columns), open: isOpen, newHref: new,
            moreHref: total > shown.count ? more : nil)
    }

    /// The kinds in the order in which the house lists them.
    func ordered(_ names: some Collection<String>) -> [Kind] {
        ledger.features.flatMap(\.kinds).filter { names.contains($0.name) }
    }

    /// The day that the page speaks of.
    func asOf() throws -> Day {
        guard let text = call.asked("as-of") else { return try office.day(call) }
        guard let day = Day.read(text) else { throw Refusal("day.format", field: "as_of", ["value": text]) }
        return day
    }
}

extension Person {
    /// Where a person works: what they may do at all, before a record is at hand.
    var ownPlace: Place {
        let own = organisation.map { [$0] } ?? []
        return Place(divisions: division.map { [$0.text] } ?? [], organisations: own, authors: own)
    }
    var mayChangeSomething: Bool { mayDo(self, .change, at: ownPlace) }
}
