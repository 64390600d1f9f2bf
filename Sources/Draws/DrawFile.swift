import Kernel

/// A draw as it is published: the inputs, the commitment made before, and, once the public source is there, the seed and the outcome.
/// Its text is docs/draws.md byte by byte; three of its lines are the SHA-256 of every byte before them.
public struct DrawFile: Hashable, Sendable {
    /// What nobody can know before: a lottery's drawing of a named day, an index's closing value.
    public struct Source: Hashable, Sendable {
        public let name, url: String
        /// When it is expected; it lies after the commitment.
        public let expected: Moment
        public init(name: String, url: String, expected: Moment) { (self.name, self.url, self.expected) = (name, url, expected) }
    }
    /// What happened after the commitment.
    public struct Result: Hashable, Sendable {
        public let entered: Moment
        public let evidence, value, nonce, seed: String
        public let outcome: DrawOutcome
    }
    public let inputs: DrawInputs
    public let inputsDigest: String
    public let source: Source
    /// SHA-256 of the nonce's 64 digits.
    public let secret: String
    public let committed: Moment
    public let commitment: String
    public private(set) var result: Result?

    /// Commits to inputs, a nonce and a source still to come.
    /// - Throws: the flaws of the inputs; `Refusal("draw.moment")` where the source is not ahead.
    public init(_ inputs: DrawInputs, source: Source, secret: String, at moment: Moment) throws {
        let flaws = inputs.flaws()
        guard flaws.isEmpty else { throw Refusals(flaws) }
        guard DrawText.isPlain(source.name) else { throw Refusal("draw.field", field: "source", ["value": source.name]) }
        guard DrawText.isPlain(source.url) else { throw Refusal("draw.field", field: "url", ["value": source.url]) }
        guard DrawText.isDigest(secret) else { throw Refusal("draw.field", field: "secret", ["value": secret]) }
        guard source.expected.drawText > moment.drawText else {
            throw Refusal("draw.moment", field: "expected", ["value": source.expected.drawText, "limit": moment.drawText])
        }
        (self.inputs, self.source, self.secret, committed) = (inputs, source, secret, moment)
        inputsDigest = Digest.sha256(DrawText.text(inputs.lines))
        commitment = Digest.sha256(
            DrawText.text(inputs.lines + DrawFile.commitmentLines(inputsDigest, source, secret, moment)))
    }

    /// A nonce from the system's generator: 64 hexadecimal digits.
    public static func nonce() -> String { Digest.hex(Digest.random(32)) }
    public static func secret(of nonce: String) -> String { Digest.sha256(nonce) }

    /// The draw itself: the value of the source and the nonce make the seed.
    /// - Throws: `draw.early` before the source's moment, `draw.nonce` for a nonce that was not committed to.
    public func drawing(value: String, evidence: String, nonce: String, at moment: Moment) throws -> DrawFile {
        guard DrawText.isPlain(value) else { throw Refusal("draw.field", field: "value", ["value": String(value.prefix(80))]) }
        guard DrawText.isPlain(evidence) else { throw Refusal("draw.field", field: "evidence", ["value": String(evidence.prefix(80))]) }
        guard DrawText.isDigest(nonce), DrawFile.secret(of: nonce) == secret else { throw Refusal("draw.nonce", field: "nonce") }
        guard moment.drawText >= source.expected.drawText else {
            throw Refusal("draw.early", field: "value", ["value": moment.drawText, "limit": source.expected.drawText])
        }
        let seed = DrawOutcome.seed(commitment: commitment, nonce: nonce, value: value)
        var drawn = self
        drawn.result = Result(
            entered: moment, evidence: evidence, value: value, nonce: nonce, seed: seed, outcome: try DrawOutcome(inputs, seed: seed))
        return drawn
    }

    private static func commitmentLines(_ inputs: String, _ source: Source, _ secret: String, _ moment: Moment) -> [[String]] {
        [
            ["inputs", inputs], ["source", source.name, source.url, source.expected.drawText], ["secret", secret],
            ["committed", moment.drawText],
        ]
    }

    /// The file. Before the source is there it ends with the commitment.
    public var text: String {
        var text = DrawText.text(inputs.lines + DrawFile.commitmentLines(inputsDigest, source, secret, committed))
        text += "commitment\t\(commitment)\n"
        guard let result else { return text }
        text += DrawText.text(
            [
                ["entered", result.entered.drawText], ["evidence", result.evidence], ["value", result.value], ["nonce", result.nonce],
                ["seed", result.seed],
            ] + result.outcome.lines)
        return text + "file\t\(Digest.sha256(text))\n"
    }
}
