import Kernel

/// A field of the national exchange 全国职业病防治数据交换, as public implementations write it; no official schema is to hand.
public struct ExchangeField: Sendable, Hashable {
    public let number: Int
    public let path, element: String
    /// As printed: `AN..70`, `N9`, `D8`.
    public let format: String
    /// `text`, `digits`, `date`, `list`; empty where the format is not known.
    public let kind: String
    public let length: Int?
    /// Whether `length` is the most rather than the exact one.
    public let isMaximum: Bool
    /// `yes`, `conditional`, `no`; empty where not known.
    public let required: String
    public let meaning: String
    public let provenance: Provenance
}

extension ExchangeField: TableValue {
    static let file = "exchange-fields.csv"
    static let columns = [
        "no", "path", "element", "format", "kind", "length", "is_maximum", "required", "meaning", "source", "confidence",
    ]
    init(_ row: Table.Row) throws {
        guard let number = try row.integer("no") else { throw row.refusal("catalog.empty", "no") }
        guard ["", "yes", "no", "conditional"].contains(row["required"]) else { throw row.refusal("catalog.choice", "required") }
        self.init(
            number: number, path: try row.required("path"), element: try row.required("element"), format: row["format"],
            kind: row["kind"], length: try row.integer("length"), isMaximum: row.flag("is_maximum"), required: row["required"],
            meaning: row["meaning"], provenance: try row.provenance())
    }
}

/// A field of the declaration form 职业病危害项目申报表.
public struct DeclarationField: Sendable, Hashable {
    public let number: Int
    public let section, field, type: String
    /// `present` for the national system's form, `2012` for that of Order 48.
    public let form: String
    public let note: String
    public let provenance: Provenance
}

extension DeclarationField: TableValue {
    static let file = "declaration-fields.csv"
    static let columns = ["no", "section", "field", "type", "form", "source", "confidence", "note"]
    init(_ row: Table.Row) throws {
        guard let number = try row.integer("no") else { throw row.refusal("catalog.empty", "no") }
        guard ["present", "2012"].contains(row["form"]) else { throw row.refusal("catalog.choice", "form") }
        self.init(
            number: number, section: try row.required("section"), field: try row.required("field"), type: row["type"],
            form: row["form"], note: row["note"], provenance: try row.provenance())
    }
}
