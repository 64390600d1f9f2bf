import Foundation
import Kernel
import Mustache
import Synchronization
import Yams

/// The pages in every language, words printed in at start-up, and the words that code says itself.
public struct Pages: Sendable {
    private let libraries: [Language: PageLibrary]
    private let words: [Language: [String: String]]

    /// - Throws: `Refusal("word.missing")` naming the word and the page: a missing word stops the start, not the reader.
    public init() throws {
        guard let home = Bundle.module.resourceURL else { throw Refusal("catalog.file", ["value": "Pages"]) }
        let folder = home.appendingPathComponent("Pages")
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".mustache") }.sorted()
        let texts = try names.map { try String(contentsOf: folder.appendingPathComponent($0), encoding: .utf8) }
        MustacheContentTypes.register(PageText(), named: "PAGE")
        // Languages share nothing: each is read by a thread of its own.
        let read = Mutex<[Language: Result<(PageLibrary, [String: String]), any Error>]>([:])
        DispatchQueue.concurrentPerform(iterations: Language.allCases.count) { index in
            let language = Language.allCases[index]
            let result = Result { () throws -> (PageLibrary, [String: String]) in
                let words = try Pages.words(of: language, in: home.appendingPathComponent("Words"))
                var pages: [String: String] = [:]
                for (name, text) in zip(names, texts) {
                    pages[String(name.dropLast(9))] = Pages.kind + (try Pages.print(words, into: text, page: name))
                }
                return (PageLibrary(pages), words)
            }
            read.withLock { $0[language] = result }
        }
        var libraries: [Language: PageLibrary] = [:]
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
        (try? libraries[language]?.reading(name))?.render(ShownFields.of(model) ?? model, withTemplate: name)
    }

    /// Reads every template of every language.
    /// - Throws: what is wrong with one, as the library of templates tells it.
    public func readAll() throws {
        for library in libraries.values { try library.readAll() }
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

    /// A template with each `[[word]]` in the words of a language.
    private static func print(_ words: [String: String], into text: String, page: String) throws -> String {
        let bytes = Array(text.utf8)
        var printed: [UInt8] = []
        printed.reserveCapacity(bytes.count * 2)
        var index = 0
        while index < bytes.count {
            guard bytes[index...].starts(with: "[[".utf8) else {
                printed.append(bytes[index])
                index += 1
                continue
            }
            let key = bytes[(index + 2)...].prefix { isOfKey($0) }
            guard !key.isEmpty, bytes[key.endIndex...].starts(with: "]]".utf8) else {
                printed += bytes[index..<key.endIndex]
                index = key.endIndex
                continue
            }
            let name = String(decoding: key, as: UTF8.self)
            guard let word = words[name] else { throw Refusal("word.missing", ["value": name, "page": page]) }
            printed += word.utf8
            index = key.endIndex + 2
        }
        return String(decoding: printed, as: UTF8.self)
    }

    private static func isOfKey(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
            UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "-"):
            true
        default: false
        }
    }
}

/// The templates of one language. Each is read when a page first asks for it, with those that it takes in: most are never asked for between
/// one start and the next.
private final class PageLibrary: Sendable {
    private let texts: [String: String]
    private let read = Mutex(MustacheLibrary())

    init(_ texts: [String: String]) { self.texts = texts }

    /// A library that has the template and all that it takes in.
    /// - Throws: `MustacheTemplate.Error` where one of them cannot be read.
    func reading(_ name: String) throws -> MustacheLibrary {
        try read.withLock { library in
            try add(name, to: &library)
            return library
        }
    }
    func readAll() throws {
        try read.withLock { library in for name in texts.keys { try add(name, to: &library) } }
    }

    private func add(_ name: String, to library: inout MustacheLibrary) throws {
        guard library.getTemplate(named: name) == nil, let text = texts[name] else { return }
        try library.register(text, named: name)
        for part in PageLibrary.parts(of: text) { try add(part, to: &library) }
    }

    /// What a template takes in: `{{>part}}` and `{{<part}}`.
    private static func parts(of text: String) -> Set<String> {
        var parts: Set<String> = []
        for tag in text.split(separator: "{{").dropFirst() where tag.hasPrefix(">") || tag.hasPrefix("<") {
            if let name = tag.dropFirst().split(separator: "}}", maxSplits: 1).first {
                parts.insert(name.trimmingCharacters(in: .whitespaces))
            }
        }
        return parts
    }
}
