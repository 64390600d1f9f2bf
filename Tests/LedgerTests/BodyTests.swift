import Kernel
import TestKit
import Testing

@testable import Ledger

/// The text in which a version's fields are kept.
@Suite struct BodyTests {
    private static let characters: [Character] = [
        "a", "厂", "\"", "\\", "\n", "\t", "\r", "\u{1}", "\u{1F}", "{", "}", ":", ",", "u", "n", "é", "👩‍🔧", " ",
    ]

    @Test func whatIsWrittenIsRead() {
        var random = SeededGenerator(seed: 3)
        func text() -> String {
            let count = Int.random(in: 0...12, using: &random)
            return String((0..<count).map { _ in Self.characters.randomElement(using: &random) ?? "a" })
        }
        for _ in 0..<2000 {
            let pairs = (0..<Int.random(in: 0...6, using: &random)).map { _ in (text(), text()) }
            let body = Body.pack(pairs)
            let read = Body.pairs(body)
            #expect(read.map { [$0.0, $0.1] } == pairs.map { [$0.0, $0.1] }, "\(body)")
        }
    }

    /// A text that was cut anywhere gives the whole pairs before the cut, and nothing else.
    @Test func aCutTextGivesWhatIsWhole() {
        let pairs = [("name", "甲\"厂\\"), ("note", "一\n二\u{1}"), ("empty", ""), ("division", "450204")]
        let bytes = Array(Body.pack(pairs).utf8)
        for end in 0...bytes.count {
            let read = Body.pairs(String(decoding: bytes[..<end], as: UTF8.self)).map { [$0.0, $0.1] }
            #expect(read == pairs.prefix(read.count).map { [$0.0, $0.1] })
        }
        #expect(Body.pairs(String(decoding: bytes, as: UTF8.self)).count == pairs.count)
    }
}
