import Catalog
import Foundation
import Hummingbird
import Kernel
import Ledger
import Synchronization
import Web

/// How sure the data is: the check of the catalogue, and every row that nobody should rely on unseen.
func publicCheckRoutes(_ office: Office) -> [Route] {
    [
        Route(.get, "/catalog/check", needs: .anyone) { call in
            let desk = PublicDesk(today: office, call)
            return try call.page("public-check", desk.checkPage(CheckShelf.shared.check(desk.catalog)))
        }
    ]
}

/// The check of the catalogue, made when it is first asked for.
private final class CheckShelf: Sendable {
    static let shared = CheckShelf()
    private let kept = Mutex<(digest: String, check: CatalogCheck)?>(nil)
    func check(_ catalog: Catalog) -> CatalogCheck {
        kept.withLock { kept in
            if let kept, kept.digest == catalog.digest { return kept.check }
            let check = CatalogCheck(folder: catalog.folder)
            kept = (catalog.digest, check)
            return check
        }
    }
}

extension PublicDesk {
    fileprivate func checkPage(_ check: CatalogCheck) -> CheckPage {
        let pageSize = 100
        let files = Dictionary(grouping: check.doubts, by: \.file).mapValues(\.count)
        let chosen = call.asked("table").flatMap { files[$0] == nil ? nil : $0 }
        let doubts = check.doubts.filter { chosen == nil || $0.file == chosen }
        func href(_ table: String?, from: Int = 0) -> String {
            Office.href("/catalog/check", [:], ["table": table ?? "", "from": from == 0 ? "" : String(from)]) + "#low"
        }
        var tabs = [View.Link(text: word("check.all"), href: href(nil), current: chosen == nil, count: String(check.doubts.count))]
        for (file, count) in files.sorted(by: { $0.key < $1.key }) {
            tabs.append(View.Link(text: file, href: href(file), current: file == chosen, count: String(count)))
        }
        let first = min(max(0, call.asked("from").flatMap { Int($0) } ?? 0), max(0, doubts.count - 1) / pageSize * pageSize)
        let shown = doubts[min(first, doubts.count)..<min(first + pageSize, doubts.count)]
        let heads = ["check.table", "check.row", "check.subject", "public.confidence", "public.note"]
        let rows = shown.map { doubt in
            View.Row(cells: [
                cell(heads[0], doubt.file), cell(heads[1], String(doubt.row), isNumber: true), cell(heads[2], doubt.subject),
                cell(heads[3], confidence(doubt.confidence)), cell(heads[4], doubt.note),
            ])
        }
        let countHeads = ["check.subject", "check.table", "check.expected", "check.found", "check.right"]
        let counts = check.counts.map { count in
            [
                cell(countHeads[0], text(count.name)), cell(countHeads[1], count.file),
                cell(countHeads[2], String(count.expected), isNumber: true), cell(countHeads[3], String(count.found), isNumber: true),
                cell(countHeads[4], View.Mark(count.isRight ? "good" : "bad", word(count.isRight ? "check.yes" : "check.no"))),
            ]
        }
        var page = CheckPage(
            frame: office.frame(call, at: .lookup), places: places(at: .check),
            verdict: View.Mark(check.isSound ? "good" : "bad", word(check.isSound ? "check.sound" : "check.unsound")),
            counted: section("check.counts", countHeads, counts), problems: check.problems.map(told), tabs: tabs, rows: rows,
            columns: heads.map { View.Column(text: word($0), isNumber: $0 == "check.row") })
        if doubts.count > pageSize {
            let last = first + shown.count
            page.pager = View.Pager(
                position: word("pager.position", ["first": String(first + 1), "last": String(last), "total": String(doubts.count)]),
                previous: first == 0 ? nil : href(chosen, from: max(0, first - pageSize)),
                next: last < doubts.count ? href(chosen, from: last) : nil)
        }
        return page
    }

    private func told(_ problem: Refusal) -> String {
        let place = [problem.details["file"], problem.row.map { word("check.line", ["value": String($0)]) }, problem.field].compactMap {
            $0
        }
        return (place.isEmpty ? "" : place.joined(separator: " · ") + " — ") + call.say(problem)
    }
}
