import Foundation
import TestKit
import Testing
import Web

/// Whatever is refused is said in words: no code reaches a reader bare.
@Suite struct WordsTests {
    @Test func everyRefusalHasWordsInBothLanguages() throws {
        let sources = try #require(
            FileManager.default.enumerator(at: Repository.root.appendingPathComponent("Sources"), includingPropertiesForKeys: nil))
        let pages = try Pages()
        var codes: Set<String> = []
        // What only tests throw reaches no reader.
        for case let file as URL in sources where file.pathExtension == "swift" && !file.path.contains("/TestKit/") {
            let text = try String(contentsOf: file, encoding: .utf8)
            for match in text.matches(of: /Refusal\(\s*"([a-z0-9.-]+)"/) { codes.insert(String(match.1)) }
        }
        #expect(codes.count > 150, "the sources were not found")
        for code in codes.sorted() {
            for language in Language.allCases { #expect(pages.has("refusal.\(code)", in: language), "\(code) in \(language.rawValue)") }
        }
    }
}
