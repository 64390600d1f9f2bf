import Foundation
import Kernel
import Print
import Testing

/// A printed file, read again by poppler, which shares no code with what wrote it.
struct Paper {
    let bytes: [UInt8]
    let url: URL

    init(_ document: Document, _ name: String = #function) throws {
        bytes = try Press.shared.print(document)
        let kept = ProcessInfo.processInfo.environment["ZHIFANG_PRINTS"]
        let folder = kept.map { URL(fileURLWithPath: $0) } ?? FileManager.default.temporaryDirectory
        url = folder.appendingPathComponent(kept == nil ? "print-\(UUID().uuidString).pdf" : name.filter(\.isLetter) + ".pdf")
        try Data(bytes).write(to: url)
    }
    func remove() {
        if ProcessInfo.processInfo.environment["ZHIFANG_PRINTS"] == nil { try? FileManager.default.removeItem(at: url) }
    }

    func run(_ tool: String, _ arguments: [String]) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [tool] + arguments
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let data = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0, "\(tool) failed")
        return String(decoding: data, as: UTF8.self)
    }
    func info(_ name: String) throws -> String {
        let line = try run("pdfinfo", [url.path]).split(separator: "\n").first { $0.hasPrefix(name + ":") }
        return line.map { $0.dropFirst(name.count + 1).trimmingCharacters(in: .whitespaces) } ?? ""
    }
    var pages: Int { get throws { Int(try info("Pages")) ?? 0 } }
    /// The text of some pages without white space: lines may break anywhere.
    func text(_ page: Int? = nil) throws -> String {
        let range = page.map { ["-f", "\($0)", "-l", "\($0)"] } ?? []
        return try run("pdftotext", range + ["-raw", url.path, "-"]).filter { !$0.isWhitespace }
            .replacing(/R-1·SHA-256[0a]+/, with: "")
    }
    /// As `text`, without what stands at the foot of pages.
    func body() throws -> String {
        try text().replacing(/第\d+页共\d+页/, with: "")
    }
    struct Word {
        let page: Int
        let left, top, right, bottom: Double
        let text: String
    }
    /// Every word with its place in points from the top left.
    func words() throws -> [Word] {
        var (page, words): (Int, [Word]) = (0, [])
        for line in try run("pdftotext", ["-bbox", url.path, "-"]).split(separator: "\n") {
            if line.contains("<page ") { page += 1 }
            guard let match = line.firstMatch(of: /xMin="([\d.-]+)" yMin="([\d.-]+)" xMax="([\d.-]+)" yMax="([\d.-]+)">(.*)<\/word>/) else {
                continue
            }
            let places = [match.1, match.2, match.3, match.4].compactMap { Double($0) }
            words.append(Word(page: page, left: places[0], top: places[1], right: places[2], bottom: places[3], text: String(match.5)))
        }
        return words
    }
}

let noon = Moment("2022-06-30 12:00:00")!
func document(_ manner: Document.Manner, english: Bool = false, _ blocks: [Block]) -> Document {
    Document(
        title: "样张", isEnglish: english, manner: manner, blocks: blocks, foot: "R-1 · SHA-256 " + String(repeating: "0a", count: 32),
        pageWords: english ? "page {{page}} of {{pages}}" : "第 {{page}} 页 共 {{pages}} 页", moment: noon)
}
