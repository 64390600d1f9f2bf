import Catalog
import Foundation
import Kernel
import Ledger
import TestKit
import Testing
import Web

@testable import House

/// Whatever a reader sees is said in words, in Chinese and in English: no code reaches a reader bare, and neither language borrows from the
/// other. What the pages then show is walked by Tests/browser/both.py.
@Suite struct WordsTests {
    /// Letters of classes, names of languages and numbers of documents that stand in English as they are.
    static let quoted = [
        "甲乙丙", "甲", "乙", "丙", "丁", "戊", "国卫办职健发〔2021〕5号",
    ]
    static func isChinese(_ text: String) -> Bool {
        quoted.reduce(text) { $0.replacingOccurrences(of: $1, with: "") }.unicodeScalars.contains { (0x3400...0x9FFF).contains($0.value) }
    }
    /// Words of English in a row, and nothing Chinese beside them: units, formulas and names of standards are shorter.
    static func isEnglish(_ text: String) -> Bool {
        !text.unicodeScalars.contains { (0x3400...0x9FFF).contains($0.value) } && text.contains(/[a-z]{3,} [A-Za-z]{2,}/)
    }

    private func sources() throws -> [String] {
        let files = try #require(
            FileManager.default.enumerator(at: Repository.root.appendingPathComponent("Sources"), includingPropertiesForKeys: nil))
        var texts: [String] = []
        // What only tests throw reaches no reader.
        for case let file as URL in files where file.pathExtension == "swift" && !file.path.contains("/TestKit/") {
            texts.append(try String(contentsOf: file, encoding: .utf8))
        }
        return texts
    }
    /// The words of one file, read without the program's own reader.
    private func words(_ file: URL) throws -> [String: String] {
        var words: [String: String] = [:]
        for line in try String(contentsOf: file, encoding: .utf8).split(separator: "\n") {
            guard let match = line.wholeMatch(of: /([A-Za-z0-9_.-]+):\s*(.*)/) else { continue }
            words[String(match.1)] = String(match.2)
        }
        return words
    }
    private func files(_ language: String) throws -> [URL] {
        try FileManager.default.contentsOfDirectory(
            at: Repository.root.appendingPathComponent("Sources/Web/Words"), includingPropertiesForKeys: nil
        ).filter { $0.lastPathComponent.hasPrefix(language) }.sorted { $0.path < $1.path }
    }

    /// A template is read when it is first asked for: a flaw in one that nobody asked for yet is found here.
    @Test func everyTemplateCanBeRead() throws { try Pages().readAll() }

    @Test func everyRefusalHasWordsInBothLanguages() throws {
        let pages = try Pages()
        var codes: Set<String> = []
        for text in try sources() {
            for match in text.matches(of: /Refusal\(\s*"([a-z0-9.-]+)"/) { codes.insert(String(match.1)) }
        }
        #expect(codes.count > 150, "the sources were not found")
        for code in codes.sorted() {
            for language in Language.allCases { #expect(pages.has("refusal.\(code)", in: language), "\(code) in \(language.rawValue)") }
        }
    }

    /// A word that code asks for by its name is there; what is printed on paper has its words under `print.`.
    @Test func everyWordAskedForExists() throws {
        let pages = try Pages()
        var keys: Set<String> = []
        for text in try sources() {
            for match in text.matches(of: /(?:call|show|say|pages|document|self|desk)\.word\(\s*"([a-zA-Z0-9.-]+)"/) {
                keys.insert(String(match.1))
            }
        }
        #expect(keys.count > 300, "the sources were not found")
        for key in keys.sorted() { #expect(pages.has(key, in: .english) || pages.has("print.\(key)", in: .english), "\(key)") }
    }

    /// Each topic's file has a twin with the same words, and each word is of its own language.
    @Test func filesOfWordsAreTwinsAndOfTheirLanguage() throws {
        let (chinese, english) = (try files("zh"), try files("en"))
        #expect(chinese.count > 20)
        #expect(chinese.map { $0.lastPathComponent.dropFirst(2) } == english.map { $0.lastPathComponent.dropFirst(2) })
        for (one, other) in zip(chinese, english) {
            let (zh, en) = (try words(one), try words(other))
            #expect(Set(zh.keys) == Set(en.keys), "\(one.lastPathComponent)")
            // The one line of a Chinese document that says in English what the document is.
            for (key, text) in zh where key != "print.english" {
                #expect(!Self.isEnglish(text.replacing(/\{\{[a-z]+\}\}/, with: "")), "\(one.lastPathComponent) \(key): \(text)")
            }
            for (key, text) in en { #expect(!Self.isChinese(text), "\(other.lastPathComponent) \(key): \(text)") }
        }
    }

    /// Parameters of a word are the same in both languages: a sentence that drops one says less to one reader.
    @Test func bothLanguagesSayTheSameThings() throws {
        for (one, other) in zip(try files("zh"), try files("en")) {
            let (zh, en) = (try words(one), try words(other))
            for (key, text) in zh {
                func parameters(_ text: String) -> Set<String> { Set(text.matches(of: /\{\{([a-z]+)(?:_en)?\}\}/).map { String($0.1) }) }
                #expect(parameters(text) == parameters(en[key] ?? ""), "\(one.lastPathComponent) \(key)")
            }
        }
    }

    /// Kinds, their fields and the rules have a name in each language.
    @Test func kindsFieldsAndRulesAreNamedInBothLanguages() throws {
        for kind in House.features.flatMap(\.kinds) {
            for (zh, en) in [(kind.zh, kind.en)] + kind.fields.map({ ($0.zh, $0.en) }) {
                #expect(!zh.isEmpty && !Self.isEnglish(zh), "\(kind.name): \(zh)")
                #expect(!en.isEmpty && !Self.isChinese(en), "\(kind.name): \(en)")
            }
        }
        for measure in House.features.flatMap(\.measures) {
            #expect(!measure.zh.isEmpty && !Self.isEnglish(measure.zh), "\(measure.name): \(measure.zh)")
            #expect(!measure.en.isEmpty && !Self.isChinese(measure.en), "\(measure.name): \(measure.en)")
        }
    }

    /// Codes are shown by their names: each has one of each language, apart from what a table keeps in Chinese alone.
    @Test func codesAreNamedInBothLanguages() throws {
        // Official names of industries and divisions have no official English.
        let chineseOnly: Set<String> = ["industry"]
        // 围涎树碱 (catalogue of 2015, without a CAS number): no English name that could be cited.
        let nameless: Set<String> = ["factor B292"]
        var lacking: [String: [String]] = [:]
        for (name, table) in Hand.catalog.tables where !chineseOnly.contains(name) {
            #expect(!table.en.isEmpty && !Self.isChinese(table.en), "\(name): \(table.en)")
            for entry in table.entries
            where !nameless.contains("\(name) \(entry.code)") && (entry.en.isEmpty || Self.isChinese(entry.en) || Self.isEnglish(entry.zh))
            {
                lacking[name, default: []].append("\(entry.code) \(entry.en)")
            }
        }
        for (name, codes) in lacking.sorted(by: { $0.key < $1.key }) { Issue.record("\(name): \(codes.count): \(codes.prefix(5))") }
    }

    /// Every page says which language it is in, and where another begins.
    @Test func pagesSayTheirLanguage() async throws {
        let visitor = try await Visitor.open()
        for (language, code) in [(Language.chinese, "zh-CN"), (.english, "en")] {
            var guest = Visitor.Guest.stranger
            guest.language = language
            let answer = try await visitor.get("/lookup", as: guest)
            #expect(answer.body.contains("<html lang=\"\(code)\">"))
            let other = language == .english ? "zh-CN" : "en"
            #expect(answer.body.contains("hreflang=\"\(other)\" lang=\"\(other)\""))
        }
    }
}
