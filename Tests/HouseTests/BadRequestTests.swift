import Exchange
import Foundation
import Kernel
import Ledger
import Sheets
import Storage
import TestKit
import Testing
import Web

@testable import House

/// Forms and requests that are bad: what the page says, and that nothing of them is stored.
extension BadInputTests {
    /// A request that is refused, in both languages: its status and what the page says.
    private struct Turned {
        let name, code: String
        let status: Int
        let ask: (Visitor.Guest) async -> Visitor.Answer
    }

    private func check(_ turned: Turned, _ guest: Visitor.Guest, _ visitor: Visitor) async throws -> String {
        let pages = try Visitor.pages.get()
        let before = try await visitor.versions()
        var said: [String] = []
        for language in Language.allCases {
            var guest = guest
            guest.language = language
            let answer = await turned.ask(guest)
            #expect(answer.status == turned.status, "\(turned.name)")
            // The word as a pattern: what it names may be anything but nothing.
            let word = pages.word("refusal.\(turned.code)", in: language)
            let pieces = word.split(separator: /\{\{[a-z]+\}\}/, omittingEmptySubsequences: false).map {
                NSRegularExpression.escapedPattern(for: String($0))
            }
            let found = answer.text.range(of: pieces.joined(separator: "[^<>\n]{1,200}?"), options: .regularExpression)
            #expect(found != nil, "\(turned.name): “\(word)” is not on the page: \(answer.body.prefix(4000))")
            #expect(!answer.body.contains("{{") && !answer.body.contains("refusal."), "\(turned.name)")
            said.append(found.map { String(answer.text[$0]) } ?? "")
        }
        #expect(try await visitor.versions() == before, "\(turned.name): something was stored")
        return "| \(turned.name) | `\(turned.code)` | | | \(said[0]) | \(said[1]) | \(turned.status), nothing stored |"
    }

    @Test(arguments: Stores.kinds) func formsAndRequestsAreRefused(_ store: Dialect) async throws {
        let visitor = try await Visitor.open(store, fileBytes: 6 << 20)
        try await BadInputTests.ground(visitor)
        try await visitor.house.add(plan: DoorTests.plan, by: .house)
        let ids = try await visitor.store(
            "employer",
            [
                ["name": "甲厂", "division": "450204", "credit_code": BadInputTests.credit(80)],
                ["name": "乙厂", "division": "450204", "credit_code": BadInputTests.credit(81)],
                ["name": "远厂", "division": "330402", "credit_code": BadInputTests.credit(82)],
            ])
        let filings = try await visitor.store(
            "declaration",
            [
                ["employer": ids[1], "type": "initial", "submitted": "2021-01-01"],
                ["employer": ids[1], "type": "yearly", "submitted": "2022-01-01"],
            ])
        let officer = try await visitor.guest("officer", .officer, division: "450204")
        let own = try await visitor.guest("own", .organisation, organisation: ids[0])
        let file = Array((BadInputTests.head + "\n" + BadInputTests.employer("坏厂")).utf8)
        let new = ["name": "坏厂", "division": "450204"]
        func post(
            _ name: String, _ code: String, _ status: Int, _ path: String, _ form: [String: String] = [:], csrf: Bool = true
        ) -> Turned {
            Turned(name: name, code: code, status: status) { await visitor.post(path, form, as: $0, csrf: csrf) }
        }
        func get(_ name: String, _ code: String, _ status: Int, _ path: String) -> Turned {
            Turned(name: name, code: code, status: status) { await visitor.get(path, as: $0) }
        }
        func upload(
            _ name: String, _ code: String, _ status: Int, _ form: [String: String] = ["kind": "employer"], file title: String = "a.csv",
            of content: [UInt8],
            csrf: Bool = true, cut: Int = 0
        ) -> Turned {
            Turned(name: name, code: code, status: status) {
                await visitor.upload("/import", form, file: title, content, as: $0, csrf: csrf, cut: cut)
            }
        }
        let byOfficer = [
            post("a form without its token", "csrf.missing", 403, "/records/employer", new, csrf: false),
            post(
                "a form with another's token", "csrf.missing", 403, "/records/employer", new.merging(["csrf": own.csrf]) { $1 }, csrf: false
            ),
            post("a form of a kind that is none", "kind.unknown", 404, "/records/nonsense", new),
            get("a list of a kind that is none", "kind.unknown", 404, "/records/nonsense"),
            post(
                "a form: wrong check character", "credit.check", 422, "/records/employer",
                new.merging(["credit_code": BadInputTests.wrong(BadInputTests.credit(83))]) { $1 }),
            post(
                "a form: a code that is taken", "key.exists", 409, "/records/employer",
                new.merging(["credit_code": BadInputTests.credit(81)]) { $1 }),
            post("a form: a day in 2099", "day.future", 422, "/records/employer", new.merging(["since": "2099-01-01"]) { $1 }),
            post("a form: no name", "field.required", 422, "/records/employer", ["division": "450204"]),
            post("a form: NUL in a name", "text.control", 422, "/records/employer", new.merging(["name": "坏\0厂"]) { $1 }),
            post(
                "a form: a reference to nothing", "ref.missing", 422, "/records/declaration",
                ["employer": "坏", "type": "initial", "submitted": "2021-01-01"]),
            post(
                "a form: an ambiguous reference", "ref.ambiguous", 422, "/records/declaration",
                ["employer": "同名厂", "type": "initial", "submitted": "2021-01-01"]),
            post("a record of another county", "access.denied", 403, "/records/employer", ["name": "坏厂", "division": "330402"]),
            post("an edit of another county's record", "record.missing", 404, "/record/\(ids[2])/edit", ["name": "坏厂"]),
            post(
                "a form whose id is another kind's record", "ref.kind", 422, "/records/employer", new.merging(["_key": filings[0]]) { $1 }),
            post(
                "a form of more than 4 MB", "request.too-large", 413, "/records/employer",
                new.merging(["address": String(repeating: "坏", count: 1 << 20)]) { $1 }),
            upload("a file without the form's token", "csrf.missing", 403, of: file, csrf: false),
            upload("a file of a kind that is none", "kind.unknown", 404, ["kind": "nonsense"], of: file),
            upload("a file over the limit", "request.too-large", 413, of: file + [UInt8](repeating: 10, count: 7 << 20)),
            upload("an upload that was cut", "request.format", 422, of: file, cut: 20),
            upload("no file chosen", "file.none", 422, file: "", of: []),
            upload("an empty file chosen", "file.empty", 422, of: []),
            upload("a PDF uploaded as .xlsx", "file.binary", 422, file: "表.xlsx", of: Array("%PDF-1.7\n".utf8)),
            upload("another county's records for its own", "division.unknown", 422, ["kind": "employer", "division": "330402"], of: file),
            get("a day that is none in an address", "day.format", 422, "/employers/\(ids[0])?as_of=2020-02-30"),
            get("a record that is none", "record.missing", 404, "/record/nobody"),
            get("a plan that is none", "plan.unknown", 404, "/plans/nonsense"),
        ]
        var table: [String] = []
        for turned in byOfficer { table.append(try await check(turned, officer, visitor)) }
        let byOrganisation = [
            post(
                "another organisation's declaration", "access.denied", 403, "/records/declaration",
                ["employer": ids[1], "type": "initial", "submitted": "2021-01-01"]),
            post(
                "an edit of another organisation's record", "record.missing", 404, "/record/\(filings[0])/edit",
                ["type": "change", "version": "1"]),
            post(
                "a withdrawal of another organisation's record", "record.missing", 404, "/record/\(filings[0])/withdrawal",
                ["reason": "坏", "version": "1"]),
            get("another organisation's record", "record.missing", 404, "/record/\(filings[0])"),
            get("another organisation's file", "record.missing", 404, "/employers/\(ids[1])"),
        ]
        for turned in byOrganisation { table.append(try await check(turned, own, visitor)) }
        for (name, status) in [("'; DROP TABLE record; --", 200), ("%' OR 1=1 --", 200), ("\0", 200), ("𝕊\u{202E}", 200), ("\\", 200)] {
            let words = Visitor.escaped(name)
            for path in [
                "/records?q=\(words)", "/records/employer?q=\(words)", "/records/employer/lookup?q=\(words)", "/records/worker?of=\(words)",
                "/duties?q=\(words)",
            ] {
                #expect(await visitor.get(path, as: officer).status == status, "\(path)")
            }
        }
        #expect(try await visitor.count("employer") == 6)
        table.append("| SQL, NUL and wildcards in a search | | | | | | 200, nothing found, nothing harmed |")
        for path in [
            "/record/%00", "/employers/%00", "/plans/%00", "/import/%00", "/workers/%2e%2e%2f", "/records/employer?after=%00&from=x",
        ] {
            #expect([200, 404].contains(await visitor.get(path, as: officer).status), "\(path)")
        }
        table += try await staleAndWithdrawn(visitor, officer, filings)
        table += try await aWithdrawnRecordIsNotTakenOver(visitor, own, filings[0], ids[0])
        try await visitor.isWhole()
        if store == .sqlite { try BadInputTests.keep(table) }
    }

    /// Two people in one record: the second is told, and told what changed. Withdrawing twice finds nothing the second time.
    private func staleAndWithdrawn(_ visitor: Visitor, _ officer: Visitor.Guest, _ filings: [String]) async throws -> [String] {
        let edit = "/record/\(filings[1])/edit"
        #expect(await visitor.post(edit, ["submitted": "2022-01-02", "version": "1"], as: officer).status == 303)
        let stale = Turned(name: "an edit of a version that is no more", code: "version.conflict", status: 409) {
            await visitor.post(edit, ["submitted": "2022-01-03", "version": "1"], as: $0)
        }
        var table = [try await check(stale, officer, visitor)]
        let withdrawal = "/record/\(filings[0])/withdrawal"
        let mute = Turned(name: "a withdrawal without its reason", code: "field.required", status: 422) {
            await visitor.post(withdrawal, ["version": "1"], as: $0)
        }
        table.append(try await check(mute, officer, visitor))
        #expect(await visitor.post(withdrawal, ["reason": "误录", "version": "1"], as: officer).status == 303)
        let again = Turned(name: "a withdrawal sent twice", code: "version.conflict", status: 409) {
            await visitor.post(withdrawal, ["reason": "误录", "version": "1"], as: $0)
        }
        table.append(try await check(again, officer, visitor))
        let twice = Turned(name: "a withdrawal of what is withdrawn", code: "record.missing", status: 404) {
            await visitor.post(withdrawal, ["reason": "误录", "version": "2"], as: $0)
        }
        table.append(try await check(twice, officer, visitor))
        return table
    }

    /// A form's own id must not bring back, or take over, a record that was withdrawn: what is sent becomes another record.
    private func aWithdrawnRecordIsNotTakenOver(
        _ visitor: Visitor, _ own: Visitor.Guest, _ withdrawn: String, _ employer: String
    ) async throws -> [String] {
        let form = ["employer": employer, "type": "initial", "submitted": "2021-05-05", "_key": withdrawn]
        let answer = await visitor.post("/records/declaration", form, as: own)
        #expect(answer.status == 303 && !answer.location.contains(withdrawn))
        let lines = try await visitor.house.ledger.store.read { [ledger = visitor.house.ledger] in try ledger.history($0, withdrawn) }
        #expect(lines.count == 2 && lines.last?.isWithdrawn == true)
        return [
            "| a form with the id of another's withdrawn record | | | | | | stored as a record of its own; the withdrawn one untouched |"
        ]
    }

    /// Bad rows through the page: the receipt, the marked workbook, and that the mended workbook goes in.
    @Test func theReceiptTellsAndTheMarkedWorkbookComesBack() async throws {
        let visitor = try await Visitor.open()
        let officer = try await visitor.guest("officer", .officer, division: "450204")
        let head = BadInputTests.head
        let lines = [head, BadInputTests.employer("好厂"), BadInputTests.employer("坏<b>厂", headcount: "-5", since: "2019-02-30")]
        let name = "..\\..\\../../etc/pass\u{3C}b\u{3E}wd.csv"
        let answer = await visitor.upload(
            "/import", ["kind": "employer"], file: name, Array(lines.joined(separator: "\n").utf8), as: officer)
        #expect(answer.status == 303)
        let receipt = try await visitor.imported(answer.location, officer)
        #expect(receipt.text.contains("“2019-02-30”不是日期。请写成 2024-05-31。"))
        #expect(receipt.text.contains("-5 不在允许的范围 0…2000000 内。请核对数值和单位。"))
        #expect(!receipt.body.contains("pass<b>") && !receipt.text.contains("etc/pass") && !receipt.text.contains("../"))
        #expect(receipt.text.contains("pass<b>wd.csv"))
        #expect(try await visitor.count("employer") == 1)
        for ending in ["csv", "xlsx"] {
            #expect(await visitor.get("\(answer.location)/errors.\(ending)", as: officer).status == 200)
        }
        // Another's job is nobody else's.
        let other = try await visitor.guest("other", .officer, division: "450204")
        #expect(await visitor.get(answer.location, as: other).status == 404)

        // The marked workbook, mended, goes in: what was taken before is unchanged.
        let folder = try BadInputTests.Folder()
        let importer = Importer(visitor.house.ledger)
        let kind = try #require(visitor.house.ledger.kinds["employer"])
        let source = try folder.bytes(lines.joined(separator: "\n").utf8)
        let result = try await importer.run(kind, source, Submission(by: .house, door: "csv", isTrial: true, home: "450204"))
        let marked = folder.path("xlsx")
        try importer.annotate(kind, source, result, to: marked) { $0.code }
        var rows: [[String]] = []
        try SheetReader.read(marked) { rows.append($0.cells) }
        #expect(rows[2].last == "从业人员数: number.range; 开业日期: day.format")
        for (column, text) in [(0, "修厂"), (5, "5"), (7, "2019-02-28")] { rows[2][column] = text }
        let again = try await importer.run(kind, try folder.book(rows), Submission(by: .house, door: "xlsx", updates: true, home: "450204"))
        #expect(again.refused == 0)
        try await visitor.isWhole()
    }
}
