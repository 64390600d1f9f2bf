import Catalog
import Kernel
import TestKit
import Testing

/// The clauses of the penalties, read from their words, against the amounts that the table carries beside them.
@Suite struct PenaltyRangeTests {
    private let all = Penalty.coded(Hand.catalog.penalties)

    /// Every bound that the table names is found in the text, and none besides.
    @Test func textAndColumnsAgree() {
        #expect(all.count == 54)
        var fined = 0
        for (code, penalty) in all {
            let fine = PenaltyRange(penalty).fine
            if penalty.leastMultiple != nil {
                #expect(
                    fine?.isMultiple == true && fine?.minimum == penalty.leastMultiple && fine?.maximum == penalty.mostMultiple, "\(code)")
            } else {
                #expect(fine?.minimum == penalty.minimum && fine?.maximum == penalty.maximum && fine?.isMultiple != true, "\(code)")
            }
            let conditions: [Penalty.When: Sanction.Condition] = [.overdue: .overdue, .may: .may, .must: .always]
            #expect(fine.map(\.condition) == (fine == nil ? nil : conditions[penalty.when]), "\(code)")
            let range = PenaltyRange(penalty)
            #expect((range.sanction(.warning) != nil) == penalty.hasWarning, "\(code) warning")
            #expect((range.sanction(.closure) != nil) == penalty.canClose, "\(code) closure")
            if fine != nil { fined += 1 }
        }
        #expect(fined == 48)
    }

    @Test func codes() {
        #expect(Set(all.map(\.code)).count == all.count)
        let codes = ["72.1", "74.a", "74.b", "75.1", "79.a", "80.3b", "72.11"]
        for code in codes { #expect(all.contains { $0.code == code }, "\(code)") }
        #expect(Hand.catalog.tables["penalty_item"]?["72.1"]?.zh.hasPrefix("第72条（一）") == true)
    }

    /// What no authority of this house decides says so: crimes, other laws, sanctions on officials.
    @Test func whatIsNotUnderstoodSaysSo() throws {
        for article in [76, 78, 84] {
            let penalty = try #require(all.first { $0.penalty.article == article }?.penalty)
            let range = PenaltyRange(penalty)
            #expect(range.sanctions.isEmpty && range.fine == nil && !range.unread.isEmpty, "\(article)")
        }
        let reporting = try #require(all.first { $0.code == "74.b" }?.penalty)
        #expect(PenaltyRange(reporting).unread == ["责任人员可以降级或者撤职"])
    }

    /// A multiple of an income is in yuan only once the income is told.
    @Test func multiples() throws {
        let penalty = try #require(all.first { $0.code == "79.a" }?.penalty)
        let fine = try #require(PenaltyRange(penalty).fine)
        #expect(fine.yuan(income: nil) == nil)
        #expect(fine.yuan(income: 12_345.67) == 24_692...123_456)
    }
}
