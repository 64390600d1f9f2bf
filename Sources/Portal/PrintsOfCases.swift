import Catalog
import Foundation
import Kernel
import Ledger
import Print
import Web

// What an authority tells the party of a case, and whoever complained. Fields are read by their stable names.

let casePrints = [
    Printable("prior-notice", of: "penalty_decision", when: { filled("notice", $0) }) { try priorNotice($0) },
    Printable("decision", of: "penalty_decision", when: { filled("decided", $0) && $0.state ?? .accepted == .accepted }) {
        try decision($0)
    },
    Printable("answer", of: "complaint", when: { filled("answered", $0) }) { try answer($0) },
]

func filled(_ name: String, _ record: Record) -> Bool { record.kind.field(named: name).map { record[$0] != nil } ?? false }

/// An amount of whole yuan as bank forms and decisions write it: 壹拾万零叁佰元整.
func capitalYuan(_ amount: Int) -> String {
    guard amount > 0 else { return "零元整" }
    let digits = ["零", "壹", "贰", "叁", "肆", "伍", "陆", "柒", "捌", "玖"]
    let places = ["", "拾", "佰", "仟"]
    func group(_ number: Int) -> String {
        var (text, isZeroOpen) = ("", false)
        for place in [3, 2, 1, 0] {
            let digit = number / [1, 10, 100, 1000][place] % 10
            if digit == 0 { isZeroOpen = isZeroOpen || !text.isEmpty; continue }
            text += (isZeroOpen ? "零" : "") + digits[digit] + places[place]
            isZeroOpen = false
        }
        return text
    }
    var text = ""
    var isZeroOpen = false
    for (size, unit) in [(1_000_000_000_000, "万亿"), (100_000_000, "亿"), (10_000, "万"), (1, "")] {
        let part = amount / size % 10_000
        if part == 0 {
            isZeroOpen = isZeroOpen || !text.isEmpty
            continue
        }
        if !text.isEmpty, isZeroOpen || part < 1000 { text += "零" }
        text += group(part) + unit
        isZeroOpen = false
    }
    return text + "元整"
}

extension PrintDesk {
    /// A period of the law on a day: `15日（行政处罚法（2021修订）第六十七条）`; a blank to fill where it is not to hand.
    fileprivate func period(_ name: String, on day: Day) -> String {
        guard let edition = show.ledger.catalog.clocks[name]?.edition(on: day) else { return word("period.open") }
        let unit = word("period.\(edition.unit.rawValue)", ["value": String(edition.length)])
        return unit + word("period.by", ["value": "\(edition.provenance.edition)\(isEnglish ? " " : "")\(edition.provenance.clause)"])
    }

    /// Paragraphs of a field, as its author broke them.
    fileprivate func paragraphs(_ name: String) throws -> [Block] {
        try (text(name) ?? "").split(separator: "\n").map { .paragraph(Text(String($0)), isIndented: true) }
    }

    fileprivate func party() throws -> (name: String, facts: [Fact]) {
        let party = try target("employer") ?? target("institution")
        let name = try text("employer") ?? text("institution") ?? word("blank")
        return (
            name,
            [
                Fact(word("case.party"), name, isWide: true),
                Fact(word("receipt.credit"), try party.flatMap { try text("credit_code", of: $0) }, isWide: true),
                Fact(word("receipt.address"), try party.flatMap { try text("address", of: $0) }, isWide: true),
            ]
        )
    }

    /// What was done: warning; a fine of so much; the order.
    fileprivate func measures() -> [Text] {
        codes("means").map { code in
            let title = show.ledger.catalog.title("penalty_means", code, english: isEnglish)
            guard code == "fine", let amount = record.kind.field(named: "amount").flatMap({ record[$0] }).flatMap(Int.read) else {
                return Text(title)
            }
            let figures = show.count(amount)
            return Text(word("case.fine", ["value": title, "amount": figures, "capital": capitalYuan(amount)]))
        }
    }

    /// The scheme of discretion by its name.
    fileprivate func scheme() throws -> String {
        let code = try text("scheme") ?? ""
        let name = show.ledger.catalog.discretion.all.first { $0.code == code }?.name
        return name.map { isEnglish ? $0.en : $0.zh } ?? code
    }

    fileprivate func law() throws -> String {
        let item = record.kind.field(named: "item").flatMap { record[$0] }.flatMap(String.read) ?? ""
        let found = Penalty.coded(show.ledger.catalog.penalties).first { $0.code == item }?.penalty
        return found.map { "\($0.provenance.edition)\($0.provenance.clause)" } ?? item
    }
}

/// The prior notice 行政处罚事先告知书 (Administrative Penalty Law 2021, Art. 44): facts, reasons, what is proposed, and the party's rights.
private func priorNotice(_ desk: PrintDesk) throws -> Document {
    let party = try desk.party()
    let day = desk.day(of: "notice") ?? desk.record.recordedAt.day
    var blocks: [Block] = [.letterhead(try desk.authority()), .title(desk.word("notice.title"))]
    if let code = try desk.text("code") { blocks.append(.number(code)) }
    blocks += [
        .space(3), .paragraph(.bold(party.name) + Text(desk.isEnglish ? ":" : "：")),
        .paragraph(Text(desk.word("notice.facts")), isIndented: true),
    ]
    blocks += try desk.paragraphs("facts")
    let basis = ["value": try desk.named("item"), "clause": try desk.law()]
    blocks.append(.paragraph(Text(desk.word("notice.law", basis)), isIndented: true))
    blocks.append(.list(desk.measures(), mark: "—"))
    if let step = try desk.text("step") {
        blocks.append(.paragraph(Text(desk.word("case.step", ["value": try desk.scheme(), "step": step])), isIndented: true))
    }
    blocks.append(.paragraph(Text(desk.word("notice.rights")), isIndented: true))
    if desk.flag("hearing_right") == true {
        blocks.append(.paragraph(Text(desk.word("notice.hearing", ["value": desk.period("hearing_request", on: day)])), isIndented: true))
    }
    blocks += [
        .paragraph(Text(desk.word("notice.silence")), isIndented: true), .paragraph(Text(desk.word("case.contact"))),
        desk.closing(try desk.authority(), on: day, seal: desk.word("seal")),
    ]
    blocks += try desk.service(desk.word("notice.title"), number: try desk.text("code"))
    return desk.document(.letter, blocks)
}

/// The decision 行政处罚决定书 (Administrative Penalty Law 2021, Art. 59): party, facts and evidence, kinds and basis, how to fulfil it, remedies,
/// authority and day.
private func decision(_ desk: PrintDesk) throws -> Document {
    let party = try desk.party()
    let day = desk.day(of: "decided") ?? desk.record.recordedAt.day
    let number = try desk.text("number")
    var blocks: [Block] = [.letterhead(try desk.authority()), .title(desk.word("decision.title"))]
    if let number { blocks.append(.number(number)) }
    blocks += [.space(3), .facts(party.facts), .paragraph(Text(desk.word("decision.facts")), isIndented: true)]
    blocks += try desk.paragraphs("facts")
    if try desk.text("evidence") != nil {
        blocks.append(.paragraph(Text(desk.word("decision.evidence")), isIndented: true))
        blocks += try desk.paragraphs("evidence")
    }
    if let served = try desk.text("notice_served") {
        blocks.append(.paragraph(Text(desk.word("decision.heard", ["value": served])), isIndented: true))
        if try desk.text("statement_answer") != nil { blocks += try desk.paragraphs("statement_answer") }
    }
    if let hearing = try desk.text("hearing_held") {
        blocks.append(.paragraph(Text(desk.word("decision.hearing", ["value": hearing])), isIndented: true))
    }
    let basis = ["value": try desk.named("item"), "clause": try desk.law()]
    blocks.append(.paragraph(Text(desk.word("decision.law", basis)), isIndented: true))
    if let step = try desk.text("step") {
        blocks.append(.paragraph(Text(desk.word("case.step", ["value": try desk.scheme(), "step": step])), isIndented: true))
    }
    if try desk.text("reason") != nil {
        blocks.append(.paragraph(Text(desk.word("decision.reason")), isIndented: true))
        blocks += try desk.paragraphs("reason")
    }
    blocks.append(.paragraph(Text(desk.word("decision.decides")), isIndented: true))
    for (index, measure) in desk.measures().enumerated() {
        blocks.append(.paragraph(Text("\(index + 1). ") + Text.bold(measure.plain), isIndented: true))
    }
    if desk.codes("means").contains("fine") {
        blocks.append(.paragraph(Text(desk.word("decision.pay", ["value": desk.period("fine_payment", on: day)])), isIndented: true))
    }
    let remedy = ["reconsider": desk.period("reconsideration_request", on: day), "sue": desk.period("litigation_request", on: day)]
    blocks += [
        .paragraph(Text(desk.word("decision.remedy", remedy)), isIndented: true),
        .paragraph(Text(desk.word("decision.enforce")), isIndented: true),
        .note(Text(desk.word("order.copies"))),
        desk.closing(try desk.authority(), on: day, seal: desk.word("seal")),
    ]
    blocks += try desk.service(desk.word("decision.title"), number: number)
    return desk.document(.letter, blocks)
}

/// The answer to a complaint 投诉举报答复书. Who complained stands in it only for those who may see it.
private func answer(_ desk: PrintDesk) throws -> Document {
    let number = try desk.text("number")
    let isAnonymous = desk.flag("anonymous") == true
    let name = isAnonymous ? desk.word("answer.anonymous") : try desk.text("name") ?? desk.word("answer.anonymous")
    var blocks: [Block] = [.letterhead(try desk.authority()), .title(desk.word("answer.title"))]
    if let number { blocks.append(.number(number)) }
    blocks += [.space(3), .paragraph(Text(name) + Text(desk.isEnglish ? ":" : "："))]
    let details = [
        "value": try desk.text("received") ?? "", "against": try desk.text("against") ?? "", "topics": try desk.text("topics") ?? "",
    ]
    blocks.append(.paragraph(Text(desk.word("answer.received", details)), isIndented: true))
    if let triage = try desk.text("triage") {
        blocks.append(.paragraph(Text(desk.word("answer.triage", ["value": triage])), isIndented: true))
    }
    if let confirmed = desk.flag("confirmed") {
        blocks.append(.paragraph(Text(desk.word(confirmed ? "answer.confirmed" : "answer.not-confirmed")), isIndented: true))
    }
    blocks += try desk.paragraphs("answer")
    blocks += [
        .paragraph(Text(desk.word("answer.end")), isIndented: true),
        desk.closing(try desk.authority(), on: desk.day(of: "answered"), seal: desk.word("seal")),
    ]
    return desk.document(.letter, blocks)
}
