import Foundation
import Kernel
import Mustache
import Synchronization
import Yams

/// The pages in every language, words printed in at start-up, and the words that code says itself.
public struct Pages: Sendable {
    private let libraries: [Language: MustacheLibrary]
    private let words: [Language: [String: String]]

    /// - Throws: `Refusal("word.missing")` naming the word and the page: a missing word stops the start, not the reader.
    public init() throws {
        guard let home = Bundle.module.resourceURL else { throw Refusal("catalog.file", ["value": "Pages"]) }
        let folder = home.appendingPathComponent("Pages")
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".mustache") }.sorted()
        let texts = try names.map { try String(contentsOf: folder.appendingPathComponent($0), encoding: .utf8) }
        MustacheContentTypes.register(PageText(), named: "PAGE")
        // Languages share nothing: each is read by a thread of its own.
        let read = Mutex<[Language: Result<(MustacheLibrary, [String: String]), any Error>]>([:])
        DispatchQueue.concurrentPerform(iterations: Language.allCases.count) { index in
            let language = Language.allCases[index]
            let result = Result { () throws -> (MustacheLibrary, [String: String]) in
                let words = try Pages.words(of: language, in: home.appendingPathComponent("Words"))
                var library = MustacheLibrary()
                for (name, text) in zip(names, texts) {
                    try library.register(Pages.kind + Pages.print(words, into: text, page: name), named: String(name.dropLast(9)))
                }
                return (library, words)
            }
            read.withLock { $0[language] = result }
        }
        var libraries: [Language: MustacheLibrary] = [:]
        var all: [Language: [String: String]] = [:]
        for (language, result) in read.withLock({ $0 }) { (libraries[language], all[language]) = try result.get() }
        let keys = all.values.map { Set($0.keys) }
        if let first = keys.first, let other = keys.last, let lone = first.symmetricDifference(other).sorted().first {
            throw Refusal("word.missing", ["value": lone, "page": "one language only"])
        }
        (self.libraries, self.words) = (libraries, all)
    }

    /// Files that pages fetch: styles, scripts, images, by name.
    public static func assets() throws -> [String: [UInt8]] {
        guard let folder = Bundle.module.resourceURL?.appendingPathComponent("Assets") else { return [:] }
        var result: [String: [UInt8]] = [:]
        for name in try FileManager.default.contentsOfDirectory(atPath: folder.path) {
            result[name] = [UInt8](try Data(contentsOf: folder.appendingPathComponent(name)))
        }
        return result
    }

    /// What every template begins with: texts in it are escaped as `PageText` does.
    private static let kind = "{{% CONTENT_TYPE:PAGE}}\n"

    func render(_ model: some Sendable, _ name: String, in language: Language) -> String? {
        libraries[language]?.render(ShownFields.of(model) ?? model, withTemplate: name)
    }

    /// A word with what it names put in; the key itself where the catalogue has none, so that nothing is ever blank.
    public func word(_ key: String, _ details: [String: String] = [:], in language: Language) -> String {
        guard var text = words[language]?[key] else { return key }
        for (name, value) in details { text = text.replacingOccurrences(of: "{{\(name)}}", with: value) }
        return text
    }
    public func has(_ key: String, in language: Language) -> Bool { words[language]?[key] != nil }

    public func say(_ refusal: Refusal, in language: Language) -> String {
        let key = "refusal.\(refusal.code)"
        guard has(key, in: language) else { return refusal.description }
        // What is called otherwise in English comes beside it, as `expected_en`.
        var details = refusal.details
        if language == .english { for (name, value) in details where name.hasSuffix("_en") { details[String(name.dropLast(3))] = value } }
        let text = word(key, details, in: language)
        // Parameters that this refusal does not have are left out.
        return text.replacing(/\{\{[a-z]+\}\}/, with: "")
    }

    /// The catalogues of one language: `zh.yaml` and one `zh-<topic>.yaml` for each subject that deserves its own.
    private static func words(of language: Language, in folder: URL) throws -> [String: String] {
        let prefix = language == .english ? "en" : "zh"
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter {
            $0.hasSuffix(".yaml") && ($0 == prefix + ".yaml" || $0.hasPrefix(prefix + "-"))
        }
        var all: [String: String] = [:]
        for name in names.sorted() {
            for (key, value) in try words(folder.appendingPathComponent(name)) {
                guard all.updateValue(value, forKey: key) == nil else { throw Refusal("word.double", ["value": key, "page": name]) }
            }
        }
        return all
    }

    private static func words(_ file: URL) throws -> [String: String] {
        // Every value is a text: nothing is looked at for what else it might be.
        guard let text = try? String(contentsOf: file, encoding: .utf8), let mapping = try Yams.compose(yaml: text, .basic)?.mapping else {
            throw Refusal("catalog.file", ["value": file.lastPathComponent])
        }
        var words: [String: String] = [:]
        for (key, value) in mapping { if let key = key.string { words[key] = value.string ?? "" } }
        return words
    }

    private static func print(_ words: [String: String], into text: String, page: String) throws -> String {
        try text.replacing(/\[\[([a-zA-Z0-9_.-]+)\]\]/) { match in
            guard let word = words[String(match.1)] else { throw Refusal("word.missing", ["value": String(match.1), "page": page]) }
            return word
        }
    }
}
