// Checking a printed paper, in the manner of PageModels.swift.

/// Template `verification`: whether a paper says what the records say.
public struct VerificationPage: Sendable {
    public var frame: Frame
    public var title: String
    public var mark: View.Mark
    public var explanation: String
    public var facts: [View.Fact]

    public init(frame: Frame, title: String, mark: View.Mark, explanation: String, facts: [View.Fact]) {
        (self.frame, self.title, self.mark, self.explanation, self.facts) = (frame, title, mark, explanation, facts)
    }
}
