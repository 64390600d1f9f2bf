import Foundation
import Kernel
import Yams

/// A table of codes 代码表 with names in both languages and where each comes from.
public struct CodeTable: Sendable {
    public struct Entry: Sendable {
        public let code, zh, en: String
        /// What sorts the code into a group: a factor's category, a disease's group. Empty where there is none.
        public let group: String
        public let source, confidence: String
        /// Days in force; an entry of a superseded edition ends.
        public let force: Span
        /// An emerging factor 新发因素 that a jurisdiction added.
        public var isEmerging = false
    }
    public let name, zh, en: String
    public let entries: [Entry]
    private let positions: [String: Int]
    private let byName: [String: String]

    public init(name: String, zh: String, en: String, entries: [Entry]) {
        (self.name, self.zh, self.en, self.entries) = (name, zh, en, entries)
        positions = Dictionary(entries.enumerated().map { ($1.code, $0) }, uniquingKeysWith: { first, _ in first })
        byName = Dictionary(entries.flatMap { [($0.zh, $0.code), ($0.en.lowercased(), $0.code)] }, uniquingKeysWith: { first, _ in first })
    }
    public subscript(code: String) -> Entry? { positions[code].map { entries[$0] } }
    /// The code that a cell means: the code itself or either name.
    public func code(for cell: String) -> String? { positions[cell] != nil ? cell : byName[cell] ?? byName[cell.lowercased()] }
}

extension CodeTable.Entry {
    /// - Parameter group: the column that sorts the codes.
    init(_ row: Table.Row, group: String) throws {
        let name = try row.required("name")
        self.init(
            code: try row.required("code"), zh: name, en: row["name_en"].isEmpty ? name : row["name_en"], group: row[group],
            source: row["source"], confidence: row["confidence"], force: try row.force())
    }
    init(_ factor: HazardFactor) {
        self.init(
            code: factor.code, zh: factor.name.zh, en: factor.name.en, group: factor.category, source: factor.provenance.source,
            confidence: factor.provenance.confidence.rawValue, force: factor.provenance.force, isEmerging: factor.isEmerging)
    }
    init(_ disease: Disease) {
        self.init(
            code: disease.code, zh: disease.name.zh, en: disease.name.en, group: disease.group, source: disease.provenance.source,
            confidence: disease.provenance.confidence.rawValue, force: disease.provenance.force)
    }
}

extension CodeTable.Entry {
    init(_ code: String, _ penalty: Penalty) {
        self.init(
            code: code, zh: "\(penalty.name(english: false)) \(penalty.violation)",
            en: "\(penalty.name(english: true)): \(penalty.violationEnglish)", group: String(penalty.article),
            source: penalty.provenance.source, confidence: penalty.provenance.confidence.rawValue, force: penalty.provenance.force)
    }
    init(_ level: DiscretionScheme.Level, of factor: DiscretionScheme.Factor, in scheme: DiscretionScheme) {
        self.init(
            code: level.code, zh: "\(factor.name.zh)：\(level.name.zh)", en: "\(factor.name.en): \(level.name.en)", group: factor.code,
            source: scheme.provenance.source, confidence: scheme.provenance.confidence.rawValue, force: scheme.provenance.force)
    }
}

extension Catalog {
    /// The small tables of `codes.yaml`, by name.
    static func codeTables(_ url: URL) throws -> [String: CodeTable] {
        var tables: [String: CodeTable] = [:]
        for (name, body) in try yaml(url)["tables"]?.mapping ?? [:] {
            guard let name = name.string, let table = body.mapping else { continue }
            var entries: [CodeTable.Entry] = []
            let source = table["source"]?.text ?? ""
            let confidence = table["confidence"]?.text ?? ""
            for (code, words) in table["codes"]?.mapping ?? [:] {
                guard let code = code.text, let words = words.mapping else { continue }
                let zh = words["zh"]?.text ?? code
                let en = words["en"]?.text ?? code
                let group = words["group"]?.text ?? ""
                entries.append(
                    .init(code: code, zh: zh, en: en, group: group, source: source, confidence: confidence, force: Span(.distantPast)))
            }
            tables[name] = CodeTable(name: name, zh: table["zh"]?.text ?? name, en: table["en"]?.text ?? name, entries: entries)
        }
        return tables
    }
}
