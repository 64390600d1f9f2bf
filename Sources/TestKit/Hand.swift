import Catalog
import Foundation
import Kernel
import Ledger

/// Small files made by hand, and what a measure says of them: the tools of the tests of rules.
public struct Hand {
    public let catalog: Catalog
    public let findings: [String: FindingRule]
    /// - Parameter features: the rooms whose findings the measure may read.
    public init(_ features: [Feature] = [], catalog: Catalog = Hand.catalog) {
        self.catalog = catalog
        findings = Dictionary(features.flatMap(\.findings).map { ($0.name, $0) }, uniquingKeysWith: { _, last in last })
    }

    /// The repository's own catalogue, read once.
    public static let catalog: Catalog = {
        let folder = Repository.root
        do { return try Catalog(folder: folder.appendingPathComponent("Data")) } catch {
            fatalError("the catalogue cannot be read: \(error)")
        }
    }()

    /// A record from texts as a file's cells would have them, fields by name. Stops on a name or text that the kind does not take.
    public static func record(_ kind: Kind, _ id: String, _ cells: [String: String] = [:]) -> Record {
        var record = Record(kind, id: id, home: "000000")
        for (name, text) in cells {
            guard let field = kind.field(named: name) else { fatalError("\(kind.name) has no field \(name)") }
            guard let value = field.plain(text) else { fatalError("\(kind.name).\(name) does not take \(text)") }
            record[field] = value
        }
        return record
    }

    public struct Answer: Sendable {
        public let count: Count
        public let groups: [String: Count]
        public let stretches: [Stretch]
        public func subjects(_ verdict: Stretch.Verdict) -> [String] { stretches.filter { $0.verdict == verdict }.map(\.subject).sorted() }
    }

    /// What a measure counts on a day over records, everything evaluated from scratch.
    public func count(
        _ measure: Measure, _ records: [Record], on day: String, scope: Scope = .always, unit: String? = nil,
        with overrides: [String: String] = [:],
        in jurisdiction: String = "330400", target: Double? = nil
    ) -> Answer {
        guard let day = Day(day) else { fatalError("no day \(day)") }
        let terms = Terms(catalog: catalog, overrides: overrides, unit: unit, jurisdiction: DivisionCode(jurisdiction), target: target)
        let book = Book(records, divisions: catalog.divisions, findings: findings)
        let stretches = Gauge("test/\(measure.name)", measure, scope: scope, terms: terms).allStretches(in: book).filter {
            $0.from <= day && day < $0.until
        }
        var count = Count()
        var groups: [String: Count] = [:]
        for stretch in stretches {
            count.add(stretch)
            groups[String(stretch.cell.split(separator: "|", omittingEmptySubsequences: false).last ?? ""), default: Count()].add(stretch)
        }
        return Answer(count: count, groups: groups, stretches: stretches)
    }
}
