import Attachments
import Catalog
import Enforcement
import Foundation
import Kernel
import Ledger
import Print
import Web

// What inspectors write on site and what they leave there.

let fieldPrints = [
    Printable("inspection", of: "inspection", showing: ["inspection_item"]) { try inspectionRecord($0) },
    Printable("order", of: "order") { try order($0) },
]

/// The record of an inspection 现场检查笔录: who, where, what was looked at item by item, who signed or did not.
private func inspectionRecord(_ desk: PrintDesk) throws -> Document {
    let subject = try desk.target("employer") ?? desk.target("institution")
    var blocks: [Block] = [.letterhead(try desk.authority()), .title(desk.word("inspection.title"))]
    if let number = try desk.text("code") { blocks.append(.number(number)) }
    var facts = [
        Fact(desk.word("inspection.subject"), try desk.text("employer") ?? desk.text("institution"), isWide: true),
        Fact(desk.word("receipt.credit"), try subject.flatMap { try desk.text("credit_code", of: $0) }),
        try desk.fact("day"),
        Fact(desk.word("receipt.address"), try subject.flatMap { try desk.text("address", of: $0) }, isWide: true),
    ]
    // What made the inspectors come is not on the paper that the party signs: it may have been a complaint.
    for name in ["inspector", "inspector_2", "party"] where desk.record.kind.field(named: name) != nil {
        facts.append(try desk.fact(name))
    }
    for name in ["others", "report", "order"] where try desk.text(name) != nil { facts.append(try desk.fact(name, isWide: true)) }
    blocks += [.space(2), .facts(facts), .note(Text(desk.word("inspection.shown")))]
    let items = try desk.parts("inspection_item")
    if !items.isEmpty {
        blocks.append(.heading(desk.word("inspection.items")))
        let heads = ["column.number", "inspection.item", "inspection.result", "inspection.note"].map { Cell(Text(desk.word($0))) }
        let choices = ["yes", "no", "not_applicable"]
        let rows = try items.enumerated().map { index, item -> [Cell] in
            let result = item[InspectionItem.result]
            let boxes = choices.map { code in
                (result == code ? "■" : "□") + desk.show.ledger.catalog.title("check_result", code, english: desk.isEnglish)
            }
            let clause = item[InspectionItem.clause].map { Text.quiet("\n" + $0) } ?? ""
            return [
                Cell(Text("\(index + 1)")), Cell(Text(try desk.named("item", of: item)) + clause),
                Cell(Text(boxes.joined(separator: "\n"))),
                Cell(Text(try desk.text("note", of: item) ?? "")),
            ]
        }
        blocks.append(.table(Table([.init(0.7, .middle), .init(4.6), .init(1.7), .init(3)], head: [heads], rows: rows, scale: 0.93)))
    }
    blocks.append(.heading(desk.word("inspection.findings")))
    if let findings = try desk.text("findings") {
        for paragraph in findings.split(separator: "\n") { blocks.append(.paragraph(Text(String(paragraph)), isIndented: true)) }
    } else {
        blocks.append(.facts([.byHand(desk.word("inspection.findings"), lines: 4, note: desk.word("by-hand"))], across: 1))
    }
    blocks.append(.paragraph(Text(desk.word("inspection.read")), isIndented: true))
    blocks.append(.facts([.byHand(desk.word("inspection.objection"), note: desk.word("by-hand"))], across: 1))
    if try desk.text("refusal") != nil {
        blocks.append(.facts([try desk.fact("refusal", isWide: true), try desk.fact("witness", isWide: true)]))
    }
    let day = try desk.text("day") ?? desk.openDay
    let pictures = try signatures(desk)
    blocks.append(
        .signings([
            Signing(
                desk.word("inspection.sign.party"), name: pictures["party"] == nil ? nil : try desk.text("party"),
                day: pictures["party"] == nil ? desk.openDay : day, picture: pictures["party"]),
            Signing(
                desk.word("inspection.sign.first"), day: pictures["inspector"] == nil ? desk.openDay : day, picture: pictures["inspector"]),
            Signing(
                desk.word("inspection.sign.second"), day: pictures["inspector_2"] == nil ? desk.openDay : day,
                picture: pictures["inspector_2"]),
        ]))
    blocks += try photos(desk)
    blocks.append(desk.closing())
    return desk.document(.form, blocks)
}

/// Signatures drawn on the inspector's device, by whose they are, as far as the reader may see them.
private func signatures(_ desk: PrintDesk) throws -> [String: [UInt8]] {
    let files = Attachments(desk.show.ledger)
    var result: [String: [UInt8]] = [:]
    for file in try files.all(desk.show.db, of: desk.record.id) where file.withdrawnAt == nil && file.field.hasPrefix("signature.") {
        guard file.type == "image/png", try files.maySee(desk.show.call.person, desk.show.db, desk.record, field: file.field) else {
            continue
        }
        result[String(file.field.dropFirst(10))] = try files.bytes(desk.show.db, of: file)
    }
    return result
}

/// Photos of the site, at most twelve: the others are named.
private func photos(_ desk: PrintDesk) throws -> [Block] {
    let files = Attachments(desk.show.ledger)
    let all = try files.all(desk.show.db, of: desk.record.id).filter { file in
        try file.withdrawnAt == nil && file.type == "image/jpeg"
            && files.maySee(desk.show.call.person, desk.show.db, desk.record, field: file.field)
    }
    guard !all.isEmpty else { return [] }
    var blocks: [Block] = [.heading(desk.word("inspection.photos"))]
    for (index, file) in all.prefix(12).enumerated() {
        let caption = desk.word("inspection.photo", ["value": String(index + 1), "name": file.name, "taken": file.taken])
        blocks.append(.photo(try files.bytes(desk.show.db, of: file), width: file.width, height: file.height, caption: caption))
    }
    if all.count > 12 { blocks.append(.note(Text(desk.word("inspection.photos.more", ["value": String(all.count - 12)])))) }
    return blocks
}

/// The order to rectify within a time 责令限期改正通知书, with the page of its service.
private func order(_ desk: PrintDesk) throws -> Document {
    let number = try desk.text("number")
    let addressee = try desk.named("employer")
    let catalog = desk.show.ledger.catalog
    let issued = desk.day(of: "issued")
    var blocks: [Block] = [.letterhead(try desk.authority()), .title(desk.word("order.title"))]
    if let number { blocks.append(.number(number)) }
    blocks += [.space(3), .paragraph(.bold(addressee) + Text(desk.isEnglish ? ":" : "："))]
    let inspection = try desk.target("inspection")
    let found = try inspection.flatMap { try desk.text("day", of: $0) }
    blocks.append(.paragraph(Text(desk.word(found == nil ? "order.found.bare" : "order.found", ["value": found ?? ""])), isIndented: true))
    for paragraph in (try desk.text("facts") ?? "").split(separator: "\n") {
        blocks.append(.paragraph(Text(String(paragraph)), isIndented: true))
    }
    let items = desk.codes("items")
    if !items.isEmpty {
        let heads = ["column.number", "order.item", "order.clause"].map { Cell(Text(desk.word($0))) }
        let rows = items.enumerated().map { index, code -> [Cell] in
            [
                Cell(Text("\(index + 1)")), Cell(Text(catalog.title("checklist_item", code, english: desk.isEnglish))),
                Cell(Text(catalog.checklistItem(code)?.clause ?? "—")),
            ]
        }
        blocks.append(.table(Table([.init(0.8, .middle), .init(6), .init(3)], head: [heads], rows: rows, scale: 0.78)))
    }
    let due = try desk.text("due") ?? desk.openDay
    let clauses = try desk.text("clauses") ?? ""
    blocks.append(
        .paragraph(
            Text(desk.word(clauses.isEmpty ? "order.bare" : "order.by", ["value": clauses])) + .bold(desk.word("order.due", ["value": due]))
                + Text(desk.word("order.what")), isIndented: true))
    blocks += [
        .paragraph(Text(desk.word("order.failing")), isIndented: true), .paragraph(Text(desk.word("order.remedy")), isIndented: true),
        .note(Text(desk.word("order.copies"))),
        desk.closing(try desk.authority(), on: issued, seal: desk.word("seal")),
    ]
    blocks += try desk.service(desk.word("order.title"), number: number)
    return desk.document(.letter, blocks)
}
