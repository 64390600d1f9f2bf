import Foundation
import Kernel

/// The reference data of the house: code tables, parameters, divisions and the tables of the standards, read from `Data/standards` once
/// and immutable.
public struct Catalog: Sendable {
    public let tables: [String: CodeTable]
    public let parameters: [String: Parameter]
    public let divisions: Divisions
    /// The tables of the standards, each a value of its own.
    public let standards: Standards
    /// The folder that it was read from.
    public let folder: URL
    /// Of the files it was read from: two catalogues of one digest give one figure.
    public let digest: String

    /// - Parameters:
    ///   - folder: the repository's `Data` folder or another of its layout.
    ///   - isDemonstration: whether the values of `demonstration/local` count too, which no jurisdiction has set: for demonstration data only.
    /// - Throws: `Refusal` naming the file, its row and the flaw.
    public init(folder: URL, isDemonstration: Bool = false) throws {
        self.folder = folder
        let home = folder.appendingPathComponent("standards")
        let standards = try Standards(folder: folder)
        var tables = try Catalog.codeTables(home.appendingPathComponent("codes.yaml"))
        let industries = try Table(home.appendingPathComponent("industries.csv"), needed: ["code", "name", "level"])
        tables["industry"] = CodeTable(
            name: "industry", zh: "国民经济行业分类", en: "Industry classification",
            entries: try industries.rows.map { try CodeTable.Entry($0, group: "level") })
        tables["factor"] = CodeTable(
            name: "factor", zh: "职业病危害因素", en: "Hazard factor", entries: standards.factors.all.map(CodeTable.Entry.init))
        tables["disease"] = CodeTable(
            name: "disease", zh: "职业病", en: "Occupational disease", entries: standards.diseases.all.map(CodeTable.Entry.init))
        tables["checklist_item"] = Catalog.checklistTable(standards.checklist)
        tables["penalty_item"] = CodeTable(
            name: "penalty_item", zh: "罚则条款", en: "Item of the penalties",
            entries: Penalty.coded(standards.penalties).map { CodeTable.Entry($0.code, $0.penalty) })
        tables["discretion_level"] = CodeTable(
            name: "discretion_level", zh: "裁量情节", en: "Discretion level",
            entries: standards.discretion.all.flatMap { scheme in
                scheme.factors.flatMap { factor in factor.levels.map { CodeTable.Entry($0, of: factor, in: scheme) } }
            })
        self.tables = tables
        self.standards = standards
        let shown = isDemonstration ? folder.appendingPathComponent("demonstration") : nil
        parameters = try Catalog.parameters(
            home.appendingPathComponent("parameters.yaml"), local: (shown.map(LocalAdditions.read) ?? []) + LocalAdditions.read(home))
        divisions = try Divisions(standards: home)
        let own = try Catalog.digest(of: home)
        digest = try shown.map { Digest.sha256(own + "," + (try Catalog.digest(of: $0))) } ?? own
    }

    public func title(_ table: String, _ code: String, english: Bool = false) -> String {
        guard let entry = tables[table]?[code] else { return code }
        return english ? entry.en : entry.zh
    }

    /// Of every table in the folder and below, by name and content.
    private static func digest(of home: URL) throws -> String {
        try Digest.sha256(
            TableFiles.names(in: home).map { name in
                guard let bytes = try? Data(contentsOf: home.appendingPathComponent(name)) else {
                    throw Refusal("catalog.file", ["value": name])
                }
                return name + ":" + Digest.hex(Digest.sha256([UInt8](bytes)))
            }.joined(separator: ","))
    }
}

/// The files of a folder of tables.
enum TableFiles {
    /// Paths within the folder, in order: CSV, YAML and JSON, those of subfolders too.
    static func names(in home: URL) throws -> [String] {
        guard let found = try? FileManager.default.subpathsOfDirectory(atPath: home.path) else {
            throw Refusal("catalog.file", ["value": home.lastPathComponent])
        }
        return found.filter { name in [".csv", ".yaml", ".json"].contains { name.hasSuffix($0) } }.sorted()
    }
}
