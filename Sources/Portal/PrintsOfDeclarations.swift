import Catalog
import Foundation
import Kernel
import Ledger
import Print
import Registry
import Web

// What an employer gets for its declaration, and what it hangs up at its posts.

let declarationPrints = [
    Printable("receipt", of: "declaration", showing: ["declaration_factor"], when: isAccepted) { try receipt($0) },
    Printable("card", of: "post", "employer_hazard", showing: ["employer_hazard"]) { try cards($0) },
    Printable("signs", of: "post", "employer", showing: ["post", "employer_hazard", "warning_sign"]) { try signList($0) },
]

/// Accepted, and not annulled since; where the kind has no course, with its day of acceptance.
private func isAccepted(_ record: Record) -> Bool {
    guard let field = record.kind.field(named: "accepted"), record[field] != nil else { return false }
    return record.state.map { $0 == .accepted } ?? true
}

/// The receipt 回执 of a declaration, with its stub for the files of the authority.
private func receipt(_ desk: PrintDesk) throws -> Document {
    let employer = try desk.target("employer")
    let name = try desk.text("unit_name") ?? desk.text("employer")
    let number = try desk.text("receipt_number")
    let lines = try desk.parts("declaration_factor")
    let catalog = desk.show.ledger.catalog
    var rows: [[Cell]] = []
    func category(_ factor: String) -> String {
        catalog.factors[factor].map { catalog.title("factor_category", $0.category, english: desk.isEnglish) } ?? ""
    }
    for line in lines {
        let factor = line.kind.field(named: "factor").flatMap { line[$0] }.flatMap(String.read) ?? ""
        rows.append([
            Cell(Text("\(rows.count + 1)")), Cell(Text(try desk.text("factor", of: line) ?? "")), Cell(Text(category(factor))),
            Cell(Text(try desk.text("workplace", of: line) ?? desk.text("post", of: line) ?? "—")),
            Cell(Text(try desk.text("exposed", of: line) ?? "—")),
        ])
    }
    if rows.isEmpty {
        for factor in desk.codes("factors") {
            rows.append([
                Cell(Text("\(rows.count + 1)")), Cell(Text(catalog.title("factor", factor, english: desk.isEnglish))),
                Cell(Text(category(factor))), "—", "—",
            ])
        }
    }
    let heads = ["column.number", "column.factor", "column.category", "column.place", "column.exposed"].map { Cell(Text(desk.word($0))) }
    let table = Table(
        [.init(0.9, .middle), .init(4), .init(1.8, .middle), .init(3), .init(1.5, .end)], head: [heads], rows: rows, scale: 0.95)
    let facts = [
        Fact(desk.word("receipt.unit"), name, isWide: true),
        Fact(desk.word("receipt.credit"), try desk.text("unit_code") ?? employer.flatMap { try desk.text("credit_code", of: $0) }),
        try desk.fact("type"),
        Fact(
            desk.word("receipt.address"), try desk.text("workplace_address") ?? employer.flatMap { try desk.text("address", of: $0) },
            isWide: true),
        try desk.fact("submitted"), try desk.fact("received"), try desk.fact("accepted"), try desk.fact("receipt"),
    ]
    let issued = desk.day(of: "receipt") ?? desk.day(of: "accepted")
    let stub = [
        Fact(desk.word("receipt.unit"), name, isWide: true), Fact(desk.word("receipt.number"), number),
        Fact(desk.word("receipt.issued"), desk.day(issued)),
    ]
    var blocks: [Block] = [.letterhead(try desk.authority()), .title(desk.word("receipt.title"))]
    if let number { blocks.append(.number(number)) }
    blocks += [.space(1), .facts(facts)]
    if !rows.isEmpty { blocks += [.subheading(desk.word("receipt.factors", ["value": String(rows.count)])), .table(table)] }
    blocks += [
        .space(1), .paragraph(Text(desk.word("receipt.text")), isIndented: true), .note(Text(desk.word("receipt.note"))),
        desk.closing(try desk.authority(), on: issued, seal: desk.word("seal")), .space(1), .rule, .subheading(desk.word("receipt.stub")),
        .facts(stub),
        .signings([Signing(desk.word("receipt.taker"), day: desk.openDay), Signing(desk.word("receipt.clerk"), day: desk.openDay)]),
    ]
    return desk.document(.form, blocks)
}

// Hazards of posts

extension PrintDesk {
    fileprivate func present(_ hazard: Record) -> Bool {
        hazard.span(EmployerHazard.from, EmployerHazard.until).contains(show.ledger.clock.today)
    }
    /// The hazards of a post that are there today, each factor once.
    fileprivate func hazards(of post: Record) throws -> [HazardFactor] {
        var seen: Set<String> = []
        return try parts("employer_hazard", of: post).filter(present).compactMap { $0[EmployerHazard.factor] }.sorted()
            .filter { seen.insert($0).inserted }.compactMap { show.ledger.catalog.factors[$0] }
    }

    /// Signs that the categories of GBZ 158-2003 name for a factor: what to warn of first, then what to wear.
    fileprivate func signs(of factor: HazardFactor) -> [Sign] {
        func sign(_ shape: Sign.Shape, _ symbol: Sign.Symbol, _ key: String) -> Sign { Sign(shape, symbol, word("sign.\(key)")) }
        let name = factor.name.zh
        switch factor.category {
        case "dust": return [sign(.warning, .dust, "dust"), sign(.mandatory, .mask, "mask"), sign(.mandatory, .ventilation, "ventilation")]
        case "chemical":
            let isAcid = ["酸", "碱", "氢氧化", "氨"].contains { name.contains($0) } && !name.contains("酯")
            let corrosion = isAcid ? [sign(.warning, .corrosion, "corrosion"), sign(.mandatory, .goggles, "goggles")] : []
            return [sign(.warning, .poison, "poison")] + corrosion + [
                sign(.mandatory, .respirator, "respirator"), sign(.mandatory, .gloves, "gloves"), sign(.mandatory, .suit, "suit"),
                sign(.mandatory, .ventilation, "ventilation"),
            ]
        case "radiation": return [sign(.warning, .radiation, "radiation"), sign(.mandatory, .suit, "suit")]
        case "biological":
            return [sign(.warning, .infection, "infection"), sign(.mandatory, .suit, "suit"), sign(.mandatory, .gloves, "gloves")]
        case "physical":
            if name.contains("噪声") { return [sign(.warning, .noise, "noise"), sign(.mandatory, .earmuff, "earmuff")] }
            if name.contains("高温") { return [sign(.warning, .heat, "heat"), sign(.mandatory, .ventilation, "ventilation")] }
            if name.contains("紫外") || name.contains("激光") || name.contains("红外") {
                return [sign(.warning, .arc, "arc"), sign(.mandatory, .goggles, "goggles")]
            }
            return [sign(.warning, .hazard, "hazard")]
        default: return [sign(.warning, .hazard, "hazard")]
        }
    }

    /// The limits of a factor on a day, with edition and source; nil where the catalogue has none to hand.
    fileprivate func limits(of factor: HazardFactor, on day: Day) -> (table: Table?, note: String) {
        let catalog = show.ledger.catalog
        let rows = catalog.limits.limits(keys: catalog.factorLimits.keys(ofFactor: factor.code), on: day)
        if !rows.isEmpty {
            let heads = ["limit.name", "MAC", "PC-TWA", "limit.respirable", "PC-STEL", "limit.unit", "limit.source"].map { key in
                Cell(Text(key.hasPrefix("limit") ? word(key) : key))
            }
            func cell(_ value: Double?) -> Cell { Cell(Text(value.map { plainText(.real($0)) } ?? "—")) }
            let cells = rows.map { limit -> [Cell] in
                let plain = isEnglish ? limit.name.en : limit.name.zh
                let condition = limit.condition.map { isEnglish ? $0.en : $0.zh } ?? ""
                let name = condition.isEmpty || plain.contains(condition) ? plain : show.call.language.aside(plain, condition)
                return [
                    Cell(Text(name)), cell(limit.mac), cell(limit.twa), cell(limit.respirable), cell(limit.stel),
                    Cell(Text(limit.unit.replacing("m3", with: "m³"))),
                    Cell(Text("\(limit.provenance.edition) \(limit.provenance.clause)")),
                ]
            }
            let table = Table(
                [.init(4), .init(1, .end), .init(1.2, .end), .init(1.2, .end), .init(1.2, .end), .init(1.2, .middle), .init(3)],
                head: [heads], rows: cells)
            return (
                table,
                word("limit.note", ["value": self.day(day) ?? ""])
                    + (rows.contains { $0.provenance.confidence.isLow } ? word("limit.low") : "")
            )
        }
        let prefix = ["噪声": "noise.day", "高温": "wbgt", "振动": "vibration"].first { factor.name.zh.contains($0.key) }?.value
        let physical = prefix.map { catalog.physical.limits($0, on: day) } ?? []
        guard !physical.isEmpty else { return (nil, word("limit.none")) }
        let heads = ["limit.quantity", "limit.condition", "limit.value", "limit.unit", "limit.source"].map { Cell(Text(word($0))) }
        let cells = physical.map { limit -> [Cell] in
            [
                Cell(Text(isEnglish ? limit.quantity.en : limit.quantity.zh)),
                Cell(Text(isEnglish ? limit.condition.en : limit.condition.zh)),
                Cell(Text(plainText(.real(limit.limit)))), Cell(Text(limit.unit)),
                Cell(Text("\(limit.provenance.edition) \(limit.provenance.clause)")),
            ]
        }
        return (
            Table([.init(3), .init(3), .init(1, .end), .init(1, .middle), .init(3)], head: [heads], rows: cells),
            word("limit.note", ["value": self.day(day) ?? ""])
        )
    }
}

/// The notice cards 职业病危害告知卡 of a post, one a page: what the catalogue knows stands in them, the rest is left for the hand.
private func cards(_ desk: PrintDesk) throws -> Document {
    let catalog = desk.show.ledger.catalog
    let today = desk.show.ledger.clock.today
    let post = desk.record.kind.name == "post" ? desk.record : try desk.target("post")
    let factors: [HazardFactor]
    if desk.record.kind.name == "post" {
        factors = try desk.hazards(of: desk.record)
    } else {
        factors = desk.record[EmployerHazard.factor].flatMap { catalog.factors[$0] }.map { [$0] } ?? []
    }
    guard !factors.isEmpty else { throw Refusal("print.hazards") }
    let unit = try desk.text("employer") ?? ""
    let place = try post.map { try desk.show.title($0) }
    var blocks: [Block] = []
    for factor in factors {
        let rows = catalog.limits.limits(keys: catalog.factorLimits.keys(ofFactor: factor.code), on: today)
        let signs = desk.signs(of: factor)
        let toxic = catalog.highlyToxic.isHighlyToxic(factor: factor.code)
        var seen: Set<String> = []
        let effects = rows.map(\.effect).filter { !$0.isEmpty && seen.insert($0).inserted }
        // The standard prints effects in Chinese only.
        let harm = effects.isEmpty ? nil : Text(desk.word("card.effect", ["value": effects.joined(separator: "；")]))
        let (table, note) = desk.limits(of: factor, on: today)
        let flags = [
            rows.contains(where: \.isSkin) ? desk.word("card.skin") : nil,
            rows.contains(where: \.isSensitiser) ? desk.word("card.sensitiser") : nil,
            rows.map(\.iarc).first { !$0.isEmpty }.map { desk.word("card.iarc", ["value": $0]) },
        ].compactMap { $0 }
        var under = [desk.isEnglish ? factor.name.zh : factor.name.en].filter { !$0.isEmpty }
        if !factor.cas.isEmpty { under.append("CAS " + factor.cas.prefix(2).joined(separator: ", ")) }
        if toxic == .yes { under.append(desk.word("card.toxic")) }
        if toxic == .unknown { under.append(desk.word("card.toxic.part")) }
        let banner = toxic == .yes ? "card.banner.toxic" : factor.category == "chemical" ? "card.banner.chemical" : "card.banner"
        let harmText = flags.isEmpty ? harm : (harm ?? "") + Text((harm == nil ? "" : "\n") + flags.joined(separator: "\n"))
        blocks.append(
            .card(
                Card(
                    banner: desk.word(banner), name: desk.isEnglish ? factor.name.en : factor.name.zh, under: under, sign: signs.first,
                    pair: [Card.Part(desk.word("card.harm"), harmText), Card.Part(desk.word("card.properties"), nil)],
                    parts: [
                        Card.Part(desk.word("card.emergency"), nil),
                        Card.Part(desk.word("card.protection"), nil, signs: Array(signs.dropFirst())),
                    ], limitsTitle: desk.word("card.limits"), limits: table, limitsNote: note,
                    foot: [
                        Card.Part(desk.word("card.unit"), Text([unit, place].compactMap { $0 }.joined(separator: " · "))),
                        Card.Part(desk.word("card.ambulance"), "120"), Card.Part(desk.word("card.phone"), nil),
                    ], byHand: desk.word("card.by-hand"))))
    }
    return desk.document(.poster(isWide: true), blocks)
}

/// The signs to hang up 警示标识清单, post by post, with what is recorded as hung up.
private func signList(_ desk: PrintDesk) throws -> Document {
    let isPost = desk.record.kind.name == "post"
    let today = desk.show.ledger.clock.today
    let posts = isPost ? [desk.record] : try desk.parts("post").filter { $0.span(Post.from, Post.until).contains(today) }
    var rows: [[Cell]] = []
    for post in posts {
        let factors = try desk.hazards(of: post)
        let hung = try desk.parts("warning_sign", of: post).filter { $0.span(WarningSign.installed, WarningSign.removed).contains(today) }
            .compactMap { $0[WarningSign.category] }
        for (index, factor) in factors.enumerated() {
            let category = desk.show.ledger.catalog.title("factor_category", factor.category, english: desk.isEnglish)
            let isHung = hung.contains(factor.category)
            rows.append([
                Cell(Text(index == 0 ? try desk.show.title(post) : "")),
                Cell(Text(desk.isEnglish ? factor.name.en : factor.name.zh) + .quiet("\n" + category)),
                Cell(.signs(desk.signs(of: factor), height: 40)),
                Cell(Text(desk.word(isHung ? "signs.hung" : "signs.missing")), side: .middle),
            ])
        }
    }
    guard !rows.isEmpty else { throw Refusal("print.hazards") }
    let heads = ["signs.post", "column.factor", "signs.signs", "signs.state"].map { Cell(Text(desk.word($0))) }
    let unit = isPost ? try desk.text("employer") : try desk.show.title(desk.record)
    return desk.document(
        .form,
        [
            .title(desk.word("signs.title"), under: unit ?? ""), .note(Text(desk.word("signs.note", ["value": desk.day(today) ?? ""]))),
            .table(Table([.init(1.7), .init(2.2), .init(6.2), .init(1.4, .middle)], head: [heads], rows: rows, scale: 0.92)),
            .signings([Signing(desk.word("signs.made"), day: desk.openDay), Signing(desk.word("signs.checked"), day: desk.openDay)]),
            desk.closing(),
        ])
}
