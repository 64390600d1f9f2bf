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

/// Bad inputs, each through the door that it comes by: the exact refusal and its place, what the user reads, that nothing of it is
/// stored, what became of the good rows beside it, and that the house stands afterwards.
@Suite struct BadInputTests {
    @Test(arguments: Stores.kinds) func filesAreRefusedOrTakenRowByRow(_ store: Dialect) async throws {
        let visitor = try await Visitor.open(store)
        try await BadInputTests.ground(visitor)
        let folder = try Folder()
        let importer = Importer(visitor.house.ledger)
        var table: [String] = []
        for one in try BadInputTests.cases(folder, isFirst: store == .sqlite) {
            let kind = try #require(visitor.house.ledger.kinds[one.kind])
            let before = try await visitor.count(one.kind)
            let versions = try await visitor.versions()
            let submission = Submission(by: .house, door: "csv", updates: one.updates, home: "450204")
            var told: [Refusal] = []
            var fate = ""
            let began = ContinuousClock.now
            do {
                let result = try await importer.run(kind, one.file, layout: one.layout, submission)
                #expect(one.flaw == nil, "\(one.name): taken, though it has a flaw")
                #expect(result.refusals.map { Place($0) } == one.refusals, "\(one.name)")
                let counts = (result.created, result.changed, result.unchanged)
                #expect(counts.0 == one.created && counts.1 == one.changed && counts.2 == one.unchanged, "\(one.name): \(counts)")
                #expect(result.refused == Set(one.refusals.map(\.row)).count, "\(one.name)")
                told = result.refusals
                fate = "\(result.created) created, \(result.changed) changed, \(result.unchanged) unchanged, \(result.refused) refused"
            } catch let refusal as Refusal {
                #expect(Place(refusal) == one.flaw, "\(one.name): \(refusal)")
                (told, fate) = ([refusal], "nothing stored")
            }
            #expect(ContinuousClock.now - began < .seconds(60), "\(one.name) took its time")
            #expect(try await visitor.count(one.kind) == before + one.created, "\(one.name)")
            #expect(try await visitor.versions() == versions + one.created + one.changed, "\(one.name)")
            for refusal in told {
                let words = try Told(refusal)
                table.append(
                    "| \(one.name) | `\(refusal.code)` | \(refusal.row.map(String.init) ?? "") | \(refusal.field ?? "") | \(words.zh) | \(words.en) | \(fate) |"
                )
            }
            if told.isEmpty { table.append("| \(one.name) | | | | | | \(fate) |") }
        }
        // Not one bad row is anywhere, in any version.
        let bad = try await visitor.house.ledger.store.read {
            try $0.rows("SELECT body FROM record_version WHERE body LIKE '%坏%'").map { try $0.get("body", as: String.self) }
        }
        #expect(bad.isEmpty)
        try await oddOnesAreWhatTheyWere(visitor)
        try await visitor.isWhole()
        if store == .sqlite { try BadInputTests.keep(table) }
    }

    /// What was odd and good stands as it was written.
    private func oddOnesAreWhatTheyWere(_ visitor: Visitor) async throws {
        let ledger = visitor.house.ledger
        let kind = try #require(ledger.kinds["employer"])
        let all = try await ledger.store.read { db in try ledger.all(db, kind) }
        func find(_ name: String) throws -> Record { try #require(all.first { $0.title == name }, "\(name)") }
        _ = try find("=1+1")
        _ = try find("=HYPERLINK(0)")
        let wide = try find("全角厂")
        func text(_ record: Record, _ name: String) -> String? { kind.field(named: name).flatMap { record[$0] }.map(plainText) }
        #expect(
            text(wide, "headcount") == "12" && text(wide, "since") == "2015-01-01" && text(wide, "credit_code") == BadInputTests.credit(70))
        #expect(text(try find("独名厂"), "phone") == "13877212345")
        let folder = try Folder()
        let plan = try Importer(ledger).plan(kind, try folder.lines("单位名称,县区代码,吉祥物", "甲,450204,熊猫"))
        #expect(plan.ignored == ["吉祥物"])
        // A workbook keeps formulas as text too: none is made of what begins with a sign.
        for format in FileFormat.allCases {
            let url = folder.path(format.rawValue)
            try await Exporter(ledger).export(kind, as: format, to: url)
            var seen = false
            try SheetReader.read(url) { if $0.cells.contains("=1+1") { seen = true } }
            #expect(seen)
        }
        let officer = try await visitor.guest("witness", .officer, division: "450204")
        let script = try find("<script>alert(1)</script>")
        for path in ["/employers/\(script.id)", "/record/\(script.id)", "/record/\(script.id)/edit", "/records/employer?q=script"] {
            let page = await visitor.get(path, as: officer)
            #expect(page.status == 200)
            #expect(page.body.contains("&lt;script&gt;alert(1)") && !page.body.contains("<script>alert"), "\(path)")
        }
    }
}
