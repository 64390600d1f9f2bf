import Foundation
import Kernel

/// One item of an inspection check-list 检查表: what an employer shall have done, the clause that threatens the failure, in groups.
/// `Data/standards/checklists/*.csv`.
public struct ChecklistItem: Sendable, Hashable {
    /// Stable: inspections and orders keep it.
    public let code: String
    /// Code of the table `checklist_group`.
    public let group: String
    public let text: Bilingual
    /// The article and item of the penalties, which the wording turns round.
    public let penalty: StatutoryClock.PenaltyItem
    public let provenance: Provenance

    /// The clause with its edition: 职业病防治法（2018修正）第72条（一）.
    public var clause: String { provenance.edition + provenance.clause }
    /// What the law threatens for failing it.
    public func penalties(_ all: [Penalty]) -> [Penalty] { all.filter { $0.article == penalty.article && $0.item == penalty.item } }
}

extension ChecklistItem: TableValue {
    static let file = "checklists/employer.csv"
    static let columns = [
        "code", "group", "name", "name_en", "article", "item", "edition", "clause", "source", "confidence", "from", "until",
    ]
    init(_ row: Table.Row) throws {
        guard let article = try row.integer("article") else { throw row.refusal("catalog.empty", "article") }
        self.init(
            code: try row.required("code"), group: try row.required("group"),
            text: Bilingual(try row.required("name"), try row.required("name_en")),
            penalty: .init(article: article, item: row["item"]), provenance: try row.provenance())
    }
}

extension Catalog {
    /// The items of the check-list for employers, in the order of the sheet.
    public var checklist: [ChecklistItem] { standards.checklist }
    public func checklistItem(_ code: String) -> ChecklistItem? { standards.checklist.first { $0.code == code } }

    static func checklistTable(_ items: [ChecklistItem]) -> CodeTable {
        CodeTable(
            name: "checklist_item", zh: "检查项目", en: "Check-list item",
            entries: items.map {
                .init(
                    code: $0.code, zh: $0.text.zh, en: $0.text.en, group: $0.group, source: $0.clause,
                    confidence: $0.provenance.confidence.rawValue, force: $0.provenance.force)
            })
    }
}
