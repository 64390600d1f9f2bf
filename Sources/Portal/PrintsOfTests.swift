import Catalog
import Exposure
import Foundation
import Kernel
import Ledger
import Print
import Web

// What an institution reports of the air and the noise at posts.

let testPrints = [Printable("test-report", of: "test_report", showing: ["test_result"]) { try testReport($0) }]

private func testReport(_ desk: PrintDesk) throws -> Document {
    let results = try desk.parts("test_result")
    func amount(_ value: Double?) -> String { value.map { plainText(.real($0)) } ?? "—" }
    let exceeding = results.filter { $0[TestResult.verdict] == "exceed" || $0[TestResult.assessment] == "exceed" }
    let within = results.filter { result in
        !exceeding.contains { $0.id == result.id } && [result[TestResult.verdict], result[TestResult.assessment]].contains("pass")
    }
    let undecided = results.count - exceeding.count - within.count
    var blocks: [Block] = [.title(desk.word("test.title"))]
    if let number = try desk.text("code") { blocks.append(.number(number)) }
    var facts = [
        try desk.fact("employer", label: desk.word("test.employer"), isWide: true),
        try desk.fact("institution", isWide: true), try desk.fact("type"), try desk.fact("sampled"),
    ]
    if let address = try desk.target("employer").flatMap({ try desk.text("address", of: $0) }) {
        facts.insert(Fact(desk.word("receipt.address"), address, isWide: true), at: 1)
    }
    for name in ["issued", "sampler", "second_sampler", "analyst"] where desk.record.kind.field(named: name) != nil {
        facts.append(try desk.fact(name))
    }
    blocks += [.space(2), .facts(facts), .heading(desk.word("test.summary"))]
    let details = [
        "value": String(results.count), "limit": String(exceeding.count),
        "factors": String(Set(results.compactMap { $0[TestResult.factor] }).count),
        "posts": String(Set(results.compactMap { $0[TestResult.post] }).count),
    ]
    blocks.append(.paragraph(Text(desk.word("test.summary.text", details)), isIndented: true))
    blocks.append(
        .bar([
            Share(desk.word("test.within"), within.count, .good), Share(desk.word("test.exceeding"), exceeding.count, .bad),
            Share(desk.word("test.undecided"), undecided, .unsure),
        ]))
    if !exceeding.isEmpty {
        blocks.append(.paragraph(.bold(desk.word("test.exceed.title"))))
        blocks.append(
            .list(
                try exceeding.map { result in
                    let value = result[TestResult.assessedValue] ?? result[TestResult.value]
                    let limit = result[TestResult.assessedLimit] ?? result[TestResult.limit]
                    let details = [
                        "post": try desk.named("post", of: result), "factor": try desk.named("factor", of: result), "value": amount(value),
                        "limit": amount(limit), "unit": result[TestResult.assessedUnit] ?? result[TestResult.unit] ?? "",
                        "clause": [result[TestResult.edition], result[TestResult.clause]].compactMap { $0 }.joined(separator: " "),
                    ]
                    return Text(desk.word(details["clause"] == "" ? "test.exceed.bare" : "test.exceed", details))
                }, mark: "▲"))
    }
    blocks.append(.heading(desk.word("test.results")))
    let heads = [
        "column.number", "signs.post", "column.factor", "test.limit-type", "test.value", "test.limit", "limit.unit", "test.verdict",
        "test.judged",
    ]
    .map { Cell(Text(desk.word($0))) }
    let rows = try results.enumerated().map { index, result -> [Cell] in
        // The limit that the platform judged by, where it is another than the institution's.
        let own = result[TestResult.assessedLimit].flatMap { $0 == result[TestResult.limit] ? nil : $0 }
        let other = own.map { Text.quiet("\n" + desk.word("test.limit") + " " + amount($0)) } ?? ""
        func told(_ name: String) throws -> Text {
            let text = try desk.text(name, of: result) ?? "—"
            let code = result.kind.field(named: name).flatMap { result[$0] }.flatMap(String.read)
            return code == "exceed" ? .bold("▲" + text) : Text(text)
        }
        return [
            Cell(Text("\(index + 1)")), Cell(Text(try desk.named("post", of: result))), Cell(Text(try desk.named("factor", of: result))),
            Cell(Text(try short(result[TestResult.limitType]) ?? desk.text("limit_type", of: result) ?? "—")),
            Cell(Text(amount(result[TestResult.value] ?? result[TestResult.assessedValue]))),
            Cell(Text(amount(result[TestResult.limit] ?? result[TestResult.assessedLimit]))),
            Cell(Text((result[TestResult.unit] ?? result[TestResult.assessedUnit] ?? "").replacing("m3", with: "m³"))),
            Cell(try told("verdict")), Cell(try told("assessment") + other),
        ]
    }
    blocks.append(
        .table(
            Table(
                [
                    .init(0.8, .middle), .init(1.6), .init(2.4), .init(1.6, .middle), .init(1.15, .end), .init(1.05, .end),
                    .init(1.15, .middle), .init(1.35, .middle), .init(1.45, .middle),
                ],
                head: [heads], rows: rows, rules: .open, scale: 0.9)))
    let editions = Set(
        results.compactMap { result in
            result[TestResult.edition].map { [$0, result[TestResult.clause] ?? ""].joined(separator: " ") }
        }
    ).sorted()
    if !editions.isEmpty { blocks.append(.note(Text(desk.word("test.editions", ["value": editions.joined(separator: "；")])))) }
    blocks.append(.note(Text(desk.word("test.note"))))
    let sampled = results.filter { $0[TestResult.samples] != nil }
    if !sampled.isEmpty {
        blocks.append(.heading(desk.word("test.samples")))
        let heads = ["signs.post", "column.factor", "test.readings"].map { Cell(Text(desk.word($0))) }
        blocks.append(
            .table(
                Table(
                    [.init(2), .init(3), .init(6)], head: [heads],
                    rows: try sampled.map {
                        [
                            Cell(Text(try desk.named("post", of: $0))), Cell(Text(try desk.named("factor", of: $0))),
                            Cell(Text($0[TestResult.samples] ?? "")),
                        ]
                    },
                    rules: .open, scale: 0.9)))
    }
    blocks += [
        .signings(["test.prepared", "test.reviewed", "test.approved"].map { Signing(desk.word($0), day: desk.openDay) }),
        desk.closing(try desk.text("institution"), on: desk.day(of: "issued"), seal: desk.word("seal.institution")),
    ]
    return desk.document(.report, blocks)
}

/// Types of limit as tables write them.
private func short(_ code: String?) -> String? { code.flatMap { ["twa": "PC-TWA", "stel": "PC-STEL", "pe": "PE", "mac": "MAC"][$0] } }
