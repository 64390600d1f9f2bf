import Foundation
import Kernel
import Ledger
import Print
import Surveillance
import Web

// What a worker is handed about an examination.

let healthPrints = [Printable("exam-notice", of: "exam") { try examNotice($0) }]

/// The notice of an examination's result to whoever was examined 职业健康检查结果告知书 (Law Art. 35). Findings are masked as everywhere; who may
/// read them in clear prints them with a reason.
private func examNotice(_ desk: PrintDesk) throws -> Document {
    var blocks: [Block] = [.title(desk.word("exam.title"))]
    if let number = try desk.text("code") { blocks.append(.number(number)) }
    let facts = [
        try desk.fact("worker"), try desk.fact("day"), try desk.fact("employer", isWide: true), try desk.fact("institution", isWide: true),
        try desk.fact("stage"),
        try desk.fact("factors", isWide: true),
    ]
    blocks += [.space(2), .facts(facts), .heading(desk.word("exam.result"))]
    blocks.append(
        .facts(try ["conclusion", "items", "contraindications", "suspected"].map { try desk.fact($0, isWide: true) }, across: 1))
    if !desk.show.isClear { blocks.append(.note(Text(desk.word("exam.masked")))) }
    blocks += [
        .paragraph(Text(desk.word("exam.text")), isIndented: true),
        .signings([Signing(desk.word("exam.worker"), day: desk.openDay), Signing(desk.word("exam.employer"), day: desk.openDay)]),
        desk.closing(),
    ]
    return desk.document(.form, blocks)
}
