import Foundation
import Kernel
import Testing

@testable import Catalog

/// The public look-up over the tables as they are.
struct LookupTests {
    static let lookup = Result { Lookup(try Catalog(folder: data)) }

    /// The keys of a kind that a query finds, best first.
    private func keys(_ query: String, _ kind: Lookup.Kind = .limit) throws -> [String] {
        try LookupTests.lookup.get().find(query).filter { $0.entry.kind == kind }.map(\.entry.key)
    }

    /// Every way to ask for benzene (GBZ 2.1-2019, table 1, 12) puts it first.
    @Test(
        arguments: ["苯", "ben", "BEN", "Benzene", "benzene", "ｂｅｎｚｅｎｅ", " 苯 ", "71-43-2", "71432", "７１－４３－２", "71–43–2"])
    func benzene(_ query: String) throws {
        #expect(try keys(query).first == "12")
        #expect(try LookupTests.lookup.get().find(query).first?.match ?? .related <= .exactSound)
    }

    @Test func sounds() throws {
        // Initials and full pinyin; ü typed as v or as u; a polyphone by either reading.
        for query in ["jq", "jiaquan", "JiaQuan"] { #expect(try keys(query).contains("149"), "甲醛 by \(query)") }
        for query in ["lv", "lu", "lü"] { #expect(try keys(query).first == "189", "氯 by \(query)") }
        for query in ["chonggesuanyan", "zhonggesuanyan", "ge suan yan"] { #expect(try keys(query).contains("254"), "重铬酸盐 by \(query)") }
        #expect(try keys("guangqi").first == "278", "光气 is a second name of 碳酰氯")
        // A sound begins at a syllable: "an" is not in "ban".
        #expect(try !keys("iben").contains("12"))
    }

    @Test func otherKinds() throws {
        #expect(try keys("矽肺", .disease).first == "D001")
        #expect(try keys("xf", .disease).contains("D001"))
        #expect(try keys("噪声", .factor).first == "C001")
        #expect(try keys("zaosheng", .examination).first?.hasPrefix("2025/") == true)
        #expect(try keys("noise", .physical).contains("noise.day"))
        #expect(try keys("Benzene", .factor).first == "B028")
        // Traditional characters.
        #expect(try keys("鉛", .factor) == keys("铅", .factor))
    }

    @Test func order() throws {
        let hits = try LookupTests.lookup.get().find("甲苯").filter { $0.entry.kind == .limit }
        #expect(hits.first?.entry.key == "136")
        #expect(hits.map(\.match) == hits.map(\.match).sorted())
        #expect(hits.count > 5)
    }

    @Test func refusals() throws {
        let lookup = try LookupTests.lookup.get()
        for wrong in ["71-43-3", "71433"] {
            #expect { try lookup.find(wrong) } throws: {
                ($0 as? Refusal)?.code == "cas.check" && ($0 as? Refusal)?.details["value"] == "71-43-3"
            }
        }
        #expect { try lookup.find(String(repeating: "苯", count: 101)) } throws: { ($0 as? Refusal)?.code == "text.too-long" }
        for nothing in ["", "  ", "%", "'; --", "\0", "\u{1}", "\u{202E}"] { #expect(try lookup.find(nothing).isEmpty) }
        #expect(lookup.suggestions(for: "\0").isEmpty)
    }

    /// Who types another character of the same sound, or a letter amiss, is led to what was meant.
    @Test func suggestions() throws {
        let lookup = try LookupTests.lookup.get()
        #expect(try lookup.find("甲全").isEmpty)
        #expect(lookup.suggestions(for: "甲全").contains { $0.key == "149" })
        #expect(lookup.suggestions(for: "笨").first?.key == "12")
        #expect(lookup.suggestions(for: "benzeen").contains { $0.key == "12" })
        #expect(lookup.suggestions(for: "formaldehide").first?.key == "149")
        #expect(lookup.suggestions(for: "qqqqzzzz").isEmpty)
    }

    /// A linear search over the same names finds the same things.
    @Test func nothingIsMissed() throws {
        let lookup = try LookupTests.lookup.get()
        for query in ["酸", "乙", "chloro", "2,4", "氯乙", "粉尘", "电焊", "acid", "β", "DDT"] {
            let wanted = Lookup.folded(query)
            let slow = lookup.entries.filter { entry in
                ([entry.name.zh, entry.name.en] + entry.aliases).contains { Lookup.folded($0).contains(wanted) }
            }
            let fast = try lookup.find(query).filter { $0.match != .related }.map(\.entry)
            #expect(Set(slow).isSubset(of: Set(fast)), "\(query)")
            #expect(fast.count == Set(fast).count)
        }
    }

    @Test func isFast() throws {
        let lookup = try LookupTests.lookup.get()
        _ = try lookup.find("苯")
        let queries = ["苯", "b", "acid", "jiaquan", "71-43-2", "粉尘", "yhw", "chlor"]
        let took = try ContinuousClock().measure { for _ in 0..<10 { for query in queries { _ = try lookup.find(query) } } }
        // Five milliseconds a query in a release build; an unoptimised one is given ten times that.
        #expect(took / 80 < .milliseconds(50), "\(took / 80) a query")
    }
}
