import Catalog
import Kernel
import TestKit
import Testing

@testable import Registry

/// Signs and cards by the hazards of a post (GBZ 158, GBZ/T 203).
@Suite struct SignListTests {
    private let day = Day("2026-06-30") ?? .distantPast

    @Test func dustAsksForItsSignAlwaysAndForMasksWhereItExceeds() {
        func needs(_ exceeds: Truth) -> [String: Truth] {
            let list = SignList(factors: ["A001": exceeds], catalog: Hand.catalog, on: day)
            return Dictionary(uniqueKeysWithValues: list.items.map { ($0.sign.code, $0.isNeeded) })
        }
        #expect(needs(.yes) == ["dust": .yes, "mask_dust": .yes])
        #expect(needs(.no) == ["dust": .yes])
        #expect(needs(.unknown) == ["dust": .yes, "mask_dust": .unknown])
    }

    @Test func highlyToxicSubstancesHaveTheirCardAndLine() throws {
        let benzene = try #require(NoticeCard(factor: "B028", catalog: Hand.catalog, on: day))
        #expect(benzene.basis == .highlyToxic && !benzene.limits.isEmpty && benzene.limits.allSatisfy { !$0.edition.isEmpty })
        let codes = SignList(factors: ["B028": .no], catalog: Hand.catalog, on: day).items.map(\.sign.code)
        #expect(Set(codes) == ["poison", "entry", "mask_gas", "line_red"])
        // A name of which only some substances are highly toxic leaves it open.
        let part = try #require(NoticeCard(factor: "B041", catalog: Hand.catalog, on: day))
        #expect(part.basis == .possible && part.isHighlyToxic == .unknown)
        #expect(try #require(NoticeCard(factor: "A001", catalog: Hand.catalog, on: day)).basis == .severe)
        #expect(NoticeCard(factor: "nothing", catalog: Hand.catalog, on: day) == nil)
    }

    @Test func limitsAreThoseOfTheDay() throws {
        let early = try #require(NoticeCard(factor: "A001", catalog: Hand.catalog, on: Day("2010-01-01") ?? .distantPast))
        #expect(early.limits.allSatisfy { $0.edition != "GBZ 2.1-2019" })
        let now = try #require(NoticeCard(factor: "A001", catalog: Hand.catalog, on: day))
        #expect(now.limits.contains { $0.edition.hasPrefix("GBZ 2.1-2019") } && !now.diseases.isEmpty)
        let noise = try #require(NoticeCard(factor: "C001", catalog: Hand.catalog, on: day))
        #expect(noise.limits.first?.values == ["85 dB(A)"])
    }

    @Test func everySignIsOfSomethingThatExists() {
        let catalog = Hand.catalog
        for sign in catalog.signs {
            #expect(sign.factors.allSatisfy { catalog.factors[$0] != nil }, "\(sign.code)")
            #expect(sign.categories.allSatisfy { catalog.tables["factor_category"]?[$0] != nil }, "\(sign.code)")
            #expect(!sign.categories.isEmpty || !sign.factors.isEmpty)
        }
    }
}
