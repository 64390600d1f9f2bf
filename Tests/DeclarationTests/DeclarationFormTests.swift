import Catalog
import Kernel
import Ledger
import TestKit
import Testing

@testable import Declaration

/// The form: every line has its field, and what a declaration differs in from other records.
@Suite struct DeclarationFormTests {
    @Test func everyLineOfTheFormHasAField() {
        let fields = kinds.flatMap(\.fields).compactMap { FormLine.lines(of: $0.source) }
        let covered = Set(fields.flatMap { Array($0) })
        let lines = Set(Hand.catalog.declarationFields.map(\.number))
        #expect(
            covered == lines,
            "without a field: \(lines.subtracting(covered).sorted()), without a line: \(covered.subtracting(lines).sorted())")
    }

    @Test func everyCategoryOfTheFormIsACode() throws {
        let table = try #require(Hand.catalog.tables["declaration_category"])
        let lines = Hand.catalog.declarationFields.filter { (21...32).contains($0.number) }
        #expect(table.entries.count == lines.count)
        for (entry, line) in zip(table.entries, lines) {
            let name = line.field.split(separator: "-").last.map(String.init) ?? ""
            #expect(name == "总" ? line.field.hasPrefix(entry.zh) : name == entry.zh, "\(entry.code) is not \(line.field)")
        }
    }

    @Test func factorsCountInTheirClassAndByName() {
        let catalog = Hand.catalog
        #expect(FilingCategories.categories(of: "A001", catalog) == ["dust", "silica"])
        #expect(FilingCategories.categories(of: "C001", catalog) == ["physical", "noise"])
        for (code, category) in [("B001", "铅"), ("B028", "苯"), ("A002", "煤尘"), ("A005", "石棉")] {
            #expect(catalog.title("factor", code).hasPrefix(category))
        }
        // Two places with dust: nobody can tell whether the same persons work at both.
        let lines = FilingCategories.lines([("A001", 2), ("A009", 3), ("C001", 1)], catalog)
        let persons = Dictionary(uniqueKeysWithValues: lines.map { ($0.category, $0.persons) })
        #expect(
            persons["dust"] == .some(nil) && persons["silica"] == .some(2) && persons["noise"] == .some(1)
                && persons["radiation"] == .some(0))
    }

    @Test func differencesNameWhatEachSideSays() {
        let evidence = [
            HazardEvidence(.test, factor: "C001", record: "R2", day: Day("2022-05-01")),
            HazardEvidence(.test, factor: "C001", record: "R1", day: Day("2021-05-01")),
            HazardEvidence(.registry, factor: "A001", record: "H1"), HazardEvidence(.exposure, factor: "A001", record: "E1"),
        ]
        let check = DeclarationCheck(factors: ["A001": 2, "A009": nil], exposed: 1)
        let found = check.differences(evidence, persons: ["A001": ["W1", "W2", "W3"]])
        #expect(found.map(\.what) == [.undeclared, .persons, .unconfirmed, .total])
        #expect(found[0].records == ["R2", "R1"] && found[1].declared == 2 && found[1].found == 3)
        #expect(found[2].factor == "A009" && found[3].declared == 1 && found[3].found == 2)
        #expect(DeclarationCheck(factors: nil, exposed: nil).differences([]).map(\.what) == [.unstated])
        #expect(
            DeclarationCheck(factors: ["A001": 3], exposed: 3).differences([evidence[2]], persons: ["A001": ["W1", "W2", "W3"]]).isEmpty)
    }

    @Test func answersSurviveTheirRecords() throws {
        var answers = GuidedDeclaration(["unit_name": "甲厂", "labour": "9"])
        answers.factors = ["A001", "C001"]
        answers.places = [
            .init(post: "P1", name: "配料", persons: "2", factors: ["A001"]), .init(name: "球磨", persons: "1", factors: ["A001", "C001"]),
        ]
        answers.products = [.init(name: "地砖", output: "12", unit: "万平方米")]
        #expect(answers.persons == ["A001": 3, "C001": 1])
        let drafts = answers.drafts(id: "D", ["employer": "E", "type": "initial", "submitted": "2022-06-30"], points: [:], Hand.catalog)
        let records = drafts.enumerated().map { index, draft in
            Hand.record(draft.kind, draft.id ?? "x\(index)", draft.cells.filter { !$0.value.isEmpty })
        }
        let back = GuidedDeclaration(
            records[0], factors: records.filter { $0.kind.name == "declaration_factor" },
            products: records.filter { $0.kind.name == "declaration_product" }, postNames: ["P1": "配料"], withSensitive: true)
        #expect(back.places == answers.places && back.products == answers.products && back.factors == answers.factors)
        #expect(back.cells["labour"] == "9" && records.filter { $0.kind.name == "declaration_category" }.count == 12)
    }
}
