import Catalog
import Exchange
import Foundation
import Kernel
import Ledger
import Print
import Storage
import Web

/// One document in the making, for one reader: fields with their names and masks, the records that it speaks of, its code to check.
struct PrintDesk {
    let show: Showing
    let record: Record
    let printable: Printable
    /// Where the site is reached, as the reader reaches it: `https://zhifang.example.cn`.
    let site: String
    var isEnglish: Bool { show.call.isEnglish }

    func word(_ key: String, _ details: [String: String] = [:]) -> String { show.call.word("print.\(key)", details) }

    /// A day as official papers write it.
    func day(_ day: Day?) -> String? {
        guard let day, day > .distantPast, day < .distantFuture else { return nil }
        guard isEnglish else { return "\(day.year)年\(day.month)月\(day.dayOfMonth)日" }
        return day.description
    }
    /// A line to write a day on.
    var openDay: String { word("day.open") }

    // Fields

    /// What a field of a record says to the reader: codes named, references by their title, personal parts masked; nil where it is blank.
    func text(_ name: String, of other: Record? = nil) throws -> String? {
        let record = other ?? record
        guard let field = record.kind.field(named: name), record[field] != nil else { return nil }
        if case .day = field.type { return day(record[field].flatMap(Day.read)) }
        let text = try show.value(field, of: record).text
        return text.isEmpty ? nil : text
    }
    func fact(_ name: String, of other: Record? = nil, label: String? = nil, isWide: Bool = false) throws -> Fact {
        let own = (other ?? record).kind.field(named: name).map(show.label) ?? name
        return Fact(label ?? own, try text(name, of: other), isWide: isWide)
    }
    func day(of name: String, _ other: Record? = nil) -> Day? {
        let record = other ?? record
        return record.kind.field(named: name).flatMap { record[$0] }.flatMap(Day.read)
    }
    func flag(_ name: String) -> Bool? { record.kind.field(named: name).flatMap { record[$0] }.flatMap(Bool.read) }
    func codes(_ name: String) -> [String] { record.kind.field(named: name).flatMap { record[$0] }.flatMap([String].read) ?? [] }

    /// The record that a field names, where the reader may see it.
    func target(_ name: String, of other: Record? = nil) throws -> Record? {
        let record = other ?? record
        guard let field = record.kind.field(named: name), let id = record.target(of: field), let found = try show.record(id) else {
            return nil
        }
        return try show.sees(found) ? found : nil
    }
    /// Live records of a kind that name another one, as far as the reader sees them, in the order in which they came.
    func parts(_ kind: String, of other: Record? = nil) throws -> [Record] {
        guard let kind = show.ledger.kinds[kind] else { return [] }
        let found = try Listing(show, kind, target: (other ?? record).id, limit: 2000).records.sorted { $0.id < $1.id }
        try show.fetch(namedBy: found)
        return found
    }
    func named(_ field: String, of other: Record? = nil) throws -> String { try text(field, of: other) ?? word("blank") }

    /// Who issues what an authority issues. Offices have names of their own, which no record holds: the seal says it.
    func authority() throws -> String {
        let place = show.ledger.catalog.divisions[record.home]?.name ?? record.home
        return word("authority", ["value": place])
    }

    // The document

    /// The code that the reader of the paper asks by whether it is genuine.
    var code: String { printable.code(of: record, with: companions) }
    private var companions: [Record] { (try? printable.companions(of: record, show.ledger, show.db)) ?? [] }
    var checkHref: String { "\(site)/verify/\(record.id)/\(printable.name)/\(code)" }

    func closing(_ authority: String? = nil, on day: Day? = nil, seal: String? = nil) -> Block {
        .closing(Closing(authority: authority, day: self.day(day), seal: seal, code: checkHref, caption: word("code.caption")))
    }

    func document(_ manner: Document.Manner, _ blocks: [Block]) -> Document {
        let moment = ([record] + companions).map(\.recordedAt).max() ?? record.recordedAt
        let groups = stride(from: 0, to: code.count, by: 4).map { start in
            String(code.dropFirst(start).prefix(4))
        }
        let foot = word(
            "foot", ["value": record.id, "version": String(record.version), "code": groups.joined(separator: " ")])
        return Document(
            title: word(printable.name), isEnglish: isEnglish, manner: manner,
            blocks: blocks + (isEnglish ? [.note(Text(word("english")))] : []),
            foot: foot, pageWords: word("pages"), moment: moment, author: record.home)
    }

    /// The page on which whoever serves an official paper writes how it was served.
    func service(_ title: String, number: String?) throws -> [Block] {
        func open(_ key: String, lines: Int = 1) -> Fact { .byHand(word(key), lines: lines, note: word("by-hand")) }
        return [
            .pageBreak, .letterhead(try authority()), .title(word("service")),
            .facts(
                [
                    Fact(word("service.addressee"), try text("employer") ?? text("institution"), isWide: true),
                    Fact(word("service.paper"), [title, number].compactMap { $0 }.joined(separator: " "), isWide: true),
                    open("service.place"),
                    Fact(
                        word("service.manner"),
                        Text(
                            "□ \(word("service.direct"))  □ \(word("service.left"))  □ \(word("service.mail"))  □ \(word("service.other"))"),
                        isWide: true),
                    open("service.proxy"), open("service.remark", lines: 2),
                ]),
            .signings([Signing(word("service.receiver"), day: openDay), Signing(word("service.server"), day: openDay)]),
        ]
    }
}
