import Kernel

extension DrawFile {
    /// Reads a published draw and works everything in it out anew: a file that says anything else than what follows from its inputs and
    /// its seed, in a single byte, is refused.
    /// - Parameters:
    ///   - bytes: the file, or the page that shows it.
    ///   - commitment: the commitment as somebody wrote it down when it was published, where they did: without it a file that was made
    ///     anew as a whole agrees with itself.
    /// - Throws: `Refusal`, the first that is wrong in the order of the file; `draw.not-drawn` where the source was still awaited.
    public static func verified(_ bytes: [UInt8], commitment: String? = nil) throws -> DrawFile {
        let file = try read(bytes)
        if let commitment, commitment != file.commitment {
            throw Refusal("draw.other-commitment", ["value": file.commitment, "expected": String(commitment.prefix(64))])
        }
        guard file.result != nil else { throw Refusal("draw.not-drawn", ["value": file.source.expected.drawText]) }
        return file
    }

    /// Reads a file that may still wait for its source.
    public static func read(_ bytes: [UInt8]) throws -> DrawFile {
        let bytes = try fileBytes(bytes)
        guard bytes.count <= 1 << 28, let text = String(validating: bytes, as: UTF8.self), bytes.last == 10, !bytes.contains(13) else {
            throw Refusal("draw.format", row: 1, ["value": ""])
        }
        // Lines are taken apart by bytes: a Swift character may span several.
        let lines = text.utf8.dropLast().split(separator: 10, omittingEmptySubsequences: false).map { line in
            line.split(separator: 9, omittingEmptySubsequences: false).map { String(decoding: $0, as: UTF8.self) }
        }
        var reader = DrawReader(lines: lines)
        let inputs = try reader.inputs()
        let stated = try reader.line("inputs", 1)[0]
        guard stated == Digest.sha256(DrawText.text(inputs.lines)) else {
            throw Refusal("draw.inputs", row: reader.row, ["value": stated])
        }
        let source = try reader.line("source", 3)
        guard let expected = Moment(drawText: source[2]) else { throw reader.flaw() }
        let secret = try reader.line("secret", 1)[0]
        guard let committed = Moment(drawText: try reader.line("committed", 1)[0]) else { throw reader.flaw() }
        let file = try DrawFile(inputs, source: Source(name: source[0], url: source[1], expected: expected), secret: secret, at: committed)
        let commitment = try reader.line("commitment", 1)[0]
        guard commitment == file.commitment else { throw Refusal("draw.commitment", row: reader.row, ["value": commitment]) }
        let whole = reader.isAtEnd ? file : try result(of: file, &reader)
        // What is written must be what would be written, byte for byte; nothing may stand beside it.
        let expectedBytes = Array(whole.text.utf8)
        guard bytes == expectedBytes else {
            let place = zip(bytes, expectedBytes).prefix { $0 == $1 }.count
            throw Refusal("draw.outcome", row: 1 + bytes.prefix(place).count { $0 == 10 })
        }
        return whole
    }

    private static func result(of file: DrawFile, _ reader: inout DrawReader) throws -> DrawFile {
        guard let entered = Moment(drawText: try reader.line("entered", 1)[0]) else { throw reader.flaw() }
        let evidence = try reader.line("evidence", 1)[0]
        let value = try reader.line("value", 1)[0]
        let nonce = try reader.line("nonce", 1)[0]
        guard DrawText.isDigest(nonce), DrawFile.secret(of: nonce) == file.secret else { throw Refusal("draw.nonce", row: reader.row) }
        let seed = try reader.line("seed", 1)[0]
        guard seed == DrawOutcome.seed(commitment: file.commitment, nonce: nonce, value: value) else {
            throw Refusal("draw.seed", row: reader.row, ["value": seed])
        }
        return try file.drawing(value: value, evidence: evidence, nonce: nonce, at: entered)
    }

    private static let opening = Array("<pre id=\"draw-file\">".utf8)

    /// The file itself: as it is, or out of the page that shows it.
    static func fileBytes(_ bytes: [UInt8]) throws -> [UInt8] {
        if bytes.starts(with: Array("zhifang-draw\t".utf8)) { return bytes }
        guard let start = position(of: opening, in: bytes, from: 0),
            let end = position(of: Array("</pre>".utf8), in: bytes, from: start + opening.count)
        else { throw Refusal("draw.format", row: 1, ["value": ""]) }
        let names: [(String, UInt8)] = [
            ("&amp;", 38), ("&lt;", 60), ("&gt;", 62), ("&quot;", 34), ("&#39;", 39), ("&#x27;", 39), ("&#34;", 34),
        ]
        var result: [UInt8] = []
        var index = start + opening.count
        while index < end {
            if bytes[index] == 38, let (name, byte) = names.first(where: { bytes[index..<end].starts(with: Array($0.0.utf8)) }) {
                result.append(byte)
                index += name.utf8.count
            } else {
                result.append(bytes[index])
                index += 1
            }
        }
        return result
    }
    private static func position(of part: [UInt8], in bytes: [UInt8], from start: Int) -> Int? {
        var index = start
        while index + part.count <= bytes.count {
            if bytes[index] == part[0], bytes[index..<index + part.count].elementsEqual(part) { return index }
            index += 1
        }
        return nil
    }
}

/// Takes the lines of a file one after another, each as it must come.
private struct DrawReader {
    let lines: [[String]]
    /// One-based: the line taken last.
    var row = 0
    init(lines: [[String]]) { self.lines = lines }
    var isAtEnd: Bool { row == lines.count }

    func flaw() -> Refusal {
        Refusal(
            "draw.format", row: row,
            ["value": row > 0 && row <= lines.count ? String(lines[row - 1].joined(separator: " ").prefix(80)) : ""])
    }
    /// The fields behind the word of the next line.
    mutating func line(_ word: String, _ count: Int) throws -> [String] {
        guard let fields = next(word, count) else {
            row += 1
            throw flaw()
        }
        return fields
    }
    private mutating func next(_ word: String, _ count: Int) -> [String]? {
        guard row < lines.count, lines[row].first == word, lines[row].count == count + 1 else { return nil }
        row += 1
        return Array(lines[row - 1].dropFirst())
    }
    private mutating func all(_ word: String, _ count: Int) -> [[String]] {
        var result: [[String]] = []
        while let fields = next(word, count) { result.append(fields) }
        return result
    }
    private func number(_ text: String) throws -> Int {
        guard let number = DrawText.number(text) else { throw flaw() }
        return number
    }

    mutating func inputs() throws -> DrawInputs {
        guard try line("zhifang-draw", 1) == ["1"] else { throw flaw() }
        let id = try line("draw", 1)[0]
        let place = try line("jurisdiction", 2)
        let title = try line("title", 1)[0]
        let weights = try line("weights", 1)[0]
        let each = try number(try line("each", 1)[0])
        let load = try number(try line("load", 1)[0])
        return DrawInputs(
            id: id, jurisdiction: place[0], place: place[1], title: title, weights: weights, each: each, load: load,
            joint: all("joint", 1).map { $0[0] },
            quotas: try all("quota", 2).map { DrawInputs.Quota(stratum: $0[0], count: try number($0[1])) },
            objects: try all("object", 4).map { DrawInputs.Object(id: $0[0], name: $0[1], stratum: $0[2], weight: try number($0[3])) },
            inspectors: all("inspector", 3).map { DrawInputs.Inspector(id: $0[0], name: $0[1], department: $0[2]) },
            recusals: all("recusal", 2).map { DrawInputs.Recusal(inspector: $0[0], object: $0[1]) })
    }
}
